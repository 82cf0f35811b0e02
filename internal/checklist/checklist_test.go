package checklist

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/source"
)

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
	}
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
		lines := Sources(s, mine, theirs)
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
	if got := not(Settings(s, mine)); len(got) != 0 {
		t.Errorf("in order: %v", got)
	}
	s.DefaultCodes = hub.DefaultCodes{Product: "OLD", Work: "W9"}
	s.Kinds[hub.SalesInvoice] = hub.KindSettings{On: true, Posting: hub.PostedByMap}
	s.Accounts = []hub.AccountRule{{Name: "Licences", Sales: true, Account: "3010", VATStatus: 1}}
	mine.VATStatuses = []register.VATStatus{{Number: 1, Sales: true}}
	want := map[string][]string{"default-codes": {"open", "OLD", "W9"}, "map": {"open", "Licences"}}
	if diff := cmp.Diff(want, not(Settings(s, mine))); diff != "" {
		t.Error(diff)
	}
}
