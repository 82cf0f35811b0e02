package store_test

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// A source is told only of what has arrived, and by the one transfer of that.
func TestLawToldOfArrived(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		doc := s.transfer.ID
		own := s.step(hub.TellSource, 1, hub.StepPlanned)
		intend := `update step set state = 'intended', attempt = 1, key = $2, intended_at = 5 where id = $1`
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(`update transfer set invoice_id = 5, state = 'done' where id = $1`, doc)
			return err
		})
		s.refuses("told of what has arrived", intend, own.ID, "a") // by the document's own transfer
		s.arrives()
		s.refuses("check", `update transfer set direction = 'in' where id = $1`, s.transfer.ID)
		told := s.step(hub.TellSource, 1, hub.StepPlanned)
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(`update transfer set invoice_id = 0, state = 'ready' where id = $1`, doc)
			return err
		})
		s.refuses("told of what has arrived", intend, told.ID, "a")
		s.refuses("told of what has arrived", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at, ended_at, looked_at, looks, fault)
			values ('x', $1, 9, 1, 'tell_source', 'intended', 1, 'k2', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
		for _, at := range []string{"invoice_id = 5", "invoice_id = 0, state = 'linked'"} {
			s.must(func(tx *store.Tx) error {
				if _, err := tx.Exec(`update transfer set `+at+` where id = $1`, doc); err != nil {
					return err
				}
				if _, err := tx.Exec(intend, told.ID, "b"); err != nil {
					return err
				}
				_, err := tx.Exec(`update step set state = 'planned' where id = $1`, told.ID)
				return err
			})
		}
	})
}

// A record is changed or removed only while it is one of ours that counts.
func TestLawRecordIsOurs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		intend := `update step set state = 'intended', attempt = 1, key = $2, intended_at = 5, detail = $3 where id = $1`
		change, remove := s.step(hub.ChangeRecord, 1, hub.StepPlanned), s.step(hub.RemoveRecord, 2, hub.StepPlanned)
		const of = `{"record":"9001"}`
		s.refuses("only a record of ours", intend, change.ID, "a", of)
		s.goesOut()
		s.refuses("only a record of ours", intend, change.ID, "a", of) // it may be there
		s.must(func(tx *store.Tx) error { return tx.LiveRecord(s.row.ID, "4711", "9001") })
		s.refuses("only a record of ours", intend, change.ID, "a", `{"record":"9002"}`)
		s.must(func(tx *store.Tx) error {
			for _, id := range []string{change.ID, remove.ID} {
				if _, err := tx.Exec(intend, id, id, of); err != nil {
					return err
				}
				if _, err := tx.Exec(`update step set state = 'proved' where id = $1`, id); err != nil {
					return err
				}
			}
			return tx.EndRecord(s.row.ID, "4711")
		})
		s.refuses("only a record of ours", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at, ended_at, looked_at, looks, fault)
			values ('x', $1, 9, 1, 'remove_record', 'intended', 1, 'k2', '', '', '{"record":"9001"}', 5, 0, 0, 0, '')`, s.transfer.ID)
	})
}

// What a source was told of a document is kept once, and found for a page of a list.
func TestReported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		at := time.UnixMilli(1_700_000_000_000).UTC()
		want := hub.Reported{Document: s.row.ID, Connection: "connection", Told: hub.Report{Arrived: true, Paid: hub.PaidFully, PaidSum: "125.50", Currency: "EUR"},
			Says: []hub.Said{{Field: "status", Value: "Maksettu"}}, ToldAt: at, SeenAt: at}
		s.must(func(tx *store.Tx) error {
			if r, err := tx.Reported(s.row.ID); err != nil || !r.SeenAt.IsZero() {
				t.Errorf("before: %+v, %v", r, err)
			}
			first := want
			first.Told, first.Says, first.ToldAt = hub.Report{Arrived: true}, nil, time.Time{}
			if err := tx.PutReported(first); err != nil {
				return err
			}
			return tx.PutReported(want)
		})
		got, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (map[string]hub.Reported, error) { return tx.ReportedOf([]string{"x", s.row.ID}) })
		if err != nil || len(got) != 1 || got[s.row.ID].Told != want.Told || !got[s.row.ID].ToldAt.Equal(at) || len(got[s.row.ID].Says) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		s.arrives()
		again := s.transfer
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertTransfer(&again) }); !store.IsDuplicate(err) {
			t.Errorf("a second report of one document: %v", err)
		}
		list, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (map[string]hub.Transfer, error) {
			return tx.ReportsOf("company", []string{s.row.ID})
		})
		if err != nil || list[s.row.ID].ID != s.transfer.ID {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
