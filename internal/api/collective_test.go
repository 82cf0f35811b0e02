package api_test

import (
	"net/http"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// A customer of whom only name and address are known: held, unless the settings
// name a collective customer; the invoice keeps the name and address.
func TestNameAndAddressOnly(t *testing.T) {
	feature.Covers(t, "E-71")
	for _, collective := range []string{"", "1001"} {
		w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Partner.Collective = collective }})
		doc := with(sale("9601", "100.00"), "buyer", object{"name": "Matti Meikäläinen",
			"address": object{"street": "Keksittykatu 9", "zip": "33100", "city": "Oulu", "country": "FI"}})
		id := w.want(http.StatusAccepted, "POST", "/v1/documents", doc).str("id")
		w.Settle()
		a := w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil)
		v := w.Vouchers("9601")
		if collective == "" {
			if a.str("state") != "held" || len(v) != 0 {
				t.Errorf("without the setting: %s", a.Raw)
			}
			continue
		}
		if a.str("state") != "done" || len(v) != 1 || v[0].CounterParty.CounterPartyAddress.Name != "Matti Meikäläinen" || v[0].CounterParty.CounterPartyAddress.City != "Oulu" {
			t.Fatalf("%s\n%+v", a.Raw, v)
		}
		for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
			if p.ID == *v[0].PartnerID && p.InvoicingInfo.CustomerNumber != collective {
				t.Errorf("on customer %+v", p.InvoicingInfo)
			}
		}
	}
}
