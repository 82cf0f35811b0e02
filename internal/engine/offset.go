package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file offsets a credit note against its invoice: a transfer of its own that
// marks both paid, with the same sum on the same day (decision 018). The invoice is
// marked first, for it is the one that somebody may pay meanwhile; what fails
// between the two is a task that says which half is done.

// addOffset makes an offset, unless there is one of that credit note.
func (r *run) addOffset(tx *store.Tx, t *hub.Transfer, p hub.OffsetPair) error {
	p.Company, p.Connection, p.Document = t.Company, t.Connection, t.Subject
	made, err := tx.AddOffset(&p)
	if err != nil || !made {
		return err
	}
	o := hub.Transfer{Company: p.Company, Connection: p.Connection, Kind: hub.OffsetTransfer, Direction: hub.In, Subject: p.ID,
		Goal: hub.Deliver, State: hub.Ready}
	describeOffset(&o, p, t)
	if err := tx.InsertTransfer(&o); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.offset", o.ID, transferAct(&o)); err != nil {
		return err
	}
	return r.e.wake(tx, p.Company, r.now())
}

// offsetOf makes the offset of a credit note that has just arrived, if Vienti is to
// offset it; warned is what its plan has told people of it.
func (r *run) offsetOf(tx *store.Tx, t *hub.Transfer, warned []hub.Fault) error {
	_, byHand := find(warned, hub.OffsetByHand)
	if t.Kind != hub.DocumentTransfer || t.Direction != hub.In || !t.CreditNote || t.InvoiceID == 0 || byHand || r.conns[t.Connection].Settings.Offset != hub.OffsetByVienti {
		return nil
	}
	doc, _, err := tx.Document(t.Subject, t.Version)
	if err != nil {
		return err
	}
	credited, ok := mapping.Credited(doc)
	if !ok {
		return nil
	}
	return r.addOffset(tx, t, hub.OffsetPair{Note: t.InvoiceID, NoteNumber: t.InvoiceNumber, Credited: credited})
}

// credited finds what a mapping must know of the invoice that a credit note takes
// back, if it is ours or linked: its number there and, in another currency than the
// company's, its rate, for the two are offset at one rate.
func (r *run) credited(ctx context.Context, t *hub.Transfer, doc *hub.Document, in *mapping.Input) error {
	of, err := r.e.credits(ctx, *t, doc)
	if err != nil || of.InvoiceID == 0 {
		return err
	}
	in.CreditedNumber = of.InvoiceNumber
	if string(doc.Currency) == r.company.Currency {
		return nil
	}
	inv, err := r.status.read(ctx, of.InvoiceID)
	switch {
	case errors.Is(err, procountor.NotFound):
		return nil
	case err != nil:
		return r.trouble(err)
	case inv.PaymentInfo.Currency != procountor.Currency(doc.Currency):
		return nil
	}
	// An unreadable rate is none: compared after the post, like everything.
	if rate, err := money.Parse(inv.PaymentInfo.CurrencyRate.String()); err == nil {
		in.CreditedRate = &rate
	}
	return nil
}

// credits finds the transfer of the one invoice that a credit note with the transfer t
// takes back, if it has arrived; the zero one when it is not known.
func (e *Engine) credits(ctx context.Context, t hub.Transfer, doc *hub.Document) (hub.Transfer, error) {
	number, ok := mapping.Credited(doc)
	if !ok || !doc.CreditNote {
		return hub.Transfer{}, nil
	}
	t.Number, t.DocKind = doc.Number, doc.Kind // as it will be described
	list, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]hub.Transfer, error) { return tx.OriginalsOf(&t, number) })
	if err != nil || len(list) != 1 || list[0].InvoiceID == 0 {
		return hub.Transfer{}, err
	}
	return list[0], nil
}

// An offsetting is what the plan of an offset begins with.
type offsetting struct {
	pair hub.OffsetPair
	// doc is the transfer of the credit note's document, original that of the
	// invoice's; nil while none is known, or several may be meant.
	doc, original *hub.Transfer
	several       bool
	// onInvoice and onNote are the marks that we have made; nil when there is none.
	onInvoice, onNote *hub.PaymentMark
	// marks are all marks on either, read before Procountor is.
	marks []hub.PaymentMark
}

