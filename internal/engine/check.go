package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
	// State is where the document would come to stand: ready, or noticed where the
	// connection does not write, held, skipped or linked.
	State hub.State
	// Faults are all that is known to stand in the way, and warnings.
	Faults []hub.Fault
	// Partner is the partner that is meant, or, with NewPartner, would be made.
	// It is nil when neither is certain; then Candidates may be meant.
	Partner    *register.Partner
	NewPartner bool
	Candidates []matching.Candidate
	// Mend: by setting nobody says here who it is; one of the two cards is mended.
	Mend bool
	// NoNew: nobody may say that a partner is to be made.
	NoNew bool
	// Invoice is what would be posted, as far as it can be made; without our mark.
	Invoice *procountor.Invoice
	// Net, VAT and Gross are what the invoice would come to, as decimal text; ""
	// where that cannot be known.
	Net, VAT, Gross string
	// Entries are the rows that the document would have in a journal, at journal level.
	Entries []hub.Entry
	// Steps are the writes that would be made, in order; when something stands in
	// the way, those that would be made without it.
	Steps []hub.Step
	// Bookings are what would be booked, where that can be known to the cent.
	Bookings []mapping.Booking
	// Arrival is the status in which the voucher would be left.
	Arrival hub.Arrival
	// Registers is when the copy that all this was looked up in was read; the zero
	// time when it never was.
	Registers time.Time
	// InvoiceID and InvoiceNumber are the invoice in Procountor that the document
	// would be linked to.
	InvoiceID, InvoiceNumber int64

	// rests is where it would stand until its source, or a person, lets it go.
	rests hub.State

	partnerKey string // of a partner that would be made
}

// Check forecasts from the copies of registers and invoices: it asks Procountor
// nothing and stores nothing. Reading the copies is [Engine.Step]'s work; before
// its first call only the document itself is checked. What reading the document has
// shown is told with the rest, in one round.
func (e *Engine) Check(ctx context.Context, connection string, given Incoming) (f Forecast, err error) {
	return e.check(ctx, connection, given, nil)
}

