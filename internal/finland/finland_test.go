package finland

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parsers maps each kind to a parser that returns the canonical text.
var parsers = map[string]func(string) (string, error){
	"business id": func(s string) (string, error) { v, err := ParseBusinessID(s); return string(v), err },
	"VAT":         func(s string) (string, error) { v, err := ParseVATNumber(s); return string(v), err },
	"reference":   func(s string) (string, error) { v, err := ParseReference(s); return string(v), err },
	"RF":          func(s string) (string, error) { v, err := ParseRF(s); return string(v), err },
	"IBAN":        func(s string) (string, error) { v, err := ParseIBAN(s); return string(v), err },
	"BIC":         func(s string) (string, error) { v, err := ParseBIC(s); return string(v), err },
	"OVT":         func(s string) (string, error) { v, err := ParseOVT(s); return string(v), err },
}

func TestKnown(t *testing.T) {
	for _, c := range []struct{ kind, in, want string }{
		{"business id", "0112038-9", "0112038-9"},
		{"business id", "112038-9", "0112038-9"},
		{"business id", " 07375462 ", "0737546-2"},
		{"business id", "FI15728600", "1572860-0"},
		{"business id", "fi1572860-0", "1572860-0"},
		{"VAT", "FI01120389", "FI01120389"},
		{"VAT", "FI 0112038-9", "FI01120389"},
		{"VAT", "SE556047352101", "SE556047352101"},
		{"VAT", "ATU12345678", "ATU12345678"},
		{"VAT", "NL123456789B01", "NL123456789B01"},
		{"VAT", "EL123456789", "EL123456789"},
		{"VAT", "IE1A23456B", "IE1A23456B"},
		{"VAT", "XIGD123", "XIGD123"},
		{"VAT", "BE 0123.456.789", "BE0123456789"},
		{"reference", "1234561", "1234561"},
		{"reference", "00 0123 4561", "1234561"},
		{"reference", "1232", "1232"},
		{"RF", "RF18 5390 0754 7034", "RF18539007547034"},
		{"RF", "rf341234561", "RF341234561"},
		{"IBAN", "FI21 1234 5600 0007 85", "FI2112345600000785"},
		{"IBAN", "gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"},
		{"IBAN", "DE89370400440532013000", "DE89370400440532013000"},
		{"IBAN", "SE4550000000058398257466", "SE4550000000058398257466"},
		{"IBAN", "NL91ABNA0417164300", "NL91ABNA0417164300"},
		{"IBAN", "NO9386011117947", "NO9386011117947"},
		{"IBAN", "MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"},
		{"BIC", "NDEAFIHH", "NDEAFIHH"},
		{"BIC", "okoyfihhxxx", "OKOYFIHHXXX"},
		{"OVT", "003701120389", "003701120389"},
		{"OVT", "00370112038912abc", "00370112038912ABC"},
	} {
		if got, err := parsers[c.kind](c.in); err != nil || got != c.want {
			t.Errorf("%s %q = %q, %v; want %q", c.kind, c.in, got, err, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		kind, in string
		class    error
	}{
		{"business id", "0112038-8", ErrCheck},
		{"business id", "1012038-9", ErrCheck}, // two digits swapped
		{"business id", "", ErrForm},
		{"business id", "0000000-0", ErrForm},
		{"business id", "12345-6", ErrForm},
		{"business id", "0112038--9", ErrForm},
		{"business id", "0112038-", ErrForm},
		{"business id", "٠١١٢٠٣٨-٩", ErrForm},
		{"VAT", "FI01120388", ErrCheck},
		{"VAT", "FI0112038", ErrForm},
		{"VAT", "US123456789", ErrForm},
		{"VAT", "GB123456789", ErrForm}, // left the system; Northern Ireland is XI
		{"VAT", "01120389", ErrForm},
		{"reference", "1234562", ErrCheck},
		{"reference", "123", ErrForm},
		{"reference", "0000", ErrForm},
		{"reference", "123456789012345678901", ErrForm},
		{"RF", "RF18539007547035", ErrCheck},
		{"RF", "RF18", ErrForm},
		{"RF", "RF18" + strings.Repeat("1", 22), ErrForm},
		{"IBAN", "FI2112345600000786", ErrCheck},
		{"IBAN", "FI211234560000078", ErrForm},
		{"IBAN", "2112345600000785", ErrForm},
		{"BIC", "NDEAFIH", ErrForm},
		{"BIC", "NDEA11HH", ErrForm},
		{"OVT", "003701120388", ErrCheck},
		{"OVT", "003801120389", ErrForm},
		{"OVT", "003701120389123456", ErrForm},
	} {
		got, err := parsers[c.kind](c.in)
		if !errors.Is(err, c.class) || got != "" {
			t.Errorf("%s %q = %q, %v; want %v", c.kind, c.in, got, err, c.class)
		}
	}
	if _, err := ParseIBAN(strings.Repeat("x", 1<<20)); err == nil || len(err.Error()) > 200 {
		t.Error("an error must not repeat a megabyte of input")
	}
}

// An account of a country outside the registry passes by its check digits alone.
func TestUnknownCountryIBAN(t *testing.T) {
	body := "ABCD0123456789012"
	check := 98 - mod97(body+"ZZ00")
	good := fmt.Sprintf("ZZ%02d%s", check, body)
	if _, err := ParseIBAN(good); err != nil {
		t.Error(err)
	}
	if _, err := ParseIBAN(fmt.Sprintf("ZZ%02d%s", check%97+1, body)); err == nil {
		t.Error("wrong check digits must fail for an unknown country too")
	}
}

func TestConversions(t *testing.T) {
	b := BusinessID("0112038-9")
	if b.VATNumber() != "FI01120389" || b.Digits() != "01120389" {
		t.Errorf("got %s %s", b.VATNumber(), b.Digits())
	}
	if o := OVT("00370112038912ABC"); o.BusinessID() != b {
		t.Errorf("got %s", o.BusinessID())
	}
	for v, want := range map[VATNumber]string{"EL123456789": "GR", "XIGD123": "GB", "SE556047352101": "SE", "": ""} {
		if v.Country() != want {
			t.Errorf("%q is of %q, want %q", v, v.Country(), want)
		}
	}
	r := Reference("1234561")
	if r.RF() != "RF341234561" || r.Grouped() != "12 34561" {
		t.Errorf("got %s %s", r.RF(), r.Grouped())
	}
	if n, ok := r.RF().National(); !ok || n != r {
		t.Errorf("got %s", n)
	}
	if n, ok := CreditorReference("RF18539007547034").National(); ok {
		t.Errorf("539007547034 is no Finnish reference, got %s", n)
	}
	if a := IBAN("FI2112345600000785"); a.Grouped() != "FI21 1234 5600 0007 85" || a.Country() != "FI" {
		t.Errorf("got %s", a.Grouped())
	}
	for _, zero := range []string{OVT("").BusinessID().Digits(), IBAN("").Country(), Reference("").Grouped()} {
		if zero != "" {
			t.Errorf("the empty value gave %q", zero)
		}
	}
}

func digitString(minimum, maximum int) *rapid.Generator[string] {
	return rapid.StringMatching(fmt.Sprintf("[1-9][0-9]{%d,%d}", minimum-1, maximum-1))
}

// valid draws a canonical identifier of the kind, with check digits made right.
func valid(t *rapid.T, kind string) string {
	switch kind {
	case "business id":
		return string(validBusinessID(t))
	case "OVT":
		return "0037" + validBusinessID(t).Digits() + rapid.StringMatching("[0-9A-Z]{0,5}").Draw(t, "unit")
	case "VAT":
		return string(validBusinessID(t).VATNumber())
	case "reference":
		r, err := MakeReference(digitString(3, 19).Draw(t, "base"))
		if err != nil {
			t.Fatal(err)
		}
		return string(r)
	case "RF":
		r, err := MakeRF(rapid.StringMatching("[0-9A-Z]{1,21}").Draw(t, "base"))
		if err != nil {
			t.Fatal(err)
		}
		return string(r)
	case "IBAN":
		country := rapid.SampledFrom([]string{"FI", "SE", "NL", "MT", "NO"}).Draw(t, "country")
		n := ibanLengths[country] - 4
		body := rapid.StringMatching(fmt.Sprintf("[0-9A-Z]{%d}", n)).Draw(t, "body")
		return fmt.Sprintf("%s%02d%s", country, 98-mod97(body+country+"00"), body)
	}
	panic(kind)
}

func validBusinessID(t *rapid.T) BusinessID {
	for {
		d := fmt.Sprintf("%07d", rapid.IntRange(1, 9_999_999).Draw(t, "number"))
		if c, ok := businessIDCheck(d); ok {
			return BusinessID(d + "-" + string(c))
		}
	}
}

// What is made passes, reads back as itself, and no single wrong digit gets by.
func TestSingleErrors(t *testing.T) {
	for _, kind := range []string{"business id", "OVT", "VAT", "reference", "RF", "IBAN"} {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				good := valid(t, kind)
				if got, err := parsers[kind](good); err != nil || got != good {
					t.Fatalf("%q = %q, %v", good, got, err)
				}
				end := len(good)
				if kind == "OVT" {
					end = 12 // the unit has no check digit
				}
				for i := range end {
					if good[i] < '0' || good[i] > '9' {
						continue
					}
					for c := byte('0'); c <= '9'; c++ {
						bad := good[:i] + string(c) + good[i+1:]
						if got, err := parsers[kind](bad); err == nil && c != good[i] {
							t.Fatalf("%q passes as %q although place %d of %q is wrong", bad, got, i, good)
						}
					}
				}
			})
		})
	}
}

