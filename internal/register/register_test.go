package register_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/apidescription"
)

func sample() register.Copy {
	return register.Copy{
		Version: 3,
		Company: register.Company{ID: 1001, Name: "Esimerkkipaja Oy", BusinessID: "1234567-1", IDType: "YHD", Country: "FI", Currency: "EUR"},
		VATPercents: []register.VATPercent{
			{Percent: money.Must("25.50"), Sales: true, Purchase: true}, {Percent: money.Must("14"), Purchase: true}, {Percent: money.Zero, Sales: true, Purchase: true}},
		VATStatuses: []register.VATStatus{{Number: 1, Description: "Domestic", Sales: true}},
		FiscalYears: []register.FiscalYear{
			{First: civil.Must("2025-01-01"), Last: civil.Must("2025-12-31"), Open: false, Periods: []register.TrackingPeriod{}},
			{First: civil.Must("2026-01-01"), Last: civil.Must("2026-12-31"), Open: true, Periods: []register.TrackingPeriod{
				{First: civil.Must("2026-01-01"), Last: civil.Must("2026-01-31"), Status: "CLOSED"},
				{First: civil.Must("2026-02-01"), Last: civil.Must("2026-02-28"), Status: "PENDING"},
				{First: civil.Must("2026-03-01"), Last: civil.Must("2026-03-31"), Status: "OPEN"}}},
			{First: civil.Must("2027-01-01"), Last: civil.Must("2027-12-31"), Open: true, Periods: []register.TrackingPeriod{}}},
		BankAccounts: []register.BankAccount{
			{IBAN: "FI2112345600000785", Currency: "EUR", Active: true, DefaultForInvoice: true, Aliases: []string{"123-4566"}},
			{IBAN: "FI1350001520000081", Currency: "USD", Active: true, DefaultForInvoice: true},
			{IBAN: "FI0000000000000000", Currency: "EUR", Active: false}},
	}
}

func TestOpen(t *testing.T) {
	c := sample()
	for day, want := range map[string]string{
		"2025-06-30": hub.PeriodClosed, "2026-01-31": hub.PeriodClosed, "2026-02-01": hub.PeriodClosed, "2026-03-01": "", "2026-03-31": "",
		"2026-04-01": hub.PeriodClosed, // the year is open, but no period holds the day
		"2027-05-05": "",               // a year without periods
		"2028-01-01": hub.FiscalYearMissing, "2024-12-31": hub.FiscalYearMissing,
	} {
		ok, why := c.Open(civil.Must(day))
		if ok != (want == "") || why.Code != want {
			t.Errorf("%s: %v, %+v; want %q", day, ok, why, want)
		}
	}
	unread := register.Copy{}
	if ok, _ := unread.Open(civil.Must("2026-01-01")); !ok {
		t.Error("a copy that was never read closes days")
	}
	empty := register.Copy{FiscalYears: []register.FiscalYear{}}
	if ok, _ := empty.Open(civil.Must("2026-01-01")); ok {
		t.Error("a company without fiscal years is open")
	}
}

func TestLookups(t *testing.T) {
	c := sample()
	if got := c.Percents(hub.SalesInvoice); got != "25.5, 0" {
		t.Errorf("percents of sales: %s", got)
	}
	if c.HasPercent(hub.SalesInvoice, money.Must("14")) || !c.HasPercent(hub.PurchaseInvoice, money.Must("14.0")) {
		t.Error("14 % is for purchases only")
	}
	if !c.HasStatus(hub.SalesInvoice, 1) || c.HasStatus(hub.PurchaseInvoice, 1) {
		t.Error("status 1 is for sales only")
	}
	for number, want := range map[string]string{"fi21 1234 5600 0007 85": "FI2112345600000785", "1234566": "FI2112345600000785", "FI0000000000000000": "", "": ""} {
		if a, ok := c.Account(number); a.IBAN != want || ok != (want != "") {
			t.Errorf("account %q: %+v", number, a)
		}
	}
	for cur, want := range map[money.Currency]string{"EUR": "FI2112345600000785", "USD": "FI1350001520000081", "SEK": ""} {
		if a, _ := c.DefaultAccount(cur); a.IBAN != want {
			t.Errorf("default account in %s: %q", cur, a.IBAN)
		}
	}
}

