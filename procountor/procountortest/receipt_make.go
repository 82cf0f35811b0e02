package procountortest

import "strings"

// DefaultAccounts are the ledger accounts of a new invoice's receipt
// (REFERENCE 3.2: sales 1700 / 3000, purchase 8450 / 2880).
type DefaultAccounts struct {
	Receivable string // reversing entry of sales
	Sales      string
	Purchases  string
	Payable    string // reversing entry of purchases
	OutputVAT  string
	Rounding   string // reconciliation entries
}

// makeReceipt makes the ledger receipt of an invoice (assumption 9). Debit is
// positive; the sum of values and of the VAT computed from them is zero.
func (co *company) makeReceipt(inv *invoice, mode Rounding) *receipt {
	d := co.set().DefaultLedger
	_, rows, groups, _ := calculate(&inv.Invoice, mode) // checked by finish
	parts := groups
	if inv.ExtraInfo.AccountingByRow {
		parts = rows
	}
	sales := isSales(inv.Type)
	reversing, entry, sign := d.Payable, d.Purchases, int64(1)
	if sales {
		reversing, entry, sign = d.Receivable, d.Sales, -1
	}
	rate := inv.PaymentInfo.CurrencyRate
	gross, _ := inDomestic(inv.Rounded.Gross, rate)
	gross.coef *= -sign

	name := inv.CounterParty.CounterPartyAddress.Name
	r := &receipt{Owner: inv.ID}
	r.LedgerReceipt = LedgerReceipt{
		Type: inv.Type, Status: inv.Status, Name: name, ReceiptDate: inv.Date, VATType: side(inv.Type),
		VATStatus: deref(inv.VATStatus), InvoiceID: &inv.ID, ReceiptNumber: inv.InvoiceNumber, InvoiceNumber: inv.InvoiceNumber,
		InvoiceNotes: inv.Notes, PartnerID: inv.PartnerID,
	}
	if r.VATStatus == 0 { // travel and expense: no status on the invoice
		r.VATStatus = co.set().Domestic
	}
	balance := gross
	r.Transactions = append(r.Transactions, Transaction{TransactionType: reversingEntry, Account: reversing, AccountingValue: gross, Description: name})
	for _, p := range parts {
		value, _ := inDomestic(p.net, rate)
		value.coef *= sign
		row := &inv.InvoiceRows[p.row]
		t := Transaction{
			TransactionType: ordinaryEntry, Account: entry, AccountingValue: value, VATPercent: p.percent, VATType: r.VATType,
			VATStatus: ptr(p.status), VATDeductionPercent: ptr(hundred),
		}
		if t.VATStatus != nil && *t.VATStatus == 0 {
			t.VATStatus = ptr(r.VATStatus)
		}
		if inv.ExtraInfo.AccountingByRow {
			t.Description, t.StartDate, t.EndDate = firstRunes(row.Product, 255), row.StartDate, row.EndDate
			if a := co.rowAccount(inv, row); a != "" {
				t.Account = a
			}
		}
		r.Transactions = append(r.Transactions, t)
		balance = balance.add(value).add(percentOf(value, p.percent))
	}
	if balance.Sign() != 0 {
		r.Transactions = append(r.Transactions, Transaction{TransactionType: reconcilingEntry, Account: d.Rounding, AccountingValue: balance.Neg()})
	}
	return r
}

// Types of transactions.
const (
	ordinaryEntry    = "ENTRY"
	reversingEntry   = "REVERSING_ENTRY"
	reconcilingEntry = "RECONCILIATION_ENTRY"
)

// imbalance is the sum of a receipt's values and of the VAT computed from them:
// zero when the books balance.
func imbalance(ts []Transaction) Number {
	sum := Number{0, 2}
	for i := range ts {
		sum = sum.add(ts[i].AccountingValue).add(percentOf(ts[i].AccountingValue, ts[i].VATPercent))
	}
	return sum
}

// firstRunes cuts s to n characters.
func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n]))
}
