package web

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/register"
)

// listedRegisters are those whose entries the page lists, as "register-many." names them.
var listedRegisters = []string{"account", "dimension_item", "product", "travel_product"}

// maxEntries is how many entries the page lists, and maxEntryQuery how long what is
// looked for may be.
const (
	maxEntries    = 200
	maxEntryQuery = 100
)

// A registerEntry is one entry of a register.
type registerEntry struct {
	Code, Name string
	// Of is the dimension of an item.
	Of     string
	Active bool
}

// A registerLook is what the reader looks for in which register.
type registerLook struct {
	Register, Text string
	Entries        []registerEntry
	More           int
}

// lookInto lists the entries of a register whose code, name or dimension holds a text,
// those in use first.
func lookInto(c *register.Copy, what, text string) (l registerLook) {
	l = registerLook{Register: what, Text: text}
	text = strings.ToLower(text)
	add := func(e registerEntry) {
		if text == "" || strings.Contains(strings.ToLower(e.Code+"\x00"+e.Name+"\x00"+e.Of), text) {
			l.Entries = append(l.Entries, e)
		}
	}
	switch what {
	case "account":
		for _, a := range c.Accounts {
			add(registerEntry{Code: a.Code, Name: a.Name, Active: a.Active})
		}
	case "dimension_item":
		for _, d := range c.Dimensions {
			for _, i := range d.Items {
				add(registerEntry{Code: i.Code, Of: d.Name, Active: i.Active})
			}
		}
	case "product":
		for _, p := range c.Products {
			add(registerEntry{Code: p.Code, Name: p.Name, Active: p.Active})
		}
	case "travel_product":
		for _, p := range c.Travel {
			add(registerEntry{Code: p.Code, Name: p.Name, Active: p.Active})
		}
	}
	slices.SortStableFunc(l.Entries, func(a, b registerEntry) int {
		switch {
		case a.Active == b.Active:
			return 0
		case a.Active:
			return -1
		}
		return 1
	})
	if n := len(l.Entries); n > maxEntries {
		l.Entries, l.More = l.Entries[:maxEntries], n-maxEntries
	}
	return l
}