// check is [Engine.Check]; with settings it is by these instead of the connection's.
func (e *Engine) check(ctx context.Context, connection string, given Incoming, settings *hub.Settings) (f Forecast, err error) {
	doc, read := given.Document, asRead(given.Faults, given.Raw)
	if doc.Kind == hub.Unreadable {
		return Forecast{State: hub.Held, Faults: read}, nil
	}
	if len(doc.Journals) > 0 {
		return e.checkRun(ctx, connection, given, settings)
	}
	if parts := doc.Claims(); parts[0].Lines != nil {
		return e.checkParts(ctx, connection, given, parts, settings)
	}
	var conn hub.Connection
	var company hub.Company
	var subject string
	var standing hub.Standing
	var voucher int64
	var candidates []register.Partner
	var said *matching.Chosen
	typ := register.TypeFor(doc.Kind)
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(connection); err != nil {
			return err
		}
		if settings != nil {
			conn.Settings = *settings
		}
		doc = conn.Settings.Claimed(doc)
		if company, err = tx.Company(conn.Company); err != nil {
			return err
		}
		row, err := tx.DocumentBySource(connection, doc.SourceID)
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		subject, standing = row.ID, row.Standing
		doc = inspected(doc)
		if err := chosenFiles(tx, row, doc); err != nil {
			return err
		}
		if voucher, err = tx.LivingVoucher(subject); err != nil {
			return err
		}
		if candidates, err = tx.PartnerCandidates(company.ID, keyTexts(matching.Wanted(*doc.Counterparty(), conn.Settings.Partner))); err != nil {
			return err
		}
		said, candidates, err = chosen(tx, company.ID, conn.ID, typ, *doc.Counterparty(), candidates)
		return err
	}); err != nil {
		return f, fmt.Errorf("check: %w", err)
	}
	registers, err := e.Registers(ctx, company.ID)
	if err != nil {
		return f, fmt.Errorf("check: %w", err)
	}
	if given.Standing != nil {
		standing = *given.Standing
	}
	in := mapping.Input{Company: company, Connection: conn, Document: doc, Registers: registers, Today: civil.DayOf(e.o.Now(), helsinki), Standing: standing.In(helsinki)}
	if in.Items, err = e.links(ctx, connection, doc); err != nil {
		return f, fmt.Errorf("check: %w", err)
	}
	if in.Files, _, err = e.madeFiles(ctx, subject, &conn.Settings, doc); err != nil {
		return f, fmt.Errorf("check: %w", err)
	}
	m := matching.MatchChosen(*doc.Counterparty(), typ, conn.Settings.Partner, candidates, said)
	if m.Partner != nil {
		of, err := e.credits(ctx, hub.Transfer{Connection: connection, PartnerID: m.Partner.ID}, doc)
		if err != nil {
			return f, fmt.Errorf("check: %w", err)
		}
		in.CreditedNumber = of.InvoiceNumber
	}
	outline := mapping.Preview(in)
	missing := wants(in, outline.Faults)
	f = Forecast{Faults: outline.Faults, Invoice: outline.Invoice, Net: outline.Net, VAT: outline.VAT, Gross: outline.Gross,
		Bookings: outline.Bookings, Arrival: conn.Settings.Kinds[doc.Kind].Arrival, Registers: registers.FetchedAt}
	defer func() {
		if len(f.Faults) > 0 {
			at := given.places()
			f.Faults = at.located(unsaid(read, f.Faults, at))
		}
		f.Faults = append(read, f.Faults...)
		f.State = f.state(conn.Writing)
	}()
	passage := conn.Settings.Kinds[doc.Kind].Passage(doc.Kind, in.Standing, given.asked)
	if conn.Settings.LevelOf(doc.Kind) == hub.JournalLevel && voucher == 0 {
		if passage = inJournals(passage); passage.Wait != nil {
			defer func() { f.rests, f.Faults = passage.State, append(f.Faults, *passage.Wait) }()
		}
		return f, e.checkJournal(ctx, &f, in, subject, candidates)
	}
	if passage.Wait != nil {
		f.rests, f.Faults = passage.State, append(f.Faults, *passage.Wait)
	}
	f.Partner, f.Candidates, f.Mend, f.NoNew = m.Partner, m.Candidates, m.Mend, m.NoNew
	f.Faults = append(f.Faults, partyFaults(doc, m.Faults)...)
	if m.Create {
		made, faults := mapping.Partner(in)
		for _, fault := range faults {
			if !slices.ContainsFunc(f.Faults, fault.Equal) {
				f.Faults = append(f.Faults, fault)
			}
		}
		if made != nil {
			f.partnerKey = m.Key
			f.NewPartner, f.Partner = true, &register.Partner{Type: typ, Name: doc.Counterparty().Name}
			f.Steps = append(f.Steps, hub.Step{Kind: hub.MakePartner, State: hub.StepPlanned})
		}
	}
	f.makes(missing)
	for _, s := range outline.Steps {
		f.Steps = append(f.Steps, hub.Step{Kind: s.Kind, Detail: s.Detail, State: hub.StepPlanned})
	}
	if _, person := find(f.Faults, hub.WaitsForPerson); f.Partner == nil || hub.Stops(f.Faults) && !(person && only(f.Faults, hub.WaitsForPerson)) {
		return f, nil
	}
	in.Partner = f.Partner
	plan, faults := mapping.Make(in)
	if plan == nil && missing != nil {
		return f, nil
	}
	if plan == nil {
		f.Faults = faults
		return f, nil
	}
	r := &run{e: e, company: company}
	v, err := r.alreadyThere(ctx, doc, plan.Steps[0], f.Partner)
	if err != nil {
		return f, err
	}
	if v != nil {
		f.Faults = append(f.Faults, v.faults...)
		f.InvoiceID, f.InvoiceNumber = v.invoiceID, v.number
		return f, nil
	}
	twin, err := e.twin(ctx, company.ID, subject, doc, f.Partner.ID)
	f.Faults = append(f.Faults, twin...)
	return f, err
}

// checkJournal forecasts for a document at journal level.
func (e *Engine) checkJournal(ctx context.Context, f *Forecast, in mapping.Input, subject string, candidates []register.Partner) error {
	doc := in.Document
	f.Invoice, f.Bookings, f.Net, f.VAT, f.Gross = nil, nil, "", "", ""
	part, faults := mapping.Journaled(in)
	f.Faults = faults
	f.makes(wants(in, faults))
	if part == nil {
		return nil
	}
	f.Entries, f.Net, f.VAT, f.Gross = part.Entries, part.Net, part.VAT, part.Gross
	f.Bookings = mapping.BookingsOf(part.Entries)
	f.Partner = matching.Match(*doc.Counterparty(), register.TypeFor(doc.Kind), in.Connection.Settings.Partner, candidates).Partner
	partner := f.Partner
	if partner == nil {
		partner = new(register.Partner)
	}
	f.Steps = []hub.Step{{Kind: hub.PostJournal, State: hub.StepPlanned}}
	if doc.Kind == hub.PayrollJournal && len(part.Entries) == 0 {
		f.Steps = nil // its run has no such journal any more
	} else if in.Connection.Settings.Journal.Per != hub.PerMonth || part.Alone {
		for _, a := range part.Files {
			f.Steps = append(f.Steps, hub.Step{Kind: hub.Attach, Detail: hub.StepDetail{Attachment: &a}, State: hub.StepPlanned})
		}
	}
	if f.Arrival == hub.ArriveSent {
		f.Arrival = hub.ArriveApproved // a journal is sent to nobody
	}
	if f.Arrival == hub.ArriveApproved {
		f.Steps = append(f.Steps, hub.Step{Kind: hub.Approve, State: hub.StepPlanned})
	}
	r := &run{e: e, company: in.Company}
	if part.Post.Invoice == nil { // payroll: no invoice is like it
		twin, err := e.twin(ctx, in.Company.ID, subject, doc, 0)
		f.Faults = append(f.Faults, twin...)
		return err
	}
	v, err := r.alreadyThere(ctx, doc, part.Post, partner)
	if err != nil {
		return err
	}
	if v != nil {
		f.Faults = append(f.Faults, v.faults...)
		f.InvoiceID, f.InvoiceNumber = v.invoiceID, v.number
		return nil
	}
	twin, err := e.twin(ctx, in.Company.ID, subject, doc, partner.ID)
	f.Faults = append(f.Faults, twin...)
	return err
}

