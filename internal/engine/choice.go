package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file holds a person's answers to a change that our voucher cannot take any
// more (the third law): leave it, send another beside it, credit it and send anew.

// choices are the answers that are open for t.
func choices(t *hub.Transfer) (list []Action) {
	changed, ok := find(t.Faults, hub.DocumentChanged)
	if there, yes := find(t.Faults, hub.LocksReleased); yes && t.State == hub.Held && t.InvoiceID != 0 {
		return answers(t, procountor.Status(there.Args["status"]))
	}
	twin := !ok && t.State == hub.Held && t.InvoiceID == 0 && only(t.Faults, hub.DocumentTwin, hub.AlreadyThere)
	switch {
	case twin:
		return []Action{SendBeside}
	case !ok || t.State != hub.Held || t.Goal != hub.Deliver:
		return nil
	case changed.Args["was"] != "":
		return []Action{Leave} // no voucher of ours: sent anew by retry
	case changed.Args["journal"] != "":
		if !only(t.Faults, hub.DocumentChanged, hub.JournalMissing, hub.JournalBuyer, hub.PeriodClosed, hub.FiscalYearMissing) {
			return []Action{Leave} // what it says now cannot go at all
		}
		if changed.Args["whole"] != "" {
			return []Action{Leave, Difference}
		}
		return []Action{Leave, Difference, Reverse}
	case t.InvoiceID == 0:
		return nil
	}
	if !only(t.Faults, hub.DocumentChanged, hub.EditedThere, hub.MarkRemoved) {
		return []Action{Leave} // what it says now cannot go at all
	}
	return answers(t, procountor.Status(changed.Args["status"]))
}

// answers are those that a voucher of ours, which stands so in Procountor, leaves open.
func answers(t *hub.Transfer, status procountor.Status) []Action {
	list := []Action{Leave, SendBeside}
	// A supplier's invoice is the supplier's to credit; what is unfinished is not
	// in the books; and the opposite of a credit note is an invoice, not a note.
	if t.DocKind == hub.SalesInvoice && !t.CreditNote && status != "" && !unfinished(status) {
		list = append(list, CreditAnew)
	}
	return list
}

// locksReleased reports whether a person has released the locks of t and nobody has
// answered yet.
func locksReleased(t *hub.Transfer) bool {
	_, ok := find(t.Faults, hub.LocksReleased)
	return ok && t.State == hub.Held
}

// released is what a document is held with whose locks a person releases: its voucher,
// and how that stands in Procountor, as far as is known without asking.
func released(tx *store.Tx, t *hub.Transfer) (f hub.Fault, err error) {
	steps, err := tx.Steps(t.ID, 0)
	if err != nil {
		return f, err
	}
	status := procountor.StatusUnfinished
	switch {
	case SentToCustomer(steps):
		status = procountor.StatusSent
	case slices.ContainsFunc(steps, func(s hub.Step) bool { return s.Kind == hub.Approve && s.State == hub.StepProved && s.Plan == t.Plan }):
		status = procountor.StatusApproved
	}
	w, err := tx.WatchOf(t.Company, t.InvoiceID)
	if err == nil && w.Paid.Status != "" {
		status = procountor.Status(w.Paid.Status)
	}
	return hub.NewFault(hub.LocksReleased, "", "", "number", fmt.Sprint(t.InvoiceNumber), "status", string(status)), ignoreNotFound(err)
}

// only reports whether something stops and all that does has one of the codes.
func only(faults []hub.Fault, codes ...string) bool {
	return hub.Stops(faults) && !slices.ContainsFunc(faults, func(f hub.Fault) bool { return !f.Warning && !slices.Contains(codes, f.Code) })
}

// leftAs is what a document is whose change is left: what it was.
func leftAs(t *hub.Transfer) (hub.State, []hub.Fault) {
	if locksReleased(t) {
		return hub.Ready, nil // there is nothing to do, and it rests as before
	}
	changed, _ := find(t.Faults, hub.DocumentChanged)
	number := fmt.Sprint(t.InvoiceNumber)
	if changed.Args["journal"] != "" {
		number = changed.Args["number"]
	}
	switch was := hub.State(changed.Args["was"]); was {
	case "":
		return hub.DoneWithWarning, []hub.Fault{hub.NewFault(hub.ChangeLeft, "", "", "number", number).Warn()}
	case hub.Linked:
		return was, []hub.Fault{hub.NewFault(hub.LinkedThere, "", "", "number", number).Warn()}
	default:
		return was, nil
	}
}

