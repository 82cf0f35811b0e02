package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// hours lets time pass in steps of an hour, as the engine is called in life.
func hours(w *enginetest.World, n int) {
	for range n {
		w.Clock.Add(time.Hour)
		w.Step(w.T.Context())
	}
}

func watchOf(w *enginetest.World, number string) store.Watch {
	w.T.Helper()
	watch, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (store.Watch, error) {
		return tx.WatchOf(w.Company.ID, w.Transfer(number).InvoiceID)
	})
	w.Must(err)
	return watch
}

func wantPaid(t *testing.T, w *enginetest.World, number string, state hub.PaidState, open, on string) {
	t.Helper()
	if p := watchOf(w, number).Paid; p.State != state || p.Open != open || p.On != on {
		t.Errorf("%s: %+v, want %s, %s open, %s", number, p, state, open, on)
	}
}

// What is paid in Procountor is read back, whoever marked it: open, partly, paid.
func TestPaidIsReadBack(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved)})
		linked := enginetest.Sale("1003", "10")
		w.Foreign(linked)
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Purchase("P1", "100"), linked)
		w.Settle()
		if !watchOf(w, "1001").ReadAt.IsZero() {
			t.Error("read at once")
		}
		hours(w, 1)
		wantPaid(t, w, "1001", hub.PaidNothing, "125.50", "")
		wantPaid(t, w, "1003", hub.PaidNothing, "12.55", "")
		byBank(w, w.Vouchers("1001")[0].ID, "2026-03-12", "100")
		markByHand(w, w.Vouchers("P1")[0].ID, "2026-03-13", "125.5")
		hours(w, 2)
		wantPaid(t, w, "1001", hub.PaidPartly, "25.50", "2026-03-12")
		wantPaid(t, w, "P1", hub.PaidFully, "0.00", "2026-03-13")
		for state, number := range map[hub.PaidState]string{hub.PaidPartly: "1001", hub.PaidFully: "P1", hub.PaidNothing: "1003"} {
			list, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.Transfer, error) {
				return tx.ListTransfers(store.TransferFilter{Paid: state})
			})
			if err != nil || len(list) != 1 || list[0].Number != number {
				t.Errorf("%s: %v, %v", state, list, err)
			}
		}
	})
}

// An invoice that the operator gives back within two weeks is a task with the
// operator's words; it is sent again by retry when a person has returned it to "not
// sent", and the task closes by itself when the error was seen to in Procountor.
func TestSendingReturned(t *testing.T) {
	for _, again := range []bool{false, true} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: sending})
		w.Receive(enginetest.Sale("1001", "100"))
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		w.Clock.Add(9 * 24 * time.Hour)
		w.Step(t.Context())
		id := w.Vouchers("1001")[0].ID
		w.Sandbox.ReturnSending(w.Company.ProcountorID, id, "Receiver unknown")
		hours(w, 5)
		tr := wantState(t, w, "1001", hub.DoneWithWarning, hub.SendingReturned)
		if f := tr.Faults[0]; f.Args["reason"] != "Receiver unknown" || f.Args["time"] == "" || tasks(t, w) != hub.SendingReturned {
			t.Errorf("%v, tasks %q", f, tasks(t, w))
		}
		hours(w, 5)
		if n := len(w.Transfer("1001").Faults); n != 1 {
			t.Errorf("told %d times", n)
		}
		// Who says that it is seen to is not asked again for the same.
		w.Must(w.Engine.MarkTask(t.Context(), "aino", tr.ID, hub.SendingReturned, true, "called them"))
		hours(w, 5)
		if got := tasks(t, w); got != "" {
			t.Errorf("asked again: %s", got)
		}
		w.Sandbox.HandleSending(w.Company.ProcountorID, id, again)
		if again {
			w.Must(w.Engine.Act(t.Context(), "aino", tr.ID, engine.Retry, ""))
			w.Settle()
			wantState(t, w, "1001", hub.Done, "")
			if v := w.Vouchers("1001"); len(v) != 1 || v[0].Status != "SENT" {
				t.Errorf("%+v", v)
			}
		}
		hours(w, 5)
		if got := tasks(t, w); got != "" {
			t.Errorf("again %v: tasks %s", again, got)
		}
		// A second error asks again.
		w.Sandbox.ReturnSending(w.Company.ProcountorID, id, "Still unknown")
		hours(w, 5)
		if got := tasks(t, w); got != hub.SendingReturned {
			t.Errorf("again %v: tasks %q", again, got)
		}
	}
}

// Retry of what still stands as sent sends nothing twice, and the task comes back.
func TestReturnedAndNotMended(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: sending})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	w.Sandbox.ReturnSending(w.Company.ProcountorID, w.Vouchers("1001")[0].ID, "Receiver unknown")
	hours(w, 2)
	tr := wantState(t, w, "1001", hub.DoneWithWarning, hub.SendingReturned)
	before := w.Sandbox.Requests()["send"]
	w.Must(w.Engine.Act(t.Context(), "aino", tr.ID, engine.Retry, ""))
	w.Settle()
	hours(w, 2)
	wantState(t, w, "1001", hub.DoneWithWarning, hub.SendingReturned)
	if n := w.Sandbox.Requests()["send"]; n != before || tasks(t, w) != hub.SendingReturned {
		t.Errorf("sent %d times, %d before; tasks %q", n, before, tasks(t, w))
	}
}

