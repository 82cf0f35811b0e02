package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// offsetting lets Vienti offset credit notes, and approves.
func offsetting(s *hub.Settings) {
	paying(s)
	s.Offset = hub.OffsetByVienti
}

// offsets are the transfers that offset, oldest first.
func offsets(w *enginetest.World) (list []hub.Transfer) {
	for _, t := range w.Transfers() {
		if t.Kind == hub.OffsetTransfer {
			list = append(list, t)
		}
	}
	return list
}

func wantOffset(t *testing.T, w *enginetest.World, state hub.State, code string) hub.Transfer {
	t.Helper()
	list := offsets(w)
	if len(list) != 1 {
		t.Fatalf("%d offsets", len(list))
	}
	got := list[0]
	if _, ok := findFault(got.Faults, code); got.State != state || code != "" && !ok || code == "" && len(got.Faults) > 0 {
		t.Errorf("want %s %s: %s", state, code, enginetest.Describe(got))
	}
	return got
}

func findFault(faults []hub.Fault, code string) (hub.Fault, bool) {
	i := slices.IndexFunc(faults, func(f hub.Fault) bool { return f.Code == code })
	if i < 0 {
		return hub.Fault{}, false
	}
	return faults[i], true
}

// marked are the payments on the voucher with a number, as "day sum type".
func marked(w *enginetest.World, number string) string {
	var list []string
	for _, e := range w.Paid(number) {
		list = append(list, fmt.Sprint(e.PaymentDate, " ", e.PaidAmount, " ", e.Type))
	}
	return strings.Join(list, ", ")
}

// The credit note and its invoice are marked paid against each other, with the same
// sum on the day of the later of the two, once; what is left of the invoice stays open.
func TestOffset(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: offsetting})
		note := enginetest.Credit("1002", "40", "1001")
		note.Date = note.Date.AddDays(2)
		w.Receive(enginetest.Sale("1001", "100"), note)
		w.Settle()
		wantState(t, w, "1002", hub.Done, "") // nothing is left for a person
		o := wantOffset(t, w, hub.Done, "")
		if a, b := marked(w, "1001"), marked(w, "1002"); a != "2026-03-12 50.20 COMPENSATIONINVOICE" || b != "2026-03-12 -50.20 SETOFF" {
			t.Errorf("marked %q and %q", a, b)
		}
		if a, b := w.Vouchers("1001")[0].Status, w.Vouchers("1002")[0].Status; a != "PARTLY_PAID" || b != "MARKED_PAID" {
			t.Errorf("%s, %s", a, b)
		}
		for _, number := range []string{"1001", "1002"} {
			if d := w.Paid(number)[0].Description; !strings.Contains(d, "1002 · vienti:") || !strings.Contains(d, "asku ") {
				t.Errorf("%q", d)
			}
		}
		if got := tasks(t, w); got != "" {
			t.Errorf("tasks: %s", got)
		}
		// The same document again, and a person who tries again, change nothing.
		w.Receive(note)
		if engine.Allowed(&o) != nil {
			t.Errorf("allowed: %v", engine.Allowed(&o))
		}
		w.Settle()
		if n := len(w.Paid("1001")) + len(w.Paid("1002")); n != 2 {
			t.Errorf("%d marks", n)
		}
		// A second credit note takes what is left.
		w.Receive(enginetest.Credit("1003", "60", "1001"))
		w.Settle()
		if got := offsets(w); len(got) != 2 || got[1].State != hub.Done || w.Vouchers("1001")[0].Status != "MARKED_PAID" {
			t.Errorf("%v", got)
		}
	})
}

