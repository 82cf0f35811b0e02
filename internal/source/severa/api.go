package severa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/source"
)

const (
	// perSecond is how many requests Severa admits in one (support.severa.com 77000464188).
	perSecond = 10
	// pageSize is the most rows that the description admits on a page.
	pageSize = 100
	// maxThings of one list are read; beyond it a person must narrow it down.
	maxThings = 200_000
	// maxAnswer bounds one answer: a hundred invoices with long texts, and room.
	maxAnswer = 20_000_000
	// maxSaid is how much of a refusal is told.
	maxSaid = 300
	// tries of one request, and longestWait between two of them: who is busy for
	// longer is asked again by a later run.
	tries       = 3
	longestWait = 5 * time.Second
	// early is how long before its end a token is replaced.
	early = 30 * time.Second
)

// client asks Severa's REST interface, at most [perSecond] times in one, with a token
// of its own.
type client struct {
	env        source.Env
	base       string // …/rest-api
	id, secret string
	scopes     []string // that its token asks for

	token, refresh           string
	tokenUntil, refreshUntil time.Time
	// slots are the times of the last requests, oldest first, where nobody else hands
	// out turns.
	slots []time.Time
}

// errGone says that a thing is not there, or not any more.
var errGone = errors.New("is not there")

// A refusal is an error as Severa says it.
type refusal struct {
	status int
	kind   string // InvalidParameter, PermissionDenied, …
	said   string
	path   string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s: %d %s %s", r.path, r.status, r.kind, r.said)
}

// pace waits for the next turn.
func (c *client) pace(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.env.Turn != nil {
		return c.env.Turn(ctx, "severa/"+c.id, perSecond)
	}
	now := c.env.Now()
	turn := now
	if len(c.slots) == perSecond {
		if t := c.slots[0].Add(time.Second); t.After(turn) {
			turn = t
		}
		c.slots = c.slots[1:]
	}
	c.slots = append(c.slots, turn)
	if d := turn.Sub(now); d > 0 {
		return c.env.Wait(ctx, d)
	}
	return nil
}

