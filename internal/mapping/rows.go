package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

var (
	one      = money.FromInt(1)
	minusOne = money.FromInt(-1)
	halfCent = money.Must("0.005")
)

// maxLines bounds what one invoice may hold, and with it the work of mapping
// one. Procountor's own bound is not known; the sandbox has the same.
const maxLines = 10_000

// A rowSum is the sum of one row before it is rounded to cents, in the price
// mode of the invoice. Beyond the eighth decimal it is cut, so that the sums of
// an invoice can be added up exactly.
type rowSum struct {
	sum     money.Amount
	percent money.Amount
	status  int
}

// priced is quantity, price and discount of a row, with what a reader must know
// when they are not the source's own.
type priced struct {
	quantity, price, discount money.Amount
	lump                      bool // 1 × sum
	absorbed                  bool // the line's allowances are in the discount
	explanation               string
}

// putRows makes one row of each line that has an amount, and lets the lines of
// words stand with their neighbours: a line with a name is a heading and goes
// above the next row, a line with a description only explains the row before it
// (FEATURES T-28, T-29). Sales rows have fields for both, purchase rows a comment.
//
// Allowances and charges become rows of their own at the same VAT: "1 × sum",
// negative for what lowers the document.
func (b *builder) putRows() {
	lastAmount := -1 // the last line that makes a row
	for i := range b.d.Lines {
		if !b.d.Lines[i].IsText() {
			lastAmount = i
		}
	}
	switch n := len(b.d.Lines) + len(b.d.Allowances); {
	case n > maxLines:
		b.fault(hub.FieldInvalid, "lines", itoa(n), "field", "lines", "form", "at most "+itoa(maxLines)+" rows")
		return
	case lastAmount < 0:
		b.fault(hub.RowsMissing, "lines", "")
		return
	}
	var heading []string
	last := -1 // of the invoice's rows, the one that the previous line made
	for i := range b.d.Lines {
		l, path := &b.d.Lines[i], index("lines", i)
		if l.IsText() {
			head := b.characters(path+".name", l.Name)
			rest := b.characters(path+".description", lines(l.Description, l.Comment))
			switch {
			case head != "" && i < lastAmount && b.sales && b.s.Headings == hub.HeadingRow:
				b.putHeading(path, i, lines(append(heading, rest)...))
				heading, last = nil, len(b.inv.InvoiceRows)-1
			case head != "" && i < lastAmount:
				heading = append(heading, lines(head, rest))
			case last >= 0:
				b.explain(path, &b.inv.InvoiceRows[last], lines(head, rest))
			default:
				heading = append(heading, lines(head, rest))
			}
			continue
		}
		made, p := b.putLine(path, l, lines(heading...))
		heading = nil
		if !made {
			b.lost = true
			continue
		}
		last = len(b.inv.InvoiceRows) - 1
		for k, a := range l.Allowances {
			if p.absorbed {
				break
			}
			if a.VATCategory == "" && a.VATPercent.IsZero() {
				a.VATPercent, a.VATCategory = l.VATPercent, l.VATCategory
			}
			b.putAllowance(path+"."+index("allowances", k), a, l)
		}
	}
	b.ownRows = len(b.inv.InvoiceRows)
	for i, a := range b.d.Allowances {
		b.putAllowance(index("allowances", i), a, nil)
	}
	b.putHeaderStatus()
}

// putHeading makes a row of a heading: nothing at the VAT, the account and the dimensions
// of the next row that has an amount.
func (b *builder) putHeading(path string, i int, description string) {
	head := b.d.Lines[i]
	for _, next := range b.d.Lines[i+1:] {
		if next.IsText() {
			continue
		}
		row := hub.Line{Name: head.Name, Description: description, Code: next.Code, Account: next.Account, Dimensions: next.Dimensions, Group: next.Group,
			Quantity: new(money.Must("1")), UnitPrice: new(money.Amount{}), VATPercent: next.VATPercent, VATCategory: next.VATCategory,
			VATReason: next.VATReason, Supply: next.Supply}
		if made, _ := b.putLine(path, &row, ""); !made {
			b.lost = true
		}
		return
	}
}

// explain adds words below a row.
func (b *builder) explain(path string, row *procountor.InvoiceRow, words string) {
	switch {
	case b.sales && b.s.Explanations == hub.FirstLine:
		if row.Comment == "" {
			row.Comment = b.text(path, firstLine(words), maxRowText)
		}
	case b.sales && b.s.Explanations != hub.InComment:
		row.ExplanationText = b.text(path, lines(row.ExplanationText, words), maxRowText)
	default:
		row.Comment = b.text(path, lines(row.Comment, words), maxRowText)
	}
}