// Supplier's credit notes are offset as well; their marks have neither description
// nor method.
func TestOffsetPurchase(t *testing.T) {
	for _, kind := range []faulty.Kind{"", faulty.Before, faulty.After} {
		for seq := range 2 {
			var w *enginetest.World
			n := 0
			w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting, Crash: func(p string) {
				if p == "mark_paid/intended" {
					if n == seq && kind != "" {
						w.Sandbox.PlanFault(fault(hub.MarkPaid, kind))
					}
					n++
				}
			}})
			w.Receive(enginetest.Purchase("P1", "100"), purchaseCredit("P2", "100", "P1"))
			w.Settle()
			wantOffset(t, w, hub.Done, "")
			if a, b := marked(w, "P1"), marked(w, "P2"); a != "2026-03-10 125.50 ELSEWHERE" || b != "2026-03-10 -125.50 ELSEWHERE" {
				t.Errorf("%s at mark %d: %q and %q", kind, seq+1, a, b)
			}
		}
	}
}

func purchaseCredit(number, price, credited string) *hub.Document {
	d, p := enginetest.Credit(number, price, credited), enginetest.Purchase(number, price)
	d.Kind, d.SourceID, d.Seller, d.Buyer, d.Payment = p.Kind, p.SourceID, p.Seller, p.Buyer, p.Payment
	return d
}

// What stands in the way leaves the offset to a person, who is told why; nothing is
// marked on either side.
func TestOffsetHeld(t *testing.T) {
	for _, tc := range []struct {
		name     string
		settings func(*hub.Settings)
		credited string
		before   func(w *enginetest.World, invoice int64) // the credit note has come
		state    hub.State
		code     string
		why      string
	}{
		{"unknown invoice", nil, "1009", nil, hub.DoneWithWarning, hub.OffsetByHand, "offset-unknown"},
		{"paid by the bank", nil, "1001", func(w *enginetest.World, id int64) { byBank(w, id, "2026-03-12", "125.5") }, hub.DoneWithWarning, hub.CreditRefund, ""},
		{"paid by hand", nil, "1001", func(w *enginetest.World, id int64) { markByHand(w, id, "2026-03-12", "125.5") }, hub.DoneWithWarning, hub.CreditRefund, ""},
		{"bank is at work", nil, "1001", func(w *enginetest.World, id int64) { byBank(w, id, "2026-03-12", "20") }, hub.DoneWithWarning, hub.OffsetByHand, "offset-bank"},
		{"half by hand", nil, "1001", func(w *enginetest.World, id int64) { markByHand(w, id, "2026-03-10", "50.2") }, hub.Held, hub.PaymentThere, ""},
		{"invoice deleted", nil, "1001", func(w *enginetest.World, id int64) { w.Sandbox.DeleteInvoice(w.Company.ProcountorID, id) }, hub.DoneWithWarning, hub.OffsetByHand, "offset-gone"},
		{"another customer's", nil, "1001", func(w *enginetest.World, id int64) {
			w.Sandbox.EditInvoice(w.Company.ProcountorID, id, func(v *procountortest.Invoice) { v.PartnerID = nil })
		}, hub.DoneWithWarning, hub.OffsetByHand, "offset-other"},
		{"closed period", nil, "1001", func(w *enginetest.World, _ int64) {
			w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
			refresh(w)
		}, hub.Held, hub.PaymentPeriod, ""},
		{"offset by hand", nil, "1001", func(w *enginetest.World, _ int64) { markByHand(w, w.Vouchers("1002")[0].ID, "2026-03-11", "-50.2") }, hub.Linked, hub.OffsetThere, ""},
		{"credit note deleted", nil, "1001", func(w *enginetest.World, _ int64) {
			w.Sandbox.DeleteInvoice(w.Company.ProcountorID, w.Vouchers("1002")[0].ID)
		}, hub.Withdrawn, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { offsetting(s); arriving(hub.ArriveUnfinished)(s) }})
			// Both lie unfinished, so the offset waits; then a person approves them.
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			w.Receive(enginetest.Credit("1002", "40", tc.credited))
			w.Settle()
			invoice, note := w.Vouchers("1001")[0].ID, w.Vouchers("1002")[0].ID
			if tc.credited == "1001" {
				wantOffset(t, w, hub.Waiting, hub.OffsetApproval)
			}
			client, err := w.Engine.Client(t.Context(), w.Company)
			w.Must(err)
			w.Must(client.Invoices.Approve(t.Context(), invoice, ""))
			w.Must(client.Invoices.Approve(t.Context(), note, ""))
			if tc.before != nil {
				tc.before(w, invoice)
			}
			before := len(w.Sandbox.PaymentEvents(w.Company.ProcountorID))
			w.Clock.Add(25 * 3600e9)
			w.Step(t.Context())
			w.Settle()
			o := wantOffset(t, w, tc.state, tc.code)
			if f, _ := findFault(o.Faults, tc.code); f.Args["why"] != tc.why {
				t.Errorf("%v", f)
			}
			if n := len(w.Sandbox.PaymentEvents(w.Company.ProcountorID)); n != before {
				t.Errorf("%d payments, %d before", n, before)
			}
		})
	}
}

