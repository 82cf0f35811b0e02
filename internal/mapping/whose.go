package mapping

import (
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
)

const (
	// maxAhead and maxBehind bound the days that can be meant.
	maxAhead  = 366
	maxBehind = 3660
	// maxTermDays is the longest time between date and due date (REFERENCE 4).
	maxTermDays = 999
)

// checkWhose tests that the document may go at all: its kind is moved, it is the
// company's own, and not made for a demonstration.
func (b *builder) checkWhose() {
	kind, ok := b.s.Kinds[b.d.Kind]
	if !ok || !kind.On {
		b.fault(hub.KindOff, "kind", string(b.d.Kind), "kind", string(b.d.Kind))
	}
	if b.d.IsDemo() && b.in.Company.Environment == hub.Production {
		b.fault(hub.DemoDocument, "demo", b.d.Number)
	}
	own, missing := b.d.Own(), hub.SellerMissing
	if !b.sales {
		missing = hub.BuyerMissing
	}
	company := b.companyID()
	said := matching.ParseID(own.BusinessID, "", b.ownCountry(own))
	path := b.own + ".business_id"
	if said.Bare == "" {
		said, path = matching.ParseID(own.VATNumber, "", ""), b.own+".vat_number"
	}
	switch {
	case said.Bare != "" && company.Bare != "":
		if !said.Same(company) {
			b.companyOther(path, firstOf(own.BusinessID, own.VATNumber), own)
		}
	case own.Name != "":
		// A name alone is not proof enough to book, unless it is exactly ours.
		name := firstOf(b.in.Company.Name, b.r.Company.Name)
		if matching.NameForm(own.Name) != matching.NameForm(name) {
			b.companyOther(b.own+".name", own.Name, own)
		}
	default:
		b.fault(missing, b.own, "")
	}
}

func (b *builder) companyOther(path, value string, own *hub.Party) {
	b.fault(hub.CompanyOther, path, value, "owner", value, "name", own.Name, "company", firstOf(b.in.Company.Name, b.r.Company.Name))
}

func (b *builder) companyID() matching.ID {
	if b.in.Company.BusinessID != "" {
		return matching.ParseID(b.in.Company.BusinessID, "", b.country())
	}
	return matching.ParseID(b.r.Company.BusinessID, b.r.Company.IDType, b.country())
}

func (b *builder) ownCountry(own *hub.Party) string { return firstOf(own.Address.Country, b.country()) }

// checkDays tests the document's day: there, meant, after the first day, and in
// an open year and period.
func (b *builder) checkDays() {
	d := b.d.Date
	if d.IsZero() && b.d.ByCard() {
		return // said of the card
	}
	if d.IsZero() {
		b.fault(hub.DateMissing, "date", "")
		return
	}
	if today := b.in.Today; !today.IsZero() {
		if n := today.DaysUntil(d); n > maxAhead || n < -maxBehind {
			b.fault(hub.DateUnlikely, "date", d.String(), "date", d.String(), "today", today.String())
			return
		}
	}
	if first := b.s.Kinds[b.d.Kind].FirstDay; d.Before(first) {
		b.fault(hub.BeforeFirstDay, "date", d.String(), "first", first.String())
		return
	}
	if ok, why := b.r.Open(d); !ok && !b.in.Booked {
		why.Path = "date"
		b.faults = append(b.faults, why)
	}
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

func itoa(n int) string { return strconv.Itoa(n) }
