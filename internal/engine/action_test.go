package engine_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// What a person has taken back does not come again by itself when the source
// changes it, but when a person wants it.
func TestTakenBackAndChanged(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	id := w.Transfer("1001").ID
	w.Must(w.Engine.Act(t.Context(), "test", id, engine.TakeBack, "wrong"))
	// A change that comes before it is carried out does not stop it.
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	wantState(t, w, "1001", hub.TakenBack, "")
	w.Receive(enginetest.Sale("1001", "130"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	if got := w.Vouchers("1001"); len(got) != 0 {
		t.Fatalf("%d vouchers", len(got))
	}
	w.Must(w.Engine.Act(t.Context(), "test", id, engine.Retry, ""))
	w.Settle()
	holdsPrice(t, w, "1001", "130")
}

// Taking back what is gone already ends well; what is sent stays.
func TestTakeBackOfWhatIsThere(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "100"), enginetest.Purchase("1003", "100"))
	w.Settle()
	company := w.Company.ProcountorID
	w.Sandbox.DeleteInvoice(company, w.Vouchers("1001")[0].ID)
	w.Sandbox.SetInvoiceStatus(company, w.Vouchers("1002")[0].ID, "PAID")
	w.Sandbox.SetInvoiceStatus(company, w.Vouchers("1003")[0].ID, "RECEIVED")
	for _, n := range []string{"1001", "1002", "1003"} {
		w.Must(w.Engine.Act(t.Context(), "test", w.Transfer(n).ID, engine.TakeBack, ""))
	}
	w.Settle()
	wantState(t, w, "1001", hub.TakenBack, "")
	wantState(t, w, "1002", hub.Held, hub.DocumentChanged)
	wantState(t, w, "1003", hub.TakenBack, "")
	// "Leave it as it is" ends what is held.
	w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("1002").ID, engine.DoneByHand, "it is right"))
	wantState(t, w, "1002", hub.DoneByHand, "")
}

// Actions are refused while an engine works on the transfer, and where they make
// no sense.
func TestActOnlyWhenPossible(t *testing.T) {
	var w *enginetest.World
	tried := 0
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Crash: func(p string) {
		if p != "post_invoice/intended" && p != "post_invoice/sent" {
			return
		}
		for _, a := range engine.Actions {
			tried++
			if err := w.Engine.Act(t.Context(), "test", w.Transfer("1001").ID, a, "why"); !errors.Is(err, engine.ErrNotNow) {
				t.Errorf("%s in the middle of a write: %v", a, err)
			}
		}
	}})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	if tried == 0 {
		t.Error("nothing was tried")
	}
	for _, a := range []engine.Action{engine.Retry, engine.Skip, engine.DoneByHand, engine.Withdraw} {
		if err := w.Engine.Act(t.Context(), "test", w.Transfer("1001").ID, a, "why"); !errors.Is(err, engine.ErrNotNow) {
			t.Errorf("%s of what is done: %v", a, err)
		}
	}
}

// The same document handed over many times at the same moment is one document,
// and everybody gets its answer.
func TestReceivedAtOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		results := make([]engine.Result, 8)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				// In turn in either order: nobody may wait for the other for ever.
				docs := []*hub.Document{enginetest.Sale("1001", "10"), enginetest.Sale("1002", "10")}
				rs, err := w.Engine.Receive(t.Context(), w.Connection.ID, []engine.Incoming{{Document: docs[i%2]}, {Document: docs[1-i%2]}}, nil)
				if err != nil {
					t.Error(err)
					return
				}
				results[i] = rs[0].Result
			})
		}
		wg.Wait()
		if n := len(w.Transfers()); n != 2 {
			t.Errorf("%d transfers", n)
		}
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		wantState(t, w, "1002", hub.Done, "")
	})
}
