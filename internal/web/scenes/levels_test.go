package scenes

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// The level is chosen in the settings. Documents then wait for their month, show
// the rows that they will be in a journal, and become one when a button says that
// the month is closed; journal and documents lead to each other.
func TestJournalLevel(t *testing.T) {
	feature.Covers(t, "E-2", "E-18")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap([]hub.AccountRule{{Sales: true, Account: "3000"}}, hub.SalesInvoice)})
			p := adminAt(t, w, look)
			p.Go("/connections/" + w.Connection.ID + "/settings")
			p.Choose("select[name='level']", "journal")
			p.Choose("select[name='journal.per']", "month")
			p.Choose("select[name='journal.receivables']", "1700")
			p.Shot("settings")
			p.Click(".settings-form .save button")
			p.Sees("table.settings", "muistiotositteiksi, kun lähdejärjestelmä on päättänyt kuukauden")
			w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "50.00"))
			w.Settle()
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees(".explained", "Tosite odottaa, että maaliskuu 2026 päätetään lähdejärjestelmässä")
			p.Sees("table.entries", "1700 Trade receivables 125,50")
			p.Shot("waits")
			p.Go("/connections/" + w.Connection.ID)
			p.Click("a[href$='/periods']")
			p.Sees("table.months", "maaliskuu 2026")
			p.Shot("months")
			if !look.NoScript {
				p.Sound()
			}
			p.Click("table.months button")
			p.Sees("p.note.good", "maaliskuu 2026 on päätetty. 2 tositteesta tehdään muistiotositteita.")
			w.Settle()
			p.Go("/documents/" + w.Transfer("1002").ID)
			p.Sees("dl.facts", "Muistiotositteella")
			p.Shot("document")
			p.Click("dl.facts a[href^='/documents/']")
			p.Sees("h1", "Muistiotosite 2026-03/1")
			p.Sees("table.entries", "3000")
			p.Sees("table.members", "1001")
			p.Shot("journal")
			if !look.NoScript {
				p.Sound()
			}
			n := 0
			for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
				if r.Type == "JOURNAL" {
					n++
				}
			}
			if n != 1 || len(w.Sandbox.Invoices(w.Company.ProcountorID)) != 0 {
				t.Errorf("%d journals, %d invoices", n, len(w.Sandbox.Invoices(w.Company.ProcountorID)))
			}
		})
	}
}
