package hub

import "time"

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
}

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
