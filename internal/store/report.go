package store

import (
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

const reportColumns = `document, connection, told, says, told_at, seen_at`

func scanReported(scan func(...any) error) (r hub.Reported, err error) {
	var told, says string
	var toldAt, seenAt int64
	if err := scan(&r.Document, &r.Connection, &told, &says, &toldAt, &seenAt); err != nil {
		return r, err
	}
	r.ToldAt, r.SeenAt = momentOf(toldAt), momentOf(seenAt)
	if err := fromJSON(told, &r.Told); err != nil {
		return r, err
	}
	return r, fromJSON(says, &r.Says)
}

// Reported is what the source of a document was told of it last; the zero value when
// it was never seen to say anything because of us.
func (tx *Tx) Reported(document string) (r hub.Reported, err error) {
	r, err = scanReported(tx.QueryRow(`select `+reportColumns+` from report where document = $1`, document).Scan)
	return r, ignoreNone(err)
}

// ReportedOf is [Tx.Reported] of several documents, by their row ids; those of which
// nothing was told are not in it.
func (tx *Tx) ReportedOf(documents []string) (map[string]hub.Reported, error) {
	m := map[string]hub.Reported{}
	c := &chooser{dialect: tx.Dialect()}
	cond := inList(c, "document", documents)
	return m, tx.Each(func(scan func(...any) error) error {
		r, err := scanReported(scan)
		m[r.Document] = r
		return err
	}, `select `+reportColumns+` from report where `+cond, c.args...)
}

// PutReported keeps what a source was told, or was seen to say.
func (tx *Tx) PutReported(r hub.Reported) error {
	told, err := toJSON(r.Told)
	if err != nil {
		return err
	}
	says, err := toJSON(r.Says)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into report (`+reportColumns+`) values ($1,$2,$3,$4,$5,$6) on conflict (document) do update set
		told = excluded.told, says = excluded.says, told_at = excluded.told_at, seen_at = excluded.seen_at`,
		r.Document, r.Connection, told, says, moment(r.ToldAt), moment(r.SeenAt))
	return err
}

// WakeReports lets the reports of a connection be planned anew that rest, since the
// settings have changed: those that told nothing, and those of what is paid.
func (tx *Tx) WakeReports(connection string) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', code = '', wake_at = 0, changed = $2 where connection = $1 and kind = 'report' and lease = ''
		and (state in ('noticed', 'skipped') or state in ('done', 'done_with_warning') and exists (
			select 1 from transfer d join watch w on w.company = d.company and w.invoice_id = d.invoice_id
			where d.company = transfer.company and d.kind = 'document' and d.direction = 'in' and d.subject = transfer.subject and w.paid in ('partly', 'paid')))`,
		connection, moment(tx.Now()))
	return err
}

// StoppedAtSource returns what stands still for one of these reasons, which are all of the
// connection's source, the longest first, to be changed by this transaction.
func (tx *Tx) StoppedAtSource(connection string, codes []string, limit int) (list []hub.Transfer, err error) {
	c := &chooser{dialect: tx.Dialect()}
	where := strings.Join([]string{stands, "connection = " + c.arg(connection), inList(c, "code", codes), "lease = ''"}, " and ")
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where `+where+` order by changed, id limit `+c.arg(limit)+tx.Dialect().forUpdate(), c.args...)
	return list, err
}

// ReportsOf are the transfers by which the sources of documents are told of them, by
// the documents' row ids.
func (tx *Tx) ReportsOf(company string, documents []string) (map[string]hub.Transfer, error) {
	m := map[string]hub.Transfer{}
	c := &chooser{dialect: tx.Dialect()}
	where := "company = " + c.arg(company) + " and kind = 'report' and direction = 'out' and " + inList(c, "subject", documents)
	return m, tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		m[t.Subject] = t
		return err
	}, `select `+transferColumns+` from transfer where `+where, c.args...)
}
