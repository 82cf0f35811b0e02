package scenes

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// An invoice changes after it was approved: the page offers what can be done, each
// with what it means; a person credits it and has it sent anew, with a reason.
func TestChangedDocumentIsDecided(t *testing.T) {
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				ks := s.Kinds[hub.SalesInvoice]
				ks.Arrival = hub.ArriveApproved
				s.Kinds[hub.SalesInvoice] = ks
			}})
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "aino", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}, secret.New(webtest.Password))
				return err
			}))
			w.Receive(enginetest.Sale("1001", "100.00"))
			w.Settle()
			w.Receive(enginetest.Sale("1001", "120.00"))
			w.Settle()
			p := Open(t, serve(t, w.Store, w.Engine), look)
			signIn(p, "aino")
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees(".standing", "Tosite muuttui kirjaamisen jälkeen")
			p.Sees(".choice.answer:nth-of-type(1) .fine", "")
			for _, says := range []string{"Jätä kirjanpito ennalleen", "tosite jää sellaiseksi kuin se on", "täysi hyvityslasku", "Lähetä rinnalle",
				"Lähetetään uutena tositteena"} {
				p.Sees(".actions", says)
			}
			p.Shot("choices")
			if !look.NoScript {
				p.Sound()
			}
			p.Click(".choice:has(#why-credit_anew) summary")
			p.Fill("#why-credit_anew", "Sovittu asiakkaan kanssa")
			p.Shot("why")
			p.Click(".choice:has(#why-credit_anew) button[type=submit]")
			p.Sees(".flash, [role=status]", "Hyvitetään ja lähetetään uusi")
			w.Settle()
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees(".standing", "Kuittaa hyvityslasku käsin")
			p.Sees("ol.steps", "Hyvitä aiempi tosite kokonaan")
			p.Sees("ol.log", "Sovittu asiakkaan kanssa")
			p.Shot("credited")
			if !look.NoScript {
				p.Sound()
			}
			if n := len(w.Vouchers("1001")); n != 3 {
				t.Errorf("%d vouchers", n)
			}
		})
	}
}

// An invoice that its customer has goes no second time by itself. From its page a person
// releases what holds it, each lock by a tick, with a reason; then it is edited at the
// source, and what stands in Procountor decides what may become of it.
func TestLocksOfAnInvoiceAreReleased(t *testing.T) {
	feature.Covers(t, "V-67", "V-68")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: sends(hub.ByMail)})
			w.Receive(enginetest.Sale("1001", "100.00"))
			w.Settle()
			p := adminAt(t, w, look)
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees(".actions", "Pura laskun lukituksia")
			p.Click(".choice:has(#why-release_locks) summary")
			p.Sees(".choice:has(#why-release_locks)", "Poista siirtomerkintä: tosite on Procountorissa numerolla 1")
			p.Sees(".choice:has(#why-release_locks)", "Poista lähetysmerkintä: lasku on asiakkaalla")
			p.Click("input[name=lock][value=transfer]")
			p.Fill("#why-release_locks", "Väärä tilausviite")
			p.Click(".choice:has(#why-release_locks) button[type=submit]") // one lock still holds it
			p.Shot("locks")
			if !look.NoScript {
				p.Sound()
			}
			if got := w.Transfer("1001"); got.State != hub.Done {
				t.Errorf("released by one tick: %s", enginetest.Describe(got))
			}
			p.Click("input[name=lock][value=sent]")
			p.Click(".choice:has(#why-release_locks) button[type=submit]")
			p.Sees("p.note.good", "Lukitukset on purettu")
			p.Sees(".standing", "Se, mikä Procountorissa jo on, on siellä kuten ennenkin")
			p.Sees(".explained", "Tositteen lukitukset on purettu")
			for _, says := range []string{"Jätä kirjanpito ennalleen", "täysi hyvityslasku", "Lähetä rinnalle"} {
				p.Sees(".actions", says)
			}
			if s := p.Text(".actions"); strings.Contains(s, "Poista Procountorista") {
				t.Errorf("what the customer has may be removed: %s", s)
			}
			p.Shot("released")
			if !look.NoScript {
				p.Sound()
			}
			w.Settle()
			if n := len(w.Vouchers("1001")); n != 1 {
				t.Fatalf("%d vouchers without an answer", n)
			}
			edited := enginetest.Sale("1001", "100.00")
			edited.References.Order = "PO-77"
			w.Receive(edited)
			w.Settle()
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees(".standing", "Tosite muuttui kirjaamisen jälkeen")
			p.Click(".choice:has(#why-credit_anew) summary")
			p.Fill("#why-credit_anew", "Sovittu asiakkaan kanssa")
			p.Click(".choice:has(#why-credit_anew) button[type=submit]")
			p.Sees("p.note.good", "Hyvitetään ja lähetetään uusi")
			w.Settle()
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees("ol.log", "Lukitukset purettu Väärä tilausviite")
			if n := len(w.Vouchers("1001")); n != 3 {
				t.Errorf("%d vouchers", n)
			}
		})
	}
}
