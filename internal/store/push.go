package store

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// LockDocument is [Tx.DocumentBySource] for a document that this transaction is
// about to change.
func (tx *Tx) LockDocument(connection, sourceID string) (DocumentRow, error) {
	return scanDocument(tx.QueryRow(`select `+documentColumns+` from document
		where connection = $1 and source_id = $2`+tx.Dialect().forUpdate(), connection, sourceID).Scan)
}

// LockDocumentByID is [Tx.LockDocument] by the row id of a document of a connection.
func (tx *Tx) LockDocumentByID(connection, id string) (DocumentRow, error) {
	return scanDocument(tx.QueryRow(`select `+documentColumns+` from document
		where connection = $1 and id = $2`+tx.Dialect().forUpdate(), connection, id).Scan)
}

// A PushedFilter chooses documents of one connection; an empty field chooses all.
type PushedFilter struct {
	Reach            people.Reach // nothing beyond it is listed
	SourceID, Number string
	States           []hub.State
	After            string // the id of the last document already seen
}

// A Pushed is a document with the transfer that brings it into Procountor.
type Pushed struct {
	Document DocumentRow
	Transfer hub.Transfer
	// Claim is the source's id of the claim that it is, or is a part of.
	Claim string
}

// PushedDocuments returns at most limit documents of a connection, in the order
// in which they were first seen.
func (tx *Tx) PushedDocuments(connection string, f PushedFilter, limit int) (list []Pushed, err error) {
	states := make([]string, len(f.States))
	for i, s := range f.States {
		states[i] = string(s)
	}
	args := []any{connection, f.After, f.SourceID, f.Number, stateList(states), limit}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	reach := strings.Join(append([]string{""}, within(f.Reach, "t.company", "t.doc_kind", arg)...), " and ")
	err = tx.Each(func(scan func(...any) error) error {
		p, err := scanPushed(scan)
		list = append(list, p)
		return err
	}, selectPushed+`where d.connection = $1 and d.id > $2 and ($3 = '' or d.source_id = $3 or d.claim = $3) and ($4 = '' or t.number = $4)
		and ($5 = '' or `+position(tx.Dialect(), "$5", "',' || t.state || ','")+` > 0)`+reach+` order by d.id limit $6`, args...)
	return list, err
}

// PushedDocument returns one document of a connection by its id; that of another
// connection is [ErrNotFound].
func (tx *Tx) PushedDocument(connection, id string) (Pushed, error) {
	return scanPushed(tx.QueryRow(selectPushed+`where d.connection = $1 and d.id = $2`, connection, id).Scan)
}

// selectPushed joins a document with its one transfer into Procountor.
var selectPushed = `select d.id, d.connection, d.source_id, d.version, d.seen, d.changed, d.standing, d.claim, t.` +
	strings.Join(strings.Fields(strings.ReplaceAll(transferColumns, ",", " ")), ", t.") + `
	from document d join connection c on c.id = d.connection
	join transfer t on t.company = c.company and t.kind = 'document' and t.direction = 'in' and t.subject = d.id `

func scanPushed(scan func(...any) error) (p Pushed, err error) {
	var seen, changed int64
	var standing string
	d := &p.Document
	if p.Transfer, err = scanTransfer(func(dest ...any) error {
		return scan(append([]any{&d.ID, &d.Connection, &d.SourceID, &d.Version, &seen, &changed, &standing, &p.Claim}, dest...)...)
	}); err != nil {
		return p, err
	}
	d.Seen, d.Changed = momentOf(seen), momentOf(changed)
	return p, fromJSON(standing, &d.Standing)
}

// stateList is states as text in which one is found with commas around it.
func stateList(states []string) string {
	if len(states) == 0 {
		return ""
	}
	return "," + strings.Join(states, ",") + ","
}

// position is where a text stands in another, from 1; 0 when it does not.
func position(d Dialect, in, what string) string {
	if d == Postgres {
		return "strpos(" + in + ", " + what + ")"
	}
	return "instr(" + in + ", " + what + ")"
}
