package procountor

// An Invoice is a sales or purchase invoice, an order, an offer, a travel claim or an expense claim,
// by its Type (REFERENCE 3.1). A credit note is an invoice with negative quantities.
//
// Fields that Procountor sets are ignored when written. PUT replaces the whole invoice: read it,
// change it, put it back.
type Invoice struct {
	ID int64 `json:"id,omitempty"` // Set by Procountor.
	// Register id of the customer, supplier or person; must exist. Not editable in PUT.
	PartnerID   int64       `json:"partnerId,omitempty"`
	Type        InvoiceType `json:"type"`                 // Decides which rules apply. PERIODIC_TAX_RETURN can only be read.
	Status      Status      `json:"status,omitempty"`     // Server-managed; new invoices are UNFINISHED. Read only.
	Date        Date        `json:"date"`                 // Invoice (billing) date.
	PaymentDate Date        `json:"paymentDate,omitzero"` // Date of the latest payment. Read only.
	// Buyer for sales, seller for purchases, the reporter for travel and expense.
	CounterParty CounterParty `json:"counterParty"`
	// nil on a sales invoice: copied from the counterparty; an empty Address: none.
	BillingAddress    *Address           `json:"billingAddress,omitempty"`
	DeliveryAddress   *Address           `json:"deliveryAddress,omitempty"` // nil: copied from the counterparty; an empty Address: none.
	PaymentInfo       PaymentInfo        `json:"paymentInfo"`               // Account to pay to, method, due date.
	DeliveryTermsInfo *DeliveryTermsInfo `json:"deliveryTermsInfo,omitempty"`
	ExtraInfo         ExtraInfo          `json:"extraInfo"`       // Accounting and price mode.
	DiscountPercent   Decimal            `json:"discountPercent"` // Header discount, at most 4 decimals.
	// Copied to the payment as message when there is no reference code. At most 70 characters.
	OrderReference        string               `json:"orderReference,omitempty"`
	InvoiceRows           []InvoiceRow         `json:"invoiceRows"`                     // At least one, except PERIODIC_TAX_RETURN.
	InvoiceNumber         int                  `json:"invoiceNumber,omitempty"`         // Assigned by Procountor.
	VATStatus             *int                 `json:"vatStatus,omitempty"`             // Required except TRAVEL_INVOICE and BILL_OF_CHARGES.
	OriginalInvoiceNumber string               `json:"originalInvoiceNumber,omitempty"` // Number in the external system. At most 40 characters.
	DeliveryStartDate     Date                 `json:"deliveryStartDate,omitzero"`      // First day of delivery.
	DeliveryEndDate       Date                 `json:"deliveryEndDate,omitzero"`        // Last day of delivery.
	DeliveryMethod        DeliveryMethod       `json:"deliveryMethod,omitempty"`        // OTHER is not accepted on sales.
	DeliveryInstructions  string               `json:"deliveryInstructions,omitempty"`  // At most 255 characters.
	InvoiceChannel        Channel              `json:"invoiceChannel"`                  // EDIFACT and PAPER_INVOICE are not accepted in POST and PUT.
	InvoiceOperatorInfo   *InvoiceOperatorInfo `json:"invoiceOperatorInfo,omitempty"`   // Receiving operator; purchase invoices only. Read only.
	PenaltyPercent        Decimal              `json:"penaltyPercent,omitzero"`         // 2 decimals.
	Language              Language             `json:"language,omitempty"`              // Required for SALES_INVOICE and SALES_ORDER.
	InvoiceTemplateID     int64                `json:"invoiceTemplateId,omitempty"`     // Sales invoice and order. See /company/invoicetemplates.
	// Printed on the invoice; \n is the line break. At most 10000 characters.
	AdditionalInformation string      `json:"additionalInformation,omitempty"`
	VATCountry            CountryName `json:"vatCountry,omitempty"` // VAT rules of another country; needs a special agreement.
	// Id of the accounting page; changes when the page is recreated. Read only.
	LedgerReceiptID        int64                   `json:"ledgerReceiptId,omitempty"`
	Notes                  string                  `json:"notes,omitempty"`                  // Internal notes, not printed. At most 10000 characters.
	FactoringContractID    int64                   `json:"factoringContractId,omitempty"`    // Sales only; the bank account must be the contract's; not with CASH.
	FactoringText          string                  `json:"factoringText,omitempty"`          // Sales only.
	Sum                    Decimal                 `json:"sum,omitzero"`                     // PERIODIC_TAX_RETURN only. Read only.
	TravelInformationItems []TravelInformationItem `json:"travelInformationItems,omitempty"` // TRAVEL_INVOICE.
	// nil: the company's or supplier's defaults apply; empty: no checkers at all.
	InvoiceApprovalInformation *ApprovalInformation `json:"invoiceApprovalInformation,omitempty"`
	Attachments                []Attachment         `json:"attachments,omitempty"`               // Managed through /attachments. Read only.
	OrderNumber                string               `json:"orderNumber,omitempty"`               // Finland; sales and purchase invoice.
	AgreementNumber            string               `json:"agreementNumber,omitempty"`           // Finland; sales and purchase invoice.
	AccountingCode             string               `json:"accountingCode,omitempty"`            // Finland; sales and purchase invoice.
	DeliverySite               string               `json:"deliverySite,omitempty"`              // Finland; sales and purchase invoice.
	TenderReference            string               `json:"tenderReference,omitempty"`           // Finland; sales and purchase invoice.
	BuyerReferenceIdentifier   string               `json:"buyerReferenceIdentifier,omitempty"`  // Finland; sales and purchase invoice. At most 70 characters.
	SellerReferenceIdentifier  string               `json:"sellerReferenceIdentifier,omitempty"` // Finland; sales and purchase invoice. At most 70 characters.
	Version                    Time                 `json:"version,omitzero"`                    // Optimistic lock: PUT must carry the one that was read.
	// Totals; in two currencies when the invoice is in a foreign one. Read only.
	InvoiceSumInfo []InvoiceSumInfo `json:"invoiceSumInfo,omitempty"`
	CreatorID      int64            `json:"creatorId,omitempty"` // User id of the owner. Read only.
	IsOffer        bool             `json:"isOffer,omitempty"`   // SALES_ORDER only.
}

