package web

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
)

// A comparison sets the source's document, what was sent and what Procountor
// saved beside each other.
type comparison struct {
	Sent, Saved bool // whether there is such a column
	Fields      []comparedField
	Lines       []comparedLine
}

type comparedField struct {
	Label               string
	Source, Sent, Saved string
	// Differs says that two columns that should agree do not.
	Differs bool
}

// A comparedLine is one row of the document and its counterpart.
type comparedLine struct {
	N                  int
	Source, Sent       lineWords
	HasSource, HasSent bool
}

type lineWords struct{ Name, Quantity, Price, VAT, Net string }

// invoice is as much of Procountor's invoice as the page shows. It is read
// leniently: a stored request that has another shape shows less, and breaks nothing.
type invoice struct {
	ID                    int64       `json:"id"`
	InvoiceNumber         int64       `json:"invoiceNumber"`
	OriginalInvoiceNumber string      `json:"originalInvoiceNumber"`
	Status                string      `json:"status"`
	Date                  string      `json:"date"`
	Notes                 string      `json:"notes"`
	CounterParty          invoiceName `json:"counterParty"`
	PaymentInfo           struct {
		Currency          string  `json:"currency"`
		DueDate           string  `json:"dueDate"`
		BankReferenceCode *string `json:"bankReferenceCode"`
		BankAccount       struct {
			AccountNumber string `json:"accountNumber"`
		} `json:"bankAccount"`
	} `json:"paymentInfo"`
	InvoiceRows []struct {
		Product    string       `json:"product"`
		Quantity   money.Amount `json:"quantity"`
		Unit       string       `json:"unit"`
		UnitPrice  money.Amount `json:"unitPrice"`
		VATPercent money.Amount `json:"vatPercent"`
	} `json:"invoiceRows"`
	InvoiceChannel string `json:"invoiceChannel"`
	InvoiceSumInfo []struct {
		InAccountingCurrency bool         `json:"inAccountingCurrency"`
		Net                  money.Amount `json:"excludingVatTotal"`
		VAT                  money.Amount `json:"vatSumTotal"`
		Gross                money.Amount `json:"invoiceSumTotal"`
	} `json:"invoiceSumInfo"`
}

type invoiceName struct {
	Identifier          string `json:"identifier"`
	TaxCode             string `json:"taxCode"`
	CustomerNumber      string `json:"customerNumber"`
	CounterPartyAddress struct {
		Name string `json:"name"`
	} `json:"counterPartyAddress"`
}

func readInvoice(b []byte) (v invoice, ok bool) {
	if len(b) == 0 || json.Unmarshal(b, &v) != nil {
		return invoice{}, false
	}
	return v, v.Date != "" || v.ID != 0
}

func (v invoice) sums() (net, vat, gross string) {
	for _, s := range v.InvoiceSumInfo {
		if !s.InAccountingCurrency || len(v.InvoiceSumInfo) == 1 {
			return s.Net.Fixed(2), s.VAT.Fixed(2), s.Gross.Fixed(2)
		}
	}
	return "", "", ""
}

