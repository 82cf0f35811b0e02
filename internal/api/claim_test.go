package api_test

import (
	"net/http"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// A business system pushes what it has: a sale, a purchase, and a claim with a journey, own
// money and a card of the company. Each goes to Procountor; the claim's parts are found by
// the id of the whole.
func TestPushClaims(t *testing.T) {
	feature.Covers(t, "T-1", "T-7")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		enginetest.Travels(s, hub.ArriveApproved)
		s.Cards = map[string]string{"Visa 1234": "2950"}
	}})
	row := func(name, code, price, day string, more object) object {
		o := object{"name": name, "code": code, "quantity": 1, "unit_price": price, "vat_percent": 13.5, "period": object{"first": day, "last": day}}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	claim := object{"kind": "travel_invoice", "source_id": "claim-7", "number": "K-7", "date": "2026-03-10", "currency": "EUR", "gross_prices": true,
		"seller": object{"name": "Maija Matkaaja", "first_name": "Maija", "number": "H-101"}, "payment": object{"iban": "FI1350001520000081"},
		"trips": []any{object{"purpose": "Messut"}}, "totals": object{"gross": "215.00"},
		"attachments": []any{file("hotelli.txt", "hotelli")},
		"lines": []any{row("Lounas", "MAJ", "15.00", "2026-03-04", object{"paid_with": "own"}),
			row("Hotelli", "MAJ", "200.00", "2026-03-03", object{"paid_with": "company_card", "card": "Visa 1234", "receipts": []any{"hotelli.txt"}})}}
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", claim)
	if a.str("result") != "new" || a.str("source_id") != "claim-7" {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
	w.want(http.StatusAccepted, "POST", "/v1/documents", object{"kind": "purchase_invoice", "source_id": "p-1", "number": "9001", "date": "2026-03-10", "due_date": "2026-03-24", "currency": "EUR",
		"seller": object{"name": "Olematon Tukku Oy", "business_id": "4567890-7", "number": "2001", "address": object{"country": "FI"}}, "payment": object{"iban": "FI2112345600000785", "reference": "1232"},
		"lines": []any{object{"name": "Tarvikkeet", "quantity": 1, "unit": "kpl", "unit_price": "10.00", "vat_percent": 25.5, "vat_category": "S"}}})
	w.Settle()
	list := w.want(http.StatusOK, "GET", "/v1/documents?source_id=claim-7", nil)
	parts, _ := list.Body["documents"].([]any)
	if len(parts) != 2 {
		t.Fatalf("%s", list.Raw)
	}
	for _, p := range parts {
		o := p.(object)
		if byCard := o["number"] == "K-7/2026-03-03/Visa 1234"; o["state"] != map[bool]string{true: "done_with_warning", false: "done"}[byCard] || byCard != (o["claim"] == "claim-7") {
			t.Errorf("%v", o)
		}
	}
	for number, want := range map[string]string{"K-7": "TRAVEL_INVOICE APPROVED", "K-7/2026-03-03/Visa 1234": "TRAVEL_INVOICE MARKED_PAID", "5001": "SALES_INVOICE UNFINISHED", "9001": "PURCHASE_INVOICE UNFINISHED"} {
		if v := w.Vouchers(number); len(v) != 1 || v[0].Type+" "+v[0].Status != want {
			t.Errorf("%s: %s %+v", number, enginetest.Describe(w.Transfer(number)), v)
		}
	}
	if v := w.Vouchers("K-7/2026-03-03/Visa 1234"); len(v) == 1 && len(v[0].Attachments) != 1 {
		t.Errorf("files %+v", v[0].Attachments)
	}
	if a := w.want(http.StatusOK, "GET", "/v1/travel-invoices/unpaid", nil); len(a.Body["claims"].([]any)) != 1 || a.Body["claims"].([]any)[0].(object)["number"] != "K-7" ||
		a.Body["claims"].([]any)[0].(object)["open"] != "15.00" || a.Body["claims"].([]any)[0].(object)["person"] != "Maija Matkaaja" {
		t.Errorf("to be paid: %s", a.Raw)
	}
	// A whole card number is not taken.
	claim["lines"].([]any)[1].(object)["card"] = "4000 1234 5678 9010"
	if a := w.want(http.StatusAccepted, "POST", "/v1/documents", claim); a.str("state") != "held" {
		t.Errorf("%s", a.Raw)
	}
}
