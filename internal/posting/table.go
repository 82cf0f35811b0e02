package posting

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// columns of an account map as a table, in the order in which people read them.
var columns = []string{"name", "source", "product", "partner", "category", "percent", "supply", "area", "sales", "purchases",
	"account", "vat_status", "deduction"}

// maxRules bounds a map: a chart of accounts has some hundreds of rows.
const maxRules = 20_000

// WriteCSV writes the map as a table with a header, separated by semicolons as
// spreadsheets in the Nordic countries expect, in UTF-8 with the mark by which
// they know it.
func WriteCSV(rules []hub.AccountRule) ([]byte, error) {
	out := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(out)
	w.Comma = ';'
	rows := [][]string{columns}
	for _, r := range rules {
		status := ""
		if r.VATStatus != 0 {
			status = strconv.Itoa(r.VATStatus)
		}
		rows = append(rows, []string{r.Name, r.Source, r.Product, r.Partner, r.Category, r.Percent, r.Supply, string(r.Area), tick(r.Sales),
			tick(r.Purchases), r.Account, status, r.Deduction})
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

func tick(b bool) string {
	if b {
		return "x"
	}
	return ""
}

// ReadCSV reads such a table. Columns may stand in any order and be left out,
// except account; the separator is a semicolon, comma or tab; percents may have
// a decimal comma. rows are the rows in which the rules stand. Everything wrong
// is reported with its row, as [TableFaults], and nothing is then returned.
func ReadCSV(b []byte) (rules []hub.AccountRule, rows []int, err error) {
	t, err := readTable(b, columns, "account")
	if err != nil {
		return nil, nil, err
	}
	for t.next() {
		r := hub.AccountRule{Name: t.text("name"), Source: t.text("source"), Product: t.text("product"), Partner: t.text("partner"),
			Category: strings.ToUpper(t.text("category")), Percent: t.percent("percent"), Supply: strings.ToLower(t.text("supply")),
			Area: hub.Area(strings.ToLower(t.text("area"))), Account: t.text("account"), Deduction: t.percent("deduction"),
			Sales: t.ticked("sales"), Purchases: t.ticked("purchases")}
		if v := t.text("vat_status"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.bad("vat_status", TableValue, v, "")
			}
			r.VATStatus = n
		}
		for _, f := range r.Faults() {
			if !t.isBad(f.Key) && (f.Code != hub.SettingSide || !t.isBad("purchases")) {
				t.bad(f.Key, f.Code, f.Value, f.Form)
			}
		}
		rules, rows = append(rules, r), append(rows, t.row+1)
	}
	if len(t.faults) > 0 {
		return nil, nil, t.faults
	}
	return rules, rows, nil
}

// ReadChart reads the source's chart of accounts: columns source and name, and
// sales and purchases, which hold for both where neither is ticked.
func ReadChart(b []byte) ([]SourceAccount, error) {
	t, err := readTable(b, []string{"source", "name", "sales", "purchases"}, "source")
	if err != nil {
		return nil, err
	}
	var list []SourceAccount
	for t.next() {
		s := SourceAccount{Code: t.text("source"), Name: t.text("name"), Sales: t.ticked("sales"), Purchases: t.ticked("purchases")}
		if !s.Sales && !s.Purchases {
			s.Sales, s.Purchases = true, true
		}
		list = append(list, s)
	}
	if len(t.faults) > 0 {
		return nil, t.faults
	}
	return list, nil
}

// A table is one that a person has written.
type table struct {
	at     map[string]int // column by name
	rows   [][]string
	row    int // the one that is read, from 1; 0 before the first
	faults TableFaults
}

func readTable(b []byte, columns []string, needed string) (*table, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
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
			return nil, TableFaults{{Row: where.Line, SettingFault: hub.SettingFault{Code: TableBroken, Value: where.Err.Error()}}}
		}
		return nil, err
	}
	if len(rows) == 0 || len(rows) > maxRules {
		return nil, TableFaults{{SettingFault: hub.SettingFault{Code: TableSize, Value: strconv.Itoa(len(rows)), Form: fmt.Sprintf("1 to %d", maxRules)}}}
	}
	t := &table{at: map[string]int{}, rows: rows}
	for i, name := range rows[0] {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(columns, name) {
			t.bad("", TableColumn, name, strings.Join(columns, ", "))
		}
		t.at[name] = i
	}
	if _, ok := t.at[needed]; !ok {
		t.bad("", TableMissing, needed, "")
	}
	return t, nil
}

