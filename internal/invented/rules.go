package invented

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Rule of Procountor's validation (REFERENCE 4, with the limits of 2.1, 2.2
// and 3.1), or a habit of sources that only we look at.
type Rule string

// Rules of Procountor's.
const (
	Period          Rule = "open-period"        // date in an open fiscal year and tracking period
	Date            Rule = "date"               // there is a date
	DueBefore       Rule = "due-before-date"    // due date not before the date
	DueLate         Rule = "due-999-days"       // nor more than 999 days after it
	Rows            Rule = "rows"               // at least one row
	RowName         Rule = "row-name"           // a row has a name
	VATPercent      Rule = "vat-percent-in-use" // of the side
	VATDay          Rule = "vat-percent-of-day" // not checked by Procountor
	VATZero         Rule = "vat-status-zero"    // a status other than Domestic carries 0 %
	VATStatus       Rule = "vat-status-in-use"  // of the side
	Account         Rule = "account"            // an account of the chart
	Language        Rule = "language"           // one of six
	EmailGiven      Rule = "email-given"        // for the channel EMAIL
	EmailForm       Rule = "email-form"         //
	MailAddress     Rule = "mail-address"       // street, zip, city
	EInvoiceAddress Rule = "einvoice-address"   // address and operator
	EInvoicePostal  Rule = "einvoice-postal"    // name, street, zip, city of both addresses
	Operator        Rule = "einvoice-operator"  // a known code
	Country         Rule = "country"            // one of 251
	DeliveryCountry Rule = "delivery-country"   // of a delivery address
	BankAccount     Rule = "bank-account"       // the company's own, on sales
	SupplierAccount Rule = "supplier-account"   // check digits
	CurrencyRate    Rule = "currency-rate"      // above 0, up to 1 000 000
	Currency        Rule = "currency"           // one of 211
	OriginalNumber  Rule = "original-number"    // 40 characters
	Reference       Rule = "reference"          // check digit
	BusinessID      Rule = "business-id"        // check digit
	VATNumber       Rule = "vat-number"         // check digit
	Partner         Rule = "partner"            // in the register, active
	Dimension       Rule = "dimension"          // an open item
	DeliveryPeriod  Rule = "delivery-period"    // first day not after the last
	RowPeriod       Rule = "row-period"         //
	Characters      Rule = "characters"         // Windows-1252
	Length          Rule = "length"             // of texts
	Unit            Rule = "unit"               // one of 111
	Discount        Rule = "discount"           // of the document, up to 100, four decimals
	RowDiscount     Rule = "row-discount"       // 0 to 100
	Penalty         Rule = "penalty"            // two decimals
	Numbers         Rule = "numbers"            // sums that are money
	Attachment      Rule = "attachment"         // 10 000 000 bytes
)

// Habits of sources that Procountor does not mind, and we do.
const (
	NumberMissing    Rule = "our-number"
	SumsDisagree     Rule = "our-sums"
	RowSum           Rule = "our-row-sum"
	ReferenceMissing Rule = "our-reference"
	OtherCompany     Rule = "our-company"
	BuyerNumber      Rule = "our-eu-vat-number"
	Category         Rule = "our-vat-category"
	Prepaid          Rule = "our-prepaid"
	BeforeFirstDay   Rule = "our-first-day"
	CreditSign       Rule = "our-credit-sign"
	AccountUnmapped  Rule = "our-account-map"
	ForeignNumber    Rule = "our-vat-number-form"
)

// Procountors are the rules of which Procountor says no.
var Procountors = []Rule{Period, Date, DueBefore, DueLate, Rows, RowName, VATPercent, VATZero, VATStatus, Account, EmailGiven, EmailForm, MailAddress,
	EInvoiceAddress, EInvoicePostal, Operator, Country, BankAccount, SupplierAccount, CurrencyRate, Currency, OriginalNumber,
	Reference, BusinessID, VATNumber, Partner, Dimension, Characters, Length, Unit, Discount, RowDiscount, Penalty, Numbers, Attachment}

// Rules lists all that is broken, in order.
func Rules() (list []Rule) {
	for _, b := range breakers {
		list = append(list, b.rule)
	}
	return list
}

