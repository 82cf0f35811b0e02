package finvoice

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

// currencyAttr is where Finvoice states the currency of a sum.
const currencyAttr = "AmountCurrencyIdentifier"

// invoice is one Finvoice message on its way to a document.
type invoice struct {
	format.Reader
	root, details, epi, envelope *format.Node
	doc                          *hub.Document
	notes                        []string
	kept                         []row // the rows behind doc.Lines
	baseless                     []int // VAT lines that do not state their base
}

func decode(o format.Options, p format.Part, root, envelope *format.Node) format.Decoded {
	v := invoice{
		Reader:   format.Reader{Comma: true, Compact: true, Faults: slices.Clone(p.Warnings)},
		root:     root,
		details:  root.Child("InvoiceDetails"),
		epi:      root.Child("EpiDetails"),
		envelope: envelope,
		doc:      &hub.Document{Lines: []hub.Line{}},
	}
	v.version()
	v.head()
	v.parties()
	v.references()
	v.payment()
	v.texts()
	// The kind decides whose account a row names, so it comes before the rows.
	o.Identify(v.doc, p.Raw)
	v.breakdown()
	v.rows()
	v.allowances()
	v.totals()
	v.signs()
	v.grossPrices()
	v.discounts()
	v.CheckSums(v.doc)
	v.attachments()
	v.required()
	v.doc.Notes = strings.Join(v.notes, "\n")
	return format.Decoded{Document: v.doc, Faults: v.Distinct(), Raw: p.Raw, Places: v.Places}
}

func (v *invoice) version() {
	version := v.root.Attr("Version")
	if !slices.Contains(Versions, version) {
		f := hub.NewFault(hub.VersionUnknown, v.root.Path("@Version"), version, "version", version, "known", strings.Join(Versions, ", "))
		v.Faults = append(v.Faults, f)
	}
}

// head reads what says which document this is.
func (v *invoice) head() {
	d, det := v.doc, v.details
	code := det.Child("InvoiceTypeCode")
	un := det.Text("InvoiceTypeCodeUN")
	switch t := code.Text(); {
	case t == "INV02":
		d.CreditNote = true
	case t == "INV01", t == "" && un == "380":
	case t == "" && un == "381":
		d.CreditNote = true
	case t == "":
		v.Fault(hub.FieldMissing, det, "InvoiceTypeCode", "field", "InvoiceTypeCode")
	default:
		// Reminders, pro-forma invoices, orders and the rest of the code list
		// must not be booked as invoices.
		v.Fault(hub.FieldInvalid, code, "", "field", "InvoiceTypeCode", "form", "INV01 or INV02")
	}
	if code.Text() == "INV01" && un == "381" || code.Text() == "INV02" && un == "380" {
		v.Fault(hub.FieldInvalid, det.Child("InvoiceTypeCodeUN"), "", "field", "InvoiceTypeCodeUN", "form", "the same as InvoiceTypeCode")
	}
	// A copy is an invoice as it was; a cancellation takes one back.
	if origin := det.Child("OriginCode"); origin.Text() == "Cancel" {
		v.Fault(hub.FieldInvalid, origin, "", "field", "OriginCode", "form", "Original or Copy")
	}
	d.Number = det.Text("InvoiceNumber")
	v.Place("number", det.Child("InvoiceNumber"))
	d.Date = v.Day(det.Child("InvoiceDate"))
	v.Place("date", det.Child("InvoiceDate"))
	v.currency()
	v.credited()
	v.delivery()
	v.doc.Language = strings.ToLower(v.root.Text("InvoiceRecipientLanguageCode"))
	v.Place("language", v.root.Child("InvoiceRecipientLanguageCode"))
}

// currency is that of the total; other sums must agree with it.
func (v *invoice) currency() {
	total := v.details.Child("InvoiceTotalVatIncludedAmount")
	text := total.Attr(currencyAttr)
	c, err := money.ParseCurrency(text)
	switch {
	case total == nil: // said by required
	case text == "":
		v.Fault(hub.FieldMissing, total, "@"+currencyAttr, "field", currencyAttr)
	case err != nil:
		f := hub.NewFault(hub.CurrencyUnknown, total.Path("@"+currencyAttr), text)
		v.Faults = append(v.Faults, f)
	}
	v.doc.Currency, v.Currency = c, c
	v.Place("currency", total)
	if rate := v.details.Child("ExchangeRate"); rate.Text() != "" {
		v.rate(rate)
	}
}

