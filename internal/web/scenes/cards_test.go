package scenes

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A customer has moved. At first nobody wants to know; by the setting the change is
// shown, on the tasks, the page of changes and that of the document, and carried by a
// press; by the other setting it is carried by itself, and the pages tell what changed.
// What somebody has edited in Procountor is left, by a press.
func TestMovedCustomer(t *testing.T) {
	feature.Covers(t, "V-16")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
			says := func(number, day, street string) {
				d := enginetest.Sale(number, "10")
				d.Date, d.DueDate, d.Buyer.Address.Street = civil.Must(day), civil.Must("2026-03-31"), street
				w.Receive(d)
				w.Settle()
			}
			street := func() string {
				for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
					if p.InvoicingInfo.CustomerNumber == "1001" {
						return p.Address.Street
					}
				}
				return ""
			}
			p := adminAt(t, w, look)
			setTo := func(v string) {
				p.Go("/connections/" + w.Connection.ID + "/settings")
				p.Choose(`select[name="partner.customer_changes"]`, v)
				p.Click(`form[action$="/settings"] button[type=submit]`)
				p.Sees("main", "Asetukset on tallennettu")
			}
			p.Go("/partners/changes")
			p.Sees("main", "Mikään yhteys ei vie")
			setTo("show")
			says("1001", "2026-03-10", "Keksittykatu 5")
			says("1002", "2026-03-11", "Uusikatu 7")
			p.Go("/tasks")
			p.Click(`a[href="/partners/changes"]`)
			p.Sees("article.doubt h2", "Kuvitelma Kauppa Oy")
			p.Sees("article.doubt table", "Keksittykatu 5, 33100 Tampere, FI")
			p.Sees("article.doubt table", "Uusikatu 7, 33100 Tampere, FI")
			p.Shot("changes")
			if !look.NoScript {
				p.Sound()
			}
			p.Go("/documents/" + w.Transfer("1002").ID)
			p.Sees(`section[aria-labelledby="card"]`, "Uusikatu 7")
			p.Click(`form[action$="/card"] button[value="carry"]`)
			p.Sees("main", "Tieto viedään kortille")
			w.Settle()
			if got := street(); got != "Uusikatu 7" {
				t.Errorf("the card holds %s", got)
			}
			setTo("write")
			says("1003", "2026-03-12", "Kolmaskatu 3")
			p.Go("/documents/" + w.Transfer("1003").ID)
			p.Sees(`section[aria-labelledby="card"]`, "Viety")
			p.Sees(`section[aria-labelledby="card"] table`, "Uusikatu 7, 33100 Tampere, FI")
			p.Shot("carried")
			if !look.NoScript {
				p.Sound()
			}
			if got := street(); got != "Kolmaskatu 3" {
				t.Errorf("the card holds %s", got)
			}
			w.Clock.Add(10 * time.Minute)
			for _, c := range w.Sandbox.Partners(w.Company.ProcountorID) {
				if c.InvoicingInfo.CustomerNumber == "1001" {
					w.Sandbox.EditPartner(w.Company.ProcountorID, c.ID, func(b *procountortest.BusinessPartner) { b.Address.Street = "Käsintie 1" })
				}
			}
			says("1004", "2026-03-13", "Neljäskatu 4")
			p.Go("/partners/changes")
			p.Sees("article.doubt", "muokattu Procountorissa")
			p.Click(`article.doubt form button[value="leave"]`)
			p.Sees("main", "Kortti jää ennalleen")
			w.Settle()
			if got := street(); got != "Käsintie 1" {
				t.Errorf("the card holds %s", got)
			}
		})
	}
}
