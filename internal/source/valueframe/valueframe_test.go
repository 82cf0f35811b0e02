package valueframe

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/sourcetest"
	"github.com/vienti/vienti/internal/source/valueframe/valueframefake"
)

const token = "siirtoavain-4711"

const nestedMap = `number = invoiceNumber
id = id
date = invoiceDate
currency = currency
text = heading
gross = total
buyer.name = customer.name
buyer.number = customer.altNumber | customer.id
order = yourReference
line.name = name
line.code = productCode
line.quantity = amount
line.price = price
line.vat = vat
line.account = salesAccount`

const flatMap = `number = INVOICE_NUMBER
date = INVOICE_DATE
currency = "EUR"
text = INVOICE_NAME
gross = INVOICE_TOTAL
buyer.name = ACCOUNT_NAME
line.name = ROW_NAME
line.quantity = ROW_AMOUNT
line.price = ROW_PRICE
line.vat = ROW_VAT`

// harness is a fake with invoices as a customer's own resource shows them: nested, or
// one record a row.
type harness struct {
	fake *valueframefake.Server
	url  string
	flat bool
	// purchases is the resource in which they are listed, "" for none.
	purchases string
	now       time.Time
	order     []string
	docs      map[string][]map[string]any
}

func newHarness(t *testing.T, flat bool) *harness {
	h := &harness{flat: flat, docs: map[string][]map[string]any{}}
	h.now = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	h.fake = valueframefake.New("agency", token, func() time.Time { return h.now })
	h.fake.Put("laskut", []map[string]any{})
	srv := httptest.NewServer(h.fake)
	t.Cleanup(srv.Close)
	h.url = srv.URL + "/rest/v2"
	return h
}

func (h *harness) Kind() source.Kind                  { return Kind() }
func (h *harness) Deny(*testing.T)                    { h.fake.Deny() }
func (h *harness) Writes(*testing.T) int              { return h.fake.Writes() }
func (h *harness) Secrets() []string                  { return []string{token} }
func (h *harness) Exceptions() []sourcetest.Exception { return nil }

func (h *harness) Seed(_ *testing.T, docs []sourcetest.Seed) {
	for _, s := range docs {
		net, vat := s.Totals()
		total := net.Add(vat).String()
		var rows []map[string]any
		if h.flat {
			for _, r := range s.Rows {
				rows = append(rows, map[string]any{"INVOICE_NUMBER": s.Number, "INVOICE_DATE": s.Date.String(), "INVOICE_NAME": s.Text, "INVOICE_TOTAL": total, "ACCOUNT_NAME": s.Buyer,
					"ROW_NAME": r.Name, "ROW_AMOUNT": r.Quantity.String(), "ROW_PRICE": strings.Replace(r.Price.String(), ".", ",", 1), "ROW_VAT": r.VATPercent.String()})
			}
		} else {
			var lines []any
			for _, r := range s.Rows {
				lines = append(lines, map[string]any{"name": r.Name, "amount": r.Quantity, "price": r.Price, "vat": r.VATPercent, "productCode": "SUUN", "salesAccount": "3000"})
			}
			rows = []map[string]any{{"id": "id-" + s.Number, "invoiceNumber": s.Number, "invoiceDate": s.Date.String() + "T00:00:00+02:00", "currency": "EUR", "heading": s.Text, "total": total,
				"customer": map[string]any{"name": s.Buyer, "id": 17, "altNumber": ""}, "yourReference": "PO-7", "rows": lines, "manager": "Aino"}}
		}
		if h.docs[s.Number] == nil {
			h.order = append(h.order, s.Number)
		}
		h.docs[s.Number] = rows
	}
	all := []map[string]any{}
	for _, n := range h.order {
		all = append(all, h.docs[n]...)
	}
	h.fake.Put("laskut", all)
}

func (h *harness) config() source.Config {
	c := source.Config{Values: map[string]string{"address": h.url, "user": "agency", "resource": "laskut", "fields": nestedMap, "rows": "rows"},
		Secrets: map[string]secret.Secret{"token": secret.New(token)}}
	if h.purchases != "" {
		c.Values["purchases"] = h.purchases
	}
	if h.flat {
		c.Values["fields"] = flatMap
		delete(c.Values, "rows")
	}
	return c
}

