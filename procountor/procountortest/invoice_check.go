package procountortest

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Types of invoices and receipts.
const (
	typeSales         = "SALES_INVOICE"
	typeSalesOrder    = "SALES_ORDER"
	typePurchase      = "PURCHASE_INVOICE"
	typePurchaseOrder = "PURCHASE_ORDER"
	typeTravel        = "TRAVEL_INVOICE"
	typeClaim         = "BILL_OF_CHARGES"
	typeTaxReturn     = "PERIODIC_TAX_RETURN"
	typeJournal       = "JOURNAL"
)

func isSales(t string) bool  { return t == typeSales || t == typeSalesOrder }
func isTravel(t string) bool { return t == typeTravel || t == typeClaim }
func isOrder(t string) bool  { return t == typeSalesOrder || t == typePurchaseOrder }

// side is "SALES" or "PURCHASE", as in receipts.
func side(typ string) string {
	if isSales(typ) {
		return "SALES"
	}
	return "PURCHASE"
}

// Limits of REFERENCE 3.1 that the description's schemas do not hold.
const (
	maxDueDays      = 999
	maxBCC          = 4
	maxBCCLength    = 256
	maxRows         = 10_000 // ours: an invoice is one JSON body of bounded size
	maxDiscountOpts = 3
)

// check applies the rules of REFERENCE 3.1 and 4 to an invoice whose shape has
// been checked. All faults are collected. The company is locked.
func (c *call) check(inv *Invoice) error {
	f := &faults{call: c}
	c.checkHeader(f, inv)
	c.checkCounterParty(f, inv)
	c.checkAddresses(f, inv)
	c.checkPayment(f, inv)
	c.checkRows(f, inv)
	c.checkTravel(f, inv)
	c.checkLinks(f, inv)
	return f.err()
}

func (c *call) checkHeader(f *faults, inv *Invoice) {
	co := c.co
	if inv.Type == typeTaxReturn {
		f.add("type", invalid("type", inv.Type))
	}
	if !c.open(inv.Date) {
		f.add("date", codeClosedPeriod)
	}
	if inv.VATStatus == nil && !isTravel(inv.Type) {
		f.add("vatStatus", codeEmpty)
	}
	if isSales(inv.Type) {
		if inv.Language == "" {
			f.add("language", codeEmpty)
		}
		if inv.DeliveryMethod == "OTHER" {
			f.add("deliveryMethod", invalid("deliveryMethod", inv.DeliveryMethod))
		}
	}
	switch inv.InvoiceChannel {
	case "EDIFACT", "PAPER_INVOICE":
		f.add("invoiceChannel", invalid("invoiceChannel", inv.InvoiceChannel))
	}
	if inv.DiscountPercent.decimals() > 4 || inv.DiscountPercent.Sign() < 0 {
		f.add("discountPercent", invalid("discountPercent", inv.DiscountPercent.String()), assumeFieldCodes)
	}
	if p := inv.PenaltyPercent; p != nil && p.decimals() > 2 {
		f.add("penaltyPercent", invalid("penaltyPercent", p.String()), assumeFieldCodes)
	}
	if s, e := inv.DeliveryStartDate, inv.DeliveryEndDate; s != "" && e != "" && s > e {
		f.add("deliveryEndDate", invalid("deliveryEndDate", e), assumeFieldCodes)
	}
	if inv.IsOffer != nil && *inv.IsOffer && inv.Type != typeSalesOrder {
		f.add("isOffer", invalid("isOffer", "true"), assumeFieldCodes)
	}
	if inv.FactoringContractID != nil && (!isSales(inv.Type) || inv.PaymentInfo.PaymentMethod == "CASH" || *inv.FactoringContractID != 0) {
		// No financing contracts exist in the sandbox.
		f.add("factoringContractId", invalid("factoringContractId", fmt.Sprint(*inv.FactoringContractID)), assumeFieldCodes)
	}
	if id := inv.InvoiceTemplateID; id != nil {
		found := false
		for _, t := range co.set().Templates {
			found = found || t.ID == *id
		}
		if !found || !isSales(inv.Type) {
			f.add("invoiceTemplateId", invalid("invoiceTemplateId", fmt.Sprint(*id)), assumeFieldCodes)
		}
	}
	if inv.VATCountry != "" && inv.VATCountry != co.country() { // needs a special agreement
		f.add("vatCountry", invalid("vatCountry", inv.VATCountry), assumeFieldCodes)
	}
}

