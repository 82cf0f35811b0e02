package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// lookMargin is how long before the intent a voucher may claim to have been
// made and still be the one we look for. Procountor's times have no zone and no
// stated precision (REFERENCE 2.1), so it is more than any offset.
const lookMargin = 26 * time.Hour

// Look finds out what became of a write whose answer was lost. It only reads.
//
// Proved: it happened. Untouched: no trace of it now. Foreign: something is
// there that is not certainly ours. Unclear: the look itself failed.
func Look(ctx context.Context, c *procountor.Client, o Order) Outcome {
	switch o.Step.Kind {
	case hub.PostInvoice, hub.CreditInvoice:
		return lookPost(ctx, c, o)
	case hub.ReplaceInvoice:
		return lookReplace(ctx, c, o)
	case hub.PutReceipt:
		return lookReceipt(ctx, c, o)
	case hub.PostJournal:
		return lookJournal(ctx, c, o)
	case hub.MakePartner:
		if o.Step.Detail.Person {
			return lookNewPerson(ctx, c, o)
		}
		return lookPartner(ctx, c, o)
	case hub.UpdatePartner:
		if o.Step.Detail.Person {
			return lookPerson(ctx, c, o)
		}
		return lookCard(ctx, c, o)
	case hub.MakeItem, hub.UpdateItem:
		return lookItem(ctx, c, o)
	case hub.MakeProduct:
		return lookProduct(ctx, c, o)
	case hub.Attach:
		return lookAttachment(ctx, c, o)
	case hub.MarkPaid:
		return lookPaid(ctx, c, o)
	case hub.Annotate:
		return lookNotes(ctx, c, o)
	}
	if o.ReceiptID != 0 {
		r, err := c.LedgerReceipts.Get(ctx, o.ReceiptID)
		if err != nil {
			return lookFailed(err)
		}
		return ReceiptOutcome(o.Step.Kind, r)
	}
	inv, err := c.Invoices.Get(ctx, o.InvoiceID)
	if err != nil {
		return lookFailed(err)
	}
	return ActionOutcome(o.Step.Kind, inv)
}

// lookPost searches by our number and type, then reads the candidates whole,
// since the list does not show the notes that carry the mark.
func lookPost(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant procountor.Invoice
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	var ids []int64
	for info, err := range c.Invoices.List(ctx, procountor.InvoiceFilter{
		Types:                 []procountor.InvoiceType{meant.Type},
		OriginalInvoiceNumber: meant.OriginalInvoiceNumber,
		CreatedStart:          procountor.TimeOf(o.Step.IntendedAt.Add(-lookMargin)),
	}) {
		if err != nil {
			return lookFailed(err)
		}
		if !slices.Contains(o.Others, info.ID) {
			ids = append(ids, info.ID)
		}
	}
	if len(ids) == 0 {
		return Outcome{Verdict: Untouched}
	}
	list, err := c.Invoices.GetMany(ctx, ids)
	if err != nil {
		return lookFailed(err)
	}
	var mine, removed, suspects []procountor.Invoice
	for _, inv := range list {
		key, marked := hub.MarkIn(inv.Notes)
		removedThere := inv.Status == procountor.StatusInvalidated || inv.Status == procountor.StatusDeleted
		switch {
		case removedThere && marked && key == o.Step.Key:
			removed = append(removed, inv)
		case removedThere:
		case marked && slices.Contains(o.Keys, key):
			mine = append(mine, inv)
		case !marked && inv.PartnerID == meant.PartnerID && inv.Date == meant.Date && len(inv.InvoiceRows) == len(meant.InvoiceRows) &&
			negative(&inv) == negative(&meant):
			suspects = append(suspects, inv)
		}
	}
	if len(mine) == 0 {
		mine = removed // it was made, and a person has removed it since: not to be made again
	}
	switch {
	case len(mine) == 1:
		answer, _ := json.Marshal(mine[0])
		return Outcome{Verdict: Proved, Invoice: &mine[0], Answer: answer}
	case len(mine) > 1:
		return foreign(hub.NewFault(hub.AlreadyThere, "", "", "number", numbers(mine), "why", "marks"))
	case len(suspects) > 0:
		// Someone may have removed the mark: never sent again blind.
		return foreign(hub.NewFault(hub.MarkRemoved, "", "", "number", numbers(suspects)))
	}
	return Outcome{Verdict: Untouched}
}

// negative tells a credit note from the invoice that it takes back, which has the
// same number: most of its rows lower the sum.
func negative(inv *procountor.Invoice) bool {
	n := 0
	for _, r := range inv.InvoiceRows {
		if strings.HasPrefix(r.Quantity.String(), "-") != strings.HasPrefix(r.UnitPrice.String(), "-") {
			n++
		}
	}
	return 2*n > len(inv.InvoiceRows)
}

func numbers(list []procountor.Invoice) string {
	var s []string
	for i := range list {
		s = append(s, fmt.Sprint(list[i].InvoiceNumber))
	}
	return strings.Join(s, ", ")
}

func lookReplace(ctx context.Context, c *procountor.Client, o Order) Outcome {
	inv, err := c.Invoices.Get(ctx, o.Step.Detail.InvoiceID)
	if err != nil {
		return lookFailed(err)
	}
	key, _ := hub.MarkIn(inv.Notes)
	switch {
	case slices.Contains(o.Keys, key):
		answer, _ := json.Marshal(inv)
		return Outcome{Verdict: Proved, Invoice: inv, Answer: answer}
	case inv.Version.String() == o.Step.Detail.Version:
		return Outcome{Verdict: Untouched}
	}
	return foreign(hub.NewFault(hub.EditedThere, "", "", "number", invoiceText(inv)))
}

