package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// framed is a world whose connection is that of a ValueFrame.
func framed(t *testing.T, world func(enginetest.Config) *enginetest.World, cfg enginetest.Config) (*enginetest.World, *enginetest.Frame) {
	t.Helper()
	f := enginetest.NewFrame()
	f.Into(&cfg)
	cfg.Writing = true
	w := world(cfg)
	w.Frame(f)
	return w, f
}

// returned steps until nothing moves, and wants the documents from Procountor to
// stand as these words say: number, state, first reason.
func returned(t *testing.T, w *enginetest.World, want ...string) {
	t.Helper()
	w.Clock.Add(2 * time.Minute) // the list of invoices is read once a minute
	w.Settle()
	var got []string
	for _, tr := range w.Returned() {
		line := tr.Number + " " + string(tr.State)
		if len(tr.Faults) > 0 {
			line += " " + tr.Faults[0].Code
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func wantCosts(t *testing.T, f *enginetest.Frame, want ...string) {
	t.Helper()
	if got := f.Costs(); !slices.Equal(got, want) {
		t.Fatalf("in ValueFrame stands %q, want %q", got, want)
	}
}

// An approved purchase invoice becomes a cost of its project, once; one without a
// project does not, until somebody puts it on one.
func TestPurchaseGoesBack(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, f := framed(t, world, enginetest.Config{})
		w.Bought("P1", "100", "4711")
		general := w.Bought("P2", "40", "")
		w.Bought("P3", "10", "Yleiset")
		returned(t, w, "P1 done", "P2 skipped back-no-project", "P3 held back-project")
		wantCosts(t, f, "4711 100.00 P1 Olematon Tukku Oy P1")
		if tr := w.Transfer("P1"); tr.InvoiceID != 0 || tr.InvoiceNumber == 0 || tr.PartnerName != "Olematon Tukku Oy" || tr.Gross != "125.50" {
			t.Errorf("%+v", tr)
		}
		w.OnProject(general, "4712") // moves no version
		hours(w, 2)
		returned(t, w, "P1 done", "P2 done", "P3 held back-project")
		wantCosts(t, f, "4711 100.00 P1 Olematon Tukku Oy P1", "4712 40.00 P2 Olematon Tukku Oy P2")
		w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P3").ID, engine.Skip, "no project"))
		returned(t, w, "P1 done", "P2 done", "P3 skipped")
	})
}

// It goes in each status in which it is approved, and in no other.
func TestStatusesThatGoBack(t *testing.T) {
	feature.Covers(t, "S-28")
	for status, goes := range map[string]bool{"UNFINISHED": false, "RECEIVED": false, "VERIFIED": false, "PAYMENT_DENIED": false, "INVALIDATED": false,
		"APPROVED": true, "PAYMENT_QUEUED": true, "PAYMENT_SENT_TO_BANK": true, "PARTLY_PAID": true, "PAID": true, "MARKED_PAID": true} {
		w, f := framed(t, enginetest.OnSQLite(t), enginetest.Config{})
		w.Foreign(enginetest.Purchase("P1", "100"))
		id := w.Vouchers("P1")[0].ID
		w.OnProject(id, "4711")
		w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, id, status)
		w.Clock.Add(2 * time.Minute)
		w.Settle()
		if got := len(f.Costs()) == 1 && len(w.Returned()) == 1; got != goes {
			t.Errorf("%s: %v, %d transfers", status, f.Costs(), len(w.Returned()))
		}
	}
}

// Reading purchases costs two requests for all that are new, whatever their number.
func TestPurchasesAreReadInBatches(t *testing.T) {
	w, f := framed(t, enginetest.OnSQLite(t), enginetest.Config{})
	for i := range 30 {
		w.Bought("P"+string(rune('A'+i)), "10", "4711")
	}
	w.Sandbox.ForgetRequests()
	w.Clock.Add(2 * time.Minute)
	w.Settle()
	if len(f.Costs()) != 30 {
		t.Fatalf("%d costs", len(f.Costs()))
	}
	n := 0
	for _, r := range w.Sandbox.Received() {
		if strings.Contains(r.Path, "invoices") || strings.Contains(r.Path, "ledgerreceipts") {
			n++
		}
	}
	if n > 3 { // the list of what has changed, the invoices, their receipts
		t.Errorf("%d requests: %v", n, w.Sandbox.Requests())
	}
}

