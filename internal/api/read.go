package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A reader turns pushed bytes into documents. It holds them against the very
// schema that the API publishes, and reports every place that does not fit,
// instead of the first: what fits is kept.
type reader struct {
	registry   huma.Registry
	document   *huma.Schema
	attachment *huma.Schema
	why        *huma.Schema
	payment    *huma.Schema
	payroll    *huma.Schema
	standing   *huma.Schema
	said       *huma.Schema
	undo       *huma.Schema
	card       *huma.Schema
	decision   *huma.Schema
	handOver   *huma.Schema
	items      *huma.Schema
	item       *huma.Schema
	patterns   map[string]*regexp.Regexp
}

func newReader(registry huma.Registry) *reader {
	r := &reader{registry: registry, patterns: map[string]*regexp.Regexp{}}
	r.document = registry.Schema(reflect.TypeFor[Document](), true, "")
	r.attachment = registry.Schema(reflect.TypeFor[Attachment](), true, "")
	r.standing = registry.Schema(reflect.TypeFor[Standing](), true, "")
	r.payroll = registry.Schema(reflect.TypeFor[PayrollRunPush](), true, "")
	r.payment = registry.Schema(reflect.TypeFor[PaymentMade](), true, "")
	r.said = registry.Schema(reflect.TypeFor[PartnerSaid](), true, "")
	r.card = registry.Schema(reflect.TypeFor[PartnerCardAnswer](), true, "")
	r.items = registry.Schema(reflect.TypeFor[ItemsSaid](), true, "")
	r.item = registry.Schema(reflect.TypeFor[ItemAnswer](), true, "")
	r.undo = registry.Schema(reflect.TypeFor[PartnerUndo](), true, "")
	r.decision = registry.Schema(reflect.TypeFor[PurchaseDecision](), true, "")
	r.handOver = registry.Schema(reflect.TypeFor[PurchaseHandOver](), true, "")
	r.why = registry.Schema(reflect.TypeFor[Reason](), true, "")
	for _, s := range registry.Map() {
		for _, p := range s.Properties {
			if p.Pattern != "" {
				r.patterns[p.Pattern] = regexp.MustCompile(p.Pattern)
			}
		}
	}
	return r
}

// split cuts a body into its documents. one says that it was a document and not
// a list. A body that is not JSON, or neither object nor list, is a [*Problem].
func split(body []byte) (docs []json.RawMessage, one bool, err error) {
	if !utf8.Valid(body) {
		return nil, false, malformed(body, invalidAt(body), "the body is not UTF-8")
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // a byte order mark, as some Windows programs write
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, false, malformed(body, 0, "the body is empty; push a document, or a list of documents")
	}
	switch bytes.TrimSpace(body)[0] {
	case '{':
		var raw json.RawMessage
		if err := json.Unmarshal(body, &raw); err != nil {
			return nil, false, notJSON(body, err)
		}
		return []json.RawMessage{raw}, true, nil
	case '[':
		if err := json.Unmarshal(body, &docs); err != nil {
			return nil, false, notJSON(body, err)
		}
		return docs, false, nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, false, notJSON(body, err)
	}
	return nil, false, malformed(body, 0, "the body is neither a document (an object) nor a list of documents")
}

func notJSON(body []byte, err error) error {
	offset := len(body)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		// The offset is that after the byte that was wrong, if there was one.
		if offset = int(e.Offset); !strings.HasPrefix(e.Error(), "unexpected end") {
			offset = max(offset-1, 0)
		}
	}
	return malformed(body, offset, "the body is not JSON: "+strings.TrimPrefix(err.Error(), "json: "))
}

