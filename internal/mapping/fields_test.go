package mapping_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
)

// request is what a golden case sends, by path: "invoiceRows.0.product".
func request(t *testing.T, file string) func(path string) string {
	t.Helper()
	g := readCase(t, "testdata/"+file+".txtar", worlds(t))
	plan, faults := mapping.Make(g.in)
	if plan == nil {
		t.Fatalf("%s is held: %+v", file, faults)
	}
	body, err := mapping.Body(*plan.Steps[0].Invoice, "")
	if err != nil {
		t.Fatal(err)
	}
	var root any
	decode(t, body, &root)
	return func(path string) string {
		at := root
		for _, key := range strings.Split(path, ".") {
			switch v := at.(type) {
			case map[string]any:
				at = v[key]
			case []any:
				at = v[int(key[0]-'0')]
			}
		}
		b, _ := json.Marshal(at)
		return strings.Trim(string(b), `"`)
	}
}

func wantFields(t *testing.T, file string, fields map[string]string) {
	t.Helper()
	get := request(t, file)
	for path, want := range fields {
		if got := get(path); got != want {
			t.Errorf("%s: %s is %s, want %s", file, path, got, want)
		}
	}
}

func TestPurchaseFields(t *testing.T) {
	feature.Covers(t, "E-54", "E-56", "E-58", "E-59", "E-60")
	wantFields(t, "purchase_domestic", map[string]string{
		"date": "2026-03-02", "counterParty.counterPartyAddress.name": "Olematon Tukku Oy", "counterParty.identifier": "4567890-7",
		"paymentInfo.dueDate": "2026-04-01", "paymentInfo.bankAccount.accountNumber": "FI1350001520000081", "paymentInfo.bankAccount.bic": "NDEAFIHH"})
}

// Procountor has a field for the product number; the group stands in the comment,
// which is printed on sales only.
func TestProductGroup(t *testing.T) {
	feature.Covers(t, "E-62")
	wantFields(t, "purchase_numbers", map[string]string{"invoiceRows.0.productCode": "A4-80", "invoiceRows.0.comment": "Tuoteryhmä: Toimistotarvikkeet"})
	wantFields(t, "sale_product_group", map[string]string{"invoiceRows.0.productCode": "K1", "invoiceRows.0.comment": "null", "notes": "Rivi 1: Tuoteryhmä Palvelut"})
}

// The account that customers pay to is the settings', or the register's when they
// name none. Its BIC is the register's: the field is not used on sales invoices
// (REFERENCE, BankAccount).
func TestSalesBankAccount(t *testing.T) {
	feature.Covers(t, "E-74")
	g := readCase(t, "testdata/sale_domestic.txtar", worlds(t))
	accounts := g.in.Registers.BankAccounts
	accounts[0].BIC = "DABAFIHH"
	g.in.Connection.Settings.BankAccount = accounts[0].IBAN
	plan, faults := mapping.Make(g.in)
	if plan == nil {
		t.Fatal(faults)
	}
	got := plan.Steps[0].Invoice.PaymentInfo.BankAccount
	if got.AccountNumber != accounts[0].IBAN || got.BIC != "" {
		t.Errorf("pays to %+v", got)
	}
	g.in.Connection.Settings.BankAccount = "FI1350001520000081" // a stranger's
	if plan, faults := mapping.Make(g.in); plan != nil || !slices.Contains(codes(faults), hub.BankAccountForeign) {
		t.Errorf("to a stranger's account: %v", faults)
	}
}

// The supplier's own number and reference go too, or Procountor's warning of
// duplicates and the payment fail.
func TestPurchaseNumbers(t *testing.T) {
	feature.Covers(t, "E-55", "E-57")
	wantFields(t, "purchase_numbers", map[string]string{"originalInvoiceNumber": "88123", "paymentInfo.bankReferenceCode": "RF111232", "notes": "Lähteen tositenumero: T-2026-118"})
	all := worlds(t)
	for file, want := range map[string]string{"refused_supplier_reference": hub.SupplierReference, "refused_nothing": hub.NumberMissing} { // both are asked for
		g := readCase(t, "testdata/"+file+".txtar", all)
		g.in.Document.Kind = hub.PurchaseInvoice
		if plan, faults := mapping.Make(g.in); plan != nil || !slices.Contains(codes(faults), want) {
			t.Errorf("%s: %v", file, faults)
		}
	}
	wantFields(t, "purchase_eu", map[string]string{"counterParty.taxCode": "DE123456788"})
}

