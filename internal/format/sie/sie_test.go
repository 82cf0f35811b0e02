package sie_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/formattest"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
)

func options() format.Options {
	return format.Options{Own: []string{"23456780", "556677 8899"}}
}

func decode(file []byte, o format.Options) iter.Seq2[format.Decoded, error] {
	return sie.Decode(bytes.NewReader(file), "PALKAT.SI", o)
}

var suite = formattest.Suite{Files: "*.si", Least: 20, Sound: sound,
	Decode: func(file []byte) iter.Seq2[format.Decoded, error] { return decode(file, options()) }}

// sound: of payroll, whatever the bytes are.
func sound(t testing.TB, file []byte, d format.Decoded) {
	t.Helper()
	formattest.Sound(t, d)
	if d.Document.Kind != hub.PayrollJournal && (d.Document.Kind != hub.Unreadable || d.Raw != nil) {
		t.Fatalf("kind %s", d.Document.Kind)
	}
	if !hub.Stops(d.Faults) {
		for i := range d.Document.Journals {
			if len(d.Document.Journals[i].Rows) == 0 || d.Document.Journals[i].Date.IsZero() {
				t.Fatalf("a journal without rows or day: %+v", d.Document.Journals[i])
			}
		}
	}
}

// No fault ever says an amount: those of these files begin with 471 and 410.
func TestNoAmountInFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/bad-*.si")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range formattest.Collect(t, decode(b, options())) {
			for _, f := range d.Faults {
				if said := fmt.Sprint(f); strings.Contains(said, "471") || strings.Contains(said, "410") {
					t.Errorf("%s: an amount in a fault: %+v", name, f)
				}
			}
		}
	}
}

func TestGolden(t *testing.T) { suite.Golden(t) }

func FuzzDecode(f *testing.F) {
	suite.Fuzz(f, func(file []byte) []byte { return bytes.ReplaceAll(file, []byte(`"`), []byte(`""`)) })
}

func first(t *testing.T, file string, o format.Options) format.Decoded {
	t.Helper()
	list := formattest.Collect(t, decode([]byte(file), o))
	if len(list) == 0 {
		t.Fatal("nothing")
	}
	return list[0]
}

const voucher = "#VER P 1 20260630 \"Palkat\"\n{\n#TRANS 5000 {} 10\n#TRANS 1910 {} -10\n}\n"

// The company's own number is known however it is written; of another company's file
// nothing is kept.
func TestWhoseFile(t *testing.T) {
	for org, ours := range map[string]bool{"2345678-0": true, "23456780": true, "FI23456780": true, "556677-8899": true, "5566778899": true,
		"165566778899": true, "556334-3689": false, "1234567-1": false, "": true} {
		d := first(t, "#FLAGGA 0\n#ORGNR \""+org+"\"\n#FNAMN \"Muu Oy\"\n"+voucher, options())
		if got := d.Document.Kind == hub.PayrollJournal; got != ours {
			t.Errorf("%q: %s", org, d.Document.Kind)
		}
		if !ours && (d.Raw != nil || d.Faults[0].Code != hub.FileOtherCompany || d.Faults[0].Args["name"] != "Muu Oy" || len(d.Document.Journals) > 0) {
			t.Errorf("%q: %+v", org, d)
		}
	}
	o := options()
	o.Payroll.Runs = hub.RunIsVoucher
	if list := formattest.Collect(t, decode([]byte("#ORGNR 556334-3689\n"+voucher+voucher), o)); len(list) != 1 || list[0].Raw != nil {
		t.Errorf("%d documents of another company", len(list))
	}
}

