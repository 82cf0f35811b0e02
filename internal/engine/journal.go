package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file moves journals: vouchers of debit and credit rows that are made of
// the documents of a closed period. A journal is a document of ours with a
// transfer like any other; its content is made anew from its documents until the
// first attempt to post it, and then stays.

// planJournal plans how a journal gets into Procountor, or what is left to do.
func (r *run) planJournal(ctx context.Context, t *hub.Transfer, conn hub.Connection, l loaded) (*draft, *verdict, error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	if err != nil {
		return nil, nil, err
	}
	if l.living != 0 {
		return r.planLivingJournal(ctx, t, conn, l, steps)
	}
	if t.Goal == hub.TakeBack {
		return &draft{}, nil, nil
	}
	late, v, err := r.lateJournal(ctx, t, steps)
	if err != nil || v != nil {
		return nil, v, err
	}
	if late != nil {
		return nil, &verdict{receipt: late}, nil
	}
	d := &draft{content: l.doc}
	switch {
	case l.doc.Covers == nil:
	case l.doc.Covers.Corrects != nil:
		if v, err := r.correcting(ctx, t, d); v != nil || err != nil {
			return nil, v, err
		}
	default:
		if v, err := r.composed(ctx, t, conn, d, attempted(steps)); v != nil || err != nil {
			return nil, v, err
		}
	}
	p, faults := mapping.MakeJournal(r.input(t, conn, d.content))
	d.warnings = append(d.warnings, faults...)
	if p == nil {
		return nil, held(d.warnings...), nil
	}
	post := p.Steps[0]
	post.Detail.Document = d.content.Version()
	d.add(hub.PostJournal, post.Detail, post.Body)
	return r.remaining(d, p.Steps[1:], nil)
}

// attempted reports whether a journal may have been posted once: from then on no
// document leaves it without a person.
func attempted(steps []hub.Step) bool {
	return slices.ContainsFunc(steps, func(s hub.Step) bool { return s.Kind == hub.PostJournal && s.Attempt > 0 })
}

