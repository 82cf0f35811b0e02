package enginesim

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// maxBought keeps runs short.
const maxBought = 3

// A circle lets purchase invoices of Procountor go their round: persons decide, two at
// once or about what is old by now, rights are withdrawn, and people in Procountor change
// what is decided about. It draws from a stream of its own, so that runs without it are
// what they were.
type circle struct {
	on  bool
	rng *rand.Rand
	ids map[string]string // of persons, by the name before the @
	off map[string]bool   // who may not sign in now
}

func newCircle(seed uint64) circle {
	return circle{on: seed%6 == 5, rng: rand.New(rand.NewPCG(seed, 10)), ids: map[string]string{}, off: map[string]bool{}}
}

func (c *circle) one(of int) bool { return c.rng.IntN(of) == 0 }

// A bought is a purchase invoice of Procountor and what has been decided about it.
type bought struct {
	number   string
	id       int64
	received bool
	touched  bool // somebody has set its status in Procountor
	accepted int  // decisions that were taken
	unknown  int  // decisions of which the database's answer was lost
}

func (c *circle) settings(set *hub.Settings) {
	if !c.on {
		return
	}
	set.Circulation = hub.Circulation{On: true, FirstDay: civil.Must("2026-01-01"), Default: "anna@example.fi",
		Fields:   []hub.ReceiverField{{Field: "order_reference", Means: hub.MeansProject, Pattern: `P-(\d+)`}},
		Projects: []hub.ReceiverOf{{Number: "1001", Login: "maija@example.fi"}}, Further: []hub.FurtherApprover{{From: "200", Login: "boss@example.fi"}}}
}

// hire makes the persons, and enters invoices that have not been received yet.
func (s *Sim) hire() {
	c := &s.circle
	if !c.on {
		return
	}
	for _, p := range []struct {
		name string
		role people.Role
	}{{"anna", people.RoundLead}, {"maija", people.Approver}, {"boss", people.Approver}, {"pre", people.PreApprover}} {
		s.Must(s.Store.Tx(s.T.Context(), func(tx *store.Tx) error {
			u, err := tx.AddPerson(people.User{Login: p.name + "@example.fi", Name: strings.ToUpper(p.name[:1]) + p.name[1:], Role: p.role}, secret.Secret{})
			c.ids[p.name] = u.ID
			return err
		}))
	}
	for _, p := range s.places {
		for i := range maxBought {
			d := enginetest.Purchase(fmt.Sprint("K", i+1), fmt.Sprint(50+c.rng.IntN(400)))
			if c.one(2) {
				d.References.Order = "P-1001"
			}
			p.Foreign(d)
			p.bought = append(p.bought, &bought{number: d.Number, id: p.Vouchers(d.Number)[0].ID})
		}
	}
}

// circulate is one thing that happens to the invoices on their round.
func (s *Sim) circulate() {
	c := &s.circle
	if !c.on {
		return
	}
	b := s.bought[c.rng.IntN(len(s.bought))]
	switch c.rng.IntN(12) {
	case 0, 1, 2:
		if inv, _ := s.Sandbox.Invoice(s.Company.ProcountorID, b.id); !b.received && inv.Status == "UNFINISHED" {
			b.received = true
			s.trace("purchase invoice %s is received", b.number)
			s.Sandbox.SetInvoiceStatus(s.Company.ProcountorID, b.id, "RECEIVED")
		}
	case 3:
		s.trace("a person changes purchase invoice %s", b.number)
		s.Sandbox.EditInvoice(s.Company.ProcountorID, b.id, func(v *procountortest.Invoice) {
			v.InvoiceRows[0].Product = fmt.Sprintf("Muutettu (%d)", len(s.Trace))
		})
	case 4:
		if c.one(3) && b.received {
			b.touched = true
			s.trace("a person approves purchase invoice %s there", b.number)
			s.Sandbox.SetInvoiceStatus(s.Company.ProcountorID, b.id, "APPROVED")
		}
	case 5:
		name := []string{"maija", "boss"}[c.rng.IntN(2)]
		c.off[name] = !c.off[name]
		s.trace("%s may not sign in: %v", name, c.off[name])
		_, err := s.Engine.ChangePerson(s.T.Context(), "cli:test", c.ids[name], func(u *people.User) { u.Disabled = c.off[name] })
		if errors.Is(err, errBroken) {
			c.off[name] = !c.off[name] // or not: the next one says so again
		} else if err != nil {
			s.T.Fatal(err)
		}
	default:
		s.decideRound(b)
	}
}

