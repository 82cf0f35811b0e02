package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A Forecast says what would become of a document that was handed over now.
type Forecast struct {
	// State is where the document would begin to stand: ready, held, skipped or
	// linked. Whether the connection writes is another question.
	State hub.State
	// Faults are all that is known to stand in the way, and warnings.
	Faults []hub.Fault
	// Partner is the partner that is meant, or, with NewPartner, would be made.
	// It is nil when neither is certain; then Candidates may be meant.
	Partner    *register.Partner
	NewPartner bool
	Candidates []matching.Candidate
	// Invoice is what would be posted, as far as it can be made; without our mark.
	Invoice *procountor.Invoice
	// InvoiceID and InvoiceNumber are the invoice in Procountor that the document
	// would be linked to.
	InvoiceID, InvoiceNumber int64
}

// Check forecasts from the copies of registers and invoices: it asks Procountor
// nothing and stores nothing. Reading the copies is [Engine.Step]'s work; before
// its first call only the document itself is checked.
func (e *Engine) Check(ctx context.Context, connection string, doc *hub.Document) (f Forecast, err error) {
	var conn hub.Connection
	var company hub.Company
	var candidates []register.Partner
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(connection); err != nil {
			return err
		}
		if company, err = tx.Company(conn.Company); err != nil {
			return err
		}
		candidates, err = tx.PartnerCandidates(company.ID, keyTexts(matching.Keys(*doc.Counterparty())))
		return err
	}); err != nil {
		return f, fmt.Errorf("check: %w", err)
	}
	registers, err := e.Registers(ctx, company.ID)
	if err != nil {
		return f, fmt.Errorf("check: %w", err)
	}
	in := mapping.Input{Company: company, Connection: conn, Document: doc, Registers: registers, Today: civil.DayOf(e.o.Now(), helsinki)}
	f.Invoice, f.Faults = mapping.Preview(in)
	defer func() { f.State = f.state() }()
	typ := register.TypeFor(doc.Kind)
	m := matching.Match(*doc.Counterparty(), typ, conn.Settings.Partner, candidates)
	f.Partner, f.Candidates = m.Partner, m.Candidates
	f.Faults = append(f.Faults, partyFaults(doc, m.Faults)...)
	if m.Create {
		f.NewPartner, f.Partner = true, &register.Partner{Type: typ, Name: doc.Counterparty().Name}
		_, faults := mapping.Partner(in)
		for _, fault := range faults {
			if !slices.ContainsFunc(f.Faults, fault.Equal) {
				f.Faults = append(f.Faults, fault)
			}
		}
	}
	if f.Partner == nil || hub.Stops(f.Faults) {
		return f, nil
	}
	in.Partner = f.Partner
	plan, faults := mapping.Make(in)
	if plan == nil {
		f.Faults = faults
		return f, nil
	}
	r := &run{e: e, company: company}
	v, err := r.alreadyThere(ctx, doc, plan.Steps[0], f.Partner)
	if err != nil || v == nil {
		return f, err
	}
	f.Faults = append(f.Faults, v.faults...)
	f.InvoiceID, f.InvoiceNumber = v.invoiceID, v.number
	return f, nil
}

func (f Forecast) state() hub.State {
	switch _, skipped := find(f.Faults, hub.BeforeFirstDay, hub.KindOff); {
	case skipped:
		return hub.Skipped
	case hub.Stops(f.Faults):
		return hub.Held
	case f.InvoiceID != 0:
		return hub.Linked
	}
	return hub.Ready
}

// partyFaults turns faults whose paths are relative to the other party into
// faults of the document.
func partyFaults(doc *hub.Document, faults []hub.Fault) []hub.Fault {
	party := "buyer"
	if doc.Kind == hub.PurchaseInvoice {
		party = "seller"
	}
	out := slices.Clone(faults)
	for i := range out {
		out[i].Path = party + "." + out[i].Path
	}
	return out
}
