package engine

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// byMail is the actor of who stops letters of a mailbox by the link in one.
const byMail = "mail"

// ErrStopLink says that a link to stop letters is not one of ours.
var ErrStopLink = errors.New("this link stops no letters")

// A mailboxAct is what acts keep of a mailbox.
type mailboxAct struct {
	Address string `json:"address"`
}

// AddMailbox has an address told by mail of the documents of a connection, in a
// language, or switches it on again. Errors: [alert.ErrAddress], [store.ErrMailboxes].
func (e *Engine) AddMailbox(ctx context.Context, actor, connection, address string, language locale.Language) error {
	address, err := alert.Address(address)
	if err != nil {
		return err
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.LockConnection(connection); err != nil {
			return err
		}
		if err := tx.PutMailbox(store.Mailbox{Connection: connection, Address: address, Language: string(language)}); err != nil {
			return err
		}
		return act(tx, actor, "connection.mailbox_added", connection, mailboxAct{address})
	})
}

// RemoveMailbox has an address told of a connection no longer.
func (e *Engine) RemoveMailbox(ctx context.Context, actor, connection, address string) error {
	address = people.NormalLogin(address)
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.RemoveMailbox(connection, address); err != nil {
			return err
		}
		return act(tx, actor, "connection.mailbox_removed", connection, mailboxAct{address})
	})
}

// stopPath is the page that stops letters.
const stopPath = "/mail/stop"

// stopLink leads the reader of a letter to the page that stops those of its scope.
func stopLink(tx *store.Tx, base string, l store.Letter) (secret.Secret, error) {
	token, err := tx.StopToken(l.Address, l.Scope)
	return secret.New(base + stopPath + "?token=" + url.QueryEscape(token.Reveal())), err
}

// StopMail stops the letters that a link is about: those to its address about one
// company or connection, or all. Doing it again changes nothing. [ErrStopLink] when
// the link is not ours.
func (e *Engine) StopMail(ctx context.Context, token secret.Secret) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		address, scope, err := tx.OpenStopToken(token)
		if errors.Is(err, secret.ErrSealed) {
			return ErrStopLink
		}
		if err != nil {
			return err
		}
		boxes, err := tx.MailboxesOf(address)
		if err != nil {
			return err
		}
		for _, b := range boxes {
			if !b.Stopped.IsZero() || scope != alert.EveryScope && scope != alert.ConnectionScope(b.Connection) {
				continue
			}
			if err := tx.StopMailbox(b.Connection, address); err != nil {
				return err
			}
			if err := act(tx, byMail, "connection.mailbox_stopped", b.Connection, mailboxAct{address}); err != nil {
				return err
			}
		}
		company, isCompany := strings.CutPrefix(scope, alert.CompanyScope(""))
		if scope == alert.EveryScope {
			company, isCompany = people.EveryCompany, true
		}
		if !isCompany {
			return nil
		}
		u, _, err := tx.PersonByLogin(address)
		if store.IsNotFound(err) || err == nil && u.WantsNoMail(company) {
			return nil
		}
		if err != nil {
			return err
		}
		was := strings.Join(u.NoMail, " ")
		u.NoMail = u.StopMail(company)
		if err := tx.SetPerson(u); err != nil {
			return err
		}
		return act(tx, byMail, "person.mail", u.ID, struct {
			From string `json:"from"`
			To   string `json:"to"`
		}{was, strings.Join(u.NoMail, " ")})
	})
}
