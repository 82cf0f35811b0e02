package procountor

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// all collects a list and fails on its error.
func all[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}

const (
	info    = `{"message":"ok"}`
	oneHit  = `{"results":[{"id":5}],"meta":{"pageNumber":0,"pageSize":200,"resultCount":1}}`
	mixed   = "--x\r\nContent-Type: application/json\r\n\r\n{\"id\":9,\"name\":\"a.pdf\"}\r\n--x\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--x--\r\n"
	nothing = ""
)

// An operation is one method of the client: what it sends and that it reads the answer.
type operation struct {
	call   func(ctx context.Context, c *Client) (any, error)
	line   string // method, path, query
	body   string // sent; "" for none
	answer string
	want   any // what the call gives; nil: not compared
}

func operations() []operation {
	type C = *Client
	return []operation{
		// Invoices
		{func(x context.Context, c C) (any, error) { return c.Invoices.Create(x, &Invoice{Type: SalesInvoice}) }, "POST /invoices", "*", `{"id":7,"status":"UNFINISHED"}`, &Invoice{ID: 7, Status: StatusUnfinished}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.Update(x, &Invoice{ID: 7}) }, "PUT /invoices/7", "*", `{"id":7,"version":"2026-03-01T10:00:00.5"}`, &Invoice{ID: 7, Version: Time{"2026-03-01T10:00:00.5"}}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.Get(x, 7) }, "GET /invoices/7", "", `{"id":7,"partnerId":null}`, &Invoice{ID: 7}},
		{func(x context.Context, c C) (any, error) { return all(c.Invoices.List(x, InvoiceFilter{})) }, "GET /invoices?orderById=ASC&size=200", "", oneHit, []InvoiceInfo{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.Approve(x, 7, "") }, "PUT /invoices/7/approve", `{}`, info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.Verify(x, 7, "tarkastettu") }, "PUT /invoices/7/verify", `{"comment":"tarkastettu"}`, info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.Reject(x, 7, "väärä") }, "PUT /invoices/7/reject", `{"comment":"väärä"}`, info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.Send(x, 7) }, "PUT /invoices/7/send", "", info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.SendToCirculation(x, 7) }, "PUT /invoices/7/sendToCirculation", "", info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.Unfinished(x, 7) }, "PUT /invoices/7/unfinished", "", info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.Invalidate(x, 7) }, "PUT /invoices/7/invalidate", "", info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.SetNotes(x, 7, "a\nb") }, "PUT /invoices/7/notes", `{"notes":"a\nb"}`, info, nil},
		{func(x context.Context, c C) (any, error) {
			return c.Invoices.MarkPaid(x, 7, MarkPaid{PaymentDate: MustParseDate("2026-03-05"), Amount: MustParseDecimal("125.50"), Currency: EUR, PaymentMethodType: MarkPaidCash})
		}, "PUT /invoices/7/paymentevents/markpaid", `{"paymentDate":"2026-03-05","amount":125.50,"currency":"EUR","paymentMethodType":"CASH"}`, `{"id":3,"type":"CASH","amount":125.5}`,
			&PaymentEvent{ID: 3, Type: EventCash, Amount: Decimal{"125.5"}}},
		{func(x context.Context, c C) (any, error) { return all(c.Invoices.PaymentEvents(x, 7)) }, "GET /invoices/7/paymentevents?orderById=ASC&size=200", "", oneHit, []PaymentEvent{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.PaymentEventsOf(x, []int64{7, 8}) }, "GET /payments/paymentevents?invoiceId=7,8&orderById=ASC&size=200", "", oneHit, []PaymentEvent{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.PaymentEvent(x, 7, 3) }, "GET /invoices/7/paymentevents/3", "", `{"id":3}`, &PaymentEvent{ID: 3}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.DeletePaymentEvent(x, 7, 3) }, "DELETE /invoices/7/paymentevents/3", "", `{"transactionIdentifier":"abc","confirmationApp":"PROCOUNTOR_KEY"}`, &Confirmation{"abc", "PROCOUNTOR_KEY"}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.Transactions(x, 7) }, "GET /invoices/7/transactions", "", `{"transactions":[{"action":"SEND","name":"Maija"}]}`, []InvoiceTransaction{{Action: "SEND", Name: "Maija"}}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.TransactionsOf(x, []int64{7, 8}) }, "GET /invoices/transactions?invoiceIds=7&invoiceIds=8", "", `{"results":[{"invoiceId":7}]}`, []InvoiceTransactionsOf{{InvoiceID: 7}}},
		{func(x context.Context, c C) (any, error) {
			return c.Invoices.PersonalVerifications(x, []InvoiceType{PurchaseInvoice, TravelInvoice})
		}, "GET /invoices/personalverifications?types=PURCHASE_INVOICE,TRAVEL_INVOICE", "", `{"invoiceIds":[4,5]}`, []int64{4, 5}},
		{func(x context.Context, c C) (any, error) {
			return c.Invoices.PersonalApprovals(x, []InvoiceType{PurchaseInvoice})
		}, "GET /invoices/personalapprovals?types=PURCHASE_INVOICE", "", `{"invoiceIds":[]}`, []int64{}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.Comments(x, 7) }, "GET /invoices/7/comments", "", `{"comments":[{"comment":"hei"}]}`, []Comment{{Comment: "hei"}}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.Comment(x, 7, 2) }, "GET /invoices/7/comments/2", "", `{"comment":"hei"}`, &CommentDetail{Comment: "hei"}},
		{func(x context.Context, c C) (any, error) { return c.Invoices.AddComment(x, 7, "hei") }, "POST /invoices/7/comments", `{"comment":"hei"}`, `{"id":2,"comment":"hei"}`, &Comment{ID: 2, Comment: "hei"}},
		{func(x context.Context, c C) (any, error) { return nil, c.Invoices.MarkCommentRead(x, 7, 2) }, "PUT /invoices/7/comments/2/read", "", info, nil},
		{func(x context.Context, c C) (any, error) { return c.Invoices.TaggableUsers(x, 7) }, "GET /invoices/7/comments/taggableusers", "", `{"taggableUsers":[{"displayName":"M"}]}`, []TaggableUser{{DisplayName: "M"}}},
		{func(x context.Context, c C) (any, error) {
			a, _, err := c.Invoices.Image(x, 7, 2, "PNG")
			return a, err
		}, "GET /invoices/7/image?format=PNG&page=2", "", mixed, &Attachment{ID: 9, Name: "a.pdf"}},
		// Ledger receipts
		{func(x context.Context, c C) (any, error) {
			return c.LedgerReceipts.Create(x, &LedgerReceipt{Type: ReceiptJournal})
		}, "POST /ledgerreceipts", "*", `{"id":7}`, &LedgerReceipt{ID: 7}},
		{func(x context.Context, c C) (any, error) {
			return c.LedgerReceipts.CreateReconciled(x, &LedgerReceipt{})
		}, "POST /ledgerreceipts?createReconciliation=true", "*", `{"id":7}`, nil},
		{func(x context.Context, c C) (any, error) { return c.LedgerReceipts.Update(x, &LedgerReceipt{ID: 7}) }, "PUT /ledgerreceipts/7", "*", `{"id":7}`, &LedgerReceipt{ID: 7}},
		{func(x context.Context, c C) (any, error) {
			return c.LedgerReceipts.UpdateReconciled(x, &LedgerReceipt{ID: 7})
		}, "PUT /ledgerreceipts/7?createReconciliation=true", "*", `{"id":7}`, nil},
		{func(x context.Context, c C) (any, error) { return c.LedgerReceipts.Get(x, 7) }, "GET /ledgerreceipts/7", "", `{"id":7,"transactions":[{"account":"3000","accountingValue":-100.00}]}`,
			&LedgerReceipt{ID: 7, Transactions: []Transaction{{Account: "3000", AccountingValue: Decimal{"-100.00"}}}}},
		{func(x context.Context, c C) (any, error) {
			return all(c.LedgerReceipts.List(x, LedgerReceiptFilter{Types: []ReceiptType{ReceiptJournal, ReceiptSalary}, Status: StatusUnfinished, Start: MustParseDate("2026-01-01")}))
		}, "GET /ledgerreceipts?orderById=ASC&size=200&startDate=2026-01-01&status=UNFINISHED&types=JOURNAL,SALARY", "", oneHit, []LedgerReceiptInfo{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.LedgerReceipts.GetMany(x, []int64{7}) }, "GET /ledgerreceipts/7", "", `[{"id":7}]`, []LedgerReceipt{{ID: 7}}},
		{func(x context.Context, c C) (any, error) { return nil, c.LedgerReceipts.Approve(x, 7) }, "PUT /ledgerreceipts/7/approve", "", info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.LedgerReceipts.Unfinished(x, 7) }, "PUT /ledgerreceipts/7/unfinished", "", info, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.LedgerReceipts.Invalidate(x, 7) }, "PUT /ledgerreceipts/7/invalidate", "", info, nil},
		{func(x context.Context, c C) (any, error) {
			return c.LedgerReceipts.SetDimensions(x, 7, 8, []DimensionItemValue{{DimensionID: 1, ItemID: 2, Value: MustParseDecimal("100.00")}})
		}, "PUT /ledgerreceipts/7/transactions/8/dimensions", `{"dimensionItemValues":[{"dimensionId":1,"itemId":2,"value":100.00}]}`, `{"id":7}`, &LedgerReceipt{ID: 7}},
		{func(x context.Context, c C) (any, error) { return c.LedgerReceipts.SetDimensions(x, 7, 8, nil) }, "PUT /ledgerreceipts/7/transactions/8/dimensions", `{"dimensionItemValues":[]}`, `{"id":7}`, nil},
		{func(x context.Context, c C) (any, error) {
			return c.LedgerReceipts.Journals(x, JournalFilter{Status: []Status{StatusUnfinished, StatusApproved}, End: MustParseDate("2026-01-31")})
		}, "GET /journals?endDate=2026-01-31&statuses=UNFINISHED,APPROVED", "", `[{"id":1,"ledgerReceiptId":2,"type":"JOURNAL"}]`, []Journal{{ID: 1, LedgerReceiptID: 2, Type: "JOURNAL"}}},
		// Attachments
		{func(x context.Context, c C) (any, error) {
			return c.Attachments.Create(x, Attachment{Name: "a.pdf"}, []byte("%PDF"))
		}, "POST /attachments", "*", `{"id":9}`, &Attachment{ID: 9}},
		{func(x context.Context, c C) (any, error) { a, _, err := c.Attachments.Get(x, 9); return a, err }, "GET /attachments/9", "", mixed, &Attachment{ID: 9, Name: "a.pdf"}},
		{func(x context.Context, c C) (any, error) { return nil, c.Attachments.Delete(x, 9) }, "DELETE /attachments/9", "", nothing, nil},
		{func(x context.Context, c C) (any, error) { return c.Attachments.Rename(x, 9, "b c.pdf") }, "PATCH /attachments/9?name=b c.pdf", `{"name":"b c.pdf"}`, `{"id":9,"name":"b c.pdf"}`, &Attachment{ID: 9, Name: "b c.pdf"}},
		{func(x context.Context, c C) (any, error) {
			return all(c.Attachments.List(x, AttachmentFilter{Types: []string{"SALES_INVOICE"}, ReferenceID: 7, MinSize: 1}))
		}, "GET /attachments?minSize=1&orderById=ASC&referenceId=7&size=200&type=SALES_INVOICE", "", `{"results":[{"attachmentId":5}]}`, []AttachmentInfo{{AttachmentID: 5}}},
		// Business partners
		{func(x context.Context, c C) (any, error) {
			return c.Partners.Create(x, &Partner{Name: "Havupuu Oy", Type: PartnerCustomer, PaymentInfo: PartnerPaymentInfo{PaymentMethod: PayBankTransfer}})
		}, "POST /businesspartners", `{"name":"Havupuu Oy","type":"CUSTOMER","paymentInfo":{"paymentMethod":"BANK_TRANSFER"}}`, `{"id":4}`, &Partner{ID: 4}},
		{func(x context.Context, c C) (any, error) { return c.Partners.Update(x, &Partner{ID: 4}) }, "PUT /businesspartners/4", "*", `{"id":4}`, &Partner{ID: 4}},
		{func(x context.Context, c C) (any, error) { return c.Partners.Get(x, 4) }, "GET /businesspartners/4", "", `{"id":4,"registryInfo":{"active":false}}`, &Partner{ID: 4, RegistryInfo: &RegistryInfo{Active: new(false)}}},
		{func(x context.Context, c C) (any, error) {
			return all(c.Partners.List(x, PartnerFilter{Type: PartnerSupplier, CustomerNumber: "17", Active: new(false)}))
		}, "GET /businesspartners?active=false&customerNumber=17&orderById=ASC&size=200&type=SUPPLIER", "", oneHit, []PartnerInfo{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.GetMany(x, []int64{4}) }, "GET /businesspartners/4", "", `{"id":4}`, []Partner{{ID: 4}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.Entries(x, []int64{4}) }, "GET /businesspartners/4", "", `{"id":4,"later":"kept"}`,
			[]PartnerEntry{{Partner: Partner{ID: 4}, JSON: json.RawMessage(`{"id":4,"later":"kept"}`)}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.DefaultAccounts(x, 4) }, "GET /businesspartners/4/defaults/accounts", "", `{"vatPercent":25.5}`, &PartnerDefaultAccounts{VATPercent: Decimal{"25.5"}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.DefaultProducts(x, 4) }, "GET /businesspartners/4/defaults/products", "", `[{"id":1}]`, []DefaultProduct{{ID: 1}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.DefaultDimensions(x, 4) }, "GET /businesspartners/4/defaults/dimensions", "", `[{"id":1}]`, []DefaultDimensionInfo{{ID: 1}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.DefaultDimension(x, 4, 1) }, "GET /businesspartners/4/defaults/dimensions/1", "", `{"id":1}`, &DefaultDimension{ID: 1}},
		{func(x context.Context, c C) (any, error) {
			return c.Partners.SetDefaultDimension(x, 4, &DefaultDimension{ID: 1, Items: []DefaultDimensionItem{{ID: 2, CodeName: "P", Percent: MustParseDecimal("100")}}})
		}, "PUT /businesspartners/4/defaults/dimensions/1", `{"id":1,"items":[{"id":2,"codeName":"P","percent":100}]}`, `{"id":1}`, nil},
		{func(x context.Context, c C) (any, error) { return c.Partners.PersonalDetails(x) }, "GET /businesspartners/personaldetails", "", `{"partnerId":null,"firstName":"Maija"}`, &PersonalDetails{FirstName: "Maija"}},
		{func(x context.Context, c C) (any, error) {
			return all(c.Partners.Groups(x, PartnerGroupFilter{Type: PartnerCustomer}))
		}, "GET /businesspartners/groups?size=200&type=CUSTOMER", "", oneHit, []PartnerGroup{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.Partners.Group(x, 6) }, "GET /businesspartners/groups/6", "", `{"id":6}`, &PartnerGroup{ID: 6}},
		{func(x context.Context, c C) (any, error) {
			return c.Partners.CreateGroup(x, &PartnerGroup{Name: "A", Type: PartnerCustomer})
		}, "POST /businesspartners/groups", `{"name":"A","type":"CUSTOMER"}`, `{"id":6}`, &PartnerGroup{ID: 6}},
		{func(x context.Context, c C) (any, error) { return c.Partners.UpdateGroup(x, &PartnerGroup{ID: 6}) }, "PUT /businesspartners/groups/6", "*", `{"id":6}`, nil},
		{func(x context.Context, c C) (any, error) {
			return nil, c.Partners.Patch(x, 4, Time{"2026-03-01T10:00:00"}, json.RawMessage(`{"name":"Uusi Oy"}`))
		}, "PATCH /businesspartners/4?version=2026-03-01T10:00:00", `{"name":"Uusi Oy"}`, `{}`, nil},
		// Persons
		{func(x context.Context, c C) (any, error) {
			return c.Persons.Create(x, &Person{LastName: "Matkaaja", PaymentInfo: PersonPaymentInfo{PaymentMethod: PayBankTransfer, PaymentTermDays: "14"},
				InvoicingInfo: PersonInvoicingInfo{PersonNumber: "P-1", Language: Finnish, Gender: GenderNotApplicable}, RegistryInfo: PersonRegistryInfo{Active: true}})
		}, "POST /persons", `{"lastName":"Matkaaja","paymentInfo":{"paymentMethod":"BANK_TRANSFER","paymentTermDays":"14","penalInterestRate":0},"invoicingInfo":{"personNumber":"P-1","language":"FINNISH","gender":"NOT_APPLICABLE"},"registryInfo":{"active":true}}`,
			`{"id":4}`, &Person{ID: 4}},
		{func(x context.Context, c C) (any, error) { return c.Persons.Update(x, &Person{ID: 4}) }, "PUT /persons/4", "*", `{"id":4}`, &Person{ID: 4}},
		{func(x context.Context, c C) (any, error) { return c.Persons.Entry(x, 4) }, "GET /persons/4", "", `{"id":4,"later":"kept"}`,
			&PersonEntry{Person: Person{ID: 4}, JSON: json.RawMessage(`{"id":4,"later":"kept"}`)}},
		{func(x context.Context, c C) (any, error) {
			return all(c.Persons.List(x, PersonFilter{Number: "P-1", IncludeInactive: new(true)}))
		}, "GET /persons?includeInactive=true&personNumber=P-1&size=200", "", oneHit, []PersonInfo{{ID: 5}}},
		// Products
		{func(x context.Context, c C) (any, error) {
			return c.Products.Create(x, &Product{Type: ProductSales, Name: "Lauta", Price: MustParseDecimal("12.345"), Active: true, Currency: EUR})
		}, "POST /products", `{"type":"SALES","name":"Lauta","discount":0,"price":12.345,"active":true,"currency":"EUR"}`, `{"id":3}`, &Product{ID: 3}},
		{func(x context.Context, c C) (any, error) { return c.Products.Update(x, &Product{ID: 3}) }, "PUT /products/3", "*", `{"id":3}`, nil},
		{func(x context.Context, c C) (any, error) { return c.Products.Get(x, 3) }, "GET /products/3", "", `{"id":3}`, &Product{ID: 3}},
		{func(x context.Context, c C) (any, error) { return c.Products.GetMany(x, []int64{3}) }, "GET /products/3", "", `{"id":3}`, []Product{{ID: 3}}},
		{func(x context.Context, c C) (any, error) { return nil, c.Products.Delete(x, 3) }, "DELETE /products/3", "", nothing, nil},
		{func(x context.Context, c C) (any, error) {
			return all(c.Products.List(x, ProductFilter{Type: ProductSales, Code: "L-1", GroupIDs: []int64{1, 2}, Localizations: new(true)}))
		}, "GET /products?code=L-1&group=1,2&includeLocalizations=true&orderById=ASC&size=200&type=SALES", "", oneHit, []Product{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.Products.Groups(x, ProductSales) }, "GET /products/groups?type=SALES", "", `{"productGroups":[{"id":1}]}`, []ProductGroup{{ID: 1}}},
		{func(x context.Context, c C) (any, error) { return c.Products.Group(x, 1) }, "GET /products/groups/1", "", `{"id":1}`, &ProductGroup{ID: 1}},
		{func(x context.Context, c C) (any, error) { return c.Products.CreateGroup(x, &ProductGroup{Name: "A"}) }, "POST /products/groups", `{"name":"A"}`, `{"id":1}`, nil},
		{func(x context.Context, c C) (any, error) { return c.Products.UpdateGroup(x, &ProductGroup{ID: 1}) }, "PUT /products/groups/1", "*", `{"id":1}`, nil},
		{func(x context.Context, c C) (any, error) { return nil, c.Products.DeleteGroup(x, 1) }, "DELETE /products/groups/1", "", nothing, nil},
		{func(x context.Context, c C) (any, error) { return c.Products.DefaultDimensions(x, 3) }, "GET /products/3/defaults/dimensions", "", `[{"id":1}]`, []DefaultDimensionInfo{{ID: 1}}},
		{func(x context.Context, c C) (any, error) { return c.Products.DefaultDimension(x, 3, 1) }, "GET /products/3/defaults/dimensions/1", "", `{"id":1}`, &DefaultDimension{ID: 1}},
		{func(x context.Context, c C) (any, error) {
			return c.Products.SetDefaultDimension(x, 3, &DefaultDimension{ID: 1})
		}, "PUT /products/3/defaults/dimensions/1", "*", `{"id":1}`, nil},
		// Dimensions, accounts, VAT, fiscal years
		{func(x context.Context, c C) (any, error) {
			return c.Dimensions.List(x, DimensionFilter{Name: "Projekti"})
		}, "GET /dimensions?name=Projekti", "", `[{"id":1,"name":"Projekti","items":[{"id":2,"codeName":"P1","status":"P"}]}]`,
			[]Dimension{{ID: 1, Name: "Projekti", Items: []DimensionItem{{ID: 2, CodeName: "P1", Status: "P"}}}}},
		{func(x context.Context, c C) (any, error) { return c.Dimensions.Get(x, 1) }, "GET /dimensions/1", "", `{"id":1}`, &Dimension{ID: 1}},
		{func(x context.Context, c C) (any, error) { return nil, c.Dimensions.Rename(x, 1, "Hanke") }, "PUT /dimensions/1", `{"name":"Hanke"}`, `{"name":"Hanke"}`, nil},
		{func(x context.Context, c C) (any, error) {
			return c.Dimensions.CreateItem(x, 1, &DimensionItem{CodeName: "P2"})
		}, "POST /dimensions/1/items", `{"codeName":"P2"}`, `{"id":3,"codeName":"P2"}`, &DimensionItem{ID: 3, CodeName: "P2"}},
		{func(x context.Context, c C) (any, error) {
			return c.Dimensions.UpdateItem(x, 1, &DimensionItem{ID: 3, CodeName: "P2", Status: "P"})
		}, "PUT /dimensions/1/items", `{"id":3,"codeName":"P2","status":"P"}`, `{"id":3}`, nil},
		{func(x context.Context, c C) (any, error) { return c.Accounts.List(x) }, "GET /coa", "", `{"ledgerAccounts":[{"ledgerAccountCode":"3000","active":true}]}`, []LedgerAccount{{LedgerAccountCode: "3000", Active: true}}},
		{func(x context.Context, c C) (any, error) { return c.VAT.Default(x) }, "GET /vats/default", "", `{"vatInformation":[{"country":"FINLAND","percentages":[{"vatPercent":2.55E1,"sales":true}]}],"vatStatuses":[{"vatStatus":12}]}`,
			&VATInformation{VATInformation: []VATCountry{{Country: "FINLAND", Percentages: []VATPercent{{VATPercent: Decimal{"25.5"}, Sales: true}}}}, VATStatuses: []VATStatus{{VATStatus: 12}}}},
		{func(x context.Context, c C) (any, error) { return c.VAT.Settings(x) }, "GET /vats/settings", "", `{"unitPricesIncludeVatPurchase":true}`, &VATSettings{UnitPricesIncludeVATPurchase: true}},
		{func(x context.Context, c C) (any, error) { return c.VAT.Country(x, "FI") }, "GET /vats/country?countryCode=FI", "", `{"vatPercentages":[25.5,13.5,0]}`, []Decimal{{"25.5"}, {"13.5"}, {"0"}}},
		{func(x context.Context, c C) (any, error) { return c.FiscalYears.List(x) }, "GET /fiscalyears", "", `{"fiscalYears":[{"id":1,"isOpen":true,"trackingPeriods":[{"id":2,"status":"OPEN"}]}]}`,
			[]FiscalYear{{ID: 1, IsOpen: true, TrackingPeriods: []TrackingPeriod{{ID: 2, Status: PeriodOpen}}}}},
		{func(x context.Context, c C) (any, error) { return nil, c.FiscalYears.SetPeriodPending(x, 1, 2) }, "PUT /fiscalyears/1/trackingPeriods/2", `{"status":"PENDING"}`, info, nil},
		// Bank accounts
		{func(x context.Context, c C) (any, error) { return all(c.BankAccounts.List(x)) }, "GET /bankaccounts?orderById=ASC&size=200", "", oneHit, []CompanyBankAccountInfo{{ID: 5}}},
		{func(x context.Context, c C) (any, error) { return c.BankAccounts.Get(x, 5) }, "GET /bankaccounts/5", "", `{"id":5,"orderNo":0}`, &CompanyBankAccount{ID: 5, OrderNo: new(0)}},
		{func(x context.Context, c C) (any, error) { return c.BankAccounts.Create(x, &CompanyBankAccount{}) }, "POST /bankaccounts", "*", `{"id":5}`, nil},
		{func(x context.Context, c C) (any, error) { return c.BankAccounts.Update(x, &CompanyBankAccount{ID: 5}) }, "PUT /bankaccounts/5", "*", `{"id":5}`, nil},
		// Reference payments
		{func(x context.Context, c C) (any, error) {
			return all(c.ReferencePayments.List(x, ReferencePaymentFilter{Start: MustParseDate("2026-03-01"), AccountNumber: "FI2112345600000785"}))
		}, "GET /referencepayments?orderById=ASC&size=200&startDate=2026-03-01", "", oneHit, []ReferencePayment{{ID: 5}}},
		// Currencies
		{func(x context.Context, c C) (any, error) { return c.Currencies.Latest(x) }, "GET /currencies/latest", "", `{"baseCurrency":"EUR","currencyDate":"2026-03-01","rates":[{"currencyRate":1.12E1,"currencyCode":"SEK"}]}`,
			&CurrencyGroupRates{BaseCurrency: "EUR", CurrencyDate: MustParseDate("2026-03-01"), Rates: []CurrencyRate{{CurrencyRate: Decimal{"11.2"}, CurrencyCode: "SEK"}}}},
		// Company
		{func(x context.Context, c C) (any, error) { return c.Company.Get(x) }, "GET /company", "", `{"id":7,"name":"Havupuu Oy","businessIdentifier":{"brnType":"YHD"}}`, &CompanyInfo{ID: 7, Name: "Havupuu Oy", BusinessIdentifier: &BusinessIdentifier{Type: IdentifierYHD}}},
		{func(x context.Context, c C) (any, error) {
			return nil, c.Company.Update(x, &CompanyInfo{ID: 7, Name: "Havupuu Oy"})
		}, "PUT /company", `{"id":7,"name":"Havupuu Oy"}`, info, nil},
		{func(x context.Context, c C) (any, error) { return c.Company.UsageSettings(x) }, "GET /company/usagesettings", "", `{"defaultInvoiceChannel":"EMAIL"}`, &UsageSettings{DefaultInvoiceChannel: ChannelEmail}},
		{func(x context.Context, c C) (any, error) { return c.Company.CirculationSettings(x) }, "GET /company/invoicecirculation/settings", "", `{"maxVerifiers":3}`, &CirculationSettings{MaxVerifiers: 3}},
		{func(x context.Context, c C) (any, error) { return c.Company.VerifierLists(x) }, "GET /company/invoicecirculation/verifierlists", "", `[{"id":1,"verifiers":[5]}]`, []VerifierListInfo{{ID: 1, Verifiers: []int64{5}}}},
		{func(x context.Context, c C) (any, error) { return c.Company.VerifierList(x, 1) }, "GET /company/invoicecirculation/verifierlists/1", "", `{"id":1}`, &VerifierList{ID: 1}},
		{func(x context.Context, c C) (any, error) { return c.Company.CollectionSettings(x) }, "GET /company/expenses/collectionpenal/settings", "", `{"defaultSalesInvoiceInterest":8.5}`, &CollectionSettings{DefaultSalesInvoiceInterest: Decimal{"8.5"}}},
		{func(x context.Context, c C) (any, error) { return c.Company.EInvoiceAddresses(x) }, "GET /company/einvoiceaddresses", "", `{"operatorId":3}`, []EInvoiceData{{OperatorID: 3}}},
		{func(x context.Context, c C) (any, error) { return c.Company.InvoiceTemplates(x) }, "GET /company/invoicetemplates", "", `[{"id":1},{"id":2}]`, []InvoiceTemplate{{ID: 1}, {ID: 2}}},
		{func(x context.Context, c C) (any, error) { return c.Company.DeliveryTerms(x) }, "GET /company/deliveryterms", "", `{"deliveryTerms":["FCA"]}`, []string{"FCA"}},
		// Session, users
		{func(x context.Context, c C) (any, error) { return c.Session.Get(x) }, "GET /sessioninfo", "", `{"companyId":7,"country":"FINLAND"}`, &SessionInfo{CompanyID: 7, Country: CountryFinland}},
		{func(x context.Context, c C) (any, error) { return c.Session.Health(x) }, "GET /status", "", `{"status":"OK"}`, &Health{Status: HealthOk}},
		{func(x context.Context, c C) (any, error) { return c.Users.Rights(x) }, "GET /users/rights", "", `{"role":"x","rights":{"sales":{"salesOrGroupInvoices":"ALL_RIGHTS"}}}`, &Privileges{Role: "x", Rights: &Permissions{Sales: &SalesRights{SalesOrGroupInvoices: RightAllRights}}}},
		{func(x context.Context, c C) (any, error) { return c.Users.Get(x) }, "GET /users", "", `{"id":5}`, &User{ID: 5}},
		{func(x context.Context, c C) (any, error) { return c.Users.Profile(x, 5) }, "GET /users/profiles/5", "", `{"firstname":"Maija"}`, &UserProfile{FirstName: "Maija"}},
	}
}

