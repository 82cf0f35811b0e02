package hub

import "github.com/vienti/vienti/internal/civil"

// ChosenDates are those with which a person lets a document go instead of its
// source's. They are outside the document's version, for the source has not changed,
// and inside what is written.
type ChosenDates struct {
	// Version is the content that they were chosen for. Of another the person is
	// asked anew.
	Version string     `json:"version"`
	Date    civil.Date `json:"date"`
	DueDate civil.Date `json:"due_date,omitzero"`
	By      string     `json:"by"`
	Why     string     `json:"why"`
}

// WithDates returns d as it is written with chosen dates.
func (d *Document) WithDates(c *ChosenDates) *Document {
	if c == nil {
		return d
	}
	e := *d
	e.Origin = d.Version()
	e.Date, e.DueDate, e.TermDays = c.Date, c.DueDate, nil
	return &e
}

// Shown is the version that the source has shown, whatever dates are chosen.
func (d *Document) Shown() string {
	if d.Origin != "" {
		return d.Origin
	}
	return d.Version()
}

// Term is how many days after its date a document is due, as its source says; ok
// is false when it does not.
func (d *Document) Term() (days int, ok bool) {
	switch {
	case d.TermDays != nil && d.DueDate.IsZero():
		return *d.TermDays, true
	case d.DueDate.IsZero() || d.Date.IsZero():
		return 0, false
	}
	return d.Date.DaysUntil(d.DueDate), true
}
