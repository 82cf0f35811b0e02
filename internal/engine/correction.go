package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file sets right what stands in a journal, when its document has changed
// since and a person wants it (decision 020): by a journal of the difference, or by
// one that turns what was booked and then a new one. Each is a journal of its own,
// and together they are a chain whose sum is what the document says.

// A chain is what a document has in the books: in the journal it stands in, and in
// those that have set it right since.
type chain struct {
	member store.Member
	base   hub.Transfer // of the first journal
	list   []store.Correction
	// pending is the transfer of the correction that is on its way; nil when none is.
	pending *hub.Transfer
	// booked are the entries of all of it, was the content of the document then.
	booked []hub.Entry
	was    *hub.Document
}

// loadChain reads what a document has in the books; of what is booked nothing where it
// still says version, or while a correction is on its way: nobody compares it then.
func loadChain(tx *store.Tx, company string, m store.Member, version string) (c chain, err error) {
	c.member = m
	if c.base, err = tx.TransferByDocument(company, m.Journal); err != nil {
		return c, err
	}
	if c.list, err = tx.Corrections(m.Journal, m.Document); err != nil || m.Content == "" {
		return c, err
	}
	for _, one := range c.list {
		if !one.Begun() {
			continue
		}
		t, err := tx.TransferByDocument(company, one.Journal)
		if err != nil {
			return c, err
		}
		c.pending = &t
	}
	if c.pending != nil || m.Version == version {
		return c, nil
	}
	journal, _, err := tx.Document(m.Journal, m.Content)
	if err != nil {
		return c, err
	}
	var parts [][]hub.Entry
	for _, d := range journal.Covers.Documents {
		if d.Document == m.Document {
			parts = append(parts, d.Entries)
		}
	}
	for _, one := range c.list {
		row, err := tx.DocumentByID(one.Journal)
		if err != nil {
			return c, err
		}
		content, _, err := tx.Document(row.ID, row.Version)
		if err != nil {
			return c, err
		}
		parts = append(parts, content.Entries)
	}
	c.booked = mapping.Booked(parts...)
	if m.Version == "" {
		return c, nil
	}
	c.was, _, err = tx.Document(m.Document, m.Version)
	return c, err
}

// reversed reports whether nothing of the document is booked any more.
func reversed(list []store.Correction) bool {
	return len(list) > 0 && list[len(list)-1].How == hub.ByReversal && !list[len(list)-1].Begun()
}

// same reports whether the chain stands as it was read.
func (c *chain) same(tx *store.Tx) (bool, error) {
	m, err := tx.JournalOf(c.member.Document)
	if err != nil || m != c.member {
		return false, ignoreNotFound(err)
	}
	list, err := tx.Corrections(m.Journal, m.Document)
	return slices.Equal(list, c.list), err
}

// planMember decides about a document that stands in a journal. It never goes by
// itself: what has changed in the books' sums is set right when a person wants it.
func (r *run) planMember(ctx context.Context, t *hub.Transfer, conn hub.Connection, l loaded) (*verdict, error) {
	c, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (chain, error) { return loadChain(tx, t.Company, *l.member, l.version.Version) })
	if errors.Is(err, store.ErrMasked) && l.doc.Run != nil {
		return held(changedInJournal(&c), hub.NewFault(hub.PayrollMasked, "", "", "run", l.doc.Number, "period", periodOf(l.doc))), nil
	}
	if err != nil {
		return nil, err
	}
	items, err := r.e.links(ctx, conn.ID, l.doc)
	if err != nil {
		return nil, err
	}
	v, err := r.memberVerdict(t, conn, l, items, &c)
	if v == nil || err != nil {
		return nil, err
	}
	also := v.also
	v.also = func(tx *store.Tx, t *hub.Transfer) (bool, error) {
		if ok, err := c.same(tx); !ok || err != nil {
			return true, err // moved meanwhile
		}
		if changed, err := outdatedContent(tx, t, l.version.Version); changed || err != nil {
			return true, err
		}
		if also == nil {
			return false, nil
		}
		return also(tx, t)
	}
	return v, nil
}

func outdatedContent(tx *store.Tx, t *hub.Transfer, version string) (bool, error) {
	row, err := tx.DocumentByID(t.Subject)
	return err == nil && row.Version != version, err
}

