// Package api is Vienti's own REST API, by which a business system pushes its
// documents and asks what became of them.
//
// It is for programs: its shapes live here and nowhere else, and the description
// at /v1/openapi.json is a promise. Reading (read.go) holds a body against that
// description and reports every place that does not fit; convert.go turns it
// into the hub's words; the engine does the rest. What is pushed with faults is
// kept and held, like a document from any other source.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// Options of [New].
type Options struct {
	Engine *engine.Engine
	Store  *store.Store     // the engine's own, if nil
	Log    *slog.Logger     // slog.Default if nil
	Now    func() time.Time // time.Now if nil
	// Address is how people reach the pages, for links.
	Address string
	// Closing is closed when the server is about to stop: requests that wait for
	// something to happen are answered then. nil: they wait for as long as they asked to.
	Closing <-chan struct{}
}

// New returns the API: all below /v1/, and /healthz.
func New(o Options) http.Handler {
	s := &server{engine: o.Engine, store: o.Store, log: o.Log, now: o.Now, large: make(chan struct{}, largeAtOnce),
		waiting: make(chan struct{}, waitersAtOnce), closing: o.Closing, address: o.Address}
	if s.store == nil {
		s.store = o.Engine.Store()
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s.handler()
}

type server struct {
	engine *engine.Engine
	store  *store.Store
	log    *slog.Logger
	now    func() time.Time
	reader *reader
	doors  doors
	used   used
	large  chan struct{}

	waiting chan struct{}
	closing <-chan struct{}
	address string
}

const (
	// largeBody is what counts as large; largeAtOnce bounds how many large bodies
	// are in memory at the same time, several times each while they are read.
	largeBody   = 1_000_000
	largeAtOnce = 4
	// bodyTimeout is how long a body may take to arrive: 50 MB at 3 Mbit/s.
	bodyTimeout = 2 * time.Minute
)

func (s *server) handler() http.Handler {
	protected := http.NewServeMux()
	description := s.register(protected)
	spec, err := json.MarshalIndent(description, "", "  ")
	if err != nil {
		panic("api: description: " + err.Error()) // it depends on nothing but our types
	}
	page := docsPage(description)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /v1/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write(append(spec, '\n'))
	})
	mux.HandleFunc("GET /v1/docs", page.serve)
	mux.Handle("/v1/", s.authenticate(s.inTurn(s.known(protected))))
	return s.recover(s.headers(s.known(mux)))
}

// known answers what mux does not know with a [Problem] instead of plain text.
func (s *server) known(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		var allow []string
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			other := &http.Request{Method: m, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(other); pattern != "" {
				allow = append(allow, m)
			}
		}
		if allow == nil {
			problem(http.StatusNotFound, codeNotFound, "there is no such address; /v1/docs lists all").write(w)
			return
		}
		p := problem(http.StatusMethodNotAllowed, codeMethod, "this address takes "+strings.Join(allow, " and "))
		p.header = http.Header{"Allow": {strings.Join(allow, ", ")}}
		p.write(w)
	})
}

// headers are those of every answer; requests that no database could look up
// are answered here.
func (s *server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		query, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil || !clean(query) || !clean(r.URL.Path) {
			problem(http.StatusBadRequest, codeParameter, "the address has characters that are not text").write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, control) }

