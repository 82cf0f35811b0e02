package format

import (
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// MaxRunRows is how many rows a payroll run may have: four times what a company of some
// thousand people has in a month, by person.
const MaxRunRows = 200_000

// EmployeeAxis is how the readers call the dimension of employees. It becomes
// [hub.JournalRow.Employee], or nothing.
const EmployeeAxis = "employee"

// RunDocument is a whole payroll run: its journals under the name that people know it by.
// Reference and journals are not empty.
func RunDocument(journals []hub.RunJournal, reference string, currency money.Currency) *hub.Document {
	d := &hub.Document{Kind: hub.PayrollJournal, Number: reference, Currency: currency, Lines: []hub.Line{}, Journals: journals}
	for i := range journals {
		if journals[i].Date.After(d.Date) {
			d.Date = journals[i].Date
		}
	}
	d.SourceID = hub.RunID(d.Ordinary(), reference)
	return d
}

// UnreadRun stands for a file of payroll that could not be read whole. It is of payroll
// all the same, so that its bytes are sealed and nobody sees them without the right; and it
// goes by its bytes, for half a run may bear the name of another one.
func UnreadRun(name string, raw []byte, faults []hub.Fault) Decoded {
	return Decoded{
		Document: &hub.Document{Kind: hub.PayrollJournal, SourceID: "payroll/unread/" + hub.HashOf(raw), Number: firstOf(name, "payroll"), Lines: []hub.Line{}},
		Faults:   few(faults), Raw: raw,
	}
}

// TooLargeRun stands for a file over [MaxFile]; raw is its beginning.
func TooLargeRun(name string, raw []byte) Decoded {
	d := UnreadRun(name, raw, []hub.Fault{hub.NewFault(hub.FileTooLarge, "file", "", "limit", strconv.Itoa(MaxFile))})
	d.Raw = nil
	return d
}

// OtherRun stands for a file of another company: of that nothing is kept but whose it is.
// hash tells it from others.
func OtherRun(owner, name, own, hash, at string) Decoded {
	d := Unread(Part{Raw: []byte(hash), Fault: new(hub.NewFault(hub.FileOtherCompany, at, owner, "owner", owner, "name", name, "own", own))})
	d.Raw = nil
	return d
}

// few are as many faults as anybody reads.
func few(faults []hub.Fault) []hub.Fault { return faults[:min(len(faults), maxFaults)] }

// WithoutEmployees sums up rows that differ in nothing but the person: with the number
// gone, a row of one person would still be a salary. Of their texts that stays which
// several people share, for any other may be a name. Rows of nobody stay as they are.
func WithoutEmployees(rows []hub.JournalRow) []hub.JournalRow {
	type sum struct {
		at     int
		person string
		many   bool // people
	}
	sums := map[string]*sum{}
	list := make([]hub.JournalRow, 0, len(rows))
	for _, r := range rows {
		if r.Employee == "" {
			list = append(list, r)
			continue
		}
		var b strings.Builder
		b.WriteString(r.Account)
		for _, d := range r.Dimensions {
			b.WriteString("\x00" + d.Axis + "\x00" + d.Code)
		}
		if r.Amount.Sign() < 0 {
			b.WriteString("\x00credit") // a sum hides no row of the other side
		}
		s := sums[b.String()]
		if s == nil {
			s = &sum{at: len(list), person: r.Employee}
			sums[b.String()] = s
			r.Employee = ""
			list = append(list, r)
			continue
		}
		row := &list[s.at]
		row.Amount = row.Amount.Add(r.Amount)
		if row.Text != r.Text {
			row.Text = ""
		}
		s.many = s.many || r.Employee != s.person
	}
	for _, s := range sums {
		if !s.many {
			list[s.at].Text = ""
		}
	}
	return list
}
