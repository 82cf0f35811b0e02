package mapping

import (
	"net/mail"
	"strings"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/sweden"
	"github.com/vienti/vienti/procountor"
)

// putHeader fills what stands above the rows, parties and payment apart.
func (b *builder) putHeader() {
	d, inv := b.d, &b.inv
	inv.Date = register.Date(d.Date)
	inv.ExtraInfo = procountor.ExtraInfo{AccountingByRow: true, UnitPricesIncludeVAT: d.GrossPrices}
	// Row accounts can be put on the ledger receipt only when each row has its own entry.

	if strings.TrimSpace(d.Number) == "" {
		b.fault(hub.NumberMissing, "number", "")
	}
	inv.OriginalInvoiceNumber = b.exactText("number", d.Number, maxOriginalNumber)
	b.note(func(w words) string { return w.voucher }, b.text("voucher_number", d.VoucherNumber, maxOriginalNumber))

	if !d.Delivery.First.IsZero() && !d.Delivery.Last.IsZero() && d.Delivery.Last.Before(d.Delivery.First) {
		b.warn(hub.FieldInvalid, "delivery", d.Delivery.First.String()+" – "+d.Delivery.Last.String(), "field", "delivery", "form", "first day not after last")
	} else {
		inv.DeliveryStartDate, inv.DeliveryEndDate = register.Date(d.Delivery.First), register.Date(d.Delivery.Last)
	}
	if p := d.PenaltyPercent; p != nil {
		if p.Sign() < 0 || !p.Equal(p.RoundHalfUp(2)) {
			b.fault(hub.FieldInvalid, "penalty_percent", p.String(), "field", "penalty_percent", "form", "percent with two decimals")
		}
		if b.unchecked {
			inv.PenaltyPercent = b.decimal("penalty_percent", *p)
		} else {
			inv.PenaltyPercent = b.decimal("penalty_percent", p.RoundHalfUp(2))
		}
	}
	if t := b.text("delivery_terms", d.DeliveryTerms, maxInformation); t != "" {
		inv.DeliveryTermsInfo = &procountor.DeliveryTermsInfo{Name: t}
	}
	b.checkDiscount()
	b.putLanguage()
	b.putReferences()
}

func (b *builder) checkDiscount() {
	p := b.d.DiscountPercent
	if p.Sign() < 0 || p.Cmp(money.Hundred) > 0 || !p.Equal(p.RoundHalfUp(4)) {
		b.fault(hub.DiscountInexact, "discount_percent", p.String(), "field", "discount_percent", "form", "0 to 100 with four decimals")
	}
}

// languages of invoices (REFERENCE 3.1). Norwegian has three codes.
var languages = map[string]procountor.Language{
	"fi": procountor.Finnish, "sv": procountor.Swedish, "en": procountor.English, "et": procountor.Estonian,
	"no": procountor.Norwegian, "nb": procountor.Norwegian, "nn": procountor.Norwegian, "da": procountor.Danish,
}

// putLanguage: sales need one; a purchase has one only if stated. A language that Procountor lacks becomes the
// connection's, with a warning, for the invoice is right in any language.
func (b *builder) putLanguage() {
	stated := strings.ToLower(b.d.Language)
	if b.row != nil && stated == "" {
		stated = b.row.Language
	}
	l, ok := languages[stated]
	if !ok && (b.sales || stated != "") {
		l, ok = languages[strings.ToLower(b.s.Language)]
		switch {
		case !ok && b.sales:
			b.fault(hub.LanguageUnknown, "language", firstOf(b.d.Language, b.s.Language))
		case ok && stated != "":
			b.warn(hub.LanguageUnknown, "language", b.d.Language, "used", b.s.Language)
		}
	}
	b.inv.Language = l
}

// putReferences: the fields that only Finnish companies have become printed
// lines elsewhere. The order number has two places in Finland, one for people
// and one for e-invoices.
func (b *builder) putReferences() {
	r, inv := b.d.References, &b.inv
	finnish := b.country() == "FI"
	if b.sales && b.s.BuyerReference == hub.AsOrder && strings.TrimSpace(r.Order) == "" {
		r.Order, r.Buyer = r.Buyer, ""
	}
	inv.OrderReference = b.text("references.order", r.Order, maxOrderReference)
	put := func(path, value string, limit int, place *string, label func(words) string) {
		value = b.text("references."+path, value, limit)
		if finnish {
			*place = value
		} else {
			b.printedNote(label, value)
		}
	}
	put("agreement", r.Agreement, maxInformation, &inv.AgreementNumber, func(w words) string { return w.agreement })
	put("account", r.Account, maxInformation, &inv.AccountingCode, func(w words) string { return w.account })
	put("site", r.Site, maxInformation, &inv.DeliverySite, func(w words) string { return w.site })
	put("tender", r.Tender, maxInformation, &inv.TenderReference, func(w words) string { return w.tender })
	put("buyer", r.Buyer, maxReferenceID, &inv.BuyerReferenceIdentifier, func(w words) string { return w.buyerRef })
	put("seller", r.Seller, maxReferenceID, &inv.SellerReferenceIdentifier, func(w words) string { return w.sellerRef })
	if finnish {
		inv.OrderNumber = inv.OrderReference
	}
	b.printedNote(func(w words) string { return w.project }, b.text("references.project", r.Project, maxInformation))
}

