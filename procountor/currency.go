package procountor

import "context"

// A Currency is an ISO 4217 code. The API knows 211 of them, dead ones included; these are the
// ones a company can keep its books in, and the commonest others.
type Currency string

const (
	DKK Currency = "DKK"
	EUR Currency = "EUR"
	GBP Currency = "GBP"
	NOK Currency = "NOK"
	SEK Currency = "SEK"
	USD Currency = "USD"
)

// CurrenciesService is the section "Currencies" of the API (REFERENCE 3.16).
type CurrenciesService struct{ service }

// Latest reads the newest accounting rates of the company's register of currencies: units of
// each currency for one of the company's own.
func (s *CurrenciesService) Latest(ctx context.Context) (*CurrencyGroupRates, error) {
	return get[*CurrencyGroupRates](ctx, s.c, "/currencies/latest", nil)
}

// CurrencyGroupRates are the rates of one day.
type CurrencyGroupRates struct {
	BaseCurrency string         `json:"baseCurrency,omitempty"`
	CurrencyDate Date           `json:"currencyDate,omitzero"`
	Rates        []CurrencyRate `json:"rates,omitempty"`
}

// A CurrencyRate is the rate of one currency.
type CurrencyRate struct {
	CurrencyRate Decimal `json:"currencyRate,omitzero"`
	CurrencyCode string  `json:"currencyCode,omitempty"`
}
