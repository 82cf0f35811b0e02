package finvoice

import (
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

func (v *invoice) parties() {
	d, root := v.doc, v.root
	d.Seller = v.party("seller", "Seller", root.Child("SellerPartyDetails"))
	d.Buyer = v.party("buyer", "Buyer", root.Child("BuyerPartyDetails"))
	d.Seller.Number = v.details.Text("BuyersSellerIdentifier")
	d.Buyer.Number = firstOf(v.details.Text("SellersBuyerIdentifier"), root.Text("BuyerPartyDetails", "BuyerCode"))
	v.Place("buyer.number", v.details.Child("SellersBuyerIdentifier"))
	info := root.Child("SellerInformationDetails")
	d.Seller.Phone = firstOf(d.Seller.Phone, info.Text("SellerPhoneNumber"))
	d.Seller.Email = firstOf(d.Seller.Email, info.Text("SellerCommonEmailaddressIdentifier"))
	v.addresses(info)
	if n := root.Child("InvoiceRecipientPartyDetails"); n != nil {
		p := v.party("bill_to", "InvoiceRecipient", n)
		d.BillTo = &p
	}
	if n := root.Child("DeliveryPartyDetails"); n != nil {
		p := v.party("deliver_to", "Delivery", n)
		d.DeliverTo = &p
	}
	for _, n := range root.All("AnyPartyDetails") {
		v.note(firstOf(n.Text("AnyPartyText"), "AnyPartyDetails"), strings.Join(n.Texts("AnyPartyOrganisationName"), " "))
	}
}

// party reads the party whose elements begin with prefix.
func (v *invoice) party(path, prefix string, n *format.Node) hub.Party {
	names := n.Texts(prefix + "OrganisationName")
	more := append([]string{}, names[min(1, len(names)):]...)
	more = append(more, n.Text(prefix+"OrganisationTradingName"))
	more = append(more, n.Texts(prefix+"OrganisationDepartment")...)
	more = append(more, n.Texts(prefix+"Department")...) // InvoiceRecipient's
	p := hub.Party{
		NameMore:   compact(more),
		BusinessID: n.Text(prefix + "PartyIdentifier"),
		VATNumber:  n.Text(prefix + "OrganisationTaxCode"),
		Contact:    v.root.Text(prefix + "ContactPersonName"),
		Phone:      v.root.Text(prefix+"CommunicationDetails", prefix+"PhoneNumberIdentifier"),
		Email:      v.root.Text(prefix+"CommunicationDetails", prefix+"EmailaddressIdentifier"),
		Address:    v.address(path, prefix, n.Child(prefix+"PostalAddressDetails")),
	}
	if len(names) > 0 {
		p.Name = names[0]
	}
	v.Place(path, n)
	v.Place(path+".name", n.Child(prefix+"OrganisationName"))
	v.Place(path+".business_id", n.Child(prefix+"PartyIdentifier"))
	v.Place(path+".vat_number", n.Child(prefix+"OrganisationTaxCode"))
	v.Place(path+".email", v.root.Child(prefix+"CommunicationDetails", prefix+"EmailaddressIdentifier"))
	return p
}

// address takes the first street line as the street; a post-office box stands in
// for one that is missing.
func (v *invoice) address(path, prefix string, n *format.Node) hub.Address {
	streets := append(n.Texts(prefix+"StreetName"), n.Texts(prefix+"PostOfficeBoxIdentifier")...)
	a := hub.Address{
		Zip:     n.Text(prefix + "PostCodeIdentifier"),
		City:    n.Text(prefix + "TownName"),
		Region:  n.Text(prefix + "CountrySubdivision"),
		Country: v.Country(n.Child("CountryCode")),
	}
	if len(streets) > 0 {
		a.Street, a.More = streets[0], compact(streets[1:])
	}
	v.Place(path+".address.street", n.Child(prefix+"StreetName"))
	v.Place(path+".address.zip", n.Child(prefix+"PostCodeIdentifier"))
	v.Place(path+".address.city", n.Child(prefix+"TownName"))
	v.Place(path+".address.country", n.Child("CountryCode"))
	return a
}

// addresses finds the e-invoice addresses: in the message itself since 2.0, in the
// envelope before; the seller's own receiving address counts first.
func (v *invoice) addresses(info *format.Node) {
	m := v.root.Child("MessageTransmissionDetails")
	from, to := m.Child("MessageSenderDetails"), m.Child("MessageReceiverDetails")
	receives := info.Child("InvoiceRecipientDetails")
	seller := hub.EInvoice{
		Address:  firstOf(receives.Text("InvoiceRecipientAddress"), from.Text("FromIdentifier")),
		Operator: firstOf(receives.Text("InvoiceRecipientIntermediatorAddress"), from.Text("FromIntermediator")),
	}
	buyer := hub.EInvoice{Address: to.Text("ToIdentifier"), Operator: to.Text("ToIntermediator")}
	if header := v.envelope.Find("MessageHeader"); header != nil {
		enveloped(header.All("From"), &seller)
		enveloped(header.All("To"), &buyer)
	}
	seller.Address = firstOf(seller.Address, v.root.Text("SellerOrganisationUnitNumber"))
	buyer.Address = firstOf(buyer.Address, v.root.Text("BuyerOrganisationUnitNumber"))
	v.doc.Seller.EInvoice, v.doc.Buyer.EInvoice = seller, buyer
	v.Place("buyer.einvoice.address", to.Child("ToIdentifier"))
	v.Place("buyer.einvoice.operator", to.Child("ToIntermediator"))
}

// enveloped fills what is still empty from the envelope's parties: the role
// Intermediator is the operator, any other the party itself.
func enveloped(parties []*format.Node, e *hub.EInvoice) {
	for _, p := range parties {
		if p.Text("Role") == "Intermediator" {
			e.Operator = firstOf(e.Operator, p.Text("PartyId"))
		} else {
			e.Address = firstOf(e.Address, p.Text("PartyId"))
		}
	}
}

// compact joins the texts that are not empty.
func compact(texts []string) string {
	var list []string
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return strings.Join(list, ", ")
}
