package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

func TestReserveRequests(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		nodes := []*store.Store{storetest.Open(t, url, store.Options{})}
		if nodes[0].Dialect() == store.Postgres {
			nodes = append(nodes, storetest.Open(t, url, store.Options{}), storetest.Open(t, url, store.Options{}))
		}
		const rate, interval = 60, 16667 * time.Microsecond
		start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		var mu sync.Mutex
		var sent []time.Time
		many(24, func(i int) {
			for j := range 10 {
				n := 1 + (i+j)%4
				// Clocks that differ, and stand still, go on and jump.
				now := start.Add(time.Duration(i*37)*time.Millisecond + time.Duration(j)*200*time.Millisecond)
				first, err := nodes[i%len(nodes)].ReserveRequests(t.Context(), "client", now, n, interval)
				if err != nil {
					t.Error(err)
					return
				}
				if first.Before(now) {
					t.Errorf("asked at %v, may send at %v", now, first)
				}
				mu.Lock()
				for k := range n {
					sent = append(sent, first.Add(time.Duration(k)*interval))
				}
				mu.Unlock()
			}
		})
		slices.SortFunc(sent, time.Time.Compare)
		if len(sent) != 600 {
			t.Fatalf("%d times handed out", len(sent))
		}
		for i := rate; i < len(sent); i++ {
			if d := sent[i].Sub(sent[i-rate]); d < time.Second {
				t.Fatalf("%d requests within %v, from %v", rate+1, d, sent[i-rate])
			}
		}
		// Nothing is given away either: the callers together are as quick as one.
		if d := sent[len(sent)-1].Sub(sent[0]); d > 13*time.Second {
			t.Errorf("600 requests at 60 a second took %v", d)
		}
	})
}

func TestReservationsOfOneClient(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		const interval = 50 * time.Millisecond
		reserve := func(client string, now time.Time, n int) time.Duration {
			t.Helper()
			first, err := st.ReserveRequests(t.Context(), client, now, n, interval)
			if err != nil {
				t.Fatal(err)
			}
			return first.Sub(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
		}
		for _, c := range []struct {
			client string
			at     time.Duration
			n      int
			want   time.Duration
		}{
			{"a", 0, 1, 0},
			{"a", 0, 3, 50 * time.Millisecond},
			{"b", 0, 1, 0}, // another client has a limit of its own
			{"a", 0, 1, 200 * time.Millisecond},
			{"a", 10 * time.Second, 20, 10 * time.Second}, // what was not used is not saved up
			{"a", 10 * time.Second, 1, 11 * time.Second},
			{"a", 5 * time.Second, 1, 11*time.Second + 50*time.Millisecond}, // a clock behind
		} {
			if got := reserve(c.client, now.Add(c.at), c.n); got != c.want {
				t.Errorf("%s at %v: got %v, want %v", c.client, c.at, got, c.want)
			}
		}
		for _, until := range []time.Duration{time.Minute, time.Second} { // the later one holds
			if err := st.PauseRequests(t.Context(), "a", now.Add(until)); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.PauseRequests(t.Context(), "new", now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for _, client := range []string{"a", "new"} {
			if got := reserve(client, now, 1); got != time.Minute {
				t.Errorf("%s after a pause: %v", client, got)
			}
		}
		for _, c := range []struct {
			n        int
			interval time.Duration
		}{{0, interval}, {1001, interval}, {-1, interval}, {1, 0}, {1, time.Hour}} {
			if _, err := st.ReserveRequests(t.Context(), "a", now, c.n, c.interval); err == nil {
				t.Errorf("%d requests, one each %s, were handed out", c.n, c.interval)
			}
		}
	})
}
