package valueframe

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the vendor's own scheme; TLS protects it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/source"
)

const (
	// pageSize is the documented most of Account, and its records are the largest.
	pageSize = 100
	// maxRecords of one resource are read; beyond it a person must narrow it down.
	maxRecords = 200_000
	// maxAnswer bounds one answer: a hundred records of a hundred fields, and room.
	maxAnswer = 20_000_000
	// maxReason is how much of a refusal is told.
	maxReason = 200
)

// A record is one object of an answer, with numbers as they were written.
type record map[string]any

// client asks ValueFrame's REST interface (support.valueframe.fi 77000527771).
type client struct {
	env         source.Env
	base        string
	user, token string
}

// all reads a resource to its end. Two pages overlap by a record: when that is not
// the same on both, records have moved meanwhile and one may have been skipped.
func (c *client) all(ctx context.Context, resource string) ([]record, error) {
	const tries = 3
	for range tries {
		list, moved, err := c.once(ctx, resource)
		if err != nil || !moved {
			return list, err
		}
	}
	return nil, fmt.Errorf("%s changes while it is read", resource)
}

func (c *client) once(ctx context.Context, resource string) (list []record, moved bool, err error) {
	for {
		offset := max(len(list)-1, 0)
		page, err := c.get(ctx, resource, offset)
		if err != nil {
			return nil, false, err
		}
		if len(list) > 0 {
			if len(page) == 0 || !reflect.DeepEqual(page[0], list[len(list)-1]) {
				return nil, true, nil
			}
			page = page[1:]
		}
		list = append(list, page...)
		if len(list) > maxRecords {
			return nil, false, fmt.Errorf("%s holds more than %d records", resource, maxRecords)
		}
		if offset == 0 && len(page) < pageSize || offset > 0 && len(page) < pageSize-1 {
			return list, false, nil
		}
	}
}

func (c *client) get(ctx context.Context, resource string, offset int) ([]record, error) {
	path := strings.Trim(resource, "/")
	a, err := c.do(ctx, http.MethodGet, path, url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}, nil)
	if err != nil {
		return nil, err
	}
	if err := c.class(path, a); err != nil {
		return nil, err
	}
	return records(path, a.body)
}

// An answer that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request, once. An error says nothing of what became of it.
func (c *client) do(ctx context.Context, method, path string, query url.Values, content []byte) (answer, error) {
	address := c.base + "/" + path + "/"
	if query != nil {
		address += "?" + query.Encode()
	}
	var send io.Reader
	if content != nil {
		send = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, send)
	if err != nil {
		return answer{}, errors.New("the address of ValueFrame cannot be used")
	}
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
		req.GetBody = nil // so that nothing underneath sends it a second time
	}
	stamp := strconv.FormatInt(c.env.Now().Unix(), 10)
	sum := md5.Sum([]byte(stamp + "/" + path + "/" + c.token)) //nolint:gosec // as above
	for name, value := range map[string]string{"X-VF-REST-USER": c.user, "X-VF-REST-TIMESTAMP": stamp, "X-VF-REST-HASH": hex.EncodeToString(sum[:]),
		"X-VF-REST-TYPE": "JSON", "X-VF-REST-REAL-JSON-OUTPUT": "1"} {
		req.Header.Set(name, value)
	}
	resp, err := c.env.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address
		}
		return answer{}, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", path, err)
	}
	if len(body) > maxAnswer {
		return answer{}, fmt.Errorf("%s: an answer above %d bytes", path, maxAnswer)
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// class turns a status into our few classes of errors; see "REST status codes" of
// the vendor.
func (c *client) class(path string, a answer) error {
	if a.status == http.StatusOK {
		return nil
	}
	reason := c.said(path, a)
	switch a.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusBadRequest, http.StatusMethodNotAllowed:
		// Also a resource that has not been opened to us: a person must act.
		return fmt.Errorf("%w: %s", source.ErrDenied, reason)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		b := &source.BusyError{Reason: reason}
		if after := a.header.Get("Retry-After"); after != "" {
			if n, err := strconv.Atoi(after); err == nil && n >= 0 {
				b.Until = c.env.Now().Add(time.Duration(n) * time.Second)
			} else if t, err := http.ParseTime(after); err == nil {
				b.Until = t
			}
		}
		return b
	}
	return errors.New(reason)
}

// said is what an answer says, without our key.
func (c *client) said(path string, a answer) string {
	said := string(bytes.ToValidUTF8(a.body[:min(len(a.body), maxReason)], nil))
	if c.token != "" {
		said = strings.ReplaceAll(said, c.token, "[secret]")
	}
	return fmt.Sprintf("%s: %d %s", path, a.status, strings.TrimSpace(said))
}

// records takes a list, or the one list inside an object.
func records(path string, body []byte) ([]record, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("%s: the answer is no JSON", path)
	}
	if o, ok := v.(map[string]any); ok {
		var lists []any
		for _, x := range o {
			if _, ok := x.([]any); ok {
				lists = append(lists, x)
			}
		}
		if len(lists) == 1 {
			v = lists[0]
		}
	}
	items, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: the answer holds no list", path)
	}
	list := make([]record, len(items))
	for i, x := range items {
		if list[i], ok = asRecord(x); !ok {
			return nil, fmt.Errorf("%s: record %d is no object", path, i+1)
		}
	}
	return list, nil
}

func asRecord(v any) (record, bool) {
	m, ok := v.(map[string]any)
	return m, ok
}

// text is a value as it was written; "" for none, and for what is no plain value.
func (r record) text(path string) string {
	var v any = map[string]any(r)
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[part]
	}
	switch x := v.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}
