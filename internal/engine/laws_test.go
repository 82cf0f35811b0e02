package engine_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// requests of a method and path, oldest first.
func requests(w *enginetest.World, method, path string) (list []procountortest.Request) {
	for _, r := range w.Sandbox.Received() {
		if r.Method == method && r.Path == path {
			list = append(list, r)
		}
	}
	return list
}

// The first law: at the moment a write leaves, its intent with the same bytes is
// committed.
func TestIntentIsStoredFirst(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		var w *enginetest.World
		seen := 0
		w = world(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved), Crash: func(p string) {
			if p != "post_invoice/intended" && p != "approve/intended" {
				return
			}
			seen++
			tr := w.Transfer("1001")
			steps, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(tr.ID, 0) })
			w.Must(err)
			i := slices.IndexFunc(steps, func(s hub.Step) bool { return s.State == hub.StepIntended })
			if i < 0 || steps[i].Key == "" || steps[i].Request == "" || !steps[i].IntendedAt.Equal(w.Clock.Now()) {
				t.Errorf("at %s: %+v", p, steps)
			}
		}})
		w.Receive(enginetest.Sale("1001", "100"))
		w.Settle()
		if seen != 2 {
			t.Errorf("%d writes", seen)
		}
	})
}

// The second law: after a lost answer the write is made again only when two looks
// have found nothing, the second two timeouts after the intent.
func TestTwoLooksBeforeAgain(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Sandbox.PlanFault(fault(hub.PostInvoice, faulty.Before))
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	posts := requests(w, "POST", "/invoices")
	if len(posts) != 2 {
		t.Fatalf("%d posts", len(posts))
	}
	if waited := posts[1].Time.Sub(posts[0].Time); waited < 2*time.Minute {
		t.Errorf("made again after %v", waited)
	}
	looks := 0
	for _, r := range requests(w, "GET", "/invoices") {
		if r.Time.After(posts[0].Time) && !r.Time.After(posts[1].Time) && r.Query != "" {
			looks++
		}
	}
	if looks < 2 {
		t.Errorf("%d looks", looks)
	}
}

// A write that an engine comes to late is not made: another may look for it, and
// find nothing, at the same moment.
func TestTooLateToSend(t *testing.T) {
	for _, late := range []time.Duration{61 * time.Second, 10 * time.Minute} {
		t.Run(late.String(), func(t *testing.T) {
			var w *enginetest.World
			once := false
			w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Crash: func(p string) {
				if p == "post_invoice/intended" && !once {
					once = true
					w.Clock.Add(late)
				}
			}})
			w.Receive(enginetest.Sale("1001", "100"))
			w.TryStep()
			if n := len(requests(w, "POST", "/invoices")); n != 0 {
				t.Errorf("%d posts %v after the intent", n, late)
			}
			w.Settle()
			if n := len(requests(w, "POST", "/invoices")); n != 1 {
				t.Errorf("%d posts in all", n)
			}
			wantState(t, w, "1001", hub.Done, "")
		})
	}
}

// An engine that stalls longer than its lease finds that another has gone on, and
// neither sends nor stores anything.
func TestStalledEngine(t *testing.T) {
	for _, point := range []string{"post_invoice/intended", "post_invoice/sent", "post_invoice/recorded"} {
		t.Run(point, func(t *testing.T) {
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				var w *enginetest.World
				once := false
				w = world(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved), Crash: func(p string) {
					if p != point || once {
						return
					}
					once = true
					w.Clock.Add(3 * time.Minute)
					other := w.NewEngine(w.Store, "other", 1)
					for range 4 {
						next, err := other.Step(t.Context(), w.Clock.Now(), w.Company.ID)
						w.Must(err)
						w.Clock.Set(next)
					}
				}})
				w.Receive(enginetest.Sale("1001", "100"))
				w.Settle()
				wantState(t, w, "1001", hub.Done, "")
				if got := w.Vouchers("1001"); len(got) != 1 {
					t.Errorf("%d vouchers", len(got))
				}
				if n := len(requests(w, "POST", "/invoices")); n != 1 {
					t.Errorf("%d posts", n)
				}
			})
		})
	}
}

// Documents of one new customer make one partner and go on when it is there; when
// it is refused they are held for its reason, and one retry makes it anew.
func TestPartnerOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, InFlight: 8})
		w.Sandbox.PlanFault(fault(hub.MakePartner, faulty.After))
		var docs []*hub.Document
		for i := range 6 {
			docs = append(docs, enginetest.NewParty(enginetest.Sale(fmt.Sprint(1001+i), "10"), 3))
		}
		w.Receive(docs...)
		w.Settle()
		for _, d := range docs {
			wantState(t, w, d.Number, hub.Done, "")
		}
		if n := len(requests(w, "POST", "/businesspartners")); n != 1 {
			t.Errorf("%d partners were made", n)
		}
	})
}

