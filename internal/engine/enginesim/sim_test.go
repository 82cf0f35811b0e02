package enginesim

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
)

var (
	seed = flag.Uint64("seed", 0, "live the days of this one seed and tell what happens")
	days = flag.Int("days", 0, "days of each run; 0 draws from the seed")
	from = flag.Uint64("from", 1, "first seed")
	runs = flag.Int("runs", 400, "how many seeds; -short takes 100")
)

// A run leaves little behind, and collecting it in time is a tenth of the work.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// daysOf is how long a run lives, unless a flag says.
func daysOf(seed uint64) int {
	if *days > 0 {
		return *days
	}
	if seed%16 == 0 {
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
	t.Logf("seeds %d to %d", *from, *from+uint64(n)-1)
	const parts = 8
	var mu sync.Mutex
	reached := map[string]int{}
	t.Run("all", func(t *testing.T) {
		for part := range parts {
			t.Run(fmt.Sprint("part", part), func(t *testing.T) {
				t.Parallel()
				for seed := *from + uint64(part); seed < *from+uint64(n); seed += parts {
					t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
						s := run(t, seed)
						mu.Lock()
						defer mu.Unlock()
						s.Reached(reached)
					})
				}
			})
		}
	})
	t.Logf("reached: %v", reached)
	// What no run comes to is not tested by any.
	for _, what := range Everything(n) {
		if reached[what] == 0 {
			t.Errorf("no run has come to %s", what)
		}
	}
}

// Seeds that found something once, with what it was.
func TestKeptSeeds(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		days int
		why  string
	}{
		{755, 1, "a post that a person must judge, and the document changes: looked for without end"},
		{600, 3, "the same, with crashes between"},
		{223, 1, "a part that Procountor has refused and that its claim has no more: the source could not hand the claim over"},
	} {
		t.Run(fmt.Sprint(c.seed), func(t *testing.T) {
			if err := New(t, c.seed).Run(c.days); err != nil {
				t.Errorf("%s: %v", c.why, err)
			}
		})
	}
}

// The same seed does the same, to the last act of the chain.
func TestSeedRepeats(t *testing.T) {
	end := func(seed uint64) string {
		s := New(t, seed)
		if err := s.Run(2); err != nil {
			t.Fatal(err)
		}
		chain, err := s.Store.VerifyActs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d %x %d", chain.Seq, chain.Hash, s.Steps())
	}
	for _, seed := range []uint64{3, 7, 12} {
		if a, b := end(seed), end(seed); a != b {
			t.Errorf("seed %d: %s, then %s", seed, a, b)
		}
	}
	if end(3) == end(7) {
		t.Error("two seeds do the same")
	}
}