// By voucher, each is a run; two that are called the same are two.
func TestEachVoucherARun(t *testing.T) {
	o := options()
	o.Payroll.Runs = hub.RunIsVoucher
	file := "#FLAGGA 0\n" + voucher + strings.ReplaceAll(voucher, "P 1", "P 2") +
		strings.ReplaceAll(voucher, "P 1", `"" ""`) + strings.ReplaceAll(voucher, "P 1", `"" ""`) + "#VER P 3 20260630\n{\n}\n" + voucher[:strings.Index(voucher, "#TRANS")]
	var got []string
	for _, d := range formattest.Collect(t, decode([]byte(file), o)) {
		s := d.Document.SourceID
		if len(d.Faults) > 0 {
			s = d.Faults[0].Code
			if len(d.Document.Journals) > 0 {
				t.Error("rows of a voucher that was not read whole")
			}
		}
		got = append(got, s)
	}
	const want = "payroll/2026-06/P 1, payroll/2026-06/P 2, payroll/2026-06/Palkat, payroll/2026-06/Palkat (2), sie-voucher-empty, sie-truncated"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
}

// What is hostile is refused before it takes memory, and said.
func TestHostile(t *testing.T) {
	for name, c := range map[string]struct{ file, code string }{
		"a line without an end": {"#FLAGGA 0\n" + voucher + strings.Repeat("x", 1<<20), hub.TooDeep},
		"a bomb of quotes":      {"#FLAGGA 0\n#FNAMN " + strings.Repeat(`"" `, 5000) + "\n" + voucher, hub.SIELine},
		"quotes in quotes":      {"#FLAGGA 0\n#FNAMN " + strings.Repeat(`"`, 5001) + "\n" + voucher, hub.SIELine},
		"NULs":                  {"#FLAGGA 0\n#FNAMN a\x00b\n" + voucher, hub.SIELine},
		"a list without an end": {"#FLAGGA 0\n#VER A 1 20260630\n{\n#TRANS 1 {1 2 10\n}\n", hub.SIELine},
		"a voucher in another":  {"#FLAGGA 0\n#VER A 1 20260630\n{\n#TRANS 1 {} 0\n" + voucher, hub.SIELine},
		"nothing":               {"#FLAGGA 0\n", hub.RowsMissing},
	} {
		t.Run(name, func(t *testing.T) {
			d := first(t, c.file, options())
			if len(d.Faults) == 0 || d.Faults[0].Code != c.code || len(d.Document.Journals) > 0 {
				t.Errorf("%+v", d.Faults)
			}
		})
	}
}

func TestTakes(t *testing.T) {
	for head, want := range map[string]bool{"#FLAGGA 0": true, "\xef\xbb\xbf\r\n #flagga\t0": true, "#VER A": true, "#VERY": false, "# a comment": false, "": false, "<a>": false, "#1;2;3": false} {
		if sie.Takes([]byte(head)) != want {
			t.Errorf("%q: %v", head, !want)
		}
	}
}

