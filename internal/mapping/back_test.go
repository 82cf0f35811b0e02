package mapping

import (
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// What a purchase costs a project is its share of the net, and of the VAT that nobody
// deducts: not the gross, and to the cent in sum.
func TestBackCosts(t *testing.T) {
	feature.Covers(t, "S-5")
	number := procountor.MustParseDecimal
	project := register.Dimension{ID: 7, Name: "Project", Items: []register.DimensionItem{{ID: 1, Code: "4711 Remontti"}, {ID: 2, Code: "4712 Piha"}, {ID: 3, Code: "4713 Katto"}}}
	registers := &register.Copy{Dimensions: []register.Dimension{project}}
	for name, x := range map[string]struct {
		value, percent, deduction string
		parts                     []string
		want                      []string
	}{
		"all is deducted":       {"100.00", "25.5", "100", []string{"100.00"}, []string{"100"}},
		"nothing is said":       {"100.00", "25.5", "", []string{"100.00"}, []string{"100"}},
		"nothing is deducted":   {"100.00", "25.5", "0", []string{"100.00"}, []string{"125.5"}},
		"half is deducted":      {"100.00", "25.5", "50", []string{"100.00"}, []string{"112.75"}},
		"without VAT":           {"100.00", "0", "0", []string{"100.00"}, []string{"100"}},
		"split, with a cent":    {"100.00", "25.5", "0", []string{"33.33", "33.33", "33.34"}, []string{"41.83", "41.83", "41.84"}},
		"a part has no project": {"100.00", "25.5", "0", []string{"60.00"}, []string{"75.3", "50.2"}},
		"a credit note":         {"-100.00", "25.5", "50", []string{"60.00", "40.00"}, []string{"-67.65", "-45.1"}},
	} {
		entry := procountor.Transaction{TransactionType: procountor.Entry, Account: "4000", AccountingValue: number(x.value), VATPercent: number(x.percent)}
		if x.deduction != "" {
			entry.VATDeductionPercent = number(x.deduction)
		}
		for i, p := range x.parts {
			entry.DimensionItemValues = append(entry.DimensionItemValues, procountor.DimensionItemValue{DimensionID: 7, ItemID: int64(i + 1), Value: number(p)})
		}
		d := Back(&procountor.Invoice{ID: 1}, &procountor.LedgerReceipt{Transactions: []procountor.Transaction{entry}}, hub.Back{Dimension: "Project"}, hub.Company{Currency: "EUR"}, registers)
		var got []string
		for _, l := range d.Lines {
			got = append(got, l.Net.Trim(0).String())
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
}
