package finvoice

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"pgregory.net/rapid"
)

// drawn is a row with sums that are right, by plain cents.
type drawn struct {
	quantity, price, percent int64 // hundredths, hundredths, tenths of a percent
	discount                 int64 // whole percent
	amount                   int64 // discount in cents
	charge                   int64 // cents
}

// net rounds half away from zero, once, in whole numbers.
func (d drawn) net() int64 {
	n := d.quantity * d.price * (100 - d.discount) // in 1/1000000
	half := int64(5000)
	if n < 0 {
		half = -half
	}
	sign := int64(1)
	if d.quantity < 0 {
		sign = -1
	}
	return (n+half)/10000 - sign*d.amount + sign*d.charge
}

func comma(cents int64) string {
	return strings.Replace(money.Cents(cents).Fixed(2), ".", ",", 1)
}

// write writes the invoice with its sums, each changed by what wrong says for it.
func write(rows []drawn, credit bool, wrong map[string]int64) string {
	var b strings.Builder
	sum := func(name string, cents int64) {
		fmt.Fprintf(&b, "<%s AmountCurrencyIdentifier=\"EUR\">%s</%[1]s>\n", name, comma(cents+wrong[name]))
	}
	var net, vat int64
	bases, taxes := map[int64]int64{}, map[int64]int64{}
	var rates []int64
	for _, r := range rows {
		net += r.net()
		if _, ok := bases[r.percent]; !ok {
			rates = append(rates, r.percent)
		}
		bases[r.percent] += r.net()
	}
	for _, p := range rates {
		n := bases[p] * p // in 1/1000 cents
		half := int64(500)
		if n < 0 {
			half = -half
		}
		taxes[p] = (n + half) / 1000
		vat += taxes[p]
	}
	code := "INV01"
	if credit {
		code = "INV02"
	}
	fmt.Fprintf(&b, `<Finvoice Version="3.0"><SellerPartyDetails><SellerPartyIdentifier>2345678-0</SellerPartyIdentifier><SellerOrganisationName>Kuusikko</SellerOrganisationName></SellerPartyDetails>
<BuyerPartyDetails><BuyerOrganisationName>Rantala</BuyerOrganisationName></BuyerPartyDetails>
<InvoiceDetails><InvoiceTypeCode>%s</InvoiceTypeCode><InvoiceNumber>1</InvoiceNumber><InvoiceDate Format="CCYYMMDD">20260301</InvoiceDate>
`, code)
	sum("InvoiceTotalVatExcludedAmount", net)
	sum("InvoiceTotalVatAmount", vat)
	sum("InvoiceTotalVatIncludedAmount", net+vat)
	for i, p := range rates {
		b.WriteString("<VatSpecificationDetails>")
		if i == 0 {
			sum("VatBaseAmount", bases[p])
		} else {
			fmt.Fprintf(&b, `<VatBaseAmount>%s</VatBaseAmount>`, comma(bases[p]))
		}
		fmt.Fprintf(&b, `<VatRatePercent>%s</VatRatePercent><VatRateAmount>%s</VatRateAmount></VatSpecificationDetails>`, comma(p*10), comma(taxes[p]))
	}
	b.WriteString("</InvoiceDetails>\n")
	for i, r := range rows {
		fmt.Fprintf(&b, `<InvoiceRow><ArticleName>Rivi</ArticleName><InvoicedQuantity>%s</InvoicedQuantity><UnitPriceAmount>%s</UnitPriceAmount>`, comma(r.quantity), comma(r.price))
		if r.discount > 0 {
			fmt.Fprintf(&b, `<RowDiscountPercent>%d</RowDiscountPercent>`, r.discount)
		}
		if r.amount > 0 {
			fmt.Fprintf(&b, `<RowDiscountAmount>%s</RowDiscountAmount>`, comma(r.amount))
		}
		if r.charge > 0 {
			fmt.Fprintf(&b, `<RowChargeDetails><ReasonText>Lisä</ReasonText><Amount>%s</Amount></RowChargeDetails>`, comma(r.charge))
		}
		fmt.Fprintf(&b, `<RowVatRatePercent>%s</RowVatRatePercent>`, comma(r.percent*10))
		if i == 0 {
			sum("RowVatExcludedAmount", r.net())
		} else {
			fmt.Fprintf(&b, `<RowVatExcludedAmount>%s</RowVatExcludedAmount>`, comma(r.net()))
		}
		b.WriteString("</InvoiceRow>\n")
	}
	sum2 := net + vat
	fmt.Fprintf(&b, `<EpiDetails><EpiPaymentInstructionDetails><EpiInstructedAmount>%s</EpiInstructedAmount></EpiPaymentInstructionDetails></EpiDetails></Finvoice>`, comma(sum2))
	return b.String()
}

