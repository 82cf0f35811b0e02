package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A run is one Step's work on one slice of a company's transfers.
type run struct {
	e         *Engine
	company   hub.Company
	conns     map[string]hub.Connection
	client    *procountor.Client
	registers *register.Copy
	// registersAt is when they were read.
	registersAt time.Time

	// flight has a seat for each request that may be under way.
	flight chan struct{}

	lease      string
	leaseUntil atomicTime
	status     batchReader[procountor.Invoice]
	receipts   batchReader[procountor.LedgerReceipt]
	events     batchReader[eventsOf]
	cards      batchReader[procountor.PartnerEntry]
	dims       batchReader[procountor.Dimension]

	mu sync.Mutex
	// drivers are those of connections whose source something is written to; writers
	// take documents of Procountor's, reporters what has become of their own.
	drivers   map[string]opened
	writers   map[string]*writing
	reporters map[string]*writing
	// works are the connections whose source has taken something in this run.
	works map[string]bool
	// blocked are the connections whose order is held up by a document that
	// cannot be posted yet.
	blocked map[string]bool
	memory  memory
	keys    map[string]bool // intended by this run and not sent yet
	pause   *pause          // set once: why the rest of the slice is given back
	errs    []error
	stuck   bool // the database did not even take that a transfer is put off
}

// read sets up what reads in batches. A single-threaded run gathers nothing.
func (r *run) read() {
	r.status.many, r.status.id = r.client.Invoices.GetMany, func(i *procountor.Invoice) int64 { return i.ID }
	r.receipts.many, r.receipts.id = r.client.LedgerReceipts.GetMany, func(l *procountor.LedgerReceipt) int64 { return l.ID }
	r.events.many, r.events.id = r.paymentEvents, func(e *eventsOf) int64 { return e.invoice }
	r.cards.many, r.cards.id = r.client.Partners.Entries, func(p *procountor.PartnerEntry) int64 { return p.ID }
	r.dims.many, r.dims.id = r.dimensions, func(d *procountor.Dimension) int64 { return d.ID }
	if r.e.o.InFlight > 1 {
		told := func(at time.Time) { r.e.lastRead.Store(r.company.ID, at) }
		r.status.pace, r.receipts.pace, r.events.pace, r.cards.pace, r.dims.pace = &pace{told: told}, &pace{told: told}, &pace{told: told}, &pace{told: told}, &pace{told: told}
	}
}

// atomicTime is a moment that one goroutine renews and others read.
type atomicTime struct{ v atomic.Pointer[time.Time] }

func (a *atomicTime) Store(t time.Time) { a.v.Store(&t) }
func (a *atomicTime) Load() time.Time   { return *a.v.Load() }

func (r *run) now() time.Time { return r.e.o.Now() }

// keepLease renews the lease in the background while the slice is worked on. A
// single-threaded run is short and renews nothing.
func (r *run) keepLease(ctx context.Context) (stop func()) {
	if r.e.o.InFlight == 1 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(leaseFor / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if r.now().After(r.leaseUntil.Load()) {
					return // it has run out: others may work on the slice by now
				}
				until := r.now().Add(leaseFor)
				if err := r.e.store.Group(ctx, func(tx *store.Tx) error { return tx.RenewLease(r.company.ID, r.lease, until) }); err == nil {
					r.leaseUntil.Store(until)
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}

// work moves every transfer of the slice as far as it goes. Invoices that must
// be posted in the order of their numbers go one after the other in a lane of
// their connection until they are posted; everything else goes side by side.
func (r *run) work(ctx context.Context, claimed []hub.Transfer) {
	if r.e.o.InFlight == 1 {
		for i := range claimed {
			r.guard(ctx, &claimed[i], r.finish)
		}
		return
	}
	var wg sync.WaitGroup
	seats := make(chan struct{}, crowd*r.e.o.InFlight)
	side := func(t *hub.Transfer) {
		seats <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-seats; wg.Done() }()
			r.guard(ctx, t, r.finish)
		}()
	}
	lanes := map[string][]*hub.Transfer{}
	var order []string
	var free []*hub.Transfer
	for i := range claimed {
		t := &claimed[i]
		if !r.ordered(t) {
			free = append(free, t)
			continue
		}
		if lanes[t.Connection] == nil {
			order = append(order, t.Connection)
		}
		lanes[t.Connection] = append(lanes[t.Connection], t)
	}
	var lanesDone sync.WaitGroup
	for _, conn := range order {
		lanesDone.Add(1)
		go func() {
			defer lanesDone.Done()
			for _, t := range lanes[conn] {
				if r.guard(ctx, t, r.untilPosted) && t.State == hub.Working {
					side(t)
				}
			}
		}()
	}
	for _, t := range free {
		side(t)
	}
	lanesDone.Wait()
	wg.Wait()
}

