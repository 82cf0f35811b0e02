package procountortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vienti/vienti/internal/faulty"
)

// A caller makes requests for tests in Go; the rules are in testdata/script.
type caller struct {
	t     testing.TB
	do    func(*http.Request) (*http.Response, error)
	token string
}

func overPipe(t testing.TB, srv *Server) *caller {
	return &caller{t: t, do: srv.Client().Do, token: bearer(t, srv.Handler())}
}

// call returns status and body; err is a broken connection.
func (c *caller) call(method, path string, body []byte) (int, []byte, error) {
	c.t.Helper()
	r, err := http.NewRequest(method, BaseURL+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}

func (c *caller) must(method, path string, body []byte) []byte {
	c.t.Helper()
	status, b, err := c.call(method, path, body)
	if err != nil || status != 200 {
		c.t.Fatalf("%s %s: %d %v %s", method, path, status, err, b)
	}
	return b
}

func idOf(t testing.TB, b []byte) int64 {
	t.Helper()
	var v struct{ ID int64 }
	if err := json.Unmarshal(b, &v); err != nil || v.ID == 0 {
		t.Fatalf("no id in %s", b)
	}
	return v.ID
}

// Zero options: a demo company that takes an invoice.
func TestZeroOptions(t *testing.T) {
	srv := New(Options{})
	defer srv.Close()
	c := overPipe(t, srv)
	c.must("GET", "/sessioninfo", nil)
	if d := srv.Demo(); d.CompanyID != DemoCompanyID || d.APIKey != DemoAPIKey {
		t.Errorf("demo %+v", d)
	}
	if srv.Requests()["getSessionInfo"] != 1 || srv.Requests()["issueToken"] != 1 {
		t.Errorf("counters %v", srv.Requests())
	}
}

// The books survive a restart, a torn last line is cut off, and what was
// changed and removed stays so.
func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "books.jsonl")
	opt := Options{File: name, Now: func() time.Time { return scriptTime }}
	srv := New(opt)
	c := overPipe(t, srv)
	a := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	b := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	c.must("PUT", fmt.Sprintf("/invoices/%d/approve", a), nil)
	c.must("PUT", fmt.Sprintf("/invoices/%d/invalidate", b), nil)
	srv.AddReferencePayment(DemoCompanyID, ReferencePayment{Sum: ptr(Num("51.00")), PaymentDate: "2026-03-20", BankReference: "0013"})
	before, _ := json.Marshal(srv.State())
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	appendTo(t, name, `[{"c":1001,"k":"invoice","i":5,"v":{"ty`)

	for range 2 { // the second start reads what the first rewrote
		srv = New(opt)
		after, _ := json.Marshal(srv.State())
		if !bytes.Equal(before, after) {
			t.Fatalf("the books changed\n%s\n%s", before, after)
		}
		checkBooks(t, srv)
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}
	srv = New(opt)
	defer srv.Close()
	c = overPipe(t, srv)
	if status, _, _ := c.call("GET", fmt.Sprintf("/invoices/%d", a), nil); status != 200 {
		t.Errorf("status %d", status)
	}
	var found struct {
		Meta struct{ TotalCount int }
	}
	if err := json.Unmarshal(c.must("GET", "/invoices?originalInvoiceNumber=S-1", nil), &found); err != nil || found.Meta.TotalCount != 2 {
		t.Errorf("index: %+v %v", found, err)
	}
	if id := idOf(t, c.must("POST", "/invoices", salesBody(t))); id <= b {
		t.Errorf("id %d is used again", id)
	}
	if inv, _ := srv.Invoice(DemoCompanyID, a); inv.Status != "PARTLY_PAID" {
		t.Errorf("status %s", inv.Status)
	}
}

// A file of another kind is refused, not overwritten.
func TestForeignFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	appendTo(t, name, "hello\n")
	if _, err := Open(Options{File: name}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Fatalf("err = %v", err)
	}
}

