package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// LockCompany returns a company that this transaction is about to connect or
// detach: it waits for whoever is beginning a write, and they for it.
func (tx *Tx) LockCompany(id string) (hub.Company, error) {
	return scanCompany(tx.QueryRow(`select `+companyColumns+` from company where id = $1`+tx.Dialect().forUpdate(), id).Scan)
}

// HoldCompany returns a company that is not detached before this transaction is
// over. It is in nobody's way but [Tx.LockCompany]'s.
func (tx *Tx) HoldCompany(id string) (hub.Company, error) {
	return scanCompany(tx.QueryRow(`select `+companyColumns+` from company where id = $1`+tx.Dialect().forKeyShare(), id).Scan)
}

// SetLeaving says how a person wants a company detached; "" when they do not any more.
func (tx *Tx) SetLeaving(id string, how hub.Leaving, by string) error {
	return tx.ExecOne(`update company set leaving = $2, detached_by = $3 where id = $1 and detached = 0`, id, string(how), by)
}

// Detach erases the key or the login of a company and says since when it has none.
func (tx *Tx) Detach(id string) error {
	return tx.ExecOne(`update company set api_key = '', login = '', login_at = 0, login_lease = '', login_lease_until = 0, paused = '', paused_until = 0, leaving = '', detached = $2 where id = $1`, id, millis(tx.Now()))
}

// Attached is nil while a company has its key, and [ErrDetached] afterwards.
func (tx *Tx) Attached(id string) error {
	var detached bool
	if err := tx.QueryRow(`select detached > 0 from company where id = $1`, id).Scan(&detached); err != nil {
		return err
	}
	if detached {
		return ErrDetached
	}
	return nil
}

// unsettled says that a write of a transfer was intended and its outcome is not
// known; begun, that something of it is in Procountor, or may be.
const (
	unsettled = `exists (select 1 from step s where s.transfer = t.id and s.state in ('intended', 'unclear'))`
	begun     = `(t.kind = 'document' and t.invoice_id > 0
		or exists (select 1 from step s where s.transfer = t.id and s.plan = t.plan and s.state in ('intended', 'unclear', 'proved')))`
)

// A Begun is a transfer that goes on by itself, and how far it has come.
type Begun struct {
	hub.Transfer
	Begun     bool // something of it is in Procountor, or may be
	Unsettled bool // a write was intended and its outcome is not known
}

// Active returns what goes on by itself in a company, to be changed by this
// transaction.
func (tx *Tx) Active(company string) ([]Begun, error) {
	return tx.active(company, tx.Dialect().forUpdate())
}

// ActiveNow is [Tx.Active] for those who only look.
func (tx *Tx) ActiveNow(company string) ([]Begun, error) { return tx.active(company, "") }

func (tx *Tx) active(company, lock string) (list []Begun, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var b Begun
		var err error
		b.Transfer, err = scanTransfer(func(dest ...any) error { return scan(append(dest, &b.Begun, &b.Unsettled)...) })
		list = append(list, b)
		return err
	}, `select `+transferColumns+`, `+begun+`, `+unsettled+` from transfer t where company = $1 and state in `+active+` order by id`+lock, company)
	return list, err
}

// ClaimLeaving is [Tx.Claim] in a company that somebody is detaching: only what
// has been begun, or with LeaveStopped only what must be looked at.
func (tx *Tx) ClaimLeaving(company string, how hub.Leaving, lease string, now, until time.Time, limit int) ([]hub.Transfer, error) {
	which := unsettled
	if how == hub.LeaveFinished {
		which = begun
	}
	return tx.claim(`select `+transferColumns+` from transfer t where company = $1 and state in `+active+` and wake_at <= $2 and waits_for = ''
		and (lease = '' or lease_until <= $2) and `+which+` order by sort_key, id limit $3`, company, lease, now, until, limit)
}
