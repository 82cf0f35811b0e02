package remedy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
)

// codesOfHub reads the string constants of hub's fault.go.
func codesOfHub(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../hub/fault.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				lit, ok := v.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					continue
				}
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				if code != hub.ProcountorCode {
					codes = append(codes, code)
				}
			}
		}
	}
	if len(codes) < 60 {
		t.Fatalf("found only %d codes in hub/fault.go", len(codes))
	}
	return codes
}

// Every code of hub has all its texts in the source language and says who must
// act; and nothing is explained that hub does not know.
func TestEveryCodeHasTexts(t *testing.T) {
	codes := codesOfHub(t)
	s := locale.New(locale.English, nil)
	for _, code := range codes {
		actor, ok := actors[code]
		if !ok {
			t.Errorf("%s: nobody is said to act", code)
		}
		if !s.Has("who." + string(actor)) {
			t.Errorf("%s: no words for the actor %q", code, actor)
		}
		for _, part := range []string{".title", ".cause", ".remedy"} {
			if !s.Has("fault." + code + part) {
				t.Errorf("fault.%s%s has no text", code, part)
			}
		}
	}
	for _, code := range Codes() {
		if !slices.Contains(codes, code) {
			t.Errorf("%s is explained, but hub does not have it", code)
		}
	}
}

func TestEveryReasonHasTexts(t *testing.T) {
	s := locale.New(locale.English, nil)
	keys := []string{"unknown", "rows-empty"}
	for _, r := range reasons {
		keys = append(keys, r.key)
	}
	for _, key := range keys {
		for _, part := range []string{".title", ".cause", ".remedy"} {
			if !s.Has("procountor." + key + part) {
				t.Errorf("procountor.%s%s has no text", key, part)
			}
		}
	}
}

// What Procountor has been seen to say finds its explanation, its place in
// words, and the right person.
func TestReasons(t *testing.T) {
	s := locale.New(locale.English, nil)
	for _, c := range []struct {
		text, path string
		actor      Actor
		words      []string // in the explanation
	}{
		{"CLOSED_FISCAL_PERIOD", "date", Accountant, []string{"closed", "tracking period", "reopened"}},
		{"DUE_DATE_BEFORE_BILL_DATE", "", Source, []string{"due date"}},
		{"ERROR_BRN_CODE", "counterParty.identifier", Source, []string{"business id", "customer or supplier: business id"}},
		{"ERROR_VATSTATUS_VATPERC", "invoiceRows[3].vatStatus", Source, []string{"row 4: VAT status", "0 %"}},
		{"ERROR_LEDGERACCOUNT_VATPERCENTAGE_COMBINATION", "transactions[2].account", Accountant, []string{"row 3: account", "chart of accounts"}},
		{"DIMENSION_OR_DIMENSION_ITEM_IDENTIFIERS_DOES_NOT_MATCH_THOSE_STORED_IN_DATABASE", "transactions[0].dimensionItemValues", Accountant, []string{"row 1: dimensions", "closed"}},
		{"ERROR_OPERATOR", "einvoiceAddress.operator", Source, []string{"operator"}},
		{"Invalid Einvoice operator", "", Source, []string{"operator"}},
		{"SIZE_MUST_BE_BETWEEN_0_AND_100", "invoiceRows[0].product", Source, []string{"0 to 100", "row 1: product name"}},
		{"MAY_NOT_BE_EMPTY", "invoiceRows", Source, []string{"no rows"}},
		{"MAY_NOT_BE_EMPTY", "counterParty.counterPartyAddress.name", Source, []string{"name", "demands"}},
		{"BANK_ACCOUNT_DOES_NOT_BELONG_TO_THIS_COMPANY", "paymentInfo.bankAccount", Accountant, []string{"bank account"}},
		{"Value of the 'deliveryAddress.country' cannot be blank.", "", Source, []string{"country"}},
		{"Value of the 'depreciation' field is invalid: maybe", "", Source, []string{"depreciation", "maybe"}},
		{"Unauthorized", "", Admin, []string{"key"}},
		{"Undefined invalid token", "", Admin, []string{"key"}},
		{"Undefined insufficient access rights to modify the ledger receipt", "", Accountant, []string{"insufficient access rights to modify the ledger receipt"}},
		{"Could not add Oy X to Procountor, because another partner Oy X with the same number and different VAT number already exists there.", "", Source, []string{"same number"}},
		{"Payee not found in the supplier register", "", Nobody, []string{"does not prevent"}},
		{"Saajaa ei löydy toimittajarekisteristä", "", Nobody, []string{"does not prevent"}},
		{"Dimension mismatch", "", Admin, []string{"exactly"}},
	} {
		got := For(s, hub.NewFault(hub.ProcountorCode+c.text, c.path, ""))
		if !got.Known || got.Actor != c.actor {
			t.Errorf("%s: known %v, actor %s, want %s", c.text, got.Known, got.Actor, c.actor)
		}
		all := strings.Join([]string{got.Title, got.Cause, got.Remedy, got.Place}, "\n")
		for _, w := range c.words {
			if !strings.Contains(all, w) {
				t.Errorf("%s: the explanation does not say %q:\n%s", c.text, w, all)
			}
		}
		if strings.ContainsAny(all, "{}") {
			t.Errorf("%s: a place is left: %s", c.text, all)
		}
	}
}

