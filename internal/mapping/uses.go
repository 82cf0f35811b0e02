package mapping

import (
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
)

// own is what a line itself says to the account map.
func own(l *hub.Line) posting.Row {
	return posting.Row{Source: l.Account, Product: l.Code, Category: l.VATCategory, Percent: l.VATPercent, Supply: l.Supply}
}

// A PostingRow is a row of a document as the account map is asked about it.
type PostingRow struct {
	Line int // of the document, from 0
	Row  posting.Row
}

// PostingRows are the rows of a document with a sum of their own; none for a kind
// that the map does not post.
func PostingRows(in Input) (list []PostingRow) {
	b := glance(in)
	b.journal = b.s.LevelOf(b.d.Kind) == hub.JournalLevel
	if !b.posts() {
		return nil
	}
	for i := range b.d.Lines {
		if l := &b.d.Lines[i]; !l.IsText() {
			list = append(list, PostingRow{i, b.asked(own(l))})
		}
	}
	return list
}

// Uses are the things of the company's registers that a document needs, whether
// they may be used or not.
func Uses(in Input) (list []register.Thing) {
	b := glance(in)
	b.journal = b.s.LevelOf(b.d.Kind) == hub.JournalLevel
	add := func(what register.What, key string) {
		if t := (register.Thing{What: what, Key: key}); key != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	for i := range b.d.Lines {
		l := &b.d.Lines[i]
		if l.IsText() {
			continue
		}
		row, given := b.asked(own(l)), 0
		if b.posts() {
			if c, verdict, _ := posting.Choose(b.s.Accounts, row); verdict == posting.Chosen {
				add(register.OfAccount, c.Account)
				given = c.VATStatus
			}
		}
		for _, d := range l.Dimensions {
			for _, id := range b.r.ItemsOf(b.s.DimensionOf(b.d.Kind, d.Axis), d.Code) {
				add(register.OfDimensionItem, strconv.FormatInt(id, 10))
			}
		}
		if status, _, ok := b.statusOf(row.Category, l.Supply, given); ok && (!b.travel() || given != 0) {
			add(register.OfVATStatus, itoa(status))
		}
		if b.travel() {
			if found, _, verdict := b.r.FindTravel(firstOf(l.Code, b.s.DefaultCodes.Travel), b.d.TripDay(l)); verdict == register.TravelFound {
				add(register.OfTravel, strconv.FormatInt(found.ID, 10))
			}
		} else if known, found := b.r.FindProduct(b.d.Kind, l.Code); found && b.s.LinkProducts {
			add(register.OfProduct, strconv.FormatInt(known.ID, 10))
		}
		add(register.OfVATPercent, l.VATPercent.Trim(0).String())
	}
	if b.d.ByCard() {
		add(register.OfAccount, b.s.CardAccount(b.d.Part.Card))
	}
	if b.journal {
		add(register.OfAccount, b.s.Journal.Counter(b.d.Kind))
	}
	for _, y := range b.r.FiscalYears {
		if b.d.Date.Before(y.First) || b.d.Date.After(y.Last) {
			continue
		}
		add(register.OfFiscalYear, y.First.String()+" – "+y.Last.String())
		for _, p := range y.Periods {
			if !b.d.Date.Before(p.First) && !b.d.Date.After(p.Last) {
				add(register.OfPeriod, p.First.String()+" – "+p.Last.String())
			}
		}
	}
	if b.sales {
		for _, number := range []string{b.d.Payment.IBAN, b.d.Payment.Bankgiro, b.d.Payment.Plusgiro, b.s.BankAccount} {
			if number != "" {
				add(register.OfBankAccount, b.r.BankAccountOf(number))
				break
			}
		}
	}
	if in.Partner != nil {
		add(register.OfPartner, strconv.FormatInt(in.Partner.ID, 10))
	}
	return list
}

// glance is a builder that has built nothing.
func glance(in Input) *builder {
	b := &builder{in: in, d: in.Document, s: &in.Connection.Settings, r: in.Registers, sales: !in.Document.Kind.Buys()}
	if b.r == nil {
		b.r = &register.Copy{}
	}
	if in.Document.Kind == hub.SalesInvoice {
		b.row = b.s.RowOf(in.Document.Counterparty())
	}
	return b
}
