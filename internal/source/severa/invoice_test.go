package severa

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// only is the one document that a harness shows.
func (h *harness) only() source.Found {
	h.t.Helper()
	list, _ := h.pull("")
	if len(list) != 1 {
		h.t.Fatalf("%d documents", len(list))
	}
	return list[0]
}

func codesOf(faults []hub.Fault) string {
	var c []string
	for _, f := range faults {
		c = append(c, f.Code)
	}
	return strings.Join(c, " ")
}

// Every field of the vendor's table arrives where it belongs.
func TestFields(t *testing.T) {
	feature.Covers(t, "S-95")
	h := newHarness(t)
	pays := h.fake.NewCustomer(333, "Maksaja Oy", "FI20774740")
	h.fake.Change("customers", pays, func(o severafake.Object) {
		o["email"], o["eInvoiceAddress"], o["eInvoiceOperator"] = "laskut@maksaja.example", "003720774740", "DABAFIHH"
	})
	billing := h.fake.Ref("invoices", "billingCustomer", "customers", pays)
	h.one(1001, func(i *severafake.Invoice) {
		i.Due, i.OrderNumber, i.Email = "2026-03-31", "PO-7", "matti@rantala.example"
		i.Rows = []severafake.Row{
			{Text: "Suunnittelu\nviikko 9", Quantity: "7.25", Price: "80.10", VAT: "25.5", Unit: "h", Code: []string{"SUUN", "SUUN"}, Account: "3000", CostCentre: "200"},
			{Type: "ProjectFees", Text: "Lauta", Quantity: "3", Price: "4.00", VAT: "25.5", Unit: "kpl", Code: []string{"LAUTA"}},
			{Type: "ProjectFees", Text: "Luvat", Quantity: "1", Price: "50", VAT: "25.5", Unit: "kpl", Code: []string{"LUPA"}},
			{Type: "TravelExpenses", Text: "Junat", Quantity: "2", Price: "30", VAT: "14", Unit: "kpl", Code: []string{"A", "B"}},
			{Type: "ProjectFees", Text: "Muuta", Quantity: "1", Price: "10.000000000000002", VAT: "25.5", Unit: "kpl"},
		}
		i.More = severafake.Object{"billingCustomer": billing, "receiverContactName": "Matti Rantala", "senderContactName": "Aino Aalto", "receiverCustomerName": "Rantalan Veistämö Ky",
			"receiverAddress": severafake.Object{"addressline": "Calle 1", "postalCode": "03001", "city": "Alicante", "state": "Alicante", "country": "Spain"}}
	})
	f := h.only()
	d := f.Document
	if len(f.Faults) > 0 {
		t.Errorf("%+v", f.Faults)
	}
	want := hub.Party{Name: "Rantalan Veistämö Ky", BusinessID: "FI12345671", Number: "333", Contact: "Aino Aalto/Matti Rantala", Email: "laskut@maksaja.example", ContactEmail: "matti@rantala.example",
		EInvoice: hub.EInvoice{Address: "003720774740", Operator: "DABAFIHH"}, Address: hub.Address{Street: "Calle 1", Zip: "03001", City: "Alicante", Region: "Alicante", Country: "ES"}}
	if diff := cmp.Diff(want, d.Buyer); diff != "" {
		t.Error(diff)
	}
	if d.Number != "1001" || d.Date.String() != "2026-03-01" || d.DueDate.String() != "2026-03-31" || *d.TermDays != 14 || d.References.Order != "PO-7" || d.PenaltyPercent.String() != "8.5" ||
		d.Language != "fi" || d.Currency != "EUR" || d.Rate != nil || d.Payment.Reference != "10010" && d.Payment.Reference == "" || d.Seller.BusinessID != "2345678-0" {
		t.Errorf("%+v", d)
	}
	var lines []string
	for _, l := range d.Lines {
		lines = append(lines, fmt.Sprintf("%s|%s|%s|%s %s x %s %s|%s|%s|%v", l.Name, l.Description, l.Code, l.Quantity, l.Unit, l.UnitPrice, l.VATPercent, l.Account, l.Supply, l.Dimensions))
	}
	const project = "{unit Y234 Suunnittelutoimisto Kuusi Oy} {project 1 Satama}"
	if diff := cmp.Diff([]string{
		"Suunnittelu|viikko 9|SUUN|7.25 h x 80.10 25.5|3000|service|[" + project + " {cost_centre 200 Suunnittelu}]",
		"Lauta||LAUTA|3 kpl x 4.00 25.5||goods|[" + project + "]",
		"Luvat||LUPA|1 kpl x 50 25.5||service|[" + project + "]",
		"Junat|||2 kpl x 30 14||service|[" + project + "]",
		"Muuta|||1 kpl x 10 25.5|||[" + project + "]",
	}, lines); diff != "" {
		t.Error(diff)
	}
	for path, place := range map[string]string{"lines[1].vat_percent": "rows[1].vatRate", "buyer.business_id": "invoice.receiverVatNumber", "due_date": "invoice.dueDate"} {
		if f.Places[path] != place {
			t.Errorf("%s came from %q", path, f.Places[path])
		}
	}
}

