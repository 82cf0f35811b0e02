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
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A paying is what the plan of a payment begins with.
type paying struct {
	row store.PaymentRow
	// doc is the transfer of the document that it pays; nil when there is none,
	// or several that it may mean.
	doc     *hub.Transfer
	several bool
	// mark is what already stands for it in Procountor, nil when nothing does.
	mark *hub.PaymentMark
	// marks are all marks on the invoice, read before Procountor is.
	marks []hub.PaymentMark
}

func (r *run) loadPaying(tx *store.Tx, t *hub.Transfer) (p paying, err error) {
	if p.row, err = tx.Payment(t.Subject); err != nil {
		return p, err
	}
	m, err := tx.MarkOf(p.row.ID, "")
	if err == nil {
		p.mark = &m
	} else if !store.IsNotFound(err) {
		return p, err
	}
	id, several, err := documentOf(tx, p.row.Connection, &p.row.Content)
	if err != nil {
		return p, err
	}
	p.several = several
	if id == "" {
		return p, nil
	}
	doc, err := tx.TransferByDocument(t.Company, id)
	if err != nil {
		return p, err
	}
	p.doc = &doc
	if doc.InvoiceID != 0 {
		p.marks, err = tx.MarksOn(t.Company, doc.InvoiceID)
	}
	return p, err
}

// documentOf finds the row id of the document that a payment says it pays; ""
// when there is none, or when its number may mean several.
func documentOf(tx *store.Tx, connection string, p *hub.PaymentMade) (id string, several bool, err error) {
	if p.Document != "" {
		row, err := tx.DocumentBySource(connection, p.Document)
		if store.IsNotFound(err) {
			return "", false, nil
		}
		return row.ID, false, err
	}
	ids, err := tx.DocumentsByNumber(connection, p.Number, p.Kind)
	if err != nil || len(ids) != 1 {
		return "", len(ids) > 1, err
	}
	return ids[0], false, nil
}

// A payVerdict says what comes of a payment now.
type payVerdict struct {
	state  hub.State
	faults []hub.Fault
	// A waiting payment waits until a moment, or for its document.
	until    time.Time
	waitsFor bool

	mark  *procountor.MarkPaid     // make it
	known []int64                  // the payments that the invoice has without it
	adopt *procountor.PaymentEvent // it landed late: ours
	link  *procountor.PaymentEvent // Procountor's bank connection has it
}

func payHeld(code string, args ...string) *payVerdict {
	return &payVerdict{state: hub.Held, faults: []hub.Fault{hub.NewFault(code, "", "", args...)}}
}

func paySkipped(code string, args ...string) *payVerdict {
	return &payVerdict{state: hub.Skipped, faults: []hub.Fault{hub.NewFault(code, "", "", args...).Warn()}}
}

func payWaits(f hub.Fault) *payVerdict {
	return &payVerdict{state: hub.Waiting, waitsFor: true, faults: []hub.Fault{f.Warn()}}
}

// planPayment decides what is to be done with a payment now, from what the source
// says, the settings, its document's transfer and what Procountor shows.
func (r *run) planPayment(ctx context.Context, t *hub.Transfer, conn hub.Connection) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	p, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (paying, error) { return r.loadPaying(tx, t) })
	if err != nil {
		return fmt.Errorf("plan payment: %w", err)
	}
	v := r.payable(conn, p)
	if v == nil {
		if v, err = r.paidThere(ctx, t, p); err != nil {
			return err
		}
	}
	return r.concludePayment(ctx, t, conn, p, v)
}

