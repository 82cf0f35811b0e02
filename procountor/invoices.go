package procountor

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// InvoicesService is the section "Invoices" of the API: sales and purchase invoices, orders and
// offers, travel and expense claims (REFERENCE 3.1).
//
// Every write is one request that is never repeated; what an error means for it stands at [Class].
type InvoicesService struct{ service }

// Create makes an invoice, always unfinished, and returns it as it was saved. There is no
// idempotency key: the same invoice twice makes two (REFERENCE 2.6).
func (s *InvoicesService) Create(ctx context.Context, in *Invoice) (*Invoice, error) {
	return write[Invoice](ctx, s.c, http.MethodPost, "/invoices", nil, in)
}

// Update replaces the invoice in.ID and returns it as it was saved. in.Version must be the one
// that was read, a stale one is Refused. The ledger receipt may be made anew under another id,
// without the postings changed by hand.
func (s *InvoicesService) Update(ctx context.Context, in *Invoice) (*Invoice, error) {
	return write[Invoice](ctx, s.c, http.MethodPut, at("invoices", in.ID), nil, in)
}

// Get reads one invoice.
func (s *InvoicesService) Get(ctx context.Context, id int64) (*Invoice, error) {
	return get[*Invoice](ctx, s.c, at("invoices", id), nil)
}

// GetMany reads invoices in batches of 200, ordered by id. Unknown ids are left out without an error.
func (s *InvoicesService) GetMany(ctx context.Context, ids []int64) ([]Invoice, error) {
	return getMany[Invoice](ctx, s.c, "/invoices", ids)
}

// An InvoiceFilter says which invoices [InvoicesService.List] shows. Zero fields do not limit;
// all others must hold. Ranges include both ends.
type InvoiceFilter struct {
	Types    []InvoiceType
	Status   []Status
	Channels []Channel

	Start, End               Date // invoice date
	DueStart, DueEnd         Date
	CreatedStart, CreatedEnd Time
	VersionStart, VersionEnd Time // last change; dimensioning does not move it

	PartnerID             int64
	FactoringContractID   int64
	ProductIDs            []int64 // at most 200
	InvoiceNumber         int64   // Procountor's
	OriginalInvoiceNumber string  // the other system's; not unique
	SearchTerm            string  // counterparty name, number, additional information
	// Offers asks for offers among sales orders; left out, the server takes no offers (its default).
	Offers *bool
}

// List yields the invoices that fit, by rising id, reading 200 at a time. It ends after the first error.
func (s *InvoicesService) List(ctx context.Context, f InvoiceFilter) iter.Seq2[InvoiceInfo, error] {
	return results(ctx, s.c, search{path: "/invoices", query: f.query()}, func(i *InvoiceInfo) int64 { return i.ID })
}

func (f InvoiceFilter) query() url.Values {
	q := query{}
	list(q, "types", f.Types)
	list(q, "status", f.Status)
	list(q, "invoiceChannel", f.Channels)
	q.text("startDate", f.Start.String())
	q.text("endDate", f.End.String())
	q.text("dueStartDate", f.DueStart.String())
	q.text("dueEndDate", f.DueEnd.String())
	q.text("createdStartDate", f.CreatedStart.String())
	q.text("createdEndDate", f.CreatedEnd.String())
	q.text("versionStartDate", f.VersionStart.String())
	q.text("versionEndDate", f.VersionEnd.String())
	q.id("businessPartnerId", f.PartnerID)
	q.id("factoringContractId", f.FactoringContractID)
	q.ids("productId", f.ProductIDs)
	q.id("invoiceNumber", f.InvoiceNumber)
	q.text("originalInvoiceNumber", f.OriginalInvoiceNumber)
	q.text("searchTerm", f.SearchTerm)
	q.flag("isOffer", f.Offers)
	return url.Values(q)
}

// A checkingEvent is the body of approve, verify and reject. The schema demands a body, so an
// empty one is sent when there is no comment (REFERENCE 7.5).
type checkingEvent struct {
	Comment string `json:"comment,omitempty"`
}

