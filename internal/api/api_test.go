package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// A world is one company of the sandbox with an API before it.
type world struct {
	*enginetest.World
	*client
}

func newWorld(tb testing.TB, st *store.Store, cfg enginetest.Config) *world {
	tb.Helper()
	w := enginetest.New(tb, st, enginetest.NewClock(), cfg)
	h := api.New(api.Options{Engine: w.Engine, Now: w.Clock.Now})
	return &world{w, &client{tb: tb, handler: h, contract: newContract(tb), token: newToken(w, w.Connection.ID, 1)}}
}

func newToken(w *enginetest.World, connection string, seed byte) string {
	text, hash := api.NewToken(rand.NewChaCha8([32]byte{seed}))
	w.Must(w.Store.Tx(context.Background(), func(tx *store.Tx) error { return tx.InsertPushToken(hash, connection, "test", people.AllRights) }))
	return text
}

func sqlite(tb testing.TB) *store.Store {
	return storetest.Open(tb, storetest.SQLite(tb), store.Options{})
}

type object = map[string]any

// sale is a push of one domestic invoice, and may be changed.
func sale(number, price string) object {
	return object{
		"kind": "sales_invoice", "source_id": "id-" + number, "number": number, "date": "2026-03-10", "due_date": "2026-03-24",
		"currency": "EUR", "language": "fi", "payment": object{"reference": "1232"},
		"buyer": object{"name": "Kuvitelma Kauppa Oy", "business_id": "2345678-0", "number": "1001",
			"address": object{"street": "Keksittykatu 5", "zip": "33100", "city": "Tampere", "country": "FI"}},
		"lines": []any{object{"name": "Konsultointi", "quantity": 1, "unit": "h", "unit_price": price, "vat_percent": 25.5, "vat_category": "S"}},
	}
}

func with(o object, field string, v any) object {
	o[field] = v
	return o
}

func file(name, content string) object {
	return object{"name": name, "mime": "text/plain", "content": base64.StdEncoding.EncodeToString([]byte(content))}
}

// A pushed invoice arrives in Procountor, once, and its number comes back. The
// same again is answered with the first result; other content changes the same
// invoice.
func TestPushToNumber(t *testing.T) {
	feature.Covers(t, "V-66")
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true})
		a := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
		if a.str("result") != "new" || a.str("state") != "ready" || a.str("source_id") != "id-5001" || a.Body["faults"] != nil {
			t.Errorf("%s", a.Raw)
		}
		self := a.Body["links"].(object)["self"].(string)
		w.Settle()
		got := w.want(http.StatusOK, "GET", self, nil)
		if got.str("state") != "done" || got.Body["settled"] != true || got.str("id") != a.str("id") {
			t.Fatalf("%s", got.Raw)
		}
		voucher := w.Vouchers("5001")
		if len(voucher) != 1 || got.Body["procountor"].(object)["invoice_id"] != float64(voucher[0].ID) ||
			got.Body["procountor"].(object)["invoice_number"] != float64(*voucher[0].InvoiceNumber) {
			t.Fatalf("%d vouchers; %s", len(voucher), got.Raw)
		}

		// The same, written otherwise.
		same := sale("5001", "100.0")
		same["text"] = nil
		again := w.want(http.StatusOK, "POST", "/v1/documents", same)
		if again.str("result") != "unchanged" || again.str("id") != a.str("id") || again.str("state") != "done" {
			t.Errorf("%s", again.Raw)
		}
		w.Settle()
		if n := len(w.Vouchers("5001")); n != 1 {
			t.Errorf("%d vouchers after the same push again", n)
		}

		changed := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "120.00"))
		if changed.str("result") != "changed" || changed.str("id") != a.str("id") {
			t.Errorf("%s", changed.Raw)
		}
		w.Settle()
		after := w.want(http.StatusOK, "GET", self, nil)
		vouchers := w.Vouchers("5001")
		if after.str("state") != "done" || len(vouchers) != 1 || vouchers[0].ID != voucher[0].ID {
			t.Errorf("%d vouchers; %s", len(vouchers), after.Raw)
		}
		if got := fmt.Sprint(vouchers[0].InvoiceRows[0].UnitPrice); got != "120" && got != "120.00" && got != "120.0" {
			t.Errorf("the voucher still costs %s", got)
		}
	})
}

