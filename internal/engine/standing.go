package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file holds what becomes of a document by where it stands at its source:
// approved there or not, sent there or not.

// rests is the verdict on a document that is not written yet and does not go now;
// nil: it goes. Nothing is written for it meanwhile, not even its partner.
func rests(in mapping.Input, t *hub.Transfer, m matching.Decision) *verdict {
	asked := t.Asked != "" && t.Asked == in.Document.Shown() || t.Goal.Decided()
	p := in.Connection.Settings.Kinds[in.Document.Kind].Passage(in.Document.Kind, in.Standing, asked)
	if p.Wait == nil {
		return nil
	}
	faults := mapping.Check(in)
	if f, ok := find(faults, hub.BeforeFirstDay, hub.KindOff); ok {
		return &verdict{state: hub.Skipped, faults: []hub.Fault{f}}
	}
	if p.State == hub.Held {
		// Whoever is to say that it goes is told first what keeps it from going.
		if m.Partner == nil && !m.Create {
			faults = append(faults, partyFaults(in.Document, m.Faults)...)
		}
		if hub.Stops(faults) {
			return held(faults...)
		}
	}
	return &verdict{state: p.State, faults: []hub.Fault{*p.Wait}, source: p.State == hub.Waiting}
}

// awaitSource lets t wait until its source says where the document stands.
func (r *run) awaitSource(tx *store.Tx, t *hub.Transfer, faults ...hub.Fault) error {
	if changed, err := outdated(tx, t); err != nil {
		return err
	} else if changed {
		t.Lease, t.LeaseUntil = "", time.Time{}
		if err := t.Move(hub.Ready); err != nil {
			return err
		}
		return r.e.wake(tx, t.Company, r.now())
	}
	if err := t.Move(hub.Waiting, faults...); err != nil {
		return err
	}
	t.WakeAt, t.WaitsFor, t.Rounds = time.Time{}, hub.ForSource, 0
	t.Lease, t.LeaseUntil = "", time.Time{}
	return act(tx, engineActor, "transfer."+string(hub.Waiting), t.ID, transferAct(t))
}

// awaitsRound reports whether a purchase invoice is to be approved and the round
// at its source is not complete.
func awaitsRound(in mapping.Input) bool {
	ks := in.Connection.Settings.Kinds[in.Document.Kind]
	return ks.Arrival == hub.ArriveApproved && !ks.Passage(in.Document.Kind, in.Standing, true).Final
}

// waitsForRound lets t, all of whose steps are proved, wait for the last approval
// of its source, if that is still to come.
func (r *run) waitsForRound(tx *store.Tx, t *hub.Transfer, warnings []hub.Fault) (waits bool, err error) {
	if t.Kind != hub.DocumentTransfer || t.DocKind != hub.PurchaseInvoice || t.Goal != hub.Deliver || t.InvoiceID == 0 {
		return false, nil
	}
	if _, approved := find(warnings, hub.ApprovedEarly); approved {
		return false, nil
	}
	row, err := tx.DocumentByID(t.Subject)
	if err != nil {
		return false, err
	}
	in := mapping.Input{Connection: r.conns[t.Connection], Document: &hub.Document{Kind: t.DocKind}, Standing: row.Standing}
	if !awaitsRound(in) {
		return false, nil
	}
	t.StepAt = t.Steps
	f := hub.NewFault(hub.WaitsForLastApproval, "", "", "number", fmt.Sprint(t.InvoiceNumber)).Warn()
	return true, r.awaitSource(tx, t, append([]hub.Fault{f}, warnings...)...)
}

