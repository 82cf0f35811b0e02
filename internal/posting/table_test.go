package posting

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/sheet"
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
	got, rows, err := ReadCSV(b)
	if d := cmp.Diff(rules, got) + cmp.Diff([]int{2, 3, 4}, rows); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	got, _, err = ReadCSV([]byte("Account,sales,percent\n3010, yes ,\"13,5 %\"\n,,\n"))
	if d := cmp.Diff([]hub.AccountRule{{Sales: true, Account: "3010", Percent: "13.5"}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}

// Everything wrong with a table is said, once, with its row.
func TestTableFaults(t *testing.T) {
	for table, want := range map[string]string{
		"source\tsales\tcolour\tvat_status\n1\tperhaps\tred\tone\n": `column "colour" is none of ` + strings.Join(columns, ", ") + `
the column account is missing
row 2, sales: "perhaps" is not understood
row 2, vat_status: "one" is not understood
row 2, account: is missing`,
		"source;sales;account;percent\n1;x;3000;14\n;;;\n2;;3000;14\n3;x;;200\n": `row 4, sales: the rule holds for neither sales nor purchases nor payroll
row 5, account: is missing
row 5, percent: "200" is not a percent from 0 to 100`,
		"":                          "the table has 0 rows, not 1 to 20000",
		"account;sales\n\"3000;x\n": "row 2: extraneous or missing \" in quoted-field",
	} {
		if rules, _, err := ReadCSV([]byte(table)); err == nil || rules != nil || err.Error() != want {
			t.Errorf("%q:\n%v, want\n%s", table, err, want)
		}
	}
	// What only the company's registers know comes back with its row as well.
	err := sheet.InTable(hub.SettingFaults{{Key: "accounts[1].vat_status", Code: hub.SettingStatus, Value: "9"}}, "accounts", []int{2, 4})
	if err.Error() != "row 4, vat_status: 9 is no VAT status that the company has switched on" {
		t.Error(err)
	}
	other := hub.SettingFaults{{Key: "sender", Code: hub.SettingChoice}}
	if err := sheet.InTable(other, "accounts", []int{2}); err.Error() != other.Error() {
		t.Error(err)
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
		got = append(got, g.Rule.Name+": "+string(g.Why))
	}
	want := []string{"closed: account", "no status: status", "status off: status", "good: ambiguous", "no status: ambiguous", ": setting"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Two rules that some row would have to choose between are found before it comes.
func TestContradictions(t *testing.T) {
	sale := func(source, category, percent, account string) hub.AccountRule {
		return hub.AccountRule{Source: source, Category: category, Percent: percent, Sales: true, Account: account}
	}
	both := sale("300", "", "", "3000")
	both.Purchases = true
	purchase := hub.AccountRule{Source: "300", Purchases: true, Account: "4000"}
	byNumber := sale("3 00", "", "", "3010")
	byNumber.Partner = "1001"
	service := sale("", "K", "", "3600")
	service.Supply = "service"
	for _, c := range []struct {
		name  string
		rules []hub.AccountRule
		want  int
	}{
		{"the same twice", []hub.AccountRule{sale("300", "", "", "3000"), sale("300", "", "", "3000")}, 0},
		{"one account, two rules", []hub.AccountRule{sale("300", "", "", "3000"), sale(" 300", "", "", "3010")}, 1},
		{"two accounts", []hub.AccountRule{sale("300", "", "", "3000"), sale("301", "", "", "3010")}, 0},
		{"the more exact wins", []hub.AccountRule{sale("300", "", "", "3000"), sale("300", "S", "", "3010")}, 0},
		{"crosswise", []hub.AccountRule{sale("300", "S", "", "3000"), sale("300", "", "25.50", "3010")}, 1},
		{"crosswise, and a third settles it", []hub.AccountRule{sale("300", "S", "", "3000"), sale("300", "", "25.5", "3010"), sale("300", "S", "25.5", "3020")}, 0},
		{"other rates", []hub.AccountRule{sale("300", "S", "25.5", "3000"), sale("300", "S", "14", "3010")}, 0},
		{"other sides", []hub.AccountRule{sale("300", "", "", "3000"), purchase}, 0},
		{"a shared side", []hub.AccountRule{both, purchase}, 1},
		{"a named account beats any", []hub.AccountRule{sale("*", "S", "", "3000"), sale("300", "", "", "3010")}, 0},
		{"any account twice", []hub.AccountRule{sale("*", "S", "", "="), sale("*", "", "25.5", "3010")}, 1},
		{"asked at different times", []hub.AccountRule{sale("300", "", "", "3000"), service}, 0},
		{"a partner and a category", []hub.AccountRule{byNumber, sale("300", "K", "", "3020")}, 1},
	} {
		s := hub.DefaultSettings(civil.Must("2026-01-01"))
		for k, ks := range s.Kinds {
			ks.Posting = hub.PostedByMap
			s.Kinds[k] = ks
		}
		s.Accounts = c.rules
		if got := Contradictions(&s); len(got) != c.want {
			t.Errorf("%s: %d, want %d: %+v", c.name, len(got), c.want, got)
		}
	}
}

// Rows without an answer are counted by what they are, with samples; a document
// counts once, however many rows it has.
func TestCensus(t *testing.T) {
	c := Census{Rules: []hub.AccountRule{{Source: "300", Sales: true, Account: "3000"}, {Source: "400", Category: "S", Sales: true, Account: "1"}, {Source: "400", Percent: "14", Sales: true, Account: "2"}}}
	row := func(source, category, percent string) Row {
		return Row{Kind: hub.SalesInvoice, Source: source, Category: category, Percent: money.Must(percent)}
	}
	for i, r := range []Row{row("300", "S", "25.5"), row("301", "S", "25.5"), row("301", "S", "25.50"), row("301", "K", "0"), row("400", "S", "14")} {
		c.Add(r, Sample{Transfer: "a", Line: i})
	}
	for _, doc := range []string{"b", "c", "d"} {
		c.Add(row("301", "S", "25.5"), Sample{Transfer: doc})
	}
	var got []string
	for _, g := range c.Gaps() {
		got = append(got, fmt.Sprint(g.Seen.Row.Source, " ", g.Seen.Row.Category, " ", g.Seen.Verdict, " ", g.Seen.Documents, " ", len(g.Seen.Samples)))
	}
	if d := cmp.Diff([]string{"301 S unmapped 4 3", "301 K unmapped 1 1", "400 S ambiguous 1 1"}, got); d != "" {
		t.Error(d)
	}
}

// What names a thing that has changed.
func TestTouch(t *testing.T) {
	s := hub.DefaultSettings(civil.Must("2026-01-01"))
	s.VATStatuses = map[hub.Kind]map[string]int{hub.SalesInvoice: {"S": 1, "K": 5}}
	s.Accounts = []hub.AccountRule{{Name: "a", Account: "3000"}, {Name: "b", Account: "3010", VATStatus: 5}}
	s.Dimensions, s.BankAccount = map[string]string{"project": "Project"}, "FI21 1234 5600 0007 85"
	for _, c := range []struct {
		change register.Change
		want   string
	}{
		{register.Change{Thing: register.Thing{What: register.OfAccount, Key: "3000"}}, "[a]"},
		{register.Change{Thing: register.Thing{What: register.OfVATStatus, Key: "5"}}, "[b vat_statuses.sales_invoice.K]"},
		{register.Change{Thing: register.Thing{What: register.OfDimension, Key: "9"}, Name: "Assignment", From: "Project"}, "[dimensions.project]"},
		{register.Change{Thing: register.Thing{What: register.OfBankAccount, Key: "FI2112345600000785"}}, "[bank_account]"},
		{register.Change{Thing: register.Thing{What: register.OfAccount, Key: "9999"}}, "[]"},
	} {
		got := []string{}
		for _, x := range Touch(&s, c.change) {
			if x.Rule != nil {
				x.Key = x.Rule.Name
			}
			got = append(got, x.Key)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s %s: %v", c.change.What, c.change.Key, got)
		}
	}
}

// The accounts for which documents wait, once each and on the sides on which they
// were seen; what has a rule or a proposal is not unknown.
func TestHeldAccounts(t *testing.T) {
	wait := func(kind hub.Kind, accounts ...string) hub.Transfer {
		tr := hub.Transfer{DocKind: kind, Faults: []hub.Fault{hub.NewFault(hub.PeriodClosed, "", "3999")}}
		for _, a := range accounts {
			tr.Faults = append(tr.Faults, hub.NewFault(hub.AccountUnmapped, "", a))
		}
		return tr
	}
	held := Held([]hub.Transfer{wait(hub.SalesInvoice, "300", "", "3000"), wait(hub.PurchaseInvoice, "300", "77", "1")})
	want := []SourceAccount{{Code: "300", Sales: true, Purchases: true}, {Code: "3000", Sales: true}, {Code: "77", Purchases: true}, {Code: "1", Purchases: true}}
	if d := cmp.Diff(want, held); d != "" {
		t.Error(d)
	}
	rules := []hub.AccountRule{{Source: " 1", Account: "3000"}}
	proposals := Propose(held, []register.Account{{Code: "3000", Name: "Sales", Active: true}}, rules)
	if d := cmp.Diff([]SourceAccount{want[0], want[2]}, Unknown(held, proposals, rules)); d != "" || len(proposals) != 1 {
		t.Errorf("%v %s", proposals, d)
	}
}
