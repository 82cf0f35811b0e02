package matching

import (
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A sale that names neither an id nor a number: held by default, on the collective
// customer by policy, and never linked to somebody who only resembles it; those
// are shown.
func TestCollectiveCustomer(t *testing.T) {
	typ := register.TypeFor(hub.SalesInvoice)
	everyone := register.Partner{ID: 1, Type: typ, Name: "Kassamyynti", CustomerNumber: "999", Active: true}
	alike := register.Partner{ID: 2, Type: typ, Name: "Matti Malli", CustomerNumber: "5", Active: true}
	p := hub.Party{Name: "Matti Malli", Address: hub.Address{Street: "Tie 1", Zip: "00100", City: "Helsinki", Country: "FI"}}
	by := hub.PartnerPolicy{Create: true, Collective: "999"}
	if d := Match(p, typ, hub.PartnerPolicy{Create: true}, []register.Partner{everyone}); d.Partner != nil || d.Create || d.Faults[0].Code != hub.PartnerNoID {
		t.Errorf("without the policy: %+v", d)
	}
	if d := Match(p, typ, by, []register.Partner{everyone}); d.Partner == nil || d.Partner.ID != 1 || len(d.Faults) > 0 {
		t.Errorf("by policy: %+v", d)
	}
	if d := Match(p, typ, by, []register.Partner{everyone, alike}); d.Partner != nil || d.Faults[0].Code != hub.PartnerProposed || len(d.Candidates) != 1 || d.Candidates[0].Partner.ID != 2 {
		t.Errorf("with somebody alike: %+v", d)
	}
	closed := everyone
	closed.Active = false
	for name, list := range map[string][]register.Partner{"closed": {closed}, "twice": {everyone, {ID: 3, Type: typ, Name: "Muu", CustomerNumber: "999", Active: true}}, "none": nil} {
		if d := Match(p, typ, by, list); d.Partner != nil || d.Create {
			t.Errorf("%s: %+v", name, d)
		}
	}
	number := p
	number.Number = "77"
	if d := Match(number, typ, by, []register.Partner{everyone}); d.Partner != nil {
		t.Errorf("one with a number of its own: %+v", d)
	}
	if d := Match(p, register.TypeFor(hub.PurchaseInvoice), by, []register.Partner{everyone}); d.Partner != nil {
		t.Errorf("a supplier: %+v", d)
	}
}
