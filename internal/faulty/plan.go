// Package faulty makes things go wrong on purpose, the same way each time: a
// plan drawn from a seed says which request fails and how. It is for tests and
// for the sandbox; nothing in a running hub imports it.
package faulty

import (
	"hash/fnv"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Kind names one way to fail. Those of a network stand here; the sandbox has
// more of its own.
type Kind string

// The faults of a network.
const (
	None   Kind = ""
	Before Kind = "before" // the request never arrives: nothing was done
	After  Kind = "after"  // the request was carried out, its answer is lost
	Body   Kind = "body"   // carried out, the answer breaks off in the middle
	Slow   Kind = "slow"   // nothing but Delay
)

// A Fault is what happens to one request.
type Fault struct {
	Kind  Kind
	Delay time.Duration // waited before anything else
}

// A Rule says which requests get a fault. All of its conditions must hold.
type Rule struct {
	Method string // "" is any
	Path   string // "" is any; "=/a" exactly this path; "*/a" its end; else a prefix
	Write  bool   // only requests that are not GET or HEAD

	Nth     int // the nth matching request (from 1); 0 is any of them
	Times   int // at most so many faults; 0 is without limit
	PerMill int // of 1000 matching requests, drawn from the seed; 0 is all

	Fault
}

// Matches reports whether the rule is about such a request, whatever its number.
func (r Rule) Matches(method, path string) bool {
	if r.Method != "" && r.Method != method {
		return false
	}
	if r.Write && (method == http.MethodGet || method == http.MethodHead) {
		return false
	}
	if exact, ok := strings.CutPrefix(r.Path, "="); ok {
		return path == exact
	}
	if end, ok := strings.CutPrefix(r.Path, "*"); ok {
		return strings.HasSuffix(path, end)
	}
	return strings.HasPrefix(path, r.Path)
}

// A Plan decides for each request, in the order of its rules; the first rule
// that applies wins. A draw depends on the seed, the rule and how many requests
// the rule has matched so far, so that other traffic does not move it. A nil
// Plan has no faults. Safe for concurrent use.
type Plan struct {
	mu    sync.Mutex
	seed  uint64
	rules []*state
}

type state struct {
	Rule
	matched, faults int
}

// NewPlan returns a plan with these rules.
func NewPlan(seed uint64, rules ...Rule) *Plan {
	p := &Plan{seed: seed}
	p.Add(rules...)
	return p
}

// Add appends rules; their counting begins now.
func (p *Plan) Add(rules ...Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rules {
		p.rules = append(p.rules, &state{Rule: r})
	}
}

// Clear removes all rules.
func (p *Plan) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
}

// Faults returns how many faults the plan has dealt out.
func (p *Plan) Faults() int {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, s := range p.rules {
		n += s.faults
	}
	return n
}

// Next returns what shall happen to the next request with this method and path.
func (p *Plan) Next(method, path string) Fault {
	if p == nil {
		return Fault{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var f Fault
	for i, s := range p.rules {
		if !s.Matches(method, path) {
			continue
		}
		s.matched++
		if f.Kind != None || s.Nth > 0 && s.matched != s.Nth || s.Times > 0 && s.faults >= s.Times {
			continue
		}
		if s.PerMill > 0 && Draw(p.seed, uint64(i), uint64(s.matched))%1000 >= uint64(s.PerMill) {
			continue
		}
		s.faults++
		f = s.Fault
	}
	return f
}

// Draw returns a number that depends on nothing but its arguments.
func Draw(seed uint64, parts ...uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	put := func(x uint64) {
		for i := range b {
			b[i] = byte(x >> (8 * i))
		}
		h.Write(b[:])
	}
	put(seed)
	for _, x := range parts {
		put(x)
	}
	// A last stir (splitmix64): FNV alone leaves neighbours alike.
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
