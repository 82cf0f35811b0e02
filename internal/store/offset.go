package store

import "github.com/vienti/vienti/internal/hub"

const pairColumns = `id, company, connection, document, note_id, note_number, credited, invoice_id, invoice_number`

func scanPair(scan func(...any) error) (p hub.OffsetPair, err error) {
	err = scan(&p.ID, &p.Company, &p.Connection, &p.Document, &p.Note, &p.NoteNumber, &p.Credited, &p.Invoice, &p.InvoiceNumber)
	return p, err
}

// AddOffset keeps that a credit note is to be offset, and gives it an id; made is
// false when that was known.
func (tx *Tx) AddOffset(p *hub.OffsetPair) (made bool, err error) {
	p.ID = tx.store.NewID()
	res, err := tx.Exec(`insert into offset_pair (`+pairColumns+`, created) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
		on conflict (company, note_id) do nothing`, p.ID, p.Company, p.Connection, p.Document, p.Note, p.NoteNumber, p.Credited,
		p.Invoice, p.InvoiceNumber, moment(tx.Now()))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// OffsetPair finds a pair by its id.
func (tx *Tx) OffsetPair(id string) (hub.OffsetPair, error) {
	return scanPair(tx.QueryRow(`select `+pairColumns+` from offset_pair where id = $1`, id).Scan)
}

// SetOffsetInvoice says which invoice a credit note is offset against.
func (tx *Tx) SetOffsetInvoice(id string, invoice, number int64) error {
	return tx.ExecOne(`update offset_pair set invoice_id = $2, invoice_number = $3 where id = $1`, id, invoice, number)
}

// An OffsetOf is a pair with the transfer that marks both sides.
type OffsetOf struct {
	Pair     hub.OffsetPair
	Transfer hub.Transfer
}

// OffsetsOf returns the offsets that a document has part in, as the credit note or
// as the invoice that is credited, oldest first.
func (tx *Tx) OffsetsOf(t *hub.Transfer) (list []OffsetOf, err error) {
	if err := tx.Each(func(scan func(...any) error) error {
		p, err := scanPair(scan)
		list = append(list, OffsetOf{Pair: p})
		return err
	}, `select `+pairColumns+` from offset_pair where document = $1 or company = $2 and invoice_id = $3 and invoice_id > 0 order by id`,
		t.Subject, t.Company, t.InvoiceID); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Transfer, err = tx.TransferOf(list[i].Pair.Company, hub.OffsetTransfer, hub.In, list[i].Pair.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// OriginalsOf returns the transfers of the invoices that a credit note with the
// transfer t may take back by that number: of its connection, kind and partner.
func (tx *Tx) OriginalsOf(t *hub.Transfer, number string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		o, err := scanTransfer(scan)
		list = append(list, o)
		return err
	}, `select `+transferColumns+` from transfer where connection = $1 and number = $2 and kind = 'document' and direction = 'in' and doc_kind = $3
		and credit_note = $4 and partner_id = $5 order by id limit 2`, t.Connection, number, string(t.DocKind), false, t.PartnerID)
	return list, err
}