func TestPurchaseRows(t *testing.T) {
	feature.Covers(t, "E-61", "E-63", "E-64", "E-65")
	wantFields(t, "purchase_domestic", map[string]string{"invoiceRows.0.product": "Kopiopaperi A4", "invoiceRows.0.quantity": "10", "invoiceRows.0.unit": "PARCEL",
		"invoiceRows.0.unitPrice": "4.5", "invoiceRows.0.vatPercent": "25.5", "invoiceRows.0.vatStatus": "1"})
}

func TestSalesFields(t *testing.T) {
	feature.Covers(t, "E-69", "E-70", "E-71", "E-72", "E-73")
	wantFields(t, "sale_domestic", map[string]string{"date": "2026-03-02", "originalInvoiceNumber": "10234", "counterParty.counterPartyAddress.name": "Kuvitelma Kauppa Oy",
		"counterParty.counterPartyAddress.street": "Keksittykatu 5", "counterParty.counterPartyAddress.zip": "33100", "counterParty.counterPartyAddress.city": "Tampere",
		"counterParty.counterPartyAddress.country": "FINLAND", "paymentInfo.dueDate": "2026-03-16", "paymentInfo.bankReferenceCode": "1232"})
	g := readCase(t, "testdata/refused_reference_missing.txtar", worlds(t)) // the reference is asked for
	if plan, faults := mapping.Make(g.in); plan != nil || !slices.Contains(codes(faults), hub.ReferenceMissing) {
		t.Errorf("a sale that has been sent without a reference: %+v", faults)
	}
}

func TestSalesRows(t *testing.T) {
	feature.Covers(t, "E-75", "E-76", "E-77", "E-78", "E-79")
	wantFields(t, "sale_discounts", map[string]string{"invoiceRows.0.product": "Konsultointi", "invoiceRows.0.quantity": "10", "invoiceRows.0.unitPrice": "120",
		"invoiceRows.0.vatPercent": "25.5", "invoiceRows.0.discountPercent": "12.5", "discountPercent": "2.5"})
}

func TestSalesParty(t *testing.T) {
	feature.Covers(t, "V-71", "V-72", "V-74", "V-76", "S-95")
	feature.Covers(t, "S-11", "S-96", "S-97", "S-104", "V-43")
	wantFields(t, "sale_everything", map[string]string{"counterParty.identifier": "2345678-0", "counterParty.taxCode": "FI23456780", "counterParty.customerNumber": "1001",
		"counterParty.email": "laskut@kuvitelma.example", "counterParty.contactPersonName": "Keijo Keksitty", "counterParty.einvoiceAddress.address": "003723456780",
		"counterParty.einvoiceAddress.operator": "003721291126", "originalInvoiceNumber": "10234", "deliveryStartDate": "2026-02-01", "deliveryEndDate": "2026-02-28"})
}

func TestSalesAddress(t *testing.T) {
	feature.Covers(t, "S-98", "S-99", "S-100", "S-101", "S-102")
	wantFields(t, "sale_everything", map[string]string{"counterParty.counterPartyAddress.name": "Kuvitelma Kauppa Oy", "counterParty.counterPartyAddress.street": "Keksittykatu 5, PL 12",
		"counterParty.counterPartyAddress.city": "Tampere", "counterParty.counterPartyAddress.zip": "33100", "counterParty.counterPartyAddress.country": "FINLAND"})
	g := readCase(t, "testdata/sale_mail.txtar", worlds(t)) // on paper it cannot go without a street
	g.in.Document.Buyer.Address.Street = ""
	g.in.Connection.Settings.Channel = hub.ChannelRule{hub.ByMail}
	if plan, faults := mapping.Make(g.in); plan != nil || !slices.Contains(codes(faults), hub.AddressMissing) {
		t.Errorf("a letter without a street: %+v", faults)
	}
}

