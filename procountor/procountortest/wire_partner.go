package procountortest

// BusinessPartner is the schema of that name.
type BusinessPartner struct {
	ID              int64                           `json:"id,omitempty"`
	Name            string                          `json:"name"`
	Type            string                          `json:"type"`
	Address         *BusinessPartnerAddress         `json:"address,omitempty"`
	BillingAddress  *BusinessPartnerBillingAddress  `json:"billingAddress,omitempty"`
	DeliveryAddress *BusinessPartnerDeliveryAddress `json:"deliveryAddress,omitempty"`
	InvoicingInfo   *InvoicingInfo                  `json:"invoicingInfo,omitempty"`
	Attachments     []Attachment                    `json:"attachments,omitempty"`
	ContactPersons  []BusinessPartnerContactPerson  `json:"contactPersons,omitempty"`
	AdditionalInfo  *BusinessPartnerAdditionalInfo  `json:"additionalInfo,omitempty"`
	PaymentInfo     BusinessPartnerPaymentInfo      `json:"paymentInfo"`
	RegistryInfo    *RegistryInfo                   `json:"registryInfo,omitempty"`
	Version         string                          `json:"version,omitempty"`
}

// BusinessPartnerAddress is the schema of that name.
type BusinessPartnerAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// BusinessPartnerBillingAddress is the schema of that name.
type BusinessPartnerBillingAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// BusinessPartnerDeliveryAddress is the schema of that name.
type BusinessPartnerDeliveryAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// InvoicingInfo is the schema of that name.
type InvoicingInfo struct {
	CustomerNumber            string   `json:"customerNumber,omitempty"`
	Identifier                string   `json:"identifier,omitempty"`
	IdentifierType            string   `json:"identifierType,omitempty"`
	Ovt                       string   `json:"ovt,omitempty"`
	InvoiceChannel            string   `json:"invoiceChannel,omitempty"`
	ContactPerson             string   `json:"contactPerson,omitempty"`
	Language                  string   `json:"language,omitempty"`
	Email                     string   `json:"email,omitempty"`
	BccAddresses              []string `json:"bccAddresses,omitempty"`
	DenyEinvoiceReminders     *bool    `json:"denyEinvoiceReminders,omitempty"`
	OrderReference            string   `json:"orderReference,omitempty"`
	SellerReferenceIdentifier string   `json:"sellerReferenceIdentifier,omitempty"`
	BuyerReferenceIdentifier  string   `json:"buyerReferenceIdentifier,omitempty"`
	OrderNumber               string   `json:"orderNumber,omitempty"`
	AgreementNumber           string   `json:"agreementNumber,omitempty"`
	AccountingCode            string   `json:"accountingCode,omitempty"`
	DeliverySite              string   `json:"deliverySite,omitempty"`
	TenderReference           string   `json:"tenderReference,omitempty"`
	EinvoiceAddress           string   `json:"einvoiceAddress,omitempty"`
	EinvoiceOperator          string   `json:"einvoiceOperator,omitempty"`
}

// BusinessPartnerContactPerson is the schema of that name.
type BusinessPartnerContactPerson struct {
	ID    int64  `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// BusinessPartnerAdditionalInfo is the schema of that name.
type BusinessPartnerAdditionalInfo struct {
	DefaultAdditionalInformation string `json:"defaultAdditionalInformation,omitempty"`
	DefaultReference             string `json:"defaultReference,omitempty"`
	Group                        string `json:"group,omitempty"`
	ParentCompanyIdType          string `json:"parentCompanyIdType,omitempty"`
	ParentCompanyID              string `json:"parentCompanyId,omitempty"`
	AuxiliaryCompanyName         string `json:"auxiliaryCompanyName,omitempty"`
	FormerCompanyName            string `json:"formerCompanyName,omitempty"`
	Sector                       string `json:"sector,omitempty"`
	WebAddress                   string `json:"webAddress,omitempty"`
	Comments1                    string `json:"comments1,omitempty"`
	Comments2                    string `json:"comments2,omitempty"`
	InvoicePeriod                string `json:"invoicePeriod,omitempty"`
	WithholdingRegisterMarking   string `json:"withholdingRegisterMarking,omitempty"`
	InvoiceLedger                string `json:"invoiceLedger,omitempty"`
}

// BusinessPartnerPaymentInfo is the schema of that name.
type BusinessPartnerPaymentInfo struct {
	FactoringContractID   *int64        `json:"factoringContractId,omitempty"`
	PaymentMethod         string        `json:"paymentMethod"`
	BankAccount           string        `json:"bankAccount,omitempty"`
	PaymentTermDays       string        `json:"paymentTermDays,omitempty"`
	PaymentTermPercentage *Number       `json:"paymentTermPercentage,omitempty"`
	PenalInterestRate     *Number       `json:"penalInterestRate,omitempty"`
	DiscountPercentage    *Number       `json:"discountPercentage,omitempty"`
	CashDiscount          *CashDiscount `json:"cashDiscount,omitempty"`
	Currency              string        `json:"currency,omitempty"`
	DeliveryMethod        string        `json:"deliveryMethod,omitempty"`
	ClearingCode          string        `json:"clearingCode,omitempty"`
	BIC                   string        `json:"bic,omitempty"`
	CustomerAccountNumber string        `json:"customerAccountNumber,omitempty"`
}

// RegistryInfo is the schema of that name.
type RegistryInfo struct {
	Active           *bool                  `json:"active,omitempty"`
	Phone            string                 `json:"phone,omitempty"`
	MobilePhone      string                 `json:"mobilePhone,omitempty"`
	Fax              string                 `json:"fax,omitempty"`
	Section          string                 `json:"section,omitempty"`
	HomeMunicipality string                 `json:"homeMunicipality,omitempty"`
	ReportGroup      string                 `json:"reportGroup,omitempty"`
	ReportGroupID    *int64                 `json:"reportGroupId,omitempty"`
	PartnerGroups    []BusinessPartnerGroup `json:"partnerGroups,omitempty"`
}

// BusinessPartnerGroup is the schema of that name.
type BusinessPartnerGroup struct {
	ID     int64  `json:"id,omitempty"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Active *bool  `json:"active,omitempty"`
}

