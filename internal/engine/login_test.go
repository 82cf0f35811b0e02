package engine_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

const backTo = "http://hub.invalid" + engine.LoginPath

// atProcountor logs a person in on Procountor's page and returns what the browser
// brings back.
func atProcountor(w *enginetest.World, page string) url.Values {
	w.T.Helper()
	hc := *w.HTTP
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := hc.PostForm(page, url.Values{"username": {"integration"}, "password": {procountortest.LoginPassword}, "answer": {"yes"},
		"company": {"1001"}})
	w.Must(err)
	w.Must(resp.Body.Close())
	to, err := url.Parse(resp.Header.Get("Location"))
	w.Must(err)
	if !strings.HasPrefix(to.String(), backTo+"?") {
		w.T.Fatalf("%s: sent to %q", resp.Status, to)
	}
	return to.Query()
}

// logIn opens the company of w by a login, and returns who did.
func logIn(w *enginetest.World) (person string) {
	w.T.Helper()
	ctx := w.T.Context()
	w.Must(w.Store.Tx(ctx, func(tx *store.Tx) error {
		p, err := tx.AddPerson(people.User{Login: "matti", Name: "Matti", Role: people.Admin}, secret.New("a long password"))
		person = p.ID
		return err
	}))
	j, err := w.Engine.BeginAgain(ctx, person, w.Company.ID)
	w.Must(err)
	session := secret.New("session")
	page, err := w.Engine.BeginLogin(ctx, person, j, session, backTo)
	w.Must(err)
	q := atProcountor(w, page)
	in, err := w.Engine.FinishLogin(ctx, person, session, secret.New(q.Get("state")), secret.New(q.Get("code")))
	w.Must(err)
	if !in.Again {
		w.T.Fatal("not opened again")
	}
	return person
}

// A state is good once, for the person and the session that began with it, and for a
// quarter of an hour; the newest of several only.
func TestLoginStateIsBound(t *testing.T) {
	feature.Covers(t, "T-12")
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	ctx := t.Context()
	person := logIn(w)
	finish := func(who, session, state, code string) error {
		_, err := w.Engine.FinishLogin(ctx, who, secret.New(session), secret.New(state), secret.New(code))
		return err
	}
	begin := func() (joining string, q url.Values) {
		j, err := w.Engine.BeginAgain(ctx, person, w.Company.ID)
		w.Must(err)
		page, err := w.Engine.BeginLogin(ctx, person, j, secret.New("mine"), backTo)
		w.Must(err)
		return j, atProcountor(w, page)
	}
	_, q := begin()
	state, code := q.Get("state"), q.Get("code")
	for name, err := range map[string]error{
		"another person":  finish("another", "mine", state, code),
		"another session": finish(person, "theirs", state, code),
		"another state":   finish(person, "mine", "guessed", code),
		"no state":        finish(person, "mine", "", code),
	} {
		if !errors.Is(err, engine.ErrLoginLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Must(finish(person, "mine", state, code))
	if err := finish(person, "mine", state, code); !errors.Is(err, engine.ErrLoginLost) {
		t.Errorf("twice: %v", err)
	}
	j, q := begin()
	_, err := w.Engine.BeginLogin(ctx, person, j, secret.New("mine"), backTo)
	w.Must(err)
	if err := finish(person, "mine", q.Get("state"), q.Get("code")); !errors.Is(err, engine.ErrLoginLost) {
		t.Errorf("an older one: %v", err)
	}
	_, q = begin()
	w.Clock.Add(16 * time.Minute)
	if err := finish(person, "mine", q.Get("state"), q.Get("code")); !errors.Is(err, engine.ErrLoginLost) {
		t.Errorf("too late: %v", err)
	}
	_, q = begin()
	if err := finish(person, "mine", q.Get("state"), ""); !errors.Is(err, engine.ErrLoginRefused) {
		t.Errorf("cancelled: %v", err)
	}
}

// A code that somebody else has caught opens nothing: whoever exchanges it must know
// the verifier.
func TestLoginChallenge(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Sandbox: procountortest.Options{PKCE: procountortest.PKCERequired}})
	logIn(w)
	w.Receive(enginetest.Sale("1001", "100.00"))
}

