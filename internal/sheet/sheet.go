// Package sheet reads and writes the tables of spreadsheets. What people write is
// separated text with a header; what is wrong with it is said row by row, all of it
// together. What they get is such text, or a workbook (Office Open XML, ECMA-376).
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// MaxRows bounds a table, header included.
const MaxRows = 20_000

// byteOrderMark is that by which spreadsheets know UTF-8.
const byteOrderMark = "\ufeff"

// A Table is one that a person has written.
type Table struct {
	// Faults are all that is wrong with it; they grow as it is read.
	Faults Faults

	at   map[string]int // column by name
	rows [][]string
	row  int // the one that is read, from 1; 0 before the first
}

// Read reads a table. Columns may stand in any order and be left out, except the
// needed one; the separator is a semicolon, comma or tab. An error is a [Faults].
func Read(b []byte, columns []string, needed string) (*Table, error) {
	b = bytes.TrimPrefix(b, []byte(byteOrderMark))
	first, _, _ := bytes.Cut(b, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = ';'
	for _, sep := range ",\t" {
		if bytes.Count(first, []byte(string(sep))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = sep
		}
	}
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, r.Comma != '\t'
	rows, err := r.ReadAll()
	if err != nil {
		var where *csv.ParseError
		if errors.As(err, &where) {
			return nil, Faults{{Row: where.Line, SettingFault: hub.SettingFault{Code: Broken, Value: where.Err.Error()}}}
		}
		return nil, err
	}
	if len(rows) == 0 || len(rows) > MaxRows {
		return nil, Faults{{SettingFault: hub.SettingFault{Code: Size, Value: strconv.Itoa(len(rows)), Form: fmt.Sprintf("1 to %d", MaxRows)}}}
	}
	t := &Table{at: map[string]int{}, rows: rows}
	for i, name := range rows[0] {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(columns, name) {
			t.Bad("", Column, name, strings.Join(columns, ", "))
		}
		t.at[name] = i
	}
	if _, ok := t.at[needed]; !ok {
		t.Bad("", Missing, needed, "")
	}
	return t, nil
}

// Next goes to the next row that holds anything.
func (t *Table) Next() bool {
	for t.row++; t.row < len(t.rows); t.row++ {
		if strings.TrimSpace(strings.Join(t.rows[t.row], "")) != "" {
			return true
		}
	}
	return false
}

// Row is the number of the row that is read; the header is row 1.
func (t *Table) Row() int { return t.row + 1 }

// Bad notes what is wrong with a column of the row that is read.
func (t *Table) Bad(column string, code hub.SettingCode, value, form string) {
	t.Faults = append(t.Faults, Fault{t.Row(), hub.SettingFault{Key: column, Code: code, Value: value, Form: form}})
}

// IsBad reports whether something is wrong already with a column of the row.
func (t *Table) IsBad(column string) bool {
	return slices.ContainsFunc(t.Faults, func(f Fault) bool { return f.Row == t.Row() && f.Key == column })
}

// Text is what stands in a column of the row, without blanks around.
func (t *Table) Text(column string) string {
	if k, ok := t.at[column]; ok && k < len(t.rows[t.row]) {
		return strings.TrimSpace(t.rows[t.row][k])
	}
	return ""
}

// Percent is a number that may have a decimal comma and a percent sign.
func (t *Table) Percent(column string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(t.Text(column), ",", "."), "%"))
}

// Ticked reads yes and no as people write them.
func (t *Table) Ticked(column string) bool {
	switch v := strings.ToLower(t.Text(column)); v {
	case "x", "1", "yes", "true", "kyllä", "ja":
		return true
	case "", "0", "no", "false", "ei", "nej", "nee":
	default:
		t.Bad(column, Value, v, "")
	}
	return false
}

// Tick writes what [Table.Ticked] reads.
func Tick(b bool) string {
	if b {
		return "x"
	}
	return ""
}

// What may be wrong with a table, beside the settings in it.
const (
	Column  hub.SettingCode = "table-column"  // a column that there is not
	Missing hub.SettingCode = "table-missing" // a column that there must be
	Value   hub.SettingCode = "table-value"   // not understood
	Size    hub.SettingCode = "table-size"    // empty, or too many rows
	Broken  hub.SettingCode = "table-broken"  // no table at all
)

// Codes lists them.
var Codes = []hub.SettingCode{Column, Missing, Value, Size, Broken}

// A Fault is what is wrong in one row of a table, the header being row 1. Its key
// is the column.
type Fault struct {
	Row int
	hub.SettingFault
}

func (f Fault) Error() string {
	switch f.Code {
	case Column:
		return fmt.Sprintf("column %q is none of %s", f.Value, f.Form)
	case Missing:
		return fmt.Sprintf("the column %s is missing", f.Value)
	case Size:
		return fmt.Sprintf("the table has %s rows, not %s", f.Value, f.Form)
	case Broken:
		return fmt.Sprintf("row %d: %s", f.Row, f.Value)
	case Value:
		return fmt.Sprintf("row %d, %s: %q is not understood", f.Row, f.Key, f.Value)
	}
	return fmt.Sprintf("row %d, %s", f.Row, f.SettingFault.Error())
}

// Faults are all that is wrong with a table.
type Faults []Fault

func (fs Faults) Error() string {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errors.Join(errs...).Error()
}

// InTable says faults of the settings by the rows of the table that they came
// from: list is what the table became in the settings, such as "accounts", and
// rows are the rows of its entries. err is returned as it is when it is about
// anything else.
func InTable(err error, list string, rows []int) error {
	var faults hub.SettingFaults
	if !errors.As(err, &faults) {
		return err
	}
	var told Faults
	for _, f := range faults {
		rest, ok := strings.CutPrefix(f.Key, list+"[")
		index, key, ok2 := strings.Cut(rest, "].")
		i, e := strconv.Atoi(index)
		if !ok || !ok2 || e != nil || i < 0 || i >= len(rows) {
			return err
		}
		f.Key = key
		told = append(told, Fault{rows[i], f})
	}
	return told
}
