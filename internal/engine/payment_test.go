package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// paying lets the source say what is paid, and approves.
func paying(s *hub.Settings) {
	s.Payments, s.Payer = hub.MasterSource, hub.MasterSource
	arriving(hub.ArriveApproved)(s)
}

func paid(id, number, day, amount string) hub.PaymentMade {
	p := hub.PaymentMade{SourceID: id, Number: number, State: hub.PaymentPaid, Amount: money.Must(amount), Currency: "EUR"}
	if day != "" {
		p.Date = civil.Must(day)
	}
	return p
}

func wantPayment(t *testing.T, w *enginetest.World, id string, state hub.State, code string) {
	t.Helper()
	got := w.Payment(id)
	if got.State != state || code != "" && !slices.ContainsFunc(got.Faults, func(f hub.Fault) bool { return f.Code == code }) || code == "" && len(got.Faults) > 0 {
		t.Errorf("payment %s: want %s %s: %s", id, state, code, enginetest.Describe(got))
	}
}

// A payment that comes before its document waits for nobody to see it lost, and is
// marked once, on the day the money moved, when the invoice has arrived.
func TestPaymentWaitsForDocument(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: paying})
		w.Pay(paid("pay-1", "1001", "2026-03-12", "100.40"))
		w.Settle()
		wantPayment(t, w, "pay-1", hub.Held, hub.PaymentNoDocument)
		w.Receive(enginetest.NewParty(enginetest.Sale("1001", "100"), 1)) // its partner is made first
		w.Pay(paid("pay-2", "1001", "2026-03-13", "25.10"))
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		wantPayment(t, w, "pay-1", hub.Done, "")
		wantPayment(t, w, "pay-2", hub.Done, "")
		events := w.Paid("1001")
		if len(events) != 2 || w.Vouchers("1001")[0].Status != "MARKED_PAID" {
			t.Fatalf("%+v %s", events, w.Vouchers("1001")[0].Status)
		}
		for _, e := range events {
			if e.PaymentDate == "2026-03-16" || !strings.Contains(e.Description, "1001 · vienti:") {
				t.Errorf("%+v", e)
			}
		}
		// The same again is the same.
		if r := w.Pay(paid("pay-1", "1001", "2026-03-12", "100.40")); r[0].Result != engine.ResultUnchanged || r[0].State != hub.Done {
			t.Errorf("%+v", r)
		}
		w.Settle()
		if n := len(w.Paid("1001")); n != 2 {
			t.Errorf("%d payments", n)
		}
	})
}

// An invoice that lies unfinished cannot be marked paid; when a person approves it
// in Procountor, its payment goes on by itself.
func TestPaymentWaitsForApproval(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { paying(s); arriving(hub.ArriveUnfinished)(s) }})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Pay(paid("pay", "1001", "2026-03-12", "50"))
	w.Settle()
	wantPayment(t, w, "pay", hub.Waiting, hub.PaymentUnapproved)
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	w.Must(client.Invoices.Approve(t.Context(), w.Vouchers("1001")[0].ID, ""))
	w.Clock.Add(10 * time.Minute)
	w.Step(t.Context())
	wantPayment(t, w, "pay", hub.Done, "")
	if n := len(w.Paid("1001")); n != 1 {
		t.Errorf("%d payments", n)
	}
}

// An invoice that somebody deletes is in no list of changes: after a day its
// payment looks for it, and says that it is gone.
func TestPaymentOfWhatWasDeleted(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { paying(s); arriving(hub.ArriveUnfinished)(s) }})
		w.Receive(enginetest.Sale("1001", "100"))
		w.Pay(paid("pay", "1001", "2026-03-12", "50"))
		w.Settle()
		wantPayment(t, w, "pay", hub.Waiting, hub.PaymentUnapproved)
		w.Sandbox.DeleteInvoice(w.Company.ProcountorID, w.Vouchers("1001")[0].ID)
		w.Clock.Add(25 * time.Hour)
		w.Step(t.Context())
		w.Settle()
		wantPayment(t, w, "pay", hub.Held, hub.EditedThere)
	})
}

