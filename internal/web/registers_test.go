package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// The page says what became of things in the registers, in the reader's words,
// and which rules name them; who may only look cannot have them read.
func TestRegistersPage(t *testing.T) {
	s, id, _ := mapSite(t)
	c := s.connection(id)
	settings := c.Settings
	settings.Accounts = []hub.AccountRule{{Name: "Työ", Source: "300", Sales: true, Account: "3010"}}
	if _, err := s.Engine.SetSettings(context.Background(), "x", id, 0, settings); err != nil {
		t.Fatal(err)
	}
	change := func(what register.What, key, name string, how register.How, from, to string) register.Change {
		return register.Change{Thing: register.Thing{What: what, Key: key}, Name: name, How: how, From: from, To: to}
	}
	if err := s.Store.Tx(context.Background(), func(tx *store.Tx) error {
		return tx.AddRegisterChanges(c.Company, 2, []register.Change{change(register.OfAccount, "3010", "Palvelut <b>", register.Closed, "", ""),
			change(register.OfDimensionItem, "7", "Q1", register.Renamed, "P1", "Q1"),
			change(register.OfPeriod, "2026-02-01 – 2026-02-28", "2026-02-01 – 2026-02-28", register.Closed, "OPEN", "CLOSED"),
			change(register.OfVATStatus, "1", "Kotimaa", register.Changed, "sales, purchases", "purchases")})
	}); err != nil {
		t.Fatal(err)
	}
	path := "/companies/" + c.Company + "/registers"
	page := s.get(path).Text()
	for _, want := range []string{"Tili 3010 Palvelut <b> on suljettu", "Käytössä yhteydessä " + c.Name + ": Tilikartoitus, Työ: tili 300, myynti",
		"Dimensionimike Q1: aiempi nimi ”P1”", "Seurantakausi 1.2.2026 – 28.2.2026 on suljettu", "Alv-status 1 – Kotimaa: myynti, ostot → ostot"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in: %s", want, page)
		}
	}
	s.signIn(people.Viewer)
	if a := s.get(path); a.StatusCode != http.StatusOK || strings.Contains(a.Text(), "Lue nyt") {
		t.Errorf("a viewer: %d", a.StatusCode)
	}
	if a := s.post(path, nil); a.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer reads them: %d", a.StatusCode)
	}
}
