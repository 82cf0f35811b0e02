package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// A PaymentMade is money that has moved for a document, or is on its way. Like
// [Document] it is the API's own shape and stays as it is.
type PaymentMade struct {
	SourceID string   `json:"source_id" minLength:"1" maxLength:"200" example:"pay-889" doc:"The payment's id in your system: unique in this connection and the same for ever, through every change. It is what makes a push repeatable."`
	Document string   `json:"document,omitempty" maxLength:"200" example:"inv-10234" doc:"The source_id of the document that it pays. Give this, or number."`
	Number   string   `json:"number,omitempty" maxLength:"100" example:"10234" doc:"The number printed on the document that it pays, when you do not know its source_id. If several documents have it, the payment is held."`
	Kind     string   `json:"kind,omitempty" enum:"sales_invoice,purchase_invoice" doc:"With number: which kind of document is meant."`
	State    string   `json:"state,omitempty" enum:"paid,sent,failed,removed" doc:"paid (when not given): the money has moved, or a person says so. sent: given to the bank, which has not refused it so far; it counts as paid some days after the due date. failed: the bank has refused it. removed: your system has it no longer."`
	Date     Day      `json:"date,omitzero" example:"2026-03-23" doc:"The day the money moved, as the bank says; never the day of entering it. Without it the due date stands for a purchase invoice; a payment of a sale needs it."`
	Amount   *Decimal `json:"amount" example:"251" doc:"In the document's currency, with at most two decimals and the sign of the document's total: negative on a credit note. It may be part of what is open, never more."`
	Currency string   `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217: the document's currency."`
	Method   string   `json:"method,omitempty" enum:"bank_transfer,cash,card,adjustment,correction,credit_loss,credit_note,set_off" doc:"How it was made. Procountor keeps it on sales invoices only."`
	Text     string   `json:"text,omitempty" maxLength:"1000" doc:"Words for the reader. Procountor keeps the beginning of it, on sales invoices only."`
}

// A PaymentReceipt answers one pushed payment.
type PaymentReceipt struct {
	ID       string  `json:"id" doc:"Vienti's id of the payment."`
	SourceID string  `json:"source_id" example:"pay-889" doc:"As you pushed it."`
	Document string  `json:"document_id,omitempty" doc:"Vienti's id of the document that it pays; not there while none is known."`
	Result   string  `json:"result" enum:"new,changed,unchanged" doc:"As for documents."`
	State    string  `json:"state" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn" doc:"Where it stands now. linked: Procountor's own bank connection had it before."`
	Faults   []Fault `json:"faults,omitempty" doc:"What keeps it from being marked, and warnings."`
}

// PaymentReceipts answer a pushed list, in its order.
type PaymentReceipts struct {
	Results []PaymentReceipt `json:"results" doc:"One for each payment of the list, in its order."`
}

// A PaymentState is a payment and how far it has come.
type PaymentState struct {
	ID       string  `json:"id"`
	SourceID string  `json:"source_id"`
	Document string  `json:"document_id,omitempty"`
	Date     string  `json:"date,omitempty" format:"date"`
	Amount   Sum     `json:"amount"`
	Currency string  `json:"currency"`
	State    string  `json:"state" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn"`
	Settled  bool    `json:"settled" doc:"Nothing more will happen by itself, and no person is needed."`
	Faults   []Fault `json:"faults,omitempty"`
}

const paymentsPath = "/v1/payments"

// paymentDecimals is what Procountor takes of an amount.
const paymentDecimals = 2

func (s *server) payments(api huma.API) {
	push := huma.Operation{OperationID: "push-payments", Method: http.MethodPost, Path: paymentsPath, Tags: []string{"Payments"},
		Summary: "Push a payment, or a list of payments",
		Description: "Stores what is new or changed and answers at once; the invoice in Procountor is marked paid by itself, once, when it is there and approved. " +
			"A payment is known by its `source_id`: the same content again is answered with the first result, so a push whose answer was lost is simply repeated. " +
			"A payment may come before its document.\n\nOther content under the same `source_id` is a change. What was marked by then is not taken back: " +
			"Procountor removes a mark only when a person confirms it, so the difference becomes a task.\n\nNothing is marked unless the connection's settings let " +
			"the source's payments count. A list with a payment that is wrong in itself is refused as a whole.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, DefaultStatus: http.StatusAccepted}
	huma.Register(api, push, func(ctx context.Context, in *withBody) (*answer[any], error) {
		payments, one, err := s.reader.payments(in.RawBody)
		if err != nil {
			return nil, err
		}
		receipts, err := s.receivePayments(ctx, speaker(in.AcceptLanguage), payments)
		if err != nil {
			return nil, err
		}
		out := &answer[any]{Status: http.StatusOK, Body: PaymentReceipts{Results: receipts}}
		if one {
			out.Body = receipts[0]
		}
		if slices.ContainsFunc(receipts, func(r PaymentReceipt) bool { return r.Result != string(engine.ResultUnchanged) }) {
			out.Status = http.StatusAccepted
		}
		return out, nil
	})

	get := huma.Operation{OperationID: "get-payment", Method: http.MethodGet, Path: paymentsPath + "/{id}", Tags: []string{"Payments"},
		Summary: "What became of a payment", Description: "Its state and its faults. A document shows its payments as well."}
	huma.Register(api, get, func(ctx context.Context, in *ByID) (*answer[PaymentState], error) {
		p, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (store.PaymentOf, error) {
			return tx.PaymentOfConnection(connectionOf(ctx).ID, in.ID)
		})
		if err != nil {
			return nil, s.trouble(ctx, "show payment", err)
		}
		return &answer[PaymentState]{Status: http.StatusOK, Body: paymentState(speaker(in.AcceptLanguage), p)}, nil
	})
}

