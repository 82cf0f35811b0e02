package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// many runs f in n goroutines and waits for all.
func many(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// gate holds the leader of a first group until open is called, so that all
// others gather in the next. It returns when the leader is inside.
// On PostgreSQL there are no groups and nothing to hold.
func gate(t testing.TB, st *store.Store) (open func()) {
	if st.Dialect() == store.Postgres {
		return func() {}
	}
	inside, release, left := make(chan bool), make(chan bool), make(chan error, 1)
	go func() {
		left <- st.Group(context.Background(), func(*store.Tx) error {
			close(inside)
			<-release
			return nil
		})
	}()
	<-inside
	return func() {
		close(release)
		if err := <-left; err != nil {
			t.Error(err)
		}
	}
}

func TestGroupKeepsTheOthersWhenOneFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		table(t, st)
		var commits atomic.Int64
		st.SetHook(store.Hook{BeforeCommit: func() error { commits.Add(1); return nil }})
		open := gate(t, st)
		const n = 40
		var errs [n]error
		var panicked atomic.Int64
		time.AfterFunc(100*time.Millisecond, open)
		many(n, func(i int) {
			defer func() {
				if p := recover(); p != nil {
					panicked.Add(1)
				}
			}()
			errs[i] = st.Group(t.Context(), func(tx *store.Tx) error {
				if err := insert(tx, fmt.Sprint(i), i); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errPlanned
				case 2:
					return insert(tx, fmt.Sprint("again", i), i)
				case 3:
					panic("planned")
				}
				return nil
			})
		})
		for i, err := range errs {
			switch i % 4 {
			case 0:
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
			case 1:
				if !errors.Is(err, errPlanned) {
					t.Errorf("%d: got %v, want its own error", i, err)
				}
			case 2:
				if !store.IsDuplicate(err) {
					t.Errorf("%d: got %v, want a duplicate", i, err)
				}
			}
		}
		if panicked.Load() != n/4 {
			t.Errorf("%d panics came back to their callers, want %d", panicked.Load(), n/4)
		}
		if got := things(t, st); got != "0 12 16 20 24 28 32 36 4 8" {
			t.Errorf("kept %s", got)
		}
		if c := commits.Load(); st.Dialect() == store.SQLite && c > 5 {
			t.Errorf("%d commits for %d callers: they were not grouped", c, n)
		}
	})
}

func TestGroupTellsAllWhenTheCommitFails(t *testing.T) {
	st := storetest.Open(t, storetest.SQLite(t), store.Options{})
	table(t, st)
	open := gate(t, st)
	var wg sync.WaitGroup
	var failed, own atomic.Int64
	for i := range 10 {
		wg.Go(func() {
			err := st.Group(t.Context(), func(tx *store.Tx) error {
				if i == 3 {
					return store.ErrNotFound
				}
				return insert(tx, fmt.Sprint(i), i)
			})
			switch {
			case errors.Is(err, errPlanned):
				failed.Add(1)
			case errors.Is(err, store.ErrNotFound):
				own.Add(1)
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	// The hook is read when a group begins.
	st.SetHook(store.Hook{BeforeCommit: func() error { return errPlanned }})
	open()
	wg.Wait()
	if failed.Load() != 9 || own.Load() != 1 || things(t, st) != "" {
		t.Errorf("%d were told of the commit, %d of their own; kept %q", failed.Load(), own.Load(), things(t, st))
	}
}

func TestGroupAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		table(t, st)
		var statements []string
		st.SetHook(store.Hook{Statement: func(q string) error { statements = append(statements, q); return nil }})
		if err := st.Group(t.Context(), func(tx *store.Tx) error { return insert(tx, "a", 1) }); err != nil {
			t.Fatal(err)
		}
		err := st.Group(t.Context(), func(tx *store.Tx) error { return errors.Join(insert(tx, "b", 2), errPlanned) })
		if !errors.Is(err, errPlanned) || things(t, st) != "a" || len(statements) != 2 {
			t.Errorf("%v, kept %q, statements %q", err, things(t, st), statements)
		}
		if err := st.Tx(t.Context(), func(tx *store.Tx) error {
			return st.Group(tx.Context(), func(*store.Tx) error { return nil })
		}); err == nil {
			t.Error("a group inside a transaction was let through")
		}
	})
}

func TestGroupLeavesWhoGivesUp(t *testing.T) {
	st := storetest.Open(t, storetest.SQLite(t), store.Options{})
	table(t, st)
	open := gate(t, st)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	ran := false
	if err := st.Group(ctx, func(*store.Tx) error { ran = true; return nil }); !errors.Is(err, context.Canceled) || ran {
		t.Errorf("got %v, ran %v", err, ran)
	}
	open()
	if err := st.Group(t.Context(), func(tx *store.Tx) error { return insert(tx, "a", 1) }); err != nil {
		t.Fatal(err)
	}
	// Under load with callers that come and go nobody is forgotten and nobody runs twice.
	var told, gone atomic.Int64
	many(300, func(i int) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%5)*time.Millisecond)
		defer cancel()
		switch err := st.Group(ctx, func(tx *store.Tx) error { return insert(tx, fmt.Sprint("x", i), 10+i) }); {
		case err == nil:
			told.Add(1)
		case errors.Is(err, context.DeadlineExceeded):
			gone.Add(1)
		default:
			t.Error(err)
		}
	})
	var n int64
	if err := st.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("select count(*) from thing where id like 'x%'").Scan(&n)
	}); err != nil || n != told.Load() || told.Load()+gone.Load() != 300 {
		t.Errorf("%d rows, %d told so, %d gave up, %v", n, told.Load(), gone.Load(), err)
	}
}

