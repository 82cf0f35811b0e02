package enginesim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/feature"
)

// payActs is how much happens in one seed.
const payActs = 16

// A thousand payroll runs, run again and corrected, from many seeds; every other one with
// lost answers, a database that fails and a hub that dies.
func TestPayroll(t *testing.T) {
	feature.Covers(t, "N-19")
	life := func(t *testing.T, seed uint64) *Payroll {
		p := NewPayroll(t, seed)
		if err := p.Run(payActs); err != nil {
			t.Errorf("%v\n\nrepeat with: go test ./internal/engine/enginesim -run TestPayroll$ -seed=%d", err, seed)
		}
		return p
	}
	if *seed != 0 {
		p := life(t, *seed)
		t.Logf("%d crashes\n%s", p.Crashes, strings.Join(p.Trace, "\n"))
		return
	}
	n := *runs / 4 // -runs 1600 lives more than a thousand payroll runs
	if testing.Short() {
		n = 24
	}
	const parts = 4
	counts := make([][3]int, parts)
	t.Run("all", func(t *testing.T) {
		for part := range parts {
			t.Run(fmt.Sprint("part", part), func(t *testing.T) {
				t.Parallel()
				for seed := uint64(part + 1); seed <= uint64(n); seed += parts {
					t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
						p := life(t, seed)
						runs, rests := p.Runs()
						counts[part][0] += runs
						counts[part][1] += rests
						counts[part][2] += p.Crashes
					})
				}
			})
		}
	})
	var all [3]int
	for _, c := range counts {
		for i := range all {
			all[i] += c[i]
		}
	}
	t.Logf("%d seeds: %d payroll runs, books compared %d times, %d crashes", n, all[0], all[1], all[2])
	if all[0] < 2*n || all[1] < 2*n {
		t.Errorf("too little happens")
	}
}
