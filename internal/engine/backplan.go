package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file plans how a document from Procountor is written to the source of its
// connection: one record for each part, each with its own intent and proof. A change
// in Procountor never writes beside a record that is there: it is a task.

// A returning is what the plan of a document from Procountor begins with.
type returning struct {
	doc     *hub.Document
	version string
	back    store.Back
	ours    bool // by now it is known to be
	records []hub.Record
}

func loadReturning(tx *store.Tx, t *hub.Transfer) (x returning, err error) {
	row, err := tx.DocumentByID(t.Subject)
	if err != nil {
		return x, err
	}
	x.version = row.Version
	if x.doc, _, err = tx.Document(row.ID, row.Version); err != nil {
		return x, err
	}
	if x.back, err = tx.BackOf(t.Subject); err != nil {
		return x, err
	}
	if x.records, err = tx.Records(t.Subject); err != nil {
		return x, err
	}
	x.ours, err = isOurs(tx, &x)
	return x, err
}

// isOurs asks again what was asked before the document was made: a source may have
// shown it since.
func isOurs(tx *store.Tx, x *returning) (bool, error) {
	foreign, err := tx.IsForeign(x.back.Company, x.back.InvoiceID, x.back.Number)
	if err != nil || !foreign {
		return true, err
	}
	gross := ""
	if g := x.doc.Totals.Gross; g != nil {
		gross = g.String()
	}
	return tx.CameFromSource(x.back.Company, x.back.Number, x.doc.Seller.Name, x.doc.Date.String(), gross)
}

// living are the records that count.
func (x *returning) living() (list []hub.Record) {
	for _, r := range x.records {
		if r.State != hub.RecordEnded {
			list = append(list, r)
		}
	}
	return list
}

// A backVerdict says what comes of a document from Procountor now.
type backVerdict struct {
	state  hub.State
	faults []hub.Fault
	write  []source.Record
	// adopt are records that landed late, by part; ended are parts whose record a
	// person has removed at the source.
	adopt []hub.Record
	ended []string
}

func backRests(state hub.State, faults ...hub.Fault) *backVerdict {
	return &backVerdict{state: state, faults: faults}
}

// planOut decides what is to be done with a document from Procountor now.
func (r *run) planOut(ctx context.Context, t *hub.Transfer, conn hub.Connection) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	x, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (returning, error) { return loadReturning(tx, t) })
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	v, err := r.returnable(ctx, t, conn, &x)
	if err != nil {
		return err
	}
	return r.concludeOut(ctx, t, &x, v)
}

// returnable decides by the settings, what Procountor shows and what is written already.
func (r *run) returnable(ctx context.Context, t *hub.Transfer, conn hub.Connection, x *returning) (*backVerdict, error) {
	living := x.living()
	number := x.doc.VoucherNumber
	switch {
	case gone(procountor.Status(x.back.Status)) && len(living) == 0:
		return backRests(hub.Withdrawn), nil
	case gone(procountor.Status(x.back.Status)):
		return backRests(hub.DoneWithWarning, hub.NewFault(hub.BackGone, "", "", "number", number, "record", recordsOf(living)).Warn()), nil
	case len(living) == 0 && x.ours:
		return backRests(hub.Skipped, hub.NewFault(hub.BackOurs, "", "", "number", number).Warn()), nil
	case len(living) == 0 && !conn.Settings.Back.Purchases:
		return backRests(hub.Skipped, hub.NewFault(hub.BackOff, "", "").Warn()), nil
	}
	w := r.writerOf(ctx, conn)
	if v := w.rests(); v != nil {
		return v, nil
	}
	records, faults := w.Records(x.doc)
	if hub.Stops(faults) && len(living) == 0 {
		return backRests(hub.Held, faults...), nil
	}
	var missing []source.Record
	for _, rec := range records {
		if !slices.ContainsFunc(living, func(l hub.Record) bool { return l.Part == rec.Part }) {
			missing = append(missing, rec)
		}
	}
	changed := slices.DeleteFunc(slices.Clone(living), func(l hub.Record) bool {
		return slices.ContainsFunc(records, func(rec source.Record) bool { return rec.Part == l.Part && printOf(rec) == l.Version })
	})
	v := &backVerdict{state: hub.Done, write: missing}
	switch {
	case len(records) == 0 && len(living) == 0:
		return backRests(hub.Skipped, hub.NewFault(hub.BackNoProject, "", "", "dimension", conn.Settings.Back.Dimension).Warn()), nil
	case !conn.Writing && (len(missing) > 0 || len(changed) > 0):
		return backRests(hub.Noticed, hub.NewFault(hub.WritingOff, "", "").Warn()), nil
	case len(changed) > 0 && t.Asked != x.version:
		return backRests(hub.DoneWithWarning, hub.NewFault(hub.BackChanged, "", "", "number", number, "record", recordsOf(changed)).Warn()), nil
	case len(missing) == 0 && len(changed) == 0, len(x.records) == 0:
		return v, nil
	}
	// Something was tried before, or a person says that records were removed: the
	// source is asked before anything is written.
	return r.returned(ctx, t, conn, w, x, v, changed)
}

