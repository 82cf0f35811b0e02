package api_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// These tests show rows of docs/features from push to voucher.

// register puts customers into Procountor's register and has it read.
func register(w *world, partners ...procountor.Partner) (ids []int64) {
	w.T.Helper()
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	for _, p := range partners {
		p.Type = procountor.PartnerCustomer
		p.Address = &procountor.Address{Name: p.Name, Street: "Tie 1", Zip: "00100", City: "Helsinki", Country: "FINLAND"}
		p.PaymentInfo = procountor.PartnerPaymentInfo{PaymentMethod: procountor.PayBankTransfer, Currency: "EUR"}
		saved, err := client.Partners.Create(w.T.Context(), &p)
		w.Must(err)
		ids = append(ids, saved.ID)
	}
	_, err = w.Engine.Refresh(w.T.Context(), w.Company.ID)
	w.Must(err)
	return ids
}

func customer(name, id, typ, number string) procountor.Partner {
	return procountor.Partner{Name: name, InvoicingInfo: &procountor.InvoicingInfo{Identifier: id, IdentifierType: typ, CustomerNumber: number}}
}

func sendTo(name, id, number string) object {
	return with(sale("9000", "10.00"), "buyer", object{"name": name, "business_id": id, "number": number,
		"address": object{"street": "Tie 1", "zip": "00100", "city": "Helsinki", "country": "FI"}})
}

// met is the partner that a push would be linked to, or the code that holds it.
func met(w *world, doc object) string {
	w.T.Helper()
	a := w.want(http.StatusOK, "POST", "/v1/documents/validate", doc)
	if p, _ := a.Body["partner"].(object); p != nil && a.Body["ok"] == true {
		if p["new"] == true {
			return "new"
		}
		return fmt.Sprint(p["id"])
	}
	for _, c := range codes(a.Body["faults"]) {
		if strings.HasPrefix(c, "partner-") {
			return strings.Fields(c)[0]
		}
	}
	return string(a.Raw)
}

// Which customer of the register a pushed invoice means.
func TestWhichCustomer(t *testing.T) {
	feature.Covers(t, "V-18", "V-19", "V-22", "V-23", "V-24")
	feature.Covers(t, "S-15", "S-16", "S-17", "S-19")
	w := newWorld(t, sqlite(t), enginetest.Config{})
	id := enginetest.BusinessID
	got := register(w,
		customer("Yksi Oy", id(1), "YHD", "9101"), customer("Yksi Oy", id(1), "YHD", "9102"), // one firm, two entries
		customer("Kaksi Oy", id(2), "YHD", "9201"), customer("Kolme Oy", "", "", "9301"))
	entry := func(i int) string { return fmt.Sprint(got[i]) }
	for _, tc := range []struct{ what, name, id, number, want string }{
		{"both conditions choose between two entries", "Yksi Oy", id(1), "9101", entry(0)},
		{"and the other of them", "Yksi Oy", id(1), "9102", entry(1)},
		{"the number of another firm does not lead to that firm", "Kaksi Oy", id(2), "9101", "partner-conflict"},
		{"both agree", "Kaksi Oy", id(2), "9201", entry(2)},
		{"same number, other id", "Neljä Oy", id(4), "9201", "partner-conflict"},
		{"same id, other number", "Kaksi Oy", id(2), "9999", "partner-conflict"},
		{"only the id", "Kaksi Oy", id(2), "", entry(2)},
		{"only the number", "Kaksi Oy", "", "9201", entry(2)},
		{"only the number, of somebody else", "Seitsemän Oy", "", "9201", "partner-proposed"},
		{"the id came later, the register has none", "Kolme Oy", id(3), "9301", entry(3)},
		{"neither: a name never links", "Kaksi Oy", "", "", "partner-proposed"},
		{"nobody", "Uusi Oy", id(8), "9801", "new"},
	} {
		if got := met(w, sendTo(tc.name, tc.id, tc.number)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.what, got, tc.want)
		}
	}
}

