package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file reads back what persons do to our journals in Procountor, where nothing
// tells of it: 200 in a request, often at first, then daily. A journal that is gone
// is held, and one that was edited is a task; its documents say so. None is ever
// booked again by itself.

// journalsFor is how long a journal is looked at.
const journalsFor = 400 * 24 * time.Hour

// sweepJournals reads one batch of the journals that are due, and reports whether
// more are.
func (e *Engine) sweepJournals(ctx context.Context, c hub.Company, client *procountor.Client) (more bool, err error) {
	now := e.o.Now()
	key := "journals/" + c.ID
	if last, ok := e.lastSweep.Load(key); ok && now.Sub(last.(time.Time)) < watchApart {
		return true, nil
	}
	due, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]store.JournalWatch, error) { return tx.JournalsDue(c.ID, now, watchBatch) })
	if err != nil || len(due) == 0 {
		return false, err
	}
	e.lastSweep.Store(key, now)
	var ids []int64
	for _, w := range due {
		ids = append(ids, w.ReceiptID)
	}
	list, err := client.LedgerReceipts.GetMany(ctx, ids)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return false, err
	}
	byID := map[int64]*procountor.LedgerReceipt{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return len(due) == watchBatch, e.store.Tx(ctx, func(tx *store.Tx) error {
		for _, w := range due {
			if err := e.keepJournal(tx, w, byID[w.ReceiptID]); err != nil {
				return fmt.Errorf("journal %d: %w", w.ReceiptID, err)
			}
		}
		return nil
	})
}

// keepJournal stores what was read of a journal, and what follows from it; rc is nil
// when it is there no longer.
func (e *Engine) keepJournal(tx *store.Tx, w store.JournalWatch, rc *procountor.LedgerReceipt) error {
	now := e.o.Now()
	t, err := tx.LockTransfer(w.Transfer)
	if err != nil {
		return err
	}
	current, err := tx.ReceiptOf(t.Subject)
	if err != nil {
		return err
	}
	w.ReadAt, w.Status = now, string(procountor.StatusDeleted)
	if rc != nil {
		w.Status = string(rc.Status)
	}
	switch age := now.Sub(w.Since); {
	case current != w.ReceiptID, age > journalsFor:
		w.DueAt = time.Time{}
		return tx.SaveJournalWatch(&w)
	case age < 24*time.Hour:
		w.DueAt = slotAfter(w.Company, now, watchFirst)
	case age < sendingFor:
		w.DueAt = slotAfter(w.Company, now, watchThen)
	default:
		w.DueAt = slotAfter(w.Company, now, watchOpen)
	}
	if err := tx.SaveJournalWatch(&w); err != nil {
		return err
	}
	if t.Lease != "" && t.LeaseUntil.After(now) || t.State != hub.Done && t.State != hub.DoneWithWarning {
		return nil // being worked on, or told already: the next reading sees it
	}
	number := fmt.Sprint(t.InvoiceNumber)
	if rc == nil || gone(rc.Status) {
		return e.journalGone(tx, &t, hub.NewFault(hub.JournalGone, "", w.Status, "journal", t.Number, "number", number))
	}
	edited, err := e.editedJournal(tx, &t, rc)
	if err != nil {
		return err
	}
	return e.tellEdited(tx, &t, edited)
}

// journalGone holds a journal that somebody has removed in Procountor: a person
// decides whether it is booked again.
func (e *Engine) journalGone(tx *store.Tx, t *hub.Transfer, f hub.Fault) error {
	if err := tx.EndVoucher(t.Subject); err != nil {
		return err
	}
	t.Goal, t.InvoiceID, t.InvoiceNumber = hub.Deliver, 0, 0
	lease := t.Lease
	t.Lease, t.LeaseUntil = "", time.Time{}
	if err := t.Move(hub.Held, f); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.held", t.ID, transferAct(t)); err != nil {
		return err
	}
	if err := tx.SaveTransfer(t, lease); err != nil {
		return err
	}
	return e.tellMembers(tx, t, new(f.Warn()))
}

