package engine

import (
	"context"
	"sync"
	"time"

	"github.com/vienti/vienti/procountor"
)

// A batchReader gathers what is wanted at the same moment and reads it in one
// batch of up to 200: actions answer with a message only, and a ledger receipt
// has to be read before it is written; a request for each would double them.
type batchReader[T any] struct {
	// many reads a batch; what is not there is left out.
	many func(ctx context.Context, ids []int64) ([]T, error)
	id   func(*T) int64
	// pace says how long to gather; nil: every read by itself, at once.
	pace *pace

	mu      sync.Mutex
	waiting []batchCall[T]
}

// A pace keeps the batches of one kind in one run apart from each other, so that
// invoices which are posted one after the other are read for together.
type pace struct {
	mu   sync.Mutex
	last time.Time // when the latest batch was, or will be, read
	// told is called with the moment of each batch.
	told func(at time.Time)
}

// next books the next batch and returns how long it is gathered until then.
func (p *pace) next() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	at := now.Add(gather)
	if later := p.last.Add(apart); later.After(at) {
		at = later
	}
	p.last = at
	p.told(at)
	return at.Sub(now)
}

// rhythm keeps the Steps of a company apart when they read in batches, so that
// what arrives one by one is read for together: the wait comes before the claim,
// where it gathers documents, and not before each reading, where it would come
// twice. Only what follows such a reading within that time waits.
func (e *Engine) rhythm(ctx context.Context, company string) {
	last, ok := e.lastRead.Load(company)
	if !ok || e.o.InFlight == 1 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(last.(time.Time).Add(apart))):
	}
}

type batchCall[T any] struct {
	id   int64
	done chan batchAnswer[T]
}

type batchAnswer[T any] struct {
	it  *T
	err error
}

// read returns what has an id; [procountor.NotFound] when there is none.
func (q *batchReader[T]) read(ctx context.Context, id int64) (*T, error) {
	call := batchCall[T]{id: id, done: make(chan batchAnswer[T], 1)}
	if q.pace == nil {
		q.answer(ctx, []batchCall[T]{call})
		a := <-call.done
		return a.it, a.err
	}
	q.mu.Lock()
	q.waiting = append(q.waiting, call)
	first := len(q.waiting) == 1
	q.mu.Unlock()
	if first {
		time.Sleep(q.pace.next())
		q.stragglers()
		q.mu.Lock()
		batch := q.waiting
		q.waiting = nil
		q.mu.Unlock()
		q.answer(ctx, batch)
	}
	a := <-call.done
	return a.it, a.err
}

// stragglers waits for those that are about to come as well, as long as some do:
// who misses a batch waits for the next.
func (q *batchReader[T]) stragglers() {
	for range patience {
		q.mu.Lock()
		before := len(q.waiting)
		q.mu.Unlock()
		time.Sleep(gather)
		q.mu.Lock()
		after := len(q.waiting)
		q.mu.Unlock()
		if after == before {
			return
		}
	}
}

// patience is how many times [gather] a batch may grow.
const patience = 20

func (q *batchReader[T]) answer(ctx context.Context, batch []batchCall[T]) {
	ids := make([]int64, len(batch))
	for i, c := range batch {
		ids[i] = c.id
	}
	list, err := q.many(ctx, ids)
	byID := map[int64]*T{}
	for i := range list {
		byID[q.id(&list[i])] = &list[i]
	}
	for _, c := range batch {
		a := batchAnswer[T]{it: byID[c.id], err: err}
		if a.it == nil && a.err == nil {
			a.err = &procountor.Error{Class: procountor.NotFound}
		}
		c.done <- a
	}
}
