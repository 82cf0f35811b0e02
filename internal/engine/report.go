package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// This file tells a source what has become of its own documents (decision 031): a
// transfer of its own for each, which rests while the source is told all. What the
// source is to know is a function of the document's transfer and of what Procountor
// shows as paid; the transaction that changes either lets the report be planned anew.

// A reporting is what the plan of a report begins with.
type reporting struct {
	row  store.DocumentRow
	doc  hub.Transfer // of the document
	told hub.Reported
	// wants is what the source is to know, by the settings that write; shows with
	// what by the settings is shown only.
	wants, shows hub.Report
}

func loadReporting(tx *store.Tx, telling hub.Telling, document string) (x reporting, err error) {
	if x.row, err = tx.DocumentByID(document); err != nil {
		return x, err
	}
	conn, err := tx.Connection(x.row.Connection)
	if err != nil {
		return x, err
	}
	if x.doc, err = tx.TransferByDocument(conn.Company, document); err != nil {
		return x, err
	}
	return x, x.know(tx, telling)
}

// know reads what the source is to know of x.doc, as it stands there.
func (x *reporting) know(tx *store.Tx, telling hub.Telling) (err error) {
	if x.told, err = tx.Reported(x.doc.Subject); err != nil {
		return err
	}
	var paid *hub.PaidWatch
	w, err := tx.WatchOf(x.doc.Company, x.doc.InvoiceID)
	if err == nil && x.doc.InvoiceID != 0 {
		paid = &w.Paid
	} else if err != nil && !store.IsNotFound(err) {
		return err
	}
	now := hub.ReportOf(&x.doc, paid)
	x.wants = telling.Over(x.told.Told, now, hub.TellWrite)
	x.shows = telling.Over(x.told.Told, now, hub.TellWrite, hub.TellShow)
	return nil
}

// print is the fingerprint of what x says.
func (x *reporting) print() string {
	b, err := json.Marshal([]hub.Report{x.told.Told, x.wants, x.shows})
	if err != nil {
		return err.Error() // cannot be: texts and days
	}
	return hub.HashOf(b)
}

// newsOf reports whether the source is to know something else of a document than the
// report was planned with. t is held by tx.
func newsOf(tx *store.Tx, t *hub.Transfer) (bool, error) {
	conn, err := tx.Connection(t.Connection)
	if err != nil {
		return false, err
	}
	x, err := loadReporting(tx, conn.Settings.Telling, t.Subject)
	return err == nil && x.print() != t.Standing, err
}

// tellSource lets the source be told of a document that has come to rest: t is as it
// is about to be stored by tx.
func (e *Engine) tellSource(tx *store.Tx, conn hub.Connection, t *hub.Transfer) error {
	if !conn.Settings.Telling.On() || t.Kind != hub.DocumentTransfer || t.Direction != hub.In {
		return nil
	}
	row, err := tx.DocumentByID(t.Subject)
	if err != nil {
		return err
	}
	if row.SourceID == "" || t.DocKind == hub.Journal {
		return nil // a journal of ours is no document of the source's
	}
	x := reporting{row: row, doc: *t}
	if err := x.know(tx, conn.Settings.Telling); err != nil {
		return err
	}
	if x.wants == x.told.Told && x.shows == x.told.Told {
		return nil
	}
	c, err := tx.TransferOf(t.Company, hub.ReportTransfer, hub.Out, t.Subject) // held: news come one after the other
	if err == nil {
		return e.wakeReport(tx, &c)
	}
	if !store.IsNotFound(err) {
		return err
	}
	c = hub.Transfer{Company: t.Company, Connection: t.Connection, Kind: hub.ReportTransfer, Direction: hub.Out, Subject: t.Subject, Goal: hub.Deliver, State: hub.Ready}
	describeReport(&c, t)
	err = tx.Try(func() error { return tx.InsertTransfer(&c) })
	if store.IsDuplicate(err) {
		return errGivenBack // another node does so at this moment
	}
	if err != nil {
		return err
	}
	return e.wake(tx, t.Company, e.o.Now())
}

// wakeReport lets a report that rests be planned anew.
func (e *Engine) wakeReport(tx *store.Tx, c *hub.Transfer) error {
	if c.State.Active() {
		return nil // whoever works on it looks again before it rests
	}
	lease := c.Lease
	c.WakeAt, c.Rounds, c.Lease, c.LeaseUntil = time.Time{}, 0, "", time.Time{}
	if err := c.Move(hub.Ready); err != nil {
		return err
	}
	if err := tx.SaveTransfer(c, lease); err != nil {
		return err
	}
	return e.wake(tx, c.Company, e.o.Now())
}

// tellPaid lets the source be told what has been paid since an invoice was read before.
func (e *Engine) tellPaid(tx *store.Tx, w *store.Watch, was hub.PaidWatch) error {
	some := func(p *hub.PaidWatch) bool { return p.State == hub.PaidPartly || p.State == hub.PaidFully }
	if !some(&was) && !some(&w.Paid) || was.State == w.Paid.State && was.On == w.Paid.On && was.Open == w.Paid.Open {
		return nil
	}
	t, err := tx.Transfer(w.Transfer)
	if err != nil || t.InvoiceID != w.InvoiceID {
		return err // a credit note of ours, or a voucher that was let go
	}
	conn, err := tx.Connection(t.Connection)
	if err != nil {
		return err
	}
	return e.tellSource(tx, conn, &t)
}

