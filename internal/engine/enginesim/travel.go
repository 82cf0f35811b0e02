package enginesim

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// maxClaims keeps runs short: each is up to five vouchers.
const maxClaims = 2

// A traveller lets an employee claim journeys: own money, cards of the company, or both;
// rows come, go and change their day. It draws from a stream of its own, so that runs
// without it are what they were.
type traveller struct {
	on  bool
	rng *rand.Rand
}

func newTraveller(seed uint64) traveller {
	return traveller{on: seed%5 == 3 && seed%4 != 2, rng: rand.New(rand.NewPCG(seed, 9))}
}

func (v *traveller) one(of int) bool { return v.rng.IntN(of) == 0 }

// A claim is what a source has shown of one, and of its parts by their ids: what the
// person has paid, and what each card has paid on each day, with its payment.
type claim struct {
	whole *hub.Document
	parts map[string]*enginetest.Shown
	paid  map[string]*enginetest.ShownPayment
	there map[string]bool // the parts that the claim has now
}

func (v *traveller) settings(set *hub.Settings) {
	if !v.on {
		return
	}
	enginetest.Travels(set, []hub.Arrival{hub.ArriveUnfinished, hub.ArriveApproved, hub.ArriveApproved}[v.rng.IntN(3)])
	set.Cards = map[string]string{"1234": "2950", "5678": "2950"}
}

// travel is a new claim, or another content of one.
func (s *Sim) travel() {
	v := &s.traveller
	if !v.on || !v.one(2) {
		return
	}
	var c *claim
	switch {
	case len(s.claims) < maxClaims && (len(s.claims) == 0 || v.one(3)):
		s.numbers++
		c = &claim{parts: map[string]*enginetest.Shown{}, paid: map[string]*enginetest.ShownPayment{}, there: map[string]bool{}}
		s.claims = append(s.claims, c)
		s.shows(c, s.claimed(fmt.Sprint("M-", 1000+s.numbers)))
	case v.one(3):
		c = s.claims[v.rng.IntN(len(s.claims))] // the same once more
	default:
		c = s.claims[v.rng.IntN(len(s.claims))]
		s.shows(c, s.claimed(c.whole.Number))
	}
	s.trace("claim %s of %d rows in the parts %v", c.whole.Number, len(c.whole.Lines), slices.Sorted(maps.Keys(c.there)))
	s.showClaim(c)
}

// claimed is a claim with some rows of own money and some of cards; now and then a row of
// a card lacks its day.
func (s *Sim) claimed(number string) *hub.Document {
	v := &s.traveller
	d := enginetest.Claim(number, s.travelPrice())
	d.DueDate = civil.Must("2026-03-24")
	if v.one(4) {
		d.Lines, d.Trips = nil, nil
	}
	total := money.Zero
	for i := range d.Lines {
		total = total.Add(d.Lines[i].Quantity.Mul(*d.Lines[i].UnitPrice))
	}
	bought := v.rng.IntN(4)
	if len(d.Lines) == 0 {
		bought++
	}
	for i := range bought {
		one, p := money.FromInt(1), money.Must(s.travelPrice())
		l := hub.Line{Name: fmt.Sprint("Ostos ", i+1), Code: "MAJ", Quantity: &one, Unit: "kpl", UnitPrice: &p, VATPercent: money.Must("13.5"), PaidWith: hub.PaidCard,
			Card: []string{"1234", "5678"}[v.rng.IntN(2)]}
		if !v.one(12) {
			day := civil.Must(fmt.Sprintf("2026-03-%02d", 2+v.rng.IntN(3)))
			l.Period = civil.Period{First: day, Last: day}
		}
		d.Lines, total = append(d.Lines, l), total.Add(p)
	}
	if v.one(3) {
		enginetest.Attach(d, "kuitti.pdf", fmt.Sprint("receipt ", v.rng.IntN(4)))
	}
	d.Totals = hub.Totals{Gross: &total}
	return d
}

func (s *Sim) travelPrice() string {
	return fmt.Sprintf("%d.%02d", 1+s.traveller.rng.IntN(200), s.traveller.rng.IntN(100))
}

// shows notes what a source says of a claim from now on.
func (s *Sim) shows(c *claim, d *hub.Document) {
	was := c.there
	c.whole, c.there = d, map[string]bool{}
	for _, part := range d.Claims() {
		p := part.Document
		c.there[p.SourceID] = true
		if c.parts[p.SourceID] == nil {
			c.parts[p.SourceID] = &enginetest.Shown{}
		}
		sh := c.parts[p.SourceID]
		sh.Versions = append(sh.Versions, p)
		if !p.ByCard() || p.Date.IsZero() {
			continue // nobody is paid but by the bank, or the day is lacking
		}
		if c.paid[p.SourceID] == nil {
			c.paid[p.SourceID] = &enginetest.ShownPayment{Of: sh}
		}
		c.paid[p.SourceID].Versions = append(c.paid[p.SourceID].Versions, p.PaidByCard())
	}
	for id := range was {
		if p := c.paid[id]; p != nil && !c.there[id] {
			removed := p.Newest()
			removed.State = hub.PaymentRemoved
			p.Versions = append(p.Versions, removed)
		}
	}
}

// showClaim hands a claim over until it is taken.
func (s *Sim) showClaim(c *claim) {
	for {
		_, err := s.Engine.Receive(s.T.Context(), s.Connection.ID, []engine.Incoming{{Document: c.whole, Raw: []byte(c.whole.Number)}}, nil)
		if err == nil {
			return
		}
		if !errors.Is(err, errBroken) {
			s.T.Fatal(err)
		}
	}
}

// documents are all that a place's source has shown, the parts of claims among them.
func (p *place) documents() []*enginetest.Shown {
	list := slices.Clone(p.shown)
	for _, c := range p.claims {
		for _, id := range slices.Sorted(maps.Keys(c.parts)) {
			list = append(list, c.parts[id])
		}
	}
	return list
}

// payments are all that must be marked, what cards have paid among them.
func (p *place) payments() []*enginetest.ShownPayment {
	list := slices.Clone(p.paid)
	for _, c := range p.claims {
		for _, id := range slices.Sorted(maps.Keys(c.paid)) {
			list = append(list, c.paid[id])
		}
	}
	return list
}

// auditClaims checks that nobody but the bank pays a person: of what is paid out nothing
// is marked, whatever has become of the claim.
func (p *place) auditClaims() (errs []error) {
	events := p.Sandbox.PaymentEvents(p.Company.ProcountorID)
	for _, c := range p.claims {
		own := c.parts[c.whole.SourceID]
		if own == nil || c.paid[c.whole.SourceID] != nil {
			continue
		}
		for _, d := range own.Versions {
			for _, inv := range p.VouchersOf(d) {
				for _, e := range events {
					if e.InvoiceID != nil && *e.InvoiceID == inv.ID {
						errs = append(errs, fmt.Errorf("claim %s is paid out to the person, and marked paid: event %d", c.whole.Number, e.ID))
					}
				}
			}
		}
	}
	return errs
}
