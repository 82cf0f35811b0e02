package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
)

// A day of a Severa: invoices are made, wait, are mended, moved on and paid, while
// answers of both systems are lost. In the evening both sides agree to the cent, each
// invoice has one voucher, and drafts have none. In a day on which nothing happens nothing
// is shown, nothing is written, and the cursor stands still.
func TestADayOfSevera(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := enginetest.NewSevera()
			cfg := enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Files.Goes = hub.FilesAll
				s.Kinds[hub.SalesInvoice] = k
			}}
			s.Into(&cfg)
			w := enginetest.OnSQLite(t)(cfg)
			w.Severa(s, nil)
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test that repeats
			for _, kind := range []faulty.Kind{faulty.Before, faulty.After, faulty.Body} {
				s.Plan.Add(faulty.Rule{PerMill: 5, Fault: faulty.Fault{Kind: kind}})
				w.Sandbox.PlanFault(faulty.Rule{PerMill: 10, Fault: faulty.Fault{Kind: kind}})
			}
			even := func(most int) string { return fmt.Sprint(2 * (1 + random.IntN(most))) }
			rows := func() (list []severafake.Row) {
				for range 1 + random.IntN(3) {
					list = append(list, severafake.Row{Text: "Suunnittelu", Quantity: fmt.Sprint(1 + random.IntN(8)), Price: even(60), VAT: "25.5", Unit: "h", Project: s.Project})
				}
				return list
			}
			var all []string
			pick := func() string { return all[random.IntN(len(all))] }
			act := func() {
				switch n := random.IntN(10); {
				case n < 4 || len(all) == 0:
					status := s.Waiting
					if n == 0 {
						status = s.Draft
					}
					all = append(all, s.NewInvoice(severafake.Invoice{Number: 1001 + len(all), Date: "2026-03-16", Due: "2026-03-30", Status: status, Customer: s.Customer, Projects: []string{s.Project}, Rows: rows()}))
				case n < 6: // somebody mends a row, whatever the status
					row := s.Rows(pick())[0]["guid"].(string)
					price := even(60)
					s.ChangeRow(row, random.IntN(2) == 0, func(o severafake.Object) { o["unitPrice"] = severafake.Money(price, "EUR") })
				case n < 8: // never what was not fetched: then somebody else has transferred it
					if guid := pick(); len(w.Vouchers(fmt.Sprint(s.Get("invoices", guid)["number"]))) > 0 {
						s.SetStatus(guid, s.Transferred)
					}
				case n < 9:
					s.SetStatus(pick(), s.Paid)
				default:
					s.SetStatus(pick(), s.Waiting)
				}
			}
			run := func() (shown int) {
				if p, err := w.Engine.Pull(t.Context(), w.Connection.ID); err != nil {
					t.Fatal(err)
				} else if p != nil {
					shown = p.Documents
				}
				return shown
			}
			for morning := w.Clock.Now(); w.Clock.Now().Sub(morning) < 24*time.Hour; {
				if random.IntN(2) == 0 {
					act()
				}
				run()
				w.Settle()
				w.Clock.Add(10 * time.Minute)
			}
			s.Plan.Clear()
			w.Sandbox.ClearFaults()
			for range 3 {
				w.Clock.Add(time.Hour)
				run()
				w.Settle()
			}

			arrived := 0
			for _, guid := range all {
				o := s.Get("invoices", guid)
				number := fmt.Sprint(o["number"])
				status := o["status"].(map[string]any)["guid"]
				v := w.Vouchers(number)
				if status == s.Draft {
					if len(v) != 0 {
						t.Errorf("draft %s has %d vouchers", number, len(v))
					}
					continue
				}
				gross := money.Must(fmt.Sprint(o["totalIncludingTax"].(map[string]any)["amount"]))
				if len(v) != 1 {
					t.Errorf("%s has %d vouchers: %s", number, len(v), enginetest.Describe(w.Transfer(number)))
					continue
				}
				arrived++
				if there := money.Must(v[0].InvoiceSumInfo[0].InvoiceSumTotal.String()); !there.Equal(gross) {
					t.Errorf("%s: %s there, %s in Severa; %s", number, there, gross, enginetest.Describe(w.Transfer(number)))
				}
			}
			if arrived < 20 {
				t.Errorf("only %d of %d invoices arrived", arrived, len(all))
			}

			cursor := func() string {
				c, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (string, error) { return tx.Cursor(w.Connection.ID) })
				w.Must(err)
				return c
			}
			before, writes := cursor(), s.Writes()
			w.Sandbox.ForgetRequests()
			for range 24 * 6 {
				w.Clock.Add(10 * time.Minute)
				if n := run(); n != 0 {
					t.Errorf("%d documents came of nothing", n)
				}
				w.Settle()
			}
			if cursor() != before || s.Writes() != writes {
				t.Errorf("the cursor moved, or Severa was written to")
			}
			for _, r := range w.Sandbox.Received() {
				if r.Method != "GET" && r.Path != "/oauth/token" {
					t.Errorf("%s %s", r.Method, r.Path)
				}
			}
		})
	}
}
