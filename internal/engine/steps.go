package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// maxTurns bounds the turns of one transfer in one Step: a plan has a few steps
// and some files, so more means that it goes round in circles.
const maxTurns = 200

// finish moves t until it rests.
func (r *run) finish(ctx context.Context, t *hub.Transfer) error { return r.move(ctx, t, false) }

// untilPosted moves t until its voucher exists, or it rests.
func (r *run) untilPosted(ctx context.Context, t *hub.Transfer) error { return r.move(ctx, t, true) }

func (r *run) move(ctx context.Context, t *hub.Transfer, untilPosted bool) error {
	for range maxTurns {
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
			if t.Kind.Marks() {
				// The invoice may have been paid otherwise since: planned anew on what is there.
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
	if t.Kind == hub.PartnerTransfer {
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
	in = intent{step: s, body: body}
	if body != nil {
		if in.packed, err = store.PackBlob(body); err != nil {
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
		if other.Kind == s.Kind && other.Detail.Credits == s.Detail.Credits && other.Detail.Side == s.Detail.Side && other.ID != s.ID &&
			(s.Kind == hub.PostInvoice || s.Kind == hub.CreditInvoice || s.Kind == hub.MarkPaid || s.Kind == hub.PostJournal) {
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
	select {
	case r.flight <- struct{}{}:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), r.unintend(ctx, t, s))
	}
	ctx = context.WithoutCancel(ctx)
	o, err := r.order(ctx, t, s, nil)
	if err != nil {
		<-r.flight
		return err
	}
	free := sync.OnceFunc(func() { <-r.flight })
	defer free()
	now := r.now()
	left := s.IntendedAt.Add(r.e.o.Timeout).Sub(now)
	var out dispatch.Outcome
	if left <= 0 || r.leaseUntil.Load().Sub(now) < left {
		// Too late to be sure that nobody else looks after it: it has not been sent.
		f := hub.NewFault(hub.ProcountorBroken, "", "", "reason", "lease")
		out = dispatch.Outcome{Verdict: dispatch.Untouched, Fault: &f}
	} else {
		bounded, cancel := context.WithTimeout(ctx, left)
		out = dispatch.Send(bounded, r.client, o)
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
	return s.Kind == hub.ReplaceInvoice && s.Detail.Version == "" || s.Kind == hub.PutReceipt
}

// outcome stores what became of a write, and intends the next one in the same
// transaction.
func (r *run) outcome(ctx context.Context, t *hub.Transfer, s *hub.Step, steps []hub.Step, out dispatch.Outcome) error {
	r.pauseIf(out)
	var next *intent
	if out.Verdict == dispatch.Proved && s.Seq < len(steps) {
		step := steps[s.Seq]
		body, err := r.body(ctx, step.Request)
		if err != nil {
			return err
		}
		next = &intent{step: step}
		if !waitsForReading(&step) {
			ready, err := r.prepare(t, step, body, nil)
			if err != nil {
				return err
			}
			next = &ready
		}
	}
	var answer store.PackedBlob
	if len(out.Answer) > 0 {
		var err error
		if answer, err = store.PackBlob(out.Answer); err != nil {
			return err
		}
	}
	conn := r.conns[t.Connection]
	now := r.now()
	if s.Kind == hub.MakePartner {
		defer r.forgetPartners() // after the commit, so that nobody remembers the old ones
	}
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) (err error) {
		from := s.State
		done := *s
		done.Fault = out.Fault
		if len(out.Answer) > 0 {
			if err := tx.PutPacked(answer); err != nil {
				return err
			}
			done.Answer = answer.Ref
		}
		switch out.Verdict {
		case dispatch.Proved:
			done.State, done.EndedAt, done.Fault = hub.StepProved, now, nil
			done.Detail.Looked = from == hub.StepUnclear
			if err := tx.SaveStep(&done, from); err != nil {
				return err
			}
			return r.proved(tx, t, &done, next, out, conn)
		case dispatch.Refused:
			done.State, done.EndedAt = hub.StepRefused, now
			if err := tx.SaveStep(&done, from); err != nil {
				return err
			}
			if err := neverMade(tx, t, &done); err != nil {
				return err
			}
			if done.Kind == hub.PostInvoice || done.Kind == hub.CreditInvoice {
				t.Goal = hub.Deliver // a person who wanted another voucher is asked again
			}
			faults := dispatch.Reasons(out.Answer)
			if len(faults) == 0 || out.Fault.Code == hub.CirculationRefused {
				faults = []hub.Fault{*out.Fault}
			}
			if faults, err = withHalf(tx, t, faults); err != nil {
				return err
			}
			if again, err := r.planWithFreshRegisters(tx, t, faults); again || err != nil {
				return err
			}
			return r.settle(tx, t, hub.Refused, faults...)
		case dispatch.Untouched:
			done.State, done.EndedAt = hub.StepPlanned, now
			if err := tx.SaveStep(&done, from); err != nil {
				return err
			}
			if err := neverMade(tx, t, &done); err != nil {
				return err
			}
			return r.putOff(tx, t, hub.Waiting, now.Add(max(out.RetryAfter, wait(t.Rounds))), withWarnings(t, out.Fault)...)
		case dispatch.Foreign:
			return r.foreign(tx, t, &done, from, out)
		default:
			done.State = hub.StepUnclear
			if err := tx.SaveStep(&done, from); err != nil {
				return err
			}
			t.Rounds = 0
			return r.putOff(tx, t, hub.Unclear, now.Add(firstLook), withWarnings(t, out.Fault)...)
		}
	})
}

// pauseIf lets the whole company rest, if the outcome says so.
func (r *run) pauseIf(out dispatch.Outcome) {
	if !out.Company || out.Fault == nil {
		return
	}
	after := max(out.RetryAfter, firstWait)
	if out.Fault.Code == hub.KeyDead {
		after = deadKeyWait
	}
	r.pauseFor(*out.Fault, after)
}

// foreign holds a transfer whose write met something that is not certainly ours.
// What may have made an invoice, a partner or a payment stays unclear: whatever a person
// says, it is looked for again before anything is made. Every other write shows
// in the voucher as it stands, which is read before the next one anyway.
func (r *run) foreign(tx *store.Tx, t *hub.Transfer, s *hub.Step, from hub.StepState, out dispatch.Outcome) error {
	s.State, s.EndedAt = hub.StepRefused, r.now()
	if s.Kind == hub.PostInvoice || s.Kind == hub.CreditInvoice || s.Kind == hub.MakePartner || s.Kind == hub.MarkPaid || s.Kind == hub.PostJournal {
		s.State, s.EndedAt = hub.StepUnclear, time.Time{}
		if err := tx.SaveStep(s, from); err != nil {
			return err
		}
		faults, err := withHalf(tx, t, []hub.Fault{*out.Fault})
		if err != nil {
			return err
		}
		return r.rest(tx, t, hub.Held, faults...)
	}
	if err := tx.SaveStep(s, from); err != nil {
		return err
	}
	return r.settle(tx, t, hub.Held, *out.Fault)
}

// withWarnings keeps the warnings of t's plan beside the reason of a wait.
func withWarnings(t *hub.Transfer, f *hub.Fault) []hub.Fault {
	var list []hub.Fault
	for _, w := range t.Faults {
		if w.Warning && (f == nil || w.Code != f.Code) {
			list = append(list, w)
		}
	}
	if f != nil {
		list = append(list, f.Warn())
	}
	return list
}

// proved goes on after a step is proved.
func (r *run) proved(tx *store.Tx, t *hub.Transfer, s *hub.Step, next *intent, out dispatch.Outcome, conn hub.Connection) error {
	t.Rounds = 0
	t.Faults = lasting(t.Faults)
	if t.State == hub.Unclear || t.State == hub.Waiting {
		if err := t.Move(hub.Working, t.Faults...); err != nil {
			return err
		}
	}
	switch s.Kind {
	case hub.PostInvoice, hub.ReplaceInvoice:
		inv := out.Invoice
		t.InvoiceID, t.InvoiceNumber, t.PartnerID = inv.ID, int64(inv.InvoiceNumber), inv.PartnerID
		if t.Goal == hub.SendBeside {
			t.Goal = hub.Deliver // it is: from here on as any other
		}
		if inv.PaymentInfo.BankReferenceCode != nil {
			t.Reference = *inv.PaymentInfo.BankReferenceCode
		}
		if s.Kind == hub.PostInvoice {
			if err := tx.LiveVoucher(t.Subject, inv.ID); err != nil {
				return fmt.Errorf("keep voucher: %w", err)
			}
			if conn.Settings.OrderBySourceNumber && t.DocKind == hub.SalesInvoice {
				if err := tx.TakeTurn(t, r.now(), hub.WaitsForOrder); err != nil {
					return err
				}
			}
			if gone(inv.Status) {
				return r.settleGone(tx, t, inv)
			}
			if key, _ := hub.MarkIn(inv.Notes); !slices.Contains(attemptKeys(r.company.ID, t, *s), key) {
				// An attempt of an earlier plan, whose content may have been another.
				return t.Move(hub.Ready)
			}
		}
		if differs := compare(conn, s.Detail.Meant, inv); len(differs) > 0 {
			if hub.Stops(differs) {
				if conn.Settings.Difference.Policy == hub.RowForDifference && s.Kind == hub.PostInvoice {
					// Planned anew on the living voucher: the next turn adds the row.
					return t.Move(hub.Ready)
				}
				return r.settle(tx, t, hub.Held, differs...)
			}
			t.Faults = append(t.Faults, differs...)
		}
	case hub.CreditInvoice:
		inv := out.Invoice
		if err := tx.LiveCredit(t.Company, s.Detail.Credits, inv.ID, int64(inv.InvoiceNumber)); err != nil {
			return fmt.Errorf("keep credit note: %w", err)
		}
		if gone(inv.Status) {
			return r.settleCreditGone(tx, t, s.Detail.Credits, inv)
		}
		if differs := compare(conn, s.Detail.Meant, inv); hub.Stops(differs) {
			return r.settle(tx, t, hub.Held, differs...)
		}
	case hub.PostJournal:
		if rests, err := r.provedJournal(tx, t, out.Receipt); rests || err != nil {
			return err
		}
	case hub.MakePartner:
		t.PartnerID = out.PartnerID
		if err := tx.PartnerMade(t.Subject, out.PartnerID); err != nil {
			return err
		}
		if err := r.keepPartner(tx, t, s, out.PartnerID); err != nil {
			return err
		}
	case hub.Invalidate:
		return r.settleTakenBack(tx, t)
	case hub.MarkPaid:
		if err := r.proveMark(tx, t, s, out.EventID); err != nil {
			return err
		}
	}
	if next == nil {
		return r.settleDone(tx, t, t.Faults)
	}
	if waitsForReading(&next.step) {
		if next.step.Kind == hub.PutReceipt {
			if out.Invoice == nil {
				return nil
			}
			p := *next.step.Detail.Posting
			p.Receipt = out.Invoice.LedgerReceiptID
			next.step.Detail.Posting = &p
			return tx.SaveStep(&next.step, next.step.State) // the next turn reads it
		}
		// Its version is known only now: planned anew on what is there.
		return t.Move(hub.Ready)
	}
	if void, err := r.void(tx, t, &next.step); void || err != nil {
		return err
	}
	if t.Kind == hub.OffsetTransfer {
		if ok, err := turnOf(tx, t, &next.step); err != nil || !ok {
			return errors.Join(err, t.Move(hub.Ready, t.Faults...))
		}
	}
	if err := r.mayBegin(tx, t, &next.step); errors.Is(err, errGivenBack) {
		return nil // what was proved is kept; the next turn gives the rest back
	}
	if err := r.intend(tx, t, *next); err != nil {
		return err
	}
	return tx.SaveStep(&next.step, hub.StepPlanned)
}

// keepPartner puts a partner that we made into the register copy, so that the
// documents waiting for it find it.
func (r *run) keepPartner(tx *store.Tx, t *hub.Transfer, s *hub.Step, id int64) error {
	b, err := tx.Blob(s.Request)
	if err != nil {
		return err
	}
	var p procountor.Partner
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	p.ID = id
	row := register.PartnerFrom(p)
	row.Active = true
	return putPartners(tx, t.Company, []register.Partner{row})
}

// lasting are the warnings that outlive a wait.
func lasting(faults []hub.Fault) (list []hub.Fault) {
	for _, f := range faults {
		switch f.Code {
		case hub.PaymentWaits, hub.PaymentUnapproved, hub.PaymentDue, hub.PaymentTurn, hub.OffsetWaits, hub.OffsetApproval, hub.OffsetDay:
		case hub.WaitsForApproval, hub.WaitsForLastApproval, hub.WaitsForSending:
		case hub.WaitsForPeriod, hub.WaitsForJournal:
		case hub.AnswerUnclear, hub.ProcountorBusy, hub.ProcountorBroken, hub.KeyDead, hub.WaitsForPartner, hub.WaitsForOrder, hub.WritingOff,
			hub.OwnFault, hub.EditedThere:
		default:
			list = append(list, f)
		}
	}
	return list
}

// settleDone ends a delivery whose steps are all proved.
func (r *run) settleDone(tx *store.Tx, t *hub.Transfer, warnings []hub.Fault) error {
	if t.Goal == hub.CreditAnew {
		return r.settleCredited(tx, t)
	}
	warnings = lasting(warnings)
	if waits, err := r.waitsForRound(tx, t, warnings); waits || err != nil {
		return err
	}
	if err := r.offsetOf(tx, t, warnings); err != nil {
		return fmt.Errorf("begin offset: %w", err)
	}
	to := hub.Done
	if len(warnings) > 0 {
		to = hub.DoneWithWarning
	}
	if codes := Asks(warnings); len(codes) > 0 && t.Kind != hub.PartnerTransfer {
		if err := tx.OpenTasks(t, codes); err != nil {
			return err
		}
	}
	t.StepAt = t.Steps
	return r.settle(tx, t, to, warnings...)
}

func gone(s procountor.Status) bool {
	return s == procountor.StatusInvalidated || s == procountor.StatusDeleted
}

// settleGone ends a voucher that a person has removed in Procountor and holds
// its document: it goes again only if a person wants it to.
func (r *run) settleGone(tx *store.Tx, t *hub.Transfer, inv *procountor.Invoice) error {
	if err := tx.EndVoucher(t.Subject); err != nil {
		return err
	}
	t.Goal, t.InvoiceID, t.InvoiceNumber, t.Reference = hub.Deliver, 0, 0, ""
	// Not even when the source has shown something else meanwhile.
	return r.rest(tx, t, hub.Held, hub.NewFault(hub.EditedThere, "", string(inv.Status), "number", fmt.Sprint(inv.InvoiceNumber)))
}

func (r *run) settleTakenBack(tx *store.Tx, t *hub.Transfer) error {
	if err := tx.EndVoucher(t.Subject); err != nil {
		return err
	}
	t.InvoiceID, t.InvoiceNumber, t.Reference = 0, 0, ""
	why := slices.DeleteFunc(slices.Clone(t.Faults), func(f hub.Fault) bool { return f.Code != hub.RejectedThere })
	// Working → taken back leads over held: a person has asked for it, or the
	// settings for what the source has rejected.
	if err := t.Move(hub.Held); err != nil {
		return err
	}
	return r.settle(tx, t, hub.TakenBack, why...)
}

// look finds out what became of an unclear write.
func (r *run) look(ctx context.Context, t *hub.Transfer) error {
	all, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	if err != nil {
		return err
	}
	var steps []hub.Step
	for _, s := range all {
		if s.Plan == t.Plan {
			steps = append(steps, s)
		}
	}
	for i := range steps {
		s := &steps[i]
		if s.State != hub.StepUnclear {
			continue
		}
		o, err := r.order(ctx, t, s, all)
		if err != nil {
			return err
		}
		out := dispatch.Look(ctx, r.client, o)
		r.e.crash(string(s.Kind) + "/looked")
		return r.looked(ctx, t, s, steps, out)
	}
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return t.Move(hub.Working, t.Faults...) })
}

// secondLookAt is the moment before which an absent write may still land.
func (r *run) secondLookAt(s *hub.Step) time.Time {
	return s.IntendedAt.Add(max(secondLook, 2*r.e.o.Timeout))
}

func (r *run) looked(ctx context.Context, t *hub.Transfer, s *hub.Step, steps []hub.Step, out dispatch.Outcome) error {
	now := r.now()
	switch out.Verdict {
	case dispatch.Proved, dispatch.Foreign:
		return r.outcome(ctx, t, s, steps, out)
	case dispatch.Untouched:
	default:
		// The look itself failed: as unclear as before.
		r.pauseIf(out)
		return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
			return r.putOff(tx, t, hub.Unclear, now.Add(max(out.RetryAfter, wait(t.Rounds))), t.Faults...)
		})
	}
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		seen := *s
		seen.Looks++
		seen.LookedAt = now
		again := r.secondLookAt(s)
		if now.Before(again) {
			if err := tx.SaveStep(&seen, hub.StepUnclear); err != nil {
				return err
			}
			return r.putOff(tx, t, hub.Unclear, again, t.Faults...)
		}
		if seen.Looks < 2 && seen.Kind.Makes() {
			// The first look came late; one more, so that a slow index does not deceive us.
			if err := tx.SaveStep(&seen, hub.StepUnclear); err != nil {
				return err
			}
			return r.putOff(tx, t, hub.Unclear, now.Add(firstLook), t.Faults...)
		}
		seen.State, seen.EndedAt = hub.StepPlanned, now
		if err := tx.SaveStep(&seen, hub.StepUnclear); err != nil {
			return err
		}
		if err := neverMade(tx, t, &seen); err != nil {
			return err
		}
		t.Rounds = 0
		return t.Move(hub.Working, lasting(t.Faults)...)
	})
}

