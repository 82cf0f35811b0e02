package ubl

import (
	"encoding/base64"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

func (v *invoice) party(at string, n *format.Node) hub.Party {
	legal, contact := n.Child("PartyLegalEntity"), n.Child("Contact")
	trading := n.Text("PartyName", "Name")
	p := hub.Party{
		Name:       firstOf(legal.Text("RegistrationName"), trading),
		BusinessID: legal.Text("CompanyID"),
		Address:    v.address(at, n.Child("PostalAddress")),
		Contact:    contact.Text("Name"),
		Phone:      contact.Text("Telephone"),
		Email:      contact.Text("ElectronicMail"),
		EInvoice:   endpoint(n.Child("EndpointID")),
	}
	if trading != p.Name {
		p.NameMore = trading
	}
	// An identification with a scheme is a registered number of its own; one
	// without is what the other party calls this one.
	for _, id := range n.All("PartyIdentification") {
		if c := id.Child("ID"); c.Attr("schemeID") == "" && p.Number == "" {
			p.Number = c.Text()
			v.Place(at+".number", c)
		} else {
			v.note("PartyIdentification", strings.TrimSpace(c.Attr("schemeID")+" "+c.Text()))
		}
	}
	for _, tax := range n.All("PartyTaxScheme") {
		switch scheme := tax.Text("TaxScheme", "ID"); {
		case scheme == "VAT" && p.VATNumber == "":
			p.VATNumber = tax.Text("CompanyID")
			v.Place(at+".vat_number", tax.Child("CompanyID"))
		default:
			v.note("PartyTaxScheme", strings.TrimSpace(scheme+" "+tax.Text("CompanyID")))
		}
	}
	v.Place(at, n)
	v.Place(at+".name", legal.Child("RegistrationName"))
	v.Place(at+".business_id", legal.Child("CompanyID"))
	v.Place(at+".email", contact.Child("ElectronicMail"))
	v.Place(at+".einvoice.address", n.Child("EndpointID"))
	return p
}

// endpoint: an OVT code is an address as it is, any other needs its scheme.
func endpoint(n *format.Node) hub.EInvoice {
	id, scheme := n.Text(), n.Attr("schemeID")
	if id == "" || scheme == "" || scheme == "0216" || strings.HasPrefix(id, "0037") {
		return hub.EInvoice{Address: id}
	}
	return hub.EInvoice{Address: scheme + ":" + id}
}

func (v *invoice) address(at string, n *format.Node) hub.Address {
	v.Place(at+".address.street", n.Child("StreetName"))
	v.Place(at+".address.zip", n.Child("PostalZone"))
	v.Place(at+".address.city", n.Child("CityName"))
	v.Place(at+".address.country", n.Child("Country", "IdentificationCode"))
	more := []string{n.Text("AdditionalStreetName"), n.Text("AddressLine", "Line")}
	return hub.Address{
		Street:  n.Text("StreetName"),
		More:    strings.Join(slices.DeleteFunc(more, func(s string) bool { return s == "" }), ", "),
		Zip:     n.Text("PostalZone"),
		City:    n.Text("CityName"),
		Region:  n.Text("CountrySubentity"),
		Country: v.Country(n.Child("Country", "IdentificationCode")),
	}
}

// attachments takes embedded files out; links and references are notes. They have
// gone to the customer with the invoice, so they are meant for the customer.
func (v *invoice) attachments() {
	for _, n := range v.root.All("AdditionalDocumentReference") {
		id, about := n.Text("ID"), n.Text("DocumentDescription")
		file := n.Child("Attachment", "EmbeddedDocumentBinaryObject")
		switch {
		case file != nil:
			v.attachment(file, firstOf(file.Attr("filename"), about, id))
		case n.Child("Attachment", "ExternalReference") != nil:
			v.note(firstOf(about, id), n.Text("Attachment", "ExternalReference", "URI"))
		default:
			v.note(firstOf(about, "AdditionalDocumentReference"), strings.TrimSpace(n.Child("ID").Attr("schemeID")+" "+id))
		}
	}
}

// extensions of the types that BIS Billing 3 allows (code list MimeCode).
var extensions = map[string]string{
	"application/pdf": ".pdf",
	"image/png":       ".png",
	"image/jpeg":      ".jpg",
	"text/csv":        ".csv",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
	"application/vnd.oasis.opendocument.spreadsheet":                    ".ods",
}

func (v *invoice) attachment(n *format.Node, name string) {
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Text()), ""))
	if err != nil || len(content) == 0 {
		v.Faults = append(v.Faults, hub.NewFault(hub.FieldInvalid, n.Path(), "", "field", n.Name, "form", "a file in base64"))
		return
	}
	a := hub.Attachment{
		// A path in a file name is of the sender's machine.
		Name:        path.Base(strings.ReplaceAll(name, `\`, "/")),
		MIME:        n.Attr("mimeCode"),
		Size:        int64(len(content)),
		Hash:        hub.HashOf(content),
		ForCustomer: true,
		Content:     content,
	}
	if path.Ext(a.Name) == "" {
		a.Name += extensions[a.MIME]
	}
	if a.Size > hub.MaxAttachment {
		v.Faults = append(v.Faults, hub.NewFault(hub.AttachmentTooLarge, n.Path(), a.Name,
			"name", a.Name, "size", strconv.FormatInt(a.Size, 10), "limit", strconv.Itoa(hub.MaxAttachment)))
		a.Content = nil // the document's own bytes hold it
	}
	v.doc.Attachments = append(v.doc.Attachments, a)
}
