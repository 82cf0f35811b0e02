package sweden

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var parsers = map[string]func(string) (string, error){
	"organisation": func(s string) (string, error) { v, err := ParseOrganisationNumber(s); return string(v), err },
	"VAT":          func(s string) (string, error) { v, err := ParseVATNumber(s); return string(v), err },
	"OCR":          func(s string) (string, error) { v, err := ParseOCR(s); return string(v), err },
	"OCR, length":  func(s string) (string, error) { v, err := ParseOCRWithLength(s); return string(v), err },
	"bankgiro":     func(s string) (string, error) { v, err := ParseBankgiro(s); return string(v), err },
	"plusgiro":     func(s string) (string, error) { v, err := ParsePlusgiro(s); return string(v), err },
}

func TestKnown(t *testing.T) {
	for _, c := range []struct{ kind, in, want string }{
		{"organisation", "556047-3521", "556047-3521"}, // Bankgirocentralen's own
		{"organisation", "5560473521", "556047-3521"},
		{"organisation", "16556047-3521", "556047-3521"},
		{"organisation", "165560473521", "556047-3521"},
		{"organisation", "19811218-9876", "811218-9876"}, // the tax agency's sample person
		{"VAT", "SE556047352101", "SE556047352101"},
		{"VAT", "se 556047-3521 01", "SE556047352101"},
		{"OCR", "1230", "1230"},
		{"OCR", "12 30", "1230"},
		{"bankgiro", "160-9908", "160-9908"},
		{"bankgiro", "50501055", "5050-1055"},
		{"plusgiro", "90 19 50-6", "90 19 50-6"},
		{"plusgiro", "9019506", "90 19 50-6"},
		{"plusgiro", "18", "1-8"},
	} {
		if got, err := parsers[c.kind](c.in); err != nil || got != c.want {
			t.Errorf("%s %q = %q, %v; want %q", c.kind, c.in, got, err, c.want)
		}
	}
	// The last digit but one says that there are five digits.
	if l, err := MakeOCRWithLength("123"); err != nil || len(l) != 5 || l[:4] != "1235" || !l.HasLengthDigit() {
		t.Errorf("123 with length digit = %q, %v", l, err)
	}
	o := OrganisationNumber("556047-3521")
	if o.VATNumber() != "SE556047352101" || o.VATNumber().OrganisationNumber() != o || !o.LegalEntity() {
		t.Errorf("got %s", o.VATNumber())
	}
	if OrganisationNumber("811218-9876").LegalEntity() || VATNumber("SE1").OrganisationNumber() != "" {
		t.Error("a person is no legal entity, and a short VAT number holds nothing")
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		kind, in string
		class    error
	}{
		{"organisation", "556047-3522", ErrCheck},
		{"organisation", "556047352", ErrForm},
		{"organisation", "55604-73521", ErrForm},
		{"organisation", "17556047-3521", ErrForm},
		{"organisation", "19556047-3521", ErrForm}, // a century before a legal entity
		{"organisation", "16811218-9876", ErrForm}, // 16 before a person
		{"organisation", "000000-0000", ErrForm},
		{"VAT", "SE556047352201", ErrCheck},
		{"VAT", "SE5560473521", ErrForm},
		{"VAT", "SE556047352100", ErrForm},
		{"VAT", "FI01120389", ErrForm},
		{"OCR", "1231", ErrCheck},
		{"OCR", "0", ErrForm},
		{"OCR", strings.Repeat("0", 26), ErrForm},
		{"OCR", "RF18", ErrForm},
		{"OCR, length", "1230", ErrCheck},
		{"bankgiro", "160-9909", ErrCheck},
		{"bankgiro", "16-09908", ErrForm},
		{"bankgiro", "123456", ErrForm},
		{"plusgiro", "9019507", ErrCheck},
		{"plusgiro", "9", ErrForm},
		{"plusgiro", "00", ErrForm},
		{"plusgiro", "123456789", ErrForm},
		{"plusgiro", "90-19506", ErrForm},
	} {
		got, err := parsers[c.kind](c.in)
		if !errors.Is(err, c.class) || got != "" {
			t.Errorf("%s %q = %q, %v; want %v", c.kind, c.in, got, err, c.class)
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("1", 25)} {
		if o, err := MakeOCR(bad); err == nil {
			t.Errorf("MakeOCR(%q) = %q", bad, o)
		}
		if o, err := MakeOCRWithLength(bad); err == nil {
			t.Errorf("MakeOCRWithLength(%q) = %q", bad, o)
		}
	}
}

// What is made passes, and no single wrong digit gets by.
func TestSingleErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching("[0-9]{1,23}").Draw(t, "base")
		plain, err := MakeOCR(base)
		if err != nil {
			t.Fatal(err)
		}
		long, err := MakeOCRWithLength(base)
		if err != nil {
			t.Fatal(err)
		}
		if len(long) != len(base)+2 || !strings.HasPrefix(string(long), base) {
			t.Fatalf("%q became %q", base, long)
		}
		check(t, "OCR", string(plain))
		check(t, "OCR, length", string(long))
		n := rapid.StringMatching("[1-9][0-9]{8}").Draw(t, "organisation")
		check(t, "organisation", n[:6]+"-"+n[6:]+string(luhnDigit(n)))
		check(t, "VAT", "SE"+n+string(luhnDigit(n))+"01")
		g := rapid.StringMatching("[1-9][0-9]{5,6}").Draw(t, "giro")
		g += string(luhnDigit(g))
		check(t, "bankgiro", g[:len(g)-4]+"-"+g[len(g)-4:])
		p, err := ParsePlusgiro(g)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "plusgiro", string(p))
	})
}

