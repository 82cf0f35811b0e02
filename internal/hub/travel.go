package hub

import (
	"time"

	"github.com/vienti/vienti/internal/civil"
)

// A Trip is one journey of a travel invoice in words, as Procountor keeps it.
type Trip struct {
	Departure string `json:"departure,omitempty"`
	Arrival   string `json:"arrival,omitempty"`
	Places    string `json:"places,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
}

// TripDay is the day that decides which travel product a row is of: the one on which
// its journey began, else that of the document.
func (d *Document) TripDay(l *Line) civil.Date {
	switch at, _, ok := l.Times(); {
	case !l.Period.First.IsZero():
		return l.Period.First
	case !l.Period.Last.IsZero():
		return l.Period.Last
	case ok && !at.IsZero():
		return civil.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}
	}
	return d.Date
}

// TripTime is the form of [Line.Start] and [Line.End].
const TripTime = "2006-01-02T15:04"

// Times are when a line's journey began and ended, zero where it does not say; ok is
// false when they cannot be read, or it ended before it began. They have no zone.
func (l *Line) Times() (start, end time.Time, ok bool) {
	ok = true
	read := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		at, err := time.Parse(TripTime, s)
		ok = ok && err == nil
		return at
	}
	start, end = read(l.Start), read(l.End)
	return start, end, ok && (start.IsZero() || end.IsZero() || !end.Before(start))
}
