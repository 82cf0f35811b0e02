package procountortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vienti/vienti/internal/faulty"
)

// A script is raw requests and the answers they must get, one rule per file:
//
//	POST /api/invoices @sales {"vatStatus": 5}
//	    X-Header: value
//	400 {"errors": [{"field": "invoiceRows[0].vatStatus"}]}
//
// A request's body is JSON, or @name (testdata/body/name.json) with members
// changed by the JSON behind it (null removes), or #name: the archive's section
// of that name as it is, with CRLF line ends. Indented lines with "Name: value"
// are headers, other indented lines go on with the body. An answer's JSON is a
// part of what must come: null means absent, "*" anything, "$x" is kept as x and
// must be the same if it is already known; arrays have to be complete. ${x} in
// requests is replaced. Other lines:
//
//	as USER          who asks from now on: admin (default), viewer, integration, nobody, none (no token)
//	clock TIME       yyyy-MM-ddTHH:mm:ss
//	advance DURATION
//	option NAME      a new sandbox with a field of Options set: Rounding=1, RejectUnknownFields=true …
//	close YYYY-MM | reopen YYYY-MM
//	fault JSON       a faulty.Rule
//	bank NAME JSON   a payment by reference comes in; its id is kept as NAME
//	allocate NAME ID a person allocates it to an invoice
//	company FINLAND | SWEDEN | CIRCULATION  which company asks from now on
//	balance          the books balance
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s := &scripted{t: t, name: name, archive: a, vars: map[string]string{}, user: "admin"}
			s.restart(Options{})
			s.run()
		})
	}
}

// scriptTime is when scripts begin: a Monday at noon in Helsinki.
var scriptTime = time.Date(2026, 3, 16, 10, 0, 0, 0, time.UTC)

type scripted struct {
	t       testing.TB
	name    string
	line    int
	archive *txtar.Archive
	opt     Options
	srv     *Server
	user    string
	company string
	ids     map[string]int64
	tokens  map[string]string
	vars    map[string]string
	answer  *httptest.ResponseRecorder
	cut     bool
	op      string
}

func (s *scripted) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s", s.name, s.line, fmt.Sprintf(format, args...))
}

func (s *scripted) restart(opt Options) {
	opt.Now = func() time.Time { return scriptTime }
	s.opt = opt
	s.srv = New(opt)
	s.company = "FINLAND"
	sw := SwedishDemo()
	circ := FinnishDemo()
	circ.Circulation = true
	s.ids = map[string]int64{"FINLAND": DemoCompanyID, "SWEDEN": s.srv.AddCompany(sw), "CIRCULATION": s.srv.AddCompany(circ)}
	s.tokens = map[string]string{}
	for _, name := range sortedKeys(s.ids) {
		id := s.ids[name]
		for who, rights := range map[string]UserPermissions{"admin": AllRights(), "viewer": ViewingRights(), "integration": IntegrationRights(), "nobody": NoRights()} {
			u := s.srv.AddUser(id, who, "Testi", strings.ToUpper(who[:1])+who[1:], rights)
			s.srv.AddAPIKey(id, u, DemoClientID, "key-"+name+"-"+who)
			if who == "admin" {
				s.vars[name+"-user"] = strconv.FormatInt(u, 10)
			}
		}
	}
}

