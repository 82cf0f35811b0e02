package severafake

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
)

// invoiceRoutes are the invoices, their rows, what lies behind a row, and files.
func (s *Server) invoiceRoutes() {
	s.serve("invoices", map[string]filter{"invoiceStatusGuids": is("status.guid"), "numbers": is("number"), "referenceNumbers": is("referenceNumber"),
		"projectGuids": has("projects", "guid"), "customerGuids": is("customer.guid"),
		"startDate": func(o Object, v []string) bool { return text(o, "date") >= v[0][:10] },
		"endDate":   func(o Object, v []string) bool { return text(o, "date") <= v[0][:10] },
		"paymentDateStart": func(o Object, v []string) bool {
			return text(o, "paymentDate") != "" && text(o, "paymentDate") >= v[0][:10]
		}})
	s.patch("invoices", map[string]string{"status": "invoicestatuses"}, nil)
	s.serve("invoicerows", nil)
	kind := map[string]filter{"rowType": is("rowType")}
	s.serveOf("/v1/invoices/{invoiceGuid}/invoicerows", "invoices", "invoiceGuid", "invoicerows", func(o Object, guid string) bool { return o["invoiceGuid"] == guid }, kind)
	for _, name := range []string{"projectfees", "workhours", "projecttravelexpenses"} {
		filters := map[string]filter{"productType": is("productType"), "expenseClass": is("travelExpense.expenseClass")}
		s.serveOf("/v1/invoices/{invoiceGuid}/"+name, "invoices", "invoiceGuid", name,
			func(o Object, guid string) bool { return text(o, "invoice.guid") == guid }, filters)
		s.serveOf("/v1/invoicerows/{invoiceRowGuid}/"+name, "invoicerows", "invoiceRowGuid", name,
			func(o Object, guid string) bool { return o["invoiceRowGuid"] == guid }, filters)
		// Of a credit note they are those of the invoice that it takes back.
		s.serveOf("/v1/invoices/{invoiceGuid}/reimbursed"+name, "invoices", "invoiceGuid", "reimbursed"+name,
			func(o Object, guid string) bool { return o["invoiceGuid"] == guid }, filters)
		s.serveOf("/v1/invoicerows/{invoiceRowGuid}/reimbursed"+name, "invoicerows", "invoiceRowGuid", "reimbursed"+name,
			func(o Object, guid string) bool { return o["invoiceRowGuid"] == guid }, filters)
	}
	s.serveOf("/v1/invoices/{invoiceGuid}/files", "invoices", "invoiceGuid", "invoicefiles", func(o Object, guid string) bool { return o["invoiceGuid"] == guid }, nil)
	s.handle("GET /v1/invoices/{invoiceGuid}/invoicesettings", func(w http.ResponseWriter, r *http.Request) {
		for _, o := range s.things["invoicesettings"] {
			if o["guid"] == r.PathValue("invoiceGuid") {
				s.reply(w, r, o)
				return
			}
		}
		s.reply(w, r, Object{"guid": r.PathValue("invoiceGuid"), "workHourGrouping": "OneByOne", "projectFeeGrouping": "OneByOne", "projectTravelExpenseGrouping": "OneByOne"})
	})
	s.handle("GET /v1/files/{guid}/filedata", func(w http.ResponseWriter, r *http.Request) {
		b, ok := s.bytes[r.PathValue("guid")]
		if !ok {
			s.refuse(w, http.StatusNotFound, "InvalidParameter", "no such file")
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(b)
	})
	s.handle("GET /v1/invoices/{guid}/pdf", func(w http.ResponseWriter, r *http.Request) {
		o := s.find("invoices", r.PathValue("guid"))
		if o == nil {
			s.refuse(w, http.StatusNotFound, "InvalidParameter", "no such invoice")
			return
		}
		s.last++ // it is made anew each time, and says when
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(PDF(fmt.Sprintf("Lasku %s %s", text(o, "number"), r.URL.Query().Get("pdfGetOptions")), fmt.Sprintf("%s %d", stamp(s.Now()), s.last)))
	})
}

// PDF is one page with a line on it, made at a time.
func PDF(line, made string) []byte {
	var b strings.Builder
	var offsets []int
	b.WriteString("%PDF-1.4\n")
	content := "BT /F1 12 Tf 72 720 Td (" + line + ") Tj ET"
	for i, o := range []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /CreationDate (" + made + ") >>"} {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return []byte(b.String())
}

// An Invoice is what a test says of one; see [Server.NewInvoice].
type Invoice struct {
	Number             int
	Date, Due          string // 2026-03-01
	Status, Customer   string // guids
	Projects           []string
	Currency           string // code; EUR when empty
	Rate               string // of the currency; 1 when empty
	CreditNote         bool
	Rows               []Row
	Email, OrderNumber string
	Changed            string // its time of change; now when empty
	More               Object // further properties
}

// A Row of an [Invoice].
type Row struct {
	Type            string // Hours, ProjectFees, TravelExpenses or FlatRate; Hours when empty
	Text            string
	Quantity, Price string
	VAT             string // percent
	Code            []string
	Account         string
	CostCentre      string // number
	Unit            string
	Project         string // guid; makes the hours, fee or journey behind the row
}

// Number is a number as it is written, exactly.
func Number(s string) json.Number { return json.Number(s) }

// Money is a sum as Severa shows it.
func Money(amount, currency string) Object {
	return Object{"amount": Number(amount), "currencyCode": currency, "multiCurrencyInfo": []Object{}}
}

// NewInvoice makes an invoice with its rows, as a person does who makes one in a
// project, and returns its guid.
func (s *Server) NewInvoice(i Invoice) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i.Currency == "" {
		i.Currency = "EUR"
	}
	if i.Rate == "" {
		i.Rate = "1"
	}
	if i.Due == "" {
		i.Due = i.Date
	}
	projects := []Object{}
	for _, p := range i.Projects {
		projects = append(projects, s.ref("invoices", "projects", "projects", p))
	}
	customer := s.find("customers", i.Customer)
	currency := Object{"guid": "", "code": i.Currency}
	for _, c := range s.things["currencies"] {
		if c["code"] == i.Currency {
			currency = Object{"guid": c["guid"], "code": i.Currency, "name": c["name"], "symbol": c["symbol"]}
		}
	}
	unit := s.find("businessunits", s.unitOf(i.Projects))
	o := Object{"number": i.Number, "referenceNumber": reference(i.Number), "status": s.ref("invoices", "status", "invoicestatuses", i.Status),
		"customer": s.ref("invoices", "customer", "customers", i.Customer), "billingCustomer": nil, "projects": projects,
		"date": i.Date, "dueDate": i.Due, "paymentDate": nil, "paymentTerm": 14, "overdueInterest": Number("8.5"), "currency": currency, "currencyRate": Number(i.Rate),
		"receiverCustomerName": text(customer, "name"), "receiverVatNumber": text(customer, "vatNumber"), "receiverContactName": "", "receiverContactEmail": i.Email,
		"receiverAddress": Object{"addressline": text(customer, "headquarterAddress.addressline"), "postalCode": text(customer, "headquarterAddress.postalCode"),
			"city": text(customer, "headquarterAddress.city"), "country": text(customer, "headquarterAddress.country")},
		"senderName": text(unit, "companyName"), "senderVatNumber": text(s.rootOf(unit), "vatNumber"), "senderContactName": "",
		"isCreditNote": i.CreditNote, "reimburseInvoice": nil, "creditNoteInvoice": nil, "orderNumber": i.OrderNumber, "notes": "", "ourReference": "", "yourReference": "",
		"freeText1": nil, "freeText2": nil, "language": Object{"code": "fi", "name": "suomi", "englishName": "Finnish"}, "canBeDeleted": false}
	for name, v := range i.More {
		o[name] = v
	}
	if i.Changed != "" {
		o["createdDateTime"], o["lastUpdatedDateTime"] = i.Changed, i.Changed
	}
	guid := s.put("invoices", o)
	for n, r := range i.Rows {
		s.putRow(guid, n+1, i, r)
	}
	s.total(guid)
	return guid
}

