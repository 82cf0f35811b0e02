package scenes

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// The page of an invoice shows how far Procountor calls it paid, the list finds what
// is partly paid, and an invoice that the operator gave back is a task with the
// operator's words until somebody has seen to it in Procountor.
func TestReadBack(t *testing.T) {
	for _, look := range []Look{Desk, Phone} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Arrival = hub.ArriveSent
				s.Kinds[hub.SalesInvoice] = k
				s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
			}})
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "aino", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}, secret.New(webtest.Password))
				return err
			}))
			w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "100.00"))
			w.Settle()
			company, sum := w.Company.ProcountorID, procountortest.Num("100")
			w.Sandbox.AddReferencePayment(company, procountortest.ReferencePayment{PaymentDate: "2026-03-12", Sum: &sum,
				BankReference: *w.Vouchers("1001")[0].PaymentInfo.BankReferenceCode})
			w.Sandbox.ReturnSending(company, w.Vouchers("1002")[0].ID, "Receiver unknown")
			pass := func() {
				w.Clock.Add(time.Hour)
				w.Step(t.Context())
				w.Settle()
			}
			pass()
			p := Open(t, serve(t, w.Store, w.Engine), look)
			signIn(p, "aino")
			p.Go("/documents?paid=partly")
			p.Sees("table.list", "1001")
			p.Click("td.number a")
			p.Sees("dl.facts", "Osittain maksettu")
			p.Sees("dl.facts", "25,50")
			p.Sees("dl.facts", "12.3.2026")
			p.Shot("paid")
			p.Sound()
			p.Go("/tasks")
			p.Sees("ul.tasks", "Operaattori palautti laskun")
			p.Click("ul.tasks h2 a")
			p.Click("td.number a")
			p.Sees(".explained", "Receiver unknown")
			p.Shot("returned")
			p.Sound()
			w.Sandbox.HandleSending(company, w.Vouchers("1002")[0].ID, true)
			p.Click("form[action$=retry] button")
			p.Sees("main", "Lähdössä")
			w.Settle()
			if v := w.Vouchers("1002"); len(v) != 1 || v[0].Status != "SENT" {
				t.Errorf("%+v", v)
			}
		})
	}
}
