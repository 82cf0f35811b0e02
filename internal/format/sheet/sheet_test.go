package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/format/sheet"
)

var rows = [][]string{{"name", "number"}, {"Oy <Ä> & \"B\"", "00123"}, {"=1+1", " x"}}

// Every cell is the text that it was given: zeros stay, and nothing is a formula.
func TestWorkbook(t *testing.T) {
	b, err := sheet.XLSX.Make(rows)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File { // each part is well-formed
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
	}
	r, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Rows []struct {
			Cells []struct {
				Type string `xml:"t,attr"`
				Text string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.NewDecoder(r).Decode(&s); err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, row := range s.Rows {
		var line []string
		for _, c := range row.Cells {
			if c.Type != "inlineStr" {
				t.Errorf("a cell of type %q", c.Type)
			}
			line = append(line, c.Text)
		}
		got = append(got, line)
	}
	if d := cmp.Diff(rows, got); d != "" {
		t.Error(d)
	}
}

func TestCSV(t *testing.T) {
	b, err := sheet.CSV.Make(rows)
	if err != nil || string(b) != "name;number\n\"Oy <Ä> & \"\"B\"\"\";00123\n=1+1;\" x\"\n" {
		t.Errorf("%q, %v", b, err)
	}
}
