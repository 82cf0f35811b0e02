package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
)

// A Webhook is where the changes of a connection are told to.
type Webhook struct {
	ID, Connection string
	URL            string
	Kinds          []hub.ChangeKind // nil is all
	Language       string
	// Secret signs what is sent; until BeforeUntil that from before a rotation signs too.
	Secret, Before secret.Secret
	BeforeUntil    time.Time
	Created        time.Time
	Author         string
	// Fails counts the rounds in a row in which nothing came through, since Failing.
	Fails   int
	Failing time.Time
	NextAt  time.Time
	Parked  time.Time // since when nobody tries any more
}

// Tells reports whether a webhook is told of changes of a kind.
func (w *Webhook) Tells(k hub.ChangeKind) bool {
	return len(w.Kinds) == 0 || slices.Contains(w.Kinds, k)
}

// A Delivery is a change that is told, or was, to a webhook.
type Delivery struct {
	Webhook string
	Change  hub.Change
	State   DeliveryState
	Tries   int
	FirstAt time.Time // of the tries
	NextAt  time.Time
	TriedAt time.Time
	Took    time.Duration
	Status  int // HTTP, 0 without an answer
	Error   string
}

// A DeliveryState says what became of a delivery.
type DeliveryState string

// Planned is still to be told; GivenUp was tried for days while others came through.
const (
	DeliveryPlanned   DeliveryState = "planned"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryGivenUp   DeliveryState = "given_up"
)

// MaxWebhooks bounds how many a connection has.
const MaxWebhooks = 5

const webhookColumns = `id, connection, url, kinds, language, secret, before, before_until, created, author, fails, failing, next_at, parked`

func (tx *Tx) scanWebhook(scan func(...any) error) (w Webhook, err error) {
	var kinds, sealed, before string
	var until, created, failing, next, parked int64
	if err := scan(&w.ID, &w.Connection, &w.URL, &kinds, &w.Language, &sealed, &before, &until, &created, &w.Author, &w.Fails, &failing, &next, &parked); err != nil {
		return w, err
	}
	for _, k := range strings.Fields(kinds) {
		w.Kinds = append(w.Kinds, hub.ChangeKind(k))
	}
	w.BeforeUntil, w.Created, w.Failing, w.NextAt, w.Parked = momentOf(until), momentOf(created), momentOf(failing), momentOf(next), momentOf(parked)
	if w.Secret, err = tx.openMaybe(webhookRow(w.ID), sealed); err != nil {
		return w, err
	}
	w.Before, err = tx.openMaybe(webhookRow(w.ID), before)
	return w, err
}

// webhookRow is what the secrets of a webhook are sealed with.
func webhookRow(id string) string { return "webhook/" + id }

// InsertWebhook lets the changes of a connection from now on be told to w, and gives
// it its id.
func (tx *Tx) InsertWebhook(w *Webhook) error {
	if err := tx.OpenFeed(w.Connection); err != nil {
		return err
	}
	var others int
	// The lock keeps two at the same moment from being one too many.
	if err := tx.QueryRow(`select 1 from feed where connection = $1`+tx.Dialect().forUpdate(), w.Connection).Scan(&others); err != nil {
		return err
	}
	if err := tx.QueryRow(`select count(*) from webhook where connection = $1 and ended = 0`, w.Connection).Scan(&others); err != nil {
		return err
	}
	if others >= MaxWebhooks {
		return ErrWebhooks
	}
	w.ID, w.Created = tx.store.NewID(), tx.Now()
	sealed, err := tx.seal(webhookRow(w.ID), w.Secret)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into webhook (id, connection, url, kinds, language, secret, created, author) values ($1,$2,$3,$4,$5,$6,$7,$8)`,
		w.ID, w.Connection, w.URL, changeKindText(w.Kinds), w.Language, sealed, millis(w.Created), w.Author)
	return err
}

// ErrWebhooks says that a connection has [MaxWebhooks] already.
var ErrWebhooks = fmt.Errorf("a connection has no more than %d webhooks", MaxWebhooks)

func changeKindText(kinds []hub.ChangeKind) string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = string(k)
	}
	return strings.Join(list, " ")
}

// Webhooks returns those of a connection, or all for "", oldest first.
func (tx *Tx) Webhooks(connection string) (list []Webhook, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		w, err := tx.scanWebhook(scan)
		list = append(list, w)
		return err
	}, `select `+webhookColumns+` from webhook where ended = 0 and ($1 = '' or connection = $1) order by id`, connection)
	return list, err
}

// Webhook returns one that has not ended.
func (tx *Tx) Webhook(id string) (Webhook, error) {
	return tx.scanWebhook(tx.QueryRow(`select `+webhookColumns+` from webhook where id = $1 and ended = 0`, id).Scan)
}

// RotateWebhook gives a webhook another secret; the one from before signs too until a moment.
func (tx *Tx) RotateWebhook(id string, s secret.Secret, until time.Time) error {
	sealed, err := tx.seal(webhookRow(id), s)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update webhook set before = secret, before_until = $3, secret = $2 where id = $1 and ended = 0`, id, sealed, millis(until))
}