// rate finds out which way the exchange rate is meant from the sum in the other
// currency; without one it is a note.
func (v *invoice) rate(n *format.Node) {
	rate := v.Number(n)
	total := v.Number(v.details.Child("InvoiceTotalVatIncludedAmount"))
	other := v.Number(v.details.Child("OtherCurrencyAmountVatIncludedAmount"))
	if rate == nil || rate.IsZero() || total == nil || other == nil {
		v.note("ExchangeRate", n.Text())
		return
	}
	near := func(a, b money.Amount) bool { return a.Sub(b).Abs().Cmp(money.Cents(5)) <= 0 }
	switch {
	case near(total.QuoHalfUp(*rate, 2), *other):
		v.doc.Rate = rate // units of the document's currency for one of the other
	case near(total.Mul(*rate).RoundHalfUp(2), *other):
		if inverse := money.FromInt(1).QuoHalfUp(*rate, 6); inverse.Exact() {
			v.doc.Rate = &inverse
		}
	default:
		v.note("ExchangeRate", n.Text())
	}
}

func (v *invoice) credited() {
	var refs []hub.Reference
	seen := map[string]bool{"": true}
	add := func(number string, day civil.Date) {
		if !seen[number] {
			seen[number] = true
			refs = append(refs, hub.Reference{Number: number, Date: day})
		}
	}
	add(v.details.Text("OriginalInvoiceNumber"), v.Day(v.details.Child("OriginalInvoiceDate")))
	for _, n := range v.details.All("OriginalInvoiceReference") {
		add(n.Text("InvoiceNumber"), v.Day(n.Child("InvoiceDate")))
	}
	for _, row := range v.root.All("InvoiceRow") {
		add(row.Text("OriginalInvoiceNumber"), v.Day(row.Child("OriginalInvoiceDate")))
	}
	if v.doc.CreditNote && len(refs) > 0 {
		v.doc.Credits = refs
		return
	}
	for _, r := range refs {
		v.note("OriginalInvoiceNumber", strings.TrimSpace(r.Number+" "+r.Date.String()))
	}
}

// delivery is when goods or services were delivered, which decides the rate: the
// delivery's own period or day, else the invoicing period, else the tax point.
func (v *invoice) delivery() {
	n := v.root.Child("DeliveryDetails")
	period := n.Child("DeliveryPeriodDetails")
	p := civil.Period{First: v.Day(period.Child("StartDate")), Last: v.Day(period.Child("EndDate"))}
	place := period
	if p.IsZero() {
		place = n.Child("DeliveryDate")
		day := v.Day(place)
		p = civil.Period{First: day, Last: day}
	}
	if p.IsZero() {
		place = v.details.Child("InvoicingPeriodStartDate")
		p = civil.Period{First: v.Day(place), Last: v.Day(v.details.Child("InvoicingPeriodEndDate"))}
	}
	point := v.Day(v.details.Child("VatPoint", "VatPointDate"))
	if p.IsZero() {
		place = v.details.Child("VatPoint", "VatPointDate")
		p = civil.Period{First: point, Last: point}
	} else if !point.IsZero() && !p.Contains(point) {
		v.note("VatPointDate", point.String())
	}
	v.doc.Delivery = p
	v.Place("delivery", place)
	v.doc.DeliveryTerms = strings.TrimSpace(n.Text("DeliveryTermsCode") + " " + n.Text("DeliveryTermsText"))
	for _, name := range []string{"DeliveryMethodText", "WaybillIdentifier", "DeliveryNoteIdentifier"} {
		v.note(name, n.Text(name))
	}
}

