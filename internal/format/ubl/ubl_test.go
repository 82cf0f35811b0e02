package ubl

import (
	"bytes"
	"encoding/base64"
	"iter"
	"os"
	"testing"

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
var suite = formattest.Suite{Files: "*.xml", Least: 8, Sound: sound, Decode: func(file []byte) iter.Seq2[format.Decoded, error] {
	return Decode(bytes.NewReader(file), options)
}}

func TestGolden(t *testing.T) { suite.Golden(t) }

func FuzzDecode(f *testing.F) { suite.Fuzz(f, nil) }

func sound(t testing.TB, file []byte, d format.Decoded) {
	t.Helper()
	formattest.Sound(t, d)
	if !bytes.Contains(file, d.Raw) {
		t.Fatalf("the raw bytes are not those of the file: %.100q", d.Raw)
	}
}

// Bad fields are named where they stand, with what stands there.
func TestPaths(t *testing.T) {
	for _, c := range []struct{ file, code, path, value string }{
		{"bad.xml", hub.FieldInvalid, "Invoice[1]/InvoiceTypeCode", "325"},
		{"bad.xml", hub.FieldInvalid, "Invoice[1]/IssueDate", "5.3.2026"},
		{"bad.xml", hub.FieldInvalid, "Invoice[1]/AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject", ""},
		{"bad.xml", hub.FieldInvalid, "Invoice[1]/AllowanceCharge/ChargeIndicator", ""},
		{"bad.xml", hub.FieldInvalid, "Invoice[1]/InvoiceLine[1]/Price/PriceAmount", "4,00"},
		{"bad.xml", hub.SumsDisagree, "Invoice[1]/InvoiceLine[2]/LineExtensionAmount", "45.00"},
		{"bad.xml", hub.FieldMissing, "Invoice[1]/InvoiceLine[3]/Item/ClassifiedTaxCategory/Percent", ""},
		{"bad.xml", hub.RowNameMissing, "Invoice[1]/InvoiceLine[4]/Item/Name", ""},
		{"bad.xml", hub.FieldInvalid, "Invoice[1]/InvoiceLine[5]/LineExtensionAmount", "1.00"},
		{"bad.xml", hub.SumsDisagree, "Invoice[1]/TaxTotal/TaxSubtotal/TaxAmount", "20.00"},
		{"bad.xml", hub.SumsDisagree, "Invoice[1]/TaxTotal/TaxAmount", "10.00"},
		{"bad.xml", hub.SumsDisagree, "Invoice[1]/LegalMonetaryTotal/TaxInclusiveAmount", "50.00"},
		{"bad.xml", hub.SumsDisagree, "Invoice[1]/LegalMonetaryTotal/LineExtensionAmount", "99.00"},
		{"bad.xml", hub.PayableDisagrees, "Invoice[1]/LegalMonetaryTotal/PayableAmount", "60.00"},
		{"bad-parts.xml", hub.NumberMissing, "Invoice[1]/ID", ""},
		{"bad-parts.xml", hub.SellerMissing, "Invoice[1]/AccountingSupplierParty", ""},
		{"bad-parts.xml", hub.BuyerMissing, "Invoice[1]/AccountingCustomerParty", ""},
		{"bad-parts.xml", hub.FieldMissing, "Invoice[1]/LegalMonetaryTotal/PayableAmount", ""},
		{"bad-parts.xml", hub.RowsMissing, "Invoice[1]/InvoiceLine", ""},
		{"old.xml", hub.VersionUnknown, "Invoice[1]/CustomizationID", "urn:www.cenbii.eu:transaction:biitrns010:ver2.0:extended:urn:www.peppol.eu:bis:peppol4a:ver2.0"},
		{"not-ubl.xml", hub.FormatUnknown, "Invoice[1]", "Invoice"},
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

// Files that are right have no fault.
func TestClean(t *testing.T) {
	for _, name := range []string{"full.xml", "credit.xml", "zero.xml", "swedish.xml", "sbd.xml"} {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if list := read(t, file, options); len(list) != 1 || len(list[0].Faults) != 0 {
			t.Errorf("%s: %+v", name, list[0].Faults)
		}
	}
}

// A file that Procountor would refuse is a fault; the document stays, and so do
// its other files.
func TestAttachments(t *testing.T) {
	file, err := os.ReadFile("testdata/full.xml")
	if err != nil {
		t.Fatal(err)
	}
	whole := read(t, file, options)[0].Document
	if len(whole.Attachments) != 2 || !bytes.HasPrefix(whole.Attachments[0].Content, []byte("%PDF-1.4")) || whole.Attachments[0].Name != "mitat.pdf" ||
		whole.Attachments[1].Name != "tunnit.csv" || whole.Attachments[0].Hash != hub.HashOf(whole.Attachments[0].Content) {
		t.Errorf("got %+v", whole.Attachments)
	}
	for _, size := range []int{hub.MaxAttachment, hub.MaxAttachment + 1} {
		content := base64.StdEncoding.EncodeToString(make([]byte, size))
		big := bytes.Replace(file, []byte(base64.StdEncoding.EncodeToString([]byte("h;1"))), []byte(content), 1)
		d := read(t, big, options)[0]
		stops := hub.Stops(d.Faults)
		if stops != (size > hub.MaxAttachment) || len(d.Document.Attachments) != 2 || d.Document.Attachments[1].Size != int64(size) || d.Document.Number != "2001" {
			t.Errorf("%d bytes: %+v", size, d.Faults)
		}
		if stops && (d.Faults[0].Code != hub.AttachmentTooLarge || d.Faults[0].Value != "tunnit.csv") {
			t.Errorf("%d bytes: %+v", size, d.Faults)
		}
	}
}
