package procountortest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/faulty"
)

// A client is a registered API client (REFERENCE 1.2).
type client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
	// Redirect is the one address to which browsers are sent back; "" takes any.
	Redirect string `json:"redirect,omitempty"`
}

// An apiKey is bound to user, company and client (REFERENCE 1.4). A login is one
// too, whose key is its refresh token.
type apiKey struct {
	Key       string    `json:"key"`
	ClientID  string    `json:"client"`
	CompanyID int64     `json:"company"`
	UserID    int64     `json:"user"`
	Revoked   bool      `json:"revoked,omitempty"`
	Until     time.Time `json:"until,omitzero"` // of a login
}

type token struct {
	key     *apiKey
	expires time.Time
}

// A user has rights in one company.
type user struct {
	User
	Rights  UserPermissions `json:"sbxRights"`
	Role    string          `json:"sbxRole"`
	Removed bool            `json:"sbxRemoved,omitempty"`
}

// tokenRequest has the form fields of POST /oauth/token.
func readTokenForm(c *call) (any, error) {
	ct, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || ct != "application/x-www-form-urlencoded" {
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "Content-Type must be application/x-www-form-urlencoded")
	}
	if len(params) > 0 { // REFERENCE 1.4: without a charset parameter
		return nil, badRequest("", "Content-Type must be application/x-www-form-urlencoded without parameters")
	}
	c.r.Body = http.MaxBytesReader(nil, c.r.Body, maxForm)
	if err := c.r.ParseForm(); err != nil {
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "form cannot be read")
	}
	return c.r.PostForm, nil // the body only: since 23.09 no secrets in the URL
}

// maxForm bounds the token form: a key, a secret and a redirect address.
const maxForm = 16 << 10

// issueToken is REFERENCE 1.3 and 1.4. Scope is ignored, and redirect_uri but for codes.
func issueToken(c *call) (any, error) {
	form := c.body.(url.Values)
	grant := form.Get("grant_type")
	if grant != "client_credentials" && grant != "authorization_code" && grant != "refresh_token" {
		return nil, badRequest("grant_type", invalid("grant_type", short(form.Get("grant_type"))))
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if u, p, ok := c.r.BasicAuth(); ok && id == "" {
		id, secret = u, p
		if x, err := url.QueryUnescape(u); err == nil { // RFC 6749 2.3.1 encodes both
			id = x
		}
		if x, err := url.QueryUnescape(p); err == nil {
			secret = x
		}
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	cl := s.clients[id]
	if cl == nil || cl.Secret != secret {
		return nil, unauthorized()
	}
	switch grant {
	case "authorization_code":
		return c.codeToken(id, form)
	case "refresh_token":
		return c.refreshToken(id, form)
	}
	key := s.keys[form.Get("api_key")]
	if key == nil || key.Revoked || key.ClientID != id {
		return nil, unauthorized()
	}
	return c.newToken(key), nil
}

// newToken gives out an access token. s.mu is held.
func (c *call) newToken(key *apiKey) map[string]any {
	s := c.srv
	c.assume(assumeTokens)
	t := s.newAccessToken(key, c.now.Add(s.opt.TokenLifetime))
	s.sweep(c.now)
	s.tokens[t] = &token{key: key, expires: c.now.Add(s.opt.TokenLifetime)}
	return map[string]any{
		"access_token": t,
		"token_type":   "bearer",
		"expires_in":   int64(s.opt.TokenLifetime / time.Second),
	}
}

// sweep forgets expired tokens now and then.
func (s *Server) sweep(now time.Time) {
	if s.sweepAt++; s.sweepAt%256 != 0 {
		return
	}
	for k, t := range s.tokens {
		if !now.Before(t.expires) {
			delete(s.tokens, k)
		}
	}
}

// newAccessToken looks like a JWT from which the company can be read
// (REFERENCE 1.4); what counts is its last part, which is drawn from the seed so
// that a run repeats. s.mu is held.
func (s *Server) newAccessToken(key *apiKey, expires time.Time) string {
	claims, err := json.Marshal(map[string]any{
		"companyId": key.CompanyID, "userId": key.UserID, "client": key.ClientID, "exp": expires.Unix(),
	})
	if err != nil {
		panic("procountortest: " + err.Error())
	}
	s.issued++
	h := fnv.New64a()
	h.Write([]byte(key.Key))
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + e.EncodeToString(claims) + "." +
		s.opaque(s.issued, h.Sum64(), uint64(expires.UnixNano()))
}

// opaque draws an identifier from the seed.
func (s *Server) opaque(parts ...uint64) string {
	var b strings.Builder
	for i := range uint64(2) {
		fmt.Fprintf(&b, "%016x", faulty.Draw(s.opt.Seed, append(slices.Clone(parts), i)...))
	}
	return b.String()
}

// authorize finds user and company of the request's token and applies the limit
// of the client.
func (c *call) authorize() *problem {
	scheme, t, ok := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return unauthorized()
	}
	s := c.srv
	s.mu.RLock()
	tok := s.tokens[t]
	var co *company
	if tok != nil {
		co = s.companies[tok.key.CompanyID]
	}
	dead := tok == nil || co == nil || tok.key.Revoked || !c.now.Before(tok.expires)
	s.mu.RUnlock()
	if dead {
		return unauthorized()
	}
	if wait := s.limiter.take(tok.key.ClientID, c.now); wait > 0 {
		c.assume(assumeRateLimit)
		c.header.Set("Retry-After", fmt.Sprint(int64((wait+time.Second-1)/time.Second)))
		return newProblem(http.StatusTooManyRequests, "", "Too many requests")
	}
	c.token, c.co = tok, co
	return nil
}

// expire ends the token of a request, as if its hour were over.
func (s *Server) expire(r *http.Request) {
	_, t, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, t)
}

// A limiter allows so many requests a second per client id, counted by when
// the next one may come (GCRA), with a burst of one second.
type limiter struct {
	perSecond int
	mu        sync.Mutex
	next      map[string]time.Time
}

// take returns 0, or how long the client must wait.
func (l *limiter) take(id string, now time.Time) time.Duration {
	if l.perSecond <= 0 {
		return 0
	}
	step := time.Second / time.Duration(l.perSecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		l.next = map[string]time.Time{}
	}
	at := l.next[id]
	if at.Before(now) {
		at = now
	}
	if wait := at.Sub(now) - (time.Second - step); wait > 0 {
		return wait
	}
	l.next[id] = at.Add(step)
	return 0
}
