package ubl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// currencyAttr is where UBL states the currency of a sum.
const currencyAttr = "currencyID"

// Codes of UNTDID 1001 that are booked as what they are. The others of the list
// (self-billing, pro-forma, part of a series) need a person.
var (
	invoiceCodes = []string{"380", "383", "386", "388", "393"}
	creditCodes  = []string{"381", "396"}
)

// invoice is one UBL message on its way to a document.
type invoice struct {
	format.Reader
	root, vat *format.Node
	doc       *hub.Document
	notes     []string
}

func decode(o format.Options, p format.Part, root *format.Node) format.Decoded {
	v := invoice{
		Reader: format.Reader{Faults: slices.Clone(p.Warnings)},
		root:   root,
		doc:    &hub.Document{Lines: []hub.Line{}},
	}
	v.version()
	v.head()
	v.doc.Seller = v.party("seller", root.Child("AccountingSupplierParty", "Party"))
	v.doc.Buyer = v.party("buyer", root.Child("AccountingCustomerParty", "Party"))
	v.delivery()
	v.references()
	v.payment()
	o.Identify(v.doc, p.Raw)
	v.breakdown()
	v.rows()
	v.doc.Allowances = v.allowances(root, true)
	v.totals()
	if v.doc.CreditNote {
		format.Turn(v.doc)
	}
	v.CheckSums(v.doc)
	v.attachments()
	v.required()
	v.doc.Notes = strings.Join(v.notes, "\n")
	return format.Decoded{Document: v.doc, Faults: v.Distinct(), Raw: p.Raw, Places: v.Places}
}

func (v *invoice) version() {
	n := v.root.Child("CustomizationID")
	if id := n.Text(); !strings.HasPrefix(id, customization) {
		v.Faults = append(v.Faults, hub.NewFault(hub.VersionUnknown, v.root.Path("CustomizationID"), id, "version", id, "known", customization+"…"))
	}
}

func (v *invoice) head() {
	d, root := v.doc, v.root
	name := root.Name + "TypeCode"
	code := root.Child(name)
	switch t := code.Text(); {
	case t == "":
		v.Fault(hub.FieldMissing, root, name, "field", name)
		d.CreditNote = root.Name == "CreditNote"
	case slices.Contains(creditCodes, t):
		d.CreditNote = true
	case root.Name == "Invoice" && slices.Contains(invoiceCodes, t):
	default:
		d.CreditNote = root.Name == "CreditNote"
		v.Fault(hub.FieldInvalid, code, "", "field", name, "form", strings.Join(append(slices.Clone(invoiceCodes), creditCodes...), ", "))
	}
	d.Number = root.Text("ID")
	v.Place("number", root.Child("ID"))
	d.Date = v.Day(root.Child("IssueDate"))
	v.Place("date", root.Child("IssueDate"))
	d.DueDate = v.Day(root.Child("DueDate"))
	v.Place("due_date", root.Child("DueDate"))
	currency := root.Child("DocumentCurrencyCode")
	c, err := money.ParseCurrency(currency.Text())
	switch {
	case currency.Text() == "":
		v.Fault(hub.FieldMissing, root, "DocumentCurrencyCode", "field", "DocumentCurrencyCode")
	case err != nil:
		v.Fault(hub.CurrencyUnknown, currency, "")
	}
	d.Currency, v.Currency = c, c
	v.Place("currency", currency)
	d.Text = format.Join(root.Texts("Note")...)
	v.Place("text", root.Child("Note"))
}

func (v *invoice) delivery() {
	n := v.root.Child("Delivery")
	place := n.Child("ActualDeliveryDate")
	day := v.Day(place)
	p := civil.Period{First: day, Last: day}
	if p.IsZero() {
		place = v.root.Child("InvoicePeriod")
		p = v.period(place)
	}
	point := v.Day(v.root.Child("TaxPointDate"))
	if p.IsZero() {
		place = v.root.Child("TaxPointDate")
		p = civil.Period{First: point, Last: point}
	} else if !point.IsZero() && !p.Contains(point) {
		v.note("TaxPointDate", point.String())
	}
	v.doc.Delivery = p
	v.Place("delivery", place)
	location := n.Child("DeliveryLocation")
	address := v.address("deliver_to", location.Child("Address"))
	name := n.Text("DeliveryParty", "PartyName", "Name")
	if name != "" || address != (hub.Address{}) {
		v.doc.DeliverTo = &hub.Party{Name: name, Address: address}
	}
	v.doc.References.Site = location.Text("ID")
}

