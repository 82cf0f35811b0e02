package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// ReferenceReading says how far a company's payments by reference are read.
type ReferenceReading struct {
	DueAt   time.Time // when next, the zero time before the first
	WholeAt time.Time // when last as far back as needed
	// Barred says that the key has no right to them.
	Barred bool
}

// ReferenceReading returns it; the zero one before the first reading.
func (tx *Tx) ReferenceReading(company string) (r ReferenceReading, err error) {
	var due, whole int64
	err = ignoreNone(tx.QueryRow(`select due_at, whole_at, barred from reference_reading where company = $1`, company).Scan(&due, &whole, &r.Barred))
	r.DueAt, r.WholeAt = momentOf(due), momentOf(whole)
	return r, err
}

// SetReferenceReading stores it.
func (tx *Tx) SetReferenceReading(company string, r ReferenceReading) error {
	_, err := tx.Exec(`insert into reference_reading (company, due_at, whole_at, barred) values ($1,$2,$3,$4)
		on conflict (company) do update set due_at = excluded.due_at, whole_at = excluded.whole_at, barred = excluded.barred`,
		company, moment(r.DueAt), moment(r.WholeAt), r.Barred)
	return err
}

const referenceColumns = `company, id, value_date, payment_date, sum, currency, reference, payer, allocated, invoice_id`

func scanReference(scan func(...any) error) (p hub.ReferencePayment, err error) {
	err = scan(&p.Company, &p.ID, &p.ValueDate, &p.PaymentDate, &p.Sum, &p.Currency, &p.Reference, &p.Payer, &p.Allocated, &p.InvoiceID)
	return p, err
}

// PutReferencePayments keeps payments as they were read. An invoice of ours to which
// one is allocated only now is read back next.
func (tx *Tx) PutReferencePayments(list []hub.ReferencePayment, now time.Time) error {
	for _, p := range list {
		var was int64
		if err := ignoreNone(tx.QueryRow(`select invoice_id from reference_payment where company = $1 and id = $2`, p.Company, p.ID).Scan(&was)); err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into reference_payment (`+referenceColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			on conflict (company, id) do update set value_date = excluded.value_date, payment_date = excluded.payment_date, sum = excluded.sum,
			currency = excluded.currency, reference = excluded.reference, payer = excluded.payer, allocated = excluded.allocated, invoice_id = excluded.invoice_id`,
			p.Company, p.ID, p.ValueDate, p.PaymentDate, p.Sum, p.Currency, p.Reference, p.Payer, p.Allocated, p.InvoiceID); err != nil {
			return err
		}
		if p.InvoiceID != was {
			if _, err := tx.Exec(`update watch set due_at = $1 where company = $2 and invoice_id in ($3, $4) and invoice_id > 0`,
				moment(now), p.Company, p.InvoiceID, was); err != nil {
				return err
			}
		}
	}
	return nil
}

// OpenReferencesSince are the ids of payments that were allocated to nothing when they
// were read, and the first day of payment among them, "" for none; since a day.
func (tx *Tx) OpenReferencesSince(company, day string) (ids []int64, first string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id int64
		var on string
		err := scan(&id, &on)
		if ids = append(ids, id); first == "" {
			first = on
		}
		return err
	}, `select id, payment_date from reference_payment where company = $1 and not allocated and payment_date >= $2 order by payment_date, id`, company, day)
	return ids, first, err
}

// ForgetReferencePayment takes out what Procountor does not show any more.
func (tx *Tx) ForgetReferencePayment(company string, id int64) error {
	return tx.ExecOne(`delete from reference_payment where company = $1 and id = $2`, company, id)
}

// ReferencePaymentsOf are those allocated to an invoice, the first first.
func (tx *Tx) ReferencePaymentsOf(company string, invoiceID int64) (list []hub.ReferencePayment, err error) {
	if invoiceID == 0 {
		return nil, nil
	}
	err = tx.Each(func(scan func(...any) error) error {
		p, err := scanReference(scan)
		list = append(list, p)
		return err
	}, `select `+referenceColumns+` from reference_payment where company = $1 and invoice_id = $2 order by payment_date, id`, company, invoiceID)
	return list, err
}

// openWithin are the conditions of payments that are allocated to nothing, in a company
// ("": in all) and in reach: they are money of sales.
func openWithin(company string, reach people.Reach, arg func(any) string) string {
	cond := append([]string{"not allocated"}, within(reach, "company", "'"+string(hub.SalesInvoice)+"'", arg)...)
	if company != "" {
		cond = append(cond, "company = "+arg(company))
	}
	return strings.Join(cond, " and ")
}

// CountOpenReferences counts the payments that are allocated to nothing.
func (tx *Tx) CountOpenReferences(company string, reach people.Reach) (n int, err error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.QueryRow(`select count(*) from reference_payment where `+openWithin(company, reach, arg), args...).Scan(&n)
	return n, err
}

// OpenReferences are the newest payments that are allocated to nothing, each with the
// documents in reach whose it may be: first those with its reference, then those on
// which just its sum is open.
func (tx *Tx) OpenReferences(company string, reach people.Reach, limit int) (list []hub.OpenReference, err error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.Each(func(scan func(...any) error) error {
		p, err := scanReference(scan)
		list = append(list, hub.OpenReference{ReferencePayment: p})
		return err
	}, `select `+referenceColumns+` from reference_payment where `+openWithin(company, reach, arg)+` order by payment_date desc, id desc limit `+arg(limit), args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Candidates, err = tx.referenceCandidates(list[i].ReferencePayment, reach); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// maxCandidates is how many documents are named for one payment by each of reference and sum.
const maxCandidates = 5

func (tx *Tx) referenceCandidates(p hub.ReferencePayment, reach people.Reach) (list []hub.ReferenceCandidate, err error) {
	seen := map[string]bool{}
	find := func(by hub.CandidateBy, from, cond string, args ...any) error {
		arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
		where := append([]string{cond, "t.kind = 'document'", "t.invoice_id > 0", "t.doc_kind = 'sales_invoice'"}, within(reach, "t.company", "t.doc_kind", arg)...)
		return tx.Each(func(scan func(...any) error) error {
			c := hub.ReferenceCandidate{By: by}
			err := scan(&c.Transfer, &c.Document, &c.Connection, &c.Number, &c.Partner, &c.Date, &c.Open, &c.Currency)
			if !seen[c.Transfer] {
				list = append(list, c)
			}
			seen[c.Transfer] = true
			return err
		}, `select t.id, t.subject, t.connection, t.number, t.partner_name, t.date, coalesce(w.open, ''), coalesce(w.currency, t.currency) from `+from+` where `+
			strings.Join(where, " and ")+` order by t.day, t.id limit `+arg(maxCandidates), args...)
	}
	if p.Reference != "" {
		if err := find(hub.ByReference, `transfer t left join watch w on w.company = t.company and w.invoice_id = t.invoice_id`,
			`t.company = $1 and t.reference <> '' and t.reference = $2`, p.Company, p.Reference); err != nil {
			return nil, err
		}
	}
	err = find(hub.BySum, `watch w join transfer t on t.company = w.company and t.invoice_id = w.invoice_id`,
		`w.company = $1 and w.open = $2 and w.paid in ('open', 'partly') and ($3 = '' or w.currency = $3)`, p.Company, p.Sum, p.Currency)
	return list, err
}

func ignoreNone(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}
