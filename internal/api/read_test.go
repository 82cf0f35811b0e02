package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

func testReader() (*reader, huma.Registry) {
	r := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return newReader(r), r
}

func TestFaultPaths(t *testing.T) {
	r, _ := testReader()
	for _, tc := range []struct {
		name, doc string
		want      []string // "code path value"
	}{
		{"nothing", `{"source_id":"s"}`, []string{"field-missing currency ", "date-missing date ", "field-missing kind ", "rows-missing lines ", "number-missing number "}},
		{"null is not given", `{"source_id":"s","currency":null,"kind":"sales_invoice","date":"2026-01-01","number":"1","lines":[{"name":null}],"totals":null}`,
			[]string{"field-missing currency "}},
		{"choices", `{"kind":"invoice","lines":[{"name":"x","vat_category":"s"}]}`,
			[]string{"field-missing currency ", "date-missing date ", "field-invalid kind invoice", "field-invalid lines[0].vat_category s", "number-missing number ", "field-missing source_id "}},
		{"wrong types", `{"source_id":"s","currency":"EUR","kind":"sales_invoice","date":20260101,"number":7,"lines":{},"buyer":"Ab","credit_note":"yes","term_days":1.5}`,
			[]string{"field-invalid buyer Ab", "field-invalid credit_note yes", "field-invalid date 20260101", "field-invalid lines {}", "field-invalid number 7", "field-invalid term_days 1.5"}},
		{"deep", `{"source_id":"s","currency":"EUR","kind":"sales_invoice","date":"2026-01-01","number":"7","lines":[{},{"name":"x","allowances":[{"amount":"1,5"}]}]}`,
			[]string{"field-invalid lines[1].allowances[0].amount 1,5"}},
		{"control characters", `{"source_id":"s","currency":"EUR","kind":"sales_invoice","date":"2026-01-01","number":"7\u0000","lines":[{"name":"a\nb"}]}`,
			[]string{"field-invalid number 7\ufffd"}},
		{"too long", `{"source_id":"s","currency":"EUR","kind":"sales_invoice","date":"2026-01-01","number":"7","references":{"order":"` + strings.Repeat("å", 201) + `"},"lines":[{"name":"a"}]}`,
			[]string{"text-too-long references.order " + strings.Repeat("å", 200) + "…"}},
		{"no object", `[]`, []string{"field-invalid  []"}},
	} {
		_, faults := r.read([]byte(tc.doc))
		var got []string
		for _, f := range faults {
			got = append(got, f.Code+" "+f.Path+" "+f.Value)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

// A field that is nearly right is named.
func TestMistypedField(t *testing.T) {
	r, _ := testReader()
	for typed, meant := range map[string]string{"dueDate": "due_date", "Number": "number", "line": "lines", "curency": "", "qqq": ""} {
		_, faults := r.read(fmt.Appendf(nil, `{"source_id":"s",%q:1}`, typed))
		i := slices.IndexFunc(faults, func(f hub.Fault) bool { return f.Path == typed })
		if i < 0 {
			t.Errorf("%s passes", typed)
		} else if f := faults[i]; f.Code != hub.FieldUnknown || f.Args["near"] != meant {
			t.Errorf("%s: %s, perhaps %q", typed, f.Code, f.Args["near"])
		}
	}
}

// No digit is lost between the text of a push and the document, and the same
// number written otherwise is the same document.
func TestDecimals(t *testing.T) {
	r, _ := testReader()
	read := func(n string) *hub.Document {
		d, faults := r.read([]byte(`{"source_id":"s","kind":"sales_invoice","number":"1","date":"2026-01-01","currency":"EUR","lines":[{"name":"x","vat_percent":0,"net":` + n + `}]}`))
		if len(faults) > 0 {
			return nil
		}
		return convert(d, hub.Company{})
	}
	for in, want := range map[string]string{
		"0.1": "0.1", `"0.1"`: "0.1", "100.00": "100", "12345678901.12345678": "12345678901.12345678", "-0.00000001": "-0.00000001", "-0": "0",
		"9007199254.74099301": "9007199254.74099301",
	} {
		if d := read(in); d == nil || d.Lines[0].Net.String() != want {
			t.Errorf("%s became %v", in, d)
		}
	}
	for _, bad := range []string{"1e2", `"1,5"`, `""`, `" 1"`, `"+1"`, "123456789012", "0.123456789", "true", `"1e2"`, `"--1"`, "[]"} {
		if read(bad) != nil {
			t.Errorf("%s passes", bad)
		}
	}
	if read("5.10").Version() != read(`"5.1"`).Version() {
		t.Error("5.10 and 5.1 are two documents")
	}
}

// Every field of a pushed document reaches the hub: a field that is forgotten in
// convert.go would be lost in silence.
func TestConvertLosesNothing(t *testing.T) {
	var full Document
	fill(reflect.ValueOf(&full).Elem())
	full.Dimensions[0].Axis = "whole" // those of the rows go before
	full.Kind, (*full.Standing.Approvals)[0].Decision = "sales_invoice", "rejected"
	// The standing reaches the hub beside the document.
	print := func() string {
		text := convert(&full, hub.Company{BusinessID: "1234567-1"}).Version()
		if s := full.Standing.standing(); s != nil {
			text += " " + s.Print()
		}
		return text
	}
	base := print()
	leaves := 0
	eachLeaf(reflect.ValueOf(&full).Elem(), "", func(path string, v reflect.Value) {
		leaves++
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		v.SetZero()
		if print() == base {
			t.Errorf("%s does not reach the document", path)
		}
		v.Set(was)
	})
	if leaves < 120 {
		t.Errorf("only %d fields were tried", leaves)
	}
}

// fill gives every field a value that is not zero.
func fill(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[*Decimal]():
		d := new(Decimal)
		if err := json.Unmarshal([]byte("3.5"), d); err != nil {
			panic(err)
		}
		v.Set(reflect.ValueOf(d))
		return
	case reflect.TypeFor[Decimal]():
		v.Set(reflect.ValueOf(Decimal{money.Must("3.5")}))
		return
	case reflect.TypeFor[Moment]():
		v.Set(reflect.ValueOf(Moment{time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 7200))}))
		return
	case reflect.TypeFor[Day]():
		v.FieldByName("Year").SetInt(2026)
		v.FieldByName("Month").SetInt(3)
		v.FieldByName("Day").SetInt(4)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("x"))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	default:
		panic("fill: " + v.Type().String())
	}
}

