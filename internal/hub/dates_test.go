package hub

import (
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
)

func TestDateWish(t *testing.T) {
	feature.Covers(t, "V-63")
	d, seven := &Document{Date: civil.Must("2026-03-10"), DueDate: civil.Must("2026-03-24")}, 7
	day := func(s string) civil.Date {
		if s == "" {
			return civil.Date{}
		}
		return civil.Must(s)
	}
	for name, c := range map[string]struct {
		doc       *Document
		wish      DateWish
		date, due string
	}{
		"only the date":             {d, DateWish{Date: day("2026-02-28"), Rule: DueKept}, "2026-02-28", "2026-03-24"},
		"by the invoice's own term": {d, DateWish{Date: day("2026-02-28"), Rule: DueByInvoice}, "2026-02-28", "2026-03-14"},
		"by another term":           {d, DateWish{Rule: DueByInvoice, Term: &seven}, "2026-03-10", "2026-03-17"},
		"from the value date":       {d, DateWish{Rule: DueByValue, Day: day("2026-03-15")}, "2026-03-10", "2026-03-29"},
		"given":                     {d, DateWish{Rule: DueGiven, Day: day("2026-04-01")}, "2026-03-10", "2026-04-01"},
		"due before it":             {d, DateWish{Rule: DueGiven, Day: day("2026-03-01")}, "", ""},
		"no value date":             {d, DateWish{Rule: DueByValue}, "", ""},
		"no term":                   {&Document{Date: d.Date}, DateWish{Rule: DueByInvoice}, "", ""},
		"term instead of a date":    {&Document{Date: d.Date, TermDays: &seven}, DateWish{Date: day("2026-03-01"), Rule: DueByInvoice}, "2026-03-01", "2026-03-08"},
	} {
		date, due, ok := c.wish.For(c.doc)
		if ok != (c.date != "") || ok && (date != day(c.date) || due != day(c.due)) {
			t.Errorf("%s: %s %s %v", name, date, due, ok)
		}
	}
}
