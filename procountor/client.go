package procountor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Base URLs (REFERENCE 1.1). A company of one's own on the testing server must be applied for.
const (
	Production = "https://api.procountor.com/api"
	Testing    = "https://pts-api.procountor.com/api"
)

const (
	// MaxResponseBytes is the most of one answer that is read. A batch of 200 invoices with long
	// notes has a few MB, an attachment at most 10 MB.
	MaxResponseBytes = 32 << 20
	// DefaultTimeout is for one request, from dialing to the last byte. Answers take 200–300 ms in
	// real life, saving a large invoice some seconds.
	DefaultTimeout = 60 * time.Second
	// DefaultReadRetries is how many times a read is repeated when [Options] do not say.
	DefaultReadRetries = 3

	firstBackoff = 250 * time.Millisecond // before the first repetition of a read, doubled for each next
	maxBackoff   = 8 * time.Second
	// maxBusyWait is the longest Retry-After that a read waits out by itself; for longer ones the
	// caller has better things to do and gets the Busy error.
	maxBusyWait = time.Minute
)

// Options say how to reach one company. They hold secrets and print without them.
type Options struct {
	// BaseURL is Production, Testing, or a sandbox's address ending in its base path. Required.
	BaseURL string
	// ClientID, ClientSecret and APIKey are the machine-to-machine login (REFERENCE 1.4): the
	// first two name the software, the key one user of one company. Required, the key unless
	// there is a Token.
	ClientID, ClientSecret, APIKey string
	// Token brings an access token where a person has logged in instead of making a key: see
	// [LoginURL], [ExchangeCode] and [Refresh]. refused is the token that the server has just
	// refused, "" when none was. One call at a time is made of it.
	Token func(ctx context.Context, refused string) (Token, error)
	// RedirectURI is the client's registered one. Some clients send it, others do not; "" leaves it out.
	RedirectURI string
	// HTTP carries the requests; its Timeout, if any, holds too. Redirects are never followed.
	// nil means a client of our own that reads no environment.
	HTTP *http.Client
	// Limiter is asked before every request. nil means no limit.
	Limiter Limiter
	// UserAgent names the calling software to the server.
	UserAgent string
	// Now is the clock for expiry of tokens and Retry-After dates; nil means time.Now.
	Now func() time.Time
	// MaxReadRetries is how often a read is repeated after an answer that cannot be used;
	// 0 means DefaultReadRetries, below 0 none. Writes are never repeated.
	MaxReadRetries int
	// Timeout is for one request without the wait for the Limiter; 0 means DefaultTimeout.
	Timeout time.Duration
}

// A Client talks to one Procountor company as one user. It is safe for concurrent use.
type Client struct {
	Invoices          *InvoicesService
	LedgerReceipts    *LedgerReceiptsService
	Attachments       *AttachmentsService
	Partners          *PartnersService
	Persons           *PersonsService
	Products          *ProductsService
	Dimensions        *DimensionsService
	Accounts          *AccountsService
	VAT               *VATService
	FiscalYears       *FiscalYearsService
	BankAccounts      *BankAccountsService
	ReferencePayments *ReferencePaymentsService
	Company           *CompanyService
	Currencies        *CurrenciesService
	Session           *SessionService
	Users             *UsersService

	p *pipe
}

// New checks the options and returns a client. It sends nothing.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	switch {
	case err != nil:
		return nil, errors.New("procountor: BaseURL cannot be read as an address")
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, errors.New("procountor: BaseURL must be an http or https address")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("procountor: BaseURL must have no user, query or fragment")
	case o.ClientID == "" || o.ClientSecret == "" || o.APIKey == "" && o.Token == nil:
		return nil, errors.New("procountor: ClientID, ClientSecret and APIKey, or Token instead of the key, are required")
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Transport: newTransport()}
	}
	hc := *o.HTTP
	// A redirect could carry the token to another host, and turns a POST into a GET.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case o.MaxReadRetries == 0:
		o.MaxReadRetries = DefaultReadRetries
	case o.MaxReadRetries < 0:
		o.MaxReadRetries = 0
	}
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.UserAgent = cmp.Or(o.UserAgent, "vienti-procountor")

	p := &pipe{o: o, base: strings.TrimRight(base.String(), "/"), http: &hc}
	p.logins.send = p.login
	p.logins.now = o.Now
	c := &Client{p: p}
	s := service{c}
	c.Invoices = &InvoicesService{s}
	c.LedgerReceipts = &LedgerReceiptsService{s}
	c.Attachments = &AttachmentsService{s}
	c.Partners = &PartnersService{s}
	c.Persons = &PersonsService{s}
	c.Products = &ProductsService{s}
	c.Dimensions = &DimensionsService{s}
	c.Accounts = &AccountsService{s}
	c.VAT = &VATService{s}
	c.FiscalYears = &FiscalYearsService{s}
	c.BankAccounts = &BankAccountsService{s}
	c.ReferencePayments = &ReferencePaymentsService{s}
	c.Company = &CompanyService{s}
	c.Currencies = &CurrenciesService{s}
	c.Session = &SessionService{s}
	c.Users = &UsersService{s}
	return c, nil
}

