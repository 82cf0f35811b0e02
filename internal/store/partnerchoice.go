package store

import (
	"time"

	"github.com/vienti/vienti/internal/matching"
)

// A PartnerChoice is what a person has said once of a party of a source.
type PartnerChoice struct {
	Connection string
	Party      string // see [matching.PartyKey]
	Name       string // of the party, for people
	matching.Chosen
	Author string
	At     time.Time
}

// PutPartnerChoice keeps a choice, in the place of an earlier one for the party.
func (tx *Tx) PutPartnerChoice(c PartnerChoice) error {
	refused, err := toJSON(c.Refused)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into partner_choice (connection, party, name, partner, refused, making, author, at) values ($1,$2,$3,$4,$5,$6,$7,$8)
		on conflict (connection, party) do update set name=excluded.name, partner=excluded.partner, refused=excluded.refused,
		making=excluded.making, author=excluded.author, at=excluded.at`,
		c.Connection, c.Party, c.Name, c.Partner, refused, c.Making, c.Author, millis(tx.Now()))
	return err
}

// PartnerChoices returns the choices of a connection, the newest first.
func (tx *Tx) PartnerChoices(connection string) ([]PartnerChoice, error) {
	return tx.partnerChoices(`connection = $1 order by at desc, party`, connection)
}

// PartnerChoice returns the choice about one party; its error is [ErrNotFound]
// when there is none.
func (tx *Tx) PartnerChoice(connection, party string) (c PartnerChoice, err error) {
	list, err := tx.partnerChoices(`connection = $1 and party = $2`, connection, party)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return c, err
	}
	return list[0], nil
}

// ChoiceMaking returns the choice for which the partner of a key is made.
func (tx *Tx) ChoiceMaking(key string) (c PartnerChoice, err error) {
	list, err := tx.partnerChoices(`making = $1 and making <> ''`, key)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return c, err
	}
	return list[0], nil
}

func (tx *Tx) partnerChoices(where string, args ...any) (list []PartnerChoice, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var c PartnerChoice
		var refused string
		var at int64
		if err := scan(&c.Connection, &c.Party, &c.Name, &c.Partner, &refused, &c.Making, &c.Author, &at); err != nil {
			return err
		}
		c.At = momentOf(at)
		list = append(list, c)
		return fromJSON(refused, &list[len(list)-1].Refused)
	}, `select connection, party, name, partner, refused, making, author, at from partner_choice where `+where, args...)
	return list, err
}

// PartnerMade says which partner has been made for a choice, if for any.
func (tx *Tx) PartnerMade(key string, partner int64) error {
	_, err := tx.Exec(`update partner_choice set partner = $2 where making = $1 and making <> ''`, key, partner)
	return err
}

// RemovePartnerChoice forgets a choice: the next document asks again.
func (tx *Tx) RemovePartnerChoice(connection, party string) error {
	return tx.ExecOne(`delete from partner_choice where connection = $1 and party = $2`, connection, party)
}
