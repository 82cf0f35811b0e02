package procountor

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

const (
	dateLayout = "2006-01-02"
	timeLayout = "2006-01-02T15:04:05"
)

// A Date is a calendar day without a zone, yyyy-MM-dd on the wire. The zero Date is no date:
// left out of optional fields and null in required ones.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads yyyy-MM-dd. The day must exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil || len(s) != len(dateLayout) {
		return Date{}, fmt.Errorf("date %.40q: not a day as yyyy-mm-dd", s)
	}
	return DateOf(t), nil
}

// MustParseDate is [ParseDate] for days that stand in the program text. It panics when s is not one.
func MustParseDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic("procountor: " + err.Error())
	}
	return d
}

// DateOf returns the day that t shows on its own clock.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String returns yyyy-MM-dd, or "" for the zero Date.
func (d Date) String() string {
	if d == (Date{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Cmp compares two days: -1 if d is before e, +1 if it is after.
func (d Date) Cmp(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// MarshalJSON writes "yyyy-MM-dd", or null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) { return quoteOrNull(d.String()), nil }

// UnmarshalJSON reads "yyyy-MM-dd", of a date-time the day as written; null and "" give the zero Date.
func (d *Date) UnmarshalJSON(b []byte) error {
	s, err := unquote(b)
	if err != nil || s == "" {
		*d = Date{}
		return err
	}
	day, _, _ := strings.Cut(s, "T")
	v, err := ParseDate(day)
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// A Time is a date-time as the API writes it: yyyy-MM-ddTHH:mm:ss without a zone, presumably
// the clock of Helsinki, which no source states (REFERENCE 2.1). It keeps the text that came,
// fraction and zone included, so that a version goes back exactly as it was read.
// The zero Time is no time and is left out of optional fields.
type Time struct{ text string }

// timeLayouts are what [ParseTime] reads; a fraction after the seconds is read by time.Parse itself.
var timeLayouts = []string{timeLayout, "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04"}

// maxTimeText bounds the text of a [Time]; the longest real form has 35 characters.
const maxTimeText = 40

// ParseTime reads yyyy-MM-ddTHH:mm:ss, with a fraction, "Z" or an offset if it must be.
func ParseTime(s string) (Time, error) {
	if len(s) <= maxTimeText {
		for _, layout := range timeLayouts {
			if _, err := time.Parse(layout, s); err == nil {
				return Time{s}, nil
			}
		}
	}
	return Time{}, fmt.Errorf("time %.40q: not a time as yyyy-mm-ddThh:mm:ss", s)
}

// TimeOf returns what the clock of t shows, to the second: give it a time in the company's zone.
func TimeOf(t time.Time) Time { return Time{t.Format(timeLayout)} }

// String returns the text as it was read or made, "" for the zero Time.
func (t Time) String() string { return t.text }

// In returns the instant, reading a text without zone on the clock of loc. The zero Time gives
// the zero time.Time.
func (t Time) In(loc *time.Location) time.Time {
	for _, layout := range timeLayouts {
		if v, err := time.ParseInLocation(layout, t.text, loc); err == nil {
			return v
		}
	}
	return time.Time{}
}

// Date returns the day as written.
func (t Time) Date() Date {
	day, _, _ := strings.Cut(t.text, "T")
	d, _ := ParseDate(day) // the zero Date for the zero Time
	return d
}

// Cmp compares two times as clock readings, those with a zone as UTC: -1 if t is before u.
func (t Time) Cmp(u Time) int { return t.In(time.UTC).Compare(u.In(time.UTC)) }

// MarshalJSON writes the text as it was read or made, or null for the zero Time.
func (t Time) MarshalJSON() ([]byte, error) { return quoteOrNull(t.text), nil }

// UnmarshalJSON reads what [ParseTime] reads; null and "" give the zero Time.
func (t *Time) UnmarshalJSON(b []byte) error {
	s, err := unquote(b)
	if err != nil || s == "" {
		*t = Time{}
		return err
	}
	v, err := ParseTime(s)
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// unquote takes the quotes from a JSON string of plain characters; null gives "".
func unquote(b []byte) (string, error) {
	s := string(b)
	switch {
	case s == "null":
		return "", nil
	case len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"':
		return "", fmt.Errorf("%.40q is not a string", s)
	}
	return s[1 : len(s)-1], nil
}

func quoteOrNull(s string) []byte {
	if s == "" {
		return []byte("null")
	}
	return []byte(`"` + s + `"`)
}
