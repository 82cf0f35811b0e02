package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/store"
)

// Whatever is pushed, the answer is JSON of a described form, and what is
// refused leaves nothing behind: the client checks the first for every answer.
func FuzzPush(f *testing.F) {
	good, err := json.Marshal([]any{sale("1", "10"), with(sale("2", "-3"), "attachments", []any{file("a", "b")})})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(good), "", "[", "{}", "[{},[],null,1,\"\"]", `{"source_id":"a","lines":[null,{"quantity":1e999}]}`,
		`{"source_id":"\u0000","number":"\ud800"}`, `{"source_id":"s","kind":"unreadable"}`, `{"source_id":"unreadable/x","number":"\u0007"}`,
		`{"source_id":"s","date":"9999-12-31","due_date":"0001-01-01","term_days":999,"lines":[{"name":"x","net":-99999999999.99999999}]}`,
		`{"source_id":"s","source_id":"t","Source_ID":"u"}`, `{"source_id":"s","kind":"sales_invoice","number":"1","date":"2026-03-01","currency":"EUR","lines":[{"name":"` + "\U0001F600" + `"}]}`,
	} {
		f.Add([]byte(seed))
	}
	w := newWorld(f, sqlite(f), enginetest.Config{})
	f.Fuzz(func(t *testing.T, body []byte) {
		w.client.tb, w.World.T = t, t
		before := stored(t, w)
		a := w.do("POST", "/v1/documents", body)
		after := stored(t, w)
		switch {
		case a.Status >= 500:
			t.Fatalf("status %d: %s", a.Status, a.Raw)
		case a.Status >= 400 && after != before:
			t.Fatalf("status %d, and %d documents were stored", a.Status, after-before)
		case a.Status == http.StatusOK && after != before:
			t.Fatal("all unchanged, and yet something was stored")
		}
		if a.Status < 400 {
			again := w.do("POST", "/v1/documents", body)
			if again.Status >= 400 || stored(t, w) != after {
				t.Fatalf("the same again: status %d, %d documents more", again.Status, stored(t, w)-after)
			}
		}
		if check := w.do("POST", "/v1/documents/validate", body); check.Status >= 500 || stored(t, w) != after {
			t.Fatalf("validate: status %d: %s", check.Status, check.Raw)
		}
	})
}

// stored counts documents without reading them.
func stored(t *testing.T, w *world) (n int) {
	t.Helper()
	if err := w.Store.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("select count(*) from transfer").Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}
