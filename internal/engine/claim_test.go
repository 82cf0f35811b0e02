package engine_test

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor/procountortest"
)

// cards are worlds in which claims are approved and cards have clearing accounts.
func cards(s *hub.Settings) {
	enginetest.Travels(s, hub.ArriveApproved)
	s.Cards = map[string]string{hub.AnyCard: "2950"}
}

// mixed is a claim of own money, 93.20, with what a card has paid: a hotel on the 3rd and
// two taxis on the 5th.
func mixed(number string) *hub.Document {
	d := enginetest.Claim(number, "20.00")
	total := *d.Totals.Gross
	bought := func(name, price, day string) {
		one, p := money.FromInt(1), money.Must(price)
		d.Lines = append(d.Lines, hub.Line{Name: name, Code: "MAJ", Quantity: &one, Unit: "kpl", UnitPrice: &p, VATPercent: money.Must("13.5"),
			PaidWith: hub.PaidCard, Card: "1234", Period: civil.Period{First: civil.Must(day), Last: civil.Must(day)}})
		total = total.Add(p)
	}
	bought("Hotelli", "180.00", "2026-03-03")
	bought("Taksi", "15.50", "2026-03-05")
	bought("Taksi takaisin", "14.50", "2026-03-05")
	d.Totals.Gross = &total
	return d
}

// reversing is the account on which the other side of a voucher stands.
func reversing(w *enginetest.World, v procountortest.Invoice) string {
	w.T.Helper()
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if v.LedgerReceiptID != nil && r.ID == *v.LedgerReceiptID {
			for _, e := range r.Transactions {
				if e.TransactionType == "REVERSING_ENTRY" {
					return e.Account
				}
			}
		}
	}
	w.T.Fatalf("voucher %d has no other side", v.ID)
	return ""
}

// Own money is approved, and nobody marks it paid; what a card has paid is a voucher for
// each day, on the card's clearing account, and marked paid on that day: whatever the
// settings say of payments otherwise.
func TestClaimByCard(t *testing.T) {
	feature.Covers(t, "T-50", "T-51", "T-52", "T-53", "T-54")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: cards})
		if rc := w.Receive(mixed("M-1")); len(rc) != 1 || rc[0].Number != "M-1" {
			t.Fatalf("%+v", rc)
		}
		w.Settle()
		wantState(t, w, "M-1", hub.Done, "")
		own := w.Vouchers("M-1")
		if len(own) != 1 || own[0].Status != "APPROVED" || own[0].InvoiceSumInfo[0].InvoiceSumTotal.String() != "93.20" || own[0].PaymentInfo.BankAccount.AccountNumber != "FI1350001520000081" ||
			len(w.Paid("M-1")) != 0 || reversing(w, own[0]) == "2950" {
			t.Errorf("%+v", own)
		}
		for day, sum := range map[string]string{"2026-03-03": "180.00", "2026-03-05": "30.00"} {
			n := "M-1/" + day + "/1234"
			wantState(t, w, n, hub.Done, "")
			wantPayment(t, w, "travel_invoice/M-1/card/1234/"+day+"/paid", hub.Done, "")
			v, events := w.Vouchers(n), w.Paid(n)
			if len(v) != 1 || v[0].Status != "MARKED_PAID" || v[0].Date != day || v[0].PaymentInfo.BankAccount != nil || reversing(w, v[0]) != "2950" ||
				*v[0].PartnerID != *own[0].PartnerID || len(events) != 1 || events[0].PaymentDate != day || events[0].PaidAmount.String() != sum {
				t.Errorf("%s: %+v %+v", n, v, events)
			}
		}
		// The same once more is the same.
		w.Receive(mixed("M-1"))
		w.Settle()
		if n := len(w.Sandbox.Invoices(w.Company.ProcountorID)); n < 3 || len(w.Paid("M-1/2026-03-05/1234")) != 1 {
			t.Errorf("%d invoices", n)
		}
	})
}

// A row by card without the day of the purchase is held with that day to fill, and so is a
// card without a clearing account; filled in, the claim goes on and the part that had no
// day is withdrawn.
func TestClaimCardHeld(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { cards(s); s.Cards = nil }})
	d := mixed("M-1")
	d.Lines[2].Period = civil.Period{}
	f, err := w.Engine.Check(t.Context(), w.Connection.ID, engine.Incoming{Document: d})
	w.Must(err)
	if !slices.ContainsFunc(f.Faults, func(f hub.Fault) bool { return f.Code == hub.CardDay && f.Path == "lines[2].period" }) || f.State != hub.Held {
		t.Errorf("forecast %s %+v", f.State, f.Faults)
	}
	w.Receive(d)
	w.Settle()
	wantState(t, w, "M-1", hub.Done, "")
	wantState(t, w, "M-1/2026-03-05/1234", hub.Held, hub.CardAccountMissing)
	if tr := wantState(t, w, "M-1//1234", hub.Held, ""); !slices.ContainsFunc(tr.Faults, func(f hub.Fault) bool { return f.Code == hub.CardDay && f.Args["card"] == "1234" }) {
		t.Errorf("%+v", tr.Faults)
	}
	s := w.Connection.Settings
	s.Cards = map[string]string{"1234": "2950"}
	w.SetSettings(s)
	w.Settle()
	wantState(t, w, "M-1/2026-03-05/1234", hub.Done, "")
	wantState(t, w, "M-1//1234", hub.Held, hub.CardDay)
	w.Receive(mixed("M-1"))
	w.Settle()
	wantState(t, w, "M-1//1234", hub.Withdrawn, hub.ClaimPartGone)
	wantState(t, w, "M-1/2026-03-03/1234", hub.Done, "")
}

