package procountor

// A CompanyInfo holds the basic data of the company (REFERENCE 3.11).
type CompanyInfo struct {
	ID                        int64                  `json:"id"` // Read only.
	Name                      string                 `json:"name"`
	Country                   CountryName            `json:"country,omitempty"`              // Read only.
	ProductVersion            string                 `json:"productVersion,omitempty"`       // Product package. Read only.
	OperationType             string                 `json:"operationType,omitempty"`        // Read only.
	AccountingOfficeName      string                 `json:"accountingOfficeName,omitempty"` // Read only.
	AccountingOfficeID        int64                  `json:"accountingOfficeId,omitempty"`   // Read only.
	CompanyAddress            *CompanyAddress        `json:"companyAddress,omitempty"`
	BillingAddress            *CompanyBillingAddress `json:"billingAddress,omitempty"`
	MVA                       *bool                  `json:"mva,omitempty"`
	InTradeRegister           *bool                  `json:"inTradeRegister,omitempty"`
	BusinessIdentifier        *BusinessIdentifier    `json:"businessIdentifier,omitempty"`
	AccountingCoaLanguages    []string               `json:"accountingCoaLanguages,omitempty"` // Read only.
	CompanyCurrency           string                 `json:"companyCurrency,omitempty"`
	CurrencyRateSearchDensity string                 `json:"currencyRateSearchDensity,omitempty"`
}

// A CompanyAddress is where the company is.
type CompanyAddress struct {
	Specifier string      `json:"specifier,omitempty"` // At most 80 characters.
	POBox     string      `json:"poBox,omitempty"`     // At most 255 characters.
	Street    string      `json:"street,omitempty"`    // At most 80 characters.
	Zip       string      `json:"zip,omitempty"`       // At most 20 characters.
	City      string      `json:"city,omitempty"`      // At most 40 characters.
	Country   CountryName `json:"country,omitempty"`
}

// A CompanyBillingAddress is where the company is invoiced.
type CompanyBillingAddress struct {
	Street  string      `json:"street,omitempty"` // At most 80 characters.
	Zip     string      `json:"zip,omitempty"`    // At most 20 characters.
	City    string      `json:"city,omitempty"`   // At most 40 characters.
	Country CountryName `json:"country,omitempty"`
}

// A BusinessIdentifier is the company's registered number.
type BusinessIdentifier struct {
	Type IdentifierType `json:"brnType,omitempty"`
	Code string         `json:"code,omitempty"` // At most 25 characters.
}

// UsageSettings are the company's defaults for invoices.
type UsageSettings struct {
	DefaultInvoiceChannel Channel               `json:"defaultInvoiceChannel,omitempty"`
	CashDiscount          *UsageCashDiscount    `json:"cashDiscount,omitempty"`
	AccountingByRow       *UsageAccountingByRow `json:"accountingByRow,omitempty"`
}

// UsageCashDiscount says where cash discounts are in use.
type UsageCashDiscount struct {
	CashDiscountForSales    bool `json:"cashDiscountForSales,omitempty"`
	CashDiscountForPurchase bool `json:"cashDiscountForPurchase,omitempty"`
}

// UsageAccountingByRow says which invoices are booked row by row.
type UsageAccountingByRow struct {
	SalesInvoicePosting            bool `json:"salesInvoicePosting,omitempty"`
	PurchaseInvoicePosting         bool `json:"purchaseInvoicePosting,omitempty"`
	TravelAndExpenseInvoicePosting bool `json:"travelAndExpenseInvoicePosting,omitempty"`
	SalaryPosting                  bool `json:"salaryPosting,omitempty"`
}

