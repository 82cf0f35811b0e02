package procountor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var errorNow = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestAnswerErrors(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header string // Content-Type
		body   string
		fields []FieldError
	}{
		{"reasons", 400, "application/json",
			`{"errors":[{"status":400,"field":"invoiceRows[3].vatStatus","message":"ERROR_VATSTATUS_VATPERC"},{"status":400,"message":"Value of the 'depreciation' field is invalid: "}]}`,
			[]FieldError{{"invoiceRows[3].vatStatus", "ERROR_VATSTATUS_VATPERC", 400}, {"", "Value of the 'depreciation' field is invalid:", 400}}},
		{"unauthorized", 401, "application/json", `{"errors":[{"status":401,"message":"Unauthorized"}]}`, []FieldError{{"", "Unauthorized", 401}}},
		{"quoted status, odd types", 400, "application/json", `{"errors":[{"status":"400","field":7,"message":{"a":1},"model":null}]}`, []FieldError{{"7", `{"a":1}`, 400}}},
		{"nulls", 400, "application/json", `{"errors":[{"status":null,"field":null,"message":null}]}`, []FieldError{{}}},
		{"oauth", 401, "application/json", `{"error":"invalid_client","error_description":"no such client"}`, []FieldError{{Message: "invalid_client: no such client"}}},
		{"message", 404, "application/json", `{"message":"Invoice not found"}`, []FieldError{{Message: "Invoice not found"}}},
		{"plain text", 400, "text/plain", "Bad\r\n request ", []FieldError{{Message: "Bad request"}}},
		{"page", 500, "text/html", "<html>500</html>", nil},
		{"page without a type", 502, "", "  <html>", nil},
		{"empty", 403, "", "", nil},
		{"empty list", 400, "application/json", `{"errors":[]}`, nil},
		{"errors is a word", 400, "application/json", `{"errors":"no"}`, nil},
		{"cut JSON", 400, "application/json", `{"errors":[{"sta`, nil},
		{"bytes", 400, "", "\xff\xfe\x00", nil},
	} {
		e := answerError("POST", "/invoices", tc.status, http.Header{"Content-Type": {tc.header}}, []byte(tc.body), errorNow)
		if !reflect.DeepEqual(e.Fields, tc.fields) {
			t.Errorf("%s: %+v", tc.name, e.Fields)
		}
		if e.Status != tc.status || e.Class == "" {
			t.Errorf("%s: %+v", tc.name, e)
		}
	}
}

