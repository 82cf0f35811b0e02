package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// told are the changes of the connection, as kind and subject's last letters.
func (s *small) told() (list []hub.Change) {
	s.t.Helper()
	list, err := store.ReadOne(s.t.Context(), s.st, func(tx *store.Tx) ([]hub.Change, error) { return tx.Changes("connection", 0, 1000) })
	if err != nil {
		s.t.Fatal(err)
	}
	for i, c := range list {
		if c.Seq != int64(i+1) {
			s.t.Errorf("change %d has number %d", i+1, c.Seq)
		}
	}
	return list
}

// Whatever changes a document, by whichever statement, is told with it (law 4), once
// and in order, with how it stands at the end of the transaction; nobody is told
// whose connection has no feed.
func TestLawChangesAreTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		if list := s.told(); len(list) != 0 {
			t.Fatalf("told to nobody: %v", list)
		}
		s.must(func(tx *store.Tx) error { return tx.InsertPushToken("hash", "connection", "test", people.AllRights) })
		exec := func(query string, args ...any) {
			s.must(func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err })
		}
		var second hub.Transfer
		s.must(func(tx *store.Tx) error { _, second = s.document(tx, "1002"); return nil })
		s.must(func(tx *store.Tx) error {
			second.State = hub.Working
			if err := tx.SaveTransfer(&second, ""); err != nil {
				return err
			}
			second.InvoiceID, second.InvoiceNumber, second.State = 77, 5001, hub.Done
			return tx.SaveTransfer(&second, "")
		})
		exec(`update transfer set state = 'noticed' where connection = 'connection' and id = $1`, s.transfer.ID)
		s.must(func(tx *store.Tx) error { return tx.ReadyNoticed("connection") })
		exec(`update transfer set state = 'held', faults = '[{"code":"x","path":"lines[2].name"}]' where id = $1`, s.transfer.ID)
		exec(`update transfer set changed = changed + 1, rounds = rounds + 1 where id = $1`, s.transfer.ID)
		undone := errors.New("undone")
		if err := st.Tx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(`update transfer set state = 'skipped' where id = $1`, s.transfer.ID); err != nil {
				return err
			}
			return undone
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		s.must(func(tx *store.Tx) error {
			err := tx.Try(func() error {
				tx.AppendChange(hub.Change{Connection: "connection", Kind: hub.DocumentPaid})
				_, err := tx.Exec(`update transfer set state = 'skipped' where id = $1`, s.transfer.ID)
				return errors.Join(err, undone)
			})
			if !errors.Is(err, undone) {
				return err
			}
			return nil
		})
		var got []string
		list := s.told()
		for _, c := range list {
			got = append(got, fmt.Sprint(c.Kind, " ", c.SourceID, " ", c.Detail.InvoiceNumber))
		}
		want := []string{"document.accepted s/1002 0", "document.posted s/1002 5001", "document.done s/1002 5001",
			"document.accepted s/1001 0", "document.held s/1001 0"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("told\n%q\nwant\n%q", got, want)
		}
		if d := list[4].Detail; len(d.Faults) != 1 || d.Faults[0].Path != "lines[2].name" || d.State != hub.Held || list[4].Document != s.row.ID {
			t.Errorf("%+v", list[4])
		}
	})
}

// What was told stays as it was told, has no holes, and goes from its beginning only.
func TestLawToldStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		s.must(func(tx *store.Tx) error { return tx.OpenFeed("connection") })
		for range 3 {
			s.must(func(tx *store.Tx) error {
				tx.AppendChange(hub.Change{Connection: "connection", Kind: hub.RegisterChanged, Subject: "register"})
				return nil
			})
		}
		s.refuses("never changed", `update change set detail = '' where seq = 2`)
		s.refuses("beginning only", `delete from change where seq = 1`)
		s.refuses("the next number", `insert into change (connection, seq, id, kind, subject, document, source_id, detail, at)
			values ('connection', 5, 'x', 'document.held', '', '', '', '', 1)`)
		s.must(func(tx *store.Tx) error {
			more, err := tx.ForgetChanges(tx.Now().Add(-time.Hour))
			if more {
				t.Error("young ones were forgotten")
			}
			return err
		})
		s.must(func(tx *store.Tx) error { _, err := tx.ForgetChanges(tx.Now().Add(time.Hour)); return err })
		f, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (store.Feed, error) { return tx.FeedOf("connection") })
		if err != nil || f != (store.Feed{Last: 3, Gone: 3}) {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

// A reader who goes on from where it was never misses what another transaction
// commits later: numbers are given in the order of the commits.
func TestNoChangeIsPassed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		s.must(func(tx *store.Tx) error { return tx.OpenFeed("connection") })
		const writers, each = 6, 25
		var writing sync.WaitGroup
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		for w := range writers {
			writing.Go(func() {
				rnd := rand.New(rand.NewPCG(1, uint64(w)))
				for n := range each {
					err := st.Tx(ctx, func(tx *store.Tx) error {
						tx.AppendChange(hub.Change{Connection: "connection", Kind: hub.DocumentPaid, Subject: fmt.Sprint(w), SourceID: fmt.Sprint(n)})
						if st.Dialect() == store.Postgres {
							time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond)
						}
						if rnd.IntN(5) == 0 && n > 0 {
							return errUndone
						}
						return nil
					})
					if err != nil && !errors.Is(err, errUndone) {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { writing.Wait(); close(done) }()
		var after int64
		for last := false; ; {
			select {
			case <-done:
				last = true
			default:
			}
			list, err := store.ReadOne(ctx, st, func(tx *store.Tx) ([]hub.Change, error) { return tx.Changes("connection", after, 7) })
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range list {
				if c.Seq != after+1 {
					t.Fatalf("after %d came %d", after, c.Seq)
				}
				after = c.Seq
			}
			if last && len(list) == 0 {
				break
			}
		}
		f, err := store.ReadOne(ctx, st, func(tx *store.Tx) (store.Feed, error) { return tx.FeedOf("connection") })
		if err != nil || f.Last != after || after < writers*each/2 {
			t.Errorf("read to %d of %d, %v", after, f.Last, err)
		}
	})
}

var errUndone = errors.New("undone")
