package procountortest

// The wire types (wire_*.go) are the sandbox's own, drawn from the API's
// description: a client that misreads a member must not find its mistake
// mirrored here. Optional members are left out when they have no value
// (REFERENCE 2.1).

// Invoice is the schema of that name.
type Invoice struct {
	ID                         int64                       `json:"id,omitempty"`
	PartnerID                  *int64                      `json:"partnerId,omitempty"`
	Type                       string                      `json:"type"`
	Status                     string                      `json:"status,omitempty"`
	Date                       string                      `json:"date"`
	PaymentDate                string                      `json:"paymentDate,omitempty"`
	CounterParty               CounterParty                `json:"counterParty"`
	BillingAddress             *InvoiceBillingAddress      `json:"billingAddress,omitempty"`
	DeliveryAddress            *InvoiceDeliveryAddress     `json:"deliveryAddress,omitempty"`
	PaymentInfo                PaymentInfo                 `json:"paymentInfo"`
	DeliveryTermsInfo          *DeliveryTermsInfo          `json:"deliveryTermsInfo,omitempty"`
	ExtraInfo                  ExtraInfo                   `json:"extraInfo"`
	DiscountPercent            Number                      `json:"discountPercent"`
	OrderReference             string                      `json:"orderReference,omitempty"`
	InvoiceRows                []InvoiceRow                `json:"invoiceRows"`
	InvoiceNumber              *int64                      `json:"invoiceNumber,omitempty"`
	VATStatus                  *int64                      `json:"vatStatus,omitempty"`
	OriginalInvoiceNumber      string                      `json:"originalInvoiceNumber,omitempty"`
	DeliveryStartDate          string                      `json:"deliveryStartDate,omitempty"`
	DeliveryEndDate            string                      `json:"deliveryEndDate,omitempty"`
	DeliveryMethod             string                      `json:"deliveryMethod,omitempty"`
	DeliveryInstructions       string                      `json:"deliveryInstructions,omitempty"`
	InvoiceChannel             string                      `json:"invoiceChannel"`
	InvoiceOperatorInfo        *InvoiceOperatorInfo        `json:"invoiceOperatorInfo,omitempty"`
	PenaltyPercent             *Number                     `json:"penaltyPercent,omitempty"`
	Language                   string                      `json:"language,omitempty"`
	InvoiceTemplateID          *int64                      `json:"invoiceTemplateId,omitempty"`
	AdditionalInformation      string                      `json:"additionalInformation,omitempty"`
	VATCountry                 string                      `json:"vatCountry,omitempty"`
	LedgerReceiptID            *int64                      `json:"ledgerReceiptId,omitempty"`
	Notes                      string                      `json:"notes,omitempty"`
	FactoringContractID        *int64                      `json:"factoringContractId,omitempty"`
	FactoringText              string                      `json:"factoringText,omitempty"`
	Sum                        *Number                     `json:"sum,omitempty"`
	TravelInformationItems     []TravelInformationItem     `json:"travelInformationItems,omitempty"`
	InvoiceApprovalInformation *InvoiceApprovalInformation `json:"invoiceApprovalInformation,omitempty"`
	Attachments                []Attachment                `json:"attachments,omitempty"`
	OrderNumber                string                      `json:"orderNumber,omitempty"`
	AgreementNumber            string                      `json:"agreementNumber,omitempty"`
	AccountingCode             string                      `json:"accountingCode,omitempty"`
	DeliverySite               string                      `json:"deliverySite,omitempty"`
	TenderReference            string                      `json:"tenderReference,omitempty"`
	BuyerReferenceIdentifier   string                      `json:"buyerReferenceIdentifier,omitempty"`
	SellerReferenceIdentifier  string                      `json:"sellerReferenceIdentifier,omitempty"`
	Version                    string                      `json:"version,omitempty"`
	InvoiceSumInfo             []InvoiceSumInfo            `json:"invoiceSumInfo,omitempty"`
	CreatorID                  *int64                      `json:"creatorId,omitempty"`
	IsOffer                    *bool                       `json:"isOffer,omitempty"`
}

// CounterParty is the schema of that name.
type CounterParty struct {
	ContactPersonName   string                     `json:"contactPersonName,omitempty"`
	Identifier          string                     `json:"identifier,omitempty"`
	TaxCode             string                     `json:"taxCode,omitempty"`
	CustomerNumber      string                     `json:"customerNumber,omitempty"`
	Email               string                     `json:"email,omitempty"`
	BccAddresses        []string                   `json:"bccAddresses,omitempty"`
	CounterPartyAddress InvoiceCounterpartyAddress `json:"counterPartyAddress"`
	BankAccount         *BankAccount               `json:"bankAccount,omitempty"`
	EinvoiceAddress     *EInvoiceAddress           `json:"einvoiceAddress,omitempty"`
}

