// Package severasim lives some working days of a small company that invoices in Severa
// and keeps its books in Procountor, from one seed: invoices are made, corrected,
// credited and paid, projects come, are renamed and closed, both systems answer badly,
// and the hub dies at random points. In the end the faults stop, everything settles,
// and each system is asked by itself what it holds.
package severasim

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

const (
	// tick is how often the source is read, as usual.
	tick = 10 * time.Minute
	// opens and closes are the hours in which people work, and Severa is read.
	opens, closes = 8, 19
	// settlesWithin is how long after the last fault everything must rest.
	settlesWithin = 12 * time.Hour
	// maxSteps of one tick: more means that the engine is busy with nothing.
	maxSteps = 400
)

// A Day is what one day came to.
type Day struct {
	Date                                                            string
	Made, Changed, Credited, Claimed, Bought                        int // by people
	Pulls, Shown, Posted, Held                                      int
	SeveraRequests, SeveraWrites, Requests, Writes, Faults, Crashes int
}

// A Sim is one run.
type Sim struct {
	*enginetest.World
	severa *enginetest.Severa
	rng    *rand.Rand
	// calm is true once the faults have stopped.
	calm          bool
	crashPerMille int
	rules         []faulty.Rule // bad manners of Procountor
	number        int
	travel        severafake.TravelStatuses
	traveller     string
	claims        []*made
	bought        []string // the costs that Severa must have in the end
	purchases     int
	faulted       int // faults before the plan was last cleared
	customers     []string
	invoices      []*made
	Days          []Day
	day           *Day
	// Trace tells what happened, for whoever reads a failure.
	Trace []string
}

// made is an invoice that people have made in Severa.
type made struct {
	guid   string
	number int
	// credit says that it is a credit note, or has one.
	credit bool
}

// New makes the world of a seed.
func New(t testing.TB, seed uint64) *Sim {
	s := &Sim{rng: rand.New(rand.NewPCG(seed, 1)), severa: enginetest.NewSevera(), number: 10_000}
	clock := enginetest.NewClock()
	vault, err := secret.NewVault(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, storetest.SQLite(t), store.Options{Now: clock.Now, Log: slog.New(slog.DiscardHandler), Vault: vault})
	cfg := enginetest.Config{Settings: settings, Crash: s.crash}
	cfg.Sandbox = procountortest.Options{Seed: seed, Rounding: procountortest.Rounding(s.rng.IntN(3))}
	cfg.Sandbox.Hostile = procountortest.Hostile{SmallPages: s.rng.IntN(4), UnknownFields: s.one(2), UnknownValues: s.one(2), Shuffle: s.one(2)}
	s.severa.Into(&cfg)
	s.World = enginetest.New(t, st, clock, cfg)
	s.SeveraBack(s.severa, s.Connection.Settings.Telling)
	s.travel = s.severa.FurnishTravel()
	s.SeveraOptions(map[string]string{"travel_status": s.travel.Waiting, "travel_status_after": s.travel.Transferred})
	s.traveller = s.severa.NewUser(severafake.Traveller{First: "Maija", Last: "Matkaaja", Code: "H-101", IBAN: "FI1350001520000081"})
	s.customers = []string{s.severa.Customer}
	for range 4 {
		s.newCustomer()
	}
	s.Must(s.Engine.SetWriting(t.Context(), "test", s.Connection.ID, true))
	s.crashPerMille = 15
	s.rules = s.faults()
	s.Sandbox.PlanFault(s.rules...)
	s.severa.Plan.Add(s.severaFaults()...)
	return s
}

// settings: sales arrive approved, at once, and what cannot be carried exactly is held.
func settings(set *hub.Settings) {
	set.Sender = hub.SenderNobody
	set.Difference = hub.Difference{Policy: hub.RowForDifference}
	set.ChangedApproved = true
	set.Telling = hub.Telling{Status: hub.TellWrite, Payments: hub.TellWrite}
	k := set.Kinds[hub.SalesInvoice]
	k.Arrival, k.Posting = hub.ArriveApproved, hub.PostedByMap
	set.Kinds[hub.SalesInvoice] = k
	set.Accounts = []hub.AccountRule{{Sales: true, Account: enginetest.PostedOn}}
	enginetest.Travels(set, hub.ArriveUnfinished)
	set.Dimensions = map[string]string{"project": "Project", "cost_centre": "Cost centre"}
	set.Axes = map[string]hub.AxisSettings{"project": {Make: hub.MakeAll}}
	set.MakeProducts = true
}

