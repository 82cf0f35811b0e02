package api_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

const comeBack = "https://app.shopmaker.example/connected"

func (w *world) vendor(name string, seed byte) string {
	w.T.Helper()
	text, hash := api.NewToken(rand.NewChaCha8([32]byte{seed}))
	_, err := w.Engine.AddVendor(context.Background(), "test", store.Vendor{Name: name, ReturnURLs: []string{comeBack}}, hash)
	w.Must(err)
	return text
}

// follow does what the pages do at the end of a link.
func (w *world) follow(link, connection string) {
	w.T.Helper()
	u, err := url.Parse(link)
	w.Must(err)
	l, err := store.ReadOne(context.Background(), w.Store, func(tx *store.Tx) (store.VendorLink, error) {
		return tx.OpenVendorLink(secret.New(u.Query().Get("link")))
	})
	w.Must(err)
	w.Must(w.Store.Tx(context.Background(), func(tx *store.Tx) error { return tx.UseVendorLink(l.ID, connection) }))
}

// A vendor's token asks for links, each of which makes one connection its own, once; it
// reaches these and no other, neither another vendor's nor anybody's.
func TestVendor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true})
		other := w.Another("2", enginetest.Config{Writing: true})
		whole, mine, theirs := w.token, w.vendor("Shopmaker Oy", 41), w.vendor("Billing Ab", 42)
		ask := object{"reference": "customer-88", "name": "Kuvitelma Kauppa Oy", "return_url": comeBack}

		w.want(http.StatusForbidden, "POST", "/v1/connections", ask)
		w.want(http.StatusForbidden, "GET", "/v1/connections", nil)
		w.token = mine
		for _, wrong := range []string{"https://evil.example/", comeBack + "?x=1", comeBack + "/more", "javascript:alert(1)"} {
			w.want(http.StatusUnprocessableEntity, "POST", "/v1/connections", object{"reference": "customer-88", "name": "x", "return_url": wrong})
		}
		first := w.want(http.StatusCreated, "POST", "/v1/connections", ask)
		second := w.want(http.StatusCreated, "POST", "/v1/connections", ask)
		if first.str("state") != "waiting" || first.str("id") != second.str("id") || first.str("connect_url") == second.str("connect_url") || !strings.Contains(first.str("connect_url"), "/connect?link=") {
			t.Fatalf("%s\n%s", first.Raw, second.Raw)
		}
		u, _ := url.Parse(first.str("connect_url"))
		if _, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (store.VendorLink, error) {
			return tx.OpenVendorLink(secret.New(u.Query().Get("link")))
		}); err == nil {
			t.Error("the earlier link works still")
		}
		w.follow(second.str("connect_url"), w.Connection.ID)
		done := w.want(http.StatusOK, "POST", "/v1/connections", ask)
		if done.str("state") != "connected" || done.str("connection") != w.Connection.ID || done.str("connect_url") != "" {
			t.Errorf("%s", done.Raw)
		}
		if list := w.want(http.StatusOK, "GET", "/v1/connections", nil).Body["connections"].([]any); len(list) != 1 {
			t.Errorf("%d customers", len(list))
		}

		as := func(token, connection string, status int, method, path string, body any) answer {
			t.Helper()
			w.token, w.header = token, http.Header{}
			if connection != "" {
				w.header.Set("Vienti-Connection", connection)
			}
			defer func() { w.token, w.header = whole, nil }()
			return w.want(status, method, path, body)
		}
		as(mine, "", http.StatusBadRequest, "GET", "/v1/status", nil)
		if a := as(mine, w.Connection.ID, http.StatusOK, "GET", "/v1/status", nil); a.Body["connection"].(object)["id"] != w.Connection.ID {
			t.Errorf("%s", a.Raw)
		}
		pushed := as(mine, w.Connection.ID, http.StatusAccepted, "POST", "/v1/documents", sale("7001", "100.00"))
		w.Settle()
		if a := as(mine, w.Connection.ID, http.StatusOK, "GET", "/v1/changes", nil); !strings.Contains(string(a.Raw), "document.done") {
			t.Errorf("%s", a.Raw)
		}
		for name, c := range map[string]struct{ token, connection string }{
			"another vendor's":    {theirs, w.Connection.ID},
			"nobody's":            {mine, other.Connection.ID},
			"no connection":       {mine, "nothing"},
			"a link that is open": {mine, first.str("id")},
		} {
			for _, path := range []string{"/v1/status", "/v1/changes", "/v1/documents", "/v1/documents/" + pushed.str("id"), "/v1/webhooks"} {
				if a := as(c.token, c.connection, http.StatusForbidden, "GET", path, nil); a.str("code") != "right" {
					t.Errorf("%s: %s: %s", name, path, a.Raw)
				}
			}
			as(c.token, c.connection, http.StatusForbidden, "POST", "/v1/documents", sale("7002", "100.00"))
		}
		// Of a token of one connection the header says nothing.
		if a := as(whole, other.Connection.ID, http.StatusOK, "GET", "/v1/status", nil); a.Body["connection"].(object)["id"] != w.Connection.ID {
			t.Errorf("%s", a.Raw)
		}
		vendors, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) ([]store.Vendor, error) { return tx.Vendors() })
		w.Must(err)
		w.Must(w.Engine.RevokeVendor(t.Context(), "test", vendors[0].ID))
		as(mine, w.Connection.ID, http.StatusUnauthorized, "GET", "/v1/status", nil)
		as(theirs, "", http.StatusOK, "GET", "/v1/connections", nil)
	})
}

// A link works once: two who follow it at the same moment make one connection of the vendor.
func TestVendorLinkOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{})
		other := w.Another("2", enginetest.Config{})
		w.token = w.vendor("Shopmaker Oy", 41)
		link := w.want(http.StatusCreated, "POST", "/v1/connections", object{"reference": "a", "name": "A"}).str("id")
		made := 0
		for _, c := range []string{w.Connection.ID, other.Connection.ID} {
			if err := w.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.UseVendorLink(link, c) }); err == nil {
				made++
			}
		}
		if made != 1 {
			t.Errorf("%d connections by one link", made)
		}
	})
}