// receivePayments stores payments in their order; the same one twice in a list is
// twice the same payment.
func (s *server) receivePayments(ctx context.Context, sp locale.Speaker, payments []engine.IncomingPayment) ([]PaymentReceipt, error) {
	conn := connectionOf(ctx)
	out := make([]PaymentReceipt, 0, len(payments))
	for len(payments) > 0 {
		n := 0
		seen := map[string]bool{}
		for n < min(len(payments), batch) && !seen[payments[n].Payment.SourceID] {
			seen[payments[n].Payment.SourceID] = true
			n++
		}
		got, err := s.engine.ReceivePayments(ctx, conn.ID, payments[:n])
		if err != nil {
			return nil, s.trouble(ctx, "push payments", err)
		}
		for i, rc := range got {
			out = append(out, PaymentReceipt{ID: rc.Payment, SourceID: payments[i].Payment.SourceID, Document: rc.Document, Result: string(rc.Result),
				State: string(rc.State), Faults: explain(sp, nil, rc.Faults)})
		}
		payments = payments[n:]
	}
	return out, nil
}

func paymentState(sp locale.Speaker, p store.PaymentOf) PaymentState {
	c, t := p.Payment.Content, p.Transfer
	return PaymentState{ID: p.Payment.ID, SourceID: c.SourceID, Document: p.Payment.Document, Date: c.Date.String(), Amount: Sum(c.Amount.Fixed(paymentDecimals)),
		Currency: string(c.Currency), State: string(t.State), Settled: t.State.Settled(), Faults: explain(sp, nil, t.Faults)}
}

// payments reads one payment or a list. It is all or nothing: who pushes is told
// at once, and there is no document yet to hold with its faults.
func (r *reader) payments(body []byte) (list []engine.IncomingPayment, one bool, err error) {
	raw, one, err := split(body)
	if err != nil {
		return nil, false, err
	}
	if len(raw) > maxDocuments {
		return nil, false, problem(http.StatusRequestEntityTooLarge, codeTooMany, fmt.Sprintf("the list has %d payments; at most %d go in one request", len(raw), maxDocuments))
	}
	p := problem(http.StatusUnprocessableEntity, codeContent, "nothing was stored; see errors")
	for i, b := range raw {
		at := "body"
		if !one {
			at = fmt.Sprintf("body[%d]", i)
		}
		tree, err := decode(b)
		if err != nil {
			return nil, false, malformed(body, 0, "the body is not JSON")
		}
		w := walk{r: r}
		w.value(r.payment, tree, at)
		for _, f := range w.faults {
			message := f.Args["form"]
			if message == "" {
				message = f.Code
			}
			p.Errors = append(p.Errors, ProblemDetail{Message: message, Location: f.Path, Value: f.Value})
		}
		var in PaymentMade
		if len(w.faults) > 0 || json.Unmarshal(b, &in) != nil {
			continue
		}
		if in.Document == "" && in.Number == "" {
			p.Errors = append(p.Errors, ProblemDetail{Message: "say which document it pays: document or number", Location: at})
		}
		if a := in.Amount.amount(); a.IsZero() || a.Decimals() > paymentDecimals {
			p.Errors = append(p.Errors, ProblemDetail{Message: "an amount other than 0, with at most two decimals", Location: at + ".amount", Value: in.Amount.String()})
		}
		list = append(list, engine.IncomingPayment{Payment: in.payment(), Raw: b})
	}
	if len(raw) == 0 {
		p.Errors = append(p.Errors, ProblemDetail{Message: "the list is empty", Location: "body"})
	}
	if len(p.Errors) > 0 {
		return nil, false, p
	}
	return list, one, nil
}

func (p *PaymentMade) payment() hub.PaymentMade {
	out := hub.PaymentMade{SourceID: p.SourceID, Document: p.Document, Number: p.Number, Kind: hub.Kind(p.Kind), State: hub.PaymentState(p.State), Date: p.Date.Date,
		Amount: p.Amount.amount(), Currency: money.Currency(p.Currency), Method: hub.PaymentMethod(p.Method), Text: p.Text}
	if out.State == "" {
		out.State = hub.PaymentPaid
	}
	return out
}
