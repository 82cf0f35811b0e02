// Package engine moves transfers through their states. [Engine.Step] is the one
// function that does: it takes a slice of a company's transfers by lease, moves
// each as far as it goes, and commits intents and outcomes in groups. It works
// from stored state to stored state; River only wakes it.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/outbound"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// Figures that decide about pace. They are not settings: each has a reason.
const (
	// defaultInFlight is how many requests one company has under way: answers
	// take 200–300 ms, and about 20 fill the limit of 60 a second.
	defaultInFlight = 20
	// slice is how many transfers one Step takes: twenty seconds of work at the
	// lower published limit, so that companies take turns.
	slice = 400
	// leaseFor outlives the longest request and its commit; a running engine
	// renews at a third of it.
	leaseFor = 150 * time.Second
	// defaultTimeout bounds one request.
	defaultTimeout = 60 * time.Second
	// firstLook and secondLook are the waits before looking after an unclear
	// write. The second is never less than 60 s after the intent and never less
	// than twice the request's timeout: a write that may still land is not made again.
	firstLook  = 2 * time.Second
	secondLook = 60 * time.Second
	// firstWait doubles with each round that a transfer is put off, up to longestWait.
	firstWait   = 5 * time.Second
	longestWait = 10 * time.Minute
	// deadKeyWait is how long a company with a dead key rests before one try.
	deadKeyWait = 15 * time.Minute
	// orderWait is how soon a document asks again whether its turn has come.
	orderWait = 2 * time.Second
	// idle is when a company without work is looked after again.
	idle = 10 * time.Minute
	// KeepChanges is for how long what sources were told is kept, when nobody says: a
	// vendor who was away for a summer reads on from where it was.
	KeepChanges = 183 * 24 * time.Hour
	// gather is how long what is to be read is gathered for one batch, and apart
	// how far batches are from each other: at 20 documents a second two kinds of
	// reading then cost less than 0.1 requests a document, together.
	gather = 30 * time.Millisecond
	apart  = 1200 * time.Millisecond
)

// Options of [New].
type Options struct {
	Store *store.Store
	Log   *slog.Logger
	Now   func() time.Time
	// Node names this process among several; it begins every lease.
	Node string
	// Transport carries the requests of a company; nil means the client's own.
	Transport func(hub.Company) *http.Client
	// InFlight is how many requests a company may have under way; 1 makes Step
	// single-threaded and its order repeatable.
	InFlight int
	Timeout  time.Duration
	// Sleep waits for the turn of a request, until ctx ends; nil means by the
	// machine's clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// ReadRetries is how often a read is repeated at once; 0 means the client's
	// own figure, below 0 none.
	ReadRetries int
	// Wake makes sure that Step is called for a company at some moment. It runs
	// in the transaction that made the work; nil wakes nobody.
	Wake func(tx *store.Tx, company string, at time.Time) error
	// Sources are the connectors that connections may be read by; nil: none.
	Sources *source.Registry
	// SourceHTTP carries requests to a connection's source; nil means a client with
	// a timeout that never takes credentials to another host.
	SourceHTTP func(hub.Connection) *http.Client
	// WakeSource makes sure that a connection is read soon. It runs in the
	// transaction that asks for it; nil wakes nobody.
	WakeSource func(tx *store.Tx, connection string) error
	// Outbound carries webhooks; nil means one for receivers on the internet.
	Outbound *outbound.Client
	// RenderChange is the body by which a change is told, in a language; nil tells nobody.
	RenderChange func(tx *store.Tx, language string, c *hub.Change) ([]byte, error)
	// WakeWebhook makes sure that Deliver is called for a webhook soon. It runs in the
	// transaction that made the work; nil wakes nobody.
	WakeWebhook func(tx *store.Tx, webhook string) error
	// KeepChanges is for how long what was told is kept; 0 means [KeepChanges].
	KeepChanges time.Duration
	// Crash is called at each named point between intent and outcome, for tests.
	Crash func(point string)
	// NoUpkeep leaves registers and history alone, for tests that fill them.
	NoUpkeep bool
}

// An Engine moves the transfers of all companies. It is safe for concurrent use,
// and several may share one database.
type Engine struct {
	o       Options
	store   *store.Store
	log     *slog.Logger
	clients clients
	// copies are the register copies in use, by their blob reference. Nobody
	// changes one.
	copies sync.Map
	// lastRead is when a company's latest batch was read, by company.
	lastRead sync.Map
	// noSizes is when a company last refused to be asked for the sizes of files.
	noSizes sync.Map
	// nextBack is when purchases of a company may be read again, by company.
	nextBack sync.Map
	// lastSweep is when a company's latest batch of arrived invoices was read.
	lastSweep sync.Map
}

