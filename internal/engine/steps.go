package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// maxTurns bounds the turns of one transfer in one Step, beside the steps of its
// plan: more means that it goes round in circles.
const maxTurns = 100

// finish moves t until it rests.
func (r *run) finish(ctx context.Context, t *hub.Transfer) error { return r.move(ctx, t, false) }

// untilPosted moves t until its voucher exists, or it rests.
func (r *run) untilPosted(ctx context.Context, t *hub.Transfer) error { return r.move(ctx, t, true) }

func (r *run) move(ctx context.Context, t *hub.Transfer, untilPosted bool) error {
	for range maxTurns + t.Steps {
		if t.Lease != r.lease {
			return nil
		}
		if r.paused() || ctx.Err() != nil {
			return errors.Join(ctx.Err(), r.takeBackIntent(ctx, t))
		}
		if untilPosted && t.InvoiceID != 0 {
			return nil
		}
		var err error
		switch t.State {
		case hub.Ready, hub.Waiting:
			err = r.plan(ctx, t)
		case hub.Working:
			err = r.resume(ctx, t)
		case hub.Unclear:
			err = r.look(ctx, t)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("more than %d turns in one step", maxTurns)
}

// resume goes on with the stored plan: it sends what is intended by us, looks
// after what was intended by a run that is gone, intends what is next.
func (r *run) resume(ctx context.Context, t *hub.Transfer) error {
	steps, err := r.recall(ctx, t)
	if err != nil {
		return err
	}
	for i := range steps {
		s := &steps[i]
		switch s.State {
		case hub.StepProved:
			continue
		case hub.StepPlanned, hub.StepRefused:
			if s.Kind == hub.MakePartner {
				if found, err := r.searchPartner(ctx, t, *s); found || err != nil {
					return err
				}
			}
			if t.Kind.Marks() || t.Direction == hub.Out || t.Kind == hub.CardTransfer || t.Kind == hub.ApprovalTransfer || t.Kind.Lists() {
				// The invoice may have been paid otherwise, or changed, or the card edited since: planned anew on what is there.
				return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return t.Move(hub.Ready) })
			}
			var body []byte
			var err error
			if s.Kind == hub.PutReceipt {
				if body, err = r.receipt(ctx, t, s); err != nil || body == nil {
					return err
				}
			} else if body, err = r.body(ctx, s.Request); err != nil {
				return err
			}
			ready, err := r.prepare(t, *s, body, nil)
			if err != nil {
				return err
			}
			return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
				from := s.State
				if void, err := r.void(tx, t, s); void || err != nil {
					return err
				}
				if s.Kind == hub.PostInvoice {
					if rests, err := r.mayPost(tx, t); rests || err != nil {
						return err
					}
				}
				if t.State != hub.Working {
					if err := t.Move(hub.Working, t.Faults...); err != nil {
						return err
					}
				}
				t.WakeAt, t.WaitsFor = time.Time{}, ""
				if from == hub.StepRefused {
					again := *s
					again.State = hub.StepPlanned
					if err := tx.SaveStep(&again, from); err != nil {
						return err
					}
					from = hub.StepPlanned
				}
				if err := r.intend(tx, t, ready); err != nil {
					return err
				}
				return tx.SaveStep(&ready.step, from)
			})
		case hub.StepIntended:
			if r.mine(s) {
				return r.send(ctx, t, s, steps)
			}
			// The run that intended it is gone: nobody knows whether it was sent.
			return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
				next := *s
				next.State = hub.StepUnclear
				if err := tx.SaveStep(&next, hub.StepIntended); err != nil {
					return err
				}
				t.StepAt = s.Seq
				return t.Move(hub.Unclear, t.Faults...)
			})
		case hub.StepUnclear:
			return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return t.Move(hub.Unclear, t.Faults...) })
		}
	}
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return r.settleDone(tx, t, t.Faults) })
}

// takeBackIntent ends a run that may not go on: what t has intended and this run
// has not sent is planned again.
func (r *run) takeBackIntent(ctx context.Context, t *hub.Transfer) error {
	if t.State != hub.Working {
		return nil
	}
	steps, err := r.recall(context.WithoutCancel(ctx), t)
	if err != nil {
		return err
	}
	for i := range steps {
		if s := &steps[i]; s.State == hub.StepIntended && r.mine(s) {
			return r.unintend(ctx, t, s)
		}
	}
	return nil
}