func firstLine(words string) string {
	first, _, _ := strings.Cut(words, "\n")
	return first
}

// putLine adds the row of a line with an amount, and reports whether it could.
func (b *builder) putLine(path string, l *hub.Line, heading string) (made bool, p priced) {
	name := b.characters(path+".name", l.Name)
	if strings.TrimSpace(l.Name) == "" {
		b.fault(hub.RowNameMissing, path+".name", "")
	}
	ok := l.DiscountPercent.Sign() >= 0 && l.DiscountPercent.Cmp(money.Hundred) <= 0
	if !ok {
		b.fault(hub.FieldInvalid, path+".discount_percent", l.DiscountPercent.String(), "field", "discount_percent", "form", "0 to 100")
	}
	if ok || b.unchecked {
		p, ok = b.price(path, l)
	}
	post, posted := b.post(path, own(l))
	ok = ok && posted
	status, mapped := 0, false
	if b.travel() {
		mapped = b.checkTravelVAT(path, l.VATPercent)
	} else if free := ok && p.quantity.Mul(p.price).IsZero(); free && l.VATCategory == "" && l.VATPercent.IsZero() {
		// Given away, work under guarantee: nothing is reported, so it needs no
		// category and stands with the domestic rows.
		status, mapped = b.freeStatus(path, post.VATStatus)
	} else {
		status, mapped = b.vatStatus(path, l.VATCategory, l.Supply, l.VATPercent, post)
	}
	if mapped {
		b.checkRate(path, l)
	}
	unit := b.unit(path, l.Unit)
	post.Dimensions = b.dimensions(path, l.Dimensions)
	name, rest := splitAt(name, maxProduct)
	code := l.Code
	if strings.TrimSpace(code) == "" {
		code = b.s.DefaultCodes.For(l.Supply)
	} else {
		b.product(path, l)
	}
	row := procountor.InvoiceRow{
		Product: name, ProductCode: b.exactText(path+".code", code, maxInformation), Unit: unit,
		Quantity: b.decimal(path+".quantity", p.quantity), UnitPrice: b.decimal(path+".unit_price", p.price),
		DiscountPercent: b.decimal(path+".discount_percent", p.discount),
		VATPercent:      b.decimal(path+".vat_percent", l.VATPercent), VATStatus: known(status),
	}
	if p.lump {
		row.Unit = procountor.UnitNoUnit
	}
	times, days := "", l.Period
	if b.travel() {
		b.putTravelProduct(path, l, &row)
		times, days = b.tripTimes(path, l)
	} else if b.s.LinkProducts {
		if known, found := b.r.FindProduct(b.d.Kind, code); found {
			row.ProductID = known.ID
		}
	}
	comment := []string{rest, b.characters(path+".comment", l.Comment), p.explanation}
	if l.Order != "" && l.Order != b.d.References.Order {
		comment = append(comment, b.printed.order+": "+b.characters(path+".order", l.Order))
	}
	description := b.characters(path+".description", l.Description)
	if b.sales {
		var more string
		row.HeaderText = b.text(path, heading, maxRowText)
		switch b.s.Explanations {
		case hub.InComment:
			more = description
		case hub.FirstLine:
			more = firstLine(description)
		default:
			row.ExplanationText, more = splitAt(description, maxRowText)
		}
		comment = slices.Insert(comment, 1, more)
	} else {
		comment = append([]string{heading, rest, description, times}, comment[1:]...)
		if group := b.characters(path+".group", l.Group); group != "" {
			comment = append(comment, b.internal.group+": "+group)
		}
	}
	row.Comment = b.text(path+".comment", lines(comment...), maxRowText)
	b.putPeriod(path, days, &row)
	if (!ok || !mapped) && !b.unchecked {
		return false, p
	}
	b.putCoding(path, l, post)
	return b.addRow(row, p.quantity, p.price, p.discount, l.VATPercent, status, path, post), p
}

