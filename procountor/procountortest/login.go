package procountortest

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// LoginPassword is the password of every user of the sandbox, on its login page.
const LoginPassword = "sandbox"

// codeLife is how long the code of a login is good (assumption 70).
const codeLife = 10 * time.Minute

// PKCE is what is made of a code_challenge (assumption 72).
type PKCE int

// A challenge that is given must be met; none is needed; one is needed.
const (
	PKCEHeeded PKCE = iota
	PKCEIgnored
	PKCERequired
)

// A loginCode is what the login page sends back with the browser.
type loginCode struct {
	clientID, redirect, challenge string
	companyID, userID             int64
	key                           bool // of the page that ends in an API key
	until                         time.Time
}

// SetRedirectURI registers the one address to which the login page sends browsers
// back for a client (REFERENCE 1.2); "" takes any (assumption 73).
func (s *Server) SetRedirectURI(clientID, uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[clientID]
	if c == nil {
		panic("procountortest: no client " + clientID)
	}
	c.Redirect = uri
	s.logRoot("client", len(s.clients), c)
}

// EndLogins ends all logins in a company with their tokens, as if their users had
// lost the right to it.
func (s *Server) EndLogins(company int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range sortedKeys(s.logins) {
		if g := s.logins[k]; g.CompanyID == company && !g.Revoked {
			g.Revoked = true
			s.logRoot("login", len(s.logins), g)
		}
	}
}

// A loginPage is what a person sees at /login or /keylogin.
type loginPage struct {
	Query     template.URL
	Path      string
	Client    string
	Fault     string
	Username  string
	Company   int64
	Companies []Company
}

