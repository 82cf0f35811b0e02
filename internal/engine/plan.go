package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A draft is a plan that is not stored yet: steps with the bytes that they send.
type draft struct {
	steps    []draftStep
	warnings []hub.Fault
}

type draftStep struct {
	step hub.Step
	body []byte // without our mark
}

func (d *draft) add(kind hub.StepKind, detail hub.StepDetail, body []byte) {
	d.steps = append(d.steps, draftStep{hub.Step{Kind: kind, Detail: detail, State: hub.StepPlanned}, body})
}

// A verdict ends the planning of a transfer without a plan.
type verdict struct {
	state  hub.State
	faults []hub.Fault
	// what it is linked to
	invoiceID, number int64
	partnerKey        string // waits for this partner
	partner           *draft // makes it
	wake              time.Duration
}

func held(faults ...hub.Fault) *verdict { return &verdict{state: hub.Held, faults: faults} }

// plan decides what is to be done with t now, from the document, the settings,
// the registers and what Procountor holds, and stores it.
func (r *run) plan(ctx context.Context, t *hub.Transfer) error {
	if t.Kind == hub.PartnerTransfer {
		return r.resume(ctx, t) // its plan was made with it
	}
	if r.ordered(t) && r.isBlocked(t.Connection) {
		return errGivenBack
	}
	l, err := r.load(ctx, t)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	doc, version, living := l.doc, l.version, l.living
	conn, ok := r.conns[t.Connection]
	if !ok {
		return fmt.Errorf("plan: connection %s is gone", t.Connection)
	}
	var d *draft
	var v *verdict
	switch {
	case t.Goal == hub.TakeBack:
		d, v, err = r.planTakeBack(ctx, living)
	case hub.Stops(version.Faults):
		v = held(version.Faults...)
	default:
		d, v, err = r.planDelivery(ctx, t, conn, doc, living)
	}
	if err != nil {
		return err
	}
	if v != nil {
		return r.conclude(ctx, t, doc, version.Version, v)
	}
	if !conn.Writing {
		// Harmless: say what would happen, and leave it.
		return r.conclude(ctx, t, doc, version.Version, &verdict{state: hub.Noticed, faults: append([]hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}, d.warnings...)})
	}
	d.warnings = append(d.warnings, version.Faults...)
	if len(d.steps) == 0 {
		state := hub.Done
		if t.Goal == hub.TakeBack {
			state = hub.TakenBack
		}
		return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
			describe(t, doc, version.Version)
			if err := t.Move(hub.Working); err != nil {
				return err
			}
			if state == hub.TakenBack {
				return r.settleTakenBack(tx, t)
			}
			return r.settleDone(tx, t, d.warnings)
		})
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		describe(t, doc, version.Version)
		if d.steps[0].step.Kind == hub.PostInvoice {
			if wait, err := r.turn(tx, t); wait || err != nil {
				return err
			}
		}
		steps, err = r.begin(tx, t, d)
		return err
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// turn keeps the order of a connection's invoices: while an earlier one is not
// posted, t and all after it rest.
func (r *run) turn(tx *store.Tx, t *hub.Transfer) (wait bool, err error) {
	if !r.ordered(t) {
		return false, nil
	}
	first, err := tx.EarlierInOrder(t)
	if store.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.block(t.Connection)
	until := r.now().Add(orderWait)
	if first.WakeAt.After(until) {
		until = first.WakeAt
	}
	if err := tx.HoldBack(t, until); err != nil {
		return false, err
	}
	return true, r.putOff(tx, t, hub.Waiting, until, withWarnings(t, new(hub.NewFault(hub.WaitsForOrder, "", "", "number", first.Number)))...)
}

