package engine_test

import (
	"errors"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// Sent at once; stopped in the middle, what has begun finishes and the rest stands
// as it stood.
func TestStopSending(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		var w *enginetest.World
		var id string
		stopped := -1
		w = world(enginetest.Config{Writing: true, Settings: personal, Crash: func(p string) {
			if p == "post_invoice/sent" && stopped < 0 {
				var err error
				stopped, err = w.Engine.StopSending(t.Context(), "matti", id)
				w.Must(err)
			}
		}})
		w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "100.00"), enginetest.Sale("1003", "100.00"))
		w.Settle()
		before := w.Transfer("1002")
		s, sent, err := w.Engine.Send(t.Context(), "aino", []string{w.Transfer("1001").ID, w.Transfer("1002").ID, w.Transfer("1003").ID})
		w.Must(err)
		if sent != 3 {
			t.Fatalf("%d sent", sent)
		}
		// 1002 and 1003 come later than the first.
		w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
			for _, n := range []string{"1002", "1003"} {
				tr, err := tx.LockTransfer(w.Transfer(n).ID)
				if err != nil {
					return err
				}
				tr.WakeAt = w.Clock.Now().Add(1e9)
				if err := tx.SaveTransfer(&tr, ""); err != nil {
					return err
				}
			}
			return nil
		}))
		id = s.ID
		w.Settle()
		if stopped != 2 {
			t.Errorf("%d stopped", stopped)
		}
		if got := w.Transfer("1001"); got.State != hub.Done {
			t.Errorf("what had begun: %s", enginetest.Describe(got))
		}
		got := w.Transfer("1002")
		if got.State != before.State || got.Asked != before.Asked || len(got.Faults) != 1 || !got.Faults[0].Equal(before.Faults[0]) || len(w.Vouchers("1002")) != 0 {
			t.Errorf("the rest: %s", enginetest.Describe(got))
		}
		if _, err := w.Engine.StopSending(t.Context(), "matti", id); !errors.Is(err, engine.ErrNotNow) {
			t.Errorf("stopped twice: %v", err)
		}
		// It can be sent again.
		if _, n, err := w.Engine.Send(t.Context(), "aino", []string{got.ID, w.Transfer("1001").ID}); err != nil || n != 1 {
			t.Errorf("sent again: %d, %v", n, err)
		}
		w.Settle()
		if len(w.Vouchers("1002")) != 1 || len(w.Vouchers("1001")) != 1 || len(w.Vouchers("1003")) != 0 {
			t.Error("wrong vouchers in Procountor")
		}
		docs, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]store.SentDocument, error) { return tx.SentDocuments(id) })
		w.Must(err)
		if len(docs) != 3 || docs[0].Result != store.SentOn || docs[1].Result != store.Returned {
			t.Errorf("kept: %+v", docs)
		}
	})
}
