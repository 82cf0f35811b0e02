package engine

import (
	"context"
	"errors"
	"time"

	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// ErrFirstAdmin says that the first user must be an administrator: nobody could
// let others in otherwise.
var ErrFirstAdmin = errors.New("the first user must be an administrator")

// AddPerson adds a user. Without a password they choose one by a link; see
// [Engine.PasswordLink].
func (e *Engine) AddPerson(ctx context.Context, actor string, u people.User, password secret.Secret) (people.User, error) {
	err := e.store.Tx(ctx, func(tx *store.Tx) error {
		all, err := tx.People()
		if err != nil {
			return err
		}
		if len(all) == 0 && u.Role != people.Admin {
			return ErrFirstAdmin
		}
		if u, err = tx.AddPerson(u, password); err != nil {
			return err
		}
		return act(tx, actor, "person.added", u.ID, struct {
			Role people.Role `json:"role"`
		}{u.Role})
	})
	return u, err
}

// ChangePerson changes name, role, language, or whether a user may sign in; each
// change is an act of its own. The last administrator stays: [store.ErrLastAdmin].
func (e *Engine) ChangePerson(ctx context.Context, actor, id string, change func(*people.User)) (u people.User, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		was, err := tx.Person(id)
		if err != nil {
			return err
		}
		u = was
		change(&u)
		if u == was {
			return nil
		}
		if err := tx.SetPerson(u); err != nil {
			return err
		}
		for _, c := range []struct{ kind, from, to string }{
			{"person.named", was.Name, u.Name},
			{"person.role", string(was.Role), string(u.Role)}, {"person.language", was.Language, u.Language},
		} {
			if c.from == c.to {
				continue
			}
			if err := act(tx, actor, c.kind, id, struct {
				From string `json:"from"`
				To   string `json:"to"`
			}{c.from, c.to}); err != nil {
				return err
			}
		}
		if was.Disabled == u.Disabled {
			return nil
		}
		kind := "person.enabled"
		if u.Disabled {
			kind = "person.disabled"
		}
		return act(tx, actor, kind, id, nil)
	})
	return u, err
}

// SetPassword gives a user a password and ends their sessions.
func (e *Engine) SetPassword(ctx context.Context, actor, id string, password secret.Secret) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.SetPassword(id, password); err != nil {
			return err
		}
		return act(tx, actor, "person.password", id, nil)
	})
}

// PasswordLink makes the token by which a user chooses a password, once.
func (e *Engine) PasswordLink(ctx context.Context, actor, id string) (token secret.Secret, expires time.Time, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		if token, expires, err = tx.NewPasswordToken(id); err != nil {
			return err
		}
		return act(tx, actor, "person.link", id, nil)
	})
	return token, expires, err
}

// UsePasswordLink stores the password that a user has chosen by a link.
func (e *Engine) UsePasswordLink(ctx context.Context, token, password secret.Secret) (u people.User, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		if u, err = tx.UsePasswordToken(token, password); err != nil {
			return err
		}
		return act(tx, u.ID, "person.password", u.ID, nil)
	})
	return u, err
}

// EndSessions signs a user out everywhere.
func (e *Engine) EndSessions(ctx context.Context, actor, id string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.EndSessions(id); err != nil {
			return err
		}
		return act(tx, actor, "person.signed_out", id, nil)
	})
}