// invalidAt is where the first byte stands that is not UTF-8.
func invalidAt(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// read reads one document. Each fault has the path of its place in raw. doc is
// nil only if raw is no object or has no usable source_id: then nobody can say
// which document it is.
func (r *reader) read(raw []byte) (doc *Document, faults []hub.Fault) {
	tree, err := decode(raw)
	if err != nil { // cannot be: split has read it
		return nil, []hub.Fault{hub.NewFault(hub.FieldInvalid, "", string(raw), "field", "document", "form", "JSON")}
	}
	w := walk{r: r}
	clean, ok := w.value(r.document, tree, "")
	if !ok {
		return nil, w.faults
	}
	if len(w.faults) > 0 {
		// Only what fits goes on. Numbers keep their digits: they are json.Number.
		if raw, err = json.Marshal(clean); err != nil {
			return nil, w.faults
		}
	}
	doc = new(Document)
	if err := json.Unmarshal(raw, doc); err != nil {
		// The schema lets nothing pass that the struct cannot hold; a test says so.
		return nil, append(w.faults, hub.NewFault(hub.FieldInvalid, "", err.Error(), "field", "document", "form", "a document"))
	}
	if doc.SourceID == "" {
		return nil, w.faults
	}
	return doc, append(w.faults, sense(doc)...)
}

func decode(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

// reason reads the optional body of an action.
func (r *reader) reason(body []byte) (why Reason, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return why, nil
	}
	return bodyOf[Reason](r, r.why, body, "the body is optional; it is an object with a reason, and for what a person decides with the person")
}

// bodyOf reads a body that is one small object, all or nothing; wants is said of one
// that does not fit.
func bodyOf[T any](r *reader, schema *huma.Schema, body []byte, wants string) (out T, err error) {
	raw, one, err := split(body)
	if err != nil {
		return out, err
	}
	p := problem(http.StatusUnprocessableEntity, codeContent, wants)
	if !one {
		return out, p
	}
	tree, err := decode(raw[0])
	if err != nil {
		return out, malformed(body, 0, "the body is not JSON")
	}
	w := walk{r: r}
	w.value(schema, tree, "")
	if len(w.faults) > 0 || json.Unmarshal(raw[0], &out) != nil {
		for _, f := range w.faults {
			p.Errors = append(p.Errors, ProblemDetail{Message: f.Code, Location: "body." + f.Path, Value: f.Value})
		}
		return out, p
	}
	return out, nil
}

// sense reports what a schema cannot say.
func sense(d *Document) (faults []hub.Fault) {
	for i := range d.Lines {
		if l := &d.Lines[i]; l.VATPercent == nil && l.amounts() {
			faults = append(faults, missing(fmt.Sprintf("lines[%d].vat_percent", i)))
		}
	}
	if g := d.Totals.Gross; d.CreditNote && g != nil && g.Sign() > 0 {
		faults = append(faults, hub.NewFault(hub.FieldInvalid, "totals.gross", g.String(), "field", "totals.gross",
			"form", g.Neg().String()))
	}
	return faults
}

// A walk goes through one document beside its schema.
type walk struct {
	r      *reader
	faults []hub.Fault
}

// maxFaults keeps the answer about a document that is wrong everywhere readable.
const maxFaults = 200

func (w *walk) fault(f hub.Fault) {
	if len(w.faults) < maxFaults {
		w.faults = append(w.faults, f)
	}
}

func (w *walk) invalid(path string, v any, form string) {
	field := path
	if field == "" {
		field = "document"
	}
	w.fault(hub.NewFault(hub.FieldInvalid, path, text(v), "field", field, "form", form))
}

// value returns what of v fits s; ok is false when nothing does.
func (w *walk) value(s *huma.Schema, v any, path string) (clean any, ok bool) {
	if s.Ref != "" {
		s = w.r.registry.SchemaFromRef(s.Ref)
	}
	if s.Extensions[decimalMark] != nil {
		return v, w.decimal(v, path)
	}
	switch s.Type {
	case huma.TypeObject:
		return w.object(s, v, path)
	case huma.TypeArray:
		return w.array(s, v, path)
	case huma.TypeBoolean:
		if _, ok := v.(bool); !ok {
			w.invalid(path, v, "true, false")
			return nil, false
		}
	case huma.TypeInteger:
		return v, w.integer(s, v, path)
	case huma.TypeString:
		return v, w.str(s, v, path)
	}
	return v, true
}

func (w *walk) object(s *huma.Schema, v any, path string) (any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		w.invalid(path, v, "{ … }")
		return nil, false
	}
	clean := make(map[string]any, len(m))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		at := join(path, name)
		// A field that is null counts as not given: many programs write them so.
		if v, given := m[name]; given && v != nil {
			if c, ok := w.value(s.Properties[name], v, at); ok {
				clean[name] = c
			}
		} else if slices.Contains(s.Required, name) {
			w.fault(missing(at))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if _, known := s.Properties[name]; known {
			continue
		}
		at, near := join(path, name), nearest(name, s.Properties)
		w.fault(hub.NewFault(hub.FieldUnknown, at, text(m[name]), "field", at, "near", near))
	}
	return clean, true
}

// array keeps the places of its elements: one that does not fit becomes empty.
func (w *walk) array(s *huma.Schema, v any, path string) (any, bool) {
	list, ok := v.([]any)
	if !ok {
		w.invalid(path, v, "[ … ]")
		return nil, false
	}
	if n := len(list); s.MinItems != nil && n < *s.MinItems {
		w.fault(missing(path))
		return nil, false
	} else if s.MaxItems != nil && n > *s.MaxItems {
		w.invalid(path, fmt.Sprintf("%d elements", n), fmt.Sprintf("at most %d elements", *s.MaxItems))
		return nil, false
	}
	clean := make([]any, len(list))
	for i, v := range list {
		c, ok := w.value(s.Items, v, fmt.Sprintf("%s[%d]", path, i))
		if !ok {
			c = map[string]any{}
		}
		clean[i] = c
	}
	return clean, true
}

