package cli

import (
	"bufio"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// A document shows its payments with the reason of each; all payments have a list
// of their own, and one its own page.
func TestPaymentsAreShown(t *testing.T) {
	j := newJoiner(t)
	j.run(0, j.flags()...)
	a := &app{env: j.env, in: bufio.NewReader(strings.NewReader(""))}
	root := a.root()
	root.SetArgs([]string{"version"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := o.connection(t.Context(), "Webshop")
	if err != nil {
		t.Fatal(err)
	}
	doc := &hub.Document{Kind: hub.SalesInvoice, SourceID: "inv-1", Number: "1001", Date: civil.Must("2026-03-10"), Currency: "EUR"}
	if _, err := o.engine.Receive(t.Context(), conn.ID, []engine.Incoming{{Document: doc, Raw: []byte("{}")}}, nil); err != nil {
		t.Fatal(err)
	}
	got, err := o.engine.ReceivePayments(t.Context(), conn.ID, []engine.IncomingPayment{{Raw: []byte(`{"pushed":true}`), Payment: hub.PaymentMade{SourceID: "pay-1",
		Document: "inv-1", State: hub.PaymentPaid, Date: civil.Must("2026-03-12"), Amount: money.Must("25.50"), Currency: "EUR"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.store.Tx(t.Context(), func(tx *store.Tx) error {
		p, err := tx.Transfer(got[0].Transfer)
		if err != nil {
			return err
		}
		if err := p.Move(hub.Held, hub.NewFault(hub.PaymentPeriod, "", "", "date", "2026-03-12")); err != nil {
			return err
		}
		return tx.SaveTransfer(&p, "")
	}); err != nil {
		t.Fatal(err)
	}
	o.close()
	for _, c := range []struct{ args, want, not string }{
		{"show 1001", "Payments", ""},
		{"show 1001", "The day of the payment is in a closed period", ""},
		{"show " + got[0].Transfer, "Payment: Sales invoice 1001", ""},
		{"show " + got[0].Transfer + " --raw", `{"pushed":true}`, ""},
		{"log --payments", "25.50", ""},
		{"log", "1001", "closed period"},
		{"log --payments --json", hub.PaymentPeriod, ""},
	} {
		if out := j.run(0, strings.Fields(c.args)...); !strings.Contains(out, c.want) || c.not != "" && strings.Contains(out, c.not) {
			t.Errorf("vienti %s: %s", c.args, out)
		}
	}
}
