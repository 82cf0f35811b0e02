package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// A Round is a purchase invoice of Procountor on its round of persons.
type Round struct {
	ID, Company, Connection string
	InvoiceID               int64
	circulation.Round
	// Turn counts how often it has begun anew after a rejection.
	Turn  int
	Split []circulation.Share
	// Found says who received it first, and why.
	Found circulation.Found

	Number        string // the supplier's
	InvoiceNumber int64
	Supplier      string
	Date, DueDate string // civil days as text
	Net, Gross    string // decimal text, in Currency
	Currency      string
	Status        string // Procountor's, as read last
	ReceiptID     int64
	Print         string // fingerprint of what is decided about
	Content       RoundContent
	Note          string // of whoever handed it on last
	AnswerBy      civil.Date
	// Since is when it began to wait for whom it waits; Told says that they have been told
	// by mail, and RemindAt when they are reminded, the zero time for never.
	Since, RemindAt time.Time
	Told            bool
	DueAt, ReadAt   time.Time
	Created         time.Time
}

// A RoundContent is what people are shown of an invoice, and what its receiver is found by.
type RoundContent struct {
	Fields map[string]string `json:"fields,omitempty"`
	Rows   []RoundRow        `json:"rows,omitempty"`
	Files  []hub.BackFile    `json:"files,omitempty"`
	// Costs are what the split is of, in the company's own currency; Total all of them.
	Costs []RoundCost `json:"costs,omitempty"`
	Total string      `json:"total,omitempty"`
	// Account is where it is to be paid, Reference its payment's.
	Account   string `json:"account,omitempty"`
	Reference string `json:"reference,omitempty"`
	// Approver is who has approved it in Procountor, when that is known.
	Approver string `json:"approver,omitempty"`
}

// A RoundRow is one row of the invoice.
type RoundRow struct {
	Text     string `json:"text"`
	Quantity string `json:"quantity,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Price    string `json:"price,omitempty"`
	VAT      string `json:"vat,omitempty"` // percent
}

// A RoundCost is one entry of its ledger receipt.
type RoundCost struct {
	Account string `json:"account"`
	Text    string `json:"text,omitempty"`
	Value   string `json:"value"`
}

// A RoundDecision is a decision as it is stored.
type RoundDecision struct {
	Round   string
	Version int
	Turn    int
	Instead string // the person for whom a substitute has decided
	circulation.Decision
}

const roundColumns = `id, company, connection, invoice_id, state, version, turn, stages, split, found, number, invoice_number, supplier, date, due_date,
	net, gross, currency, status, receipt_id, print, content, note, answer_by, since, told, remind_at, due_at, read_at, created`

func scanRound(scan func(...any) error) (r Round, err error) {
	var state, stages, split, found, content, answer string
	var since, remind, due, read, created int64
	if err = scan(&r.ID, &r.Company, &r.Connection, &r.InvoiceID, &state, &r.Version, &r.Turn, &stages, &split, &found, &r.Number, &r.InvoiceNumber,
		&r.Supplier, &r.Date, &r.DueDate, &r.Net, &r.Gross, &r.Currency, &r.Status, &r.ReceiptID, &r.Print, &content, &r.Note, &answer, &since,
		&r.Told, &remind, &due, &read, &created); err != nil {
		return r, err
	}
	r.State = circulation.State(state)
	r.Since, r.RemindAt, r.DueAt, r.ReadAt, r.Created = momentOf(since), momentOf(remind), momentOf(due), momentOf(read), momentOf(created)
	if answer != "" {
		if r.AnswerBy, err = civil.Parse(answer); err != nil {
			return r, err
		}
	}
	return r, errors.Join(fromJSON(stages, &r.Stages), fromJSON(split, &r.Split), fromJSON(found, &r.Found), fromJSON(content, &r.Content))
}

// texts are the parts of a round that are stored as JSON.
func (r *Round) texts() (stages, split, found, content string, err error) {
	var errs [4]error
	stages, errs[0] = toJSON(r.Stages)
	split, errs[1] = toJSON(r.Split)
	found, errs[2] = toJSON(r.Found)
	content, errs[3] = toJSON(r.Content)
	return stages, split, found, content, errors.Join(errs[:]...)
}

func dayText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// InsertRound keeps a new round and gives it an id; made is false when the invoice has
// one already, whichever connection has read it.
func (tx *Tx) InsertRound(r *Round) (made bool, err error) {
	r.ID, r.Created = tx.store.NewID(), instant(millis(tx.Now()))
	r.Since = r.Created
	stages, split, found, content, err := r.texts()
	if err != nil {
		return false, err
	}
	res, err := tx.Exec(`insert into purchase_round (`+roundColumns+`, waits, required, supplier_key)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33)
		on conflict (company, invoice_id) do nothing`,
		r.ID, r.Company, r.Connection, r.InvoiceID, string(r.State), r.Version, r.Turn, stages, split, found, r.Number, r.InvoiceNumber, r.Supplier, r.Date,
		r.DueDate, r.Net, r.Gross, r.Currency, r.Status, r.ReceiptID, r.Print, content, r.Note, dayText(r.AnswerBy), moment(r.Since), r.Told, moment(r.RemindAt),
		moment(r.DueAt), moment(r.ReadAt), moment(r.Created), r.Waits(), r.Required(), strings.ToLower(r.Supplier))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// ErrRoundMoved says that somebody else has decided about a round meanwhile.
var ErrRoundMoved = errors.New("the round has moved")

// DecideRound keeps a decision and the round after it: r is that, with its new version.
// [ErrRoundMoved] when somebody has decided since: nothing is kept then.
func (tx *Tx) DecideRound(r *Round, d RoundDecision) error {
	err := tx.Try(func() error {
		_, err := tx.Exec(`insert into round_decision (round, version, turn, person, instead, act, to_person, text, due, at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
			r.ID, r.Version, d.Turn, d.By, d.Instead, string(d.Act), d.To, d.Text, dayText(d.Due), moment(d.At))
		return err
	})
	if IsDuplicate(err) {
		return ErrRoundMoved
	}
	if err != nil {
		return err
	}
	return tx.saveRound(r, r.Version-1)
}

