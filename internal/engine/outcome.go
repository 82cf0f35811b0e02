package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// outcome stores what became of a write, and intends the next one in the same
// transaction.
func (r *run) outcome(ctx context.Context, t *hub.Transfer, s *hub.Step, steps []hub.Step, out dispatch.Outcome) error {
	r.pauseIf(out)
	var files confirmation
	if out.Verdict == dispatch.Proved && lastFile(s, steps) {
		files, out = r.confirm(ctx, t, s, steps, out)
	}
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
		if answer, err = store.PackFor(t.Private(), out.Answer); err != nil {
			return err
		}
	}
	conn := r.conns[t.Connection]
	now := r.now()
	if s.Kind == hub.MakePartner || s.Kind == hub.UpdatePartner {
		defer r.forgetPartners() // after the commit, so that nobody remembers the old ones
	}
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) (err error) {
		from := s.State
		done := *s
		if done.Fault = out.Fault; t.Private() && out.Fault != nil {
			done.Fault = &hub.Discreet([]hub.Fault{*out.Fault})[0]
		}
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
			if seen, ok := files.steps[done.ID]; ok {
				done.Detail.Seen = seen.Detail.Seen
			}
			if err := tx.SaveStep(&done, from); err != nil {
				return err
			}
			if err := saveSeen(tx, &files, done.ID); err != nil {
				return err
			}
			if files.stops() {
				return r.settleFiles(tx, t, &files)
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
			faults := out.Reasons
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
	if s.Kind.Makes() && s.Kind != hub.Attach {
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
	case hub.UpdatePartner:
		if s.Detail.Person {
			return r.provedCard(tx, t, s, personEntry(*out.Person, nil))
		}
		return r.provedCard(tx, t, s, partnerEntry(*out.Partner, nil))
	case hub.MakeItem, hub.UpdateItem, hub.MakeProduct:
		return r.wroteItem(tx, t, s, out.Item)
	case hub.Invalidate:
		return r.settleTakenBack(tx, t)
	case hub.MarkPaid:
		if err := r.proveMark(tx, t, s, out.EventID); err != nil {
			return err
		}
	case hub.WriteRecord:
		if err := proveRecord(tx, t, s, out); err != nil {
			return fmt.Errorf("keep record: %w", err)
		}
		t.Faults = append(t.Faults, out.Differs...)
	case hub.ChangeRecord:
		if err := tx.ChangedRecord(t.Subject, s.Detail.Part, s.Detail.Print); err != nil {
			return fmt.Errorf("keep record: %w", err)
		}
		t.Faults = append(t.Faults, out.Differs...)
	case hub.RemoveRecord:
		if err := tx.EndRecord(t.Subject, s.Detail.Part); err != nil {
			return fmt.Errorf("keep record: %w", err)
		}
		if next == nil {
			return t.Move(hub.Ready) // what it is now that it is gone is decided anew
		}
	case hub.TellSource:
		if err := r.provedReport(tx, t, s, out); err != nil {
			return fmt.Errorf("keep report: %w", err)
		}
	}
	if t.Kind == hub.ApprovalTransfer && s.Kind == hub.Approve && out.Invoice != nil {
		if err := approvedRound(tx, t, out.Invoice); err != nil {
			return err
		}
	}
	if s.Kind.ToSource() {
		if err := r.worksAgain(tx, t); err != nil {
			return err
		}
	}
	if next == nil {
		return r.settleDone(tx, t, t.Faults)
	}
	if t.Kind == hub.ApprovalTransfer {
		return t.Move(hub.Ready, t.Faults...) // somebody may have approved it there meanwhile
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
	row, err := madeOf(b, s.Detail.Person)
	if err != nil {
		return err
	}
	row.ID, row.Active = id, true
	return putPartners(tx, t.Company, []register.Partner{row})
}

// lasting are the warnings that outlive a wait.
func lasting(faults []hub.Fault) (list []hub.Fault) {
	for _, f := range faults {
		switch f.Code {
		case hub.PaymentWaits, hub.PaymentUnapproved, hub.PaymentDue, hub.PaymentTurn, hub.OffsetWaits, hub.OffsetApproval, hub.OffsetDay:
		case hub.WaitsForApproval, hub.WaitsForLastApproval, hub.WaitsForSending:
		case hub.WaitsForPeriod, hub.WaitsForJournal, hub.AttachmentLost, hub.BackBusy:
		case hub.AnswerUnclear, hub.ProcountorBusy, hub.ProcountorBroken, hub.KeyDead, hub.LoginEnded, hub.WaitsForPartner, hub.WaitsForItem, hub.WaitsForOrder, hub.WritingOff,
			hub.OwnFault, hub.EditedThere, hub.PartnerEdited:
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
