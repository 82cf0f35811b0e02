package register

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
)

// A TravelProduct is an allowance or a kind of travel cost of Procountor's own
// register. It holds on the days from First to Last; a zero day is no bound. The codes
// of allowances change with the year (REFERENCE 3.6).
type TravelProduct struct {
	ID     int64      `json:"id"`
	Code   string     `json:"code,omitempty"`
	Name   string     `json:"name"`
	First  civil.Date `json:"first,omitzero"`
	Last   civil.Date `json:"last,omitzero"`
	Active bool       `json:"active"`
}

// Holds reports whether the product may be used on a day.
func (p *TravelProduct) Holds(day civil.Date) bool {
	return p.Active && (p.First.IsZero() || !day.Before(p.First)) && (p.Last.IsZero() || !day.After(p.Last))
}

// Days are those on which the product holds, as the register writes them.
func (p *TravelProduct) Days() string {
	if p.First.IsZero() && p.Last.IsZero() {
		return ""
	}
	return strings.TrimSpace(p.First.String() + " – " + p.Last.String())
}

// A TravelVerdict says what the register has for a code on a day.
type TravelVerdict int

// One product; several; none of that code on that day; or none of that code at all.
const (
	TravelFound TravelVerdict = iota
	TravelTwice
	TravelOtherDay
	TravelUnknown
)

// FindTravel finds the travel product of a code that holds on a day. Where the code
// is one of other days only, next is the product that has the same name and holds,
// if there is just one.
func (c *Copy) FindTravel(code string, day civil.Date) (found, next *TravelProduct, v TravelVerdict) {
	v = TravelUnknown
	var names []string
	for i := range c.Travel {
		p := &c.Travel[i]
		switch {
		case !alike(p.Code, code):
		case !p.Holds(day):
			if v == TravelUnknown {
				v = TravelOtherDay
			}
			names = append(names, p.Name)
		case found != nil:
			v = TravelTwice
		default:
			found, v = p, TravelFound
		}
	}
	if v != TravelOtherDay {
		return found, nil, v
	}
	for i := range c.Travel {
		p := &c.Travel[i]
		if p.Code == "" || !p.Holds(day) || !slices.ContainsFunc(names, func(n string) bool { return alike(n, p.Name) }) {
			continue
		}
		if next != nil {
			return nil, nil, v
		}
		next = p
	}
	return nil, next, v
}

// TravelCodes lists the codes that hold on a day, as people write them.
func (c *Copy) TravelCodes(day civil.Date) string {
	var list []string
	for i := range c.Travel {
		if p := &c.Travel[i]; p.Code != "" && p.Holds(day) && !slices.Contains(list, p.Code) {
			list = append(list, p.Code)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
