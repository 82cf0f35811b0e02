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
	"strings"
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
	maxSteps = 6000
	// pauseSteps bounds those of one pause: while Procountor is busy for a night, the engine
	// asks it every few seconds, and nothing is learnt of that.
	pauseSteps = 300
	// maxDocuments keeps runs short; a thousand short ones find more than a long one.
	maxDocuments = 8
	// maxCompanies is how many share a client id, maxPerSecond the highest limit
	// that it is given: so low that it is felt.
	maxCompanies = 3
	maxPerSecond = 20
)

// errBroken is what the database answers when it is made to fail.
var errBroken = errors.New("the database was told to fail")

// A place is one company of a run, with what its source has shown.
type place struct {
	*enginetest.World
	shown   []*enginetest.Shown
	paid    []*enginetest.ShownPayment
	claims  []*claim
	bought  []*bought
	parties int
	closed  bool
	next    time.Time // when its engine wants to be called

	// What the parties of documents are by now, the cards of partners as they stood at
	// the beginning, and what people have written into them.
	moved  map[string]hub.Party
	begin  map[int64]hub.Card
	edited []enginetest.CardEdit
}

// A Sim is one run. Several companies share its client id, with the limit of its
// requests; what happens, happens in one of them.
type Sim struct {
	*place
	places []*place
	rng    *rand.Rand
	// calm is true once the faults have stopped.
	calm           bool
	crashPerMille  int
	brokenPerMille int
	perSecond      int
	numbers        int
	steps          int
	payer          payer
	approver       approver
	crediting      crediting
	mover          mover
	told           told
	traveller      traveller
	circle         circle
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
	s := &Sim{place: &place{}, rng: rand.New(rand.NewPCG(seed, 1)), payer: newPayer(seed), approver: newApprover(seed), crediting: newCrediting(seed), mover: newMover(seed), told: newTold(seed), traveller: newTraveller(seed), circle: newCircle(seed), posting: pick(&Sim{rng: rand.New(rand.NewPCG(seed, 3))}, []hub.PostedBy{hub.PostedByMap, hub.PostedInProcountor})}
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
	if s.one(2) {
		s.perSecond = 1 + s.rng.IntN(maxPerSecond)
	}
	cfg.PerSecond = s.perSecond
	s.told.source.Into(&cfg)
	s.World = enginetest.New(t, st, clock, cfg)
	s.places = []*place{s.place}
	for len(s.places) < maxCompanies && s.one(4) {
		s.places = append(s.places, &place{World: s.World.Another(fmt.Sprint(len(s.places)), cfg)})
	}
	for _, p := range s.places {
		s.Sandbox.SetCirculation(p.Company.ProcountorID, true)
		p.begin = p.Cards()
	}
	s.hire()
	s.tell()
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
	if point == "round/right" {
		return // of a person's own call: what breaks there is a broken transaction
	}
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
		s.place = pick(s, s.places)
		s.act()
		s.pay()
		s.decide()
		s.editCards()
		s.travel()
		s.circulate()
		s.next = time.Time{} // whatever makes work wakes the engine
		if err := s.advance(s.pause()); err != nil {
			return err
		}
		if errs := append(append(s.AuditBooks(s.documents()), s.auditClaims()...), append(s.AuditPayments(s.payments()), s.AuditOffsets(false)...)...); len(errs) > 0 {
			return errors.Join(errs...)
		}
		if errs := s.auditRounds(s.place, false); len(errs) > 0 {
			return errors.Join(errs...)
		}
		if errs := s.AuditCards(s.begin, s.shown, s.edited); len(errs) > 0 {
			return errors.Join(errs...)
		}
	}
	if err := s.settle(); err != nil {
		return err
	}
	// Persons try again whatever stands still, and see the same or better.
	s.trace("everything that stands still is tried again")
	for _, s.place = range s.places {
		for _, t := range s.Transfers() {
			if t.State.NeedsPerson() && t.Kind != hub.PartnerTransfer && allowed(&t, engine.Retry) {
				s.Must(s.Engine.Act(s.T.Context(), "person", t.ID, engine.Retry, "once more"))
			}
		}
		s.next = time.Time{}
	}
	if err := s.settle(); err != nil {
		return err
	}
	return s.auditLimit()
}

// auditLimit checks that no second has held more requests of the client id than it
// may make, over all companies and engines, logins included.
func (s *Sim) auditLimit() error {
	if s.perSecond == 0 {
		return nil
	}
	most := s.perSecond
	var sent []procountortest.Request
	var last procountortest.Request
	for _, r := range s.Sandbox.Received() {
		// Where a kept connection was cut, net/http repeats a read at once by itself.
		again := last.Fault != "" && r.Method == "GET" && r.Time.Equal(last.Time) && r.Path == last.Path && r.Query == last.Query
		if last = r; !again {
			sent = append(sent, r)
		}
	}
	for i := range sent {
		if i+most < len(sent) && sent[i+most].Time.Sub(sent[i].Time) < time.Second {
			return fmt.Errorf("%d requests between %v and %v, where %d a second may be made", most+1, sent[i].Time, sent[i+most].Time, s.perSecond)
		}
	}
	return nil
}

