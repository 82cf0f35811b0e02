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
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A draft is a plan that is not stored yet: steps with the bytes that they send.
type draft struct {
	steps    []draftStep
	warnings []hub.Fault
	// files are those that were made for the document.
	files []store.PackedFile
	// content is what a journal is made of now, nil for other documents.
	content *hub.Document
	// word is what the document says of its partner's card, if that is new.
	word *store.Saying
	also alsoFunc
}

// An alsoFunc runs in the transaction that stores a plan or a verdict, before it.
// It says again when what was planned on has moved meanwhile: then t stays as it
// is, and is planned anew.
type alsoFunc func(tx *store.Tx, t *hub.Transfer) (again bool, err error)

type draftStep struct {
	step    hub.Step
	body    []byte              // without our mark
	invoice *procountor.Invoice // of a first post, instead of body
}

func (d *draft) add(kind hub.StepKind, detail hub.StepDetail, body []byte) {
	d.steps = append(d.steps, draftStep{step: hub.Step{Kind: kind, Detail: detail, State: hub.StepPlanned}, body: body})
}

// A verdict ends the planning of a transfer without a plan.
type verdict struct {
	state  hub.State
	faults []hub.Fault
	// what it is linked to
	invoiceID, number int64
	partnerKey        string         // waits for this partner
	partner           *draft         // makes it
	wants             []mapping.Want // waits for these, which are made
	wake              time.Duration
	source            bool // waits until the source says where the document stands
	// found is the invoice that made it held or linked
	found int64
	// gone is our voucher, which somebody has removed in Procountor
	gone *procountor.Invoice
	// adopt is our voucher from a write that was taken for lost
	adopt *procountor.Invoice
	// beside is our voucher that a person lets go for the one in adopt
	beside int64
	// credited is our voucher whose credit note, begun by now, the verdict is about
	credited int64
	// there is the status of our living voucher, if it was read
	there procountor.Status
	// until is what the document waits for: its month, or the other journals of its run
	until string
	// behind is the transfer of the journal that the document is in
	behind string
	// receipt is our journal from a write that was taken for lost
	receipt *procountor.LedgerReceipt
	also    alsoFunc
}

func held(faults ...hub.Fault) *verdict { return &verdict{state: hub.Held, faults: faults} }

