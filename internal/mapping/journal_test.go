package mapping_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
)

// journalInput is a golden case at journal level.
func journalInput(t *testing.T, file string) mapping.Input {
	t.Helper()
	in := readCase(t, "testdata/"+file+".txtar", worlds(t)).in
	s := &in.Connection.Settings
	s.Level, s.Journal = hub.JournalLevel, hub.JournalSettings{Receivables: "1700", Payables: "2880"}
	if len(s.Accounts) == 0 {
		s.Accounts = []hub.AccountRule{{Sales: true, Account: "3000"}, {Purchases: true, Account: "4000"}}
	}
	return in
}

func entryText(e hub.Entry) string {
	s := fmt.Sprintf("%s %s %s%% %d", e.Account, e.Amount.Fixed(2), e.VATPercent, e.VATStatus)
	if e.Deduction != "" {
		s += " deducted " + e.Deduction
	}
	for _, d := range e.Dimensions {
		s += " " + d.Name
	}
	return s
}

func entryTexts(list []hub.Entry) (out []string) {
	for _, e := range list {
		out = append(out, entryText(e))
	}
	return out
}

// What a document becomes in a journal: what is owed on one side with its sign,
// the rows by the account map on the other.
func TestJournaled(t *testing.T) {
	for _, tc := range []struct {
		file  string
		want  []string
		alone bool
	}{
		{"sale_domestic", []string{"1700 1129.50 0% 12", "3000 -900.00 25.5% 1"}, false},
		{"sale_eu_goods", []string{"1700 1000.00 0% 12", "3000 -1000.00 0% 5"}, true},
		{"purchase_domestic", nil, false},
		{"sale_credit_note", nil, false},
		{"sale_construction", nil, false},
		{"posted_dimensions", nil, false},
		{"posted_gross_prices", nil, false},
	} {
		in := journalInput(t, tc.file)
		p, faults := mapping.Journaled(in)
		if p == nil {
			t.Errorf("%s: %v", tc.file, faults)
			continue
		}
		got := entryTexts(p.Entries)
		if tc.want != nil && !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", tc.file, got)
		}
		if p.Alone != tc.alone {
			t.Errorf("%s: alone %v", tc.file, p.Alone)
		}
		if left := mapping.Left(p.Entries); left.Abs().Cmp(p.Limit) > 0 {
			t.Errorf("%s: %s is left over", tc.file, left)
		}
		debit := p.Entries[0].Amount.Sign() > 0
		if credit := in.Document.CreditNote != (in.Document.Kind == hub.PurchaseInvoice); debit == credit {
			t.Errorf("%s: %s is owed", tc.file, p.Entries[0].Amount)
		}
	}
}

func TestJournaledRefused(t *testing.T) {
	for _, tc := range []struct {
		code   string
		change func(*mapping.Input)
	}{
		{hub.JournalAccount, func(in *mapping.Input) { in.Connection.Settings.Journal.Receivables = "" }},
		{hub.AccountClosed, func(in *mapping.Input) { in.Connection.Settings.Journal.Receivables = "1799" }},
		{hub.AccountUnmapped, func(in *mapping.Input) { in.Connection.Settings.Accounts = nil }},
		{hub.JournalCurrency, func(in *mapping.Input) { in.Document.Currency = "SEK" }},
		{hub.VATStatusUnmapped, func(in *mapping.Input) { delete(in.Connection.Settings.VATStatuses[hub.SalesInvoice], "O") }},
		{hub.VATNumberMissing, func(in *mapping.Input) {
			in.Document.Lines[0].VATCategory, in.Document.Lines[0].VATPercent = "K", money.Zero
			in.Document.Lines[0].Net, in.Document.Lines[0].VAT, in.Document.Lines[0].Gross, in.Document.Totals = nil, nil, nil, hub.Totals{}
			in.Document.Buyer.VATNumber = ""
		}},
	} {
		in := journalInput(t, "sale_domestic")
		tc.change(&in)
		p, faults := mapping.Journaled(in)
		if p != nil || !slices.ContainsFunc(faults, func(f hub.Fault) bool { return f.Code == tc.code && !f.Warning }) {
			t.Errorf("%s: %v %v", tc.code, p, faults)
		}
	}
}

// head is an empty journal of a month.
func head(per hub.JournalPer) hub.Document {
	return hub.Document{Kind: hub.Journal, Number: "2026-03/1", Date: civil.Must("2026-03-31"), Covers: &hub.Covers{Month: "2026-03", Kind: hub.SalesInvoice, Per: per}}
}

