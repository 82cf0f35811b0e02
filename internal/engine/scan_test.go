package engine_test

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// No statement that moves a document reads a whole table: what is quick with ten
// documents must be so with a million.
func TestNothingReadsAWholeTable(t *testing.T) {
	queries := map[string]bool{}
	st := storetest.Open(t, storetest.SQLite(t), store.Options{})
	w := world(t, st, enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.OrderBySourceNumber = true
		sales := s.Kinds[hub.SalesInvoice]
		sales.Arrival = hub.ArriveApproved
		s.Kinds[hub.SalesInvoice] = sales
	}})
	st.SetHook(store.Hook{Statement: func(q string) error { queries[q] = true; return nil }})
	stranger := enginetest.Sale("1003", "5.00")
	stranger.Buyer.BusinessID, stranger.Buyer.Number, stranger.Buyer.Name = "2617416-4", "777", "Uusi Oy"
	w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "100.00"), stranger)
	w.Settle()
	st.SetHook(store.Hook{})
	if len(queries) < 20 {
		t.Fatalf("only %d statements were seen", len(queries))
	}
	for q := range queries {
		args := make([]any, highest(q))
		rows, err := st.DB().Query("explain query plan "+q, args...)
		if err != nil {
			t.Errorf("explain %s: %v", q, err)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			// The plan of an insert into a parent names its children; they are visited
			// only while a deferred key is broken, and none of ours is deferred.
			if strings.HasPrefix(q, "insert into transfer ") && strings.HasPrefix(step, "SCAN ") {
				continue
			}
			if table, scan := strings.CutPrefix(step, "SCAN "); scan && !strings.Contains(table, "USING") && !strings.HasSuffix(table, "VALUES CLAUSE") && !small[table] {
				t.Errorf("%s: %s", step, strings.Join(strings.Fields(q), " "))
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// small tables have a row per company or connection, or for what the running transaction changes.
var small = map[string]bool{"changing": true, "connection": true, "company": true, "client": true, "CONSTANT ROW": true}

// highest is the highest parameter of a statement.
func highest(q string) (n int) {
	for i := 0; i < len(q); i++ {
		if q[i] != '$' {
			continue
		}
		v := 0
		for i++; i < len(q) && q[i] >= '0' && q[i] <= '9'; i++ {
			v = v*10 + int(q[i]-'0')
		}
		n = max(n, v)
	}
	return n
}
