package api

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// convert turns a pushed document into ours. company fills the party that need
// not be said: the company itself.
//
// Numbers lose zeros at their end, so that 100.0 and 100.00 are the same
// document.
func convert(d *Document, company hub.Company) *hub.Document {
	out := &hub.Document{
		Kind: hub.Kind(d.Kind), CreditNote: d.CreditNote, SourceID: d.SourceID, Number: d.Number, VoucherNumber: d.VoucherNumber,
		Date: d.Date.Date, DueDate: d.DueDate.Date, TermDays: d.TermDays, Delivery: d.Delivery.civil(),
		Currency: money.Currency(d.Currency), Rate: d.Rate.pointer(),
		Seller: d.Seller.party(), Buyer: d.Buyer.party(), BillTo: d.BillTo.pointer(), DeliverTo: d.DeliverTo.pointer(),
		Payment:    hub.Payment(d.Payment),
		References: hub.RefField(d.References),
		Channel:    hub.Channel(d.Channel), Language: d.Language, Text: d.Text, Notes: d.Notes, PenaltyPercent: d.PenaltyPercent.pointer(), DeliveryTerms: d.DeliveryTerms,
		DiscountPercent: d.DiscountPercent.amount(), GrossPrices: d.GrossPrices, Account: d.Account, Allowances: allowances(d.Allowances),
		Totals: hub.Totals{Net: d.Totals.Net.pointer(), VAT: d.Totals.VAT.pointer(), Gross: d.Totals.Gross.pointer(),
			Prepaid: d.Totals.Prepaid.pointer(), Rounding: d.Totals.Rounding.pointer(), Payable: d.Totals.Payable.pointer()},
		Demo: d.Demo,
	}
	if !slices.Contains(hub.Kinds, out.Kind) {
		out.Kind = hub.Unreadable
	}
	for _, c := range d.Credits {
		out.Credits = append(out.Credits, hub.Reference{Number: c.Number, Date: c.Date.Date})
	}
	for _, c := range d.CashDiscounts {
		out.CashDiscounts = append(out.CashDiscounts, hub.CashDiscount{Days: c.Days, Percent: c.Percent.amount()})
	}
	for i := range d.Lines {
		l := d.Lines[i].line()
		for _, whole := range d.Dimensions {
			if !l.IsText() && !slices.ContainsFunc(l.Dimensions, func(own hub.Dimension) bool { return strings.EqualFold(own.Axis, whole.Axis) }) {
				l.Dimensions = append(l.Dimensions, hub.Dimension(whole))
			}
		}
		out.Lines = append(out.Lines, l)
	}
	for _, v := range d.VAT {
		out.VAT = append(out.VAT, hub.VATLine{Percent: v.Percent.amount(), Category: v.Category, Reason: v.Reason, Net: v.Net.amount(), VAT: v.VAT.amount()})
	}
	for _, t := range d.Trips {
		out.Trips = append(out.Trips, hub.Trip(t))
	}
	for _, a := range d.Attachments {
		out.Attachments = append(out.Attachments, a.attachment())
	}
	if b := d.Breakdown; b != nil {
		out.Breakdown = &hub.Breakdown{Work: entries(b.Work), Travel: entries(b.Travel), Net: b.Net.pointer(), Wanted: b.Wanted, Grouped: b.Grouped}
	}
	if own := out.Own(); *own == (hub.Party{}) {
		// The id alone: a company's name may change, and must not change every document.
		own.BusinessID = company.BusinessID
		if own.BusinessID == "" {
			own.Name = company.Name
		}
	}
	return out
}

func (l *Line) line() hub.Line {
	out := hub.Line{
		Name: l.Name, Code: l.Code, Group: l.Group, Description: l.Description, Comment: l.Comment,
		Quantity: l.Quantity.pointer(), Unit: l.Unit, UnitPrice: l.UnitPrice.pointer(), PriceBase: l.PriceBase.pointer(),
		DiscountPercent: l.DiscountPercent.amount(), Allowances: allowances(l.Allowances),
		VATPercent: l.VATPercent.amount(), VATCategory: l.VATCategory, VATReason: l.VATReason, Supply: l.Supply,
		Period: l.Period.civil(), Start: l.Start, End: l.End, Net: l.Net.pointer(), VAT: l.VAT.pointer(), Gross: l.Gross.pointer(),
		PaidWith: hub.PaidWith(l.PaidWith), Card: l.Card, Receipts: l.Receipts, Account: l.Account, Order: l.Order,
	}
	for _, d := range l.Dimensions {
		out.Dimensions = append(out.Dimensions, hub.Dimension(d))
	}
	return out
}

func (p Party) party() hub.Party {
	return hub.Party{Name: p.Name, NameMore: p.NameMore, FirstName: p.FirstName, BusinessID: p.BusinessID, VATNumber: p.VATNumber, Number: p.Number, Alternative: p.Alternative, Consumer: p.Consumer,
		Address: hub.Address(p.Address), Contact: p.Contact, Email: p.Email, ContactEmail: p.ContactEmail, Phone: p.Phone, EInvoice: hub.EInvoice(p.EInvoice),
		WantsBreakdown: p.WantsBreakdown}
}

func (p *Party) pointer() *hub.Party {
	if p == nil {
		return nil
	}
	return new(p.party())
}

func (a Attachment) attachment() hub.Attachment {
	content := a.Content
	if content == nil {
		content = []byte{} // nil would mean: kept elsewhere
	}
	return hub.Attachment{Name: a.Name, MIME: a.MIME, Size: int64(len(content)), Hash: hub.HashOf(content), Image: a.Image, ForCustomer: a.ForCustomer,
		Content: content}
}

func entries(list []BreakdownEntry) (out []hub.BreakdownEntry) {
	for _, e := range list {
		out = append(out, hub.BreakdownEntry{Project: e.Project, Subproject: e.Subproject, FixedPrice: e.FixedPrice, Date: e.Date.Date, Person: e.Person,
			Type: e.Type, Description: e.Description, Quantity: e.Quantity.amount(), Unit: e.Unit, Price: e.Price.pointer(), Sum: e.Sum.pointer()})
	}
	return out
}

func allowances(list []Allowance) (out []hub.Allowance) {
	for _, a := range list {
		out = append(out, hub.Allowance{Charge: a.Charge, Reason: a.Reason, Amount: a.Amount.amount(), VATPercent: a.VATPercent.amount(),
			VATCategory: a.VATCategory})
	}
	return out
}

func (p Period) civil() civil.Period { return civil.Period{First: p.First.Date, Last: p.Last.Date} }

func (d *Decimal) pointer() *money.Amount {
	if d == nil {
		return nil
	}
	return new(d.Trim(0))
}

// amount is 0 for a number that is not given.
func (d *Decimal) amount() money.Amount {
	if d == nil {
		return money.Zero
	}
	return d.Trim(0)
}

// amounts reports whether a line is more than words.
func (l *Line) amounts() bool {
	return l.Quantity != nil || l.UnitPrice != nil || l.Net != nil || l.Gross != nil
}
