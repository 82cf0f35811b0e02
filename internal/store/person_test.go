package store_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

var password = secret.New("correct horse battery")

// clock is a time that a test sets.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.ms.Store(1_770_000_000_000)
	return c
}

func (c *clock) now() time.Time        { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) sleep(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func TestSetupToken(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := newClock()
		st := storetest.Open(t, url, store.Options{Now: c.now})
		newToken := func() (token secret.Secret, err error) {
			err = st.Tx(t.Context(), func(tx *store.Tx) (err error) { token, err = tx.NewSetupToken(); return err })
			return token, err
		}
		use := func(token secret.Secret, login string, p secret.Secret) (u people.User, err error) {
			err = st.Tx(t.Context(), func(tx *store.Tx) (err error) {
				u, err = tx.UseSetupToken(token, people.User{Login: login, Name: "Maija", Role: people.Viewer, Disabled: true}, p)
				return err
			})
			return u, err
		}
		if _, err := use(secret.Secret{}, "maija@example.fi", password); !errors.Is(err, store.ErrSetup) {
			t.Errorf("without a token: %v", err)
		}
		void, err := newToken()
		if err != nil {
			t.Fatal(err)
		}
		old, err := newToken()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := use(void, "maija@example.fi", password); !errors.Is(err, store.ErrSetup) {
			t.Errorf("a token that was replaced: %v", err)
		}
		c.sleep(24 * time.Hour)
		if _, err := use(old, "maija@example.fi", password); !errors.Is(err, store.ErrSetup) {
			t.Errorf("a token of yesterday: %v", err)
		}
		token, err := newToken()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := use(token, "maija@example.fi", secret.New("short")); !errors.Is(err, people.ErrPasswordShort) {
			t.Errorf("short password: %v", err)
		}
		if _, err := use(token, "maija@example.fi", secret.Secret{}); !errors.Is(err, people.ErrPasswordShort) {
			t.Errorf("no password: %v", err)
		}
		var in atomic.Int64
		many(5, func(int) {
			switch u, err := use(token, "maija@example.fi", password); {
			case err == nil:
				in.Add(1)
				if u.Role != people.Admin || u.Disabled {
					t.Errorf("first user: %+v", u)
				}
			case !errors.Is(err, store.ErrSetup):
				t.Error(err)
			}
		})
		if in.Load() != 1 {
			t.Errorf("the token let %d in", in.Load())
		}
		if _, err := newToken(); !errors.Is(err, store.ErrSetup) {
			t.Errorf("a token where there are users: %v", err)
		}
	})
}