// SaveRound keeps what has been read of an invoice; nobody has decided since.
func (tx *Tx) SaveRound(r *Round) error { return tx.saveRound(r, r.Version) }

func (tx *Tx) saveRound(r *Round, was int) error {
	stages, split, found, content, err := r.texts()
	if err != nil {
		return err
	}
	err = tx.ExecOne(`update purchase_round set state=$3, version=$4, turn=$5, stages=$6, split=$7, found=$8, number=$9, supplier=$10, date=$11, due_date=$12,
		net=$13, gross=$14, currency=$15, status=$16, receipt_id=$17, print=$18, content=$19, note=$20, answer_by=$21, since=$22, told=$23, remind_at=$24, due_at=$25,
		read_at=$26, waits=$27, required=$28, supplier_key=$29 where id=$1 and version=$2`,
		r.ID, was, string(r.State), r.Version, r.Turn, stages, split, found, r.Number, r.Supplier, r.Date, r.DueDate, r.Net, r.Gross, r.Currency, r.Status,
		r.ReceiptID, r.Print, content, r.Note, dayText(r.AnswerBy), moment(r.Since), r.Told, moment(r.RemindAt), moment(r.DueAt), moment(r.ReadAt), r.Waits(),
		r.Required(), strings.ToLower(r.Supplier))
	if IsNotFound(err) {
		return ErrRoundMoved
	}
	return err
}

// RoundByID finds a round.
func (tx *Tx) RoundByID(id string) (Round, error) {
	return scanRound(tx.QueryRow(`select `+roundColumns+` from purchase_round where id = $1`, id).Scan)
}

// LockRound finds a round and keeps it for this transaction.
func (tx *Tx) LockRound(id string) (Round, error) {
	return scanRound(tx.QueryRow(`select `+roundColumns+` from purchase_round where id = $1`+tx.Dialect().forUpdate(), id).Scan)
}

// Decisions are those of a round, oldest first.
func (tx *Tx) Decisions(round string) (list []RoundDecision, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		d := RoundDecision{Round: round}
		var act, due string
		var at int64
		if err := scan(&d.Version, &d.Turn, &d.By, &d.Instead, &act, &d.To, &d.Text, &due, &at); err != nil {
			return err
		}
		d.Act, d.At = circulation.Act(act), momentOf(at)
		if due != "" {
			var err error
			if d.Due, err = civil.Parse(due); err != nil {
				return err
			}
		}
		list = append(list, d)
		return nil
	}, `select version, turn, person, instead, act, to_person, text, due, at from round_decision where round = $1 order by version`, round)
	return list, err
}

