package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// No second holds more requests than the client may make, even where the first of
// them leaves as late as a turn may be used and the others at once.
func TestLimitHoldsForLateTurns(t *testing.T) {
	for _, perSecond := range []int{1, 7, 20, 60} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
			var sent []time.Time
			l := newLimiter(storetest.Open(t, storetest.SQLite(t), store.Options{}), "client", perSecond, func() time.Time { return now },
				func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil })
			for i := range 3 * (perSecond + 1) {
				if i%(perSecond+1) == 0 && len(l.times) > 0 {
					now = l.times[0].Add(staleTurn)
				}
				if err := l.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				sent = append(sent, now)
			}
			for i := perSecond; i < len(sent); i++ {
				if d := sent[i].Sub(sent[i-perSecond]); d < time.Second {
					t.Errorf("%d requests within %v", perSecond+1, d)
				}
			}
		})
	}
}
