package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// This file is about the months that a source closes. At journal level its
// documents wait for that; at document level closing a month sends nothing, ever
// (FEATURES E-45): every document has already gone by itself.

// A PeriodReceipt is the answer to a source that has closed a month.
type PeriodReceipt struct {
	Month hub.Month
	// Level is that of the connection: at document level nothing follows.
	Level hub.Level
	// First says that the month was not closed before.
	First bool
	// Waiting is how many documents of the month become journals now.
	Waiting int
	// Arrived is how many documents of the month stand in Procountor, Open how many
	// do not and were not left out on purpose, and Missing are the first of those.
	Arrived, Open int
	Missing       []hub.Transfer
}

// maxMissing bounds the documents that an answer names.
const maxMissing = 100

// ErrFuturePeriod says that a month has not begun.
var ErrFuturePeriod = errors.New("the month has not begun")

// ClosePeriod keeps that a source has closed a month. It writes nothing to
// Procountor by itself.
func (e *Engine) ClosePeriod(ctx context.Context, actor, connection string, month hub.Month) (rc PeriodReceipt, err error) {
	days := month.Days()
	if days.IsZero() {
		return rc, fmt.Errorf("close period: %q is no month", month)
	}
	if days.First.In(helsinki).After(e.o.Now()) {
		return rc, fmt.Errorf("close period %s: %w", month, ErrFuturePeriod)
	}
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return fmt.Errorf("connection %s: %w", connection, err)
		}
		if err := notDetached(tx, conn.Company); err != nil {
			return fmt.Errorf("close period %s: %w", month, err)
		}
		rc = PeriodReceipt{Month: month, Level: conn.Settings.Leveled()}
		if rc.First, err = tx.ClosePeriod(connection, month, actor); err != nil {
			return err
		}
		if rc.First {
			if err := act(tx, actor, "connection.period_closed", connection, struct {
				Month hub.Month `json:"month"`
				Level hub.Level `json:"level"`
			}{month, rc.Level}); err != nil {
				return err
			}
		}
		waiting, err := tx.WaitingMonths(connection)
		if err != nil {
			return err
		}
		rc.Waiting = waiting[month]
		counts, err := tx.CountMonth(connection, month)
		if err != nil {
			return err
		}
		for state, n := range counts {
			switch state {
			case hub.Done, hub.DoneWithWarning, hub.Linked, hub.DoneByHand:
				rc.Arrived += n
			case hub.Skipped, hub.TakenBack, hub.Withdrawn:
			default:
				rc.Open += n
			}
		}
		if rc.Missing, err = tx.NotArrived(connection, month, maxMissing); err != nil {
			return err
		}
		return e.wake(tx, conn.Company, e.o.Now())
	})
	return rc, err
}

// planPeriod decides about a document at journal level: it waits for its month,
// closed or not; [run.compose] makes journals of what waits for a closed one.
func (r *run) planPeriod(ctx context.Context, t *hub.Transfer, conn hub.Connection, doc *hub.Document, standing hub.Standing) (*verdict, error) {
	in := r.within(t, conn, doc, standing)
	typ := register.TypeFor(doc.Kind)
	known, err := r.candidates(ctx, conn, typ, *doc.Counterparty())
	if err != nil {
		return nil, err
	}
	partner := matching.MatchChosen(*doc.Counterparty(), typ, conn.Settings.Partner, known.list, known.chosen).Partner
	t.PartnerID = 0
	if partner == nil {
		partner = new(register.Partner) // none is made: who owes whom stays in the source
	} else {
		t.PartnerID = partner.ID
	}
	if in.Items, err = r.e.links(ctx, conn.ID, doc); err != nil {
		return nil, err
	}
	p, faults := mapping.Journaled(in)
	if v := wants(in, faults); v != nil {
		return v, nil
	}
	if v := stopped(faults, 0); v != nil {
		return v, nil
	}
	asked := t.Asked != "" && t.Asked == doc.Version() || t.Goal.Decided()
	if passage := inJournals(conn.Settings.Kinds[doc.Kind].Passage(doc.Kind, in.Standing, asked)); passage.Wait != nil {
		return &verdict{state: passage.State, faults: []hub.Fault{*passage.Wait}, source: passage.State == hub.Waiting}, nil
	}
	// What stands there as an invoice, ours or somebody else's, comes into no journal.
	if v, err := r.before(ctx, t, doc, p.Post, partner, 0); v != nil || err != nil {
		return v, err
	}
	if !conn.Writing {
		return &verdict{state: hub.Noticed, faults: append([]hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}, faults...)}, nil
	}
	month := hub.MonthOf(doc.Date)
	f := hub.NewFault(hub.WaitsForPeriod, "", "", "period", string(month))
	if p.Alone {
		f.Args["alone"] = "yes"
	}
	return &verdict{until: hub.PeriodKey(t.Connection, month), faults: append(faults, f.Warn())}, nil
}

