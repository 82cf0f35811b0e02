package enginesim

import (
	"flag"
	"fmt"
	"strings"
	"testing"
)

var (
	seed = flag.Uint64("seed", 0, "live the days of this one seed and tell what happens")
	days = flag.Int("days", 0, "days of each run; 0 draws from the seed")
	runs = flag.Int("runs", 2000, "how many seeds, from 1; -short takes 100")
)

// daysOf is how long a run lives, unless a flag says.
func daysOf(seed uint64) int {
	if *days > 0 {
		return *days
	}
	if seed%8 == 0 {
		return 3
	}
	return 1
}

func run(t *testing.T, seed uint64) *Sim {
	s := New(t, seed)
	if err := s.Run(daysOf(seed)); err != nil {
		t.Errorf("%v\n\nrepeat with: go test ./internal/engine/enginesim -run TestSimulation -seed=%d -days=%d", err, seed, daysOf(seed))
	}
	return s
}

// Some days of a small company, from many seeds.
func TestSimulation(t *testing.T) {
	if *seed != 0 {
		s := run(t, *seed)
		t.Logf("%d steps, %d crashes\n%s", s.Steps(), s.Crashes, strings.Join(s.Trace, "\n"))
		return
	}
	n := *runs
	if testing.Short() {
		n = min(n, 100)
	}
	t.Logf("seeds 1 to %d", n)
	const parts = 8
	for part := range parts {
		t.Run(fmt.Sprint("part", part), func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1 + part); seed <= uint64(n); seed += parts {
				t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { run(t, seed) })
			}
		})
	}
}
