package ubl

import (
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

func (v *invoice) rows() {
	quantity := map[string]string{"Invoice": "InvoicedQuantity", "CreditNote": "CreditedQuantity"}[v.root.Name]
	for i, n := range v.root.All(v.root.Name + "Line") {
		item, price := n.Child("Item"), n.Child("Price")
		category := item.Child("ClassifiedTaxCategory")
		l := hub.Line{
			Name:        item.Text("Name"),
			Code:        firstOf(item.Text("SellersItemIdentification", "ID"), item.Text("StandardItemIdentification", "ID")),
			Description: item.Text("Description"),
			Comment:     v.comment(n, item),
			Unit:        n.Child(quantity).Attr("unitCode"),
			Quantity:    v.Number(n.Child(quantity)),
			UnitPrice:   v.Sum(price.Child("PriceAmount"), currencyAttr),
			Net:         v.Sum(n.Child("LineExtensionAmount"), currencyAttr),
			VATPercent:  v.rate(category),
			VATCategory: category.Text("ID"),
			Period:      v.period(n.Child("InvoicePeriod")),
			Order:       n.Text("OrderLineReference", "LineID"),
			Allowances:  v.allowances(n, false),
		}
		if base := v.Number(price.Child("BaseQuantity")); base != nil && base.Sign() > 0 && !base.Equal(money.FromInt(1)) {
			l.PriceBase = base
		}
		// AccountingCost is where the buyer books the row.
		if cost := n.Text("AccountingCost"); v.doc.Kind == hub.PurchaseInvoice {
			l.Account = cost
		} else if cost != "" {
			l.Comment = format.Join(l.Comment, "AccountingCost: "+cost)
		}
		for k := range l.Allowances {
			l.Allowances[k].VATPercent, l.Allowances[k].VATCategory = l.VATPercent, l.VATCategory
		}
		if l.Name == "" {
			l.Name, l.Description = l.Description, ""
		}
		if l.Name == "" {
			v.Fault(hub.RowNameMissing, n, "Item/Name")
		}
		v.missing(n, quantity)
		v.missing(n, "LineExtensionAmount")
		if price.Text("PriceAmount") == "" {
			v.Fault(hub.FieldMissing, n, "Price/PriceAmount", "field", "PriceAmount")
		}
		for _, b := range v.doc.VAT {
			if b.Category == l.VATCategory && b.Percent.Equal(l.VATPercent) && l.VATPercent.IsZero() {
				l.VATReason = b.Reason
			}
		}
		v.places(i, n, quantity)
		v.doc.Lines = append(v.doc.Lines, l)
	}
}

func (v *invoice) places(i int, n *format.Node, quantity string) {
	for path, at := range map[string]*format.Node{
		"":             n,
		"name":         n.Child("Item", "Name"),
		"code":         n.Child("Item", "SellersItemIdentification", "ID"),
		"description":  n.Child("Item", "Description"),
		"comment":      n.Child("Note"),
		"quantity":     n.Child(quantity),
		"unit_price":   n.Child("Price", "PriceAmount"),
		"net":          n.Child("LineExtensionAmount"),
		"vat_percent":  n.Child("Item", "ClassifiedTaxCategory", "Percent"),
		"vat_category": n.Child("Item", "ClassifiedTaxCategory", "ID"),
		"order":        n.Child("OrderLineReference", "LineID"),
	} {
		v.Place(strings.TrimSuffix("lines["+strconv.Itoa(i)+"]."+path, "."), at)
	}
}

// comment is the note of the row and the properties of its item.
func (v *invoice) comment(n, item *format.Node) string {
	texts := n.Texts("Note")
	for _, p := range item.All("AdditionalItemProperty") {
		texts = append(texts, strings.Trim(p.Text("Name")+": "+p.Text("Value"), ": "))
	}
	if id := n.Text("DocumentReference", "ID"); id != "" {
		texts = append(texts, "DocumentReference: "+id)
	}
	return format.Join(texts...)
}

// allowances reads what is taken off, or put on, a row or the whole document.
func (v *invoice) allowances(n *format.Node, document bool) []hub.Allowance {
	var list []hub.Allowance
	for _, c := range n.All("AllowanceCharge") {
		indicator := c.Child("ChargeIndicator")
		charge := indicator.Text() == "true" || indicator.Text() == "1"
		if !charge && indicator.Text() != "false" && indicator.Text() != "0" {
			v.Fault(hub.FieldInvalid, c, "ChargeIndicator", "field", "ChargeIndicator", "form", "true, false")
			continue
		}
		amount := v.Sum(c.Child("Amount"), currencyAttr)
		if amount == nil {
			v.missing(c, "Amount")
			continue
		}
		if amount.IsZero() {
			continue
		}
		a := hub.Allowance{
			Charge: charge != (amount.Sign() < 0),
			Amount: amount.Abs(),
			Reason: firstOf(c.Text("AllowanceChargeReason"), c.Text("AllowanceChargeReasonCode")),
		}
		if document {
			category := c.Child("TaxCategory")
			a.VATPercent, a.VATCategory = v.rate(category), category.Text("ID")
			if category == nil {
				v.Fault(hub.FieldMissing, c, "TaxCategory", "field", "TaxCategory")
			}
		}
		list = append(list, a)
	}
	return list
}
