package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/procountor/procountortest"
)

// mapped posts the kinds by the rules.
func mapped(rules ...hub.AccountRule) func(*hub.Settings) {
	return func(s *hub.Settings) {
		for k, ks := range s.Kinds {
			ks.Posting = hub.PostedByMap
			s.Kinds[k] = ks
		}
		s.Accounts, s.Dimensions = rules, map[string]string{"project": "Project"}
	}
}

// posted prints the entries of the ledger receipt of the voucher with a number.
func (w *world) posted(number string) (out []string) {
	w.T.Helper()
	v := w.Vouchers(number)
	if len(v) != 1 {
		w.T.Fatalf("%d vouchers of %s", len(v), number)
	}
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.InvoiceID == nil || *r.InvoiceID != v[0].ID {
			continue
		}
		for _, t := range r.Transactions {
			if t.TransactionType == "ENTRY" {
				out = append(out, entry(t))
			}
		}
	}
	return out
}

func entry(t procountortest.Transaction) string {
	s := fmt.Sprintf("%s %s, VAT status %d", t.Account, t.AccountingValue, *t.VATStatus)
	if t.VATDeductionPercent != nil && t.VATDeductionPercent.String() != "100" {
		s += fmt.Sprintf(", %s %% deductible", t.VATDeductionPercent)
	}
	if n := len(t.DimensionItemValues); n > 0 {
		s += fmt.Sprintf(", %d dimension of %s", n, t.DimensionItemValues[0].Value)
	}
	return s
}

func line(name, price, account string, more object) object {
	l := object{"name": name, "quantity": "1", "unit_price": price, "vat_percent": "25.5"}
	if account != "" {
		l["account"] = account
	}
	for k, v := range more {
		l[k] = v
	}
	return l
}

// A sale always stands as its source has posted it, row by row.
func TestSalePostedAsAtTheSource(t *testing.T) {
	feature.Covers(t, "E-50", "E-82")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: mapped(
		hub.AccountRule{Source: "300", Sales: true, Account: "3010"},
		hub.AccountRule{Source: "300", Percent: "13.5", Sales: true, Account: "3020"},
		hub.AccountRule{Source: "*", Sales: true, Account: "="},
		hub.AccountRule{Sales: true, Account: "3600"})})
	doc := with(sale("9401", "0"), "lines", []any{
		line("Work", "100.00", "300", object{"dimensions": []any{object{"axis": "project", "code": "P100"}}}),
		line("Book", "10.00", "300", object{"vat_percent": "13.5"}),
		line("Goods", "20.00", "3000", nil), line("Freight", "5.00", "", nil)})
	doc["notes"] = "Call before the delivery"
	delete(doc, "totals")
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	want := []string{"3010 -100.00, VAT status 1, 1 dimension of 100", "3020 -10.00, VAT status 1", "3000 -20.00, VAT status 1", "3600 -5.00, VAT status 1"}
	if d := cmp.Diff(want, w.posted("9401")); d != "" {
		t.Error(d)
	}
	if v := w.Vouchers("9401"); !strings.Contains(v[0].Notes, "Call before the delivery") {
		t.Errorf("notes %q", v[0].Notes)
	}
}

// A purchase that the source has posted goes with its rows, and the posting goes
// with it; one that nobody has posted is left to Procountor's own rules.
func TestPurchasePostedAtTheSource(t *testing.T) {
	feature.Covers(t, "E-40")
	rules := mapped(hub.AccountRule{Source: "7680", Purchases: true, Account: "7200", Deduction: "50"},
		hub.AccountRule{Source: "8300", Category: "S", Purchases: true, Account: "8300", VATStatus: 1})
	rows := []any{line("Service of the car", "200.00", "7680", nil), line("Paper", "45.00", "8300", nil)}
	for _, tc := range []struct {
		by   hub.PostedBy
		want []string
	}{
		{hub.PostedByMap, []string{"7200 200.00, VAT status 1, 50 % deductible", "8300 45.00, VAT status 1"}},
		{hub.PostedInProcountor, []string{"8450 200.00, VAT status 1", "8450 45.00, VAT status 1"}},
	} {
		w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			rules(s)
			k := s.Kinds[hub.PurchaseInvoice]
			k.Posting, k.Arrival = tc.by, hub.ArriveApproved
			s.Kinds[hub.PurchaseInvoice] = k
		}})
		doc := with(purchase("P8", "Olematon Tukku Oy", "4567890-7"), "lines", rows)
		delete(doc, "totals")
		w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
		w.Settle()
		if d := cmp.Diff(tc.want, w.posted("P8")); d != "" {
			t.Errorf("%s: %s", tc.by, d)
		}
		if v := w.Vouchers("P8"); v[0].Status != "APPROVED" || len(v[0].InvoiceRows) != 2 {
			t.Errorf("%s: %s with %d rows", tc.by, v[0].Status, len(v[0].InvoiceRows))
		}
	}
}

// Each column of the map decides: the source's account and the rate about the
// account and the VAT status in Procountor.
func TestColumnsOfTheMap(t *testing.T) {
	feature.Covers(t, "E-22", "E-23", "E-24", "E-25")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: mapped(
		hub.AccountRule{Source: "300", Percent: "25.5", Sales: true, Account: "3010", VATStatus: 1},
		hub.AccountRule{Source: "300", Percent: "0", Sales: true, Account: "3300", VATStatus: 903},
		hub.AccountRule{Source: "310", Percent: "0", Sales: true, Account: "3200", VATStatus: 12})})
	doc := with(sale("9402", "0"), "lines", []any{line("Work", "100.00", "300", nil),
		line("Building", "50.00", "300", object{"vat_percent": "0"}), line("No VAT", "20.00", "310", object{"vat_percent": "0"})})
	doc["buyer"].(object)["vat_number"] = "FI23456780"
	delete(doc, "totals")
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	want := []string{"3010 -100.00, VAT status 1", "3300 -50.00, VAT status 903", "3200 -20.00, VAT status 12"}
	if d := cmp.Diff(want, w.posted("9402")); d != "" {
		t.Error(d)
	}
}

// The map posts the rows. The account of the receivable is the one that Procountor has
// given the voucher, whoever the customer is; the page of the map says so.
func TestReceivablesAccountIsProcountors(t *testing.T) {
	feature.Covers(t, "V-37")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: mapped(
		hub.AccountRule{Partner: "1001", Sales: true, Account: "3010"}, hub.AccountRule{Sales: true, Account: enginetest.PostedOn})})
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("9601", "100.00"))
	w.Settle()
	var counter []string
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		for _, e := range r.Transactions {
			if e.TransactionType == "REVERSING_ENTRY" {
				counter = append(counter, e.Account+" "+e.AccountingValue.String())
			}
		}
	}
	if len(counter) != 1 || !strings.HasPrefix(counter[0], "1700 125.5") || w.posted("9601")[0] != "3010 -100.00, VAT status 1" {
		t.Errorf("%q, %q", counter, w.posted("9601"))
	}
	for _, l := range locale.Languages {
		if says := locale.New(l, nil).T("accounts.says"); !strings.Contains(says, "Procountor") || strings.Count(says, ".") < 5 {
			t.Errorf("%s: %s", l, says)
		}
	}
}

// A row goes with its own product code; one without takes the default, a service that of
// work. It names the product of Procountor's register that has the code; the account map
// asks for the source's own code alone.
func TestProductCodes(t *testing.T) {
	feature.Covers(t, "V-38", "S-23")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		mapped(hub.AccountRule{Product: "KONS", Sales: true, Account: "3010"}, hub.AccountRule{Sales: true, Account: "3000"})(s)
		s.LinkProducts, s.DefaultCodes = true, hub.DefaultCodes{Product: "LIS", Work: "KONS"}
	}})
	registers, err := w.Engine.Refresh(t.Context(), w.Company.ID)
	w.Must(err)
	other, found := registers.FindProduct(hub.SalesInvoice, "LIS")
	work, also := registers.FindProduct(hub.SalesInvoice, "KONS")
	if !found || !also {
		t.Fatal("the sandbox has other products")
	}
	doc := with(sale("9602", "0"), "lines", []any{line("Licence", "10.00", "", nil), line("Planning", "20.00", "", object{"supply": "service"}),
		line("Consulting", "30.00", "", object{"code": "KONS"}), line("Own", "40.00", "", object{"code": "X-1"})})
	delete(doc, "totals")
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	v := w.Vouchers("9602")
	if len(v) != 1 {
		t.Fatal(enginetest.Describe(w.Transfer("9602")))
	}
	var got []string
	for _, r := range v[0].InvoiceRows {
		id := int64(0)
		if r.ProductID != nil {
			id = *r.ProductID
		}
		got = append(got, fmt.Sprint(r.ProductCode, " ", id))
	}
	want := []string{fmt.Sprint("LIS ", other.ID), fmt.Sprint("KONS ", work.ID), fmt.Sprint("KONS ", work.ID), "X-1 0"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	accounts := []string{"3000 -10.00, VAT status 1", "3000 -20.00, VAT status 1", "3010 -30.00, VAT status 1", "3000 -40.00, VAT status 1"}
	if d := cmp.Diff(accounts, w.posted("9602")); d != "" {
		t.Error(d)
	}
}

// Where Procountor posts, a row that names a product stands on the account behind it:
// hours of work without a code of their own by the default code of work, others as ever.
func TestProductSteersTheAccount(t *testing.T) {
	feature.Covers(t, "T-16")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.LinkProducts, s.DefaultCodes = true, hub.DefaultCodes{Work: "KONS"} // 3010 stands behind it in Procountor
	}})
	_, err := w.Engine.Refresh(t.Context(), w.Company.ID)
	w.Must(err)
	doc := with(sale("9603", "0"), "lines", []any{line("Planning", "20.00", "", object{"supply": "service"}), line("Freight", "5.00", "", nil)})
	delete(doc, "totals")
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	if d := cmp.Diff([]string{"3010 -20.00, VAT status 1", "3000 -5.00, VAT status 1"}, w.posted("9603")); d != "" {
		t.Error(d)
	}
}
