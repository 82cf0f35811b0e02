package procountortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/vienti/vienti/procountor/apidescription"
)

// maxJSONBody bounds a JSON body: an invoice of a thousand rows with all its
// texts stays below.
const maxJSONBody = 4 << 20

// decode reads the JSON body into v after checking it by the named schema of
// the description. An empty body is refused unless optional.
func (c *call) decode(schema string, optional bool, v any) error {
	b, err := c.checked(schema, optional, nil)
	if err != nil || b == nil {
		return err
	}
	return c.unmarshal(b, v)
}

// decodePart is decode for a body in which required members may be absent.
func (c *call) decodePart(schema string, v *json.RawMessage) error {
	b, err := c.checked(schema, false, func(m ErrorMessage) bool { return m.Message == codeEmpty })
	if err != nil {
		return err
	}
	*v = b
	return nil
}

// decodeInline reads a body without a named schema: a bare integer.
func (c *call) decodeInline(v *int64) error {
	b, err := c.checked("", false, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		c.assume(assumeInvalidText)
		return badRequest("", invalid("body", short(string(b))))
	}
	return nil
}

// checked reads the body and checks characters and schema. Faults for which
// skip is true do not count.
func (c *call) checked(schema string, optional bool, skip func(ErrorMessage) bool) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(nil, c.r.Body, maxJSONBody))
	if err != nil {
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "Request body is too large or cannot be read")
	}
	if len(bytes.TrimSpace(b)) == 0 {
		if optional {
			return nil, nil
		}
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "Request body is missing")
	}
	if !utf8.Valid(b) {
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "Request body is not UTF-8")
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "Request body is not readable")
	}
	if dropNulls(tree) {
		c.assume(assumeNull)
	}
	f := &faults{call: c}
	f.characters(tree, "")
	if schema != "" {
		if err := f.schema(schema, tree); err != nil {
			return nil, err
		}
	}
	if skip != nil {
		f.list = slices.DeleteFunc(f.list, skip)
	}
	// The order of members means nothing: tell the faults in one order.
	slices.SortStableFunc(f.list, func(a, b ErrorMessage) int { return strings.Compare(a.Field, b.Field) })
	return b, f.err()
}

func (c *call) unmarshal(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if c.srv.opt.RejectUnknownFields {
		dec.DisallowUnknownFields()
	}
	err := dec.Decode(v)
	if err == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		c.assume(assumeUnknownFields)
		return badRequest(strings.Trim(name, `"`), "Unrecognized field "+name)
	}
	var te *json.UnmarshalTypeError
	if errors.As(err, &te) { // a whole number too large for its type
		return badRequest(te.Field, invalid(te.Field, te.Value))
	}
	c.assume(assumeNumberLimits)
	return badRequest("", "Request body holds a number out of range")
}

// dropNulls removes members whose value is null and reports whether there were
// any (assumption 4).
func dropNulls(v any) (found bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x == nil {
				delete(v, k)
				found = true
			} else {
				found = dropNulls(x) || found
			}
		}
	case []any:
		for _, x := range v {
			found = dropNulls(x) || found
		}
	}
	return found
}

// characters adds a fault for each text with a character outside Windows-1252
// (REFERENCE 2.1).
func (f *faults) characters(v any, path string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			switch x.(type) {
			case string, map[string]any, []any:
				f.characters(x, join(path, k))
			}
		}
	case []any:
		for i, x := range v {
			f.characters(x, path+"["+strconv.Itoa(i)+"]")
		}
	case string:
		if !windows1252(v) {
			f.add(path, invalid(path, v), assumeCharacters)
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// windows1252 reports whether all characters of s exist in Windows-1252. The
// line break and the tab are allowed, other control characters are not.
func windows1252(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' {
			goto slow
		}
	}
	return true
slow:
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\t':
		case r < ' ', r >= 0x7f && r < 0xa0, r > 0xff && !strings.ContainsRune(windows1252Extra, r):
			return false
		}
	}
	return true
}

// windows1252Extra are the characters of 0x80–0x9F.
const windows1252Extra = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"

// schema adds a fault for each place where the value does not fit the schema.
func (f *faults) schema(name string, v any) error {
	s, err := schemaOf("#/components/schemas/" + name)
	if err != nil {
		return err
	}
	var ve *jsonschema.ValidationError
	if err := s.Validate(v); errors.As(err, &ve) {
		f.fromSchema(ve)
	}
	return nil
}

