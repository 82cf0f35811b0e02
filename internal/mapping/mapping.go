// Package mapping turns a document into what Procountor is asked to do: the
// invoice, the files, the approval. It is a pure function of document, settings
// and registers: the same input gives the same bytes, and everything that stands
// in the way is reported together.
//
// Nothing that a document says is dropped in silence. What Procountor has no
// field for becomes a line of the printed text or of the internal notes by the
// rules of notes.go, or a warning.
package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// Input is everything that a mapping depends on.
type Input struct {
	Company    hub.Company
	Connection hub.Connection
	Document   *hub.Document
	// Registers may be nil when they were never read; then only the document
	// itself is checked.
	Registers *register.Copy
	// Partner is nil while it is not known.
	Partner *register.Partner
	// CreditedRate is the currency rate of the invoice that a credit note takes back,
	// as Procountor has it: the two are offset, so it stands above the document's
	// own. Nil when it is not known.
	CreditedRate *money.Amount
	// CreditedNumber is Procountor's number of that invoice, 0 while it is not known.
	CreditedNumber int64
	// Today is used to find days that cannot be meant; the zero Date skips that.
	Today civil.Date
	// Standing is where the document stands at its source, in the times of the
	// company's zone. It decides how far the plan goes.
	Standing hub.Standing
	// Booked says that the document stands in a journal: what sets it right is dated
	// later, so its own day need not be open any more.
	Booked bool
	// Files are what was made for the document.
	Files Files
	// Items are what the connection knows of the codes that the document's rows name.
	Items hub.ItemLinks
}

// A Plan is the ordered list of what is to be done.
type Plan struct{ Steps []Step }

// A Step is one write of a plan.
type Step struct {
	Kind hub.StepKind
	// Invoice is the body of a post, without mark; see [Body].
	Invoice *procountor.Invoice
	// Body is that of a journal, without mark; see [JournalBody].
	Body   []byte
	Detail hub.StepDetail
	// Comment goes with an approval, at most 100 characters.
	Comment string
}

// Check reports everything that can be known without a partner.
func Check(in Input) []hub.Fault {
	return build(in, false).faults
}

// An Outline is what a document would become, for people: as far as it can be
// made, whatever is wrong with it.
type Outline struct {
	// Invoice is what would be posted, without a partner and without mark; nil when
	// no row can be made.
	Invoice *procountor.Invoice
	// Net, VAT and Gross are what it would come to, as decimal text; "" where a row
	// is missing or ways of rounding disagree.
	Net, VAT, Gross string
	// Steps are all that would be done, in order. A plan has them only when nothing
	// stands in the way.
	Steps []Step
	// Bookings are what it would book, where that can be known to the cent.
	Bookings []Booking
	Faults   []hub.Fault
}

// Preview outlines what becomes of a document. Of one that cannot go, the invoice
// shows what is wrong as it stands.
func Preview(in Input) Outline {
	b := build(in, false)
	out := Outline{Faults: b.faults}
	if len(b.inv.InvoiceRows) == 0 {
		return out
	}
	inv := b.inv
	if hub.Stops(b.faults) {
		inv = build(in, true).inv
	}
	out.Invoice, out.Steps = &inv, b.steps(&inv)
	if hub.Stops(b.faults) && !b.lost && b.compute().exact {
		b.mean(hub.Totals{}) // the stated totals may be what is wrong: what the rows come to
	}
	out.Net, out.VAT, out.Gross = b.meant.Net, b.meant.VAT, b.meant.Gross
	out.Bookings, _ = b.bookings()
	return out
}

// Unchecked is the request that would be sent if nothing of ours stood in the
// way, and the posting if the account map posts: every value as the document has
// it, wrong or not. Procountor's verdict on it is what ours is held against.
func Unchecked(in Input) (procountor.Invoice, *hub.Posting) {
	b := build(in, true)
	if in.Partner != nil {
		b.inv.PartnerID = in.Partner.ID
	}
	if !b.books() {
		return b.inv, nil
	}
	return b.inv, b.postingOf()
}

