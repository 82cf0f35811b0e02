package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// What has arrived and asks something is listed and counted with what stands
// still, until somebody has seen to it, and again when it is opened again.
func TestTasks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		var arrived, held hub.Transfer
		s.must(func(tx *store.Tx) error {
			_, arrived = s.document(tx, "2001")
			_, held = s.document(tx, "2002")
			held.State, held.Faults = hub.Held, []hub.Fault{hub.NewFault(hub.PeriodClosed, "", "")}
			if err := tx.SaveTransfer(&held, ""); err != nil {
				return err
			}
			arrived.State, arrived.Faults = hub.DoneWithWarning, []hub.Fault{hub.NewFault(hub.OffsetByHand, "", "").Warn()}
			if err := tx.OpenTasks(&arrived, []string{hub.OffsetByHand, hub.TextCut}); err != nil {
				return err
			}
			return tx.SaveTransfer(&arrived, "")
		})
		want := func(when string, codes map[string]int, numbers ...string) {
			t.Helper()
			s.must(func(tx *store.Tx) error {
				counted, err := tx.CountTasks("company", people.Reach{})
				if err != nil {
					return err
				}
				got := map[string]int{}
				for _, c := range counted {
					got[c.Code] = c.Count
				}
				if !maps.Equal(got, codes) {
					t.Errorf("%s: %v, want %v", when, got, codes)
				}
				if other, err := tx.CountTasks("other", people.Reach{}); err != nil || len(other) != 0 {
					t.Errorf("%s: another company: %v, %v", when, other, err)
				}
				for _, f := range []store.TransferFilter{{Needs: true}, {Needs: true, Company: "company", Search: "200"}} {
					list, err := tx.ListTransfers(f)
					if err != nil {
						return err
					}
					var have []string
					for _, x := range list {
						have = append(have, x.Number)
					}
					slices.Sort(have)
					if !slices.Equal(have, numbers) {
						t.Errorf("%s: %v: %v, want %v", when, f, have, numbers)
					}
					n, err := tx.CountTransfers(f)
					if sum := n[hub.Held] + n[hub.DoneWithWarning]; err != nil || sum != len(numbers) {
						t.Errorf("%s: counted %v, %v", when, n, err)
					}
				}
				return nil
			})
		}
		want("arrived", map[string]int{hub.PeriodClosed: 1, hub.OffsetByHand: 1, hub.TextCut: 1}, "2001", "2002")
		s.must(func(tx *store.Tx) error {
			list, err := tx.ListTransfers(store.TransferFilter{Needs: true, Code: hub.TextCut})
			if err != nil || len(list) != 1 || list[0].Number != "2001" {
				t.Errorf("by code: %v, %v", list, err)
			}
			return nil
		})

		mark := func(code string, at time.Time, by string) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.SaveTask(hub.Task{Transfer: arrived.ID, Plan: arrived.Plan, Code: code, DoneBy: by, DoneAt: at, Note: "seen"})
			})
		}
		for _, code := range []string{hub.OffsetByHand, hub.TextCut} {
			if err := mark(code, noon, "aino"); err != nil {
				t.Fatal(err)
			}
		}
		if err := mark(hub.TextCut, noon, "matti"); !store.IsNotFound(err) {
			t.Errorf("marked twice: %v", err)
		}
		if err := mark("other", noon, "aino"); !store.IsNotFound(err) {
			t.Errorf("marked what is not asked: %v", err)
		}
		want("seen to", map[string]int{hub.PeriodClosed: 1}, "2002")
		s.must(func(tx *store.Tx) error {
			list, err := tx.TasksOf(&arrived)
			if err != nil || len(list) != 2 || list[0].DoneBy != "aino" || !list[0].DoneAt.Equal(noon) || list[0].Note != "seen" || list[0].Open() {
				t.Errorf("tasks %+v, %v", list, err)
			}
			// Said again, as after a crash: what is done stays done.
			return tx.OpenTasks(&arrived, []string{hub.OffsetByHand})
		})
		want("said again", map[string]int{hub.PeriodClosed: 1}, "2002")
		if err := mark(hub.OffsetByHand, time.Time{}, ""); err != nil {
			t.Fatal(err)
		}
		if err := mark(hub.OffsetByHand, time.Time{}, ""); !store.IsNotFound(err) {
			t.Errorf("opened twice: %v", err)
		}
		want("opened again", map[string]int{hub.PeriodClosed: 1, hub.OffsetByHand: 1}, "2001", "2002")

		// Written anew, it asks only what the new plan asks.
		s.must(func(tx *store.Tx) error {
			arrived.Plan++
			return tx.SaveTransfer(&arrived, "")
		})
		want("written anew", map[string]int{hub.PeriodClosed: 1}, "2002")
		s.must(func(tx *store.Tx) error { return tx.OpenTasks(&arrived, []string{hub.OffsetByHand}) })
		want("asks again", map[string]int{hub.PeriodClosed: 1, hub.OffsetByHand: 1}, "2001", "2002")
		s.must(func(tx *store.Tx) error {
			arrived.State = hub.TakenBack
			return tx.SaveTransfer(&arrived, "")
		})
		want("taken back", map[string]int{hub.PeriodClosed: 1}, "2002")
	})
}
