package scenes

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
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
