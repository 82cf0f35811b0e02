package finvoice

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/formattest"
	"github.com/vienti/vienti/internal/hub"
)

var options = format.Options{Kind: hub.SalesInvoice}

func read(t testing.TB, file []byte, o format.Options) []format.Decoded {
	t.Helper()
	return formattest.Collect(t, Decode(bytes.NewReader(file), o))
}

// Each file of testdata says in its first comment what it is about.
var suite = formattest.Suite{Files: "*.[xt][mx][lt]", Least: 30, Sound: sound, Decode: func(file []byte) iter.Seq2[format.Decoded, error] {
	return Decode(bytes.NewReader(file), options)
}}

func TestGolden(t *testing.T) { suite.Golden(t) }

func FuzzDecode(f *testing.F) { suite.Fuzz(f, nil) }

func sound(t testing.TB, file []byte, d format.Decoded) {
	t.Helper()
	formattest.Sound(t, d)
	// The raw bytes of the invoice are those of the file; an envelope before them
	// may be parted from it by spaces.
	for raw := range bytes.SplitSeq(d.Raw, []byte("Envelope>\n")) {
		if !bytes.Contains(file, raw) {
			t.Fatalf("the raw bytes are not those of the file: %.100q", raw)
		}
	}
}

// What a reader of the golden files would have to look for, said outright.
func TestReads(t *testing.T) {
	for _, c := range []struct {
		file  string
		codes string // of all faults, warnings with a question mark; a bar between documents
	}{
		{"full.xml", "attachment-missing?"},
		{"v12-latin1.xml", ""},
		{"v201-latin9.xml", ""},
		{"windows-1252.xml", ""},
		{"bom.xml", ""},
		{"envelopes.xml", "|xml-broken||part-missing"},
		{"many.xml", "||"},
		{"credit.xml", ""},
		{"credit-positive.xml", "signs-turned?"},
		{"prepaid.xml", ""},
		{"rounding-inside.xml", ""},
		{"paid.xml", ""},
		{"partly-paid.xml", "field-missing"},
		{"instalments.xml", ""},
		{"no-transfer.xml", "payable-disagrees?"},
		{"discounts.xml", "sums-disagree?"},
		{"discount-contained.xml", ""},
		{"gross-prices.xml", ""},
		{"reverse-charge.xml", ""},
		{"currency.xml", ""},
		{"text-rows.xml", ""},
		{"sub-rows.xml", "sums-disagree"},
		{"unknown-version.xml", "version-unknown"},
		{"truncated.xml", "xml-broken"},
		{"doctype.xml", "entity-forbidden|"},
		{"entity.xml", "entity-forbidden"},
		{"wrong-encoding.xml", "encoding-wrong"},
		{"misdeclared.xml", "encoding-wrong?"},
		{"unknown-encoding.xml", "encoding-wrong"},
		{"utf16.xml", "encoding-wrong"},
		{"not-xml.txt", "format-unknown"},
		{"other-xml.xml", "format-unknown|"},
	} {
		file, err := os.ReadFile("testdata/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		var docs []string
		for _, d := range read(t, file, options) {
			var codes []string
			for _, f := range d.Faults {
				code := f.Code
				if f.Warning {
					code += "?"
				}
				codes = append(codes, code)
			}
			docs = append(docs, strings.Join(codes, " "))
		}
		if got := strings.Join(docs, "|"); got != c.codes {
			t.Errorf("%s: %q, want %q", c.file, got, c.codes)
		}
	}
}

// Bad fields are named where they stand, with what stands there.
func TestPaths(t *testing.T) {
	for _, c := range []struct{ file, code, path, value string }{
		{"bad-fields.xml", hub.NumberMissing, "Finvoice[1]/InvoiceDetails/InvoiceNumber", ""},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceDetails/InvoiceDate", "20260231"},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceDetails/PaymentTermsDetails/InvoiceDueDate", "soon"},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceDetails/InvoiceTotalVatExcludedAmount", "1.040,00"},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceRow[1]/DeliveredQuantity", "10,00 kpl"},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceRow[1]/RowVatRatePercent", "abc"},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceRow[2]/UnitPriceAmount", "1e3"},
		{"bad-fields.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceRow[2]/RowVatRatePercent", "-1"},
		{"bad-fields.xml", hub.CountryUnknown, "Finvoice[1]/SellerPartyDetails/SellerPostalAddressDetails/CountryCode", "FIN"},
		{"bad-parts.xml", hub.BuyerMissing, "Finvoice[1]/BuyerPartyDetails/BuyerOrganisationName", ""},
		{"bad-parts.xml", hub.RowsMissing, "Finvoice[1]/InvoiceRow", ""},
		{"bad-parts.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceDetails/InvoiceTypeCode", "INV05"},
		{"bad-parts.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceDetails/OriginCode", "Cancel"},
		{"bad-names.xml", hub.RowNameMissing, "Finvoice[1]/InvoiceRow[1]/ArticleName", ""},
		{"bad-names.xml", hub.FieldMissing, "Finvoice[1]/InvoiceRow[3]/RowVatRatePercent", ""},
		{"bad-names.xml", hub.FieldInvalid, "Finvoice[1]/InvoiceRow[4]/UnitPriceAmount", "5,00"},
		{"bad-sums.xml", hub.SumsDisagree, "Finvoice[1]/InvoiceDetails/InvoiceTotalVatExcludedAmount", "45.00"},
		{"bad-sums.xml", hub.SumsDisagree, "Finvoice[1]/InvoiceDetails/RowsTotalVatExcludedAmount", "44,00"},
		{"bad-sums.xml", hub.SumsDisagree, "Finvoice[1]/InvoiceRow/RowVatExcludedAmount", "40.00"},
		{"bad-sums.xml", hub.PayableDisagrees, "Finvoice[1]/EpiDetails/EpiPaymentInstructionDetails/EpiInstructedAmount", "60.00"},
		{"envelopes.xml", hub.XMLBroken, "Finvoice[2]", ""},
		{"envelopes.xml", hub.PartMissing, "Envelope[3]", "Finvoice"},
	} {
		file, err := os.ReadFile("testdata/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		var all []hub.Fault
		for _, d := range read(t, file, options) {
			for _, f := range d.Faults {
				all = append(all, f)
				seen = seen || f.Code == c.code && f.Path == c.path && f.Value == c.value
			}
		}
		if !seen {
			t.Errorf("%s: no fault %s at %s with %q; there are %+v", c.file, c.code, c.path, c.value, all)
		}
	}
}