// returned asks the source about records that were tried before, and about those
// that a person has removed there.
func (r *run) returned(ctx context.Context, t *hub.Transfer, conn hub.Connection, w *writing, x *returning, v *backVerdict, changed []hub.Record) (*backVerdict, error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	if err != nil {
		return nil, err
	}
	there, err := w.list(ctx, r.since(steps))
	if err != nil {
		return w.failed(err), nil
	}
	for _, l := range changed {
		if slices.ContainsFunc(there, func(s source.Written) bool { return s.ID == l.RecordID }) {
			return backRests(hub.DoneWithWarning, hub.NewFault(hub.BackChanged, "", "", "number", x.doc.VoucherNumber, "record", recordsOf(changed)).Warn()), nil
		}
		v.ended = append(v.ended, l.Part)
	}
	records, _ := w.Records(x.doc)
	for _, l := range changed { // removed at the source: written anew, if it is still a part
		if i := slices.IndexFunc(records, func(rec source.Record) bool { return rec.Part == l.Part }); i >= 0 {
			v.write = append(v.write, records[i])
		}
	}
	v.write = slices.DeleteFunc(v.write, func(rec source.Record) bool {
		for _, s := range steps {
			if s.Kind != hub.WriteRecord || s.Detail.Part != rec.Part {
				continue
			}
			keys := attemptKeys(r.company.ID, t, s)
			if i := slices.IndexFunc(there, func(w source.Written) bool { return slices.Contains(keys, w.Key) }); i >= 0 {
				// It landed late: ours.
				v.adopt = append(v.adopt, hub.Record{Connection: t.Connection, Document: t.Subject, Part: rec.Part, RecordID: there[i].ID, Version: s.Detail.Print})
				return true
			}
		}
		return false
	})
	return v, nil
}

func recordsOf(list []hub.Record) string {
	var ids []string
	for _, l := range list {
		ids = append(ids, l.RecordID)
	}
	return strings.Join(ids, ", ")
}

// printOf is the fingerprint of what is written.
func printOf(rec source.Record) string { return hub.HashOf(rec.Body) }

// concludeOut stores what was decided.
func (r *run) concludeOut(ctx context.Context, t *hub.Transfer, x *returning, v *backVerdict) error {
	var ready []intent
	for i, rec := range v.write {
		s := hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: i + 1, Kind: hub.WriteRecord, State: hub.StepPlanned,
			Detail: hub.StepDetail{Part: rec.Part, Print: printOf(rec), Document: x.version}}
		now := *t
		describeBack(&now, x.doc, x.version)
		in := intent{step: s, body: rec.Body}
		var err error
		if i == 0 {
			in, err = r.prepare(&now, s, rec.Body, nil)
		} else {
			in.packed, err = store.PackBlob(rec.Body)
			in.step.Request = in.packed.Ref
		}
		if err != nil {
			return err
		}
		ready = append(ready, in)
	}
	var steps []hub.Step
	err := r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		news := t.Version != x.version || gone(procountor.Status(x.back.Status))
		describeBack(t, x.doc, x.version)
		now, err := loadReturning(tx, t)
		if err != nil {
			return err
		}
		if now.version != x.version || now.ours != x.ours || now.back.Status != x.back.Status || !slices.Equal(now.records, x.records) {
			return nil // stays as it is: planned anew on what is there now
		}
		for _, part := range v.ended {
			if err := tx.EndRecord(t.Subject, part); err != nil {
				return err
			}
		}
		for _, l := range v.adopt {
			if err := tx.OpenRecord(l); err != nil {
				return err
			}
			if err := tx.LiveRecord(l.Document, l.Part, l.RecordID); err != nil {
				return err
			}
		}
		switch {
		case len(v.adopt) > 0:
			return nil // stays as it is: planned anew on what is known now
		case len(ready) > 0:
			steps, err = r.begin(tx, t, v.faults, ready)
			return err
		case v.state == hub.Waiting:
			return r.putOff(tx, t, hub.Waiting, r.now().Add(wait(t.Rounds)), v.faults...)
		case v.state == hub.Done || v.state == hub.DoneWithWarning:
			if t.State != hub.Working {
				if err := t.Move(hub.Working); err != nil {
					return err
				}
			}
			if err := r.settleDone(tx, t, v.faults); err != nil || !news {
				return err
			}
			for _, code := range Asks(v.faults) { // also when a person has seen to an earlier change
				if err := tx.AskTask(t, code); err != nil {
					return err
				}
			}
			return nil
		}
		return r.payRests(tx, t, v.state, v.faults...)
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// openRecord begins the record of a part with its intent.
func openRecord(tx *store.Tx, t *hub.Transfer, s *hub.Step) error {
	return tx.OpenRecord(hub.Record{Connection: t.Connection, Document: t.Subject, Part: s.Detail.Part, Version: s.Detail.Print})
}

// proveRecord keeps which record of the source a step has become.
func proveRecord(tx *store.Tx, t *hub.Transfer, s *hub.Step, out dispatch.Outcome) error {
	err := tx.LiveRecord(t.Subject, s.Detail.Part, out.RecordID)
	if !store.IsNotFound(err) {
		return err
	}
	// A person had given it up; it has landed all the same.
	if err := openRecord(tx, t, s); err != nil {
		return err
	}
	return tx.LiveRecord(t.Subject, s.Detail.Part, out.RecordID)
}

// errNoWriter says that the source of a connection takes nothing.
var errNoWriter = errors.New("the source takes nothing back")
