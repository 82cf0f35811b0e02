package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/posting"
)

// RuleFor says what a rule of the account map is for.
func RuleFor(say locale.Speaker, r hub.AccountRule) string {
	parts := ruleConditions(say, r)
	if !r.Sales || !r.Purchases || r.Payroll {
		parts = append(parts, ruleSides(say, r))
	}
	return ruleNamed(say, r, parts)
}

func ruleNamed(say locale.Speaker, r hub.AccountRule, parts []string) string {
	if len(parts) == 0 {
		parts = []string{say.T("rule.everything")}
	}
	text := strings.Join(parts, ", ")
	if r.Name != "" {
		text = r.Name + ": " + text
	}
	return text
}

func ruleConditions(say locale.Speaker, r hub.AccountRule) (parts []string) {
	for _, c := range []struct{ key, value string }{
		{"source", r.Source}, {"product", r.Product}, {"partner", r.Partner}, {"category", r.Category}, {"percent", percentWords(say, r.Percent)},
		{"supply", ruleChoice(say, "supply", r.Supply)}, {"area", ruleChoice(say, "area", string(r.Area))},
	} {
		if c.value != "" {
			parts = append(parts, say.T("rule."+c.key, "value", c.value))
		}
	}
	return parts
}

func ruleChoice(say locale.Speaker, key, value string) string {
	if value == "" {
		return ""
	}
	return say.T("rule." + key + "-is." + value)
}

// percentWords writes a percent as the reader does.
func percentWords(say locale.Speaker, text string) string {
	p, err := money.Parse(text)
	if err != nil {
		return text
	}
	return say.Number(p)
}

// ruleGets says what a row that a rule is for gets.
func ruleGets(say locale.Speaker, r hub.AccountRule) []string {
	parts := []string{r.Account}
	if r.Account == hub.SameAccount {
		parts[0] = say.T("rule.same")
	}
	if r.VATStatus != 0 {
		parts = append(parts, say.T("rule.status", "n", strconv.Itoa(r.VATStatus)))
	}
	if r.Deduction != "" {
		parts = append(parts, say.T("rule.deduction", "percent", percentWords(say, r.Deduction)))
	}
	return parts
}

// GapWords says what keeps an account map from being ready.
func GapWords(say locale.Speaker, g posting.Gap) string {
	switch g.Why {
	case posting.GapAmbiguous:
		return say.T("rule.gap-ambiguous", "rule", RuleFor(say, g.Rule), "gets", strings.Join(ruleGets(say, g.Rule), ", "),
			"other", RuleFor(say, *g.Other), "otherwise", strings.Join(ruleGets(say, *g.Other), ", "))
	case posting.GapSetting:
		return say.T("rule.gap-setting", "setting", settingName(say, g.Key), "value", g.Value)
	case posting.GapSeen:
		return say.N("rule.gap-seen-"+string(g.Seen.Verdict), g.Seen.Documents, "rule", RuleFor(say, SeenRule(g.Seen)))
	}
	return say.T("rule.gap-"+string(g.Why), "rule", RuleFor(say, g.Rule), "account", g.Rule.Account)
}

// SeenRule is a rule, still without an account, for rows that were seen.
func SeenRule(s *posting.Seen) hub.AccountRule {
	r := hub.AccountRule{Source: s.Row.Source, Category: s.Row.Category, Percent: s.Row.Percent.Trim(0).String(), Supply: s.Row.Supply, Area: s.Row.Area,
		Sales: !s.Row.Kind.Buys(), Purchases: s.Row.Kind.Buys()}
	if r.Source == "" {
		r.Source, r.Product = s.Row.Invoice, s.Row.Product
	}
	return r
}

// SampleWords tells a row of a document.
func SampleWords(say locale.Speaker, s posting.Sample) string {
	parts := []string{s.Number, say.Day(s.Date), s.Partner, s.Text}
	if n, err := money.Parse(s.Net); err == nil && s.Net != "" {
		parts = append(parts, say.Number(n))
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

// ProposalWords says how sure a proposal is, and why it is made.
func ProposalWords(say locale.Speaker, r posting.Reason) (confidence, reason string) {
	return say.T("rule.confidence." + r.Confidence()), say.T("rule.reason." + string(r))
}

// A ChangeInWords is a setting that two versions do not share.
type ChangeInWords struct{ Name, From, To string }

func (c ChangeInWords) String() string { return c.Name + ": " + c.From + " → " + c.To }

// ChangeWords says a change of settings: a rule by what it is for.
func ChangeWords(say locale.Speaker, c hub.SettingChange) ChangeInWords {
	if c.Rule == nil {
		return ChangeInWords{settingName(say, c.Key), settingValue(say, c.Key, c.From), settingValue(say, c.Key, c.To)}
	}
	from, to := c.Rule.From, c.Rule.To
	if from == nil || to == nil {
		w := ChangeInWords{From: say.T("rule.none"), To: say.T("rule.none")}
		rule := to
		if from != nil {
			rule, w.From = from, strings.Join(ruleGets(say, *from), ", ")
		} else {
			w.To = strings.Join(ruleGets(say, *to), ", ")
		}
		w.Name = say.T("rule.change", "rule", RuleFor(say, *rule))
		return w
	}
	// What both versions of the rule share stands in its name, the rest beside it.
	name, a, b := *to, ruleGets(say, *from), ruleGets(say, *to)
	if from.Sales != to.Sales || from.Purchases != to.Purchases || from.Payroll != to.Payroll {
		name.Sales, name.Purchases, name.Payroll = true, true, false
		a, b = append(a, ruleSides(say, *from)), append(b, ruleSides(say, *to))
	}
	if from.Name != to.Name {
		name.Name = ""
		a, b = append(a, quoted(from.Name)), append(b, quoted(to.Name))
	}
	return ChangeInWords{say.T("rule.change", "rule", RuleFor(say, name)), strings.Join(a, ", "), strings.Join(b, ", ")}
}

func ruleSides(say locale.Speaker, r hub.AccountRule) string {
	var parts []string
	if r.Sales {
		parts = append(parts, say.T("rule.sales"))
	}
	if r.Purchases {
		parts = append(parts, say.T("rule.purchases"))
	}
	if r.Payroll {
		parts = append(parts, say.T("rule.payroll"))
	}
	return strings.Join(parts, ", ")
}

func quoted(s string) string {
	if s == "" {
		return "–"
	}
	return "”" + s + "”"
}
