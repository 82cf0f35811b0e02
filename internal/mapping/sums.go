package mapping

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/procountor"
)

// putSums looks after the whole: header discount, prepaid and rounding sums, and
// what the saved invoice must come to.
//
// The source's stated totals are the truth. The rows as we send them must come
// to them within what the rounding of rows and rates can make, else the document
// contradicts itself. How Procountor rounds VAT (by row, rate or invoice) is not
// known, so its saved totals are compared with the stated ones afterwards, to
// the cent; see [Compare].
func (b *builder) putSums() {
	b.inv.DiscountPercent = mustDecimal(money.Zero)
	discount := b.d.DiscountPercent
	if hasCode(b.faults, hub.DiscountInexact) {
		discount = money.Zero
		if b.unchecked {
			b.inv.DiscountPercent = b.decimal("discount_percent", b.d.DiscountPercent)
		}
	}
	t := b.totals()
	prepaid := b.ruled(hub.PrepaidHeld, "totals.prepaid", b.s.Prepaid, t.Prepaid)
	rounding := b.ruled(hub.RoundingHeld, "totals.rounding", b.s.Rounding, t.Rounding)
	if !discount.IsZero() {
		b.applyDiscount(discount, !prepaid.IsZero() || !rounding.IsZero() || len(b.inv.InvoiceRows) > b.ownRows)
	}
	if hub.Stops(b.faults) {
		return // rows are missing; sums would only repeat it
	}
	b.checkTotals(t)
	b.mean(t)
	if !prepaid.IsZero() {
		b.putSumRow("totals.prepaid", b.printed.prepaid, prepaid.Neg(), posting.Row{Category: outsideScope}, nil)
		b.shift(prepaid.Neg())
	}
	if !rounding.IsZero() {
		b.putSumRow("totals.rounding", b.printed.rounding, rounding, posting.Row{Category: outsideScope}, nil)
		b.shift(rounding)
	}
	b.meant.Rows = len(b.inv.InvoiceRows)
}

// ruled applies a SumRule and returns the sum that becomes a row.
func (b *builder) ruled(code, path string, rule hub.SumRule, sum *money.Amount) money.Amount {
	if sum == nil || sum.IsZero() {
		return money.Zero
	}
	switch rule {
	case hub.SumRow:
		return *sum
	case hub.SumWarn:
		b.warn(code, path, sum.String(), "amount", sum.String())
	default:
		b.fault(code, path, sum.String(), "amount", sum.String())
	}
	return money.Zero
}

// applyDiscount puts the document's discount into the header, where customers
// look for it, or into the rows when there are others that it must not lower.
func (b *builder) applyDiscount(discount money.Amount, intoRows bool) {
	if !intoRows {
		b.inv.DiscountPercent = mustDecimal(discount)
		for i := range b.sums {
			b.sums[i].sum = less(b.sums[i].sum, discount).RoundHalfUp(maxDecimals)
		}
		return
	}
	for i := range b.ownRows {
		row := &b.inv.InvoiceRows[i]
		before := money.Must(row.DiscountPercent.String())
		both := before.Add(discount).Sub(before.Percent(discount))
		row.DiscountPercent = b.decimal("discount_percent", both)
		b.sums[i].sum = less(b.sums[i].sum, discount).RoundHalfUp(maxDecimals)
	}
}

// totals are the stated ones with what follows from them.
func (b *builder) totals() hub.Totals {
	t := b.d.Totals
	derive := func(place **money.Amount, ok bool, f func() money.Amount) {
		if *place == nil && ok {
			v := f()
			*place = &v
		}
	}
	zero := func(a *money.Amount) money.Amount {
		if a == nil {
			return money.Zero
		}
		return *a
	}
	derive(&t.Gross, t.Net != nil && t.VAT != nil, func() money.Amount { return t.Net.Add(*t.VAT) })
	derive(&t.Gross, t.Payable != nil, func() money.Amount { return t.Payable.Sub(zero(t.Rounding)).Add(zero(t.Prepaid)) })
	derive(&t.Net, t.Gross != nil && t.VAT != nil, func() money.Amount { return t.Gross.Sub(*t.VAT) })
	derive(&t.VAT, t.Gross != nil && t.Net != nil, func() money.Amount { return t.Gross.Sub(*t.Net) })
	return t
}

// computed are the totals of the rows, by the two ways of rounding VAT in use.
type computed struct {
	net, vat, gross          money.Amount // rounded by row
	netRate, vatRate, grossR money.Amount // rounded by rate
	exact                    bool
}