func TestOperations(t *testing.T) {
	for _, op := range operations() {
		t.Run(op.line, func(t *testing.T) {
			s := newServer(t)
			s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
				switch op.answer {
				case nothing:
					w.WriteHeader(http.StatusNoContent)
				case mixed:
					w.Header().Set("Content-Type", `multipart/mixed; boundary=x`)
					io.WriteString(w, op.answer)
				default:
					answer(w, 200, op.answer)
				}
			})
			got, err := op.call(t.Context(), s.client(t))
			if err != nil {
				t.Fatal(err)
			}
			wantLines(t, s, op.line)
			switch body := s.bodies[0]; op.body {
			case "*":
				if body == "" {
					t.Error("nothing was sent")
				}
			case "":
				if body != "" || s.requests[0].Header.Get("Content-Type") != "" {
					t.Errorf("sent %q", body)
				}
			default:
				if body != op.body {
					t.Errorf("\nsent %s\nwant %s", body, op.body)
				}
			}
			if op.want != nil && !reflect.DeepEqual(got, op.want) {
				t.Errorf("\n got %+v\nwant %+v", got, op.want)
			}
		})
	}
}

// Every operation of the sections we cover has a method, and no method goes anywhere else.
func TestEveryOperationIsCovered(t *testing.T) {
	covered := []string{"Invoices", "Ledger receipts", "Journal", "Attachments", "Business partners", "Products", "Dimensions",
		"Chart of accounts", "VATs", "Fiscal years", "Bank accounts", "Company", "Session Information", "Health Status", "Users"}
	left := map[string]bool{ // with the reason
		"PUT /invoices/{}/confirm": true, // deprecated
		"PUT /users/{}/confirm":    true, // deprecated
		"PUT /users":               true, // waits for a confirmation in the app; nothing of ours changes users
	}
	_, paths := description(t)
	number := regexp.MustCompile(`/\d+`)
	brace := regexp.MustCompile(`\{[^}]*\}`)
	have := map[string]bool{}
	for _, op := range operations() {
		line, _, _ := strings.Cut(op.line, "?")
		have[number.ReplaceAllString(line, "/{}")] = true
	}
	known := map[string]bool{}
	for path, methods := range paths {
		for method, raw := range methods {
			var o struct {
				Tags       []string `json:"tags"`
				Deprecated bool     `json:"deprecated"`
			}
			json.Unmarshal(raw, &o) // "parameters" beside the methods is an array
			line := strings.ToUpper(method) + " " + brace.ReplaceAllString(path, "{}")
			known[line] = true
			if len(o.Tags) == 1 && slices.Contains(covered, o.Tags[0]) && !have[line] && !left[line] {
				t.Errorf("%s has no method", line)
			}
		}
	}
	for line := range have {
		if !known[line] {
			t.Errorf("%s is not in the description", line)
		}
	}
}

