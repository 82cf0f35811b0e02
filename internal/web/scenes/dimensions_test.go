package scenes

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/procountor"
)

// Which dimension of Procountor's each axis of the source is, is chosen from those that
// the company has; on which kinds of documents an axis stands, whether customers and
// products are made, likewise; and the next invoice has it on its ledger lines.
func TestDimensionsAreChosen(t *testing.T) {
	feature.Covers(t, "S-63", "S-64", "S-65", "S-69")
	feature.Covers(t, "S-81", "S-82", "S-83")
	s := enginetest.NewSevera()
	cfg := enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.Posting = hub.PostedByMap
		s.Kinds[hub.SalesInvoice] = k
		s.Accounts = []hub.AccountRule{{Sales: true, Account: enginetest.PostedOn}}
		s.Partner.Create = false
	}}
	s.Into(&cfg)
	w := enginetest.OnSQLite(t)(cfg)
	w.Severa(s, nil)
	customer := s.NewCustomer(1001, "Kuvitelma Kauppa Oy", "FI23456780") // there already
	number := 1000
	moves := func(customer string) {
		t.Helper()
		number++
		s.NewInvoice(severafake.Invoice{Number: number, Date: "2026-03-10", Due: "2026-03-24", Status: s.Waiting, Customer: customer, Projects: []string{s.Project},
			Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "1", Price: "100", VAT: "25.5", Unit: "h", CostCentre: "200", Project: s.Project, Code: []string{"SUUN"}}}})
		w.Must(w.Engine.PullNow(t.Context(), "test", w.Connection.ID))
		if _, err := w.Engine.Pull(t.Context(), w.Connection.ID); err != nil {
			t.Fatal(err)
		}
		w.Settle()
	}
	// on are the items that stand on the ledger lines of the last invoice.
	on := func() (items []string) {
		t.Helper()
		v := w.Vouchers(strconv.Itoa(number))
		if len(v) != 1 || v[0].LedgerReceiptID == nil {
			t.Fatalf("%d vouchers: %s", len(v), enginetest.Describe(w.Transfer(strconv.Itoa(number))))
		}
		return itemsOn(w, *v[0].LedgerReceiptID)
	}
	p := admin(t, w)
	settings := func(f func()) {
		t.Helper()
		p.Go("/connections/" + w.Connection.ID + "/settings")
		f()
		p.Click(".settings-form .save button")
		p.Sees("main", "Asetukset on tallennettu")
	}
	settings(func() {
		for _, name := range []string{"Project", "Cost centre"} { // all that the company has
			p.Sees("select[name='dimensions.project']", name)
		}
		p.Choose("select[name='dimensions.project']", "Project")
		p.Choose("select[name='dimensions.cost_centre']", "Cost centre")
		p.Choose("select[name='axes.project.make']", "needed")
		p.Click("input[name='make_products']")
		p.Shot("dimensions")
		p.Sound()
	})
	moves(customer)
	if got := strings.Join(on(), ", "); got != "1 Satama, 200 Suunnittelu" {
		t.Errorf("project and cost centre: %s", got)
	}
	products := 0
	for _, x := range w.Sandbox.Products(w.Company.ProcountorID) {
		if x.Code == "SUUN" {
			products++
		}
	}
	if products != 1 {
		t.Errorf("%d products were made", products)
	}
	settings(func() {
		p.Choose("select[name='kinds.sales_invoice.axis.cost_centre']", "notes")
	})
	moves(customer)
	if got := strings.Join(on(), ", "); got != "1 Satama" {
		t.Errorf("project only: %s", got)
	}
	settings(func() {
		p.Choose("select[name='kinds.sales_invoice.axis.project']", "notes")
		p.Choose("select[name='dimensions.unit']", "Cost centre")
	})
	moves(customer)
	if got := strings.Join(on(), ", "); !strings.HasPrefix(got, "Y123 ") || strings.Contains(got, "Satama") {
		t.Errorf("unit only: %s", got)
	}
	// Customers are made when that is switched on.
	other := s.NewCustomer(1099, "Uusi Asiakas Oy", "FI76543212")
	moves(other)
	if tr := w.Transfer(strconv.Itoa(number)); !tr.State.NeedsPerson() {
		t.Errorf("without making customers: %s", enginetest.Describe(tr))
	}
	settings(func() { p.Click("input[name='partner.create']") })
	w.Settle()
	if tr := w.Transfer(strconv.Itoa(number)); tr.PartnerID == 0 {
		t.Errorf("with making customers: %s", enginetest.Describe(tr))
	}
}

// itemsOn are the texts of the items on the lines of a ledger receipt, each once.
func itemsOn(w *enginetest.World, receipt int64) (items []string) {
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	dims, err := client.Dimensions.List(w.T.Context(), procountor.DimensionFilter{})
	w.Must(err)
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.ID != receipt {
			continue
		}
		for _, e := range r.Transactions {
			for _, v := range e.DimensionItemValues {
				for _, d := range dims {
					for _, i := range d.Items {
						if d.ID == v.DimensionID && i.ID == v.ItemID && !slices.Contains(items, i.CodeName) {
							items = append(items, i.CodeName)
						}
					}
				}
			}
		}
	}
	slices.Sort(items)
	return items
}
