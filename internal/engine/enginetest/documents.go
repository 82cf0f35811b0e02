package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Sale is a domestic sales invoice to a customer that the sandbox knows, with
// one row. It can be changed before it is handed over.
func Sale(number string, price string) *hub.Document {
	one, p, net := money.FromInt(1), money.Must(price), money.Must(price)
	vat := net.Percent(money.Must("25.5")).RoundHalfUp(2)
	gross := net.Add(vat)
	return &hub.Document{
		Kind: hub.SalesInvoice, SourceID: "sales_invoice/12345671/" + number + "/2026", Number: number,
		Date: civil.Must("2026-03-10"), DueDate: civil.Must("2026-03-24"), Currency: "EUR", Language: "fi",
		Seller: hub.Party{Name: "Esimerkkipaja Oy", BusinessID: "1234567-1"},
		Buyer: hub.Party{Name: "Kuvitelma Kauppa Oy", BusinessID: "2345678-0", Number: "1001",
			Address: hub.Address{Street: "Keksittykatu 5", Zip: "33100", City: "Tampere", Country: "FI"}},
		Payment: hub.Payment{Reference: "1232"},
		Lines: []hub.Line{{Name: "Konsultointi", Quantity: &one, Unit: "h", UnitPrice: &p, VATPercent: money.Must("25.5"), VATCategory: "S",
			Net: &net, VAT: &vat, Gross: &gross}},
		Totals: hub.Totals{Net: &net, VAT: &vat, Gross: &gross},
	}
}

// Purchase is a supplier's invoice; the sandbox knows the supplier.
func Purchase(number, price string) *hub.Document {
	d := Sale(number, price)
	d.Kind, d.SourceID = hub.PurchaseInvoice, "purchase_invoice/45678907/"+number+"/2026"
	d.Buyer = d.Seller
	d.Seller = hub.Party{Name: "Olematon Tukku Oy", BusinessID: "4567890-7", Number: "2001",
		Address: hub.Address{Street: "Varastotie 9", Zip: "01510", City: "Vantaa", Country: "FI"}}
	d.Payment = hub.Payment{Reference: "1232", IBAN: "FI2112345600000785"}
	return d
}

// Claim is the travel invoice of an employee whom the sandbox knows: kilometres, and a
// receipt of a price.
func Claim(number, price string) *hub.Document {
	km, each, one, p := money.FromInt(120), money.Must("0.61"), money.FromInt(1), money.Must(price)
	gross := km.Mul(each).Add(p)
	trip := civil.Period{First: civil.Must("2026-03-02"), Last: civil.Must("2026-03-02")}
	return &hub.Document{
		Kind: hub.TravelInvoice, SourceID: "travel_invoice/" + number, Number: number, Date: civil.Must("2026-03-10"), DueDate: civil.Must("2026-03-24"), Currency: "EUR",
		Seller:      hub.Party{Name: "Maija Matkaaja", Number: "H-101"},
		Buyer:       hub.Party{Name: "Esimerkkipaja Oy", BusinessID: "1234567-1"},
		Payment:     hub.Payment{IBAN: "FI1350001520000081"},
		GrossPrices: true,
		Trips:       []hub.Trip{{Departure: "2026-03-02 08:00", Arrival: "2026-03-02 17:00", Places: "Helsinki – Tampere", Purpose: "Asennus"}},
		Lines: []hub.Line{{Name: "Kilometrikorvaus, oma auto", Code: "KM-2026", Quantity: &km, Unit: "km", UnitPrice: &each, Period: trip},
			{Name: "Majoitus", Code: "MAJ", Quantity: &one, Unit: "kpl", UnitPrice: &p, VATPercent: money.Must("13.5"), Period: trip}},
		Totals: hub.Totals{Gross: &gross},
	}
}

// Travels switches travel invoices on.
func Travels(s *hub.Settings, arrival hub.Arrival) {
	s.Kinds[hub.TravelInvoice] = hub.KindSettings{On: true, FirstDay: civil.Must("2026-01-01"), Arrival: arrival}
}

