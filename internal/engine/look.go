package engine

import (
	"context"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

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
		var out dispatch.Outcome
		switch s.Kind {
		case hub.WriteRecord, hub.ChangeRecord, hub.RemoveRecord:
			out = r.lookRecord(ctx, t, o, all)
		case hub.TellSource:
			out = r.lookReport(ctx, t, o)
		default:
			out = dispatch.Look(ctx, r.client, o)
		}
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
