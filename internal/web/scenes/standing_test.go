package scenes

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// A purchase invoice that is posted at the company is opened, its posting is
// checked, and the button takes it to Procountor; several are ticked in the list.
func TestExportToProcountor(t *testing.T) {
	feature.Covers(t, "E-38", "E-39", "T-42")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: byMap([]hub.AccountRule{{Source: "7680", Purchases: true, Account: "7200"}}, hub.PurchaseInvoice)})
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID + "/settings")
	p.Choose("select[name='kinds.purchase_invoice.when']", "by_hand")
	p.Choose("select[name='kinds.purchase_invoice.arrival']", "approved")
	p.Sees("#kind-purchase_invoice", "Viimeiseen hyväksyntään asti")
	p.Shot("settings")
	p.Click(".settings-form .save button")
	p.Sees("table.settings", "vain painikkeesta ”Vie Procountoriin”")

	approved := enginetest.Approved("Anna Aalto", "Bo Berg!")
	w.Stand(on(enginetest.Purchase("P1", "100.00"), "7680", "S", "25.5"), approved)
	w.Stand(on(enginetest.Purchase("P2", "200.00"), "9999", "S", "25.5"), approved)
	w.Stand(on(enginetest.Purchase("P3", "300.00"), "7680", "S", "25.5"), approved)
	w.Settle()
	p.Go("/documents/" + w.Transfer("P1").ID)
	p.Sees(".standing .badge", "Pysäytetty")
	p.Sees(".at-source", "Hyväksymiskierto on valmis.")
	p.Sees(".at-source", "Bo Berg 2 hyväksyi (viimeinen hyväksyntä)")
	p.Sees("table.lines", "7200") // the posting, before anything is written
	p.Sees("#forecast", "kirjoitettaisiin")
	p.Shot("waits")
	p.Sound()
	p.Click(".actions form[action$='/send_now'] button")
	p.Sees("p.note.good", "Se siirtyy Procountoriin.")
	w.Settle()
	if d := cmp.Diff([]string{"7200 100.00, status 1"}, books(t, w, "P1")); d != "" {
		t.Error(d)
	}
	if v := w.Vouchers("P1"); v[0].Status != "APPROVED" {
		t.Errorf("the voucher is %s", v[0].Status)
	}
	p.Go("/documents/" + w.Transfer("P1").ID)
	p.Sees("ol.log", "Käsketty siirtymään")
	acts, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (who []string, err error) {
		list, err := tx.Acts(w.Transfer("P1").ID, 0, 20)
		for _, a := range list {
			if a.Kind == "transfer.send_now" {
				who = append(who, a.Actor)
			}
		}
		return who, err
	})
	w.Must(err)
	if len(acts) != 1 || acts[0] == "" || strings.HasPrefix(acts[0], "vienti") {
		t.Errorf("who pressed: %v", acts)
	}

	// What is wrong is said before the button is there.
	p.Go("/documents/" + w.Transfer("P2").ID)
	p.Sees(".standing", "9999")
	if s := p.Text(".actions"); strings.Contains(s, "Vie Procountoriin") {
		t.Error("what cannot go has the button")
	}
	p.Go("/documents?show=needs")
	p.Click("#tick-" + w.Transfer("P3").ID)
	p.Shot("list")
	p.Click("#do-send")
	p.Sees("p.note.good", "1 tosite lähti siirtoon")
	w.Settle()
	if d := cmp.Diff([]string{"7200 300.00, status 1"}, books(t, w, "P3")); d != "" {
		t.Error(d)
	}
}