// Credit is a credit note against an invoice.
func Credit(number, price, credited string) *hub.Document {
	d := Sale(number, "-"+price)
	minus, p := money.FromInt(-1), money.Must(price)
	d.CreditNote, d.Credits = true, []hub.Reference{{Number: credited, Date: civil.Must("2026-03-10")}}
	d.Lines[0].Quantity, d.Lines[0].UnitPrice = &minus, &p
	return d
}

// Turn makes a credit note of an invoice: all quantities and sums are turned.
func Turn(d *hub.Document) {
	neg := func(a *money.Amount) *money.Amount {
		if a == nil {
			return nil
		}
		n := a.Neg()
		return &n
	}
	d.CreditNote, d.Lines = true, slices.Clone(d.Lines)
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Quantity, l.Net, l.VAT, l.Gross = neg(l.Quantity), neg(l.Net), neg(l.VAT), neg(l.Gross)
	}
	d.Totals.Net, d.Totals.VAT, d.Totals.Gross = neg(d.Totals.Net), neg(d.Totals.VAT), neg(d.Totals.Gross)
}

// Rows gives d one row per net price, and the totals of a source that rounds VAT
// once for all of them.
func Rows(d *hub.Document, prices ...string) *hub.Document {
	first, net := d.Lines[0], money.Zero
	d.Lines = nil
	for i, price := range prices {
		p := money.Must(price)
		l := first
		l.Name, l.UnitPrice = fmt.Sprint("Työ ", i+1), &p
		sum := p.Mul(*l.Quantity)
		l.Net, l.VAT, l.Gross = &sum, nil, nil
		d.Lines = append(d.Lines, l)
		net = net.Add(sum)
	}
	vat := net.Percent(first.VATPercent).RoundHalfUp(2)
	gross := net.Add(vat)
	d.Totals = hub.Totals{Net: &net, VAT: &vat, Gross: &gross}
	return d
}

// NewParty gives d another party that the sandbox does not know, the nth.
func NewParty(d *hub.Document, n int) *hub.Document {
	p := d.Counterparty()
	p.Name, p.BusinessID, p.Number = fmt.Sprintf("Uusi Yritys %d Oy", n), BusinessID(n), fmt.Sprint(7000+n)
	if d.Kind == hub.PurchaseInvoice {
		d.SourceID = "purchase_invoice/" + p.BusinessID + "/" + d.Number + "/2026"
	}
	return d
}

// BusinessID makes the nth Finnish business id with a right check digit.
func BusinessID(n int) string {
	for seven := 8_000_000 + n*20; ; seven++ {
		sum := 0
		for i, w := range []int{7, 9, 10, 5, 8, 4, 2} {
			digit := seven
			for range 6 - i {
				digit /= 10
			}
			sum += digit % 10 * w
		}
		if rest := sum % 11; rest != 1 {
			return fmt.Sprintf("%07d-%d", seven, (11-rest)%11)
		}
	}
}

// Approved is a standing with the decisions of some people, an hour apart. One
// that begins with "-" has rejected; the last one's completes the round if it ends
// with "!".
func Approved(names ...string) hub.Standing {
	s := hub.Standing{Approvals: []hub.Approval{}}
	for i, n := range names {
		a := hub.Approval{At: Start.Add(time.Duration(i-len(names)) * time.Hour), Step: i + 1}
		n, a.Rejected = strings.CutPrefix(n, "-")
		a.By, a.Last = strings.CutSuffix(n, "!")
		s.Approvals = append(s.Approvals, a)
	}
	return s
}

// Attach adds a PDF, with content somewhere in it.
func Attach(d *hub.Document, name, content string) *hub.Document {
	b := []byte("%PDF-1.4\n% " + content + "\n%%EOF\n")
	d.Attachments = append(d.Attachments, hub.Attachment{Name: name, MIME: "application/pdf", Size: int64(len(b)), Hash: hub.HashOf(b), Content: b})
	return d
}
