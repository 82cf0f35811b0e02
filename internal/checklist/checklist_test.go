package checklist

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/source"
)

var today = civil.Must("2026-03-10")

// world is a connection with which everything is in order.
func world() (*hub.Settings, *register.Copy, source.Registers) {
	s := &hub.Settings{Kinds: map[hub.Kind]hub.KindSettings{hub.SalesInvoice: {On: true}}, DefaultCodes: hub.DefaultCodes{Product: "P1"}}
	mine := &register.Copy{
		Accounts: []register.Account{{Code: "3000", Name: "Sales", Active: true}, {Code: "3010", Active: false}},
		Products: []register.Product{{Code: "P1", Sales: true, Active: true}, {Code: "W1", Sales: true, Active: true}, {Code: "OLD", Sales: true}},
	}
	theirs := source.Registers{
		Chosen: map[source.StatusUse]string{source.StatusBefore: "Waiting", source.StatusAfter: "Moved"},
		Statuses: []source.Status{
			{ID: "1", Name: "Draft"},
			{ID: "2", Name: "Waiting", Use: source.StatusBefore, Numbered: true, Locked: true, Sent: true},
			{ID: "3", Name: "Moved", Use: source.StatusAfter, Numbered: true, Locked: true, Sent: true},
			{ID: "4", Name: "Paid", Numbered: true, Locked: true, Sent: true, Paid: true},
		},
		Accounts:     []source.Account{{Number: "3000", Name: "Sales"}},
		Codes:        []source.Code{{Of: source.ProductCode, Code: "P1", Name: "Licence", Account: "3000"}, {Of: source.WorkCode, Code: "W1", Name: "Consulting", Account: "3000"}},
		BankAccounts: []string{"FI21 1234 5600 0007 85"},
		Claims: &source.ClaimRegisters{
			Chosen:   map[source.StatusUse]string{source.StatusBefore: "To move", source.StatusAfter: "Moved"},
			Statuses: []source.Status{{ID: "1", Name: "To move", Use: source.StatusBefore}, {ID: "2", Name: "Moved", Use: source.StatusAfter}},
			Codes:    []source.Code{{Of: source.TravelCode, Code: "KM-2026", Name: "Mileage"}},
			Persons:  []source.ClaimPerson{{Name: "Maija Matkaaja", Number: "H-101"}},
		},
	}
	mine.Travel = []register.TravelProduct{{Code: "KM-2025", Name: "Mileage", First: civil.Must("2025-01-01"), Last: civil.Must("2025-12-31"), Active: true},
		{Code: "KM-2026", Name: "Mileage", First: civil.Must("2026-01-01"), Last: civil.Must("2026-12-31"), Active: true}}
	return s, mine, theirs
}

// not lists the lines that are not good, with their state and things.
func not(lines []Line) map[string][]string {
	m := map[string][]string{}
	for _, l := range lines {
		if l.State != Good {
			m[l.Name] = append([]string{string(l.State)}, l.Things...)
		}
	}
	return m
}

