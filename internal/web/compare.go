package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A comparison sets the source's document, what was sent or would be, and what
// Procountor has beside each other.
type comparison struct {
	Sent, Saved   bool // whether there is such a column
	SentH, SavedH string
	Fields        []comparedField
	Lines         []comparedLine
	// Posted says that some row has an account or a dimension.
	Posted bool
}

type comparedField struct {
	Label               string
	Source, Sent, Saved string
	// Differs says that two columns that should agree do not.
	Differs bool
}

// A comparedLine is one row of the document or of Procountor's invoice.
type comparedLine struct {
	N     int
	Side  string
	First bool // of the rows with this number
	lineWords
}

type lineWords struct{ Name, Quantity, Price, VAT, Net, Posting string }

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
	InvoiceRows []invoiceRow `json:"invoiceRows"`
	ExtraInfo   struct {
		UnitPricesIncludeVAT bool `json:"unitPricesIncludeVat"`
	} `json:"extraInfo"`
	InvoiceChannel string `json:"invoiceChannel"`
	InvoiceSumInfo []struct {
		InAccountingCurrency bool         `json:"inAccountingCurrency"`
		Net                  money.Amount `json:"excludingVatTotal"`
		VAT                  money.Amount `json:"vatSumTotal"`
		Gross                money.Amount `json:"invoiceSumTotal"`
	} `json:"invoiceSumInfo"`
}

