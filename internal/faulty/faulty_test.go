package faulty

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPlan(t *testing.T) {
	p := NewPlan(1,
		Rule{Method: "POST", Path: "/api/invoices", Nth: 2, Fault: Fault{Kind: After}},
		Rule{Path: "*/approve", Times: 1, Fault: Fault{Kind: Before}},
		Rule{Write: true, Path: "/w", Fault: Fault{Kind: Slow}},
		Rule{Path: "=/exact", Fault: Fault{Kind: Body}},
	)
	for i, c := range []struct {
		method, path string
		want         Kind
	}{
		{"POST", "/api/invoices", None},
		{"GET", "/api/invoices", None},
		{"POST", "/api/invoices", After},
		{"POST", "/api/invoices", None},
		{"PUT", "/api/invoices/5/approve", Before},
		{"PUT", "/api/invoices/5/approve", None},
		{"GET", "/w", None},
		{"PUT", "/w", Slow},
		{"GET", "/exact", Body},
		{"GET", "/exact/not", None},
	} {
		if got := p.Next(c.method, c.path).Kind; got != c.want {
			t.Errorf("%d: %s %s: %q, want %q", i, c.method, c.path, got, c.want)
		}
	}
	if p.Faults() != 4 {
		t.Errorf("faults %d", p.Faults())
	}
	p.Clear()
	if p.Next("PUT", "/w").Kind != None || (*Plan)(nil).Next("PUT", "/").Kind != None {
		t.Error("a plan without rules fails")
	}
}

// The same seed deals out the same faults, another seed others, near the rate.
func TestSeed(t *testing.T) {
	deal := func(seed uint64) (string, int) {
		p := NewPlan(seed, Rule{PerMill: 250, Fault: Fault{Kind: Before}})
		var b strings.Builder
		for range 2000 {
			b.WriteString(string(p.Next("GET", "/").Kind) + ".")
		}
		return b.String(), p.Faults()
	}
	a, n := deal(7)
	if b, _ := deal(7); a != b {
		t.Error("seed 7 differs from itself")
	}
	if b, _ := deal(8); a == b {
		t.Error("seed 8 is as seed 7")
	}
	if n < 400 || n > 600 {
		t.Errorf("%d of 2000 failed, want about 500", n)
	}
}

func TestTransport(t *testing.T) {
	arrived := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived++
		io.WriteString(w, "0123456789")
	}))
	defer srv.Close()
	for _, c := range []struct {
		kind    Kind
		arrives int
		body    string
		failed  bool
	}{
		{None, 1, "0123456789", false},
		{Before, 0, "", true},
		{After, 1, "", true},
		{Body, 1, "01234", true},
	} {
		arrived = 0
		cl := http.Client{Transport: Transport(srv.Client().Transport, NewPlan(1, Rule{Fault: Fault{Kind: c.kind}}))}
		resp, err := cl.Post(srv.URL, "text/plain", strings.NewReader("x"))
		var b []byte
		if err == nil {
			b, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if arrived != c.arrives || string(b) != c.body || (err != nil) != c.failed {
			t.Errorf("%q: arrived %d, body %q, err %v", c.kind, arrived, b, err)
		}
		if err != nil && !errors.Is(err, ErrInjected) {
			t.Errorf("%q: %v is not ErrInjected", c.kind, err)
		}
	}
}
