package finvoice

import (
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// trial is one way to understand the price and the discounts of a row.
type trial struct {
	price      *money.Amount
	percent    money.Amount
	allowances []hub.Allowance
}

func (t trial) on(l hub.Line) hub.Line {
	l.UnitPrice, l.DiscountPercent, l.Allowances = t.price, t.percent, t.allowances
	return l
}

// grossPrices decides whether unit prices include VAT: when at least one row says
// so by its sums and none says the contrary.
func (v *invoice) grossPrices() {
	with, without := 0, 0
	for i := range v.doc.Lines {
		l := &v.doc.Lines[i]
		if l.Quantity == nil || l.UnitPrice == nil || l.VATPercent.IsZero() {
			continue
		}
		r := v.kept[i]
		_, net := v.fitting(l, r, l.Net)
		_, gross := v.fitting(l, r, l.Gross)
		switch {
		case net:
			without++
		case gross:
			with++
		case l.Net == nil && l.Gross == nil && r.list == nil && r.net == nil && r.gross != nil:
			with++ // nothing but a price that is called one with VAT
		}
	}
	v.doc.GrossPrices = with > 0 && without == 0
}

// discounts chooses for each row the understanding that explains its stated sum.
// When none does, the plainest is taken and [format.Reader.CheckSums] reports it.
func (v *invoice) discounts() {
	for i := range v.doc.Lines {
		l, r := &v.doc.Lines[i], v.kept[i]
		if l.Quantity == nil || l.UnitPrice == nil {
			continue
		}
		stated := l.Net
		if v.doc.GrossPrices {
			stated = l.Gross
		}
		best, ok := v.fitting(l, r, stated)
		if !ok && !v.doc.GrossPrices && l.Net != nil && !l.Quantity.IsZero() {
			if _, gross := v.fitting(l, r, l.Gross); gross && !l.VATPercent.IsZero() {
				// A price with VAT among prices without: what the row comes to.
				if p := l.Net.QuoHalfUp(*l.Quantity, 5); p.Exact() {
					best, l.PriceBase = trial{price: &p}, nil
				}
			}
		}
		*l = best.on(*l)
	}
}

// fitting returns the first trial whose sum is the stated one, and whether there
// is one; else the first of all.
func (v *invoice) fitting(l *hub.Line, r row, stated *money.Amount) (trial, bool) {
	all := v.trials(l, r)
	if stated == nil {
		return all[0], false
	}
	for _, t := range all {
		try := t.on(*l)
		if sum, ok := format.LineSum(v.doc, &try); ok && sum.Equal(*stated) {
			return t, true
		}
	}
	return all[0], false
}

// trials lists what a row may mean, the likeliest first.
func (v *invoice) trials(l *hub.Line, r row) []trial {
	prices := []*money.Amount{}
	for _, p := range []*money.Amount{r.list, r.net, r.gross} {
		if p != nil {
			prices = append(prices, p)
		}
	}
	// With a discount per unit the price that counts has it taken off already.
	if r.list != nil && r.net != nil && r.text("UnitPriceDiscountAmount") != "" {
		prices[0], prices[1] = prices[1], prices[0]
	}
	forms := v.forms(l, r)
	var list []trial
	for _, f := range forms {
		for _, p := range prices {
			list = append(list, trial{price: p, percent: f.percent, allowances: f.allowances})
		}
	}
	return list
}

// forms are the ways to read the discounts and charges of a row, without a price.
func (v *invoice) forms(l *hub.Line, r row) []trial {
	quiet := format.Reader{Comma: true, Currency: v.Currency} // discountFaults has said what cannot be read
	type stated struct{ percent, amount *money.Amount }
	var off []stated
	add := func(n *format.Node) {
		s := stated{percent: nonzero(quiet.Percent(n.Child(r.sub + "RowDiscountPercent"))), amount: nonzero(quiet.Sum(n.Child(r.sub+"RowDiscountAmount"), currencyAttr))}
		if s.percent != nil || s.amount != nil {
			off = append(off, s)
		}
	}
	add(r.Node)
	for _, n := range r.All(r.sub + "RowProgressiveDiscountDetails") {
		add(n)
	}
	// A discount brings the sum of the row nearer to zero, a charge takes it
	// further away; turned, the other way round.
	sign := money.FromInt(1)
	if l.Quantity.Sign() < 0 {
		sign = money.FromInt(-1)
	}
	allow := func(amount *money.Amount, more, turned bool, reason string) hub.Allowance {
		add := amount.Abs().Mul(sign)
		if more == turned {
			add = add.Neg()
		}
		a := format.Allowance(v.doc, add)
		a.Reason, a.VATPercent, a.VATCategory = reason, l.VATPercent, l.VATCategory
		return a
	}
	charges := func(turned bool) []hub.Allowance {
		var list []hub.Allowance
		for _, n := range r.All(r.sub + "RowChargeDetails") {
			if a := nonzero(quiet.Sum(n.Child("Amount"), currencyAttr)); a != nil {
				list = append(list, allow(a, true, turned, firstOf(n.Text("ReasonText"), n.Text("ReasonCode"))))
			}
		}
		return list
	}
	amounts := func(turned bool) ([]hub.Allowance, bool) {
		var list []hub.Allowance
		for _, s := range off {
			if s.amount == nil {
				return nil, false
			}
			list = append(list, allow(s.amount, false, turned, r.text("RowDiscountTypeText")))
		}
		return list, len(list) > 0
	}
	var list []trial
	// 1. One percent, or several that follow each other.
	keep, percents := money.Hundred, len(off) > 0
	for _, s := range off {
		if s.percent == nil {
			percents = false
			break
		}
		keep = keep.Mul(money.Hundred.Sub(*s.percent)).Mul(money.Cents(1))
	}
	if total := money.Hundred.Sub(keep); percents && total.Exact() {
		list = append(list, trial{percent: total.Trim(0), allowances: charges(false)})
	}
	// 2. Amounts; then amounts with the sign the other way round.
	for _, turned := range []bool{false, true} {
		if a, ok := amounts(turned); ok {
			list = append(list, trial{allowances: append(a, charges(false)...)})
		}
	}
	// 3. No discount on top of the price; charges either way.
	list = append(list, trial{allowances: charges(false)}, trial{allowances: charges(true)})
	return append(list, trial{})
}
