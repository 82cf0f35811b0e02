package procountor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// PageSize is how many results a search asks for at a time: the most that the API gives (REFERENCE 2.3).
	PageSize = 200
	// BatchSize is how many ids one GET may name (REFERENCE 2.4).
	BatchSize = 200
	// maxPages ends a search of a server that never ends its pages; 200 a page makes twenty million.
	maxPages = 100_000
)

// A service is what each section of the API has in common.
type service struct{ c *Client }

// SearchMeta is what a search says about its page. TotalCount is newer than release 23.09 and nil
// when it was not sent.
type SearchMeta struct {
	PageNumber  int    `json:"pageNumber,omitempty"`
	PageSize    int    `json:"pageSize,omitempty"`
	ResultCount int    `json:"resultCount,omitempty"`
	TotalCount  *int64 `json:"totalCount,omitempty"`
}

// get reads the JSON at path.
func get[T any](ctx context.Context, c *Client, path string, q url.Values) (T, error) {
	var v T
	resp, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path, Query: q})
	if err != nil {
		return v, err
	}
	err = resp.Decode(&v)
	return v, err
}

// write sends in as JSON and reads the object that the server saved.
func write[T any](ctx context.Context, c *Client, method, path string, q url.Values, in any) (*T, error) {
	resp, err := doJSON(ctx, c, method, path, q, in)
	if err != nil {
		return nil, err
	}
	v := new(T)
	if err := resp.Decode(v); err != nil {
		return nil, err
	}
	return v, nil
}

// act sends a write whose answer says nothing that is needed.
func act(ctx context.Context, c *Client, method, path string, in any) error {
	_, err := doJSON(ctx, c, method, path, nil, in)
	return err
}

// doJSON sends in as JSON; nil is no body.
func doJSON(ctx context.Context, c *Client, method, path string, q url.Values, in any) (*Response, error) {
	r := Request{Method: method, Path: path, Query: q}
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return nil, &Error{Class: NotSent, Method: method, Path: path, err: err}
		}
		r.Body = body
	}
	return c.Do(ctx, r)
}

// getMany reads things by id, a batch at a time, in the order of their ids. Ids that the server
// does not know are missing from the result; asked for alone they give 404, which is the same.
func getMany[T any](ctx context.Context, c *Client, path string, ids []int64) ([]T, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var all []T
	for batch := range slices.Chunk(ids, BatchSize) {
		names := make([]string, len(batch))
		for i, id := range batch {
			names[i] = strconv.FormatInt(id, 10)
		}
		resp, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path + "/" + strings.Join(names, ",")})
		if e, ok := errors.AsType[*Error](err); ok && e.Class == NotFound && e.fromAPI() {
			continue
		}
		if err != nil {
			return nil, err
		}
		// One id asked gives an object, several an array.
		if strings.HasPrefix(strings.TrimSpace(string(resp.Body[:min(len(resp.Body), 64)])), "{") {
			var v T
			if err := resp.Decode(&v); err != nil {
				return nil, err
			}
			all = append(all, v)
			continue
		}
		var vs []T
		if err := resp.Decode(&vs); err != nil {
			return nil, err
		}
		all = append(all, vs...)
	}
	return all, nil
}

// fromAPI tells an answer of the API from one of a gateway before it: a 404 that is a web page
// says nothing about what Procountor knows.
func (e *Error) fromAPI() bool {
	return !strings.HasPrefix(strings.TrimSpace(e.Body), "<")
}

// A search walks the pages of a list.
type search struct {
	path   string
	query  url.Values
	header http.Header
	// noKeyset is for lists without previousId: they are walked by page number, and may skip or
	// repeat an entry when the list changes meanwhile.
	noKeyset bool
}

