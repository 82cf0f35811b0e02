package pcfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/formattest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

// options are those of a company that has looked up what its own program means.
var options = Options{
	Options:  format.Options{Kind: hub.SalesInvoice, Own: []string{"2345678-0"}},
	Settings: Settings{Purchase: "O", Dimensions: map[int]string{15: "project"}},
}

func decodeAny(file []byte, o Options) iter.Seq2[format.Decoded, error] {
	if TakesArchive(file) {
		return DecodeArchive(bytes.NewReader(file), o)
	}
	return Decode(bytes.NewReader(file), o)
}

func read(t testing.TB, file []byte, o Options) []format.Decoded {
	t.Helper()
	return formattest.Collect(t, decodeAny(file, o))
}

// Each file of testdata is what its name says.
var suite = formattest.Suite{Files: "*.csv", Least: 6, Decode: func(file []byte) iter.Seq2[format.Decoded, error] { return decodeAny(file, options) },
	Sound: sound, Blank: "\xef\xbb\xbf \t\r\n\x00\x1a;"}

func TestGolden(t *testing.T) { suite.Golden(t) }

// Its files are known for what they are.
func TestTakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if file, err := os.ReadFile(name); err != nil || !Takes(file) {
			t.Errorf("%s is not taken for Procountor's file, %v", name, err)
		}
	}
}

// Any bytes become documents or faults, and nothing else.
func FuzzDecode(f *testing.F) {
	suite.Fuzz(f, func(file []byte) []byte { return archiveOf(f, "a.csv", string(file)) })
}

// sound: what can be written comes back as it was.
func sound(t testing.TB, file []byte, d format.Decoded) {
	t.Helper()
	formattest.Sound(t, d)
	switch {
	case !slices.Contains([]hub.Kind{hub.SalesInvoice, hub.PurchaseInvoice, hub.Unreadable}, d.Document.Kind):
		t.Fatalf("kind %q", d.Document.Kind)
	case !TakesArchive(file) && d.Raw != nil && !bytes.Contains(file, d.Raw):
		t.Fatal("the bytes of a document do not stand in its file")
	}
	if hub.Stops(d.Faults) {
		return
	}
	for _, o := range []WriteOptions{{}, {Comma: true, Pad: true}} {
		o.Settings = options.Settings
		out, err := Encode([]*hub.Document{d.Document}, o)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if !slices.ContainsFunc(d.Document.Attachments, func(hub.Attachment) bool { return true }) {
			again := read(t, out, options)
			if len(again) != 1 {
				t.Fatalf("written once, read %d times", len(again))
			}
			if lost := differences(d.Document, again[0].Document); len(lost) > 0 {
				t.Fatalf("written and read again it differs in %v:\n%s", lost, out)
			}
		}
	}
}

func header(set map[int]string) string {
	h := make([]string, headColumns)
	for i, v := range map[int]string{hType: "M", hCurrency: "EUR", hName: "Rantalan Veistämö Ky", hID: "1234567-1", hGross: "f", hDate: "1.3.2026",
		hDue: "15.3.2026", hNumber: "1001", hMethod: usual} {
		h[i] = v
	}
	for i, v := range set {
		h[i] = v
	}
	return strings.Join(h, ";") + "\r\n"
}

func line(set map[int]string) string {
	r := make([]string, rowColumns)
	for i, v := range map[int]string{rName: "Lauta", rQuantity: "10", rUnit: "kpl", rPrice: "4.00", rVAT: "25.5"} {
		r[i] = v
	}
	for i, v := range set {
		r[i] = v
	}
	return strings.Join(r, ";") + "\r\n"
}

