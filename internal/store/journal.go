package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A ClosedPeriod is a month that the source of a connection has closed.
type ClosedPeriod struct {
	Connection string
	Month      hub.Month
	Closed     time.Time
	Actor      string
}

// ClosePeriod keeps that a month is closed, and reports whether it was not yet.
func (tx *Tx) ClosePeriod(connection string, month hub.Month, actor string) (first bool, err error) {
	res, err := tx.Exec(`insert into period (connection, month, closed, actor) values ($1,$2,$3,$4) on conflict (connection, month) do nothing`,
		connection, string(month), millis(tx.Now()), actor)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// ClosedPeriods returns the closed months of a connection, the newest first.
func (tx *Tx) ClosedPeriods(connection string) (list []ClosedPeriod, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		p := ClosedPeriod{Connection: connection}
		var month string
		var closed int64
		err := scan(&month, &closed, &p.Actor)
		p.Month, p.Closed = hub.Month(month), momentOf(closed)
		list = append(list, p)
		return err
	}, `select month, closed, actor from period where connection = $1 order by month desc`, connection)
	return list, err
}

// PeriodsDue returns the closed months for which documents of a company wait.
func (tx *Tx) PeriodsDue(company string) (list []ClosedPeriod, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var p ClosedPeriod
		var month string
		err := scan(&p.Connection, &month)
		p.Month = hub.Month(month)
		list = append(list, p)
		return err
	}, `select p.connection, p.month from period p join connection c on c.id = p.connection where c.company = $1
		and exists (select 1 from transfer t where t.waits_for <> '' and t.waits_for = 'period/' || p.connection || '/' || p.month)
		order by p.connection, p.month`, company)
	return list, err
}

// CountMonth counts the documents of a connection whose day lies in a month, by state.
func (tx *Tx) CountMonth(connection string, month hub.Month) (map[hub.State]int, error) {
	days := month.Days()
	m := map[hub.State]int{}
	err := tx.Each(func(scan func(...any) error) error {
		var s string
		var n int
		err := scan(&s, &n)
		m[hub.State(s)] = n
		return err
	}, `select state, count(*) from transfer where connection = $1 and kind = 'document' and direction = 'in' and doc_kind in ('sales_invoice', 'purchase_invoice')
		and date >= $2 and date <= $3 group by state`, connection, days.First.String(), days.Last.String())
	return m, err
}

// NotArrived returns documents of a month that have not come into Procountor and
// were not left out on purpose, oldest first.
func (tx *Tx) NotArrived(connection string, month hub.Month, limit int) (list []hub.Transfer, err error) {
	days := month.Days()
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where connection = $1 and kind = 'document' and direction = 'in'
		and doc_kind in ('sales_invoice', 'purchase_invoice') and date >= $2 and date <= $3
		and state in ('noticed', 'ready', 'working', 'waiting', 'unclear', 'held', 'refused') order by sort_key, id limit $4`,
		connection, days.First.String(), days.Last.String(), limit)
	return list, err
}

// WaitingMonths counts the documents of a connection that wait for each month.
func (tx *Tx) WaitingMonths(connection string) (map[hub.Month]int, error) {
	m := map[hub.Month]int{}
	prefix := hub.PeriodKey(connection, "")
	err := tx.Each(func(scan func(...any) error) error {
		var key string
		var n int
		err := scan(&key, &n)
		m[hub.Month(key[len(prefix):])] = n
		return err
	}, `select waits_for, count(*) from transfer where waits_for <> '' and waits_for >= $1 and waits_for < $2 group by waits_for`, prefix, prefix+"~")
	return m, err
}

// Unplanned counts the documents of a month about which the engine has not
// decided yet.
func (tx *Tx) Unplanned(connection string, month hub.Month) (n int, err error) {
	days := month.Days()
	err = tx.QueryRow(`select count(*) from transfer where connection = $1 and state in `+active+` and state in ('ready', 'working', 'unclear')
		and kind = 'document' and direction = 'in' and doc_kind in ('sales_invoice', 'purchase_invoice') and date >= $2 and date <= $3`,
		connection, days.First.String(), days.Last.String()).Scan(&n)
	return n, err
}

// WakePeriods makes ready what of a connection waits for its month: it is to be
// decided anew.
func (tx *Tx) WakePeriods(connection string) error {
	prefix := hub.PeriodKey(connection, "")
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', code = '', waits_for = '', wake_at = 0, changed = $3
		where waits_for <> '' and waits_for >= $1 and waits_for < $2 and state = 'waiting'`, prefix, prefix+"~", millis(tx.Now()))
	return err
}

