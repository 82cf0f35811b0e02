package procountortest

// BasicPaymentTransactionData is the schema of that name.
type BasicPaymentTransactionData struct {
	ID            int64   `json:"id,omitempty"`
	InvoiceID     *int64  `json:"invoiceId,omitempty"`
	PaymentDate   string  `json:"paymentDate,omitempty"`
	Amount        *Number `json:"amount,omitempty"`
	ReceiverName  string  `json:"receiverName,omitempty"`
	Status        string  `json:"status,omitempty"`
	ServiceCharge string  `json:"serviceCharge,omitempty"`
	PaidAmount    *Number `json:"paidAmount,omitempty"`
	PaidCurrency  string  `json:"paidCurrency,omitempty"`
}

// PaymentRowInfo is the schema of that name.
type PaymentRowInfo struct {
	ID              int64   `json:"id,omitempty"`
	InvoiceID       *int64  `json:"invoiceId,omitempty"`
	PaymentDate     string  `json:"paymentDate,omitempty"`
	Amount          *Number `json:"amount,omitempty"`
	ReceiverName    string  `json:"receiverName,omitempty"`
	Currency        string  `json:"currency,omitempty"`
	PayerAccount    string  `json:"payerAccount,omitempty"`
	PayerBic        string  `json:"payerBic,omitempty"`
	Message         string  `json:"message,omitempty"`
	ReceiverAccount string  `json:"receiverAccount,omitempty"`
	ReceiverBic     string  `json:"receiverBic,omitempty"`
	CreatedBy       string  `json:"createdBy,omitempty"`
	Status          string  `json:"status,omitempty"`
}

// TransactionIdentifier is the schema of that name.
type TransactionIdentifier struct {
	TransactionIdentifier string `json:"transactionIdentifier,omitempty"`
	ConfirmationApp       string `json:"confirmationApp,omitempty"`
}

// InvoicePayment is the schema of that name.
type InvoicePayment struct {
	Amount                         Number                                 `json:"amount"`
	BankReferenceCode              string                                 `json:"bankReferenceCode,omitempty"`
	BankReferenceCodeType          string                                 `json:"bankReferenceCodeType,omitempty"`
	Message                        string                                 `json:"message,omitempty"`
	RecipientBankAccount           string                                 `json:"recipientBankAccount"`
	RecipientBicCode               string                                 `json:"recipientBicCode,omitempty"`
	PaymentMethod                  string                                 `json:"paymentMethod"`
	PayerBankAccount               string                                 `json:"payerBankAccount,omitempty"`
	PaymentDate                    string                                 `json:"paymentDate"`
	ReceiverBankClearingCode       string                                 `json:"receiverBankClearingCode,omitempty"`
	RecipientNameAndAddress        PaymentRecipientNameAndAddress         `json:"recipientNameAndAddress"`
	ReceiverBankNameAndAddress     *PaymentReceiverBankNameAndAddress     `json:"receiverBankNameAndAddress,omitempty"`
	IntermediaryBankNameAndAddress *PaymentIntermediaryBankNameAndAddress `json:"intermediaryBankNameAndAddress,omitempty"`
	IntermediaryBankBic            string                                 `json:"intermediaryBankBic,omitempty"`
	ServiceCharge                  string                                 `json:"serviceCharge,omitempty"`
	InvoiceID                      int64                                  `json:"invoiceId"`
	InvoiceVersion                 string                                 `json:"invoiceVersion"`
}

// PaymentRecipientNameAndAddress is the schema of that name.
type PaymentRecipientNameAndAddress struct {
	Name        string `json:"name"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// PaymentReceiverBankNameAndAddress is the schema of that name.
type PaymentReceiverBankNameAndAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// PaymentIntermediaryBankNameAndAddress is the schema of that name.
type PaymentIntermediaryBankNameAndAddress struct {
	Name        string `json:"name,omitempty"`
	Specifier   string `json:"specifier,omitempty"`
	Street      string `json:"street,omitempty"`
	Zip         string `json:"zip,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
	Subdivision string `json:"subdivision,omitempty"`
}