func (f *faults) fromSchema(ve *jsonschema.ValidationError) {
	path := fieldPath(ve.InstanceLocation)
	switch k := ve.ErrorKind.(type) {
	case *kind.Required:
		for _, m := range k.Missing {
			f.add(join(path, m), codeEmpty, assumeRequiredCode)
		}
	case *kind.MaxLength:
		f.add(path, sizeBetween(0, k.Want))
	case *kind.MinLength:
		f.add(path, codeEmpty, assumeRequiredCode)
	case *kind.MinItems, *kind.MinProperties:
		f.add(path, codeEmpty, assumeRequiredCode)
	case *kind.Enum:
		f.add(path, invalid(path, short(k.Got)))
	case *kind.Format:
		f.add(path, invalid(path, short(k.Got)))
	case *kind.Pattern:
		f.add(path, invalid(path, short(k.Got)))
	case *kind.Type:
		f.add(path, invalid(path, k.Got), assumeInvalidText)
	case *kind.Schema, *kind.Reference, *kind.Group, *kind.AllOf, *kind.AnyOf, *kind.OneOf:
		for _, cause := range ve.Causes {
			f.fromSchema(cause)
		}
	default: // limits of numbers
		f.add(path, invalid(path, "out of range"), assumeInvalidText)
	}
}

func short(v any) string {
	s := fmt.Sprint(v)
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.ToValidUTF8(s, "")
}

// fieldPath writes ["invoiceRows","3","vatStatus"] as invoiceRows[3].vatStatus.
func fieldPath(loc []string) string {
	var b strings.Builder
	for _, t := range loc {
		if t != "" && t[0] >= '0' && t[0] <= '9' {
			b.WriteString("[" + t + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(t)
	}
	return b.String()
}

// described is the description prepared for checking; schemas are compiled when
// first asked for. Compiled schemas never change, so the process shares them.
var described = sync.OnceValue(func() *description {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(apidescription.JSON()))
	if err != nil {
		panic("procountortest: the embedded description cannot be read: " + err.Error())
	}
	root := doc.(map[string]any)
	prepare(root["components"])
	d := &description{compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}, operations: map[string]describedOperation{}}
	for path, item := range root["paths"].(map[string]any) {
		for method, o := range item.(map[string]any) {
			o, ok := o.(map[string]any)
			if !ok || o["operationId"] == nil {
				continue
			}
			op := describedOperation{method: strings.ToUpper(method), path: path, answers: map[int]string{}}
			for status, a := range o["responses"].(map[string]any) {
				n, err := strconv.Atoi(status)
				if err != nil {
					continue
				}
				op.answers[n] = ""
				content, _ := a.(map[string]any)["content"].(map[string]any)
				for kind := range content {
					op.answers[n] = kind
				}
			}
			d.operations[o["operationId"].(string)] = op
		}
	}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: checkDateTime})
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource("procountor.json", doc); err != nil {
		panic("procountortest: the embedded description cannot be used: " + err.Error())
	}
	return d
})

type description struct {
	mu         sync.Mutex
	compiler   *jsonschema.Compiler
	compiled   map[string]*jsonschema.Schema
	operations map[string]describedOperation // by id
}

// A describedOperation says where an operation is and what it may answer.
type describedOperation struct {
	method, path string
	answers      map[int]string // status → content type, "" for none
}

// schemaOf returns the compiled schema at a JSON pointer of the description.
func schemaOf(pointer string) (*jsonschema.Schema, error) {
	d := described()
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.compiled[pointer]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile("procountor.json" + pointer)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", pointer, err)
	}
	d.compiled[pointer] = s
	return s, nil
}

// prepare lets a body leave out what the server sets: a read-only property is
// never required.
func prepare(v any) {
	switch v := v.(type) {
	case map[string]any:
		props, _ := v["properties"].(map[string]any)
		if req, ok := v["required"].([]any); ok && props != nil {
			var keep []any
			for _, n := range req {
				if name, ok := n.(string); ok {
					if p, ok := props[name].(map[string]any); ok && p["readOnly"] == true {
						continue
					}
				}
				keep = append(keep, n)
			}
			if keep == nil {
				delete(v, "required")
			} else {
				v["required"] = keep
			}
		}
		for _, x := range v {
			prepare(x)
		}
	case []any:
		for _, x := range v {
			prepare(x)
		}
	}
}

// wireTime is the layout of timestamps (REFERENCE 2.1); dates are its first ten bytes.
const wireTime = "2006-01-02T15:04:05"

// parseTime reads a timestamp, with a fraction or a zone as well.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	for _, layout := range [...]string{wireTime, time.RFC3339Nano, "2006-01-02T15:04"} { // the first two accept fractions
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.In(zone), nil
		}
	}
	return time.Time{}, fmt.Errorf("timestamp %q is not yyyy-MM-ddTHH:mm:ss", s)
}

func checkDateTime(v any) error {
	s, ok := v.(string)
	if !ok {
		return nil
	}
	_, err := parseTime(s, time.UTC)
	return err
}
