package scenes

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// Two documents are held: one for a customer whose number another firm has, one
// for an account with a VAT category that nobody has mapped. A person says once
// who the customer is, and writes the rule after seeing rows like it, what may be
// chosen and its entries in the books; both go on by themselves, a second invoice of the
// customer does not ask, and the same account at the general rate stays as it was.
func TestSceneDoubtfulCustomerAndUnmappedAccount(t *testing.T) {
	feature.Covers(t, "E-21", "E-24", "E-25", "E-85")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				byMap([]hub.AccountRule{{Source: "3015", Percent: "25.5", Sales: true, Account: "3010"}}, hub.SalesInvoice)(s)
				s.Partner.OtherID = hub.ConflictAsk
			}})
			doubtful := func(number string) *hub.Document {
				d := on(enginetest.Sale(number, "100.00"), "3015", "S", "25.5")
				d.Buyer.BusinessID = enginetest.BusinessID(77)
				return d
			}
			abroad := func(number string) *hub.Document {
				d := on(enginetest.Sale(number, "250.00"), "3015", "K", "0")
				d.Buyer = hub.Party{Name: "Beispiel GmbH", VATNumber: "DE136695976", Number: "5005", Address: hub.Address{Street: "Weg 1", Zip: "10115", City: "Berlin", Country: "DE"}}
				d.Lines[0].Supply = "goods"
				return d
			}
			partners := func() int { return len(w.Sandbox.Partners(w.Company.ProcountorID)) }
			before := partners()
			arrive(t, w, on(enginetest.Sale("1000", "40.00"), "3015", "S", "25.5"), "3010 -40.00, status 1")
			w.Receive(doubtful("1001"), abroad("1002"))
			w.Settle()
			p := adminAt(t, w, look)
			sound := func() {
				if !look.NoScript {
					p.Sound()
				}
			}
			// 1. What waits: the candidates, and what speaks for and against them.
			p.Click("#tab-needs")
			p.Sees("#list", "Tilikartoituksessa ei ole sääntöä riville")
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees(".candidates", "Kuka Kuvitelma Kauppa Oy on?")
			p.Sees(".candidates", "Y-tunnus "+enginetest.BusinessID(77))
			p.Sees(".candidates li", "Kuvitelma Kauppa Oy Y-tunnus 2345678-0 · numero 1001")
			p.Sees(".candidates .reasons", "sama numero sama nimi sama osoite eri Y-tunnus")
			p.Shot("doubtful")
			sound()
			p.Go("/partners")
			p.Sees("article.doubt", "Kuvitelma Kauppa Oy")
			p.Sees("article.doubt", "1 asiakirja odottaa: 125,50")
			p.Shot("doubts")
			sound()
			// 2. A new one, once for this customer.
			p.Click(".candidates .new-partner button")
			p.Sees("p.note.good", "Uusi liikekumppani perustetaan")
			w.Settle()
			if d := cmp.Diff([]string{"3010 -100.00, status 1"}, books(t, w, "1001")); d != "" {
				t.Error(d)
			}
			w.Receive(doubtful("1003"))
			w.Settle()
			if got := w.Transfer("1003"); got.State != hub.Done {
				t.Errorf("the second one asks: %s", enginetest.Describe(got))
			}
			p.Go("/connections/" + w.Connection.ID + "/partners")
			p.Sees("table.choices", "Kuvitelma Kauppa Oy Kuvitelma Kauppa Oy 1001 Matti Ylläpito")
			p.Shot("remembered")
			sound()
			// 3. The account: rows like it, and what may be chosen.
			p.Go("/documents/" + w.Transfer("1002").ID)
			p.Sees(".explained", "”3015”")
			p.Click(".to-map a")
			p.Sees("h1", "Uusi sääntö")
			p.Sees(".samples", "1002")
			p.Sees(".samples", "1000 · 10.3.2026 · Kuvitelma Kauppa Oy · Konsultointi · 40,00")
			p.Sees(".suggestions", "3100 Sales, EU goods, 5 – EU community sales (product) tilin nimi viittaa tähän veron lajiin; alv-status on asetuksissa")
			p.Shot("rule")
			sound()
			p.Click(".suggestions a")
			// A mistake first: it is said beside its field, and nothing is saved.
			p.Fill("#set-percent", "200")
			p.Expect("422")
			p.Click(".settings-form .save button")
			p.Sees(".setting.wrong", "”200” ei ole prosentti")
			p.Shot("mistake")
			p.Fill("#set-percent", "0")
			// 4. The entries to the cent, then it is saved.
			p.Click(".save button[value=entries]")
			p.Sees("table.entries", "3100 Sales, EU goods Konsultointi 5 – EU community sales (product) 250,00")
			p.Sees("table.entries", "Yhteensä 250,00 250,00")
			p.Shot("entries")
			sound()
			p.Click(".settings-form .save button[type=submit]")
			p.Sees("p.note.good", "tallennettu asetusten versiona 3")
			p.Sees("table.rules", "tili 3015, alv-luokka K, 0 % 3100 Sales, EU goods 5 – EU community sales (product)")
			p.Sees(".standing .badge", "Valmis")
			p.Shot("map")
			sound()
			// 5. It goes on by itself; the versions are compared.
			w.Settle()
			if d := cmp.Diff([]string{"3100 -250.00, status 5"}, books(t, w, "1002")); d != "" {
				t.Error(d)
			}
			p.Go("/documents/" + w.Transfer("1002").ID)
			p.Sees("ol.log", "Jatkaa: este on korjattu")
			p.Go("/connections/" + w.Connection.ID + "/settings/history?from=2&to=3")
			p.Sees("section.compared", "Tilikartoitus, tili 3015, alv-luokka K, 0 %, myynti ei sääntöä → 3100, alv-status 5")
			p.Shot("compared")
			sound()
			// One new partner for the customer; the buyer abroad is the other.
			if n := partners(); n != before+2 {
				t.Errorf("%d partners, %d before", n, before)
			}
			made := 0
			for _, x := range w.Sandbox.Partners(w.Company.ProcountorID) {
				if x.InvoicingInfo != nil && x.InvoicingInfo.Identifier == enginetest.BusinessID(77) {
					made++
				}
			}
			if made != 1 {
				t.Errorf("%d partners with the customer's business id", made)
			}
			arrive(t, w, on(enginetest.Sale("1004", "100.00"), "3015", "S", "25.5"), "3010 -100.00, status 1")
			if got := vatOf(w, "1002"); got != "0" {
				t.Errorf("the sale abroad has %s %%", got)
			}
			// Undone, the choice asks again only where there is still a doubt.
			p.Go("/connections/" + w.Connection.ID + "/partners")
			p.Click("table.choices form button")
			p.Sees("p.note.good", "Kumottu")
		})
	}
}

