package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// OpenPayments are payments by reference that are allocated to no invoice.
type OpenPayments struct {
	Payments []OpenPayment `json:"payments" doc:"The newest first, at most 100."`
	More     int           `json:"more" doc:"How many there are beside these."`
	Readable bool          `json:"readable" doc:"False while the key of the company has no right to reference payments in Procountor: then nothing is known of them."`
}

// An OpenPayment is one of them. It names no payer: that is for the people who allocate it.
type OpenPayment struct {
	ID         int64              `json:"id" doc:"Procountor's id of the payment."`
	Date       string             `json:"date,omitempty" format:"date" doc:"The day of the payment."`
	Amount     Sum                `json:"amount"`
	Currency   string             `json:"currency,omitempty" doc:"Not there while the register does not know the account."`
	Reference  string             `json:"reference,omitempty"`
	Candidates []PaymentCandidate `json:"candidates" doc:"Documents of this connection that it may pay."`
}

// A PaymentCandidate is a document that a payment may be for.
type PaymentCandidate struct {
	Document string `json:"document_id" doc:"Vienti's id of the document."`
	Number   string `json:"number"`
	Open     Sum    `json:"open,omitempty" doc:"What is open of it, as read last."`
	Currency string `json:"currency,omitempty"`
	By       string `json:"by" enum:"reference,sum" doc:"Why: it has the reference, or just this sum is open on it."`
}

const (
	openPaymentsPath = "/v1/payments/unallocated"
	// maxOpenPayments is how many are listed at once.
	maxOpenPayments = 100
)

func (s *server) openPayments(api huma.API) {
	op := huma.Operation{OperationID: "list-unallocated-payments", Method: http.MethodGet, Path: openPaymentsPath, Tags: []string{"Payments"},
		Summary: "Payments by reference that are allocated to no invoice",
		Description: "Money that came in to the company in Procountor with a reference that no invoice has, with the documents of this connection that it may be for. " +
			"Only a person allocates it, in Procountor; it goes from here when a later reading, hourly, shows it allocated. A token sees them if it may read sales invoices."}
	huma.Register(api, op, func(ctx context.Context, _ *struct{}) (*answer[OpenPayments], error) {
		conn := connectionOf(ctx)
		out := OpenPayments{Payments: []OpenPayment{}}
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			reading, err := tx.ReferenceReading(conn.Company)
			if err != nil {
				return err
			}
			out.Readable = !reading.Barred
			n, err := tx.CountOpenReferences(conn.Company, reachOf(ctx))
			if err != nil {
				return err
			}
			list, err := tx.OpenReferences(conn.Company, reachOf(ctx), maxOpenPayments)
			out.More = n - len(list)
			for _, p := range list {
				out.Payments = append(out.Payments, openPayment(conn.ID, p))
			}
			return err
		}); err != nil {
			return nil, s.trouble(ctx, "list payments by reference", err)
		}
		return &answer[OpenPayments]{Status: http.StatusOK, Body: out}, nil
	})
}

func openPayment(connection string, p hub.OpenReference) OpenPayment {
	out := OpenPayment{ID: p.ID, Date: p.PaymentDate, Amount: Sum(p.Sum), Currency: p.Currency, Reference: p.Reference, Candidates: []PaymentCandidate{}}
	for _, c := range slices.DeleteFunc(slices.Clone(p.Candidates), func(c hub.ReferenceCandidate) bool { return c.Connection != connection }) {
		out.Candidates = append(out.Candidates, PaymentCandidate{Document: c.Document, Number: c.Number, Open: Sum(c.Open), Currency: c.Currency, By: string(c.By)})
	}
	return out
}
