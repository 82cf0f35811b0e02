package store_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(b)
	return b
}

func files(t *testing.T, url string) (paths []string) {
	t.Helper()
	dir := filepath.Join(filepath.Dir(strings.TrimPrefix(url, "sqlite:")), "blobs")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
			if i, err := d.Info(); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", path, i.Mode(), err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestBlob(t *testing.T) {
	bodies := map[string][]byte{
		"nothing":             nil,
		"one byte":            {0},
		"text":                bytes.Repeat([]byte("lasku "), 100),
		"large text":          bytes.Repeat([]byte("faktura "), 100_000),
		"large, incompressed": noise(50_000),
		"at the edge":         noise(4096),
		"before the edge":     noise(4095),
	}
	storetest.EachURL(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Options{})
		seen := map[string]string{}
		for name, b := range bodies {
			for range 2 { // the second time it is there
				var plain, sealed string
				if err := st.Tx(t.Context(), func(tx *store.Tx) (err error) {
					if plain, err = tx.PutBlob(b); err != nil {
						return err
					}
					sealed, err = tx.PutSealedBlob(b)
					return err
				}); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, ref := range []string{plain, sealed} {
					if seen[ref] != "" && seen[ref] != name {
						t.Errorf("%s has the ref of %s", name, seen[ref])
					}
					seen[ref] = name
					if err := st.Read(t.Context(), func(tx *store.Tx) error {
						got, err := tx.Blob(ref)
						if !bytes.Equal(got, b) {
							t.Errorf("%s: got %d bytes, want %d", name, len(got), len(b))
						}
						return err
					}); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		}
		// Three bodies are stored in more than 4096 bytes, each plain and sealed; and the
		// one before the edge sealed, which is longer by its seal.
		if st.Dialect() == store.SQLite {
			if got := files(t, url); len(got) != 7 {
				t.Errorf("%d files: %q", len(got), got)
			}
		}
		if err := st.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.Blob("../../etc/passwd"); return err }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown ref: %v", err)
		}
		if _, err := store.PackBlob(make([]byte, 64<<20+1)); err == nil {
			t.Error("a body over the limit was taken")
		}
	})
}

func TestSealedBlobNeedsItsVault(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Options{})
		body := bytes.Repeat([]byte("palkka 4 200,00 "), 20)
		var ref string
		if err := st.Tx(t.Context(), func(tx *store.Tx) (err error) { ref, err = tx.PutSealedBlob(body); return err }); err != nil {
			t.Fatal(err)
		}
		var raw []byte
		if err := st.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select body from blob where ref = $1", ref).Scan(&raw)
		}); err != nil || bytes.Contains(raw, []byte("palkka")) {
			t.Errorf("stored as %q, %v", raw, err)
		}
		st.Close()
		other := storetest.Open(t, url, store.Options{}) // has another vault
		if err := other.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.Blob(ref); return err }); !errors.Is(err, secret.ErrSealed) {
			t.Errorf("got %v, want ErrSealed", err)
		}
	})
}

func TestDamagedBlob(t *testing.T) {
	url := storetest.SQLite(t)
	st := storetest.Open(t, url, store.Options{})
	body := noise(10_000)
	var ref string
	put := func() {
		if err := st.Tx(t.Context(), func(tx *store.Tx) (err error) { ref, err = tx.PutBlob(body); return err }); err != nil {
			t.Fatal(err)
		}
	}
	get := func() error {
		return st.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.Blob(ref); return err })
	}
	put()
	path := files(t, url)[0]
	if err := os.WriteFile(path, noise(9_999), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := get(); !errors.Is(err, store.ErrBlob) {
		t.Errorf("altered: got %v, want ErrBlob", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := get(); !errors.Is(err, store.ErrBlob) {
		t.Errorf("removed: got %v, want ErrBlob", err)
	}
	put()
	if err := get(); err != nil {
		t.Errorf("put again: %v", err)
	}
}