// A document with faults is kept and held, the others of its list go on; mended,
// it goes too, as the same document.
func TestFaultsAreKept(t *testing.T) {
	feature.Covers(t, "S-121")
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true})
		bad := sale("6002", "10")
		bad["date"] = "2026-02-30"
		bad["curency"] = "EUR"
		bad["lines"] = []any{object{"name": "a", "quantity": "1", "unit_price": "1e2"}, "no line", object{"name": "b", "net": 5}}
		a := w.want(http.StatusAccepted, "POST", "/v1/documents", []any{sale("6001", "10"), bad, sale("6003", "10"), object{"number": "6004"}, 17})
		results := a.Body["results"].([]any)
		if len(results) != 5 {
			t.Fatalf("%s", a.Raw)
		}
		held := results[1].(object)
		if held["state"] != "held" || held["result"] != "new" {
			t.Errorf("%v", held)
		}
		want := []string{"field-invalid date", "field-invalid lines[0].unit_price", "field-invalid lines[1]", "field-unknown curency",
			"field-missing lines[0].vat_percent", "field-missing lines[2].vat_percent"}
		if diff := cmp.Diff(want, codes(held["faults"])); diff != "" {
			t.Error(diff)
		}
		first := held["faults"].([]any)[0].(object)
		for _, field := range []string{"title", "cause", "remedy", "actor", "who"} {
			if s, _ := first[field].(string); s == "" {
				t.Errorf("the fault has no %s: %v", field, first)
			}
		}
		if first["value"] != "2026-02-30" {
			t.Errorf("value %v", first["value"])
		}
		for i, code := range map[int]string{3: "field-missing source_id", 4: "field-invalid "} {
			r := results[i].(object)
			if r["state"] != "held" || !slices.Contains(codes(r["faults"]), code) {
				t.Errorf("%d: %v", i, r)
			}
			w.want(http.StatusOK, "GET", r["links"].(object)["self"].(string), nil)
		}
		w.Settle()
		for _, n := range []string{"6001", "6003"} {
			if tr := w.Transfer(n); tr.State != hub.Done {
				t.Error(enginetest.Describe(tr))
			}
		}
		if n := len(w.Vouchers("6002")); n != 0 {
			t.Errorf("%d vouchers of a held document", n)
		}

		// The same content without the mistyped field is another push, though no
		// field that was understood differs.
		delete(bad, "curency")
		better := w.want(http.StatusAccepted, "POST", "/v1/documents", bad)
		if slices.Contains(codes(better.Body["faults"]), "field-unknown curency") || better.str("result") != "changed" {
			t.Errorf("%s", better.Raw)
		}
		good := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("6002", "10"))
		if good.str("id") != held["id"] || good.str("result") != "changed" || good.str("state") != "ready" {
			t.Errorf("%s", good.Raw)
		}
		w.Settle()
		if n := len(w.Vouchers("6002")); n != 1 {
			t.Errorf("%d vouchers of the mended document", n)
		}
	})
}

