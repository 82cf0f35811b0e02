package enginesim

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A Payroll is some weeks of a payroll clerk, from one seed: runs come, are corrected
// and run again, journals go and come, persons send and set right, and, in every other
// seed, everything breaks. At every rest the sums of the books are those of the source,
// for each account, dimension and period.
type Payroll struct {
	*Sim
	runs  []*hub.Document // as their source shows them now
	rests int
}

const (
	// maxRuns is how many runs one seed has at most, maxJournals how many journals one run.
	maxRuns, maxJournals = 5, 4
	// maxRounds bounds how often persons answer before all must be done.
	maxRounds = 12
)

var (
	payMonths   = []hub.Month{"2026-01", "2026-02", "2026-03", "2026-04"}
	payAccounts = []string{"5000", "5300", "6100", "6300", "2920", "2940", "2960", "7900"}
	payCentres  = []string{"10", "20", "30"}
	payUnits    = []string{"P100", "P200", "P300"}
)

// NewPayroll makes the world of a seed.
func NewPayroll(t testing.TB, seed uint64) *Payroll {
	s := &Sim{place: &place{}, rng: rand.New(rand.NewPCG(seed, 7))}
	clock := enginetest.NewClock()
	vault, err := secret.NewVault(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, storetest.SQLite(t), store.Options{Now: clock.Now, Rand: source{rand.New(rand.NewPCG(seed, 8))},
		Log: slog.New(slog.DiscardHandler), Vault: vault})
	broken := seed%2 == 0
	cfg := enginetest.Config{Writing: true, Sandbox: procountortest.Options{Seed: seed}, Settings: func(set *hub.Settings) {
		enginetest.Pays(pick(s, []hub.When{hub.AtOnce, hub.ByHand}), pick(s, []hub.Arrival{hub.ArriveApproved, hub.ArriveUnfinished}))(set)
		set.Dimensions[hub.CostUnitAxis] = "Project"
		set.Payroll.ByEmployee = s.one(3)
		if s.one(3) {
			set.Payroll.MaxRows, set.Payroll.Clearing = 2+s.rng.IntN(6), "2950"
		}
	}}
	if broken {
		cfg.Crash = s.crash
		cfg.Sandbox.Hostile = procountortest.Hostile{SmallPages: s.upTo(4), UnknownFields: s.one(2), Shuffle: s.one(2)}
	}
	s.World = enginetest.New(t, st, clock, cfg)
	s.places = []*place{s.place}
	if broken {
		s.Sandbox.PlanFault(s.faults()...)
		s.crashPerMille, s.brokenPerMille = s.upTo(40), s.upTo(8)
		st.SetHook(store.Hook{Statement: func(string) error { return s.breakNow(20) }, BeforeCommit: func() error { return s.breakNow(1) },
			AfterCommit: func() error { return s.breakNow(1) }})
	}
	return &Payroll{Sim: s}
}

// Runs is how many payroll runs it has had, and Rests how often the books were compared.
func (p *Payroll) Runs() (runs, rests int) { return len(p.runs), p.rests }

// Run lives so many acts and returns what was wrong.
func (p *Payroll) Run(acts int) error {
	for range acts {
		switch {
		case len(p.runs) == 0 || len(p.runs) < maxRuns && p.one(4):
			p.newRun()
		case p.one(3):
			p.again(pick(p.Sim, p.runs))
		default:
			p.answer()
		}
		p.next = p.Clock.Now()
		if err := p.advance(p.pause()); err != nil {
			return err
		}
		if p.Resting() {
			if err := p.audit(); err != nil {
				return err
			}
		}
	}
	p.trace("calm")
	p.calm = true
	p.Sandbox.ClearFaults()
	p.Must(p.Engine.SetKey(p.T.Context(), "person", p.Company.ID, secret.New(p.Key)))
	for round := 0; ; round++ {
		for _, d := range p.runs {
			p.show(d) // what the source could not hand over before
		}
		p.next = p.Clock.Now()
		begin := p.Clock.Now()
		if err := p.advanceUntil(func() bool { return p.Resting() || p.Clock.Now().Sub(begin) > settlesWithin }); err != nil {
			return err
		}
		if err := p.audit(); err != nil {
			return err
		}
		open := p.open()
		if open == "" {
			break
		}
		if round == maxRounds {
			return fmt.Errorf("never done: %s; of %v", open, p.describeAll())
		}
		p.answer()
	}
	if diffs := enginetest.SameSums(p.Books(), enginetest.Wanted(p.runs...)); len(diffs) > 0 {
		return fmt.Errorf("the books are not the source's: %s", strings.Join(diffs, "; "))
	}
	if _, err := p.Store.VerifyActs(p.T.Context()); err != nil {
		return fmt.Errorf("acts: %w", err)
	}
	return nil
}

