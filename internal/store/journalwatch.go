package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A JournalWatch is when a journal of ours is looked at in Procountor.
type JournalWatch struct {
	Company   string
	ReceiptID int64
	Transfer  string // of the journal
	// Since is when it arrived; DueAt when it is read next, the zero time for never
	// more; ReadAt when it was read last.
	Since, DueAt, ReadAt time.Time
	Status               string // in which it was
}

// PutJournalWatch begins to watch a journal, or begins anew.
func (tx *Tx) PutJournalWatch(company string, receipt int64, transfer string, due time.Time) error {
	_, err := tx.Exec(`insert into journal_watch (company, receipt_id, transfer, since, due_at, read_at, status) values ($1,$2,$3,$4,$5,0,'')
		on conflict (company, receipt_id) do update set transfer = excluded.transfer, since = excluded.since, due_at = excluded.due_at`,
		company, receipt, transfer, moment(tx.Now()), moment(due))
	return err
}

// JournalsDue returns the journals that are to be read by now, the longest due first.
func (tx *Tx) JournalsDue(company string, now time.Time, limit int) (list []JournalWatch, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		w := JournalWatch{Company: company}
		var since, due, read int64
		err := scan(&w.ReceiptID, &w.Transfer, &since, &due, &read, &w.Status)
		w.Since, w.DueAt, w.ReadAt = momentOf(since), momentOf(due), momentOf(read)
		list = append(list, w)
		return err
	}, `select receipt_id, transfer, since, due_at, read_at, status from journal_watch where company = $1 and due_at > 0 and due_at <= $2
		order by due_at, receipt_id limit $3`, company, moment(now), limit)
	return list, err
}

// SaveJournalWatch stores what was read.
func (tx *Tx) SaveJournalWatch(w *JournalWatch) error {
	return tx.ExecOne(`update journal_watch set due_at = $3, read_at = $4, status = $5 where company = $1 and receipt_id = $2`,
		w.Company, w.ReceiptID, moment(w.DueAt), moment(w.ReadAt), w.Status)
}

// ToldMembers returns the transfers of the documents of a journal, or of the one
// that it sets right, whose page says something with one of two codes.
func (tx *Tx) ToldMembers(company, journal string, codes [2]string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where company = $1 and kind = 'document' and direction = 'in' and subject in (
		select document from journal_document where journal = $2 and state = 'in' union select document from correction where journal = $2)
		and (faults like $3 or faults like $4) order by id`, company, journal, `%"`+codes[0]+`"%`, `%"`+codes[1]+`"%`)
	return list, err
}