type invoiceRow struct {
	Product         string       `json:"product"`
	Quantity        money.Amount `json:"quantity"`
	Unit            string       `json:"unit"`
	UnitPrice       money.Amount `json:"unitPrice"`
	DiscountPercent money.Amount `json:"discountPercent"`
	VATPercent      money.Amount `json:"vatPercent"`
	VATStatus       *int         `json:"vatStatus"`
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

// thereInvoice is an invoice of the copy, in the shape of Procountor's own.
func thereInvoice(h *store.HistoryRow) (v invoice) {
	v.ID, v.InvoiceNumber, v.OriginalInvoiceNumber, v.Status, v.Date = h.InvoiceID, h.Number, h.OriginalNumber, h.Status, h.Date
	v.CounterParty.CounterPartyAddress.Name, v.PaymentInfo.Currency = h.PartnerName, h.Currency
	return v
}

func compare(say locale.Speaker, d detail) comparison {
	var c comparison
	doc := d.Document
	if doc == nil {
		return c
	}
	sent, hasSent := readInvoice(d.Sent)
	saved, hasSaved := readInvoice(d.Saved)
	sentSums, arrival := hub.Meant{}, ""
	if d.Meant != nil {
		sentSums = *d.Meant
	}
	net, vat, gross := saved.sums()
	c.SentH, c.SavedH = say.T("compare.sent"), say.T("compare.saved")
	if f := d.Forecast; f != nil {
		c.SentH = say.T("compare.would-be")
		sent, hasSent = invoice{}, f.Invoice != nil
		if b, err := json.Marshal(f.Invoice); err == nil && hasSent {
			sent, _ = readInvoice(b)
		}
		saved, hasSaved, net, vat, gross = invoice{}, false, "", "", ""
		sentSums, arrival = hub.Meant{Net: f.Net, VAT: f.VAT, Gross: f.Gross}, say.Enum("setting.arrival", string(f.Arrival))
	}
	if d.There != nil {
		c.SavedH = say.T("compare.there")
		saved, hasSaved, net, vat, gross = thereInvoice(d.There), true, "", "", d.There.Gross
	}
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
		meant := source
		if c.Sent {
			meant = sent
		}
		f.Differs = compared && (c.Sent && !alike(source, sent) || c.Saved && saved != "" && !alike(meant, saved))
		c.Fields = append(c.Fields, f)
	}
	party := doc.Counterparty()
	sums := func(label string, source *money.Amount, sent, saved string) {
		f := comparedField{Label: label, Sent: sumText(say, sent), Saved: sumText(say, saved)}
		if source != nil {
			f.Source = say.Sum(*source)
			f.Differs = differs(source.String(), sent) || differs(source.String(), saved)
		}
		if f.Source+f.Sent+f.Saved != "" {
			c.Fields = append(c.Fields, f)
		}
	}
	field(say.T("compare.number"), doc.Number, sent.OriginalInvoiceNumber, saved.OriginalInvoiceNumber, true)
	if saved.InvoiceNumber != 0 {
		field(say.T("compare.procountor-number"), "", "", strconv.FormatInt(saved.InvoiceNumber, 10), false)
	}
	field(say.T("compare.date"), say.Date(doc.Date), say.Day(sent.Date), say.Day(saved.Date), true)
	field(say.T("compare.due"), say.Date(doc.DueDate), say.Day(sent.PaymentInfo.DueDate), say.Day(saved.PaymentInfo.DueDate), !doc.DueDate.IsZero())
	field(say.T("compare.partner"), party.Name, sent.CounterParty.CounterPartyAddress.Name, saved.CounterParty.CounterPartyAddress.Name, true)
	field(say.T("compare.register"), "", registerWords(say, d.Forecast), "", false)
	field(say.T("compare.business-id"), party.BusinessID, sent.CounterParty.Identifier, saved.CounterParty.Identifier, false)
	field(say.T("compare.vat-number"), party.VATNumber, sent.CounterParty.TaxCode, saved.CounterParty.TaxCode, false)
	field(say.T("compare.customer-number"), party.Number, sent.CounterParty.CustomerNumber, saved.CounterParty.CustomerNumber, false)
	field(say.T("compare.reference"), doc.Payment.Reference, referenceWords(say, sent), pointed(saved.PaymentInfo.BankReferenceCode),
		doc.Payment.Reference != "" && pointed(sent.PaymentInfo.BankReferenceCode) != "")
	field(say.T("compare.account"), doc.Payment.IBAN, sent.PaymentInfo.BankAccount.AccountNumber, saved.PaymentInfo.BankAccount.AccountNumber, false)
	field(say.T("compare.channel"), "", say.Enum("voucher.channel", sent.InvoiceChannel), say.Enum("voucher.channel", saved.InvoiceChannel), false)
	field(say.T("compare.currency"), string(doc.Currency), sent.PaymentInfo.Currency, saved.PaymentInfo.Currency, true)
	sums(say.T("compare.net"), doc.Totals.Net, sentSums.Net, net)
	sums(say.T("compare.vat"), doc.Totals.VAT, sentSums.VAT, vat)
	sums(say.T("compare.gross"), doc.Totals.Gross, sentSums.Gross, gross)
	field(say.T("compare.arrival"), "", arrival, "", false)
	switch {
	case d.There != nil:
		field(say.T("compare.status-there"), "", "", say.Enum("voucher.status", saved.Status), false)
	default:
		field(say.T("compare.status"), "", "", say.Enum("voucher.status", saved.Status), false)
		if now := statusNow(d.Steps); now != "" {
			field(say.T("compare.status-now"), "", "", say.Enum("voucher.status", now), false)
		}
	}
	c.Lines = compareLines(say, d, sent, saved)
	for _, l := range c.Lines {
		c.Posted = c.Posted || l.Posting != ""
	}
	return c
}

// statusNow is the status that the steps after the saving have proved; "" when
// there was none.
func statusNow(steps []hub.Step) (status string) {
	for _, s := range steps {
		if s.State != hub.StepProved {
			continue
		}
		switch s.Kind {
		case hub.PostInvoice, hub.ReplaceInvoice:
			status = ""
		case hub.Approve:
			status = string(procountor.StatusApproved)
		case hub.Send:
			status = string(procountor.StatusSent)
		case hub.Unfinish:
			status = string(procountor.StatusUnfinished)
		case hub.Invalidate:
			status = string(procountor.StatusInvalidated)
		}
	}
	return status
}

// registerWords says which partner of the register would be meant.
func registerWords(say locale.Speaker, f *engine.Forecast) string {
	switch {
	case f == nil:
		return ""
	case f.NewPartner:
		return say.T("compare.register-new")
	case f.Partner != nil:
		return say.T("compare.register-found", "name", f.Partner.Name, "id", f.Partner.ID)
	case len(f.Candidates) == 0:
		return say.T("compare.register-none")
	}
	var names []string
	for _, c := range f.Candidates {
		names = append(names, fmt.Sprintf("%s (%d)", c.Partner.Name, c.Partner.ID))
	}
	return say.T("compare.register-doubtful", "names", strings.Join(names, ", "))
}

