package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// postedApproved posts by the map and approves.
func postedApproved(s *hub.Settings) {
	s.Accounts = []hub.AccountRule{{Sales: true, Purchases: true, Account: enginetest.PostedOn}}
	for k, ks := range s.Kinds {
		ks.Arrival, ks.Posting = hub.ArriveApproved, hub.PostedByMap
		s.Kinds[k] = ks
	}
}

// person puts an account on every entry of the receipt of a document's voucher,
// as somebody does in Procountor.
func person(t *testing.T, w *enginetest.World, number, account string) {
	t.Helper()
	w.Clock.Add(2 * time.Second) // versions have whole seconds
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	inv, err := client.Invoices.Get(t.Context(), w.Vouchers(number)[0].ID)
	w.Must(err)
	r, err := client.LedgerReceipts.Get(t.Context(), inv.LedgerReceiptID)
	w.Must(err)
	for i := range r.Transactions {
		if r.Transactions[i].TransactionType == procountor.Entry {
			r.Transactions[i].Account = account
		}
	}
	_, err = client.LedgerReceipts.Update(t.Context(), r)
	w.Must(err)
}

func accounts(t *testing.T, w *enginetest.World, number string) (list []string) {
	t.Helper()
	v := w.Vouchers(number)
	if len(v) != 1 {
		t.Fatalf("%d vouchers of %s", len(v), number)
	}
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.InvoiceID == nil || *r.InvoiceID != v[0].ID {
			continue
		}
		for _, e := range r.Transactions {
			if e.TransactionType == "ENTRY" {
				list = append(list, e.Account)
			}
		}
	}
	return list
}

// Somebody changes the receipt between our reading and our writing, with and
// without an answer: it is held, not approved, and not overwritten. A person
// then lets it go on from this step.
func TestReceiptEditedMeanwhile(t *testing.T) {
	for _, lost := range []faulty.Kind{faulty.None, faulty.Before} {
		t.Run(string(lost), func(t *testing.T) {
			var w *enginetest.World
			once := false
			w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: postedApproved, Crash: func(point string) {
				if point == "put_receipt/intended" && !once {
					once = true
					person(t, w, "2001", "3010")
					if lost != faulty.None {
						w.Sandbox.PlanFault(fault(hub.PutReceipt, lost))
					}
				}
			}})
			w.Receive(enginetest.Sale("2001", "100.00"))
			w.Settle()
			wantState(t, w, "2001", hub.Held, hub.EditedThere)
			if v := w.Vouchers("2001"); v[0].Status != "UNFINISHED" || !slices.Equal(accounts(t, w, "2001"), []string{"3010"}) {
				t.Errorf("%s on %v", v[0].Status, accounts(t, w, "2001"))
			}
			w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("2001").ID, engine.Retry, ""))
			w.Settle()
			wantState(t, w, "2001", hub.Done, "")
			if v := w.Vouchers("2001"); v[0].Status != "NOT_SENT" && v[0].Status != "APPROVED" || !slices.Equal(accounts(t, w, "2001"), []string{enginetest.PostedOn}) {
				t.Errorf("%s on %v", v[0].Status, accounts(t, w, "2001"))
			}
		})
	}
}

// What a person has changed on the receipt after we have put it stays, whatever
// is left to do.
func TestReceiptIsPutOnce(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: postedApproved})
	once := false
	w.Restart(func(point string) {
		if point == "approve/intended" && !once {
			once = true
			w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
		}
	})
	w.Receive(enginetest.Sale("2002", "100.00"))
	w.Settle()
	if tr := w.Transfer("2002"); !tr.State.NeedsPerson() {
		t.Fatalf("the approval went through: %s", enginetest.Describe(tr))
	}
	w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
	person(t, w, "2002", "3010")
	w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("2002").ID, engine.Retry, ""))
	w.Settle()
	wantState(t, w, "2002", hub.Done, "")
	if got := accounts(t, w, "2002"); !slices.Equal(got, []string{"3010"}) {
		t.Errorf("stands on %v", got)
	}
}

// A document that changes has its voucher replaced, and Procountor makes the
// receipt anew: it is put again.
func TestReceiptAfterReplacement(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		postedApproved(s)
		k := s.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveUnfinished
		s.Kinds[hub.SalesInvoice] = k
	}})
	w.Receive(enginetest.Sale("2003", "100.00"))
	w.Settle()
	w.Receive(enginetest.Sale("2003", "120.00"))
	w.Settle()
	holdsPrice(t, w, "2003", "120")
	if got := accounts(t, w, "2003"); !slices.Equal(got, []string{enginetest.PostedOn}) {
		t.Errorf("stands on %v", got)
	}
}

// The receipt shows already what is to be put on it: nothing is written.
func TestReceiptNeedsNothing(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		postedApproved(s)
		s.Accounts = []hub.AccountRule{{Sales: true, Account: "3000"}} // Procountor's own
	}})
	w.Receive(enginetest.Sale("2004", "100.00"))
	w.Settle()
	wantState(t, w, "2004", hub.Done, "")
	if n := w.Sandbox.Requests()["updateLedgerReceipt"]; n != 0 {
		t.Errorf("%d writes", n)
	}
}

// Where Procountor computes the VAT of the whole invoice and of each entry of its
// receipt by itself, the receipt is evened out: that is said, and asks nobody.
func TestReceiptEvenedOutIsSaid(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: postedApproved, Sandbox: procountortest.Options{Rounding: procountortest.PerInvoice}})
	prices := slices.Repeat([]string{"0.02"}, 9) // 25.5 % of each is 0.0051, of all 0.0459
	w.Receive(enginetest.Rows(enginetest.Sale("2004", "1"), prices...))
	w.Settle()
	wantState(t, w, "2004", hub.DoneWithWarning, hub.ReceiptEvened)
	if tasks := engine.Asks(w.Transfer("2004").Faults); len(tasks) > 0 {
		t.Errorf("asks for %v", tasks)
	}
}
