package register

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor"
)

// Answers are what Procountor answered about one company; what is nil was not
// asked or not answered.
type Answers struct {
	Company      *procountor.CompanyInfo
	Circulation  *procountor.CirculationSettings
	VAT          *procountor.VATInformation
	FiscalYears  []procountor.FiscalYear
	BankAccounts []procountor.CompanyBankAccountInfo
	Accounts     []procountor.LedgerAccount
	Dimensions   []procountor.Dimension
	Products     []procountor.Product
	Rates        *procountor.CurrencyGroupRates
}

// FromProcountor makes a copy of the answers, without version and time. Lists
// are put into an order of their own, so that equal registers make equal copies.
func FromProcountor(a Answers) (Copy, error) {
	var c Copy
	if a.Company != nil {
		c.Company = Company{
			ID: a.Company.ID, Name: a.Company.Name, Country: CountryCode(string(a.Company.Country)),
			Currency: money.Currency(a.Company.CompanyCurrency), Product: a.Company.ProductVersion, Operation: a.Company.OperationType,
		}
		if id := a.Company.BusinessIdentifier; id != nil {
			c.Company.BusinessID, c.Company.IDType = id.Code, string(id.Type)
		}
	}
	if a.Circulation != nil {
		c.Company.Payment = PaidUnapproved
		if a.Circulation.AllowPaymentOnlyWhenApproved {
			c.Company.Payment = PaidApproved
		}
	}
	if a.VAT != nil {
		var err error
		if c.VATPercents, err = percents(a.VAT, c.Company.Country); err != nil {
			return Copy{}, err
		}
		c.VATStatuses = make([]VATStatus, 0, len(a.VAT.VATStatuses))
		for _, s := range a.VAT.VATStatuses {
			c.VATStatuses = append(c.VATStatuses, VATStatus{s.VATStatus, s.Description, s.Sales, s.Purchase})
		}
		slices.SortStableFunc(c.VATStatuses, func(x, y VATStatus) int { return x.Number - y.Number })
	}
	if a.FiscalYears != nil {
		c.FiscalYears = make([]FiscalYear, 0, len(a.FiscalYears))
		for _, y := range a.FiscalYears {
			c.FiscalYears = append(c.FiscalYears, year(y))
		}
		slices.SortStableFunc(c.FiscalYears, func(x, y FiscalYear) int { return x.First.Compare(y.First) })
	}
	if a.BankAccounts != nil {
		c.BankAccounts = make([]BankAccount, 0, len(a.BankAccounts))
		for _, b := range a.BankAccounts {
			acc := BankAccount{IBAN: bare(b.IBAN), BIC: b.BIC, Currency: money.Currency(b.Currency),
				Active: b.Status == procountor.BankAccountActive, DefaultForInvoice: b.DefaultForInvoice}
			for _, al := range b.AssociatedAccounts {
				acc.Aliases = append(acc.Aliases, al.AccountNumber)
			}
			c.BankAccounts = append(c.BankAccounts, acc)
		}
		slices.SortStableFunc(c.BankAccounts, func(x, y BankAccount) int { return strings.Compare(x.IBAN, y.IBAN) })
	}
	if a.Accounts != nil {
		c.Accounts = make([]Account, 0, len(a.Accounts))
		for _, x := range a.Accounts {
			c.Accounts = append(c.Accounts, Account{x.LedgerAccountCode, x.Name, x.Active})
		}
		slices.SortStableFunc(c.Accounts, func(x, y Account) int { return strings.Compare(x.Code, y.Code) })
	}
	if a.Dimensions != nil {
		c.Dimensions = make([]Dimension, 0, len(a.Dimensions))
		for _, x := range a.Dimensions {
			d := Dimension{ID: x.ID, Name: x.Name, Items: make([]DimensionItem, 0, len(x.Items))}
			for _, it := range x.Items {
				d.Items = append(d.Items, DimensionItem{ID: it.ID, Code: it.CodeName, Active: it.Status == ""})
			}
			slices.SortStableFunc(d.Items, func(x, y DimensionItem) int { return cmp.Compare(x.ID, y.ID) })
			c.Dimensions = append(c.Dimensions, d)
		}
		slices.SortStableFunc(c.Dimensions, func(x, y Dimension) int { return cmp.Compare(x.ID, y.ID) })
	}
	if a.Products != nil {
		c.Products, c.Travel = make([]Product, 0, len(a.Products)), []TravelProduct{}
		for _, x := range a.Products {
			if x.Type == procountor.ProductTravel {
				c.Travel = append(c.Travel, TravelProduct{x.ID, x.Code, x.Name, Day(x.StartDate), Day(x.EndDate), x.Active})
			} else {
				c.Products = append(c.Products, Product{x.ID, x.Code, x.Name, x.Type == procountor.ProductSales, x.Active})
			}
		}
		slices.SortStableFunc(c.Products, func(x, y Product) int { return cmp.Compare(x.ID, y.ID) })
		slices.SortStableFunc(c.Travel, func(x, y TravelProduct) int { return cmp.Compare(x.ID, y.ID) })
	}
	if a.Rates != nil && (a.Rates.BaseCurrency == "" || money.Currency(a.Rates.BaseCurrency) == c.Company.Currency) {
		c.Rates = []Rate{}
		for _, r := range a.Rates.Rates {
			if rate, err := money.Parse(r.CurrencyRate.String()); err == nil && r.CurrencyCode != "" {
				c.Rates = append(c.Rates, Rate{money.Currency(r.CurrencyCode), rate})
			}
		}
		slices.SortStableFunc(c.Rates, func(x, y Rate) int { return cmp.Compare(x.Currency, y.Currency) })
	}
	return c, nil
}

// percents takes the percentages of the company's own country; of a list with
// one country that country's, whatever it is called.
func percents(v *procountor.VATInformation, country string) ([]VATPercent, error) {
	out := []VATPercent{}
	for _, vc := range v.VATInformation {
		if len(v.VATInformation) > 1 && CountryCode(vc.Country) != country {
			continue
		}
		for _, p := range vc.Percentages {
			pct, err := money.Parse(p.VATPercent.String())
			if err != nil {
				return nil, fmt.Errorf("VAT percentage of %s: %w", vc.Country, err)
			}
			out = append(out, VATPercent{pct, p.Sales, p.Purchase})
		}
	}
	slices.SortStableFunc(out, func(x, y VATPercent) int { return y.Percent.Cmp(x.Percent) })
	return out, nil
}

func year(y procountor.FiscalYear) FiscalYear {
	out := FiscalYear{First: Day(y.StartDate), Last: Day(y.EndDate), Open: y.IsOpen, Periods: make([]TrackingPeriod, 0, len(y.TrackingPeriods))}
	for _, p := range y.TrackingPeriods {
		out.Periods = append(out.Periods, TrackingPeriod{First: Day(p.StartDate), Last: Day(p.EndDate), Status: string(p.Status), WasClosed: string(p.Status) == PeriodShut})
	}
	slices.SortStableFunc(out.Periods, func(x, y TrackingPeriod) int { return x.First.Compare(y.First) })
	return out
}

// Day and Date turn the client's days into ours and back.
func Day(d procountor.Date) civil.Date { return civil.Date{Year: d.Year, Month: d.Month, Day: d.Day} }

// Date is the way back of [Day].
func Date(d civil.Date) procountor.Date {
	return procountor.Date{Year: d.Year, Month: d.Month, Day: d.Day}
}