// New makes an engine. It starts nothing.
func New(o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.InFlight == 0 {
		o.InFlight = defaultInFlight
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Sources == nil {
		o.Sources = source.NewRegistry()
	}
	if o.Outbound == nil {
		o.Outbound = outbound.New(outbound.Options{})
	}
	if o.KeepChanges == 0 {
		o.KeepChanges = KeepChanges
	}
	if o.Node == "" {
		o.Node = "node"
	}
	e := &Engine{o: o, store: o.Store, log: o.Log}
	e.clients.made = map[string]*companyClient{}
	return e
}

// Store is the database that the engine works on.
func (e *Engine) Store() *store.Store { return e.store }

func (e *Engine) crash(point string) {
	if e.o.Crash != nil {
		e.o.Crash(point)
	}
}

// wake asks for a Step of the company, in the transaction that made the work.
func (e *Engine) wake(tx *store.Tx, company string, at time.Time) error {
	if e.o.Wake == nil {
		return nil
	}
	return e.o.Wake(tx, company, at)
}

// Step does what is due for one company and returns when it wants to be called
// again. It may be called at any time, by several nodes at once; a call too many
// does nothing.
func (e *Engine) Step(ctx context.Context, now time.Time, company string) (next time.Time, err error) {
	var c hub.Company
	var conns []hub.Connection
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if c, err = tx.Company(company); err != nil {
			return err
		}
		conns, err = tx.Connections(company)
		return err
	}); err != nil {
		return now.Add(idle), fmt.Errorf("step company %s: %w", company, err)
	}
	if !c.Detached.IsZero() {
		return now.Add(idle), nil
	}
	if c.Leaving != "" {
		if done, err := e.tryLeave(ctx, company); done || err != nil {
			return now.Add(idle), err
		}
	}
	if c.PausedUntil.After(now) {
		return c.PausedUntil, nil
	}
	client, err := e.client(ctx, c)
	if err != nil {
		return now.Add(idle), fmt.Errorf("step company %s: %w", c.Name, err)
	}
	r := &run{e: e, company: c, client: client, lease: e.o.Node + "/" + e.store.NewID(), conns: map[string]hub.Connection{}, memory: newMemory(), flight: make(chan struct{}, e.o.InFlight)}
	r.read()
	for _, conn := range conns {
		r.conns[conn.ID] = conn
	}
	if r.registers, r.registersAt, err = e.upkeep(ctx, c, client); err != nil {
		if ctx.Err() != nil {
			return now.Add(firstWait), ctx.Err() // no fault of the company's
		}
		return r.pauseCompany(ctx, now, err)
	}
	if err := r.recovered(ctx); err != nil {
		return now.Add(firstWait), err
	}
	sweepMore := r.sweep(ctx)
	e.rhythm(ctx, company)
	now = laterOf(now, e.o.Now())
	var claimed []hub.Transfer
	r.leaseUntil.Store(now.Add(leaseFor))
	if err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		if c.Leaving != "" {
			claimed, err = tx.ClaimLeaving(company, c.Leaving, r.lease, now, now.Add(leaseFor), slice)
			return err
		}
		claimed, err = tx.Claim(company, r.lease, now, now.Add(leaseFor), slice)
		return err
	}); err != nil {
		return now.Add(firstWait), fmt.Errorf("claim: %w", err)
	}
	if len(claimed) > 0 {
		r.preload(ctx, claimed)
		stop := r.keepLease(ctx)
		r.work(ctx, claimed)
		stop()
		if err := r.giveBack(ctx, claimed); err != nil {
			return now.Add(firstWait), err
		}
	}
	if r.pause != nil && ctx.Err() == nil {
		return r.pauseCompany(ctx, e.o.Now(), r.pause)
	}
	if c.Leaving != "" {
		done, err := e.tryLeave(ctx, company)
		if done || err != nil {
			return now.Add(idle), errors.Join(append(r.errs, err)...)
		}
		return e.o.Now().Add(firstLook), errors.Join(r.errs...)
	}
	if err := r.compose(ctx); err != nil {
		r.errs = append(r.errs, err)
	}
	var at time.Time
	var ok bool
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		at, ok, err = tx.NextWake(company)
		return err
	}); err != nil {
		return now.Add(firstWait), err
	}
	if !ok || at.After(now.Add(idle)) {
		at = now.Add(idle)
	}
	if soon := e.o.Now().Add(watchApart); sweepMore && at.After(soon) {
		at = soon
	}
	if later := e.o.Now().Add(firstWait); r.stuck && at.Before(later) {
		at = later
	}
	return at, errors.Join(r.errs...)
}

