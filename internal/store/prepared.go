package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxPrepared bounds the statements that are kept ready. The program has some
// hundred; lists with many filters make more, which are compiled each time.
const maxPrepared = 300

// prepared keeps the statements of a SQLite pool compiled: compiling one costs
// as much as running it. pgx does the same for PostgreSQL by itself.
//
// A statement cannot be prepared while its transaction holds the only
// connection, so that it is remembered at its first use and ready from the next
// transaction on.
type prepared struct {
	mu     sync.RWMutex
	ready  map[string]*sql.Stmt // nil while it waits to be prepared
	wanted []string
}

// get returns the ready statement, or nil and remembers the query.
func (p *prepared) get(query string) *sql.Stmt {
	p.mu.RLock()
	st, known := p.ready[query]
	p.mu.RUnlock()
	if known {
		return st
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.ready[query]; !known && len(p.ready) < maxPrepared {
		if p.ready == nil {
			p.ready = map[string]*sql.Stmt{}
		}
		p.ready[query] = nil
		p.wanted = append(p.wanted, query)
	}
	return nil
}

// prepare makes ready what was wanted. No transaction of db may be open in this
// goroutine. What cannot be prepared is run as before.
func (p *prepared) prepare(ctx context.Context, db *sql.DB) {
	p.mu.Lock()
	wanted := p.wanted
	p.wanted = nil
	p.mu.Unlock()
	for _, q := range wanted {
		st, err := db.PrepareContext(ctx, q) //nolint:sqlclosecheck // lives as long as the store; close ends it
		if err != nil {
			continue
		}
		p.mu.Lock()
		p.ready[q] = st
		p.mu.Unlock()
	}
}

func (p *prepared) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, st := range p.ready {
		if st != nil {
			st.Close()
		}
	}
	p.ready = nil
}