func TestGroupDoesNotStarve(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		table(t, st)
		done := make(chan struct{})
		go func() {
			defer close(done)
			many(20, func(i int) {
				for j := range 20 {
					if err := st.Group(t.Context(), func(tx *store.Tx) error { return insert(tx, fmt.Sprint(i, "-", j), i*1000+j) }); err != nil {
						t.Error(err)
					}
				}
			})
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("somebody still waits")
		}
	})
}

// TestConflictsAreRunAgain makes a deadlock: two transactions change two rows in
// opposite order. PostgreSQL ends one of them; nobody is told.
func TestConflictsAreRunAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		if st.Dialect() == store.SQLite {
			return // one writer: there are no conflicts
		}
		table(t, st)
		if err := st.Tx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(insert(tx, "a", 0), insert(tx, "b", 1000))
		}); err != nil {
			t.Fatal(err)
		}
		var runs atomic.Int64
		var both sync.WaitGroup
		both.Add(2)
		change := func(run func(context.Context, func(*store.Tx) error) error, first, second string) {
			met := false
			if err := run(t.Context(), func(tx *store.Tx) error {
				runs.Add(1)
				if err := tx.ExecOne("update thing set n = n + 1 where id = $1", first); err != nil {
					return err
				}
				if !met {
					met = true
					both.Done()
					both.Wait()
				}
				return tx.ExecOne("update thing set n = n + 1 where id = $1", second)
			}); err != nil {
				t.Error(err)
			}
		}
		many(2, func(i int) {
			if i == 0 {
				change(st.Tx, "a", "b")
			} else {
				change(st.Group, "b", "a")
			}
		})
		var a, b int
		if err := st.Read(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.QueryRow("select n from thing where id = 'a'").Scan(&a), tx.QueryRow("select n from thing where id = 'b'").Scan(&b))
		}); err != nil || a != 2 || b != 1002 || runs.Load() < 3 {
			t.Errorf("a = %d, b = %d after %d runs, %v; want 2, 1002, 3 runs or, when both met the deadlock, 4", a, b, runs.Load(), err)
		}
	})
}

// BenchmarkInsert is one row per transaction by twenty goroutines, with the
// durability of production on SQLite (the tests' PostgreSQL does not wait for the disk).
func BenchmarkInsert(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			for _, how := range []string{"Tx", "Group"} {
				b.Run(how, func(b *testing.B) {
					url := ""
					if kind == "sqlite" {
						url = storetest.SQLite(b)
					} else {
						url = storetest.Postgres(b)
					}
					st, err := store.Open(b.Context(), url, store.Options{})
					if err != nil {
						b.Fatal(err)
					}
					defer st.Close()
					table(b, st)
					run := st.Tx
					if how == "Group" {
						run = st.Group
					}
					var next atomic.Int64
					b.ResetTimer()
					many(20, func(int) {
						for {
							i := int(next.Add(1))
							if i > b.N {
								return
							}
							if err := run(b.Context(), func(tx *store.Tx) error { return insert(tx, st.NewID(), i) }); err != nil {
								b.Error(err)
								return
							}
						}
					})
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				})
			}
		})
	}
}
