package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
)

// This file moves payroll runs (decision 037). A run is taken apart when it arrives; each
// of its journals is a document that stands in a journal of ours, as at journal level, but
// waits for the others of its run instead of for its month.

// apartRun are the journals of a run as they are stored, and those that it had and does not
// have any more, emptied.
func (e *Engine) apartRun(ctx context.Context, connection string, in Incoming) (parts []Incoming, err error) {
	if len(in.Document.Journals) == 0 {
		if !hub.Stops(in.Faults) {
			in.Faults = append(slices.Clone(in.Faults), hub.NewFault(hub.RowsMissing, "journals", ""))
		}
		return []Incoming{in}, nil
	}
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return fmt.Errorf("connection %s: %w", connection, err)
		}
		now := in.Document.RunJournals(conn.Settings.Payroll)
		for n := range now {
			parts = append(parts, partOf(in, &now[n]))
		}
		if hub.Stops(in.Faults) {
			return nil // perhaps not all of the run could be read
		}
		rows, err := tx.DocumentsOfClaim(connection, in.Document.SourceID)
		if err != nil {
			return err
		}
		parts[0].had = &knownRun{in.Document.SourceID, rows}
		for _, row := range rows {
			if slices.ContainsFunc(now, func(s hub.Split) bool { return s.Document.SourceID == row.SourceID }) {
				continue
			}
			doc, _, err := tx.Document(row.ID, row.Version)
			if err != nil {
				return err
			}
			if doc.Run == nil {
				continue // a run that could not be read, under its own id
			}
			parts = append(parts, Incoming{Document: doc.Emptied(), Raw: in.Raw})
		}
		return nil
	})
	return parts, err
}

// A knownRun is what was stored of it when it was taken apart.
type knownRun struct {
	run  string
	rows []store.DocumentRow
}

// errRunMoved says that another content of a run was stored between taking it apart and
// storing it: the two must not be mixed.
var errRunMoved = errors.New("the payroll run has changed meanwhile")

// asKnown keeps two contents of a run from being stored at the same moment.
func asKnown(tx *store.Tx, connection string, docs []arrival) error {
	for i := range docs {
		had := docs[i].had
		if had == nil {
			continue
		}
		if _, err := tx.LockConnection(connection); err != nil {
			return err
		}
		rows, err := tx.DocumentsOfClaim(connection, had.run)
		if err != nil {
			return err
		}
		if !slices.EqualFunc(rows, had.rows, func(a, b store.DocumentRow) bool { return a.ID == b.ID && a.Version == b.Version }) {
			return errRunMoved
		}
	}
	return nil
}

// checkRun forecasts a whole run: what becomes of its first journal, with what is wrong in
// any, at its place in the run.
func (e *Engine) checkRun(ctx context.Context, connection string, given Incoming, settings *hub.Settings) (Forecast, error) {
	if settings == nil {
		conn, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connection) })
		if err != nil {
			return Forecast{}, fmt.Errorf("check: %w", err)
		}
		settings = &conn.Settings
	}
	return e.checkParts(ctx, connection, given, given.Document.RunJournals(settings.Payroll), settings)
}

// planRun decides about a journal of a run that stands in no journal of ours: it waits for
// the others of its run; one that its run does not have any more ends.
func (r *run) planRun(ctx context.Context, t *hub.Transfer, conn hub.Connection, doc *hub.Document, standing hub.Standing) (v *verdict, err error) {
	if len(doc.Rows) == 0 {
		return &verdict{state: hub.Withdrawn, faults: []hub.Fault{hub.NewFault(hub.PayrollGone, "", "", "run", doc.Number, "period", periodOf(doc)).Warn()}}, nil
	}
	in := r.within(t, conn, doc, standing)
	if in.Items, err = r.e.links(ctx, conn.ID, doc); err != nil {
		return nil, err
	}
	_, faults := mapping.Journaled(in)
	if v := wants(in, faults); v != nil {
		return v, nil
	}
	if v := stopped(faults, 0); v != nil {
		return v, nil
	}
	asked := t.Asked != "" && t.Asked == doc.Version()
	if passage := conn.Settings.Kinds[doc.Kind].Passage(doc.Kind, in.Standing, asked); passage.Wait != nil {
		return &verdict{state: passage.State, faults: append(faults, *passage.Wait), source: passage.State == hub.Waiting}, nil
	}
	if !conn.Writing {
		return &verdict{state: hub.Noticed, faults: append([]hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}, faults...)}, nil
	}
	return &verdict{until: hub.RunKey(conn.ID, doc.Run.ID), faults: append(faults, hub.NewFault(hub.PayrollWaits, "", "", "run", doc.Number).Warn())}, nil
}

func periodOf(doc *hub.Document) string {
	if doc.Run == nil {
		return ""
	}
	return string(doc.Run.Period)
}