// What stands in the way of a mark holds the payment, or skips it, and says why.
func TestPaymentHeld(t *testing.T) {
	for _, tc := range []struct {
		name     string
		settings func(*hub.Settings)
		payment  hub.PaymentMade
		before   func(w *enginetest.World, invoice int64)
		state    hub.State
		code     string
	}{
		{"off", func(s *hub.Settings) { s.Payments, s.Payer = hub.MasterProcountor, hub.MasterProcountor }, paid("p", "1001", "2026-03-12", "10"), nil, hub.Skipped, hub.PaymentsOff},
		{"unknown document", nil, paid("p", "1009", "2026-03-12", "10"), nil, hub.Held, hub.PaymentNoDocument},
		{"no day", nil, paid("p", "1001", "", "10"), nil, hub.Held, hub.PaymentDayMissing},
		{"day to come", nil, paid("p", "1001", "2026-03-17", "10"), nil, hub.Held, hub.PaymentFuture},
		{"closed period", nil, paid("p", "1001", "2024-01-16", "10"), nil, hub.Held, hub.PaymentPeriod},
		{"sign", nil, paid("p", "1001", "2026-03-12", "-10"), nil, hub.Held, hub.PaymentSign},
		{"more than open", nil, paid("p", "1001", "2026-03-12", "125.51"), nil, hub.Held, hub.PaymentTooMuch},
		{"currency", nil, func() hub.PaymentMade { p := paid("p", "1001", "2026-03-12", "10"); p.Currency = "SEK"; return p }(), nil, hub.Held, hub.PaymentCurrency},
		{"marked by a person", nil, paid("p", "1001", "2026-03-12", "10"), func(w *enginetest.World, id int64) { markByHand(w, id, "2026-03-12", "10") }, hub.Held, hub.PaymentThere},
		{"bank has it", nil, paid("p", "1001", "2026-03-12", "10"), func(w *enginetest.World, id int64) { byBank(w, id, "2026-03-12", "10") }, hub.Linked, hub.PaymentByBank},
		{"bank is at work", nil, paid("p", "1001", "2026-03-12", "10"), func(w *enginetest.World, id int64) { byBank(w, id, "2026-03-12", "20") }, hub.Held, hub.PaymentBank},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				paying(s)
				if tc.settings != nil {
					tc.settings(s)
				}
			}})
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			if tc.before != nil {
				tc.before(w, w.Vouchers("1001")[0].ID)
			}
			before := len(w.Paid("1001"))
			w.Pay(tc.payment)
			w.Settle()
			wantPayment(t, w, "p", tc.state, tc.code)
			if n := len(w.Paid("1001")); n != before {
				t.Errorf("%d payments, %d before", n, before)
			}
		})
	}
}

func markByHand(w *enginetest.World, invoice int64, day, amount string) {
	w.T.Helper()
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	_, err = client.Invoices.MarkPaid(w.T.Context(), invoice, procountor.MarkPaid{PaymentDate: procountor.MustParseDate(day),
		Amount: procountor.MustParseDecimal(amount), Currency: procountor.EUR})
	w.Must(err)
}

func byBank(w *enginetest.World, invoice int64, day, amount string) {
	inv, _ := w.Sandbox.Invoice(w.Company.ProcountorID, invoice)
	sum := procountortest.Num(amount)
	p := w.Sandbox.AddReferencePayment(w.Company.ProcountorID, procountortest.ReferencePayment{PaymentDate: day, Sum: &sum, BankReference: *inv.PaymentInfo.BankReferenceCode})
	if p.InvoiceID == nil {
		w.T.Fatal("not allocated")
	}
}

// Two payments of the same day and sum are two, and are marked one after the
// other; a third is more than is open.
func TestInstalments(t *testing.T) {
	for _, inFlight := range []int{1, 8} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, InFlight: inFlight, Settings: paying})
		w.Receive(enginetest.Sale("1001", "100"))
		w.Pay(paid("a", "1001", "2026-03-12", "60"), paid("b", "1001", "2026-03-12", "60"), paid("c", "1001", "2026-03-12", "60"))
		w.Settle()
		var states []string
		for _, id := range []string{"a", "b", "c"} {
			states = append(states, string(w.Payment(id).State))
		}
		slices.Sort(states)
		if strings.Join(states, " ") != "done done held" || len(w.Paid("1001")) != 2 {
			t.Errorf("%d in flight: %v, %d payments", inFlight, states, len(w.Paid("1001")))
		}
	}
}

