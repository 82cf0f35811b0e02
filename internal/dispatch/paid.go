package dispatch

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// sendPaid marks an invoice paid. The answer is the payment as it is saved; it
// must be the one that was meant, with our mark where there is room for one.
func sendPaid(ctx context.Context, c *procountor.Client, o Order) Outcome {
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPut, Path: invoicePath(o.InvoiceID) + "/paymentevents/markpaid", Body: o.Body})
	if err != nil {
		return failed(err)
	}
	var meant procountor.MarkPaid
	var saved procountor.PaymentEvent
	if json.Unmarshal(o.Body, &meant) != nil || json.Unmarshal(res.Body, &saved) != nil || saved.ID == 0 || !samePayment(saved, meant) {
		return unclear(res.Body)
	}
	if key, _ := hub.MarkIn(saved.Description); meant.Description != "" && key != o.Step.Key {
		return unclear(res.Body)
	}
	return Outcome{Verdict: Proved, EventID: saved.ID, Answer: res.Body}
}

func samePayment(e procountor.PaymentEvent, m procountor.MarkPaid) bool {
	return e.PaymentDate == m.PaymentDate && e.PaidAmount.Cmp(m.Amount) == 0
}

// lookPaid searches the payments of the invoice for ours. Those of purchase
// invoices have no place for a mark: there, one of the same day and sum that was
// not there before the intent is the payment that was meant, whoever marked it,
// and is not marked beside.
func lookPaid(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant procountor.MarkPaid
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	var mine, like []procountor.PaymentEvent
	for e, err := range c.Invoices.PaymentEvents(ctx, o.InvoiceID) {
		if err != nil {
			return lookFailed(err)
		}
		key, marked := hub.MarkIn(e.Description)
		switch {
		case marked && slices.Contains(o.Keys, key):
			mine = append(mine, e)
		case !marked && samePayment(e, meant) && !slices.Contains(o.Step.Detail.Events, e.ID):
			like = append(like, e)
		}
	}
	if meant.Description == "" && len(mine) == 0 && len(like) == 1 && like[0].Status == procountor.StatusMarkedPaid {
		mine, like = like, nil
	}
	switch {
	case len(mine) == 1:
		answer, _ := json.Marshal(mine[0])
		return Outcome{Verdict: Proved, EventID: mine[0].ID, Answer: answer}
	case len(mine) > 1:
		like = mine
	case len(like) == 0:
		return Outcome{Verdict: Untouched}
	}
	return foreign(hub.NewFault(hub.PaymentThere, "", "", "date", like[0].PaymentDate.String(), "amount", like[0].PaidAmount.String()))
}
