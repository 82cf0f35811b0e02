package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/sheet"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/internal/web/htmlcheck"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor"
)

// A site is the pages over a filled database, with a browser of sorts.
type site struct {
	*webtest.World
	t      *testing.T
	url    string
	client *http.Client
	log    *bytes.Buffer
	more   url.Values // further fields of an upload
}

func empty(t *testing.T) (*site, *store.Store) {
	t.Helper()
	st := storetest.Open(t, storetest.SQLite(t), store.Options{})
	return serve(t, st, engine.New(engine.Options{Store: st})), st
}

func seeded(t *testing.T) *site {
	t.Helper()
	st := storetest.Open(t, storetest.SQLite(t), store.Options{})
	w := webtest.Fill(t, st)
	s := serve(t, st, w.Engine)
	s.World = w
	return s
}

// backAtCRM is a page outside to which whoever has connected may be sent back.
const backAtCRM = "https://crm.example/connected"

func serve(t *testing.T, st *store.Store, e *engine.Engine) *site {
	t.Helper()
	log := new(bytes.Buffer)
	h := New(Options{Store: st, Engine: e, Log: slog.New(slog.NewTextHandler(log, nil)), Version: "test", Pulse: 20 * time.Millisecond, ReturnURLs: []string{backAtCRM}})
	t.Cleanup(h.Close)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s := &site{t: t, url: srv.URL, log: log}
	s.client = s.browser()
	return s
}

// browser has its own cookies and follows no redirects.
func (s *site) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type answer struct {
	*http.Response
	body string
	htmlcheck.Doc
}

func (s *site) do(req *http.Request) answer {
	s.t.Helper()
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := htmlcheck.Parse(bytes.NewReader(b))
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp, string(b), d}
}

func (s *site) get(path string) answer {
	s.t.Helper()
	req, err := http.NewRequest("GET", s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(req)
}

func (s *site) post(path string, form url.Values) answer {
	s.t.Helper()
	req, err := http.NewRequest("POST", s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

func (s *site) signIn(role people.Role) { s.signInAs(string(role)) }

func (s *site) signInAs(login string) {
	s.t.Helper()
	s.client = s.browser()
	a := s.post("/login", url.Values{"login": {login}, "password": {webtest.Password}})
	if a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("sign in as %s: %s\n%s", login, a.Status, a.Text())
	}
}

// address is where a pattern leads for things of the sandbox's company.
func (s *site) address(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	held := s.Transfers[hub.Held]
	path = strings.NewReplacer("/{$}", "/", "/rounds/{id}", "/rounds/"+s.Round.ID, "{file}", "12", "/documents/{id}", "/documents/"+held.ID, "/connections/{id}", "/connections/"+s.Connections[0].ID,
		"/companies/{id}", "/companies/"+s.Sandbox.ID, "/users/{id}", "/users/"+s.People[people.Viewer].ID,
		"{code}", hub.OffsetByHand, "{action}", "retry", "{step}", "none", "{which}", "request", "{hash}", "none").Replace(path)
	return method, path
}

func (s *site) state(id string) hub.Transfer {
	s.t.Helper()
	t, err := store.ReadOne(context.Background(), s.Store, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(id) })
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

func TestFirstStart(t *testing.T) {
	s, st := empty(t)
	if a := s.get("/"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/login" {
		t.Fatalf("/: %s to %s", a.Status, a.Header.Get("Location"))
	}
	if a := s.get("/login"); a.Header.Get("Location") != "/setup" {
		t.Fatalf("login with nobody there: %s to %s", a.Status, a.Header.Get("Location"))
	}
	var token secret.Secret
	if err := st.Tx(context.Background(), func(tx *store.Tx) (err error) { token, err = tx.NewSetupToken(); return err }); err != nil {
		t.Fatal(err)
	}
	form := func(token, password, again string) url.Values {
		return url.Values{"token": {token}, "login": {"Aino@Example.fi"}, "name": {"Aino"}, "password": {password}, "again": {again}}
	}
	const good = "kolme hevosta tallissa"
	for _, c := range []struct {
		form url.Values
		says string
	}{
		{form("wrong", good, good), "token is wrong"},
		{form(token.Reveal(), good, good+"x"), "not the same"},
		{form(token.Reveal(), "short", "short"), "fewer than 12"},
	} {
		a := s.post("/setup", c.form)
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), c.says) {
			t.Errorf("want %q: %s %s", c.says, a.Status, a.Text())
		}
		if v, _ := a.All("input[name=login]")[0].Attr("value"); v != "aino@example.fi" {
			t.Errorf("the login that was typed is gone: %q", v)
		}
		if strings.Contains(a.body, good) {
			t.Error("the page repeats the password")
		}
	}
	if a := s.post("/setup", form(token.Reveal(), good, good)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.Text())
	}
	if a := s.get("/documents"); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "No company is connected yet") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	// A page for an error knows nothing of the companies, and says nothing of them.
	if a := s.get("/nothing"); a.StatusCode != http.StatusNotFound || strings.Contains(a.Text(), "No company") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	// The token is used up, and there is somebody now.
	s.client = s.browser()
	if a := s.post("/setup", form(token.Reveal(), good, good)); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the token let a second one in: %s", a.Status)
	}
	if a := s.get("/setup"); a.Header.Get("Location") != "/login" {
		t.Errorf("setup is still open: %s", a.Status)
	}
}

