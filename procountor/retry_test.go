package procountor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vienti/vienti/internal/pipenet"
)

// inBubble runs f with a clock of its own and a client of h over an in-memory network.
func inBubble(t *testing.T, o Options, h http.HandlerFunc, f func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := pipenet.Serve(h)
		defer srv.Close()
		o.BaseURL, o.ClientID, o.ClientSecret, o.APIKey = "http://procountor.example/api", "exampleClient", testSecret, testKey
		o.HTTP = &http.Client{Transport: srv.Transport}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		f(t, c)
	})
}

func isLogin(r *http.Request) bool { return r.URL.Path == "/api/oauth/token" }

// login answers a login with a token that has a number.
func login(w http.ResponseWriter, n int, life int) {
	answer(w, 200, fmt.Sprintf(`{"access_token":"t%d","expires_in":%d}`, n, life))
}

func TestOneLoginForManyCallers(t *testing.T) {
	var logins atomic.Int32
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if isLogin(r) {
			time.Sleep(2 * time.Second)
			login(w, int(logins.Add(1)), 3600)
			return
		}
		answer(w, 200, `{"companyId":7}`)
	}, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := c.Session.Get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if logins.Load() != 1 {
			t.Errorf("%d logins", logins.Load())
		}
	})
}

func TestTokenIsRenewedBeforeItsEnd(t *testing.T) {
	for _, tc := range []struct {
		life   int // seconds
		renews time.Duration
	}{{3600, 55 * time.Minute}, {600, 9 * time.Minute}, {60, 54 * time.Second}} {
		var logins atomic.Int32
		inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			if isLogin(r) {
				login(w, int(logins.Add(1)), tc.life)
				return
			}
			if got, want := r.Header.Get("Authorization"), fmt.Sprintf("Bearer t%d", logins.Load()); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			answer(w, 200, `{}`)
		}, func(t *testing.T, c *Client) {
			ask := func(want int32) {
				t.Helper()
				if _, err := c.Session.Get(t.Context()); err != nil {
					t.Fatal(err)
				}
				if logins.Load() != want {
					t.Errorf("life %d: %d logins, want %d", tc.life, logins.Load(), want)
				}
			}
			ask(1)
			time.Sleep(tc.renews - time.Second)
			ask(1)
			time.Sleep(time.Second)
			ask(2)
		})
	}
}

func TestFailedLoginIsShared(t *testing.T) {
	var logins, others atomic.Int32
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if !isLogin(r) {
			others.Add(1)
			return
		}
		if logins.Add(1) > 1 {
			login(w, 1, 3600)
			return
		}
		time.Sleep(time.Second)
		answer(w, 401, `{"errors":[{"status":401,"message":"Unauthorized"}]}`)
	}, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 19 * time.Millisecond) // some come after the answer
				_, err := c.Invoices.Create(t.Context(), &Invoice{})
				if !errors.Is(err, NotSent) || !errors.Is(err, Unauthorized) {
					t.Error(err)
				}
				if e := asError(t, err); e.Path != "/invoices" {
					t.Errorf("the error is of %s", e.Path)
				}
			})
		}
		wg.Wait()
		if logins.Load() != 1 || others.Load() != 0 {
			t.Errorf("%d logins, %d others", logins.Load(), others.Load())
		}
		time.Sleep(loginPause)
		if _, err := c.Do(t.Context(), Request{Method: "PUT", Path: "/invoices/1/send"}); err != nil {
			t.Errorf("a failed login is remembered too long: %v", err)
		}
	})
}

func TestLoginGoesOnWhenItsFirstCallerLeaves(t *testing.T) {
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if isLogin(r) {
			time.Sleep(3 * time.Second)
			login(w, 1, 3600)
			return
		}
		answer(w, 200, `{}`)
	}, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := c.Session.Get(ctx); !errors.Is(err, NotSent) || !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		wg.Go(func() {
			time.Sleep(500 * time.Millisecond)
			if _, err := c.Session.Get(t.Context()); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
	})
}

