package hub

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A State is where a transfer stands. Each transfer is in exactly one state,
// with a reason a person can read and a next step.
type State string

const (
	// Noticed: the source has shown the document; nothing will be written until
	// a person switches writing on for the connection.
	Noticed State = "noticed"
	// Ready: to be worked on as soon as there is room.
	Ready State = "ready"
	// Working: an engine has planned it and carries out its steps.
	Working State = "working"
	// Waiting: for a time or for another transfer; goes on by itself.
	Waiting State = "waiting"
	// Unclear: a write has gone out and nobody knows its fate. Left by looking only.
	Unclear State = "unclear"
	// Held: a rule stopped it before a write; a person decides or mends.
	Held State = "held"
	// Refused: Procountor said no to a step; a person mends and retries.
	Refused State = "refused"
	// Skipped: on purpose not sent, and why.
	Skipped State = "skipped"
	// Linked: was in Procountor before us.
	Linked State = "linked"
	// Done: every step proved.
	Done State = "done"
	// DoneWithWarning: every step proved, and something a person should know.
	DoneWithWarning State = "done_with_warning"
	// DoneByHand, TakenBack and Withdrawn: ended by a person: entered by hand in
	// Procountor; the voucher removed again; the source took the document back.
	DoneByHand State = "done_by_hand"
	TakenBack  State = "taken_back"
	Withdrawn  State = "withdrawn"
)

// States lists every state, in the order of a document's life.
var States = []State{Noticed, Ready, Working, Waiting, Unclear, Held, Refused, Skipped, Linked,
	Done, DoneWithWarning, DoneByHand, TakenBack, Withdrawn}

// moves is the law of a transfer's life. A State that is not named on the
// right of another cannot be reached from it.
var moves = map[State][]State{
	Noticed:         {Ready, Held, Skipped, Linked, DoneByHand, Withdrawn},
	Ready:           {Working, Waiting, Held, Skipped, Linked, Noticed, DoneByHand, Withdrawn},
	Working:         {Ready, Waiting, Unclear, Held, Refused, Done, DoneWithWarning},
	Waiting:         {Ready, Working, Held, Noticed, Withdrawn, DoneByHand},
	Unclear:         {Working, Held, Refused},
	Held:            {Ready, Skipped, Linked, Noticed, DoneByHand, TakenBack, Withdrawn, DoneWithWarning},
	Refused:         {Ready, Skipped, DoneByHand, TakenBack, Withdrawn, DoneWithWarning},
	Skipped:         {Ready, Noticed, Held, Linked},
	Linked:          {Held, Ready, Skipped},
	Done:            {Ready, Held, TakenBack, DoneWithWarning}, // a warning that comes later
	DoneWithWarning: {Ready, Held, TakenBack, Done},
	DoneByHand:      {Ready, Held},
	TakenBack:       {Ready, Held},
	Withdrawn:       {Ready, Held},
}

// MayMove reports whether the law lets a transfer go from one state to another.
// Staying is always lawful.
func MayMove(from, to State) bool { return from == to || slices.Contains(moves[from], to) }

// Settled reports whether nothing more will happen by itself.
func (s State) Settled() bool {
	switch s {
	case Done, DoneWithWarning, Linked, Skipped, DoneByHand, TakenBack, Withdrawn:
		return true
	}
	return false
}

// NeedsPerson reports whether the transfer stands still until a person acts.
func (s State) NeedsPerson() bool { return s == Held || s == Refused }

// Active reports whether an engine may pick the transfer up.
func (s State) Active() bool {
	return s == Ready || s == Working || s == Waiting || s == Unclear
}

// A Direction says which way a document travels.
type Direction string

// In is into Procountor; Out is from Procountor to the business system.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// A TransferKind tells documents from the register entries they wait on.
type TransferKind string

// A document, a business partner that is made because a document needs it, what a
// source says otherwise of a partner than its card, an item of a dimension that follows
// the source's, a product that is made because a document needs it, money that has moved
// for a document, a credit note that is offset against its invoice, or what the source is
// told of a document of its own.
const (
	DocumentTransfer TransferKind = "document"
	PartnerTransfer  TransferKind = "partner"
	CardTransfer     TransferKind = "card"
	ItemTransfer     TransferKind = "dimension_item"
	ProductTransfer  TransferKind = "product"
	PaymentTransfer  TransferKind = "payment"
	OffsetTransfer   TransferKind = "offset"
	ReportTransfer   TransferKind = "report"
	// ApprovalTransfer approves a purchase invoice of Procountor's after its round here.
	ApprovalTransfer TransferKind = "approval"
)

// Marks reports whether a transfer of this kind marks invoices paid that are
// there: nothing waits for it, and it is planned anew on what is there.
func (k TransferKind) Marks() bool { return k == PaymentTransfer || k == OffsetTransfer }

// Returns reports whether t takes a document of Procountor's to a source.
func (t *Transfer) Returns() bool { return t.Kind == DocumentTransfer && t.Direction == Out }

