package api_test

import (
	"net/http"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// What has been pushed is previewed as a whole: the verdict on each document and
// the books to the cent; Procountor is asked nothing.
func TestPreview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{})
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale("6001", "100.00"))
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale("6002", "10.00"))
		w.Settle()
		w.Sandbox.ForgetRequests()
		a := w.want(http.StatusOK, "GET", "/v1/preview", nil)
		books := a.Body["books"].(object)
		if books["debit"] != "138.05" || books["credit"] != "138.05" || len(books["sums"].([]any)) != 2 {
			t.Errorf("%s", a.Raw)
		}
		if docs := a.Body["documents"].([]any); len(docs) != 2 || docs[0].(object)["state"] != "noticed" || docs[0].(object)["invoice"] == nil {
			t.Errorf("%s", a.Raw)
		}
		if none := w.want(http.StatusOK, "GET", "/v1/preview?to=2020-01-01", nil); len(none.Body["documents"].([]any)) != 0 {
			t.Errorf("%s", none.Raw)
		}
		w.want(http.StatusUnprocessableEntity, "GET", "/v1/preview?from=yesterday", nil)
		if asked := w.Sandbox.Requests(); len(asked) != 0 {
			t.Errorf("it has asked Procountor %v", asked)
		}
	})
}
