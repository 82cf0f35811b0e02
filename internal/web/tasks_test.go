package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// What a document asks although it has arrived stands under "To do" until
// somebody who may has marked it done; it can be opened again.
func TestTaskIsMarkedDone(t *testing.T) {
	s := seeded(t)
	arrived := s.Transfers[hub.DoneWithWarning]
	listed := func() bool {
		return slices.Contains(rows(s.get("/documents?show=needs&code="+hub.OffsetByHand)), arrived.Number)
	}
	mark := func(done, note string) answer {
		return s.post("/documents/"+arrived.ID+"/tasks/"+hub.OffsetByHand, url.Values{"done": {done}, "note": {note}})
	}
	for _, role := range []people.Role{people.Viewer, people.Auditor} {
		s.signIn(role)
		if a := s.get("/documents/" + arrived.ID); len(a.All("form.mark")) > 0 {
			t.Errorf("a %s is offered to mark tasks", role)
		}
		if a := mark("yes", ""); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
	}
	s.signIn(people.Finance)
	a := s.get("/tasks")
	if !strings.Contains(a.Text(), "Kuittaa hyvityslasku") || !listed() {
		t.Errorf("not among the tasks: %s", a.Text())
	}
	if a := s.get("/documents/" + arrived.ID); len(a.All("form.mark")) != 1 || !strings.Contains(a.Text(), "Teksti katkaistiin") {
		t.Errorf("%d tasks are offered", len(a.All("form.mark")))
	}
	if a := mark("perhaps", ""); a.StatusCode != http.StatusBadRequest {
		t.Errorf("done is perhaps: %s", a.Status)
	}
	if a := mark("yes", strings.Repeat("x", maxWhy+1)); a.StatusCode != http.StatusBadRequest {
		t.Errorf("a note without end: %s", a.Status)
	}
	if a := mark("yes", "laskua 1001 vastaan"); a.Header.Get("Location") != "/documents/"+arrived.ID {
		t.Fatalf("%s", a.Status)
	}
	a = s.get("/documents/" + arrived.ID)
	for _, want := range []string{"Merkitty tehdyksi.", "laskua 1001 vastaan", "Aino Laskula, " + dayOf(page{}, s.Store.Now()), "Tehtävä merkitty tehdyksi"} {
		if !strings.Contains(a.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if listed() {
		t.Error("it still waits for somebody")
	}
	if mark("yes", ""); !strings.Contains(s.get("/documents/"+arrived.ID).Text(), "Se ei ole enää mahdollista") {
		t.Error("it was marked twice")
	}
	if mark("no", ""); !listed() {
		t.Error("it was not opened again")
	}
	if err := s.Engine.MarkTask(context.Background(), "x", s.Transfers[hub.Done].ID, hub.OffsetByHand, true, ""); !isNotNow(err) {
		t.Errorf("a document that asks nothing: %v", err)
	}
}
