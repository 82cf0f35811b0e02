package procountor

import (
	"encoding/json"
	"slices"
)

// A Partner is a customer or supplier of the register (REFERENCE 3.4). Persons are managed elsewhere.
type Partner struct {
	ID              int64                  `json:"id,omitempty"`
	Name            string                 `json:"name"`              // Register name. At most 80 characters.
	Type            PartnerType            `json:"type"`              // PERSON is managed through /persons.
	Address         *Address               `json:"address,omitempty"` // Required for a customer.
	BillingAddress  *Address               `json:"billingAddress,omitempty"`
	DeliveryAddress *Address               `json:"deliveryAddress,omitempty"`
	InvoicingInfo   *InvoicingInfo         `json:"invoicingInfo,omitempty"`
	Attachments     []Attachment           `json:"attachments,omitempty"`
	ContactPersons  []ContactPerson        `json:"contactPersons,omitempty"`
	AdditionalInfo  *PartnerAdditionalInfo `json:"additionalInfo,omitempty"`
	PaymentInfo     PartnerPaymentInfo     `json:"paymentInfo"` // Required.
	RegistryInfo    *RegistryInfo          `json:"registryInfo,omitempty"`
	Version         Time                   `json:"version,omitzero"` // Time of the last change; PATCH needs it.
}

