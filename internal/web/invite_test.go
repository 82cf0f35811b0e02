package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/people"
)

// An invitation goes to the user's address, in their language, with a link that
// works once; the page does not show the link, nor is it kept. Where mail does not
// work the link is shown, as without a mail server.
func TestInvitation(t *testing.T) {
	s := seeded(t)
	var sent []alert.Letter
	var fails error
	h := New(Options{Store: s.Store, Engine: s.Engine, PublicURL: "https://vienti.example.fi", Mail: func(_ context.Context, l alert.Letter) error {
		if fails == nil {
			sent = append(sent, l)
		}
		return fails
	}})
	t.Cleanup(h.Close)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	s.signIn(people.Admin)
	add := func(login string) answer {
		return s.post("/users", url.Values{"login": {login}, "name": {"Uuno Uusi"}, "role": {"finance"}, "language": {"sv"}})
	}
	a := add("uuno@example.fi")
	if a.StatusCode != http.StatusSeeOther || len(sent) != 1 || sent[0].To != "uuno@example.fi" || sent[0].Subject != "Du kan använda Vienti" {
		t.Fatalf("%s %+v", a.Status, sent)
	}
	_, token, ok := strings.Cut(sent[0].Body, "https://vienti.example.fi/password?token=")
	token, _, _ = strings.Cut(token, "\n")
	if !ok || token == "" {
		t.Fatalf("no link in %q", sent[0].Body)
	}
	page := s.get(a.Header.Get("Location"))
	if strings.Contains(page.body, token) || !strings.Contains(page.Text(), "uuno@example.fi") {
		t.Errorf("%s", page.Text())
	}
	s.client = s.browser()
	if a := s.post("/password", url.Values{"token": {token}, "password": {goodPassword}, "again": {goodPassword}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the link does not work: %s", a.Status)
	}
	s.signIn(people.Admin)
	fails = errors.New("no answer")
	if a := add("aune@example.fi"); len(a.All("code.link")) != 1 || !strings.Contains(a.Text(), "Kutsua ei voitu lähettää") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	fails = nil
	if a := add("robotti"); len(a.All("code.link")) != 1 || len(sent) != 1 {
		t.Errorf("%s %s", a.Status, a.Text())
	}
}
