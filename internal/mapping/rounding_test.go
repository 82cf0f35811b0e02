package mapping_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// genDocument makes sales invoices as sources send them: rows in the decimals of
// real life, totals rounded by row or by rate, some of the time with discounts
// and allowances.
func genDocument(t *rapid.T) *hub.Document {
	var d hub.Document
	if err := json.Unmarshal([]byte(genericSale), &d); err != nil {
		t.Fatal(err)
	}
	d.GrossPrices = rapid.Bool().Draw(t, "gross prices")
	d.CreditNote = rapid.IntRange(0, 4).Draw(t, "credit") == 0
	sign := money.FromInt(1)
	if d.CreditNote {
		sign = money.FromInt(-1)
	}
	decimal := func(label string, most int, decimals int) money.Amount {
		n := rapid.IntRange(1, most).Draw(t, label)
		a := money.FromInt(int64(n))
		for range decimals {
			a = a.Mul(money.Must("0.1"))
		}
		return a
	}
	perRow := rapid.Bool().Draw(t, "source rounds by row")
	d.Lines = nil
	type group struct{ net, vat, gross money.Amount }
	sums := map[string]money.Amount{}
	var total group
	split := func(sum money.Amount, percent money.Amount) group {
		sum = sum.RoundHalfUp(2)
		if d.GrossPrices {
			v := sum.Mul(percent).QuoHalfUp(money.Hundred.Add(percent), 2)
			return group{sum.Sub(v), v, sum}
		}
		v := sum.Percent(percent).RoundHalfUp(2)
		return group{sum, v, sum.Add(v)}
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "rows") {
		q := decimal("quantity", 4_000, rapid.IntRange(0, 3).Draw(t, "quantity decimals")).Mul(sign)
		p := decimal("price", 900_000, rapid.IntRange(0, 4).Draw(t, "price decimals"))
		pct := money.Must(rapid.SampledFrom([]string{"25.5", "13.5", "10", "0"}).Draw(t, "percent"))
		l := hub.Line{Name: fmt.Sprintf("Row %d", i), Quantity: &q, UnitPrice: &p, Unit: "kpl", VATPercent: pct,
			Account: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "account")}
		if pct.IsZero() {
			l.VATCategory = "E"
		}
		whole := q.Mul(p)
		if rapid.IntRange(0, 2).Draw(t, "discounted") == 0 {
			l.DiscountPercent = decimal("discount", 9999, 2)
			whole = whole.Sub(whole.Percent(l.DiscountPercent))
		}
		if whole.Abs().Cmp(money.FromInt(10)) >= 0 && rapid.IntRange(0, 3).Draw(t, "charged") == 0 {
			a := hub.Allowance{Charge: rapid.Bool().Draw(t, "charge"), Amount: decimal("allowance", 1000, 2)}
			l.Allowances = append(l.Allowances, a)
			effect := a.Amount.Mul(sign)
			if !a.Charge {
				effect = effect.Neg()
			}
			whole = whole.Add(effect)
		}
		stated := whole.RoundHalfUp(2)
		if rapid.Bool().Draw(t, "states row sum") {
			if d.GrossPrices {
				l.Gross = &stated
			} else {
				l.Net = &stated
			}
		}
		d.Lines = append(d.Lines, l)
		sums[pct.String()] = sums[pct.String()].Add(stated)
		if perRow {
			g := split(stated, pct)
			total = group{total.net.Add(g.net), total.vat.Add(g.vat), total.gross.Add(g.gross)}
		}
	}
	if !perRow {
		for pct, sum := range sums {
			g := split(sum, money.Must(pct))
			total = group{total.net.Add(g.net), total.vat.Add(g.vat), total.gross.Add(g.gross)}
		}
	}
	d.Totals = hub.Totals{Net: &total.net, VAT: &total.vat, Gross: &total.gross}
	return &d
}

