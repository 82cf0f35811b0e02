// Package hub holds the nouns of Vienti and their laws: documents, transfers,
// plans, steps, faults, and the settings that decide about them. It knows no
// vendor's JSON, no SQL and no network.
package hub

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A Kind says what a document is.
type Kind string

// The kinds that travel today. A credit note is an invoice of its kind with
// [Document.CreditNote] set.
const (
	SalesInvoice    Kind = "sales_invoice"
	PurchaseInvoice Kind = "purchase_invoice"
	// TravelInvoice is what an employee claims for a journey: allowances by the day and
	// kilometre, and receipts. The employee is its Seller.
	TravelInvoice Kind = "travel_invoice"
	// PayrollJournal is what a payroll run comes to in the books: a whole run has
	// Journals, one journal of it Rows and a Run. See payroll.go.
	PayrollJournal Kind = "payroll_journal"
	// Journal is a voucher of debit and credit rows without an invoice: it has
	// Entries instead of Lines.
	Journal Kind = "journal"
	// Unreadable is something that a source handed over and nobody can read. It
	// is kept and held, so that it is not forgotten.
	Unreadable Kind = "unreadable"
)

// Kinds lists the kinds that a connection moves, in the order in which people
// think of them.
var Kinds = []Kind{SalesInvoice, PurchaseInvoice, TravelInvoice, PayrollJournal}

// VATKinds are those whose rows have a VAT status in Procountor (REFERENCE 4).
var VATKinds = []Kind{SalesInvoice, PurchaseInvoice}

// Buys reports whether documents of the kind are of the company's purchases: the
// other party is the seller, and gets the money.
func (k Kind) Buys() bool { return k == PurchaseInvoice || k == TravelInvoice }

// A Document is one invoice or credit note as its source states it, in our
// words. It holds what the source said, not what Procountor will be told:
// turning one into the other is package mapping's work.
//
// Signs: a credit note has negative quantities and negative sums, as Procountor
// wants it, whatever the source's format does.
type Document struct {
	Kind       Kind `json:"kind"`
	CreditNote bool `json:"credit_note,omitempty"`

	// SourceID names the document in its connection for ever, through every
	// change of its content. Sources without an id of their own use [FileID].
	SourceID string `json:"source_id"`
	// Number is printed on the document: the seller's own invoice number.
	Number string `json:"number"`
	// VoucherNumber is the source's own number of a purchase invoice, which carries
	// the supplier's in Number.
	VoucherNumber string `json:"voucher_number,omitempty"`
	// Credits names the invoices that a credit note credits.
	Credits []Reference `json:"credits,omitempty"`

	Date     civil.Date   `json:"date"`
	DueDate  civil.Date   `json:"due_date,omitzero"`
	TermDays *int         `json:"term_days,omitempty"` // used when the due date is not given
	Delivery civil.Period `json:"delivery,omitzero"`   // decides the VAT rate when given

	Currency money.Currency `json:"currency"`
	// Rate is units of Currency for one unit of the company's own currency.
	Rate *money.Amount `json:"rate,omitempty"`

	Seller     Party    `json:"seller"`
	Buyer      Party    `json:"buyer"`
	BillTo     *Party   `json:"bill_to,omitempty"`
	DeliverTo  *Party   `json:"deliver_to,omitempty"`
	Payment    Payment  `json:"payment,omitzero"`
	References RefField `json:"references,omitzero"`

	// Channel is how the source says that a sales invoice goes to its customer; ""
	// when it does not say.
	Channel         Channel        `json:"channel,omitempty"`
	Language        string         `json:"language,omitempty"`        // ISO 639-1: fi, sv, en, …
	Text            string         `json:"text,omitempty"`            // printed for the customer
	Notes           string         `json:"notes,omitempty"`           // internal
	PenaltyPercent  *money.Amount  `json:"penalty_percent,omitempty"` // interest on late payment, % a year
	DeliveryTerms   string         `json:"delivery_terms,omitempty"`
	CashDiscounts   []CashDiscount `json:"cash_discounts,omitempty"`
	DiscountPercent money.Amount   `json:"discount_percent,omitzero"` // on the whole document

	// GrossPrices says that unit prices include VAT.
	GrossPrices bool   `json:"gross_prices,omitempty"`
	Lines       []Line `json:"lines"`
	// Account is Procountor's own account for every row, chosen at the source from
	// Procountor's chart; it goes before the account map. A row's own account is the
	// source's.
	Account    string      `json:"account,omitempty"`
	Allowances []Allowance `json:"allowances,omitempty"`
	VAT        []VATLine   `json:"vat,omitempty"`
	Totals     Totals      `json:"totals,omitzero"`

	// Entries are the rows of a journal; nothing else has any. They balance but for
	// the VAT, which Procountor computes.
	Entries []Entry `json:"entries,omitempty"`
	// Covers says which documents a journal is made of; nil for one that a source
	// hands over.
	Covers *Covers `json:"covers,omitempty"`

	// Journals are those of a whole payroll run; Rows and Run are of one of them, once the
	// run was taken apart.
	Journals []RunJournal `json:"journals,omitempty"`
	Rows     []JournalRow `json:"rows,omitempty"`
	Run      *Run         `json:"run,omitempty"`

	// Part says of which claim the document is a part; nil for one that is whole.
	Part *ClaimPart `json:"part,omitempty"`
	// Trips are the journeys of a travel invoice.
	Trips []Trip `json:"trips,omitempty"`

	Attachments []Attachment `json:"attachments,omitempty"`
	// Breakdown is what a sales invoice is made of; nil when the source says nothing.
	Breakdown *Breakdown `json:"breakdown,omitempty"`
	// Choice is what people have said about its files: no part of the content.
	Choice FileChoice `json:"-"`

	// Demo marks a document made for demonstrations; a production company
	// refuses it.
	Demo bool `json:"demo,omitempty"`

	// Origin is the version that the source has shown, of a document as it is
	// written with other dates; see [Document.WithDates].
	Origin string `json:"-"`
}

