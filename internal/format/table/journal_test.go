package table_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/table"
	"github.com/vienti/vienti/internal/hub"
)

// runs are the payroll runs of a file as short text, with their faults.
func runs(t *testing.T, b []byte) (out []string) {
	t.Helper()
	tb, fault := table.Read(b)
	if fault != nil {
		return []string{fault.Code + " " + fault.Path}
	}
	m := tb.Propose()
	if m.Kind != hub.PayrollJournal {
		t.Fatalf("taken for invoices: %v", m)
	}
	for _, d := range tb.Documents(m, format.Options{}) {
		s := d.Document.SourceID + ":"
		if d.Document.Kind != hub.PayrollJournal {
			t.Errorf("kind %s", d.Document.Kind)
		}
		if strings.HasPrefix(s, "payroll/unread/") {
			s = "unread:"
		}
		for _, j := range d.Document.Journals {
			s += " " + j.Date.String()
			for _, r := range j.Rows {
				s += fmt.Sprintf(" %s %s", r.Account, r.Amount)
				for _, x := range r.Dimensions {
					s += " " + x.Axis + "=" + x.Code
				}
				if r.Employee != "" {
					s += " by " + r.Employee
				}
			}
		}
		for _, f := range d.Faults {
			s += fmt.Sprintf(" [%s %s]", f.Code, f.Path)
			if strings.Contains(fmt.Sprint(f), "47") {
				t.Errorf("an amount in a fault: %+v", f)
			}
		}
		out = append(out, s)
	}
	return out
}

// Rows of debit and credit come to a run with a journal for each period.
func TestJournalLists(t *testing.T) {
	const header = "Päivä;Tili;Debet;Kredit;Selite;Kustannuspaikka\n"
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"debit and credit": {file: []byte(header + "30.6.2026;5000;1 250,50;;Palkat;200\n30.6.2026;1910;;1250,50;;\n"), want: []string{
			"payroll/2026-06/6/2026: 2026-06-30 5000 1250.50 cost_centre=200 1910 -1250.50"}},
		"signed, with periods and runs": {file: []byte("Ajo;Kausi;Tili;Summa\nKesä;6/2026;5000 Palkat;10\nKesä;202606;1910;-10\nKesä;2026-05;5000;1\nKesä;05.2026;1910;-1\nLomaraha;6/2026;5000;2\nLomaraha;6/2026;1910;-2\n"), want: []string{
			"payroll/2026-06/Kesä: 2026-05-31 5000 1 1910 -1 2026-06-30 5000 10 1910 -10", "payroll/2026-06/Lomaraha: 2026-06-30 5000 2 1910 -2"}},
		"a day outside its period": {file: []byte("Datum;Period;Konto;Belopp\n2026-06-25;2026-01;7010;1\n2026-06-25;2026-01;1930;-1\n"), want: []string{
			"payroll/2026-01/1/2026: 2026-01-31 7010 1 1930 -1"}},
		"by person": {file: []byte("Datum;Anställningsnummer;Konto;Belopp\n2026-06-25;1;7010;1\n2026-06-25;2;7010;2\n2026-06-25;;1930;-3\n"), want: []string{
			"payroll/2026-06/6/2026: 2026-06-25 7010 1 by 1 7010 2 by 2 1930 -3"}},
		"not readable": {file: []byte(header + "30.6.2026;5000;47,11x;;x;\n31.6.2026;;4712;;x;\n;1910;;;x;\n"), want: []string{
			"unread: [field-invalid csv/row[2]/C] [field-missing csv/row[3]/B] [field-invalid csv/row[3]/A] [field-missing csv/row[4]/C] [field-missing csv/row[4]/A]"}},
		"workbook": {file: book(t, [][]any{{"Pvm", "Tili", "Määrä", "Projekti"}, {46203, 5000, 10.1, "P-1"}, {46203, 1910, -10.1, ""}}, func(*excelize.File) {}), want: []string{
			"payroll/2026-06/6/2026: 2026-06-30 5000 10.1 project=P-1 1910 -10.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, runs(t, c.file)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A list that nobody has explained and that looks like payroll is kept as payroll.
func TestUnmapped(t *testing.T) {
	for header, want := range map[string]hub.Kind{
		"Päivä;Tili;Debet;Kredit": hub.PayrollJournal, "Laskunumero;Päivä;Tili;Summa": hub.Unreadable, "A;B;C": hub.Unreadable,
	} {
		b := []byte(header + "\n1;2;3;4\n")
		tb, fault := table.Read(b)
		if fault != nil {
			t.Fatal(fault)
		}
		if d := tb.Unmapped(b, "lista.csv"); d.Document.Kind != want || d.Faults[0].Code != hub.TableUnmapped {
			t.Errorf("%s: %s, %+v", header, d.Document.Kind, d.Faults)
		}
	}
}