// Faults that only the company's registers show come with the document's own
// path too, in the language that was asked for.
func TestFaultsOfRegisters(t *testing.T) {
	feature.Covers(t, "T-32")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	bad := sale("6101", "10")
	bad["lines"].([]any)[0].(object)["vat_percent"] = 19
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", bad)
	w.Settle()
	self := a.Body["links"].(object)["self"].(string)
	got := w.want(http.StatusOK, "GET", self, nil)
	if got.str("state") != "held" || !slices.Contains(codes(got.Body["faults"]), "vat-rate-not-enabled lines[0].vat_percent") {
		t.Fatalf("%s", got.Raw)
	}
	w.header = http.Header{"Accept-Language": {"fi-FI,fi;q=0.9"}}
	fi := w.want(http.StatusOK, "GET", self, nil)
	if fi.Body["faults"].([]any)[0].(object)["title"] == got.Body["faults"].([]any)[0].(object)["title"] {
		t.Error("the fault is not explained in Finnish")
	}

	// Retry is possible, and finds the same.
	again := w.want(http.StatusOK, "POST", self+"/retry", object{"reason": "rate opened"})
	if again.str("state") != "ready" {
		t.Errorf("%s", again.Raw)
	}
	w.Settle()
	if got := w.want(http.StatusOK, "GET", self, nil); got.str("state") != "held" {
		t.Errorf("%s", got.Raw)
	}
	if got := w.want(http.StatusOK, "POST", self+"/withdraw", nil); got.str("state") != "withdrawn" || got.Body["settled"] != true {
		t.Errorf("%s", got.Raw)
	}
	no := w.want(http.StatusConflict, "POST", self+"/withdraw", nil)
	if no.str("code") != "not-now" || no.str("state") != "withdrawn" || !slices.Contains(no.Body["actions"].([]any), any("retry")) {
		t.Errorf("%s", no.Raw)
	}
	w.want(http.StatusUnprocessableEntity, "POST", self+"/retry", object{"reason": 7})
	w.want(http.StatusBadRequest, "POST", self+"/retry", "{")
}

// What cannot be read and what the rules forbid are told in one round, at once;
// trying again is not offered, for only another push mends it.
func TestAllFaultsInOneRound(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	w.Step(t.Context()) // reads the registers
	bad := sale("6201", "10")
	bad["date"] = "2026-3-1"
	bad["buyer"].(object)["business_id"] = "2345678-1"
	line := bad["lines"].([]any)[0].(object)
	line["unit_price"] = "ten"
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", bad)
	want := []string{"field-invalid date", "field-invalid lines[0].unit_price", "business-id-wrong buyer.business_id", "partner-conflict buyer.number"}
	if got := codes(a.Body["faults"]); !slices.Equal(got, want) {
		t.Errorf("at once: %v, want %v", got, want)
	}
	w.Settle()
	got := w.want(http.StatusOK, "GET", a.Body["links"].(object)["self"].(string), nil)
	if c := codes(got.Body["faults"]); !slices.Equal(c, want) || got.str("state") != "held" {
		t.Errorf("afterwards: %v", c)
	}
	if actions, _ := got.Body["actions"].([]any); slices.Contains(actions, any("retry")) {
		t.Error("retry is offered")
	}
	w.want(http.StatusConflict, "POST", a.Body["links"].(object)["self"].(string)+"/retry", nil)
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("6201", "10"))
	w.Settle()
	if got := w.want(http.StatusOK, "GET", a.Body["links"].(object)["self"].(string), nil); got.str("state") != "done" {
		t.Errorf("mended: %s", got.Raw)
	}
}

// A change that its invoice cannot take is decided by a person of the pusher's,
// who is named.
func TestDecide(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		ks := s.Kinds[hub.SalesInvoice]
		ks.Arrival = hub.ArriveApproved
		s.Kinds[hub.SalesInvoice] = ks
	}})
	why := object{"person": "Maija Meikäläinen", "reason": "agreed with the customer"}
	for i, c := range []struct {
		path, state string
		vouchers    int
	}{
		{"leave", "done_with_warning", 1}, {"send-beside", "done_with_warning", 2}, {"credit-anew", "done_with_warning", 3},
	} {
		number := fmt.Sprint(6200 + i)
		self := w.want(http.StatusAccepted, "POST", "/v1/documents", sale(number, "10")).Body["links"].(object)["self"].(string)
		w.Settle()
		w.want(http.StatusConflict, "POST", self+"/"+c.path, why)
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale(number, "11"))
		w.Settle()
		if got := w.want(http.StatusOK, "GET", self, nil); got.str("state") != "held" || !slices.Contains(got.Body["actions"].([]any), any(c.path)) {
			t.Fatalf("%s", got.Raw)
		}
		w.want(http.StatusBadRequest, "POST", self+"/"+c.path, nil)
		for _, short := range []any{object{}, object{"reason": "x"}, object{"person": "x", "reason": " "}} {
			w.want(http.StatusUnprocessableEntity, "POST", self+"/"+c.path, short)
		}
		w.want(http.StatusOK, "POST", self+"/"+c.path, why)
		w.Settle()
		if got := w.want(http.StatusOK, "GET", self, nil); got.str("state") != c.state || len(w.Vouchers(number)) != c.vouchers {
			t.Errorf("%s: %d vouchers, %s", c.path, len(w.Vouchers(number)), got.Raw)
		}
	}
}