func (o *offsetting) half() bool {
	return o.onInvoice != nil && o.onInvoice.State == hub.MarkLiving && (o.onNote == nil || o.onNote.State == hub.MarkIntended)
}

func (o *offsetting) even() bool { return o.onNote != nil && o.onNote.State == hub.MarkLiving }

// numbers are what the reader knows the credit note and the invoice by.
func (o *offsetting) numbers() []string {
	credited := o.pair.Credited
	if o.pair.InvoiceNumber != 0 {
		credited = fmt.Sprint(o.pair.InvoiceNumber)
	}
	return []string{"number", fmt.Sprint(o.pair.NoteNumber), "credited", credited}
}

func loadOffset(tx *store.Tx, t *hub.Transfer) (o offsetting, err error) {
	if o.pair, err = tx.OffsetPair(t.Subject); err != nil {
		return o, err
	}
	doc, err := tx.TransferByDocument(t.Company, o.pair.Document)
	if err != nil {
		return o, err
	}
	o.doc = &doc
	if o.pair.Invoice == 0 {
		list, err := tx.OriginalsOf(&doc, o.pair.Credited)
		if err != nil {
			return o, err
		}
		if o.several = len(list) > 1; len(list) == 1 {
			o.original, o.pair.Invoice, o.pair.InvoiceNumber = &list[0], list[0].InvoiceID, list[0].InvoiceNumber
		}
	}
	for side, to := range map[hub.MarkSide]**hub.PaymentMark{hub.InvoiceSide: &o.onInvoice, hub.NoteSide: &o.onNote} {
		m, err := tx.MarkOf(o.pair.ID, side)
		if err == nil {
			*to = &m
		} else if !store.IsNotFound(err) {
			return o, err
		}
	}
	o.marks, err = marksOnBoth(tx, &o.pair)
	return o, err
}

func marksOnBoth(tx *store.Tx, p *hub.OffsetPair) ([]hub.PaymentMark, error) {
	list, err := tx.MarksOn(p.Company, p.Invoice)
	if err != nil {
		return nil, err
	}
	more, err := tx.MarksOn(p.Company, p.Note)
	return append(list, more...), err
}

// An offsetVerdict says what comes of an offset now.
type offsetVerdict struct {
	state  hub.State
	faults []hub.Fault
	// A waiting offset waits until a moment, or for a document; awaited is the
	// invoice in Procountor that must change first.
	until           time.Time
	awaits          *hub.Transfer
	awaited, number int64

	marks []sideMark // make them, in this order
	adopt *sideMark  // it landed late: ours
	event *procountor.PaymentEvent
}

// A sideMark is the mark on one side.
type sideMark struct {
	side    hub.MarkSide
	invoice int64
	mark    procountor.MarkPaid
	known   []int64 // the payments that it has without it
}

func offsetRests(state hub.State, faults ...hub.Fault) *offsetVerdict {
	return &offsetVerdict{state: state, faults: faults}
}

// byHand leaves the offset to a person, and says why.
func (o *offsetting) byHand(why string) *offsetVerdict {
	f := hub.NewFault(hub.OffsetByHand, "", "", o.numbers()...)
	if why != "" {
		f.Args["why"] = why
	}
	return offsetRests(hub.DoneWithWarning, f.Warn())
}

// planOffset decides what is to be done with an offset now.
func (r *run) planOffset(ctx context.Context, t *hub.Transfer, conn hub.Connection) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	o, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (offsetting, error) { return loadOffset(tx, t) })
	if err != nil {
		return fmt.Errorf("plan offset: %w", err)
	}
	v := o.offsetable(conn)
	if v == nil {
		if v, err = r.offsetThere(ctx, t, &o); err != nil {
			return err
		}
	}
	if o.half() && v.marks == nil && v.adopt == nil {
		v.faults = append([]hub.Fault{o.isHalf()}, v.faults...)
		if v.state != hub.Noticed && v.awaits == nil {
			v.state, v.until = hub.Held, time.Time{}
		}
	}
	return r.concludeOffset(ctx, t, &o, v)
}

