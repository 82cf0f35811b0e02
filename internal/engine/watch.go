package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file reads back what becomes of invoices after they have arrived: payments,
// and what the operator gives back. Nothing tells of these, so they are read in
// batches: often at first, then daily while something is open.

const (
	// watchBatch is how many invoices are read at a time: Procountor's batches.
	watchBatch = procountor.BatchSize
	// watchApart is how far batches of one company are from each other: two or three
	// requests in ten seconds cost little beside 20 documents a second.
	watchApart = 10 * time.Second
	// sendingFor is how long an operator's error is looked for after the sending.
	sendingFor = 14 * 24 * time.Hour
	// The rhythm of reading: in the first day, until the errors of sending are no
	// longer looked for, and as long as something is open or asked.
	watchFirst, watchThen, watchOpen = time.Hour, 4 * time.Hour, 24 * time.Hour
)

// slotAfter is the next moment of a rhythm. All invoices of a company share its
// moments, so that batches are full; companies have different ones.
func slotAfter(company string, now time.Time, every time.Duration) time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(company))
	offset := time.Duration(h.Sum32()) % every
	return now.Add(-offset).Truncate(every).Add(every + offset)
}

// watched begins to watch what t has brought to Procountor.
func (r *run) watched(tx *store.Tx, t *hub.Transfer) error {
	if t.Kind != hub.DocumentTransfer || t.Direction != hub.In || t.InvoiceID == 0 {
		return nil
	}
	if t.DocKind == hub.Journal {
		return r.watchedJournal(tx, t)
	}
	return r.watchInvoice(tx, t, t.InvoiceID)
}

func (r *run) watchInvoice(tx *store.Tx, t *hub.Transfer, invoiceID int64) error {
	return tx.PutWatch(t.Company, invoiceID, t.ID, slotAfter(t.Company, r.now(), watchFirst))
}

// A reading is what Procountor shows of one watched invoice.
type reading struct {
	inv     *procountor.Invoice // nil: it is there no longer
	events  []procountor.PaymentEvent
	history []procountor.InvoiceTransaction
}

// sweep reads back what is due. What fails is read later: it keeps no document.
func (r *run) sweep(ctx context.Context) (more bool) {
	if r.e.o.NoUpkeep {
		return false
	}
	more, err := r.e.sweep(ctx, r.company, r.client)
	if err == nil {
		var journals bool
		journals, err = r.e.sweepJournals(ctx, r.company, r.client)
		more = more || journals
	}
	if err == nil {
		err = r.e.sweepReferences(ctx, r.company, r.client, r.registers)
	}
	if err == nil {
		var purchases bool
		purchases, err = r.sweepBack(ctx)
		more = more || purchases
	}
	if err == nil {
		var images bool
		images, err = r.sweepImages(ctx)
		more = more || images
	}
	if err != nil && ctx.Err() == nil {
		r.e.log.Warn("reading back put off", "company", r.company.Name, "err", err)
		return false
	}
	return more
}

// sweep reads one batch of what is due, and reports whether more is.
func (e *Engine) sweep(ctx context.Context, c hub.Company, client *procountor.Client) (more bool, err error) {
	now := e.o.Now()
	if last, ok := e.lastSweep.Load(c.ID); ok && now.Sub(last.(time.Time)) < watchApart {
		return true, nil
	}
	due, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]store.Watch, error) { return tx.WatchDue(c.ID, now, watchBatch) })
	if err != nil || len(due) == 0 {
		return false, err
	}
	e.lastSweep.Store(c.ID, now)
	readings, err := readBack(ctx, client, due)
	if err != nil {
		return false, err
	}
	return len(due) == watchBatch, e.store.Tx(ctx, func(tx *store.Tx) error {
		for i := range due {
			if err := e.keepReading(tx, due[i], readings[due[i].InvoiceID]); err != nil {
				return fmt.Errorf("invoice %d: %w", due[i].InvoiceID, err)
			}
		}
		return nil
	})
}

func readBack(ctx context.Context, client *procountor.Client, due []store.Watch) (map[int64]*reading, error) {
	readings, ids := map[int64]*reading{}, []int64(nil)
	for _, w := range due {
		readings[w.InvoiceID] = &reading{}
		ids = append(ids, w.InvoiceID)
	}
	list, err := client.Invoices.GetMany(ctx, ids)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return nil, err
	}
	var there, sent []int64
	for i := range list {
		inv := &list[i]
		readings[inv.ID].inv = inv
		if !gone(inv.Status) {
			there = append(there, inv.ID)
		}
		if sentThere(inv) {
			sent = append(sent, inv.ID)
		}
	}
	if len(there) > 0 {
		events, err := client.Invoices.PaymentEventsOf(ctx, there)
		if err != nil {
			return nil, err
		}
		for _, ev := range events {
			if r := readings[ev.InvoiceID]; r != nil {
				r.events = append(r.events, ev)
			}
		}
	}
	sent = slices.DeleteFunc(sent, func(id int64) bool {
		w := due[slices.IndexFunc(due, func(w store.Watch) bool { return w.InvoiceID == id })]
		return w.Paid.Returned == "" && !w.SentAt.IsZero() && w.SentAt.Add(sendingFor).Before(w.DueAt)
	})
	if len(sent) == 0 {
		return readings, nil
	}
	histories, err := client.Invoices.TransactionsOf(ctx, sent)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return nil, err
	}
	for _, h := range histories {
		if r := readings[h.InvoiceID]; r != nil {
			r.history = h.Transactions
		}
	}
	return readings, nil
}