// A breaker breaks one rule, or reports that the document is not of the kind.
type breaker struct {
	rule  Rule
	apply func(m *maker, c *Case) bool
}

func sales(c *Case) bool { return c.Document.Kind == hub.SalesInvoice }

// row is a row with an amount. Its sums, and the totals, are not stated any more:
// what is broken must stand alone.
func (m *maker) row(c *Case) *hub.Line {
	d := c.Document
	d.Totals = hub.Totals{}
	for {
		if l := &d.Lines[m.IntN(len(d.Lines))]; !l.IsText() {
			l.Net, l.Gross = nil, nil
			return l
		}
	}
}

func hasRows(c *Case) bool {
	for i := range c.Document.Lines {
		if !c.Document.Lines[i].IsText() {
			return true
		}
	}
	return false
}

// onRow makes a breaker of something that is done to a row.
func onRow(f func(m *maker, c *Case, l *hub.Line) bool) func(*maker, *Case) bool {
	return func(m *maker, c *Case) bool { return hasRows(c) && f(m, c, m.row(c)) }
}

// swapped is a number with its last digit wrong.
func swapped(s string) string {
	at := len(s) - 1
	return s[:at] + string('0'+(s[at]-'0'+1)%10)
}

func long(n int) string { return strings.Repeat("Pitkä ", n/6) + strings.Repeat("x", n%6+1) }

