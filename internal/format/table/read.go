// Package table reads invoices out of the lists that people keep: workbooks (Office
// Open XML, ECMA-376) and separated text, one line a row of an invoice, with a header.
// What the columns mean is a mapping that a person has tried out; see
// [hub.TableMap].
//
// Places in faults are those of a spreadsheet: "Laskut/row[12]/C" is column C of line
// 12 on the sheet Laskut.
package table

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

// Limits on a table; one beyond them is not read.
const (
	maxRows    = 20_000
	maxColumns = 200
	maxCell    = 32_767 // characters, as many as a spreadsheet's own cell holds
	// maxUnpacked bounds a workbook, which is a ZIP, before anything of it is unpacked.
	maxUnpacked = 100_000_000
	maxEntries  = 1_000
)

// A Table is one that was read: its header, and the rows below it.
type Table struct {
	Sheet  string // name of the sheet; "csv" for text
	Header []string
	Rows   []Row
	// Numbers says that a number has a point whatever its reader's country: the cells of
	// a workbook.
	Numbers bool
}

// A Row of a table.
type Row struct {
	Line  int // of the sheet or the file, from 1
	Cells []string
	// Formulas are the columns whose value was computed by the spreadsheet, from 0.
	Formulas map[int]bool
}

// at is the place of a cell.
func (t *Table) at(line, column int) string {
	return fmt.Sprintf("%s/row[%d]/%s", t.Sheet, line, letters(column))
}

// letters names a column: A, B, …, Z, AA.
func letters(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// IsWorkbook reports whether a file is a workbook, of any kind.
func IsWorkbook(b []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		if path.Clean(f.Name) == "xl/workbook.xml" || path.Clean(f.Name) == "xl/workbook.bin" {
			return true
		}
	}
	return false
}

// IsText reports whether the beginning of a file looks like separated text.
func IsText(head []byte) bool {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	if len(rest) == 0 || bytes.IndexByte(head, 0) >= 0 || bytes.IndexAny(head[:1], "<{[") == 0 {
		return false
	}
	return slices.ContainsFunc([]string{";", ",", "\t"}, func(sep string) bool { return bytes.Count(line, []byte(sep)) >= 2 })
}

// Read reads the table in a file, or says why it cannot be read.
func Read(b []byte) (*Table, *hub.Fault) {
	var t *Table
	var f *hub.Fault
	if IsWorkbook(b) {
		t, f = readWorkbook(b)
	} else {
		t, f = readText(b)
	}
	if f != nil {
		return nil, f
	}
	if t.Header == nil || len(t.Rows) == 0 {
		return nil, fault(hub.RowsMissing, t.Sheet, "")
	}
	return t, nil
}

func fault(code, at, value string, args ...string) *hub.Fault {
	f := hub.NewFault(code, at, value, args...)
	return &f
}

// add takes a line in: the first one with two cells or more is the header, what stands
// above it is a title.
func (t *Table) add(line int, cells []string, formulas map[int]bool) *hub.Fault {
	if len(cells) > maxColumns {
		return fault(hub.TooDeep, t.at(line, maxColumns), "", "limit", strconv.Itoa(maxColumns))
	}
	if len(t.Rows) >= maxRows {
		return fault(hub.TooDeep, t.at(line, 0), "", "limit", strconv.Itoa(maxRows))
	}
	filled := 0
	for i := range cells {
		if len(cells[i]) > 4*maxCell {
			return fault(hub.TooDeep, t.at(line, i), "", "limit", strconv.Itoa(maxCell))
		}
		if cells[i] = strings.Trim(cells[i], " \t\u00a0\r\n\x00\x1a\ufeff"); cells[i] != "" || formulas[i] {
			filled++
		}
	}
	switch {
	case filled == 0, t.Header == nil && filled < 2:
	case t.Header == nil:
		t.Header = cells
	default:
		t.Rows = append(t.Rows, Row{line, cells, formulas})
	}
	return nil
}