// begin stores a plan and intends its first step, in one transaction.
func (r *run) begin(tx *store.Tx, t *hub.Transfer, d *draft) ([]hub.Step, error) {
	if err := t.Move(hub.Working, d.warnings...); err != nil {
		return nil, err
	}
	t.Plan++
	t.StepAt, t.Steps, t.WakeAt, t.WaitsFor = 1, len(d.steps), time.Time{}, ""
	steps := make([]hub.Step, len(d.steps))
	for i, ds := range d.steps {
		s := ds.step
		s.Transfer, s.Plan, s.Seq = t.ID, t.Plan, i+1
		if ds.body != nil && i > 0 {
			ref, err := tx.PutBlob(ds.body)
			if err != nil {
				return nil, err
			}
			s.Request = ref
		}
		steps[i] = s
	}
	if err := r.intend(tx, t, &steps[0], d.steps[0].body); err != nil {
		return nil, err
	}
	for i := range steps {
		if err := tx.InsertStep(&steps[i]); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// describe copies what people look for from the document to its transfer.
func describe(t *hub.Transfer, doc *hub.Document, version string) {
	t.DocKind, t.CreditNote, t.Number, t.SortKey = doc.Kind, doc.CreditNote, doc.Number, hub.SortKey(doc.Number)
	t.PartnerName, t.Date, t.DueDate = doc.Counterparty().Name, doc.Date.String(), doc.DueDate.String()
	t.Currency, t.Version, t.Gross = string(doc.Currency), version, ""
	if doc.Totals.Gross != nil {
		t.Gross = doc.Totals.Gross.Fixed(2)
	}
}

// conclude stores a verdict.
func (r *run) conclude(ctx context.Context, t *hub.Transfer, doc *hub.Document, version string, v *verdict) error {
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		describe(t, doc, version)
		if v.invoiceID != 0 {
			t.InvoiceID, t.InvoiceNumber = v.invoiceID, v.number
		}
		if v.partnerKey != "" {
			return r.waitForPartner(tx, t, v)
		}
		if v.state == hub.Waiting {
			return r.putOff(tx, t, hub.Waiting, r.now().Add(v.wake), v.faults...)
		}
		if t.State == hub.Waiting && !hub.MayMove(t.State, v.state) {
			if err := t.Move(hub.Ready); err != nil {
				return err
			}
		}
		return r.settle(tx, t, v.state, v.faults...)
	})
}

func (r *run) input(t *hub.Transfer, conn hub.Connection, doc *hub.Document) mapping.Input {
	return mapping.Input{Company: r.company, Connection: conn, Document: doc, Registers: r.registers, Today: civil.DayOf(r.now(), helsinki)}
}

// planDelivery plans how a document gets into Procountor, or what is left to do
// when its voucher is there already.
func (r *run) planDelivery(ctx context.Context, t *hub.Transfer, conn hub.Connection, doc *hub.Document, living int64) (*draft, *verdict, error) {
	in := r.input(t, conn, doc)
	faults := mapping.Check(in)
	if f, ok := find(faults, hub.BeforeFirstDay, hub.KindOff); ok {
		return nil, &verdict{state: hub.Skipped, faults: []hub.Fault{f}}, nil
	}
	if hub.Stops(faults) {
		return nil, held(faults...), nil
	}
	partner, v, err := r.findPartner(ctx, t, in)
	if err != nil || v != nil {
		return nil, v, err
	}
	in.Partner = partner
	t.PartnerID = partner.ID
	p, faults := mapping.Make(in)
	if hub.Stops(faults) {
		return nil, held(faults...), nil
	}
	d := &draft{warnings: faults}
	post := p.Steps[0]
	body, err := mapping.Body(*post.Invoice, "")
	if err != nil {
		return nil, nil, err
	}
	if living == 0 {
		if v, err := r.alreadyThere(ctx, doc, post, partner); err != nil || v != nil {
			return nil, v, err
		}
		post.Detail.Document = doc.Version()
		d.add(hub.PostInvoice, post.Detail, body)
		return r.remaining(d, p.Steps[1:], nil)
	}
	return r.planLiving(ctx, t, in, d, p, body, living)
}

// remaining adds the steps after the first, without attachments that are there.
func (r *run) remaining(d *draft, steps []mapping.Step, there []procountor.Attachment) (*draft, *verdict, error) {
	for _, s := range steps {
		body, err := stepBody(s)
		if err != nil {
			return nil, nil, err
		}
		if s.Kind == hub.Attach && slices.ContainsFunc(there, func(a procountor.Attachment) bool { return a.Name == s.Detail.Attachment.Name }) {
			continue
		}
		d.add(s.Kind, s.Detail, body)
	}
	return d, nil, nil
}

// stepBody makes the bytes of a step other than the post.
func stepBody(s mapping.Step) ([]byte, error) {
	switch s.Kind {
	case hub.Attach:
		a := s.Detail.Attachment
		return json.Marshal(procountor.Attachment{Name: a.Name, ReferenceType: procountor.AtInvoice, SendWithInvoice: a.ForCustomer})
	case hub.Approve:
		return json.Marshal(struct {
			Comment string `json:"comment,omitempty"`
		}{s.Comment})
	}
	return nil, nil
}