// Each of the five texts is printed, kept inside, or left out, as its option says.
func TestFiveTexts(t *testing.T) {
	feature.Covers(t, "S-107")
	texts := severafake.Object{"ourReference": "Aino", "yourReference": "Matti", "notes": "Soita ensin", "freeText1": severafake.Object{"plainText": "Yllä", "value": "<b>Yllä</b>"},
		"freeText2": severafake.Object{"value": "Alla"}}
	names := []string{"our_reference", "your_reference", "notes", "free_text_1", "free_text_2"}
	lines := []string{"Viitteemme: Aino", "Viitteenne: Matti", "Soita ensin", "Yllä", "Alla"}
	show := func(options map[string]string) (string, string) {
		h := newHarness(t)
		for name, value := range options {
			h.options[name] = value
		}
		h.one(1001, func(i *severafake.Invoice) { i.More = texts })
		d := h.only().Document
		return d.Text, d.Notes
	}
	if text, notes := show(nil); text != "Viitteemme: Aino\nViitteenne: Matti\nYllä\nAlla" || notes != "Soita ensin" {
		t.Errorf("by default %q, %q", text, notes)
	}
	for i, name := range names {
		for _, place := range places {
			options := map[string]string{}
			for _, n := range names {
				options[n] = out
			}
			options[name] = place
			text, notes := show(options)
			want := map[string][2]string{printed: {lines[i], ""}, internal: {"", lines[i]}, out: {"", ""}}[place]
			if text != want[0] || notes != want[1] {
				t.Errorf("%s %s: %q, %q", name, place, text, notes)
			}
		}
	}
}

// A row of an invoice with several projects stands in its own, found by the hours, the
// fee or the journey behind it; one of which nobody says it has none, and a warning.
func TestProjectOfARow(t *testing.T) {
	for _, credit := range []bool{false, true} {
		h := newHarness(t)
		h.one(1001, func(i *severafake.Invoice) {
			i.Projects, i.CreditNote = []string{h.Project, h.OtherProject}, credit
			i.Rows = nil
			for n, typ := range []string{"Hours", "ProjectFees", "TravelExpenses", "ProjectFees", "ProjectFees"} {
				r := severafake.Row{Type: typ, Text: typ, Quantity: "-1", Price: "10", VAT: "25.5", Project: i.Projects[n%2]}
				if n == 4 {
					r.Project = ""
				}
				i.Rows = append(i.Rows, r)
			}
		})
		f := h.only()
		var got []string
		for _, l := range f.Document.Lines {
			unit, project := "", ""
			for _, d := range l.Dimensions {
				switch d.Axis {
				case hub.AxisUnit:
					unit = d.Code
				case hub.AxisProject:
					project = d.Code
				}
			}
			got = append(got, unit+"/"+project)
		}
		if strings.Join(got, " ") != "Y234/1 K234/2 Y234/1 K234/2 /" || codesOf(f.Faults) != hub.RowProjects || hub.Stops(f.Faults) || f.Faults[0].Args["row"] != "5" {
			t.Errorf("credit %v: %v, %+v", credit, got, f.Faults)
		}
	}
}