// sentThere reports whether a sales invoice was, or may have been, sent by Procountor:
// one that was given back may stand as not sent again.
func sentThere(inv *procountor.Invoice) bool {
	return inv.Type == procountor.SalesInvoice && inv.InvoiceChannel != procountor.ChannelNoSending && !unfinished(inv.Status) && !gone(inv.Status)
}

// keepReading stores a reading and what follows from it.
func (e *Engine) keepReading(tx *store.Tx, w store.Watch, r *reading) error {
	now := e.o.Now()
	w.ReadAt = now
	was := w.Paid
	w.Paid = hub.PaidWatch{Status: string(procountor.StatusDeleted), State: hub.PaidNothing, Total: was.Total, Open: "0.00", Currency: was.Currency}
	if r.inv != nil {
		marks, err := tx.MarksOn(w.Company, w.InvoiceID)
		if err != nil {
			return err
		}
		w.Paid = paidOf(r, marks)
		if w.SentAt.IsZero() && sentThere(r.inv) && r.inv.Status != procountor.StatusNotSent {
			w.SentAt = now
		}
		if w.Paid.Returned = was.Returned; r.history != nil {
			w.Paid.Returned = returned(r.history)
		}
	}
	if err := tx.SaveWatch(&w); err != nil {
		return err
	}
	if err := e.returnedBy(tx, &w); err != nil {
		return err
	}
	if err := changedPaid(tx, &w, was); err != nil {
		return err
	}
	if err := e.tellPaid(tx, &w, was); err != nil {
		return err
	}
	asked, err := e.closeTasks(tx, &w, r)
	if err != nil {
		return err
	}
	switch age := now.Sub(w.Since); {
	case (r.inv == nil || gone(r.inv.Status)) && !asked:
		w.DueAt = time.Time{}
	case age < 24*time.Hour:
		w.DueAt = slotAfter(w.Company, now, watchFirst)
	case age < sendingFor || asked:
		w.DueAt = slotAfter(w.Company, now, watchThen)
	case w.Paid.State != hub.PaidFully:
		w.DueAt = slotAfter(w.Company, now, watchOpen)
	default:
		w.DueAt = time.Time{} // a change of its status is noticed all the same
	}
	return tx.SaveWatch(&w)
}

// paidOf says how far an invoice is paid. marks are ours on it.
func paidOf(r *reading, marks []hub.PaymentMark) hub.PaidWatch {
	total, currency := totalOf(r.inv)
	p := hub.PaidWatch{Status: string(r.inv.Status), State: hub.PaidNothing, Currency: string(currency), Total: total.Fixed(2)}
	open, last := total, civil.Date{}
	for _, e := range r.events {
		open = open.Sub(amountOf(e.PaidAmount))
		if on := register.Day(e.PaymentDate); on.After(last) {
			last = on
		}
		if !slices.ContainsFunc(marks, func(m hub.PaymentMark) bool { return m.EventID == e.ID && m.Side != "" }) {
			p.Payments++
		}
	}
	switch {
	case r.inv.Status == procountor.StatusPaid || r.inv.Status == procountor.StatusMarkedPaid, total.Sign() != 0 && open.Sign() != total.Sign():
		p.State = hub.PaidFully
	case len(r.events) > 0:
		p.State = hub.PaidPartly
	}
	if len(r.events) == 0 && p.State == hub.PaidFully {
		open = money.Zero // Procountor says so and shows no payment
	}
	p.Open, p.On = open.Fixed(2), last.String()
	return p
}

// returned is the newest error of the operator that nobody has seen to: no person in
// Procountor, and no sending after it.
func returned(history []procountor.InvoiceTransaction) (text string) {
	list := slices.Clone(history)
	slices.SortStableFunc(list, func(a, b procountor.InvoiceTransaction) int { return a.Date.Cmp(b.Date) })
	for _, h := range list {
		switch h.Action {
		case procountor.SendingErrorReceived:
			text = h.Date.String() + " " + h.Details
		case procountor.SendingErrorHandled, procountor.SendingErrorMarkAsHandled, procountor.SendingErrorReverted, procountor.ActionSend:
			text = ""
		}
	}
	return text
}