// A sum has one row for each account, status, percent and dimension, and a list
// of its documents; credit notes lower it.
func TestComposeSums(t *testing.T) {
	part := func(number, net string) *mapping.Part {
		a := money.Must(net)
		gross := a.Add(a.Percent(money.Must("25.5")).RoundHalfUp(2))
		return &mapping.Part{Document: &hub.Document{Kind: hub.SalesInvoice, Number: number, Date: civil.Must("2026-03-10"), Currency: "EUR", Buyer: hub.Party{Name: "=1+1"}},
			Slack: money.Cents(2), Limit: money.Cents(1), Net: net, Gross: gross.String(), Entries: []hub.Entry{
				{Account: "1700", Amount: gross, VATStatus: 12, Side: hub.SalesInvoice, Text: number},
				{Account: "3000", Amount: a.Neg(), VATPercent: money.Must("25.5"), VATStatus: 1, Side: hub.SalesInvoice, Text: number}}}
	}
	doc, faults := mapping.Compose(head(hub.PerMonth), "fi", []*mapping.Part{part("1", "100"), part("2", "50"), part("3", "-30")})
	if got := entryTexts(doc.Entries); len(faults) > 0 || !slices.Equal(got, []string{"1700 150.60 0% 12", "3000 -120.00 25.5% 1"}) {
		t.Errorf("%q %v", got, faults)
	}
	if len(doc.Attachments) != 1 || doc.Text != "Myyntilaskut 2026-03/1" || doc.Totals.Gross.Fixed(2) != "150.60" {
		t.Errorf("%+v", doc)
	}
	list := string(doc.Attachments[0].Content)
	if !strings.Contains(list, "Numero;Päivä") || !strings.Contains(list, "\n3;2026-03-10;'=1+1;;-30;") || strings.Count(list, "\n") != 4 {
		t.Errorf("%s", list)
	}
	// What cancels out is told all the same.
	doc, faults = mapping.Compose(head(hub.PerMonth), "fi", []*mapping.Part{part("1", "100"), part("2", "-100")})
	if len(doc.Entries) != 4 || len(faults) > 0 {
		t.Errorf("%v %v", entryTexts(doc.Entries), faults)
	}
	// The rounding of VAT on 0.02 is 0.005 up each time; on the sum it is not.
	parts := []*mapping.Part{}
	for range 10 {
		parts = append(parts, part("x", "0.02"))
	}
	doc, faults = mapping.Compose(head(hub.PerMonth), "fi", parts)
	if left := mapping.Left(doc.Entries); left.Fixed(2) != "0.05" || len(faults) != 1 || faults[0].Code != hub.JournalRounding || !faults[0].Warning {
		t.Errorf("%s %v", left, faults)
	}
	// More than rounding is never evened out.
	broken := part("1", "100")
	broken.Entries[0].Amount = money.Must("126")
	if _, faults := mapping.Compose(head(hub.PerMonth), "fi", []*mapping.Part{broken}); len(faults) != 1 || faults[0].Code != hub.JournalBalance || faults[0].Warning {
		t.Errorf("%v", faults)
	}
}

// Whatever the documents are, their sum says what they say: on each account, and
// in all, up to the rounding that the journal names.
func TestComposeKeepsSums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var parts []*mapping.Part
		want := map[string]money.Amount{}
		limit := money.Zero
		for i := range 1 + r.IntN(60) {
			p := &mapping.Part{Document: &hub.Document{Kind: hub.SalesInvoice, Number: fmt.Sprint(i)}, Slack: money.Cents(5)}
			gross := money.Zero
			for range 1 + r.IntN(4) {
				e := hub.Entry{Account: []string{"3000", "3010"}[r.IntN(2)], Amount: money.Cents(r.Int64N(2_000_000) - 300_000).Neg(),
					VATPercent: money.Must([]string{"25.5", "14", "0"}[r.IntN(3)]), VATStatus: 1, Side: hub.SalesInvoice}
				gross = gross.Sub(e.Amount).Sub(e.Amount.Percent(e.VATPercent).RoundHalfUp(2))
				p.Entries = append(p.Entries, e)
			}
			p.Entries = append([]hub.Entry{{Account: "1700", Amount: gross, VATStatus: 12, Side: hub.SalesInvoice}}, p.Entries...)
			for _, e := range p.Entries {
				want[e.Account] = want[e.Account].Add(e.Amount)
			}
			p.Limit = mapping.CentPerRate(p.Entries)
			limit = limit.Add(p.Limit)
			parts = append(parts, p)
		}
		doc, faults := mapping.Compose(head(hub.PerMonth), "en", parts)
		if hub.Stops(faults) {
			t.Fatalf("%v", faults)
		}
		if left := mapping.Left(doc.Entries); left.Abs().Cmp(limit) > 0 {
			t.Fatalf("%d documents leave %s over, more than %s", len(parts), left, limit)
		}
		got := map[string]money.Amount{}
		for _, e := range doc.Entries {
			got[e.Account] = got[e.Account].Add(e.Amount)
		}
		for account, sum := range want {
			if !got[account].Equal(sum) {
				t.Fatalf("account %s: %s, want %s", account, got[account], sum)
			}
		}
		if left := mapping.Left(doc.Entries); left.IsZero() != (len(faults) == 0) {
			t.Fatalf("%s is left over, said: %v", left, faults)
		}
	}
}

