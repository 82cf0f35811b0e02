package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/pcfile"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/sourcetest"
	"pgregory.net/rapid"
)

// harness is a folder; each seed is a file of its own, or all are in one.
type harness struct {
	dir    string
	bundle bool
	own    bool // Procountor's own format
	n      int
	known  map[string]bool // files that the harness made
}

func (h *harness) Kind() source.Kind { return Kind() }
func (h *harness) Secrets() []string { return nil }

func (h *harness) Exceptions() []sourcetest.Exception {
	if !h.own {
		return nil
	}
	return []sourcetest.Exception{{Test: "Text", Reason: "Procountor's file has no place for a semicolon or a line break: package pcfile shows that its writer refuses them", Date: civil.Must("2026-11-30")}}
}

func (h *harness) Seed(t *testing.T, docs []sourcetest.Seed) {
	t.Helper()
	var all bytes.Buffer
	for i, s := range docs {
		if h.own {
			all.Write(pcfileOf(t, s))
		} else {
			all.WriteString(finvoiceOf(t, s))
		}
		if !h.bundle || i == len(docs)-1 {
			h.n++
			name := fmt.Sprintf("%03d-%s.xml", 999-h.n, s.Number) // names say nothing about age
			put(t, filepath.Join(h.dir, name), all.String(), s.Changed)
			h.known[name] = true
			all.Reset()
		}
	}
}

func (h *harness) Open(t *testing.T, env source.Env) source.Driver {
	t.Helper()
	d, err := Kind().Open(env, source.Config{Values: map[string]string{"folder": h.dir}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *harness) Deny(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(h.dir); err != nil {
		t.Fatal(err)
	}
}

// Writes counts files that are neither where they were nor in done or failed.
func (h *harness) Writes(t *testing.T) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // a denied folder is gone
		}
		if !h.known[d.Name()] {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func put(t testing.TB, path, text string, changed time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, changed, changed); err != nil {
		t.Fatal(err)
	}
}

var finvoiceTemplate = template.Must(template.New("").Funcs(template.FuncMap{
	"comma": func(a money.Amount) string { return strings.Replace(a.Fixed(2), ".", ",", 1) },
	"day":   func(d civil.Date) string { return strings.ReplaceAll(d.String(), "-", "") },
	"x":     template.HTMLEscapeString,
}).Parse(`<?xml version="1.0" encoding="UTF-8"?>
<Finvoice Version="3.0">
<SellerPartyDetails><SellerPartyIdentifier>2345678-0</SellerPartyIdentifier><SellerOrganisationName>Kuusikon Höyläämö Oy</SellerOrganisationName></SellerPartyDetails>
<BuyerPartyDetails><BuyerOrganisationName>{{x .Buyer}}</BuyerOrganisationName></BuyerPartyDetails>
<InvoiceDetails><InvoiceTypeCode>{{if .CreditNote}}INV02{{else}}INV01{{end}}</InvoiceTypeCode><OriginCode>Original</OriginCode>
<InvoiceNumber>{{.Number}}</InvoiceNumber><InvoiceDate Format="CCYYMMDD">{{day .Date}}</InvoiceDate>
<InvoiceTotalVatExcludedAmount AmountCurrencyIdentifier="EUR">{{comma .Net}}</InvoiceTotalVatExcludedAmount>
<InvoiceTotalVatAmount AmountCurrencyIdentifier="EUR">{{comma .VAT}}</InvoiceTotalVatAmount>
<InvoiceTotalVatIncludedAmount AmountCurrencyIdentifier="EUR">{{comma .Gross}}</InvoiceTotalVatIncludedAmount>
{{if .Text}}<InvoiceFreeText>{{x .Text}}</InvoiceFreeText>{{end}}</InvoiceDetails>
{{range .Rows}}<InvoiceRow><ArticleName>{{x .Name}}</ArticleName><InvoicedQuantity QuantityUnitCode="kpl">{{comma .Quantity}}</InvoicedQuantity>
<UnitPriceAmount AmountCurrencyIdentifier="EUR">{{comma .Price}}</UnitPriceAmount>
<RowVatRatePercent>{{comma .VATPercent}}</RowVatRatePercent>
<RowVatExcludedAmount AmountCurrencyIdentifier="EUR">{{comma .Net}}</RowVatExcludedAmount></InvoiceRow>
{{end}}<EpiDetails></EpiDetails>
</Finvoice>
`))

func finvoiceOf(t testing.TB, s sourcetest.Seed) string {
	t.Helper()
	var b strings.Builder
	net, vat := s.Totals()
	err := finvoiceTemplate.Execute(&b, struct {
		sourcetest.Seed
		Net, VAT, Gross money.Amount
	}{s, net, vat, net.Add(vat)})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSuite(t *testing.T) {
	for name, h := range map[string]harness{"one document a file": {}, "many in one file": {bundle: true},
		"Procountor's file": {own: true}, "many in one of Procountor's": {own: true, bundle: true}} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
				h := h
				h.dir, h.known = t.TempDir(), map[string]bool{}
				return &h
			})
		})
	}
}

