package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A RegisterReading is one reading of a company's registers that found changes.
type RegisterReading struct {
	ID      string
	Version int // of the copy
	At      time.Time
	Count   int
	Changes []register.Change
	changes string // the blob of them
}

// AddRegisterChanges keeps what a reading has found.
func (tx *Tx) AddRegisterChanges(company string, version int, changes []register.Change) error {
	b, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	ref, err := tx.PutBlob(b)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into register_change (id, company, version, at, count, changes) values ($1,$2,$3,$4,$5,$6)`,
		tx.store.NewID(), company, version, millis(tx.Now()), len(changes), ref)
	if err != nil {
		return err
	}
	return tx.tellRegisters(company, changes)
}

// RegisterReadings returns the newest readings of a company that found changes.
func (tx *Tx) RegisterReadings(company string, limit int) (list []RegisterReading, err error) {
	if list, err = tx.RegisterMoments(company, limit); err != nil {
		return nil, err
	}
	for i := range list {
		if err := tx.LoadChanges(&list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// RegisterMoments is [Tx.RegisterReadings] without the changes: [Tx.LoadChanges]
// brings those of one.
func (tx *Tx) RegisterMoments(company string, limit int) (list []RegisterReading, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var r RegisterReading
		var at int64
		err := scan(&r.ID, &r.Version, &at, &r.Count, &r.changes)
		r.At = momentOf(at)
		list = append(list, r)
		return err
	}, `select id, version, at, count, changes from register_change where company = $1 order by id desc limit $2`, company, limit)
	return list, err
}

// LoadChanges brings the changes of a reading.
func (tx *Tx) LoadChanges(r *RegisterReading) error {
	b, err := tx.Blob(r.changes)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, &r.Changes)
}

// HeldBy returns the documents of a company (and of one connection of it, if
// named) that are held and name one of the codes, to be changed by this
// transaction.
func (tx *Tx) HeldBy(company, connection string, codes []string) (list []hub.Transfer, err error) {
	args := []any{company, connection}
	var cond []string
	for _, c := range codes {
		args = append(args, `%"code":"`+c+`"%`)
		cond = append(cond, fmt.Sprintf("faults like $%d", len(args)))
	}
	if len(cond) == 0 {
		return nil, nil
	}
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where `+stands+` and state = 'held' and kind = 'document' and company = $1 and ($2 = '' or connection = $2)
		and (`+strings.Join(cond, " or ")+`) order by sort_key, id`+tx.Dialect().forUpdate(), args...)
	return list, err
}

// PartnersByID returns those partners of the register copy that are there, by
// their ids; at most some hundreds are asked for at a time.
func (tx *Tx) PartnersByID(company string, ids []int64) (list []register.Partner, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args, in := []any{company}, []string{}
	for _, id := range ids {
		args = append(args, id)
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	err = tx.Each(func(scan func(...any) error) error {
		var content string
		if err := scan(&content); err != nil {
			return err
		}
		var p register.Partner
		err := json.Unmarshal([]byte(content), &p)
		list = append(list, p)
		return err
	}, `select content from partner where company = $1 and id in (`+strings.Join(in, ", ")+`) order by id`, args...)
	return list, err
}

// Partners returns one register of partners of the copy whole, by their ids.
func (tx *Tx) Partners(company string, typ register.PartnerType) (list []register.Partner, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var content string
		if err := scan(&content); err != nil {
			return err
		}
		var p register.Partner
		err := json.Unmarshal([]byte(content), &p)
		list = append(list, p)
		return err
	}, `select content from partner where company = $1 and type = $2 order by id`, company, string(typ))
	return list, err
}

// PartnerIDs are the ids of all partners of the register copy, ascending.
func (tx *Tx) PartnerIDs(company string) (ids []int64, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select id from partner where company = $1 order by id`, company)
	return ids, err
}

// ForgetPartner takes a partner out of the copy that is no longer there.
func (tx *Tx) ForgetPartner(company string, id int64) error {
	if _, err := tx.Exec(`delete from partner_key where company = $1 and partner = $2`, company, id); err != nil {
		return err
	}
	return tx.ExecOne(`delete from partner where company = $1 and id = $2`, company, id)
}

// A PartnerCount says how many partners of one register there are, and how many
// of them are in use.
type PartnerCount struct{ All, Active int }

// CountPartners counts the partners of the register copy per register.
func (tx *Tx) CountPartners(company string) (map[register.PartnerType]PartnerCount, error) {
	m := map[register.PartnerType]PartnerCount{}
	err := tx.Each(func(scan func(...any) error) error {
		var typ string
		var n PartnerCount
		err := scan(&typ, &n.All, &n.Active)
		m[register.PartnerType(typ)] = n
		return err
	}, `select type, count(*), sum(case when content like '%"active":true%' then 1 else 0 end) from partner where company = $1 group by type`, company)
	return m, err
}