const genericSale = `{"kind": "sales_invoice", "source_id": "1", "number": "1", "date": "2026-03-02", "due_date": "2026-03-16", "currency": "EUR",
 "seller": {"name": "Esimerkkipaja Oy", "business_id": "1234567-1"}, "buyer": {"name": "Kuvitelma Kauppa Oy", "business_id": "2345678-0"},
 "payment": {"reference": "1232"}}`

// balanced puts the posting of a saved invoice on its ledger receipt. It must
// balance, VAT included, with at most a cent per rate evened out, and every row
// must stand on its own account.
func balanced(t *rapid.T, c *procountor.Client, saved *procountor.Invoice, p hub.Posting) {
	ctx := context.Background()
	read, err := c.LedgerReceipts.Get(ctx, saved.LedgerReceiptID)
	if err != nil {
		t.Fatal(err)
	}
	body, faults := mapping.Receipt(read, p)
	if body == nil || hub.Stops(faults) {
		t.Fatalf("the receipt cannot be put: %+v", faults)
	}
	var put procountor.LedgerReceipt
	if err := json.Unmarshal(body, &put); err != nil {
		t.Fatal(err)
	}
	r, err := c.LedgerReceipts.Update(ctx, &put)
	if err != nil {
		t.Fatalf("the receipt is refused: %v", err)
	}
	sum, evened, rates := money.Zero, money.Zero, map[string]bool{}
	var on []string
	for _, e := range r.Transactions {
		value, percent := money.Must(e.AccountingValue.String()), money.Must(e.VATPercent.String())
		sum = sum.Add(value).Add(value.Percent(percent).RoundHalfUp(2))
		switch e.TransactionType {
		case procountor.ReconciliationEntry:
			evened = evened.Add(value.Abs())
		case procountor.Entry:
			rates[percent.String()] = true
			on = append(on, e.Account)
		}
	}
	if !sum.IsZero() {
		t.Fatalf("the receipt is out of balance by %s", sum)
	}
	if told := len(faults) > 0; told != (evened.Cmp(money.Cents(int64(len(rates)))) > 0) {
		t.Fatalf("%s is evened out for %d rows at %d rates, and a person is told: %v", evened, len(on), len(rates), told)
	}
	for i, line := range p.Lines {
		if on[i] != line.Account {
			t.Fatalf("row %d stands on %s instead of %s", i, on[i], line.Account)
		}
	}
}

var roundingInvoices = flag.Int("rounding-invoices", 100, "how many random invoices each way of rounding is tried with")

const (
	// perSandbox is how many invoices one sandbox is given: one that holds more
	// answers slower.
	perSandbox = 1_000
	// ofReceipts: one in so many has its ledger receipt put, which costs two
	// requests more, when there are more of them than a sandbox is given.
	ofReceipts = 10
)

// Whatever rounding Procountor has, every plan is accepted, and where the saved
// totals are not the source's, Compare says so, to the cent. With the policy of
// a rounding row the second attempt comes to the source's gross, or holds. Posted by
// the account map, every ledger receipt balances.
func TestEveryRounding(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	t.Cleanup(func() { _ = checks.Value.Set(before) })
	for _, mode := range []procountortest.Rounding{procountortest.PerRate, procountortest.PerRow, procountortest.PerInvoice} {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			planned, differed, rows, held := 0, 0, 0, 0
			for left := *roundingInvoices; left > 0 && !t.Failed(); left -= perSandbox {
				if err := checks.Value.Set(strconv.Itoa(min(left, perSandbox))); err != nil {
					t.Fatal(err)
				}
				every := 1
				if *roundingInvoices > perSandbox {
					every = ofReceipts
				}
				p, d, r, h := roundingsOf(t, mode, every)
				planned, differed, rows, held = planned+p, differed+d, rows+r, held+h
			}
			if held > 1+rows/1000 {
				t.Errorf("%d of %d rounding rows even nothing out", held, rows)
			}
			t.Logf("%d of %d invoices came out otherwise than the source has them; none was left unsaid; %d of %d rounding rows left a difference, which holds", differed, planned, held, rows)
		})
	}
}

