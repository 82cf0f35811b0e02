package scenes

import (
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// The checklist is read from both systems: each line says what is missing and where it
// is mended, and writing is not switched on before nothing is open.
func TestChecklist(t *testing.T) {
	feature.Covers(t, "S-48", "S-49", "S-50", "S-52", "S-53")
	feature.Covers(t, "S-38", "S-40", "S-41", "S-43", "S-45")
	feature.Covers(t, "S-8", "S-21", "S-47", "S-56", "S-58")
	for _, look := range []Look{Desk, {Width: 360, Height: 780, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			s := enginetest.NewSevera()
			cfg := enginetest.Config{Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Posting = hub.PostedByMap
				s.Kinds[hub.SalesInvoice] = k
				s.Accounts = []hub.AccountRule{{Source: "3000", Sales: true, Account: "3000"}, {Sales: true, Account: "3000"}}
			}}
			s.Into(&cfg)
			w := enginetest.OnSQLite(t)(cfg)
			w.Severa(s, nil)
			s.NewSalesAccount("3000", "Myynti")
			odd := s.NewSalesAccount("3999", "Vanha myynti")
			s.Change("invoicestatuses", s.Waiting, func(o severafake.Object) { o["hasInvoiceNumber"] = false })
			s.Change("invoicestatuses", s.Transferred, func(o severafake.Object) { o["sortOrder"] = 9 })
			demo := w.Sandbox.Demo()
			person := w.Sandbox.AddUser(demo.CompanyID, "m.m", "Matti", "Meikäläinen", procountortest.AllRights())
			key := w.Sandbox.AddAPIKey(demo.CompanyID, person, demo.ClientID, "")
			w.Must(w.Engine.SetKey(t.Context(), "test", w.Company.ID, secret.New(key)))
			_, err := w.Engine.Refresh(t.Context(), w.Company.ID)
			w.Must(err)

			p := adminAt(t, w, look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			p.Expect("422")
			p.Go("/connections/" + w.Connection.ID)
			p.Click("a[href$='/checklist']")
			p.Sees("h1", "Tarkistuslista")
			// Procountor: the key was made for our client, and opens; a person's own is not advised.
			p.Sees("#line-key", "API-avain avaa yhtiön")
			p.Sees("#line-interfaces", "kunnossa")
			p.Sees("#line-technical-user", "Salli vain M2M API -kirjautuminen")
			p.Sees("#line-technical-user", "yhtiön nimi etunimeksi ja Vienti sukunimeksi; sähköpostiosoite on pakollinen")
			// Severa: accounts, codes and statuses.
			p.Sees("#line-sales-accounts", "3999 Vanha myynti")
			p.Sees("#line-sales-accounts", "Korjaa numero lähteessä, lisää tili Procountoriin tai kirjoita sille sääntö tilikartoitukseen")
			p.Sees("#line-code-accounts", "SUUN Suunnittelu")
			p.Sees("#line-product-register", "LUPA Lupamaksu")
			p.Sees("#line-work-register", "SUUN Suunnittelu")
			p.Sees("#line-status-numbered", "Odottaa siirtoa Procountoriin")
			p.Sees("#line-status-numbered", "puuttuu")
			p.Sees("#line-status-paid-last", "Siirretty Procountoriin")
			p.Sees("#complete", "2 asiaa puuttuu")
			look("1-missing")

			p.Go("/connections/" + w.Connection.ID + "/writing")
			p.Click("input[name=sure]")
			p.Click("form[action$='/writing'] button")
			p.Sees("[role=alert]", "katso tarkistuslista")
			if connectionOf(w).Writing {
				t.Fatal("writing was switched on")
			}

			// Two integrations at once: an invoice arrives that is not ours.
			w.Foreign(enginetest.Sale("77001", "10.00"))
			for range 4 {
				w.Clock.Add(15 * time.Minute)
				w.Step(t.Context())
			}
			s.Remove("salesaccounts", odd)
			s.Change("invoicestatuses", s.Waiting, func(o severafake.Object) { o["hasInvoiceNumber"] = true })
			s.Change("invoicestatuses", s.Transferred, func(o severafake.Object) { o["sortOrder"] = 2 })
			p.Go("/connections/" + w.Connection.ID + "/checklist")
			p.Click("#check-again")
			p.Sees("#line-other-integration", "77001 Kuvitelma")
			p.Sees("#line-other-integration", "Procountorin asiakaspalvelun kautta")
			p.Sees("#complete", "Kaikki, mitä kirjoitus tarvitsee, on kunnossa")
			if strings.Contains(p.Text("#line-status-numbered"), "puuttuu") {
				t.Error("what was mended is still missing")
			}
			look("2-complete")
			p.Go("/connections/" + w.Connection.ID + "/writing")
			p.Click("input[name=sure]")
			p.Click("form[action$='/writing'] button")
			p.Sees("p.note.good", "Kirjoitus on päällä")
			if !connectionOf(w).Writing {
				t.Error("writing was not switched on")
			}
			// A key that is taken away is said, with the client that the next one is for.
			w.Sandbox.RevokeAPIKey(key)
			s.Revoke()
			p.Go("/connections/" + w.Connection.ID + "/checklist")
			p.Sees("#line-key", demo.ClientID)
			p.Sees("#line-key", "Pääkäyttäjä voi muodostaa avaimen myös yhtiön toiselle käyttäjälle")
			p.Sees("#line-source", "Tarkista tunnukset")
		})
	}
}

// connectionOf is the connection of a world as it is stored.
func connectionOf(w *enginetest.World) hub.Connection {
	c, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(w.Connection.ID) })
	w.Must(err)
	return c
}