func readText(b []byte) (*Table, *hub.Fault) {
	t := &Table{Sheet: "csv"}
	text, f := format.DecodeText(b)
	if f != nil {
		return nil, f
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = ';', -1, true
	for _, sep := range ",\t" {
		if bytes.Count(first, []byte(string(sep))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = sep
		}
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, fault(hub.FormatUnknown, t.Sheet, "")
		}
		line, _ := r.FieldPos(0)
		if f := t.add(line, cells, nil); f != nil {
			return nil, f
		}
	}
}

// readWorkbook reads the first sheet of a workbook that holds anything.
func readWorkbook(b []byte) (*Table, *hub.Fault) {
	formulas, f := lookInside(b)
	if f != nil {
		return nil, f
	}
	// The two limits are the same, so that no part is unpacked to the disk.
	x, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return nil, fault(hub.ArchiveBroken, "", "")
	}
	defer func() { _ = x.Close() }() // it has no file of its own
	for _, sheet := range x.GetSheetList() {
		t := &Table{Sheet: sheet, Numbers: true}
		rows, err := x.Rows(sheet)
		if err != nil {
			continue // a sheet of charts
		}
		for line := 1; rows.Next(); line++ {
			cells, err := rows.Columns()
			if err != nil {
				return nil, fault(hub.ArchiveBroken, t.at(line, 0), "")
			}
			if line > 2*maxRows {
				return nil, fault(hub.TooDeep, t.at(line, 0), "", "limit", strconv.Itoa(maxRows))
			}
			var computed map[int]bool
			if formulas {
				for i := range min(len(cells), maxColumns) {
					at, err := excelize.CoordinatesToCellName(i+1, line)
					if err != nil {
						continue
					}
					if text, err := x.GetCellFormula(sheet, at); err == nil && text != "" {
						if computed == nil {
							computed = map[int]bool{}
						}
						computed[i] = true
					}
				}
			}
			if f := t.add(line, cells, computed); f != nil {
				return nil, f
			}
		}
		if t.Header == nil {
			continue
		}
		merged, err := x.GetMergeCells(sheet)
		if err != nil {
			return nil, fault(hub.ArchiveBroken, sheet, "")
		}
		for _, m := range merged {
			_, last, err := excelize.CellNameToCoordinates(m.GetEndAxis())
			if err == nil && len(t.Rows) > 0 && last >= t.Rows[0].Line {
				return nil, fault(hub.TableMerged, sheet+"/"+m.GetStartAxis()+":"+m.GetEndAxis(), m.GetCellValue())
			}
		}
		return t, nil
	}
	return nil, fault(hub.RowsMissing, "", "")
}

// lookInside refuses what would unpack to more than is read, and what carries programs.
// It says whether any cell is computed.
func lookInside(b []byte) (formulas bool, f *hub.Fault) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return false, fault(hub.ArchiveBroken, "", "")
	}
	if len(z.File) > maxEntries {
		return false, fault(hub.ArchiveTooMuch, "", "", "limit", strconv.Itoa(maxEntries))
	}
	left := uint64(maxUnpacked)
	for _, e := range z.File {
		if e.UncompressedSize64 > left {
			return false, fault(hub.ArchiveTooMuch, "", e.Name, "limit", strconv.Itoa(maxUnpacked))
		}
		left -= e.UncompressedSize64
		name := strings.ToLower(path.Clean(e.Name))
		if strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "xl/macrosheets/") || name == "xl/workbook.bin" {
			return false, fault(hub.TableMacros, "", e.Name)
		}
		if strings.HasPrefix(name, "xl/worksheets/") && !formulas {
			formulas, err = hasFormula(e)
			if err != nil {
				return false, fault(hub.ArchiveBroken, "", e.Name)
			}
		}
	}
	return formulas, nil
}

func hasFormula(e *zip.File) (bool, error) {
	r, err := e.Open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	// What is said of the size is only said.
	b, err := io.ReadAll(io.LimitReader(r, maxUnpacked))
	return bytes.Contains(b, []byte("<f>")) || bytes.Contains(b, []byte("<f ")), err
}
