package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// Settings of a like connection are shown as differences, taken as a version, and not
// when they have changed meanwhile.
func TestSettingsOfALikeConnection(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	if len(s.Connections) < 2 {
		t.Fatalf("%d connections", len(s.Connections))
	}
	id, other := s.Connections[0].ID, s.Connections[1].ID
	path := "/connections/" + id + "/settings/like"
	theirs := s.connection(other).Settings
	theirs.TermDays, theirs.Sender = 21, hub.SenderNobody
	if _, err := s.Engine.SetSettings(t.Context(), s.People[people.Admin].ID, other, 0, theirs); err != nil {
		t.Fatal(err)
	}
	version := s.connection(id).SettingsVersion
	a := s.get(path + "?of=" + other)
	if text := a.Text(); a.StatusCode != http.StatusOK || !strings.Contains(text, "21") || !strings.Contains(text, "Mikä muuttuisi") {
		t.Fatalf("%s: %s", a.Status, text)
	}
	if s.connection(id).SettingsVersion != version {
		t.Fatal("looking has changed something")
	}
	form := formOf(a, "section form")
	if form.Get("of") != other {
		t.Fatalf("%v", form)
	}
	for v, status := range map[string]int{"999": http.StatusConflict, "": http.StatusBadRequest} {
		wrong := formOf(a, "section form")
		wrong.Set("version", v)
		if a := s.post(path, wrong); a.StatusCode != status {
			t.Errorf("version %q: %s", v, a.Status)
		}
	}
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s: %s", a.Status, a.Text())
	}
	now := s.connection(id)
	if now.Settings.TermDays != 21 || now.Settings.Sender != hub.SenderNobody || now.SettingsVersion != version+1 {
		t.Errorf("version %d, %d days", now.SettingsVersion, now.Settings.TermDays)
	}
	for _, of := range []string{id, "nobody"} {
		if a := s.get(path + "?of=" + of); a.StatusCode != http.StatusNotFound {
			t.Errorf("of %s: %s", of, a.Status)
		}
	}
}
