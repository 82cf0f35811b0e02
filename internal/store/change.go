package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// OpenFeed begins to tell a connection's business system what becomes of its
// documents; again it does nothing.
func (tx *Tx) OpenFeed(connection string) error {
	_, err := tx.Exec(`insert into feed (connection) values ($1) on conflict do nothing`, connection)
	return err
}

// A Feed is how far the changes of a connection go.
type Feed struct {
	Last int64 // number of the newest, 0 for none
	Gone int64 // number of the newest that is no longer kept
}

// FeedOf returns that of a connection; [ErrNotFound] when nothing is told to it.
func (tx *Tx) FeedOf(connection string) (f Feed, err error) {
	err = tx.QueryRow(`select last, gone from feed where connection = $1`, connection).Scan(&f.Last, &f.Gone)
	return f, err
}

// AppendChange tells the business system of a connection of something that is no
// change of a transfer's state: those are told by themselves. What it is about stands
// in Kind, Subject, Document, SourceID and Detail. To a connection that is told
// nothing, nothing is written. It is written when the transaction commits.
func (tx *Tx) AppendChange(c hub.Change) {
	tx.told = append(tx.told, c)
}

// movesTransfers reports whether a statement may have left something in the table changing.
func movesTransfers(query string) bool {
	return strings.HasPrefix(query, "update transfer ") || strings.HasPrefix(query, "insert into transfer ")
}

// writeChanges tells what the transaction has changed. It comes last, so that the end
// of a connection's changes is held for a moment only, and in the order of connections,
// so that no two transactions wait for each other.
func (tx *Tx) writeChanges() error {
	if tx.moved {
		if err := tx.movedTransfers(); err != nil {
			return fmt.Errorf("tell of changes: %w", err)
		}
	}
	if len(tx.told) == 0 {
		return nil
	}
	by := map[string][]hub.Change{}
	for _, c := range tx.told {
		by[c.Connection] = append(by[c.Connection], c)
	}
	tx.told, tx.tells = nil, true
	for _, connection := range slices.Sorted(maps.Keys(by)) {
		if err := tx.writeChangesOf(connection, by[connection]); err != nil {
			return fmt.Errorf("tell of changes: %w", err)
		}
	}
	return nil
}