// A purchase that we have sent never comes back as a new one.
func TestNoEcho(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, f := framed(t, world, enginetest.Config{Settings: arriving(hub.ArriveApproved)})
		w.Receive(enginetest.Purchase("P1", "100"))
		w.Settle()
		wantState(t, w, "P1", hub.Done, "")
		w.OnProject(w.Vouchers("P1")[0].ID, "4711")
		hours(w, 30)
		returned(t, w)
		wantCosts(t, f)
		// Nor one that was there before us, and that the source has too.
		linked := enginetest.Purchase("P2", "50")
		w.Foreign(linked)
		w.Clock.Add(2 * time.Minute)
		w.Step(t.Context()) // seen there
		w.Receive(linked)
		w.Settle()
		wantState(t, w, "P2", hub.Linked, "")
		approveThere(w, "P2")
		hours(w, 2)
		returned(t, w)
		// Nor one that the source has shown and that is held here.
		held := enginetest.Purchase("P3", "60")
		held.Lines[0].VATPercent = enginetest.Purchase("x", "1").Lines[0].VATPercent.Add(held.Lines[0].VATPercent)
		w.Receive(held)
		w.Settle()
		if tr := w.Transfer("P3"); tr.State != hub.Held {
			t.Fatal(enginetest.Describe(tr))
		}
		w.Bought("P3", "60", "4711")
		hours(w, 2)
		returned(t, w)
		wantCosts(t, f)
	})
}

func approveThere(w *enginetest.World, number string) {
	w.T.Helper()
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	w.Must(client.Invoices.Approve(w.T.Context(), w.Vouchers(number)[0].ID, ""))
}

// Nor does one whose post is unclear come back: the answer is lost and nobody has
// looked yet, or the engine has died between intent and outcome; not even when a
// person has approved it there, nor when the mark was removed.
func TestNoEchoWhileUnclear(t *testing.T) {
	for _, c := range []struct {
		name  string
		point string // at which the engine dies
		marks bool   // the mark is left in the notes
		late  bool   // two looks did not find it
	}{{"lost", "", true, false}, {"died", "post_invoice/sent", true, false}, {"mark removed", "", false, false}, {"late", "", true, true}, {"late, mark removed", "", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				died := false
				w, f := framed(t, world, enginetest.Config{Crash: func(p string) {
					if p == c.point && !died {
						died = true
						panic(enginetest.Crash(p))
					}
				}})
				w.Clock.Add(20 * time.Minute)
				w.Step(t.Context())
				if c.point == "" {
					w.Sandbox.PlanFault(faulty.Rule{Write: true, Path: "/invoices", Times: 1, Fault: faulty.Fault{Kind: faulty.After}})
				}
				w.Receive(enginetest.Purchase("P1", "100"))
				_, err := w.TryStep()
				w.Must(err)
				if died {
					w.Restart(nil)
				}
				made := w.Vouchers("P1")
				if len(made) != 1 {
					t.Fatalf("%d vouchers", len(made))
				}
				id := made[0].ID
				if c.late && c.marks { // nothing but the mark says whose it is
					w.Sandbox.EditInvoice(w.Company.ProcountorID, id, func(inv *procountortest.Invoice) { inv.OriginalInvoiceNumber = "P1/2026" })
				}
				w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, id, "APPROVED")
				w.OnProject(id, "4711")
				if !c.marks {
					w.Sandbox.SetNotes(w.Company.ProcountorID, id, "")
				}
				if c.late { // as if it had landed after two looks: given up here, with the document left alone
					subject := w.Transfer("P1").Subject
					w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.EndVoucher(subject) }))
				}
				// What is read now comes while nobody knows what became of the post.
				w.Clock.Add(90 * time.Second)
				_, err = w.TryStep()
				w.Must(err)
				if got := w.Returned(); len(got) != 0 {
					t.Fatalf("came back: %v", got)
				}
				if c.late {
					return
				}
				w.Settle()
				hours(w, 30)
				if got := w.Returned(); len(got) != 0 {
					t.Fatalf("came back afterwards: %v", got)
				}
				wantCosts(t, f)
			})
		})
	}
}

