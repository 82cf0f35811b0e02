// Package enginesim lives some days of a small company from one seed: documents
// come, change and go, persons act here and in Procountor, everything breaks at
// random points. It is single-threaded on a clock of its own, so that a seed
// always does the same. After each act both ends are compared; in the end the
// faults stop, and everything must settle.
package enginesim

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
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

const (
	// settlesWithin is how long after the last fault everything must rest: the
	// longest wait (a quarter of an hour for a dead key), some times over.
	settlesWithin = 6 * time.Hour
	// maxSteps bounds the steps of one run: more means that the engine is busy
	// with nothing.
	maxSteps = 4000
	// maxDocuments keeps runs short; a thousand short ones find more than a long one.
	maxDocuments = 8
)

// errBroken is what the database answers when it is made to fail.
var errBroken = errors.New("the database was told to fail")

// A Sim is one run.
type Sim struct {
	*enginetest.World
	rng   *rand.Rand
	shown []*enginetest.Shown
	// calm is true once the faults have stopped.
	calm           bool
	crashPerMille  int
	brokenPerMille int
	numbers        int
	parties        int
	steps          int
	closed         bool
	posting        hub.PostedBy // the whole run long, so that it is known what vouchers must show

	// Trace tells what happened, for whoever reads a failure.
	Trace []string
}

// source is a stream of bytes from the seed, for ids.
type source struct{ rng *rand.Rand }

func (s source) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s.rng.Uint32())
	}
	return len(b), nil
}

// New makes the world of a seed.
func New(t testing.TB, seed uint64) *Sim {
	s := &Sim{rng: rand.New(rand.NewPCG(seed, 1)), posting: pick(&Sim{rng: rand.New(rand.NewPCG(seed, 3))}, []hub.PostedBy{hub.PostedByMap, hub.PostedInProcountor})}
	clock := enginetest.NewClock()
	vault, err := secret.NewVault(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, storetest.SQLite(t), store.Options{Now: clock.Now, Rand: source{rand.New(rand.NewPCG(seed, 2))},
		Log: slog.New(slog.DiscardHandler), Vault: vault})
	cfg := enginetest.Config{Writing: true, Settings: func(set *hub.Settings) { s.settings(set) }, Crash: s.crash}
	cfg.Sandbox = procountortest.Options{Seed: seed, Rounding: procountortest.Rounding(s.rng.IntN(3)), MatchPartners: s.one(3)}
	cfg.Sandbox.Hostile = procountortest.Hostile{SmallPages: s.upTo(4), UnknownFields: s.one(2), UnknownValues: s.one(2), Shuffle: s.one(2)}
	s.World = enginetest.New(t, st, clock, cfg)
	s.Sandbox.PlanFault(s.faults()...)
	s.crashPerMille, s.brokenPerMille = s.upTo(40), s.upTo(8)
	st.SetHook(store.Hook{
		Statement:    func(string) error { return s.breakNow(20) },
		BeforeCommit: func() error { return s.breakNow(1) },
		AfterCommit:  func() error { return s.breakNow(1) },
	})
	return s
}

func (s *Sim) one(of int) bool { return s.rng.IntN(of) == 0 }

// upTo is often zero: not every run has every trouble.
func (s *Sim) upTo(n int) int {
	if s.one(3) {
		return 0
	}
	return s.rng.IntN(n)
}

// faults are the bad manners of this run.
func (s *Sim) faults() (rules []faulty.Rule) {
	for _, kind := range []faulty.Kind{procountortest.FaultTooMany, procountortest.FaultHTMLBefore, procountortest.FaultHTMLAfter,
		faulty.Before, faulty.After, faulty.Body, procountortest.FaultExpireToken} {
		rate := s.upTo(80)
		if rate == 0 {
			continue
		}
		rules = append(rules, faulty.Rule{PerMill: rate, Fault: faulty.Fault{Kind: kind}},
			// Writes have more of it: that is where it hurts.
			faulty.Rule{Write: true, PerMill: s.upTo(250) + 1, Fault: faulty.Fault{Kind: kind}})
	}
	return rules
}

func (s *Sim) crash(point string) {
	if !s.calm && s.World != nil && s.rng.IntN(1000) < s.crashPerMille {
		s.trace("crash at %s", point)
		panic(enginetest.Crash(point))
	}
}

// breakNow fails a statement or commit; statements are many, so one in rarer.
func (s *Sim) breakNow(rarer int) error {
	if s.calm || s.brokenPerMille == 0 || s.rng.IntN(1000*rarer) >= s.brokenPerMille {
		return nil
	}
	s.trace("database fails")
	return errBroken
}

func (s *Sim) trace(format string, a ...any) {
	s.Trace = append(s.Trace, s.Clock.Now().Format("02 15:04:05 ")+fmt.Sprintf(format, a...))
}

// Run lives so many days and returns what was wrong.
func (s *Sim) Run(days int) error {
	end := enginetest.Start.Add(time.Duration(days) * 24 * time.Hour)
	for s.Clock.Now().Before(end) {
		s.act()
		if err := s.advance(s.pause()); err != nil {
			return err
		}
		if errs := s.AuditBooks(s.shown); len(errs) > 0 {
			return errors.Join(errs...)
		}
	}
	if err := s.settle(); err != nil {
		return err
	}
	// Persons try again whatever stands still, and see the same or better.
	s.trace("everything that stands still is tried again")
	for _, t := range s.Transfers() {
		if t.State.NeedsPerson() && t.Kind == hub.DocumentTransfer && allowed(&t, engine.Retry) {
			s.Must(s.Engine.Act(s.T.Context(), "person", t.ID, engine.Retry, "once more"))
		}
	}
	return s.settle()
}

