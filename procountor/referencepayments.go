package procountor

import (
	"context"
	"iter"
	"net/url"
)

// A ReferencePayment is money that has come in with a reference, as the bank told Procountor
// (REFERENCE 3.15). What it was allocated to is decided there: the API cannot allocate one.
type ReferencePayment struct {
	ID            int64   `json:"id,omitempty"`
	AccountNumber string  `json:"accountNumber,omitempty"` // The company's, to which it came.
	ValueDate     Date    `json:"valueDate,omitzero"`
	PaymentDate   Date    `json:"paymentDate,omitzero"`
	Sum           Decimal `json:"sum,omitzero"` // In the currency of the account.
	Name          string  `json:"name,omitempty"`
	BankReference string  `json:"bankReference,omitempty"`
	ArchiveID     string  `json:"archiveId,omitempty"` // Unique within one bank only.
	Allocated     bool    `json:"allocated,omitempty"`
	InvoiceID     int64   `json:"invoiceId,omitempty"` // There when it is allocated.

	Attachments            []Attachment    `json:"attachments,omitempty"`
	AllocationMetadataRows []AllocationRow `json:"allocationMetadataRows,omitempty"`
}

// An AllocationRow says what the money is posted as when it is allocated to no invoice.
type AllocationRow struct {
	ID            int64          `json:"id,omitempty"`
	VATPercentage Decimal        `json:"vatPercentage"`
	Sum           Decimal        `json:"sum"`
	VATStatus     *int           `json:"vatStatus,omitempty"`
	Comment       string         `json:"comment,omitempty"` // At most 512 characters.
	LedgerAccount *LedgerAccount `json:"ledgerAccount,omitempty"`
}

// ReferencePaymentsService is the section "Reference payments" of the API.
type ReferencePaymentsService struct{ service }

// A ReferencePaymentFilter says which payments [ReferencePaymentsService.List] shows. Zero fields
// do not limit.
type ReferencePaymentFilter struct {
	Start, End    Date
	AccountNumber string // goes as a header, so that it stands in no log of addresses
}

// List yields the payments that fit, by rising id, reading 200 at a time. It ends after the first error.
func (s *ReferencePaymentsService) List(ctx context.Context, f ReferencePaymentFilter) iter.Seq2[ReferencePayment, error] {
	q := query{}
	q.text("startDate", f.Start.String())
	q.text("endDate", f.End.String())
	return results(ctx, s.c, search{path: "/referencepayments", query: url.Values(q), header: personal("accountNumber", f.AccountNumber)}, func(p *ReferencePayment) int64 { return p.ID })
}