// composed makes the content of a journal from its documents as they are now. A
// document that does not fit any more leaves the journal and is held by itself.
func (r *run) composed(ctx context.Context, t *hub.Transfer, conn hub.Connection, d *draft, fixed bool) (*verdict, error) {
	head := *d.content
	type one struct {
		doc     *hub.Document
		version store.DocumentVersion
	}
	var docs []one
	var again *hub.Document
	members, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.Member, error) {
		members, err := tx.Members(t.Subject)
		if len(members) > 0 && members[0].Content != "" {
			again, _, err = tx.Document(t.Subject, members[0].Content)
			return members, err
		}
		for _, m := range members {
			row, err := tx.DocumentByID(m.Document)
			if err != nil {
				return nil, err
			}
			doc, version, err := tx.Document(row.ID, row.Version)
			if err != nil {
				return nil, err
			}
			docs = append(docs, one{doc, version})
		}
		return members, err
	})
	if err != nil {
		return nil, err
	}
	if again != nil {
		// Booked once already, and gone from the books since: booked again as it was, for
		// what has changed since is set right by itself.
		packed, err := store.PackDocument(again, nil, nil)
		d.content = again
		d.also = func(tx *store.Tx, t *hub.Transfer) (bool, error) {
			row := store.DocumentRow{ID: t.Subject}
			return false, tx.PutDocument(&row, packed)
		}
		return nil, err
	}
	var parts []*mapping.Part
	var out []string
	var faults []hub.Fault
	covers := *head.Covers
	covers.Documents = nil
	for i, m := range docs {
		in := r.input(t, conn, m.doc)
		if in.Items, err = r.e.links(ctx, conn.ID, m.doc); err != nil {
			return nil, err
		}
		p, why := mapping.Journaled(in)
		switch {
		case m.doc.Kind == hub.PayrollJournal && len(m.doc.Rows) == 0:
			why = []hub.Fault{hub.NewFault(hub.PayrollGone, "", "", "run", m.doc.Number, "period", periodOf(m.doc))}
		case hub.Stops(m.version.Faults):
			why = m.version.Faults
		case p == nil:
		case hub.MonthOf(m.doc.Date) != covers.Month || m.doc.Kind != covers.Kind || p.Alone && covers.Per == hub.PerMonth:
			why = []hub.Fault{hub.NewFault(hub.DateUnlikely, "date", m.doc.Date.String())}
		default:
			parts = append(parts, p)
			covers.Documents = append(covers.Documents, hub.Covered{Document: members[i].Document, Number: m.doc.Number, Version: m.version.Version, Entries: p.Entries})
			continue
		}
		out = append(out, members[i].Document)
		code := ""
		if f := slices.IndexFunc(why, func(f hub.Fault) bool { return !f.Warning }); f >= 0 {
			code = why[f].Code
		}
		faults = append(faults, hub.NewFault(hub.JournalDocument, "", m.doc.Number, "number", m.doc.Number, "code", code))
	}
	if fixed && len(out) > 0 {
		return held(faults...), nil
	}
	leave := func(tx *store.Tx, t *hub.Transfer) (bool, error) { return false, r.letOut(tx, t, out) }
	if len(parts) == 0 {
		return &verdict{state: hub.Skipped, faults: []hub.Fault{hub.NewFault(hub.JournalEmpty, "", "").Warn()}, also: leave}, nil
	}
	head.Covers = &covers
	if covers.Per == hub.PerDocument {
		head.Date = parts[0].Document.Date
	}
	content, warnings := mapping.Compose(head, conn.Settings.Language, parts)
	if hub.Stops(warnings) {
		return held(warnings...), nil
	}
	packed, err := store.PackDocument(content, nil, nil)
	if err != nil {
		return nil, err
	}
	d.content, d.warnings = content, warnings
	d.also = func(tx *store.Tx, t *hub.Transfer) (bool, error) {
		for _, c := range covers.Documents {
			row, err := tx.DocumentByID(c.Document)
			if err != nil || row.Version != c.Version {
				return true, err // changed meanwhile
			}
		}
		if _, err := leave(tx, t); err != nil {
			return false, err
		}
		row := store.DocumentRow{ID: t.Subject}
		if err := tx.PutDocument(&row, packed); err != nil {
			return false, err
		}
		if covers.Per == hub.PerDocument {
			return false, tx.ShareFiles(covers.Documents[0].Document, t.Subject)
		}
		return false, nil
	}
	return nil, nil
}

// letOut takes documents out of a journal that was never attempted; they are
// decided on anew.
func (r *run) letOut(tx *store.Tx, t *hub.Transfer, documents []string) error {
	for _, id := range documents {
		if err := tx.TakeOut(t.Subject, id); err != nil {
			return err
		}
		doc, err := tx.TransferOf(t.Company, hub.DocumentTransfer, hub.In, id)
		if err != nil {
			return err
		}
		if doc.State != hub.Waiting || doc.WaitsFor != t.ID {
			continue // decided on anew already
		}
		doc.WaitsFor = ""
		if err := doc.Move(hub.Ready); err != nil {
			return err
		}
		if err := act(tx, engineActor, "transfer.out_of_journal", doc.ID, transferAct(&doc)); err != nil {
			return err
		}
		if err := tx.SaveTransfer(&doc, doc.Lease); err != nil {
			return err
		}
	}
	if len(documents) == 0 {
		return nil
	}
	return r.e.wake(tx, t.Company, r.now())
}