// asked is what a changed document is held with whose voucher is not ours to
// change, or that a person did not want: it never goes anew by itself, however
// often it changes. ok is false for all others.
func asked(t *hub.Transfer) (f hub.Fault, ok bool) {
	f = hub.NewFault(hub.DocumentChanged, "", "", "was", string(t.State))
	if t.InvoiceNumber != 0 {
		f.Args["number"] = fmt.Sprint(t.InvoiceNumber)
	}
	if _, gone := find(t.Faults, hub.PayrollGone); gone {
		return hub.Fault{}, false // nobody has ended it: its run did not have it, and has it again
	}
	switch t.State {
	case hub.Linked, hub.DoneByHand, hub.TakenBack, hub.Withdrawn:
		return f, true
	case hub.Held:
		if was, ok := find(t.Faults, hub.DocumentChanged); ok && was.Args["was"] != "" {
			return was, true
		}
		if gone, ok := find(t.Faults, hub.EditedThere); ok && t.InvoiceID == 0 && t.Plan > 0 {
			return gone, true // a person has removed its voucher
		}
	}
	return hub.Fault{}, false
}

// beside are the warnings about vouchers of a document that persons have let go.
func beside(tx *store.Tx, subject string) (list []hub.Fault, err error) {
	let, err := tx.Released(subject)
	for _, v := range let {
		number := fmt.Sprint(v.Number)
		if v.Offset {
			list = append(list, hub.NewFault(hub.OffsetUnderWay, "", "", "number", fmt.Sprint(v.Credit), "credited", number).Warn())
		} else if v.Credit != 0 {
			list = append(list, hub.NewFault(hub.OffsetByHand, "", "", "number", fmt.Sprint(v.Credit), "credited", number).Warn())
		} else {
			list = append(list, hub.NewFault(hub.SentBeside, "", "", "number", number).Warn())
		}
	}
	return list, err
}

// openVoucher begins what a post is about to make, in the transaction of its
// intent: the one living voucher of t's document, or the one credit note of a
// voucher. A voucher that a person lets go is released first.
func openVoucher(tx *store.Tx, t *hub.Transfer, s *hub.Step) error {
	switch s.Kind {
	case hub.CreditInvoice:
		return tx.OpenCredit(t, s.Detail.Credits)
	case hub.PostInvoice:
		if s.Detail.Beside != 0 {
			if err := tx.ReleaseVoucher(t, s.Detail.Beside); err != nil {
				return err
			}
		}
		return tx.OpenVoucher(t.Company, t.Subject, t.Number)
	case hub.PostJournal:
		return tx.OpenVoucher(t.Company, t.Subject, t.Number)
	}
	return nil
}

// neverMade undoes what was begun with an intent: the write has certainly made nothing.
func neverMade(tx *store.Tx, t *hub.Transfer, s *hub.Step) error {
	switch s.Kind {
	case hub.CreditInvoice:
		return tx.EndCredit(t.Company, s.Detail.Credits)
	case hub.PostInvoice:
		if err := tx.EndVoucher(t.Subject); err != nil || s.Detail.Beside == 0 {
			return err
		}
		return tx.RestoreVoucher(t.Subject, s.Detail.Beside)
	case hub.PostJournal:
		return tx.EndVoucher(t.Subject)
	case hub.MarkPaid:
		return tx.EndMark(t.Subject)
	case hub.WriteRecord:
		return tx.EndRecord(t.Subject, s.Detail.Part)
	}
	return nil
}

// sayChanged adds to what holds a document with a living voucher that its change
// is not in the books: then a person may also leave it.
func (r *run) sayChanged(ctx context.Context, t *hub.Transfer, doc *hub.Document, v *verdict) error {
	if _, ok := find(v.faults, hub.DocumentChanged); ok || slices.ContainsFunc(v.faults, func(f hub.Fault) bool { return f.Code == hub.EditedThere && f.Value != "" }) {
		return nil // said already, or the voucher is gone
	}
	written, err := r.lastWritten(ctx, t)
	if err != nil || written == nil || written.Detail.Document == doc.Version() {
		return err
	}
	f := hub.NewFault(hub.DocumentChanged, "", string(v.there), "number", fmt.Sprint(t.InvoiceNumber), "status", string(v.there))
	v.faults = append(v.faults, f)
	return nil
}