// inJournals is how far a document may go at journal level: a journal has no
// status for what is approved by some only.
func inJournals(p hub.Passage) hub.Passage {
	if p.Wait == nil && !p.Final {
		return hub.Passage{Wait: new(hub.NewFault(hub.WaitsForLastApproval, "", "").Warn()), State: hub.Waiting}
	}
	return p
}

// waitUntil lets a document wait for its month, or for the others of its run.
func (r *run) waitUntil(tx *store.Tx, t *hub.Transfer, v *verdict) error {
	if changed, err := outdated(tx, t); changed || err != nil {
		return err
	}
	if t.Goal != hub.SendBeside {
		twin, err := tx.TwinOf(t)
		if err == nil {
			return r.settle(tx, t, hub.Held, twinFault(t, &twin))
		}
		if !store.IsNotFound(err) {
			return err
		}
	}
	if err := t.Move(hub.Waiting, v.faults...); err != nil {
		return err
	}
	r.await(t, v.until)
	return act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t))
}

// await lets t rest until somebody releases what waits for a key.
func (r *run) await(t *hub.Transfer, key string) {
	t.WaitsFor, t.WakeAt, t.Rounds, t.Lease, t.LeaseUntil = key, time.Time{}, 0, "", time.Time{}
}

// maxMembers bounds what one journal holds: its list of documents must stay
// within what an attachment may have, and within what a person can read.
const maxMembers = 2000

// composedAtOnce bounds the journals that one transaction makes.
const composedAtOnce = 100

// compose makes journals of the documents that wait for a month which is closed
// by now. It only writes to our own database: each journal is then a transfer.
func (r *run) compose(ctx context.Context) error {
	if err := r.composeRuns(ctx); err != nil {
		return err
	}
	for id, conn := range r.conns {
		if conn.Settings.Leveled() == hub.JournalLevel {
			continue
		}
		// Decided while the level was being changed.
		waiting, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (map[hub.Month]int, error) { return tx.WaitingMonths(id) })
		if err != nil {
			return fmt.Errorf("compose: %w", err)
		}
		if len(waiting) == 0 {
			continue
		}
		if err := r.e.store.Tx(ctx, func(tx *store.Tx) error {
			now, err := tx.LockConnection(id)
			if err != nil || now.Settings.Leveled() == hub.JournalLevel {
				return err
			}
			return tx.WakePeriods(id)
		}); err != nil {
			return fmt.Errorf("compose: %w", err)
		}
	}
	due, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.ClosedPeriod, error) { return tx.PeriodsDue(r.company.ID) })
	if err != nil {
		return fmt.Errorf("compose: %w", err)
	}
	for _, p := range due {
		for more := true; more; {
			if err := r.e.store.Tx(ctx, func(tx *store.Tx) (err error) {
				more, err = r.composePeriod(tx, p)
				return err
			}); err != nil {
				return fmt.Errorf("compose %s: %w", p.Month, err)
			}
			r.e.crash("compose")
		}
	}
	return nil
}

// composePeriod makes some journals of a month, and reports whether there may be more to make.
func (r *run) composePeriod(tx *store.Tx, p store.ClosedPeriod) (more bool, err error) {
	conn, err := tx.LockConnection(p.Connection) // one node at a time, and no change of level meanwhile
	if err != nil || !conn.Writing || conn.Settings.Leveled() != hub.JournalLevel {
		return false, err
	}
	sum := conn.Settings.Journal.Per == hub.PerMonth
	if sum {
		// One journal of all, not one of those that happened to be first.
		if n, err := tx.Unplanned(p.Connection, p.Month); n > 0 || err != nil {
			return false, err
		}
	}
	waiting, err := tx.WaitingFor(hub.PeriodKey(p.Connection, p.Month))
	if err != nil {
		return false, err
	}
	made := 0
	summed := map[hub.Kind][]hub.Transfer{}
	for i := range waiting {
		t := &waiting[i]
		f, _ := find(t.Faults, hub.WaitsForPeriod)
		if sum && f.Args["alone"] == "" {
			summed[t.DocKind] = append(summed[t.DocKind], *t)
			continue
		}
		if made == composedAtOnce {
			return true, r.e.wake(tx, conn.Company, r.now())
		}
		made++
		if err := r.e.composeOne(tx, conn, p.Month, hub.PerDocument, []hub.Transfer{*t}); err != nil {
			return false, err
		}
	}
	for _, kind := range hub.Kinds {
		list := summed[kind]
		for len(list) > 0 {
			n := min(len(list), maxMembers)
			if err := r.e.composeOne(tx, conn, p.Month, hub.PerMonth, list[:n]); err != nil {
				return false, err
			}
			list = list[n:]
		}
	}
	if len(waiting) == 0 {
		return false, nil
	}
	return false, r.e.wake(tx, conn.Company, r.now())
}