// Each line notices what it is about, and nothing else.
func TestSources(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*hub.Settings, *register.Copy, *source.Registers)
		want   map[string][]string
	}{
		{"in order", nil, map[string][]string{}},
		{"a status that was deleted", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Statuses[1].Use = "" }, map[string][]string{"status-before": {"open", "Waiting"}}},
		{"a status that is off", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Statuses[2].Off = true }, map[string][]string{"status-after": {"open", "Moved"}}},
		{"no add-on for travel", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Claims.Missing = "no scope travels:read"
		},
			map[string][]string{"travel-source": {"open", "no scope travels:read"}}},
		{"a status of travel that was deleted", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Claims.Statuses[0].Use = "" },
			map[string][]string{"travel-status-before": {"open", "To move"}}},
		{"one status of travel for both", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Claims.Statuses[1].ID = "1" },
			map[string][]string{"travel-status-same": {"open", "To move"}}},
		{"nothing is told of travel", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Claims.Chosen[source.StatusAfter], r.Claims.Statuses[1].Use = "", ""
		}, map[string][]string{}},
		{"a code of last year, and none", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Claims.Codes = []source.Code{{Of: source.TravelCode, Code: "KM-2025", Name: "Mileage"}, {Of: source.TravelCode, Name: "Parking"}}
		}, map[string][]string{"travel-codes": {"advised", "KM-2025 Mileage", "Parking"}}},
		{"… and one for all without", func(s *hub.Settings, _ *register.Copy, r *source.Registers) {
			s.DefaultCodes.Travel, r.Claims.Codes[0].Code = "KM-2026", ""
		}, map[string][]string{}},
		{"a user without a number", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Claims.Persons[0].Number = "" },
			map[string][]string{"travel-persons": {"advised", "Maija Matkaaja"}}},
		{"one status for both", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Statuses[2].ID = "2" }, map[string][]string{"status-same": {"open", "Waiting"}}},
		{"no number yet", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) { r.Statuses[1].Numbered = false }, map[string][]string{"status-numbered": {"open", "Waiting"}}},
		{"editable and not sent", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Statuses[1].Locked, r.Statuses[1].Sent = false, false
		}, map[string][]string{"status-locked": {"advised", "Waiting"}, "status-sent": {"advised", "Waiting"}}},
		{"paid is not last", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Statuses[2], r.Statuses[3] = r.Statuses[3], r.Statuses[2]
		}, map[string][]string{"status-paid-last": {"advised", "Moved"}}},
		{"an account that leads nowhere", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Accounts = append(r.Accounts, source.Account{Number: "3010", Name: "Old sales"})
		}, map[string][]string{"sales-accounts": {"advised", "3010 Old sales"}}},
		{"… where the map posts", func(s *hub.Settings, _ *register.Copy, r *source.Registers) {
			s.Kinds[hub.SalesInvoice] = hub.KindSettings{On: true, Posting: hub.PostedByMap}
			r.Accounts = append(r.Accounts, source.Account{Number: "3010", Name: "Old sales"})
		}, map[string][]string{"sales-accounts": {"open", "3010 Old sales"}}},
		{"… and has a rule for it", func(s *hub.Settings, _ *register.Copy, r *source.Registers) {
			s.Kinds[hub.SalesInvoice] = hub.KindSettings{On: true, Posting: hub.PostedByMap}
			s.Accounts = []hub.AccountRule{{Source: "3010", Sales: true, Account: "3000"}}
			r.Accounts = append(r.Accounts, source.Account{Number: "3010", Name: "Old sales"})
		}, map[string][]string{}},
		{"codes that are missing", func(s *hub.Settings, _ *register.Copy, r *source.Registers) {
			s.DefaultCodes = hub.DefaultCodes{}
			r.Codes = append(r.Codes, source.Code{Of: source.ProductCode, Name: "Nameless", Account: "3000"}, source.Code{Of: source.WorkCode, Name: "Travel time"})
		}, map[string][]string{"product-codes": {"advised", "Nameless"}, "work-codes": {"advised", "Travel time"}, "code-accounts": {"advised", "Travel time"}}},
		{"the default code serves both", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Codes = append(r.Codes, source.Code{Of: source.ProductCode, Name: "Nameless", Account: "3000"}, source.Code{Of: source.WorkCode, Name: "Travel time", Account: "3000"})
		}, map[string][]string{}},
		{"codes that Procountor has not, or has closed", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Codes = append(r.Codes, source.Code{Of: source.ProductCode, Code: "OLD", Name: "Old", Account: "3000"}, source.Code{Of: source.WorkCode, Code: "W9", Account: "3000"})
		}, map[string][]string{"product-register": {"advised", "OLD Old"}, "work-register": {"advised", "W9"}}},
		{"an account that is no IBAN", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.BankAccounts = append(r.BankAccounts, "123456-785")
		}, map[string][]string{"bank-accounts": {"advised", "123456-785"}}},
		{"registers that were never read", func(_ *hub.Settings, m *register.Copy, r *source.Registers) {
			*m = register.Copy{}
			r.Codes = append(r.Codes, source.Code{Of: source.ProductCode, Code: "OLD", Account: "3000"})
		}, map[string][]string{}},
		{"a source without accounts, codes and banks", func(_ *hub.Settings, _ *register.Copy, r *source.Registers) {
			r.Accounts, r.Codes, r.BankAccounts = nil, nil, nil
		}, map[string][]string{}},
	} {
		s, mine, theirs := world()
		if c.change != nil {
			c.change(s, mine, &theirs)
		}
		lines := Sources(s, mine, theirs, today)
		for _, l := range lines {
			if !slices.Contains(Names, l.Name) {
				t.Errorf("%s is none of the names", l.Name)
			}
		}
		if diff := cmp.Diff(c.want, not(lines)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
		open := false
		for _, l := range c.want {
			open = open || l[0] == string(Open)
		}
		if Complete(lines) == open {
			t.Errorf("%s: complete %v", c.name, Complete(lines))
		}
	}
}