// Checking stores nothing, and says what pushing would come to.
func TestValidateStoresNothing(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	w.Step(t.Context()) // reads the registers
	good := w.want(http.StatusOK, "POST", "/v1/documents/validate", sale("7001", "10"))
	if good.Body["ok"] != true || good.str("state") != "ready" || good.str("result") != "new" || good.Body["faults"] != nil ||
		good.Body["partner"].(object)["id"] == nil || good.Body["invoice"].(object)["originalInvoiceNumber"] != "7001" {
		t.Errorf("%s", good.Raw)
	}
	bad := sale("7002", "10")
	bad["date"] = "2026-3-1"
	bad["lines"].([]any)[0].(object)["vat_percent"] = 19
	bad["buyer"].(object)["business_id"] = "2345678-1"
	stranger := sale("7003", "10")
	stranger["buyer"] = object{"name": "Uusi Keksintö Oy", "business_id": "7654321-2", "address": object{"street": "Tie 1", "zip": "00100", "city": "Helsinki", "country": "FI"}}
	a := w.want(http.StatusOK, "POST", "/v1/documents/validate", []any{bad, stranger, "x", with(sale("7004", "10"), "date", "2025-12-31")})
	r := a.Body["results"].([]any)
	if r[0].(object)["ok"] != false || r[0].(object)["state"] != "held" {
		t.Errorf("%v", r[0])
	}
	if got := codes(r[0].(object)["faults"]); !slices.Contains(got, "field-invalid date") || !slices.Contains(got, "vat-rate-not-enabled lines[0].vat_percent") ||
		!slices.Contains(got, "business-id-wrong buyer.business_id") || slices.Contains(got, "date-missing date") {
		t.Errorf("%v", got)
	}
	if p, _ := r[1].(object)["partner"].(object); p["new"] != true || r[1].(object)["ok"] != true {
		t.Errorf("%v", r[1])
	}
	if r[2].(object)["ok"] != false || r[3].(object)["state"] != "skipped" {
		t.Errorf("%v %v", r[2], r[3])
	}
	if list := w.Transfers(); len(list) != 0 {
		t.Errorf("%d transfers", len(list))
	}
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("7001", "10"))
	w.Settle()
	if a := w.want(http.StatusOK, "POST", "/v1/documents/validate", sale("7001", "10")); a.str("result") != "unchanged" || a.Body["ok"] != true {
		t.Errorf("%s", a.Raw)
	}
	if a := w.want(http.StatusOK, "POST", "/v1/documents/validate", sale("7001", "11")); a.str("result") != "changed" {
		t.Errorf("%s", a.Raw)
	}
}

