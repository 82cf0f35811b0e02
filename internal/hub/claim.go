package hub

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// PaidWith says whose money has paid what a row of a claim is of; empty means the
// person's own.
type PaidWith string

// The person's, which the company pays back; or the company's, by card.
const (
	PaidOwn  PaidWith = "own"
	PaidCard PaidWith = "company_card"
)

// A ClaimPart says that a document is a part of a claim: what one card of the company has
// paid on one day, or the rest. Each part is a document with a voucher of its own
// (decision 035): the one is paid out to the person, the others are paid already.
type ClaimPart struct {
	// Claim and Number are the whole claim's.
	Claim  string `json:"claim"`
	Number string `json:"number"`
	// Card is the source's name of the card, "" for a card that it does not name; By says
	// whose money it was.
	Card string   `json:"card,omitempty"`
	By   PaidWith `json:"by"`
}

// ByCard reports whether d is what a card of the company has paid. Nobody is to be paid.
func (d *Document) ByCard() bool { return d.Part != nil && d.Part.By == PaidCard }

// cardPart begins what follows the claim's own source id in that of a part.
const cardPart = "/card/"

// A Split is one part of a claim, or one journal of a payroll run.
type Split struct {
	Document *Document
	// Lines are the places of its lines in the claim.
	Lines []int
	// At is where it stands in the run, nil for a part of a claim.
	At *JournalPlace
}

// Claims takes a claim apart by who has paid: what the person has paid stays under the
// claim's own id, and what each card has paid on each day becomes a document of its own,
// dated on that day, for on that day it is marked paid (FEATURES T-50…T-54). A claim that
// no card has paid anything of is itself. It depends on the claim alone, so that the same
// part always has the same id.
//
// The claim's total is shared out by the rows: what the rows of the others come to is
// taken off, and the last part has the rest, so that a claim whose rows do not come to
// its total is found out.
func (d *Document) Claims() []Split {
	if d.Kind != TravelInvoice || d.Part != nil || !slices.ContainsFunc(d.Lines, func(l Line) bool { return l.PaidWith == PaidCard }) {
		return []Split{{Document: d}}
	}
	type of struct {
		card string
		day  civil.Date
	}
	byCard := map[of][]int{}
	var order []of
	var own []int
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.PaidWith != PaidCard {
			own = append(own, i)
			continue
		}
		key := of{strings.TrimSpace(l.Card), d.PurchaseDay(l)}
		if byCard[key] == nil {
			order = append(order, key)
		}
		byCard[key] = append(byCard[key], i)
	}
	slices.SortFunc(order, func(a, b of) int { return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.card, b.card)) })
	parts := make([]Split, 0, len(order)+1)
	for _, key := range order {
		p := d.part(byCard[key])
		p.Document.Part = &ClaimPart{Claim: d.SourceID, Number: d.Number, Card: key.card, By: PaidCard}
		p.Document.SourceID += cardPart + key.card + "/" + key.day.String()
		p.Document.Number += "/" + key.day.String()
		if key.card != "" {
			p.Document.Number += "/" + key.card
		}
		p.Document.Date, p.Document.DueDate, p.Document.TermDays = key.day, key.day, nil
		p.Document.Trips, p.Document.Payment = nil, Payment{}
		parts = append(parts, p)
	}
	if slices.ContainsFunc(own, func(i int) bool { return !d.Lines[i].IsText() }) {
		p := d.part(own)
		p.Document.Part = &ClaimPart{Claim: d.SourceID, Number: d.Number, By: PaidOwn}
		parts = append(parts, p)
	}
	d.share(parts)
	if n := len(order); len(parts) > n { // the person's own comes first: it goes by the claim's id
		parts = append([]Split{parts[n]}, parts[:n]...)
	}
	return parts
}

// PurchaseDay is the day on which a row paid by card was bought, the zero Date when the
// source does not say: the day of the claim is another one.
func (d *Document) PurchaseDay(l *Line) civil.Date {
	if l.Period.IsZero() && l.Start == "" {
		return civil.Date{}
	}
	return d.TripDay(l)
}

// part is the claim with some of its lines, and the files that belong to them or to none.
func (d *Document) part(lines []int) Split {
	p := *d
	p.Lines, p.VAT, p.Totals, p.Attachments = nil, nil, Totals{}, nil
	named, mine := map[string]bool{}, map[string]bool{}
	for i, l := range d.Lines {
		for _, name := range l.Receipts {
			named[name] = true
			if slices.Contains(lines, i) {
				mine[name] = true
			}
		}
	}
	for _, i := range lines {
		p.Lines = append(p.Lines, d.Lines[i])
	}
	for _, a := range d.Attachments {
		if mine[a.Name] || !named[a.Name] {
			p.Attachments = append(p.Attachments, a)
		}
	}
	p.Allowances, p.DiscountPercent = nil, d.DiscountPercent
	return Split{Document: &p, Lines: lines}
}

