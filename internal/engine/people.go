package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// ErrFirstAdmin says that the first user must be an administrator: nobody could
// let others in otherwise.
var ErrFirstAdmin = errors.New("the first user must be an administrator")

// ErrBeyond says that somebody wants to give, take or use rights beyond their own.
var ErrBeyond = errors.New("this is beyond the rights of who asks for it")

// atMachine begins the actor of who works on the machine itself: whoever can open
// the database has every right.
const atMachine = "cli:"

// mayChange is [ErrBeyond] unless actor may make of was what will says.
func mayChange(tx *store.Tx, actor string, was, will people.User) error {
	if strings.HasPrefix(actor, atMachine) {
		return nil
	}
	by, err := tx.Person(actor)
	if err != nil {
		return fmt.Errorf("who asks for it: %w", err)
	}
	if !by.MayChange(was, will) {
		return fmt.Errorf("%s: %w", by.ID, ErrBeyond)
	}
	return nil
}

// mayLetIn is [ErrBeyond] unless actor may decide how a user signs in.
func mayLetIn(tx *store.Tx, actor, id string) error {
	if strings.HasPrefix(actor, atMachine) || actor == id {
		return nil
	}
	by, err := tx.Person(actor)
	if err != nil {
		return fmt.Errorf("who asks for it: %w", err)
	}
	u, err := tx.Person(id)
	if err != nil {
		return err
	}
	if !by.MayLetIn(u) {
		return fmt.Errorf("%s: %w", by.ID, ErrBeyond)
	}
	return nil
}

// mayPrivate is [ErrBeyond] where a person who sees nothing of payroll lets it go, or
// decides about it: nobody answers for sums that they have not seen. What is tried again
// is what somebody has let go before.
func mayPrivate(tx *store.Tx, actor string, t *hub.Transfer, a Action) error {
	if !t.Private() || a != SendNow && !a.Decides() {
		return nil
	}
	by, err := tx.Person(actor)
	if store.IsNotFound(err) {
		return nil // no person: who works on the machine, or a token whose rights its door has asked for
	}
	if err == nil && !by.SeesInside(t) {
		err = fmt.Errorf("%s: %w", by.ID, ErrBeyond)
	}
	return err
}

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
		if len(all) > 0 {
			if err := mayChange(tx, actor, people.User{}, u); err != nil {
				return err
			}
		}
		if u, err = tx.AddPerson(u, password); err != nil {
			return err
		}
		return act(tx, actor, "person.added", u.ID, rightsOf(u))
	})
	return u, err
}

// A rights is what acts keep of somebody's rights.
type rights struct {
	Role      people.Role            `json:"role"`
	Companies map[string]people.Role `json:"companies,omitempty"`
	Kinds     []hub.Kind             `json:"kinds,omitempty"`
	Payroll   bool                   `json:"payroll,omitempty"`
}

func rightsOf(u people.User) rights { return rights{u.Role, u.Companies, u.Kinds, u.Payroll} }

// ChangePerson changes name, rights, language, or whether a user may sign in; each
// change is an act of its own. The last administrator of all companies stays:
// [store.ErrLastAdmin]. Nobody gives or takes rights beyond their own: [ErrBeyond].
func (e *Engine) ChangePerson(ctx context.Context, actor, id string, change func(*people.User)) (u people.User, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		was, err := tx.Person(id)
		if err != nil {
			return err
		}
		u = was
		u.Companies = maps.Clone(was.Companies)
		change(&u)
		if u.Equal(was) {
			return nil
		}
		if err := mayChange(tx, actor, was, u); err != nil {
			return err
		}
		if err := tx.SetPerson(u); err != nil {
			return err
		}
		for _, c := range []struct{ kind, from, to string }{
			{"person.named", was.Name, u.Name},
			{"person.language", was.Language, u.Language},
			{"person.mail", strings.Join(was.NoMail, " "), strings.Join(u.NoMail, " ")},
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
		if !was.SameReach(u) {
			if err := act(tx, actor, "person.role", id, struct {
				From rights `json:"from"`
				To   rights `json:"to"`
			}{rightsOf(was), rightsOf(u)}); err != nil {
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
		if err := mayLetIn(tx, actor, id); err != nil {
			return err
		}
		if err := tx.SetPassword(id, password); err != nil {
			return err
		}
		return act(tx, actor, "person.password", id, nil)
	})
}

// PasswordLink makes the token by which a user chooses a password, once.
func (e *Engine) PasswordLink(ctx context.Context, actor, id string) (token secret.Secret, expires time.Time, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := mayLetIn(tx, actor, id); err != nil {
			return err
		}
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
		if err := mayLetIn(tx, actor, id); err != nil {
			return err
		}
		if err := tx.EndSessions(id); err != nil {
			return err
		}
		return act(tx, actor, "person.signed_out", id, nil)
	})
}
