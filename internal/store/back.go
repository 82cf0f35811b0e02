package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Back is a purchase invoice of Procountor that may go to the source of a connection.
type Back struct {
	Connection string
	InvoiceID  int64
	Company    string
	// Document is the row of the document that it became; "" for one that came from a
	// source, or that we have made: it never goes back.
	Document string
	Number   string // the supplier's
	// Status is Procountor's, as read last; ReceiptID its ledger receipt.
	Status    string
	ReceiptID int64
	// DueAt is when it is read next, the zero time for never more.
	DueAt, ReadAt time.Time
	// Files are those that Procountor has of it.
	Files []hub.BackFile
}

const backColumns = `connection, invoice_id, company, document, number, status, receipt_id, due_at, read_at, files`

func scanBack(scan func(...any) error) (b Back, err error) {
	var due, read int64
	var files string
	if err = scan(&b.Connection, &b.InvoiceID, &b.Company, &b.Document, &b.Number, &b.Status, &b.ReceiptID, &due, &read, &files); err != nil {
		return b, err
	}
	b.DueAt, b.ReadAt = momentOf(due), momentOf(read)
	return b, fromJSON(files, &b.Files)
}

// foreign holds for an invoice h of Procountor's that is neither ours nor perhaps
// ours, as SQL: whose post is unclear is asked about again when that is known.
const foreign = `not exists (select 1 from voucher v where v.company = h.company and v.invoice_id = h.invoice_id)
	and not exists (select 1 from voucher v where v.company = h.company and v.number = h.original_number and v.state in ` + current + ` and v.state = 'intended')
	and not exists (select 1 from credit c where c.company = h.company and c.invoice_id = h.invoice_id)
	and not exists (select 1 from transfer t where t.company = h.company and t.invoice_id = h.invoice_id and t.invoice_id > 0)`

// ForeignPurchases returns purchase invoices of the copy of what Procountor holds
// that a connection has not looked at yet: from a day on, with one of these
// statuses, and not ours.
func (tx *Tx) ForeignPurchases(connection hub.Connection, statuses []string, limit int) (list []HistoryRow, err error) {
	args, in := []any{connection.Company, connection.ID, connection.Settings.Back.FirstDay.String(), limit}, []string(nil)
	for _, s := range statuses {
		args = append(args, s)
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	err = tx.Each(func(scan func(...any) error) error {
		r, err := scanHistory(scan)
		list = append(list, r)
		return err
	}, `select `+historyColumns+` from history h where h.company = $1 and h.type = 'PURCHASE_INVOICE' and h.date >= $3 and h.status in (`+strings.Join(in, ",")+`)
		and not exists (select 1 from back b where b.connection = $2 and b.invoice_id = h.invoice_id) and `+foreign+` order by h.invoice_id limit $4`, args...)
	return list, err
}

// IsForeign reports whether an invoice that Procountor shows is neither ours nor
// perhaps ours: no voucher, none that is being made with that number, and none that
// a document of a source stands for.
func (tx *Tx) IsForeign(company string, invoiceID int64, number string) (ok bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from (select cast($1 as text) as company, cast($2 as bigint) as invoice_id, cast($3 as text) as original_number) h where `+foreign+`)`,
		company, invoiceID, number).Scan(&ok)
	return ok, err
}

// CameFromSource reports whether a source has shown the purchase invoice with a
// supplier's number: of that supplier in that year, or with that sum. Such an
// invoice is the source's, whatever became of it here.
func (tx *Tx) CameFromSource(company, number, supplier, date, gross string) (came bool, err error) {
	if number == "" {
		return false, nil
	}
	if a, err := money.Parse(gross); err == nil {
		gross = a.Fixed(2)
	}
	err = tx.QueryRow(`select exists (select 1 from transfer where number_key = $2 and company = $1 and kind = 'document' and direction = 'in'
		and doc_kind = 'purchase_invoice' and (party_key = $3 and substr(date, 1, 4) = substr($4, 1, 4) or gross = $5))`,
		company, strings.ToLower(number), strings.ToLower(supplier), date, gross).Scan(&came)
	return came, err
}

// PutBack keeps that an invoice was looked at.
func (tx *Tx) PutBack(b *Back) error {
	files, err := toJSON(b.Files)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into back (`+backColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		b.Connection, b.InvoiceID, b.Company, b.Document, b.Number, b.Status, b.ReceiptID, moment(b.DueAt), moment(b.ReadAt), files)
	return err
}

