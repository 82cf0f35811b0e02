package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
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

// Nobody is told of a company or a kind beyond their reach, nor of what they do not
// want to hear of; across companies it is one letter each.
func TestLettersWithinReach(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		other := w.Another("2", enginetest.Config{Writing: true})
		one, two := w.Company.ID, other.Company.ID
		in := func(role people.Role, companies ...string) map[string]people.Role {
			m := map[string]people.Role{}
			for _, c := range companies {
				m[c] = role
			}
			return m
		}
		_, err := w.Engine.AddPerson(t.Context(), "cli:test", people.User{Login: "boss", Role: people.Admin}, secret.Secret{})
		w.Must(err)
		for _, u := range []people.User{
			{Login: "all@example.fi", Role: people.Finance},
			{Login: "both@example.fi", Role: people.ByCompany, Companies: in(people.Finance, one, two)},
			{Login: "one@example.fi", Role: people.ByCompany, Companies: in(people.Finance, one)},
			{Login: "looks@example.fi", Role: people.ByCompany, Companies: in(people.Viewer, one, two)},
			{Login: "buys@example.fi", Role: people.Finance, Kinds: []hub.Kind{hub.PurchaseInvoice}},
			{Login: "none@example.fi", Role: people.Finance, NoMail: []string{people.EveryCompany}},
			{Login: "two@example.fi", Role: people.Finance, NoMail: []string{one}},
		} {
			_, err := w.Engine.AddPerson(t.Context(), "cli:test", u, secret.Secret{})
			w.Must(err)
		}
		for _, x := range []*enginetest.World{w, other} {
			bad := enginetest.Sale("1002", "250.00")
			bad.Lines[0].Unit = "laatikollinen"
			x.Receive(bad)
			x.Settle()
		}
		p := &post{}
		for range 3 {
			mail(w, p)
			w.Clock.Add(time.Minute)
		}
		w.Clock.Add(24 * time.Hour)
		mail(w, p)
		got := map[string]string{}
		for _, l := range p.taken {
			if got[l.To] != "" {
				t.Errorf("%s has two letters", l.To)
			}
			got[l.To] = l.Subject + l.Body
		}
		for to, want := range map[string]int{"all@example.fi": 2, "both@example.fi": 2, "one@example.fi": 1, "two@example.fi": 1} {
			text, named := got[to], 0
			if strings.Contains(text, w.Company.Name) {
				named++
			}
			if strings.Contains(text, other.Company.Name) {
				named++
			}
			if text == "" || w.Company.Name != other.Company.Name && named != want {
				t.Errorf("%s is told of %d companies, want %d: %s", to, named, want, text)
			}
			delete(got, to)
		}
		if len(got) != 0 {
			t.Errorf("told without asking: %v", got)
		}
	})
}
