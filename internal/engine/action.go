package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// An Action is something that a person does to a transfer.
type Action string

// What a person may do; [Allowed] says when.
const (
	SendNow    Action = "send_now"     // it goes, though the settings or its source let it wait
	Retry      Action = "retry"        // try again, with the document, settings and registers as they are now
	Skip       Action = "skip"         // leave it out, with a reason
	DoneByHand Action = "done_by_hand" // it was entered by hand in Procountor
	TakeBack   Action = "take_back"    // remove the voucher that we made
	Withdraw   Action = "withdraw"     // the source took it back before it was written
	// Answers to a change that the voucher cannot take any more; see choices.
	Leave      Action = "leave"       // the change is not carried over
	SendBeside Action = "send_beside" // another voucher, beside the one that is there
	CreditAnew Action = "credit_anew" // a credit note of the old voucher, then another one
	// ReleaseLocks lets what has arrived be decided on anew, although it has not changed.
	ReleaseLocks Action = "release_locks"
	// The same for what stands in a journal.
	Difference Action = "difference_journal" // a journal of the difference
	Reverse    Action = "reverse_anew"       // a journal that turns what was booked, then a new one
)

// Actions lists every action.
var Actions = []Action{SendNow, Retry, Leave, CreditAnew, SendBeside, Difference, Reverse, Skip, DoneByHand, TakeBack, ReleaseLocks, Withdraw}

// Decides reports whether the action is an answer to a change, or asks for one: it
// needs a person who is named and a reason in words.
func (a Action) Decides() bool { return a == Leave || a == ReleaseLocks || hub.Goal(a).Decided() }

// ErrNotNow says that an action is not possible in the state the transfer is in.
var ErrNotNow = errors.New("not possible in this state")

// ErrNoReason says that an action lacks the reason, or the person, that it needs.
var ErrNoReason = errors.New("the action needs a person and a reason")

// Allowed returns what a person may do with t now.
func Allowed(t *hub.Transfer) (list []Action) {
	if t.Kind == hub.PartnerTransfer {
		if t.State.NeedsPerson() {
			return []Action{Retry, DoneByHand}
		}
		return nil
	}
	if t.Kind.Lists() {
		if t.State == hub.Refused || t.State == hub.Held && !AsksItem(t) {
			return []Action{Retry}
		}
		return nil // what is asked has answers of its own
	}
	if t.Kind == hub.CardTransfer {
		if t.State == hub.Refused || t.State == hub.Held && !AsksCard(t) {
			return []Action{Retry}
		}
		return nil // what is asked has answers of its own
	}
	if t.Kind == hub.PaymentTransfer {
		return allowedPayment(t)
	}
	if t.Kind == hub.OffsetTransfer {
		return allowedOffset(t)
	}
	if t.Kind == hub.ReportTransfer {
		return allowedReport(t)
	}
	if t.Kind == hub.ApprovalTransfer {
		return allowedApproval(t)
	}
	if t.Returns() {
		return allowedBack(t)
	}
	if inJournal(t) {
		return allowedInJournal(t)
	}
	written := t.InvoiceID != 0 && t.State != hub.Linked
	// A credit note that has been begun is finished first.
	crediting := t.Goal == hub.CreditAnew
	open := choices(t)
	_, left := find(t.Faults, hub.ChangeLeft)
	released := locksReleased(t)
	_, _, forRun := hub.ParseRunKey(t.WaitsFor)
	waits := t.State == hub.Waiting && (t.WaitsFor == hub.ForSource || forRun)
	_, returned := find(t.Faults, hub.SendingReturned) // sent again, when it stands as not sent
	for _, a := range Actions {
		ok := slices.Contains(open, a)
		switch a {
		case SendNow:
			ok = !written && (waits || t.State == hub.Held && only(t.Faults, hub.WaitsForPerson))
		case Retry:
			// What is wrong in the document itself comes back as it is; only another one mends it.
			// What is wrong in the document itself comes back as it is; only another one mends it.
			// What waits for a person only is sent, not tried again.
			ok = !released && t.DocKind != hub.Unreadable && (t.State != hub.Held || !remedy.NeedsDocument(t.Faults)) && !only(t.Faults, hub.WaitsForPerson) && !hub.Unread(t.Faults) &&
				slices.Contains([]hub.State{hub.Held, hub.Refused, hub.Skipped, hub.DoneByHand, hub.TakenBack, hub.Withdrawn}, t.State) || left ||
				returned && t.State == hub.DoneWithWarning
		case Skip:
			ok = !written && (t.State.NeedsPerson() || t.State == hub.Noticed)
		case DoneByHand:
			// With a voucher of ours it says: leave that as it is.
			ok = t.State.NeedsPerson() && !released || !written && (t.State == hub.Noticed || t.State == hub.Ready || waits)
		case TakeBack:
			ok = written && !crediting && (t.State.NeedsPerson() || waits || t.State == hub.Done || t.State == hub.DoneWithWarning)
		case ReleaseLocks:
			ok = written && !crediting && t.DocKind != hub.Journal && (t.State == hub.Done || t.State == hub.DoneWithWarning)
		case Withdraw:
			ok = !written && t.DocKind != hub.Journal && (t.State.NeedsPerson() || t.State == hub.Noticed || t.State == hub.Ready || t.State == hub.Waiting)
		}
		if ok {
			list = append(list, a)
		}
	}
	return list
}