// An answer that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// once sends one request, once. An error says nothing of what became of it.
func (c *client) once(ctx context.Context, method, path string, query url.Values, content []byte, most int) (answer, error) {
	if err := c.pace(ctx); err != nil {
		return answer{}, err
	}
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var send io.Reader
	if content != nil {
		send = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, send)
	if err != nil {
		return answer{}, errors.New("the address of Severa cannot be used")
	}
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
		req.GetBody = nil // so that nothing underneath sends it a second time
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("client_id", c.id)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
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
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(most)+1))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", path, err)
	}
	if len(body) > most {
		return answer{}, fmt.Errorf("%s: an answer above %d bytes", path, most)
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// do sends a request with a token that is good.
func (c *client) do(ctx context.Context, method, path string, query url.Values, content []byte, most int) (answer, error) {
	for fresh := false; ; fresh = true {
		if err := c.login(ctx); err != nil {
			return answer{}, err
		}
		a, err := c.send(ctx, method, path, query, content, most)
		if err != nil {
			return answer{}, err
		}
		if a.status == http.StatusUnauthorized && !fresh {
			c.token, c.refresh = "", ""
			continue
		}
		return a, c.class(method, path, a)
	}
}

// send waits a little where Severa asks for it: somebody else with the same
// credentials may have used our turn. What it refuses so was not taken, a write
// neither.
func (c *client) send(ctx context.Context, method, path string, query url.Values, content []byte, most int) (answer, error) {
	for try := 1; ; try++ {
		a, err := c.once(ctx, method, path, query, content, most)
		if err != nil || a.status != http.StatusTooManyRequests || try == tries {
			return a, err
		}
		d := c.until(a).Sub(c.env.Now())
		if d > longestWait {
			return a, nil
		}
		if err := c.env.Wait(ctx, max(d, time.Second/perSecond)); err != nil {
			return answer{}, err
		}
	}
}

// until is when Severa wants to be asked again; zero when it does not say.
func (c *client) until(a answer) (t time.Time) {
	after := a.header.Get("Retry-After")
	if n, err := strconv.Atoi(after); err == nil && n >= 0 {
		return c.env.Now().Add(time.Duration(n) * time.Second)
	}
	t, err := http.ParseTime(after)
	if err != nil {
		return time.Time{}
	}
	return t
}

// where a person sets up what we may ask.
const where = "Severa > Settings > Integrations > REST API"

var scopeWord = regexp.MustCompile(`\b[a-z]+:(?:read|write|delete)\b`)

// class turns an answer into our few classes of errors.
func (c *client) class(method, path string, a answer) error {
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	r := c.refused(path, a)
	switch {
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable && method == http.MethodGet:
		return &source.BusyError{Until: c.until(a), Reason: r.Error()}
	case a.status == http.StatusNotFound:
		return fmt.Errorf("%s %w", path, errGone)
	case r.kind == "InsufficientApiScope":
		missing := scopeWord.FindAllString(r.said, -1)
		if len(missing) == 0 {
			missing = []string{scopeOf(method, path)}
		}
		return lacking(missing)
	case a.status == http.StatusUnauthorized, r.kind == "AuthenticationRequired":
		return fmt.Errorf("%w: Severa does not take the client id and secret; make new ones in %s (%s)", source.ErrDenied, where, r.said)
	case slices.Contains([]string{"AddonMissing", "FeatureIsNotEnabled", "NotAvailableInTrial", "AddonMissingTermsOfServiceApproval", "TermsOfServiceNotApproved", "ExcludedFromTrial"}, r.kind):
		return fmt.Errorf("%w: Severa has not switched on what %s needs (%s): switch the add-on or feature on in Severa, or its part off in Vienti", source.ErrDenied, path, r.kind)
	case a.status == http.StatusForbidden, a.status >= 300 && a.status < 400,
		slices.Contains([]string{"OrganizationNotActive", "TrialExpired", "PermissionDenied", "UserLicenseType", "HttpsRequired", "InvalidApiVersion"}, r.kind):
		return fmt.Errorf("%w: Severa refuses %s: %s %s", source.ErrDenied, path, r.kind, r.said)
	}
	return r
}

// lacking says which scopes are missing, one by one.
func lacking(scopes []string) error {
	slices.Sort(scopes)
	scopes = slices.Compact(scopes)
	word := "scope"
	if len(scopes) > 1 {
		word = "scopes"
	}
	return fmt.Errorf("%w: the client credentials lack the %s %s: tick %s in %s", source.ErrDenied, word, strings.Join(scopes, ", "),
		map[bool]string{true: "it", false: "them"}[len(scopes) == 1], where)
}

// refused reads Severa's shape of an error; what is none is told as it stands,
// without our secret.
func (c *client) refused(path string, a answer) *refusal {
	r := &refusal{status: a.status, path: path}
	var e struct {
		Error *struct {
			Type    string `json:"type"`
			Details []struct {
				Message string `json:"message"`
			} `json:"details"`
		} `json:"error"`
	}
	if err := json.Unmarshal(a.body, &e); err == nil && e.Error != nil {
		r.kind = e.Error.Type
		var list []string
		for _, d := range e.Error.Details {
			list = append(list, d.Message)
		}
		r.said = strings.Join(list, "; ")
	} else {
		r.said = string(bytes.ToValidUTF8(a.body, nil))
	}
	for _, s := range []string{c.secret, c.token, c.refresh} {
		if s != "" {
			r.said = strings.ReplaceAll(r.said, s, "[secret]")
		}
	}
	if t := []rune(r.said); len(t) > maxSaid {
		r.said = string(t[:maxSaid]) + "…"
	}
	r.said = strings.TrimSpace(r.said)
	return r
}

// login gets a token when there is none that is good for a while.
func (c *client) login(ctx context.Context) error {
	now := c.env.Now()
	if c.token != "" && now.Before(c.tokenUntil) {
		return nil
	}
	c.token = ""
	if c.refresh != "" && now.Before(c.refreshUntil) {
		body, err := json.Marshal(c.refresh)
		if err != nil {
			return err
		}
		a, err := c.send(ctx, http.MethodPost, "/v1/refreshtoken", nil, body, maxAnswer)
		if err != nil {
			return err
		}
		if a.status == http.StatusOK {
			return c.take(a)
		}
		c.refresh = "" // it has ended before its time: begin anew
	}
	body, err := json.Marshal(map[string]string{"client_id": c.id, "client_secret": c.secret, "scope": strings.Join(c.scopes, " ")})
	if err != nil {
		return err
	}
	a, err := c.send(ctx, http.MethodPost, "/v1/token", nil, body, maxAnswer)
	if err != nil {
		return err
	}
	if a.status == http.StatusBadRequest {
		a.status = http.StatusUnauthorized // nothing but the credentials was in it
	}
	if err := c.class(http.MethodPost, "/v1/token", a); err != nil {
		return err
	}
	return c.take(a)
}

func (c *client) take(a answer) error {
	var t struct {
		Access        string `json:"access_token"`
		ExpiresIn     int64  `json:"access_token_expires_in"`
		Refresh       string `json:"refresh_token"`
		RefreshExpire int64  `json:"refresh_token_expires_in"`
		Scope         string `json:"scope"`
	}
	if err := json.Unmarshal(a.body, &t); err != nil || t.Access == "" {
		return errors.New("/v1/token: the answer holds no token")
	}
	now := c.env.Now()
	c.token, c.refresh = t.Access, t.Refresh
	c.tokenUntil = now.Add(time.Duration(t.ExpiresIn)*time.Second - early)
	c.refreshUntil = now.Add(time.Duration(t.RefreshExpire)*time.Second - early)
	if t.Scope == "" {
		return nil // it does not say; what is missing shows when it is needed
	}
	given := strings.FieldsFunc(t.Scope, func(r rune) bool { return r == ' ' || r == ',' })
	var missing []string
	for _, s := range c.scopes {
		if !slices.Contains(given, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		c.token, c.refresh = "", ""
		return lacking(missing)
	}
	return nil
}

// scopeOf is the scope that a request needs, by the tags of the description.
func scopeOf(method, path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/v1/"), "/")
	last := parts[len(parts)-1]
	of := "settings"
	switch first := parts[0]; {
	case last == "pdf", last == "files", last == "filedata", first == "files", first == "invoicefiles", first == "projecttravelexpensefiles":
		of = "files"
	case first == "invoices", first == "invoicerows":
		of = "invoices"
	case first == "projectfees", first == "deletedprojectfees", last == "projectfees", last == "flatrates":
		of = "fees"
	case first == "customers":
		of = "customers"
	case first == "projects":
		of = "projects"
	case first == "travelreimbursements", first == "projecttravelexpenses":
		of = "travels"
	case first == "users":
		of = "users"
	case first == "organizationdetails":
		of = "organization"
	}
	switch method {
	case http.MethodGet:
		return of + ":read"
	case http.MethodDelete:
		return of + ":delete"
	}
	return of + ":write"
}

// get reads one thing.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) error {
	a, err := c.do(ctx, http.MethodGet, path, query, nil, maxAnswer)
	if err != nil {
		return err
	}
	return parse(path, a.body, into)
}

func parse(path string, body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: the answer cannot be read: %w", path, err)
	}
	return nil
}