func (v *invoice) period(n *format.Node) civil.Period {
	return civil.Period{First: v.Day(n.Child("StartDate")), Last: v.Day(n.Child("EndDate"))}
}

func (v *invoice) references() {
	root, r := v.root, &v.doc.References
	r.Order = root.Text("OrderReference", "ID")
	r.Seller = root.Text("OrderReference", "SalesOrderID")
	r.Agreement = root.Text("ContractDocumentReference", "ID")
	r.Buyer = root.Text("BuyerReference")
	r.Project = root.Text("ProjectReference", "ID")
	r.Tender = root.Text("OriginatorDocumentReference", "ID")
	r.Account = root.Text("AccountingCost")
	v.Place("references.order", root.Child("OrderReference", "ID"))
	v.Place("references.agreement", root.Child("ContractDocumentReference", "ID"))
	v.Place("references.buyer", root.Child("BuyerReference"))
	v.Place("references.project", root.Child("ProjectReference", "ID"))
	for _, name := range []string{"DespatchDocumentReference", "ReceiptDocumentReference"} {
		v.note(name, root.Text(name, "ID"))
	}
	for _, n := range root.All("BillingReference") {
		ref := n.Child("InvoiceDocumentReference")
		number, day := ref.Text("ID"), v.Day(ref.Child("IssueDate"))
		switch {
		case number == "":
		case v.doc.CreditNote:
			v.doc.Credits = append(v.doc.Credits, hub.Reference{Number: number, Date: day})
		default:
			v.note("BillingReference", strings.TrimSpace(number+" "+day.String()))
		}
	}
}

// Swedish giros are named in the place of the bank (PEPPOL BIS Billing 3, rules
// SE-R-008 to SE-R-011).
const (
	bankgiro = "SE:BANKGIRO"
	plusgiro = "SE:PLUSGIRO"
)

// payment takes the first means of payment that has an account; a giro beside an
// IBAN is kept as well.
func (v *invoice) payment() {
	d, pay := v.doc, &v.doc.Payment
	for _, n := range v.root.All("PaymentMeans") {
		if d.DueDate.IsZero() {
			d.DueDate = v.Day(n.Child("PaymentDueDate"))
			v.Place("due_date", n.Child("PaymentDueDate"))
		}
		if ref := n.Child("PaymentID"); ref.Text() != "" && pay.Reference == "" {
			pay.Reference = ref.Text()
			v.Place("payment.reference", ref)
		}
		account := n.Child("PayeeFinancialAccount")
		id := account.Child("ID")
		number := strings.ReplaceAll(id.Text(), " ", "")
		bank := account.Child("FinancialInstitutionBranch", "ID")
		switch {
		case number == "":
			v.note("PaymentMeansCode", n.Text("PaymentMeansCode"))
		case bank.Text() == bankgiro && pay.Bankgiro == "":
			pay.Bankgiro = number
			v.Place("payment.bankgiro", id)
		case bank.Text() == plusgiro && pay.Plusgiro == "":
			pay.Plusgiro = number
			v.Place("payment.plusgiro", id)
		case pay.IBAN == "":
			pay.IBAN, pay.BIC = number, bank.Text()
			v.Place("payment.iban", id)
			v.Place("payment.bic", bank)
		default:
			v.note("PayeeFinancialAccount", strings.TrimSpace(number+" "+bank.Text()))
		}
	}
	if r, err := finland.ParseReference(pay.Reference); err == nil {
		pay.Reference = string(r)
	} else if rf, err := finland.ParseRF(pay.Reference); err == nil {
		pay.Reference = string(rf)
	}
	v.note("PaymentTerms", v.root.Text("PaymentTerms", "Note"))
	if payee := v.root.Child("PayeeParty"); payee != nil {
		v.note("PayeeParty", payee.Text("PartyName", "Name"))
	}
}