// lateJournal finds a journal of ours from a write that two looks did not find
// and that has landed all the same.
func (r *run) lateJournal(ctx context.Context, t *hub.Transfer, steps []hub.Step) (*procountor.LedgerReceipt, *verdict, error) {
	seen := map[string]bool{}
	for i := range steps {
		s := &steps[i]
		if s.Kind != hub.PostJournal || s.Attempt == 0 || seen[s.Request] {
			continue
		}
		seen[s.Request] = true
		o, err := r.order(ctx, t, s, steps)
		if err != nil {
			return nil, nil, err
		}
		if o.Body, err = r.e.store.Blob(ctx, s.Request); err != nil {
			return nil, nil, err
		}
		switch out := dispatch.Look(ctx, r.client, o); out.Verdict {
		case dispatch.Proved:
			if !gone(out.Receipt.Status) {
				return out.Receipt, nil, nil
			}
		case dispatch.Foreign:
			return nil, held(*out.Fault), nil
		case dispatch.Unclear:
			if out.Company {
				r.pauseFor(*out.Fault, max(out.RetryAfter, firstWait))
			}
			return nil, nil, errGivenBack
		}
	}
	return nil, nil, nil
}

// planLivingJournal plans what is left to do with a journal that is there.
func (r *run) planLivingJournal(ctx context.Context, t *hub.Transfer, conn hub.Connection, l loaded, steps []hub.Step) (*draft, *verdict, error) {
	number := fmt.Sprint(t.InvoiceNumber)
	id, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (int64, error) { return tx.ReceiptOf(t.Subject) })
	if err != nil {
		return nil, nil, err
	}
	rc, err := r.receipts.read(ctx, id)
	if errors.Is(err, procountor.NotFound) {
		if t.Goal == hub.TakeBack {
			return &draft{}, nil, nil // deleted there: there is nothing left to take back
		}
		return nil, held(hub.NewFault(hub.EditedThere, "", "404", "number", number)), nil
	}
	if err != nil {
		return nil, nil, r.trouble(err)
	}
	d := &draft{}
	if t.Goal == hub.TakeBack {
		switch {
		case gone(rc.Status):
		case rc.Status == procountor.StatusApproved:
			d.add(hub.Unfinish, hub.StepDetail{}, nil)
			d.add(hub.Invalidate, hub.StepDetail{}, nil)
		default:
			d.add(hub.Invalidate, hub.StepDetail{}, nil)
		}
		return d, nil, nil
	}
	if gone(rc.Status) {
		return nil, &verdict{state: hub.Held, faults: []hub.Fault{hub.NewFault(hub.EditedThere, "", string(rc.Status), "number", number)},
			also: func(tx *store.Tx, t *hub.Transfer) (bool, error) { return false, r.journalGone(tx, t) }}, nil
	}
	written := r.wroteJournal(t, rc, steps)
	if written == nil {
		return nil, held(hub.NewFault(hub.MarkRemoved, "", "", "number", number)), nil
	}
	body, err := r.e.store.Blob(ctx, written.Request)
	if err != nil {
		return nil, nil, err
	}
	differs, err := journalDiffers(body, rc, written.Detail.Reconcile)
	if err != nil {
		return nil, nil, err
	}
	p, faults := mapping.MakeJournal(r.input(t, conn, l.doc))
	if p == nil && unfinished(rc.Status) {
		return nil, held(faults...), nil
	}
	if differs != nil && unfinished(rc.Status) {
		return nil, held(*differs), nil // somebody has edited it: nothing is approved that we did not make
	}
	if faults, err := r.stillWrong(ctx, t, rc.Attachments); err != nil || len(faults) > 0 {
		return nil, held(faults...), err
	}
	if p != nil {
		left := slices.DeleteFunc(slices.Clone(p.Steps[1:]), func(s mapping.Step) bool { return s.Kind == hub.Approve && !unfinished(rc.Status) })
		return r.remaining(d, left, rc.Attachments)
	}
	return d, nil, nil
}

// wroteJournal is the step that posted a journal, by the journal's mark; nil when
// the mark is not one of t's.
func (r *run) wroteJournal(t *hub.Transfer, rc *procountor.LedgerReceipt, steps []hub.Step) *hub.Step {
	key, ok := hub.MarkIn(rc.InvoiceNotes)
	for i := range steps {
		if ok && steps[i].Kind == hub.PostJournal && slices.Contains(attemptKeys(r.company.ID, t, steps[i]), key) {
			return &steps[i]
		}
	}
	return nil
}

