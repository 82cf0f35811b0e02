// Package register holds our copy of a company's registers in Procountor: what
// VAT it has switched on, which periods are open, which bank accounts and
// partners it has. A copy is a value; reading and keeping it is others' work.
package register

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Copy is what we know of one company's registers, partners apart: there may
// be a hundred thousand of those. It marshals to stable JSON.
//
// A nil list was never read (the key lacks the right, or nothing answered yet):
// nothing is known, and what depends on it is left to Procountor. An empty list
// was read and is empty.
type Copy struct {
	Version      int           `json:"version"`
	FetchedAt    time.Time     `json:"fetched_at"`
	Company      Company       `json:"company"`
	VATPercents  []VATPercent  `json:"vat_percents"`
	VATStatuses  []VATStatus   `json:"vat_statuses"`
	FiscalYears  []FiscalYear  `json:"fiscal_years"`
	BankAccounts []BankAccount `json:"bank_accounts"`
	Accounts     []Account     `json:"accounts"`
	Dimensions   []Dimension   `json:"dimensions"`
	Products     []Product     `json:"products"`
	// Rates are Procountor's newest accounting rates; nil when they were not read. A
	// change of one is no change of the registers.
	Rates []Rate `json:"rates,omitzero"`
	// Travel is the register of travel products.
	Travel []TravelProduct `json:"travel,omitzero"`
}

// A Rate is units of a currency for one of the company's own.
type Rate struct {
	Currency money.Currency `json:"currency"`
	Rate     money.Amount   `json:"rate"`
}

// Rate finds the rate of a currency; ok is false when Procountor has told none.
func (c *Copy) Rate(currency money.Currency) (rate money.Amount, ok bool) {
	for _, r := range c.Rates {
		if r.Currency == currency && r.Rate.Sign() > 0 {
			return r.Rate, true
		}
	}
	return rate, false
}

