package severafake

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// packed is the description; see testdata/README.md.
//
//go:embed testdata/severa-openapi.json.gz
var packed []byte

// A description says which requests there are, and what stands in them.
type description struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	ID         string      `json:"operationId"`
	Tags       []string    `json:"tags"`
	Parameters []parameter `json:"parameters"`
	Body       *struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
		Headers map[string]any `json:"headers"`
	} `json:"responses"`
	Security []map[string][]string `json:"security"`
}

type parameter struct {
	Name   string  `json:"name"`
	In     string  `json:"in"`
	Schema *schema `json:"schema"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Format     string             `json:"format"`
	Nullable   bool               `json:"nullable"`
	AllOf      []*schema          `json:"allOf"`
	Enum       []string           `json:"enum"`
	Items      *schema            `json:"items"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	MinLength  int                `json:"minLength"`
	MaxLength  int                `json:"maxLength"`
}

var theDescription = sync.OnceValue(func() *description {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // compiled in
	}
	d := &description{}
	if err := json.NewDecoder(z).Decode(d); err != nil {
		panic(err)
	}
	return d
})

// find is the operation of a request, and the template of its path. Where two
// templates fit, the one with more words of its own is meant.
func (d *description) find(method, path string) (template string, op operation, ok bool) {
	parts := strings.Split(path, "/")
	best := -1
	for t, methods := range d.Paths {
		o, there := methods[strings.ToLower(method)]
		words := strings.Split(t, "/")
		if !there || len(words) != len(parts) {
			continue
		}
		own := 0
		for i, w := range words {
			switch {
			case strings.HasPrefix(w, "{"):
			case w == parts[i]:
				own++
			default:
				own = -len(words)
			}
		}
		if own > best || own == best && t < template {
			template, op, best, ok = t, o, own, true
		}
	}
	return template, op, ok && best > 0
}

// scopes are those that an operation needs.
func (o *operation) scopes() []string {
	for _, s := range o.Security {
		return s["OAuth2"]
	}
	return nil
}

// query says what is wrong with the query of a request.
func (d *description) query(o *operation, q url.Values) (wrong []string) {
	for name, values := range q {
		base, _, _ := strings.Cut(name, "[")
		i := slices.IndexFunc(o.Parameters, func(p parameter) bool { return p.In == "query" && p.Name == base })
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("there is no query name %q", name))
			continue
		}
		s := d.resolve(o.Parameters[i].Schema)
		if s.Type == "array" {
			s = d.resolve(s.Items)
		} else if len(values) > 1 {
			wrong = append(wrong, fmt.Sprintf("%s stands there %d times", name, len(values)))
		}
		for _, v := range values {
			if why := s.text(v); why != "" && base == name {
				wrong = append(wrong, fmt.Sprintf("%s is %q: %s", name, v, why))
			}
		}
	}
	return wrong
}

// text says why a value of a query is none.
func (s *schema) text(v string) string {
	var err error
	switch {
	case s.Type == "integer":
		_, err = strconv.ParseInt(v, 10, 64)
	case s.Type == "number":
		if _, ok := new(big.Rat).SetString(v); !ok {
			return "no number"
		}
	case s.Type == "boolean":
		_, err = strconv.ParseBool(v)
	case s.Format == "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, v):
		return "none of " + strings.Join(s.Enum, ", ")
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (d *description) resolve(s *schema) *schema {
	for s != nil {
		switch {
		case s.Ref != "":
			s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
		case len(s.AllOf) == 1 && len(s.Properties) == 0:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return &schema{}
}

// flat is a schema with the properties of all that it is made of.
func (d *description) flat(s *schema) *schema {
	s = d.resolve(s)
	if len(s.AllOf) == 0 {
		return s
	}
	all := *s
	all.Properties = map[string]*schema{}
	for _, part := range append(slices.Clone(s.AllOf), &schema{Properties: s.Properties}) {
		f := d.resolve(part)
		for name, p := range f.Properties {
			all.Properties[name] = p
		}
		all.Required = append(all.Required, f.Required...)
		if all.Type == "" {
			all.Type = f.Type
		}
	}
	all.AllOf = nil
	return &all
}

// check says in what a value is not what a schema says; numbers are [json.Number].
func (d *description) check(path string, v any, s *schema) (wrong []string) {
	if s == nil {
		return nil
	}
	nullable := s.Nullable
	s = d.flat(s)
	say := func(format string, args ...any) { wrong = append(wrong, path+" "+fmt.Sprintf(format, args...)) }
	switch x := v.(type) {
	case nil:
		if !nullable && !s.Nullable {
			say("is null")
		}
	case map[string]any:
		if s.Type != "object" && len(s.Properties) == 0 {
			say("is an object, not %s", s.Type)
			return wrong
		}
		for name, value := range x {
			p, ok := s.Properties[name]
			if !ok {
				say("has no property %q", name)
				continue
			}
			wrong = append(wrong, d.check(path+"."+name, value, p)...)
		}
		for _, name := range s.Required {
			if _, ok := x[name]; !ok {
				say("lacks %s", name)
			}
		}
	case []any:
		if s.Type != "array" {
			say("is a list, not %s", s.Type)
			return wrong
		}
		for i, e := range x {
			wrong = append(wrong, d.check(fmt.Sprintf("%s[%d]", path, i), e, s.Items)...)
		}
	case string:
		switch {
		case len(s.Enum) > 0:
			if !slices.Contains(s.Enum, x) {
				say("is %q, none of %s", x, strings.Join(s.Enum, ", "))
			}
		case s.Type != "string":
			say("is a text, not %s", s.Type)
		case s.Format == "date-time":
			if _, err := time.Parse(time.RFC3339Nano, x); err != nil {
				say("is %q, no time", x)
			}
		case s.Format == "date":
			if _, err := time.Parse(time.DateOnly, x); err != nil {
				say("is %q, no day", x)
			}
		}
		if n := utf8.RuneCountInString(x); n < s.MinLength || s.MaxLength > 0 && n > s.MaxLength {
			say("has %d characters", n)
		}
	case json.Number:
		if _, err := x.Int64(); s.Type != "number" && (s.Type != "integer" || err != nil) {
			say("is %s, not %s", x, s.Type)
		}
	case bool:
		if s.Type != "boolean" {
			say("is %v, not %s", x, s.Type)
		}
	}
	return wrong
}
