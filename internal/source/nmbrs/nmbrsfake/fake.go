// Package nmbrsfake is an Nmbrs in memory, as far as its SOAP interface v3 is known:
// operations, parameters and fields by name, the header of authentication, faults with their
// numbers, and users whose template allows some operations only. It has its own types and
// knows nothing of the connector.
package nmbrsfake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	soapSpace = "http://schemas.xmlsoap.org/soap/envelope/"
	// perSecond calls are answered at once, each more only half a second later.
	perSecond = 150
)

// A Server answers under /soap/v3/ of its host.
type Server struct {
	Host        string // api.nmbrs.nl
	User, Token string
	Domain      string
	Now         func() time.Time
	// Space is the namespace of the services, without their names.
	Space string
	// Undescribed services do not answer ?WSDL.
	Undescribed bool
	// Backwards turns the order of all elements around: none is published.
	Backwards bool
	// CData writes journals as such, instead of with escapes.
	CData bool

	mu        sync.Mutex
	allowed   []string // nil for all
	used      []string
	problems  []string
	recent    []time.Time
	delayed   int
	calls     int
	denied    bool
	closed    bool
	blocked   map[int]bool // companies
	answer    func(operation string) (status int, body string, ok bool)
	debtors   []debtor
	companies []*company
	lastID    int
}

type debtor struct {
	id           int
	number, name string
}

type company struct {
	id, number, debtor int
	name               string
	centres, units     []item
	runs               []*Run
}

type item struct {
	id                int
	code, description string
}

// A Run of a company.
type Run struct {
	ID          int // given when it is 0
	Number      int
	Year        int
	PeriodStart int
	PeriodEnd   int
	Description string
	RunAt       string // 2026-06-25T09:30:00
	Locked      bool
	// Transactions are one for each period that the run books on.
	Transactions []Transaction
}

// A Transaction of a run's journal.
type Transaction struct {
	Date   string // 20260630
	Period string // 6/2026
	Lines  []Line
}

// A Line is what one person comes to on an account; Cents are above zero of debit.
type Line struct {
	Account, Centre, Unit, Department, Employee, Text string
	Cents                                             int64
}

// New returns an Nmbrs without companies, at the address of the Netherlands.
func New(user, token string, now func() time.Time) *Server {
	return &Server{Host: "api.nmbrs.nl", User: user, Token: token, Domain: "palkka", Now: now, Space: "https://api.nmbrs.nl/soap/v3/", blocked: map[int]bool{}}
}

// AddDebtor adds one, AddCompany a company of it; both return the id.
func (s *Server) AddDebtor(number, name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	s.debtors = append(s.debtors, debtor{s.lastID, number, name})
	return s.lastID
}

// AddCompany adds a company of a debtor and returns its id.
func (s *Server) AddCompany(debtor, number int, name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	id := 52000 + s.lastID
	s.companies = append(s.companies, &company{id: id, number: number, debtor: debtor, name: name})
	return id
}

// AddCostCentre and AddCostUnit add items that lines may name.
func (s *Server) AddCostCentre(company int, code, description string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.company(company)
	s.lastID++
	c.centres = append(c.centres, item{s.lastID, code, description})
}

// AddCostUnit adds a cost unit of a company.
func (s *Server) AddCostUnit(company int, code, description string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.company(company)
	s.lastID++
	c.units = append(c.units, item{s.lastID, code, description})
}

func (s *Server) company(id int) *company {
	for _, c := range s.companies {
		if c.id == id {
			return c
		}
	}
	return nil
}

// Put adds a run, or puts another one in the place of that with its id, and returns the id.
func (s *Server) Put(company int, r Run) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.company(company)
	if r.ID == 0 {
		s.lastID++
		r.ID = 109000 + s.lastID
	}
	for i := range c.runs {
		if c.runs[i].ID == r.ID {
			c.runs[i] = &r
			return r.ID
		}
	}
	c.runs = append(c.runs, &r)
	return r.ID
}

// Change lets f change a run: unlock it, run it again.
func (s *Server) Change(company, run int, f func(*Run)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.company(company).runs {
		if r.ID == run {
			f(r)
		}
	}
}

// Allow lets the user call these operations only, as Service:Operation.
func (s *Server) Allow(calls []string) { s.set(func() { s.allowed = calls }) }

// Deny refuses the token from now on.
func (s *Server) Deny() { s.set(func() { s.denied = true }) }

// Block takes a company away from the user, as when its debtor is blocked.
func (s *Server) Block(company int, blocked bool) { s.set(func() { s.blocked[company] = blocked }) }

// Close ends the interface, as its maker has announced.
func (s *Server) Close() { s.set(func() { s.closed = true }) }

