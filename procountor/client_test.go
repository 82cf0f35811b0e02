package procountor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	testSecret = "s3cret/with+signs"
	testKey    = "key-0f9e8d7c"
	testToken  = "token.aaa.bbb"
)

// A server is a small Procountor made of literal answers below /base/api.
type server struct {
	*httptest.Server
	mux *http.ServeMux

	mu       sync.Mutex
	requests []*http.Request // without logins, bodies replaced by what was read
	bodies   []string
	logins   atomic.Int32
}

func newServer(t testing.TB) *server {
	s := &server{mux: http.NewServeMux()}
	api := http.NewServeMux()
	api.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		s.logins.Add(1)
		answer(w, 200, `{"access_token":"`+testToken+`","token_type":"Bearer","expires_in":3600}`)
	})
	api.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.mu.Lock()
		s.requests = append(s.requests, r)
		s.bodies = append(s.bodies, string(body))
		s.mu.Unlock()
		s.mux.ServeHTTP(w, r)
	})
	s.Server = httptest.NewServer(http.StripPrefix("/base/api", api))
	t.Cleanup(s.Close)
	return s
}

func (s *server) client(t testing.TB, change ...func(*Options)) *Client {
	o := Options{BaseURL: s.URL + "/base/api", ClientID: "exampleClient", ClientSecret: testSecret, APIKey: testKey, MaxReadRetries: -1}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines lists the requests as "GET /invoices?size=200".
func (s *server) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.requests {
		u, _ := url.QueryUnescape(r.URL.RequestURI())
		out = append(out, r.Method+" "+u)
	}
	return out
}

func (s *server) count() int { return len(s.lines()) }

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) }
}

func wantLines(t *testing.T, s *server, want ...string) {
	t.Helper()
	if got := s.lines(); !reflect.DeepEqual(got, want) {
		t.Errorf("requests\n got %q\nwant %q", got, want)
	}
}

// sameJSON compares meaning, not order of keys.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error %T %v is not an *Error", err, err)
	}
	return e
}

func TestNewRefuses(t *testing.T) {
	good := Options{BaseURL: Testing, ClientID: "a", ClientSecret: "b", APIKey: "c"}
	for name, change := range map[string]func(*Options){
		"no address":   func(o *Options) { o.BaseURL = "" },
		"other scheme": func(o *Options) { o.BaseURL = "ftp://api.example/api" },
		"password":     func(o *Options) { o.BaseURL = "https://user:pw@api.example/api" },
		"query":        func(o *Options) { o.BaseURL = "https://api.example/api?x=1" },
		"no id":        func(o *Options) { o.ClientID = "" },
		"no secret":    func(o *Options) { o.ClientSecret = "" },
		"no key":       func(o *Options) { o.APIKey = "" },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	o := Options{BaseURL: Testing, ClientID: "exampleClient", ClientSecret: testSecret, APIKey: testKey}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.p.logins.current = testToken
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	log.Info("x", "o", o, "p", &o, "c", c, "v", *c)
	out := logged.String()
	for _, v := range []any{o, &o, c, *c, struct{ O Options }{o}, []any{o, c}, map[string]Options{"a": o}} {
		for _, f := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			out += fmt.Sprintf(f, v) + "\n"
		}
		b, _ := json.Marshal(v)
		out += string(b) + "\n"
	}
	for _, s := range []string{testSecret, testKey, testToken, fmt.Sprintf("%x", testKey)} {
		if strings.Contains(out, s) {
			t.Errorf("%q is printed in:\n%s", s, out)
		}
	}
	if !strings.Contains(fmt.Sprint(o), "exampleClient") {
		t.Error("the options do not say whose they are")
	}
}

func TestLoginRequest(t *testing.T) {
	var form, contentType string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/oauth/token":
			b, _ := io.ReadAll(r.Body)
			form, contentType = string(b), r.Header.Get("Content-Type")
			if r.URL.RawQuery != "" || r.Header.Get("Authorization") != "" {
				t.Errorf("query %q, authorization %q", r.URL.RawQuery, r.Header.Get("Authorization"))
			}
			answer(w, 200, `{"access_token":"abc","expires_in":3600}`)
		case "/api/sessioninfo":
			if got := r.Header.Get("Authorization"); got != "Bearer abc" {
				t.Errorf("authorization %q", got)
			}
			if r.Header.Get("Content-Type") != "" || r.ContentLength != 0 {
				t.Error("a GET has a body")
			}
			answer(w, 200, `{"companyId":7,"userName":"Maija Mallikas","companySettings":{}}`)
		}
	}))
	defer srv.Close()
	c, err := New(Options{BaseURL: srv.URL + "/api/", ClientID: "exampleClient", ClientSecret: testSecret, APIKey: testKey, RedirectURI: "https://hub.example/back"})
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.Session.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.CompanyID != 7 || info.UserName != "Maija Mallikas" {
		t.Errorf("%+v", info)
	}
	if contentType != "application/x-www-form-urlencoded" {
		t.Errorf("content type %q", contentType)
	}
	want := "api_key=key-0f9e8d7c&client_id=exampleClient&client_secret=s3cret%2Fwith%2Bsigns&grant_type=client_credentials&redirect_uri=https%3A%2F%2Fhub.example%2Fback"
	if form != want {
		t.Errorf("form %s", form)
	}
}

