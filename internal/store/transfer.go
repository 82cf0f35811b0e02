package store

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/hub"
)

const transferColumns = `id, company, connection, kind, direction, subject, goal, state, faults, plan, step_at, steps, wake_at, waits_for,
	rounds, doc_kind, covers, credit_note, number, sort_key, partner_name, date, due_date, gross, currency, version, standing, asked, invoice_id,
	invoice_number, reference, partner_id, created, changed, lease, lease_until`

func scanTransfer(scan func(...any) error) (t hub.Transfer, err error) {
	var kind, direction, goal, state, docKind, covers, faults string
	var wake, created, changed, lease int64
	if err := scan(&t.ID, &t.Company, &t.Connection, &kind, &direction, &t.Subject, &goal, &state, &faults, &t.Plan, &t.StepAt, &t.Steps,
		&wake, &t.WaitsFor, &t.Rounds, &docKind, &covers, &t.CreditNote, &t.Number, &t.SortKey, &t.PartnerName, &t.Date, &t.DueDate, &t.Gross,
		&t.Currency, &t.Version, &t.Standing, &t.Asked, &t.InvoiceID, &t.InvoiceNumber, &t.Reference, &t.PartnerID, &created, &changed, &t.Lease, &lease); err != nil {
		return t, err
	}
	t.Kind, t.Direction, t.Goal, t.State = hub.TransferKind(kind), hub.Direction(direction), hub.Goal(goal), hub.State(state)
	t.DocKind, t.Covers = hub.Kind(docKind), hub.Kind(covers)
	t.WakeAt, t.Created, t.Changed, t.LeaseUntil = momentOf(wake), momentOf(created), momentOf(changed), momentOf(lease)
	return t, fromJSON(faults, &t.Faults)
}

// sought is what lists look for in t.
type sought struct{ day, number, tail, party string }

// soughtOf reads it off t: the day is that of the document, or the one on which it came.
func soughtOf(t *hub.Transfer) sought {
	s := sought{day: t.Date, number: strings.ToLower(t.Number), party: strings.ToLower(t.PartnerName)}
	if s.day == "" {
		s.day = t.Created.UTC().Format(time.DateOnly)
	}
	if i := strings.LastIndexFunc(s.number, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		s.tail = s.number[i+1:]
		if _, size := utf8.DecodeRuneInString(s.number[i:]); size > 1 {
			s.tail = s.number[i+size:]
		}
	}
	return s
}

// code is the first reason why t stands still, for the list of tasks.
func code(t *hub.Transfer) string {
	for _, f := range t.Faults {
		if !f.Warning {
			return f.Code
		}
	}
	return ""
}

// InsertTransfer stores a new transfer and gives it its id and times.
func (tx *Tx) InsertTransfer(t *hub.Transfer) error {
	now := tx.Now()
	t.ID, t.Created, t.Changed = tx.store.NewID(), now, now
	faults, err := faultsOf(t)
	if err != nil {
		return err
	}
	look := soughtOf(t)
	_, err = tx.Exec(`insert into transfer (`+transferColumns+`, code, day, number_key, number_tail, party_key) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,
		$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40,$41)`,
		t.ID, t.Company, t.Connection, string(t.Kind), string(t.Direction), t.Subject, string(t.Goal), string(t.State), faults, t.Plan,
		t.StepAt, t.Steps, moment(t.WakeAt), t.WaitsFor, t.Rounds, string(t.DocKind), string(t.Covers), t.CreditNote, t.Number, t.SortKey, t.PartnerName,
		t.Date, t.DueDate, t.Gross, t.Currency, t.Version, t.Standing, t.Asked, t.InvoiceID, t.InvoiceNumber, t.Reference, t.PartnerID,
		moment(t.Created), moment(t.Changed), t.Lease, moment(t.LeaseUntil), code(t), look.day, look.number, look.tail, look.party)
	return err
}

// faultsOf are t's faults as they are kept: of payroll never with an amount.
func faultsOf(t *hub.Transfer) (string, error) {
	if t.Private() {
		t.Faults = hub.Discreet(t.Faults)
	}
	return toJSON(t.Faults)
}

