package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A Watch is what Procountor showed last of an invoice that was ours to bring there.
type Watch struct {
	Company   string
	InvoiceID int64
	Transfer  string // of its document
	// Since is when it arrived, or was written to last; SentAt when it was first seen
	// to be sent, the zero time before.
	Since, SentAt time.Time
	// DueAt is when it is read next, the zero time for never more; ReadAt when it was
	// read last, the zero time before the first.
	DueAt, ReadAt time.Time
	Paid          hub.PaidWatch
}

const watchColumns = `company, invoice_id, transfer, since, sent_at, due_at, read_at, status, paid, currency, total, open, paid_on, payments, returned`

func scanWatch(scan func(...any) error) (w Watch, err error) {
	var since, sent, due, read int64
	p := &w.Paid
	err = scan(&w.Company, &w.InvoiceID, &w.Transfer, &since, &sent, &due, &read, &p.Status, &p.State, &p.Currency, &p.Total, &p.Open, &p.On,
		&p.Payments, &p.Returned)
	w.Since, w.SentAt, w.DueAt, w.ReadAt = momentOf(since), momentOf(sent), momentOf(due), momentOf(read)
	return w, err
}

// PutWatch begins to watch an invoice, or begins anew; what was read of it stays.
func (tx *Tx) PutWatch(company string, invoiceID int64, transfer string, due time.Time) error {
	_, err := tx.Exec(`insert into watch (`+watchColumns+`) values ($1,$2,$3,$4,0,$5,0,'','','','','','',0,'')
		on conflict (company, invoice_id) do update set transfer = excluded.transfer, since = excluded.since, due_at = excluded.due_at`,
		company, invoiceID, transfer, moment(tx.Now()), moment(due))
	return err
}

// WatchDue returns what is to be read by now, the longest due first.
func (tx *Tx) WatchDue(company string, now time.Time, limit int) (list []Watch, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		w, err := scanWatch(scan)
		list = append(list, w)
		return err
	}, `select `+watchColumns+` from watch where company = $1 and due_at > 0 and due_at <= $2 order by due_at, invoice_id limit $3`, company, moment(now), limit)
	return list, err
}

// SaveWatch stores what was read.
func (tx *Tx) SaveWatch(w *Watch) error {
	p := &w.Paid
	return tx.ExecOne(`update watch set sent_at = $3, due_at = $4, read_at = $5, status = $6, paid = $7, currency = $8, total = $9, open = $10,
		paid_on = $11, payments = $12, returned = $13 where company = $1 and invoice_id = $2`, w.Company, w.InvoiceID, moment(w.SentAt),
		moment(w.DueAt), moment(w.ReadAt), p.Status, string(p.State), p.Currency, p.Total, p.Open, p.On, p.Payments, p.Returned)
}

// WatchOf returns what was read of an invoice; [ErrNotFound] when it is not watched.
func (tx *Tx) WatchOf(company string, invoiceID int64) (Watch, error) {
	return scanWatch(tx.QueryRow(`select `+watchColumns+` from watch where company = $1 and invoice_id = $2`, company, invoiceID).Scan)
}

// amongInvoices is the condition that a row is about one of the invoices, with the
// arguments after those given.
func amongInvoices(rows []HistoryRow, args ...any) (string, []any) {
	var in []string
	for _, r := range rows {
		args = append(args, r.InvoiceID)
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	return "invoice_id in (" + strings.Join(in, ",") + ")", args
}

// WatchChanged lets those of the invoices be read next whose status, by the copy of
// what Procountor holds, is another than the one read, or is of something paid before
// they were read at all.
func (tx *Tx) WatchChanged(company string, rows []HistoryRow, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	among, args := amongInvoices(rows, company, moment(now))
	_, err := tx.Exec(`update watch set due_at = $2 where company = $1 and `+among+`
		and exists (select 1 from history h where h.company = watch.company and h.invoice_id = watch.invoice_id and h.status <> watch.status
			and (watch.status <> '' or h.status in ('PAID', 'PARTLY_PAID', 'MARKED_PAID')))`, args...)
	return err
}

// TasksAbout returns the open tasks of the transfers that are about an invoice: of
// its document, of payments on it, of its offset.
func (tx *Tx) TasksAbout(w *Watch) (list []hub.Task, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var k hub.Task
		err := scan(&k.Transfer, &k.Plan, &k.Code)
		list = append(list, k)
		return err
	}, `select k.transfer, k.plan, k.code from transfer o join task k on k.transfer = o.id and k.plan = o.plan and k.done_at = 0
		where o.state = 'done_with_warning' and (o.id = $1 or o.company = $2 and o.invoice_id = $3 and o.invoice_id > 0) order by k.transfer, k.code`,
		w.Transfer, w.Company, w.InvoiceID)
	return list, err
}

// AskTask opens a task of a transfer, anew if it was done.
func (tx *Tx) AskTask(t *hub.Transfer, code string) error {
	_, err := tx.Exec(`insert into task (transfer, plan, code, done_by, done_at, note) values ($1,$2,$3,'',0,'')
		on conflict (transfer, plan, code) do update set done_by = '', done_at = 0, note = ''`, t.ID, t.Plan, code)
	return err
}

// NotesOpen reports whether something is still open on the credit notes that we have
// made of a document's vouchers, as far as they were read.
func (tx *Tx) NotesOpen(company, subject string) (open bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from credit c left join watch w on w.company = c.company and w.invoice_id = c.invoice_id
		where c.company = $1 and c.subject = $2 and c.state = 'living' and coalesce(w.paid, '') <> 'paid')`, company, subject).Scan(&open)
	return open, err
}

// PaymentsStay reports whether payments still stand on vouchers of a document that a
// person has let go, as far as they were read.
func (tx *Tx) PaymentsStay(company, subject string) (stay bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from voucher v left join watch w on w.company = v.company and w.invoice_id = v.invoice_id
		where v.company = $1 and v.subject = $2 and v.state = 'released' and (w.read_at is null or w.read_at < v.ended or w.payments > 0))`,
		company, subject).Scan(&stay)
	return stay, err
}

// CompaniesWithOpen returns the companies in which an invoice that arrived is not wholly
// paid, as far as is known, and whose copy of what Procountor holds is older than a moment.
func (tx *Tx) CompaniesWithOpen(before time.Time) (list []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		list = append(list, id)
		return err
	}, `select c.id from company c where c.detached = 0 and c.history_from <> '' and c.history_at < $1 and c.paused_until < $2 and (
		exists (select 1 from watch w where w.paid in ('open', 'partly') and w.company = c.id) or
		exists (select 1 from watch w where w.paid = '' and w.company = c.id and w.due_at > 0)) order by c.id`, millis(before), millis(tx.Now()))
	return list, err
}

// MoveMark says that the payment for which a mark stands was removed in Procountor,
// and which one stands for it now; none when eventID is 0.
func (tx *Tx) MoveMark(m *hub.PaymentMark, eventID int64, date, amount string) error {
	if eventID == 0 {
		return tx.ExecOne(`update payment_mark set state = 'ended', changed = $2 where id = $1`, m.ID, moment(tx.Now()))
	}
	return tx.ExecOne(`update payment_mark set event_id = $2, date = $3, amount = $4, changed = $5 where id = $1`, m.ID, eventID, date, amount, moment(tx.Now()))
}
