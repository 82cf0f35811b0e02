package enginetest

import (
	"fmt"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// ofOffset reports whether a payment in the sandbox is a side of an offset: by its
// type on sales, by the day and sum that were meant on purchases, which show none.
func (w *World) ofOffset(e procountortest.PaymentEvent) bool {
	if e.Type == "COMPENSATIONINVOICE" || e.Type == "SETOFF" {
		return true
	}
	n, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (n int, err error) {
		err = tx.QueryRow(`select count(*) from payment_mark where company = $1 and invoice_id = $2 and side <> '' and date = $3 and amount = $4
			and state <> 'ended' and event_id in (0, $5)`, w.Company.ID, *e.InvoiceID, e.PaymentDate, e.PaidAmount.String(), e.ID).Scan(&n)
		return n, err
	})
	w.Must(err)
	return n > 0
}

// AuditOffsets compares the offsets of the hub with the payments in the books: on
// both sides of one stand equal and opposite sums of one day, once; what has only
// one side is under way, or told to a person. resting says that nothing is active.
func (w *World) AuditOffsets(resting bool) (errs []error) {
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	// What the books say by themselves: each mark on a sale names its other side.
	sums, sides := map[string]money.Amount{}, map[string]int{}
	numbers := map[int64]int64{}
	for _, inv := range w.Sandbox.Invoices(w.Company.ProcountorID) {
		numbers[inv.ID] = *inv.InvoiceNumber
	}
	events := map[int64]procountortest.PaymentEvent{}
	for _, e := range w.Sandbox.PaymentEvents(w.Company.ProcountorID) {
		events[e.ID] = e
		if e.Type != "COMPENSATIONINVOICE" && e.Type != "SETOFF" {
			continue
		}
		var word string
		var other int
		if _, err := fmt.Sscanf(e.Description, "%s %d", &word, &other); err != nil {
			bad("payment %d says not what it offsets: %q", e.ID, e.Description)
		}
		pair := fmt.Sprint(numbers[*e.InvoiceID], " and ", other)
		if e.Type == "SETOFF" {
			pair = fmt.Sprint(other, " and ", numbers[*e.InvoiceID])
		}
		sums[pair] = sums[pair].Add(money.Must(e.PaidAmount.String()))
		sides[pair]++
	}
	for pair, n := range sides {
		if n > 2 || n == 2 && !sums[pair].IsZero() {
			bad("%d marks offset invoices %s, and come to %s", n, pair, sums[pair])
		}
	}
	for _, t := range w.Transfers() {
		if t.Kind != hub.OffsetTransfer {
			continue
		}
		on := map[hub.MarkSide]hub.PaymentMark{}
		w.Must(w.Store.Read(w.T.Context(), func(tx *store.Tx) error {
			for _, side := range []hub.MarkSide{hub.InvoiceSide, hub.NoteSide} {
				if m, err := tx.MarkOf(t.Subject, side); err == nil {
					on[side] = m
				} else if !store.IsNotFound(err) {
					return err
				}
			}
			return nil
		}))
		for side, m := range on {
			if e, there := events[m.EventID]; m.State == hub.MarkLiving && (!there || e.PaymentDate != m.Date || e.PaidAmount.String() != m.Amount) && numbers[m.InvoiceID] != 0 {
				bad("offset %s has the mark %v on the side of the %s, and the books %v", t.Number, m, side, e)
			}
		}
		a, b := on[hub.InvoiceSide], on[hub.NoteSide]
		switch {
		case a.State == hub.MarkLiving && b.State == hub.MarkLiving:
			if a.Date != b.Date || !money.Must(a.Amount).Equal(money.Must(b.Amount).Neg()) {
				bad("offset %s is not even: %s on %s, %s on %s", t.Number, a.Amount, a.Date, b.Amount, b.Date)
			}
		case a.State != hub.MarkLiving && b.State == hub.MarkLiving:
			bad("offset %s has marked the credit note first", t.Number)
		case resting && t.State == hub.Done:
			bad("offset %s is done, and not on both sides", t.Number)
		case resting && a.State == hub.MarkLiving && !hasHalf(t):
			bad("offset %s is half done and %s, and nobody is told: %v", t.Number, t.State, t.Faults)
		}
	}
	return errs
}

func hasHalf(t hub.Transfer) bool {
	for _, f := range t.Faults {
		if f.Code == hub.OffsetHalf {
			return true
		}
	}
	return t.State == hub.DoneByHand
}
