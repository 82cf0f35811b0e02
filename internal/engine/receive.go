package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// Incoming is one document as a source hands it over.
type Incoming struct {
	// Document is what could be read; nil when nothing could, and then SourceID
	// and Number name what was handed over.
	Document *hub.Document
	Faults   []hub.Fault
	// Raw holds the bytes as received; it is kept so that mapping can be done
	// again and evidence stays.
	Raw []byte
	// Standing is where the document stands at its source; nil: the source does not
	// say, and what it said last holds.
	Standing *hub.Standing
	// Places are those of [source.Found].
	Places map[string]string
	// Name and ID stand for a document that could not be read: the file's name
	// and the hash of its bytes.
	Name, ID string
	// Base, if not nil, is the version from which Document was made, "" for none:
	// if the document has another by now, Receive keeps nothing of all and
	// answers [ErrStale].
	Base *string

	// Past is that of [source.Found].
	Past bool

	place string // of a document that is stored
	// lines are those of the claim, of a part of one; at is where a journal stands in its
	// run; gone are the parts that were and are not.
	lines []int
	at    *hub.JournalPlace
	had   *knownRun // of the first journal of a run
	gone  []arrival
	asked bool // a person has told it to go
}

// places are where the values stand in Raw.
func (in Incoming) places() places {
	if in.Places != nil {
		return places{at: in.Places}
	}
	if in.lines != nil || in.at != nil {
		return placesOf(in.Raw, in.root())
	}
	return placesOf(in.Raw, in.place)
}

// root is the document's root element in a file that may hold several.
func (in Incoming) root() string {
	if in.lines != nil {
		return partPlace(in.lines)
	}
	if in.at != nil {
		return journalPlace(in.at)
	}
	for _, at := range in.Places {
		root, _, _ := strings.Cut(at, "/")
		return root
	}
	return ""
}

// ErrStale says that a document has changed since what was to be stored of it
// was made.
var ErrStale = errors.New("the document has changed meanwhile")

// A Result says what receiving a document came to.
type Result string

const (
	ResultNew       Result = "new"
	ResultUnchanged Result = "unchanged" // the same content again: the first result stands
	ResultChanged   Result = "changed"
)

// A Receipt is the answer to one received document.
type Receipt struct {
	Transfer string
	Document string
	Number   string
	Result   Result
	State    hub.State
	Faults   []hub.Fault
}

// Receive stores what a source has shown, in one transaction with the work that
// follows from it and the wake-up. Pulled pages, pushed documents and files all
// enter here. also runs in the same transaction, for a source's cursor.
func (e *Engine) Receive(ctx context.Context, connection string, docs []Incoming, also func(tx *store.Tx) error) ([]Receipt, error) {
	receipts, err := e.receiveAll(ctx, connection, docs, also)
	for tries := 1; tries < 3 && (store.IsDuplicate(err) || errors.Is(err, errRunMoved)); tries++ {
		// The same document came twice at the same moment: it is there now.
		receipts, err = e.receiveAll(ctx, connection, docs, also)
	}
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return receipts, nil
}

