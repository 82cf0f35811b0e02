package engine

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// This file carries out one write to a source, or looks whether one has happened.

// recordMargin is how long before its intent a record may claim to have been made:
// no two clocks and zones are further apart.
const recordMargin = 26 * time.Hour

// An opened driver is that of a connection's source, in one run.
type opened struct {
	source.Driver // nil when there is no source, or it cannot be opened
	err           error
}

// A writing is the source of a connection in one run, in one of the ways in which it
// is written to: only that of its interfaces is set.
type writing struct {
	source.Writer
	source.Reporter

	mu sync.Mutex
	// fault says why nothing can be written, for the rest of this run.
	fault *hub.Fault
	state hub.State        // of what rests for that reason
	there []source.Written // what a look of this run has shown
	since time.Time        // from which moment on; the zero time for none yet
}

// driverOf opens the source of a connection, once in a run.
func (r *run) driverOf(ctx context.Context, conn hub.Connection) opened {
	r.mu.Lock()
	d, ok := r.drivers[conn.ID]
	r.mu.Unlock()
	if ok {
		return d
	}
	s, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(conn.ID) })
	if err == nil {
		d.Driver, _, err = r.e.openDriver(ctx, conn.ID, s.Kind, nil)
	}
	d.err = err
	r.mu.Lock()
	defer r.mu.Unlock()
	if have, ok := r.drivers[conn.ID]; ok {
		return have
	}
	if r.drivers == nil {
		r.drivers = map[string]opened{}
	}
	r.drivers[conn.ID] = d
	return d
}

// writerOf is the source of a connection as one that takes documents of Procountor's.
func (r *run) writerOf(ctx context.Context, conn hub.Connection) *writing {
	return r.way(ctx, conn, &r.writers, func(d source.Driver) (w *writing, ok bool) {
		w = &writing{}
		w.Writer, ok = d.(source.Writer)
		return w, ok
	}, hub.BackNoWriter, hub.BackSettings)
}

// reporterOf is the source of a connection as one that is told of its own documents.
func (r *run) reporterOf(ctx context.Context, conn hub.Connection) *writing {
	return r.way(ctx, conn, &r.reporters, func(d source.Driver) (w *writing, ok bool) {
		w = &writing{}
		w.Reporter, ok = d.(source.Reporter)
		return w, ok
	}, hub.ReportNoTeller, hub.ReportSettings)
}

func (r *run) way(ctx context.Context, conn hub.Connection, ways *map[string]*writing, as func(source.Driver) (*writing, bool), none, settings string) *writing {
	r.mu.Lock()
	w, ok := (*ways)[conn.ID]
	r.mu.Unlock()
	if ok {
		return w
	}
	d := r.driverOf(ctx, conn)
	w, can := as(d.Driver)
	w.state = hub.Held
	switch {
	case store.IsNotFound(d.err), d.err == nil && !can:
		w.fault = new(hub.NewFault(none, "", ""))
	case errors.Is(d.err, source.ErrOptions):
		w.fault = new(hub.NewFault(settings, "", "", "reason", d.err.Error()))
	case d.err != nil:
		w.fault, w.state = new(hub.NewFault(hub.OwnFault, "", "", "reason", d.err.Error())), hub.Waiting
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if have, ok := (*ways)[conn.ID]; ok {
		return have
	}
	if *ways == nil {
		*ways = map[string]*writing{}
	}
	(*ways)[conn.ID] = w
	return w
}

// writing is the writer of a connection, nil when this run has opened none.
func (r *run) writing(connection string) *writing {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.writers[connection]; w != nil && w.Writer != nil {
		return w
	}
	return nil
}

// stopped says why nothing can be written in the rest of this run, nil when it can,
// and in which state what is to be written rests.
func (w *writing) stopped() (*hub.Fault, hub.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.state
}

// rests is the verdict on what cannot be written now, nil when it can.
func (w *writing) rests() *backVerdict {
	fault, state := w.stopped()
	if fault == nil {
		return nil
	}
	f := *fault
	if state == hub.Waiting {
		f = f.Warn()
	}
	return backRests(state, f)
}

// trouble lets what is still to be written rest, when the source refuses us, is busy,
// or its options do not suffice.
func (w *writing) trouble(out dispatch.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case out.Fault == nil || w.fault != nil:
	case out.Fault.Code == hub.BackDenied, out.Fault.Code == hub.BackSettings, out.Fault.Code == hub.ReportSettings:
		w.fault, w.state = out.Fault, hub.Held
	case out.Fault.Code == hub.BackBusy || out.Verdict == dispatch.Unclear:
		w.fault, w.state = out.Fault, hub.Waiting
	}
}

// failed is the verdict after a read of the source that has not come to an end.
func (w *writing) failed(err error) *backVerdict {
	out := writeFailed(err)
	w.trouble(out)
	if v := w.rests(); v != nil {
		return v
	}
	if out.Verdict == dispatch.Refused {
		return backRests(hub.Held, *out.Fault)
	}
	return backRests(hub.Waiting, out.Fault.Warn())
}