// BankStatement is the schema of that name.
type BankStatement struct {
	ID                  int64                `json:"id,omitempty"`
	AccountNumber       string               `json:"accountNumber,omitempty"`
	StartDate           string               `json:"startDate,omitempty"`
	EndDate             string               `json:"endDate,omitempty"`
	Currency            string               `json:"currency,omitempty"`
	NumberOfDeposits    *int64               `json:"numberOfDeposits,omitempty"`
	DepositSum          *Number              `json:"depositSum,omitempty"`
	NumberOfWithdrawals *int64               `json:"numberOfWithdrawals,omitempty"`
	WithdrawalSum       *Number              `json:"withdrawalSum,omitempty"`
	StartBalance        *Number              `json:"startBalance,omitempty"`
	EndBalance          *Number              `json:"endBalance,omitempty"`
	StatementNumber     *int64               `json:"statementNumber,omitempty"`
	Events              []BankStatementEvent `json:"events,omitempty"`
}

// BankStatementEvent is the schema of that name.
type BankStatementEvent struct {
	ID                     int64                                            `json:"id,omitempty"`
	PayDate                string                                           `json:"payDate,omitempty"`
	ValueDate              string                                           `json:"valueDate,omitempty"`
	Sum                    *Number                                          `json:"sum,omitempty"`
	AccountNumber          string                                           `json:"accountNumber,omitempty"`
	Name                   string                                           `json:"name,omitempty"`
	ExplanationCode        *int64                                           `json:"explanationCode,omitempty"`
	ArchiveCode            string                                           `json:"archiveCode,omitempty"`
	Message                string                                           `json:"message,omitempty"`
	Reference              string                                           `json:"reference,omitempty"`
	Allocated              *bool                                            `json:"allocated,omitempty"`
	InvoiceID              *int64                                           `json:"invoiceId,omitempty"`
	ProductID              *int64                                           `json:"productId,omitempty"`
	EndToEndID             *int64                                           `json:"endToEndId,omitempty"`
	Attachments            []Attachment                                     `json:"attachments,omitempty"`
	AllocationMetadataRows []AllocationMetadataWithFullLedgerAccountDataRow `json:"allocationMetadataRows,omitempty"`
}

// AllocationMetadataWithFullLedgerAccountDataRow is the schema of that name.
type AllocationMetadataWithFullLedgerAccountDataRow struct {
	ID            int64          `json:"id,omitempty"`
	VATPercentage Number         `json:"vatPercentage"`
	Sum           Number         `json:"sum"`
	VATStatus     *int64         `json:"vatStatus,omitempty"`
	Comment       string         `json:"comment,omitempty"`
	LedgerAccount *LedgerAccount `json:"ledgerAccount,omitempty"`
}

// ReferencePayment is the schema of that name.
type ReferencePayment struct {
	ID                     int64                                            `json:"id,omitempty"`
	AccountNumber          string                                           `json:"accountNumber,omitempty"`
	ValueDate              string                                           `json:"valueDate,omitempty"`
	PaymentDate            string                                           `json:"paymentDate,omitempty"`
	Sum                    *Number                                          `json:"sum,omitempty"`
	Name                   string                                           `json:"name,omitempty"`
	BankReference          string                                           `json:"bankReference,omitempty"`
	ArchiveID              string                                           `json:"archiveId,omitempty"`
	Allocated              *bool                                            `json:"allocated,omitempty"`
	InvoiceID              *int64                                           `json:"invoiceId,omitempty"`
	Attachments            []Attachment                                     `json:"attachments,omitempty"`
	AllocationMetadataRows []AllocationMetadataWithFullLedgerAccountDataRow `json:"allocationMetadataRows,omitempty"`
}

// Webhook is the schema of that name.
type Webhook struct {
	UUID               string         `json:"uuid,omitempty"`
	URL                string         `json:"url"`
	AuthenticationType string         `json:"authenticationType"`
	AuthenticationMeta map[string]any `json:"authenticationMeta,omitempty"`
	Subscriptions      []string       `json:"subscriptions"`
}

// CreatedWebhookResponse is the schema of that name.
type CreatedWebhookResponse struct {
	Status *int64 `json:"status,omitempty"`
	UUID   string `json:"uuid,omitempty"`
}

// SearchResultMetaData is the schema of that name.
type SearchResultMetaData struct {
	PageNumber  *int64 `json:"pageNumber,omitempty"`
	PageSize    *int64 `json:"pageSize,omitempty"`
	ResultCount *int64 `json:"resultCount,omitempty"`
	TotalCount  *int64 `json:"totalCount,omitempty"`
}

// ErrorMessage is the schema of that name.
type ErrorMessage struct {
	Status  *int64 `json:"status,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message,omitempty"`
	Model   any    `json:"model,omitempty"`
}
