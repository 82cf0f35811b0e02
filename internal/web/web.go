// Package web holds the pages that people work with. Everything works without
// JavaScript; with it, lists renew themselves.
//
// A page is one file: its handler, and a templ file with its markup beside it.
// Texts come from package locale; pages read from the store and act through the engine.
package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// Options of [New].
type Options struct {
	Store  *store.Store
	Engine *engine.Engine
	Log    *slog.Logger
	Now    func() time.Time
	// Zone is where times are told, Europe/Helsinki unless set otherwise.
	Zone *time.Location
	// Version is shown at the foot of each page.
	Version string
	// PublicURL is where browsers reach the pages, for links that are handed on;
	// "" takes the address of the request.
	PublicURL string
	// ReturnURLs are pages outside to which whoever has connected a company may be sent
	// back, whole but for their queries.
	ReturnURLs []string
	// Mail hands a letter to the mail server; nil when there is none: then links
	// are shown instead.
	Mail func(context.Context, alert.Letter) error
	// Secure says that browsers come by HTTPS: cookies are sent no other way.
	Secure bool
	// Pulse is how often a live page is asked whether something has changed; 0
	// means one second.
	Pulse time.Duration
}

const (
	// sessionIdle and sessionLife bound how long a sign-in lasts: a working day
	// without a click, and a week in all.
	sessionIdle = 10 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	// maxForm bounds what a form may send: the longest has two hundred ids.
	maxForm = 64 << 10
)

// A Server serves the pages. It is an [http.Handler].
type Server struct {
	o        Options
	sessions *scs.SessionManager
	throttle *throttle
	static   *staticFiles
	hashing  chan struct{} // bounds passwords being checked: 19 MiB each
	handler  http.Handler

	closed    chan struct{}
	closeOnce sync.Once
}

// New makes the pages ready to be served. Call [Server.Close] when the process
// is to end, so that live pages let go of their connections.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Pulse <= 0 {
		o.Pulse = time.Second
	}
	s := &Server{o: o, throttle: newThrottle(), static: newStaticFiles(), hashing: make(chan struct{}, 4), closed: make(chan struct{})}
	s.sessions = scs.New()
	s.sessions.Store = o.Store.Sessions()
	s.sessions.IdleTimeout = sessionIdle
	s.sessions.Lifetime = sessionLife
	s.sessions.Cookie.Name = "vienti"
	s.sessions.Cookie.HttpOnly = true
	s.sessions.Cookie.SameSite = http.SameSiteLaxMode
	s.sessions.Cookie.Secure = o.Secure
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.fail(w, r, visit{say: s.speaker(r, nil)}, err)
	}

	mux := http.NewServeMux()
	for _, rt := range routes {
		mux.Handle(rt.pattern, s.route(rt))
	}
	mux.HandleFunc("GET /static/{file}", s.static.serve)
	mux.HandleFunc("GET /favicon.ico", s.static.favicon)
	inner := s.sessions.LoadAndSave(mux)
	// The stream of live pages writes as it goes; LoadAndSave would hold it back.
	outer := http.NewServeMux()
	outer.HandleFunc("GET /live", s.live)
	outer.HandleFunc("GET /static/{file}", s.static.serve)
	outer.Handle("/", inner)

	var crossOrigin http.CrossOriginProtection
	s.handler = s.headers(s.recover(crossOrigin.Handler(outer)))
	return s
}

// ServeHTTP serves a page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends the streams of live pages.
func (s *Server) Close() { s.closeOnce.Do(func() { close(s.closed) }) }

// A route is one address. Who may use it stands beside it, and nowhere else.
type route struct {
	pattern string
	right   people.Right
	of      subject // over what the right is asked
	handle  func(*Server, http.ResponseWriter, *http.Request, visit) error
}

