package hub

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
)

// Changes of the account map are said by rule: where it stands in the list says
// nothing, and moving it changes nothing.
func TestSettingChanges(t *testing.T) {
	work := AccountRule{Name: "Work", Source: "300", Sales: true, Account: "3010"}
	rest := AccountRule{Sales: true, Purchases: true, Account: "3900"}
	eu := AccountRule{Source: "300", Area: EU, Sales: true, Account: "3360", VATStatus: 901}
	car := AccountRule{Source: "7680", Purchases: true, Account: "7680", Deduction: "50"}
	with := func(r AccountRule, f func(*AccountRule)) AccountRule { f(&r); return r }
	moved := with(work, func(r *AccountRule) { r.Account = "3020" })
	both := with(work, func(r *AccountRule) { r.Purchases = true })
	named := with(work, func(r *AccountRule) { r.Name = "Hours" })
	for _, tc := range []struct {
		name     string
		from, to []AccountRule
		want     []SettingChange
	}{
		{"another order", []AccountRule{work, rest, eu}, []AccountRule{eu, work, rest}, nil},
		{"another account, at another place", []AccountRule{work, rest}, []AccountRule{rest, moved},
			[]SettingChange{{"accounts[source 300, sales]", "3010, name Work", "3020, name Work", &RuleChange{&work, &moved}}}},
		{"one more", []AccountRule{work}, []AccountRule{car, work},
			[]SettingChange{{"accounts[source 7680, purchases]", "", "7680, deduction 50", &RuleChange{nil, &car}}}},
		{"one less", []AccountRule{work, eu}, []AccountRule{work},
			[]SettingChange{{"accounts[source 300, area eu, sales]", "3360, vat_status 901", "", &RuleChange{&eu, nil}}}},
		{"another side", []AccountRule{work}, []AccountRule{both},
			[]SettingChange{{"accounts[source 300, sales]", "3010, name Work", "3010, name Work", &RuleChange{&work, &both}}}},
		{"another name", []AccountRule{work}, []AccountRule{named},
			[]SettingChange{{"accounts[source 300, sales]", "3010, name Work", "3010, name Hours", &RuleChange{&work, &named}}}},
		{"one of two alike", []AccountRule{work, work}, []AccountRule{work},
			[]SettingChange{{"accounts[source 300, sales]", "3010, name Work", "", &RuleChange{&work, nil}}}},
		{"another condition", []AccountRule{rest}, []AccountRule{with(rest, func(r *AccountRule) { r.Category = "S" })},
			[]SettingChange{{"accounts[category S, sales, purchases]", "", "3900", &RuleChange{nil, new(with(rest, func(r *AccountRule) { r.Category = "S" }))}},
				{"accounts[sales, purchases]", "3900", "", &RuleChange{&rest, nil}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, b := DefaultSettings(civil.Must("2026-01-01")), DefaultSettings(civil.Must("2026-01-01"))
			a.Accounts, b.Accounts = tc.from, tc.to
			got, err := SettingChanges(a, b)
			if d := cmp.Diff(tc.want, got); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
		})
	}
	a, b := DefaultSettings(civil.Must("2026-01-01")), DefaultSettings(civil.Must("2026-01-01"))
	b.Sender, b.Units = SenderNobody, map[string]string{"kpl": "PIECE"}
	got, err := SettingChanges(a, b)
	if d := cmp.Diff([]SettingChange{{Key: "sender", From: "source", To: "nobody"}, {Key: "units.kpl", To: "PIECE"}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}
