package mapping_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/text/encoding/charmap"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// Any document gives a plan or faults that stop, the same twice, and a body that
// keeps what REFERENCE 2.1 and 3.1 ask of every text.
func FuzzMake(f *testing.F) {
	bases, err := filepath.Glob("testdata/base/*.json")
	if err != nil || len(bases) == 0 {
		f.Fatalf("no base documents: %v", err)
	}
	for _, name := range bases {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, byte(0))
	}
	cases, _ := filepath.Glob("testdata/*.txtar")
	for i, name := range cases {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(section(a, "document.json"), byte(i))
	}
	base, err := os.ReadFile(bases[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, document []byte, flags byte) {
		var doc hub.Document
		if err := json.Unmarshal(base, &doc); err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(document, &doc) != nil {
			t.Skip()
		}
		in := fuzzInput(&doc, flags)
		plan, faults := mapping.Make(in)
		if (plan == nil) != hub.Stops(faults) {
			t.Fatalf("plan %v with faults %v", plan, faults)
		}
		again, faults2 := mapping.Make(in)
		if !bytes.Equal(faultText(faults), faultText(faults2)) {
			t.Fatalf("faults differ: %v, %v", faults, faults2)
		}
		mapping.Check(in)
		mapping.Preview(in)
		mapping.Partner(in)
		if plan == nil {
			return
		}
		body, err := mapping.Body(*plan.Steps[0].Invoice, testMark)
		if err != nil {
			t.Fatal(err)
		}
		body2, _ := mapping.Body(*again.Steps[0].Invoice, testMark)
		if !bytes.Equal(body, body2) || !bytes.Equal(planText(plan), planText(again)) {
			t.Fatalf("two bodies of one document:\n%s\n%s", body, body2)
		}
		keepsRules(t, plan.Steps[0].Invoice, body)
	})
}

func fuzzInput(doc *hub.Document, flags byte) mapping.Input {
	s := testSettings()
	on := func(bit byte) bool { return flags&(1<<bit) != 0 }
	if on(0) {
		s.TextTooLong, s.BadCharacter = hub.Cut, hub.Cut
	}
	if on(1) {
		s.Prepaid, s.Rounding = hub.SumRow, hub.SumRow
	}
	if on(2) {
		s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
	}
	if on(3) {
		s.Units = map[string]string{"": "PIECE"}
	}
	in := mapping.Input{
		Company:    hub.Company{ID: "fi", Name: "Esimerkkipaja Oy", BusinessID: "1234567-1", Country: "FI", Currency: "EUR", Environment: hub.Sandbox},
		Connection: hub.Connection{System: "Finvoice", Settings: s}, Document: doc, Today: today,
		Partner: &register.Partner{ID: 7},
	}
	if !on(4) {
		in.Registers = &register.Copy{BankAccounts: []register.BankAccount{{IBAN: "FI2112345600000785", Active: true, Currency: "EUR", DefaultForInvoice: true}}}
	}
	return in
}

func keepsRules(t *testing.T, inv *procountor.Invoice, body []byte) {
	t.Helper()
	var any map[string]any
	if err := json.Unmarshal(body, &any); err != nil {
		t.Fatal(err)
	}
	walk(any, func(s string) {
		for _, r := range s {
			if _, ok := charmap.Windows1252.EncodeRune(r); !ok || r == utf8.RuneError {
				t.Fatalf("%q holds %q, which is outside Windows-1252", s, r)
			}
		}
	})
	short := func(what, s string, limit int) {
		if utf8.RuneCountInString(s) > limit {
			t.Fatalf("%s has %d characters: %q", what, utf8.RuneCountInString(s), s)
		}
	}
	short("number", inv.OriginalInvoiceNumber, 40)
	short("name", inv.CounterParty.CounterPartyAddress.Name, 80)
	short("information", inv.AdditionalInformation, 10_000)
	short("notes", inv.Notes, 10_000-len(testMark))
	short("order", inv.OrderReference, 70)
	for _, r := range inv.InvoiceRows {
		short("product", r.Product, 100)
		short("comment", r.Comment, 512)
		short("header", r.HeaderText, 512)
		short("explanation", r.ExplanationText, 512)
		if r.Product == "" || r.Unit == "" || r.VATStatus == nil {
			t.Fatalf("row without name, unit or VAT status: %+v", r)
		}
	}
	if len(inv.InvoiceRows) == 0 || inv.VATStatus == nil || !inv.ExtraInfo.AccountingByRow {
		t.Fatalf("no rows, no VAT status or no accounting by row: %s", body)
	}
	if inv.Type == procountor.SalesInvoice && inv.PaymentInfo.BankReferenceCode == nil {
		t.Fatalf("a sales invoice without the reference key: %s", body)
	}
	if inv.PaymentInfo.DueDate.Cmp(inv.Date) < 0 {
		t.Fatalf("due on %s, dated %s", inv.PaymentInfo.DueDate, inv.Date)
	}
	if strings.Contains(string(body), "NaN") {
		t.Fatal(string(body))
	}
}

func walk(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			walk(x, f)
		}
	case []any:
		for _, x := range v {
			walk(x, f)
		}
	case string:
		f(v)
	}
}
