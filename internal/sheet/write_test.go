package sheet_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/sheet"
)

var rows = [][]string{{"name", "number"}, {"Oy <Ä> & \"B\"", "00123"}, {"=1+1", " x"}}

func open(t *testing.T, b []byte, err error) *excelize.File {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// Every cell is the text that it was given: zeros stay, and nothing is a formula.
func TestWorkbookOfText(t *testing.T) {
	b, err := sheet.XLSX.Make(rows)
	f := open(t, b, err)
	got, err := f.GetRows(sheet.SheetName)
	if d := cmp.Diff(rows, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, cell := range []string{"A3", "B2"} {
		typ, err := f.GetCellType(sheet.SheetName, cell)
		if formula, ferr := f.GetCellFormula(sheet.SheetName, cell); formula != "" || err != nil || ferr != nil || typ != excelize.CellTypeInlineString {
			t.Errorf("%s is of type %v, formula %q, %v, %v", cell, typ, formula, err, ferr)
		}
	}
}

// Sums are numbers, days are days, as a spreadsheet of this country shows them.
func TestWorkbookOfValues(t *testing.T) {
	b, err := sheet.Workbook([][]any{{"day", "sum", "number"}, {civil.Must("2026-03-10"), money.Must("-1234.50"), int64(7)}})
	f := open(t, b, err)
	shown, err1 := f.GetRows(sheet.SheetName)
	raw, err2 := f.GetRows(sheet.SheetName, excelize.Options{RawCellValue: true})
	if d := cmp.Diff([]string{"10.3.2026", "-1,234.50", "7"}, shown[1]); d != "" || err1 != nil {
		t.Error(d, err1)
	}
	if d := cmp.Diff([]string{"46091", "-1234.5", "7"}, raw[1]); d != "" || err2 != nil {
		t.Error(d, err2)
	}
}

func TestCSV(t *testing.T) {
	b, err := sheet.CSV.Make(rows)
	if err != nil || string(b) != "\ufeffname;number\n\"Oy <Ä> & \"\"B\"\"\";00123\n=1+1;\" x\"\n" {
		t.Errorf("%q, %v", b, err)
	}
}