// slow is an obvious second implementation of each check, by big numbers and by
// trying every possible check digit.
var slow = map[string]func(string) bool{
	"business id": func(s string) bool {
		body, check, _ := strings.Cut(s, "-")
		sum := big.NewInt(0)
		for i, w := range []int64{7, 9, 10, 5, 8, 4, 2} {
			sum.Add(sum, big.NewInt(w*int64(body[i]-'0')))
		}
		// The check digit, taken once, fills the sum up to a multiple of eleven.
		sum.Add(sum, big.NewInt(int64(check[0]-'0')))
		return sum.Mod(sum, big.NewInt(11)).Sign() == 0
	},
	"reference": func(s string) bool {
		sum := 0
		weight := map[int]int{1: 7, 2: 3, 3: 1}
		place := 0
		for i := len(s) - 2; i >= 0; i-- {
			place = place%3 + 1
			sum += weight[place] * int(s[i]-'0')
		}
		return (sum+int(s[len(s)-1]-'0'))%10 == 0
	},
	"RF":   bigMod97,
	"IBAN": bigMod97,
}

func bigMod97(s string) bool {
	var b strings.Builder
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' {
			fmt.Fprint(&b, int(c-'A')+10)
		} else {
			b.WriteRune(c)
		}
	}
	n, ok := new(big.Int).SetString(b.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1 && s[2:4] != "00" && s[2:4] != "01" && s[2:4] != "99"
}

