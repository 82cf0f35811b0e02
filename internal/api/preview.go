package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
)

// A Preview says what sending the connection's documents would do.
type Preview struct {
	Documents []PreviewedDocument `json:"documents"`
	Books     Book                `json:"books" doc:"What the documents that go would book."`
	Requests  int                 `json:"requests" doc:"The writes to Procountor that it would take, at most."`
	Written   int                 `json:"written" doc:"How many of the documents have been written already, or may have been."`
	Cut       bool                `json:"cut" doc:"There are more documents; only the newest were looked at."`
}

// A PreviewedDocument is the verdict on one document.
type PreviewedDocument struct {
	ID       string  `json:"id" doc:"The document's own id, as push answers it."`
	Number   string  `json:"number,omitempty"`
	Written  bool    `json:"written,omitempty" doc:"Something has been written of it already; then state is where it stands."`
	State    string  `json:"state" doc:"Where the document would come to stand."`
	Faults   []Fault `json:"faults,omitempty"`
	Invoice  any     `json:"invoice,omitempty" doc:"The invoice as it would be sent to Procountor, for people; see validate."`
	Requests int     `json:"requests"`
}

// A Book is what would come into the books of the company.
type Book struct {
	Currency string    `json:"currency"`
	Sums     []BookSum `json:"sums"`
	Debit    string    `json:"debit" doc:"Of all, VAT included."`
	Credit   string    `json:"credit"`
	Unknown  int       `json:"unknown,omitempty" doc:"Documents that go and whose sums cannot be known to the cent before Procountor has rounded them."`
}

// A BookSum is what the entries of one account with one VAT handling come to.
type BookSum struct {
	Part    string `json:"part" enum:"counter,row,evened" doc:"counter: the sum of the invoices on the ledger of receivables or payables. row: the rows. evened: the cents that Procountor evens out."`
	Sales   bool   `json:"sales"`
	Account string `json:"account,omitempty" doc:"Not there where Procountor chooses the account."`
	Status  int    `json:"vat_status,omitempty"`
	Percent string `json:"vat_percent"`
	Debit   string `json:"debit" doc:"Without VAT, except on the ledgers."`
	Credit  string `json:"credit"`
	VAT     string `json:"vat" doc:"What Procountor books of VAT; below zero is credit."`
	Entries int    `json:"entries"`
}

type previewQuery struct {
	Language
	Number string   `query:"number" maxLength:"100" doc:"Only documents with these words in number, partner, sum or reference."`
	State  []string `query:"state" maxItems:"20" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn" doc:"One or several, with commas between."`
	From   string   `query:"from" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"First day of the documents."`
	To     string   `query:"to" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Last day."`
}

func (s *server) previews(api huma.API) {
	op := huma.Operation{OperationID: "preview-documents", Method: http.MethodGet, Path: "/v1/preview", Tags: []string{"Documents"},
		Summary: "What sending stored documents would book",
		Description: "The verdict on each stored document of this connection, the requests that it would take, and what would come into the books, by account and VAT " +
			"status, to the cent. Nothing is sent, and Procountor is asked nothing. At most the newest 1 000 documents are looked at."}
	huma.Register(api, op, func(ctx context.Context, in *previewQuery) (*answer[Preview], error) {
		conn := connectionOf(ctx)
		sel := engine.Selection{Sees: rightsOf(ctx).SeesInside, Filter: store.TransferFilter{Reach: reachOf(ctx), Connection: conn.ID, Search: in.Number, From: in.From, To: in.To}}
		for _, st := range in.State {
			sel.Filter.States = append(sel.Filter.States, hub.State(st))
		}
		p, err := s.engine.Preview(ctx, sel)
		if err != nil {
			return nil, s.trouble(ctx, "preview", err)
		}
		out := Preview{Documents: []PreviewedDocument{}, Books: Book{Sums: []BookSum{}}, Requests: p.Requests, Written: p.Written, Cut: p.Cut}
		for i := range p.Documents {
			d := &p.Documents[i]
			shown := PreviewedDocument{ID: d.Transfer.Subject, Number: d.Transfer.Number, Written: d.Written, State: string(d.Transfer.State), Requests: d.Requests}
			if !d.Written {
				shown.State, shown.Faults = string(d.State), explain(speaker(in.AcceptLanguage), nil, d.Faults)
				if d.Invoice != nil {
					shown.Invoice = d.Invoice
				}
			}
			out.Documents = append(out.Documents, shown)
		}
		for _, b := range p.Books { // of one connection there is one company
			out.Books = bookOf(b)
		}
		return &answer[Preview]{Status: http.StatusOK, Body: out}, nil
	})
}

func bookOf(b engine.Book) Book {
	out := Book{Currency: b.Company.Currency, Sums: []BookSum{}, Unknown: b.Unknown}
	debit, credit := b.Sums.Total()
	out.Debit, out.Credit = debit.Fixed(2), credit.Fixed(2)
	for _, e := range b.Sums {
		out.Sums = append(out.Sums, bookSum(e))
	}
	return out
}

func bookSum(e mapping.EntrySum) BookSum {
	return BookSum{Part: string(e.Part), Sales: e.Sales, Account: e.Account, Status: e.VATStatus, Percent: e.Percent.Trim(0).String(),
		Debit: e.Debit.Fixed(2), Credit: e.Credit.Fixed(2), VAT: e.VAT.Fixed(2), Entries: e.Count}
}