func TestPeople(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := newClock()
		st := storetest.Open(t, url, store.Options{Now: c.now})
		tx := func(f func(tx *store.Tx) error) error { return st.Tx(t.Context(), f) }
		var maija, pekka people.User
		if err := tx(func(tx *store.Tx) (err error) {
			if maija, err = tx.AddPerson(people.User{Login: "maija@example.fi", Name: "Maija", Role: people.Admin, Language: "fi"}, password); err != nil {
				return err
			}
			pekka, err = tx.AddPerson(people.User{Login: "pekka@example.fi", Name: "Åke", Role: people.Finance}, secret.Secret{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := tx(func(tx *store.Tx) error {
			_, err := tx.AddPerson(people.User{Login: "maija@example.fi", Name: "Other", Role: people.Viewer}, secret.Secret{})
			return err
		}); !store.IsDuplicate(err) {
			t.Errorf("login taken: %v", err)
		}
		if err := st.Read(t.Context(), func(tx *store.Tx) error {
			u, hash, err := tx.PersonByLogin(" Maija@Example.fi ")
			if ok, _ := people.VerifyPassword(hash, password); !ok || err != nil || !u.Equal(maija) || !u.Created.Equal(c.now()) {
				t.Errorf("%+v, %v, password %v", u, err, ok)
			}
			if _, hash, err := tx.PersonByLogin("pekka@example.fi"); err != nil || hash != "" {
				t.Errorf("%q, %v", hash, err)
			}
			if _, hash, err := tx.PersonByLogin("nobody"); !errors.Is(err, store.ErrNotFound) || hash != "" {
				t.Errorf("%q, %v", hash, err)
			}
			all, err := tx.People()
			if err != nil || len(all) != 2 || !all[0].Equal(maija) || !all[1].Equal(pekka) {
				t.Errorf("%+v, %v", all, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}

		change := func(u people.User, f func(*people.User)) error {
			f(&u)
			return tx(func(tx *store.Tx) error { return tx.SetPerson(u) })
		}
		since := func(id string) (d time.Duration) {
			t.Helper()
			if err := st.Read(t.Context(), func(tx *store.Tx) error {
				u, err := tx.Person(id)
				d = c.now().Sub(u.SessionsSince)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return d
		}
		if err := change(maija, func(u *people.User) { u.Role = people.Viewer }); err == nil {
			t.Error("the last administrator could step down")
		}
		if err := change(maija, func(u *people.User) { u.Disabled = true }); err == nil {
			t.Error("the last administrator could be locked out")
		}
		c.sleep(time.Hour)
		if err := change(maija, func(u *people.User) { u.Name = "Maija M" }); err != nil || since(maija.ID) != time.Hour {
			t.Errorf("%v, sessions since %v", err, since(maija.ID))
		}
		if err := change(pekka, func(u *people.User) { u.Role = people.Admin }); err != nil || since(pekka.ID) != 0 {
			t.Errorf("%v, sessions since %v", err, since(pekka.ID))
		}
		// Who cannot sign in yet does not count.
		if err := change(maija, func(u *people.User) { u.Disabled = true }); !errors.Is(err, store.ErrLastAdmin) {
			t.Errorf("the last who can sign in was locked out: %v", err)
		}
		if err := tx(func(tx *store.Tx) error { return tx.SetPassword(pekka.ID, password) }); err != nil {
			t.Fatal(err)
		}
		// Now there are two, who cannot both go at the same moment.
		// On PostgreSQL each waits a moment for the other before its last statement.
		var gone, there atomic.Int64
		if st.Dialect() == store.Postgres {
			st.SetHook(store.Hook{Statement: func(q string) error {
				if strings.HasPrefix(q, "update person") {
					there.Add(1)
					for end := time.Now().Add(300 * time.Millisecond); there.Load() < 2 && time.Now().Before(end); {
						time.Sleep(time.Millisecond)
					}
				}
				return nil
			}})
		}
		many(2, func(i int) {
			u := []people.User{maija, pekka}[i]
			if change(u, func(u *people.User) { u.Role, u.Disabled = people.Admin, true }) == nil {
				gone.Add(1)
			}
		})
		if gone.Load() != 1 {
			t.Errorf("%d of two administrators are gone", gone.Load())
		}
		st.SetHook(store.Hook{})
		if err := change(people.User{ID: "none", Login: "x", Role: people.Viewer}, func(*people.User) {}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}

		c.sleep(time.Hour)
		if err := tx(func(tx *store.Tx) error { return tx.SetPassword(pekka.ID, secret.New("pekka@example.fi")) }); !errors.Is(err, people.ErrPasswordLogin) {
			t.Errorf("poor password: %v", err)
		}
		if err := tx(func(tx *store.Tx) error { return tx.SetPassword(pekka.ID, password) }); err != nil || since(pekka.ID) != 0 {
			t.Errorf("%v, sessions since %v", err, since(pekka.ID))
		}
		c.sleep(time.Hour)
		if err := tx(func(tx *store.Tx) error { return tx.RenewHash(pekka.ID, password) }); err != nil || since(pekka.ID) != time.Hour {
			t.Errorf("%v, sessions since %v", err, since(pekka.ID))
		}
		if err := tx(func(tx *store.Tx) error { return tx.EndSessions(pekka.ID) }); err != nil || since(pekka.ID) != 0 {
			t.Errorf("%v, sessions since %v", err, since(pekka.ID))
		}
	})
}

// A link lets one person choose a password once, for some days, unless they may
// not sign in any more or have a newer one.
func TestPasswordLink(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := newClock()
		st := storetest.Open(t, url, store.Options{Now: c.now})
		tx := func(f func(tx *store.Tx) error) error { return st.Tx(t.Context(), f) }
		var maija people.User
		if err := tx(func(tx *store.Tx) (err error) {
			if _, err = tx.AddPerson(people.User{Login: "admin", Role: people.Admin}, password); err != nil {
				return err
			}
			maija, err = tx.AddPerson(people.User{Login: "maija@example.fi", Role: people.Finance}, secret.Secret{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		link := func() (token secret.Secret) {
			t.Helper()
			if err := tx(func(tx *store.Tx) (err error) {
				token, _, err = tx.NewPasswordToken(maija.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return token
		}
		use := func(token, p secret.Secret) error {
			return tx(func(tx *store.Tx) error {
				u, err := tx.UsePasswordToken(token, p)
				if err == nil && u.ID != maija.ID {
					t.Errorf("the link is of %s", u.Login)
				}
				return err
			})
		}
		has := func() (has bool) {
			if err := tx(func(tx *store.Tx) (err error) { has, err = tx.HasPassword(maija.ID); return err }); err != nil {
				t.Fatal(err)
			}
			return has
		}
		old, token := link(), link()
		if err := use(old, password); !errors.Is(err, store.ErrLink) {
			t.Errorf("a link after a newer one: %v", err)
		}
		if err := use(secret.New("guess"), password); !errors.Is(err, store.ErrLink) {
			t.Errorf("a guess: %v", err)
		}
		if err := use(token, secret.New("maija@example.fi")); !errors.Is(err, people.ErrPasswordLogin) || has() {
			t.Errorf("poor password: %v", err)
		}
		c.sleep(time.Hour)
		if err := use(token, password); err != nil || !has() {
			t.Errorf("%v, has a password: %v", err, has())
		}
		if err := use(token, password); !errors.Is(err, store.ErrLink) {
			t.Errorf("used twice: %v", err)
		}
		token = link()
		c.sleep(73 * time.Hour)
		if err := use(token, password); !errors.Is(err, store.ErrLink) {
			t.Errorf("after its time: %v", err)
		}
		token = link()
		if err := tx(func(tx *store.Tx) error { return tx.SetPassword(maija.ID, password) }); err != nil {
			t.Fatal(err)
		}
		if err := use(token, password); !errors.Is(err, store.ErrLink) {
			t.Errorf("after another way in was taken: %v", err)
		}
		token = link()
		for _, disabled := range []bool{true, false} {
			maija.Disabled = disabled
			if err := tx(func(tx *store.Tx) error { return tx.SetPerson(maija) }); err != nil {
				t.Fatal(err)
			}
			if err := use(token, password); !errors.Is(err, store.ErrLink) {
				t.Errorf("disabled %v: %v", disabled, err)
			}
			err := tx(func(tx *store.Tx) error { _, _, err := tx.NewPasswordToken(maija.ID); return err })
			if errors.Is(err, store.ErrLink) != disabled {
				t.Errorf("a new link, disabled %v: %v", disabled, err)
			}
		}
		var won atomic.Int64
		token = link()
		many(4, func(int) {
			if use(token, password) == nil {
				won.Add(1)
			}
		})
		if won.Load() != 1 {
			t.Errorf("%d of four used one link", won.Load())
		}
	})
}

var (
	_ scs.CtxStore         = store.Sessions{}
	_ scs.IterableStore    = store.Sessions{}
	_ scs.IterableCtxStore = store.Sessions{}
)

func TestSessions(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := newClock()
		st := storetest.Open(t, url, store.Options{Now: c.now})
		s, ctx := st.Sessions(), t.Context()
		find := func(token, want string) {
			t.Helper()
			b, found, err := s.FindCtx(ctx, token)
			if err != nil || found != (want != "") || string(b) != want {
				t.Errorf("%s: got %q, %v, %v; want %q", token, b, found, err, want)
			}
		}
		find("a", "")
		if err := errors.Join(
			s.CommitCtx(ctx, "a", []byte("one"), c.now().Add(time.Hour)),
			s.CommitCtx(ctx, "a", []byte("two"), c.now().Add(2*time.Hour)),
			s.Commit("b", []byte("three"), c.now().Add(time.Hour)),
		); err != nil {
			t.Fatal(err)
		}
		find("a", "two")
		find("b", "three")
		all, err := s.AllCtx(ctx)
		if err != nil || len(all) != 2 {
			t.Fatalf("%v, %v", all, err)
		}
		for hash := range all { // what stands in the database opens nothing
			if len(hash) != 64 {
				t.Errorf("key %q", hash)
			}
			find(hash, "")
		}
		c.sleep(time.Hour)
		find("a", "two")
		find("b", "")
		if all, err := s.All(); err != nil || len(all) != 1 {
			t.Errorf("%v, %v", all, err)
		}
		if n, err := s.Purge(ctx); n != 1 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		if err := errors.Join(s.DeleteCtx(ctx, "a"), s.DeleteCtx(ctx, "a")); err != nil {
			t.Error(err)
		}
		find("a", "")
		if all, err := s.All(); err != nil || all == nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// TestSessionManager is the way the pages use it.
func TestSessionManager(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		m := scs.New()
		m.Store = st.Sessions()
		mux := http.NewServeMux()
		mux.HandleFunc("/in", func(_ http.ResponseWriter, r *http.Request) {
			if err := m.RenewToken(r.Context()); err != nil {
				t.Error(err)
			}
			m.Put(r.Context(), "person", "maija")
		})
		mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(m.GetString(r.Context(), "person"))) })
		mux.HandleFunc("/out", func(_ http.ResponseWriter, r *http.Request) {
			if err := m.Destroy(r.Context()); err != nil {
				t.Error(err)
			}
		})
		srv := httptest.NewTLSServer(m.LoadAndSave(mux))
		defer srv.Close()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := srv.Client()
		client.Jar = jar
		var got []string
		for _, path := range []string{"/who", "/in", "/who", "/out", "/who"} {
			r, err := client.Get(srv.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			b.ReadFrom(r.Body)
			r.Body.Close()
			got = append(got, b.String())
		}
		if s := strings.Join(got, ","); s != ",,maija,," {
			t.Errorf("got %s", s)
		}
	})
}