// BusinessPartnerBasicInfo is the schema of that name.
type BusinessPartnerBasicInfo struct {
	ID             int64                          `json:"id,omitempty"`
	Name           string                         `json:"name,omitempty"`
	BillingAddress *BusinessPartnerBillingAddress `json:"billingAddress,omitempty"`
	InvoicingInfo  *BasicInvoicingInfo            `json:"invoicingInfo,omitempty"`
	RegistryInfo   *BasicRegistryInfo             `json:"registryInfo,omitempty"`
	Type           string                         `json:"type,omitempty"`
	Version        string                         `json:"version,omitempty"`
}

// BasicInvoicingInfo is the schema of that name.
type BasicInvoicingInfo struct {
	CustomerNumber string `json:"customerNumber,omitempty"`
	Identifier     string `json:"identifier,omitempty"`
	IdentifierType string `json:"identifierType,omitempty"`
}

// BasicRegistryInfo is the schema of that name.
type BasicRegistryInfo struct {
	Active *bool `json:"active,omitempty"`
}

// BusinessPartnerDefaultAccounts is the schema of that name.
type BusinessPartnerDefaultAccounts struct {
	VATPercent              *Number                      `json:"vatPercent,omitempty"`
	VATDeduction            *Number                      `json:"vatDeduction,omitempty"`
	VATStatus               *int64                       `json:"vatStatus,omitempty"`
	VATProcessing           string                       `json:"vatProcessing,omitempty"`
	CombineInvoiceRows      *bool                        `json:"combineInvoiceRows,omitempty"`
	SalesInvoiceAccounts    *BusinessPartnerAccountsInfo `json:"salesInvoiceAccounts,omitempty"`
	PurchaseInvoiceAccounts *BusinessPartnerAccountsInfo `json:"purchaseInvoiceAccounts,omitempty"`
	TravelInvoiceAccounts   *BusinessPartnerAccountsInfo `json:"travelInvoiceAccounts,omitempty"`
	ExpenseClaimAccounts    *BusinessPartnerAccountsInfo `json:"expenseClaimAccounts,omitempty"`
	JournalAccounts         *BusinessPartnerAccountsInfo `json:"journalAccounts,omitempty"`
}

// BusinessPartnerAccountsInfo is the schema of that name.
type BusinessPartnerAccountsInfo struct {
	DebitAccount          *BusinessPartnerAccount `json:"debitAccount,omitempty"`
	CreditAccount         *BusinessPartnerAccount `json:"creditAccount,omitempty"`
	ReconciliationAccount *BusinessPartnerAccount `json:"reconciliationAccount,omitempty"`
}

// BusinessPartnerAccount is the schema of that name.
type BusinessPartnerAccount struct {
	Code string `json:"code,omitempty"`
	Name string `json:"name,omitempty"`
}

// PersonalDetails is the schema of that name.
type PersonalDetails struct {
	PartnerID     *int64                         `json:"partnerId,omitempty"`
	FirstName     string                         `json:"firstName,omitempty"`
	LastName      string                         `json:"lastName,omitempty"`
	Language      string                         `json:"language,omitempty"`
	Address       *PersonAddress                 `json:"address,omitempty"`
	PaymentInfo   *BusinessPartnerPaymentDetails `json:"paymentInfo,omitempty"`
	InvoicingInfo *BasicInvoicingInfo            `json:"invoicingInfo,omitempty"`
}

