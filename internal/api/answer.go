package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A Receipt answers one pushed document.
type Receipt struct {
	ID       string  `json:"id" example:"06a1b2c3d4e5f6g7h8j9k0m1n2" doc:"Vienti's id of the document; keep it beside your own."`
	SourceID string  `json:"source_id,omitempty" example:"inv-10234" doc:"As you pushed it; not there when it could not be read."`
	Number   string  `json:"number,omitempty" example:"10234"`
	Result   string  `json:"result" enum:"new,changed,unchanged" doc:"new: first seen. changed: other content of a document that is known. unchanged: the same content again; the first result stands and nothing was stored."`
	State    string  `json:"state" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn" doc:"Where it stands now."`
	Faults   []Fault `json:"faults,omitempty" doc:"What keeps it from going, and warnings."`
	Links    Links   `json:"links"`
}

// Receipts answer a pushed list, in its order.
type Receipts struct {
	Results []Receipt `json:"results" doc:"One for each document of the list, in its order."`
}

// Links lead on.
type Links struct {
	Self        string `json:"self" example:"/v1/documents/06a1b2c3d4e5f6g7h8j9k0m1n2"`
	Attachments string `json:"attachments" example:"/v1/documents/06a1b2c3d4e5f6g7h8j9k0m1n2/attachments"`
}

func links(id string) Links {
	self := "/v1/documents/" + id
	return Links{Self: self, Attachments: self + "/attachments"}
}

// A Fault says what is wrong with a document, why, what to do, and who must.
type Fault struct {
	Code           string `json:"code" example:"vat-rate-not-enabled" doc:"Stable. Codes that begin with procountor: are Procountor's own words."`
	Path           string `json:"path,omitempty" example:"lines[3].vat_percent" doc:"The place in the document as you handed it over: of a push its JSON path, where lists count from 0, of a file its element."`
	ProcountorPath string `json:"procountor_path,omitempty" example:"invoiceRows[3].vatPercent" doc:"The place as Procountor named it."`
	Value          string `json:"value,omitempty" example:"24" doc:"What stands there, shortened."`
	Title          string `json:"title" doc:"For a person, in the language of Accept-Language (en, fi, sv, nl)."`
	Cause          string `json:"cause"`
	Remedy         string `json:"remedy" doc:"What to do about it."`
	Actor          string `json:"actor" enum:"source,admin,accountant,nobody" doc:"Who must act: whoever handles the document in your system, the administrator of Vienti, the accountant in Procountor, or nobody."`
	Who            string `json:"who" doc:"The actor in words."`
	Warning        bool   `json:"warning,omitempty" doc:"The document goes all the same."`
}

// DocumentState is a document and how far it has come.
type DocumentState struct {
	ID         string `json:"id"`
	SourceID   string `json:"source_id,omitempty"`
	Claim      string `json:"claim,omitempty" doc:"Your id of the travel invoice of which this is the part that a card of the company has paid on one day. Asked for by that id, the list has all parts."`
	Kind       string `json:"kind" enum:"sales_invoice,purchase_invoice,travel_invoice,payroll_journal,journal,unreadable" doc:"unreadable: what was pushed could not be understood as any document; it is kept for a person to see."`
	CreditNote bool   `json:"credit_note,omitempty"`
	Number     string `json:"number,omitempty"`
	Date       string `json:"date,omitempty" format:"date"`
	Partner    string `json:"partner,omitempty" doc:"Name of the other party."`
	Gross      Sum    `json:"gross,omitempty" doc:"The sum that you stated."`
	Currency   string `json:"currency,omitempty"`

	State   string  `json:"state" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn"`
	Settled bool    `json:"settled" doc:"Nothing more will happen by itself, and no person is needed."`
	Faults  []Fault `json:"faults,omitempty"`
	Step    *Step   `json:"step,omitempty" doc:"How many of the writes to Procountor are behind it."`

	Procountor *Voucher `json:"procountor,omitempty" doc:"The invoice in Procountor, once it is there."`

	Attachments  []FileInfo     `json:"attachments,omitempty" doc:"Only in the answer about one document."`
	Files        []SentFile     `json:"files,omitempty" doc:"The files that were sent to Procountor. Only in the answer about one document."`
	Standing     *Standing      `json:"standing,omitempty" doc:"Where it stands on your side, as you said last. Only in the answer about one document."`
	Payments     []PaymentState `json:"payments,omitempty" doc:"The payments of it that were pushed. Only in the answer about one document."`
	Actions      []string       `json:"actions,omitempty" doc:"What you may ask for now: send-now, retry, withdraw; of one that has arrived, release-locks; of a change that its invoice cannot take any more, leave, credit-anew, send-beside; of one that stands in a journal, leave, difference-journal, reverse-anew."`
	Paid         *Paid          `json:"paid,omitempty" doc:"What Procountor shows as paid on the invoice, whoever marked it; not there before it was first read. Only in the answer about one document."`
	BankPayments []BankPayment  `json:"bank_payments,omitempty" doc:"The payments by reference that Procountor's bank connection has allocated to the invoice, read hourly. Only in the answer about one document."`

	Created time.Time `json:"created" doc:"When it was first pushed."`
	Changed time.Time `json:"changed" doc:"When its state last changed."`
	Links   Links     `json:"links"`
}