// planLiving plans what is left to do with a voucher that we made before.
func (r *run) planLiving(ctx context.Context, t *hub.Transfer, in mapping.Input, d *draft, p *mapping.Plan, body []byte, living int64) (*draft, *verdict, error) {
	conn, doc := in.Connection, in.Document
	inv, err := r.client.Invoices.Get(ctx, living)
	if err != nil {
		if errors.Is(err, procountor.NotFound) {
			return nil, held(hub.NewFault(hub.EditedThere, "", "404", "number", fmt.Sprint(t.InvoiceNumber))), nil
		}
		return nil, nil, r.trouble(err)
	}
	posted, err := r.postedVersion(ctx, t, inv)
	if err != nil {
		return nil, nil, err
	}
	same := posted == doc.Version()
	number := fmt.Sprint(inv.InvoiceNumber)
	post := p.Steps[0]
	replace := func() {
		detail := post.Detail
		detail.InvoiceID, detail.Version, detail.Document = inv.ID, inv.Version.String(), doc.Version()
		d.add(hub.ReplaceInvoice, detail, body)
	}
	steps := p.Steps[1:]
	switch inv.Status {
	case procountor.StatusInvalidated, procountor.StatusDeleted:
		// Gone for good: the document has no living voucher any more.
		if err := r.e.store.Group(ctx, func(tx *store.Tx) error { return tx.EndVoucher(t.Subject) }); err != nil {
			return nil, nil, err
		}
		post.Detail.Document = doc.Version()
		d.add(hub.PostInvoice, post.Detail, body)
		return r.remaining(d, steps, nil)
	case procountor.StatusUnfinished, procountor.StatusReceived, procountor.StatusVerified:
		if posted == "" {
			return nil, held(hub.NewFault(hub.MarkRemoved, "", "", "number", number)), nil
		}
		if !same {
			replace()
		} else if differs := compare(conn, post.Detail.Meant, inv); len(differs) > 0 {
			if hub.Stops(differs) {
				if conn.Settings.Difference.Policy != hub.RowForDifference {
					return nil, held(differs...), nil
				}
				if body, err = roundingBody(in, post, differs); err != nil {
					return nil, nil, err
				}
				if body == nil {
					return nil, held(differs...), nil
				}
				replace()
			} else {
				d.warnings = append(d.warnings, differs...)
			}
		}
		return r.remaining(d, steps, inv.Attachments)
	case procountor.StatusNotSent, procountor.StatusApproved:
		if !same {
			if !conn.Settings.ChangedApproved || r.company.Country == "SE" {
				return nil, held(hub.NewFault(hub.DocumentChanged, "", string(inv.Status), "number", number)), nil
			}
			d.add(hub.Unfinish, hub.StepDetail{}, nil)
			detail := post.Detail
			// The version after unfinishing is not known yet: it is read before the step.
			detail.InvoiceID, detail.Document = inv.ID, doc.Version()
			d.add(hub.ReplaceInvoice, detail, body)
			return r.remaining(d, steps, inv.Attachments)
		}
		steps = slices.DeleteFunc(slices.Clone(steps), func(s mapping.Step) bool { return s.Kind == hub.Approve })
		return r.remaining(d, steps, inv.Attachments)
	default:
		if !same {
			return nil, held(hub.NewFault(hub.DocumentChanged, "", string(inv.Status), "number", number)), nil
		}
		steps = slices.DeleteFunc(slices.Clone(steps), func(s mapping.Step) bool { return s.Kind == hub.Approve || s.Kind == hub.Send })
		return r.remaining(d, steps, inv.Attachments)
	}
}

// postedVersion is the version of the document that a voucher shows, by its
// mark; "" when the mark is not ours.
func (r *run) postedVersion(ctx context.Context, t *hub.Transfer, inv *procountor.Invoice) (string, error) {
	key, ok := hub.MarkIn(inv.Notes)
	if !ok {
		return "", nil
	}
	var version string
	err := r.e.store.Read(ctx, func(tx *store.Tx) error {
		steps, err := tx.Steps(t.ID, 0)
		for _, s := range steps {
			if slices.Contains(attemptKeys(r.company.ID, t, s), key) {
				version = s.Detail.Document
			}
		}
		return err
	})
	return version, err
}

