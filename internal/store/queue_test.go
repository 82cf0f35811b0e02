package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// What the engine asks after each slice must not grow with the documents that
// are done: SQLite answers it from the partial indexes of the queue.
func TestQueueAsksItsIndexes(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "v.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, tc := range []struct{ query, index string }{
		{nextFree, "transfer_due"}, {nextLeased, "transfer_lease"}, {claimable, "transfer_due"},
	} {
		var plan []string
		if err := s.Read(t.Context(), func(tx *Tx) error {
			return tx.Each(func(scan func(...any) error) error {
				var id, parent, unused int
				var what string
				err := scan(&id, &parent, &unused, &what)
				plan = append(plan, what)
				return err
			}, "explain query plan "+tc.query, "company", 1, 1)
		}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan[0], "INDEX "+tc.index+" (") {
			t.Errorf("%s\nis answered by %q, want index %s", tc.query, plan, tc.index)
		}
	}
}