// composeOne makes one journal and puts documents into it. Those whose twin stands
// in Procountor already, or has just been put into a journal, are held.
func (e *Engine) composeOne(tx *store.Tx, conn hub.Connection, month hub.Month, per hub.JournalPer, docs []hub.Transfer) error {
	var in []hub.Transfer
	numbers := map[string]int{}
	for _, t := range docs {
		twin, err := tx.TwinOf(&t)
		if store.IsNotFound(err) {
			key := strings.Join([]string{t.Number, t.PartnerName, fmt.Sprint(t.PartnerID, t.CreditNote)}, "\x00")
			other, twice := numbers[key]
			if !twice {
				numbers[key] = len(in)
				in = append(in, t)
				continue
			}
			twin, err = in[other], nil
		}
		if err != nil {
			return err
		}
		if t.Goal == hub.SendBeside {
			in = append(in, t) // a person has looked at the other one
			continue
		}
		t.WaitsFor = ""
		if err := t.Move(hub.Held, twinFault(&t, &twin)); err != nil {
			return err
		}
		if err := act(tx, engineActor, "transfer.held", t.ID, transferAct(&t)); err != nil {
			return err
		}
		if err := tx.SaveTransfer(&t, t.Lease); err != nil {
			return err
		}
	}
	if len(in) == 0 {
		return nil
	}
	doc := &hub.Document{Kind: hub.Journal, Date: month.Days().Last, Covers: &hub.Covers{Month: month, Kind: in[0].DocKind, Per: per}}
	company, err := tx.Company(conn.Company)
	if err != nil {
		return err
	}
	doc.Currency = money.Currency(company.Currency)
	place := "sum"
	if per == hub.PerDocument {
		place = in[0].Subject
	}
	prefix := fmt.Sprintf("vienti/journal/%s/%s/", month, place)
	n, err := tx.CountJournals(conn.ID, prefix)
	if err != nil {
		return err
	}
	doc.SourceID = prefix + fmt.Sprint(n+1)
	doc.Number = fmt.Sprintf("%s/%d", month, n+1)
	if per == hub.PerDocument {
		doc.Number = in[0].Number
	}
	packed, err := store.PackDocument(doc, nil, nil)
	if err != nil {
		return err
	}
	row := store.DocumentRow{Connection: conn.ID, SourceID: doc.SourceID}
	if err := tx.PutDocument(&row, packed); err != nil {
		return err
	}
	journal := hub.Transfer{Company: conn.Company, Connection: conn.ID, Kind: hub.DocumentTransfer, Direction: hub.In, Subject: row.ID,
		Goal: hub.Deliver, State: hub.Ready}
	describe(&journal, doc, row.Version)
	if err := tx.InsertTransfer(&journal); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.composed", journal.ID, struct {
		State     hub.State `json:"state"`
		Month     hub.Month `json:"month"`
		Documents int       `json:"documents"`
	}{journal.State, month, len(in)}); err != nil {
		return err
	}
	for i := range in {
		t := &in[i]
		if err := tx.PutInJournal(conn.Company, store.Member{Journal: row.ID, Document: t.Subject, Number: t.Number}); err != nil {
			return fmt.Errorf("document %s: %w", t.Number, err)
		}
		t.Goal, t.WaitsFor = hub.Deliver, journal.ID
		if err := t.Move(hub.Waiting, hub.NewFault(hub.WaitsForJournal, "", "", "journal", journal.Number).Warn()); err != nil {
			return err
		}
		if err := act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t)); err != nil {
			return err
		}
		if err := tx.SaveTransfer(t, t.Lease); err != nil {
			return err
		}
	}
	return nil
}