// A CounterParty is the invoice's own copy of the other side: the buyer for sales, the seller for
// purchases, the reporter for travel and expense claims.
type CounterParty struct {
	ContactPersonName string `json:"contactPersonName,omitempty"` // Contact person. At most 70 characters.
	Identifier        string `json:"identifier,omitempty"`        // Business id or person id; orders and invoices of sales and purchase.
	TaxCode           string `json:"taxCode,omitempty"`           // VAT number; same types.
	CustomerNumber    string `json:"customerNumber,omitempty"`    // Same types.
	Email             string `json:"email,omitempty"`             // Must be valid when given.
	// At most 4, each at most 256 characters and different from email; sales invoice, order and
	// offer.
	BccAddresses        []string            `json:"bccAddresses,omitempty"`
	CounterPartyAddress CounterPartyAddress `json:"counterPartyAddress"`
	BankAccount         *BankAccount        `json:"bankAccount,omitempty"` // SALES_INVOICE; only the dead DIRECT_DEBIT method used it.
	EInvoiceAddress     *EInvoiceAddress    `json:"einvoiceAddress,omitempty"`
}

// A CounterPartyAddress is an address that must have a name.
type CounterPartyAddress struct {
	Name        string      `json:"name"`                // At most 80 characters.
	Specifier   string      `json:"specifier,omitempty"` // At most 80 characters.
	Street      string      `json:"street,omitempty"`    // At most 80 characters.
	Zip         string      `json:"zip,omitempty"`       // At most 20 characters.
	City        string      `json:"city,omitempty"`      // At most 40 characters.
	Country     CountryName `json:"country,omitempty"`
	Subdivision string      `json:"subdivision,omitempty"` // At most 35 characters.
}

// An Address is a billing, delivery or register address. All empty it says "none", where nil says "the default".
type Address struct {
	Name        string      `json:"name,omitempty"`      // At most 80 characters.
	Specifier   string      `json:"specifier,omitempty"` // At most 80 characters.
	Street      string      `json:"street,omitempty"`    // At most 80 characters.
	Zip         string      `json:"zip,omitempty"`       // At most 20 characters.
	City        string      `json:"city,omitempty"`      // At most 40 characters.
	Country     CountryName `json:"country,omitempty"`
	Subdivision string      `json:"subdivision,omitempty"` // At most 35 characters.
}

// An EInvoiceAddress is where an electronic invoice goes.
type EInvoiceAddress struct {
	Operator string `json:"operator,omitempty"` // Operator code; required for ELECTRONIC_INVOICE in Finland.
	Address  string `json:"address,omitempty"`  // Required for ELECTRONIC_INVOICE.
	EDIID    string `json:"ediId,omitempty"`    // Finland, ELECTRONIC_INVOICE.
}

// PaymentInfo says how, where and when an invoice is paid.
type PaymentInfo struct {
	// DKLMPKRE is read-only legacy. Methods beyond BANK_TRANSFER, CASH and CLEARING may need fields
	// that the API lacks.
	PaymentMethod PaymentMethod `json:"paymentMethod"`
	Currency      Currency      `json:"currency"`
	// Where to pay; not needed for CASH. For sales it must be the company's own account.
	BankAccount *BankAccount `json:"bankAccount,omitempty"`
	DueDate     Date         `json:"dueDate"`             // 0 to 999 days after the invoice date.
	NewDueDate  Date         `json:"newDueDate,omitzero"` // Postponed due date. Read only.
	// Units of foreign currency per one unit of the domestic currency; 1 for the domestic currency.
	CurrencyRate          Decimal       `json:"currencyRate"`
	PaymentTermPercentage Decimal       `json:"paymentTermPercentage,omitzero"` // Discount if paid before the due date.
	CashDiscount          *CashDiscount `json:"cashDiscount,omitempty"`         // Sales and purchase invoices and orders.
	// nil: no reference, and payments do not find the invoice. "": Procountor makes one. Otherwise
	// kept after a test of its check digit.
	BankReferenceCode *string `json:"bankReferenceCode,omitempty"`
	// Standard used to generate; a type not allowed in the country gives 400.
	BankReferenceCodeType ReferenceCodeType `json:"bankReferenceCodeType,omitempty"`
	ClearingCode          string            `json:"clearingCode,omitempty"` // Foreign payments. At most 50 characters.
}