// share gives each part its total: that of its rows, and what is left to the last one.
func (d *Document) share(parts []Split) {
	last := parts[len(parts)-1].Document
	last.Totals, last.Allowances = d.Totals, d.Allowances
	last.Totals.Net, last.Totals.VAT = nil, nil
	rest := d.Totals.Gross
	for _, p := range parts[:len(parts)-1] {
		sum := p.Document.RowsGross()
		p.Document.Totals.Gross = &sum
		if rest != nil {
			left := rest.Sub(sum)
			rest = &left
		}
		if last.Totals.Payable != nil {
			left := last.Totals.Payable.Sub(sum)
			last.Totals.Payable = &left
		}
	}
	last.Totals.Gross = rest
	if rest == nil {
		sum := last.RowsGross()
		last.Totals.Gross = &sum
	}
}

// RowsGross is what the rows come to with VAT, each rounded to cents.
func (d *Document) RowsGross() money.Amount {
	sum := money.Zero
	for i := range d.Lines {
		l := &d.Lines[i]
		var row money.Amount
		switch {
		case l.IsText():
			continue
		case l.Gross != nil:
			row = *l.Gross
		case l.Net != nil && l.VAT != nil:
			row = l.Net.Add(*l.VAT)
		case l.UnitPrice != nil:
			q := money.FromInt(1)
			if l.Quantity != nil {
				q = *l.Quantity
			}
			row = q.Mul(*l.UnitPrice)
			if l.PriceBase != nil && l.PriceBase.Sign() > 0 {
				row = row.QuoHalfUp(*l.PriceBase, 6)
			}
			row = row.Sub(row.Percent(l.DiscountPercent))
			row = row.Sub(row.Percent(d.DiscountPercent))
			if !d.GrossPrices {
				row = row.Add(row.Percent(l.VATPercent))
			}
		case l.Net != nil:
			row = l.Net.Add(l.Net.Percent(l.VATPercent))
		}
		sum = sum.Add(row.RoundHalfUp(2))
	}
	return sum
}

// PaidByCard is the payment that a part paid by card has had: on the day of the purchase,
// all of it.
func (d *Document) PaidByCard() PaymentMade {
	p := PaymentMade{SourceID: d.SourceID + "/paid", Document: d.SourceID, Number: d.Number, Kind: d.Kind, State: PaymentPaid, Date: d.Date,
		Currency: d.Currency, Method: ByCard, Text: d.Part.Card, Claim: true}
	if d.Totals.Gross != nil {
		p.Amount = *d.Totals.Gross
	}
	return p
}

// IsPartOf reports whether a source id is that of a part, or of the rest, of a claim.
func IsPartOf(id, claim string) bool { return id == claim || strings.HasPrefix(id, claim+cardPart) }

// linePath is the beginning of the path of something in a line.
var linePath = regexp.MustCompile(`^lines\[(\d+)\]`)

// Path turns a place in the claim into that in the part; ok is false when the part does
// not have it.
func (s *Split) Path(path string) (in string, ok bool) {
	if s.At != nil {
		return s.At.path(path)
	}
	m := linePath.FindStringSubmatch(path)
	if m == nil || s.Lines == nil {
		return path, true
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return path, true
	}
	i := slices.Index(s.Lines, n)
	if i < 0 {
		return "", false
	}
	return "lines[" + strconv.Itoa(i) + "]" + path[len(m[0]):], true
}

// Whole turns a place in the part into that in the claim.
func (s *Split) Whole(path string) string {
	if s.At != nil {
		return s.At.Whole(path)
	}
	m := linePath.FindStringSubmatch(path)
	if m == nil {
		return path
	}
	if i, err := strconv.Atoi(m[1]); err == nil && i < len(s.Lines) {
		return "lines[" + strconv.Itoa(s.Lines[i]) + "]" + path[len(m[0]):]
	}
	return path
}

// AnyCard stands in [Settings.Cards] for every card that it does not name.
const AnyCard = "*"

// CardAccount is the clearing account of a card, "" when the settings name none.
func (s *Settings) CardAccount(card string) string {
	for name, account := range s.Cards {
		if strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(card)) {
			return account
		}
	}
	return s.Cards[AnyCard]
}
