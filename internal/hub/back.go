package hub

import "github.com/vienti/vienti/internal/civil"

// Back says which documents of Procountor go to the source of a connection; the
// zero value: none.
type Back struct {
	// Purchases: approved purchase invoices become costs of projects.
	Purchases bool `json:"purchases,omitempty"`
	// FirstDay: invoices dated earlier stay where they are.
	FirstDay civil.Date `json:"first_day,omitzero"`
	// Dimension is the name of Procountor's dimension whose items are the source's
	// projects. The code of an item is the first word of its text.
	Dimension string `json:"dimension,omitempty"`
}

// A BackFile is a file of an invoice in Procountor, by its id there.
type BackFile struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	MIME string `json:"mime,omitempty"`
}

// BackAxis is the axis of that dimension in a document from Procountor.
const BackAxis = "project"

// A Record is what a part of a document from Procountor has become in a source; at
// most one of each part counts, from the intent on.
type Record struct {
	ID         string
	Connection string
	Document   string
	Part       string
	// RecordID is the source's, "" before it is known.
	RecordID string
	State    RecordState
	// Version is the content of the document that it was made of.
	Version string
}

// A RecordState says whether a record counts.
type RecordState string

// It may be there from the intent on; it is there; it never came to be.
const (
	RecordIntended RecordState = "intended"
	RecordLiving   RecordState = "living"
	RecordEnded    RecordState = "ended"
)
