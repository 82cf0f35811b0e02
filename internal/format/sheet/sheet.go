// Package sheet writes tables for spreadsheet programs: CSV, and workbooks of one
// sheet (Office Open XML, ECMA-376) whose every cell is text, so that leading
// zeros stay and nothing is taken for a formula.
package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"strings"
)

// A File is a format of a table.
type File string

// The formats, by the end of a file's name.
const (
	CSV  File = "csv"
	XLSX File = "xlsx"
)

// MIME is the type of the content.
func (f File) MIME() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Make writes rows, the first of which are headings.
func (f File) Make(rows [][]string) ([]byte, error) {
	if f == XLSX {
		return workbook(rows)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';' // what spreadsheet programs here expect
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// The parts of a workbook that do not depend on its rows.
var parts = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
}

func workbook(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, content string) error {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, xml.Header+content)
		}
		return err
	}
	for _, p := range parts {
		if err := put(p.name, p.content); err != nil {
			return nil, err
		}
	}
	var s strings.Builder
	s.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for _, row := range rows {
		s.WriteString("<row>")
		for _, cell := range row {
			s.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
			if err := xml.EscapeText(&s, []byte(cell)); err != nil {
				return nil, err
			}
			s.WriteString("</t></is></c>")
		}
		s.WriteString("</row>")
	}
	s.WriteString("</sheetData></worksheet>")
	if err := put("xl/worksheets/sheet1.xml", s.String()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
