package procountor

// A CompanyBankAccount is an account of the company itself (REFERENCE 3.12).
type CompanyBankAccount struct {
	ID                   int64              `json:"id,omitempty"`
	AccountNumber        string             `json:"accountNumber,omitempty"` // BBAN form, derived.
	IBAN                 string             `json:"iban"`                    // Fixed once created.
	BIC                  string             `json:"bic,omitempty"`           // At most 255 characters.
	BankName             string             `json:"bankName,omitempty"`      // At most 255 characters.
	Currency             Currency           `json:"currency"`                // Fixed once created.
	DefaultForInvoice    bool               `json:"defaultForInvoice"`
	DefaultForPayment    bool               `json:"defaultForPayment"`
	Status               BankAccountStatus  `json:"status"` // INACTIVE clears all flags.
	OrderNo              *int               `json:"orderNo,omitempty"`
	AssociatedAccounts   []BankAccountAlias `json:"associatedAccounts,omitempty"`
	Version              Time               `json:"version,omitzero"`      // Needed in PUT.
	BankAddress          string             `json:"bankAddress,omitempty"` // At most 255 characters.
	LedgerAccount        string             `json:"ledgerAccount"`         // Ledger account code.
	BankingCode          string             `json:"bankingCode,omitempty"` // At most 20 characters.
	ServiceNumbers       []string           `json:"serviceNumbers,omitempty"`
	ShowAccountOnInvoice bool               `json:"showAccountOnInvoice"`
	AllowPayments        bool               `json:"allowPayments"`
	AllowForeignPayments bool               `json:"allowForeignPayments"`
	AllowSalaryPayments  *bool              `json:"allowSalaryPayments,omitempty"`
	AllowExpressPayments *bool              `json:"allowExpressPayments,omitempty"`
	WithholdingTax       *bool              `json:"withholdingTax,omitempty"`
	Created              Time               `json:"created,omitzero"`
}

// A BankAccountAlias is another number of the same account.
type BankAccountAlias struct {
	Type          BankAccountAliasType `json:"type"`
	AccountNumber string               `json:"accountNumber"`
}

// A CompanyBankAccountInfo is a bank account as the list shows it.
type CompanyBankAccountInfo struct {
	ID                 int64              `json:"id,omitempty"`
	AccountNumber      string             `json:"accountNumber,omitempty"`
	IBAN               string             `json:"iban"`
	BIC                string             `json:"bic,omitempty"`      // At most 255 characters.
	BankName           string             `json:"bankName,omitempty"` // At most 255 characters.
	Currency           Currency           `json:"currency"`
	DefaultForInvoice  bool               `json:"defaultForInvoice"`
	DefaultForPayment  bool               `json:"defaultForPayment"`
	Status             BankAccountStatus  `json:"status"`
	OrderNo            int                `json:"orderNo,omitempty"`
	AssociatedAccounts []BankAccountAlias `json:"associatedAccounts,omitempty"`
	Version            Time               `json:"version,omitzero"`
}