func compare(say locale.Speaker, d detail) comparison {
	var c comparison
	doc := d.Document
	if doc == nil {
		return c
	}
	sent, hasSent := readInvoice(d.Sent)
	saved, hasSaved := readInvoice(d.Saved)
	c.Sent, c.Saved = hasSent, hasSaved

	field := func(label, source, sent, saved string, compared bool) {
		f := comparedField{Label: label, Source: source, Sent: sent, Saved: saved}
		if !c.Sent {
			f.Sent = ""
		}
		if !c.Saved {
			f.Saved = ""
		}
		if f.Source+f.Sent+f.Saved == "" {
			return
		}
		f.Differs = compared && (c.Sent && !alike(source, sent) || c.Saved && saved != "" && c.Sent && !alike(sent, saved))
		c.Fields = append(c.Fields, f)
	}
	party := doc.Counterparty()
	amount := func(a *money.Amount) string {
		if a == nil {
			return ""
		}
		return say.Sum(*a)
	}
	sum := func(text string) string {
		a, err := money.Parse(text)
		if err != nil {
			return text
		}
		return say.Sum(a)
	}
	_, _, sentGross := sent.sums()
	net, vat, gross := saved.sums()
	field(say.T("compare.number"), doc.Number, sent.OriginalInvoiceNumber, saved.OriginalInvoiceNumber, true)
	if saved.InvoiceNumber != 0 {
		field(say.T("compare.procountor-number"), "", "", strconv.FormatInt(saved.InvoiceNumber, 10), false)
	}
	field(say.T("compare.date"), say.Date(doc.Date), say.Day(sent.Date), say.Day(saved.Date), true)
	field(say.T("compare.due"), say.Date(doc.DueDate), say.Day(sent.PaymentInfo.DueDate), say.Day(saved.PaymentInfo.DueDate), !doc.DueDate.IsZero())
	field(say.T("compare.partner"), party.Name, sent.CounterParty.CounterPartyAddress.Name, saved.CounterParty.CounterPartyAddress.Name, true)
	field(say.T("compare.business-id"), party.BusinessID, sent.CounterParty.Identifier, saved.CounterParty.Identifier, false)
	field(say.T("compare.vat-number"), party.VATNumber, sent.CounterParty.TaxCode, saved.CounterParty.TaxCode, false)
	field(say.T("compare.customer-number"), party.Number, sent.CounterParty.CustomerNumber, saved.CounterParty.CustomerNumber, false)
	field(say.T("compare.reference"), doc.Payment.Reference, referenceWords(say, sent), pointed(saved.PaymentInfo.BankReferenceCode),
		doc.Payment.Reference != "" && pointed(sent.PaymentInfo.BankReferenceCode) != "")
	field(say.T("compare.account"), doc.Payment.IBAN, sent.PaymentInfo.BankAccount.AccountNumber, saved.PaymentInfo.BankAccount.AccountNumber, false)
	field(say.T("compare.channel"), "", sent.InvoiceChannel, saved.InvoiceChannel, false)
	field(say.T("compare.currency"), string(doc.Currency), sent.PaymentInfo.Currency, saved.PaymentInfo.Currency, true)
	field(say.T("compare.net"), amount(doc.Totals.Net), "", sum(net), false)
	field(say.T("compare.vat"), amount(doc.Totals.VAT), "", sum(vat), false)
	field(say.T("compare.gross"), amount(doc.Totals.Gross), sum(sentGross), sum(gross), false)
	if c.Saved && doc.Totals.Gross != nil && gross != "" {
		c.Fields[len(c.Fields)-1].Differs = doc.Totals.Gross.Fixed(2) != gross
	}
	field(say.T("compare.status"), "", "", saved.Status, false)

	c.Lines = compareLines(say, doc, sent)
	return c
}

func compareLines(say locale.Speaker, doc *hub.Document, sent invoice) []comparedLine {
	lines := make([]comparedLine, max(len(doc.Lines), len(sent.InvoiceRows)))
	for i := range lines {
		lines[i].N = i + 1
	}
	for i, l := range doc.Lines {
		w := lineWords{Name: l.Name}
		if w.Name == "" {
			w.Name = l.Description
		}
		if l.Quantity != nil {
			w.Quantity = strings.TrimSpace(say.Number(*l.Quantity) + " " + l.Unit)
		}
		if l.UnitPrice != nil {
			w.Price = say.Sum(*l.UnitPrice)
		}
		if !l.IsText() {
			w.VAT = strings.TrimSpace(say.Percent(l.VATPercent) + " " + l.VATCategory)
		}
		if l.Net != nil {
			w.Net = say.Sum(*l.Net)
		}
		lines[i].Source, lines[i].HasSource = w, true
	}
	for i, r := range sent.InvoiceRows {
		lines[i].Sent = lineWords{Name: r.Product, Quantity: strings.TrimSpace(say.Number(r.Quantity) + " " + r.Unit),
			Price: say.Sum(r.UnitPrice), VAT: say.Percent(r.VATPercent)}
		lines[i].HasSent = true
	}
	return lines
}

// referenceWords tells the three cases apart that mean very different things to
// Procountor: a given reference, one to be made, and none at all.
func referenceWords(say locale.Speaker, v invoice) string {
	switch p := v.PaymentInfo.BankReferenceCode; {
	case p == nil:
		return say.T("compare.reference-none")
	case *p == "":
		return say.T("compare.reference-made")
	default:
		return *p
	}
}

func pointed(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// alike compares texts as people would: blanks and letter case do not matter.
func alike(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