func refresh(w *enginetest.World) {
	w.T.Helper()
	_, err := w.Engine.Refresh(w.T.Context(), w.Company.ID)
	w.Must(err)
}

// More credited than is open: what is open is offset, and the rest is the
// customer's money.
func TestOffsetOfPartlyPaid(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Pay(paid("pay", "1001", "2026-03-11", "100"))
	w.Settle()
	w.Receive(enginetest.Credit("1002", "100", "1001"))
	w.Settle()
	o := wantOffset(t, w, hub.DoneWithWarning, hub.CreditRefund)
	if o.Faults[0].Args["amount"] != "100.00" || tasks(t, w) != hub.CreditRefund {
		t.Errorf("%v, tasks %s", o.Faults, tasks(t, w))
	}
	if a, b := marked(w, "1001"), marked(w, "1002"); !strings.HasSuffix(a, "2026-03-10 25.50 COMPENSATIONINVOICE") || b != "2026-03-10 -25.50 SETOFF" {
		t.Errorf("%q and %q", a, b)
	}
}

// The bank has brought part of an invoice, and the credit note takes back just the rest:
// the two are offset, for nothing is left that the bank could bring.
func TestOffsetOfTheRest(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	byBank(w, w.Vouchers("1001")[0].ID, "2026-03-12", "75.3")
	w.Receive(enginetest.Credit("1002", "40", "1001"))
	w.Settle()
	wantOffset(t, w, hub.Done, "")
	if a, b := w.Vouchers("1001")[0].Status, w.Vouchers("1002")[0].Status; a != "PAID" && a != "MARKED_PAID" || b != "MARKED_PAID" {
		t.Errorf("the invoice is %s, the credit note %s", a, b)
	}
}

// Procountor takes the first mark and refuses the second: a person is told which
// half is done, and trying again makes the other half only.
func TestOffsetHalf(t *testing.T) {
	var w *enginetest.World
	n := 0
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting, Crash: func(p string) {
		if p == "mark_paid/intended" {
			if n++; n == 2 {
				w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
			}
		}
	}})
	w.Receive(enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001"))
	w.Settle()
	o := offsets(w)[0]
	f, half := findFault(o.Faults, hub.OffsetHalf)
	if !o.State.NeedsPerson() || !half || f.Args["amount"] != "50.20" || f.Args["credited"] == "" || slices.Contains(engine.Allowed(&o), engine.Skip) {
		t.Fatalf("%s, allowed %v", enginetest.Describe(o), engine.Allowed(&o))
	}
	if a, b := len(w.Paid("1001")), len(w.Paid("1002")); a != 1 || b != 0 {
		t.Errorf("%d and %d marks", a, b)
	}
	w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
	refresh(w)
	w.Must(w.Engine.Act(t.Context(), "aino", o.ID, engine.Retry, ""))
	w.Settle()
	wantOffset(t, w, hub.Done, "")
	if a, b := marked(w, "1001"), marked(w, "1002"); a != "2026-03-10 50.20 COMPENSATIONINVOICE" || b != "2026-03-10 -50.20 SETOFF" {
		t.Errorf("%q and %q", a, b)
	}
}

