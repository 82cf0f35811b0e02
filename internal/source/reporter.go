package source

import (
	"context"

	"github.com/vienti/vienti/internal/hub"
)

// A Reporter is a driver whose system is told what has become of its own documents:
// the status after the transfer, what was paid. Fields are set and nothing is made, so
// that the same told twice leaves the same.
//
// Errors are those of [Driver] and [ErrRefused]; after any other error of Tell nobody
// knows whether the system has taken it, and Report is asked.
type Reporter interface {
	// Report reads what the system says of a document, by the id that its driver has
	// given it, and returns what is still to be told so that it says r. told is what
	// it was last seen to say because of us; whatever else stands there is
	// somebody's word and is left alone.
	Report(ctx context.Context, sourceID string, r, told hub.Report) (Reporting, error)
	// Tell sends the Body of a Reporting, once. What it returns has no Body when the
	// answer shows that the system says so now.
	Tell(ctx context.Context, sourceID string, body []byte) (Reporting, error)
}

// A Reporting is what a system says of a document, and what it is to say.
type Reporting struct {
	// Body is what is to be sent; nil when the system says all of it, or must not be told.
	Body []byte
	// Says is what the system says now, Would what it would say.
	Says, Would []hub.Said
	// Fault says why it must not be told: [hub.ReportSettings], [hub.ReportUnpaid], or,
	// as a warning, [hub.ReportLeft].
	Fault *hub.Fault
	// Shown is the document as the system shows it.
	Shown []byte
}
