package procountortest

import (
	"fmt"
	"strings"
)

// Travel invoices and expense claims: what only they have (REFERENCE 3.1, 3.6, 4).

// checkTravel tests the products of the rows of a travel invoice by the day of the
// trip, and keeps travel products and free-text travel items off other invoices.
func (c *call) checkTravel(f *faults, inv *Invoice) {
	if len(inv.TravelInformationItems) > 0 && inv.Type != typeTravel {
		f.add("travelInformationItems", invalid("travelInformationItems", inv.Type), assumeTravelItems)
	}
	for i := range inv.InvoiceRows {
		r := &inv.InvoiceRows[i]
		if id := r.ProductID; id != nil {
			p := c.co.products.get(*id)
			switch {
			case p == nil || p.Type != "TRAVEL":
			case inv.Type != typeTravel || !p.holds(tripDay(inv, r)):
				path := fmt.Sprintf("invoiceRows[%d].productId", i)
				f.add(path, invalid(path, fmt.Sprint(*id)), assumeTravelProduct)
			}
			continue
		}
		if inv.Type == typeTravel && r.ProductCode != "" && c.co.travelProduct(r.ProductCode, tripDay(inv, r)) == nil {
			path := fmt.Sprintf("invoiceRows[%d].productCode", i)
			f.add(path, invalid(path, short(r.ProductCode)), assumeTravelProduct)
		}
	}
}

// tripDay is the day that decides which travel product holds.
func tripDay(inv *Invoice, r *InvoiceRow) string {
	if r.StartDate != "" {
		return r.StartDate
	}
	return inv.Date
}

// holds reports whether a travel product may be used on a day.
func (p *Product) holds(day string) bool {
	return p.Active && (p.StartDate == "" || p.StartDate <= day) && (p.EndDate == "" || day <= p.EndDate)
}

// travelProduct finds the travel product of a code that holds on a day.
func (co *company) travelProduct(code, day string) *Product {
	for _, p := range co.products.all() {
		if p.Type == "TRAVEL" && strings.EqualFold(p.Code, code) && p.holds(day) {
			return p
		}
	}
	return nil
}

// rowAccount is the account that a row's product brings along, "" for none.
func (co *company) rowAccount(inv *invoice, row *InvoiceRow) string {
	var p *Product
	if row.ProductID != nil {
		p = co.products.get(*row.ProductID)
	} else if inv.Type == typeTravel {
		p = co.travelProduct(row.ProductCode, tripDay(&inv.Invoice, row))
	}
	if p == nil {
		return ""
	}
	account := p.DefaultAccount
	if p.Type == "TRAVEL" {
		account = p.BookkeepingAccount
	}
	if !co.accountCodes[account] {
		return ""
	}
	return account
}

// demoTravel are travel products of two years: the codes of allowances change with
// the year, those of receipts stay. Codes, prices and accounts are made up.
func demoTravel() (list []Product) {
	product := func(code, name, unit, price, from, until, account string) {
		list = append(list, Product{Type: "TRAVEL", Code: code, Name: name, Unit: unit, Price: Num(price), VAT: ptr(Num("0")), Active: true, Currency: "EUR",
			StartDate: from, EndDate: until, BookkeepingAccount: account})
	}
	for _, y := range []struct{ year, car, whole, half string }{{"2025", "0.59", "53", "24"}, {"2026", "0.61", "55", "25"}} {
		from, until := y.year+"-01-01", y.year+"-12-31"
		product("KM-"+y.year, "Kilometrikorvaus, oma auto", "KILOMETER", y.car, from, until, "7850")
		product("PR-"+y.year, "Kokopäiväraha", "DAY", y.whole, from, until, "7900")
		product("OPR-"+y.year, "Osapäiväraha", "DAY", y.half, from, until, "7900")
	}
	product("MAJ", "Majoitus", "PIECE", "0", "2024-01-01", "", "7800")
	product("LIPPU", "Matkaliput", "PIECE", "0", "2024-01-01", "", "7800")
	return list
}

// demoPersons are the people who travel.
func demoPersons() (list []Person) {
	for _, p := range []struct{ number, first, last, account string }{
		{"H-101", "Maija", "Matkaaja", makeIBAN("FI", "50001520000081")}, {"H-102", "Kalle", "Kulkija", makeIBAN("FI", "12345600000999")},
	} {
		list = append(list, Person{FirstName: p.first, LastName: p.last,
			PaymentInfo:   PersonPaymentInfo{PaymentMethod: "BANK_TRANSFER", AccountNumber: p.account, PaymentTermDays: "7", PenalInterestRate: Num("0")},
			InvoicingInfo: PersonInvoicingInfo{PersonNumber: p.number, Language: "FINNISH", Gender: "NOT_APPLICABLE"},
			RegistryInfo:  PersonRegistryInfo{Active: true}})
	}
	return list
}

// AddTravelProduct puts a product into the register of travel products, as Procountor
// does every year, and returns its id.
func (s *Server) AddTravelProduct(company int64, p Product) int64 {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	p.ID, p.Type, p.Active, p.Version = co.nextID(), "TRAVEL", true, stamp(s.now())
	co.keepCounters()
	co.products.put(p.ID, &p)
	s.mustKeep(co)
	return p.ID
}
