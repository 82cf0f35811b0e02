package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A vendor's link leads an administrator through connecting and back to the vendor, whose
// the connection then is; it works once, and nothing of it holds for who does without.
func TestVendorLink(t *testing.T) {
	j := newJoinSite(t)
	const back = "https://app.shopmaker.example/connected"
	e := engine.New(engine.Options{Store: j.st})
	v, err := e.AddVendor(t.Context(), "test", store.Vendor{Name: "Shopmaker Oy", ReturnURLs: []string{back}}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(reference string) (string, store.VendorLink) {
		l, token, err := e.AskConnection(context.Background(), v, store.VendorLink{Name: "Kuvitelma Kauppa", Reference: reference, ReturnURL: back})
		if err != nil {
			t.Fatal(err)
		}
		return "/connect?link=" + url.QueryEscape(token.Reveal()), l
	}
	link, _ := ask("a")
	j.signIn(people.Finance)
	if a := j.get(link); a.StatusCode != http.StatusForbidden {
		t.Errorf("finance: %s", a.Status)
	}
	j.signIn(people.Admin)
	if a := j.get(link); a.Header.Get("Location") != "/connect" {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	if a := j.get("/connect"); !strings.Contains(a.Text(), "Shopmaker Oy asks for this connection, for Kuvitelma Kauppa") || strings.Contains(a.body, link) {
		t.Error(a.Text())
	}
	at := j.begin(j.demo.APIKey)
	a := j.get(at)
	if name, ok := a.First("input[name=name]"); !ok {
		t.Error("no name to choose")
	} else if value, _ := name.Attr("value"); value != "Kuvitelma Kauppa" {
		t.Errorf("the name is %q", value)
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "https://app.shopmaker.example") {
		t.Error(policy)
	}
	a = j.post(at, j.choices(nil))
	made := j.connections()
	if len(made) != 1 || a.Header.Get("Location") != back+"?connection="+made[0].ID {
		t.Fatalf("%s to %q, %d connections: %s", a.Status, a.Header.Get("Location"), len(made), a.Text())
	}
	if _, err := store.ReadOne(t.Context(), j.st, func(tx *store.Tx) (string, error) {
		c, err := tx.VendorConnection(v.ID, made[0].ID)
		return c.ID, err
	}); err != nil {
		t.Errorf("it is not the vendor's: %v", err)
	}
	j.get(link)
	if a := j.get("/connect"); strings.Contains(a.Text(), "Shopmaker Oy asks") || !strings.Contains(a.Text(), "used or has expired") {
		t.Errorf("once more: %s", a.Text())
	}
	// Who does without the vendor connects for themselves.
	link, l := ask("b")
	j.get(link)
	j.get("/connect?link=none")
	if a := j.get("/connect"); strings.Contains(a.Text(), "Shopmaker Oy asks") {
		t.Error(a.Text())
	}
	if err := j.st.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.OpenVendorLinkByID(l.ID); return err }); err != nil {
		t.Errorf("the link was used up: %v", err)
	}
	if err := j.st.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.OpenVendorLink(secret.New("")); return err }); err == nil {
		t.Error("no token at all opens a link")
	}
}

