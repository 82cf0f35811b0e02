package procountor

// Enumerations are string types. A value that is not among the constants, as a newer release may
// send, is kept as it came.

// A Status is where a voucher stands in its life (REFERENCE 3.1, "Statuses and transitions").
type Status string

const (
	StatusApproved                  Status = "APPROVED"
	StatusDeleted                   Status = "DELETED"
	StatusEmpty                     Status = "EMPTY"
	StatusInvalidated               Status = "INVALIDATED"
	StatusInvoiced                  Status = "INVOICED"
	StatusMarkedPaid                Status = "MARKED_PAID"
	StatusNotSent                   Status = "NOT_SENT"
	StatusOverridden                Status = "OVERRIDDEN"
	StatusPaid                      Status = "PAID"
	StatusPartlyPaid                Status = "PARTLY_PAID"
	StatusPaymentDenied             Status = "PAYMENT_DENIED"
	StatusPaymentQueued             Status = "PAYMENT_QUEUED"
	StatusPaymentSentToBank         Status = "PAYMENT_SENT_TO_BANK"
	StatusPaymentTransactionRemoved Status = "PAYMENT_TRANSACTION_REMOVED"
	StatusReceived                  Status = "RECEIVED"
	StatusSent                      Status = "SENT"
	StatusStarted                   Status = "STARTED"
	StatusUnfinished                Status = "UNFINISHED"
	StatusUnsaved                   Status = "UNSAVED"
	StatusVerified                  Status = "VERIFIED"
)

// An InvoiceType decides which rules hold for an invoice. An offer is a SalesOrder with IsOffer;
// PeriodicTaxReturn can only be read.
type InvoiceType string

const (
	SalesInvoice      InvoiceType = "SALES_INVOICE"
	SalesOrder        InvoiceType = "SALES_ORDER"
	PurchaseInvoice   InvoiceType = "PURCHASE_INVOICE"
	PurchaseOrder     InvoiceType = "PURCHASE_ORDER"
	TravelInvoice     InvoiceType = "TRAVEL_INVOICE"
	BillOfCharges     InvoiceType = "BILL_OF_CHARGES"
	PeriodicTaxReturn InvoiceType = "PERIODIC_TAX_RETURN"
)

// A Channel is how a sales invoice reaches its buyer.
type Channel string

const (
	ChannelEmail             Channel = "EMAIL"
	ChannelMail              Channel = "MAIL"
	ChannelElectronicInvoice Channel = "ELECTRONIC_INVOICE"
	ChannelEdifact           Channel = "EDIFACT"
	ChannelPaperInvoice      Channel = "PAPER_INVOICE"
	ChannelNoSending         Channel = "NO_SENDING"
)

// A DeliveryMethod is how goods are delivered.
type DeliveryMethod string

const (
	DeliveryMailing     DeliveryMethod = "MAILING"
	DeliveryOnline      DeliveryMethod = "ONLINE"
	DeliveryCourier     DeliveryMethod = "COURIER"
	DeliveryVrcargo     DeliveryMethod = "VRCARGO"
	DeliveryBus         DeliveryMethod = "BUS"
	DeliveryFreight     DeliveryMethod = "FREIGHT"
	DeliveryRetrievable DeliveryMethod = "RETRIEVABLE"
	DeliveryOther       DeliveryMethod = "OTHER"
)

// A Language is one that invoices can be printed in.
type Language string

const (
	Danish    Language = "DANISH"
	English   Language = "ENGLISH"
	Estonian  Language = "ESTONIAN"
	Finnish   Language = "FINNISH"
	Norwegian Language = "NORWEGIAN"
	Swedish   Language = "SWEDISH"
)

// A PaymentMethod is how an invoice is paid. PayDirectDebit is not accepted any more, PayDklmpkre
// can only be read.
type PaymentMethod string

