package scenes

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/all"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// A Severa is connected with the mouse: the credentials, then company and statuses
// chosen from what Severa has; and what waits there arrives.
func TestSeveraIsChosenFromItsRegisters(t *testing.T) {
	feature.Covers(t, "S-27", "S-62", "S-78")
	for _, look := range []Look{Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			var fake *severafake.Server
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Sources: all.Sources(), SourceHTTP: func(hub.Connection) *http.Client {
				return &http.Client{Transport: fake}
			}})
			fake = severafake.New("vienti", "salaisuus", w.Clock.Now)
			r := fake.Furnish("1234567-1")
			_, other, _ := fake.AddCompany("Toinen Oy", "7654321-2")
			waiting := severafake.Invoice{Number: 1001, Date: "2026-03-10", Status: r.Waiting, Customer: r.Customer, Projects: []string{r.Project},
				Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "10", Price: "80", VAT: "25.5", Unit: "h"}}}
			fake.NewInvoice(waiting)
			draft, theirs := waiting, waiting
			draft.Number, draft.Status = 1002, r.Draft
			fake.NewInvoice(draft)
			theirs.Number, theirs.Projects = 1003, []string{fake.NewProject(7, "Toisen", r.Customer, other)}
			fake.NewInvoice(theirs)

			p := adminAt(t, w, look)
			p.Go("/connections/" + w.Connection.ID + "/source?kind=severa")
			p.Fill("input[name='option.client_id']", "vienti")
			p.Fill("input[name='option.client_secret']", "väärä")
			p.Click(".settings-form button[value=choices]")
			p.Sees("main", "Lähdejärjestelmä ei päästä sisään")
			p.Fill("input[name='option.client_secret']", "salaisuus")
			p.Click(".settings-form button[value=save]")
			p.Sees("main", "10 minuutin välein")
			p.Click(".settings-form button[value=choices]")
			p.Sees("main", "Visma Severa tarjoaa nyt nämä vaihtoehdot")
			p.Sees("select[name='option.company']", "Suunnittelutoimisto Kuusi Oy (1234567-1)")
			p.Choose("select[name='option.company']", r.Company)
			p.Choose("select[name='option.status']", r.Waiting)
			p.Choose("select[name='option.status_after']", r.Transferred)
			p.Shot("severa-choices")
			if !look.NoScript {
				p.Sound()
			}
			p.Click(".settings-form button[value=save]")
			p.Click("input[name='option.status']") // saved: it is a field to be written in again
			if _, err := w.Engine.Pull(t.Context(), w.Connection.ID); err != nil {
				t.Fatal(err)
			}
			w.Settle()
			if v := w.Vouchers("1001"); len(v) != 1 {
				t.Errorf("1001: %d vouchers, transfer %+v", len(v), w.Transfer("1001"))
			}
			for _, number := range []string{"1002", "1003"} {
				if v := w.Vouchers(number); len(v) != 0 {
					t.Errorf("%s has %d vouchers", number, len(v))
				}
			}
			if problems := fake.Problems(); len(problems) > 0 {
				t.Error(strings.Join(problems, "\n"))
			}
		})
	}
}
