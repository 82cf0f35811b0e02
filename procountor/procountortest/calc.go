package procountortest

import (
	"math/big"
)

// rounded are the totals of an invoice in its own currency.
type rounded struct {
	Net   Number `json:"net"`
	VAT   Number `json:"vat"`
	Gross Number `json:"gross"`
}

// A netPart is what becomes one entry of the ledger receipt.
type netPart struct {
	net     Number
	percent Number
	status  int64
	row     int // index of the (first) row
}

// calculate returns the totals of an invoice and its net sums per row and per
// rate and VAT status. ok is false when a sum is too large to be money.
//
// A row is quantity × unitPrice less its discount and the invoice's. With gross
// prices VAT is taken out of the sum, else it is added (assumption 8).
func calculate(inv *Invoice, mode Rounding) (total rounded, rows, groups []netPart, ok bool) {
	type group struct {
		netPart
		sum *big.Int // exact, scaled by 10^scale
	}
	const scale = 4 * maxScale // quantity, price and two discounts
	gross := inv.ExtraInfo.UnitPricesIncludeVat
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(scale), nil)
	rows = make([]netPart, 0, len(inv.InvoiceRows))
	var gs []*group
	var rowVAT, rowGross Number
	headerRest := rest(inv.DiscountPercent)

	for i := range inv.InvoiceRows {
		r := &inv.InvoiceRows[i]
		x := big.NewInt(r.Quantity.coef)
		x.Mul(x, big.NewInt(r.UnitPrice.coef))
		used := int(r.Quantity.scale) + int(r.UnitPrice.scale)
		for _, d := range [2]Number{rest(r.DiscountPercent), headerRest} {
			x.Mul(x, big.NewInt(d.coef))
			used += int(d.scale)
		}
		x.Mul(x, scaleUp(scale-used))

		p := netPart{percent: r.VATPercent, row: i}
		if st := r.VATStatus; st != nil {
			p.status = *st
		} else if inv.VATStatus != nil {
			p.status = *inv.VATStatus
		}
		sum, fits := roundFrac(x, den)
		if !fits {
			return total, nil, nil, false
		}
		net, vat, all := split(sum, p.percent, gross)
		p.net = net
		rows = append(rows, p)
		rowVAT, rowGross = rowVAT.add(vat), rowGross.add(all)

		var g *group
		for _, h := range gs {
			if h.status == p.status && h.percent.Cmp(p.percent) == 0 {
				g = h
			}
		}
		if g == nil {
			g = &group{netPart: p, sum: new(big.Int)}
			gs = append(gs, g)
		}
		g.sum.Add(g.sum, x)
	}

	var byRate rounded
	for _, g := range gs {
		sum, fits := roundFrac(g.sum, den)
		if !fits {
			return total, nil, nil, false
		}
		net, vat, all := split(sum, g.percent, gross)
		g.net = net
		groups = append(groups, g.netPart)
		byRate = rounded{byRate.Net.add(net), byRate.VAT.add(vat), byRate.Gross.add(all)}
	}
	switch mode {
	case PerRow:
		return rounded{rowGross.sub(rowVAT), rowVAT, rowGross}, rows, groups, rowGross.abs().coef <= maxCents
	case PerRate:
		return byRate, rows, groups, byRate.Gross.abs().coef <= maxCents
	}
	// Once, on the totals.
	sum, vat := new(big.Rat), new(big.Rat)
	for _, g := range gs {
		part := new(big.Rat).SetFrac(g.sum, den)
		sum.Add(sum, part)
		share := g.percent.rat()
		if gross {
			share.Quo(share, new(big.Rat).Add(big.NewRat(100, 1), share))
		} else {
			share.Quo(share, big.NewRat(100, 1))
		}
		vat.Add(vat, part.Mul(part, share))
	}
	s, fits := roundRat(sum)
	var fits2 bool
	if gross {
		var v Number
		v, fits2 = roundRat(vat)
		total = rounded{s.sub(v), v, s}
	} else {
		var all Number
		all, fits2 = roundRat(sum.Add(sum, vat))
		total = rounded{s, all.sub(s), all}
	}
	return total, rows, groups, fits && fits2
}

// split divides a rounded sum into net, VAT and gross.
func split(sum, percent Number, gross bool) (net, vat, all Number) {
	if !gross {
		vat = percentOf(sum, percent)
		return sum, vat, sum.add(vat)
	}
	// vat = sum × p / (100 + p)
	p := big.NewInt(percent.coef)
	whole := new(big.Int).Add(big.NewInt(100*pow10[percent.scale]), p)
	num := new(big.Int).Mul(big.NewInt(sum.coef), p)
	den := whole.Mul(whole, big.NewInt(pow10[sum.scale]))
	vat, _ = roundFrac(num, den) // smaller than the bounded sum
	return sum.sub(vat), vat, sum
}

// rest is what remains of the whole after a discount: 1 − d/100.
func rest(discount Number) Number {
	s := discount.scale
	return Number{100*pow10[s] - discount.coef, s + 2}
}

func scaleUp(n int) *big.Int {
	if n < len(pow10) {
		return big.NewInt(pow10[max(n, 0)])
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// inDomestic converts a sum of the invoice into the company's currency: rate is
// units of foreign currency per one unit of the domestic one (REFERENCE 3.1).
func inDomestic(n, rate Number) (Number, bool) {
	if rate.coef == pow10[rate.scale] {
		return n, true
	}
	return roundRat(new(big.Rat).Quo(n.rat(), rate.rat()))
}
