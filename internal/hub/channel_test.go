package hub

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
)

// Settings that were kept when the rule was three boxes mean what they meant.
func TestChannelRuleOfThreeBoxes(t *testing.T) {
	for kept, want := range map[string]ChannelRule{
		`{"einvoice": true, "email": true, "mail": false}`: {ByEInvoice, ByEmail},
		`{"einvoice": false, "email": true, "mail": true}`: {ByEmail, ByMail},
		`{}`:                         {},
		`["mail", "einvoice"]`:       {ByMail, ByEInvoice},
		`["paper"]`:                  {OnPaper},
		`["email", "unheard of"]`:    {ByEmail, "unheard of"}, // told by Check
		`{"einvoice": true, "x": 1}`: {ByEInvoice},
	} {
		var s Settings
		if err := json.Unmarshal([]byte(`{"channel": `+kept+`}`), &s); err != nil || !cmp.Equal(want, s.Channel) {
			t.Errorf("%s: %v, %v", kept, s.Channel, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"channel": "email"}`), new(Settings)); err == nil || !strings.Contains(err.Error(), "[einvoice, email]") {
		t.Error(err)
	}
}

func TestEInvoiceForm(t *testing.T) {
	for s, want := range map[string]string{
		"003723456780": "", "0037 2345 6780": "", "00372345678000123": "", "003723456781": "ovt", "0037234567800012345": "ovt", "0037ABC": "ovt",
		"FI2112345600000785": "", "FI2112345600000784": "iban", "FI28768767": "", "TE003723456780": "", "0216:003723456780": "", "7350053850019": "",
		"": "edi", "ab": "edi", "laskut@kuvitelma.example": "edi", "ää12345": "edi", strings.Repeat("1", 36): "edi",
	} {
		if _, why := EInvoiceForm(s); why != want {
			t.Errorf("%q: %q, want %q", s, why, want)
		}
	}
}

// A customer is found by number before id, however it is written.
func TestRowOf(t *testing.T) {
	s := Settings{Customers: []CustomerRow{{Customer: "FI23456780", Name: "by id"}, {Customer: "a 100", Name: "by number"}, {Customer: "DE 123456788", Name: "abroad"}}}
	for want, p := range map[string]Party{"by id": {BusinessID: "2345678-0"}, "by number": {Number: "A100", BusinessID: "2345678-0"}, "abroad": {VATNumber: "DE123456788", Number: "9"}} {
		if got := s.RowOf(&p); got == nil || got.Name != want {
			t.Errorf("%+v: %+v, want %s", p, got, want)
		}
	}
	if got := s.RowOf(&Party{Name: "by id"}); got != nil {
		t.Errorf("a name alone finds %+v", got)
	}
}

// The rule, the customers and the operators are checked as one with the rest, and
// their changes told by what they are for.
func TestChannelSettings(t *testing.T) {
	s := DefaultSettings(civil.Must("2026-01-01"))
	s.Channel = ChannelRule{ByEmail, SentAlready, ByEmail}
	s.Customers = []CustomerRow{{Customer: "1001"}, {Customer: " 10 01 "}, {}}
	s.UnknownOperator = "guess"
	s.Operators = &OperatorList{List: []Operator{{Code: "x"}, {Code: "NDEAFIHH", Name: "Nordea"}, {Code: "NDEAFIHH", Name: "Nordea"}}}
	err := s.Check()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{`channel[1]: "sent" is none of`, `channel[2]: "email" stands there twice`, `unknown_operator: "guess"`, `customers[1].customer: " 10 01 " stands there twice`,
		`customers[2].customer: is missing`, `operators.list[0].code: "x" is no code`, `operators.list[0].name: is missing`, `operators.list[2].code: "NDEAFIHH" stands there twice`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it is not said that %s:\n%v", want, err)
		}
	}
	from, to := DefaultSettings(civil.Must("2026-01-01")), DefaultSettings(civil.Must("2026-01-01"))
	from.Customers = []CustomerRow{{Customer: "1", Channel: ByMail}, {Customer: "2"}, {Customer: "3", Name: "Old"}}
	to.Channel = ChannelRule{ByEmail, ByEInvoice}
	to.Customers = []CustomerRow{{Customer: "3", Name: "New"}, {Customer: "1", Channel: ByEmail, Email: "a@example.fi"}, {Customer: "4", Name: "Four", Language: "sv"}}
	to.Operators = &OperatorList{Date: civil.Must("2026-03-01"), Source: "TIEKE", List: []Operator{{Code: "NDEAFIHH", Name: "Nordea"}}}
	changes, err := SettingChanges(from, to)
	want := []SettingChange{{Key: "channel", From: "einvoice, email", To: "email, einvoice"}, {Key: "customers[1]", From: "mail", To: "email, a@example.fi"},
		{Key: "customers[2]", From: "rule"}, {Key: "customers[3 New]", From: "rule (Old)", To: "rule (New)"}, {Key: "customers[4 Four]", To: "sv"},
		{Key: "operators", To: "2026-03-01 TIEKE (1)"}}
	if d := cmp.Diff(want, changes); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}
