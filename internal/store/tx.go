package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
)

// A Tx is a running transaction. It belongs to one goroutine and ends with the
// function it was handed to.
//
// It carries the context of its transaction: in a group the statements of one
// caller must not be stopped by the context of another.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	store *Store
	ready *prepared // nil on PostgreSQL
	hook  *Hook     // nil for reads

	// Written before the commit: acts, and what sources are told. moved says that transfers have changed.
	appended []audit.Act
	told     []hub.Change
	moved    bool
	tells    bool // it has told somebody of something
}

// conflictAttempts is how often a transaction is run before a conflict with
// another one becomes the caller's: deadlocks are rare, and a third in a row is a bug.
const conflictAttempts = 3

// Tx runs fn in one transaction that may write. It commits if fn returns nil;
// otherwise nothing is kept and the error of fn comes back.
//
// On PostgreSQL (isolation read committed) fn is run again after a deadlock or a
// serialization failure, so it must have no effect outside the transaction but
// to set variables. Inside fn nothing may use the Store itself: on SQLite that
// waits for the one connection that fn holds. An error of the commit leaves open
// whether the work is there.
func (s *Store) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, fn)
		if !isConflict(err) || attempt == conflictAttempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(attempt) * 5 * time.Millisecond):
		}
	}
}

func (s *Store) once(ctx context.Context, fn func(tx *Tx) error) error {
	return s.begin(ctx, s.db, nil, s.hook.Load(), fn)
}

// Read runs fn in a transaction that only reads and sees one moment of the
// database. On SQLite it never waits for writers, nor they for it.
func (s *Store) Read(ctx context.Context, fn func(tx *Tx) error) error {
	var o *sql.TxOptions
	if s.dialect == Postgres {
		o = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return s.begin(ctx, s.readers, o, nil, fn)
}

type inTx struct{}

func (s *Store) begin(ctx context.Context, db *sql.DB, o *sql.TxOptions, hook *Hook, fn func(tx *Tx) error) error {
	if hook != nil && ctx.Value(inTx{}) != nil {
		return errors.New("a transaction was begun inside another")
	}
	var ready *prepared
	if s.dialect == SQLite {
		ready = &s.writing
		if db == s.readers {
			ready = &s.reading
		}
		ready.prepare(ctx, db)
	}
	wait, cancel := context.WithTimeout(ctx, writerWait)
	conn, err := db.Conn(wait)
	cancel()
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return fmt.Errorf("begin: no connection for %v; is a transaction open inside another? %w", writerWait, err)
		}
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	ctx = context.WithValue(ctx, inTx{}, true)
	t, err := conn.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback() // does nothing after a commit; also when fn panics
	tx := &Tx{ctx: ctx, tx: t, store: s, ready: ready, hook: hook}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.writeChanges(); err != nil {
		return err
	}
	if err := tx.writeActs(); err != nil {
		return err
	}
	if err := hook.beforeCommit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if tx.tells {
		s.tell()
	}
	if err := hook.afterCommit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Exec runs a statement that answers no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	if err := tx.hook.statement(query); err != nil {
		return nil, err
	}
	tx.moved = tx.moved || movesTransfers(query)
	if st := tx.statement(query); st != nil { //nolint:sqlclosecheck // ends with the transaction
		return st.ExecContext(tx.ctx, args...)
	}
	return tx.tx.ExecContext(tx.ctx, query, args...)
}

// statement is the compiled form of query in this transaction, nil when there is none.
func (tx *Tx) statement(query string) *sql.Stmt {
	if tx.ready == nil {
		return nil
	}
	st := tx.ready.get(query)
	if st == nil {
		return nil
	}
	return tx.tx.StmtContext(tx.ctx, st)
}

// ExecOne runs a statement that must touch exactly one row; none is [ErrNotFound].
func (tx *Tx) ExecOne(query string, args ...any) error {
	r, err := tx.Exec(query, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	switch {
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	case n > 1:
		return fmt.Errorf("statement touched %d rows instead of one", n)
	}
	return nil
}

// Query runs a statement that answers rows, which the caller must close.
// On both databases they must be closed before the next statement.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if err := tx.hook.statement(query); err != nil {
		return nil, err
	}
	if st := tx.statement(query); st != nil { //nolint:sqlclosecheck // ends with the transaction
		return st.QueryContext(tx.ctx, args...)
	}
	return tx.tx.QueryContext(tx.ctx, query, args...)
}

// Each runs a query and calls row for every row of its answer.
func (tx *Tx) Each(row func(scan func(dest ...any) error) error, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A Row is the first row of an answer.
type Row struct {
	row *sql.Row
	err error
}

// Scan copies the columns of the row; without a row it returns [ErrNotFound].
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	return notFound(r.row.Scan(dest...))
}

// QueryRow runs a statement that answers one row at most.
func (tx *Tx) QueryRow(query string, args ...any) Row {
	if err := tx.hook.statement(query); err != nil {
		return Row{err: err}
	}
	if st := tx.statement(query); st != nil { //nolint:sqlclosecheck // ends with the transaction
		return Row{row: st.QueryRowContext(tx.ctx, args...)}
	}
	return Row{row: tx.tx.QueryRowContext(tx.ctx, query, args...)}
}

// Try runs fn so that its error undoes only what fn has done, and the
// transaction can go on. Tries may be nested.
func (tx *Tx) Try(fn func() error) error {
	if _, err := tx.tx.ExecContext(tx.ctx, "savepoint try"); err != nil {
		return err
	}
	appended, told := len(tx.appended), len(tx.told)
	err := fn()
	if err == nil {
		_, err = tx.tx.ExecContext(tx.ctx, "release savepoint try")
		return err
	}
	tx.appended, tx.told = tx.appended[:appended], tx.told[:told]
	if _, e := tx.tx.ExecContext(tx.ctx, "rollback to savepoint try"); e != nil {
		return errors.Join(err, e)
	}
	if _, e := tx.tx.ExecContext(tx.ctx, "release savepoint try"); e != nil {
		return errors.Join(err, e)
	}
	return err
}

// SQL is the transaction itself, for the engine's jobs only: River inserts and
// completes its jobs in the transaction that changes the transfer.
func (tx *Tx) SQL() *sql.Tx { return tx.tx }

// Context ends with the transaction's own; a Store used with it inside the
// transaction refuses instead of waiting for itself.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Now is the clock of the Store.
func (tx *Tx) Now() time.Time { return tx.store.now() }

// Dialect says which kind of database this is.
func (tx *Tx) Dialect() Dialect { return tx.store.dialect }

// A Hook breaks the database for a test. Only transactions that write meet it.
type Hook struct {
	// Statement is called before each statement of a function; an error is
	// answered in its place.
	Statement func(query string) error
	// BeforeCommit is called when a function has returned nil; an error undoes
	// the transaction.
	BeforeCommit func() error
	// AfterCommit is called when the work is kept; an error is reported all the
	// same, as when the connection breaks during the commit.
	AfterCommit func() error
}

// SetHook replaces the hook of a running Store, for tests.
func (s *Store) SetHook(h Hook) { s.hook.Store(&h) }

func (h *Hook) statement(query string) error {
	if h == nil || h.Statement == nil {
		return nil
	}
	return h.Statement(query)
}

func (h *Hook) beforeCommit() error {
	if h == nil || h.BeforeCommit == nil {
		return nil
	}
	return h.BeforeCommit()
}

func (h *Hook) afterCommit() error {
	if h == nil || h.AfterCommit == nil {
		return nil
	}
	return h.AfterCommit()
}