// Files that were added afterwards stay, whatever is pushed again.
func TestAttachmentsAfterwards(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	doc := with(sale("8001", "10"), "attachments", []any{file("a.txt", "first")})
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	links := a.Body["links"].(object)
	added := w.want(http.StatusAccepted, "POST", links["attachments"].(string), file("b.txt", "second"))
	if added.str("result") != "changed" || added.str("id") != a.str("id") {
		t.Errorf("%s", added.Raw)
	}
	if again := w.want(http.StatusOK, "POST", links["attachments"].(string), []any{file("b.txt", "second")}); again.str("result") != "unchanged" {
		t.Errorf("%s", again.Raw)
	}
	w.Settle()
	if again := w.want(http.StatusOK, "POST", "/v1/documents", doc); again.str("result") != "unchanged" || again.str("state") != "done" {
		t.Errorf("%s", again.Raw)
	}
	names := func() (list []string) {
		got := w.want(http.StatusOK, "GET", links["self"].(string), nil)
		files, _ := got.Body["attachments"].([]any)
		for _, f := range files {
			list = append(list, f.(object)["name"].(string))
		}
		return list
	}
	if diff := cmp.Diff([]string{"a.txt", "b.txt"}, names()); diff != "" {
		t.Error(diff)
	}
	v := w.Vouchers("8001")
	if len(v) != 1 || len(v[0].Attachments) != 2 {
		t.Errorf("%d vouchers, attachments %v", len(v), v[0].Attachments)
	}
	// A push without its own file takes that one away and leaves the added one.
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("8001", "10"))
	if diff := cmp.Diff([]string{"b.txt"}, names()); diff != "" {
		t.Error(diff)
	}

	for _, bad := range []any{object{"name": "x"}, object{"name": "x", "content": "%%%"}, object{"name": "", "content": "eA=="}, object{"name": "x", "content": ""}, []any{}, 4} {
		if got := w.do("POST", links["attachments"].(string), bad); got.Status != http.StatusUnprocessableEntity && got.Status != http.StatusBadRequest {
			t.Errorf("%v: %d", bad, got.Status)
		}
	}
	w.want(http.StatusRequestEntityTooLarge, "POST", links["attachments"].(string), file("big.bin", strings.Repeat("x", hub.MaxAttachment+1)))
	w.want(http.StatusNotFound, "POST", "/v1/documents/nobody/attachments", file("b.txt", "x"))
}

// Many requests about one document at the same time: it is stored once, and no
// file that was answered for is lost.
func TestAtTheSameTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{})
		const n = 8
		results := make([]string, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { results[i] = w.do("POST", "/v1/documents", sale("8801", "10")).str("result") })
		}
		all.Wait()
		slices.Sort(results)
		if want := append([]string{"new"}, slices.Repeat([]string{"unchanged"}, n-1)...); !slices.Equal(results, want) {
			t.Errorf("%v", results)
		}
		id := w.do("GET", "/v1/documents?number=8801", nil).Body["documents"].([]any)[0].(object)["id"].(string)
		for i := range n {
			all.Go(func() {
				if a := w.do("POST", "/v1/documents/"+id+"/attachments", file(fmt.Sprintf("%d.txt", i), "x")); a.Status != http.StatusAccepted {
					t.Errorf("%d %s", a.Status, a.Raw)
				}
			})
			all.Go(func() {
				if a := w.do("POST", "/v1/documents", sale("8801", fmt.Sprint(20+i))); a.Status != http.StatusAccepted {
					t.Errorf("%d %s", a.Status, a.Raw)
				}
			})
		}
		all.Wait()
		if files, _ := w.do("GET", "/v1/documents/"+id, nil).Body["attachments"].([]any); len(files) != n {
			t.Errorf("%d of %d files are left", len(files), n)
		}
	})
}

// What one token pushes, another does not see.
func TestTokensSeeTheirOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{})
		other := w.Connection
		other.ID, other.Name = "other", "Other"
		w.Must(st.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertConnection(other, "test") }))
		o := *w.client
		o.token = newToken(w.World, "other", 2)
		mine := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("9001", "10"))
		theirs := o.want(http.StatusAccepted, "POST", "/v1/documents", sale("9001", "10"))
		if mine.str("id") == theirs.str("id") || theirs.str("result") != "new" {
			t.Errorf("%s %s", mine.Raw, theirs.Raw)
		}
		self := mine.Body["links"].(object)["self"].(string)
		for _, ask := range []struct{ method, path string }{
			{"GET", self}, {"POST", self + "/withdraw"}, {"POST", self + "/retry"},
			{"POST", self + "/leave"}, {"POST", self + "/credit-anew"}, {"POST", self + "/send-beside"},
		} {
			var body any
			if ask.method == "POST" {
				body = object{"person": "Maija", "reason": "why"}
			}
			o.want(http.StatusNotFound, ask.method, ask.path, body)
		}
		o.want(http.StatusNotFound, "POST", self+"/attachments", file("a.txt", "x"))
		for c, want := range map[*client]string{w.client: mine.str("id"), &o: theirs.str("id")} {
			l := c.want(http.StatusOK, "GET", "/v1/documents", nil).Body["documents"].([]any)
			if len(l) != 1 || l[0].(object)["id"] != want {
				t.Errorf("%v", l)
			}
		}
		if s := o.want(http.StatusOK, "GET", "/v1/status", nil); s.Body["connection"].(object)["name"] != "Other" || s.Body["writing"] != false ||
			s.Body["company"].(object)["environment"] != "sandbox" {
			t.Errorf("%s", s.Raw)
		}
	})
}