// lastWritten is the newest write of content that is proved; nil when none is.
func (r *run) lastWritten(ctx context.Context, t *hub.Transfer) (*hub.Step, error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	for i := range slices.Backward(steps) {
		if k := steps[i].Kind; steps[i].State == hub.StepProved && (k == hub.PostInvoice || k == hub.ReplaceInvoice) {
			return &steps[i], err
		}
	}
	return nil, err
}

// planDecided plans what a person has answered to a change, if there is still
// something to answer: when the voucher can take the change, or there is none any
// more, it is carried over as ever.
func (r *run) planDecided(ctx context.Context, t *hub.Transfer, conn hub.Connection, doc *hub.Document, standing hub.Standing, living int64) (*draft, *verdict, error) {
	inv, err := r.client.Invoices.Get(ctx, living)
	switch {
	case errors.Is(err, procountor.NotFound):
		return nil, held(hub.NewFault(hub.EditedThere, "", "404", "number", fmt.Sprint(t.InvoiceNumber))), nil
	case err != nil:
		return nil, nil, r.trouble(err)
	case gone(inv.Status):
		return nil, &verdict{gone: inv}, nil
	}
	written, err := r.markedStep(ctx, t, inv)
	if err == nil && written == nil {
		written, err = r.lastWritten(ctx, t)
	}
	if err != nil {
		return nil, nil, err
	}
	if written != nil && written.Detail.Document == doc.Version() && t.Asked != doc.Version() || t.Goal == hub.CreditAnew && unfinished(inv.Status) {
		t.Goal = hub.Deliver
		return r.planDelivery(ctx, t, conn, doc, standing, living)
	}
	// Nothing is credited whose new content cannot go.
	d, v, err := r.planDelivery(ctx, t, conn, doc, standing, living)
	if t.Goal == hub.SendBeside || v != nil || err != nil {
		return d, v, err
	}
	p, faults, err := r.credit(ctx, t, conn, doc, inv)
	if err != nil {
		return nil, nil, err
	}
	if p == nil {
		return nil, held(faults...), nil
	}
	late, s, err := r.late(ctx, t, p.Steps[0].Invoice, hub.CreditInvoice)
	if err != nil {
		return nil, nil, err
	}
	if late != nil && s.Detail.Credits == living {
		return nil, &verdict{adopt: late, credited: living}, nil
	}
	d = &draft{}
	d.add(hub.CreditInvoice, p.Steps[0].Detail, nil)
	d.steps[0].invoice = p.Steps[0].Invoice
	return r.remaining(d, p.Steps[1:], nil)
}

// planCredited plans what is left to do with a credit note that we have made.
func (r *run) planCredited(ctx context.Context, t *hub.Transfer, conn hub.Connection, l loaded) (*draft, *verdict, error) {
	stands := func(faults ...hub.Fault) (*draft, *verdict, error) {
		return nil, &verdict{state: hub.Held, faults: faults, credited: l.living}, nil
	}
	list, err := r.client.Invoices.GetMany(ctx, []int64{l.living, l.credit.InvoiceID})
	if err != nil {
		return nil, nil, r.trouble(err)
	}
	byID := map[int64]*procountor.Invoice{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	saved, note := byID[l.living], byID[l.credit.InvoiceID]
	switch {
	case saved == nil || gone(saved.Status):
		return stands(hub.NewFault(hub.EditedThere, "", "404", "number", fmt.Sprint(t.InvoiceNumber)))
	case note == nil:
		note = &procountor.Invoice{ID: l.credit.InvoiceID, InvoiceNumber: int(l.credit.Number), Status: procountor.StatusDeleted}
		return nil, &verdict{gone: note, credited: l.living}, nil
	case gone(note.Status):
		return nil, &verdict{gone: note, credited: l.living}, nil
	}
	p, faults, err := r.credit(ctx, t, conn, l.doc, saved)
	if err != nil {
		return nil, nil, err
	}
	if p == nil {
		return stands(faults...)
	}
	all, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	if err != nil {
		return nil, nil, err
	}
	posted := slices.ContainsFunc(all, func(s hub.Step) bool {
		return s.Kind == hub.PutReceipt && s.Detail.Credits == l.living && s.State == hub.StepProved
	})
	if differs := compare(conn, p.Steps[0].Detail.Meant, note); hub.Stops(differs) {
		return stands(differs...)
	}
	approved := !unfinished(note.Status)
	sent := approved && note.Status != procountor.StatusNotSent
	steps := slices.DeleteFunc(p.Steps[1:], func(s mapping.Step) bool {
		return s.Kind == hub.PutReceipt && (posted || approved) || s.Kind == hub.Approve && approved || s.Kind == hub.Send && sent
	})
	return r.remaining(&draft{}, steps, nil)
}

// credit maps a credit note of saved, with the accounts that it stands on.
func (r *run) credit(ctx context.Context, t *hub.Transfer, conn hub.Connection, doc *hub.Document, saved *procountor.Invoice) (*mapping.Plan, []hub.Fault, error) {
	posted, err := r.receipts.read(ctx, saved.LedgerReceiptID)
	if err != nil {
		return nil, nil, r.trouble(err)
	}
	p, faults := mapping.Credit(r.input(t, conn, doc), saved, posted)
	return p, faults, nil
}

// voucherOf is the invoice that a step is about: t's voucher, or a credit note.
func (r *run) voucherOf(ctx context.Context, t *hub.Transfer, s *hub.Step) (int64, error) {
	if s.Kind == hub.MarkPaid {
		return markedOn(t, s), nil
	}
	if t.Kind == hub.ApprovalTransfer {
		return s.Detail.InvoiceID, nil
	}
	if s.Detail.Credits == 0 || s.Kind == hub.CreditInvoice {
		return t.InvoiceID, nil
	}
	c, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.Credit, error) { return tx.CreditOf(t.Company, s.Detail.Credits) })
	if err != nil {
		return 0, fmt.Errorf("credit note of %d: %w", s.Detail.Credits, err)
	}
	return c.InvoiceID, nil
}

