// Package posting chooses the accounts on which documents stand (in Finnish,
// tiliöinti): a pure function of the connection's account map and a row.
//
// What is better known comes first: an account given for the whole invoice, then
// the row's own account in the source, then the product or work type, then the
// other party, then the kind of document, then the connection. Within one of
// these the rule with the most conditions wins. Two that fit alike and say
// different things are never chosen between: a person decides.
package posting

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Basis is what an account was chosen by, best known first.
type Basis string

// The bases, in the order in which they are asked.
const (
	ByInvoice    Basis = "invoice"
	BySource     Basis = "source"
	ByProduct    Basis = "product"
	ByPartner    Basis = "partner"
	ByKind       Basis = "kind"
	ByConnection Basis = "connection"
)

// Bases lists them in the order in which they are asked.
var Bases = []Basis{ByInvoice, BySource, ByProduct, ByPartner, ByKind, ByConnection}

// A Row is what the map is asked about.
type Row struct {
	Kind hub.Kind
	// Invoice is the account that the document names for all its rows, Source the
	// row's own; both in the source's chart.
	Invoice, Source string
	Product         string
	// Partner holds every id and number that the other party is known by.
	Partner  []string
	Category string
	Percent  money.Amount
	Supply   string
	Area     hub.Area
}

// A Choice is what the map says of a row.
type Choice struct {
	Account   string
	VATStatus int    // 0: by the VAT category
	Deduction string // percent, "" leaves Procountor's own
	Basis     Basis
	Rule      string // what says so, for people; see [hub.AccountRule.Label]
}

// A Verdict says why there is no [Choice].
type Verdict string

// Chosen: there is one. Unmapped: no rule is for the row. Ambiguous: several
// are, and say different things.
const (
	Chosen    Verdict = "chosen"
	Unmapped  Verdict = "unmapped"
	Ambiguous Verdict = "ambiguous"
)

// Choose asks the map. When it is ambiguous, the choices are those between
// which a person must decide.
func Choose(rules []hub.AccountRule, row Row) (Choice, Verdict, []Choice) {
	for _, basis := range Bases {
		fits, most := []Choice{}, -1
		named := false // a rule names the source's account, not just any
		for i := range rules {
			r := &rules[i]
			if basisOf(r, basis) != basis || !r.On(row.Kind) {
				continue
			}
			source := row.Source
			if basis == ByInvoice {
				source = row.Invoice
			}
			n, exact, ok := fit(r, row, source)
			if !ok || named && !exact {
				continue
			}
			if exact && !named {
				named, fits, most = true, fits[:0], -1
			}
			if n > most {
				fits, most = fits[:0], n
			}
			if n == most {
				fits = add(fits, choice(r, source, basis))
			}
		}
		switch {
		case len(fits) == 1:
			return fits[0], Chosen, nil
		case len(fits) > 1:
			return Choice{}, Ambiguous, fits
		case basis == BySource && row.Source != "" && mapsSources(rules, row.Kind):
			// The source has posted the row, and nobody has said what its account is
			// here: what is known less well must not decide.
			return Choice{}, Unmapped, nil
		}
	}
	return Choice{}, Unmapped, nil
}

// ForPayroll are the rules with that for payroll runs where none is for them: payroll
// programs have Procountor's own numbers, so that a row's account is taken as it is, and
// held where the chart does not have it.
func ForPayroll(rules []hub.AccountRule) []hub.AccountRule {
	if slices.ContainsFunc(rules, func(r hub.AccountRule) bool { return r.Payroll }) {
		return rules
	}
	return append(slices.Clone(rules), hub.AccountRule{Source: anySource, Account: hub.SameAccount, Payroll: true})
}

// basisOf is the best known thing that a rule asks for. A rule for accounts of
// the source is asked for the invoice's account and for the row's.
func basisOf(r *hub.AccountRule, asked Basis) Basis {
	switch {
	case r.Source != "" && asked == ByInvoice:
		return ByInvoice
	case r.Source != "":
		return BySource
	case r.Product != "":
		return ByProduct
	case r.Partner != "":
		return ByPartner
	case !r.Sales || !r.Purchases:
		return ByKind
	}
	return ByConnection
}

// fit counts the conditions of a rule that a row meets; ok is false when it
// misses one. exact says that the rule names the source's account.
func fit(r *hub.AccountRule, row Row, source string) (n int, exact, ok bool) {
	meets := func(want string, has ...string) bool {
		if want == "" {
			return true
		}
		for _, h := range has {
			if h != "" && bare(h) == bare(want) {
				n++
				return true
			}
		}
		return false
	}
	switch {
	case r.Source == anySource && source == "":
		return 0, false, false
	case r.Source == anySource:
	case !meets(r.Source, source):
		return 0, false, false
	default:
		exact = r.Source != ""
	}
	if !meets(r.Product, row.Product) || !meets(r.Partner, row.Partner...) || !meets(r.Category, row.Category) ||
		!meets(r.Supply, row.Supply) || !meets(string(r.Area), string(row.Area)) {
		return 0, false, false
	}
	if r.Percent != "" {
		p, err := money.Parse(r.Percent)
		if err != nil || !p.Equal(row.Percent) {
			return 0, false, false
		}
		n++
	}
	return n, exact, true
}

// anySource as the source of a rule stands for every account that no rule names.
const anySource = "*"

// bare leaves out what people write differently: case, blanks and dashes.
func bare(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(s))
}

func choice(r *hub.AccountRule, source string, basis Basis) Choice {
	c := Choice{Account: r.Account, VATStatus: r.VATStatus, Deduction: r.Deduction, Basis: basis, Rule: r.Label()}
	if c.Account == hub.SameAccount {
		c.Account = strings.TrimSpace(source)
	}
	return c
}

// add keeps what says something new.
func add(list []Choice, c Choice) []Choice {
	for _, have := range list {
		if have.Rule = c.Rule; have == c {
			return list
		}
	}
	return append(list, c)
}

func mapsSources(rules []hub.AccountRule, kind hub.Kind) bool {
	for i := range rules {
		if rules[i].Source != "" && rules[i].On(kind) {
			return true
		}
	}
	return false
}