// A part of the credit note is paid back while it is unclear whether the invoice's half
// stands: the other half would be more than is open by then, and is not made.
func TestPaidBackBetweenTheHalves(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		var w *enginetest.World
		n := 0
		w = world(enginetest.Config{Writing: true, Settings: offsetting, Crash: func(p string) {
			if p == "mark_paid/intended" {
				if n++; n == 1 {
					w.Sandbox.PlanFault(fault(hub.MarkPaid, faulty.After))
					w.Pay(paid("back", "1002", "2026-03-10", "-10"))
				}
			}
		}})
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001"))
		w.Settle()
		wantPayment(t, w, "back", hub.Done, "")
		wantOffset(t, w, hub.Held, hub.PaymentTooMuch)
		if got := marked(w, "1002"); len(w.Paid("1002")) != 1 || !strings.HasPrefix(got, "2026-03-10 -10.00") {
			t.Errorf("on the credit note: %q", got)
		}
	})
}

// The invoice comes after its credit note: the offset goes by itself, when a person
// tries again, or waits for an invoice that is on its way.
func TestOffsetWaitsForInvoice(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
	first := enginetest.NewParty(enginetest.Sale("1001", "100"), 1)
	first.Lines[0].Name = "" // held
	w.Receive(enginetest.NewParty(enginetest.Sale("1000", "1"), 1), first)
	w.Settle()
	w.Receive(enginetest.NewParty(enginetest.Credit("1002", "40", "1001"), 1))
	w.Settle()
	if o := offsets(w)[0]; o.State == hub.Done {
		t.Fatal(enginetest.Describe(o))
	}
	w.Receive(enginetest.NewParty(enginetest.Sale("1001", "100"), 1))
	w.Settle()
	if o := offsets(w)[0]; o.State == hub.DoneWithWarning {
		w.Must(w.Engine.Act(t.Context(), "aino", o.ID, engine.Retry, ""))
		w.Settle()
	}
	wantOffset(t, w, hub.Done, "")
}

// Our own credit note of a voucher that is sent anew is offset against that voucher,
// not against the new one.
func TestOffsetCreditAnew(t *testing.T) {
	w := sentAndChanged(t, enginetest.OnSQLite(t))
	w.SetSettings(with(w.Connection.Settings, func(s *hub.Settings) { s.Offset = hub.OffsetByVienti }))
	old := w.Vouchers("1001")[0]
	answer(t, w, engine.CreditAnew)
	wantState(t, w, "1001", hub.DoneWithWarning, hub.OffsetUnderWay)
	wantOffset(t, w, hub.Done, "")
	for _, v := range w.Vouchers("1001") {
		want := "MARKED_PAID"
		if v.ID != old.ID && !strings.HasPrefix(v.InvoiceRows[0].Quantity.String(), "-") {
			want = "SENT"
		}
		if v.Status != want {
			t.Errorf("voucher %d: %s, want %s", v.ID, v.Status, want)
		}
	}
}

// In SQL: the credit note's side is begun only when the invoice's is there, for the
// same sum on the same day, and a credit note has one offset.
func TestOffsetLaw(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: offsetting})
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001"))
		w.Settle()
		o := wantOffset(t, w, hub.Done, "")
		other := hub.OffsetPair{Company: w.Company.ID, Connection: w.Connection.ID, Document: w.Transfer("1002").Subject, Note: 7_001, Invoice: 7_002}
		w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
			pair, err := tx.OffsetPair(o.Subject)
			w.Must(err)
			if made, err := tx.AddOffset(&pair); made || err != nil {
				t.Errorf("a second offset of a credit note: %v, %v", made, err)
			}
			_, err = tx.AddOffset(&other)
			return err
		}))
		mark := func(side hub.MarkSide, invoice, event int64, state hub.MarkState, day, amount string) error {
			return w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.OpenMark(hub.PaymentMark{Company: w.Company.ID, Payment: other.ID, Side: side, InvoiceID: invoice, EventID: event, State: state, Date: day, Amount: amount})
			})
		}
		for _, c := range []struct {
			side    hub.MarkSide
			invoice int64
			day     string
			amount  string
			ok      bool
			state   hub.MarkState
		}{
			{hub.NoteSide, 7_001, "2026-03-10", "-10", false, hub.MarkIntended}, // before the invoice's
			{hub.InvoiceSide, 7_001, "2026-03-10", "10", false, hub.MarkIntended},
			{"", 7_002, "2026-03-10", "10", false, hub.MarkIntended},
			{hub.InvoiceSide, 7_002, "2026-03-10", "10", true, hub.MarkLiving},
			{hub.InvoiceSide, 7_002, "2026-03-10", "10", false, hub.MarkIntended}, // twice
			{hub.NoteSide, 7_001, "2026-03-10", "-11", false, hub.MarkIntended},
			{hub.NoteSide, 7_001, "2026-03-10", "10", false, hub.MarkIntended},
			{hub.NoteSide, 7_001, "2026-03-11", "-10", false, hub.MarkIntended},
			{hub.NoteSide, 7_001, "2026-03-10", "-10", true, hub.MarkIntended},
		} {
			if err := mark(c.side, c.invoice, 99, c.state, c.day, c.amount); (err == nil) != c.ok {
				t.Errorf("%+v: %v", c, err)
			}
		}
	})
}

