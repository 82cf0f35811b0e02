package posting

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

func TestCSV(t *testing.T) {
	rules := []hub.AccountRule{
		{Name: "Työ; tunnit", Source: "0300", Sales: true, Account: "3010", VATStatus: 1},
		{Name: "Car", Source: "7680", Category: "AE", Percent: "25.5", Supply: "service", Area: hub.EU, Purchases: true, Account: "=", Deduction: "50"},
		{Product: "a \"b\"", Partner: "2345678-0", Sales: true, Purchases: true, Account: "3000"},
	}
	b, err := WriteCSV(rules)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadCSV(b)
	if d := cmp.Diff(rules, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	got, err = ReadCSV([]byte("Account,sales,percent\n3010, yes ,\"13,5 %\"\n,,\n"))
	if d := cmp.Diff([]hub.AccountRule{{Sales: true, Account: "3010", Percent: "13.5"}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if _, err := ReadCSV([]byte("source\tsales\tcolour\tvat_status\n1\tperhaps\tred\tone\n")); err == nil ||
		!strings.Contains(err.Error(), "colour") || !strings.Contains(err.Error(), "account is missing") ||
		!strings.Contains(err.Error(), "row 2, sales") || !strings.Contains(err.Error(), "row 2, vat_status") {
		t.Errorf("not all of it is reported: %v", err)
	}
}

func TestPropose(t *testing.T) {
	chart := []register.Account{{Code: "3000", Name: "Sales", Active: true}, {Code: "3010", Name: "Sales of services", Active: true},
		{Code: "3900", Name: "Old sales account"}, {Code: "7200", Name: "Vehicles", Active: true}, {Code: "7201", Name: "Vehicles", Active: true}}
	source := []SourceAccount{{Code: "3000", Name: "SALES", Sales: true}, {Code: "300", Name: "sales of services", Sales: true},
		{Code: "3010", Name: "Work", Sales: true}, {Code: "3900", Name: "Old"}, {Code: "72", Name: "Vehicles"}, {Code: "1", Name: "Mapped"}, {Code: "", Name: "Sales"}}
	got := map[string]string{}
	for _, p := range Propose(source, chart, []hub.AccountRule{{Source: "1", Account: "3000"}}) {
		got[p.Rule.Source] = p.Rule.Account + " " + p.Reason.Confidence()
		if p.Rule.Source != "72" && !p.Rule.Sales {
			t.Errorf("%s: the side is lost", p.Rule.Source)
		}
	}
	if d := cmp.Diff(map[string]string{"3000": "3000 high", "300": "3010 medium", "3010": "3010 low"}, got); d != "" {
		t.Error(d)
	}
}

func TestGaps(t *testing.T) {
	s := hub.DefaultSettings(civil.Must("2026-01-01"))
	for k, ks := range s.Kinds {
		ks.Posting = hub.PostedByMap
		s.Kinds[k] = ks
	}
	s.VATStatuses = map[hub.Kind]map[string]int{hub.SalesInvoice: {"S": 1, "AE/EU": 901}, hub.PurchaseInvoice: {"S": 99}}
	s.Accounts = []hub.AccountRule{
		{Name: "good", Sales: true, Account: "3000"}, {Name: "closed", Sales: true, Account: "3900"}, {Name: "eu", Category: "AE", Area: hub.EU, Sales: true, Account: "3000"},
		{Name: "no status", Category: "G", Sales: true, Account: "3000"}, {Name: "own status", Category: "G", Sales: true, Account: "3000", VATStatus: 1},
		{Name: "status off", Purchases: true, Account: "3000"},
	}
	r := &register.Copy{Accounts: []register.Account{{Code: "3000", Active: true}, {Code: "3900"}},
		VATStatuses: []register.VATStatus{{Number: 1, Sales: true, Purchase: true}, {Number: 901, Sales: true}, {Number: 99, Sales: true}}}
	var got []string
	for _, g := range Gaps(&s, r) {
		got = append(got, g.Rule.Name+": "+g.Why)
	}
	if d := cmp.Diff([]string{"closed: account", "no status: status", "status off: status"}, got); d != "" {
		t.Error(d)
	}
}