// ErrLeaseLost says that the transfer belongs to somebody else by now; what was
// to be saved must be forgotten.
var ErrLeaseLost = fmt.Errorf("the lease is lost")

// SaveTransfer stores t if its lease is still held: held is the lease under
// which t was read, "" for a transfer that nobody worked on. The lease that t
// itself carries is what stands there afterwards.
func (tx *Tx) SaveTransfer(t *hub.Transfer, held string) error {
	t.Changed = tx.Now()
	faults, err := faultsOf(t)
	if err != nil {
		return err
	}
	err = tx.ExecOne(`update transfer set goal=$2, state=$3, faults=$4, plan=$5, step_at=$6, steps=$7, wake_at=$8, waits_for=$9, rounds=$10,
		version=$11, changed=$12, lease=$13, lease_until=$14, code=$15, standing=$16, asked=$17 where id=$1 and lease=$18`,
		t.ID, string(t.Goal), string(t.State), faults, t.Plan, t.StepAt, t.Steps, moment(t.WakeAt), t.WaitsFor, t.Rounds,
		t.Version, moment(t.Changed), t.Lease, moment(t.LeaseUntil), code(t), t.Standing, t.Asked, held)
	if IsNotFound(err) {
		return ErrLeaseLost
	}
	if err != nil {
		return err
	}
	// What the list looks for is written when it has changed only: SQLite makes each
	// index anew whose columns are named.
	look := soughtOf(t)
	_, err = tx.Exec(`update transfer set (`+soughtColumns+`) = `+soughtValues+` where id=$1 and (`+soughtColumns+`) is distinct from `+soughtValues,
		t.ID, string(t.DocKind), string(t.Covers), t.CreditNote, t.Number, t.SortKey, t.PartnerName, t.Date, t.DueDate, t.Gross, t.Currency,
		t.InvoiceID, t.InvoiceNumber, t.Reference, t.PartnerID, look.day, look.number, look.tail, look.party)
	return err
}

// What a list shows of a document and finds it by, as SQL; $1 is the transfer.
const (
	soughtColumns = `doc_kind, covers, credit_note, number, sort_key, partner_name, date, due_date, gross, currency,
		invoice_id, invoice_number, reference, partner_id, day, number_key, number_tail, party_key`
	soughtValues = `($2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)`
)

// Transfer returns one transfer.
func (tx *Tx) Transfer(id string) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer where id = $1`, id).Scan)
}

// LockTransfer returns one transfer that this transaction is about to change.
func (tx *Tx) LockTransfer(id string) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer where id = $1`+tx.Dialect().forUpdate(), id).Scan)
}

// HoldTransfer keeps everyone else from changing a transfer until this
// transaction is over, if lease still holds it. Whoever decides by what belongs
// to a transfer (its document, who waits for it) asks first: what another
// transaction has just decided is seen then, and not overwritten.
func (tx *Tx) HoldTransfer(id, lease string) error {
	var one int
	err := tx.QueryRow(`select 1 from transfer where id = $1 and lease = $2`+tx.Dialect().forUpdate(), id, lease).Scan(&one)
	if IsNotFound(err) {
		return ErrLeaseLost
	}
	return err
}

