// Package circulation is the round of a purchase invoice: who receives it, who has to
// approve it and who may, and how its cost is split. It is pure: who a person is and what
// they may do comes by argument.
package circulation

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// Fields are those of an invoice that may name its receiver, in the order in which a page
// offers them. Procountor's own names stand in its API; these are ours.
var Fields = []string{"order_reference", "order_number", "agreement_number", "accounting_code", "buyer_reference", "seller_reference", "delivery_site",
	"tender_reference", "contact", "additional_information", "notes", "rows"}

// maxHits bounds how many numbers one field is asked for: a long text must not make a
// trial slow.
const maxHits = 50

// A Found says who receives an invoice, and why.
type Found struct {
	Login string
	// Project is the number that led there, or stood there although nobody manages it.
	Project string
	// Field is where it stood, Value what; "" when the default receives it.
	Field, Value string
	// Why is the code of the reason for which the default receives it: one of
	// Nobody, NumberTwice, UnknownNumber, NoRight.
	Why string
	// Named is who was meant and may not receive it.
	Named string
}

// Receiver finds who receives an invoice by its fields; may says who has the right. The
// first field that names somebody who may receive it decides; otherwise the default does,
// with the first reason that was met.
func Receiver(c hub.Circulation, fields map[string]string, may func(login string) bool) Found {
	back := Found{Login: c.Default, Why: Nobody}
	doubt := func(f Found) {
		if back.Why == Nobody {
			f.Login = c.Default
			back = f
		}
	}
	for _, f := range c.Fields {
		list := c.Persons
		if f.Means == hub.MeansProject {
			list = c.Projects
		}
		for _, value := range numbersIn(f, fields[f.Field]) {
			found := Found{Field: f.Field, Value: value}
			if f.Means == hub.MeansProject {
				found.Project = value
			}
			logins := whose(list, value)
			switch {
			case len(logins) == 0:
				found.Why = UnknownNumber
				if f.Pattern == "" && strings.ContainsAny(value, " \n") {
					continue // a text, not a number
				}
				doubt(found)
			case len(logins) > 1:
				found.Why = NumberTwice
				doubt(found)
			case !may(logins[0]):
				found.Why, found.Named = NoRight, logins[0]
				doubt(found)
			default:
				found.Login = logins[0]
				return found
			}
		}
	}
	return back
}

// numbersIn are the numbers that stand in a field, as they stand there.
func numbersIn(f hub.ReceiverField, value string) (list []string) {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	if f.Pattern == "" {
		return []string{value}
	}
	re, err := regexp.Compile(f.Pattern)
	if err != nil {
		return nil // refused when it was set
	}
	for _, m := range re.FindAllStringSubmatch(value, maxHits) {
		n := m[0]
		if len(m) > 1 {
			n = m[1]
		}
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// whose are the logins that a number leads to, each once. Numbers are compared without
// regard to case and space.
func whose(list []hub.ReceiverOf, number string) (logins []string) {
	for _, r := range list {
		if same(r.Number, number) && !slices.Contains(logins, r.Login) {
			logins = append(logins, r.Login)
		}
	}
	return logins
}

func same(a, b string) bool {
	fold := func(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
	return fold(a) == fold(b)
}

// Check says what is wrong with a pattern, "" when nothing is.
func Check(pattern string) string {
	if _, err := regexp.Compile(pattern); err != nil {
		return cmp.Or(err.Error(), pattern)
	}
	return ""
}