// settleCredited lets the credited voucher go. Its document has none any more and
// goes as one that comes for the first time, with what the source shows now.
func (r *run) settleCredited(tx *store.Tx, t *hub.Transfer) error {
	if err := act(tx, engineActor, "transfer.credited", t.ID, struct {
		InvoiceID int64 `json:"invoice_id"`
		Number    int64 `json:"invoice_number"`
	}{t.InvoiceID, t.InvoiceNumber}); err != nil {
		return err
	}
	if err := tx.ReleaseVoucher(t, t.InvoiceID); err != nil {
		return fmt.Errorf("credited voucher: %w", err)
	}
	note, err := tx.CreditOf(t.Company, t.InvoiceID)
	if err != nil {
		return err
	}
	for _, id := range []int64{t.InvoiceID, note.InvoiceID} {
		if err := r.watchInvoice(tx, t, id); err != nil {
			return err
		}
	}
	if r.conns[t.Connection].Settings.Offset == hub.OffsetByVienti {
		if err := r.addOffset(tx, t, hub.OffsetPair{Note: note.InvoiceID, NoteNumber: note.Number, Credited: t.Number, Invoice: t.InvoiceID, InvoiceNumber: t.InvoiceNumber}); err != nil {
			return fmt.Errorf("begin offset: %w", err)
		}
	}
	t.Goal, t.InvoiceID, t.InvoiceNumber, t.Reference = hub.Deliver, 0, 0, ""
	return t.Move(hub.Ready)
}

// settleCreditGone ends a credit note that a person has removed in Procountor.
// Its voucher is as it was, and the person is asked again.
func (r *run) settleCreditGone(tx *store.Tx, t *hub.Transfer, credits int64, inv *procountor.Invoice) error {
	if err := tx.EndCredit(t.Company, credits); err != nil {
		return err
	}
	t.Goal = hub.Deliver
	return r.settle(tx, t, hub.Held, hub.NewFault(hub.EditedThere, "", string(inv.Status), "number", fmt.Sprint(inv.InvoiceNumber)))
}

// late finds an invoice of ours from a write that two looks did not find and that
// has landed all the same, with the step that made it.
func (r *run) late(ctx context.Context, t *hub.Transfer, meant *procountor.Invoice, kind hub.StepKind) (*procountor.Invoice, *hub.Step, error) {
	rows, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.HistoryRow, error) {
		return tx.HistoryByNumber(r.company.ID, string(meant.Type), meant.OriginalInvoiceNumber)
	})
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	var ids []int64
	for _, row := range rows[:min(len(rows), maxSameNumber)] {
		ids = append(ids, row.InvoiceID)
	}
	list, err := r.client.Invoices.GetMany(ctx, ids)
	if err != nil {
		return nil, nil, r.trouble(err)
	}
	for i := range list {
		s, err := r.markedStep(ctx, t, &list[i])
		if err != nil {
			return nil, nil, err
		}
		if s != nil && (s.Kind == hub.CreditInvoice) == (kind == hub.CreditInvoice) && !gone(list[i].Status) {
			return &list[i], s, nil
		}
	}
	return nil, nil, nil
}
