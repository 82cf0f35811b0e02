package matching_test

import (
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
)

// Whatever stands in the fields, there is exactly one outcome, the same twice,
// and an id is the same as itself.
func FuzzMatch(f *testing.F) {
	f.Add("Kuvitelma Oy", "2345678-0", "FI23456780", "1001", "FI", "Kuvitelma Oy", "2345678-0", "YHD", "1001", byte(0))
	f.Add("Påhitt AB", "556000-0001", "SE556000000101", "", "SE", "Påhitt", "SE556000000101", "SE", "1003", byte(3))
	f.Add("", "", "", "", "", "", "", "", "", byte(255))
	f.Add("ß", "0", "EL", "\x00", "xx", "ẞ", "ÅÄ1", "PN", " ", byte(7))
	f.Fuzz(func(t *testing.T, name, id, vat, number, country, theirName, theirID, theirType, theirNumber string, flags byte) {
		p := hub.Party{Name: name, BusinessID: id, VATNumber: vat, Number: number, Address: hub.Address{Country: country}, Consumer: flags&4 != 0}
		c := []register.Partner{{ID: 1, Type: register.Customer, Name: theirName, BusinessID: theirID, IDType: theirType, CustomerNumber: theirNumber, Active: flags&8 == 0}}
		policy := hub.PartnerPolicy{Create: flags&1 != 0, WithoutID: flags&2 != 0}
		d, again := matching.Match(p, register.Customer, policy, c), matching.Match(p, register.Customer, policy, c)
		if (d.Partner == nil) != (again.Partner == nil) || d.Key != again.Key || len(d.Faults) != len(again.Faults) {
			t.Fatalf("two decisions: %+v, %+v", d, again)
		}
		outcomes := 0
		for _, yes := range []bool{d.Partner != nil, d.Create, hub.Stops(d.Faults)} {
			if yes {
				outcomes++
			}
		}
		if outcomes != 1 || d.Create != (d.Key != "") {
			t.Fatalf("not one outcome: %+v", d)
		}
		for _, x := range append(matching.IDsOf(p), matching.PartnerIDs(c[0])...) {
			if again := matching.ParseID(x.Bare, "", x.Country); !x.Same(x) || len(x.Spellings()) == 0 || again.Bare == "" {
				t.Fatalf("%+v is not itself, or nothing when read again: %+v", x, again)
			}
		}
		if d.Create {
			// Once it is made as asked, it is found.
			made := register.Partner{ID: 2, Type: register.Customer, Name: name, BusinessID: id, VATNumber: vat, CustomerNumber: number, Active: true, Address: p.Address}
			if back := matching.Match(p, register.Customer, policy, []register.Partner{made}); back.Partner == nil {
				t.Fatalf("%+v is made and not found: %+v", p, back)
			}
		}
	})
}
