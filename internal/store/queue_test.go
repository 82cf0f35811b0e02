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
		rows, err := s.db.QueryContext(t.Context(), "explain query plan "+tc.query, "company", 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var what string
			if err := rows.Scan(&id, &parent, &unused, &what); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, what)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan[0], "INDEX "+tc.index+" (") {
			t.Errorf("%s\nis answered by %q, want index %s", tc.query, plan, tc.index)
		}
	}
}
