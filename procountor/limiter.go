package procountor

import (
	"context"
	"sync"
	"time"
)

// A Limiter hands out permission to send. [Client] asks it before every request, logins and
// repeated reads included. Procountor counts per client id, over all companies and machines
// (REFERENCE 2.2: 60 requests a second, an older page says 20), so clients that share an id
// must share a Limiter.
type Limiter interface {
	// Wait returns nil when one request may be sent now, or an error when ctx ends first.
	Wait(ctx context.Context) error
}

// A PaceLimiter is a [Limiter] inside one process: it spaces requests evenly and lets none
// gather (GCRA with a burst of one). Waiting callers are served in the order they asked.
type PaceLimiter struct {
	interval time.Duration

	mu   sync.Mutex
	next time.Time // when the next request may leave
}

// NewLimiter returns a limiter for perSecond requests a second; below 1 it means 1.
func NewLimiter(perSecond int) *PaceLimiter {
	return &PaceLimiter{interval: time.Second / time.Duration(max(perSecond, 1))}
}

// Wait implements [Limiter]. When ctx would end before the turn comes it returns at once and
// takes no turn.
func (l *PaceLimiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	l.mu.Lock()
	at := l.next
	if at.Before(now) {
		at = now
	}
	if deadline, ok := ctx.Deadline(); ok && at.After(deadline) {
		l.mu.Unlock()
		return context.DeadlineExceeded
	}
	l.next = at.Add(l.interval)
	l.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

// sleep waits for d or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
