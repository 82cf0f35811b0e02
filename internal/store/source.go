package store

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
)

// A Source is how a connection is read by itself.
type Source struct {
	Connection string
	Kind       string // name of the connector
	// Values are the options that are no secrets; Secrets names those that are kept.
	Values   map[string]string
	Secrets  []string
	Schedule source.Schedule
	// Fault says why the last run found nothing; nil after a good one.
	Fault *hub.Fault
	// NextAt is the next run; zero while it waits for a person.
	NextAt time.Time
	// Asked is since when a person wants it read now; zero when nobody does.
	Asked   time.Time
	Changed time.Time
	Author  string
}

// A Pull is what one run of a source came to.
type Pull struct {
	ID, Connection string
	Began, Ended   time.Time
	Asked          bool // by a person
	Documents      int  // shown by the source
	New, Changed   int  // of them, new here or with other content
	Held           int  // of those, stopped by what reading has found
	Fault          *hub.Fault
}

// keptPulls is how many runs of a source are remembered: a day of runs every ten
// minutes.
const keptPulls = 150

// SetSource stores how a connection is read, and lets it be read at once. Secrets
// that are not given stay as they are; those whose value is zero are removed.
func (tx *Tx) SetSource(s Source, secrets map[string]secret.Secret) error {
	sealed, err := tx.sealedSecrets(s.Connection)
	if err != nil && !IsNotFound(err) {
		return err
	}
	kept := map[string]string{}
	maps.Copy(kept, sealed)
	for name, value := range secrets {
		if value.IsZero() {
			delete(kept, name)
			continue
		}
		if kept[name], err = tx.seal(secretRow(s.Connection, name), value); err != nil {
			return err
		}
	}
	options, err := toJSON(s.Values)
	if err != nil {
		return err
	}
	text, err := toJSON(kept)
	if err != nil {
		return err
	}
	now := millis(tx.Now())
	_, err = tx.Exec(`insert into source (connection, kind, options, secrets, every, quiet, fault, asked, next_at, lease, lease_until, changed, author)
		values ($1,$2,$3,$4,$5,$6,'',0,$7,'',0,$7,$8)
		on conflict (connection) do update set kind = excluded.kind, options = excluded.options, secrets = excluded.secrets, every = excluded.every,
		quiet = excluded.quiet, fault = '', next_at = excluded.next_at, changed = excluded.changed, author = excluded.author`,
		s.Connection, s.Kind, options, text, int64(s.Schedule.Every/time.Second), s.Schedule.Quiet.String(), now, s.Author)
	return err
}

// secretRow is what a secret is sealed with: it opens in its own row and place only.
func secretRow(connection, name string) string { return "source/" + connection + "/" + name }

func (tx *Tx) sealedSecrets(connection string) (m map[string]string, err error) {
	var text string
	if err := tx.QueryRow(`select secrets from source where connection = $1`, connection).Scan(&text); err != nil {
		return nil, err
	}
	return m, fromJSON(text, &m)
}

// RemoveSource ends that a connection is read by itself; its cursor stays.
func (tx *Tx) RemoveSource(connection string) error {
	return tx.ExecOne(`delete from source where connection = $1`, connection)
}

const sourceColumns = `connection, kind, options, secrets, every, quiet, fault, asked, next_at, changed, author`

func scanSource(scan func(...any) error) (s Source, err error) {
	var options, secrets, quiet, fault string
	var every, asked, next, changed int64
	if err := scan(&s.Connection, &s.Kind, &options, &secrets, &every, &quiet, &fault, &asked, &next, &changed, &s.Author); err != nil {
		return s, err
	}
	s.Schedule.Every = time.Duration(every) * time.Second
	s.Asked, s.NextAt, s.Changed = momentOf(asked), momentOf(next), momentOf(changed)
	if s.Schedule.Quiet, err = source.ParseHours(quiet); err != nil {
		return s, err
	}
	var sealed map[string]string
	if err := fromJSON(secrets, &sealed); err != nil {
		return s, err
	}
	s.Secrets = slices.Sorted(maps.Keys(sealed))
	if err := fromJSON(options, &s.Values); err != nil {
		return s, err
	}
	s.Fault, err = faultOf(fault)
	return s, err
}

func faultOf(text string) (*hub.Fault, error) {
	if text == "" {
		return nil, nil
	}
	f := new(hub.Fault)
	return f, fromJSON(text, f)
}

func faultText(f *hub.Fault) (string, error) {
	if f == nil {
		return "", nil
	}
	return toJSON(f)
}