// A purchase that the source has sent for payment counts as paid three days after
// its due date, on the day the money moved; one paid by hand at once.
func TestPurchasePaidAfterDays(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: paying})
	doc := enginetest.Purchase("P1", "100")
	doc.DueDate = civil.Must("2026-03-18")
	w.Receive(doc)
	p := paid("sent", "P1", "", "125.50")
	p.State = hub.PaymentSent
	w.Pay(p)
	w.Step(t.Context())
	w.Step(t.Context())
	wantPayment(t, w, "sent", hub.Waiting, hub.PaymentDue)
	w.Clock.Set(time.Date(2026, 3, 20, 21, 30, 0, 0, time.UTC)) // half past eleven in the evening of the 20th
	w.Step(t.Context())
	wantPayment(t, w, "sent", hub.Waiting, hub.PaymentDue)
	w.Clock.Add(time.Hour)
	w.Step(t.Context())
	wantPayment(t, w, "sent", hub.Done, "")
	if e := w.Paid("P1"); len(e) != 1 || e[0].PaymentDate != "2026-03-18" {
		t.Errorf("%+v", e)
	}
}

// A bank's refusal in time means that nothing is marked.
func TestRefusedByTheBank(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: paying})
	doc := enginetest.Purchase("P1", "100")
	doc.DueDate = civil.Must("2026-03-18")
	w.Receive(doc)
	p := paid("sent", "P1", "", "125.50")
	p.State = hub.PaymentSent
	w.Pay(p)
	w.Step(t.Context())
	p.State = hub.PaymentRefused
	w.Pay(p)
	w.Clock.Add(9 * 24 * time.Hour)
	w.Settle()
	wantPayment(t, w, "sent", hub.Skipped, hub.PaymentFailed)
	if e := w.Paid("P1"); len(e) != 0 {
		t.Errorf("%+v", e)
	}
}

// What changes or goes in the source after it was marked is a task for a person:
// Procountor removes a mark only when somebody confirms it there.
func TestPaymentChangedLater(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*hub.PaymentMade)
		why    string
	}{
		{"sum", func(p *hub.PaymentMade) { p.Amount = money.Must("40") }, "payment-changed"},
		{"day", func(p *hub.PaymentMade) { p.Date = civil.Must("2026-03-11") }, "payment-changed"},
		{"removed", func(p *hub.PaymentMade) { p.State = hub.PaymentRemoved }, "payment-removed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: paying})
			w.Receive(enginetest.Sale("1001", "100"))
			p := paid("p", "1001", "2026-03-12", "50")
			w.Pay(p)
			w.Settle()
			wantPayment(t, w, "p", hub.Done, "")
			tc.change(&p)
			w.Pay(p)
			w.Settle()
			wantPayment(t, w, "p", hub.DoneWithWarning, hub.PaymentChangedLater)
			if f := w.Payment("p").Faults[0]; f.Args["why"] != tc.why || f.Args["amount"] != "50" {
				t.Errorf("%v", f)
			}
			if e := w.Paid("1001"); len(e) != 1 {
				t.Errorf("%+v", e)
			}
			w.Must(w.Engine.MarkTask(t.Context(), "test", w.Payment("p").ID, hub.PaymentChangedLater, true, ""))
		})
	}
}

// A mark whose answer is lost is looked for, and made again only when two looks
// find nothing: of sales by our mark, of purchases by what was not there before.
func TestLostMark(t *testing.T) {
	for _, kind := range []faulty.Kind{faulty.Before, faulty.After} {
		for _, purchase := range []bool{false, true} {
			var w *enginetest.World
			broken := false
			w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: paying, Crash: func(p string) {
				if p == "mark_paid/intended" && !broken {
					broken = true
					w.Sandbox.PlanFault(fault(hub.MarkPaid, kind))
				}
			}})
			doc := enginetest.Sale("1001", "100")
			if purchase {
				doc = enginetest.Purchase("1001", "100")
			}
			w.Receive(doc)
			w.Pay(paid("p", "1001", "2026-03-12", "50"))
			w.Settle()
			wantPayment(t, w, "p", hub.Done, "")
			if n := len(w.Paid("1001")); n != 1 || !broken {
				t.Errorf("%s: %d payments", kind, n)
			}
		}
	}
}