// inTurn lets large bodies wait for each other, and refuses what is not read.
func (s *server) inTurn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
			problem(http.StatusUnsupportedMediaType, codeEncoding, "send the body as it is, not compressed").write(w)
			return
		}
		if r.Method == http.MethodPost && r.ContentLength == 0 && !strings.HasSuffix(r.URL.Path, "/"+string(engine.Retry)) &&
			!strings.HasSuffix(r.URL.Path, "/"+string(engine.Withdraw)) && !strings.HasSuffix(r.URL.Path, "/"+pathOf(engine.SendNow)) &&
			!strings.HasPrefix(r.URL.Path, periodsPath+"/") && !strings.HasPrefix(r.URL.Path, webhooksPath+"/") && r.URL.Path != registersPath+"/read" &&
			!strings.HasSuffix(r.URL.Path, "/files/confirm") && !(strings.HasPrefix(r.URL.Path, payrollPath+"/") && strings.HasSuffix(r.URL.Path, "/send")) {
			malformed(nil, 0, "the body is empty; see /v1/docs for what belongs there").write(w)
			return
		}
		if r.Method == http.MethodPost && (r.ContentLength < 0 || r.ContentLength > largeBody) {
			select {
			case s.large <- struct{}{}:
				defer func() { <-s.large }()
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				s.log.ErrorContext(r.Context(), "a request of the API failed", "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				problem(http.StatusInternalServerError, codeInternal, internalDetail).write(w)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

const internalDetail = "Vienti failed; its log says why. Push the same again: what is stored already is answered, not stored twice"

// trouble turns an error from below into the answer.
func (s *server) trouble(ctx context.Context, doing string, err error) *Problem {
	if store.IsNotFound(err) {
		return problem(http.StatusNotFound, codeNotFound, "this connection has no such document")
	}
	if errors.Is(err, store.ErrDetached) {
		return problem(http.StatusConflict, codeDetached, "the company is detached from Procountor: nothing is taken for it")
	}
	if errors.Is(err, engine.ErrStale) {
		return problem(http.StatusServiceUnavailable, codeUnavailable, "others are changing the same document").retryAfter(1)
	}
	if ctx.Err() != nil {
		return problem(http.StatusServiceUnavailable, codeUnavailable, "the request was given up").retryAfter(1)
	}
	s.log.ErrorContext(ctx, "a request of the API failed", "doing", doing, "error", err)
	return problem(http.StatusInternalServerError, codeInternal, internalDetail)
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	err := s.store.Read(r.Context(), func(tx *store.Tx) error {
		var one int
		return tx.QueryRow("select 1").Scan(&one)
	})
	if err != nil {
		s.log.ErrorContext(r.Context(), "the database does not answer", "error", err)
		problem(http.StatusServiceUnavailable, codeUnavailable, "the database does not answer").retryAfter(5).write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}` + "\n"))
}

// register puts the operations on mux and returns their description.
func (s *server) register(mux *http.ServeMux) *huma.OpenAPI {
	config := huma.DefaultConfig("Vienti", "1.0")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // served by us, without content from other hosts
	config.CreateHooks = nil                                             // no $schema in answers
	config.Transformers = []huma.Transformer{ownProblem}
	api := humago.New(mux, config)
	s.reader = newReader(api.OpenAPI().Components.Schemas)
	s.documents(api)
	s.standings(api)
	s.changes(api)
	s.webhooks(api)
	s.vendors(api)
	s.payments(api)
	s.openPayments(api)
	s.openClaims(api)
	s.periods(api)
	s.partners(api)
	s.cards(api)
	s.items(api)
	s.registers(api)
	s.purchases(api)
	s.payrollRuns(api)
	s.previews(api)
	s.status(api)
	d := api.OpenAPI()
	describe(d)
	return d
}

// ownProblem gives the errors that huma finds itself, such as a parameter out of
// range, the form of our own.
func ownProblem(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := map[int]string{http.StatusBadRequest: codeMalformed, http.StatusRequestEntityTooLarge: codeTooLarge, http.StatusRequestTimeout: codeTimeout,
		http.StatusUnprocessableEntity: codeParameter}[e.Status]
	if code == "" {
		return problem(e.Status, codeInternal, internalDetail), nil
	}
	p := problem(e.Status, code, e.Detail)
	for _, d := range e.Errors {
		p.Errors = append(p.Errors, ProblemDetail{Message: d.Message, Location: d.Location, Value: d.Value})
	}
	return p, nil
}

// speaker speaks the language that a request asks for.
func speaker(accept string) locale.Speaker { return locale.New(locale.Match(accept), nil) }
