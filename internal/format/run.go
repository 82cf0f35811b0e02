package format

import (
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// MaxRunRows is how many rows a payroll run may have: four times what a company of some
// thousand people has in a month, by person.
const MaxRunRows = 200_000

// EmployeeAxis is how the readers call the dimension of employees. It becomes
// [hub.JournalRow.Employee]; whether it is kept, the hub decides when it takes the run apart.
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