// Source returns how a connection is read; [ErrNotFound] when it is not.
func (tx *Tx) Source(connection string) (Source, error) {
	return scanSource(tx.QueryRow(`select `+sourceColumns+` from source where connection = $1`, connection).Scan)
}

// Sources returns every connection that is read by itself.
func (tx *Tx) Sources() (list []Source, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		s, err := scanSource(scan)
		list = append(list, s)
		return err
	}, `select `+sourceColumns+` from source order by connection`)
	return list, err
}

// SourceConfig opens the options of a connection, secrets included.
func (tx *Tx) SourceConfig(connection string) (c source.Config, err error) {
	s, err := tx.Source(connection)
	if err != nil {
		return c, err
	}
	sealed, err := tx.sealedSecrets(connection)
	if err != nil {
		return c, err
	}
	c = source.Config{Values: s.Values, Secrets: map[string]secret.Secret{}}
	for name, text := range sealed {
		if c.Secrets[name], err = tx.open(secretRow(connection, name), text); err != nil {
			return c, fmt.Errorf("option %s: %w", name, err)
		}
	}
	return c, nil
}

// DueSources lists connections that are to be read at now and that nobody reads,
// but for those of a company that is detached.
func (tx *Tx) DueSources(now time.Time) (list []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		list = append(list, id)
		return err
	}, `select s.connection from source s join connection n on n.id = s.connection join company c on c.id = n.company
		where s.next_at > 0 and s.next_at <= $1 and s.lease_until <= $1 and c.detached = 0 and c.leaving = '' order by s.next_at`, moment(now))
	return list, err
}

// AskSource lets a connection be read now, whatever kept it from being read.
func (tx *Tx) AskSource(connection string) error {
	return tx.ExecOne(`update source set asked = $2, next_at = $2 where connection = $1`, connection, millis(tx.Now()))
}

// changed reports whether a statement has changed a row.
func (tx *Tx) changed(query string, args ...any) (bool, error) {
	err := tx.ExecOne(query, args...)
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// LeaseSource takes a connection that is due for one reader, and reports whether it
// got it.
func (tx *Tx) LeaseSource(connection, lease string, now, until time.Time) (bool, error) {
	return tx.changed(`update source set lease = $2, lease_until = $4 where connection = $1 and next_at > 0 and next_at <= $3 and lease_until <= $3
		and exists (select 1 from connection n join company c on c.id = n.company where n.id = $1 and c.detached = 0 and c.leaving = '')`,
		connection, lease, moment(now), moment(until))
}

// KeepSource renews a lease; false when another has it by now.
func (tx *Tx) KeepSource(connection, lease string, until time.Time) (bool, error) {
	return tx.changed(`update source set lease_until = $3 where connection = $1 and lease = $2`, connection, lease, moment(until))
}

// EndPull stores what a run came to and when the next one is, and gives the lease
// back; false when another has it by now, and then nothing is stored. A person who
// has asked since the run began is not forgotten.
func (tx *Tx) EndPull(p *Pull, lease string, next time.Time) (bool, error) {
	fault, err := faultText(p.Fault)
	if err != nil {
		return false, err
	}
	ok, err := tx.changed(`update source set fault = $3, lease = '', lease_until = 0,
		next_at = case when asked > $5 or changed > $5 then next_at else $4 end,
		asked = case when asked > $5 then asked else 0 end
		where connection = $1 and lease = $2`, p.Connection, lease, fault, moment(next), moment(p.Began))
	if err != nil || !ok {
		return ok, err
	}
	p.ID = tx.store.NewID()
	if _, err := tx.Exec(`insert into pull (id, connection, began, ended, asked, documents, fresh, changed, held, fault) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		p.ID, p.Connection, moment(p.Began), moment(p.Ended), p.Asked, p.Documents, p.New, p.Changed, p.Held, fault); err != nil {
		return false, err
	}
	_, err = tx.Exec(`delete from pull where connection = $1 and id <= (select id from pull where connection = $1 order by id desc limit 1 offset $2)`, p.Connection, keptPulls)
	return true, err
}

// Pulls returns the latest runs of a connection, newest first.
func (tx *Tx) Pulls(connection string, limit int) (list []Pull, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var p Pull
		var began, ended int64
		var fault string
		err := scan(&p.ID, &p.Connection, &began, &ended, &p.Asked, &p.Documents, &p.New, &p.Changed, &p.Held, &fault)
		if err == nil {
			p.Began, p.Ended = momentOf(began), momentOf(ended)
			p.Fault, err = faultOf(fault)
		}
		list = append(list, p)
		return err
	}, `select id, connection, began, ended, asked, documents, fresh, changed, held, fault from pull where connection = $1 order by id desc limit $2`, connection, limit)
	return list, err
}