// RoundsDue are open rounds of a company whose invoices are read again.
func (tx *Tx) RoundsDue(company string, now time.Time, limit int) ([]Round, error) {
	return tx.rounds(`where company = $1 and due_at > 0 and due_at <= $2 order by due_at, id limit $3`, company, moment(now), limit)
}

func (tx *Tx) rounds(where string, args ...any) (list []Round, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		r, err := scanRound(scan)
		list = append(list, r)
		return err
	}, `select `+roundColumns+` from purchase_round `+where, args...)
	return list, err
}

// A RoundFilter chooses rounds for a list.
type RoundFilter struct {
	// Waits: of whose turn it is, any of them; nil is anybody's.
	Waits   []string
	Company string
	// Connection that has read them; "" is any.
	Connection string
	State      circulation.State // "" is any
	Text       string            // in number, supplier or Procountor's number
	// Seen limits to rounds within a reach, and to those that Part has part in.
	Reach people.Reach
	Part  string // a person id; "" does not limit
	After string // id of the last one of the page before
	Limit int
}

// Rounds are those that a filter chooses, the earliest due first.
func (tx *Tx) Rounds(f RoundFilter) ([]Round, error) {
	cond, args := f.where()
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if f.After != "" {
		last, err := tx.RoundByID(f.After)
		if err != nil {
			return nil, err
		}
		due := arg(last.DueDate)
		cond = append(cond, "(due_date > "+due+" or due_date = "+due+" and id > "+arg(last.ID)+")")
	}
	return tx.rounds("where "+strings.Join(cond, " and ")+" order by due_date, id limit "+arg(f.Limit), args...)
}

// CountRounds counts them, no further than a limit.
func (tx *Tx) CountRounds(f RoundFilter) (n int, err error) {
	cond, args := f.where()
	args = append(args, f.Limit)
	err = tx.QueryRow(fmt.Sprintf("select count(*) from (select 1 from purchase_round where %s limit $%d) x", strings.Join(cond, " and "), len(args)), args...).Scan(&n)
	return n, err
}

func (f RoundFilter) where() (cond []string, args []any) {
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	cond = append(cond, "state <> 'left'")
	if f.Waits != nil {
		cond = append(cond, "state = 'open'", among("waits", f.Waits, arg))
	}
	if f.Company != "" {
		cond = append(cond, "company = "+arg(f.Company))
	}
	if f.Connection != "" {
		cond = append(cond, "connection = "+arg(f.Connection))
	}
	if f.State != "" {
		cond = append(cond, "state = "+arg(string(f.State)))
	}
	if ids, all := f.Reach.Companies(); !all {
		column := "company"
		if f.Waits != nil {
			column = "company || ''" // by whose turn it is, not by company: there are few of each
		}
		cond = append(cond, among(column, ids, arg))
	}
	if kinds := f.Reach.Kinds(); kinds != nil && !f.Reach.Has("", hub.PurchaseInvoice) && !reachesPurchases(kinds) {
		cond = append(cond, "1 = 0")
	}
	if f.Text != "" {
		like := "%" + likeText(strings.ToLower(f.Text)) + "%"
		cond = append(cond, "(supplier_key like "+arg(like)+` escape '\' or lower(number) like `+arg(like)+` escape '\' or cast(invoice_number as text) = `+arg(f.Text)+")")
	}
	if f.Part != "" {
		p := arg(f.Part)
		cond = append(cond, "(waits = "+p+" or exists (select 1 from round_decision d where d.round = purchase_round.id and (d.person = "+p+" or d.to_person = "+p+")))")
	}
	return cond, args
}

func reachesPurchases(kinds []hub.Kind) bool {
	for _, k := range kinds {
		if k == hub.PurchaseInvoice {
			return true
		}
	}
	return false
}

// leftTo are the open rounds in which a person, $1, decides now or later, as SQL; $2 is
// that person as the stages have it.
const leftTo = `state = 'open' and (waits = $1 or stages like $2 escape '\')`

func inStages(person string) string { return `%"person":"` + likeText(person) + `"%` }

// RoundsLeftTo are open rounds in which a person decides now or later, or has decided and
// is named, in the order of their ids, after one.
func (tx *Tx) RoundsLeftTo(person, after string, limit int) ([]Round, error) {
	return tx.rounds(`where `+leftTo+` and id > $3 order by id limit $4`, person, inStages(person), after, limit)
}

