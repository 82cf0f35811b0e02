package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// sendCard writes a partner's entry as a whole. The answer is the entry as it was
// saved, and must be read, for it is the proof.
func sendCard(ctx context.Context, c *procountor.Client, o Order) Outcome {
	id := o.Step.Detail.Card.Partner
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPut, Path: "/businesspartners/" + strconv.FormatInt(id, 10), Body: o.Body})
	if err != nil {
		out := failed(err)
		if e, ok := errors.AsType[*procountor.Error](err); ok && out.Verdict == Refused && (stale(e) || e.Class == procountor.Conflict) {
			// Changed there between our reading and our writing: to be read again.
			return withFault(out, Untouched, false, hub.NewFault(hub.PartnerEdited, "", ""))
		}
		return out
	}
	var saved procountor.Partner
	if err := json.Unmarshal(res.Body, &saved); err != nil || saved.ID != id {
		return unclear(res.Body)
	}
	if f := notAsMeant(o, &saved); f != nil {
		return Outcome{Verdict: Foreign, Fault: f, Answer: res.Body}
	}
	return Outcome{Verdict: Proved, Partner: &saved, Answer: res.Body}
}

// lookCard reads the entry: it holds what was meant, or nothing was written. What
// somebody has written instead is no matter here: before anything else is written
// the entry is read and compared anew.
func lookCard(ctx context.Context, c *procountor.Client, o Order) Outcome {
	list, err := c.Partners.Entries(ctx, []int64{o.Step.Detail.Card.Partner})
	if err != nil {
		return lookFailed(err)
	}
	if len(list) != 1 || notAsMeant(o, &list[0].Partner) != nil {
		return Outcome{Verdict: Untouched}
	}
	return Outcome{Verdict: Proved, Partner: &list[0].Partner, Answer: list[0].JSON}
}

// notAsMeant says in which field that was carried a saved entry differs from the one
// that was sent.
func notAsMeant(o Order, saved *procountor.Partner) *hub.Fault {
	var sent procountor.Partner
	if err := json.Unmarshal(o.Body, &sent); err != nil {
		f := hub.NewFault(hub.AnswerUnclear, "", "")
		return &f
	}
	return differs(o, func(f hub.CardField) (meant, is string) { return cardField(&sent, f), cardField(saved, f) })
}

func differs(o Order, texts func(hub.CardField) (meant, is string)) *hub.Fault {
	for _, change := range o.Step.Detail.Card.Changes {
		meant, is := texts(change.Field)
		if !hub.SameText(change.Field, meant, is) {
			f := hub.NewFault(hub.SavedDiffers, string(change.Field), is, "field", string(change.Field), "meant", meant, "saved", is)
			return &f
		}
	}
	return nil
}

func cardField(p *procountor.Partner, f hub.CardField) string {
	var i procountor.InvoicingInfo
	if p.InvoicingInfo != nil {
		i = *p.InvoicingInfo
	}
	var a procountor.Address
	if p.Address != nil {
		a = *p.Address
	}
	switch f {
	case hub.CardNumber:
		return i.CustomerNumber
	case hub.CardEmail:
		return i.Email
	case hub.CardEInvoice:
		return strings.TrimSpace(i.EInvoiceAddress + " " + i.EInvoiceOperator)
	case hub.CardAddress:
		return strings.Join([]string{a.Street, a.Zip, a.City, string(a.Country)}, ", ")
	}
	return p.Name
}