// roundingsOf tries random invoices on a new sandbox, as many as rapid is set to,
// and the receipt of one in every. It returns how many were posted, how many of them
// came out otherwise, how many got a rounding row, and how many of those are held
// all the same.
func roundingsOf(t *testing.T, mode procountortest.Rounding, every int) (planned, differed, rows, held int) {
	srv := procountortest.New(procountortest.Options{Rounding: mode, RejectUnknownFields: true, Now: func() time.Time { return today.In(time.UTC) }})
	defer srv.Close()
	demo := srv.Demo()
	c, err := procountor.New(procountor.Options{BaseURL: procountortest.BaseURL, HTTP: srv.Client(), ClientID: demo.ClientID, ClientSecret: demo.ClientSecret, APIKey: demo.APIKey})
	if err != nil {
		t.Fatal(err)
	}
	registers := readRegisters(t, c)
	settings := testSettings()
	sales := settings.Kinds[hub.SalesInvoice]
	sales.Posting = hub.PostedByMap
	settings.Kinds[hub.SalesInvoice] = sales
	settings.Accounts = []hub.AccountRule{{Source: "a", Sales: true, Account: "3010"}, {Source: "b", Sales: true, Account: "3020"}, {Sales: true, Account: "3600"}}
	var partner int64
	for _, p := range srv.Partners(demo.CompanyID) {
		if p.Type == "CUSTOMER" {
			partner = p.ID
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := mapping.Input{
			Company:    hub.Company{Name: "Esimerkkipaja Oy", BusinessID: "1234567-1", Country: "FI", Currency: "EUR"},
			Connection: hub.Connection{System: "Test", Settings: settings}, Document: genDocument(rt), Registers: &registers, Today: today,
			Partner: &register.Partner{ID: partner},
		}
		plan, faults := mapping.Make(in)
		if plan == nil {
			rt.Fatalf("an honest document is held: %+v", faults)
		}
		planned++
		post := func(inv procountor.Invoice) *procountor.Invoice {
			saved, err := c.Invoices.Create(context.Background(), &inv)
			if err != nil {
				rt.Fatal(err)
			}
			return saved
		}
		meant := *plan.Steps[0].Detail.Meant
		saved := post(*plan.Steps[0].Invoice)
		if planned%every == 0 {
			balanced(rt, c, saved, *plan.Steps[1].Detail.Posting)
		}
		hold := mapping.Compare(meant, saved, hub.Difference{Policy: hub.HoldDifference})
		sums := saved.InvoiceSumInfo[0]
		same := sums.InvoiceSumTotal.Cmp(procountor.MustParseDecimal(meant.Gross)) == 0 &&
			sums.ExcludingVATTotal.Cmp(procountor.MustParseDecimal(meant.Net)) == 0 && sums.VATSumTotal.Cmp(procountor.MustParseDecimal(meant.VAT)) == 0
		if same != (len(hold) == 0) {
			rt.Fatalf("meant %+v, saved %+v, and Compare says %+v", meant, sums, hold)
		}
		if same {
			return
		}
		differed++
		if !hub.Stops(hold) {
			rt.Fatalf("a difference under hold does not stop: %+v", hold)
		}
		if accept := mapping.Compare(meant, saved, hub.Difference{Policy: hub.AcceptDifference, Cents: 100}); hub.Stops(accept) {
			rt.Fatalf("a difference of cents is not accepted: %+v", accept)
		}
		row := hub.Difference{Policy: hub.RowForDifference}
		for _, f := range mapping.Compare(meant, saved, row) {
			if f.Warning || f.Path != "totals.gross" {
				continue
			}
			inv, _, err := mapping.RoundingRow(*plan.Steps[0].Invoice, money.Must(f.Args["difference"]), in)
			if err != nil {
				rt.Fatal(err)
			}
			meant.Rows++
			rows++
			if left := mapping.Compare(meant, post(inv), row); hub.Stops(left) {
				held++ // to the half cent: the row itself tips the rounding; a person looks
			}
		}
	})
	return planned, differed, rows, held
}
