package procountortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/vienti/vienti/internal/faulty"
)

// managementHelp is what GET / of the management interface says.
const managementHelp = `Management of the Procountor sandbox. JSON in and out.

POST   /reset                     forget everything, begin with the demo company
GET    /companies                 ids and names
POST   /companies                 a CompanySeed (all fields may be left out); answers what opens it
GET    /state                     all that is kept, without the bytes of attachments, keys and secrets
GET    /requests                  the latest requests; ?counts=true for numbers per operation
DELETE /requests                  forget them
GET    /clock                     the sandbox's time
POST   /clock                     {"now":"2026-03-01T12:00:00"} or {"advance":"36h"}
POST   /faults                    a rule, or a list: {"method":"POST","path":"=/invoices","nth":1,"kind":"after"}
DELETE /faults                    no faults from now on
DELETE /logins                    end every login by the page /login, so that somebody must log in again
POST   /periods                   {"company":1001,"month":"2026-01","status":"CLOSED"}
POST   /invoices                  a person in Procountor: {"company":1001,"id":10123,"status":"PAID"}, {"notes":"…"} or {"delete":true}
POST   /confirm                   {"company":1001,"transactionIdentifier":"…","yes":true}

Kinds of faults: before, after, body, slow (with "delay":"2s"), 429, html-before, html-after, expire-token.
`

// Management serves the management interface. It asks for no credentials: keep
// it on a loopback address.
func (s *Server) Management() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, managementHelp) })
	handle := func(pattern string, f func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxJSONBody)
			v, err := f(r)
			status := http.StatusOK
			if err != nil {
				status, v = http.StatusBadRequest, map[string]string{"error": err.Error()}
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			_ = enc.Encode(v) // the caller is gone
		})
	}
	done := map[string]string{"message": "done"}
	handle("POST /reset", func(*http.Request) (any, error) { return done, s.Reset() })
	handle("GET /companies", func(*http.Request) (any, error) {
		type row struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		}
		rows := []row{}
		for _, id := range s.Companies() {
			co := s.company(id)
			co.mu.RLock()
			rows = append(rows, row{id, co.set().Company.Name})
			co.mu.RUnlock()
		}
		return rows, nil
	})
	handle("POST /companies", func(r *http.Request) (any, error) {
		var seed CompanySeed
		if err := readJSON(r, &seed); err != nil {
			return nil, err
		}
		if err := seed.check(); err != nil {
			return nil, err
		}
		return s.AddCompanyWithKey(seed), nil
	})
	handle("GET /state", func(*http.Request) (any, error) { return s.State(), nil })
	handle("GET /requests", func(r *http.Request) (any, error) {
		if r.URL.Query().Get("counts") == "true" {
			return s.Requests(), nil
		}
		return s.Received(), nil
	})
	handle("DELETE /requests", func(*http.Request) (any, error) { s.ForgetRequests(); return done, nil })
	handle("GET /clock", func(*http.Request) (any, error) { return map[string]string{"now": stamp(s.now())}, nil })
	handle("POST /clock", s.manageClock)
	handle("POST /faults", func(r *http.Request) (any, error) {
		rules, err := readRules(r)
		if err != nil {
			return nil, err
		}
		s.PlanFault(rules...)
		return done, nil
	})
	handle("DELETE /faults", func(*http.Request) (any, error) { s.ClearFaults(); return done, nil })
	handle("DELETE /logins", func(*http.Request) (any, error) {
		for _, id := range s.Companies() {
			s.EndLogins(id)
		}
		return done, nil
	})
	handle("POST /periods", s.managePeriod)
	handle("POST /invoices", s.manageInvoice)
	handle("POST /confirm", func(r *http.Request) (any, error) {
		var in struct {
			Company               int64  `json:"company"`
			TransactionIdentifier string `json:"transactionIdentifier"`
			Yes                   bool   `json:"yes"`
		}
		if err := readJSON(r, &in); err != nil {
			return nil, err
		}
		if s.company(in.Company) == nil || !s.Confirm(in.Company, in.TransactionIdentifier, in.Yes) {
			return nil, errors.New("nothing waits under this identifier")
		}
		return done, nil
	})
	return mux
}

func readJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read request: %w", err)
	}
	return nil
}

func (s *Server) manageClock(r *http.Request) (any, error) {
	var in struct{ Now, Advance string }
	if err := readJSON(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Now != "":
		t, err := parseTime(in.Now, s.zone)
		if err != nil {
			return nil, err
		}
		s.SetClock(t)
	case in.Advance != "":
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, fmt.Errorf("read advance: %w", err)
		}
		s.AdvanceClock(d)
	default:
		return nil, errors.New(`give "now" or "advance"`)
	}
	return map[string]string{"now": stamp(s.now())}, nil
}