func (r *run) memberVerdict(t *hub.Transfer, conn hub.Connection, l loaded, items hub.ItemLinks, c *chain) (*verdict, error) {
	goal := t.Goal
	t.Goal = hub.Deliver
	behind := func(journal *hub.Transfer) *verdict {
		return &verdict{behind: journal.ID, faults: []hub.Fault{hub.NewFault(hub.WaitsForJournal, "", "", "journal", journal.Number).Warn()}}
	}
	arrived := c.base.State == hub.Done || c.base.State == hub.DoneWithWarning
	switch {
	case c.pending != nil:
		return behind(c.pending), nil
	case c.member.Content == "":
		return behind(&c.base), nil
	case c.member.Version == l.version.Version && !arrived && len(c.list) == 0:
		return behind(&c.base), nil
	case c.member.Version == l.version.Version:
		return &verdict{state: hub.Done}, nil
	}
	part, faults := r.partNow(t, conn, l, items)
	if reversed(c.list) {
		switch {
		case part == nil:
			return held(faults...), nil
		case len(part.Entries) == 0: // of a payroll run that does not have it any more
			return &verdict{state: hub.Done}, nil
		}
		return r.correct(t, conn, l, c, hub.ByAnew, part.Entries), nil
	}
	if part != nil && len(mapping.Difference(c.booked, part.Entries)) == 0 && sameBuyer(part, c.was) {
		// Nothing in it that the books would show has changed.
		return &verdict{state: hub.Done, also: func(tx *store.Tx, t *hub.Transfer) (bool, error) {
			return false, tx.SetMemberVersion(c.member.Journal, c.member.Document, l.version.Version)
		}}, nil
	}
	changed := changedInJournal(c)
	whole := part != nil && (len(part.Entries) == 0 || len(c.booked) == 0)
	if whole {
		changed.Args["whole"] = "yes" // all of it goes out of the books, or comes in: there is nothing to reverse and book anew
	}
	stopped := func(more ...hub.Fault) *verdict {
		return held(append([]hub.Fault{changed}, slices.DeleteFunc(more, func(f hub.Fault) bool { return f.Warning })...)...)
	}
	switch {
	case part == nil:
		return stopped(faults...), nil
	case !goal.Corrects(), whole && goal == hub.ReverseAnew:
		return stopped(), nil
	case !arrived:
		return stopped(hub.NewFault(hub.JournalMissing, "", "", "journal", c.base.Number)), nil
	case goal == hub.ReverseAnew:
		return r.correct(t, conn, l, c, hub.ByReversal, mapping.Reversed(c.booked)), nil
	case !sameBuyer(part, c.was):
		// The recapitulative statement is per buyer: a difference cannot be of two.
		return stopped(hub.NewFault(hub.JournalBuyer, "buyer.vat_number", part.Document.Counterparty().VATNumber)), nil
	}
	return r.correct(t, conn, l, c, hub.ByDifference, mapping.Difference(c.booked, part.Entries)), nil
}

// changedInJournal asks what becomes of a document that has changed since it was booked.
func changedInJournal(c *chain) hub.Fault {
	return hub.NewFault(hub.DocumentChanged, "", "", "number", fmt.Sprint(c.base.InvoiceNumber), "status", string(procountor.ReceiptJournal), "journal", c.base.Number)
}

// sameBuyer reports whether sales to other member states are still to the buyer
// that was reported.
func sameBuyer(part *mapping.Part, was *hub.Document) bool {
	return !part.ToMemberState || was == nil || part.Document.Counterparty().VATNumber == was.Counterparty().VATNumber
}

// partNow is what the document would be in a journal by what it says now, or the
// faults that keep it out.
func (r *run) partNow(t *hub.Transfer, conn hub.Connection, l loaded, items hub.ItemLinks) (*mapping.Part, []hub.Fault) {
	if hub.Stops(l.version.Faults) {
		return nil, l.version.Faults
	}
	in := r.within(t, conn, l.doc, l.standing)
	in.Booked, in.Items = true, items
	return mapping.Journaled(in)
}