// By setting a conflict of number and id makes a partner of its own, once; never for a
// misspelt id.
func TestConflictMakesACustomer(t *testing.T) {
	feature.Covers(t, "V-20", "V-21", "S-18")
	w := newWorld(t, sqlite(t), enginetest.Config{Settings: func(s *hub.Settings) {
		s.Partner.OtherID, s.Partner.OtherNumber = hub.ConflictCreate, hub.ConflictCreate
	}})
	id := enginetest.BusinessID
	got := register(w, customer("Kaksi Oy", id(2), "YHD", "9201"), customer("Kolme Oy", id(3), "YHD", "9301"))
	misspelt := []byte(id(2))
	misspelt[2], misspelt[3] = misspelt[3], misspelt[2]
	if misspelt[2] == misspelt[3] {
		misspelt[8] ^= 1
	}
	for _, tc := range []struct{ what, name, id, number, want string }{
		{"V-21: same number, other id", "Neljä Oy", id(4), "9201", "new"},
		{"V-20, S-18: same id, other number", "Kaksi Oy", id(2), "9999", "new"},
		{"both agree", "Kaksi Oy", id(2), "9201", fmt.Sprint(got[0])},
		{"another spelling of the id", "Kaksi Oy", "FI" + strings.ReplaceAll(id(2), "-", ""), "9201", fmt.Sprint(got[0])},
		{"zeros in the number", "Kaksi Oy", id(2), "009201", fmt.Sprint(got[0])},
		{"the id of one and the number of another", "Kaksi Oy", id(2), "9301", "partner-conflict"},
	} {
		if got := met(w, sendTo(tc.name, tc.id, tc.number)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.what, got, tc.want)
		}
	}
	if got := met(w, sendTo("Kaksi Oy", string(misspelt), "9201")); got == "new" {
		t.Errorf("a misspelt id: %s", got)
	}
}

// However the register spells an id, the document's meets it.
func TestSpellingsOfIDs(t *testing.T) {
	feature.Covers(t, "V-25", "V-26", "V-27")
	w := newWorld(t, sqlite(t), enginetest.Config{})
	given := func(n int) string { return enginetest.BusinessID(n) }
	bare := func(n int) string { return strings.ReplaceAll(given(n), "-", "") }
	ids := register(w,
		customer("Kuten Annettu Oy", given(1), "YHD", ""),
		customer("Tyyppi Edessä Oy", given(2), "FI", ""),
		customer("Pelkät Numerot Oy", bare(3), "FI", ""))
	for _, tc := range []struct {
		name, id string
		want     int
	}{
		{"Kuten Annettu Oy", given(1), 0},
		{"Tyyppi Edessä Oy", "FI-" + given(2), 1},
		{"Pelkät Numerot Oy", given(3), 2},
		{"Pelkät Numerot Oy", bare(3), 2},
	} {
		if got := met(w, sendTo(tc.name, tc.id, "")); got != fmt.Sprint(ids[tc.want]) {
			t.Errorf("%q: %s, want %d", tc.id, got, ids[tc.want])
		}
	}
	if got := met(w, sendTo("Kuten Annettu Oy", given(9), "")); got != "new" {
		t.Errorf("another id: %s", got)
	}
}

// The customer goes to Procountor with the first invoice, and once.
func TestCustomerComesWithTheFirstInvoice(t *testing.T) {
	feature.Covers(t, "S-14")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	count := func() (n int) {
		for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
			if p.Name == "Uusi Keksintö Oy" && p.InvoicingInfo.Identifier == enginetest.BusinessID(5) && p.InvoicingInfo.CustomerNumber == "7005" {
				n++
			}
		}
		return n
	}
	for i, number := range []string{"9501", "9502"} {
		if before := count(); before != i {
			t.Fatalf("%d such customers before invoice %s", before, number)
		}
		doc := sendTo("Uusi Keksintö Oy", enginetest.BusinessID(5), "7005")
		doc["number"], doc["source_id"] = number, number
		w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
		w.Settle()
		if v := w.Vouchers(number); len(v) != 1 || count() != 1 {
			t.Fatalf("%d vouchers, %d customers", len(v), count())
		}
	}
}

