// Package enginetest sets up a whole small world for tests: a sandbox, a
// database, an engine and a clock that only the test moves.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/outbound"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// Start is when every world begins.
var Start = time.Date(2026, 3, 16, 8, 0, 0, 0, time.UTC)

// A Clock stands still until it is moved.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// NewClock stands at [Start].
func NewClock() *Clock { return &Clock{t: Start} }

// Now is the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Add moves the clock.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// Set moves the clock to a moment, never back.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.t) {
		c.t = t
	}
}

// A World is one company of the sandbox, connected.
type World struct {
	T          testing.TB
	Clock      *Clock
	Sandbox    *procountortest.Server
	HTTP       *http.Client
	Store      *store.Store
	Engine     *engine.Engine
	Company    hub.Company
	Connection hub.Connection
	Key        string // of the company

	// Crashes counts the engines that have gone.
	Crashes int

	options engine.Options
}

// Config changes a world before it begins.
type Config struct {
	Sandbox  procountortest.Options
	Settings func(*hub.Settings)
	InFlight int // 1 unless said
	Crash    func(point string)
	Writing  bool // off unless said, as in life
	Client   func(*http.Client) *http.Client
	// Sources are the connectors there are, and SourceHTTP reaches their systems.
	Sources    *source.Registry
	SourceHTTP func(hub.Connection) *http.Client
	// RenderChange and Outbound tell webhooks.
	RenderChange func(tx *store.Tx, language string, c *hub.Change) ([]byte, error)
	Outbound     *outbound.Client
	// PerSecond is the limit of the client id; 0 means none.
	PerSecond int
	// RealTime lets engine and sandbox live in it; the clock says nothing then.
	RealTime bool
}

// Each runs f on a database of each kind, with a function that makes a world on
// it. The database has the world's clock.
func Each(t *testing.T, f func(t *testing.T, world func(Config) *World)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) { f(t, maker(t, url)) })
}

// OnSQLite is [Each] for tests that are about the engine alone.
func OnSQLite(t *testing.T) func(Config) *World {
	t.Helper()
	return maker(t, storetest.SQLite(t))
}

func maker(t *testing.T, url string) func(Config) *World {
	return func(cfg Config) *World {
		clock := NewClock()
		return New(t, storetest.Open(t, url, store.Options{Now: clock.Now, Log: slog.New(slog.DiscardHandler)}), clock, cfg)
	}
}

// New makes a world on a store; the store's clock should be the world's, see
// [Clock].
func New(t testing.TB, st *store.Store, clock *Clock, cfg Config) *World {
	t.Helper()
	ctx := t.Context()
	now := clock.Now
	if cfg.RealTime {
		now = time.Now
	}
	if cfg.Sandbox.Now == nil {
		cfg.Sandbox.Now = now
	}
	sandbox := procountortest.New(cfg.Sandbox)
	t.Cleanup(func() { _ = sandbox.Close() })
	w := &World{T: t, Clock: clock, Sandbox: sandbox, HTTP: sandbox.Client(), Store: st}
	if cfg.Client != nil {
		w.HTTP = cfg.Client(w.HTTP)
	}
	if cfg.InFlight == 0 {
		cfg.InFlight = 1
	}
	w.options = engine.Options{Store: st, Now: now, Node: "test", InFlight: cfg.InFlight, Crash: cfg.Crash, ReadRetries: -1,
		Sources: cfg.Sources, SourceHTTP: cfg.SourceHTTP, RenderChange: cfg.RenderChange, Outbound: cfg.Outbound,
		Transport: func(hub.Company) *http.Client { return w.HTTP }, Log: slog.New(slog.DiscardHandler)}
	if !cfg.RealTime {
		// The clock stands still otherwise: a request that waits for its turn moves it.
		w.options.Sleep = func(ctx context.Context, d time.Duration) error { clock.Add(d); return ctx.Err() }
	}
	w.Engine = engine.New(w.options)

	demo := sandbox.Demo()
	client := hub.Client{ID: "client", Name: "Test", ClientID: demo.ClientID, PerSecond: cfg.PerSecond}
	w.Must(st.Tx(ctx, func(tx *store.Tx) error { return tx.InsertClient(client, secret.New(demo.ClientSecret)) }))
	w.join("", demo, cfg)
	sandbox.ForgetRequests()
	return w
}

