package format

import (
	"fmt"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// cent is what one rounding can move.
var cent = money.Cents(1)

// CheckSums recomputes what a document states and adds a fault for each sum that
// disagrees. Within a cent for each rounding that may have taken place it is a
// warning, as programs round rows or totals; beyond it the document is stopped.
// Signs must be those of [hub.Document].
func (r *Reader) CheckSums(d *hub.Document) {
	for i := range d.Lines {
		r.checkLine(d, i)
	}
	r.checkRows(d)
	r.checkVAT(d)
	t := &d.Totals
	if t.Net != nil && t.VAT != nil && t.Gross != nil {
		r.compare("totals.gross", *t.Gross, t.Net.Add(*t.VAT), money.Zero)
	}
	if t.Gross != nil && t.Payable != nil {
		if r.compare("totals.payable", *t.Payable, t.Gross.Sub(value(t.Prepaid)).Add(value(t.Rounding)), money.Zero) {
			r.Faults[len(r.Faults)-1].Code = hub.PayableDisagrees
		}
	}
}

// compare adds a fault at path unless the two are equal, and reports whether it
// did. A difference up to slack is a warning.
func (r *Reader) compare(path string, stated, computed, slack money.Amount) bool {
	if stated.Equal(computed) {
		return false
	}
	at := r.Places[path]
	if at == "" {
		at = path
	}
	f := hub.NewFault(hub.SumsDisagree, at, stated.String(), "stated", stated.String(), "computed", computed.String())
	f.Warning = stated.Sub(computed).Abs().Cmp(slack) <= 0
	r.Faults = append(r.Faults, f)
	return true
}

// checkLine compares quantity × price, less discounts, with the stated sum.
func (r *Reader) checkLine(d *hub.Document, i int) {
	l := &d.Lines[i]
	stated, name := l.Net, "net"
	if d.GrossPrices {
		stated, name = l.Gross, "gross"
	}
	path := fmt.Sprintf("lines[%d].", i)
	if l.Net != nil && l.VAT != nil && l.Gross != nil {
		r.compare(path+"gross", *l.Gross, l.Net.Add(*l.VAT), cent)
	}
	computed, ok := LineSum(d, l)
	if stated == nil || !ok {
		return
	}
	// A price that is printed rounded is off by up to half of its last decimal
	// for each unit.
	slack := cent
	if half, ok := halfUnit(*l.UnitPrice); ok {
		slack = slack.Add(l.Quantity.Abs().Mul(half).RoundHalfUp(2))
	}
	r.compare(path+name, *stated, computed, slack)
}

// halfUnit is half of the last decimal of a price with two decimals or more.
func halfUnit(price money.Amount) (money.Amount, bool) {
	halves := map[int]money.Amount{2: money.Must("0.005"), 3: money.Must("0.0005"), 4: money.Must("0.00005"), 5: money.Must("0.000005")}
	h, ok := halves[max(price.Decimals(), 2)]
	return h, ok
}

// LineSum computes a row: quantity × unit price, for its price base, less discount
// percent, rounded to cents; then its allowances and charges. False when the row
// has no price and quantity.
func LineSum(d *hub.Document, l *hub.Line) (money.Amount, bool) {
	if l.Quantity == nil || l.UnitPrice == nil {
		return money.Zero, false
	}
	base := money.FromInt(1)
	if l.PriceBase != nil && !l.PriceBase.IsZero() {
		base = *l.PriceBase
	}
	sum := l.Quantity.Mul(*l.UnitPrice).Mul(money.Hundred.Sub(l.DiscountPercent)).QuoHalfUp(base.Mul(money.Hundred), 2)
	return sum.Add(effect(d, l.Allowances)), true
}

// effect is what allowances and charges add to a sum. Both are stated without a
// sign: on a credit note, whose sums are negative, an allowance makes less to give
// back and so adds.
func effect(d *hub.Document, list []hub.Allowance) money.Amount {
	var sum money.Amount
	for _, a := range list {
		if a.Charge {
			sum = sum.Add(a.Amount)
		} else {
			sum = sum.Sub(a.Amount)
		}
	}
	if d.CreditNote {
		return sum.Neg()
	}
	return sum
}

// Allowance turns what is added to a sum of d into an allowance or a charge.
func Allowance(d *hub.Document, effect money.Amount) hub.Allowance {
	return hub.Allowance{Charge: (effect.Sign() > 0) != d.CreditNote, Amount: effect.Abs()}
}

// netOf returns the net sum of a row, stated or computed.
func netOf(d *hub.Document, l *hub.Line) (money.Amount, bool) {
	switch {
	case l.Net != nil:
		return *l.Net, true
	case l.Gross != nil && l.VAT != nil:
		return l.Gross.Sub(*l.VAT), true
	case l.Gross != nil:
		return l.Gross.Mul(money.Hundred).QuoHalfUp(money.Hundred.Add(l.VATPercent), 2), true
	}
	sum, ok := LineSum(d, l)
	if ok && d.GrossPrices {
		sum = sum.Mul(money.Hundred).QuoHalfUp(money.Hundred.Add(l.VATPercent), 2)
	}
	return sum, ok
}

// checkRows adds up the rows.
func (r *Reader) checkRows(d *hub.Document) {
	var net, gross money.Amount
	rows, allGross := int64(0), true
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.IsText() {
			continue
		}
		rows++
		n, ok := netOf(d, l)
		if !ok {
			path := fmt.Sprintf("lines[%d].net", i)
			at := r.Places[path]
			if at == "" {
				at = path
			}
			r.Faults = append(r.Faults, hub.NewFault(hub.RowAmount, at, ""))
			return
		}
		net = net.Add(n)
		if l.Gross != nil {
			gross = gross.Add(*l.Gross)
		} else {
			allGross = false
		}
	}
	if rows == 0 {
		return
	}
	more := effect(d, d.Allowances)
	slack := cent.Mul(money.FromInt(rows))
	switch {
	case d.GrossPrices && allGross && d.Totals.Gross != nil:
		r.compare("totals.gross", *d.Totals.Gross, gross.Add(more), slack)
	case !d.GrossPrices && d.Totals.Net != nil:
		r.compare("totals.net", *d.Totals.Net, net.Add(more), slack)
	case !d.GrossPrices && d.Totals.Gross != nil && allGross && len(d.Allowances) == 0:
		r.compare("totals.gross", *d.Totals.Gross, gross, slack)
	}
}

