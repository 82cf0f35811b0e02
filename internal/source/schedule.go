package source

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits of a schedule. Nobody needs a source more often, and one that is read more
// rarely is better read by hand.
const (
	MinEvery = time.Minute
	MaxEvery = 7 * 24 * time.Hour
)

// A Schedule says when a source is read by itself.
type Schedule struct {
	Every time.Duration
	// Quiet are hours in which it is left alone, by the clock of the company.
	Quiet Hours
}

// Hours are a span of the day, perhaps across midnight; none when both are empty.
type Hours struct{ From, Until string } // "19:00"

// ParseHours reads "19:00-08:00"; "" are none.
func ParseHours(text string) (h Hours, err error) {
	text = strings.NewReplacer(" ", "", "–", "-").Replace(text)
	if text == "" {
		return h, nil
	}
	from, until, ok := strings.Cut(text, "-")
	a, errFrom := time.Parse("15:04", from)
	b, errUntil := time.Parse("15:04", until)
	if !ok || errFrom != nil || errUntil != nil || a.Equal(b) {
		return h, fmt.Errorf("%q are no hours: write 19:00-08:00", text)
	}
	return Hours{a.Format("15:04"), b.Format("15:04")}, nil
}

func (h Hours) String() string {
	if h == (Hours{}) {
		return ""
	}
	return h.From + "-" + h.Until
}

// Check says what is wrong with a schedule.
func (s Schedule) Check() error {
	if s.Every < MinEvery || s.Every > MaxEvery {
		return errors.New("a source is read every minute at most, every seven days at least")
	}
	_, err := ParseHours(s.Quiet.String())
	return err
}

// Next is the first moment after a run at which the source is read again. It counts
// from the run, so that what was missed is caught up once.
func (s Schedule) Next(run time.Time, zone *time.Location) time.Time {
	return s.Awake(run.Add(s.Every), zone)
}

// Awake is at, or the end of the quiet hours that it lies in.
func (s Schedule) Awake(at time.Time, zone *time.Location) time.Time {
	if s.Quiet == (Hours{}) {
		return at
	}
	local := at.In(zone)
	clock := local.Format("15:04")
	from, until := s.Quiet.From, s.Quiet.Until
	inside := from <= clock && clock < until
	day := local.Day()
	if from > until {
		inside = clock >= from || clock < until
		if clock >= from {
			day++
		}
	}
	if !inside {
		return at
	}
	end, err := time.Parse("15:04", until)
	if err != nil {
		return at // checked before it was stored
	}
	// Of the day, not so many hours later: clocks may change in between.
	return time.Date(local.Year(), local.Month(), day, end.Hour(), end.Minute(), 0, 0, zone).In(at.Location())
}
