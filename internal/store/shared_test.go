package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/store"
)

// Beside the process that owns a SQLite file another may open it shared: it
// reads and writes, and neither takes the lock nor changes the schema.
func TestSharedSQLite(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "v.db")
	url := "sqlite:" + path
	if _, err := store.Open(ctx, url, store.Options{Shared: true}); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a file that is not there: %v", err)
	}
	owner, err := store.Open(ctx, url, store.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(ctx, url, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("a second owner: %v", err)
	}
	guest, err := store.Open(ctx, url, store.Options{Shared: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := guest.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`create table thing (id text)`)
		return err
	}); err != nil {
		t.Errorf("the guest writes: %v", err)
	}
	n := 0
	if err := owner.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`select 1 + count(*) from thing`).Scan(&n)
	}); err != nil || n != 1 {
		t.Errorf("the owner sees %d rows, %v", n, err)
	}
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(ctx, url, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("the guest has taken the owner's lock with it: %v", err)
	}
	if err := owner.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`delete from schema_version where version_id = (select max(version_id) from schema_version)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(ctx, url, store.Options{Shared: true}); err == nil || !strings.Contains(err.Error(), "schema") {
		t.Errorf("an older schema: %v", err)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
}