// editedJournal says what somebody has changed of a journal of ours; nil when
// nothing.
func (e *Engine) editedJournal(tx *store.Tx, t *hub.Transfer, rc *procountor.LedgerReceipt) (*hub.Fault, error) {
	steps, err := tx.Steps(t.ID, 0)
	if err != nil {
		return nil, err
	}
	approved, written := false, -1
	for i, s := range steps {
		if s.State != hub.StepProved {
			continue
		}
		switch s.Kind {
		case hub.PostJournal:
			written, approved = i, false
		case hub.Approve:
			approved = true
		}
	}
	if written < 0 {
		return nil, nil
	}
	edited := func(at, is string) *hub.Fault {
		return new(hub.NewFault(hub.JournalEdited, "", "", "journal", t.Number, "number", dispatch.ReceiptNumber(rc), "field", at, "saved", is).Warn())
	}
	if approved && rc.Status == procountor.StatusUnfinished {
		return edited("status", string(rc.Status)), nil
	}
	body, err := tx.Blob(steps[written].Request)
	if err != nil {
		return nil, err
	}
	differs, err := journalDiffers(body, rc, steps[written].Detail.Reconcile)
	if err != nil || differs == nil {
		return nil, err
	}
	return edited(differs.Args["field"], differs.Args["saved"]), nil
}

// tellEdited makes a task of what somebody has edited, or closes it when the journal
// is again as it was made.
func (e *Engine) tellEdited(tx *store.Tx, t *hub.Transfer, edited *hub.Fault) error {
	was, told := find(t.Faults, hub.JournalEdited)
	if edited == nil && !told || edited != nil && told && was.Equal(*edited) {
		return nil
	}
	faults := slices.DeleteFunc(slices.Clone(t.Faults), func(f hub.Fault) bool { return f.Code == hub.JournalEdited })
	to, kind := hub.Done, "transfer.done"
	if edited != nil {
		faults = append(faults, *edited)
	}
	if len(faults) > 0 {
		to, kind = hub.DoneWithWarning, "transfer.done_with_warning"
	}
	if edited == nil {
		err := tx.SaveTask(hub.Task{Transfer: t.ID, Plan: t.Plan, Code: hub.JournalEdited, DoneBy: engineActor, DoneAt: tx.Now()})
		if err != nil && !store.IsNotFound(err) {
			return err
		}
	}
	lease := t.Lease
	if err := t.Move(to, faults...); err != nil {
		return err
	}
	if edited != nil {
		if err := tx.AskTask(t, hub.JournalEdited); err != nil {
			return err
		}
	}
	if err := act(tx, engineActor, kind, t.ID, transferAct(t)); err != nil {
		return err
	}
	if err := tx.SaveTransfer(t, lease); err != nil {
		return err
	}
	return e.tellMembers(tx, t, edited)
}

// tellMembers says on the documents of a journal what became of it in Procountor; nil
// takes back what was said.
func (e *Engine) tellMembers(tx *store.Tx, t *hub.Transfer, f *hub.Fault) error {
	codes := [2]string{hub.JournalGone, hub.JournalEdited}
	var docs []hub.Transfer
	var err error
	if f == nil {
		docs, err = tx.ToldMembers(t.Company, t.Subject, codes)
	} else if docs, err = tx.MemberTransfers(t.Subject); err == nil && len(docs) == 0 {
		docs, err = correctedBy(tx, t)
	}
	if err != nil {
		return err
	}
	for i := range docs {
		d := &docs[i]
		if d.State != hub.Done && d.State != hub.DoneWithWarning {
			continue
		}
		faults := slices.DeleteFunc(slices.Clone(d.Faults), func(g hub.Fault) bool {
			return slices.Contains(codes[:], g.Code) && g.Args["journal"] == t.Number
		})
		to := hub.Done
		if f != nil {
			faults = append(faults, *f)
		}
		if len(faults) > 0 {
			to = hub.DoneWithWarning
		}
		if err := d.Move(to, faults...); err != nil {
			return err
		}
		if err := act(tx, engineActor, "transfer."+string(to), d.ID, transferAct(d)); err != nil {
			return err
		}
		if err := tx.SaveTransfer(d, d.Lease); err != nil {
			return err
		}
	}
	return nil
}

// correctedBy is the document that a journal sets right; none when it is of a month.
func correctedBy(tx *store.Tx, t *hub.Transfer) ([]hub.Transfer, error) {
	c, err := tx.CorrectionBy(t.Subject)
	if err != nil {
		return nil, ignoreNotFound(err)
	}
	doc, err := tx.TransferByDocument(t.Company, c.Document)
	return []hub.Transfer{doc}, err
}

// watchedJournal begins to watch a journal that has arrived, and takes back what its
// documents said of an earlier one.
func (r *run) watchedJournal(tx *store.Tx, t *hub.Transfer) error {
	receipt, err := tx.ReceiptOf(t.Subject)
	if err != nil || receipt == 0 {
		return err
	}
	if err := tx.PutJournalWatch(t.Company, receipt, t.ID, slotAfter(t.Company, r.now(), watchFirst)); err != nil {
		return err
	}
	if t.Plan > 1 {
		return r.e.tellMembers(tx, t, nil)
	}
	return nil
}
