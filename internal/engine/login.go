package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A company may be opened by a person who logs in at Procountor instead of making a
// key (REFERENCE 1.3). The browser goes to Procountor's page and comes back with a
// code; from the code come two tokens, one for an hour and one by which the next is
// had without the person. They lie sealed in the company's row, where all nodes read
// them; whoever refreshes has a lease on it, for a refresh may end the token before.

// LoginPath is where Procountor sends browsers back to, below the hub's own address.
// It must be registered with Procountor as the client's redirect address, which is
// one, and without a query.
const LoginPath = "/connect/back"

const (
	// loginTime is how long somebody may take on Procountor's page.
	loginTime = 15 * time.Minute
	// refreshTime bounds one refresh with its repetitions; refreshLease is longer, so
	// that nobody else begins before it is over.
	refreshTime  = 90 * time.Second
	refreshLease = 2 * time.Minute
	// refreshApart is how often those who wait for another's refresh look.
	refreshApart = 250 * time.Millisecond
	// loginRest is what must be left of a token for it to be handed out.
	loginRest = time.Minute
)

// Why nobody has been logged in.
var (
	// ErrLoginLost: no login was begun here that this answer belongs to, or it was too
	// long ago, or the answer has come before.
	ErrLoginLost = errors.New("no login is waited for")
	// ErrLoginRefused: the person has cancelled, or Procountor has sent no code.
	ErrLoginRefused = errors.New("nobody has logged in")
	// ErrNoRefresh: the login would end within the hour.
	ErrNoRefresh = errors.New("Procountor has given no token by which the login could be renewed") //nolint:staticcheck // a name
	// ErrOtherCompany: another company was chosen on Procountor's page.
	ErrOtherCompany = errors.New("another company was chosen")
)

// BeginLogin returns the address at Procountor to which a person's browser is to go.
// session is a secret of that browser's session, to which alone it may come back.
func (e *Engine) BeginLogin(ctx context.Context, person, joining string, session secret.Secret, redirect string) (string, error) {
	j, _, err := e.joining(ctx, person, joining)
	if err != nil {
		return "", err
	}
	try := store.LoginTry{State: secret.New(rand.Text()), Session: session, Verifier: secret.New(rand.Text() + rand.Text()), Redirect: redirect,
		Until: e.o.Now().Add(loginTime)}
	if err := e.store.Tx(ctx, func(tx *store.Tx) error { return tx.BeginLogin(j.ID, try) }); err != nil {
		return "", err
	}
	return procountor.LoginURL(procountor.Options{BaseURL: j.BaseURL, ClientID: j.ClientID, RedirectURI: redirect}, try.State.Reveal(), try.Verifier.Reveal())
}

// BeginAgain begins to open a company anew that is there, by a login.
func (e *Engine) BeginAgain(ctx context.Context, person, company string) (joining string, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		c, err := tx.Company(company)
		if err != nil {
			return err
		}
		cred, err := tx.ClientOf(company)
		if err != nil {
			return err
		}
		j := store.Joining{Person: person, Environment: c.Environment, BaseURL: c.BaseURL, ClientID: cred.ClientID, Again: c.ID}
		err = tx.InsertJoining(&j)
		joining = j.ID
		return err
	})
	return joining, err
}

// A LoggedIn is what came of a login.
type LoggedIn struct {
	Joining store.Joining
	// Again: a company that was there is opened anew, and the joining is over.
	Again bool
}

// FinishLogin takes what the browser brings back from Procountor, and finds out what
// the login opens, as [Engine.TryJoining] does with a key. The joining is known in the
// answer also with an error, unless that is [ErrLoginLost].
func (e *Engine) FinishLogin(ctx context.Context, person string, session, state, code secret.Secret) (in LoggedIn, err error) {
	var id string
	var try store.LoginTry
	switch err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		id, try, err = tx.EndLogin(person, state, session)
		return err
	}); {
	case store.IsNotFound(err):
		return in, ErrLoginLost
	case err != nil:
		return in, err
	}
	var join Join
	if in.Joining, join, err = e.joining(ctx, person, id); err != nil {
		return in, err
	}
	o := e.loginOptions(hub.Company{BaseURL: join.BaseURL}, join.ClientID, join.Secret)
	o.RedirectURI = try.Redirect
	if join.Login, err = exchange(ctx, o, code.Reveal(), try.Verifier.Reveal()); err != nil {
		return in, err
	}
	trial, err := e.tryLogin(ctx, in.Joining.ID, &join)
	if err != nil || in.Joining.Again == "" {
		return in, err
	}
	if in.Again, err = true, e.again(ctx, person, in.Joining, join, trial); err != nil {
		in.Again = false
	}
	return in, err
}

// again opens a company that is there by a login; what rested goes on.
func (e *Engine) again(ctx context.Context, person string, j store.Joining, join Join, t *Trial) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		c, err := tx.LockCompany(j.Again)
		if err != nil {
			return err
		}
		if c.ProcountorID != t.Company.ID || c.BaseURL != j.BaseURL {
			return fmt.Errorf("%w: %s", ErrOtherCompany, t.Company.Name)
		}
		if err := e.setKey(tx, person, c, join); err != nil {
			return err
		}
		if err := tx.EndJoining(j.ID); err != nil {
			return err
		}
		return e.wake(tx, c.ID, e.o.Now())
	})
}

// exchange turns the code that a browser has brought back into a login that renews itself.
func exchange(ctx context.Context, o procountor.Options, code, verifier string) (store.Login, error) {
	if code == "" {
		return store.Login{}, ErrLoginRefused
	}
	t, err := procountor.ExchangeCode(ctx, o, code, verifier)
	switch {
	case err != nil:
		return store.Login{}, err
	case t.Refresh == "":
		return store.Login{}, ErrNoRefresh
	}
	return loginFrom(t, o.Now()), nil
}