// describeReport copies what people look for from the document. The invoice is that of
// the document's own transfer, so its id stays out.
func describeReport(t, doc *hub.Transfer) {
	t.DocKind, t.CreditNote, t.Number, t.SortKey, t.PartnerName = doc.DocKind, doc.CreditNote, doc.Number, doc.SortKey, doc.PartnerName
	t.Date, t.DueDate, t.Gross, t.Currency, t.InvoiceNumber = doc.Date, doc.DueDate, doc.Gross, doc.Currency, doc.InvoiceNumber
	t.Version = doc.Version
}

// A reportVerdict says what comes of a report now.
type reportVerdict struct {
	backVerdict
	body []byte // to be told
	// says: the source says already all that it is to be told, in these words.
	says []hub.Said
	seen bool
}

// planReport decides what the source is to be told of a document now.
func (r *run) planReport(ctx context.Context, t *hub.Transfer, conn hub.Connection) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	x, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (reporting, error) {
		return loadReporting(tx, conn.Settings.Telling, t.Subject)
	})
	if err != nil {
		return fmt.Errorf("plan report: %w", err)
	}
	v := r.reportable(ctx, conn, &x)
	var ready []intent
	if v.body != nil {
		in, err := r.prepare(t, hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: 1, Kind: hub.TellSource, State: hub.StepPlanned,
			Detail: hub.StepDetail{Source: x.row.SourceID, Report: &x.wants}}, v.body, nil)
		if err != nil {
			return err
		}
		ready = append(ready, in)
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		now, err := loadReporting(tx, conn.Settings.Telling, t.Subject)
		if err != nil || now.print() != x.print() {
			return err // stays as it is: planned anew on what is known now
		}
		describeReport(t, &now.doc)
		t.Standing = now.print()
		switch {
		case ready != nil:
			if t.State == hub.Waiting {
				if err := t.Move(hub.Ready); err != nil {
					return err
				}
			}
			steps, err = r.begin(tx, t, nil, ready)
			return err
		case v.seen:
			told := now.told
			told.Document, told.Connection, told.Told, told.Says, told.SeenAt = t.Subject, t.Connection, x.wants, v.says, r.now()
			if err := tx.PutReported(told); err != nil {
				return err
			}
			if now.know(tx, conn.Settings.Telling) == nil {
				t.Standing = now.print()
			}
			if err := r.worksAgain(tx, t); err != nil {
				return err
			}
		}
		switch v.state {
		case hub.Waiting:
			return r.putOff(tx, t, hub.Waiting, r.now().Add(wait(t.Rounds)), v.faults...)
		case hub.Done:
			if t.State != hub.Working {
				if err := t.Move(hub.Working); err != nil {
					return err
				}
			}
			return r.settleDone(tx, t, v.faults)
		}
		return r.payRests(tx, t, v.state, v.faults...)
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

func reportRests(state hub.State, faults ...hub.Fault) *reportVerdict {
	return &reportVerdict{backVerdict: backVerdict{state: state, faults: faults}}
}

// reportable decides by the settings and by what the source says now.
func (r *run) reportable(ctx context.Context, conn hub.Connection, x *reporting) *reportVerdict {
	told := x.told.Told
	switch {
	case x.shows == told && told == (hub.Report{}):
		return reportRests(hub.Skipped, hub.NewFault(hub.ReportNothing, "", "").Warn())
	case x.shows == told:
		return reportRests(hub.Done)
	}
	w := r.reporterOf(ctx, conn)
	if v := w.rests(); v != nil {
		return &reportVerdict{backVerdict: *v}
	}
	writes, meant := conn.Writing && x.wants != told, x.shows
	if writes {
		meant = x.wants
	}
	rep, err := w.Report(ctx, x.row.SourceID, meant, told)
	if err != nil {
		v := w.failed(err)
		for i := range v.faults {
			v.faults[i] = reportFault(v.faults[i])
		}
		return &reportVerdict{backVerdict: *v}
	}
	switch f := rep.Fault; {
	case f != nil && f.Code == hub.ReportSettings:
		w.trouble(dispatch.Outcome{Fault: f})
		return reportRests(hub.Held, *f)
	case f != nil && f.Warning: // somebody's word: it is left alone, and not asked about again
		v := reportRests(hub.Done, *f)
		v.says, v.seen = rep.Says, writes
		return v
	case f != nil:
		return reportRests(hub.Held, *f)
	case rep.Body == nil && writes:
		v := reportRests(hub.Done)
		v.says, v.seen = rep.Says, true
		return v
	case rep.Body == nil:
		return reportRests(hub.Done)
	case writes:
		return &reportVerdict{body: rep.Body}
	}
	faults := []hub.Fault{hub.NewFault(hub.ReportShown, "", "", "now", SaidWords(rep.Says), "would", SaidWords(rep.Would)).Warn()}
	if !conn.Writing {
		faults = append([]hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}, faults...)
	}
	return reportRests(hub.Noticed, faults...)
}

