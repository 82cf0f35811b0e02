package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// The administrator names the addresses that are told of a connection, in their own
// language; what is no address is refused on the page, and nobody else reaches it.
func TestMailboxPage(t *testing.T) {
	s := seeded(t)
	at := mailboxPath(s.Connections[0].ID)
	for _, role := range []people.Role{people.Viewer, people.Finance, people.Auditor} {
		s.signIn(role)
		for _, a := range []answer{s.get(at), s.post(at, url.Values{"do": {"add"}, "address": {"x@yritys.example"}})} {
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s", role, a.Status)
			}
		}
	}
	s.signIn(people.Admin)
	if a := s.get("/connections/" + s.Connections[0].ID); !strings.Contains(a.body, at) {
		t.Error("the connection's page does not lead to it")
	}
	if a := s.get(at); !strings.Contains(a.Text(), "Osoitteita ei ole") {
		t.Error(a.Text())
	}
	add := func(address, language string) answer {
		return s.post(at, url.Values{"do": {"add"}, "address": {address}, "language": {language}})
	}
	if a := add("talous@yritys.example", "sv"); a.Header.Get("Location") != at {
		t.Fatalf("%s: %s", a.Status, a.Text())
	}
	if a := s.get(at); !strings.Contains(a.Text(), "talous@yritys.example Svenska") {
		t.Error(a.Text())
	}
	for _, wrong := range []string{"", "talous", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"} {
		if a := add(wrong, "fi"); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) == 0 {
			t.Errorf("%q: %s", wrong, a.Status)
		}
	}
	if a := s.post(at, url.Values{"do": {"remove"}, "address": {"nobody@yritys.example"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("removed what is not there: %s", a.Status)
	}
	if a := s.post(at, url.Values{"do": {"remove"}, "address": {"talous@yritys.example"}}); a.Header.Get("Location") != at {
		t.Error(a.Status)
	}
	if a := s.get(at); strings.Contains(a.body, `value="talous@yritys.example"`) {
		t.Error("it is still there")
	}
}

// The link of a letter opens a page without signing in. Opening it stops nothing, for
// mail programs look at links; the button does, and so does a mail program's one-click
// post. A wrong link gets the same answer, a few times.
func TestStopLink(t *testing.T) {
	s := seeded(t)
	const address = "talous@yritys.example"
	conn := s.Connections[0].ID
	if err := s.Engine.AddMailbox(t.Context(), "test", conn, address, "fi"); err != nil {
		t.Fatal(err)
	}
	token, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) (secret.Secret, error) { return tx.StopToken(address, alert.ConnectionScope(conn)) })
	if err != nil {
		t.Fatal(err)
	}
	stopped := func() bool {
		boxes, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]store.Mailbox, error) { return tx.Mailboxes(conn) })
		if err != nil || len(boxes) != 1 {
			t.Fatal(boxes, err)
		}
		return !boxes[0].Stopped.IsZero()
	}
	good := "/mail/stop?token=" + url.QueryEscape(token.Reveal())
	a := s.get(good)
	if a.StatusCode != http.StatusOK || stopped() || len(a.All("form button")) == 0 {
		t.Errorf("%s, stopped %v", a.Status, stopped())
	}
	wrong := s.post("/mail/stop?token=wrong", nil)
	if wrong.StatusCode != http.StatusOK || stopped() {
		t.Errorf("a wrong link: %s", wrong.Status)
	}
	// As a mail program sends it: from nowhere, with RFC 8058's body.
	req, err := http.NewRequest("POST", s.url+good, strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	done := s.do(req)
	if done.StatusCode != http.StatusOK || !stopped() {
		t.Errorf("%s, stopped %v: %s", done.Status, stopped(), done.Text())
	}
	if done.Text() != wrong.Text() {
		t.Errorf("the answer tells whether a link is one:\n%s\n%s", done.Text(), wrong.Text())
	}
	for range 30 {
		if wrong = s.post("/mail/stop?token=wrong", nil); wrong.StatusCode == http.StatusTooManyRequests {
			break
		}
	}
	if wrong.StatusCode != http.StatusTooManyRequests || wrong.Header.Get("Retry-After") == "" {
		t.Errorf("links can be guessed without end: %s", wrong.Status)
	}
	s.signIn(people.Admin)
	if a := s.get(mailboxPath(conn)); len(a.All(`button[value=add]`)) != 2 {
		t.Error("it cannot be switched on again")
	}
}
