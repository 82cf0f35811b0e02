package sie_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/formattest"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// rowsOf are rows as text, of a run that was sent and of one that was read.
func rowsOf(date civil.Date, text string, rows []format.PostedRow) string {
	s := date.String() + " " + text
	for _, r := range rows {
		s += fmt.Sprintf(" | %s %s %s", r.Account, r.Amount.Fixed(2), r.Text)
		for _, d := range r.Dimensions {
			s += " " + d.Axis + "=" + d.Item
		}
	}
	return s
}

func readBack(t interface{ Fatalf(string, ...any) }, file []byte, own string) (list []string) {
	for d, err := range sie.Decode(bytes.NewReader(file), "x.si", format.Options{Own: []string{own}}) {
		if err != nil || len(d.Faults) > 0 {
			t.Fatalf("%v, %+v\n%s", err, d.Faults, file)
		}
		for _, j := range d.Document.Journals {
			var rows []format.PostedRow
			for _, r := range j.Rows {
				row := format.PostedRow{Account: r.Account, Amount: r.Amount, Text: r.Text}
				if r.Employee != "" {
					row.Dimensions = append(row.Dimensions, format.PostedItem{Axis: format.EmployeeAxis, Item: r.Employee})
				}
				for _, x := range r.Dimensions {
					row.Dimensions = append(row.Dimensions, format.PostedItem{Axis: x.Axis, Item: x.Code})
				}
				rows = append(rows, row)
			}
			list = append(list, rowsOf(j.Date, j.Text, rows))
		}
	}
	return list
}

// What is written is read back equal, with its checksum, in both character sets.
func TestWrittenIsReadBack(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune(`abcÅÄÖåäöé12 "{}#,;:-_/`)), 0, 20, -1)
	rapid.Check(t, func(rt *rapid.T) {
		p := &format.Posted{Company: text.Draw(rt, "company"), BusinessID: "2345678-0", Reference: "Palkat " + text.Draw(rt, "reference"), Currency: "EUR"}
		p.Reference = strings.TrimSpace(p.Reference)
		var want []string
		for n := range rapid.IntRange(1, 4).Draw(rt, "journals") {
			j := format.PostedJournal{Date: civil.Must("2026-01-31").AddDays(rapid.IntRange(0, 400).Draw(rt, "day")), Receipt: int64(rapid.IntRange(0, 3).Draw(rt, "receipt") * (n + 1))}
			left := money.Zero
			for range rapid.IntRange(1, 6).Draw(rt, "rows") {
				r := format.PostedRow{Account: fmt.Sprint(rapid.IntRange(1000, 9999).Draw(rt, "account")), Amount: money.Cents(rapid.Int64Range(-1e9, 1e9).Draw(rt, "amount")),
					Text: strings.TrimSpace(text.Draw(rt, "text"))}
				for _, axis := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{hub.CostCentreAxis, hub.CostUnitAxis, "project", "sie_31"}), 0, 4, rapid.ID).Draw(rt, "axes") {
					r.Dimensions = append(r.Dimensions, format.PostedItem{Axis: axis, Dimension: "Dim " + axis, Item: "x" + strings.TrimSpace(text.Draw(rt, "item"))})
				}
				left = left.Add(r.Amount)
				j.Rows = append(j.Rows, r)
			}
			j.Rows = append(j.Rows, format.PostedRow{Account: "1910", Amount: left.Neg()})
			p.Journals = append(p.Journals, j)
			want = append(want, rowsOf(j.Date, p.Reference, j.Rows))
		}
		file := sie.Write(p, civil.Must("2026-07-01"), rapid.Bool().Draw(rt, "utf8"))
		if got := readBack(rt, file, p.BusinessID); strings.Join(got, "\n") != strings.Join(want, "\n") {
			rt.Fatalf("wrote\n%s\nread\n%s\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"), file)
		}
	})
}

// A journal as it was sent can be had as SIE and as JSON.
func TestSent(t *testing.T) {
	d := &hub.Document{Kind: hub.Journal, Number: "VJ-7", Date: civil.Must("2026-06-30"), Covers: &hub.Covers{Kind: hub.PayrollJournal, Corrects: &hub.Corrects{Number: "VJ-3"}},
		Entries: []hub.Entry{
			{Account: "5000", Amount: money.Must("1250.5"), Text: `Palkat "kesä"`, Dimensions: []hub.DimensionPart{{Dimension: 4, Item: 9, Name: "Kustannuspaikka: 200"}, {Dimension: 5, Item: 1, Name: "Muu: a b"}}},
			{Account: "1910", Amount: money.Must("-1250.50")},
		}}
	p := &format.Posted{Company: "Kuusikon Höyläämö Oy", BusinessID: "2345678-0", Reference: "Palkat kesäkuu 2026", Currency: "EUR",
		Journals: []format.PostedJournal{format.PostedJournalOf(d, 41, "2026-06", map[string]string{"cost_centre": "Kustannuspaikka", "zz": "Kustannuspaikka"})}}
	file := string(sie.Write(p, civil.Must("2026-07-01"), true))
	for _, want := range []string{"#DIM 1 Kustannuspaikka\r\n#DIM 20 Muu\r\n", "#VER \"\" 41 20260630 \"Palkat kesäkuu 2026\"\r\n{\r\n",
		`#TRANS 5000 {1 200 20 "a b"} 1250.50 "" "Palkat \"kesä\""`, "#TRANS 1910 {} -1250.50\r\n}\r\n#KSUMMA "} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	if len(formattest.Collect(t, decode([]byte(file), options()))[0].Faults) > 0 {
		t.Error("not read back")
	}
	b, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"receipt": 41`, `"corrects": "VJ-3"`, `"debit": "1250.50"`, `"credit": "1250.50"`, `"item": "a b"`, `"run": "Palkat kesäkuu 2026"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}
}
