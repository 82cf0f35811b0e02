package enginesim

import (
	"math/rand/v2"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// A crediting lets credit notes take back invoices that have been shown, of
// suppliers too, and chooses who offsets them. It draws from a stream of its own.
type crediting struct {
	on  bool
	rng *rand.Rand
}

func newCrediting(seed uint64) crediting {
	return crediting{on: seed%4 != 0, rng: rand.New(rand.NewPCG(seed, 5))}
}

func (c *crediting) settings(set *hub.Settings) {
	if !c.on {
		return
	}
	if set.Offset = hub.OffsetByVienti; c.rng.IntN(5) == 0 {
		set.Offset = hub.OffsetByPerson
	}
}

// credit turns a new document into a credit note of one that was shown: of all of
// it, or of as much as its own rows come to. Number is one that no other carries.
func (s *Sim) credit(d *hub.Document, number string) {
	c := &s.crediting
	if !c.on || len(s.shown) == 0 || !d.CreditNote && c.rng.IntN(3) > 0 {
		return
	}
	of := s.shown[c.rng.IntN(len(s.shown))].Newest()
	if of.CreditNote || of.Number == d.Number {
		return
	}
	if !d.CreditNote {
		enginetest.Turn(d)
	}
	d.Kind, d.Seller, d.Buyer, d.Payment = of.Kind, of.Seller, of.Buyer, of.Payment
	d.Number = number // a number is shared with a document of another party only
	d.Credits = []hub.Reference{{Number: of.Number, Date: of.Date}}
	if c.rng.IntN(3) == 0 {
		d.Date = civil.Must("2026-03-12")
	}
	if c.rng.IntN(2) == 0 && of.Lines[0].Name != "" {
		d.Lines, d.Totals = nil, of.Totals
		d.Lines = append(d.Lines, of.Lines...)
		enginetest.Turn(d)
	}
	s.trace("credit note %s of %s", d.Number, of.Number)
}
