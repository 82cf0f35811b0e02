package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// severaWorld is a world whose connection is that of a Severa.
func severaWorld(t *testing.T, world func(enginetest.Config) *enginetest.World, cfg enginetest.Config, how hub.Telling) (*enginetest.World, *enginetest.Severa) {
	t.Helper()
	s := enginetest.NewSevera()
	s.Into(&cfg)
	cfg.Writing = true
	if cfg.Settings == nil {
		cfg.Settings = arriving(hub.ArriveApproved)
	}
	w := world(cfg)
	w.SeveraBack(s, how)
	return w, s
}

func wantFees(t *testing.T, s *enginetest.Severa, want ...string) {
	t.Helper()
	if got := s.Fees(); !slices.Equal(got, want) {
		t.Fatalf("in Severa stands %q, want %q", got, want)
	}
}

// minutes lets minutes pass, as the engine is called in life.
func minutes(w *enginetest.World, n int) {
	w.T.Helper()
	for range n / 2 {
		w.Clock.Add(2 * time.Minute)
		_, err := w.TryStep()
		w.Must(err)
	}
}

// An approved purchase invoice on a project is a cost there soon; one that is put on a
// project later, which moves no version in Procountor, some ten minutes later. What
// changes there changes, what is removed there is removed.
func TestCostsOfSevera(t *testing.T) {
	feature.Covers(t, "S-5", "S-28", "S-90")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, s := severaWorld(t, world, enginetest.Config{}, hub.Telling{})
		first := w.Bought("P1", "100", "4711")
		client, err := w.Engine.Client(t.Context(), w.Company)
		w.Must(err)
		_, err = client.Attachments.Create(t.Context(), procountor.Attachment{Name: "lasku.pdf", ReferenceType: procountor.AtInvoice, ReferenceID: first}, severafake.PDF("Lasku P1", "2026"))
		w.Must(err)
		general := w.Bought("P2", "40", "")
		returned(t, w, "P1 done", "P2 skipped back-no-project")
		w.Must(w.Store.Read(t.Context(), func(tx *store.Tx) error {
			row, err := tx.DocumentByID(w.Transfer("P1").Subject)
			if err != nil || len(row.Choice.Added) != 1 || row.Choice.Added[0].Name != "lasku.pdf" {
				t.Errorf("kept files: %+v, %v", row.Choice, err)
				return err
			}
			b, err := tx.DocumentFile(row.ID, row.Choice.Added[0].Hash)
			if int64(len(b)) != row.Choice.Added[0].Size {
				t.Errorf("%d bytes", len(b))
			}
			return err
		}))
		wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1")
		w.OnProject(general, "4712")
		minutes(w, 14)
		wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1", "4712 40.00 Olematon Tukku Oy P2")
		w.OnProject(general, "4711") // another project: one cost goes, another comes
		minutes(w, 14)
		wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1", "4711 40.00 Olematon Tukku Oy P2")
		deduct(w, general, "0")
		minutes(w, 14)
		wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1", "4711 50.20 Olematon Tukku Oy P2")
		w.Sandbox.DeleteInvoice(w.Company.ProcountorID, general)
		minutes(w, 14)
		returned(t, w, "P1 done", "P2 withdrawn")
		wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1")
		writes := s.Writes()
		hours(w, 30)
		returned(t, w, "P1 done", "P2 withdrawn")
		if s.Writes() != writes {
			t.Errorf("%d writes without a change", s.Writes()-writes)
		}
	})
}

// deduct sets how much of the VAT of a purchase is deducted, on its ledger receipt.
func deduct(w *enginetest.World, invoice int64, percent string) {
	w.T.Helper()
	inv, _ := w.Sandbox.Invoice(w.Company.ProcountorID, invoice)
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	receipt, err := client.LedgerReceipts.Get(w.T.Context(), *inv.LedgerReceiptID)
	w.Must(err)
	for i := range receipt.Transactions {
		if receipt.Transactions[i].TransactionType == procountor.Entry {
			receipt.Transactions[i].VATDeductionPercent = procountor.MustParseDecimal(percent)
		}
	}
	_, err = client.LedgerReceipts.Update(w.T.Context(), receipt)
	w.Must(err)
}