func TestClasses(t *testing.T) {
	retry := http.Header{"Retry-After": {"3"}}
	for _, tc := range []struct {
		status       int
		h            http.Header
		write, read_ Class
	}{
		{301, nil, Unclear, Broken}, {302, nil, Unclear, Broken}, {100, nil, Unclear, Broken},
		{400, nil, Refused, Refused}, {401, nil, Unauthorized, Unauthorized}, {403, nil, Forbidden, Forbidden},
		{404, nil, NotFound, NotFound}, {406, nil, Refused, Refused}, {408, nil, Refused, Refused}, {409, nil, Conflict, Conflict},
		{410, nil, Refused, Refused}, {413, nil, Refused, Refused}, {429, nil, Busy, Busy}, {429, retry, Busy, Busy},
		{500, nil, Unclear, Broken}, {500, retry, Unclear, Broken}, {502, nil, Unclear, Broken}, {503, nil, Unclear, Broken}, {503, retry, Busy, Busy}, {504, nil, Unclear, Broken},
		{999, nil, Unclear, Broken}, {0, nil, Unclear, Broken},
	} {
		for method, want := range map[string]Class{"GET": tc.read_, "HEAD": tc.read_, "POST": tc.write, "PUT": tc.write, "PATCH": tc.write, "DELETE": tc.write} {
			if got := classify(method, tc.status, tc.h); got != want {
				t.Errorf("%s %d %v: %s, want %s", method, tc.status, tc.h, got, want)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"": 0, "0": 0, "2": 2 * time.Second, " 30 ": 30 * time.Second, "-5": 0, "soon": 0,
		"99999999999":                   24 * time.Hour,
		"Mon, 02 Mar 2026 10:00:07 GMT": 7 * time.Second,
		"Mon, 02 Mar 2026 09:00:00 GMT": 0,
		"Fri, 02 Mar 2126 10:00:00 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(in, errorNow); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func TestErrorText(t *testing.T) {
	e := &Error{Class: Refused, Status: 400, Method: "POST", Path: "/invoices", Fields: []FieldError{
		{"invoiceRows[3].vatStatus", "ERROR_VATSTATUS_VATPERC", 400}, {"", "CLOSED_FISCAL_PERIOD", 400}}}
	if got, want := e.Error(), "procountor: POST /invoices: refused (400): invoiceRows[3].vatStatus: ERROR_VATSTATUS_VATPERC; CLOSED_FISCAL_PERIOD"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	cause := errors.New("line broke")
	wrapped := fmt.Errorf("post invoice 7: %w", &Error{Class: Unclear, Method: "POST", Path: "/invoices", err: cause})
	if !errors.Is(wrapped, Unclear) || errors.Is(wrapped, Broken) || !errors.Is(wrapped, cause) {
		t.Error("errors.Is does not find the class or the cause")
	}
	if got := wrapped.Error(); got != "post invoice 7: procountor: POST /invoices: unclear: line broke" {
		t.Error(got)
	}
	e.Fields = make([]FieldError, 150)
	if got := e.Error(); !strings.HasSuffix(got, "and 145 more") {
		t.Error(got)
	}
}

func TestFieldErrorRow(t *testing.T) {
	for in, want := range map[string]struct {
		list, field string
		index       int
		ok          bool
	}{
		"invoiceRows[3].vatStatus":             {"invoiceRows", "vatStatus", 3, true},
		"transactions[0]":                      {"transactions", "", 0, true},
		"transactions[12].dimensionItemValues": {"transactions", "dimensionItemValues", 12, true},
		"a[1].b[2].c":                          {"a", "b[2].c", 1, true},
		"counterParty.identifier":              {},
		"":                                     {},
		"rows[":                                {},
		"rows[x].y":                            {},
		"rows[-1].y":                           {},
	} {
		list, index, field, ok := FieldError{Field: in}.Row()
		if list != want.list || index != want.index || field != want.field || ok != want.ok {
			t.Errorf("%q: %q %d %q %v", in, list, index, field, ok)
		}
	}
}

func FuzzAnswerError(f *testing.F) {
	f.Add("POST", 400, "application/json", "", `{"errors":[{"status":400,"field":"a[1].b","message":"X"}]}`)
	f.Add("GET", 500, "text/html", "", "<html>")
	f.Add("PUT", 503, "", "Mon, 02 Mar 2026 10:00:07 GMT", "")
	f.Add("GET", 401, "application/json", "9", `{"error":"invalid_client"}`)
	f.Add("POST", 302, "text/plain", "-1", "Moved")
	f.Fuzz(func(t *testing.T, method string, status int, contentType, retry, body string) {
		h := http.Header{"Content-Type": {contentType}, "Retry-After": {retry}}
		e := answerError(method, "/invoices", status, h, []byte(body), errorNow)
		switch e.Class {
		case Unauthorized, Forbidden, NotFound, Conflict, Refused, Busy:
		case Unclear:
			if method == "GET" {
				t.Error("a read is unclear")
			}
		case Broken:
			if method != "GET" && method != "HEAD" {
				t.Error("a write is called broken")
			}
		default:
			t.Errorf("class %q", e.Class)
		}
		if len(e.Body) > maxErrorBody || !utf8.ValidString(e.Body) || len(e.Fields) > maxFields || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Errorf("%d bytes, %d fields, %v", len(e.Body), len(e.Fields), e.RetryAfter)
		}
		if s := e.Error(); strings.ContainsAny(s, "\n\r") && !strings.ContainsAny(method, "\n\r") {
			t.Errorf("%q has more than one line", s)
		}
		for _, f := range e.Fields {
			f.Row()
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"id":1}`, `[]`, `null`, `{"date":"2026-02-30"}`, `{"version":7}`, `{"results":[{"id":1}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, v := range []any{&Invoice{}, &LedgerReceipt{}, &Partner{}, &Product{}, &Privileges{}} {
			r := &Response{Status: 200, Body: body, method: "POST", path: "/x"}
			if err := r.Decode(v); err != nil {
				if !errors.Is(err, Unclear) {
					t.Errorf("%v", err)
				}
				continue
			}
			// What was read can be written and read again, with the same result.
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			again := reflect.New(reflect.TypeOf(v).Elem()).Interface()
			if err := json.Unmarshal(b, again); err != nil {
				t.Fatalf("%v in %s", err, b)
			}
			if b2, _ := json.Marshal(again); !bytes.Equal(b, b2) {
				t.Errorf("%s\nbecame\n%s", b, b2)
			}
		}
	})
}

func FuzzSplitParts(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\nfile\r\n--b--\r\n"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		meta, content, err := splitParts(body, boundary)
		if err == nil && (len(meta) > maxAttachmentMeta || len(content) > MaxAttachmentBytes) {
			t.Error("over the limit")
		}
	})
}
