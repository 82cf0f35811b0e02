package web

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// Every state of a run, and every way to decide about one that has changed, has words.
func TestPayrollWords(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, time.UTC)
		for _, s := range []runState{runNoticed, runAsks, runGoing, runHeld, runChanged, runSent, runEnded} {
			for _, key := range []string{"run-state.", "run-says."} {
				if !say.Has(key + string(s)) {
					t.Errorf("%s: no %s%s", l, key, s)
				}
			}
		}
		for _, a := range []engine.Action{engine.Difference, engine.Reverse, engine.Leave} {
			if !say.Has("payroll-decide." + string(a)) {
				t.Errorf("%s: no words for %s", l, a)
			}
		}
	}
}

// A run stands where the journal stands that asks most.
func TestStateOfRun(t *testing.T) {
	at := func(s hub.State, codes ...string) store.PayrollPart {
		p := store.PayrollPart{Transfer: hub.Transfer{State: s}}
		for _, c := range codes {
			p.Faults = append(p.Faults, hub.NewFault(c, "", ""))
		}
		return p
	}
	for _, c := range []struct {
		want  runState
		parts []store.PayrollPart
	}{
		{runSent, []store.PayrollPart{at(hub.Done), at(hub.DoneWithWarning), at(hub.Withdrawn)}},
		{runAsks, []store.PayrollPart{at(hub.Held, hub.WaitsForPerson), at(hub.Done)}},
		{runHeld, []store.PayrollPart{at(hub.Held, hub.WaitsForPerson), at(hub.Held, hub.PayrollBalance)}},
		{runHeld, []store.PayrollPart{at(hub.Refused), at(hub.Done)}},
		{runChanged, []store.PayrollPart{at(hub.Held, hub.DocumentChanged), at(hub.Held, hub.PayrollBalance), at(hub.Done)}},
		{runGoing, []store.PayrollPart{at(hub.Waiting), at(hub.Done)}},
		{runNoticed, []store.PayrollPart{at(hub.Noticed), at(hub.Noticed)}},
		{runEnded, []store.PayrollPart{at(hub.Skipped), at(hub.DoneByHand)}},
	} {
		if got := stateOfRun(c.parts); got != c.want {
			t.Errorf("%v: %s, want %s", c.parts, got, c.want)
		}
	}
}
