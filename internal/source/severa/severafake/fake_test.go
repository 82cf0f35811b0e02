package severafake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// caller asks a fake with the scopes that it names.
type caller struct {
	t     *testing.T
	s     *Server
	url   string
	now   time.Time
	token string
}

func newCaller(t *testing.T) *caller {
	c := &caller{t: t, now: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	c.s = New("client", "secret", func() time.Time { c.now = c.now.Add(time.Second); return c.now })
	srv := httptest.NewServer(c.s)
	t.Cleanup(srv.Close)
	c.url = srv.URL + "/rest-api/v1"
	return c
}

func (c *caller) login(scope string) (status int, given string) {
	status, body, _ := c.ask("POST", "/token", `{"client_id":"client","client_secret":"secret","scope":"`+scope+`"}`)
	var a struct {
		Token string `json:"access_token"`
		Scope string `json:"scope"`
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		c.t.Fatal(err)
	}
	c.token = a.Token
	return status, a.Scope
}

func (c *caller) ask(method, path, body string) (status int, answer string, next string) {
	c.t.Helper()
	var send io.Reader
	if body != "" {
		send = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, send)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("client_id", "client")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header.Get("NextPageToken")
}

// What the fake says is what the description says, for all that is furnished.
func TestAnswersAreDescribed(t *testing.T) {
	c := newCaller(t)
	w := c.s.Furnish("")
	guid := c.s.NewInvoice(Invoice{Number: 1001, Date: "2026-03-01", Status: w.Waiting, Customer: w.Customer, Projects: []string{w.Project},
		Rows: []Row{{Text: "Työ", Quantity: "3", Price: "80", VAT: "25.5", Project: w.Project, Code: []string{"SUUN"}}, {Type: "ProjectFees", Text: "Lupa", Quantity: "1", Price: "10", VAT: "0", Project: w.Project},
			{Type: "TravelExpenses", Text: "Juna", Quantity: "1", Price: "10", VAT: "14", Project: w.Project}}})
	c.s.AddFile(guid, "liite.txt", "text/plain", []byte("x"))
	c.login("invoices:read invoices:write,settings:read customers:read projects:read organization:read files:read users:read")
	row := text(c.s.Rows(guid)[0], "guid")
	for _, path := range []string{"/invoices", "/invoices/" + guid, "/invoicerows", "/invoices/" + guid + "/invoicerows", "/invoices/" + guid + "/workhours", "/invoices/" + guid + "/projectfees",
		"/invoices/" + guid + "/projecttravelexpenses", "/invoicerows/" + row + "/workhours", "/invoices/" + guid + "/files", "/invoices/" + guid + "/invoicesettings", "/invoices/" + guid + "/pdf?pdfGetOptions=InvoiceOnly",
		"/invoicestatuses", "/customers", "/projects", "/products", "/worktypes", "/businessunits", "/costcenters", "/currencies", "/localization/countries", "/organizationdetails", "/users"} {
		if status, body, _ := c.ask("GET", path, ""); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, body, _ := c.ask("PATCH", "/invoices/"+guid, `[{"op":"Replace","path":"/status/guid","value":"`+w.Transferred+`"},{"op":"Replace","path":"/paymentDate","value":"2026-03-09"}]`)
	if status != 200 || text(c.s.Get("invoices", guid), "status.name") != "Siirretty Procountoriin" || text(c.s.Get("invoices", guid), "paymentDate") != "2026-03-09" {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := c.ask("PATCH", "/invoices/"+guid, `[{"op":"Replace","path":"/status/guid","value":"none"}]`); status != 400 || !strings.Contains(body, `"InvalidParameter"`) {
		t.Errorf("%d %s", status, body)
	}
	if p := c.s.Problems(); len(p) > 0 {
		t.Error(strings.Join(p, "\n"))
	}
	if n := c.s.Writes(); n != 2 {
		t.Errorf("%d writes", n)
	}
}

// A request that the description does not know is a problem, and refused.
func TestUnknownRequests(t *testing.T) {
	for _, x := range []struct{ method, path, body, want string }{
		{"GET", "/invoices?since=2026-01-01", "", `no query name "since"`},
		{"GET", "/invoices?changedSince=yesterday", "", "changedSince"},
		{"GET", "/invoices?rowCount=many", "", "rowCount"},
		{"GET", "/invoice", "", "not in the description"},
		{"PATCH", "/invoices/x", `[{"op":"replace","path":"/status/guid","value":"x"}]`, "none of Add"},
		{"PATCH", "/invoices/x", `[{"op":"Replace","where":"/status/guid"}]`, `no property "where"`},
		{"PATCH", "/invoices/x", `{"op":"Replace"}`, "not array"},
		{"GET", "/invoices?salesPersonGuids=x", "", "does not know what salesPersonGuids chooses"},
	} {
		c := newCaller(t)
		c.login("invoices:read invoices:write")
		if status, _, _ := c.ask(x.method, x.path, x.body); status < 400 {
			t.Errorf("%s %s: %d", x.method, x.path, status)
		}
		if p := strings.Join(c.s.Problems(), "\n"); !strings.Contains(p, x.want) {
			t.Errorf("%s %s: problems %q, want %q", x.method, x.path, p, x.want)
		}
	}
}

// Tokens end, scopes are asked for, both headers are needed, and ten requests a
// second is the most.
func TestDoors(t *testing.T) {
	c := newCaller(t)
	w := c.s.Furnish("")
	if status, _, _ := c.ask("GET", "/invoices", ""); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	c.s.Without("customers:read")
	if _, given := c.login("invoices:read customers:read"); given != "invoices:read" {
		t.Errorf("given %q", given)
	}
	if status, body, _ := c.ask("GET", "/customers", ""); status != 403 || !strings.Contains(body, "InsufficientApiScope") || !strings.Contains(body, "customers:read") {
		t.Errorf("without a scope: %d %s", status, body)
	}
	c.s.Off("/v1/invoices", "AddonMissing")
	if status, body, _ := c.ask("GET", "/invoices", ""); status != 403 || !strings.Contains(body, "AddonMissing") {
		t.Errorf("switched off: %d %s", status, body)
	}
	c.s.Off("/v1/invoices", "")
	for i := range 45 {
		c.s.NewInvoice(Invoice{Number: i + 1, Date: "2026-03-01", Status: w.Waiting, Customer: w.Customer})
	}
	n, path := 0, "/invoices"
	for {
		status, body, next := c.ask("GET", path, "")
		var list []Object
		if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 {
			t.Fatal(status, err)
		}
		n += len(list)
		if next == "" {
			break
		}
		path = "/invoices?pageToken=" + next
	}
	if n != 45 {
		t.Errorf("%d invoices on three pages", n)
	}
	c.now = c.now.Add(2 * time.Hour)
	if status, _, _ := c.ask("GET", "/invoices", ""); status != 401 {
		t.Errorf("with an old token: %d", status)
	}
	still := c.now
	c.s.Now = func() time.Time { return still.Add(time.Minute) }
	for i := range 11 {
		if status, _, _ := c.ask("GET", "/invoices", ""); (status == 429) != (i == 10) {
			t.Errorf("request %d of a second: %d", i+1, status)
		}
	}
	c.s.Revoke()
	c.s.Unlimited = true
	if status, _ := c.login("invoices:read"); status != 401 {
		t.Errorf("revoked: %d", status)
	}
	if p := c.s.Problems(); len(p) > 0 {
		t.Error(fmt.Sprint(p))
	}
}