func (e *Engine) receiveAll(ctx context.Context, connection string, docs []Incoming, also func(tx *store.Tx) error) (receipts []Receipt, err error) {
	docs, of, err := e.apart(ctx, connection, docs)
	if err != nil {
		return nil, err
	}
	ready, err := e.prepareAll(ctx, connection, docs)
	if err != nil {
		return nil, err
	}
	// Always in the same order, so that two who hand over the same documents do
	// not wait for each other.
	order := make([]int, len(docs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sourceID(docs[a]), sourceID(docs[b])) })
	err = e.store.Group(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return fmt.Errorf("connection %s: %w", connection, err)
		}
		if err := whileAttached(tx, conn.Company); err != nil {
			return err
		}
		if err := asKnown(tx, connection, ready); err != nil {
			return err
		}
		work := false
		receipts = make([]Receipt, len(ready))
		for _, i := range order {
			rc, active, err := e.receive(tx, conn, ready[i])
			if err != nil {
				return err
			}
			receipts[i] = rc
			work = work || active
			if ready[i].lines == nil && ready[i].gone == nil {
				continue
			}
			if err := e.receivePart(tx, conn, ready[i], false); err != nil {
				return err
			}
			for _, gone := range ready[i].gone {
				if _, err := e.partGone(tx, conn, gone); err != nil {
					return err
				}
			}
			work = true
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if !work {
			return nil
		}
		return e.wake(tx, conn.Company, e.o.Now())
	})
	if err != nil {
		return nil, err
	}
	for i := len(receipts) - 1; i > 0; i-- { // the first part of a claim answers for it
		if of[i] == of[i-1] {
			if receipts[i].Result != ResultUnchanged && receipts[i-1].Result == ResultUnchanged {
				receipts[i-1].Result = ResultChanged
			}
			if s := &receipts[i-1]; receipts[i].State.NeedsPerson() && !s.State.NeedsPerson() {
				s.State, s.Faults = receipts[i].State, receipts[i].Faults // of the whole claim
			}
			receipts = slices.Delete(receipts, i, i+1)
		}
	}
	return receipts, nil
}

func sourceID(in Incoming) string {
	if in.Document == nil {
		return in.ID
	}
	return in.Document.SourceID
}

// arrival is an incoming document that is ready to be stored.
type arrival struct {
	Incoming
	packed store.PackedDocument
	// held are all faults of a document that reading has stopped.
	held []hub.Fault
}

// prepareAll does what needs no transaction.
func (e *Engine) prepareAll(ctx context.Context, connection string, docs []Incoming) ([]arrival, error) {
	list := make([]arrival, len(docs))
	pays := false
	if slices.ContainsFunc(docs, func(in Incoming) bool { return in.Document == nil || in.Document.Kind == hub.Unreadable }) {
		conn, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connection) })
		if err != nil {
			return nil, fmt.Errorf("connection %s: %w", connection, err)
		}
		pays = conn.Settings.Kinds[hub.PayrollJournal].On
	}
	for i, in := range docs {
		if in.Document == nil {
			in.Document = &hub.Document{Kind: hub.Unreadable, SourceID: "unreadable/" + in.ID, Number: in.Name}
		}
		if in.Document.Kind == hub.Unreadable && len(in.Faults) == 0 {
			in.Faults = []hub.Fault{hub.NewFault(hub.FormatUnknown, "", in.Name)}
		}
		in.Faults = asRead(in.Faults, in.Raw)
		in.Document = inspected(in.Document)
		pack := store.PackDocument
		if in.Document.Kind == hub.Unreadable && pays {
			pack = store.PackSealedDocument // perhaps a payroll run
		}
		packed, err := pack(in.Document, in.Raw, in.Faults)
		if err != nil {
			return nil, fmt.Errorf("document %s: %w", in.Document.SourceID, err)
		}
		packed.Place = in.root()
		list[i] = arrival{in, packed, in.Faults}
		if !hub.Stops(in.Faults) || in.Document.Kind == hub.Unreadable {
			continue
		}
		// Whoever mends it is told of everything at once.
		f, err := e.Check(ctx, connection, in)
		if err != nil {
			return nil, fmt.Errorf("document %s: %w", in.Document.SourceID, err)
		}
		list[i].held = slices.DeleteFunc(f.Faults, func(f hub.Fault) bool { return f.Code == hub.BeforeFirstDay || f.Code == hub.KindOff })
	}
	return list, nil
}

