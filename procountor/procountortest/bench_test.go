package procountortest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"encoding/json"
)

// bearer gets a token for the demo key.
func bearer(t testing.TB, h http.Handler) string { return tokenOf(t, h, DemoAPIKey) }

func tokenFor(t testing.TB, srv *Server, key string) string { return tokenOf(t, srv.Handler(), key) }

func tokenOf(t testing.TB, h http.Handler, key string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {DemoClientID}, "client_secret": {DemoClientSecret}, "api_key": {key}}
	r := httptest.NewRequest("POST", "/api/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var a struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.AccessToken == "" {
		t.Fatalf("no token: %s", w.Body)
	}
	return a.AccessToken
}

func salesBody(t testing.TB) []byte {
	t.Helper()
	return readFile(t, "testdata/body/sales.json")
}

// BenchmarkPostInvoice is one POST /invoices without a network: reading, both
// checks, books and answer. The goal is 250 µs.
func BenchmarkPostInvoice(b *testing.B) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	h := srv.Handler()
	tok, body := bearer(b, h), salesBody(b)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/api/invoices", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+tok)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkPostInvoicePipe is the same over the in-memory network, 16 at once.
func BenchmarkPostInvoicePipe(b *testing.B) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	tok, body := bearer(b, srv.Handler()), salesBody(b)
	client := srv.Client()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest("POST", BaseURL+"/invoices", bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+tok)
			resp, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			if resp.StatusCode != 200 {
				b.Fatal(resp.Status)
			}
			resp.Body.Close()
		}
	})
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func appendTo(t testing.TB, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkNew is a sandbox with its demo company, as each test and each run of
// a simulation makes one.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		srv := New(Options{Now: func() time.Time { return scriptTime }})
		if err := srv.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
