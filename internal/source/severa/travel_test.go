package severa

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// travelling is a world with the add-on of travel invoices, and one that waits.
type travelling struct {
	*harness
	severafake.TravelStatuses
	user, claim string
}

const ssn = "131052-308T"

func newTravelling(t *testing.T) *travelling {
	h := &travelling{harness: newHarness(t)}
	h.TravelStatuses = h.fake.FurnishTravel()
	h.options["travel_status"], h.options["travel_status_after"] = "Odottaa siirtoa Procountoriin", "Siirretty Procountoriin"
	h.user = h.fake.NewUser(severafake.Traveller{First: "Maija", Last: "Matkaaja", Code: "H-101", Email: "maija@kuusi.example", IBAN: "FI13 5000 1520 0000 81", SSN: ssn})
	account := h.fake.Put("costaccounts", severafake.Object{"name": "Matkakulut", "number": "7800", "isActive": true, "isTravelTypeDefault": true})
	h.claim = h.fake.NewClaim(severafake.Claim{Number: 12, Date: "2026-03-03", Title: "Asennus Tampereella", Status: h.Waiting(), User: h.user, Advance: "50", Rows: []severafake.Expense{
		{Type: "Kilometrikorvaus, oma auto", Code: "KM-2026", Class: "Mileage", Quantity: "356", Cost: "0.61", Unit: "km", Day: "2026-03-02", Project: h.Project},
		{Type: "Kokopäiväraha", Code: "PR-2026", Class: "DailyAllowance", Quantity: "1", Cost: "55", Unit: "pv", Day: "2026-03-02", Start: "2026-03-02T08:00:00+02:00", End: "2026-03-03T17:30:00+02:00"},
		{Type: "Majoitus", Code: "MAJ", Class: "OtherTravelExpense", Text: "Hotelli Esimerkki", Quantity: "1", Cost: "113.50", VAT: "13.5", Day: "2026-03-02", Account: account, CostCentre: h.CostCentre,
			Receipts: []string{"hotelli.pdf"}},
	}})
	return h
}

func (h *travelling) Waiting() string { return h.TravelStatuses.Waiting }

func (h *travelling) driver(t *testing.T, files hub.FilesGo) *Driver {
	t.Helper()
	env := h.env()
	env.Kinds = map[hub.Kind]hub.KindSettings{hub.SalesInvoice: {On: true, Files: hub.FileSettings{Goes: hub.FilesNone}},
		hub.TravelInvoice: {On: true, Files: hub.FileSettings{Goes: files}, FirstDay: civil.Must("2026-01-01")}}
	d, err := Kind().Open(env, h.config())
	if err != nil {
		t.Fatal(err)
	}
	return d.(*Driver)
}

func pulled(t *testing.T, d *Driver, cursor source.Cursor) ([]source.Found, source.Cursor, error) {
	t.Helper()
	var all []source.Found
	for {
		page, err := d.Pull(t.Context(), cursor, 10)
		if err != nil {
			t.Fatal(err)
		}
		all, cursor = append(all, page.Documents...), page.Next
		if !page.More {
			return all, cursor, page.Part
		}
	}
}

// A travel invoice in the chosen status: its rows with code, day or times, cost, VAT,
// account and dimensions; the employee with number and bank account; PDF and receipts.
func TestClaim(t *testing.T) {
	feature.Covers(t, "S-60")
	h := newTravelling(t)
	all, cursor, part := pulled(t, h.driver(t, hub.FilesAll), "")
	if part != nil || len(all) != 1 {
		t.Fatalf("%d documents, %v", len(all), part)
	}
	d := all[0].Document
	if d.Kind != hub.TravelInvoice || d.SourceID != "travel/"+h.claim || d.Number != "12" || d.Date != civil.Must("2026-03-03") || !d.GrossPrices || d.Currency != "EUR" ||
		d.Seller != (hub.Party{Name: "Maija Matkaaja", FirstName: "Maija", Number: "H-101", Email: "maija@kuusi.example"}) || d.Payment.IBAN != "FI1350001520000081" || d.Buyer.BusinessID != "2345678-0" {
		t.Errorf("%+v", d)
	}
	if d.Totals.Gross.String() != "385.66" || d.Totals.Prepaid.String() != "50" || len(d.Trips) != 1 || d.Trips[0].Departure != "2026-03-02 08:00" || d.Trips[0].Purpose != "Asennus Tampereella" {
		t.Errorf("%+v %+v", d.Totals, d.Trips)
	}
	km, day, hotel := d.Lines[0], d.Lines[1], d.Lines[2]
	if km.Code != "KM-2026" || km.Quantity.String() != "356" || km.UnitPrice.String() != "0.61" || km.Period.First != civil.Must("2026-03-02") ||
		!slices.ContainsFunc(km.Dimensions, func(x hub.Dimension) bool { return x.Axis == "project" && x.Code == "1" }) || !slices.ContainsFunc(km.Dimensions, func(x hub.Dimension) bool { return x.Axis == "unit" }) {
		t.Errorf("%+v", km)
	}
	if day.Start != "2026-03-02T08:00" || day.End != "2026-03-03T17:30" {
		t.Errorf("%+v", day)
	}
	if hotel.VATPercent.String() != "13.5" || hotel.Account != "7800" || hotel.Description != "Hotelli Esimerkki" || len(hotel.Dimensions) != 1 || hotel.Dimensions[0].Axis != "cost_centre" {
		t.Errorf("%+v", hotel)
	}
	if len(d.Attachments) != 2 || !d.Attachments[0].Image || d.Attachments[1].Name != "hotelli.pdf" {
		t.Errorf("%+v", d.Attachments)
	}
	if b, err := json.Marshal(all[0]); err != nil || strings.Contains(string(b), ssn) || strings.Contains(string(all[0].Raw), ssn) {
		t.Error("the social security number has come along")
	}
	// Shown once; anew when a row or the employee's data change, not by its status.
	if again, _, _ := pulled(t, h.driver(t, hub.FilesAll), cursor); len(again) != 0 {
		t.Errorf("%d again", len(again))
	}
	h.fake.Change("users", h.user, func(o severafake.Object) { o["bankAccountNumber"] = "FI2112345600000785" })
	again, cursor, _ := pulled(t, h.driver(t, hub.FilesNone), cursor)
	if len(again) != 1 || again[0].Document.Payment.IBAN != "FI2112345600000785" {
		t.Fatalf("%+v", again)
	}
	h.fake.Change("travelreimbursements", h.claim, func(o severafake.Object) {
		o["travelReimbursementStatus"] = severafake.Object{"guid": h.Transferred, "name": "Siirretty Procountoriin"}
	})
	if again, _, _ = pulled(t, h.driver(t, hub.FilesNone), cursor); len(again) != 0 {
		t.Errorf("the status has shown %d again", len(again))
	}
}