// isHalf says which half is done.
func (o *offsetting) isHalf() hub.Fault {
	return hub.NewFault(hub.OffsetHalf, "", "", append(o.numbers(), "amount", o.onInvoice.Amount, "date", o.onInvoice.Date)...)
}

// offsetable decides what can be decided without asking Procountor; nil: ask.
func (o *offsetting) offsetable(conn hub.Connection) *offsetVerdict {
	waits := func(doc *hub.Transfer) *offsetVerdict {
		return &offsetVerdict{state: hub.Waiting, awaits: doc, awaited: doc.InvoiceID, number: doc.InvoiceNumber,
			faults: []hub.Fault{hub.NewFault(hub.OffsetWaits, "", "", "number", doc.Number).Warn()}}
	}
	switch {
	case o.even():
		return nil
	case !conn.Writing:
		return offsetRests(hub.Noticed, hub.NewFault(hub.WritingOff, "", "").Warn())
	case o.half():
		return nil
	case o.doc.State.Active():
		return waits(o.doc)
	case o.doc.CreditNote && o.doc.InvoiceID != o.pair.Note:
		return offsetRests(hub.Withdrawn) // taken back, or made anew: that one is offset
	case conn.Settings.Offset != hub.OffsetByVienti:
		return o.byHand("")
	case o.several:
		return o.byHand("offset-several")
	case o.pair.Invoice == 0 && o.original == nil:
		return o.byHand("offset-unknown")
	case o.original == nil:
		return nil
	}
	switch s := o.original.State; {
	case s.Active(), o.pair.Invoice == 0 && (s == hub.Noticed || s.NeedsPerson()):
		return waits(o.original)
	case o.pair.Invoice == 0:
		return o.byHand("offset-no-voucher")
	}
	return nil
}

// A side is an invoice with its payments, as Procountor shows it.
type side struct {
	inv         *procountor.Invoice
	events      []procountor.PaymentEvent
	total, open money.Amount
	bank        bool // its bank connection is at work on it
}

// readSide reads one side; nil when it is gone.
func (r *run) readSide(ctx context.Context, id int64) (*side, error) {
	inv, err := r.status.read(ctx, id)
	if errors.Is(err, procountor.NotFound) || err == nil && gone(inv.Status) {
		return nil, nil
	}
	if err != nil {
		return nil, r.trouble(err)
	}
	events, err := r.events.read(ctx, id)
	if err != nil {
		return nil, r.trouble(err)
	}
	total, _ := totalOf(inv)
	s := &side{inv: inv, events: events.list, total: total, open: total}
	for _, e := range s.events {
		s.open = s.open.Sub(amountOf(e.PaidAmount))
		s.bank = s.bank || byBank(e)
	}
	return s, nil
}

func (s *side) known() (ids []int64) {
	for _, e := range s.events {
		ids = append(ids, e.ID)
	}
	return ids
}

// offsetThere decides by what Procountor shows of both.
func (r *run) offsetThere(ctx context.Context, t *hub.Transfer, o *offsetting) (*offsetVerdict, error) {
	note, err := r.readSide(ctx, o.pair.Note)
	if err != nil {
		return nil, err
	}
	if o.even() {
		if note != nil && note.open.Sign() < 0 {
			return offsetRests(hub.DoneWithWarning, o.refund(note.open)), nil
		}
		return offsetRests(hub.Done), nil
	}
	invoice, err := r.readSide(ctx, o.pair.Invoice)
	if err != nil {
		return nil, err
	}
	v, err := r.evenOut(o, invoice, note)
	if err != nil || v.marks == nil {
		return v, err
	}
	for i := range v.marks {
		s := map[hub.MarkSide]*side{hub.InvoiceSide: invoice, hub.NoteSide: note}[v.marks[i].side]
		if slices.ContainsFunc(s.events, func(e procountor.PaymentEvent) bool { return like(e, v.marks[i].mark) && !stands(o.marks, e) }) {
			// The list for many invoices does not show the descriptions that carry the marks.
			return r.likeSide(ctx, t, o, v.marks[i])
		}
	}
	return v, nil
}