// next goes to the next row that holds anything.
func (t *table) next() bool {
	for t.row++; t.row < len(t.rows); t.row++ {
		if strings.TrimSpace(strings.Join(t.rows[t.row], "")) != "" {
			return true
		}
	}
	return false
}

func (t *table) bad(column string, code hub.SettingCode, value, form string) {
	t.faults = append(t.faults, TableFault{t.row + 1, hub.SettingFault{Key: column, Code: code, Value: value, Form: form}})
}

// isBad reports whether something is wrong already with a column of the row.
func (t *table) isBad(column string) bool {
	return slices.ContainsFunc(t.faults, func(f TableFault) bool { return f.Row == t.row+1 && f.Key == column })
}

func (t *table) text(column string) string {
	if k, ok := t.at[column]; ok && k < len(t.rows[t.row]) {
		return strings.TrimSpace(t.rows[t.row][k])
	}
	return ""
}

func (t *table) percent(column string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(t.text(column), ",", "."), "%"))
}

func (t *table) ticked(column string) bool {
	switch v := strings.ToLower(t.text(column)); v {
	case "x", "1", "yes", "true", "kyllä", "ja":
		return true
	case "", "0", "no", "false", "ei", "nej", "nee":
	default:
		t.bad(column, TableValue, v, "")
	}
	return false
}

// What may be wrong with a table, beside the settings in it.
const (
	TableColumn  hub.SettingCode = "table-column"  // a column that there is not
	TableMissing hub.SettingCode = "table-missing" // a column that there must be
	TableValue   hub.SettingCode = "table-value"   // not understood
	TableSize    hub.SettingCode = "table-size"    // empty, or too many rows
	TableBroken  hub.SettingCode = "table-broken"  // no table at all
)

// A TableFault is what is wrong in one row of a table, the header being row 1.
// Its key is the column.
type TableFault struct {
	Row int
	hub.SettingFault
}

func (f TableFault) Error() string {
	switch f.Code {
	case TableColumn:
		return fmt.Sprintf("column %q is none of %s", f.Value, f.Form)
	case TableMissing:
		return fmt.Sprintf("the column %s is missing", f.Value)
	case TableSize:
		return fmt.Sprintf("the table has %s rows, not %s", f.Value, f.Form)
	case TableBroken:
		return fmt.Sprintf("row %d: %s", f.Row, f.Value)
	case TableValue:
		return fmt.Sprintf("row %d, %s: %q is not understood", f.Row, f.Key, f.Value)
	}
	return fmt.Sprintf("row %d, %s", f.Row, f.SettingFault.Error())
}

// TableFaults are all that is wrong with a table.
type TableFaults []TableFault

func (fs TableFaults) Error() string {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errors.Join(errs...).Error()
}

var ruleKey = regexp.MustCompile(`^accounts\[(\d+)\]\.(.+)$`)

// InTable says faults of an account map by the rows of the table that it came
// from; err is returned as it is when it is about anything else.
func InTable(err error, rows []int) error {
	var faults hub.SettingFaults
	if !errors.As(err, &faults) {
		return err
	}
	var list TableFaults
	for _, f := range faults {
		m := ruleKey.FindStringSubmatch(f.Key)
		if m == nil {
			return err
		}
		i, e := strconv.Atoi(m[1])
		if e != nil || i >= len(rows) {
			return err
		}
		f.Key = m[2]
		list = append(list, TableFault{rows[i], f})
	}
	return list
}

// Columns names the columns of an account map as a table.
func Columns() string { return strings.Join(columns, ", ") }