func (s *Sim) one(of int) bool { return s.rng.IntN(of) == 0 }

func pick[T any](s *Sim, list []T) T { return list[s.rng.IntN(len(list))] }

func (s *Sim) faults() (rules []faulty.Rule) {
	for _, kind := range []faulty.Kind{procountortest.FaultTooMany, procountortest.FaultHTMLBefore, procountortest.FaultHTMLAfter,
		faulty.Before, faulty.After, faulty.Body, procountortest.FaultExpireToken} {
		rules = append(rules, faulty.Rule{PerMill: 1 + s.rng.IntN(10), Fault: faulty.Fault{Kind: kind}},
			faulty.Rule{Write: true, PerMill: 1 + s.rng.IntN(40), Fault: faulty.Fault{Kind: kind}})
	}
	return rules
}

func (s *Sim) severaFaults() (rules []faulty.Rule) {
	for _, kind := range []faulty.Kind{faulty.Before, faulty.After, faulty.Body} {
		rules = append(rules, faulty.Rule{PerMill: 1 + s.rng.IntN(15), Fault: faulty.Fault{Kind: kind}})
	}
	return rules
}

func (s *Sim) crash(point string) {
	if s.World == nil || s.calm || s.rng.IntN(1000) >= s.crashPerMille {
		return
	}
	s.trace("crash at %s", point)
	panic(enginetest.Crash(point))
}

func (s *Sim) trace(format string, a ...any) {
	s.Trace = append(s.Trace, s.Clock.Now().Format("02 15:04:05 ")+fmt.Sprintf(format, a...))
}

// Run lives so many days, then lets everything settle, and says what is wrong.
func (s *Sim) Run(days int) error {
	for n := range days {
		morning := s.midnight().AddDate(0, 0, 1).Add(opens * time.Hour)
		if n == 0 {
			morning = s.midnight().Add(opens * time.Hour)
		}
		s.moveTo(morning)
		if err := s.live(func() { s.people() }); err != nil {
			return err
		}
	}
	if err := s.settle(); err != nil {
		return err
	}
	return s.Audit()
}

// StillDay lives one day in which nobody does anything, and returns how many writes
// left for either system; nothing is shown, and the cursor stands still.
func (s *Sim) StillDay() (writes int, err error) {
	s.calm = true
	s.Sandbox.ForgetRequests()
	before, cursor := s.severa.Writes(), s.cursor()
	defer func() {
		if err == nil && (s.day.Shown > 0 || s.cursor() != cursor) {
			err = fmt.Errorf("%d documents were shown, and the cursor went from %s to %s", s.day.Shown, cursor, s.cursor())
		}
	}()
	s.moveTo(s.midnight().AddDate(0, 0, 1).Add(opens * time.Hour))
	if err := s.live(func() {}); err != nil {
		return 0, err
	}
	return s.procountorWrites() + s.severa.Writes() - before, nil
}

func (s *Sim) cursor() string {
	c, err := store.ReadOne(s.T.Context(), s.Store, func(tx *store.Tx) (string, error) { return tx.Cursor(s.Connection.ID) })
	s.Must(err)
	return c
}

func (s *Sim) midnight() time.Time {
	y, m, d := s.Clock.Now().In(engine.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, engine.Zone)
}

func (s *Sim) moveTo(t time.Time) {
	if t.After(s.Clock.Now()) {
		s.Clock.Set(t.UTC())
	}
}

// live is one day from opening to closing.
func (s *Sim) live(act func()) error {
	s.Days = append(s.Days, Day{Date: s.Clock.Now().In(engine.Zone).Format("2006-01-02")})
	s.day = &s.Days[len(s.Days)-1]
	s.Sandbox.ForgetRequests()
	asked, written, faults, crashes := s.severaAsked(), s.severa.Writes(), s.faulted+s.Sandbox.Faults(), s.Crashes
	for end := s.midnight().Add(closes * time.Hour); s.Clock.Now().Before(end); {
		next := s.Clock.Now().Add(tick)
		act()
		if err := s.turn(next); err != nil {
			return err
		}
		s.moveTo(next)
	}
	s.day.SeveraRequests, s.day.SeveraWrites = s.severaAsked()-asked, s.severa.Writes()-written
	s.day.Writes, s.day.Faults, s.day.Crashes = s.procountorWrites(), s.faulted+s.Sandbox.Faults()-faults, s.Crashes-crashes
	for _, n := range s.Sandbox.Requests() {
		s.day.Requests += n
	}
	for _, t := range s.Transfers() {
		if t.State.NeedsPerson() {
			s.day.Held++
		}
	}
	return nil
}

