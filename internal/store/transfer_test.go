package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

var noon = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)

func (s *small) claim(lease string, now time.Time, limit int) []hub.Transfer {
	s.t.Helper()
	var list []hub.Transfer
	s.must(func(tx *store.Tx) (err error) {
		list, err = tx.Claim("company", lease, now, now.Add(time.Minute), limit)
		return err
	})
	return list
}

// However many workers claim at the same moment, each transfer is claimed once.
func TestClaimOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		s.must(func(tx *store.Tx) error {
			for i := range 39 {
				s.document(tx, fmt.Sprint(3000+i))
			}
			return nil
		})
		var mu sync.Mutex
		var wg sync.WaitGroup
		owner := map[string]string{}
		for worker := range 8 {
			wg.Go(func() {
				for range 5 {
					lease := fmt.Sprint("worker", worker)
					var list []hub.Transfer
					if err := st.Tx(t.Context(), func(tx *store.Tx) (err error) {
						list, err = tx.Claim("company", lease, noon, noon.Add(time.Minute), 3)
						return err
					}); err != nil {
						t.Error(err)
					}
					mu.Lock()
					for _, tr := range list {
						if owner[tr.ID] != "" {
							t.Errorf("%s has it, and %s too", owner[tr.ID], lease)
						}
						owner[tr.ID] = lease
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(owner) != 40 {
			t.Errorf("%d of 40 claimed", len(owner))
		}
	})
}

// A lease that has run out is anyone's; who has lost it keeps nothing.
func TestLeaseLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		mine := s.claim("a", noon, 10)
		if len(mine) != 1 || len(s.claim("b", noon.Add(59*time.Second), 10)) != 0 {
			t.Fatal("a lease that holds was not kept")
		}
		s.must(func(tx *store.Tx) error { return tx.RenewLease("company", "a", noon.Add(3*time.Minute)) })
		if len(s.claim("b", noon.Add(2*time.Minute), 10)) != 0 {
			t.Fatal("a renewed lease was not kept")
		}
		if len(s.claim("b", noon.Add(4*time.Minute), 10)) != 1 {
			t.Fatal("a lease that has run out was kept")
		}
		tr := mine[0]
		tr.State = hub.Working
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.SaveTransfer(&tr, "a") }); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("saved under a lost lease: %v", err)
		}
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.HoldTransfer(tr.ID, "a") }); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("held under a lost lease: %v", err)
		}
		// What a renews by now is nothing of b's.
		s.must(func(tx *store.Tx) error { return tx.RenewLease("company", "a", noon.Add(time.Hour)) })
		s.must(func(tx *store.Tx) error { return tx.ReleaseLease("company", "a") })
		now, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(tr.ID) })
		if err != nil || now.Lease != "b" || !now.LeaseUntil.Equal(noon.Add(5*time.Minute)) {
			t.Errorf("%q until %v, %v", now.Lease, now.LeaseUntil, err)
		}
	})
}

// What is claimed first, and when there is something to do again.
func TestClaimOrderAndWake(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		change := func(number string, fn func(*hub.Transfer)) {
			t.Helper()
			s.must(func(tx *store.Tx) error {
				_, tr := s.document(tx, number)
				fn(&tr)
				return tx.SaveTransfer(&tr, "")
			})
		}
		change("10", func(tr *hub.Transfer) {})
		change("9", func(tr *hub.Transfer) {})
		change("8", func(tr *hub.Transfer) { tr.State, tr.WakeAt = hub.Waiting, noon.Add(time.Minute) })
		change("7", func(tr *hub.Transfer) { tr.State = hub.Unclear })
		change("6", func(tr *hub.Transfer) { tr.State, tr.Faults = hub.Held, []hub.Fault{hub.NewFault("x", "", "")} })
		change("5", func(tr *hub.Transfer) { tr.State, tr.WaitsFor = hub.Waiting, "somebody" })
		change("4", func(tr *hub.Transfer) { tr.State = hub.Working })
		wake := func() (at time.Time, ok bool) {
			t.Helper()
			s.must(func(tx *store.Tx) (err error) { at, ok, err = tx.NextWake("company"); return err })
			return at, ok
		}
		if at, ok := wake(); !ok || at.After(noon) {
			t.Errorf("wakes %v, %v", at, ok)
		}
		var got []string
		for _, tr := range s.claim("a", noon, 10) {
			got = append(got, tr.Number)
		}
		if fmt.Sprint(got) != "[7 4 9 10 1001]" {
			t.Errorf("claimed %v", got)
		}
		if at, ok := wake(); !ok || !at.Equal(noon.Add(time.Minute)) {
			t.Errorf("all leased for a minute, wakes %v, %v", at, ok)
		}
		if got := s.claim("b", noon.Add(59*time.Second), 10); len(got) != 0 {
			t.Errorf("claimed before its time: %v", got[0].Number)
		}
		due, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (map[string]time.Time, error) { return tx.CompaniesWithWork() })
		if err != nil || !due["company"].Equal(noon.Add(time.Minute)) {
			t.Errorf("due %v, %v", due, err)
		}
	})
}

// Invoices go in the order of their numbers: the earliest that is not posted holds
// back those after it, and only those.
func TestOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		trs := map[string]hub.Transfer{}
		s.must(func(tx *store.Tx) error {
			for _, n := range []string{"998", "999", "1002"} {
				_, trs[n] = s.document(tx, n)
			}
			return nil
		})
		earlier := func(n string) string {
			t.Helper()
			tr := trs[n]
			first, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (hub.Transfer, error) { return tx.EarlierInOrder(&tr) })
			if err != nil && !store.IsNotFound(err) {
				t.Fatal(err)
			}
			return first.Number
		}
		if got := []string{earlier("998"), earlier("999"), earlier("1002")}; fmt.Sprint(got) != "[ 998 998]" {
			t.Errorf("earlier: %q", got)
		}
		posted := trs["998"]
		posted.InvoiceID = 5
		s.must(func(tx *store.Tx) error { return tx.SaveTransfer(&posted, "") })
		if got := earlier("999"); got != "" {
			t.Errorf("%q holds back 999 though it is posted", got)
		}
		leased := trs["1002"]
		leased.Lease, leased.LeaseUntil = "other", noon
		s.must(func(tx *store.Tx) error { return tx.SaveTransfer(&leased, "") })
		tr := trs["999"]
		s.must(func(tx *store.Tx) error { return tx.HoldBack(&tr, noon) })
		for n, want := range map[string]bool{"998": false, "999": true, "1002": false} {
			now, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(trs[n].ID) })
			if err != nil || !now.WakeAt.IsZero() != want {
				t.Errorf("%s held back: %v, %v", n, !want, err)
			}
		}
	})
}