// UntoldRounds are those for which somebody is to be told, or reminded.
func (tx *Tx) UntoldRounds(now time.Time, limit int) ([]Round, error) {
	list, err := tx.rounds(`where state = 'open' and not told order by waits, id limit $1`, limit)
	if err != nil || len(list) == limit {
		return list, err
	}
	again, err := tx.rounds(`where state = 'open' and remind_at > 0 and remind_at <= $1 and told order by remind_at, id limit $2`, moment(now), limit-len(list))
	return append(list, again...), err
}

// ToldRound keeps that somebody has been told, and when they are reminded.
func (tx *Tx) ToldRound(r *Round) error {
	return tx.ExecOne(`update purchase_round set told = $2, remind_at = $3 where id = $1`, r.ID, r.Told, moment(r.RemindAt))
}

// HasRounds reports whether any invoice is or was on its round.
func (tx *Tx) HasRounds() (ok bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from purchase_round)`).Scan(&ok)
	return ok, err
}

// HasPart reports whether a person has decided about a round, or has been given it.
func (tx *Tx) HasPart(round, person string) (ok bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from round_decision where round = $1 and (person = $2 or to_person = $2 or instead = $2))`, round, person).Scan(&ok)
	return ok, err
}

// A Substitute decides instead of a person, from a day to a day.
type Substitute struct {
	Person, Instead string
	First, Last     civil.Date
}

// Substitutes are those of a day, or all when it is zero.
func (tx *Tx) Substitutes(day civil.Date) (list []Substitute, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var s Substitute
		var first, last string
		if err := scan(&s.Person, &s.Instead, &first, &last); err != nil {
			return err
		}
		var err1, err2 error
		s.First, err1 = civil.Parse(first)
		s.Last, err2 = civil.Parse(last)
		list = append(list, s)
		return errors.Join(err1, err2)
	}, `select person, instead, first, last from substitute where $1 = '' or first <= $1 and last >= $1 order by person`, dayText(day))
	return list, err
}

// PutSubstitute says who decides instead of a person, over what was said before;
// nobody when s.Instead is "".
func (tx *Tx) PutSubstitute(s Substitute) error {
	// After those who decide by what was said before: see [Tx.HoldPerson].
	if err := tx.QueryRow("select id from person where id = $1"+tx.Dialect().forUpdate(), s.Person).Scan(new(string)); err != nil {
		return err
	}
	if s.Instead == "" {
		_, err := tx.Exec(`delete from substitute where person = $1`, s.Person)
		return err
	}
	_, err := tx.Exec(`insert into substitute (person, instead, first, last) values ($1,$2,$3,$4)
		on conflict (person) do update set instead = excluded.instead, first = excluded.first, last = excluded.last`,
		s.Person, s.Instead, dayText(s.First), dayText(s.Last))
	return err
}

// WaitingPersons are those whose turn it is in some open round of a company.
func (tx *Tx) WaitingPersons(company string) (list []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var p string
		err := scan(&p)
		list = append(list, p)
		return err
	}, `select distinct waits from purchase_round where company = $1 and state = 'open' order by waits`, company)
	return list, err
}

// UnreadRounds are invoices of the copy of what Procountor holds, not approved yet, from
// a day on, that are none of ours and have no round.
func (tx *Tx) UnreadRounds(connection hub.Connection, statuses []string, limit int) (list []HistoryRow, err error) {
	args := []any{connection.Company, connection.Settings.Circulation.FirstDay.String(), limit}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	err = tx.Each(func(scan func(...any) error) error {
		r, err := scanHistory(scan)
		list = append(list, r)
		return err
	}, `select `+historyColumns+` from history h where h.company = $1 and h.type = 'PURCHASE_INVOICE' and h.date >= $2 and `+among("h.status", statuses, arg)+`
		and not exists (select 1 from purchase_round r where r.company = h.company and r.invoice_id = h.invoice_id) and `+foreign+`
		order by h.invoice_id limit $3`, args...)
	return list, err
}

// NewestPurchases are the ids of the newest purchase invoices that Procountor holds.
func (tx *Tx) NewestPurchases(company string, limit int) (ids []int64, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select invoice_id from history where company = $1 and type = 'PURCHASE_INVOICE' and status not in ('INVALIDATED', 'DELETED') order by date desc, invoice_id desc limit $2`,
		company, limit)
	return ids, err
}
