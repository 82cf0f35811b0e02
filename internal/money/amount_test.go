package money

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, good := range []string{"0", "1", "-1", "+1.50", "12.30", "99999999999.99", "0.000001", "-0", "9999999999999999999"} {
		if _, err := Parse(good); err != nil {
			t.Errorf("Parse(%q): %v", good, err)
		}
	}
	for _, bad := range []string{"", "-", "1,5", "1e3", "NaN", "1.", ".5", "--1", "+-1", " 1", "1 000", "٣", "0x1",
		"12345678901234567890", "1.2345678901234567890", "0.00000000000000000001", "1" + string(make([]byte, 100))} {
		if a, err := Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", bad, a)
		}
	}
}

func TestRoundHalfUp(t *testing.T) {
	for _, c := range []struct {
		in       string
		decimals int
		want     string
	}{
		{"0.005", 2, "0.01"}, {"-0.005", 2, "-0.01"}, {"1.004999", 2, "1.00"}, {"2.5", 0, "3"}, {"-2.5", 0, "-3"},
		{"74.9925", 2, "74.99"}, {"1.1", 2, "1.1"}, {"-0.001", 2, "0.00"},
	} {
		if got := Must(c.in).RoundHalfUp(c.decimals).String(); got != c.want {
			t.Errorf("%s to %d decimals = %s, want %s", c.in, c.decimals, got, c.want)
		}
	}
}

func TestOverflowSticks(t *testing.T) {
	big := Must("9999999999999999999")
	over := big.Add(FromInt(1))
	if over.Exact() || over.Sub(big).Exact() || over.Equal(over) || over.IsZero() {
		t.Error("a result that does not fit must stay inexact")
	}
	if _, err := json.Marshal(over); err == nil {
		t.Error("an inexact amount must not be marshalled")
	}
	if FromInt(1).QuoHalfUp(Zero, 2).Exact() {
		t.Error("division by zero must be inexact")
	}
}

func TestJSON(t *testing.T) {
	var v struct{ A, B Amount }
	if err := json.Unmarshal([]byte(`{"A":12.30,"B":"-4.5"}`), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil || string(out) != `{"A":12.30,"B":-4.5}` {
		t.Errorf("got %s, %v", out, err)
	}
	for _, bad := range []string{`1e2`, `"x"`, `true`, `{}`} {
		if err := json.Unmarshal([]byte(`{"A":`+bad+`}`), &v); err == nil {
			t.Errorf("%s was read as an amount", bad)
		}
	}
}

func amount(t *rapid.T, name string) Amount {
	n := rapid.Int64Range(-1_000_000_000, 1_000_000_000).Draw(t, name)
	scale := rapid.IntRange(0, 6).Draw(t, name+" decimals")
	return FromInt(n).QuoHalfUp(Must("1"+"000000"[:scale]), scale)
}

// The exact operations agree with arbitrary-precision rationals.
func TestArithmeticAgreesWithRat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amount(t, "a"), amount(t, "b")
		ra, rb := a.rat(), b.rat()
		for name, pair := range map[string][2]any{
			"+": {a.Add(b), new(big.Rat).Add(ra, rb)},
			"-": {a.Sub(b), new(big.Rat).Sub(ra, rb)},
			"×": {a.Mul(b), new(big.Rat).Mul(ra, rb)},
		} {
			got, want := pair[0].(Amount), pair[1].(*big.Rat)
			if !got.Exact() || got.rat().Cmp(want) != 0 {
				t.Fatalf("%v %s %v = %v, want %v", a, name, b, got, want)
			}
		}
		if a.Cmp(b) != ra.Cmp(rb) {
			t.Fatalf("Cmp(%v, %v)", a, b)
		}
		// half-up: |rounded - exact| ≤ 0.005, and a half goes away from zero
		r := a.RoundHalfUp(2)
		diff := new(big.Rat).Sub(r.rat(), ra)
		diff.Abs(diff)
		if c := diff.Cmp(big.NewRat(5, 1000)); c > 0 || c == 0 && r.Abs().Cmp(a.Abs()) < 0 {
			t.Fatalf("%v rounded to %v", a, r)
		}
		back, err := Parse(a.String())
		if err != nil || !back.Equal(a) || back.String() != a.String() {
			t.Fatalf("%v does not read back: %v %v", a, back, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-12.30", "1e5", "9999999999999999999.9", "0.00", "--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok || a.rat().Cmp(want) != 0 {
			t.Fatalf("Parse(%q) = %v, lost something", s, a)
		}
		again, err := Parse(a.String())
		if err != nil || !again.Equal(a) {
			t.Fatalf("%q prints as %q, which reads as %v, %v", s, a, again, err)
		}
	})
}