// A new connection leaves what it brings unfinished, so that it can be looked at
// before anything is paid or sent.
func TestArrivesUnfinished(t *testing.T) {
	feature.Covers(t, "T-30", "T-43", "V-10", "T-4")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	w.want(http.StatusAccepted, "POST", "/v1/documents", []any{sale("9601", "10.00"), purchase("9602", "Olematon Tukku Oy", "4567890-7")})
	w.Settle()
	for _, number := range []string{"9601", "9602"} {
		if v := w.Vouchers(number); len(v) != 1 || v[0].Status != "UNFINISHED" {
			t.Errorf("%s: %v", number, v)
		}
	}
	if n := w.Sandbox.Requests()["saveInvoice"]; n != 2 {
		t.Errorf("%d requests of Procountor's REST interface save invoices: %v", n, w.Sandbox.Requests())
	}
}

// Procountor numbers anew and makes the reference when it is the one that sends;
// both come back to the source.
func TestNumbersAndReferenceOfProcountor(t *testing.T) {
	feature.Covers(t, "V-42", "S-10", "T-31")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Sender = hub.SenderProcountor }})
	doc := sale("9701", "10.00")
	doc["buyer"].(object)["email"] = "laskut@kuvitelma.example"
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	v := w.Vouchers("9701")
	if len(v) != 1 || v[0].InvoiceNumber == nil || fmt.Sprint(*v[0].InvoiceNumber) == "9701" || v[0].OriginalInvoiceNumber != "9701" {
		t.Fatalf("%+v", v)
	}
	if v[0].PaymentInfo.BankReferenceCode == nil {
		t.Fatal("no reference")
	}
	made := *v[0].PaymentInfo.BankReferenceCode
	if made == "" || made == "1232" {
		t.Errorf("reference %q", made)
	}
	got := w.want(http.StatusOK, "GET", a.Body["links"].(object)["self"].(string), nil)
	there := got.Body["procountor"].(object)
	if got.str("number") != "9701" || there["invoice_number"] != float64(*v[0].InvoiceNumber) || there["reference"] != made {
		t.Errorf("%s", got.Raw)
	}
}

func purchase(number, seller, id string) object {
	return object{
		"kind": "purchase_invoice", "source_id": "p-" + number, "number": number, "date": "2026-03-09", "due_date": "2026-03-23", "currency": "EUR",
		"seller":  object{"name": seller, "business_id": id, "address": object{"street": "Tie 1", "zip": "00100", "city": "Helsinki", "country": "FI"}},
		"payment": object{"iban": "FI2112345600000785", "bic": "NDEAFIHH", "reference": "1232"},
		"lines": []any{object{"name": "Paperi", "quantity": "2", "unit": "kpl", "unit_price": "12.40", "vat_percent": "25.5"},
			object{"name": "Kynät", "quantity": "1", "unit": "kpl", "unit_price": "3.00", "vat_percent": "25.5"}},
	}
}

// Purchase invoices go all at once, with their rows; the supplier is linked or
// made; posting is left to Procountor's own rules.
func TestPurchasesArrive(t *testing.T) {
	feature.Covers(t, "E-32", "E-33", "E-34", "E-41", "E-44")
	feature.Covers(t, "T-6")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	known := 0
	for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
		known++
		if p.Name == "Uusi Toimittaja Oy" {
			t.Fatal("the supplier is there already")
		}
	}
	w.Sandbox.ForgetRequests()
	w.want(http.StatusAccepted, "POST", "/v1/documents", []any{purchase("P1", "Olematon Tukku Oy", "4567890-7"),
		purchase("P2", "Uusi Toimittaja Oy", enginetest.BusinessID(3)), purchase("P3", "Uusi Toimittaja Oy", enginetest.BusinessID(3))})
	w.Settle()
	partner := map[string]int64{}
	for _, n := range []string{"P1", "P2", "P3"} {
		v := w.Vouchers(n)
		if len(v) != 1 {
			t.Fatalf("%s: %d vouchers", n, len(v))
		}
		partner[n] = *v[0].PartnerID
		var rows []string
		for _, r := range v[0].InvoiceRows {
			rows = append(rows, r.Product)
		}
		if !slices.Equal(rows, []string{"Paperi", "Kynät"}) {
			t.Errorf("%s: rows %q", n, rows)
		}
	}
	if n := len(w.Sandbox.Partners(w.Company.ProcountorID)); n != known+1 || partner["P2"] != partner["P3"] || partner["P1"] == partner["P2"] {
		t.Errorf("%d partners after %d; %v", n, known, partner)
	}
	for _, n := range []string{"P1", "P2", "P3"} {
		if id := w.Vouchers(n)[0].LedgerReceiptID; id == nil || *id == 0 {
			t.Errorf("%s: Procountor has made no ledger receipt", n)
		}
	}
	for _, r := range w.Sandbox.Received() {
		if r.Method != http.MethodGet && r.Path != "/invoices" && r.Path != "/businesspartners" && !strings.HasPrefix(r.Path, "/login") && !strings.HasPrefix(r.Path, "/oauth") {
			t.Errorf("something else was written: %s %s", r.Method, r.Path)
		}
	}
}

