package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A reason that nobody knows shows the field in words, the value and Procountor's
// own words; what somebody writes about it stands there when it comes again, on
// another document too, with name and day.
func TestOwnNote(t *testing.T) {
	s := seeded(t)
	odd := func(number int, n string) hub.Transfer {
		return s.Refused(number, hub.NewFault(hub.ProcountorCode+"Quota of row "+n+" is spent", "invoiceRows[3].quantity", "12,5"))
	}
	first, second := odd(9001, "4"), odd(9002, "17")
	known := s.Transfers[hub.Refused]
	s.signIn(people.Finance)
	a := s.get("/documents/" + first.ID)
	for _, words := range []string{"rivi 4: määrä", "12,5", "Quota of row 4 is spent"} {
		if !strings.Contains(strings.ToLower(a.Text()), strings.ToLower(words)) {
			t.Errorf("no %q in %s", words, a.Text())
		}
	}
	if strings.Contains(s.get("/documents/"+known.ID).body, "own-note") {
		t.Error("a reason that has a text asks for one")
	}
	key := remedy.NoteKey(first.Faults[0].Code)
	if a := s.post("/documents/"+first.ID+"/note", url.Values{"key": {key}, "text": {"Kysy <Liisalta>"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	a = s.get("/documents/" + second.ID)
	note, ok := a.First(".own-note blockquote")
	if !ok || !strings.Contains(note.Text(), "Kysy <Liisalta>") || !strings.Contains(note.Text(), "Aino Laskula") || strings.Contains(a.body, "<Liisalta>") {
		t.Errorf("the note is not shown: %s", a.Text())
	}
	acts, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts("note", 0, 5) })
	if err != nil || len(acts) != 1 || acts[0].Kind != "note.kept" || acts[0].Actor != s.People[people.Finance].ID {
		t.Errorf("%+v, %v", acts, err)
	}
	for what, f := range map[string]url.Values{"of another reason": {"key": {"procountor:ERROR_OPERATOR"}, "text": {"x"}}, "too long": {"key": {key}, "text": {strings.Repeat("x", maxNote+1)}}} {
		if a := s.post("/documents/"+first.ID+"/note", f); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", what, a.Status)
		}
	}
	if a := s.post("/documents/"+known.ID+"/note", url.Values{"key": {remedy.NoteKey(known.Faults[0].Code)}, "text": {"x"}}); a.StatusCode != http.StatusBadRequest {
		t.Errorf("about a known reason: %s", a.Status)
	}
	for _, role := range []people.Role{people.Viewer, people.Auditor} {
		s.signIn(role)
		if a := s.post("/documents/"+first.ID+"/note", url.Values{"key": {key}, "text": {"mine"}}); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
		if a := s.get("/documents/" + second.ID); !strings.Contains(a.Text(), "Kysy <Liisalta>") || strings.Contains(a.body, `name="text"`) {
			t.Errorf("%s: %s", role, a.Text())
		}
	}
	s.signIn(people.Admin)
	if a := s.post("/documents/"+second.ID+"/note", url.Values{"key": {key}}); a.StatusCode != http.StatusSeeOther {
		t.Error(a.Status)
	}
	if a := s.get("/documents/" + first.ID); strings.Contains(a.Text(), "Liisalta") {
		t.Error("the note is still there")
	}
}

// The account map is the accountant's too; what else is set up is not.
func TestAccountMapIsForFinance(t *testing.T) {
	s := seeded(t)
	at := "/connections/" + s.Connections[0].ID
	s.signIn(people.Finance)
	if a := s.get(at); !strings.Contains(a.body, at+"/accounts") || strings.Contains(a.body, at+"/settings") {
		t.Errorf("what is offered: %s", a.Text())
	}
	for path, want := range map[string]int{"/accounts": http.StatusOK, "/accounts/rule": http.StatusOK, "/accounts/proposals": http.StatusOK,
		"/settings": http.StatusForbidden, "/writing": http.StatusForbidden} {
		if a := s.get(at + path); a.StatusCode != want {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	s.signIn(people.Viewer)
	for _, path := range []string{"/accounts", "/accounts/rule", "/accounts/table"} {
		if a := s.get(at + path); a.StatusCode != http.StatusForbidden {
			t.Errorf("a viewer, %s: %s", path, a.Status)
		}
	}
}
