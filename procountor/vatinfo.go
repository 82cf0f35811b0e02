package procountor

// VATInformation is what VAT a company has switched on (REFERENCE 3.9). Percentages and statuses
// come from here and from nowhere else.
type VATInformation struct {
	VATInformation []VATCountry `json:"vatInformation,omitempty"`
	VATStatuses    []VATStatus  `json:"vatStatuses,omitempty"`
}

// A VATCountry holds the percentages of one country.
type VATCountry struct {
	Country     string       `json:"country,omitempty"`
	Percentages []VATPercent `json:"percentages,omitempty"`
}

// A VATPercent is one percentage and the sides it may be used on.
type VATPercent struct {
	VATPercent Decimal `json:"vatPercent,omitzero"` // Percentage.
	Sales      bool    `json:"sales,omitempty"`     // Allowed for sales.
	Purchase   bool    `json:"purchase,omitempty"`  // Allowed for purchases.
}

// A VATStatus is one VAT status and the sides it may be used on.
type VATStatus struct {
	VATStatus   int    `json:"vatStatus,omitempty"` // Numeric part of the VAT status code (vat_12 is 12).
	Description string `json:"description,omitempty"`
	Sales       bool   `json:"sales,omitempty"`
	Purchase    bool   `json:"purchase,omitempty"`
}

// VATSettings say whether prices include VAT when a user starts an invoice.
type VATSettings struct {
	UnitPricesIncludeVATSales    bool `json:"unitPricesIncludeVatSales,omitempty"`
	UnitPricesIncludeVATPurchase bool `json:"unitPricesIncludeVatPurchase,omitempty"`
}
