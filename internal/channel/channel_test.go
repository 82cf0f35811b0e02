package channel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/hub"
)

// The list that comes along says of when it is and by whom, and holds codes of the
// right form, each once.
func TestKnown(t *testing.T) {
	list := Known()
	if list.Date.IsZero() || list.Source == "" || len(list.List) < 20 {
		t.Fatalf("%s, %d operators", list.Label(), len(list.List))
	}
	s := hub.DefaultSettings(list.Date)
	s.Operators = list
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if o, ok := list.Find("bawcfi22"); !ok || o.Name != "Basware" {
		t.Errorf("%+v", o)
	}
	own := hub.Settings{Operators: &hub.OperatorList{List: []hub.Operator{{Code: "OWNCODE", Name: "Own"}}}}
	if _, ok := OperatorsOf(&own).Find("BAWCFI22"); ok || OperatorsOf(&hub.Settings{}) != list {
		t.Error("a list of its own replaces the one that comes along")
	}
}

func TestTable(t *testing.T) {
	rows := []hub.CustomerRow{{Customer: "1001", Name: "Kuvitelma; Oy", Channel: hub.ByEInvoice, EInvoice: "003723456780", Operator: "003721291126", Language: "sv"},
		{Customer: "2345678-0", Channel: hub.OnPaper}, {Customer: "77", Email: "laskut@kuvitelma.example"}}
	b, err := WriteCSV(rows)
	if err != nil {
		t.Fatal(err)
	}
	got, at, err := ReadCSV(b)
	if d := cmp.Diff(rows, got) + cmp.Diff([]int{2, 3, 4}, at); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	got, _, err = ReadCSV([]byte("Customer,einvoice,operator,channel\n1001,0037 2345 6780,bawcfi22, Einvoice\n"))
	if d := cmp.Diff([]hub.CustomerRow{{Customer: "1001", Channel: hub.ByEInvoice, EInvoice: "003723456780", Operator: "BAWCFI22"}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	for table, want := range map[string]string{
		"customer;channel;email;einvoice;operator;language\n;fax;a@b;003723456781;x;xx\n": `row 2, customer: is missing
row 2, channel: "fax" is none of einvoice, email, mail, paper, sent, 
row 2, email: "a@b" is no e-mail address
row 2, einvoice: "003723456781" is no e-invoice address (ovt)
row 2, operator: "X" is no code of an operator: 4 to 20 capital letters and digits
row 2, language: "xx" is none of fi, sv, en, et, no, da`,
		"name\nx\n": "the column customer is missing\nrow 2, customer: is missing",
	} {
		if rows, _, err := ReadCSV([]byte(table)); err == nil || rows != nil || err.Error() != want {
			t.Errorf("%q:\n%v, want\n%s", table, err, want)
		}
	}
}

func TestOperatorTable(t *testing.T) {
	list, err := ReadOperators([]byte("name;code\nZeta;zeta1\n;NAMELESS\nAlfa;0037 2129 1126\n"))
	if d := cmp.Diff([]hub.Operator{{Code: "003721291126", Name: "Alfa"}, {Code: "NAMELESS", Name: "NAMELESS"}, {Code: "ZETA1", Name: "Zeta"}}, list); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	b, err := WriteOperators(list)
	if again, e := ReadOperators(b); err != nil || e != nil || !cmp.Equal(list, again) {
		t.Errorf("%v %v %v", err, e, again)
	}
	if _, err := ReadOperators([]byte("code\nABC\nNORDEA\nnordea\n")); err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "twice") {
		t.Error(err)
	}
}