// Whose invoice it is decides the kind, and the id that it keeps for ever.
func TestKind(t *testing.T) {
	file, err := os.ReadFile("testdata/full.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		own  []string
		kind hub.Kind
		acc  string
	}{
		{nil, hub.SalesInvoice, "3000"},
		{[]string{"FI23456780"}, hub.SalesInvoice, "3000"},
		{[]string{"3456784-9"}, hub.PurchaseInvoice, "4000"},
		{[]string{"2345678-0", "3456784-9"}, hub.SalesInvoice, "3000"}, // both: as the connection says
		{[]string{"2987650-8"}, hub.SalesInvoice, "3000"},              // neither
	} {
		d := read(t, file, format.Options{Kind: hub.SalesInvoice, Own: c.own})[0]
		if d.Document.Kind != c.kind || d.Document.SourceID != string(c.kind)+"/2345678-0/1001/2026" || d.Document.Lines[1].Account != c.acc {
			t.Errorf("own %v: %s %s %s", c.own, d.Document.Kind, d.Document.SourceID, d.Document.Lines[1].Account)
		}
	}
}

// A fault found later in a value of the document can be shown where it stands in
// the file.
func TestPlaces(t *testing.T) {
	file, err := os.ReadFile("testdata/full.xml")
	if err != nil {
		t.Fatal(err)
	}
	d := read(t, file, options)[0]
	for path, want := range map[string]string{
		"number":               "Finvoice[1]/InvoiceDetails/InvoiceNumber",
		"buyer.business_id":    "Finvoice[1]/BuyerPartyDetails/BuyerPartyIdentifier",
		"lines[2].vat_percent": "Finvoice[1]/InvoiceRow[3]/RowVatRatePercent",
		"lines[0].comment":     "Finvoice[1]/InvoiceRow[1]/RowFreeText",
		"vat[1].vat":           "Finvoice[1]/InvoiceDetails/VatSpecificationDetails[2]/VatRateAmount",
		"payment.reference":    "Finvoice[1]/EpiDetails/EpiPaymentInstructionDetails/EpiRemittanceInfoIdentifier",
	} {
		if got := d.Places[path]; got != want {
			t.Errorf("%s is at %q, want %q", path, got, want)
		}
	}
}

// A hostile invoice, as large as one may be, is read in the time of its size.
func TestHostileSizes(t *testing.T) {
	for name, c := range map[string]struct{ details, rows string }{
		"rates and rows": {
			strings.Repeat(`<VatSpecificationDetails><VatBaseAmount>1,00</VatBaseAmount><VatRatePercent>25,5</VatRatePercent></VatSpecificationDetails>`, 30_000),
			strings.Repeat(`<InvoiceRow><RowVatExcludedAmount>1,00</RowVatExcludedAmount></InvoiceRow>`, 45_000),
		},
		"faults": {"", strings.Repeat(`<InvoiceRow><RowVatExcludedAmount>x</RowVatExcludedAmount></InvoiceRow>`, 90_000)},
		"discounts": {"", "<InvoiceRow><UnitPriceAmount>1,00</UnitPriceAmount><RowVatExcludedAmount>1,00</RowVatExcludedAmount>" +
			strings.Repeat("<RowProgressiveDiscountDetails><RowDiscountPercent>1</RowDiscountPercent></RowProgressiveDiscountDetails>", 90_000) + "</InvoiceRow>"},
	} {
		file := []byte(`<Finvoice Version="3.0"><InvoiceDetails>` + c.details + `</InvoiceDetails>` + c.rows + `</Finvoice>`)
		began := time.Now()
		d := read(t, file, options)[0]
		if !hub.Stops(d.Faults) || len(d.Faults) > 200 {
			t.Errorf("%s: %d faults", name, len(d.Faults))
		}
		sound(t, file, d)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: took %v", name, took)
		} else {
			t.Logf("%s: %d bytes in %v", name, len(file), took)
		}
	}
	var b strings.Builder
	b.WriteString(`<Finvoice Version="3.0"><InvoiceDetails/>`)
	for i := range 60_000 {
		fmt.Fprintf(&b, "<InvoiceRow><OriginalInvoiceNumber>%d</OriginalInvoiceNumber></InvoiceRow>", i)
	}
	b.WriteString("</Finvoice>")
	began := time.Now()
	read(t, []byte(b.String()), options)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("references: took %v", took)
	}
}

// Reading the same bytes again gives the same documents, to the byte.
func TestSameAgain(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a, b := read(t, file, options), read(t, file, options)
		for i := range a {
			x, y := a[i].Document, b[i].Document
			if x.Version() != y.Version() || x.SourceID != y.SourceID {
				t.Errorf("%s: document %d differs from itself", name, i+1)
			}
		}
	}
}
