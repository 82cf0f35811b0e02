package register

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
)

// A Thing names an entry of a register for ever, whatever it is called: an
// account by its number, a VAT status by its number, a dimension item by its id.
type Thing struct {
	What What   `json:"what"`
	Key  string `json:"key"`
}

// PartnerThing names a partner.
func PartnerThing(id int64) Thing { return Thing{OfPartner, number(id)} }

// A What is a register, or a part of one.
type What string

// The registers whose changes are noticed.
const (
	OfCompany       What = "company" // a fact about the company; the key is its name
	OfVATPercent    What = "vat_percent"
	OfVATStatus     What = "vat_status"
	OfFiscalYear    What = "fiscal_year" // first and last day
	OfPeriod        What = "tracking_period"
	OfBankAccount   What = "bank_account"
	OfAccount       What = "account"
	OfDimension     What = "dimension"
	OfDimensionItem What = "dimension_item"
	OfProduct       What = "product"
	OfTravel        What = "travel_product"
	OfPartner       What = "partner"
)

// A How says what became of a thing.
type How string

// Closed is still there and may not be used any more; Opened is its opposite.
// Changed differs in something else, such as the sides of a VAT status.
const (
	Added   How = "added"
	Removed How = "removed"
	Closed  How = "closed"
	Opened  How = "opened"
	Renamed How = "renamed"
	Changed How = "changed"
)