// What a person does in Procountor.
func TestPerson(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	id := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	first, _ := srv.Invoice(DemoCompanyID, id)
	srv.AdvanceClock(time.Minute)
	srv.EditInvoice(DemoCompanyID, id, func(inv *Invoice) { inv.InvoiceRows[0].Quantity = Num("1") })
	edited, _ := srv.Invoice(DemoCompanyID, id)
	if *edited.LedgerReceiptID == *first.LedgerReceiptID || edited.Version == first.Version || edited.InvoiceSumInfo[0].InvoiceSumTotal.Cmp(Num("125.5")) != 0 {
		t.Errorf("edited: %+v", edited)
	}
	if first.InvoiceRows[0].Quantity.Cmp(Num("2")) != 0 {
		t.Error("an earlier answer changed")
	}
	srv.SetNotes(DemoCompanyID, id, "")
	srv.SetInvoiceStatus(DemoCompanyID, id, "PAID")
	if inv, _ := srv.Invoice(DemoCompanyID, id); inv.Status != "PAID" {
		t.Errorf("status %s", inv.Status)
	}
	var r LedgerReceipt
	for _, x := range srv.Receipts(DemoCompanyID) {
		r = x
	}
	srv.AdvanceClock(time.Minute)
	srv.SetDimensions(DemoCompanyID, r.ID, r.Transactions[1].ID, nil)
	if got := srv.Receipts(DemoCompanyID)[0]; got.Version != r.Version {
		t.Error("the Dimensions view moved the version")
	}
	srv.DeleteInvoice(DemoCompanyID, id)
	if status, _, _ := c.call("GET", fmt.Sprintf("/invoices/%d", id), nil); status != 404 {
		t.Errorf("deleted: %d", status)
	}
	if len(srv.Receipts(DemoCompanyID)) != 0 {
		t.Error("a receipt is left")
	}
	srv.DisableVAT(DemoCompanyID, "25.5")
	if status, b, _ := c.call("POST", "/invoices", salesBody(t)); status != 400 || !strings.Contains(string(b), "vatPercent") {
		t.Errorf("%d %s", status, b)
	}
	srv.EnableVAT(DemoCompanyID, "25.50", true, false)
	c.must("POST", "/invoices", salesBody(t))
	srv.CloseFiscalYear(DemoCompanyID, 2026)
	if status, _, _ := c.call("POST", "/invoices", salesBody(t)); status != 400 {
		t.Errorf("closed year: %d", status)
	}
	srv.RevokeAPIKey(DemoAPIKey)
	if status, _, _ := c.call("GET", "/sessioninfo", nil); status != 401 {
		t.Errorf("revoked: %d", status)
	}
}

// A person confirms a payment; the invoice waits for the bank.
func TestConfirm(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	body := readFile(t, "testdata/body/purchase.json")
	b := c.must("POST", "/invoices", body)
	id := idOf(t, b)
	inv, _ := srv.Invoice(DemoCompanyID, id)
	pay := fmt.Sprintf(`{"payments":[{"amount":125.5,"recipientBankAccount":"FI8599999000000014","paymentMethod":"FINNISH_BANK_TRANSFER","paymentDate":"2026-03-20","recipientNameAndAddress":{"name":"X"},"invoiceId":%d,"invoiceVersion":%q}]}`, id, inv.Version)
	status, b, _ := c.call("POST", "/payments", []byte(pay))
	var tx TransactionIdentifier
	if err := json.Unmarshal(b, &tx); err != nil || status != 202 {
		t.Fatal(status, err)
	}
	if srv.Confirm(DemoCompanyID, "other", true) || !srv.Confirm(DemoCompanyID, tx.TransactionIdentifier, true) || srv.Confirm(DemoCompanyID, tx.TransactionIdentifier, true) {
		t.Error("confirmed once, and only what waits")
	}
	b = c.must("GET", "/mfatransactionresult/"+tx.TransactionIdentifier, nil)
	if !strings.Contains(string(b), "invoicePayments") {
		t.Errorf("result %s", b)
	}
	if inv, _ := srv.Invoice(DemoCompanyID, id); inv.Status != "PAYMENT_QUEUED" {
		t.Errorf("status %s", inv.Status)
	}
}

// The same seed and requests give the same faults; under all of them at once the
// books stay whole and every answer is either cut, HTML or in order.
func TestNasty(t *testing.T) {
	const seed = 7
	t.Logf("seed %d", seed)
	run := func() (string, map[int]int) {
		h := Nasty()
		h.SlowFor = 0
		srv := New(Options{Seed: seed, Hostile: h, Now: func() time.Time { return scriptTime }})
		defer srv.Close()
		c := &caller{t: t, do: direct(srv)}
		var log strings.Builder
		seen := map[int]int{}
		for range 1500 {
			if c.token == "" {
				c.token = tokenOrNone(srv)
				continue
			}
			status, b, err := c.call("POST", "/invoices", salesBody(t))
			switch {
			case err != nil:
				status = 0
			case status == 401:
				c.token = ""
			case status == 200 && !json.Valid(b):
				t.Fatalf("200 with %s", b)
			}
			seen[status]++
			fmt.Fprintf(&log, "%d ", status)
		}
		checkBooks(t, srv)
		return log.String(), seen
	}
	a, seen := run()
	b, _ := run()
	if a != b {
		t.Errorf("seed %d differs from itself:\n%s\n%s", seed, a, b)
	}
	for _, status := range []int{0, 200, 401, 429, 500} {
		if seen[status] == 0 {
			t.Errorf("seed %d: no %d among %v", seed, status, seen)
		}
	}
}