// newRun hands over a run that was not there.
func (p *Payroll) newRun() {
	d := &hub.Document{Kind: hub.PayrollJournal, Number: fmt.Sprintf("Ajo %d", len(p.runs)+1), Currency: "EUR"}
	for range 1 + p.rng.IntN(maxJournals) {
		d.Journals = append(d.Journals, p.journal())
	}
	d.SourceID = hub.RunID(d.Ordinary(), d.Number)
	p.runs = append(p.runs, d)
	p.trace("new run %s of %d journals", d.Number, len(d.Journals))
	p.show(d)
}

// again hands over a run that was run again, or as it was.
func (p *Payroll) again(d *hub.Document) {
	d.Journals = slices.Clone(d.Journals)
	switch at := p.rng.IntN(len(d.Journals)); p.rng.IntN(5) {
	case 0:
		d.Journals[at].Rows = p.rows()
	case 1:
		j := d.Journals[at]
		j.Rows = slices.Clone(j.Rows)
		a := money.Cents(int64(1 + p.rng.IntN(10_000)))
		j.Rows = append(j.Rows, hub.JournalRow{Account: pick(p.Sim, payAccounts), Amount: a, Text: "Lisä"}, hub.JournalRow{Account: "2960", Amount: a.Neg()})
		d.Journals[at] = j
	case 2:
		d.Journals = append(d.Journals, p.journal())
	case 3:
		if len(d.Journals) > 1 {
			d.Journals = slices.Delete(d.Journals, at, at+1)
		}
	}
	p.trace("run %s again, %d journals", d.Number, len(d.Journals))
	p.show(d)
}

func (p *Payroll) show(d *hub.Document) {
	for {
		_, err := p.Engine.Receive(p.T.Context(), p.Connection.ID, []engine.Incoming{{Document: d, Raw: []byte(d.Number)}}, nil)
		if err == nil {
			return
		}
		if !errors.Is(err, errBroken) {
			p.T.Fatal(err)
		}
	}
}

func (p *Payroll) journal() hub.RunJournal {
	m := pick(p.Sim, payMonths)
	return hub.RunJournal{Date: m.Days().Last, Period: m, Rows: p.rows()}
}

// rows balance to the cent.
func (p *Payroll) rows() (rows []hub.JournalRow) {
	left := money.Zero
	for range 1 + p.rng.IntN(7) {
		r := hub.JournalRow{Account: pick(p.Sim, payAccounts), Amount: money.Cents(int64(p.rng.IntN(900_000) - 300_000)), Text: "Rivi"}
		if p.one(2) {
			r.Dimensions = append(r.Dimensions, hub.Dimension{Axis: hub.CostCentreAxis, Code: pick(p.Sim, payCentres)})
		}
		if p.one(4) {
			r.Dimensions = append(r.Dimensions, hub.Dimension{Axis: hub.CostUnitAxis, Code: pick(p.Sim, payUnits)})
		}
		if p.one(3) {
			r.Employee = fmt.Sprint(100 + p.rng.IntN(3))
		}
		rows, left = append(rows, r), left.Add(r.Amount)
	}
	return append(rows, hub.JournalRow{Account: "2960", Amount: left.Neg()})
}