// EndWebhook tells nothing more to a webhook, and forgets its secrets.
func (tx *Tx) EndWebhook(id string) error {
	if err := tx.ExecOne(`update webhook set ended = $2, secret = '', before = '', before_until = 0 where id = $1 and ended = 0`, id, millis(tx.Now())); err != nil {
		return err
	}
	_, err := tx.Exec(`delete from delivery where webhook = $1 and state = 'planned'`, id)
	return err
}

// ResumeWebhook lets a webhook be tried again at once.
func (tx *Tx) ResumeWebhook(id string) error {
	if err := tx.ExecOne(`update webhook set fails = 0, failing = 0, next_at = 0, parked = 0 where id = $1 and ended = 0`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`update delivery set next_at = 0 where webhook = $1 and state = 'planned'`, id)
	return err
}

// Replay tells a webhook once more, under their ids, of the changes since a moment that
// are kept, and returns of how many.
func (tx *Tx) Replay(id string, from time.Time) (n int, err error) {
	w, err := tx.Webhook(id)
	if err != nil {
		return 0, err
	}
	args := []any{id, w.Connection, millis(from)}
	kinds := ""
	for i, k := range w.Kinds {
		args = append(args, string(k))
		kinds += fmt.Sprintf("%s$%d", map[bool]string{true: " and kind in (", false: ","}[i == 0], len(args))
	}
	if kinds != "" {
		kinds += ")"
	}
	res, err := tx.Exec(`insert into delivery (webhook, seq, subject, state, next_at)
		select $1, seq, subject, 'planned', 0 from change where connection = $2 and at >= $3`+kinds+`
		on conflict (webhook, seq) do update set state = 'planned', tries = 0, first_at = 0, next_at = 0`, args...)
	if err != nil {
		return 0, err
	}
	count, err := res.RowsAffected()
	return int(count), err
}

// planDeliveries makes the deliveries of new changes, and returns to which webhooks.
func (tx *Tx) planDeliveries(connection string, list []hub.Change) (ids []string, err error) {
	type receiver struct{ id, kinds string }
	var to []receiver
	if err := tx.Each(func(scan func(...any) error) error {
		var r receiver
		err := scan(&r.id, &r.kinds)
		to = append(to, r)
		return err
	}, `select id, kinds from webhook where connection = $1 and ended = 0 order by id`, connection); err != nil {
		return nil, err
	}
	for _, r := range to {
		kinds, some := strings.Fields(r.kinds), false
		for _, c := range list {
			if len(kinds) > 0 && !slices.Contains(kinds, string(c.Kind)) {
				continue
			}
			some = true
			if _, err := tx.Exec(`insert into delivery (webhook, seq, subject, state, next_at) values ($1,$2,$3,'planned',0)`, r.id, c.Seq, c.Subject); err != nil {
				return nil, err
			}
		}
		if some {
			ids = append(ids, r.id)
		}
	}
	return ids, nil
}

// ClaimWebhook takes a webhook that is due, for lease until a moment; [ErrNotFound] when
// it is not, or somebody else has it.
func (tx *Tx) ClaimWebhook(id, lease string, now, until time.Time) (Webhook, error) {
	if err := tx.ExecOne(`update webhook set lease = $2, lease_until = $4 where id = $1 and ended = 0 and parked = 0 and next_at <= $3
		and (lease = '' or lease_until <= $3)`, id, lease, millis(now), millis(until)); err != nil {
		return Webhook{}, err
	}
	return tx.Webhook(id)
}

// GiveBackWebhook stores how a round has gone, if the lease still holds the webhook.
func (tx *Tx) GiveBackWebhook(w *Webhook, lease string) error {
	err := tx.ExecOne(`update webhook set fails = $3, failing = $4, next_at = $5, parked = $6, lease = '', lease_until = 0 where id = $1 and lease = $2 and ended = 0`,
		w.ID, lease, w.Fails, moment(w.Failing), moment(w.NextAt), moment(w.Parked))
	if IsNotFound(err) {
		return ErrLeaseLost
	}
	return err
}

const deliveryColumns = `d.webhook, d.state, d.tries, d.first_at, d.next_at, d.tried_at, d.took, d.status, d.error,
	c.connection, c.seq, c.id, c.kind, c.subject, c.document, c.source_id, c.detail, c.at`

// itsTurn says that a delivery d is planned, and the first of its subject.
const itsTurn = `d.state = 'planned' and not exists (
		select 1 from delivery e where e.webhook = d.webhook and e.subject = d.subject and e.state = 'planned' and e.seq < d.seq)`

const fromDelivery = ` from delivery d join webhook w on w.id = d.webhook join change c on c.connection = w.connection and c.seq = d.seq `