// putCounterparty fills the other side and the addresses.
func (b *builder) putCounterparty() {
	p, cp := b.receiver(), &b.inv.CounterParty
	b.needName(p)
	cp.ContactPersonName = b.text(b.other+".contact", p.Contact, maxContact)
	if !b.travel() { // orders and invoices of sales and purchase have these (REFERENCE 3.1)
		cp.Identifier = b.identifier(b.other, p)
		cp.TaxCode = b.vatNumber(b.other, p)
		cp.CustomerNumber = b.exactText(b.other+".number", b.s.Partner.Known(*p).Number, maxName)
	}
	if p.Email != "" {
		if validEmail(p.Email) {
			cp.Email = p.Email
		} else {
			// Procountor refuses any invoice with a malformed address.
			b.warn(hub.FieldInvalid, b.emailPath(), p.Email, "field", b.emailPath(), "form", "name@example.fi")
		}
	}
	cp.CounterPartyAddress = procountor.CounterPartyAddress(b.address(b.other, p))
	if e := p.EInvoice; b.sales && e.Address != "" {
		cp.EInvoiceAddress = &procountor.EInvoiceAddress{
			Address:  b.exactText(b.einvoicePath("address"), strings.Join(strings.Fields(e.Address), ""), maxName),
			Operator: strings.ToUpper(b.exactText(b.einvoicePath("operator"), e.Operator, maxName)),
		}
	} else {
		b.note(func(w words) string { return w.edi }, b.text(b.other+".einvoice.address", strings.TrimSpace(e.Address+" "+e.Operator), maxInformation))
	}
	b.note(func(w words) string { return w.phone }, b.text(b.other+".phone", p.Phone, maxInformation))
	if b.d.BillTo != nil {
		a := b.address("bill_to", b.d.BillTo)
		b.inv.BillingAddress = &a
	}
	if b.d.DeliverTo != nil {
		a := b.address("deliver_to", b.d.DeliverTo)
		b.inv.DeliveryAddress = &a
	}
}

func (b *builder) needName(p *hub.Party) {
	if strings.TrimSpace(p.Name) != "" {
		return
	}
	code := hub.BuyerMissing
	if !b.sales {
		code = hub.SellerMissing
	}
	b.fault(code, b.other+".name", "")
}

func (b *builder) address(path string, p *hub.Party) procountor.Address {
	a := p.Address
	street := a.Street
	if a.More != "" {
		if street != "" {
			street += ", "
		}
		street += a.More
	}
	out := procountor.Address{
		Name:        b.text(path+".name", p.Name, maxName),
		Specifier:   b.text(path+".name_more", p.NameMore, maxName),
		Street:      b.text(path+".address.street", street, maxStreet),
		Zip:         b.exactText(path+".address.zip", a.Zip, maxZip),
		City:        b.text(path+".address.city", a.City, maxCity),
		Subdivision: b.text(path+".address.region", a.Region, maxSubdivision),
	}
	if iso := b.partyCountry(p); iso != "" {
		name, ok := register.CountryName(iso)
		if !ok {
			b.fault(hub.CountryUnknown, path+".address.country", iso)
			name = procountor.CountryName(b.refused(iso))
		}
		out.Country = name
	}
	return out
}

// partyCountry is the stated country, else the one that gave the VAT number,
// else the connection's default.
func (b *builder) partyCountry(p *hub.Party) string {
	given := ""
	if v, err := finland.ParseVATNumber(p.VATNumber); err == nil {
		given = v.Country()
	}
	return strings.ToUpper(firstOf(p.Address.Country, given, b.s.Country))
}

// identifier tests a business id where its rules are known: Finland's and
// Sweden's have a check digit. A foreign one is taken as it is.
func (b *builder) identifier(path string, p *hub.Party) string {
	id := strings.TrimSpace(p.BusinessID)
	if id == "" || p.Consumer { // a person's id has no business on an invoice
		return ""
	}
	switch b.partyCountry(p) {
	case "FI", "SE":
		if f, err := finland.ParseBusinessID(id); err == nil {
			return string(f)
		}
		if s, err := sweden.ParseOrganisationNumber(id); err == nil {
			return string(s)
		}
		if v, err := finland.ParseVATNumber(id); err == nil {
			return string(v)
		}
		b.fault(hub.BusinessIDWrong, path+".business_id", id, "country", b.partyCountry(p))
		return b.refused(id)
	}
	return b.exactText(path+".business_id", id, maxName)
}

// vatNumber tests what claims to be a number of the European Union; Procountor
// takes no other (ERROR_BRN_CODE), so that one becomes a note.
func (b *builder) vatNumber(path string, p *hub.Party) string {
	v := strings.TrimSpace(p.VATNumber)
	if v == "" {
		return ""
	}
	n, err := finland.ParseVATNumber(v)
	if err == nil && strings.HasPrefix(string(n), "SE") {
		_, err = sweden.ParseVATNumber(v)
	}
	if err == nil {
		return string(n)
	}
	prefix := strings.ToUpper(v[:min(2, len(v))])
	if c := register.CountryCode(prefix); register.MemberState(prefix) || prefix == "EL" || c == "" || register.MemberState(b.partyCountry(p)) {
		b.fault(hub.VATNumberWrong, path+".vat_number", v)
		return b.refused(v)
	} else {
		b.note(func(w words) string { return w.vatID }, b.text(path+".vat_number", v, maxInformation))
	}
	return ""
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	_, bad := forbidden(s)
	return err == nil && a.Address == s && !bad
}
