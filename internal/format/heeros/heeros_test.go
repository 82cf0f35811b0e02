package heeros_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/heeros"
	"github.com/vienti/vienti/internal/hub"
)

// fields fills the columns of a record, by number after the letter.
func fields(letter string, n int, set map[int]string) string {
	list := make([]string, n+1)
	list[0] = letter
	for k, v := range set {
		list[k] = v
	}
	return strings.Join(list, ";") + "\n"
}

func TestHeeros(t *testing.T) {
	customer := fields("A", 23, map[int]string{1: "1001", 2: "Kuvitelma Kauppa Oy", 4: "2345678-0", 7: "Keksittykatu 5", 8: "33100", 9: "Tampere", 10: "FI", 18: "003723456780", 19: "NDEAFIHH"})
	invoice := func(id, kind string, more map[int]string) string {
		set := map[int]string{1: id, 2: "1001", 20: kind, 21: "14", 22: "EUR", 27: "2026-03-10", 29: id, 30: "1232"}
		for k, v := range more {
			set[k] = v
		}
		return fields("L", 30, set)
	}
	row := func(id, quantity string, more map[int]string) string {
		set := map[int]string{1: id, 2: "KONS", 3: "Konsultointi", 4: quantity, 5: "80,50", 6: "N", 7: "h", 9: "25,5", 12: "3000", 13: "200"}
		for k, v := range more {
			set[k] = v
		}
		return fields("R", 15, set)
	}
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"an invoice": {customer + invoice("1001", "INV01", nil) + row("1001", "2", nil), []string{
			"1001 2026-03-10 1232 Kuvitelma Kauppa Oy 2345678-0 Tampere NDEAFIHH credit=false: Konsultointi 2 × 80.50 at 25.5 on 3000 [{dimension 1 200 }]"}},
		"a credit note":              {customer + invoice("1002", "INV02", nil) + row("1002", "-1", nil), []string{"1002 2026-03-10 1232 Kuvitelma Kauppa Oy 2345678-0 Tampere NDEAFIHH credit=true: Konsultointi -1 × 80.50 at 25.5 on 3000 [{dimension 1 200 }]"}},
		"the customer afterwards":    {invoice("1001", "INV01", map[int]string{4: "Muu nimi"}) + row("1001", "2", map[int]string{13: ""}) + customer, []string{"1001 2026-03-10 1232 Muu nimi 2345678-0 Tampere NDEAFIHH credit=false: Konsultointi 2 × 80.50 at 25.5 on 3000 []"}},
		"a row of nobody":            {customer + invoice("1001", "INV01", nil) + row("1001", "2", nil) + row("9", "1", nil), []string{"1001 2026-03-10 1232 Kuvitelma Kauppa Oy 2345678-0 Tampere NDEAFIHH credit=false: Konsultointi 2 × 80.50 at 25.5 on 3000 [{dimension 1 200 }]", "unreadable [line-without-invoice L4/A]"}},
		"a type that nobody knows":   {customer + invoice("1", "INV03", nil) + row("1", "2", nil), []string{"1 2026-03-10 1232 Kuvitelma Kauppa Oy 2345678-0 Tampere NDEAFIHH credit=false: Konsultointi 2 × 80.50 at 25.5 on 3000 [{dimension 1 200 }] [type-unknown L2/U]"}},
		"gross and net in one":       {customer + invoice("1", "INV01", nil) + row("1", "2", nil) + row("1", "2", map[int]string{6: "B"}), []string{"1 2026-03-10 1232 Kuvitelma Kauppa Oy 2345678-0 Tampere NDEAFIHH credit=false: Konsultointi 2 × 80.50 at 25.5 on 3000 [{dimension 1 200 }] Konsultointi 2 × 80.50 at 25.5 on 3000 [{dimension 1 200 }] [table-conflict L4/G]"}},
		"a day and a price mistaken": {customer + invoice("1", "INV01", map[int]string{27: "10.3.2026"}) + row("1", "kaksi", nil), []string{"1  1232 Kuvitelma Kauppa Oy 2345678-0 Tampere NDEAFIHH credit=false: Konsultointi - × 80.50 at 25.5 on 3000 [{dimension 1 200 }] [field-invalid L2/AB] [field-invalid L3/E]"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !heeros.Takes([]byte(c.file)) {
				t.Fatal("not taken")
			}
			var got []string
			for _, d := range heeros.Decode([]byte(c.file), format.Options{Kind: hub.SalesInvoice, Own: []string{"1234567-1"}}) {
				doc := d.Document
				s := string(doc.Kind)
				if doc.Kind != hub.Unreadable {
					s = fmt.Sprintf("%s %s %s %s %s %s %s credit=%v:", doc.Number, doc.Date, doc.Payment.Reference, doc.Buyer.Name, doc.Buyer.BusinessID,
						doc.Buyer.Address.City, doc.Buyer.EInvoice.Operator, doc.CreditNote)
				}
				for _, l := range doc.Lines {
					quantity := "-"
					if l.Quantity != nil {
						quantity = l.Quantity.String()
					}
					s += fmt.Sprintf(" %s %s × %s at %s on %s %v", l.Name, quantity, l.UnitPrice, l.VATPercent, l.Account, l.Dimensions)
				}
				for _, f := range d.Faults {
					s += fmt.Sprintf(" [%s %s]", f.Code, f.Path)
				}
				got = append(got, s)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