func (r *run) block(connection string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blocked == nil {
		r.blocked = map[string]bool{}
	}
	r.blocked[connection] = true
}

func (r *run) isBlocked(connection string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked[connection]
}

// crowd is how many transfers are worked on for each request that may be under
// way: while some are sent, others are planned, and their commits come together
// in larger groups.
const crowd = 5

// ordered reports whether t must wait its turn.
func (r *run) ordered(t *hub.Transfer) bool {
	conn := r.conns[t.Connection]
	return t.Kind == hub.DocumentTransfer && t.DocKind == hub.SalesInvoice && t.Goal == hub.Deliver && t.InvoiceID == 0 &&
		conn.Settings.OrderBySourceNumber && conn.Settings.Leveled() == hub.DocumentLevel
}

// guard runs fn for one transfer and reports whether t may be worked on further.
// An error or a panic of one never stops the others. What t holds after an error
// may not be what is stored, so this run leaves it alone; the next Step finds
// what was not committed.
func (r *run) guard(ctx context.Context, t *hub.Transfer, fn func(context.Context, *hub.Transfer) error) (ok bool) {
	if r.paused() || ctx.Err() != nil {
		return false
	}
	defer func() {
		if p := recover(); p != nil {
			if r.e.o.Crash != nil {
				panic(p) // a test's crash must look like one
			}
			r.e.log.Error("panic", "transfer", t.ID, "stack", string(debug.Stack()))
			r.fail(ctx, t, fmt.Errorf("panic: %v", p))
			ok = false
		}
	}()
	err := fn(ctx, t)
	switch {
	case err == nil:
		return true
	case errors.Is(err, store.ErrLeaseLost), errors.Is(err, errGivenBack), ctx.Err() != nil:
	default:
		r.fail(ctx, t, err)
	}
	return false
}

// discreet is an error about payroll, which may quote an amount: it is told without digits.
type discreet struct{ error }

func (d discreet) Error() string { return hub.Masked(d.error.Error()) }
func (d discreet) Unwrap() error { return d.error }

// fail puts off a transfer that our own error has stopped, so that it neither
// keeps the engine busy nor stands still without a word.
func (r *run) fail(ctx context.Context, t *hub.Transfer, cause error) {
	if t.Private() {
		cause = discreet{cause}
	}
	cause = fmt.Errorf("transfer %s (%s): %w", t.ID, t.Number, cause)
	r.e.log.Error("transfer put off", "err", cause)
	err := r.e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now, err := tx.LockTransfer(t.ID) // as it is stored
		if err != nil || now.Lease != r.lease {
			return err
		}
		now.WakeAt = r.now().Add(wait(now.Rounds))
		now.Rounds++
		now.Lease, now.LeaseUntil = "", time.Time{}
		now.Faults = withWarnings(&now, new(hub.NewFault(hub.OwnFault, "", "", "reason", cause.Error())))
		return tx.SaveTransfer(&now, r.lease)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, cause)
	if err != nil {
		r.errs = append(r.errs, err)
		r.stuck = true
	}
}

// errGivenBack ends the work on a transfer that stays as it is for the next Step.
var errGivenBack = errors.New("given back")

func (r *run) paused() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pause != nil
}

// pauseFor lets the whole company rest after this slice.
func (r *run) pauseFor(f hub.Fault, after time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pause == nil {
		r.pause = &pause{fault: f, after: after}
	}
}

// giveBack ends the leases of what is still held, so that the next Step need
// not wait for them to run out.
func (r *run) giveBack(ctx context.Context, claimed []hub.Transfer) error {
	return r.e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.ReleaseLease(r.company.ID, r.lease) })
}

// save stores t under the lease of this run.
func (r *run) save(tx *store.Tx, t *hub.Transfer) error { return tx.SaveTransfer(t, r.lease) }

