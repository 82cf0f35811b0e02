// Package heeros reads the invoice file of Heeros Sales Invoices: lines of fields with
// semicolons, "A" a customer, "L" an invoice, "R" a row of one. Decimals follow a comma,
// days are 2026-12-31. Source: the template of helpcenter.heeros.com, attachment
// 360010288660; see docs/sources/file.md.
//
// Places in faults are those of a spreadsheet: "L4/AC" is column AC of line 4.
package heeros

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Columns of a customer after the letter.
const (
	aCode = 1 + iota
	aName
	aShort
	aBusinessID
	aVATNumber
	aBillName
	aBillStreet
	aBillZip
	aBillCity
	aBillCountry
	aToName
	aToStreet
	aToZip
	aToCity
	aToCountry
	aGroup
	aOVT
	aEInvoice
	aOperator
	aCurrency
	aContact
	aEmail
	aPhone
)

// Columns of an invoice after the letter.
const (
	lID = 1 + iota
	lCustomer
	lName
	lBillName
	lBillName2
	lStreet
	lZip
	lCity
	lCountry
	lSeller
	lToName
	lToName2
	lToStreet
	lToZip
	lToCity
	lToCountry
	lOrder
	lSupplierReference
	lContact
	lType
	lTerm
	lCurrency
	lLedger
	lDescription
	lVoucherDate
	lDelivery
	lDate
	lDue
	lNumber
	lReference
)

// Columns of a row after the letter.
const (
	rID = 1 + iota
	rCode
	rName
	rQuantity
	rPrice
	rPriceKind
	rUnit
	rVATCode
	rVAT
	rDiscount
	rDescription
	rAccount
	rDimension1
	rDimension2
	rDimension3
)

// Axes are what the three dimensions of a row are called in a connection's settings: the
// template only numbers them.
var Axes = []string{"dimension 1", "dimension 2", "dimension 3"}

const (
	maxLines   = 100_000
	creditType = "INV02"
	saleType   = "INV01"
)

// Takes reports whether a file is of this kind: its first line is a customer or an invoice.
func Takes(b []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))), []byte("\n"))
	fields := bytes.Count(line, []byte(";")) + 1
	return bytes.HasPrefix(line, []byte("A;")) && fields >= aPhone-3 || bytes.HasPrefix(line, []byte("L;")) && fields >= lDate
}

// A record is one line, cut into its fields.
type record struct {
	line   int
	fields []string
}

func (r record) at(column int) string {
	s := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return "L" + strconv.Itoa(r.line) + "/" + s
}

func (r record) cell(column int) string {
	if column >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(r.fields[column])
}

// An invoice on its way to a document.
type invoice struct {
	head   record
	rows   []record
	raw    bytes.Buffer
	faults []hub.Fault
	places map[string]string
}

// Decode reads the invoices of a file. Customers stand anywhere in it.
func Decode(b []byte, o format.Options) (list []format.Decoded) {
	text, fault := format.DecodeText(b)
	if fault != nil {
		return []format.Decoded{format.Unread(format.Part{Raw: b, Fault: fault})}
	}
	customers := map[string]record{}
	var invoices []*invoice
	byID := map[string]*invoice{}
	var strays []record
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = ';', -1, true
	for n := 0; ; n++ {
		fields, err := r.Read()
		if err != nil {
			break // with lazy quotes there is only the end
		}
		if n == maxLines {
			f := hub.NewFault(hub.TooDeep, "L"+strconv.Itoa(n), "", "limit", strconv.Itoa(maxLines))
			return []format.Decoded{format.Unread(format.Part{Raw: b, Fault: &f})}
		}
		line, _ := r.FieldPos(0)
		rec := record{line, fields}
		switch strings.ToUpper(rec.cell(0)) {
		case "A":
			customers[rec.cell(aCode)] = rec
		case "L":
			inv := &invoice{head: rec, places: map[string]string{}}
			inv.keep(rec)
			invoices = append(invoices, inv)
			if byID[rec.cell(lID)] == nil {
				byID[rec.cell(lID)] = inv
			} else {
				inv.fault(hub.TableConflict, rec, lID, "field", "id", "said", rec.cell(lID), "at", byID[rec.cell(lID)].head.at(lID))
			}
		case "R":
			if inv := byID[rec.cell(rID)]; inv != nil {
				inv.rows = append(inv.rows, rec)
				inv.keep(rec)
			} else {
				strays = append(strays, rec)
			}
		case "":
		default:
			strays = append(strays, rec)
		}
	}
	for _, inv := range invoices {
		list = append(list, inv.document(customers, o))
	}
	for _, rec := range strays {
		f := hub.NewFault(hub.LineWithoutInvoice, rec.at(0), rec.cell(0), "line", strconv.Itoa(rec.line))
		list = append(list, format.Unread(format.Part{Raw: []byte(strings.Join(rec.fields, ";")), Fault: &f}))
	}
	return list
}

