// Package source defines what the hub needs from a business system.
//
// A connector implements [Driver]. The engine never calls a Driver: it uses
// [Source], which wraps one and keeps the promises that every caller relies on.
package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A Driver reads one kind of business system.
type Driver interface {
	// Pull returns at most limit documents created or changed after cursor,
	// oldest first.
	//
	// Pull may return a document again, but must never skip one: two documents
	// changed in the same second must both come, even across a page boundary. A
	// page holds no document twice. The same cursor gives the same documents as
	// long as the system has not changed.
	//
	// It only reads. It returns an error that wraps [ErrDenied] when the system
	// refuses the credentials, [ErrOptions] when it has not what the options name,
	// [ErrBarred] when it must not be read, and [ErrBusy] when it asks us to come back later.
	Pull(ctx context.Context, cursor Cursor, limit int) (Page, error)
}

// A Cursor says how far a driver has read. It is empty at the beginning and means
// something to its driver only.
type Cursor string

// A Page is one step of a pull.
type Page struct {
	Documents []Found
	Next      Cursor // resume here once Documents are stored
	More      bool   // whether another page is ready now
	// Part says why some of what was asked for could not be read, while the rest was: an
	// [ErrDenied] or [ErrOptions] of one kind of document. Nil when all was.
	Part error
}

// A Found document is one that a system has shown.
type Found struct {
	// Document is never nil. One that could not be read is of kind
	// [hub.Unreadable], with faults that say why.
	Document *hub.Document
	// Faults were found while reading, with paths into Raw.
	Faults []hub.Fault
	// Raw holds the bytes as the system gave them; nil where they are too many
	// to keep.
	Raw []byte
	// Places maps a path in Document ("lines[3].vat_percent", counted from 0) to
	// the place in Raw where it came from, in the source's words; nil where the
	// two have the same paths.
	Places map[string]string
	// Standing is where the document stands at the system; nil when it does not say.
	Standing *hub.Standing
	// Name says to a person where it came from, such as the name of a file.
	Name string
	// Past says that the system counts it as transferred already: it is shown so that
	// what changes in it is seen, and is nothing new where nobody knows it.
	Past bool
}

var (
	// ErrDenied says that the system refuses us until a person acts: wrong
	// credentials, a right that is missing.
	ErrDenied = errors.New("access denied")
	// ErrOptions says that the options do not fit what the system has: a status that
	// is not there any more, a company that is somebody else's. A person must act.
	ErrOptions = errors.New("options of the source")
	// ErrBarred says that what comes from the system must not go to the books: a test
	// company, one that is blocked, one that somebody has excluded. A person must act, and
	// nothing that has come from it is written meanwhile.
	// See [BarredError].
	ErrBarred = errors.New("barred")
	// ErrBusy says that the system asks us to come back later; see [BusyError].
	ErrBusy = errors.New("system is busy")
)

// A BarredError is an [ErrBarred] of one company, as people know it.
type BarredError struct {
	Why     Bar
	Company string
	Said    error // by the system; nil where it has said nothing
}

// A Bar says why a company is barred.
type Bar string

// Somebody has excluded it; somebody has said that it is a test company, or nobody has said
// yet that it is none; the system gives no data of it, for it is blocked or a right was taken
// away; or does not list it.
const (
	Excluded    Bar = "excluded"
	TestCompany Bar = "test"
	Unsure      Bar = "unsure"
	NoData      Bar = "blocked"
	NotListed   Bar = "missing"
)

func (e *BarredError) Error() string {
	text := fmt.Sprintf("%s: %s (%s)", ErrBarred, e.Company, e.Why)
	if e.Said != nil {
		text += ": " + e.Said.Error()
	}
	return text
}

// Unwrap makes the error an [ErrBarred].
func (e *BarredError) Unwrap() error { return ErrBarred }

// A BusyError is an [ErrBusy] that knows until when.
type BusyError struct {
	Until  time.Time // zero when the system does not say
	Reason string
}

func (e *BusyError) Error() string { return ErrBusy.Error() + ": " + e.Reason }

// Unwrap makes the error an [ErrBusy].
func (e *BusyError) Unwrap() error { return ErrBusy }

// A Settler is a driver that tidies up what has been stored: a folder moves its
// files away. [Source] calls it before each pull.
type Settler interface {
	// Settle is told a cursor that is stored, and may be told it again. What the
	// cursor does not cover stays untouched.
	Settle(ctx context.Context, stored Cursor) error
}