// A Reference names another document.
type Reference struct {
	Number string     `json:"number"`
	Date   civil.Date `json:"date,omitzero"`
}

// RefField holds the references that an invoice may carry besides its number.
type RefField struct {
	Order     string `json:"order,omitempty"`
	Agreement string `json:"agreement,omitempty"`
	Buyer     string `json:"buyer,omitempty"`   // buyer's reference ("viitteenne")
	Seller    string `json:"seller,omitempty"`  // seller's reference ("viitteemme")
	Project   string `json:"project,omitempty"` // project number or name
	Tender    string `json:"tender,omitempty"`
	Account   string `json:"account,omitempty"` // posting instruction of the buyer
	Site      string `json:"site,omitempty"`    // delivery site
}

// A Party is a seller, buyer or receiver as the document states it.
type Party struct {
	Name     string `json:"name"`
	NameMore string `json:"name_more,omitempty"` // second name line, department
	// FirstName is the part of a person's Name that is not the last name, where the
	// source tells the two apart; see [Party.Names].
	FirstName string `json:"first_name,omitempty"`
	// BusinessID is the national id as written: Y-tunnus, organisation number.
	BusinessID string `json:"business_id,omitempty"`
	VATNumber  string `json:"vat_number,omitempty"`
	// Number is the party's number in the other party's register: customer
	// number of a buyer, supplier number of a seller. Alternative is a second one
	// that the source keeps because another program numbers the party so; see
	// [PartnerPolicy.Known].
	Number      string `json:"number,omitempty"`
	Alternative string `json:"alternative_number,omitempty"`

	Consumer bool    `json:"consumer,omitempty"` // a private person: has no business id
	Address  Address `json:"address,omitzero"`
	Contact  string  `json:"contact,omitempty"`
	Email    string  `json:"email,omitempty"`
	// ContactEmail is the contact person's own: invoices by e-mail go there first.
	ContactEmail string   `json:"contact_email,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	EInvoice     EInvoice `json:"einvoice,omitzero"`
	// WantsBreakdown says that this customer wants to see the hours and travel
	// behind an invoice.
	WantsBreakdown bool `json:"wants_breakdown,omitempty"`
}

// Names are a person's first names and last name: what the source tells apart, else the
// last word of the name is the last name.
func (p *Party) Names() (first, last string) { return names(p.Name, p.FirstName) }

func names(name, given string) (first, last string) {
	words, first := strings.Fields(name), strings.Join(strings.Fields(given), " ")
	name = strings.Join(words, " ")
	if rest, ok := strings.CutPrefix(name, first+" "); ok && first != "" {
		return first, rest
	}
	if rest, ok := strings.CutSuffix(name, " "+first); ok && first != "" {
		return first, rest
	}
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], " "), words[n]
	}
	return "", name
}

// An Address; Country is ISO 3166-1 alpha-2, or empty when not stated.
type Address struct {
	Street  string `json:"street,omitempty"`
	More    string `json:"more,omitempty"`
	Zip     string `json:"zip,omitempty"`
	City    string `json:"city,omitempty"`
	Region  string `json:"region,omitempty"`
	Country string `json:"country,omitempty"`
}

// An EInvoice address with the operator that serves it.
type EInvoice struct {
	Address  string `json:"address,omitempty"`
	Operator string `json:"operator,omitempty"`
}

// Payment says where and how the document wants to be paid.
type Payment struct {
	IBAN      string `json:"iban,omitempty"`
	BIC       string `json:"bic,omitempty"`
	Bankgiro  string `json:"bankgiro,omitempty"`
	Plusgiro  string `json:"plusgiro,omitempty"`
	Reference string `json:"reference,omitempty"` // FI, RF or OCR reference
}

// A CashDiscount of Percent is granted when paid within Days.
type CashDiscount struct {
	Days    int          `json:"days"`
	Percent money.Amount `json:"percent"`
}

// A Line is one row of the document. A row without price and quantity is a text
// row.
type Line struct {
	Name        string `json:"name,omitempty"`
	Code        string `json:"code,omitempty"`        // product code in the source
	Group       string `json:"group,omitempty"`       // product group or field in the source
	Description string `json:"description,omitempty"` // explanation printed below the name
	Comment     string `json:"comment,omitempty"`
	// Quantity nil together with UnitPrice nil and Net nil makes a text row.
	Quantity *money.Amount `json:"quantity,omitempty"`
	Unit     string        `json:"unit,omitempty"` // as written, or a UN/ECE rec. 20 code
	// UnitPrice is for PriceBase units (1 when nil), net unless Document.GrossPrices.
	UnitPrice       *money.Amount `json:"unit_price,omitempty"`
	PriceBase       *money.Amount `json:"price_base,omitempty"`
	DiscountPercent money.Amount  `json:"discount_percent,omitzero"`
	Allowances      []Allowance   `json:"allowances,omitempty"`

	VATPercent money.Amount `json:"vat_percent"`
	// VATCategory is the UNTDID 5305 letter: S, Z, E, AE, K, G, O. Empty when
	// the source does not state one; then a percent above zero means S.
	VATCategory string `json:"vat_category,omitempty"`
	// VATReason is the text by which the source explains a rate of zero.
	VATReason string `json:"vat_reason,omitempty"`
	// Goods tells goods from services where the source knows: "goods", "service" or "".
	Supply string `json:"supply,omitempty"`

	Period civil.Period `json:"period,omitzero"`
	// Start and End are the times of a journey, in the company's zone: 2026-03-02T08:00.
	Start string        `json:"start,omitempty"`
	End   string        `json:"end,omitempty"`
	Net   *money.Amount `json:"net,omitempty"`   // stated row sum without VAT
	VAT   *money.Amount `json:"vat,omitempty"`   // stated row VAT
	Gross *money.Amount `json:"gross,omitempty"` // stated row sum with VAT

	// PaidWith says whose money has paid for it, of a row of a claim, and Card by which card
	// of the company, as the source calls it: never a card's whole number. Receipts are the
	// names of the files that belong to this row.
	PaidWith PaidWith `json:"paid_with,omitempty"`
	Card     string   `json:"card,omitempty"`
	Receipts []string `json:"receipts,omitempty"`

	Account    string      `json:"account,omitempty"` // source's own account
	Dimensions []Dimension `json:"dimensions,omitempty"`
	Order      string      `json:"order,omitempty"`
}

// IsText reports whether l carries words only.
func (l *Line) IsText() bool {
	return l.Quantity == nil && l.UnitPrice == nil && l.Net == nil && l.Gross == nil
}

// A Dimension is one code on one axis of follow-up, such as cost centre 200.
type Dimension struct {
	Axis string `json:"axis"`
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// An Allowance lowers a sum, or raises it when it is a Charge. Amount is
// positive; net unless Document.GrossPrices.
type Allowance struct {
	Charge      bool         `json:"charge,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	Amount      money.Amount `json:"amount"`
	VATPercent  money.Amount `json:"vat_percent,omitzero"`
	VATCategory string       `json:"vat_category,omitempty"`
}

