package procountor

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// DimensionsService is the section "Dimensions" of the API (REFERENCE 3.7). Dimensions themselves
// are made by people; items can be made and changed here.
type DimensionsService struct{ service }

// A DimensionFilter says which dimensions [DimensionsService.List] shows. Zero fields do not limit.
type DimensionFilter struct {
	Name     string // part of a dimension's name
	CodeName string // part of an item's name
}

// List reads the dimensions with their items; the API does not page them.
func (s *DimensionsService) List(ctx context.Context, f DimensionFilter) ([]Dimension, error) {
	q := query{}
	q.text("name", f.Name)
	q.text("codeName", f.CodeName)
	return get[[]Dimension](ctx, s.c, "/dimensions", url.Values(q))
}

// Get reads one dimension with its items.
func (s *DimensionsService) Get(ctx context.Context, id int64) (*Dimension, error) {
	return get[*Dimension](ctx, s.c, at("dimensions", id), nil)
}

// Rename gives a dimension another name, of 1 to 255 characters.
func (s *DimensionsService) Rename(ctx context.Context, id int64, name string) error {
	body := struct {
		Name string `json:"name"`
	}{name}
	return act(ctx, s.c, http.MethodPut, at("dimensions", id), body)
}

// CreateItem adds an item to a dimension and returns it with its id.
func (s *DimensionsService) CreateItem(ctx context.Context, dimensionID int64, in *DimensionItem) (*DimensionItem, error) {
	return write[DimensionItem](ctx, s.c, http.MethodPost, at("dimensions", dimensionID, "items"), nil, in)
}

// UpdateItem replaces the item in.ID of a dimension.
func (s *DimensionsService) UpdateItem(ctx context.Context, dimensionID int64, in *DimensionItem) (*DimensionItem, error) {
	return write[DimensionItem](ctx, s.c, http.MethodPut, at("dimensions", dimensionID, "items"), nil, in)
}

// AccountsService is the section "Chart of accounts" of the API (REFERENCE 3.8).
type AccountsService struct{ service }

// List reads the whole chart of accounts.
func (s *AccountsService) List(ctx context.Context) ([]LedgerAccount, error) {
	v, err := get[struct {
		LedgerAccounts []LedgerAccount `json:"ledgerAccounts"`
	}](ctx, s.c, "/coa", nil)
	return v.LedgerAccounts, err
}

// VATService is the section "VATs" of the API (REFERENCE 3.9).
type VATService struct{ service }

// Default reads the percentages and statuses that the company has switched on.
func (s *VATService) Default(ctx context.Context) (*VATInformation, error) {
	return get[*VATInformation](ctx, s.c, "/vats/default", nil)
}

// Settings reads whether prices include VAT by default.
func (s *VATService) Settings(ctx context.Context) (*VATSettings, error) {
	return get[*VATSettings](ctx, s.c, "/vats/settings", nil)
}

// Country reads the percentages of a country, here named by its two-letter ISO code.
func (s *VATService) Country(ctx context.Context, isoCode string) ([]Decimal, error) {
	v, err := get[struct {
		VATPercentages []Decimal `json:"vatPercentages"`
	}](ctx, s.c, "/vats/country", url.Values{"countryCode": {isoCode}})
	return v.VATPercentages, err
}

// FiscalYearsService is the section "Fiscal years" of the API (REFERENCE 3.10).
type FiscalYearsService struct{ service }

// List reads the fiscal years with their tracking periods.
func (s *FiscalYearsService) List(ctx context.Context) ([]FiscalYear, error) {
	v, err := get[struct {
		FiscalYears []FiscalYear `json:"fiscalYears"`
	}](ctx, s.c, "/fiscalyears", nil)
	return v.FiscalYears, err
}

// SetPeriodPending turns an open tracking period to PENDING, the only change that the API allows.
func (s *FiscalYearsService) SetPeriodPending(ctx context.Context, yearID, periodID int64) error {
	return act(ctx, s.c, http.MethodPut, at("fiscalyears", yearID, "trackingPeriods", periodID), TrackingPeriod{Status: PeriodPending})
}

// BankAccountsService is the section "Bank accounts" of the API: the company's own (REFERENCE 3.12).
type BankAccountsService struct{ service }

// List yields the company's bank accounts by rising id.
func (s *BankAccountsService) List(ctx context.Context) iter.Seq2[CompanyBankAccountInfo, error] {
	return results(ctx, s.c, search{path: "/bankaccounts"}, func(a *CompanyBankAccountInfo) int64 { return a.ID })
}

// Get reads one bank account.
func (s *BankAccountsService) Get(ctx context.Context, id int64) (*CompanyBankAccount, error) {
	return get[*CompanyBankAccount](ctx, s.c, at("bankaccounts", id), nil)
}

// Create adds a bank account; its IBAN and currency are fixed from then on.
func (s *BankAccountsService) Create(ctx context.Context, in *CompanyBankAccount) (*CompanyBankAccount, error) {
	return write[CompanyBankAccount](ctx, s.c, http.MethodPost, "/bankaccounts", nil, in)
}

// Update replaces the bank account in.ID; in.Version must be the one that was read.
func (s *BankAccountsService) Update(ctx context.Context, in *CompanyBankAccount) (*CompanyBankAccount, error) {
	return write[CompanyBankAccount](ctx, s.c, http.MethodPut, at("bankaccounts", in.ID), nil, in)
}