// A purchase that is held for a mistake goes once it is pushed again without.
func TestMendedPurchaseGoes(t *testing.T) {
	feature.Covers(t, "E-43")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	bad := purchase("P9", "Olematon Tukku Oy", "4567890-7")
	bad["lines"].([]any)[1].(object)["vat_percent"] = 19
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", bad)
	w.Settle()
	if got := w.Transfer("P9"); got.State != hub.Held || len(w.Vouchers("P9")) != 0 {
		t.Fatal(enginetest.Describe(got))
	}
	b := w.want(http.StatusAccepted, "POST", "/v1/documents", purchase("P9", "Olematon Tukku Oy", "4567890-7"))
	w.Settle()
	if got := w.Transfer("P9"); got.State != hub.Done || len(w.Vouchers("P9")) != 1 || a.str("id") != b.str("id") {
		t.Error(enginetest.Describe(got))
	}
}

// Earlier months need not be closed: documents dated before the first day are
// left out, and what Procountor already holds is linked, not booked again.
func TestNothingOfBefore(t *testing.T) {
	feature.Covers(t, "E-12")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	// Another integration has posted 9801 before.
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("9800", "10.00"))
	w.Settle()
	other, err := client.Invoices.Get(t.Context(), w.Vouchers("9800")[0].ID)
	w.Must(err)
	other.OriginalInvoiceNumber, other.Notes, other.ID, other.InvoiceNumber, other.Version = "9801", "", 0, 0, procountor.Time{}
	_, err = client.Invoices.Create(t.Context(), other)
	w.Must(err)
	w.Clock.Add(time.Hour)
	_, err = w.Engine.Refresh(t.Context(), w.Company.ID)
	w.Must(err)

	early := with(sale("9802", "10.00"), "date", "2025-12-31") // the first day is 2026-01-01
	w.want(http.StatusAccepted, "POST", "/v1/documents", []any{sale("9801", "10.00"), early})
	w.Settle()
	if got := w.Transfer("9801"); got.State != hub.Linked || len(w.Vouchers("9801")) != 1 {
		t.Errorf("%s, %d vouchers", enginetest.Describe(got), len(w.Vouchers("9801")))
	}
	if got := w.Transfer("9802"); got.State != hub.Skipped || len(w.Vouchers("9802")) != 0 {
		t.Error(enginetest.Describe(got))
	}
}

// What an accountant edits in Procountor afterwards stays: a change from the
// source does not overwrite it.
func TestEditedThereStays(t *testing.T) {
	feature.Covers(t, "E-36")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	doc := purchase("P5", "Olematon Tukku Oy", "4567890-7")
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	v := w.Vouchers("P5")[0]
	w.Sandbox.EditInvoice(w.Company.ProcountorID, v.ID, func(i *procountortest.Invoice) { i.InvoiceRows[0].Product = "Kopiopaperi, tiliöity" })
	w.want(http.StatusAccepted, "POST", "/v1/documents", with(doc, "due_date", "2026-03-30"))
	w.Settle()
	got := w.Transfer("P5")
	if got.State != hub.Held || got.Faults[0].Code != hub.EditedThere {
		t.Error(enginetest.Describe(got))
	}
	if after := w.Vouchers("P5"); len(after) != 1 || after[0].InvoiceRows[0].Product != "Kopiopaperi, tiliöity" || after[0].PaymentInfo.DueDate != v.PaymentInfo.DueDate {
		t.Errorf("%+v", after)
	}
}

