package engine_test

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

func world(t *testing.T, st *store.Store, cfg enginetest.Config) *enginetest.World {
	return enginetest.New(t, st, enginetest.NewClock(), cfg)
}

// The thinnest path: one invoice of a known customer arrives once, unfinished,
// with our mark and its sums, by one write.
func TestOneInvoiceArrivesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := world(t, st, enginetest.Config{Writing: true})
		w.Receive(enginetest.Sale("1001", "100.00"))
		w.Settle()
		tr := w.Transfer("1001")
		if tr.State != hub.Done {
			t.Fatal(enginetest.Describe(tr))
		}
		got := w.Vouchers("1001")
		if len(got) != 1 {
			t.Fatalf("%d vouchers", len(got))
		}
		if key, ok := hub.MarkIn(got[0].Notes); !ok || key == "" {
			t.Errorf("notes without mark: %q", got[0].Notes)
		}
		if got[0].Status != "UNFINISHED" || got[0].ID != tr.InvoiceID {
			t.Errorf("voucher %d is %s, transfer says %d", got[0].ID, got[0].Status, tr.InvoiceID)
		}
	})
}