var loginTemplate = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Procountor sandbox: log in</title></head>
<body><main>
<h1>Procountor sandbox</h1>
<p>This is not Procountor. The software “{{.Client}}” asks to act in a company as one of its users. The password of every user is “` + LoginPassword + `”.</p>
{{with .Fault}}<p role="alert"><strong>{{.}}</strong></p>{{end}}
<form method="post" action="{{.Path}}?{{.Query}}">
<p><label>Username <input name="username" value="{{.Username}}" autocomplete="off" required></label></p>
<p><label>Password <input name="password" type="password" required></label></p>
<p><label>Company <select name="company">{{range .Companies}}<option value="{{.ID}}"{{if eq .ID $.Company}} selected{{end}}>{{.Name}}</option>{{end}}</select></label></p>
<p><button name="answer" value="yes">Log in</button> <button name="answer" value="no" formnovalidate>Cancel</button></p>
</form>
</main></body></html>
`))

// login serves the pages outside the API on which a person logs in (REFERENCE 1.3)
// and logs out. ok is false for any other path.
func (s *Server) login(w http.ResponseWriter, r *http.Request) (ok bool) {
	switch r.URL.Path {
	case "/login":
	case "/keylogin":
		if !s.opt.KeyExchange {
			return false
		}
	case "/logout":
		if r.Method != http.MethodPost {
			return false
		}
		s.logout(w, r)
		return true
	default:
		return false
	}
	w.Header().Set("X-Procountor-Sandbox", Version)
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Cache-Control", "no-store")
	status := s.loginAnswer(w, r)
	s.received.add(Request{Time: s.now(), Operation: "login", Method: r.Method, Path: r.URL.Path, Status: status})
	return true
}

func (s *Server) loginAnswer(w http.ResponseWriter, r *http.Request) int {
	refuse := func(status int, text string) int {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<p>"+text+"</p>\n") // the browser is gone
		return status
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, "method not allowed")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "form cannot be read")
	}
	q := r.URL.Query()
	redirect, err := url.Parse(q.Get("redirect_uri"))
	s.mu.RLock()
	cl := s.clients[q.Get("client_id")]
	registered := cl != nil && (cl.Redirect == "" || cl.Redirect == q.Get("redirect_uri"))
	s.mu.RUnlock()
	// Nobody is sent to an address that is not the client's.
	if err != nil || !registered || redirect.Host == "" || redirect.Scheme != "http" && redirect.Scheme != "https" || redirect.RawQuery != "" || redirect.Fragment != "" {
		return refuse(http.StatusBadRequest, "unknown client_id, or a redirect_uri that is not registered for it")
	}
	if q.Get("response_type") != "code" {
		return refuse(http.StatusBadRequest, "response_type must be code")
	}
	challenge := ""
	if s.opt.PKCE != PKCEIgnored {
		challenge = q.Get("code_challenge")
		if challenge == "" && s.opt.PKCE == PKCERequired || challenge != "" && q.Get("code_challenge_method") != "S256" {
			return refuse(http.StatusBadRequest, "code_challenge with the method S256 is required")
		}
	}
	w.Header().Set("X-Sandbox-Assumption", joinAssumptions([]assumption{assumeLoginCodes, assumeRedirect}))
	back := func(v url.Values) int {
		v.Set("state", q.Get("state"))
		redirect.RawQuery = v.Encode()
		w.Header().Set("Location", redirect.String())
		w.WriteHeader(http.StatusFound)
		return http.StatusFound
	}
	page := loginPage{Query: template.URL(q.Encode()), Path: r.URL.Path, Client: cl.ID, Username: r.PostFormValue("username")} //nolint:gosec // Encode has escaped it
	for _, id := range s.Companies() {
		co := s.company(id)
		co.mu.RLock()
		page.Companies = append(page.Companies, Company{ID: id, Name: co.set().Company.Name})
		co.mu.RUnlock()
	}
	if r.Method == http.MethodPost {
		if r.PostFormValue("answer") == "no" {
			return back(url.Values{"error": {"access_denied"}})
		}
		page.Company, _ = strconv.ParseInt(r.PostFormValue("company"), 10, 64)
		if u := s.userNamed(page.Company, page.Username); u != nil && r.PostFormValue("password") == LoginPassword {
			return back(url.Values{"code": {s.newCode(loginCode{clientID: cl.ID, redirect: q.Get("redirect_uri"), challenge: challenge,
				companyID: page.Company, userID: u.ID, key: r.URL.Path == "/keylogin"})}})
		}
		page.Fault = "Wrong username or password, or no user of this company."
		w.WriteHeader(http.StatusUnauthorized)
		_ = loginTemplate.Execute(w, page) // the browser is gone
		return http.StatusUnauthorized
	}
	_ = loginTemplate.Execute(w, page) // the browser is gone
	return http.StatusOK
}

func (s *Server) userNamed(company int64, name string) *user {
	co := s.company(company)
	if co == nil {
		return nil
	}
	co.mu.RLock()
	defer co.mu.RUnlock()
	for _, u := range co.users.all() {
		if !u.Removed && strings.EqualFold(u.Username, name) {
			return u
		}
	}
	return nil
}

func (s *Server) newCode(c loginCode) string {
	c.until = s.now().Add(codeLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	code := s.opaque(s.issued, uint64(c.companyID), uint64(c.userID), uint64(c.until.UnixNano()))
	for k, old := range s.codes {
		if old.until.Before(c.until.Add(-codeLife)) {
			delete(s.codes, k)
		}
	}
	s.codes[code] = c
	return code
}

// invalidGrant is the refusal of a code or a refresh token (assumptions 70 and 71).
func invalidGrant() *problem { return badRequest("", "invalid_grant") }

// codeToken turns a code into tokens; s.mu is held.
func (c *call) codeToken(id string, form url.Values) (any, error) {
	s := c.srv
	c.assume(assumeLoginCodes)
	code, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code")) // good once, whatever comes of it
	if !ok || code.clientID != id || code.redirect != form.Get("redirect_uri") || !c.now.Before(code.until) {
		return nil, invalidGrant()
	}
	if code.challenge != "" {
		c.assume(assumePKCE)
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != code.challenge {
			return nil, invalidGrant()
		}
	}
	if code.key {
		c.assume(assumeKeyExchange)
		s.issued++
		k := &apiKey{Key: "sandbox-key-" + s.opaque(s.issued, uint64(code.userID)), ClientID: id, CompanyID: code.companyID, UserID: code.userID}
		s.keys[k.Key] = k
		s.logRoot("key", len(s.keys), k)
		answer := c.newToken(k)
		answer["api_key"] = k.Key
		return answer, nil
	}
	g := &apiKey{ClientID: id, CompanyID: code.companyID, UserID: code.userID}
	s.newRefresh(g, c.now)
	answer := c.newToken(g)
	answer["refresh_token"] = g.Key
	return answer, nil
}

// newRefresh gives a login another refresh token. s.mu is held.
func (s *Server) newRefresh(g *apiKey, now time.Time) {
	if g.Key != "" {
		gone := *g
		gone.Revoked = true
		s.logRoot("login", len(s.logins), gone)
		delete(s.logins, g.Key)
	}
	s.issued++
	g.Key = "refresh-" + s.opaque(s.issued, uint64(g.CompanyID), uint64(g.UserID))
	if s.opt.RefreshLifetime > 0 {
		g.Until = now.Add(s.opt.RefreshLifetime)
	}
	s.logins[g.Key] = g
	s.logRoot("login", len(s.logins), g)
}

// refreshToken is the grant refresh_token; s.mu is held.
func (c *call) refreshToken(id string, form url.Values) (any, error) {
	s := c.srv
	c.assume(assumeRefresh)
	g := s.logins[form.Get("refresh_token")]
	if g == nil || g.Revoked || g.ClientID != id || !g.Until.IsZero() && !c.now.Before(g.Until) {
		return nil, invalidGrant()
	}
	answer := c.newToken(g)
	if s.opt.RotateRefresh {
		s.newRefresh(g, c.now)
		answer["refresh_token"] = g.Key
	}
	return answer, nil
}

// logout ends the login of a token (REFERENCE 1.3).
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Procountor-Sandbox", Version)
	_, t, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	status := http.StatusUnauthorized
	s.mu.Lock()
	if tok := s.tokens[t]; tok != nil {
		status = http.StatusOK
		delete(s.tokens, t)
		if g := s.logins[tok.key.Key]; g != nil {
			g.Revoked = true
			s.logRoot("login", len(s.logins), g)
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	s.received.add(Request{Time: s.now(), Operation: "logout", Method: r.Method, Path: r.URL.Path, Status: status})
}
