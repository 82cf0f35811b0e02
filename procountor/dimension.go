package procountor

// A Dimension is a cost dimension with its items (REFERENCE 3.7).
type Dimension struct {
	ID    int64           `json:"id,omitempty"`
	Name  string          `json:"name"`
	Items []DimensionItem `json:"items,omitempty"`
}

// ItemInactive is the status of an item that is not in use.
const ItemInactive = "P"

// A DimensionItem is one value of a dimension, such as a project or cost centre.
type DimensionItem struct {
	ID          int64  `json:"id,omitempty"`
	CodeName    string `json:"codeName"`
	Status      string `json:"status,omitempty"` // "" when active, [ItemInactive] when not.
	Description string `json:"description,omitempty"`
}

// A LedgerAccount is a row of the chart of accounts (REFERENCE 3.8).
type LedgerAccount struct {
	LedgerAccountCode string                     `json:"ledgerAccountCode,omitempty"`
	Name              string                     `json:"name,omitempty"`
	Active            bool                       `json:"active,omitempty"`
	Translations      []LedgerAccountTranslation `json:"translations,omitempty"`
}

// A LedgerAccountTranslation is an account's name in another language.
type LedgerAccountTranslation struct {
	LanguageCode string `json:"languageCode,omitempty"`
	Translation  string `json:"translation,omitempty"`
}