func check(t *rapid.T, kind, good string) {
	if got, err := parsers[kind](good); err != nil || got != good {
		t.Fatalf("%s %q = %q, %v", kind, good, got, err)
	}
	for i := range good {
		if good[i] < '0' || good[i] > '9' || kind == "VAT" && i >= len(good)-2 {
			continue // the two last digits of a VAT number are only a count
		}
		for c := byte('0'); c <= '9'; c++ {
			bad := good[:i] + string(c) + good[i+1:]
			if got, err := parsers[kind](bad); err == nil && c != good[i] {
				t.Fatalf("%s %q passes as %q although place %d of %q is wrong", kind, bad, got, i, good)
			}
		}
	}
}

// slowLuhn doubles by the table that the algorithm is taught with.
func slowLuhn(s string) bool {
	table := map[byte]int{'0': 0, '1': 2, '2': 4, '3': 6, '4': 8, '5': 1, '6': 3, '7': 5, '8': 7, '9': 9}
	sum, twice := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if twice {
			sum += table[s[i]]
		} else {
			sum += int(s[i] - '0')
		}
		twice = !twice
	}
	return sum%10 == 0
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"556047-3521", "SE556047352101", "1230", "160-9908", "90 19 50-6", "", "-", "19811218-9876"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for kind, parse := range parsers {
			got, err := parse(s)
			if err != nil {
				if !errors.Is(err, ErrForm) && !errors.Is(err, ErrCheck) {
					t.Fatalf("%s %q: unclassified error %v", kind, s, err)
				}
				if kind == "OCR" && errors.Is(err, ErrCheck) && slowLuhn(squeeze(s)) {
					t.Fatalf("%q is refused, by the slow check it is right", s)
				}
				continue
			}
			if again, err := parse(got); err != nil || again != got {
				t.Fatalf("%s %q → %q → %q, %v", kind, s, got, again, err)
			}
			d := strings.NewReplacer(" ", "", "-", "", "SE", "").Replace(got)
			if kind == "VAT" {
				d = d[:10]
			}
			if !slowLuhn(d) {
				t.Fatalf("%s %q passes, by the slow check it must not", kind, got)
			}
		}
	})
}