// A cost that is on an invoice there, or that somebody there has edited, is not
// touched: it is a task. Put right there by hand it is as it should be.
func TestTouchedCostIsATask(t *testing.T) {
	w, s := severaWorld(t, enginetest.OnSQLite(t), enginetest.Config{}, hub.Telling{})
	first, second, third := w.Bought("P1", "100", "4711"), w.Bought("P2", "50", "4711"), w.Bought("P3", "70", "4712")
	returned(t, w, "P1 done", "P2 done", "P3 done")
	fees := s.All("projectfees")
	s.InvoiceFee(fees[0]["guid"].(string), s.NewInvoice(severafake.Invoice{Number: 9, Date: "2026-03-10", Status: s.Draft, Customer: s.Customer, Projects: []string{s.Project}}))
	s.Change("projectfees", fees[1]["guid"].(string), func(o severafake.Object) { o["unitPrice"] = severafake.Money("60.00", "EUR") })
	s.Change("projectfees", fees[2]["guid"].(string), func(o severafake.Object) { o["unitCost"] = severafake.Money("87.85", "EUR") })
	for _, id := range []int64{first, second, third} {
		deduct(w, id, "0")
	}
	minutes(w, 14)
	returned(t, w, "P1 done_with_warning record-invoiced", "P2 done_with_warning record-edited", "P3 done")
	wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1", "4711 50.00 Olematon Tukku Oy P2", "4712 87.85 Olematon Tukku Oy P3")
	for _, n := range []string{"P1", "P2"} {
		tr := w.Transfer(n)
		tasks, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.Task, error) { return tx.TasksOf(&tr) })
		if err != nil || len(tasks) != 1 || !tasks[0].Open() || tr.Faults[0].Args["number"] == "" || tr.Faults[0].Args["record"] == "" {
			t.Errorf("%s: %v %v %v", n, tasks, err, tr.Faults)
		}
	}
	s.Change("projectfees", fees[1]["guid"].(string), func(o severafake.Object) { o["unitCost"] = severafake.Money("62.75", "EUR") })
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P2").ID, engine.Retry, ""))
	returned(t, w, "P1 done_with_warning record-invoiced", "P2 done", "P3 done")
	// One that somebody has removed there is written anew when a person says so.
	s.Remove("projectfees", fees[2]["guid"].(string))
	deduct(w, third, "50")
	minutes(w, 14)
	returned(t, w, "P1 done_with_warning record-invoiced", "P2 done", "P3 done_with_warning back-changed")
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P3").ID, engine.Retry, ""))
	returned(t, w, "P1 done_with_warning record-invoiced", "P2 done", "P3 done")
	wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1", "4711 62.75 Olematon Tukku Oy P2", "4712 78.93 Olematon Tukku Oy P3")
}

// A closed project holds the invoice, with a sentence; so does a missing scope, until
// Severa takes something again. What stands there is not removed for that.
func TestClosedProjectHolds(t *testing.T) {
	w, s := severaWorld(t, enginetest.OnSQLite(t), enginetest.Config{}, hub.Telling{})
	var closed string
	for _, p := range s.All("projects") {
		if p["name"] == "Piha" {
			closed = p["guid"].(string)
		}
	}
	id := w.Bought("P1", "100", "4712")
	returned(t, w, "P1 done")
	s.Change("projects", closed, func(o severafake.Object) { o["isClosed"] = true })
	w.Bought("P2", "100", "4712")
	deduct(w, id, "0")
	minutes(w, 14)
	returned(t, w, "P1 held back-closed", "P2 held back-closed")
	wantFees(t, s, "4712 100.00 Olematon Tukku Oy P1")
	s.Change("projects", closed, func(o severafake.Object) { o["isClosed"] = false })
	for _, n := range []string{"P1", "P2"} {
		w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer(n).ID, engine.Retry, ""))
	}
	returned(t, w, "P1 done", "P2 done")
	s.Without("fees:write")
	w.Bought("P3", "10", "4711")
	returned(t, w, "P1 done", "P2 done", "P3 held back-denied")
	if f := w.Transfer("P3").Faults[0]; !strings.Contains(f.Args["reason"], "fees:write") {
		t.Errorf("%+v", f)
	}
	s.Without()
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P3").ID, engine.Retry, ""))
	returned(t, w, "P1 done", "P2 done", "P3 done")
}

// At every named point of a change and of a removal the engine dies and another takes
// over, twice; alone, and together with an answer that was lost: each is done once.
func TestChangeCrashes(t *testing.T) {
	for _, point := range []string{"intended", "sent", "recorded", "looked"} {
		for _, lost := range []faulty.Kind{faulty.None, faulty.After, faulty.Before} {
			if point == "looked" && lost == faulty.None {
				continue
			}
			t.Run(point+"-"+string(lost), func(t *testing.T) {
				t.Parallel()
				enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
					var s *enginetest.Severa
					crashed, broken := map[string]int{}, map[string]bool{}
					w, made := severaWorld(t, world, enginetest.Config{Crash: func(p string) {
						kind, at, _ := strings.Cut(p, "/")
						if k := hub.StepKind(kind); k != hub.ChangeRecord && k != hub.RemoveRecord {
							return
						}
						if at == "intended" && lost != faulty.None && !broken[kind] {
							broken[kind] = true
							s.Plan.Add(faulty.Rule{Write: true, Path: "/rest-api/v1/projectfees/", Times: 1, Fault: faulty.Fault{Kind: lost}})
						}
						if at == point && crashed[kind] < 2 {
							crashed[kind]++
							panic(enginetest.Crash(p))
						}
					}}, hub.Telling{})
					s = made
					d := enginetest.Purchase("P1", "100")
					d.Lines = append(d.Lines, d.Lines[0])
					d.Totals = hub.Totals{}
					id := w.Boughts(d, "4711", "4712")
					returned(t, w, "P1 done")
					wantFees(t, s, "4711 100.00 Olematon Tukku Oy P1", "4712 100.00 Olematon Tukku Oy P1")
					w.OnProject(id, "4711") // both rows: one cost is changed, one removed
					minutes(w, 14)
					returned(t, w, "P1 done")
					wantFees(t, s, "4711 200.00 Olematon Tukku Oy P1")
					if crashed["change_record"] == 0 || crashed["remove_record"] == 0 {
						t.Errorf("the point was never reached: %v", crashed)
					}
				})
			})
		}
	}
}