// PersonAddress is the schema of that name.
type PersonAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// BusinessPartnerPaymentDetails is the schema of that name.
type BusinessPartnerPaymentDetails struct {
	PaymentMethod         string       `json:"paymentMethod,omitempty"`
	Currency              string       `json:"currency,omitempty"`
	BankAccount           *BankAccount `json:"bankAccount,omitempty"`
	PaymentTermDays       string       `json:"paymentTermDays,omitempty"`
	PaymentTermPercentage *Number      `json:"paymentTermPercentage,omitempty"`
	PenalInterestRate     *Number      `json:"penalInterestRate,omitempty"`
	DiscountPercentage    *Number      `json:"discountPercentage,omitempty"`
	ClearingCode          string       `json:"clearingCode,omitempty"`
}

// Person is the schema of that name.
type Person struct {
	ID                 int64               `json:"id,omitempty"`
	FirstName          string              `json:"firstName,omitempty"`
	LastName           string              `json:"lastName"`
	JobTitle           string              `json:"jobTitle,omitempty"`
	DeliveryAddress    *PersonFullAddress  `json:"deliveryAddress,omitempty"`
	HomeCountryAddress *PersonFullAddress  `json:"homeCountryAddress,omitempty"`
	PaymentInfo        PersonPaymentInfo   `json:"paymentInfo"`
	InvoicingInfo      PersonInvoicingInfo `json:"invoicingInfo"`
	RegistryInfo       PersonRegistryInfo  `json:"registryInfo"`
	Version            string              `json:"version,omitempty"`
}

// PersonFullAddress is the schema of that name.
type PersonFullAddress struct {
	Street        string `json:"street,omitempty"`
	Zip           string `json:"zip,omitempty"`
	City          string `json:"city,omitempty"`
	Country       string `json:"country,omitempty"`
	Specifier     string `json:"specifier,omitempty"`
	Subdivision   string `json:"subdivision,omitempty"`
	PostOfficeBox string `json:"postOfficeBox,omitempty"`
}

// PersonPaymentInfo is the schema of that name.
type PersonPaymentInfo struct {
	PaymentMethod         string  `json:"paymentMethod"`
	ClearingCode          string  `json:"clearingCode,omitempty"`
	AccountNumber         string  `json:"accountNumber,omitempty"`
	BIC                   string  `json:"bic,omitempty"`
	PaymentTermDays       string  `json:"paymentTermDays"`
	PaymentTermPercentage *Number `json:"paymentTermPercentage,omitempty"`
	PenalInterestRate     Number  `json:"penalInterestRate"`
	DiscountPercentage    *Number `json:"discountPercentage,omitempty"`
}

// PersonInvoicingInfo is the schema of that name.
type PersonInvoicingInfo struct {
	PersonNumber        string `json:"personNumber,omitempty"`
	Identifier          string `json:"identifier,omitempty"`
	IdentifierType      string `json:"identifierType,omitempty"`
	DateOfBirth         string `json:"dateOfBirth,omitempty"`
	Language            string `json:"language"`
	Gender              string `json:"gender"`
	HomeCountryPersonID string `json:"homeCountryPersonId,omitempty"`
}

// PersonRegistryInfo is the schema of that name.
type PersonRegistryInfo struct {
	Active           bool    `json:"active"`
	MobilePhone      string  `json:"mobilePhone,omitempty"`
	Fax              string  `json:"fax,omitempty"`
	Phone            string  `json:"phone,omitempty"`
	Email            string  `json:"email,omitempty"`
	ContactPerson    string  `json:"contactPerson,omitempty"`
	DefaultReference string  `json:"defaultReference,omitempty"`
	Section          string  `json:"section,omitempty"`
	PersonGroupsIDs  []int64 `json:"personGroupsIds,omitempty"`
	ReportGroupID    *int64  `json:"reportGroupId,omitempty"`
	HomeMunicipality string  `json:"homeMunicipality,omitempty"`
}

// PersonBasicInfo is the schema of that name.
type PersonBasicInfo struct {
	ID              int64                     `json:"id,omitempty"`
	LastName        string                    `json:"lastName,omitempty"`
	FirstName       string                    `json:"firstName,omitempty"`
	DeliveryAddress *PersonBasicAddress       `json:"deliveryAddress,omitempty"`
	InvoicingInfo   *PersonBasicInvoicingInfo `json:"invoicingInfo,omitempty"`
	RegistryInfo    *PersonBasicRegistryInfo  `json:"registryInfo,omitempty"`
}

// PersonBasicAddress is the schema of that name.
type PersonBasicAddress struct {
	Street  string `json:"street,omitempty"`
	Zip     string `json:"zip,omitempty"`
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
}

