package hub

import (
	"slices"
	"time"

	"github.com/vienti/vienti/internal/civil"
)

// Telling says what the source of a connection is told of its own documents; the
// zero value: nothing.
type Telling struct {
	// Status: what has arrived in Procountor gets the source's status after the transfer.
	Status Tell `json:"status,omitempty"`
	// Payments: how far Procountor shows it as paid, and since when.
	Payments Tell `json:"payments,omitempty"`
}

// A Tell says whether something is told. Empty means that it is not.
type Tell string

// Nothing; only shown here, so that it can be looked at first; or written there.
const (
	TellNothing Tell = "off"
	TellShow    Tell = "show"
	TellWrite   Tell = "write"
)

// Tells lists them.
var Tells = []Tell{TellNothing, TellShow, TellWrite}

// On reports whether anything is told, or shown.
func (t Telling) On() bool { return t.Status.on() || t.Payments.on() }

func (t Tell) on() bool { return t == TellShow || t == TellWrite }

// A Report is what a source is to know of a document of its own; the zero value:
// nothing.
type Report struct {
	// Arrived: it is in Procountor, as an invoice or in a journal, ours or there before us.
	Arrived bool `json:"arrived,omitempty"`
	// Paid is partly or fully; empty while nothing is.
	Paid PaidState `json:"paid,omitempty"`
	// PaidOn is the day of the latest payment, the zero day when Procountor shows none.
	PaidOn civil.Date `json:"paid_on,omitzero"`
	// PaidSum is how much is paid, decimal text in Currency.
	PaidSum  string `json:"paid_sum,omitempty"`
	Currency string `json:"currency,omitempty"`
}

// ReportOf is what is known of a document in Procountor: a pure function of its
// transfer and of what Procountor shows as paid (nil: not read yet).
func ReportOf(t *Transfer, paid *PaidWatch) (r Report) {
	if !t.State.arrived() {
		return r
	}
	r.Arrived = true
	if paid == nil || paid.State != PaidPartly && paid.State != PaidFully {
		return r
	}
	r.Paid, r.Currency, r.PaidSum = paid.State, paid.Currency, paid.Sum()
	r.PaidOn, _ = civil.Parse(paid.On) // "" when it shows none
	return r
}

// arrived reports whether all that a document's plan wants is in Procountor.
func (s State) arrived() bool { return s == Done || s == DoneWithWarning || s == Linked }

// Over says what a source is to know, when it was told r last and now is known: what
// setting how ("show", "write") lets through. What is not known now, or is switched off,
// stays as it was told: a source is never told that something has not happened after
// all, but a payment that was taken away again counts.
func (t Telling) Over(told, now Report, how ...Tell) Report {
	if !now.Arrived {
		return told
	}
	if slices.Contains(how, t.Status) {
		told.Arrived = true
	}
	if slices.Contains(how, t.Payments) {
		now.Arrived = told.Arrived
		return now
	}
	return told
}

// Reported is what the source of a document was told last, and what it said then.
type Reported struct {
	Document   string // row id
	Connection string
	Told       Report
	// Says is what the source shows, in its own words.
	Says []Said
	// ToldAt is when it was told, the zero time when it said so by itself; SeenAt when
	// it was seen to say so.
	ToldAt, SeenAt time.Time
}

// A Said is one field of what a source says of a document, as the source names it.
type Said struct {
	Field string `json:"field"` // status, payment_date
	Value string `json:"value"`
}
