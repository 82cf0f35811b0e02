package scenes

import (
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Which files go is chosen in the settings; on a document's page a person lets the
// breakdown go and adds a file. It arrives so, and the page says how sure that is.
func TestFilesOfDocuments(t *testing.T) {
	feature.Covers(t, "S-30", "S-31", "S-32", "S-84", "V-44")
	feature.Covers(t, "V-55", "V-60")
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	d := enginetest.Attach(enginetest.Attach(enginetest.Sale("1001", "100.00"), "lasku.pdf", "l"), "sopimus.pdf", "s")
	d.Attachments[0].Image = true
	d.Breakdown = &hub.Breakdown{Work: []hub.BreakdownEntry{{Project: "Huolto", Date: d.Date, Person: "Aatu", Quantity: money.Must("2"), Price: new(money.Must("50"))}}}
	w.Receive(d)
	w.Settle()
	p := admin(t, w)
	document := "/documents/" + w.Transfer("1001").ID
	const would = "Tiedostot, jotka menisivät"
	for _, tc := range []struct {
		goes       string
		says, none []string
	}{
		{"files", []string{would, "sopimus-2-"}, []string{"lasku-1-"}},
		{"image", []string{would, "lasku-1-", "jää sisäiseksi"}, []string{"sopimus-2-"}},
		{"none", nil, []string{would, "lasku-1-", "sopimus-2-"}},
		{"grouped", nil, []string{would}},
		{"all", []string{would, "lasku-1-", "sopimus-2-"}, nil},
	} {
		p.Go("/connections/" + w.Connection.ID + "/settings")
		p.Choose("#set-kinds-2esales_invoice-2efiles-2egoes", tc.goes)
		p.Click(".settings-form .save button")
		p.Sees("main", "Asetukset on tallennettu")
		p.Go(document)
		p.Sees("#files", "")
		text := p.Text("main")
		for _, s := range tc.says {
			if !strings.Contains(text, s) {
				t.Errorf("%s: no %q", tc.goes, s)
			}
		}
		for _, s := range tc.none {
			if strings.Contains(text, s) {
				t.Errorf("%s: %q", tc.goes, s)
			}
		}
	}
	p.Click("details.file-forms summary")
	p.Click(".breakdown-form input[value=yes]")
	p.Click(".breakdown-form button")
	p.Sees("table.file-levels", "erittely-1001-0-")
	p.Click("details.file-forms summary")
	p.Upload(".add-file input[type=file]", "tunnit;hinta\n1;2\n")
	p.Click(".add-file button")
	p.Sees("table.file-levels", "-a1-")
	p.Shot("files")
	p.Sound()
	w.Must(w.Engine.SetWriting(t.Context(), "person", w.Connection.ID, true))
	w.Settle()
	v := w.Vouchers("1001")
	if len(v) != 1 || len(v[0].Attachments) != 4 {
		t.Fatalf("%+v, %s", v, enginetest.Describe(w.Transfer("1001")))
	}
	var customer []string
	for _, a := range v[0].Attachments {
		if a.SendWithInvoice {
			customer = append(customer, a.Name[:4])
		}
	}
	if slices.Sort(customer); len(customer) != 2 || !slices.Contains(customer, "erit") {
		t.Errorf("the customer gets %q", customer)
	}
	p.Go("/documents")
	p.Sees("td.files", "4")
	p.Sees("td.files", "koosta")
	p.Sound()
	p.Go(document)
	p.Sees("table.file-levels", "koosta")
	p.Click("form[action$=confirm] button")
	p.Sees("main", "4 tiedostoa luettiin takaisin")
	p.Sees("table.file-levels", "sisällöstä")
	p.Sound()
}
