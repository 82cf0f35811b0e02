package severa

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

const secretWord = "salaisuus-4711"

// world is a furnished fake, with a clock that only waiting moves.
type world struct {
	t    *testing.T
	fake *severafake.Server
	severafake.World
	url    string
	now    time.Time
	waited time.Duration
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	w.fake = severafake.New("vienti", secretWord, func() time.Time { return w.now })
	srv := httptest.NewServer(w.fake)
	w.url = srv.URL + "/rest-api"
	w.World = w.fake.Furnish("")
	t.Cleanup(func() {
		srv.Close()
		for _, p := range w.fake.Problems() {
			t.Error(p)
		}
	})
	return w
}

func (w *world) env() source.Env {
	return source.Env{HTTP: http.DefaultClient, Own: "2345678-0", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now }, Sleep: w.sleep}
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.now, w.waited = w.now.Add(d), w.waited+d
	return ctx.Err()
}

func (w *world) client(scopes ...string) *client {
	return &client{env: w.env(), base: w.url, id: "vienti", secret: secretWord, scopes: scopes}
}

// Severa never has to say that we ask too often; when it does all the same, for
// somebody else has used the turn, we wait as it says.
func TestPace(t *testing.T) {
	w := newWorld(t)
	c := w.client("invoices:read")
	var list []map[string]any
	for range 35 {
		if err := c.get(t.Context(), "/v1/invoices", nil, &list); err != nil {
			t.Fatal(err)
		}
	}
	if w.waited < 3*time.Second || w.waited > 4*time.Second || w.fake.TooOften() > 0 {
		t.Errorf("waited %s for 36 requests, %d of them too often", w.waited, w.fake.TooOften())
	}
	other := w.client("invoices:read")
	for range 12 {
		if err := other.get(t.Context(), "/v1/invoices", nil, &list); err != nil {
			t.Fatal(err)
		}
		if err := c.get(t.Context(), "/v1/invoices", nil, &list); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	w.fake.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/token") {
			return false
		}
		asked++
		rw.Header().Set("Retry-After", "2")
		rw.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	err := c.get(t.Context(), "/v1/invoices", nil, &list)
	if b, ok := errors.AsType[*source.BusyError](err); !ok || asked != tries || !b.Until.Equal(w.now.Add(2*time.Second)) {
		t.Errorf("%v after %d requests", err, asked)
	}
}

// A token is used until shortly before its end, then made anew from the one for
// that, or from the credentials; one that is refused early is replaced once.
func TestToken(t *testing.T) {
	w := newWorld(t)
	c := w.client("invoices:read")
	ask := func() {
		t.Helper()
		var list []map[string]any
		if err := c.get(t.Context(), "/v1/invoices", nil, &list); err != nil {
			t.Fatal(err)
		}
	}
	count := func(logins, refreshes int) {
		t.Helper()
		if r := w.fake.Requests(); r["POST /v1/token"] != logins || r["POST /v1/refreshtoken"] != refreshes {
			t.Errorf("%d logins and %d refreshes, want %d and %d", r["POST /v1/token"], r["POST /v1/refreshtoken"], logins, refreshes)
		}
	}
	ask()
	ask()
	count(1, 0)
	w.now = w.now.Add(time.Hour - 20*time.Second)
	ask()
	count(1, 1)
	w.now = w.now.Add(3 * time.Hour)
	ask()
	count(2, 1)
	w.fake.Without() // takes every token back
	ask()
	count(3, 1)
}

// What a person must do is said in a sentence, with each scope by its name, and the
// secret is in none.
func TestRefusals(t *testing.T) {
	for name, x := range map[string]struct {
		do   func(*world)
		want []string
	}{
		"revoked":       {func(w *world) { w.fake.Revoke() }, []string{"client id and secret", where}},
		"two scopes":    {func(w *world) { w.fake.Without("projects:read", "customers:read") }, []string{"lack the scopes customers:read, projects:read: tick them in"}},
		"strict":        {func(w *world) { w.fake.Strict = true; w.fake.Without("customers:read") }, []string{"lack the scope customers:read: tick it in"}},
		"add-on off":    {func(w *world) { w.fake.Off("/v1/customers", "AddonMissing") }, []string{"AddonMissing", "/v1/customers", "switch the add-on"}},
		"API off":       {func(w *world) { w.fake.Off("/v1", "FeatureIsNotEnabled") }, []string{"FeatureIsNotEnabled"}},
		"trial is over": {func(w *world) { w.fake.Off("/v1", "TrialExpired") }, []string{"TrialExpired"}},
		"HTML": {func(w *world) {
			w.fake.Answer(func(rw http.ResponseWriter, _ *http.Request) bool {
				rw.WriteHeader(http.StatusForbidden)
				_, _ = rw.Write([]byte("<html>" + secretWord))
				return true
			})
		}, []string{"<html>", "[secret]"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			x.do(w)
			c := w.client("customers:read", "projects:read", "settings:read")
			var list []map[string]any
			err := c.get(t.Context(), "/v1/customers", nil, &list)
			if !errors.Is(err, source.ErrDenied) || strings.Contains(err.Error(), secretWord) {
				t.Fatalf("%v", err)
			}
			for _, part := range x.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
		})
	}
	// A scope that the token did not ask for shows when it is needed.
	w := newWorld(t)
	var list []map[string]any
	if err := w.client("customers:read").get(t.Context(), "/v1/projects", nil, &list); !errors.Is(err, source.ErrDenied) || !strings.Contains(err.Error(), "the scope projects:read") {
		t.Error(err)
	}
}

