// Package invented makes up documents for tests: of every kind, right ones, and
// ones that are wrong in the way of one rule of Procountor's or of two. It knows
// the nouns and the published rules, and neither how a request is made of a
// document nor who judges it, so that what both of those get wrong alike is still
// noticed.
package invented

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Facts are what must be known of a Finnish company to make up its documents.
type Facts struct {
	Name, BusinessID string
	// Open are days on which a voucher may be dated; Closed lie in a closed year or
	// month, Outside in no year at all.
	Open, Closed, Outside []civil.Period
	IBANs                 []string
	// Customers and Suppliers stand in the register, Gone does no longer do so.
	Customers, Suppliers []hub.Party
	Gone                 hub.Party
	// Rates are the VAT percentages in use, OtherRates some that are not.
	Rates, OtherRates []string
	// Accounts are the source's accounts that the map of [Posted] knows;
	// ClosedAccount leads to one that Procountor no longer has.
	Accounts      []string
	ClosedAccount string
	// Items of the axis "project"; ClosedItem is one that is closed.
	Items      []string
	ClosedItem string
}

// A Way is how the connection of a document handles it.
type Way string

// Kept has been sent by the source; the next three are sent by Procountor by one
// channel; Posted is posted by the account map; StatusOff is [Kept] where the map
// of VAT statuses names one that the company has switched off, and Later is
// [Kept] where the first day has not come yet.
const (
	Kept      Way = "kept"
	EInvoice  Way = "einvoice"
	Email     Way = "email"
	Mail      Way = "mail"
	Posted    Way = "posted"
	StatusOff Way = "status-off"
	Later     Way = "later"
)

// Ways lists them all.
var Ways = []Way{Kept, EInvoice, Email, Mail, Posted, StatusOff, Later}

// A Case is one document, the way it goes, and the rules that it breaks.
type Case struct {
	Document *hub.Document
	Way      Way
	Breaks   []Rule
}

// maker makes one case.
type maker struct {
	*rand.Rand
	facts *Facts
	n     uint64
}

// Make makes the nth case of a seed: the same one whenever it is asked for.
func Make(facts *Facts, seed, n uint64) Case {
	m := &maker{rand.New(rand.NewPCG(seed, n)), facts, n}
	for {
		c := m.right()
		if m.IntN(12) < 5 {
			return c
		}
		rules := 1
		if m.one(7) {
			rules = 2
		}
		for range 40 { // a rule may not be for this kind of document
			b := breakers[m.IntN(len(breakers))]
			if !slices.Contains(c.Breaks, b.rule) && b.apply(m, &c) {
				c.Breaks = append(c.Breaks, b.rule)
				if rules--; rules == 0 {
					return c
				}
			}
		}
	}
}

// one is true in one of n cases.
func (m *maker) one(n int) bool { return m.IntN(n) == 0 }

func pick[T any](m *maker, list ...T) T { return list[m.IntN(len(list))] }

// number is between 1 and most, with decimals.
func (m *maker) number(most int64, decimals int) money.Amount {
	a := money.FromInt(1 + m.Int64N(most))
	for range decimals {
		a = a.Mul(money.Must("0.1"))
	}
	return a
}

func (m *maker) day(periods []civil.Period) civil.Date {
	p := pick(m, periods...)
	return p.First.AddDays(m.IntN(p.First.DaysUntil(p.Last) + 1))
}

// taxes are kinds of VAT that a whole document has: the categories of its rows
// and what the other party must be.
type taxes struct {
	kind       string
	category   string
	supply     string
	area       string // "home", "eu", "abroad"
	vatNumber  bool
	salesAlone bool
}

var allTaxes = []taxes{
	{kind: "domestic", category: "S", area: "home"}, {kind: "domestic", category: "", area: "home"}, {kind: "domestic", category: "S", area: "home"},
	{kind: "mixed", category: "S", area: "home"},
	{kind: "construction", category: "AE", area: "home", vatNumber: true},
	{kind: "eu-goods", category: "K", supply: "goods", area: "eu", vatNumber: true},
	{kind: "eu-service", category: "AE", supply: "service", area: "eu", vatNumber: true},
	{kind: "export", category: "G", area: "abroad", salesAlone: true},
	{kind: "exempt", category: "E", area: "home"},
	{kind: "zero", category: "Z", area: "home", salesAlone: true},
	{kind: "outside", category: "O", area: "home"},
}