// The engine dies at every point of either mark, alone and together with an answer
// that was lost: in the end both sides are marked once, with equal and opposite sums.
func TestOffsetCrash(t *testing.T) {
	for nth := 1; nth <= 2; nth++ {
		for _, point := range []string{"intended", "sent", "recorded", "looked"} {
			for _, lost := range []faulty.Kind{faulty.None, faulty.Before, faulty.After} {
				if point == "looked" && lost == faulty.None {
					continue
				}
				t.Run(fmt.Sprintf("mark %d/%s/%s", nth, point, lost), func(t *testing.T) {
					t.Parallel()
					for _, purchase := range []bool{false, true} {
						var w *enginetest.World
						intents, crashed := 0, false
						w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting, Crash: func(p string) {
							if p == "mark_paid/intended" {
								if intents++; intents == nth && lost != faulty.None {
									w.Sandbox.PlanFault(fault(hub.MarkPaid, lost))
								}
							}
							if p == "mark_paid/"+point && intents == nth && !crashed {
								crashed = true
								panic(enginetest.Crash(p))
							}
						}})
						invoice, note := enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001")
						if purchase {
							invoice, note = enginetest.Purchase("1001", "100"), purchaseCredit("1002", "40", "1001")
						}
						w.Receive(invoice, note)
						w.Settle()
						wantOffset(t, w, hub.Done, "")
						a, b := w.Paid("1001"), w.Paid("1002")
						if len(a) != 1 || len(b) != 1 || a[0].PaidAmount.String() != "50.20" || b[0].PaidAmount.String() != "-50.20" || !crashed {
							t.Errorf("purchase %v, crashed %v: %q and %q", purchase, crashed, marked(w, "1001"), marked(w, "1002"))
						}
					}
				})
			}
		}
	}
}

// A credit note in another currency takes the rate of the invoice that it takes
// back, whatever its source says: the two are offset without a difference.
func TestCreditNoteRate(t *testing.T) {
	for _, stated := range []string{"", "9.5"} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
		inCurrency := func(d *hub.Document, rate string) *hub.Document {
			d.Currency = "SEK"
			if rate != "" {
				d.Rate = new(money.Must(rate))
			}
			return d
		}
		w.Receive(inCurrency(enginetest.Sale("1001", "100"), "11.25"))
		w.Settle()
		w.Receive(inCurrency(enginetest.Credit("1002", "40", "1001"), stated))
		w.Settle()
		wantState(t, w, "1002", hub.Done, "")
		if v := w.Vouchers("1002"); len(v) != 1 || v[0].PaymentInfo.CurrencyRate.String() != "11.25" {
			t.Errorf("stated %q: %+v", stated, v)
		}
		wantOffset(t, w, hub.Done, "")
		if w.Paid("1001")[0].Amount.String() != strings.TrimPrefix(w.Paid("1002")[0].Amount.String(), "-") {
			t.Errorf("%v and %v", w.Paid("1001")[0].Amount, w.Paid("1002")[0].Amount)
		}
	}
}

