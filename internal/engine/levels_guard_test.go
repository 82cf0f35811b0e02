package engine_test

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// At document level nothing is made of a closed month, even of what still waits
// for it since the level was another.
func TestDocumentLevelComposesNothing(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument)})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	s := w.Connection.Settings
	s.Level = hub.DocumentLevel
	w.SetSettings(s)
	// Decided by another node at the very moment of the change.
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`update transfer set state = 'waiting', waits_for = $2, lease = 'other', lease_until = 1 where id = $1`,
			w.Transfer("1001").ID, hub.PeriodKey(w.Connection.ID, "2026-03"))
		return err
	}))
	closeMonth(w, "2026-03")
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`update transfer set lease = '', lease_until = 0`)
		return err
	}))
	w.Clock.Add(time.Minute)
	w.Settle()
	if len(journals(w)) != 0 || len(w.Vouchers("1001")) != 1 {
		t.Errorf("%d journals, %d invoices", len(journals(w)), len(w.Vouchers("1001")))
	}
	wantState(t, w, "1001", hub.Done, "")
}

// A document that does not fit any more leaves its journal and is held by itself,
// until the journal may have been written once: then the journal is held.
func TestJournalIsFixedOnceTried(t *testing.T) {
	for _, tried := range []bool{false, true} {
		var w *enginetest.World
		once := false
		w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerMonth), Crash: func(p string) {
			if p == "compose" && !once && !tried || p == "post_journal/intended" && !once && tried {
				once = true
				if tried {
					w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03") // refused, after the intent
				}
				s := w.Connection.Settings
				s.Accounts = []hub.AccountRule{{Sales: true, Account: "3000", Percent: "25.5"}} // the one at 14 % has none any more
				w.SetSettings(s)
				panic(enginetest.Crash(p))
			}
		}})
		other := enginetest.Sale("1002", "50")
		l := &other.Lines[0]
		l.VATPercent = money14
		vat, gross := l.Net.Percent(money14), l.Net.Add(l.Net.Percent(money14))
		l.VAT, l.Gross, other.Totals = &vat, &gross, hub.Totals{Net: l.Net, VAT: &vat, Gross: &gross}
		w.Receive(enginetest.Sale("1001", "100"), other)
		w.Settle()
		closeMonth(w, "2026-03")
		w.Settle()
		w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
		j := journalOf(w, "2026-03/1")
		if !tried {
			wantState(t, w, "1002", hub.Held, hub.AccountUnmapped)
			wantState(t, w, "1001", hub.Done, "")
			if j.State != hub.Done || len(journals(w)) != 1 {
				t.Errorf("%s", enginetest.Describe(j))
			}
			continue
		}
		w.Clock.Add(time.Hour)
		w.Must(w.Engine.Act(t.Context(), "test", j.ID, engine.Retry, ""))
		w.Settle()
		if j = journalOf(w, "2026-03/1"); j.State != hub.Held || j.Faults[0].Code != hub.JournalDocument {
			t.Errorf("%s", enginetest.Describe(j))
		}
		wantState(t, w, "1002", hub.Waiting, hub.WaitsForJournal)
	}
}

var money14 = enginetest.Sale("x", "14").Totals.Net.RoundHalfUp(0)

// A journal that Procountor has saved otherwise than it was meant is held, and
// nothing is approved.
func TestJournalSavedOtherwise(t *testing.T) {
	var w *enginetest.World
	once := false
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument), Crash: func(p string) {
		if p == "post_journal/intended" && !once {
			once = true
			w.Sandbox.PlanFault(fault(hub.PostJournal, faulty.After))
		}
		if p == "post_journal/recorded" && once { // somebody moves it before we look
			client, err := w.Engine.Client(t.Context(), w.Company)
			w.Must(err)
			for _, j := range journals(w) {
				w.Clock.Add(2 * time.Second)
				r, err := client.LedgerReceipts.Get(t.Context(), j.ID)
				w.Must(err)
				r.Transactions[1].Account = "3000"
				_, err = client.LedgerReceipts.Update(t.Context(), r)
				w.Must(err)
			}
		}
	}})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	if j := journalOf(w, "1001"); j.State != hub.Held || j.Faults[0].Code != hub.SavedDiffers {
		t.Errorf("%s", enginetest.Describe(j))
	}
	if list := journals(w); len(list) != 1 || list[0].Status != "UNFINISHED" {
		t.Errorf("%+v", list)
	}
	wantState(t, w, "1001", hub.Waiting, hub.WaitsForJournal)
}