// right makes a document that breaks no rule.
func (m *maker) right() Case {
	d := &hub.Document{Kind: hub.SalesInvoice, Number: fmt.Sprint(10_000 + m.n), Currency: "EUR"}
	if m.IntN(5) < 2 {
		d.Kind = hub.PurchaseInvoice
	}
	sales := d.Kind == hub.SalesInvoice
	c := Case{Document: d, Way: pick(m, Kept, Kept, Posted)}
	if sales {
		c.Way = pick(m, Kept, Kept, Posted, EInvoice, Email, Mail)
	}
	d.CreditNote = m.one(8)
	d.Date = m.day(m.facts.Open)
	switch m.IntN(4) {
	case 0:
		term := m.IntN(91)
		d.TermDays = &term
	case 1: // by the connection's own term
	default:
		d.DueDate = d.Date.AddDays(pick(m, 0, 7, 14, 30, 60, 999))
	}
	tax := pick(m, allTaxes...)
	for tax.salesAlone && !sales {
		tax = pick(m, allTaxes...)
	}
	m.parties(&c, tax)
	d.SourceID = fmt.Sprintf("%s/%d", d.Kind, m.n)
	m.payment(&c)
	if m.one(7) {
		d.Currency = pick[money.Currency](m, "USD", "SEK", "NOK", "GBP", "PLN")
		rate := m.number(12_000_000, 6).Add(money.Must("0.3"))
		d.Rate = &rate
	}
	m.texts(&c)
	m.rows(&c, tax)
	if d.CreditNote {
		for range 1 + m.IntN(2) {
			d.Credits = append(d.Credits, hub.Reference{Number: fmt.Sprint(9_000 + m.IntN(900)), Date: d.Date.AddDays(-m.IntN(60))})
		}
	}
	for i := range m.IntN(8) / 6 {
		content := fmt.Appendf(nil, "%%PDF-1.7 %d %d %%%%EOF", m.n, i)
		d.Attachments = append(d.Attachments, hub.Attachment{Name: pick(m, "lasku.pdf", "erittely.PDF", "työ määrä.pdf", "kuva"), MIME: "application/pdf",
			Size: int64(len(content)), Hash: hub.HashOf(content), Content: content, Image: m.one(3), ForCustomer: m.one(2)})
	}
	return c
}

// parties: the company itself, and another of the register or nobody knows yet.
func (m *maker) parties(c *Case, tax taxes) {
	d, sales := c.Document, c.Document.Kind == hub.SalesInvoice
	own := hub.Party{Name: m.facts.Name, BusinessID: m.facts.BusinessID, Address: hub.Address{Country: "FI"}}
	if m.one(3) {
		own.VATNumber = "FI" + strings.ReplaceAll(own.BusinessID, "-", "")
	}
	known := m.facts.Suppliers
	if sales {
		known = m.facts.Customers
	}
	at := func(p hub.Party) bool { return (p.Address.Country == "FI") == (tax.area == "home") }
	fits := slices.DeleteFunc(slices.Clone(known), func(p hub.Party) bool { return !at(p) || tax.area == "abroad" })
	var other hub.Party
	if len(fits) > 0 && !m.one(8) {
		other = pick(m, fits...)
	} else {
		other = m.stranger(tax)
	}
	if tax.vatNumber && other.VATNumber == "" {
		other.VATNumber = "FI" + strings.ReplaceAll(other.BusinessID, "-", "")
	}
	if m.one(4) {
		other.Contact = pick(m, "Maija Meikäläinen", "Olle Öberg", "Renée d’Arc")
	}
	if m.one(6) {
		other.Phone = "+358 40 123 4567"
	}
	if c.Way == Email || m.one(5) {
		other.Email = fmt.Sprintf("laskut%d@example.fi", m.n%1000)
	}
	if c.Way == EInvoice || m.one(6) {
		other.EInvoice = hub.EInvoice{Address: "0037" + strings.ReplaceAll(businessID(1_000_000+int64(m.n%1_000_000)), "-", ""), Operator: pick(m, "003721291126", "BAWCFI22", "DABAFIHH", "E204503", "EXPSYS")}
	}
	d.Seller, d.Buyer = own, other
	if !sales {
		d.Seller, d.Buyer = other, own
	}
	address := hub.Address{Street: "Laskutie 4", Zip: "00500", City: "Helsinki", Country: "FI"}
	if m.one(6) {
		d.BillTo = &hub.Party{Name: other.Name, NameMore: "Ostoreskontra", Address: address}
	}
	if m.one(6) {
		address.Country = pick(m, "FI", "SE", "EE", "")
		d.DeliverTo = &hub.Party{Name: "Työmaa 7", Address: address}
	}
}