func TestDoRefusesOddRequests(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	for _, r := range []Request{
		{Method: "GET", Path: "invoices"},
		{Method: "GET", Path: "/../admin"},
		{Method: "GET", Path: "//evil.example/x"},
		{Method: "GET", Path: "/a?b=c"},
		{Method: "GET", Path: "/a%2e%2e"},
		{Method: "GET", Path: "/a\nb"},
		{Method: "BREW", Path: "/a"},
		{Method: "", Path: "/a"},
		{Method: "GET", Path: "/a", Body: []byte("{}")},
		{Method: "GET", Path: "/a", Header: http.Header{"Name": {"a\r\nX: y"}}},
	} {
		if _, err := c.Do(t.Context(), r); !errors.Is(err, NotSent) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if s.count() != 0 || s.logins.Load() != 0 {
		t.Error("something was sent")
	}
}

func TestDoSendsBytesUnchanged(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("POST /invoices", always(200, `{"id":1}`))
	c := s.client(t)
	body := []byte("{ \"date\" : \"2026-03-01\" }\n")
	resp, err := c.Do(t.Context(), Request{Method: "POST", Path: "/invoices", Body: body,
		Header: http.Header{"Authorization": {"Bearer other"}, "Idempotency-Key": {"1"}, "x-idempotency-key": {"2"}, "X-Trace": {"t"}}})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Status != 200 || string(resp.Body) != `{"id":1}` {
		t.Errorf("%d %s", resp.Status, resp.Body)
	}
	r := s.requests[0]
	if s.bodies[0] != string(body) || r.Header.Get("Authorization") != "Bearer "+testToken || r.Header.Get("X-Trace") != "t" ||
		r.Header.Get("Idempotency-Key") != "" || r.Header.Get("X-Idempotency-Key") != "" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%q %v", s.bodies[0], r.Header)
	}
}

// A write is one request, whatever becomes of it.
func TestWritesAreNeverRepeated(t *testing.T) {
	abort := func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }
	half := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		answer(w, 200, `{"id":`)
	}
	html := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(502)
		io.WriteString(w, "<html><h1>502 Bad Gateway</h1></html>")
	}
	htmlOK := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<html>Service break</html>")
	}
	later := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "1")
			answer(w, status, "")
		}
	}
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/base/api/elsewhere", http.StatusTemporaryRedirect)
	}
	for _, tc := range []struct {
		name string
		h    http.HandlerFunc
		want Class
	}{
		{"aborted", abort, Unclear},
		{"half an answer", half, Unclear},
		{"broken JSON", always(200, `{"id":1`), Unclear},
		{"other JSON", always(200, `[1]`), Unclear},
		{"no JSON", always(200, ``), Unclear},
		{"a page", htmlOK, Unclear},
		{"redirect", redirect, Unclear},
		{"500", always(500, ""), Unclear},
		{"502 as a page", html, Unclear},
		{"503", always(503, ""), Unclear},
		{"503 with a time", later(503), Busy},
		{"429", later(429), Busy},
		{"401", always(401, `{"errors":[{"status":401,"message":"Unauthorized"}]}`), Unauthorized},
		{"403", always(403, ""), Forbidden},
		{"404", always(404, ""), NotFound},
		{"400", always(400, ""), Refused},
		{"409", always(409, ""), Conflict},
		{"410", always(410, ""), Refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.mux.HandleFunc("/", tc.h)
			c := s.client(t, func(o *Options) { o.MaxReadRetries = 5 })
			_, err := c.Invoices.Create(t.Context(), &Invoice{})
			if e := asError(t, err); e.Class != tc.want || e.Method != "POST" || e.Path != "/invoices" {
				t.Errorf("%+v", e)
			}
			if s.count() != 1 {
				t.Errorf("sent %d times", s.count())
			}
		})
	}
}

