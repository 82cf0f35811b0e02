package procountor

// A Product is an entry of the product register (REFERENCE 3.6).
type Product struct {
	ID                   int64                 `json:"id,omitempty"`
	Type                 ProductType           `json:"type"`           // Register: SALES, PURCHASE or TRAVEL.
	Name                 string                `json:"name"`           // At most 100 characters.
	Code                 string                `json:"code,omitempty"` // Own code. At most 40 characters.
	Unit                 Unit                  `json:"unit,omitempty"`
	Discount             Decimal               `json:"discount"`
	Price                Decimal               `json:"price"`
	VAT                  Decimal               `json:"vat,omitzero"`
	Active               bool                  `json:"active"`
	DefaultAccount       string                `json:"defaultAccount,omitempty"`
	VATStatus            *int                  `json:"vatStatus,omitempty"` // One of GET /vats/default.
	Currency             Currency              `json:"currency"`
	ProductLocalizations []ProductLocalization `json:"productLocalizations,omitempty"`
	ProductGroupID       int64                 `json:"productGroupId,omitempty"`
	StartDate            Date                  `json:"startDate,omitzero"`           // TRAVEL only.
	EndDate              Date                  `json:"endDate,omitzero"`             // TRAVEL only.
	BookkeepingAccount   string                `json:"bookkeepingAccount,omitempty"` // TRAVEL only.
	Version              Time                  `json:"version,omitzero"`
}

// A ProductLocalization is a product's name in another language.
type ProductLocalization struct {
	Language    Language `json:"language,omitempty"`
	ProductName string   `json:"productName,omitempty"` // At most 100 characters.
}

// A ProductGroup is a group of products.
type ProductGroup struct {
	ID   int64       `json:"id,omitempty"`
	Name string      `json:"name"` // At most 80 characters.
	Type ProductType `json:"type,omitempty"`
}

// A ProductBasicInfo is a product as settings show it.
type ProductBasicInfo struct {
	ProductID      int64   `json:"productId,omitempty"`
	Name           string  `json:"name,omitempty"`
	Code           string  `json:"code,omitempty"`
	DefaultAccount string  `json:"defaultAccount,omitempty"`
	Price          Decimal `json:"price,omitzero"`
	Currency       string  `json:"currency,omitempty"`
	Unit           Unit    `json:"unit,omitempty"`
}
