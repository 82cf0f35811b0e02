package procountortest

import (
	"net/http"
	"reflect"
)

// Levels of a right.
const (
	AllowAll  = "ALL_RIGHTS"
	AllowView = "VIEWING_RIGHTS"
	NoAccess  = "NO_ACCESS"
)

// A need is the right that an operation asks for. The zero value asks for none.
type need struct {
	get  func(*UserPermissions) string
	edit bool
}

func view(get func(*UserPermissions) string) need { return need{get: get} }
func edit(get func(*UserPermissions) string) need { return need{get: get, edit: true} }

var anyone need

// The rights that operations ask for (assumption 47).
func rightCompany(p *UserPermissions) string   { return p.Management.BasicCompanyInfo }
func rightBasics(p *UserPermissions) string    { return p.Management.BasicAccountingInfo }
func rightCustomers(p *UserPermissions) string { return p.Sales.CustomerRegister }
func rightSuppliers(p *UserPermissions) string { return p.Purchases.SupplierRegister }
func rightJournals(p *UserPermissions) string  { return p.Accounting.JournalReceipts }
func rightClosing(p *UserPermissions) string   { return p.Accounting.ClosingOfAccountTools }
func rightPayments(p *UserPermissions) string  { return p.Payments.Payment }
func rightMarkPaid(p *UserPermissions) string  { return p.Payments.MarkAsPaid }
func rightBank(p *UserPermissions) string      { return p.Payments.BankStatementAndReferencePayment }
func rightAllocate(p *UserPermissions) string  { return p.Payments.PaymentAllocation }

// rightPartners is the better of both registers; the type decides afterwards.
func rightPartners(p *UserPermissions) string { return better(rightCustomers(p), rightSuppliers(p)) }

func rightProducts(p *UserPermissions) string {
	return better(p.Sales.ProductRegister, p.Purchases.ProductRegister)
}

func better(a, b string) string {
	if a == AllowAll || b == AllowAll {
		return AllowAll
	}
	if a == AllowView || b == AllowView {
		return AllowView
	}
	return NoAccess
}

// rightInvoices is the right to invoices of a type.
func rightInvoices(typ string) func(*UserPermissions) string {
	switch typ {
	case typeSales, typeSalesOrder:
		return func(p *UserPermissions) string { return p.Sales.SalesOrGroupInvoices }
	case typePurchase, typePurchaseOrder:
		return func(p *UserPermissions) string { return p.Purchases.PurchaseInvoices }
	case typeTravel, typeClaim:
		return func(p *UserPermissions) string { return p.TravelAndExpenses.TravelAndExpenseInvoices }
	case typeJournal:
		return rightJournals
	}
	return rightBasics
}

func has(level string, edit bool) bool {
	return level == AllowAll || !edit && level == AllowView
}

// permitted looks up the user and the operation's right. The company is locked.
func (c *call) permitted() *problem {
	if c.token == nil {
		return nil
	}
	c.user = c.co.users.get(c.token.key.UserID)
	if c.user == nil || c.user.Removed {
		return unauthorized() // REFERENCE 1.4: a key lives as long as its user
	}
	if c.op.need.get != nil && !has(c.op.need.get(&c.user.Rights), c.op.need.edit) {
		return c.denied()
	}
	return nil
}

// denied is 403, or 404 where the operation hides what is not allowed.
func (c *call) denied() *problem {
	c.assume(assumeRights)
	if c.op.hide {
		return newProblem(http.StatusNotFound, "", textNotFoundOrRights)
	}
	return newProblem(http.StatusForbidden, "", textInsufficient)
}

// may reports whether the user has a right.
func (c *call) may(get func(*UserPermissions) string, edit bool) bool {
	return has(get(&c.user.Rights), edit)
}

// allow returns the refusal when the user lacks the right.
func (c *call) allow(get func(*UserPermissions) string, edit bool) error {
	if !c.may(get, edit) {
		return c.denied()
	}
	return nil
}

// everyRight returns rights of one level everywhere, without limitations.
func everyRight(level string) UserPermissions {
	p := UserPermissions{
		Management: &ManagementRights{}, User: &UserRights{}, Sales: &SalesRights{}, Purchases: &PurchasesRights{},
		TravelAndExpenses: &TravelAndExpensesRights{}, InvoiceCirculation: &InvoiceCirculationRights{},
		Salaries: &SalariesRights{}, Payments: &PaymentRights{}, Accounting: &AccountingRights{},
	}
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		g := v.Field(i).Elem()
		for j := range g.NumField() {
			switch f := g.Field(j); f.Kind() {
			case reflect.String:
				f.SetString(level)
			case reflect.Pointer:
				f.Set(reflect.ValueOf(ptr(false)))
			}
		}
	}
	return p
}

// AllRights are those of an administrator.
func AllRights() UserPermissions { return everyRight(AllowAll) }

// ViewingRights may look at everything and change nothing.
func ViewingRights() UserPermissions { return everyRight(AllowView) }

// NoRights may do nothing.
func NoRights() UserPermissions { return everyRight(NoAccess) }

// IntegrationRights are what moving invoices, journals, partners, products and
// attachments needs, and nothing else.
func IntegrationRights() UserPermissions {
	p := NoRights()
	p.Management.BasicCompanyInfo = AllowView
	p.Management.BasicAccountingInfo = AllowAll // dimension items
	p.Management.ChartOfAccountsAndDefaultReports = AllowView
	p.Sales.SalesOrGroupInvoices, p.Sales.SalesInvoiceSearch = AllowAll, AllowAll
	p.Sales.CustomerRegister, p.Sales.ProductRegister = AllowAll, AllowAll
	p.Purchases.PurchaseInvoices, p.Purchases.PurchaseInvoiceSearch = AllowAll, AllowAll
	p.Purchases.SupplierRegister, p.Purchases.ProductRegister = AllowAll, AllowAll
	p.TravelAndExpenses.TravelAndExpenseInvoices, p.TravelAndExpenses.TravelAndExpenseInvoiceSearch = AllowAll, AllowAll
	p.Salaries.PersonRegister = AllowView // whose claims they are
	p.InvoiceCirculation.Verification, p.InvoiceCirculation.Approval = AllowAll, AllowAll
	p.Accounting.JournalReceipts, p.Accounting.JournalReceiptSearch = AllowAll, AllowAll
	p.Payments.MarkAsPaid = AllowAll
	return p
}
