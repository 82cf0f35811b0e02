package engine

import (
	"context"
	"fmt"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// maskedAtOnce is how many documents are masked in one transaction.
const maskedAtOnce = 200

// MaskPayroll takes away the content of payroll documents whose time of keeping is over, of
// all connections of a company that have set one; it says how many went. Acts tell of it, and
// the chain of acts stays as it is.
func (e *Engine) MaskPayroll(ctx context.Context, company string) (n int, err error) {
	list, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]hub.Connection, error) { return tx.Connections(company) })
	if err != nil {
		return 0, fmt.Errorf("mask payroll: %w", err)
	}
	today := civil.DayOf(e.o.Now(), helsinki)
	for _, c := range list {
		before, ok := c.Settings.Payroll.KeptFrom(today)
		for ok {
			var gone []string
			if err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
				if gone, err = tx.MaskPayroll(c.ID, before.String(), maskedAtOnce); err != nil || len(gone) == 0 {
					return err
				}
				for _, id := range gone {
					if err := act(tx, engineActor, "payroll.masked", id, nil); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return n, fmt.Errorf("mask payroll of %s: %w", c.Name, err)
			}
			n, ok = n+len(gone), len(gone) == maskedAtOnce
		}
	}
	return n, nil
}