func (h *harness) Open(t *testing.T, env source.Env) source.Driver {
	t.Helper()
	env.HTTP, env.Own = http.DefaultClient, "2345678-0"
	d, err := Kind().Open(env, h.config())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSuite(t *testing.T) {
	for name, flat := range map[string]bool{"nested rows": false, "one record a row": true} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness { return newHarness(t, flat) })
		})
	}
}

func (h *harness) open(t *testing.T) *Driver {
	t.Helper()
	return h.Open(t, source.Env{Now: func() time.Time { return h.now }}).(*Driver)
}

func seeds(n int) (list []sourcetest.Seed) {
	for i := range n {
		list = append(list, sourcetest.Seed{Number: fmt.Sprint(1001 + i), Buyer: "Rantala", Text: "Helmikuu", Rows: []sourcetest.Row{{Name: "Työ"}}})
		s := &list[i]
		s.Date.Year, s.Date.Month, s.Date.Day = 2026, 3, 1
	}
	return list
}

// The alternative customer number goes before the customer's id, and what the map
// says arrives: the account that the invoice was posted to, and the order reference.
func TestMappedFields(t *testing.T) {
	feature.Covers(t, "V-11", "V-12")
	h := newHarness(t, false)
	h.Seed(t, seeds(2))
	h.docs["1002"][0]["customer"].(map[string]any)["altNumber"] = "A-9"
	h.Seed(t, nil)
	p, err := h.open(t).Pull(t.Context(), "", 10)
	if err != nil || len(p.Documents) != 2 {
		t.Fatal(p, err)
	}
	for i, number := range []string{"17", "A-9"} {
		d := p.Documents[i].Document
		if d.Buyer.Number != number || d.References.Order != "PO-7" || d.Lines[0].Account != "3000" || d.Lines[0].Code != "SUUN" || d.Seller.BusinessID != "2345678-0" || d.Text != "Helmikuu" {
			t.Errorf("%+v", d)
		}
	}
}