func rows(t *rapid.T, sign int64) []drawn {
	n := rapid.IntRange(1, 5).Draw(t, "rows")
	var list []drawn
	for range n {
		d := drawn{
			quantity: sign * rapid.Int64Range(100, 100_000).Draw(t, "quantity"),
			price:    rapid.Int64Range(100, 1_000_000).Draw(t, "price"),
			percent:  rapid.SampledFrom([]int64{255, 135, 100}).Draw(t, "percent"),
		}
		switch rapid.IntRange(0, 3).Draw(t, "extra") {
		case 1:
			d.discount = rapid.Int64Range(1, 99).Draw(t, "discount")
		case 2:
			d.amount = rapid.Int64Range(1, 99).Draw(t, "amount") // less than the smallest row
		case 3:
			d.charge = rapid.Int64Range(1, 1000).Draw(t, "charge")
		}
		list = append(list, d)
	}
	return list
}

// Right sums are read as they are, whatever the rows, discounts and signs; nothing
// is a fault, and the rows keep their numbers.
func TestRightSumsPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		credit := rapid.Bool().Draw(t, "credit")
		sign := int64(1)
		if credit {
			sign = -1
		}
		list := rows(t, sign)
		d := decodeOne(t, write(list, credit, nil))
		if len(d.faults) > 0 {
			t.Fatalf("faults %+v", d.faults)
		}
		if len(d.doc.Lines) != len(list) || d.doc.CreditNote != credit {
			t.Fatalf("got %d rows, credit note %v", len(d.doc.Lines), d.doc.CreditNote)
		}
		for i, r := range list {
			l := d.doc.Lines[i]
			if !l.Quantity.Equal(money.Cents(r.quantity)) || !l.UnitPrice.Equal(money.Cents(r.price)) || !l.Net.Equal(money.Cents(r.net())) ||
				!l.DiscountPercent.Equal(money.FromInt(r.discount)) {
				t.Fatalf("row %d is %+v, want %+v", i+1, l, r)
			}
		}
	})
}

// A sum that is wrong by more than rounding can explain never passes.
func TestWrongSumsStop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rows(t, 1)
		name := rapid.SampledFrom([]string{"InvoiceTotalVatExcludedAmount", "InvoiceTotalVatAmount", "InvoiceTotalVatIncludedAmount", "RowVatExcludedAmount", "VatBaseAmount"}).Draw(t, "sum")
		// A row may be off by half a cent of its price for each unit.
		off := 10 + list[0].quantity/100 + rapid.Int64Range(0, 1000).Draw(t, "off")
		if rapid.Bool().Draw(t, "less") {
			off = -off
		}
		d := decodeOne(t, write(list, false, map[string]int64{name: off}))
		if !hub.Stops(d.faults) {
			t.Fatalf("%s is wrong by %d cents and the invoice goes on: %+v", name, off, d.faults)
		}
	})
}

type decoded struct {
	doc    *hub.Document
	faults []hub.Fault
}

func decodeOne(t *rapid.T, text string) decoded {
	for d, err := range Decode(strings.NewReader(text), options) {
		if err != nil {
			t.Fatal(err)
		}
		return decoded{d.Document, d.Faults}
	}
	t.Fatal("nothing was read")
	return decoded{}
}
