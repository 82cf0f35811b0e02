// Package store is the database: one type over SQLite and PostgreSQL,
// transactions as functions, rows scanned into the values of other packages.
package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/vienti/vienti/internal/secret"
)

//go:embed migration
var migrations embed.FS

const (
	versionTable = "schema_version"

	// sqliteReaders and postgresConns bound the pools. One page needs one
	// connection for a moment; PostgreSQL allows 100 for all nodes together.
	sqliteReaders = 8
	postgresConns = 20

	// writerWait is how long a transaction may wait for a connection. On SQLite
	// there is one, so a transaction opened inside another would wait for ever.
	writerWait = time.Minute
)

// Options of [Open]. The zero value is right for production, apart from Vault.
type Options struct {
	Now   func() time.Time // the clock of stored instants; time.Now if nil
	Rand  io.Reader        // the source of [Store.NewID]; crypto/rand if nil
	Log   *slog.Logger     // slog.Default if nil
	Vault *secret.Vault    // seals blobs; without it sealed blobs are refused
	Hook  Hook             // faults for tests

	// Shared opens a SQLite file that another process of this program owns: no
	// lock is taken, nothing is made or migrated, and the schema must be the one
	// this program knows. For commands beside a running server, which hand work
	// over and look on. PostgreSQL is always shared.
	Shared bool

	// NoSync lets SQLite report a commit before the disk has it. For tests only:
	// a power cut then costs data.
	NoSync bool
}

// A Store is an open database. It may be used by many goroutines.
type Store struct {
	url     string
	dialect Dialect
	db      *sql.DB // writes; on SQLite exactly one connection
	readers *sql.DB // the same pool as db on PostgreSQL
	blobDir string  // SQLite: where large blobs lie
	// statements of db and of readers; see [prepared]
	writing, reading prepared
	noSync           bool
	shared           bool
	unlock           func() error
	group            group

	closing sync.Mutex
	closed  bool

	ids struct {
		mu   sync.Mutex
		last [16]byte
	}
	announce atomic.Pointer[func(tx *Tx, webhook string) error] // see [Store.Announce]
	tells    struct {                                           // see [Store.Told]
		mu   sync.Mutex
		next chan struct{}
	}
	now   func() time.Time
	rand  io.Reader
	log   *slog.Logger
	vault *secret.Vault
	hook  atomic.Pointer[Hook]
}

// Open opens the database at url and brings its schema up to date:
//
//	sqlite:/path/file.db    one file, one process; large blobs in blobs/ beside it
//	postgres://user:password@host/name    shared by any number of nodes
//
// A SQLite file and its folder are made if needed, readable by their owner only.
// It is an error if another process has the file open, or if the schema is newer
// than this program.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	s := &Store{url: url, now: o.Now, rand: o.Rand, log: o.Log, vault: o.Vault, noSync: o.NoSync, shared: o.Shared}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.SetHook(o.Hook)
	var err error
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		err = s.openSQLite(strings.TrimPrefix(rest, "//"))
	case "postgres", "postgresql":
		err = s.openPostgres(url)
	default:
		// The rest may hold a password.
		return nil, fmt.Errorf("open database: the address begins with %.20q, not with sqlite: or postgres:", scheme)
	}
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) openSQLite(path string) error {
	s.dialect = SQLite
	if path == "" {
		return errors.New("the address sqlite: names no file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	s.blobDir = filepath.Join(dir, "blobs")
	if s.shared {
		if _, err := os.Stat(path); err != nil {
			return err
		}
		return s.openPools(path)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// A file of its own: closing any handle of the database itself would drop SQLite's locks.
	if s.unlock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	// SQLite gives its -wal and -shm the mode of the file. This handle is closed before SQLite opens its own.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return err
	}
	return s.openPools(path)
}

// openPools opens SQLite's one writer and its readers.
func (s *Store) openPools(path string) (err error) {
	sync := "FULL"
	if s.noSync {
		sync = "OFF"
	}
	// Without _time_format and _timezone River's retries are late by the offset of the local zone.
	common := "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_time_format=sqlite&_timezone=UTC"
	write := common + "&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(67108864)&_txlock=immediate&_pragma=synchronous(" + sync + ")"
	if s.db, err = sql.Open("sqlite", sqliteDSN(path, write)); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	if s.readers, err = sql.Open("sqlite", sqliteDSN(path, "mode=ro&_pragma=query_only(1)&_txlock=deferred&"+common)); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(sqliteReaders)
	s.readers.SetMaxIdleConns(sqliteReaders)
	return nil
}

func sqliteDSN(path, query string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: query}
	return u.String()
}

func (s *Store) openPostgres(url string) error {
	s.dialect = Postgres
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return err // pgx leaves the password out
	}
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["application_name"] = "vienti"
	// A node that hangs must not hold rows that others wait for.
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
	c.RuntimeParams["lock_timeout"] = "30s"
	s.db = stdlib.OpenDB(*c)
	s.db.SetMaxOpenConns(postgresConns)
	s.db.SetMaxIdleConns(postgresConns)
	s.db.SetConnMaxIdleTime(5 * time.Minute)
	s.readers = s.db
	return nil
}