func (c *call) checkCounterParty(f *faults, inv *Invoice) {
	p := &inv.CounterParty
	if p.CounterPartyAddress.Name == "" {
		f.add("counterParty.counterPartyAddress.name", codeEmpty)
	}
	// The kind of identifier depends on the country; only what is meant to be a
	// Finnish one can be tested.
	if looksLikeBusinessID(p.Identifier) && !validBusinessID(p.Identifier) {
		f.add("counterParty.identifier", codeBusinessID)
	}
	if strings.HasPrefix(p.Identifier, "FI") && !validVATNumber(p.Identifier) {
		f.add("counterParty.identifier", codeBusinessID)
	}
	if p.TaxCode != "" && !validVATNumber(p.TaxCode) {
		f.add("counterParty.taxCode", codeBusinessID)
	}
	switch {
	case p.Email != "" && !validEmail(p.Email):
		f.add("counterParty.email", invalid("counterParty.email", p.Email))
	case p.Email == "" && inv.InvoiceChannel == "EMAIL" && isSales(inv.Type):
		f.add("counterParty.email", codeEmpty, assumeEmailRequired)
	}
	if len(p.BccAddresses) > maxBCC {
		f.add("counterParty.bccAddresses", sizeBetween(0, maxBCC), assumeFieldCodes)
	}
	for i, a := range p.BccAddresses {
		path := fmt.Sprintf("counterParty.bccAddresses[%d]", i)
		switch {
		case len(a) > maxBCCLength:
			f.add(path, sizeBetween(0, maxBCCLength))
		case !validEmail(a) || a == p.Email || !isSales(inv.Type):
			f.add(path, invalid(path, a), assumeFieldCodes)
		}
	}
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// checkAddresses holds the channel rules (REFERENCE 4).
func (c *call) checkAddresses(f *faults, inv *Invoice) {
	if d := inv.DeliveryAddress; d != nil && *d != (InvoiceDeliveryAddress{}) && d.Country == "" {
		f.add("deliveryAddress.country", blank("deliveryAddress.country"), assumeAddressCopy)
	}
	cp := inv.CounterParty.CounterPartyAddress
	bill := InvoiceBillingAddress(cp)
	path := "counterParty.counterPartyAddress"
	if inv.BillingAddress != nil {
		bill = *inv.BillingAddress
	}
	want := func(path string, fields ...[2]string) {
		for _, x := range fields {
			if x[1] == "" {
				f.add(path+"."+x[0], blank(path+"."+x[0]), assumeFieldCodes)
			}
		}
	}
	switch {
	case inv.InvoiceChannel == "MAIL" && isSales(inv.Type):
		if inv.BillingAddress != nil && *inv.BillingAddress != (InvoiceBillingAddress{}) {
			path = "billingAddress"
		} else {
			bill = InvoiceBillingAddress(cp)
		}
		want(path, [2]string{"street", bill.Street}, [2]string{"zip", bill.Zip}, [2]string{"city", bill.City})
	case inv.InvoiceChannel == "ELECTRONIC_INVOICE" && inv.Type == typeSales:
		e := inv.CounterParty.EinvoiceAddress
		if e == nil {
			e = &EInvoiceAddress{}
		}
		want("counterParty.einvoiceAddress", [2]string{"address", e.Address})
		if c.co.country() == "FINLAND" {
			switch {
			case e.Operator == "":
				want("counterParty.einvoiceAddress", [2]string{"operator", ""})
			case !knownOperator(e.Operator):
				f.add("counterParty.einvoiceAddress.operator", codeOperator, assumeOperators)
			}
		}
		want(path, [2]string{"street", cp.Street}, [2]string{"zip", cp.Zip}, [2]string{"city", cp.City})
		if inv.BillingAddress != nil {
			want("billingAddress", [2]string{"name", bill.Name}, [2]string{"street", bill.Street}, [2]string{"zip", bill.Zip}, [2]string{"city", bill.City})
		}
	}
}

// knownOperator accepts what has the form of an operator's code. Codes in use are
// BICs, numbers of 12 digits, and names (assumption 43).
func knownOperator(s string) bool {
	if len(s) < 4 || len(s) > 20 {
		return false
	}
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

func (c *call) checkPayment(f *faults, inv *Invoice) {
	p := &inv.PaymentInfo
	co := c.co
	if d, ok := daysBetween(inv.Date, p.DueDate); ok {
		if d < 0 {
			f.add("", codeDueDate)
		} else if d > maxDueDays {
			f.add("paymentInfo.dueDate", invalid("paymentInfo.dueDate", p.DueDate), assumeFieldCodes)
		}
	}
	switch p.PaymentMethod {
	case "CASH":
		f.call.assume(assumeCash)
	case "DKLMPKRE":
		f.add("paymentInfo.paymentMethod", invalid("paymentInfo.paymentMethod", p.PaymentMethod))
	}
	one := p.CurrencyRate.coef == pow10[p.CurrencyRate.scale]
	if p.Currency == co.domestic() && !one || p.Currency != co.domestic() && p.CurrencyRate.Sign() <= 0 {
		f.add("paymentInfo.currencyRate", invalid("paymentInfo.currencyRate", p.CurrencyRate.String()), assumeFieldCodes)
	}
	if cd := p.CashDiscount; cd != nil && cd.CashDiscountsTermType == "FROM_END_OF_MONTH" && co.country() != "DENMARK" {
		f.add("paymentInfo.cashDiscount.cashDiscountsTermType", invalid("paymentInfo.cashDiscount.cashDiscountsTermType", cd.CashDiscountsTermType), assumeFieldCodes)
	}
	if isSales(inv.Type) && p.PaymentMethod == "BANK_TRANSFER" {
		switch {
		case p.BankAccount == nil || p.BankAccount.AccountNumber == "":
			f.add("paymentInfo.bankAccount", codeEmpty, assumeFieldCodes)
		case !co.ownsAccount(p.BankAccount.AccountNumber):
			f.add("paymentInfo.bankAccount", codeForeignAccount)
		}
	} else if !isSales(inv.Type) && p.BankAccount != nil && len(p.BankAccount.AccountNumber) > 2 &&
		(strings.HasPrefix(p.BankAccount.AccountNumber, "FI") || strings.HasPrefix(p.BankAccount.AccountNumber, "SE")) &&
		!validIBAN(p.BankAccount.AccountNumber) {
		f.add("paymentInfo.bankAccount", invalid("paymentInfo.bankAccount", p.BankAccount.AccountNumber), assumeFieldCodes)
	}
	c.checkReference(f, p)
}

// checkReference: key absent = none, "" = generated, else the check digit
// counts (REFERENCE 4).
func (c *call) checkReference(f *faults, p *PaymentInfo) {
	const path, typePath = "paymentInfo.bankReferenceCode", "paymentInfo.bankReferenceCodeType"
	allowed := referenceTypes[c.co.country()]
	if t := p.BankReferenceCodeType; t != "" && !strings.Contains(allowed, " "+t+" ") {
		f.add(typePath, invalid(typePath, t), assumeReferenceForm)
		return
	}
	if p.BankReferenceCode == nil || *p.BankReferenceCode == "" {
		return
	}
	ref := strings.ReplaceAll(*p.BankReferenceCode, " ", "")
	kind := p.BankReferenceCodeType
	if kind == "" {
		switch {
		case strings.HasPrefix(ref, "RF"):
			kind = "RF"
		case c.co.country() == "SWEDEN":
			kind = "OCR"
		default:
			kind = "FI"
		}
	}
	ok := true
	switch kind {
	case "FI":
		ok = validFinnishReference(ref)
	case "RF":
		ok = validRF(ref)
	case "OCR":
		ok = validOCR(ref)
	}
	if !ok {
		f.add(path, invalid(path, *p.BankReferenceCode), assumeReferenceCode)
	}
}

// referenceTypes are the standards of a country (assumption 14).
var referenceTypes = map[string]string{
	"FINLAND": " FI RF ",
	"SWEDEN":  " OCR RF ",
	"NORWAY":  " KID ",
	"DENMARK": " GIK01 GIK04 GIK15 FIK71 FIK73 FIK75 ",
}

// makeReference generates one from the invoice number (assumption 14).
func (c *call) makeReference(p *PaymentInfo, number int64) {
	base := fmt.Sprintf("%03d", number)
	kind := p.BankReferenceCodeType
	if kind == "" {
		kind = "FI"
		if c.co.country() == "SWEDEN" {
			kind = "OCR"
		}
	}
	var ref string
	switch kind {
	case "RF":
		ref = rfReference(finnishReference(base))
	case "OCR":
		ref = ocrReference(base)
	default:
		ref = finnishReference(base)
	}
	c.assume(assumeReferenceForm)
	p.BankReferenceCode, p.BankReferenceCodeType = &ref, kind
}

func (c *call) checkRows(f *faults, inv *Invoice) {
	if n := len(inv.InvoiceRows); n == 0 {
		f.add("invoiceRows", codeEmpty)
	} else if n > maxRows {
		f.add("invoiceRows", sizeBetween(1, maxRows), assumeFieldCodes)
		return
	}
	vat := c.co.vatUse(side(inv.Type))
	if st := inv.VATStatus; st != nil && !vat.statuses[*st] {
		f.add("vatStatus", codeVATStatus, assumeFieldCodes, assumeDomesticBuying)
	}
	for i := range inv.InvoiceRows {
		r := &inv.InvoiceRows[i]
		at := func(name string) string { return fmt.Sprintf("invoiceRows[%d].%s", i, name) }
		if r.Product == "" {
			f.add(at("product"), codeEmpty)
		}
		if !vat.percents[r.VATPercent.String()] && !vat.hasPercent(r.VATPercent) {
			f.add(at("vatPercent"), invalid(at("vatPercent"), r.VATPercent.String()), assumeFieldCodes)
		}
		status, path := r.VATStatus, at("vatStatus")
		switch {
		case status != nil && !vat.statuses[*status]:
			f.add(path, codeVATStatus, assumeFieldCodes, assumeDomesticBuying)
		case status == nil:
			status = inv.VATStatus
		}
		if status != nil && *status != c.co.set().Domestic && vat.statuses[*status] && r.VATPercent.Sign() != 0 {
			f.add(path, codeVATStatus)
		}
		if s, e := r.StartDate, r.EndDate; s != "" && e != "" && s > e {
			f.add(at("endDate"), invalid(at("endDate"), e), assumeFieldCodes)
		}
		if d := r.DiscountPercent; d.Sign() < 0 || d.Cmp(hundred) > 0 {
			f.add(at("discountPercent"), invalid(at("discountPercent"), d.String()), assumeFieldCodes)
		}
		if id := r.ProductID; id != nil {
			if p := c.co.products.get(*id); p == nil || (p.Type == "SALES") != isSales(inv.Type) {
				f.add(at("productId"), invalid(at("productId"), fmt.Sprint(*id)), assumeFieldCodes)
			}
		}
	}
}

var hundred = Num("100")

// checkLinks: partner and checkers exist.
func (c *call) checkLinks(f *faults, inv *Invoice) {
	if id := inv.PartnerID; id != nil {
		p := c.co.partners.get(*id)
		want := "SUPPLIER"
		switch {
		case isSales(inv.Type):
			want = "CUSTOMER"
		case isTravel(inv.Type):
			want = "PERSON"
		}
		switch {
		case p == nil:
			f.add("partnerId", invalid("partnerId", fmt.Sprint(*id)), assumeFieldCodes)
		case p.Type != want || !p.isActive():
			f.add("partnerId", invalid("partnerId", fmt.Sprint(*id)), assumePartnerLink)
		}
	} else if isTravel(inv.Type) {
		f.add("partnerId", codeEmpty, assumePartnerLink)
	}
	if a := inv.InvoiceApprovalInformation; a != nil {
		for name, list := range map[string][]InvoiceCheckerInformation{"acceptors": a.Acceptors, "verifiers": a.Verifiers} {
			for i, u := range list {
				if c.co.users.get(u.UserID) == nil {
					path := fmt.Sprintf("invoiceApprovalInformation.%s[%d].userId", name, i)
					f.add(path, invalid(path, fmt.Sprint(u.UserID)), assumeFieldCodes)
				}
			}
		}
	}
}

// vatUse is what a company has switched on for one side.
type vatUse struct {
	percents map[string]bool
	list     []Number
	statuses map[int64]bool
}

func (v vatUse) hasPercent(p Number) bool {
	for _, x := range v.list {
		if x.Cmp(p) == 0 {
			return true
		}
	}
	return false
}

// vatUse is worked out once for each value of the settings. The company is
// locked for writing.
func (co *company) vatUse(side string) vatUse {
	set := co.set()
	if co.use.of != set {
		co.use.of, co.use.sales, co.use.purchase = set, set.use("SALES"), set.use("PURCHASE")
	}
	if side == "SALES" {
		return co.use.sales
	}
	return co.use.purchase
}

func (set *settings) use(side string) vatUse {
	v := vatUse{percents: map[string]bool{}, statuses: map[int64]bool{}}
	for _, c := range set.VAT.VATInformation {
		if c.Country != set.Company.Country {
			continue
		}
		for _, p := range c.Percentages {
			if p.VATPercent != nil && on(side, p.Sales, p.Purchase) {
				v.percents[p.VATPercent.String()] = true
				v.list = append(v.list, *p.VATPercent)
			}
		}
	}
	for _, s := range set.VAT.VATStatuses {
		if s.VATStatus != nil && on(side, s.Sales, s.Purchase) {
			v.statuses[*s.VATStatus] = true
		}
	}
	return v
}

func on(side string, sales, purchase *bool) bool {
	if side == "SALES" {
		return sales != nil && *sales
	}
	return purchase != nil && *purchase
}

func (co *company) ownsAccount(iban string) bool {
	iban = strings.ReplaceAll(iban, " ", "")
	for _, a := range co.accounts.all() {
		if a.Status == "ACTIVE" && (a.IBAN == iban || a.AccountNumber != "" && a.AccountNumber == iban) {
			return true
		}
		for _, alias := range a.AssociatedAccounts {
			if alias.AccountNumber == iban {
				return true
			}
		}
	}
	return false
}

// daysBetween returns how many days b is after a.
func daysBetween(a, b string) (int, bool) {
	x, err1 := time.Parse(time.DateOnly, a)
	y, err2 := time.Parse(time.DateOnly, b)
	if err1 != nil || err2 != nil {
		return 0, false
	}
	return int(y.Sub(x) / (24 * time.Hour)), true
}