// settle stops all faults and waits until nothing is active.
func (s *Sim) settle() error {
	s.trace("calm")
	s.calm = true
	s.Sandbox.ClearFaults()
	for _, s.place = range s.places {
		s.Must(s.Engine.SetKey(s.T.Context(), "person", s.Company.ID, secret.New(s.Key)))
		if s.closed {
			s.Sandbox.ReopenTrackingPeriod(s.Company.ProcountorID, "2026-03")
			s.closed = false
		}
		s.Must(s.Engine.SetWriting(s.T.Context(), "person", s.Connection.ID, true))
		for _, sh := range s.shown {
			s.receive(sh) // what the source could not hand over before
		}
		for _, p := range s.paid {
			s.showPayments(p)
		}
		for _, c := range s.claims {
			s.showClaim(c)
		}
		s.next = time.Time{}
	}
	begin := s.Clock.Now()
	if err := s.advanceUntil(func() bool { return s.Resting() || s.Clock.Now().Sub(begin) > settlesWithin }); err != nil {
		return err
	}
	var errs []error
	for _, s.place = range s.places {
		for _, t := range s.Active() {
			return fmt.Errorf("not settled after %v: %s, wakes %v, lease %q, %d rounds", settlesWithin, enginetest.Describe(t), t.WakeAt, t.Lease, t.Rounds)
		}
		errs = append(append(append(errs, s.AuditBooks(s.documents())...), s.AuditStates(s.documents())...), s.auditClaims()...)
		errs = append(append(errs, s.AuditPayments(s.payments())...), s.AuditPaid(s.payments())...)
		errs = append(append(errs, s.AuditOffsets(true)...), s.AuditCards(s.begin, s.shown, s.edited)...)
		errs = append(append(errs, s.auditTold()...), s.auditRounds(s.place, true)...)
	}
	return errors.Join(errs...)
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
	end, last := s.Clock.Now().Add(d), s.steps+pauseSteps
	err := s.advanceUntil(func() bool { return !s.Clock.Now().Before(end) || s.Resting() || s.steps >= last })
	s.Clock.Set(end)
	return err
}

// Steps is how often the engine was called.
func (s *Sim) Steps() int { return s.steps }

// advanceUntil calls Step whenever it wants to be called.
func (s *Sim) advanceUntil(done func() bool) error {
	for {
		if s.steps++; s.steps > maxSteps {
			active := s.Active()
			var first []string
			for _, t := range active[:min(len(active), 5)] {
				first = append(first, enginetest.Describe(t))
			}
			return fmt.Errorf("more than %d steps: the engine is busy with nothing; %d active: %s", maxSteps, len(active), strings.Join(first, "; "))
		}
		var next time.Time
		for _, p := range s.places {
			if !p.next.After(s.Clock.Now()) {
				var err error
				if p.next, err = p.TryStep(); err != nil && (s.calm || !errors.Is(err, errBroken)) {
					return fmt.Errorf("step: %w", err)
				}
				for _, other := range s.places {
					other.Engine = p.Engine // a crash gives way to another one for all
				}
			}
			if next.IsZero() || p.next.Before(next) {
				next = p.next
			}
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
		s.told.source.Put(sh.Newest())
		in = append(in, engine.Incoming{Document: sh.Newest(), Raw: []byte(sh.Newest().Number), Standing: sh.Standing})
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
		`select 'offset ' || state, count(*) from transfer where kind = 'offset' group by state`,
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
	list := []string{"voucher released", "voucher ended", "act transfer.leave"}
	if runs < 1000 {
		return list
	}
	list = append(list, "credit living", "credit ended", "offset done", "offset done_with_warning", "offset withdrawn", "act card.carried", "act card.left")
	// All connections here are at document level, and no source takes purchases back.
	for _, k := range hub.StepKinds {
		if k != hub.PostJournal && (!k.ToSource() || k == hub.TellSource) {
			list = append(list, "step "+string(k)+" proved")
		}
	}
	for _, a := range engine.Actions {
		if !hub.Goal(a).Corrects() {
			list = append(list, "act transfer."+string(a))
		}
	}
	for _, st := range hub.States {
		if !st.Active() && st != hub.Noticed && st != hub.Linked && st != hub.Refused {
			list = append(list, "state "+string(st))
		}
	}
	return list
}

func allowed(t *hub.Transfer, a engine.Action) bool {
	for _, b := range engine.Allowed(t) {
		if a == b {
			return true
		}
	}
	return false
}