func sumText(say locale.Speaker, text string) string {
	a, err := money.Parse(text)
	if err != nil {
		return text
	}
	return say.Sum(a)
}

// differs reports whether two sums, both known, are not the same.
func differs(a, b string) bool {
	x, err1 := money.Parse(a)
	y, err2 := money.Parse(b)
	return err1 == nil && err2 == nil && !x.RoundHalfUp(2).Equal(y.RoundHalfUp(2))
}

// compareLines sets the rows of each side under each other, number by number.
// What was saved as it was sent stands there once.
func compareLines(say locale.Speaker, d detail, sent, saved invoice) (list []comparedLine) {
	doc := d.Document
	posting, put := postingOf(d)
	sentRows := rowWords(say, d, sent, posting)
	if !put {
		posting = nil
	}
	savedRows := rowWords(say, d, saved, posting)
	sentSide := say.T("compare.side-sent")
	if d.Forecast != nil {
		sentSide = say.T("compare.side-would-be")
	}
	for i := range max(len(doc.Lines), len(sentRows), len(savedRows)) {
		first := true
		put := func(side string, w lineWords) {
			list = append(list, comparedLine{N: i + 1, Side: side, First: first, lineWords: w})
			first = false
		}
		if i < len(doc.Lines) {
			put(d.Connection.System, sourceWords(say, doc.Account, &doc.Lines[i]))
		}
		if i < len(sentRows) && (i >= len(savedRows) || sentRows[i] != savedRows[i]) {
			put(sentSide, sentRows[i])
		}
		if i < len(savedRows) {
			put("Procountor", savedRows[i])
		}
	}
	return list
}

// sourceWords are a row as the source has it, and its account: that of the whole document
// goes before the row's own.
func sourceWords(say locale.Speaker, account string, l *hub.Line) lineWords {
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
	parts := []string{cmp.Or(account, l.Account)}
	for _, x := range l.Dimensions {
		parts = append(parts, strings.TrimSpace(AxisWord(say, x.Axis)+" "+strings.TrimSpace(x.Code+" "+x.Name)))
	}
	w.Posting = joined(parts)
	return w
}

// postingOf is the posting of the document, and whether it has been put on the
// ledger receipt; nil when Procountor posts.
func postingOf(d detail) (p *hub.Posting, put bool) {
	steps := d.Steps
	if d.Forecast != nil {
		steps = d.Forecast.Steps
	}
	for _, s := range steps {
		if s.Kind == hub.PutReceipt && s.Detail.Posting != nil {
			p, put = s.Detail.Posting, s.State == hub.StepProved
		}
	}
	return p, put
}

// postingWords says where a row stands and what has chosen it.
func postingWords(say locale.Speaker, d detail, l hub.PostingLine) string {
	parts := []string{strings.TrimSpace(l.Account + " " + d.Registers.AccountName(l.Account))}
	if l.Deduction != "" {
		parts = append(parts, say.T("compare.deduction", "percent", l.Deduction))
	}
	for _, x := range l.Dimensions {
		parts = append(parts, x.Name)
	}
	if l.Basis != "" {
		parts = append(parts, say.T("basis."+l.Basis))
	}
	return joined(parts)
}

func joined(parts []string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

func rowWords(say locale.Speaker, d detail, v invoice, posting *hub.Posting) (list []lineWords) {
	for i, r := range v.InvoiceRows {
		w := lineWords{Name: r.Product, Quantity: strings.TrimSpace(say.Number(r.Quantity) + " " + say.Enum("voucher.unit", r.Unit)),
			Price: say.Sum(r.UnitPrice), VAT: say.Percent(r.VATPercent)}
		if r.VATStatus != nil {
			w.VAT += " · " + strings.TrimSpace(strconv.Itoa(*r.VATStatus)+" "+d.Registers.StatusName(*r.VATStatus))
		}
		if net, ok := mapping.RowNet(r.Quantity, r.UnitPrice, r.DiscountPercent, r.VATPercent, v.ExtraInfo.UnitPricesIncludeVAT); ok {
			w.Net = say.Sum(net)
		}
		if posting != nil && i < len(posting.Lines) {
			w.Posting = postingWords(say, d, posting.Lines[i])
		}
		list = append(list, w)
	}
	return list
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
