package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// Connecting on the pages takes several forms. What has been given so far is a
// [store.Joining], with its secrets sealed, so that no page shows a key again.

// What a joining may lack.
var (
	ErrNoSecret = errors.New("the client's secret is missing")
	ErrNoKey    = errors.New("the key has not been tried")
	ErrRights   = errors.New("rights are missing")
)

// BeginJoining keeps what somebody has given first: the environment and the
// client. The secret of a client that has a company there already is known. Its
// error for a sandbox is that of [CheckSandbox].
func (e *Engine) BeginJoining(ctx context.Context, j store.Joining) (store.Joining, error) {
	if err := e.store.Read(ctx, func(tx *store.Tx) error { return mayAsk(tx, j) }); err != nil {
		return j, err
	}
	if url := BaseURL(j.Environment); url != "" {
		j.BaseURL = url
	} else if err := CheckSandbox(ctx, e.transport(hub.Company{BaseURL: j.BaseURL}), j.BaseURL); err != nil {
		return j, err
	}
	err := e.store.Tx(ctx, func(tx *store.Tx) error {
		if j.Secret.IsZero() {
			switch _, err := tx.ClientSecretFor(j.ClientID, j.BaseURL); {
			case store.IsNotFound(err):
				return ErrNoSecret
			case err != nil:
				return err
			}
		}
		return tx.InsertJoining(&j)
	})
	return j, err
}

// mayAsk is [ErrBeyond] when a guest would have us send requests to an address that no
// administrator has let a company be at.
func mayAsk(tx *store.Tx, j store.Joining) error {
	if BaseURL(j.Environment) != "" {
		return nil
	}
	u, err := tx.Person(j.Person)
	if err != nil || u.Can(people.SetUp, "", "") {
		return err
	}
	all, err := tx.Companies()
	if err == nil && !slices.ContainsFunc(all, func(c hub.Company) bool { return c.BaseURL == j.BaseURL }) {
		err = fmt.Errorf("%s: %w", j.BaseURL, ErrBeyond)
	}
	return err
}

// transport carries the requests of a company; nil is the standard one.
func (e *Engine) transport(c hub.Company) *http.Client {
	if e.o.Transport == nil {
		return nil
	}
	return e.o.Transport(c)
}

// TryJoining tries a key and keeps it with what it was found to open; no key tries
// the one that is kept again. A key that opens nothing is not kept.
func (e *Engine) TryJoining(ctx context.Context, person, id string, key secret.Secret) (*Trial, error) {
	j, join, err := e.joining(ctx, person, id)
	if err != nil {
		return nil, err
	}
	if !key.IsZero() {
		join.APIKey = key
	}
	if join.APIKey.IsZero() {
		if join.Login.IsZero() {
			return nil, ErrNoKey
		}
		return e.tryLogin(ctx, j.ID, &join)
	}
	join.Login = store.Login{}
	t, err := Try(ctx, e.transport(hub.Company{BaseURL: join.BaseURL}), e.o.Now, join, hub.Kinds)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	return t, e.store.Tx(ctx, func(tx *store.Tx) error { return tx.SetJoiningKey(j.ID, join.APIKey, string(b)) })
}

func (e *Engine) joining(ctx context.Context, person, id string) (j store.Joining, join Join, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		if j, err = tx.Joining(id, person); err != nil {
			return err
		}
		join = Join{Environment: j.Environment, BaseURL: j.BaseURL, ClientID: j.ClientID, Secret: j.Secret, APIKey: j.APIKey, Login: j.Login, Joining: j.ID, person: person}
		if join.Secret.IsZero() {
			join.Secret, err = tx.ClientSecretFor(j.ClientID, j.BaseURL)
		}
		return err
	})
	if err != nil {
		return j, join, fmt.Errorf("connect: %w", err)
	}
	return j, join, nil
}

// Joining returns what a person is connecting and what its key was found to open,
// nil before it was tried.
func (e *Engine) Joining(ctx context.Context, person, id string) (j store.Joining, t *Trial, err error) {
	if j, err = store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Joining, error) { return tx.Joining(id, person) }); err != nil || j.Trial == "" {
		return j, nil, err
	}
	t = new(Trial)
	return j, t, json.Unmarshal([]byte(j.Trial), t)
}

// ConnectionsThere are the connections of the company that a joining opens, when
// it has been connected before: their names may be given again.
func (e *Engine) ConnectionsThere(ctx context.Context, j store.Joining, t *Trial) (company hub.Company, conns []hub.Connection, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		there := false
		if company, there, err = companyThere(tx, t.Company.ID, j.BaseURL); err != nil || !there {
			return err
		}
		conns, err = tx.Connections(company.ID)
		return err
	})
	return company, conns, err
}

// A Joined is the end of connecting: a connection that is made, or that is there
// and has its company's key renewed.
type Joined struct {
	Company    hub.Company
	Connection hub.Connection
	Renewed    bool
	// Unread says why Procountor's registers could not be read; the engine tries
	// again.
	Unread error
}

// A JoinChoice is what somebody chooses at the end of connecting.
type JoinChoice struct {
	Name, System string
	Settings     hub.Settings
	// Again is the name of a connection that is there, whose company gets the new key and
	// nothing else; "" for a new one.
	Again string
	// Incomplete: connect although needed rights are missing.
	Incomplete bool
	// Link is the id of the vendor's link that was followed, if any.
	Link string
}

// FinishJoining makes the connection that a joining is for. Needed rights that are missing
// are [ErrRights]; a vendor's link that is good no more is [store.ErrVendorLink].
func (e *Engine) FinishJoining(ctx context.Context, person, id string, o JoinChoice) (done Joined, err error) {
	j, join, err := e.joining(ctx, person, id)
	if err != nil {
		return done, err
	}
	if j.Trial == "" {
		return done, ErrNoKey
	}
	t := new(Trial)
	if err := json.Unmarshal([]byte(j.Trial), t); err != nil {
		return done, fmt.Errorf("connect: %w", err)
	}
	if join.Link = o.Link; o.Again != "" {
		join.Name = o.Again
		done.Renewed = true
		done.Company, done.Connection, err = e.Renew(ctx, person, join, t)
		return done, err
	}
	var kinds []hub.Kind
	for _, k := range hub.Kinds {
		if o.Settings.Kinds[k].On {
			kinds = append(kinds, k)
		}
	}
	if len(t.For(kinds).Missing()) > 0 && !o.Incomplete {
		return done, ErrRights
	}
	join.Name, join.System, join.Settings = o.Name, cmp.Or(o.System, o.Name), o.Settings
	if done.Company, done.Connection, err = e.Connect(ctx, person, join, t); err != nil {
		return done, err
	}
	conn, registers, err := e.FirstRead(ctx, person, done.Connection, t.Company)
	if registers == nil {
		done.Unread = err
		return done, nil
	}
	done.Connection = conn
	return done, err
}

// EndJoining forgets a joining that nobody wants any more, with its secrets.
func (e *Engine) EndJoining(ctx context.Context, person, id string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Joining(id, person); err != nil {
			return err
		}
		return tx.EndJoining(id)
	})
}
