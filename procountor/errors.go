package procountor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Class says what an [Error] means for the caller. errors.Is(err, procountor.Unclear) works
// because a Class is an error too.
type Class string

const (
	// NotSent: nothing of the request left this machine. The limiter gave no turn, the address
	// could not be dialed, the request was malformed, or the login before it failed; then the
	// login's own error is wrapped, so errors.Is(err, Unauthorized) tells a dead key.
	NotSent Class = "not sent"
	// Unauthorized: 401. The token was refused (it is renewed once for a read and dropped for a
	// write), or the login's client id, secret or key.
	Unauthorized Class = "unauthorized"
	// Forbidden: 403. No right, or the status or the closed year forbids the action.
	Forbidden Class = "forbidden"
	// NotFound: 404. No such thing, or not visible to this user.
	NotFound Class = "not found"
	// Conflict: 409. Already processed, in use, or changed by someone else.
	Conflict Class = "conflict"
	// Refused: 400 and every other 4xx. Nothing was stored; Fields say why. Also a body that this
	// package will not send because it is too big (Status 0).
	Refused Class = "refused"
	// Busy: 429, or 503 with Retry-After. Nothing was done; come back after RetryAfter.
	Busy Class = "busy"
	// Unclear: a write whose fate is unknown. It may have been stored. Bytes may have left and the
	// line broke, or a 5xx came, or a redirect, or an answer that cannot be read. Look before
	// writing again.
	Unclear Class = "unclear"
	// Broken: a read that still had no readable answer after its repetitions.
	Broken Class = "broken"
)

// Error makes a Class usable as the target of errors.Is.
func (c Class) Error() string { return string(c) }

const (
	// maxErrorBody is how much of a refusing answer an [Error] keeps: enough for the reasons, too
	// little to fill a log with HTML.
	maxErrorBody = 1 << 10
	// maxFields bounds the reasons of one answer; an invoice with thousands of bad rows is understood before.
	maxFields = 200
	// maxRetryAfter bounds what a server may ask for.
	maxRetryAfter = 24 * time.Hour
)

// An Error is the only kind of error that the methods of this package return, whatever went wrong.
type Error struct {
	Class  Class
	Status int    // HTTP status; 0 when no answer came
	Method string // of the request
	Path   string // of the request below the base URL, without its query
	Fields []FieldError
	// RetryAfter is how long the server asked to wait (Busy); 0 when it did not say.
	RetryAfter time.Duration
	// Body is the beginning of the answer, at most 1 kB, without our secrets.
	Body string

	err error // cause, may be nil
}

// A FieldError is one reason of a refusal (REFERENCE 2.5).
type FieldError struct {
	Field   string // path of the field, such as invoiceRows[3].vatStatus; "" when it is about the whole
	Message string // a code such as ERROR_VATSTATUS_VATPERC, or plain English
	Status  int    // the HTTP status, repeated by the server
}

// Row splits a path into list, index from 0, and the field inside it:
// invoiceRows[3].vatStatus → "invoiceRows", 3, "vatStatus". ok is false when the path names no list element.
func (f FieldError) Row() (list string, index int, field string, ok bool) {
	open := strings.IndexByte(f.Field, '[')
	if open < 0 {
		return "", 0, "", false
	}
	digits, rest, found := strings.Cut(f.Field[open+1:], "]")
	n, err := strconv.Atoi(digits)
	if !found || err != nil || n < 0 {
		return "", 0, "", false
	}
	return f.Field[:open], n, strings.TrimPrefix(rest, "."), true
}

// Error says what was tried, what came of it and why, in one line, without secrets.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "procountor: %s %s: %s", e.Method, e.Path, e.Class)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%d)", e.Status)
	}
	for i, f := range e.Fields {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(e.Fields)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep)
		if f.Field != "" {
			b.WriteString(f.Field + ": ")
		}
		b.WriteString(f.Message)
	}
	if e.err != nil {
		fmt.Fprintf(&b, ": %v", e.err)
	}
	return b.String()
}

// Unwrap returns the cause: of the transport, the context, the limiter or the login. May be nil.
func (e *Error) Unwrap() error { return e.err }

// Is reports whether target is the class of e.
func (e *Error) Is(target error) bool {
	c, ok := target.(Class)
	return ok && c == e.Class
}

// classify names the class of an answer that is not a success. It never sees a transport error.
func classify(method string, status int, h http.Header) Class {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusConflict:
		return Conflict
	case status == http.StatusTooManyRequests,
		status == http.StatusServiceUnavailable && h.Get("Retry-After") != "":
		return Busy
	case status >= 400 && status < 500:
		return Refused
	}
	return lost(method)
}

// lost is the class of a request that was sent and has no readable answer.
func lost(method string) Class {
	if isWrite(method) {
		return Unclear
	}
	return Broken
}

func isWrite(method string) bool { return method != http.MethodGet && method != http.MethodHead }

// answerError makes the error of an answer that is not a success. body must have been scrubbed.
// It survives any status, headers and body.
func answerError(method, path string, status int, h http.Header, body []byte, now time.Time) *Error {
	e := &Error{
		Class:  classify(method, status, h),
		Status: status,
		Method: method,
		Path:   path,
		Fields: parseReasons(body, h.Get("Content-Type")),
		Body:   excerpt(body),
	}
	if e.Class == Busy {
		e.RetryAfter = retryAfter(h.Get("Retry-After"), now)
	}
	return e
}

// parseReasons reads {"errors":[…]}, {"error":…}, {"message":…} or a line of plain text; HTML and
// everything else have no reasons.
func parseReasons(body []byte, contentType string) []FieldError {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err == nil {
		return reasonsOf(top)
	}
	mt, _, _ := mime.ParseMediaType(contentType)
	if body[0] == '<' || body[0] == '{' || body[0] == '[' || mt == "text/html" || !utf8.Valid(body) {
		return nil
	}
	return []FieldError{{Message: oneLine(string(body))}}
}

func reasonsOf(top map[string]json.RawMessage) []FieldError {
	var list []map[string]json.RawMessage
	if json.Unmarshal(top["errors"], &list) == nil && len(list) > 0 {
		var fields []FieldError
		for _, m := range list[:min(len(list), maxFields)] {
			f := FieldError{Field: oneLine(text(m["field"])), Message: oneLine(text(m["message"]))}
			f.Status, _ = strconv.Atoi(text(m["status"]))
			if f.Message == "" {
				f.Message = oneLine(text(m["errorCode"]))
			}
			fields = append(fields, f)
		}
		return fields
	}
	// OAuth servers say error and error_description; clients in use check the first (REFERENCE 2.5).
	var words []string
	for _, key := range []string{"error", "error_description", "message"} {
		if s := text(top[key]); s != "" {
			words = append(words, s)
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []FieldError{{Message: oneLine(strings.Join(words, ": "))}}
}

// text returns a JSON string, or any other JSON value as it is written; "" for null and nothing.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// oneLine makes a text from outside fit for one line of a message.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	return cut(s, 500)
}

func excerpt(b []byte) string { return cut(strings.ToValidUTF8(string(b), "?"), maxErrorBody) }

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// retryAfter reads seconds or an HTTP date (RFC 9110, 10.2.3); 0 when there is nothing to read.
func retryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	var d time.Duration
	if n, err := strconv.Atoi(v); err == nil {
		if n > int(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}