func readRules(r *http.Request) ([]Rule, error) {
	type rule struct {
		Method, Path, Kind, Delay string
		Write                     bool
		Nth, Times, PerMill       int
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	var list []rule
	if err := json.Unmarshal(b, &list); err != nil {
		var one rule
		if err := json.Unmarshal(b, &one); err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
		list = []rule{one}
	}
	var out []Rule
	for _, x := range list {
		f := Rule{Method: x.Method, Path: x.Path, Write: x.Write, Nth: x.Nth, Times: x.Times, PerMill: x.PerMill, Fault: Fault{Kind: faulty.Kind(x.Kind)}}
		switch f.Kind {
		case FaultBefore, FaultAfter, FaultBody, FaultSlow, FaultTooMany, FaultHTMLBefore, FaultHTMLAfter, FaultExpireToken:
		default:
			return nil, fmt.Errorf("unknown kind of fault %q", x.Kind)
		}
		if x.Delay != "" {
			if f.Delay, err = time.ParseDuration(x.Delay); err != nil {
				return nil, fmt.Errorf("read delay: %w", err)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

func (s *Server) managePeriod(r *http.Request) (any, error) {
	var in struct {
		Company       int64
		Month, Status string
	}
	if err := readJSON(r, &in); err != nil {
		return nil, err
	}
	co := s.company(in.Company)
	if co == nil {
		return nil, fmt.Errorf("no company %d", in.Company)
	}
	co.mu.RLock()
	_, p := co.period(in.Month + "-01")
	co.mu.RUnlock()
	if p == nil {
		return nil, fmt.Errorf("company %d has no month %q", in.Company, in.Month)
	}
	switch in.Status {
	case "OPEN", "PENDING", "CLOSED":
	default:
		return nil, fmt.Errorf("status %q is not OPEN, PENDING or CLOSED", in.Status)
	}
	s.setMonth(in.Company, in.Month, in.Status)
	return map[string]string{"message": "done"}, nil
}

func (s *Server) manageInvoice(r *http.Request) (any, error) {
	var in struct {
		Company, ID int64
		Status      string
		Notes       *string
		Delete      bool
		// Returned is the operator's reason for giving the invoice back.
		Returned string
	}
	if err := readJSON(r, &in); err != nil {
		return nil, err
	}
	if s.company(in.Company) == nil {
		return nil, fmt.Errorf("no company %d", in.Company)
	}
	if _, ok := s.Invoice(in.Company, in.ID); !ok {
		return nil, fmt.Errorf("company %d has no invoice %d", in.Company, in.ID)
	}
	switch {
	case in.Delete:
		s.DeleteInvoice(in.Company, in.ID)
	case in.Notes != nil:
		s.SetNotes(in.Company, in.ID, *in.Notes)
	case in.Returned != "":
		s.ReturnSending(in.Company, in.ID, in.Returned)
	case slices.Contains(receiptStatuses, in.Status):
		s.SetInvoiceStatus(in.Company, in.ID, in.Status)
	default:
		return nil, fmt.Errorf("unknown status %q", in.Status)
	}
	return map[string]string{"message": "done"}, nil
}

// AddCompanyWithKey makes a company with a user who may do everything and a key
// for the demo client.
func (s *Server) AddCompanyWithKey(seed CompanySeed) Credentials {
	id := s.AddCompany(seed)
	s.mu.RLock()
	_, have := s.clients[DemoClientID]
	s.mu.RUnlock()
	if !have {
		s.AddClient(DemoClientID, DemoClientSecret)
	}
	u := s.AddUser(id, "integration", "Inka", "Integraatio", AllRights())
	key := s.AddAPIKey(id, u, DemoClientID, "sandbox-key-"+strconv.FormatInt(id, 10))
	return Credentials{CompanyID: id, UserID: u, ClientID: DemoClientID, ClientSecret: DemoClientSecret, APIKey: key}
}

// Reset forgets all companies, keys, tokens, requests and planned faults, and
// begins as New does. Hostile behaviour stays.
func (s *Server) Reset() error {
	s.mu.Lock()
	s.companies, s.clients = map[int64]*company{}, map[string]*client{}
	s.keys, s.tokens = map[string]*apiKey{}, map[string]*token{}
	s.logins, s.codes = map[string]*apiKey{}, map[string]loginCode{}
	s.offset = 0
	log := s.log
	s.mu.Unlock()
	if log != nil {
		if err := log.truncate(); err != nil {
			return err
		}
	}
	s.ForgetRequests()
	s.plan.Clear()
	s.plan.Add(s.opt.Hostile.rules()...)
	if !s.opt.Empty {
		s.seedDemo()
	}
	return nil
}

// State is all rows by company and kind, for looking at. Keys and secrets are
// left out, and of attachments their bytes.
func (s *Server) State() map[int64]map[string][]json.RawMessage {
	out := map[int64]map[string][]json.RawMessage{}
	for _, id := range s.Companies() {
		co := s.company(id)
		co.mu.RLock()
		kinds := map[string][]json.RawMessage{}
		for kind, t := range co.tables {
			if kind == "file" {
				for _, f := range co.files.all() {
					b, err := json.Marshal(f.Attachment)
					if err == nil {
						kinds[kind] = append(kinds[kind], b)
					}
				}
				continue
			}
			t.dump(func(c change) { kinds[kind] = append(kinds[kind], c.Value) })
		}
		co.mu.RUnlock()
		out[id] = kinds
	}
	return out
}