// Somebody who is only invited to connect follows a vendor's link to a company of their
// own, and administers that company from then on. Without a link, with another's company,
// at an address that nobody has let in, nothing is done for them, and nothing is shown.
func TestVendorLinkOfAGuest(t *testing.T) {
	j := newJoinSite(t)
	first := j.begin(j.demo.APIKey) // the administrator's company
	j.post(first, j.choices(nil))
	theirs := j.sandbox.AddCompanyWithKey(procountortest.FinnishDemo())
	e := engine.New(engine.Options{Store: j.st})
	v, err := e.AddVendor(t.Context(), "test", store.Vendor{Name: "Shopmaker Oy"}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(reference string) string {
		_, token, err := e.AskConnection(context.Background(), v, store.VendorLink{Name: "Oma Kauppa", Reference: reference})
		if err != nil {
			t.Fatal(err)
		}
		return "/connect?link=" + url.QueryEscape(token.Reveal())
	}
	link := ask("a")
	for _, role := range people.Roles() {
		if role == people.Admin || role == people.Joiner {
			continue
		}
		j.signIn(role)
		if a := j.get(link); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
	}
	j.signIn(people.Joiner)
	if a := j.get("/"); a.Header.Get("Location") != "/account" {
		t.Errorf("begins at %q", a.Header.Get("Location"))
	}
	for _, path := range []string{"/account", "/rounds"} {
		if a := j.get(path); a.StatusCode != http.StatusOK || strings.Contains(a.Text(), "Esimerkkipaja") {
			t.Errorf("%s: %s, or another's company is on it", path, a.Status)
		}
	}
	for name, a := range map[string]answer{"no link": j.get("/connect"), "no link, a form": j.first(nil), "another's joining": j.get(first)} {
		if a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", name, a.Status)
		}
	}
	j.get("/connect?link=guessed")
	if a := j.get("/connect"); a.StatusCode != http.StatusForbidden {
		t.Errorf("a guessed link: %s", a.Status)
	}
	j.get(link)
	if a := j.get("/connect"); a.StatusCode != http.StatusOK || strings.Contains(a.Text(), "Connect without") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	if a := j.first(func(f url.Values) { f.Set("base-url", "http://192.0.2.7/api") }); !strings.Contains(a.Text(), "connected by an administrator only") {
		t.Errorf("another address: %s %s", a.Status, a.Text())
	}
	// The company of the administrator, of which they happen to have a key.
	at := j.begin(j.demo.APIKey)
	if a := j.get(at); !strings.Contains(a.Text(), "you do not administer it") || len(a.All("form.choices")) > 0 || strings.Contains(a.body, "Webshop") {
		t.Error(a.Text())
	}
	for _, again := range []string{"", "Webshop"} {
		if a := j.post(at, j.choices(func(f url.Values) { f.Set("name", "Mine"); f.Set("again", again) })); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("again %q: %s", again, a.Status)
		}
	}
	if n := len(j.connections()); n != 1 {
		t.Fatalf("%d connections", n)
	}
	// Their own. What they say of the client's secret changes nothing for others.
	at = j.begin(theirs.APIKey)
	a := j.post(at, j.choices(func(f url.Values) { f.Set("name", "Oma Kauppa") }))
	made := j.connections()
	if len(made) != 2 || a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	own := made[slices.IndexFunc(made, func(c hub.Connection) bool { return c.Name == "Oma Kauppa" })]
	if a := j.get("/connections/" + own.ID + "/settings"); a.StatusCode != http.StatusOK {
		t.Errorf("their own settings: %s", a.Status)
	}
	if a := j.get("/companies"); strings.Contains(a.Text(), "Webshop") {
		t.Error("they see another's company")
	}
	everybody, err := store.ReadOne(t.Context(), j.st, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	if err != nil {
		t.Fatal(err)
	}
	u := everybody[slices.IndexFunc(everybody, func(u people.User) bool { return u.Login == string(people.Joiner) })]
	if u.Role != people.ByCompany || !maps.Equal(u.Companies, map[string]people.Role{own.Company: people.Admin}) {
		t.Errorf("%+v", u)
	}
	if a := j.get("/connect"); a.StatusCode != http.StatusForbidden {
		t.Errorf("the link once more: %s", a.Status)
	}
	if _, err := store.ReadOne(t.Context(), j.st, func(tx *store.Tx) (hub.Connection, error) { return tx.VendorConnection(v.ID, own.ID) }); err != nil {
		t.Errorf("it is not the vendor's: %v", err)
	}
	// Administering one company is enough to follow a link to it once more.
	j.get(ask("b"))
	if a := j.get("/connect"); a.StatusCode != http.StatusOK {
		t.Errorf("an administrator of a company: %s", a.Status)
	}
}