func TestChanges(t *testing.T) {
	from, to := sample(), sample()
	from.Accounts = []register.Account{{"3000", "Sales", true}, {"3010", "Sales of services", true}, {"3020", "Old", false}}
	to.Accounts = []register.Account{{"3000", "Sales of goods", true}, {"3010", "Sales of services", false}, {"3020", "Old", true}}
	from.Dimensions = []register.Dimension{{ID: 7, Name: "Project", Items: []register.DimensionItem{{ID: 70, Code: "P1", Active: true}, {ID: 71, Code: "P2", Active: true}}}}
	to.Dimensions = []register.Dimension{{ID: 7, Name: "Project", Items: []register.DimensionItem{{ID: 70, Code: "Q1", Active: true}}}}
	from.Products = []register.Product{{ID: 5, Code: "K", Name: "Konsultointi", Sales: true, Active: true}}
	to.Products = []register.Product{{ID: 5, Code: "K", Name: "Konsultointi", Sales: true}}
	same := sample()
	same.Version++
	if other := sample(); len(register.Changes(&other, &same)) != 0 || !other.Equal(&same) {
		t.Fatal("equal copies differ")
	}
	to.VATPercents[0].Percent = money.Must("25.5") // the same number
	to.VATPercents[1].Sales = true
	to.VATStatuses = append(to.VATStatuses, register.VATStatus{Number: 5, Description: "EU", Sales: true})
	to.FiscalYears[1].Periods[2].Status = "CLOSED"
	to.BankAccounts = to.BankAccounts[:2]
	to.Company.Name = "Esimerkkipaja Group Oy"
	change := func(what register.What, key, name string, how register.How, from, to string) register.Change {
		return register.Change{Thing: register.Thing{What: what, Key: key}, Name: name, How: how, From: from, To: to}
	}
	march := "2026-03-01 – 2026-03-31"
	want := []register.Change{
		change("company", "name", "name", register.Changed, "Esimerkkipaja Oy", "Esimerkkipaja Group Oy"),
		change("vat_percent", "14", "14 %", register.Changed, "purchases", "sales, purchases"),
		change("vat_status", "5", "EU", register.Added, "", ""),
		change("tracking_period", march, march, register.Closed, "OPEN", "CLOSED"),
		change("bank_account", "FI0000000000000000", "FI0000000000000000", register.Removed, "", ""),
		change("account", "3000", "Sales of goods", register.Renamed, "Sales", "Sales of goods"),
		change("account", "3010", "Sales of services", register.Closed, "", ""),
		change("account", "3020", "Old", register.Opened, "", ""),
		change("dimension_item", "70", "Q1", register.Renamed, "P1", "Q1"),
		change("dimension_item", "71", "P2", register.Removed, "", ""),
		change("product", "5", "Konsultointi", register.Closed, "K", "K"),
	}
	if d := cmp.Diff(want, register.Changes(&from, &to)); d != "" {
		t.Error(d)
	}
	to = register.Copy{Company: from.Company}
	if !from.Equal(&to) {
		t.Error("lists that were never read have changed")
	}
	if d := cmp.Diff([]register.Change{change("partner", "2", "Kaksi Oy", register.Closed, "", "")}, register.PartnerChanges(
		[]register.Partner{{ID: 2, Name: "Kaksi Oy", Active: true}, {ID: 3, Name: "Kolme Oy", Active: true}},
		[]register.Partner{{ID: 2, Name: "Kaksi Oy"}, {ID: 4, Name: "Neljä Oy", Active: true}})); d != "" {
		t.Error(d)
	}
}

