package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// Back reads a purchase invoice of Procountor, with its ledger receipt, as a
// document that goes to a source. Its rows are what the entries of the receipt cost, in
// the company's own currency: net, with the VAT that is not deducted. Each is split
// between the items of the dimension that b names, as its net is; what no item has is a
// row without a project.
func Back(inv *procountor.Invoice, receipt *procountor.LedgerReceipt, b hub.Back, company hub.Company, registers *register.Copy) *hub.Document {
	cp := inv.CounterParty
	d := &hub.Document{Kind: hub.PurchaseInvoice, SourceID: BackID(inv.ID), Number: inv.OriginalInvoiceNumber, VoucherNumber: strconv.Itoa(inv.InvoiceNumber),
		Date: register.Day(inv.Date), DueDate: register.Day(inv.PaymentInfo.DueDate), Currency: money.Currency(company.Currency), Lines: []hub.Line{},
		Seller: hub.Party{Name: cp.CounterPartyAddress.Name, BusinessID: cp.Identifier, VATNumber: cp.TaxCode, Number: cp.CustomerNumber},
		Buyer:  hub.Party{Name: company.Name, BusinessID: company.BusinessID}}
	if d.Number == "" {
		d.Number = d.VoucherNumber
	}
	for _, s := range inv.InvoiceSumInfo {
		if !s.InAccountingCurrency && len(inv.InvoiceSumInfo) > 1 {
			continue
		}
		net, vat, gross := amountOf(s.ExcludingVATTotal), amountOf(s.VATSumTotal), amountOf(s.InvoiceSumTotal)
		d.Totals = hub.Totals{Net: &net, VAT: &vat, Gross: &gross}
		d.CreditNote = gross.Sign() < 0
	}
	dimension, _ := registers.Dimension(b.Dimension)
	for _, t := range receipt.Transactions {
		if t.TransactionType == procountor.Entry {
			d.Lines = append(d.Lines, backLines(t, dimension)...)
		}
	}
	return d
}

// BackID is the id of a document from Procountor.
func BackID(invoiceID int64) string { return fmt.Sprintf("procountor/%d", invoiceID) }

// backLines splits an entry between the items of a dimension.
func backLines(t procountor.Transaction, dimension register.Dimension) (lines []hub.Line) {
	value, left := amountOf(t.AccountingValue), amountOf(t.AccountingValue)
	cost := share(value, undeducted(t))
	line := hub.Line{Name: t.Description, Account: t.Account, VATPercent: amountOf(t.VATPercent)}
	for _, v := range t.DimensionItemValues {
		if v.DimensionID != dimension.ID || dimension.ID == 0 {
			continue
		}
		part := amountOf(v.Value).Abs()
		if value.Sign() < 0 {
			part = part.Neg()
		}
		left = left.Sub(part)
		l := line
		net := cost(part)
		l.Net, l.Dimensions = &net, []hub.Dimension{{Axis: hub.BackAxis, Code: itemCode(dimension, v.ItemID), Name: itemText(dimension, v.ItemID)}}
		lines = append(lines, l)
	}
	if !left.IsZero() || len(lines) == 0 {
		net := cost(left)
		line.Net = &net
		lines = append(lines, line)
	}
	return lines
}

// undeducted is the VAT of an entry that is not deducted, to the cent. An entry that
// says nothing of its deduction is deducted whole (REFERENCE 3.2: "usual value 100").
func undeducted(t procountor.Transaction) money.Amount {
	if t.VATDeductionPercent == (procountor.Decimal{}) {
		return money.Zero
	}
	vat := amountOf(t.AccountingValue).Percent(amountOf(t.VATPercent))
	return vat.Percent(money.FromInt(100).Sub(amountOf(t.VATDeductionPercent))).RoundHalfUp(2)
}

// share spreads an extra over the parts of a value, to the cent: the parts that are
// asked for one after the other come to the value and all of the extra.
func share(value, extra money.Amount) func(part money.Amount) money.Amount {
	sum, given := money.Zero, money.Zero
	return func(part money.Amount) money.Amount {
		if extra.IsZero() || value.IsZero() {
			return part
		}
		sum = sum.Add(part)
		now := extra.Mul(sum).QuoHalfUp(value, 2)
		more := now.Sub(given)
		given = now
		return part.Add(more)
	}
}

// itemText is the text of an item, its id where the register does not have it yet.
func itemText(d register.Dimension, id int64) string {
	for _, i := range d.Items {
		if i.ID == id {
			return i.Code
		}
	}
	return "#" + strconv.FormatInt(id, 10)
}

// itemCode is the first word of the text of an item: Procountor has one text for
// code and name.
func itemCode(d register.Dimension, id int64) string {
	if words := strings.Fields(itemText(d, id)); len(words) > 0 {
		return words[0]
	}
	return ""
}
