package posting

import (
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// Further reasons of a proposal, for a row that no rule is for.
const (
	// NamedForCategory: the account's name speaks of the row's VAT category.
	NamedForCategory Reason = "named-for-category"
	// OtherRate: a rule leads the same account of the source there, at another rate
	// or category.
	OtherRate Reason = "other-rate"
)

// A Suggestion is an account and a VAT status that a person may choose for a row.
type Suggestion struct {
	Account string
	Reason  Reason
	// Status is the company's VAT status, 0 when none is known; ByDescription says
	// that the description of the status in Procountor speaks of the row's category,
	// else the settings of the connection name it.
	Status        int
	ByDescription bool
}

// maxSuggestions is how many accounts a person is offered.
const maxSuggestions = 5

// Suggest proposes accounts and a VAT status for a row that the map says nothing
// of, the likeliest first. Nothing is concluded from a number but that it is the
// same.
func Suggest(row Row, s *hub.Settings, r *register.Copy) (list []Suggestion) {
	keys := categoryKeys(row)
	status, by := 0, false
	for _, k := range keys {
		if n, ok := s.VATStatuses[row.Kind][k]; ok && r.HasStatus(row.Kind, n) && status == 0 {
			status = n
		}
	}
	if status == 0 {
		proposed := register.ProposeVATStatuses(r)[row.Kind]
		for _, k := range keys {
			if n, ok := proposed[k]; ok && status == 0 {
				status, by = n, true
			}
		}
	}
	add := func(account string, why Reason) {
		if account != "" && r.HasAccount(account) && len(list) < maxSuggestions &&
			!slices.ContainsFunc(list, func(x Suggestion) bool { return x.Account == account }) {
			list = append(list, Suggestion{account, why, status, by})
		}
	}
	for _, a := range r.Accounts {
		if a.Active && slices.ContainsFunc(keys, func(k string) bool { return k != "S" && register.Names(k, a.Name) }) {
			add(a.Code, NamedForCategory)
		}
	}
	source := row.Source
	if source == "" {
		source = row.Invoice
	}
	for _, p := range Propose([]SourceAccount{{Code: source}}, r.Accounts, nil) {
		add(p.Rule.Account, p.Reason)
	}
	for i := range s.Accounts {
		if x := &s.Accounts[i]; source != "" && x.On(row.Kind) && bare(x.Source) == bare(source) && x.Account != hub.SameAccount {
			add(x.Account, OtherRate)
		}
	}
	return list
}

// categoryKeys are the keys by which a status is known for a row, the most exact first.
func categoryKeys(row Row) (keys []string) {
	category := row.Category
	if category == "" {
		return nil
	}
	if category == "AE" && row.Area == hub.EU {
		category = "AE/EU"
	}
	if row.Supply != "" {
		keys = append(keys, category+"/"+row.Supply)
	}
	return append(keys, category)
}
