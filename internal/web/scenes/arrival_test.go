package scenes

import (
	"fmt"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// In which status sales invoices are left is chosen; the page advises to begin with
// unfinished, and what is chosen holds for the next invoice.
func TestStatusOnArrival(t *testing.T) {
	feature.Covers(t, "V-8", "V-9", "S-80", "T-20")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
	}})
	p := admin(t, w)
	for _, c := range []struct {
		status  string
		arrival hub.Arrival
	}{{"NOT_SENT", hub.ArriveApproved}, {"SENT", hub.ArriveSent}, {"UNFINISHED", hub.ArriveUnfinished}} {
		p.Go("/connections/" + w.Connection.ID + "/settings")
		p.Sees("#kind-sales_invoice", "Aloita tilasta kesken")
		p.Sees("#documents", "laskutuksen aloitusnumero")
		p.Choose("select[name='kinds.sales_invoice.arrival']", string(c.arrival))
		p.Click(".settings-form .save button")
		p.Sees("main", "tallennettu versiona")
		w.Receive(enginetest.Sale(c.status, "100.00"))
		w.Settle()
		if v := w.Vouchers(c.status); len(v) != 1 || v[0].Status != c.status {
			t.Errorf("%s: %+v", c.arrival, v)
		}
	}
}

// Languages are set for the connection and for single customers, and a credit
// note speaks the customer's, with the number that the settings say.
func TestLanguages(t *testing.T) {
	feature.Covers(t, "V-7", "V-70")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID + "/settings")
	p.Choose(".settings-form select[name=language]", "en")
	p.Choose("select[name=credited_number]", "procountor")
	p.Click(".settings-form .save button")
	p.Sees("main", "Asetukset on tallennettu")
	arrives := func(d *hub.Document, language, text string) {
		t.Helper()
		d.Language = ""
		w.Receive(d)
		w.Settle()
		if v := w.Vouchers(d.Number); len(v) != 1 || v[0].Language != language || v[0].AdditionalInformation != text {
			t.Errorf("%s: %+v", d.Number, v)
		}
	}
	arrives(enginetest.Sale("1", "100.00"), "ENGLISH", "")
	p.Go("/connections/" + w.Connection.ID + "/channels/customer?customer=1001")
	p.Choose(".settings-form select[name=language]", "sv")
	p.Click(".settings-form .save button")
	p.Sees("main", "Lähetystavat on tallennettu")
	arrives(enginetest.Sale("2", "100.00"), "SWEDISH", "")
	arrives(enginetest.Credit("3", "100.00", "2"), "SWEDISH", fmt.Sprintf("Krediterad faktura %d, daterad 2026-03-10", w.Transfer("2").InvoiceNumber))
}

// Sales invoices arrive posted: on the general sales account, on that of the
// product or work type, or on the customer's.
func TestSalesAccounts(t *testing.T) {
	feature.Covers(t, "V-1", "V-4", "V-34", "V-35", "V-36")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap([]hub.AccountRule{{Sales: true, Account: "3000"}}, hub.SalesInvoice)})
	p := admin(t, w)
	rule := func(field, value, account string) {
		t.Helper()
		p.Go("/connections/" + w.Connection.ID + "/accounts/rule?side=sales")
		p.Fill("input[name="+field+"]", value)
		p.Fill("input[name=account]", account)
		p.Click(".settings-form .save button")
		p.Sees("main", "Tilikartoitus on tallennettu")
	}
	sale := func(number, code string) *hub.Document {
		d := on(enginetest.Sale(number, "100.00"), "", "S", "25.5")
		d.Lines[0].Code, d.Lines[0].Net = code, new(money.Must("100.00"))
		return d
	}
	arrive(t, w, sale("1", "KONS"), "3000 -100.00, status 1")
	rule("partner", "1001", "3020")
	arrive(t, w, sale("2", "KONS"), "3020 -100.00, status 1")
	rule("product", "KONS", "3010")
	arrive(t, w, sale("3", "KONS"), "3010 -100.00, status 1")
	arrive(t, w, sale("4", "MUU"), "3020 -100.00, status 1")
}

// The codes of rows without one are chosen from the register of products, one for
// services and one for all others; the next invoice carries them.
func TestDefaultCodesAreChosen(t *testing.T) {
	feature.Covers(t, "S-51", "S-66", "S-67")
	for _, look := range []Look{Desk, Phone} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
			p := adminAt(t, w, look)
			p.Go("/connections/" + w.Connection.ID + "/settings")
			p.Sees("select[name='default_codes.product']", "LIS · Lisenssi")
			p.Choose("select[name='default_codes.product']", "LIS")
			p.Choose("select[name='default_codes.work']", "KONS")
			p.Shot("codes")
			p.Sound()
			p.Click(".settings-form .save button")
			p.Sees("table.settings", "Tuotekoodi palveluriville, jolla sitä ei ole KONS")
			d := enginetest.Rows(enginetest.Sale("1001", "100.00"), "100.00", "50.00", "10.00")
			d.Lines[1].Supply, d.Lines[2].Code = "service", "OMA"
			w.Receive(d)
			w.Settle()
			v := w.Vouchers("1001")
			if len(v) != 1 || len(v[0].InvoiceRows) != 3 {
				t.Fatal(enginetest.Describe(w.Transfer("1001")))
			}
			for i, want := range []string{"LIS", "KONS", "OMA"} {
				if got := v[0].InvoiceRows[i].ProductCode; got != want {
					t.Errorf("row %d has code %q, want %q", i+1, got, want)
				}
			}
		})
	}
}
