package hub

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A StepKind names one sort of write, to Procountor unless said.
type StepKind string

// The writes we make. The order in which a plan has them is package mapping's.
const (
	MakePartner    StepKind = "make_partner"
	UpdatePartner  StepKind = "update_partner" // PUT over a partner's card, as it was read a moment before
	MakeItem       StepKind = "make_item"      // a new item of a dimension
	UpdateItem     StepKind = "update_item"    // PUT over an item, as it was read a moment before
	MakeProduct    StepKind = "make_product"
	PostInvoice    StepKind = "post_invoice"
	ReplaceInvoice StepKind = "replace_invoice" // PUT over our own unfinished voucher
	PutReceipt     StepKind = "put_receipt"     // accounts, VAT statuses and dimensions on our voucher's ledger receipt
	CreditInvoice  StepKind = "credit_invoice"  // a full credit note of our own voucher
	Attach         StepKind = "attach"
	Circulate      StepKind = "circulate" // a purchase invoice into Procountor's circulation: received
	Verify         StepKind = "verify"    // a purchase invoice checked, not approved
	Approve        StepKind = "approve"
	Send           StepKind = "send"
	Unfinish       StepKind = "unfinish"   // approved, unsent: back to unfinished
	Invalidate     StepKind = "invalidate" // take back an unfinished voucher
	MarkPaid       StepKind = "mark_paid"  // tell that money has moved outside Procountor; books nothing
	PostJournal    StepKind = "post_journal"
	WriteRecord    StepKind = "write_record"  // a record in the source, of a document from Procountor
	ChangeRecord   StepKind = "change_record" // over a record of ours in the source
	RemoveRecord   StepKind = "remove_record" // a record of ours out of the source
	TellSource     StepKind = "tell_source"   // what has become of the source's own document
	Annotate       StepKind = "annotate"      // who has decided, into the notes of an invoice that is none of ours
)

// StepKinds lists every kind.
var StepKinds = []StepKind{MakePartner, UpdatePartner, MakeItem, UpdateItem, MakeProduct, PostInvoice, ReplaceInvoice, PutReceipt, CreditInvoice, Attach, Circulate, Verify, Approve, Send, Unfinish, Invalidate, MarkPaid, PostJournal, WriteRecord,
	ChangeRecord, RemoveRecord, TellSource, Annotate}

// ToSource reports whether a step of this kind writes to the source, not to Procountor.
func (k StepKind) ToSource() bool {
	return k == WriteRecord || k == ChangeRecord || k == RemoveRecord || k == TellSource
}

// Makes reports whether a step of this kind makes something new, in Procountor or
// in the source, so that doing it twice would leave two.
func (k StepKind) Makes() bool {
	return k == MakePartner || k == MakeItem || k == MakeProduct || k == PostInvoice || k == CreditInvoice || k == Attach || k == MarkPaid || k == PostJournal || k == WriteRecord
}

// A StepState is where one write stands.
type StepState string

const (
	// StepPlanned: not yet tried, or known not to have happened.
	StepPlanned StepState = "planned"
	// StepIntended: the row "we are about to make this write" is committed.
	StepIntended StepState = "intended"
	// StepProved: done, and seen to be what was meant.
	StepProved StepState = "proved"
	// StepRefused: Procountor said no.
	StepRefused StepState = "refused"
	// StepUnclear: the answer was lost. Left by looking only.
	StepUnclear StepState = "unclear"
)

// StepStates lists every state.
var StepStates = []StepState{StepPlanned, StepIntended, StepProved, StepRefused, StepUnclear}

// MayStep is the law of a step's life.
func MayStep(from, to StepState) bool {
	switch from {
	case StepPlanned:
		return to == StepIntended || to == StepProved // proved: found to be so already
	case StepIntended:
		return to == StepProved || to == StepRefused || to == StepUnclear || to == StepPlanned
	case StepUnclear:
		return to == StepProved || to == StepRefused || to == StepPlanned
	case StepRefused:
		return to == StepPlanned
	}
	return false
}

// A Step is one write of a plan, with its own intent, outcome and proof.
type Step struct {
	ID       string
	Transfer string
	Plan     int // which plan of the transfer it belongs to
	Seq      int // from 1, the order of the plan
	Kind     StepKind
	State    StepState
	// Attempt counts sendings, from 1; it is 0 before the first intent.
	Attempt int
	// Key names the act; it is new with each attempt and stands in the mark.
	Key string

	// Request holds the exact bytes that are sent, by blob reference (before the
	// intent: without the mark); Answer what came back.
	Request, Answer string
	// Detail is what the step needs beside its request: see [StepDetail].
	Detail StepDetail

	IntendedAt, EndedAt time.Time
	// LookedAt is the time of the last look that found nothing, and Looks how
	// many there have been for this attempt.
	LookedAt time.Time
	Looks    int
	Fault    *Fault
}

// Bare is a step of something private for whoever may not look inside: that it was taken
// and what became of it.
func (s Step) Bare() Step {
	s.Request, s.Answer, s.Detail = "", "", StepDetail{}
	return s
}

