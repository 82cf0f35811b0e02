// Package pdf makes the PDFs that are ours: the breakdown of an invoice, and a
// picture as a page. The same content makes the same bytes, so that a repeat
// proves equal: no date of making, no random id, nothing compressed by a library
// that may compress otherwise tomorrow.
package pdf

import (
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Breakdown is what stands on the pages. It names the invoice by the source's
// number and the customer by name: the customer's number in the source is nobody's
// business but the source's.
type Breakdown struct {
	Number   string
	Date     civil.Date
	Seller   string
	Customer string
	Currency money.Currency
	Parts    []hub.BreakdownPart
}

// BreakdownOf takes from a document what stands on its breakdown; all as in
// [hub.Breakdown.Parts]. Without entries there is nothing to make.
func BreakdownOf(d *hub.Document, all bool) (b Breakdown, ok bool) {
	b = Breakdown{Number: d.Number, Date: d.Date, Seller: d.Seller.Name, Customer: d.Buyer.Name, Currency: d.Currency, Parts: d.Breakdown.Parts(all)}
	return b, len(b.Parts) > 0
}

// Total is what all parts come to.
func (b *Breakdown) Total() money.Amount {
	total := money.Zero
	for i := range b.Parts {
		total = total.Add(b.Parts[i].Total())
	}
	return total
}

// hours are those of the work entries that are counted in hours.
func hours(parts []hub.BreakdownPart) money.Amount {
	total := money.Zero
	for i := range parts {
		for _, e := range parts[i].Work {
			if e.Unit == "" || strings.EqualFold(e.Unit, "h") {
				total = total.Add(e.Quantity)
			}
		}
	}
	return total
}
