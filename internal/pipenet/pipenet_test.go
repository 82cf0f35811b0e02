package pipenet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Everything asleep lets the time of both sides jump.
func TestTimeJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour)
			io.WriteString(w, "late")
		}))
		defer srv.Close()
		start := time.Now()
		for range 3 {
			resp, err := srv.Client().Get("http://anything/path")
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(b) != "late" {
				t.Fatalf("body %q", b)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://anything/", nil)
		if _, err := srv.Client().Do(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("err = %v, want deadline exceeded", err)
		}
		if got := time.Since(start); got != 3*time.Hour+time.Minute {
			t.Fatalf("clock moved %v", got)
		}
	})
}

// A handler that stores and cuts the connection is seen as an error, and stored once.
func TestStoredButCut(t *testing.T) {
	var stored atomic.Int32
	srv := Serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		stored.Add(1)
		panic(http.ErrAbortHandler)
	}))
	defer srv.Close()
	if _, err := srv.Client().Post("http://x/", "text/plain", nil); err == nil {
		t.Fatal("no error")
	}
	if n := stored.Load(); n != 1 {
		t.Fatalf("stored %d times", n)
	}
}

func TestClose(t *testing.T) {
	srv := Serve(http.NotFoundHandler())
	srv.Close()
	srv.Close()
	if _, err := srv.Client().Get("http://x/"); err == nil {
		t.Fatal("a closed server answers")
	}
	l := Listen()
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Accept: %v", err)
	}
	if l.Addr().String() != "pipe" {
		t.Fatal(l.Addr())
	}
}
