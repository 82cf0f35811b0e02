package table_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/table"
	"github.com/vienti/vienti/internal/hub"
)

var sales = format.Options{Kind: hub.SalesInvoice, Own: []string{"1234567-1"}}

const header = "Laskunumero;Laskupäivä;Asiakas;Tuote;Määrä;à-hinta;Alv-%;Kustannuspaikka\n"

// book makes a workbook of rows and whatever else is done to its sheet.
func book(t *testing.T, rows [][]any, more func(*excelize.File)) []byte {
	t.Helper()
	x := excelize.NewFile()
	defer func() { _ = x.Close() }()
	for i, r := range rows {
		if err := x.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if more != nil {
		more(x)
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// told are the documents of a file as short text, with their faults.
func told(t *testing.T, b []byte) (out []string) {
	t.Helper()
	tb, fault := table.Read(b)
	if fault != nil {
		return []string{fault.Code + " " + fault.Path}
	}
	for _, d := range tb.Documents(tb.Propose(), sales) {
		s := fmt.Sprintf("%s %s %s:", d.Document.Number, d.Document.Date, d.Document.Buyer.Name)
		for _, l := range d.Document.Lines {
			price := "-"
			if l.UnitPrice != nil {
				price = l.UnitPrice.String()
			}
			s += fmt.Sprintf(" %s %s at %s %%", l.Name, price, l.VATPercent)
			for _, x := range l.Dimensions {
				s += " " + x.Axis + "=" + x.Code
			}
		}
		for _, f := range d.Faults {
			s += fmt.Sprintf(" [%s %s]", f.Code, f.Path)
		}
		out = append(out, s)
	}
	return out
}

// What people keep lists in comes to the same documents, and what is wrong in them is said
// with sheet, row and column.
func TestLists(t *testing.T) {
	head := []any{"Laskunumero", "Laskupäivä", "Asiakas", "Tuote", "Määrä", "à-hinta", "Alv-%"}
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"text": {[]byte(header + "1001;10.3.2026;Kuvitelma Oy;Konsultointi;2;1 250,50;25,5;200\n1001;;;Matka;1;50;25,5;\n1002;2026-03-11;Toinen Oy;Työ;1;10,00;13,5;\n"), []string{
			"1001 2026-03-10 Kuvitelma Oy: Konsultointi 1250.50 at 25.5 % cost_centre=200 Matka 50 at 25.5 %",
			"1002 2026-03-11 Toinen Oy: Työ 10.00 at 13.5 %"}},
		"byte order mark, commas":  {[]byte("\xef\xbb\xbfInvoice number,Date,Customer,Product,Price,VAT\n7,2026-03-10,A Oy,Work,10.50,25.5\n"), []string{"7 2026-03-10 A Oy: Work 10.50 at 25.5 %"}},
		"Windows-1252":             {[]byte("Laskunumero;P\xe4iv\xe4m\xe4\xe4r\xe4;Asiakas;Tuote;Hinta;Alv\n7;10.3.2026;\xc4ij\xe4 Oy;Ty\xf6;10;25,5\n"), []string{"7 2026-03-10 Äijä Oy: Työ 10 at 25.5 %"}},
		"a title above the header": {[]byte("Laskut maaliskuu\n\n" + header + "1;10.3.2026;A;B;1;10;25,5;\n"), []string{"1 2026-03-10 A: B 10 at 25.5 %"}},
		"thousands":                {[]byte(header + "1;10.3.2026;A;B;1;1.250,50;25,5;\n2;10.3.2026;A;B;1;1.250;25,5;\n"), []string{"1 2026-03-10 A: B 1250.50 at 25.5 %", "2 2026-03-10 A: B - at 25.5 % [field-invalid csv/row[3]/F]"}},
		"a day that may be two":    {[]byte(header + "1;03/04/2026;A;B;1;10;25,5;\n"), []string{"1  A: B 10 at 25.5 % [field-invalid csv/row[2]/B]"}},
		"a number twice":           {[]byte(header + "1;10.3.2026;A;B;1;10;25,5;\n1;10.3.2026;Muu;B;1;10;25,5;\n"), []string{"1 2026-03-10 A: B 10 at 25.5 % B 10 at 25.5 % [table-conflict csv/row[3]/C]"}},
		"no VAT, no number":        {[]byte(header + ";10.3.2026;A;B;1;10;;\n"), []string{" 2026-03-10 A: B 10 at 0 % [field-missing csv/row[2]/G] [field-missing csv/row[2]/A]"}},
		"header alone":             {[]byte(header), []string{"rows-missing csv"}},
		"workbook": {book(t, [][]any{head, {1001, 46091, "A Oy", "Työ", 1.5, 80.1, 0.255}, {1001, "", "", "Matka", 1, 0.135, 13.5}}, nil), []string{
			"1001 2026-03-10 A Oy: Työ 80.1 at 25.5 % Matka 0.135 at 13.5 %"}},
		"merged cells": {book(t, [][]any{head, {1, 46091, "A", "B", 1, 10, 25.5}, {"", "", "", "C", 1, 10, 25.5}}, func(x *excelize.File) { _ = x.MergeCell("Sheet1", "A2", "A3") }), []string{"table-merged Sheet1/A2:A3"}},
		"merged title": {book(t, [][]any{{"Laskut"}, head, {1, 46091, "A", "B", 1, 10, 25.5}}, func(x *excelize.File) { _ = x.MergeCell("Sheet1", "A1", "G1") }), []string{"1 2026-03-10 A: B 10 at 25.5 %"}},
		"a formula with its value": {book(t, [][]any{head, {1, 46091, "A", "B", 1, 10, 25.5}}, func(x *excelize.File) { _ = x.SetCellFormula("Sheet1", "F2", "5+5") }),
			[]string{"1 2026-03-10 A: B 10 at 25.5 % [table-formula Sheet1/row[2]/F]"}},
		"a formula without": {book(t, [][]any{head, {1, 46091, "A", "B", 1, nil, 25.5}}, func(x *excelize.File) { _ = x.SetCellFormula("Sheet1", "F2", "5+5") }),
			[]string{"1 2026-03-10 A: B - at 25.5 % [table-formula Sheet1/row[2]/F]"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, told(t, c.file)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A workbook with programs in it, or that would unpack to more than is read, is not opened.
func TestWorkbooksThatAreNotOpened(t *testing.T) {
	pack := func(files map[string]int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, size := range files {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			for chunk := strings.Repeat(" ", 1<<20); size > 0; size -= len(chunk) {
				if _, err := w.Write([]byte(chunk[:min(size, len(chunk))])); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"macros": {pack(map[string]int{"xl/workbook.xml": 10, "xl/vbaProject.bin": 10}), hub.TableMacros},
		"binary": {pack(map[string]int{"xl/workbook.bin": 10}), hub.TableMacros},
		"bomb":   {pack(map[string]int{"xl/workbook.xml": 10, "xl/worksheets/sheet1.xml": 101 << 20}), hub.ArchiveTooMuch},
		"broken": {pack(map[string]int{"xl/workbook.xml": 10}), hub.ArchiveBroken},
	} {
		t.Run(name, func(t *testing.T) {
			if _, f := table.Read(c.file); f == nil || f.Code != c.code {
				t.Errorf("%+v", f)
			}
		})
	}
}
