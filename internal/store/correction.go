package store

import (
	"slices"

	"github.com/vienti/vienti/internal/hub"
)

// A Correction is what sets right, in a journal of its own, the part that a
// document has in an earlier journal.
type Correction struct {
	// Journal is the document of the correcting journal; Base the journal that the
	// document stands in.
	Journal, Base, Document string
	How                     hub.Correction
	// Before and After are the contents of the document in the books, "" for none.
	Before, After string
	// Seq counts the corrections of a document in a journal, from 1.
	Seq   int
	State string // begun, living or ended
}

const correctionColumns = `journal, base, document, how, before, after, seq, state`

func scanCorrection(scan func(...any) error) (c Correction, err error) {
	var how string
	err = scan(&c.Journal, &c.Base, &c.Document, &how, &c.Before, &c.After, &c.Seq, &c.State)
	c.How = hub.Correction(how)
	return c, err
}

// Ended reports whether it does not count any more.
func (c *Correction) Ended() bool { return c.State == "ended" }

// Begun reports whether it is on its way into the books.
func (c *Correction) Begun() bool { return c.State == "begun" }

// BeginCorrection begins to set right what t's document has in a journal, by the
// newest act of a person who wanted that. A second one at the same time, or by the
// same act, is a duplicate; see [IsDuplicate].
func (tx *Tx) BeginCorrection(t *hub.Transfer, c Correction) error {
	_, err := tx.Exec(`insert into correction (journal, base, document, company, how, before, after, seq, state, act, created, ended)
		values ($1,$2,$3,$4,$5,$6,$7,$8,'begun', coalesce((select max(seq) from act where subject = $9 and actor <> 'vienti'
		and kind in ('transfer.difference_journal', 'transfer.reverse_anew')), 0), $10, 0)`,
		c.Journal, c.Base, c.Document, t.Company, string(c.How), c.Before, c.After, c.Seq, t.ID, millis(tx.Now()))
	return err
}

// LiveCorrection says that a correction is in the books: so is its content of the
// document.
func (tx *Tx) LiveCorrection(c Correction) error {
	if err := tx.ExecOne(`update correction set state = 'living' where journal = $1 and state <> 'ended'`, c.Journal); err != nil || !c.Begun() {
		return err
	}
	return tx.SetMemberVersion(c.Base, c.Document, c.After)
}

// EndCorrection says that a correction never came into the books, or is gone from
// them: what was booked before it counts again.
func (tx *Tx) EndCorrection(c Correction) error {
	if err := tx.ExecOne(`update correction set state = 'ended', ended = $2 where journal = $1 and state <> 'ended'`, c.Journal, millis(tx.Now())); err != nil {
		return err
	}
	return tx.SetMemberVersion(c.Base, c.Document, c.Before)
}

// CorrectionBy returns what a journal sets right; [ErrNotFound] when nothing.
func (tx *Tx) CorrectionBy(journal string) (Correction, error) {
	return scanCorrection(tx.QueryRow(`select `+correctionColumns+` from correction where journal = $1`, journal).Scan)
}

// Corrections returns what sets right a document in a journal, the first first;
// those that have ended are left out.
func (tx *Tx) Corrections(base, document string) ([]Correction, error) {
	list, err := tx.AllCorrections(base, document)
	return slices.DeleteFunc(list, func(c Correction) bool { return c.Ended() }), err
}

// AllCorrections are all that there have ever been, in the order in which they began.
func (tx *Tx) AllCorrections(base, document string) (list []Correction, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		c, err := scanCorrection(scan)
		list = append(list, c)
		return err
	}, `select `+correctionColumns+` from correction where base = $1 and document = $2 order by created, seq, journal`, base, document)
	return list, err
}

// BuildsOn reports whether a correction builds on a journal: on a first one, or
// on a correction before it.
func (tx *Tx) BuildsOn(journal string) (yes bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from correction c where c.base = $1 and c.state <> 'ended')
		or exists (select 1 from correction o join correction c on c.base = o.base and c.document = o.document
			where o.journal = $1 and c.seq > o.seq and c.state <> 'ended')`, journal).Scan(&yes)
	return yes, err
}