// TransferOf returns the transfer of a document or register entry, ready to be
// changed by this transaction.
func (tx *Tx) TransferOf(company string, kind hub.TransferKind, direction hub.Direction, subject string) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer
		where company = $1 and kind = $2 and direction = $3 and subject = $4`+tx.Dialect().forUpdate(),
		company, string(kind), string(direction), subject).Scan)
}

// active are the states that an engine picks up, as SQL.
const active = `('ready', 'working', 'waiting', 'unclear')`

// Claim takes up to limit transfers of a company whose time has come, for lease
// until a moment. Unclear ones come first, then those under way, then the rest
// in the order of their numbers. A transfer leased by another is left alone
// until that lease has run out.
func (tx *Tx) Claim(company, lease string, now, until time.Time, limit int) ([]hub.Transfer, error) {
	return tx.claim(claimable, company, lease, now, until, limit)
}

func (tx *Tx) claim(query, company, lease string, now, until time.Time, limit int) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, query+tx.Dialect().forUpdateSkipLocked(), company, moment(now), limit)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, nil
	}
	args := []any{lease, moment(until)}
	var in []string
	for i := range list {
		list[i].Lease, list[i].LeaseUntil = lease, until
		args = append(args, list[i].ID)
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	_, err = tx.Exec(`update transfer set lease = $1, lease_until = $2 where id in (`+strings.Join(in, ",")+`)`, args...)
	return list, err
}

// RenewLease keeps everything of a company that lease holds until a later moment.
func (tx *Tx) RenewLease(company, lease string, until time.Time) error {
	_, err := tx.Exec(`update transfer set lease_until = $3 where company = $1 and lease = $2 and lease <> '' and lease_until > 0`, company, lease, moment(until))
	return err
}

// The queue is asked after each slice of work, with all documents there ever were
// in the same table: these must be answered from its partial indexes.
const (
	nextFree   = `select min(wake_at) from transfer where company = $1 and state in ` + active + ` and waits_for = '' and lease = ''`
	nextLeased = `select min(lease_until) from transfer where company = $1 and state in ` + active + ` and waits_for = '' and lease <> '' and lease_until > 0`
	claimable  = `select ` + transferColumns + ` from transfer
		where company = $1 and state in ` + active + ` and wake_at <= $2 and waits_for = '' and (lease = '' or lease_until <= $2)
		order by case state when 'unclear' then 0 when 'working' then 1 else 2 end,
			case when kind in ('partner', 'product') then 0 when kind in ('document', 'dimension_item') then 1 else 2 end, sort_key, id
		limit $3`
)

// NextWake is the earliest moment at which a transfer of the company can be
// claimed; ok is false when none is active.
func (tx *Tx) NextWake(company string) (at time.Time, ok bool, err error) {
	var free, leased *int64
	if err := tx.QueryRow(nextFree, company).Scan(&free); err != nil {
		return time.Time{}, false, err
	}
	if err := tx.QueryRow(nextLeased, company).Scan(&leased); err != nil {
		return time.Time{}, false, err
	}
	switch {
	case free == nil && leased == nil:
		return time.Time{}, false, nil
	case free == nil || leased != nil && *leased < *free:
		return instant(*leased), true, nil
	}
	return instant(*free), true, nil
}

// ReleaseLease ends the leases of a run over a company that has stopped.
func (tx *Tx) ReleaseLease(company, lease string) error {
	_, err := tx.Exec(`update transfer set lease = '', lease_until = 0 where company = $1 and lease = $2 and lease <> '' and lease_until > 0`, company, lease)
	return err
}

// ReleaseAll ends every lease: for a process that owns the database alone and
// has just started.
func (tx *Tx) ReleaseAll() error {
	if _, err := tx.Exec(`update transfer set lease = '', lease_until = 0 where lease <> ''`); err != nil {
		return err
	}
	_, err := tx.Exec(`update source set lease = '', lease_until = 0 where lease <> ''`)
	return err
}

// EarlierInOrder returns the document of the same connection that must be
// posted before t: active, not posted yet, and earlier by its number. What waits
// for its source keeps no other back. Its error is [ErrNotFound] when the turn of t has come.
func (tx *Tx) EarlierInOrder(t *hub.Transfer) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer where connection = $1 and state in `+active+`
		and kind = 'document' and doc_kind = $2 and invoice_id = 0 and goal = 'deliver' and waits_for <> $5 and (sort_key < $3 or sort_key = $3 and id < $4)
		order by sort_key limit 1`, t.Connection, string(t.DocKind), t.SortKey, t.ID, hub.ForSource).Scan)
}

// HoldBack lets the documents of a connection that come after t rest until a
// moment, since one before them cannot go yet. What another run works on is left
// alone.
func (tx *Tx) HoldBack(t *hub.Transfer, until time.Time) error {
	_, err := tx.Exec(`update transfer set wake_at = $4 where connection = $1 and doc_kind = $2 and sort_key >= $3 and state = 'ready'
		and kind = 'document' and invoice_id = 0 and goal = 'deliver' and wake_at < $4 and (lease = '' or lease = $5)`,
		t.Connection, string(t.DocKind), t.SortKey, moment(until), t.Lease)
	return err
}

