package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// planLiving plans what is left to do with a voucher that we made before. What a
// person has done to it in Procountor is not overwritten.
func (r *run) planLiving(ctx context.Context, t *hub.Transfer, in mapping.Input, d *draft, p *mapping.Plan, body []byte, living int64) (*draft, *verdict, error) {
	conn, doc := in.Connection, in.Document
	inv, err := r.client.Invoices.Get(ctx, living)
	if err != nil {
		if errors.Is(err, procountor.NotFound) {
			return nil, held(hub.NewFault(hub.EditedThere, "", "404", "number", fmt.Sprint(t.InvoiceNumber))), nil
		}
		return nil, nil, r.trouble(err)
	}
	if gone(inv.Status) {
		return nil, &verdict{gone: inv}, nil
	}
	number := fmt.Sprint(inv.InvoiceNumber)
	written, err := r.markedStep(ctx, t, inv)
	if err != nil {
		return nil, nil, err
	}
	if written == nil {
		return nil, &verdict{state: hub.Held, faults: []hub.Fault{hub.NewFault(hub.MarkRemoved, "", "", "number", number)}, there: inv.Status}, nil
	}
	if in.Standing.Round() == hub.RoundRejected {
		return r.planRejected(ctx, t, in, inv)
	}
	if faults, err := r.stillWrong(ctx, t, inv.Attachments); err != nil || len(faults) > 0 {
		return nil, held(faults...), err
	}
	steps := p.Steps[1:]
	same := written.Detail.Document == doc.Version()
	meant := written.Detail.Meant
	differs := compare(conn, meant, inv)
	var replacement *hub.Meant
	switch {
	case !same:
		replacement = p.Steps[0].Detail.Meant
	case hub.Stops(differs) && conn.Settings.Difference.Policy == hub.RowForDifference && unfinished(inv.Status):
		var line *hub.PostingLine
		if body, line, err = roundingBody(in, p.Steps[0], meant, differs); err != nil || body == nil {
			return nil, held(differs...), err
		}
		steps = withLine(steps, *line)
		more := *meant
		more.Rows++
		replacement = &more
	case hub.Stops(differs):
		return nil, held(differs...), nil
	default:
		d.warnings = append(d.warnings, differs...)
	}
	if replacement != nil {
		if v, err := r.replaceable(ctx, in, inv, written); v != nil || err != nil {
			return nil, v, err
		}
		detail := hub.StepDetail{InvoiceID: inv.ID, Document: doc.Version(), Meant: replacement}
		if !unfinished(inv.Status) || inv.Status == procountor.StatusVerified { // REFERENCE 3.1: PUT takes unfinished and received
			d.add(hub.Unfinish, hub.StepDetail{}, nil)
			// The version after that is not known yet: planned anew before the replacement.
		} else {
			detail.Version = inv.Version.String()
		}
		d.add(hub.ReplaceInvoice, detail, body)
		return r.remaining(d, steps, inv.Attachments)
	}
	posted, line, err := r.posting(ctx, t, written, len(p.Steps[0].Invoice.InvoiceRows))
	if err != nil {
		return nil, nil, err
	}
	if line != nil {
		steps = withLine(steps, *line)
	}
	approved := !unfinished(inv.Status)
	if approved && !slices.ContainsFunc(steps, func(s mapping.Step) bool { return s.Kind == hub.Approve }) && awaitsRound(in) {
		d.warnings = append(d.warnings, hub.NewFault(hub.ApprovedEarly, "", string(inv.Status), "number", number).Warn())
	}
	sent := approved && inv.Status != procountor.StatusNotSent
	steps = slices.DeleteFunc(slices.Clone(steps), func(s mapping.Step) bool {
		return s.Kind == hub.PutReceipt && posted || s.Kind == hub.Approve && approved || s.Kind == hub.Send && sent ||
			dispatch.Acts(s.Kind) && s.Kind != hub.Approve && s.Kind != hub.Send && dispatch.ActionOutcome(s.Kind, inv).Verdict == dispatch.Proved
	})
	return r.remaining(d, steps, inv.Attachments)
}

func unfinished(s procountor.Status) bool {
	return s == procountor.StatusUnfinished || s == procountor.StatusReceived || s == procountor.StatusVerified
}

// replaceable says why our voucher may not be replaced: it is approved and the
// settings hold such, or it has gone further, or a person has edited it, or the
// new content is for another partner, which Procountor does not let us change.
func (r *run) replaceable(ctx context.Context, in mapping.Input, inv *procountor.Invoice, written *hub.Step) (*verdict, error) {
	number := fmt.Sprint(inv.InvoiceNumber)
	changed := func(value string) *verdict {
		return held(hub.NewFault(hub.DocumentChanged, "", value, "number", number, "status", string(inv.Status)))
	}
	if ok, why := r.registers.Open(register.Day(inv.Date)); !ok {
		return changed(why.Value), nil
	}
	switch {
	case unfinished(inv.Status):
	case inv.Status == procountor.StatusNotSent || inv.Status == procountor.StatusApproved:
		if !in.Connection.Settings.ChangedApproved || r.company.Country == "SE" {
			return changed(string(inv.Status)), nil
		}
	default:
		return changed(string(inv.Status)), nil
	}
	if in.Partner.ID != inv.PartnerID {
		return changed(in.Partner.Name), nil
	}
	answer, err := r.e.store.Blob(ctx, written.Answer)
	if err != nil {
		return nil, err
	}
	saved := new(procountor.Invoice)
	if err := json.Unmarshal(answer, saved); err != nil {
		return nil, fmt.Errorf("read the saved invoice: %w", err)
	}
	edited := !slices.Equal(content(saved), content(inv))
	if written.Detail.Looked && !edited {
		request, err := r.e.store.Blob(ctx, written.Request)
		if err != nil {
			return nil, err
		}
		sent := new(procountor.Invoice)
		if err := json.Unmarshal(request, sent); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		edited = wording(sent) != wording(inv)
	}
	if edited {
		return held(hub.NewFault(hub.EditedThere, "", "", "number", number)), nil
	}
	return nil, nil
}

