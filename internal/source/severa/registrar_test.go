package severa

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// The registers are shown as Severa has them: what is active, the statuses in their
// order with what the options choose them for, and nothing written.
func TestRegisters(t *testing.T) {
	w := newWorld(t)
	sales := w.fake.NewSalesAccount("3000", "Myynti")
	closed := w.fake.NewSalesAccount("3010", "Vanha myynti")
	w.fake.Change("salesaccounts", closed, func(o severafake.Object) { o["isActive"] = false })
	w.fake.NewBankAccount("FI21 1234 5600 0007 85")
	w.fake.Change("products", w.Product, func(o severafake.Object) {
		o["salesAccount"] = severafake.Object{"guid": sales, "name": "Myynti", "number": "3000"}
	})
	w.fake.Change("worktypes", w.WorkType, func(o severafake.Object) {
		o["salesAccount"] = severafake.Object{"guid": sales, "name": "Myynti"}
	})
	w.fake.Change("products", w.Material, func(o severafake.Object) { o["code"] = nil })
	w.fake.Put("products", severafake.Object{"name": "Poistettu", "code": "POIS", "type": "FixedFees", "isActive": false})
	d := newDriver(w.env(), w.url, secretWord, map[string]string{"client_id": "vienti", "status": "odottaa siirtoa Procountoriin", "status_after": w.Transferred})
	r, err := d.Registers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := source.Registers{
		Chosen: map[source.StatusUse]string{source.StatusBefore: "odottaa siirtoa Procountoriin", source.StatusAfter: w.Transferred},
		Statuses: []source.Status{
			{ID: w.Draft, Name: "Luonnos"},
			{ID: w.Waiting, Name: "Odottaa siirtoa Procountoriin", Use: source.StatusBefore, Numbered: true, Locked: true, Sent: true},
			{ID: w.Transferred, Name: "Siirretty Procountoriin", Use: source.StatusAfter, Numbered: true, Locked: true, Sent: true},
			{ID: w.Paid, Name: "Maksettu", Numbered: true, Locked: true, Sent: true, Paid: true},
		},
		Accounts: []source.Account{{Number: "3000", Name: "Myynti"}},
		Codes: []source.Code{{Of: source.ProductCode, Name: "Lauta"}, {Of: source.ProductCode, Code: "LUPA", Name: "Lupamaksu", Account: "3000"},
			{Of: source.WorkCode, Code: "SUUN", Name: "Suunnittelu", Account: "3000"}},
		BankAccounts: []string{"FI21 1234 5600 0007 85"},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if n := w.fake.Writes(); n != 0 {
		t.Errorf("%d writes", n)
	}
	// A status that was deleted is chosen by nothing; a scope that is missing is named.
	w.fake.Remove("invoicestatuses", w.Transferred)
	if r, err = d.Registers(t.Context()); err != nil || slices.ContainsFunc(r.Statuses, func(s source.Status) bool { return s.Use == source.StatusAfter }) {
		t.Errorf("%v %v", r.Statuses, err)
	}
	w.fake.Without("settings:read")
	d = newDriver(w.env(), w.url, secretWord, d.option)
	if _, err := d.Registers(t.Context()); !errors.Is(err, source.ErrDenied) {
		t.Errorf("without the scope: %v", err)
	}
}

// What travel invoices need is shown where they are on: statuses, types of expenses and
// persons. Without the add-on everything else is shown, and that it is missing.
func TestRegistersOfTravel(t *testing.T) {
	h := newTravelling(t)
	h.fake.NewUser(severafake.Traveller{First: "Liisa", Last: "Lehto", SSN: ssn})
	h.fake.Put("travelexpensetypes", severafake.Object{"name": "Majoitus", "code": "MAJ", "isActive": true})
	h.fake.Put("travelexpensetypes", severafake.Object{"name": "Vanha", "code": "X", "isActive": false})
	r, err := h.driver(t, hub.FilesNone).Registers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &source.ClaimRegisters{
		Chosen: map[source.StatusUse]string{source.StatusBefore: "Odottaa siirtoa Procountoriin", source.StatusAfter: "Siirretty Procountoriin"},
		Statuses: []source.Status{{ID: h.Waiting(), Name: "Odottaa siirtoa Procountoriin", Use: source.StatusBefore},
			{ID: h.TravelStatuses.Transferred, Name: "Siirretty Procountoriin", Use: source.StatusAfter}},
		Codes: []source.Code{{Of: source.TravelCode, Code: "MAJ", Name: "Majoitus"}},
	}
	persons := r.Claims.Persons
	if r.Claims.Persons = nil; cmp.Diff(want, r.Claims) != "" {
		t.Error(cmp.Diff(want, r.Claims))
	}
	for _, p := range []source.ClaimPerson{{Name: "Maija Matkaaja", Number: "H-101"}, {Name: "Liisa Lehto"}} {
		if !slices.Contains(persons, p) {
			t.Errorf("%+v is not among %+v", p, persons)
		}
	}
	h.fake.Off("/v1/travelreimbursement", "AddonMissing")
	if r, err = h.driver(t, hub.FilesNone).Registers(t.Context()); err != nil || r.Claims.Missing == "" || len(r.Statuses) == 0 {
		t.Errorf("%+v %v", r.Claims, err)
	}
}
