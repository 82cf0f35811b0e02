// Package format holds what the readers of invoice files have in common: cutting
// a file into documents, reading XML safely, encodings, numbers, and the sums that
// a document must add up to. The formats themselves are in the packages below it.
//
// A reader never gives up on a file: each document comes out with its own faults,
// and what cannot be read at all comes out as a document without content, so that
// it is kept, shown and answered for like every other.
package format

import (
	"strings"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/sweden"
)

// Limits on what comes from outside. A file beyond one of them is answered with a
// fault; nothing is read past it.
const (
	// MaxFile is the size of one file. A month's invoices of a large sender are
	// some megabytes; the rest is room for attachments.
	MaxFile = 50_000_000
	// MaxDocuments is how many documents one file may hold: a full file of the
	// smallest invoices there are.
	MaxDocuments = 20_000
	// maxDepth is far above the eight levels that Finvoice and UBL use.
	maxDepth = 64
	// maxElements of one document: an invoice of some thousand rows.
	maxElements = 200_000
	// maxFew bounds the VAT lines of one document: rates times categories.
	maxFew = 100
	// maxFaults of one document are reported; nobody reads more.
	maxFaults = 200
	// maxText is how long one value may be, in bytes; Finvoice's longest is 512
	// characters, Peppol's notes have no limit.
	maxText = 100_000
)

// Options say whose files are read.
type Options struct {
	// Kind is what an invoice is taken for when its parties do not tell.
	Kind hub.Kind
	// Own lists the business ids and VAT numbers of the company: an invoice that
	// it sells is a sale, one that it buys is a purchase.
	Own []string
	// Payroll says what is a run in a file of payroll.
	Payroll hub.PayrollSettings
}

// A Decoded document is one that a file holds.
type Decoded struct {
	// Document is never nil. When it could not be read its kind is
	// [hub.Unreadable], and it has a source id, made of its bytes, and nothing else.
	Document *hub.Document
	// Faults of the document, with paths into the file.
	Faults []hub.Fault
	// Raw holds its bytes as they stand in the file, envelope included. A file
	// over [MaxFile] has none.
	Raw []byte
	// Places maps a path in Document ("lines[3].vat_percent", counted from 0) to
	// the path in the file where it came from.
	Places map[string]string
}

// Identify sets kind and source id of a document that was read.
func (o Options) Identify(d *hub.Document, raw []byte) {
	d.Kind = o.kindOf(d)
	if d.Number == "" || d.Date.IsZero() {
		// Held for what it lacks; the same bytes are the same document until then.
		d.SourceID = string(d.Kind) + "/unnumbered/" + hub.HashOf(raw)
		return
	}
	number := d.Number
	if d.CreditNote {
		// Some number their credit notes in a series of its own, from 1 again.
		number = "credit/" + number
	}
	d.SourceID = hub.FileID(d.Kind, partyKey(&d.Seller), number, d.Date)
}

// Unread returns the document that stands for a part which could not be read, or
// is of no format that we know.
func Unread(p Part) Decoded {
	d := Decoded{
		Document: &hub.Document{Kind: hub.Unreadable, SourceID: string(hub.Unreadable) + "/" + hub.HashOf(p.Raw), Lines: []hub.Line{}},
		Faults:   p.Warnings,
		Raw:      p.Raw,
	}
	if p.TooLarge {
		d.Raw = nil
	}
	switch {
	case p.Fault != nil:
		d.Faults = append(d.Faults, *p.Fault)
	case p.Root != nil:
		d.Faults = append(d.Faults, hub.NewFault(hub.FormatUnknown, p.Root.Path(), p.Root.Name))
	}
	return d
}

func (o Options) kindOf(d *hub.Document) hub.Kind {
	sells, buys := o.owns(&d.Seller), o.owns(&d.Buyer)
	switch {
	case sells && !buys:
		return hub.SalesInvoice
	case buys && !sells:
		return hub.PurchaseInvoice
	}
	return o.Kind
}

func (o Options) owns(p *hub.Party) bool {
	for _, own := range o.Own {
		key := idKey(own)
		if key != "" && (key == idKey(p.BusinessID) || key == idKey(p.VATNumber)) {
			return true
		}
	}
	return false
}

// partyKey names a seller the same way however its id is written.
func partyKey(p *hub.Party) string {
	for _, id := range []string{p.BusinessID, p.VATNumber} {
		if key := idKey(id); key != "" {
			return key
		}
	}
	return p.Name
}

// SameID reports whether business id or VAT number a is of the same company as b.
func SameID(a, b string) bool { return a != "" && b != "" && idKey(a) == idKey(b) }

// idKey brings business id and VAT number of one company to one form.
func idKey(id string) string {
	if b, err := finland.ParseBusinessID(id); err == nil {
		return string(b)
	}
	if v, err := sweden.ParseVATNumber(id); err == nil {
		return string(v.OrganisationNumber())
	}
	if o, err := sweden.ParseOrganisationNumber(id); err == nil {
		return string(o)
	}
	return strings.ToUpper(strings.Join(strings.Fields(id), ""))
}
