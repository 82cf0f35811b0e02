package store_test

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// What the source approves is approved in Procountor only when its round is
// complete: the database refuses the intent, of a new step and of a planned one.
func TestLawLastApproval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		planned := s.step(hub.Approve, 1, hub.StepPlanned)
		at := func(said ...hub.Approval) {
			s.must(func(tx *store.Tx) error {
				return tx.SetStanding(s.row.ID, hub.Standing{Approvals: append([]hub.Approval{}, said...)})
			})
		}
		anna := hub.Approval{By: "Anna", At: time.Unix(100, 0)}
		bo := hub.Approval{By: "Bo", At: time.Unix(200, 0), Last: true}
		no := hub.Approval{By: "Cia", At: time.Unix(300, 0), Rejected: true}
		intend := `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`
		insert := `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'approve', 'intended', 1, 'l', '', '', '', 5, 0, 0, 0, '')`
		for _, said := range [][]hub.Approval{{}, {anna}, {anna, bo, no}} {
			at(said...)
			s.refuses("before the last approval", intend, planned.ID)
			s.refuses("before the last approval", insert, s.transfer.ID)
		}
		at(anna, bo)
		s.must(func(tx *store.Tx) error { return tx.ExecOne(intend, planned.ID) })
		row, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (store.DocumentRow, error) { return tx.DocumentByID(s.row.ID) })
		if err != nil || row.Standing.Round() != hub.RoundComplete || len(row.Standing.Approvals) != 2 || row.Standing.Approvals[0].By != "Anna" {
			t.Errorf("%+v %v", row.Standing, err)
		}
	})
}