// What was renamed is still found by what it was called, until something else
// is called so; what was closed is not.
func TestRenamedItemIsFollowed(t *testing.T) {
	item := func(id int64, code string) register.DimensionItem {
		return register.DimensionItem{ID: id, Code: code, Active: true}
	}
	copyOf := func(name string, items ...register.DimensionItem) register.Copy {
		return register.Copy{Dimensions: []register.Dimension{{ID: 1, Name: name, Items: items}}}
	}
	first := copyOf("Project", item(10, "P100 Shop"), item(11, "P200 Port"))
	second := copyOf("Assignment", item(10, "Q100 Shop"), item(11, "P200 Port"))
	register.Follow(&first, &second)
	third := copyOf("Assignment", item(10, "R100 Shop"), item(11, "P200 Port"), item(12, "Q100 New"))
	register.Follow(&second, &third)
	for _, c := range []struct {
		in              *register.Copy
		dimension, code string
		id              int64
		was             string
	}{
		{&first, "Project", "P100", 10, ""}, {&second, "Project", "Q100", 10, "Project"}, {&second, "Assignment", "P100", 10, "P100"},
		{&second, "Assignment", "P100 Shop", 10, "P100 Shop"}, {&third, "Assignment", "P100", 10, "P100"},
		{&third, "Assignment", "Q100", 12, ""}, {&third, "Assignment", "P300", 0, ""}, {&third, "Cost centre", "P200", 0, ""},
	} {
		f, ok := c.in.FindItem(c.dimension, c.code)
		if f.Item.ID != c.id || ok != (c.id != 0) || ok && f.Was != c.was {
			t.Errorf("%s %s: %+v", c.dimension, c.code, f)
		}
	}
	fourth := copyOf("Assignment", item(10, "S100 Shop"), item(12, "Q100 New"))
	fourth.Dimensions[0].Items[1].Active = false
	register.Follow(&third, &fourth)
	if f, ok := fourth.FindItem("Assignment", "Q100"); ok {
		t.Errorf("a closed item gives way to one that was called so: %+v", f)
	}
}

func TestStableJSON(t *testing.T) {
	c := sample()
	one, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back register.Copy
	if err := json.Unmarshal(one, &back); err != nil {
		t.Fatal(err)
	}
	two, _ := json.Marshal(back)
	if string(one) != string(two) || !c.Equal(&back) {
		t.Errorf("%s\n%s", one, two)
	}
	// What was never read must not come back as empty.
	unread, _ := json.Marshal(register.Copy{})
	if err := json.Unmarshal(unread, &back); err != nil || back.FiscalYears != nil || back.BankAccounts != nil {
		t.Errorf("%s became %+v, %v", unread, back, err)
	}
}

