package mapping

import (
	"strconv"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// methods are Procountor's words for how a payment was made.
var methods = map[hub.PaymentMethod]procountor.MarkPaidMethod{
	hub.ByTransfer: procountor.MarkPaidExternalBankTransfer, hub.ByCash: procountor.MarkPaidCash, hub.ByCard: procountor.MarkPaidChargeCard,
	hub.ByAdjustment: procountor.MarkPaidAdjustment, hub.ByCorrection: procountor.MarkPaidCorrection, hub.ByCreditLoss: procountor.MarkPaidCreditLoss,
	hub.ByCreditNote: procountor.MarkPaidCreditNote, hub.BySetOff: procountor.MarkPaidSetOff,
}

// Paid is the mark of a payment as it is sent, without our own mark. Procountor
// keeps text and method of payments on sales invoices only (REFERENCE 3.14).
func Paid(kind hub.Kind, p hub.PaymentMade, on civil.Date) (procountor.MarkPaid, error) {
	amount, err := procountor.ParseDecimal(p.Amount.String())
	m := procountor.MarkPaid{PaymentDate: register.Date(on), Amount: amount, Currency: procountor.Currency(p.Currency)}
	if kind == hub.SalesInvoice {
		m.PaymentMethodType = methods[p.Method]
		m.Description = p.Text
	}
	return m, err
}

// Offset is the mark on one side of an offset, without our own mark: the invoice is
// paid by a credit note, and the credit note is set off. other is Procountor's
// number of the other side; language is that of internal texts.
func Offset(language string, kind hub.Kind, side hub.MarkSide, amount money.Amount, currency procountor.Currency, on civil.Date, other int64) (procountor.MarkPaid, error) {
	w := wordsFor(language)
	method, text := hub.ByCreditNote, w.creditNote
	if side == hub.NoteSide {
		method, text = hub.BySetOff, w.invoice
	}
	return Paid(kind, hub.PaymentMade{Amount: amount, Currency: money.Currency(currency), Method: method, Text: text + " " + strconv.FormatInt(other, 10)}, on)
}

// PaidDescription puts our mark behind the text of a payment. Of the text, what
// Procountor has no characters for is replaced: it is for the reader.
func PaidDescription(text, system, payment, key string) string {
	plain := func(s string) string { return replaceForbidden(tidy(s)) }
	return hub.PaymentDescription(plain(text), plain(system), plain(payment), key)
}
