// Package channel keeps what is known of the ways to customers: which e-invoice
// operators there are, and the table that says how the invoices of each customer go.
package channel

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/sheet"
)

// operators.json is what could be sourced, with its day and source. The complete
// register is TIEKE's at verkkolaskuosoite.fi; a connection may have its own list.
//
//go:embed operators.json
var operators []byte

var known = sync.OnceValue(func() *hub.OperatorList {
	list := new(hub.OperatorList)
	if err := json.Unmarshal(operators, list); err != nil {
		panic(err) // the file is compiled in; a test reads it
	}
	return list
})

// Known are the operators that come along. They are not to be changed.
func Known() *hub.OperatorList { return known() }

// OperatorsOf is the list that counts for a connection: its own, else [Known].
func OperatorsOf(s *hub.Settings) *hub.OperatorList {
	if s.Operators != nil {
		return s.Operators
	}
	return Known()
}

// columns of the two tables, in the order in which people read them.
var (
	columns         = []string{"customer", "name", "channel", "email", "einvoice", "operator", "language"}
	operatorColumns = []string{"code", "name"}
)

// Columns names the columns of the table of customers.
func Columns() string { return strings.Join(columns, ", ") }

// OperatorColumns names the columns of a list of operators.
func OperatorColumns() string { return strings.Join(operatorColumns, ", ") }

// WriteCSV writes the customers as a table with a header.
func WriteCSV(rows []hub.CustomerRow) ([]byte, error) {
	out := [][]string{columns}
	for _, r := range rows {
		out = append(out, []string{r.Customer, r.Name, string(r.Channel), r.Email, r.EInvoice, r.Operator, r.Language})
	}
	return sheet.Write(out)
}

// ReadCSV reads such a table; columns may stand in any order and be left out,
// except customer. at are the rows in which the customers stand. Everything wrong
// is reported with its row, as [sheet.Faults], and nothing is then returned.
func ReadCSV(b []byte) (rows []hub.CustomerRow, at []int, err error) {
	t, err := sheet.Read(b, columns, "customer")
	if err != nil {
		return nil, nil, err
	}
	for t.Next() {
		r := Tidy(hub.CustomerRow{Customer: t.Text("customer"), Name: t.Text("name"), Channel: hub.Channel(t.Text("channel")), Email: t.Text("email"),
			EInvoice: t.Text("einvoice"), Operator: t.Text("operator"), Language: t.Text("language")})
		for _, f := range r.Faults() {
			t.Bad(f.Key, f.Code, f.Value, f.Form)
		}
		rows, at = append(rows, r), append(at, t.Row())
	}
	if len(t.Faults) > 0 {
		return nil, nil, t.Faults
	}
	return rows, at, nil
}

// Tidy writes a row as it is kept: an e-invoice address has no blanks, a code of an
// operator capital letters.
func Tidy(r hub.CustomerRow) hub.CustomerRow {
	r.Channel, r.Language = hub.Channel(strings.ToLower(string(r.Channel))), strings.ToLower(r.Language)
	r.EInvoice, r.Operator = squeeze(r.EInvoice), strings.ToUpper(squeeze(r.Operator))
	return r
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// WriteOperators writes a list of operators as a table with a header.
func WriteOperators(list []hub.Operator) ([]byte, error) {
	out := [][]string{operatorColumns}
	for _, o := range list {
		out = append(out, []string{o.Code, o.Name})
	}
	return sheet.Write(out)
}

// ReadOperators reads such a table, sorted by name. Everything wrong is reported
// as [sheet.Faults].
func ReadOperators(b []byte) (list []hub.Operator, err error) {
	t, err := sheet.Read(b, operatorColumns, "code")
	if err != nil {
		return nil, err
	}
	for t.Next() {
		o := hub.Operator{Code: strings.ToUpper(squeeze(t.Text("code"))), Name: t.Text("name")}
		switch {
		case !hub.OperatorForm(o.Code):
			t.Bad("code", hub.SettingOperator, o.Code, "")
		case slices.ContainsFunc(list, func(x hub.Operator) bool { return x.Code == o.Code }):
			t.Bad("code", hub.SettingTwice, o.Code, "")
		}
		if o.Name == "" {
			o.Name = o.Code
		}
		list = append(list, o)
	}
	if len(t.Faults) > 0 {
		return nil, t.Faults
	}
	slices.SortStableFunc(list, func(a, b hub.Operator) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