func pcfileOf(t testing.TB, s sourcetest.Seed) []byte {
	t.Helper()
	d := &hub.Document{Kind: hub.SalesInvoice, CreditNote: s.CreditNote, Number: s.Number, Date: s.Date, Currency: "EUR", Text: s.Text, Buyer: hub.Party{Name: s.Buyer}}
	for _, r := range s.Rows {
		d.Lines = append(d.Lines, hub.Line{Name: r.Name, Quantity: &r.Quantity, UnitPrice: &r.Price, VATPercent: r.VATPercent})
	}
	net, vat := s.Totals()
	gross := net.Add(vat)
	d.Totals.Gross = &gross
	file, err := pcfile.Encode([]*hub.Document{d}, pcfile.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A folder takes Procountor's file and ZIP like any other, as the options say, and
// knows the places in it afterwards.
func TestProcountorFile(t *testing.T) {
	feature.Covers(t, "V-75")
	dir := t.TempDir()
	raw, err := os.ReadFile("../../format/pcfile/testdata/sales.csv")
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "a.csv"), string(raw), noon.Add(-time.Hour))
	purchase, err := os.ReadFile("../../format/pcfile/testdata/purchase.csv")
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "b.dde"), string(purchase), noon.Add(-time.Minute))
	k := Kind()
	open := func(values map[string]string) source.Driver {
		values["folder"] = dir
		d, err := k.Open(source.Env{Now: func() time.Time { return noon }}, source.Config{Values: values})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	p := pull(t, open(map[string]string{"own": "2345678-0", "purchase_letter": "O", "dimension_columns": "O=project"}), "", 10)
	if len(p.Documents) != 6 || p.Documents[5].Document.Kind != hub.PurchaseInvoice {
		t.Fatalf("%d documents", len(p.Documents))
	}
	for _, f := range p.Documents {
		if hub.Stops(f.Faults) || f.Document.Own().BusinessID != "2345678-0" {
			t.Errorf("%s: %+v, %+v", f.Document.Number, f.Document.Own(), f.Faults)
		}
	}
	first := p.Documents[0]
	if first.Document.References.Order != "PO-4471" || first.Document.Lines[0].Dimensions[0] != (hub.Dimension{Axis: "project", Code: "P-17"}) {
		t.Errorf("%+v", first.Document)
	}
	third := p.Documents[2] // begins at line 7
	if at := third.Places["references.order"]; at != "" {
		t.Errorf("an order reference that is not there stands at %s", at)
	}
	const row = "lines[0].unit_price"
	if at, later := third.Places[row], Places(third.Raw, "A7"); at != "A7/row[8]/F" || later[row] != at {
		t.Errorf("the price stands at %q, later at %q", at, later[row])
	}
	p = pull(t, open(map[string]string{}), "", 10)
	if f := p.Documents[5]; f.Document.Kind != hub.Unreadable || f.Faults[0].Code != hub.TypeUnknown {
		t.Errorf("a purchase letter was guessed: %+v", f.Faults)
	}
	if _, err := k.Open(source.Env{}, source.Config{Values: map[string]string{"folder": dir, "dimension_columns": "C=project"}}); err == nil {
		t.Error("a known column became a dimension")
	}
}

