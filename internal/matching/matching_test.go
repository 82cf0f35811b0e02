package matching_test

import (
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
)

func partner(id int64, change func(*register.Partner)) register.Partner {
	p := register.Partner{ID: id, Type: register.Customer, Name: "Kuvitelma Kauppa Oy", BusinessID: "2345678-0", IDType: "YHD", CustomerNumber: "1001", Active: true,
		Address: hub.Address{Street: "Keksittykatu 5", Zip: "33100", City: "Tampere", Country: "FI"}}
	if change != nil {
		change(&p)
	}
	return p
}

func party(change func(*hub.Party)) hub.Party {
	p := hub.Party{Name: "Kuvitelma Kauppa Oy", BusinessID: "2345678-0", Number: "1001", Address: hub.Address{Country: "FI"}}
	if change != nil {
		change(&p)
	}
	return p
}

func TestMatch(t *testing.T) {
	both := partner(1, nil)
	noID := partner(2, func(p *register.Partner) { p.BusinessID, p.IDType = "", "" })
	noNumber := partner(3, func(p *register.Partner) { p.CustomerNumber = "" })
	otherID := partner(4, func(p *register.Partner) { p.BusinessID = "3456780-6" })
	otherNumber := partner(5, func(p *register.Partner) { p.CustomerNumber = "1002" })
	bare := partner(6, func(p *register.Partner) { p.BusinessID, p.IDType, p.CustomerNumber = "", "", "" })
	asleep := partner(7, func(p *register.Partner) { p.Active = false })
	supplier := partner(8, func(p *register.Partner) { p.Type = register.Supplier })
	twin := partner(9, nil)
	renamed := partner(10, func(p *register.Partner) { p.BusinessID, p.IDType, p.Name = "", "", "Toinen Nimi Oy" })
	firm := partner(11, func(p *register.Partner) { p.Name = "Toinen Nimi Oy" })
	neighbour := partner(12, func(p *register.Partner) {
		p.BusinessID, p.IDType, p.CustomerNumber, p.Name = "3456780-6", "YHD", "77", "Kuvitelma Vuokraus Oy"
	})

	noIDs := func(p *hub.Party) { p.BusinessID, p.Number = "", "" }
	create := hub.PartnerPolicy{Create: true}
	trusting := hub.PartnerPolicy{Create: true, WithoutID: true}
	making := hub.PartnerPolicy{Create: true, OtherID: hub.ConflictCreate, OtherNumber: hub.ConflictCreate}
	for _, tc := range []struct {
		name       string
		party      hub.Party
		policy     hub.PartnerPolicy
		candidates []register.Partner
		want       int64  // linked
		code       string // or held with
		create     string // or made under
		warning    string
	}{
		{name: "V-19 same id, same number", party: party(nil), candidates: []register.Partner{both}, want: 1},
		{name: "full match beats another number of the firm", party: party(nil), candidates: []register.Partner{otherNumber, both}, want: 1},
		{name: "full match beats another firm's number", party: party(nil), candidates: []register.Partner{otherID, both}, want: 1},
		{name: "V-20 same id, other number", party: party(nil), candidates: []register.Partner{otherNumber}, code: hub.PartnerConflict},
		{name: "V-21 and S-19 same number, other id", party: party(nil), candidates: []register.Partner{otherID}, code: hub.PartnerConflict},
		{name: "V-22 only the id", party: party(func(p *hub.Party) { p.Number = "" }), candidates: []register.Partner{otherNumber}, want: 5},
		{name: "V-22 only the number", party: party(func(p *hub.Party) { p.BusinessID = "" }), candidates: []register.Partner{otherID}, want: 4},
		{name: "V-23 the register has no id", party: party(nil), candidates: []register.Partner{noID}, want: 2},
		{name: "the register has no number", party: party(nil), candidates: []register.Partner{noNumber}, want: 3},
		{name: "one entry lacks the id, one the number", party: party(nil), candidates: []register.Partner{noID, noNumber}, code: hub.PartnerAmbiguous},
		{name: "the number is right, the name is not", party: party(nil), candidates: []register.Partner{renamed}, code: hub.PartnerProposed},
		{name: "twins", party: party(nil), candidates: []register.Partner{both, twin}, code: hub.PartnerAmbiguous},
		{name: "the same entry twice is one", party: party(nil), candidates: []register.Partner{both, both}, want: 1},
		{name: "inactive", party: party(nil), candidates: []register.Partner{asleep}, code: hub.PartnerInactive},
		{name: "the inactive twin steps back", party: party(nil), candidates: []register.Partner{asleep, both}, want: 1},
		{name: "a supplier is no customer", party: party(nil), policy: create, candidates: []register.Partner{supplier}, create: "customer/id/FI23456780"},
		{name: "nobody", party: party(nil), policy: create, create: "customer/id/FI23456780"},
		{name: "nobody, and making is not allowed", party: party(nil), code: hub.PartnerMissing},
		{name: "a namesake without any id", party: party(nil), policy: create, candidates: []register.Partner{bare}, code: hub.PartnerProposed},
		{name: "a namesake that is another firm", party: party(func(p *hub.Party) { p.BusinessID, p.Number = "4567890-7", "9" }), policy: create, candidates: []register.Partner{both}, create: "customer/id/FI45678907"},
		{name: "name and address never link", party: party(noIDs), policy: trusting, candidates: []register.Partner{both}, code: hub.PartnerProposed},
		{name: "an address with a shared word proposes", party: party(func(p *hub.Party) {
			noIDs(p)
			p.Address = hub.Address{Street: "Keksittykatu 5", Zip: "33100"}
		}), candidates: []register.Partner{neighbour}, code: hub.PartnerProposed},
		{name: "nothing to go by", party: party(noIDs), policy: trusting, code: hub.PartnerNoID},
		{name: "a firm without id", party: party(func(p *hub.Party) { p.BusinessID = "" }), policy: create, code: hub.PartnerNoID},
		{name: "a firm without id, by setting", party: party(func(p *hub.Party) { p.BusinessID = "" }), policy: trusting, create: "customer/number/1001"},
		{name: "a consumer", party: party(func(p *hub.Party) { p.Consumer, p.BusinessID = true, "" }), policy: create, candidates: []register.Partner{noID}, code: hub.PartnerNoID},
		{name: "a consumer by setting", party: party(func(p *hub.Party) { p.Consumer, p.BusinessID = true, "" }), policy: trusting, candidates: []register.Partner{noID}, want: 2},
		{name: "a consumer by setting who has married", party: party(func(p *hub.Party) { p.Consumer, p.BusinessID, p.Name = true, "", "Toinen Mallikas" }), policy: trusting, candidates: []register.Partner{renamed}, want: 10, warning: hub.PartnerProposed},
		{name: "a consumer by setting whose number somebody else has", party: party(func(p *hub.Party) { p.Consumer, p.BusinessID = true, "" }), policy: trusting, candidates: []register.Partner{renamed}, code: hub.PartnerProposed},
		{name: "a firm by setting whose number somebody else has", party: party(func(p *hub.Party) { p.BusinessID, p.Name = "", "Toinen Firma Oy" }), policy: trusting, candidates: []register.Partner{renamed}, code: hub.PartnerProposed},
		{name: "a consumer is no firm of that number", party: party(func(p *hub.Party) { p.Consumer, p.BusinessID = true, "" }), policy: trusting, candidates: []register.Partner{firm}, code: hub.PartnerProposed},

		{name: "V-20 and S-18 by policy: same id, other number", party: party(nil), policy: making, candidates: []register.Partner{otherNumber}, create: "customer/id/FI23456780/number/1001"},
		{name: "V-21 by policy: same number, other id", party: party(nil), policy: making, candidates: []register.Partner{otherID}, create: "customer/id/FI23456780"},
		{name: "S-19 beside S-18", party: party(nil), policy: hub.PartnerPolicy{Create: true, OtherNumber: hub.ConflictCreate}, candidates: []register.Partner{otherID}, code: hub.PartnerConflict},
		{name: "by policy, and nothing may be made", party: party(nil), policy: hub.PartnerPolicy{OtherID: hub.ConflictCreate}, candidates: []register.Partner{otherID}, code: hub.PartnerConflict},
		{name: "by policy, never for a misspelt id", party: party(nil), policy: making, candidates: []register.Partner{partner(4, func(p *register.Partner) { p.BusinessID = "2345687-0" })}, code: hub.PartnerConflict},
		{name: "by policy, never for zeros in the number", party: party(func(p *hub.Party) { p.Number = "001001" }), policy: making, candidates: []register.Partner{both}, want: 1},
		{name: "by policy, never where id and number are two others'", party: party(nil), policy: making, candidates: []register.Partner{otherID, otherNumber}, code: hub.PartnerConflict},
		{name: "by policy, never beside an entry without id", party: party(nil), policy: making, candidates: []register.Partner{otherID, noID}, code: hub.PartnerConflict},
		{name: "by policy, never beside an entry without number", party: party(nil), policy: making, candidates: []register.Partner{otherID, noNumber}, code: hub.PartnerConflict},
		{name: "a misspelt id and the same name", party: party(func(p *hub.Party) { p.BusinessID, p.Number = "2345687-0", "" }), policy: making, candidates: []register.Partner{both}, code: hub.PartnerProposed},
		{name: "V-12 the alternative number first", party: party(func(p *hub.Party) { p.Number, p.Alternative = "1002", "1001" }), candidates: []register.Partner{both, otherNumber}, want: 1},
		{name: "V-11 by setting the own number", party: party(func(p *hub.Party) { p.Number, p.Alternative = "1002", "1001" }), policy: hub.PartnerPolicy{Number: hub.OwnNumber}, candidates: []register.Partner{both, otherNumber}, want: 5},
		{name: "V-12 no alternative number", party: party(func(p *hub.Party) { p.Alternative = " " }), candidates: []register.Partner{both}, want: 1},
		{name: "a personal id is none", party: party(func(p *hub.Party) { p.BusinessID = "131052-308T" }), candidates: []register.Partner{partner(13, func(p *register.Partner) { p.BusinessID, p.IDType = "131052-308T", "HETU" })}, want: 13},
		{name: "a personal id makes nobody", party: party(func(p *hub.Party) { p.BusinessID, p.Number = "131052-308T", "" }), policy: create, code: hub.PartnerNoID},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := matching.Match(tc.party, register.Customer, tc.policy, tc.candidates)
			var linked int64
			if d.Partner != nil {
				linked = d.Partner.ID
			}
			code, warning := "", ""
			for _, f := range d.Faults {
				if f.Warning {
					warning = f.Code
				} else {
					code = f.Code
				}
			}
			if linked != tc.want || code != tc.code || d.Key != tc.create || d.Create != (tc.create != "") || warning != tc.warning {
				t.Errorf("linked %d, fault %q, key %q, warning %q; want %d, %q, %q, %q\n%+v", linked, code, d.Key, warning, tc.want, tc.code, tc.create, tc.warning, d)
			}
			if code != "" && code != hub.PartnerNoID && len(tc.candidates) > 0 && len(d.Candidates) == 0 && code != hub.PartnerMissing {
				t.Error("nobody to choose from")
			}
		})
	}
}