// answer lets a person do what stands open: send what waits for it, set right what has
// changed, try again what stands still.
func (p *Payroll) answer() {
	for _, t := range p.Transfers() {
		if t.Kind != hub.DocumentTransfer || !p.calm && p.one(3) {
			continue
		}
		allowed := engine.Allowed(&t)
		var wanted []engine.Action
		for _, a := range []engine.Action{engine.Difference, engine.Reverse, engine.SendNow, engine.Retry} {
			if slices.Contains(allowed, a) && (a != engine.SendNow || t.State == hub.Held || !p.calm && p.one(6)) && (a != engine.Retry || t.State.NeedsPerson()) {
				wanted = append(wanted, a)
			}
		}
		if stuck := slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return f.Code == hub.JournalDocument }); stuck && slices.Contains(allowed, engine.Skip) {
			wanted = []engine.Action{engine.Skip} // its run does not have it any more, and it may have been written once
		}
		if len(wanted) == 0 {
			continue
		}
		if i := slices.Index(wanted, engine.Retry); i > 0 {
			wanted = wanted[:i]
		}
		a := pick(p.Sim, wanted)
		p.trace("%s %s %s", a, t.Number, t.Date)
		for {
			err := p.Engine.Act(p.T.Context(), "person", t.ID, a, "so it shall be")
			if err == nil || errors.Is(err, engine.ErrNotNow) {
				break
			}
			if !errors.Is(err, errBroken) {
				p.T.Fatal(err)
			}
		}
	}
}

// open says what is not done yet.
func (p *Payroll) open() string {
	var list []string
	for _, d := range p.runs {
		for _, t := range p.OfRun(d) {
			// What a person has left out is compared with the books all the same.
			if t.State != hub.Done && t.State != hub.DoneWithWarning && t.State != hub.Withdrawn && t.State != hub.Skipped {
				list = append(list, enginetest.Describe(t))
			}
		}
	}
	return strings.Join(list, "; ")
}

// audit holds the sums of the books against the contents that the hub says are booked, and
// what it calls done against the newest content of the source.
func (p *Payroll) audit() error {
	p.rests++
	want := map[string]money.Amount{}
	var errs []error
	p.Must(p.Store.Read(p.T.Context(), func(tx *store.Tx) error {
		for _, d := range p.runs {
			list, err := tx.TransfersOfRun(p.Connection.ID, d.SourceID)
			if err != nil {
				return err
			}
			for _, t := range list {
				row, err := tx.DocumentByID(t.Subject)
				if err != nil {
					return err
				}
				m, err := tx.JournalOf(t.Subject)
				switch {
				case store.IsNotFound(err):
					if t.State == hub.Done {
						errs = append(errs, fmt.Errorf("%s is done and stands in no journal", enginetest.Describe(t)))
					}
					continue
				case err != nil:
					return err
				}
				if t.State == hub.Done && m.Version != row.Version {
					errs = append(errs, fmt.Errorf("%s is done with another content than the newest", enginetest.Describe(t)))
				}
				if m.Version == "" {
					continue // nothing of it is booked
				}
				doc, _, err := tx.Document(t.Subject, m.Version)
				if err != nil {
					return err
				}
				for _, r := range doc.Rows {
					key := string(doc.Run.Period) + " " + r.Account
					if r.Clearing {
						key = string(doc.Run.Period) + " 2950"
					}
					for _, x := range r.Dimensions {
						key += " " + x.Code
					}
					if sum := want[key].Add(r.Amount); sum.IsZero() {
						delete(want, key)
					} else {
						want[key] = sum
					}
				}
			}
		}
		return nil
	}))
	if diffs := enginetest.SameSums(p.Books(), want); len(diffs) > 0 {
		errs = append(errs, fmt.Errorf("the books are not what the hub says: %s", strings.Join(diffs, "; ")))
	}
	if ids := p.Sandbox.Imbalance(p.Company.ProcountorID); len(ids) > 0 {
		errs = append(errs, fmt.Errorf("journals %v do not balance", ids))
	}
	return errors.Join(errs...)
}

// describeAll tells where every transfer stands.
func (p *Payroll) describeAll() (list []string) {
	for _, t := range p.Transfers() {
		list = append(list, fmt.Sprintf("%s %s %s waits %q", t.DocKind, t.Date, enginetest.Describe(t), t.WaitsFor))
	}
	return list
}
