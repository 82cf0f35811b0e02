package enginesim

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A mover lets customers and suppliers move and change their e-mail addresses, lets
// people edit their cards in Procountor, and answers what is asked about them. It
// draws from a stream of its own, so that runs without it are what they were.
type mover struct {
	on  bool
	rng *rand.Rand
	n   int // makes each text another one
}

func newMover(seed uint64) mover {
	return mover{on: seed%3 == 1, rng: rand.New(rand.NewPCG(seed, 6))}
}

func (m *mover) one(of int) bool { return m.rng.IntN(of) == 0 }

func (m *mover) settings(set *hub.Settings) {
	if !m.on {
		return
	}
	as := []hub.PartnerChanges{hub.ChangesWrite, hub.ChangesWrite, hub.ChangesShow, hub.ChangesOff}
	set.Partner.CustomerChanges, set.Partner.SupplierChanges = as[m.rng.IntN(4)], as[m.rng.IntN(4)]
}

// says lets a document say what its party is by now, or what it was: sources show old
// documents too.
func (s *Sim) says(d *hub.Document) {
	m := &s.mover
	if !m.on {
		return
	}
	p := d.Counterparty()
	key := p.BusinessID
	if s.moved == nil {
		s.moved = map[string]hub.Party{}
	}
	now, known := s.moved[key]
	if !known || m.one(3) {
		now = *p
		if m.n++; m.one(2) {
			now.Address.Street = fmt.Sprint("Muuttokatu ", m.n)
		} else {
			now.Email = fmt.Sprintf("laskut%d@kuvitelma.example", m.n)
		}
	}
	if p.Address.Street, p.Email = now.Address.Street, now.Email; !m.one(4) {
		s.moved[key] = now
	}
	s.trace("%s says of %s: %s, %s", d.Number, p.Name, p.Address.Street, p.Email)
}

// editCards is people in Procountor, and those who answer here.
func (s *Sim) editCards() {
	m := &s.mover
	if !m.on {
		return
	}
	if cards := s.Cards(); m.one(4) && len(cards) > 0 {
		ids := slices.Sorted(maps.Keys(cards))
		e := enginetest.CardEdit{Partner: ids[m.rng.IntN(len(ids))]}
		m.n++
		s.Sandbox.EditPartner(s.Company.ProcountorID, e.Partner, func(p *procountortest.BusinessPartner) {
			if m.one(2) || p.Address == nil {
				e.Field, e.Text = hub.CardEmail, fmt.Sprintf("kasin%d@kuvitelma.example", m.n)
				p.InvoicingInfo.Email = e.Text
				return
			}
			e.Field = hub.CardAddress
			p.Address.Street = fmt.Sprint("Käsintie ", m.n)
		})
		if e.Field == hub.CardAddress {
			e.Text = s.Cards()[e.Partner].Text(e.Field)
		}
		s.edited = append(s.edited, e)
		s.trace("a person writes %q into the card of partner %d", e.Text, e.Partner)
	}
	if !m.one(3) {
		return
	}
	for _, t := range s.Transfers() {
		if !engine.AsksCard(&t) || m.one(2) {
			continue
		}
		answer := engine.CarryCard
		if m.one(2) {
			answer = engine.LeaveCard
		}
		s.trace("%s the card of partner %d: %v", answer, t.PartnerID, t.Faults)
		err := s.Engine.AnswerCard(s.T.Context(), "person", t.ID, t.Version, answer)
		if err != nil && !errors.Is(err, engine.ErrNotNow) && !errors.Is(err, errBroken) {
			s.T.Fatal(err)
		}
	}
}