// Approve approves an invoice: purchases and claims become APPROVED, sales NOT_SENT, or APPROVED
// when their channel is NO_SENDING. The comment has at most 100 characters and is ignored for sales.
func (s *InvoicesService) Approve(ctx context.Context, id int64, comment string) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "approve"), checkingEvent{comment})
}

// Verify marks a purchase invoice or claim as checked. The comment has at most 100 characters.
func (s *InvoicesService) Verify(ctx context.Context, id int64, comment string) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "verify"), checkingEvent{comment})
}

// Reject denies payment; the status becomes PAYMENT_DENIED. The comment has at most 100 characters.
func (s *InvoicesService) Reject(ctx context.Context, id int64, comment string) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "reject"), checkingEvent{comment})
}

// Send sends a sales invoice that is NOT_SENT or SENT by its channel. It leaves some minutes later;
// a sent invoice cannot be taken back.
func (s *InvoicesService) Send(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "send"), nil)
}

// SendToCirculation starts the round of checkers of an unfinished claim or purchase.
func (s *InvoicesService) SendToCirculation(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "sendToCirculation"), nil)
}

// Unfinished takes an approved or verified invoice back to UNFINISHED. A sent one stays sent.
func (s *InvoicesService) Unfinished(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "unfinished"), nil)
}

// Invalidate makes an invoice void and deletes its ledger receipt for good.
func (s *InvoicesService) Invalidate(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "invalidate"), nil)
}

// SetNotes replaces the internal notes, at most 10 000 characters, whatever the status.
func (s *InvoicesService) SetNotes(ctx context.Context, id int64, notes string) error {
	body := struct {
		Notes string `json:"notes"`
	}{notes}
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "notes"), body)
}

// MarkPaid enters a payment made elsewhere. It books nothing; when nothing is open any more the
// invoice becomes MARKED_PAID (REFERENCE 3.14).
func (s *InvoicesService) MarkPaid(ctx context.Context, id int64, in MarkPaid) (*PaymentEvent, error) {
	return write[PaymentEvent](ctx, s.c, http.MethodPut, at("invoices", id, "paymentevents", "markpaid"), nil, in)
}

// PaymentEvents yields the payments of an invoice by rising id.
func (s *InvoicesService) PaymentEvents(ctx context.Context, id int64) iter.Seq2[PaymentEvent, error] {
	return results(ctx, s.c, search{path: at("invoices", id, "paymentevents")}, func(e *PaymentEvent) int64 { return e.ID })
}

// PaymentEventsOf reads the payments of many invoices, by rising id, 200 invoices at a time. They
// come without type and description.
func (s *InvoicesService) PaymentEventsOf(ctx context.Context, ids []int64) ([]PaymentEvent, error) {
	var all []PaymentEvent
	for len(ids) > 0 {
		n := min(len(ids), BatchSize)
		q := query{}
		q.ids("invoiceId", ids[:n])
		for e, err := range results(ctx, s.c, search{path: "/payments/paymentevents", query: url.Values(q)}, func(e *PaymentEvent) int64 { return e.ID }) {
			if err != nil {
				return nil, err
			}
			all = append(all, e)
		}
		ids = ids[n:]
	}
	return all, nil
}

// PaymentEvent reads one payment of an invoice.
func (s *InvoicesService) PaymentEvent(ctx context.Context, id, eventID int64) (*PaymentEvent, error) {
	return get[*PaymentEvent](ctx, s.c, at("invoices", id, "paymentevents", eventID), nil)
}

// DeletePaymentEvent asks for the removal of a payment entered by hand. Nothing is removed before a
// user confirms it in Procountor's app (REFERENCE 1.7).
func (s *InvoicesService) DeletePaymentEvent(ctx context.Context, id, eventID int64) (*Confirmation, error) {
	return write[Confirmation](ctx, s.c, http.MethodDelete, at("invoices", id, "paymentevents", eventID), nil, nil)
}

