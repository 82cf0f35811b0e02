package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// soon is how long anything may take here that should be done at once: well below
// the sweep's round, so that a lost wake-up shows.
const soon = 10 * time.Second

// living runs f in real time with River, and wants nothing to be left running.
func living(t *testing.T, latency time.Duration, f func(t *testing.T, w *enginetest.World, jobs *engine.Jobs)) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		before := goleak.IgnoreCurrent()
		t.Cleanup(func() { goleak.VerifyNone(t, before) }) // after the world's own
		st := storetest.Open(t, url, store.Options{Log: slog.New(slog.DiscardHandler)})
		w := enginetest.New(t, st, enginetest.NewClock(), enginetest.Config{RealTime: true, Writing: true, InFlight: 4,
			Sandbox: procountortest.Options{Latency: func(op string) time.Duration {
				if op == "saveInvoice" {
					return latency
				}
				return 0
			}}})
		t.Cleanup(w.HTTP.CloseIdleConnections)
		jobs, err := engine.NewJobs(t.Context(), w.Engine)
		w.Must(err)
		f(t, w, jobs)
	})
}

func start(t *testing.T, w *enginetest.World, jobs *engine.Jobs) {
	t.Helper()
	w.Must(jobs.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		if err := jobs.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func within(t *testing.T, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, d)
		}
	}
}

func done(w *enginetest.World, number string) func() bool {
	return func() bool { return w.Transfer(number).State == hub.Done }
}

func jobCount(t *testing.T, w *enginetest.World) (n int) {
	t.Helper()
	w.Must(w.Store.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`select count(*) from river_job where kind = 'wake'`).Scan(&n)
	}))
	return n
}

// The fourth law: work and wake-up are stored together or not at all.
func TestWorkAndWakeUpTogether(t *testing.T) {
	living(t, 0, func(t *testing.T, w *enginetest.World, jobs *engine.Jobs) {
		before := jobCount(t, w)
		errNo := errors.New("no")
		in := []engine.Incoming{{Document: enginetest.Sale("1001", "10")}}
		if _, err := w.Engine.Receive(t.Context(), w.Connection.ID, in, func(*store.Tx) error { return errNo }); !errors.Is(err, errNo) {
			t.Fatal(err)
		}
		w.Store.SetHook(store.Hook{BeforeCommit: func() error { return errNo }})
		if _, err := w.Engine.Receive(t.Context(), w.Connection.ID, in, nil); !errors.Is(err, errNo) {
			t.Fatal(err)
		}
		w.Store.SetHook(store.Hook{})
		if n := jobCount(t, w); n != before || len(w.Transfers()) != 0 {
			t.Errorf("rolled back: %d jobs, %d transfers", n-before, len(w.Transfers()))
		}
		_, err := w.Engine.Receive(t.Context(), w.Connection.ID, in, nil)
		w.Must(err)
		if n := jobCount(t, w); n == 0 || len(w.Transfers()) != 1 {
			t.Errorf("kept: %d jobs, %d transfers", n, len(w.Transfers()))
		}
		start(t, w, jobs)
		within(t, soon, "1001", done(w, "1001"))
	})
}

// A wake-up that was lost, with the node that was to do it, is swept up.
func TestLostWakeUp(t *testing.T) {
	living(t, 0, func(t *testing.T, w *enginetest.World, jobs *engine.Jobs) {
		asleep := w.NewEngine(w.Store, "asleep", 1) // knows of no jobs
		_, err := asleep.Receive(t.Context(), w.Connection.ID, []engine.Incoming{{Document: enginetest.Sale("1001", "10")}}, nil)
		w.Must(err)
		w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(`delete from river_job`); return err }))
		start(t, w, jobs)
		within(t, soon, "1001", done(w, "1001"))
	})
}

// Work that comes while the company's one job is running or ending is done as well.
func TestWorkDuringJob(t *testing.T) {
	living(t, 150*time.Millisecond, func(t *testing.T, w *enginetest.World, jobs *engine.Jobs) {
		start(t, w, jobs)
		for i := range 12 {
			w.Receive(enginetest.Sale(fmt.Sprint(1001+i), "10"))
			time.Sleep(time.Duration(i*23) * time.Millisecond) // over all moments of a job's life
		}
		for i := range 12 {
			within(t, soon, fmt.Sprint(1001+i), done(w, fmt.Sprint(1001+i)))
		}
	})
}

// A stop lets the request under way end, so that nothing is left unclear, and
// begins no other; the next start goes on.
func TestStopIsGraceful(t *testing.T) {
	living(t, 700*time.Millisecond, func(t *testing.T, w *enginetest.World, jobs *engine.Jobs) {
		w.Must(jobs.Start(t.Context()))
		var docs []*hub.Document
		for i := range 20 {
			docs = append(docs, enginetest.Sale(fmt.Sprint(1001+i), "10"))
		}
		w.Receive(docs...)
		within(t, soon, "a post", func() bool {
			for _, tr := range w.Transfers() {
				if tr.State == hub.Working {
					return true
				}
			}
			return false
		})
		time.Sleep(200 * time.Millisecond)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		w.Must(jobs.Stop(ctx))
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("took %v: it went on to the end", took)
		}
		finished := 0
		for _, tr := range w.Transfers() {
			switch tr.State {
			case hub.Done:
				finished++
			case hub.Ready:
				if tr.Lease != "" {
					t.Errorf("%s is still leased", tr.Number)
				}
			default:
				t.Errorf("left behind: %s", enginetest.Describe(tr))
			}
		}
		if finished == 0 || finished == len(docs) {
			t.Fatalf("%d of %d finished: the stop came at no interesting moment", finished, len(docs))
		}
		next := w.NewEngine(w.Store, "next", 8)
		again, err := engine.NewJobs(t.Context(), next)
		w.Must(err)
		start(t, w, again)
		within(t, 2*soon, "the rest", w.Resting)
		for _, d := range docs {
			wantState(t, w, d.Number, hub.Done, "")
			if n := len(w.Vouchers(d.Number)); n != 1 {
				t.Errorf("%s: %d vouchers", d.Number, n)
			}
		}
	})
}
