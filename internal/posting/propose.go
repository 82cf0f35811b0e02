package posting

import (
	"slices"
	"strings"
	"unicode"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A SourceAccount is an account of the source's chart, or one that its
// documents have named.
type SourceAccount struct {
	Code, Name string
	// Sales, Purchases and Payroll: where it has been seen, or may be used.
	Sales, Purchases, Payroll bool
}

// A Reason says why an account of Procountor is proposed.
type Reason string

// From the surest to the least sure.
const (
	SameCodeAndName Reason = "same-code-and-name"
	SameName        Reason = "same-name"
	SameCode        Reason = "same-code"
)

// Confidence of a reason: high, medium or low. Only a person makes a proposal a
// rule; charts that look alike number alike by chance.
func (r Reason) Confidence() string {
	switch r {
	case SameCodeAndName:
		return "high"
	case SameName, NamedForCategory:
		return "medium"
	}
	return "low"
}

// A Proposal is a rule that a person may take over, and why.
type Proposal struct {
	Rule   hub.AccountRule
	Reason Reason
}

// Propose joins two charts: what has the same number and name, then what alone
// has the same name, then what has the same number. Accounts that a rule names
// already, and those for which nothing can be said, are left out.
func Propose(source []SourceAccount, chart []register.Account, rules []hub.AccountRule) (list []Proposal) {
	for _, s := range source {
		if s.Code == "" || slices.ContainsFunc(rules, func(r hub.AccountRule) bool { return bare(r.Source) == bare(s.Code) }) {
			continue
		}
		var code *register.Account
		var names []*register.Account
		for i := range chart {
			a := &chart[i]
			if !a.Active {
				continue
			}
			if bare(a.Code) == bare(s.Code) {
				code = a
			}
			if words(s.Name) != "" && words(a.Name) == words(s.Name) {
				names = append(names, a)
			}
		}
		rule := hub.AccountRule{Name: s.Name, Source: s.Code, Sales: s.Sales, Purchases: s.Purchases, Payroll: s.Payroll}
		switch {
		case code != nil && words(s.Name) != "" && words(code.Name) == words(s.Name):
			rule.Account = code.Code
			list = append(list, Proposal{rule, SameCodeAndName})
		case len(names) == 1:
			rule.Account = names[0].Code
			list = append(list, Proposal{rule, SameName})
		case code != nil:
			rule.Account = code.Code
			list = append(list, Proposal{rule, SameCode})
		}
	}
	return list
}

// words is a name as it is compared: letters and digits, lower case.
func words(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// Held are the accounts for which documents wait, as their faults name them,
// one entry for each.
func Held(list []hub.Transfer) (accounts []SourceAccount) {
	for _, t := range list {
		for _, f := range t.Faults {
			if f.Code != hub.AccountUnmapped || f.Value == "" {
				continue
			}
			i := slices.IndexFunc(accounts, func(s SourceAccount) bool { return s.Code == f.Value })
			if i < 0 {
				i, accounts = len(accounts), append(accounts, SourceAccount{Code: f.Value})
			}
			a := &accounts[i]
			a.Sales, a.Purchases = a.Sales || t.DocKind == hub.SalesInvoice, a.Purchases || t.DocKind.Buys()
			a.Payroll = a.Payroll || t.DocKind == hub.PayrollJournal
		}
	}
	return accounts
}

// Unknown are the accounts of the source that no rule names and for which
// nothing is proposed.
func Unknown(source []SourceAccount, proposals []Proposal, rules []hub.AccountRule) []SourceAccount {
	return slices.DeleteFunc(slices.Clone(source), func(s SourceAccount) bool {
		return s.Code == "" || slices.ContainsFunc(rules, func(r hub.AccountRule) bool { return bare(r.Source) == bare(s.Code) }) ||
			slices.ContainsFunc(proposals, func(p Proposal) bool { return p.Rule.Source == s.Code })
	})
}

// InUse reports whether any kind of document is posted by the map.
func InUse(s *hub.Settings) bool {
	return slices.ContainsFunc(hub.Kinds, s.ByMap)
}