// A document that changes after its journal asks a person, whose one answer is to
// leave it; the journal stays as it is.
func TestChangedAfterJournal(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerMonth)})
	w.Receive(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "50"))
	w.Settle()
	w.Receive(enginetest.Sale("1001", "110")) // before: it simply counts
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	tr := wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	for _, a := range []engine.Action{engine.Skip, engine.DoneByHand, engine.SendBeside, engine.CreditAnew, engine.TakeBack, engine.Withdraw} {
		if err := w.Engine.Act(t.Context(), "test", tr.ID, a, "why"); err == nil {
			t.Errorf("%s is let through", a)
		}
	}
	w.Must(w.Engine.Act(t.Context(), "test", tr.ID, engine.Leave, "corrected by hand"))
	w.Settle()
	wantState(t, w, "1001", hub.DoneWithWarning, hub.ChangeLeft)
	if list := journals(w); len(list) != 1 || list[0].Transactions[1].AccountingValue.String() != "-160.00" {
		t.Errorf("%+v", list)
	}
}

// A journal that is taken back takes its documents with it, and each goes again
// when it is retried: in another journal, or, at document level, as an invoice.
func TestJournalTakenBack(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: journaled(hub.PerMonth)})
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "50"))
		w.Settle()
		closeMonth(w, "2026-03")
		w.Settle()
		w.Must(w.Engine.Act(t.Context(), "test", journalOf(w, "2026-03/1").ID, engine.TakeBack, "test"))
		w.Settle()
		wantState(t, w, "1001", hub.TakenBack, "")
		wantState(t, w, "1002", hub.TakenBack, "")
		w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("1001").ID, engine.Retry, ""))
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		s := w.Connection.Settings
		s.Level = hub.DocumentLevel
		w.SetSettings(s)
		w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("1002").ID, engine.Retry, ""))
		w.Settle()
		wantState(t, w, "1002", hub.Done, "")
		if len(journals(w)) != 1 || len(w.Vouchers("1002")) != 1 || len(w.Vouchers("1001")) != 0 {
			t.Errorf("%d journals, %d invoices", len(journals(w)), len(w.Vouchers("1002")))
		}
	})
}

// What stands in the way at journal level, and what is not carried.
func TestNotCarriedAtJournalLevel(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		journaled(hub.PerDocument)(s)
		s.Payments = hub.MasterSource
		s.Journal.Payables = ""
	}})
	twin := enginetest.Sale("1001", "100")
	twin.SourceID = "other"
	late := enginetest.Sale("1003", "10")
	late.Date, late.DueDate = civil.Must("2026-02-10"), civil.Must("2026-02-24")
	w.Receive(enginetest.Sale("1001", "100"), twin, enginetest.Purchase("P1", "50"), late)
	w.Pay(paid("pay", "1003", "2026-03-12", "12.55"))
	w.Settle()
	wantState(t, w, "P1", hub.Held, hub.JournalAccount)
	wantPayment(t, w, "pay", hub.Waiting, hub.PaymentWaits)
	closeMonth(w, "2026-02")
	closeMonth(w, "2026-03")
	w.Settle()
	wantPayment(t, w, "pay", hub.Skipped, hub.PaymentJournal)
	states := map[hub.State]int{}
	for _, tr := range w.Transfers() {
		if tr.Number == "1001" && tr.DocKind == hub.SalesInvoice {
			states[tr.State]++
		}
	}
	if states[hub.Done] != 1 || states[hub.Held] != 1 {
		t.Errorf("the same invoice twice: %v", states)
	}
	if n := len(journals(w)); n != 2 {
		t.Errorf("%d journals", n)
	}
	if _, err := w.Engine.ClosePeriod(t.Context(), "test", w.Connection.ID, hub.MonthOf(civil.Must("2026-04-01"))); err == nil {
		t.Error("a month that has not begun is closed")
	}
}

// A journal of another, without our mark and otherwise the same, is never taken
// for ours, and ours is not made beside it blindly.
func TestJournalWithoutMark(t *testing.T) {
	var w *enginetest.World
	once := false
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument), Crash: func(p string) {
		if p == "post_journal/intended" && !once {
			once = true
			w.Sandbox.PlanFault(fault(hub.PostJournal, faulty.After))
		}
		if p == "post_journal/recorded" && once {
			client, err := w.Engine.Client(t.Context(), w.Company)
			w.Must(err)
			for _, j := range journals(w) {
				w.Clock.Add(2 * time.Second)
				r, err := client.LedgerReceipts.Get(t.Context(), j.ID)
				w.Must(err)
				r.InvoiceNotes = ""
				_, err = client.LedgerReceipts.Update(t.Context(), r)
				w.Must(err)
			}
		}
	}})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	if j := journalOf(w, "1001"); j.State != hub.Held || j.Faults[0].Code != hub.MarkRemoved {
		t.Errorf("%s", enginetest.Describe(j))
	}
	if n := len(journals(w)); n != 1 {
		t.Errorf("%d journals", n)
	}
}
