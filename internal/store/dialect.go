package store

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// A Dialect is the kind of database behind a [Store]. Statements are written
// once, in what both understand; what differs stands in this file and in the
// migrations:
//
//   - parameters are $1, $2 …, in any order and as often as needed;
//   - ids are text, instants bigint milliseconds UTC, decimals and JSON text,
//     switches boolean;
//   - a sum of two parameters needs a cast for PostgreSQL to know its type;
//   - SQLite has neither "for update" nor greatest().
type Dialect string

const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// forUpdate ends a select whose rows this transaction is going to change.
// SQLite needs nothing: it has one writer.
func (d Dialect) forUpdate() string {
	if d == Postgres {
		return " for update"
	}
	return ""
}

// forKeyShare ends a select whose rows nobody may take away or lock for themselves
// before this transaction is over; others may change them.
func (d Dialect) forKeyShare() string {
	if d == Postgres {
		return " for key share"
	}
	return ""
}

// forUpdateSkipLocked is forUpdate that leaves out rows another node holds.
func (d Dialect) forUpdateSkipLocked() string {
	if d == Postgres {
		return " for update skip locked"
	}
	return ""
}

// elements is a select of the elements of a JSON list of texts.
func (d Dialect) elements(arg string) string {
	if d == Postgres {
		return "select json_array_elements_text(" + arg + "::json)"
	}
	return "select value from json_each(" + arg + ")"
}

// by names the index by which a select goes through transfers. SQLite, which keeps
// no statistics unless told to, is told; PostgreSQL knows better.
func (d Dialect) by(index string) string {
	if d == Postgres || index == "" {
		return ""
	}
	return " indexed by " + index
}

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("not found")

// notFound turns the answer of an empty select into [ErrNotFound].
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// Codes of https://sqlite.org/rescode.html and of the PostgreSQL manual, appendix A.
const (
	sqliteConstraintPrimaryKey = 1555
	sqliteConstraintUnique     = 2067
	pgUniqueViolation          = "23505"
	pgSerializationFailure     = "40001"
	pgDeadlockDetected         = "40P01"
)

// IsDuplicate reports whether err says that a row with the same unique key is there already.
//
// On PostgreSQL a failed statement spoils its transaction: use "on conflict",
// or [Tx.Try] where the transaction must go on.
func IsDuplicate(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqliteConstraintPrimaryKey || e.Code() == sqliteConstraintUnique
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == pgUniqueViolation
}

// isConflict reports whether err says that two transactions were in each
// other's way, so that nothing was written and trying again may succeed.
func isConflict(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == pgSerializationFailure || e.Code == pgDeadlockDetected)
}

// ErrInUse says that another process has the SQLite file open.
var ErrInUse = errors.New("another process uses this database")
