package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/secret"
)

func TestInside(t *testing.T) {
	for ip, inside := range map[string]bool{
		"8.8.8.8": false, "193.166.3.1": false, "2a00:1450:4026::1": false, "172.15.0.1": false, "172.32.0.1": false, "100.128.0.1": false,
		"127.0.0.1": true, "127.255.1.1": true, "0.0.0.0": true, "0.1.2.3": true, "10.1.2.3": true, "172.16.0.1": true, "172.31.255.255": true,
		"192.168.1.1": true, "169.254.169.254": true, "100.64.0.1": true, "192.0.0.8": true, "198.18.0.1": true, "224.0.0.1": true,
		"240.0.0.1": true, "255.255.255.255": true, "203.0.113.5": true,
		"::": true, "::1": true, "fe80::1": true, "fe80::1%eth0": true, "fc00::1": true, "fd12::1": true, "ff02::1": true,
		"::ffff:127.0.0.1": true, "::ffff:10.0.0.1": true, "::ffff:8.8.8.8": false, "64:ff9b::7f00:1": true, "64:ff9b:1::1": true,
		"2002:7f00:1::": true, "2001:0:7f00:1::": true, "2001:db8::1": true, "::127.0.0.1": true, "fec0::1": true, "4000::1": true,
	} {
		if got := Inside(netip.MustParseAddr(ip)); (got != "") != inside {
			t.Errorf("%s: %q", ip, got)
		}
	}
}

func TestCheck(t *testing.T) {
	public, here := New(Options{}), New(Options{Loopback: true})
	own := New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	for _, c := range []struct {
		c       *Client
		address string
		ok      bool
	}{
		{public, "https://shop.example.fi/vienti?x=1", true},
		{public, "https://shop.example.fi:8443/", true},
		{public, "http://shop.example.fi/", false},
		{public, "https://10.1.2.3/", false},
		{public, "https://[::1]/", false},
		{public, "https://[::ffff:10.1.2.3]/", false},
		{public, "http://localhost:9000/", false},
		{public, "https://user:pass@shop.example.fi/", false},
		{public, "https://shop.example.fi/#part", false},
		{public, "ftp://shop.example.fi/", false},
		{public, "file:///etc/passwd", false},
		{public, "https:///x", false},
		{public, "shop.example.fi", false},
		{public, "https://" + strings.Repeat("x", MaxURL) + ".fi/", false},
		{here, "http://localhost:9000/", true},
		{here, "http://127.0.0.1:9000/", true},
		{here, "http://10.1.2.3/", false},
		{here, "http://shop.example.fi/", false},
		{own, "https://10.1.2.3/", true},
		{own, "https://10.2.2.3/", false},
		{own, "http://10.1.2.3/", false},
	} {
		if err := c.c.Check(c.address); (err == nil) != c.ok {
			t.Errorf("%.60s: %v", c.address, err)
		}
	}
}

// A name may stand for anything: what it has become is asked when it is dialled.
func TestDialledAddress(t *testing.T) {
	asked := 0
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{Timeout: 5 * time.Second})
	defer c.Close()
	_, err = c.Post(t.Context(), "https://localhost:"+port+"/secret?key=hunter22", nil, nil)
	if !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "hunter22") || asked > 0 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

// A redirect is not followed, and neither a slow receiver nor one that answers for
// ever keeps us.
func TestPost(t *testing.T) {
	var elsewhere bool
	mux := http.NewServeMux()
	mux.HandleFunc("/there", func(http.ResponseWriter, *http.Request) { elsewhere = true })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second):
		}
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	c := New(Options{Loopback: true, Timeout: 500 * time.Millisecond})
	defer c.Close()
	post := func(path string) (int, error) {
		return c.Post(context.Background(), srv.URL+path, http.Header{}, []byte("{}"))
	}
	if status, err := post("/away"); status != http.StatusTemporaryRedirect || err != nil || elsewhere {
		t.Errorf("redirect: %d, %v, followed %v", status, err, elsewhere)
	}
	began := time.Now()
	if _, err := post("/slow"); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("slow: %v after %v", err, time.Since(began))
	}
	if status, err := post("/endless"); status != http.StatusOK || err != nil {
		t.Errorf("endless: %d, %v", status, err)
	}
}

// The example of the standard's own specification and libraries.
func TestSignature(t *testing.T) {
	h, err := Headers("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`),
		secret.New("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(h.Get("webhook-signature"), " ")
	if first != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || !strings.HasPrefix(second, "v1,") || first == second {
		t.Errorf("%q", h)
	}
	if _, err := Headers("x", time.Now(), nil, secret.New("hunter22")); err == nil || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("another's secret: %v", err)
	}
}
