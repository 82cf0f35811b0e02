// Package money holds exact decimal numbers: sums, unit prices, quantities and
// percents. Nothing is ever rounded unless a method says so in its name.
package money

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/govalues/decimal"
)

// MaxDigits is how many significant digits an Amount can hold: enough for
// 99 billion at eight decimals, and what the decimal library stores in a word.
const MaxDigits = decimal.MaxPrec

// maxText bounds what Parse looks at; no legitimate number is longer.
const maxText = 40

// ErrRange says that a number, or the result of a calculation, does not fit
// into [MaxDigits] digits exactly.
var ErrRange = errors.New("number does not fit exactly")

// An Amount is an exact decimal number. The zero value is 0.
//
// A calculation whose exact result does not fit makes an Amount that is not
// [Amount.Exact]; every later result built on it is not exact either, it equals
// nothing, and it refuses to be marshalled. So a formula is written without
// checking each step, and checked once, and no inexact number leaves unseen.
type Amount struct {
	d   decimal.Decimal
	bad bool
}

// Zero is 0, and Hundred is 100, for percents.
var (
	Zero    = Amount{}
	Hundred = FromInt(100)
)

// FromInt returns n as an Amount.
func FromInt(n int64) Amount { return Amount{d: decimal.MustNew(n, 0)} }

// Cents returns n hundredths.
func Cents(n int64) Amount { return Amount{d: decimal.MustNew(n, 2)} }

// Must is Parse for constants in code and tests; it panics on bad text.
func Must(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// Parse reads plain decimal text with a dot: an optional sign, digits, and
// optional decimals. No exponent, no spaces, no group separators, no "NaN".
func Parse(s string) (Amount, error) {
	if err := plain(s); err != nil {
		return Amount{}, fmt.Errorf("%q is not a decimal number: %w", clip(s), err)
	}
	d, err := decimal.Parse(s)
	if err != nil {
		return Amount{}, fmt.Errorf("%q: %w", clip(s), ErrRange)
	}
	// The library rounds what it cannot hold; we never do.
	if sig := significant(s); sig > MaxDigits || fraction(s) > d.Scale() {
		return Amount{}, fmt.Errorf("%q: %w", clip(s), ErrRange)
	}
	return Amount{d: d}, nil
}

// plain accepts [+-]digits[.digits].
func plain(s string) error {
	if len(s) > maxText {
		return errors.New("too long")
	}
	t := strings.TrimLeft(s, "+-")
	if len(s)-len(t) > 1 {
		return errors.New("more than one sign")
	}
	whole, frac, dot := strings.Cut(t, ".")
	if whole == "" || dot && frac == "" {
		return errors.New("digits missing")
	}
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return fmt.Errorf("character %q", c)
		}
	}
	return nil
}

func significant(s string) int {
	t := strings.Replace(strings.TrimLeft(s, "+-"), ".", "", 1)
	return len(strings.TrimLeft(t, "0"))
}

func fraction(s string) int {
	_, frac, _ := strings.Cut(s, ".")
	return len(frac)
}

func clip(s string) string {
	if len(s) > maxText {
		return s[:maxText] + "…"
	}
	return s
}

// Exact reports whether a holds its value exactly; see [Amount].
func (a Amount) Exact() bool { return !a.bad }

func of(d decimal.Decimal, err error) Amount {
	if err != nil {
		return Amount{bad: true}
	}
	return Amount{d: d}
}

// Add returns a + b.
func (a Amount) Add(b Amount) Amount {
	if a.bad || b.bad {
		return Amount{bad: true}
	}
	return of(a.d.AddExact(b.d, max(a.d.Scale(), b.d.Scale())))
}

// Sub returns a - b.
func (a Amount) Sub(b Amount) Amount { return a.Add(b.Neg()) }

// Neg returns -a.
func (a Amount) Neg() Amount { return Amount{d: a.d.Neg(), bad: a.bad} }

// Abs returns a without its sign.
func (a Amount) Abs() Amount { return Amount{d: a.d.Abs(), bad: a.bad} }