// plan decides what is to be done with t now, from the document, the settings,
// the registers and what Procountor holds, and stores it.
func (r *run) plan(ctx context.Context, t *hub.Transfer) error {
	conn, ok := r.conns[t.Connection]
	if !ok {
		return fmt.Errorf("plan: connection %s is gone", t.Connection)
	}
	if t.Kind == hub.ReportTransfer {
		return r.planReport(ctx, t, conn)
	}
	if t.Kind == hub.ApprovalTransfer {
		return r.planApproval(ctx, t, conn)
	}
	if t.Returns() {
		return r.planOut(ctx, t, conn)
	}
	if t.Kind == hub.PaymentTransfer {
		return r.planPayment(ctx, t, conn)
	}
	if t.Kind == hub.OffsetTransfer {
		return r.planOffset(ctx, t, conn)
	}
	if t.Kind == hub.CardTransfer {
		return r.planCard(ctx, t)
	}
	if t.Kind.Lists() {
		return r.planItem(ctx, t)
	}
	if t.Kind == hub.PartnerTransfer {
		wanted, err := r.wanted(ctx, t, conn)
		if err != nil {
			return err
		}
		if !wanted {
			return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
				return r.settle(tx, t, hub.Noticed, hub.NewFault(hub.WritingOff, "", "").Warn())
			})
		}
		return r.resume(ctx, t) // its plan was made with it
	}
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	if r.ordered(t) && r.isBlocked(t.Connection) {
		return errGivenBack
	}
	l, err := r.load(ctx, t)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	doc, version, living := conn.Settings.Claimed(l.withDates(conn)), l.version, l.living
	t.Standing = l.standing.Print()
	if t.InvoiceID == 0 && t.Plan == 0 {
		if v, err := r.echoed(ctx, doc); v != nil || err != nil {
			if err != nil {
				return err
			}
			return r.conclude(ctx, t, doc, version.Version, v)
		}
	}
	var d *draft
	var v *verdict
	if t.Goal.Decided() && l.credit == nil && (living == 0 && t.Goal == hub.CreditAnew || t.Version != version.Version) {
		t.Goal = hub.Deliver // the person saw other content
	}
	if t.Goal.Corrects() && l.member == nil {
		t.Goal = hub.Deliver // it stands in no journal any more
	}
	barred, err := r.barred(ctx, conn, doc)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	switch {
	case barred != nil && living == 0 && t.Goal != hub.TakeBack:
		v = held(*barred)
	case doc.Kind == hub.Journal:
		d, v, err = r.planJournal(ctx, t, conn, l)
	case l.member != nil:
		v, err = r.planMember(ctx, t, conn, l)
	case living == 0 && t.Goal != hub.TakeBack && !hub.Stops(version.Faults) && doc.Kind == hub.PayrollJournal:
		v, err = r.planRun(ctx, t, conn, doc, l.standing)
	case living == 0 && t.Goal != hub.TakeBack && !hub.Stops(version.Faults) && conn.Settings.LevelOf(doc.Kind) == hub.JournalLevel:
		v, err = r.planPeriod(ctx, t, conn, doc, l.standing)
	case t.Goal == hub.TakeBack:
		d, v, err = r.planTakeBack(ctx, living)
	case t.Goal == hub.CreditAnew && l.credit != nil:
		d, v, err = r.planCredited(ctx, t, conn, l)
	case hub.Stops(version.Faults):
		var f Forecast
		if f, err = r.e.checkVersion(ctx, conn.ID, doc, version); err == nil {
			v = held(f.Faults...)
		}
	case l.stale():
		v = held(datesAsked(l.dates))
	case t.Goal.Decided() && living != 0:
		d, v, err = r.planDecided(ctx, t, conn, doc, l.standing, living)
	default:
		d, v, err = r.planDelivery(ctx, t, conn, doc, l.standing, living)
	}
	if err == nil && v != nil && v.state == hub.Held && living != 0 && t.Goal != hub.TakeBack && l.credit == nil {
		err = r.sayChanged(ctx, t, doc, v)
	}
	if err != nil {
		return err
	}
	if v != nil {
		v.faults = r.located(ctx, version, v.faults)
		return r.conclude(ctx, t, doc, version.Version, v)
	}
	d.warnings = r.located(ctx, version, d.warnings)
	if d.word != nil {
		d.word.At = version.At
		if fresh, err := r.news(ctx, d.word); err != nil || !fresh {
			if d.word = nil; err != nil {
				return err
			}
		}
	}
	if !conn.Writing {
		// Harmless: say what would happen, and leave it.
		hears := func(tx *store.Tx, t *hub.Transfer) (bool, error) { return false, r.hear(tx, t, d.word) }
		return r.conclude(ctx, t, doc, version.Version, &verdict{state: hub.Noticed, also: hears, faults: append([]hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}, d.warnings...)})
	}
	d.warnings = append(append(d.warnings, version.Faults...), l.beside...)
	released := l.released
	if len(d.steps) > 0 && d.steps[0].step.Detail.Beside != 0 { // let go with the first step
		released = append(slices.Clone(released), store.Released{InvoiceID: d.steps[0].step.Detail.Beside, Number: t.InvoiceNumber})
	}
	if doc.Kind == hub.Journal {
		released = nil // nothing is paid on a journal
	}
	left, err := r.paymentsLeft(ctx, t, released)
	if err != nil {
		return err
	}
	d.warnings = append(d.warnings, left...)
	if d.content != nil {
		doc, version.Version = d.content, d.content.Version()
	}
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
			if err := r.hear(tx, t, d.word); err != nil {
				return err
			}
			return r.settleDone(tx, t, d.warnings)
		})
	}
	ready, err := r.ready(t, doc, d)
	if err != nil {
		return err
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		if d.also != nil {
			if again, err := d.also(tx, t); again || err != nil {
				return err
			}
		}
		describe(t, doc, version.Version)
		if changed, err := outdated(tx, t); changed || err != nil {
			return err // stays as it is: planned anew with what the source shows now
		}
		for _, f := range d.files {
			if err := tx.PutFile(t.Subject, f); err != nil {
				return err
			}
		}
		if d.steps[0].step.Kind == hub.PostInvoice {
			if rests, err := r.mayPost(tx, t); rests || err != nil {
				return err
			}
		}
		if err := r.hear(tx, t, d.word); err != nil {
			return err
		}
		steps, err = r.begin(tx, t, d.warnings, ready)
		return err
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// wanted reports whether a partner may be made: some document that waits for it
// comes by a connection that writes.
func (r *run) wanted(ctx context.Context, t *hub.Transfer, conn hub.Connection) (bool, error) {
	if conn.Writing {
		return true, nil
	}
	waiting, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Transfer, error) { return tx.WaitingBehind(t.ID) })
	return slices.ContainsFunc(waiting, func(w hub.Transfer) bool { return r.conns[w.Connection].Writing }), err
}