// allowedPayment is [Allowed] for a payment: what was marked is removed by a
// person in Procountor, never from here.
func allowedPayment(t *hub.Transfer) (list []Action) {
	if slices.Contains([]hub.State{hub.Held, hub.Refused, hub.Skipped, hub.DoneByHand, hub.Withdrawn}, t.State) && !remedy.NeedsDocument(t.Faults) ||
		t.State == hub.Waiting && t.WaitsFor != "" {
		list = append(list, Retry)
	}
	if t.State.NeedsPerson() || t.State == hub.Noticed {
		list = append(list, Skip, DoneByHand)
	}
	return list
}

// allowedOffset is [Allowed] for an offset: what was left to a person may be tried
// again, and what is half done is finished, here or there.
func allowedOffset(t *hub.Transfer) (list []Action) {
	if slices.Contains([]hub.State{hub.Held, hub.Refused, hub.Skipped, hub.DoneByHand, hub.Withdrawn}, t.State) || t.State == hub.Waiting && t.WaitsFor != "" ||
		t.State == hub.DoneWithWarning && t.Plan == 0 {
		list = append(list, Retry)
	}
	if _, half := find(t.Faults, hub.OffsetHalf); !half && (t.State.NeedsPerson() || t.State == hub.Noticed) {
		list = append(list, Skip)
	}
	if t.State.NeedsPerson() || t.State == hub.Noticed {
		list = append(list, DoneByHand)
	}
	return list
}

// allowedBack is [Allowed] for a document from Procountor: what was written at the
// source is removed there by a person, and then written anew by a retry.
func allowedBack(t *hub.Transfer) (list []Action) {
	if _, changed := find(t.Faults, hub.BackChanged, hub.RecordInvoiced, hub.RecordEdited); changed && t.State == hub.DoneWithWarning ||
		slices.Contains([]hub.State{hub.Held, hub.Refused, hub.Skipped, hub.DoneByHand}, t.State) {
		list = append(list, Retry)
	}
	if t.State.NeedsPerson() || t.State == hub.Noticed {
		list = append(list, Skip, DoneByHand)
	}
	return list
}

// allowedReport is [Allowed] for what a source is told.
func allowedReport(t *hub.Transfer) (list []Action) {
	if slices.Contains([]hub.State{hub.Held, hub.Refused, hub.DoneByHand}, t.State) {
		list = append(list, Retry)
	}
	if t.State.NeedsPerson() || t.State == hub.Noticed {
		list = append(list, DoneByHand)
	}
	return list
}

// Act does an action for a person, with the reason they gave. It refuses with
// [ErrNotNow] what the state forbids or what an engine is working on.
func (e *Engine) Act(ctx context.Context, actor, transfer string, a Action, why string) error {
	if a.Decides() && (strings.TrimSpace(why) == "" || actor == "" || actor == engineActor) {
		return fmt.Errorf("%s: %w", a, ErrNoReason)
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error { return e.actOn(tx, actor, transfer, a, why) })
}