func (s *scripted) token() string {
	key := "key-" + s.company + "-" + s.user
	if t := s.tokens[key]; t != "" {
		return t
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {DemoClientID}, "client_secret": {DemoClientSecret}, "api_key": {key}}
	r := httptest.NewRequest("POST", "/api/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.srv.Handler().ServeHTTP(w, r)
	var a struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.AccessToken == "" {
		s.fatalf("no token: %s", w.Body)
	}
	s.tokens[key] = a.AccessToken
	return a.AccessToken
}

var (
	requestLine = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) (\S+)\s*(.*)$`)
	answerLine  = regexp.MustCompile(`^(\d{3}|cut)\s*(.*)$`)
	headerLine  = regexp.MustCompile(`^([A-Za-z-]+): (.*)$`)
)

func (s *scripted) run() {
	lines := strings.Split(string(s.archive.Comment), "\n")
	exchanges := 0
	for i := 0; i < len(lines); {
		s.line = i + 1
		text := strings.TrimRight(lines[i], " ")
		i++
		var headers []string
		body := ""
		for i < len(lines) && strings.HasPrefix(lines[i], " ") {
			more := strings.TrimSpace(lines[i])
			if headerLine.MatchString(more) && body == "" {
				headers = append(headers, more)
			} else {
				body += "\n" + more
			}
			i++
		}
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case requestLine.MatchString(text):
			m := requestLine.FindStringSubmatch(text)
			s.request(m[1], s.expand(m[2]), headers, s.expand(m[3]+body))
			exchanges++
		case answerLine.MatchString(text):
			m := answerLine.FindStringSubmatch(text)
			s.expect(m[1], headers, m[2]+body)
		default:
			s.directive(text)
		}
	}
	if exchanges == 0 {
		s.fatalf("no requests")
	}
	checkBooks(s.t, s.srv)
}

func (s *scripted) directive(text string) {
	cmd, arg, _ := strings.Cut(text, " ")
	id := s.ids[s.company]
	switch cmd {
	case "as":
		s.user = arg
	case "company":
		if s.ids[arg] == 0 {
			s.fatalf("no company %q", arg)
		}
		s.company = arg
	case "clock":
		at, err := time.ParseInLocation(wireTime, arg, s.srv.zone)
		if err != nil {
			s.fatalf("%v", err)
		}
		s.srv.SetClock(at)
	case "advance":
		d, err := time.ParseDuration(arg)
		if err != nil {
			s.fatalf("%v", err)
		}
		s.srv.AdvanceClock(d)
	case "close":
		s.srv.CloseTrackingPeriod(id, arg)
	case "reopen":
		s.srv.ReopenTrackingPeriod(id, arg)
	case "option":
		var opt Options
		for kv := range strings.FieldsSeq(arg) {
			k, v, _ := strings.Cut(kv, "=")
			n, _ := strconv.Atoi(v)
			switch k {
			case "Rounding":
				opt.Rounding = Rounding(n)
			case "RejectUnknownFields":
				opt.RejectUnknownFields = true
			case "MatchPartners":
				opt.MatchPartners = true
			case "RequestsPerSecond":
				opt.RequestsPerSecond = n
			case "SmallPages":
				opt.Hostile.SmallPages = n
			case "UnknownFields":
				opt.Hostile.UnknownFields = true
			case "UnknownValues":
				opt.Hostile.UnknownValues = true
			case "Shuffle":
				opt.Hostile.Shuffle = true
			case "RotateRefresh":
				opt.RotateRefresh = true
			case "RefreshLifetime":
				opt.RefreshLifetime = time.Duration(n) * time.Second
			case "PKCE":
				opt.PKCE = PKCE(n)
			case "MaxJournalRows":
				opt.MaxJournalRows = n
			case "KeyExchange":
				opt.KeyExchange = true
			case "Seed":
				opt.Seed = uint64(n)
			default:
				s.fatalf("unknown option %q", k)
			}
		}
		s.restart(opt)
	case "bank":
		name, body, _ := strings.Cut(arg, " ")
		var p ReferencePayment
		if err := json.Unmarshal([]byte(s.expand(body)), &p); err != nil {
			s.fatalf("%v", err)
		}
		s.vars[name] = strconv.FormatInt(s.srv.AddReferencePayment(id, p).ID, 10)
	case "allocate":
		name, invoice, _ := strings.Cut(s.expand(arg), " ")
		n, err := strconv.ParseInt(invoice, 10, 64)
		if err != nil {
			s.fatalf("%v", err)
		}
		payment, err := strconv.ParseInt(s.vars[name], 10, 64)
		if err != nil {
			s.fatalf("%v", err)
		}
		s.srv.AllocateReferencePayment(id, payment, n)
	case "fault":
		var r faulty.Rule
		if err := json.Unmarshal([]byte(arg), &r); err != nil {
			s.fatalf("%v", err)
		}
		s.srv.PlanFault(r)
	case "balance":
		checkBooks(s.t, s.srv)
	default:
		s.fatalf("cannot read %q", text)
	}
}

var varRef = regexp.MustCompile(`\$\{([\w-]+)\}`)

func (s *scripted) expand(text string) string {
	return varRef.ReplaceAllStringFunc(text, func(m string) string {
		v, ok := s.vars[m[2:len(m)-1]]
		if !ok {
			s.fatalf("unknown %s", m)
		}
		return v
	})
}

func (s *scripted) request(method, path string, headers []string, body string) {
	s.t.Helper()
	var raw []byte
	contentType := ""
	switch body = strings.TrimSpace(body); {
	case strings.HasPrefix(body, "@"):
		name, change, _ := strings.Cut(body[1:], " ")
		raw, contentType = s.merged(name, change), "application/json"
	case strings.HasPrefix(body, "#"):
		raw = s.section(body[1:])
	case strings.HasPrefix(body, "&"): // a form
		raw = []byte(strings.ReplaceAll(body[1:], "\n", ""))
	case body != "":
		raw, contentType = []byte(body), "application/json"
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if s.user != "none" {
		r.Header.Set("Authorization", "Bearer "+s.token())
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(s.expand(h), ": ")
		r.Header.Set(k, v)
	}
	s.answer = httptest.NewRecorder()
	s.cut = false
	func() {
		defer func() {
			if e := recover(); e != nil {
				if e != http.ErrAbortHandler { //nolint:errorlint // net/http compares a panic in the same way
					panic(e)
				}
				s.cut = true
			}
		}()
		s.srv.Handler().ServeHTTP(s.answer, r)
	}()
	all := s.srv.Received()
	s.op = all[len(all)-1].Operation
	if !s.cut && !s.opt.Hostile.UnknownValues {
		if err := fitsDescription(s.op, s.answer); err != nil {
			s.fatalf("the answer to %s does not fit the description: %v\n%s", s.op, err, s.answer.Body)
		}
	}
}

func (s *scripted) section(name string) []byte {
	for _, f := range s.archive.Files {
		if f.Name == name {
			return []byte(strings.ReplaceAll(s.expand(strings.TrimSuffix(string(f.Data), "\n")), "\n", "\r\n"))
		}
	}
	s.fatalf("no section %q", name)
	return nil
}

// merged is a stored body with changes.
func (s *scripted) merged(name, change string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata/body", name+".json"))
	if err != nil {
		if v, ok := s.vars["body:"+name]; ok {
			b = []byte(v)
		} else {
			s.fatalf("%v", err)
		}
	}
	base := parseJSON(s, b)
	if strings.TrimSpace(change) != "" {
		base = merge(base, parseJSON(s, []byte(change)))
	}
	out, err := json.Marshal(base)
	if err != nil {
		s.fatalf("%v", err)
	}
	return out
}

func parseJSON(s *scripted, b []byte) any {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		s.fatalf("%v in %s", err, b)
	}
	return v
}

// merge changes members; null removes one. "0", "1" … change members of an array.
func merge(base, change any) any {
	ch, ok := change.(map[string]any)
	if !ok {
		return change
	}
	switch b := base.(type) {
	case map[string]any:
		for k, v := range ch {
			if v == nil {
				delete(b, k)
			} else {
				b[k] = merge(b[k], v)
			}
		}
		return b
	case []any:
		for k, v := range ch {
			i, err := strconv.Atoi(k)
			if err != nil || i > len(b) {
				panic("merge: no index " + k)
			}
			if i == len(b) {
				b = append(b, map[string]any{})
			}
			b[i] = merge(b[i], v)
		}
		return b
	}
	return change
}

func (s *scripted) expect(status string, headers []string, body string) {
	s.t.Helper()
	if s.answer == nil {
		s.fatalf("an answer without a request")
	}
	if (status == "cut") != s.cut {
		s.fatalf("cut is %v, status %d\n%s", s.cut, s.answer.Code, s.answer.Body)
	}
	if s.cut {
		return
	}
	if strconv.Itoa(s.answer.Code) != status {
		s.fatalf("status %d, want %s\n%s", s.answer.Code, status, s.answer.Body)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		if strings.Contains(v, "$") { // keep a part of it: "Location: http://hub/?code=$code&state=x"
			s.keep(v, s.answer.Header().Get(k))
			continue
		}
		if got := s.answer.Header().Get(k); got != v && (v != "*" || got == "") {
			s.fatalf("header %s is %q, want %q", k, got, v)
		}
	}
	body = strings.TrimSpace(body)
	if body == "" {
		return
	}
	if text, ok := strings.CutPrefix(body, "contains "); ok {
		if !strings.Contains(s.answer.Body.String(), s.expand(text)) {
			s.fatalf("no %q in\n%s", text, s.answer.Body)
		}
		return
	}
	if name, ok := strings.CutPrefix(body, "keep "); ok { // the whole answer as body @name
		s.vars["body:"+name] = s.answer.Body.String()
		return
	}
	want, got := parseJSON(s, []byte(body)), parseJSON(s, s.answer.Body.Bytes())
	if err := s.fits(want, got, ""); err != nil {
		var pretty bytes.Buffer
		_ = json.Indent(&pretty, s.answer.Body.Bytes(), "", "  ")
		s.fatalf("%v\n%s", err, pretty.String())
	}
}

// keep takes the $x of a pattern out of a text, each up to the next & or blank.
func (s *scripted) keep(pattern, text string) {
	s.t.Helper()
	names := regexp.MustCompile(`\$(\w+)`).FindAllStringSubmatch(pattern, -1)
	re := regexp.MustCompile(`\\\$\w+`).ReplaceAllString(regexp.QuoteMeta(pattern), `([^&\s]+)`)
	m := regexp.MustCompile("^" + re + "$").FindStringSubmatch(text)
	if m == nil {
		s.fatalf("%q does not fit %q", text, pattern)
	}
	for i, n := range names {
		s.vars[n[1]] = m[i+1]
	}
}

func (s *scripted) fits(want, got any, path string) error {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is not an object", path)
		}
		for _, k := range sortedKeys(w) {
			v, there := g[k]
			switch {
			case w[k] == nil && there && v != nil:
				return fmt.Errorf("%s.%s is there", path, k)
			case w[k] == nil:
				continue
			case !there:
				return fmt.Errorf("%s.%s is missing", path, k)
			}
			if err := s.fits(w[k], v, path+"."+k); err != nil {
				return err
			}
		}
		return nil
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Errorf("%s: %d elements, want %d", path, len(g), len(w))
		}
		for i := range w {
			if err := s.fits(w[i], g[i], fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case string:
		if w == "*" {
			return nil
		}
		if name, ok := strings.CutPrefix(w, "$"); ok && !strings.HasPrefix(w, "${") {
			g := fmt.Sprint(got)
			if different, ok := strings.CutPrefix(name, "!"); ok {
				if s.vars[different] == g {
					return fmt.Errorf("%s is still %s", path, g)
				}
				return nil
			}
			if old, ok := s.vars[name]; ok && old != g {
				return fmt.Errorf("%s is %s, was %s", path, g, old)
			}
			s.vars[name] = g
			return nil
		}
		if g, ok := got.(string); !ok || g != s.expand(w) {
			return fmt.Errorf("%s is %v, want %s", path, got, w)
		}
		return nil
	case json.Number:
		g, ok := got.(json.Number)
		if !ok || Num(g.String()).Cmp(Num(w.String())) != 0 {
			return fmt.Errorf("%s is %v, want %s", path, got, w)
		}
		return nil
	}
	if got != want {
		return fmt.Errorf("%s is %v, want %v", path, got, want)
	}
	return nil
}

// fitsDescription checks status, type and body of an answer against what the
// description says of the operation.
func fitsDescription(op string, w *httptest.ResponseRecorder) error {
	if op == "unknown" || w.Code == http.StatusNotImplemented || w.Header().Get("Content-Type") == "text/html" {
		return nil
	}
	o, ok := described().operations[op]
	if !ok {
		return fmt.Errorf("no operation %q", op)
	}
	kind, ok := o.answers[w.Code]
	if !ok && w.Code == http.StatusBadRequest { // REFERENCE 2.4, 2.5
		var e struct {
			Errors []ErrorMessage `json:"errors"`
		}
		dec := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			return fmt.Errorf("not the shape of errors: %w", err)
		}
		if len(e.Errors) == 0 {
			return errors.New("a refusal without errors")
		}
		return nil
	}
	if !ok {
		return fmt.Errorf("status %d is not documented", w.Code)
	}
	if kind == "" {
		if w.Body.Len() > 0 {
			return errors.New("a body where none is documented")
		}
		return nil
	}
	got, params, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if w.Header().Get("X-Sandbox-Assumption") != "" && op == "getInvoiceImage" && got == "multipart/mixed" {
		return nil // assumption 76
	}
	if got != kind {
		return fmt.Errorf("content type %q, documented is %q", got, kind)
	}
	if got == "multipart/mixed" {
		return fitsMultipart(w.Body.Bytes(), params["boundary"])
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	sch, err := schemaOf("#/paths/" + escape(o.path) + "/" + strings.ToLower(o.method) + "/responses/" + strconv.Itoa(w.Code) + "/content/" + escape(got) + "/schema")
	if err != nil {
		return err
	}
	return sch.Validate(v)
}

func fitsMultipart(b []byte, boundary string) error {
	r := multipart.NewReader(bytes.NewReader(b), boundary)
	for i := range 2 {
		p, err := r.NextPart()
		if err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
		if _, err := io.ReadAll(p); err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
	}
	return nil
}

func escape(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(s)
}

// checkBooks: every receipt balances, every invoice that may have one has
// exactly one, and none is without its owner.
func checkBooks(t testing.TB, s *Server) {
	t.Helper()
	for _, id := range s.Companies() {
		co := s.company(id)
		co.mu.RLock()
		for rid, r := range co.receipts.all() {
			if x := imbalance(r.Transactions); x.Sign() != 0 {
				t.Errorf("company %d: receipt %d is out of balance by %v", id, rid, x)
			}
			if inv := co.invoices.get(r.Owner); r.Type != typeJournal && (inv == nil || deref(inv.LedgerReceiptID) != rid) {
				t.Errorf("company %d: receipt %d has no owner", id, rid)
			}
		}
		for iid, inv := range co.invoices.all() {
			if (inv.Status == "INVALIDATED") == (inv.LedgerReceiptID != nil) {
				t.Errorf("company %d: invoice %d in %s has receipt %v", id, iid, inv.Status, inv.LedgerReceiptID)
			}
			if inv.LedgerReceiptID != nil && co.receipts.get(*inv.LedgerReceiptID) == nil {
				t.Errorf("company %d: invoice %d lost its receipt", id, iid)
			}
		}
		co.mu.RUnlock()
	}
}