// inAir lets a write of an earlier plan be looked for, if its fate is unknown,
// before anything else is planned, whatever has happened to the transfer since.
func (r *run) inAir(ctx context.Context, t *hub.Transfer) (bool, error) {
	if t.Plan == 0 {
		return false, nil
	}
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, t.Plan) })
	if err != nil || !slices.ContainsFunc(steps, func(s hub.Step) bool { return s.State == hub.StepIntended || s.State == hub.StepUnclear }) {
		return false, err
	}
	return true, r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return t.Move(hub.Working, t.Faults...) })
}

// mayPost asks, in the transaction that would intend a first write, whether t
// must rest instead: held beside a twin, or until its turn has come.
func (r *run) mayPost(tx *store.Tx, t *hub.Transfer) (rests bool, err error) {
	if t.Goal == hub.SendBeside {
		return false, nil // a person has looked at the other one
	}
	twin, err := tx.TwinOf(t)
	switch {
	case err == nil:
		return true, r.settle(tx, t, hub.Held, twinFault(t, &twin))
	case !store.IsNotFound(err):
		return false, err
	}
	return r.turn(tx, t)
}

func twinFault(t, twin *hub.Transfer) hub.Fault {
	if twin.InvoiceNumber == 0 {
		return hub.NewFault(hub.DocumentTwin, "number", t.Number, "number", t.Number)
	}
	return hub.NewFault(hub.DocumentTwin, "number", t.Number, "number", t.Number, "invoice", fmt.Sprint(twin.InvoiceNumber))
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
	rounds := t.Rounds
	err = r.putOff(tx, t, hub.Waiting, until, withWarnings(t, new(hub.NewFault(hub.WaitsForOrder, "", "", "number", first.Number)))...)
	t.Rounds = rounds // a turn is not a failure
	return true, err
}