// PersonBasicInvoicingInfo is the schema of that name.
type PersonBasicInvoicingInfo struct {
	PersonNumber   string `json:"personNumber,omitempty"`
	Identifier     string `json:"identifier,omitempty"`
	IdentifierType string `json:"identifierType,omitempty"`
}

// PersonBasicRegistryInfo is the schema of that name.
type PersonBasicRegistryInfo struct {
	Active bool `json:"active"`
}

// Product is the schema of that name.
type Product struct {
	ID                   int64                 `json:"id,omitempty"`
	Type                 string                `json:"type"`
	Name                 string                `json:"name"`
	Code                 string                `json:"code,omitempty"`
	Unit                 string                `json:"unit,omitempty"`
	Discount             Number                `json:"discount"`
	Price                Number                `json:"price"`
	VAT                  *Number               `json:"vat,omitempty"`
	Active               bool                  `json:"active"`
	DefaultAccount       string                `json:"defaultAccount,omitempty"`
	VATStatus            *int64                `json:"vatStatus,omitempty"`
	Currency             string                `json:"currency"`
	ProductLocalizations []ProductLocalization `json:"productLocalizations,omitempty"`
	ProductGroupID       *int64                `json:"productGroupId,omitempty"`
	StartDate            string                `json:"startDate,omitempty"`
	EndDate              string                `json:"endDate,omitempty"`
	BookkeepingAccount   string                `json:"bookkeepingAccount,omitempty"`
	Version              string                `json:"version,omitempty"`
}

// ProductLocalization is the schema of that name.
type ProductLocalization struct {
	Language    string `json:"language,omitempty"`
	ProductName string `json:"productName,omitempty"`
}

// ProductGroup is the schema of that name.
type ProductGroup struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// Dimension is the schema of that name.
type Dimension struct {
	ID    int64           `json:"id,omitempty"`
	Name  string          `json:"name"`
	Items []DimensionItem `json:"items,omitempty"`
}

// DimensionItem is the schema of that name.
type DimensionItem struct {
	ID          int64  `json:"id,omitempty"`
	CodeName    string `json:"codeName"`
	Status      string `json:"status,omitempty"`
	Description string `json:"description,omitempty"`
}

// DimensionName is the schema of that name.
type DimensionName struct {
	Name string `json:"name"`
}

// DefaultDimension is the schema of that name.
type DefaultDimension struct {
	ID    int64                  `json:"id,omitempty"`
	Name  string                 `json:"name,omitempty"`
	Items []DefaultDimensionItem `json:"items,omitempty"`
}

// DefaultDimensionItem is the schema of that name.
type DefaultDimensionItem struct {
	ID          int64  `json:"id,omitempty"`
	CodeName    string `json:"codeName"`
	Percent     Number `json:"percent"`
	Status      *bool  `json:"status,omitempty"`
	Description string `json:"description,omitempty"`
}

// DefaultDimensionBasicData is the schema of that name.
type DefaultDimensionBasicData struct {
	ID    int64                           `json:"id,omitempty"`
	Name  string                          `json:"name,omitempty"`
	Items []DefaultDimensionItemBasicData `json:"items,omitempty"`
}

// DefaultDimensionItemBasicData is the schema of that name.
type DefaultDimensionItemBasicData struct {
	ID       int64  `json:"id,omitempty"`
	CodeName string `json:"codeName"`
	Percent  Number `json:"percent"`
}

// DefaultProduct is the schema of that name.
type DefaultProduct struct {
	ID              int64                   `json:"id,omitempty"`
	ProductInfo     *Product                `json:"productInfo,omitempty"`
	DefaultSettings *DefaultProductSettings `json:"defaultSettings,omitempty"`
	ValidityPeriods []ProductValidityPeriod `json:"validityPeriods,omitempty"`
}

// DefaultProductSettings is the schema of that name.
type DefaultProductSettings struct {
	UseSpecialDiscount        *bool   `json:"useSpecialDiscount,omitempty"`
	SpecialDiscountPercentage *Number `json:"specialDiscountPercentage,omitempty"`
	UseSpecialPrice           *bool   `json:"useSpecialPrice,omitempty"`
	SpecialPrice              *Number `json:"specialPrice,omitempty"`
	UseSpecialVat             *bool   `json:"useSpecialVat,omitempty"`
	SpecialVatPercentage      *Number `json:"specialVatPercentage,omitempty"`
	Amount                    *Number `json:"amount,omitempty"`
	Comment                   string  `json:"comment,omitempty"`
}

// ProductValidityPeriod is the schema of that name.
type ProductValidityPeriod struct {
	StartDate string `json:"startDate,omitempty"`
	EndDate   string `json:"endDate,omitempty"`
	Notes     string `json:"notes,omitempty"`
}