func vatOf(w *enginetest.World, number string) string {
	return fmt.Sprint(w.Vouchers(number)[0].InvoiceRows[0].VATPercent)
}

// An account of the map is closed in Procountor: the page of the registers tells
// it with the rule and the document that needs it, and when it is open again and
// somebody has the registers read, the document goes.
func TestSceneClosedAccount(t *testing.T) {
	for _, look := range []Look{Desk, Phone} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap([]hub.AccountRule{{Source: "300", Sales: true, Account: "3010"}}, hub.SalesInvoice)})
			p := adminAt(t, w, look)
			w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", false)
			p.Go("/companies")
			p.Click("a[href$='/registers']")
			p.Sees("h1", "Rekisterit")
			p.Sees("#changes", "Mitä on muuttunut")
			p.Click("form[action$='/registers'] button")
			p.Sees("p.note.good", "Rekisterit luettiin uudelleen")
			w.Receive(on(enginetest.Sale("1001", "100.00"), "300", "S", "25.5"))
			w.Settle()
			p.Go("/companies/" + w.Company.ID + "/registers")
			p.Sees("ul.changes", "Tili 3010 Sales of services on suljettu")
			p.Sees("ul.changes", "Käytössä yhteydessä Finvoice: Tilikartoitus, tili 300, myynti")
			p.Sees("ul.changes", "1 asiakirja, jota ei vielä ole kirjanpidossa, tarvitsee sitä: 1001")
			p.Shot("closed")
			p.Sound()
			p.Click("ul.changes li li a")
			p.Sees(".gaps", "tili 3010 ei ole Procountorissa auki")
			p.Shot("gap")
			w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", true)
			p.Go("/companies/" + w.Company.ID + "/registers")
			p.Click("form[action$='/registers'] button")
			p.Sees("ul.changes", "Tili 3010 Sales of services on avattu")
			w.Settle()
			if d := cmp.Diff([]string{"3010 -100.00, status 1"}, books(t, w, "1001")); d != "" {
				t.Error(d)
			}
		})
	}
}