func TestLoginSurvivesABadMoment(t *testing.T) {
	var logins atomic.Int32
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if !isLogin(r) {
			answer(w, 200, `{}`)
			return
		}
		switch logins.Add(1) {
		case 1:
			w.WriteHeader(502)
		case 2:
			panic(http.ErrAbortHandler)
		case 3:
			answer(w, 200, `{"access_token":"t1`)
		default:
			login(w, 1, 3600)
		}
	}, func(t *testing.T, c *Client) {
		if _, err := c.Session.Get(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestBadLoginAnswers(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, ``, `{"access_token":""}`, `{"access_token":"secret token"}`, `{"access_token":"secrettoken","expires_in":"soon"}`, `{"access_token":"secrettoken"`, `{"access_token":7}`, `<html>`} {
		inBubble(t, Options{MaxReadRetries: -1}, always(200, body), func(t *testing.T, c *Client) {
			_, err := c.Session.Get(t.Context())
			if !errors.Is(err, NotSent) || !errors.Is(err, Broken) {
				t.Errorf("%s: %v", body, err)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				x, ok := e.(*Error) //nolint:errorlint // each link of the chain is looked at by itself
				if said := e.Error(); ok && strings.Contains(said+x.Body, "secret") {
					t.Errorf("%s: the token stands in the error: %v %q", body, e, x.Body)
				}
			}
		})
	}
}

func TestTokenRefused(t *testing.T) {
	var logins, reads, writes atomic.Int32
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case isLogin(r):
			login(w, int(logins.Add(1)), 3600)
		case r.Header.Get("Authorization") == "Bearer t1":
			if r.Method == "GET" {
				reads.Add(1)
			} else {
				writes.Add(1)
			}
			answer(w, 401, "")
		case r.Header.Get("Authorization") == "Bearer t3":
			answer(w, 401, "")
		default:
			answer(w, 200, `{"id":1}`)
		}
	}, func(t *testing.T, c *Client) {
		// A write is not repeated, but the next call logs in anew.
		if _, err := c.Invoices.Create(t.Context(), &Invoice{}); !errors.Is(err, Unauthorized) || errors.Is(err, NotSent) {
			t.Error(err)
		}
		if writes.Load() != 1 || logins.Load() != 1 {
			t.Errorf("%d writes, %d logins", writes.Load(), logins.Load())
		}
		if _, err := c.Invoices.Create(t.Context(), &Invoice{}); err != nil {
			t.Error(err)
		}
		if logins.Load() != 2 {
			t.Errorf("%d logins", logins.Load())
		}
		// A read renews the token once and is repeated; token 3 is bad too, then it gives up.
		c.p.logins.drop("t2")
		if _, err := c.Invoices.Get(t.Context(), 1); err != nil {
			t.Error(err)
		}
		if logins.Load() != 4 {
			t.Errorf("%d logins", logins.Load())
		}
	})
}

func TestReadGivesUpAfterASecondRefusal(t *testing.T) {
	var logins, reads atomic.Int32
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if isLogin(r) {
			login(w, int(logins.Add(1)), 3600)
			return
		}
		reads.Add(1)
		answer(w, 401, "")
	}, func(t *testing.T, c *Client) {
		if _, err := c.Session.Get(t.Context()); !errors.Is(err, Unauthorized) {
			t.Error(err)
		}
		if reads.Load() != 2 || logins.Load() != 2 {
			t.Errorf("%d reads, %d logins", reads.Load(), logins.Load())
		}
	})
}

func TestReadsAreRepeated(t *testing.T) {
	var n atomic.Int32
	inBubble(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if isLogin(r) {
			login(w, 1, 3600)
			return
		}
		switch n.Add(1) {
		case 1:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(500)
			io.WriteString(w, "<html>500</html>")
		case 2:
			w.WriteHeader(503)
		case 3:
			answer(w, 200, `{"companyId":`)
		default:
			answer(w, 200, `{"companyId":7}`)
		}
	}, func(t *testing.T, c *Client) {
		start := time.Now()
		info, err := c.Session.Get(t.Context())
		if err != nil || info.CompanyID != 7 {
			t.Errorf("%+v %v", info, err)
		}
		// 250, 500 and 1000 ms, each up to half as long again.
		if d := time.Since(start); d < 1750*time.Millisecond || d > 2625*time.Millisecond {
			t.Errorf("took %v", d)
		}
		n.Store(-100)
		if _, err := c.Session.Get(t.Context()); err != nil {
			t.Errorf("%v", err) // -99 and up are answered
		}
	})
}

func TestReadRetriesAreBounded(t *testing.T) {
	for retries, want := range map[int]int32{0: 1 + DefaultReadRetries, -1: 1, 5: 6} {
		var n atomic.Int32
		inBubble(t, Options{MaxReadRetries: retries}, func(w http.ResponseWriter, r *http.Request) {
			if isLogin(r) {
				login(w, 1, 3600)
				return
			}
			n.Add(1)
			w.WriteHeader(500)
		}, func(t *testing.T, c *Client) {
			if _, err := c.Session.Get(t.Context()); !errors.Is(err, Broken) {
				t.Error(err)
			}
			if n.Load() != want {
				t.Errorf("MaxReadRetries %d: %d requests, want %d", retries, n.Load(), want)
			}
		})
	}
}