// A trial says of each field what was understood, and of theirs which are not used.
func TestExplain(t *testing.T) {
	h := newHarness(t, false)
	h.Seed(t, seeds(3))
	h.docs["1001"][0]["total"] = "paljon"
	h.Seed(t, nil)
	list, err := h.open(t).Explain(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, u := range list {
		if u.Document == 1 {
			got[fmt.Sprintf("%d %s %s", u.Row, u.Field, u.Theirs)] = u.Value + "→" + u.Read + u.Fault
		}
		if u.Document > 2 {
			t.Errorf("document %d", u.Document)
		}
	}
	for key, want := range map[string]string{"0 number invoiceNumber": "1001→1001", "0 date invoiceDate": "2026-03-01T00:00:00+02:00→2026-03-01", "0 gross total": "paljon→1250.50?",
		"1 line.name name": "Työ→Työ", "0 buyer.number customer.id": "17→17", "0  manager": "Aino→"} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
}

// Without a resource no invoice is read, and a map that cannot be right is refused.
func TestSetUp(t *testing.T) {
	h := newHarness(t, false)
	open := func(change func(map[string]string)) error {
		c := h.config()
		change(c.Values)
		d, err := Kind().Open(source.Env{HTTP: http.DefaultClient, Now: func() time.Time { return h.now }}, c)
		if err == nil {
			_, err = d.Pull(t.Context(), "", 1)
		}
		return err
	}
	for name, c := range map[string]struct {
		change func(map[string]string)
		want   string
	}{
		"no resource":    {func(v map[string]string) { delete(v, "resource") }, "no resource of invoices"},
		"no map":         {func(v map[string]string) { v["fields"] = "" }, "there is no line for number"},
		"unknown field":  {func(v map[string]string) { v["fields"] += "\nbuyer.shoe = SIZE" }, `line 16: "buyer.shoe"`},
		"twice":          {func(v map[string]string) { v["fields"] += "\nnumber = X" }, "number stands there twice"},
		"plain http":     {func(v map[string]string) { v["address"] = "http://rest.example/rest/v2" }, "https"},
		"other resource": {func(v map[string]string) { v["resource"] = "muut" }, "access denied"},
	} {
		if err := open(c.change); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Answers that are none have their class, the cursor does not move, and no secret is told.
func TestBadAnswers(t *testing.T) {
	h := newHarness(t, false)
	h.Seed(t, seeds(1))
	for name, c := range map[string]struct {
		status int
		after  string
		body   string
		class  error
	}{
		"busy":       {429, "90", "", source.ErrBusy},
		"down":       {503, "", "", source.ErrBusy},
		"HTML":       {200, "", "<html>", nil},
		"cut off":    {200, "", `[{"id":1`, nil},
		"no list":    {200, "", `{"id":1}`, nil},
		"broken":     {500, "", "<html>", nil},
		"moved away": {302, "", "", nil},
		"says it":    {401, "", "wrong key " + token, source.ErrDenied},
	} {
		h.fake.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
			return true
		})
		_, err := h.open(t).Pull(t.Context(), "", 10)
		if err == nil || c.class != nil && !errors.Is(err, c.class) || c.class == nil && (errors.Is(err, source.ErrBusy) || errors.Is(err, source.ErrDenied)) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
		if b, ok := errors.AsType[*source.BusyError](err); c.after != "" && (!ok || !b.Until.Equal(h.now.Add(90*time.Second))) {
			t.Errorf("%s: %+v", name, b)
		}
	}
	h.fake.Answer(nil)
	late := source.Env{HTTP: http.DefaultClient, Now: func() time.Time { return h.now.Add(time.Hour) }}
	d, err := Kind().Open(late, h.config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Pull(t.Context(), "", 1); !errors.Is(err, source.ErrDenied) || !strings.Contains(err.Error(), "out of date") {
		t.Errorf("a clock that is wrong: %v", err)
	}
}

// More records than a page are all read; a row that is missing is noticed by the
// sum.
func TestPages(t *testing.T) {
	h := newHarness(t, true)
	list := seeds(250)
	h.Seed(t, list)
	d := h.open(t)
	var cursor source.Cursor
	n := 0
	for {
		p, err := source.New("valueframe", d).Pull(t.Context(), cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		n += len(p.Documents)
		if cursor = p.Next; !p.More {
			break
		}
	}
	if n != 250 {
		t.Errorf("%d invoices", n)
	}
	h.docs["1001"][0]["INVOICE_TOTAL"] = "99"
	h.Seed(t, nil)
	p, err := h.open(t).Pull(t.Context(), cursor, 10)
	if err != nil || len(p.Documents) != 1 || !hub.Stops(p.Documents[0].Faults) || p.Documents[0].Faults[0].Code != hub.SumsDisagree {
		t.Errorf("%+v, %v", p.Documents, err)
	}
}

// The registers are listed to their end, each entry once.
func TestParties(t *testing.T) {
	h := newHarness(t, false)
	var list []map[string]any
	for i := range 230 {
		list = append(list, map[string]any{"id": i, "name": fmt.Sprintf("Asiakas %d", i), "vatCode": "FI12345671"})
	}
	h.fake.Put("Account", list)
	h.fake.Put("Company", []map[string]any{{"id": 1, "name": "Toimisto Oy", "vatCode": "1234567-1", "postalCity": "Turku"}})
	n := 0
	d := h.open(t)
	for p, err := range d.Customers(t.Context()) {
		if err != nil || p.ID != fmt.Sprint(n) {
			t.Fatal(p, err)
		}
		n++
	}
	if n != 230 {
		t.Errorf("%d customers", n)
	}
	for p, err := range d.Companies(t.Context()) {
		if err != nil || p.Name != "Toimisto Oy" || p.BusinessID != "1234567-1" || p.Address.City != "Turku" {
			t.Errorf("%+v, %v", p, err)
		}
	}
}
