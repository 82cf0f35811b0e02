package posting

import (
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/sheet"
)

// columns of an account map as a table, in the order in which people read them.
var columns = []string{"name", "source", "product", "partner", "category", "percent", "supply", "area", "sales", "purchases", "payroll",
	"account", "vat_status", "deduction"}

// WriteCSV writes the map as a table with a header.
func WriteCSV(rules []hub.AccountRule) ([]byte, error) {
	rows := [][]string{columns}
	for _, r := range rules {
		status := ""
		if r.VATStatus != 0 {
			status = strconv.Itoa(r.VATStatus)
		}
		rows = append(rows, []string{r.Name, r.Source, r.Product, r.Partner, r.Category, r.Percent, r.Supply, string(r.Area), sheet.Tick(r.Sales),
			sheet.Tick(r.Purchases), sheet.Tick(r.Payroll), r.Account, status, r.Deduction})
	}
	return sheet.Write(rows)
}

// ReadCSV reads such a table. Columns may stand in any order and be left out,
// except account; the separator is a semicolon, comma or tab; percents may have
// a decimal comma. rows are the rows in which the rules stand. Everything wrong
// is reported with its row, as [sheet.Faults], and nothing is then returned.
func ReadCSV(b []byte) (rules []hub.AccountRule, rows []int, err error) {
	t, err := sheet.Read(b, columns, "account")
	if err != nil {
		return nil, nil, err
	}
	for t.Next() {
		r := hub.AccountRule{Name: t.Text("name"), Source: t.Text("source"), Product: t.Text("product"), Partner: t.Text("partner"),
			Category: strings.ToUpper(t.Text("category")), Percent: t.Percent("percent"), Supply: strings.ToLower(t.Text("supply")),
			Area: hub.Area(strings.ToLower(t.Text("area"))), Account: t.Text("account"), Deduction: t.Percent("deduction"),
			Sales: t.Ticked("sales"), Purchases: t.Ticked("purchases"), Payroll: t.Ticked("payroll")}
		if v := t.Text("vat_status"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.Bad("vat_status", sheet.Value, v, "")
			}
			r.VATStatus = n
		}
		for _, f := range r.Faults() {
			if !t.IsBad(f.Key) && (f.Code != hub.SettingSide || !t.IsBad("purchases")) {
				t.Bad(f.Key, f.Code, f.Value, f.Form)
			}
		}
		rules, rows = append(rules, r), append(rows, t.Row())
	}
	if len(t.Faults) > 0 {
		return nil, nil, t.Faults
	}
	return rules, rows, nil
}

// ReadChart reads the source's chart of accounts: columns source and name, and
// sales, purchases and payroll; the former two hold where none is ticked.
func ReadChart(b []byte) ([]SourceAccount, error) {
	t, err := sheet.Read(b, []string{"source", "name", "sales", "purchases", "payroll"}, "source")
	if err != nil {
		return nil, err
	}
	var list []SourceAccount
	for t.Next() {
		s := SourceAccount{Code: t.Text("source"), Name: t.Text("name"), Sales: t.Ticked("sales"), Purchases: t.Ticked("purchases"), Payroll: t.Ticked("payroll")}
		if !s.Sales && !s.Purchases && !s.Payroll {
			s.Sales, s.Purchases = true, true
		}
		list = append(list, s)
	}
	if len(t.Faults) > 0 {
		return nil, t.Faults
	}
	return list, nil
}

// Columns names the columns of an account map as a table.
func Columns() string { return strings.Join(columns, ", ") }