func TestSignIn(t *testing.T) {
	s := seeded(t)
	a := s.post("/login", url.Values{"login": {"finance"}, "password": {"wrong"}})
	if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.Text(), "wrong") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	// Signing in leads where one wanted to go, and nowhere else.
	for next, want := range map[string]string{"/tasks": "/tasks", "//evil.example/": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/"} {
		s.client = s.browser()
		a := s.post("/login", url.Values{"login": {" Finance "}, "password": {webtest.Password}, "next": {next}})
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != want {
			t.Errorf("next %q: %s to %q", next, a.Status, a.Header.Get("Location"))
		}
		c := a.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Name != "vienti" {
			t.Errorf("cookie %+v", c)
		}
	}
	if a := s.get("/documents"); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "Aino Laskula") {
		t.Errorf("%s", a.Status)
	}
	if a := s.post("/logout", nil); a.Header.Get("Location") != "/login" {
		t.Errorf("%s", a.Status)
	}
	if a := s.get("/documents?show=needs"); a.Header.Get("Location") != "/login?next=%2Fdocuments%3Fshow%3Dneeds" {
		t.Errorf("after signing out: %s to %s", a.Status, a.Header.Get("Location"))
	}
	// A person who may not sign in any more is out at once.
	s.signIn(people.Viewer)
	u := s.People[people.Viewer]
	u.Disabled = true
	if err := s.Store.Tx(context.Background(), func(tx *store.Tx) error { return tx.SetPerson(u) }); err != nil {
		t.Fatal(err)
	}
	if a := s.get("/documents"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a disabled person sees the list: %s", a.Status)
	}
}