// Another is a second company of the same client id, with the same sandbox,
// engine, database and clock. Its vouchers have the ids of the first one's.
func (w *World) Another(name string, cfg Config) *World {
	w.T.Helper()
	other := *w
	other.join(name, w.Sandbox.AddCompanyWithKey(procountortest.FinnishDemo()), cfg)
	return &other
}

// join connects a company of the sandbox.
func (w *World) join(name string, cred procountortest.Credentials, cfg Config) {
	w.T.Helper()
	ctx := w.T.Context()
	w.Key = cred.APIKey
	w.Company = hub.Company{ID: "company" + name, Client: "client", ProcountorID: cred.CompanyID, Name: "Esimerkkipaja Oy", BusinessID: "1234567-1",
		Country: "FI", Currency: "EUR", Environment: hub.Sandbox, BaseURL: "http://sandbox/api"}
	w.Connection = hub.Connection{ID: "connection" + name, Company: w.Company.ID, Name: "Finvoice", System: "Finvoice",
		Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}
	w.Must(w.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.InsertCompany(w.Company, secret.New(cred.APIKey)); err != nil {
			return err
		}
		return tx.InsertConnection(w.Connection, "test")
	}))
	registers, err := w.Engine.Refresh(ctx, w.Company.ID)
	w.Must(err)
	s := w.Connection.Settings
	s.VATStatuses = register.ProposeVATStatuses(registers)
	s.OrderBySourceNumber = false
	if cfg.Settings != nil {
		cfg.Settings(&s)
	}
	w.SetSettings(s)
	if cfg.Writing {
		w.Must(w.Engine.SetWriting(ctx, "test", w.Connection.ID, true))
		w.Connection.Writing = true
	}
}

// Must fails the test.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// SetSettings stores new settings.
func (w *World) SetSettings(s hub.Settings) {
	w.T.Helper()
	_, err := w.Engine.SetSettings(w.T.Context(), "test", w.Connection.ID, 0, s)
	w.Must(err)
	w.Connection.Settings = s
}

// Restart makes a new engine on the same database, as after a crash.
func (w *World) Restart(crash func(string)) {
	w.options.Crash = crash
	w.Engine = engine.New(w.options)
}

// NewEngine makes another engine for the same company, on st, as another node has.
func (w *World) NewEngine(st *store.Store, node string, inFlight int) *engine.Engine {
	o := w.options
	o.Store, o.Node, o.InFlight, o.Crash = st, node, inFlight, nil
	return engine.New(o)
}

// Receive hands documents to the engine.
func (w *World) Receive(docs ...*hub.Document) []engine.Receipt {
	w.T.Helper()
	var in []engine.Incoming
	for _, d := range docs {
		in = append(in, engine.Incoming{Document: d, Raw: []byte("raw of " + d.Number)})
	}
	r, err := w.Engine.Receive(w.T.Context(), w.Connection.ID, in, nil)
	w.Must(err)
	return r
}

// Stand hands a document to the engine together with where it stands at its source.
func (w *World) Stand(d *hub.Document, s hub.Standing) engine.Receipt {
	w.T.Helper()
	r, err := w.Engine.Receive(w.T.Context(), w.Connection.ID, []engine.Incoming{{Document: d, Raw: []byte("raw of " + d.Number), Standing: &s}}, nil)
	w.Must(err)
	return r[0]
}

// Pay hands payments to the engine.
func (w *World) Pay(payments ...hub.PaymentMade) []engine.PaymentReceipt {
	w.T.Helper()
	var in []engine.IncomingPayment
	for _, p := range payments {
		in = append(in, engine.IncomingPayment{Payment: p, Raw: []byte("raw of " + p.SourceID)})
	}
	r, err := w.Engine.ReceivePayments(w.T.Context(), w.Connection.ID, in)
	w.Must(err)
	return r
}

// Payment returns the transfer of the payment with a source id.
func (w *World) Payment(sourceID string) hub.Transfer {
	w.T.Helper()
	p, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (store.PaymentOf, error) {
		return tx.PaymentBySource(w.Connection.ID, sourceID)
	})
	w.Must(err)
	return p.Transfer
}

// Paid returns the payments in the sandbox on the voucher with a source's number.
func (w *World) Paid(number string) (list []procountortest.PaymentEvent) {
	w.T.Helper()
	for _, e := range w.Sandbox.PaymentEvents(w.Company.ProcountorID) {
		for _, v := range w.Vouchers(number) {
			if *e.InvoiceID == v.ID {
				list = append(list, e)
			}
		}
	}
	return list
}