// correct makes the journal that sets right what is booked, and lets the document
// wait for it.
func (r *run) correct(t *hub.Transfer, conn hub.Connection, l loaded, c *chain, how hub.Correction, entries []hub.Entry) *verdict {
	day, why := r.correctionDay(c.base.Date)
	if why != nil {
		return held(changedInJournal(c), *why)
	}
	after, party := l.version.Version, l.doc
	if how == hub.ByReversal {
		after, party = "", c.was
	}
	n := 1
	for _, one := range c.list {
		n = max(n, one.Seq+1)
	}
	head := hub.Document{Kind: hub.Journal, Date: day, Currency: money.Currency(r.company.Currency), Covers: &hub.Covers{
		Month: hub.MonthOf(day), Kind: l.doc.Kind, Per: hub.PerDocument,
		Corrects: &hub.Corrects{Journal: c.member.Journal, Number: c.base.Number, Receipt: c.base.InvoiceNumber, Document: t.Subject, How: how},
	}}
	content, faults := mapping.Correct(head, conn.Settings.Language, party, entries)
	if hub.Stops(faults) {
		return held(faults...)
	}
	if how != hub.ByReversal {
		content.Attachments = l.doc.Attachments
	}
	v := &verdict{}
	v.also = func(tx *store.Tx, t *hub.Transfer) (bool, error) {
		journal, err := r.addCorrection(tx, t, conn, content, store.Correction{Base: c.member.Journal, Document: t.Subject, How: how,
			Before: c.member.Version, After: after, Seq: n})
		if err != nil {
			return false, fmt.Errorf("correct journal %s: %w", c.base.Number, err)
		}
		v.behind, v.faults = journal.ID, []hub.Fault{hub.NewFault(hub.WaitsForJournal, "", "", "journal", journal.Number).Warn()}
		return false, nil
	}
	return v
}

// addCorrection stores a correcting journal with its transfer.
func (r *run) addCorrection(tx *store.Tx, t *hub.Transfer, conn hub.Connection, content *hub.Document, c store.Correction) (*hub.Transfer, error) {
	prefix := "vienti/correction/" + t.Subject + "/"
	n, err := tx.CountJournals(conn.ID, prefix)
	if err != nil {
		return nil, err
	}
	content.SourceID, content.Number = prefix+fmt.Sprint(n+1), fmt.Sprintf("%s/%d", t.Number, n+2)
	packed, err := store.PackDocument(content, nil, nil)
	if err != nil {
		return nil, err
	}
	row := store.DocumentRow{Connection: conn.ID, SourceID: content.SourceID}
	if err := tx.PutDocument(&row, packed); err != nil {
		return nil, err
	}
	if len(content.Attachments) > 0 {
		if err := tx.ShareFiles(t.Subject, row.ID); err != nil {
			return nil, err
		}
	}
	c.Journal = row.ID
	if err := tx.BeginCorrection(t, c); err != nil {
		return nil, err
	}
	journal := hub.Transfer{Company: t.Company, Connection: conn.ID, Kind: hub.DocumentTransfer, Direction: hub.In, Subject: row.ID,
		Goal: hub.Deliver, State: hub.Ready}
	describe(&journal, content, row.Version)
	if err := tx.InsertTransfer(&journal); err != nil {
		return nil, err
	}
	if err := act(tx, engineActor, "transfer.correcting", journal.ID, struct {
		State hub.State      `json:"state"`
		How   hub.Correction `json:"how"`
		Of    string         `json:"of"`
	}{journal.State, c.How, t.ID}); err != nil {
		return nil, err
	}
	return &journal, r.e.wake(tx, t.Company, r.now())
}

// correctionDay is the day of a journal that sets right one of a given day: that day
// itself, while its month is open and was never closed, since a closed month may have
// been reported; else the first open day after it. In Sweden bookkeeping is never
// corrected backwards: today, or the first open day after it (ACCOUNTING 8).
func (r *run) correctionDay(of string) (civil.Date, *hub.Fault) {
	today := civil.DayOf(r.now(), helsinki)
	from, err := civil.Parse(of)
	if err != nil || r.company.Country == "SE" {
		from = today
	}
	day, ok := r.registers.FirstOpen(from)
	if !ok || day.After(today) && day != from {
		_, why := r.registers.Open(today)
		if why.Code == "" {
			why = hub.NewFault(hub.PeriodClosed, "", from.String(), "date", from.String(), "until", today.String())
		}
		return civil.Date{}, &why
	}
	return day, nil
}