// composeRuns makes journals of the runs of which nothing is held any more.
func (r *run) composeRuns(ctx context.Context) error {
	keys, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]string, error) { return tx.RunsWaiting(r.company.ID) })
	if err != nil {
		return fmt.Errorf("compose: %w", err)
	}
	for _, key := range keys {
		made := false
		if err := r.e.store.Tx(ctx, func(tx *store.Tx) (err error) {
			made, err = r.e.composeRun(tx, key)
			return err
		}); err != nil {
			return fmt.Errorf("compose %s: %w", key, err)
		}
		if made {
			r.e.crash("compose")
		}
	}
	return nil
}

// composeRun makes all journals of a run at once, if none of it is held: a run that is half
// in the books is worse than one that is late. What stands in a journal already, from an
// earlier content of the run, keeps no other back unless it is held itself.
func (e *Engine) composeRun(tx *store.Tx, key string) (made bool, err error) {
	connection, id, ok := hub.ParseRunKey(key)
	if !ok {
		return false, fmt.Errorf("%q is no run", key)
	}
	conn, err := tx.LockConnection(connection) // one node at a time
	if err != nil || !conn.Writing {
		return false, err
	}
	list, err := tx.TransfersOfRun(conn.ID, id)
	if err != nil {
		return false, err
	}
	var waiting []hub.Transfer
	for _, t := range list {
		_, inJournal := find(t.Faults, hub.WaitsForJournal)
		switch {
		case t.WaitsFor == key:
			waiting = append(waiting, t)
		case t.State.Settled(), t.State == hub.Waiting && inJournal:
		default:
			return false, nil
		}
	}
	for i := range waiting {
		if err := e.composeAlone(tx, conn, &waiting[i]); err != nil {
			return false, err
		}
	}
	if len(waiting) == 0 {
		return false, nil
	}
	return true, e.wake(tx, conn.Company, e.o.Now())
}

// composeAlone makes the journal of one document of a run.
func (e *Engine) composeAlone(tx *store.Tx, conn hub.Connection, t *hub.Transfer) error {
	return e.composeOne(tx, conn, hub.Month(t.Date[:len("2006-01")]), hub.PerDocument, []hub.Transfer{*t})
}

// sendAlone lets a journal go that waits for the others of its run: a person wants it.
func (e *Engine) sendAlone(tx *store.Tx, actor string, t *hub.Transfer, why string) error {
	conn, err := tx.LockConnection(t.Connection)
	if err != nil {
		return err
	}
	if !conn.Writing {
		return fmt.Errorf("%s %s: %w", SendNow, t.Number, ErrNotNow)
	}
	t.Asked = t.Version
	if err := tx.SaveTransfer(t, t.Lease); err != nil {
		return err
	}
	if err := act(tx, actor, "transfer."+string(SendNow), t.ID, struct {
		State   hub.State `json:"state"`
		Why     string    `json:"why,omitempty"`
		Version string    `json:"version,omitempty"`
		Alone   bool      `json:"alone"`
	}{t.State, why, t.Version, true}); err != nil {
		return err
	}
	if err := e.composeAlone(tx, conn, t); err != nil {
		return err
	}
	return e.wake(tx, t.Company, e.o.Now())
}

// ErrNoRun says that a connection has no such payroll run.
var ErrNoRun = errors.New("there is no such payroll run")

// SendRun lets the journals of a run go that wait for a person, and says how many. They go
// together, once none of the run is held any more.
func (e *Engine) SendRun(ctx context.Context, actor, connection, run, why string) (sent int, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		sent = 0
		list, err := tx.TransfersOfRun(connection, run)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNoRun
		}
		for i := range list {
			if t := &list[i]; t.State == hub.Held && slices.Contains(Allowed(t), SendNow) {
				if err := e.actOn(tx, actor, t.ID, SendNow, why); err != nil {
					return err
				}
				sent++
			}
		}
		if sent == 0 {
			return fmt.Errorf("send run: %w", ErrNotNow)
		}
		return nil
	})
	return sent, err
}

// journalPrefix begins the place of a journal in the run that was handed over.
const journalPrefix = "journal:"

// journalPlace is that place: which journal, and its first row; rows that were summed have
// none.
func journalPlace(at *hub.JournalPlace) string {
	from := strconv.Itoa(at.From)
	if at.Rows != nil {
		from = ""
	}
	return journalPrefix + strconv.Itoa(at.Journal) + ":" + from
}

// journalAt is what [journalPlace] was made of; nil for another place.
func journalAt(place string) *hub.JournalPlace {
	text, ok := strings.CutPrefix(place, journalPrefix)
	if !ok {
		return nil
	}
	n, from, _ := strings.Cut(text, ":")
	at := new(hub.JournalPlace)
	var err error
	if at.Journal, err = strconv.Atoi(n); err != nil {
		return nil
	}
	if at.From, err = strconv.Atoi(from); err != nil {
		at.Rows = []int{} // summed: which row it was is not known any more
	}
	return at
}
