package mapping_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/apidescription"
)

// enum reads an enumeration of the API's description.
func enum(t *testing.T, schema string) []string {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas map[string]struct{ Enum []string }
		}
	}
	if err := json.Unmarshal(apidescription.JSON(), &doc); err != nil {
		t.Fatal(err)
	}
	list := doc.Components.Schemas[schema].Enum
	if len(list) < 100 {
		t.Fatalf("%s has %d values", schema, len(list))
	}
	return list
}

// sale is a plain document that passes, for tests that change one thing.
func sale(t *testing.T) mapping.Input {
	t.Helper()
	var d hub.Document
	if err := json.Unmarshal([]byte(genericSale), &d); err != nil {
		t.Fatal(err)
	}
	q, p := money.FromInt(2), money.Must("10.00")
	d.Lines = []hub.Line{{Name: "Row", Quantity: &q, UnitPrice: &p, VATPercent: money.Must("25.5")}}
	in := fuzzInput(&d, 0)
	if plan, faults := mapping.Make(in); plan == nil {
		t.Fatalf("the plain document is held: %+v", faults)
	}
	return in
}

func codes(faults []hub.Fault) (out []string) {
	for _, f := range faults {
		out = append(out, f.Code)
	}
	return out
}

func TestUnits(t *testing.T) {
	units := enum(t, "Unit")
	in := sale(t)
	unit := func(written string) (procountor.Unit, bool) {
		in.Document.Lines[0].Unit = written
		plan, _ := mapping.Make(in)
		if plan == nil {
			return "", false
		}
		return plan.Steps[0].Invoice.InvoiceRows[0].Unit, true
	}
	for _, u := range units {
		if got, ok := unit(u); !ok || string(got) != u {
			t.Errorf("Procountor's own %s is %s", u, got)
		}
	}
	for written, want := range map[string]procountor.Unit{
		"kpl": "PIECE", "KPL.": "PIECE", "C62": "PIECE", "EA": "PIECE", "st": "PIECE", "pcs": "PIECE", "h": "HOUR", "tuntia": "HOUR", "HUR": "HOUR", "tim.": "HOUR",
		"pv": "DAY", "vrk": "FULL_DAY", "kk": "MONTH", "MON": "MONTH", "v": "", "t": "", "kg": "KILOGRAM", "KGM": "KILOGRAM", "m²": "SQUARE_METER", "MTK": "SQUARE_METER",
		"jm": "LINEAR_METER", "kWh": "KILOWATT_HOUR", "erä": "LOT", "": "NO_UNIT", "tynnyri": "", "förp": "PARCEL",
	} {
		got, ok := unit(written)
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
		if ok && !slices.Contains(units, string(got)) {
			t.Errorf("%q became %s, which the description does not have", written, got)
		}
	}
	in.Connection.Settings.Units = map[string]string{"Tynnyri": "BOX", "t": "HOUR", "": "PIECE", "outo": "BARREL"}
	for written, want := range map[string]procountor.Unit{"Tynnyri": "BOX", "t": "HOUR", "T.": "HOUR", "": "PIECE"} {
		if got, _ := unit(written); got != want {
			t.Errorf("by setting %q is %s, want %s", written, got, want)
		}
	}
	in.Document.Lines[0].Unit = "outo"
	if _, faults := mapping.Make(in); !slices.Contains(codes(faults), hub.UnitUnknown) {
		t.Errorf("a setting names a unit that is none: %+v", faults)
	}
}

func TestCurrencies(t *testing.T) {
	in := sale(t)
	rate := money.Must("1.5")
	in.Document.Rate = &rate
	for _, c := range append(enum(t, "CurrencyCode"), "QQQ", "EU", "", "eur", "R C") {
		in.Document.Currency = money.Currency(c)
		_, faults := mapping.Make(in)
		known := !slices.Contains(codes(faults), hub.CurrencyUnknown)
		// XXX is "no currency" and XTS "for tests", in Procountor's list as well.
		if want := slices.Contains(enum(t, "CurrencyCode"), c) && c != "XXX" && c != "XTS"; known != want {
			t.Errorf("%q known: %v", c, known)
		}
	}
}