// A document of many rows, whose source rounds VAT by rate or row by row, leaves
// at most a cent per rate over, and its rows come to what they say.
func TestJournaledWithinACent(t *testing.T) {
	split, alone := 0, 0
	in := journalInput(t, "sale_domestic")
	in.Connection.Settings.Accounts = nil
	accounts := []string{"3000", "3100", "4000", "1700", "1910", "2880", "8450", "2930"}
	for _, a := range accounts {
		if in.Registers.HasAccount(a) {
			in.Connection.Settings.Accounts = append(in.Connection.Settings.Accounts, hub.AccountRule{Sales: true, Source: a, Account: a})
		}
	}
	d := in.Document
	first := d.Lines[0]
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		rates := []string{"25.5", "14"}[:1+r.IntN(2)]
		byRow := r.IntN(2) == 0
		d.Lines, d.VAT, d.Allowances, d.DiscountPercent = nil, nil, nil, money.Zero
		net, vat, of := money.Zero, money.Zero, map[string]money.Amount{}
		for range 1 + r.IntN(30) {
			l, price := first, money.Cents(1+r.Int64N(100_000))
			one := money.FromInt(1)
			l.Account, l.Quantity, l.UnitPrice, l.Net, l.VAT, l.Gross = in.Connection.Settings.Accounts[r.IntN(len(in.Connection.Settings.Accounts))].Source, &one, &price, &price, nil, nil
			rate := rates[r.IntN(len(rates))]
			l.VATPercent, l.Allowances, l.DiscountPercent = money.Must(rate), nil, money.Zero
			d.Lines = append(d.Lines, l)
			net, of[rate] = net.Add(price), of[rate].Add(price)
			if byRow {
				vat = vat.Add(price.Percent(l.VATPercent).RoundHalfUp(2))
			}
		}
		for rate, sum := range of {
			if !byRow {
				vat = vat.Add(sum.Percent(money.Must(rate)).RoundHalfUp(2))
			}
		}
		gross := net.Add(vat)
		d.Totals = hub.Totals{Net: &net, VAT: &vat, Gross: &gross}
		p, faults := mapping.Journaled(in)
		if p == nil {
			t.Fatalf("seed %d: %v", seed, faults)
		}
		if left := mapping.Left(p.Entries); left.Abs().Cmp(money.Cents(int64(len(of)))) > 0 {
			t.Fatalf("seed %d: %s is left over at %d rates", seed, left, len(of))
		}
		got := money.Zero
		for _, e := range p.Entries[1:] {
			got = got.Sub(e.Amount)
		}
		if !got.Equal(net) || !p.Entries[0].Amount.Equal(gross) {
			t.Fatalf("seed %d: net %s, owed %s; want %s and %s", seed, got, p.Entries[0].Amount, net, gross)
		}
		if p.Alone {
			alone++
		}
		for i := 2; i < len(p.Entries); i++ {
			if a, b := p.Entries[i-1], p.Entries[i]; p.Alone && a.Account == b.Account && b.Amount.Abs().Cmp(money.Cents(400)) <= 0 {
				split++
			}
		}
	}
	if alone == 0 || split == 0 {
		t.Errorf("nothing was split (%d) or left alone (%d)", split, alone)
	}
}

// A document in another currency is booked at the rate that its source gives, to
// the cent; without one it is held.
func TestJournaledAtTheSourcesRate(t *testing.T) {
	in := journalInput(t, "sale_eu_goods")
	d := in.Document
	first := d.Lines[0]
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 8))
		rate := money.Must(fmt.Sprintf("%d.%04d", 1+r.IntN(12), r.IntN(10_000)))
		d.Currency, d.Rate = "SEK", &rate
		net := money.Zero
		d.Lines, d.VAT = nil, nil
		for range 1 + r.IntN(20) {
			l, price := first, money.Cents(1+r.Int64N(1_000_000))
			one := money.FromInt(1)
			l.Quantity, l.UnitPrice, l.Net, l.VAT, l.Gross = &one, &price, &price, nil, nil
			d.Lines, net = append(d.Lines, l), net.Add(price)
		}
		zero := money.Zero
		d.Totals = hub.Totals{Net: &net, VAT: &zero, Gross: &net}
		p, faults := mapping.Journaled(in)
		if p == nil {
			t.Fatalf("seed %d: %v", seed, faults)
		}
		if want := net.QuoHalfUp(rate, 2); !p.Entries[0].Amount.Equal(want) || !mapping.Left(p.Entries).IsZero() {
			t.Fatalf("seed %d: %s at %s is %s, and %s is left over", seed, net, rate, p.Entries[0].Amount, mapping.Left(p.Entries))
		}
	}
}
