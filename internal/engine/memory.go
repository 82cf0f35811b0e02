package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// A memory spares a run from reading what it has just read or written itself.
// Nothing in it outlives the run, and only the run that holds the lease of a
// transfer changes what is remembered of it.
type memory struct {
	docs     map[string]loaded     // by transfer: read for the whole slice at once
	steps    map[string][]hub.Step // by transfer: as the last commit of this run left them
	bodies   map[string][]byte     // by blob reference: requests that are about to be sent
	partners map[string]candidates // by connection, register and keys
}

// candidates are the partners that a party may mean, and what a person has said.
type candidates struct {
	list   []register.Partner
	chosen *matching.Chosen
}

// loaded is what the plan of a transfer begins with.
type loaded struct {
	doc     *hub.Document
	version store.DocumentVersion
	// dates are those that a person has chosen; nil for the source's own.
	dates *hub.ChosenDates
	// standing is where it stands at its source.
	standing hub.Standing
	living   int64
	beside   []hub.Fault // warnings about vouchers that persons have let go
	// released are those vouchers.
	released []store.Released
	// credit is the credit note of the living voucher, begun because a person wants it.
	credit *store.Credit
	// member says in which journal the document is, nil when in none.
	member *store.Member
}

func newMemory() memory {
	return memory{docs: map[string]loaded{}, steps: map[string][]hub.Step{}, bodies: map[string][]byte{}, partners: map[string]candidates{}}
}

// preload reads the documents of the slice in one transaction. What it cannot
// read is left to the plan of the one transfer that it concerns.
func (r *run) preload(ctx context.Context, claimed []hub.Transfer) {
	docs := map[string]loaded{}
	_ = r.e.store.Read(ctx, func(tx *store.Tx) error {
		journals, err := tx.HasJournals(r.company.ID)
		if err != nil {
			return err
		}
		for i := range claimed {
			t := &claimed[i]
			if t.Kind != hub.DocumentTransfer || t.Direction != hub.In || t.State != hub.Ready {
				continue
			}
			l, err := load(tx, t, journals)
			if err != nil {
				return err
			}
			docs[t.ID] = l
		}
		return nil
	})
	r.memory.docs = docs
}

// load reads what the plan of t begins with; without journals no document of the
// company is in one.
func load(tx *store.Tx, t *hub.Transfer, journals bool) (l loaded, err error) {
	row, err := tx.DocumentByID(t.Subject)
	if err != nil {
		return l, err
	}
	l.standing, l.dates = row.Standing, row.Dates
	if l.doc, l.version, err = tx.Document(row.ID, row.Version); err != nil {
		return l, err
	}
	if err := chosenFiles(tx, row, l.doc); err != nil {
		return l, err
	}
	if journals {
		m, err := tx.JournalOf(t.Subject)
		if err == nil {
			l.member = &m
		} else if !store.IsNotFound(err) {
			return l, err
		}
	}
	if t.Plan == 0 {
		return l, nil // never planned: has no voucher
	}
	if l.living, err = tx.LivingVoucher(t.Subject); err != nil {
		return l, err
	}
	if l.released, err = tx.Released(t.Subject); err != nil {
		return l, err
	}
	if l.beside, err = beside(tx, t.Subject); err != nil || t.Goal != hub.CreditAnew || l.living == 0 {
		return l, err
	}
	c, err := tx.CreditOf(t.Company, l.living)
	if store.IsNotFound(err) {
		return l, nil
	}
	l.credit = &c
	return l, err
}

// load returns what the plan of t begins with; a second plan reads anew.
func (r *run) load(ctx context.Context, t *hub.Transfer) (loaded, error) {
	r.mu.Lock()
	l, ok := r.memory.docs[t.ID]
	delete(r.memory.docs, t.ID)
	r.mu.Unlock()
	if ok {
		return l, nil
	}
	return store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (loaded, error) { return load(tx, t, true) })
}

// remember keeps the steps of t as they are committed.
func (r *run) remember(t *hub.Transfer, steps []hub.Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memory.steps[t.ID] = steps
}

// recall returns the steps of t's plan, remembered once or read.
func (r *run) recall(ctx context.Context, t *hub.Transfer) ([]hub.Step, error) {
	r.mu.Lock()
	steps, ok := r.memory.steps[t.ID]
	delete(r.memory.steps, t.ID)
	r.mu.Unlock()
	if ok {
		return steps, nil
	}
	return store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, t.Plan) })
}

// holdBody keeps a request that was just stored until it is sent.
func (r *run) holdBody(ref string, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memory.bodies[ref] = body
}

// body returns a stored request.
func (r *run) body(ctx context.Context, ref string) ([]byte, error) {
	if ref == "" {
		return nil, nil
	}
	r.mu.Lock()
	b, ok := r.memory.bodies[ref]
	delete(r.memory.bodies, ref)
	r.mu.Unlock()
	if ok {
		return b, nil
	}
	return r.e.store.Blob(ctx, ref)
}

// candidates are the partners that a party may mean; documents of one customer
// often come together.
func (r *run) candidates(ctx context.Context, conn hub.Connection, typ register.PartnerType, party hub.Party) (c candidates, err error) {
	keys := keyTexts(matching.Wanted(party, conn.Settings.Partner))
	key := strings.Join(append(slices.Clone(keys), conn.ID, matching.PartyKey(typ, party)), "\x00")
	r.mu.Lock()
	c, ok := r.memory.partners[key]
	r.mu.Unlock()
	if ok {
		return c, nil
	}
	if err := r.e.store.Read(ctx, func(tx *store.Tx) error {
		if c.list, err = tx.PartnerCandidates(r.company.ID, keys); err != nil {
			return err
		}
		c.chosen, c.list, err = chosen(tx, r.company.ID, conn.ID, typ, party, c.list)
		return err
	}); err != nil {
		return c, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memory.partners[key] = c
	return c, nil
}

// forgetPartners is called when this run has made one.
func (r *run) forgetPartners() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.memory.partners)
}
