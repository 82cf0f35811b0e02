package source

import (
	"context"
	"errors"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A Writer is a driver whose system takes something back: a purchase invoice of
// Procountor becomes records there, such as the costs of projects.
//
// Whoever calls it keeps the laws of writing: an intent is stored before Write, and
// while nobody knows what became of one, nothing is written before Look was asked.
type Writer interface {
	// Records says what is to be written of a document: one record for each part of
	// it that the system is about, none where it is about nothing of it. It may read
	// which project is meant; the errors are those of [Driver]. Faults say what keeps the
	// document from being written; those of the options name [hub.BackSettings].
	Records(ctx context.Context, d *hub.Document) ([]Record, []hub.Fault, error)
	// Marked puts a mark where the system keeps one that a person leaves alone, and
	// returns the exact bytes to send. The same record and mark give the same bytes.
	Marked(body []byte, mark string) ([]byte, error)
	// Write makes a record, once. An error that wraps [ErrDenied], [ErrBusy] or
	// [ErrRefused] says that nothing was written; after any other nobody knows. What
	// it returns has no ID when the system took the record and did not show it.
	Write(ctx context.Context, marked []byte) (Written, error)
	// Look lists the records that carry a mark of ours, at least those made since. It
	// only reads; errors are those of [Driver].
	Look(ctx context.Context, since time.Time) ([]Written, error)
	// Compare says in which fields a record is not what was sent, as faults of
	// [hub.RecordDiffers]; the mark is no such field, so that a body may have none.
	Compare(marked []byte, there Written) []hub.Fault
}

// A Changer is a [Writer] whose system lets a record of ours be changed and removed.
// Nobody but us may have touched it: who calls it looks before, and Change and Remove
// are made only of what Touched says nothing of.
type Changer interface {
	Writer
	// Touched says why a record that carries our mark is to be left alone: it is on an
	// invoice there, or somebody has changed it since it was sent as marked. nil: it may
	// be changed or removed.
	Touched(marked []byte, there Written) *hub.Fault
	// Change makes a record say what marked says, once; the errors are those of Write.
	Change(ctx context.Context, id string, marked []byte) (Written, error)
	// Remove takes a record away, once; that it is not there is no error.
	Remove(ctx context.Context, id string) error
}

// A Record is one thing to be written to a system, without our mark.
type Record struct {
	// Part names it within its document, for ever: the project that it is a cost of.
	Part string
	Body []byte
}

// A Written record is one that the system has.
type Written struct {
	ID  string // the system's own
	Key string // of the step that made it, from its mark
	// Shown is the record as the system shows it.
	Shown []byte
}

// ErrRefused says that the system does not take what was to be written; nothing was.
var ErrRefused = errors.New("refused")