// Transactions reads the history of an invoice: who did what, when.
func (s *InvoicesService) Transactions(ctx context.Context, id int64) ([]InvoiceTransaction, error) {
	v, err := get[struct {
		Transactions []InvoiceTransaction `json:"transactions"`
	}](ctx, s.c, at("invoices", id, "transactions"), nil)
	return v.Transactions, err
}

// TransactionsOf reads the histories of many invoices, 200 at a time.
func (s *InvoicesService) TransactionsOf(ctx context.Context, ids []int64) ([]InvoiceTransactionsOf, error) {
	var all []InvoiceTransactionsOf
	for len(ids) > 0 {
		n := min(len(ids), BatchSize)
		q := url.Values{} // this one documents repeated keys (REFERENCE 2.3)
		for _, id := range ids[:n] {
			q.Add("invoiceIds", strconv.FormatInt(id, 10))
		}
		v, err := get[struct {
			Results []InvoiceTransactionsOf `json:"results"`
		}](ctx, s.c, "/invoices/transactions", q)
		if err != nil {
			return nil, err
		}
		all = append(all, v.Results...)
		ids = ids[n:]
	}
	return all, nil
}

// PersonalVerifications lists the invoices of these types that wait for the user's verification.
func (s *InvoicesService) PersonalVerifications(ctx context.Context, types []InvoiceType) ([]int64, error) {
	return s.personal(ctx, "personalverifications", types)
}

// PersonalApprovals lists the invoices of these types that wait for the user's approval.
func (s *InvoicesService) PersonalApprovals(ctx context.Context, types []InvoiceType) ([]int64, error) {
	return s.personal(ctx, "personalapprovals", types)
}

func (s *InvoicesService) personal(ctx context.Context, what string, types []InvoiceType) ([]int64, error) {
	q := query{}
	list(q, "types", types)
	v, err := get[struct {
		InvoiceIDs []int64 `json:"invoiceIds"`
	}](ctx, s.c, at("invoices", what), url.Values(q))
	return v.InvoiceIDs, err
}

// Comments reads the discussion on an invoice.
func (s *InvoicesService) Comments(ctx context.Context, id int64) ([]Comment, error) {
	v, err := get[struct {
		Comments []Comment `json:"comments"`
	}](ctx, s.c, at("invoices", id, "comments"), nil)
	return v.Comments, err
}

// Comment reads one comment with the users it is meant for.
func (s *InvoicesService) Comment(ctx context.Context, id, commentID int64) (*CommentDetail, error) {
	return get[*CommentDetail](ctx, s.c, at("invoices", id, "comments", commentID), nil)
}

// AddComment adds to the discussion on an invoice.
func (s *InvoicesService) AddComment(ctx context.Context, id int64, text string) (*Comment, error) {
	return write[Comment](ctx, s.c, http.MethodPost, at("invoices", id, "comments"), nil, Comment{Comment: text})
}

// MarkCommentRead marks a comment as read by the user.
func (s *InvoicesService) MarkCommentRead(ctx context.Context, id, commentID int64) error {
	return act(ctx, s.c, http.MethodPut, at("invoices", id, "comments", commentID, "read"), nil)
}

// TaggableUsers lists whom a comment may be meant for.
func (s *InvoicesService) TaggableUsers(ctx context.Context, id int64) ([]TaggableUser, error) {
	v, err := get[struct {
		TaggableUsers []TaggableUser `json:"taggableUsers"`
	}](ctx, s.c, at("invoices", id, "comments", "taggableusers"), nil)
	return v.TaggableUsers, err
}

// Image reads the picture of a page of the invoice, from 1; format is PNG (also for "") or JPG. The
// description calls the answer JSON; the file is more likely to come as with [AttachmentsService.Get],
// and both are read. Of a JSON answer there is no content.
func (s *InvoicesService) Image(ctx context.Context, id int64, page int, format string) (*Attachment, []byte, error) {
	q := query{}
	q.id("page", int64(page))
	q.text("format", format)
	return readFile(ctx, s.c, at("invoices", id, "image"), url.Values(q))
}