// planRejected decides about the voucher of a document that its source has
// rejected since: a person does, or it is taken back by setting while it is
// unfinished.
func (r *run) planRejected(ctx context.Context, t *hub.Transfer, in mapping.Input, inv *procountor.Invoice) (*draft, *verdict, error) {
	f := in.Standing.RejectedFault(fmt.Sprint(inv.InvoiceNumber))
	f.Args["status"] = string(inv.Status)
	if in.Connection.Settings.Kinds[in.Document.Kind].Rejected != hub.RejectionTakenBack || !unfinished(inv.Status) {
		return nil, held(f), nil
	}
	t.Goal = hub.TakeBack
	d, v, err := r.planTakeBack(ctx, inv.ID)
	if d != nil {
		d.warnings = append(d.warnings, f.Warn())
	}
	return d, v, err
}

// SetStanding stores where a document stands at its source, apart from its
// content, in one transaction with the work that follows from it.
func (e *Engine) SetStanding(ctx context.Context, connection, document string, s hub.Standing) (rc Receipt, err error) {
	err = e.store.Group(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return err
		}
		row, err := tx.LockDocumentByID(connection, document)
		if err != nil {
			return err
		}
		t, err := tx.TransferOf(conn.Company, hub.DocumentTransfer, hub.In, row.ID)
		if err != nil {
			return err
		}
		rc = Receipt{t.ID, row.ID, t.Number, ResultUnchanged, t.State, t.Faults}
		if row.Standing.Print() == s.Print() {
			return nil
		}
		if err := e.stand(tx, &row, &t, s); err != nil {
			return err
		}
		rc.Result, rc.State, rc.Faults = ResultChanged, t.State, t.Faults
		return e.wake(tx, conn.Company, e.o.Now())
	})
	if err != nil {
		return rc, fmt.Errorf("standing: %w", err)
	}
	return rc, nil
}

// stand keeps a new standing of t's document, and lets t be planned anew where
// that may change what becomes of it. A write may be in the air: then the engine
// finds the new standing when it is done.
func (e *Engine) stand(tx *store.Tx, row *store.DocumentRow, t *hub.Transfer, s hub.Standing) error {
	row.Standing = s
	if err := tx.SetStanding(row.ID, s); err != nil {
		return err
	}
	if err := standingAct(tx, t, s); err != nil {
		return err
	}
	if !movedBy(t, s) {
		return nil
	}
	lease := t.Lease
	t.Goal = hub.Deliver
	t.WakeAt, t.WaitsFor = time.Time{}, ""
	if err := t.Move(hub.Ready, keptWarnings(t.Faults)...); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.changed", t.ID, transferAct(t)); err != nil {
		return err
	}
	return tx.SaveTransfer(t, lease)
}

// movedBy reports whether a new standing may change what becomes of t.
func movedBy(t *hub.Transfer, s hub.Standing) bool {
	has := func(codes ...string) bool {
		return slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return slices.Contains(codes, f.Code) })
	}
	switch t.State {
	case hub.Noticed:
		return true
	case hub.Waiting:
		return t.WaitsFor == hub.ForSource
	case hub.Held:
		return has(hub.WaitsForPerson, hub.RejectedThere) || t.InvoiceID != 0 && s.Round() == hub.RoundRejected && t.Goal == hub.Deliver && !has(hub.DocumentChanged)
	case hub.Refused:
		return t.InvoiceID != 0 && s.Round() == hub.RoundRejected && t.Goal == hub.Deliver
	case hub.Skipped, hub.TakenBack:
		return has(hub.RejectedThere)
	case hub.Done, hub.DoneWithWarning:
		return s.Round() == hub.RoundRejected || has(hub.ApprovedEarly)
	}
	return false
}

// keptWarnings are those of reading; the others are found anew.
func keptWarnings(faults []hub.Fault) []hub.Fault {
	return slices.DeleteFunc(slices.Clone(faults), func(f hub.Fault) bool { return !f.Warning || !f.Read })
}

// standingAct keeps what the source has said, when.
func standingAct(tx *store.Tx, t *hub.Transfer, s hub.Standing) error {
	return act(tx, engineActor, "document.standing", t.ID, struct {
		hub.Standing
		Round hub.Round `json:"round,omitempty"`
	}{s, s.Round()})
}