func TestGuessingIsSlow(t *testing.T) {
	s := seeded(t)
	for i := range freeFailures {
		if a := s.post("/login", url.Values{"login": {"finance"}, "password": {"guess"}}); a.StatusCode != http.StatusUnauthorized {
			t.Fatalf("try %d: %s", i, a.Status)
		}
	}
	a := s.post("/login", url.Values{"login": {"finance"}, "password": {webtest.Password}})
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("%s, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	th, now := newThrottle(), time.Unix(1000, 0)
	for range 40 {
		th.failed(now, "k")
	}
	if w := th.wait(now, "k"); w != longestThrottle {
		t.Errorf("after 40 failures %s", w)
	}
	if w := th.wait(now.Add(longestThrottle), "k"); w > 0 {
		t.Errorf("still %s after the wait", w)
	}
	for i := range throttleKeys + 10 {
		th.failed(now, string(rune(i)))
	}
	if len(th.keys) > throttleKeys {
		t.Errorf("%d keys are kept", len(th.keys))
	}
}

// Every link and every form of the site leads somewhere, for each role; every
// page is sound, says which books it is about, and shows no secret.
func TestWalk(t *testing.T) {
	s := seeded(t)
	for _, role := range people.Roles() {
		s.signIn(role)
		seen := map[string]bool{}
		queue := []string{"/"}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			if seen[at] {
				continue
			}
			seen[at] = true
			if len(seen) > 900 {
				t.Fatalf("%s: the site has no end", role)
			}
			a := s.get(at)
			switch {
			case a.StatusCode == http.StatusSeeOther:
				queue = append(queue, a.Header.Get("Location"))
				continue
			case a.StatusCode != http.StatusOK:
				t.Errorf("%s: %s: %s", role, at, a.Status)
				continue
			}
			checkHeaders(t, at, a)
			if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				continue
			}
			checkPage(t, role, at, a)
			for _, link := range a.All("a[href]") {
				href, _ := link.Attr("href")
				if strings.HasPrefix(href, "#") {
					continue
				}
				if href == remedy.CodesURL {
					continue // the one page of others that we send people to
				}
				if !strings.HasPrefix(href, "/") {
					t.Errorf("%s: link to %s", at, href)
					continue
				}
				u, err := url.Parse(href)
				if err != nil {
					t.Errorf("%s: link %s: %v", at, href, err)
					continue
				}
				// The list alone has endless addresses; each filter once is enough.
				if u.Path == "/documents" && len(u.Query()) > 2 {
					continue
				}
				queue = append(queue, href)
			}
			for _, f := range a.All("form") {
				action, _ := f.Attr("action")
				method, _ := f.Attr("method")
				pattern := strings.ToUpper(method) + " " + action
				if !known(pattern) {
					t.Errorf("%s: form to %s, which no route takes", at, pattern)
				}
			}
		}
		if len(seen) < 40 && role.Can(people.See) || len(seen) < 4 && role != people.Joiner || len(seen) < 2 {
			t.Errorf("%s saw only %d pages", role, len(seen))
		}
	}
	if s.log.Len() > 0 {
		t.Errorf("the pages complained:\n%s", s.log)
	}
}

func known(pattern string) bool {
	method, path, _ := strings.Cut(pattern, " ")
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	_, p := mux.Handler(httptest.NewRequest(method, path, nil))
	return p != ""
}

func checkHeaders(t *testing.T, at string, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q", at, name, got)
		}
	}
}

func checkPage(t *testing.T, role people.Role, at string, a answer) {
	t.Helper()
	if strings.Contains(a.body, webtest.SecretKey) {
		t.Errorf("%s shows a key", at)
	}
	for _, n := range a.All("*") {
		for _, name := range n.Attrs() {
			if strings.HasPrefix(name, "on") || name == "style" {
				t.Errorf("%s: <%s %s> is forbidden by our own policy", at, n.Tag(), name)
			}
		}
	}
	for _, n := range append(a.All("script"), a.All("link")...) {
		src, _ := n.Attr("src")
		href, _ := n.Attr("href")
		if !strings.HasPrefix(src+href, "/static/") {
			t.Errorf("%s: <%s> from %q", at, n.Tag(), src+href)
		}
	}
	if len(a.All("script")) != 3 {
		t.Errorf("%s has %d scripts: somebody's text became one", at, len(a.All("script")))
	}
	if len(a.All("h1")) != 1 {
		t.Errorf("%s has %d h1", at, len(a.All("h1")))
	}
	ids := map[string]bool{}
	for _, n := range a.All("[id]") {
		id, _ := n.Attr("id")
		if ids[id] {
			t.Errorf("%s: id %s stands twice", at, id)
		}
		ids[id] = true
	}
	for _, n := range append(a.All("input"), a.All("select")...) {
		if kind, _ := n.Attr("type"); kind == "hidden" {
			continue
		}
		id, _ := n.Attr("id")
		_, labelled := n.Attr("aria-label")
		if !labelled && id != "" {
			_, labelled = a.First("label[for=" + id + "]")
		}
		if name, _ := n.Attr("name"); !labelled && name != "sure" {
			t.Errorf("%s: field %s has no label", at, name)
		}
	}
	banner, ok := a.First("div.environment")
	if role != people.Joiner && (!ok || !strings.Contains(banner.Text(), "Hiekkalaatikko") && !strings.Contains(banner.Text(), "Tuotanto")) { // who is only invited sees no books
		t.Errorf("%s does not say which books it is about", at)
	}
	if i := strings.Index(a.Text(), "status."); i >= 0 {
		t.Errorf("%s shows a key instead of a text: %.40s", at, a.Text()[i:])
	}
	// What a role may not do is not offered.
	user := people.User{Role: role}
	if !user.CanSomewhere(people.Mend) && len(a.All("form[action=/documents/retry]")) > 0 && len(a.All("td.tick")) > 0 {
		t.Errorf("%s offers a %s to retry", at, role)
	}
}

