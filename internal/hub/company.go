package hub

import (
	"slices"
	"time"
)

// An Environment says what kind of Procountor a company lives in.
type Environment string

// The sandbox is ours; testing is Procountor's public test server.
const (
	Sandbox    Environment = "sandbox"
	Testing    Environment = "testing"
	Production Environment = "production"
)

// A Client is Vienti as Procountor knows it: an API client registered there.
type Client struct {
	ID       string
	Name     string
	ClientID string
	// PerSecond is how many requests Procountor allows it; 0 means no limit,
	// which only a sandbox grants.
	PerSecond int
}

// A Company is one company in Procountor, with the key to it. Procountor's ids
// are unique only inside one.
type Company struct {
	ID           string
	Client       string
	ProcountorID int64
	Name         string
	BusinessID   string
	Country      string // ISO 3166-1 alpha-2
	Currency     string
	Environment  Environment
	BaseURL      string
	// PausedFault says why the whole company rests, such as a dead key.
	PausedFault *Fault
	PausedUntil time.Time
	Created     time.Time

	// LoggedIn is since when the company is opened by the login of a person at
	// Procountor's page, by LoggedInBy; the zero time where it has a key.
	LoggedIn   time.Time
	LoggedInBy string

	// Leaving is how somebody wants the company detached, while what is under way
	// is seen to; "" otherwise.
	Leaving Leaving
	// Detached is since when it has no key: nothing is read or written with it any
	// more, and what is stored stays readable. The zero time while it is connected.
	Detached time.Time
	// DetachedBy is who wanted it detached.
	DetachedBy string
}

// Reasons are the faults of a transfer of the company's, with that for which the
// whole company rests, as long as something is still to happen with the transfer.
func (c *Company) Reasons(t *Transfer) []Fault {
	if c.PausedFault == nil || !t.State.Active() {
		return t.Faults
	}
	return append(slices.Clone(t.Faults), *c.PausedFault)
}

// DeadBy is a fault of the company, in the words of how it is opened: a key that is
// refused where a person has logged in is a login that has ended.
func (c *Company) DeadBy(f Fault) Fault {
	if f.Code == KeyDead && !c.LoggedIn.IsZero() {
		f.Code = LoginEnded
	}
	return f
}

// A Leaving says what becomes of documents that are half-way when their company
// is detached.
type Leaving string

// LeaveFinished: what has been begun in Procountor is brought to its end first.
// LeaveStopped: it stays as it lies there. Either way what is unclear is looked at
// first, and what has not been begun stays here.
const (
	LeaveFinished Leaving = "finish"
	LeaveStopped  Leaving = "stop"
)

// A Connection joins one company of one business system to a Procountor company.
type Connection struct {
	ID      string
	Company string
	Name    string
	// System is what its user calls the source: "Severa", "Finvoice files". It
	// is the first word of every mark.
	System   string
	Settings Settings
	// SettingsVersion counts changes of Settings, from 1.
	SettingsVersion int
	// Writing is off until a person switches it on.
	Writing bool
	Created time.Time
}
