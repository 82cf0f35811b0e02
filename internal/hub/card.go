package hub

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// PartnerChanges says what becomes of what a source says otherwise of a partner than
// the partner's card in Procountor's register.
type PartnerChanges string

// Nothing; it is shown, and a person carries it; or it is carried by itself, as far
// as nobody has written something else into the card.
const (
	ChangesOff   PartnerChanges = "off"
	ChangesShow  PartnerChanges = "show"
	ChangesWrite PartnerChanges = "write"
)

// A CardField is a part of a partner's card that is carried as a whole: half an
// address is none, and an e-invoice address belongs to its operator.
type CardField string

// What is carried: what an invoice needs to reach its customer. Ids decide who a
// partner is, and a bank account is what fraud changes: both are a person's.
const (
	CardName     CardField = "name"
	CardNumber   CardField = "number"
	CardAddress  CardField = "address"
	CardEmail    CardField = "email"
	CardEInvoice CardField = "einvoice"
)

// CardFields are all of them, in the order of pages.
var CardFields = []CardField{CardName, CardNumber, CardAddress, CardEmail, CardEInvoice}

// A Card is what a partner's card holds, or what a source says that it should; empty
// is what is not there, or not said.
type Card struct {
	Name string `json:"name,omitempty"`
	// First is the part of a person's name that is not the last name, "" where nobody
	// tells the two apart.
	First    string   `json:"first,omitempty"`
	Number   string   `json:"number,omitempty"` // customer or supplier number
	Address  Address  `json:"address,omitzero"`
	Email    string   `json:"email,omitempty"`
	EInvoice EInvoice `json:"einvoice,omitzero"`
}

// Names are the first names and the last name of a person's card; see [Party.Names].
func (c Card) Names() (first, last string) { return names(c.Name, c.First) }

// Text is a field of the card for people, "" when it is not there.
func (c Card) Text(f CardField) string {
	a := c.Address
	switch f {
	case CardName:
		return c.Name
	case CardNumber:
		return c.Number
	case CardAddress:
		return joined(", ", a.Street, joined(" ", a.Zip, a.City), a.Country)
	case CardEmail:
		return c.Email
	case CardEInvoice:
		return joined(" ", c.EInvoice.Address, c.EInvoice.Operator)
	}
	return ""
}

func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" }), sep)
}

// Says reports whether the card, as a source's word, says a field: all of it, or it
// is not carried.
func (c Card) Says(f CardField) bool {
	switch f {
	case CardAddress:
		return c.Address.Street != "" && c.Address.Zip != "" && c.Address.City != ""
	case CardEInvoice:
		return c.EInvoice.Address != "" && c.EInvoice.Operator != ""
	}
	return c.Text(f) != ""
}

// Agrees reports whether two cards have the same in a field, spelling aside. A
// country that only one of them names does not count.
func (c Card) Agrees(o Card, f CardField) bool {
	if f == CardAddress && (c.Address.Country == "" || o.Address.Country == "") {
		c.Address.Country, o.Address.Country = "", ""
	}
	return SameText(f, c.Text(f), o.Text(f))
}

// Over is the card as a later word of the same party: what it does not say, or says in
// another spelling only, stands as it was said before.
func (c Card) Over(was Card) Card {
	for _, f := range CardFields {
		if c.Says(f) && !c.Agrees(was, f) {
			continue
		}
		switch f {
		case CardName:
			c.Name, c.First = was.Name, was.First
		case CardNumber:
			c.Number = was.Number
		case CardAddress:
			c.Address = was.Address
		case CardEmail:
			c.Email = was.Email
		case CardEInvoice:
			c.EInvoice = was.EInvoice
		}
	}
	return c
}

// SameText reports whether two texts of a field differ in spelling only: in capitals,
// in spaces and, but for what is an address of a machine, in punctuation.
func SameText(f CardField, a, b string) bool { return spelt(f, a) == spelt(f, b) }

func spelt(f CardField, text string) string {
	exact := f == CardEmail || f == CardEInvoice || f == CardNumber
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return unicode.IsSpace(r) || !exact && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

// A CardPair is what a source says of a field and what the card holds.
type CardPair struct {
	Said string `json:"said"`
	Card string `json:"card"`
	// Left: the two differ, and that is how it is.
	Left bool `json:"left,omitempty"`
}

func (p CardPair) same(f CardField, o CardPair) bool {
	return SameText(f, p.Said, o.Said) && SameText(f, p.Card, o.Card)
}

// CardPairs are pairs by field.
type CardPairs map[CardField]CardPair

// Has reports whether p holds the pair of a field, spelling aside.
func (p CardPairs) Has(f CardField, pair CardPair) bool {
	have, ok := p[f]
	return ok && have.same(f, pair)
}

// With is p with the pair of a field.
func (p CardPairs) With(f CardField, pair CardPair) CardPairs {
	next := maps.Clone(p)
	if next == nil {
		next = CardPairs{}
	}
	next[f] = pair
	return next
}

// A CardWhy says why a field is not carried by itself.
type CardWhy string

const (
	// CardCarried: the source has changed, and the card is as it was known.
	CardCarried CardWhy = ""
	// CardFirst: the two were never compared before, so nobody knows which is newer.
	CardFirst CardWhy = "first"
	// CardEdited: somebody has written something else into the card, or wants it so.
	CardEdited CardWhy = "edited"
	// CardShown: by setting a person carries it.
	CardShown CardWhy = "shown"
)

// A CardChange is a field in which a source and a card differ.
type CardChange struct {
	Field CardField `json:"field"`
	CardPair
	Why CardWhy `json:"why,omitempty"`
}

// CompareCard says what differs between a source's word and a card. settled are the
// pairs on which the two last came to rest: they agreed, or a person left them as
// they were. What the source does not say does not differ, so nothing is ever emptied.
// next is what is settled now.
func CompareCard(said, card Card, settled CardPairs) (changes []CardChange, next CardPairs) {
	next = settled
	for _, f := range CardFields {
		if !said.Says(f) {
			continue
		}
		pair := CardPair{Said: said.Text(f), Card: card.Text(f)}
		if said.Agrees(card, f) {
			if !next.Has(f, pair) {
				next = next.With(f, pair)
			}
			continue
		}
		was, known := settled[f]
		if known && was.same(f, pair) {
			continue // left as it is
		}
		change := CardChange{Field: f, CardPair: pair}
		switch {
		case known && (was.Left || !SameText(f, was.Card, pair.Card)):
			change.Why = CardEdited
		case !known && pair.Card != "":
			change.Why = CardFirst
		}
		changes = append(changes, change)
	}
	return changes, next
}