// Whatever Procountor is known to say has texts of its own in every language, by
// the words that it is said with: no other code's, and not those for the unknown.
func TestKnownCodes(t *testing.T) {
	list, err := os.ReadFile("testdata/procountor.txt")
	if err != nil {
		t.Fatal(err)
	}
	remedies := map[string]map[string]string{} // language and title to key
	for line := range strings.Lines(string(list)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 3)
		if len(part) != 3 {
			t.Fatalf("%q is no line of the list", line)
		}
		want, path, said := strings.TrimSpace(part[0]), strings.TrimSpace(part[1]), strings.TrimPrefix(part[2], " ")
		f := hub.NewFault(hub.ProcountorCode+said, path, "VALUE")
		if key, _, _ := find(f); key != "procountor."+want {
			t.Errorf("%q is explained as %s, want procountor.%s", said, key, want)
			continue
		}
		in := map[string]bool{}
		for _, l := range locale.Languages {
			e := For(locale.New(l, nil), f)
			if !e.Known || e.Title == "" || e.Cause == "" || e.Remedy == "" || strings.ContainsAny(e.Title+e.Cause+e.Remedy, "{}") {
				t.Errorf("%s: %q: %+v", l, said, e)
			}
			in[e.Remedy] = true
			at := string(l) + " " + e.Title + "\n" + e.Remedy
			if remedies[at] == nil {
				remedies[at] = map[string]string{}
			}
			for other := range remedies[at] {
				if other != want {
					t.Errorf("%s: %s and %s say the same", l, other, want)
				}
			}
			remedies[at][want] = said
		}
		if len(in) != len(locale.Languages) {
			t.Errorf("%q: the remedy is not translated: %v", said, in)
		}
	}
	if len(remedies) < 15*len(locale.Languages) {
		t.Errorf("only %d remedies", len(remedies))
	}
}

// What nobody has seen yet is quoted with its field.
func TestUnknownReason(t *testing.T) {
	got := For(locale.New(locale.Finnish, nil), hub.NewFault(hub.ProcountorCode+"ERROR_[NEW]_{THING}", "invoiceRows[0].quantity", "x"))
	if got.Known || !strings.Contains(got.Cause, "ERROR_[NEW]_{THING}") || !strings.Contains(got.Cause, "rivi 1: määrä") {
		t.Errorf("%+v", got)
	}
}