// journalDiffers compares a saved journal with the request that made it; nil when
// they are equal to the cent.
func journalDiffers(request []byte, saved *procountor.LedgerReceipt, reconcile string) (*hub.Fault, error) {
	meant := new(procountor.LedgerReceipt)
	if err := json.Unmarshal(request, meant); err != nil {
		return nil, fmt.Errorf("read the request of a journal: %w", err)
	}
	at, is := dispatch.JournalDifference(meant, saved, reconcile)
	if at == "" {
		return nil, nil
	}
	return new(hub.NewFault(hub.SavedDiffers, at, is, "field", at, "meant", "", "saved", is)), nil
}

// markedJournal puts the mark of this attempt under the notes of a journal's
// body, in the place of the mark of an earlier one.
func (r *run) markedJournal(t *hub.Transfer, s *hub.Step, body []byte) ([]byte, error) {
	rc := new(procountor.LedgerReceipt)
	if err := json.Unmarshal(body, rc); err != nil {
		return nil, err
	}
	rc.InvoiceNotes = hub.WithoutMark(rc.InvoiceNotes)
	return mapping.JournalBody(rc, hub.Mark(r.conns[t.Connection].System, t.Number, s.Key))
}

// provedJournal keeps what a post has made, and compares it with what was meant.
func (r *run) provedJournal(tx *store.Tx, t *hub.Transfer, rc *procountor.LedgerReceipt) (rests bool, err error) {
	t.InvoiceID, t.InvoiceNumber = rc.InvoiceID, int64(rc.ReceiptNumber)
	if rc.ReceiptNumber == 0 {
		t.InvoiceNumber = int64(rc.InvoiceNumber)
	}
	if err := tx.LiveJournal(t.Subject, rc.InvoiceID, rc.ID); err != nil {
		return false, fmt.Errorf("keep journal: %w", err)
	}
	if gone(rc.Status) {
		if err := r.journalGone(tx, t); err != nil {
			return false, err
		}
		return true, r.rest(tx, t, hub.Held, hub.NewFault(hub.EditedThere, "", string(rc.Status), "number", dispatch.ReceiptNumber(rc)))
	}
	steps, err := tx.Steps(t.ID, 0)
	if err != nil {
		return false, err
	}
	written := r.wroteJournal(t, rc, steps)
	if written == nil {
		return false, fmt.Errorf("journal %d carries no mark of ours", rc.ID)
	}
	if err := r.fixMembers(tx, t, written.Detail.Document); err != nil {
		return false, err
	}
	if written.Plan != t.Plan {
		return true, t.Move(hub.Ready) // an attempt of an earlier plan, whose content may have been another
	}
	body, err := tx.Blob(written.Request)
	if err != nil {
		return false, err
	}
	differs, err := journalDiffers(body, rc, written.Detail.Reconcile)
	if err != nil || differs == nil {
		return false, err
	}
	return true, r.settle(tx, t, hub.Held, *differs)
}

// fixMembers keeps with which content each document stands in a journal: that of
// the journal's own content, which has been posted.
func (r *run) fixMembers(tx *store.Tx, t *hub.Transfer, content string) error {
	doc, _, err := tx.Document(t.Subject, content)
	if err != nil {
		return fmt.Errorf("content of the journal: %w", err)
	}
	if doc.Covers == nil {
		return nil
	}
	if doc.Covers.Corrects != nil {
		return r.corrected(tx, t)
	}
	for _, c := range doc.Covers.Documents {
		if err := tx.MemberPosted(t.Subject, c.Document, content, c.Version); err != nil {
			return fmt.Errorf("document %s of the journal: %w", c.Number, err)
		}
	}
	return nil
}

// adoptJournal takes a late journal over as the living voucher of t.
func (r *run) adoptJournal(tx *store.Tx, t *hub.Transfer, rc *procountor.LedgerReceipt) error {
	if err := tx.OpenVoucher(t.Company, t.Subject, t.Number); err != nil {
		return fmt.Errorf("adopt journal: %w", err)
	}
	if rests, err := r.provedJournal(tx, t, rc); rests || err != nil {
		return err
	}
	return t.Move(hub.Ready, t.Faults...)
}