func (b *builder) addRow(row procountor.InvoiceRow, quantity, price, discount, percent money.Amount, status int, path string, post hub.PostingLine) bool {
	sum := quantity.Mul(price)
	if !sum.Exact() || sum.Abs().Cmp(maxRow) > 0 {
		b.fault(hub.RowAmount, path, quantity.String()+" × "+price.String())
		if !b.unchecked {
			return false
		}
		sum = money.Zero
	}
	b.inv.InvoiceRows = append(b.inv.InvoiceRows, row)
	b.sums = append(b.sums, rowSum{less(sum, discount).RoundHalfUp(maxDecimals), percent, status})
	b.posting = append(b.posting, post)
	return true
}

// maxRow keeps sums inside what is exact; no invoice of a company that uses
// this has a row of ten milliards.
var maxRow = money.Must("9999999999.99")

// less takes percent off sum. What does not fit exactly is rounded far beyond
// the cent: the result is compared, never sent.
func less(sum, percent money.Amount) money.Amount {
	if percent.IsZero() {
		return sum
	}
	if off := sum.Percent(percent); off.Exact() {
		return sum.Sub(off)
	}
	return sum.RoundHalfUp(4).Sub(sum.RoundHalfUp(4).Percent(percent.RoundHalfUp(4)))
}

func (b *builder) putPeriod(path string, p civil.Period, row *procountor.InvoiceRow) {
	if !p.First.IsZero() && !p.Last.IsZero() && p.Last.Before(p.First) {
		b.warn(hub.FieldInvalid, path+".period", p.First.String()+" – "+p.Last.String(), "field", "period", "form", "first day not after last")
		return
	}
	row.StartDate, row.EndDate = register.Date(p.First), register.Date(p.Last)
}

// putCoding keeps in the notes what of the source's account and dimensions does
// not come to the ledger receipt: an invoice row has no place for them
// (REFERENCE 3.1).
func (b *builder) putCoding(path string, l *hub.Line, post hub.PostingLine) {
	var parts []string
	if l.Account != "" && l.Account != post.Account {
		parts = append(parts, l.Account)
	}
	if b.sales && l.Group != "" { // a row's comment is printed there
		parts = append(parts, b.internal.group+" "+l.Group)
	}
	for _, d := range l.Dimensions {
		if b.s.DimensionOf(b.d.Kind, d.Axis) != "" {
			continue
		}
		parts = append(parts, strings.TrimSpace(d.Axis+" "+strings.TrimSpace(d.Code+" "+d.Name)))
	}
	if len(parts) > 0 {
		text := b.characters(path+".dimensions", strings.Join(parts, ", "))
		b.notes = append(b.notes, fmt.Sprintf("%s %d: %s", b.internal.row, len(b.inv.InvoiceRows)+1, text))
	}
}

// price finds quantity, price and discount of a line.
//
// Quantity × price, less discount and allowances, must come to the stated sum of
// the line. Where it does to the cent, the source's own figures go. Where it does
// not, but the rounding of the stated quantity and price explains the
// difference, the stated sum rules: the row becomes 1 × sum, with the source's
// figures in the comment. Any larger difference is a fault: then nobody knows
// which figure is meant. A line without quantity or price is 1 × sum as well,
// unless the sum divides.
func (b *builder) price(path string, l *hub.Line) (priced, bool) {
	stated, known := b.stated(l)
	if l.Quantity == nil || l.UnitPrice == nil {
		return b.priceOfSum(path, l, stated, known)
	}
	q, p := *l.Quantity, *l.UnitPrice
	if p.Sign() < 0 { // what lowers the sum has a negative quantity, as in credit notes
		q, p = q.Neg(), p.Neg()
	}
	base := one
	if l.PriceBase != nil {
		base = *l.PriceBase
		if base.Sign() <= 0 {
			b.fault(hub.FieldInvalid, path+".price_base", base.String(), "field", "price_base", "form", "above zero")
			return priced{}, false
		}
	}
	each := p.QuoHalfUp(base, maxDecimals)
	whole := q.Mul(each)
	if !whole.Exact() {
		b.fault(hub.RowAmount, path, q.String()+" × "+p.String())
		if b.unchecked {
			return priced{quantity: q, price: each, discount: l.DiscountPercent}, false
		}
		return priced{}, false
	}
	off := b.allowed(l)
	full := less(whole, l.DiscountPercent).Add(off)
	out := priced{quantity: q, price: each, discount: l.DiscountPercent}
	if d, ok := b.asDiscount(l, whole); ok {
		out.discount, out.absorbed = d, true
	}
	exact := each.Mul(base).Equal(p) && q.Trim(0).Decimals() <= maxDecimals
	if !known {
		if exact {
			return out, true
		}
		// 3 for 10.00: the price of one has no end, the sum has. The same for
		// figures with more decimals than we send.
		sum := less(q.Mul(p).QuoHalfUp(base, 2), l.DiscountPercent).RoundHalfUp(2)
		return b.lump(l, sum), true
	}
	near := func(sum money.Amount) bool { return sum.RoundHalfUp(2).Equal(stated.RoundHalfUp(2)) }
	switch {
	case exact && near(full):
		return out, true
	case exact && !off.IsZero() && near(less(whole, l.DiscountPercent)) && !l.DiscountPercent.IsZero():
		// The allowance is the discount, stated once more as a sum.
		return priced{quantity: q, price: each, discount: l.DiscountPercent, absorbed: true}, true
	case full.Sub(stated).Abs().Cmp(b.slack(l, q, each)) <= 0:
		return b.lump(l, stated.Sub(off)), true
	}
	b.fault(hub.SumsDisagree, path+".net", stated.String(), "stated", stated.String(), "computed", full.RoundHalfUp(2).String())
	if b.unchecked {
		return out, false
	}
	return priced{}, false
}

