package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
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

// Two moments are held against each other, net of what was undone in between, in
// whichever order they are named; what is not this company's does not exist.
func TestRegisterComparePage(t *testing.T) {
	s, id, _ := mapSite(t)
	c := s.connection(id)
	path := "/companies/" + c.Company + "/registers/compare"
	if a := s.get(path); !strings.Contains(a.Text(), "Verrattavaa ei ole") {
		t.Errorf("without a change: %s", a.Text())
	}
	account := func(key, name string, how register.How, from string) register.Change {
		return register.Change{Thing: register.Thing{What: register.OfAccount, Key: key}, Name: name, How: how, From: from}
	}
	for _, changes := range [][]register.Change{
		{account("3010", "Palvelut", register.Closed, ""), account("3020", "Uusi <b>", register.Added, "")},
		{account("3010", "Palvelut", register.Opened, ""), account("3030", "B", register.Renamed, "A"),
			{Thing: register.PartnerThing(7), Name: "Kuvitelma Oy", How: register.Closed}},
		{account("3030", "C", register.Renamed, "B")},
	} {
		if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.AddRegisterChanges(c.Company, 2, changes) }); err != nil {
			t.Fatal(err)
		}
	}
	var moments []store.RegisterReading
	if err := s.Store.Read(t.Context(), func(tx *store.Tx) (err error) {
		moments, err = tx.RegisterMoments(c.Company, 10)
		return err
	}); err != nil || len(moments) != 3 {
		t.Fatal(moments, err)
	}
	if a := s.get("/companies/" + c.Company + "/registers"); len(a.All(`a[href="`+path+`"]`)) != 1 {
		t.Error("the registers do not lead there")
	}
	for _, query := range []string{"?from=first&to=" + moments[0].ID, "?to=first&from=" + moments[0].ID} {
		page := s.get(path + query).Text()
		for _, want := range []string{"Tilit", "Tili 3020 Uusi <b> on uusi", "Tili 3030 C: aiempi nimi ”A”", "Liikekumppanit", "Kuvitelma Oy on suljettu"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in: %s", query, want, page)
			}
		}
		if strings.Contains(page, "3010") {
			t.Errorf("%s: what was undone is shown: %s", query, page)
		}
	}
	if page := s.get(path).Text(); !strings.Contains(page, "Tili 3030 C: aiempi nimi ”B”") || strings.Contains(page, "3020") {
		t.Errorf("the last two: %s", page)
	}
	if page := s.get(path + "?from=" + moments[0].ID + "&to=" + moments[0].ID).Text(); !strings.Contains(page, "Rekisterit ovat samat.") {
		t.Errorf("one moment: %s", page)
	}
	if a := s.get(path + "?from=other"); a.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown moment: %s", a.Status)
	}
}

// While Procountor lets purchase invoices be paid before they are approved, and such
// travel, the company's card says so; and what it was before, the page of registers.
func TestCompanySaysWhatIsPaidUnapproved(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	set := func(payment register.Payable) {
		t.Helper()
		registers := webtest.Registers()
		registers.Company.Payment = payment
		if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
			b, err := json.Marshal(registers)
			if err != nil {
				return err
			}
			ref, err := tx.PutBlob(b)
			if err != nil {
				return err
			}
			return tx.SetUpkeep(s.Sandbox.ID, store.Upkeep{Registers: ref, RegistersAt: s.Store.Now()})
		}); err != nil {
			t.Fatal(err)
		}
	}
	const says = "maksamisen ennen hyväksyntää"
	for payment, want := range map[register.Payable]int{"": 0, register.PaidApproved: 0, register.PaidUnapproved: 1} {
		set(payment)
		if n := strings.Count(s.get("/companies").Text(), says); n != want {
			t.Errorf("%q is said %d times", payment, n)
		}
	}
	set(register.PaidUnapproved)
	settings := s.Connections[0].Settings
	k := settings.Kinds[hub.PurchaseInvoice]
	k.On = false
	settings.Kinds[hub.PurchaseInvoice] = k
	if _, err := s.Engine.SetSettings(t.Context(), "x", s.Connections[0].ID, 0, settings); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(s.get("/companies").Text(), says) {
		t.Error("said though no purchases travel")
	}
	before, after := webtest.Registers(), webtest.Registers()
	before.Company.Payment, after.Company.Payment = register.PaidUnapproved, register.PaidApproved
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.AddRegisterChanges(s.Sandbox.ID, 2, register.Changes(&before, &after))
	}); err != nil {
		t.Fatal(err)
	}
	if text := s.get("/companies/" + s.Sandbox.ID + "/registers").Text(); !strings.Contains(text, "Ostolaskujen maksaminen: myös ennen hyväksyntää → vain hyväksytyt") {
		t.Error(text)
	}
}
