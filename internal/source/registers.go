package source

import "context"

// A Registrar is a driver that shows what its system's own registers hold, as far as
// Procountor's must agree with them. It only reads; errors are those of [Driver].
type Registrar interface {
	Registers(ctx context.Context) (Registers, error)
}

// Registers are a system's own, each in the order of the system. A nil list is one
// that the system does not have.
type Registers struct {
	// Chosen are the statuses that the options of the connection name, as they name
	// them; nothing for one that they do not name.
	Chosen map[StatusUse]string
	// Statuses of sales invoices.
	Statuses []Status
	// Accounts are those that sales are told on.
	Accounts []Account
	// Codes are products, work types and whatever else a row's code may be.
	Codes []Code
	// BankAccounts are the own ones, as written.
	BankAccounts []string
}

// A StatusUse says what a status is for.
type StatusUse string

// Documents are read in the status before, and have the status after when they have arrived.
const (
	StatusBefore StatusUse = "before"
	StatusAfter  StatusUse = "after"
)

// A Status that a document may have in a system.
type Status struct {
	ID, Name string
	// Use is what the options of the connection choose it for, "" for nothing.
	Use StatusUse
	// Off: it cannot be given any more.
	Off bool
	// Numbered documents have their number, Locked ones cannot be edited, Sent ones
	// count as sent, Paid ones as paid.
	Numbered, Locked, Sent, Paid bool
}

// An Account of a system, by the number that it hopes Procountor knows it by.
type Account struct{ Number, Name string }

// A CodeOf says what a code is of.
type CodeOf string

// Products and work types.
const (
	ProductCode CodeOf = "product"
	WorkCode    CodeOf = "work"
)

// A Code of a system's register, "" where it has none; Account is what the entry is
// sold on, "" for none.
type Code struct {
	Of                  CodeOf
	Code, Name, Account string
}
