package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A joinSite is the pages of a hub without a company, beside a sandbox.
type joinSite struct {
	*site
	sandbox *procountortest.Server
	demo    procountortest.Credentials
	st      *store.Store
	file    string
}

func newJoinSite(t *testing.T) *joinSite {
	t.Helper()
	sandbox := procountortest.New(procountortest.Options{})
	t.Cleanup(func() { _ = sandbox.Close() })
	at := storetest.SQLite(t)
	st := storetest.Open(t, at, store.Options{})
	if err := st.Tx(t.Context(), func(tx *store.Tx) error {
		for _, role := range people.Roles() {
			if _, err := tx.AddPerson(people.User{Login: string(role), Role: role, Language: "en"}, secret.New(webtest.Password)); err != nil {
				return err
			}
		}
		_, err := tx.AddPerson(people.User{Login: "second", Role: people.Admin, Language: "en"}, secret.New(webtest.Password))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Store: st, ReadRetries: -1, Transport: func(hub.Company) *http.Client { return sandbox.Client() }})
	j := &joinSite{site: serve(t, st, e), sandbox: sandbox, demo: sandbox.Demo(), st: st, file: strings.TrimPrefix(at, "sqlite:")}
	j.signIn(people.Admin)
	return j
}

func (j *joinSite) first(change func(url.Values)) answer {
	f := url.Values{"before": {"none"}, "environment": {"sandbox"}, "base-url": {"http://sandbox/api"}, "client-id": {j.demo.ClientID}, "client-secret": {j.demo.ClientSecret}}
	if change != nil {
		change(f)
	}
	return j.post("/connect", f)
}

// begin gives everything up to the third page, whose address it returns.
func (j *joinSite) begin(key string) string {
	j.t.Helper()
	a := j.first(nil)
	at := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/connect/") {
		j.t.Fatalf("%s %s", a.Status, a.Text())
	}
	if a := j.post(at+"/key", url.Values{"key": {key}}); a.StatusCode != http.StatusSeeOther {
		j.t.Fatalf("%s %s", a.Status, a.Text())
	}
	return at
}

func (j *joinSite) choices(change func(url.Values)) url.Values {
	f := url.Values{"on.sales_invoice": {"yes"}, "from.sales_invoice": {"2026-03-01"}, "sender": {"source"}, "name": {"Webshop"}}
	if change != nil {
		change(f)
	}
	return f
}

func (j *joinSite) connections() []hub.Connection {
	j.t.Helper()
	list, err := store.ReadOne(context.Background(), j.st, func(tx *store.Tx) ([]hub.Connection, error) { return tx.Connections("") })
	if err != nil {
		j.t.Fatal(err)
	}
	return list
}

// Each field that is missing or wrong is named at the field, and what was typed
// stays but for secrets.
func TestConnectNamesTheField(t *testing.T) {
	j := newJoinSite(t)
	for field, change := range map[string]func(url.Values){
		"before-none":   func(f url.Values) { f.Del("before") },
		"environment":   func(f url.Values) { f.Set("environment", "moon") },
		"base-url":      func(f url.Values) { f.Set("base-url", "http://sandbox/elsewhere") },
		"client-id":     func(f url.Values) { f.Set("client-id", " ") },
		"client-secret": func(f url.Values) { f.Del("client-secret") },
	} {
		a := j.first(change)
		if _, ok := a.First("#fault-" + field); !ok || a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s %s", field, a.Status, a.Text())
		}
		if strings.Contains(a.body, j.demo.ClientSecret) {
			t.Errorf("%s: the secret is on the page", field)
		}
	}
	at := j.begin(j.demo.APIKey)
	for field, change := range map[string]func(url.Values){
		"from.sales_invoice": func(f url.Values) { f.Set("from.sales_invoice", "soon") },
		"on.sales_invoice":   func(f url.Values) { f.Del("on.sales_invoice") },
		"name":               func(f url.Values) { f.Set("name", " ") },
	} {
		a := j.post(at, j.choices(change))
		if _, ok := a.First("[id='fault-" + field + "']"); !ok || a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s %s", field, a.Status, a.Text())
		}
	}
	if got := j.connections(); len(got) > 0 {
		t.Errorf("connected all the same: %+v", got)
	}
}