// breakdown reads the VAT lines, from the total in the document's currency.
func (v *invoice) breakdown() {
	totals := v.root.All("TaxTotal")
	for _, n := range totals {
		if v.vat == nil || n.Child("TaxSubtotal") != nil && v.vat.Child("TaxSubtotal") == nil {
			v.vat = n
		}
	}
	for _, n := range totals {
		if n != v.vat {
			a := n.Child("TaxAmount")
			v.note("TaxAmount", strings.TrimSpace(a.Text()+" "+a.Attr(currencyAttr)))
		}
	}
	for i, n := range v.Few(v.vat.All("TaxSubtotal")) {
		category := n.Child("TaxCategory")
		b := hub.VATLine{
			Category: category.Text("ID"),
			Reason:   format.Join(category.Text("TaxExemptionReason"), category.Text("TaxExemptionReasonCode")),
		}
		b.Percent = v.rate(category)
		net, tax := v.Sum(n.Child("TaxableAmount"), currencyAttr), v.Sum(n.Child("TaxAmount"), currencyAttr)
		if net == nil || tax == nil {
			v.missing(n, "TaxableAmount")
			v.missing(n, "TaxAmount")
			continue
		}
		b.Net, b.VAT = *net, *tax
		path := "vat[" + strconv.Itoa(i) + "]."
		v.Place(path+"percent", category.Child("Percent"))
		v.Place(path+"net", n.Child("TaxableAmount"))
		v.Place(path+"vat", n.Child("TaxAmount"))
		v.doc.VAT = append(v.doc.VAT, b)
	}
}

// rate reads the percent of a tax category; category O has none.
func (v *invoice) rate(category *format.Node) money.Amount {
	if p := v.Percent(category.Child("Percent")); p != nil {
		return *p
	}
	if !zeroRated(category.Text("ID")) {
		v.missing(category, "Percent")
	}
	return money.Zero
}

// missing adds a fault when the child is not there or empty.
func (v *invoice) missing(n *format.Node, name string) {
	if n.Text(name) == "" {
		v.Fault(hub.FieldMissing, n, name, "field", name)
	}
}

func (v *invoice) totals() {
	n, t := v.root.Child("LegalMonetaryTotal"), &v.doc.Totals
	for _, f := range []struct {
		path, name string
		to         **money.Amount
	}{
		{"net", "TaxExclusiveAmount", &t.Net},
		{"gross", "TaxInclusiveAmount", &t.Gross},
		{"prepaid", "PrepaidAmount", &t.Prepaid},
		{"rounding", "PayableRoundingAmount", &t.Rounding},
		{"payable", "PayableAmount", &t.Payable},
	} {
		*f.to = v.Sum(n.Child(f.name), currencyAttr)
		v.Place("totals."+f.path, n.Child(f.name))
	}
	t.VAT = v.Sum(v.vat.Child("TaxAmount"), currencyAttr)
	v.Place("totals.vat", v.vat.Child("TaxAmount"))
	for _, a := range []**money.Amount{&t.Prepaid, &t.Rounding} {
		if *a != nil && (*a).IsZero() {
			*a = nil
		}
	}
	if stated := v.Sum(n.Child("LineExtensionAmount"), currencyAttr); stated != nil {
		var sum money.Amount
		for i := range v.doc.Lines {
			if l := &v.doc.Lines[i]; l.Net != nil {
				sum = sum.Add(*l.Net)
			}
		}
		if !stated.Equal(sum) {
			v.Fault(hub.SumsDisagree, n.Child("LineExtensionAmount"), "", "stated", stated.String(), "computed", sum.String())
		}
	}
}

// required says what an invoice cannot be without.
func (v *invoice) required() {
	d := v.doc
	if d.Number == "" {
		v.Fault(hub.NumberMissing, v.root, "ID")
	}
	if d.Date.IsZero() && v.root.Text("IssueDate") == "" {
		v.Fault(hub.DateMissing, v.root, "IssueDate")
	}
	if d.Seller.Name == "" {
		v.Fault(hub.SellerMissing, v.root, "AccountingSupplierParty")
	}
	if d.Buyer.Name == "" {
		v.Fault(hub.BuyerMissing, v.root, "AccountingCustomerParty")
	}
	for _, name := range []string{"TaxInclusiveAmount", "PayableAmount"} {
		if v.root.Text("LegalMonetaryTotal", name) == "" {
			v.Fault(hub.FieldMissing, v.root, "LegalMonetaryTotal/"+name, "field", name)
		}
	}
	if !slices.ContainsFunc(d.Lines, func(l hub.Line) bool { return !l.IsText() }) {
		v.Fault(hub.RowsMissing, v.root, v.root.Name+"Line")
	}
}

// note keeps what has no place of its own.
func (v *invoice) note(name, text string) {
	if text != "" {
		v.notes = append(v.notes, name+": "+text)
	}
}
