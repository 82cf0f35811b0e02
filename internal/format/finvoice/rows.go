package finvoice

import (
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// row is an InvoiceRow, or a SubInvoiceRow whose elements begin with Sub.
type row struct {
	*format.Node
	sub string
	// prices that the row states; the discounts decide which of them counts.
	list, net, gross *money.Amount
}

func (r row) child(name string) *format.Node { return r.Child(r.sub + name) }
func (r row) text(name string) string        { return r.Text(r.sub + name) }

// amounts are the elements that make a row more than text.
var amounts = []string{"RowVatExcludedAmount", "RowAmount", "UnitPriceAmount", "UnitPriceNetAmount", "UnitPriceVatIncludedAmount"}

// quantities in the order in which they count.
var quantities = []string{"InvoicedQuantity", "DeliveredQuantity", "OrderedQuantity"}

func (r row) hasAmount() bool {
	for _, name := range amounts {
		if r.text(name) != "" {
			return true
		}
	}
	return false
}

func (v *invoice) rows() {
	for _, n := range v.root.All("InvoiceRow") {
		main := row{Node: n}
		var subs []row
		for _, s := range n.All("SubInvoiceRow") {
			subs = append(subs, row{Node: s, sub: "Sub"})
		}
		if main.hasAmount() || len(subs) == 0 || !anyAmount(subs) {
			if v.row(main) {
				v.specify(subs)
				continue
			}
		}
		if anyAmount(subs) {
			v.row(main) // a heading, if it says anything
		}
		for _, s := range subs {
			v.row(s)
		}
	}
}

// discountFaults says which discounts and charges cannot be read.
func (v *invoice) discountFaults(r row) {
	for _, n := range append([]*format.Node{r.Node}, r.All(r.sub+"RowProgressiveDiscountDetails")...) {
		v.Percent(n.Child(r.sub + "RowDiscountPercent"))
		v.Sum(n.Child(r.sub+"RowDiscountAmount"), currencyAttr)
	}
	for _, n := range r.All(r.sub + "RowChargeDetails") {
		if v.Sum(n.Child("Amount"), currencyAttr) == nil && n.Text("Amount") == "" {
			v.Fault(hub.FieldMissing, n, "Amount", "field", "Amount")
		}
	}
}

func anyAmount(rows []row) bool {
	for _, r := range rows {
		if r.hasAmount() {
			return true
		}
	}
	return false
}

// specify puts sub-rows below the row that they explain. Their sums must come to
// the row's: else it is not an explanation, and nobody can tell what it is.
func (v *invoice) specify(subs []row) {
	if len(subs) == 0 {
		return
	}
	l := &v.doc.Lines[len(v.doc.Lines)-1]
	var sum money.Amount
	summed := false
	texts := []string{l.Comment}
	for _, s := range subs {
		text := firstOf(s.text("ArticleName"), s.text("ArticleDescription"), s.text("RowFreeText"))
		if a := v.Sum(s.child("RowVatExcludedAmount"), currencyAttr); a != nil {
			sum, summed = sum.Add(*a), true
			text = strings.TrimSpace(text + " " + a.String())
		}
		texts = append(texts, text)
	}
	l.Comment = format.Join(texts...)
	if summed && l.Net != nil && !l.Net.Equal(sum) {
		v.Fault(hub.SumsDisagree, subs[0].Node, "", "stated", l.Net.String(), "computed", sum.String())
	}
}

// row adds a line, unless the row says nothing.
func (v *invoice) row(r row) bool {
	i := len(v.doc.Lines)
	l := hub.Line{
		Name:        r.text("ArticleName"),
		Code:        r.text("ArticleIdentifier"),
		Description: r.text("ArticleDescription"),
		Comment:     v.rowText(r),
		Order:       r.text("RowIdentifier"),
	}
	v.name(r, &l)
	if r.hasAmount() {
		v.price(&r, &l)
		l.Net = v.Sum(r.child("RowVatExcludedAmount"), currencyAttr)
		l.VAT = v.Sum(r.child("RowVatAmount"), currencyAttr)
		l.Gross = v.Sum(r.child("RowAmount"), currencyAttr)
		v.rowVAT(r, i, &l)
		v.rowPeriod(r, &l)
		v.discountFaults(r)
		v.posting(r, &l)
		if l.Name == "" && !l.IsText() {
			v.Fault(hub.RowNameMissing, r.Node, r.sub+"ArticleName")
		}
	} else if q := r.quantity(""); q != nil {
		// A text row has no quantity of its own, so this one is said in words.
		l.Comment = format.Join(l.Comment, strings.TrimSpace(q.Text()+" "+firstOf(q.Attr("QuantityUnitCode"), q.Attr("QuantityUnitCodeUN"))))
	}
	v.Place(strings.TrimSuffix(line(i, ""), "."), r.Node)
	for path, name := range map[string]string{"name": "ArticleName", "code": "ArticleIdentifier", "description": "ArticleDescription",
		"comment": "RowFreeText", "net": "RowVatExcludedAmount", "vat": "RowVatAmount", "gross": "RowAmount",
		"vat_percent": "RowVatRatePercent", "vat_category": "RowVatCode", "order": "RowIdentifier"} {
		v.Place(line(i, path), r.child(name))
	}
	if l.IsText() && format.Join(l.Name, l.Code, l.Description, l.Comment) == "" {
		return false
	}
	v.doc.Lines = append(v.doc.Lines, l)
	v.kept = append(v.kept, r)
	return true
}

// name is what the row is called: without a name its description, without that
// its first free text.
func (v *invoice) name(r row, l *hub.Line) {
	switch first, rest, _ := strings.Cut(l.Comment, "\n"); {
	case l.Name != "":
	case l.Description != "":
		l.Name, l.Description = l.Description, ""
	case first != "" && r.text("RowFreeText") != "":
		l.Name, l.Comment = first, rest
	}
}

// rowText is what is said about the row beside its name.
func (v *invoice) rowText(r row) string {
	texts := r.Texts(r.sub + "RowFreeText")
	for _, n := range append(r.All(r.sub+"RowDefinitionDetails"), r.All(r.sub+"DefinitionDetails")...) {
		head := firstOf(n.Text(r.sub+"RowDefinitionHeaderText"), n.Text("DefinitionHeaderText"))
		text := firstOf(n.Text(r.sub+"RowDefinitionValue"), n.Text("DefinitionValue"))
		if text != "" {
			texts = append(texts, strings.TrimPrefix(head+": "+text, ": "))
		}
	}
	for _, name := range []string{"RowBuyerReferenceIdentifier", "RowProjectReferenceIdentifier", "RowDeliveryIdentifier",
		"SerialNumberIdentifier", "RowRegistrationNumberIdentifier"} {
		if t := r.text(name); t != "" {
			texts = append(texts, strings.TrimPrefix(name, "Row")+": "+t)
		}
	}
	return format.Join(texts...)
}

func (v *invoice) price(r *row, l *hub.Line) {
	r.list = v.Sum(r.child("UnitPriceAmount"), currencyAttr)
	r.net = v.Sum(r.child("UnitPriceNetAmount"), currencyAttr)
	r.gross = v.Sum(r.child("UnitPriceVatIncludedAmount"), currencyAttr)
	priced := r.child("UnitPriceAmount")
	switch {
	case r.net != nil:
		l.UnitPrice = r.net
	case r.list != nil:
		l.UnitPrice = r.list
	case r.gross != nil:
		l.UnitPrice = r.gross
	}
	unit := firstOf(priced.Attr("UnitPriceUnitCode"), r.child("UnitPriceNetAmount").Attr("UnitPriceUnitCode"))
	q := r.quantity(unit)
	if q != nil {
		l.Quantity = v.Number(q)
		l.Unit = firstOf(q.Attr("QuantityUnitCode"), q.Attr("QuantityUnitCodeUN"), unit)
		v.Place(line(len(v.doc.Lines), "quantity"), q)
	}
	v.Place(line(len(v.doc.Lines), "unit_price"), priced)
	if l.UnitPrice != nil && q == nil {
		one := money.FromInt(1)
		l.Quantity = &one
	}
	if base := v.Number(r.child("UnitPriceBaseQuantity")); base != nil && base.Sign() > 0 && !base.Equal(money.FromInt(1)) {
		l.PriceBase = base
	}
}

// quantity returns the element that counts: see the package comment.
func (r row) quantity(unit string) *format.Node {
	for _, name := range quantities {
		var first *format.Node
		for _, q := range r.All(r.sub + name) {
			if q.Text() == "" {
				continue
			}
			if first == nil {
				first = q
			}
			if unit != "" && q.Attr("QuantityUnitCode") == unit {
				return q
			}
		}
		if first != nil {
			return first
		}
	}
	return nil
}

func (v *invoice) rowVAT(r row, i int, l *hub.Line) {
	percent := v.Percent(r.child("RowVatRatePercent"))
	l.VATCategory = r.text("RowVatCode")
	zero := l.Net != nil && l.Net.IsZero() || l.Gross != nil && l.Gross.IsZero() || l.UnitPrice != nil && l.UnitPrice.IsZero()
	switch {
	case percent != nil:
		l.VATPercent = *percent
	case r.text("RowVatRatePercent") != "": // a fault already
	case zeroRated(l.VATCategory), zero:
	case len(v.doc.VAT) == 1:
		l.VATPercent = v.doc.VAT[0].Percent
	default:
		v.Fault(hub.FieldMissing, r.Node, r.sub+"RowVatRatePercent", "field", "RowVatRatePercent")
	}
	// The breakdown explains what the row leaves out.
	var match *hub.VATLine
	for k := range v.doc.VAT {
		b := &v.doc.VAT[k]
		if !b.Percent.Equal(l.VATPercent) || l.VATCategory != "" && b.Category != "" && b.Category != l.VATCategory {
			continue
		}
		if match != nil && (match.Category != b.Category || match.Reason != b.Reason) {
			return // two that differ: none explains it
		}
		match = b
	}
	if match != nil {
		l.VATCategory = firstOf(l.VATCategory, match.Category)
		if l.VATPercent.IsZero() {
			l.VATReason = match.Reason
		}
	}
}

// zeroRated are the categories of UNTDID 5305 that carry no VAT.
func zeroRated(category string) bool {
	switch category {
	case "Z", "E", "AE", "K", "G", "O":
		return true
	}
	return false
}

func (v *invoice) rowPeriod(r row, l *hub.Line) {
	l.Period = civil.Period{First: v.Day(r.child("StartDate")), Last: v.Day(r.child("EndDate"))}
	if day := v.Day(r.child("RowDeliveryDate")); l.Period.IsZero() && !day.IsZero() {
		l.Period = civil.Period{First: day, Last: day}
	}
}

// posting: a sale is booked by the seller's own account, a purchase by the account
// that the seller proposes to the buyer.
func (v *invoice) posting(r row, l *hub.Line) {
	if v.doc.Kind == hub.PurchaseInvoice {
		l.Account = firstOf(r.text("RowNormalProposedAccountIdentifier"), r.text("RowShortProposedAccountIdentifier"), r.text("RowProposedAccountText"))
	} else {
		l.Account = r.text("RowSellerAccountText")
	}
	if code := r.text("RowAccountDimensionText"); code != "" {
		l.Dimensions = []hub.Dimension{{Axis: "RowAccountDimensionText", Code: code}}
	}
}