// stranger is a firm that is not in the register.
func (m *maker) stranger(tax taxes) hub.Party {
	p := hub.Party{Name: fmt.Sprintf("Keksitty %d", m.n), Number: fmt.Sprint("N", m.n), Address: hub.Address{Street: "Uusitie 1", Zip: "33200", City: "Tampere", Country: "FI"}}
	serial := int64(m.n % 700_000)
	switch tax.area {
	case "eu":
		p.Name += " GmbH"
		p.Address.City, p.Address.Country = "Berlin", "DE"
		p.VATNumber = fmt.Sprintf("DE%09d", 100_000_000+serial)
	case "abroad":
		p.Name += " Ltd"
		p.Address.City, p.Address.Country = "Oslo", pick(m, "NO", "US", "GB", "CH")
		p.BusinessID = fmt.Sprint("HRB ", 10_000+serial)
	default:
		p.Name += " Oy"
		p.BusinessID = businessID(8_000_000 + serial*2)
		if m.one(12) && !tax.vatNumber {
			p.BusinessID, p.Consumer, p.Name = "", true, fmt.Sprintf("Kalle Kuluttaja %d", m.n)
		}
	}
	return p
}

// businessID is the first right one from a number on.
func businessID(from int64) string {
	for ; ; from++ {
		for check := range 10 {
			if id, err := finland.ParseBusinessID(fmt.Sprintf("%07d-%d", from%10_000_000, check)); err == nil {
				return string(id)
			}
		}
	}
}

func (m *maker) payment(c *Case) {
	d := c.Document
	reference, err := finland.MakeReference(fmt.Sprint(100 + m.IntN(100_000_000)))
	if err != nil {
		panic(err) // of the right length
	}
	if d.Payment.Reference = string(reference); m.one(3) {
		d.Payment.Reference = string(reference.RF())
	}
	switch {
	case d.Kind == hub.PurchaseInvoice && !m.one(10):
		d.Payment.IBAN = pick(m, "FI1350001520000081", "FI2112345600000785", "SE3550000000054910000003", "DE89370400440532013000")
	case d.Kind == hub.SalesInvoice && m.one(3):
		d.Payment.IBAN = pick(m, m.facts.IBANs...)
	}
	if d.Kind == hub.PurchaseInvoice && m.one(8) || d.Kind == hub.SalesInvoice && c.Way != Kept && c.Way != Posted && m.one(2) {
		d.Payment.Reference = ""
	}
}

func (m *maker) texts(c *Case) {
	d := c.Document
	d.Language = pick(m, "fi", "fi", "sv", "en", "et", "da", "nb", "")
	if m.one(3) {
		d.Text = pick(m, "Kiitos!\nMaksuehto 14 pv – viivästyskorko 8,5 %", "Tack för köpet, 10 €", "a\u0308iti ja ääkköset")
	}
	if m.one(5) {
		d.Notes = pick(m, "Sovittu puhelimessa", "Hinta tarkistettu „x” ‰")
	}
	if m.one(4) {
		d.References = hub.RefField{Order: "PO-1", Buyer: "Matti", Seller: "Liisa", Agreement: "S 7", Project: "P100 Verkkokauppa", Tender: "T1", Site: "Varasto", Account: ""}
	}
	if m.one(6) {
		p := m.number(2000, 2)
		d.PenaltyPercent = &p
	}
	if m.one(8) {
		d.DeliveryTerms = "DAP Tampere"
	}
	if m.one(8) {
		d.CashDiscounts = []hub.CashDiscount{{Days: m.IntN(14), Percent: m.number(300, 2)}}
	}
	if m.IntN(5) < 2 {
		d.Delivery.First = d.Date.AddDays(-m.IntN(40))
		if m.one(2) {
			d.Delivery.Last = d.Delivery.First.AddDays(m.IntN(30))
		}
	}
}

