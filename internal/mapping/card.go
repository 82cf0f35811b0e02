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
	if in.Document.Kind == hub.TravelInvoice {
		person, faults := Person(in)
		if hub.Stops(faults) {
			return card, false
		}
		card = register.CardOfPerson(*person)
		if p.FirstName == "" {
			card.First = "" // a guess is nobody's word
		}
		return withoutDefaults(card, p), true
	}
	partner, faults := Partner(in)
	if hub.Stops(faults) {
		return card, false
	}
	return withoutDefaults(register.CardOf(*partner), p), true
}

func withoutDefaults(card hub.Card, p *hub.Party) hub.Card {
	if p.Address.Country == "" {
		card.Address.Country = "" // a default is nobody's word
	}
	return card
}