// Whatever the bytes: no panic, the check agrees with the slow one in both
// directions, and the canonical form reads as itself.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"0112038-9", "FI01120389", "1234561", "RF18539007547034", "FI2112345600000785",
		"NDEAFIHH", "003701120389", "", "ZZ00", "RF", "0000", "FI", "112038-9", "SE556047352101"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for kind, parse := range parsers {
			got, err := parse(s)
			if err == nil {
				if again, err := parse(got); err != nil || again != got {
					t.Fatalf("%s %q → %q → %q, %v", kind, s, got, again, err)
				}
				if check := slow[kind]; check != nil && !check(got) {
					t.Fatalf("%s %q passes, by the slow check it must not", kind, got)
				}
				continue
			}
			if !errors.Is(err, ErrForm) && !errors.Is(err, ErrCheck) {
				t.Fatalf("%s %q: unclassified error %v", kind, s, err)
			}
			if errors.Is(err, ErrCheck) {
				refusedByBoth(t, kind, s)
			}
		}
	})
}

func refusedByBoth(t *testing.T, kind, s string) {
	u := strings.ToUpper(squeeze(s))
	switch kind {
	case "reference":
		u = strings.TrimLeft(u, "0")
	case "RF", "IBAN":
	default:
		return
	}
	if slow[kind](u) {
		t.Fatalf("%s %q is refused, by the slow check it is right", kind, s)
	}
}