// Days and sums in a fault's arguments are written as the language writes them;
// numbers of documents stay as they are.
func TestArguments(t *testing.T) {
	fi := locale.New(locale.Finnish, nil)
	got := For(fi, hub.NewFault(hub.PeriodClosed, "Finvoice/InvoiceDate", "2026-02-28", "date", "2026-02-28", "until", "2026-03-31"))
	if !strings.Contains(got.Cause, "28.2.2026") || !strings.Contains(got.Cause, "31.3.2026 asti") {
		t.Error(got.Cause)
	}
	got = For(fi, hub.NewFault(hub.PeriodClosed, "Finvoice/InvoiceDate", "2026-02-28", "date", "2026-02-28"))
	if strings.Contains(got.Cause, "asti") {
		t.Error(got.Cause)
	}
	got = For(fi, hub.NewFault(hub.SumsDisagree, "", "", "stated", "1234.50", "computed", "1234.51"))
	if !strings.Contains(got.Cause, "1\u00a0234,50") {
		t.Error(got.Cause)
	}
	got = For(fi, hub.NewFault(hub.AlreadyThere, "", "", "number", "1042"))
	if !strings.Contains(got.Cause, "numerolla 1042") {
		t.Error(got.Cause)
	}
	got = For(fi, hub.NewFault(hub.CurrencyRateNeeded, "rate", "", "currency", "SEK", "own", "EUR"))
	if !strings.Contains(got.Cause, "SEK") {
		t.Error(got.Cause)
	}
}

// Why a voucher is taken for a document is said in words, with what it differs in.
func TestWhyAlreadyThere(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"why", "same"}, "ovat samat"},
		{[]string{"why", "partner", "partner", "Haave Oy"}, "osapuoli on Haave Oy"},
		{[]string{"why", "sum", "sum", "1234.50"}, "summa on 1\u00a0234,50"},
		{[]string{"why", "date", "date", "2026-03-10"}, "päivä on 10.3.2026"},
		{[]string{"why", "marks"}, "merkkimme"},
	} {
		got := For(locale.New(locale.Finnish, nil), hub.NewFault(hub.AlreadyThere, "", "", append(c.args, "number", "7")...))
		if !strings.Contains(got.Cause, c.want) {
			t.Errorf("%v: %q does not say %q", c.args, got.Cause, c.want)
		}
	}
}

func TestPlace(t *testing.T) {
	s := locale.New(locale.Finnish, nil)
	for path, want := range map[string]string{
		"lines[0].unit":                       "rivi 1: yksikkö",
		"lines[2]":                            "rivi 3",
		"lines[2].vat_percent":                "rivi 3: alv-kanta",
		"buyer.business_id":                   "ostaja: Y-tunnus",
		"invoiceRows[3].vatStatus":            "rivi 4: alv-status",
		"counterParty.email":                  "asiakas tai toimittaja: sähköpostiosoite",
		"Finvoice[2]/InvoiceRow[3]/UnitPrice": "Finvoice[2]/InvoiceRow[3]/UnitPrice",
		"":                                    "", "_": "_", "a.b.c.d": "a.b.c.d", "lines[99999999].unit": "lines[99999999].unit",
	} {
		if got := Place(s, path); got != want {
			t.Errorf("Place(%q) = %q, want %q", path, got, want)
		}
	}
}

// In every language that is translated, every explanation reads to its end:
// no place is left, and no text falls back to its key.
func TestEveryLanguage(t *testing.T) {
	for _, l := range locale.Languages {
		s := locale.New(l, nil)
		for _, code := range codesOfHub(t) {
			e := For(s, hub.NewFault(code, "lines[3].name", "v"))
			for _, text := range []string{e.Title, e.Cause, e.Remedy, e.Who} {
				if text == "" || strings.HasPrefix(text, "fault.") || strings.ContainsAny(text, "{}") {
					t.Errorf("%s: %s: %q", l, code, text)
				}
			}
		}
	}
}
