package procountor

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pages serves n things with ids 1…n as the API does with previousId.
func pages(n, size int, withTotal bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		prev, _ := strconv.Atoi(q.Get("previousId"))
		if page, _ := strconv.Atoi(q.Get("page")); page > 0 {
			prev = page * size
		}
		ids := []string{}
		for id := prev + 1; id <= n && len(ids) < size; id++ {
			ids = append(ids, fmt.Sprintf(`{"id":%d}`, id))
		}
		total := ""
		if withTotal {
			total = fmt.Sprintf(`,"totalCount":%d`, n)
		}
		answer(w, 200, fmt.Sprintf(`{"results":[%s],"meta":{"pageSize":%d,"resultCount":%d%s}}`, strings.Join(ids, ","), size, len(ids), total))
	}
}

func TestPaging(t *testing.T) {
	for _, tc := range []struct{ n, size, requests int }{
		{0, 200, 1}, {1, 200, 1}, {199, 200, 1}, {200, 200, 2}, {201, 200, 2}, {400, 200, 3}, {7, 3, 3}, {6, 3, 3}, {3, 1, 4},
	} {
		for _, withTotal := range []bool{false, true} {
			for name, list := range map[string]func(*Client) ([]int64, error){
				"keyset": func(c *Client) ([]int64, error) {
					var ids []int64
					for v, err := range c.Invoices.List(t.Context(), InvoiceFilter{}) {
						if err != nil {
							return nil, err
						}
						ids = append(ids, v.ID)
					}
					return ids, nil
				},
				"numbered": func(c *Client) ([]int64, error) {
					var ids []int64
					for v, err := range c.Partners.Groups(t.Context(), PartnerGroupFilter{}) {
						if err != nil {
							return nil, err
						}
						ids = append(ids, v.ID)
					}
					return ids, nil
				},
			} {
				s := newServer(t)
				s.mux.HandleFunc("/", pages(tc.n, tc.size, withTotal))
				ids, err := list(s.client(t))
				if err != nil {
					t.Fatal(err)
				}
				if len(ids) != tc.n || !slices.IsSorted(ids) || len(slices.Compact(ids)) != tc.n {
					t.Errorf("%s %+v: %d ids", name, tc, len(ids))
				}
				if s.count() > tc.requests {
					t.Errorf("%s %+v: %d requests", name, tc, s.count())
				}
			}
		}
	}
}

// A server that gives short pages without saying so is believed when it tells a total.
func TestShortPagesWithTotal(t *testing.T) {
	s := newServer(t)
	full := pages(10, 3, true)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		rec := &bodyRecorder{ResponseWriter: w}
		full(rec, r)
		answer(w, 200, strings.Replace(rec.body.String(), `"pageSize":3`, `"pageSize":200`, 1))
	})
	got, err := all(s.client(t).Invoices.List(t.Context(), InvoiceFilter{}))
	if err != nil || len(got) != 10 {
		t.Errorf("%d, %v", len(got), err)
	}
}

type bodyRecorder struct {
	http.ResponseWriter
	body strings.Builder
}

func (r *bodyRecorder) WriteHeader(int)             {}
func (r *bodyRecorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func TestPagingEnds(t *testing.T) {
	full := `{"results":[{"id":4}],"meta":{"pageSize":1}}`
	s := newServer(t)
	s.mux.HandleFunc("/", always(200, full)) // ignores previousId
	got, err := all(s.client(t).Invoices.List(t.Context(), InvoiceFilter{}))
	if !errors.Is(err, Broken) || len(got) != 1 || s.count() != 2 {
		t.Errorf("%d, %v, %d requests", len(got), err, s.count())
	}
	s = newServer(t)
	s.mux.HandleFunc("/", always(200, `{"results":[{"id":9},{"id":4}]}`)) // not in order
	if _, err = all(s.client(t).Invoices.List(t.Context(), InvoiceFilter{})); !errors.Is(err, Broken) {
		t.Error(err)
	}
	s = newServer(t)
	s.mux.HandleFunc("/", always(200, full)) // ignores page
	groups, err := all(s.client(t).Partners.Groups(t.Context(), PartnerGroupFilter{}))
	if !errors.Is(err, Broken) || len(groups) != 1 || s.count() != 2 {
		t.Errorf("%d, %v, %d requests", len(groups), err, s.count())
	}
	// Who stops early causes no further request.
	s = newServer(t)
	s.mux.HandleFunc("/", pages(100, 10, true))
	for v, err := range s.client(t).Invoices.List(t.Context(), InvoiceFilter{}) {
		if err != nil || v.ID == 10 {
			break
		}
	}
	if s.count() != 1 {
		t.Errorf("%d requests", s.count())
	}
	// The first error is the last word.
	s = newServer(t)
	s.mux.HandleFunc("/", always(403, `{"errors":[{"status":403,"message":"no"}]}`))
	n := 0
	for _, err := range s.client(t).Invoices.List(t.Context(), InvoiceFilter{}) {
		n++
		if !errors.Is(err, Forbidden) {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d turns", n)
	}
}

func TestGetMany(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("GET /invoices/{ids}", func(w http.ResponseWriter, r *http.Request) {
		ids := strings.Split(r.PathValue("ids"), ",")
		if len(ids) > 200 {
			answer(w, 400, `{"errors":[{"status":400,"message":"too many ids"}]}`)
			return
		}
		var found []string
		for _, id := range ids { // odd ids exist
			if n, _ := strconv.Atoi(id); n%2 == 1 {
				found = append(found, `{"id":`+id+`}`)
			}
		}
		switch {
		case len(found) == 0:
			answer(w, 404, `{"errors":[{"status":404,"message":"Invoices not found"}]}`)
		case len(ids) == 1:
			answer(w, 200, found[0])
		default:
			answer(w, 200, "["+strings.Join(found, ",")+"]")
		}
	})
	c := s.client(t)
	var ids []int64
	for id := int64(401); id >= 1; id-- {
		ids = append(ids, id, id)
	}
	got, err := c.Invoices.GetMany(t.Context(), ids)
	if err != nil || len(got) != 201 || got[0].ID != 1 || got[200].ID != 401 {
		t.Errorf("%d, %v", len(got), err)
	}
	if s.count() != 3 {
		t.Errorf("%d requests", s.count())
	}
	if got, err := c.Invoices.GetMany(t.Context(), []int64{2, 4}); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	if got, err := c.Invoices.GetMany(t.Context(), []int64{8}); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	before := s.count()
	if got, err := c.Invoices.GetMany(t.Context(), nil); err != nil || len(got) != 0 || s.count() != before {
		t.Errorf("%v %v", got, err)
	}
}

// "Nothing there" is only believed from the API itself, for on it hangs whether a write is sent again.
func TestGetManyDoesNotBelieveAGateway(t *testing.T) {
	s := newServer(t)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		io.WriteString(w, "<html>404 Not Found</html>")
	})
	if got, err := s.client(t).Invoices.GetMany(t.Context(), []int64{1, 2}); err == nil {
		t.Errorf("%v", got)
	}
}