// evenOut is the rule of offsetting: what is open on both sides, the smaller of the
// two, on the later of their days.
func (r *run) evenOut(o *offsetting, invoice, note *side) (*offsetVerdict, error) {
	switch {
	case note == nil:
		return offsetRests(hub.Withdrawn), nil
	case invoice == nil:
		return o.byHand("offset-gone"), nil
	}
	for _, s := range []*side{note, invoice} {
		if unapproved(s.inv.Status) {
			return &offsetVerdict{state: hub.Waiting, awaits: o.doc, awaited: s.inv.ID, number: int64(s.inv.InvoiceNumber),
				faults: []hub.Fault{hub.NewFault(hub.OffsetApproval, "", "", "number", fmt.Sprint(s.inv.InvoiceNumber)).Warn()}}, nil
		}
		if v := payableStatus(s.inv); v != nil {
			return offsetRests(v.state, v.faults...), nil
		}
	}
	if o.half() {
		return r.otherHalf(o, note)
	}
	a, b := invoice.inv, note.inv
	switch {
	case a.Type != b.Type, a.PartnerID != b.PartnerID, a.PaymentInfo.Currency != b.PaymentInfo.Currency,
		invoice.total.Sign() <= 0, note.total.Sign() >= 0:
		return o.byHand("offset-other"), nil
	case note.open.Sign() >= 0:
		return offsetRests(hub.Linked, hub.NewFault(hub.OffsetThere, "", "", o.numbers()...).Warn()), nil
	case invoice.open.Sign() <= 0:
		return offsetRests(hub.DoneWithWarning, o.refund(note.open)), nil
	case (invoice.bank || note.bank) && !invoice.open.Equal(note.open.Neg()):
		// Procountor's own bank connection is at work on one of them: never beside it, unless
		// the credit note takes back just what it has left open.
		return o.byHand("offset-bank"), nil
	}
	amount := invoice.open
	if note.open.Abs().Cmp(amount) < 0 {
		amount = note.open.Abs()
	}
	on := register.Day(b.Date)
	if day := register.Day(a.Date); day.After(on) {
		on = day
	}
	if on.After(civil.DayOf(r.now(), helsinki)) {
		return &offsetVerdict{state: hub.Waiting, until: on.In(helsinki),
			faults: []hub.Fault{hub.NewFault(hub.OffsetDay, "", "", "day", on.String()).Warn()}}, nil
	}
	if ok, _ := r.registers.Open(on); !ok {
		return offsetRests(hub.Held, hub.NewFault(hub.PaymentPeriod, "", "", "date", on.String())), nil
	}
	v, err := r.offsetMarks(o, invoice, note, amount, on)
	if rest := note.open.Add(amount); err == nil && rest.Sign() != 0 {
		v.faults = []hub.Fault{o.refund(rest)}
	}
	return v, err
}

// refund says what is still the customer's, or ours, since the invoice had been paid.
func (o *offsetting) refund(open money.Amount) hub.Fault {
	return hub.NewFault(hub.CreditRefund, "", "", append(o.numbers(), "amount", open.Abs().Fixed(2))...).Warn()
}

// offsetMarks are the marks on both sides; on the credit note alone when invoice is nil.
func (r *run) offsetMarks(o *offsetting, invoice, note *side, amount money.Amount, on civil.Date) (*offsetVerdict, error) {
	v := &offsetVerdict{}
	for _, m := range []struct {
		side   hub.MarkSide
		of     *side
		amount money.Amount
		other  int64
	}{{hub.InvoiceSide, invoice, amount, o.pair.NoteNumber}, {hub.NoteSide, note, amount.Neg(), o.pair.InvoiceNumber}} {
		if m.of == nil {
			continue
		}
		mark, err := mapping.Offset(r.conns[o.pair.Connection].Settings.Language, o.doc.DocKind, m.side, m.amount, m.of.inv.PaymentInfo.Currency, on, m.other)
		if err != nil {
			return nil, err
		}
		v.marks = append(v.marks, sideMark{side: m.side, invoice: m.of.inv.ID, mark: mark, known: m.of.known()})
	}
	return v, nil
}

