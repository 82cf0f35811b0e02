package hub

import "testing"

// What is said and what stands there, by what the two last came to rest with.
func TestCompareCard(t *testing.T) {
	email := func(s string) Card { return Card{Email: s} }
	for _, c := range []struct {
		name       string
		said, card string
		settled    *CardPair
		changes    bool
		why        CardWhy
	}{
		{"nothing said", "", "a@x.fi", nil, false, ""},
		{"agreed", "A@x.fi", "a@x.fi ", nil, false, ""},
		{"first, and empty there", "a@x.fi", "", nil, true, CardCarried},
		{"first", "a@x.fi", "b@x.fi", nil, true, CardFirst},
		{"the source has changed", "b@x.fi", "a@x.fi", &CardPair{Said: "a@x.fi", Card: "a@x.fi"}, true, CardCarried},
		{"edited there", "a@x.fi", "c@x.fi", &CardPair{Said: "a@x.fi", Card: "a@x.fi"}, true, CardEdited},
		{"emptied there", "a@x.fi", "", &CardPair{Said: "a@x.fi", Card: "a@x.fi"}, true, CardEdited},
		{"left", "a@x.fi", "c@x.fi", &CardPair{Said: "a@x.fi", Card: "c@x.fi", Left: true}, false, ""},
		{"left, and the source has changed since", "b@x.fi", "c@x.fi", &CardPair{Said: "a@x.fi", Card: "c@x.fi", Left: true}, true, CardEdited},
	} {
		var settled CardPairs
		if c.settled != nil {
			settled = CardPairs{CardEmail: *c.settled}
		}
		changes, next := CompareCard(email(c.said), email(c.card), settled)
		if len(changes) > 0 != c.changes || c.changes && changes[0].Why != c.why {
			t.Errorf("%s: %+v", c.name, changes)
		}
		if again, _ := CompareCard(email(c.said), email(c.card), next); len(again) != len(changes) {
			t.Errorf("%s: settled %+v", c.name, next)
		}
	}
}

// Fields are whole, or not said; spelling makes no difference, and a default country none.
func TestCard(t *testing.T) {
	full := Card{Name: "Kuvitelma Oy", Address: Address{Street: "Katu 1", Zip: "00100", City: "Helsinki", Country: "FI"}, EInvoice: EInvoice{"003712345671", "BAWCFI22"}}
	half := Card{Address: Address{Street: "Katu 2", City: "Turku"}, EInvoice: EInvoice{Address: "003712345671"}}
	for _, f := range CardFields {
		if half.Says(f) {
			t.Errorf("half a word about %s", f)
		}
		if half.Over(full).Text(f) != full.Text(f) {
			t.Errorf("%s: %q", f, half.Over(full).Text(f))
		}
	}
	abroad := Card{Name: "KUVITELMA, Oy", Address: Address{Street: "katu  1", Zip: "00100", City: "HELSINKI"}}
	if !abroad.Agrees(full, CardAddress) || !abroad.Agrees(full, CardName) || abroad.Over(full) != full {
		t.Errorf("%+v", abroad.Over(full))
	}
	abroad.Address.Country = "SE"
	if abroad.Agrees(full, CardAddress) {
		t.Error("another country is another address")
	}
	if SameText(CardEmail, "a.b@x.fi", "ab@x.fi") || SameText(CardNumber, "10-01", "1001") {
		t.Error("addresses and numbers are exact")
	}
}