// content is what a person may have edited of an invoice: all of it but what
// moves by itself when it is approved, paid or given a file.
func content(inv *procountor.Invoice) []byte {
	c := *inv
	c.Status, c.Version, c.LedgerReceiptID, c.Attachments, c.CreatorID = "", procountor.Time{}, 0, nil, 0
	c.PaymentDate, c.PaymentInfo.NewDueDate = procountor.Date{}, procountor.Date{}
	c.InvoiceOperatorInfo, c.InvoiceApprovalInformation, c.InvoiceSumInfo = nil, nil, nil
	b, err := json.Marshal(&c)
	if err != nil {
		return nil
	}
	return b
}

// wording is what a person is likely to have edited between our write and our
// look, when there is no answer to compare with: Procountor may have filled the
// rest by itself.
func wording(inv *procountor.Invoice) string {
	s := []string{strings.TrimSpace(inv.AdditionalInformation), strings.TrimSpace(inv.Notes), inv.Date.String()}
	for _, r := range inv.InvoiceRows {
		price, _ := money.Parse(r.UnitPrice.String())
		quantity, _ := money.Parse(r.Quantity.String())
		s = append(s, strings.TrimSpace(r.Product), price.Trim(0).String(), quantity.Trim(0).String(), strings.TrimSpace(r.Comment))
	}
	return strings.Join(s, "\x00")
}

// markedStep is the step that wrote a voucher last, by the voucher's mark; nil
// when the mark is not one of t's.
func (r *run) markedStep(ctx context.Context, t *hub.Transfer, inv *procountor.Invoice) (*hub.Step, error) {
	key, ok := hub.MarkIn(inv.Notes)
	if !ok {
		return nil, nil
	}
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	for i := range steps {
		if slices.Contains(attemptKeys(r.company.ID, t, steps[i]), key) {
			return &steps[i], err
		}
	}
	return nil, err
}

// compare says how the saved voucher differs from what was meant.
func compare(conn hub.Connection, meant *hub.Meant, saved *procountor.Invoice) []hub.Fault {
	if meant == nil {
		return nil
	}
	return mapping.Compare(*meant, saved, conn.Settings.Difference)
}

// withLine lets the row that evens out a difference stand on an account as well.
func withLine(steps []mapping.Step, line hub.PostingLine) []mapping.Step {
	steps = slices.Clone(steps)
	for i := range steps {
		if steps[i].Kind == hub.PutReceipt {
			p := *steps[i].Detail.Posting
			p.Lines = append(slices.Clone(p.Lines), line)
			steps[i].Detail.Posting = &p
		}
	}
	return steps
}

// roundingBody adds the row that makes Procountor's total the source's, with its
// account; nil when the difference is of another kind, or no row can be made.
func roundingBody(in mapping.Input, post mapping.Step, meant *hub.Meant, differs []hub.Fault) ([]byte, *hub.PostingLine, error) {
	if post.Detail.Meant == nil || meant.Rows != post.Detail.Meant.Rows {
		return nil, nil, nil // it has such a row already
	}
	var difference money.Amount
	for _, f := range differs {
		if f.Warning {
			continue
		}
		if f.Code != hub.TotalsDiffer {
			return nil, nil, nil
		}
		if f.Path == "totals.gross" {
			if d, err := money.Parse(f.Args["difference"]); err == nil {
				difference = d
			}
		}
	}
	if difference.IsZero() {
		return nil, nil, nil
	}
	inv, line, err := mapping.RoundingRow(*post.Invoice, difference, in)
	if err != nil {
		return nil, nil, nil //nolint:nilerr // the settings have no status for such a row: the difference itself is shown to a person
	}
	body, err := mapping.Body(inv, "")
	return body, line, err
}

// planTakeBack plans the removal of our voucher.
func (r *run) planTakeBack(ctx context.Context, living int64) (*draft, *verdict, error) {
	d := &draft{}
	if living == 0 {
		return d, nil, nil
	}
	inv, err := r.client.Invoices.Get(ctx, living)
	if errors.Is(err, procountor.NotFound) {
		return d, nil, nil // deleted there: there is nothing left to take back
	}
	if err != nil {
		return nil, nil, r.trouble(err)
	}
	switch inv.Status {
	case procountor.StatusInvalidated, procountor.StatusDeleted:
	case procountor.StatusApproved, procountor.StatusNotSent, procountor.StatusVerified:
		d.add(hub.Unfinish, hub.StepDetail{}, nil)
		d.add(hub.Invalidate, hub.StepDetail{}, nil)
	case procountor.StatusUnfinished, procountor.StatusReceived:
		d.add(hub.Invalidate, hub.StepDetail{}, nil)
	default:
		return nil, held(hub.NewFault(hub.DocumentChanged, "", string(inv.Status), "number", fmt.Sprint(inv.InvoiceNumber))), nil
	}
	return d, nil, nil
}