var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

func invoice(t testing.TB, number string) string {
	t.Helper()
	return finvoiceOf(t, sourcetest.Seed{Number: number, Date: civil.Must("2026-03-01"), Buyer: "Rantala",
		Rows: []sourcetest.Row{{Name: "Lauta", Quantity: money.Must("1"), Price: money.Must("4.00"), VATPercent: money.Must("25.5")}}})
}

func folder(dir string) *Folder {
	return &Folder{Path: dir, Quiet: defaultQuiet, Options: Options{Options: format.Options{Kind: hub.SalesInvoice}}, Now: func() time.Time { return noon }}
}

func pull(t *testing.T, d source.Driver, c source.Cursor, limit int) source.Page {
	t.Helper()
	p, err := source.New("folder", d).Pull(t.Context(), c, limit)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func names(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

// Files go to done, or to failed when nothing in them could be read, beside others
// of their name; hidden and unfinished ones stay.
func TestMovesAway(t *testing.T) {
	dir := t.TempDir()
	at := noon.Add(-time.Minute)
	for name, text := range map[string]string{
		"good.xml": invoice(t, "1"), "mixed.xml": invoice(t, "2") + "<?xml version='1.0'?><broken>", "bad.txt": "hello", "empty": "",
		".hidden.xml": invoice(t, "3"), "coming.xml.part": invoice(t, "4"), "~lock.xml": "x",
	} {
		put(t, filepath.Join(dir, name), text, at)
	}
	if err := os.Mkdir(filepath.Join(dir, Done), 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, Done, "good.xml"), "an older one", at)
	if err := os.Symlink(filepath.Join(dir, "good.xml"), filepath.Join(dir, "link.xml")); err != nil {
		t.Fatal(err)
	}
	d := folder(dir)
	p := pull(t, d, "", 10)
	if len(p.Documents) != 5 || p.More {
		t.Fatalf("%d documents, more: %v", len(p.Documents), p.More)
	}
	var unread []string
	for _, f := range p.Documents {
		if f.Document.Kind == hub.Unreadable {
			unread = append(unread, f.Document.Number+" "+f.Faults[0].Code)
		}
	}
	if got := strings.Join(unread, ", "); got != "bad.txt format-unknown, empty format-unknown, mixed.xml (2) xml-broken" {
		t.Errorf("unread: %s", got)
	}
	if got := names(t, dir); !strings.Contains(got, ", good.xml, ") {
		t.Errorf("a file went away before its documents were stored: %s", got)
	}
	if again, err := d.Pull(t.Context(), p.Next, 10); err != nil || len(again.Documents) != 0 {
		t.Errorf("what waits to be moved was shown again: %d documents, %v", len(again.Documents), err)
	}
	p = pull(t, d, p.Next, 10)
	const want = ".hidden.xml, coming.xml.part, done/good (2).xml, done/good.xml, done/mixed.xml, failed/bad.txt, failed/empty, link.xml, ~lock.xml"
	if got := names(t, dir); got != want || len(p.Documents) != 0 {
		t.Errorf("after settling %s, want %s", got, want)
	}
}

// A file that changes is left alone until it is quiet; one that a wrong clock has
// dated into the future is not waited for.
func TestQuiet(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.xml")
	whole := invoice(t, "1")
	put(t, path, whole[:len(whole)/2], noon.Add(-time.Second))
	d := folder(dir)
	if p := pull(t, d, "", 10); len(p.Documents) != 0 {
		t.Errorf("read half a file: %+v", p.Documents[0].Faults)
	}
	put(t, path, whole, noon.Add(-3*time.Second))
	p := pull(t, d, "", 10)
	if len(p.Documents) != 1 || p.Documents[0].Document.Number != "1" {
		t.Fatalf("got %+v", p.Documents)
	}
	put(t, filepath.Join(dir, "b.xml"), invoice(t, "2"), noon.Add(time.Minute))
	put(t, filepath.Join(dir, "c.xml"), invoice(t, "3"), noon.AddDate(4, 0, 0))
	p = pull(t, d, p.Next, 10)
	if len(p.Documents) != 1 || p.Documents[0].Document.Number != "3" {
		t.Errorf("got %d documents", len(p.Documents))
	}
}

// A file that changes between a look and the end of reading is not shown, half
// old and half new; it comes when it is quiet again.
func TestChangesWhileRead(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.xml"), invoice(t, "1"), noon.Add(-time.Hour))
	put(t, filepath.Join(dir, "b.xml"), invoice(t, "2"), noon.Add(-time.Minute))
	d := folder(dir)
	d.Now = func() time.Time { // the driver has looked at the files by now
		put(t, filepath.Join(dir, "a.xml"), invoice(t, "1")+invoice(t, "3"), noon)
		return noon
	}
	p := pull(t, d, "", 10)
	if len(p.Documents) != 1 || p.Documents[0].Document.Number != "2" {
		t.Errorf("got %d documents, first %s", len(p.Documents), p.Documents[0].Document.Number)
	}
	d.Now = func() time.Time { return noon.Add(time.Hour) }
	p = pull(t, d, p.Next, 10)
	if len(p.Documents) != 2 || p.Documents[1].Document.Number != "3" {
		t.Errorf("later %d documents", len(p.Documents))
	}
}

// Another file under the name of one that was read is another file, in the middle
// of a page and after it.
func TestReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.xml")
	put(t, path, invoice(t, "1")+invoice(t, "2")+invoice(t, "3"), noon.Add(-time.Hour))
	d := folder(dir)
	p := pull(t, d, "", 2)
	if got := len(p.Documents); got != 2 || !p.More {
		t.Fatalf("%d documents", got)
	}
	put(t, path, invoice(t, "4")+invoice(t, "5"), noon.Add(-time.Minute))
	p = pull(t, d, p.Next, 2)
	if len(p.Documents) != 2 || p.Documents[0].Document.Number != "4" {
		t.Fatalf("the new file was not read from its beginning: %+v", p.Documents[0].Document.Number)
	}
	for p.More { // it takes one more look to see that the file has ended
		p = pull(t, d, p.Next, 2)
	}
	put(t, path, invoice(t, "6"), noon.Add(-30*time.Second))
	p = pull(t, d, p.Next, 2)
	if len(p.Documents) != 1 || p.Documents[0].Document.Number != "6" {
		t.Errorf("got %+v; there is %s", p, names(t, dir))
	}
}