func lookPartner(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant procountor.Partner
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	info := procountor.InvoicingInfo{}
	if meant.InvoicingInfo != nil {
		info = *meant.InvoicingInfo
	}
	filter := procountor.PartnerFilter{Type: meant.Type}
	switch {
	case info.Identifier != "":
		filter.Identifier = info.Identifier
	case info.CustomerNumber != "":
		filter.CustomerNumber = info.CustomerNumber
	default:
		filter.Name = meant.Name
	}
	var hits []int64
	for p, err := range c.Partners.List(ctx, filter) {
		if err != nil {
			return lookFailed(err)
		}
		got := procountor.BasicInvoicingInfo{}
		if p.InvoicingInfo != nil {
			got = *p.InvoicingInfo
		}
		if got.Identifier == info.Identifier && got.CustomerNumber == info.CustomerNumber && p.Name == meant.Name {
			hits = append(hits, p.ID)
		}
	}
	switch len(hits) {
	case 0:
		return Outcome{Verdict: Untouched}
	case 1:
		return Outcome{Verdict: Proved, PartnerID: hits[0]}
	}
	return foreign(hub.NewFault(hub.PartnerAmbiguous, "", meant.Name, "count", fmt.Sprint(len(hits))))
}

func lookAttachment(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var a procountor.Attachment
	if err := json.Unmarshal(o.Body, &a); err != nil {
		return lookFailed(err)
	}
	list, err := attachmentsOf(ctx, c, o)
	if err != nil {
		return lookFailed(err)
	}
	for _, there := range list {
		if there.Name == a.Name {
			return Outcome{Verdict: Proved}
		}
	}
	return Outcome{Verdict: Untouched}
}

// approved are the statuses of an invoice that has been approved.
var approved = []procountor.Status{procountor.StatusNotSent, procountor.StatusApproved, procountor.StatusSent, procountor.StatusPaymentQueued,
	procountor.StatusPaymentSentToBank, procountor.StatusPartlyPaid, procountor.StatusPaid, procountor.StatusMarkedPaid}

// attachmentsOf are the files of the voucher that o is about.
func attachmentsOf(ctx context.Context, c *procountor.Client, o Order) ([]procountor.Attachment, error) {
	if o.ReceiptID != 0 {
		r, err := c.LedgerReceipts.Get(ctx, o.ReceiptID)
		if err != nil {
			return nil, err
		}
		return r.Attachments, nil
	}
	inv, err := c.Invoices.Get(ctx, o.InvoiceID)
	if err != nil {
		return nil, err
	}
	return inv.Attachments, nil
}

// reached holds, per action, the statuses that show it done, and those that
// show it not done yet. Any other status means that someone else has acted.
var reached = map[hub.StepKind]struct{ done, before []procountor.Status }{
	hub.Circulate: {
		done:   append([]procountor.Status{procountor.StatusReceived, procountor.StatusVerified}, approved...),
		before: []procountor.Status{procountor.StatusUnfinished},
	},
	hub.Verify: {
		done:   append([]procountor.Status{procountor.StatusVerified}, approved...),
		before: []procountor.Status{procountor.StatusUnfinished, procountor.StatusReceived},
	},
	hub.Approve: {
		done:   approved,
		before: []procountor.Status{procountor.StatusUnfinished, procountor.StatusReceived, procountor.StatusVerified},
	},
	hub.Send: {
		done: []procountor.Status{procountor.StatusSent, procountor.StatusPartlyPaid, procountor.StatusPaid,
			procountor.StatusMarkedPaid},
		before: []procountor.Status{procountor.StatusNotSent},
	},
	hub.Unfinish: {
		done:   []procountor.Status{procountor.StatusUnfinished},
		before: []procountor.Status{procountor.StatusApproved, procountor.StatusNotSent, procountor.StatusVerified},
	},
	hub.Invalidate: {
		done:   []procountor.Status{procountor.StatusInvalidated, procountor.StatusDeleted},
		before: []procountor.Status{procountor.StatusUnfinished, procountor.StatusReceived},
	},
}

// Acts reports whether a step of this kind only moves an invoice to another status.
func Acts(kind hub.StepKind) bool { _, ok := reached[kind]; return ok }

// ActionOutcome reads from an invoice whether an action has happened.
func ActionOutcome(kind hub.StepKind, inv *procountor.Invoice) Outcome {
	r := reached[kind]
	switch {
	case slices.Contains(r.done, inv.Status):
		return Outcome{Verdict: Proved, Invoice: inv}
	case slices.Contains(r.before, inv.Status):
		return Outcome{Verdict: Untouched, Invoice: inv}
	}
	return foreign(hub.NewFault(hub.EditedThere, "", string(inv.Status), "number", invoiceText(inv)))
}

func foreign(f hub.Fault) Outcome { return Outcome{Verdict: Foreign, Fault: &f} }

// lookFailed means that we know no more than before.
func lookFailed(err error) Outcome {
	out := unclear(nil)
	if e, ok := errors.AsType[*procountor.Error](err); ok {
		out.RetryAfter = e.RetryAfter
		switch {
		case errors.Is(err, procountor.Unauthorized):
			return withFault(out, Unclear, true, hub.NewFault(hub.KeyDead, "", reason(e)))
		case e.Class == procountor.Busy:
			return withFault(out, Unclear, true, hub.NewFault(hub.ProcountorBusy, "", ""))
		case e.Class == procountor.Broken || e.Class == procountor.NotSent:
			return withFault(out, Unclear, true, hub.NewFault(hub.ProcountorBroken, "", ""))
		case e.Class == procountor.NotFound:
			// The voucher is gone, or hidden from our user.
			return foreign(hub.NewFault(hub.EditedThere, "", "404"))
		}
	}
	return out
}

func invoiceText(inv *procountor.Invoice) string { return fmt.Sprint(inv.InvoiceNumber) }