// A credit note says number and date of its invoice where the customer reads it, and
// in the internal notes.
func TestCreditNoteText(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
	w.Receive(enginetest.Credit("1002", "40", "1001"))
	w.Settle()
	v := w.Vouchers("1002")[0]
	if want := "Hyvitetty lasku 1001, päivätty 10.3.2026"; !strings.HasPrefix(v.AdditionalInformation, want) || !strings.HasPrefix(v.Notes, want) {
		t.Errorf("%q, %q", v.AdditionalInformation, v.Notes)
	}
}

// Payments on an invoice that is credited and sent anew, or beside which another is
// sent, stay where they are, and a person is told which and where.
func TestPaymentsLeft(t *testing.T) {
	for _, a := range []engine.Action{engine.CreditAnew, engine.SendBeside} {
		for _, who := range []hub.Settling{hub.OffsetByPerson, hub.OffsetByVienti} {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
			w.SetSettings(with(w.Connection.Settings, func(s *hub.Settings) { paying(s); sending(s); s.Offset = who }))
			w.Receive(enginetest.Sale("1001", "100"))
			w.Pay(paid("pay", "1001", "2026-03-12", "50"))
			w.Settle()
			byBank(w, w.Vouchers("1001")[0].ID, "2026-03-13", "20")
			w.Receive(enginetest.Sale("1001", "120"))
			w.Settle()
			answer(t, w, a)
			tr := wantState(t, w, "1001", hub.DoneWithWarning, "")
			f, told := findFault(tr.Faults, hub.PaymentsLeft)
			if !told || f.Args["payments"] != "50.00 (2026-03-12), 20.00 (2026-03-13)" || f.Args["amount"] != "70.00" || f.Args["number"] != "1" {
				t.Errorf("%s, %s: %v", a, who, tr.Faults)
			}
			if !strings.Contains(tasks(t, w), hub.PaymentsLeft) {
				t.Errorf("tasks: %s", tasks(t, w))
			}
		}
	}
}

// What only other content of the document mends is not offered to be tried again.
func TestNoRetryOfTheSame(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	d := enginetest.Sale("1001", "100")
	d.Lines[0].Name = ""
	closed := enginetest.Sale("1002", "100")
	w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-02")
	closed.Date = closed.Date.AddDays(-25)
	refresh(w)
	w.Receive(d, closed)
	w.Settle()
	tr := wantState(t, w, "1001", hub.Held, hub.RowNameMissing)
	if got := engine.Allowed(&tr); slices.Contains(got, engine.Retry) || !slices.Contains(got, engine.Skip) {
		t.Errorf("allowed: %v", got)
	}
	other := wantState(t, w, "1002", hub.Held, hub.PeriodClosed)
	if got := engine.Allowed(&other); !slices.Contains(got, engine.Retry) {
		t.Errorf("allowed: %v", got)
	}
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
}

// A credit note that was in Procountor before us is offset as well, where both
// sides are known.
func TestLinkedCreditNoteIsOffset(t *testing.T) {
	for _, ours := range []bool{true, false} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: offsetting})
		sale, note := enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001")
		if !ours {
			w.Foreign(sale)
		} else {
			w.Receive(sale)
			w.Settle()
		}
		w.Foreign(note)
		for _, n := range []string{"1001", "1002"} {
			w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, w.Vouchers(n)[0].ID, "APPROVED")
		}
		w.Clock.Add(2 * time.Minute)
		w.Receive(sale, note)
		w.Settle()
		wantState(t, w, "1002", hub.Linked, hub.LinkedThere)
		wantOffset(t, w, hub.Done, "")
		if a, b := marked(w, "1001"), marked(w, "1002"); a != "2026-03-10 50.20 COMPENSATIONINVOICE" || b != "2026-03-10 -50.20 SETOFF" {
			t.Errorf("%q and %q", a, b)
		}
		for _, err := range w.AuditOffsets(true) {
			t.Error(err)
		}
	}
}