// payable decides what can be decided without asking Procountor; nil: ask.
func (r *run) payable(conn hub.Connection, p paying) *payVerdict {
	c := &p.row.Content
	if p.mark != nil && p.mark.State != hub.MarkIntended {
		return standing(p)
	}
	number := c.Number
	if p.doc != nil {
		number = p.doc.Number
	}
	switch {
	case c.State == hub.PaymentRemoved:
		return &payVerdict{state: hub.Withdrawn}
	case hub.Stops(p.row.Faults):
		return &payVerdict{state: hub.Held, faults: p.row.Faults}
	case conn.Settings.Payments != hub.MasterSource && !c.Claim:
		return paySkipped(hub.PaymentsOff)
	case c.State == hub.PaymentRefused:
		return paySkipped(hub.PaymentFailed)
	case p.several:
		return payHeld(hub.PaymentAmbiguous, "number", number)
	case p.doc == nil:
		return payHeld(hub.PaymentNoDocument, "number", number)
	case p.doc.DocKind.Buys() && conn.Settings.Payer != hub.MasterSource && !c.Claim:
		return paySkipped(hub.PaymentPayer)
	case !conn.Writing:
		return &payVerdict{state: hub.Noticed, faults: []hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}}
	}
	switch s := p.doc.State; {
	case s.Active(), p.doc.InvoiceID == 0 && (s == hub.Noticed || s.NeedsPerson()):
		return payWaits(hub.NewFault(hub.PaymentWaits, "", "", "number", number))
	case p.doc.InvoiceID == 0 && (s == hub.Done || s == hub.DoneWithWarning):
		return paySkipped(hub.PaymentJournal, "number", number) // it stands in a journal
	case p.doc.InvoiceID == 0 && s == hub.Skipped:
		return paySkipped(hub.PaymentNoVoucher, "number", number)
	case p.doc.InvoiceID == 0:
		return payHeld(hub.PaymentNoVoucher, "number", number)
	}
	on, counts := paidOn(conn.Settings, p)
	today := civil.DayOf(r.now(), helsinki)
	switch {
	case on.IsZero():
		return payHeld(hub.PaymentDayMissing)
	case counts.After(today):
		return &payVerdict{state: hub.Waiting, until: counts.In(helsinki),
			faults: []hub.Fault{hub.NewFault(hub.PaymentDue, "", "", "day", counts.String()).Warn()}}
	case on.After(today):
		return payHeld(hub.PaymentFuture, "date", on.String())
	}
	if ok, _ := r.registers.Open(on); !ok {
		return payHeld(hub.PaymentPeriod, "date", on.String())
	}
	return nil
}

// paidOn is the day the money moved: the bank's, else, for what is paid by its
// due date, that; never the day of marking. counts is the first day on which it
// may be marked.
func paidOn(s hub.Settings, p paying) (on, counts civil.Date) {
	c := &p.row.Content
	due, _ := civil.Parse(p.doc.DueDate) // "" when the document has none
	on = c.Date
	if on.IsZero() && (p.doc.DocKind.Buys() || c.State == hub.PaymentSent) {
		on = due
	}
	if c.State != hub.PaymentSent || on.IsZero() {
		return on, civil.Date{}
	}
	if due.IsZero() || due.Before(on) {
		due = on
	}
	return on, due.AddDays(s.PaidAfterDays)
}

// standing is the verdict on a payment that stands in Procountor already.
// Procountor removes a mark only when a person confirms it, so what the source
// says differently by now is a task.
func standing(p paying) *payVerdict {
	c := &p.row.Content
	v := &payVerdict{state: hub.Done}
	if p.mark.State == hub.MarkLinked {
		v.state = hub.Linked
		v.faults = []hub.Fault{hub.NewFault(hub.PaymentByBank, "", "", "date", p.mark.Date, "amount", p.mark.Amount).Warn()}
	}
	why := ""
	was, err := money.Parse(p.mark.Amount)
	switch {
	case c.State == hub.PaymentRemoved:
		why = "payment-removed"
	case c.State == hub.PaymentRefused:
		why = "payment-failed"
	case err != nil || !was.Equal(c.Amount), !c.Date.IsZero() && c.Date.String() != p.mark.Date:
		why = "payment-changed"
	}
	if why != "" {
		v.state = hub.DoneWithWarning
		v.faults = []hub.Fault{hub.NewFault(hub.PaymentChangedLater, "", "", "date", p.mark.Date, "amount", p.mark.Amount, "why", why,
			"day", c.Date.String(), "sum", c.Amount.String()).Warn()}
	}
	return v
}

// paidThere compares a payment with what Procountor shows of its invoice.
func (r *run) paidThere(ctx context.Context, t *hub.Transfer, p paying) (*payVerdict, error) {
	inv, err := r.status.read(ctx, p.doc.InvoiceID)
	if errors.Is(err, procountor.NotFound) {
		return payHeld(hub.EditedThere, "number", fmt.Sprint(p.doc.InvoiceNumber)), nil
	}
	if err != nil {
		return nil, r.trouble(err)
	}
	if v := payableStatus(inv); v != nil {
		return v, nil
	}
	events, err := r.events.read(ctx, inv.ID)
	if err != nil {
		return nil, r.trouble(err)
	}
	on, _ := paidOn(r.conns[t.Connection].Settings, p)
	m, err := mapping.Paid(p.doc.DocKind, p.row.Content, on)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(events.list, func(e procountor.PaymentEvent) bool { return like(e, m) && !stands(p.marks, e) && !byBank(e) }) {
		// The list for many invoices does not show the descriptions that carry the marks.
		return r.likeIt(ctx, t, inv.ID, p, m)
	}
	return against(inv, events.list, p.marks, m), nil
}

