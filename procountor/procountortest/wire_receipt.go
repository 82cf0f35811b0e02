package procountortest

// LedgerReceipt is the schema of that name.
type LedgerReceipt struct {
	ID                     int64         `json:"id,omitempty"`
	Type                   string        `json:"type"`
	Status                 string        `json:"status,omitempty"`
	Name                   string        `json:"name"`
	ReceiptDate            string        `json:"receiptDate"`
	VATType                string        `json:"vatType"`
	VATStatus              int64         `json:"vatStatus"`
	VATProcessing          string        `json:"vatProcessing,omitempty"`
	InvoiceID              *int64        `json:"invoiceId,omitempty"`
	ReceiptNumber          *int64        `json:"receiptNumber,omitempty"`
	InvoiceNotes           string        `json:"invoiceNotes,omitempty"`
	InvoiceNumber          *int64        `json:"invoiceNumber,omitempty"`
	AccountantsNotes       string        `json:"accountantsNotes,omitempty"`
	TransactionDescription string        `json:"transactionDescription,omitempty"`
	ReceiptValidity        string        `json:"receiptValidity,omitempty"`
	PeriodStartDate        string        `json:"periodStartDate,omitempty"`
	PeriodEndDate          string        `json:"periodEndDate,omitempty"`
	PartnerID              *int64        `json:"partnerId,omitempty"`
	PartnerCode            string        `json:"partnerCode,omitempty"`
	SerialNumber           *SerialNumber `json:"serialNumber,omitempty"`
	Version                string        `json:"version,omitempty"`
	Depreciation           string        `json:"depreciation,omitempty"`
	VATDate                string        `json:"vatDate,omitempty"`
	Transactions           []Transaction `json:"transactions"`
	Attachments            []Attachment  `json:"attachments,omitempty"`
}

// SerialNumber is the schema of that name.
type SerialNumber struct {
	Series string `json:"series,omitempty"`
	Number *int64 `json:"number,omitempty"`
}

// Transaction is the schema of that name.
type Transaction struct {
	ID                  int64                `json:"id,omitempty"`
	TransactionType     string               `json:"transactionType"`
	Account             string               `json:"account"`
	AccountingValue     Number               `json:"accountingValue"`
	VATPercent          Number               `json:"vatPercent"`
	VATType             string               `json:"vatType,omitempty"`
	VATStatus           *int64               `json:"vatStatus,omitempty"`
	Description         string               `json:"description,omitempty"`
	BalanceCode         string               `json:"balanceCode,omitempty"`
	Allocations         []int64              `json:"allocations,omitempty"`
	PartnerID           *int64               `json:"partnerId,omitempty"`
	DimensionItemValues []DimensionItemValue `json:"dimensionItemValues,omitempty"`
	VATDeductionPercent *Number              `json:"vatDeductionPercent,omitempty"`
	StartDate           string               `json:"startDate,omitempty"`
	EndDate             string               `json:"endDate,omitempty"`
}

// DimensionItemValue is the schema of that name.
type DimensionItemValue struct {
	DimensionID int64  `json:"dimensionId"`
	ItemID      int64  `json:"itemId"`
	Value       Number `json:"value"`
}

// LedgerReceiptBasicInfo is the schema of that name.
type LedgerReceiptBasicInfo struct {
	ID            int64         `json:"id,omitempty"`
	Type          string        `json:"type,omitempty"`
	Status        string        `json:"status,omitempty"`
	Name          string        `json:"name,omitempty"`
	ReceiptDate   string        `json:"receiptDate,omitempty"`
	ReceiptNumber *int64        `json:"receiptNumber,omitempty"`
	InvoiceNumber *int64        `json:"invoiceNumber,omitempty"`
	SerialNumber  *SerialNumber `json:"serialNumber,omitempty"`
	Created       string        `json:"created,omitempty"`
	Version       string        `json:"version,omitempty"`
}

// Journal is the schema of that name.
type Journal struct {
	ID              int64         `json:"id,omitempty"`
	LedgerReceiptID *int64        `json:"ledgerReceiptId,omitempty"`
	PartnerID       *int64        `json:"partnerId,omitempty"`
	Type            string        `json:"type"`
	Status          string        `json:"status,omitempty"`
	InvoiceNumber   *int64        `json:"invoiceNumber,omitempty"`
	Date            string        `json:"date,omitempty"`
	Created         string        `json:"created,omitempty"`
	Version         string        `json:"version,omitempty"`
	CounterParty    *CounterParty `json:"counterParty,omitempty"`
}

// DimensionItemValueList is the schema of that name.
type DimensionItemValueList struct {
	DimensionItemValues []DimensionItemValue `json:"dimensionItemValues"`
}

// Document is the schema of that name.
type Document struct {
	AttachmentID  *int64 `json:"attachmentId,omitempty"`
	Name          string `json:"name,omitempty"`
	Size          *int64 `json:"size,omitempty"`
	User          string `json:"user,omitempty"`
	ReferenceID   *int64 `json:"referenceId,omitempty"`
	ReferenceType string `json:"referenceType,omitempty"`
	Attached      string `json:"attached,omitempty"`
}

// AttachmentRename is the schema of that name.
type AttachmentRename struct {
	Name string `json:"name"`
}