// Every route × every role: what a role may not do is refused, and nobody who
// is not signed in gets further than the door.
func TestPermissions(t *testing.T) {
	feature.Covers(t, "T-3")
	s := seeded(t)
	send := func(pattern string) int {
		method, path := s.address(pattern)
		if method == "POST" {
			return s.post(path, url.Values{"writing": {"off"}, "why": {"x"}}).StatusCode
		}
		return s.get(path).StatusCode
	}
	for _, rt := range routes {
		if rt.right == "" {
			continue
		}
		s.client = s.browser()
		if got := send(rt.pattern); got != http.StatusSeeOther {
			t.Errorf("nobody: %s: %d", rt.pattern, got)
		}
	}
	// Reads first: acting changes what there is.
	for _, role := range people.Roles() {
		s.signIn(role)
		for _, rt := range routes {
			if rt.right == "" {
				continue
			}
			got := send(rt.pattern)
			refused := got == http.StatusForbidden
			switch rt.of { // what somebody does not see does not exist for them
			case aDocument, aConnection, aPayroll, aCompany:
				refused = refused || !role.Can(people.See) && got == http.StatusNotFound
			case aRound:
				refused = refused || !role.Can(rt.right) && got == http.StatusNotFound
			}
			may := role.Can(rt.right)
			if rt.of == aJoining { // without a vendor's link
				may = role.Can(people.SetUp)
			}
			if may == refused {
				t.Errorf("%s: %s: %d, may is %v", role, rt.pattern, got, may)
			}
		}
	}
	if s.state(s.Transfers[hub.Refused].ID).State != hub.Refused {
		t.Error("something was changed that nobody asked for")
	}
}

// An action needs the right that fits it, whatever the address says.
func TestActionsNeedTheirRight(t *testing.T) {
	s := seeded(t)
	for _, a := range engine.Actions {
		for _, role := range []people.Role{people.Viewer, people.Auditor} {
			s.signIn(role)
			held := s.Transfers[hub.Held]
			if got := s.post("/documents/"+held.ID+"/"+string(a), url.Values{"why": {"x"}}); got.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s: %s", role, a, got.Status)
			}
			if s.state(held.ID).State != hub.Held {
				t.Fatalf("%s did %s", role, a)
			}
		}
	}
}

func TestRequestsFromOtherSites(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	held := s.Transfers[hub.Held]
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		req, err := http.NewRequest("POST", s.url+"/documents/"+held.ID+"/retry", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header[0], header[1])
		if a := s.do(req); a.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s", header, a.Status)
		}
	}
	if s.state(held.ID).State != hub.Held {
		t.Error("another site retried the document")
	}
}

func TestNotThere(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Transfers[hub.Held].ID
	for path, want := range map[string]int{
		"/nowhere": 404, "/documents/none": 404, "/connections/none": 404, "/tasks?company=none": 404, "/documents?company=none": 404,
		"/documents/" + id + "/files/none": 404, "/documents/" + id + "/steps/none/request": 404,
		"/documents?show=x": 400, "/documents?state=x": 400, "/documents?from=3.3.2026": 400, "/documents?kind=x": 400,
		"/documents?q=" + strings.Repeat("x", 300): 400, "/static/none.css": 404, "/static/..%2Fweb.go": 404,
	} {
		a := s.get(path)
		if a.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, a.Status, want)
		}
		checkHeaders(t, path, a)
	}
	for path, want := range map[string]int{"/documents/none/retry": 404, "/documents/" + id + "/explode": 404,
		"/connections/none/writing": 404, "/language": 400} {
		if a := s.post(path, url.Values{"why": {"x"}}); a.StatusCode != want {
			t.Errorf("POST %s: %s, want %d", path, a.Status, want)
		}
	}
	if a := s.post("/documents/"+id+"/retry", url.Values{"why": {strings.Repeat("x", maxForm+1)}}); a.StatusCode != 400 {
		t.Errorf("a form without end: %s", a.Status)
	}
}