// correcting looks after a correcting journal that is not in the books: its day
// moves on when that is closed meanwhile. A write that lands late with the day
// before is the same correction.
func (r *run) correcting(ctx context.Context, t *hub.Transfer, d *draft) (*verdict, error) {
	c, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.Correction, error) { return tx.CorrectionBy(t.Subject) })
	if err != nil {
		return nil, err
	}
	if c.Ended() {
		return &verdict{state: hub.Skipped, faults: []hub.Fault{hub.NewFault(hub.JournalEmpty, "", "").Warn()}}, nil
	}
	if open, _ := r.registers.Open(d.content.Date); open && r.company.Country != "SE" {
		return nil, nil
	}
	day, why := r.correctionDay(d.content.Date.String())
	if why != nil {
		return held(*why), nil
	}
	if day == d.content.Date {
		return nil, nil
	}
	moved := *d.content
	covers := *moved.Covers
	covers.Month = hub.MonthOf(day)
	moved.Date, moved.Covers = day, &covers
	packed, err := store.PackDocument(&moved, nil, nil)
	if err != nil {
		return nil, err
	}
	d.content = &moved
	d.also = func(tx *store.Tx, t *hub.Transfer) (bool, error) {
		row := store.DocumentRow{ID: t.Subject}
		return false, tx.PutDocument(&row, packed)
	}
	return nil, nil
}

// corrected keeps that a correcting journal is in the books.
func (r *run) corrected(tx *store.Tx, t *hub.Transfer) error {
	c, err := tx.CorrectionBy(t.Subject)
	if err != nil {
		return err
	}
	return tx.LiveCorrection(c)
}

// endCorrection ends what a correcting journal was for, when a person has ended it:
// entered by hand it is in the books; else what was booked before counts, and the
// document asks again, or rests where it was to be booked anew.
func (e *Engine) endCorrection(tx *store.Tx, t *hub.Transfer, c store.Correction) error {
	if c.Ended() {
		return nil
	}
	end := tx.EndCorrection
	if t.State == hub.DoneByHand {
		end = tx.LiveCorrection
	}
	if err := end(c); err != nil {
		return err
	}
	doc, err := tx.TransferOf(t.Company, hub.DocumentTransfer, hub.In, c.Document)
	if err != nil || doc.Lease != "" {
		return err // being decided on at this moment, and again, since the chain has moved
	}
	to := hub.Ready
	if c.How == hub.ByAnew && t.State != hub.DoneByHand {
		to = t.State
	}
	doc.WaitsFor, doc.WakeAt, doc.Goal = "", e.o.Now(), hub.Deliver
	if !hub.MayMove(doc.State, to) {
		if err := doc.Move(hub.Held); err != nil {
			return err
		}
	}
	if err := doc.Move(to); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer."+string(doc.State), doc.ID, transferAct(&doc)); err != nil {
		return err
	}
	if err := tx.SaveTransfer(&doc, ""); err != nil {
		return err
	}
	return e.wake(tx, t.Company, e.o.Now())
}

// MayEnd reports whether a journal may be ended so, by what builds on it.
func MayEnd(tx *store.Tx, t *hub.Transfer, a Action) bool { return mayEnd(tx, t, a) == nil }

// mayEnd refuses what would end a journal that a correction builds on, and a
// reversal: what it has turned is booked anew.
func mayEnd(tx *store.Tx, t *hub.Transfer, a Action) error {
	if a != TakeBack && a != Skip && a != DoneByHand {
		return nil
	}
	builds, err := tx.BuildsOn(t.Subject)
	if err != nil {
		return err
	}
	c, err := tx.CorrectionBy(t.Subject)
	switch {
	case builds:
		return fmt.Errorf("%s %s, which a correction builds on: %w", a, t.Number, ErrNotNow)
	case store.IsNotFound(err):
		return nil
	case err != nil:
		return err
	case a == TakeBack && c.How == hub.ByReversal:
		return fmt.Errorf("%s %s, which is a reversal: %w", a, t.Number, ErrNotNow)
	case a != Skip:
		return nil
	}
	steps, err := tx.Steps(t.ID, 0)
	if err == nil && slices.ContainsFunc(steps, func(s hub.Step) bool {
		return s.Kind == hub.PostJournal && (s.Looks > 0 || s.State == hub.StepUnclear || s.State == hub.StepIntended)
	}) {
		err = fmt.Errorf("%s %s, which may have been written: %w", a, t.Number, ErrNotNow)
	}
	return err
}
