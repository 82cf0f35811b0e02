package web

import (
	"strconv"
	"sync"
	"time"
)

const (
	// freeFailures may happen before anyone has to wait: people mistype.
	freeFailures = 5
	// longestThrottle is the longest wait between two tries.
	longestThrottle = 15 * time.Minute
	// throttleMemory is how long a failure counts, and throttleKeys how many
	// addresses and logins are remembered.
	throttleMemory = time.Hour
	throttleKeys   = 10_000
)

// A throttle makes guessing slow: after some failures each further one doubles
// the wait. It lives in memory; each node counts for itself.
type throttle struct {
	mu   sync.Mutex
	keys map[string]failures
}

type failures struct {
	n    int
	last time.Time
}

func newThrottle() *throttle { return &throttle{keys: map[string]failures{}} }

// wait returns how long to wait before the next try counts for none of the keys.
func (t *throttle) wait(now time.Time, keys ...string) (longest time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		f := t.keys[k]
		if f.n < freeFailures || now.Sub(f.last) > throttleMemory {
			continue
		}
		pause := min(time.Second<<min(f.n-freeFailures, 20), longestThrottle)
		longest = max(longest, f.last.Add(pause).Sub(now))
	}
	return longest
}

func (t *throttle) failed(now time.Time, keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.keys) >= throttleKeys {
		for k, f := range t.keys {
			if now.Sub(f.last) > throttleMemory {
				delete(t.keys, k)
			}
		}
		if len(t.keys) >= throttleKeys {
			clear(t.keys) // a flood; forgetting it is better than growing for ever
		}
	}
	for _, k := range keys {
		f := t.keys[k]
		if now.Sub(f.last) > throttleMemory {
			f.n = 0
		}
		t.keys[k] = failures{f.n + 1, now}
	}
}

func (t *throttle) succeeded(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		delete(t.keys, k)
	}
}

// seconds writes a duration as a Retry-After header wants it.
func seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }
