package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

func appendActs(t *testing.T, st *store.Store, n int) {
	t.Helper()
	for i := range n {
		if err := st.Group(t.Context(), func(tx *store.Tx) error {
			return tx.AppendAct(audit.Act{Actor: "vienti", Kind: "test", Subject: fmt.Sprint("s", i%2), Detail: audit.Detail(map[string]any{"i": i, "å": "ä\u0000"})})
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestActsAreNeverChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		appendActs(t, st, 3)
		for _, q := range []string{
			"update act set actor = 'nobody' where seq = 2",
			"update act set actor = actor",
			"delete from act where seq = 3",
			"delete from act",
			map[store.Dialect]string{
				store.SQLite:   "insert or replace into act select seq, at, 'nobody', kind, subject, detail, prev, hash from act where seq = 2",
				store.Postgres: "truncate act",
			}[st.Dialect()],
		} {
			if err := st.Tx(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(q); return err }); err == nil {
				t.Errorf("%s went through", q)
			}
		}
		if end, err := st.VerifyActs(t.Context()); err != nil || end.Seq != 3 {
			t.Errorf("%+v, %v", end, err)
		}
	})
}

// TestVerifyActs tampers as someone does who owns the database.
func TestVerifyActs(t *testing.T) {
	for _, c := range []struct {
		name, tamper string
		seq          int64 // where the chain breaks
	}{
		{"altered actor", "update act set actor = 'nobody' where seq = 4", 4},
		{"altered detail", "update act set detail = '{}' where seq = 1", 1},
		{"altered time", "update act set at = at + 1 where seq = 6", 6},
		{"moved between fields", "update act set actor = 'vient', kind = 'itest' where seq = 2", 2},
		{"removed in the middle", "delete from act where seq = 3", 3},
		{"removed first", "delete from act where seq = 1", 1},
		{"removed last", "delete from act where seq = 6", 6},
		{"removed all", "delete from act", 1},
		{"added behind", "insert into act select 7, at, actor, kind, subject, detail, prev, 'x' from act where seq = 6", 7},
		{"added before", "insert into act select 0 - 5, at, actor, kind, subject, detail, prev, 'x' from act where seq = 1", -5},
		{"whole end taken", "delete from act where seq = 6; update act_head set seq = 5", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				appendActs(t, st, 6)
				disarm := "drop trigger act_keep_update; drop trigger act_keep_delete; drop trigger act_keep_replace; pragma ignore_check_constraints = 1"
				if st.Dialect() == store.Postgres {
					disarm = "drop trigger act_keep_rows on act; drop trigger act_keep_table on act; alter table act drop constraint act_seq_check"
				}
				for _, q := range []string{disarm, c.tamper} {
					if _, err := st.DB().Exec(q); err != nil {
						t.Fatal(err)
					}
				}
				_, err := st.VerifyActs(t.Context())
				b, ok := errors.AsType[*audit.BrokenError](err)
				if !ok || b.Seq != c.seq {
					t.Errorf("got %v, want a break at %d", err, c.seq)
				}
			})
		})
	}
}

func TestActsAreInOneChainForAll(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		now := time.Date(2026, 3, 4, 5, 6, 7, 891_000_000, time.UTC)
		stores := []*store.Store{storetest.Open(t, url, store.Options{Now: func() time.Time { return now }})}
		if stores[0].Dialect() == store.Postgres {
			stores = append(stores, storetest.Open(t, url, store.Options{}))
		}
		many(10, func(i int) {
			for range 5 {
				if err := stores[i%len(stores)].Group(t.Context(), func(tx *store.Tx) error {
					return tx.AppendAct(audit.Act{Actor: "vienti", Kind: "test", Subject: fmt.Sprint(i)})
				}); err != nil {
					t.Error(err)
				}
			}
		})
		if end, err := stores[0].VerifyActs(t.Context()); err != nil || end.Seq != 50 {
			t.Errorf("%+v, %v", end, err)
		}
		if err := stores[0].Read(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Acts("", 0, 100)
			if err != nil || len(all) != 50 || all[0].Seq != 50 {
				t.Errorf("%d acts, %v", len(all), err)
			}
			before, err := tx.Acts("0", all[9].Seq, 3)
			if err != nil || len(before) > 3 {
				t.Errorf("%d acts, %v", len(before), err)
			}
			for _, a := range before {
				if a.Subject != "0" || a.Seq >= all[9].Seq || !a.At.Equal(now) {
					t.Errorf("%+v", a)
				}
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		// An act that cannot be stored takes its transaction with it.
		if err := stores[0].Tx(t.Context(), func(tx *store.Tx) error { return tx.AppendAct(audit.Act{Actor: "vienti"}) }); err == nil {
			t.Error("an act without a kind was taken")
		}
	})
}