func (v *invoice) references() {
	det, r := v.details, &v.doc.References
	r.Order = det.Text("OrderIdentifier")
	r.Agreement = det.Text("AgreementIdentifier")
	r.Buyer = det.Text("BuyerReferenceIdentifier")
	r.Seller = det.Text("SellerReferenceIdentifier")
	r.Project = det.Text("ProjectReferenceIdentifier")
	r.Tender = det.Text("TenderReference")
	r.Account = firstOf(det.Text("NormalProposedAccountIdentifier"), det.Text("ShortProposedAccountIdentifier"),
		det.Text("ProposedAccountText"), det.Text("AccountDimensionText"))
	r.Site = firstOf(v.root.Text("DeliverySiteCode"), v.root.Text("BuyerSiteCode"))
	for path, name := range map[string]string{"order": "OrderIdentifier", "agreement": "AgreementIdentifier", "buyer": "BuyerReferenceIdentifier",
		"seller": "SellerReferenceIdentifier", "project": "ProjectReferenceIdentifier", "tender": "TenderReference"} {
		v.Place("references."+path, det.Child(name))
	}
	for _, name := range []string{"NotificationIdentifier", "RegistrationNumberIdentifier", "OrderConfirmationIdentifier",
		"ControllerIdentifier", "ControllerName", "InvoicedObjectID"} {
		v.note(name, det.Text(name))
	}
	for _, n := range det.All("DefinitionDetails") {
		v.note(firstOf(n.Text("DefinitionHeaderText"), "DefinitionDetails"), n.Text("DefinitionValue"))
	}
	if v.doc.References.Account != det.Text("AccountDimensionText") {
		v.note("AccountDimensionText", det.Text("AccountDimensionText"))
	}
}

// payment reads account, reference and terms. The part for the payer's bank (Epi)
// counts before the seller's list of accounts.
func (v *invoice) payment() {
	pay, party := &v.doc.Payment, v.epi.Child("EpiPartyDetails")
	account := party.Child("EpiBeneficiaryPartyDetails", "EpiAccountID")
	bic := party.Child("EpiBfiPartyDetails", "EpiBfiIdentifier")
	if account.Text() == "" {
		if list := v.root.Child("SellerInformationDetails").All("SellerAccountDetails"); len(list) > 0 {
			account, bic = list[0].Child("SellerAccountID"), list[0].Child("SellerBic")
		}
	}
	if scheme := account.Attr("IdentificationSchemeName"); scheme != "" && scheme != "IBAN" {
		v.note(scheme, account.Text())
	} else {
		pay.IBAN = strings.ReplaceAll(account.Text(), " ", "")
		v.Place("payment.iban", account)
	}
	pay.BIC = bic.Text()
	v.Place("payment.bic", bic)
	instruction := v.epi.Child("EpiPaymentInstructionDetails")
	ref := instruction.Child("EpiRemittanceInfoIdentifier")
	pay.Reference = ref.Text()
	v.Place("payment.reference", ref)
	// Banks pad the national reference with zeros.
	if r, err := finland.ParseReference(pay.Reference); err == nil {
		pay.Reference = string(r)
	} else if rf, err := finland.ParseRF(pay.Reference); err == nil {
		pay.Reference = string(rf)
	}
	v.terms(instruction)
	if n := v.root.Child("FactoringAgreementDetails"); n != nil {
		v.note("FactoringAgreementIdentifier", n.Text("FactoringAgreementIdentifier"))
		v.note("FactoringPartyName", n.Text("FactoringPartyName"))
		for _, t := range n.Texts("FactoringFreeText") {
			v.note("FactoringFreeText", t)
		}
	}
}

func (v *invoice) terms(instruction *format.Node) {
	d := v.doc
	for _, n := range v.details.All("PaymentTermsDetails") {
		due := v.Day(n.Child("InvoiceDueDate"))
		switch {
		case d.DueDate.IsZero():
			d.DueDate = due
			v.Place("due_date", n.Child("InvoiceDueDate"))
		case !due.IsZero() && due != d.DueDate:
			v.Warn(hub.FieldInvalid, n.Child("InvoiceDueDate"), "", "field", "InvoiceDueDate", "form", "one due date; the first is used")
		}
		for _, t := range n.Texts("PaymentTermsFreeText") {
			v.note("PaymentTermsFreeText", t)
		}
		fine := n.Child("PaymentOverDueFineDetails")
		if p := v.Percent(fine.Child("PaymentOverDueFinePercent")); p != nil && d.PenaltyPercent == nil {
			d.PenaltyPercent = p
			v.Place("penalty_percent", fine.Child("PaymentOverDueFinePercent"))
		}
		for _, t := range fine.Texts("PaymentOverDueFineFreeText") {
			v.note("PaymentOverDueFineFreeText", t)
		}
		v.note("PaymentOverDueFixedAmount", fine.Text("PaymentOverDueFixedAmount"))
		v.cashDiscount(n)
	}
	if d.DueDate.IsZero() {
		d.DueDate = v.Day(instruction.Child("EpiDateOptionDate"))
		v.Place("due_date", instruction.Child("EpiDateOptionDate"))
	}
}

