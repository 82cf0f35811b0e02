package procountor

// An InvoiceInfo is an invoice as a search shows it.
type InvoiceInfo struct {
	ID                    int64            `json:"id,omitempty"`
	PartnerID             int64            `json:"partnerId,omitempty"`
	Type                  InvoiceType      `json:"type,omitempty"`
	Status                Status           `json:"status,omitempty"`
	InvoiceNumber         int              `json:"invoiceNumber,omitempty"`
	OriginalInvoiceNumber string           `json:"originalInvoiceNumber,omitempty"`
	InvoiceChannel        Channel          `json:"invoiceChannel,omitempty"`
	Date                  Date             `json:"date,omitzero"`
	DueDate               Date             `json:"dueDate,omitzero"`         // Due date.
	NewDueDate            Date             `json:"newDueDate,omitzero"`      // Read only.
	Created               Time             `json:"created,omitzero"`         // Creation time.
	Version               Time             `json:"version,omitzero"`         // Last change.
	InvoiceSumInfo        []InvoiceSumInfo `json:"invoiceSumInfo,omitempty"` // Read only.
	CreatorID             int64            `json:"creatorId,omitempty"`      // Read only.
	CounterParty          CounterParty     `json:"counterParty"`
	IsOffer               bool             `json:"isOffer,omitempty"`
}

// A MarkPaid is a payment entered by hand. It books nothing (REFERENCE 3.14).
type MarkPaid struct {
	PaymentDate       Date           `json:"paymentDate"` // Not in a closed period.
	Amount            Decimal        `json:"amount"`
	Currency          Currency       `json:"currency"`                    // The invoice's currency.
	Description       string         `json:"description,omitempty"`       // Sales invoices only. At most 140 characters.
	PaymentMethodType MarkPaidMethod `json:"paymentMethodType,omitempty"` // Sales invoices only.
}

// A PaymentEvent is a payment, or part of one, on an invoice.
type PaymentEvent struct {
	ID           int64            `json:"id,omitempty"`
	InvoiceID    int64            `json:"invoiceId,omitempty"`
	Type         PaymentEventType `json:"type,omitempty"`
	PaymentDate  Date             `json:"paymentDate,omitzero"`
	Status       Status           `json:"status,omitempty"`
	Amount       Decimal          `json:"amount,omitzero"` // In accounting currency.
	Currency     Currency         `json:"currency,omitempty"`
	Description  string           `json:"description,omitempty"`
	PaidAmount   Decimal          `json:"paidAmount,omitzero"` // In the paid currency.
	PaidCurrency Currency         `json:"paidCurrency,omitempty"`
}

// An InvoiceTransaction is a line of an invoice's history.
type InvoiceTransaction struct {
	Action  InvoiceAction `json:"action,omitempty"`
	Name    string        `json:"name,omitempty"`
	Date    Time          `json:"date,omitzero"`
	Details string        `json:"details,omitempty"`
}

// InvoiceTransactionsOf is the history of one of several invoices.
type InvoiceTransactionsOf struct {
	InvoiceID    int64                `json:"invoiceId,omitempty"`
	Transactions []InvoiceTransaction `json:"transactions,omitempty"`
}

// A Comment is a line of the discussion on an invoice.
type Comment struct {
	ID              int64            `json:"id,omitempty"`
	Author          string           `json:"author,omitempty"`
	DateTime        Time             `json:"dateTime,omitzero"`
	Comment         string           `json:"comment"`
	TaggedUsersInfo *TaggedUsersInfo `json:"taggedUsersInfo,omitempty"`
}

// A CommentDetail is a comment with the users it is meant for.
type CommentDetail struct {
	ID              int64            `json:"id,omitempty"`
	Author          string           `json:"author,omitempty"`
	DateTime        Time             `json:"dateTime,omitzero"`
	Comment         string           `json:"comment"`
	TaggedUsersInfo *TaggedUsersInfo `json:"taggedUsersInfo,omitempty"`
	TaggedUsers     []TaggedUser     `json:"taggedUsers,omitempty"`
}

// TaggedUsersInfo counts the users a comment is meant for.
type TaggedUsersInfo struct {
	TaggedCount          int  `json:"numTaggedUsers,omitempty"`
	ReadByAllTaggedUsers bool `json:"readByAllTaggedUsers,omitempty"`
}

// A TaggedUser is one whom a comment is meant for.
type TaggedUser struct {
	UserTagID   int64  `json:"userTagId,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	FullName    string `json:"fullName,omitempty"`
	Read        Time   `json:"read,omitzero"`
}

// A TaggableUser is one whom a comment may be meant for.
type TaggableUser struct {
	DisplayName string `json:"displayName,omitempty"`
	FullName    string `json:"fullName,omitempty"`
}

// A Confirmation is the answer (202) to what a user must still confirm in Procountor's app (REFERENCE 1.7).
type Confirmation struct {
	TransactionIdentifier string `json:"transactionIdentifier,omitempty"`
	ConfirmationApp       string `json:"confirmationApp,omitempty"`
}
