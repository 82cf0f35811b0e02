package procountortest

// Company is the schema of that name.
type Company struct {
	ID                        int64                  `json:"id"`
	Name                      string                 `json:"name"`
	Country                   string                 `json:"country,omitempty"`
	ProductVersion            string                 `json:"productVersion,omitempty"`
	OperationType             string                 `json:"operationType,omitempty"`
	AccountingOfficeName      string                 `json:"accountingOfficeName,omitempty"`
	AccountingOfficeID        *int64                 `json:"accountingOfficeId,omitempty"`
	CompanyAddress            *CompanyAddress        `json:"companyAddress,omitempty"`
	BillingAddress            *CompanyBillingAddress `json:"billingAddress,omitempty"`
	Mva                       *bool                  `json:"mva,omitempty"`
	InTradeRegister           *bool                  `json:"inTradeRegister,omitempty"`
	BusinessIdentifier        *BusinessIdentifier    `json:"businessIdentifier,omitempty"`
	AccountingCoaLanguages    []string               `json:"accountingCoaLanguages,omitempty"`
	CompanyCurrency           string                 `json:"companyCurrency,omitempty"`
	CurrencyRateSearchDensity string                 `json:"currencyRateSearchDensity,omitempty"`
}

// CompanyAddress is the schema of that name.
type CompanyAddress struct {
	Specifier string `json:"specifier,omitempty"`
	PoBox     string `json:"poBox,omitempty"`
	Street    string `json:"street,omitempty"`
	Zip       string `json:"zip,omitempty"`
	City      string `json:"city,omitempty"`
	Country   string `json:"country,omitempty"`
}

// CompanyBillingAddress is the schema of that name.
type CompanyBillingAddress struct {
	Street  string `json:"street,omitempty"`
	Zip     string `json:"zip,omitempty"`
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
}

// BusinessIdentifier is the schema of that name.
type BusinessIdentifier struct {
	BrnType string `json:"brnType,omitempty"`
	Code    string `json:"code,omitempty"`
}

// CompanyUsageSettings is the schema of that name.
type CompanyUsageSettings struct {
	DefaultInvoiceChannel string                               `json:"defaultInvoiceChannel,omitempty"`
	CashDiscount          *CompanyUsageSettingsCashDiscount    `json:"cashDiscount,omitempty"`
	AccountingByRow       *CompanyUsageSettingsAccountingByRow `json:"accountingByRow,omitempty"`
}

// CompanyUsageSettingsCashDiscount is the schema of that name.
type CompanyUsageSettingsCashDiscount struct {
	CashDiscountForSales    *bool `json:"cashDiscountForSales,omitempty"`
	CashDiscountForPurchase *bool `json:"cashDiscountForPurchase,omitempty"`
}

// CompanyUsageSettingsAccountingByRow is the schema of that name.
type CompanyUsageSettingsAccountingByRow struct {
	SalesInvoicePosting            *bool `json:"salesInvoicePosting,omitempty"`
	PurchaseInvoicePosting         *bool `json:"purchaseInvoicePosting,omitempty"`
	TravelAndExpenseInvoicePosting *bool `json:"travelAndExpenseInvoicePosting,omitempty"`
	SalaryPosting                  *bool `json:"salaryPosting,omitempty"`
}

// CirculationSettings is the schema of that name.
type CirculationSettings struct {
	UseForPurchaseInvoices                      *bool          `json:"useForPurchaseInvoices,omitempty"`
	UseForTravelAndExpenseInvoices              *bool          `json:"useForTravelAndExpenseInvoices,omitempty"`
	ReminderInterval                            string         `json:"reminderInterval,omitempty"`
	ForceNotifications                          *bool          `json:"forceNotifications,omitempty"`
	UseDeterminedOrder                          *bool          `json:"useDeterminedOrder,omitempty"`
	AllowPaymentOnlyWhenApproved                *bool          `json:"allowPaymentOnlyWhenApproved,omitempty"`
	AllowInvoiceSpecificDiscussion              *bool          `json:"allowInvoiceSpecificDiscussion,omitempty"`
	AllowExtendedTaggingInDiscussion            *bool          `json:"allowExtendedTaggingInDiscussion,omitempty"`
	AllocatePurchaseOrdersAndInvoicesInChecking *bool          `json:"allocatePurchaseOrdersAndInvoicesInChecking,omitempty"`
	MaxVerifiers                                *int64         `json:"maxVerifiers,omitempty"`
	MaxAcceptors                                *int64         `json:"maxAcceptors,omitempty"`
	Verifiers                                   []Verifier     `json:"verifiers,omitempty"`
	Acceptors                                   []Verifier     `json:"acceptors,omitempty"`
	AllowPersonalSubstitution                   *bool          `json:"allowPersonalSubstitution,omitempty"`
	Substitutions                               []Substitution `json:"substitutions,omitempty"`
}

