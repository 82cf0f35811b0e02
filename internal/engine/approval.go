package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file approves a purchase invoice in Procountor after its round here: the split on
// its ledger receipt, then who decided into its notes, then the approval with their names.
// Each step is planned anew on what is there: what somebody does in Procountor meanwhile wins.

// An approving is what the plan of an approval begins with.
type approving struct {
	round    store.Round
	opinions []mapping.Opinion // all decisions, oldest first
	approved []mapping.Opinion
}

func (e *Engine) loadApproving(tx *store.Tx, t *hub.Transfer) (x approving, err error) {
	if x.round, err = tx.RoundByID(t.Subject); err != nil {
		return x, err
	}
	conn, err := tx.Connection(x.round.Connection)
	if err != nil {
		return x, err
	}
	lang, _ := locale.Parse(conn.Settings.Language)
	say := locale.New(lang, helsinki)
	list, err := tx.Decisions(x.round.ID)
	if err != nil {
		return x, err
	}
	all, err := tx.People()
	if err != nil {
		return x, err
	}
	name := func(id string) string {
		if i := slices.IndexFunc(all, func(u people.User) bool { return u.ID == id }); i >= 0 {
			return nameOf(all[i])
		}
		return id
	}
	for _, d := range list {
		if d.Turn != x.round.Turn || d.Act == circulation.Comment || d.Act == circulation.Noted {
			continue
		}
		o := mapping.Opinion{Who: name(d.By), What: say.T("round.did." + string(d.Act)), At: d.At.In(helsinki), Text: d.Text}
		if d.Instead != "" {
			o.What += " " + say.T("round.instead", "name", name(d.Instead))
		}
		x.opinions = append(x.opinions, o)
		if d.Act == circulation.Approve {
			x.approved = append(x.approved, o)
		}
	}
	return x, nil
}

// planApproval decides what is still to be done in Procountor for a round that persons
// have approved here.
func (r *run) planApproval(ctx context.Context, t *hub.Transfer, conn hub.Connection) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	x, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (approving, error) { return r.e.loadApproving(tx, t) })
	if err != nil {
		return fmt.Errorf("plan approval: %w", err)
	}
	rests := func(state hub.State, faults ...hub.Fault) error {
		return r.approvalRests(ctx, t, &x, state, "", nil, faults...)
	}
	switch {
	case x.round.State != circulation.Approved:
		return rests(hub.Withdrawn)
	case !conn.Writing:
		return rests(hub.Noticed, hub.NewFault(hub.WritingOff, "", "").Warn())
	}
	inv, err := r.status.read(ctx, x.round.InvoiceID)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return r.trouble(err)
	}
	number := fmt.Sprint(x.round.InvoiceNumber)
	switch {
	case err != nil || gone(inv.Status):
		return r.approvalRests(ctx, t, &x, hub.Withdrawn, notedGone, nil)
	case slices.Contains(backStatuses, string(inv.Status)):
		ours, err := r.approvedByUs(ctx, t)
		if err != nil {
			return err
		}
		if ours {
			return r.approvalRests(ctx, t, &x, hub.Done, "", inv)
		}
		return r.approvalRests(ctx, t, &x, hub.Linked, notedThere, inv, hub.NewFault(hub.RoundThere, "", "", "number", number).Warn())
	case !slices.Contains(roundStatuses, string(inv.Status)):
		return rests(hub.Held, hub.NewFault(hub.EditedThere, "", string(inv.Status), "number", number))
	}
	receipt, err := r.receipts.read(ctx, inv.LedgerReceiptID)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return r.trouble(err)
	}
	if read := r.roundOf(conn, inv, receipt); read.Print != x.round.Print {
		return r.approvalRests(ctx, t, &x, hub.Withdrawn, notedChanged, inv) // another invoice by now: all decide again
	}
	ready, faults, err := r.approvalSteps(t, &x, inv, receipt)
	if err != nil {
		return err
	}
	if hub.Stops(faults) {
		return rests(hub.Held, faults...)
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		now, err := tx.LockRound(t.Subject)
		if err != nil {
			return err
		}
		if now.State != circulation.Approved || now.Turn != x.round.Turn || now.Print != x.round.Print {
			return nil // stays as it is: planned anew on what is known now
		}
		describeApproval(t, &now)
		if t.State == hub.Waiting {
			if err := t.Move(hub.Ready); err != nil {
				return err
			}
		}
		steps, err = r.begin(tx, t, faults, ready)
		return err
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// approvalSteps are the writes that are still to be made.
func (r *run) approvalSteps(t *hub.Transfer, x *approving, inv *procountor.Invoice, receipt *procountor.LedgerReceipt) (ready []intent, faults []hub.Fault, err error) {
	add := func(kind hub.StepKind, body []byte, detail hub.StepDetail) error {
		detail.InvoiceID = inv.ID
		in := intent{step: hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: len(ready) + 1, Kind: kind, State: hub.StepPlanned, Detail: detail}, body: body}
		var err error
		if len(ready) == 0 {
			in, err = r.prepare(t, in.step, body, nil)
		} else {
			in.packed, err = store.PackBlob(body)
			in.step.Request = in.packed.Ref
		}
		ready = append(ready, in)
		return err
	}
	if len(x.round.Split) > 0 {
		c := r.conns[t.Connection].Settings.Circulation
		dimension, known := r.registers.Dimension(c.Dimension)
		if receipt == nil || !known {
			return nil, []hub.Fault{hub.NewFault(hub.RoundSplit, "", "", "number", fmt.Sprint(x.round.InvoiceNumber), "sum", "0.00", "rest", x.round.Content.Total)}, nil
		}
		body, off, stops := mapping.SplitReceipt(receipt, x.round.Split, dimension)
		if off != nil {
			stops = []hub.Fault{hub.NewFault(hub.RoundSplit, "", off.Total.Fixed(2), "number", fmt.Sprint(x.round.InvoiceNumber), "sum", off.Total.Fixed(2), "rest", off.Rest.Fixed(2))}
		}
		if hub.Stops(stops) {
			return nil, stops, nil
		}
		if body != nil {
			if err := add(hub.PutReceipt, body, hub.StepDetail{Posting: &hub.Posting{Receipt: receipt.ID, Version: receipt.Version.String()}}); err != nil {
				return nil, nil, err
			}
		}
	}
	body, same, err := mapping.RoundNotes(strings.ReplaceAll(inv.Notes, "\r\n", "\n"), x.opinions)
	if err != nil {
		return nil, nil, err
	}
	if !same {
		if err := add(hub.Annotate, body, hub.StepDetail{Notes: dispatch.NotesPrint(inv.Notes)}); err != nil {
			return nil, nil, err
		}
	}
	if body, err = mapping.ApprovalComment(x.approved); err != nil {
		return nil, nil, err
	}
	return ready, nil, add(hub.Approve, body, hub.StepDetail{})
}