// compare says how the saved voucher differs from what was meant.
func compare(conn hub.Connection, meant *hub.Meant, saved *procountor.Invoice) []hub.Fault {
	if meant == nil {
		return nil
	}
	return mapping.Compare(*meant, saved, conn.Settings.Difference)
}

// roundingBody adds the row that makes Procountor's total the source's; nil
// when the difference is of another kind, or no row can be made.
func roundingBody(in mapping.Input, post mapping.Step, differs []hub.Fault) ([]byte, error) {
	var difference money.Amount
	for _, f := range differs {
		if f.Warning {
			continue
		}
		if f.Code != hub.TotalsDiffer {
			return nil, nil
		}
		if f.Path == "totals.gross" {
			d, err := money.Parse(f.Args["difference"])
			if err != nil {
				return nil, nil
			}
			difference = d
		}
	}
	if difference.IsZero() {
		return nil, nil
	}
	inv, err := mapping.RoundingRow(*post.Invoice, difference, in)
	if err != nil {
		return nil, nil
	}
	return mapping.Body(inv, "")
}

// planTakeBack plans the removal of our voucher.
func (r *run) planTakeBack(ctx context.Context, living int64) (*draft, *verdict, error) {
	d := &draft{}
	if living == 0 {
		return d, nil, nil
	}
	inv, err := r.client.Invoices.Get(ctx, living)
	if err != nil {
		return nil, nil, r.trouble(err)
	}
	switch inv.Status {
	case procountor.StatusInvalidated, procountor.StatusDeleted:
	case procountor.StatusApproved, procountor.StatusNotSent, procountor.StatusVerified:
		d.add(hub.Unfinish, hub.StepDetail{}, nil)
		d.add(hub.Invalidate, hub.StepDetail{}, nil)
	case procountor.StatusUnfinished, procountor.StatusReceived:
		d.add(hub.Invalidate, hub.StepDetail{}, nil)
	default:
		return nil, held(hub.NewFault(hub.DocumentChanged, "", string(inv.Status), "number", fmt.Sprint(inv.InvoiceNumber))), nil
	}
	return d, nil, nil
}

// alreadyThere asks the copy of what Procountor holds before a first write. The
// same number, partner, sum and day: linked. The number and something less:
// held. A purchase of another supplier may carry the same number.
func (r *run) alreadyThere(ctx context.Context, doc *hub.Document, post mapping.Step, partner *register.Partner) (*verdict, error) {
	rows, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.HistoryRow, error) {
		return tx.HistoryByNumber(r.company.ID, string(post.Invoice.Type), post.Invoice.OriginalInvoiceNumber)
	})
	if err != nil {
		return nil, err
	}
	ours := keyTexts(matching.Keys(*doc.Counterparty()))
	for _, row := range rows {
		samePartner := row.PartnerID == partner.ID && partner.ID != 0 ||
			slices.ContainsFunc(row.PartnerKeys, func(k string) bool { return slices.Contains(ours, k) })
		if !samePartner && doc.Kind == hub.PurchaseInvoice {
			continue
		}
		sameSum := false
		if post.Detail.Meant != nil {
			a, err1 := money.Parse(post.Detail.Meant.Gross)
			b, err2 := money.Parse(row.Gross)
			sameSum = err1 == nil && err2 == nil && a.Equal(b)
		}
		number := fmt.Sprint(row.Number)
		switch {
		case samePartner && sameSum && row.Date == doc.Date.String():
			return &verdict{state: hub.Linked, invoiceID: row.InvoiceID, number: row.Number,
				faults: []hub.Fault{hub.NewFault(hub.AlreadyThere, "", "", "number", number, "why", "same").Warn()}}, nil
		case !samePartner:
			return held(hub.NewFault(hub.AlreadyThere, "number", doc.Number, "number", number, "why", "partner", "partner", row.PartnerName)), nil
		case !sameSum:
			return held(hub.NewFault(hub.AlreadyThere, "number", doc.Number, "number", number, "why", "sum", "sum", row.Gross)), nil
		default:
			return held(hub.NewFault(hub.AlreadyThere, "number", doc.Number, "number", number, "why", "date", "date", row.Date)), nil
		}
	}
	return nil, nil
}