// The status is Procountor's to give: nothing is sent, and the sandbox that takes
// this request begins with UNFINISHED.
func TestSalesHeader(t *testing.T) {
	feature.Covers(t, "S-103", "S-105", "S-106", "S-108", "S-109")
	feature.Covers(t, "S-111", "V-73", "V-75", "V-77", "S-107")
	wantFields(t, "sale_everything", map[string]string{"type": "SALES_INVOICE", "date": "2026-03-02", "orderReference": "PO-55", "paymentInfo.dueDate": "2026-03-16",
		"penaltyPercent": "10.5", "status": "null", "sellerReferenceIdentifier": "Myyjä"})
	if got := request(t, "sale_everything")("additionalInformation"); !strings.HasSuffix(got, "Kiitos!") {
		t.Errorf("the document's own text is not printed: %q", got)
	}
}

func TestSalesRow(t *testing.T) {
	feature.Covers(t, "S-113", "S-114", "S-115", "S-116", "S-117")
	feature.Covers(t, "S-119")
	wantFields(t, "sale_everything", map[string]string{"invoiceRows.0.productCode": "KONS", "invoiceRows.0.product": "Konsultointi", "invoiceRows.0.quantity": "7.5",
		"invoiceRows.0.unit": "HOUR", "invoiceRows.0.unitPrice": "120", "invoiceRows.0.vatPercent": "25.5"})
}

func TestSalesChannel(t *testing.T) {
	feature.Covers(t, "S-110")
	for file, want := range map[string]string{"sale_einvoice": "ELECTRONIC_INVOICE", "sale_email": "EMAIL", "sale_mail": "MAIL"} {
		wantFields(t, file, map[string]string{"invoiceChannel": want})
	}
}

// The delivery method that the source states is the channel, above row and rule.
func TestDeliveryMethod(t *testing.T) {
	feature.Covers(t, "V-78")
	wantFields(t, "sale_channel_document", map[string]string{"invoiceChannel": "EMAIL", "counterParty.email": "reskontra@kuvitelma.example"})
	wantFields(t, "sale_channel_row", map[string]string{"invoiceChannel": "ELECTRONIC_INVOICE", "counterParty.einvoiceAddress.operator": "NDEAFIHH",
		"counterParty.einvoiceAddress.address": "FI2112345600000785", "language": "SWEDISH"})
	wantFields(t, "sale_channel_sent", map[string]string{"invoiceChannel": "NO_SENDING", "paymentInfo.bankReferenceCode": "1232"})
}

// What the customer calls its order stands where its order number would.
func TestBuyerReferenceAsOrder(t *testing.T) {
	feature.Covers(t, "V-75")
	wantFields(t, "sale_buyer_reference", map[string]string{"orderReference": "Projekti 77", "orderNumber": "Projekti 77", "buyerReferenceIdentifier": "null"})
	wantFields(t, "sale_everything", map[string]string{"orderReference": "PO-55"})
}

// A credit note names the invoice by the number that the settings say, in the
// customer's language.
func TestCreditedNumber(t *testing.T) {
	g := readCase(t, "testdata/sale_customer_language.txtar", worlds(t))
	for _, c := range []struct {
		setting hub.Master
		known   int64
		want    string
	}{{"", 20017, "Krediterad faktura 10234, daterad 2026-03-02"}, {hub.MasterProcountor, 20017, "Krediterad faktura 20017, daterad 2026-03-02"},
		{hub.MasterProcountor, 0, "Krediterad faktura 10234, daterad 2026-03-02"}} {
		g.in.Connection.Settings.CreditedNumber, g.in.CreditedNumber = c.setting, c.known
		plan, faults := mapping.Make(g.in)
		if plan == nil || plan.Steps[0].Invoice.AdditionalInformation != c.want {
			t.Errorf("%+v: %+v %v", c, plan, faults)
		}
	}
}

func TestSwedishSale(t *testing.T) {
	feature.Covers(t, "S-6")
	wantFields(t, "sale_swedish", map[string]string{"paymentInfo.currency": "SEK", "language": "SWEDISH", "invoiceRows.0.vatPercent": "25"})
}

