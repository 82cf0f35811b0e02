package faulty

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrInjected is the cause of every failure that this package makes.
var ErrInjected = errors.New("injected fault")

// Transport returns a RoundTripper that sends through next and fails as the
// plan says. Whether the request was carried out is not told by the error, as
// on a real network. A nil plan changes nothing.
func Transport(next http.RoundTripper, plan *Plan) http.RoundTripper {
	return &transport{next: next, plan: plan}
}

type transport struct {
	next http.RoundTripper
	plan *Plan
}

// bodyLimit bounds what a fault reads of an answer: a Body fault passes half of
// what it read, an After fault throws it away.
const bodyLimit = 1 << 20

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	f := t.plan.Next(req.Method, req.URL.Path)
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-req.Context().Done():
			closeBody(req)
			return nil, req.Context().Err()
		}
	}
	if f.Kind == Before {
		closeBody(req)
		return nil, fmt.Errorf("%s %s: connection refused: %w", req.Method, req.URL.Path, ErrInjected)
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch f.Kind {
	case After:
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, bodyLimit)) // lets the other side finish
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s %s: connection reset: %w", req.Method, req.URL.Path, ErrInjected)
	case Body:
		b, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		resp.Body = &broken{b: b[:len(b)/2]}
	}
	return resp, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// broken gives its bytes and then fails.
type broken struct{ b []byte }

func (r *broken) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, ErrInjected)
	}
	n := copy(p, r.b)
	r.b = r.b[n:]
	return n, nil
}

func (r *broken) Close() error { return nil }