// Step calls Step once and returns when it wants to be called again.
func (w *World) Step(ctx context.Context) time.Time {
	w.T.Helper()
	next, err := w.Engine.Step(ctx, w.Clock.Now(), w.Company.ID)
	w.Must(err)
	return next
}

// Settle steps until nothing is active any more, moving the clock to whatever
// the engine waits for, and fails after a day. A crash of the engine (a panic of
// [Crash]) is followed by a new one.
func (w *World) Settle() {
	w.T.Helper()
	if err := w.Settles(24*time.Hour, nil); err != nil {
		w.T.Fatal(err)
	}
}

// Crash is what a test's crash point panics with.
type Crash string

// Settles is [World.Settle] within a bound; broken are errors of Step that the
// test has caused itself.
func (w *World) Settles(bound time.Duration, broken error) error {
	w.T.Helper()
	end := w.Clock.Now().Add(bound)
	for range 10_000 {
		next, err := w.TryStep()
		if err != nil && (broken == nil || !errors.Is(err, broken)) {
			return err
		}
		if w.Resting() {
			return nil
		}
		if w.Clock.Now().After(end) {
			break
		}
		if next.After(w.Clock.Now()) {
			w.Clock.Set(next)
		}
	}
	var errs []error
	for _, t := range w.Active() {
		errs = append(errs, fmt.Errorf("does not settle: %s", Describe(t)))
	}
	return errors.Join(errs...)
}

// Active returns the transfers that something is still to happen with.
func (w *World) Active() (list []hub.Transfer) {
	for _, t := range w.Transfers() {
		if t.State.Active() && t.WaitsFor == "" {
			list = append(list, t)
		}
	}
	return list
}

// Resting reports whether nothing is active; it is asked often. What waits for
// another transfer moves when that does.
func (w *World) Resting() bool {
	w.T.Helper()
	n, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (n int, err error) {
		err = tx.QueryRow(`select count(*) from transfer where state in ('ready', 'working', 'waiting', 'unclear') and waits_for = ''`).Scan(&n)
		return n, err
	})
	w.Must(err)
	return n == 0
}

// TryStep is one Step; a crash gives way to a new engine without crash points.
func (w *World) TryStep() (next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(Crash); !ok {
				panic(p)
			}
			w.Crashes++
			w.Restart(w.options.Crash)
			next, err = w.Clock.Now(), nil
		}
	}()
	return w.Engine.Step(w.T.Context(), w.Clock.Now(), w.Company.ID)
}

// Transfers returns every transfer.
func (w *World) Transfers() []hub.Transfer {
	w.T.Helper()
	list, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]hub.Transfer, error) { return tx.AllTransfers(w.Company.ID) })
	w.Must(err)
	return list
}

// Transfer returns the transfer of the document with a number.
func (w *World) Transfer(number string) hub.Transfer {
	w.T.Helper()
	for _, t := range w.Transfers() {
		if t.Number == number && t.Kind == hub.DocumentTransfer {
			return t
		}
	}
	w.T.Fatalf("no transfer of document %s", number)
	return hub.Transfer{}
}

// Vouchers returns the invoices of the sandbox that carry a source's number and
// are not invalidated.
func (w *World) Vouchers(number string) (list []procountortest.Invoice) {
	for _, inv := range w.Sandbox.Invoices(w.Company.ProcountorID) {
		if inv.OriginalInvoiceNumber == number && inv.Status != "INVALIDATED" && inv.Status != "DELETED" {
			list = append(list, inv)
		}
	}
	return list
}

// Describe prints a transfer for a failure.
func Describe(t hub.Transfer) string { return fmt.Sprintf("%s %s %v", t.Number, t.State, t.Faults) }

// Foreign puts a voucher into the books that somebody else has entered: as ours
// would be, without our mark.
func (w *World) Foreign(d *hub.Document) {
	w.T.Helper()
	p, err := w.Engine.Check(w.T.Context(), w.Connection.ID, engine.Incoming{Document: d})
	w.Must(err)
	if p.Invoice == nil || p.Partner == nil {
		w.T.Fatalf("no invoice to enter: %v", p.Faults)
	}
	inv := *p.Invoice
	inv.PartnerID = p.Partner.ID
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	_, err = client.Invoices.Create(w.T.Context(), &inv)
	w.Must(err)
}