// ready makes a draft ready to be stored: the first step intended, the others
// with their bytes.
func (r *run) ready(t *hub.Transfer, doc *hub.Document, d *draft) ([]intent, error) {
	now := *t // as it is when the plan begins
	now.Number = doc.Number
	list := make([]intent, len(d.steps))
	for i, ds := range d.steps {
		s := ds.step
		s.Transfer, s.Plan, s.Seq = t.ID, t.Plan+1, i+1
		var err error
		if i == 0 && !waitsForReading(&s) {
			list[i], err = r.prepare(&now, s, ds.body, ds.invoice)
		} else if list[i].step, list[i].body = s, ds.body; ds.body != nil {
			list[i].packed, err = store.PackFor(now.Private(), ds.body)
			list[i].step.Request = list[i].packed.Ref
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// begin stores a plan and intends its first step, in one transaction; one that
// waits for a reading is intended by the next turn.
func (r *run) begin(tx *store.Tx, t *hub.Transfer, warnings []hub.Fault, plan []intent) ([]hub.Step, error) {
	if err := t.Move(hub.Working, warnings...); err != nil {
		return nil, err
	}
	t.Plan++
	t.Steps, t.WakeAt, t.WaitsFor = len(plan), time.Time{}, ""
	if !waitsForReading(&plan[0].step) {
		if err := r.intend(tx, t, plan[0]); err != nil {
			return nil, err
		}
	}
	steps := make([]hub.Step, len(plan))
	for i, in := range plan {
		if i > 0 && in.body != nil {
			if err := tx.PutPacked(in.packed); err != nil {
				return nil, err
			}
		}
		steps[i] = in.step
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
	t.Currency, t.Version, t.Gross, t.Covers = string(doc.Currency), version, "", ""
	if doc.Covers != nil {
		t.Covers = doc.Covers.Kind
	}
	if doc.Totals.Gross != nil && !doc.Private() {
		t.Gross = doc.Totals.Gross.Fixed(2)
	}
}

// conclude stores a verdict.
func (r *run) conclude(ctx context.Context, t *hub.Transfer, doc *hub.Document, version string, v *verdict) error {
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		if v.also != nil {
			if again, err := v.also(tx, t); again || err != nil {
				return err
			}
		}
		describe(t, doc, version)
		switch {
		case v.until != "":
			return r.waitUntil(tx, t, v)
		case v.behind != "":
			return r.waitForJournal(tx, t, v)
		case v.receipt != nil:
			return r.adoptJournal(tx, t, v.receipt)
		case v.state == hub.Done:
			if err := t.Move(hub.Working); err != nil {
				return err
			}
			return r.settleDone(tx, t, v.faults)
		}
		if v.gone != nil && v.credited != 0 {
			return r.settleCreditGone(tx, t, v.credited, v.gone)
		}
		if v.gone != nil {
			return r.settleGone(tx, t, v.gone)
		}
		if v.adopt != nil {
			return r.adopt(tx, t, v)
		}
		if v.state == hub.Held && v.credited == 0 && t.Goal.Decided() {
			t.Goal = hub.Deliver // it cannot be: the person is asked again
		}
		if v.invoiceID != 0 {
			t.InvoiceID, t.InvoiceNumber = v.invoiceID, v.number
		}
		if v.partnerKey != "" {
			if err := setParty(tx, t, doc); err != nil { // looking for it once more may leave a doubt
				return err
			}
			return r.waitForPartner(tx, t, v)
		}
		if v.wants != nil && v.state == hub.Waiting {
			return r.waitForItems(tx, t, v)
		}
		if v.state == hub.Waiting && v.source {
			return r.awaitSource(tx, t, v.faults...)
		}
		if v.state == hub.Waiting {
			return r.putOff(tx, t, hub.Waiting, r.now().Add(v.wake), v.faults...)
		}
		if t.State == hub.Waiting && !hub.MayMove(t.State, v.state) {
			if err := t.Move(hub.Ready); err != nil {
				return err
			}
		}
		if v.state == hub.Held && Doubtful(v.faults) {
			if err := setParty(tx, t, doc); err != nil {
				return err
			}
		}
		if v.state == hub.Linked {
			if err := r.offsetOf(tx, t, nil); err != nil {
				return fmt.Errorf("begin offset: %w", err)
			}
		}
		return r.settle(tx, t, v.state, v.faults...)
	})
}

// setParty lets t be found by its other party, while its partner is in doubt.
func setParty(tx *store.Tx, t *hub.Transfer, doc *hub.Document) error {
	return tx.SetParty(t.ID, matching.PartyKey(register.TypeFor(doc.Kind), *doc.Counterparty()))
}

func (r *run) input(t *hub.Transfer, conn hub.Connection, doc *hub.Document) mapping.Input {
	return mapping.Input{Company: r.company, Connection: conn, Document: doc, Registers: r.registers, Today: civil.DayOf(r.now(), helsinki)}
}

// within is input with where the document stands at its source.
func (r *run) within(t *hub.Transfer, conn hub.Connection, doc *hub.Document, s hub.Standing) mapping.Input {
	in := r.input(t, conn, doc)
	in.Standing = s.In(helsinki)
	return in
}

// planDelivery plans how a document gets into Procountor, or what is left to do
// when its voucher is there already.
func (r *run) planDelivery(ctx context.Context, t *hub.Transfer, conn hub.Connection, doc *hub.Document, standing hub.Standing, living int64) (*draft, *verdict, error) {
	in := r.within(t, conn, doc, standing)
	var err error
	var made []hub.Attachment
	if in.Files, made, err = r.e.madeFiles(ctx, t.Subject, &conn.Settings, doc); err != nil {
		return nil, nil, err
	}
	if in.Items, err = r.e.links(ctx, conn.ID, doc); err != nil {
		return nil, nil, err
	}
	typ := register.TypeFor(doc.Kind)
	candidates, err := r.candidates(ctx, conn, typ, *doc.Counterparty())
	if err != nil {
		return nil, nil, err
	}
	m := matching.MatchChosen(*doc.Counterparty(), typ, conn.Settings.Partner, candidates.list, candidates.chosen)
	if living == 0 || t.Goal.Decided() {
		v := rests(in, t, m)
		if v != nil && living != 0 {
			v = held(in.Standing.RejectedFault(fmt.Sprint(t.InvoiceNumber)))
		}
		if v != nil {
			return nil, v, nil
		}
	}
	if m.Partner == nil {
		// What is wrong with the document comes before what is unclear about its partner.
		faults := mapping.Check(in)
		if v := wants(in, faults); v != nil {
			return nil, v, nil
		}
		if v := stopped(faults, living); v != nil {
			return nil, v, nil
		}
		v, err := missing(in, m)
		return nil, v, err
	}
	in.Partner = m.Partner
	t.PartnerID = m.Partner.ID
	if err := r.credited(ctx, t, doc, &in); err != nil {
		return nil, nil, err
	}
	p, faults := mapping.Make(in)
	if v := wants(in, faults); v != nil {
		return nil, v, nil
	}
	if v := stopped(faults, living); v != nil {
		return nil, v, nil
	}
	d := &draft{warnings: append(faults, partyFaults(doc, m.Faults)...), word: wordOf(in, t)}
	for _, a := range made {
		f, err := store.PackFile(a, doc.Private())
		if err != nil {
			return nil, nil, err
		}
		d.files = append(d.files, f)
	}
	post := p.Steps[0]
	if living == 0 || t.Goal.Decided() {
		v, err := r.before(ctx, t, doc, post, in.Partner, living)
		if err != nil || v != nil {
			return nil, v, err
		}
		post.Detail.Document, post.Detail.Beside = doc.Version(), living
		if living != 0 {
			d.warnings = append(d.warnings, hub.NewFault(hub.SentBeside, "", "", "number", fmt.Sprint(t.InvoiceNumber)).Warn())
		}
		d.add(hub.PostInvoice, post.Detail, nil)
		d.steps[0].invoice = post.Invoice
		return r.remaining(d, p.Steps[1:], nil)
	}
	body, err := mapping.Body(*post.Invoice, "")
	if err != nil {
		return nil, nil, err
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
	case hub.Approve, hub.Verify:
		return json.Marshal(struct {
			Comment string `json:"comment,omitempty"`
		}{s.Comment})
	}
	return nil, nil
}

// stopped is the verdict on a document with faults, nil when none of them stops it.
func stopped(faults []hub.Fault, living int64) *verdict {
	if f, ok := find(faults, hub.BeforeFirstDay, hub.KindOff); ok && living == 0 {
		return &verdict{state: hub.Skipped, faults: []hub.Fault{f}}
	}
	if hub.Stops(faults) {
		return held(faults...)
	}
	return nil
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
	if e, ok := errors.AsType[*procountor.Error](err); ok && (e.Class == procountor.NotFound || e.Class == procountor.Refused || e.Class == procountor.Conflict) {
		return err // about this one
	}
	if p, ok := errors.AsType[*pause](pauseOf(err)); ok {
		r.pauseFor(p.fault, p.after)
		return errGivenBack
	}
	return err
}