// What is written once is looked for when the answer is lost, and never written
// twice; an answer that shows nothing is no proof either.
func TestRecordIsWrittenOnce(t *testing.T) {
	for name, spoil := range map[string]func(*enginetest.Frame){
		"lost": func(f *enginetest.Frame) {
			f.Plan.Add(faulty.Rule{Write: true, Times: 1, Fault: faulty.Fault{Kind: faulty.After}})
		},
		"before": func(f *enginetest.Frame) {
			f.Plan.Add(faulty.Rule{Write: true, Times: 1, Fault: faulty.Fault{Kind: faulty.Before}})
		},
		"body": func(f *enginetest.Frame) {
			f.Plan.Add(faulty.Rule{Write: true, Times: 1, Fault: faulty.Fault{Kind: faulty.Body}})
		},
		"silent": func(f *enginetest.Frame) { f.Silent = true },
		"blind": func(f *enginetest.Frame) { // the first look fails, too
			f.Plan.Add(faulty.Rule{Times: 2, Fault: faulty.Fault{Kind: faulty.After}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := framed(t, enginetest.OnSQLite(t), enginetest.Config{})
			w.Bought("P1", "100", "4711")
			spoil(f)
			returned(t, w, "P1 done")
			wantCosts(t, f, "4711 100.00 P1 Olematon Tukku Oy P1")
		})
	}
}

// What keeps a purchase from being written says so, and a retry goes on.
func TestRecordIsRefused(t *testing.T) {
	w, f := framed(t, enginetest.OnSQLite(t), enginetest.Config{})
	w.Bought("P1", "100", "4711")
	status := http.StatusUnauthorized
	f.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			rw.WriteHeader(status)
		}
		return r.Method == http.MethodPost
	})
	returned(t, w, "P1 refused back-denied")
	status = http.StatusBadRequest
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P1").ID, engine.Retry, ""))
	returned(t, w, "P1 refused back-refused")
	f.Answer(nil)
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P1").ID, engine.Retry, ""))
	returned(t, w, "P1 done")
	wantCosts(t, f, "4711 100.00 P1 Olematon Tukku Oy P1")
	w.Must(w.Engine.RemoveSource(t.Context(), "anna", w.Connection.ID))
	w.Bought("P2", "100", "4711")
	returned(t, w, "P1 done", "P2 held back-no-writer")
}

// What is changed or removed in Procountor afterwards is a task, and nothing is
// written beside what is there; removed at the source and retried it is written anew.
func TestChangedAfterItWentBack(t *testing.T) {
	w, f := framed(t, enginetest.OnSQLite(t), enginetest.Config{})
	first, second := w.Bought("P1", "100", "4711"), w.Bought("P2", "50", "4711")
	returned(t, w, "P1 done", "P2 done")
	w.OnProject(first, "4712")
	w.Sandbox.DeleteInvoice(w.Company.ProcountorID, second)
	hours(w, 2)
	returned(t, w, "P1 done_with_warning back-changed", "P2 done_with_warning back-gone")
	wantCosts(t, f, "4711 100.00 P1 Olematon Tukku Oy P1", "4711 50.00 P2 Olematon Tukku Oy P2")
	for _, n := range []string{"P1", "P2"} {
		tr := w.Transfer(n)
		tasks, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.Task, error) { return tx.TasksOf(&tr) })
		if err != nil || len(tasks) != 1 || !tasks[0].Open() {
			t.Errorf("%s: %v %v", n, tasks, err)
		}
	}
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P1").ID, engine.Retry, ""))
	returned(t, w, "P1 done_with_warning back-changed", "P2 done_with_warning back-gone") // it is there still
	f.RemoveSale(1)
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("P1").ID, engine.Retry, ""))
	returned(t, w, "P1 done", "P2 done_with_warning back-gone")
	wantCosts(t, f, "4711 50.00 P2 Olematon Tukku Oy P2", "4712 100.00 P1 Olematon Tukku Oy P1")
}