func (v *invoice) keep(r record) { v.raw.WriteString(strings.Join(r.fields, ";") + "\n") }

func (v *invoice) fault(code string, r record, column int, args ...string) {
	v.faults = append(v.faults, hub.NewFault(code, r.at(column), r.cell(column), args...))
}

// cell returns a field and remembers where it stands.
func (v *invoice) cell(r record, column int, path string) string {
	s := r.cell(column)
	if s != "" {
		v.places[path] = r.at(column)
	}
	return s
}

func (v *invoice) day(column int, path string) civil.Date {
	text := v.cell(v.head, column, path)
	if text == "" {
		return civil.Date{}
	}
	d, err := civil.Parse(text)
	if err != nil {
		v.fault(hub.FieldInvalid, v.head, column, "field", path, "form", "2026-12-31")
	}
	return d
}

func (v *invoice) number(r record, column int, path string) *money.Amount {
	text := strings.NewReplacer(" ", "", "\u00a0", "").Replace(v.cell(r, column, path))
	if text == "" {
		return nil
	}
	a, err := money.Parse(strings.Replace(text, ",", ".", 1))
	if err != nil {
		v.fault(hub.FieldInvalid, r, column, "field", path, "form", "1250,50")
		return nil
	}
	return &a
}

func (v *invoice) document(customers map[string]record, o format.Options) format.Decoded {
	h := v.head
	c := customers[h.cell(lCustomer)] // empty fields fall back to it
	or := func(column int, path string, fallback int) string {
		if s := v.cell(h, column, path); s != "" {
			return s
		}
		return v.cell(c, fallback, path)
	}
	d := &hub.Document{Kind: hub.SalesInvoice, CreditNote: h.cell(lType) == creditType, Number: v.cell(h, lNumber, "number"),
		Date: v.day(lDate, "date"), DueDate: v.day(lDue, "due_date"), Currency: money.Currency(or(lCurrency, "currency", aCurrency)),
		Text: v.cell(h, lDescription, "text"), Notes: v.cell(h, lLedger, "notes")}
	if d.Number == "" {
		d.Number = v.cell(h, lID, "number")
	}
	if d.Currency == "" {
		d.Currency = "EUR"
	}
	if t := h.cell(lType); t != saleType && t != creditType {
		v.fault(hub.TypeUnknown, h, lType, "known", saleType+", "+creditType)
	}
	if days, err := strconv.Atoi(h.cell(lTerm)); err == nil && days >= 0 && days < 1000 {
		d.TermDays = &days
	} else if t := h.cell(lTerm); t != "" && d.DueDate.IsZero() {
		v.fault(hub.FieldInvalid, h, lTerm, "field", "payment term", "form", "14")
	}
	if on := v.day(lDelivery, "delivery"); !on.IsZero() {
		d.Delivery = civil.Period{First: on, Last: on}
	}
	d.Payment.Reference = v.cell(h, lReference, "payment.reference")
	d.References = hub.RefField{Order: v.cell(h, lOrder, "references.order"), Seller: v.cell(h, lSupplierReference, "references.seller")}
	d.Buyer = hub.Party{Name: or(lBillName, "buyer.name", aBillName), NameMore: v.cell(h, lBillName2, "buyer.name_more"), Number: v.cell(h, lCustomer, "buyer.number"),
		BusinessID: v.cell(c, aBusinessID, "buyer.business_id"), VATNumber: v.cell(c, aVATNumber, "buyer.vat_number"),
		Address: hub.Address{Street: or(lStreet, "buyer.address.street", aBillStreet), Zip: or(lZip, "buyer.address.zip", aBillZip),
			City: or(lCity, "buyer.address.city", aBillCity), Country: strings.ToUpper(or(lCountry, "buyer.address.country", aBillCountry))},
		Contact: or(lContact, "buyer.contact", aContact), Email: v.cell(c, aEmail, "buyer.email"), Phone: v.cell(c, aPhone, "buyer.phone"),
		EInvoice: hub.EInvoice{Address: v.cell(c, aEInvoice, "buyer.einvoice.address"), Operator: v.cell(c, aOperator, "buyer.einvoice.operator")}}
	if d.Buyer.EInvoice.Address == "" {
		d.Buyer.EInvoice.Address = v.cell(c, aOVT, "buyer.einvoice.address")
	}
	if d.Buyer.Name == "" {
		d.Buyer.Name = or(lName, "buyer.name", aName)
	}
	if h.cell(lToName) != "" || h.cell(lToStreet) != "" {
		d.DeliverTo = &hub.Party{Name: h.cell(lToName), NameMore: h.cell(lToName2), Address: hub.Address{Street: h.cell(lToStreet), Zip: h.cell(lToZip),
			City: h.cell(lToCity), Country: strings.ToUpper(h.cell(lToCountry))}}
	}
	if len(o.Own) > 0 {
		d.Seller.BusinessID = o.Own[0]
	}
	for i, r := range v.rows {
		gross := r.cell(rPriceKind) == "B"
		if k := r.cell(rPriceKind); k != "B" && k != "N" && k != "" {
			v.fault(hub.FieldInvalid, r, rPriceKind, "field", "price kind", "form", "B, N")
		}
		if i == 0 {
			d.GrossPrices = gross
		} else if gross != d.GrossPrices {
			v.fault(hub.TableConflict, r, rPriceKind, "field", "price kind", "said", v.rows[0].cell(rPriceKind), "at", v.rows[0].at(rPriceKind))
		}
		path := "lines[" + strconv.Itoa(i) + "]."
		l := hub.Line{Name: v.cell(r, rName, path+"name"), Code: v.cell(r, rCode, path+"code"), Description: v.cell(r, rDescription, path+"description"),
			Quantity: v.number(r, rQuantity, path+"quantity"), UnitPrice: v.number(r, rPrice, path+"unit_price"), Unit: v.cell(r, rUnit, path+"unit"),
			Account: v.cell(r, rAccount, path+"account")}
		if p := v.number(r, rVAT, path+"vat_percent"); p != nil {
			l.VATPercent = *p
		} else if !l.IsText() {
			v.fault(hub.FieldMissing, r, rVAT, "field", "VAT %")
		}
		if p := v.number(r, rDiscount, path+"discount_percent"); p != nil {
			l.DiscountPercent = *p
		}
		for n, column := range []int{rDimension1, rDimension2, rDimension3} {
			if code := v.cell(r, column, path+"dimensions"); code != "" {
				l.Dimensions = append(l.Dimensions, hub.Dimension{Axis: Axes[n], Code: code})
			}
		}
		d.Lines = append(d.Lines, l)
	}
	if d.CreditNote {
		for i := range d.Lines {
			if q := d.Lines[i].Quantity; q != nil && q.Sign() > 0 {
				v.fault(hub.SignsTurned, v.rows[i], rQuantity)
			}
		}
	}
	o.Identify(d, v.raw.Bytes())
	d.Kind = hub.SalesInvoice
	return format.Decoded{Document: d, Faults: v.faults, Raw: v.raw.Bytes(), Places: v.places}
}
