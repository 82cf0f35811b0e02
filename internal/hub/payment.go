package hub

import (
	"encoding/json"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A PaymentMade is money that has moved for a document, or is on its way, as a
// source states it.
type PaymentMade struct {
	// SourceID names the payment in its connection for ever.
	SourceID string `json:"source_id"`
	// Document is the source id of the document that it pays; else Number and,
	// if given, Kind say which.
	Document string `json:"document,omitempty"`
	Number   string `json:"number,omitempty"`
	Kind     Kind   `json:"kind,omitempty"`

	State PaymentState `json:"state"`
	// Date is the day the money moved, as the bank says; the zero Date when the
	// source does not know.
	Date civil.Date `json:"date,omitzero"`
	// Amount has the sign of the document's total: negative on a credit note.
	Amount   money.Amount   `json:"amount"`
	Currency money.Currency `json:"currency"` // the document's
	Method   PaymentMethod  `json:"method,omitempty"`
	Text     string         `json:"text,omitempty"`
	// Claim: what a card of the company has paid of a claim. That is so whoever pays and
	// tells of payments otherwise.
	Claim bool `json:"claim,omitempty"`
}

// A PaymentState is how far the source says a payment has come.
type PaymentState string

// Paid: the money has moved, or a person says so. Sent: given to the bank, which
// has not refused it so far. Failed: the bank has refused it. Removed: the source
// has it no longer.
const (
	PaymentPaid    PaymentState = "paid"
	PaymentSent    PaymentState = "sent"
	PaymentRefused PaymentState = "failed"
	PaymentRemoved PaymentState = "removed"
)

// PaymentStates lists every state.
var PaymentStates = []PaymentState{PaymentPaid, PaymentSent, PaymentRefused, PaymentRemoved}

// A PaymentMethod is how a payment was made; empty when nobody says.
type PaymentMethod string

// The methods that Procountor tells apart.
const (
	ByTransfer   PaymentMethod = "bank_transfer"
	ByCash       PaymentMethod = "cash"
	ByCard       PaymentMethod = "card"
	ByAdjustment PaymentMethod = "adjustment"
	ByCorrection PaymentMethod = "correction"
	ByCreditLoss PaymentMethod = "credit_loss"
	ByCreditNote PaymentMethod = "credit_note"
	BySetOff     PaymentMethod = "set_off"
)

// PaymentMethods lists every method.
var PaymentMethods = []PaymentMethod{ByTransfer, ByCash, ByCard, ByAdjustment, ByCorrection, ByCreditLoss, ByCreditNote, BySetOff}

// Version is the fingerprint of what a payment says.
func (p *PaymentMade) Version() string {
	b, err := json.Marshal(p)
	if err != nil {
		return "unmarshallable: " + err.Error() // an inexact amount, which no reader lets through
	}
	return HashOf(b)
}

// maxDescription is what Procountor keeps of a payment's description.
const maxDescription = 140

// PaymentDescription is the description of a mark of payment: what the source
// says of it, as far as there is room, and our mark.
func PaymentDescription(text, system, payment, key string) string {
	mark := []rune(Mark(system, payment, key))
	if room := maxDescription - len(mark); room < 0 {
		mark = []rune(markSign + key)
	}
	words := []rune(strings.Join(strings.Fields(text), " "))
	room := maxDescription - len(mark) - 1
	if room <= 0 || len(words) == 0 {
		return string(mark)
	}
	return string(words[:min(len(words), room)]) + " " + string(mark)
}

// A PaymentMark is what became of a payment, or of one side of an offset, in
// Procountor: at most one that lives.
type PaymentMark struct {
	ID, Company, Payment string
	Side                 MarkSide
	InvoiceID            int64
	EventID              int64 // 0 until it is known
	State                MarkState
	// Date and Amount are what was, or is being, marked.
	Date, Amount string
}

// A MarkState is where a mark of payment stands.
type MarkState string

// Intended and Living are ours; Linked was there by Procountor's bank connection.
const (
	MarkIntended MarkState = "intended"
	MarkLiving   MarkState = "living"
	MarkLinked   MarkState = "linked"
	MarkEnded    MarkState = "ended"
)

// A MarkSide says which of the two marks of an offset one is; empty for payments.
type MarkSide string

// The invoice that is credited is marked first: it may be paid meanwhile.
const (
	InvoiceSide MarkSide = "invoice"
	NoteSide    MarkSide = "note"
)

// An OffsetPair is a credit note and the invoice that it takes back, to be marked
// paid against each other: both with the same sum, on the same day.
type OffsetPair struct {
	ID, Company, Connection string
	// Document is the row id of the credit note's document; of a voucher that was
	// credited and sent anew, of the voucher's.
	Document string
	// Note is the credit note in Procountor, Invoice what it takes back; 0 until
	// it is known. Credited is the source's number of that.
	Note, NoteNumber       int64
	Credited               string
	Invoice, InvoiceNumber int64
}

// A Settling says who offsets credit notes against their invoices.
type Settling string

// A person in Procountor, or Vienti by marking both paid.
const (
	OffsetByPerson Settling = "by_hand"
	OffsetByVienti Settling = "vienti"
)

// A PaidState is how far an invoice is paid in Procountor.
type PaidState string

// Nothing, a part, or all of it is paid.
const (
	PaidNothing PaidState = "open"
	PaidPartly  PaidState = "partly"
	PaidFully   PaidState = "paid"
)

// PaidStates lists every state.
var PaidStates = []PaidState{PaidNothing, PaidPartly, PaidFully}

// A PaidWatch is what Procountor shows of an invoice after it has arrived. Sums are
// decimal text in the invoice's currency.
type PaidWatch struct {
	Status      string // Procountor's
	State       PaidState
	Currency    string
	Total, Open string
	On          string // day of the latest payment, "" when there is none
	Payments    int    // without those of an offset
	// Returned is what the operator said when it gave the invoice back, with the time
	// of that; "" when it did not, or somebody has seen to it in Procountor.
	Returned string
}

// Sum is how much is paid, decimal text; "" where a sum cannot be read.
func (p *PaidWatch) Sum() string {
	total, err1 := money.Parse(p.Total)
	open, err2 := money.Parse(p.Open)
	if err1 != nil || err2 != nil {
		return ""
	}
	return total.Sub(open).Fixed(2)
}
