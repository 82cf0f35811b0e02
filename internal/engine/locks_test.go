package engine_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// What has arrived goes no second time until a named person releases its locks; then it
// is held, nothing goes by itself, and the answers are those that its voucher leaves open.
func TestLocksAreReleased(t *testing.T) {
	for _, c := range []struct {
		name     string
		arrival  hub.Arrival
		then     []engine.Action
		change   bool // at the source, after the release
		state    hub.State
		code     string
		vouchers int // with that number, credit notes too, invalidated ones not
		price    string
	}{
		{"left", hub.ArriveSent, []engine.Action{engine.Leave}, false, hub.Done, "", 1, "100"},
		{"sent, credited and sent anew", hub.ArriveSent, []engine.Action{engine.CreditAnew}, false, hub.DoneWithWarning, hub.OffsetByHand, 3, "100"},
		{"sent beside", hub.ArriveSent, []engine.Action{engine.SendBeside}, false, hub.DoneWithWarning, hub.SentBeside, 2, "100"},
		{"approved, taken back and sent anew", hub.ArriveApproved, []engine.Action{engine.TakeBack, engine.Retry}, false, hub.Done, "", 1, "100"},
		{"unfinished is replaced", hub.ArriveUnfinished, nil, true, hub.Done, "", 1, "120"},
		{"approved asks", hub.ArriveApproved, nil, true, hub.Held, hub.DocumentChanged, 1, "100"},
		{"sent asks", hub.ArriveSent, nil, true, hub.Held, hub.DocumentChanged, 1, "100"},
		{"sent asks, and is credited", hub.ArriveSent, []engine.Action{engine.CreditAnew}, true, hub.DoneWithWarning, hub.OffsetByHand, 3, "100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				arriving(c.arrival)(s)
				s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
			}})
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			before := wantState(t, w, "1001", hub.Done, "")
			for _, a := range []engine.Action{engine.CreditAnew, engine.SendBeside} {
				if err := w.Engine.Act(t.Context(), "person", before.ID, a, "why"); !errors.Is(err, engine.ErrNotNow) {
					t.Errorf("%s with its locks: %v", a, err)
				}
			}
			for _, who := range []string{"", "vienti"} {
				if err := w.Engine.Act(t.Context(), who, before.ID, engine.ReleaseLocks, "why"); !errors.Is(err, engine.ErrNoReason) {
					t.Errorf("released by %q: %v", who, err)
				}
			}
			if err := w.Engine.Act(t.Context(), "person", before.ID, engine.ReleaseLocks, " "); !errors.Is(err, engine.ErrNoReason) {
				t.Errorf("released for no reason: %v", err)
			}
			w.Must(w.Engine.Act(t.Context(), "person", before.ID, engine.ReleaseLocks, "the customer wants it anew"))
			w.Sandbox.ForgetRequests()
			w.Settle()
			held := wantState(t, w, "1001", hub.Held, hub.LocksReleased)
			may := engine.Allowed(&held)
			if got := written(w); len(got) != 0 || slices.Contains(may, engine.Retry) || slices.Contains(may, engine.CreditAnew) == (c.arrival == hub.ArriveUnfinished) {
				t.Errorf("written by itself: %v; allowed: %v", got, may)
			}
			if err := w.Engine.Act(t.Context(), "person", held.ID, engine.TakeBack, "why"); c.arrival == hub.ArriveSent && !errors.Is(err, engine.ErrNotNow) {
				t.Errorf("taken back from its customer: %v", err)
			} else if err == nil {
				w.Settle()
				w.Must(w.Engine.Act(t.Context(), "person", held.ID, engine.Retry, ""))
				w.Settle()
				w.Must(w.Engine.Act(t.Context(), "person", held.ID, engine.ReleaseLocks, "again"))
			}
			if c.change {
				w.Receive(enginetest.Sale("1001", "120"))
				w.Settle()
			}
			for _, a := range c.then {
				if err := w.Engine.Act(t.Context(), "person", held.ID, a, "agreed"); err != nil {
					t.Fatalf("%s: %v; %s", a, err, enginetest.Describe(w.Transfer("1001")))
				}
				w.Settle()
			}
			wantState(t, w, "1001", c.state, c.code)
			list := w.Vouchers("1001")
			if len(list) != c.vouchers || c.vouchers == 1 && list[0].InvoiceRows[0].UnitPrice.String() != c.price {
				t.Errorf("%d vouchers: %+v", len(list), list)
			}
		})
	}
}

// An answer holds for the content that the person saw, and once: what the source shows
// by then is asked about anew.
func TestLocksHoldForOneContent(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved)})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	id := w.Transfer("1001").ID
	w.Must(w.Engine.Act(t.Context(), "person", id, engine.ReleaseLocks, "why"))
	w.Must(w.Engine.Act(t.Context(), "person", id, engine.SendBeside, "why"))
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	if n := len(w.Vouchers("1001")); n != 1 {
		t.Errorf("%d vouchers", n)
	}
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	if n := len(w.Vouchers("1001")); n != 1 {
		t.Errorf("%d vouchers", n)
	}
}
