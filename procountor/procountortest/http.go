package procountortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A call is one request on its way through the sandbox.
type call struct {
	srv     *Server
	r       *http.Request
	op      *operation
	path    string    // without prefix and trailing slash
	vars    [4]string // values of the path's parameters, in order
	token   *token
	co      *company
	user    *user
	now     time.Time
	assumed []assumption
	body    any // what op.read returned
	header  http.Header
}

// An operation is one of the description's, by its id.
type operation struct {
	id      string
	method  string
	pattern string
	need    need   // right of the user; see rights.go
	hide    bool   // a missing right looks like a missing thing (REFERENCE 1.6)
	open    bool   // without a token
	partial string // how it is less than faithful, for COVERAGE.md
	read    func(*call) (any, error)
	do      func(*call) (any, error)
}

// writes reports whether the operation changes the books.
func (op *operation) writes() bool {
	return op.method != http.MethodGet && !strings.HasPrefix(op.pattern, "/reports/")
}

// Answers that are not a 200 with JSON.
type (
	noContent struct{}           // 204
	accepted  struct{ body any } // 202
	rawAnswer struct {           // 200 with another type
		contentType string
		body        []byte
	}
)

// plain is an operation without a body.
func plain(id, method, pattern string, n need, do func(*call) (any, error)) operation {
	return operation{id: id, method: method, pattern: pattern, need: n, do: do}
}

// withBody is an operation whose JSON body fits a schema of the description.
// The body is read and checked before the company is locked.
func withBody[T any](id, method, pattern string, n need, schema string, do func(*call, *T) (any, error)) operation {
	return operation{id: id, method: method, pattern: pattern, need: n,
		read: func(c *call) (any, error) {
			v := new(T)
			optional := schema == "CheckingEvent" // REFERENCE 6: an empty body is accepted
			if err := c.decode(schema, optional, v); err != nil {
				return nil, err
			}
			return v, nil
		},
		do: func(c *call) (any, error) { return do(c, c.body.(*T)) },
	}
}

func (op operation) partly(how string) operation { op.partial = how; return op }
func (op operation) hidden() operation           { op.hide = true; return op }

// A route is one step of a path.
type route struct {
	next map[string]*route
	any  *route
	ops  map[string]*operation
}

func newRoutes(ops []operation) *route {
	root := &route{}
	for i := range ops {
		op := &ops[i]
		at := root
		for seg := range strings.SplitSeq(strings.Trim(op.pattern, "/"), "/") {
			if strings.HasPrefix(seg, "{") {
				if at.any == nil {
					at.any = &route{}
				}
				at = at.any
				continue
			}
			if at.next == nil {
				at.next = map[string]*route{}
			}
			if at.next[seg] == nil {
				at.next[seg] = &route{}
			}
			at = at.next[seg]
		}
		if at.ops == nil {
			at.ops = map[string]*operation{}
		}
		at.ops[op.method] = op
	}
	return root
}

// routes are those of all operations. They never change, so the process shares
// them.
var routes = sync.OnceValue(func() *route {
	ops := operations()
	return newRoutes(append(ops, absent(ops)...))
})

// find returns the routes' end for a path, fixed words before parameters.
func (rt *route) find(path string, vars *[4]string, n int) *route {
	if path == "" {
		if rt.ops == nil {
			return nil
		}
		return rt
	}
	seg, rest, _ := strings.Cut(path, "/")
	if nx := rt.next[seg]; nx != nil {
		if end := nx.find(rest, vars, n); end != nil {
			return end
		}
	}
	if rt.any != nil && n < len(vars) && seg != "" {
		vars[n] = seg
		return rt.any.find(rest, vars, n+1)
	}
	return nil
}

// stripPrefix takes away /api, /latest/api, /supported/api or /vYYMM/api and a
// trailing slash (REFERENCE 6).
func stripPrefix(path string) (string, bool) {
	p := strings.TrimPrefix(path, "/latest")
	if p == path {
		p = strings.TrimPrefix(path, "/supported")
	}
	if p == path && len(path) > 6 && path[1] == 'v' && path[6] == '/' {
		if _, err := strconv.Atoi(path[2:6]); err == nil {
			p = path[6:]
		}
	}
	p, ok := strings.CutPrefix(p, "/api/")
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(p, "/"), true
}

var answerBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// serve is the way of every request: route, faults, latency, token, limit,
// right, body, then the operation under the company's lock.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.login(w, r) {
		return
	}
	w.Header().Set("X-Procountor-Sandbox", Version)
	c := &call{srv: s, r: r, now: s.now(), header: w.Header()}
	buf := answerBuffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer answerBuffers.Put(buf)

	path, ok := stripPrefix(r.URL.Path)
	c.path = "/" + path
	var end *route
	if ok && path != "" {
		end = routes().find(path, &c.vars, 0)
	}
	name := "unknown"
	var p *problem
	switch {
	case end == nil:
		p = newProblem(404, "", "no such resource")
	case end.ops[r.Method] == nil:
		p = newProblem(405, "", "method not allowed")
	default:
		c.op = end.ops[r.Method]
		name = c.op.id
	}
	fault := s.plan.Next(r.Method, c.path)
	status := 0
	defer func() {
		s.received.add(Request{Time: c.now, Operation: name, Method: r.Method, Path: c.path, Query: r.URL.RawQuery, Status: status, Company: c.companyID(), Fault: string(fault.Kind)})
		if s.opt.Log != nil {
			s.opt.Log.Debug("request", "operation", name, "method", r.Method, "path", c.path, "status", status, "fault", string(fault.Kind))
		}
	}()
	if s.opt.Latency != nil && c.op != nil {
		sleep(r.Context(), s.opt.Latency(name))
	}
	sleep(r.Context(), fault.Delay)
	switch fault.Kind {
	case FaultBefore:
		panic(http.ErrAbortHandler)
	case FaultTooMany:
		c.assume(assumeRateLimit)
		c.header.Set("Retry-After", "1")
		p = newProblem(429, "", "Too many requests")
	case FaultHTMLBefore:
		status = s.writeHTML500(w)
		return
	case FaultExpireToken:
		s.expire(r)
	}

	if p == nil {
		status, p = c.answer(buf)
	}
	if p != nil {
		p = c.documented(p)
		status = p.status
		buf.Reset()
		encode(buf, map[string]any{"errors": p.errors})
		c.header.Set("Content-Type", "application/json")
	}
	switch fault.Kind {
	case FaultAfter:
		panic(http.ErrAbortHandler)
	case FaultHTMLAfter:
		status = s.writeHTML500(w)
		return
	}
	if len(c.assumed) > 0 {
		c.header.Set("X-Sandbox-Assumption", joinAssumptions(c.assumed))
	}
	body := buf.Bytes()
	if s.opt.Hostile.unfamiliar() {
		body = s.opt.Hostile.disguise(c, body)
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	c.header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if fault.Kind == FaultBody {
		_, _ = w.Write(body[:len(body)/2]) // the client is about to lose it anyway
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a client that is gone has no use for an error
}

// answer carries out the operation and leaves its body in buf.
func (c *call) answer(buf *bytes.Buffer) (int, *problem) {
	if !c.op.open {
		if p := c.authorize(); p != nil {
			return 0, p
		}
	}
	if c.op.do == nil {
		return 0, newProblem(http.StatusNotImplemented, "", "the sandbox does not have "+c.op.id)
	}
	if c.op.read != nil {
		v, err := c.op.read(c)
		if err != nil {
			return 0, c.asProblem(err)
		}
		c.body = v
	}
	if c.co != nil {
		if c.op.writes() {
			c.co.mu.Lock()
			defer c.co.mu.Unlock()
		} else {
			c.co.mu.RLock()
			defer c.co.mu.RUnlock()
		}
		// Rights and the user may have changed since the token was made.
		if p := c.permitted(); p != nil {
			return 0, p
		}
	}
	v, err := c.op.do(c)
	if err == nil && c.co != nil && c.op.writes() {
		err = c.co.commit()
	}
	if err != nil {
		return 0, c.asProblem(err)
	}
	status := http.StatusOK
	switch a := v.(type) {
	case noContent:
		return http.StatusNoContent, nil
	case accepted:
		status, v = http.StatusAccepted, a.body
	case rawAnswer:
		c.header.Set("Content-Type", a.contentType)
		buf.Write(a.body)
		return status, nil
	}
	encode(buf, v)
	c.header.Set("Content-Type", "application/json")
	return status, nil
}

// asProblem turns an error of an operation into an answer. Anything but a
// problem is a defect of the sandbox and says so.
func (c *call) asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	return newProblem(http.StatusInternalServerError, "", "sandbox defect: "+err.Error())
}

// documented changes a refusal to one that the description has for the
// operation: not every operation has both 403 and 404. A 400 stays: bodies and
// batches are checked everywhere (REFERENCE 2.4, 2.5).
func (c *call) documented(p *problem) *problem {
	if c.op == nil || c.op.do == nil {
		return p
	}
	answers := described().operations[c.op.id].answers
	if _, ok := answers[p.status]; ok {
		return p
	}
	var others []int
	switch p.status {
	case http.StatusForbidden:
		others = []int{404, 400}
	case http.StatusNotFound:
		others = []int{403, 400}
	case http.StatusConflict:
		others = []int{400, 403, 404}
	}
	for _, status := range others {
		if _, ok := answers[status]; ok {
			out := &problem{status: status}
			for _, m := range p.errors {
				m.Status = ptr(int64(status))
				out.errors = append(out.errors, m)
			}
			c.assume(assumeStatusRefusal)
			return out
		}
	}
	return p
}

func (c *call) companyID() int64 {
	if c.co == nil {
		return 0
	}
	return c.co.id
}

func encode(buf *bytes.Buffer, v any) {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("procountortest: answer cannot be written as JSON: %v", err))
	}
}

// writeHTML500 is the page of the proxy in front of Procountor (REFERENCE 2.5).
func (s *Server) writeHTML500(w http.ResponseWriter) int {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte("<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>\r\n<center><h1>500 Internal Server Error</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"))
	return http.StatusInternalServerError
}

func joinAssumptions(as []assumption) string {
	slices.Sort(as)
	var b []byte
	for i, a := range as {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(a), 10)
	}
	return string(b)
}

// pathID reads the nth path parameter as an id. Anything else is not found
// (assumption 27).
func (c *call) pathID(n int) (int64, error) {
	id, err := strconv.ParseInt(c.vars[n], 10, 64)
	if err != nil || id < 0 {
		return 0, notFound()
	}
	return id, nil
}

func notFound() *problem { return newProblem(http.StatusNotFound, "", "not found") }

// info is the answer of actions.
func info(format string, args ...any) any {
	return map[string]string{"message": fmt.Sprintf(format, args...)}
}
