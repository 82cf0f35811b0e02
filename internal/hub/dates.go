package hub

import "github.com/vienti/vienti/internal/civil"

// ChosenDates are those with which a person lets a document go instead of its
// source's. They are outside the document's version, for the source has not changed,
// and inside what is written.
type ChosenDates struct {
	// Version is the content that they were chosen for. Of another the person is
	// asked anew.
	Version string     `json:"version"`
	Date    civil.Date `json:"date"`
	DueDate civil.Date `json:"due_date,omitzero"`
	By      string     `json:"by"`
	Why     string     `json:"why"`
}

// WithDates returns d as it is written with chosen dates.
func (d *Document) WithDates(c *ChosenDates) *Document {
	if c == nil {
		return d
	}
	e := *d
	e.Origin = d.Version()
	e.Date, e.DueDate, e.TermDays = c.Date, c.DueDate, nil
	return &e
}

// Shown is the version that the source has shown, whatever dates are chosen.
func (d *Document) Shown() string {
	if d.Origin != "" {
		return d.Origin
	}
	return d.Version()
}

// Term is how many days after its date a document is due, as its source says; ok
// is false when it does not.
func (d *Document) Term() (days int, ok bool) {
	switch {
	case d.TermDays != nil && d.DueDate.IsZero():
		return *d.TermDays, true
	case d.DueDate.IsZero() || d.Date.IsZero():
		return 0, false
	}
	return d.Date.DaysUntil(d.DueDate), true
}

// A DueRule says how a due date is computed anew.
type DueRule string

// The due date stays as the source has it, is counted from the invoice date or
// from another day, the value date, by the term of payment, or is given.
const (
	DueKept      DueRule = "kept"
	DueByInvoice DueRule = "invoice"
	DueByValue   DueRule = "value"
	DueGiven     DueRule = "given"
)

// DueRules lists every rule.
var DueRules = []DueRule{DueKept, DueByInvoice, DueByValue, DueGiven}

// A DateWish is what a person wants the dates of documents to be. A zero Date is
// the source's; Day is the value date, or the due date itself; Term is the days of
// payment, nil for the document's own.
type DateWish struct {
	Date civil.Date
	Rule DueRule
	Day  civil.Date
	Term *int
}

// For computes the dates of one document; ok is false when it says no term and
// none is given, or when it would be due before its date.
func (w DateWish) For(d *Document) (date, due civil.Date, ok bool) {
	if date = w.Date; date.IsZero() {
		date = d.Date
	}
	term, known := d.Term()
	if w.Term != nil {
		term, known = *w.Term, true
	}
	switch w.Rule {
	case DueByInvoice:
		due = date.AddDays(term)
	case DueByValue:
		due = w.Day.AddDays(term)
		known = known && !w.Day.IsZero()
	case DueGiven:
		due, known = w.Day, !w.Day.IsZero()
	default:
		if due, known = d.DueDate, true; due.IsZero() && d.TermDays != nil {
			due = d.Date.AddDays(*d.TermDays)
		}
	}
	return date, due, known && !date.IsZero() && !(!due.IsZero() && due.Before(date))
}
