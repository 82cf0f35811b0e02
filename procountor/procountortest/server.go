package procountortest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // Europe/Helsinki, on machines that have no zone files

	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/pipenet"
)

// Version is what every answer carries in the header X-Procountor-Sandbox.
const Version = "26.04-1"

// Options say how a sandbox behaves. The zero value works: one demo company, in
// memory, polite, without a limit of requests.
type Options struct {
	// Now is the clock for everything that is stored or expires; nil is time.Now.
	// [Server.AdvanceClock] moves it.
	Now func() time.Time
	// Location is the zone of timestamps; nil is Europe/Helsinki (assumption 28).
	Location *time.Location

	// Seed decides every random choice. The same seed and the same requests, one
	// after the other, give the same answers.
	Seed uint64
	// Hostile are bad manners; none by default.
	Hostile Hostile
	// Latency is how long an operation (by its id in the description) takes
	// before it begins; nil is no time.
	Latency func(operation string) time.Duration
	// RequestsPerSecond is the limit of one client id; beyond it comes a 429. 0
	// is no limit.
	RequestsPerSecond int

	// Rounding of VAT and totals (assumption 8).
	Rounding Rounding
	// TokenLifetime of an access token; 0 is an hour (REFERENCE 1.4).
	TokenLifetime time.Duration
	// RefreshLifetime of a refresh token; 0 has no end. RotateRefresh gives a new one
	// with each refresh and ends the one before (assumption 71).
	RefreshLifetime time.Duration
	RotateRefresh   bool
	// PKCE is what is made of a code_challenge on the login page (assumption 72).
	PKCE PKCE
	// KeyExchange serves /keylogin, whose code is exchanged for an API key
	// (assumption 74).
	KeyExchange bool
	// MaxJournalRows is how many transactions a journal may have; 0 is no limit
	// (assumption 80).
	MaxJournalRows int
	// RejectUnknownFields refuses members that the description does not have
	// (assumption 5).
	RejectUnknownFields bool
	// MatchPartners links an invoice without partnerId to the one partner with
	// the same business id, else the same customer number (assumption 17).
	MatchPartners bool

	// NoDocumentManagement refuses the search of attachments, as for a company that
	// has not bought document management (assumption 49).
	NoDocumentManagement bool
	// UniqueItems refuses an item with the codeName of another one of its dimension
	// (assumption 50).
	UniqueItems bool

	// File keeps the books: a log of changed rows as lines of JSON, appended
	// after each write and rewritten as a whole at the next start. It holds the
	// API keys in the clear. "" forgets everything at the end.
	File string
	// Empty leaves out the demo company.
	Empty bool
	// Log is told about each request at level debug; nil is nobody.
	Log *slog.Logger
}

// Rounding is how VAT and the totals of an invoice are rounded (assumption 8).
type Rounding int

// The ways of rounding, always half-up to two decimals.
const (
	PerRate    Rounding = iota // sums of the rows of one rate and status
	PerRow                     // each row by itself
	PerInvoice                 // once, on the totals
)

// A Server is one sandbox with any number of companies.
type Server struct {
	opt  Options
	zone *time.Location

	mu        sync.RWMutex // the maps below
	companies map[int64]*company
	clients   map[string]*client
	keys      map[string]*apiKey
	logins    map[string]*apiKey // by refresh token
	codes     map[string]loginCode
	tokens    map[string]*token
	sweepAt   int
	issued    uint64        // tokens
	offset    time.Duration // of the clock

	plan *faulty.Plan

	limiter  limiter
	received recorder
	log      *fileLog

	pipeOnce sync.Once
	pipe     *pipenet.Server
}

// New returns a running sandbox. It panics when Options.File cannot be used;
// [Open] returns that as an error.
func New(opt Options) *Server {
	s, err := Open(opt)
	if err != nil {
		panic("procountortest: " + err.Error())
	}
	return s
}

// Open is [New] for programs: it returns an error when Options.File cannot be
// read or written. A file that holds books takes the place of the demo company.
func Open(opt Options) (*Server, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.TokenLifetime == 0 {
		opt.TokenLifetime = time.Hour
	}
	s := &Server{
		opt:       opt,
		zone:      opt.Location,
		companies: map[int64]*company{},
		clients:   map[string]*client{},
		keys:      map[string]*apiKey{},
		logins:    map[string]*apiKey{},
		codes:     map[string]loginCode{},
		tokens:    map[string]*token{},
		plan:      faulty.NewPlan(opt.Seed),
	}
	if s.zone == nil {
		zone, err := time.LoadLocation("Europe/Helsinki")
		if err != nil {
			return nil, fmt.Errorf("load time zone: %w", err)
		}
		s.zone = zone
	}
	s.limiter.perSecond = opt.RequestsPerSecond
	s.plan.Add(opt.Hostile.rules()...)
	if opt.File != "" {
		if err := s.openFile(opt.File); err != nil {
			return nil, err
		}
	}
	if len(s.companies) == 0 && !opt.Empty {
		s.seedDemo()
	}
	return s, nil
}

// Handler serves the API below /api, /latest/api, /supported/api and /vYYMM/api, and
// the login page at /login.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// BaseURL is what the client of [Server.Client] prefixes to paths. Any host
// works; this one cannot exist.
const BaseURL = "http://procountor-sandbox.invalid/api"

// Client returns an HTTP client that reaches the sandbox without a socket,
// whatever host its requests name. [Server.Close] ends it.
func (s *Server) Client() *http.Client {
	s.pipeOnce.Do(func() { s.pipe = pipenet.Serve(s.Handler()) })
	return s.pipe.Client()
}

// Close ends the connections of [Server.Client] and closes the file.
func (s *Server) Close() error {
	s.pipeOnce.Do(func() {})
	if s.pipe != nil {
		s.pipe.Close()
	}
	if s.log != nil {
		return s.log.close()
	}
	return nil
}

// now is the sandbox's time in its zone.
func (s *Server) now() time.Time {
	s.mu.RLock()
	off := s.offset
	s.mu.RUnlock()
	return s.opt.Now().Add(off).In(s.zone)
}

// Now returns the sandbox's time.
func (s *Server) Now() time.Time { return s.now() }

// AdvanceClock moves the sandbox's clock, forward or back.
func (s *Server) AdvanceClock(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
}

// SetClock moves the sandbox's clock to t; from there it goes on.
func (s *Server) SetClock(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = t.Sub(s.opt.Now())
}

func (s *Server) company(id int64) *company {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.companies[id]
}

// mustCompany is for the Go methods of tests: a wrong id is a mistake in the test.
func (s *Server) mustCompany(id int64) *company {
	co := s.company(id)
	if co == nil {
		panic(fmt.Sprintf("procountortest: no company %d", id))
	}
	return co
}

// Companies returns the ids of all companies, ascending.
func (s *Server) Companies() []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.companies))
}

// PlanFault adds rules about requests to come. Paths begin with "/" and have no
// prefix such as /api. Counting begins now.
func (s *Server) PlanFault(rules ...Rule) { s.plan.Add(rules...) }

// ClearFaults removes all planned and hostile faults.
func (s *Server) ClearFaults() { s.plan.Clear() }

// Faults returns how many faults have been dealt out.
func (s *Server) Faults() int { return s.plan.Faults() }

// sleep waits, unless the request ends.
func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
