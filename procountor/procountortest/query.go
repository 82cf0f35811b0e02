package procountortest

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A query reads query parameters and collects what is wrong with them.
type query struct {
	c      *call
	values url.Values
	faults faults
}

func (c *call) query() *query {
	return &query{c: c, values: c.r.URL.Query(), faults: faults{call: c}}
}

func (q *query) fault(name, message string) { q.faults.add(name, message, assumeQuery) }

func (q *query) err() error { return q.faults.err() }

func (q *query) text(name string) string { return q.values.Get(name) }

func (q *query) has(name string) bool { return q.values.Get(name) != "" }

// list reads a multi-value parameter: by commas or repeated (REFERENCE 2.3).
func (q *query) list(name string) []string {
	var out []string
	for _, v := range q.values[name] {
		for p := range strings.SplitSeq(v, ",") {
			if p = strings.TrimSpace(p); p != "" {
				out = append(out, p)
			}
		}
	}
	return out
}

// words reads a list of enumeration values.
func (q *query) words(name string, allowed ...string) []string {
	out := q.list(name)
	for _, w := range out {
		if !slices.Contains(allowed, w) {
			q.fault(name, invalid(name, short(w)))
		}
	}
	return out
}

func (q *query) ids(name string) []int64 {
	var out []int64
	for _, w := range q.list(name) {
		id, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			q.fault(name, invalid(name, short(w)))
			continue
		}
		out = append(out, id)
	}
	return out
}

// id reads one whole number; ok is false when it is absent.
func (q *query) id(name string) (int64, bool) {
	v := q.text(name)
	if v == "" {
		return 0, false
	}
	id, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		q.fault(name, invalid(name, short(v)))
		return 0, false
	}
	return id, true
}

func (q *query) bool(name string) (v, ok bool) {
	switch s := q.text(name); s {
	case "":
		return false, false
	case "true", "false":
		return s == "true", true
	default:
		q.fault(name, invalid(name, short(s)))
		return false, false
	}
}

// date reads a day.
func (q *query) date(name string) string {
	v := q.text(name)
	if v == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, v); err != nil {
		q.fault(name, invalid(name, short(v)))
		return ""
	}
	return v
}

// instant reads a timestamp into the form in which timestamps are stored.
func (q *query) instant(name string) string {
	v := q.text(name)
	if v == "" {
		return ""
	}
	q.c.assume(assumeZone)
	t, err := parseTime(v, q.c.srv.zone)
	if err != nil {
		q.fault(name, invalid(name, short(v)))
		return ""
	}
	return stamp(t)
}

// A span is a range with open or closed ends; both ends belong to it.
type span struct{ from, to string }

func (q *query) days(from, to string) span { return span{q.date(from), q.date(to)} }
func (q *query) instants(from, to string) span {
	return span{q.instant(from), q.instant(to)}
}

func (s span) has(v string) bool {
	return (s.from == "" || v >= s.from) && (s.to == "" || v <= s.to)
}

// Paging of REFERENCE 2.3.
const (
	defaultPageSize = 50
	maxPageSize     = 200
)

// A pager cuts one page out of what a search finds.
type pager struct {
	size, page int
	previous   int64
	after      bool
	keys       []sortKey // by importance
	desc       bool      // of the last key, the id
}

type sortKey struct {
	name string
	desc bool
}

// pager reads the paging parameters. The others name the orderBy… parameters
// that the operation has beside orderById.
func (q *query) pager(descending bool, orders ...string) pager {
	p := pager{size: defaultPageSize, desc: descending}
	if n, ok := q.id("size"); ok {
		if n < 1 || n > maxPageSize {
			q.fault("size", invalid("size", strconv.FormatInt(n, 10)))
		} else {
			p.size = int(n)
		}
	}
	if n, ok := q.id("page"); ok {
		if n < 0 || n > 10_000_000 {
			q.fault("page", invalid("page", strconv.FormatInt(n, 10)))
		} else {
			p.page = int(n)
		}
	}
	if limit := q.c.srv.opt.Hostile.SmallPages; limit > 0 && p.size > limit {
		p.size = limit
	}
	if id, ok := q.id("previousId"); ok && id != 0 { // 0 is a default of the description
		p.previous, p.after = id, true
	}
	for _, name := range orders {
		if w := q.order(name); w != "" {
			p.keys = append(p.keys, sortKey{name, w == "DESC"})
		}
	}
	if w := q.order("orderById"); w != "" {
		p.desc = w == "DESC"
	} else if len(p.keys) > 0 {
		p.desc = p.keys[0].desc
	}
	q.c.assume(assumeSearchOrder)
	return p
}

func (q *query) order(name string) string {
	switch v := strings.ToUpper(q.text(name)); v {
	case "", "ASC", "DESC":
		return v
	default:
		q.fault(name, invalid(name, short(v)))
		return ""
	}
}

// pageOf sorts and cuts. Rows come by ascending id; key returns the value of an
// orderBy parameter, comparable as text.
func pageOf[T, W any](p pager, rows []*T, id func(*T) int64, key func(*T, string) string, wire func(*T) W) any {
	less := func(a, b *T) int {
		for _, k := range p.keys {
			if c := cmp.Compare(key(a, k.name), key(b, k.name)); c != 0 {
				if k.desc {
					return -c
				}
				return c
			}
		}
		c := cmp.Compare(id(a), id(b))
		if p.desc {
			return -c
		}
		return c
	}
	if len(p.keys) > 0 {
		slices.SortFunc(rows, less)
	} else if p.desc {
		slices.Reverse(rows)
	}
	total := len(rows)
	if p.after {
		// After that row in this order; a row that is gone leaves its place by id.
		if i := slices.IndexFunc(rows, func(r *T) bool { return id(r) == p.previous }); i >= 0 {
			rows = rows[i+1:]
		} else if len(p.keys) == 0 {
			i := slices.IndexFunc(rows, func(r *T) bool { return (id(r) < p.previous) == p.desc && id(r) != p.previous })
			if i < 0 {
				i = len(rows)
			}
			rows = rows[i:]
		}
	}
	from := min(p.page*p.size, len(rows))
	rows = rows[from:min(from+p.size, len(rows))]
	out := make([]W, 0, len(rows))
	for _, r := range rows {
		out = append(out, wire(r))
	}
	return searchResult[W]{out, SearchResultMetaData{
		PageNumber: ptr(int64(p.page)), PageSize: ptr(int64(p.size)), ResultCount: ptr(int64(len(out))), TotalCount: ptr(int64(total)),
	}}
}

type searchResult[W any] struct {
	Results []W                  `json:"results"`
	Meta    SearchResultMetaData `json:"meta"`
}