// TakeTurn lets the documents go on that rested behind t, which is posted now:
// those held back by [Tx.HoldBack], and the one that had asked for its turn.
// reason is the code that it waits with.
func (tx *Tx) TakeTurn(t *hub.Transfer, now time.Time, reason string) error {
	_, err := tx.Exec(`update transfer set wake_at = $4 where connection = $1 and doc_kind = $2 and sort_key >= $3 and state in `+active+`
		and kind = 'document' and invoice_id = 0 and wake_at > $4 and waits_for = ''
		and (state = 'ready' or state = 'waiting' and faults like $5)`,
		t.Connection, string(t.DocKind), t.SortKey, moment(now), "%\""+reason+"\"%")
	return err
}

// ReadyNoticed makes ready what a connection has only noticed while writing was off.
func (tx *Tx) ReadyNoticed(connection string) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', wake_at = 0, changed = $2 where connection = $1 and state = 'noticed'`,
		connection, millis(tx.Now()))
	return err
}

// WakeWaiting lets the documents of a connection go on that wait for their source,
// or for a person to tell them to go, since the settings have changed. personal
// is the code of the latter.
func (tx *Tx) WakeWaiting(connection, personal string) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', code = '', waits_for = '', wake_at = 0, changed = $4 where connection = $1 and lease = ''
		and kind = 'document' and (state = 'waiting' and waits_for = $2 or state = 'held' and code = $3)`, connection, hub.ForSource, personal, millis(tx.Now()))
	return err
}

// WaitingInvoices are the vouchers whose documents wait for their source.
func (tx *Tx) WaitingInvoices(company string) (map[int64]bool, error) {
	m := map[int64]bool{}
	err := tx.Each(func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		m[id] = true
		return err
	}, `select invoice_id from transfer where waits_for = $2 and waits_for <> '' and company = $1 and invoice_id > 0`, company, hub.ForSource)
	return m, err
}

// WakeInvoice lets the document go on that waits for its source and whose voucher
// has gone further in Procountor.
func (tx *Tx) WakeInvoice(company string, invoiceID int64) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', waits_for = '', wake_at = 0, changed = $4 where company = $1 and invoice_id = $2
		and invoice_id > 0 and kind = 'document' and state = 'waiting' and waits_for = $3 and waits_for <> '' and lease = ''`,
		company, invoiceID, hub.ForSource, millis(tx.Now()))
	return err
}

// WaitingFor returns the transfers that wait for another, to be changed by this
// transaction.
func (tx *Tx) WaitingFor(id string) ([]hub.Transfer, error) {
	return tx.waiting(id, tx.Dialect().forUpdate())
}

// WaitingBehind is [Tx.WaitingFor] for those who only look.
func (tx *Tx) WaitingBehind(id string) ([]hub.Transfer, error) { return tx.waiting(id, "") }

func (tx *Tx) waiting(id, lock string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where waits_for = $1 and waits_for <> '' order by id`+lock, id)
	return list, err
}

// CompaniesWithWork returns the companies that have an active transfer, with
// the moment from which there is something to do: when it was made ready or its
// wait is over, and nobody works on it.
func (tx *Tx) CompaniesWithWork() (map[string]time.Time, error) {
	m := map[string]time.Time{}
	err := tx.Each(func(scan func(...any) error) error {
		var id string
		var at int64
		err := scan(&id, &at)
		m[id] = instant(at)
		return err
	}, `select company, min(case when lease_until > wake_at then lease_until when wake_at > changed then wake_at else changed end)
		from transfer where state in `+active+` and waits_for = ''
		and company not in (select id from company where detached > 0) group by company`)
	return m, err
}

// AllTransfers returns every transfer of a company, oldest first; for tests and
// reports of small companies.
func (tx *Tx) AllTransfers(company string) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where company = $1 order by created, id`, company)
	return list, err
}