var breakers = []breaker{
	{Period, func(m *maker, c *Case) bool {
		c.Document.Date = m.day(pick(m, m.facts.Closed, m.facts.Outside))
		c.Document.DueDate, c.Document.Delivery = civil.Date{}, civil.Period{}
		return true
	}},
	{Date, func(_ *maker, c *Case) bool { c.Document.Date = civil.Date{}; return true }},
	{DueBefore, func(m *maker, c *Case) bool {
		d := c.Document
		if d.Date.IsZero() {
			return false
		}
		if d.TermDays = nil; m.one(3) {
			term := -1 - m.IntN(30)
			d.DueDate, d.TermDays = civil.Date{}, &term
		} else {
			d.DueDate = d.Date.AddDays(-1 - m.IntN(60))
		}
		return true
	}},
	{DueLate, func(m *maker, c *Case) bool {
		d := c.Document
		if d.Date.IsZero() {
			return false
		}
		d.TermDays, d.DueDate = nil, d.Date.AddDays(1000+m.IntN(500))
		return true
	}},
	{Rows, func(m *maker, c *Case) bool {
		d := c.Document
		if d.Totals, d.Lines = (hub.Totals{}), nil; m.one(2) {
			d.Lines = []hub.Line{{Name: "Vain tekstiä"}}
		}
		return true
	}},
	{RowName, onRow(func(m *maker, _ *Case, l *hub.Line) bool { l.Name = pick(m, "", "  "); return true })},
	{VATPercent, onRow(func(m *maker, _ *Case, l *hub.Line) bool {
		l.VATPercent, l.VATCategory, l.Supply = money.Must(pick(m, m.facts.OtherRates...)), "S", ""
		return true
	})},
	{VATDay, onRow(func(_ *maker, c *Case, l *hub.Line) bool {
		if l.VATPercent.IsZero() || c.Document.Date.IsZero() {
			return false
		}
		l.VATPercent = money.Must("24")
		if c.Document.Date.Before(civil.Must("2024-09-01")) {
			l.VATPercent = money.Must("25.5")
		}
		return true
	})},
	{VATZero, onRow(func(m *maker, _ *Case, l *hub.Line) bool {
		if l.VATCategory == "" || l.VATCategory == "S" || l.Supply != "" {
			return false
		}
		l.VATPercent = money.Must(pick(m, "25.5", "14", "10"))
		return true
	})},
	{VATStatus, func(_ *maker, c *Case) bool {
		if c.Way != Kept || !hasRows(c) {
			return false
		}
		c.Way = StatusOff
		return true
	}},
	{Account, onRow(func(m *maker, c *Case, l *hub.Line) bool {
		if c.Way != Posted {
			return false
		}
		l.Account = m.facts.ClosedAccount
		return true
	})},
	{Language, func(m *maker, c *Case) bool { c.Document.Language = pick(m, "de", "fr", "xx"); return true }},
	{EmailGiven, func(m *maker, c *Case) bool {
		if !m.through(c, Email) {
			return false
		}
		c.Document.Buyer.Email = ""
		return true
	}},
	{EmailForm, func(m *maker, c *Case) bool {
		if !m.through(c, Email) {
			return false
		}
		c.Document.Buyer.Email = pick(m, "laskut", "laskut@", "Laskut <a@example.fi>", "a b@example.fi", "a@example.fi; b@example.fi")
		return true
	}},
	{MailAddress, func(m *maker, c *Case) bool {
		return m.through(c, Mail) && m.incomplete(c, false)
	}},
	{EInvoiceAddress, func(m *maker, c *Case) bool {
		e := &c.Document.Buyer.EInvoice
		if !m.through(c, EInvoice) {
			return false
		}
		*pick(m, &e.Address, &e.Operator) = ""
		return true
	}},
	{EInvoicePostal, func(m *maker, c *Case) bool {
		return m.through(c, EInvoice) && m.incomplete(c, true)
	}},
	{Operator, func(m *maker, c *Case) bool {
		if !m.through(c, EInvoice) {
			return false
		}
		c.Document.Buyer.EInvoice.Operator = pick(m, "Basware Oyj", "OP", "DABA FIHH", "0037-21291126", "003721291126003721291126", "Åland Post")
		return true
	}},
	{Country, func(m *maker, c *Case) bool {
		p := c.Document.Counterparty()
		p.Address.Country, p.VATNumber = pick(m, "XX", "ZZ", "Suomi", "FIN"), ""
		return true
	}},
	{DeliveryCountry, func(_ *maker, c *Case) bool {
		c.Document.DeliverTo = &hub.Party{Name: "Työmaa 8", Address: hub.Address{Street: "Tie 1", City: "Turku"}}
		return true
	}},
	{BankAccount, func(m *maker, c *Case) bool {
		c.Document.Payment.IBAN = pick(m, "FI1350001520000081", "SE3550000000054910000003", "FI2112345600000786")
		return sales(c)
	}},
	{SupplierAccount, func(m *maker, c *Case) bool {
		c.Document.Payment.IBAN = pick(m, "FI1350001520000082", "FI21123456000007", "SE3550000000054910000004")
		return !sales(c)
	}},
	{CurrencyRate, func(m *maker, c *Case) bool {
		d := c.Document
		d.Currency = "USD"
		if d.Rate = nil; !m.one(3) {
			rate := money.Must(pick(m, "0", "-1.1", "1000000.01", "2500000"))
			d.Rate = &rate
		}
		return true
	}},
	{Currency, func(m *maker, c *Case) bool {
		one := money.FromInt(1)
		c.Document.Currency, c.Document.Rate = pick[money.Currency](m, "XXY", "EURO", "", "QQQ"), &one
		return true
	}},
	{OriginalNumber, func(m *maker, c *Case) bool {
		c.Document.Number = fmt.Sprint(m.n, "-", strings.Repeat("9", 40))
		return true
	}},
	{Reference, func(m *maker, c *Case) bool {
		if sales(c) && c.Way != Kept && c.Way != Posted || !sales(c) && c.Document.Seller.Address.Country != "FI" {
			return false // Procountor makes one; a foreign supplier's is a message
		}
		c.Document.Payment.Reference = pick(m, swapped(c.referenceOr("1232")), "RF11 1233", "12", "RF9912345", "viite 1232")
		return true
	}},
	{BusinessID, func(_ *maker, c *Case) bool {
		p := c.Document.Counterparty()
		if p.Address.Country != "FI" || p.Consumer || p.BusinessID == "" {
			return false
		}
		p.BusinessID, p.VATNumber = swapped(p.BusinessID), ""
		return true
	}},
	{VATNumber, func(m *maker, c *Case) bool {
		p := c.Document.Counterparty()
		if p.Address.Country != "FI" || p.Consumer || p.BusinessID == "" {
			return false
		}
		p.VATNumber = pick(m, "FI"+swapped(strings.ReplaceAll(p.BusinessID, "-", "")), "FI1234", "FI99999999")
		return true
	}},
	{Partner, func(m *maker, c *Case) bool {
		address := c.Document.Buyer.Address
		c.Document.Buyer = m.facts.Gone
		return sales(c) && address.Country == "FI" && (c.Way == Kept || c.Way == Posted) && !c.breaks(BusinessID, VATNumber, Country)
	}},
	{Dimension, onRow(func(m *maker, c *Case, l *hub.Line) bool {
		l.Dimensions = []hub.Dimension{{Axis: "project", Code: pick(m, m.facts.ClosedItem, "P999")}}
		return c.Way == Posted
	})},
	{DeliveryPeriod, func(_ *maker, c *Case) bool {
		c.Document.Delivery = civil.Period{First: civil.Must("2026-03-05"), Last: civil.Must("2026-03-01")}
		return true
	}},
	{RowPeriod, onRow(func(_ *maker, _ *Case, l *hub.Line) bool {
		l.Period = civil.Period{First: civil.Must("2026-03-05"), Last: civil.Must("2026-03-01")}
		return true
	})},
	{Characters, func(m *maker, c *Case) bool {
		d := c.Document
		*m.text(c) = pick(m, "Zażółć gęślą", "日本", "Работа", "fine 😀", "bell \a", "≥ 5", "ő")
		if m.one(10) {
			d.Number = fmt.Sprint("Ł", m.n)
		}
		return true
	}},
	{Length, func(m *maker, c *Case) bool {
		d, p := c.Document, c.Document.Counterparty()
		switch m.IntN(9) {
		case 0:
			d.Text = long(10_001)
		case 1:
			p.NameMore = long(81)
		case 2:
			p.Address.Street = long(81)
		case 3:
			p.Address.Zip = "012345678901234567890"
		case 4:
			p.Address.City = long(41)
		case 5:
			p.Contact = long(71)
		case 6:
			d.References.Order = long(71)
		case 7:
			if !hasRows(c) {
				return false
			}
			m.row(c).Comment = long(513)
		case 8:
			d.References.Buyer = long(71)
		}
		return true
	}},
	{Unit, onRow(func(m *maker, _ *Case, l *hub.Line) bool { l.Unit = pick(m, "kaljakori", "t", "??"); return true })},
	{Discount, func(m *maker, c *Case) bool {
		c.Document.Totals = hub.Totals{}
		c.Document.DiscountPercent = money.Must(pick(m, "-5", "100.5", "12.34567"))
		return true
	}},
	{RowDiscount, onRow(func(m *maker, _ *Case, l *hub.Line) bool {
		l.DiscountPercent = money.Must(pick(m, "-5", "100.5", "250"))
		return true
	})},
	{Penalty, func(m *maker, c *Case) bool {
		p := money.Must(pick(m, "8.125", "10.0001"))
		c.Document.PenaltyPercent = &p
		return true
	}},
	{Numbers, onRow(func(m *maker, c *Case, l *hub.Line) bool {
		q, p := money.Must("99999999999"), money.Must(pick(m, "99999999.99", "123456789"))
		if c.Document.CreditNote {
			q = q.Neg()
		}
		l.Quantity, l.UnitPrice = &q, &p
		return true
	})},
	{Attachment, func(m *maker, c *Case) bool {
		if !m.one(4) {
			return false // ten megabytes each
		}
		content := make([]byte, hub.MaxAttachment+1)
		c.Document.Attachments = append(c.Document.Attachments, hub.Attachment{Name: "kuva.png", MIME: "image/png", Size: int64(len(content)),
			Hash: strings.Repeat("ab", 32), Content: content})
		return true
	}},

	{NumberMissing, func(m *maker, c *Case) bool { c.Document.Number = pick(m, "", " "); return true }},
	{SumsDisagree, func(_ *maker, c *Case) bool {
		if t := c.Document.Totals.Gross; t != nil {
			more := t.Add(money.FromInt(5))
			c.Document.Totals.Gross = &more
			return true
		}
		return false
	}},
	{RowSum, onRow(func(_ *maker, _ *Case, l *hub.Line) bool {
		sum := money.Must("123456.78")
		l.Net, l.Gross = &sum, &sum
		return true
	})},
	{ReferenceMissing, func(_ *maker, c *Case) bool {
		c.Document.Payment.Reference = ""
		return sales(c) && (c.Way == Kept || c.Way == Posted) && !c.Document.CreditNote
	}},
	{OtherCompany, func(_ *maker, c *Case) bool {
		own := c.Document.Own()
		own.BusinessID, own.VATNumber, own.Name = businessID(3_000_000), "", "Toinen Oy"
		return true
	}},
	{BuyerNumber, onRow(func(_ *maker, c *Case, l *hub.Line) bool {
		c.Document.Buyer.VATNumber = ""
		return sales(c) && (l.VATCategory == "K" || l.VATCategory == "AE")
	})},
	{Category, onRow(func(_ *maker, _ *Case, l *hub.Line) bool { l.VATCategory, l.VATPercent = "", money.Zero; return true })},
	{Prepaid, func(m *maker, c *Case) bool {
		p := m.number(100, 0)
		if m.one(2) {
			c.Document.Totals.Prepaid = &p
		} else {
			c.Document.Totals.Rounding = &p
		}
		return true
	}},
	{BeforeFirstDay, func(_ *maker, c *Case) bool {
		if c.Way != Kept {
			return false
		}
		c.Way = Later
		return true
	}},
	{CreditSign, onRow(func(_ *maker, c *Case, l *hub.Line) bool { // one row outweighs all others
		c.Document.CreditNote = true
		q, p := money.FromInt(900_000), money.FromInt(900)
		l.Quantity, l.UnitPrice = &q, &p
		return true
	})},
	{AccountUnmapped, onRow(func(_ *maker, c *Case, l *hub.Line) bool { l.Account = "tuntematon"; return c.Way == Posted })},
	{ForeignNumber, func(m *maker, c *Case) bool {
		p := c.Document.Counterparty()
		if p.Address.Country == "FI" || p.VATNumber == "" {
			return false
		}
		p.VATNumber = p.Address.Country + pick(m, "12345", "1234X5678X")
		return true
	}},
}

