package mapping

import (
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/vat"
)

// Categories of VAT (UNTDID 5305).
const (
	standard     = "S"
	reverse      = "AE"
	community    = "K"
	outsideScope = "O"
	export       = "G"
	exempt       = "E"
	zeroRated    = "Z"
)

// vatStatus finds the company's status for a row, and says what is wrong with
// status and percent. category and percent are the row's.
//
// The category decides, never the percent alone: at 0 % half a dozen statuses
// look the same and are reported to the authority in different fields. A percent
// above zero without a category is domestic; zero without one is held.
//
// Reverse charge inside the country (construction) and towards another member
// state (services) are two statuses. The second is looked up as "AE/EU", with
// "AE/EU/service" before it where the supply is known. What is known to be goods
// needs "AE/EU/goods": there is no rule by which "AE/EU" would fit.
//
// A status that the account map gives, not 0, stands above all of this.
func (b *builder) vatStatus(path, category, supply string, percent money.Amount, post hub.PostingLine) (int, bool) {
	given := post.VATStatus
	category = strings.ToUpper(strings.TrimSpace(category))
	if category == "" {
		if percent.IsZero() && given == 0 {
			b.fault(hub.VATStatusUnmapped, path+".vat_category", "", "category", "", "percent", "0")
			return 0, false
		}
		category = standard
	}
	if percent.Sign() < 0 || percent.Cmp(money.Hundred) > 0 {
		b.fault(hub.FieldInvalid, path+".vat_percent", percent.String(), "field", "vat_percent", "form", "0 to 100")
		if !b.unchecked {
			return 0, false
		}
	}
	kind := b.d.Kind
	status, key, ok := b.statusOf(category, supply, given)
	if !ok {
		b.fault(hub.VATStatusUnmapped, path+".vat_category", key, "category", key, "supply", supply, "percent", percent.String())
		return 0, false
	}
	if !b.r.HasStatus(kind, status) {
		rule := post.Rule
		if given == 0 {
			rule = key
		}
		b.faults = append(b.faults, statusDisabled(path+".vat_category", category, status, key, rule))
	}
	domestic, mapped := b.s.VATStatus(kind, standard, "")
	if (category != standard || mapped && status != domestic) && !percent.IsZero() {
		b.fault(hub.VATStatusPercent, path+".vat_percent", percent.String(), "category", key, "status", itoa(status))
	} else if category == standard && percent.IsZero() && given == 0 {
		b.fault(hub.VATStatusUnmapped, path+".vat_category", standard, "category", standard, "percent", "0")
	}
	if !b.r.HasPercent(kind, percent) {
		b.fault(hub.VATRateNotEnabled, path+".vat_percent", percent.String(), "percent", percent.Trim(0).String(), "enabled", b.r.Percents(kind))
	}
	return status, true
}

// statusOf looks a status up; key is by what.
func (b *builder) statusOf(category, supply string, given int) (status int, key string, ok bool) {
	key = category
	if category == reverse && b.abroadInEU() {
		key = reverse + "/EU"
	}
	if given != 0 {
		return given, key, true
	}
	status, ok = b.s.VATStatus(b.d.Kind, key, supply)
	if _, own := b.s.VATStatuses[b.d.Kind][key+"/"+supply]; key != category && supply == "goods" && !own {
		ok = false
	}
	return status, key, ok
}

// freeStatus is the domestic status, for a row that comes to nothing, unless the
// account map gives one.
func (b *builder) freeStatus(path string, given int) (int, bool) {
	status, ok := b.s.VATStatus(b.d.Kind, standard, "")
	if given != 0 {
		status, ok = given, true
	}
	switch {
	case !ok || !b.r.HasStatus(b.d.Kind, status):
		b.fault(hub.VATStatusUnmapped, path+".vat_category", "", "category", standard, "percent", "0")
	case !b.r.HasPercent(b.d.Kind, money.Zero):
		b.fault(hub.VATRateNotEnabled, path+".vat_percent", "0", "percent", "0", "enabled", b.r.Percents(b.d.Kind))
	default:
		return status, true
	}
	return 0, false
}

// abroadInEU reports whether the other party is in another member state.
func (b *builder) abroadInEU() bool {
	c := b.partyCountry(b.d.Counterparty())
	return c != b.country() && register.MemberState(c)
}

// nearInvoice is how many days before its invoice a delivery may lie that nobody
// has stated: invoices are written weeks after the work.
const nearInvoice = 92

// checkRate warns of a rate that was not in force on the days that decide: those
// of delivery or performance, not that of the invoice (see package vat). An
// invoice before its delivery asks for a prepayment, whose rate is that of the day
// on which the money comes. A credit note carries the rate of the credited day.
func (b *builder) checkRate(path string, l *hub.Line) {
	if l.VATPercent.IsZero() || b.d.Date.IsZero() {
		return
	}
	country := b.country()
	if !b.sales {
		country = b.partyCountry(&b.d.Seller)
	}
	delivered, stated := b.delivered(l)
	before := civil.Period{First: b.d.Date.AddDays(-nearInvoice), Last: b.d.Date}
	in := before
	switch {
	case stated && !b.d.CreditNote && delivered.First.After(b.d.Date):
		in = civil.Period{First: b.d.Date, Last: delivered.Last}
		b.checkPrepaid(path, country, l.VATPercent, in)
	case stated:
		in = delivered
	case b.d.CreditNote && len(b.d.Credits) > 0 && !b.d.Credits[0].Date.IsZero():
		in = civil.Period{First: b.d.Credits[0].Date.AddDays(-nearInvoice), Last: b.d.Credits[0].Date}
	case b.d.CreditNote:
		return
	}
	if !vat.Covers(country, in.Last) || vat.Existed(country, l.VATPercent, in) {
		return
	}
	b.warn(hub.VATRateUnlikely, path+".vat_percent", l.VATPercent.String(),
		"percent", l.VATPercent.Trim(0).String(), "day", in.Last.String(), "rates", ratesOn(country, in.Last))
}