// turn reads the source when it is due, and lets the engine work until a moment.
func (s *Sim) turn(until time.Time) error {
	p, err := s.pull()
	if err != nil {
		return err
	}
	if p != nil {
		s.day.Pulls++
		s.day.Shown += p.Documents
	}
	for range maxSteps {
		next, err := s.TryStep()
		if err != nil {
			return fmt.Errorf("step: %w", err)
		}
		if s.Resting() || !next.Before(until) {
			return nil
		}
		s.moveTo(next)
	}
	return fmt.Errorf("more than %d steps within %s", maxSteps, tick)
}

// pull reads the source; a crash gives way to another engine, as in life.
func (s *Sim) pull() (p *store.Pull, err error) {
	defer func() {
		if x := recover(); x != nil {
			if _, ok := x.(enginetest.Crash); !ok {
				panic(x)
			}
			s.Crashes++
			s.Restart(s.crash)
			p, err = nil, nil
		}
	}()
	return s.Engine.Pull(s.T.Context(), s.Connection.ID)
}

func (s *Sim) severaAsked() (n int) {
	for _, k := range s.severa.Requests() {
		n += k
	}
	return n
}

func (s *Sim) procountorWrites() (n int) {
	for _, r := range s.Sandbox.Received() {
		if r.Method != "GET" && !strings.Contains(r.Path, "/oauth") {
			n++
		}
	}
	return n
}

// settle stops all faults and waits until nothing is active.
func (s *Sim) settle() error {
	s.trace("calm")
	s.calm = true
	s.Sandbox.ClearFaults()
	s.severa.Plan.Clear()
	s.day = &Day{}
	for end := s.Clock.Now().Add(settlesWithin); s.Clock.Now().Before(end); s.moveTo(s.Clock.Now().Add(tick)) {
		if err := s.turn(s.Clock.Now().Add(tick)); err != nil {
			return err
		}
	}
	var errs []error
	for _, t := range s.Active() {
		errs = append(errs, fmt.Errorf("not settled after %v: %s", settlesWithin, enginetest.Describe(t)))
	}
	return errors.Join(errs...)
}

