package engine

import (
	"context"
	"fmt"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// SameRun reports whether a payroll run is there already with the very same journals, so
// that handing it in again would change nothing.
func (e *Engine) SameRun(ctx context.Context, connection string, in Incoming) (bool, error) {
	if in.Document == nil || in.Document.Kind != hub.PayrollJournal {
		return false, nil
	}
	parts, _, err := e.apart(ctx, connection, []Incoming{in})
	if err != nil {
		return false, fmt.Errorf("same run: %w", err)
	}
	ready, err := e.prepareAll(ctx, connection, parts)
	if err != nil {
		return false, fmt.Errorf("same run: %w", err)
	}
	same := true
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		for i := range ready {
			row, err := tx.DocumentBySource(connection, ready[i].Document.SourceID)
			if err != nil && !store.IsNotFound(err) {
				return err
			}
			same = same && err == nil && row.Version == ready[i].packed.Version && ready[i].gone == nil
		}
		return nil
	})
	return same && len(ready) > 0, err
}
