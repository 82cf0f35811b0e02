package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/store"
)

// OpenClaims are travel invoices of own money that are to be paid in Procountor.
type OpenClaims struct {
	Claims []OpenClaim `json:"claims" doc:"By person, then by date; at most 500."`
	More   int         `json:"more" doc:"How many there are beside these."`
}

// An OpenClaim is one of them.
type OpenClaim struct {
	Document      string `json:"document_id" doc:"Vienti's id of the document."`
	Number        string `json:"number"`
	Person        string `json:"person" doc:"Name of who is to be paid."`
	Date          string `json:"date,omitempty" format:"date"`
	InvoiceNumber int64  `json:"invoice_number" doc:"Procountor's number."`
	Open          Sum    `json:"open" doc:"What is to be paid, as read last."`
	Currency      string `json:"currency"`
	Status        string `json:"status,omitempty" doc:"In Procountor, such as UNFINISHED or APPROVED; not there before it was read."`
}

const (
	openClaimsPath = "/v1/travel-invoices/unpaid"
	// maxOpenClaims is how many are listed at once.
	maxOpenClaims = 500
)

func (s *server) openClaims(api huma.API) {
	op := huma.Operation{OperationID: "list-unpaid-travel-invoices", Method: http.MethodGet, Path: openClaimsPath, Tags: []string{"Documents"},
		Summary: "What employees have paid with own money and is to be paid",
		Description: "The travel invoices of this connection that Procountor has and does not show as paid. They are paid in Procountor by a person; one goes from here when a later reading shows it as paid. " +
			"What a card of the company has paid is not among them."}
	huma.Register(api, op, func(ctx context.Context, _ *struct{}) (*answer[OpenClaims], error) {
		out := OpenClaims{Claims: []OpenClaim{}}
		f := store.ClaimFilter{Connection: connectionOf(ctx).ID, Reach: reachOf(ctx)}
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			n, err := tx.CountClaimsToPay(f)
			if err != nil {
				return err
			}
			list, err := tx.ClaimsToPay(f, maxOpenClaims)
			out.More = n - len(list)
			for _, x := range list {
				t := x.Transfer
				out.Claims = append(out.Claims, OpenClaim{Document: t.Subject, Number: t.Number, Person: t.PartnerName, Date: t.Date, InvoiceNumber: t.InvoiceNumber,
					Open: Sum(x.Open), Currency: x.Currency, Status: x.Status})
			}
			return err
		}); err != nil {
			return nil, s.trouble(ctx, "list unpaid travel invoices", err)
		}
		return &answer[OpenClaims]{Status: http.StatusOK, Body: out}, nil
	})
}
