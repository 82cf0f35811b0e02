package posting

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
// a decimal comma. Everything wrong is reported with its row, and nothing is
// then returned.
func ReadCSV(b []byte) ([]hub.AccountRule, error) {
	t, err := readTable(b, columns, "account")
	if err != nil {
		return nil, err
	}
	var rules []hub.AccountRule
	for t.next() {
		r := hub.AccountRule{Name: t.text("name"), Source: t.text("source"), Product: t.text("product"), Partner: t.text("partner"),
			Category: strings.ToUpper(t.text("category")), Percent: t.percent("percent"), Supply: strings.ToLower(t.text("supply")),
			Area: hub.Area(strings.ToLower(t.text("area"))), Account: t.text("account"), Deduction: t.percent("deduction"),
			Sales: t.ticked("sales"), Purchases: t.ticked("purchases")}
		if v := t.text("vat_status"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.bad("vat_status", v)
			}
			r.VATStatus = n
		}
		rules = append(rules, r)
	}
	if len(t.errs) > 0 {
		return nil, errors.Join(t.errs...)
	}
	return rules, nil
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
	if len(t.errs) > 0 {
		return nil, errors.Join(t.errs...)
	}
	return list, nil
}

// A table is one that a person has written.
type table struct {
	at   map[string]int // column by name
	rows [][]string
	row  int // the one that is read, from 1; 0 before the first
	errs []error
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
		return nil, err
	}
	if len(rows) == 0 || len(rows) > maxRules {
		return nil, fmt.Errorf("the table has %d rows, not 1 to %d", len(rows), maxRules)
	}
	t := &table{at: map[string]int{}, rows: rows}
	for i, name := range rows[0] {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(columns, name) {
			t.errs = append(t.errs, fmt.Errorf("column %q is none of %s", name, strings.Join(columns, ", ")))
		}
		t.at[name] = i
	}
	if _, ok := t.at[needed]; !ok {
		t.errs = append(t.errs, fmt.Errorf("the column %s is missing", needed))
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

func (t *table) bad(column, value string) {
	t.errs = append(t.errs, fmt.Errorf("row %d, %s: %q is not understood", t.row+1, column, value))
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
		t.bad(column, v)
	}
	return false
}
