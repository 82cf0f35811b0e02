package hub

import (
	"fmt"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A Level says what the documents of a connection become in Procountor.
type Level string

const (
	// DocumentLevel makes an invoice of each document (tositetaso).
	DocumentLevel Level = "document"
	// JournalLevel lets documents wait until their source has closed its period
	// and makes journals of them (muistiotositetaso): the source keeps the ledgers of
	// receivables and payables.
	JournalLevel Level = "journal"
)

// JournalSettings say how documents become journals.
type JournalSettings struct {
	// Per says what one journal holds; empty means [PerDocument].
	Per JournalPer `json:"per,omitempty"`
	// Receivables and Payables are the accounts of Procountor on which customers owe
	// the company, and the company its suppliers: the other side of every journal.
	Receivables string `json:"receivables,omitempty"`
	Payables    string `json:"payables,omitempty"`
}

// A JournalPer says what one journal holds.
type JournalPer string

// One document each, or all of a month and side, summed.
const (
	PerDocument JournalPer = "document"
	PerMonth    JournalPer = "month"
)

// Leveled is the level that s asks for.
func (s *Settings) Leveled() Level {
	if s.Level == JournalLevel {
		return JournalLevel
	}
	return DocumentLevel
}

// LevelOf is the level of documents of a kind: an employee's claim is never summed up,
// and payroll has nothing but journals.
func (s *Settings) LevelOf(kind Kind) Level {
	switch kind {
	case TravelInvoice:
		return DocumentLevel
	case PayrollJournal:
		return JournalLevel
	}
	return s.Leveled()
}

// Counter is the account of the other side of a journal of documents of a kind.
func (s *JournalSettings) Counter(kind Kind) string {
	if kind.Buys() {
		return s.Payables
	}
	return s.Receivables
}

// An Entry is one row of a journal, in the words of Procountor's registers.
type Entry struct {
	Account string `json:"account"`
	// Amount is without VAT, in the company's own currency: debit above zero, credit
	// below. Procountor computes the VAT from it.
	Amount     money.Amount `json:"amount"`
	VATPercent money.Amount `json:"vat_percent"`
	VATStatus  int          `json:"vat_status"`
	// Side says whose VAT it is, by the kind of invoice that it would stand on.
	Side       Kind            `json:"side"`
	Deduction  string          `json:"deduction,omitempty"` // percent of a purchase's VAT, "" is all
	Text       string          `json:"text,omitempty"`
	Dimensions []DimensionPart `json:"dimensions,omitempty"`
}

// Covers says what a journal that Vienti makes of documents is for.
type Covers struct {
	Month Month      `json:"month"`
	Kind  Kind       `json:"kind"` // of the documents
	Per   JournalPer `json:"per"`
	// Documents are those that its entries are of, with the content that they had.
	Documents []Covered `json:"documents,omitempty"`
	// Corrects says what the journal sets right; nil for one of a closed month.
	Corrects *Corrects `json:"corrects,omitempty"`
}

// A Covered is one document in a journal.
type Covered struct {
	Document string `json:"document"` // row id
	Number   string `json:"number"`
	Version  string `json:"version"`
	// Entries are its part of the journal: what is set right when it changes later.
	Entries []Entry `json:"entries,omitempty"`
}

// Corrects names what a correcting journal sets right: the part of one document in
// an earlier journal.
type Corrects struct {
	Journal  string     `json:"journal"` // row id
	Number   string     `json:"number"`
	Receipt  int64      `json:"receipt,omitempty"` // Procountor's number of that journal
	Document string     `json:"document"`          // row id
	How      Correction `json:"how"`
}

// A Correction is the way in which a journal sets right an earlier one.
type Correction string

// The difference between what is booked and what the document says now; all that is
// booked of the document, turned; and the document anew after that.
const (
	ByDifference Correction = "difference"
	ByReversal   Correction = "reversal"
	ByAnew       Correction = "anew"
)

// A Month is the period that a source closes, as YYYY-MM.
type Month string

// MonthOf is the month of a day.
func MonthOf(d civil.Date) Month {
	if d.IsZero() {
		return ""
	}
	return Month(d.String()[:len("2006-01")])
}

// ParseMonth reads YYYY-MM.
func ParseMonth(s string) (Month, error) {
	if _, err := time.Parse("2006-01", s); err != nil || len(s) != len("2006-01") {
		return "", fmt.Errorf("%.20q is not a month such as 2026-03", s)
	}
	return Month(s), nil
}

// Days are the first and the last day of m.
func (m Month) Days() civil.Period {
	first, err := civil.Parse(string(m) + "-01")
	if err != nil {
		return civil.Period{}
	}
	return civil.Period{First: first, Last: first.LastOfMonth()}
}

// PeriodKey is what a transfer waits for whose document waits for its month: no
// transfer has such an id.
func PeriodKey(connection string, m Month) string { return "period/" + connection + "/" + string(m) }
