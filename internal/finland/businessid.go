// Package finland checks and makes the identifiers of Finnish business: business
// ids, VAT numbers, payment references, bank accounts and e-invoice addresses.
//
// Every Parse function accepts the forms that people write and returns one
// canonical form. It answers with an error that wraps [ErrForm] when the text
// cannot be such an identifier at all, and [ErrCheck] when only the check digits
// are wrong, which is nearly always a typing error.
package finland

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrForm says that a text does not have the form of the identifier.
	ErrForm = errors.New("wrong form")
	// ErrCheck says that the form is right and the check digits are not.
	ErrCheck = errors.New("wrong check digit")
)

// maxShown bounds how much of a wrong value an error repeats.
const maxShown = 40

func wrong(what, s string, class error, hint string) error {
	if len(s) > maxShown {
		s = s[:maxShown] + "…"
	}
	return fmt.Errorf("%s %q: %w: %s", what, s, class, hint)
}

// A BusinessID is a Finnish business id (Y-tunnus), as 1234567-8.
type BusinessID string

// ParseBusinessID reads 1234567-8, 12345678, FI12345678 and FI1234567-8, with
// spaces around, and the old form with six digits before the dash.
func ParseBusinessID(s string) (BusinessID, error) {
	const what, hint = "business id", "seven digits, a dash and a check digit are expected, as in 2345678-0"
	t := strings.ToUpper(strings.TrimSpace(s))
	t = strings.TrimPrefix(t, "FI")
	if body, check, dash := strings.Cut(t, "-"); dash {
		if len(body) < 6 || len(body) > 7 || len(check) != 1 {
			return "", wrong(what, s, ErrForm, hint)
		}
		t = body + check
		if len(body) == 6 {
			t = "0" + t
		}
	}
	// Eight zeros satisfy the formula but only ever stand for "none".
	if len(t) != 8 || !digits(t) || t == "00000000" {
		return "", wrong(what, s, ErrForm, hint)
	}
	want, ok := businessIDCheck(t[:7])
	if !ok || t[7] != want {
		return "", wrong(what, s, ErrCheck, "a digit is wrong or two are swapped; see ytj.fi")
	}
	return BusinessID(t[:7] + "-" + t[7:]), nil
}

// businessIDCheck returns the check digit of seven digits. Some numbers have
// none, since the remainder 1 is never given out (weights 7 9 10 5 8 4 2,
// modulo 11).
func businessIDCheck(d string) (byte, bool) {
	weights := [7]int{7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(d[i]-'0') * w
	}
	switch r := sum % 11; r {
	case 0:
		return '0', true
	case 1:
		return 0, false
	default:
		return byte('0' + 11 - r), true
	}
}

// Digits returns the eight digits without the dash.
func (b BusinessID) Digits() string { return strings.Replace(string(b), "-", "", 1) }

// VATNumber returns the VAT number that belongs to b. Whether the company is
// registered for VAT is another question.
func (b BusinessID) VATNumber() VATNumber { return VATNumber("FI" + b.Digits()) }

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func alnum(s string) bool {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'A' || s[i] > 'Z') {
			return false
		}
	}
	return s != ""
}

func letters(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}

// squeeze removes the spaces that people group digits with.
func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(strings.TrimSpace(s))
}