// SaveBack stores what was read.
func (tx *Tx) SaveBack(b *Back) error {
	files, err := toJSON(b.Files)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update back set status = $3, receipt_id = $4, due_at = $5, read_at = $6, files = $7 where connection = $1 and invoice_id = $2`,
		b.Connection, b.InvoiceID, b.Status, b.ReceiptID, moment(b.DueAt), moment(b.ReadAt), files)
}

// BackDue returns what is to be read by now, the longest due first.
func (tx *Tx) BackDue(company string, now time.Time, limit int) (list []Back, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		b, err := scanBack(scan)
		list = append(list, b)
		return err
	}, `select `+backColumns+` from back where company = $1 and due_at > 0 and due_at <= $2 order by due_at, invoice_id limit $3`, company, moment(now), limit)
	return list, err
}

// BackOf returns the invoice that a document from Procountor is.
func (tx *Tx) BackOf(document string) (Back, error) {
	return scanBack(tx.QueryRow(`select `+backColumns+` from back where document = $1 and document <> ''`, document).Scan)
}

// BackChanged lets those of the invoices be read next that have become documents,
// for they have been changed.
func (tx *Tx) BackChanged(company string, rows []HistoryRow, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	among, args := amongInvoices(rows, company, moment(now))
	_, err := tx.Exec(`update back set due_at = $2 where company = $1 and document <> '' and `+among, args...)
	return err
}

// BackAgain lets all invoices of a connection that have become documents be read
// next, for the settings have changed.
func (tx *Tx) BackAgain(connection string) error {
	_, err := tx.Exec(`update back set due_at = $2 where connection = $1 and document <> ''`, connection, moment(tx.Now()))
	return err
}

const recordColumns = `id, connection, document, part, record_id, state, version`

// OpenRecord begins the one record of a part of a document. A second one is a
// duplicate; see [IsDuplicate].
func (tx *Tx) OpenRecord(r hub.Record) error {
	_, err := tx.Exec(`insert into record (`+recordColumns+`, created, ended) values ($1,$2,$3,$4,'','intended',$5,$6,0)`,
		tx.store.NewID(), r.Connection, r.Document, r.Part, r.Version, millis(tx.Now()))
	return err
}

// LiveRecord says which record of the source it has become.
func (tx *Tx) LiveRecord(document, part, recordID string) error {
	return tx.ExecOne(`update record set state = 'living', record_id = $3 where document = $1 and part = $2 and state in ('intended', 'living')`, document, part, recordID)
}

// ChangedRecord says what the living record of a part was changed to.
func (tx *Tx) ChangedRecord(document, part, version string) error {
	return tx.ExecOne(`update record set version = $3 where document = $1 and part = $2 and state = 'living'`, document, part, version)
}

// EndRecord says that the record of a part never came to be, or is gone.
func (tx *Tx) EndRecord(document, part string) error {
	_, err := tx.Exec(`update record set state = 'ended', ended = $3 where document = $1 and part = $2 and state in ('intended', 'living')`,
		document, part, millis(tx.Now()))
	return err
}

// Records returns what a document has become, ended ones too, in the order of the parts.
func (tx *Tx) Records(document string) (list []hub.Record, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var r hub.Record
		var state string
		err := scan(&r.ID, &r.Connection, &r.Document, &r.Part, &r.RecordID, &state, &r.Version)
		r.State = hub.RecordState(state)
		list = append(list, r)
		return err
	}, `select `+recordColumns+` from record where document = $1 order by part, created, id`, document)
	return list, err
}

// ReturnedByNumber returns the transfers of documents from Procountor with a number.
func (tx *Tx) ReturnedByNumber(company, number string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where number_key = $2 and company = $1 and kind = 'document' and direction = 'out' order by id`, company, strings.ToLower(number))
	return list, err
}