// commit runs fn on copies of t in a group transaction and takes the copy over
// when it is committed. fn may run more than once. Nobody else changes the
// transfer, or makes another wait for it, while fn runs.
func (r *run) commit(ctx context.Context, t *hub.Transfer, fn func(tx *store.Tx, t *hub.Transfer) error) error {
	var kept hub.Transfer
	if err := r.e.store.Group(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		if err := tx.HoldTransfer(t.ID, r.lease); err != nil {
			return err
		}
		kept = *t
		if err := fn(tx, &kept); err != nil {
			return err
		}
		return r.save(tx, &kept)
	}); err != nil {
		return err
	}
	*t = kept
	return nil
}

// settle moves t to a state in which it rests, writes the act, and wakes those
// that wait for it. A document that has changed meanwhile goes on at once.
func (r *run) settle(tx *store.Tx, t *hub.Transfer, to hub.State, faults ...hub.Fault) error {
	changed, err := outdated(tx, t)
	if err != nil {
		return err
	}
	if err := r.rest(tx, t, to, faults...); err != nil || !changed {
		return err
	}
	if err := t.Move(hub.Ready); err != nil {
		return err
	}
	return r.e.wake(tx, t.Company, r.now())
}

// rest is settle for a transfer that stays as it is whatever the source shows.
func (r *run) rest(tx *store.Tx, t *hub.Transfer, to hub.State, faults ...hub.Fault) error {
	if err := t.Move(to, faults...); err != nil {
		return err
	}
	t.WakeAt, t.WaitsFor, t.Rounds = time.Time{}, "", 0
	t.Lease, t.LeaseUntil = "", time.Time{}
	if err := r.e.endMembers(tx, t); err != nil {
		return err
	}
	if to == hub.Done || to == hub.DoneWithWarning || to == hub.Linked {
		if err := r.watched(tx, t); err != nil {
			return err
		}
		if err := r.e.tellSource(tx, r.conns[t.Connection], t); err != nil {
			return fmt.Errorf("tell the source: %w", err)
		}
	}
	waiting, err := waitingFor(tx, t)
	if err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer."+string(to), t.ID, transferAct(t)); err != nil {
		return err
	}
	return r.e.release(tx, t, waiting)
}

// outdated reports whether the source has shown another content of t's document
// or payment than the one that t was planned with, or says that the document
// stands elsewhere. t is held by tx.
func outdated(tx *store.Tx, t *hub.Transfer) (bool, error) {
	if t.Kind == hub.PaymentTransfer {
		row, err := tx.Payment(t.Subject)
		return err == nil && row.Version != t.Version, err
	}
	if t.Kind == hub.ReportTransfer {
		return newsOf(tx, t)
	}
	if t.Kind != hub.DocumentTransfer || t.Goal == hub.TakeBack || t.Goal == hub.CreditAnew {
		return false, nil
	}
	row, err := tx.DocumentByID(t.Subject)
	return err == nil && (row.Version != t.Version || row.Standing.Print() != t.Standing), err
}

// transferDetail is what an act about a transfer says.
type transferDetail struct {
	State     hub.State   `json:"state"`
	Faults    []hub.Fault `json:"faults,omitempty"`
	InvoiceID int64       `json:"invoice_id,omitempty"`
	Number    int64       `json:"invoice_number,omitempty"`
	Version   string      `json:"version,omitempty"`
	Until     string      `json:"until,omitempty"`
}

func transferAct(t *hub.Transfer) transferDetail {
	d := transferDetail{State: t.State, Faults: t.Faults, InvoiceID: t.InvoiceID, Number: t.InvoiceNumber, Version: t.Version}
	if !t.WakeAt.IsZero() {
		d.Until = t.WakeAt.UTC().Format(time.RFC3339)
	}
	return d
}

// putOff lets t wait until a moment, or for another transfer.
func (r *run) putOff(tx *store.Tx, t *hub.Transfer, to hub.State, at time.Time, faults ...hub.Fault) error {
	if err := t.Move(to, faults...); err != nil {
		return err
	}
	t.WakeAt, t.WaitsFor = at, ""
	t.Rounds++
	t.Lease, t.LeaseUntil = "", time.Time{}
	return r.e.wake(tx, t.Company, at)
}

// wait is the pause before the next try; it doubles with every round.
func wait(rounds int) time.Duration {
	d := firstWait << min(rounds, 10)
	return min(d, longestWait)
}
