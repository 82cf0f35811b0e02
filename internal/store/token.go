package store

import "time"

// A PushToken lets a business system push documents to one connection. Only its
// hash is kept.
type PushToken struct {
	Hash       string
	Connection string
	Name       string
	Created    time.Time
	Revoked    time.Time // zero while it is good
}

// PushTokens returns the tokens of a connection, or all for "", oldest first.
func (tx *Tx) PushTokens(connection string) (list []PushToken, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var t PushToken
		var created, revoked int64
		err := scan(&t.Hash, &t.Connection, &t.Name, &created, &revoked)
		t.Created, t.Revoked = momentOf(created), momentOf(revoked)
		list = append(list, t)
		return err
	}, `select hash, connection, name, created, revoked from push_token where $1 = '' or connection = $1 order by created, hash`, connection)
	return list, err
}

// RevokePushToken ends a token for good; one that has ended or never was is
// [ErrNotFound].
func (tx *Tx) RevokePushToken(hash string) error {
	return tx.ExecOne(`update push_token set revoked = $2 where hash = $1 and revoked = 0`, hash, millis(tx.Now()))
}