// A PartyLister is a driver that can show the registers of its system: the
// customers, and the own companies. It only reads; errors are those of [Driver].
type PartyLister interface {
	// Customers yields every customer once, in the order of the system.
	Customers(ctx context.Context) iter.Seq2[Party, error]
	// Companies yields the own companies.
	Companies(ctx context.Context) iter.Seq2[Party, error]
}

// A Party is an entry of a system's register.
type Party struct {
	ID string // the system's own
	hub.Party
}

// An ItemLister is a driver that can show what its system follows costs by, and what it
// sells: the items that rows name, whether any row names them or not.
type ItemLister interface {
	// Items yields the items of the named axes ([hub.ProductAxis] among them) that have
	// changed since a moment, closed ones too; all of them for the zero time. It may yield
	// more than has changed, and nothing of an axis that the system does not have. Each
	// has an axis, an id of its own and a code or a name. It only reads; errors are those
	// of [Driver].
	Items(ctx context.Context, axes []string, since time.Time) iter.Seq2[hub.Item, error]
}

// An Explainer is a driver whose fields are mapped by settings: it shows what it
// makes of real answers, before anybody relies on it.
type Explainer interface {
	// Explain reads the first documents, at most limit, and says field by field
	// what was understood.
	Explain(ctx context.Context, limit int) ([]Understood, error)
}

// An Understood field of a document.
type Understood struct {
	Document int    // from 1
	Row      int    // of the document, from 1; 0 for a field of the whole
	Field    string // ours, "" for one of theirs that nothing is made of
	Theirs   string // the name of their field
	Value    string // as it came, clipped
	Read     string // as it was understood
	Fault    string // why it was not, in a few words
}

// A Capability is something that only some drivers can do.
type Capability string

// See [Settler], [PartyLister], [ItemLister], [Explainer], [Writer], [Changer], [Reporter], [Registrar].
const (
	Settles        Capability = "settles"
	ListsParties   Capability = "lists parties"
	ListsItems     Capability = "lists items"
	Explains       Capability = "explains"
	Writes         Capability = "writes"
	Changes        Capability = "changes"
	IsTold         Capability = "is told"
	ShowsRegisters Capability = "shows registers"
)

// Capabilities lists what d can do beside reading.
func Capabilities(d Driver) []Capability {
	var list []Capability
	if _, ok := d.(Settler); ok {
		list = append(list, Settles)
	}
	if _, ok := d.(PartyLister); ok {
		list = append(list, ListsParties)
	}
	if _, ok := d.(ItemLister); ok {
		list = append(list, ListsItems)
	}
	if _, ok := d.(Explainer); ok {
		list = append(list, Explains)
	}
	if _, ok := d.(Writer); ok {
		list = append(list, Writes)
	}
	if _, ok := d.(Changer); ok {
		list = append(list, Changes)
	}
	if _, ok := d.(Reporter); ok {
		list = append(list, IsTold)
	}
	if _, ok := d.(Registrar); ok {
		list = append(list, ShowsRegisters)
	}
	return list
}