// What a person does in Procountor closes the task that asked for it.
func TestTasksCloseThemselves(t *testing.T) {
	t.Run("offset by hand", func(t *testing.T) {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved)})
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001"))
		w.Settle()
		markByHand(w, w.Vouchers("1001")[0].ID, "2026-03-16", "50.2")
		hours(w, 3)
		if got := tasks(t, w); got != hub.OffsetByHand {
			t.Errorf("half of it, and tasks %q", got)
		}
		markByHand(w, w.Vouchers("1002")[0].ID, "2026-03-16", "-50.2")
		hours(w, 3)
		if got := tasks(t, w); got != "" {
			t.Errorf("tasks %q", got)
		}
	})
	t.Run("money returned", func(t *testing.T) {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
		w.Receive(enginetest.Sale("1001", "100"))
		w.Settle()
		byBank(w, w.Vouchers("1001")[0].ID, "2026-03-12", "125.5")
		w.Receive(enginetest.Credit("1002", "40", "1001"))
		w.Settle()
		if got := tasks(t, w); got != hub.CreditRefund {
			t.Errorf("tasks %q", got)
		}
		markByHand(w, w.Vouchers("1002")[0].ID, "2026-03-16", "-50.2")
		hours(w, 3)
		if got := tasks(t, w); got != "" {
			t.Errorf("tasks %q", got)
		}
	})
	t.Run("credited anew", func(t *testing.T) {
		w := sentAndChanged(t, enginetest.OnSQLite(t))
		old := w.Vouchers("1001")[0]
		markByHand(w, old.ID, "2026-03-12", "20")
		answer(t, w, engine.CreditAnew)
		hours(w, 3)
		if got := tasks(t, w); got != hub.OffsetByHand+" "+hub.PaymentsLeft {
			t.Errorf("tasks %q", got)
		}
		for _, v := range w.Vouchers("1001") {
			if strings.HasPrefix(v.InvoiceRows[0].Quantity.String(), "-") {
				markByHand(w, v.ID, "2026-03-16", "-125.5")
			}
		}
		for _, e := range w.Sandbox.PaymentEvents(w.Company.ProcountorID) {
			if *e.InvoiceID == old.ID {
				w.Sandbox.RemovePayment(w.Company.ProcountorID, old.ID, e.ID)
			}
		}
		hours(w, 6)
		if got := tasks(t, w); got != "" {
			t.Errorf("tasks %q", got)
		}
	})
	for _, changed := range []bool{false, true} {
		t.Run(fmt.Sprint("mark removed, changed ", changed), func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: paying})
			w.Receive(enginetest.Sale("1001", "100"))
			p := paid("p", "1001", "2026-03-12", "50")
			w.Pay(p)
			w.Settle()
			if p.State = hub.PaymentRemoved; changed {
				p.State, p.Amount = hub.PaymentPaid, money.Must("40")
			}
			w.Pay(p)
			w.Settle()
			id := w.Vouchers("1001")[0].ID
			hours(w, 3)
			if got := tasks(t, w); got != hub.PaymentChangedLater {
				t.Errorf("tasks %q", got)
			}
			w.Sandbox.RemovePayment(w.Company.ProcountorID, id, w.Paid("1001")[0].ID)
			hours(w, 3)
			if got := tasks(t, w); (got == "") == changed {
				t.Errorf("removed, and tasks %q", got)
			}
			if changed {
				markByHand(w, id, "2026-03-12", "40")
				hours(w, 3)
				if got := tasks(t, w); got != "" {
					t.Errorf("tasks %q", got)
				}
			}
			// The source says the same again: nothing is marked beside it.
			w.Pay(p)
			w.Settle()
			if n := len(w.Paid("1001")); (n == 1) != changed {
				t.Errorf("%d payments", n)
			}
		})
	}
}

// Reading back is batched: many invoices cost two requests at a time, often at first
// and seldom later, and nothing when all is paid.
func TestReadingBackIsBatched(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved)})
	const many = 60
	var docs []*hub.Document
	for i := range many {
		docs = append(docs, enginetest.Sale(fmt.Sprint(1001+i), "10"))
	}
	w.Receive(docs...)
	w.Settle()
	count := func(n int) int {
		w.Sandbox.ForgetRequests()
		hours(w, n)
		return w.Sandbox.Requests()["getPaymentEvents"]
	}
	if n := count(24); n < 20 || n > 26 {
		t.Errorf("%d batches on the first day", n)
	}
	if n := count(24); n < 5 || n > 7 {
		t.Errorf("%d batches on the second day", n)
	}
	w.Clock.Add(14 * 24 * time.Hour)
	w.Step(t.Context())
	if n := count(24); n != 1 {
		t.Errorf("%d batches a day after two weeks", n)
	}
	for _, d := range docs {
		w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, w.Vouchers(d.Number)[0].ID, "PAID")
	}
	hours(w, 24)
	if n := count(48); n != 0 {
		t.Errorf("%d batches when all is paid", n)
	}
	wantPaid(t, w, "1001", hub.PaidFully, "0.00", "")
}
