package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// Credentials are taken from a connection that the person may set up, and from no other one:
// for whoever lacks that it does not exist.
func TestCredentialsOfAnotherConnection(t *testing.T) {
	s := seeded(t)
	of := func(company string) string {
		i := slices.IndexFunc(s.Connections, func(c hub.Connection) bool { return c.Company == company })
		if i < 0 {
			t.Fatal("no connection")
		}
		return s.Connections[i].ID
	}
	from, to := of(s.Sandbox.ID), of(s.Production.ID)
	err := s.Engine.SetSource(t.Context(), s.People[people.Admin].ID, store.Source{Connection: from, Kind: "nmbrs", Schedule: source.Schedule{Every: source.MaxEvery}},
		source.Config{Values: map[string]string{"user": "api@firma.example", "company": "52001", "test_company": "no"}, Secrets: map[string]secret.Secret{"token": secret.New("avain-4711")}})
	if err != nil {
		t.Fatal(err)
	}
	s.add(people.User{Login: "other", Role: people.ByCompany, Companies: map[string]people.Role{s.Production.ID: people.Admin}})
	form := url.Values{"kind": {"nmbrs"}, "like": {from}, "option.user": {"api@firma.example"}, "every": {"60"}}
	s.signInAs("other")
	if a := s.get(sourcePath(to) + "?kind=nmbrs&like=" + from); a.StatusCode != http.StatusOK || strings.Contains(a.body, from) || strings.Contains(a.body, "api@firma.example") {
		t.Errorf("the other connection is shown: %s", a.Status)
	}
	for _, do := range []string{"save", "try", "choices"} {
		form.Set("do", do)
		if a := s.post(sourcePath(to), form); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", do, a.Status)
		}
	}
	s.signIn(people.Admin)
	a := s.get(sourcePath(to) + "?kind=nmbrs&like=" + from)
	got := formOf(a, ".settings-form")
	if got.Get("option.user") != "api@firma.example" || got.Get("option.company") != "" || got.Get("option.test_company") == "no" || got.Get("like") != from || strings.Contains(a.body, "avain-4711") {
		t.Errorf("%v", got)
	}
	got.Set("do", "save")
	if a := s.post(sourcePath(to), got); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s: %s", a.Status, a.Text())
	}
	c, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) (source.Config, error) { return tx.SourceConfig(to) })
	if token := c.Secrets["token"]; err != nil || token.Reveal() != "avain-4711" {
		t.Errorf("the token was not taken: %v", err)
	}
}
