package procountor

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// LedgerReceiptsService is the section "Ledger receipts" of the API: journals and the accounting
// pages of invoices (REFERENCE 3.2).
type LedgerReceiptsService struct{ service }

// Create makes a journal, always unfinished, and returns it as it was saved. The transactions,
// VAT included, must sum to zero.
func (s *LedgerReceiptsService) Create(ctx context.Context, in *LedgerReceipt) (*LedgerReceipt, error) {
	return write[LedgerReceipt](ctx, s.c, http.MethodPost, "/ledgerreceipts", nil, in)
}

// CreateReconciled is [LedgerReceiptsService.Create], but Procountor adds a RECONCILIATION_ENTRY for
// what VAT rounding leaves over.
func (s *LedgerReceiptsService) CreateReconciled(ctx context.Context, in *LedgerReceipt) (*LedgerReceipt, error) {
	return write[LedgerReceipt](ctx, s.c, http.MethodPost, "/ledgerreceipts", url.Values{"createReconciliation": {"true"}}, in)
}

// Update replaces the receipt in.ID and returns it as it was saved: accounts, VAT statuses and
// dimensions of an invoice are set this way. in.Version must be the one that was read.
func (s *LedgerReceiptsService) Update(ctx context.Context, in *LedgerReceipt) (*LedgerReceipt, error) {
	return write[LedgerReceipt](ctx, s.c, http.MethodPut, at("ledgerreceipts", in.ID), nil, in)
}

// UpdateReconciled is [LedgerReceiptsService.Update] with a RECONCILIATION_ENTRY as in CreateReconciled.
func (s *LedgerReceiptsService) UpdateReconciled(ctx context.Context, in *LedgerReceipt) (*LedgerReceipt, error) {
	return write[LedgerReceipt](ctx, s.c, http.MethodPut, at("ledgerreceipts", in.ID), url.Values{"createReconciliation": {"true"}}, in)
}

// Get reads one receipt.
func (s *LedgerReceiptsService) Get(ctx context.Context, id int64) (*LedgerReceipt, error) {
	return get[*LedgerReceipt](ctx, s.c, at("ledgerreceipts", id), nil)
}

// GetMany reads receipts in batches of 200, ordered by id. Unknown ids are left out without an error.
func (s *LedgerReceiptsService) GetMany(ctx context.Context, ids []int64) ([]LedgerReceipt, error) {
	return getMany[LedgerReceipt](ctx, s.c, "/ledgerreceipts", ids)
}

// A LedgerReceiptFilter says which receipts [LedgerReceiptsService.List] shows. Zero fields do not limit.
type LedgerReceiptFilter struct {
	Types                    []ReceiptType
	Status                   Status
	Start, End               Date // receipt date
	CreatedStart, CreatedEnd Time
	VersionStart, VersionEnd Time // last change; dimensioning does not move it
}

// List yields the receipts that fit, by rising id, reading 200 at a time. It ends after the first error.
func (s *LedgerReceiptsService) List(ctx context.Context, f LedgerReceiptFilter) iter.Seq2[LedgerReceiptInfo, error] {
	return results(ctx, s.c, search{path: "/ledgerreceipts", query: f.query()}, func(r *LedgerReceiptInfo) int64 { return r.ID })
}

func (f LedgerReceiptFilter) query() url.Values {
	q := query{}
	list(q, "types", f.Types)
	q.text("status", string(f.Status))
	q.text("startDate", f.Start.String())
	q.text("endDate", f.End.String())
	q.text("createdStartDate", f.CreatedStart.String())
	q.text("createdEndDate", f.CreatedEnd.String())
	q.text("versionStartDate", f.VersionStart.String())
	q.text("versionEndDate", f.VersionEnd.String())
	return url.Values(q)
}

// Approve approves a receipt.
func (s *LedgerReceiptsService) Approve(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("ledgerreceipts", id, "approve"), nil)
}

// Unfinished takes a receipt back to UNFINISHED; Swedish and Danish ones with a serial number stay.
func (s *LedgerReceiptsService) Unfinished(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("ledgerreceipts", id, "unfinished"), nil)
}

// Invalidate makes a receipt void.
func (s *LedgerReceiptsService) Invalidate(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodPut, at("ledgerreceipts", id, "invalidate"), nil)
}

// SetDimensions replaces the dimension items of one transaction and returns the receipt.
func (s *LedgerReceiptsService) SetDimensions(ctx context.Context, id, transactionID int64, items []DimensionItemValue) (*LedgerReceipt, error) {
	body := struct {
		Items []DimensionItemValue `json:"dimensionItemValues"`
	}{append([]DimensionItemValue{}, items...)} // none is [], not null
	return write[LedgerReceipt](ctx, s.c, http.MethodPut, at("ledgerreceipts", id, "transactions", transactionID, "dimensions"), nil, body)
}

// A JournalFilter says which journals [LedgerReceiptsService.Journals] shows. Zero fields do not limit.
type JournalFilter struct {
	Status                   []Status // UNFINISHED, APPROVED, INVALIDATED
	Start, End               Date
	CreatedStart, CreatedEnd Time
	VersionStart, VersionEnd Time
}

// Journals reads journals with the id of their receipt and of their hidden invoice. The description
// has neither pages nor an array; an object and an array are read.
func (s *LedgerReceiptsService) Journals(ctx context.Context, f JournalFilter) ([]Journal, error) {
	q := query{}
	list(q, "statuses", f.Status)
	q.text("startDate", f.Start.String())
	q.text("endDate", f.End.String())
	q.text("createdStartDate", f.CreatedStart.String())
	q.text("createdEndDate", f.CreatedEnd.String())
	q.text("versionStartDate", f.VersionStart.String())
	q.text("versionEndDate", f.VersionEnd.String())
	v, err := get[oneOrMany[Journal]](ctx, s.c, "/journals", url.Values(q))
	return v, err
}