// InvoiceCounterpartyAddress is the schema of that name.
type InvoiceCounterpartyAddress struct {
	Name        string `json:"name"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// BankAccount is the schema of that name.
type BankAccount struct {
	AccountNumber string `json:"accountNumber,omitempty"`
	BIC           string `json:"bic,omitempty"`
}

// EInvoiceAddress is the schema of that name.
type EInvoiceAddress struct {
	Operator string `json:"operator,omitempty"`
	Address  string `json:"address,omitempty"`
	EdiID    string `json:"ediId,omitempty"`
}

// InvoiceBillingAddress is the schema of that name.
type InvoiceBillingAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// InvoiceDeliveryAddress is the schema of that name.
type InvoiceDeliveryAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// PaymentInfo is the schema of that name.
type PaymentInfo struct {
	PaymentMethod         string        `json:"paymentMethod"`
	Currency              string        `json:"currency"`
	BankAccount           *BankAccount  `json:"bankAccount,omitempty"`
	DueDate               string        `json:"dueDate"`
	NewDueDate            string        `json:"newDueDate,omitempty"`
	CurrencyRate          Number        `json:"currencyRate"`
	PaymentTermPercentage *Number       `json:"paymentTermPercentage,omitempty"`
	CashDiscount          *CashDiscount `json:"cashDiscount,omitempty"`
	BankReferenceCode     *string       `json:"bankReferenceCode,omitempty"`
	BankReferenceCodeType string        `json:"bankReferenceCodeType,omitempty"`
	ClearingCode          string        `json:"clearingCode,omitempty"`
}

// CashDiscount is the schema of that name.
type CashDiscount struct {
	OptionList            []CashDiscountOption `json:"optionList,omitempty"`
	CashDiscountsTermType string               `json:"cashDiscountsTermType,omitempty"`
}

// CashDiscountOption is the schema of that name.
type CashDiscountOption struct {
	NumberOfDays       *int64  `json:"numberOfDays,omitempty"`
	DiscountPercentage *Number `json:"discountPercentage,omitempty"`
}

// DeliveryTermsInfo is the schema of that name.
type DeliveryTermsInfo struct {
	Name         string `json:"name,omitempty"`
	Municipality string `json:"municipality,omitempty"`
}

// ExtraInfo is the schema of that name.
type ExtraInfo struct {
	AccountingByRow      bool `json:"accountingByRow"`
	UnitPricesIncludeVat bool `json:"unitPricesIncludeVat"`
}

// InvoiceRow is the schema of that name.
type InvoiceRow struct {
	ID              int64  `json:"id,omitempty"`
	ProductID       *int64 `json:"productId,omitempty"`
	Product         string `json:"product"`
	ProductCode     string `json:"productCode,omitempty"`
	Quantity        Number `json:"quantity"`
	Unit            string `json:"unit"`
	UnitPrice       Number `json:"unitPrice"`
	DiscountPercent Number `json:"discountPercent"`
	VATPercent      Number `json:"vatPercent"`
	VATStatus       *int64 `json:"vatStatus,omitempty"`
	Comment         string `json:"comment,omitempty"`
	StartDate       string `json:"startDate,omitempty"`
	EndDate         string `json:"endDate,omitempty"`
	HeaderText      string `json:"headerText,omitempty"`
	ExplanationText string `json:"explanationText,omitempty"`
}

// InvoiceOperatorInfo is the schema of that name.
type InvoiceOperatorInfo struct {
	Operator         string `json:"operator,omitempty"`
	ReceivingAddress string `json:"receivingAddress,omitempty"`
}

// TravelInformationItem is the schema of that name.
type TravelInformationItem struct {
	Departure string `json:"departure,omitempty"`
	Arrival   string `json:"arrival,omitempty"`
	Places    string `json:"places,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
}

// InvoiceApprovalInformation is the schema of that name.
type InvoiceApprovalInformation struct {
	Acceptors []InvoiceCheckerInformation `json:"acceptors,omitempty"`
	Verifiers []InvoiceCheckerInformation `json:"verifiers,omitempty"`
}

// InvoiceCheckerInformation is the schema of that name.
type InvoiceCheckerInformation struct {
	UserID         int64  `json:"userId"`
	EventPerformed string `json:"eventPerformed,omitempty"`
}

// Attachment is the schema of that name.
type Attachment struct {
	ID              int64  `json:"id,omitempty"`
	Name            string `json:"name"`
	ReferenceType   string `json:"referenceType"`
	ReferenceID     int64  `json:"referenceId"`
	MimeType        string `json:"mimeType,omitempty"`
	SendWithInvoice bool   `json:"sendWithInvoice"`
}

