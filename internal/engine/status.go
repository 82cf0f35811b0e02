package engine

import (
	"context"
	"sync"
	"time"

	"github.com/vienti/vienti/procountor"
)

// statusReader gathers the invoices whose status is wanted at the same moment
// and reads them in one batch of up to 200: actions answer with a message only,
// and proving each by its own request would double the requests.
type statusReader struct {
	mu      sync.Mutex
	waiting []statusCall
}

type statusCall struct {
	id   int64
	done chan statusAnswer
}

type statusAnswer struct {
	inv *procountor.Invoice
	err error
}

func (q *statusReader) read(ctx context.Context, r *run, id int64) (*procountor.Invoice, error) {
	if r.e.o.InFlight == 1 {
		return r.client.Invoices.Get(ctx, id)
	}
	call := statusCall{id: id, done: make(chan statusAnswer, 1)}
	q.mu.Lock()
	q.waiting = append(q.waiting, call)
	first := len(q.waiting) == 1
	q.mu.Unlock()
	if first {
		time.Sleep(gather)
		q.mu.Lock()
		batch := q.waiting
		q.waiting = nil
		q.mu.Unlock()
		q.answer(ctx, r, batch)
	}
	a := <-call.done
	return a.inv, a.err
}

func (q *statusReader) answer(ctx context.Context, r *run, batch []statusCall) {
	ids := make([]int64, len(batch))
	for i, c := range batch {
		ids[i] = c.id
	}
	list, err := r.client.Invoices.GetMany(ctx, ids)
	byID := map[int64]*procountor.Invoice{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	for _, c := range batch {
		a := statusAnswer{inv: byID[c.id], err: err}
		if a.inv == nil && a.err == nil {
			a.err = &procountor.Error{Class: procountor.NotFound}
		}
		c.done <- a
	}
}
