package engine

import (
	"context"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A Preview says what would happen to a document, without doing or storing it.
// It asks nobody: registers and history are the copies as they are.
type Preview struct {
	// Verdict is the state in which the document would begin: ready, held,
	// skipped or linked.
	Verdict hub.State
	Faults  []hub.Fault
	// Partner is the one that is meant; nil with MakesPartner when one would be made.
	Partner      *register.Partner
	MakesPartner bool
	Invoice      *procountor.Invoice
	Steps        []hub.StepKind
}

// Preview plans a document as [Engine.Step] would.
func (e *Engine) Preview(ctx context.Context, connection string, doc *hub.Document) (Preview, error) {
	var c hub.Company
	var conn hub.Connection
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(connection); err != nil {
			return err
		}
		c, err = tx.Company(conn.Company)
		return err
	}); err != nil {
		return Preview{}, err
	}
	registers, err := e.Registers(ctx, c.ID)
	if err != nil {
		return Preview{}, err
	}
	in := mapping.Input{Company: c, Connection: conn, Document: doc, Registers: registers, Today: civil.DayOf(e.o.Now(), helsinki)}
	p := Preview{Verdict: hub.Ready}
	p.Invoice, p.Faults = mapping.Preview(in)
	if f, ok := find(p.Faults, hub.BeforeFirstDay, hub.KindOff); ok {
		p.Verdict, p.Faults = hub.Skipped, []hub.Fault{f}
		return p, nil
	}
	candidates, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]register.Partner, error) {
		return tx.PartnerCandidates(c.ID, keyTexts(matching.Keys(*doc.Counterparty())))
	})
	if err != nil {
		return p, err
	}
	m := matching.Match(*doc.Counterparty(), register.TypeFor(doc.Kind), conn.Settings.Partner, candidates)
	p.Partner, p.MakesPartner = m.Partner, m.Create
	if !hub.Stops(p.Faults) {
		p.Faults = append(p.Faults, m.Faults...)
	}
	if hub.Stops(p.Faults) {
		p.Verdict = hub.Held
		return p, nil
	}
	in.Partner = m.Partner
	if in.Partner == nil {
		in.Partner = &register.Partner{Name: doc.Counterparty().Name}
	}
	plan, faults := mapping.Make(in)
	if plan == nil {
		p.Verdict, p.Faults = hub.Held, faults
		return p, nil
	}
	for _, s := range plan.Steps {
		p.Steps = append(p.Steps, s.Kind)
	}
	p.Invoice = plan.Steps[0].Invoice
	r := &run{e: e, company: c}
	v, err := r.alreadyThere(ctx, doc, plan.Steps[0], in.Partner)
	if err != nil {
		return p, err
	}
	if v != nil {
		p.Verdict, p.Faults = v.state, v.faults
	}
	return p, nil
}