// Mul returns a × b exactly.
func (a Amount) Mul(b Amount) Amount {
	if a.bad || b.bad {
		return Amount{bad: true}
	}
	x, y := a.d.Trim(0), b.d.Trim(0)
	return of(x.MulExact(y, x.Scale()+y.Scale()))
}

// Percent returns p percent of a, exactly.
func (a Amount) Percent(p Amount) Amount { return a.Mul(p).Mul(Cents(1)) }

// RoundHalfUp rounds to the given decimals, halves away from zero, as invoices
// are rounded in Finland and Sweden.
func (a Amount) RoundHalfUp(decimals int) Amount {
	if a.bad || a.d.Scale() <= decimals {
		return a
	}
	return quoHalfUp(a.rat(), big.NewRat(1, 1), decimals)
}

// QuoHalfUp returns a / b rounded once to the given decimals, halves away from
// zero. Division by zero is not exact.
func (a Amount) QuoHalfUp(b Amount, decimals int) Amount {
	if a.bad || b.bad || b.IsZero() {
		return Amount{bad: true}
	}
	return quoHalfUp(a.rat(), b.rat(), decimals)
}

func (a Amount) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(a.d.String())
	if !ok {
		panic("money: decimal prints what big.Rat cannot read: " + a.d.String())
	}
	return r
}

func quoHalfUp(a, b *big.Rat, decimals int) Amount {
	q := new(big.Rat).Quo(a, b)
	num := new(big.Int).Mul(q.Num(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	neg := num.Sign() < 0
	num.Abs(num)
	// (2·num + den) / (2·den), truncated, is num/den with halves up.
	num.Lsh(num, 1).Add(num, q.Denom())
	num.Quo(num, new(big.Int).Lsh(q.Denom(), 1))
	if neg {
		num.Neg(num)
	}
	if !num.IsInt64() {
		return Amount{bad: true}
	}
	return of(decimal.New(num.Int64(), decimals))
}

// Cmp compares by value: 1.0 equals 1.00. Amounts that are not exact compare
// greater than everything, so that they never pass for equal or small.
func (a Amount) Cmp(b Amount) int {
	if a.bad || b.bad {
		return 1
	}
	return a.d.Cmp(b.d)
}

// Equal reports whether a and b are the same number.
func (a Amount) Equal(b Amount) bool { return !a.bad && !b.bad && a.d.Cmp(b.d) == 0 }

// IsZero reports whether a is 0.
func (a Amount) IsZero() bool { return !a.bad && a.d.IsZero() }

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int { return a.d.Sign() }

// Decimals returns how many decimals a was written with; "12.30" has two.
func (a Amount) Decimals() int { return a.d.Scale() }

// Trim returns a without trailing zeros beyond the given decimals.
func (a Amount) Trim(decimals int) Amount { return Amount{d: a.d.Trim(decimals), bad: a.bad} }

// String prints plain decimal text with a dot, as it was written: "12.30".
func (a Amount) String() string {
	if a.bad {
		return "inexact"
	}
	if a.d.IsZero() {
		return a.d.Abs().String() // never "-0"
	}
	return a.d.String()
}

// Fixed prints a with at least the given decimals: Must("5").Fixed(2) is "5.00".
func (a Amount) Fixed(decimals int) string {
	if a.bad {
		return "inexact"
	}
	return Amount{d: a.d.Pad(decimals)}.String()
}

// MarshalJSON writes a bare number.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.bad {
		return nil, ErrRange
	}
	return []byte(a.String()), nil
}

// UnmarshalJSON reads a bare number or a quoted one.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	b = bytes.TrimSuffix(bytes.TrimPrefix(b, []byte{'"'}), []byte{'"'})
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// Sum adds up.
func Sum(list ...Amount) Amount {
	var s Amount
	for _, a := range list {
		s = s.Add(a)
	}
	return s
}

// A Currency is an ISO 4217 code in capitals, such as EUR.
type Currency string

// ParseCurrency checks the form: three capital letters.
func ParseCurrency(s string) (Currency, error) {
	if len(s) != 3 {
		return "", fmt.Errorf("%q is not a currency code", clip(s))
	}
	for _, c := range s {
		if c < 'A' || c > 'Z' {
			return "", fmt.Errorf("%q is not a currency code", clip(s))
		}
	}
	return Currency(s), nil
}