// A credit note has negative quantities, whichever way Severa writes it, and names
// the invoice that it takes back, with its day.
func TestCreditNotes(t *testing.T) {
	for name, x := range map[string]struct{ quantity, price, faults string }{
		"negative quantity": {"-2", "80", ""}, "negative price": {"2", "-80", ""}, "all positive": {"2", "80", hub.SignsTurned},
	} {
		h := newHarness(t)
		original := h.one(1001, func(i *severafake.Invoice) { i.Status, i.Date = h.Draft, "2026-02-11" })
		h.one(1002, func(i *severafake.Invoice) {
			i.CreditNote = true
			i.Rows[0].Quantity, i.Rows[0].Price = x.quantity, x.price
			i.More = severafake.Object{"reimburseInvoice": severafake.Object{"guid": original, "number": 1001}}
		})
		f := h.only()
		d := f.Document
		if !d.CreditNote || d.Lines[0].Quantity.String() != "-2" || d.Lines[0].UnitPrice.String() != "80" || d.Totals.Gross.String() != "-200.80" || codesOf(f.Faults) != x.faults || hub.Stops(f.Faults) {
			t.Errorf("%s: %+v %+v %+v", name, d.Lines, d.Totals, f.Faults)
		}
		if len(d.Credits) != 1 || d.Credits[0].Number != "1001" || d.Credits[0].Date.String() != "2026-02-11" {
			t.Errorf("%s: %+v", name, d.Credits)
		}
	}
}

// Sums are those in the invoice's currency, wherever Severa says them, and the rate is
// turned the hub's way.
func TestCurrencies(t *testing.T) {
	for option, want := range map[string]string{"foreign": "11.25", "own": "0.08888889"} {
		h := newHarness(t)
		h.options["rate"] = option
		guid := h.one(1001, func(i *severafake.Invoice) { i.Currency, i.Rate = "SEK", "11.25" })
		h.fake.Change("invoices", guid, func(o severafake.Object) {
			net := o["totalExcludingTax"].(map[string]any)
			o["totalExcludingTax"] = severafake.Object{"amount": severafake.Number("14.22"), "currencyCode": "EUR", "multiCurrencyInfo": []severafake.Object{{"amount": net["amount"], "currencyCode": "SEK"}}}
		})
		f := h.only()
		if d := f.Document; len(f.Faults) > 0 || d.Currency != "SEK" || d.Rate == nil || d.Rate.String() != want || d.Totals.Net.String() != "160.00" {
			t.Errorf("%s: %v %+v %+v", option, f.Document.Rate, f.Document.Totals, f.Faults)
		}
	}
	h := newHarness(t)
	guid := h.one(1001)
	h.fake.Change("invoices", guid, func(o severafake.Object) { o["totalIncludingTax"] = severafake.Money("1", "SEK") })
	if f := h.only(); !hub.Stops(f.Faults) || f.Faults[0].Path != "invoice.totalIncludingTax" {
		t.Errorf("%+v", f.Faults)
	}
}

// What carries no VAT says why: the invoice is turned to the buyer, or the customer's
// card has the category and the reason.
func TestWithoutVAT(t *testing.T) {
	free := func(i *severafake.Invoice) { i.Rows[0].VAT = "0" }
	h := newHarness(t)
	guid := h.one(1001, free)
	h.fake.Put("invoicesettings", severafake.Object{"guid": guid, "isReverseCharged": true, "reverseChargeDescription": "AVL 8 c §"})
	if l := h.only().Document.Lines[0]; l.VATCategory != "AE" || l.VATReason != "AVL 8 c §" {
		t.Errorf("%+v", l)
	}
	h = newHarness(t)
	h.one(1001, free)
	h.fake.Put("customercountrysettings", severafake.Object{"customer": severafake.Object{"guid": h.Customer}, "isTaxFree": true, "taxFreeDescription": "AVL 72 a §", "zeroVatCategoryCodeEn16931": "k"})
	if l := h.only().Document.Lines[0]; l.VATCategory != "K" || l.VATReason != "AVL 72 a §" {
		t.Errorf("%+v", l)
	}
	h = newHarness(t)
	h.one(1001, free)
	if l := h.only().Document.Lines[0]; l.VATCategory != "" {
		t.Errorf("guessed %+v", l)
	}
}