// Verifier is the schema of that name.
type Verifier struct {
	Firstname string `json:"firstname,omitempty"`
	Surname   string `json:"surname,omitempty"`
	UserID    *int64 `json:"userId,omitempty"`
	OrderNo   *int64 `json:"orderNo,omitempty"`
}

// Substitution is the schema of that name.
type Substitution struct {
	UserID                 *int64 `json:"userId,omitempty"`
	Start                  string `json:"start,omitempty"`
	End                    string `json:"end,omitempty"`
	SubstituteForVerifying *int64 `json:"substituteForVerifying,omitempty"`
	SubstituteForApproving *int64 `json:"substituteForApproving,omitempty"`
	Notes                  string `json:"notes,omitempty"`
}

// EInvoiceData is the schema of that name.
type EInvoiceData struct {
	Operator                      string `json:"operator,omitempty"`
	OperatorID                    *int64 `json:"operatorId,omitempty"`
	SendingAddress                string `json:"sendingAddress,omitempty"`
	ReceivingAddress              string `json:"receivingAddress,omitempty"`
	ReceivingAddressPublicInTieke *bool  `json:"receivingAddressPublicInTieke,omitempty"`
	Edi                           string `json:"edi,omitempty"`
	InvoicerAnnouncementUpdated   string `json:"invoicerAnnouncementUpdated,omitempty"`
	Created                       string `json:"created,omitempty"`
	Creator                       string `json:"creator,omitempty"`
	WsCustomerNumber              string `json:"wsCustomerNumber,omitempty"`
}

// InvoiceTemplate is the schema of that name.
type InvoiceTemplate struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// CollectionsAndPenalExpenses is the schema of that name.
type CollectionsAndPenalExpenses struct {
	UseAutomaticHandling            *bool             `json:"useAutomaticHandling,omitempty"`
	CollectionCostsProduct          *ProductBasicInfo `json:"collectionCostsProduct,omitempty"`
	PenalExpenseProduct             *ProductBasicInfo `json:"penalExpenseProduct,omitempty"`
	PenalInterestDateMargin         *int64            `json:"penalInterestDateMargin,omitempty"`
	MinimumPenalInterestSum         *Number           `json:"minimumPenalInterestSum,omitempty"`
	DefaultSalesInvoiceInterest     *Number           `json:"defaultSalesInvoiceInterest,omitempty"`
	DefaultSalesInvoicePaymentTerms *int64            `json:"defaultSalesInvoicePaymentTerms,omitempty"`
	CollectionPartner               string            `json:"collectionPartner,omitempty"`
}

// ProductBasicInfo is the schema of that name.
type ProductBasicInfo struct {
	ProductID      *int64  `json:"productId,omitempty"`
	Name           string  `json:"name,omitempty"`
	Code           string  `json:"code,omitempty"`
	DefaultAccount string  `json:"defaultAccount,omitempty"`
	Price          *Number `json:"price,omitempty"`
	Currency       string  `json:"currency,omitempty"`
	Unit           string  `json:"unit,omitempty"`
}