func TestBusyReads(t *testing.T) {
	var n atomic.Int32
	retry := "7"
	h := func(w http.ResponseWriter, r *http.Request) {
		if isLogin(r) {
			login(w, 1, 3600)
			return
		}
		if n.Add(1) == 1 {
			w.Header().Set("Retry-After", retry)
			answer(w, 429, "")
			return
		}
		answer(w, 200, `{}`)
	}
	inBubble(t, Options{}, h, func(t *testing.T, c *Client) {
		start := time.Now()
		if _, err := c.Session.Get(t.Context()); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d != 7*time.Second {
			t.Errorf("waited %v", d)
		}
		// A context that ends before the pause does gets the answer at once.
		n.Store(0)
		start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := c.Session.Get(ctx)
		if e := asError(t, err); e.Class != Busy || e.RetryAfter != 7*time.Second || time.Since(start) != 0 {
			t.Errorf("%+v after %v", e, time.Since(start))
		}
		// Nobody waits an hour inside a call.
		n.Store(0)
		retry = "3600"
		_, err = c.Session.Get(t.Context())
		if e := asError(t, err); e.Class != Busy || e.RetryAfter != time.Hour || time.Since(start) != 0 {
			t.Errorf("%+v after %v", e, time.Since(start))
		}
		n.Store(0)
		retry = time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat)
		start = time.Now()
		if _, err := c.Session.Get(t.Context()); err != nil || time.Since(start) != 9*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestTimeout(t *testing.T) {
	var n atomic.Int32
	inBubble(t, Options{Timeout: 5 * time.Second, MaxReadRetries: 2}, func(w http.ResponseWriter, r *http.Request) {
		if isLogin(r) {
			login(w, 1, 3600)
			return
		}
		n.Add(1)
		time.Sleep(time.Hour)
	}, func(t *testing.T, c *Client) {
		if c.Timeout() != 5*time.Second {
			t.Error(c.Timeout())
		}
		start := time.Now()
		_, err := c.Invoices.Create(t.Context(), &Invoice{})
		if !errors.Is(err, Unclear) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second || n.Load() != 1 {
			t.Errorf("%v after %v, %d requests", err, time.Since(start), n.Load())
		}
		if _, err := c.Session.Get(t.Context()); !errors.Is(err, Broken) || n.Load() != 4 {
			t.Errorf("%v, %d requests", err, n.Load())
		}
	})
}

// The limiter is asked before every request: logins, repeated reads, writes.
func TestLimiterIsAskedEachTime(t *testing.T) {
	var turns, requests atomic.Int32
	o := Options{Limiter: limiterFunc(func(context.Context) error { turns.Add(1); return nil })}
	inBubble(t, o, func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		switch {
		case isLogin(r):
			login(w, 1, 3600)
		case n == 2:
			w.WriteHeader(500)
		case n == 3:
			answer(w, 401, "")
		default:
			answer(w, 200, `{}`)
		}
	}, func(t *testing.T, c *Client) {
		if _, err := c.Session.Get(t.Context()); err != nil {
			t.Error(err)
		}
		if err := c.Invoices.Send(t.Context(), 1); err != nil {
			t.Error(err)
		}
		if turns.Load() != requests.Load() || requests.Load() != 6 {
			t.Errorf("%d turns for %d requests", turns.Load(), requests.Load())
		}
	})
}

func TestPaceLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(20)
		start := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		var wg sync.WaitGroup
		for range 41 {
			wg.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				at = append(at, time.Since(start))
				mu.Unlock()
			})
		}
		wg.Wait()
		slices.Sort(at)
		for i, d := range at {
			if want := time.Duration(i) * 50 * time.Millisecond; d != want {
				t.Fatalf("turn %d came at %v, want %v", i, d, want)
			}
		}
		// Time without requests saves nothing up.
		time.Sleep(time.Hour)
		start = time.Now()
		for range 3 {
			if err := l.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(start); d != 100*time.Millisecond {
			t.Errorf("three turns took %v", d)
		}
		// Who cannot wait that long takes no turn.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		for range 100 {
			if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
		}
		start = time.Now()
		if l.Wait(t.Context()); time.Since(start) > 50*time.Millisecond {
			t.Errorf("the ones who left took turns: %v", time.Since(start))
		}
		gone, cancel2 := context.WithCancel(t.Context())
		cancel2()
		if err := l.Wait(gone); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		slow := NewLimiter(-3)
		slow.Wait(t.Context())
		start = time.Now()
		slow.Wait(t.Context())
		if time.Since(start) != time.Second {
			t.Errorf("a rate below 1 paces by %v", time.Since(start))
		}
	})
}