// scopeOf agrees with the description for all that the fake answers.
func TestScopes(t *testing.T) {
	for path, want := range map[string]string{"/v1/invoices": "invoices:read", "/v1/invoices/x/pdf": "files:read", "/v1/invoices/x/files": "files:read", "/v1/files/x/filedata": "files:read",
		"/v1/invoices/x/invoicerows": "invoices:read", "/v1/invoicestatuses": "settings:read", "/v1/customers": "customers:read", "/v1/projects": "projects:read", "/v1/organizationdetails": "organization:read",
		"/v1/users": "users:read", "/v1/localization/countries": "settings:read", "/v1/businessunits": "settings:read", "/v1/costcenters": "settings:read", "/v1/products": "settings:read"} {
		w := newWorld(t)
		if got := scopeOf(http.MethodGet, path); got != want {
			t.Errorf("%s: %s", path, got)
		}
		// By the fake, which goes by the description: with that scope it is not refused for one.
		err := w.client(want).get(t.Context(), path, nil, &[]map[string]any{})
		if errors.Is(err, source.ErrDenied) {
			t.Errorf("%s with %s: %v", path, want, err)
		}
	}
	if scopeOf(http.MethodPatch, "/v1/invoices/x") != "invoices:write" || scopeOf(http.MethodDelete, "/v1/projectfees/x") != "fees:delete" {
		t.Error("writes")
	}
}

// Lists are read to their end in both styles, each thing once, whether the first row
// is number 0 or 1.
func TestLists(t *testing.T) {
	for _, fromOne := range []bool{false, true} {
		w := newWorld(t)
		w.fake.FirstRowIsOne = fromOne
		for range 230 {
			w.fake.Put("costcenters", severafake.Object{"name": "Paikka", "identifier": "x"})
			w.fake.Put("products", severafake.Object{"name": "Tuote"})
		}
		type thing struct {
			Guid string `json:"guid"`
		}
		c := w.client("settings:read")
		rows, err := listRows(t.Context(), c, "/v1/costcenters", nil, func(x *thing) string { return x.Guid })
		if err != nil || len(rows) != 231 {
			t.Errorf("from one %v: %d by rows, %v", fromOne, len(rows), err)
		}
		byToken, err := list[thing](t.Context(), c, "/v1/products", url.Values{"isActive": {"true"}})
		if err != nil || len(byToken) != 2 {
			t.Errorf("%d active products, %v", len(byToken), err)
		}
		byToken, err = list[thing](t.Context(), c, "/v1/products", nil)
		if err != nil || len(byToken) != 232 {
			t.Errorf("%d by token, %v", len(byToken), err)
		}
		slices.SortFunc(byToken, func(a, b thing) int { return strings.Compare(a.Guid, b.Guid) })
		if len(slices.Compact(byToken)) != 232 {
			t.Error("a product came twice")
		}
	}
}

// What became of a write is known only when Severa has said that it did not take it.
func TestWrites(t *testing.T) {
	w := newWorld(t)
	guid := w.fake.NewInvoice(severafake.Invoice{Number: 1, Date: "2026-03-01", Status: w.Waiting, Customer: w.Customer})
	c := w.client("invoices:read", "invoices:write")
	var got []struct {
		Status struct{ Name string }
	}
	if err := c.write(t.Context(), http.MethodPatch, "/v1/invoices/"+guid, []edit{replace("/status/guid", w.Transferred)}, &got); err != nil || len(got) != 1 || got[0].Status.Name != "Siirretty Procountoriin" {
		t.Errorf("%+v %v", got, err)
	}
	for path, value := range map[string]string{"/v1/invoices/" + guid: "none", "/v1/invoices/none": w.Waiting} {
		if err := c.write(t.Context(), http.MethodPatch, path, []edit{replace("/status/guid", value)}, nil); !errors.Is(err, source.ErrRefused) {
			t.Errorf("%s: %v", path, err)
		}
	}
	n := w.fake.Writes()
	w.fake.Lose(1)
	err := c.write(t.Context(), http.MethodPatch, "/v1/invoices/"+guid, []edit{replace("/status/guid", w.Waiting)}, nil)
	if err == nil || errors.Is(err, source.ErrRefused) || errors.Is(err, source.ErrDenied) || errors.Is(err, source.ErrBusy) || w.fake.Writes() != n+1 {
		t.Errorf("lost: %v, %d writes", err, w.fake.Writes()-n)
	}
	w.fake.Answer(func(rw http.ResponseWriter, _ *http.Request) bool {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	if err := c.write(t.Context(), http.MethodPatch, "/v1/invoices/"+guid, []edit{}, nil); err == nil || errors.Is(err, source.ErrBusy) || errors.Is(err, source.ErrRefused) {
		t.Errorf("503: %v", err)
	}
}
