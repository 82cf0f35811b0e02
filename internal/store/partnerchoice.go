package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/people"
)

// A PartnerChoice is what a person has said once of a party of a source.
type PartnerChoice struct {
	Company string
	// Connection is where it holds; "" is every connection of the company.
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
	_, err = tx.Exec(`insert into partner_choice (company, connection, party, name, partner, refused, making, author, at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		on conflict (company, connection, party) do update set name=excluded.name, partner=excluded.partner, refused=excluded.refused,
		making=excluded.making, author=excluded.author, at=excluded.at`,
		c.Company, c.Connection, c.Party, c.Name, c.Partner, refused, c.Making, c.Author, millis(tx.Now()))
	return err
}

// PartnerChoices returns the choices of a company, those of one connection with
// those for all of them if it is named; the newest first.
func (tx *Tx) PartnerChoices(company, connection string) ([]PartnerChoice, error) {
	return tx.partnerChoices(`company = $1 and ($2 = '' or connection in ($2, '')) order by at desc, party, connection`, company, connection)
}

// PartnerChoice returns the choice that holds about one party on a connection: the
// connection's own before that for all. Its error is [ErrNotFound] when there is none.
func (tx *Tx) PartnerChoice(company, connection, party string) (c PartnerChoice, err error) {
	return oneChoice(tx.partnerChoices(`company = $1 and connection in ($2, '') and party = $3 order by connection desc`, company, connection, party))
}

// ChoiceMaking returns the choice for which the partner of a key is made.
func (tx *Tx) ChoiceMaking(key string) (c PartnerChoice, err error) {
	return oneChoice(tx.partnerChoices(`making = $1 and making <> ''`, key))
}

func oneChoice(list []PartnerChoice, err error) (PartnerChoice, error) {
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return PartnerChoice{}, err
	}
	return list[0], nil
}

func (tx *Tx) partnerChoices(where string, args ...any) (list []PartnerChoice, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var c PartnerChoice
		var refused string
		var at int64
		if err := scan(&c.Company, &c.Connection, &c.Party, &c.Name, &c.Partner, &refused, &c.Making, &c.Author, &at); err != nil {
			return err
		}
		c.At = momentOf(at)
		list = append(list, c)
		return fromJSON(refused, &list[len(list)-1].Refused)
	}, `select company, connection, party, name, partner, refused, making, author, at from partner_choice where `+where, args...)
	return list, err
}

// PartnerMade says which partner has been made for a choice, if for any.
func (tx *Tx) PartnerMade(key string, partner int64) error {
	_, err := tx.Exec(`update partner_choice set partner = $2 where making = $1 and making <> ''`, key, partner)
	return err
}

// RemovePartnerChoice forgets a choice: the next document asks again.
func (tx *Tx) RemovePartnerChoice(company, connection, party string) error {
	return tx.ExecOne(`delete from partner_choice where company = $1 and connection = $2 and party = $3`, company, connection, party)
}

// A PartyHeld is a document that is held because it is not certain who its other
// party is.
type PartyHeld struct {
	Transfer, Connection string
	Party                string // see [matching.PartyKey]
	Name, Number         string // of the party; of the document
	Kind                 hub.Kind
	Gross, Currency      string
	Since                time.Time
}

// SetParty says who the other party of a document is.
func (tx *Tx) SetParty(transfer, party string) error {
	return tx.ExecOne(`update transfer set party = $2 where id = $1`, transfer, party)
}

// PartiesHeld returns the documents of a company that are held for one of the codes,
// the oldest first; nothing beyond reach.
func (tx *Tx) PartiesHeld(company string, codes []string, reach people.Reach) (list []PartyHeld, err error) {
	args := []any{company}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	in := make([]string, len(codes))
	for i, c := range codes {
		in[i] = arg(c)
	}
	cond := append([]string{"company = $1 and state = 'held' and kind = 'document' and party <> '' and code in (" + strings.Join(in, ", ") + ")"},
		within(reach, "company", "doc_kind", arg)...)
	err = tx.Each(func(scan func(...any) error) error {
		var h PartyHeld
		var kind string
		var since int64
		if err := scan(&h.Transfer, &h.Connection, &h.Party, &h.Name, &h.Number, &kind, &h.Gross, &h.Currency, &since); err != nil {
			return err
		}
		h.Kind, h.Since = hub.Kind(kind), momentOf(since)
		list = append(list, h)
		return nil
	}, `select id, connection, party, partner_name, number, doc_kind, gross, currency, created from transfer
		where `+strings.Join(cond, " and ")+` order by created, id`, args...)
	return list, err
}
