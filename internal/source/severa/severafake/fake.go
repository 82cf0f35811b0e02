// Package severafake is a Visma Severa in memory: tokens, scopes, paging, limits and
// errors as its public description says, over things that a test puts there. It has
// its own types and knows nothing of the connector.
//
// Every request is checked against the description, and every answer of the fake
// too: an unknown path, query name or property is a problem, and a test asks for
// [Server.Problems].
package severafake

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// root is what Severa's address has before the version.
	root = "/rest-api"
	// perSecond is how many requests are let through in one second.
	perSecond = 10
	// usualRows and mostRows are the rows of a page.
	usualRows, mostRows = 20, 100
	// maxBody bounds a request.
	maxBody = 50_000_000
)

// An Object is a thing as Severa shows it, by the names of the description.
type Object = map[string]any

// A Server answers under /rest-api/.
type Server struct {
	ClientID, Secret string
	Now              func() time.Time
	// TokenLife is how long a token is good; an hour unless a test says otherwise.
	TokenLife time.Duration
	// Strict refuses a token for a scope that the client does not have; else the
	// token is made without it. Which of the two Severa does is not published.
	Strict bool
	// FirstRowIsOne counts firstRow from 1; whether Severa does is not published.
	FirstRowIsOne bool
	// Unlimited lets any number of requests through in a second.
	Unlimited bool
	// SilentFees lets a cost be made without showing it in the answer.
	SilentFees bool
	// Before is called with each request before it is carried out, so that a test
	// can change things in the middle of a reading.
	Before func(r *http.Request)

	mu       sync.Mutex
	mux      *http.ServeMux
	things   map[string][]Object
	bytes    map[string][]byte // of files, by guid
	last     int               // number of the newest guid
	scopes   map[string]bool   // that the client has; nil: all
	off      map[string]string // type of error, by beginning of the path
	revoked  bool
	tokens   map[string]*token
	refresh  map[string]*token
	recent   []time.Time
	requests map[string]int
	writes   int
	tooOften int
	lose     int
	answer   func(http.ResponseWriter, *http.Request) bool
	problems []string
}

type token struct {
	until  time.Time
	scopes map[string]bool
}

// New returns an empty Severa; [Server.Furnish] puts registers into it.
func New(clientID, secret string, now func() time.Time) *Server {
	s := &Server{ClientID: clientID, Secret: secret, Now: now, TokenLife: time.Hour, mux: http.NewServeMux(), things: map[string][]Object{},
		bytes: map[string][]byte{}, off: map[string]string{}, tokens: map[string]*token{}, refresh: map[string]*token{}, requests: map[string]int{}}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.problem("%s %s is not made up here", r.Method, r.URL.Path)
		s.refuse(w, http.StatusNotFound, "InvalidRequest", "not made up")
	})
	s.handle("POST /v1/token", s.login)
	s.handle("POST /v1/refreshtoken", s.again)
	s.invoiceRoutes()
	s.registerRoutes()
	s.accountRoutes()
	s.feeRoutes()
	s.travelRoutes()
	return s
}

// Problems are the requests and answers that the description does not know.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

func (s *Server) problem(format string, args ...any) {
	if p := fmt.Sprintf(format, args...); !slices.Contains(s.problems, p) {
		s.problems = append(s.problems, p)
	}
}

// Writes counts the requests that have changed something.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// TooOften counts the requests that were refused for coming too often.
func (s *Server) TooOften() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tooOften
}

// Requests counts what was asked, by method and template: "GET /v1/invoices/{guid}".
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// Lose lets the next n requests that write be carried out without an answer.
func (s *Server) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = n
}

// Answer lets f answer instead, as long as it reports true.
func (s *Server) Answer(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// Revoke takes the credentials back.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
	s.tokens, s.refresh = map[string]*token{}, map[string]*token{}
}

// Without takes scopes away from the client, with the tokens that it has.
func (s *Server) Without(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = map[string]bool{}
	for _, methods := range theDescription().Paths {
		for _, o := range methods {
			for _, x := range o.scopes() {
				s.scopes[x] = !slices.Contains(scopes, x)
			}
		}
	}
	s.tokens, s.refresh = map[string]*token{}, map[string]*token{}
}

// Off refuses all paths that begin so ("/v1/travelreimbursements") with a type of
// error such as AddonMissing; "" lets them be asked again.
func (s *Server) Off(path, errorType string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errorType == "" {
		delete(s.off, path)
	} else {
		s.off[path] = errorType
	}
}

