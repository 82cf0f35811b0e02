package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// current are the states of the one voucher that counts for a document, as SQL:
// at most one voucher of a document is in them, and a unique index keeps that.
const current = `('intended', 'living')`

// OpenVoucher begins the one living voucher of a document. A second one is a
// duplicate; see [IsDuplicate].
func (tx *Tx) OpenVoucher(company, subject, number string) error {
	_, err := tx.Exec(`insert into voucher (id, company, subject, number, invoice_id, invoice_number, state, act, created, ended)
		values ($1,$2,$3,$4,0,0,'intended',0,$5,0)`, tx.store.NewID(), company, subject, number, millis(tx.Now()))
	return err
}

// TwinOf returns another document of ours that is in Procountor, or on its way
// there, as an invoice or in a journal, with the number, kind and partner of t: the
// same invoice, handed over under two identities. Where no partner of Procountor's
// is known, it is met by its name. A number of another year with another sum is
// another invoice: many series begin anew in January. Its error is [ErrNotFound] when there is none.
func (tx *Tx) TwinOf(t *hub.Transfer) (hub.Transfer, error) {
	if t.DocKind == hub.PayrollJournal {
		return tx.twinRun(t)
	}
	var id string
	// "cross join" keeps SQLite from going through all transfers of the company first.
	if err := tx.QueryRow(`select t.id from (
			select company, subject from voucher where company = $1 and number = $2 and state in `+current+` and subject <> $3
			union all select company, document from journal_document where company = $1 and number = $2 and state = 'in' and document <> $3
		) v cross join transfer t where t.company = v.company and t.kind = 'document' and t.direction = 'in' and t.subject = v.subject
		and t.doc_kind = $4 and t.credit_note = $5 and (t.partner_id = $6 and $6 > 0 or (t.partner_id = 0 or $6 = 0) and t.partner_name = $7)
		and (substr(t.date, 1, 4) = substr($8, 1, 4) or t.gross = $9)
		order by t.id limit 1`, t.Company, t.Number, t.Subject, string(t.DocKind), t.CreditNote, t.PartnerID, t.PartnerName, t.Date, t.Gross).Scan(&id); err != nil {
		return hub.Transfer{}, err
	}
	return tx.Transfer(id)
}

// LiveVoucher says which invoice in Procountor it has become.
func (tx *Tx) LiveVoucher(subject string, invoiceID int64) error {
	return tx.ExecOne(`update voucher set state = 'living', invoice_id = $2 where subject = $1 and state in `+current, subject, invoiceID)
}

// EndVoucher says that it never came to be, or is gone.
func (tx *Tx) EndVoucher(subject string) error {
	_, err := tx.Exec(`update voucher set state = 'ended', ended = $2 where subject = $1 and state in `+current, subject, millis(tx.Now()))
	return err
}

// ReleaseVoucher lets the living voucher of t's document go, by the act of the
// person who wanted that: it stays in the books, and another one may be made. It
// is an error if no person did, or if that act has let one go already.
func (tx *Tx) ReleaseVoucher(t *hub.Transfer, invoiceID int64) error {
	return tx.ExecOne(`update voucher set state = 'released', ended = $3, invoice_number = $4, act = `+decision+`
		where subject = $1 and invoice_id = $2 and state = 'living'`, t.Subject, invoiceID, millis(tx.Now()), t.InvoiceNumber, t.ID)
}

// decision is the newest act by which a person has answered a change, as SQL; $5
// is the transfer.
const decision = `coalesce((select max(seq) from act where subject = $5 and actor <> 'vienti'
	and kind in ('transfer.send_beside', 'transfer.credit_anew')), 0)`

// RestoreVoucher takes back what [Tx.ReleaseVoucher] did, since the one that was
// to stand beside it never came to be.
func (tx *Tx) RestoreVoucher(subject string, invoiceID int64) error {
	return tx.ExecOne(`update voucher set state = 'living', ended = 0, act = 0 where subject = $1 and invoice_id = $2 and state = 'released'`,
		subject, invoiceID)
}

// LivingVoucher returns the invoice id of a document's living voucher, 0 when it has none.
func (tx *Tx) LivingVoucher(subject string) (id int64, err error) {
	err = tx.QueryRow(`select invoice_id from voucher where subject = $1 and state in `+current+` and state = 'living'`, subject).Scan(&id)
	if IsNotFound(err) {
		return 0, nil
	}
	return id, err
}

// VoucherSubject returns the document whose voucher an invoice is, living or let
// go by a person; "" when none of ours.
func (tx *Tx) VoucherSubject(company string, invoiceID int64) (subject string, err error) {
	err = tx.QueryRow(`select subject from voucher where company = $1 and invoice_id = $2 and state in ('living', 'released')`,
		company, invoiceID).Scan(&subject)
	if IsNotFound(err) {
		return "", nil
	}
	return subject, err
}

// A Released is a voucher of a document that a person has let go.
type Released struct {
	InvoiceID, Number int64 // in Procountor
	// Credit is Procountor's number of the credit note that takes it back, 0 when
	// it stands beside the newer one.
	Credit int64
	// Offset: Vienti offsets that credit note against it.
	Offset bool
	At     time.Time
}

// Released returns the vouchers that persons have let go, oldest first.
func (tx *Tx) Released(subject string) (list []Released, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var r Released
		var at int64
		err := scan(&r.InvoiceID, &r.Number, &r.Credit, &r.Offset, &at)
		r.At = momentOf(at)
		list = append(list, r)
		return err
	}, `select v.invoice_id, v.invoice_number, coalesce(c.invoice_number, 0),
		exists (select 1 from offset_pair o where o.company = c.company and o.note_id = c.invoice_id), v.ended from voucher v
		left join credit c on c.company = v.company and c.credits = v.invoice_id and c.state = 'living'
		where v.subject = $1 and v.state = 'released' order by v.ended, v.invoice_id`, subject)
	return list, err
}

// A Credit is our credit note of a voucher of ours.
type Credit struct {
	InvoiceID, Number int64 // in Procountor; 0 while it is on its way
}

// OpenCredit begins the one credit note of a voucher, by the act of the person
// who wanted it. A second one is a duplicate; see [IsDuplicate].
func (tx *Tx) OpenCredit(t *hub.Transfer, credits int64) error {
	_, err := tx.Exec(`insert into credit (id, company, subject, credits, invoice_id, invoice_number, state, created, ended, act)
		values ($1,$2,$3,$4,0,0,'intended',$6,0,`+decision+`)`, tx.store.NewID(), t.Company, t.Subject, credits, t.ID, millis(tx.Now()))
	return err
}

// LiveCredit says which invoice in Procountor it has become.
func (tx *Tx) LiveCredit(company string, credits, invoiceID, number int64) error {
	return tx.ExecOne(`update credit set state = 'living', invoice_id = $3, invoice_number = $4
		where company = $1 and credits = $2 and state <> 'ended'`, company, credits, invoiceID, number)
}

// EndCredit says that it never came to be, or is gone.
func (tx *Tx) EndCredit(company string, credits int64) error {
	return tx.ExecOne(`update credit set state = 'ended', ended = $3 where company = $1 and credits = $2 and state <> 'ended'`,
		company, credits, millis(tx.Now()))
}

// CreditOf returns the credit note of a voucher; its error is [ErrNotFound] when
// there is none.
func (tx *Tx) CreditOf(company string, credits int64) (c Credit, err error) {
	err = tx.QueryRow(`select invoice_id, invoice_number from credit where company = $1 and credits = $2 and state <> 'ended'`,
		company, credits).Scan(&c.InvoiceID, &c.Number)
	return c, err
}