// contentFor is a small content that is what the name says.
func contentFor(name string) string {
	pixel := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	var err error
	switch path.Ext(name) {
	case ".pdf":
		b.WriteString("%PDF-1.4\n% " + name + "\n%%EOF\n")
	case ".gif":
		err = gif.Encode(&b, pixel, nil)
	case ".png":
		err = png.Encode(&b, pixel)
	case ".jpg", ".jpeg":
		err = jpeg.Encode(&b, pixel, nil)
	case ".zip", ".xlsx":
		z := zip.NewWriter(&b)
		_, err = z.Create("xl/workbook.xml")
		err = errors.Join(err, z.Close())
	default:
		b.WriteString("content of " + name)
	}
	if err != nil {
		panic(err)
	}
	return b.String()
}

// Files of every kind, several to an invoice, and with credit notes too.
func TestEveryFileArrives(t *testing.T) {
	feature.Covers(t, "T-26", "S-35", "V-53", "V-59")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	files := func(names ...string) (list []any) {
		for _, n := range names {
			list = append(list, file(n, contentFor(n)))
		}
		return list
	}
	credit := sale("C-9", "10.00")
	credit["credit_note"], credit["credits"] = true, []any{object{"number": "9901", "date": "2026-03-10"}}
	credit["lines"].([]any)[0].(object)["quantity"] = -1
	for number, tc := range map[string]struct {
		doc   object
		names []string
	}{
		"9901": {sale("9901", "10.00"), []string{"one.pdf"}},
		"9902": {sale("9902", "10.00"), []string{"a.gif", "b.jpg", "c.jpeg", "d.pdf", "e.txt", "f.xlsx", "g.zip"}},
		"C-9":  {credit, []string{"hours.pdf"}},
	} {
		w.want(http.StatusAccepted, "POST", "/v1/documents", with(tc.doc, "attachments", files(tc.names...)))
		w.Settle()
		v := w.Vouchers(number)
		if len(v) != 1 || len(v[0].Attachments) != len(tc.names) {
			t.Errorf("%s: %+v", number, v)
			continue
		}
		for i, a := range v[0].Attachments {
			stem, ext, _ := strings.Cut(tc.names[i], ".")
			content, ok := w.Sandbox.Attachment(w.Company.ProcountorID, a.ID)
			if !ok || !strings.HasPrefix(a.Name, stem) || !strings.HasSuffix(a.Name, "."+ext) || string(content) != contentFor(tc.names[i]) {
				t.Errorf("%s: %s became %s with %q", number, tc.names[i], a.Name, content)
			}
		}
	}
}

// The credit note names the invoice that it credits, for the customer to read.
func TestCreditNoteNamesItsInvoice(t *testing.T) {
	feature.Covers(t, "V-69")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	doc := sale("C-8", "10.00")
	doc["credit_note"], doc["credits"] = true, []any{object{"number": "8765", "date": "2026-02-10"}}
	doc["lines"].([]any)[0].(object)["quantity"] = -1
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	if v := w.Vouchers("C-8"); len(v) != 1 || !strings.Contains(v[0].AdditionalInformation, "Hyvitetty lasku 8765") {
		t.Errorf("%+v", v)
	}
}

// All explanations below a row go with it, not only the first.
func TestAllExplanationsOfARow(t *testing.T) {
	feature.Covers(t, "T-29")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	doc := sale("9401", "10.00")
	doc["lines"] = append(doc["lines"].([]any), object{"description": "Ensimmäinen selite"}, object{"description": "Toinen selite"})
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	v := w.Vouchers("9401")
	if len(v) != 1 || len(v[0].InvoiceRows) != 1 || v[0].InvoiceRows[0].ExplanationText != "Ensimmäinen selite\nToinen selite" {
		t.Errorf("%+v", v)
	}
}

