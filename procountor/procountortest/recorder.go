package procountortest

import (
	"maps"
	"sync"
	"time"
)

// A Request is one that the sandbox received.
type Request struct {
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"` // id in the description, or "unknown"
	Method    string    `json:"method"`
	Path      string    `json:"path"` // without prefix
	Query     string    `json:"query,omitempty"`
	Status    int       `json:"status"` // 0 when the connection was cut first
	Company   int64     `json:"company,omitempty"`
	Fault     string    `json:"fault,omitempty"`
}

// keptRequests is how many of the latest requests are remembered one by one.
const keptRequests = 10_000

type recorder struct {
	mu     sync.Mutex
	counts map[string]int
	n      int
	ring   []Request
}

func (r *recorder) add(q Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[q.Operation]++
	if len(r.ring) < keptRequests {
		r.ring = append(r.ring, q)
	} else {
		r.ring[r.n%keptRequests] = q
	}
	r.n++
}

func (r *recorder) total() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// Requests returns how many requests of each operation have come, by its id in
// the description, whatever became of them.
func (s *Server) Requests() map[string]int {
	s.received.mu.Lock()
	defer s.received.mu.Unlock()
	return maps.Clone(s.received.counts)
}

// Received returns the latest requests, oldest first, at most 10 000.
func (s *Server) Received() []Request {
	r := &s.received
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n <= keptRequests {
		return append([]Request(nil), r.ring...)
	}
	at := r.n % keptRequests
	return append(append([]Request(nil), r.ring[at:]...), r.ring[:at]...)
}

// ForgetRequests sets the counters to zero.
func (s *Server) ForgetRequests() {
	s.received.mu.Lock()
	defer s.received.mu.Unlock()
	s.received.counts, s.received.ring, s.received.n = nil, nil, 0
}
