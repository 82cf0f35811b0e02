package store

import (
	"context"
	"errors"
	"time"

	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
)

// Sessions keeps the sessions of the pages, as scs.CtxStore and
// scs.IterableCtxStore ask. Only the hash of a token is stored: whoever reads
// the database cannot take a session over.
type Sessions struct{ store *Store }

// Sessions returns the store of sessions.
func (s *Store) Sessions() Sessions { return Sessions{s} }

func tokenHash(token string) string { return people.HashToken(secret.New(token)) }

// FindCtx returns the data of a session that has not expired.
func (s Sessions) FindCtx(ctx context.Context, token string) (b []byte, found bool, err error) {
	err = s.store.Read(ctx, func(tx *Tx) error {
		return tx.QueryRow("select data from session where token_hash = $1 and expires > $2", tokenHash(token), millis(tx.Now())).Scan(&b)
	})
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	return b, err == nil, err
}

// CommitCtx stores a session, over an earlier one with the same token.
func (s Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.store.Group(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`insert into session (token_hash, data, expires) values ($1, $2, $3)
			on conflict (token_hash) do update set data = excluded.data, expires = excluded.expires`, tokenHash(token), b, millis(expiry))
		return err
	})
}

// DeleteCtx ends a session; one that is not there is no error.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Group(ctx, func(tx *Tx) error {
		_, err := tx.Exec("delete from session where token_hash = $1", tokenHash(token))
		return err
	})
}

// AllCtx returns the data of all sessions that have not expired, under the hash
// of each token. The tokens themselves are not known here, so that a session
// found by AllCtx can be read but not ended: people.User.SessionsSince ends sessions.
func (s Sessions) AllCtx(ctx context.Context) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := s.store.Read(ctx, func(tx *Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var hash string
			var b []byte
			if err := scan(&hash, &b); err != nil {
				return err
			}
			all[hash] = b
			return nil
		}, "select token_hash, data from session where expires > $1", millis(tx.Now()))
	})
	return all, err
}

// Purge removes expired sessions and returns how many.
func (s Sessions) Purge(ctx context.Context) (n int64, err error) {
	err = s.store.Tx(ctx, func(tx *Tx) error {
		r, err := tx.Exec("delete from session where expires <= $1", millis(tx.Now()))
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n, err
}

// sessionTime bounds a call that scs makes without a context.
const sessionTime = 10 * time.Second

// Find is FindCtx without a context; scs asks for it and does not call it.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	return s.FindCtx(ctx, token)
}

// Commit is CommitCtx without a context.
func (s Sessions) Commit(token string, b []byte, expiry time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	return s.CommitCtx(ctx, token, b, expiry)
}

// Delete is DeleteCtx without a context.
func (s Sessions) Delete(token string) error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	return s.DeleteCtx(ctx, token)
}

// All is AllCtx without a context.
func (s Sessions) All() (map[string][]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	return s.AllCtx(ctx)
}