// list returns what carries our marks, made since a moment at least: what a look of
// this run has shown serves for all that was written before it.
func (w *writing) list(ctx context.Context, since time.Time) ([]source.Written, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.since.IsZero() && !since.Before(w.since) {
		return w.there, nil
	}
	there, err := w.Look(ctx, since)
	if err != nil {
		return nil, err
	}
	w.there, w.since = there, since
	return there, nil
}

// forget lets the next look read anew: something was written.
func (w *writing) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.there, w.since = nil, time.Time{}
}

// since is the moment from which on what the steps have written may be.
func (r *run) since(steps []hub.Step) time.Time {
	first := r.now()
	for _, s := range steps {
		if s.Kind.ToSource() && !s.IntendedAt.IsZero() && s.IntendedAt.Before(first) {
			first = s.IntendedAt
		}
	}
	return first.Add(-recordMargin)
}

// sendRecord writes, changes or removes a record, once.
func (r *run) sendRecord(ctx context.Context, t *hub.Transfer, o dispatch.Order) dispatch.Outcome {
	w := r.writerOf(ctx, r.conns[t.Connection])
	if fault, _ := w.stopped(); fault != nil {
		return dispatch.Outcome{Verdict: dispatch.Untouched, Fault: fault}
	}
	var there source.Written
	var err error
	changer, follows := w.Writer.(source.Changer)
	switch s := &o.Step; {
	case s.Kind == hub.WriteRecord:
		there, err = w.Write(ctx, o.Body)
	case !follows: // another source by now
		return dispatch.Outcome{Verdict: dispatch.Untouched, Fault: new(hub.NewFault(hub.BackNoWriter, "", ""))}
	case s.Kind == hub.ChangeRecord:
		there, err = changer.Change(ctx, s.Detail.Record, o.Body)
	default:
		err = changer.Remove(ctx, s.Detail.Record)
	}
	w.forget()
	if err != nil {
		out := writeFailed(err)
		w.trouble(out)
		return out
	}
	if o.Step.Kind == hub.RemoveRecord {
		return dispatch.Outcome{Verdict: dispatch.Proved}
	}
	if there.ID == "" || there.Key != o.Step.Key {
		f := hub.NewFault(hub.AnswerUnclear, "", "") // taken, and not shown: looked for
		return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: &f, Answer: there.Shown}
	}
	return recorded(w, o, there)
}

// recorded is the outcome of a record that is there.
func recorded(w *writing, o dispatch.Order, there source.Written) dispatch.Outcome {
	out := dispatch.Outcome{Verdict: dispatch.Proved, RecordID: there.ID, Answer: there.Shown}
	for _, f := range w.Compare(o.Body, there) {
		out.Differs = append(out.Differs, f.Warn())
	}
	return out
}

// writeFailed turns an error of a source into a verdict on a write.
func writeFailed(err error) dispatch.Outcome {
	verdict := func(v dispatch.Verdict, code string) dispatch.Outcome {
		reason := err.Error()
		for _, prefix := range []error{source.ErrDenied, source.ErrRefused, source.ErrBusy, source.ErrOptions} {
			if _, after, ok := strings.Cut(reason, prefix.Error()+": "); ok {
				reason = after
			}
		}
		f := hub.NewFault(code, "", "", "reason", reason)
		return dispatch.Outcome{Verdict: v, Fault: &f}
	}
	switch {
	case errors.Is(err, source.ErrDenied):
		return verdict(dispatch.Refused, hub.BackDenied)
	case errors.Is(err, source.ErrOptions):
		return verdict(dispatch.Refused, hub.BackSettings)
	case errors.Is(err, source.ErrRefused):
		return verdict(dispatch.Refused, hub.BackRefused)
	case errors.Is(err, source.ErrBusy):
		return verdict(dispatch.Untouched, hub.BackBusy)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return verdict(dispatch.Untouched, hub.BackBusy) // it never left
	}
	f := hub.NewFault(hub.AnswerUnclear, "", "")
	return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: &f}
}

// lookRecord finds out what became of a record whose answer was lost; all are the steps
// of its transfer: what is changed or removed was made long before.
func (r *run) lookRecord(ctx context.Context, t *hub.Transfer, o dispatch.Order, all []hub.Step) dispatch.Outcome {
	w := r.writerOf(ctx, r.conns[t.Connection])
	if fault, _ := w.stopped(); fault != nil {
		return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: fault}
	}
	list, err := w.list(ctx, r.since(all))
	if err != nil {
		out := writeFailed(err)
		w.trouble(out)
		return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: out.Fault}
	}
	if s := &o.Step; s.Kind == hub.RemoveRecord {
		if slices.ContainsFunc(list, func(x source.Written) bool { return x.ID == s.Detail.Record }) {
			return dispatch.Outcome{Verdict: dispatch.Untouched}
		}
		return dispatch.Outcome{Verdict: dispatch.Proved}
	}
	mine := slices.DeleteFunc(slices.Clone(list), func(s source.Written) bool { return !slices.Contains(o.Keys, s.Key) })
	switch len(mine) {
	case 0:
		return dispatch.Outcome{Verdict: dispatch.Untouched}
	case 1:
		return recorded(w, o, mine[0])
	}
	f := hub.NewFault(hub.RecordTwice, "", "", "record", mine[0].ID, "other", mine[1].ID)
	return dispatch.Outcome{Verdict: dispatch.Foreign, Fault: &f}
}
