package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A SettingsVersion is one version of a connection's settings.
type SettingsVersion struct {
	Version  int
	Settings Settings
	Author   string // id of a person, or the name of a program
	At       time.Time
}

// A SettingChange is one setting, or one rule of the account map, that two
// versions do not share.
type SettingChange struct {
	Key  string `json:"key"`
	From string `json:"from"`
	To   string `json:"to"`
	// Rule is set for a rule of the account map.
	Rule *RuleChange `json:"rule,omitempty"`
}

// A RuleChange is a rule that was added (no From), removed (no To) or changed.
type RuleChange struct {
	From *AccountRule `json:"from,omitempty"`
	To   *AccountRule `json:"to,omitempty"`
}

// SettingChanges says what differs between two settings, by key; rules of the
// account map and rows of customers by what they are for, wherever they stand.
func SettingChanges(from, to Settings) ([]SettingChange, error) {
	listed := append(ruleChanges(from.Accounts, to.Accounts), customerChanges(from.Customers, to.Customers)...)
	listed = append(listed, operatorChanges(from.Operators, to.Operators)...)
	for _, s := range []*Settings{&from, &to} {
		s.Accounts, s.Customers, s.Operators = nil, nil, nil
	}
	a, err := from.flat()
	if err != nil {
		return nil, err
	}
	b, err := to.flat()
	if err != nil {
		return nil, err
	}
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	var changes []SettingChange
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if a[k] != b[k] {
			changes = append(changes, SettingChange{Key: k, From: a[k], To: b[k]})
		}
	}
	return append(changes, listed...), nil
}

// ruleChanges pairs the rules of two maps: first those that say the same, then
// those that are for the same rows, then those that differ in the sides on which
// they hold, or in their name.
func ruleChanges(from, to []AccountRule) (changes []SettingChange) {
	left := slices.Clone(to)
	pair := func(same func(a, b *AccountRule) bool, met func(a, b AccountRule)) {
		from = slices.DeleteFunc(slices.Clone(from), func(a AccountRule) bool {
			i := slices.IndexFunc(left, func(b AccountRule) bool { return same(&a, &b) })
			if i < 0 {
				return false
			}
			met(a, left[i])
			left = slices.Delete(left, i, i+1)
			return true
		})
	}
	changed := func(a, b AccountRule) {
		changes = append(changes, SettingChange{Key: "accounts[" + a.For() + "]", From: a.gets(), To: b.gets(), Rule: &RuleChange{&a, &b}})
	}
	pair(func(a, b *AccountRule) bool { return *a == *b }, func(_, _ AccountRule) {})
	pair(func(a, b *AccountRule) bool { return a.For() == b.For() }, changed)
	pair(func(a, b *AccountRule) bool { return a.conditions() == b.conditions() }, changed)
	for _, r := range from {
		changes = append(changes, SettingChange{Key: "accounts[" + r.For() + "]", From: r.gets(), Rule: &RuleChange{From: &r}})
	}
	for _, r := range left {
		changes = append(changes, SettingChange{Key: "accounts[" + r.For() + "]", To: r.gets(), Rule: &RuleChange{To: &r}})
	}
	slices.SortStableFunc(changes, func(a, b SettingChange) int { return strings.Compare(a.Key, b.Key) })
	return changes
}

// For says what a rule is for, such as "source 300, sales"; rules that are for
// the same rows say the same.
func (r *AccountRule) For() string {
	text := r.conditions()
	for _, side := range []struct {
		on   bool
		name string
	}{{r.Sales, "sales"}, {r.Purchases, "purchases"}, {r.Payroll, "payroll"}} {
		if side.on {
			text = strings.TrimPrefix(text+", "+side.name, ", ")
		}
	}
	return text
}

func (r *AccountRule) conditions() string {
	var parts []string
	for _, c := range []struct{ name, value string }{{"source", r.Source}, {"product", r.Product}, {"partner", r.Partner},
		{"category", r.Category}, {"percent", r.Percent}, {"supply", r.Supply}, {"area", string(r.Area)}} {
		if c.value != "" {
			parts = append(parts, c.name+" "+c.value)
		}
	}
	return strings.Join(parts, ", ")
}

// gets says what a row that the rule is for gets, for programs and the log.
func (r *AccountRule) gets() string {
	text := r.Account
	if r.VATStatus != 0 {
		text += ", vat_status " + strconv.Itoa(r.VATStatus)
	}
	if r.Deduction != "" {
		text += ", deduction " + r.Deduction
	}
	if r.Name != "" {
		text += ", name " + r.Name
	}
	return text
}

// flat writes settings as text by key.
func (s Settings) flat() (map[string]string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	out := map[string]string{}
	flatten(out, "", tree)
	return out, nil
}

func flatten(out map[string]string, prefix string, tree map[string]any) {
	for k, v := range tree {
		switch v := v.(type) {
		case map[string]any:
			flatten(out, prefix+k+".", v)
		case []any:
			if words, ok := plain(v); ok {
				out[prefix+k] = words
				continue
			}
			for i, e := range v {
				m, _ := e.(map[string]any) // a list holds either words or objects
				flatten(out, fmt.Sprintf("%s%s[%d].", prefix, k, i), m)
			}
		default:
			out[prefix+k] = fmt.Sprint(v)
		}
	}
}

// plain writes a list of words in one: what counts is their order.
func plain(list []any) (words string, ok bool) {
	var texts []string
	for _, e := range list {
		if _, object := e.(map[string]any); object {
			return "", false
		}
		texts = append(texts, fmt.Sprint(e))
	}
	return strings.Join(texts, ", "), true
}