// A VATLine is one line of the VAT breakdown that the source states.
type VATLine struct {
	Percent  money.Amount `json:"percent"`
	Category string       `json:"category,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Net      money.Amount `json:"net"`
	VAT      money.Amount `json:"vat"`
}

// Totals are the sums that the source states, nil where it states none.
type Totals struct {
	Net      *money.Amount `json:"net,omitempty"`
	VAT      *money.Amount `json:"vat,omitempty"`
	Gross    *money.Amount `json:"gross,omitempty"`    // with VAT, before rounding and prepayments
	Prepaid  *money.Amount `json:"prepaid,omitempty"`  // paid before the invoice was made
	Rounding *money.Amount `json:"rounding,omitempty"` // added to Gross to make Payable
	Payable  *money.Amount `json:"payable,omitempty"`
}

// An Attachment is a file that belongs to the document. Content is kept apart,
// by Hash.
type Attachment struct {
	Name string `json:"name"`
	MIME string `json:"mime,omitempty"`
	Size int64  `json:"size"`
	Hash string `json:"hash"` // SHA-256 in hex
	// Image says that this is the picture of the document itself.
	Image bool `json:"image,omitempty"`
	// ForCustomer says that the file is meant to go to the customer.
	ForCustomer bool `json:"for_customer,omitempty"`
	// Of says what the source has made the file of, where it makes it anew each time it
	// is asked: then its bytes are no part of the version.
	Of      string `json:"of,omitempty"`
	Content []byte `json:"-"`
	// Found is what the content is; nil where nobody has looked.
	Found *FileFound `json:"-"`
}

// MaxAttachment is the size in bytes above which Procountor refuses a file
// (REFERENCE 2.2: 10 000 000 bytes, not 10 MiB).
const MaxAttachment = 10_000_000

// HashOf returns the SHA-256 of content in hex, the name of content everywhere.
func HashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Counterparty is the party that is not us: the buyer of a sale, the seller of
// a purchase, the employee whose travel invoice it is.
func (d *Document) Counterparty() *Party {
	if d.Kind.Buys() {
		return &d.Seller
	}
	return &d.Buyer
}

// Own is the party that must be the company itself.
func (d *Document) Own() *Party {
	if d.Kind.Buys() {
		return &d.Buyer
	}
	return &d.Seller
}

// DemoPrefix begins the number of every document of the demonstration.
const DemoPrefix = "DEMO-"

// IsDemo reports whether d was made for a demonstration: it says so, or its
// number does.
func (d *Document) IsDemo() bool { return d.Demo || strings.HasPrefix(d.Number, DemoPrefix) }

// Version is the fingerprint of the content: equal for equal documents, and
// different as soon as anything differs that may reach Procountor. It does not
// depend on when or how often the source has shown the document.
func (d *Document) Version() string {
	if slices.ContainsFunc(d.Attachments, func(a Attachment) bool { return a.Of != "" }) {
		same := *d
		same.Attachments = slices.Clone(d.Attachments)
		for i := range same.Attachments {
			if a := &same.Attachments[i]; a.Of != "" {
				a.Hash, a.Size = "", 0
			}
		}
		d = &same
	}
	b, err := json.Marshal(d)
	if err != nil {
		// Only an inexact amount can do this, and validation has refused those.
		return "unmarshallable: " + err.Error()
	}
	return HashOf(b)
}

// FileID makes a source id for formats that have none: an invoice is its
// seller's number in the year of its date, for number series restart in January.
func FileID(kind Kind, sellerID, number string, date civil.Date) string {
	return strings.Join([]string{string(kind), sellerID, number, date.String()[:min(4, len(date.String()))]}, "/")
}