// A Company is the company itself as Procountor knows it.
type Company struct {
	ID         int64          `json:"id"`
	Name       string         `json:"name"`
	BusinessID string         `json:"business_id,omitempty"`
	IDType     string         `json:"id_type,omitempty"` // YHD, SE, …
	Country    string         `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Currency   money.Currency `json:"currency,omitempty"`
	Product    string         `json:"product,omitempty"`   // product package
	Operation  string         `json:"operation,omitempty"` // PRODUCTION, DEMONSTRATION, …
	// Payment says when a purchase invoice may be paid there; "" when it was not read.
	Payment Payable `json:"payment,omitempty"`
}

// A Payable says when Procountor lets a purchase invoice be paid.
type Payable string

// Only when it is approved; or before that too.
const (
	PaidApproved   Payable = "approved"
	PaidUnapproved Payable = "unapproved"
)

// A VATPercent is a percentage and the sides it may be used on.
type VATPercent struct {
	Percent  money.Amount `json:"percent"`
	Sales    bool         `json:"sales"`
	Purchase bool         `json:"purchase"`
}

// A VATStatus is one VAT status of the company. Only its number means something
// to Procountor, only its description to people, and both are the company's own.
type VATStatus struct {
	Number      int    `json:"number"`
	Description string `json:"description"`
	Sales       bool   `json:"sales"`
	Purchase    bool   `json:"purchase"`
}

// A FiscalYear with its tracking periods, which are months.
type FiscalYear struct {
	First   civil.Date       `json:"first"`
	Last    civil.Date       `json:"last"`
	Open    bool             `json:"open"`
	Periods []TrackingPeriod `json:"periods"`
}

// A TrackingPeriod is OPEN, PENDING or CLOSED.
type TrackingPeriod struct {
	First  civil.Date `json:"first"`
	Last   civil.Date `json:"last"`
	Status string     `json:"status"`
	// WasClosed says that it has been closed at some time: it may have been reported,
	// and being open again does not undo that; see [Follow].
	WasClosed bool `json:"was_closed,omitempty"`
}

// PeriodShut is the status of a period whose return may have been given.
const PeriodShut = "CLOSED"

// PeriodOpen is the one status in which a voucher may be dated in the period.
// Whether PENDING would take one is not known, so it does not count as open.
const PeriodOpen = "OPEN"

// A BankAccount of the company itself.
type BankAccount struct {
	IBAN              string         `json:"iban"`
	BIC               string         `json:"bic,omitempty"`
	Currency          money.Currency `json:"currency,omitempty"`
	Active            bool           `json:"active"`
	DefaultForInvoice bool           `json:"default_for_invoice,omitempty"`
	// Aliases are bankgiro and plusgiro numbers of the account, as written.
	Aliases []string `json:"aliases,omitempty"`
}

// An Account is a row of the chart of accounts.
type Account struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Active bool   `json:"active"`
}

// A Dimension with its items.
type Dimension struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Former are the names that it had before, the newest first; see [Follow].
	Former []string        `json:"former,omitempty"`
	Items  []DimensionItem `json:"items"`
}

// A DimensionItem is one value of a dimension, such as a project. Its code is
// what people know it by: Procountor has one text for code and name.
type DimensionItem struct {
	ID     int64  `json:"id"`
	Code   string `json:"code"`
	Active bool   `json:"active"`
	// Former is what it was called before, the newest first; see [Follow].
	Former []string `json:"former,omitempty"`
}

// A Product of the company's register. Travel products, which are Procountor's
// own, are left out.
type Product struct {
	ID     int64  `json:"id"`
	Code   string `json:"code,omitempty"`
	Name   string `json:"name"`
	Sales  bool   `json:"sales"` // in the register of sales products, else of purchases
	Active bool   `json:"active"`
}

// On reports whether the percentage may be used for the kind of document.
func (p VATPercent) On(kind hub.Kind) bool { return side(kind, p.Sales, p.Purchase) }

// On reports whether the status may be used for the kind of document.
func (s VATStatus) On(kind hub.Kind) bool { return side(kind, s.Sales, s.Purchase) }

func side(kind hub.Kind, sales, purchase bool) bool {
	if kind.Buys() || kind == hub.PayrollJournal {
		return purchase
	}
	return sales
}

// Open reports whether a voucher may be dated on d: the day must lie in an open
// fiscal year and in an open tracking period (REFERENCE 4, CLOSED_FISCAL_PERIOD).
// When it may not, why says so; its path is the caller's to fill in.
func (c *Copy) Open(d civil.Date) (ok bool, why hub.Fault) {
	if c.FiscalYears == nil {
		return true, hub.Fault{}
	}
	for _, y := range c.FiscalYears {
		if d.Before(y.First) || d.After(y.Last) {
			continue
		}
		if !y.Open {
			return false, hub.NewFault(hub.PeriodClosed, "", d.String(), "date", d.String(), "until", y.Last.String())
		}
		if len(y.Periods) == 0 {
			return true, hub.Fault{}
		}
		for _, p := range y.Periods {
			if d.Before(p.First) || d.After(p.Last) {
				continue
			}
			if p.Status == PeriodOpen {
				return true, hub.Fault{}
			}
			return false, hub.NewFault(hub.PeriodClosed, "", d.String(), "date", d.String(), "until", p.Last.String())
		}
		return false, hub.NewFault(hub.PeriodClosed, "", d.String(), "date", d.String(), "until", y.Last.String())
	}
	return false, hub.NewFault(hub.FiscalYearMissing, "", d.String(), "date", d.String())
}

// FirstOpen is the first day from a given one on which a voucher may be dated, in a
// period that was never closed; ok is false when there is none.
func (c *Copy) FirstOpen(from civil.Date) (day civil.Date, ok bool) {
	if c.FiscalYears == nil {
		return from, true
	}
	take := func(first, last civil.Date) {
		if first.Before(from) {
			first = from
		}
		if !last.Before(first) && (!ok || first.Before(day)) {
			day, ok = first, true
		}
	}
	for _, y := range c.FiscalYears {
		if !y.Open {
			continue
		}
		if len(y.Periods) == 0 {
			take(y.First, y.Last)
		}
		for _, p := range y.Periods {
			if p.Status == PeriodOpen && !p.WasClosed {
				take(p.First, p.Last)
			}
		}
	}
	return day, ok
}

// Percents lists the percentages in use for the kind of document, as people
// write them: "25.5, 14, 10, 0".
func (c *Copy) Percents(kind hub.Kind) string {
	var out []string
	for _, p := range c.VATPercents {
		if p.On(kind) {
			out = append(out, p.Percent.Trim(0).String())
		}
	}
	return strings.Join(out, ", ")
}

// HasPercent reports whether the percentage is in use for the kind of document.
func (c *Copy) HasPercent(kind hub.Kind, percent money.Amount) bool {
	return c.VATPercents == nil || slices.ContainsFunc(c.VATPercents, func(p VATPercent) bool {
		return p.On(kind) && p.Percent.Equal(percent)
	})
}

// HasStatus reports whether the VAT status may be used for the kind of document.
func (c *Copy) HasStatus(kind hub.Kind, number int) bool {
	return c.VATStatuses == nil || slices.ContainsFunc(c.VATStatuses, func(s VATStatus) bool {
		return s.On(kind) && s.Number == number
	})
}

// HasAccount reports whether something may be posted on an account of the chart.
func (c *Copy) HasAccount(code string) bool {
	return c.Accounts == nil || slices.ContainsFunc(c.Accounts, func(a Account) bool { return a.Active && a.Code == code })
}

// AccountName is the name of an account of the chart, "" when there is none.
func (c *Copy) AccountName(code string) string {
	for _, a := range c.Accounts {
		if a.Code == code {
			return a.Name
		}
	}
	return ""
}

// StatusName is what the company calls a VAT status; "" when it has no such one.
func (c *Copy) StatusName(number int) string {
	for _, s := range c.VATStatuses {
		if s.Number == number {
			return s.Description
		}
	}
	return ""
}

// A FoundItem is the item that a code means.
type FoundItem struct {
	Dimension Dimension
	Item      DimensionItem
	// Was is what the item, or its dimension, was called when the code or the
	// setting was written; "" when it is still called so.
	Was string
}

// A Finding says what became of looking for an item.
type Finding string

// One that may be used; none; one or more, all closed; or several that fit alike.
const (
	Found   Finding = "found"
	None    Finding = "none"
	Shut    Finding = "closed"
	Several Finding = "several"
)

// FindItem finds an active item of the dimension of a name. An item is known by
// its whole text or by the code that it begins with: "204" is "204 Harbour".
// What nothing is called any more means the one thing that was called so before
// it was renamed. Two that fit are none.
func (c *Copy) FindItem(dimension, code string) (f FoundItem, ok bool) {
	f, finding := c.LookForItem(dimension, code)
	return f, finding == Found
}

// LookForItem is [Copy.FindItem] that says why nothing was found. Of a closed one it
// returns that, if it is the only one.
func (c *Copy) LookForItem(dimension, code string) (f FoundItem, finding Finding) {
	d, was, ok := c.findDimension(dimension)
	if !ok {
		return f, None
	}
	it, former, finding := d.Find(code)
	if f = (FoundItem{d, it, was}); former {
		f.Was = code
	}
	return f, finding
}

// Find looks for the item that a code means; former says that it was called so before.
func (d Dimension) Find(code string) (item DimensionItem, former bool, finding Finding) {
	whole := func(name string) bool { return alike(name, code) }
	begins := func(name string) bool { return begins(name, code) }
	now := func(fits func(string) bool) func(DimensionItem) bool {
		return func(it DimensionItem) bool { return fits(it.Code) }
	}
	before := func(fits func(string) bool) func(DimensionItem) bool {
		return func(it DimensionItem) bool { return slices.ContainsFunc(it.Former, fits) }
	}
	var shut []DimensionItem
	for i, fits := range []func(DimensionItem) bool{now(whole), now(begins), before(whole), before(begins)} {
		var active []DimensionItem
		for _, it := range d.Items {
			switch {
			case !fits(it):
			case it.Active:
				active = append(active, it)
			case !slices.ContainsFunc(shut, func(s DimensionItem) bool { return s.ID == it.ID }):
				shut = append(shut, it)
			}
		}
		switch {
		case len(active) == 1:
			return active[0], i >= 2, Found
		case len(active) > 1:
			return item, false, Several
		case len(shut) > 0 && (i == 1 || i == 3):
			// Closed: what was called so before is another one.
			if len(shut) == 1 {
				item = shut[0]
			}
			return item, i >= 2, Shut
		}
	}
	return item, false, None
}

// begins reports whether an item's text begins with a code: its first word, or more.
func begins(name, code string) bool {
	name, code = strings.TrimSpace(name), strings.TrimSpace(code)
	if code == "" {
		return false
	}
	first, _, _ := strings.Cut(name, " ")
	if alike(strings.TrimRight(first, ":,;"), code) {
		return true
	}
	return len(name) > len(code) && strings.EqualFold(name[:len(code)], code) && strings.ContainsRune(" :,;", rune(name[len(code)]))
}

// ItemsOf are the ids of all items that a code may mean, closed ones too.
func (c *Copy) ItemsOf(dimension, code string) (ids []int64) {
	if f, ok := c.FindItem(dimension, code); ok {
		return []int64{f.Item.ID}
	}
	d, _, ok := c.findDimension(dimension)
	if !ok {
		return nil
	}
	for _, it := range d.Items {
		if slices.ContainsFunc(append([]string{it.Code}, it.Former...), func(name string) bool { return alike(name, code) || begins(name, code) }) {
			ids = append(ids, it.ID)
		}
	}
	return ids
}

func (c *Copy) findDimension(name string) (d Dimension, was string, ok bool) {
	for _, d := range c.Dimensions {
		if alike(d.Name, name) {
			return d, "", true
		}
	}
	for _, x := range c.Dimensions {
		if !slices.ContainsFunc(x.Former, func(s string) bool { return alike(s, name) }) {
			continue
		}
		if ok {
			return Dimension{}, "", false
		}
		d, was, ok = x, name, true
	}
	return d, was, ok
}

func alike(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

// Dimension finds a dimension by its name, also by one that it had before.
func (c *Copy) Dimension(name string) (Dimension, bool) {
	d, _, ok := c.findDimension(name)
	return d, ok
}

// HasDimension reports whether a dimension is, or was, called so.
func (c *Copy) HasDimension(name string) bool {
	_, _, ok := c.findDimension(name)
	return ok || c.Dimensions == nil
}

// OpenItem reports whether an item may be used.
func (c *Copy) OpenItem(id int64) bool {
	return c.Dimensions == nil || slices.ContainsFunc(c.Dimensions, func(d Dimension) bool {
		i, found := slices.BinarySearchFunc(d.Items, id, func(it DimensionItem, id int64) int { return cmp.Compare(it.ID, id) })
		return found && d.Items[i].Active
	})
}

// Item is the item of an id, active or not, with its dimension.
func (c *Copy) Item(id int64) (f FoundItem, ok bool) {
	for _, d := range c.Dimensions {
		if i, found := slices.BinarySearchFunc(d.Items, id, func(it DimensionItem, id int64) int { return cmp.Compare(it.ID, id) }); found {
			return FoundItem{Dimension: d, Item: d.Items[i]}, true
		}
	}
	return f, false
}

// WithItem is the copy with an item as Procountor has just saved it: what we write
// ourselves is no change that somebody else has made.
func (c *Copy) WithItem(dimension int64, it DimensionItem) *Copy {
	next := *c
	next.Dimensions = slices.Clone(c.Dimensions)
	for i := range next.Dimensions {
		d := &next.Dimensions[i]
		if d.ID != dimension {
			continue
		}
		at, found := slices.BinarySearchFunc(d.Items, it.ID, func(it DimensionItem, id int64) int { return cmp.Compare(it.ID, id) })
		d.Items = slices.Clone(d.Items)
		if found {
			it.Former = former(d.Items[at].Code, it.Code, d.Items[at].Former)
			d.Items[at] = it
		} else {
			d.Items = slices.Insert(d.Items, at, it)
		}
	}
	return &next
}

// WithProduct is the copy with a product that was just made.
func (c *Copy) WithProduct(p Product) *Copy {
	next := *c
	at, found := slices.BinarySearchFunc(c.Products, p.ID, func(p Product, id int64) int { return cmp.Compare(p.ID, id) })
	if c.Products == nil || found {
		return c
	}
	next.Products = slices.Insert(slices.Clone(c.Products), at, p)
	return &next
}

// ProductsOf are the products of a code, in use or not, on the side of a kind of document.
func (c *Copy) ProductsOf(kind hub.Kind, code string) (list []Product) {
	for _, p := range c.Products {
		if code != "" && p.Sales == (kind != hub.PurchaseInvoice) && alike(p.Code, code) {
			list = append(list, p)
		}
	}
	return list
}

// FindProduct finds the one active product of a code among those that the kind
// of document sells or buys.
func (c *Copy) FindProduct(kind hub.Kind, code string) (p Product, ok bool) {
	for _, x := range c.Products {
		if !x.Active || x.Sales == kind.Buys() || code == "" || !alike(x.Code, code) {
			continue
		}
		if ok {
			return Product{}, false
		}
		p, ok = x, true
	}
	return p, ok
}

// Account finds an active bank account of the company by IBAN, bankgiro or
// plusgiro number; spaces and dashes do not count.
func (c *Copy) Account(number string) (BankAccount, bool) {
	want := bare(number)
	for _, a := range c.BankAccounts {
		if a.Active && want != "" && (bare(a.IBAN) == want || slices.ContainsFunc(a.Aliases, func(s string) bool { return bare(s) == want })) {
			return a, true
		}
	}
	return BankAccount{}, false
}

// BankAccountOf is the IBAN of the account that a number means, closed or not.
func (c *Copy) BankAccountOf(number string) string {
	want := bare(number)
	for _, a := range c.BankAccounts {
		if bare(a.IBAN) == want || slices.ContainsFunc(a.Aliases, func(s string) bool { return bare(s) == want }) {
			return a.IBAN
		}
	}
	return want
}

// DefaultAccount is the account that sales invoices in the currency name when
// nothing else is said: the one marked as default for invoices, of the currency
// if there is such a one, else the marked one, else the only active one.
func (c *Copy) DefaultAccount(cur money.Currency) (BankAccount, bool) {
	var marked, active []BankAccount
	for _, a := range c.BankAccounts {
		if !a.Active {
			continue
		}
		active = append(active, a)
		if a.DefaultForInvoice {
			marked = append(marked, a)
		}
	}
	for _, a := range marked {
		if a.Currency == cur {
			return a, true
		}
	}
	if len(marked) == 1 {
		return marked[0], true
	}
	if len(marked) == 0 && len(active) == 1 {
		return active[0], true
	}
	return BankAccount{}, false
}

func bare(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s))
}