// payableStatus is the verdict on an invoice that cannot be marked paid as it
// stands, nil when it can.
func payableStatus(inv *procountor.Invoice) *payVerdict {
	number := fmt.Sprint(inv.InvoiceNumber)
	if unapproved(inv.Status) {
		return payWaits(hub.NewFault(hub.PaymentUnapproved, "", "", "number", number))
	}
	switch inv.Status {
	case procountor.StatusPaymentQueued, procountor.StatusPaymentSentToBank, procountor.StatusPaymentDenied:
		return payHeld(hub.PaymentPaidThere, "number", number, "status", string(inv.Status))
	}
	if gone(inv.Status) {
		return payHeld(hub.EditedThere, "number", number)
	}
	return nil
}

// against decides by the payments that an invoice has; none of them is like m,
// except those of Procountor's bank connection.
func against(inv *procountor.Invoice, events []procountor.PaymentEvent, marks []hub.PaymentMark, m procountor.MarkPaid) *payVerdict {
	total, currency := totalOf(inv)
	open := total
	v := &payVerdict{mark: &m}
	var bank *procountor.PaymentEvent
	for i, e := range events {
		v.known = append(v.known, e.ID)
		open = open.Sub(amountOf(e.PaidAmount))
		if byBank(e) {
			if like(e, m) && !stands(marks, e) {
				return &payVerdict{link: &events[i]}
			}
			bank = &events[i]
		}
	}
	amount := amountOf(m.Amount)
	switch {
	case bank != nil:
		// Procountor's own bank connection is at work on this invoice: never beside it.
		return payHeld(hub.PaymentBank, "date", bank.PaymentDate.String(), "amount", bank.PaidAmount.String())
	case m.Currency != currency:
		return payHeld(hub.PaymentCurrency, "meant", string(currency))
	case amount.Sign() != total.Sign():
		return payHeld(hub.PaymentSign, "amount", amount.String())
	case amount.Abs().Cmp(open.Abs()) > 0 || open.Sign() != total.Sign():
		return payHeld(hub.PaymentTooMuch, "amount", amount.String(), "sum", open.String())
	}
	return v
}

// likeIt reads the payments of one invoice with their marks, since one of them is
// on the same day and for the same sum: ours, if it has landed late, or somebody
// else's.
func (r *run) likeIt(ctx context.Context, t *hub.Transfer, invoice int64, p paying, m procountor.MarkPaid) (*payVerdict, error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, s := range steps {
		keys = append(keys, attemptKeys(r.company.ID, t, s)...)
	}
	var there *procountor.PaymentEvent
	for e, err := range r.client.Invoices.PaymentEvents(ctx, invoice) {
		if err != nil {
			return nil, r.trouble(err)
		}
		if key, ok := hub.MarkIn(e.Description); ok && slices.Contains(keys, key) {
			return &payVerdict{adopt: &e}, nil
		}
		if like(e, m) && !stands(p.marks, e) {
			there = &e
		}
	}
	if there == nil {
		return nil, errGivenBack // removed meanwhile
	}
	return payHeld(hub.PaymentThere, "date", there.PaymentDate.String(), "amount", there.PaidAmount.String()), nil
}

// like reports whether e is on the day and for the sum of m.
func like(e procountor.PaymentEvent, m procountor.MarkPaid) bool {
	return e.PaymentDate == m.PaymentDate && e.PaidAmount.Cmp(m.Amount) == 0
}

// byBank reports whether e was not entered by hand.
func byBank(e procountor.PaymentEvent) bool { return e.Status != procountor.StatusMarkedPaid }

// stands reports whether e stands for some payment of ours.
func stands(marks []hub.PaymentMark, e procountor.PaymentEvent) bool {
	return slices.ContainsFunc(marks, func(m hub.PaymentMark) bool { return m.EventID == e.ID })
}

func amountOf(d procountor.Decimal) money.Amount {
	a, err := money.Parse(d.String())
	if err != nil {
		return money.Zero
	}
	return a
}

// totalOf is the total of an invoice in its own currency.
func totalOf(inv *procountor.Invoice) (money.Amount, procountor.Currency) {
	total := money.Zero
	for i, s := range inv.InvoiceSumInfo {
		if i == 0 || !s.InAccountingCurrency {
			total = amountOf(s.InvoiceSumTotal)
		}
	}
	return total, inv.PaymentInfo.Currency
}

