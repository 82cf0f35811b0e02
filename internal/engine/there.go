package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// before asks what Procountor holds before a first write.
func (r *run) before(ctx context.Context, t *hub.Transfer, doc *hub.Document, post mapping.Step, partner *register.Partner, living int64) (*verdict, error) {
	if t.Goal.Decided() {
		// A person has looked at what is there; only what is ours and late counts.
		if t.Plan == 0 {
			return nil, nil
		}
		inv, _, err := r.late(ctx, t, post.Invoice, hub.PostInvoice)
		if inv == nil || err != nil {
			return nil, err
		}
		return &verdict{adopt: inv, beside: living}, nil
	}
	v, err := r.alreadyThere(ctx, doc, post, partner)
	if err == nil && v != nil && v.found != 0 && (t.Plan > 0 || v.state == hub.Held) {
		return r.lateOne(ctx, t, doc, post, partner, v)
	}
	return v, err
}

// alreadyThere asks the copy of what Procountor holds before a first write. The
// same number, partner, sum and day: linked. The number and something less:
// held. A purchase of another supplier may carry the same number, and so may an
// invoice of another year with another sum: many series begin anew in January.
func (r *run) alreadyThere(ctx context.Context, doc *hub.Document, post mapping.Step, partner *register.Partner) (*verdict, error) {
	rows, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.HistoryRow, error) {
		return tx.HistoryByNumber(r.company.ID, string(post.Invoice.Type), post.Invoice.OriginalInvoiceNumber)
	})
	if err != nil {
		return nil, err
	}
	ours := keyTexts(matching.Keys(*doc.Counterparty()))
	for _, row := range rows {
		samePartner := row.PartnerID == partner.ID && partner.ID != 0 ||
			slices.ContainsFunc(row.PartnerKeys, func(k string) bool { return slices.Contains(ours, k) })
		if !samePartner && doc.Kind == hub.PurchaseInvoice {
			continue
		}
		sameSum := false
		if post.Detail.Meant != nil {
			a, err1 := money.Parse(post.Detail.Meant.Gross)
			b, err2 := money.Parse(row.Gross)
			sameSum = err1 == nil && err2 == nil && a.Equal(b)
		}
		if samePartner && !sameSum && !strings.HasPrefix(row.Date, fmt.Sprintf("%04d-", doc.Date.Year)) {
			continue
		}
		number := fmt.Sprint(row.Number)
		v := &verdict{state: hub.Held, found: row.InvoiceID}
		switch {
		case samePartner && sameSum && row.Date == doc.Date.String():
			v.state, v.invoiceID, v.number = hub.Linked, row.InvoiceID, row.Number
			v.faults = []hub.Fault{hub.NewFault(hub.LinkedThere, "", "", "number", number).Warn()}
		case !samePartner:
			v.faults = []hub.Fault{hub.NewFault(hub.AlreadyThere, "number", doc.Number, "number", number, "why", "partner", "partner", row.PartnerName)}
		case !sameSum:
			v.faults = []hub.Fault{hub.NewFault(hub.AlreadyThere, "number", doc.Number, "number", number, "why", "sum", "sum", row.Gross)}
		default:
			v.faults = []hub.Fault{hub.NewFault(hub.AlreadyThere, "number", doc.Number, "number", number, "why", "date", "date", row.Date)}
		}
		return v, nil
	}
	return nil, nil
}

// lateOne reads the invoice for whose sake a document would be held, or that has
// the number of one that has been on its way before. A write that two looks did
// not find may still have landed: then its mark says that the invoice is ours.
// And what has been deleted there, which moves no version, stands in nobody's way.
func (r *run) lateOne(ctx context.Context, t *hub.Transfer, doc *hub.Document, post mapping.Step, partner *register.Partner, v *verdict) (*verdict, error) {
	for range maxSameNumber {
		inv, err := r.client.Invoices.Get(ctx, v.found)
		if errors.Is(err, procountor.NotFound) {
			if err := r.e.store.Group(ctx, func(tx *store.Tx) error { return tx.ForgetHistory(r.company.ID, v.found) }); err != nil {
				return nil, err
			}
			if v, err = r.alreadyThere(ctx, doc, post, partner); err != nil || v == nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, r.trouble(err)
		}
		if s, err := r.markedStep(ctx, t, inv); err != nil || s == nil || s.Kind == hub.CreditInvoice {
			return v, err
		}
		return &verdict{adopt: inv}, nil
	}
	return v, nil
}

// maxSameNumber bounds how many deleted invoices of one number are passed over at once.
const maxSameNumber = 10

// adopt takes a late invoice over as the living voucher of t's document, which
// is planned anew on it.
func (r *run) adopt(tx *store.Tx, t *hub.Transfer, v *verdict) error {
	inv := v.adopt
	if v.credited != 0 {
		if err := tx.OpenCredit(t, v.credited); err != nil {
			return fmt.Errorf("adopt credit note: %w", err)
		}
		if err := tx.LiveCredit(t.Company, v.credited, inv.ID, int64(inv.InvoiceNumber)); err != nil {
			return fmt.Errorf("adopt credit note: %w", err)
		}
		return t.Move(hub.Ready, t.Faults...)
	}
	if v.beside != 0 {
		if err := tx.ReleaseVoucher(t, v.beside); err != nil {
			return fmt.Errorf("adopt voucher: %w", err)
		}
	}
	t.Goal = hub.Deliver
	if err := tx.OpenVoucher(t.Company, t.Subject, t.Number); err != nil {
		return fmt.Errorf("adopt voucher: %w", err)
	}
	if err := tx.LiveVoucher(t.Subject, inv.ID); err != nil {
		return fmt.Errorf("adopt voucher: %w", err)
	}
	t.InvoiceID, t.InvoiceNumber, t.PartnerID = inv.ID, int64(inv.InvoiceNumber), inv.PartnerID
	return t.Move(hub.Ready, t.Faults...)
}
