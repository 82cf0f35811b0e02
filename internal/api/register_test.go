package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

func find(list any, key, value string) object {
	for _, x := range list.([]any) {
		if o := x.(object); o[key] == value {
			return o
		}
	}
	return nil
}

// A vendor fetches accounts, cost centres and products, has them read again when
// something was added in Procountor, and learns what has changed since.
func TestRegistersForVendors(t *testing.T) {
	feature.Covers(t, "T-13", "T-14", "T-15")
	w := newWorld(t, sqlite(t), enginetest.Config{})
	accounts := w.want(http.StatusOK, "GET", "/v1/registers/accounts", nil)
	if a := find(accounts.Body["accounts"], "number", "3000"); a == nil || a["open"] != true {
		t.Errorf("%s", accounts.Raw)
	}
	dimensions := w.want(http.StatusOK, "GET", "/v1/registers/dimensions", nil)
	if d := find(dimensions.Body["dimensions"], "name", "Cost centre"); d == nil || len(d["items"].([]any)) == 0 {
		t.Errorf("%s", dimensions.Raw)
	}
	products := w.want(http.StatusOK, "GET", "/v1/registers/products", nil)
	if p := find(products.Body["products"], "code", "KONS"); p == nil || p["side"] != "sales" {
		t.Errorf("%s", products.Raw)
	}
	vat := w.want(http.StatusOK, "GET", "/v1/registers/vat", nil)
	if v := find(vat.Body["rates"], "percent", "25.5"); v == nil || v["sales"] != true {
		t.Errorf("%s", vat.Raw)
	}
	for _, name := range []string{"bank-accounts", "persons"} {
		w.want(http.StatusOK, "GET", "/v1/registers/"+name, nil)
	}
	version := products.Body["version"]
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	price, err := procountor.ParseDecimal("100")
	w.Must(err)
	_, err = client.Products.Create(t.Context(), &procountor.Product{Name: "Koulutus", Code: "KOUL", Type: procountor.ProductSales, Active: true,
		Unit: procountor.UnitHour, Price: price, Currency: "EUR"})
	w.Must(err)
	if a := w.want(http.StatusOK, "POST", "/v1/registers/read", nil); a.Body["version"] != version {
		t.Errorf("read again within a minute: %s", a.Raw)
	}
	w.Clock.Add(2 * time.Minute)
	w.want(http.StatusOK, "POST", "/v1/registers/read", nil)
	news := w.want(http.StatusOK, "GET", fmt.Sprintf("/v1/registers/changes?since=%v", version), nil)
	if c := find(news.Body["changes"], "register", "product"); c == nil || c["how"] != "added" || news.Body["whole"] != true {
		t.Errorf("%s", news.Raw)
	}
	products = w.want(http.StatusOK, "GET", "/v1/registers/products", nil)
	if find(products.Body["products"], "code", "KOUL") == nil {
		t.Errorf("%s", products.Raw)
	}
}

// The account and the cost centre that an invoice names hold for all its rows, and go
// before the map; a row that names its own cost centre keeps it.
func TestAccountAndDimensionOfTheInvoice(t *testing.T) {
	feature.Covers(t, "T-5", "T-13", "T-14")
	for name, settings := range map[string]func(*hub.Settings){
		"Procountor posts": func(*hub.Settings) {},
		"the map posts":    mapped(hub.AccountRule{Sales: true, Account: "3000"}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				settings(s)
				s.Dimensions = map[string]string{"cost centre": "Cost centre"}
			}})
			items := find(w.want(http.StatusOK, "GET", "/v1/registers/dimensions", nil).Body["dimensions"], "name", "Cost centre")["items"].([]any)
			code := func(i int) string { return items[i].(object)["text"].(string) }
			doc := with(with(sale("9701", "0"), "account", "3010"), "dimensions", []any{object{"axis": "cost centre", "code": code(0)}})
			doc["lines"] = []any{line("Planning", "20.00", "", nil),
				line("Freight", "5.00", "", object{"dimensions": []any{object{"axis": "cost centre", "code": code(1)}}})}
			delete(doc, "totals")
			w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
			w.Settle()
			if tr := w.Transfer("9701"); tr.State != hub.Done {
				t.Fatal(enginetest.Describe(tr))
			}
			if d := cmp.Diff([]string{"3010 -20.00, VAT status 1, 1 dimension of 20", "3010 -5.00, VAT status 1, 1 dimension of 5"}, w.posted("9701")); d != "" {
				t.Error(d)
			}
			var got []any
			for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
				for _, e := range r.Transactions {
					if e.TransactionType == "ENTRY" {
						for _, v := range e.DimensionItemValues {
							got = append(got, v.ItemID)
						}
					}
				}
			}
			if len(got) != 2 || got[0] == got[1] {
				t.Errorf("items %v", got)
			}
			closed := with(sale("9702", "10.00"), "account", "9999")
			w.want(http.StatusAccepted, "POST", "/v1/documents", closed)
			w.Settle()
			if tr := w.Transfer("9702"); tr.State != hub.Held || tr.Faults[0].Code != hub.AccountClosed {
				t.Error(enginetest.Describe(tr))
			}
		})
	}
}

// A heading goes above the next row, or is a row of its own with nothing as its sum;
// explanations go where the settings say.
func TestHeadingsAndExplanations(t *testing.T) {
	feature.Covers(t, "T-28", "T-29")
	type row struct{ Product, Header, Explanation, Comment string }
	for name, c := range map[string]struct {
		headings     hub.HeadingPlace
		explanations hub.ExplanationPlace
		want         []row
	}{
		"as fields":   {"", "", []row{{"Konsultointi", "Vaihe 1", "Ensimmäinen\nToinen", ""}}},
		"as a row":    {hub.HeadingRow, hub.InComment, []row{{"Vaihe 1", "", "", ""}, {"Konsultointi", "", "", "Ensimmäinen\nToinen"}}},
		"first alone": {hub.HeadingAbove, hub.FirstLine, []row{{"Konsultointi", "Vaihe 1", "", "Ensimmäinen"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Headings, s.Explanations = c.headings, c.explanations }})
			doc := sale("9801", "10.00")
			first := doc["lines"].([]any)[0].(object)
			first["name"] = "Konsultointi"
			doc["lines"] = []any{object{"name": "Vaihe 1"}, first, object{"description": "Ensimmäinen"}, object{"description": "Toinen"}}
			w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
			w.Settle()
			v := w.Vouchers("9801")
			if len(v) != 1 {
				t.Fatal(enginetest.Describe(w.Transfer("9801")))
			}
			var got []row
			for _, r := range v[0].InvoiceRows {
				got = append(got, row{r.Product, r.HeaderText, r.ExplanationText, r.Comment})
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