func TestTokens(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	good := w.token
	if !strings.HasPrefix(good, "vnt_") || len(good) != 4+52 || api.TokenHint(good) != good[:10]+"…" {
		t.Errorf("%q %q", good, api.TokenHint(good))
	}
	if text, hash := api.NewToken(rand.NewChaCha8([32]byte{9})); hash != api.HashToken(text) || strings.Contains(hash, text[4:]) {
		t.Error("the hash is not that of the token")
	}
	for _, bad := range []string{"", "x", good[:len(good)-1], good + "a", strings.ToUpper(good), "vnt_" + strings.Repeat("a", 52)} {
		w.token = bad
		if a := w.want(http.StatusUnauthorized, "GET", "/v1/status", nil); a.Header.Get("WWW-Authenticate") == "" || bad != "" && bytes.Contains(a.Raw, []byte(bad)) && len(bad) > 5 {
			t.Errorf("%q: %s", bad, a.Raw)
		}
	}
	w.token = good
	w.want(http.StatusOK, "GET", "/v1/status", nil)
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.RevokePushToken(api.HashToken(good)) }))
	w.want(http.StatusUnauthorized, "GET", "/v1/status", nil)
	w.want(http.StatusUnauthorized, "POST", "/v1/documents", sale("1", "1"))
}

// Whoever tries tokens is made to wait; a good token behind the same address is not.
func TestBadTokensAreLimited(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	w.want(http.StatusOK, "GET", "/v1/status", nil)
	guess := *w.client
	fresh := newToken(w.World, w.Connection.ID, 3)
	limited := 0
	for i := range 40 {
		guess.token, _ = api.NewToken(rand.NewChaCha8([32]byte{100, byte(i)}))
		a := guess.do("GET", "/v1/status", nil)
		switch a.Status {
		case http.StatusUnauthorized:
		case http.StatusTooManyRequests:
			limited++
			if a.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		default:
			t.Fatalf("%d", a.Status)
		}
	}
	if limited != 20 {
		t.Errorf("%d of 40 were limited", limited)
	}
	w.want(http.StatusOK, "GET", "/v1/status", nil)
	guess.token = fresh
	guess.want(http.StatusTooManyRequests, "GET", "/v1/status", nil) // never seen before: cannot be told from a guess
	guess.remote = "203.0.113.7:4000"
	guess.want(http.StatusOK, "GET", "/v1/status", nil)
	guess.remote, guess.token = "", fresh
	w.Clock.Add(time.Minute + time.Second)
	guess.want(http.StatusOK, "GET", "/v1/status", nil)
}