// unintend says that an intended write has certainly not left. Without it the
// next run would have to look for it, twice and for minutes.
func (r *run) unintend(ctx context.Context, t *hub.Transfer, s *hub.Step) error {
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		planned := *s
		planned.State, planned.EndedAt = hub.StepPlanned, r.now()
		if err := tx.SaveStep(&planned, hub.StepIntended); err != nil {
			return err
		}
		if err := neverMade(tx, t, s); err != nil {
			return err
		}
		t.Lease, t.LeaseUntil = "", time.Time{}
		return t.Move(hub.Ready, t.Faults...)
	})
}

// void lets t be planned anew, if the plan does not serve any more: the document
// has changed, a person wants the voucher back, or writing was switched off. next
// is the step that would come now. A voucher known to be wrong is not approved.
func (r *run) void(tx *store.Tx, t *hub.Transfer, next *hub.Step) (bool, error) {
	if t.Kind == hub.PartnerTransfer || t.Kind == hub.CardTransfer || t.Kind == hub.ReportTransfer || t.Kind.Lists() {
		return false, nil
	}
	changed, err := outdated(tx, t)
	if err != nil {
		return false, err
	}
	back := next.Kind == hub.Invalidate || next.Kind == hub.Unfinish
	if !changed && r.conns[t.Connection].Writing && (t.Goal != hub.TakeBack || back) {
		return false, nil
	}
	return true, t.Move(hub.Ready, t.Faults...)
}

// An intent is a write that is ready to be intended: all that can be done
// outside the transaction is done, since on SQLite all writers wait meanwhile.
type intent struct {
	step   hub.Step
	body   []byte // nil for a write without one
	packed store.PackedBlob
}

// prepare makes the next attempt at a step: its key and the exact bytes. An
// invoice may be given as it was planned, instead of its bytes.
func (r *run) prepare(t *hub.Transfer, s hub.Step, body []byte, planned *procountor.Invoice) (in intent, err error) {
	s.Attempt++
	s.Key = hub.StepKey(r.company.ID, t.Connection, t.Subject, s.Plan, s.Kind, s.Seq, s.Attempt)
	s.State, s.IntendedAt, s.EndedAt = hub.StepIntended, r.now(), time.Time{}
	s.Looks, s.LookedAt, s.Fault, s.Answer = 0, time.Time{}, nil, ""
	if (body != nil || planned != nil) && (s.Kind == hub.PostInvoice || s.Kind == hub.ReplaceInvoice || s.Kind == hub.CreditInvoice) {
		if body, err = r.marked(t, &s, body, planned); err != nil {
			return in, err
		}
	}
	if s.Kind == hub.MarkPaid {
		if body, err = r.markedPayment(t, &s, body, t.Number); err != nil {
			return in, err
		}
	}
	if s.Kind == hub.PostJournal {
		if body, err = r.markedJournal(t, &s, body); err != nil {
			return in, err
		}
	}
	if s.Kind == hub.WriteRecord || s.Kind == hub.ChangeRecord {
		w := r.writing(t.Connection)
		if w == nil {
			return in, errNoWriter
		}
		if body, err = w.Marked(body, hub.Mark("Procountor", fmt.Sprint(t.InvoiceNumber), s.Key)); err != nil {
			return in, err
		}
	}
	in = intent{step: s, body: body}
	if body != nil {
		if in.packed, err = store.PackFor(t.Private(), body); err != nil {
			return in, err
		}
		in.step.Request = in.packed.Ref
	}
	return in, nil
}

