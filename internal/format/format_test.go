package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

func parts(t testing.TB, r io.Reader) []Part {
	t.Helper()
	var list []Part
	for p, err := range Parts(r) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// summary says for each part its root, or the code of its fault.
func summary(list []Part) string {
	var s []string
	for _, p := range list {
		if p.Fault != nil {
			s = append(s, p.Fault.Code+" at "+p.Fault.Path)
		} else {
			s = append(s, p.Root.Path())
		}
	}
	return strings.Join(s, ", ")
}

func TestParts(t *testing.T) {
	const decl = `<?xml version="1.0"?>`
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{" \r\n\x00\x1a", ""},
		{"<!-- nothing --><?pi?>", ""},
		{"<a/>", "a[1]"},
		{decl + "<a/>" + decl + "<a/>", "a[1], a[2]"},
		{"<a/><b/><a/>", "a[1], b[1], a[2]"},
		{"\xef\xbb\xbf" + decl + "<a/>\n\xef\xbb\xbf" + decl + "<b/>\x1a", "a[1], b[1]"},
		{"<x:a xmlns:x='u'><x:a/></x:a><b/>", "a[1], b[1]"},
		// what looks like an end, and is none
		{"<a><!-- </a> <?xml version='1.0'?> --></a><b/>", "a[1], b[1]"},
		{"<a><![CDATA[</a><?xml version='1.0'?>]]></a><b/>", "a[1], b[1]"},
		{"<a b='>/>'/><b/>", "a[1], b[1]"},
		{"<a><?pi </a> ?></a><b/>", "a[1], b[1]"},
		// broken ones end where the next declaration begins
		{decl + "<a><b>" + decl + "<c/>", "xml-broken at a[1], c[1]"},
		{decl + "<a b='" + decl + "<c/>", "xml-broken at a[1], c[1]"},
		{"<a></b><c/>", "xml-broken at a[1], c[1]"},
		{"</a><c/>", "xml-broken at a[1], c[1]"},
		{"hello" + decl + "<c/>", "format-unknown at file, c[1]"},
		{"hello <c/>", "xml-broken at c[1]"},
		{"<a><</a><c/>", "xml-broken at a[1], c[1]"},
		{"<a>&amp;&lt;&#228;&#xe4;</a>", "a[1]"},
		{"<a>&foo;</a><c/>", "entity-forbidden at a[1], c[1]"},
		{"<a b='&foo;'/><c/>", "entity-forbidden at a[1], c[1]"},
		{"<a><![CDATA[&foo;]]></a>", "a[1]"},
		{"<!DOCTYPE a [<!ENTITY x '>'>]><a/><c/>", "entity-forbidden at a[1], c[1]"},
		{"<!DOCTYPE a><a/>", "entity-forbidden at a[1]"},
		{"<a><!ENTITY x 'y'></a>", "entity-forbidden at a[1]"},
		{"\xff\xfe<\x00a\x00/\x00>\x00", "encoding-wrong at file"},
		{"%PDF-1.7\n", "format-unknown at file"},
		{`<?xml version="1.0" encoding="windows-1251"?><a/>`, "encoding-wrong at a[1]"},
		{"<a>\xe4</a>", "encoding-wrong at a[1]"},
		{`<?xml version="1.0" encoding="iso-8859-1"?><a>` + "\x81</a>", "encoding-wrong at a[1]"},
		{`<?xml version="1.0" encoding="iso-8859-15"?><a>` + "\x80</a>", "encoding-wrong at a[1]"},
	} {
		list := parts(t, strings.NewReader(c.in))
		if got := summary(list); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
		// One byte at a time is the same file.
		if got := summary(parts(t, iotest.OneByteReader(strings.NewReader(c.in)))); got != c.want {
			t.Errorf("%q by bytes: %s", c.in, got)
		}
		var raw []byte
		for _, p := range list {
			raw = append(raw, p.Raw...)
		}
		bare := strings.NewReplacer("\x00", "", "\x1a", "", "\n", "")
		if bare.Replace(string(raw)) != bare.Replace(c.in) && c.want != "" {
			t.Errorf("%q: the parts together are %q", c.in, raw)
		}
	}
}

func TestEncodings(t *testing.T) {
	const want = "Höylä – 5 €"
	for _, c := range []struct{ label, text string }{
		{"", want},
		{"UTF-8", want},
		{"windows-1252", "H\xf6yl\xe4 \x96 5 \x80"},
		{"ISO-8859-1", "H\xf6yl\xe4 \x96 5 \x80"}, // as programs for Windows write it
		{"ISO-8859-15", "H\xf6yl\xe4 &#8211; 5 \xa4"},
	} {
		head := `<?xml version='1.0'?>`
		if c.label != "" {
			head = fmt.Sprintf(`<?xml version="1.0" encoding=%q ?>`, c.label)
		}
		list := parts(t, strings.NewReader(head+"<a>"+c.text+"</a>"))
		if len(list) != 1 || list[0].Root.Text() != want || len(list[0].Warnings) != 0 {
			t.Errorf("%s: %s %q %v", c.label, summary(list), list[0].Root.Text(), list[0].Warnings)
		}
	}
	// A part that declares nothing is written by the program that wrote the others.
	list := parts(t, strings.NewReader(`<?xml version="1.0" encoding="ISO-8859-1"?><a/><b>`+"\xe4</b>"))
	if len(list) != 2 || list[1].Root.Text() != "ä" {
		t.Error(summary(list))
	}
	list = parts(t, strings.NewReader(`<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>`))
	if len(list) != 1 || list[0].Root.Text() != "ä" || len(list[0].Warnings) != 1 || !list[0].Warnings[0].Warning {
		t.Errorf("UTF-8 under another name: %s", summary(list))
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"deep":  {strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1) + "<b/>", "too-deep at a[1], b[1]"},
		"wide":  {"<a>" + strings.Repeat("<r/>", maxElements) + "</a><b/>", "too-deep at a[1], b[1]"},
		"long":  {"<a>" + strings.Repeat("x", maxText+1) + "</a><b/>", "too-deep at a[1], b[1]"},
		"many":  {strings.Repeat("<a/>", MaxDocuments+3), "too-deep at file"},
		"bombs": {"<!DOCTYPE l [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><l>&b;</l><b/>", "entity-forbidden at l[1], b[1]"},
	} {
		got := summary(parts(t, strings.NewReader(c.in)))
		if name == "many" {
			got = got[strings.LastIndex(got, ", ")+2:]
		}
		if got != c.want {
			t.Errorf("%s: %.200s, want %s", name, got, c.want)
		}
	}
}

