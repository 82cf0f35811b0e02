package scenes

import (
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A document shows its payments: what is marked, what is held and why. One that
// was skipped goes when the settings let it and it is retried; one that a person
// has seen to in Procountor is ended on its own page.
func TestPaymentsOfADocument(t *testing.T) {
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Arrival = hub.ArriveApproved
				s.Kinds[hub.SalesInvoice] = k
			}})
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "aino", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}, secret.New(webtest.Password))
				return err
			}))
			pay := func(id, amount string) hub.PaymentMade {
				return hub.PaymentMade{SourceID: id, Number: "1001", State: hub.PaymentPaid, Date: civil.Must("2026-03-12"), Amount: money.Must(amount), Currency: "EUR"}
			}
			w.Receive(enginetest.Sale("1001", "100.00"))
			w.Pay(pay("pay-1", "50.00"))
			w.Settle()
			p := Open(t, serve(t, w.Store, w.Engine), look)
			signIn(p, "aino")
			p.Click("td.number a")
			p.Sees("table.payments", "Tämä yhteys ei merkitse maksuja")

			s := w.Connection.Settings
			s.Payments = hub.MasterSource
			w.SetSettings(s)
			p.Click("table.payments button")
			p.Sees("h1", "Maksu: Myyntilasku 1001")
			w.Settle()
			w.Pay(pay("pay-2", "75.51"))
			w.Settle()
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees("table.payments", "Maksu on suurempi kuin avoin summa")
			p.Shot("payments")
			if !look.NoScript {
				p.Sound()
			}
			p.Go("/tasks")
			p.Sees("ul.tasks", "Maksu on suurempi kuin avoin summa")
			p.Click("ul.tasks h2 a")
			p.Sees("table.list", "Maksu: Myyntilasku")
			p.Click("td.number a")
			p.Sees(".explained", "Laskusta on avoinna 75,50")
			p.Shot("payment")
			if !look.NoScript {
				p.Sound()
			}
			if got := w.Paid("1001"); len(got) != 1 || w.Payment("pay-1").State != hub.Done {
				t.Errorf("%+v, %s", got, w.Payment("pay-1").State)
			}
		})
	}
}

// Money that came in with a reference that no invoice has: the tasks lead to its page,
// which names payer and day, the documents that it may be for and why, and what to do;
// once a person has allocated it in Procountor it is gone from there, and stands on the
// page of its invoice.
func TestReferencePaymentsWithoutInvoice(t *testing.T) {
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Arrival = hub.ArriveApproved
				s.Kinds[hub.SalesInvoice] = k
			}})
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "aino", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}, secret.New(webtest.Password))
				return err
			}))
			w.Receive(enginetest.Sale("1001", "100.00"))
			w.Settle()
			company, sum, lost := w.Company.ProcountorID, procountortest.Num("125.50"), procountortest.Num("17.20")
			meant := w.Sandbox.AddReferencePayment(company, procountortest.ReferencePayment{PaymentDate: "2026-03-13", Sum: &sum, BankReference: "13", Name: "Maija Maksaja"})
			w.Sandbox.AddReferencePayment(company, procountortest.ReferencePayment{PaymentDate: "2026-03-14", Sum: &lost, BankReference: "26", Name: "Tuntematon Tauno"})
			read := func() {
				for range 2 {
					w.Clock.Add(61 * time.Minute)
					w.Step(t.Context())
				}
			}
			read()
			p := Open(t, serve(t, w.Store, w.Engine), look)
			signIn(p, "aino")
			p.Go("/tasks")
			p.Sees("main", "2 viitesuoritusta on kohdistamatta")
			p.Click("main a[href='/payments']")
			p.Sees("h1", "Viitesuoritukset ilman laskua")
			p.Sees("table.references", "13.3.2026 125,50")
			p.Sees("table.references", "Maija Maksaja")
			p.Sees("table.references", "1001 Kuvitelma Kauppa Oy sama avoin summa")
			p.Sees("table.references", "Tuntematon Tauno")
			p.Shot("references")
			if !look.NoScript {
				p.Sound()
			}
			w.Sandbox.AllocateReferencePayment(company, meant.ID, w.Vouchers("1001")[0].ID)
			read()
			p.Go("/payments")
			p.Sees("table.references", "Tuntematon Tauno")
			if s := p.Text("table.references"); strings.Contains(s, "Maija Maksaja") {
				t.Errorf("what is allocated is still listed: %s", s)
			}
			p.Go("/documents/" + w.Transfer("1001").ID)
			p.Sees("table.bank", "13.3.2026 125,50")
			p.Sees("dl.facts", "Maksettu")
			p.Shot("allocated")
		})
	}
}
