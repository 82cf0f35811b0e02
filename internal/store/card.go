package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A Saying is a source's newest word about a partner's card, and how far the two
// have come.
type Saying struct {
	Company    string
	Partner    int64
	Connection string
	Party      string // see [matching.PartyKey]
	// Day, At and Document say how new the word is: the day of the document, the
	// moment when it was shown, and which one it is.
	Day      string
	At       time.Time
	Document string

	Said hub.Card
	// Settled is what the two last came to rest with, by field, and Wanted what a
	// person wants carried, as it was when they said so.
	Settled, Wanted hub.CardPairs
	// Asked is what differs and is not carried by itself.
	Asked []hub.CardChange
	// Version is that of the card with which the word was compared, "" before that.
	Version string
}

// NewerThan reports whether s is a later word than o. It is an order without ties,
// so that two documents never take turns.
func (s *Saying) NewerThan(o *Saying) bool {
	switch {
	case s.Day != o.Day:
		return s.Day > o.Day
	case !s.At.Equal(o.At):
		return s.At.After(o.At)
	}
	return s.Document > o.Document
}

const sayingColumns = `company, partner, connection, party, day, at, document, said, settled, asked, wanted, version`

func scanSaying(scan func(...any) error) (s Saying, err error) {
	var at int64
	var said, settled, asked, wanted string
	if err := scan(&s.Company, &s.Partner, &s.Connection, &s.Party, &s.Day, &at, &s.Document, &said, &settled, &asked, &wanted, &s.Version); err != nil {
		return s, err
	}
	s.At = momentOf(at)
	for _, x := range []struct {
		text string
		into any
	}{{said, &s.Said}, {settled, &s.Settled}, {asked, &s.Asked}, {wanted, &s.Wanted}} {
		if err := fromJSON(x.text, x.into); err != nil {
			return s, err
		}
	}
	return s, nil
}

// PutSaying keeps a word, in the place of an earlier one of the same party about the
// same partner.
func (tx *Tx) PutSaying(s *Saying) error {
	var texts [4]string
	for i, v := range []any{s.Said, s.Settled, s.Asked, s.Wanted} {
		var err error
		if texts[i], err = toJSON(v); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`insert into card (`+sayingColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)
		on conflict (company, partner, connection, party) do update set day=excluded.day, at=excluded.at, document=excluded.document,
		said=excluded.said, settled=excluded.settled, asked=excluded.asked, wanted=excluded.wanted, version=excluded.version`,
		s.Company, s.Partner, s.Connection, s.Party, s.Day, moment(s.At), s.Document, texts[0], texts[1], texts[2], texts[3], s.Version)
	return err
}

// Sayings returns the words about one partner, the newest first.
func (tx *Tx) Sayings(company string, partner int64) (list []Saying, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		s, err := scanSaying(scan)
		list = append(list, s)
		return err
	}, `select `+sayingColumns+` from card where company = $1 and partner = $2 order by day desc, at desc, document desc, connection, party`, company, partner)
	return list, err
}

// SayingOf returns the word of one party about a partner.
func (tx *Tx) SayingOf(company string, partner int64, connection, party string) (Saying, error) {
	return scanSaying(tx.QueryRow(`select `+sayingColumns+` from card where company = $1 and partner = $2 and connection = $3 and party = $4`,
		company, partner, connection, party).Scan)
}

// ForgetSayings forgets what a party of a connection, or ("") of all of the company,
// has said of other partners than the one that it is; 0 is all of them.
func (tx *Tx) ForgetSayings(company, connection, party string, but int64) error {
	_, err := tx.Exec(`delete from card where company = $1 and ($2 = '' or connection = $2) and party = $3 and partner <> $4`, company, connection, party, but)
	return err
}

// ForgetCard forgets what was said of a partner that is not there any more.
func (tx *Tx) ForgetCard(company string, partner int64) error {
	_, err := tx.Exec(`delete from card where company = $1 and partner = $2`, company, partner)
	return err
}

// CardVersions are the versions of a company's cards with which words were compared
// last, of those partners that are named; at most some hundreds are asked for.
func (tx *Tx) CardVersions(company string, partners []int64) (map[int64]string, error) {
	m := map[int64]string{}
	args, in := []any{company}, []string{}
	for _, id := range partners {
		args = append(args, id)
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	if len(in) == 0 {
		return m, nil
	}
	err := tx.Each(func(scan func(...any) error) error {
		var id int64
		var version string
		err := scan(&id, &version)
		m[id] = version
		return err
	}, `select partner, version from card where company = $1 and version <> '' and partner in (`+strings.Join(in, ", ")+`)`, args...)
	return m, err
}

// Cards returns the transfers of a company's cards, of one connection if it is named,
// the last changed first: those in one of the states, or all that have differed.
func (tx *Tx) Cards(company, connection string, limit int) (list []hub.Transfer, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where kind = 'card' and company = $1
		and ($2 = '' or exists (select 1 from card c where c.company = transfer.company and c.partner = transfer.partner_id and c.connection = $2))
		and (plan > 0 or state not in ('ready', 'done', 'skipped')) order by changed desc, id desc limit $3`, company, connection, limit)
	return list, err
}

// WakeCards lets the cards of a connection be compared anew that nobody works on.
func (tx *Tx) WakeCards(connection string) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', code = '', wake_at = 0, changed = $2 where kind = 'card' and lease = ''
		and exists (select 1 from card c where c.company = transfer.company and c.partner = transfer.partner_id and c.connection = $1) and state in ('noticed', 'held', 'skipped', 'done', 'done_with_warning')`, connection, millis(tx.Now()))
	return err
}
