package hub

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A payroll run is handed over as one document of kind [PayrollJournal] whose Journals
// are what it comes to in the books: one for each transaction and period, since what a
// run corrects is booked in the period that the correction belongs to (FEATURES N-19,
// N-20). It is taken apart when it arrives: each journal is a document of its own, with
// Rows, and a Run that says of which run it is.

// A RunJournal is one transaction of a run, in the words of its source.
type RunJournal struct {
	Date civil.Date `json:"date"`
	// Period is the month that the rows belong to; "" means that of Date.
	Period Month `json:"period,omitempty"`
	// Series and Number are the source's own number of the transaction, where it has one.
	Series string       `json:"series,omitempty"`
	Number string       `json:"number,omitempty"`
	Text   string       `json:"text,omitempty"`
	Rows   []JournalRow `json:"rows"`
}

// A JournalRow is one row of a payroll journal, with the account and the codes of its
// source.
type JournalRow struct {
	Account     string `json:"account"`
	AccountName string `json:"account_name,omitempty"`
	// Amount is in the currency of the document: debit above zero, credit below.
	Amount money.Amount `json:"amount"`
	Text   string       `json:"text,omitempty"`
	// Dimensions name an axis and a code of the source each, such as cost_centre 200.
	Dimensions []Dimension `json:"dimensions,omitempty"`
	// Clearing marks the row that balances one part of a journal which was too long: it
	// stands on [PayrollSettings.Clearing], an account of Procountor.
	Clearing bool `json:"clearing,omitempty"`
	// Employee is the number of the person that the row is of; only where journals by
	// employee were asked for.
	Employee string `json:"employee,omitempty"`
}

// A Run says of which payroll run a journal is.
type Run struct {
	// ID is the source id of the run as a whole.
	ID string `json:"id"`
	// Reference is what people call the run: the name of the ordinary run, on all its
	// journals, those of corrected periods too (FEATURES N-20).
	Reference string `json:"reference"`
	// Ordinary is the period of the run itself, the latest of its journals; Period that
	// of this one.
	Ordinary Month `json:"ordinary"`
	Period   Month `json:"period"`
}

// Axes of cost centres and cost units, as payroll has them (FEATURES N-14).
const (
	CostCentreAxis = "cost_centre"
	CostUnitAxis   = "cost_unit"
)

// RunID names a run that has no id of its source's: by its period and its reference, so
// that the same run is the same however its file is called.
func RunID(ordinary Month, reference string) string {
	return "payroll/" + string(ordinary) + "/" + reference
}

// Ordinary is the period of a whole run: the latest of its journals.
func (d *Document) Ordinary() Month {
	var last Month
	for i := range d.Journals {
		last = max(last, d.Journals[i].Month())
	}
	return last
}

// Month is the period of the journal.
func (j *RunJournal) Month() Month {
	if j.Period != "" {
		return j.Period
	}
	return MonthOf(j.Date)
}

// Left is what the rows leave over: nothing, of a journal that balances.
func (j *RunJournal) Left() money.Amount { return RowsLeft(j.Rows) }

// RowsLeft is what rows of debit and credit leave over.
func RowsLeft(rows []JournalRow) money.Amount {
	left := money.Zero
	for i := range rows {
		left = left.Add(rows[i].Amount)
	}
	return left
}

// Private reports whether a document is of payroll, itself or as a journal that is made
// of such: a sum of one cost centre may be a salary. Its content is stored sealed, and is
// shown to people with the payroll right only.
func (d *Document) Private() bool {
	return d.Kind == PayrollJournal || d.Covers != nil && d.Covers.Kind == PayrollJournal
}

