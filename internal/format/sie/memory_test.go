package sie_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// peakMemory looks at the heap while the benchmark runs.
func peakMemory(b *testing.B) func() uint64 {
	b.Helper()
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); <-stopped; return peak.Load() }
}