// reference is a Finnish reference: a number and its check digit.
func reference(number int) string {
	sum, weights := 0, []int{7, 3, 1}
	for i, n := 0, number; n > 0; i, n = i+1, n/10 {
		sum += n % 10 * weights[i%3]
	}
	return fmt.Sprintf("%d%d", number, (10-sum%10)%10)
}

func (s *Server) rootOf(unit Object) Object {
	if parent := s.find("businessunits", text(unit, "parentGuid")); parent != nil {
		return s.rootOf(parent)
	}
	return unit
}

func (s *Server) unitOf(projects []string) string {
	for _, p := range projects {
		return text(s.find("projects", p), "businessUnit.guid")
	}
	return ""
}

// rowKinds are the category of a row of a type, and where lies what is behind it.
var rowKinds = map[string][2]string{"Hours": {"Hours", "workhours"}, "ProjectFees": {"ProjectFees", "projectfees"},
	"TravelExpenses": {"Travels", "projecttravelexpenses"}, "FlatRate": {"ProjectFees", ""}}

func (s *Server) putRow(invoice string, order int, i Invoice, r Row) string {
	if r.Type == "" {
		r.Type = "Hours"
	}
	ref := func(number, name string) any {
		if number == "" {
			return nil
		}
		return Object{"number": number, "name": name}
	}
	o := Object{"invoiceGuid": invoice, "rowType": r.Type, "category": rowKinds[r.Type][0], "description": r.Text, "quantity": Number(r.Quantity), "unitPrice": Money(r.Price, i.Currency),
		"measurementUnit": r.Unit, "vatRate": Number(r.VAT), "sortOrder": order, "salesAccount": ref(r.Account, "Myynti"), "costCenter": ref(r.CostCentre, "Suunnittelu"),
		"hasInvoiceComment": false, "code": slices.Clone(r.Code)}
	if i.Changed != "" {
		o["createdDateTime"], o["lastUpdatedDateTime"] = i.Changed, i.Changed
	}
	guid := s.put("invoicerows", o)
	behind := rowKinds[r.Type][1]
	if r.Project == "" || behind == "" {
		return guid
	}
	entry := Object{"guid": s.guid(), "invoiceRowGuid": guid, "quantity": Number(r.Quantity), "eventDate": i.Date,
		"project": Object{"guid": r.Project, "name": text(s.find("projects", r.Project), "name")}}
	if i.CreditNote {
		behind = "reimbursed" + behind
		entry["invoiceGuid"] = invoice
	} else {
		entry["invoice"] = Object{"guid": invoice, "date": i.Date, "number": i.Number}
	}
	if r.Type == "ProjectFees" {
		entry["name"] = r.Text
	}
	s.things[behind] = append(s.things[behind], copied(entry))
	return guid
}

