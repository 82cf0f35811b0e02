package scenes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// byMap posts the kinds by rules.
func byMap(rules []hub.AccountRule, kinds ...hub.Kind) func(*hub.Settings) {
	return func(s *hub.Settings) {
		s.Accounts = rules
		for _, k := range kinds {
			ks := s.Kinds[k]
			ks.Posting = hub.PostedByMap
			s.Kinds[k] = ks
		}
	}
}

// on gives every row of d an account of the source, and a VAT rate.
func on(d *hub.Document, account, category, percent string) *hub.Document {
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Account, l.VATCategory, l.VATPercent = account, category, money.Must(percent)
		vat := l.Net.Percent(l.VATPercent)
		gross := l.Net.Add(vat)
		l.VAT, l.Gross, d.Totals = &vat, &gross, hub.Totals{Net: l.Net, VAT: &vat, Gross: &gross}
	}
	return d
}

// books are the entries of the ledger receipt of a document's voucher in the
// sandbox.
func books(t *testing.T, w *enginetest.World, number string) (list []string) {
	t.Helper()
	v := w.Vouchers(number)
	if len(v) != 1 {
		t.Fatalf("%d vouchers of %s: %s", len(v), number, enginetest.Describe(w.Transfer(number)))
	}
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.InvoiceID == nil || *r.InvoiceID != v[0].ID {
			continue
		}
		for _, e := range r.Transactions {
			if e.TransactionType == "ENTRY" {
				list = append(list, fmt.Sprintf("%s %s, status %d", e.Account, e.AccountingValue, *e.VATStatus))
			}
		}
	}
	return list
}

// arrive hands a document over and wants it in the books as said.
func arrive(t *testing.T, w *enginetest.World, d *hub.Document, want ...string) {
	t.Helper()
	w.Receive(d)
	w.Settle()
	if d := cmp.Diff(want, books(t, w, d.Number)); d != "" {
		t.Error(d)
	}
}

// Who posts purchase invoices is chosen in the settings: the accounting office
// in Procountor, or the company by its map.
func TestWhoPostsPurchases(t *testing.T) {
	feature.Covers(t, "E-19", "E-30")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap([]hub.AccountRule{{Source: "7680", Purchases: true, Account: "7200"}})})
	p := admin(t, w)
	arrive(t, w, on(enginetest.Purchase("P1", "100.00"), "7680", "S", "25.5"), "8450 100.00, status 1")
	choose := func(value, says string) {
		t.Helper()
		p.Go("/connections/" + w.Connection.ID + "/settings")
		p.Sees("#kind-purchase_invoice", "Kuka tiliöi")
		p.Choose("select[name='kinds.purchase_invoice.posting']", value)
		p.Shot(value)
		p.Click(".settings-form .save button")
		p.Sees("p.note.good", "Asetukset on tallennettu")
		p.Sees("table.settings", says)
	}
	choose("map", "Kuka tiliöi: tämän yhteyden tilikartoitus")
	arrive(t, w, on(enginetest.Purchase("P2", "100.00"), "7680", "S", "25.5"), "7200 100.00, status 1")
	choose("procountor", "Ostolaskut")
	arrive(t, w, on(enginetest.Purchase("P3", "100.00"), "7680", "S", "25.5"), "8450 100.00, status 1")
}

// A sale that names its account and its cost centre goes there, before any rule; its page
// says so.
func TestAccountOfTheInvoice(t *testing.T) {
	feature.Covers(t, "T-24")
	posted := byMap([]hub.AccountRule{{Sales: true, Account: "3000"}}, hub.SalesInvoice)
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		posted(s)
		s.Dimensions = map[string]string{hub.AxisCostCentre: "Cost centre"}
	}})
	d := on(enginetest.Sale("1001", "100.00"), "300", "S", "25.5")
	d.Account = "3010"
	d.Lines[0].Dimensions = []hub.Dimension{{Axis: hub.AxisCostCentre, Code: "20"}}
	arrive(t, w, d, "3010 -100.00, status 1")
	p := admin(t, w)
	p.Go("/documents/" + w.Transfer("1001").ID)
	p.Sees("main", "Finvoice Konsultointi 1 h 100,00 25,5 % S 100,00 3010 · Kustannuspaikka 20")
	p.Sees("main", "3010 Sales of services · Cost centre: 20 Tuotanto · laskun mukaan")
	p.Shot("account")
	p.Sound()
}

// The source's chart is joined to Procountor's: proposals are ticked, the map is
// ready, and what waited arrives on its account.
func TestChartsAreJoined(t *testing.T) {
	feature.Covers(t, "E-21", "E-29")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap(nil, hub.SalesInvoice)})
	w.Receive(on(enginetest.Sale("1001", "100.00"), "300", "S", "25.5"))
	w.Settle()
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID)
	p.Click("a[href$='/accounts']")
	p.Sees(".standing .badge", "Ei vielä valmis")
	p.Sound()
	p.Upload("#chart", "source;name;sales\n300;Sales of services;x\n39;Old sales account;x\n3100;Myynti EU;x\n")
	p.Click("form[action$='/proposals'] button")
	p.Sees("table.proposals", "300 Sales of services 3010 Sales of services todennäköinen sama nimi")
	p.Sees("table.proposals", "3100 Myynti EU 3100 Sales, EU goods ehkä sama numero, eri nimi")
	p.Sees("main ul", "39 Old sales account") // closed in Procountor: nothing is proposed
	p.Shot("proposals")
	p.Sound()
	p.Click("table.proposals input[aria-label='Ota 300 Sales of services']")
	p.Click("form[action$='/take'] button[type=submit]")
	p.Sees(".standing .badge", "Valmis")
	p.Sees("table.rules", "Sales of services: tili 300 3010 Sales of services alv-luokan mukaan")
	if s := p.Text("table.rules"); strings.Contains(s, "3100") {
		t.Errorf("what was not ticked was taken over: %s", s)
	}
	p.Shot("ready")
	p.Sound()
	w.Settle() // it goes on by itself
	if d := cmp.Diff([]string{"3010 -100.00, status 1"}, books(t, w, "1001")); d != "" {
		t.Error(d)
	}
}