// Audit asks each system what it holds: every invoice that Severa has handed over lies
// in Procountor exactly once, comes to the same cent and stands in the status after,
// unless the hub says why not.
func (s *Sim) Audit() error {
	var errs []error
	wrong := func(m *made, format string, a ...any) {
		errs = append(errs, fmt.Errorf("invoice %d: %s", m.number, fmt.Sprintf(format, a...)))
	}
	for _, m := range s.invoices {
		o := s.severa.Get("invoices", m.guid)
		status, number := text(o, "status", "guid"), fmt.Sprint(m.number)
		vouchers := s.Vouchers(number)
		if status == s.severa.Draft {
			if t, ok := s.known(number); !ok && len(vouchers) > 0 {
				wrong(m, "was never handed over, and %d vouchers are there", len(vouchers))
			} else if ok && len(vouchers) > 1 {
				wrong(m, "%d vouchers: %s", len(vouchers), enginetest.Describe(t))
			}
			continue
		}
		t, ok := s.known(number)
		switch {
		case !ok:
			wrong(m, "the hub has never seen it, it is in %s", text(o, "status", "name"))
		case len(vouchers) > 1:
			wrong(m, "%d vouchers: %s", len(vouchers), enginetest.Describe(t))
		case t.State.NeedsPerson() && len(t.Faults) == 0:
			wrong(m, "stands still and nothing says why: %s", enginetest.Describe(t))
		case t.State.NeedsPerson():
		case len(vouchers) != 1:
			wrong(m, "%d vouchers: %s", len(vouchers), enginetest.Describe(t))
		default:
			if theirs, ours := gross(vouchers[0]), money.Must(text(o, "totalIncludingTax", "amount")); !theirs.Equal(ours) {
				wrong(m, "%s in Procountor, %s in Severa: %s", theirs, ours, enginetest.Describe(t))
			}
			if vouchers[0].Status == "PAID" && status != s.severa.Paid {
				wrong(m, "is paid in Procountor, and stands in %s", text(o, "status", "name"))
			}
			if status != s.severa.Transferred && status != s.severa.Paid {
				wrong(m, "arrived, and stands in %s: %s", text(o, "status", "name"), enginetest.Describe(t))
			}
		}
	}
	for _, m := range s.claims {
		o, vouchers := s.severa.Get("travelreimbursements", m.guid), s.Vouchers(fmt.Sprint(m.number))
		t, ok := s.known(fmt.Sprint(m.number))
		switch {
		case !ok:
			wrong(m, "the hub has never seen this claim")
		case t.State.NeedsPerson() && len(t.Faults) > 0:
		case len(vouchers) != 1:
			wrong(m, "%d vouchers: %s", len(vouchers), enginetest.Describe(t))
		default:
			if theirs, ours := gross(vouchers[0]), money.Must(text(o, "totalExpenses", "amount")); !theirs.Equal(ours) {
				wrong(m, "%s in Procountor, %s in Severa: %s", theirs, ours, enginetest.Describe(t))
			}
			if got := text(o, "travelReimbursementStatus", "guid"); got != s.travel.Transferred {
				wrong(m, "arrived, and stands in %s", text(o, "travelReimbursementStatus", "name"))
			}
		}
	}
	errs = append(errs, s.auditItems()...)
	fees := s.severa.Fees()
	slices.Sort(fees)
	slices.Sort(s.bought)
	if !slices.Equal(fees, s.bought) {
		errs = append(errs, fmt.Errorf("costs in Severa: %q, want %q", fees, s.bought))
	}
	// Nothing is there that Severa has not.
	for _, inv := range s.Sandbox.Invoices(s.Company.ProcountorID) {
		if inv.Status == "INVALIDATED" || inv.Status == "DELETED" || inv.OriginalInvoiceNumber == "" {
			continue
		}
		found := strings.HasPrefix(inv.OriginalInvoiceNumber, "P")
		for _, m := range append(slices.Clone(s.invoices), s.claims...) {
			found = found || fmt.Sprint(m.number) == inv.OriginalInvoiceNumber
		}
		if !found {
			errs = append(errs, fmt.Errorf("voucher %d carries the number %s, which Severa does not have", inv.ID, inv.OriginalInvoiceNumber))
		}
	}
	return errors.Join(errs...)
}

// auditItems compares Severa's projects with the items of Procountor's dimension: each is
// there once, called as in Severa, and open or closed as there.
func (s *Sim) auditItems() (errs []error) {
	client, err := s.Engine.Client(s.T.Context(), s.Company)
	s.Must(err)
	dims, err := client.Dimensions.List(s.T.Context(), procountor.DimensionFilter{})
	s.Must(err)
	i := slices.IndexFunc(dims, func(d procountor.Dimension) bool { return d.Name == enginetest.Project })
	for _, o := range s.severa.All("projects") {
		item := hub.Item{Code: text(o, "number"), Name: text(o, "name")}
		var there []procountor.DimensionItem
		for _, x := range dims[i].Items {
			if code, _, _ := strings.Cut(x.CodeName, " "); code == item.Code {
				there = append(there, x)
			}
		}
		switch {
		case len(there) != 1:
			errs = append(errs, fmt.Errorf("project %s is there %d times", item.Text(), len(there)))
		case there[0].CodeName != item.Text() || (there[0].Status == "") == (o["isClosed"] == true):
			errs = append(errs, fmt.Errorf("project %s, closed %v, is %q %q", item.Text(), o["isClosed"], there[0].CodeName, there[0].Status))
		}
	}
	return errs
}

func (s *Sim) known(number string) (hub.Transfer, bool) {
	for _, t := range s.Transfers() {
		if t.Number == number && t.Kind == hub.DocumentTransfer && t.Direction == hub.In {
			return t, true
		}
	}
	return hub.Transfer{}, false
}

// Posted counts the invoices that lie in Procountor.
func (s *Sim) Posted() (n int) {
	for _, m := range s.invoices {
		n += len(s.Vouchers(fmt.Sprint(m.number)))
	}
	return n
}

// gross is what an invoice of the sandbox comes to.
func gross(inv procountortest.Invoice) money.Amount {
	for _, x := range inv.InvoiceSumInfo {
		return money.Must(fmt.Sprint(x.InvoiceSumTotal))
	}
	return money.Amount{}
}

// text is a value of a thing of Severa.
func text(o severafake.Object, path ...string) string {
	var v any = o
	for _, name := range path {
		m, ok := v.(severafake.Object)
		if !ok {
			return ""
		}
		v = m[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
