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

// The pages of a credit note and of its invoice show the offset of the two, and the
// offset its two steps; one of an invoice that had been paid says that money is to be
// returned, and is a task until somebody has seen to it.
func TestOffsetOfACreditNote(t *testing.T) {
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Arrival = hub.ArriveApproved
				s.Kinds[hub.SalesInvoice] = k
				s.Offset = hub.OffsetByVienti
			}})
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "aino", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}, secret.New(webtest.Password))
				return err
			}))
			w.Receive(enginetest.Sale("1001", "100.00"))
			w.Settle()
			w.Receive(enginetest.Credit("1002", "40.00", "1001"))
			w.Settle()
			p := Open(t, serve(t, w.Store, w.Engine), look)
			signIn(p, "aino")
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees("table.offsets", "Hyvityslasku 2 laskua 1 vastaan")
			p.Shot("offset-of")
			p.Click("table.offsets a")
			p.Sees("h1", "Kuittaus: Myynnin hyvityslasku 1002")
			p.Sees("ol.steps", "Lasku 1")
			p.Sees("ol.steps", "Hyvityslasku 2")
			p.Shot("offset")
			if !look.NoScript {
				p.Sound()
			}
			w.Receive(enginetest.Credit("1003", "100.00", "1001")) // 75.30 of 125.50 are still open
			w.Settle()
			p.Go("/tasks")
			p.Sees("ul.tasks", "Hyvitetty lasku oli maksettu")
			p.Click("ul.tasks h2 a")
			p.Sees("table.list", "Kuittaus: Myynnin hyvityslasku")
			p.Click("td.number a")
			p.Sees(".explained", "50,20")
			p.Shot("refund")
			if !look.NoScript {
				p.Sound()
			}
		})
	}
}
