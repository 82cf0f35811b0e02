package procountortest

import (
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// halfUp is the slow and obvious rounding to cents.
func halfUp(r *big.Rat) *big.Rat {
	x := new(big.Rat).Mul(r, big.NewRat(100, 1))
	neg := x.Sign() < 0
	x.Abs(x).Add(x, big.NewRat(1, 2))
	n := new(big.Int).Quo(x.Num(), x.Denom())
	if neg {
		n.Neg(n)
	}
	return new(big.Rat).SetFrac(n, big.NewInt(100))
}

// The totals agree with exact fractions, under each rounding, for net and gross
// prices; net and VAT make the gross; and the receipt made of it balances.
func TestCalculate(t *testing.T) {
	percents := []string{"25.5", "24", "14", "13.5", "10", "0"}
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	co := srv.company(DemoCompanyID)
	rapid.Check(t, func(t *rapid.T) {
		inv := &invoice{}
		inv.Type = rapid.SampledFrom([]string{typeSales, typePurchase}).Draw(t, "type")
		inv.VATStatus = ptr(int64(1))
		inv.DiscountPercent = Number{rapid.Int64Range(0, 1_000_000).Draw(t, "discount"), 4}
		inv.ExtraInfo = ExtraInfo{rapid.Bool().Draw(t, "byRow"), rapid.Bool().Draw(t, "gross")}
		inv.PaymentInfo.CurrencyRate = rapid.SampledFrom([]Number{Num("1"), Num("1.0"), Num("11.2"), Num("0.0893")}).Draw(t, "rate")
		mode := rapid.SampledFrom([]Rounding{PerRow, PerRate, PerInvoice}).Draw(t, "mode")
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			inv.InvoiceRows = append(inv.InvoiceRows, InvoiceRow{
				Quantity:        Number{rapid.Int64Range(-100_000, 100_000).Draw(t, "quantity"), uint8(rapid.IntRange(0, 4).Draw(t, "qs"))},
				UnitPrice:       Number{rapid.Int64Range(-100_000, 100_000).Draw(t, "price"), uint8(rapid.IntRange(0, 6).Draw(t, "ps"))},
				DiscountPercent: Number{rapid.Int64Range(0, 10_000).Draw(t, "rowDiscount"), 2},
				VATPercent:      Num(rapid.SampledFrom(percents).Draw(t, "percent")),
			})
		}
		total, _, _, ok := calculate(&inv.Invoice, mode)
		if !ok {
			t.Fatal("too large")
		}
		if total.Net.add(total.VAT).Cmp(total.Gross) != 0 {
			t.Fatalf("%v + %v is not %v", total.Net, total.VAT, total.Gross)
		}
		net, gross := slowTotals(&inv.Invoice, mode)
		if total.Net.rat().Cmp(net) != 0 || total.Gross.rat().Cmp(gross) != 0 {
			t.Fatalf("mode %d: %v / %v, exact arithmetic says %s / %s", mode, total.Net, total.Gross, net.FloatString(2), gross.FloatString(2))
		}
		inv.Rounded = total
		if x := imbalance(co.makeReceipt(inv, mode).Transactions); x.Sign() != 0 {
			t.Fatalf("the receipt is out of balance by %v", x)
		}
	})
}

func slowTotals(inv *Invoice, mode Rounding) (net, gross *big.Rat) {
	hundredth := func(n Number) *big.Rat { return new(big.Rat).Quo(n.rat(), big.NewRat(100, 1)) }
	less := func(x *big.Rat, d Number) *big.Rat {
		return new(big.Rat).Mul(x, new(big.Rat).Sub(big.NewRat(1, 1), hundredth(d)))
	}
	type group struct{ percent, sum *big.Rat }
	var groups []group
	for i, r := range inv.InvoiceRows {
		x := less(less(new(big.Rat).Mul(r.Quantity.rat(), r.UnitPrice.rat()), r.DiscountPercent), inv.DiscountPercent)
		at := -1
		for j, g := range groups {
			if mode != PerRow && g.percent.Cmp(r.VATPercent.rat()) == 0 {
				at = j
			}
		}
		if at < 0 {
			groups = append(groups, group{r.VATPercent.rat(), new(big.Rat)})
			at = len(groups) - 1
		}
		groups[at].sum.Add(groups[at].sum, x)
		_ = i
	}
	net, gross = new(big.Rat), new(big.Rat)
	vat := new(big.Rat)
	one := big.NewRat(1, 1)
	for _, g := range groups {
		p := new(big.Rat).Quo(g.percent, big.NewRat(100, 1))
		share := p
		if inv.ExtraInfo.UnitPricesIncludeVat {
			share = new(big.Rat).Quo(p, new(big.Rat).Add(one, p))
		}
		sum := g.sum
		part := new(big.Rat)
		if mode == PerInvoice {
			part.Mul(sum, share)
		} else {
			sum = halfUp(sum)
			part = halfUp(part.Mul(sum, share))
		}
		vat.Add(vat, part)
		if inv.ExtraInfo.UnitPricesIncludeVat {
			gross.Add(gross, sum)
			net.Add(net, new(big.Rat).Sub(sum, part))
		} else {
			net.Add(net, sum)
			gross.Add(gross, new(big.Rat).Add(sum, part))
		}
	}
	if mode == PerInvoice {
		if inv.ExtraInfo.UnitPricesIncludeVat {
			gross = halfUp(gross)
			net = new(big.Rat).Sub(gross, halfUp(vat))
		} else {
			net, gross = halfUp(net), halfUp(gross)
		}
	}
	return net, gross
}

