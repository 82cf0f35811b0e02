package procountortest

import (
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// A Number is an exact decimal as it stands in JSON. The zero value is 0.
// Numbers are comparable only by [Number.Cmp]: 1.50 and 1.5 are different values
// of this type.
type Number struct {
	coef  int64 // value × 10^scale
	scale uint8
}

// Limits of a number on the wire: enough for any sum of money, and small enough
// for exact products.
const (
	maxDigits = 18
	maxScale  = 12
)

var errNumber = errors.New("not a decimal number of at most 18 digits, 12 of them after the point")

// ParseNumber reads a decimal number such as "-12.30" or "1.5e2".
func ParseNumber(s string) (Number, error) {
	mant, exps, hasExp := strings.Cut(s, "e")
	if !hasExp {
		mant, exps, hasExp = strings.Cut(s, "E")
	}
	exp := 0
	if hasExp {
		e, err := strconv.Atoi(exps)
		if err != nil || e < -maxDigits || e > maxDigits {
			return Number{}, errNumber
		}
		exp = e
	}
	neg := strings.HasPrefix(mant, "-")
	mant = strings.TrimPrefix(mant, "-")
	whole, frac, _ := strings.Cut(mant, ".")
	if whole == "" {
		return Number{}, errNumber
	}
	scale := len(frac) - exp
	var c int64
	digits := 0
	for _, part := range [2]string{whole, frac} {
		for i := range len(part) {
			d := part[i]
			if d < '0' || d > '9' {
				return Number{}, errNumber
			}
			if c != 0 || d != '0' {
				digits++
			}
			if digits > maxDigits {
				return Number{}, errNumber
			}
			c = c*10 + int64(d-'0')
		}
	}
	for ; scale < 0; scale++ {
		if digits++; c != 0 && digits > maxDigits {
			return Number{}, errNumber
		}
		c *= 10
	}
	for scale > maxScale && c%10 == 0 {
		c, scale = c/10, scale-1
	}
	if scale > maxScale {
		return Number{}, errNumber
	}
	if neg {
		c = -c
	}
	return Number{coef: c, scale: uint8(scale)}, nil
}

// Num is ParseNumber for constants; it panics on what is not a number.
func Num(s string) Number {
	n, err := ParseNumber(s)
	if err != nil {
		panic("procountortest: " + s + ": " + err.Error())
	}
	return n
}

// String writes the number in plain notation with its scale: "12.30".
func (n Number) String() string { return string(n.append(nil)) }

func (n Number) append(b []byte) []byte {
	if n.scale == 0 {
		return strconv.AppendInt(b, n.coef, 10)
	}
	c := n.coef
	if c < 0 {
		b, c = append(b, '-'), -c
	}
	p := pow10[n.scale]
	b = strconv.AppendInt(b, c/p, 10)
	b = append(b, '.')
	frac := c % p
	for i := int(n.scale) - 1; i > 0 && frac < pow10[i]; i-- {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, frac, 10)
}

var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// MarshalJSON writes a bare JSON number.
func (n Number) MarshalJSON() ([]byte, error) { return n.append(make([]byte, 0, 20)), nil }

// UnmarshalJSON reads a bare JSON number; null leaves n as it is.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	v, err := ParseNumber(string(b))
	if err != nil {
		return err
	}
	*n = v
	return nil
}

var _ json.Unmarshaler = (*Number)(nil)

// Sign returns -1, 0 or 1.
func (n Number) Sign() int {
	switch {
	case n.coef < 0:
		return -1
	case n.coef > 0:
		return 1
	}
	return 0
}

// Neg returns -n.
func (n Number) Neg() Number { return Number{-n.coef, n.scale} }

// Cmp compares the values of n and m.
func (n Number) Cmp(m Number) int {
	if n.scale == m.scale {
		switch {
		case n.coef < m.coef:
			return -1
		case n.coef > m.coef:
			return 1
		}
		return 0
	}
	return n.rat().Cmp(m.rat())
}

// decimals returns how many digits after the point the value needs.
func (n Number) decimals() int {
	c, s := n.coef, int(n.scale)
	for s > 0 && c%10 == 0 {
		c, s = c/10, s-1
	}
	return s
}

func (n Number) rat() *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(n.coef), big.NewInt(pow10[n.scale]))
}

// add adds sums of money; both are of scale 2 or less.
func (n Number) add(m Number) Number {
	for n.scale < m.scale {
		n = Number{n.coef * 10, n.scale + 1}
	}
	for m.scale < n.scale {
		m = Number{m.coef * 10, m.scale + 1}
	}
	return Number{n.coef + m.coef, n.scale}
}

func (n Number) sub(m Number) Number { return n.add(m.Neg()) }

func (n Number) abs() Number {
	if n.coef < 0 {
		return n.Neg()
	}
	return n
}

// maxCents bounds a sum of money, a million millions: the sum of maxRows of them
// with VAT still fits an int64.
const maxCents = 100_000_000_000_000

// roundFrac returns num/den rounded half-up, away from zero, to two decimals
// (REFERENCE 7.10: half-up assumed). ok is false when the sum is too large.
func roundFrac(num, den *big.Int) (n Number, ok bool) {
	if den.Sign() < 0 {
		num, den = new(big.Int).Neg(num), new(big.Int).Neg(den)
	}
	neg := num.Sign() < 0
	x := new(big.Int).Abs(num)
	x.Mul(x, big.NewInt(200)).Add(x, den)
	x.Quo(x, new(big.Int).Lsh(den, 1))
	if !x.IsInt64() || x.Int64() > maxCents {
		return Number{}, false
	}
	c := x.Int64()
	if neg {
		c = -c
	}
	return Number{c, 2}, true
}

func roundRat(r *big.Rat) (Number, bool) { return roundFrac(r.Num(), r.Denom()) }

// percentOf returns p percent of the sum n, rounded.
func percentOf(n, p Number) Number {
	num := new(big.Int).Mul(big.NewInt(n.coef), big.NewInt(p.coef))
	den := new(big.Int).Mul(big.NewInt(pow10[n.scale]*100), big.NewInt(pow10[p.scale]))
	r, _ := roundFrac(num, den) // a percentage of at most a few hundred of a bounded sum
	return r
}