const (
	PayBankTransfer            PaymentMethod = "BANK_TRANSFER"
	PayDirectDebit             PaymentMethod = "DIRECT_DEBIT"
	PayDirectPayment           PaymentMethod = "DIRECT_PAYMENT"
	PayClearing                PaymentMethod = "CLEARING"
	PayCreditCardCharge        PaymentMethod = "CREDIT_CARD_CHARGE"
	PayForeignPayment          PaymentMethod = "FOREIGN_PAYMENT"
	PayOther                   PaymentMethod = "OTHER"
	PayCash                    PaymentMethod = "CASH"
	PayDomesticPaymentPlusgiro PaymentMethod = "DOMESTIC_PAYMENT_PLUSGIRO"
	PayDomesticPaymentBankgiro PaymentMethod = "DOMESTIC_PAYMENT_BANKGIRO"
	PayDomesticPaymentCreditor PaymentMethod = "DOMESTIC_PAYMENT_CREDITOR"
	PayDklmpkre                PaymentMethod = "DKLMPKRE"
	PayNets                    PaymentMethod = "NETS"
)

// A ReferenceCodeType is the standard of a bank reference.
type ReferenceCodeType string

const (
	ReferenceRF    ReferenceCodeType = "RF"
	ReferenceFI    ReferenceCodeType = "FI"
	ReferenceOCR   ReferenceCodeType = "OCR"
	ReferenceKID   ReferenceCodeType = "KID"
	ReferenceGIK01 ReferenceCodeType = "GIK01"
	ReferenceGIK04 ReferenceCodeType = "GIK04"
	ReferenceGIK15 ReferenceCodeType = "GIK15"
	ReferenceFIK71 ReferenceCodeType = "FIK71"
	ReferenceFIK73 ReferenceCodeType = "FIK73"
	ReferenceFIK75 ReferenceCodeType = "FIK75"
)

// A CashDiscountTerm is when the days of a cash discount begin.
type CashDiscountTerm string

const (
	CashDiscountFromEndOfMonth CashDiscountTerm = "FROM_END_OF_MONTH"
	CashDiscountFromInvDate    CashDiscountTerm = "FROM_INV_DATE"
)

// A MarkPaidMethod is how a payment entered by hand was made.
type MarkPaidMethod string

const (
	MarkPaidAdjustment           MarkPaidMethod = "ADJUSTMENT"
	MarkPaidBankStatement        MarkPaidMethod = "BANK_STATEMENT"
	MarkPaidCash                 MarkPaidMethod = "CASH"
	MarkPaidChargeCard           MarkPaidMethod = "CHARGE_CARD"
	MarkPaidCorrection           MarkPaidMethod = "CORRECTION"
	MarkPaidCreditLoss           MarkPaidMethod = "CREDIT_LOSS"
	MarkPaidCreditNote           MarkPaidMethod = "CREDIT_NOTE"
	MarkPaidExternalBankTransfer MarkPaidMethod = "EXTERNAL_BANK_TRANSFER"
	MarkPaidSetOff               MarkPaidMethod = "SET_OFF"
)

// A PaymentEventType is what a payment event came from; another vocabulary than [MarkPaidMethod].
type PaymentEventType string

const (
	EventAdjustment                PaymentEventType = "ADJUSTMENT"
	EventBankstatement             PaymentEventType = "BANKSTATEMENT"
	EventBankstatementToInvoice    PaymentEventType = "BANKSTATEMENT_TO_INVOICE"
	EventBankstatementToJournal    PaymentEventType = "BANKSTATEMENT_TO_JOURNAL"
	EventBanktransferelsewhere     PaymentEventType = "BANKTRANSFERELSEWHERE"
	EventCash                      PaymentEventType = "CASH"
	EventCashdiscount              PaymentEventType = "CASHDISCOUNT"
	EventChargecard                PaymentEventType = "CHARGECARD"
	EventCompensationinvoice       PaymentEventType = "COMPENSATIONINVOICE"
	EventCorrection                PaymentEventType = "CORRECTION"
	EventCreditloss                PaymentEventType = "CREDITLOSS"
	EventElsewhere                 PaymentEventType = "ELSEWHERE"
	EventInvoiceToInvoice          PaymentEventType = "INVOICE_TO_INVOICE"
	EventInvoiceToJournal          PaymentEventType = "INVOICE_TO_JOURNAL"
	EventJournalToInvoice          PaymentEventType = "JOURNAL_TO_INVOICE"
	EventJournalToJournal          PaymentEventType = "JOURNAL_TO_JOURNAL"
	EventNetsDkInvoice             PaymentEventType = "NETS_DK_INVOICE"
	EventOtherpaymentmethod        PaymentEventType = "OTHERPAYMENTMETHOD"
	EventReferencepayment          PaymentEventType = "REFERENCEPAYMENT"
	EventReferencepaymentToInvoice PaymentEventType = "REFERENCEPAYMENT_TO_INVOICE"
	EventReferencepaymentToJournal PaymentEventType = "REFERENCEPAYMENT_TO_JOURNAL"
	EventSetoff                    PaymentEventType = "SETOFF"
	EventTransactionFocused        PaymentEventType = "TRANSACTION_FOCUSED"
)