// Numbers: parse, print, parse is the same.
func TestNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Number{rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "coef"), uint8(rapid.IntRange(0, maxScale).Draw(t, "scale"))}
		got, err := ParseNumber(n.String())
		if err != nil || got.Cmp(n) != 0 {
			t.Fatalf("%v: %v %v", n, got, err)
		}
		var back Number
		b, _ := json.Marshal(n)
		if err := json.Unmarshal(b, &back); err != nil || back != got {
			t.Fatalf("%s: %v %v", b, back, err)
		}
	})
	for _, s := range []string{"", "-", ".", ".5", "1.2.3", "1e", "1e999", "0x1", "NaN", "1234567890123456789", "0.0000000000001", "+1", "--1", "1 "} {
		if n, err := ParseNumber(s); err == nil {
			t.Errorf("%q is %v", s, n)
		}
	}
	for s, want := range map[string]string{"1e2": "100", "1.5E1": "15", "-0.50": "-0.50", "12e-1": "1.2", "0": "0", "5.": "5", "0.00": "0.00", "1.000000000000000": "1.000000000000"} {
		if got := Num(s); got.String() != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
}

// Check digits agree with those that were made.
func TestCheckDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching(`[1-9][0-9]{2,17}`).Draw(t, "base")
		if r := finnishReference(base); !validFinnishReference(r) || validFinnishReference(flip(r)) {
			t.Fatal(r)
		}
		if r := rfReference(base); !validRF(r) || validRF(flip(r)) {
			t.Fatal(r)
		}
		if r := ocrReference(base); !validOCR(r) || validOCR(flip(r)) {
			t.Fatal(r)
		}
		if s := makeIBAN("FI", rapid.StringMatching(`[0-9]{14}`).Draw(t, "bban")); !validIBAN(s) || validIBAN(flip(s)) {
			t.Fatal(s)
		}
	})
	for _, seed := range []CompanySeed{FinnishDemo(), SwedishDemo()} {
		if err := seed.check(); err != nil {
			t.Error(err)
		}
		for _, p := range seed.Partners {
			if id := p.InvoicingInfo.Identifier; p.InvoicingInfo.IdentifierType == "YHD" && !validBusinessID(id) {
				t.Errorf("%s: %s", p.Name, id)
			}
		}
	}
	for _, s := range []string{"1234567-1", "2345678-0"} {
		if !validBusinessID(s) {
			t.Error(s)
		}
	}
	for _, s := range []string{"1234567-2", "1234567-X", "12345671", "3456789-1", ""} {
		if validBusinessID(s) {
			t.Error(s)
		}
	}
}

// flip changes the last digit.
func flip(s string) string {
	b := []byte(s)
	b[len(b)-1] = '0' + (b[len(b)-1]-'0'+1)%10
	return string(b)
}

// FuzzRequest: any request gets valid JSON in the documented shape, or none for
// 204, and the books balance.
func FuzzRequest(f *testing.F) {
	for _, name := range []string{"sales", "purchase", "journal", "customer", "person"} {
		f.Add("POST", "/invoices", string(readFile(f, "testdata/body/"+name+".json")), "application/json")
		f.Add("POST", "/ledgerreceipts?createReconciliation=true", string(readFile(f, "testdata/body/"+name+".json")), "application/json")
	}
	for _, id := range sortedKeys(described().operations) {
		o := described().operations[id]
		path := strings.NewReplacer("{", "", "}", "").Replace(o.path)
		f.Add(o.method, path, "{}", "application/json")
		f.Add(o.method, path+"?size=0&page=-1&orderById=UP", `[1,null,{"a":"\u0000"}]`, "application/json")
	}
	f.Add("POST", "/attachments", "--x\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{}\r\n--x--", "multipart/form-data; boundary=x")
	f.Add("POST", "/oauth/token", "grant_type=client_credentials", "application/x-www-form-urlencoded")

	srv := New(Options{Now: func() time.Time { return scriptTime }})
	h := srv.Handler()
	tok := bearer(f, h)
	seedReq := httptest.NewRequest("POST", "/api/invoices", strings.NewReader(string(readFile(f, "testdata/body/sales.json"))))
	seedReq.Header.Set("Authorization", "Bearer "+tok)
	h.ServeHTTP(httptest.NewRecorder(), seedReq)
	methods := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

	f.Fuzz(func(t *testing.T, method, path, body, contentType string) {
		r, err := http.NewRequest(method, "http://x/api"+path, strings.NewReader(body))
		if err != nil || !slices.Contains(methods, r.Method) {
			return
		}
		r.RequestURI = r.URL.RequestURI()
		r.Header.Set("Authorization", "Bearer "+tok)
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		all := srv.Received()
		op := all[len(all)-1].Operation
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if w.Code != http.StatusNoContent && w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s %s: not JSON: %s", method, path, w.Body)
		}
		if err := fitsDescription(op, w); err != nil {
			t.Fatalf("%s %s (%s): %v\n%s", method, path, op, err, w.Body)
		}
		checkBooks(t, srv)
	})
}
