package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
// in Procountor never writes beside a record that is there: where the source lets it be
// changed or removed (decision 031), and nobody else has touched it, it is; else it is a
// task.

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
	// change are records that are written over, and remove those that are taken away.
	change []changing
	remove []hub.Record
	// adopt are records that landed late, by part; ended are parts whose record a
	// person has removed at the source; same are those that say already what is
	// wanted, with the fingerprint of that.
	adopt []hub.Record
	ended []string
	same  map[string]string
}

// A changing is a record with what it is to say.
type changing struct {
	source.Record
	of hub.Record
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
	isGone := gone(procountor.Status(x.back.Status))
	switch {
	case isGone && len(living) == 0:
		return backRests(hub.Withdrawn), nil
	case len(living) == 0 && x.ours:
		return backRests(hub.Skipped, hub.NewFault(hub.BackOurs, "", "", "number", number).Warn()), nil
	case len(living) == 0 && !conn.Settings.Back.Purchases:
		return backRests(hub.Skipped, hub.NewFault(hub.BackOff, "", "").Warn()), nil
	}
	w := r.writerOf(ctx, conn)
	changer, follows := w.Writer.(source.Changer)
	if isGone && !follows {
		return backRests(hub.DoneWithWarning, hub.NewFault(hub.BackGone, "", "", "number", number, "record", recordsOf(living)).Warn()), nil
	}
	if v := w.rests(); v != nil {
		return v, nil
	}
	var records []source.Record
	var faults []hub.Fault
	if !isGone {
		var err error
		if records, faults, err = w.Records(ctx, x.doc); err != nil {
			return w.failed(err), nil
		}
	}
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
	case follows && hub.Stops(faults) && (len(missing) > 0 || len(changed) > 0):
		return backRests(hub.Held, faults...), nil
	case follows && len(changed) > 0:
		return r.followed(ctx, t, w, changer, x, v, records, changed)
	case len(changed) > 0 && t.Asked != x.version:
		return backRests(hub.DoneWithWarning, hub.NewFault(hub.BackChanged, "", "", "number", number, "record", recordsOf(changed)).Warn()), nil
	case len(missing) == 0 && len(changed) == 0, len(x.records) == 0:
		return v, nil
	}
	// Something was tried before, or a person says that records were removed: the
	// source is asked before anything is written.
	return r.returned(ctx, t, w, x, v, records, changed)
}

// followed plans how what has changed in Procountor is changed at the source, and what
// is gone there removed. What somebody there has touched is a task.
func (r *run) followed(ctx context.Context, t *hub.Transfer, w *writing, changer source.Changer, x *returning, v *backVerdict, records []source.Record, changed []hub.Record) (*backVerdict, error) {
	steps, there, rests, err := r.tried(ctx, t, w)
	if rests != nil || err != nil {
		return rests, err
	}
	v.same = map[string]string{}
	for _, l := range changed {
		at := slices.IndexFunc(there, func(s source.Written) bool { return s.ID == l.RecordID })
		of := slices.IndexFunc(records, func(rec source.Record) bool { return rec.Part == l.Part })
		switch {
		case at < 0 && of < 0:
			v.ended = append(v.ended, l.Part)
			continue
		case at < 0 && t.Asked == x.version:
			v.ended, v.write = append(v.ended, l.Part), append(v.write, records[of])
			continue
		case at < 0:
			v.faults = append(v.faults, hub.NewFault(hub.BackChanged, "", "", "number", x.doc.VoucherNumber, "record", l.RecordID).Warn())
			continue
		case of >= 0 && len(w.Compare(records[of].Body, there[at])) == 0:
			v.same[l.Part] = printOf(records[of]) // a person has put it right there
			continue
		}
		was, err := r.lastBody(ctx, steps, l)
		if err != nil {
			return nil, err
		}
		if f := changer.Touched(was, there[at]); f != nil {
			touched := *f
			touched.Args = maps.Clone(f.Args)
			if touched.Args == nil {
				touched.Args = map[string]string{}
			}
			touched.Args["number"], touched.Args["record"] = x.doc.VoucherNumber, l.RecordID
			v.faults = append(v.faults, touched.Warn())
		} else if of >= 0 {
			v.change = append(v.change, changing{records[of], l})
		} else {
			v.remove = append(v.remove, l)
		}
	}
	if v.state = hub.Done; len(v.faults) > 0 {
		v.state = hub.DoneWithWarning
	}
	r.landedLate(t, steps, there, v)
	return v, nil
}

