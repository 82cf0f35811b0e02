package mapping_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
)

// The fields of a payment: all of them on a sales invoice, day and sum on a
// purchase invoice, on which Procountor takes no others.
func TestPaymentFields(t *testing.T) {
	feature.Covers(t, "E-68", "E-81")
	p := hub.PaymentMade{Amount: money.Must("125.50"), Currency: "EUR", Method: hub.ByCard, Text: "Kassa 2"}
	for kind, want := range map[hub.Kind]string{
		hub.SalesInvoice:    `{"paymentDate":"2026-03-12","amount":125.50,"currency":"EUR","description":"Kassa 2","paymentMethodType":"CHARGE_CARD"}`,
		hub.PurchaseInvoice: `{"paymentDate":"2026-03-12","amount":125.50,"currency":"EUR"}`,
	} {
		m, err := mapping.Paid(kind, p, civil.Must("2026-03-12"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(m); err != nil || string(got) != want {
			t.Errorf("%s: %s, want %s, %v", kind, got, want, err)
		}
	}
	for _, method := range hub.PaymentMethods {
		p.Method = method
		if m, _ := mapping.Paid(hub.SalesInvoice, p, civil.Must("2026-03-12")); m.PaymentMethodType == "" {
			t.Errorf("%s has no word in Procountor", method)
		}
	}
}

// The description holds our mark whatever else it says, in Procountor's
// characters and within its length.
func TestPaidDescription(t *testing.T) {
	key := hub.StepKey("company", "connection", "p", 1, hub.MarkPaid, 1, 1)
	for _, text := range []string{"", "Kassa 2", "two\nlines", "中文 ☃", strings.Repeat("pitkä ", 60)} {
		got := mapping.PaidDescription(text, "Webshop", "10234", key)
		if k, ok := hub.MarkIn(got); !ok || k != key || utf8.RuneCountInString(got) > 140 || strings.ContainsAny(got, "\n中☃") {
			t.Errorf("%q", got)
		}
	}
	if got := mapping.PaidDescription("x", strings.Repeat("System", 40), "10234", key); !strings.HasSuffix(got, "vienti:"+key) || utf8.RuneCountInString(got) > 140 {
		t.Errorf("%q", got)
	}
}
