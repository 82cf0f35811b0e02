package vat

import (
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
	"pgregory.net/rapid"
)

func percents(country, day string) string {
	var list []string
	for _, r := range RatesOn(country, civil.Must(day)) {
		list = append(list, r.Percent.String())
	}
	return strings.Join(list, " ")
}

func TestRatesOn(t *testing.T) {
	for _, c := range []struct{ country, day, want string }{
		{"FI", "2012-12-31", ""},
		{"FI", "2013-01-01", "24 14 10 0"},
		{"FI", "2024-08-31", "24 14 10 0"},
		{"FI", "2024-09-01", "25.5 14 10 0"},
		{"FI", "2025-01-01", "25.5 14 10 0"},
		{"FI", "2025-12-31", "25.5 14 10 0"},
		{"FI", "2026-01-01", "25.5 13.5 10 0"},
		{"SE", "1995-12-31", ""},
		{"SE", "1996-01-01", "25 12 6 0"},
		{"SE", "2026-03-31", "25 12 6 0"},
		{"SE", "2026-04-01", "25 12 6 0"}, // food moves, the set of rates does not
		{"SE", "2028-01-01", "25 12 6 0"},
		{"NL", "2026-01-01", ""},
	} {
		if got := percents(c.country, c.day); got != c.want {
			t.Errorf("%s on %s: %q, want %q", c.country, c.day, got, c.want)
		}
	}
}

func around(d civil.Date, days int) civil.Period {
	return civil.Period{First: d.AddDays(-days), Last: d.AddDays(days)}
}

func TestExisted(t *testing.T) {
	for _, c := range []struct {
		country, percent, day string
		within                int
		want                  bool
	}{
		{"FI", "24", "2024-08-31", 0, true},
		{"FI", "24", "2024-09-05", 0, false},
		{"FI", "24", "2024-09-05", 5, true}, // August's work invoiced on the fifth
		{"FI", "24", "2024-09-05", 4, false},
		{"FI", "25.5", "2024-08-30", 2, true},
		{"FI", "25.50", "2024-09-01", 0, true},
		{"FI", "23", "2024-09-01", 400, false},
		{"FI", "14", "2026-02-28", 60, true},
		{"FI", "14", "2026-03-02", 60, false},
		{"SE", "25", "2026-01-01", 0, true},
		{"SE", "25.5", "2026-01-01", 365, false},
		{"NL", "21", "2026-01-01", 0, false}, // not covered, which Covers says
	} {
		if got := Existed(c.country, money.Must(c.percent), around(civil.Must(c.day), c.within)); got != c.want {
			t.Errorf("%s %s %% on %s within %d days: %v", c.country, c.percent, c.day, c.within, got)
		}
	}
	if Covers("NL", civil.Must("2026-01-01")) || !Covers("SE", civil.Must("2026-01-01")) || Covers("FI", civil.Date{}) {
		t.Error("the table covers Finland and Sweden, and no day that is not one")
	}
}

func TestMoves(t *testing.T) {
	year := civil.Period{First: civil.Must("2026-01-01"), Last: civil.Must("2026-12-31")}
	if got := Moves("SE", year); len(got) != 1 || got[0].To.String() != "6" || got[0].Day != civil.Must("2026-04-01") {
		t.Errorf("Sweden 2026: %+v", got)
	}
	if got := Moves("FI", year); len(got) != 2 {
		t.Errorf("Finland 2026: %+v", got)
	}
}

// The table is sound: in order, no rate overlaps itself, everything has a source,
// and on the day of each move both of its rates are where the move says.
func TestTable(t *testing.T) {
	if !slices.IsSortedFunc(rates, func(a, b Rate) int {
		return 2*strings.Compare(a.Country, b.Country) + b.Percent.Cmp(a.Percent)
	}) {
		t.Error("rates are not in order")
	}
	for _, r := range rates {
		if !strings.HasPrefix(r.Source, "https://") || !r.Last.IsZero() && r.Last.Before(r.First) || r.First.After(complete[r.Country]) && r.Percent.IsZero() {
			t.Errorf("bad row %+v", r)
		}
	}
	for i, m := range moves {
		if !Existed(m.Country, m.From, around(m.Day.AddDays(-1), 0)) || !Existed(m.Country, m.To, around(m.Day, 0)) || m.Source == "" {
			t.Errorf("%+v joins rates that were not in force", m)
		}
		if i > 0 && moves[i-1].Country == m.Country && m.Day.Before(moves[i-1].Day) {
			t.Errorf("%+v is out of order", m)
		}
	}
}

// Existed agrees with looking at each day of the window in turn.
func TestExistedAgreesWithEachDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"FI", "SE"}).Draw(t, "country")
		percent := money.Must(rapid.SampledFrom([]string{"25.5", "25", "24", "14", "13.5", "12", "10", "6", "0", "23"}).Draw(t, "percent"))
		d := civil.Must("2024-01-01").AddDays(rapid.IntRange(0, 1200).Draw(t, "day"))
		within := rapid.IntRange(0, 90).Draw(t, "within")
		want := false
		for n := -within; n <= within; n++ {
			want = want || slices.ContainsFunc(RatesOn(country, d.AddDays(n)), func(r Rate) bool { return r.Percent.Equal(percent) })
		}
		if got := Existed(country, percent, around(d, within)); got != want {
			t.Fatalf("%s %s %% on %s within %d: %v, by days %v", country, percent, d, within, got, want)
		}
	})
}