// A BankPayment is money that Procountor's bank connection has allocated to the invoice
// by its reference.
type BankPayment struct {
	ID        int64  `json:"id" doc:"Procountor's id of the payment."`
	Date      string `json:"date" format:"date" doc:"The day of payment."`
	ValueDate string `json:"value_date,omitempty" format:"date"`
	Amount    Sum    `json:"amount"`
	Currency  string `json:"currency,omitempty" doc:"That of the account to which it came; not there when Procountor's register does not have the account."`
	Reference string `json:"reference" doc:"As the payer gave it, without blanks and zeros before it."`
}

// Paid is how far an invoice is paid in Procountor.
type Paid struct {
	State    string    `json:"state" enum:"open,partly,paid"`
	Open     Sum       `json:"open" doc:"What is still open, in the invoice's currency; negative on a credit note, or when more was paid."`
	Total    Sum       `json:"total"`
	Currency string    `json:"currency"`
	On       string    `json:"on,omitempty" format:"date" doc:"The day of the latest payment."`
	Returned string    `json:"returned,omitempty" doc:"What the operator said when it gave the sent invoice back, with the time of that; not there when somebody has seen to it in Procountor."`
	Read     time.Time `json:"read" doc:"When Procountor was last asked: hourly on the first day, then every four hours for two weeks, then daily while something is open."`
}

// A Step is a place in the plan.
type Step struct {
	At int `json:"at" example:"2" doc:"The write it stands at, from 1."`
	Of int `json:"of" example:"3"`
}

// A Voucher is the invoice in Procountor.
type Voucher struct {
	InvoiceID     int64  `json:"invoice_id" example:"4711" doc:"Procountor's id; unique in the company."`
	InvoiceNumber int64  `json:"invoice_number,omitempty" example:"100023" doc:"Procountor's number: what the customer sees when Procountor sends."`
	Reference     string `json:"reference,omitempty" example:"1000232" doc:"The reference that payments carry."`
	PartnerID     int64  `json:"partner_id,omitempty" doc:"The customer or supplier in Procountor's register."`
}

// FileInfo is an attachment without its content.
type FileInfo struct {
	Name        string `json:"name"`
	MIME        string `json:"mime,omitempty"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"`
	Image       bool   `json:"image,omitempty"`
	ForCustomer bool   `json:"for_customer,omitempty"`
}

// SentFile is a file that was sent to Procountor: yours, or one that Vienti made.
type SentFile struct {
	Name       string    `json:"name" doc:"Its name in Procountor."`
	Size       int64     `json:"size"`
	SHA256     string    `json:"sha256"`
	ToCustomer bool      `json:"to_customer,omitempty" doc:"Goes to the customer with the invoice."`
	Confirmed  string    `json:"confirmed,omitempty" enum:"name,size,content" doc:"How it was made sure that it has arrived whole; not there when nobody has looked since."`
	Differs    bool      `json:"differs,omitempty" doc:"What stands in Procountor is not what was sent."`
	At         time.Time `json:"at,omitzero" doc:"When it was looked at last."`
}

// sentFiles are those of the steps of a transfer.
func sentFiles(steps []hub.Step) (list []SentFile) {
	for _, s := range engine.SentFiles(steps) {
		a := s.Detail.Attachment
		f := SentFile{Name: a.Name, Size: a.Size, SHA256: a.Hash, ToCustomer: a.ForCustomer}
		if seen := s.Detail.Seen; seen != nil {
			f.Confirmed, f.Differs, f.At = string(seen.Level), seen.Wrong, seen.At
		}
		list = append(list, f)
	}
	return list
}

// sourceID hides the id that Vienti gives to what has none.
func sourceID(id string) string {
	if strings.HasPrefix(id, unreadablePrefix) {
		return ""
	}
	return id
}

// unreadablePrefix begins the source id of what nobody could read; see
// [engine.Incoming].
const unreadablePrefix = "unreadable/"

// state describes p. doc may be nil; it is needed only to name places in it.
func state(sp locale.Speaker, p store.Pushed, doc *hub.Document) DocumentState {
	t := p.Transfer
	out := DocumentState{
		Claim: claimOf(p), ID: p.Document.ID, SourceID: sourceID(p.Document.SourceID), Kind: string(t.DocKind), CreditNote: t.CreditNote, Number: t.Number, Date: t.Date,
		Partner: t.PartnerName, Gross: Sum(t.Gross), Currency: t.Currency, State: string(t.State), Settled: t.State.Settled(),
		Faults: explain(sp, doc, t.Faults), Created: t.Created, Changed: t.Changed, Links: links(p.Document.ID),
	}
	if t.Steps > 0 && !t.State.Settled() {
		out.Step = &Step{At: t.StepAt, Of: t.Steps}
	}
	if t.InvoiceID != 0 {
		out.Procountor = &Voucher{InvoiceID: t.InvoiceID, InvoiceNumber: t.InvoiceNumber, Reference: t.Reference, PartnerID: t.PartnerID}
	}
	for _, a := range engine.Allowed(&t) {
		if a == engine.SendNow || a == engine.Retry || a == engine.Withdraw || a.Decides() {
			out.Actions = append(out.Actions, pathOf(a))
		}
	}
	if doc != nil {
		for _, a := range doc.Attachments {
			out.Attachments = append(out.Attachments, FileInfo{Name: a.Name, MIME: a.MIME, Size: a.Size, SHA256: a.Hash, Image: a.Image, ForCustomer: a.ForCustomer})
		}
	}
	return out
}

