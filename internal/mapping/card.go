package mapping

import (
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
)

// Card is what a document says of its other party's card, as it would be written,
// and whether it says anything. A party without an id and a number is anybody, and
// may stand behind one card with others; a credit note repeats what its invoice said.
func Card(in Input) (card hub.Card, ok bool) {
	p := in.Document.Counterparty()
	if in.Document.CreditNote || len(matching.IDsOf(*p)) == 0 && in.Connection.Settings.Partner.Known(*p).Number == "" {
		return card, false
	}
	partner, faults := Partner(in)
	if hub.Stops(faults) {
		return card, false
	}
	card = register.CardOf(*partner)
	if p.Address.Country == "" {
		card.Address.Country = "" // a default is nobody's word
	}
	return card, true
}
