package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// A PushToken lets a business system push documents to one connection. Only its
// hash is kept.
type PushToken struct {
	Hash       string
	Connection string
	Name       string
	Rights     people.TokenRights
	Created    time.Time
	Used       time.Time // last, within some minutes; zero for never
	Revoked    time.Time // zero while it is good
}

// InsertPushToken keeps the hash of a token by which a source pushes, and lets the
// source be told what becomes of its documents.
func (tx *Tx) InsertPushToken(hash, connection, name string, may people.TokenRights) error {
	if err := may.Check(); err != nil {
		return err
	}
	if err := tx.OpenFeed(connection); err != nil {
		return err
	}
	_, err := tx.Exec(`insert into push_token (hash, connection, name, reads, writes, kinds, payroll, created, revoked) values ($1,$2,$3,$4,$5,$6,$7,$8,0)`,
		hash, connection, name, may.Reads, may.Writes, kindText(may.Kinds), may.Payroll, millis(tx.Now()))
	return err
}

// PushConnection returns the connection that a token's hash stands for, and what
// the token may do there.
func (tx *Tx) PushConnection(hash string) (conn hub.Connection, may people.TokenRights, err error) {
	var id, kinds string
	if err := tx.QueryRow(`select connection, reads, writes, kinds, payroll from push_token where hash = $1 and revoked = 0`, hash).
		Scan(&id, &may.Reads, &may.Writes, &kinds, &may.Payroll); err != nil {
		return conn, may, err
	}
	may.Kinds = kindsIn(kinds)
	conn, err = tx.Connection(id)
	return conn, may, err
}

// PushTokens returns the tokens of a connection, or all for "", oldest first.
func (tx *Tx) PushTokens(connection string) (list []PushToken, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var t PushToken
		var created, used, revoked int64
		var kinds string
		err := scan(&t.Hash, &t.Connection, &t.Name, &t.Rights.Reads, &t.Rights.Writes, &kinds, &t.Rights.Payroll, &created, &used, &revoked)
		t.Rights.Kinds = kindsIn(kinds)
		t.Created, t.Used, t.Revoked = momentOf(created), momentOf(used), momentOf(revoked)
		list = append(list, t)
		return err
	}, `select hash, connection, name, reads, writes, kinds, payroll, created, used, revoked from push_token where $1 = '' or connection = $1 order by created, hash`, connection)
	return list, err
}

// TokenUsed keeps when a token was used last, whether of one connection or of a vendor.
func (tx *Tx) TokenUsed(hash string) error {
	for _, q := range []string{`update push_token set used = $2 where hash = $1`, `update vendor set used = $2 where hash = $1`} {
		if _, err := tx.Exec(q, hash, millis(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

// RevokePushToken ends a token for good; one that has ended or never was is
// [ErrNotFound].
func (tx *Tx) RevokePushToken(hash string) error {
	return tx.ExecOne(`update push_token set revoked = $2 where hash = $1 and revoked = 0`, hash, millis(tx.Now()))
}
