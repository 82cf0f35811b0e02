package scenes

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// While the main switch is on, each kind has its own, also later: what is switched off
// stays where it is, and goes once it is switched on again.
func TestSwitchOfEachKind(t *testing.T) {
	feature.Covers(t, "S-92")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	p := admin(t, w)
	set := func(on bool) {
		t.Helper()
		p.Go("/connections/" + w.Connection.ID + "/settings")
		p.Click("input[name='kinds.purchase_invoice.on']")
		p.Click(".settings-form .save button")
		p.Sees("main", "Asetukset on tallennettu")
		if got := connectionOf(w).Settings.Kinds[hub.PurchaseInvoice].On; got != on {
			t.Fatalf("on: %v", got)
		}
	}
	set(false)
	w.Receive(enginetest.Sale("1", "100.00"), enginetest.Purchase("2", "50.00"))
	w.Settle()
	if s, b := w.Transfer("1").State, w.Transfer("2").State; !s.Settled() || s == hub.Skipped || b != hub.Skipped {
		t.Errorf("sale %s, purchase %s", s, b)
	}
	set(true)
	w.Receive(enginetest.Purchase("3", "60.00"))
	w.Settle()
	if b := w.Transfer("3"); b.State == hub.Skipped || b.InvoiceID == 0 {
		t.Errorf("purchase %s %v", b.State, b.Faults)
	}
}
