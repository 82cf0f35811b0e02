package procountor

// An Attachment describes a file at an invoice, a receipt or a register entry (REFERENCE 3.3).
type Attachment struct {
	ID              int64         `json:"id,omitempty"`       // Set by Procountor.
	Name            string        `json:"name"`               // With the extension.
	ReferenceType   ReferenceKind `json:"referenceType"`      // For a journal use INVOICE with the journal's invoiceId.
	ReferenceID     int64         `json:"referenceId"`        // Id of the owner.
	MimeType        string        `json:"mimeType,omitempty"` // Derived from the extension.
	SendWithInvoice bool          `json:"sendWithInvoice"`    // Only SALES_INVOICE, SALES_ORDER and PURCHASE_ORDER.
}

// An AttachmentInfo is an attachment as a search shows it.
type AttachmentInfo struct {
	AttachmentID  int64         `json:"attachmentId,omitempty"`
	Name          string        `json:"name,omitempty"`
	Size          int           `json:"size,omitempty"`
	User          string        `json:"user,omitempty"`
	ReferenceID   int64         `json:"referenceId,omitempty"`
	ReferenceType ReferenceKind `json:"referenceType,omitempty"` // As in Attachment.
	Attached      Time          `json:"attached,omitzero"`
}