// handle takes an operation: "GET /v1/invoices/{guid}".
func (s *Server) handle(pattern string, f func(w http.ResponseWriter, r *http.Request)) {
	s.mux.HandleFunc(pattern, f)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Before != nil {
		s.Before(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r = r.Clone(r.Context())
	r.URL.Path = strings.TrimPrefix(r.URL.Path, root)
	if s.answer != nil && s.answer(w, r) {
		return
	}
	if !s.Unlimited && s.tooMany() {
		s.tooOften++
		w.Header().Set("Retry-After", "1")
		s.refuse(w, http.StatusTooManyRequests, "InvalidOperation", "API calls quota exceeded! maximum admitted 10 per 1s.")
		return
	}
	template, op, ok := theDescription().find(r.Method, r.URL.Path)
	if !ok {
		s.problem("%s %s is not in the description", r.Method, r.URL.Path)
		s.refuse(w, http.StatusNotFound, "InvalidRequest", "no such resource")
		return
	}
	s.requests[r.Method+" "+template]++
	if !s.allowed(w, r, template, &op) {
		return
	}
	if wrong := theDescription().query(&op, r.URL.Query()); len(wrong) > 0 {
		s.problem("%s %s: %s", r.Method, template, strings.Join(wrong, "; "))
		s.refuse(w, http.StatusBadRequest, "InvalidParameter", wrong...)
		return
	}
	if !s.takeBody(w, r, template, &op) {
		return
	}
	if r.Method != http.MethodGet && op.Tags[0] != "NoScope" {
		s.writes++
		if s.lose > 0 {
			s.lose--
			s.mux.ServeHTTP(&lost{h: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		}
	}
	s.mux.ServeHTTP(w, r)
}

// RoundTrip answers a client without a network, whatever host it asks.
func (s *Server) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler { //nolint:errorlint // it is panicked with
				panic(p)
			}
			resp, err = nil, errors.New("connection reset")
		}
	}()
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// lost takes an answer that nobody gets.
type lost struct{ h http.Header }

func (l *lost) Header() http.Header         { return l.h }
func (l *lost) Write(b []byte) (int, error) { return len(b), nil }
func (l *lost) WriteHeader(int)             {}

func (s *Server) tooMany() bool {
	now := s.Now()
	s.recent = slices.DeleteFunc(s.recent, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(s.recent) >= perSecond {
		return true
	}
	s.recent = append(s.recent, now)
	return false
}

// allowed tests both headers, the token, and the scopes of an operation.
func (s *Server) allowed(w http.ResponseWriter, r *http.Request, template string, op *operation) bool {
	if op.Tags[0] == "NoScope" {
		return true
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t := s.tokens[bearer]
	switch {
	case !ok, t == nil, r.Header.Get("client_id") != s.ClientID, s.revoked, !s.Now().Before(t.until):
		s.refuse(w, http.StatusUnauthorized, "AuthenticationRequired", "Authentication required.")
		return false
	}
	for prefix, typ := range s.off {
		if strings.HasPrefix(template, prefix) {
			s.refuse(w, http.StatusForbidden, typ, "Not available: "+prefix)
			return false
		}
	}
	var missing []string
	for _, x := range op.scopes() {
		if !t.scopes[x] {
			missing = append(missing, "Insufficient API scope: "+x)
		}
	}
	if len(missing) > 0 {
		s.refuse(w, http.StatusForbidden, "InsufficientApiScope", missing...)
		return false
	}
	return true
}

// takeBody reads a JSON body, tests it, and gives it to the handler.
func (s *Server) takeBody(w http.ResponseWriter, r *http.Request, template string, op *operation) bool {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		s.refuse(w, http.StatusBadRequest, "InvalidRequest", "body cut off")
		return false
	}
	r.Body = io.NopCloser(strings.NewReader(string(b)))
	var wrong []string
	switch kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); {
	case op.Body == nil && len(b) == 0:
	case op.Body == nil:
		wrong = []string{"a body where none belongs"}
	case op.Body.Content["application/json"].Schema == nil: // multipart: the parts are not described
	case kind != "application/json":
		wrong = []string{"the body is no application/json"}
	default:
		v, err := decode(b)
		if err != nil {
			wrong = []string{"the body is no JSON"}
			break
		}
		wrong = theDescription().check("body", v, op.Body.Content["application/json"].Schema)
	}
	if len(wrong) > 0 {
		s.problem("%s %s: %s", r.Method, template, strings.Join(wrong, "; "))
		s.refuse(w, http.StatusBadRequest, "InvalidParameter", wrong...)
		return false
	}
	return true
}

func decode(b []byte) (v any, err error) {
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if err = dec.Decode(&v); err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	return v, err
}

// body is the body of a request that has been tested.
func body(r *http.Request) any {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil // it was in memory
	}
	v, err := decode(b)
	if err != nil {
		return nil // it was tested
	}
	return v
}

// reply answers with JSON, tested against the description.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.problem("%s: %v", r.URL.Path, err)
		return
	}
	template, op, _ := theDescription().find(r.Method, r.URL.Path)
	plain, err := decode(b)
	if err == nil {
		for _, why := range theDescription().check("answer", plain, op.Responses["200"].Content["application/json"].Schema) {
			s.problem("%s %s: %s", r.Method, template, why)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(b)
}

// refuse answers with Severa's shape of an error.
func (s *Server) refuse(w http.ResponseWriter, status int, typ string, messages ...string) {
	details := []Object{}
	for _, m := range messages {
		details = append(details, Object{"message": m, "url": nil, "location": nil})
	}
	b, err := json.Marshal(Object{"error": Object{"httpStatusCode": status, "type": typ, "details": details, "stack": nil}})
	if err != nil {
		s.problem("%v", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	b, _ := body(r).(Object)
	if s.revoked || b["client_id"] != s.ClientID || b["client_secret"] != s.Secret {
		s.refuse(w, http.StatusUnauthorized, "AuthenticationRequired", "Invalid client credentials.")
		return
	}
	scope, _ := b["scope"].(string)
	s.token(w, r, strings.FieldsFunc(scope, func(c rune) bool { return c == ' ' || c == ',' }))
}

func (s *Server) again(w http.ResponseWriter, r *http.Request) {
	name, _ := body(r).(string)
	t := s.refresh[name]
	if t == nil || s.revoked || !s.Now().Before(t.until) {
		s.refuse(w, http.StatusUnauthorized, "AuthenticationRequired", "Invalid refresh token.")
		return
	}
	delete(s.refresh, name)
	s.token(w, r, slices.Sorted(maps.Keys(t.scopes)))
}

func (s *Server) token(w http.ResponseWriter, r *http.Request, wanted []string) {
	t := &token{until: s.Now().Add(s.TokenLife), scopes: map[string]bool{}}
	var given []string
	for _, x := range wanted {
		if s.scopes != nil && !s.scopes[x] {
			if s.Strict {
				s.refuse(w, http.StatusForbidden, "InsufficientApiScope", "Insufficient API scope: "+x)
				return
			}
			continue
		}
		t.scopes[x] = true
		given = append(given, x)
	}
	s.last++
	access, refresh := fmt.Sprintf("access-%d-of-severa", s.last), fmt.Sprintf("refresh-%d-of-severa", s.last)
	later := &token{until: t.until.Add(s.TokenLife), scopes: t.scopes}
	s.tokens[access], s.refresh[refresh] = t, later
	seconds := int(s.TokenLife / time.Second)
	s.reply(w, r, Object{"access_token": access, "access_token_type": "Bearer", "access_token_expires_in": seconds, "access_token_expires_utc": stamp(t.until),
		"refresh_token": refresh, "refresh_token_expires_in": 2 * seconds, "refresh_token_expires_utc": stamp(later.until), "scope": strings.Join(given, " ")})
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// page answers with the part of a list that is asked for, in the style of the
// operation. A token is a place in the list as it stands when it is used, which is
// the hardest that a reader may meet: how Severa does it is not published.
func (s *Server) page(w http.ResponseWriter, r *http.Request, list []Object) {
	q := r.URL.Query()
	_, op, _ := theDescription().find(r.Method, r.URL.Path)
	rows := usualRows
	if n, err := strconv.Atoi(q.Get("rowCount")); err == nil && n > 0 {
		rows = min(n, mostRows)
	}
	takes := func(name string) bool {
		return slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == name })
	}
	from := 0
	switch {
	case takes("pageToken"):
		if text := q.Get("pageToken"); text != "" {
			b, err := base64.RawURLEncoding.DecodeString(text)
			if from, _ = strconv.Atoi(string(b)); err != nil || from <= 0 {
				s.refuse(w, http.StatusBadRequest, "InvalidParameter", "pageToken")
				return
			}
		}
		if from+rows < len(list) {
			w.Header().Set("NextPageToken", base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(from+rows))))
		}
	case takes("firstRow"):
		from, _ = strconv.Atoi(q.Get("firstRow"))
		if s.FirstRowIsOne {
			from--
		}
	default:
		rows = len(list)
	}
	from = min(max(from, 0), len(list))
	list = list[from:min(from+rows, len(list))]
	if list == nil {
		list = []Object{}
	}
	s.reply(w, r, list)
}
