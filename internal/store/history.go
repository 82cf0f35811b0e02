package store

import (
	"encoding/json"
	"strings"

	"github.com/vienti/vienti/internal/register"
)

// A HistoryRow is one invoice as Procountor's list shows it.
type HistoryRow struct {
	InvoiceID      int64
	Type           string // Procountor's invoice type
	Number         int64
	OriginalNumber string
	PartnerID      int64
	PartnerName    string
	PartnerKeys    []string // normal forms of the partner's ids; see package matching
	Gross          string
	Currency       string
	Date           string
	Status         string
	Version        string
}

// PutHistory adds or renews rows of the copy.
func (tx *Tx) PutHistory(company string, rows []HistoryRow) error {
	for _, r := range rows {
		if r.Type == "PURCHASE_INVOICE" {
			// On its round here, it is read again at once, unless it is as it was: lists begin a
			// little before what is new.
			if _, err := tx.Exec(`update purchase_round set due_at = $3 where company = $1 and invoice_id = $2 and due_at > $3 and not exists
				(select 1 from history h where h.company = $1 and h.invoice_id = $2 and h.version = $4 and h.status = $5)`,
				company, r.InvoiceID, moment(tx.Now()), r.Version, r.Status); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`insert into history (company, invoice_id, type, number, original_number, partner_id, partner_name, partner_keys,
			gross, currency, date, status, version) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)
			on conflict (company, invoice_id) do update set type=excluded.type, number=excluded.number,
			original_number=excluded.original_number, partner_id=excluded.partner_id, partner_name=excluded.partner_name,
			partner_keys=excluded.partner_keys, gross=excluded.gross, currency=excluded.currency, date=excluded.date,
			status=excluded.status, version=excluded.version`,
			company, r.InvoiceID, r.Type, r.Number, r.OriginalNumber, r.PartnerID, r.PartnerName, strings.Join(r.PartnerKeys, "\n"),
			r.Gross, r.Currency, r.Date, r.Status, r.Version); err != nil {
			return err
		}
	}
	return nil
}

const historyColumns = `invoice_id, type, number, original_number, partner_id, partner_name, partner_keys, gross, currency, date, status, version`

func scanHistory(scan func(...any) error) (r HistoryRow, err error) {
	var keys string
	err = scan(&r.InvoiceID, &r.Type, &r.Number, &r.OriginalNumber, &r.PartnerID, &r.PartnerName, &keys, &r.Gross, &r.Currency,
		&r.Date, &r.Status, &r.Version)
	if keys != "" {
		r.PartnerKeys = strings.Split(keys, "\n")
	}
	return r, err
}

// HistoryByNumber returns the invoices of a type that carry a source's number,
// without those that we have made.
func (tx *Tx) HistoryByNumber(company, invoiceType, originalNumber string) (list []HistoryRow, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		r, err := scanHistory(scan)
		list = append(list, r)
		return err
	}, `select `+historyColumns+` from history h where company = $1 and type = $2 and original_number = $3 and status not in ('INVALIDATED', 'DELETED')
		and not exists (select 1 from voucher v where v.company = h.company and v.invoice_id = h.invoice_id)
		and not exists (select 1 from credit c where c.company = h.company and c.invoice_id = h.invoice_id)
		order by invoice_id`, company, invoiceType, originalNumber)
	return list, err
}

// ForeignNumbered returns invoices of a type, dated from a day on, that carry the number
// of another system and are not ours, the newest first: only an interface writes such
// a number.
func (tx *Tx) ForeignNumbered(company, invoiceType, from string, limit int) (list []HistoryRow, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		r, err := scanHistory(scan)
		list = append(list, r)
		return err
	}, `select `+historyColumns+` from history h where h.company = $1 and h.type = $2 and h.date >= $3 and h.original_number <> ''
		and h.status not in ('INVALIDATED', 'DELETED') and `+foreign+` order by h.date desc, h.invoice_id desc limit $4`, company, invoiceType, from, limit)
	return list, err
}

// ForgetHistory takes an invoice out of the copy that is no longer there.
func (tx *Tx) ForgetHistory(company string, invoiceID int64) error {
	_, err := tx.Exec(`delete from history where company = $1 and invoice_id = $2`, company, invoiceID)
	return err
}

// PutPartners adds or renews partners of the register copy with the keys by
// which they are looked up.
func (tx *Tx) PutPartners(company string, list []register.Partner, keys func(register.Partner) []string) error {
	for _, p := range list {
		content, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into partner (company, id, type, content, version) values ($1,$2,$3,$4,$5)
			on conflict (company, id) do update set type=excluded.type, content=excluded.content, version=excluded.version`,
			company, p.ID, string(p.Type), string(content), p.Version); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from partner_key where company = $1 and partner = $2`, company, p.ID); err != nil {
			return err
		}
		for _, k := range keys(p) {
			if _, err := tx.Exec(`insert into partner_key (company, key, partner) values ($1,$2,$3) on conflict do nothing`,
				company, k, p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// PartnerCandidates returns the partners that share a key.
func (tx *Tx) PartnerCandidates(company string, keys []string) (list []register.Partner, err error) {
	seen := map[int64]bool{}
	for _, k := range keys {
		err := tx.Each(func(scan func(...any) error) error {
			var content string
			if err := scan(&content); err != nil {
				return err
			}
			var p register.Partner
			if err := json.Unmarshal([]byte(content), &p); err != nil {
				return err
			}
			if !seen[p.ID] {
				seen[p.ID] = true
				list = append(list, p)
			}
			return nil
		}, `select p.content from partner_key k join partner p on p.company = k.company and p.id = k.partner
			where k.company = $1 and k.key = $2 order by p.id limit 50`, company, k)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