// makes takes up the items and products that would be made before the document goes.
func (f *Forecast) makes(v *verdict) {
	if v == nil {
		return
	}
	f.Faults = waitsForItems(f.Faults)
	for _, w := range v.wants {
		kind := hub.MakeItem
		if w.Axis == hub.ProductAxis {
			kind = hub.MakeProduct
		}
		f.Steps = append(f.Steps, hub.Step{Kind: kind, Detail: hub.StepDetail{Item: &hub.ItemWrite{Dimension: w.Dimension, Axis: w.Axis, Code: w.Item.Code}}, State: hub.StepPlanned})
	}
}

// CheckStored forecasts for a document that is stored and not written yet.
func (e *Engine) CheckStored(ctx context.Context, t *hub.Transfer) (Forecast, error) {
	var doc *hub.Document
	var v store.DocumentVersion
	var l loaded
	var conn hub.Connection
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if doc, v, err = tx.Document(t.Subject, t.Version); err != nil {
			return err
		}
		row, err := tx.DocumentByID(t.Subject)
		if err != nil {
			return err
		}
		l = loaded{doc: doc, version: v, dates: row.Dates}
		conn, err = tx.Connection(t.Connection)
		return err
	}); err != nil {
		return Forecast{}, fmt.Errorf("check: %w", err)
	}
	doc = l.withDates(conn)
	f, err := e.checkAsked(ctx, t.Connection, doc, v, t.Asked != "" && t.Asked == v.Version)
	if err == nil && l.stale() && !hub.Unread(f.Faults) {
		f.Faults, f.State = append(f.Faults, datesAsked(l.dates)), hub.Held
	}
	return f, err
}

func (e *Engine) checkVersion(ctx context.Context, connection string, doc *hub.Document, v store.DocumentVersion) (Forecast, error) {
	return e.checkAsked(ctx, connection, doc, v, false)
}

func (e *Engine) checkAsked(ctx context.Context, connection string, doc *hub.Document, v store.DocumentVersion, asked bool) (Forecast, error) {
	raw, err := e.store.Blob(ctx, v.Raw)
	if err != nil {
		return Forecast{}, fmt.Errorf("check: %w", err)
	}
	return e.Check(ctx, connection, Incoming{Document: doc, Faults: v.Faults, Raw: raw, place: v.Place, asked: asked})
}

// Unwritten reports whether nothing of t, whose steps are given, has been written
// or may have been, and something still may be: then [Engine.CheckStored] says what.
func Unwritten(t *hub.Transfer, steps []hub.Step) bool {
	switch t.State {
	case hub.Noticed, hub.Ready, hub.Waiting, hub.Held:
	default:
		return false
	}
	for _, s := range steps {
		if s.State == hub.StepIntended || s.State == hub.StepUnclear || s.State == hub.StepProved {
			return false
		}
	}
	return t.Kind == hub.DocumentTransfer && t.Direction == hub.In && t.DocKind != hub.Unreadable && t.InvoiceID == 0 && t.Goal == hub.Deliver
}

// twin is the fault of a document that came before under another identity.
func (e *Engine) twin(ctx context.Context, company, subject string, doc *hub.Document, partner int64) ([]hub.Fault, error) {
	t := hub.Transfer{Company: company, Subject: subject, PartnerID: partner}
	describe(&t, doc, "")
	other, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Transfer, error) { return tx.TwinOf(&t) })
	switch {
	case store.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("check: %w", err)
	}
	return []hub.Fault{twinFault(&t, &other)}, nil
}

func (f Forecast) state(writing bool) hub.State {
	switch _, skipped := find(f.Faults, hub.BeforeFirstDay, hub.KindOff); {
	case hub.Unread(f.Faults):
		return hub.Held
	case skipped:
		return hub.Skipped
	case f.rests != "" && f.rests != hub.Held:
		return f.rests
	case hub.Stops(f.Faults):
		return hub.Held
	case f.InvoiceID != 0:
		return hub.Linked
	case !writing:
		return hub.Noticed
	case f.Entries != nil:
		return hub.Waiting // for its month
	}
	return hub.Ready
}

// partyFaults turns faults whose paths are relative to the other party into
// faults of the document.
func partyFaults(doc *hub.Document, faults []hub.Fault) []hub.Fault {
	party := "buyer"
	if doc.Kind.Buys() {
		party = "seller"
	}
	out := slices.Clone(faults)
	for i := range out {
		out[i].Path = strings.TrimSuffix(party+"."+out[i].Path, ".")
	}
	return out
}
