package file

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// The places of a document that was cut out of a file of several are found again
// in its own bytes, as they were in the file.
func TestPlacesAreFoundAgain(t *testing.T) {
	var all []source.Found
	for d, err := range Decode(strings.NewReader(invoice(t, "1")+invoice(t, "2")), "two.xml", Options{Options: format.Options{Kind: hub.SalesInvoice}}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	if len(all) != 2 {
		t.Fatalf("%d documents", len(all))
	}
	again := Places(all[1].Raw, "Finvoice[2]")
	if len(again) == 0 || len(again) != len(all[1].Places) {
		t.Fatalf("%d places, were %d", len(again), len(all[1].Places))
	}
	for path, at := range all[1].Places {
		if again[path] != at {
			t.Errorf("%s is at %s, was at %s", path, again[path], at)
		}
	}
	if at := again["lines[0].vat_percent"]; at != "Finvoice[2]/InvoiceRow/RowVatRatePercent" {
		t.Errorf("the rate is at %q", at)
	}
	for _, raw := range []string{"", `{"number":"1"}`, "%PDF-1.7", "<broken"} {
		if p := Places([]byte(raw), ""); p != nil {
			t.Errorf("%q has places %v", raw, p)
		}
	}
}
