package engine_test

import (
	"errors"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// However the administrator of one company tries, nobody comes to rights beyond
// that company: not by a new user, a change, a password or a link.
func TestNobodyRisesAbove(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{})
		other := w.Another("2", enginetest.Config{})
		one, two := w.Company.ID, other.Company.ID
		password := secret.New("seitsemän kirjavaa kissaa")
		add := func(u people.User) people.User {
			u, err := w.Engine.AddPerson(t.Context(), "cli:test", u, password)
			w.Must(err)
			return u
		}
		boss := add(people.User{Login: "boss", Role: people.Admin})
		keeper := add(people.User{Login: "keeper", Role: people.ByCompany, Companies: map[string]people.Role{one: people.Admin}})
		both := add(people.User{Login: "both", Role: people.ByCompany, Companies: map[string]people.Role{one: people.Viewer, two: people.Admin}})
		change := func(id string, f func(*people.User)) func() error {
			return func() error { _, err := w.Engine.ChangePerson(t.Context(), keeper.ID, id, f); return err }
		}
		for name, try := range map[string]func() error{
			"a new administrator": func() error {
				_, err := w.Engine.AddPerson(t.Context(), keeper.ID, people.User{Login: "eve", Role: people.Admin}, password)
				return err
			},
			"a new one elsewhere": func() error {
				_, err := w.Engine.AddPerson(t.Context(), keeper.ID, people.User{Login: "eve", Role: people.ByCompany, Companies: map[string]people.Role{two: people.Viewer}}, password)
				return err
			},
			"oneself in all":       change(keeper.ID, func(u *people.User) { u.Role, u.Companies = people.Admin, nil }),
			"oneself elsewhere":    change(keeper.ID, func(u *people.User) { u.Companies[two] = people.Viewer }),
			"the boss kept out":    change(boss.ID, func(u *people.User) { u.Disabled = true }),
			"another kept out":     change(both.ID, func(u *people.User) { u.Disabled = true }),
			"a password of boss":   func() error { return w.Engine.SetPassword(t.Context(), keeper.ID, boss.ID, password) },
			"a password elsewhere": func() error { return w.Engine.SetPassword(t.Context(), keeper.ID, both.ID, password) },
			"a link elsewhere":     func() error { _, _, err := w.Engine.PasswordLink(t.Context(), keeper.ID, both.ID); return err },
			"sessions of boss":     func() error { return w.Engine.EndSessions(t.Context(), keeper.ID, boss.ID) },
		} {
			if err := try(); !errors.Is(err, engine.ErrBeyond) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.Must(change(both.ID, func(u *people.User) { u.Companies[one] = people.Finance })())
		w.Must(w.Store.Read(t.Context(), func(tx *store.Tx) error {
			for _, want := range []people.User{boss, keeper, {ID: both.ID, Login: "both", Role: people.ByCompany, Companies: map[string]people.Role{one: people.Finance, two: people.Admin}}} {
				if u, err := tx.Person(want.ID); err != nil || !u.Equal(want) {
					t.Errorf("%+v, %v, want %+v", u, err, want)
				}
			}
			if _, _, err := tx.PersonByLogin("eve"); !store.IsNotFound(err) {
				t.Errorf("somebody new came in: %v", err)
			}
			return nil
		}))
		if _, err := w.Engine.AddPerson(t.Context(), keeper.ID, people.User{Login: "own", Role: people.ByCompany, Companies: map[string]people.Role{one: people.Admin}}, password); err != nil {
			t.Errorf("a new one in the own company: %v", err)
		}
	})
}