func TestInvoiceFilter(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("GET /invoices", always(200, `{"results":[]}`))
	f := InvoiceFilter{
		Types: []InvoiceType{SalesInvoice, SalesOrder}, Status: []Status{StatusUnfinished, StatusNotSent}, Channels: []Channel{ChannelEmail},
		Start: MustParseDate("2026-01-01"), End: MustParseDate("2026-01-31"), DueStart: MustParseDate("2026-02-01"), DueEnd: MustParseDate("2026-02-02"),
		CreatedStart: Time{"2026-01-01T00:00:00"}, CreatedEnd: Time{"2026-01-02T00:00:00"}, VersionStart: Time{"2026-01-03T00:00:00"}, VersionEnd: Time{"2026-01-04T00:00:00"},
		PartnerID: 1, FactoringContractID: 2, ProductIDs: []int64{3, 4}, InvoiceNumber: 5, OriginalInvoiceNumber: "A&B 1", SearchTerm: "Ääkkös", Offers: new(false),
	}
	if _, err := all(s.client(t).Invoices.List(t.Context(), f)); err != nil {
		t.Fatal(err)
	}
	got := s.requests[0].URL.Query()
	want := url.Values{
		"types": {"SALES_INVOICE,SALES_ORDER"}, "status": {"UNFINISHED,NOT_SENT"}, "invoiceChannel": {"EMAIL"},
		"startDate": {"2026-01-01"}, "endDate": {"2026-01-31"}, "dueStartDate": {"2026-02-01"}, "dueEndDate": {"2026-02-02"},
		"createdStartDate": {"2026-01-01T00:00:00"}, "createdEndDate": {"2026-01-02T00:00:00"}, "versionStartDate": {"2026-01-03T00:00:00"}, "versionEndDate": {"2026-01-04T00:00:00"},
		"businessPartnerId": {"1"}, "factoringContractId": {"2"}, "productId": {"3,4"}, "invoiceNumber": {"5"}, "originalInvoiceNumber": {"A&B 1"}, "searchTerm": {"Ääkkös"}, "isOffer": {"false"},
		"size": {"200"}, "orderById": {"ASC"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	// Every criterion of the description can be given, but for other orders and page numbers.
	_, paths := description(t)
	var o struct {
		Parameters []struct{ Name string } `json:"parameters"`
	}
	if err := json.Unmarshal(paths["/invoices"]["get"], &o); err != nil {
		t.Fatal(err)
	}
	for _, p := range o.Parameters {
		if got[p.Name] == nil && !slices.Contains([]string{"previousId", "page", "orderByDate", "orderByCreated", "orderByVersion"}, p.Name) {
			t.Errorf("no criterion %s", p.Name)
		}
	}
}

func TestPersonalDataGoesIntoHeaders(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("GET /", always(200, `{"results":[]}`))
	c := s.client(t)
	if _, err := all(c.Partners.List(t.Context(), PartnerFilter{Name: "Mäki Oy", Identifier: "1234567-1"})); err != nil {
		t.Fatal(err)
	}
	if _, err := all(c.Attachments.List(t.Context(), AttachmentFilter{Username: "maija"})); err != nil {
		t.Fatal(err)
	}
	wantLines(t, s, "GET /businesspartners?orderById=ASC&size=200", "GET /attachments?orderById=ASC&size=200")
	if h := s.requests[0].Header; h.Get("name") != "Mäki Oy" || h.Get("identifier") != "1234567-1" {
		t.Errorf("%v", h)
	}
	if h := s.requests[1].Header; h.Get("username") != "maija" {
		t.Errorf("%v", h)
	}
}