// A server that closes kept connections when a request comes over them: net/http repeats what it
// thinks may be repeated, and must not think so of a write.
func TestDeadConnectionsDoNotRepeatWrites(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var writes, conns atomic.Int32
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, loginPath) {
			answer(w, 200, `{"access_token":"abc","expires_in":3600}`)
			return
		}
		io.Copy(io.Discard, r.Body)
		writes.Add(1)
		panic(http.ErrAbortHandler) // stored, then the line dies
	}), ConnState: func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			conns.Add(1)
		}
	}}
	go srv.Serve(l)
	defer srv.Close()
	c, err := New(Options{BaseURL: "http://" + l.Addr().String() + "/api", ClientID: "a", ClientSecret: testSecret, APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"a":1}`)
	for i, r := range []Request{
		{Method: "POST", Path: "/invoices", Body: body},
		{Method: "PUT", Path: "/invoices/1", Body: body},
		{Method: "PUT", Path: "/invoices/1/send"},
		{Method: "DELETE", Path: "/attachments/1"},
		{Method: "PATCH", Path: "/attachments/1", Body: body},
		{Method: "POST", Path: "/invoices", Body: body, Header: http.Header{"Idempotency-Key": {"k"}}},
	} {
		// A login leaves one kept connection behind, over which the write then goes.
		c.p.logins.drop("abc")
		before := conns.Load()
		_, err := c.Do(t.Context(), r)
		if !errors.Is(err, Unclear) {
			t.Errorf("%s %s: %v", r.Method, r.Path, err)
		}
		if int(writes.Load()) != i+1 {
			t.Fatalf("%s %s came %d times", r.Method, r.Path, int(writes.Load())-i)
		}
		if conns.Load()-before != 1 {
			t.Errorf("%s %s: %d connections, the write was to go over a kept one", r.Method, r.Path, conns.Load()-before)
		}
	}
}

func TestNothingLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody answers there now
	logged := func(c *Client) *Client {
		c.p.logins.current, c.p.logins.renewAt = "abc", time.Now().Add(time.Hour)
		return c
	}
	c, err := New(Options{BaseURL: "http://" + l.Addr().String(), ClientID: "a", ClientSecret: "b", APIKey: "c", MaxReadRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := logged(c).Invoices.Create(t.Context(), &Invoice{}); !errors.Is(err, NotSent) {
		t.Errorf("nobody there: %v", err)
	}
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := logged(s.client(t)).Invoices.Create(ctx, &Invoice{}); !errors.Is(err, NotSent) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	no := errors.New("no turn")
	c = s.client(t, func(o *Options) { o.Limiter = limiterFunc(func(context.Context) error { return no }) })
	if _, err := logged(c).Invoices.Create(t.Context(), &Invoice{}); !errors.Is(err, NotSent) || !errors.Is(err, no) {
		t.Errorf("limiter: %v", err)
	}
	if s.count() != 0 {
		t.Error("something was sent")
	}
	// A transport that says nothing of its connections gets no credit.
	c = s.client(t, func(o *Options) {
		o.HTTP = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })}
	})
	if _, err := logged(c).Invoices.Create(t.Context(), &Invoice{}); !errors.Is(err, Unclear) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("silent transport: %v", err)
	}
}

type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestReadGivesUp(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("GET /coa", always(200, `{"ledgerAccounts":[`))
	c := s.client(t)
	_, err := c.Accounts.List(t.Context())
	if e := asError(t, err); e.Class != Broken || e.Status != 200 || s.count() != 1 {
		t.Errorf("%+v after %d", e, s.count())
	}
}

func TestResponseLimit(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, io.LimitReader(zeros{}, MaxResponseBytes+1))
	})
	c := s.client(t)
	if _, err := c.Do(t.Context(), Request{Method: "GET", Path: "/x"}); !errors.Is(err, Broken) {
		t.Error(err)
	}
	if _, err := c.Do(t.Context(), Request{Method: "POST", Path: "/x"}); !errors.Is(err, Unclear) {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestErrorsKeepSecrets(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 400, `{"errors":[{"message":"bad `+testKey+` `+url.QueryEscape(testSecret)+` `+r.Header.Get("Authorization")+`"}]}`)
	})
	c := s.client(t)
	_, err := c.Invoices.Create(t.Context(), &Invoice{})
	e := asError(t, err)
	out := fmt.Sprintf("%+v %v %s", e.Fields, err, e.Body)
	for _, secret := range []string{testKey, testSecret, url.QueryEscape(testSecret), testToken} {
		if strings.Contains(out, secret) {
			t.Errorf("%q stands in %s", secret, out)
		}
	}
	if !strings.Contains(out, "[secret]") {
		t.Errorf("nothing was taken out of %s", out)
	}
}