// CompanyBankAccount is the schema of that name.
type CompanyBankAccount struct {
	ID                   int64              `json:"id,omitempty"`
	AccountNumber        string             `json:"accountNumber,omitempty"`
	IBAN                 string             `json:"iban"`
	BIC                  string             `json:"bic,omitempty"`
	BankName             string             `json:"bankName,omitempty"`
	Currency             string             `json:"currency"`
	DefaultForInvoice    bool               `json:"defaultForInvoice"`
	DefaultForPayment    bool               `json:"defaultForPayment"`
	Status               string             `json:"status"`
	OrderNo              *int64             `json:"orderNo,omitempty"`
	AssociatedAccounts   []BankAccountAlias `json:"associatedAccounts,omitempty"`
	Version              string             `json:"version,omitempty"`
	BankAddress          string             `json:"bankAddress,omitempty"`
	LedgerAccount        string             `json:"ledgerAccount"`
	BankingCode          string             `json:"bankingCode,omitempty"`
	ServiceNumbers       []string           `json:"serviceNumbers,omitempty"`
	ShowAccountOnInvoice bool               `json:"showAccountOnInvoice"`
	AllowPayments        bool               `json:"allowPayments"`
	AllowForeignPayments bool               `json:"allowForeignPayments"`
	AllowSalaryPayments  *bool              `json:"allowSalaryPayments,omitempty"`
	AllowExpressPayments *bool              `json:"allowExpressPayments,omitempty"`
	WithholdingTax       *bool              `json:"withholdingTax,omitempty"`
	Created              string             `json:"created,omitempty"`
}

// BankAccountAlias is the schema of that name.
type BankAccountAlias struct {
	Type          string `json:"type"`
	AccountNumber string `json:"accountNumber"`
}

// LedgerAccount is the schema of that name.
type LedgerAccount struct {
	LedgerAccountCode string                     `json:"ledgerAccountCode,omitempty"`
	Name              string                     `json:"name,omitempty"`
	Active            *bool                      `json:"active,omitempty"`
	Translations      []LedgerAccountTranslation `json:"translations,omitempty"`
}

// LedgerAccountTranslation is the schema of that name.
type LedgerAccountTranslation struct {
	LanguageCode string `json:"languageCode,omitempty"`
	Translation  string `json:"translation,omitempty"`
}

// VatInformation is the schema of that name.
type VatInformation struct {
	VATInformation []VatCountryInfo `json:"vatInformation,omitempty"`
	VATStatuses    []VatStatusInfo  `json:"vatStatuses,omitempty"`
}

// VatCountryInfo is the schema of that name.
type VatCountryInfo struct {
	Country     string    `json:"country,omitempty"`
	Percentages []VatInfo `json:"percentages,omitempty"`
}

// VatInfo is the schema of that name.
type VatInfo struct {
	VATPercent *Number `json:"vatPercent,omitempty"`
	Sales      *bool   `json:"sales,omitempty"`
	Purchase   *bool   `json:"purchase,omitempty"`
}

// VatStatusInfo is the schema of that name.
type VatStatusInfo struct {
	VATStatus   *int64 `json:"vatStatus,omitempty"`
	Description string `json:"description,omitempty"`
	Sales       *bool  `json:"sales,omitempty"`
	Purchase    *bool  `json:"purchase,omitempty"`
}

// VatSettings is the schema of that name.
type VatSettings struct {
	UnitPricesIncludeVatSales    *bool `json:"unitPricesIncludeVatSales,omitempty"`
	UnitPricesIncludeVatPurchase *bool `json:"unitPricesIncludeVatPurchase,omitempty"`
}

// FiscalYear is the schema of that name.
type FiscalYear struct {
	ID              int64            `json:"id,omitempty"`
	StartDate       string           `json:"startDate,omitempty"`
	EndDate         string           `json:"endDate,omitempty"`
	Modified        string           `json:"modified,omitempty"`
	TrackingPeriods []TrackingPeriod `json:"trackingPeriods,omitempty"`
	IsOpen          *bool            `json:"isOpen,omitempty"`
}

// TrackingPeriod is the schema of that name.
type TrackingPeriod struct {
	ID        int64  `json:"id,omitempty"`
	StartDate string `json:"startDate,omitempty"`
	EndDate   string `json:"endDate,omitempty"`
	Status    string `json:"status"`
	Modified  string `json:"modified,omitempty"`
}

// User is the schema of that name.
type User struct {
	ID                   int64  `json:"id,omitempty"`
	Username             string `json:"username,omitempty"`
	CompanyID            *int64 `json:"companyId,omitempty"`
	CountryCode          string `json:"countryCode,omitempty"`
	Street               string `json:"street,omitempty"`
	Zip                  string `json:"zip,omitempty"`
	City                 string `json:"city,omitempty"`
	PartnerID            *int64 `json:"partnerId,omitempty"`
	LoginMethod          string `json:"loginMethod,omitempty"`
	FirstName            string `json:"firstName"`
	LastName             string `json:"lastName"`
	Email                string `json:"email"`
	MobilePhone          string `json:"mobilePhone"`
	SecondaryPhone       string `json:"secondaryPhone,omitempty"`
	SocialSecurityNumber string `json:"socialSecurityNumber,omitempty"`
}