// A conflict that the policy refuses is mended on a card; one that it asks about is
// a person's to settle, and so is what may be a slip.
func TestConflictPolicy(t *testing.T) {
	otherID := partner(1, func(p *register.Partner) { p.BusinessID = "3456780-6" })
	misspelt := partner(1, func(p *register.Partner) { p.BusinessID = "2345687-0" })
	for _, tc := range []struct {
		policy hub.Conflict
		there  register.Partner
		mend   bool
	}{{"", otherID, true}, {hub.ConflictRefuse, otherID, true}, {hub.ConflictAsk, otherID, false}, {hub.ConflictRefuse, misspelt, false}, {hub.ConflictCreate, misspelt, false}} {
		d := matching.Match(party(nil), register.Customer, hub.PartnerPolicy{Create: true, OtherID: tc.policy}, []register.Partner{tc.there})
		if d.Partner != nil || d.Create || d.Mend != tc.mend || len(d.Candidates) != 1 {
			t.Errorf("%q, %s: %+v", tc.policy, tc.there.BusinessID, d)
		}
	}
}

// The policy is one for suppliers and persons; of persons no id counts, and none is made.
func TestSuppliersAndPersons(t *testing.T) {
	entry := func(typ register.PartnerType) register.Partner {
		return partner(1, func(p *register.Partner) { p.Type = typ })
	}
	create := hub.PartnerPolicy{Create: true, WithoutID: true}
	if d := matching.Match(party(nil), register.Supplier, create, []register.Partner{entry(register.Customer), entry(register.Supplier)}); d.Partner == nil || d.Partner.Type != register.Supplier {
		t.Errorf("supplier: %+v", d)
	}
	if d := matching.Match(party(func(p *hub.Party) { p.BusinessID = "3456780-6" }), register.Person, create, []register.Partner{entry(register.Person)}); d.Partner == nil {
		t.Errorf("a person by number and name: %+v", d)
	}
	if d := matching.Match(party(func(p *hub.Party) { p.Name = "Toinen" }), register.Person, create, []register.Partner{entry(register.Person)}); d.Partner != nil || d.Create {
		t.Errorf("a person of another name: %+v", d)
	}
	if d := matching.Match(party(nil), register.Person, create, nil); d.Create || d.Faults[0].Code != hub.PartnerMissing {
		t.Errorf("a person is made: %+v", d)
	}
}

