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
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	first, _, _ := bytes.Cut(b, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = ';'
	for _, sep := range ",\t" {
		if bytes.Count(first, []byte(string(sep))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = sep
		}
	}
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows) > maxRules {
		return nil, fmt.Errorf("the table has %d rows, not 1 to %d", len(rows), maxRules)
	}
	var errs []error
	at := map[string]int{}
	for i, name := range rows[0] {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(columns, name) {
			errs = append(errs, fmt.Errorf("column %q is none of %s", name, strings.Join(columns, ", ")))
		}
		at[name] = i
	}
	if _, ok := at["account"]; !ok {
		errs = append(errs, errors.New("the column account is missing"))
	}
	var rules []hub.AccountRule
	for i, row := range rows[1:] {
		bad := func(column, value string) {
			errs = append(errs, fmt.Errorf("row %d, %s: %q is not understood", i+2, column, value))
		}
		get := func(column string) string {
			if k, ok := at[column]; ok && k < len(row) {
				return strings.TrimSpace(row[k])
			}
			return ""
		}
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		percent := func(column string) string { return strings.TrimSuffix(strings.ReplaceAll(get(column), ",", "."), "%") }
		rule := hub.AccountRule{Name: get("name"), Source: get("source"), Product: get("product"), Partner: get("partner"),
			Category: strings.ToUpper(get("category")), Percent: strings.TrimSpace(percent("percent")), Supply: strings.ToLower(get("supply")),
			Area: hub.Area(strings.ToLower(get("area"))), Account: get("account"), Deduction: strings.TrimSpace(percent("deduction"))}
		for _, side := range []struct {
			column string
			on     *bool
		}{{"sales", &rule.Sales}, {"purchases", &rule.Purchases}} {
			switch v := strings.ToLower(get(side.column)); v {
			case "x", "1", "yes", "true", "kyllä", "ja":
				*side.on = true
			case "", "0", "no", "false", "ei", "nej", "nee":
			default:
				bad(side.column, v)
			}
		}
		if v := get("vat_status"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				bad("vat_status", v)
			}
			rule.VATStatus = n
		}
		rules = append(rules, rule)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return rules, nil
}