// laterOf: the wait before the claim lets time pass.
func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// A pause is a reason that concerns the whole company.
type pause struct {
	fault hub.Fault
	after time.Duration
}

func (p *pause) Error() string { return p.fault.Code }

// pauseCompany lets the company rest for the reason in err.
func (r *run) pauseCompany(ctx context.Context, now time.Time, err error) (time.Time, error) {
	p, ok := errors.AsType[*pause](err)
	if !ok {
		return now.Add(firstWait), err
	}
	until := now.Add(p.after)
	p.fault = r.company.DeadBy(p.fault)
	news := r.company.PausedFault == nil || r.company.PausedFault.Code != p.fault.Code
	if news { // one line per cause, not one per try
		r.e.log.Warn("company rests", "company", r.company.Name, "code", p.fault.Code, "until", until, "cause", p.fault.Args["reason"])
	}
	e := r.e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.PauseCompany(r.company.ID, &p.fault, until); err != nil {
			return err
		}
		if news {
			if err := act(tx, engineActor, "company.paused", r.company.ID, p.fault); err != nil {
				return err
			}
		}
		return r.e.wake(tx, r.company.ID, until)
	})
	return until, e
}

// recovered ends a pause that is over, so that the next one is told of again.
func (r *run) recovered(ctx context.Context) error {
	if r.company.PausedFault == nil {
		return nil
	}
	r.e.log.Info("company goes on", "company", r.company.Name, "after", r.company.PausedFault.Code)
	return r.e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.PauseCompany(r.company.ID, nil, time.Time{}); err != nil {
			return err
		}
		return act(tx, engineActor, "company.resumed", r.company.ID, r.company.PausedFault)
	})
}

// engineActor is who acts when no person does.
const engineActor = "vienti"

func act(tx *store.Tx, actor, kind, subject string, detail any) error {
	return tx.AppendAct(audit.Act{Actor: actor, Kind: kind, Subject: subject, Detail: audit.Detail(detail)})
}

// clients keeps one Procountor client per company, so that each logs in once.
type clients struct {
	mu   sync.Mutex
	made map[string]*companyClient
}

type companyClient struct {
	client *procountor.Client
	key    string // fingerprint of what it was made from
}

// client returns the Procountor client of a company; a changed key or address
// makes a new one.
func (e *Engine) client(ctx context.Context, c hub.Company) (*procountor.Client, error) {
	cred, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Credentials, error) { return tx.Credentials(c.ID) })
	if err != nil {
		return nil, err
	}
	key := hub.HashOf([]byte(c.BaseURL + "\x00" + cred.ClientID + "\x00" + cred.ClientSecret.Reveal() + "\x00" + cred.APIKey.Reveal() +
		fmt.Sprint("\x00", cred.PerSecond, "\x00", cred.LoggedIn.UnixMilli())))
	e.clients.mu.Lock()
	defer e.clients.mu.Unlock()
	if have, ok := e.clients.made[c.ID]; ok && have.key == key {
		return have.client, nil
	}
	o := procountor.Options{
		BaseURL: c.BaseURL, ClientID: cred.ClientID, ClientSecret: cred.ClientSecret.Reveal(), APIKey: cred.APIKey.Reveal(),
		UserAgent: "vienti", Now: e.o.Now, Timeout: e.o.Timeout, MaxReadRetries: e.o.ReadRetries,
	}
	o.HTTP = e.transport(c)
	gate := attachedOnly{store: e.store, company: c.ID}
	if cred.PerSecond > 0 {
		gate.turn = newLimiter(e.store, cred.ClientID, cred.PerSecond, e.o.Now, e.o.Sleep)
	}
	o.Limiter = gate
	if cred.APIKey.IsZero() {
		o.Token = e.token(c, o)
	}
	client, err := procountor.New(o)
	if err != nil {
		return nil, err
	}
	e.clients.made[c.ID] = &companyClient{client: client, key: key}
	return client, nil
}

// Client is for those who ask Procountor directly: connecting, preview, doctor.
func (e *Engine) Client(ctx context.Context, c hub.Company) (*procountor.Client, error) {
	return e.client(ctx, c)
}