// UserPrivileges is the schema of that name.
type UserPrivileges struct {
	Role   string           `json:"role,omitempty"`
	Rights *UserPermissions `json:"rights,omitempty"`
}

// UserPermissions is the schema of that name.
type UserPermissions struct {
	Management         *ManagementRights         `json:"management,omitempty"`
	User               *UserRights               `json:"user,omitempty"`
	Sales              *SalesRights              `json:"sales,omitempty"`
	Purchases          *PurchasesRights          `json:"purchases,omitempty"`
	TravelAndExpenses  *TravelAndExpensesRights  `json:"travelAndExpenses,omitempty"`
	InvoiceCirculation *InvoiceCirculationRights `json:"invoiceCirculation,omitempty"`
	Salaries           *SalariesRights           `json:"salaries,omitempty"`
	Payments           *PaymentRights            `json:"payments,omitempty"`
	Accounting         *AccountingRights         `json:"accounting,omitempty"`
}

// ManagementRights is the schema of that name.
type ManagementRights struct {
	BasicCompanyInfo                 string `json:"basicCompanyInfo,omitempty"`
	BasicAccountingInfo              string `json:"basicAccountingInfo,omitempty"`
	ChartOfAccountsAndDefaultReports string `json:"chartOfAccountsAndDefaultReports,omitempty"`
	UsersAndUserRights               string `json:"usersAndUserRights,omitempty"`
	CompanyUserManagement            string `json:"companyUserManagement,omitempty"`
	SetUpACompany                    string `json:"setUpACompany,omitempty"`
	ImportData                       string `json:"importData,omitempty"`
	Notifications                    string `json:"notifications,omitempty"`
	IncomesRegisterCertificate       string `json:"incomesRegisterCertificate,omitempty"`
	GroupLetter                      string `json:"groupLetter,omitempty"`
	AuditLog                         string `json:"auditLog,omitempty"`
}

// UserRights is the schema of that name.
type UserRights struct {
	EditPersonalInfo           string `json:"editPersonalInfo,omitempty"`
	LimitedDimensions          *bool  `json:"limitedDimensions,omitempty"`
	BlockSoloLoginToProcountor *bool  `json:"blockSoloLoginToProcountor,omitempty"`
}

// SalesRights is the schema of that name.
type SalesRights struct {
	SalesOrGroupInvoices      string `json:"salesOrGroupInvoices,omitempty"`
	SalesInvoiceSearch        string `json:"salesInvoiceSearch,omitempty"`
	PersonalSalesInvoicesOnly *bool  `json:"personalSalesInvoicesOnly,omitempty"`
	CustomerRegister          string `json:"customerRegister,omitempty"`
	ProductRegister           string `json:"productRegister,omitempty"`
}

// PurchasesRights is the schema of that name.
type PurchasesRights struct {
	PurchaseInvoices             string `json:"purchaseInvoices,omitempty"`
	PurchaseInvoiceSearch        string `json:"purchaseInvoiceSearch,omitempty"`
	PersonalPurchaseInvoicesOnly *bool  `json:"personalPurchaseInvoicesOnly,omitempty"`
	SupplierRegister             string `json:"supplierRegister,omitempty"`
	ProductRegister              string `json:"productRegister,omitempty"`
	FixedAssetsRegister          string `json:"fixedAssetsRegister,omitempty"`
}

// TravelAndExpensesRights is the schema of that name.
type TravelAndExpensesRights struct {
	TravelAndExpenseInvoices            string `json:"travelAndExpenseInvoices,omitempty"`
	TravelAndExpenseInvoiceSearch       string `json:"travelAndExpenseInvoiceSearch,omitempty"`
	PersonalTravelAndExpenseInvoiceOnly *bool  `json:"personalTravelAndExpenseInvoiceOnly,omitempty"`
}