func eachLeaf(v reflect.Value, path string, visit func(string, reflect.Value)) {
	if t := v.Type(); t == reflect.TypeFor[*Decimal]() || t == reflect.TypeFor[Decimal]() || t == reflect.TypeFor[Day]() || t == reflect.TypeFor[Moment]() || t == reflect.TypeFor[[]byte]() {
		visit(path, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			eachLeaf(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Slice:
		eachLeaf(v.Index(0), path+"[0]", visit)
	case reflect.Pointer:
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Slice {
			eachLeaf(v.Elem(), path, visit)
			return
		}
		visit(path, v)
	default:
		visit(path, v)
	}
}

// The reader takes what the published schema takes, and nothing else: documents
// are broken at random and both are asked.
func TestReaderAgreesWithSchema(t *testing.T) {
	r, registry := testReader()
	all, err := json.Marshal(map[string]any{"components": map[string]any{"schemas": registry.Map()}})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(all))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.AssertContent()
	if err := c.AddResource("https://vienti.example/x.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("https://vienti.example/x.json#/components/schemas/Document")
	if err != nil {
		t.Fatal(err)
	}
	var full Document
	fill(reflect.ValueOf(&full).Elem())
	full.Kind, full.Currency, full.Language = "sales_invoice", "EUR", "fi"
	whole, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	for _, enum := range []string{"vat_category", "category", "supply", "country", "decision", "channel", "paid_with"} {
		good := map[string]string{"vat_category": "S", "category": "S", "supply": "goods", "country": "FI", "decision": "approved", "channel": "email", "paid_with": "own"}[enum]
		whole = bytes.ReplaceAll(whole, fmt.Appendf(nil, `"%s":"text"`, enum), fmt.Appendf(nil, `"%s":"%s"`, enum, good))
	}
	const seed = 20260310
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	values := []any{"", "x", "EUR", "2026-03-10", "2026-02-30", json.Number("1"), json.Number("-1"), json.Number("1000"), json.Number("1.5"), true,
		[]any{}, map[string]any{}, []any{map[string]any{}}, "1.5", "eA==", "%", strings.Repeat("x", 301), "goods"}
	accepted := 0
	for i := range 3000 {
		tree, err := decode(whole)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			disturb(rnd, tree, values)
		}
		want := schema.Validate(tree) == nil
		raw, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		w := walk{r: r}
		w.value(r.document, tree, "")
		if got := len(w.faults) == 0; got != want {
			t.Fatalf("%d: reader says %v %v, schema says %v\n%s", i, got, w.faults, schema.Validate(tree), raw)
		}
		if want {
			accepted++
		}
	}
	if accepted < 300 || accepted > 2700 {
		t.Errorf("%d of 3000 were accepted: the test is one-sided", accepted)
	}
}

// disturb changes one place of a tree.
func disturb(rnd *rand.Rand, v any, values []any) {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(func(yield func(string) bool) {
			for k := range v {
				if !yield(k) {
					return
				}
			}
		})
		if len(keys) == 0 {
			return
		}
		k := keys[rnd.IntN(len(keys))]
		if sub := v[k]; rnd.IntN(2) == 0 && (isTree(sub)) {
			disturb(rnd, sub, values)
			return
		}
		switch rnd.IntN(6) {
		case 0:
			delete(v, k)
		case 1:
			v["other"] = 1
		default:
			v[k] = values[rnd.IntN(len(values))]
		}
	case []any:
		if len(v) > 0 {
			disturb(rnd, v[rnd.IntN(len(v))], values)
		}
	}
}

