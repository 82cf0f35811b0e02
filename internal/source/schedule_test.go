package source

import (
	"testing"
	"time"
)

// A schedule counts from the run before and leaves the quiet hours alone, by the
// clock in Helsinki, also when that changes.
func TestSchedule(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ quiet, run, want string }{
		{"", "2026-03-03 12:00", "2026-03-03 12:10"},
		{"19:00-08:00", "2026-03-03 12:00", "2026-03-03 12:10"},
		{"19:00-08:00", "2026-03-03 18:49", "2026-03-03 18:59"},
		{"19:00-08:00", "2026-03-03 18:50", "2026-03-04 08:00"},
		{"19:00 – 08:00", "2026-03-04 03:00", "2026-03-04 08:00"},
		{"19:00-08:00", "2026-03-31 23:50", "2026-04-01 08:00"},
		{"19:00-08:00", "2026-03-28 20:00", "2026-03-29 08:00"}, // clocks go forward
		{"19:00-08:00", "2026-10-24 20:00", "2026-10-25 08:00"}, // and back
		{"01:00-05:00", "2026-03-03 00:55", "2026-03-03 05:00"},
		{"01:00-05:00", "2026-03-03 04:49", "2026-03-03 05:00"},
		{"01:00-05:00", "2026-03-03 04:50", "2026-03-03 05:00"},
		{"00:00-08:00", "2026-03-03 23:55", "2026-03-04 08:00"},
	} {
		hours, err := ParseHours(c.quiet)
		if err != nil {
			t.Fatal(err)
		}
		s := Schedule{Every: 10 * time.Minute, Quiet: hours}
		run, err := time.ParseInLocation("2006-01-02 15:04", c.run, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Next(run.UTC(), zone).In(zone).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("quiet %q, run %s: %s, want %s", c.quiet, c.run, got, c.want)
		}
	}
	for _, bad := range []string{"19-08", "25:00-08:00", "08:00-08:00", "19:00", "x-y"} {
		if h, err := ParseHours(bad); err == nil {
			t.Errorf("%q are %v", bad, h)
		}
	}
	for every, ok := range map[time.Duration]bool{0: false, time.Second: false, MinEvery: true, MaxEvery: true, MaxEvery + 1: false} {
		if err := (Schedule{Every: every}).Check(); (err == nil) != ok {
			t.Errorf("every %s: %v", every, err)
		}
	}
}
