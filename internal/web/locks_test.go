package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// All locks are released, or none: a form without one of them says which still holds.
// Who may not decide is offered none.
func TestEveryLockIsReleased(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveSent
		s.Kinds[hub.SalesInvoice] = k
		s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
	}})
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		for _, role := range []people.Role{people.Viewer, people.Finance} {
			if _, err := tx.AddPerson(people.User{Login: string(role), Role: role, Language: "fi"}, secret.New(webtest.Password)); err != nil {
				return err
			}
		}
		return nil
	}))
	w.Receive(enginetest.Sale("1001", "100.00"))
	w.Settle()
	at := "/documents/" + w.Transfer("1001").ID
	s := serve(t, w.Store, w.Engine)
	release := func(why string, locks ...string) answer {
		return s.post(at+"/release_locks", url.Values{"why": {why}, "lock": locks})
	}
	s.signIn(people.Viewer)
	if a := s.get(at); strings.Contains(a.body, "release_locks") {
		t.Error("a viewer is offered to release locks")
	}
	if a := release("x", lockTransfer, lockSent); a.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer: %s", a.Status)
	}
	s.signIn(people.Finance)
	for says, send := range map[string]func() answer{
		"Siirtomerkintä lukitsee tositteen vielä":  func() answer { return release("x", lockSent) },
		"lähetysmerkintä lukitsee tositteen vielä": func() answer { return release("x", lockTransfer) },
		"Anna syy": func() answer { return release(" ", lockTransfer, lockSent) },
	} {
		send()
		if a := s.get(at); !strings.Contains(a.Text(), says) {
			t.Errorf("no %q in %s", says, a.Text())
		}
		if got := w.Transfer("1001"); got.State != hub.Done {
			t.Fatalf("%s: %s", says, enginetest.Describe(got))
		}
	}
	release("asiakas pyytää uuden", lockTransfer, lockSent)
	if got := w.Transfer("1001"); got.State != hub.Held || got.Faults[0].Code != hub.LocksReleased {
		t.Error(enginetest.Describe(got))
	}
}