func TestLanguage(t *testing.T) {
	s := seeded(t)
	s.client = s.browser()
	req, err := http.NewRequest("GET", s.url+"/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "sv-FI,sv;q=0.9")
	if a := s.do(req); !strings.Contains(a.Text(), "Logga in") {
		t.Errorf("a Swedish browser is greeted with %.60s", a.Text())
	}
	if a := s.post("/language", url.Values{"language": {"nl"}, "next": {"/login"}}); a.Header.Get("Location") != "/login" {
		t.Errorf("%s", a.Status)
	}
	if a := s.get("/login"); !strings.Contains(a.Text(), "Aanmelden") {
		t.Errorf("the choice before signing in is forgotten: %.60s", a.Text())
	}
	s.signIn(people.Finance)
	for _, l := range locale.Languages {
		s.post("/language", url.Values{"language": {string(l)}, "next": {"/documents"}})
		a := s.get("/documents")
		if lang, _ := a.All("html")[0].Attr("lang"); lang != string(l) {
			t.Errorf("asked for %s, got %s", l, lang)
		}
	}
	s.signIn(people.Finance) // another browser
	if a := s.get("/documents"); !strings.Contains(a.Text(), "Documenten") {
		t.Error("the choice does not stay with the person")
	}
}

// actKinds are the kinds of acts that the program writes, as its source names
// them, with "-" for ".".
func actKinds(t *testing.T) (kinds []string) {
	t.Helper()
	written := regexp.MustCompile(`(?:\bact\(tx, |audit\.Act\{)[^"\n]*"([a-z]+\.[a-z_]+)"`)
	for _, folder := range []string{"engine", "store", "cli", "web"} {
		files, err := filepath.Glob("../" + folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range written.FindAllSubmatch(b, -1) {
				kinds = append(kinds, strings.ReplaceAll(string(m[1]), ".", "-"))
			}
		}
	}
	if len(kinds) < 20 {
		t.Fatalf("only %d kinds of acts were found in the source", len(kinds))
	}
	return kinds
}

// All words that pages put together from values are there.
func TestWordsForEveryValue(t *testing.T) {
	s := locale.New(locale.English, nil)
	var keys []string
	add := func(prefix string, values ...string) {
		for _, v := range values {
			keys = append(keys, prefix+v)
		}
	}
	for _, x := range hub.States {
		add("state.", string(x))
		add("state-says.", string(x))
		add("act.transfer-", string(x))
	}
	add("act.", actKinds(t)...)
	for _, x := range hub.PaidStates {
		add("paid-state.", string(x))
	}
	add("correction-is.", string(hub.ByDifference), string(hub.ByReversal), string(hub.ByAnew))
	add("setting.offset-is.", string(hub.OffsetByPerson), string(hub.OffsetByVienti))
	add("sent-as.", "failed", "not", "back", "going", "done")
	for _, x := range hub.DueRules {
		add("due-rule.", string(x))
	}
	for _, x := range hub.StepKinds {
		add("step.", string(x))
	}
	for _, x := range hub.StepStates {
		add("stepstate.", string(x))
	}
	for _, x := range posting.Bases {
		add("basis.", string(x))
	}
	add("round.", string(hub.RoundOpen), string(hub.RoundComplete), string(hub.RoundRejected))
	for _, part := range []mapping.EntryPart{mapping.CounterEntry, mapping.RowEntry, mapping.EvenedEntry} {
		for _, sales := range []bool{true, false} {
			add("booked-as.", (&mapping.EntrySum{Part: part, Sales: sales}).Chooser())
		}
	}
	for _, k := range hub.Kinds {
		for _, w := range hub.WhensOf(k) {
			add("setting.when.", string(w))
		}
	}
	add("setting.early.", string(hub.EarlyUnfinished), string(hub.EarlyReceived), string(hub.EarlyVerified))
	add("setting.rejected.", string(hub.RejectionHeld), string(hub.RejectionTakenBack))
	add("setting.joined.", string(hub.JoinedOne), string(hub.JoinedApart))
	add("setting.travel-code.", string(hub.AskedHold), string(hub.AskedWarn))
	add("setting.axis.", axisOnRows, axisInNotes)
	add("setting.posting.", string(hub.PostedByMap), string(hub.PostedInProcountor))
	for _, k := range append(slices.Clone(hub.Kinds), hub.Unreadable, "none") {
		add("kind."+string(k)+".", "word", "many", "credit")
	}
	for _, e := range gravity {
		add("env.", string(e))
		add("env-says.", string(e))
	}
	for _, r := range people.Roles() {
		add("role.", string(r))
		add("role-says.", string(r))
	}
	for _, a := range engine.Actions {
		add("action."+string(a)+".", "do", "says", "done")
		add("act.transfer-", string(a))
	}
	for _, x := range tabs {
		add("tab.", x.Key)
	}
	for _, x := range []hub.State{hub.Noticed, hub.Working, hub.Unclear, hub.Held, hub.Refused, hub.Done, hub.DoneWithWarning, hub.DoneByHand, hub.Withdrawn} {
		add("back-says.", string(x))
	}
	add("back-action.", string(engine.Skip), string(engine.DoneByHand))
	for _, x := range []hub.State{hub.Noticed, hub.Ready, hub.Working, hub.Waiting, hub.Unclear, hub.Held, hub.Refused, hub.Skipped, hub.Done, hub.DoneWithWarning, hub.DoneByHand} {
		add("report-says.", string(x))
	}
	add("report-action.", string(engine.Retry), string(engine.DoneByHand))
	for _, x := range hub.Tells {
		add("setting.tell-is.", string(x))
	}
	for _, x := range []string{"broken", "missing", "forbidden", "request", "conflict"} {
		add("status."+x+".", "title", "text")
	}
	add("setting.arrival.", string(hub.ArriveUnfinished), string(hub.ArriveApproved), string(hub.ArriveSent))
	add("setting.sender-is.", string(hub.SenderProcountor), string(hub.SenderSource), string(hub.SenderNobody))
	add("setting.difference-is.", string(hub.AcceptDifference), string(hub.RowForDifference), string(hub.HoldDifference))
	add("setting.sum-is.", string(hub.SumHold), string(hub.SumRow), string(hub.SumWarn))
	add("setting.excess-is.", string(hub.Refuse), string(hub.Cut))
	for _, c := range append(slices.Clone(hub.Channels), hub.NobodySends) {
		add("channel-is.", string(c))
	}
	for _, by := range hub.ChannelBys {
		add("channel-by.", string(by))
	}
	add("einvoice-form.", "ovt", "iban", "edi")
	add("invoice-language.", hub.InvoiceLanguages...)
	add("vat-supply.", "goods", "service")
	for _, c := range []hub.SettingCode{hub.SettingChoice, hub.SettingFirstDay, hub.SettingDay, hub.SettingNumber, hub.SettingCountry, hub.SettingCategory,
		hub.SettingStatus, hub.SettingAccount, hub.SettingUnit, hub.SettingSwedish, hub.SettingMissing, hub.SettingLength, hub.SettingSource, hub.SettingSide, hub.SettingPercent,
		hub.SettingTwice, hub.SettingAddress, hub.SettingEmail, hub.SettingIBAN, hub.SettingOperator, hub.SettingDimension} {
		add("setting-fault.", string(c))
	}
	for _, c := range sheet.Codes {
		add("setting-fault.", string(c))
	}
	add("rule.", "source", "product", "partner", "category", "percent", "supply", "area", "supply-is.goods", "supply-is.service", "area-is.home", "area-is.eu", "area-is.abroad")
	add("rule.gap-", "account", "status")
	add("entries.", string(engine.SideRow), string(engine.SideVAT), string(engine.SideParty))
	add("rule.", "status-by-settings", "status-by-description")
	add("candidate-reason.", matching.SameID, matching.OtherID, matching.SameNumber, matching.OtherNumber, matching.SameName, matching.SameAddress, matching.Inactive, matching.NearID, matching.NearNumber)
	for _, c := range comparedStates {
		add("compared.", string(c))
	}
	add("setting.changes-is.", string(hub.ChangesOff), string(hub.ChangesShow), string(hub.ChangesWrite))
	add("card-do.", string(engine.CarryCard), string(engine.LeaveCard))
	add("item-do.", string(engine.CarryCard), string(engine.LeaveCard))
	add("axis.", append(slices.Clone(hub.Axes), hub.ProductAxis)...)
	for _, m := range hub.ItemMakings {
		add("setting.items-is.", string(m))
	}
	for _, f := range hub.CardFields {
		add("card-field.", string(f))
	}
	add("setting.conflict-is.", string(hub.ConflictRefuse), string(hub.ConflictAsk), string(hub.ConflictCreate))
	add("setting.number-is.", string(hub.AlternativeNumber), string(hub.OwnNumber))
	add("register-of.", "company", "vat_percent", "vat_status", "fiscal_year", "tracking_period", "bank_account", "account", "dimension", "dimension_item", "product", "travel_product", "partner")
	add("register-many.", "vat_percent", "vat_status", "fiscal_year", "tracking_period", "bank_account", "account", "dimension", "dimension_item", "product", "travel_product",
		"customer", "supplier", "person")
	add("register-change.", "added", "removed", "closed", "opened", "renamed", "changed")
	add("rule.gap-seen-", "unmapped.one", "unmapped.other", "ambiguous.one", "ambiguous.other")
	for _, x := range []posting.Reason{posting.SameCodeAndName, posting.SameName, posting.SameCode, posting.NamedForCategory, posting.OtherRate} {
		add("rule.reason.", string(x))
		add("rule.confidence.", x.Confidence())
	}
	conditions, gets := ruleFields(s, hub.AccountRule{}, &register.Copy{}, nil, nil)
	for _, f := range append(conditions, gets...) {
		add("rule.label.", f.Key)
	}
	for _, k := range hub.Kinds {
		for _, c := range append(register.Categories(), "K", "AE/EU/service", "S/goods") {
			if w := VATCategory(s, k, c); w == c || strings.Contains(w, "vat-") {
				t.Errorf("%s, %s has no words: %s", k, c, w)
			}
		}
	}
	for _, g := range settingGroups(locale.New(locale.Finnish, nil), hub.DefaultSettings(time2026), &register.Copy{}, "FI", nil, nil) {
		for _, f := range g.Fields {
			if strings.Contains(f.Label, "setting.") || f.Label == f.Key || g.Title == "" || strings.Contains(g.Title, "settings.") {
				t.Errorf("%s in %q is called %q", f.Key, g.Title, f.Label)
			}
			for _, o := range f.Options {
				if o.Text == "" || o.Text == o.Value {
					t.Errorf("%s: %q has no words", f.Key, o.Value)
				}
			}
		}
	}
	for _, x := range []procountor.Status{procountor.StatusUnfinished, procountor.StatusVerified, procountor.StatusApproved, procountor.StatusNotSent,
		procountor.StatusSent, procountor.StatusReceived, procountor.StatusPaid, procountor.StatusPartlyPaid, procountor.StatusMarkedPaid,
		procountor.StatusInvalidated, procountor.StatusDeleted} {
		add("voucher.status.", string(x))
	}
	for _, x := range []procountor.Channel{procountor.ChannelNoSending, procountor.ChannelEmail, procountor.ChannelMail,
		procountor.ChannelElectronicInvoice, procountor.ChannelEdifact, procountor.ChannelPaperInvoice} {
		add("voucher.channel.", string(x))
	}
	for _, x := range []procountor.Unit{procountor.UnitPiece, procountor.UnitHour, procountor.UnitMonth, procountor.UnitKilogram, procountor.UnitNoUnit} {
		add("voucher.unit.", string(x))
	}
	for _, k := range keys {
		if !s.Has(k) {
			t.Errorf("%s has no text", k)
		}
	}
	for _, w := range settingWords(s, hub.DefaultSettings(time2026), &register.Copy{}) {
		if strings.HasPrefix(w.Name, "setting.") || strings.HasPrefix(w.Value, "setting.") {
			t.Errorf("%s: %s", w.Name, w.Value)
		}
	}
	// Each state stands in exactly one tab beside "all".
	for _, x := range hub.States {
		n := 0
		for _, tb := range tabs {
			if slices.Contains(tb.States, x) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s stands in %d tabs", x, n)
		}
	}
}