// otherHalf marks the credit note after the invoice, with the same sum on the same day.
func (r *run) otherHalf(o *offsetting, note *side) (*offsetVerdict, error) {
	amount, err := money.Parse(o.onInvoice.Amount)
	if err != nil {
		return nil, err
	}
	on, err := civil.Parse(o.onInvoice.Date)
	if err != nil {
		return nil, err
	}
	if ok, _ := r.registers.Open(on); !ok {
		return offsetRests(hub.Held, hub.NewFault(hub.PaymentPeriod, "", "", "date", on.String())), nil
	}
	if note.open.Sign() >= 0 || note.open.Abs().Cmp(amount) < 0 {
		return offsetRests(hub.Held, hub.NewFault(hub.PaymentTooMuch, "", "", "amount", amount.Neg().String(), "sum", note.open.String())), nil
	}
	return r.offsetMarks(o, nil, note, amount, on)
}

// likeSide reads the payments of one side with their marks, since one of them is on
// the same day and for the same sum: ours, if it has landed late, or somebody else's.
func (r *run) likeSide(ctx context.Context, t *hub.Transfer, o *offsetting, m sideMark) (*offsetVerdict, error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, s := range steps {
		keys = append(keys, attemptKeys(r.company.ID, t, s)...)
	}
	var there *procountor.PaymentEvent
	for e, err := range r.client.Invoices.PaymentEvents(ctx, m.invoice) {
		if err != nil {
			return nil, r.trouble(err)
		}
		if key, ok := hub.MarkIn(e.Description); ok && slices.Contains(keys, key) && !stands(o.marks, e) {
			return &offsetVerdict{adopt: &m, event: &e}, nil
		}
		if like(e, m.mark) && !stands(o.marks, e) {
			there = &e
		}
	}
	if there == nil {
		return nil, errGivenBack // removed meanwhile
	}
	return offsetRests(hub.Held, hub.NewFault(hub.PaymentThere, "", "", "date", there.PaymentDate.String(), "amount", there.PaidAmount.String())), nil
}