// slack is how far quantity × price may be from the stated sum when both have
// been rounded to the decimals that they are written with.
func (b *builder) slack(l *hub.Line, q, each money.Amount) money.Amount {
	half := func(a money.Amount) money.Amount {
		h := money.Must("0.5")
		for range min(a.Decimals(), maxDecimals) {
			h = h.Mul(money.Must("0.1"))
		}
		return h
	}
	price := half(*l.UnitPrice)
	if l.PriceBase != nil && l.PriceBase.Cmp(one) > 0 {
		price = price.QuoHalfUp(*l.PriceBase, maxDecimals)
	}
	out := q.Abs().RoundHalfUp(4).Mul(price).Add(each.Abs().RoundHalfUp(4).Mul(half(q))).Add(money.Cents(1))
	if !out.Exact() {
		return money.Cents(1)
	}
	return out
}

// stated is the line's own sum in the price mode of the document.
func (b *builder) stated(l *hub.Line) (money.Amount, bool) {
	same, counter, sign := l.Net, l.Gross, minusOne
	if b.d.GrossPrices {
		same, counter, sign = l.Gross, l.Net, one
	}
	switch {
	case same != nil:
		return *same, true
	case counter != nil && l.VAT != nil:
		return counter.Add(l.VAT.Mul(sign)), true
	case counter != nil && l.VATPercent.IsZero():
		return *counter, true
	}
	return money.Zero, false
}

// priceOfSum is for lines that lack quantity or price.
func (b *builder) priceOfSum(path string, l *hub.Line, stated money.Amount, known bool) (priced, bool) {
	switch {
	case !known:
		b.fault(hub.RowAmount, path, "")
		return priced{}, false
	case l.Quantity != nil && !l.Quantity.IsZero():
		sum := stated.Sub(b.allowed(l))
		each := sum.QuoHalfUp(*l.Quantity, 4)
		if each.Mul(*l.Quantity).Equal(sum) && each.Sign() >= 0 {
			return priced{quantity: *l.Quantity, price: each}, true
		}
	}
	return b.lump(l, stated.Sub(b.allowed(l))), true
}

// lump is one times the sum; what lowers has the quantity -1.
func (b *builder) lump(l *hub.Line, sum money.Amount) priced {
	sum = sum.RoundHalfUp(2)
	out := priced{quantity: one, price: sum, lump: true}
	if sum.Sign() < 0 {
		out.quantity, out.price = minusOne, sum.Neg()
	}
	var figures []string
	if l.Quantity != nil {
		figures = append(figures, strings.TrimSpace(b.number(*l.Quantity)+" "+tidy(l.Unit)))
	}
	if l.UnitPrice != nil {
		price := b.number(*l.UnitPrice)
		if l.PriceBase != nil && !l.PriceBase.Equal(one) {
			price += " / " + b.number(*l.PriceBase)
		}
		figures = append(figures, price)
	}
	if out.explanation = strings.Join(figures, " × "); !l.DiscountPercent.IsZero() && out.explanation != "" {
		out.explanation += " -" + b.number(l.DiscountPercent) + " %"
	}
	if _, bad := forbidden(out.explanation); bad {
		out.explanation = replaceForbidden(out.explanation)
	}
	return out
}

