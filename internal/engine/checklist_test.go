package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/checklist"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// Where the source shows its registers, writing is not switched on while a line is
// open or while the source does not answer; otherwise nothing binds.
func TestWritingWaitsForTheChecklist(t *testing.T) {
	s := enginetest.NewSevera()
	var cfg enginetest.Config
	s.Into(&cfg)
	w := enginetest.OnSQLite(t)(cfg)
	on := func() error { return w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true) }
	w.Must(on()) // nothing is read yet
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, false))
	w.Severa(s, nil)
	w.Must(on())
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, false))

	missing := func(line string) {
		t.Helper()
		err := on()
		e, ok := errors.AsType[*engine.IncompleteError](err)
		if !ok {
			t.Fatalf("%s: %v", line, err)
		}
		if !slices.ContainsFunc(e.Checklist.Lines, func(l checklist.Line) bool { return l.Name == line && l.State == checklist.Open }) {
			t.Errorf("%s is not open: %+v", line, e.Checklist.Lines)
		}
		if w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, false)); strings.Contains(err.Error(), enginetest.SeveraSecret) {
			t.Error("a secret is in the error")
		}
	}
	s.Change("invoicestatuses", s.Waiting, func(o severafake.Object) { o["isActive"] = false })
	missing("status-before")
	s.Change("invoicestatuses", s.Waiting, func(o severafake.Object) { o["isActive"] = true })
	s.Remove("invoicestatuses", s.Transferred)
	missing("status-after")
	s.Without("settings:read")
	w.Clock.Add(2 * time.Hour) // a new token
	missing("source")
}

// Requests to a business system leave one by one within its limit, whoever asks.
func TestTurnsOfASource(t *testing.T) {
	s := enginetest.NewSevera()
	var cfg enginetest.Config
	s.Into(&cfg)
	w := enginetest.OnSQLite(t)(cfg)
	w.Severa(s, nil)
	begin := w.Clock.Now()
	const times = 6
	for range times { // each opens the source anew, as pulls and reports do
		if _, err := w.Engine.Checklist(t.Context(), w.Connection.ID); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	for _, n := range s.Requests() {
		asked += n
	}
	if took := w.Clock.Now().Sub(begin); asked < times*4 || took < time.Duration(asked-1)*time.Second/10 {
		t.Errorf("%d requests in %s", asked, took)
	}
}