// Who sells is the company that the key opens: nothing of it is in the request.
func TestSenderIsTheCompany(t *testing.T) {
	feature.Covers(t, "S-12")
	g := readCase(t, "testdata/sale_domestic.txtar", worlds(t))
	plan, faults := mapping.Make(g.in)
	if plan == nil {
		t.Fatalf("%+v", faults)
	}
	body, err := mapping.Body(*plan.Steps[0].Invoice, "")
	if err != nil {
		t.Fatal(err)
	}
	seller := g.in.Document.Seller
	for _, own := range []string{seller.Name, seller.BusinessID} {
		if own == "" || strings.Contains(string(body), own) {
			t.Errorf("%q is in the request, or the case has none", own)
		}
	}
}

func TestInvoiceLanguages(t *testing.T) {
	feature.Covers(t, "S-112")
	for language, want := range map[string]string{"en": "ENGLISH", "fi": "FINNISH", "sv": "SWEDISH", "et": "ESTONIAN", "no": "NORWEGIAN", "da": "DANISH"} {
		in := sale(t)
		in.Document.Language = language
		plan, faults := mapping.Make(in)
		if plan == nil || string(plan.Steps[0].Invoice.Language) != want {
			t.Errorf("%s: %+v", language, faults)
		}
	}
	wantFields(t, "sale_domestic", map[string]string{"language": "FINNISH"})
}

// The operator goes with every e-invoice address; without one nothing is sent.
func TestOperatorGoesAlong(t *testing.T) {
	feature.Covers(t, "V-40")
	wantFields(t, "sale_einvoice", map[string]string{"counterParty.einvoiceAddress.operator": "003721291126", "counterParty.einvoiceAddress.address": "003723456780",
		"invoiceChannel": "ELECTRONIC_INVOICE"})
	g := readCase(t, "testdata/sale_einvoice.txtar", worlds(t))
	g.in.Connection.Settings.Channel = hub.ChannelRule{hub.ByEInvoice}
	g.in.Document.Buyer.EInvoice.Operator = ""
	if plan, faults := mapping.Make(g.in); plan != nil || !slices.Contains(codes(faults), hub.EInvoiceMissing) {
		t.Errorf("an address without operator: %+v", faults)
	}
}

func TestPurchaseDiscount(t *testing.T) {
	feature.Covers(t, "E-66")
	wantFields(t, "purchase_discount", map[string]string{"invoiceRows.0.discountPercent": "10", "invoiceRows.0.quantity": "10", "invoiceRows.0.unitPrice": "4.5"})
}