// routes lists every address but those of static files and of the live stream.
var routes = []route{
	{"GET /setup", "", open, (*Server).setupForm},
	{"POST /setup", "", open, (*Server).setup},
	{"GET /login", "", open, (*Server).loginForm},
	{"POST /login", "", open, (*Server).login},
	{"POST /logout", "", open, (*Server).logout},
	{"POST /language", "", open, (*Server).language},
	{"GET /password", "", open, (*Server).passwordForm},
	{"POST /password", "", open, (*Server).password},
	{"GET /mail/stop", "", open, (*Server).stopForm},
	{"POST /mail/stop", "", open, (*Server).stopMail},

	{"/", "", open, func(*Server, http.ResponseWriter, *http.Request, visit) error { return errNotFound }},
	{"GET /{$}", people.Own, somewhere, (*Server).home},
	{"GET /documents", people.See, somewhere, (*Server).documents},
	{"GET /documents/preview", people.See, somewhere, (*Server).preview},
	{"GET /documents/{id}", people.See, aDocument, (*Server).document},
	{"GET /documents/{id}/raw", people.See, aDocument, (*Server).documentRaw},
	{"GET /documents/{id}/files/{hash}", people.See, aDocument, (*Server).documentFile},
	{"GET /documents/{id}/breakdown", people.See, aDocument, (*Server).documentBreakdown},
	{"GET /documents/{id}/steps/{step}/{which}", people.See, aDocument, (*Server).stepRaw},
	{"GET /tasks", people.See, somewhere, (*Server).tasks},
	{"GET /payments", people.See, somewhere, (*Server).openReferences},
	{"GET " + claimsPath, people.See, somewhere, (*Server).claims},
	{"GET /partners", people.See, somewhere, (*Server).doubts},
	{"GET /partners/changes", people.See, somewhere, (*Server).cards},
	{"POST /partners/changes", people.Decide, somewhere, (*Server).answerCards},
	{"GET /companies", people.See, somewhere, (*Server).companies},
	{"GET /connections/{id}", people.See, aConnection, (*Server).connection},
	{"GET /connections/{id}/periods", people.See, aConnection, (*Server).periods},
	{"POST /connections/{id}/periods", people.Decide, aConnection, (*Server).closePeriod},

	// Payroll runs. Who sees no amounts sees that they are there; the rest is for whoever does,
	// and to act, people.Decide is asked besides.
	{"GET /connections/{id}/payroll", people.See, aPayroll, (*Server).payrollRuns},
	{"POST /connections/{id}/payroll", people.SeePayroll, aPayroll, (*Server).takePayroll},
	{"GET /connections/{id}/payroll/run", people.See, aPayroll, (*Server).payrollRun},
	{"GET /connections/{id}/payroll/file", people.SeePayroll, aPayroll, (*Server).payrollFile},
	{"POST /connections/{id}/payroll/send", people.SeePayroll, aPayroll, (*Server).sendRun},
	{"POST /connections/{id}/payroll/decide", people.SeePayroll, aPayroll, (*Server).decideRun},

	// Everyone's own.
	{"GET /account", people.Own, somewhere, (*Server).account},
	{"POST /account/password", people.Own, somewhere, (*Server).ownPassword},
	{"POST /account/mail", people.Own, somewhere, (*Server).ownMail},
	{"POST /account/sign-out", people.Own, somewhere, (*Server).signOut},

	// Purchase invoices on their round.
	{"GET /rounds", people.Own, somewhere, (*Server).rounds},
	{"POST /rounds/approve", people.Receive, somewhere, (*Server).approveRounds},
	{"POST /rounds/hand-over", people.LeadRound, somewhere, (*Server).handOverRounds},
	{"GET /rounds/{id}", people.Own, aRound, (*Server).roundPage},
	{"GET /rounds/{id}/files/{file}", people.Own, aRound, (*Server).roundFile},
	{"GET /rounds/{id}/image/{page}", people.Own, aRound, (*Server).roundImage},
	{"POST /rounds/{id}/decide", people.Receive, aRound, (*Server).decideRound},
	{"POST /rounds/{id}/split", people.Receive, aRound, (*Server).splitRound},
	{"POST /account/substitute", people.Receive, somewhere, (*Server).ownSubstitute},
	{"GET /connections/{id}/circulation", people.SetUp, aConnection, (*Server).circulationForm},
	{"POST /connections/{id}/circulation", people.SetUp, aConnection, (*Server).setCirculation},

	{"POST /documents/choose", people.See, somewhere, (*Server).choose},
	{"GET /documents/export", people.See, somewhere, (*Server).export},
	{"POST /documents/send", people.Decide, somewhere, (*Server).sendChosen},
	{"GET /documents/dates", people.Decide, somewhere, (*Server).datesForm},
	{"POST /documents/dates", people.Decide, somewhere, (*Server).changeDates},
	{"POST /documents/{id}/dates", people.Decide, aDocument, (*Server).documentDates},
	{"GET /sendings", people.See, somewhere, (*Server).sendings},
	{"GET /sendings/{id}", people.See, aSending, (*Server).sending},
	{"POST /sendings/{id}/stop", people.Decide, aSending, (*Server).stopSending},
	{"POST /documents/retry", people.Mend, somewhere, (*Server).retryMany},
	// What the action itself needs is asked there: see rightFor.
	{"POST /documents/{id}/{action}", people.Mend, aDocument, (*Server).act},
	{"POST /documents/{id}/files", people.Mend, aDocument, (*Server).changeFiles},
	{"POST /documents/{id}/files/confirm", people.Mend, aDocument, (*Server).confirmFiles},
	{"POST /documents/{id}/note", people.Mend, aDocument, (*Server).keepNote},
	{"POST /documents/{id}/tasks/{code}", people.Mend, aDocument, (*Server).markTask},
	{"POST /documents/{id}/partner", people.Decide, aDocument, (*Server).choosePartner},
	{"POST /documents/{id}/card", people.Decide, aDocument, (*Server).answerCard},
	{"POST /documents/{id}/item", people.Decide, aDocument, (*Server).answerItem},
	{"GET /connections/{id}/partners", people.See, aConnection, (*Server).partnerChoices},
	{"GET /connections/{id}/partners/compare", people.See, aConnection, (*Server).compareForm},
	{"POST /connections/{id}/partners/compare", people.See, aConnection, (*Server).comparePartners},
	{"POST /connections/{id}/partners/undo", people.Decide, aConnection, (*Server).undoPartnerChoice},

	{"GET /connections/{id}/checklist", people.SetUp, aConnection, (*Server).checklist},
	{"GET /connections/{id}/writing", people.SetUp, aConnection, (*Server).writingForm},
	{"POST /connections/{id}/writing", people.SetUp, aConnection, (*Server).writing},
	{"GET /connections/{id}/settings", people.SetUp, aConnection, (*Server).settingsForm},
	{"POST /connections/{id}/settings", people.SetUp, aConnection, (*Server).changeSettings},
	{"GET /connections/{id}/settings/history", people.SetUp, aConnection, (*Server).settingsHistory},
	{"GET /connections/{id}/settings/like", people.SetUp, aConnection, (*Server).settingsLikeForm},
	{"POST /connections/{id}/settings/like", people.SetUp, aConnection, (*Server).settingsLike},
	{"GET /connections/{id}/settings/back", people.SetUp, aConnection, (*Server).settingsBackForm},
	{"POST /connections/{id}/settings/back", people.SetUp, aConnection, (*Server).settingsBack},
	{"GET /connections/{id}/source", people.See, aConnection, (*Server).source},
	{"POST /connections/{id}/source", people.SetUp, aConnection, (*Server).setSource},
	{"POST /connections/{id}/source/now", people.Mend, aConnection, (*Server).pullNow},
	{"GET /connections/{id}/lists", people.Decide, aConnection, (*Server).lists},
	{"POST /connections/{id}/lists", people.Decide, aConnection, (*Server).takeList},
	{"GET /connections/{id}/mail", people.SetUp, aConnection, (*Server).mailboxes},
	{"POST /connections/{id}/mail", people.SetUp, aConnection, (*Server).changeMailboxes},
	{"GET /connections/{id}/webhooks", people.SetUp, aConnection, (*Server).webhooks},
	{"POST /connections/{id}/webhooks", people.SetUp, aConnection, (*Server).changeWebhooks},
	{"GET /connections/{id}/channels", people.Post, aConnection, (*Server).channels},
	{"GET /connections/{id}/channels/customer", people.Post, aConnection, (*Server).customerForm},
	{"POST /connections/{id}/channels/customer", people.Post, aConnection, (*Server).saveCustomer},
	{"POST /connections/{id}/channels/remove", people.Post, aConnection, (*Server).removeCustomer},
	{"GET /connections/{id}/channels/table", people.Post, aConnection, (*Server).customerTable},
	{"POST /connections/{id}/channels/table", people.Post, aConnection, (*Server).setCustomerTable},
	{"GET /connections/{id}/channels/operators", people.Post, aConnection, (*Server).operatorTable},
	{"POST /connections/{id}/channels/operators", people.Post, aConnection, (*Server).setOperators},
	{"POST /connections/{id}/channels/operators/back", people.Post, aConnection, (*Server).backToOperators},
	{"GET /connections/{id}/accounts", people.Post, aConnection, (*Server).accountMap},
	{"GET /connections/{id}/accounts/rule", people.Post, aConnection, (*Server).ruleForm},
	{"POST /connections/{id}/accounts/rule", people.Post, aConnection, (*Server).saveRule},
	{"POST /connections/{id}/accounts/remove", people.Post, aConnection, (*Server).removeRule},
	{"GET /connections/{id}/accounts/table", people.Post, aConnection, (*Server).mapTable},
	{"POST /connections/{id}/accounts/table", people.Post, aConnection, (*Server).setMapTable},
	{"GET /connections/{id}/accounts/proposals", people.Post, aConnection, (*Server).heldProposals},
	{"POST /connections/{id}/accounts/proposals", people.Post, aConnection, (*Server).chartProposals},
	{"POST /connections/{id}/accounts/take", people.Post, aConnection, (*Server).takeProposals},
	{"GET /companies/{id}/detach", people.SetUp, aCompany, (*Server).detachForm},
	{"POST /companies/{id}/detach", people.SetUp, aCompany, (*Server).detach},
	{"POST /companies/{id}/stay", people.SetUp, aCompany, (*Server).stay},
	{"POST /companies/{id}/resume", people.SetUp, aCompany, (*Server).resume},
	{"POST /companies/{id}/login", people.SetUp, aCompany, (*Server).loginAgain},
	{"GET /companies/{id}/items", people.See, aCompany, (*Server).items},
	{"GET /companies/{id}/registers", people.See, aCompany, (*Server).registers},
	{"GET /companies/{id}/registers/compare", people.See, aCompany, (*Server).compareRegisters},
	{"POST /companies/{id}/registers", people.SetUp, aCompany, (*Server).readRegisters},

	{"GET /connect", people.Join, aJoining, (*Server).connectForm},
	{"POST /connect", people.Join, aJoining, (*Server).beginConnect},
	{"GET /connect/{id}", people.Join, aJoining, (*Server).connectNext},
	{"POST /connect/{id}", people.Join, aJoining, (*Server).finishConnect},
	{"POST /connect/{id}/key", people.Join, aJoining, (*Server).connectKey},
	{"POST /connect/{id}/login", people.Join, aJoining, (*Server).connectLogin},
	{"GET " + engine.LoginPath, people.Join, somewhere, (*Server).backFromLogin},
	{"POST /connect/{id}/end", people.Join, aJoining, (*Server).endConnect},

	{"GET /vendors", people.SetUp, everywhere, (*Server).vendors},
	{"POST /vendors", people.SetUp, everywhere, (*Server).changeVendors},

	{"GET /users", people.SetPeople, somewhere, (*Server).users},
	{"POST /users", people.SetPeople, somewhere, (*Server).addUser},
	{"GET /users/{id}", people.SetPeople, aUser, (*Server).user},
	{"POST /users/{id}", people.SetPeople, aUser, (*Server).changeUser},
	{"POST /users/{id}/link", people.SetPeople, aUser, (*Server).linkUser},
}