// The account that customers pay to must be the company's own in Procountor.
func TestAccountMustBeTheCompanys(t *testing.T) {
	feature.Covers(t, "T-19")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	for number, account := range map[string]string{"9301": "FI2112345600000785", "9302": "FI1350001520000081"} {
		w.want(http.StatusAccepted, "POST", "/v1/documents", with(sale(number, "10.00"), "payment", object{"iban": account, "reference": "1232"}))
	}
	w.Settle()
	if v := w.Vouchers("9301"); len(v) != 1 || v[0].PaymentInfo.BankAccount.AccountNumber != "FI2112345600000785" {
		t.Errorf("%+v", v)
	}
	if got := w.Transfer("9302"); got.State != hub.Held || got.Faults[0].Code != hub.BankAccountForeign || len(w.Vouchers("9302")) != 0 {
		t.Error(enginetest.Describe(got))
	}
}

// Nothing waits for a timetable: what is pushed goes at once, by itself.
func TestGoesAtOnce(t *testing.T) {
	feature.Covers(t, "V-65", "S-2")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	for _, number := range []string{"9201", "9202"} {
		pushed := w.Clock.Now()
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale(number, "10.00"))
		w.Settle()
		if took := w.Clock.Now().Sub(pushed); took > time.Second || len(w.Vouchers(number)) != 1 {
			t.Errorf("%s: %d vouchers after waiting %v", number, len(w.Vouchers(number)), took)
		}
	}
}

// The channel follows from what the invoice carries, by the rule of the settings,
// and files go along on each.
func TestChannels(t *testing.T) {
	feature.Covers(t, "S-34", "S-86", "S-87")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByEInvoice, hub.ByEmail, hub.ByMail}
	}})
	for number, tc := range map[string]struct {
		buyer object
		want  string
	}{
		"9105": {object{"contact": "Keijo Keksitty", "contact_email": "keijo@kuvitelma.example", "email": "laskut@kuvitelma.example"}, "EMAIL keijo@kuvitelma.example"},
		"9106": {object{"contact": "Keijo Keksitty", "email": "laskut@kuvitelma.example"}, "EMAIL laskut@kuvitelma.example"},
		"9101": {object{"einvoice": object{"address": "003723456780", "operator": "003721291126"}, "email": "laskut@kuvitelma.example"}, "ELECTRONIC_INVOICE"},
		"9102": {object{"email": "laskut@kuvitelma.example"}, "EMAIL laskut@kuvitelma.example"},
		"9103": {object{"contact": "Keijo Keksitty"}, "MAIL"},
		"9104": {object{}, "MAIL"},
	} {
		doc := with(sale(number, "10.00"), "attachments", []any{file("hours.pdf", contentFor("hours.pdf"))})
		for k, v := range tc.buyer {
			doc["buyer"].(object)[k] = v
		}
		w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
		w.Settle()
		if v := w.Vouchers(number); len(v) != 1 || strings.TrimSpace(v[0].InvoiceChannel+" "+emailOf(v[0])) != tc.want || len(v[0].Attachments) != 1 {
			t.Errorf("%s: %+v, want %s", number, v, tc.want)
		}
	}
}

// emailOf is where an invoice goes by e-mail.
func emailOf(v procountortest.Invoice) string {
	if v.InvoiceChannel != "EMAIL" {
		return ""
	}
	return v.CounterParty.Email
}

// By setting a purchase invoice is left approved.
func TestPurchaseArrivesApproved(t *testing.T) {
	feature.Covers(t, "E-42")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.PurchaseInvoice]
		k.Arrival = hub.ArriveApproved
		s.Kinds[hub.PurchaseInvoice] = k
	}})
	w.want(http.StatusAccepted, "POST", "/v1/documents", purchase("P7", "Olematon Tukku Oy", "4567890-7"))
	w.Settle()
	if v := w.Vouchers("P7"); len(v) != 1 || v[0].Status != "APPROVED" {
		t.Errorf("%+v", v)
	}
}
