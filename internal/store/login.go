package store

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
)

// A Login is what a person has opened a company with by logging in at Procountor:
// a token for now, and one by which the next is had without the person.
type Login struct {
	Access, Refresh secret.Secret
	// Until is when Access ends.
	Until time.Time
}

// IsZero reports that nobody has logged in.
func (l Login) IsZero() bool { return l.Refresh.IsZero() && l.Access.IsZero() }

// sealedLogin is a Login inside its seal.
type sealedLogin struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	Until   time.Time `json:"until"`
}

func (tx *Tx) sealLogin(row string, l Login) (string, error) {
	if l.IsZero() {
		return "", nil
	}
	b, err := json.Marshal(sealedLogin{l.Access.Reveal(), l.Refresh.Reveal(), l.Until})
	if err != nil {
		return "", err
	}
	return tx.seal(row, secret.New(string(b)))
}

func (tx *Tx) openLogin(row, sealed string) (l Login, err error) {
	if sealed == "" {
		return l, nil
	}
	plain, err := tx.open(row, sealed)
	if err != nil {
		return l, err
	}
	var s sealedLogin
	if err := json.Unmarshal([]byte(plain.Reveal()), &s); err != nil {
		return l, errors.New("read a login: not what was sealed") // the cause could quote it
	}
	return Login{secret.New(s.Access), secret.New(s.Refresh), s.Until}, nil
}

// SetCompanyLogin opens a company by the login of a person from now on, in the place
// of a key, and ends a pause. A company that is detached, or about to be, is
// connected again.
func (tx *Tx) SetCompanyLogin(id string, l Login, by string) error {
	sealed, err := tx.sealLogin("company/login/"+id, l)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update company set api_key = '', login = $2, login_at = $3, login_by = $4, login_lease = '', login_lease_until = 0,
		paused = '', paused_until = 0, leaving = '', detached_by = '', detached = 0 where id = $1`, id, sealed, millis(tx.Now()), by)
}

// CompanyLogin returns the login of a company, which nobody changes before this
// transaction is over; [ErrDetached] when it has none.
func (tx *Tx) CompanyLogin(id string) (Login, error) {
	var sealed string
	if err := tx.QueryRow(`select login from company where id = $1`+tx.Dialect().forUpdate(), id).Scan(&sealed); err != nil {
		return Login{}, err
	}
	if sealed == "" {
		return Login{}, ErrDetached
	}
	return tx.openLogin("company/login/"+id, sealed)
}

// LeaseLogin makes the caller the only one who may refresh a company's login until a
// time, over all nodes. ok is false while another is at it.
func (tx *Tx) LeaseLogin(id, lease string, until time.Time) (ok bool, err error) {
	r, err := tx.Exec(`update company set login_lease = $2, login_lease_until = $3 where id = $1 and login <> ''
		and (login_lease = '' or login_lease_until <= $4)`, id, lease, millis(until), millis(tx.Now()))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// EndLoginLease ends a lease, with what the refresh has brought; the zero value for
// nothing. It does nothing when the lease is another's by now, or somebody has logged
// in again since.
func (tx *Tx) EndLoginLease(id, lease string, l Login) error {
	sealed, err := tx.sealLogin("company/login/"+id, l)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update company set login_lease = '', login_lease_until = 0, login = case when $3 = '' then login else $3 end
		where id = $1 and login_lease = $2`, id, lease, sealed)
	return err
}

// A LoginTry is somebody on the way to Procountor's login page and back. Of its state
// and of the session only the hashes are kept.
type LoginTry struct {
	State, Session secret.Secret
	Verifier       secret.Secret
	Redirect       string
	Until          time.Time
}

// BeginLogin keeps on what way somebody has gone to log in; one gone before is not
// waited for any more.
func (tx *Tx) BeginLogin(joining string, t LoginTry) error {
	sealed, err := tx.seal("joining/verifier/"+joining, t.Verifier)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update joining set login_state = $2, login_session = $3, login_verifier = $4, login_redirect = $5, login_until = $6
		where id = $1`, joining, people.HashToken(t.State), people.HashToken(t.Session), sealed, t.Redirect, millis(t.Until))
}

// EndLogin finds the joining to which a state comes back, for the same person in the
// same session and in time, and forgets the state: it is good once. [ErrNotFound]
// otherwise.
func (tx *Tx) EndLogin(person string, state, session secret.Secret) (joining string, t LoginTry, err error) {
	var sealed string
	if err := tx.QueryRow(`select id, login_verifier, login_redirect from joining where login_state = $1 and login_session = $2 and person = $3
		and login_state <> '' and login_until > $4`+tx.Dialect().forUpdate(), people.HashToken(state), people.HashToken(session), person,
		millis(tx.Now())).Scan(&joining, &sealed, &t.Redirect); err != nil {
		return "", t, err
	}
	if t.Verifier, err = tx.open("joining/verifier/"+joining, sealed); err != nil {
		return "", t, err
	}
	return joining, t, tx.ExecOne(`update joining set login_state = '', login_session = '', login_verifier = '', login_until = 0 where id = $1`, joining)
}

// SetJoiningLogin keeps a login and what it was found to open.
func (tx *Tx) SetJoiningLogin(id string, l Login, trial string) error {
	sealed, err := tx.sealLogin("joining/login/"+id, l)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update joining set api_key = '', login = $2, trial = $3 where id = $1`, id, sealed, trial)
}