// A partner that the mapping makes is accepted by the sandbox, and the next
// document of the same party is linked to it.
func TestPartner(t *testing.T) {
	w := worlds(t)["fi"]
	for name, party := range map[string]hub.Party{
		"Finnish":     {Name: "Uusi Asiakas Oy", BusinessID: "FI34567806", Number: "5001", Email: "a@uusi.example", Phone: "040 1", Contact: "Uuno Uusi", Address: hub.Address{Street: "Uusikatu 1", Zip: "00100", City: "Helsinki", Country: "FI"}},
		"Swedish":     {Name: "Ny Kund AB", BusinessID: "556999-8882", VATNumber: "SE556999888201", Address: hub.Address{City: "Umeå", Country: "SE"}},
		"no VAT":      {Name: "Annan Kund AB", BusinessID: "556111-1112", Address: hub.Address{City: "Umeå", Country: "SE"}},
		"German":      {Name: "Erfunden GmbH", VATNumber: "DE123456788", Address: hub.Address{City: "Berlin"}},
		"Swiss":       {Name: "Nirgends AG", BusinessID: "CHE-123.456.789", Address: hub.Address{City: "Zürich", Country: "CH"}},
		"without ids": {Name: "Maija Mallikas", Consumer: true, Number: "5002", EInvoice: hub.EInvoice{Address: "FI2112345600000785", Operator: "NDEAFIHH"}},
	} {
		for _, kind := range hub.VATKinds { // employees are no partners that Vienti makes
			in := sale(t)
			in.Company, in.Registers, in.Document.Kind = w.company, &w.registers, kind
			*in.Document.Counterparty() = party
			if kind == hub.PurchaseInvoice {
				in.Document.Payment = hub.Payment{IBAN: "FI13 5000 1520 0000 81", BIC: "NDEAFIHH"}
				in.Document.Buyer = hub.Party{Name: w.company.Name, BusinessID: w.company.BusinessID}
			}
			body, faults := mapping.Partner(in)
			if body == nil {
				t.Errorf("%s, %s: %+v", name, kind, faults)
				continue
			}
			saved, err := w.client.Partners.Create(t.Context(), body)
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			made := register.PartnerFrom(*saved)
			d := matching.Match(party, register.TypeFor(kind), hub.PartnerPolicy{WithoutID: true}, []register.Partner{made})
			if d.Partner == nil || d.Partner.ID != saved.ID {
				t.Errorf("%s, %s: made as %+v and not found again: %+v", name, kind, made, d.Faults)
			}
		}
	}
	in := sale(t)
	in.Document.Buyer = hub.Party{Name: "Väärä Oy", BusinessID: "1234567-2", Address: hub.Address{Country: "FI"}}
	if body, faults := mapping.Partner(in); body != nil || !slices.Contains(codes(faults), hub.BusinessIDWrong) {
		t.Errorf("a partner with a wrong id is made: %+v", faults)
	}
}