// A visit is who asks for a page, for which company and kind, and how to speak to them.
type visit struct {
	person *people.User // nil when not signed in
	at     at
	say    locale.Speaker
}

// errors with a page of their own.
var errForbidden = errors.New("this page is not for your role")

// route finds out who asks, checks their right, and shows errors as pages.
func (s *Server) route(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(uploads[rt.pattern], maxForm))
		person, err := s.signedIn(r.Context())
		v := visit{person: person, say: s.speaker(r, person)}
		if err == nil && !text(r.URL.Path) {
			err = errNoText
		}
		if err == nil && rt.of != open {
			if person == nil {
				s.sendToLogin(w, r)
				return
			}
			v.at, err = s.admit(r, *person, rt)
		}
		if err == nil {
			// Parsed here, for PostFormValue would hide a form that is broken or too long.
			if err = r.ParseForm(); err != nil {
				err = fmt.Errorf("%w: %w", errBadRequest, err)
			} else if !texts(r.Form) {
				err = errNoText
			} else {
				err = rt.handle(s, w, r, v)
			}
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	})
}

// errNoText is about a request that no database could keep or look up.
var errNoText = fmt.Errorf("%w: characters that are not text", errBadRequest)

func text(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

func texts(form url.Values) bool {
	for name, values := range form {
		if !text(name) || slices.ContainsFunc(values, func(s string) bool { return !text(s) }) {
			return false
		}
	}
	return true
}

// speaker chooses the language: the person's own, else what was chosen before
// signing in, else what the browser asks for.
func (s *Server) speaker(r *http.Request, p *people.User) locale.Speaker {
	if p != nil {
		if l, ok := locale.Parse(p.Language); ok {
			return locale.New(l, s.o.Zone)
		}
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		if l, ok := locale.Parse(c.Value); ok {
			return locale.New(l, s.o.Zone)
		}
	}
	return locale.New(locale.Match(r.Header.Get("Accept-Language")), s.o.Zone)
}

// policy lets a page load and reach this host only, and nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// formsTo lets the forms of a page end at other hosts too: browsers hold a form to the
// policy of its page along all redirects.
func formsTo(w http.ResponseWriter, addresses ...string) {
	origins := "form-action 'self'"
	for _, a := range addresses {
		if u, err := url.Parse(a); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
			origins += " " + u.Scheme + "://" + u.Host
		}
	}
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", origins, 1))
}