// InvoiceCirculationRights is the schema of that name.
type InvoiceCirculationRights struct {
	Verification                         string `json:"verification,omitempty"`
	Approval                             string `json:"approval,omitempty"`
	PersonalApprovalsOrVerificationsOnly *bool  `json:"personalApprovalsOrVerificationsOnly,omitempty"`
}

// SalariesRights is the schema of that name.
type SalariesRights struct {
	Payroll                      string `json:"payroll,omitempty"`
	PersonalSalariesOnly         *bool  `json:"personalSalariesOnly,omitempty"`
	PersonRegister               string `json:"personRegister,omitempty"`
	WorkingTimeTracking          string `json:"workingTimeTracking,omitempty"`
	PersonalWorkHourTrackingOnly *bool  `json:"personalWorkHourTrackingOnly,omitempty"`
}

// PaymentRights is the schema of that name.
type PaymentRights struct {
	Payment                          string `json:"payment,omitempty"`
	SalaryPayments                   string `json:"salaryPayments,omitempty"`
	MarkAsPaid                       string `json:"markAsPaid,omitempty"`
	MarkSalaryAsPaid                 string `json:"markSalaryAsPaid,omitempty"`
	DirectBankTransfer               string `json:"directBankTransfer,omitempty"`
	BankStatementAndReferencePayment string `json:"bankStatementAndReferencePayment,omitempty"`
	PaymentAllocation                string `json:"paymentAllocation,omitempty"`
}

// AccountingRights is the schema of that name.
type AccountingRights struct {
	JournalReceipts                string `json:"journalReceipts,omitempty"`
	JournalReceiptSearch           string `json:"journalReceiptSearch,omitempty"`
	PersonalJournalReceiptsOnly    *bool  `json:"personalJournalReceiptsOnly,omitempty"`
	ClosingOfAccountTools          string `json:"closingOfAccountTools,omitempty"`
	PreventCreatingEditingInvoices *bool  `json:"preventCreatingEditingInvoices,omitempty"`
	PreventEditingAccountingPage   *bool  `json:"preventEditingAccountingPage,omitempty"`
	AccountingReports              string `json:"accountingReports,omitempty"`
	Archive                        string `json:"archive,omitempty"`
}

// SessionInfo is the schema of that name.
type SessionInfo struct {
	CompanyID       *int64           `json:"companyId,omitempty"`
	Name            string           `json:"name,omitempty"`
	Country         string           `json:"country,omitempty"`
	ProductVersion  string           `json:"productVersion,omitempty"`
	UserID          *int64           `json:"userId,omitempty"`
	UserName        string           `json:"userName,omitempty"`
	CompanySettings *CompanySettings `json:"companySettings,omitempty"`
}

// CompanySettings is the schema of that name.
type CompanySettings struct {
	InvoiceDiscussionEnabled *bool `json:"invoiceDiscussionEnabled,omitempty"`
}

// Status is the schema of that name.
type Status struct {
	Name              string `json:"name,omitempty"`
	Version           string `json:"version,omitempty"`
	Status            string `json:"status,omitempty"`
	ProcountorVersion string `json:"procountorVersion,omitempty"`
}

// CurrencyExchangeRate is the schema of that name.
type CurrencyExchangeRate struct {
	QueryDay string  `json:"queryDay,omitempty"`
	Currency string  `json:"currency,omitempty"`
	Day      string  `json:"day,omitempty"`
	Rate     *Number `json:"rate,omitempty"`
}

// CurrencyGroupRates is the schema of that name.
type CurrencyGroupRates struct {
	BaseCurrency string         `json:"baseCurrency,omitempty"`
	CurrencyDate string         `json:"currencyDate,omitempty"`
	Rates        []CurrencyRate `json:"rates,omitempty"`
}

// CurrencyRate is the schema of that name.
type CurrencyRate struct {
	CurrencyRate *Number `json:"currencyRate,omitempty"`
	CurrencyCode string  `json:"currencyCode,omitempty"`
}

// VerifierListBasic is the schema of that name.
type VerifierListBasic struct {
	ID        int64   `json:"id,omitempty"`
	Name      string  `json:"name,omitempty"`
	Verifiers []int64 `json:"verifiers,omitempty"`
	Acceptors []int64 `json:"acceptors,omitempty"`
}