// newTransport reads no environment: no proxy unless the caller brings an HTTP client with one.
func newTransport() *http.Transport {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:         d.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 20, // one company has about 20 requests in flight
		IdleConnTimeout:     60 * time.Second,
	}
}

// A Request is one call below the base URL. What it says is what is sent: bytes kept from an
// earlier time go out unchanged.
type Request struct {
	Method      string
	Path        string // begins with "/", such as /invoices/17/approve; no query
	Query       url.Values
	Header      http.Header // beside our own; Authorization and idempotency keys are dropped
	Body        []byte      // nil: none
	ContentType string      // of Body; "" means application/json

	secrets []string // in the body, which an answer may quote
}

// A Response is a success: a 2xx that was read to its end. If the server called it JSON it is JSON.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	method, path string
}

// Decode reads the JSON of the answer into v. It fails with an [Error]: Unclear after a write,
// Broken after a read.
func (r *Response) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return &Error{Class: lost(r.method), Status: r.Status, Method: r.method, Path: r.path, Body: excerpt(r.Body),
			err: fmt.Errorf("read the answer: %w", err)}
	}
	return nil
}

// Do sends one request and returns its successful answer, or an [Error].
//
// A read (GET, HEAD) is repeated a bounded number of times with growing pauses; a 401 renews the
// token once; a 429 is waited out. A write is sent at most once, whatever happens: after 401 the
// token is dropped so that the next call logs in anew, after a broken line the error is Unclear.
// (net/http by itself repeats a read once, without asking the Limiter, when a kept connection
// turns out to be dead; it has no means to do so with a write.)
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	return c.p.do(ctx, r)
}

// Timeout is the longest that one request can take once it was sent.
func (c *Client) Timeout() time.Duration { return c.p.o.Timeout }

// Format prints the options without secrets, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { io.WriteString(f, o.String()) }

// String returns the options without secrets.
func (o Options) String() string {
	return fmt.Sprintf("procountor.Options{BaseURL:%q ClientID:%q ClientSecret:%s APIKey:%s}",
		o.BaseURL, o.ClientID, mask(o.ClientSecret), mask(o.APIKey))
}

// LogValue keeps the secrets out of structured logs.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// MarshalText keeps the secrets out of JSON and other encodings.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Format prints where the client sends to, whatever the verb.
func (c Client) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// String says where the client sends to.
func (c Client) String() string {
	if c.p == nil {
		return "procountor.Client{}"
	}
	return fmt.Sprintf("procountor.Client{BaseURL:%q ClientID:%q}", c.p.base, c.p.o.ClientID)
}

// LogValue keeps the secrets out of structured logs.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

func mask(s string) string {
	if s == "" {
		return `""`
	}
	return "[secret]"
}

// A pipe is what stands between the services and the network.
type pipe struct {
	o      Options
	base   string
	http   *http.Client
	logins logins
}

func (p *pipe) do(ctx context.Context, r Request) (*Response, error) {
	if err := check(r); err != nil {
		return nil, &Error{Class: NotSent, Method: r.Method, Path: oneLine(r.Path), err: err}
	}
	write := isWrite(r.Method)
	renewed := false
	for attempt := 0; ; attempt++ {
		token, err := p.logins.token(ctx)
		if err != nil {
			return nil, &Error{Class: NotSent, Method: r.Method, Path: r.Path, err: fmt.Errorf("log in: %w", err)}
		}
		resp, fail := p.send(ctx, r, token)
		if fail == nil {
			return resp, nil
		}
		if fail.Class == Unauthorized {
			p.logins.drop(token)
			if !write && !renewed {
				renewed = true
				continue
			}
		}
		if write {
			return nil, fail // never twice
		}
		pause, again := p.pause(fail, attempt)
		if !again || ctx.Err() != nil {
			return nil, fail
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return nil, fail // an early answer is worth more than "deadline exceeded"
		}
		if sleep(ctx, pause) != nil {
			return nil, fail
		}
	}
}

// pause decides whether a failed read is repeated, and after how long.
func (p *pipe) pause(fail *Error, attempt int) (time.Duration, bool) {
	if attempt >= p.o.MaxReadRetries {
		return 0, false
	}
	back := min(firstBackoff<<min(attempt, 10), maxBackoff)
	back += time.Duration(p.o.Now().Nanosecond()) * back / (2 * time.Second) // up to half as much again, so that many do not return together
	switch fail.Class {
	case Broken, NotSent:
		return back, true
	case Busy:
		return max(fail.RetryAfter, back), fail.RetryAfter <= maxBusyWait
	}
	return 0, false
}