// actOn is [Engine.Act] in a transaction.
func (e *Engine) actOn(tx *store.Tx, actor, transfer string, a Action, why string) error {
	t, err := tx.LockTransfer(transfer)
	if err != nil {
		return err
	}
	if t.Lease != "" && t.LeaseUntil.After(e.o.Now()) || !slices.Contains(Allowed(&t), a) {
		return fmt.Errorf("%s %s: %w", a, t.Number, ErrNotNow)
	}
	if a.asks() {
		if err := notDetached(tx, t.Company); err != nil {
			return fmt.Errorf("%s %s: %w", a, t.Number, err)
		}
	}
	if err := mayInJournal(tx, &t, a); err != nil {
		return err
	}
	if err := mayPrivate(tx, actor, &t, a); err != nil {
		return err
	}
	if _, _, forRun := hub.ParseRunKey(t.WaitsFor); forRun && a == SendNow {
		return e.sendAlone(tx, actor, &t, why)
	}
	lease := t.Lease
	if a == TakeBack {
		steps, err := tx.Steps(t.ID, 0)
		if err != nil {
			return err
		}
		if SentToCustomer(steps) {
			return fmt.Errorf("%s %s, which the customer has: %w", a, t.Number, ErrNotNow)
		}
	}
	t.Lease, t.LeaseUntil, t.WakeAt, t.WaitsFor, t.Rounds = "", time.Time{}, time.Time{}, "", 0
	to, faults := hub.Ready, []hub.Fault(nil)
	switch a {
	case Retry:
		if !t.Goal.Decided() {
			t.Goal = hub.Deliver
		}
		if t.Returns() {
			t.Asked = t.Version // of a change: what was written before has been removed
		}
	case SendNow:
		t.Asked = t.Version
	case TakeBack:
		t.Goal = hub.TakeBack
	case SendBeside, CreditAnew, Difference, Reverse:
		if t.Goal = hub.Goal(a); locksReleased(&t) {
			t.Asked = t.Version // this very content is to go once more
		}
	case ReleaseLocks:
		f, err := released(tx, &t)
		if err != nil {
			return err
		}
		to, faults, t.Goal = hub.Held, []hub.Fault{f}, hub.Deliver
	case Leave:
		to, faults = leftAs(&t)
		told, err := beside(tx, t.Subject)
		if err != nil {
			return err
		}
		faults = append(faults, told...)
	default:
		to = map[Action]hub.State{Skip: hub.Skipped, DoneByHand: hub.DoneByHand, Withdraw: hub.Withdrawn}[a]
		t.Goal = hub.Deliver
	}
	if err := t.Move(to, faults...); err != nil {
		return fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	if err := act(tx, actor, "transfer."+string(a), t.ID, struct {
		State   hub.State `json:"state"`
		Why     string    `json:"why,omitempty"`
		Version string    `json:"version,omitempty"`
	}{to, why, decidedOn(&t, a)}); err != nil {
		return err
	}
	if err := tx.SaveTransfer(&t, lease); err != nil {
		return err
	}
	if a == Leave {
		// What is left has arrived: its source may not know yet.
		conn, err := tx.Connection(t.Connection)
		if err == nil {
			err = e.tellSource(tx, conn, &t)
		}
		if err != nil {
			return err
		}
	}
	if t.Kind == hub.PartnerTransfer && a == DoneByHand {
		// Entered a moment ago: our copy is read anew before the documents go on.
		u, err := tx.Upkeep(t.Company)
		if err != nil {
			return err
		}
		if !u.PartnersAt.IsZero() {
			u.PartnersAt = u.PartnersAt.Add(-2 * partnersFor)
		}
		if err := tx.SetUpkeep(t.Company, u); err != nil {
			return err
		}
	}
	if t.Kind.Marks() && t.State.Settled() {
		// Others of the same invoice need not wait for it any longer.
		if err := tx.EndMark(t.Subject); err != nil {
			return err
		}
	}
	if err := e.endMembers(tx, &t); err != nil {
		return err
	}
	if t.State.Settled() {
		waiting, err := tx.WaitingFor(t.ID) // less the documents of a journal that has ended
		if err != nil {
			return err
		}
		if err := e.release(tx, &t, waiting); err != nil {
			return err
		}
	}
	return e.wake(tx, t.Company, e.o.Now())
}

// SentToCustomer reports whether the voucher that the steps have made was handed
// to the customer: then it is not ours to remove, and a credit note takes it back.
func SentToCustomer(steps []hub.Step) (sent bool) {
	for _, s := range steps {
		if s.State == hub.StepProved && s.Detail.Credits == 0 && (s.Kind == hub.PostInvoice || s.Kind == hub.Send) {
			sent = s.Kind == hub.Send
		}
	}
	return sent
}

// decidedOn is the content that a person's answer holds for.
func decidedOn(t *hub.Transfer, a Action) string {
	if a.Decides() || a == SendNow {
		return t.Version
	}
	return ""
}

// SetWriting switches writing of a connection on or off. Switched on, all that
// was only noticed becomes ready; an [IncompleteError] says what is missing first.
func (e *Engine) SetWriting(ctx context.Context, actor, connection string, on bool) error {
	if on {
		if err := e.complete(ctx, connection); err != nil {
			return fmt.Errorf("switch writing on: %w", err)
		}
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return err
		}
		if on {
			if err := notDetached(tx, conn.Company); err != nil {
				return fmt.Errorf("write to %s: %w", conn.Name, err)
			}
		}
		if err := e.setWriting(tx, actor, connection, on); err != nil {
			return err
		}
		if !on {
			return nil
		}
		if err := tx.ReadyNoticed(connection); err != nil {
			return err
		}
		return e.wake(tx, conn.Company, e.o.Now())
	})
}

func (e *Engine) setWriting(tx *store.Tx, actor, connection string, on bool) error {
	if err := tx.SetWriting(connection, on); err != nil {
		return err
	}
	return act(tx, actor, "connection.writing", connection, struct {
		On bool `json:"on"`
	}{on})
}

// SetKey gives a company a new API key and lets it go on.
func (e *Engine) SetKey(ctx context.Context, actor, company string, key secret.Secret) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		c, err := tx.Company(company)
		if err != nil {
			return err
		}
		if err := e.setKey(tx, actor, c, Join{APIKey: key}); err != nil {
			return err
		}
		return e.wake(tx, company, e.o.Now())
	})
}

// Resume ends the pause of a company.
func (e *Engine) Resume(ctx context.Context, actor, company string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := notDetached(tx, company); err != nil {
			return fmt.Errorf("resume: %w", err)
		}
		if err := tx.PauseCompany(company, nil, time.Time{}); err != nil {
			return err
		}
		if err := act(tx, actor, "company.resumed", company, nil); err != nil {
			return err
		}
		return e.wake(tx, company, e.o.Now())
	})
}
