package demo

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/sweden"
)

// A party of an invoice.
type party struct {
	Name, ID, VAT, Number      string
	Street, Zip, City, Country string
	Email                      string
}

// with returns p with another customer or supplier number.
func (p party) with(number string) party { p.Number = number; return p }

// A line is one row: what, how many, of what unit, at which price, VAT in
// percent, its category. Without a number of units it is a row of words.
type line struct{ what, count, unit, price, rate, category string }

// A paper is an invoice as its sender writes it down.
type paper struct {
	number        string
	seller, buyer party
	days          int // from today to its date; below zero in the past
	term          int // days to pay
	currency      string
	rate          string // units of currency for one of the company's own
	lines         []line
	credits       string // number of the invoice that it credits
	reference     string // "" makes the right one, "-" leaves it out
	account       string // IBAN or giro, when not the seller's usual one
	prepaid       string
	off           string // is added to the stated sum, to make it wrong
	reason        string // why there is no VAT
	text          string
	files         []fileInside
}

type fileInside struct {
	Name    string
	Content []byte
}

// A written paper has its sums; the templates read it.
type written struct {
	Encoding, Version      string // Finvoice
	Root, QuantityName     string // UBL
	Number, Credit, Text   string
	Seller, Buyer          party
	Date, Due              civil.Date
	Currency, Rate         string
	Lines                  []writtenLine
	Taxes                  []tax
	Net, Tax, Gross, InOwn money.Amount
	Payable                money.Amount
	Prepaid                *money.Amount
	Reference, IBAN, BIC   string
	Account                string // UBL
	Files                  []fileInside
}

// RateComma is the exchange rate as Finvoice writes it.
func (w written) RateComma() string { return strings.Replace(w.Rate, ".", ",", 1) }

type writtenLine struct {
	At              int
	Name, Unit      string
	IsText          bool
	Quantity, Price money.Amount
	Rate, Category  string
	Net, Tax, Gross money.Amount
}

// RateComma is the VAT rate as Finvoice writes it.
func (l writtenLine) RateComma() string { return strings.Replace(l.Rate, ".", ",", 1) }

type tax struct {
	Rate, Category, Reason string
	Net, Tax               money.Amount
}

// RateComma is the VAT rate as Finvoice writes it.
func (t tax) RateComma() string { return strings.Replace(t.Rate, ".", ",", 1) }

// ibans are where the sellers of the demonstration are paid; those of the two
// companies are theirs in the sandbox.
const (
	finnishIBAN = "FI2112345600000785"
	swedishIBAN = "SE3550000000054910000003"
)

// write does the sums.
func (p paper) write(today civil.Date) written {
	w := written{Number: p.number, Credit: p.credits, Seller: p.seller, Buyer: p.buyer, Date: today.AddDays(p.days), Currency: p.currency, Rate: p.rate,
		Text: p.text, Files: p.files, Root: "Invoice", QuantityName: "InvoicedQuantity"}
	w.Due = w.Date.AddDays(p.term)
	if p.term == 0 {
		w.Due = w.Date.AddDays(14)
	}
	if w.Currency == "" {
		w.Currency = "EUR"
	}
	if w.Text == "" {
		w.Text = "Demo"
	}
	if p.credits != "" {
		w.Root, w.QuantityName = "CreditNote", "CreditedQuantity"
	}
	w.Net, w.Tax = money.Zero, money.Zero
	for i, l := range p.lines {
		wl := writtenLine{At: i + 1, Name: l.what, Unit: l.unit, Rate: l.rate, Category: l.category}
		if l.count == "" {
			wl.IsText = true
			w.Lines = append(w.Lines, wl)
			continue
		}
		wl.Quantity, wl.Price = money.Must(l.count), money.Must(l.price)
		wl.Net = wl.Quantity.Mul(wl.Price).RoundHalfUp(2)
		wl.Tax = wl.Net.Percent(money.Must(l.rate)).RoundHalfUp(2)
		wl.Gross = wl.Net.Add(wl.Tax)
		w.Lines = append(w.Lines, wl)
		w.Net = w.Net.Add(wl.Net)
		w.addTax(wl, p.reason)
	}
	for i := range w.Taxes {
		w.Taxes[i].Tax = w.Taxes[i].Net.Percent(money.Must(w.Taxes[i].Rate)).RoundHalfUp(2)
		w.Tax = w.Tax.Add(w.Taxes[i].Tax)
	}
	w.Gross = w.Net.Add(w.Tax)
	if p.off != "" {
		w.Gross = w.Gross.Add(money.Must(p.off))
	}
	w.Payable = w.Gross
	if p.prepaid != "" {
		paid := money.Must(p.prepaid)
		w.Prepaid, w.Payable = &paid, w.Gross.Sub(paid)
	}
	if p.rate != "" {
		w.InOwn = w.Gross.QuoHalfUp(money.Must(p.rate), 2)
	}
	w.pay(p)
	return w
}

