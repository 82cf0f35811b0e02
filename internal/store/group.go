package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

const (
	// maxGroup bounds how long the first of a group waits for the others.
	maxGroup = 128
)

// group gathers functions while a transaction is under way, so that the next
// one commits them together.
type group struct {
	mu      sync.Mutex
	waiting []*call // oldest first
	led     bool    // some caller is running a transaction, or is about to
}

// A call is one caller of [Store.Group]. Its fields belong to the leader from
// the moment it leaves the queue until done is closed.
type call struct {
	fn    func(tx *Tx) error
	err   error
	panic any

	lead chan struct{} // closed: this caller leads the next group
	done chan struct{} // closed: the outcome is known
}

// Group is [Store.Tx] for many small writes at once: functions that wait at the
// same moment are committed together, which costs one wait for the disk instead
// of one each. An error of fn undoes only what fn did. An error of the commit
// comes to all of its group.
//
// This is for SQLite, whose one writer would wait for the disk once per caller
// (ten times as many single rows a second with twenty callers). PostgreSQL gathers
// the commits of its connections itself, and there Group is Tx: savepoints for
// every function made it half as fast.
//
// A lone caller runs fn in its own goroutine in a transaction of its own. In a
// group fn runs in the goroutine of another caller, one after the other. On
// either database fn may be run again, as in Tx. When ctx ends before fn has begun,
// fn is not run; once it has, Group waits for the outcome on SQLite.
func (s *Store) Group(ctx context.Context, fn func(tx *Tx) error) error {
	if ctx.Value(inTx{}) != nil {
		return errors.New("a transaction was begun inside another")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.dialect == Postgres {
		return s.Tx(ctx, fn)
	}
	g := &s.group
	c := &call{fn: fn, lead: make(chan struct{}), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	lead := !g.led
	g.led = true
	g.mu.Unlock()

	if !lead {
		select {
		case <-c.done:
		case <-c.lead:
			lead = true
		case <-ctx.Done():
			if g.leave(c) {
				return ctx.Err()
			}
			// Too late: either c runs now, or c is the leader and runs all the same.
			select {
			case <-c.done:
			case <-c.lead:
				lead = true
			}
		}
	}
	if lead {
		s.runGroup(g.take())
	}
	if c.panic != nil {
		panic(c.panic)
	}
	return c.err
}

// leave takes c out of the queue and reports whether it was still there to take.
func (g *group) leave(c *call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-c.lead:
		return false
	default:
	}
	for i, w := range g.waiting {
		if w == c {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// take returns the next group. The caller is its first member.
func (g *group) take() []*call {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxGroup)
	calls := g.waiting[:n:n]
	g.waiting = append([]*call(nil), g.waiting[n:]...)
	return calls
}

// pass hands leadership to whoever has waited longest, so that nobody leads
// twice while others wait.
func (g *group) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.led = false
		return
	}
	close(g.waiting[0].lead)
}

var errAbandoned = errors.New("the group's transaction was abandoned")

// runGroup runs calls in one transaction and tells each its outcome.
func (s *Store) runGroup(calls []*call) {
	finished := false
	defer func() { // also when a function ends its goroutine
		for _, c := range calls {
			if !finished && c.err == nil {
				c.err = errAbandoned
			}
			close(c.done)
		}
		s.group.pass()
	}()
	// The context of none of them: each would stop the others. It never ends: a
	// watcher per statement would cost as much as a small statement, and SQLite
	// gives up by itself after its busy timeout.
	ctx := context.Background()
	// Nearly always nobody fails, and then no savepoints are needed: they cost
	// as much as a small write.
	err := s.once(ctx, func(tx *Tx) error {
		for _, c := range calls {
			if c.run(tx); c.err != nil && len(calls) > 1 {
				return errApart
			}
		}
		return calls[0].err
	})
	if errors.Is(err, errApart) {
		err = s.runApart(ctx, calls)
	}
	for _, c := range calls {
		if c.err == nil {
			c.err = err
		}
	}
	finished = true
}

// runApart runs calls in one transaction, each in a savepoint of its own, so
// that the failing ones do not take the others with them.
func (s *Store) runApart(ctx context.Context, calls []*call) error {
	err := s.once(ctx, func(tx *Tx) error {
		kept := false
		for _, c := range calls {
			c.err, c.panic = nil, nil
			if err := tx.Try(func() error { c.run(tx); return c.err }); err != nil && c.err == nil {
				return err // the savepoint itself failed: the connection is gone
			}
			kept = kept || c.err == nil
		}
		if !kept {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

var (
	errNothing = errors.New("no function of the group succeeded")
	errApart   = errors.New("a function of the group failed")
)

// run calls the function and keeps its error or panic for its own caller.
func (c *call) run(tx *Tx) {
	defer func() {
		if p := recover(); p != nil {
			c.panic, c.err = p, fmt.Errorf("panic: %v", p)
		}
	}()
	c.err = c.fn(tx)
}