// endless gives invoices without end and counts what is taken.
type endless struct {
	doc   []byte
	at    int
	taken int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.doc[e.at:])
	e.at = (e.at + n) % len(e.doc)
	e.taken += n
	return n, nil
}

// A file that never ends is read up to the limit, and what was whole before comes
// out; memory is that of one document.
func TestTooLarge(t *testing.T) {
	whole := []byte("<a>" + strings.Repeat("<b>"+strings.Repeat("x", 50_000)+"</b>", 4) + "</a>\n")
	src := &endless{doc: whole}
	var before, after runtime.MemStats
	good, peak := 0, uint64(0)
	runtime.GC()
	runtime.ReadMemStats(&before)
	var last Part
	for p, err := range Parts(src) {
		if err != nil {
			t.Fatal(err)
		}
		last = p
		if p.Root != nil {
			good++
		}
		if good%50 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&after)
			peak = max(peak, after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))
		}
	}
	if good != MaxFile/len(whole) || last.Fault == nil || last.Fault.Code != hub.FileTooLarge || !last.TooLarge {
		t.Errorf("%d parts of %d, then %+v", good, MaxFile/len(whole), last.Fault)
	}
	if src.taken > MaxFile+1<<17 {
		t.Errorf("read %d bytes past a limit of %d", src.taken, MaxFile)
	}
	if peak > 64<<20 {
		t.Errorf("%d bytes of heap for documents of %d", peak, len(whole))
	}
	d := Unread(last)
	if d.Raw != nil || d.Document.SourceID == Unread(Part{}).Document.SourceID {
		t.Errorf("a file that is too large must be told from others, and is not kept: %s", d.Document.SourceID)
	}
}

func TestReadError(t *testing.T) {
	boom := errors.New("boom")
	n := 0
	for p, err := range Parts(io.MultiReader(strings.NewReader("<a/><b>"), iotest.ErrReader(boom))) {
		if n++; n == 1 && (err != nil || p.Root == nil) || n == 2 && !errors.Is(err, boom) || n > 2 {
			t.Errorf("step %d: %v %v", n, p.Root, err)
		}
	}
	if n != 2 {
		t.Errorf("%d steps", n)
	}
}

// Sums: equal, off by a rounding, off.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		stated, computed, slack string
		want                    string
	}{
		{"10.00", "10", "0", ""},
		{"10.01", "10.00", "0.01", "warn"},
		{"10.02", "10.00", "0.01", "stop"},
		{"10.01", "10.00", "0", "stop"},
	} {
		var r Reader
		r.compare("x", money.Must(c.stated), money.Must(c.computed), money.Must(c.slack))
		got := ""
		if len(r.Faults) == 1 {
			got = map[bool]string{true: "warn", false: "stop"}[r.Faults[0].Warning]
		}
		if got != c.want {
			t.Errorf("%s and %s within %s: %q", c.stated, c.computed, c.slack, got)
		}
	}
	var r Reader
	big := money.Must("9999999999999999999")
	r.compare("x", big.Add(big), big, money.FromInt(1))
	if len(r.Faults) != 1 || r.Faults[0].Warning {
		t.Error("a sum that does not fit must stop the document")
	}
}

func FuzzParts(f *testing.F) {
	for _, s := range []string{"<a/>", "<a><b>x</b></a><?xml version='1.0'?><c/>", "<!DOCTYPE a><a/>", "<a b='", "x<a>&b;</a>", "\xff\xfe", "<a><![CDATA[", "<a><!--"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		total := 0
		for _, p := range parts(t, bytes.NewReader(file)) {
			if (p.Root == nil) == (p.Fault == nil) {
				t.Fatalf("neither read nor explained: %+v", p)
			}
			if p.Fault != nil && (p.Fault.Code == "" || p.Fault.Path == "") {
				t.Fatalf("a fault without code or path: %+v", p.Fault)
			}
			if len(p.Raw) == 0 || !bytes.Contains(file, p.Raw) {
				t.Fatalf("raw %q is not of the file", p.Raw)
			}
			total += len(p.Raw)
		}
		if total > len(file) {
			t.Fatalf("%d bytes out of %d", total, len(file))
		}
	})
}
