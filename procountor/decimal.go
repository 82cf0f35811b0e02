package procountor

import (
	"errors"
	"fmt"
	"strings"
)

// maxDecimalDigits bounds the digits of a [Decimal], exponents included. The API's amounts
// have fewer than twenty; the bound keeps 1e999999999 from becoming a gigabyte of zeros.
const maxDecimalDigits = 60

// A Decimal is an exact decimal number as it stands in JSON: 12, -0.05, 10.00.
//
// It is held as text, so nothing is rounded and trailing zeros stay as they were written;
// it does not calculate. Compare with [Decimal.Cmp], which compares the numbers: with ==,
// 10 and 10.00 differ. The zero value counts as 0 in a required field and is left out of an
// optional one; an explicit 0, from ParseDecimal("0"), is sent.
type Decimal struct{ text string }

// ParseDecimal reads a number such as "-12.50", "0", ".5" or "1.5E+3"; no spaces, no
// thousands separators, no comma. At most 60 digits.
func ParseDecimal(s string) (Decimal, error) {
	neg, digits, scale, err := scanDecimal(s)
	if err != nil {
		return Decimal{}, fmt.Errorf("decimal %.80q: %w", s, err)
	}
	return Decimal{printDecimal(neg, digits, scale)}, nil
}

// MustParseDecimal is [ParseDecimal] for numbers that stand in the program text. It panics
// when s is not a number.
func MustParseDecimal(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic("procountor: " + err.Error())
	}
	return d
}

// String returns the number without exponent, as it goes over the wire. The zero value gives "0".
func (d Decimal) String() string {
	if d.text == "" {
		return "0"
	}
	return d.text
}

// Cmp compares the numbers: -1 if d < e, 0 if they are equal, +1 if d > e.
func (d Decimal) Cmp(e Decimal) int {
	ds, es := d.Sign(), e.Sign()
	switch {
	case ds != es:
		return sign(ds - es)
	case ds == 0:
		return 0
	}
	return ds * cmpMagnitude(d.text, e.text)
}

// Sign returns -1, 0 or +1.
func (d Decimal) Sign() int {
	if strings.Trim(d.text, "-0.") == "" {
		return 0
	}
	if d.text[0] == '-' {
		return -1
	}
	return 1
}

// MarshalJSON writes a bare JSON number without exponent.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number or a quoted one; null and "" give the zero value.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	s := string(b)
	if len(s) >= 2 && s[0] == '"' {
		s = s[1 : len(s)-1]
	}
	if s == "null" || s == "" {
		*d = Decimal{}
		return nil
	}
	v, err := ParseDecimal(s)
	if err != nil {
		return err
	}
	*d = v
	return nil
}

var errNotANumber = errors.New("not a number")

// scanDecimal splits s into sign, digits and the number of digits after the point.
func scanDecimal(s string) (neg bool, digits string, scale int, err error) {
	rest := s
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		neg = rest[0] == '-'
		rest = rest[1:]
	}
	exp := 0
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		if exp, err = scanExponent(rest[i+1:]); err != nil {
			return false, "", 0, err
		}
		rest = rest[:i]
	}
	whole, frac, _ := strings.Cut(rest, ".")
	digits = whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false, "", 0, errNotANumber
	}
	scale = len(frac) - exp
	if scale < 0 {
		if len(digits)-scale > maxDecimalDigits {
			return false, "", 0, errors.New("too many digits")
		}
		digits += strings.Repeat("0", -scale)
		scale = 0
	}
	if max(len(digits), scale) > maxDecimalDigits {
		return false, "", 0, errors.New("too many digits")
	}
	return neg, digits, scale, nil
}

func scanExponent(s string) (int, error) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	if s == "" || len(s) > 3 {
		return 0, errNotANumber
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, errNotANumber
		}
		n = 10*n + int(c-'0')
	}
	if neg {
		n = -n
	}
	return n, nil
}

func printDecimal(neg bool, digits string, scale int) string {
	if scale >= len(digits) {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	whole := strings.TrimLeft(digits[:len(digits)-scale], "0")
	if whole == "" {
		whole = "0"
	}
	out := whole
	if scale > 0 {
		out += "." + digits[len(digits)-scale:]
	}
	if neg && strings.Trim(out, "0.") != "" { // there is no minus zero
		out = "-" + out
	}
	return out
}

// cmpMagnitude compares two numbers as printDecimal writes them, without their signs.
func cmpMagnitude(a, b string) int {
	aw, af, _ := strings.Cut(strings.TrimPrefix(a, "-"), ".")
	bw, bf, _ := strings.Cut(strings.TrimPrefix(b, "-"), ".")
	if len(aw) != len(bw) {
		return sign(len(aw) - len(bw))
	}
	if c := strings.Compare(aw, bw); c != 0 {
		return c
	}
	return strings.Compare(strings.TrimRight(af, "0"), strings.TrimRight(bf, "0"))
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