// A BankAccount is a party's account.
type BankAccount struct {
	AccountNumber string `json:"accountNumber,omitempty"` // IBAN with country code, no spaces.
	BIC           string `json:"bic,omitempty"`           // Not used on SALES_INVOICE and SALES_ORDER.
}

// A CashDiscount is what may be deducted when paying early.
type CashDiscount struct {
	OptionList            []CashDiscountOption `json:"optionList,omitempty"`            // Up to 3 used, extras ignored, stored by ascending days.
	CashDiscountsTermType CashDiscountTerm     `json:"cashDiscountsTermType,omitempty"` // FROM_INV_DATE is the default and the only choice outside Denmark.
}

// A CashDiscountOption is one step of a cash discount.
type CashDiscountOption struct {
	NumberOfDays       *int    `json:"numberOfDays,omitempty"`
	DiscountPercentage Decimal `json:"discountPercentage,omitzero"`
}

// ExtraInfo says how an invoice is booked and whether its prices include VAT.
type ExtraInfo struct {
	AccountingByRow      bool `json:"accountingByRow"`      // One ledger transaction per invoice row.
	UnitPricesIncludeVAT bool `json:"unitPricesIncludeVat"` // Row prices are gross.
}

// DeliveryTermsInfo is the delivery term and its place.
type DeliveryTermsInfo struct {
	Name         string `json:"name,omitempty"`
	Municipality string `json:"municipality,omitempty"`
}

// An InvoiceRow is one row. Accounts and dimensions are not here but on the ledger receipt.
type InvoiceRow struct {
	ID int64 `json:"id,omitempty"` // Set by Procountor.
	// The row may differ from the register product. Register accounts apply only with
	// accountingByRow=true.
	ProductID       int64   `json:"productId,omitempty"`
	Product         string  `json:"product"` // Name on the row.
	ProductCode     string  `json:"productCode,omitempty"`
	Quantity        Decimal `json:"quantity"`
	Unit            Unit    `json:"unit"`
	UnitPrice       Decimal `json:"unitPrice"` // Gross or net by unitPricesIncludeVat.
	DiscountPercent Decimal `json:"discountPercent"`
	VATPercent      Decimal `json:"vatPercent"`                // Must be in use in the company.
	VATStatus       *int    `json:"vatStatus,omitempty"`       // Overrides the header.
	Comment         string  `json:"comment,omitempty"`         // Printed. At most 512 characters.
	StartDate       Date    `json:"startDate,omitzero"`        // Accrual or delivery period.
	EndDate         Date    `json:"endDate,omitzero"`          // Accrual or delivery period.
	HeaderText      string  `json:"headerText,omitempty"`      // Sales invoice, order, offer. At most 512 characters.
	ExplanationText string  `json:"explanationText,omitempty"` // Sales invoice, order, offer. At most 512 characters.
}

// A TravelInformationItem is one journey of a travel claim, in free text.
type TravelInformationItem struct {
	Departure string `json:"departure,omitempty"` // Free text. At most 40 characters.
	Arrival   string `json:"arrival,omitempty"`   // Free text. At most 40 characters.
	Places    string `json:"places,omitempty"`    // Free text. At most 255 characters.
	Purpose   string `json:"purpose,omitempty"`   // Free text. At most 255 characters.
}

// ApprovalInformation names who verifies and who approves. Empty it means nobody.
type ApprovalInformation struct {
	Acceptors []Checker `json:"acceptors,omitempty"`
	Verifiers []Checker `json:"verifiers,omitempty"`
}

// A Checker is a user on the round of an invoice.
type Checker struct {
	UserID         int64 `json:"userId"`                  // Checker.
	EventPerformed Date  `json:"eventPerformed,omitzero"` // When it was done. Read only.
}

// InvoiceSumInfo holds the totals of an invoice in one currency.
type InvoiceSumInfo struct {
	Currency             string  `json:"currency,omitempty"`             // ISO code.
	InAccountingCurrency bool    `json:"inAccountingCurrency,omitempty"` // Sum is in the company's currency.
	ExcludingVATTotal    Decimal `json:"excludingVatTotal,omitzero"`     // Net.
	VATSumTotal          Decimal `json:"vatSumTotal,omitzero"`           // VAT.
	InvoiceSumTotal      Decimal `json:"invoiceSumTotal,omitzero"`       // Gross.
}

// InvoiceOperatorInfo is by which operator a purchase invoice came.
type InvoiceOperatorInfo struct {
	Operator         string `json:"operator,omitempty"`
	ReceivingAddress string `json:"receivingAddress,omitempty"`
}
