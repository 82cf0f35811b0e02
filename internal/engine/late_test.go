package engine_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A lateClient keeps the first post back, as a network does that delivers minutes
// later.
type lateClient struct {
	next    http.RoundTripper
	swallow bool
	kept    *http.Request
	body    []byte
}

func (l *lateClient) wrap(c *http.Client) *http.Client {
	l.next = c.Transport
	return &http.Client{Transport: l}
}

func (l *lateClient) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.swallow && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/invoices") {
		l.swallow = false
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		l.kept, l.body = r, b
		return nil, errors.New("connection reset")
	}
	return l.next.RoundTrip(r)
}

// land delivers it now.
func (l *lateClient) land(t *testing.T) {
	t.Helper()
	r := l.kept.Clone(t.Context())
	r.Body = io.NopCloser(bytes.NewReader(l.body))
	resp, err := l.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the late write did not land: %v", err)
	}
	resp.Body.Close()
}