// Invoices are posted in the order of their numbers, whatever happens on the way.
func TestPostedInOrder(t *testing.T) {
	for _, inFlight := range []int{1, 8} {
		t.Run(fmt.Sprint(inFlight), func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, InFlight: inFlight, Settings: func(s *hub.Settings) { s.OrderBySourceNumber = true }})
			w.Sandbox.PlanFault(
				faulty.Rule{Method: "POST", Path: "/invoices", Nth: 2, Fault: faulty.Fault{Kind: faulty.Before}},
				faulty.Rule{Method: "POST", Path: "/invoices", Nth: 4, Fault: faulty.Fault{Kind: procountortest.FaultTooMany}},
				faulty.Rule{Method: "POST", Path: "/invoices", Nth: 7, Fault: faulty.Fault{Kind: faulty.After}})
			var docs []*hub.Document
			for _, n := range []string{"12", "9", "11", "10", "8", "7", "13"} {
				docs = append(docs, enginetest.Sale(n, "10"))
			}
			w.Receive(docs...)
			w.Settle()
			var got []string
			for _, inv := range w.Sandbox.Invoices(w.Company.ProcountorID) {
				got = append(got, inv.OriginalInvoiceNumber)
			}
			if fmt.Sprint(got) != "[7 8 9 10 11 12 13]" {
				t.Errorf("posted %v", got)
			}
		})
	}
}

// A switch that is turned off stops the next write, also half-way.
func TestWritingOffHalfWay(t *testing.T) {
	var w *enginetest.World
	once := false
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved), Crash: func(p string) {
		if p == "post_invoice/sent" && !once {
			once = true
			w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, false))
			panic(enginetest.Crash(p))
		}
	}})
	w.Receive(enginetest.NewParty(enginetest.Sale("1001", "10"), 1))
	w.Settle()
	wantState(t, w, "1001", hub.Noticed, hub.WritingOff)
	if v := w.Vouchers("1001"); len(v) != 1 || v[0].Status != "UNFINISHED" {
		t.Errorf("vouchers %v", v)
	}
	w.Receive(enginetest.NewParty(enginetest.Sale("1002", "10"), 2))
	w.Settle()
	if n := len(requests(w, "POST", "/businesspartners")); n != 1 {
		t.Errorf("%d partners made", n)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	wantState(t, w, "1002", hub.Done, "")
}

// Nor is the partner made for which documents wait; they say that writing is off.
func TestWritingOffBeforePartner(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.NewParty(enginetest.Sale("1001", "10"), 1))
	w.Step(t.Context())
	wantState(t, w, "1001", hub.Waiting, hub.WaitsForPartner)
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, false))
	w.Settle()
	wantState(t, w, "1001", hub.Noticed, hub.WritingOff)
	if n := len(requests(w, "POST", "/businesspartners")); n != 0 {
		t.Errorf("%d partners made", n)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
}

// A dead key rests the whole company and loses nothing; a token that ended early
// does not.
func TestDeadKey(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Must(w.Engine.SetKey(t.Context(), "test", w.Company.ID, secret.New("wrong")))
	w.Receive(enginetest.Sale("1001", "10"), enginetest.Sale("1002", "10"))
	for range 10 {
		w.Clock.Set(w.Step(t.Context()))
	}
	company := func() hub.Company {
		c, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(w.Company.ID) })
		w.Must(err)
		return c
	}
	if c := company(); c.PausedFault == nil || c.PausedFault.Code != hub.KeyDead {
		t.Errorf("paused for %v", c.PausedFault)
	}
	if n := len(requests(w, "POST", "/invoices")); n != 0 {
		t.Errorf("%d posts", n)
	}
	w.Must(w.Engine.SetKey(t.Context(), "test", w.Company.ID, secret.New(w.Sandbox.Demo().APIKey)))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	wantState(t, w, "1002", hub.Done, "")

	w.Sandbox.PlanFault(fault(hub.PostInvoice, procountortest.FaultExpireToken))
	w.Receive(enginetest.Sale("1003", "10"))
	w.Step(t.Context())
	if c := company(); c.PausedFault != nil {
		t.Errorf("a token that ended rests the company: %v", c.PausedFault)
	}
	w.Settle()
	wantState(t, w, "1003", hub.Done, "")
}

