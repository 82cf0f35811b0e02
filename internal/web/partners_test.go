package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/people"
)

// Who a partner is, is said by whoever may decide; and only of what is held for it.
func TestChoosePartner(t *testing.T) {
	s, id, _ := mapSite(t)
	var held string
	for _, x := range s.Transfers {
		held = x.ID
	}
	form := url.Values{"partner": {"new"}}
	for role, want := range map[people.Role]int{people.Viewer: http.StatusForbidden, people.Auditor: http.StatusForbidden, people.Finance: http.StatusSeeOther} {
		s.signIn(role)
		if a := s.post("/documents/"+held+"/partner", form); a.StatusCode != want {
			t.Errorf("%s: %s", role, a.Status)
		}
		undo := want
		if role == people.Finance {
			undo = http.StatusNotFound
		}
		if a := s.post("/connections/"+id+"/partners/undo", url.Values{"party": {"nobody"}}); a.StatusCode != undo {
			t.Errorf("%s undoes: %s", role, a.Status)
		}
		if a := s.get("/connections/" + id + "/partners"); a.StatusCode != http.StatusOK {
			t.Errorf("%s looks: %s", role, a.Status)
		}
	}
	s.signIn(people.Finance)
	for _, wrong := range []string{"", "x", "-1", "0"} {
		if a := s.post("/documents/"+held+"/partner", url.Values{"partner": {wrong}}); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", wrong, a.Status)
		}
	}
	if a := s.post("/documents/nothing/partner", form); a.StatusCode != http.StatusNotFound {
		t.Errorf("%s", a.Status)
	}
}

// The queue shows each party once, with what it waits for, and settles it there.
func TestDoubtsPage(t *testing.T) {
	s, id, _ := mapSite(t)
	s.signIn(people.Finance)
	a := s.get("/partners")
	if a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	if a := s.get("/partners?company=nobody"); a.StatusCode != http.StatusNotFound {
		t.Error(a.Status)
	}
	if a := s.get("/connections/" + id + "/partners"); a.StatusCode != http.StatusOK {
		t.Error(a.Status)
	}
}

// A list of the source's customers is compared on the page; nothing is written, and
// what cannot be read is said.
func TestComparePage(t *testing.T) {
	s, id, _ := mapSite(t)
	s.signIn(people.Viewer)
	path := "/connections/" + id + "/partners/compare"
	if a := s.get(path); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	for _, list := range []string{"", "nimi;y-tunnus;asiakasnumero\nKuvitelma Oy;2345678-0;1001\n"} {
		if a := s.post(path, url.Values{"list": {list}, "as": {"page"}}); a.StatusCode != http.StatusOK {
			t.Errorf("%q: %s", list, a.Status)
		}
	}
	if a := s.post(path, url.Values{"list": {"nimi;y-tunnus\nKuvitelma Oy;2345678-0\n"}}); !strings.Contains(a.Text(), "Ei Procountorissa") || !strings.Contains(a.Text(), "Kuvitelma Oy") {
		t.Errorf("%.400s", a.Text())
	}
	if a := s.post(path, url.Values{"list": {"what\nx\n"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "Luetteloa ei voi lukea") {
		t.Errorf("%s %.300s", a.Status, a.Text())
	}
}
