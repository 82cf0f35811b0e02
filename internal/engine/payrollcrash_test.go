package engine_test

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor/procountortest"
)

// payday takes a run through all that may become of it: it goes in two periods, is run
// again, set right by a difference, once more, reversed and booked anew, and at last has
// one period less. The books are the source's after each.
func payday(t *testing.T, w *enginetest.World) {
	t.Helper()
	run := enginetest.Run("Maaliskuu 2026", "3000.10", "2026-03", "2026-02")
	show := func(journals ...hub.RunJournal) {
		t.Helper()
		run.Journals = journals
		w.Receive(run)
		w.Settle()
	}
	set := func(a engine.Action) {
		t.Helper()
		for _, tr := range w.OfRun(run) {
			if tr.State == hub.Held {
				w.Must(w.Engine.Act(t.Context(), "anna", tr.ID, a, "run again"))
			}
		}
		w.Settle()
		wantRun(t, w, run, "done", "done")
		wantBooks(t, w, run)
		if t.Failed() {
			t.FailNow()
		}
	}
	show(run.Journals...)
	set("")
	show(enginetest.Wages("2026-03", "3000.20"), enginetest.Wages("2026-02", "2999.99"))
	set(engine.Difference)
	show(enginetest.Wages("2026-03", "3100"), enginetest.Wages("2026-02", "2999.99"))
	set(engine.Reverse)
	show(enginetest.Wages("2026-03", "3100"))
	set(engine.Difference)
}

// payConfig lets runs go at once, and approves them.
func payConfig() enginetest.Config {
	return enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveApproved)}
}

// A run at every named point: the engine dies there and another takes over; alone, and
// together with an answer that was lost.
func TestPayrollCrashes(t *testing.T) {
	for _, point := range []string{"compose", "post_journal/intended", "post_journal/sent", "post_journal/recorded", "post_journal/looked", "approve/intended",
		"approve/sent", "approve/recorded"} {
		for _, lost := range []faulty.Kind{faulty.None, faulty.After, faulty.Before} {
			name, at, step := strings.Cut(point, "/")
			if !step && lost != faulty.None || at == "looked" && lost == faulty.None {
				continue
			}
			t.Run(strings.TrimSuffix(point+"-"+string(lost), "-"), func(t *testing.T) {
				enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
					if strings.HasSuffix(t.Name(), "postgres") && lost != faulty.None {
						return // the same code as on SQLite; what differs is committing
					}
					var w *enginetest.World
					crashed, broken := 0, 0
					cfg := payConfig()
					cfg.Crash = func(p string) {
						if step && p == name+"/intended" && lost != faulty.None && broken < 3 {
							broken++
							w.Sandbox.PlanFault(fault(hub.StepKind(name), lost))
						}
						if p == point && crashed < 3 {
							crashed++
							panic(enginetest.Crash(p))
						}
					}
					w = world(cfg)
					payday(t, w)
					if crashed == 0 {
						t.Error("the point was never reached")
					}
				})
			})
		}
	}
}

// Every write of a run, with every way of going wrong.
func TestPayrollFaultOfEveryWrite(t *testing.T) {
	for _, f := range []faulty.Kind{faulty.After, faulty.Before, faulty.Body, procountortest.FaultHTMLBefore, procountortest.FaultHTMLAfter,
		procountortest.FaultTooMany, procountortest.FaultExpireToken} {
		for _, kind := range []hub.StepKind{hub.PostJournal, hub.Approve} {
			t.Run(string(f)+"-"+string(kind), func(t *testing.T) {
				var w *enginetest.World
				times := 0
				cfg := payConfig()
				cfg.Crash = func(p string) {
					if p == string(kind)+"/intended" && times < 4 {
						times++
						w.Sandbox.PlanFault(fault(kind, f))
					}
				}
				w = enginetest.OnSQLite(t)(cfg)
				payday(t, w)
				if times == 0 {
					t.Error("the write was never made")
				}
			})
		}
	}
}
