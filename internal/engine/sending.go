package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// Send lets documents go at once, for a person: what waits for it goes now, what
// stands still is tried again. What may do neither is kept in the sending and stays
// as it is. One transaction: all of them go, or none.
func (e *Engine) Send(ctx context.Context, actor string, transfers []string) (s store.Sending, sent int, err error) {
	if actor == "" || actor == engineActor {
		return s, 0, fmt.Errorf("send: %w", ErrNoReason)
	}
	ids := slices.Clone(transfers)
	slices.Sort(ids) // two who send the same do not wait for each other
	ids = slices.Compact(ids)
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		s, sent = store.Sending{Person: actor}, 0
		if err := tx.InsertSending(&s); err != nil {
			return err
		}
		for _, id := range ids {
			t, err := tx.LockTransfer(id)
			if err != nil {
				return err
			}
			before, result := stood(&t), store.NotSent
			if a, ok := sends(&t); ok {
				switch err := tx.Try(func() error { return e.actOn(tx, actor, id, a, "") }); {
				case err == nil:
					result = store.SentOn
					sent++
				case !errors.Is(err, ErrNotNow):
					return err
				}
			}
			if err := tx.AddToSending(s.ID, id, result, before); err != nil {
				return err
			}
			s.Documents++
		}
		return act(tx, actor, "sending.begun", s.ID, struct {
			Documents int `json:"documents"`
			Sent      int `json:"sent"`
		}{s.Documents, sent})
	})
	return s, sent, err
}

// sends is what sending a document is: that it goes now, or is tried again.
func sends(t *hub.Transfer) (Action, bool) {
	may := Allowed(t)
	switch {
	case slices.Contains(may, SendNow):
		return SendNow, true
	case t.State.NeedsPerson() && slices.Contains(may, Retry):
		return Retry, true
	}
	return "", false
}

// Sendable reports whether sending t would do anything.
func Sendable(t *hub.Transfer) bool {
	_, ok := sends(t)
	return ok
}

func stood(t *hub.Transfer) store.Stood {
	return store.Stood{State: t.State, Faults: t.Faults, WaitsFor: t.WaitsFor, Asked: t.Asked, Plan: t.Plan}
}

// StopSending lets what has begun finish, and all else of a sending stand as it
// stood before: it can be sent again, or not.
func (e *Engine) StopSending(ctx context.Context, actor, id string) (returned int, err error) {
	if actor == "" || actor == engineActor {
		return 0, fmt.Errorf("stop sending: %w", ErrNoReason)
	}
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		returned = 0
		if _, err := tx.Sending(id); err != nil {
			return err
		}
		if err := tx.StopSending(id, actor); store.IsNotFound(err) {
			return fmt.Errorf("stop sending: %w", ErrNotNow)
		} else if err != nil {
			return err
		}
		list, err := tx.SentDocuments(id)
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b store.SentDocument) int {
			if a.Transfer.ID < b.Transfer.ID {
				return -1
			}
			return 1
		})
		for _, d := range list {
			if d.Result != store.SentOn {
				continue
			}
			t, err := tx.LockTransfer(d.Transfer.ID)
			if err != nil {
				return err
			}
			if e.begun(&t, d.Before) {
				continue
			}
			if err := goBack(tx, actor, &t, d.Before); err != nil {
				return fmt.Errorf("stop sending %s: %w", t.Number, err)
			}
			if err := tx.SetSendResult(id, t.ID, store.Returned); err != nil {
				return err
			}
			returned++
		}
		return act(tx, actor, "sending.stopped", id, struct {
			Returned int `json:"returned"`
		}{returned})
	})
	return returned, err
}

// begun reports whether something has come of sending t: it has been planned, is
// being worked on, or has ended.
func (e *Engine) begun(t *hub.Transfer, before store.Stood) bool {
	return t.State != hub.Ready && t.State != hub.Waiting || t.Plan != before.Plan || t.Lease != "" && t.LeaseUntil.After(e.o.Now())
}

// goBack lets t stand as it stood before it was sent. What Procountor had refused is
// held for the same reason: only a write is refused.
func goBack(tx *store.Tx, actor string, t *hub.Transfer, before store.Stood) error {
	lease, to := t.Lease, before.State
	if to == hub.Refused {
		to = hub.Held
	}
	t.Lease, t.LeaseUntil, t.WakeAt, t.WaitsFor, t.Rounds, t.Asked = "", time.Time{}, time.Time{}, before.WaitsFor, 0, before.Asked
	if err := t.Move(to, before.Faults...); err != nil {
		return err
	}
	if err := act(tx, actor, "transfer.stopped", t.ID, struct {
		State hub.State `json:"state"`
	}{to}); err != nil {
		return err
	}
	return tx.SaveTransfer(t, lease)
}
