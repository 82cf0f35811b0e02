package hub

import (
	"slices"
	"strings"
)

// A Claimant is what is known here of somebody who claims travel invoices, for a source
// that does not say it.
type Claimant struct {
	// Number is the one under which Procountor's register of persons has them.
	Number string `json:"number,omitempty"`
	// IBAN is where they are paid what they have paid themselves.
	IBAN string `json:"iban,omitempty"`
	// CostCentre is the code on which rows stand that name none.
	CostCentre string `json:"cost_centre,omitempty"`
}

// Claimed is a document with what the settings know of its person; d itself stays as it
// is. What the source says always holds. The person is found by e-mail address, else by
// number: never by name, for an account goes with it.
func (s *Settings) Claimed(d *Document) *Document {
	if d.Kind != TravelInvoice || len(s.Claimants) == 0 {
		return d
	}
	c, ok := s.claimant(&d.Seller)
	if !ok {
		return d
	}
	next := *d
	if strings.TrimSpace(next.Seller.Number) == "" {
		next.Seller.Number = c.Number
	}
	if strings.TrimSpace(next.Payment.IBAN) == "" && !d.ByCard() {
		next.Payment.IBAN = c.IBAN
	}
	if c.CostCentre != "" {
		next.Lines = slices.Clone(d.Lines)
		for i := range next.Lines {
			l := &next.Lines[i]
			if !slices.ContainsFunc(l.Dimensions, func(x Dimension) bool { return x.Axis == AxisCostCentre }) {
				l.Dimensions = append(slices.Clone(l.Dimensions), Dimension{Axis: AxisCostCentre, Code: c.CostCentre})
			}
		}
	}
	return &next
}

func (s *Settings) claimant(p *Party) (c Claimant, ok bool) {
	if c, ok = s.Claimants[strings.ToLower(strings.TrimSpace(p.Email))]; ok || strings.TrimSpace(p.Number) == "" {
		return c, ok
	}
	for _, x := range s.Claimants {
		if x.Number != "" && x.Number == strings.TrimSpace(p.Number) {
			return x, true // a number is one person's: see [Settings.Check]
		}
	}
	return c, false
}

// WithClaimant are the settings with what is known of one person, by login; an empty
// Claimant takes it away.
func (s Settings) WithClaimant(login string, c Claimant) Settings {
	all := map[string]Claimant{}
	for k, v := range s.Claimants {
		all[k] = v
	}
	if all[login] = c; c == (Claimant{}) {
		delete(all, login)
	}
	if s.Claimants = all; len(all) == 0 {
		s.Claimants = nil
	}
	return s
}
