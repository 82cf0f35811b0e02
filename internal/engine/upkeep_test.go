package engine_test

import (
	"encoding/json"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// What could not be read before, for want of a right, is kept once it can, although
// nothing has changed in Procountor, and told as no change.
func TestRegistersGrowWithTheKey(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	whole, err := w.Engine.Refresh(t.Context(), w.Company.ID)
	w.Must(err)
	if whole.Company.Payment != register.PaidUnapproved || len(whole.Products) == 0 {
		t.Fatalf("%+v", whole)
	}
	less := *whole
	less.Products, less.Company.Payment = nil, ""
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		u, err := tx.Upkeep(w.Company.ID)
		if err != nil {
			return err
		}
		b, err := json.Marshal(less)
		if err != nil {
			return err
		}
		if u.Registers, err = tx.PutBlob(b); err != nil {
			return err
		}
		return tx.SetUpkeep(w.Company.ID, u)
	}))
	again, err := w.Engine.Refresh(t.Context(), w.Company.ID)
	w.Must(err)
	if len(again.Products) != len(whole.Products) || again.Company.Payment != register.PaidUnapproved || again.Version != whole.Version {
		t.Errorf("%d products, %+v, version %d", len(again.Products), again.Company, again.Version)
	}
	n, err := w.Engine.News(t.Context(), w.Company.ID)
	w.Must(err)
	if len(n.Readings) != 0 {
		t.Errorf("%+v", n.Readings)
	}
}