// explain says faults in words, with their places as they were pushed.
func explain(sp locale.Speaker, doc *hub.Document, faults []hub.Fault) (list []Fault) {
	for _, f := range faults {
		e := remedy.For(sp, f)
		out := Fault{Code: f.Code, Path: f.Path, Value: f.Value, Title: e.Title, Cause: e.Cause, Remedy: e.Remedy, Actor: string(e.Actor), Who: e.Who,
			Warning: f.Warning}
		if f.Element != "" {
			out.Path = f.Element
		}
		if strings.HasPrefix(f.Code, hub.ProcountorCode) {
			out.ProcountorPath, out.Path = f.Path, pushedPath(doc, f.Path)
		}
		list = append(list, out)
	}
	return list
}

// pushedPath finds the place in the pushed document that Procountor means by a
// place in its invoice; "" when that is not certain.
func pushedPath(doc *hub.Document, path string) string {
	if doc == nil {
		return ""
	}
	if rest, ok := strings.CutPrefix(path, "invoiceRows["); ok {
		n, field, ok := strings.Cut(rest, "]")
		row, err := strconv.Atoi(n)
		if !ok || err != nil {
			return ""
		}
		line := lineOfRow(doc, row)
		if line < 0 {
			return ""
		}
		at := fmt.Sprintf("lines[%d]", line)
		if name := rowFields[strings.TrimPrefix(field, ".")]; name != "" {
			at += "." + name
		}
		return at
	}
	party := "buyer"
	if doc.Kind.Buys() {
		party = "seller"
	}
	return strings.Replace(headFields[path], "party", party, 1)
}

// lineOfRow is the line that a row was made from, -1 when allowances may have
// made rows before it. Lines of words make none.
func lineOfRow(doc *hub.Document, row int) int {
	for i := range doc.Lines {
		l := &doc.Lines[i]
		if l.IsText() {
			continue
		}
		if row == 0 {
			return i
		}
		if len(l.Allowances) > 0 {
			return -1
		}
		row--
	}
	return -1
}

// rowFields and headFields are the fields of Procountor's invoice by those of
// [Document].
var (
	rowFields = map[string]string{
		"product": "name", "productName": "name", "productCode": "code", "quantity": "quantity", "unit": "unit", "unitPrice": "unit_price",
		"discountPercent": "discount_percent", "vatPercent": "vat_percent", "vatStatus": "vat_category", "comment": "comment",
		"explanationText": "description", "startDate": "period.first", "endDate": "period.last",
	}
	headFields = map[string]string{
		"date": "date", "originalInvoiceNumber": "number", "currency": "currency", "invoiceRows": "lines", "discountPercent": "discount_percent",
		"penaltyPercent": "penalty_percent", "language": "language", "notes": "notes", "additionalInformation": "text",
		"orderReference": "references.order", "agreementNumber": "references.agreement", "dueDate": "due_date",
		"paymentInfo.dueDate": "due_date", "paymentInfo.currency": "currency", "paymentInfo.currencyRate": "rate",
		"paymentInfo.bankReferenceCode": "payment.reference", "bankReferenceCode": "payment.reference",
		"paymentInfo.bankAccount.accountNumber": "payment.iban", "paymentInfo.bankAccount.bic": "payment.bic",
		"counterParty": "party", "counterParty.email": "party.email", "counterParty.customerNumber": "party.number",
		"counterParty.identifier": "party.business_id", "counterParty.taxCode": "party.vat_number",
		"counterParty.counterPartyAddress": "party.address", "counterParty.counterPartyAddress.name": "party.name",
		"counterParty.counterPartyAddress.street": "party.address.street", "counterParty.counterPartyAddress.zip": "party.address.zip",
		"counterParty.counterPartyAddress.city": "party.address.city", "counterParty.counterPartyAddress.country": "party.address.country",
		"counterParty.eInvoiceAddress": "party.einvoice", "counterParty.eInvoiceAddress.address": "party.einvoice.address",
		"counterParty.eInvoiceAddress.operator": "party.einvoice.operator",
	}
)

// hasTheirs reports whether a fault names a place in Procountor's words.
func hasTheirs(faults []hub.Fault) bool {
	return slices.ContainsFunc(faults, func(f hub.Fault) bool { return strings.HasPrefix(f.Code, hub.ProcountorCode) && f.Path != "" })
}

// claimOf is the id of the claim of which a document is a part, "" for one that is whole,
// or the rest.
func claimOf(p store.Pushed) string {
	if p.Claim == p.Document.SourceID {
		return ""
	}
	return p.Claim
}