func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// Not no-referrer: that makes Origin "null" on our own forms.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if s.o.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// recover keeps one broken page from ending the process.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if x := recover(); x != nil {
				if x == http.ErrAbortHandler { //nolint:errorlint // net/http compares a panic in the same way
					panic(x)
				}
				s.o.Log.Error("page panicked", "path", r.URL.Path, "panic", x, "stack", string(debug.Stack()))
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// show renders a page as a whole before the first byte leaves, so that what
// fails half-way becomes an error page and not half a page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // the reader has gone; there is nobody to tell
	}
	return nil
}

// fail shows an error as a page. What the reader cannot mend is logged and not shown.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, v visit, err error) {
	status, key := http.StatusInternalServerError, "broken"
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errNotFound):
		status, key = http.StatusNotFound, "missing"
	case errors.Is(err, errForbidden), errors.Is(err, engine.ErrBeyond):
		status, key = http.StatusForbidden, "forbidden"
	case errors.Is(err, errBadRequest), errors.As(err, &tooLarge):
		status, key = http.StatusBadRequest, "request"
	case errors.Is(err, engine.ErrNotNow):
		status, key = http.StatusConflict, "conflict"
	default:
		s.o.Log.Error("page failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	p := s.plainPage(r, v, v.say.T("status."+key+".title"))
	if err := s.show(w, r, status, errorPage(p, status, v.say.T("status."+key+".text"))); err != nil {
		s.o.Log.Error("error page failed", "error", err)
		http.Error(w, http.StatusText(status), status)
	}
}

// errBadRequest says that a form or an address makes no sense.
var errBadRequest = errors.New("bad request")

// back sends the browser to a page of ours after a form.
func back(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, local(to), http.StatusSeeOther)
	return nil
}

// local returns an address of ours, never one of another host.
func local(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