// The status of Severa's own invoice follows what has become of it, once, whatever
// happens to an answer.
func TestSeveraIsTold(t *testing.T) {
	feature.Covers(t, "S-57")
	for _, lost := range []faulty.Kind{faulty.None, faulty.After, faulty.Before, faulty.Body} {
		t.Run(string(lost), func(t *testing.T) {
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				var s *enginetest.Severa
				crashed, intents := false, 0
				w, made := severaWorld(t, world, enginetest.Config{Crash: func(p string) {
					if p == "tell_source/intended" {
						intents++
					}
					if p == "tell_source/intended" && lost != faulty.None && intents%2 == 1 {
						s.Plan.Add(faulty.Rule{Write: true, Path: "/rest-api/v1/invoices/", Times: 1, Fault: faulty.Fault{Kind: lost}})
					}
					if p == "tell_source/sent" && !crashed {
						crashed = true
						panic(enginetest.Crash(p))
					}
				}}, all)
				s = made
				d := s.Invoice(1001, "100")
				w.Receive(d)
				reported(t, w, "1001 done")
				if got := s.Says(d); got != "Siirretty Procountoriin" || !crashed {
					t.Fatal(got)
				}
				paysThere(w, "1001", "125.50", "2026-03-13")
				reported(t, w, "1001 done")
				if got := s.Says(d); got != "Maksettu 2026-03-13" {
					t.Fatal(got)
				}
				if n := s.Requests()["PATCH /v1/invoices/{guid}"]; n != 2 && lost != faulty.After && lost != faulty.Body {
					t.Errorf("%d writes", n)
				}
			})
		})
	}
}

// Severa's invoices come by its reader, are told of, paid, and come back changed in
// status only: nothing is new, nothing is written twice. What was moved there before our
// time is not taken.
func TestSeveraThereAndBack(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, s := severaWorld(t, world, enginetest.Config{InFlight: 8, Settings: func(st *hub.Settings) {
			arriving(hub.ArriveApproved)(st)
			ks := st.Kinds[hub.SalesInvoice]
			ks.Files.Goes = hub.FilesNone
			st.Kinds[hub.SalesInvoice] = ks
		}}, all)
		first, second, before := s.Invoice(1001, "100"), s.Invoice(1002, "50"), s.Invoice(900, "10")
		s.SetStatus(before.SourceID, s.Transferred)
		if p := w.Pull(); p.New != 2 {
			t.Fatalf("%+v", p)
		}
		reported(t, w, "1001 done", "1002 done")
		for _, d := range []*hub.Document{first, second} {
			if got := s.Says(d); got != "Siirretty Procountoriin" {
				t.Errorf("%s: %s", d.Number, got)
			}
		}
		writes := s.Writes()
		if p := w.Pull(); p.New != 0 || p.Changed != 0 {
			t.Errorf("%+v", p)
		}
		reported(t, w, "1001 done", "1002 done")
		paysThere(w, "1001", "125.50", "2026-03-13")
		reported(t, w, "1001 done", "1002 done")
		if p := w.Pull(); p.New != 0 || p.Changed != 0 || s.Says(first) != "Maksettu 2026-03-13" || s.Writes() != writes+1 {
			t.Errorf("%+v, %s, %d writes", p, s.Says(first), s.Writes()-writes)
		}
		if len(w.Vouchers("900")) != 0 || len(w.Vouchers("1001")) != 1 {
			t.Error("sent twice, or what was moved before")
		}
		// The status after the transfer is deleted: reading says so as well; made anew, all goes on.
		third := s.Invoice(1003, "70")
		w.Pull()
		s.Without("invoices:write")
		reported(t, w, "1001 done", "1002 done", "1003 held back-denied")
		wantState(t, w, "1003", hub.Done, "")
		if f := w.Reports()[2].Faults[0]; !strings.Contains(f.Args["reason"], "invoices:write") {
			t.Errorf("%+v", f)
		}
		w.Pull() // reading goes on without that scope
		reported(t, w, "1001 done", "1002 done", "1003 held back-denied")
		s.Without()
		w.Pull()
		reported(t, w, "1001 done", "1002 done", "1003 done")
		if got := s.Says(third); got != "Siirretty Procountoriin" {
			t.Error(got)
		}
	})
}
