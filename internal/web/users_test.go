package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

const goodPassword = "kolme hevosta tallissa"

func (s *site) person(login string) people.User {
	s.t.Helper()
	u, err := store.ReadOne(context.Background(), s.Store, func(tx *store.Tx) (people.User, error) {
		u, _, err := tx.PersonByLogin(login)
		return u, err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// kinds are the acts about somebody, newest first.
func (s *site) kinds(id string) (list []string) {
	s.t.Helper()
	acts, err := store.ReadOne(context.Background(), s.Store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts(id, 0, 100) })
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range acts {
		list = append(list, a.Kind)
	}
	return list
}

// A new user gets a link, shown once, chooses a password by it, and is in.
func TestAddUser(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	form := func(login, role string) url.Values {
		return url.Values{"login": {login}, "name": {"Uuno Uusi"}, "role": {role}, "language": {"sv"}}
	}
	for _, c := range []struct{ login, role string }{{"", "viewer"}, {"uu no", "viewer"}, {"uuno", "boss"}, {"uuno", ""}, {"finance", "viewer"}} {
		a := s.post("/users", form(c.login, c.role))
		if a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) != 1 {
			t.Errorf("%+v: %s", c, a.Status)
		}
	}
	a := s.post("/users", form(" Uuno@Example.fi ", "finance"))
	code, ok := a.First("code.link")
	if a.StatusCode != http.StatusOK || !ok || !strings.HasPrefix(code.Text(), s.url+"/password?token=") {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	u := s.person("uuno@example.fi")
	if u.Role != people.Finance || u.Name != "Uuno Uusi" || u.Language != "sv" {
		t.Errorf("%+v", u)
	}
	link := strings.TrimPrefix(code.Text(), s.url)
	token := link[strings.Index(link, "=")+1:]
	if a := s.get("/users/" + u.ID); strings.Contains(a.body, token) {
		t.Error("the link is shown again")
	}

	s.client = s.browser()
	if a := s.post("/login", url.Values{"login": {"uuno@example.fi"}, "password": {""}}); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("in without a password: %s", a.Status)
	}
	if a := s.get(link); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "uuno@example.fi") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	choose := func(token, password, again string) answer {
		return s.post("/password", url.Values{"token": {token}, "password": {password}, "again": {again}})
	}
	for _, c := range [][3]string{{token, goodPassword, goodPassword + "x"}, {token, "short", "short"}, {token, "uuno@example.fi", "uuno@example.fi"}, {"guess", goodPassword, goodPassword}} {
		if a := choose(c[0], c[1], c[2]); a.StatusCode != http.StatusUnprocessableEntity || strings.Contains(a.body, goodPassword) {
			t.Errorf("%v: %s", c, a.Status)
		}
	}
	if a := choose(token, goodPassword, goodPassword); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	if a := s.get("/documents"); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "Uuno Uusi") {
		t.Errorf("not signed in: %s", a.Status)
	}
	s.client = s.browser()
	if a := choose(token, goodPassword, goodPassword); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the link worked twice: %s", a.Status)
	}
	if a := s.get(link); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("input[type=password]")) > 0 {
		t.Errorf("the used link: %s", a.Status)
	}
	if got := s.kinds(u.ID); !slices.Equal(got, []string{"person.password", "person.link", "person.added"}) {
		t.Errorf("acts %v", got)
	}
	// Guessing tokens is as slow as guessing passwords.
	for range freeFailures {
		choose("guess", goodPassword, goodPassword)
	}
	if a := choose("guess", goodPassword, goodPassword); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("after many guesses: %s", a.Status)
	}
}

// Users are seen and changed by administrators alone, whatever the table of
// routes says.
func TestUsersAreForAdministrators(t *testing.T) {
	s := seeded(t)
	before, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	if err != nil {
		t.Fatal(err)
	}
	at := "/users/" + s.People[people.Finance].ID
	for _, role := range []people.Role{people.Viewer, people.Finance, people.Auditor} {
		s.signIn(role)
		if a := s.get("/documents"); strings.Contains(a.body, `href="/users"`) {
			t.Errorf("a %s is offered the users", role)
		}
		for _, path := range []string{"/users", at} {
			if a := s.get(path); a.StatusCode != http.StatusForbidden || strings.Contains(a.Text(), "Aino Laskula") && role != people.Finance {
				t.Errorf("%s: GET %s: %s", role, path, a.Status)
			}
		}
		for path, form := range map[string]url.Values{"/users": {"login": {"eve"}, "role": {"admin"}}, at: {"role": {"admin"}}, at + "/link": {}} {
			if a := s.post(path, form); a.StatusCode != http.StatusForbidden || strings.Contains(a.body, "token=") {
				t.Errorf("%s: POST %s: %s", role, path, a.Status)
			}
		}
	}
	after, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	if err != nil || !slices.EqualFunc(before, after, people.User.Equal) {
		t.Errorf("users are %+v now, %v", after, err)
	}
}

