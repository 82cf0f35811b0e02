package hub

import (
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

func claimRow(name, price string, by PaidWith, card, day string, receipts ...string) Line {
	one, p := money.FromInt(1), money.Must(price)
	l := Line{Name: name, Quantity: &one, UnitPrice: &p, PaidWith: by, Card: card, Receipts: receipts}
	if day != "" {
		l.Period = civil.Period{First: civil.Must(day), Last: civil.Must(day)}
	}
	return l
}

func mixedClaim() *Document {
	gross, prepaid := money.Must("160.00"), money.Must("5")
	return &Document{Kind: TravelInvoice, SourceID: "c/7", Number: "7", Date: civil.Must("2026-01-12"), Currency: "EUR", GrossPrices: true,
		Payment: Payment{IBAN: "FI1350001520000081"}, Trips: []Trip{{Purpose: "Messut"}},
		Lines: []Line{claimRow("Päiväraha", "50.00", "", "", "2025-12-29"), claimRow("Hotelli", "80.00", PaidCard, "1234", "2025-12-29", "hotelli.pdf"),
			claimRow("Taksi", "20.00", PaidCard, "1234", "2025-12-30", "taksi.pdf"), claimRow("Lounas", "10.00", PaidOwn, "", "2025-12-30", "lounas.pdf")},
		Totals:      Totals{Gross: &gross, Prepaid: &prepaid},
		Attachments: []Attachment{{Name: "7.pdf", Image: true}, {Name: "hotelli.pdf"}, {Name: "taksi.pdf"}, {Name: "lounas.pdf"}}}
}

// A claim becomes the person's own part, under its own id, and one for each card and day,
// dated on that day; the total and the files are shared out.
func TestClaims(t *testing.T) {
	parts := mixedClaim().Claims()
	type shape struct {
		id, number, date, gross string
		lines, files            int
		by                      PaidWith
	}
	want := []shape{{"c/7", "7", "2026-01-12", "60.00", 2, 2, PaidOwn}, {"c/7/card/1234/2025-12-29", "7/2025-12-29/1234", "2025-12-29", "80.00", 1, 2, PaidCard},
		{"c/7/card/1234/2025-12-30", "7/2025-12-30/1234", "2025-12-30", "20.00", 1, 2, PaidCard}}
	if len(parts) != len(want) {
		t.Fatalf("%d parts", len(parts))
	}
	for i, w := range want {
		d := parts[i].Document
		if got := (shape{d.SourceID, d.Number, d.Date.String(), d.Totals.Gross.Fixed(2), len(d.Lines), len(d.Attachments), d.Part.By}); got != w {
			t.Errorf("%+v, want %+v", got, w)
		}
		if card := i > 0; card != d.ByCard() || card == (d.Payment.IBAN != "") || card != (len(d.Trips) == 0) || card != (d.Totals.Prepaid == nil) {
			t.Errorf("%+v", d)
		}
	}
	if path, ok := parts[1].Path("lines[1].code"); path != "lines[0].code" || !ok {
		t.Errorf("%s %v", path, ok)
	}
	if _, ok := parts[1].Path("lines[0].code"); ok {
		t.Error("another part's line")
	}
	paid := parts[2].Document.PaidByCard()
	if paid.Date.String() != "2025-12-30" || paid.Amount.Fixed(2) != "20.00" || !paid.Claim || paid.Document != "c/7/card/1234/2025-12-30" {
		t.Errorf("%+v", paid)
	}
}

// Rows that do not come to the total are found out in the part that has the rest; a claim
// by one purse stays whole, with the version that it had; a purchase without a day is a
// part without one.
func TestClaimsWhole(t *testing.T) {
	own := mixedClaim()
	for i := range own.Lines {
		own.Lines[i].PaidWith = PaidOwn
	}
	if parts := own.Claims(); len(parts) != 1 || parts[0].Document != own || own.Part != nil {
		t.Errorf("%+v", parts)
	}
	d := mixedClaim()
	d.Lines = d.Lines[1:3]
	d.Lines[1].Period = civil.Period{}
	parts := d.Claims()
	if len(parts) != 2 || !parts[0].Document.Date.IsZero() || parts[0].Document.SourceID != "c/7/card/1234/" {
		t.Fatalf("%+v", parts)
	}
	if got := parts[1].Document.Totals.Gross.Fixed(2); got != "140.00" { // 160 − 20: the rest, not 80
		t.Errorf("%s", got)
	}
}

func TestCardAccount(t *testing.T) {
	s := Settings{Cards: map[string]string{"Visa 1234": "2871", AnyCard: "2879"}}
	for card, want := range map[string]string{"visa 1234": "2871", "": "2879", "9": "2879"} {
		if got := s.CardAccount(card); got != want {
			t.Errorf("%q: %s", card, got)
		}
	}
}
