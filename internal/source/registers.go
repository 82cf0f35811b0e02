package source

import (
	"context"

	"github.com/vienti/vienti/internal/hub"
)

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
	// Claims are what travel invoices need, nil where the connection reads none.
	Claims *ClaimRegisters
	// Payroll is what a source of payroll runs says of them, nil for any other.
	Payroll *PayrollRegisters
}

// PayrollRegisters are what a payroll system has, without any amount.
type PayrollRegisters struct {
	// Company is the one that is read, Real that a person has said that it is no test
	// company.
	Company string
	Real    bool
	// Unlocked are the runs that are to come: they are not shown before they are locked.
	Unlocked []string
	// Items are the cost centres and cost units that rows may name.
	Items []hub.Item
}

// ClaimRegisters are what a system has for travel invoices.
type ClaimRegisters struct {
	// Missing says why they cannot be read, "" when they can.
	Missing  string
	Chosen   map[StatusUse]string
	Statuses []Status
	// Codes are those of the types of travel expenses, Persons who may claim.
	Codes   []Code
	Persons []ClaimPerson
}

// A ClaimPerson is somebody who may claim, with the number that Procountor's register of
// persons is asked for, "" for none.
type ClaimPerson struct{ Name, Number string }

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

// Products, work types and types of travel expenses.
const (
	ProductCode CodeOf = "product"
	WorkCode    CodeOf = "work"
	TravelCode  CodeOf = "travel"
)

// A Code of a system's register, "" where it has none; Account is what the entry is
// sold on, "" for none.
type Code struct {
	Of                  CodeOf
	Code, Name, Account string
}