// A source that shows what we have written there does not send it to Procountor
// again, but a sale that repeats its text goes.
func TestNoEchoOfRecords(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, f := framed(t, world, enginetest.Config{})
		w.Bought("P1", "100", "4711")
		returned(t, w, "P1 done")
		shown := fmt.Sprint(f.Sales()[0]["description"])
		purchase, sale, onwards := enginetest.Purchase("77", "100"), enginetest.Sale("P1", "100"), enginetest.Sale("1001", "130")
		purchase.Text, sale.Lines[0].Name, onwards.Lines[0].Name = shown, shown, shown
		w.Receive(purchase, sale, onwards)
		w.Settle()
		if tr := w.Transfer("77"); tr.State != hub.Skipped || tr.Faults[0].Code != hub.WrittenByUs {
			t.Error(enginetest.Describe(tr))
		}
		for _, tr := range w.Transfers() {
			if tr.Number == "P1" && tr.Direction == hub.In && tr.State != hub.Skipped || tr.Number == "1001" && tr.State != hub.Done {
				t.Error(enginetest.Describe(tr))
			}
		}
		if len(w.Vouchers("77")) != 0 || len(w.Vouchers("1001")) != 1 {
			t.Error("sent again, or not sent")
		}
	})
}

// Nothing goes back while the setting is off, nor from before the first day.
func TestGoesBackBySetting(t *testing.T) {
	w, f := framed(t, enginetest.OnSQLite(t), enginetest.Config{})
	s := w.Connection.Settings
	s.Back.FirstDay = civil.Must("2026-03-11") // a day after the invoices
	w.SetSettings(s)
	w.Bought("P1", "100", "4711")
	returned(t, w)
	s.Back.FirstDay = civil.Must("2026-03-10")
	w.SetSettings(s)
	w.Clock.Add(time.Hour)
	w.Step(t.Context())
	returned(t, w, "P1 done")
	s.Back.Purchases = false
	w.SetSettings(s)
	w.Bought("P2", "100", "4711")
	hours(w, 2)
	returned(t, w, "P1 done")
	wantCosts(t, f, "4711 100.00 P1 Olematon Tukku Oy P1")
}

// lifeBack takes a purchase of two projects out of Procountor into a source, whose
// answers are lost once in the given way: two records, and each once.
func lifeBack(t *testing.T, world func(enginetest.Config) *enginetest.World, cfg enginetest.Config, lost faulty.Kind) *enginetest.World {
	t.Helper()
	w, f := framed(t, world, cfg)
	d := enginetest.Purchase("P1", "100")
	d.Lines = append(d.Lines, d.Lines[0])
	d.Totals = hub.Totals{}
	w.Boughts(d, "4711", "4712")
	f.Plan.Add(faulty.Rule{Write: true, Times: 1, Fault: faulty.Fault{Kind: lost}})
	returned(t, w, "P1 done")
	got := f.Costs()
	slices.Sort(got)
	if want := []string{"4711 100.00 P1 Olematon Tukku Oy P1", "4712 100.00 P1 Olematon Tukku Oy P1"}; !slices.Equal(got, want) {
		t.Fatalf("got %q", got)
	}
	return w
}

// At every named point of a write to a source the engine dies and another takes over,
// twice; alone, and together with an answer that was lost.
func TestRecordCrashes(t *testing.T) {
	for _, point := range []string{"intended", "sent", "recorded", "looked"} {
		for _, lost := range []faulty.Kind{faulty.None, faulty.After, faulty.Before} {
			if point == "looked" && lost == faulty.None {
				continue
			}
			t.Run(point+"-"+string(lost), func(t *testing.T) {
				t.Parallel()
				enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
					crashed := 0
					lifeBack(t, world, enginetest.Config{Crash: func(p string) {
						if p == string(hub.WriteRecord)+"/"+point && crashed < 2 {
							crashed++
							panic(enginetest.Crash(p))
						}
					}}, lost)
					if crashed == 0 {
						t.Error("the point was never reached")
					}
				})
			})
		}
	}
}
