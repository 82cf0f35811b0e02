package posting

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

func rule(r hub.AccountRule) hub.AccountRule {
	if !r.Sales && !r.Purchases {
		r.Sales = true
	}
	return r
}

func TestChoose(t *testing.T) {
	both := hub.AccountRule{Sales: true, Purchases: true, Account: "3900"}
	sales := hub.AccountRule{Sales: true, Account: "3000"}
	source := rule(hub.AccountRule{Source: "30 10", Account: "3010"})
	sourceEU := rule(hub.AccountRule{Source: "3010", Area: hub.EU, Account: "3360", VATStatus: 7})
	star := rule(hub.AccountRule{Source: "*", Account: "="})
	product := rule(hub.AccountRule{Product: "work", Account: "3020"})
	partner := rule(hub.AccountRule{Partner: "2345678-0", Account: "3030"})
	at14 := rule(hub.AccountRule{Percent: "14", Account: "3014"})
	service := rule(hub.AccountRule{Supply: "service", Account: "3050"})
	car := hub.AccountRule{Purchases: true, Source: "7680", Account: "7680", Deduction: "50"}
	row := Row{Kind: hub.SalesInvoice, Percent: money.Must("25.5"), Category: "S", Area: hub.Home}
	with := func(f func(*Row)) Row { r := row; f(&r); return r }
	for _, tc := range []struct {
		name    string
		rules   []hub.AccountRule
		row     Row
		account string
		basis   Basis
		verdict Verdict
	}{
		{"nothing is mapped", nil, row, "", "", Unmapped},
		{"the connection's own", []hub.AccountRule{both}, row, "3900", ByConnection, Chosen},
		{"the kind before the connection", []hub.AccountRule{both, sales}, row, "3000", ByKind, Chosen},
		{"the other side's rule does not count", []hub.AccountRule{both, {Purchases: true, Account: "4000"}}, row, "3900", ByConnection, Chosen},
		{"the partner before the kind", []hub.AccountRule{sales, partner}, with(func(r *Row) { r.Partner = []string{"77", "23456780"} }), "3030", ByPartner, Chosen},
		{"another partner", []hub.AccountRule{sales, partner}, with(func(r *Row) { r.Partner = []string{"77"} }), "3000", ByKind, Chosen},
		{"the product before the partner", []hub.AccountRule{partner, product}, with(func(r *Row) { r.Partner, r.Product = []string{"2345678-0"}, "WORK" }), "3020", ByProduct, Chosen},
		{"the source's account before the product", []hub.AccountRule{product, source}, with(func(r *Row) { r.Product, r.Source = "work", "3010" }), "3010", BySource, Chosen},
		{"the invoice's account before the row's", []hub.AccountRule{source, star}, with(func(r *Row) { r.Invoice, r.Source = "3010", "3999" }), "3010", ByInvoice, Chosen},
		{"the invoice's account that nobody names", []hub.AccountRule{source, sales}, with(func(r *Row) { r.Invoice = "see contract" }), "3000", ByKind, Chosen},
		{"more conditions", []hub.AccountRule{source, sourceEU}, with(func(r *Row) { r.Source, r.Area = "3010", hub.EU }), "3360", BySource, Chosen},
		{"more conditions, not met", []hub.AccountRule{source, sourceEU}, with(func(r *Row) { r.Source = "3010" }), "3010", BySource, Chosen},
		{"any account of the source", []hub.AccountRule{star, source}, with(func(r *Row) { r.Source = "3001" }), "3001", BySource, Chosen},
		{"a named account before any", []hub.AccountRule{star, source}, with(func(r *Row) { r.Source = "3010" }), "3010", BySource, Chosen},
		{"any account needs one", []hub.AccountRule{star}, row, "", "", Unmapped},
		{"an account of the source that nobody names", []hub.AccountRule{source, sales, both}, with(func(r *Row) { r.Source = "3011" }), "", "", Unmapped},
		{"the source's account where no source is mapped", []hub.AccountRule{sales}, with(func(r *Row) { r.Source = "3011" }), "3000", ByKind, Chosen},
		{"the rate", []hub.AccountRule{sales, at14}, with(func(r *Row) { r.Percent = money.Must("14.0") }), "3014", ByKind, Chosen},
		{"two that fit alike", []hub.AccountRule{at14, service}, with(func(r *Row) { r.Percent, r.Supply = money.Must("14"), "service" }), "", "", Ambiguous},
		{"two that say the same", []hub.AccountRule{sales, sales}, row, "3000", ByKind, Chosen},
		{"a purchase's deduction", []hub.AccountRule{car}, Row{Kind: hub.PurchaseInvoice, Source: "7680"}, "7680", BySource, Chosen},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, v, between := Choose(tc.rules, tc.row)
			if c.Account != tc.account || c.Basis != tc.basis || v != tc.verdict || (v == Ambiguous) != (len(between) > 1) {
				t.Errorf("%+v %s %+v, want %s by %q, %s", c, v, between, tc.account, tc.basis, tc.verdict)
			}
		})
	}
	if c, _, _ := Choose([]hub.AccountRule{car}, Row{Kind: hub.PurchaseInvoice, Source: "7680"}); c.Deduction != "50" {
		t.Errorf("deduction %q", c.Deduction)
	}
}

// The order of the rules never decides.
func TestOrderDoesNotMatter(t *testing.T) {
	rules := []hub.AccountRule{
		rule(hub.AccountRule{Source: "*", Account: "="}), rule(hub.AccountRule{Source: "3010", Account: "3010"}),
		rule(hub.AccountRule{Source: "3010", Category: "S", Account: "3011"}), rule(hub.AccountRule{Product: "x", Account: "1"}),
		rule(hub.AccountRule{Account: "2"}), {Sales: true, Purchases: true, Account: "3"},
	}
	rows := []Row{{Kind: hub.SalesInvoice}, {Kind: hub.SalesInvoice, Source: "3010"}, {Kind: hub.SalesInvoice, Source: "3010", Category: "S"},
		{Kind: hub.SalesInvoice, Source: "9"}, {Kind: hub.SalesInvoice, Product: "x"}, {Kind: hub.PurchaseInvoice, Source: "1"}}
	turned := append([]hub.AccountRule(nil), rules...)
	for range rules {
		turned = append(turned[1:], turned[0])
		for _, row := range rows {
			a, v, _ := Choose(rules, row)
			b, w, _ := Choose(turned, row)
			if d := cmp.Diff(a, b); d != "" || v != w {
				t.Errorf("%+v: %s, %s and %s", row, d, v, w)
			}
		}
	}
}
