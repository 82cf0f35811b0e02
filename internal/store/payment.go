package store

import (
	"encoding/json"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A PaymentRow is what a source has shown of one payment.
type PaymentRow struct {
	ID         string
	Connection string
	SourceID   string
	Document   string // row id of the document that it pays, "" while none is known
	Version    string
	Content    hub.PaymentMade
	Raw        string // blob reference of what the source handed over
	Faults     []hub.Fault
	Seen       time.Time
	Changed    time.Time
}

const paymentColumns = `id, connection, source_id, document, version, content, raw, faults, seen, changed`

func scanPayment(scan func(...any) error) (p PaymentRow, err error) {
	var content, faults string
	var seen, changed int64
	if err := scan(&p.ID, &p.Connection, &p.SourceID, &p.Document, &p.Version, &content, &p.Raw, &faults, &seen, &changed); err != nil {
		return p, err
	}
	p.Seen, p.Changed = momentOf(seen), momentOf(changed)
	if err := json.Unmarshal([]byte(content), &p.Content); err != nil {
		return p, err
	}
	return p, fromJSON(faults, &p.Faults)
}

// LockPayment finds a payment by the id it has in its source, to be changed by
// this transaction.
func (tx *Tx) LockPayment(connection, sourceID string) (PaymentRow, error) {
	return scanPayment(tx.QueryRow(`select `+paymentColumns+` from payment where connection = $1 and source_id = $2`+tx.Dialect().forUpdate(),
		connection, sourceID).Scan)
}

// Payment finds a payment by its row id.
func (tx *Tx) Payment(id string) (PaymentRow, error) {
	return scanPayment(tx.QueryRow(`select `+paymentColumns+` from payment where id = $1`, id).Scan)
}

// PutPayment stores what a source shows of a payment, new or changed.
func (tx *Tx) PutPayment(p *PaymentRow) error {
	content, err := json.Marshal(p.Content)
	if err != nil {
		return err
	}
	faults, err := toJSON(p.Faults)
	if err != nil {
		return err
	}
	now := tx.Now()
	p.Changed = now
	if p.ID != "" {
		return tx.ExecOne(`update payment set document = $2, version = $3, content = $4, raw = $5, faults = $6, changed = $7 where id = $1`,
			p.ID, p.Document, p.Version, string(content), p.Raw, faults, moment(now))
	}
	p.ID, p.Seen = tx.store.NewID(), now
	_, err = tx.Exec(`insert into payment (`+paymentColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$9)`,
		p.ID, p.Connection, p.SourceID, p.Document, p.Version, string(content), p.Raw, faults, moment(now))
	return err
}

// SetPaymentDocument says which document a payment pays.
func (tx *Tx) SetPaymentDocument(payment, document string) error {
	return tx.ExecOne(`update payment set document = $2 where id = $1`, payment, document)
}

// A PaymentOf is a payment of a document with the transfer that marks it.
type PaymentOf struct {
	Payment  PaymentRow
	Transfer hub.Transfer
}

// PaymentsOf returns the payments of a document, in the order in which they came.
func (tx *Tx) PaymentsOf(document string) (list []PaymentOf, err error) {
	if err := tx.Each(func(scan func(...any) error) error {
		p, err := scanPayment(scan)
		list = append(list, PaymentOf{Payment: p})
		return err
	}, `select `+paymentColumns+` from payment where document = $1 and document <> '' order by id`, document); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Transfer, err = tx.transferOfPayment(list[i].Payment.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// PaymentBySource finds a payment by the id it has in its source.
func (tx *Tx) PaymentBySource(connection, sourceID string) (p PaymentOf, err error) {
	if p.Payment, err = scanPayment(tx.QueryRow(`select `+paymentColumns+` from payment where connection = $1 and source_id = $2`,
		connection, sourceID).Scan); err != nil {
		return p, err
	}
	p.Transfer, err = tx.transferOfPayment(p.Payment.ID)
	return p, err
}

// PaymentOfConnection finds a payment by its row id; that of another connection
// is [ErrNotFound].
func (tx *Tx) PaymentOfConnection(connection, id string) (p PaymentOf, err error) {
	if p.Payment, err = scanPayment(tx.QueryRow(`select `+paymentColumns+` from payment where id = $1 and connection = $2`, id, connection).Scan); err != nil {
		return p, err
	}
	p.Transfer, err = tx.transferOfPayment(id)
	return p, err
}

func (tx *Tx) transferOfPayment(id string) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer where company = (
		select c.company from payment p join connection c on c.id = p.connection where p.id = $1)
		and kind = 'payment' and direction = 'in' and subject = $1`, id).Scan)
}

