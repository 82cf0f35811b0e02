package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A Cause is one reason why people are told something, as it is stored.
type Cause struct {
	Key, Company string
	Connection   string   // "" for the whole company
	Kind         hub.Kind // "" for the whole company
	Code         string
	Since        time.Time
	Told         bool
}

// Waiting counts what waits for a person, per connection, kind of document and reason.
type Waiting struct {
	Company, Connection string
	Kind                hub.Kind
	Code                string
	Count               int
}

// CountWaiting returns what waits for a person in the companies that are connected.
func (tx *Tx) CountWaiting() (list []Waiting, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var w Waiting
		var kind string
		err := scan(&w.Company, &w.Connection, &kind, &w.Code, &w.Count)
		w.Kind = hub.Kind(kind)
		list = append(list, w)
		return err
	}, `select company, connection, doc_kind, code, sum(n) from (
		select company, connection, doc_kind, code, count(*) as n from transfer where `+stands+` group by company, connection, doc_kind, code
		union all select o.company, o.connection, o.doc_kind, k.code, count(*) from `+openTasks+` group by o.company, o.connection, o.doc_kind, k.code
	) waiting where company in (select id from company where detached = 0)
	group by company, connection, doc_kind, code order by company, connection, doc_kind, code`)
	return list, err
}

// Causes returns what has been seen before, told or not.
func (tx *Tx) Causes() (list []Cause, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var c Cause
		var kind string
		var since int64
		err := scan(&c.Key, &c.Company, &c.Connection, &kind, &c.Code, &since, &c.Told)
		c.Kind, c.Since = hub.Kind(kind), momentOf(since)
		list = append(list, c)
		return err
	}, `select key, company, connection, kind, code, since, told from alert_cause order by key`)
	return list, err
}

// PutCause keeps a cause, over the one that is there.
func (tx *Tx) PutCause(c Cause) error {
	_, err := tx.Exec(`insert into alert_cause (key, company, connection, kind, code, since, told) values ($1,$2,$3,$4,$5,$6,$7)
		on conflict (key) do update set told = excluded.told`, c.Key, c.Company, c.Connection, string(c.Kind), c.Code, millis(c.Since), c.Told)
	return err
}

// EndCause forgets a cause that is gone.
func (tx *Tx) EndCause(key string) error {
	_, err := tx.Exec(`delete from alert_cause where key = $1`, key)
	return err
}

// A Letter is one mail that is to be sent, or was.
type Letter struct {
	Key, Address string
	// Scope is what the link at its end stops.
	Scope         string
	Subject, Body string
	Created       time.Time
	Tries         int
}

// PlanLetter keeps a letter to be sent, unless it has been planned before.
func (tx *Tx) PlanLetter(l Letter) error {
	now := millis(tx.Now())
	_, err := tx.Exec(`insert into letter (key, address, scope, subject, body, state, created, next_at, tried, tries, error)
		values ($1,$2,$3,$4,$5,'planned',$6,$6,0,0,'') on conflict (key) do nothing`, l.Key, l.Address, l.Scope, l.Subject, l.Body, now)
	return err
}

// LastLetter is when a letter whose key begins so was planned last; the zero time
// when none was.
func (tx *Tx) LastLetter(prefix string) (time.Time, error) {
	var at *int64
	if err := tx.QueryRow(`select max(created) from letter where key like $1 escape '\'`, likeText(prefix)+"%").Scan(&at); err != nil || at == nil {
		return time.Time{}, err
	}
	return momentOf(*at), nil
}

// ClaimLetter says that a letter is about to be sent: its intent. [ErrNotFound]
// when none is due. One of a process that is gone is called unclear, and not sent.
func (tx *Tx) ClaimLetter(gone time.Duration) (l Letter, err error) {
	now := tx.Now()
	if _, err := tx.Exec(`update letter set state = 'unclear', error = 'the process ended while sending' where state = 'sending' and tried < $1`,
		millis(now.Add(-gone))); err != nil {
		return l, err
	}
	var created int64
	if err := tx.QueryRow(`select key, address, scope, subject, body, created, tries from letter where state = 'planned' and next_at <= $1
		order by created, key limit 1`+tx.Dialect().forUpdateSkipLocked(), millis(now)).Scan(&l.Key, &l.Address, &l.Scope, &l.Subject, &l.Body, &created, &l.Tries); err != nil {
		return l, err
	}
	l.Created = momentOf(created)
	l.Tries++
	return l, tx.ExecOne(`update letter set state = 'sending', tried = $2, tries = $3 where key = $1 and state = 'planned'`, l.Key, millis(now), l.Tries)
}

// What became of a letter.
const (
	LetterSent    = "sent"
	LetterRefused = "refused" // it will never be taken
	LetterUnclear = "unclear" // it may have been taken; not sent again
	LetterPlanned = "planned" // to be tried again
)

// SettleLetter stores what became of a letter that is being sent. The text of one
// that is at its end is not kept.
func (tx *Tx) SettleLetter(key, state, why string, next time.Time) error {
	return tx.ExecOne(`update letter set state = $2, error = $3, next_at = $4, body = case when $2 = 'planned' then body else '' end
		where key = $1 and state = 'sending'`, key, state, why, moment(next))
}

// CountLetters counts letters per state since a moment.
func (tx *Tx) CountLetters(since time.Time) (map[string]int, error) {
	m := map[string]int{}
	err := tx.Each(func(scan func(...any) error) error {
		var state string
		var n int
		err := scan(&state, &n)
		m[state] = n
		return err
	}, `select state, count(*) from letter where created >= $1 group by state`, millis(since))
	return m, err
}
