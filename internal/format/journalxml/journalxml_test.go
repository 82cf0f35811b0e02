package journalxml_test

import (
	"fmt"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/formattest"
	"github.com/vienti/vienti/internal/format/journalxml"
	"github.com/vienti/vienti/internal/hub"
)

var suite = formattest.Suite{Files: "*.xml", Least: 7, Decode: func(file []byte) iter.Seq2[format.Decoded, error] {
	return func(yield func(format.Decoded, error) bool) {
		yield(journalxml.File(file, "loon.xml"), nil)
	}
}, Sound: func(t testing.TB, _ []byte, d format.Decoded) {
	t.Helper()
	formattest.Sound(t, d)
	if d.Document.Kind != hub.PayrollJournal || len(d.Document.Journals) == 0 && !hub.Stops(d.Faults) {
		t.Fatalf("%+v", d)
	}
}}

// No fault says an amount: those of this file begin with 471.
func TestNoAmountInFaults(t *testing.T) {
	b, err := os.ReadFile("testdata/bad-values.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, faults := journalxml.Decode(b, journalxml.Options{}); len(faults) < 4 || strings.Contains(fmt.Sprint(faults), "471") {
		t.Errorf("%+v", faults)
	}
}

func TestGolden(t *testing.T) { suite.Golden(t) }

func FuzzFile(f *testing.F) { suite.Fuzz(f, nil) }

const line = "<line><dim1>5000</dim1><dim2>%s</dim2><value>%d</value><debitcredit>debit</debitcredit><description>Anna</description></line>"

// What dim2 is depends on what was asked for.
func TestSecondDimension(t *testing.T) {
	file := "<transactions><transaction><date>20260630</date>" + fmt.Sprintf(line, "12", 1) + fmt.Sprintf(line, "13", 2) + fmt.Sprintf(line, "", 3) + "</transaction></transactions>"
	for name, c := range map[string]struct {
		o    journalxml.Options
		want string
	}{
		"cost centres": {journalxml.Options{}, "5000 1 Anna [{cost_centre 12 }] | 5000 2 Anna [{cost_centre 13 }] | 5000 3 Anna []"},
		"departments":  {journalxml.Options{Second: "department"}, "5000 1 Anna [{department 12 }] | 5000 2 Anna [{department 13 }] | 5000 3 Anna []"},
		"people":       {journalxml.Options{Second: format.EmployeeAxis}, "5000 1 Anna [] 12 | 5000 2 Anna [] 13 | 5000 3 Anna []"},
	} {
		t.Run(name, func(t *testing.T) {
			journals, faults := journalxml.Decode([]byte(file), c.o)
			if len(journals) != 1 || len(faults) > 0 {
				t.Fatalf("%+v, %+v", journals, faults)
			}
			var got []string
			for _, r := range journals[0].Rows {
				got = append(got, strings.TrimSpace(fmt.Sprint(r.Account, " ", r.Amount, " ", r.Text, " ", r.Dimensions, " ", r.Employee)))
			}
			if s := strings.Join(got, " | "); s != c.want {
				t.Errorf("got %s\nwant %s", s, c.want)
			}
		})
	}
}

// Periods that are no months leave the day to the transaction.
func TestPeriods(t *testing.T) {
	for period, want := range map[string][2]string{
		"1/2026": {"2026-01-31", "2026-06-30"}, "6/2026": {"2026-06-30", "2026-06-30"}, "13/2026": {"2026-06-30", "2026-06-30"}, "": {"2026-06-30", "2026-06-30"},
	} {
		file := "<transactions><transaction><date>20260630</date><period>" + period + "</period>" + fmt.Sprintf(line, "", 1) + "</transaction></transactions>"
		for i, o := range []journalxml.Options{{}, {OtherPeriods: true}} {
			j, faults := journalxml.Decode([]byte(file), o)
			if len(j) != 1 || len(faults) > 0 || j[0].Date.String() != want[i] {
				t.Errorf("%s, %v: %+v, %+v", period, o.OtherPeriods, j, faults)
			}
		}
	}
}

func TestTakes(t *testing.T) {
	for file, want := range map[string]bool{
		"\xef\xbb\xbf<?xml version='1.0' encoding='utf-16'?><!-- x --><transactions>": true, "<transactions/>": true, "<Finvoice>": false, "": false, "#FLAGGA 0": false,
	} {
		if journalxml.Takes([]byte(file)) != want {
			t.Errorf("%q: %v", file, !want)
		}
	}
}

// Deep nesting, and values without an end, are not taken in.
func TestHostile(t *testing.T) {
	for name, in := range map[string]string{
		"deep": strings.Repeat("<a>", 1000), "long": "<description>" + strings.Repeat("x", 100_000) + "</description>",
	} {
		_, faults := journalxml.Decode([]byte("<transactions><transaction>"+in), journalxml.Options{})
		if len(faults) != 1 || faults[0].Code != hub.TooDeep {
			t.Errorf("%s: %+v", name, faults)
		}
	}
}
