package mapping

import (
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// Travel invoices: what an employee claims. They have no VAT status, no reference and
// no channel; their rows carry travel products, which hold on some days only.

// Limits of a travel item (REFERENCE 3.1).
const (
	maxTripTime   = 40
	maxTripPlaces = 255
)

func (b *builder) travel() bool { return b.d.Kind == hub.TravelInvoice }

// checkPerson asks for what an employee needs to be found and paid (FEATURES S-59).
// Once somebody has said who it is, the number may be missing.
func (b *builder) checkPerson() {
	p := b.d.Seller
	if strings.TrimSpace(b.s.Partner.Known(p).Number) == "" && b.in.Partner == nil {
		b.fault(hub.PersonNumber, b.other+".number", "", "name", p.Name)
	}
}

// checkCard asks for what a part paid by a card of the company needs: the day on which it
// is marked paid, and the account on which the other side stands.
func (b *builder) checkCard() {
	if !b.d.ByCard() {
		return
	}
	if b.d.Date.IsZero() {
		b.fault(hub.CardDay, "lines[0].period", "", "card", b.d.Part.Card)
	}
	switch account := b.s.CardAccount(b.d.Part.Card); {
	case account == "":
		b.fault(hub.CardAccountMissing, "part.card", b.d.Part.Card, "card", b.d.Part.Card)
	case !b.r.HasAccount(account):
		b.faults = append(b.faults, accountClosed("part.card", hub.PostingLine{Account: account, Rule: b.d.Part.Card}))
	}
}

// putPersonAccount: the employee is paid by transfer, to an account of his own.
func (b *builder) putPersonAccount() {
	pay := b.d.Payment
	iban, err := finland.ParseIBAN(pay.IBAN)
	if err != nil {
		b.fault(hub.PersonAccount, "payment.iban", pay.IBAN, "name", b.d.Seller.Name)
		if pay.IBAN != "" {
			b.keepAccount(pay.IBAN)
		}
		return
	}
	account := &procountor.BankAccount{AccountNumber: string(iban)}
	if bic, err := finland.ParseBIC(pay.BIC); err == nil {
		account.BIC = string(bic)
	}
	b.inv.PaymentInfo.BankAccount = account
}

// putTrips keeps the journeys in words.
func (b *builder) putTrips() {
	for i, t := range b.d.Trips {
		path := index("trips", i)
		b.inv.TravelInformationItems = append(b.inv.TravelInformationItems, procountor.TravelInformationItem{
			Departure: b.text(path+".departure", t.Departure, maxTripTime), Arrival: b.text(path+".arrival", t.Arrival, maxTripTime),
			Places: b.text(path+".places", t.Places, maxTripPlaces), Purpose: b.text(path+".purpose", t.Purpose, maxTripPlaces),
		})
	}
}

// putTravelProduct puts the travel product of a line on its row: the one of the
// line's code, else of the settings', that holds on the day of the trip. A code of
// other days is held, with the one of the same name proposed, or by setting goes
// under that one.
func (b *builder) putTravelProduct(path string, l *hub.Line, row *procountor.InvoiceRow) {
	code := firstOf(strings.TrimSpace(l.Code), b.s.DefaultCodes.Travel)
	row.ProductCode = b.exactText(path+".code", code, maxInformation)
	day := b.d.TripDay(l)
	if day.IsZero() {
		return // said elsewhere
	}
	valid := firstOf(b.r.TravelCodes(day), "–")
	switch found, next, verdict := b.r.FindTravel(code, day); {
	case code == "":
		b.fault(hub.TravelCodeMissing, path+".code", "", "day", day.String(), "valid", valid)
	case b.r.Travel == nil: // never read: Procountor knows
	case verdict == register.TravelFound:
		row.ProductID, row.ProductCode = found.ID, found.Code
	case verdict == register.TravelTwice:
		b.fault(hub.TravelCodeTwice, path+".code", code, "code", code, "day", day.String())
	case verdict == register.TravelUnknown:
		b.fault(hub.TravelCodeUnknown, path+".code", code, "code", code, "day", day.String(), "valid", valid)
	case next == nil:
		b.fault(hub.TravelCodeDay, path+".code", code, "code", code, "day", day.String(), "valid", valid, "why", "travel-none")
	default:
		args := []string{"code", code, "day", day.String(), "valid", valid, "why", "travel-proposed", "proposed", next.Code, "name", next.Name}
		if b.s.TravelCodes != hub.AskedWarn {
			b.fault(hub.TravelCodeDay, path+".code", code, args...)
			return
		}
		b.warn(hub.TravelCodeDay, path+".code", code, args...)
		row.ProductID, row.ProductCode = next.ID, next.Code
	}
}

// tripTimes are the times of a line in words, and its days where it states none.
func (b *builder) tripTimes(path string, l *hub.Line) (words string, days civil.Period) {
	start, end, ok := l.Times()
	if !ok {
		b.fault(hub.TravelTime, path+".start", l.Start, "start", l.Start, "end", l.End)
		return "", l.Period
	}
	days = l.Period
	var parts []string
	for _, at := range []time.Time{start, end} {
		if !at.IsZero() {
			parts = append(parts, at.Format("2006-01-02 15:04"))
		}
	}
	if days.IsZero() && !start.IsZero() {
		days.First = dayOf(start)
		if days.Last = days.First; !end.IsZero() {
			days.Last = dayOf(end)
		}
	}
	return strings.Join(parts, " – "), days
}

func dayOf(t time.Time) civil.Date { return civil.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()} }

// checkTravelVAT tests the VAT of a row of a travel invoice, which has no status.
func (b *builder) checkTravelVAT(path string, percent money.Amount) bool {
	if percent.Sign() < 0 || percent.Cmp(money.Hundred) > 0 {
		b.fault(hub.FieldInvalid, path+".vat_percent", percent.String(), "field", "vat_percent", "form", "0 to 100")
		return b.unchecked
	}
	if !b.r.HasPercent(b.d.Kind, percent) {
		b.fault(hub.VATRateNotEnabled, path+".vat_percent", percent.String(), "percent", percent.Trim(0).String(), "enabled", b.r.Percents(b.d.Kind))
	}
	return true
}