// Nodes that share a company refresh its login once between them, also where each
// refresh ends the token before.
func TestOneRefresher(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Sandbox: procountortest.Options{RotateRefresh: true}})
		logIn(w)
		other := w.NewEngine(w.Store, "other", 1)
		for hour := range 3 {
			w.Clock.Add(2 * time.Hour)
			w.Sandbox.ForgetRequests()
			done := func(e *engine.Engine, out chan<- error) {
				client, err := e.Client(t.Context(), w.Company)
				if err == nil {
					_, err = client.Session.Get(t.Context())
				}
				out <- err
			}
			out := make(chan error, 4)
			for i := range 4 {
				go done([]*engine.Engine{w.Engine, other}[i%2], out)
			}
			for range 4 {
				if err := <-out; err != nil {
					t.Errorf("hour %d: %v", hour, err)
				}
			}
			if n := w.Sandbox.Requests()["issueToken"]; n != 1 {
				t.Errorf("hour %d: %d refreshes", hour, n)
			}
		}
	})
}

// A refresh that is refused lets the company rest, says so, and nothing is lost: the
// document goes after somebody has logged in again, once.
func TestLoginEnds(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	logIn(w)
	w.Sandbox.EndLogins(w.Company.ProcountorID)
	w.Receive(enginetest.Sale("1001", "100.00"))
	w.Step(t.Context())
	company := func() hub.Company {
		c, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(w.Company.ID) })
		w.Must(err)
		return c
	}
	if c := company(); c.PausedFault == nil || c.PausedFault.Code != hub.LoginEnded {
		t.Fatalf("%+v", c.PausedFault)
	}
	if v := w.Vouchers("1001"); len(v) > 0 {
		t.Fatalf("%v", v)
	}
	person := company().LoggedInBy
	j, err := w.Engine.BeginAgain(t.Context(), person, w.Company.ID)
	w.Must(err)
	page, err := w.Engine.BeginLogin(t.Context(), person, j, secret.New("s"), backTo)
	w.Must(err)
	q := atProcountor(w, page)
	_, err = w.Engine.FinishLogin(t.Context(), person, secret.New("s"), secret.New(q.Get("state")), secret.New(q.Get("code")))
	w.Must(err)
	w.Settle()
	if v := w.Vouchers("1001"); len(v) != 1 {
		t.Errorf("%d vouchers", len(v))
	}
}

// A login that another company was chosen in changes nothing.
func TestLoginToAnotherCompany(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	person := logIn(w)
	id := w.Sandbox.AddCompany(procountortest.FinnishDemo())
	w.Sandbox.AddUser(id, "integration", "Inka", "Integraatio", procountortest.AllRights())
	j, err := w.Engine.BeginAgain(t.Context(), person, w.Company.ID)
	w.Must(err)
	page, err := w.Engine.BeginLogin(t.Context(), person, j, secret.New("s"), backTo)
	w.Must(err)
	hc := *w.HTTP
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := hc.PostForm(page, url.Values{"username": {"integration"}, "password": {procountortest.LoginPassword}, "answer": {"yes"}, "company": {"1002"}})
	w.Must(err)
	w.Must(resp.Body.Close())
	to, err := url.Parse(resp.Header.Get("Location"))
	w.Must(err)
	_, err = w.Engine.FinishLogin(t.Context(), person, secret.New("s"), secret.New(to.Query().Get("state")), secret.New(to.Query().Get("code")))
	if !errors.Is(err, engine.ErrOtherCompany) {
		t.Errorf("%v", err)
	}
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	if s, err := client.Session.Get(t.Context()); err != nil || s.CompanyID != w.Company.ProcountorID {
		t.Errorf("%+v %v", s, err)
	}
}
