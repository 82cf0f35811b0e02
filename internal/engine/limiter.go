package engine

import (
	"context"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/store"
)

// limiter hands out the send times of one client id. The truth is one row in
// the database, so that all companies and nodes together keep the limit; times
// are taken in small batches, so that a request does not cost a transaction.
type limiter struct {
	store    *store.Store
	clientID string
	interval time.Duration // between two send times
	batch    int
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error

	mu    sync.Mutex
	times []time.Time
}

// staleTurn is how late a send time may be used: a pile of old ones would leave
// in one burst.
const staleTurn = 20 * time.Millisecond

// newLimiter keeps a client under perSecond requests in any second. Send times are
// so far apart that it holds even if the first of a second is as late as it may be
// and the others are not. They are taken a quarter of a second's at once, so that
// what an idle node leaves unused is small.
func newLimiter(s *store.Store, clientID string, perSecond int, now func() time.Time, sleep func(context.Context, time.Duration) error) *limiter {
	n := time.Duration(perSecond)
	interval := (time.Second + staleTurn + n - 1) / n
	return &limiter{store: s, clientID: clientID, interval: interval.Truncate(time.Microsecond) + time.Microsecond, batch: max(1, perSecond/4), now: now, sleep: sleep}
}

// turn waits for the next request to a business system. Send times are taken one by one:
// who asks one after the other would let the next go stale while it waits for its answer.
func (e *Engine) turn(ctx context.Context, client string, perSecond int) error {
	l := newLimiter(e.store, client, perSecond, e.o.Now, e.o.Sleep)
	l.batch = 1
	return l.Wait(ctx)
}

// Wait returns when the next request may leave.
func (l *limiter) Wait(ctx context.Context) error {
	at, err := l.take(ctx)
	if err != nil {
		return err
	}
	if d := at.Sub(l.now()); d > 0 {
		return l.sleep(ctx, d)
	}
	return ctx.Err()
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (l *limiter) take(ctx context.Context) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for len(l.times) > 0 && now.Sub(l.times[0]) > staleTurn {
		l.times = l.times[1:]
	}
	if len(l.times) == 0 {
		first, err := l.store.ReserveRequests(ctx, l.clientID, now, l.batch, l.interval)
		if err != nil {
			return time.Time{}, err
		}
		for i := range l.batch {
			l.times = append(l.times, first.Add(time.Duration(i)*l.interval))
		}
	}
	at := l.times[0]
	l.times = l.times[1:]
	return at, nil
}