// What our own error stops says so and waits; the others go on.
func TestOwnErrorStopsOne(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("1001", "10"), enginetest.Sale("1002", "10"), enginetest.Sale("1003", "10"))
	broken := w.Transfer("1002")
	var content string
	set := func(ref string) {
		w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.QueryRow(`select content from document_version where document = $1`, broken.Subject).Scan(&content); err != nil {
				return err
			}
			_, err := tx.Exec(`update document_version set content = $2 where document = $1`, broken.Subject, ref)
			return err
		}))
	}
	set("nowhere")
	whole := content
	steps := 0
	for end := w.Clock.Now().Add(10 * time.Minute); w.Clock.Now().Before(end) && steps <= 30; steps++ {
		next, err := w.Engine.Step(t.Context(), w.Clock.Now(), w.Company.ID)
		if steps == 0 && err == nil {
			t.Error("nobody is told")
		}
		w.Clock.Set(next)
	}
	if steps > 30 {
		t.Errorf("%d steps in ten minutes: busy with nothing", steps)
	}
	wantState(t, w, "1001", hub.Done, "")
	wantState(t, w, "1003", hub.Done, "")
	wantState(t, w, "1002", hub.Ready, hub.OwnFault)
	set(whole)
	w.Settle()
	wantState(t, w, "1002", hub.Done, "")
}

// A write that two looks did not find and that lands later all the same is ours:
// neither a second one is made nor is it somebody else's.
func TestLateLanding(t *testing.T) {
	late := &lateClient{swallow: true}
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Client: late.wrap})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Step(t.Context()) // the post is swallowed
	// Two looks find nothing, and the next attempt meets a busy Procountor.
	w.Sandbox.PlanFault(fault(hub.PostInvoice, procountortest.FaultTooMany))
	for len(requests(w, "POST", "/invoices")) == 0 {
		w.Clock.Set(w.Step(t.Context()))
	}
	late.land(t)
	w.Clock.Add(2 * time.Minute)
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	if got := w.Vouchers("1001"); len(got) != 1 || w.Transfer("1001").InvoiceID != got[0].ID {
		t.Errorf("vouchers %v, transfer %s", got, enginetest.Describe(w.Transfer("1001")))
	}
}

// Many documents, many requests at once, everything breaking: on PostgreSQL two
// engines work on the same company.
func TestManyAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		clock := enginetest.NewClock()
		vault, err := secret.NewVault(secret.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		quiet := slog.New(slog.DiscardHandler)
		open := func() *store.Store {
			return storetest.Open(t, url, store.Options{Now: clock.Now, Log: quiet, Vault: vault})
		}
		stores := []*store.Store{open()}
		if stores[0].Dialect() == store.Postgres {
			stores = append(stores, open())
		}
		w := enginetest.New(t, stores[0], clock, enginetest.Config{Writing: true, InFlight: 8, Settings: arriving(hub.ArriveApproved),
			Sandbox: procountortest.Options{Seed: 11}})
		var engines []*engine.Engine
		for i, st := range stores {
			engines = append(engines, w.NewEngine(st, fmt.Sprint("node", i), 8))
		}
		for _, kind := range []faulty.Kind{faulty.Before, faulty.After, faulty.Body, procountortest.FaultHTMLAfter, procountortest.FaultTooMany, procountortest.FaultExpireToken} {
			w.Sandbox.PlanFault(faulty.Rule{Write: true, PerMill: 40, Fault: faulty.Fault{Kind: kind}})
		}
		var mu sync.Mutex
		n, errBroken := 0, errors.New("broken")
		breaks := func() error {
			mu.Lock()
			defer mu.Unlock()
			if n++; n%97 == 0 && n < 2000 {
				return errBroken
			}
			return nil
		}
		var shown []*enginetest.Shown
		var docs []*hub.Document
		for i := range 60 {
			d := enginetest.Sale(fmt.Sprint(1001+i), "10")
			if i%5 == 0 {
				enginetest.NewParty(d, 1+i%15)
			}
			if i%4 == 0 {
				enginetest.Attach(d, "a.pdf", "A")
			}
			docs = append(docs, d)
			shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{d}})
		}
		w.Receive(docs...)
		for _, st := range stores {
			st.SetHook(store.Hook{BeforeCommit: breaks, AfterCommit: breaks})
		}
		for round := 0; !w.Resting(); round++ {
			if round > 400 {
				for _, tr := range w.Active() {
					t.Error(enginetest.Describe(tr))
				}
				t.FailNow()
			}
			var wg sync.WaitGroup
			nexts := make([]time.Time, len(engines))
			for i, e := range engines {
				wg.Go(func() { nexts[i], _ = e.Step(t.Context(), clock.Now(), w.Company.ID) })
			}
			wg.Wait()
			clock.Set(slices.MinFunc(nexts, time.Time.Compare))
		}
		for _, err := range append(w.AuditBooks(shown), w.AuditStates(shown)...) {
			t.Error(err)
		}
		for _, d := range docs {
			wantState(t, w, d.Number, hub.Done, "")
		}
	})
}