// SaidWords are the words of a source, for a sentence.
func SaidWords(list []hub.Said) string {
	var words []string
	for _, s := range list {
		if s.Value != "" {
			words = append(words, s.Value)
		}
	}
	if words == nil {
		return "–"
	}
	return strings.Join(words, ", ")
}

// reportFault says of a report what [writeFailed] says of a record.
func reportFault(f hub.Fault) hub.Fault {
	switch f.Code {
	case hub.BackRefused:
		f.Code = hub.ReportRefused
	case hub.BackSettings:
		f.Code = hub.ReportSettings
	}
	return f
}

// sendReport tells the source, once.
func (r *run) sendReport(ctx context.Context, t *hub.Transfer, o dispatch.Order) dispatch.Outcome {
	w := r.reporterOf(ctx, r.conns[t.Connection])
	if fault, _ := w.stopped(); fault != nil {
		return dispatch.Outcome{Verdict: dispatch.Untouched, Fault: fault}
	}
	said, err := w.Tell(ctx, o.Step.Detail.Source, o.Body)
	if err != nil {
		out := writeFailed(err)
		w.trouble(out)
		if out.Fault != nil {
			out.Fault = new(reportFault(*out.Fault))
		}
		return out
	}
	if said.Body != nil {
		f := hub.NewFault(hub.AnswerUnclear, "", "") // taken, and not shown: asked
		return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: &f, Answer: said.Shown}
	}
	return dispatch.Outcome{Verdict: dispatch.Proved, Answer: said.Shown, Says: said.Says}
}

// lookReport finds out whether the source says what it was told.
func (r *run) lookReport(ctx context.Context, t *hub.Transfer, o dispatch.Order) dispatch.Outcome {
	w := r.reporterOf(ctx, r.conns[t.Connection])
	if fault, _ := w.stopped(); fault != nil {
		return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: fault}
	}
	said, err := w.Report(ctx, o.Step.Detail.Source, *o.Step.Detail.Report, hub.Report{})
	switch {
	case errors.Is(err, source.ErrRefused):
		return dispatch.Outcome{Verdict: dispatch.Untouched} // it is not there: planned anew, and said
	case err != nil:
		out := writeFailed(err)
		w.trouble(out)
		return dispatch.Outcome{Verdict: dispatch.Unclear, Fault: out.Fault}
	case said.Body == nil && said.Fault == nil:
		return dispatch.Outcome{Verdict: dispatch.Proved, Answer: said.Shown, Says: said.Says}
	}
	return dispatch.Outcome{Verdict: dispatch.Untouched}
}

// provedReport keeps what the source was told. That is what the report rests with.
func (r *run) provedReport(tx *store.Tx, t *hub.Transfer, s *hub.Step, out dispatch.Outcome) error {
	if err := tx.PutReported(hub.Reported{Document: t.Subject, Connection: t.Connection, Told: *s.Detail.Report, Says: out.Says,
		ToldAt: s.IntendedAt, SeenAt: r.now()}); err != nil {
		return err
	}
	x, err := loadReporting(tx, r.conns[t.Connection].Settings.Telling, t.Subject)
	if err != nil {
		return err
	}
	if x.shows == x.told.Told {
		t.Standing = x.print() // else it is outdated, and planned anew
	}
	return nil
}

// sourceCodes are the reasons that concern all that goes to a source.
var sourceCodes = []string{hub.BackDenied, hub.BackSettings, hub.BackNoWriter, hub.ReportSettings, hub.ReportNoTeller}

// maxAgain bounds how many are let go on in one transaction; the next of them that is
// proved lets more go.
const maxAgain = 500

// tryStopped lets one of those go on that a source has stopped, for it could be read:
// if it is taken, [run.worksAgain] lets the others follow.
func (e *Engine) tryStopped(tx *store.Tx, connection string) error {
	return e.goOnAt(tx, connection, sourceCodes, 1)
}

// worksAgain lets all go on that the source of t had stopped, once in a run: it has
// taken something.
func (r *run) worksAgain(tx *store.Tx, t *hub.Transfer) error {
	r.mu.Lock()
	done := r.works[t.Connection]
	if r.works == nil {
		r.works = map[string]bool{}
	}
	r.works[t.Connection] = true
	r.mu.Unlock()
	if done {
		return nil
	}
	return r.e.goOnAt(tx, t.Connection, sourceCodes, maxAgain)
}

// goOnAt lets those go on, so many at most, that stand still for these reasons.
func (e *Engine) goOnAt(tx *store.Tx, connection string, codes []string, limit int) error {
	list, err := tx.StoppedAtSource(connection, codes, limit)
	if err != nil || len(list) == 0 {
		return err
	}
	for i := range list {
		if err := readyAgain(tx, &list[i], because{Source: true}); err != nil {
			return err
		}
	}
	return e.wake(tx, list[0].Company, e.o.Now())
}