// A letter is read as what it is in each character set, and bytes of two are not guessed.
func TestCharsets(t *testing.T) {
	latin := func(s string) string {
		b, err := charmap.Windows1252.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	pc8 := func(s string) string {
		b, err := charmap.CodePage437.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const word = "Löneutbetalning åäöÅÄÖé"
	line := func(s string) string { return strings.Replace(voucher, "Palkat", s, 1) }
	for name, c := range map[string]struct {
		file, want string
		warns      string
		fault      string
	}{
		"code page 437":             {file: "#FORMAT PC8\n" + pc8(line(word)), want: word},
		"said by nobody":            {file: pc8(line(word)), want: word},
		"UTF-8 that says PC8":       {file: "#FORMAT PC8\n" + line(word), want: word, warns: "UTF-8"},
		"Windows-1252 that says":    {file: "#FORMAT ANSI\n" + latin(line(word+" – ”€”")), want: word + " – ”€”"},
		"Latin-1 that says PC8":     {file: "#FORMAT PC8\n" + latin(line(word)), want: word, warns: "Windows-1252"},
		"first one, then the other": {file: "#FNAMN " + pc8("Håkan") + "\n" + latin(line(word)), fault: hub.EncodingWrong},
		"the other way round":       {file: "#FNAMN " + latin("Håkan") + "\n" + pc8(line(word)), fault: hub.EncodingWrong},
		"both in one line":          {file: line(pc8("må") + latin("nad") + pc8("äåö") + "x" + latin("ä")), fault: hub.EncodingWrong},
		"UTF-8, then not":           {file: "#FNAMN Håkan\n" + pc8(line(word)), fault: hub.EncodingWrong},
	} {
		t.Run(name, func(t *testing.T) {
			d := first(t, c.file, options())
			switch {
			case c.fault != "":
				if !hub.Stops(d.Faults) || d.Faults[0].Code != c.fault {
					t.Errorf("%+v", d.Faults)
				}
			case len(d.Document.Journals) == 0 || d.Document.Journals[0].Text != c.want:
				t.Errorf("%+v, %+v", d.Document.Journals, d.Faults)
			case c.warns == "" && len(d.Faults) > 0, c.warns != "" && (len(d.Faults) != 1 || d.Faults[0].Args["encoding"] != c.warns):
				t.Errorf("%+v", d.Faults)
			}
		})
	}
}

// ledger is a file of that many bytes, made while it is read.
func ledger(size int) io.Reader {
	head := "#FLAGGA 0\n#FORMAT PC8\n#SIETYP 4\n#ORGNR 2345678-0\n#RAR 0 20260101 20261231\n"
	for i := range 400 {
		head += fmt.Sprintf("#KONTO %d \"Tili %d\"\n", 4000+i, i)
	}
	n := 0
	chunk := []byte(head)
	return readerFunc(func(p []byte) (int, error) {
		if len(chunk) == 0 {
			if size <= 0 {
				return 0, io.EOF
			}
			n++
			var b bytes.Buffer
			fmt.Fprintf(&b, "#VER A %d 2026%02d15 \"Palkat %d\"\n{\n", n, n%12+1, n)
			for i := range 50 {
				fmt.Fprintf(&b, "#TRANS %d {1 \"%d\" 2 \"%d\"} %d.%02d \"\" \"P\x84iv\x84raha\"\n", 4000+(n+i)%400, i%40, i%7, i*7, i)
				fmt.Fprintf(&b, "#TRANS 1910 {} -%d.%02d\n", i*7, i)
			}
			b.WriteString("}\n")
			chunk = b.Bytes()
		}
		k := copy(p, chunk)
		chunk = chunk[k:]
		size -= k
		return k, nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A ledger of any size is read with the memory of a voucher.
func BenchmarkLedger(b *testing.B) {
	const size = 100_000_000
	b.SetBytes(size)
	peak := peakMemory(b)
	o := options()
	o.Payroll.Runs = hub.RunIsVoucher
	for b.Loop() {
		rows := 0
		for d, err := range sie.Decode(ledger(size), "ledger.se", o) {
			if err != nil || len(d.Faults) > 0 {
				b.Fatal(err, d.Faults)
			}
			rows += len(d.Document.Journals[0].Rows)
		}
		if rows < 2_000_000 {
			b.Fatal(rows)
		}
	}
	b.ReportMetric(float64(peak())/1e6, "sie_ledger_peak:MB")
}

// A run of 50 000 rows.
func BenchmarkRun(b *testing.B) {
	file, err := io.ReadAll(io.LimitReader(ledger(3_000_000), 2_000_000))
	if err != nil {
		b.Fatal(err)
	}
	file = file[:bytes.LastIndex(file, []byte("\n}\n"))+3]
	b.SetBytes(int64(len(file)))
	rows := 0
	for b.Loop() {
		d := formattest.Collect(b, decode(file, options()))[0]
		if len(d.Faults) > 0 {
			b.Fatal(d.Faults)
		}
		rows = 0
		for i := range d.Document.Journals {
			rows += len(d.Document.Journals[i].Rows)
		}
	}
	if rows < 50_000 {
		b.Fatal(rows)
	}
}
