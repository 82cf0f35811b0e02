package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// All of a person is on one form, and kept where each belongs; what is wrong is said, and
// nothing is kept then. Who is kept from signing in hands over what waits for them.
func TestPersonOnOneForm(t *testing.T) {
	s := seeded(t)
	c := s.connection(s.Connections[0].ID)
	c.Settings.Circulation = hub.Circulation{On: true, FirstDay: civil.Must("2026-03-01"), Default: "finance", Persons: []hub.ReceiverOf{{Number: "99", Login: "finance"}}}
	c.Settings.Kinds[hub.TravelInvoice] = hub.KindSettings{On: true, FirstDay: civil.Must("2026-01-01"), Arrival: hub.ArriveUnfinished}
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error { _, err := tx.SetSettings(c.ID, c.Settings, "test"); return err }); err != nil {
		t.Fatal(err)
	}
	s.signIn(people.Admin)
	who := s.People[people.Approver]
	path := "/users/" + who.ID
	a := s.get(path)
	for _, field := range []string{"ids-", "number-", "iban-", "cost_centre-"} {
		if len(a.All("input[name="+field+c.ID+"]")) != 1 {
			t.Errorf("no field %s", field)
		}
	}
	form := func(over map[string]string) url.Values {
		f := url.Values{"name": {who.Name}, "role": {string(who.Role)}, "language": {who.Language}, "ids-" + c.ID: {"37, 38"}, "number-" + c.ID: {"H-7"},
			"iban-" + c.ID: {"fi21 1234 5600 0007 85"}, "cost_centre-" + c.ID: {"100"}, "instead": {s.People[people.Finance].ID}, "first": {"2026-03-01"}, "last": {"2026-03-05"}}
		for k, v := range over {
			f.Set(k, v)
		}
		return f
	}
	for what, over := range map[string]map[string]string{"iban": {"iban-" + c.ID: "FI2112345600000786"}, "another's id": {"ids-" + c.ID: "99"}, "days": {"last": "2026-02-01"}} {
		if a := s.post(path, form(over)); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) != 1 {
			t.Errorf("%s: %s", what, a.Status)
		}
	}
	if x := s.connection(s.Connections[0].ID).Settings; len(x.Claimants) != 0 || len(x.Circulation.PersonIDs(who.Login)) != 0 {
		t.Errorf("kept although wrong: %+v %+v", x.Claimants, x.Circulation)
	}
	if a := s.post(path, form(nil)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	x := s.connection(s.Connections[0].ID).Settings
	if x.Claimants[who.Login] != (hub.Claimant{Number: "H-7", IBAN: "FI2112345600000785", CostCentre: "100"}) || strings.Join(x.Circulation.PersonIDs(who.Login), " ") != "37 38" ||
		strings.Join(x.Circulation.PersonIDs("finance"), " ") != "99" {
		t.Errorf("%+v %+v", x.Claimants, x.Circulation)
	}
	subs, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]store.Substitute, error) { return tx.Substitutes(civil.Must("2026-03-05")) })
	if err != nil || len(subs) != 1 || subs[0].Person != who.ID || subs[0].Instead != s.People[people.Finance].ID {
		t.Errorf("%+v %v", subs, err)
	}
	if a := s.get(path); !strings.Contains(a.body, "37, 38") || !strings.Contains(a.body, "FI2112345600000785") {
		t.Error("the form does not show what is kept")
	}
	s.signIn(people.Approver)
	if a := s.post("/rounds/hand-over", url.Values{"from": {who.ID}, "to": {s.People[people.Finance].ID}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("an approver hands over: %s", a.Status)
	}
	s.signIn(people.Admin)
	if a := s.post(path, url.Values{"may": {"not"}, "to": {s.People[people.RoundLead].ID}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s", a.Status)
	}
	if r := s.round(); r.Waits() != s.People[people.RoundLead].ID || r.Version != 1 {
		t.Errorf("%+v", r.Round)
	}
	if a := s.get("/rounds/" + s.Round.ID); !strings.Contains(a.Text(), called(who)) {
		t.Error("the page does not say whose it was")
	}
}

// Registers can be looked into, with a limit and a search.
func TestLookIntoRegisters(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	path := "/companies/" + s.Sandbox.ID + "/registers"
	for query, want := range map[string]int{"?register=account": http.StatusOK, "?register=account&q=zzzz": http.StatusOK, "?register=other": http.StatusBadRequest,
		"?q=" + strings.Repeat("x", 101): http.StatusBadRequest} {
		if a := s.get(path + query); a.StatusCode != want {
			t.Errorf("%s: %s", query, a.Status)
		}
	}
}
