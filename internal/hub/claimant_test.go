package hub

import (
	"testing"

	"github.com/vienti/vienti/internal/civil"
)

// What is known here of somebody who claims fills what the source does not say, for that
// person only, and never stands over what it says.
func TestClaimed(t *testing.T) {
	s := Settings{Claimants: map[string]Claimant{"maija@example.fi": {Number: "H-1", IBAN: "FI2112345600000785", CostCentre: "100"}}}
	claim := func(change func(*Document)) *Document {
		d := &Document{Kind: TravelInvoice, Seller: Party{Name: "Maija", Email: "Maija@example.fi"}, Lines: []Line{{Name: "a"}, {Name: "b", Dimensions: []Dimension{{Axis: AxisCostCentre, Code: "200"}}}}}
		change(d)
		return d
	}
	for name, x := range map[string]struct {
		change             func(*Document)
		number, iban, cost string
	}{
		"nothing is said": {func(*Document) {}, "H-1", "FI2112345600000785", "100"},
		"all is said": {func(d *Document) {
			d.Seller.Number, d.Payment.IBAN = "H-7", "FI1350001520000081"
			d.Lines[0].Dimensions = []Dimension{{Axis: AxisCostCentre, Code: "300"}}
		}, "H-7", "FI1350001520000081", "300"},
		"found by number":   {func(d *Document) { d.Seller.Email, d.Seller.Number = "", "H-1" }, "H-1", "FI2112345600000785", "100"},
		"never by name":     {func(d *Document) { d.Seller.Email = "" }, "", "", ""},
		"somebody else":     {func(d *Document) { d.Seller.Email = "muu@example.fi" }, "", "", ""},
		"another kind":      {func(d *Document) { d.Kind = PurchaseInvoice }, "", "", ""},
		"by a card":         {func(d *Document) { d.Part = &ClaimPart{By: PaidCard, Card: "Visa"} }, "H-1", "", "100"},
		"not even a number": {func(d *Document) { d.Seller.Email, d.Seller.Number = "", " " }, " ", "", ""},
	} {
		d := claim(x.change)
		got := s.Claimed(d)
		cost := ""
		for _, y := range got.Lines[0].Dimensions {
			cost = y.Code
		}
		if got.Seller.Number != x.number || got.Payment.IBAN != x.iban || cost != x.cost {
			t.Errorf("%s: %q %q %q", name, got.Seller.Number, got.Payment.IBAN, cost)
		}
		if got.Lines[1].Dimensions[0].Code != "200" || len(got.Lines[1].Dimensions) != 1 {
			t.Errorf("%s: what a row says: %+v", name, got.Lines[1].Dimensions)
		}
		if d.Payment.IBAN != "" && d.Payment.IBAN != got.Payment.IBAN || len(s.Claimants) != 1 {
			t.Errorf("%s: the document itself has changed", name)
		}
	}
	for _, c := range []Claimant{{IBAN: "FI2112345600000786"}, {Number: "12345678901234567890123456789012345678901"}} {
		if err := DefaultSettings(civil.Must("2026-01-01")).WithClaimant("x@example.fi", c).Check(); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	two := DefaultSettings(civil.Must("2026-01-01")).WithClaimant("x@example.fi", Claimant{Number: "1"}).WithClaimant("y@example.fi", Claimant{Number: "1"})
	if two.Check() == nil {
		t.Error("one number of two persons is taken")
	}
	if got := two.WithClaimant("x@example.fi", Claimant{}).WithClaimant("y@example.fi", Claimant{}); got.Claimants != nil {
		t.Errorf("%+v", got.Claimants)
	}
}