// StepDetail is what a step must know besides the bytes that it sends.
type StepDetail struct {
	// Attachment: which file.
	Attachment *Attachment `json:"attachment,omitempty"`
	// Seen: what Procountor has shown of that file since it was sent.
	Seen *FileSeen `json:"seen,omitempty"`
	// Replace: the voucher and the version that was read before. A mark of an
	// offset: the invoice that it is on, and which side that is.
	InvoiceID int64  `json:"invoice_id,omitempty"`
	Version   string `json:"version,omitempty"`
	// Card: the partner whose card is written over, and what changes in it.
	Card *CardWrite `json:"card,omitempty"`
	// Person: the partner that is made or written over is an employee, who stands in the
	// register of persons. The bytes that are kept never hold what identifies one as
	// the state does; what stands there is put back when they are sent.
	Person bool `json:"person,omitempty"`
	// Item: what is written of an item of a dimension, or of a product.
	Item *ItemWrite `json:"item,omitempty"`
	// Beside is the living voucher that a person lets go, so that this post may
	// make another one.
	Beside int64 `json:"beside,omitempty"`
	// Credits is the voucher that a credit note takes back: of the step that makes
	// the note, and of those that approve and send it.
	Credits int64 `json:"credits,omitempty"`
	// Want is the status that an action step must reach.
	Want string `json:"want,omitempty"`
	// Document is the version of the document that the body was made from.
	Document string `json:"document,omitempty"`
	// Looked: the answer was lost, and what is kept as answer was found later,
	// when a person may have edited it already.
	Looked bool `json:"looked,omitempty"`
	// Meant is what the saved voucher must show.
	Meant *Meant   `json:"meant,omitempty"`
	Side  MarkSide `json:"side,omitempty"`
	// Events are the payments that the invoice had before it was marked paid.
	Events []int64 `json:"events,omitempty"`
	// Channel: how the invoice goes to its customer, and what said so.
	Channel *ChannelChoice `json:"channel,omitempty"`
	// Posting: what the ledger receipt must show.
	Posting *Posting `json:"posting,omitempty"`
	// Reconcile is what the rounding of VAT leaves over in a journal, decimal text:
	// Procountor is asked for a reconciliation row of just that.
	Reconcile string `json:"reconcile,omitempty"`
	// Part of the document that a record is made of, see [Record]; Print is the
	// fingerprint of the record without our mark.
	Part  string `json:"part,omitempty"`
	Print string `json:"print,omitempty"`
	// Record: of the source, which is changed or removed; Was is the fingerprint of
	// what we wrote there last.
	Record string `json:"record,omitempty"`
	Was    string `json:"was,omitempty"`
	// Report is what the source is told, of the document with its id Source.
	Report *Report `json:"report,omitempty"`
	Source string  `json:"source,omitempty"`
	// Notes: those that an invoice had before, as a fingerprint.
	Notes string `json:"notes,omitempty"`
}

// A CardWrite is what is carried to a partner's card. The step's Version is that
// of the card as it was read.
type CardWrite struct {
	Partner int64 `json:"partner"`
	// Connection and Party are whose word it is, Document where they said it.
	Connection string       `json:"connection"`
	Party      string       `json:"party"`
	Document   string       `json:"document"`
	Changes    []CardChange `json:"changes"`
}

// Meant holds what a saved invoice is compared with: what we sent, and what the
// source says it comes to. Sums are decimal text.
type Meant struct {
	Rows  int    `json:"rows"`
	Net   string `json:"net,omitempty"`
	VAT   string `json:"vat,omitempty"`
	Gross string `json:"gross,omitempty"`
}

// StepKey names one attempt at one write: the same act always has the same
// key, and two acts never share one.
func StepKey(company, connection, subject string, plan int, kind StepKind, seq, attempt int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %q %d %d", company, connection, subject, plan, kind, seq, attempt))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// markSign stands before the key in a mark.
const markSign = "vienti:"

// Mark is the last line of the internal notes of every voucher that we make:
// readable first ("Severa 10234"), then the step's key. Notes are never printed.
func Mark(system, number, key string) string {
	return fmt.Sprintf("%s %s · %s%s", system, number, markSign, key)
}

// WithMark puts the mark under the notes.
func WithMark(notes, mark string) string {
	if notes == "" {
		return mark
	}
	return notes + "\n" + mark
}

// WithoutMark takes the line with our mark out of the notes.
func WithoutMark(notes string) string {
	lines := strings.Split(notes, "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { _, ok := MarkIn(l); return ok })
	return strings.Join(lines, "\n")
}

// MarkIn finds the key in notes that someone may have written below or above.
func MarkIn(notes string) (key string, ok bool) {
	i := strings.LastIndex(notes, markSign)
	if i < 0 {
		return "", false
	}
	rest := notes[i+len(markSign):]
	end := strings.IndexFunc(rest, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '2' && r <= '7') })
	if end >= 0 {
		rest = rest[:end]
	}
	return rest, len(rest) == 16
}
