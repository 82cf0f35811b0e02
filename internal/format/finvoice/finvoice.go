// Package finvoice reads Finvoice 1.2, 1.3, 2.0, 2.01 and 3.0, the e-invoice format
// of Finnish banks, into documents.
//
// A file may hold many invoices one after the other, each with its own XML
// declaration, with or without the SOAP envelope that banks put before each.
//
// The rules that are not in the standard's tables, each applied or answered with a
// fault, so that no sum is ever lost:
//
//   - Signs. A credit note (INV02) states negative sums; one that states positive
//     sums is turned, with a warning.
//   - Quantity. InvoicedQuantity, else DeliveredQuantity, else OrderedQuantity; of
//     several the one in the unit of the price. A price without one counts once.
//   - Price. UnitPriceNetAmount, which has the discount per unit taken off, else
//     UnitPriceAmount, else UnitPriceVatIncludedAmount. Prices include VAT when the
//     rows' sums say so for every row.
//   - Discounts. A percent where it explains the row's sum, else the amount.
//   - Rounding. InvoiceTotalRoundoffAmount stands on top of the total with VAT, or
//     inside it, whichever adds up.
//   - Prepaid. InvoicePaidAmount, else PartialPaymentDetails, else the whole sum
//     when PaymentStatusCode says PAID.
//   - VAT rate of a row without one: that of the breakdown when it has a single one.
//
// What has no place of its own in a document stands in its notes, under the name
// of the element.
package finvoice

import (
	"io"
	"iter"
	"slices"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

// Versions that are read. Each is a superset of those before it.
var Versions = []string{"1.2", "1.3", "2.0", "2.01", "3.0"}

// A Decoder reads the parts of one file, in order.
type Decoder struct {
	Options format.Options

	envelope *format.Part // waits for the invoice it belongs to
}

// Takes reports whether the part is a Finvoice message or its envelope.
func Takes(p format.Part) bool {
	return p.Root != nil && (p.Root.Name == "Finvoice" || p.Root.Name == "Envelope")
}

// Part reads one part. An envelope yields nothing before its invoice comes; what
// is no Finvoice yields a document that could not be read.
func (d *Decoder) Part(p format.Part) []format.Decoded {
	switch {
	case p.Name == "Finvoice" && p.Root == nil && d.envelope != nil:
		p.Raw = append(append(slices.Clone(d.envelope.Raw), '\n'), p.Raw...)
		d.envelope = nil
		return []format.Decoded{format.Unread(p)}
	case !Takes(p):
		return append(d.Close(), format.Unread(p))
	case p.Root.Name == "Envelope":
		lost := d.Close()
		if inside := p.Root.Find("Finvoice"); inside != nil {
			return append(lost, decode(d.Options, p, inside, p.Root))
		}
		d.envelope = &p
		return lost
	case d.envelope != nil:
		env := d.envelope
		d.envelope = nil
		p.Raw = append(append(slices.Clone(env.Raw), '\n'), p.Raw...)
		p.Warnings = append(slices.Clone(env.Warnings), p.Warnings...)
		return []format.Decoded{decode(d.Options, p, p.Root, env.Root)}
	}
	return []format.Decoded{decode(d.Options, p, p.Root, nil)}
}

// Close answers for an envelope without an invoice.
func (d *Decoder) Close() []format.Decoded {
	if d.envelope == nil {
		return nil
	}
	env := *d.envelope
	d.envelope = nil
	f := hub.NewFault(hub.PartMissing, env.Root.Path(), "Finvoice")
	env.Root, env.Fault = nil, &f
	return []format.Decoded{format.Unread(env)}
}

// Decode reads a file of Finvoice messages. Parts of other formats come out as
// documents that could not be read. The error is that of reading r.
func Decode(r io.Reader, o format.Options) iter.Seq2[format.Decoded, error] {
	return func(yield func(format.Decoded, error) bool) {
		d := Decoder{Options: o}
		for p, err := range format.Parts(r) {
			if err != nil {
				yield(format.Decoded{}, err)
				return
			}
			for _, doc := range d.Part(p) {
				if !yield(doc, nil) {
					return
				}
			}
		}
		for _, doc := range d.Close() {
			if !yield(doc, nil) {
				return
			}
		}
	}
}
