package file

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

// Payroll is known by its content in a folder of invoices. What could not be read is of
// payroll too; of another company's file nothing is handed over.
func TestPayrollInAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, from := range map[string]string{
		"a.xml": "journalxml/testdata/june.xml", "b.txt": "sie/testdata/five-months.si", "c.si": "sie/testdata/bad-truncated.si", "d.se": "sie/testdata/bad-other-company.si",
	} {
		b, err := os.ReadFile("../../format/" + from)
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name), string(b), noon.Add(-time.Hour).Add(time.Duration(name[0])*time.Second))
	}
	put(t, filepath.Join(dir, "e.xml"), invoice(t, "1"), noon.Add(-time.Minute))
	d := folder(dir)
	d.Options = Options{Options: format.Options{Kind: hub.SalesInvoice, Own: []string{"2345678-0"}}}
	p := pull(t, d, "", 10)
	var got []string
	for _, f := range p.Documents {
		s := string(f.Document.Kind) + " " + f.Document.Number
		for _, fault := range f.Faults {
			s += " " + fault.Code
		}
		got = append(got, s)
		if f.Document.Kind == hub.Unreadable && (f.Raw != nil || strings.Contains(f.Document.Number, "41000")) {
			t.Errorf("kept of another company: %q", f.Raw)
		}
	}
	const want = "payroll_journal 6/2026, payroll_journal Palkat kesäkuu 2026, payroll_journal c.si sie-truncated, unreadable d.se file-other-company, sales_invoice 1"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	pull(t, d, p.Next, 10)
	if s := names(t, dir); s != "done/a.xml, done/b.txt, done/e.xml, failed/c.si, failed/d.se" {
		t.Errorf("after settling %s", s)
	}
}

func TestPayrollTooLarge(t *testing.T) {
	for head, name := range map[string]string{"<transactions>": "loon", "#FLAGGA 0\n": "palkat"} {
		for f, err := range Decode(bytes.NewReader(append([]byte(head), bytes.Repeat([]byte(" "), format.MaxFile)...)), name, Options{}) {
			if err != nil || f.Faults[0].Code != hub.FileTooLarge || f.Raw != nil || f.Document.Kind != hub.PayrollJournal {
				t.Errorf("%s: %v, %+v", head, err, f.Faults)
			}
		}
	}
}

// Where payroll comes, what cannot be read may be of payroll: it is kept as such. Of
// another company's file still nothing is kept.
func TestUnreadableIsSecret(t *testing.T) {
	other, err := os.ReadFile("../../format/sie/testdata/bad-other-company.si")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"text": "Salainen Saara 4711", "two tables": "Päivä;Tili;Debet;Kredit\n1;2;3;4\xe4\xc3\xa4\n", "xml": "<palkat><x>", "empty": "", "other": string(other)} {
		for _, on := range []bool{false, true} {
			s := hub.Settings{Kinds: map[hub.Kind]hub.KindSettings{hub.PayrollJournal: {On: on}}}
			for f, err := range Decode(strings.NewReader(text), name, For(&s, "2345678-0")) {
				if err != nil {
					t.Fatal(err)
				}
				if f.Document.Private() != (on && name != "other") || f.Document.Number != name || !hub.Stops(f.Faults) {
					t.Errorf("%s, %v: %s %s, %+v", name, on, f.Document.Kind, f.Document.Number, f.Faults)
				}
			}
		}
	}
}
