package engine

import (
	"context"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// barred says why nothing of a payroll document may be written: its connection's source is
// that of a test company, one that is blocked, or one that is excluded (FEATURES N-2, N-3).
// It holds for what has come by file as well. Nil when it may.
func (r *run) barred(ctx context.Context, conn hub.Connection, doc *hub.Document) (*hub.Fault, error) {
	if !doc.Private() {
		return nil, nil
	}
	s, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(conn.ID) })
	if store.IsNotFound(err) {
		return nil, nil
	}
	if err != nil || s.Fault == nil || s.Fault.Code != hub.SourceBarred {
		return nil, err
	}
	return s.Fault, nil
}

// unbar lets go on what was held while the source was barred.
func (e *Engine) unbar(tx *store.Tx, connection string) error {
	return e.goOnAt(tx, connection, []string{hub.SourceBarred}, maxAgain)
}
