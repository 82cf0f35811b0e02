package finvoice

import (
	"strconv"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// breakdown reads the VAT lines.
func (v *invoice) breakdown() {
	for _, n := range v.Few(v.details.All("VatSpecificationDetails")) {
		b := hub.VATLine{
			Category: n.Text("VatCode"),
			Reason:   format.Join(append(n.Texts("VatFreeText"), n.Text("VatExemptionReasonCode"))...),
		}
		percent := v.Percent(n.Child("VatRatePercent"))
		net := v.Sum(n.Child("VatBaseAmount"), currencyAttr)
		tax := v.Sum(n.Child("VatRateAmount"), currencyAttr)
		switch {
		case percent != nil:
			b.Percent = *percent
		case n.Text("VatRatePercent") == "" && !zeroRated(b.Category) && (tax == nil || !tax.IsZero()):
			v.Fault(hub.FieldMissing, n, "VatRatePercent", "field", "VatRatePercent")
			continue
		}
		if net == nil && tax == nil {
			continue // an empty line states nothing
		}
		i := len(v.doc.VAT)
		if net != nil {
			b.Net = *net
		} else {
			v.baseless = append(v.baseless, i)
		}
		if tax != nil {
			b.VAT = *tax
		} else if b.VAT = b.Net.Percent(b.Percent).RoundHalfUp(2); !b.VAT.Exact() {
			b.VAT = money.Zero
		}
		path := "vat[" + strconv.Itoa(i) + "]."
		v.Place(path+"percent", n.Child("VatRatePercent"))
		v.Place(path+"net", n.Child("VatBaseAmount"))
		v.Place(path+"vat", n.Child("VatRateAmount"))
		v.doc.VAT = append(v.doc.VAT, b)
	}
}

// allowances reads the discounts and charges of the whole invoice.
func (v *invoice) allowances() {
	var rows money.Amount
	for i := range v.doc.Lines {
		if l := &v.doc.Lines[i]; l.Net != nil {
			rows = rows.Add(*l.Net)
		}
	}
	var found []hub.Allowance
	for _, n := range v.details.All("DiscountDetails") {
		found = append(found, v.allowance(n, rows, false)...)
	}
	for _, n := range v.details.All("ChargeDetails") {
		found = append(found, v.allowance(n, rows, true)...)
	}
	// Rows that already add up to the total contain their discounts.
	total := v.Sum(v.details.Child("InvoiceTotalVatExcludedAmount"), currencyAttr)
	if total != nil && total.Equal(rows) && len(found) > 0 {
		for _, a := range found {
			v.note(firstOf(a.Reason, "DiscountDetails"), a.Amount.String())
		}
		return
	}
	v.doc.Allowances = found
}

func (v *invoice) allowance(n *format.Node, rows money.Amount, charge bool) []hub.Allowance {
	amount := v.Sum(n.Child("Amount"), currencyAttr)
	percent := v.Percent(n.Child("Percent"))
	if amount == nil && percent != nil {
		base := rows
		if b := v.Sum(n.Child("BaseAmount"), currencyAttr); b != nil {
			base = *b
		}
		if a := base.Percent(*percent).RoundHalfUp(2); a.Exact() {
			amount = &a
		}
	}
	if amount == nil {
		if n.Text("Amount") == "" {
			v.Fault(hub.FieldMissing, n, "Amount", "field", "Amount")
		}
		return nil
	}
	if amount.IsZero() {
		return nil
	}
	a := hub.Allowance{
		// On a credit note the minus is that of the whole document.
		Charge:      charge != (amount.Sign() < 0 && !v.doc.CreditNote),
		Amount:      amount.Abs(),
		Reason:      firstOf(n.Text("FreeText"), n.Text("ReasonText"), n.Text("ReasonCode")),
		VATCategory: n.Text("VatCategoryCode"),
	}
	rate := v.Percent(n.Child("VatRatePercent"))
	switch {
	case rate != nil:
		a.VATPercent = *rate
	case zeroRated(a.VATCategory):
	case len(v.doc.VAT) == 1:
		a.VATPercent, a.VATCategory = v.doc.VAT[0].Percent, firstOf(a.VATCategory, v.doc.VAT[0].Category)
	default:
		v.Fault(hub.FieldMissing, n, "VatRatePercent", "field", "VatRatePercent")
	}
	return []hub.Allowance{a}
}

func (v *invoice) totals() {
	det, t := v.details, &v.doc.Totals
	for path, name := range map[string]string{"net": "InvoiceTotalVatExcludedAmount", "vat": "InvoiceTotalVatAmount",
		"gross": "InvoiceTotalVatIncludedAmount", "prepaid": "InvoicePaidAmount", "rounding": "InvoiceTotalRoundoffAmount"} {
		v.Place("totals."+path, det.Child(name))
	}
	t.Net = v.Sum(det.Child("InvoiceTotalVatExcludedAmount"), currencyAttr)
	t.VAT = v.Sum(det.Child("InvoiceTotalVatAmount"), currencyAttr)
	t.Gross = v.Sum(det.Child("InvoiceTotalVatIncludedAmount"), currencyAttr)
	t.Rounding = nonzero(v.Sum(det.Child("InvoiceTotalRoundoffAmount"), currencyAttr))
	if t.Rounding != nil && t.Net != nil && t.VAT != nil && t.Gross != nil {
		if plain := t.Net.Add(*t.VAT); !plain.Equal(*t.Gross) && plain.Add(*t.Rounding).Equal(*t.Gross) {
			t.Gross = &plain // the total was stated after rounding
		}
	}
	v.prepaid()
	v.payable()
	for _, i := range v.baseless {
		b := &v.doc.VAT[i]
		for k := range v.doc.Lines {
			if l := &v.doc.Lines[k]; l.Net != nil && l.VATPercent.Equal(b.Percent) {
				b.Net = b.Net.Add(*l.Net)
			}
		}
	}
	if net := v.Sum(det.Child("RowsTotalVatExcludedAmount"), currencyAttr); net != nil {
		v.rowsTotal(*net)
	}
}

// rowsTotal compares the stated sum of the rows.
func (v *invoice) rowsTotal(stated money.Amount) {
	var sum money.Amount
	for i := range v.doc.Lines {
		l := &v.doc.Lines[i]
		if l.IsText() {
			continue
		}
		if l.Net == nil {
			return
		}
		sum = sum.Add(*l.Net)
	}
	if diff := stated.Sub(sum).Abs(); !diff.IsZero() {
		n := v.details.Child("RowsTotalVatExcludedAmount")
		v.Fault(hub.SumsDisagree, n, "", "stated", stated.String(), "computed", sum.String())
		f := &v.Faults[len(v.Faults)-1]
		f.Warning = diff.Cmp(money.Cents(int64(len(v.doc.Lines)))) <= 0
	}
}

// prepaid is what was paid before the invoice was made.
func (v *invoice) prepaid() {
	t := &v.doc.Totals
	t.Prepaid = nonzero(v.Sum(v.details.Child("InvoicePaidAmount"), currencyAttr))
	if t.Prepaid != nil {
		return
	}
	for _, n := range v.root.All("PartialPaymentDetails") {
		paid := nonzero(v.Sum(n.Child("PaidAmount"), currencyAttr))
		switch {
		case paid == nil:
		case t.Prepaid == nil:
			t.Prepaid = paid
			v.Place("totals.prepaid", n.Child("PaidAmount"))
		case !t.Prepaid.Equal(*paid):
			v.Fault(hub.SumsDisagree, n.Child("PaidAmount"), "", "stated", paid.String(), "computed", t.Prepaid.String())
		}
	}
	status := v.root.Child("PaymentStatusDetails", "PaymentStatusCode")
	switch {
	case t.Prepaid != nil || t.Gross == nil:
	case status.Text() == "PAID":
		whole := t.Gross.Add(valueOf(t.Rounding))
		t.Prepaid = nonzero(&whole)
		v.Place("totals.prepaid", status)
	case status.Text() == "PARTLYPAID":
		v.Fault(hub.FieldMissing, v.details, "InvoicePaidAmount", "field", "InvoicePaidAmount")
	}
}

// payable is the sum that the payer's bank is told. On a credit note it is often
// zero or without its sign, so there it only counts when it fits.
func (v *invoice) payable() {
	t := &v.doc.Totals
	n := v.epi.Child("EpiPaymentInstructionDetails", "EpiInstructedAmount")
	stated := v.Sum(n, currencyAttr)
	if stated == nil || t.Gross == nil {
		return
	}
	due := func() money.Amount { return t.Gross.Sub(valueOf(t.Prepaid)).Add(valueOf(t.Rounding)) }
	if t.Prepaid != nil && t.Prepaid.Sign() < 0 && t.Gross.Sign() > 0 && !due().Equal(*stated) {
		// Some write what was paid with a minus.
		positive := t.Prepaid.Neg()
		if t.Gross.Sub(positive).Add(valueOf(t.Rounding)).Equal(*stated) {
			t.Prepaid = &positive
		}
	}
	v.Place("totals.payable", n)
	computed := due()
	switch {
	case stated.Equal(computed):
		t.Payable = stated
	case stated.Neg().Equal(computed):
		t.Payable = &computed
	case v.doc.CreditNote || t.Gross.Sign() < 0:
	case stated.IsZero():
		// Nothing is asked of the bank: paid by card, by direct debit, or not at
		// all. The invoice itself is whole.
		v.Warn(hub.PayableDisagrees, n, "", "stated", stated.String(), "computed", computed.String())
	default:
		t.Payable = stated // CheckSums says that it does not fit
	}
}

// signs makes a credit note negative, in its quantities rather than its prices.
func (v *invoice) signs() {
	d := v.doc
	if !d.CreditNote {
		return
	}
	if d.Totals.Gross != nil && d.Totals.Gross.Sign() > 0 {
		format.Turn(d)
		v.Warn(hub.SignsTurned, v.details.Child("InvoiceTotalVatIncludedAmount"), "")
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.Quantity == nil || l.UnitPrice == nil {
			continue
		}
		r := &v.kept[i]
		switch {
		case l.UnitPrice.Sign() < 0 && l.Quantity.Sign() > 0:
			l.Quantity = flip(l.Quantity)
			for _, p := range []**money.Amount{&l.UnitPrice, &r.list, &r.net, &r.gross} {
				if *p != nil {
					a := (*p).Abs()
					*p = &a
				}
			}
		case l.Net != nil && l.Net.Sign() < 0 && l.Quantity.Sign() > 0 && l.UnitPrice.Sign() > 0:
			l.Quantity = flip(l.Quantity)
		}
	}
}

func flip(a *money.Amount) *money.Amount { n := a.Neg(); return &n }

func nonzero(a *money.Amount) *money.Amount {
	if a == nil || a.IsZero() {
		return nil
	}
	return a
}

func valueOf(a *money.Amount) money.Amount {
	if a == nil {
		return money.Zero
	}
	return *a
}