func (b *builder) compute() computed {
	var c computed
	type group struct {
		key rowSum
		sum money.Amount
	}
	var groups []group
	c.exact = true
	split := func(sum, percent money.Amount) (net, vat, gross money.Amount) {
		if b.d.GrossPrices {
			v := sum.Mul(percent).QuoHalfUp(money.Hundred.Add(percent), 2)
			return sum.Sub(v), v, sum
		}
		v := sum.Percent(percent).RoundHalfUp(2)
		return sum, v, sum.Add(v)
	}
	for _, r := range b.sums {
		n, v, g := split(r.sum.RoundHalfUp(2), r.percent)
		c.net, c.vat, c.gross = c.net.Add(n), c.vat.Add(v), c.gross.Add(g)
		found := false
		for i := range groups {
			if groups[i].key.status == r.status && groups[i].key.percent.Equal(r.percent) {
				groups[i].sum, found = groups[i].sum.Add(r.sum), true
			}
		}
		if !found {
			groups = append(groups, group{r, r.sum})
		}
	}
	for _, g := range groups {
		n, v, all := split(g.sum.RoundHalfUp(2), g.key.percent)
		c.netRate, c.vatRate, c.grossR = c.netRate.Add(n), c.vatRate.Add(v), c.grossR.Add(all)
	}
	c.exact = c.gross.Exact() && c.grossR.Exact() && c.net.Exact() && c.netRate.Exact()
	return c
}

// checkTotals holds a document whose parts do not make its whole.
func (b *builder) checkTotals(t hub.Totals) {
	if t.Net != nil && t.VAT != nil && t.Gross != nil && !t.Net.Add(*t.VAT).Equal(*t.Gross) {
		b.fault(hub.SumsDisagree, "totals.gross", t.Gross.String(), "stated", t.Gross.String(), "computed", t.Net.Add(*t.VAT).Fixed(2))
		return
	}
	c := b.compute()
	if !c.exact {
		b.fault(hub.RowAmount, "lines", "")
		return
	}
	if b.d.CreditNote && c.gross.Sign() > 0 {
		// It would be an invoice, and ask the customer for what is given back.
		b.fault(hub.FieldInvalid, "credit_note", c.gross.Fixed(2), "field", "credit_note", "form", "sums below zero")
		return
	}
	// Each row and each rate may be off by half a cent, whatever the mode.
	slack := halfCent.Mul(money.FromInt(int64(2*len(b.sums) + 2)))
	for _, x := range []struct {
		path           string
		stated         *money.Amount
		byRow, byRates money.Amount
	}{{"totals.net", t.Net, c.net, c.netRate}, {"totals.vat", t.VAT, c.vat, c.vatRate}, {"totals.gross", t.Gross, c.gross, c.grossR}} {
		if x.stated == nil || x.stated.Sub(x.byRow).Abs().Cmp(slack) <= 0 || x.stated.Sub(x.byRates).Abs().Cmp(slack) <= 0 {
			continue
		}
		b.fault(hub.SumsDisagree, x.path, x.stated.String(), "stated", x.stated.String(), "computed", x.byRates.RoundHalfUp(2).Fixed(2))
	}
}

// mean fixes what the saved invoice must show. A total that the source does not
// state is computed where every way of rounding agrees, and left open where they
// do not: then there is nothing that it could differ from.
func (b *builder) mean(t hub.Totals) {
	c := b.compute()
	pick := func(stated *money.Amount, byRow, byRate money.Amount) string {
		switch {
		case stated != nil:
			return stated.RoundHalfUp(2).Fixed(2)
		case byRow.Equal(byRate):
			return byRow.RoundHalfUp(2).Fixed(2)
		}
		return ""
	}
	b.meant.Net = pick(t.Net, c.net, c.netRate)
	b.meant.VAT = pick(t.VAT, c.vat, c.vatRate)
	b.meant.Gross = pick(t.Gross, c.gross, c.grossR)
}

// shift adds a row outside VAT to what is meant.
func (b *builder) shift(sum money.Amount) {
	for _, place := range []*string{&b.meant.Net, &b.meant.Gross} {
		if *place != "" {
			*place = money.Must(*place).Add(sum).RoundHalfUp(2).Fixed(2)
		}
	}
}

// RowNet is the sum without VAT of a row of Procountor's invoice, whose answers
// do not have it, rounded to cents; false when the figures have no exact sum.
func RowNet(quantity, price, discount, percent money.Amount, gross bool) (money.Amount, bool) {
	sum := less(quantity.Mul(price), discount)
	if gross {
		sum = sum.Mul(money.Hundred).QuoHalfUp(money.Hundred.Add(percent), maxDecimals)
	}
	return sum.RoundHalfUp(2), sum.Exact()
}