func TestCompare(t *testing.T) {
	saved := func(currency, net, vat, gross string) *procountor.Invoice {
		return &procountor.Invoice{PaymentInfo: procountor.PaymentInfo{Currency: "EUR"}, InvoiceRows: make([]procountor.InvoiceRow, 2), InvoiceSumInfo: []procountor.InvoiceSumInfo{
			{Currency: "SEK", InAccountingCurrency: true, InvoiceSumTotal: procountor.MustParseDecimal("1")},
			{Currency: currency, ExcludingVATTotal: procountor.MustParseDecimal(net), VATSumTotal: procountor.MustParseDecimal(vat), InvoiceSumTotal: procountor.MustParseDecimal(gross)}}}
	}
	meant := hub.Meant{Rows: 2, Net: "100.00", VAT: "25.50", Gross: "125.50"}
	hold, row, accept := hub.Difference{Policy: hub.HoldDifference}, hub.Difference{Policy: hub.RowForDifference}, hub.Difference{Policy: hub.AcceptDifference, Cents: 2}
	for _, tc := range []struct {
		name  string
		meant hub.Meant
		saved *procountor.Invoice
		rule  hub.Difference
		want  string
	}{
		{"equal", meant, saved("EUR", "100", "25.5", "125.500"), hold, ""},
		{"one cent under hold", meant, saved("EUR", "100", "25.51", "125.51"), hold, "totals-differ totals.vat, totals-differ totals.gross"},
		{"two cents accepted", meant, saved("EUR", "100", "25.52", "125.52"), accept, "warning totals-differ totals.vat, warning totals-differ totals.gross"},
		{"three cents not", meant, saved("EUR", "100", "25.53", "125.53"), accept, "totals-differ totals.vat, totals-differ totals.gross"},
		{"a row is needed", meant, saved("EUR", "100", "25.49", "125.49"), row, "totals-differ totals.vat, totals-differ totals.gross"},
		{"a row has mended the gross", meant, saved("EUR", "100.01", "25.49", "125.50"), row, "warning totals-differ totals.net, warning totals-differ totals.vat"},
		{"shared out otherwise, under hold", meant, saved("EUR", "100.01", "25.49", "125.50"), hold, "totals-differ totals.net, totals-differ totals.vat"},
		{"what is not meant is not compared", hub.Meant{Rows: 2, Net: "100.00"}, saved("EUR", "100", "9", "9"), hold, ""},
		{"a row is missing", hub.Meant{Rows: 3}, saved("EUR", "0", "0", "0"), accept, "saved-differs rows"},
		{"no sums in the currency", meant, saved("USD", "100", "25.5", "125.5"), hold, "warning saved-differs totals"},
	} {
		var got []string
		for _, f := range mapping.Compare(tc.meant, tc.saved, tc.rule) {
			s := f.Code + " " + f.Path
			if f.Warning {
				s = "warning " + s
			}
			got = append(got, s)
		}
		if s := strings.Join(got, ", "); s != tc.want {
			t.Errorf("%s: %s; want %s", tc.name, s, tc.want)
		}
	}
	for _, f := range mapping.Compare(meant, saved("EUR", "100", "25.51", "125.51"), hold) {
		if f.Path == "totals.gross" && (f.Args["source"] != "125.50" || f.Args["procountor"] != "125.51" || f.Args["difference"] != "-0.01") {
			t.Errorf("%+v", f)
		}
	}
}

func TestBody(t *testing.T) {
	in := sale(t)
	in.Document.Notes = "Kirje & <liite>"
	plan, _ := mapping.Make(in)
	inv := *plan.Steps[0].Invoice
	body, err := mapping.Body(inv, testMark)
	if err != nil || !strings.Contains(string(body), `"notes":"Kirje & <liite>\n`+testMark+`"`) {
		t.Errorf("%s, %v", body, err)
	}
	if plain, err := mapping.Body(inv, ""); err != nil || !strings.Contains(string(plain), `"notes":"Kirje & <liite>"`) {
		t.Errorf("without mark: %s, %v", plain, err)
	}
	if _, err := mapping.Body(inv, "☺ 1 · vienti:abc"); err == nil {
		t.Error("a mark outside Windows-1252 is sent")
	}
	inv.Notes = strings.Repeat("x", 10_000)
	if _, err := mapping.Body(inv, testMark); err == nil {
		t.Error("notes that do not hold the mark are sent")
	}
	in.Document.Notes = strings.Repeat("ä", 9_900)
	if _, faults := mapping.Make(in); !slices.Contains(codes(faults), hub.TextTooLong) {
		t.Error("notes leave no room for the mark")
	}
}

func TestManyRows(t *testing.T) {
	for rows, held := range map[int]bool{10_000: false, 10_001: true} {
		in := sale(t)
		in.Document.Lines = slices.Repeat(in.Document.Lines, rows)
		if plan, faults := mapping.Make(in); (plan == nil) != held {
			t.Errorf("%d rows: %+v", rows, faults)
		}
	}
	in := sale(t)
	in.Document.Lines = slices.Repeat([]hub.Line{{Name: "words"}}, 10_000)
	if _, faults := mapping.Make(in); !slices.Contains(codes(faults), hub.RowsMissing) {
		t.Errorf("%+v", faults)
	}
}