// Lists reports whether a transfer of this kind keeps an entry of a register that
// documents need: it is planned anew on what is there.
func (k TransferKind) Lists() bool { return k == ItemTransfer || k == ProductTransfer }

// A Goal says what a transfer is working towards.
type Goal string

// Deliver brings the document into Procountor as settings say; TakeBack removes
// the voucher that we made. SendBeside and CreditAnew are a person's answers to a
// change that the voucher cannot take any more: another voucher beside it, or a
// credit note of it and then another voucher. DifferenceJournal and ReverseAnew are
// the answers for a document in a journal. All of them end as Deliver.
const (
	Deliver    Goal = "deliver"
	TakeBack   Goal = "take_back"
	SendBeside Goal = "send_beside"
	CreditAnew Goal = "credit_anew"

	DifferenceJournal Goal = "difference_journal"
	ReverseAnew       Goal = "reverse_anew"
)

// Decided reports whether the goal is a person's answer to a change. It holds for
// the content that the person saw.
func (g Goal) Decided() bool { return g == SendBeside || g == CreditAnew || g.Corrects() }

// Corrects reports whether the goal is to set right what stands in a journal.
func (g Goal) Corrects() bool { return g == DifferenceJournal || g == ReverseAnew }

// ForSource is what a transfer waits for that goes on when its source says where
// the document stands.
const ForSource = "source"

// A Transfer is one document, or one register entry, in one direction.
type Transfer struct {
	ID         string
	Company    string
	Connection string
	Kind       TransferKind
	Direction  Direction
	// Subject is the row id of the document (of a report: the one that it is about), the payment, the pair of an offset or the round of an approval,
	// the partner key of a partner transfer, the partner's id of a card, or the key of
	// an item or a product.
	Subject string

	Goal  Goal
	State State
	// Faults say why the transfer stands where it stands; empty in plain progress.
	Faults []Fault
	// Plan counts the plans made for it, from 1; 0 before the first.
	Plan int
	// StepAt is the number of the step it stands at, from 1; Steps how many there are.
	StepAt, Steps int
	// WakeAt is when a waiting or unclear transfer is looked at again.
	WakeAt time.Time
	// WaitsFor is the id of the transfer it waits for, if any, or [ForSource].
	WaitsFor string
	// Rounds counts how often in a row the transfer has been put off; it
	// lengthens the waits.
	Rounds int

	// What people look for; copied from the document.
	DocKind Kind
	// Covers is the kind of the documents that a journal of ours is made of, "" for what
	// is no such journal.
	Covers        Kind
	CreditNote    bool
	Number        string
	SortKey       string // of Number, in natural order; see [SortKey]
	PartnerName   string
	Date, DueDate string // civil days as text, "" when none
	Gross         string // decimal text
	Currency      string
	Version       string // of the document that the plan is made from
	// Standing is the fingerprint of the source's standing that the plan is made with;
	// of a report, of what the source is to be told.
	Standing string
	// Asked is the version of the document that a person has told to go.
	Asked string

	// What Procountor answered.
	InvoiceID     int64
	InvoiceNumber int64
	Reference     string
	PartnerID     int64

	Created, Changed time.Time

	// Lease: the engine that works on it, and until when.
	Lease      string
	LeaseUntil time.Time
}

// Private reports whether t moves something of payroll; see [Document.Private].
func (t *Transfer) Private() bool { return t.DocKind == PayrollJournal || t.Covers == PayrollJournal }

// Move changes the state, or says why the law forbids it.
func (t *Transfer) Move(to State, faults ...Fault) error {
	if !MayMove(t.State, to) {
		return fmt.Errorf("transfer %s may not go from %s to %s", t.ID, t.State, to)
	}
	t.State, t.Faults = to, faults
	return nil
}

// A Task is what a document asks of a person although it has arrived: to see to
// a warning, such as offsetting a credit note. It stays open until somebody
// marks it done.
type Task struct {
	Transfer string
	// Plan is that of the warning: a document that is written anew asks anew.
	Plan int
	// Code is that of the warning; several warnings of one code are one task.
	Code string

	DoneBy string // who has marked it done, "" while it is open
	DoneAt time.Time
	Note   string // of the person
}

// Open reports whether the task waits for somebody.
func (t Task) Open() bool { return t.DoneAt.IsZero() }

// A TaskCount is one line of what people have to do, across transfers: which
// code stands how often.
type TaskCount struct {
	Code  string
	Count int
}

// sortDigits is how wide a run of digits becomes in a sort key; no invoice
// number has longer runs.
const sortDigits = 20

// SortKey turns a document number into text that sorts in natural order:
// "A-9" before "A-10".
func SortKey(number string) string {
	var b strings.Builder
	for i := 0; i < len(number); {
		j := i
		for j < len(number) && number[j] >= '0' && number[j] <= '9' {
			j++
		}
		if j == i {
			b.WriteByte(number[i])
			i++
			continue
		}
		b.WriteString(strings.Repeat("0", max(0, sortDigits-(j-i))))
		b.WriteString(number[i:j])
		i = j
	}
	return b.String()
}