// intend writes the row "we are about to make this write" into tx. The write may
// leave only after tx is committed (the first law). The caller stores the step.
func (r *run) intend(tx *store.Tx, t *hub.Transfer, in intent) error {
	if err := r.mayBegin(tx, t, &in.step); err != nil {
		return err
	}
	t.StepAt = in.step.Seq
	r.claimKey(in.step.Key)
	if err := openVoucher(tx, t, &in.step); err != nil {
		return fmt.Errorf("begin voucher: %w", err)
	}
	if in.step.Kind == hub.WriteRecord {
		if err := openRecord(tx, t, &in.step); err != nil {
			return fmt.Errorf("begin record: %w", err)
		}
	}
	if in.step.Kind == hub.MarkPaid {
		if err := r.openMark(tx, t, &in.step, in.body); err != nil {
			return fmt.Errorf("begin mark: %w", err)
		}
	}
	if in.body == nil {
		return nil
	}
	r.holdBody(in.packed.Ref, in.body)
	return tx.PutPacked(in.packed)
}

// marked puts the mark of this attempt under the notes of an invoice's body, in
// the place of the mark of an earlier one.
func (r *run) marked(t *hub.Transfer, s *hub.Step, body []byte, planned *procountor.Invoice) ([]byte, error) {
	var inv procountor.Invoice
	if planned != nil {
		inv = *planned
	} else if err := json.Unmarshal(body, &inv); err != nil {
		return nil, err
	}
	inv.Notes = hub.WithoutMark(inv.Notes)
	if s.Kind == hub.ReplaceInvoice {
		inv.ID = s.Detail.InvoiceID
		v, err := procountor.ParseTime(s.Detail.Version)
		if err != nil {
			return nil, err
		}
		inv.Version = v
	}
	return mapping.Body(inv, hub.Mark(r.conns[t.Connection].System, t.Number, s.Key))
}

// attemptKeys are the keys of all attempts at a step so far.
func attemptKeys(company string, t *hub.Transfer, s hub.Step) []string {
	var keys []string
	for a := 1; a <= s.Attempt; a++ {
		keys = append(keys, hub.StepKey(company, t.Connection, t.Subject, s.Plan, s.Kind, s.Seq, a))
	}
	return keys
}

// claimKey remembers that this run intended a step, so that it may send it; a
// step intended by anyone else is looked after, never sent.
func (r *run) claimKey(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = map[string]bool{}
	}
	r.keys[key] = true
}

// mine reports whether this run intended s and has not sent it yet, and forgets
// that: one intent, one sending.
func (r *run) mine(s *hub.Step) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	ok := r.keys[s.Key]
	delete(r.keys, s.Key)
	return ok
}

// order gathers what a write needs, or a look. A look for an invoice knows the
// marks of every attempt in every plan: a late one is ours all the same.
func (r *run) order(ctx context.Context, t *hub.Transfer, s *hub.Step, all []hub.Step) (dispatch.Order, error) {
	o := dispatch.Order{Step: *s, InvoiceID: t.InvoiceID, Keys: attemptKeys(r.company.ID, t, *s)}
	for _, other := range all {
		if other.Kind == s.Kind && other.Detail.Credits == s.Detail.Credits && other.Detail.Side == s.Detail.Side && other.Detail.Part == s.Detail.Part && other.ID != s.ID &&
			(s.Kind == hub.PostInvoice || s.Kind == hub.CreditInvoice || s.Kind == hub.MarkPaid || s.Kind == hub.PostJournal || s.Kind == hub.WriteRecord) {
			o.Keys = append(o.Keys, attemptKeys(r.company.ID, t, other)...)
		}
	}
	var err error
	if o.Body, err = r.body(ctx, s.Request); err != nil {
		return o, err
	}
	if o.InvoiceID, err = r.voucherOf(ctx, t, s); err != nil {
		return o, err
	}
	if t.DocKind == hub.Journal && s.Kind != hub.PostJournal {
		if o.ReceiptID, err = store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (int64, error) { return tx.ReceiptOf(t.Subject) }); err != nil {
			return o, err
		}
	}
	if all != nil { // a look: what persons have let go carries our marks too
		let, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.Released, error) { return tx.Released(t.Subject) })
		if err != nil {
			return o, err
		}
		for _, v := range let {
			o.Others = append(o.Others, v.InvoiceID)
		}
	}
	if s.Kind == hub.Attach {
		o.File, err = store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]byte, error) { return tx.DocumentFile(t.Subject, s.Detail.Attachment.Hash) })
	}
	return o, err
}

