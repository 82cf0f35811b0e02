package procountor

// A SessionInfo says which company and user the key belongs to (REFERENCE 3.16).
type SessionInfo struct {
	CompanyID       int64            `json:"companyId,omitempty"`
	Name            string           `json:"name,omitempty"`
	Country         CountryName      `json:"country,omitempty"`
	ProductVersion  string           `json:"productVersion,omitempty"`
	UserID          int64            `json:"userId,omitempty"`
	UserName        string           `json:"userName,omitempty"`
	CompanySettings *CompanySettings `json:"companySettings,omitempty"` // Feature flags for clients.
}

// CompanySettings are feature flags of the company.
type CompanySettings struct {
	InvoiceDiscussionEnabled bool `json:"invoiceDiscussionEnabled,omitempty"`
}

// A Health is the state of the service.
type Health struct {
	Name              string       `json:"name,omitempty"`
	Version           string       `json:"version,omitempty"`
	Status            HealthStatus `json:"status,omitempty"`
	ProcountorVersion string       `json:"procountorVersion,omitempty"`
}

// A User is the user who is logged in.
type User struct {
	ID                   int64       `json:"id,omitempty"`
	Username             string      `json:"username,omitempty"`
	CompanyID            int64       `json:"companyId,omitempty"`
	CountryCode          CountryName `json:"countryCode,omitempty"`
	Street               string      `json:"street,omitempty"` // At most 80 characters.
	Zip                  string      `json:"zip,omitempty"`    // At most 8 characters.
	City                 string      `json:"city,omitempty"`   // At most 80 characters.
	PartnerID            int64       `json:"partnerId,omitempty"`
	LoginMethod          string      `json:"loginMethod,omitempty"`
	FirstName            string      `json:"firstName"` // At most 80 characters.
	LastName             string      `json:"lastName"`  // At most 80 characters.
	Email                string      `json:"email"`
	MobilePhone          string      `json:"mobilePhone"`
	SecondaryPhone       string      `json:"secondaryPhone,omitempty"` // At most 20 characters.
	SocialSecurityNumber string      `json:"socialSecurityNumber,omitempty"`
}

// A UserProfile is the name of a user.
type UserProfile struct {
	FirstName string `json:"firstname,omitempty"`
	Surname   string `json:"surname,omitempty"`
}

// Privileges are what the user may do (REFERENCE 1.6).
type Privileges struct {
	Role   string       `json:"role,omitempty"`
	Rights *Permissions `json:"rights,omitempty"`
}

