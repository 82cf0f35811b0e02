package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/secret"
)

// A Mailbox is an address of no user that is told by mail of the documents of a
// connection.
type Mailbox struct {
	Connection, Address string
	Language            string
	Stopped             time.Time // when a reader wanted no more letters; zero for not
}

// MaxMailboxes bounds how many a connection has: they are for shared addresses, and
// whoever needs more has users.
const MaxMailboxes = 10

// ErrMailboxes says that a connection has [MaxMailboxes] already.
var ErrMailboxes = errors.New("a connection has no more than 10 addresses for mail")

// Mailboxes returns those of a connection, or all for "".
func (tx *Tx) Mailboxes(connection string) ([]Mailbox, error) {
	return tx.mailboxes("$1 = '' or connection = $1", connection)
}

// MailboxesOf returns the connections of an address.
func (tx *Tx) MailboxesOf(address string) ([]Mailbox, error) {
	return tx.mailboxes("address = $1", address)
}

func (tx *Tx) mailboxes(which, arg string) (list []Mailbox, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var b Mailbox
		var stopped int64
		err := scan(&b.Connection, &b.Address, &b.Language, &stopped)
		b.Stopped = momentOf(stopped)
		list = append(list, b)
		return err
	}, "select connection, address, language, stopped from mailbox where "+which+" order by connection, address", arg)
	return list, err
}

// PutMailbox adds an address to a connection that is locked, or switches it on again.
func (tx *Tx) PutMailbox(b Mailbox) error {
	if _, err := tx.Exec(`insert into mailbox (connection, address, language) values ($1,$2,$3)
		on conflict (connection, address) do update set language = excluded.language, stopped = 0`, b.Connection, b.Address, b.Language); err != nil {
		return err
	}
	all, err := tx.Mailboxes(b.Connection)
	if err == nil && len(all) > MaxMailboxes {
		err = ErrMailboxes
	}
	return err
}

// RemoveMailbox takes an address from a connection; [ErrNotFound] when it has none.
func (tx *Tx) RemoveMailbox(connection, address string) error {
	return tx.ExecOne("delete from mailbox where connection = $1 and address = $2", connection, address)
}

// StopMailbox keeps letters about a connection from an address, until somebody
// switches it on again.
func (tx *Tx) StopMailbox(connection, address string) error {
	return tx.ExecOne("update mailbox set stopped = $3 where connection = $1 and address = $2 and stopped = 0", connection, address, millis(tx.Now()))
}

// stopRow is what tokens that stop letters are bound to: nothing else that the vault
// has sealed is one.
const stopRow = "mail/stop"

// maxStopToken bounds what is read as such a token: an address, a scope, and the seal.
const maxStopToken = 600

// StopToken is what lets the reader of a letter stop those of its scope without
// signing in. It is sealed and kept nowhere.
func (tx *Tx) StopToken(address, scope string) (secret.Secret, error) {
	text, err := tx.seal(stopRow, secret.New(scope+" "+address))
	return secret.New(text), err
}

// OpenStopToken is the reverse of [Tx.StopToken]. What it has not made is [secret.ErrSealed].
func (tx *Tx) OpenStopToken(token secret.Secret) (address, scope string, err error) {
	text := token.Reveal()
	if len(text) > maxStopToken {
		return "", "", fmt.Errorf("a link of %d bytes: %w", len(text), secret.ErrSealed)
	}
	plain, err := tx.open(stopRow, text)
	scope, address, _ = strings.Cut(plain.Reveal(), " ")
	return address, scope, err
}
