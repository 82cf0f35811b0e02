package mapping

import (
	"strings"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/sweden"
	"github.com/vienti/vienti/procountor"
)

// putPayment: currency and rate, due date, account, reference, cash discount.
func (b *builder) putPayment() {
	p := &b.inv.PaymentInfo
	p.PaymentMethod = procountor.PayBankTransfer
	b.putCurrency()
	b.putDueDate()
	switch {
	case b.sales:
		b.putOwnAccount()
		b.putSalesReference()
	case b.d.ByCard():
		p.PaymentMethod = procountor.PayCash // nobody is paid: the one method that wants no account to pay to (REFERENCE 3.1)
	case b.travel():
		b.putPersonAccount()
	default:
		b.putSupplierAccount()
		b.putSupplierReference()
	}
	b.putCashDiscount()
}

func (b *builder) putCurrency() {
	p, d := &b.inv.PaymentInfo, b.d
	if !knownCurrency(d.Currency) {
		b.fault(hub.CurrencyUnknown, "currency", string(d.Currency))
		p.Currency = procountor.Currency(b.refused(string(d.Currency)))
		return
	}
	p.Currency, p.CurrencyRate = procountor.Currency(d.Currency), procountor.MustParseDecimal("1")
	own := b.currency()
	one := money.FromInt(1)
	rate := d.Rate
	if d.CreditNote && b.in.CreditedRate != nil {
		rate = b.in.CreditedRate
	}
	switch {
	case own == d.Currency || own == "" && d.Rate == nil:
		if d.Rate != nil && !d.Rate.Equal(one) {
			b.warn(hub.FieldInvalid, "rate", d.Rate.String(), "field", "rate", "form", "1, for "+string(own)+" is the company's own currency")
		}
	case rate == nil || rate.Sign() <= 0 || rate.Cmp(maxRate) > 0:
		value := ""
		if rate != nil {
			value = rate.String()
		}
		b.fault(hub.CurrencyRateNeeded, "rate", value, "currency", string(d.Currency), "own", string(own))
		if p.CurrencyRate = (procountor.Decimal{}); b.unchecked && d.Rate != nil {
			p.CurrencyRate = b.decimal("rate", *d.Rate)
		}
	default:
		p.CurrencyRate = b.decimal("rate", *rate)
		if rate == d.Rate {
			b.checkCurrencyRate(*rate)
		}
	}
}

// checkCurrencyRate holds a rate of the source that is far from the newest one of Procountor's
// own register, where that is known: it is mistyped, or written the other way round.
func (b *builder) checkCurrencyRate(rate money.Amount) {
	theirs, ok := b.r.Rate(b.d.Currency)
	if !ok {
		return
	}
	limit := b.s.RateLimit()
	near := func(rate money.Amount) bool {
		return rate.Sub(theirs).Abs().Mul(money.Hundred).Cmp(theirs.Mul(money.FromInt(int64(limit)))) <= 0
	}
	if near(rate) {
		return
	}
	args := []string{"rate", rate.String(), "currency", string(b.d.Currency), "own", string(b.currency()), "procountor", theirs.String(), "percent", itoa(limit)}
	if inverse := money.FromInt(1).QuoHalfUp(rate, 6); near(inverse) {
		args = append(args, "inverse", inverse.Trim(0).String())
	}
	b.fault(hub.CurrencyRateFar, "rate", rate.String(), args...)
}

// maxRate is the description's bound of currencyRate.
var maxRate = money.FromInt(1_000_000)

// putDueDate takes the stated day, else the stated term, else the connection's.
// A purchase whose supplier states neither goes with a warning: someone will be
// paid on that day.
func (b *builder) putDueDate() {
	d := b.d
	if d.Date.IsZero() {
		return
	}
	due, path, value := d.DueDate, "due_date", d.DueDate.String()
	if due.IsZero() {
		term := b.s.TermDays
		if d.TermDays != nil {
			term, path = *d.TermDays, "term_days"
		} else if term < 0 {
			b.fault(hub.DueDateMissing, path, "")
			return
		} else if !b.sales && !d.CreditNote && !b.travel() {
			b.warn(hub.DueDateMissing, path, "", "days", itoa(term))
		}
		value = itoa(term)
		if term > maxTermDays || term < -maxTermDays { // keeps the sum below in the calendar
			b.fault(hub.DueDateTooLate, path, value, "days", itoa(term), "limit", itoa(maxTermDays))
			return
		}
		due = d.Date.AddDays(term)
	}
	if b.unchecked {
		b.inv.PaymentInfo.DueDate = register.Date(due)
	}
	switch n := d.Date.DaysUntil(due); {
	case n < 0:
		b.fault(hub.DueDateBeforeDate, path, value, "date", d.Date.String(), "due", due.String())
	case n > maxTermDays:
		b.fault(hub.DueDateTooLate, path, value, "days", itoa(n), "limit", itoa(maxTermDays))
	default:
		b.inv.PaymentInfo.DueDate = register.Date(due)
	}
}

