package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// A Problem is every answer that is not a success (RFC 9457).
type Problem struct {
	Type   string `json:"type,omitempty" doc:"A reference to what this kind of problem means." example:"/v1/docs#problem-malformed"`
	Title  string `json:"title" doc:"The kind of problem in words." example:"Bad Request"`
	Status int    `json:"status" doc:"The HTTP status." example:"400"`
	Detail string `json:"detail,omitempty" doc:"What is wrong this time." example:"the body is not JSON: invalid character '}' looking for beginning of value"`
	Code   string `json:"code,omitempty" doc:"The kind of problem for programs." example:"malformed"`

	Line   int `json:"line,omitempty" doc:"Where in the body, from 1." example:"12"`
	Column int `json:"column,omitempty" doc:"Where in the line, in bytes, from 1." example:"3"`
	Offset int `json:"offset,omitempty" doc:"Where in the body, in bytes, from 0." example:"301"`

	State   string   `json:"state,omitempty" doc:"The document's state, when that stands in the way."`
	Actions []string `json:"actions,omitempty" doc:"What is possible in that state."`

	Next string `json:"next,omitempty" doc:"Of a cursor whose changes are no longer kept: where those begin that are."`

	Errors []ProblemDetail `json:"errors,omitempty" doc:"Which parameters are wrong."`

	header http.Header
}

// A ProblemDetail is one wrong parameter.
type ProblemDetail struct {
	Message  string `json:"message,omitempty"`
	Location string `json:"location,omitempty" example:"query.limit"`
	Value    any    `json:"value,omitempty"`
}

// Codes of a [Problem].
const (
	codeMalformed   = "malformed"
	codeToken       = "token"
	codeTokens      = "too-many-bad-tokens"
	codeRight       = "right"
	codeNotFound    = "not-found"
	codeMethod      = "method"
	codeNotNow      = "not-now"
	codeGone        = "gone"
	codeDetached    = "detached"
	codeTooLarge    = "too-large"
	codeTooMany     = "too-many-documents"
	codeEncoding    = "content-encoding"
	codeParameter   = "parameter"
	codeContent     = "content"
	codeTimeout     = "timeout"
	codeUnavailable = "unavailable"
	codeInternal    = "internal"
)

func problem(status int, code, detail string) *Problem {
	return &Problem{Type: "/v1/docs#problem-" + code, Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

// malformed names the place where a body cannot be read.
func malformed(body []byte, offset int, detail string) *Problem {
	p := problem(http.StatusBadRequest, codeMalformed, detail)
	offset = min(offset, len(body))
	before := body[:offset]
	p.Line = bytes.Count(before, []byte{'\n'}) + 1
	p.Column = offset - bytes.LastIndexByte(before, '\n')
	p.Offset = offset
	return p
}

// retryAfter adds how many seconds to wait.
func (p *Problem) retryAfter(seconds int) *Problem {
	p.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	return p
}

// next adds from where one can go on.
func (p *Problem) next(seq int64) *Problem {
	p.Next = strconv.FormatInt(seq, 10)
	return p
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus, GetHeaders and ContentType are what huma asks of an error.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns further headers of the answer.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// write answers with p outside of huma.
func (p *Problem) write(w http.ResponseWriter) {
	for k, v := range p.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone needs no answer
}

var _ huma.StatusError = (*Problem)(nil)
