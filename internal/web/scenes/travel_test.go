package scenes

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/procountor"
)

// Travel invoices are switched on with the mouse: first day, status on arrival, default
// code, which axes go on the rows, and the statuses of Severa before and after. The claim
// of the chosen status then arrives so, and Severa says that it has.
func TestTravelInvoicesAreSetUp(t *testing.T) {
	feature.Covers(t, "S-68", "S-72", "S-74", "S-75", "S-76")
	feature.Covers(t, "S-54", "S-73", "S-26")
	for _, look := range []Look{Desk, Phone} {
		t.Run(look.String(), func(t *testing.T) {
			sev := enginetest.NewSevera()
			cfg := enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				s.Dimensions = map[string]string{"project": "Project", "unit": "Cost centre", "cost_centre": "Cost centre"}
				s.Accounts = []hub.AccountRule{{Source: "*", Account: "=", Purchases: true}, {Product: "KM-2026", Account: "7850", Purchases: true}, {Product: "MAJ", Account: "7800", Purchases: true}, {Account: "7800", Purchases: true}}
				s.Telling.Status = hub.TellWrite
			}}
			sev.Into(&cfg)
			w := enginetest.OnSQLite(t)(cfg)
			w.Severa(sev, nil)
			client, err := w.Engine.Client(t.Context(), w.Company)
			w.Must(err)
			dims, err := client.Dimensions.List(t.Context(), procountor.DimensionFilter{})
			w.Must(err)
			for _, d := range dims {
				item := map[string]string{"Project": "1 Satama", "Cost centre": "Y123 Kuusi"}[d.Name]
				_, err := client.Dimensions.CreateItem(t.Context(), d.ID, &procountor.DimensionItem{CodeName: item})
				w.Must(err)
			}
			_, err = w.Engine.Refresh(t.Context(), w.Company.ID)
			w.Must(err)
			st := sev.FurnishTravel()
			user := sev.NewUser(severafake.Traveller{First: "Maija", Last: "Matkaaja", Code: "H-101", IBAN: "FI1350001520000081"})
			guid := sev.NewClaim(severafake.Claim{Number: 12, Date: "2026-03-10", Title: "Asennus", Status: st.Waiting, User: user, Rows: []severafake.Expense{
				{Type: "Kilometrikorvaus, oma auto", Code: "KM-2026", Class: "Mileage", Quantity: "120", Cost: "0.61", Unit: "km", Day: "2026-03-02", Project: sev.Project, CostCentre: sev.CostCentre},
				{Type: "Pysäköinti", Class: "OtherTravelExpense", Quantity: "1", Cost: "12", Day: "2026-03-02", Project: sev.Project}}})
			old := sev.NewClaim(severafake.Claim{Number: 13, Date: "2026-03-10", Title: "Huolto", Status: st.Waiting, User: user, Rows: []severafake.Expense{
				{Type: "Kilometrikorvaus, oma auto", Code: "KM-2025", Class: "Mileage", Quantity: "10", Cost: "0.59", Unit: "km", Day: "2026-03-02", Project: sev.Project}}})

			p := adminAt(t, w, look)
			p.Go("/connections/" + w.Connection.ID + "/settings")
			p.Click("input[name='kinds.travel_invoice.on']")
			p.Choose("input[name='kinds.travel_invoice.first_day']", "2026-01-01")
			p.Choose("select[name='kinds.travel_invoice.arrival']", "unfinished")
			p.Choose("select[name='kinds.travel_invoice.posting']", "map")
			p.Choose("select[name='kinds.travel_invoice.axis.cost_centre']", "notes")
			p.Sees("select[name='default_codes.travel']", "KM-2025 · Kilometrikorvaus, oma auto · 2025-01-01 – 2025-12-31")
			p.Choose("select[name='default_codes.travel']", "LIPPU")
			p.Shot("travel-settings")
			p.Sound()
			p.Click(".settings-form .save button")
			p.Sees("table.settings", "Matkakoodi riville, jolla sitä ei ole LIPPU")
			p.Go("/connections/" + w.Connection.ID + "/source")
			p.Click(".settings-form button[value=choices]")
			p.Choose("select[name='option.travel_status']", st.Waiting)
			p.Choose("select[name='option.travel_status_after']", st.Transferred)
			p.Click(".settings-form button[value=save]")
			p.Click("input[name='option.travel_status']") // saved: it is a field to be written in again
			if _, err := w.Engine.Pull(t.Context(), w.Connection.ID); err != nil {
				t.Fatal(err)
			}
			w.Settle()
			v := w.Vouchers("12")
			if len(v) != 1 || v[0].Status != "UNFINISHED" || v[0].InvoiceRows[1].ProductCode != "LIPPU" || !strings.Contains(v[0].Notes, "cost_centre Suunnittelu") {
				t.Fatalf("%s: %+v", enginetest.Describe(w.Transfer("12")), v)
			}
			var on []int
			for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
				if r.InvoiceID != nil && *r.InvoiceID == v[0].ID {
					for _, e := range r.Transactions {
						on = append(on, len(e.DimensionItemValues))
					}
				}
			}
			if len(on) != 3 || on[1] != 2 || on[2] != 2 {
				t.Errorf("dimensions on the rows: %v", on)
			}
			if s := sev.Get("travelreimbursements", guid)["travelReimbursementStatus"].(severafake.Object); s["guid"] != st.Transferred {
				t.Errorf("Severa says %v", s["name"])
			}
			// The code of last year: held, with the one of this year.
			p.Go("/documents/" + w.Transfer("13").ID)
			p.Sees("main", "Matkakoodi ei ole voimassa matkan päivänä")
			p.Sees("main", "Samanniminen on ”KM-2026”")
			p.Shot("travel-code")
			p.Sound()
			p.Go("/connections/" + w.Connection.ID + "/settings")
			p.Choose("select[name='travel_codes']", "warn")
			p.Click(".settings-form .save button")
			p.Sees("table.settings", "käytä sitä ja varoita")
			w.Settle()
			if v := w.Vouchers("13"); len(v) != 1 || v[0].InvoiceRows[0].ProductCode != "KM-2026" {
				t.Errorf("%s: %+v", enginetest.Describe(w.Transfer("13")), v)
			}
			if s := sev.Get("travelreimbursements", old)["travelReimbursementStatus"].(severafake.Object); s["guid"] != st.Transferred {
				t.Errorf("Severa says %v", s["name"])
			}
		})
	}
}