// DocumentsByNumber returns the documents of a connection that a number may mean;
// a journal of ours has the number of its document.
func (tx *Tx) DocumentsByNumber(connection, number string, kind hub.Kind) (ids []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select subject from transfer where connection = $1 and number = $2 and kind = 'document' and direction = 'in' and doc_kind <> 'journal' and ($3 = '' or doc_kind = $3) order by id limit 2`,
		connection, number, string(kind))
	return ids, err
}

// ReadyPayments makes ready the payments of a connection that are held because
// nobody knew their document.
func (tx *Tx) ReadyPayments(connection string) (n int64, err error) {
	res, err := tx.Exec(`update transfer set state = 'ready', faults = '', code = '', wake_at = 0, changed = $2 where state in ('held', 'refused') and state = 'held' and code = $3
		and connection = $1 and kind = 'payment' and lease = ''`, connection, moment(tx.Now()), hub.PaymentNoDocument)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// AwaitedInvoices are the invoices whose approval in Procountor payments and
// offsets wait for.
func (tx *Tx) AwaitedInvoices(company string) (map[int64]bool, error) {
	m := map[int64]bool{}
	err := tx.Each(func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		m[id] = true
		return err
	}, `select invoice_id from transfer where waits_for <> '' and company = $1 and kind in ('payment', 'offset') and state = 'waiting'`, company)
	return m, err
}

// TransferByDocument is the transfer of a document into Procountor, for those who
// only look.
func (tx *Tx) TransferByDocument(company, document string) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer
		where company = $1 and kind = 'document' and direction = 'in' and subject = $2`, company, document).Scan)
}

// WakePayments lets the payments and offsets go on that waited for an invoice to
// be approved in Procountor.
func (tx *Tx) WakePayments(company string, invoiceID int64) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', waits_for = '', wake_at = 0, changed = $3 where company = $1 and invoice_id = $2
		and invoice_id > 0 and kind in ('payment', 'offset') and state = 'waiting' and waits_for <> '' and lease = ''`, company, invoiceID, moment(tx.Now()))
	return err
}

// WakeOldPayments lets payments and offsets of a company go on that have waited for their
// document since before a moment, to look whether it is still there.
func (tx *Tx) WakeOldPayments(company string, before time.Time) error {
	_, err := tx.Exec(`update transfer set waits_for = '', wake_at = $3 where company = $1 and kind in ('payment', 'offset') and state = 'waiting'
		and waits_for <> '' and changed < $2`, company, millis(before), millis(tx.Now()))
	return err
}

// OpenMark begins the one mark of a payment, or of one side of an offset. A second
// one, or one beside another that is on its way to the same invoice, is a
// duplicate; see [IsDuplicate].
func (tx *Tx) OpenMark(m hub.PaymentMark) error {
	_, err := tx.Exec(`insert into payment_mark (id, company, payment, side, invoice_id, event_id, state, date, amount, created, changed)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$10)`, tx.store.NewID(), m.Company, m.Payment, string(m.Side), m.InvoiceID, m.EventID, string(m.State), m.Date, m.Amount, moment(tx.Now()))
	return err
}

// LiveMark says which payment in Procountor it has become.
func (tx *Tx) LiveMark(payment string, eventID int64) error {
	return tx.ExecOne(`update payment_mark set state = 'living', event_id = $2, changed = $3 where payment = $1 and state = 'intended'`,
		payment, eventID, moment(tx.Now()))
}

// EndMark says that it never came to be.
func (tx *Tx) EndMark(payment string) error {
	_, err := tx.Exec(`update payment_mark set state = 'ended', changed = $2 where payment = $1 and state = 'intended'`, payment, moment(tx.Now()))
	return err
}

const markColumns = `id, company, payment, side, invoice_id, event_id, state, date, amount`

func scanMark(scan func(...any) error) (m hub.PaymentMark, err error) {
	var state, side string
	err = scan(&m.ID, &m.Company, &m.Payment, &side, &m.InvoiceID, &m.EventID, &state, &m.Date, &m.Amount)
	m.State, m.Side = hub.MarkState(state), hub.MarkSide(side)
	return m, err
}

// MarkOf returns the mark of a payment, or of one side of an offset; [ErrNotFound]
// when it has none.
func (tx *Tx) MarkOf(payment string, side hub.MarkSide) (hub.PaymentMark, error) {
	return scanMark(tx.QueryRow(`select `+markColumns+` from payment_mark where payment = $1 and side = $2 and state <> 'ended'`, payment, string(side)).Scan)
}

// MarksOn returns the marks on an invoice, by id.
func (tx *Tx) MarksOn(company string, invoiceID int64) (list []hub.PaymentMark, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		m, err := scanMark(scan)
		list = append(list, m)
		return err
	}, `select `+markColumns+` from payment_mark where company = $1 and invoice_id = $2 and state <> 'ended' order by id`, company, invoiceID)
	return list, err
}