// rows makes the rows, and totals of a source that rounds by row or by rate.
func (m *maker) rows(c *Case, tax taxes) {
	d := c.Document
	d.GrossPrices = m.one(4)
	sign := money.FromInt(1)
	if d.CreditNote {
		sign = money.FromInt(-1)
	}
	type group struct {
		percent, sum money.Amount
	}
	var groups []group
	stated := m.one(2) // rows state their sums
	byRow := m.one(2)
	var net, vat, gross money.Amount
	add := func(sum, percent money.Amount) {
		sum = sum.RoundHalfUp(2)
		v := sum.Percent(percent).RoundHalfUp(2)
		n, g := sum, sum.Add(v)
		if d.GrossPrices {
			v = sum.Mul(percent).QuoHalfUp(money.Hundred.Add(percent), 2)
			n, g = sum.Sub(v), sum
		}
		net, vat, gross = net.Add(n), vat.Add(v), gross.Add(g)
	}
	for i := range 1 + m.IntN(5) {
		q, p := m.number(400, m.IntN(3)).Mul(sign), m.number(90_000, m.IntN(4))
		l := hub.Line{Name: fmt.Sprint(pick(m, "Konsultointi", "Asennus", "Årsavgift", "Työ – tunnit"), " ", i+1), Quantity: &q, UnitPrice: &p,
			Unit: pick(m, "kpl", "h", "HUR", "C62", "kg", "km", "", "PIECE"), VATCategory: tax.category, Supply: tax.supply,
			Account: pick(m, m.facts.Accounts...)}
		if tax.kind == "mixed" && i%2 == 1 {
			l.VATCategory = "E"
		}
		if l.VATCategory == "S" || l.VATCategory == "" {
			l.VATPercent = money.Must(pick(m, m.facts.Rates...))
		}
		if m.one(6) {
			l.DiscountPercent = m.number(9_999, 2)
		}
		if m.one(6) {
			l.Description, l.Comment = "Selite\nkahdella rivillä", "Kommentti"
		}
		if m.one(6) {
			l.Period = civil.Period{First: d.Date.AddDays(-30), Last: d.Date}
		}
		if m.one(5) {
			l.Dimensions = []hub.Dimension{{Axis: "project", Code: pick(m, m.facts.Items...)}}
		}
		whole := q.Mul(p)
		whole = whole.Sub(whole.Percent(l.DiscountPercent)).RoundHalfUp(2)
		if stated && d.GrossPrices {
			l.Gross = &whole
		} else if stated {
			l.Net = &whole
		}
		if d.Lines = append(d.Lines, l); byRow {
			add(whole, l.VATPercent)
		}
		at := slices.IndexFunc(groups, func(g group) bool { return g.percent.Equal(l.VATPercent) })
		if at < 0 {
			at, groups = len(groups), append(groups, group{percent: l.VATPercent})
		}
		groups[at].sum = groups[at].sum.Add(whole)
	}
	if m.one(8) {
		d.Lines = slices.Insert(d.Lines, m.IntN(len(d.Lines)), hub.Line{Name: "Otsikko"})
	}
	if !byRow {
		for _, g := range groups {
			add(g.sum, g.percent)
		}
	}
	switch m.IntN(6) {
	case 0: // states no totals
		if m.one(2) {
			d.DiscountPercent = m.number(500_000, 4)
		}
	case 1:
		d.Totals = hub.Totals{Gross: &gross}
	default:
		d.Totals = hub.Totals{Net: &net, VAT: &vat, Gross: &gross}
	}
}