// A part that the claim does not have any more, and that stands in Procountor, is held for
// a person, and its payment says that it stands; when the row is back, so is the part.
func TestClaimPartGone(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: cards})
	w.Receive(mixed("M-1"))
	w.Settle()
	d := enginetest.Claim("M-1", "20.00")
	w.Receive(d)
	w.Settle()
	wantState(t, w, "M-1/2026-03-03/1234", hub.Held, hub.ClaimPartGone)
	wantPayment(t, w, "travel_invoice/M-1/card/1234/2026-03-03/paid", hub.DoneWithWarning, hub.PaymentChangedLater)
	if v := w.Vouchers("M-1/2026-03-03/1234"); len(v) != 1 {
		t.Errorf("%+v", v)
	}
	w.Receive(mixed("M-1"))
	w.Settle()
	wantState(t, w, "M-1/2026-03-03/1234", hub.Done, "")
	if v := w.Vouchers("M-1/2026-03-03/1234"); len(v) != 1 || len(w.Paid("M-1/2026-03-03/1234")) != 1 {
		t.Errorf("%+v", v)
	}
}

// The answer to any write of a part is lost: one voucher and one payment all the same.
func TestClaimByCardUnclear(t *testing.T) {
	for _, path := range []string{"/invoices", "/ledgerreceipts", "*/markpaid", "*/approve"} {
		for _, kind := range []faulty.Kind{faulty.Before, faulty.After} {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: cards})
			w.Sandbox.PlanFault(faulty.Rule{Write: true, Path: path, Times: 2, Fault: faulty.Fault{Kind: kind}})
			w.Receive(mixed("M-1"))
			w.Settle()
			for _, day := range []string{"2026-03-03", "2026-03-05"} {
				n := "M-1/" + day + "/1234"
				if v := w.Vouchers(n); len(v) != 1 || v[0].Status != "MARKED_PAID" || len(w.Paid(n)) != 1 || reversing(w, v[0]) != "2950" {
					t.Errorf("%s %s %s: %+v", path, kind, n, v)
				}
			}
		}
	}
}

// Wherever the engine dies over what a card has paid, one voucher and one payment are
// there in the end.
func TestClaimByCardCrashes(t *testing.T) {
	for _, kind := range []hub.StepKind{hub.PutReceipt, hub.MarkPaid} {
		for _, point := range []string{"intended", "sent", "recorded"} {
			crashed := 0
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: cards, Crash: func(p string) {
				if p == string(kind)+"/"+point && crashed < 2 {
					crashed++
					panic(enginetest.Crash(p))
				}
			}})
			w.Receive(mixed("M-1"))
			w.Settle()
			for _, day := range []string{"2026-03-03", "2026-03-05"} {
				n := "M-1/" + day + "/1234"
				if v := w.Vouchers(n); len(v) != 1 || v[0].Status != "MARKED_PAID" || len(w.Paid(n)) != 1 || reversing(w, v[0]) != "2950" || crashed == 0 {
					t.Errorf("%s at %s, %s: %d crashes, %+v", kind, point, n, crashed, v)
				}
			}
		}
	}
}

// Receipts that would be more than Procountor takes as one PDF go one by one, and the
// document says so.
func TestClaimTooLargeAsOne(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: cards})
	d := enginetest.Claim("M-1", "20.00")
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, name := range []string{"a.png", "b.png", "c.png"} {
		img := image.NewGray(image.Rect(0, 0, 2000, 1900))
		for i := range img.Pix {
			img.Pix[i] = byte(rnd.Uint32())
		}
		var b bytes.Buffer
		w.Must(png.Encode(&b, img))
		d.Attachments = append(d.Attachments, hub.Attachment{Name: name, MIME: "image/png", Size: int64(b.Len()), Hash: hub.HashOf(b.Bytes()), Content: b.Bytes()})
	}
	w.Receive(d)
	w.Settle()
	if tr := wantState(t, w, "M-1", hub.DoneWithWarning, hub.JoinedTooLarge); tr.Faults[0].Args["limit"] != "10000000" {
		t.Errorf("%+v", tr.Faults)
	}
	if there := w.Vouchers("M-1")[0].Attachments; len(there) != 3 {
		t.Errorf("%+v", there)
	}
}
