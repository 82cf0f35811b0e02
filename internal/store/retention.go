package store

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// ErrMasked says that a body is no longer kept: its time is over. Its hash still says what
// it was.
var ErrMasked = errors.New("the body is not kept any more")

// masked is the encoding of a body that is not kept any more.
const masked = "masked"

// MaskPayroll takes away what stands in payroll documents of a connection that have come to
// their end and are of a day before the given one: what the source handed over, what was made
// of it, what was sent and answered, files. Rows, hashes and acts stay. A body that anything
// else still needs stays too. It gives the transfers of which something went, at most limit.
func (tx *Tx) MaskPayroll(connection, before string, limit int) (transfers []string, err error) {
	// All of them, those of which the content went before too: none needs a body any more.
	over, of := map[string]bool{}, map[string]string{}
	const ended = ` from transfer t where t.connection = $1 and (t.doc_kind = $2 or t.covers = $2) and t.kind = 'document' and t.direction = 'in'
		and t.date <> '' and t.date < $3 and t.state in ('done', 'done_with_warning', 'linked', 'skipped', 'done_by_hand', 'taken_back', 'withdrawn')`
	if err := tx.Each(func(scan func(...any) error) error {
		var id, subject string
		var has bool
		err := scan(&id, &subject, &has)
		over[id], over[subject] = true, true
		if has && len(transfers) < limit {
			transfers, of[subject] = append(transfers, id), id
		}
		return err
	}, `select t.id, t.subject, exists (select 1 from document_version v join blob b on b.ref = v.content where v.document = t.subject and b.encoding <> '`+masked+`')`+ended+
		` order by t.date, t.id`, connection, string(hub.PayrollJournal), before); err != nil || len(transfers) == 0 {
		return nil, err
	}
	refs := map[string]bool{}
	collect := func(scan func(...any) error) error {
		var a, b string
		err := scan(&a, &b)
		for _, ref := range []string{a, b} {
			if strings.HasSuffix(ref, sealedMark) {
				refs[ref] = true
			}
		}
		return err
	}
	for subject, id := range of {
		for _, q := range []struct{ sql, arg string }{
			{`select content, raw from document_version where document = $1`, subject},
			{`select ref, '' from document_file where document = $1`, subject},
			{`select request, answer from step where transfer = $1`, id},
		} {
			if err := tx.Each(collect, q.sql, q.arg); err != nil {
				return nil, err
			}
		}
	}
	needed := func(scan func(...any) error) error {
		var a, b, whose string
		err := scan(&a, &b, &whose)
		if !over[whose] {
			delete(refs, a)
			delete(refs, b)
		}
		return err
	}
	for _, sql := range []string{
		`select content, raw, document from document_version where raw like '%` + sealedMark + `' or content like '%` + sealedMark + `'`,
		`select ref, '', document from document_file where ref like '%` + sealedMark + `'`,
		`select request, answer, transfer from step where request like '%` + sealedMark + `' or answer like '%` + sealedMark + `'`,
	} {
		if err := tx.Each(needed, sql); err != nil {
			return nil, err
		}
	}
	for ref := range refs {
		if err := tx.maskBlob(ref); err != nil {
			return nil, err
		}
	}
	return transfers, nil
}

// maskBlob takes a body away. Its file goes first: one that is gone while the row still
// names it is found to be missing, one that stays would never be looked for again.
func (tx *Tx) maskBlob(ref string) error {
	if tx.Dialect() == SQLite {
		if err := os.Remove(tx.store.blobFile(ref)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("mask body %s: %w", ref, err)
		}
	}
	_, err := tx.Exec(`update blob set encoding = '`+masked+`', size = 0, body = null where ref = $1`, ref)
	return err
}