// CirculationSettings say how purchase invoices and claims go their round.
type CirculationSettings struct {
	UseForPurchaseInvoices                      bool           `json:"useForPurchaseInvoices,omitempty"`
	UseForTravelAndExpenseInvoices              bool           `json:"useForTravelAndExpenseInvoices,omitempty"`
	ReminderInterval                            string         `json:"reminderInterval,omitempty"`
	ForceNotifications                          bool           `json:"forceNotifications,omitempty"`
	UseDeterminedOrder                          bool           `json:"useDeterminedOrder,omitempty"`
	AllowPaymentOnlyWhenApproved                bool           `json:"allowPaymentOnlyWhenApproved,omitempty"`
	AllowInvoiceSpecificDiscussion              bool           `json:"allowInvoiceSpecificDiscussion,omitempty"`
	AllowExtendedTaggingInDiscussion            bool           `json:"allowExtendedTaggingInDiscussion,omitempty"`
	AllocatePurchaseOrdersAndInvoicesInChecking bool           `json:"allocatePurchaseOrdersAndInvoicesInChecking,omitempty"`
	MaxVerifiers                                int            `json:"maxVerifiers,omitempty"`
	MaxAcceptors                                int            `json:"maxAcceptors,omitempty"`
	Verifiers                                   []Verifier     `json:"verifiers,omitempty"`
	Acceptors                                   []Verifier     `json:"acceptors,omitempty"`
	AllowPersonalSubstitution                   bool           `json:"allowPersonalSubstitution,omitempty"`
	Substitutions                               []Substitution `json:"substitutions,omitempty"`
}

// A Verifier is a user of the invoice circulation.
type Verifier struct {
	FirstName string `json:"firstname,omitempty"`
	Surname   string `json:"surname,omitempty"`
	UserID    int64  `json:"userId,omitempty"`
	OrderNo   int    `json:"orderNo,omitempty"`
}

// A Substitution is who checks instead of whom, and when.
type Substitution struct {
	UserID                 int64  `json:"userId,omitempty"`
	Start                  Date   `json:"start,omitzero"`
	End                    Date   `json:"end,omitzero"`
	SubstituteForVerifying int64  `json:"substituteForVerifying,omitempty"`
	SubstituteForApproving int64  `json:"substituteForApproving,omitempty"`
	Notes                  string `json:"notes,omitempty"`
}

// A VerifierListInfo is a list of checkers by user id.
type VerifierListInfo struct {
	ID        int64   `json:"id,omitempty"`
	Name      string  `json:"name,omitempty"`
	Verifiers []int64 `json:"verifiers,omitempty"`
	Acceptors []int64 `json:"acceptors,omitempty"`
}

// A VerifierList is a list of checkers with names.
type VerifierList struct {
	ID        int64      `json:"id,omitempty"`
	Name      string     `json:"name,omitempty"`
	Verifiers []Verifier `json:"verifiers,omitempty"`
	Acceptors []Verifier `json:"acceptors,omitempty"`
}

// CollectionSettings are the company's reminder fees and interest.
type CollectionSettings struct {
	UseAutomaticHandling            bool              `json:"useAutomaticHandling,omitempty"`
	CollectionCostsProduct          *ProductBasicInfo `json:"collectionCostsProduct,omitempty"`
	PenalExpenseProduct             *ProductBasicInfo `json:"penalExpenseProduct,omitempty"`
	PenalInterestDateMargin         int               `json:"penalInterestDateMargin,omitempty"`
	MinimumPenalInterestSum         Decimal           `json:"minimumPenalInterestSum,omitzero"`
	DefaultSalesInvoiceInterest     Decimal           `json:"defaultSalesInvoiceInterest,omitzero"`
	DefaultSalesInvoicePaymentTerms int               `json:"defaultSalesInvoicePaymentTerms,omitempty"`
	CollectionPartner               string            `json:"collectionPartner,omitempty"`
}

// EInvoiceData is how the company sends and receives electronic invoices.
type EInvoiceData struct {
	Operator                      string `json:"operator,omitempty"`
	OperatorID                    int64  `json:"operatorId,omitempty"`
	SendingAddress                string `json:"sendingAddress,omitempty"`
	ReceivingAddress              string `json:"receivingAddress,omitempty"`
	ReceivingAddressPublicInTieke bool   `json:"receivingAddressPublicInTieke,omitempty"`
	EDI                           string `json:"edi,omitempty"`
	InvoicerAnnouncementUpdated   string `json:"invoicerAnnouncementUpdated,omitempty"`
	Created                       string `json:"created,omitempty"`
	Creator                       string `json:"creator,omitempty"`
	WSCustomerNumber              string `json:"wsCustomerNumber,omitempty"`
}

// An InvoiceTemplate is a layout of sales invoices.
type InvoiceTemplate struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}