// decideRound is a decision, or two at the same moment, about what both have seen.
func (s *Sim) decideRound(b *bought) {
	c := &s.circle
	r, ok := s.roundOf(b)
	if !ok {
		return
	}
	seen := r.Version
	if c.one(6) {
		seen--
	}
	taken := 0
	for range 1 + c.rng.IntN(2) {
		d := circulation.Decision{Act: []circulation.Act{circulation.Approve, circulation.Approve, circulation.Approve, circulation.Approve, circulation.Reject,
			circulation.HandOn, circulation.PreApprove, circulation.Reopen}[c.rng.IntN(8)], By: r.Waits(), Seen: seen, Text: "syy"}
		names := slices.Sorted(maps.Keys(c.ids))
		if d.By == "" || c.one(4) {
			d.By = c.ids[names[c.rng.IntN(len(names))]]
		}
		d.To = c.ids[names[c.rng.IntN(len(names))]]
		if d.Act == circulation.Approve || d.Act == circulation.Reject || d.Act == circulation.Reopen {
			d.To = ""
		}
		_, err := s.Engine.DecideRound(s.T.Context(), r.ID, d, nil)
		no, refused := errors.AsType[*engine.RoundRefusal](err)
		switch {
		case err == nil:
			b.accepted++
			taken++
		case errors.Is(err, errBroken):
			b.unknown++
			taken = -10 // nobody knows whether it was taken
		case !refused && !store.IsNotFound(err):
			s.T.Fatal(err)
		}
		why := ""
		if refused {
			why = no.Why
		}
		s.trace("%s of %s by %s, who has seen %d of %d: %v %s", d.Act, b.number, d.By, seen, r.Version, err == nil, why)
	}
	if taken > 1 || taken == 1 && seen != r.Version {
		s.T.Errorf("%d decisions about version %d of %s, which was at %d", taken, seen, b.number, r.Version)
	}
}

func (p *place) roundOf(b *bought) (store.Round, bool) {
	list, err := store.ReadOne(p.T.Context(), p.Store, func(tx *store.Tx) ([]store.Round, error) {
		return tx.Rounds(store.RoundFilter{Connection: p.Connection.ID, Limit: 100})
	})
	p.Must(err)
	i := slices.IndexFunc(list, func(r store.Round) bool { return r.InvoiceID == b.id })
	if i < 0 {
		return store.Round{}, false
	}
	return list[i], true
}

// approvalOf is the transfer by which the invoice of a round is approved in Procountor.
func (p *place) approvalOf(round string) (hub.Transfer, bool) {
	for _, t := range p.Transfers() {
		if t.Kind == hub.ApprovalTransfer && t.Subject == round {
			return t, true
		}
	}
	return hub.Transfer{}, false
}

// endedHere: a person has said that it is seen to.
func endedHere(s hub.State) bool {
	return s == hub.DoneByHand || s == hub.Withdrawn || s == hub.Skipped
}

// auditRounds checks that each decision that was taken is kept once, that nothing is
// approved in Procountor that not everybody has approved here, and that it is written
// there once; when all rests, that what everybody has approved is approved.
func (s *Sim) auditRounds(p *place, resting bool) (errs []error) {
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	for _, b := range p.bought {
		inv, _ := p.Sandbox.Invoice(p.Company.ProcountorID, b.id)
		r, ok := p.roundOf(b)
		if !ok {
			if b.accepted > 0 || inv.Status == "APPROVED" && !b.touched {
				bad("invoice %s is %s after %d decisions, and has no round", b.number, inv.Status, b.accepted)
			}
			continue
		}
		kept, err := store.ReadOne(p.T.Context(), p.Store, func(tx *store.Tx) ([]store.RoundDecision, error) { return tx.Decisions(r.ID) })
		p.Must(err)
		n, versions := 0, map[int]bool{}
		for _, d := range kept {
			if d.Act != circulation.Noted {
				n++
			}
			if versions[d.Version] {
				bad("invoice %s: two decisions are version %d", b.number, d.Version)
			}
			versions[d.Version] = true
		}
		if n < b.accepted || n > b.accepted+b.unknown {
			bad("invoice %s: %d decisions are kept, %d were taken and of %d nobody knows", b.number, n, b.accepted, b.unknown)
		}
		if inv.Status != "APPROVED" {
			if !resting || r.State != circulation.Approved || b.touched {
				continue
			}
			if t, ok := p.approvalOf(r.ID); !ok || !t.State.NeedsPerson() && !endedHere(t.State) {
				bad("invoice %s is %s, and everybody has approved it: %s", b.number, inv.Status, enginetest.Describe(t))
			}
			continue
		}
		if b.touched {
			continue
		}
		if r.State != circulation.Approved {
			bad("invoice %s is approved in Procountor, and its round is %s", b.number, r.State)
		}
		for _, st := range r.Stages {
			if st.By == "" {
				bad("invoice %s is approved in Procountor without %s", b.number, st.Person)
			}
		}
		for name, id := range s.circle.ids {
			word := strings.ToUpper(name[:1]) + name[1:] + ": "
			if slices.ContainsFunc(r.Stages, func(st circulation.Stage) bool { return st.By == id }) && strings.Count(inv.Notes, word+"hyväksyi") != 1 {
				bad("invoice %s: %q does not say once that %s has approved it", b.number, inv.Notes, name)
			}
		}
	}
	return errs
}
