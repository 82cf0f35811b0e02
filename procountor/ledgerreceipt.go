package procountor

// A LedgerReceipt is a voucher in the books: a journal, or the accounting page of an invoice
// (REFERENCE 3.2). Editing its invoice makes it anew under another id. The transactions, VAT
// included, sum to zero.
type LedgerReceipt struct {
	ID int64 `json:"id,omitempty"` // Read only.
	// POST: JOURNAL. PUT: JOURNAL, SALES_INVOICE, PURCHASE_INVOICE, TRAVEL_INVOICE, BILL_OF_CHARGES.
	Type          ReceiptType `json:"type"`
	Status        Status      `json:"status,omitempty"` // Follows the linked invoice; not set by clients. Read only.
	Name          string      `json:"name"`             // At most 80 characters.
	ReceiptDate   Date        `json:"receiptDate"`      // Must be in an open period.
	VATType       VATType     `json:"vatType"`
	VATStatus     int         `json:"vatStatus"`               // Must be enabled for the receipt's VAT type.
	VATProcessing CountryName `json:"vatProcessing,omitempty"` // VAT country; journals only; needs the foreign VAT right.
	// Linked invoice. A journal has a hidden one: use it as attachment reference. Read only.
	InvoiceID              int64           `json:"invoiceId,omitempty"`
	ReceiptNumber          int             `json:"receiptNumber,omitempty"`          // Number of the receipt. Read only.
	InvoiceNotes           string          `json:"invoiceNotes,omitempty"`           // Same text as Invoice.notes. At most 10000 characters.
	InvoiceNumber          int             `json:"invoiceNumber,omitempty"`          // Number of the linked invoice. Read only.
	AccountantsNotes       string          `json:"accountantsNotes,omitempty"`       // Printed on the receipt. At most 255 characters.
	TransactionDescription string          `json:"transactionDescription,omitempty"` // Summary for all transactions. At most 255 characters.
	ReceiptValidity        ReceiptValidity `json:"receiptValidity,omitempty"`        // Validity class.
	PeriodStartDate        Date            `json:"periodStartDate,omitzero"`         // Before periodEndDate.
	PeriodEndDate          Date            `json:"periodEndDate,omitzero"`           // After periodStartDate.
	PartnerID              int64           `json:"partnerId,omitempty"`              // Links to the business partner register (new in 2026).
	PartnerCode            string          `json:"partnerCode,omitempty"`            // Business id, person id or account number.
	SerialNumber           *SerialNumber   `json:"serialNumber,omitempty"`           // Sweden and Denmark. Read only.
	Version                Time            `json:"version,omitzero"`                 // Optimistic lock: PUT must carry the one that was read.
	Depreciation           Depreciation    `json:"depreciation,omitempty"`           // Depreciation method.
	VATDate                Date            `json:"vatDate,omitzero"`                 // Payment-based VAT.
	Transactions           []Transaction   `json:"transactions"`                     // At least one.
	Attachments            []Attachment    `json:"attachments,omitempty"`            // Managed through /attachments. Read only.
}

// A Transaction is one posting of a ledger receipt.
type Transaction struct {
	ID int64 `json:"id,omitempty"` // Read only.
	// At most one REVERSING_ENTRY and one RECONCILIATION_ENTRY per receipt; both need vatPercent 0
	// and no vatStatus.
	TransactionType     TransactionType      `json:"transactionType"`
	Account             string               `json:"account"`         // Must exist in the chart of accounts (GET /coa).
	AccountingValue     Decimal              `json:"accountingValue"` // Net; debit positive, credit negative; two decimals.
	VATPercent          Decimal              `json:"vatPercent"`      // Must be in use in the company.
	VATType             VATType              `json:"vatType,omitempty"`
	VATStatus           *int                 `json:"vatStatus,omitempty"`           // Overrides the receipt.
	Description         string               `json:"description,omitempty"`         // Printed. At most 255 characters.
	BalanceCode         string               `json:"balanceCode,omitempty"`         // Needs balance sheet specification enabled. At most 255 characters.
	Allocations         []int64              `json:"allocations,omitempty"`         // Allocation ids. Read only.
	PartnerID           int64                `json:"partnerId,omitempty"`           // Norway only; not a PERSON.
	DimensionItemValues []DimensionItemValue `json:"dimensionItemValues,omitempty"` // Pairs (dimensionId,itemId) unique; number limited by licence.
	VATDeductionPercent Decimal              `json:"vatDeductionPercent,omitzero"`  // Usual value 100.
	StartDate           Date                 `json:"startDate,omitzero"`            // Accrual period.
	EndDate             Date                 `json:"endDate,omitzero"`              // Accrual period.
}

// A DimensionItemValue is the part of a transaction that falls on one dimension item. The parts of
// one dimension sum to the transaction.
type DimensionItemValue struct {
	DimensionID int64 `json:"dimensionId"` // Must exist.
	ItemID      int64 `json:"itemId"`      // Must exist.
	// Absolute amount, 2 decimals; the items of one dimension sum to the transaction value.
	Value Decimal `json:"value"`
}

// A SerialNumber is the series number of a Swedish or Danish voucher.
type SerialNumber struct {
	Series string `json:"series,omitempty"`
	Number int    `json:"number,omitempty"` // Read only.
}

// A LedgerReceiptInfo is a ledger receipt as a search shows it.
type LedgerReceiptInfo struct {
	ID            int64         `json:"id,omitempty"`
	Type          ReceiptType   `json:"type,omitempty"`
	Status        Status        `json:"status,omitempty"`
	Name          string        `json:"name,omitempty"`
	ReceiptDate   Date          `json:"receiptDate,omitzero"`
	ReceiptNumber int           `json:"receiptNumber,omitempty"` // Read only.
	InvoiceNumber int           `json:"invoiceNumber,omitempty"` // Read only.
	SerialNumber  *SerialNumber `json:"serialNumber,omitempty"`
	Created       Time          `json:"created,omitzero"`
	Version       Time          `json:"version,omitzero"`
}

// A Journal is a journal as GET /journals shows it.
type Journal struct {
	ID              int64         `json:"id,omitempty"`
	LedgerReceiptID int64         `json:"ledgerReceiptId,omitempty"`
	PartnerID       int64         `json:"partnerId,omitempty"`
	Type            string        `json:"type"`
	Status          Status        `json:"status,omitempty"`
	InvoiceNumber   int           `json:"invoiceNumber,omitempty"`
	Date            Date          `json:"date,omitzero"`
	Created         Time          `json:"created,omitzero"`
	Version         Time          `json:"version,omitzero"`
	CounterParty    *CounterParty `json:"counterParty,omitempty"`
}