func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migration/"+string(s.dialect))
	if err != nil {
		return err
	}
	o := []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithSlog(s.log)}
	dialect := goose.DialectSQLite3
	if s.dialect == Postgres {
		// Several nodes may start at once.
		l, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return err
		}
		dialect, o = goose.DialectPostgres, append(o, goose.WithSessionLocker(l))
	}
	p, err := goose.NewProvider(dialect, s.db, files, o...)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > want {
		return fmt.Errorf("its schema has version %d, this program knows %d: use the newer program", have, want)
	}
	if s.shared && s.dialect == SQLite && have != want {
		return fmt.Errorf("its schema has version %d, this program knows %d: another process has it open; use that process's program", have, want)
	}
	if have == want {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate from version %d to %d: %w", have, want, err)
	}
	return nil
}

// Close waits for running transactions and gives the file free. Again it does nothing.
func (s *Store) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	s.reading.close()
	s.writing.close()
	if s.readers != nil && s.readers != s.db {
		errs = append(errs, s.readers.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close()) // last, so that SQLite folds its log into the file
	}
	if s.unlock != nil {
		errs = append(errs, s.unlock())
	}
	return errors.Join(errs...)
}

// Dialect says which kind of database this is.
func (s *Store) Dialect() Dialect { return s.dialect }

// Now is the clock that stored instants are taken from.
func (s *Store) Now() time.Time { return s.now() }

// DB is the pool of writers, for the engine's job package only: River needs it.
// On SQLite it has one connection: whoever holds a transaction and asks DB for
// anything waits for itself.
func (s *Store) DB() *sql.DB { return s.db }

// NewID returns an id of 26 letters and digits that sorts by time: 48 bits of
// clock in milliseconds, 80 bits of chance. Within one millisecond this process
// counts on, so that what comes first also sorts first.
func (s *Store) NewID() string {
	s.ids.mu.Lock()
	defer s.ids.mu.Unlock()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(s.now().UnixMilli())<<16)
	if last := s.ids.last; bytes.Compare(b[:6], last[:6]) <= 0 {
		b = last
		for i := len(b) - 1; i >= 0; i-- {
			if b[i]++; b[i] != 0 {
				break
			}
		}
	} else if _, err := io.ReadFull(s.rand, b[6:]); err != nil {
		panic(fmt.Sprintf("store: random source: %v", err)) // crypto/rand never fails
	}
	s.ids.last = b
	return idEncoding.EncodeToString(b[:])
}

// Crockford's digits keep the order of the bytes and leave out i, l, o and u.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// millis and instant are the two ends of a stored instant.
func millis(t time.Time) int64 { return t.UnixMilli() }

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
