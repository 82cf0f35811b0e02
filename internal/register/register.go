// Package register holds our copy of a company's registers in Procountor: what
// VAT it has switched on, which periods are open, which bank accounts and
// partners it has. A copy is a value; reading and keeping it is others' work.
package register

import (
	"fmt"
	"slices"
	"strconv"
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
}

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
}

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
	ID    int64           `json:"id"`
	Name  string          `json:"name"`
	Items []DimensionItem `json:"items"`
}

// A DimensionItem is one value of a dimension, such as a project. Its code is
// what people know it by: Procountor has one text for code and name.
type DimensionItem struct {
	ID     int64  `json:"id"`
	Code   string `json:"code"`
	Active bool   `json:"active"`
}

// On reports whether the percentage may be used for the kind of document.
func (p VATPercent) On(kind hub.Kind) bool { return side(kind, p.Sales, p.Purchase) }

// On reports whether the status may be used for the kind of document.
func (s VATStatus) On(kind hub.Kind) bool { return side(kind, s.Sales, s.Purchase) }

func side(kind hub.Kind, sales, purchase bool) bool {
	if kind == hub.PurchaseInvoice {
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

// FindItem finds an active item of the dimension of a name. An item is known by
// its whole text or by the code that it begins with: "204" is "204 Harbour".
// Two that fit are none.
func (c *Copy) FindItem(dimension, code string) (d Dimension, it DimensionItem, ok bool) {
	for _, d := range c.Dimensions {
		if !strings.EqualFold(strings.TrimSpace(d.Name), strings.TrimSpace(dimension)) {
			continue
		}
		var whole, begins []DimensionItem
		for _, it := range d.Items {
			first, _, _ := strings.Cut(strings.TrimSpace(it.Code), " ")
			switch {
			case !it.Active:
			case strings.EqualFold(strings.TrimSpace(it.Code), strings.TrimSpace(code)):
				whole = append(whole, it)
			case strings.EqualFold(strings.TrimRight(first, ":,;"), strings.TrimSpace(code)):
				begins = append(begins, it)
			}
		}
		if len(whole) == 0 {
			whole = begins
		}
		if len(whole) != 1 {
			return d, DimensionItem{}, false
		}
		return d, whole[0], true
	}
	return Dimension{}, DimensionItem{}, false
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

// A Change is one difference between two copies.
type Change struct {
	// What is "company", "vat_percent", "vat_status", "fiscal_year",
	// "tracking_period", "bank_account", "account" or "dimension_item".
	What string `json:"what"`
	// Key names the thing as people know it: the percent, the number, the days,
	// the IBAN.
	Key string `json:"key"`
	// From is empty for something new, To for something that is gone.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Equal reports whether two copies say the same, whenever they were read.
func (c *Copy) Equal(o *Copy) bool { return len(Diff(c, o)) == 0 }

// Diff lists what changed from one copy to the next, in a fixed order. A list
// that one of the two has never read has not changed.
func Diff(from, to *Copy) []Change {
	var out []Change
	out = append(out, diff("company", facts(from.Company), facts(to.Company))...)
	if from.VATPercents != nil && to.VATPercents != nil {
		out = append(out, diff("vat_percent", percentFacts(from), percentFacts(to))...)
	}
	if from.VATStatuses != nil && to.VATStatuses != nil {
		out = append(out, diff("vat_status", statusFacts(from), statusFacts(to))...)
	}
	if from.FiscalYears != nil && to.FiscalYears != nil {
		out = append(out, diff("fiscal_year", yearFacts(from), yearFacts(to))...)
		out = append(out, diff("tracking_period", periodFacts(from), periodFacts(to))...)
	}
	if from.BankAccounts != nil && to.BankAccounts != nil {
		out = append(out, diff("bank_account", accountFacts(from), accountFacts(to))...)
	}
	if from.Accounts != nil && to.Accounts != nil {
		out = append(out, diff("account", chartFacts(from), chartFacts(to))...)
	}
	if from.Dimensions != nil && to.Dimensions != nil {
		out = append(out, diff("dimension_item", itemFacts(from), itemFacts(to))...)
	}
	return out
}

// A fact is a key and what is said of it, in the order of the register.
type fact struct{ key, says string }

func diff(what string, from, to []fact) []Change {
	var out []Change
	was, is := byKey(from), byKey(to)
	for _, f := range from {
		if says, ok := is[f.key]; !ok || says != f.says {
			out = append(out, Change{What: what, Key: f.key, From: f.says, To: says})
		}
	}
	for _, f := range to {
		if _, ok := was[f.key]; !ok {
			out = append(out, Change{What: what, Key: f.key, To: f.says})
		}
	}
	return out
}

// byKey: of two facts with one key the first counts.
func byKey(list []fact) map[string]string {
	m := make(map[string]string, len(list))
	for _, f := range list {
		if _, ok := m[f.key]; !ok {
			m[f.key] = f.says
		}
	}
	return m
}

func facts(c Company) []fact {
	return []fact{{"id", fmt.Sprint(c.ID)}, {"name", c.Name}, {"business id", strings.TrimSpace(c.IDType + " " + c.BusinessID)},
		{"country", c.Country}, {"currency", string(c.Currency)}, {"product", c.Product}, {"operation", c.Operation}}
}

func percentFacts(c *Copy) (out []fact) {
	for _, p := range c.VATPercents {
		out = append(out, fact{p.Percent.Trim(0).String(), sides(p.Sales, p.Purchase)})
	}
	return out
}

func statusFacts(c *Copy) (out []fact) {
	for _, s := range c.VATStatuses {
		out = append(out, fact{fmt.Sprint(s.Number), s.Description + " (" + sides(s.Sales, s.Purchase) + ")"})
	}
	return out
}

func yearFacts(c *Copy) (out []fact) {
	for _, y := range c.FiscalYears {
		out = append(out, fact{y.First.String() + " – " + y.Last.String(), word(y.Open, "open", "closed")})
	}
	return out
}

func periodFacts(c *Copy) (out []fact) {
	for _, y := range c.FiscalYears {
		for _, p := range y.Periods {
			out = append(out, fact{p.First.String() + " – " + p.Last.String(), strings.ToLower(p.Status)})
		}
	}
	return out
}

func accountFacts(c *Copy) (out []fact) {
	for _, a := range c.BankAccounts {
		says := []string{word(a.Active, "active", "inactive"), string(a.Currency), a.BIC}
		if a.DefaultForInvoice {
			says = append(says, "default for invoices")
		}
		says = slices.DeleteFunc(append(says, a.Aliases...), func(s string) bool { return s == "" })
		out = append(out, fact{a.IBAN, strings.Join(says, ", ")})
	}
	return out
}

func chartFacts(c *Copy) (out []fact) {
	for _, a := range c.Accounts {
		out = append(out, fact{a.Code, strings.TrimSpace(a.Name + " " + word(a.Active, "", "(closed)"))})
	}
	return out
}

func itemFacts(c *Copy) (out []fact) {
	for _, d := range c.Dimensions {
		for _, it := range d.Items {
			out = append(out, fact{d.Name + ": " + strconv.FormatInt(it.ID, 10), strings.TrimSpace(it.Code + " " + word(it.Active, "", "(closed)"))})
		}
	}
	return out
}

func sides(sales, purchase bool) string {
	switch {
	case sales && purchase:
		return "sales and purchases"
	case sales:
		return "sales"
	case purchase:
		return "purchases"
	}
	return "off"
}

func word(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}