// A HandLogin is a login that one command begins and ends: nothing of it is stored, and
// what the browser brings back is good for this command only.
type HandLogin struct {
	o               procountor.Options
	state, verifier secret.Secret
}

// NewHandLogin begins a login for what j names. redirect is where the browser comes back
// to: the address that Procountor has registered for the client. nil hc is the standard one.
func NewHandLogin(hc *http.Client, now func() time.Time, j Join, redirect string) HandLogin {
	return HandLogin{state: secret.New(rand.Text()), verifier: secret.New(rand.Text() + rand.Text()),
		o: procountor.Options{BaseURL: cmp.Or(BaseURL(j.Environment), j.BaseURL), ClientID: j.ClientID, ClientSecret: j.Secret.Reveal(),
			RedirectURI: redirect, UserAgent: "vienti", Now: now, HTTP: hc}}
}

// Page is the address at Procountor to which the person's browser is to go.
func (l HandLogin) Page() (string, error) {
	return procountor.LoginURL(l.o, l.state.Reveal(), l.verifier.Reveal())
}

// Mine reports whether an answer belongs to this login. Whose does not must not end it:
// it could lead into a company that somebody else has chosen.
func (l HandLogin) Mine(answer url.Values) bool {
	return subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(l.state.Reveal())) == 1
}

// Finish makes a login of the answer that the browser has brought back: the query of the
// address that it came to.
func (l HandLogin) Finish(ctx context.Context, answer url.Values) (store.Login, error) {
	if !l.Mine(answer) {
		return store.Login{}, ErrLoginLost
	}
	code := answer.Get("code")
	if answer.Get("error") != "" {
		code = ""
	}
	return exchange(ctx, l.o, code, l.verifier.Reveal())
}

func loginFrom(t procountor.Token, now time.Time) store.Login {
	return store.Login{Access: secret.New(t.Access), Refresh: secret.New(t.Refresh), Until: now.Add(t.Life)}
}

// loginOptions are those by which tokens are asked for.
func (e *Engine) loginOptions(c hub.Company, clientID string, clientSecret secret.Secret) procountor.Options {
	return procountor.Options{BaseURL: c.BaseURL, ClientID: clientID, ClientSecret: clientSecret.Reveal(), UserAgent: "vienti", Now: e.o.Now,
		Timeout: e.o.Timeout, MaxReadRetries: e.o.ReadRetries, HTTP: e.transport(c)}
}

// tryLogin finds out what a login opens, renewed first where it must be, and keeps both
// with the joining.
func (e *Engine) tryLogin(ctx context.Context, joining string, join *Join) (*Trial, error) {
	if join.Login.Until.Before(e.o.Now().Add(loginRest)) {
		t, err := procountor.Refresh(ctx, e.loginOptions(hub.Company{BaseURL: join.BaseURL}, join.ClientID, join.Secret), join.Login.Refresh.Reveal())
		if err != nil {
			return nil, loginEnded(err)
		}
		join.Login = loginFrom(t, e.o.Now())
	}
	t, err := Try(ctx, e.transport(hub.Company{BaseURL: join.BaseURL}), e.o.Now, *join, hub.Kinds)
	trial := ""
	if err == nil {
		b, err := json.Marshal(t)
		if err != nil {
			return nil, err
		}
		trial = string(b)
	}
	// Kept also after an error: a refresh may have ended the token before.
	return t, errors.Join(err, e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.SetJoiningLogin(joining, join.Login, trial) }))
}

// loginEnded makes of a refused refresh what a dead key is: nothing goes on until a
// person has acted.
func loginEnded(err error) error {
	if errors.Is(err, procountor.Refused) {
		return fmt.Errorf("%w: %w", procountor.Unauthorized, err)
	}
	return err
}

// token brings the access token of a company that is opened by a login: the one that
// lies in its row, or one that this node, or another meanwhile, has it renewed by.
func (e *Engine) token(c hub.Company, o procountor.Options) func(context.Context, string) (procountor.Token, error) {
	return func(ctx context.Context, refused string) (procountor.Token, error) {
		for {
			var l store.Login
			mine := false
			lease := e.o.Node + "/" + e.store.NewID()
			if err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
				if l, err = tx.CompanyLogin(c.ID); err != nil || e.fresh(l, refused) {
					return err
				}
				mine, err = tx.LeaseLogin(c.ID, lease, tx.Now().Add(refreshLease))
				return err
			}); err != nil {
				return procountor.Token{}, err
			}
			switch {
			case e.fresh(l, refused):
				return procountor.Token{Access: l.Access.Reveal(), Life: l.Until.Sub(e.o.Now())}, nil
			case mine:
				return e.refresh(ctx, c, o, l, lease)
			}
			if err := e.o.Sleep(ctx, refreshApart); err != nil {
				return procountor.Token{}, err
			}
		}
	}
}

func (e *Engine) fresh(l store.Login, refused string) bool {
	return !l.Access.IsZero() && l.Access.Reveal() != refused && l.Until.After(e.o.Now().Add(loginRest))
}

// refresh renews a login on which this node has the lease.
func (e *Engine) refresh(ctx context.Context, c hub.Company, o procountor.Options, l store.Login, lease string) (procountor.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, refreshTime)
	defer cancel()
	e.crash("before a refresh")
	t, err := procountor.Refresh(ctx, o, l.Refresh.Reveal())
	e.crash("after a refresh")
	var next store.Login
	if err == nil {
		next = loginFrom(t, e.o.Now())
	}
	// The caller may have gone; what was got is kept all the same.
	kept := e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.EndLoginLease(c.ID, lease, next) })
	if err != nil {
		return t, loginEnded(err)
	}
	return t, kept
}