// checkVAT checks the breakdown in itself and against the total.
func (r *Reader) checkVAT(d *hub.Document) {
	if len(d.VAT) == 0 {
		return
	}
	var net, vat money.Amount
	for i, v := range d.VAT {
		net, vat = net.Add(v.Net), vat.Add(v.VAT)
		rows := int64(1)
		for _, l := range d.Lines {
			if !l.IsText() && l.VATPercent.Equal(v.Percent) {
				rows++
			}
		}
		r.compare(fmt.Sprintf("vat[%d].vat", i), v.VAT, v.Net.Percent(v.Percent).RoundHalfUp(2), cent.Mul(money.FromInt(rows)))
	}
	slack := cent.Mul(money.FromInt(int64(len(d.VAT))))
	if d.Totals.VAT != nil {
		r.compare("totals.vat", *d.Totals.VAT, vat, slack)
	}
	if d.Totals.Net != nil {
		r.compare("totals.net", *d.Totals.Net, net, slack)
	}
}

// Turn changes the signs of all quantities and sums: a credit note that states
// what it gives back becomes one that states what it takes away. Allowances and
// charges are stated without a sign and stay as they are.
func Turn(d *hub.Document) {
	for i := range d.Lines {
		l := &d.Lines[i]
		for _, a := range []**money.Amount{&l.Quantity, &l.Net, &l.VAT, &l.Gross} {
			*a = negated(*a)
		}
	}
	for i := range d.VAT {
		d.VAT[i].Net, d.VAT[i].VAT = d.VAT[i].Net.Neg(), d.VAT[i].VAT.Neg()
	}
	t := &d.Totals
	for _, a := range []**money.Amount{&t.Net, &t.VAT, &t.Gross, &t.Prepaid, &t.Rounding, &t.Payable} {
		*a = negated(*a)
	}
}

func negated(a *money.Amount) *money.Amount {
	if a == nil {
		return nil
	}
	n := a.Neg()
	return &n
}

func value(a *money.Amount) money.Amount {
	if a == nil {
		return money.Zero
	}
	return *a
}
