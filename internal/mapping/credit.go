package mapping

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// Credit returns the plan of a credit note that takes back the whole of a sales
// invoice of ours, as Procountor has saved it: the same rows with turned
// quantities, dated today, with number and date of the original in its text. It
// keeps the original's number of the source, so that the two are found together
// when they are offset. It stands on the accounts that the original stands on,
// whoever has put it there; posted is the original's ledger receipt. Like every
// document it is approved and sent as the settings say.
func Credit(in Input, saved *procountor.Invoice, posted *procountor.LedgerReceipt) (*Plan, []hub.Fault) {
	b := glance(in)
	if ok, why := b.r.Open(in.Today); !ok {
		return nil, []hub.Fault{why}
	}
	if faults := b.stillEnabled(saved); faults != nil {
		return nil, faults
	}
	b.printed, b.internal = wordsFor(b.language()), wordsFor(b.s.Language)
	inv := *saved
	inv.ID, inv.Status, inv.InvoiceNumber, inv.LedgerReceiptID, inv.CreatorID = 0, "", 0, 0, 0
	inv.Version, inv.PaymentDate = procountor.Time{}, procountor.Date{}
	inv.InvoiceSumInfo, inv.Attachments, inv.InvoiceApprovalInformation, inv.InvoiceOperatorInfo = nil, nil, nil, nil
	made := ""
	inv.Date = register.Date(in.Today)
	inv.PaymentInfo.DueDate, inv.PaymentInfo.NewDueDate = inv.Date, procountor.Date{}
	inv.PaymentInfo.BankReferenceCode, inv.PaymentInfo.BankReferenceCodeType = &made, ""
	inv.PaymentInfo.CashDiscount, inv.PaymentInfo.PaymentTermPercentage = nil, procountor.Decimal{}
	inv.InvoiceRows = slices.Clone(saved.InvoiceRows)
	for i := range inv.InvoiceRows {
		row := &inv.InvoiceRows[i]
		row.ID, row.Quantity = 0, turned(row.Quantity)
	}
	say := func(w words, language string) string {
		return w.credited + " " + saved.OriginalInvoiceNumber + " (Procountor " + itoa(saved.InvoiceNumber) + "), " +
			w.dated + " " + dateText(language, hub.Reference{Date: register.Day(saved.Date)})
	}
	inv.AdditionalInformation = cut(lines(say(b.printed, b.language()), saved.AdditionalInformation), maxInformation)
	inv.Notes = say(b.internal, b.s.Language)
	step := Step{Kind: hub.CreditInvoice, Invoice: &inv, Detail: hub.StepDetail{Credits: saved.ID, Meant: turnedMeant(saved)}}
	onto, ok := postedAs(posted)
	if !ok {
		return nil, []hub.Fault{hub.NewFault(hub.ReceiptRows, "", "", "number", itoa(saved.InvoiceNumber))}
	}
	post := Step{Kind: hub.PutReceipt, Detail: hub.StepDetail{Posting: onto}}
	step.Detail.Channel = b.channelOf(saved)
	plan := &Plan{Steps: append([]Step{step, post}, arrival(b.s, hub.SalesInvoice, step.Detail.Channel, approvalComment)...)}
	for i := range plan.Steps {
		plan.Steps[i].Detail.Credits = saved.ID
	}
	return plan, nil
}

// channelOf is how a credit note of a saved invoice goes: as the invoice does.
func (b *builder) channelOf(saved *procountor.Invoice) *hub.ChannelChoice {
	asked, by := b.named()
	c := &hub.ChannelChoice{By: by}
	switch saved.InvoiceChannel {
	case procountor.ChannelElectronicInvoice:
		c.Channel = hub.ByEInvoice
	case procountor.ChannelEmail:
		c.Channel, c.To = hub.ByEmail, saved.CounterParty.Email
	case procountor.ChannelMail:
		c.Channel = hub.ByMail
		if asked == hub.OnPaper || asked == "" && !slices.Contains(b.s.Channel, hub.ByMail) {
			c.Channel = hub.OnPaper
		}
	default:
		c.Channel = hub.SentAlready
	}
	return c
}

// stillEnabled says which VAT statuses and rates of a saved invoice the company has
// switched off since: what stands on them cannot be taken back alike.
func (b *builder) stillEnabled(saved *procountor.Invoice) (faults []hub.Fault) {
	said := map[string]bool{}
	for i, row := range saved.InvoiceRows {
		status := row.VATStatus
		if status == nil {
			status = saved.VATStatus
		}
		path := index("invoiceRows", i)
		if status != nil && !b.r.HasStatus(hub.SalesInvoice, *status) && !said[itoa(*status)] {
			said[itoa(*status)] = true
			faults = append(faults, hub.NewFault(hub.VATStatusDisabled, path+".vatStatus", itoa(*status), "status", itoa(*status)))
		}
		percent, err := money.Parse(row.VATPercent.String())
		if err == nil && !b.r.HasPercent(hub.SalesInvoice, percent) && !said[percent.String()+" %"] {
			said[percent.String()+" %"] = true
			faults = append(faults, hub.NewFault(hub.VATRateNotEnabled, path+".vatPercent", percent.String(), "percent", percent.Trim(0).String(),
				"enabled", b.r.Percents(hub.SalesInvoice)))
		}
	}
	return faults
}

func turned(d procountor.Decimal) procountor.Decimal {
	a, err := money.Parse(strings.TrimSpace(d.String()))
	if err != nil {
		return d // compared with what is saved: it would differ
	}
	return mustDecimal(a.Neg())
}

// turnedMeant is what a credit note of the whole of saved must show.
func turnedMeant(saved *procountor.Invoice) *hub.Meant {
	m := &hub.Meant{Rows: len(saved.InvoiceRows)}
	if s, ok := invoiceSums(saved); ok {
		for _, x := range []struct {
			to   *string
			from procountor.Decimal
		}{{&m.Net, s.ExcludingVATTotal}, {&m.VAT, s.VATSumTotal}, {&m.Gross, s.InvoiceSumTotal}} {
			if a, err := money.Parse(x.from.String()); err == nil {
				*x.to = a.Neg().RoundHalfUp(2).Fixed(2)
			}
		}
	}
	return m
}

// postedAs is the posting that a ledger receipt shows, one line for each entry;
// ok is false when an entry is split between the items of a dimension, which a
// line cannot say.
func postedAs(r *procountor.LedgerReceipt) (p *hub.Posting, ok bool) {
	p = &hub.Posting{}
	for _, t := range r.Transactions {
		if t.TransactionType != procountor.Entry {
			continue
		}
		line := hub.PostingLine{Account: t.Account, Deduction: t.VATDeductionPercent.String(), Net: t.AccountingValue.String(),
			Text: t.Description, VAT: t.VATPercent.String()}
		if t.VATStatus != nil {
			line.VATStatus = *t.VATStatus
		}
		for _, d := range t.DimensionItemValues {
			if !absolute(d.Value).Equal(absolute(t.AccountingValue)) {
				return nil, false
			}
			line.Dimensions = append(line.Dimensions, hub.DimensionPart{Dimension: d.DimensionID, Item: d.ItemID})
		}
		p.Lines = append(p.Lines, line)
	}
	return p, true
}