// The longest document fits, and the notes never outgrow their field.
func TestLongNotes(t *testing.T) {
	in := sale(t)
	l := in.Document.Lines[0]
	l.Dimensions = []hub.Dimension{{Axis: "Project", Code: "P100", Name: strings.Repeat("y", 60)}}
	in.Document.Lines = slices.Repeat([]hub.Line{l}, 400)
	plan, faults := mapping.Make(in)
	if plan == nil || !slices.Contains(codes(faults), hub.TextCut) {
		t.Fatalf("%+v", faults)
	}
	if _, err := mapping.Body(*plan.Steps[0].Invoice, testMark); err != nil {
		t.Error(err)
	}
}

// The reason for a sale without VAT is the source's; else the connection's own text
// for the category, in the invoice's language if there is one; else plain words
// without a provision, or, of an exempt sale, a warning, or held if the settings say so.
func TestReasonWithoutVAT(t *testing.T) {
	for name, tc := range map[string]struct {
		category string
		change   func(*mapping.Input)
		printed  string
		code     string
		stops    bool
	}{
		"exempt":       {"E", nil, "", hub.VATReasonMissing, false},
		"exempt, held": {"E", func(in *mapping.Input) { in.Connection.Settings.VATReason = hub.AskedHold }, "", hub.VATReasonHeld, true},
		"own text":     {"E", func(in *mapping.Input) { in.Connection.Settings.VATReasons = map[string]string{"E": "Oma peruste"} }, "Oma peruste", "", false},
		"own text, held": {"E", func(in *mapping.Input) {
			in.Connection.Settings.VATReason, in.Connection.Settings.VATReasons = hub.AskedHold, map[string]string{"E": "Oma peruste"}
		}, "Oma peruste", "", false},
		"of the language": {"E", func(in *mapping.Input) {
			in.Document.Language = "sv"
			in.Connection.Settings.VATReasons = map[string]string{"E": "Oma peruste", "E/sv": "Egen grund"}
		}, "Egen grund", "", false},
		"of another category": {"E", func(in *mapping.Input) { in.Connection.Settings.VATReasons = map[string]string{"Z": "Nolla"} }, "", hub.VATReasonMissing, false},
		"the source's": {"E", func(in *mapping.Input) {
			in.Document.Lines[0].VATReason = "Lähteen peruste"
			in.Connection.Settings.VATReasons = map[string]string{"E": "Oma peruste"}
		}, "Lähteen peruste", "", false},
		"export":           {"G", nil, "Veroton myynti EU:n ulkopuolelle", "", false},
		"export, own text": {"G", func(in *mapping.Input) { in.Connection.Settings.VATReasons = map[string]string{"G": "Vienti"} }, "Vienti", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			in := readCase(t, "testdata/sale_domestic.txtar", worlds(t)).in
			s := &in.Connection.Settings
			for _, c := range []string{"E", "G"} {
				s.VATStatuses[hub.SalesInvoice][c] = 3
			}
			in.Document.Language = "fi"
			zero := money.Zero
			for i := range in.Document.Lines {
				l := &in.Document.Lines[i]
				l.VATCategory, l.VATPercent, l.Net, l.VAT, l.Gross = tc.category, zero, nil, nil, nil
			}
			in.Document.VAT, in.Document.Totals = nil, hub.Totals{}
			if tc.change != nil {
				tc.change(&in)
			}
			inv, _ := mapping.Unchecked(in)
			faults := mapping.Check(in)
			f, told := hub.Fault{}, false
			for _, g := range faults {
				if g.Code == hub.VATReasonMissing || g.Code == hub.VATReasonHeld {
					f, told = g, true
				}
			}
			if told != (tc.code != "") || f.Code != tc.code || told && f.Warning == tc.stops {
				t.Errorf("said %v", faults)
			}
			if tc.printed != "" && !strings.Contains(inv.AdditionalInformation, tc.printed) {
				t.Errorf("printed %q", inv.AdditionalInformation)
			}
			if own := strings.Contains(inv.AdditionalInformation, "Oma peruste"); own && tc.printed != "Oma peruste" {
				t.Errorf("printed %q", inv.AdditionalInformation)
			}
		})
	}
}