func isTree(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// What a pattern wants is said in words.
func TestPatternsHaveWords(t *testing.T) {
	r, _ := testReader()
	for p := range r.patterns {
		if patternForms[p] == "" {
			t.Errorf("%s has no words", p)
		}
	}
}

// The kinds, states and actions that the description lists are those of the hub.
func TestChoicesAreComplete(t *testing.T) {
	state := func(v any) []string {
		f, _ := reflect.TypeOf(v).FieldByName("State")
		return strings.Split(f.Tag.Get("enum"), ",")
	}
	var states []string
	for _, s := range hub.States {
		states = append(states, string(s))
	}
	for _, v := range []any{Receipt{}, DocumentState{}, listQuery{}} {
		if diff := cmp.Diff(states, state(v)); diff != "" {
			t.Errorf("%T: %s", v, diff)
		}
	}
	f, _ := reflect.TypeFor[Document]().FieldByName("Kind")
	var kinds []string
	for _, k := range hub.Kinds {
		if k != hub.PayrollJournal { // runs are pushed whole, at an address of their own
			kinds = append(kinds, string(k))
		}
	}
	if diff := cmp.Diff(kinds, strings.Split(f.Tag.Get("enum"), ",")); diff != "" {
		t.Error(diff)
	}
	code := regexp.MustCompile(`^[a-z-]+$`)
	for _, p := range problemTexts {
		if !code.MatchString(p.Code) || p.Text == "" {
			t.Errorf("problem %q", p.Code)
		}
	}
}

// What Procountor refuses is named in the words of the push where that is certain.
func TestPushedPath(t *testing.T) {
	d, _ := testReaderDocument(`[{"name":"heading"},{"name":"a","net":1},{"description":"words"},{"name":"b","net":1,"allowances":[{"amount":1}]},{"name":"c","net":1}]`)
	for theirs, ours := range map[string]string{
		"invoiceRows[0].vatStatus": "lines[1].vat_category", "invoiceRows[1].unitPrice": "lines[3].unit_price", "invoiceRows[1]": "lines[3]",
		"invoiceRows[1].strange": "lines[3]", "invoiceRows[2].unitPrice": "", "invoiceRows[x]": "", "invoiceRows[99999999999999999999].unit": "",
		"counterParty.email": "buyer.email", "paymentInfo.dueDate": "due_date", "whatever": "", "": "",
	} {
		if got := pushedPath(d, theirs); got != ours {
			t.Errorf("%s: %q, want %q", theirs, got, ours)
		}
	}
	d.Kind = hub.PurchaseInvoice
	if got := pushedPath(d, "counterParty.email"); got != "seller.email" {
		t.Error(got)
	}
	if got := pushedPath(nil, "date"); got != "" {
		t.Error(got)
	}
}

func testReaderDocument(lines string) (*hub.Document, []hub.Fault) {
	r, _ := testReader()
	d, faults := r.read([]byte(`{"source_id":"s","kind":"sales_invoice","number":"1","date":"2026-01-01","currency":"EUR","lines":` + lines + `}`))
	return convert(d, hub.Company{}), faults
}

func TestMergeKeepsPlaces(t *testing.T) {
	f := func(names ...string) (out []hub.Attachment) {
		for _, n := range names {
			out = append(out, hub.Attachment{Name: n, Hash: hub.HashOf([]byte(n))})
		}
		return out
	}
	keys := func(names ...string) map[fileKey]bool {
		m := map[fileKey]bool{}
		for _, a := range f(names...) {
			m[keyOf(a)] = true
		}
		return m
	}
	for _, tc := range []struct {
		name         string
		have         []hub.Attachment
		last         map[fileKey]bool
		pushed, want []hub.Attachment
	}{
		{"first push", nil, nil, f("a", "b"), f("a", "b")},
		{"again, with one added since", f("a", "x"), keys("a"), f("a"), f("a", "x")},
		{"a new one goes last, so that x keeps its place", f("a", "x"), keys("a"), f("a", "b"), f("a", "x", "b")},
		{"in another order", f("a", "b"), keys("a", "b"), f("b", "a"), f("a", "b")},
		{"one is gone", f("a", "b", "x"), keys("a", "b"), f("b"), f("b", "x")},
		{"the same twice", f("a"), keys("a"), f("a", "a", "b", "b"), f("a", "b")},
	} {
		if diff := cmp.Diff(tc.want, merge(tc.have, tc.last, tc.pushed)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}