// PayrollSettings say how payroll runs become journals.
type PayrollSettings struct {
	// Runs says what is a run in a file; empty means [RunIsFile].
	Runs RunIs `json:"runs,omitempty"`
	// ClosedPeriod says what becomes of a journal whose period is closed in Procountor;
	// empty means [ClosedHold].
	ClosedPeriod ClosedPeriod `json:"closed_period,omitempty"`
	// MaxRows is how many rows one journal may have before it is split; 0 means
	// [UsualMaxRows]. How many Procountor takes is not published.
	MaxRows int `json:"max_rows,omitempty"`
	// Clearing is the account over which a split journal is balanced; "" holds one that
	// would have to be split.
	Clearing string `json:"clearing,omitempty"`
	// KeepMonths is after how many months the content of payroll is not kept here any more;
	// 0 keeps it. The vouchers in Procountor are not touched.
	KeepMonths int `json:"keep_months,omitempty"`
	// ByEmployee asks for rows by employee, where the source can give them: more than the
	// books need.
	ByEmployee bool `json:"by_employee,omitempty"`
}

// RowLimit is how many rows one journal may have.
func (p *PayrollSettings) RowLimit() int { return cmp.Or(p.MaxRows, UsualMaxRows) }

// KeptFrom is the first day whose payroll is still kept on a day; ok is false where all is.
func (p *PayrollSettings) KeptFrom(today civil.Date) (day civil.Date, ok bool) {
	if p.KeepMonths <= 0 {
		return day, false
	}
	return today.AddMonths(-p.KeepMonths), true
}

// Bounds of [PayrollSettings.KeepMonths]: a year of books must be closed before what they
// are built on goes, and nobody keeps anything for longer than a century.
const (
	minKeepMonths = 12
	maxKeepMonths = 1200
)

// UsualMaxRows is how many rows a journal has at most unless a setting says otherwise.
const UsualMaxRows = 5000

// A RunIs says what is one run in a file: all of the file, as payroll programs write it;
// or each voucher of it, as ledgers do.
type RunIs string

// See [RunIs].
const (
	RunIsFile    RunIs = "file"
	RunIsVoucher RunIs = "voucher"
)

// A ClosedPeriod says what becomes of a journal whose period is closed: it is held, or
// goes on the first open day after it with both dates in its text.
type ClosedPeriod string

// See [ClosedPeriod].
const (
	ClosedHold     ClosedPeriod = "hold"
	ClosedFirstDay ClosedPeriod = "first_open_day"
)

// tellable are the places of faults that never hold an amount, a name of a person or a
// text of a row. Whatever is not named here is hidden in payroll: a reader that gives its
// faults a new place is thereby discreet.
var tellable = map[string]bool{
	"account": true, "accounts": true, "rule": true, "setting": true, "axis": true, "dimension": true, "item": true, "category": true,
	"run": true, "period": true, "date": true, "day": true, "until": true, "from": true, "rows": true, "limit": true, "at": true, "line": true,
	"number": true, "journal": true, "code": true, "status": true, "field": true, "form": true, "size": true, "count": true,
	"currency": true, "operation": true, "version": true, "company": true, "expected": true, "encoding": true, "columns": true, "was": true, "whole": true,
}

// hidden stands where a fault of payroll would say what not everybody may know.
const hidden = "…"

// Discreet are faults as they are kept of payroll: with the places and codes, without
// anything that may be an amount or of a person. Whoever may see payroll reads what is
// wrong in the document itself.
func Discreet(faults []Fault) []Fault {
	if len(faults) == 0 {
		return faults
	}
	out := slices.Clone(faults)
	for i := range out {
		f := &out[i]
		told := false
		args := maps.Clone(f.Args)
		for k, v := range args {
			switch {
			case tellable[k], k == "meant" && f.Code == JournalCurrency:
				told = told || v == f.Value
			case k == "reason":
				args[k] = Masked(v)
			default:
				args[k] = hidden
			}
		}
		if f.Args = args; !told {
			f.Value = ""
		}
		if text, theirs := strings.CutPrefix(f.Code, ProcountorCode); theirs && strings.Contains(text, " ") {
			f.Code = ProcountorCode + Masked(text)
		}
	}
	return out
}

// Masked is a text without its digits, for what is written by others and may quote an
// amount.
func Masked(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '·'
		}
		return r
	}, text)
}
