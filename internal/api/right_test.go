package api_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

func limited(w *world, seed byte, may people.TokenRights) string {
	text, hash := api.NewToken(rand.NewChaCha8([32]byte{seed}))
	w.Must(w.Store.Tx(context.Background(), func(tx *store.Tx) error { return tx.InsertPushToken(hash, w.Connection.ID, "limited", may) }))
	return text
}

// Every operation × tokens that lack the right: one that may only read writes
// nothing, one that may only write reads nothing, and what is of another kind does
// not exist. A new operation is asked by itself.
func TestTokenRights(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	id := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("1001", "100.00")).str("id")
	payment := w.want(http.StatusAccepted, "POST", "/v1/payments", object{"source_id": "p1", "document": "id-1001", "date": "2026-03-12", "amount": "10.00", "currency": "EUR"}).str("id")
	whole := w.token
	reader := limited(w, 11, people.TokenRights{Reads: true})
	writer := limited(w, 12, people.TokenRights{Writes: true})
	buyer := limited(w, 13, people.TokenRights{Reads: true, Writes: true, Kinds: []hub.Kind{hub.PurchaseInvoice}})
	asked := 0
	description := httptest.NewRecorder()
	w.handler.ServeHTTP(description, httptest.NewRequest("GET", "/v1/openapi.json", nil))
	var d struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(description.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	for path, methods := range d.Paths {
		if !strings.HasPrefix(path, "/v1/") {
			continue
		}
		for method := range methods {
			method = strings.ToUpper(method)
			asked++
			at := strings.NewReplacer("{id}", id, "{month}", "2026-01").Replace(path)
			if strings.HasPrefix(path, "/v1/payments/") {
				at = strings.NewReplacer("{id}", payment).Replace(path)
			}
			send := func(token string) (int, answer) {
				w.token = token
				defer func() { w.token = whole }()
				var body any
				if method == "POST" {
					body = sale("1001", "999.00")
				}
				a := w.do(method, at, body)
				return a.Status, a
			}
			verdict := path == "/v1/documents/validate"
			if status, body := send(reader); method != "GET" && !verdict && (status != http.StatusForbidden || body.str("code") != "right" || !strings.Contains(body.str("detail"), "may not write") || !strings.Contains(body.str("detail"), "vienti token create")) {
				t.Errorf("only reading: %s %s: %d %s", method, path, status, body.Raw)
			}
			if status, body := send(writer); method == "GET" && (status != http.StatusForbidden || body.str("code") != "right") {
				t.Errorf("only writing: %s %s: %d %s", method, path, status, body.Raw)
			}
			status, body := send(buyer)
			if path == "/v1/purchase-invoices/hand-over" { // of its kind: the body is looked at
				if status != http.StatusUnprocessableEntity {
					t.Errorf("its own kind: %s %s: %d %s", method, path, status, body.Raw)
				}
				continue
			}
			hooks := strings.HasPrefix(path, "/v1/webhooks") || path == "/v1/connections" // told of all kinds; a vendor's
			switch {
			case strings.Contains(path, "{id}") && !hooks:
				if status != http.StatusNotFound {
					t.Errorf("another kind: %s %s: %d %s", method, path, status, body.Raw)
				}
			case method == "POST", hooks, path == "/v1/partners/choices", path == "/v1/items", strings.HasPrefix(path, "/v1/registers/"): // what holds for the company
				if status != http.StatusForbidden || body.str("code") != "right" {
					t.Errorf("another kind: %s %s: %d %s", method, path, status, body.Raw)
				}
			default:
				if status != http.StatusOK || strings.Contains(string(body.Raw), "1001") || strings.Contains(string(body.Raw), "sales_invoice") {
					t.Errorf("another kind: %s %s: %d %s", method, path, status, body.Raw)
				}
			}
		}
	}
	if asked < 10 {
		t.Errorf("%d operations", asked)
	}
	if got := w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil); got.str("number") != "1001" {
		t.Errorf("%s", got.Raw)
	}
	// What a token is for, it does.
	w.token = reader
	w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil)
	w.token = writer
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("1002", "100.00"))
	w.token = limited(w, 14, people.TokenRights{Reads: true, Writes: true, Kinds: []hub.Kind{hub.SalesInvoice}})
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("1003", "100.00"))
	if list := w.want(http.StatusOK, "GET", "/v1/documents", nil).Body["documents"].([]any); len(list) != 3 {
		t.Errorf("%d documents", len(list))
	}
}
