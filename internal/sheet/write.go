package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
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

// Make writes rows of text, the first of which is the header. In a workbook every
// cell is text too: leading zeros stay, and nothing is taken for a formula.
func (f File) Make(rows [][]string) ([]byte, error) {
	if f != XLSX {
		return Write(rows)
	}
	cells := make([][]any, len(rows))
	for i, row := range rows {
		for _, c := range row {
			cells[i] = append(cells[i], c)
		}
	}
	return Workbook(cells)
}

// Write writes rows, the first of which is the header, separated by semicolons as
// spreadsheets in the Nordic countries expect, in UTF-8 with the mark by which
// they know it.
func Write(rows [][]string) ([]byte, error) {
	out := bytes.NewBufferString(byteOrderMark)
	w := csv.NewWriter(out)
	w.Comma = ';'
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

// SheetName is the name of the one sheet of a workbook.
const SheetName = "Vienti"

// Workbook writes rows, the first of which is the header, as a workbook of one
// sheet: a [money.Amount] and an int64 as numbers, a [civil.Date] as a day,
// anything else as text, whatever sign it begins with.
func Workbook(rows [][]any) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // it has no file of its own yet
	if err := f.SetSheetName("Sheet1", SheetName); err != nil {
		return nil, err
	}
	dayFormat, sumFormat := "d.m.yyyy", "#,##0.00"
	var styles [3]int
	for i, s := range []*excelize.Style{{CustomNumFmt: &dayFormat}, {CustomNumFmt: &sumFormat}, {Font: &excelize.Font{Bold: true}}} {
		var err error
		if styles[i], err = f.NewStyle(s); err != nil {
			return nil, err
		}
	}
	day, sum, header := styles[0], styles[1], styles[2]
	out, err := f.NewStreamWriter(SheetName)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 && len(rows[0]) > 0 {
		if err := out.SetColWidth(1, len(rows[0]), 16); err != nil {
			return nil, err
		}
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for k, c := range row {
			switch c := c.(type) {
			case money.Amount:
				n, err := strconv.ParseFloat(c.Fixed(2), 64) // a spreadsheet knows no other number
				if err != nil {
					return nil, err
				}
				cells[k] = excelize.Cell{StyleID: sum, Value: n}
			case civil.Date:
				cells[k] = excelize.Cell{StyleID: day, Value: c.In(time.UTC)}
			case int64:
				cells[k] = c
			default:
				cells[k] = excelize.Cell{Value: fmt.Sprint(c)}
			}
			if i == 0 {
				cells[k] = excelize.Cell{StyleID: header, Value: fmt.Sprint(c)}
			}
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := out.SetRow(at, cells); err != nil {
			return nil, err
		}
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