// putOwnAccount chooses the account that the customer pays to: the stated one,
// the setting's, the register's default. It must be the company's own
// (REFERENCE 4); a stated giro number becomes the account behind it.
func (b *builder) putOwnAccount() {
	pay := b.d.Payment
	stated, path := pay.IBAN, "payment.iban"
	if stated != "" {
		iban, err := finland.ParseIBAN(stated)
		if err != nil {
			b.fault(hub.IBANWrong, path, stated)
			b.keepAccount(stated)
			return
		}
		stated = string(iban)
	} else if pay.Bankgiro != "" {
		stated, path = pay.Bankgiro, "payment.bankgiro"
	} else if pay.Plusgiro != "" {
		stated, path = pay.Plusgiro, "payment.plusgiro"
	} else if b.s.BankAccount != "" {
		stated, path = b.s.BankAccount, "settings.bank_account"
	}
	if stated == "" {
		a, ok := b.r.DefaultAccount(b.d.Currency)
		if !ok {
			b.fault(hub.BankAccountMissing, "payment.iban", "")
			return
		}
		b.inv.PaymentInfo.BankAccount = &procountor.BankAccount{AccountNumber: a.IBAN}
		return
	}
	if a, ok := b.r.Account(stated); ok {
		stated = a.IBAN
	} else if b.r.BankAccounts != nil {
		b.fault(hub.BankAccountForeign, path, stated)
		b.keepAccount(stated)
		return
	}
	b.inv.PaymentInfo.BankAccount = &procountor.BankAccount{AccountNumber: strings.ReplaceAll(stated, " ", "")}
}

// putSalesReference: the key is always there, for without it Procountor leaves
// the invoice without a reference and payments do not find it. When the source
// has sent the invoice, the customer pays with the source's reference, so that
// one is tested and kept; a credit note is not paid and needs none.
func (b *builder) putSalesReference() {
	ref, made := b.d.Payment.Reference, ""
	if b.sender() != hub.SenderSource {
		b.inv.PaymentInfo.BankReferenceCode = &made
		b.note(func(w words) string { return w.reference }, b.text("payment.reference", ref, maxInformation))
		return
	}
	switch code, ok := bankReference(b.country(), ref); {
	case ok:
		b.inv.PaymentInfo.BankReferenceCode = &code
	case strings.TrimSpace(ref) != "":
		b.fault(hub.ReferenceWrong, "payment.reference", ref)
		b.keepReference(ref)
	case b.d.CreditNote:
		b.inv.PaymentInfo.BankReferenceCode = &made
	default:
		b.fault(hub.ReferenceMissing, "payment.reference", "")
	}
}

// keepReference and keepAccount keep what is wrong, where nothing is checked.
func (b *builder) keepReference(ref string) {
	if b.unchecked {
		b.inv.PaymentInfo.BankReferenceCode = &ref
	}
}

func (b *builder) keepAccount(number string) {
	if b.unchecked {
		b.inv.PaymentInfo.BankAccount = &procountor.BankAccount{AccountNumber: strings.ReplaceAll(number, " ", "")}
	}
}

// bankReference tests a reference by the standards of the country: RF anywhere,
// the Finnish one in Finland, OCR in Sweden.
func bankReference(country, ref string) (string, bool) {
	if r, err := finland.ParseRF(ref); err == nil {
		return string(r), true
	}
	if country == "SE" {
		o, err := sweden.ParseOCR(ref)
		return string(o), err == nil
	}
	r, err := finland.ParseReference(ref)
	return string(r), err == nil
}