func scanDelivery(scan func(...any) error) (d Delivery, err error) {
	var first, next, tried, took int64
	d.Change, err = scanChange(func(dest ...any) error {
		return scan(append([]any{&d.Webhook, &d.State, &d.Tries, &first, &next, &tried, &took, &d.Status, &d.Error}, dest...)...)
	})
	d.FirstAt, d.NextAt, d.TriedAt, d.Took = momentOf(first), momentOf(next), momentOf(tried), time.Duration(took)*time.Millisecond
	return d, err
}

// DueDeliveries returns at most limit deliveries of a webhook whose time has come: of
// each subject the first only, so that those after it wait. The least tried come first.
func (tx *Tx) DueDeliveries(webhook string, now time.Time, limit int) ([]Delivery, error) {
	return tx.deliveries(`where d.webhook = $1 and d.next_at <= $2 and `+itsTurn+` order by d.tries, d.seq limit $3`, webhook, millis(now), limit)
}

// Deliveries returns the newest of a webhook, before a number (0: from the end), for people.
func (tx *Tx) Deliveries(webhook string, before int64, limit int) ([]Delivery, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	return tx.deliveries(`where d.webhook = $1 and d.seq < $2 order by d.seq desc limit $3`, webhook, before, limit)
}

func (tx *Tx) deliveries(where string, args ...any) (list []Delivery, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		d, err := scanDelivery(scan)
		list = append(list, d)
		return err
	}, `select `+deliveryColumns+fromDelivery+where, args...)
	return list, err
}

// SettleDelivery stores what a try came to.
func (tx *Tx) SettleDelivery(d *Delivery) error {
	return tx.ExecOne(`update delivery set state = $3, tries = $4, first_at = $5, next_at = $6, tried_at = $7, took = $8, status = $9, error = $10
		where webhook = $1 and seq = $2`, d.Webhook, d.Change.Seq, string(d.State), d.Tries, moment(d.FirstAt), moment(d.NextAt), moment(d.TriedAt),
		d.Took.Milliseconds(), d.Status, d.Error)
}

// NextDelivery is the earliest moment at which something is to be told to a webhook; ok
// is false when nothing is.
func (tx *Tx) NextDelivery(webhook string) (at time.Time, ok bool, err error) {
	var next *int64
	if err := tx.QueryRow(`select min(d.next_at) from delivery d where d.webhook = $1 and `+itsTurn, webhook).Scan(&next); err != nil || next == nil {
		return at, false, err
	}
	return instant(*next), true, nil
}

// WebhookDue reports whether something is to be told to a webhook now, and nobody does.
func (tx *Tx) WebhookDue(id string, now time.Time) (due bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from webhook w where w.id = $2 and `+webhookDue+`)`, millis(now), id).Scan(&due)
	return due, err
}

const webhookDue = `w.ended = 0 and w.parked = 0 and w.next_at <= $1 and (w.lease = '' or w.lease_until <= $1)
		and exists (select 1 from delivery d where d.webhook = w.id and d.next_at <= $1 and ` + itsTurn + `)`

// DueWebhooks are those to which something is to be told now, and nobody does.
func (tx *Tx) DueWebhooks(now time.Time) (ids []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select w.id from webhook w where `+webhookDue+` order by w.id`, millis(now))
	return ids, err
}

// ParkedWebhooks are the companies, attached, that have a webhook which nobody tries any more.
func (tx *Tx) ParkedWebhooks() (companies []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		companies = append(companies, id)
		return err
	}, `select distinct c.company from webhook w join connection c on c.id = w.connection join company k on k.id = c.company
		where w.ended = 0 and w.parked > 0 and k.detached = 0 order by c.company`)
	return companies, err
}

// A DeliveryCount says how much of a webhook is still to be told, and was given up.
type DeliveryCount struct{ Planned, GivenUp int }

// CountDeliveries counts them, by webhook, for those of a connection.
func (tx *Tx) CountDeliveries(connection string) (map[string]DeliveryCount, error) {
	m := map[string]DeliveryCount{}
	err := tx.Each(func(scan func(...any) error) error {
		var id, state string
		var n int
		if err := scan(&id, &state, &n); err != nil {
			return err
		}
		c := m[id]
		if DeliveryState(state) == DeliveryPlanned {
			c.Planned = n
		} else {
			c.GivenUp = n
		}
		m[id] = c
		return nil
	}, `select d.webhook, d.state, count(*) from delivery d join webhook w on w.id = d.webhook where w.connection = $1 and w.ended = 0
		and d.state <> 'delivered' group by d.webhook, d.state`, connection)
	return m, err
}

// Announce makes fn be called in each transaction that has something to tell to a
// webhook, for the engine's jobs: work and wake-up are one.
func (s *Store) Announce(fn func(tx *Tx, webhook string) error) { s.announce.Store(&fn) }
