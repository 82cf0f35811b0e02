package store

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// A ClaimToPay is what an employee has claimed of own money, and Procountor has and does
// not show as paid.
type ClaimToPay struct {
	Transfer hub.Transfer
	Open     string // decimal text
	Currency string
	Status   string // Procountor's, "" while it was not read
}

// A ClaimFilter chooses claims: of a company or a connection, "" for all, and in reach.
type ClaimFilter struct {
	Company, Connection string
	Reach               people.Reach
}

// ownClaims are the conditions of these: the card's parts are paid already, and have ids
// of their own.
func ownClaims(f ClaimFilter, arg func(any) string) string {
	cond := append([]string{"t.kind = 'document'", "t.doc_kind = '" + string(hub.TravelInvoice) + "'", "t.invoice_id > 0", "d.source_id = d.claim",
		"t.state in ('done', 'done_with_warning', 'linked')", "coalesce(w.paid, '') <> '" + string(hub.PaidFully) + "'"}, within(f.Reach, "t.company", "t.doc_kind", arg)...)
	if f.Company != "" {
		cond = append(cond, "t.company = "+arg(f.Company))
	}
	if f.Connection != "" {
		cond = append(cond, "t.connection = "+arg(f.Connection))
	}
	return ` from transfer t join document d on d.id = t.subject left join watch w on w.company = t.company and w.invoice_id = t.invoice_id where ` + strings.Join(cond, " and ")
}

// CountClaimsToPay counts the claims of own money that are not paid.
func (tx *Tx) CountClaimsToPay(f ClaimFilter) (n int, err error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.QueryRow(`select count(*)`+ownClaims(f, arg), args...).Scan(&n)
	return n, err
}

// ClaimsToPay lists them by person, then by date.
func (tx *Tx) ClaimsToPay(f ClaimFilter, limit int) (list []ClaimToPay, err error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.Each(func(scan func(...any) error) error {
		var c ClaimToPay
		t := &c.Transfer
		err := scan(&t.ID, &t.Company, &t.Connection, &t.Subject, &t.Number, &t.InvoiceNumber, &t.PartnerName, &t.PartnerID, &t.Date, &t.DueDate, &c.Open, &c.Currency, &c.Status)
		list = append(list, c)
		return err
	}, `select t.id, t.company, t.connection, t.subject, t.number, t.invoice_number, t.partner_name, t.partner_id, t.date, t.due_date,
		coalesce(nullif(w.open, ''), t.gross), coalesce(nullif(w.currency, ''), t.currency), coalesce(w.status, '')`+ownClaims(f, arg)+
		` order by t.partner_name, t.partner_id, t.date, t.id limit `+arg(limit), args...)
	return list, err
}

// ClaimParts are the documents that were made of the claim of a document, that one among
// them, as transfers: what the person has paid, then by card and day. None when it is no
// part of a claim that was taken apart.
func (tx *Tx) ClaimParts(document string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where kind = 'document' and direction = 'in' and subject in
		(select o.id from document d join document o on o.connection = d.connection and o.claim = d.claim where d.id = $1 and d.claim <> '') order by number, id`, document)
	if len(list) < 2 {
		return nil, err
	}
	return list, err
}