// What an administrator changes holds at once, everywhere, and leaves an act.
func TestChangeUser(t *testing.T) {
	s := seeded(t)
	finance := s.People[people.Finance]
	s.signIn(people.Finance)
	theirs := s.client
	s.signIn(people.Admin)
	admins := s.client
	out := func() bool {
		s.client = theirs
		a := s.get("/documents")
		s.client = admins
		return a.StatusCode == http.StatusSeeOther
	}
	at := "/users/" + finance.ID
	fields := url.Values{"name": {"Aino L"}, "role": {"finance"}, "language": {"fi"}}
	if a := s.post(at, fields); a.StatusCode != http.StatusSeeOther || s.person("finance").Name != "Aino L" || out() {
		t.Errorf("a new name: %s, out %v", a.Status, out())
	}
	for _, bad := range []url.Values{{"role": {"boss"}}, {"may": {"perhaps"}}, {"role": {"viewer"}, "language": {"de"}}} {
		if a := s.post(at, bad); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: %s", bad, a.Status)
		}
	}
	if a := s.post("/users/none", fields); a.StatusCode != http.StatusNotFound {
		t.Errorf("nobody: %s", a.Status)
	}
	fields.Set("role", "viewer")
	if a := s.post(at, fields); a.StatusCode != http.StatusSeeOther || s.person("finance").Role != people.Viewer || !out() {
		t.Errorf("a new role: %s", a.Status)
	}
	// The last administrator stays.
	for _, form := range []url.Values{{"may": {"not"}}, {"role": {"viewer"}}} {
		a := s.post("/users/"+s.People[people.Admin].ID, form)
		if u := s.person("admin"); a.StatusCode != http.StatusUnprocessableEntity || u.Disabled || u.Role != people.Admin {
			t.Errorf("%v: %s, %+v", form, a.Status, u)
		}
		if !strings.Contains(a.Text(), "viimeinen ylläpitäjä") {
			t.Errorf("%v: %s", form, a.Text())
		}
	}

	s.signIn(people.Finance)
	theirs, s.client = s.client, admins
	if out() {
		t.Fatal("cannot sign in with the new role")
	}
	a := s.post(at+"/link", nil)
	code, _ := a.First("code.link")
	if out() {
		t.Error("a link that is not used ends sessions")
	}
	if a := s.post(at, url.Values{"may": {"not"}}); a.StatusCode != http.StatusSeeOther || !s.person("finance").Disabled || !out() {
		t.Errorf("disabled: %s", a.Status)
	}
	if a := s.get(strings.TrimPrefix(code.Text(), s.url)); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the link of who may not sign in: %s", a.Status)
	}
	if a := s.post(at+"/link", nil); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("code.link")) > 0 {
		t.Errorf("a link for who may not sign in: %s", a.Status)
	}
	if a := s.post(at, url.Values{"may": {"again"}}); a.StatusCode != http.StatusSeeOther || !out() {
		t.Errorf("enabled: %s; the old session lives: %v", a.Status, !out())
	}
	got := slices.DeleteFunc(s.kinds(finance.ID), func(k string) bool { return k == "person.signed_in" })
	if !slices.Equal(got, []string{"person.enabled", "person.disabled", "person.link", "person.role", "person.named"}) {
		t.Errorf("acts %v", got)
	}
	page := s.get(at)
	for _, want := range []string{"Rooli vaihdettu", "Talous → Katselija", "Matti Ylläpito"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the log does not say %q: %s", want, page.Text())
		}
	}
}

// A person's own password: the present one is asked, other sessions end.
func TestOwnPassword(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	other := s.client
	s.signIn(people.Viewer)
	change := func(present, password, again string) answer {
		return s.post("/account/password", url.Values{"present": {present}, "password": {password}, "again": {again}})
	}
	for _, c := range [][3]string{{"wrong", goodPassword, goodPassword}, {webtest.Password, goodPassword, "x"}, {webtest.Password, "short", "short"}, {webtest.Password, "aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa"}} {
		if a := change(c[0], c[1], c[2]); a.StatusCode != http.StatusUnprocessableEntity || strings.Contains(a.body, goodPassword) || len(a.All("[role=alert]")) != 1 {
			t.Errorf("%v: %s", c, a.Status)
		}
	}
	if a := change(webtest.Password, goodPassword, goodPassword); a.Header.Get("Location") != "/account" {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	if a := s.get("/account"); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "Salasana on vaihdettu") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	mine := s.client
	s.client = other
	if a := s.get("/documents"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("another session lives on: %s", a.Status)
	}
	s.client = s.browser()
	if a := s.post("/login", url.Values{"login": {"viewer"}, "password": {webtest.Password}}); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("the old password: %s", a.Status)
	}
	if a := s.post("/login", url.Values{"login": {"viewer"}, "password": {goodPassword}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the new password: %s", a.Status)
	}
	other, s.client = s.client, mine
	if a := s.post("/account/sign-out", nil); a.StatusCode != http.StatusSeeOther || s.get("/documents").StatusCode != http.StatusOK {
		t.Errorf("signed out here too: %s", a.Status)
	}
	s.client = other
	if a := s.get("/documents"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("signed out everywhere, and a session lives: %s", a.Status)
	}
	s.client = mine
	for range freeFailures {
		change("guess", goodPassword, goodPassword)
	}
	if a := change(goodPassword, webtest.Password, webtest.Password); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %s", a.Status)
	}
	if got := s.kinds(s.People[people.Viewer].ID); !slices.Contains(got, "person.password") || !slices.Contains(got, "person.signed_out") {
		t.Errorf("acts %v", got)
	}
}

// Whoever is kept from signing in hears nothing more on a live page either.
func TestLiveEndsWithTheSession(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := s.Engine.ChangePerson(t.Context(), "cli:test", s.People[people.Viewer].ID, func(u *people.User) { u.Disabled = true }); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var acting sync.WaitGroup
	acting.Go(func() {
		for done := true; ; done = !done { // something happens, again and again
			if err := s.Engine.MarkTask(context.Background(), "x", s.Transfers[hub.DoneWithWarning].ID, hub.OffsetByHand, done, ""); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-ended:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	defer acting.Wait()
	defer close(ended)
	b := make([]byte, 4096)
	var got strings.Builder
	for {
		n, err := resp.Body.Read(b)
		got.Write(b[:n])
		if err != nil {
			break // the stream has ended
		}
	}
	if ctx.Err() != nil {
		t.Error("the stream goes on")
	}
	if strings.Contains(got.String(), "event: change") {
		t.Errorf("heard %q", got.String())
	}
}
