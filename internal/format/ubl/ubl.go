// Package ubl reads invoices and credit notes of Peppol BIS Billing 3 (UBL 2.1 by
// EN 16931) into documents, with the files embedded in them.
//
// Rules beside the standard's own:
//
//   - Signs. A credit note states positive sums for what it gives back; all signs
//     are turned.
//   - Delivery. ActualDeliveryDate, else InvoicePeriod, else TaxPointDate; the last
//     is a note when it lies outside of the others.
//   - VAT total. That in the document's currency, when there are two.
//
// What has no place of its own in a document stands in its notes, under the name
// of the element.
package ubl

import (
	"io"
	"iter"
	"strings"

	"github.com/vienti/vienti/internal/format"
)

// customization begins the id of every specification that builds on EN 16931.
const customization = "urn:cen.eu:en16931:2017"

// Namespaces of the two documents.
const (
	invoiceSpace    = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	creditNoteSpace = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
)

// Takes reports whether the part is a UBL invoice or credit note, perhaps in the
// envelope of the Peppol network.
func Takes(p format.Part) bool { return message(p.Root) != nil }

// message finds the invoice itself.
func message(root *format.Node) *format.Node {
	if root == nil {
		return nil
	}
	if root.Name == "StandardBusinessDocument" {
		for _, k := range root.Kids() {
			if m := message(k); m != nil {
				return m
			}
		}
		return nil
	}
	if root.Name == "Invoice" && root.Space == invoiceSpace || root.Name == "CreditNote" && root.Space == creditNoteSpace {
		return root
	}
	return nil
}

// Part reads one part; what is no UBL yields a document that could not be read.
func Part(o format.Options, p format.Part) format.Decoded {
	root := message(p.Root)
	if root == nil {
		return format.Unread(p)
	}
	return decode(o, p, root)
}

// Decode reads a file of UBL documents; usually it holds one. The error is that of
// reading r.
func Decode(r io.Reader, o format.Options) iter.Seq2[format.Decoded, error] {
	return func(yield func(format.Decoded, error) bool) {
		for p, err := range format.Parts(r) {
			if err != nil {
				yield(format.Decoded{}, err)
				return
			}
			if !yield(Part(o, p), nil) {
				return
			}
		}
	}
}

// zeroRated are the categories of UNTDID 5305 that carry no VAT.
func zeroRated(category string) bool {
	return strings.Contains(" Z E AE K G O ", " "+category+" ") && category != ""
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