// concludeOffset stores what was decided.
func (r *run) concludeOffset(ctx context.Context, t *hub.Transfer, o *offsetting, v *offsetVerdict) error {
	var ready []intent
	for i, m := range v.marks {
		body, err := json.Marshal(m.mark)
		if err != nil {
			return err
		}
		now := *t
		describeOffset(&now, o.pair, o.doc)
		in := intent{body: body, step: hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: i + 1, Kind: hub.MarkPaid, State: hub.StepPlanned,
			Detail: hub.StepDetail{InvoiceID: m.invoice, Side: m.side, Events: m.known}}}
		if i == 0 {
			in, err = r.prepare(&now, in.step, body, nil)
		} else if in.packed, err = store.PackBlob(body); err == nil {
			in.step.Request = in.packed.Ref
		}
		if err != nil {
			return err
		}
		ready = append(ready, in)
	}
	var steps []hub.Step
	err := r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) (err error) {
		describeOffset(t, o.pair, o.doc)
		if v.awaited != 0 {
			t.InvoiceID, t.InvoiceNumber = v.awaited, v.number // the one whose approval wakes it
		}
		switch {
		case v.marks != nil:
			steps, err = r.beginOffset(tx, t, o, v.faults, ready)
			return err
		case v.adopt != nil:
			if err := tx.SetOffsetInvoice(o.pair.ID, o.pair.Invoice, o.pair.InvoiceNumber); err != nil {
				return err
			}
			return tx.OpenMark(hub.PaymentMark{Company: t.Company, Payment: o.pair.ID, Side: v.adopt.side, InvoiceID: v.adopt.invoice,
				EventID: v.event.ID, State: hub.MarkLiving, Date: v.event.PaymentDate.String(), Amount: v.event.PaidAmount.String()})
		case v.awaits != nil:
			return r.waitForDocument(tx, t, v.awaits, v.faults)
		case v.state == hub.Waiting:
			rounds := t.Rounds
			err := r.putOff(tx, t, hub.Waiting, v.until, v.faults...)
			t.Rounds = rounds // a day that has not come is no failure
			return err
		case v.state == hub.Done:
			return r.paymentDone(tx, t, nil)
		case v.state == hub.DoneWithWarning:
			return r.paymentDone(tx, t, v.faults)
		}
		return r.payRests(tx, t, v.state, v.faults...)
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// beginOffset stores the plan of the marks and intends the first, unless a payment
// of one of the two has moved since Procountor was read.
func (r *run) beginOffset(tx *store.Tx, t *hub.Transfer, o *offsetting, warnings []hub.Fault, ready []intent) ([]hub.Step, error) {
	now, err := marksOnBoth(tx, &o.pair)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(now, func(m hub.PaymentMark) bool { return m.State == hub.MarkIntended }) {
		return nil, r.putOff(tx, t, hub.Waiting, r.now().Add(wait(t.Rounds)), hub.NewFault(hub.PaymentTurn, "", "").Warn())
	}
	if !slices.Equal(now, o.marks) {
		return nil, nil // stays as it is
	}
	if err := tx.SetOffsetInvoice(o.pair.ID, o.pair.Invoice, o.pair.InvoiceNumber); err != nil {
		return nil, err
	}
	return r.begin(tx, t, warnings, ready)
}

// turnOf reports whether the mark of an offset may be intended now: no payment of
// that invoice is on its way, and none has been made since the marks were planned.
func turnOf(tx *store.Tx, t *hub.Transfer, s *hub.Step) (bool, error) {
	now, err := tx.MarksOn(t.Company, s.Detail.InvoiceID)
	return !slices.ContainsFunc(now, func(m hub.PaymentMark) bool {
		return m.State == hub.MarkIntended || !slices.Contains(s.Detail.Events, m.EventID)
	}), err
}

// withHalf adds to what stopped an offset which half of it is done.
func withHalf(tx *store.Tx, t *hub.Transfer, faults []hub.Fault) ([]hub.Fault, error) {
	if t.Kind != hub.OffsetTransfer {
		return faults, nil
	}
	o, err := loadOffset(tx, t)
	if err != nil || !o.half() {
		return faults, err
	}
	return append([]hub.Fault{o.isHalf()}, faults...), nil
}

// describeOffset copies what people look for to an offset's transfer.
func describeOffset(t *hub.Transfer, p hub.OffsetPair, doc *hub.Transfer) {
	t.Number, t.DocKind, t.CreditNote, t.PartnerName, t.PartnerID = doc.Number, doc.DocKind, true, doc.PartnerName, doc.PartnerID
	t.SortKey, t.Currency, t.Version = hub.SortKey(t.Number), doc.Currency, p.ID
	t.InvoiceID, t.InvoiceNumber = p.Note, p.NoteNumber
	if doc.CreditNote {
		t.Date, t.Gross = doc.Date, doc.Gross
	}
}

// paymentsLeft are the payments that stand on vouchers which a person has let go,
// as Procountor shows them: nothing moves them to the newer one by itself.
func (r *run) paymentsLeft(ctx context.Context, t *hub.Transfer, released []store.Released) (faults []hub.Fault, err error) {
	for _, v := range released {
		events, err := r.events.read(ctx, v.InvoiceID)
		if err != nil {
			return nil, r.trouble(err)
		}
		marks, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.PaymentMark, error) { return tx.MarksOn(t.Company, v.InvoiceID) })
		if err != nil {
			return nil, err
		}
		sum, list := money.Zero, []string(nil)
		for _, e := range events.list {
			if slices.ContainsFunc(marks, func(m hub.PaymentMark) bool { return m.EventID == e.ID && m.Side != "" }) {
				continue // its credit note's
			}
			amount := amountOf(e.PaidAmount)
			sum, list = sum.Add(amount), append(list, amount.Fixed(2)+" ("+e.PaymentDate.String()+")")
		}
		if list != nil {
			faults = append(faults, hub.NewFault(hub.PaymentsLeft, "", "", "number", fmt.Sprint(v.Number), "amount", sum.Fixed(2),
				"payments", strings.Join(list, ", ")).Warn())
		}
	}
	return faults, nil
}
