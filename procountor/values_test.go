package procountor

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00": "0.00", "12": "12", "10.00": "10.00", "-12.50": "-12.50", "+3": "3", ".5": "0.5", "5.": "5",
		"007": "7", "00.10": "0.10", "1e3": "1000", "1.5E+3": "1500", "2.55E1": "25.5", "1E-7": "0.0000001", "123.456e2": "12345.6",
		"123.456e-4": "0.0123456", "99999999999999999999.9999": "99999999999999999999.9999", "1e59": "1" + strings.Repeat("0", 59),
	} {
		d, err := ParseDecimal(in)
		if err != nil || d.String() != want {
			t.Errorf("%q: %q %v, want %q", in, d, err, want)
		}
	}
	for _, in := range []string{"", "-", ".", "e1", "1e", "1,5", "1 000", " 1", "NaN", "Infinity", "0x10", "1e60", "1e999999999", "1e-61", "--1", "1.2.3", "1_0", strings.Repeat("9", 61), "١"} {
		if d, err := ParseDecimal(in); err == nil {
			t.Errorf("%q became %q", in, d)
		}
	}
	if (Decimal{}).String() != "0" || (Decimal{}).Sign() != 0 {
		t.Error("the zero value is not 0")
	}
}

func TestDecimalJSON(t *testing.T) {
	type amounts struct {
		Must  Decimal `json:"must"`
		Maybe Decimal `json:"maybe,omitzero"`
	}
	for in, want := range map[string]string{
		`{}`:                            `{"must":0}`,
		`{"must":null,"maybe":null}`:    `{"must":0}`,
		`{"must":1.10,"maybe":0}`:       `{"must":1.10,"maybe":0}`,
		`{"must":"25.5","maybe":"-1"}`:  `{"must":25.5,"maybe":-1}`,
		`{"must":1E+2,"maybe":1.0e-2}`:  `{"must":100,"maybe":0.010}`,
		`{"must":0.1,"maybe":0.30}`:     `{"must":0.1,"maybe":0.30}`,
		`{"must":"","maybe":1.2345678}`: `{"must":0,"maybe":1.2345678}`,
	} {
		var v amounts
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if b, err := json.Marshal(v); err != nil || string(b) != want {
			t.Errorf("%s became %s %v", in, b, err)
		}
	}
	for _, in := range []string{`{"must":"x"}`, `{"must":true}`, `{"must":[]}`, `{"must":"1,5"}`} {
		if err := json.Unmarshal([]byte(in), new(amounts)); err == nil {
			t.Errorf("%s was read", in)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-12.50", "1e3", "1.5E-3", ".5", "-.0e9"} {
		f.Add(s, "10.00")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		d, err := ParseDecimal(a)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(a)
		if got, ok2 := new(big.Rat).SetString(d.String()); !ok || !ok2 || got.Cmp(want) != 0 {
			t.Fatalf("%q became %q", a, d)
		}
		again, err := ParseDecimal(d.String())
		if err != nil || again != d {
			t.Fatalf("%q → %q → %q %v", a, d, again, err)
		}
		if !json.Valid([]byte(d.String())) {
			t.Fatalf("%q is not JSON", d)
		}
		if d.Sign() != want.Sign() {
			t.Fatalf("sign of %q is %d", a, d.Sign())
		}
		e, err := ParseDecimal(b)
		if err != nil {
			return
		}
		other, _ := new(big.Rat).SetString(b)
		if d.Cmp(e) != want.Cmp(other) {
			t.Fatalf("%q and %q: %d", a, b, d.Cmp(e))
		}
	})
}