// The picture of the invoice goes, and every other file as well.
func TestFilesGo(t *testing.T) {
	feature.Covers(t, "E-67", "E-80")
	for file, want := range map[string][]string{
		"purchase_discount": {"lasku-1-aaaaaaaa.pdf", "hinnasto-2-bbbbbbbb.xlsx"},
		"sale_attachments":  {"lasku-1-aaaaaaaa.pdf", "Erittely_ maaliskuu_-2-cccccccc.xlsx", "attachment-3-eeeeeeee.png"},
	} {
		g := readCase(t, "testdata/"+file+".txtar", worlds(t))
		plan, faults := mapping.Make(g.in)
		if plan == nil {
			t.Fatalf("%s: %+v", file, faults)
		}
		var got []string
		for _, s := range plan.Steps {
			if s.Kind == hub.Attach {
				got = append(got, s.Detail.Attachment.Name)
			}
		}
		if !slices.Equal(got, want) || !g.in.Document.Attachments[0].Image {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// An account in the form of IBAN goes; one digit beside it does not.
func TestAccountIsAnIBAN(t *testing.T) {
	feature.Covers(t, "S-55")
	for account, want := range map[string]string{"FI2112345600000785": "", "FI21 1234 5600 0007 85": "", "FI2112345600000786": hub.IBANWrong, "123456-785": hub.IBANWrong} {
		in := sale(t)
		in.Document.Payment.IBAN = account
		plan, faults := mapping.Make(in)
		if strings.Join(codes(faults), " ") != want || (plan == nil) != (want != "") {
			t.Errorf("%q: %+v", account, faults)
		}
	}
}

// The account of sales comes from the settings, with the register's default
// behind it.
func TestSalesAccount(t *testing.T) {
	feature.Covers(t, "E-74")
	w := worlds(t)["fi"]
	in := sale(t)
	in.Registers = &w.registers
	byDefault, ok := w.registers.DefaultAccount("EUR")
	if !ok {
		t.Fatal("the company has no default account")
	}
	other := w.registers.BankAccounts[0].IBAN
	if other == byDefault.IBAN {
		other = w.registers.BankAccounts[1].IBAN
	}
	for setting, want := range map[string]string{"": byDefault.IBAN, other: other} {
		in.Connection.Settings.BankAccount = setting
		plan, faults := mapping.Make(in)
		if plan == nil {
			t.Fatalf("%+v", faults)
		}
		if got := plan.Steps[0].Invoice.PaymentInfo.BankAccount.AccountNumber; got != want {
			t.Errorf("set %q: %s, want %s", setting, got, want)
		}
	}
}

// Each limit holds at its value and not one beyond it.
func TestLimits(t *testing.T) {
	feature.Covers(t, "S-98", "S-99", "S-100", "S-101", "S-106")
	feature.Covers(t, "S-108", "S-109", "S-37", "S-95", "S-107")
	for _, tc := range []struct {
		name  string
		limit int
		put   func(d *hub.Document, s string)
	}{
		{"number", 40, func(d *hub.Document, s string) { d.Number = s }},
		{"name", 80, func(d *hub.Document, s string) { d.Buyer.Name = s }},
		{"second name", 80, func(d *hub.Document, s string) { d.Buyer.NameMore = s }},
		{"street", 80, func(d *hub.Document, s string) { d.Buyer.Address.Street = s }},
		{"zip", 20, func(d *hub.Document, s string) { d.Buyer.Address.Zip = s }},
		{"city", 40, func(d *hub.Document, s string) { d.Buyer.Address.City = s }},
		{"region", 35, func(d *hub.Document, s string) { d.Buyer.Address.Region = s }},
		{"contact", 70, func(d *hub.Document, s string) { d.Buyer.Contact = s }},
		{"order", 70, func(d *hub.Document, s string) { d.References.Order = s }},
		{"buyer's reference", 70, func(d *hub.Document, s string) { d.References.Buyer = s }},
		{"seller's reference", 70, func(d *hub.Document, s string) { d.References.Seller = s }},
		{"text", 10_000, func(d *hub.Document, s string) { d.Text = s }},
		{"comment", 512, func(d *hub.Document, s string) { d.Lines[0].Comment = s }},
		{"description with the rest in the comment", 2 * 512, func(d *hub.Document, s string) { d.Lines[0].Description = s }},
		{"row name with the rest in the comment", 100 + 512, func(d *hub.Document, s string) { d.Lines[0].Name = s }},
	} {
		for _, over := range []int{0, 1} {
			in := sale(t)
			tc.put(in.Document, strings.Repeat("ö", tc.limit+over))
			plan, faults := mapping.Make(in)
			if (plan == nil) != (over == 1) || over == 1 && !slices.Contains(codes(faults), hub.TextTooLong) {
				t.Errorf("%s of %d characters: %+v", tc.name, tc.limit+over, faults)
			}
		}
	}
	for days, want := range map[int]string{0: "", 999: "", 1000: hub.DueDateTooLate, -1: hub.DueDateBeforeDate} {
		in := sale(t)
		in.Document.DueDate = in.Document.Date.AddDays(days)
		if _, faults := mapping.Make(in); strings.Join(codes(faults), " ") != want {
			t.Errorf("due after %d days: %+v", days, faults)
		}
		in.Document.DueDate, in.Document.TermDays = civil.Date{}, &days
		if _, faults := mapping.Make(in); strings.Join(codes(faults), " ") != want {
			t.Errorf("term of %d days: %+v", days, faults)
		}
	}
	for size, want := range map[int64]string{hub.MaxAttachment: "", hub.MaxAttachment + 1: hub.AttachmentTooLarge} {
		in := sale(t)
		in.Document.Attachments = []hub.Attachment{{Name: "a.pdf", Size: size, Hash: "0123456789"}}
		if _, faults := mapping.Make(in); strings.Join(codes(faults), " ") != want {
			t.Errorf("file of %d bytes: %+v", size, faults)
		}
	}
	for percent, held := range map[string]bool{"8.55": false, "8.550": false, "8.555": true, "0": false, "-1": true} {
		in := sale(t)
		p := money.Must(percent)
		in.Document.PenaltyPercent = &p
		if plan, faults := mapping.Make(in); (plan == nil) != held {
			t.Errorf("penalty of %s %%: %+v", percent, faults)
		}
	}
}

// File names: safe, unique, with their extension.
func TestFileNames(t *testing.T) {
	feature.Covers(t, "S-36")
	in := sale(t)
	names := []string{"lasku.pdf", "lasku.pdf", "../../etc/passwd", `C:\Temp\Ö lasku.PDF`, "", "...", "kuva", "ł→☺.png", strings.Repeat("pitkä ", 40) + ".xlsx", "a\x00b.txt", strings.Repeat("x", 300), "." + strings.Repeat("y", 200)}
	for _, n := range names {
		in.Document.Attachments = append(in.Document.Attachments, hub.Attachment{Name: n, MIME: "application/pdf", Size: 1, Hash: "0123456789abcdef"})
	}
	plan, faults := mapping.Make(in)
	if plan == nil {
		t.Fatalf("%+v", faults)
	}
	seen := map[string]bool{}
	for i, s := range plan.Steps[1:] {
		name := s.Detail.Attachment.Name
		if s.Kind != hub.Attach || seen[name] || len([]rune(name)) > 100 || strings.ContainsAny(name, "/\\:*?\"<>|\x00☺→ł") || strings.HasPrefix(name, ".") {
			t.Errorf("%q became %q", names[i], name)
		}
		seen[name] = true
	}
	for i, want := range map[int]string{0: "lasku-1-01234567.pdf", 1: "lasku-2-01234567.pdf", 2: "passwd-3-01234567.pdf", 3: "Ö lasku-4-01234567.PDF", 4: "attachment-5-01234567.pdf"} {
		if got := plan.Steps[1+i].Detail.Attachment.Name; got != want {
			t.Errorf("%q became %q, want %q", names[i], got, want)
		}
	}
}

// A rate of the source may be as far from Procountor's as the settings say, and no
// farther; one that was never read, and the rate of the original on a credit note, are
// not compared.
func TestCurrencyRateIsNear(t *testing.T) {
	for _, x := range []struct {
		rate    string
		percent int
		inverse string
		held    bool
	}{
		{"1.1000", 0, "", false}, {"1.2100", 0, "", false}, {"0.9900", 0, "", false}, {"1.2101", 0, "", true}, {"0.9899", 0, "1.010203", true},
		{"0.9090", 0, "1.10011", true}, {"11.0000", 0, "", true}, {"1.2101", 11, "", false}, {"1.1200", 1, "", true}, {"11", 1000, "", false},
	} {
		in := sale(t)
		in.Document.Currency, in.Document.Rate = "USD", new(money.Must(x.rate))
		in.Connection.Settings.RatePercent = x.percent
		copied := *in.Registers
		in.Registers = &copied
		in.Registers.Rates = []register.Rate{{Currency: "USD", Rate: money.Must("1.1000")}}
		plan, faults := mapping.Make(in)
		held := slices.Contains(codes(faults), hub.CurrencyRateFar)
		if held != x.held || (plan == nil) != x.held {
			t.Errorf("%s within %d %%: %+v", x.rate, x.percent, faults)
		}
		for _, f := range faults {
			if f.Code == hub.CurrencyRateFar && f.Args["inverse"] != x.inverse {
				t.Errorf("%s: the other way round %q, want %q", x.rate, f.Args["inverse"], x.inverse)
			}
		}
		in.Registers.Rates = nil
		if _, faults := mapping.Make(in); slices.Contains(codes(faults), hub.CurrencyRateFar) {
			t.Errorf("%s was compared with nothing", x.rate)
		}
	}
}