// The same invoice twice in a file comes twice, on two pages; the hub sees that it
// is the same.
func TestTwiceInOneFile(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.xml"), invoice(t, "1")+invoice(t, "1")+invoice(t, "2"), noon.Add(-time.Hour))
	var got []string
	var c source.Cursor
	for range 10 {
		p := pull(t, folder(dir), c, 10)
		for _, f := range p.Documents {
			got = append(got, f.Document.Number)
		}
		if c = p.Next; !p.More {
			break
		}
	}
	if strings.Join(got, " ") != "1 1 2" {
		t.Errorf("got %v", got)
	}
}

func TestNoFolder(t *testing.T) {
	d := folder(filepath.Join(t.TempDir(), "missing"))
	if _, err := d.Pull(t.Context(), "", 1); !errors.Is(err, source.ErrDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := folder(t.TempDir()).Pull(t.Context(), "{", 1); err == nil {
		t.Error("a cursor that is none was taken")
	}
	for _, bad := range []map[string]string{{}, {"folder": "x", "kind": "salary"}, {"folder": "x", "quiet": "-1"}, {"folder": "x", "quiet": "soon"}, {"folder": "x", "pattern": "*"}} {
		if _, err := Kind().Open(source.Env{}, source.Config{Values: bad}); err == nil {
			t.Errorf("options %v were taken", bad)
		}
	}
}

// Whatever happens in whatever order, files arriving, pages read and not stored,
// restarts: every document is stored once, in the end no file is left, and none
// was ever away before its documents were stored.
func TestNothingLostNothingTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		var cursor source.Cursor
		stored := map[string]int{}
		made, files := 0, 0
		d := folder(dir)
		read := func(limit int, store bool) bool {
			p, err := source.New("folder", d).Pull(t.Context(), cursor, limit)
			if err != nil {
				rt.Fatal(err)
			}
			if store {
				for _, f := range p.Documents {
					stored[f.Document.Number]++
				}
				cursor = p.Next
			}
			return p.More
		}
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"file", "store", "store", "lose", "restart"}).Draw(rt, "step") {
			case "file":
				var b strings.Builder
				for range rapid.IntRange(1, 4).Draw(rt, "documents") {
					made++
					b.WriteString(invoice(t, fmt.Sprint(made)))
				}
				files++
				put(t, filepath.Join(dir, fmt.Sprintf("%d.xml", rapid.IntRange(0, 1).Draw(rt, "name")*1000+files)), b.String(),
					noon.Add(-time.Duration(rapid.IntRange(3, 100).Draw(rt, "age"))*time.Second))
			case "store":
				read(rapid.IntRange(1, 3).Draw(rt, "limit"), true)
			case "lose":
				read(rapid.IntRange(1, 3).Draw(rt, "limit"), false)
			case "restart":
				d = folder(dir)
			}
		}
		for range 100 {
			if !read(3, true) && cursor == "" {
				break
			}
		}
		for n := 1; n <= made; n++ {
			if stored[fmt.Sprint(n)] != 1 {
				rt.Fatalf("document %d was stored %d times", n, stored[fmt.Sprint(n)])
			}
		}
		left, err := filepath.Glob(filepath.Join(dir, "*.xml"))
		if err != nil || len(left) > 0 {
			rt.Fatalf("left behind: %v, %v", left, err)
		}
		moved, err := filepath.Glob(filepath.Join(dir, Done, "*.xml"))
		if err != nil || len(moved) != files {
			rt.Fatalf("%d of %d files in done, %v", len(moved), files, err)
		}
	})
}

