package valueframe

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/sourcetest"
)

// writable is a ValueFrame that lists its purchases.
type writable struct{ *harness }

func (h writable) Project() (project, other string) { return "4711", "4712" }
func (h writable) Silent(*testing.T)                { h.fake.Silent = true }

func (h writable) Open(t *testing.T, env source.Env) source.Driver {
	t.Helper()
	return h.harness.Open(t, env)
}

func (h writable) Recorded(*testing.T) (list []sourcetest.Recorded) {
	for _, r := range h.fake.Sales() {
		list = append(list, sourcetest.Recorded{ID: fmt.Sprint(r["id"]), Project: fmt.Sprint(r["subProjectId"]), Text: fmt.Sprint(r["description"]),
			Net: money.Must(fmt.Sprint(r["purchasePrice"])), Number: fmt.Sprint(r["invoiceNumber"])})
	}
	return list
}

// answerOnce lets the fake answer the next POST by f.
func (h writable) answerOnce(f func(http.ResponseWriter, *http.Request) bool) {
	done := false
	h.fake.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		if done || r.Method != http.MethodPost {
			return false
		}
		done = true
		return f(w, r)
	})
}

func (h writable) Lose(*testing.T) { h.fake.Lose(1) }

func (h writable) Busy(*testing.T) {
	h.answerOnce(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
}

func TestWriterSuite(t *testing.T) {
	sourcetest.RunWriter(t, func(t *testing.T) sourcetest.WriterHarness {
		h := newHarness(t, false)
		h.fake.Listing = "ostot"
		h.purchases = "ostot"
		return writable{h}
	})
}

// Every answer to a write has its class: what was certainly not written, and what
// nobody knows.
func TestWriteAnswers(t *testing.T) {
	for status, want := range map[int]error{400: source.ErrRefused, 401: source.ErrDenied, 403: source.ErrDenied, 404: source.ErrDenied, 405: source.ErrDenied,
		409: source.ErrRefused, 411: source.ErrRefused, 429: source.ErrBusy, 302: nil, 500: nil, 502: nil, 503: nil, 504: nil} {
		h := newHarness(t, false)
		h.purchases = "ostot"
		w := writable{h}
		w.answerOnce(func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.WriteHeader(status)
			_, _ = rw.Write([]byte("no: " + token))
			return true
		})
		_, err := h.open(t).Write(t.Context(), []byte(`{"subProjectId":1,"purchasePrice":1}`))
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%d: %v", status, err)
		}
		for _, class := range []error{source.ErrRefused, source.ErrDenied, source.ErrBusy} {
			if errors.Is(err, class) != errors.Is(want, class) {
				t.Errorf("%d: %v, want %v", status, err, want)
			}
		}
	}
}

// Without a resource that lists purchases nothing is written: nobody could look.
func TestNoListing(t *testing.T) {
	h := newHarness(t, false)
	list, faults, _ := h.open(t).Records(t.Context(), &hub.Document{})
	if len(list) != 0 || len(faults) != 1 || faults[0].Code != hub.BackSettings {
		t.Errorf("%v %v", list, faults)
	}
	if _, err := h.open(t).Look(t.Context(), h.now); !errors.Is(err, source.ErrDenied) {
		t.Error(err)
	}
}

// A trial shows what the list of purchases is understood as.
func TestTryPurchases(t *testing.T) {
	h := newHarness(t, false)
	h.Seed(t, seeds(1))
	h.purchases = "ostot"
	h.fake.Put("ostot", []map[string]any{{"id": 7, "description": "Lauta"}, {"id": 8}})
	list, err := h.open(t).Explain(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range list {
		if strings.HasPrefix(u.Field, "purchase") {
			got = append(got, u.Field+"="+u.Read+u.Fault)
		}
	}
	if strings.Join(got, " ") != "purchase_id=7 purchase_text=Lauta purchase_id=8 purchase_text=?" {
		t.Error(got)
	}
}