// The common VAT statuses are chosen on the form of a rule, by the descriptions
// of the company's own register, and stand in the books.
func TestCommonVATStatuses(t *testing.T) {
	feature.Covers(t, "E-26")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap(nil, hub.SalesInvoice)})
	p := admin(t, w)
	for _, c := range []struct{ source, account, status, says, category, percent string }{
		{"300", "3010", "1", "1 – Domestic", "S", "25.5"},
		{"310", "3600", "12", "12 – No VAT handling", "O", "0"},
		{"320", "3300", "903", "903 – Construction reverse VAT", "AE", "0"},
	} {
		p.Go("/connections/" + w.Connection.ID + "/accounts/rule")
		p.Fill("#set-source", c.source)
		p.Fill("#set-account", c.account)
		p.Click("#set-purchases") // off: not for purchases
		p.Choose("#set-vat_status", c.status)
		p.Click(".settings-form .save button")
		p.Sees("table.rules", c.says)
		sale := on(enginetest.Sale("9"+c.source, "100.00"), c.source, c.category, c.percent)
		sale.Buyer.VATNumber = "FI23456780"
		arrive(t, w, sale, c.account+" -100.00, status "+c.status)
	}
	p.Shot("statuses")
}

// A rule holds for sales and for purchases as it is ticked; on an account that is
// not ticked nothing of that side is posted.
func TestTicksOfTheMap(t *testing.T) {
	feature.Covers(t, "E-27", "E-28")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap([]hub.AccountRule{{Source: "500", Sales: true, Purchases: true, Account: "8700"},
		{Source: "501", Sales: true, Purchases: true, Account: "3600"}}, hub.SalesInvoice, hub.PurchaseInvoice)})
	p := admin(t, w)
	toggle := func(side string) {
		t.Helper()
		p.Go("/connections/" + w.Connection.ID + "/accounts?q=500")
		p.Click("table.rules tbody a")
		p.Sees("h1", "Muuta sääntöä")
		p.Click("#set-" + side)
		p.Click(".settings-form .save button")
		p.Sees("p.note.good", "Tilikartoitus on tallennettu")
		p.Sees("table.rules", "tili 500 8700 Other expenses")
		p.Shot(side)
	}
	held := func(d *hub.Document) {
		t.Helper()
		w.Receive(d)
		w.Settle()
		if got := w.Transfer(d.Number); got.State != hub.Held || got.Faults[0].Code != hub.AccountUnmapped || len(w.Vouchers(d.Number)) != 0 {
			t.Error(enginetest.Describe(got))
		}
	}
	arrive(t, w, on(enginetest.Sale("1001", "100.00"), "500", "S", "25.5"), "8700 -100.00, status 1")
	arrive(t, w, on(enginetest.Purchase("P1", "100.00"), "500", "S", "25.5"), "8700 100.00, status 1")
	toggle("sales")
	held(on(enginetest.Sale("1002", "100.00"), "500", "S", "25.5"))
	arrive(t, w, on(enginetest.Purchase("P2", "100.00"), "500", "S", "25.5"), "8700 100.00, status 1")
	toggle("sales")
	toggle("purchases")
	held(on(enginetest.Purchase("P3", "100.00"), "500", "S", "25.5"))
	arrive(t, w, on(enginetest.Sale("1003", "100.00"), "500", "S", "25.5"), "8700 -100.00, status 1")
}

// What a version of the settings changed is seen, and it is gone back to.
func TestSceneBackToAnEarlierVersion(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Settings: byMap([]hub.AccountRule{{Source: "300", Sales: true, Account: "3010"}}, hub.SalesInvoice)})
	s := w.Connection.Settings
	s.Accounts = []hub.AccountRule{{Source: "300", Sales: true, Account: "3020"}}
	w.SetSettings(s)
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID)
	p.Click("a[href$='/settings/history']")
	p.Sees("table.versions", "Tilikartoitus, tili 300, myynti: 3010 → 3020")
	p.Shot("history")
	p.Sound()
	p.Click("a[href$='version=2']")
	p.Sees("h1", "Palaa versioon 2")
	p.Sees("table.changes", "3020 → 3010")
	p.Shot("back")
	p.Sound()
	p.Click("#sure")
	p.Click("form.back button")
	p.Sees("p.note.good", "version 2 mukaiset; ne tallennettiin versiona 4")
	p.Sees("table.versions", "Matti Ylläpito")
}