// lastBody are the bytes that a record was made or changed with last, the mark among them.
func (r *run) lastBody(ctx context.Context, steps []hub.Step, l hub.Record) ([]byte, error) {
	for _, s := range slices.Backward(steps) {
		if s.Detail.Part == l.Part && s.Detail.Print == l.Version && s.Request != "" && (s.Kind == hub.WriteRecord || s.Kind == hub.ChangeRecord) {
			return r.body(ctx, s.Request)
		}
	}
	return nil, fmt.Errorf("record %s: nothing says what was written of it", l.RecordID)
}

// tried are all steps of t, and what the source shows of what they may have written; or
// the verdict when it cannot be asked.
func (r *run) tried(ctx context.Context, t *hub.Transfer, w *writing) (steps []hub.Step, there []source.Written, rests *backVerdict, err error) {
	if steps, err = store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) }); err != nil {
		return nil, nil, nil, err
	}
	if there, err = w.list(ctx, r.since(steps)); err != nil {
		return nil, nil, w.failed(err), nil
	}
	return steps, there, nil, nil
}

// returned asks the source about records that were tried before, and about those
// that a person has removed there.
func (r *run) returned(ctx context.Context, t *hub.Transfer, w *writing, x *returning, v *backVerdict, records []source.Record, changed []hub.Record) (*backVerdict, error) {
	steps, there, rests, err := r.tried(ctx, t, w)
	if rests != nil || err != nil {
		return rests, err
	}
	for _, l := range changed {
		if slices.ContainsFunc(there, func(s source.Written) bool { return s.ID == l.RecordID }) {
			return backRests(hub.DoneWithWarning, hub.NewFault(hub.BackChanged, "", "", "number", x.doc.VoucherNumber, "record", recordsOf(changed)).Warn()), nil
		}
		v.ended = append(v.ended, l.Part)
	}
	for _, l := range changed { // removed at the source: written anew, if it is still a part
		if i := slices.IndexFunc(records, func(rec source.Record) bool { return rec.Part == l.Part }); i >= 0 {
			v.write = append(v.write, records[i])
		}
	}
	r.landedLate(t, steps, there, v)
	return v, nil
}

// landedLate takes what was written after all out of what is to be written: it is ours.
func (r *run) landedLate(t *hub.Transfer, steps []hub.Step, there []source.Written, v *backVerdict) {
	v.write = slices.DeleteFunc(v.write, func(rec source.Record) bool {
		for _, s := range steps {
			if s.Kind != hub.WriteRecord || s.Detail.Part != rec.Part {
				continue
			}
			keys := attemptKeys(r.company.ID, t, s)
			if i := slices.IndexFunc(there, func(w source.Written) bool { return slices.Contains(keys, w.Key) }); i >= 0 {
				v.adopt = append(v.adopt, hub.Record{Connection: t.Connection, Document: t.Subject, Part: rec.Part, RecordID: there[i].ID, Version: s.Detail.Print})
				return true
			}
		}
		return false
	})
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
	ready, err := r.readyOut(t, x, v)
	if err != nil {
		return err
	}
	var files *keptFiles
	if len(v.write) > 0 {
		if files, err = r.filesBack(ctx, x); err != nil {
			return err
		}
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
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
		for part, version := range v.same {
			if err := tx.ChangedRecord(t.Subject, part, version); err != nil {
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
			if err := files.keep(tx, t.Subject); err != nil {
				return err
			}
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

// readyOut makes the steps of a verdict: records that are changed, removed, and written,
// the first of them intended.
func (r *run) readyOut(t *hub.Transfer, x *returning, v *backVerdict) (ready []intent, err error) {
	now := *t
	describeBack(&now, x.doc, x.version)
	add := func(kind hub.StepKind, body []byte, detail hub.StepDetail) {
		if err != nil {
			return
		}
		detail.Document = x.version
		s := hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: len(ready) + 1, Kind: kind, State: hub.StepPlanned, Detail: detail}
		in := intent{step: s, body: body}
		if len(ready) == 0 {
			in, err = r.prepare(&now, s, body, nil)
		} else if body != nil {
			in.packed, err = store.PackBlob(body)
			in.step.Request = in.packed.Ref
		}
		ready = append(ready, in)
	}
	for _, c := range v.change {
		add(hub.ChangeRecord, c.Body, hub.StepDetail{Part: c.Part, Print: printOf(c.Record), Record: c.of.RecordID, Was: c.of.Version})
	}
	for _, l := range v.remove {
		add(hub.RemoveRecord, nil, hub.StepDetail{Part: l.Part, Record: l.RecordID, Was: l.Version})
	}
	for _, rec := range v.write {
		add(hub.WriteRecord, rec.Body, hub.StepDetail{Part: rec.Part, Print: printOf(rec)})
	}
	return ready, err
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
