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
	wait time.Duration // 0: every read by itself, at once

	mu      sync.Mutex
	waiting []batchCall[T]
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
	if q.wait == 0 {
		q.answer(ctx, []batchCall[T]{call})
		a := <-call.done
		return a.it, a.err
	}
	q.mu.Lock()
	q.waiting = append(q.waiting, call)
	first := len(q.waiting) == 1
	q.mu.Unlock()
	if first {
		time.Sleep(q.wait)
		q.mu.Lock()
		batch := q.waiting
		q.waiting = nil
		q.mu.Unlock()
		q.answer(ctx, batch)
	}
	a := <-call.done
	return a.it, a.err
}

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