func (w *walk) integer(s *huma.Schema, v any, path string) bool {
	n, isNumber := v.(json.Number)
	i, err := strconv.ParseInt(string(n), 10, 32)
	low, high := int64(-1<<31), int64(1<<31-1)
	if s.Minimum != nil {
		low = int64(*s.Minimum)
	}
	if s.Maximum != nil {
		high = int64(*s.Maximum)
	}
	if !isNumber || err != nil || i < low || i > high {
		w.invalid(path, v, fmt.Sprintf("%d … %d", low, high))
		return false
	}
	return true
}

func (w *walk) decimal(v any, path string) bool {
	var digits string
	switch v := v.(type) {
	case json.Number:
		digits = v.String()
	case string:
		digits = v
	}
	whole, frac, dot := strings.Cut(strings.TrimPrefix(digits, "-"), ".")
	_, err := money.Parse(digits)
	if err != nil || strings.HasPrefix(digits, "+") || len(whole) > maxWhole || dot && len(frac) > maxDecimals {
		w.invalid(path, v, "1250.50 (≤ 99999999999.99999999)")
		return false
	}
	return true
}

func (w *walk) str(s *huma.Schema, v any, path string) bool {
	t, ok := v.(string)
	if !ok {
		w.invalid(path, v, `"…"`)
		return false
	}
	if s.ContentEncoding == "base64" {
		if _, err := base64.StdEncoding.DecodeString(t); err != nil {
			w.invalid(path, t, "a file in base64")
			return false
		}
		return true
	}
	n := utf8.RuneCountInString(t)
	switch {
	case s.MinLength != nil && n < *s.MinLength:
		w.fault(missing(path))
		return false
	case s.MaxLength != nil && n > *s.MaxLength:
		w.fault(hub.NewFault(hub.TextTooLong, path, t, "length", strconv.Itoa(n), "limit", strconv.Itoa(*s.MaxLength)))
		return false
	case strings.ContainsFunc(t, control):
		w.invalid(path, strings.Map(visible, t), "text without control characters")
		return false
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, any(t)):
		w.invalid(path, t, choices(s.Enum))
		return false
	case s.Format == "date":
		if _, err := civil.Parse(t); err != nil {
			w.invalid(path, t, "yyyy-mm-dd (2026-03-10)")
			return false
		}
	case s.Format == "date-time":
		if at, err := time.Parse(time.RFC3339, t); err != nil || at.Year() < 1 {
			w.invalid(path, t, "a moment with its zone (2026-03-10T09:30:00+02:00)")
			return false
		}
	case s.Pattern != "" && !w.r.patterns[s.Pattern].MatchString(t):
		w.invalid(path, t, patternForms[s.Pattern])
		return false
	}
	return true
}

// patternForms say in words what a pattern wants; a test holds them complete.
var patternForms = map[string]string{
	"^[0-9]{4}-(0[1-9]|1[0-2])$": "YYYY-MM",
	`^[A-Z]{3}$`:                 "a currency code such as EUR",
	`^[A-Z]{2}$`:                 "a country code such as FI",
	`^[a-z]{2}$`:                 "a language code such as fi",
}

// control is what no text of a document needs and no database likes.
func control(r rune) bool { return r < 0x20 && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }

func visible(r rune) rune {
	if control(r) {
		return '\ufffd'
	}
	return r
}

// missing is the fault of a field that is not given.
func missing(path string) hub.Fault {
	if code, ok := missingCodes[path]; ok {
		return hub.NewFault(code, path, "")
	}
	return hub.NewFault(hub.FieldMissing, path, "", "field", path)
}

// missingCodes have texts of their own.
var missingCodes = map[string]string{"number": hub.NumberMissing, "date": hub.DateMissing, "lines": hub.RowsMissing}

// text shows a value in a fault.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func choices(list []any) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}

func join(path, name string) string {
	if len(name) > 100 {
		name = name[:100]
	}
	name = strings.Map(visible, strings.ToValidUTF8(name, "\ufffd"))
	if path == "" {
		return name
	}
	return path + "." + name
}

// nearest is the known field that a mistyped one may mean: the same letters
// without case and punctuation, or one letter more or less.
func nearest(name string, known map[string]*huma.Schema) string {
	bare := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
	}
	n := bare(name)
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if b := bare(k); b == n || len(n) > 2 && (strings.HasPrefix(b, n) || strings.HasPrefix(n, b)) && max(len(b)-len(n), len(n)-len(b)) == 1 {
			return k
		}
	}
	return ""
}