// The settings say which files are read: all, the files, only what belongs to rows
// that are groups, or none; and nothing more is asked for.
func TestFilesBySetting(t *testing.T) {
	for _, x := range []struct {
		goes           hub.FilesGo
		file, grouped  bool
		want           string
		pdfs, settings int
	}{
		{hub.FilesAll, true, false, "liite.txt lasku-1001.pdf*", 1, 1},
		{hub.FilesAll, false, false, "lasku-1001.pdf*", 1, 1},
		{hub.FilesAll, true, true, "liite.txt erittely-1001.pdf lasku-1001.pdf*", 2, 1},
		{hub.FilesOnly, true, true, "liite.txt erittely-1001.pdf", 1, 1},
		{hub.FilesImage, true, true, "lasku-1001.pdf*", 1, 0},
		{hub.FilesGrouped, true, true, "liite.txt erittely-1001.pdf lasku-1001.pdf*", 2, 1},
		{hub.FilesGrouped, true, false, "", 0, 1},
		{hub.FilesNone, true, true, "", 0, 0},
	} {
		h := newHarness(t)
		h.files = x.goes
		if x.goes == hub.FilesNone {
			h.fake.Without("files:read") // which is then not needed
		}
		guid := h.one(1001)
		if x.file {
			h.fake.AddFile(guid, "liite.txt", "text/plain", []byte("Pöytäkirja"))
		}
		if x.grouped {
			h.fake.GroupRows(guid)
		}
		var got []string
		d := h.only().Document
		for _, a := range d.Attachments {
			name := a.Name
			if a.Image {
				name += "*"
			}
			got = append(got, name)
			if a.Hash != hub.HashOf(a.Content) || a.Size != int64(len(a.Content)) || a.MIME == "" {
				t.Errorf("%s: %+v", x.goes, a)
			}
		}
		r := h.fake.Requests()
		if strings.Join(got, " ") != x.want || r["GET /v1/invoices/{guid}/pdf"] != x.pdfs || r["GET /v1/invoices/{invoiceGuid}/invoicesettings"] != x.settings {
			t.Errorf("%s, file %v, grouped %v: %v, want %q; %d PDFs, %d settings", x.goes, x.file, x.grouped, got, x.want, r["GET /v1/invoices/{guid}/pdf"], r["GET /v1/invoices/{invoiceGuid}/invoicesettings"])
		}
	}
	h := newHarness(t)
	h.files = hub.FilesAll
	h.fake.Without("files:read")
	if _, err := h.driver().Pull(t.Context(), "", 1); err == nil || !strings.Contains(err.Error(), "the scope files:read") {
		t.Error(err)
	}
}

// What Severa writes and nobody can read stops the document, with its place; what
// cannot be read at all stops the run, and nothing is passed over.
func TestBadInput(t *testing.T) {
	for name, x := range map[string]struct {
		change func(o severafake.Object)
		code   string
		path   string
	}{
		"country":  {func(o severafake.Object) { o["receiverAddress"] = severafake.Object{"country": "Suomenmaa"} }, hub.CountryUnknown, "invoice.receiverAddress.country"},
		"currency": {func(o severafake.Object) { o["currency"] = severafake.Object{"guid": "x", "code": "€"} }, hub.CurrencyUnknown, "invoice.currency.code"},
	} {
		h := newHarness(t)
		guid := h.one(1001)
		h.fake.Change("invoices", guid, x.change)
		f := h.only()
		found := false
		for _, fault := range f.Faults {
			found = found || fault.Code == x.code && fault.Path == x.path && !fault.Warning
		}
		if !found {
			t.Errorf("%s: %+v", name, f.Faults)
		}
	}
	h := newHarness(t)
	long := strings.Repeat("pitkä rivi ", 455)
	h.one(1001, func(i *severafake.Invoice) { i.Rows[0].Text = long })
	if f := h.only(); f.Document.Lines[0].Name != strings.TrimSpace(long) || len(f.Faults) > 0 {
		t.Errorf("%d characters of 5 005: %+v", len([]rune(f.Document.Lines[0].Name)), f.Faults)
	}
	for name, body := range map[string]string{"HTML": "<html>", "cut off": `[{"guid":"x"`, "no list": `{"error":null}`, "no guid": `[{"number":1}]`} {
		h := newHarness(t)
		h.fake.Answer(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/invoices") {
				return false
			}
			_, _ = w.Write([]byte(body))
			return true
		})
		if p, err := h.driver().Pull(t.Context(), "", 1); err == nil || len(p.Documents) > 0 || p.Next != "" {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
}
