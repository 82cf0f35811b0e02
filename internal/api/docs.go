package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsTemplate string

//go:embed docs.css
var docsStyle string

// A docPage is the description as a page for people: no script, nothing from
// other hosts.
type docPage struct {
	html []byte
	csp  string
}

func (p docPage) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.csp)
	h.Set("Cache-Control", "max-age=300")
	h.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(p.html)
}

type docOperation struct {
	ID, Method, Path, Summary string
	Description               []string
	Parameters                []docField
	Body                      template.HTML
	Responses                 []docResponse
}

type docResponse struct {
	Status, Text string
	Type         template.HTML
}

type docField struct {
	Name, Doc, Example, In string
	Type                   template.HTML
	Required               bool
	Limits                 []string
}

type docSchema struct {
	Name   string
	Fields []docField
}

func docsPage(d *huma.OpenAPI) docPage {
	var ops []docOperation
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, op := range []*huma.Operation{d.Paths[path].Get, d.Paths[path].Post} {
			if op != nil {
				ops = append(ops, operation(op, path))
			}
		}
	}
	var schemas []docSchema
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas.Map())) {
		s := d.Components.Schemas.Map()[name]
		out := docSchema{Name: name}
		for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
			p := s.Properties[field]
			out.Fields = append(out.Fields, docField{Name: field, Doc: p.Description, Type: typeOf(p), Required: slices.Contains(s.Required, field),
				Limits: limits(p), Example: example(p)})
		}
		slices.SortStableFunc(out.Fields, func(a, b docField) int {
			switch {
			case a.Required == b.Required:
				return 0
			case a.Required:
				return -1
			}
			return 1
		})
		schemas = append(schemas, out)
	}
	var b bytes.Buffer
	t := template.Must(template.New("docs").Parse(docsTemplate))
	if err := t.Execute(&b, map[string]any{
		"Style": template.CSS(docsStyle), "Title": d.Info.Title, "Version": d.Info.Version, "Intro": paragraphs(d.Info.Description),
		"Operations": ops, "Schemas": schemas, "Problems": problemTexts,
	}); err != nil {
		panic("api: docs page: " + err.Error()) // it depends on nothing but our types
	}
	sum := sha256.Sum256([]byte(docsStyle))
	return docPage{html: b.Bytes(), csp: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

func operation(op *huma.Operation, path string) docOperation {
	out := docOperation{ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary, Description: paragraphs(op.Description)}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, docField{Name: p.Name, In: p.In, Doc: p.Description, Type: typeOf(p.Schema), Required: p.Required,
			Limits: limits(p.Schema)})
	}
	if op.RequestBody != nil {
		out.Body = typeOf(op.RequestBody.Content["application/json"].Schema)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		var t template.HTML
		for _, m := range r.Content {
			t = typeOf(m.Schema)
		}
		out.Responses = append(out.Responses, docResponse{Status: status, Text: r.Description, Type: t})
	}
	return out
}

// typeOf names a type, with links to those of our own.
func typeOf(s *huma.Schema) template.HTML {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		name := template.HTMLEscapeString(s.Ref[strings.LastIndex(s.Ref, "/")+1:])
		return template.HTML(`<a href="#` + name + `">` + name + `</a>`)
	case s.Extensions[decimalMark] != nil:
		return "decimal"
	case len(s.OneOf) > 0:
		var parts []string
		for _, o := range s.OneOf {
			parts = append(parts, string(typeOf(o)))
		}
		return template.HTML(strings.Join(parts, " or "))
	case s.Type == huma.TypeArray:
		return "list of " + typeOf(s.Items)
	case s.Format == "date":
		return "day"
	case s.Format == "date-time":
		return "instant"
	case s.ContentEncoding == "base64":
		return "base64"
	case s.Type == "":
		return "any"
	}
	return template.HTML(template.HTMLEscapeString(s.Type))
}

func limits(s *huma.Schema) (list []string) {
	if s == nil {
		return nil
	}
	if len(s.Enum) > 0 {
		list = append(list, "one of "+choices(s.Enum))
	}
	if s.Items != nil && len(s.Items.Enum) > 0 {
		list = append(list, "of "+choices(s.Items.Enum))
	}
	if s.MinLength != nil && *s.MinLength == 1 {
		list = append(list, "not empty")
	}
	if s.MaxLength != nil {
		list = append(list, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if s.MaxItems != nil {
		list = append(list, fmt.Sprintf("at most %d", *s.MaxItems))
	}
	if s.Minimum != nil && s.Maximum != nil {
		list = append(list, fmt.Sprintf("from %d to %d", int(*s.Minimum), int(*s.Maximum)))
	}
	if form := patternForms[s.Pattern]; form != "" {
		list = append(list, form)
	}
	return list
}

func example(s *huma.Schema) string {
	if len(s.Examples) == 0 {
		return ""
	}
	return text(s.Examples[0])
}

func paragraphs(text string) []string {
	text = strings.NewReplacer("**", "", "`", "").Replace(text)
	return strings.Split(text, "\n\n")
}

// problemTexts say what each code of a [Problem] means.
var problemTexts = []struct{ Code, Text string }{
	{codeMalformed, "The body is not JSON, not UTF-8, empty, or neither an object nor a list. line, column and offset name the place. Nothing was stored; push the corrected body."},
	{codeToken, "The token is missing, unknown or revoked. Ask the administrator of Vienti for a new one."},
	{codeRight, "The token may not do this: it only reads, only writes, or is for some kinds of documents. detail says which right is missing. Ask the administrator of Vienti for a token that has it."},
	{codeTokens, "Too many unknown tokens came from your address. Correct the token, and wait as Retry-After says."},
	{codeNotFound, "There is no such address, or the connection of your token has no such document."},
	{codeMethod, "The address exists, but not for this method; Allow names those that do."},
	{codeDetached, "Somebody has detached the company from Procountor. Nothing is taken for it until it is connected again; push it again then."},
	{codeNotNow, "The document's state does not allow it now; state and actions say what is possible. If it is being worked on, ask again in a few seconds."},
	{codeGone, "The cursor is from before the oldest change that is kept. List your documents once to know how each stands, then read on with next as after."},
	{codeTooLarge, "More bytes than are taken in one request, document or file. Send fewer at once, or add attachments afterwards."},
	{codeTooMany, "More documents than are taken in one list. Send several lists."},
	{codeEncoding, "The body is compressed. Send it as it is."},
	{codeTimeout, "The body took too long to arrive. Nothing was stored; push it again, in smaller lists."},
	{codeParameter, "A parameter of the address is not one that is taken; errors names it. Or the address has characters that are not text."},
	{codeContent, "Part of the body is wrong; errors names each place. Nothing was stored."},
	{codeUnavailable, "Vienti or its database cannot answer now. Repeat the request as Retry-After says."},
	{codeInternal, "Vienti failed; its log says why. Repeat the request: what is stored already is answered, not stored twice."},
}