// Make returns the plan, with warnings at most, or nil and the faults. Without a
// partner there is no plan: partnerId is always sent.
//
// A plan is post · receipt · attachments · approve · send. A purchase invoice whose
// approval round at the source is not complete goes as received or verified at
// most. Approve and send come last, so
// that what fails half-way lies unfinished in Procountor.
func Make(in Input) (*Plan, []hub.Fault) {
	b := build(in, false)
	if in.Partner == nil {
		b.fault(hub.WaitsForPartner, b.other, in.Document.Counterparty().Name, "name", in.Document.Counterparty().Name)
	}
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	inv := b.inv
	inv.PartnerID = in.Partner.ID
	return &Plan{Steps: b.steps(&inv)}, b.faults
}

// steps is post · receipt · attachments · approve · send, as far as the settings want.
func (b *builder) steps(inv *procountor.Invoice) []Step {
	meant := b.meant
	steps := []Step{{Kind: hub.PostInvoice, Invoice: inv, Detail: hub.StepDetail{Meant: &meant, Channel: b.channel}}}
	if b.books() {
		steps = append(steps, Step{Kind: hub.PutReceipt, Detail: hub.StepDetail{Posting: b.postingOf()}})
	}
	for _, a := range b.files {
		steps = append(steps, Step{Kind: hub.Attach, Detail: hub.StepDetail{Attachment: &a}})
	}
	ks := b.s.Kinds[b.d.Kind]
	if !ks.Passage(b.d.Kind, b.in.Standing, true).Final {
		return append(steps, early(ks.Early, b.in.Standing)...)
	}
	return append(steps, arrival(b.s, b.d.Kind, b.channel, comment(b.in.Standing, approvalComment))...)
}

// early are the steps that show that a purchase invoice waits for its approval.
func early(to hub.Early, s hub.Standing) []Step {
	switch to {
	case hub.EarlyReceived:
		return []Step{{Kind: hub.Circulate}}
	case hub.EarlyVerified:
		if len(s.Given()) > 0 { // nobody has verified what nobody has decided about
			return []Step{{Kind: hub.Verify, Comment: comment(s, "")}}
		}
	}
	return nil
}

// arrival are the steps that bring an invoice from unfinished to where the
// settings want it. One that somebody prints, or that has gone already, is never sent.
func arrival(s *hub.Settings, kind hub.Kind, channel *hub.ChannelChoice, comment string) (steps []Step) {
	to := s.Kinds[kind].Arrival
	if to != hub.ArriveApproved && to != hub.ArriveSent {
		return nil
	}
	steps = append(steps, Step{Kind: hub.Approve, Comment: comment})
	if to == hub.ArriveSent && kind == hub.SalesInvoice && channel != nil && channel.Channel.Sends() {
		steps = append(steps, Step{Kind: hub.Send})
	}
	return steps
}

// comment names the persons who have approved at the source and when, the last
// ones first as far as there is room; other when there are none.
func comment(s hub.Standing, other string) string {
	text := ""
	for _, a := range slices.Backward(s.Given()) {
		one := replaceForbidden(tidy(strings.ReplaceAll(a.By, "\n", " "))) + " " + a.At.Format("2006-01-02 15:04")
		longer := one
		if text != "" {
			longer = text + "; " + one
		}
		if length(longer) > maxComment {
			break
		}
		text = longer
	}
	if text == "" {
		return other
	}
	return text
}

// approvalComment says in the voucher's history that no person approved it here.
const approvalComment = "Approved by Vienti, by the setting of the connection"

// maxComment is what Procountor takes with an approval (REFERENCE 3.1,
// CheckingEvent).
const maxComment = 100