// What the settings name must be in Procountor.
func TestSettings(t *testing.T) {
	s, mine, _ := world()
	if got := not(Settings(s, mine, today)); len(got) != 0 {
		t.Errorf("in order: %v", got)
	}
	s.DefaultCodes = hub.DefaultCodes{Product: "OLD", Work: "W9"}
	s.Kinds[hub.SalesInvoice] = hub.KindSettings{On: true, Posting: hub.PostedByMap}
	s.Accounts = []hub.AccountRule{{Name: "Licences", Sales: true, Account: "3010", VATStatus: 1}}
	mine.VATStatuses = []register.VATStatus{{Number: 1, Sales: true}}
	want := map[string][]string{"default-codes": {"open", "OLD", "W9"}, "map": {"open", "Licences"}}
	if diff := cmp.Diff(want, not(Settings(s, mine, today))); diff != "" {
		t.Error(diff)
	}
}

// Payroll needs a person's word, and the dimensions that its rows name; nothing is asked of
// statuses, which such a source does not have.
func TestPayroll(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*hub.Settings, *register.Copy, *source.PayrollRegisters)
		want   map[string][]string
	}{
		{"all in order", nil, map[string][]string{}},
		{"nobody has said that it is real", func(_ *hub.Settings, _ *register.Copy, p *source.PayrollRegisters) { p.Real = false }, map[string][]string{"payroll-company": {"open", "Firman Ab (7)"}}},
		{"runs to come", func(_ *hub.Settings, _ *register.Copy, p *source.PayrollRegisters) {
			p.Unlocked = []string{"July (7/2026)"}
		},
			map[string][]string{"payroll-unlocked": {"advised", "July (7/2026)"}}},
		{"a dimension that is not there", func(s *hub.Settings, _ *register.Copy, _ *source.PayrollRegisters) {
			s.Dimensions[hub.CostUnitAxis] = "Units"
		},
			map[string][]string{"payroll-dimensions": {"open", "Units"}}},
		{"an item that is not there", func(_ *hub.Settings, _ *register.Copy, p *source.PayrollRegisters) {
			p.Items = append(p.Items, hub.Item{Axis: hub.CostCentreAxis, Code: "200", Name: "Shop"})
		}, map[string][]string{"payroll-items": {"advised", "Centres: 200 Shop"}}},
		{"no dimension is named", func(s *hub.Settings, _ *register.Copy, p *source.PayrollRegisters) { s.Dimensions = nil }, map[string][]string{}},
		{"registers that were never read", func(s *hub.Settings, m *register.Copy, _ *source.PayrollRegisters) { *m = register.Copy{} }, map[string][]string{}},
	} {
		s := &hub.Settings{Dimensions: map[string]string{hub.CostCentreAxis: "Centres"}}
		mine := &register.Copy{Dimensions: []register.Dimension{{ID: 1, Name: "Centres", Items: []register.DimensionItem{{ID: 1, Code: "100 Store", Active: true}}}}}
		theirs := &source.PayrollRegisters{Company: "Firman Ab (7)", Real: true, Items: []hub.Item{{Axis: hub.CostCentreAxis, Code: "100", Name: "Store"}, {Axis: hub.CostUnitAxis, Code: "A"}}}
		if c.change != nil {
			c.change(s, mine, theirs)
		}
		lines := Sources(s, mine, source.Registers{Payroll: theirs}, today)
		for _, l := range lines {
			if !slices.Contains(Names, l.Name) {
				t.Errorf("%s is none of the names", l.Name)
			}
		}
		if diff := cmp.Diff(c.want, not(lines)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}
