package posting

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
)

// A Gap is something that keeps an account map from being ready.
type Gap struct {
	Why  Why
	Rule hub.AccountRule // of GapAccount, GapStatus and GapAmbiguous
	// Other is the rule that fits as well as Rule.
	Other *hub.AccountRule
	// Key and Value are a setting and what it names that is not there.
	Key, Value string
	// Seen are rows of documents that the map says nothing of, or two things.
	Seen *Seen
}

// A Why says what is missing.
type Why string

const (
	GapAccount   Why = "account"   // not open in the chart
	GapStatus    Why = "status"    // not in use, or none is known for what the rule is for
	GapAmbiguous Why = "ambiguous" // two rules fit alike and say different things
	GapSetting   Why = "setting"   // a setting names something that is not there, or closed
	GapSeen      Why = "seen"      // documents have rows for which there is no rule
)

// Gaps lists what is missing before the map can be used: every account in use
// is open in Procountor and has a VAT status (FEATURES E-25), no two rules
// contradict each other, and nothing is named that the company does not have.
// The map is ready when there are none. Without a status of its own a rule needs
// one for each VAT category that it may meet: the one that it names, else the
// domestic one.
func Gaps(s *hub.Settings, r *register.Copy) (list []Gap) {
	for _, rule := range s.Accounts {
		if rule.Account != hub.SameAccount && !r.HasAccount(rule.Account) {
			list = append(list, Gap{Why: GapAccount, Rule: rule})
		}
		for _, kind := range hub.VATKinds {
			if !rule.On(kind) || s.Kinds[kind].Posting != hub.PostedByMap {
				continue
			}
			status, ok := rule.VATStatus, rule.VATStatus != 0
			if !ok {
				category := rule.Category
				if category == "" {
					category = "S"
				}
				status, ok = s.VATStatus(kind, category, rule.Supply)
				if !ok && rule.Area == hub.EU {
					status, ok = s.VATStatus(kind, category+"/EU", rule.Supply)
				}
			}
			if !ok || !r.HasStatus(kind, status) {
				list = append(list, Gap{Why: GapStatus, Rule: rule})
				break
			}
		}
	}
	list = append(list, Contradictions(s)...)
	if !InUse(s) {
		return list
	}
	for _, axis := range slices.Sorted(maps.Keys(s.Dimensions)) {
		if !r.HasDimension(s.Dimensions[axis]) {
			list = append(list, Gap{Why: GapSetting, Key: "dimensions." + axis, Value: s.Dimensions[axis]})
		}
	}
	for _, kind := range hub.VATKinds {
		if s.Kinds[kind].Posting != hub.PostedByMap {
			continue
		}
		for _, category := range slices.Sorted(maps.Keys(s.VATStatuses[kind])) {
			if n := s.VATStatuses[kind][category]; !r.HasStatus(kind, n) {
				list = append(list, Gap{Why: GapSetting, Key: "vat_statuses." + string(kind) + "." + category, Value: strconv.Itoa(n)})
			}
		}
	}
	if _, ok := r.Account(s.BankAccount); s.BankAccount != "" && !ok && r.BankAccounts != nil {
		list = append(list, Gap{Why: GapSetting, Key: "bank_account", Value: s.BankAccount})
	}
	return list
}

// Contradictions are the pairs of rules between which a row would have to
// choose: both fit it, alike, and they say different things. They are found by
// asking the map about the row that meets all that the two ask for.
func Contradictions(s *hub.Settings) (list []Gap) {
	for i := range s.Accounts {
		for k := i + 1; k < len(s.Accounts); k++ {
			a, b := &s.Accounts[i], &s.Accounts[k]
			if contradict(s, a, b) {
				list = append(list, Gap{Why: GapAmbiguous, Rule: *a, Other: b})
			}
		}
	}
	return list
}

func contradict(s *hub.Settings, a, b *hub.AccountRule) bool {
	meet, ok := meeting(a, b)
	if !ok || choice(a, a.Source, "") == relabel(choice(b, b.Source, ""), a) {
		return false
	}
	for _, kind := range hub.Kinds {
		if !a.On(kind) || !b.On(kind) || !s.ByMap(kind) {
			continue
		}
		meet.Kind = kind
		na, _, _ := fit(a, meet, meet.Source)
		if nb, _, _ := fit(b, meet, meet.Source); na != nb {
			return false // the more exact one wins
		}
		_, verdict, between := Choose(s.Accounts, meet)
		if verdict != Ambiguous {
			continue
		}
		ca, cb := choice(a, meet.Source, between[0].Basis), choice(b, meet.Source, between[0].Basis)
		has := func(c Choice) bool {
			return slices.ContainsFunc(between, func(x Choice) bool { x.Rule = c.Rule; return x == c })
		}
		if has(ca) && has(cb) {
			return true
		}
	}
	return false
}