// Body is the exact request of a post: the invoice with the mark as the last
// line of its notes, or without one when mark is empty. Keys stand in a fixed
// order.
func Body(inv procountor.Invoice, mark string) ([]byte, error) {
	if r, bad := forbidden(mark); bad {
		return nil, fmt.Errorf("mark %q: character %q is outside Windows-1252", mark, r)
	}
	if mark != "" {
		inv.Notes = hub.WithMark(inv.Notes, mark)
	}
	if n := length(inv.Notes); n > maxNotes {
		return nil, fmt.Errorf("notes with mark have %d characters, %d fit", n, maxNotes)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(inv); err != nil {
		return nil, fmt.Errorf("write invoice %s: %w", inv.OriginalInvoiceNumber, err)
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// A builder collects the invoice and all faults of one document.
type builder struct {
	in Input
	// unchecked keeps what is wrong as it stands; see [Unchecked].
	unchecked bool

	d     *hub.Document
	s     *hub.Settings
	r     *register.Copy // never nil; a copy never read knows nothing
	sales bool
	// card says that the party's own entry in the register is made, not an invoice to it.
	card bool
	// journal says that the document becomes rows of a journal, not an invoice.
	journal bool
	// own and other are the paths of the company's own and the other party.
	own, other string
	// row is what a person has written of how the customer's invoices go, or nil;
	// channel is how this one does.
	row     *hub.CustomerRow
	channel *hub.ChannelChoice
	// words for printed text, in the document's language, and for notes, in the
	// connection's.
	printed, internal words

	faults []hub.Fault
	inv    procountor.Invoice
	sums   []rowSum
	// posting has a line for each row; see [Receipt].
	posting []hub.PostingLine
	// ownRows is how many of the rows come from lines; the others from the
	// document's allowances and sums.
	ownRows int
	// lost says that some line or sum made no row.
	lost  bool
	info  []string // printed lines, before the document's own text
	notes []string
	files []hub.Attachment
	meant hub.Meant
}

func newBuilder(in Input) *builder {
	b := glance(in)
	b.own, b.other = "seller", "buyer"
	if !b.sales {
		b.own, b.other = "buyer", "seller"
	}
	b.printed, b.internal = wordsFor(b.language()), wordsFor(b.s.Language)
	b.inv.Type = InvoiceType(b.d.Kind)
	return b
}

func build(in Input, unchecked bool) *builder {
	b := newBuilder(in)
	b.unchecked = unchecked
	b.checkWhose()
	b.checkDays()
	b.putHeader()
	b.putCounterparty()
	if b.travel() {
		b.checkPerson()
		b.putTrips()
		b.checkCard()
	}
	b.putPayment()
	b.putRows()
	b.putSums()
	b.putTexts()
	b.putChannel()
	b.putFiles()
	return b
}

// InvoiceType is what Procountor calls a kind of document.
func InvoiceType(k hub.Kind) procountor.InvoiceType {
	switch k {
	case hub.PurchaseInvoice:
		return procountor.PurchaseInvoice
	case hub.TravelInvoice:
		return procountor.TravelInvoice
	}
	return procountor.SalesInvoice
}

func (b *builder) fault(code, path, value string, args ...string) {
	b.faults = append(b.faults, hub.NewFault(code, path, value, args...))
}

// refused is what becomes of a text that a fault has been found in.
func (b *builder) refused(s string) string {
	if b.unchecked {
		return s
	}
	return ""
}

func (b *builder) warn(code, path, value string, args ...string) {
	b.faults = append(b.faults, hub.NewFault(code, path, value, args...).Warn())
}

// currency is the company's own.
func (b *builder) currency() money.Currency {
	if c := b.r.Company.Currency; c != "" {
		return c
	}
	return money.Currency(b.in.Company.Currency)
}

// country is the company's own, ISO 3166-1 alpha-2.
func (b *builder) country() string {
	if b.in.Company.Country != "" {
		return strings.ToUpper(b.in.Company.Country)
	}
	return b.r.Company.Country
}

// Limits of the numbers that we send: what a decimal of ours holds exactly, and
// no more than Procountor is known to take.
const maxDecimals = 8

// decimal turns an amount into the client's. An amount with more decimals than
// any sum or price has is a mistake of its source.
func (b *builder) decimal(path string, a money.Amount) procountor.Decimal {
	a = a.Trim(0)
	d, err := procountor.ParseDecimal(a.String())
	if err != nil || !a.Exact() || a.Decimals() > maxDecimals {
		b.fault(hub.FieldInvalid, path, a.String(), "field", path, "form", fmt.Sprintf("number of at most %d decimals", maxDecimals))
		if !b.unchecked {
			return procountor.Decimal{}
		}
	}
	return d
}

// mustDecimal is for numbers that [builder.decimal] has seen or that we made.
func mustDecimal(a money.Amount) procountor.Decimal {
	return procountor.MustParseDecimal(a.Trim(0).String())
}
