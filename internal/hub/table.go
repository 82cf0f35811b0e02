package hub

import "slices"

// A TableMap says what the columns of one layout of lists mean, because a person has
// tried it out on a file. A file with the same header is read by it.
type TableMap struct {
	// Kind is [PayrollJournal] for lists of rows of debit and credit; "" for invoices.
	Kind Kind `json:"kind,omitempty"`
	// Header are the columns of the layout, as they are written there.
	Header []string `json:"header"`
	// Fields are our fields and the column of each; see [TableMap.Known].
	Fields map[string]string `json:"fields"`
}

// TableFields are what a column may be, in the order in which people think of them: first
// of the document, then of the row.
var TableFields = []string{
	"number", "date", "due_date", "name", "business_id", "party_number", "email", "street", "zip", "city", "country", "currency",
	"reference", "order", "buyer_reference", "text", "notes", "account", "cost_centre", "project", "total",
	"row_name", "row_code", "row_description", "quantity", "unit", "price", "gross_price", "discount", "vat_percent", "vat_category", "net",
	"row_account", "row_cost_centre", "row_project",
}

// JournalFields are what a column of a journal may be.
var JournalFields = []string{
	"date", "period", "run", "account", "account_name", "debit", "credit", "amount", "text", "cost_centre", "cost_unit", "project", "employee", "currency",
}

// Known are the fields that a column may be.
func (m *TableMap) Known() []string {
	if m.Kind == PayrollJournal {
		return JournalFields
	}
	return TableFields
}

// MapFor returns the map of a header, nil when nobody has made one.
func (s *Settings) MapFor(header []string) *TableMap {
	for i := range s.Tables {
		if slices.Equal(s.Tables[i].Header, header) {
			return &s.Tables[i]
		}
	}
	return nil
}

// KeepTable keeps a map, in the place of that of the same header.
func (s *Settings) KeepTable(m TableMap) {
	s.Tables = slices.Clone(s.Tables)
	if old := s.MapFor(m.Header); old != nil {
		*old = m
		return
	}
	s.Tables = append(s.Tables, m)
}
