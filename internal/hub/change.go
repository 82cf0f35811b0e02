package hub

import (
	"slices"
	"strings"
	"time"
)

// A Change is what a business system is told of one of its documents, once.
type Change struct {
	// ID is by which a receiver knows the change again; it never stands for another.
	ID         string
	Connection string
	// Seq counts the changes of a connection from 1, without holes.
	Seq  int64
	Kind ChangeKind
	// Subject is what the change is about: of one subject, changes are told in their order.
	Subject string
	// Document and SourceID name the document as Vienti and as its source does; "" when
	// the change is about none.
	Document, SourceID string
	Detail             ChangeDetail
	At                 time.Time
}

// A ChangeKind says what has happened.
type ChangeKind string

const (
	// DocumentAccepted: taken, and on its way by itself; again after somebody has mended it.
	DocumentAccepted ChangeKind = "document.accepted"
	// DocumentHeld: stopped before a write; a person decides or mends.
	DocumentHeld ChangeKind = "document.held"
	// DocumentRefused: Procountor said no.
	DocumentRefused ChangeKind = "document.refused"
	// DocumentPosted: it is in Procountor, with these numbers.
	DocumentPosted ChangeKind = "document.posted"
	// DocumentDone: every step of it is proved, or it was there before.
	DocumentDone ChangeKind = "document.done"
	// DocumentWarned: something that has come up of one that is done.
	DocumentWarned ChangeKind = "document.warned"
	// DocumentReturned: the operator has given the sent invoice back.
	DocumentReturned ChangeKind = "document.returned"
	// DocumentPaid: what Procountor shows as paid has changed.
	DocumentPaid ChangeKind = "document.paid"
	// DocumentEnded: skipped, withdrawn, done by hand, taken back.
	DocumentEnded ChangeKind = "document.ended"

	PaymentWasAccepted ChangeKind = "payment.accepted"
	PaymentWasHeld     ChangeKind = "payment.held"
	PaymentWasRefused  ChangeKind = "payment.refused"
	PaymentWasDone     ChangeKind = "payment.done"
	PaymentWasWarned   ChangeKind = "payment.warned"
	PaymentWasEnded    ChangeKind = "payment.ended"

	// PurchaseChanged: a purchase invoice of Procountor, or where it stands on its round.
	PurchaseChanged ChangeKind = "purchase_invoice.changed"
	// RegisterChanged: entries of the company's registers in Procountor.
	RegisterChanged ChangeKind = "register.changed"
)

// ChangeKinds lists every kind.
var ChangeKinds = []ChangeKind{DocumentAccepted, DocumentHeld, DocumentRefused, DocumentPosted, DocumentDone, DocumentWarned, DocumentReturned,
	DocumentPaid, DocumentEnded, PaymentWasAccepted, PaymentWasHeld, PaymentWasRefused, PaymentWasDone, PaymentWasWarned, PaymentWasEnded, PurchaseChanged, RegisterChanged}

// OfPayment reports whether a change of this kind is about a payment.
func (k ChangeKind) OfPayment() bool { return strings.HasPrefix(string(k), "payment.") }

// MaxChangeFaults bounds the faults that a change carries; the document has all.
const MaxChangeFaults = 50

// ChangeDetail is how things stood when the change was made.
type ChangeDetail struct {
	Kind    Kind    `json:"kind,omitempty"` // of the document
	Number  string  `json:"number,omitempty"`
	State   State   `json:"state,omitempty"`
	Version string  `json:"version,omitempty"` // of the document that the faults are about
	Faults  []Fault `json:"faults,omitempty"`
	// Left is how many more faults there are.
	Left int `json:"left,omitempty"`

	InvoiceID     int64  `json:"invoice_id,omitempty"`
	InvoiceNumber int64  `json:"invoice_number,omitempty"`
	Reference     string `json:"reference,omitempty"`
	PartnerID     int64  `json:"partner_id,omitempty"`

	Paid *PaidWatch `json:"paid,omitempty"`
	// Entries are the registers' entries of a RegisterChanged; Text what else there is to say.
	Entries []ChangedEntry `json:"entries,omitempty"`
	Text    string         `json:"text,omitempty"`
}

// A ChangedEntry is one entry of a register that has changed.
type ChangedEntry struct {
	Register string `json:"register"`
	Key      string `json:"key"`
	Name     string `json:"name,omitempty"`
	How      string `json:"how"` // added, removed, closed, opened, renamed, changed
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
}

// A ToldState is how a transfer stood before a transaction, as far as its source is
// told; the zero value for a new one.
type ToldState struct {
	State         State
	Faults        []Fault
	Version       string
	InvoiceID     int64
	InvoiceNumber int64
	Reference     string
}

// ChangesOf says what a source is told when a transfer of a document or payment has
// gone from before to t, in the order in which it is told.
func ChangesOf(before ToldState, t *Transfer) (kinds []ChangeKind) {
	p := map[bool][6]ChangeKind{
		false: {DocumentAccepted, DocumentHeld, DocumentRefused, DocumentDone, DocumentWarned, DocumentEnded},
		true:  {PaymentWasAccepted, PaymentWasHeld, PaymentWasRefused, PaymentWasDone, PaymentWasWarned, PaymentWasEnded},
	}[t.Kind == PaymentTransfer]
	moved := before.State != t.State
	other := moved || before.Version != t.Version || !slices.EqualFunc(before.Faults, t.Faults, Fault.Equal)
	if t.State.Active() && !before.State.Active() {
		kinds = append(kinds, p[0])
	}
	if t.Kind == DocumentTransfer && t.InvoiceID != 0 && (before.InvoiceID != t.InvoiceID || before.InvoiceNumber != t.InvoiceNumber || before.Reference != t.Reference) {
		kinds = append(kinds, DocumentPosted)
	}
	switch {
	case t.State == Held && other:
		kinds = append(kinds, p[1])
	case t.State == Refused && other:
		kinds = append(kinds, p[2])
	case t.State.arrived() && !before.State.arrived():
		kinds = append(kinds, p[3])
	case t.State == DoneWithWarning && other:
		fresh := slices.DeleteFunc(slices.Clone(t.Faults), func(f Fault) bool { return slices.ContainsFunc(before.Faults, f.Equal) })
		if slices.ContainsFunc(fresh, func(f Fault) bool { return f.Code == SendingReturned }) {
			kinds = append(kinds, DocumentReturned)
		}
		if slices.ContainsFunc(fresh, func(f Fault) bool { return f.Code != SendingReturned }) {
			kinds = append(kinds, p[4])
		}
	case t.State.Settled() && !t.State.arrived() && moved:
		kinds = append(kinds, p[5])
	}
	return kinds
}

// DetailOf is how t stands, for a change of a kind.
func DetailOf(kind ChangeKind, t *Transfer) ChangeDetail {
	d := ChangeDetail{Kind: t.DocKind, Number: t.Number, State: t.State, Version: t.Version, InvoiceID: t.InvoiceID, InvoiceNumber: t.InvoiceNumber,
		Reference: t.Reference, PartnerID: t.PartnerID}
	if kind != DocumentPaid && !t.State.Active() {
		d.Faults = t.Faults[:min(len(t.Faults), MaxChangeFaults)]
		d.Left = len(t.Faults) - len(d.Faults)
	}
	return d
}