// results yields the results of a search in rising order of id, or in the server's order where
// the list has no previousId. It reads the next page when the last one is used up, and ends with
// the first error.
func results[T any](ctx context.Context, c *Client, s search, id func(*T) int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		q := maps.Clone(s.query)
		if q == nil {
			q = url.Values{}
		}
		q.Set("size", strconv.Itoa(PageSize))
		if !s.noKeyset {
			q.Set("orderById", "ASC")
		}
		var last, first, seen int64
		total := int64(-1) // unknown
		for page := range maxPages {
			if page > 0 && s.noKeyset {
				q.Set("page", strconv.Itoa(page))
			}
			resp, err := c.Do(ctx, Request{Method: http.MethodGet, Path: s.path, Query: q, Header: s.header})
			if err != nil {
				yield(none, err)
				return
			}
			var answer struct {
				Results []T        `json:"results"`
				Meta    SearchMeta `json:"meta"`
			}
			if err := resp.Decode(&answer); err != nil {
				yield(none, err)
				return
			}
			if page == 0 && answer.Meta.TotalCount != nil {
				total = *answer.Meta.TotalCount
			}
			if s.noKeyset && len(answer.Results) > 0 {
				n := id(&answer.Results[0])
				if page > 0 && n == first {
					yield(none, s.broken(resp, fmt.Errorf("page %d begins with id %d as the one before: the pages stand still", page, n)))
					return
				}
				first = n
			}
			for i := range answer.Results {
				if n := id(&answer.Results[i]); !s.noKeyset {
					if n <= last {
						yield(none, s.broken(resp, fmt.Errorf("id %d came after %d: the list is not in the order asked for", n, last)))
						return
					}
					last = n
				}
				if !yield(answer.Results[i], nil) {
					return
				}
			}
			seen += int64(len(answer.Results))
			if len(answer.Results) == 0 || ended(len(answer.Results), answer.Meta, seen, total) {
				return
			}
			if !s.noKeyset {
				q.Set("previousId", strconv.FormatInt(last, 10))
			}
		}
		yield(none, &Error{Class: Broken, Method: http.MethodGet, Path: s.path, err: fmt.Errorf("more than %d pages", maxPages)})
	}
}

// ended tells whether a page that is not empty was the last one, to save the request for an empty
// one. A page shorter than its own size is the last, unless the total says otherwise.
func ended(n int, m SearchMeta, seen, total int64) bool {
	size := PageSize
	if m.PageSize > 0 && m.PageSize < size {
		size = m.PageSize // the server gives less than it was asked for
	}
	return n < size && seen >= total
}

func (s search) broken(r *Response, err error) *Error {
	return &Error{Class: Broken, Status: r.Status, Method: http.MethodGet, Path: s.path, err: err}
}

// A query collects search criteria; what is zero is left out.
type query url.Values

func (q query) text(key, v string) {
	if v != "" {
		q[key] = []string{v}
	}
}

func (q query) id(key string, v int64) {
	if v != 0 {
		q[key] = []string{strconv.FormatInt(v, 10)}
	}
}

func (q query) flag(key string, v *bool) {
	if v != nil {
		q[key] = []string{strconv.FormatBool(*v)}
	}
}

// list joins several values with commas, as the API documents it (REFERENCE 2.3).
func list[T ~string](q query, key string, vs []T) {
	words := make([]string, len(vs))
	for i, v := range vs {
		words[i] = string(v)
	}
	q.text(key, strings.Join(words, ","))
}

func (q query) ids(key string, vs []int64) {
	words := make([]string, len(vs))
	for i, v := range vs {
		words[i] = strconv.FormatInt(v, 10)
	}
	q.text(key, strings.Join(words, ","))
}

// at makes a path of fixed words and ids.
func at(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}

// oneOrMany reads an array, or a single object as an array of one.
type oneOrMany[T any] []T

func (v *oneOrMany[T]) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
		*v = make([]T, 1)
		return json.Unmarshal(b, &(*v)[0])
	}
	return json.Unmarshal(b, (*[]T)(v))
}