// A PartnerEntry is a partner with the bytes of its entry as they came.
type PartnerEntry struct {
	Partner
	JSON json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the bytes.
func (e *PartnerEntry) UnmarshalJSON(b []byte) error {
	e.JSON = slices.Clone(b)
	return json.Unmarshal(b, &e.Partner)
}

// InvoicingInfo is how a partner is known and invoiced.
type InvoicingInfo struct {
	CustomerNumber string `json:"customerNumber,omitempty"` // Customer number.
	Identifier     string `json:"identifier,omitempty"`     // Business id, VAT number or person id.
	// Free string in the schema; values as in businessIdentifier/parentCompanyIdType.
	IdentifierType            string   `json:"identifierType,omitempty"`
	OVT                       string   `json:"ovt,omitempty"` // OVT code.
	InvoiceChannel            Channel  `json:"invoiceChannel,omitempty"`
	ContactPerson             string   `json:"contactPerson,omitempty"`
	Language                  Language `json:"language,omitempty"`
	Email                     string   `json:"email,omitempty"`
	BccAddresses              []string `json:"bccAddresses,omitempty"`          // At most 4.
	DenyEinvoiceReminders     *bool    `json:"denyEinvoiceReminders,omitempty"` // No reminders as e-invoice.
	OrderReference            string   `json:"orderReference,omitempty"`
	SellerReferenceIdentifier string   `json:"sellerReferenceIdentifier,omitempty"`
	BuyerReferenceIdentifier  string   `json:"buyerReferenceIdentifier,omitempty"`
	OrderNumber               string   `json:"orderNumber,omitempty"`
	AgreementNumber           string   `json:"agreementNumber,omitempty"`
	AccountingCode            string   `json:"accountingCode,omitempty"`
	DeliverySite              string   `json:"deliverySite,omitempty"`
	TenderReference           string   `json:"tenderReference,omitempty"`
	EInvoiceAddress           string   `json:"einvoiceAddress,omitempty"`
	EInvoiceOperator          string   `json:"einvoiceOperator,omitempty"`
}

// PartnerPaymentInfo holds a partner's payment defaults.
type PartnerPaymentInfo struct {
	FactoringContractID   int64         `json:"factoringContractId,omitempty"`
	PaymentMethod         PaymentMethod `json:"paymentMethod"`
	BankAccount           string        `json:"bankAccount,omitempty"`     // Account number as a string.
	PaymentTermDays       string        `json:"paymentTermDays,omitempty"` // A string.
	PaymentTermPercentage Decimal       `json:"paymentTermPercentage,omitzero"`
	PenalInterestRate     Decimal       `json:"penalInterestRate,omitzero"`
	DiscountPercentage    Decimal       `json:"discountPercentage,omitzero"`
	CashDiscount          *CashDiscount `json:"cashDiscount,omitempty"`
	Currency              Currency      `json:"currency,omitempty"`
	DeliveryMethod        string        `json:"deliveryMethod,omitempty"`
	ClearingCode          string        `json:"clearingCode,omitempty"`
	BIC                   string        `json:"bic,omitempty"`
	CustomerAccountNumber string        `json:"customerAccountNumber,omitempty"` // NETS only.
}

// RegistryInfo holds a partner's register data.
type RegistryInfo struct {
	Active           *bool          `json:"active,omitempty"`
	Phone            string         `json:"phone,omitempty"`            // At most 40 characters.
	MobilePhone      string         `json:"mobilePhone,omitempty"`      // At most 40 characters.
	Fax              string         `json:"fax,omitempty"`              // At most 40 characters.
	Section          string         `json:"section,omitempty"`          // At most 80 characters.
	HomeMunicipality string         `json:"homeMunicipality,omitempty"` // At most 40 characters.
	ReportGroup      string         `json:"reportGroup,omitempty"`
	ReportGroupID    int64          `json:"reportGroupId,omitempty"`
	PartnerGroups    []PartnerGroup `json:"partnerGroups,omitempty"`
}

// PartnerAdditionalInfo holds the rest of the register form.
type PartnerAdditionalInfo struct {
	DefaultAdditionalInformation string `json:"defaultAdditionalInformation,omitempty"` // At most 500 characters.
	DefaultReference             string `json:"defaultReference,omitempty"`
	Group                        string `json:"group,omitempty"` // At most 80 characters.
	ParentCompanyIDType          string `json:"parentCompanyIdType,omitempty"`
	ParentCompanyID              string `json:"parentCompanyId,omitempty"`            // At most 20 characters.
	AuxiliaryCompanyName         string `json:"auxiliaryCompanyName,omitempty"`       // At most 80 characters.
	FormerCompanyName            string `json:"formerCompanyName,omitempty"`          // At most 80 characters.
	Sector                       string `json:"sector,omitempty"`                     // At most 80 characters.
	WebAddress                   string `json:"webAddress,omitempty"`                 // At most 100 characters.
	Comments1                    string `json:"comments1,omitempty"`                  // At most 100 characters.
	Comments2                    string `json:"comments2,omitempty"`                  // At most 100 characters.
	InvoicePeriod                string `json:"invoicePeriod,omitempty"`              // At most 40 characters.
	WithholdingRegisterMarking   string `json:"withholdingRegisterMarking,omitempty"` // At most 20 characters.
	InvoiceLedger                string `json:"invoiceLedger,omitempty"`
}

// A ContactPerson is a person at a partner.
type ContactPerson struct {
	ID    int64  `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`  // At most 80 characters.
	Email string `json:"email,omitempty"` // At most 80 characters.
	Phone string `json:"phone,omitempty"` // At most 40 characters.
}

// A PartnerGroup is a group of partners.
type PartnerGroup struct {
	ID     int64       `json:"id,omitempty"`
	Name   string      `json:"name"` // At most 80 characters.
	Type   PartnerType `json:"type"`
	Active *bool       `json:"active,omitempty"`
}

// A PartnerInfo is a partner as a search shows it.
type PartnerInfo struct {
	ID             int64               `json:"id,omitempty"`
	Name           string              `json:"name,omitempty"`
	BillingAddress *Address            `json:"billingAddress,omitempty"`
	InvoicingInfo  *BasicInvoicingInfo `json:"invoicingInfo,omitempty"`
	RegistryInfo   *BasicRegistryInfo  `json:"registryInfo,omitempty"`
	Type           PartnerType         `json:"type,omitempty"`
	Version        Time                `json:"version,omitzero"`
}

// BasicInvoicingInfo is the part of InvoicingInfo that a search shows.
type BasicInvoicingInfo struct {
	CustomerNumber string `json:"customerNumber,omitempty"`
	Identifier     string `json:"identifier,omitempty"`
	IdentifierType string `json:"identifierType,omitempty"`
}

// BasicRegistryInfo is the part of RegistryInfo that a search shows.
type BasicRegistryInfo struct {
	Active bool `json:"active,omitempty"`
}

// PartnerDefaultAccounts are the accounts and VAT defaults of a partner.
type PartnerDefaultAccounts struct {
	VATPercent              Decimal      `json:"vatPercent,omitzero"`
	VATDeduction            Decimal      `json:"vatDeduction,omitzero"`
	VATStatus               int          `json:"vatStatus,omitempty"`
	VATProcessing           string       `json:"vatProcessing,omitempty"`
	CombineInvoiceRows      bool         `json:"combineInvoiceRows,omitempty"`
	SalesInvoiceAccounts    *AccountPair `json:"salesInvoiceAccounts,omitempty"`
	PurchaseInvoiceAccounts *AccountPair `json:"purchaseInvoiceAccounts,omitempty"`
	TravelInvoiceAccounts   *AccountPair `json:"travelInvoiceAccounts,omitempty"`
	ExpenseClaimAccounts    *AccountPair `json:"expenseClaimAccounts,omitempty"`
	JournalAccounts         *AccountPair `json:"journalAccounts,omitempty"`
}

// An AccountPair is where one kind of voucher is booked.
type AccountPair struct {
	DebitAccount          *AccountName `json:"debitAccount,omitempty"`
	CreditAccount         *AccountName `json:"creditAccount,omitempty"`
	ReconciliationAccount *AccountName `json:"reconciliationAccount,omitempty"`
}

// An AccountName is an account's code and name.
type AccountName struct {
	Code string `json:"code,omitempty"`
	Name string `json:"name,omitempty"`
}

// A DefaultDimension is how a partner's or product's postings are shared over a dimension.
type DefaultDimension struct {
	ID    int64                  `json:"id,omitempty"`
	Name  string                 `json:"name,omitempty"`
	Items []DefaultDimensionItem `json:"items,omitempty"`
}

// A DefaultDimensionItem is one share of it.
type DefaultDimensionItem struct {
	ID          int64   `json:"id,omitempty"`
	CodeName    string  `json:"codeName"`
	Percent     Decimal `json:"percent"`
	Status      *bool   `json:"status,omitempty"`
	Description string  `json:"description,omitempty"`
}

// A DefaultDimensionInfo is a DefaultDimension as a list shows it.
type DefaultDimensionInfo struct {
	ID    int64                      `json:"id,omitempty"`
	Name  string                     `json:"name,omitempty"`
	Items []DefaultDimensionItemInfo `json:"items,omitempty"`
}

// A DefaultDimensionItemInfo is one share of it.
type DefaultDimensionItemInfo struct {
	ID       int64   `json:"id,omitempty"`
	CodeName string  `json:"codeName"`
	Percent  Decimal `json:"percent"`
}

// A DefaultProduct is a product a partner is usually invoiced for.
type DefaultProduct struct {
	ID              int64                   `json:"id,omitempty"`
	ProductInfo     *Product                `json:"productInfo,omitempty"`
	DefaultSettings *DefaultProductSettings `json:"defaultSettings,omitempty"`
	ValidityPeriods []ProductValidityPeriod `json:"validityPeriods,omitempty"`
}

// DefaultProductSettings are the terms of a DefaultProduct.
type DefaultProductSettings struct {
	UseSpecialDiscount        *bool   `json:"useSpecialDiscount,omitempty"`
	SpecialDiscountPercentage Decimal `json:"specialDiscountPercentage,omitzero"`
	UseSpecialPrice           *bool   `json:"useSpecialPrice,omitempty"`
	SpecialPrice              Decimal `json:"specialPrice,omitzero"`
	UseSpecialVAT             *bool   `json:"useSpecialVat,omitempty"`
	SpecialVATPercentage      Decimal `json:"specialVatPercentage,omitzero"`
	Amount                    Decimal `json:"amount,omitzero"`
	Comment                   string  `json:"comment,omitempty"`
}

// A ProductValidityPeriod is when a DefaultProduct holds.
type ProductValidityPeriod struct {
	StartDate Date   `json:"startDate,omitzero"`
	EndDate   Date   `json:"endDate,omitzero"`
	Notes     string `json:"notes,omitempty"`
}

// PersonalDetails are the register data of the user who is logged in.
type PersonalDetails struct {
	PartnerID     int64                   `json:"partnerId,omitempty"`
	FirstName     string                  `json:"firstName,omitempty"`
	LastName      string                  `json:"lastName,omitempty"`
	Language      Language                `json:"language,omitempty"`
	Address       *Address                `json:"address,omitempty"`
	PaymentInfo   *PersonalPaymentDetails `json:"paymentInfo,omitempty"`
	InvoicingInfo *BasicInvoicingInfo     `json:"invoicingInfo,omitempty"`
}

// PersonalPaymentDetails are how that user is paid.
type PersonalPaymentDetails struct {
	PaymentMethod         PaymentMethod `json:"paymentMethod,omitempty"`
	Currency              Currency      `json:"currency,omitempty"`
	BankAccount           *BankAccount  `json:"bankAccount,omitempty"`
	PaymentTermDays       string        `json:"paymentTermDays,omitempty"`
	PaymentTermPercentage Decimal       `json:"paymentTermPercentage,omitzero"`
	PenalInterestRate     Decimal       `json:"penalInterestRate,omitzero"`
	DiscountPercentage    Decimal       `json:"discountPercentage,omitzero"`
	ClearingCode          string        `json:"clearingCode,omitempty"`
}