// direct calls the handler and turns an aborted answer into an error.
func direct(srv *Server) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (resp *http.Response, err error) {
		w := httptest.NewRecorder()
		defer func() {
			if e := recover(); e == http.ErrAbortHandler { //nolint:errorlint // net/http compares a panic in the same way
				resp, err = nil, errors.New("cut")
			} else if e != nil {
				panic(e)
			}
		}()
		srv.Handler().ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func tokenOrNone(srv *Server) (token string) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {DemoClientID}, "client_secret": {DemoClientSecret}, "api_key": {DemoAPIKey}}
	r := httptest.NewRequest("POST", "/api/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := direct(srv)(r)
	if err != nil || resp.StatusCode != 200 {
		return ""
	}
	var a struct {
		AccessToken string `json:"access_token"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&a) // "" is tried again
	return a.AccessToken
}

// Many at once, two companies, over the pipe: numbers run without gaps.
func TestConcurrent(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	body := salesBody(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if status, b, err := c.call("POST", "/invoices", body); err != nil || status != 200 {
					t.Errorf("%d %v %s", status, err, b)
					return
				}
				if status, _, err := c.call("GET", "/invoices?size=5", nil); err != nil || status != 200 {
					t.Errorf("%d %v", status, err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[int64]bool{}
	for _, inv := range srv.Invoices(DemoCompanyID) {
		seen[*inv.InvoiceNumber] = true
	}
	if len(seen) != 160 || !seen[1] || !seen[160] {
		t.Errorf("%d numbers", len(seen))
	}
	checkBooks(t, srv)
}

// Latency and planned delays are waited in the time of the bubble, and a client
// that gives up does not undo what was stored.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := New(Options{Latency: func(string) time.Duration { return 250 * time.Millisecond }})
		defer srv.Close()
		c := overPipe(t, srv)
		start := time.Now()
		c.must("GET", "/company", nil)
		if d := time.Since(start); d != 250*time.Millisecond {
			t.Errorf("took %v", d)
		}
		srv.PlanFault(faulty.Rule{Path: "/company", Fault: faulty.Fault{Kind: faulty.Slow, Delay: time.Hour}})
		start = time.Now()
		c.must("GET", "/company", nil)
		if d := time.Since(start); d != time.Hour+250*time.Millisecond {
			t.Errorf("took %v", d)
		}
	})
}

// The management interface does what the Go methods do.
func TestManagement(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	id := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	m := srv.Management()
	ask := func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	for _, x := range []struct{ method, path, body, want string }{
		{"GET", "/", "", "POST   /reset"},
		{"GET", "/companies", "", "Esimerkkipaja Oy"},
		{"POST", "/companies", `{"Name":"Toinen Oy","IBANs":["FI8599999000000014"]}`, `"companyId": 1002`},
		{"GET", "/state", "", "Toinen Oy"},
		{"GET", "/requests", "", `"operation": "saveInvoice"`},
		{"GET", "/requests?counts=true", "", `"saveInvoice": 1`},
		{"GET", "/clock", "", "2026-03-16T12:00:00"},
		{"POST", "/clock", `{"advance":"36h"}`, "2026-03-18T00:00:00"},
		{"POST", "/clock", `{"now":"2026-05-01T08:00:00"}`, "2026-05-01T08:00:00"},
		{"POST", "/periods", `{"company":1001,"month":"2026-03","status":"CLOSED"}`, "done"},
		{"POST", "/invoices", fmt.Sprintf(`{"company":1001,"id":%d,"status":"PAID"}`, id), "done"},
		{"POST", "/invoices", fmt.Sprintf(`{"company":1001,"id":%d,"notes":"x"}`, id), "done"},
		{"POST", "/faults", `{"method":"GET","path":"/company","nth":1,"kind":"429"}`, "done"},
	} {
		status, body := ask(x.method, x.path, x.body)
		if status != 200 || !strings.Contains(body, x.want) {
			t.Errorf("%s %s: %d %s", x.method, x.path, status, body)
		}
	}
	if inv, _ := srv.Invoice(DemoCompanyID, id); inv.Status != "PAID" || inv.Notes != "x" {
		t.Errorf("%s %q", inv.Status, inv.Notes)
	}
	for _, x := range []struct{ method, path, body string }{
		{"POST", "/companies", `{"IBANs":["FI8599999000000015"]}`},
		{"POST", "/companies", `{"Country":"NARNIA"}`},
		{"POST", "/companies", `{"VAT":[{"Percent":"x"}]}`},
		{"POST", "/clock", `{}`},
		{"POST", "/periods", `{"company":1,"month":"2026-03","status":"CLOSED"}`},
		{"POST", "/periods", `{"company":1001,"month":"1999-03","status":"CLOSED"}`},
		{"POST", "/invoices", `{"company":1001,"id":1,"status":"PAID"}`},
		{"POST", "/faults", `{"kind":"earthquake"}`},
		{"POST", "/confirm", `{"company":1001,"transactionIdentifier":"x"}`},
	} {
		if status, body := ask(x.method, x.path, x.body); status != 400 || !strings.Contains(body, "error") {
			t.Errorf("%s %s %s: %d %s", x.method, x.path, x.body, status, body)
		}
	}
	if status, _ := ask("POST", "/reset", ""); status != 200 || len(srv.Invoices(DemoCompanyID)) != 0 || len(srv.Companies()) != 1 {
		t.Error("reset left something")
	}
	c.token = bearer(t, srv.Handler())
	c.must("POST", "/invoices", salesBody(t))
}

// The state that can be looked at holds no keys and no secrets.
func TestStateIsSilent(t *testing.T) {
	srv := New(Options{})
	b, err := json.Marshal(srv.State())
	if err != nil || bytes.Contains(b, []byte(DemoAPIKey)) || bytes.Contains(b, []byte(DemoClientSecret)) {
		t.Error("a secret in the state", err)
	}
}

// The program: help, guard rails, and a real socket that a client in another
// language uses.
func TestCommand(t *testing.T) {
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--help"}, 0, "procountor-sandbox --hostile nasty"},
		{[]string{"-addr", "0.0.0.0:0"}, 2, "-allow-remote"},
		{[]string{"-management", ":0"}, 2, "-allow-remote"},
		{[]string{"-hostile", "rude"}, 2, "polite"},
		{[]string{"-companies", "no"}, 2, "fi,se"},
		{[]string{"extra"}, 2, "unexpected"},
		{[]string{"-addr", "127.0.0.1:0", "-file", t.TempDir()}, 1, "kept books"},
	} {
		var out, errs bytes.Buffer
		if code := Command(t.Context(), x.args, &out, &errs); code != x.code || !strings.Contains(errs.String(), x.want) {
			t.Errorf("%v: %d %s", x.args, code, errs.String())
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	pr, pw := io.Pipe()
	code := make(chan int)
	go func() {
		code <- Command(ctx, []string{"-addr", "127.0.0.1:0", "-management", "127.0.0.1:0", "-companies", "fi,se", "-seed", "5"}, pw, io.Discard)
	}()
	said := map[string]string{}
	buf := make([]byte, 4096)
	text := ""
	for !strings.Contains(text, "seed ") || !strings.HasSuffix(text, "\n") {
		n, err := pr.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		text += string(buf[:n])
	}
	for line := range strings.SplitSeq(text, "\n") {
		if k, v, ok := strings.Cut(line, "  "); ok && said[k] == "" {
			said[k] = strings.TrimSpace(v)
		}
	}
	if said["seed"] != "5" || said["API key"] != DemoAPIKey {
		t.Errorf("said %v", said)
	}
	if python, err := exec.LookPath("python3"); err == nil {
		cmd := exec.CommandContext(ctx, python, "testdata/smoke.py", said["base URL"], said["client id"], said["client secret"], said["API key"])
		if b, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(b)) != "ok" {
			t.Errorf("smoke.py: %v\n%s", err, b)
		}
	} else {
		t.Log("no python3: smoke.py was not run")
	}
	cancel()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
}

func TestParseHostile(t *testing.T) {
	h, err := ParseHostile("cut-after=50, small-pages=3,shuffle")
	if err != nil || h.CutAfter != 50 || h.SmallPages != 3 || !h.Shuffle {
		t.Errorf("%+v %v", h, err)
	}
	for _, s := range []string{"cut-after", "cut-after=x", "cut-after=1001", "shuffle=1", "none"} {
		if _, err := ParseHostile(s); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
}
