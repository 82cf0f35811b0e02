// Package storetest opens fresh databases for tests: a SQLite file always, and
// PostgreSQL started from the system's own binaries where there are any.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/needs"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// Each runs f as a subtest on a fresh database of each kind. The stores have a
// vault, and log into the test.
func Each(t *testing.T, f func(t *testing.T, st *store.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { f(t, Open(t, url, store.Options{})) })
}

// SQLiteEnv leaves PostgreSQL out of [EachURL] when it is set: under the race detector,
// for the goroutines above the store are the same on both.
const SQLiteEnv = "VIENTI_SQLITE_ONLY"

// EachURL is [Each] for tests that open the database themselves: twice, again
// after a crash, or with options of their own. The database is migrated and empty.
func EachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	if os.Getenv(SQLiteEnv) == "" {
		t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
	}
}

// Open opens a database until the end of the test. Without a vault in o it has a
// vault of its own; without a log, warnings go to the test's.
func Open(tb testing.TB, url string, o store.Options) *store.Store {
	tb.Helper()
	if o.Vault == nil {
		v, err := secret.NewVault(secret.NewKey())
		if err != nil {
			tb.Fatal(err)
		}
		o.Vault = v
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	o.NoSync = true
	st, err := store.Open(context.Background(), url, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := st.Close(); err != nil {
			tb.Errorf("close database: %v", err)
		}
	})
	return st
}

// sqliteTemplate is a migrated file, made once per test process: copying it
// takes a fraction of the time that migrating takes.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "vienti-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "vienti.db")
	if err := migrate("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func migrate(url string) error {
	st, err := store.Open(context.Background(), url, store.Options{NoSync: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return st.Close()
}

// SQLite returns the address of a fresh file, which goes with the test.
func SQLite(tb testing.TB) (url string) {
	tb.Helper()
	b, err := sqliteTemplate()
	if err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(tb.TempDir(), "vienti.db")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		tb.Fatal(err)
	}
	return "sqlite:" + file
}

// Postgres returns the address of a fresh PostgreSQL database, which goes with
// the test. Where the machine has no PostgreSQL, [needs.Missing] decides.
func Postgres(tb testing.TB) (url string) {
	tb.Helper()
	s, err := server()
	if errors.Is(err, errNoBinaries) {
		needs.Missing(tb, needs.PostgreSQL, err.Error())
	}
	if err != nil {
		tb.Fatalf("PostgreSQL for the tests: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	name := fmt.Sprintf("t%d", s.databases.Add(1))
	if _, err := s.admin.ExecContext(ctx, "create database "+name+" template "+templateName); err != nil {
		tb.Fatalf("make database: %v", err)
	}
	tb.Cleanup(func() {
		if _, err := s.admin.Exec("drop database if exists " + name + " with (force)"); err != nil {
			tb.Errorf("drop database: %v", err)
		}
	})
	return s.url(name)
}