// An eventsOf is the payments of one invoice.
type eventsOf struct {
	invoice int64
	list    []procountor.PaymentEvent
}

// paymentEvents reads the payments of many invoices; each has its list, perhaps
// an empty one.
func (r *run) paymentEvents(ctx context.Context, ids []int64) ([]eventsOf, error) {
	all, err := r.client.Invoices.PaymentEventsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]eventsOf, len(ids))
	for i, id := range ids {
		out[i].invoice = id
		for _, e := range all {
			if e.InvoiceID == id {
				out[i].list = append(out[i].list, e)
			}
		}
	}
	return out, nil
}

// concludePayment stores what was decided.
func (r *run) concludePayment(ctx context.Context, t *hub.Transfer, conn hub.Connection, p paying, v *payVerdict) error {
	var ready []intent
	if v.mark != nil {
		body, err := json.Marshal(v.mark)
		if err != nil {
			return err
		}
		now := *t
		describePayment(&now, p)
		s := hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: 1, Kind: hub.MarkPaid, State: hub.StepPlanned, Detail: hub.StepDetail{Events: v.known}}
		in, err := r.prepare(&now, s, body, nil)
		if err != nil {
			return err
		}
		ready = []intent{in}
	}
	var steps []hub.Step
	err := r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		describePayment(t, p)
		if changed, err := outdated(tx, t); changed || err != nil {
			return err // stays as it is: planned anew with what the source says now
		}
		if p.doc != nil && p.row.Document != p.doc.Subject {
			if err := tx.SetPaymentDocument(p.row.ID, p.doc.Subject); err != nil {
				return err
			}
		}
		switch {
		case v.mark != nil:
			var err error
			steps, err = r.beginMark(tx, t, p, ready)
			return err
		case v.adopt != nil:
			mark := hub.PaymentMark{Company: t.Company, Payment: p.row.ID, InvoiceID: t.InvoiceID, EventID: v.adopt.ID, State: hub.MarkLiving,
				Date: v.adopt.PaymentDate.String(), Amount: v.adopt.PaidAmount.String()}
			if err := tx.OpenMark(mark); err != nil {
				return err
			}
			return r.paymentDone(tx, t, nil)
		case v.link != nil:
			return r.linkPayment(tx, t, p, v.link)
		case v.waitsFor:
			return r.waitForDocument(tx, t, p.doc, v.faults)
		case v.state == hub.Waiting:
			rounds := t.Rounds
			err := r.putOff(tx, t, hub.Waiting, v.until, v.faults...)
			t.Rounds = rounds // a day that has not come is no failure
			return err
		case v.state == hub.Done || v.state == hub.DoneWithWarning:
			return r.paymentDone(tx, t, v.faults)
		}
		return r.payRests(tx, t, v.state, v.faults...)
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// beginMark stores the plan of one mark and intends it, unless another payment
// of the invoice has moved since Procountor was read: then that is read anew.
func (r *run) beginMark(tx *store.Tx, t *hub.Transfer, p paying, ready []intent) ([]hub.Step, error) {
	now, err := tx.MarksOn(t.Company, t.InvoiceID)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(now, func(m hub.PaymentMark) bool { return m.State == hub.MarkIntended }) {
		return nil, r.putOff(tx, t, hub.Waiting, r.now().Add(wait(t.Rounds)), hub.NewFault(hub.PaymentTurn, "", "").Warn())
	}
	if !slices.Equal(now, p.marks) {
		return nil, nil // stays as it is
	}
	return r.begin(tx, t, nil, ready)
}

// paymentDone ends a payment that stands in Procountor.
func (r *run) paymentDone(tx *store.Tx, t *hub.Transfer, warnings []hub.Fault) error {
	if t.State != hub.Working {
		if err := t.Move(hub.Working); err != nil {
			return err
		}
	}
	return r.settleDone(tx, t, warnings)
}