func (e *Engine) receive(tx *store.Tx, conn hub.Connection, in arrival) (rc Receipt, active bool, err error) {
	doc, version := in.Document, in.packed.Version
	row, err := tx.LockDocument(conn.ID, doc.SourceID)
	known := err == nil
	if err != nil && !store.IsNotFound(err) {
		return rc, false, err
	}
	if in.Past && !known {
		return Receipt{Number: doc.Number, Result: ResultUnchanged}, false, nil // moved before our time, or by another
	}
	if in.Base != nil && *in.Base != row.Version {
		return rc, false, fmt.Errorf("document %s: %w", doc.SourceID, ErrStale)
	}
	same := known && row.Version == version
	if same {
		// What could not be read is not part of the version: the same document may
		// come again with that mended.
		was, err := tx.DocumentVersion(row.ID, version)
		if err != nil {
			return rc, false, err
		}
		same = slices.EqualFunc(was.Faults, in.Faults, hub.Fault.Equal)
	}
	if same {
		t, err := tx.TransferOf(conn.Company, hub.DocumentTransfer, hub.In, row.ID)
		if err != nil {
			return rc, false, err
		}
		result := ResultUnchanged
		if in.Standing != nil && in.Standing.Print() != row.Standing.Print() {
			result = ResultChanged
			if err := e.stand(tx, &row, &t, *in.Standing); err != nil {
				return rc, false, err
			}
		}
		return Receipt{t.ID, row.ID, t.Number, result, t.State, t.Faults}, result == ResultChanged, nil
	}
	row.Connection, row.SourceID = conn.ID, doc.SourceID
	if err := tx.PutDocument(&row, in.packed); err != nil {
		return rc, false, err
	}
	stands := in.Standing != nil && in.Standing.Print() != row.Standing.Print()
	if stands {
		if err := tx.SetStanding(row.ID, *in.Standing); err != nil {
			return rc, false, err
		}
	}
	if !known {
		t := hub.Transfer{Company: conn.Company, Connection: conn.ID, Kind: hub.DocumentTransfer, Direction: hub.In, Subject: row.ID,
			Goal: hub.Deliver, State: hub.Ready, Faults: warnings(in.Faults)}
		if hub.Stops(in.Faults) || doc.Kind == hub.Unreadable {
			t.State, t.Faults = hub.Held, in.held
		}
		describe(&t, doc, version)
		if err := tx.InsertTransfer(&t); err != nil {
			return rc, false, err
		}
		if err := act(tx, engineActor, "transfer.received", t.ID, transferAct(&t)); err != nil {
			return rc, false, err
		}
		if stands {
			if err := standingAct(tx, &t, *in.Standing); err != nil {
				return rc, false, err
			}
		}
		paid, err := tx.ReadyPayments(conn.ID) // perhaps one that came before it
		if err != nil {
			return rc, false, err
		}
		active = t.State == hub.Ready || paid > 0
		return Receipt{t.ID, row.ID, t.Number, ResultNew, t.State, t.Faults}, active, nil
	}
	t, err := tx.TransferOf(conn.Company, hub.DocumentTransfer, hub.In, row.ID)
	if err != nil {
		return rc, false, err
	}
	if stands {
		if err := standingAct(tx, &t, *in.Standing); err != nil {
			return rc, false, err
		}
	}
	if t.State == hub.Working || t.State == hub.Unclear || t.State.Active() && t.Goal == hub.TakeBack || t.Goal == hub.CreditAnew {
		// A write may be in the air: the engine finds the new version when it is
		// done. What a person wants back or credited comes first.
		return Receipt{t.ID, row.ID, t.Number, ResultChanged, t.State, t.Faults}, false, nil
	}
	lease := t.Lease
	t.Goal = hub.Deliver
	t.WakeAt, t.WaitsFor = time.Time{}, ""
	to, faults := hub.Ready, warnings(in.Faults)
	if hub.Stops(in.Faults) {
		to, faults = hub.Held, in.held
	}
	if f, ok := asked(&t); ok {
		to, faults = hub.Held, append([]hub.Fault{f}, faults...)
	}
	if t.State == hub.Refused && to == hub.Held { // the refusal was of another content
		if err := t.Move(hub.Ready); err != nil {
			return rc, false, err
		}
	}
	if err := t.Move(to, faults...); err != nil {
		return rc, false, err
	}
	if err := act(tx, engineActor, "transfer.changed", t.ID, transferAct(&t)); err != nil {
		return rc, false, err
	}
	return Receipt{t.ID, row.ID, t.Number, ResultChanged, t.State, t.Faults}, t.State == hub.Ready, tx.SaveTransfer(&t, lease)
}

func warnings(faults []hub.Fault) (list []hub.Fault) {
	for _, f := range faults {
		if f.Warning {
			list = append(list, f)
		}
	}
	return list
}