// checkPrepaid warns where the rate of an invoice in advance is right on one side
// of a change only: for what is paid before it, or for the rest.
func (b *builder) checkPrepaid(path, country string, percent money.Amount, in civil.Period) {
	on := func(d civil.Date) bool { return vat.Existed(country, percent, civil.Period{First: d, Last: d}) }
	if !vat.Covers(country, in.First) || on(in.First) == on(in.Last) {
		return
	}
	b.warn(hub.VATRatePrepaid, path+".vat_percent", percent.String(), "percent", percent.Trim(0).String(), "day", in.First.String(),
		"rates", ratesOn(country, in.First), "delivery", in.Last.String(), "later", ratesOn(country, in.Last))
}

// delivered is when the line was delivered or performed, with both ends.
func (b *builder) delivered(l *hub.Line) (p civil.Period, stated bool) {
	if p = l.Period; p.IsZero() {
		p = b.d.Delivery
	}
	switch {
	case p.First.IsZero():
		p.First = p.Last
	case p.Last.IsZero():
		p.Last = p.First
	}
	return p, !p.IsZero() && !p.Last.Before(p.First)
}

func ratesOn(country string, d civil.Date) string {
	var rates []string
	for _, r := range vat.RatesOn(country, d) {
		rates = append(rates, r.Percent.String())
	}
	return strings.Join(rates, ", ")
}

// checkReason looks after what an invoice without VAT must show: the reason and
// the buyer's VAT number (AVL 209 e). The source's text is carried; where it has
// none, the connection's own for the category; else reverse charge, community
// supply and export get plain words of ours, which name no provision.
func (b *builder) checkReason() {
	var reasons []string
	said := map[string]bool{}
	add := func(s string) {
		if key := strings.ToLower(s); s != "" && !said[key] {
			said[key] = true
			reasons = append(reasons, s)
		}
	}
	seen := map[string]bool{}
	for i := range b.d.Lines {
		l := &b.d.Lines[i]
		if l.IsText() {
			continue
		}
		seen[strings.ToUpper(l.VATCategory)] = true
		add(b.text(index("lines", i)+".vat_reason", l.VATReason, maxInformation))
	}
	for i, v := range b.d.VAT {
		add(b.text(index("vat", i)+".reason", v.Reason, maxInformation))
	}
	needsNumber := seen[reverse] || seen[community]
	if len(reasons) == 0 && b.sales {
		missing := false
		for _, x := range []struct{ category, text string }{{reverse, b.printed.reverse}, {community, b.printed.community}, {export, b.printed.export}, {exempt, ""}, {zeroRated, ""}} {
			if !seen[x.category] {
				continue
			}
			text := firstOf(b.s.ReasonWithoutVAT(x.category, b.language()), x.text)
			missing = missing || text == ""
			add(b.text("vat_reason", text, maxInformation))
		}
		// Which provision exempts it, only the source or the company can know.
		switch {
		case missing && b.s.VATReason == hub.AskedHold && !b.journal:
			b.fault(hub.VATReasonHeld, "vat_reason", "")
		case missing:
			b.warn(hub.VATReasonMissing, "vat_reason", "")
		}
	}
	for _, r := range reasons {
		if b.sales {
			b.info = append(b.info, r)
		} else {
			b.note(func(w words) string { return w.vatReason }, r)
		}
	}
	if !needsNumber || !b.sales {
		return
	}
	number := b.inv.CounterParty.TaxCode
	switch {
	case strings.TrimSpace(b.d.Buyer.VATNumber) == "" || number == "" && !hasCode(b.faults, hub.VATNumberWrong):
		b.fault(hub.VATNumberMissing, "buyer.vat_number", b.d.Buyer.VATNumber)
	case (seen[community] || seen[reverse] && b.abroadInEU()) && strings.HasPrefix(number, b.country()):
		// A supply to another member state, of goods or services, needs a number of
		// another state.
		b.fault(hub.VATNumberWrong, "buyer.vat_number", b.d.Buyer.VATNumber)
	case number != "":
		b.info = append(b.info, b.printed.vatNumber+": "+number)
	}
}

func hasCode(faults []hub.Fault, code string) bool {
	for _, f := range faults {
		if f.Code == code {
			return true
		}
	}
	return false
}

// OwnReason is what we print of ourselves for a VAT category in a language, "" for
// nothing: words that name no provision.
func OwnReason(category, language string) string {
	w := wordsFor(language)
	return map[string]string{reverse: w.reverse, community: w.community, export: w.export}[category]
}