func relabel(c Choice, as *hub.AccountRule) Choice {
	c.Rule = as.Label()
	return c
}

// Values that no rule asks for, in a row about which only conditions are known.
const (
	noSuchAccount = "\x00"
	noSuchPercent = "99.99"
)

// meeting is the row that meets the conditions of both rules; ok is false when
// no row can, or when the two are asked at different times.
func meeting(a, b *hub.AccountRule) (row Row, ok bool) {
	ok = basisOf(a, BySource) == basisOf(b, BySource) && (a.Source == anySource) == (b.Source == anySource)
	both := func(x, y string) string {
		if x != "" && y != "" && bare(x) != bare(y) {
			ok = false
		}
		return cmp.Or(x, y)
	}
	row.Source, row.Product, row.Category = both(a.Source, b.Source), both(a.Product, b.Product), both(a.Category, b.Category)
	row.Supply, row.Area = both(a.Supply, b.Supply), hub.Area(both(string(a.Area), string(b.Area)))
	if p := both(a.Partner, b.Partner); p != "" {
		row.Partner = []string{p}
	}
	if row.Source == anySource {
		row.Source = noSuchAccount
	}
	row.Percent = money.Must(noSuchPercent)
	for _, text := range []string{a.Percent, b.Percent} {
		if text == "" {
			continue
		}
		p, err := money.Parse(text)
		if err != nil || a.Percent != "" && b.Percent != "" && !row.Percent.Equal(p) && !row.Percent.Equal(money.Must(noSuchPercent)) {
			return row, false
		}
		row.Percent = p
	}
	return row, ok
}

// A Seen is a group of rows of documents that the map treats alike.
type Seen struct {
	Row     Row // Kind, Source, Product, Category, Percent, Supply and Area
	Verdict Verdict
	// Documents counts them; Samples are the newest rows.
	Documents int
	Samples   []Sample
	// last is the transfer that was counted last.
	last string
}

// A Sample is one row of a document, for people.
type Sample struct {
	Transfer, Number string
	Line             int // from 0
	Text             string
	Net              string // decimal text, "" when not stated
	Date             string
	Partner          string
}

// maxSamples is how many rows of a group are shown.
const maxSamples = 3

// A Census counts the rows of documents for which the map has no answer.
type Census struct {
	Rules []hub.AccountRule
	list  []*Seen
}

// Add asks the map about a row, which is also shown as a sample. Documents come
// one after the other.
func (c *Census) Add(row Row, s Sample) {
	_, verdict, _ := Choose(c.Rules, row)
	if verdict == Chosen {
		return
	}
	i := slices.IndexFunc(c.list, func(x *Seen) bool {
		return x.Verdict == verdict && x.Row.Kind == row.Kind && bare(x.Row.Source) == bare(row.Source) && x.Row.Invoice == row.Invoice &&
			(row.Source != "" || bare(x.Row.Product) == bare(row.Product)) && x.Row.Category == row.Category && x.Row.Percent.Equal(row.Percent) &&
			x.Row.Supply == row.Supply && x.Row.Area == row.Area
	})
	if i < 0 {
		row.Partner = nil
		i, c.list = len(c.list), append(c.list, &Seen{Row: row, Verdict: verdict})
	}
	seen := c.list[i]
	if seen.last != s.Transfer {
		seen.Documents, seen.last = seen.Documents+1, s.Transfer
	}
	if len(seen.Samples) < maxSamples {
		seen.Samples = append(seen.Samples, s)
	}
}

// Gaps are the groups, the most frequent first.
func (c *Census) Gaps() (gaps []Gap) {
	slices.SortStableFunc(c.list, func(a, b *Seen) int { return b.Documents - a.Documents })
	for _, s := range c.list {
		gaps = append(gaps, Gap{Why: GapSeen, Seen: s})
	}
	return gaps
}
