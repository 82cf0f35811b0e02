package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// add adds somebody who can sign in.
func (s *site) add(u people.User) people.User {
	s.t.Helper()
	err := s.Store.Tx(s.t.Context(), func(tx *store.Tx) (err error) {
		u.Language = "fi"
		u, err = tx.AddPerson(u, secret.New(webtest.Password))
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// Every address × people without the reach: a thing of another company or kind is
// answered as if it did not exist, whatever is asked of it; lists, counts and
// searches hold nothing of it. A new route is asked by itself; one that names a
// thing of the hub and does not say which, fails here.
func TestReach(t *testing.T) {
	s := seeded(t)
	s.add(people.User{Login: "other", Role: people.ByCompany, Companies: map[string]people.Role{s.Production.ID: people.Admin}})
	s.add(people.User{Login: "buyer", Role: people.Finance, Kinds: []hub.Kind{hub.PurchaseInvoice}})
	theirs := s.add(people.User{Login: "sandboxed", Name: "Salla Salainen", Role: people.ByCompany, Companies: map[string]people.Role{s.Sandbox.ID: people.Admin}})
	held := s.Transfers[hub.Held]
	// What nobody beyond the reach may read, of the company and of the document.
	company := []string{s.Sandbox.Name, s.Sandbox.BusinessID, s.Connections[0].Name, "Salla Salainen", held.PartnerName, `href="/documents/` + held.ID}
	document := []string{`href="/documents/` + held.ID, s.Partner.ID}
	beyond := map[string][]string{} // documents that they may not tick
	for _, x := range s.Transfers {
		if x.Company != s.Production.ID {
			beyond["other"] = append(beyond["other"], x.ID)
		}
		if x.DocKind != hub.PurchaseInvoice {
			beyond["buyer"] = append(beyond["buyer"], x.ID)
		}
	}
	for _, who := range []struct {
		login  string
		secret []string
	}{{"other", company}, {"buyer", document}} {
		s.signInAs(who.login)
		for _, rt := range routes {
			if rt.of == open {
				if rt.right != "" {
					t.Errorf("%s: a right is asked of nobody", rt.pattern)
				}
				continue
			}
			method, path := s.address(rt.pattern)
			path = strings.Replace(path, "/users/"+s.People[people.Viewer].ID, "/users/"+theirs.ID, 1)
			form := url.Values{"writing": {"off"}, "why": {"x"}, "id": beyond[who.login], "may": {"not"}}
			var a answer
			if method == "POST" {
				a = s.post(path, form)
			} else {
				a = s.get(path + "?id=" + held.ID + "&q=" + url.QueryEscape(held.Number))
			}
			for _, text := range who.secret {
				if strings.Contains(a.body, text) || strings.Contains(a.Text(), text) {
					t.Errorf("%s: %s shows %q", who.login, rt.pattern, text)
				}
			}
			switch want := http.StatusNotFound; {
			case rt.of == aRound && who.login == "buyer": // a purchase invoice
			case rt.of == somewhere:
				if strings.Contains(rt.pattern, "{") && rt.pattern != "GET /{$}" {
					t.Errorf("%s names a thing and does not say which", rt.pattern)
				}
			case rt.of == everywhere || rt.of == aJoining || rt.of == aUser && who.login == "buyer":
				want = http.StatusForbidden
				fallthrough
			default:
				if a.StatusCode != want {
					t.Errorf("%s: %s: %s, want %d", who.login, rt.pattern, a.Status, want)
				}
			}
		}
		for _, path := range []string{"/documents?company=" + s.Sandbox.ID, "/documents?connection=" + s.Connections[0].ID, "/tasks?company=" + s.Sandbox.ID} {
			if a := s.get(path); who.login == "other" && a.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s: %s", who.login, path, a.Status)
			}
		}
		if a := s.get("/documents?q=" + url.QueryEscape(held.Number)); len(a.All("tbody tr a[href*=\""+held.ID+"\"]")) != 0 {
			t.Errorf("%s finds it", who.login)
		}
	}
	// Whoever only looks at one company does nothing there from the list of all.
	s.add(people.User{Login: "looker", Role: people.ByCompany, Companies: map[string]people.Role{s.Sandbox.ID: people.Viewer, s.Production.ID: people.Admin}})
	s.signInAs("looker")
	for _, path := range []string{"/documents/retry", "/documents/send"} {
		s.post(path, url.Values{"id": beyond["other"]})
	}
	for state, x := range s.Transfers {
		if s.state(x.ID).State != state {
			t.Errorf("a document that was %s is %s", state, s.state(x.ID).State)
		}
	}
	if u := s.person("sandboxed"); u.Disabled {
		t.Error("somebody of another company was kept out")
	}
	// And what is in reach is there.
	s.signInAs("other")
	noticed := s.Transfers[hub.Noticed]
	for _, path := range []string{"/documents/" + noticed.ID, "/connections/" + s.Connections[1].ID + "/settings", "/companies/" + s.Production.ID + "/registers", "/users"} {
		if a := s.get(path); a.StatusCode != http.StatusOK {
			t.Errorf("other: %s: %s", path, a.Status)
		}
	}
	s.signInAs("buyer")
	for state, x := range s.Transfers {
		want := http.StatusNotFound
		if x.DocKind == hub.PurchaseInvoice {
			want = http.StatusOK
		}
		if a := s.get("/documents/" + x.ID); a.StatusCode != want {
			t.Errorf("buyer: %s document: %s", state, a.Status)
		}
	}
}

// The page of users gives a role in one company and kinds; the administrator of one
// company gives roles in it and nowhere else, whatever the form says.
func TestGiveRights(t *testing.T) {
	feature.Covers(t, "T-3")
	s := seeded(t)
	one, two := s.Production.ID, s.Sandbox.ID
	s.signIn(people.Admin)
	form := url.Values{"login": {"olli"}, "name": {"Olli"}, "role": {"by_company"}, "company-" + two: {"viewer"}, "kind": {"sales_invoice"}}
	if a := s.post("/users", form); a.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", a.Status, a.Text())
	}
	olli := s.person("olli")
	if olli.Companies[two] != people.Viewer || len(olli.Companies) != 1 || len(olli.Kinds) != 1 {
		t.Errorf("%+v", olli)
	}
	at := "/users/" + olli.ID
	if a := s.get("/users"); !strings.Contains(a.Text(), "Katselija: "+s.Sandbox.Name+" · Myyntilaskut") {
		t.Errorf("the list does not say it: %s", a.Text())
	}
	for _, bad := range []url.Values{{"role": {"by_company"}}, {"role": {"admin"}, "kind": {"journal"}}} {
		if a := s.post(at, bad); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) == 0 {
			t.Errorf("%v: %s", bad, a.Status)
		}
	}
	s.add(people.User{Login: "keeper", Role: people.ByCompany, Companies: map[string]people.Role{one: people.Admin}})
	both := s.add(people.User{Login: "both", Name: "Bo", Role: people.ByCompany, Companies: map[string]people.Role{one: people.Viewer, two: people.Admin}})
	s.signInAs("keeper")
	a := s.get("/users/" + both.ID)
	if a.StatusCode != http.StatusOK || strings.Contains(a.Text(), s.Sandbox.Name) || len(a.All("input[name=name]"))+len(a.All("form[action$=link]")) != 0 {
		t.Errorf("%s shows more than its own company: %s", a.Status, a.Text())
	}
	if a := s.post("/users/"+both.ID, url.Values{"role": {"by_company"}, "name": {"x"}, "company-" + one: {"finance"}, "company-" + two: {""}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the own company: %s", a.Status)
	}
	if u := s.person("both"); u.Name != "Bo" || u.Companies[one] != people.Finance || u.Companies[two] != people.Admin {
		t.Errorf("%+v", u)
	}
	for path, form := range map[string]url.Values{
		"/users":                              {"login": {"eve"}, "role": {"admin"}},
		"/users/" + both.ID:                   {"role": {"admin"}},
		"/users/" + both.ID + "/link":         {},
		"/users/" + s.People[people.Admin].ID: {"may": {"not"}},
	} {
		if a := s.post(path, form); a.StatusCode != http.StatusForbidden || strings.Contains(a.body, "token=") {
			t.Errorf("POST %s: %s", path, a.Status)
		}
	}
	if a := s.get("/users"); strings.Contains(a.Text(), "Olli") {
		t.Error("people of other companies are listed")
	}
}

// Everybody says of which companies they want mail, for themselves only; none
// ticked is none.
func TestOwnMail(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	if n := len(s.get("/account").All("input[name=company][checked]")); n != 2 {
		t.Errorf("%d companies are ticked at first", n)
	}
	for _, c := range []struct{ sent, want []string }{
		{[]string{s.Production.ID}, []string{s.Sandbox.ID}},
		{nil, []string{people.EveryCompany}},
		{[]string{s.Production.ID, s.Sandbox.ID}, nil},
	} {
		if a := s.post("/account/mail", url.Values{"company": c.sent}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%v: %s", c.sent, a.Status)
		}
		if u := s.person("finance"); !slices.Equal(u.NoMail, c.want) {
			t.Errorf("%v: no mail of %v, want %v", c.sent, u.NoMail, c.want)
		}
		if n := len(s.get("/account").All("input[name=company][checked]")); n != len(c.sent) {
			t.Errorf("%d companies are ticked, want %d", n, len(c.sent))
		}
	}
	s.signIn(people.Viewer)
	if a := s.get("/account"); len(a.All("input[name=company]")) != 0 {
		t.Error("mail is offered to who gets none")
	}
}