// A ReceiptType is what a ledger receipt belongs to. Only journals can be made.
type ReceiptType string

const (
	ReceiptJournal                      ReceiptType = "JOURNAL"
	ReceiptPurchaseInvoice              ReceiptType = "PURCHASE_INVOICE"
	ReceiptSalesInvoice                 ReceiptType = "SALES_INVOICE"
	ReceiptPeriodicTaxReturn            ReceiptType = "PERIODIC_TAX_RETURN"
	ReceiptTravelInvoice                ReceiptType = "TRAVEL_INVOICE"
	ReceiptBillOfCharges                ReceiptType = "BILL_OF_CHARGES"
	ReceiptVATForm                      ReceiptType = "VAT_FORM"
	ReceiptSalary                       ReceiptType = "SALARY"
	ReceiptEmployerContribution         ReceiptType = "EMPLOYER_CONTRIBUTION"
	ReceiptPurchaseOrder                ReceiptType = "PURCHASE_ORDER"
	ReceiptSalesOrder                   ReceiptType = "SALES_ORDER"
	ReceiptBankStatementAsReceipt       ReceiptType = "BANK_STATEMENT_AS_RECEIPT"
	ReceiptReceiptForOpeningAccounts    ReceiptType = "RECEIPT_FOR_OPENING_ACCOUNTS"
	ReceiptReferencePayment             ReceiptType = "REFERENCE_PAYMENT"
	ReceiptTrackingPeriodOpeningReceipt ReceiptType = "TRACKING_PERIOD_OPENING_RECEIPT"
	ReceiptVATSummary                   ReceiptType = "VAT_SUMMARY"
)

// A VATType is a side of VAT.
type VATType string

const (
	VATPurchase VATType = "PURCHASE"
	VATSales    VATType = "SALES"
)

// A TransactionType tells the balancing rows from the others. A receipt has at most one
// ReversingEntry and one ReconciliationEntry, both with VAT percent 0 and no VAT status.
type TransactionType string

const (
	Entry               TransactionType = "ENTRY"
	ReconciliationEntry TransactionType = "RECONCILIATION_ENTRY"
	ReversingEntry      TransactionType = "REVERSING_ENTRY"
)

// A ReceiptValidity is a validity class of a receipt.
type ReceiptValidity string

const (
	ValidityEmpty         ReceiptValidity = "EMPTY"
	ValidityImmediately   ReceiptValidity = "IMMEDIATELY"
	ValidityOver3Years    ReceiptValidity = "OVER_3_YEARS"
	ValidityServicePeriod ReceiptValidity = "SERVICE_PERIOD"
)

// A Depreciation is a method of depreciation.
type Depreciation string

const (
	DepreciationEmpty                          Depreciation = "EMPTY"
	DepreciationReducingBalance25Percent       Depreciation = "REDUCING_BALANCE_25_PERCENT"
	DepreciationReducingBalance4Percent        Depreciation = "REDUCING_BALANCE_4_PERCENT"
	DepreciationReducingBalance7Percent        Depreciation = "REDUCING_BALANCE_7_PERCENT"
	DepreciationStraightLineDepreciation3Years Depreciation = "STRAIGHT_LINE_DEPRECIATION_3_YEARS"
	DepreciationStraightLineDepreciation5Years Depreciation = "STRAIGHT_LINE_DEPRECIATION_5_YEARS"
)

// A ReferenceKind is what an attachment is attached to. For a journal it is AtInvoice with the
// journal's InvoiceID.
type ReferenceKind string