// settle stops all faults and waits until nothing is active.
func (s *Sim) settle() error {
	s.trace("calm")
	s.calm = true
	s.Sandbox.ClearFaults()
	s.Must(s.Engine.SetKey(s.T.Context(), "person", s.Company.ID, secret.New(s.Sandbox.Demo().APIKey)))
	if s.closed {
		s.Sandbox.ReopenTrackingPeriod(s.Company.ProcountorID, "2026-03")
		s.closed = false
	}
	s.Must(s.Engine.SetWriting(s.T.Context(), "person", s.Connection.ID, true))
	for _, sh := range s.shown {
		s.receive(sh) // what the source could not hand over before
	}
	begin := s.Clock.Now()
	if err := s.advanceUntil(func() bool { return s.Resting() || s.Clock.Now().Sub(begin) > settlesWithin }); err != nil {
		return err
	}
	for _, t := range s.Active() {
		return fmt.Errorf("not settled after %v: %s, wakes %v, lease %q, %d rounds", settlesWithin, enginetest.Describe(t), t.WakeAt, t.Lease, t.Rounds)
	}
	return errors.Join(append(s.AuditBooks(s.shown), s.AuditStates(s.shown)...)...)
}

// pause is the time until the next act: often moments, sometimes a night.
func (s *Sim) pause() time.Duration {
	switch s.rng.IntN(10) {
	case 0, 1, 2, 3:
		return time.Duration(s.rng.IntN(5)) * time.Second
	case 4, 5, 6:
		return time.Duration(s.rng.IntN(300)) * time.Second
	case 7, 8:
		return time.Duration(s.rng.IntN(6)) * time.Hour
	}
	return time.Duration(6+s.rng.IntN(18)) * time.Hour
}

func (s *Sim) advance(d time.Duration) error {
	end := s.Clock.Now().Add(d)
	err := s.advanceUntil(func() bool { return !s.Clock.Now().Before(end) || s.Resting() })
	s.Clock.Set(end)
	return err
}

// Steps is how often the engine was called.
func (s *Sim) Steps() int { return s.steps }

// advanceUntil calls Step whenever it wants to be called.
func (s *Sim) advanceUntil(done func() bool) error {
	for {
		if s.steps++; s.steps > maxSteps {
			return fmt.Errorf("more than %d steps: the engine is busy with nothing; %d active", maxSteps, len(s.Active()))
		}
		next, err := s.TryStep()
		if err != nil && (s.calm || !errors.Is(err, errBroken)) {
			return fmt.Errorf("step: %w", err)
		}
		if done() {
			return nil
		}
		if next.After(s.Clock.Now()) {
			s.Clock.Set(next)
		} else if s.one(4) {
			s.Clock.Add(time.Duration(s.rng.IntN(2000)) * time.Millisecond)
		}
		if done() {
			return nil
		}
	}
}

// receive hands over the newest content until it is taken, as sources do.
func (s *Sim) receive(shown ...*enginetest.Shown) {
	var in []engine.Incoming
	for _, sh := range shown {
		in = append(in, engine.Incoming{Document: sh.Newest(), Raw: []byte(sh.Newest().Number)})
	}
	for {
		_, err := s.Engine.Receive(s.T.Context(), s.Connection.ID, in, nil)
		if err == nil {
			return
		}
		if !errors.Is(err, errBroken) {
			s.T.Fatal(err)
		}
	}
}

// Reached counts what has happened in the run, for what was worth simulating.
func (s *Sim) Reached(count map[string]int) {
	for _, q := range []string{
		`select 'state ' || state, count(*) from transfer group by state`,
		`select 'step ' || kind || ' ' || state, count(*) from step group by kind, state`,
		`select 'voucher ' || state, count(*) from voucher group by state`,
		`select 'credit ' || state, count(*) from credit group by state`,
		`select 'act ' || kind, count(*) from act where actor = 'person' group by kind`,
	} {
		s.Must(s.Store.Read(s.T.Context(), func(tx *store.Tx) error {
			return tx.Each(func(scan func(...any) error) error {
				var what string
				var n int
				err := scan(&what, &n)
				count[what] += n
				return err
			}, q)
		}))
	}
}

// Everything lists what so many runs must have come to.
func Everything(runs int) []string {
	list := []string{"voucher released", "credit living", "voucher ended"}
	if runs < 1000 {
		return list
	}
	for _, k := range hub.StepKinds {
		list = append(list, "step "+string(k)+" proved")
	}
	for _, a := range engine.Actions {
		list = append(list, "act transfer."+string(a))
	}
	for _, st := range hub.States {
		if !st.Active() && st != hub.Noticed {
			list = append(list, "state "+string(st))
		}
	}
	return append(list, "credit ended")
}

func allowed(t *hub.Transfer, a engine.Action) bool {
	for _, b := range engine.Allowed(t) {
		if a == b {
			return true
		}
	}
	return false
}