func TestDecimalCmp(t *testing.T) {
	ordered := []string{"-100", "-10.5", "-10.49", "-1", "-0.001", "0", "0.001", "0.01", "1", "1.00001", "9.99", "10", "100", "1000"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := MustParseDecimal(a).Cmp(MustParseDecimal(b)); got != sign(i-j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
	if MustParseDecimal("10").Cmp(MustParseDecimal("10.00")) != 0 || (Decimal{}).Cmp(MustParseDecimal("0.00")) != 0 {
		t.Error("zeros at the end make a difference")
	}
}

func TestDate(t *testing.T) {
	for _, in := range []string{"2026-01-31", "2024-02-29", "1999-12-31"} {
		d, err := ParseDate(in)
		if err != nil || d.String() != in {
			t.Errorf("%s: %s %v", in, d, err)
		}
	}
	for _, in := range []string{"", "2026-02-29", "2026-1-1", "31.1.2026", "2026-01-01T00:00:00", "20260101", "2026-00-10"} {
		if d, err := ParseDate(in); err == nil {
			t.Errorf("%q became %s", in, d)
		}
	}
	type days struct {
		Must  Date `json:"must"`
		Maybe Date `json:"maybe,omitzero"`
	}
	for in, want := range map[string]string{
		`{}`:                                   `{"must":null}`,
		`{"must":"","maybe":null}`:             `{"must":null}`,
		`{"must":"2026-03-01"}`:                `{"must":"2026-03-01"}`,
		`{"maybe":"2026-03-01T23:30:00Z"}`:     `{"must":null,"maybe":"2026-03-01"}`,
		`{"maybe":"2026-03-01T00:30:00+0300"}`: `{"must":null,"maybe":"2026-03-01"}`,
	} {
		var v days
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if b, _ := json.Marshal(v); string(b) != want {
			t.Errorf("%s became %s", in, b)
		}
	}
	for _, in := range []string{`{"must":20260301}`, `{"must":"2026-13-01"}`, `{"must":{}}`} {
		if json.Unmarshal([]byte(in), new(days)) == nil {
			t.Errorf("%s was read", in)
		}
	}
	if MustParseDate("2026-03-01").Cmp(MustParseDate("2025-12-31")) != 1 || MustParseDate("2026-03-01").Cmp(MustParseDate("2026-03-02")) != -1 {
		t.Error("the order of days")
	}
	helsinki := time.FixedZone("EET", 2*3600)
	if got := DateOf(time.Date(2026, 1, 1, 0, 30, 0, 0, helsinki)); got.String() != "2026-01-01" {
		t.Error(got)
	}
}

func TestTime(t *testing.T) {
	helsinki := time.FixedZone("EET", 2*3600)
	for in, want := range map[string]string{
		"2026-03-01T12:00:05":           "2026-03-01T10:00:05Z",
		"2026-03-01T12:00:05.123":       "2026-03-01T10:00:05.123Z",
		"2026-03-01T12:00:05.123456789": "2026-03-01T10:00:05.123456789Z",
		"2026-03-01T12:00:05Z":          "2026-03-01T12:00:05Z",
		"2026-03-01T12:00:05.5+03:00":   "2026-03-01T09:00:05.5Z",
		"2026-03-01T12:00:05.123+0300":  "2026-03-01T09:00:05.123Z",
		"2026-03-01T12:00":              "2026-03-01T10:00:00Z",
	} {
		v, err := ParseTime(in)
		if err != nil || v.String() != in {
			t.Errorf("%s: %s %v", in, v, err)
		}
		if got := v.In(helsinki).UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
		// A version goes back as it came.
		var back struct{ V Time }
		if err := json.Unmarshal([]byte(`{"V":"`+in+`"}`), &back); err != nil {
			t.Error(err)
		}
		if b, _ := json.Marshal(back); string(b) != `{"V":"`+in+`"}` {
			t.Errorf("%s went back as %s", in, b)
		}
		if v.Date().String() != "2026-03-01" {
			t.Error(v.Date())
		}
	}
	for _, in := range []string{"", "2026-03-01", "12:00:05", "2026-03-01 12:00:05", "2026-02-30T12:00:05", strings.Repeat("1", 100), "2026-03-01T12:00:05." + strings.Repeat("0", 50)} {
		if v, err := ParseTime(in); err == nil {
			t.Errorf("%q became %s", in, v)
		}
	}
	if got := TimeOf(time.Date(2026, 3, 1, 12, 0, 5, 999, helsinki)).String(); got != "2026-03-01T12:00:05" {
		t.Error(got)
	}
	a, b := TimeOf(errorNow), TimeOf(errorNow.Add(time.Second))
	if a.Cmp(b) != -1 || b.Cmp(a) != 1 || a.Cmp(a) != 0 || (Time{}).Cmp(a) != -1 {
		t.Error("the order of times")
	}
	if !(Time{}).In(helsinki).IsZero() || (Time{}).Date() != (Date{}) {
		t.Error("no time is some time")
	}
}