// Three spellings of an id (V-25, V-26, V-27), and more that registers hold.
func TestSpellings(t *testing.T) {
	for _, tc := range []struct{ ours, theirs, typ, country string }{
		{"2345678-0", "2345678-0", "YHD", "FI"},
		{"2345678-0", "2345678-0", "FI", ""},
		{"FI-2345678-0", "2345678-0", "YHD", ""},
		{"2345678-0", "23456780", "", ""},
		{"FI23456780", "2345678-0", "YHD", "FI"},
		{" 2345678 - 0 ", "FI 23.456.780", "", "FI"},
		{"0123458-9", "1234589", "YHD", "FI"}, // kept as a number
		{"556111-1112", "SE556111111201", "SE", "SE"},
		{"165561111112", "556111-1112", "SE", "SE"},
		{"556111-1112", "5561111112", "SE", "SE"},
		{"19560101-0016", "560101-0016", "SE", "SE"}, // a sole trader's number
		{"EE100594102", "100594102", "EE", "EE"},
	} {
		p := party(func(p *hub.Party) { p.BusinessID, p.Number, p.Address.Country = tc.ours, "", tc.country })
		c := partner(1, func(p *register.Partner) {
			p.BusinessID, p.IDType, p.Address.Country, p.CustomerNumber = tc.theirs, tc.typ, tc.country, ""
		})
		d := matching.Match(p, register.Customer, hub.PartnerPolicy{}, []register.Partner{c})
		if d.Partner == nil {
			t.Errorf("%q does not meet %q of type %q: %+v", tc.ours, tc.theirs, tc.typ, d.Faults)
		}
		if !slices.ContainsFunc(matching.Keys(p), func(k matching.Key) bool {
			return k.Kind == matching.ByID && slices.Contains(matching.PartnerKeys(c), k)
		}) {
			t.Errorf("%q and %q share no key: %v, %v", tc.ours, tc.theirs, matching.Keys(p), matching.PartnerKeys(c))
		}
	}
	// Equal digits in two countries are two firms.
	p := party(func(p *hub.Party) { p.BusinessID, p.Address.Country, p.Number = "12345671", "EE", "" })
	c := partner(1, func(p *register.Partner) { p.BusinessID = "1234567-1" })
	if d := matching.Match(p, register.Customer, hub.PartnerPolicy{}, []register.Partner{c}); d.Partner != nil {
		t.Errorf("an Estonian firm became a Finnish one: %+v", d)
	}
}

func TestNameForm(t *testing.T) {
	for a, b := range map[string]string{
		"Oy Esimerkki Ab": "ESIMERKKI OY", "Tarina & Co. Oy": "tarina co", "Påhitt AB (publ)": "Påhitt Aktiebolag",
		"Ho\u0308lmo\u0308la\u0308 Ky": "Hölmölä", "Oy Ab": "OY AB",
	} {
		if matching.NameForm(a) != matching.NameForm(b) {
			t.Errorf("%q is %q, %q is %q", a, matching.NameForm(a), b, matching.NameForm(b))
		}
	}
	if matching.NameForm("Oy Ab") == "" || matching.NameForm("Esimerkki Invest Oy") == matching.NameForm("Esimerkki Oy") {
		t.Error("two names in one form, or none")
	}
}
