package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor/procountortest"
)

// However Procountor rounds and however the source does: the saved totals are the
// source's to the cent, or a person is told. Under "row" the gross is made equal;
// under "accept" at most so many cents pass; under "hold" none. What is held is
// never approved.
func TestNeverSilentlyDifferent(t *testing.T) {
	roundings := map[string]procountortest.Rounding{"per rate": procountortest.PerRate, "per row": procountortest.PerRow, "per invoice": procountortest.PerInvoice}
	met := map[hub.State]int{}
	for name, rounding := range roundings {
		for _, policy := range []hub.DifferencePolicy{hub.AcceptDifference, hub.RowForDifference, hub.HoldDifference} {
			t.Run(fmt.Sprintf("%s/%s", name, policy), func(t *testing.T) {
				const cents = 1
				w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Sandbox: procountortest.Options{Rounding: rounding}, Settings: func(s *hub.Settings) {
					arriving(hub.ArriveApproved)(s)
					s.Difference = hub.Difference{Policy: policy, Cents: cents}
				}})
				rng := rand.New(rand.NewPCG(7, 7))
				var docs []*hub.Document
				for i := range 24 {
					var prices []string
					for range 1 + rng.IntN(6) {
						prices = append(prices, fmt.Sprintf("%d.%02d", rng.IntN(3), 1+rng.IntN(99)))
					}
					d := enginetest.Rows(enginetest.Sale(fmt.Sprint(2000+i), "1"), prices...)
					if i%2 == 1 {
						byRow(d)
					}
					docs = append(docs, d)
				}
				w.Receive(docs...)
				w.Settle()
				for _, tr := range w.Transfers() {
					if tr.State == hub.Held { // trying again makes no difference right
						w.Must(w.Engine.Act(t.Context(), "test", tr.ID, engine.Retry, ""))
					}
				}
				w.Settle()
				for _, d := range docs {
					tr := w.Transfer(d.Number)
					met[tr.State]++
					v := w.Vouchers(d.Number)
					if len(v) != 1 {
						t.Fatalf("%s: %d vouchers, %s", d.Number, len(v), enginetest.Describe(tr))
					}
					sums := v[0].InvoiceSumInfo[0]
					net, vat, gross := money.Must(sums.ExcludingVatTotal.String()), money.Must(sums.VATSumTotal.String()), money.Must(sums.InvoiceSumTotal.String())
					off := gross.Sub(*d.Totals.Gross).Abs()
					same := net.Equal(*d.Totals.Net) && vat.Equal(*d.Totals.VAT) && off.IsZero()
					told := false
					for _, f := range tr.Faults {
						told = told || f.Code == hub.TotalsDiffer
					}
					switch tr.State {
					case hub.Done:
						if !same {
							t.Errorf("%s is done with %s + %s = %s instead of %s + %s = %s", d.Number, net, vat, gross, d.Totals.Net, d.Totals.VAT, d.Totals.Gross)
						}
					case hub.DoneWithWarning:
						if !told || policy == hub.HoldDifference || policy == hub.RowForDifference && !off.IsZero() || off.Cmp(money.Cents(cents)) > 0 {
							t.Errorf("%s is off by %s under %s: %s", d.Number, off, policy, enginetest.Describe(tr))
						}
					case hub.Held:
						if !told || same || v[0].Status != "UNFINISHED" || policy == hub.RowForDifference {
							t.Errorf("%s is held, voucher %s, off by %s: %s", d.Number, v[0].Status, off, enginetest.Describe(tr))
						}
					default:
						t.Error(enginetest.Describe(tr))
					}
				}
			})
		}
	}
	for _, s := range []hub.State{hub.Done, hub.DoneWithWarning, hub.Held} {
		if met[s] == 0 {
			t.Errorf("no document came to be %s: the test shows nothing", s)
		}
	}
}

// byRow makes the totals of a source that rounds the VAT of each row.
func byRow(d *hub.Document) {
	vat := money.Zero
	for _, l := range d.Lines {
		vat = vat.Add(l.Net.Percent(l.VATPercent).RoundHalfUp(2))
	}
	gross := d.Totals.Net.Add(vat)
	d.Totals.VAT, d.Totals.Gross = &vat, &gross
}

// A voucher with a rounding row is not held for that row when it is looked at again.
func TestRoundingRowLasts(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Sandbox: procountortest.Options{Rounding: procountortest.PerRow}, Settings: func(s *hub.Settings) {
		arriving(hub.ArriveApproved)(s)
		s.Difference.Policy = hub.RowForDifference
	}})
	d := enginetest.Rows(enginetest.Sale("1001", "1"), "0.02", "0.02", "0.02")
	w.Sandbox.PlanFault(faulty.Rule{Path: "*/approve", Times: 1, Fault: faulty.Fault{Kind: procountortest.FaultTooMany}})
	w.Receive(d)
	w.Settle()
	wantState(t, w, "1001", hub.DoneWithWarning, hub.TotalsDiffer)
	v := w.Vouchers("1001")
	if len(v) != 1 || len(v[0].InvoiceRows) != 4 || v[0].Status != "APPROVED" {
		t.Errorf("vouchers %v", v)
	}
}