// total adds the rows of an invoice up.
func (s *Server) total(guid string) {
	o := s.find("invoices", guid)
	net, vat := new(big.Rat), new(big.Rat)
	for _, r := range s.things["invoicerows"] {
		if r["invoiceGuid"] == guid {
			row := round(product(text(r, "quantity"), text(r, "unitPrice.amount")))
			net.Add(net, row)
			vat.Add(vat, round(new(big.Rat).Mul(row, product(text(r, "vatRate"), "0.01"))))
		}
	}
	code := text(o, "currency.code")
	fresh := copied(Object{"totalExcludingTax": Money(net.FloatString(2), code), "totalTax": Money(vat.FloatString(2), code),
		"totalIncludingTax": Money(new(big.Rat).Add(net, vat).FloatString(2), code)})
	for name, v := range fresh {
		o[name] = v
	}
}

func product(a, b string) *big.Rat {
	x, _ := new(big.Rat).SetString(a)
	y, _ := new(big.Rat).SetString(b)
	if x == nil || y == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Mul(x, y)
}

// round to the cent, half away from zero.
func round(r *big.Rat) *big.Rat {
	x, _ := new(big.Rat).SetString(r.FloatString(2))
	return x
}

// Rows are copies of the rows of an invoice.
func (s *Server) Rows(invoice string) (list []Object) {
	for _, o := range s.All("invoicerows") {
		if o["invoiceGuid"] == invoice {
			list = append(list, o)
		}
	}
	return list
}

// ChangeRow changes a row. The invoice comes to something else; its time of change
// stays, unless the test says that it moves too: which is true is not published.
func (s *Server) ChangeRow(row string, moves bool, f func(o Object)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change("invoicerows", row, f)
	invoice := text(s.find("invoicerows", row), "invoiceGuid")
	s.total(invoice)
	if moves {
		s.change("invoices", invoice, func(Object) {})
	}
}

// SetStatus puts an invoice into a status, as a person does.
func (s *Server) SetStatus(invoice, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change("invoices", invoice, func(o Object) { o["status"] = s.ref("invoices", "status", "invoicestatuses", status) })
}

// AddFile puts a file to an invoice and returns its guid.
func (s *Server) AddFile(invoice, name, contentType string, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.guid()
	s.bytes[file] = slices.Clone(content)
	return s.put("invoicefiles", Object{"name": name, "size": len(content), "contentType": contentType, "category": "Invoice", "isInternal": false, "fileGuid": file, "invoiceGuid": invoice, "sortOrder": 1})
}

// GroupRows says that the rows of an invoice are groups of hours.
func (s *Server) GroupRows(invoice string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put("invoicesettings", Object{"guid": invoice, "workHourGrouping": "Group+Attachment", "projectFeeGrouping": "OneByOne", "projectTravelExpenseGrouping": "OneByOne"})
}