// send makes the write that was intended and stores its outcome. All of it, the
// waits for a login and for a turn included, ends within one timeout of the
// intent: a second look, two timeouts after it, finds what this run has written.
// A request under way is not cut off when ctx ends; that would only make its
// fate unclear.
func (r *run) send(ctx context.Context, t *hub.Transfer, s *hub.Step, steps []hub.Step) error {
	r.e.crash(string(s.Kind) + "/intended")
	free := func() {}
	if !s.Kind.ToSource() { // who waits for a source takes no seat of Procountor's
		select {
		case r.flight <- struct{}{}:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), r.unintend(ctx, t, s))
		}
		free = sync.OnceFunc(func() { <-r.flight })
	}
	defer free()
	ctx = context.WithoutCancel(ctx)
	o, err := r.order(ctx, t, s, nil)
	if err != nil {
		return err
	}
	now := r.now()
	left := s.IntendedAt.Add(r.e.o.Timeout).Sub(now)
	var out dispatch.Outcome
	if left <= 0 || r.leaseUntil.Load().Sub(now) < left {
		// Too late to be sure that nobody else looks after it: it has not been sent.
		f := hub.NewFault(hub.ProcountorBroken, "", "", "reason", "lease")
		out = dispatch.Outcome{Verdict: dispatch.Untouched, Fault: &f}
	} else {
		bounded, cancel := context.WithTimeout(ctx, left)
		switch s.Kind {
		case hub.WriteRecord, hub.ChangeRecord, hub.RemoveRecord:
			out = r.sendRecord(bounded, t, o)
		case hub.TellSource:
			out = r.sendReport(bounded, t, o)
		default:
			out = dispatch.Send(bounded, r.client, o)
		}
		cancel()
	}
	free()
	if out.Verdict == dispatch.Refused && dispatch.Acts(s.Kind) {
		// Perhaps because a person has just done it: then there is nothing left to do.
		if inv, err := r.status.read(ctx, o.InvoiceID); err == nil {
			if now := dispatch.ActionOutcome(s.Kind, inv); now.Verdict == dispatch.Proved {
				now.Answer, out = out.Answer, now
			}
		}
	}
	r.e.crash(string(s.Kind) + "/sent")
	if out.Verdict == dispatch.Accepted {
		// A message is no proof: the status is read, with those of others.
		seen, status, err := r.reached(ctx, s.Kind, o)
		if err != nil {
			f := hub.NewFault(hub.AnswerUnclear, "", "")
			out = dispatch.Outcome{Verdict: dispatch.Unclear, Fault: &f, Answer: out.Answer}
		} else {
			answer := out.Answer
			if out = seen; out.Verdict == dispatch.Untouched {
				// Accepted, yet nothing has changed: not proved, and not to be repeated blindly.
				f := hub.NewFault(hub.SavedDiffers, "status", string(status), "field", "status", "meant", string(s.Kind), "saved", string(status))
				out = dispatch.Outcome{Verdict: dispatch.Foreign, Fault: &f}
			}
			out.Answer = answer
		}
		r.e.crash(string(s.Kind) + "/read")
	}
	err = r.outcome(ctx, t, s, steps, out)
	r.e.crash(string(s.Kind) + "/recorded")
	return err
}

// reached reads whether an action has happened, together with others.
func (r *run) reached(ctx context.Context, kind hub.StepKind, o dispatch.Order) (dispatch.Outcome, procountor.Status, error) {
	if o.ReceiptID != 0 {
		rc, err := r.receipts.read(ctx, o.ReceiptID)
		if err != nil {
			return dispatch.Outcome{}, "", err
		}
		return dispatch.ReceiptOutcome(kind, rc), rc.Status, nil
	}
	inv, err := r.status.read(ctx, o.InvoiceID)
	if err != nil {
		return dispatch.Outcome{}, "", err
	}
	return dispatch.ActionOutcome(kind, inv), inv.Status, nil
}

// waitsForReading reports whether what is to be written depends on what the
// step before it has left in Procountor.
func waitsForReading(s *hub.Step) bool {
	return s.Kind == hub.ReplaceInvoice && s.Detail.Version == "" || s.Kind == hub.PutReceipt && len(s.Detail.Posting.Lines) > 0 // else it was read for the plan
}
