package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

var errPlanned = errors.New("planned")

// table makes a table of its own for a test.
func table(t testing.TB, st *store.Store) {
	t.Helper()
	if err := st.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("create table thing (id text primary key, n bigint not null unique, on_ boolean not null)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func insert(tx *store.Tx, id string, n int) error {
	_, err := tx.Exec("insert into thing (n, id, on_) values ($2, $1, $3)", id, n, n%2 == 0)
	return err
}

func things(t testing.TB, st *store.Store) string {
	t.Helper()
	var ids []string
	if err := st.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			ids = append(ids, "")
			return scan(&ids[len(ids)-1])
		}, "select id from thing order by id")
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

func TestTx(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		ctx := t.Context()
		table(t, st)
		if err := st.Tx(ctx, func(tx *store.Tx) error { return insert(tx, "a", 1) }); err != nil {
			t.Fatal(err)
		}
		err := st.Tx(ctx, func(tx *store.Tx) error { return errors.Join(insert(tx, "b", 2), errPlanned) })
		if !errors.Is(err, errPlanned) {
			t.Errorf("got %v, want the function's own error", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			st.Tx(ctx, func(tx *store.Tx) error { insert(tx, "c", 3); panic("planned") })
		}()
		if err := st.Tx(ctx, func(tx *store.Tx) error {
			err := tx.Try(func() error { return insert(tx, "d", 1) })
			if !store.IsDuplicate(err) {
				t.Errorf("second n = 1: got %v, want a duplicate", err)
			}
			if err := tx.Try(func() error { return insert(tx, "a", 9) }); !store.IsDuplicate(err) {
				t.Errorf("second id a: got %v, want a duplicate", err)
			}
			_, err = tx.Exec("insert into thing (id, n, on_) values ('x', null, true)")
			if err == nil || store.IsDuplicate(err) {
				t.Errorf("null: got %v, want an error that is no duplicate", err)
			}
			return nil
		}); st.Dialect() == store.SQLite && err != nil {
			t.Error(err)
		}
		if err := st.Tx(ctx, func(tx *store.Tx) error {
			return tx.Try(func() error { return insert(tx, "e", 4) })
		}); err != nil {
			t.Fatal(err)
		}
		if got := things(t, st); got != "a e" {
			t.Errorf("kept %q, want a e", got)
		}
		var on bool
		err = st.Read(ctx, func(tx *store.Tx) error {
			if err := tx.QueryRow("select id from thing where id = $1", "none").Scan(new(string)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("no row: got %v, want ErrNotFound", err)
			}
			return tx.QueryRow("select on_ from thing where n = $1 and on_ = true", 4).Scan(&on)
		})
		if err != nil || !on {
			t.Errorf("boolean: %v, %v", on, err)
		}
		if err := st.Read(ctx, func(tx *store.Tx) error { return insert(tx, "f", 6) }); err == nil {
			t.Error("a read could write")
		}
		if err := st.Tx(ctx, func(tx *store.Tx) error {
			return st.Tx(tx.Context(), func(*store.Tx) error { return nil })
		}); err == nil {
			t.Error("a transaction inside another was let through")
		}
	})
}

func TestExecOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		table(t, st)
		err := st.Tx(t.Context(), func(tx *store.Tx) error {
			if err := errors.Join(insert(tx, "a", 1), insert(tx, "b", 2)); err != nil {
				return err
			}
			if err := tx.ExecOne("update thing set n = 3 where id = 'a'"); err != nil {
				t.Error(err)
			}
			if err := tx.ExecOne("update thing set n = 3 where id = 'z'"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			if err := tx.ExecOne("delete from thing"); err == nil {
				t.Error("two rows passed for one")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestHook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		table(t, st)
		run := func(id string, h store.Hook) error {
			st.SetHook(h)
			defer st.SetHook(store.Hook{})
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				if err := insert(tx, id+"1", len(things(t, st))*2); err != nil {
					return err
				}
				return insert(tx, id+"2", len(things(t, st))*2+1)
			})
		}
		n := 0
		second := func(string) error {
			if n++; n == 2 {
				return errPlanned
			}
			return nil
		}
		fail := func() error { return errPlanned }
		for _, c := range []struct {
			id   string
			hook store.Hook
			kept string
		}{
			{"a", store.Hook{Statement: second}, ""},
			{"b", store.Hook{BeforeCommit: fail}, ""},
			{"c", store.Hook{AfterCommit: fail}, "c1 c2"},
		} {
			if err := run(c.id, c.hook); !errors.Is(err, errPlanned) {
				t.Errorf("%s: got %v", c.id, err)
			}
			if got := things(t, st); got != c.kept {
				t.Errorf("%s: kept %q, want %q", c.id, got, c.kept)
			}
		}
	})
}

func TestSQLiteFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder, 100 % odd?#")
	file := filepath.Join(dir, "vienti.db")
	st := storetest.Open(t, "sqlite:"+file, store.Options{})
	table(t, st)
	for path, want := range map[string]os.FileMode{dir: 0o700, file: 0o600, file + "-wal": 0o600, file + "-shm": 0o600, file + ".lock": 0o600} {
		if i, err := os.Stat(path); err != nil || i.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want mode %o", path, i.Mode(), err, want)
		}
	}
	if _, err := store.Open(t.Context(), "sqlite:"+file, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("second owner: got %v, want ErrInUse", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Open(t, "sqlite:"+file, store.Options{})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Options{})
		if err := st.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec("insert into schema_version (version_id, is_applied) values (9999, true)")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		st.Close()
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || !strings.Contains(err.Error(), "9999") {
			t.Errorf("got %v, want a refusal that names the version", err)
		}
	})
}

func TestBothMigrationFoldersAgree(t *testing.T) {
	names := func(dir string) string {
		var s []string
		files, err := filepath.Glob(filepath.Join("migration", dir, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			s = append(s, filepath.Base(f))
		}
		return strings.Join(s, " ")
	}
	if a, b := names("sqlite"), names("postgres"); a != b {
		t.Errorf("sqlite has %s, postgres has %s", a, b)
	}
}

func TestOpenKeepsThePasswordToItself(t *testing.T) {
	for _, url := range []string{
		"postgres://vienti:hunter22@127.0.0.1:1/none?connect_timeout=1",
		"postgres://vienti:hunter22@127.0.0.1:port/none",
		"mysql://vienti:hunter22@127.0.0.1/none",
	} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("got %v", err)
		}
	}
}

// TestTwoNodesStartAtOnce opens an empty schema from several sides.
func TestTwoNodesStartAtOnce(t *testing.T) {
	url := storetest.Postgres(t)
	st := storetest.Open(t, url, store.Options{})
	if _, err := st.DB().Exec("create schema fresh"); err != nil {
		t.Fatal(err)
	}
	many(3, func(int) {
		node, err := store.Open(context.Background(), url+"&search_path=fresh", store.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := st.DB().Exec("select * from fresh.act_head"); err != nil {
		t.Error(err)
	}
}

// TestOwnedTime runs in a time of its own, as the simulation does: the clock of
// a bubble is the clock of stored instants, and a transaction inside another is
// found out instead of waiting for itself for ever.
func TestOwnedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := storetest.Open(t, storetest.SQLite(t), store.Options{})
		table(t, st)
		begin := time.Now()
		for i := range 24 {
			time.Sleep(time.Hour)
			if err := st.Group(t.Context(), func(tx *store.Tx) error { return insert(tx, tx.Now().Format(time.RFC3339), i) }); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasSuffix(things(t, st), begin.Add(24*time.Hour).UTC().Format(time.RFC3339)) || time.Since(begin) != 24*time.Hour {
			t.Errorf("after %v: %s", time.Since(begin), things(t, st))
		}
		err := st.Tx(t.Context(), func(*store.Tx) error {
			return st.Tx(t.Context(), func(*store.Tx) error { return nil })
		})
		if err == nil || !strings.Contains(err.Error(), "inside another") {
			t.Errorf("a transaction inside another: %v", err)
		}
	})
}

func TestNewID(t *testing.T) {
	c := newClock()
	st := storetest.Open(t, storetest.SQLite(t), store.Options{Now: c.now})
	seen := map[string]bool{}
	last := ""
	for range 1000 {
		id := st.NewID()
		if len(id) != 26 || seen[id] || id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		seen[id], last = true, id
		if len(seen)%3 == 0 { // several in one millisecond keep their order
			c.sleep(time.Second)
		}
	}
	// The same chance and the same clock give the same id: simulations repeat.
	same := func() string {
		return storetest.Open(t, storetest.SQLite(t), store.Options{Now: newClock().now, Rand: bytes.NewReader(make([]byte, 10))}).NewID()
	}
	if a, b := same(), same(); a != b {
		t.Errorf("%s and %s", a, b)
	}
}