// waitingFor returns the transfers that wait for t, if t has come to rest, and
// keeps them for this transaction.
func waitingFor(tx *store.Tx, t *hub.Transfer) ([]hub.Transfer, error) {
	if t.Kind.Marks() || t.State.Active() {
		return nil, nil // nobody waits for a mark
	}
	return tx.WaitingFor(t.ID)
}

// release lets go on what has waited for t: held for its reason while t needs a
// person, and still waiting for it; else ready, to be planned anew.
func (e *Engine) release(tx *store.Tx, t *hub.Transfer, waiting []hub.Transfer) error {
	for i := range waiting {
		w := &waiting[i]
		held := w.Lease
		if w.Kind.Marks() && t.State.NeedsPerson() && t.InvoiceID == 0 {
			continue // there is nothing to be marked until a person has mended its document
		}
		if t.DocKind == hub.Journal && t.State.NeedsPerson() {
			continue // its documents stand in it all the same, and one task is enough
		}
		w.WakeAt = time.Time{}
		to, faults := hub.Ready, []hub.Fault(nil)
		if t.State.NeedsPerson() && !w.Kind.Marks() {
			to, faults = hub.Held, t.Faults
		}
		if w.State == to && slices.EqualFunc(w.Faults, faults, hub.Fault.Equal) {
			continue // as before
		}
		if err := w.Move(to, faults...); err != nil {
			return err
		}
		if to == hub.Ready {
			w.WaitsFor = ""
		} else if err := act(tx, engineActor, "transfer.held", w.ID, transferAct(w)); err != nil {
			return err
		}
		if err := tx.SaveTransfer(w, held); err != nil {
			return err
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	return e.wake(tx, t.Company, e.o.Now())
}