// approvedByUs reports whether an approval of this transfer has been proved.
func (r *run) approvedByUs(ctx context.Context, t *hub.Transfer) (bool, error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	return slices.ContainsFunc(steps, func(s hub.Step) bool { return s.Kind == hub.Approve && s.State == hub.StepProved }), err
}

// approvalRests ends the work on an approval, and says in the round what Procountor has
// decided instead.
func (r *run) approvalRests(ctx context.Context, t *hub.Transfer, x *approving, state hub.State, why string, inv *procountor.Invoice, faults ...hub.Fault) error {
	return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		round, err := tx.LockRound(t.Subject)
		if err != nil {
			return err
		}
		if round.State != x.round.State || round.Version != x.round.Version || round.Print != x.round.Print {
			return nil // stays as it is: planned anew on what is known now
		}
		describeApproval(t, &round)
		if inv != nil {
			round.Status = string(inv.Status)
		}
		switch why {
		case "":
			if inv != nil {
				round.DueAt = r.now().Add(backFirst)
				err = tx.SaveRound(&round)
			}
		case notedChanged:
			round.DueAt = r.now() // its content is read
			err = r.e.anewRound(tx, r.conns[t.Connection], &round)
		default:
			err = r.e.endRound(tx, &round, why)
		}
		if err != nil {
			return err
		}
		if state == hub.Done {
			if t.State != hub.Working {
				if err := t.Move(hub.Working); err != nil {
					return err
				}
			}
			return r.settleDone(tx, t, faults)
		}
		return r.payRests(tx, t, state, faults...)
	})
}

// approvedRound keeps that the invoice is approved in Procountor; it is not read again.
func approvedRound(tx *store.Tx, t *hub.Transfer, inv *procountor.Invoice) error {
	round, err := tx.LockRound(t.Subject)
	if err != nil {
		return err
	}
	round.Status, round.DueAt = string(inv.Status), time.Time{}
	return tx.SaveRound(&round)
}

// allowedApproval is [Allowed] for an approval.
func allowedApproval(t *hub.Transfer) []Action {
	if t.State.NeedsPerson() {
		return []Action{Retry, DoneByHand}
	}
	return nil
}