func TestFromProcountor(t *testing.T) {
	c, err := register.FromProcountor(register.Answers{
		Company: &procountor.CompanyInfo{ID: 1, Name: "Esimerkkipaja Oy", Country: procountor.CountryFinland, CompanyCurrency: "EUR",
			BusinessIdentifier: &procountor.BusinessIdentifier{Type: "YHD", Code: "1234567-1"}},
		VAT: &procountor.VATInformation{
			VATInformation: []procountor.VATCountry{
				{Country: "SWEDEN", Percentages: []procountor.VATPercent{{VATPercent: procountor.MustParseDecimal("25"), Sales: true}}},
				{Country: "FINLAND", Percentages: []procountor.VATPercent{{VATPercent: procountor.MustParseDecimal("10"), Sales: true}, {VATPercent: procountor.MustParseDecimal("25.5"), Purchase: true}}}},
			VATStatuses: []procountor.VATStatus{{VATStatus: 12, Description: "No VAT handling"}, {VATStatus: 1, Description: "Domestic", Sales: true}}},
		FiscalYears: []procountor.FiscalYear{{StartDate: procountor.MustParseDate("2026-01-01"), EndDate: procountor.MustParseDate("2026-12-31"), IsOpen: true,
			TrackingPeriods: []procountor.TrackingPeriod{{StartDate: procountor.MustParseDate("2026-01-01"), EndDate: procountor.MustParseDate("2026-01-31"), Status: "OPEN"}}}},
		BankAccounts: []procountor.CompanyBankAccountInfo{{IBAN: "FI21 1234 5600 0007 85", Currency: "EUR", Status: "ACTIVE", DefaultForInvoice: true,
			AssociatedAccounts: []procountor.BankAccountAlias{{Type: "BANKGIRO", AccountNumber: "123-4566"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := register.Copy{
		Company:     register.Company{ID: 1, Name: "Esimerkkipaja Oy", BusinessID: "1234567-1", IDType: "YHD", Country: "FI", Currency: "EUR"},
		VATPercents: []register.VATPercent{{Percent: money.Must("25.5"), Purchase: true}, {Percent: money.Must("10"), Sales: true}},
		VATStatuses: []register.VATStatus{{Number: 1, Description: "Domestic", Sales: true}, {Number: 12, Description: "No VAT handling"}},
		FiscalYears: []register.FiscalYear{{First: civil.Must("2026-01-01"), Last: civil.Must("2026-12-31"), Open: true,
			Periods: []register.TrackingPeriod{{First: civil.Must("2026-01-01"), Last: civil.Must("2026-01-31"), Status: "OPEN"}}}},
		BankAccounts: []register.BankAccount{{IBAN: "FI2112345600000785", Currency: "EUR", Active: true, DefaultForInvoice: true, Aliases: []string{"123-4566"}}},
	}
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
	none, err := register.FromProcountor(register.Answers{})
	if err != nil || none.VATPercents != nil || none.FiscalYears != nil || none.BankAccounts != nil {
		t.Errorf("no answers became %+v, %v", none, err)
	}
}

func TestPartnerFrom(t *testing.T) {
	inactive := false
	got := register.PartnerFrom(procountor.Partner{ID: 7, Name: "Påhitt AB", Type: procountor.PartnerCustomer,
		Address:       &procountor.Address{Street: "Låtsasgatan 3", Zip: "11122", City: "Stockholm", Country: procountor.CountrySweden},
		InvoicingInfo: &procountor.InvoicingInfo{CustomerNumber: "1003", Identifier: "556000000101", IdentifierType: "SE", Email: "a@example.se"},
		RegistryInfo:  &procountor.RegistryInfo{Active: &inactive}})
	want := register.Partner{ID: 7, Type: register.Customer, Name: "Påhitt AB", BusinessID: "556000000101", IDType: "SE", VATNumber: "SE556000000101",
		CustomerNumber: "1003", Email: "a@example.se", Address: hub.Address{Street: "Låtsasgatan 3", Zip: "11122", City: "Stockholm", Country: "SE"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	found := register.PartnerFromInfo(procountor.PartnerInfo{ID: 8, Name: "Kuvitelma Oy", Type: procountor.PartnerSupplier,
		InvoicingInfo: &procountor.BasicInvoicingInfo{Identifier: "2345678-0", IdentifierType: "YHD"}, RegistryInfo: &procountor.BasicRegistryInfo{Active: true}})
	if d := cmp.Diff(register.Partner{ID: 8, Type: register.Supplier, Name: "Kuvitelma Oy", BusinessID: "2345678-0", IDType: "YHD", Active: true}, found); d != "" {
		t.Error(d)
	}
}

// Only the words of a description count, and only when they leave one choice.
func TestProposeVATStatuses(t *testing.T) {
	status := func(n int, d string) register.VATStatus {
		return register.VATStatus{Number: n, Description: d, Sales: true}
	}
	for name, tc := range map[string]struct {
		statuses []register.VATStatus
		want     map[string]int
	}{
		"English": {[]register.VATStatus{status(71, "Domestic"), status(72, "Outside of the EU"), status(73, "EU community sales (product)"), status(74, "EU community sales (service)"),
			status(75, "0 % VAT turnover"), status(76, "EU tripartite trade"), status(77, "Other tax free sales"), status(78, "Construction reverse VAT 25.5 %"), status(79, "No VAT handling")},
			map[string]int{"S": 71, "G": 72, "K/goods": 73, "K/service": 74, "AE/EU": 74, "Z": 75, "E": 77, "AE": 78, "O": 79}},
		"Finnish": {[]register.VATStatus{status(1, "Kotimaa"), status(2, "EU-yhteisömyynti (tavara)"), status(3, "EU-yhteisömyynti (palvelu)"), status(4, "EU:n ulkopuolinen myynti"),
			status(5, "Käännetty verovelvollisuus"), status(6, "0 % liikevaihto")},
			map[string]int{"S": 1, "K/goods": 2, "K/service": 3, "AE/EU": 3, "G": 4, "AE": 5, "Z": 6}},
		"Swedish": {[]register.VATStatus{status(1, "Inrikes"), status(2, "EU-försäljning (vara)"), status(3, "EU-försäljning (tjänst)"), status(4, "Utanför EU"), status(5, "Omvänd skattskyldighet")},
			map[string]int{"S": 1, "K/goods": 2, "K/service": 3, "AE/EU": 3, "G": 4, "AE": 5}},
		"two that fit are none":     {[]register.VATStatus{status(1, "Domestic"), status(2, "Domestic, old")}, map[string]int{}},
		"a number alone is no word": {[]register.VATStatus{status(1, "Something"), status(5, "")}, map[string]int{}},
		"reverse is not domestic":   {[]register.VATStatus{status(9, "Domestic reverse charge")}, map[string]int{"AE": 9}},
	} {
		got := register.ProposeVATStatuses(&register.Copy{VATStatuses: tc.statuses})
		if d := cmp.Diff(tc.want, got[hub.SalesInvoice]); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if len(got[hub.PurchaseInvoice]) != 0 {
			t.Errorf("%s: statuses of sales proposed for purchases: %v", name, got)
		}
	}
}

// Every name of the description has exactly one code, and the way back.
func TestCountries(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct{ Enum []string }
		}
	}
	if err := json.Unmarshal(apidescription.JSON(), &doc); err != nil {
		t.Fatal(err)
	}
	names := doc.Components.Schemas["CountryName"].Enum
	if len(names) < 200 {
		t.Fatalf("%d countries", len(names))
	}
	for _, name := range names {
		iso := register.CountryCode(name)
		back, ok := register.CountryName(iso)
		if len(iso) != 2 || !ok || string(back) != name {
			t.Errorf("%s has the code %q, which is %s", name, iso, back)
		}
	}
	for in, want := range map[string]procountor.CountryName{"fi": "FINLAND", " SE ": "SWEDEN", "EL": "GREECE", "UK": "UNITED_KINGDOM_OF_GREAT_BRITAIN_AND_NORTHERN_IRELAND", "GB": "UNITED_KINGDOM_OF_GREAT_BRITAIN_AND_NORTHERN_IRELAND"} {
		if got, _ := register.CountryName(in); got != want {
			t.Errorf("%q is %s", in, got)
		}
	}
	for _, in := range []string{"", "QQ", "FIN", "FINLAND"} {
		if got, ok := register.CountryName(in); ok {
			t.Errorf("%q is %s", in, got)
		}
	}
	if register.CountryCode("NOWHERE") != "" || register.CountryCode("fi") != "FI" {
		t.Error("codes of unknown names, or of codes")
	}
	if !register.MemberState("se") || register.MemberState("NO") || register.MemberState("") || register.MemberState("T ") || register.MemberState("GB") {
		t.Error("member states")
	}
}
