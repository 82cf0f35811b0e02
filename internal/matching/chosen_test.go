package matching_test

import (
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
)

// What a person has said of a party holds for that party, and for nobody else.
func TestMatchChosen(t *testing.T) {
	party := hub.Party{Name: "Kuvitelma Kauppa Oy", BusinessID: "3456789-3", Number: "1001"}
	other := register.Partner{ID: 1, Type: register.Customer, Name: "Kuvitelma Kauppa Oy", BusinessID: "2345678-0", IDType: "YHD", CustomerNumber: "1001", Active: true}
	made := register.Partner{ID: 2, Type: register.Customer, Name: "Kuvitelma Kauppa Oy", BusinessID: "3456789-3", IDType: "YHD", CustomerNumber: "1001", Active: true}
	doubt := made
	doubt.ID, doubt.CustomerNumber = 3, "9"
	closed := other
	closed.Active = false
	for _, c := range []struct {
		name       string
		candidates []register.Partner
		said       *matching.Chosen
		partner    int64
		key, fault string
	}{
		{"nothing was said", []register.Partner{other}, nil, 0, "", hub.PartnerConflict},
		{"linked", []register.Partner{other}, &matching.Chosen{Partner: 1}, 1, "", ""},
		{"linked, closed since", []register.Partner{closed}, &matching.Chosen{Partner: 1}, 0, "", hub.PartnerInactive},
		{"linked, removed since", []register.Partner{other}, &matching.Chosen{Partner: 7}, 0, "", hub.PartnerConflict},
		{"a new one", []register.Partner{other}, &matching.Chosen{Refused: []int64{1}, Making: "m"}, 0, "m", ""},
		{"a new one, though policy makes none", []register.Partner{other}, &matching.Chosen{Refused: []int64{1}, Making: "m"}, 0, "m", ""},
		{"a new one, and somebody has entered it", []register.Partner{other, made}, &matching.Chosen{Refused: []int64{1}, Making: "m"}, 2, "", ""},
		{"a new one, and there is a new doubt", []register.Partner{other, doubt}, &matching.Chosen{Refused: []int64{1}, Making: "m"}, 0, "", hub.PartnerConflict},
		{"it has been made", []register.Partner{other, made}, &matching.Chosen{Partner: 2, Refused: []int64{1}, Making: "m"}, 2, "", ""},
	} {
		d := matching.MatchChosen(party, register.Customer, hub.PartnerPolicy{}, c.candidates, c.said)
		id, code := int64(0), ""
		if d.Partner != nil {
			id = d.Partner.ID
		}
		if hub.Stops(d.Faults) {
			code = d.Faults[0].Code
		}
		if id != c.partner || d.Key != c.key || code != c.fault || d.Create != (c.key != "") {
			t.Errorf("%s: partner %d, make %q, %s", c.name, id, d.Key, code)
		}
	}
}

// A person who wants a partner of its own is not given the collective customer.
func TestChosenBeatsTheCollectiveCustomer(t *testing.T) {
	all := register.Partner{ID: 9, Type: register.Customer, Name: "Cash sales", CustomerNumber: "99", Active: true}
	party := hub.Party{Name: "Maija Mallikas", Address: hub.Address{Street: "Tie 1", Zip: "00100", Country: "FI"}}
	policy := hub.PartnerPolicy{Collective: "99"}
	if d := matching.MatchChosen(party, register.Customer, policy, []register.Partner{all}, nil); d.Partner == nil || d.Partner.ID != 9 {
		t.Fatalf("%+v", d)
	}
	if d := matching.MatchChosen(party, register.Customer, policy, []register.Partner{all}, &matching.Chosen{Making: "m"}); !d.Create || d.Key != "m" {
		t.Errorf("%+v", d)
	}
}

func TestPartyKey(t *testing.T) {
	base := hub.Party{Name: "Kuvitelma Oy", BusinessID: "2345678-0", Number: "1001", Address: hub.Address{Street: "Tie 1", Zip: "00100", Country: "FI"}}
	key := func(f func(*hub.Party)) string {
		p := base
		f(&p)
		return matching.PartyKey(register.Customer, p)
	}
	was := key(func(*hub.Party) {})
	for name, f := range map[string]func(*hub.Party){
		"another spelling of the id": func(p *hub.Party) { p.BusinessID = "FI23456780" },
		"another name":               func(p *hub.Party) { p.Name = "Kuvitelma" },
		"another address":            func(p *hub.Party) { p.Address.Street = "Tie 2" },
	} {
		if got := key(f); got != was {
			t.Errorf("%s is another party: %s, %s", name, got, was)
		}
	}
	for name, f := range map[string]func(*hub.Party){
		"another id":     func(p *hub.Party) { p.BusinessID = "3456789-3" },
		"another number": func(p *hub.Party) { p.Number = "1002" },
		"no id":          func(p *hub.Party) { p.BusinessID = "" },
	} {
		if got := key(f); got == was {
			t.Errorf("%s is the same party: %s", name, got)
		}
	}
	named := func(name string) string {
		return key(func(p *hub.Party) { p.BusinessID, p.Name = "", name })
	}
	if named("Kuvitelma") != named("KUVITELMA OY") || named("Kuvitelma") == named("Tarina") {
		t.Error("without an id the number is not enough")
	}
	bare := func(p *hub.Party) { p.BusinessID, p.Number = "", "" }
	if key(bare) == key(func(p *hub.Party) { bare(p); p.Address.Street = "Tie 2" }) || was == matching.PartyKey(register.Supplier, base) {
		t.Error("the address, or the register, does not count")
	}
}
