package hub

import (
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A Breakdown is what an invoice is made of: hours and travel. It becomes a PDF
// for the customer, and books nothing.
type Breakdown struct {
	Work   []BreakdownEntry `json:"work,omitempty"`
	Travel []BreakdownEntry `json:"travel,omitempty"`
	// Net is what the source says that the entries come to.
	Net *money.Amount `json:"net,omitempty"`
	// Wanted says that the customer wants it with this invoice.
	Wanted bool `json:"wanted,omitempty"`
	// Grouped says that the rows of the invoice are groups of these entries.
	Grouped bool `json:"grouped,omitempty"`
}

// A BreakdownEntry is hours of one person on one day, or a journey.
type BreakdownEntry struct {
	Project    string `json:"project,omitempty"`
	Subproject string `json:"subproject,omitempty"`
	// FixedPrice says that the project, or subproject, has a fixed price: its hours
	// are not charged one by one.
	FixedPrice  bool       `json:"fixed_price,omitempty"`
	Date        civil.Date `json:"date"`
	Person      string     `json:"person,omitempty"`
	Type        string     `json:"type,omitempty"`        // of work, or of travel expense
	Description string     `json:"description,omitempty"` // of travel: the route
	// Quantity is in Unit; hours, when a work entry names none.
	Quantity money.Amount `json:"quantity"`
	Unit     string       `json:"unit,omitempty"`
	// Price is for one unit and Sum for all, without VAT. Without Sum it is Quantity
	// times Price; without both the entry has no sum.
	Price *money.Amount `json:"price,omitempty"`
	Sum   *money.Amount `json:"sum,omitempty"`
}

// Amount is what an entry comes to, and whether it comes to anything at all.
func (e *BreakdownEntry) Amount() (money.Amount, bool) {
	switch {
	case e.Sum != nil:
		return *e.Sum, true
	case e.Price != nil:
		return e.Quantity.Mul(*e.Price).RoundHalfUp(2), true
	}
	return money.Zero, false
}

// A BreakdownPart is one project, or one subproject.
type BreakdownPart struct {
	Project, Subproject string
	FixedPrice          bool
	Work, Travel        []BreakdownEntry
}

// Total is what a part comes to.
func (p *BreakdownPart) Total() money.Amount {
	total := money.Zero
	for _, list := range [][]BreakdownEntry{p.Work, p.Travel} {
		for i := range list {
			a, _ := list[i].Amount()
			total = total.Add(a)
		}
	}
	return total
}

// Parts are what is shown, in the order in which the entries name them. Of what
// has a fixed price only the travel is: its hours are in the price. With all they
// are shown too, as a person may ask.
func (b *Breakdown) Parts(all bool) (parts []BreakdownPart) {
	if b == nil {
		return nil
	}
	part := func(e *BreakdownEntry) *BreakdownPart {
		i := slices.IndexFunc(parts, func(p BreakdownPart) bool { return p.Project == e.Project && p.Subproject == e.Subproject })
		if i < 0 {
			i = len(parts)
			parts = append(parts, BreakdownPart{Project: e.Project, Subproject: e.Subproject})
		}
		parts[i].FixedPrice = parts[i].FixedPrice || e.FixedPrice
		return &parts[i]
	}
	for i := range b.Work {
		p := part(&b.Work[i])
		p.Work = append(p.Work, b.Work[i])
	}
	for i := range b.Travel {
		p := part(&b.Travel[i])
		p.Travel = append(p.Travel, b.Travel[i])
	}
	for i := range parts {
		if parts[i].FixedPrice && !all {
			parts[i].Work = nil
		}
	}
	return slices.DeleteFunc(parts, func(p BreakdownPart) bool { return len(p.Work)+len(p.Travel) == 0 })
}

// Faults says where the entries do not agree with themselves, each with its path
// below the breakdown: a sum that is not quantity times price by more than its
// rounding, and a total that is not that of the entries.
func (b *Breakdown) Faults() (faults []Fault) {
	total := money.Zero
	for _, list := range []struct {
		name    string
		entries []BreakdownEntry
	}{{"work", b.Work}, {"travel", b.Travel}} {
		for i := range list.entries {
			e := &list.entries[i]
			sum, _ := e.Amount()
			total = total.Add(sum)
			if e.Sum == nil || e.Price == nil {
				continue
			}
			if computed := e.Quantity.Mul(*e.Price); sum.Sub(computed).Abs().Cmp(money.Cents(1)) >= 0 {
				faults = append(faults, NewFault(BreakdownSums, "breakdown."+list.name+"["+strconv.Itoa(i)+"].sum", sum.String(), "stated", sum.String(),
					"computed", computed.RoundHalfUp(2).Fixed(2)))
			}
		}
	}
	if b.Net != nil && !b.Net.Equal(total) {
		faults = append(faults, NewFault(BreakdownSums, "breakdown.net", b.Net.String(), "stated", b.Net.Fixed(2), "computed", total.Fixed(2)))
	}
	return faults
}

// Groups reports whether the rows of the invoice sum up what stands in the
// breakdown: its source says so, or there are fewer rows than entries.
func (d *Document) Groups() bool {
	b := d.Breakdown
	if b == nil {
		return false
	}
	rows := 0
	for i := range d.Lines {
		if !d.Lines[i].IsText() {
			rows++
		}
	}
	return b.Grouped || len(b.Work)+len(b.Travel) > rows
}