// InvoiceSumInfo is the schema of that name.
type InvoiceSumInfo struct {
	Currency             string  `json:"currency,omitempty"`
	InAccountingCurrency *bool   `json:"inAccountingCurrency,omitempty"`
	ExcludingVatTotal    *Number `json:"excludingVatTotal,omitempty"`
	VATSumTotal          *Number `json:"vatSumTotal,omitempty"`
	InvoiceSumTotal      *Number `json:"invoiceSumTotal,omitempty"`
}

// InvoiceBasicInfo is the schema of that name.
type InvoiceBasicInfo struct {
	ID                    int64            `json:"id,omitempty"`
	PartnerID             *int64           `json:"partnerId,omitempty"`
	Type                  string           `json:"type,omitempty"`
	Status                string           `json:"status,omitempty"`
	InvoiceNumber         *int64           `json:"invoiceNumber,omitempty"`
	OriginalInvoiceNumber string           `json:"originalInvoiceNumber,omitempty"`
	InvoiceChannel        string           `json:"invoiceChannel,omitempty"`
	Date                  string           `json:"date,omitempty"`
	DueDate               string           `json:"dueDate,omitempty"`
	NewDueDate            string           `json:"newDueDate,omitempty"`
	Created               string           `json:"created,omitempty"`
	Version               string           `json:"version,omitempty"`
	InvoiceSumInfo        []InvoiceSumInfo `json:"invoiceSumInfo,omitempty"`
	CreatorID             *int64           `json:"creatorId,omitempty"`
	CounterParty          CounterParty     `json:"counterParty"`
	IsOffer               *bool            `json:"isOffer,omitempty"`
}

// CheckingEvent is the schema of that name.
type CheckingEvent struct {
	Comment string `json:"comment,omitempty"`
}

// InvoiceNotes is the schema of that name.
type InvoiceNotes struct {
	Notes string `json:"notes"`
}

// MarkInvoiceAsPaid is the schema of that name.
type MarkInvoiceAsPaid struct {
	PaymentDate       string `json:"paymentDate"`
	Amount            Number `json:"amount"`
	Currency          string `json:"currency"`
	Description       string `json:"description,omitempty"`
	PaymentMethodType string `json:"paymentMethodType,omitempty"`
}

// PaymentEvent is the schema of that name.
type PaymentEvent struct {
	ID           int64   `json:"id,omitempty"`
	InvoiceID    *int64  `json:"invoiceId,omitempty"`
	Type         string  `json:"type,omitempty"`
	PaymentDate  string  `json:"paymentDate,omitempty"`
	Status       string  `json:"status,omitempty"`
	Amount       *Number `json:"amount,omitempty"`
	Currency     string  `json:"currency,omitempty"`
	Description  string  `json:"description,omitempty"`
	PaidAmount   *Number `json:"paidAmount,omitempty"`
	PaidCurrency string  `json:"paidCurrency,omitempty"`
}

// InvoiceTransaction is the schema of that name.
type InvoiceTransaction struct {
	Action  string `json:"action,omitempty"`
	Name    string `json:"name,omitempty"`
	Date    string `json:"date,omitempty"`
	Details string `json:"details,omitempty"`
}

// InvoiceTransactionsByInvoice is the schema of that name.
type InvoiceTransactionsByInvoice struct {
	InvoiceID    *int64               `json:"invoiceId,omitempty"`
	Transactions []InvoiceTransaction `json:"transactions,omitempty"`
}

// Comment is the schema of that name.
type Comment struct {
	ID              int64            `json:"id,omitempty"`
	Author          string           `json:"author,omitempty"`
	DateTime        string           `json:"dateTime,omitempty"`
	Comment         string           `json:"comment"`
	TaggedUsersInfo *TaggedUsersInfo `json:"taggedUsersInfo,omitempty"`
}

// TaggedUsersInfo is the schema of that name.
type TaggedUsersInfo struct {
	NumTaggedUsers       *int64 `json:"numTaggedUsers,omitempty"`
	ReadByAllTaggedUsers *bool  `json:"readByAllTaggedUsers,omitempty"`
}

// CommentWithTaggedUsers is the schema of that name.
type CommentWithTaggedUsers struct {
	ID              int64            `json:"id,omitempty"`
	Author          string           `json:"author,omitempty"`
	DateTime        string           `json:"dateTime,omitempty"`
	Comment         string           `json:"comment"`
	TaggedUsersInfo *TaggedUsersInfo `json:"taggedUsersInfo,omitempty"`
	TaggedUsers     []TaggedUser     `json:"taggedUsers,omitempty"`
}

// TaggedUser is the schema of that name.
type TaggedUser struct {
	UserTagID   *int64 `json:"userTagId,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	FullName    string `json:"fullName,omitempty"`
	Read        string `json:"read,omitempty"`
}

// TaggableUser is the schema of that name.
type TaggableUser struct {
	DisplayName string `json:"displayName,omitempty"`
	FullName    string `json:"fullName,omitempty"`
}
