package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// Detaching a company ends in one transaction: what goes on by itself is brought
// to rest, the key is erased, and from then on no request leaves for it. Before
// that its engine works on what is under way only, as the person has chosen.

// UnderWay is what stands between a company and its detaching.
type UnderWay struct {
	// Begun are half-way: something of them is in Procountor, or may be.
	Begun []hub.Transfer
	// Unclear is how many of them had a write whose outcome is not known.
	Unclear int
	// Waiting is how many have not been begun; they stay here.
	Waiting int
	// KeyDead: the key opens nothing, so nothing can be finished or looked at.
	KeyDead bool
}

// UnderWay says what detaching a company would have to see to.
func (e *Engine) UnderWay(ctx context.Context, company string) (u UnderWay, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Company(company)
		if err != nil {
			return err
		}
		u.KeyDead = keyDead(c)
		list, err := tx.ActiveNow(company)
		for _, b := range list {
			switch {
			case !b.Begun && !b.Unsettled:
				u.Waiting++
				continue
			case b.Unsettled:
				u.Unclear++
			}
			u.Begun = append(u.Begun, b.Transfer)
		}
		return err
	})
	return u, err
}

func keyDead(c hub.Company) bool {
	return c.PausedFault != nil && (c.PausedFault.Code == hub.KeyDead || c.PausedFault.Code == hub.LoginEnded)
}

// Detach begins to detach a company for a person, and ends it at once when nothing
// is under way. What is unclear is looked at first; only where the key opens
// nothing any more it stays unclear, to be looked at when there is another key.
// The company as it is then comes back. A second call changes how.
func (e *Engine) Detach(ctx context.Context, actor, company string, how hub.Leaving) (c hub.Company, err error) {
	if actor == "" || actor == engineActor {
		return c, fmt.Errorf("detach: %w", ErrNoReason)
	}
	if how != hub.LeaveFinished && how != hub.LeaveStopped {
		return c, fmt.Errorf("detach: there is no way %q", how)
	}
	if err := e.store.Tx(ctx, func(tx *store.Tx) error {
		if c, err = tx.LockCompany(company); err != nil {
			return err
		}
		if !c.Detached.IsZero() {
			return store.ErrDetached
		}
		if c.Leaving != how {
			if err := tx.SetLeaving(company, how, actor); err != nil {
				return err
			}
			if err := act(tx, actor, "company.leaving", company, struct {
				How hub.Leaving `json:"how"`
			}{how}); err != nil {
				return err
			}
		}
		return e.wake(tx, company, e.o.Now())
	}); err != nil {
		return c, err
	}
	if _, err := e.tryLeave(ctx, company); err != nil {
		return c, err
	}
	return store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(company) })
}

// Stay ends a detaching that has not come to its end.
func (e *Engine) Stay(ctx context.Context, actor, company string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		c, err := tx.LockCompany(company)
		if err != nil {
			return err
		}
		if c.Leaving == "" {
			return fmt.Errorf("stay: %w", ErrNotNow)
		}
		if err := tx.SetLeaving(company, "", ""); err != nil {
			return err
		}
		if err := act(tx, actor, "company.stays", company, nil); err != nil {
			return err
		}
		return e.wake(tx, company, e.o.Now())
	})
}

// tryLeave ends a detaching whose time has come.
func (e *Engine) tryLeave(ctx context.Context, company string) (done bool, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		done, err = e.leave(tx, company)
		return err
	})
	if done && err == nil {
		e.forgetClient(company)
	}
	return done, err
}