// Permissions group the rights of a user as the page in Procountor does.
type Permissions struct {
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

// ManagementRights are the rights to settings and users.
type ManagementRights struct {
	BasicCompanyInfo                 Right `json:"basicCompanyInfo,omitempty"`
	BasicAccountingInfo              Right `json:"basicAccountingInfo,omitempty"`
	ChartOfAccountsAndDefaultReports Right `json:"chartOfAccountsAndDefaultReports,omitempty"`
	UsersAndUserRights               Right `json:"usersAndUserRights,omitempty"`
	CompanyUserManagement            Right `json:"companyUserManagement,omitempty"`
	SetUpACompany                    Right `json:"setUpACompany,omitempty"`
	ImportData                       Right `json:"importData,omitempty"`
	Notifications                    Right `json:"notifications,omitempty"`
	IncomesRegisterCertificate       Right `json:"incomesRegisterCertificate,omitempty"`
	GroupLetter                      Right `json:"groupLetter,omitempty"`
	AuditLog                         Right `json:"auditLog,omitempty"`
}

// UserRights are a user's own limits.
type UserRights struct {
	EditPersonalInfo           Right `json:"editPersonalInfo,omitempty"`
	LimitedDimensions          bool  `json:"limitedDimensions,omitempty"`
	BlockSoloLoginToProcountor bool  `json:"blockSoloLoginToProcountor,omitempty"`
}

// SalesRights are the rights to sales invoices and their registers.
type SalesRights struct {
	SalesOrGroupInvoices      Right `json:"salesOrGroupInvoices,omitempty"`
	SalesInvoiceSearch        Right `json:"salesInvoiceSearch,omitempty"`
	PersonalSalesInvoicesOnly bool  `json:"personalSalesInvoicesOnly,omitempty"`
	CustomerRegister          Right `json:"customerRegister,omitempty"`
	ProductRegister           Right `json:"productRegister,omitempty"`
}

// PurchasesRights are the rights to purchase invoices and their registers.
type PurchasesRights struct {
	PurchaseInvoices             Right `json:"purchaseInvoices,omitempty"`
	PurchaseInvoiceSearch        Right `json:"purchaseInvoiceSearch,omitempty"`
	PersonalPurchaseInvoicesOnly bool  `json:"personalPurchaseInvoicesOnly,omitempty"`
	SupplierRegister             Right `json:"supplierRegister,omitempty"`
	ProductRegister              Right `json:"productRegister,omitempty"`
	FixedAssetsRegister          Right `json:"fixedAssetsRegister,omitempty"`
}

// TravelAndExpensesRights are the rights to travel and expense claims.
type TravelAndExpensesRights struct {
	TravelAndExpenseInvoices            Right `json:"travelAndExpenseInvoices,omitempty"`
	TravelAndExpenseInvoiceSearch       Right `json:"travelAndExpenseInvoiceSearch,omitempty"`
	PersonalTravelAndExpenseInvoiceOnly bool  `json:"personalTravelAndExpenseInvoiceOnly,omitempty"`
}

// InvoiceCirculationRights are the rights to verify and approve.
type InvoiceCirculationRights struct {
	Verification                         Right `json:"verification,omitempty"`
	Approval                             Right `json:"approval,omitempty"`
	PersonalApprovalsOrVerificationsOnly bool  `json:"personalApprovalsOrVerificationsOnly,omitempty"`
}

// SalariesRights are the rights to payroll.
type SalariesRights struct {
	Payroll                      Right `json:"payroll,omitempty"`
	PersonalSalariesOnly         bool  `json:"personalSalariesOnly,omitempty"`
	PersonRegister               Right `json:"personRegister,omitempty"`
	WorkingTimeTracking          Right `json:"workingTimeTracking,omitempty"`
	PersonalWorkHourTrackingOnly bool  `json:"personalWorkHourTrackingOnly,omitempty"`
}

// PaymentRights are the rights to payments and bank events.
type PaymentRights struct {
	Payment                          Right `json:"payment,omitempty"`
	SalaryPayments                   Right `json:"salaryPayments,omitempty"`
	MarkAsPaid                       Right `json:"markAsPaid,omitempty"`
	MarkSalaryAsPaid                 Right `json:"markSalaryAsPaid,omitempty"`
	DirectBankTransfer               Right `json:"directBankTransfer,omitempty"`
	BankStatementAndReferencePayment Right `json:"bankStatementAndReferencePayment,omitempty"`
	PaymentAllocation                Right `json:"paymentAllocation,omitempty"`
}

// AccountingRights are the rights to journals, periods and reports.
type AccountingRights struct {
	JournalReceipts                Right `json:"journalReceipts,omitempty"`
	JournalReceiptSearch           Right `json:"journalReceiptSearch,omitempty"`
	PersonalJournalReceiptsOnly    bool  `json:"personalJournalReceiptsOnly,omitempty"`
	ClosingOfAccountTools          Right `json:"closingOfAccountTools,omitempty"`
	PreventCreatingEditingInvoices bool  `json:"preventCreatingEditingInvoices,omitempty"`
	PreventEditingAccountingPage   bool  `json:"preventEditingAccountingPage,omitempty"`
	AccountingReports              Right `json:"accountingReports,omitempty"`
	Archive                        Right `json:"archive,omitempty"`
}