// file reads bytes, at most so many of them.
func (c *client) file(ctx context.Context, path string, query url.Values, most int) ([]byte, error) {
	a, err := c.do(ctx, http.MethodGet, path, query, nil, most)
	return a.body, err
}

// list reads a list to its end, whose pages are found by token.
func list[T any](ctx context.Context, c *client, path string, query url.Values) (all []T, err error) {
	q := url.Values{}
	for name, v := range query {
		q[name] = v
	}
	q.Set("rowCount", strconv.Itoa(pageSize))
	for {
		a, err := c.do(ctx, http.MethodGet, path, q, nil, maxAnswer)
		if err != nil {
			return nil, err
		}
		var page []T
		if err := parse(path, a.body, &page); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(all) > maxThings {
			return nil, fmt.Errorf("%s holds more than %d", path, maxThings)
		}
		next := a.header.Get("NextPageToken")
		if next == "" {
			return all, nil
		}
		if next == q.Get("pageToken") {
			return nil, fmt.Errorf("%s: the next page is the same page", path)
		}
		q.Set("pageToken", next)
	}
}

// listRows reads a list whose pages are found by the number of their first row.
// Whether rows are counted from 0 or from 1 is not published, so pages overlap, and
// what comes twice is one.
func listRows[T any](ctx context.Context, c *client, path string, query url.Values, guid func(*T) string) (all []T, err error) {
	q := url.Values{}
	for name, v := range query {
		q[name] = v
	}
	q.Set("rowCount", strconv.Itoa(pageSize))
	seen := map[string]bool{}
	for {
		var page []T
		if err := c.get(ctx, path, q, &page); err != nil {
			return nil, err
		}
		before := len(all)
		for i := range page {
			if g := guid(&page[i]); !seen[g] {
				seen[g] = true
				all = append(all, page[i])
			}
		}
		if len(all) > maxThings {
			return nil, fmt.Errorf("%s holds more than %d", path, maxThings)
		}
		if len(page) < pageSize || len(all) == before {
			return all, nil
		}
		q.Set("firstRow", strconv.Itoa(len(all)-1))
	}
}

// An edit is one replacement of a patch.
type edit struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// replace is the one kind of edit that Severa is known to take.
func replace(path string, value any) edit { return edit{"Replace", path, value} }

// write sends a body, once, and reads what the system says it has now. An error that
// wraps [source.ErrDenied], [source.ErrBusy] for 429, or [source.ErrRefused] says that
// nothing was written; after any other nobody knows.
func (c *client) write(ctx context.Context, method, path string, content, into any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	a, err := c.do(ctx, method, path, nil, body, maxAnswer)
	if r, ok := errors.AsType[*refusal](err); ok && r.status >= 400 && r.status < 500 {
		return fmt.Errorf("%w: %w", source.ErrRefused, err)
	}
	if errors.Is(err, errGone) {
		return fmt.Errorf("%w: %w", source.ErrRefused, err)
	}
	if err != nil {
		return err
	}
	if into == nil || len(a.body) == 0 {
		return nil
	}
	return parse(path, a.body, into)
}