// What is no push at all is refused as a whole, with the place.
func TestMalformed(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	for _, tc := range []struct {
		body         string
		line, column int
		says         string
	}{
		{"", 1, 1, "empty"},
		{" \n ", 1, 1, "empty"},
		{"hello", 1, 1, "not JSON"},
		{"17", 1, 1, "neither"},
		{"{\n  \"number\": \"1\",\n  \"date\" 4\n}", 3, 10, "not JSON"},
		{"[{}, {]", 1, 7, "not JSON"},
		{`{"a": "b"`, 1, 10, "not JSON"},
		{"{\"a\":\n\"\xff\"}", 2, 2, "UTF-8"},
		{`{} {}`, 1, 4, "not JSON"},
	} {
		a := w.want(http.StatusBadRequest, "POST", "/v1/documents", tc.body)
		if a.Body["line"] != float64(tc.line) || a.Body["column"] != float64(tc.column) || !strings.Contains(a.str("detail"), tc.says) || a.str("code") != "malformed" {
			t.Errorf("%q: %s", tc.body, a.Raw)
		}
	}
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", append([]byte("\xef\xbb\xbf"), []byte(`{"source_id":"bom"}`)...))
	if a.str("source_id") != "bom" {
		t.Errorf("%s", a.Raw)
	}
	if a := w.want(http.StatusOK, "POST", "/v1/documents", "[]"); len(a.Body["results"].([]any)) != 0 {
		t.Errorf("%s", a.Raw)
	}
	w.header = http.Header{"Content-Encoding": {"gzip"}}
	w.want(http.StatusUnsupportedMediaType, "POST", "/v1/documents", "x")
	w.header = nil
	w.want(http.StatusNotFound, "GET", "/v1/nothing", nil)
	w.want(http.StatusMethodNotAllowed, "DELETE", "/v1/documents", nil)
	w.want(http.StatusBadRequest, "GET", "/v1/documents?source_id=%00", nil)
	w.want(http.StatusUnprocessableEntity, "GET", "/v1/documents?limit=0", nil)
	w.want(http.StatusUnprocessableEntity, "GET", "/v1/documents?limit=x", nil)
	w.want(http.StatusUnprocessableEntity, "GET", "/v1/documents?state=happy", nil)
	w.want(http.StatusNotFound, "GET", "/v1/documents/none", nil)
}

func TestLimits(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	many := make([]any, 1001)
	for i := range many {
		many[i] = object{}
	}
	if a := w.want(http.StatusRequestEntityTooLarge, "POST", "/v1/documents", many); a.str("code") != "too-many-documents" {
		t.Errorf("%s", a.Raw)
	}
	large := with(sale("1", "1"), "notes", strings.Repeat("x", 15_000_001))
	if a := w.want(http.StatusRequestEntityTooLarge, "POST", "/v1/documents", []any{sale("2", "1"), large}); a.str("code") != "too-large" {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusRequestEntityTooLarge, "POST", "/v1/documents", bytes.Repeat([]byte(" "), 50_000_001))
	if n := len(w.Transfers()); n != 0 {
		t.Errorf("%d documents stored", n)
	}
	// The largest list that is taken; the same document twice in it.
	list := make([]any, 1000)
	for i := range list {
		list[i] = sale(fmt.Sprint(i%999), "1")
	}
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", list)
	results := a.Body["results"].([]any)
	if len(results) != 1000 || results[999].(object)["result"] != "unchanged" || results[999].(object)["id"] != results[0].(object)["id"] {
		t.Errorf("%d results, last %v", len(results), results[len(results)-1])
	}
}

func TestList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true})
		var docs []any
		for i := range 7 {
			docs = append(docs, sale(fmt.Sprint(300+i), "5"))
		}
		docs[2] = with(docs[2].(object), "date", "soon")
		w.want(http.StatusAccepted, "POST", "/v1/documents", docs)
		w.Settle()
		list := func(query string) (numbers []string) {
			after := ""
			for range 20 {
				a := w.want(http.StatusOK, "GET", "/v1/documents?"+query+"&after="+after, nil)
				page := a.Body["documents"].([]any)
				for _, d := range page {
					numbers = append(numbers, d.(object)["number"].(string))
				}
				if after = a.str("next"); after == "" {
					return numbers
				}
			}
			t.Fatal("the list does not end")
			return nil
		}
		all := []string{"300", "301", "302", "303", "304", "305", "306"}
		for _, limit := range []string{"limit=1", "limit=3", "limit=7", "limit=100"} {
			got := list(limit)
			slices.Sort(got) // documents of one millisecond have no order among them
			if diff := cmp.Diff(all, got); diff != "" {
				t.Errorf("%s: %s", limit, diff)
			}
		}
		for query, want := range map[string][]string{
			"number=304": {"304"}, "source_id=id-305": {"305"}, "state=held": {"302"}, "state=held,noticed": {"302"}, "number=1": nil,
			"state=done&number=302": nil, "state=refused": nil,
		} {
			if diff := cmp.Diff(want, list(query)); diff != "" {
				t.Errorf("%s: %s", query, diff)
			}
		}
		if got := list("state=done"); len(got) != 6 {
			t.Errorf("done: %v", got)
		}
	})
}

