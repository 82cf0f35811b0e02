package register

import (
	"strings"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// A PartnerType says which register a partner stands in.
type PartnerType string

// Customers are who we invoice, suppliers who invoice us.
const (
	Customer PartnerType = "customer"
	Supplier PartnerType = "supplier"
	Person   PartnerType = "person"
)

// TypeFor is the register that holds the counterparties of a kind of document.
func TypeFor(kind hub.Kind) PartnerType {
	switch kind {
	case hub.PurchaseInvoice:
		return Supplier
	case hub.TravelInvoice:
		return Person
	}
	return Customer
}

// A Partner is an entry of a company's customer or supplier register, as far as
// it is needed to find it again.
type Partner struct {
	ID   int64       `json:"id"`
	Type PartnerType `json:"type"`
	Name string      `json:"name"`
	// BusinessID is the identifier as it stands there, and IDType its kind: YHD
	// for a Finnish business id, or a country code. A person has none here.
	BusinessID     string      `json:"business_id,omitempty"`
	IDType         string      `json:"id_type,omitempty"`
	VATNumber      string      `json:"vat_number,omitempty"` // when the identifier is one
	CustomerNumber string      `json:"customer_number,omitempty"`
	Address        hub.Address `json:"address,omitzero"`
	Email          string      `json:"email,omitempty"`
	Active         bool        `json:"active"`
	Version        string      `json:"version,omitempty"`
}

// PartnerFrom takes what we need of a partner's full entry. A partner without
// the flag counts as active.
func PartnerFrom(p procountor.Partner) Partner {
	out := Partner{ID: p.ID, Type: partnerType(p.Type), Name: p.Name, Active: true, Version: p.Version.String()}
	if r := p.RegistryInfo; r != nil && r.Active != nil {
		out.Active = *r.Active
	}
	if i := p.InvoicingInfo; i != nil {
		out.CustomerNumber, out.Email = i.CustomerNumber, i.Email
		out.identify(i.Identifier, i.IdentifierType)
	}
	if p.Address != nil {
		out.Address = address(*p.Address)
	} else if p.BillingAddress != nil {
		out.Address = address(*p.BillingAddress)
	}
	return out
}

// PartnerFromInfo takes what a search shows of a partner, which has no e-mail
// address.
func PartnerFromInfo(p procountor.PartnerInfo) Partner {
	out := Partner{ID: p.ID, Type: partnerType(p.Type), Name: p.Name, Active: true, Version: p.Version.String()}
	if r := p.RegistryInfo; r != nil {
		out.Active = r.Active
	}
	if i := p.InvoicingInfo; i != nil {
		out.CustomerNumber = i.CustomerNumber
		out.identify(i.Identifier, i.IdentifierType)
	}
	if p.BillingAddress != nil {
		out.Address = address(*p.BillingAddress)
	}
	return out
}

// identify keeps the identifier, and as VAT number too when it is one. Under a
// country's code the register may hold the number with or without its prefix.
//
// A personal identity code is neither compared nor kept.
func (p *Partner) identify(id, typ string) {
	if p.Type == Person || typ == "HETU" || typ == "PN" {
		return
	}
	p.BusinessID, p.IDType = id, typ
	for _, s := range []string{id, typ + id} {
		if v, err := finland.ParseVATNumber(s); err == nil && (s == id || len(typ) == 2) {
			p.VATNumber = string(v)
			return
		}
	}
}

func partnerType(t procountor.PartnerType) PartnerType {
	return PartnerType(strings.ToLower(string(t)))
}

func address(a procountor.Address) hub.Address {
	return hub.Address{Street: a.Street, Zip: a.Zip, City: a.City, Region: a.Subdivision, Country: CountryCode(string(a.Country))}
}
