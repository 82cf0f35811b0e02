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

// ownClaims are the conditions of these: the card's parts are paid already, and have ids
// of their own.
func ownClaims(company string, reach people.Reach, arg func(any) string) string {
	cond := append([]string{"t.kind = 'document'", "t.doc_kind = '" + string(hub.TravelInvoice) + "'", "t.invoice_id > 0", "d.source_id = d.claim",
		"t.state in ('done', 'done_with_warning', 'linked')", "coalesce(w.paid, '') <> '" + string(hub.PaidFully) + "'"}, within(reach, "t.company", "t.doc_kind", arg)...)
	if company != "" {
		cond = append(cond, "t.company = "+arg(company))
	}
	return ` from transfer t join document d on d.id = t.subject left join watch w on w.company = t.company and w.invoice_id = t.invoice_id where ` + strings.Join(cond, " and ")
}

// CountClaimsToPay counts the claims of own money that are not paid, of a company ("": of
// all) and in reach.
func (tx *Tx) CountClaimsToPay(company string, reach people.Reach) (n int, err error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.QueryRow(`select count(*)`+ownClaims(company, reach, arg), args...).Scan(&n)
	return n, err
}

// ClaimsToPay lists them by person, then by date.
func (tx *Tx) ClaimsToPay(company string, reach people.Reach, limit int) (list []ClaimToPay, err error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.Each(func(scan func(...any) error) error {
		var c ClaimToPay
		t := &c.Transfer
		err := scan(&t.ID, &t.Company, &t.Connection, &t.Number, &t.InvoiceNumber, &t.PartnerName, &t.PartnerID, &t.Date, &t.DueDate, &c.Open, &c.Currency, &c.Status)
		list = append(list, c)
		return err
	}, `select t.id, t.company, t.connection, t.number, t.invoice_number, t.partner_name, t.partner_id, t.date, t.due_date,
		coalesce(nullif(w.open, ''), t.gross), coalesce(nullif(w.currency, ''), t.currency), coalesce(w.status, '')`+ownClaims(company, reach, arg)+
		` order by t.partner_name, t.partner_id, t.date, t.id limit `+arg(limit), args...)
	return list, err
}