// RoundingRow adds a row of the difference (the source's total less Procountor's)
// to an invoice that Procountor has rounded differently. Like every rounding row
// it lies outside VAT, so the settings must map the category "O".
func RoundingRow(inv procountor.Invoice, difference money.Amount, in Input) (procountor.Invoice, *hub.PostingLine, error) {
	b := &builder{in: in, d: in.Document, s: &in.Connection.Settings, r: in.Registers, sales: !in.Document.Kind.Buys()}
	if b.r == nil {
		return inv, nil, errors.New("add rounding row: registers are not known")
	}
	b.printed = wordsFor(b.language())
	b.putSumRow("totals.rounding", b.printed.rounding, difference, posting.Row{Category: outsideScope}, nil)
	if len(b.faults) > 0 {
		return inv, nil, fmt.Errorf("add rounding row: %s", b.faults[0].Code)
	}
	b.inv.InvoiceRows, inv.InvoiceRows = inv.InvoiceRows, append(slices.Clone(inv.InvoiceRows), b.inv.InvoiceRows...)
	line := b.postingLine(0, &inv.InvoiceRows[len(inv.InvoiceRows)-1])
	return inv, &line, nil
}

// Compare holds what Procountor saved against what was meant: number of rows,
// net, VAT, gross, to the cent. It is the proof of a post.
//
// The gross decides. Where it agrees and net and VAT share it out otherwise, the
// customer pays the right sum and the VAT is Procountor's; with a rounding row
// that is what must come out, so it is a warning under RowForDifference, and
// under AcceptDifference up to its cents. A difference of the gross within the
// cents of AcceptDifference is a warning. Everything else stops; under
// RowForDifference the caller adds a [RoundingRow] of the difference and replaces
// the voucher.
func Compare(meant hub.Meant, saved *procountor.Invoice, rule hub.Difference) []hub.Fault {
	var out []hub.Fault
	if n := len(saved.InvoiceRows); n != meant.Rows {
		out = append(out, hub.NewFault(hub.SavedDiffers, "rows", itoa(n), "field", "rows", "meant", itoa(meant.Rows), "saved", itoa(n)))
	}
	sums, ok := invoiceSums(saved)
	if !ok {
		return append(out, hub.NewFault(hub.SavedDiffers, "totals", "", "field", "invoiceSumInfo", "meant", meant.Gross, "saved", "").Warn())
	}
	grossAgrees := agrees(meant.Gross, sums.InvoiceSumTotal)
	for _, x := range []struct {
		path, meant string
		saved       procountor.Decimal
	}{{"totals.net", meant.Net, sums.ExcludingVATTotal}, {"totals.vat", meant.VAT, sums.VATSumTotal}, {"totals.gross", meant.Gross, sums.InvoiceSumTotal}} {
		if agrees(x.meant, x.saved) {
			continue
		}
		difference, known := gap(x.meant, x.saved)
		if !known { // a sum that is no number must never become a rounding row
			out = append(out, hub.NewFault(hub.SavedDiffers, x.path, x.saved.String(), "field", x.path, "meant", x.meant, "saved", x.saved.String()))
			continue
		}
		f := hub.NewFault(hub.TotalsDiffer, x.path, x.saved.String(), "source", x.meant, "procountor", x.saved.String(), "difference", difference.String())
		within := difference.Abs().Cmp(money.Cents(int64(rule.Cents))) <= 0
		if rule.Policy == hub.AcceptDifference && within || rule.Policy == hub.RowForDifference && grossAgrees && x.path != "totals.gross" {
			f = f.Warn()
		}
		out = append(out, f)
	}
	return out
}

// invoiceSums are the saved totals in the invoice's own currency.
func invoiceSums(inv *procountor.Invoice) (procountor.InvoiceSumInfo, bool) {
	for _, s := range inv.InvoiceSumInfo {
		if s.Currency == string(inv.PaymentInfo.Currency) {
			return s, true
		}
	}
	if len(inv.InvoiceSumInfo) == 1 && inv.InvoiceSumInfo[0].Currency == "" {
		return inv.InvoiceSumInfo[0], true
	}
	return procountor.InvoiceSumInfo{}, false
}

func agrees(meant string, saved procountor.Decimal) bool {
	d, known := gap(meant, saved)
	return meant == "" || known && d.IsZero()
}

// gap is what the source's total is above Procountor's.
func gap(meant string, saved procountor.Decimal) (money.Amount, bool) {
	m, err := money.Parse(meant)
	s, err2 := money.Parse(saved.String())
	return m.Sub(s), err == nil && err2 == nil
}