func (v *invoice) cashDiscount(n *format.Node) {
	day, percent := v.Day(n.Child("CashDiscountDate")), v.Percent(n.Child("CashDiscountPercent"))
	if day.IsZero() && percent == nil && n.Text("CashDiscountAmount") == "" {
		return
	}
	if percent == nil || percent.IsZero() || day.IsZero() || v.doc.Date.IsZero() || day.Before(v.doc.Date) {
		// An amount alone cannot be told to Procountor, which knows percents.
		if amount := n.Child("CashDiscountAmount"); amount.Text() != "" && (percent == nil || percent.IsZero()) {
			v.Warn(hub.FieldInvalid, amount, "", "field", "CashDiscountAmount", "form", "a cash discount in percent, with its last day")
		}
		return
	}
	v.doc.CashDiscounts = append(v.doc.CashDiscounts, hub.CashDiscount{Days: v.doc.Date.DaysUntil(day), Percent: *percent})
}

func (v *invoice) texts() {
	free := v.details.Texts("InvoiceFreeText")
	free = append(free, v.details.Text("InvoiceVatFreeText"))
	free = append(free, v.root.Child("SpecificationDetails").Texts("SpecificationFreeText")...)
	v.doc.Text = format.Join(free...)
	v.Place("text", v.details.Child("InvoiceFreeText"))
	v.note("EpiPaymentMeansText", v.epi.Text("EpiPaymentInstructionDetails", "EpiPaymentMeansText"))
}

// attachments are not in the message: links to them are, or the number of a
// message that carries them.
func (v *invoice) attachments() {
	names := v.root.Texts("InvoiceUrlNameText")
	for i, link := range v.root.Texts("InvoiceUrlText") {
		name := "InvoiceUrlText"
		if i < len(names) {
			name = names[i]
		}
		v.note(name, link)
	}
	if id := v.root.Child("AttachmentMessageDetails", "AttachmentMessageIdentifier"); id.Text() != "" {
		v.Warn(hub.AttachmentMissing, id, "", "name", id.Text())
	}
}

// required says what an invoice cannot be without.
func (v *invoice) required() {
	d := v.doc
	if d.Number == "" {
		v.Fault(hub.NumberMissing, v.root, "InvoiceDetails/InvoiceNumber")
	}
	if d.Date.IsZero() && v.details.Text("InvoiceDate") == "" {
		v.Fault(hub.DateMissing, v.root, "InvoiceDetails/InvoiceDate")
	}
	if d.Seller.Name == "" {
		v.Fault(hub.SellerMissing, v.root, "SellerPartyDetails/SellerOrganisationName")
	}
	if d.Buyer.Name == "" {
		v.Fault(hub.BuyerMissing, v.root, "BuyerPartyDetails/BuyerOrganisationName")
	}
	if v.details.Text("InvoiceTotalVatIncludedAmount") == "" {
		v.Fault(hub.FieldMissing, v.root, "InvoiceDetails/InvoiceTotalVatIncludedAmount", "field", "InvoiceTotalVatIncludedAmount")
	}
	if !slices.ContainsFunc(d.Lines, func(l hub.Line) bool { return !l.IsText() }) {
		v.Fault(hub.RowsMissing, v.root, "InvoiceRow")
	}
}

// note keeps what has no place of its own.
func (v *invoice) note(name, text string) {
	if text != "" {
		v.notes = append(v.notes, name+": "+text)
	}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func line(i int, field string) string { return "lines[" + strconv.Itoa(i) + "]." + field }