func (w *written) addTax(l writtenLine, reason string) {
	for i := range w.Taxes {
		if w.Taxes[i].Rate == l.Rate && w.Taxes[i].Category == l.Category {
			w.Taxes[i].Net = w.Taxes[i].Net.Add(l.Net)
			return
		}
	}
	t := tax{Rate: l.Rate, Category: l.Category, Net: l.Net}
	if l.Category != "S" {
		t.Reason = reason
	}
	w.Taxes = append(w.Taxes, t)
}

// pay fills in where and by which reference the invoice is paid.
func (w *written) pay(p paper) {
	w.IBAN, w.BIC = finnishIBAN, ""
	if p.seller.Country == "SE" {
		w.IBAN = swedishIBAN
	}
	w.Account = w.IBAN
	if p.account != "" {
		w.Account, w.IBAN = p.account, p.account
	}
	if strings.HasPrefix(w.Account, "50") { // a bankgiro number
		w.BIC = "SE:BANKGIRO"
	}
	switch {
	case p.reference == "-" || p.credits != "":
	case p.reference != "":
		w.Reference = p.reference
	default:
		w.Reference = reference(p)
	}
}

// reference makes the payment reference of a number, as the seller's country does.
func reference(p paper) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, p.number)
	if p.seller.Country == "SE" {
		ocr, err := sweden.MakeOCR("20" + digits)
		if err != nil {
			panic("demo: " + err.Error()) // our own numbers
		}
		return string(ocr)
	}
	ref, err := finland.MakeReference("20" + digits)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return string(ref)
}

//go:embed template
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"x": func(s string) (string, error) {
		var b bytes.Buffer
		err := xml.EscapeText(&b, []byte(s))
		return b.String(), err
	},
	"compact": func(d civil.Date) string { return strings.ReplaceAll(d.String(), "-", "") },
	"comma":   func(a any) string { return strings.Replace(fixed(a), ".", ",", 1) },
	"point":   fixed,
	"base64":  base64.StdEncoding.EncodeToString,
}).ParseFS(templateFiles, "template/*.xml"))

func fixed(a any) string {
	switch a := a.(type) {
	case money.Amount:
		return a.Fixed(2)
	case *money.Amount:
		return a.Fixed(2)
	}
	panic(fmt.Sprintf("demo: %T is no amount", a))
}

func fill(name string, w written) []byte {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, w); err != nil {
		panic("demo: " + err.Error()) // templates and table are compiled in
	}
	return b.Bytes()
}

// finvoice writes a paper as Finvoice, in UTF-8.
func (p paper) finvoice(today civil.Date, version string) []byte {
	w := p.write(today)
	w.Encoding, w.Version = "UTF-8", version
	return fill("finvoice.xml", w)
}

// latin9 writes a paper as Finvoice in ISO-8859-15, as older programs do.
func (p paper) latin9(today civil.Date, version string) []byte {
	w := p.write(today)
	w.Encoding, w.Version = "ISO-8859-15", version
	return toLatin9(string(fill("finvoice.xml", w)))
}

// enveloped puts the envelope of the banks before a Finvoice.
func (p paper) enveloped(today civil.Date, version string) []byte {
	return append(fill("envelope.xml", p.write(today)), p.finvoice(today, version)...)
}

// peppol writes a paper as Peppol BIS Billing 3.
func (p paper) peppol(today civil.Date) []byte { return fill("peppol.xml", p.write(today)) }

// toLatin9 knows the characters that the demonstration uses.
func toLatin9(s string) []byte {
	var b []byte
	for _, r := range s {
		switch {
		case r == '€':
			b = append(b, 0xa4)
		case r < 0x100:
			b = append(b, byte(r))
		default:
			panic(fmt.Sprintf("demo: %q is not in ISO-8859-15", r))
		}
	}
	return b
}