func (tx *Tx) writeChangesOf(connection string, list []hub.Change) error {
	var last int64
	err := tx.QueryRow(`select last from feed where connection = $1`+tx.Dialect().forUpdate(), connection).Scan(&last)
	if IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	now := tx.Now()
	for i := range list {
		c := &list[i]
		last++
		c.ID, c.Seq, c.At = tx.store.NewID(), last, now
		detail, err := toJSON(c.Detail)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`update feed set last = $2 where connection = $1`, connection, last); err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into change (`+changeColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			connection, c.Seq, c.ID, string(c.Kind), c.Subject, c.Document, c.SourceID, detail, millis(c.At)); err != nil {
			return err
		}
	}
	webhooks, err := tx.planDeliveries(connection, list)
	if err != nil {
		return err
	}
	if announce := tx.store.announce.Load(); announce != nil {
		for _, id := range webhooks {
			if err := (*announce)(tx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// movedTransfers compares how transfers stood before the transaction with how they
// stand at its end.
func (tx *Tx) movedTransfers() error {
	type moved struct {
		t        hub.Transfer
		before   hub.ToldState
		document string
		source   string
	}
	var list []moved
	if err := tx.Each(func(scan func(...any) error) error {
		var m moved
		var state, faults string
		var err error
		if m.t, err = scanTransfer(func(dest ...any) error {
			return scan(append([]any{&state, &faults, &m.before.Version, &m.before.InvoiceID, &m.before.InvoiceNumber, &m.before.Reference,
				&m.document, &m.source}, dest...)...)
		}); err != nil {
			return err
		}
		m.before.State = hub.State(state)
		list = append(list, m)
		return fromJSON(faults, &m.before.Faults)
	}, selectMoved); err != nil {
		return err
	}
	if len(list) == 0 {
		return nil
	}
	for i := range list {
		m := &list[i]
		for _, kind := range hub.ChangesOf(m.before, &m.t) {
			tx.told = append(tx.told, hub.Change{Connection: m.t.Connection, Kind: kind, Subject: m.t.Subject, Document: m.document, SourceID: m.source,
				Detail: hub.DetailOf(kind, &m.t)})
		}
	}
	_, err := tx.Exec(`delete from changing`)
	return err
}

// selectMoved joins what the transaction has changed with how it stands now, and with
// the document and the source's id of it.
var selectMoved = `select changing.state, changing.faults, changing.version, changing.invoice_id, changing.invoice_number, changing.reference,
	coalesce(d.id, p.document, ''), coalesce(d.source_id, p.source_id, ''), t.` + strings.Join(strings.Fields(strings.ReplaceAll(transferColumns, ",", " ")), ", t.") + `
	from changing join transfer t on t.id = changing.transfer
	left join document d on t.kind = 'document' and d.id = t.subject
	left join payment p on t.kind = 'payment' and p.id = t.subject order by changing.transfer`

const changeColumns = `connection, seq, id, kind, subject, document, source_id, detail, at`

func scanChange(scan func(...any) error) (c hub.Change, err error) {
	var detail string
	var at int64
	if err := scan(&c.Connection, &c.Seq, &c.ID, &c.Kind, &c.Subject, &c.Document, &c.SourceID, &detail, &at); err != nil {
		return c, err
	}
	c.At = instant(at)
	return c, fromJSON(detail, &c.Detail)
}

// Changes returns at most limit changes of a connection after a number, in their order.
func (tx *Tx) Changes(connection string, after int64, limit int) (list []hub.Change, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		c, err := scanChange(scan)
		list = append(list, c)
		return err
	}, `select `+changeColumns+` from change where connection = $1 and seq > $2 order by seq limit $3`, connection, after, limit)
	return list, err
}

// changesAtOnce is how many old changes one transaction removes: others wait for it.
const changesAtOnce = 1000

// ForgetChanges removes changes from before a moment, from the beginning of each
// connection's, and reports whether more are left to remove.
func (tx *Tx) ForgetChanges(before time.Time) (more bool, err error) {
	gone := map[string]int64{}
	if err := tx.Each(func(scan func(...any) error) error {
		var connection string
		var seq int64
		err := scan(&connection, &seq)
		gone[connection] = seq
		return err
	}, `select f.connection, max(c.seq) from feed f join change c on c.connection = f.connection and c.at < $1 and c.seq <= f.gone + $2
		group by f.connection`, millis(before), changesAtOnce); err != nil {
		return false, err
	}
	for _, connection := range slices.Sorted(maps.Keys(gone)) {
		if _, err := tx.Exec(`update feed set gone = $2 where connection = $1 and gone < $2`, connection, gone[connection]); err != nil {
			return false, err
		}
		if _, err := tx.Exec(`delete from delivery where webhook in (select id from webhook where connection = $1) and seq <= $2`, connection, gone[connection]); err != nil {
			return false, err
		}
		if _, err := tx.Exec(`delete from change where connection = $1 and seq <= $2`, connection, gone[connection]); err != nil {
			return false, err
		}
	}
	return len(gone) > 0, nil
}

// maxChangedEntries bounds the entries of registers that one change names.
const maxChangedEntries = 200

// tellRegisters tells the connections of a company what has changed in its registers.
func (tx *Tx) tellRegisters(company string, changes []register.Change) error {
	d := hub.ChangeDetail{Left: max(0, len(changes)-maxChangedEntries)}
	for _, c := range changes[:len(changes)-d.Left] {
		d.Entries = append(d.Entries, hub.ChangedEntry{Register: string(c.What), Key: c.Key, Name: c.Name, How: string(c.How), From: c.From, To: c.To})
	}
	return tx.Each(func(scan func(...any) error) error {
		var id string
		if err := scan(&id); err != nil {
			return err
		}
		tx.AppendChange(hub.Change{Connection: id, Kind: hub.RegisterChanged, Subject: "register", Detail: d})
		return nil
	}, `select c.id from connection c join feed f on f.connection = c.id where c.company = $1 order by c.id`, company)
}

// Told is closed when the next transaction of this process that told anybody of
// anything is over. Another process's are not noticed.
func (s *Store) Told() <-chan struct{} {
	s.tells.mu.Lock()
	defer s.tells.mu.Unlock()
	if s.tells.next == nil {
		s.tells.next = make(chan struct{})
	}
	return s.tells.next
}

func (s *Store) tell() {
	s.tells.mu.Lock()
	defer s.tells.mu.Unlock()
	if s.tells.next != nil {
		close(s.tells.next)
		s.tells.next = nil
	}
}