// A Change is what became of one thing from one copy to the next.
type Change struct {
	Thing
	// Name is what people know it by, the newest one.
	Name string `json:"name"`
	How  How    `json:"how"`
	// From and To are the names of what was renamed, or what else is said of it,
	// as the register writes it: "sales", "PENDING", a currency.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Ends reports whether what used the thing cannot go on as before.
func (c Change) Ends() bool { return c.How == Removed || c.How == Closed || c.How == Changed }

// Equal reports whether two copies say the same, whenever they were read.
func (c *Copy) Equal(o *Copy) bool { return len(Changes(c, o)) == 0 }

// Changes lists what became of each thing from one copy to the next, in a fixed
// order. A list that one of the two has never read has not changed.
func Changes(from, to *Copy) []Change {
	var out []Change
	for _, c := range changes(OfCompany, companyFacts(from.Company), companyFacts(to.Company)) {
		if c.How != Added && c.How != Removed { // else it was read by one of the two only
			out = append(out, c)
		}
	}
	both := func(read func(*Copy) bool, what What, facts func(*Copy) []fact) {
		if read(from) && read(to) {
			out = append(out, changes(what, facts(from), facts(to))...)
		}
	}
	both(func(c *Copy) bool { return c.VATPercents != nil }, OfVATPercent, percentFacts)
	both(func(c *Copy) bool { return c.VATStatuses != nil }, OfVATStatus, statusFacts)
	both(func(c *Copy) bool { return c.FiscalYears != nil }, OfFiscalYear, yearFacts)
	both(func(c *Copy) bool { return c.FiscalYears != nil }, OfPeriod, periodFacts)
	both(func(c *Copy) bool { return c.BankAccounts != nil }, OfBankAccount, bankFacts)
	both(func(c *Copy) bool { return c.Accounts != nil }, OfAccount, chartFacts)
	both(func(c *Copy) bool { return c.Dimensions != nil }, OfDimension, dimensionFacts)
	both(func(c *Copy) bool { return c.Dimensions != nil }, OfDimensionItem, itemFacts)
	both(func(c *Copy) bool { return c.Products != nil }, OfProduct, productFacts)
	both(func(c *Copy) bool { return c.Travel != nil }, OfTravel, travelFacts)
	return out
}

// Wider reports whether c holds something that o had never read, or another rate of a
// currency: that is no change, and worth keeping.
func (c *Copy) Wider(o *Copy) bool {
	return c.VATPercents != nil && o.VATPercents == nil || c.VATStatuses != nil && o.VATStatuses == nil || c.FiscalYears != nil && o.FiscalYears == nil ||
		c.BankAccounts != nil && o.BankAccounts == nil || c.Accounts != nil && o.Accounts == nil || c.Dimensions != nil && o.Dimensions == nil ||
		c.Products != nil && o.Products == nil || c.Travel != nil && o.Travel == nil || c.Company.Payment != "" && o.Company.Payment == "" ||
		c.Rates != nil && !slices.EqualFunc(c.Rates, o.Rates, func(a, b Rate) bool { return a.Currency == b.Currency && a.Rate.Equal(b.Rate) })
}

// PartnerChanges is [Changes] for partners that are read again; those that were
// not known before are left out, for each reading brings some.
func PartnerChanges(from, to []Partner) (list []Change) {
	for _, c := range changes(OfPartner, partnerFacts(from), partnerFacts(to)) {
		if c.How != Added && c.How != Removed {
			list = append(list, c)
		}
	}
	return list
}

// A fact is what a copy says of one thing.
type fact struct {
	key, name string
	open      bool
	says      string
}

func changes(what What, from, to []fact) []Change {
	var out []Change
	was, is := byKey(from), byKey(to)
	for _, f := range from {
		t, there := is[f.key]
		c := Change{Thing: Thing{what, f.key}, Name: f.name}
		switch {
		case !there:
			c.How = Removed
		case f == t:
			continue
		case f.open && !t.open:
			c.How, c.Name, c.From, c.To = Closed, t.name, f.says, t.says
		case !f.open && t.open:
			c.How, c.Name, c.From, c.To = Opened, t.name, f.says, t.says
		case f.name != t.name:
			c.How, c.Name, c.From, c.To = Renamed, t.name, f.name, t.name
		default:
			c.How, c.From, c.To = Changed, f.says, t.says
		}
		out = append(out, c)
	}
	for _, t := range to {
		if _, there := was[t.key]; !there {
			out = append(out, Change{Thing: Thing{what, t.key}, Name: t.name, How: Added})
		}
	}
	return out
}

// byKey: of two facts with one key the first counts.
func byKey(list []fact) map[string]fact {
	m := make(map[string]fact, len(list))
	for _, f := range list {
		if _, ok := m[f.key]; !ok {
			m[f.key] = f
		}
	}
	return m
}

func companyFacts(c Company) (list []fact) {
	for _, f := range [][2]string{{"id", number(c.ID)}, {"name", c.Name}, {"business_id", strings.TrimSpace(c.IDType + " " + c.BusinessID)},
		{"country", c.Country}, {"currency", string(c.Currency)}, {"product", c.Product}, {"operation", c.Operation}} {
		list = append(list, fact{f[0], f[0], true, f[1]})
	}
	if c.Payment != "" { // read
		list = append(list, fact{"payment", "payment", true, string(c.Payment)})
	}
	return list
}

func percentFacts(c *Copy) (list []fact) {
	for _, p := range c.VATPercents {
		text := p.Percent.Trim(0).String()
		list = append(list, fact{text, text + " %", p.Sales || p.Purchase, sides(p.Sales, p.Purchase)})
	}
	return list
}

func statusFacts(c *Copy) (list []fact) {
	for _, s := range c.VATStatuses {
		list = append(list, fact{strconv.Itoa(s.Number), s.Description, s.Sales || s.Purchase, sides(s.Sales, s.Purchase)})
	}
	return list
}

func yearFacts(c *Copy) (list []fact) {
	for _, y := range c.FiscalYears {
		days := y.First.String() + " – " + y.Last.String()
		list = append(list, fact{days, days, y.Open, ""})
	}
	return list
}

func periodFacts(c *Copy) (list []fact) {
	for _, y := range c.FiscalYears {
		for _, p := range y.Periods {
			days := p.First.String() + " – " + p.Last.String()
			list = append(list, fact{days, days, p.Status == PeriodOpen, p.Status})
		}
	}
	return list
}

func bankFacts(c *Copy) (list []fact) {
	for _, a := range c.BankAccounts {
		says := []string{string(a.Currency), a.BIC}
		if a.DefaultForInvoice {
			says = append(says, "DEFAULT")
		}
		says = slices.DeleteFunc(append(says, a.Aliases...), func(s string) bool { return s == "" })
		list = append(list, fact{a.IBAN, a.IBAN, a.Active, strings.Join(says, ", ")})
	}
	return list
}

func chartFacts(c *Copy) (list []fact) {
	for _, a := range c.Accounts {
		list = append(list, fact{a.Code, a.Name, a.Active, ""})
	}
	return list
}

func dimensionFacts(c *Copy) (list []fact) {
	for _, d := range c.Dimensions {
		list = append(list, fact{number(d.ID), d.Name, true, ""})
	}
	return list
}

func itemFacts(c *Copy) (list []fact) {
	for _, d := range c.Dimensions {
		for _, it := range d.Items {
			list = append(list, fact{number(it.ID), it.Code, it.Active, ""})
		}
	}
	return list
}

func productFacts(c *Copy) (list []fact) {
	for _, p := range c.Products {
		list = append(list, fact{number(p.ID), p.Name, p.Active, p.Code})
	}
	return list
}

func travelFacts(c *Copy) (list []fact) {
	for _, p := range c.Travel {
		list = append(list, fact{number(p.ID), strings.TrimSpace(p.Code + " " + p.Name), p.Active, p.Days()})
	}
	return list
}

func partnerFacts(list []Partner) (facts []fact) {
	for _, p := range list {
		facts = append(facts, fact{number(p.ID), p.Name, p.Active, ""})
	}
	return facts
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func sides(sales, purchase bool) string {
	switch {
	case sales && purchase:
		return "sales, purchases"
	case sales:
		return "sales"
	case purchase:
		return "purchases"
	}
	return ""
}

// maxFormer is how many former names are kept.
const maxFormer = 5

// Follow lets the dimensions and items of a copy remember what they were called
// in the copy before, by their ids, so that codes that sources still use find
// them. A name that something else is called by now means that. Its periods remember
// that they have been closed.
func Follow(before, now *Copy) {
	followPeriods(before, now)
	if before.Dimensions == nil || now.Dimensions == nil {
		return
	}
	dims := map[int64]Dimension{}
	items := map[int64]DimensionItem{}
	for _, d := range before.Dimensions {
		dims[d.ID] = d
		for _, it := range d.Items {
			items[it.ID] = it
		}
	}
	for i := range now.Dimensions {
		d := &now.Dimensions[i]
		if was, ok := dims[d.ID]; ok {
			d.Former = former(was.Name, d.Name, was.Former)
		}
		for k := range d.Items {
			it := &d.Items[k]
			if was, ok := items[it.ID]; ok {
				it.Former = former(was.Code, it.Code, was.Former)
			}
		}
	}
}

func followPeriods(before, now *Copy) {
	shut := map[civil.Period]bool{}
	for _, y := range before.FiscalYears {
		for _, p := range y.Periods {
			shut[civil.Period{First: p.First, Last: p.Last}] = p.WasClosed || p.Status == PeriodShut
		}
	}
	for i := range now.FiscalYears {
		for k := range now.FiscalYears[i].Periods {
			p := &now.FiscalYears[i].Periods[k]
			p.WasClosed = p.Status == PeriodShut || shut[civil.Period{First: p.First, Last: p.Last}]
		}
	}
}

func former(was, is string, earlier []string) []string {
	if was == is || alike(was, is) {
		return earlier
	}
	list := append([]string{was}, slices.DeleteFunc(slices.Clone(earlier), func(s string) bool { return s == was || s == is })...)
	return list[:min(len(list), maxFormer)]
}