// Keys and secrets lie sealed in the database, are on no page, and are gone when
// connecting ends. Another administrator does not see what somebody is connecting.
func TestConnectKeepsSecrets(t *testing.T) {
	j := newJoinSite(t)
	at := j.begin(j.demo.APIKey)
	for _, path := range []string{at, at + "?key=other", "/companies"} {
		if a := j.get(path); a.StatusCode != http.StatusOK || strings.Contains(a.body, j.demo.APIKey) || strings.Contains(a.body, j.demo.ClientSecret) {
			t.Errorf("%s: %s, or a secret is on it", path, a.Status)
		}
	}
	for _, part := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Clean(j.file + part))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(j.demo.APIKey)) || bytes.Contains(b, []byte(j.demo.ClientSecret)) {
			t.Errorf("a secret lies in the file%s in clear", part)
		}
	}
	mine := j.client
	j.client = j.browser()
	if a := j.post("/login", url.Values{"login": {"second"}, "password": {webtest.Password}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	for _, a := range []answer{j.get(at), j.post(at, j.choices(nil)), j.post(at+"/key", url.Values{"again": {"yes"}}), j.post(at+"/end", nil)} {
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("somebody else's: %s %s", a.Request.URL, a.Status)
		}
	}
	j.client = mine
	if a := j.post(at+"/end", nil); a.StatusCode != http.StatusSeeOther {
		t.Error(a.Status)
	}
	n, err := store.ReadOne(t.Context(), j.st, func(tx *store.Tx) (n int, err error) {
		return n, tx.QueryRow("select count(*) from joining").Scan(&n)
	})
	if err != nil || n != 0 {
		t.Errorf("%d are kept, %v", n, err)
	}
	if a := j.get(at); a.StatusCode != http.StatusNotFound {
		t.Error(a.Status)
	}
}

// Only administrators connect, by whatever address.
func TestConnectIsForAdministrators(t *testing.T) {
	j := newJoinSite(t)
	at := j.begin(j.demo.APIKey)
	for _, role := range []people.Role{people.Viewer, people.Finance, people.Auditor} {
		j.signIn(role)
		for _, a := range []answer{j.get("/connect"), j.first(nil), j.get(at), j.post(at, j.choices(nil)), j.post(at+"/key", nil), j.post(at+"/end", nil)} {
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s", role, a.Status)
			}
		}
		if a := j.get("/companies"); strings.Contains(a.body, `href="/connect"`) {
			t.Errorf("a %s is offered connecting", role)
		}
	}
}

// A right that is missing stops the connecting, unless somebody insists; one that
// only other documents need does not.
func TestConnectWithMissingRights(t *testing.T) {
	j := newJoinSite(t)
	rights := procountortest.IntegrationRights()
	rights.Sales.CustomerRegister = procountortest.AllowView
	j.sandbox.SetRights(j.demo.CompanyID, j.demo.UserID, rights)
	at := j.begin(j.demo.APIKey)
	if a := j.post(at, j.choices(nil)); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("#fault-incomplete")) != 1 {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	purchases := func(f url.Values) {
		f.Del("on.sales_invoice")
		f.Set("on.purchase_invoice", "yes")
		f.Set("from.purchase_invoice", "2026-03-01")
	}
	if a := j.post(at, j.choices(purchases)); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	if a := j.post(j.begin(j.demo.APIKey), j.choices(func(f url.Values) { f.Set("name", "Other"); f.Set("incomplete", "yes") })); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	if got := j.connections(); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

// A company that is there gets another key, and nothing else changes: no settings,
// no writing, no documents. Its client's secret need not be given again.
func TestConnectRenewsAKey(t *testing.T) {
	j := newJoinSite(t)
	if a := j.post(j.begin(j.demo.APIKey), j.choices(nil)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	was := j.connections()[0]
	if a := j.post("/connections/"+was.ID+"/writing", url.Values{"writing": {"on"}, "sure": {"yes"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	user := j.sandbox.AddUser(j.demo.CompanyID, "vienti.api", "V", "Api", procountortest.IntegrationRights())
	key := j.sandbox.AddAPIKey(j.demo.CompanyID, user, j.demo.ClientID, "")
	j.demo.ClientSecret = "" // it is known
	at := j.begin(key)
	a := j.get(at)
	v, _ := a.First("#there input[checked]")
	if name, _ := v.Attr("value"); name != "Webshop" {
		t.Fatalf("the connection that is there is not offered: %s", a.Text())
	}
	if a := j.post(at, url.Values{"again": {"Webshop"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	got := j.connections()
	if len(got) != 1 || !got[0].Writing || got[0].SettingsVersion != was.SettingsVersion {
		t.Errorf("%+v", got)
	}
	c, err := store.ReadOne(t.Context(), j.st, func(tx *store.Tx) (store.Credentials, error) { return tx.Credentials(was.Company) })
	if err != nil || c.APIKey.Reveal() != key {
		t.Errorf("the key is another, %v", err)
	}
}

// Every text that the pages of connecting make up is there, in every language.
func TestConnectWords(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, nil)
		for _, key := range []string{"refused", "unreachable", "unknown-host", "made", "made-unread", "renewed-page", "attached-page",
			"before-none", "before-one", "step-where", "step-key", "step-check"} {
			if !say.Has("connect." + key) {
				t.Errorf("%s: no text connect.%s", l, key)
			}
		}
		for _, how := range []hub.Leaving{hub.LeaveFinished, hub.LeaveStopped} {
			if !say.Has("detach."+string(how)) || !say.Has("detach.leaving-"+string(how)) {
				t.Errorf("%s: no text for leaving by %s", l, how)
			}
		}
		for _, kind := range []string{"company.key", "company.leaving", "company.stays", "company.detached", "company.attached"} {
			if actWord(say, kind) == kind {
				t.Errorf("%s: no word for the act %s", l, kind)
			}
		}
	}
}
