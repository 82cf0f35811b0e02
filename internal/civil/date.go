// Package civil holds days and periods without a zone. An instant becomes a day
// in one place only, [DayOf]; everywhere else a day stays the day it was.
package civil

import (
	"bytes"
	"cmp"
	"fmt"
	"time"
)

// A Date is a day of the calendar. The zero value means "no day".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Parse reads YYYY-MM-DD and refuses days that the calendar does not have.
func Parse(s string) (Date, error) { return parse(time.DateOnly, s) }

// ParseCompact reads YYYYMMDD.
func ParseCompact(s string) (Date, error) { return parse("20060102", s) }

func parse(layout, s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil || len(s) != len(layout) || t.Year() < 1 {
		return Date{}, fmt.Errorf("%.20q is not a day", s)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// Must is Parse for constants in code and tests; it panics on bad text.
func Must(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DayOf returns the day that t is in loc.
func DayOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// IsZero reports whether d means "no day".
func (d Date) IsZero() bool { return d == Date{} }

// String prints YYYY-MM-DD, and nothing for "no day".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Compare orders days; "no day" comes first.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before and After compare strictly.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func of(t time.Time) Date { return Date{t.Year(), t.Month(), t.Day()} }

// AddDays returns the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return of(d.utc().AddDate(0, 0, n)) }

// AddMonths returns the same day n months later; the last day of the month when
// that month is shorter (31 January + 1 month is 28 or 29 February).
func (d Date) AddMonths(n int) Date {
	first := of(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	return Date{first.Year, first.Month, min(d.Day, first.LastOfMonth().Day)}
}

// FirstOfMonth and LastOfMonth are the ends of d's month.
func (d Date) FirstOfMonth() Date { return Date{d.Year, d.Month, 1} }

// LastOfMonth is the last day of d's month.
func (d Date) LastOfMonth() Date {
	return of(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC))
}

// DaysUntil returns how many days e is after d.
func (d Date) DaysUntil(e Date) int { return int(e.utc().Sub(d.utc()) / (24 * time.Hour)) }

// In returns the instant when d begins in loc.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// MarshalJSON writes "YYYY-MM-DD", or null for "no day".
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads "YYYY-MM-DD"; null and "" mean "no day".
func (d *Date) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) || bytes.Equal(b, []byte(`""`)) {
		*d = Date{}
		return nil
	}
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return fmt.Errorf("%.20q is not a day", b)
	}
	v, err := Parse(string(b[1 : len(b)-1]))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// A Period is a span of days, both ends included. Either end may be "no day".
type Period struct {
	First Date `json:"first"`
	Last  Date `json:"last"`
}

// IsZero reports whether neither end is given.
func (p Period) IsZero() bool { return p == Period{} }

// Contains reports whether d lies in p; an end that is not given is open.
func (p Period) Contains(d Date) bool {
	return (p.First.IsZero() || !d.Before(p.First)) && (p.Last.IsZero() || !d.After(p.Last))
}