const (
	AtBankstatementevent              ReferenceKind = "BANKSTATEMENTEVENT"
	AtCostReceipt                     ReferenceKind = "COST_RECEIPT"
	AtCustomerBusinessPartnerRegister ReferenceKind = "CUSTOMER_BUSINESS_PARTNER_REGISTER"
	AtEmployeeInfo                    ReferenceKind = "EMPLOYEE_INFO"
	AtEnvironment                     ReferenceKind = "ENVIRONMENT"
	AtFinancialStatement              ReferenceKind = "FINANCIAL_STATEMENT"
	AtInvoice                         ReferenceKind = "INVOICE"
	AtInvoicedraftItem                ReferenceKind = "INVOICEDRAFT_ITEM"
	AtLedgerreceipt                   ReferenceKind = "LEDGERRECEIPT"
	AtNetsCollection                  ReferenceKind = "NETS_COLLECTION"
	AtPersonBusinessPartnerRegister   ReferenceKind = "PERSON_BUSINESS_PARTNER_REGISTER"
	AtPurchaseProductRegister         ReferenceKind = "PURCHASE_PRODUCT_REGISTER"
	AtReferencePayment                ReferenceKind = "REFERENCE_PAYMENT"
	AtSalesProductRegister            ReferenceKind = "SALES_PRODUCT_REGISTER"
	AtSupplierBusinessPartnerRegister ReferenceKind = "SUPPLIER_BUSINESS_PARTNER_REGISTER"
)

// A PartnerType is a register of partners.
type PartnerType string

const (
	PartnerCustomer PartnerType = "CUSTOMER"
	PartnerSupplier PartnerType = "SUPPLIER"
	PartnerPerson   PartnerType = "PERSON"
)

// A Gender is what the register of persons says of a person's sex; it wants one of these.
type Gender string

const (
	GenderFemale        Gender = "FEMALE"
	GenderMale          Gender = "MALE"
	GenderNotApplicable Gender = "NOT_APPLICABLE"
)

// A ProductType is a register of products.
type ProductType string

const (
	ProductPurchase ProductType = "PURCHASE"
	ProductSales    ProductType = "SALES"
	ProductTravel   ProductType = "TRAVEL"
)

// A PeriodStatus is whether vouchers may be dated in a month.
type PeriodStatus string

const (
	PeriodClosed  PeriodStatus = "CLOSED"
	PeriodOpen    PeriodStatus = "OPEN"
	PeriodPending PeriodStatus = "PENDING"
)

// A BankAccountStatus is whether an account is in use.
type BankAccountStatus string

const (
	BankAccountActive   BankAccountStatus = "ACTIVE"
	BankAccountInactive BankAccountStatus = "INACTIVE"
)

// A BankAccountAliasType is what kind of other number an account has.
type BankAccountAliasType string

const (
	AliasBankgiro BankAccountAliasType = "BANKGIRO"
	AliasKreditor BankAccountAliasType = "KREDITOR"
	AliasPlusgiro BankAccountAliasType = "PLUSGIRO"
)

// An IdentifierType is what kind of number a company has; YHD is the Finnish Y-tunnus.
type IdentifierType string

const (
	IdentifierASSN IdentifierType = "ASSN"
	IdentifierDK   IdentifierType = "DK"
	IdentifierFI   IdentifierType = "FI"
	IdentifierHETU IdentifierType = "HETU"
	IdentifierNO   IdentifierType = "NO"
	IdentifierPN   IdentifierType = "PN"
	IdentifierSE   IdentifierType = "SE"
	IdentifierSSN  IdentifierType = "SSN"
	IdentifierYHD  IdentifierType = "YHD"
)

// A HealthStatus is how the service feels.
type HealthStatus string

const (
	HealthDegraded HealthStatus = "DEGRADED"
	HealthFailing  HealthStatus = "FAILING"
	HealthOk       HealthStatus = "OK"
)

// A Right is how far one right goes.
type Right string

const (
	RightAllRights     Right = "ALL_RIGHTS"
	RightNotEnabled    Right = "NOT_ENABLED"
	RightNoAccess      Right = "NO_ACCESS"
	RightViewingRights Right = "VIEWING_RIGHTS"
)

// An InvoiceAction is what happened in a line of an invoice's history, such as SEND or MARKED_PAID.
type InvoiceAction string

// What is told of sending; the description names many more (REFERENCE 3.1).
const (
	ActionSend                InvoiceAction = "SEND"
	SendingErrorReceived      InvoiceAction = "SENDING_ERROR_RECEIVED"
	SendingErrorHandled       InvoiceAction = "SENDING_ERROR_HANDLED"
	SendingErrorMarkAsHandled InvoiceAction = "SENDING_ERROR_MARK_AS_HANDLED"
	SendingErrorReverted      InvoiceAction = "SENDING_ERROR_REVERTED_TO_NOT_SENT"
)
