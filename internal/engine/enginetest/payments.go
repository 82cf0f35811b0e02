package enginetest

import (
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A ShownPayment is what a source has shown of one payment, the newest last.
type ShownPayment struct {
	Of       *Shown
	Versions []hub.PaymentMade
}

// Newest is what the source says now.
func (s *ShownPayment) Newest() hub.PaymentMade { return s.Versions[len(s.Versions)-1] }

// AuditPayments compares what a source has shown as paid with what is marked in
// Procountor: each payment stands there once at most, as the source has shown it
// at some time, and never more is paid than an invoice comes to. Nobody else
// marks anything.
func (w *World) AuditPayments(shown []*ShownPayment) (errs []error) {
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	of := map[*Shown][]*ShownPayment{}
	for _, p := range shown {
		of[p.Of] = append(of[p.Of], p)
	}
	all := w.Sandbox.PaymentEvents(w.Company.ProcountorID)
	for doc, payments := range of {
		var events []procountortest.PaymentEvent
		for _, inv := range w.Sandbox.Invoices(w.Company.ProcountorID) {
			if !slices.ContainsFunc(doc.Versions, func(d *hub.Document) bool { return isOf(inv, d) }) {
				continue
			}
			sum := money.Zero
			for _, e := range all {
				if *e.InvoiceID == inv.ID {
					if !w.ofOffset(e) {
						events = append(events, e)
					}
					sum = sum.Add(money.Must(e.PaidAmount.String()))
				}
			}
			if gross := grossOf(inv); sum.Abs().Cmp(gross.Abs()) > 0 {
				bad("invoice %d comes to %s, and %s is marked paid", inv.ID, gross, sum)
			}
		}
		if !assign(events, payments) {
			bad("document %s has payments that its source has not shown, or not so often: %s", doc.Newest().Number, eventsText(events))
		}
	}
	return errs
}

// AuditPaid checks what the hub says about payments when nothing is active: what
// it calls done stands there.
func (w *World) AuditPaid(shown []*ShownPayment) (errs []error) {
	done, there := map[*Shown]int{}, map[*Shown]int{}
	for _, p := range shown {
		t := w.Payment(p.Newest().SourceID)
		if t.State == hub.Done {
			done[p.Of]++
		}
		if t.Version != new(p.Newest()).Version() && !t.State.NeedsPerson() && t.State != hub.Waiting {
			errs = append(errs, fmt.Errorf("payment %s is %s by what the source showed before", p.Newest().SourceID, t.State))
		}
	}
	for _, e := range w.Sandbox.PaymentEvents(w.Company.ProcountorID) {
		inv, _ := w.Sandbox.Invoice(w.Company.ProcountorID, *e.InvoiceID)
		for doc := range done {
			if w.ofOffset(e) {
				continue
			}
			if slices.ContainsFunc(doc.Versions, func(d *hub.Document) bool { return isOf(inv, d) }) {
				there[doc]++
			}
		}
	}
	for doc, n := range done {
		if n > there[doc] && !doc.Edited { // else a person may have deleted the invoice
			errs = append(errs, fmt.Errorf("%d payments of document %s are done, and %d are marked", n, doc.Newest().Number, there[doc]))
		}
	}
	return errs
}

// assign reports whether each event can stand for another one of the payments.
func assign(events []procountortest.PaymentEvent, payments []*ShownPayment) bool {
	if len(events) == 0 {
		return true
	}
	for i, p := range payments {
		if !slices.ContainsFunc(p.Versions, func(v hub.PaymentMade) bool {
			return v.Amount.Equal(money.Must(events[0].PaidAmount.String())) && (v.Date.IsZero() || v.Date.String() == events[0].PaymentDate)
		}) {
			continue
		}
		if assign(events[1:], slices.Delete(slices.Clone(payments), i, i+1)) {
			return true
		}
	}
	return false
}

func eventsText(events []procountortest.PaymentEvent) (s string) {
	for _, e := range events {
		s += fmt.Sprintf(" [%d on %d: %s %s %s]", e.ID, *e.InvoiceID, e.PaymentDate, e.PaidAmount, e.Description)
	}
	return s
}

// isOf reports whether an invoice is a voucher of a document, dead or alive.
func isOf(inv procountortest.Invoice, d *hub.Document) bool {
	return inv.Type == typeOf(d) && inv.OriginalInvoiceNumber == d.Number && inv.CounterParty.CounterPartyAddress.Name == d.Counterparty().Name
}