// Answer lets f answer instead, as long as it reports true.
func (s *Server) Answer(f func(operation string) (status int, body string, ok bool)) {
	s.set(func() { s.answer = f })
}

func (s *Server) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// Used are the operations that were called, each once, in the order of their first call.
func (s *Server) Used() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.used)
}

// Calls counts all calls, Delayed those that were too many in their second.
func (s *Server) Calls() (calls, delayed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.delayed
}

// Problems are what was wrong with requests beyond what Nmbrs says.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// RoundTrip answers a client without a network, if it asks the right host by https.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	host, closed := s.Host, s.closed
	s.mu.Unlock()
	if r.URL.Host != host || r.URL.Scheme != "https" || closed {
		return nil, errors.New("no such host")
	}
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// A request as it is read; the order of a call's parameters counts, as in the description.
type envelope struct {
	XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
	Header  struct {
		Elements []element `xml:",any"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Header"`
	Body struct {
		Elements []element `xml:",any"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Elements []element `xml:",any"`
}

func (e element) text(name string) string {
	for _, k := range e.Elements {
		if k.XMLName.Local == name {
			return k.Text
		}
	}
	return ""
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/soap/v3/"), ".asmx")
	if !ok || !slices.Contains([]string{"CompanyService", "DebtorService"}, service) {
		http.Error(w, "The resource cannot be found.", http.StatusNotFound)
		return
	}
	space := s.Space + service
	if r.Method == http.MethodGet && strings.EqualFold(r.URL.RawQuery, "WSDL") {
		if s.Undescribed {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		fmt.Fprintf(w, `%s<wsdl:definitions xmlns:tns="%s" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" targetNamespace="%s"><wsdl:types>`, xml.Header, space, space)
		return // the rest is long, and nobody needs it
	}
	if r.Method != http.MethodPost {
		http.Error(w, "Request format is unrecognized.", http.StatusInternalServerError)
		return
	}
	s.calls++
	now := s.Now()
	s.recent = slices.DeleteFunc(s.recent, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if s.recent = append(s.recent, now); len(s.recent) > perSecond {
		s.delayed++
	}
	body, err := io.ReadAll(r.Body)
	var e envelope
	if err != nil || xml.Unmarshal(body, &e) != nil || len(e.Body.Elements) != 1 {
		fault(w, "Server was unable to read request. ---> There is an error in XML document (1, 1).")
		return
	}
	op := e.Body.Elements[0]
	name := op.XMLName.Local
	if s.answer != nil {
		if status, body, ok := s.answer(name); ok {
			w.Header().Set("Content-Type", "text/xml; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return
		}
	}
	if r.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
		s.problem("%s: content type %q", name, r.Header.Get("Content-Type"))
	}
	if got, want := r.Header.Get("SOAPAction"), `"`+space+"/"+name+`"`; got != want || op.XMLName.Space != space {
		fault(w, "Server did not recognize the value of HTTP Header SOAPAction: "+got+".")
		return
	}
	if text := s.authenticate(service, name, space, e.Header.Elements); text != "" {
		fault(w, text)
		return
	}
	s.perform(w, service, name, op)
}

func (s *Server) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// authenticate says what is wrong with the header of a call, "" for nothing.
func (s *Server) authenticate(service, name, space string, header []element) string {
	domainOnly := name == "Environment_Get"
	element := "AuthHeaderWithDomain"
	if domainOnly {
		element = "AuthHeader"
	}
	if len(header) != 1 || header[0].XMLName != (xml.Name{Space: space, Local: element}) {
		return "Server was unable to process request. ---> 1001: Authentication failed."
	}
	h := header[0]
	if s.denied || h.text("Username") != s.User || h.text("Token") != s.Token || !domainOnly && h.text("Domain") != s.Domain {
		return "Server was unable to process request. ---> 1001: Authentication failed for " + h.text("Token")
	}
	if call := service + ":" + name; s.allowed != nil && !slices.Contains(s.allowed, call) {
		return "Server was unable to process request. ---> 1002: Not authorized."
	} else if !slices.Contains(s.used, call) {
		s.used = append(s.used, call)
	}
	return ""
}

func fault(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte("System.Web.Services.Protocols.SoapException: "+text))
	fmt.Fprintf(w, `%s<soap:Envelope xmlns:soap="%s"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>%s</faultstring><detail /></soap:Fault></soap:Body></soap:Envelope>`,
		xml.Header, soapSpace, b.String())
}

// field is one element of an answer, in its order.
type field struct{ name, value string }

// perform carries out an operation whose parameters are right, by name and order.
func (s *Server) perform(w http.ResponseWriter, service, name string, op element) {
	numbers := map[string]int{}
	wants := params(service, name)
	if wants == nil {
		fault(w, "Server was unable to process request. ---> 9999: unknown")
		return
	}
	for i, k := range op.Elements {
		n, err := strconv.Atoi(k.Text)
		if i >= len(wants) || wants[i] != k.XMLName.Local || err != nil {
			s.problem("%s: parameter %s %q", name, k.XMLName.Local, k.Text)
		}
		numbers[k.XMLName.Local] = n
	}
	if len(op.Elements) != len(wants) {
		s.problem("%s: %d parameters", name, len(op.Elements))
	}
	var c *company
	if id, ok := numbers["CompanyId"]; ok {
		if c = s.company(id); c == nil || s.blocked[id] {
			fault(w, "Server was unable to process request. ---> 1003: Not authorized for this data.")
			return
		}
	}
	var b strings.Builder
	switch {
	case name == "Environment_Get":
		s.fields(&b, field{"Domain", s.Domain}, field{"SubDomain", ""})
	case service == "DebtorService":
		for _, d := range s.debtors {
			s.object(&b, "Debtor", field{"Id", strconv.Itoa(d.id)}, field{"Number", d.number}, field{"Name", d.name})
		}
	case strings.HasPrefix(name, "List_"):
		for _, x := range s.companies {
			if id, by := numbers["DebtorId"]; !s.blocked[x.id] && (!by || x.debtor == id) {
				s.object(&b, "Company", field{"ID", strconv.Itoa(x.id)}, field{"Number", strconv.Itoa(x.number)}, field{"Name", x.name}, field{"KvkNr", ""})
			}
		}
	case name == "Run_GetList":
		for _, r := range c.runs {
			if r.Year == numbers["Year"] {
				s.object(&b, "RunInfo", field{"ID", strconv.Itoa(r.ID)}, field{"Number", strconv.Itoa(r.Number)}, field{"Year", strconv.Itoa(r.Year)}, field{"PeriodStart", strconv.Itoa(r.PeriodStart)},
					field{"PeriodEnd", strconv.Itoa(r.PeriodEnd)}, field{"Description", r.Description}, field{"RunAt", r.RunAt}, field{"IsLocked", strconv.FormatBool(r.Locked)})
			}
		}
	case name == "CostCenter_GetList":
		s.items(&b, "CostCenter", c.centres)
	case name == "CostUnit_GetList":
		s.items(&b, "CostUnit", c.units)
	default:
		i := slices.IndexFunc(c.runs, func(r *Run) bool { return r.ID == numbers["RunId"] && r.Year == numbers["Year"] })
		if i < 0 {
			fault(w, "Server was unable to process request. ---> 2006: Invalid period.")
			return
		}
		text := s.journal(c.runs[i], journals[name])
		if s.CData {
			b.WriteString("<![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]>")
		} else {
			_ = xml.EscapeText(&b, []byte(text))
		}
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(w, `%s<soap:Envelope xmlns:soap="%s"><soap:Body><%s xmlns="%s"><%s>%s</%s></%s></soap:Body></soap:Envelope>`,
		xml.Header, soapSpace, name+"Response", s.Space+service, name+"Result", b.String(), name+"Result", name+"Response")
}

// params are the parameters of an operation; nil for one that the fake does not know.
func params(service, name string) []string {
	switch service + ":" + name {
	case "DebtorService:Environment_Get", "DebtorService:List_GetAll", "CompanyService:List_GetAll":
		return []string{}
	case "CompanyService:List_GetByDebtor":
		return []string{"DebtorId"}
	case "CompanyService:Run_GetList":
		return []string{"CompanyId", "Year"}
	case "CompanyService:CostCenter_GetList", "CompanyService:CostUnit_GetList":
		return []string{"CompanyId"}
	}
	if _, ok := journals[name]; ok && service == "CompanyService" {
		return []string{"CompanyId", "RunId", "Year"}
	}
	return nil
}

func (s *Server) items(b *strings.Builder, name string, list []item) {
	for _, x := range list {
		s.object(b, name, field{"Id", strconv.Itoa(x.id)}, field{"Code", x.code}, field{"Description", x.description})
	}
}

func (s *Server) object(b *strings.Builder, name string, fields ...field) {
	b.WriteString("<" + name + ">")
	s.fields(b, fields...)
	b.WriteString("</" + name + ">")
}

func (s *Server) fields(b *strings.Builder, fields ...field) {
	if s.Backwards {
		slices.Reverse(fields)
	}
	for _, f := range fields {
		b.WriteString("<" + f.name + ">")
		_ = xml.EscapeText(b, []byte(f.value))
		b.WriteString("</" + f.name + ">")
	}
}