// The page of programs: who has tokens, for which connections, when they were used last;
// ended there, a token is worth nothing any more.
func TestVendorsPage(t *testing.T) {
	s := seeded(t)
	e := engine.New(engine.Options{Store: s.Store})
	v, err := e.AddVendor(t.Context(), "test", store.Vendor{Name: "Shopmaker " + webtest.Text, ReturnURLs: []string{"https://app.shopmaker.example/connected"}}, "hash-of-vendor")
	if err != nil {
		t.Fatal(err)
	}
	conn := s.Connections[0]
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		l := store.VendorLink{Name: "Kuvitelma Kauppa", Reference: "customer-88"}
		if _, err := tx.PutVendorLink(v, &l); err != nil {
			return err
		}
		if err := tx.UseVendorLink(l.ID, conn.ID); err != nil {
			return err
		}
		l = store.VendorLink{Name: "Uusi Asiakas", Reference: "customer-89"}
		if _, err := tx.PutVendorLink(v, &l); err != nil {
			return err
		}
		if err := tx.InsertPushToken("hash-of-token-that-is-long", conn.ID, "Raportti", people.TokenRights{Reads: true, Kinds: []hub.Kind{hub.SalesInvoice}}); err != nil {
			return err
		}
		return tx.TokenUsed("hash-of-token-that-is-long")
	}); err != nil {
		t.Fatal(err)
	}
	s.signIn(people.Admin)
	a := s.get("/vendors")
	for _, want := range []string{"Shopmaker", "Kuvitelma Kauppa", "customer-88", conn.Name, "yhdistetty", "Uusi Asiakas", "odottaa", "Viimeksi käytetty: ei koskaan", "Raportti", "lukee, Myyntilaskut",
		"https://app.shopmaker.example/connected"} {
		if !strings.Contains(a.Text(), want) {
			t.Errorf("%q is not there: %s", want, a.Text())
		}
	}
	s.post("/vendors", url.Values{"token": {"hash-of-token-that-is-long"}})
	s.post("/vendors", url.Values{"vendor": {v.ID}})
	for name, form := range map[string]url.Values{"nothing": {}, "an ended token": {"token": {"hash-of-token-that-is-long"}}, "an ended vendor": {"vendor": {v.ID}}} {
		if a := s.post("/vendors", form); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", name, a.Status)
		}
	}
	if a := s.get("/vendors"); !strings.Contains(a.Text(), "mitätöity") || strings.Contains(a.Text(), "Raportti, ") || len(a.All("button[name=vendor]")) > 0 || len(a.All("button[name=token]")) > 0 {
		t.Error(a.Text())
	}
	if err := s.Store.Read(t.Context(), func(tx *store.Tx) error { _, _, err := tx.PushConnection("hash-of-token-that-is-long"); return err }); !store.IsNotFound(err) {
		t.Errorf("the token is good: %v", err)
	}
	if err := s.Store.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.VendorByToken("hash-of-vendor"); return err }); !store.IsNotFound(err) {
		t.Errorf("the vendor's token is good: %v", err)
	}
}

// Whoever has connected a company is sent back to an address of the list, with the state
// that came with it, and to no other.
func TestReturnURL(t *testing.T) {
	j := newJoinSite(t)
	for _, to := range []string{"https://evil.example/connected", backAtCRM + "/more", "http://crm.example/connected", "https://crm.example/connected#x",
		"https://user@crm.example/connected", "//crm.example/connected", "/connected", "javascript:alert(1)"} {
		a := j.get("/connect?return_url=" + url.QueryEscape(to))
		if a.StatusCode != http.StatusOK || len(a.All("input[name=return-url]")) > 0 || !strings.Contains(a.Text(), "is not registered here") {
			t.Errorf("%s: %s %s", to, a.Status, a.Text())
		}
		if a := j.first(func(f url.Values) { f.Set("return-url", to) }); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s by a form: %s", to, a.Status)
		}
	}
	const state = "?state=a%26b&tenant=7"
	a := j.get("/connect?return_url=" + url.QueryEscape(backAtCRM+state))
	in, ok := a.First("input[name=return-url]")
	if value, _ := in.Attr("value"); !ok || value != backAtCRM+state {
		t.Fatalf("%q %s", value, a.Text())
	}
	at := j.first(func(f url.Values) { f.Set("return-url", backAtCRM+state) }).Header.Get("Location")
	j.post(at+"/key", url.Values{"key": {j.demo.APIKey}})
	if policy := j.get(at).Header.Get("Content-Security-Policy"); !strings.Contains(policy, "https://crm.example") {
		t.Error(policy)
	}
	a = j.post(at, j.choices(nil))
	made := j.connections()
	if len(made) != 1 || a.Header.Get("Location") != backAtCRM+state+"&connection="+made[0].ID {
		t.Errorf("%s to %q", a.Status, a.Header.Get("Location"))
	}
}

// A login that nobody waits for here ends nowhere, and the browser stays at the address,
// for whoever has begun it on the command line.
func TestLoginBegunElsewhere(t *testing.T) {
	j := newJoinSite(t)
	for _, q := range []string{"", "?code=x", "?code=x&state=guessed", "?error=access_denied&state=guessed"} {
		if a := j.get(engine.LoginPath + q); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.Text(), "vienti connect --login") {
			t.Errorf("%s: %s %s", q, a.Status, a.Text())
		}
	}
}