// Env is everything outside that a connector may use. It builds no transport and
// reads no environment of its own.
type Env struct {
	HTTP *http.Client
	// Own is the business id of the company that documents are read for.
	Own string
	// Kinds are what the connection does with each kind of document, so that nothing is
	// asked for that nobody wants: files that do not go, what was before the first day.
	// A connector takes everything where it is nil.
	Kinds map[hub.Kind]hub.KindSettings
	// Tables say what the columns of lists mean.
	Tables []hub.TableMap
	// Writing says that what is read goes to the books; else it is shown only.
	Writing bool
	// Payroll says what is a run, and whether it is read by employee.
	Payroll hub.PayrollSettings
	Log     *slog.Logger
	Now     func() time.Time
	// Turn waits until the next request of a client of the system may leave, so many of
	// which are admitted in a second, over all connections and nodes; nil where nobody
	// else asks.
	Turn func(ctx context.Context, client string, perSecond int) error
	// Sleep waits, by the clock that Now reads; nil is the clock on the wall.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Wait waits for d, or until ctx is done, whose error it then returns.
func (e Env) Wait(ctx context.Context, d time.Duration) error {
	if e.Sleep != nil {
		return e.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A Source is a driver in use, with the promises of [Driver] checked.
type Source struct {
	name   string
	driver Driver
}

// New wraps a driver; name is how people know the system, for errors.
func New(name string, d Driver) *Source { return &Source{name: name, driver: d} }

// Pull reads the next page and rejects one that breaks the contract of [Driver].
// The cursor must be stored, with everything that came before it: a driver may
// tidy up what lies behind.
func (s *Source) Pull(ctx context.Context, cursor Cursor, limit int) (Page, error) {
	if limit < 1 {
		return Page{}, fmt.Errorf("pull from %s: a page of %d documents", s.name, limit)
	}
	if settler, ok := s.driver.(Settler); ok {
		if err := settler.Settle(ctx, cursor); err != nil {
			return Page{}, fmt.Errorf("settle %s: %w", s.name, err)
		}
	}
	return s.read(ctx, cursor, limit)
}

// Look shows the first page from the beginning and tidies nothing up.
func (s *Source) Look(ctx context.Context, limit int) (Page, error) { return s.read(ctx, "", limit) }

// maxItemText bounds the code and the name of an item.
const maxItemText = 500

// Items reads the items of some axes that have changed since a moment, and rejects one
// that breaks the contract of [ItemLister]. ok is false when the system lists none.
func (s *Source) Items(ctx context.Context, axes []string, since time.Time) (items iter.Seq2[hub.Item, error], ok bool) {
	lister, ok := s.driver.(ItemLister)
	if !ok {
		return nil, false
	}
	return func(yield func(hub.Item, error) bool) {
		for it, err := range lister.Items(ctx, axes, since) {
			if err == nil {
				err = checkItem(it, axes)
			}
			if err != nil {
				yield(it, fmt.Errorf("items of %s: %w", s.name, err))
				return
			}
			if !yield(it, nil) {
				return
			}
		}
	}, true
}

func checkItem(it hub.Item, axes []string) error {
	switch {
	case !slices.Contains(axes, it.Axis):
		return fmt.Errorf("item %s is of axis %q, which nobody asked for", it.ID, it.Axis)
	case it.ID == "":
		return fmt.Errorf("an item of axis %s has no id", it.Axis)
	case it.Text() == "":
		return fmt.Errorf("item %s of axis %s has neither code nor name", it.ID, it.Axis)
	case len(it.Code) > maxItemText || len(it.Name) > maxItemText || len(it.ID) > maxItemText:
		return fmt.Errorf("item %.40s of axis %s has more than %d bytes of text", it.ID, it.Axis, maxItemText)
	}
	return nil
}

func (s *Source) read(ctx context.Context, cursor Cursor, limit int) (Page, error) {
	p, err := s.driver.Pull(ctx, cursor, limit)
	if err != nil {
		return Page{}, fmt.Errorf("pull from %s: %w", s.name, err)
	}
	if err := check(p, cursor, limit); err != nil {
		return Page{}, fmt.Errorf("pull from %s: %w", s.name, err)
	}
	return p, nil
}

func check(p Page, cursor Cursor, limit int) error {
	if p.More && p.Next == cursor {
		return errors.New("promised more but the cursor stands still")
	}
	if len(p.Documents) > 0 && p.Next == cursor {
		return errors.New("showed documents but the cursor stands still")
	}
	if len(p.Documents) > limit {
		return fmt.Errorf("%d documents on a page of %d", len(p.Documents), limit)
	}
	seen := map[string]bool{}
	for i := range p.Documents {
		f := &p.Documents[i]
		if err := f.check(); err != nil {
			return fmt.Errorf("document %d of the page: %w", i+1, err)
		}
		if seen[f.Document.SourceID] {
			return fmt.Errorf("document %s stands twice on the page", f.Document.SourceID)
		}
		seen[f.Document.SourceID] = true
	}
	return nil
}

func (f *Found) check() error {
	d := f.Document
	switch {
	case d == nil:
		return errors.New("is nil")
	case d.SourceID == "":
		return errors.New("has no id")
	case d.Kind == hub.Unreadable:
		if !hub.Stops(f.Faults) {
			return fmt.Errorf("%s could not be read, and nothing says why", d.SourceID)
		}
	case !slices.Contains(hub.Kinds, d.Kind):
		return fmt.Errorf("%s is of unknown kind %q", d.SourceID, d.Kind)
	}
	for _, fault := range f.Faults {
		if fault.Code == "" {
			return fmt.Errorf("%s has a fault without code", d.SourceID)
		}
	}
	// An amount that does not fit exactly cannot be written down.
	if _, err := json.Marshal(d); err != nil {
		return fmt.Errorf("%s cannot be kept: %w", d.SourceID, err)
	}
	return nil
}