// One file may mix the formats.
func TestDecodeMixed(t *testing.T) {
	ubl, err := os.ReadFile("../../format/ubl/testdata/credit.xml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	text := "<?xml version='1.0'?><Envelope/>" + string(ubl) + invoice(t, "1") + "<?xml version='1.0'?><Other/><?xml version='1.0'?><Envelope/>"
	for f, err := range Decode(strings.NewReader(text), "in.xml", Options{Options: format.Options{Kind: hub.SalesInvoice}}) {
		if err != nil {
			t.Fatal(err)
		}
		s := f.Document.Number
		for _, fault := range f.Faults {
			s += " " + fault.Code
		}
		got = append(got, s)
	}
	const want = "in.xml part-missing, 2010, 1, in.xml (4) format-unknown, in.xml (5) part-missing"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	for _, err := range Read(filepath.Join(t.TempDir(), "missing.xml"), Options{}) {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	}
}

// samplesEnv names a folder with invoice files of other people to try the readers
// on. Their outcome is printed with -v; they must read without a panic, and each
// document must be fit to be kept.
const samplesEnv = "VIENTI_SAMPLES"

func TestSamples(t *testing.T) {
	dir := os.Getenv(samplesEnv)
	if dir == "" {
		dir = "../../format" // our own, so that the test always has something to read
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && slices.Contains([]string{".xml", ".txt", ".csv"}, filepath.Ext(path)) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files in %s, %v", len(files), dir, err)
	}
	for _, path := range files {
		for f, err := range Read(path, Options{Options: format.Options{Kind: hub.SalesInvoice}}) {
			if err != nil {
				t.Fatal(err)
			}
			if err := fit(t, f); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			faults, err := json.Marshal(f.Faults)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %s %s, %d rows, stops: %v %s", filepath.Base(path), f.Document.Kind, f.Document.Number, len(f.Document.Lines), hub.Stops(f.Faults), faults)
		}
	}
}

// fit asks the contract of sources.
func fit(t *testing.T, f source.Found) error {
	_, err := source.New("file", onePage{f}).Pull(t.Context(), "", 1)
	return err
}

// onePage shows one document.
type onePage struct{ found source.Found }

func (o onePage) Pull(context.Context, source.Cursor, int) (source.Page, error) {
	return source.Page{Documents: []source.Found{o.found}, Next: "end"}, nil
}
