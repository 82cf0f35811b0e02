package scenes

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
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

// A document that changes after its month became a journal: its page offers the two
// ways to set the books right, each with what it means; a person chooses one with a
// reason, and the page leads to all journals of the document.
func TestJournalIsSetRight(t *testing.T) {
	for _, c := range []struct {
		action, says, how string
		journals          int
	}{
		{"difference_journal", "Yksi muistiotosite, jossa on tositteen ero", "erotus", 2},
		{"reverse_anew", "joka peruuttaa kaiken mitä tositteesta on kirjattu", "uudelleen kirjattu", 3},
	} {
		for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
			t.Run(c.action+"/"+look.String(), func(t *testing.T) {
				t.Parallel()
				w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
					byMap([]hub.AccountRule{{Sales: true, Account: "3000"}}, hub.SalesInvoice)(s)
					s.Level, s.Journal = hub.JournalLevel, hub.JournalSettings{Per: hub.PerMonth, Receivables: "1700"}
				}})
				w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "50.00"))
				w.Settle()
				_, err := w.Engine.ClosePeriod(t.Context(), "test", w.Connection.ID, "2026-03")
				w.Must(err)
				w.Settle()
				w.Receive(enginetest.Sale("1001", "120.00"))
				w.Settle()
				p := adminAt(t, w, look)
				p.Go("/documents/" + w.Transfer("1001").ID)
				p.Sees(".standing", "Tosite muuttui kirjaamisen jälkeen")
				p.Sees(".actions", "Jätä kirjanpito ennalleen")
				p.Sees(".actions", "Kirjaa erotus muistiotositteella")
				p.Sees(".actions", "Peruuta ja kirjaa uudelleen")
				p.Sees(".actions", c.says)
				p.Shot("choices")
				if !look.NoScript {
					p.Sound()
				}
				p.Click(".choice:has(#why-" + c.action + ") summary")
				p.Fill("#why-"+c.action, "Hinta oli väärin")
				p.Click(".choice:has(#why-" + c.action + ") button[type=submit]")
				p.Sees("p.note.good", "")
				w.Settle()
				p.Go("/documents/" + w.Transfer("1001").ID)
				p.Sees(".standing .badge", "Valmis")
				p.Sees("#chain", "Tositteen muistiotositteet")
				p.Sees("section[aria-labelledby=chain] table", c.how)
				p.Sees("ol.log", "Hinta oli väärin")
				p.Shot("set-right")
				if !look.NoScript {
					p.Sound()
				}
				n, receivables := 0, money.Zero
				for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
					if r.Type != "JOURNAL" {
						continue
					}
					n++
					for _, e := range r.Transactions {
						if e.Account == "1700" && e.TransactionType == "ENTRY" {
							receivables = receivables.Add(money.Must(e.AccountingValue.String()))
						}
					}
				}
				if n != c.journals || receivables.Fixed(2) != "213.35" { // 120 and 50 with VAT
					t.Errorf("%d journals, %s on receivables", n, receivables.Fixed(2))
				}
			})
		}
	}
}
