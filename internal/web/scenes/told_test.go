package scenes

import (
	"slices"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// What Severa is told, and that purchases go back, is switched on with the mouse: first
// it is only shown, then written, and list and page say what was told. Nothing more is
// needed for purchases than the dimension of the projects.
func TestSeveraIsToldByTheMouse(t *testing.T) {
	feature.Covers(t, "S-79", "S-89")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			s := enginetest.NewSevera()
			cfg := enginetest.Config{Writing: true, Settings: func(st *hub.Settings) {
				k := st.Kinds[hub.SalesInvoice]
				k.Arrival, k.Files.Goes = hub.ArriveApproved, hub.FilesNone
				st.Kinds[hub.SalesInvoice] = k
			}}
			s.Into(&cfg)
			w := enginetest.OnSQLite(t)(cfg)
			w.SeveraBack(s, hub.Telling{})
			settings := w.Connection.Settings
			settings.Back = hub.Back{}
			w.SetSettings(settings)
			d := s.Invoice(1001, "100")
			w.Bought("P1", "40", "4711")
			p := adminAt(t, w, look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			form := "/connections/" + w.Connection.ID + "/settings"
			p.Go(form)
			p.Choose("select[name='telling.status']", "show")
			p.Click("label[for='set-back-2epurchases']")
			p.Choose("select[name='back.dimension']", enginetest.Project)
			p.Choose("input[name='back.first_day']", "2026-01-01")
			look("told-settings")
			p.Click(".settings-form button[type=submit]")
			p.Sees("p.note.good", "Asetukset on tallennettu")
			p.Sees("main", "vain näytetään täällä")
			w.Pull()
			w.Settle()
			w.Clock.Add(2 * time.Minute)
			w.Settle()
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees("section[aria-labelledby=report]", "Odottaa siirtoa Procountoriin")
			p.Sees("section[aria-labelledby=report]", "Sinne ilmoitettaisiin: Siirretty Procountoriin")
			look("told-shown")
			if got := s.Says(d); got != "Odottaa siirtoa Procountoriin" {
				t.Errorf("Severa says %s", got)
			}
			if got := s.Fees(); !slices.Equal(got, []string{"4711 40.00 Olematon Tukku Oy P1"}) {
				t.Errorf("%q", got)
			}
			p.Go(form)
			p.Choose("select[name='telling.status']", "write")
			p.Click(".settings-form button[type=submit]")
			p.Sees("p.note.good", "Asetukset on tallennettu")
			p.Sees("main", "kirjoitetaan lähdejärjestelmään")
			w.Settle()
			if got := s.Says(d); got != "Siirretty Procountoriin" {
				t.Errorf("Severa says %s", got)
			}
			p.Go("/documents?q=1001")
			p.Sees("table.list", "Siirretty Procountoriin")
			look("told-list")
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees("section[aria-labelledby=report]", "Tieto on lähdejärjestelmässä")
			p.Sees("section[aria-labelledby=report]", "Siirretty Procountoriin")
			look("told-page")
			p.Go("/documents?q=P1")
			p.Sees("table.list", "Takaisin lähteeseen")
		})
	}
}
