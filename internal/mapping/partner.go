package mapping

import (
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// Partner is the body of the partner that a document needs: a customer for a
// sale, a supplier for a purchase. It holds what the document says of the party
// and leaves the rest to Procountor's defaults.
func Partner(in Input) (*procountor.Partner, []hub.Fault) {
	b := cardBuilder(in)
	p, cp := b.d.Counterparty(), b.inv.CounterParty
	address := procountor.Address(cp.CounterPartyAddress)
	active := true
	out := &procountor.Partner{
		Name: cp.CounterPartyAddress.Name, Type: procountor.PartnerCustomer, Address: &address,
		InvoicingInfo: &procountor.InvoicingInfo{
			CustomerNumber: cp.CustomerNumber, Language: b.inv.Language, Email: cp.Email, ContactPerson: cp.ContactPersonName,
		},
		PaymentInfo:  procountor.PartnerPaymentInfo{PaymentMethod: procountor.PayBankTransfer, Currency: procountor.Currency(b.currency())},
		RegistryInfo: &procountor.RegistryInfo{Active: &active, Phone: b.text(b.other+".phone", p.Phone, maxPhone)},
	}
	info := out.InvoicingInfo
	info.Identifier, info.IdentifierType = b.registerID(p)
	if e := cp.EInvoiceAddress; e != nil {
		info.EInvoiceAddress, info.EInvoiceOperator = e.Address, e.Operator
	}
	if !b.sales {
		out.Type = procountor.PartnerSupplier
		if iban, err := finland.ParseIBAN(b.d.Payment.IBAN); err == nil {
			out.PaymentInfo.BankAccount = string(iban)
			if bic, err := finland.ParseBIC(b.d.Payment.BIC); err == nil {
				out.PaymentInfo.BIC = string(bic)
			}
		}
	}
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	return out, b.faults
}

// cardBuilder has built the other party of a document, and no more.
func cardBuilder(in Input) *builder {
	b := &builder{in: in, d: in.Document, s: &in.Connection.Settings, r: in.Registers, sales: !in.Document.Kind.Buys(), own: "seller", other: "buyer", card: true}
	if b.r == nil {
		b.r = &register.Copy{}
	}
	if !b.sales {
		b.own, b.other = "buyer", "seller"
	}
	b.printed, b.internal = wordsFor(b.language()), wordsFor(b.s.Language)
	b.putLanguage()
	b.putCounterparty()
	return b
}

// Person is the body of the employee that a claim needs in the register of persons: what
// the document says of the person, without anything by which the state knows one. Sex is
// none of our business, and the claims are paid to the account that they name.
func Person(in Input) (*procountor.Person, []hub.Fault) {
	b := cardBuilder(in)
	p, cp := b.d.Counterparty(), b.inv.CounterParty
	first, last := p.Names()
	language := b.inv.Language
	if language == "" {
		language = languages[strings.ToLower(b.s.Language)]
	}
	if language != procountor.Finnish && language != procountor.Swedish {
		language = procountor.English // the register of persons has three (REFERENCE 3.5)
	}
	out := &procountor.Person{
		FirstName: b.text(b.other+".name", first, maxName), LastName: b.text(b.other+".name", last, maxName),
		PaymentInfo: procountor.PersonPaymentInfo{PaymentMethod: procountor.PayBankTransfer, PaymentTermDays: strconv.Itoa(max(b.s.TermDays, 0))},
		InvoicingInfo: procountor.PersonInvoicingInfo{PersonNumber: b.exactText(b.other+".number", b.s.Partner.Known(*p).Number, maxPhone),
			Language: language, Gender: procountor.GenderNotApplicable},
		RegistryInfo: procountor.PersonRegistryInfo{Active: true, Email: cp.Email, Phone: b.text(b.other+".phone", p.Phone, maxPhone)},
	}
	if a := cp.CounterPartyAddress; a.Street != "" || a.Zip != "" || a.City != "" {
		out.DeliveryAddress = &procountor.PersonFullAddress{Street: a.Street, Zip: a.Zip, City: a.City, Country: a.Country, Specifier: a.Specifier, Subdivision: a.Subdivision}
	}
	if iban, err := finland.ParseIBAN(b.d.Payment.IBAN); err == nil {
		out.PaymentInfo.AccountNumber = string(iban)
		if bic, err := finland.ParseBIC(b.d.Payment.BIC); err == nil {
			out.PaymentInfo.BIC = string(bic)
		}
	}
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	return out, b.faults
}

// registerID is the identifier of the register with its type: a Finnish business
// id as YHD; of other member states the VAT number under the country, for an EU
// sale wants it as the identifier (REFERENCE 3.9); else the national number under
// the country. A person has none here.
func (b *builder) registerID(p *hub.Party) (id, typ string) {
	if p.Consumer {
		return "", ""
	}
	var first matching.ID
	if ids := matching.IDsOf(*p); len(ids) > 0 {
		first = ids[0]
	}
	if first.Country == "FI" {
		if f, err := finland.ParseBusinessID(first.Bare); err == nil {
			return string(f), "YHD"
		}
	}
	if v, err := finland.ParseVATNumber(p.VATNumber); err == nil {
		return string(v), v.Country()
	}
	id = b.exactText(b.other+".business_id", firstOf(b.inv.CounterParty.Identifier, p.BusinessID), maxName)
	if id == "" {
		return "", ""
	}
	typ = firstOf(first.Country, b.partyCountry(p))
	if !identifierTypes[typ] {
		typ = ""
	}
	return id, typ
}

// identifierTypes are the countries among the known types (REFERENCE 3.4).
var identifierTypes = map[string]bool{
	"NO": true, "AT": true, "BE": true, "BG": true, "CY": true, "HR": true, "CZ": true, "DK": true, "EE": true, "FI": true, "FR": true,
	"DE": true, "GB": true, "EL": true, "HU": true, "IE": true, "IT": true, "LV": true, "LT": true, "LU": true, "MT": true, "NL": true,
	"PL": true, "PT": true, "RO": true, "SK": true, "SI": true, "ES": true, "SE": true,
}