func codes(d format.Decoded) string {
	var list []string
	for _, f := range d.Faults {
		text := f.Code + " " + f.Path
		if f.Warning {
			text = "(" + text + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// What is wrong is said with the line and column of the file, and the other invoices
// of the file go on.
func TestFaultsSayWhere(t *testing.T) {
	good := header(nil) + line(nil)
	for name, c := range map[string]struct {
		file string
		set  Settings
		want string // of the invoice in the middle, that begins at line 3
	}{
		"right":                  {header(nil) + line(nil), Settings{}, ""},
		"unknown type":           {header(map[int]string{hType: "Q"}) + line(nil), Settings{}, "type-unknown A3/row[3]/A"},
		"claim":                  {header(map[int]string{hType: "K"}) + line(nil), Settings{}, "type-not-moved A3/row[3]/A"},
		"journal":                {header(map[int]string{hType: "N"}) + line(nil), Settings{}, "type-not-moved A3/row[3]/A"},
		"purchase, letter unset": {header(map[int]string{hType: "O"}) + line(nil), Settings{}, "type-unknown A3/row[3]/A"},
		"purchase":               {header(map[int]string{hType: "O"}) + line(nil), Settings{Purchase: "O"}, ""},
		"semicolon in a name":    {header(map[int]string{hName: "Rantala; Oy"}) + line(nil), Settings{}, "columns-wrong A3/row[3]"},
		"short row":              {header(nil) + line(nil) + ";Lauta;;1;kpl;4.00;;25.5\n", Settings{}, "columns-wrong A3/row[5]"},
		"one field too many":     {strings.TrimRight(header(nil), "\r\n") + ";\n" + line(nil), Settings{}, "columns-wrong A3/row[3]"},
		"no number":              {header(nil) + line(map[int]string{rPrice: "4,0,0"}), Settings{}, "field-invalid A3/row[4]/F"},
		"both separators":        {header(nil) + line(map[int]string{rPrice: "1.234,00"}), Settings{}, "field-invalid A3/row[4]/F"},
		"no day":                 {header(map[int]string{hDate: "2026-03-01"}) + line(nil), Settings{}, "field-invalid A3/row[3]/M"},
		"31 February":            {header(map[int]string{hDue: "31.2.2026"}) + line(nil), Settings{}, "field-invalid A3/row[3]/O"},
		"no VAT percent":         {header(nil) + line(map[int]string{rVAT: ""}), Settings{}, "field-missing A3/row[4]/H"},
		"prices with VAT?":       {header(map[int]string{hGross: ""}) + line(nil), Settings{}, "field-missing A3/row[3]/J"},
		"no invoice number":      {header(map[int]string{hNumber: ""}) + line(nil), Settings{}, "number-missing A3/row[3]/AM"},
		"no rows":                {header(nil), Settings{}, "rows-missing A3"},
		"unknown column":         {header(nil) + strings.TrimRight(line(nil), "\r\n") + ";P100\n", Settings{}, "column-unknown A3/row[4]/O"},
		"column explained":       {header(nil) + strings.TrimRight(line(nil), "\r\n") + ";P100\n", Settings{Dimensions: map[int]string{15: "project"}}, ""},
		"total off":              {header(map[int]string{hTotal: "51.20"}) + line(nil), Settings{}, "sums-disagree A3/row[3]/X"},
		"total off by a cent":    {header(map[int]string{hTotal: "50,21"}) + line(nil), Settings{}, "(sums-disagree A3/row[3]/X)"},
		"f above zero":           {header(map[int]string{hCredit: "f"}) + line(nil), Settings{}, "credit-unclear A3/row[3]/K"},
		"f is a credit note":     {header(map[int]string{hCredit: "f"}) + line(nil), Settings{Credit: "f"}, "(signs-turned A3/row[3]/K)"},
		"negative invoice":       {header(map[int]string{hCredit: "t"}) + line(map[int]string{rQuantity: "-1"}), Settings{Credit: "f"}, "credit-unclear A3/row[3]/K"},
		"country in words":       {header(map[int]string{hShipping: `Rantala\Tie 1\00100\Helsinki\Suomi`}) + line(nil), Settings{}, "(country-unknown A3/row[3]/R)"},
		"address in one":         {header(map[int]string{hShipping: `Tie 1, Helsinki`}) + line(nil), Settings{}, "field-invalid A3/row[3]/R"},
		"attachment, no ZIP":     {header(map[int]string{hFile: "lasku.pdf"}) + line(nil), Settings{}, "attachment-missing A3/row[3]/AH"},
		"broken letter":          {header(map[int]string{hName: "Rantala \x81"}) + line(nil), Settings{}, "encoding-wrong A3"},
	} {
		file := []byte(good + c.file + header(map[int]string{hNumber: "1003"}) + line(nil))
		if name == "broken letter" { // the others are ISO-8859-1 then
			file = bytes.ReplaceAll(file, []byte("ä"), []byte{0xe4})
			file = bytes.ReplaceAll(file, []byte("ö"), []byte{0xf6})
		}
		o := options
		o.Settings = c.set
		list := read(t, file, o)
		if len(list) != 3 || hub.Stops(list[0].Faults) || hub.Stops(list[2].Faults) {
			t.Errorf("%s: %d documents, the others: %s; %s", name, len(list), codes(list[0]), codes(list[len(list)-1]))
			continue
		}
		if got := codes(list[1]); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	list := read(t, []byte(line(nil)+good), options)
	if len(list) != 2 || codes(list[0]) != "line-without-invoice A1" || codes(list[1]) != "" {
		t.Errorf("rows first: %d documents, %s", len(list), codes(list[0]))
	}
}

// The letters of a file are found without being told: what is no UTF-8 is
// Windows-1252, and a mixture of the two is not guessed at.
func TestEncodings(t *testing.T) {
	text := header(map[int]string{hName: "Åkerblom & Söner – €"}) + line(nil)
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"UTF-8": text, "with a mark": "\xef\xbb\xbf" + text, "Windows-1252": latin} {
		list := read(t, []byte(file), options)
		if len(list) != 1 || list[0].Document.Buyer.Name != "Åkerblom & Söner – €" {
			t.Errorf("%s: %+v, %s", name, list[0].Document.Buyer, codes(list[0]))
		}
	}
	mixed := header(map[int]string{hName: "Åkerblom", hText: "hyv\xe4"}) + line(nil)
	if list := read(t, []byte(mixed), options); len(list) != 1 || codes(list[0]) != "encoding-wrong A1" {
		t.Errorf("mixed: %s", codes(list[0]))
	}
	if list := read(t, []byte("\xff\xfe"+text), options); codes(list[0]) != "encoding-wrong A1" {
		t.Errorf("UTF-16: %s", codes(list[0]))
	}
}

// archiveOf packs files; names with "!" are stored as they are.
func archiveOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	one := header(map[int]string{hFile: "lasku 1.pdf"}) + line(nil)
	whole := archiveOf(t, "aineisto.csv", one, "lasku 1.pdf", "%PDF-1")
	list := read(t, whole, options)
	if len(list) != 1 || codes(list[0]) != "" {
		t.Fatalf("%d documents, %s", len(list), codes(list[0]))
	}
	a := list[0].Document.Attachments[0]
	if a.Name != "lasku 1.pdf" || string(a.Content) != "%PDF-1" || a.Hash != hub.HashOf(a.Content) || a.MIME != "application/pdf" || !a.ForCustomer {
		t.Errorf("attachment %+v", a)
	}
	written, err := EncodeArchive("aineisto.csv", []*hub.Document{list[0].Document}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again := read(t, written, options)
	if lost := differences(list[0].Document, again[0].Document); len(again) != 1 || len(lost) > 0 || string(again[0].Document.Attachments[0].Content) != "%PDF-1" {
		t.Errorf("written and read again it differs in %v", lost)
	}

	short := len(whole) - 40
	flipped := bytes.Clone(whole)
	flipped[bytes.Index(flipped, []byte("lasku 1.pdf"))+40] ^= 0xff
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"cut off":            {whole[:short], "archive-broken ZIP"},
		"nothing in it":      {archiveOf(t), "format-unknown ZIP"},
		"no list":            {archiveOf(t, "lasku.pdf", "%PDF-1"), "format-unknown ZIP"},
		"in a folder":        {archiveOf(t, "maaliskuu/aineisto.csv", one), "archive-folders ZIP"},
		"a path":             {archiveOf(t, "aineisto.csv", one, "../lasku 1.pdf", "%PDF-1"), "attachment-missing A1/row[1]/AH, (archive-folders ZIP)"},
		"a Windows path":     {archiveOf(t, "aineisto.csv", one, `C:\lasku 1.pdf`, "%PDF-1"), "attachment-missing A1/row[1]/AH, (archive-folders ZIP)"},
		"one too many":       {archiveOf(t, "aineisto.csv", one, "lasku 1.pdf", "%PDF-1", "muu.pdf", "%PDF-1"), "(attachment-unused ZIP)"},
		"twice":              {archiveOf(t, "aineisto.csv", one, "lasku 1.pdf", "a", "lasku 1.pdf", "b"), "archive-broken A1/row[1]/AH, (attachment-unused ZIP)"},
		"not there":          {archiveOf(t, "aineisto.csv", one), "attachment-missing A1/row[1]/AH"},
		"a bomb":             {archiveOf(t, "aineisto.csv", one, "lasku 1.pdf", strings.Repeat("\x00", 9_000_000)), "archive-too-much A1/row[1]/AH"},
		"too large":          {archiveOf(t, "aineisto.csv", one, "lasku 1.pdf", noise(hub.MaxAttachment+1)), "attachment-too-large A1/row[1]/AH"},
		"a list that is one": {archiveOf(t, "aineisto.csv", one+strings.Repeat("\n", 60_000_000)), "archive-too-much ZIP"},
	} {
		list := read(t, c.file, options)
		if len(list) != 1 || codes(list[0]) != c.want {
			t.Errorf("%s: %d documents, %q, want %q", name, len(list), codes(list[0]), c.want)
		}
		sound(t, c.file, list[0])
	}
	if list := read(t, flipped, options); len(list) != 1 || !strings.Contains(codes(list[0]), "archive-broken") {
		t.Errorf("a changed byte: %s", codes(list[0]))
	}
	many := make([]string, 0, 2*maxEntries+2)
	for i := range maxEntries + 1 {
		many = append(many, fmt.Sprintf("%d.pdf", i), "")
	}
	if list := read(t, archiveOf(t, many...), options); codes(list[0]) != "archive-too-much ZIP" {
		t.Errorf("many: %s", codes(list[0]))
	}
}

// noise does not pack.
func noise(n int) string {
	b, x := make([]byte, n), uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return string(b)
}

// What the file has no place for is not dropped: the writer refuses.
func TestWriterRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*hub.Document)
		want   string
	}{
		"semicolon":       {func(d *hub.Document) { d.Text = "yksi; kaksi" }, "a semicolon or a line break"},
		"line break":      {func(d *hub.Document) { d.Text = "yksi\nM;kaksi" }, "a semicolon or a line break"},
		"line in a text":  {func(d *hub.Document) { d.Lines[0].Comment = "yksi\n;kaksi" }, "a semicolon or a line break"},
		"allowance":       {func(d *hub.Document) { d.Allowances = []hub.Allowance{{Amount: money.Must("1.00")}} }, "allowances"},
		"dimension":       {func(d *hub.Document) { d.Lines[0].Dimensions = []hub.Dimension{{Axis: "cost centre", Code: "200"}} }, "lines[0].dimensions"},
		"agreement":       {func(d *hub.Document) { d.References.Agreement = "A-1" }, "references"},
		"two files":       {func(d *hub.Document) { d.Attachments = []hub.Attachment{{Name: "a"}, {Name: "b"}} }, "attachments"},
		"credited number": {func(d *hub.Document) { d.Credits = []hub.Reference{{Number: "1"}} }, "credits"},
		"a period": {func(d *hub.Document) {
			d.Delivery = civil.Period{First: civil.Must("2026-03-01"), Last: civil.Must("2026-03-31")}
		}, "delivery.last"},
	} {
		d := read(t, []byte(header(nil)+line(nil)), options)[0].Document
		c.change(d)
		_, err := Encode([]*hub.Document{d}, WriteOptions{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "1001") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	d := read(t, []byte(header(nil)+line(nil)), options)[0].Document
	d.Text = "😀"
	for _, e := range []Encoding{Latin1, Windows1252} {
		if _, err := Encode([]*hub.Document{d}, WriteOptions{Encoding: e}); err == nil {
			t.Errorf("%s: a letter that it does not have was written", e)
		}
	}
}

// Documents of any kind that the format carries come back as they were, in every
// encoding, with either decimal sign, padded or not.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9 .,/-]{0,20}[A-Za-z0-9]`)
		amount := func(name string, low, high int64) money.Amount {
			return money.Cents(rapid.Int64Range(low, high).Draw(t, name))
		}
		o := WriteOptions{
			Settings: Settings{Purchase: "O", Credit: rapid.SampledFrom([]string{"", "t", "f"}).Draw(t, "credit code"), Dimensions: map[int]string{15: "project", 17: "cost centre"}},
			Encoding: rapid.SampledFrom([]Encoding{UTF8, Latin1, Windows1252}).Draw(t, "encoding"),
			Comma:    rapid.Bool().Draw(t, "comma"), Pad: rapid.Bool().Draw(t, "pad"),
		}
		in := Options{Options: format.Options{Own: []string{"2345678-0"}}, Settings: o.Settings}
		var docs []*hub.Document
		for i := range rapid.IntRange(1, 4).Draw(t, "invoices") {
			d := &hub.Document{
				Kind: rapid.SampledFrom([]hub.Kind{hub.SalesInvoice, hub.PurchaseInvoice}).Draw(t, "kind"), Number: fmt.Sprintf("A-%d", 100+i), Currency: "EUR",
				CreditNote: rapid.Bool().Draw(t, "credit note"), GrossPrices: rapid.Bool().Draw(t, "gross"),
				Date: civil.Must("2026-01-31").AddDays(rapid.IntRange(0, 700).Draw(t, "day")), Text: word.Draw(t, "text"),
				Payment: hub.Payment{Reference: "1232"}, Notes: word.Draw(t, "notes"), Lines: []hub.Line{},
			}
			d.DueDate = d.Date.AddDays(rapid.IntRange(0, 60).Draw(t, "term"))
			p := d.Counterparty()
			*p = hub.Party{Name: word.Draw(t, "name"), Number: rapid.StringMatching(`[0-9]{0,5}`).Draw(t, "number"),
				Address: hub.Address{Street: word.Draw(t, "street"), Zip: "00100", City: word.Draw(t, "city"), Country: "FI"}}
			if rapid.Bool().Draw(t, "foreign") {
				p.VATNumber = "SE556016068001"
			} else {
				p.BusinessID = "1234567-1"
			}
			d.Own().BusinessID = "2345678-0"
			for range rapid.IntRange(1, 5).Draw(t, "rows") {
				q, price := amount("quantity", 1, 9999), amount("price", 1, 999999)
				if d.CreditNote {
					q = q.Neg()
				}
				l := hub.Line{Name: word.Draw(t, "row"), Quantity: &q, UnitPrice: &price, VATPercent: rapid.SampledFrom([]money.Amount{money.Must("25.5"), money.Must("0"), money.Must("13.5")}).Draw(t, "VAT"),
					Account: rapid.StringMatching(`(3[0-9]{3})?`).Draw(t, "account")}
				if rapid.Bool().Draw(t, "dimension") {
					l.Dimensions = []hub.Dimension{{Axis: "project", Code: "P1"}, {Axis: "cost centre", Code: "200"}}
				}
				d.Lines = append(d.Lines, l)
			}
			net, gross, _ := sums(d)
			if net.IsZero() {
				continue // neither invoice nor credit note
			}
			d.Totals.Gross = &gross
			format.Options{Kind: d.Kind}.Identify(d, nil)
			docs = append(docs, d)
		}
		file, err := Encode(docs, o)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for got, err := range Decode(bytes.NewReader(file), in) {
			if err != nil || i == len(docs) || len(got.Faults) > 0 {
				t.Fatalf("document %d: %v, %s", i, err, codes(got))
			}
			if lost := differences(docs[i], got.Document); len(lost) > 0 {
				t.Fatalf("document %d differs in %v:\n%s", i, lost, file)
			}
			i++
		}
		if i != len(docs) {
			t.Fatalf("%d of %d documents", i, len(docs))
		}
	})
}