// check finds what would make a request say something else than it seems to.
func check(r Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if len(r.Body) > 0 {
			return errors.New("a read cannot have a body") // the gateway of the test server rejects it (REFERENCE 1.1)
		}
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return errors.New("unknown method")
	}
	if !strings.HasPrefix(r.Path, "/") || strings.Contains(r.Path, "..") || strings.Contains(r.Path, "//") {
		return errors.New(`the path must begin with "/" and stay below the base URL`)
	}
	for _, c := range []byte(r.Path) {
		if c <= ' ' || c >= 0x7f || c == '?' || c == '#' || c == '%' || c == '\\' {
			return errors.New("the path has a character that does not belong there")
		}
	}
	for k, vs := range r.Header {
		for _, v := range append(vs, k) {
			if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return errors.New("a header has a control character")
			}
		}
	}
	return nil
}

// send makes exactly one request.
func (p *pipe) send(ctx context.Context, r Request, token string) (*Response, *Error) {
	refuse := func(class Class, err error) *Error {
		return &Error{Class: class, Method: r.Method, Path: r.Path, err: err}
	}
	if p.o.Limiter != nil {
		if err := p.o.Limiter.Wait(ctx); err != nil {
			return nil, refuse(NotSent, fmt.Errorf("wait for the limiter: %w", err))
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, refuse(NotSent, err)
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	var line line
	req, err := p.request(line.watch(ctx), r, token)
	if err != nil {
		return nil, refuse(NotSent, err)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		if line.untouched(err) {
			return nil, refuse(NotSent, plain(err))
		}
		return nil, refuse(lost(r.Method), plain(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponseBytes+1))
	if err == nil && len(body) > MaxResponseBytes {
		err = fmt.Errorf("answer longer than %d bytes", MaxResponseBytes)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, answerError(r.Method, r.Path, resp.StatusCode, resp.Header, p.scrub(body, append(r.secrets, token)), p.o.Now())
	}
	if err == nil {
		err = readable(resp.Header.Get("Content-Type"), body)
	}
	if err != nil {
		e := refuse(lost(r.Method), fmt.Errorf("read the answer: %w", plain(err)))
		e.Status = resp.StatusCode
		if r.Path != loginPath { // the answer to a login holds a token that scrub does not know yet
			e.Body = excerpt(p.scrub(body, append(r.secrets, token)))
		}
		return nil, e
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: body, method: r.Method, path: r.Path}, nil
}

// readable refuses a success that came from something before the API, or not whole.
func readable(contentType string, body []byte) error {
	mt, _, _ := mime.ParseMediaType(contentType)
	switch {
	case mt == "text/html":
		return errors.New("a web page instead of data")
	case mt == "application/json" && len(body) > 0 && !json.Valid(body):
		return errors.New("broken JSON")
	}
	return nil
}

func (p *pipe) request(ctx context.Context, r Request, token string) (*http.Request, error) {
	u := p.base + r.Path
	if len(r.Query) > 0 {
		u += "?" + r.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u, nil)
	if err != nil {
		return nil, plain(err)
	}
	for k, vs := range r.Header {
		req.Header[http.CanonicalHeaderKey(k)] = vs
	}
	// net/http sends a request again over a new connection when its method only reads, or it has an
	// idempotency key, or a GetBody; a write has none of these here. What is left are the cases where
	// not a byte was written, or HTTP/2 says that the request was not looked at.
	req.Header.Del("Idempotency-Key")
	req.Header.Del("X-Idempotency-Key")
	if r.Body != nil {
		req.Body = io.NopCloser(bytes.NewReader(r.Body))
		req.ContentLength = int64(len(r.Body))
		req.Header.Set("Content-Type", cmp.Or(r.ContentType, "application/json"))
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	req.Header.Set("User-Agent", p.o.UserAgent)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// scrub takes our secrets out of an answer that quotes them.
func (p *pipe) scrub(body []byte, secrets []string) []byte {
	for _, s := range append([]string{p.o.ClientSecret, p.o.APIKey}, secrets...) {
		if s == "" {
			continue
		}
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			body = bytes.ReplaceAll(body, []byte(form), []byte("[secret]"))
		}
	}
	return body
}

// A line watches whether a request had a connection to leave by.
type line struct{ asked, got atomic.Bool }

func (l *line) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { l.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { l.got.Store(true) },
	})
}

// untouched reports that no byte of the request can have left: a connection was sought and
// none was had. A transport that tells nothing of its connections gets no such credit, except
// for an error of dialing.
func (l *line) untouched(err error) bool {
	if l.got.Load() {
		return false
	}
	var op *net.OpError
	return l.asked.Load() || errors.As(err, &op) && op.Op == "dial"
}

// plain takes the address off a transport's error; our own error names method and path.
func plain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}