// Purchases and credit notes are pushed in the same shape.
func TestOtherKinds(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	purchase := object{
		"kind": "purchase_invoice", "source_id": "p1", "number": "T-77", "date": "2026-03-09", "due_date": "2026-03-23", "currency": "EUR",
		"seller":  object{"name": "Tarvike Keksitty Oy", "business_id": "7654321-2", "address": object{"street": "Tie 1", "zip": "00100", "city": "Helsinki", "country": "FI"}},
		"payment": object{"iban": "FI2112345600000785", "bic": "NDEAFIHH", "reference": "1232"},
		"lines":   []any{object{"name": "Paperi", "quantity": "2", "unit": "kpl", "unit_price": "12.40", "vat_percent": "25.5"}},
	}
	credit := sale("C-1", "10")
	credit["credit_note"] = true
	credit["lines"].([]any)[0].(object)["quantity"] = -1
	credit["totals"] = object{"net": "-10.00", "vat": "-2.55", "gross": "-12.55"}
	wrong := with(sale("C-2", "10"), "credit_note", true)
	wrong["totals"] = object{"gross": "12.55"}
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", []any{purchase, credit, wrong})
	w.Settle()
	for _, n := range []string{"T-77", "C-1"} {
		if tr := w.Transfer(n); tr.State != hub.Done && tr.State != hub.DoneWithWarning {
			t.Error(enginetest.Describe(tr))
		}
	}
	if got := codes(a.Body["results"].([]any)[2].(object)["faults"]); !slices.Contains(got, "field-invalid totals.gross") {
		t.Errorf("a credit note above zero: %v", got)
	}
}

func TestHealthAndDocs(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	w.token = ""
	if a := w.want(http.StatusOK, "GET", "/healthz", nil); a.str("status") != "ok" {
		t.Errorf("%s", a.Raw)
	}
	page := get(w.handler, "/v1/docs")
	body, csp := page.Body.String(), page.Header().Get("Content-Security-Policy")
	if page.Code != http.StatusOK || !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("%d %s", page.Code, csp)
	}
	for _, foreign := range []string{"<script", "http://", "https://", "//cdn"} {
		if strings.Contains(body, foreign) {
			t.Errorf("the page has %q", foreign)
		}
	}
	for _, want := range []string{"/v1/documents/{id}/attachments", `id="Document"`, `id="problem-malformed"`, "vat_percent", "at most 200 characters"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	w.Store.Close()
	w.want(http.StatusServiceUnavailable, "GET", "/healthz", nil)
}

func TestStatusSaysKinds(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.PurchaseInvoice]
		k.On = false
		s.Kinds[hub.PurchaseInvoice] = k
		k = s.Kinds[hub.SalesInvoice]
		k.FirstDay = civil.Must("2026-02-01")
		s.Kinds[hub.SalesInvoice] = k
	}})
	a := w.want(http.StatusOK, "GET", "/v1/status", nil)
	want := []any{object{"kind": "sales_invoice", "first_day": "2026-02-01", "arrival": "unfinished"}}
	if diff := cmp.Diff(want, a.Body["kinds"]); diff != "" {
		t.Error(diff)
	}
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.PauseCompany(w.Company.ID, new(hub.NewFault(hub.KeyDead, "", "")), w.Clock.Now().Add(time.Hour))
	}))
	if got := codes(w.want(http.StatusOK, "GET", "/v1/status", nil).Body["paused"]); len(got) != 1 {
		t.Errorf("paused: %v", got)
	}
}