// number prints an amount as readers of the invoice write it.
func (b *builder) number(a money.Amount) string {
	if b.language() == "en" {
		return a.String()
	}
	return strings.Replace(a.String(), ".", ",", 1)
}

// direction is the sign of what is invoiced: -1 on a credit note, whose sums are
// negative, so that what lowers it is positive.
func (b *builder) direction() money.Amount {
	if b.d.CreditNote {
		return minusOne
	}
	return one
}

// effect is what an allowance adds to the document's sum.
func (b *builder) effect(a hub.Allowance) money.Amount {
	if a.Charge {
		return a.Amount.Mul(b.direction())
	}
	return a.Amount.Mul(b.direction()).Neg()
}

// allowed is the effect of the allowances of a line that become rows.
func (b *builder) allowed(l *hub.Line) money.Amount {
	sum := money.Zero
	for _, a := range l.Allowances {
		sum = sum.Add(b.effect(a))
	}
	return sum
}

// asDiscount expresses a single allowance of a line as a percent, where that is
// exact: a customer understands "10 %" better than a row of minus 10.
func (b *builder) asDiscount(l *hub.Line, whole money.Amount) (money.Amount, bool) {
	if len(l.Allowances) != 1 || l.Allowances[0].Charge || !l.DiscountPercent.IsZero() || whole.IsZero() || l.Quantity == nil || l.UnitPrice == nil {
		return money.Zero, false
	}
	off := b.effect(l.Allowances[0]).Neg()
	d := off.Mul(money.Hundred).QuoHalfUp(whole, 4)
	if d.Sign() <= 0 || d.Cmp(money.Hundred) > 0 || !whole.Percent(d).Equal(off) {
		return money.Zero, false
	}
	return d, true
}

// putAllowance adds a row for an allowance or charge, of one line or, when of is
// nil, of the whole document. One of a line stands on the line's account.
func (b *builder) putAllowance(path string, a hub.Allowance, of *hub.Line) {
	if a.Amount.IsZero() {
		return
	}
	name := firstOf(a.Reason, b.printed.discount)
	if a.Charge {
		name = firstOf(a.Reason, b.printed.charge)
	}
	on := posting.Row{Category: a.VATCategory, Percent: a.VATPercent}
	if of != nil {
		name += ": " + of.Name
		on.Supply, on.Source, on.Product = of.Supply, of.Account, of.Code
	}
	b.putSumRow(path, b.characters(path+".reason", name), b.effect(a), on, of)
}

// putSumRow adds a row of one sum. One that changes the sum of a line stands on
// the line's dimensions and is accrued over its period.
func (b *builder) putSumRow(path, name string, sum money.Amount, on posting.Row, of *hub.Line) {
	post, posted := b.post(path, on)
	status, ok := 0, false
	if b.travel() {
		ok = b.checkTravelVAT(path, on.Percent)
	} else {
		status, ok = b.vatStatus(path, on.Category, on.Supply, on.Percent, post)
	}
	if !ok || !posted {
		if b.lost = true; !b.unchecked {
			return
		}
	}
	name, rest := splitAt(name, maxProduct)
	quantity, price := one, sum
	if sum.Sign() < 0 {
		quantity, price = minusOne, sum.Neg()
	}
	row := procountor.InvoiceRow{
		Product: name, Quantity: mustDecimal(quantity), Unit: procountor.UnitNoUnit, UnitPrice: b.decimal(path+".amount", price),
		DiscountPercent: mustDecimal(money.Zero), VATPercent: b.decimal(path+".vat_percent", on.Percent), VATStatus: known(status),
		Comment: b.text(path+".reason", rest, maxRowText),
	}
	if of != nil {
		post.Dimensions = b.dimensions(path, of.Dimensions)
		b.putPeriod(path, of.Period, &row)
	}
	b.addRow(row, quantity, price, money.Zero, on.Percent, status, path, post)
}

// putHeaderStatus: the header's VAT status is that of the first domestic row,
// else of the first row; every row carries its own as well.
func (b *builder) putHeaderStatus() {
	if len(b.sums) == 0 || b.travel() {
		return
	}
	status := b.sums[0].status
	if domestic, ok := b.s.VATStatus(b.d.Kind, standard, ""); ok {
		for _, s := range b.sums {
			if s.status == domestic {
				status = domestic
			}
		}
	}
	b.inv.VATStatus = known(status)
}

// known is a VAT status as a request has it; 0 stands for none.
func known(status int) *int {
	if status == 0 {
		return nil
	}
	return &status
}

func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