// putSupplierAccount: where to pay. Giro numbers are accounts in Sweden only;
// elsewhere they are noted. An invoice without an account can be kept but not
// paid, so it goes with a warning.
func (b *builder) putSupplierAccount() {
	pay, p := b.d.Payment, &b.inv.PaymentInfo
	bankgiro := func(w words) string { return w.bankgiro }
	plusgiro := func(w words) string { return w.plusgiro }
	switch {
	case pay.IBAN != "":
		iban, err := finland.ParseIBAN(pay.IBAN)
		if err != nil {
			b.fault(hub.IBANWrong, "payment.iban", pay.IBAN)
			b.keepAccount(pay.IBAN)
			return
		}
		p.BankAccount = &procountor.BankAccount{AccountNumber: string(iban)}
		if pay.BIC != "" {
			bic, err := finland.ParseBIC(pay.BIC)
			if err != nil {
				b.warn(hub.FieldInvalid, "payment.bic", pay.BIC, "field", "payment.bic", "form", "8 or 11 characters")
			}
			p.BankAccount.BIC = string(bic)
		}
		b.note(bankgiro, b.text("payment.bankgiro", pay.Bankgiro, maxInformation))
		b.note(plusgiro, b.text("payment.plusgiro", pay.Plusgiro, maxInformation))
		return
	case pay.Bankgiro != "" && b.country() == "SE":
		if n, err := sweden.ParseBankgiro(pay.Bankgiro); err == nil {
			p.PaymentMethod, p.BankAccount = procountor.PayDomesticPaymentBankgiro, &procountor.BankAccount{AccountNumber: string(n)}
			b.note(plusgiro, b.text("payment.plusgiro", pay.Plusgiro, maxInformation))
			return
		}
		b.fault(hub.IBANWrong, "payment.bankgiro", pay.Bankgiro)
		return
	case pay.Plusgiro != "" && b.country() == "SE":
		if n, err := sweden.ParsePlusgiro(pay.Plusgiro); err == nil {
			p.PaymentMethod, p.BankAccount = procountor.PayDomesticPaymentPlusgiro, &procountor.BankAccount{AccountNumber: string(n)}
			return
		}
		b.fault(hub.IBANWrong, "payment.plusgiro", pay.Plusgiro)
		return
	}
	b.note(bankgiro, b.text("payment.bankgiro", pay.Bankgiro, maxInformation))
	b.note(plusgiro, b.text("payment.plusgiro", pay.Plusgiro, maxInformation))
	if !b.d.CreditNote {
		b.warn(hub.BankAccountMissing, "payment.iban", "")
	}
}

// putSupplierReference keeps the supplier's reference. What is no reference of
// this country is, from a foreign supplier, a message: Procountor copies
// orderReference to the payment when there is no reference.
func (b *builder) putSupplierReference() {
	ref := strings.TrimSpace(b.d.Payment.Reference)
	if ref == "" {
		b.askReference()
		return
	}
	if code, ok := bankReference(b.country(), ref); ok {
		b.inv.PaymentInfo.BankReferenceCode = &code
		return
	}
	if c := b.partyCountry(&b.d.Seller); c == "" || c == b.country() {
		b.fault(hub.ReferenceWrong, "payment.reference", ref)
		b.keepReference(ref)
		return
	}
	if b.inv.OrderReference == "" && length(ref) <= maxOrderReference {
		b.inv.OrderReference = b.characters("payment.reference", ref)
		return
	}
	b.note(func(w words) string { return w.reference }, b.text("payment.reference", ref, maxInformation))
}

// askReference: a payment to a domestic supplier without a reference, nor a message
// in its place, is not met with the invoice there. Where nothing is to be paid
// from Procountor nobody needs one.
func (b *builder) askReference() {
	inv := &b.inv
	home := b.partyCountry(&b.d.Seller)
	if b.d.CreditNote || inv.PaymentInfo.BankAccount == nil || home != "" && home != b.country() || b.s.Payer == hub.MasterSource || inv.OrderReference != "" {
		return
	}
	if b.s.SupplierReference == hub.AskedWarn {
		b.warn(hub.SupplierReference, "payment.reference", "")
		return
	}
	b.fault(hub.SupplierReference, "payment.reference", "")
}

const (
	maxCashDiscounts    = 3 // Procountor uses the first three and ignores the rest
	maxCashDiscountDays = 999
)

var maxCashDiscount = money.Must("99.99")

func (b *builder) putCashDiscount() {
	var options []procountor.CashDiscountOption
	for i, c := range b.d.CashDiscounts {
		path := index("cash_discounts", i)
		if i >= maxCashDiscounts || c.Days < 0 || c.Days > maxCashDiscountDays || c.Percent.Sign() <= 0 || c.Percent.Cmp(maxCashDiscount) > 0 {
			b.warn(hub.FieldInvalid, path, itoa(c.Days)+" d, "+c.Percent.String()+" %", "field", path, "form", "at most three, of 0 to 999 days and 99.99 %")
			continue
		}
		options = append(options, procountor.CashDiscountOption{NumberOfDays: &c.Days, DiscountPercentage: b.decimal(path+".percent", c.Percent)})
	}
	if options != nil {
		b.inv.PaymentInfo.CashDiscount = &procountor.CashDiscount{OptionList: options}
	}
}