// through lets a sale go by a channel, whole; a channel that is broken stays.
func (m *maker) through(c *Case, way Way) bool {
	d := c.Document
	if !sales(c) || c.breaks(EmailGiven, EmailForm, MailAddress, EInvoiceAddress, EInvoicePostal, Operator, VATStatus, BeforeFirstDay, Account, Dimension,
		AccountUnmapped, Reference, ReferenceMissing, Partner) {
		return c.Way == way
	}
	c.Way = way
	if way == Email {
		d.Buyer.Email = "laskut@example.fi"
	}
	if way == EInvoice {
		d.Buyer.EInvoice = hub.EInvoice{Address: "003712345671", Operator: "DABAFIHH"}
	}
	return true
}

func (c *Case) breaks(rules ...Rule) bool {
	for _, r := range rules {
		for _, b := range c.Breaks {
			if r == b {
				return true
			}
		}
	}
	return false
}

func (c *Case) referenceOr(s string) string {
	if r := c.Document.Payment.Reference; r != "" && r[len(r)-1] >= '0' && r[len(r)-1] <= '9' {
		return r
	}
	return s
}

// incomplete takes a part of the address that is printed on the envelope; both
// says that the address above the invoice counts beside that of the bill.
func (m *maker) incomplete(c *Case, both bool) bool {
	a := &c.Document.Buyer.Address
	if c.Document.BillTo != nil && (!both || m.one(2)) {
		a = &c.Document.BillTo.Address
	}
	*pick(m, &a.Street, &a.Zip, &a.City) = ""
	a.More = ""
	return true
}

// text is some text of the document.
func (m *maker) text(c *Case) *string {
	d := c.Document
	list := []*string{&d.Text, &d.Notes, &d.References.Order, &d.DeliveryTerms, &d.Counterparty().NameMore, &d.Counterparty().Address.Street, &d.Counterparty().Contact}
	if hasRows(c) {
		l := m.row(c)
		list = append(list, &l.Name, &l.Comment, &l.Description)
	}
	return pick(m, list...)
}