// journalGone ends the voucher of a journal that somebody has removed in
// Procountor. Its documents stay in it: a person decides.
func (r *run) journalGone(tx *store.Tx, t *hub.Transfer) error {
	if err := tx.EndVoucher(t.Subject); err != nil {
		return err
	}
	t.Goal, t.InvoiceID, t.InvoiceNumber = hub.Deliver, 0, 0
	return nil
}

// waitForJournal lets a document wait for the journal that it is in, if that is
// still on its way.
func (r *run) waitForJournal(tx *store.Tx, t *hub.Transfer, v *verdict) error {
	journal, err := tx.LockTransfer(v.behind)
	if err != nil {
		return err
	}
	if journal.State.Settled() {
		return nil // stays as it is: decided anew
	}
	if err := t.Move(hub.Waiting, v.faults...); err != nil {
		return err
	}
	r.await(t, v.behind)
	return act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t))
}

// inJournal reports whether t is a document that stands in a journal, by what it
// says itself.
func inJournal(t *hub.Transfer) bool {
	changed, _ := find(t.Faults, hub.DocumentChanged)
	_, waits := find(t.Faults, hub.WaitsForJournal)
	return waits || changed.Args["journal"] != ""
}

// allowedInJournal is [Allowed] for a document in a journal: only the whole
// journal is taken back.
func allowedInJournal(t *hub.Transfer) []Action {
	if t.State == hub.Held {
		return append([]Action{Retry}, choices(t)...)
	}
	return nil
}

// mayInJournal refuses what would end, or send again, a document that stands in a
// journal.
func mayInJournal(tx *store.Tx, t *hub.Transfer, a Action) error {
	if t.Kind != hub.DocumentTransfer || a == Retry || a == Leave || hub.Goal(a).Corrects() {
		return nil
	}
	if t.DocKind == hub.Journal {
		return mayEnd(tx, t, a)
	}
	m, err := tx.JournalOf(t.Subject)
	switch {
	case store.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	if list, err := tx.Corrections(m.Journal, m.Document); err != nil || reversed(list) && a != TakeBack && a != SendNow {
		return err // nothing of it is booked
	}
	return fmt.Errorf("%s %s, which stands in a journal: %w", a, t.Number, ErrNotNow)
}

// endMembers ends the documents of a journal that a person has ended: as the
// journal is, so are they, and each may be tried again.
func (e *Engine) endMembers(tx *store.Tx, t *hub.Transfer) error {
	if t.DocKind != hub.Journal || t.Kind != hub.DocumentTransfer {
		return nil
	}
	switch t.State {
	case hub.TakenBack, hub.DoneByHand, hub.Skipped:
	default:
		return nil
	}
	c, err := tx.CorrectionBy(t.Subject)
	if err == nil {
		return e.endCorrection(tx, t, c)
	}
	if !store.IsNotFound(err) {
		return err
	}
	members, err := tx.Members(t.Subject)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := tx.TakeOut(m.Journal, m.Document); err != nil {
			return err
		}
		doc, err := tx.TransferOf(t.Company, hub.DocumentTransfer, hub.In, m.Document)
		if err != nil {
			return err
		}
		lease := doc.Lease
		if lease != "" {
			continue // being decided on at this moment, and by itself again
		}
		doc.WaitsFor, doc.WakeAt = "", time.Time{}
		if !hub.MayMove(doc.State, t.State) {
			if err := doc.Move(hub.Held); err != nil {
				return err
			}
		}
		if err := doc.Move(t.State); err != nil {
			return err
		}
		if err := act(tx, engineActor, "transfer."+string(doc.State), doc.ID, transferAct(&doc)); err != nil {
			return err
		}
		if err := tx.SaveTransfer(&doc, lease); err != nil {
			return err
		}
	}
	return nil
}
