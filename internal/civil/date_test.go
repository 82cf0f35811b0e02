package civil

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, bad := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "0000-01-01", "2026-01-01T00:00:00", " 2026-01-01"} {
		if d, err := Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", bad, d)
		}
	}
	if d := Must("2024-02-29"); d != (Date{2024, time.February, 29}) {
		t.Errorf("got %#v", d)
	}
	if d, err := ParseCompact("20260131"); err != nil || d.String() != "2026-01-31" {
		t.Errorf("got %v, %v", d, err)
	}
}

// Half past eleven at night in Helsinki is the same evening there, whatever
// UTC says; on clock-change nights too.
func TestDayOf(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ instant, want string }{
		{"2026-12-31T22:30:00Z", "2027-01-01"},
		{"2026-12-31T21:30:00Z", "2026-12-31"},
		{"2026-03-29T00:30:00Z", "2026-03-29"},
		{"2026-10-25T21:59:59Z", "2026-10-25"},
		{"2026-10-25T22:00:00Z", "2026-10-26"},
	} {
		at, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(at, helsinki).String(); got != c.want {
			t.Errorf("%s in Helsinki is %s, want %s", c.instant, got, c.want)
		}
	}
}

func date(t *rapid.T) Date {
	return Date{2000, 1, 1}.AddDays(rapid.IntRange(0, 20000).Draw(t, "day"))
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := date(t)
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var e Date
		if err := json.Unmarshal(b, &e); err != nil || e != d {
			t.Fatalf("%v → %s → %v, %v", d, b, e, err)
		}
		n := rapid.IntRange(-500, 500).Draw(t, "n")
		if d.DaysUntil(d.AddDays(n)) != n || d.AddDays(n).AddDays(-n) != d {
			t.Fatalf("%v and %d days", d, n)
		}
		if m := d.AddMonths(n); m.Day > d.Day || (m.Year*12+int(m.Month))-(d.Year*12+int(d.Month)) != n {
			t.Fatalf("%v + %d months = %v", d, n, m)
		}
	})
}

// A day never moves, in whatever zone the machine believes itself to be.
func TestDaysNeverMove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := date(t)
		zone := time.FixedZone("", rapid.IntRange(-12*3600, 14*3600).Draw(t, "offset"))
		if got := DayOf(d.In(zone), zone); got != d {
			t.Fatalf("%v became %v in %v", d, got, zone)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-01-01", "2024-02-29", "x", "9999-12-31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Parse(s); err == nil && d.String() != s {
			t.Fatalf("%q became %q", s, d)
		}
	})
}
