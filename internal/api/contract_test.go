package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

var update = flag.Bool("update", false, "write testdata/openapi.json anew")

// describe returns the description as the API serves it.
func describe(tb testing.TB) []byte {
	tb.Helper()
	w := httptest.NewRecorder()
	api.New(api.Options{Engine: engine.New(engine.Options{})}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/openapi.json", nil))
	if w.Code != http.StatusOK {
		tb.Fatalf("status %d", w.Code)
	}
	return w.Body.Bytes()
}

// The description is a promise: whoever changes it must mean to, and see the
// difference in the review.
func TestDescriptionIsStable(t *testing.T) {
	file, got := filepath.Join("testdata", "openapi.json"), describe(t)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the description has changed; if that is meant and keeps the promise of docs/api.md, run with -update:\n%s", diff)
	}
}

func TestDescriptionIsValid(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(describe(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.OperationID == "" || op.Summary == "" || op.Description == "" {
				t.Errorf("%s %s is not described", method, path)
			}
		}
	}
}

// A contract holds answers against the description.
type contract struct {
	paths    map[string]map[string]any // of the description
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

const specURL = "https://vienti.example/openapi.json"

func newContract(tb testing.TB) *contract {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(describe(tb)))
	if err != nil {
		tb.Fatal(err)
	}
	c := &contract{paths: map[string]map[string]any{}, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(specURL, doc); err != nil {
		tb.Fatal(err)
	}
	for p, item := range doc.(map[string]any)["paths"].(map[string]any) {
		c.paths[p] = item.(map[string]any)
	}
	return c
}

func (c *contract) schema(pointer string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.compiled[pointer]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(specURL + "#" + pointer)
	if err == nil {
		c.compiled[pointer] = s
	}
	return s, err
}

// check says how an answer differs from the description.
func (c *contract) check(method, path string, status int, contentType string, body []byte) error {
	template := c.template(path)
	var v any = string(body)
	if strings.HasSuffix(contentType, "json") {
		var err error
		if v, err = jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil {
			return fmt.Errorf("the answer is not JSON: %w", err)
		}
	}
	op, ok := c.paths[template][strings.ToLower(method)].(map[string]any)
	if !ok {
		if status != http.StatusNotFound && status != http.StatusMethodNotAllowed && status != http.StatusUnauthorized && status != http.StatusBadRequest {
			return fmt.Errorf("status %d for an operation that is not described", status)
		}
		return c.valid("/components/schemas/Problem", v)
	}
	responses := op["responses"].(map[string]any)
	r, ok := responses[fmt.Sprint(status)].(map[string]any)
	if !ok {
		return fmt.Errorf("status %d is not described", status)
	}
	content := r["content"].(map[string]any)
	if _, ok := content[contentType]; !ok {
		return fmt.Errorf("status %d with %s is not described", status, contentType)
	}
	esc := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "+")
	return c.valid("/paths/"+esc.Replace(template)+"/"+strings.ToLower(method)+"/responses/"+fmt.Sprint(status)+"/content/"+esc.Replace(contentType)+"/schema", v)
}

func (c *contract) valid(pointer string, v any) error {
	s, err := c.schema(pointer)
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func (c *contract) template(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if _, ok := c.paths[path]; ok {
		return path
	}
	parts := strings.Split(path, "/")
	for t := range c.paths {
		tp := strings.Split(t, "/")
		same := len(tp) == len(parts)
		for i := 0; same && i < len(tp); i++ {
			same = tp[i] == parts[i] || strings.HasPrefix(tp[i], "{") && parts[i] != ""
		}
		if same {
			return t
		}
	}
	return path
}

// A client asks the handler and holds every answer against the description.
type client struct {
	tb       testing.TB
	handler  http.Handler
	contract *contract
	token    string
	header   http.Header
	remote   string
}

type answer struct {
	Status int
	Header http.Header
	Raw    []byte
	Body   map[string]any
}

func (c *client) do(method, path string, body any) answer {
	c.tb.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			c.tb.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	for k, v := range c.header {
		r.Header[k] = v
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.remote != "" {
		r.RemoteAddr = c.remote
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if err := c.contract.check(method, path, w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()); err != nil {
		c.tb.Errorf("%s %s: %v\n%s", method, path, err, w.Body.Bytes())
	}
	a := answer{Status: w.Code, Header: w.Header(), Raw: w.Body.Bytes()}
	if strings.HasSuffix(a.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(a.Raw, &a.Body); err != nil {
			c.tb.Errorf("%s %s: %v", method, path, err)
		}
	}
	return a
}

// want fails the test unless the answer has a status.
func (c *client) want(status int, method, path string, body any) answer {
	c.tb.Helper()
	a := c.do(method, path, body)
	if a.Status != status {
		c.tb.Fatalf("%s %s: status %d, want %d\n%s", method, path, a.Status, status, a.Raw)
	}
	return a
}

func (a answer) str(field string) string {
	s, _ := a.Body[field].(string)
	return s
}

// codes are "code path" of each fault.
func codes(v any) (list []string) {
	faults, _ := v.([]any)
	for _, f := range faults {
		m := f.(map[string]any)
		path, _ := m["path"].(string)
		list = append(list, m["code"].(string)+" "+path)
	}
	return list
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// The example of the page is a good document, and the page names every state.
func TestPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	w.Step(t.Context())
	if a := w.want(http.StatusOK, "POST", "/v1/documents/validate", example); a.Body["ok"] != true || a.str("state") != "ready" || a.Body["faults"] != nil {
		t.Errorf("%s", a.Raw)
	}
	for _, s := range hub.States {
		if !strings.Contains(string(page), "`"+string(s)+"`") {
			t.Errorf("the page lacks the state %s", s)
		}
	}
	for path := range w.contract.paths {
		if path != "/healthz" && !strings.Contains(string(page), path) {
			t.Errorf("the page lacks %s", path)
		}
	}
}