// A Member is a document in a journal.
type Member struct {
	Journal, Document string
	Number            string
	// Version is the content of the document that is in the books, by the journal and
	// its corrections; "" before the journal is posted, and after a reversal.
	Version string
	// Content is that of the journal with which it was posted, "" before.
	Content string
	In      bool
}

const memberColumns = `journal, document, number, version, content, state`

func scanMember(scan func(...any) error) (m Member, err error) {
	var state string
	err = scan(&m.Journal, &m.Document, &m.Number, &m.Version, &m.Content, &state)
	m.In = state == "in"
	return m, err
}

// PutInJournal puts a document into a journal. One that is in another, or has a
// voucher, is refused.
func (tx *Tx) PutInJournal(company string, m Member) error {
	_, err := tx.Exec(`insert into journal_document (journal, document, company, number, version, state, created, ended) values ($1,$2,$3,$4,'','in',$5,0)`,
		m.Journal, m.Document, company, m.Number, millis(tx.Now()))
	return err
}

// JournalOf returns the journal that a document is in; [ErrNotFound] when in none.
func (tx *Tx) JournalOf(document string) (Member, error) {
	return scanMember(tx.QueryRow(`select `+memberColumns+` from journal_document where document = $1 and state = 'in'`, document).Scan)
}

// Members returns the documents of a journal by their number.
func (tx *Tx) Members(journal string) (list []Member, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		m, err := scanMember(scan)
		if m.In {
			list = append(list, m)
		}
		return err
	}, `select `+memberColumns+` from journal_document where journal = $1 order by document`, journal)
	return list, err
}

// MemberTransfers returns the transfers of the documents that are, or were, in a
// journal, for those who only look.
func (tx *Tx) MemberTransfers(journal string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where kind = 'document' and direction = 'in' and company = (select company from journal_document where journal = $1 limit 1)
		and subject in (select document from journal_document where journal = $1) order by sort_key, id`, journal)
	return list, err
}

// MemberPosted keeps with which content a journal is posted, and which content of
// a document stands in it; what has been set right since stays.
func (tx *Tx) MemberPosted(journal, document, content, version string) error {
	return tx.ExecOne(`update journal_document set content = $3, version = case when exists (
		select 1 from correction c where c.base = journal_document.journal and c.document = journal_document.document and c.state <> 'ended')
		then version else $4 end where journal = $1 and document = $2 and state = 'in'`, journal, document, content, version)
}

// SetMemberVersion keeps which content of a document is in the books by now.
func (tx *Tx) SetMemberVersion(journal, document, version string) error {
	return tx.ExecOne(`update journal_document set version = $3 where journal = $1 and document = $2 and state = 'in'`, journal, document, version)
}

// TakeOut lets a document out of a journal.
func (tx *Tx) TakeOut(journal, document string) error {
	return tx.ExecOne(`update journal_document set state = 'out', ended = $3 where journal = $1 and document = $2 and state = 'in'`,
		journal, document, millis(tx.Now()))
}

// HasJournals reports whether any document of a company stands in a journal.
func (tx *Tx) HasJournals(company string) (bool, error) {
	var one int
	err := tx.QueryRow(`select 1 from journal_document where company = $1 and state = 'in' limit 1`, company).Scan(&one)
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// CountJournals counts the journals of a connection whose source id begins with
// prefix.
func (tx *Tx) CountJournals(connection, prefix string) (n int, err error) {
	err = tx.QueryRow(`select count(*) from document where connection = $1 and source_id >= $2 and source_id < $3`, connection, prefix, prefix+"~").Scan(&n)
	return n, err
}

// LiveJournal says which hidden invoice and which ledger receipt in Procountor a
// journal has become.
func (tx *Tx) LiveJournal(subject string, invoiceID, receiptID int64) error {
	return tx.ExecOne(`update voucher set state = 'living', invoice_id = $2, receipt_id = $3 where subject = $1 and state in `+current,
		subject, invoiceID, receiptID)
}

// ReceiptOf returns the ledger receipt of a journal's living voucher, 0 when it
// has none.
func (tx *Tx) ReceiptOf(subject string) (id int64, err error) {
	err = tx.QueryRow(`select receipt_id from voucher where subject = $1 and state in `+current+` and state = 'living'`, subject).Scan(&id)
	if IsNotFound(err) {
		return 0, nil
	}
	return id, err
}