// leave detaches a company if nothing that must be seen to is left: with
// LeaveFinished nothing half-way, either way no write in the air.
func (e *Engine) leave(tx *store.Tx, company string) (bool, error) {
	// The transfers first, in the order in which whoever works on them locks.
	if _, err := tx.Active(company); err != nil {
		return false, err
	}
	c, err := tx.LockCompany(company)
	if err != nil || c.Leaving == "" {
		return false, err
	}
	list, err := tx.Active(company)
	if err != nil {
		return false, err
	}
	for _, b := range list {
		if !b.Begun && !b.Unsettled {
			continue
		}
		worked := b.Lease != "" && b.LeaseUntil.After(e.o.Now())
		if worked || c.Leaving == hub.LeaveFinished || b.Unsettled && !keyDead(c) {
			return false, nil
		}
	}
	told := struct {
		How     hub.Leaving `json:"how"`
		Half    int         `json:"half_way"`
		Unclear int         `json:"unclear"`
		Kept    int         `json:"not_begun"`
	}{How: c.Leaving}
	for _, b := range list {
		if b.Unsettled {
			told.Unclear++
			continue // stays so: nobody has looked
		}
		lease := b.Lease
		if b.Begun {
			told.Half++
			err = b.Move(hub.Held, hub.NewFault(hub.DetachedHalfWay, "", "", "number", voucherNumber(b.Transfer)))
		} else {
			told.Kept++
			if b.State == hub.Working {
				err = b.Move(hub.Ready)
			}
			if err == nil {
				err = b.Move(hub.Noticed)
			}
		}
		if err != nil {
			return false, err
		}
		b.WakeAt, b.WaitsFor, b.Rounds, b.Lease, b.LeaseUntil = time.Time{}, "", 0, "", time.Time{}
		if err := act(tx, c.DetachedBy, "transfer."+string(b.State), b.ID, transferAct(&b.Transfer)); err != nil {
			return false, err
		}
		if err := tx.SaveTransfer(&b.Transfer, lease); err != nil {
			return false, err
		}
	}
	conns, err := tx.Connections(company)
	if err != nil {
		return false, err
	}
	for _, conn := range conns {
		if !conn.Writing {
			continue
		}
		if err := e.setWriting(tx, c.DetachedBy, conn.ID, false); err != nil {
			return false, err
		}
	}
	if err := tx.Detach(company); err != nil {
		return false, err
	}
	return true, act(tx, c.DetachedBy, "company.detached", company, told)
}

// voucherNumber is Procountor's number of what lies there, "" when it has none.
func voucherNumber(t hub.Transfer) string {
	if t.InvoiceNumber == 0 {
		return ""
	}
	return fmt.Sprint(t.InvoiceNumber)
}

// mayBegin refuses a write that must not leave any more: the company is detached,
// or about to be and the write is none that the person wants finished. tx keeps
// the company from being detached before the intent is committed.
func (r *run) mayBegin(tx *store.Tx, t *hub.Transfer, s *hub.Step) error {
	c, err := tx.HoldCompany(t.Company)
	if err != nil {
		return err
	}
	begun := s.Seq > 1 || t.Kind == hub.DocumentTransfer && t.InvoiceID != 0
	if !c.Detached.IsZero() || c.Leaving == hub.LeaveStopped || c.Leaving == hub.LeaveFinished && !begun {
		return errGivenBack
	}
	return nil
}

// forgetClient drops the client of a company, with the key and the token in it.
func (e *Engine) forgetClient(company string) {
	e.clients.mu.Lock()
	defer e.clients.mu.Unlock()
	delete(e.clients.made, company)
}

// attachedOnly lets no request leave for a company that is detached, whoever still
// has a client of it. It is asked last before each request.
type attachedOnly struct {
	store   *store.Store
	company string
	turn    *limiter // nil for no limit
}

func (a attachedOnly) Wait(ctx context.Context) error {
	if a.turn != nil {
		if err := a.turn.Wait(ctx); err != nil {
			return err
		}
	}
	return a.store.Read(ctx, func(tx *store.Tx) error { return tx.Attached(a.company) })
}

// AllowedIn is [Allowed] in the company of t: in one that is detached nothing that
// asks Procountor.
func AllowedIn(c hub.Company, t *hub.Transfer) (list []Action) {
	for _, a := range Allowed(t) {
		if c.Detached.IsZero() || !a.asks() {
			list = append(list, a)
		}
	}
	return list
}

// asks reports whether the action lets the engine ask Procountor.
func (a Action) asks() bool {
	return a == Retry || a == SendNow || a == TakeBack || hub.Goal(a).Decided()
}

// whileAttached is nil when documents may come and go in a company.
func whileAttached(tx *store.Tx, company string) error {
	c, err := tx.HoldCompany(company)
	if err == nil && !c.Detached.IsZero() {
		err = store.ErrDetached
	}
	return err
}

// notDetached turns the reason why an action is refused into [ErrNotNow].
func notDetached(tx *store.Tx, company string) error {
	err := whileAttached(tx, company)
	if errors.Is(err, store.ErrDetached) {
		err = fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	return err
}