// linkPayment keeps that Procountor's bank connection has the payment, unless that one
// stands for another payment already.
func (r *run) linkPayment(tx *store.Tx, t *hub.Transfer, p paying, e *procountor.PaymentEvent) error {
	date, amount := e.PaymentDate.String(), e.PaidAmount.String()
	err := tx.Try(func() error {
		return tx.OpenMark(hub.PaymentMark{Company: t.Company, Payment: p.row.ID, InvoiceID: t.InvoiceID, EventID: e.ID, State: hub.MarkLinked, Date: date, Amount: amount})
	})
	if store.IsDuplicate(err) {
		return r.payRests(tx, t, hub.Held, hub.NewFault(hub.PaymentBank, "", "", "date", date, "amount", amount))
	}
	if err != nil {
		return err
	}
	return r.payRests(tx, t, hub.Linked, hub.NewFault(hub.PaymentByBank, "", "", "date", date, "amount", amount).Warn())
}

// payRests is settle for a payment, also for one that has waited.
func (r *run) payRests(tx *store.Tx, t *hub.Transfer, to hub.State, faults ...hub.Fault) error {
	if !hub.MayMove(t.State, to) {
		if err := t.Move(hub.Ready); err != nil {
			return err
		}
	}
	return r.settle(tx, t, to, faults...)
}

// waitForDocument lets a payment or an offset wait for a document's transfer, if
// that stands as it did when this was decided.
func (r *run) waitForDocument(tx *store.Tx, t *hub.Transfer, was *hub.Transfer, faults []hub.Fault) error {
	doc, err := tx.LockTransfer(was.ID)
	if err != nil {
		return err
	}
	if doc.State != was.State || doc.InvoiceID != was.InvoiceID {
		return nil // stays as it is
	}
	if err := t.Move(hub.Waiting, faults...); err != nil {
		return err
	}
	t.WaitsFor, t.WakeAt, t.Lease, t.LeaseUntil = doc.ID, time.Time{}, "", time.Time{}
	return act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t))
}

// describePayment copies what people look for to a payment's transfer.
func describePayment(t *hub.Transfer, p paying) {
	c := &p.row.Content
	t.Number, t.Gross, t.Currency, t.Version = c.Number, c.Amount.Fixed(2), string(c.Currency), p.row.Version
	t.Date = c.Date.String()
	if p.doc != nil {
		t.Number, t.DocKind, t.CreditNote, t.PartnerName, t.DueDate = p.doc.Number, p.doc.DocKind, p.doc.CreditNote, p.doc.PartnerName, p.doc.DueDate
		t.InvoiceID, t.InvoiceNumber = p.doc.InvoiceID, p.doc.InvoiceNumber
	}
	if t.Number == "" {
		t.Number = c.SourceID
	}
	t.SortKey = hub.SortKey(t.Number)
}

// markedPayment puts our mark into the description of a mark of payment, where
// Procountor has a place for it: on sales invoices.
func (r *run) markedPayment(t *hub.Transfer, s *hub.Step, body []byte, paymentID string) ([]byte, error) {
	var m procountor.MarkPaid
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, err
	}
	if t.DocKind == hub.SalesInvoice {
		m.Description = mapping.PaidDescription(m.Description, r.conns[t.Connection].System, paymentID, s.Key)
	}
	return json.Marshal(m)
}

// proveMark keeps which payment in Procountor a mark has become.
func (r *run) proveMark(tx *store.Tx, t *hub.Transfer, s *hub.Step, event int64) error {
	err := tx.LiveMark(t.Subject, event)
	if !store.IsNotFound(err) {
		return err
	}
	// A person had given it up; it has landed all the same.
	b, err := tx.Blob(s.Request)
	if err != nil {
		return err
	}
	var m procountor.MarkPaid
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	return tx.OpenMark(hub.PaymentMark{Company: t.Company, Payment: t.Subject, Side: s.Detail.Side, InvoiceID: markedOn(t, s), EventID: event,
		State: hub.MarkLiving, Date: m.PaymentDate.String(), Amount: m.Amount.String()})
}

// markedOn is the invoice that a mark of payment is on.
func markedOn(t *hub.Transfer, s *hub.Step) int64 {
	if s.Detail.Side != "" {
		return s.Detail.InvoiceID
	}
	return t.InvoiceID
}

// openMark begins the mark of a payment with its intent.
func (r *run) openMark(tx *store.Tx, t *hub.Transfer, s *hub.Step, body []byte) error {
	var m procountor.MarkPaid
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	err := tx.Try(func() error {
		return tx.OpenMark(hub.PaymentMark{Company: t.Company, Payment: t.Subject, Side: s.Detail.Side, InvoiceID: markedOn(t, s), State: hub.MarkIntended,
			Date: register.Day(m.PaymentDate).String(), Amount: m.Amount.String()})
	})
	if store.IsDuplicate(err) {
		return errGivenBack // another node marks the same invoice at this moment
	}
	return err
}