// returnedBy tells people that the operator gave an invoice back, once for each time.
func (e *Engine) returnedBy(tx *store.Tx, w *store.Watch) error {
	if w.Paid.Returned == "" {
		return nil
	}
	t, err := tx.LockTransfer(w.Transfer)
	if err != nil {
		return err
	}
	at, reason, _ := strings.Cut(w.Paid.Returned, " ")
	f := hub.NewFault(hub.SendingReturned, "", "", "number", fmt.Sprint(t.InvoiceNumber),
		"date", at[:min(len(at), len("2006-01-02"))], "time", at, "reason", reason).Warn()
	told := slices.ContainsFunc(t.Faults, f.Equal)
	if told || t.InvoiceID != w.InvoiceID || t.State != hub.Done && t.State != hub.DoneWithWarning || t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
		return nil // told, or told by the next reading when the transfer rests
	}
	faults := append(slices.DeleteFunc(slices.Clone(t.Faults), func(g hub.Fault) bool { return g.Code == f.Code }), f)
	lease := t.Lease
	if err := t.Move(hub.DoneWithWarning, faults...); err != nil {
		return err
	}
	if err := tx.AskTask(&t, f.Code); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.returned", t.ID, transferAct(&t)); err != nil {
		return err
	}
	return tx.SaveTransfer(&t, lease)
}

// changedPaid tells the business system of the invoice that another sum of it is open
// than was read before. That nothing is paid of one that is read for the first time is
// no news.
func changedPaid(tx *store.Tx, w *store.Watch, was hub.PaidWatch) error {
	if w.Paid.State == was.State && w.Paid.Open == was.Open || was.State == "" && w.Paid.State == hub.PaidNothing {
		return nil
	}
	t, err := tx.Transfer(w.Transfer)
	if err != nil || t.InvoiceID != w.InvoiceID {
		return err // of a voucher that was let go, or of a credit note of ours
	}
	row, err := tx.DocumentByID(t.Subject)
	if err != nil {
		return err
	}
	d := hub.DetailOf(hub.DocumentPaid, &t)
	d.Paid = &w.Paid
	tx.AppendChange(hub.Change{Connection: t.Connection, Kind: hub.DocumentPaid, Subject: t.Subject, Document: row.ID, SourceID: row.SourceID, Detail: d})
	return nil
}

// closeTasks marks what a person has seen to in Procountor as done, and reports
// whether something about the invoice is still asked.
func (e *Engine) closeTasks(tx *store.Tx, w *store.Watch, r *reading) (asked bool, err error) {
	tasks, err := tx.TasksAbout(w)
	if err != nil {
		return false, err
	}
	for _, k := range tasks {
		t, err := tx.LockTransfer(k.Transfer)
		if err != nil {
			return false, err
		}
		seen, err := seenTo(tx, &t, k.Code, w, r)
		if err != nil {
			return false, err
		}
		if !seen {
			asked = true
			continue
		}
		k.DoneBy, k.DoneAt = engineActor, tx.Now()
		if err := tx.SaveTask(k); err != nil {
			return false, err
		}
		if err := act(tx, engineActor, "task.done", t.ID, struct {
			Codes []string `json:"codes"`
		}{[]string{k.Code}}); err != nil {
			return false, err
		}
	}
	return asked, nil
}

// seenTo reports whether Procountor shows that what a task asks has been done.
func seenTo(tx *store.Tx, t *hub.Transfer, code string, w *store.Watch, r *reading) (bool, error) {
	switch code {
	case hub.OffsetByHand, hub.CreditRefund:
		if t.Kind == hub.OffsetTransfer || t.CreditNote {
			return t.InvoiceID == w.InvoiceID && w.Paid.State == hub.PaidFully, nil
		}
		open, err := tx.NotesOpen(t.Company, t.Subject)
		return !open, err
	case hub.PaymentsLeft:
		stay, err := tx.PaymentsStay(t.Company, t.Subject)
		return !stay, err
	case hub.SendingReturned:
		return t.InvoiceID == w.InvoiceID && w.Paid.Returned == "", nil
	case hub.PaymentChangedLater:
		return paymentSeenTo(tx, t, w, r)
	}
	return false, nil
}

// paymentSeenTo reports whether a mark that the source has changed or removed was
// removed in Procountor, and what the source says now is marked there instead.
func paymentSeenTo(tx *store.Tx, t *hub.Transfer, w *store.Watch, r *reading) (bool, error) {
	if t.Kind != hub.PaymentTransfer || t.InvoiceID != w.InvoiceID {
		return false, nil
	}
	m, err := tx.MarkOf(t.Subject, "")
	if err != nil {
		return false, ignoreNotFound(err)
	}
	p, err := tx.Payment(t.Subject)
	if err != nil || slices.ContainsFunc(r.events, func(e procountor.PaymentEvent) bool { return e.ID == m.EventID }) {
		return false, err
	}
	if p.Content.State == hub.PaymentRemoved || p.Content.State == hub.PaymentRefused {
		return true, tx.MoveMark(&m, 0, "", "")
	}
	marks, err := tx.MarksOn(w.Company, w.InvoiceID)
	if err != nil {
		return false, err
	}
	for _, e := range r.events {
		if amountOf(e.PaidAmount).Equal(p.Content.Amount) && (p.Content.Date.IsZero() || register.Day(e.PaymentDate) == p.Content.Date) && !stands(marks, e) {
			return true, tx.MoveMark(&m, e.ID, e.PaymentDate.String(), e.PaidAmount.String())
		}
	}
	return false, nil
}

func ignoreNotFound(err error) error {
	if store.IsNotFound(err) {
		return nil
	}
	return err
}
