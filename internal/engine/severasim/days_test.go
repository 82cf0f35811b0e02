package severasim

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/feature"
)

var (
	seed = flag.Uint64("seed", 1, "seed of the ten days")
	days = flag.Int("days", 10, "how many days")
)

// Ten days with a Severa that grows and changes, a hostile sandbox and restarts: both
// sides agree to the cent and the status, within two minutes. A day on which nobody
// does anything writes nothing.
func TestTenDays(t *testing.T) {
	feature.Covers(t, "S-1", "S-4", "S-24", "S-25")
	n := *days
	if testing.Short() {
		n = 3
	}
	begin := time.Now()
	s := New(t, *seed)
	err := s.Run(n)
	t.Log("\n" + Report(s.Days))
	if err != nil {
		t.Fatalf("seed %d: %v\n%s\n%s", *seed, err, tail(s.Trace), held(s))
	}
	writes, err := s.StillDay()
	if err != nil || writes != 0 {
		t.Errorf("a still day: %d writes, %v", writes, err)
	}
	codes := map[string]int{}
	for _, tr := range s.Transfers() {
		if tr.State.NeedsPerson() {
			codes[tr.Faults[0].Code]++
		}
	}
	t.Logf("%d invoices in Procountor, %d restarts, need someone: %v, %s", s.Posted(), s.Crashes, codes, time.Since(begin).Round(time.Second))
	if took := time.Since(begin); took > 2*time.Minute {
		t.Errorf("%d days took %s", n, took)
	}
}

func tail(trace []string) string {
	return strings.Join(trace[max(0, len(trace)-60):], "\n")
}

// Report is a table of days.
func Report(days []Day) string {
	var b strings.Builder
	fmt.Fprintln(&b, "| day | made | changed | credited | claims | purchases | read | shown | need someone | requests to Severa | of them writes | requests to Procountor | of them writes | faults | restarts |")
	fmt.Fprintln(&b, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, d := range days {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", d.Date, d.Made, d.Changed, d.Credited, d.Claimed, d.Bought, d.Pulls, d.Shown, d.Held,
			d.SeveraRequests, d.SeveraWrites, d.Requests, d.Writes, d.Faults, d.Crashes)
	}
	return b.String()
}

// held lists what stands still, for whoever reads a failure.
func held(s *Sim) string {
	var b strings.Builder
	for _, t := range s.Transfers() {
		if t.State.NeedsPerson() {
			fmt.Fprintf(&b, "%s %s %s %v\n", t.Kind, t.Number, t.State, t.Faults)
		}
	}
	return b.String()
}