// After the transfer the status changes; one that a person has moved on stays.
func TestTellClaim(t *testing.T) {
	feature.Covers(t, "S-61")
	h := newTravelling(t)
	d := h.driver(t, hub.FilesNone)
	rep, err := d.Report(t.Context(), "travel/"+h.claim, hub.Report{Arrived: true}, hub.Report{})
	if err != nil || rep.Body == nil || rep.Fault != nil {
		t.Fatalf("%+v, %v", rep, err)
	}
	if rep, err = d.Tell(t.Context(), "travel/"+h.claim, rep.Body); err != nil || rep.Body != nil {
		t.Fatalf("%+v, %v", rep, err)
	}
	if s := h.fake.Get("travelreimbursements", h.claim)["travelReimbursementStatus"].(severafake.Object); s["name"] != "Siirretty Procountoriin" || h.fake.Writes() != 1 {
		t.Errorf("%v after %d writes", s, h.fake.Writes())
	}
	if rep, err = d.Report(t.Context(), "travel/"+h.claim, hub.Report{Arrived: true}, hub.Report{Arrived: true}); err != nil || rep.Body != nil {
		t.Errorf("%+v, %v", rep, err)
	}
	other := h.fake.Put("travelreimbursementstatuses", severafake.Object{"name": "Maksettu", "isActive": true, "isLocked": true, "isApproved": true, "isDefault": false, "sortOrder": 3})
	h.fake.Change("travelreimbursements", h.claim, func(o severafake.Object) {
		o["travelReimbursementStatus"] = severafake.Object{"guid": other, "name": "Maksettu"}
	})
	if rep, err = d.Report(t.Context(), "travel/"+h.claim, hub.Report{Arrived: true}, hub.Report{}); err != nil || rep.Body != nil || rep.Fault == nil || rep.Fault.Code != hub.ReportLeft {
		t.Errorf("%+v, %v", rep, err)
	}
	h.fake.Remove("travelreimbursements", h.claim)
	if _, err = d.Report(t.Context(), "travel/"+h.claim, hub.Report{Arrived: true}, hub.Report{}); !errors.Is(err, source.ErrRefused) {
		t.Error(err)
	}
}

// Without the add-on, or a scope, or a status, there are no travel invoices, a sentence
// says why, and sales go on.
func TestTravelAddonOff(t *testing.T) {
	feature.Covers(t, "S-9")
	for name, x := range map[string]struct {
		spoil func(h *travelling)
		class error
		say   string
	}{
		"add-on off": {func(h *travelling) { h.fake.Off("/v1/travelreimbursement", "AddonMissing") }, source.ErrDenied, "switch the add-on"},
		"no scope":   {func(h *travelling) { h.fake.Without("travels:read") }, source.ErrDenied, "travels:read"},
		"no status":  {func(h *travelling) { delete(h.options, "travel_status") }, source.ErrOptions, "travel_status"},
		"deleted":    {func(h *travelling) { h.fake.Remove("travelreimbursementstatuses", h.Waiting()) }, source.ErrOptions, "Siirretty Procountoriin"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newTravelling(t)
			h.fake.NewInvoice(severafake.Invoice{Number: 1001, Date: "2026-03-01", Status: h.World.Waiting, Customer: h.Customer, Projects: []string{h.Project},
				Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "1", Price: "100", VAT: "25.5", Unit: "h", Project: h.Project}}})
			x.spoil(h)
			all, _, part := pulled(t, h.driver(t, hub.FilesNone), "")
			if len(all) != 1 || all[0].Document.Kind != hub.SalesInvoice {
				t.Errorf("%+v", all)
			}
			if !errors.Is(part, x.class) || !strings.Contains(part.Error(), x.say) {
				t.Errorf("says %v", part)
			}
		})
	}
}