// findPartner finds the partner that is meant, or says why the document waits
// or is held.
func (r *run) findPartner(ctx context.Context, t *hub.Transfer, in mapping.Input) (*register.Partner, *verdict, error) {
	party := *in.Document.Counterparty()
	candidates, err := r.candidates(ctx, party)
	if err != nil {
		return nil, nil, err
	}
	typ := register.TypeFor(in.Document.Kind)
	m := matching.Match(party, typ, in.Connection.Settings.Partner, candidates)
	switch {
	case hub.Stops(m.Faults):
		return nil, held(partyFaults(in.Document, m.Faults)...), nil
	case m.Partner != nil:
		return m.Partner, nil, nil
	case !in.Connection.Writing:
		return &register.Partner{Type: typ, Name: party.Name}, nil, nil // as it would be made
	}
	partner, faults := mapping.Partner(in)
	if hub.Stops(faults) {
		return nil, held(faults...), nil
	}
	body, err := json.Marshal(partner)
	if err != nil {
		return nil, nil, err
	}
	d := &draft{warnings: faults}
	d.add(hub.MakePartner, hub.StepDetail{}, body)
	return nil, &verdict{state: hub.Waiting, partnerKey: m.Key, partner: d,
		faults: []hub.Fault{hub.NewFault(hub.WaitsForPartner, "", party.Name, "name", party.Name).Warn()}}, nil
}

// waitForPartner lets t wait for the partner's own transfer, which is made if
// there is none: two documents of a new customer make one partner.
func (r *run) waitForPartner(tx *store.Tx, t *hub.Transfer, v *verdict) error {
	p, err := tx.TransferOf(t.Company, hub.PartnerTransfer, hub.In, v.partnerKey)
	switch {
	case store.IsNotFound(err):
		p = hub.Transfer{Company: t.Company, Connection: t.Connection, Kind: hub.PartnerTransfer, Direction: hub.In, Subject: v.partnerKey,
			Goal: hub.Deliver, State: hub.Ready, Number: t.Number, PartnerName: t.PartnerName, Plan: 1, Steps: 1, StepAt: 1}
		if err := tx.InsertTransfer(&p); err != nil {
			return err
		}
		if err := r.partnerStep(tx, &p, v.partner); err != nil {
			return err
		}
	case err != nil:
		return err
	case p.State == hub.Done || p.State == hub.DoneWithWarning:
		// Made by now, yet not among the candidates: the register has changed it
		// since. A fresh copy decides.
		return r.putOff(tx, t, hub.Waiting, r.now().Add(partnersFor), v.faults...)
	case p.State.NeedsPerson() && (t.Rounds == 0 || p.State == hub.Held):
		// Tried anew with what this document says.
		p.Plan++
		from := p.Lease
		p.State, p.Faults, p.WakeAt, p.Lease = hub.Ready, nil, time.Time{}, ""
		if err := r.partnerStep(tx, &p, v.partner); err != nil {
			return err
		}
		if err := tx.SaveTransfer(&p, from); err != nil {
			return err
		}
	}
	if err := t.Move(hub.Waiting, v.faults...); err != nil {
		return err
	}
	t.WaitsFor, t.WakeAt, t.Lease, t.LeaseUntil = p.ID, time.Time{}, "", time.Time{}
	if err := act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t)); err != nil {
		return err
	}
	return r.e.wake(tx, t.Company, r.now())
}

func (r *run) partnerStep(tx *store.Tx, p *hub.Transfer, d *draft) error {
	ref, err := tx.PutBlob(d.steps[0].body)
	if err != nil {
		return err
	}
	return tx.InsertStep(&hub.Step{Transfer: p.ID, Plan: p.Plan, Seq: 1, Kind: hub.MakePartner, State: hub.StepPlanned, Request: ref})
}

func find(faults []hub.Fault, codes ...string) (hub.Fault, bool) {
	i := slices.IndexFunc(faults, func(f hub.Fault) bool { return slices.Contains(codes, f.Code) })
	if i < 0 {
		return hub.Fault{}, false
	}
	return faults[i], true
}

// trouble turns the failure of a read during planning into a pause of the
// company, where it is one.
func (r *run) trouble(err error) error {
	if p, ok := errors.AsType[*pause](pauseOf(err)); ok {
		r.pauseFor(p.fault, p.after)
		return errGivenBack
	}
	return err
}
