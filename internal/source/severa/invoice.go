package severa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// decimals are kept of a number; what lies beyond is the noise of a double.
const decimals = 8

// A sum is a sum of money as Severa shows it.
type sum struct {
	Amount   json.Number `json:"amount"`
	Currency string      `json:"currencyCode"`
	Other    []struct {
		Amount   json.Number `json:"amount"`
		Currency string      `json:"currencyCode"`
	} `json:"multiCurrencyInfo"`
}

type freeText struct {
	Value string `json:"value"`
	Text  string `json:"text"`
	Plain string `json:"plainText"`
}

func (t *freeText) String() string {
	if t == nil {
		return ""
	}
	for _, s := range []string{t.Plain, t.Text, t.Value} {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// An invoice as Severa shows it (InvoiceOutputModel).
type invoice struct {
	raw     json.RawMessage
	print   print
	Created string `json:"createdDateTime"`
	Updated string `json:"lastUpdatedDateTime"`

	Guid     string        `json:"guid"`
	Number   json.Number   `json:"number"`
	Ref      string        `json:"referenceNumber"`
	Status   invoiceStatus `json:"status"`
	Customer *ref          `json:"customer"`
	Billing  *ref          `json:"billingCustomer"`
	Projects []ref         `json:"projects"`

	Date     string      `json:"date"`
	DueDate  string      `json:"dueDate"`
	Term     *int        `json:"paymentTerm"`
	Interest json.Number `json:"overdueInterest"`
	OurRef   string      `json:"ourReference"`
	YourRef  string      `json:"yourReference"`
	Notes    string      `json:"notes"`
	Above    *freeText   `json:"freeText1"`
	Below    *freeText   `json:"freeText2"`
	Order    string      `json:"orderNumber"`
	Currency struct {
		Code string `json:"code"`
	} `json:"currency"`
	Rate  json.Number `json:"currencyRate"`
	Gross *sum        `json:"totalIncludingTax"`
	Net   *sum        `json:"totalExcludingTax"`
	VAT   *sum        `json:"totalTax"`

	Receiver        string `json:"receiverCustomerName"`
	ReceiverContact string `json:"receiverContactName"`
	ReceiverEmail   string `json:"receiverContactEmail"`
	ReceiverAddress struct {
		Street  string `json:"addressline"`
		Zip     string `json:"postalCode"`
		City    string `json:"city"`
		State   string `json:"state"`
		Country string `json:"country"`
	} `json:"receiverAddress"`
	ReceiverVAT   string `json:"receiverVatNumber"`
	ReceiverKvk   string `json:"receiverKvkNumber"`
	Sender        string `json:"senderName"`
	SenderContact string `json:"senderContactName"`
	SenderVAT     string `json:"senderVatNumber"`

	CreditNote bool   `json:"isCreditNote"`
	Reimburses *ref   `json:"reimburseInvoice"`
	NumberUnit string `json:"invoiceNumberBusinessUnitGuid"`
	Language   struct {
		Code string `json:"code"`
	} `json:"language"`
}

func readInvoice(raw json.RawMessage) (inv invoice, err error) {
	if err := parse("/v1/invoices", raw, &inv); err != nil {
		return inv, err
	}
	if inv.Guid == "" {
		return inv, errors.New("/v1/invoices: an invoice without a guid")
	}
	inv.raw = raw
	inv.print, err = printOf(raw, inv.Guid)
	return inv, err
}

func (v *invoice) changed() time.Time {
	if t := moment(v.Updated); !t.IsZero() {
		return t
	}
	return moment(v.Created)
}

// pays is the customer who pays: the billing customer, if there is one.
func (v *invoice) pays() ref {
	for _, c := range []*ref{v.Billing, v.Customer} {
		if c != nil && c.Guid != "" {
			return *c
		}
	}
	return ref{}
}

// A row as Severa shows it (InvoiceRowOutputModel).
type row struct {
	raw     json.RawMessage
	print   print
	Created string `json:"createdDateTime"`
	Updated string `json:"lastUpdatedDateTime"`

	Guid        string      `json:"guid"`
	InvoiceGuid string      `json:"invoiceGuid"`
	Type        string      `json:"rowType"`
	Text        string      `json:"description"`
	Quantity    json.Number `json:"quantity"`
	Price       *sum        `json:"unitPrice"`
	Unit        string      `json:"measurementUnit"`
	VATRate     json.Number `json:"vatRate"`
	SortOrder   int         `json:"sortOrder"`
	Account     *ref        `json:"salesAccount"`
	CostCentre  *ref        `json:"costCenter"`
	FlatRate    string      `json:"flatRateGuid"`
	Code        []string    `json:"code"`
}

func readRow(raw json.RawMessage) (r row, err error) {
	if err := parse("/v1/invoicerows", raw, &r); err != nil {
		return r, err
	}
	r.raw = raw
	r.print, err = printOf(raw, r.Guid)
	return r, err
}

func (r *row) changed() time.Time {
	if t := moment(r.Updated); !t.IsZero() {
		return t
	}
	return moment(r.Created)
}

func (d *Driver) rows(ctx context.Context, guid string) (rows []row, err error) {
	raw, err := list[json.RawMessage](ctx, d.client, "/v1/invoices/"+url.PathEscape(guid)+"/invoicerows", nil)
	if err != nil {
		return nil, err
	}
	for _, x := range raw {
		r, err := readRow(x)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.SortOrder - b.SortOrder })
	return rows, nil
}

// show makes documents of some invoices. One that is gone by now is left out: it was
// never shown.
func (d *Driver) show(ctx context.Context, s *snapshot, items []item) (found []source.Found, err error) {
	if err := d.needProjects(ctx, items); err != nil {
		return nil, err
	}
	if err := d.needCustomers(ctx, items); err != nil {
		return nil, err
	}
	for _, x := range items {
		inv, rows, err := d.whole(ctx, x.invoice)
		if errors.Is(err, errGone) {
			s.dealt(x.invoice.Guid, x.invoice.print)
			continue
		}
		if err != nil {
			return nil, err
		}
		f, err := d.document(ctx, inv, rows)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
		if inv.print != x.invoice.print {
			s.times[inv.print], s.waits[inv.print] = inv.changed(), s.waits[x.invoice.print]
		}
		for _, r := range rows {
			s.times[r.print], s.seen[r.print] = r.changed(), true
		}
		s.dealt(inv.Guid, inv.print)
	}
	return found, nil
}

// whole is an invoice with its rows. Where the two do not come to the same, it was
// perhaps changed between: then both are read anew. What does not come to the same
// even so is shown as it is, and the hub says so.
func (d *Driver) whole(ctx context.Context, inv invoice) (invoice, []row, error) {
	for try := 1; ; try++ {
		rows, err := d.rows(ctx, inv.Guid)
		if err != nil || try == tries || agrees(&inv, rows) {
			return inv, rows, err
		}
		fresh, err := d.invoice(ctx, inv.Guid)
		if err != nil {
			return inv, nil, err
		}
		if fresh.print == inv.print && try > 1 {
			return inv, rows, nil
		}
		inv = fresh
	}
}

// agrees reports whether the rows come to the invoice's net sum, but for the
// rounding of each.
func agrees(inv *invoice, rows []row) bool {
	stated, ok := in(inv.Net, inv.Currency.Code)
	if !ok {
		return true
	}
	total := money.Zero
	for i := range rows {
		q, okQ := amountOf(rows[i].Quantity)
		p, okP := in(rows[i].Price, inv.Currency.Code)
		if !okQ || !okP {
			return true // said elsewhere
		}
		total = total.Add(q.Mul(p).RoundHalfUp(2))
	}
	return total.Abs().Sub(stated.Abs()).Abs().Cmp(money.Cents(int64(len(rows)+1))) <= 0
}

// amountOf reads what Severa writes as a double.
func amountOf(n json.Number) (money.Amount, bool) {
	text := n.String()
	if text == "" {
		return money.Zero, false
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return money.Zero, false
	}
	if i := strings.IndexByte(text, '.'); strings.ContainsAny(text, "eE") || i >= 0 && len(text)-i-1 > decimals {
		text = strings.TrimRight(r.FloatString(decimals), "0")
	}
	a, err := money.Parse(strings.TrimSuffix(text, "."))
	return a, err == nil
}

// in is a sum in a currency.
func in(s *sum, currency string) (money.Amount, bool) {
	if s == nil {
		return money.Zero, false
	}
	if s.Currency == currency || s.Currency == "" {
		return amountOf(s.Amount)
	}
	for _, o := range s.Other {
		if o.Currency == currency {
			return amountOf(o.Amount)
		}
	}
	return money.Zero, false
}

// reader makes one document, and collects what is wrong.
type reader struct {
	inv    *invoice
	faults []hub.Fault
	places map[string]string
	// settings of its printing, once they were read.
	settings *settings
}

func (x *reader) place(path, theirs string) { x.places[path] = theirs }

func (x *reader) wrong(theirs, value, form string) {
	x.faults = append(x.faults, hub.NewFault(hub.FieldInvalid, theirs, value, "field", theirs, "form", form))
}

func (x *reader) amount(n json.Number, path, theirs string) *money.Amount {
	x.place(path, theirs)
	a, ok := amountOf(n)
	switch {
	case n == "":
		return nil
	case !ok:
		x.wrong(theirs, n.String(), "1250.50")
		return nil
	}
	return &a
}

func (x *reader) sum(s *sum, path, theirs string) *money.Amount {
	x.place(path, theirs)
	if s == nil || s.Amount == "" {
		return nil
	}
	a, ok := in(s, x.inv.Currency.Code)
	if !ok {
		x.wrong(theirs, s.Amount.String()+" "+s.Currency, "a sum in "+x.inv.Currency.Code)
		return nil
	}
	return &a
}

func (x *reader) day(text, path, theirs string) (day civil.Date) {
	x.place(path, theirs)
	if text == "" {
		return day
	}
	day, err := civil.Parse(text[:min(len(text), len("2026-12-31"))]) // the day as it is written, whatever the zone
	if err != nil {
		x.wrong(theirs, text, "2026-12-31")
	}
	return day
}

// document makes a document of an invoice; the error is that of asking on.
func (d *Driver) document(ctx context.Context, inv invoice, rows []row) (source.Found, error) {
	x := &reader{inv: &inv, places: map[string]string{}}
	doc := &hub.Document{Kind: hub.SalesInvoice, CreditNote: inv.CreditNote, SourceID: inv.Guid, Number: inv.Number.String(), Lines: []hub.Line{},
		Date: x.day(inv.Date, "date", "invoice.date"), DueDate: x.day(inv.DueDate, "due_date", "invoice.dueDate"), TermDays: inv.Term,
		PenaltyPercent: x.amount(inv.Interest, "penalty_percent", "invoice.overdueInterest")}
	x.place("number", "invoice.number")
	doc.References.Order = strings.TrimSpace(inv.Order)
	doc.Payment.Reference = strings.TrimSpace(inv.Ref)
	doc.Language = strings.ToLower(inv.Language.Code[:min(2, len(inv.Language.Code))])
	x.place("language", "invoice.language.code")
	if c, err := money.ParseCurrency(inv.Currency.Code); err == nil {
		doc.Currency = c
	} else {
		x.faults = append(x.faults, hub.NewFault(hub.CurrencyUnknown, "invoice.currency.code", inv.Currency.Code))
	}
	doc.Rate = d.rate(x)
	doc.Totals = hub.Totals{Net: x.sum(inv.Net, "totals.net", "invoice.totalExcludingTax"), VAT: x.sum(inv.VAT, "totals.vat", "invoice.totalTax"),
		Gross: x.sum(inv.Gross, "totals.gross", "invoice.totalIncludingTax")}
	d.texts(doc, &inv)
	d.seller(doc, &inv)
	if err := d.buyer(ctx, x, doc); err != nil {
		return source.Found{}, err
	}
	if err := d.lines(ctx, x, doc, rows); err != nil {
		return source.Found{}, err
	}
	if inv.CreditNote {
		turn(x, doc)
		if err := d.credited(ctx, doc, &inv); err != nil {
			return source.Found{}, err
		}
	}
	if err := d.files(ctx, x, doc); err != nil {
		return source.Found{}, err
	}
	whole := struct {
		Invoice json.RawMessage   `json:"invoice"`
		Rows    []json.RawMessage `json:"rows"`
	}{Invoice: inv.raw, Rows: []json.RawMessage{}}
	for _, r := range rows {
		whole.Rows = append(whole.Rows, r.raw)
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		return source.Found{}, err
	}
	setup, err := d.setup(ctx)
	if err != nil {
		return source.Found{}, err
	}
	return source.Found{Document: doc, Faults: x.faults, Raw: raw, Places: x.places, Name: "Severa " + doc.Number,
		Past: setup.moved != "" && inv.Status.Guid == setup.moved}, nil
}

// rate turns Severa's rate the way the hub has it: units of the invoice's currency
// for one of our own. Which way Severa writes it is an option.
func (d *Driver) rate(x *reader) *money.Amount {
	r := x.amount(x.inv.Rate, "rate", "invoice.currencyRate")
	if r == nil || r.Sign() <= 0 || r.Equal(money.FromInt(1)) {
		return nil // of the own currency; a foreign one without a rate takes Procountor's
	}
	if d.option["rate"] == "own" {
		inverse := money.FromInt(1).QuoHalfUp(*r, decimals)
		return &inverse
	}
	return r
}

// labels of the two references, by the invoice's language.
var labels = map[string][2]string{"fi": {"Viitteemme", "Viitteenne"}, "sv": {"Vår referens", "Er referens"}, "en": {"Our reference", "Your reference"},
	"et": {"Meie viide", "Teie viide"}, "no": {"Vår referanse", "Deres referanse"}, "nb": {"Vår referanse", "Deres referanse"}, "da": {"Vores reference", "Deres reference"},
	"nl": {"Onze referentie", "Uw referentie"}}

// texts puts the five texts where the options say, in the order of the vendor's page.
func (d *Driver) texts(doc *hub.Document, inv *invoice) {
	label, ok := labels[doc.Language]
	if !ok {
		label = labels["en"]
	}
	var shown, inside []string
	for _, t := range []struct{ option, label, text string }{{"our_reference", label[0], inv.OurRef}, {"your_reference", label[1], inv.YourRef},
		{"notes", "", inv.Notes}, {"free_text_1", "", inv.Above.String()}, {"free_text_2", "", inv.Below.String()}} {
		text := strings.TrimSpace(t.text)
		if text == "" {
			continue
		}
		if t.label != "" {
			text = t.label + ": " + text
		}
		switch d.option[t.option] {
		case printed:
			shown = append(shown, text)
		case internal:
			inside = append(inside, text)
		}
	}
	doc.Text, doc.Notes = strings.Join(shown, "\n"), strings.Join(inside, "\n")
}

// seller is the company as the invoice says it, by its business id.
func (d *Driver) seller(doc *hub.Document, inv *invoice) {
	if setID(&doc.Seller, inv.SenderVAT); strings.TrimSpace(inv.SenderVAT) == "" {
		doc.Seller.BusinessID = d.client.env.Own
	}
}

// setID puts an id where it belongs: a VAT number begins with a country.
func setID(p *hub.Party, id string) {
	id = strings.TrimSpace(id)
	if _, err := finland.ParseBusinessID(id); err != nil && len(id) > 2 && letter(id[0]) && letter(id[1]) {
		p.VATNumber = strings.ToUpper(id)
		return
	}
	p.BusinessID = id
}

func letter(b byte) bool { return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' }

func (d *Driver) buyer(ctx context.Context, x *reader, doc *hub.Document) error {
	inv, b := x.inv, &doc.Buyer
	pays := inv.pays()
	b.Name, b.Number = strings.TrimSpace(inv.Receiver), pays.Number.String()
	if b.Name == "" {
		b.Name = pays.Name
	}
	x.place("buyer.name", "invoice.receiverCustomerName")
	x.place("buyer.number", "invoice.billingCustomer.number")
	if id := strings.TrimSpace(inv.ReceiverVAT); id != "" {
		setID(b, id)
		x.place("buyer.business_id", "invoice.receiverVatNumber")
		x.place("buyer.vat_number", "invoice.receiverVatNumber")
	} else {
		b.BusinessID = strings.TrimSpace(inv.ReceiverKvk)
	}
	a := inv.ReceiverAddress
	b.Address = hub.Address{Street: a.Street, Zip: a.Zip, City: a.City, Region: a.State}
	for path, theirs := range map[string]string{"street": "addressline", "zip": "postalCode", "city": "city", "country": "country"} {
		x.place("buyer.address."+path, "invoice.receiverAddress."+theirs)
	}
	code, err := d.countryCode(ctx, a.Country)
	if err != nil {
		return err
	}
	if b.Address.Country = code; code == "" && strings.TrimSpace(a.Country) != "" {
		x.faults = append(x.faults, hub.NewFault(hub.CountryUnknown, "invoice.receiverAddress.country", a.Country))
	}
	var contacts []string
	for _, name := range []string{inv.SenderContact, inv.ReceiverContact} {
		if name = strings.TrimSpace(name); name != "" {
			contacts = append(contacts, name)
		}
	}
	b.Contact = strings.Join(contacts, "/")
	x.place("buyer.contact", "invoice.receiverContactName")
	b.ContactEmail = strings.TrimSpace(inv.ReceiverEmail)
	x.place("buyer.contact_email", "invoice.receiverContactEmail")
	c := d.reg.customers[pays.Guid]
	if c == nil {
		return nil
	}
	b.Email = strings.TrimSpace(c.Email)
	b.EInvoice = hub.EInvoice{Address: strings.TrimSpace(c.EInvoiceAddress), Operator: strings.TrimSpace(c.EInvoiceOperator)}
	if b.EInvoice.Address == "" && inv.Billing != nil && inv.Billing.Guid != "" {
		b.EInvoice, err = d.billingAddress(ctx, inv)
	}
	return err
}

// billingAddress is the e-invoice address that a project keeps for who is billed.
func (d *Driver) billingAddress(ctx context.Context, inv *invoice) (e hub.EInvoice, err error) {
	for _, p := range inv.Projects {
		var all []struct {
			Billing struct {
				Guid     string `json:"guid"`
				Address  string `json:"eInvoiceAddress"`
				Operator string `json:"eInvoiceOperator"`
			} `json:"billingCustomer"`
		}
		if err := d.client.get(ctx, "/v1/projects/"+url.PathEscape(p.Guid)+"/projectbillingcustomers", nil, &all); err != nil && !errors.Is(err, errGone) {
			return e, err
		}
		for _, b := range all {
			if b.Billing.Guid == inv.Billing.Guid && b.Billing.Address != "" {
				return hub.EInvoice{Address: strings.TrimSpace(b.Billing.Address), Operator: strings.TrimSpace(b.Billing.Operator)}, nil
			}
		}
	}
	return e, nil
}

// credited names the invoice that a credit note takes back.
func (d *Driver) credited(ctx context.Context, doc *hub.Document, inv *invoice) error {
	if inv.Reimburses == nil || inv.Reimburses.Number == "" && inv.Reimburses.Guid == "" {
		return nil
	}
	original, err := d.invoice(ctx, inv.Reimburses.Guid)
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	c := hub.Reference{Number: inv.Reimburses.Number.String()}
	if err == nil {
		if day, err := civil.Parse(original.Date[:min(len(original.Date), 10)]); err == nil {
			c.Date = day
		}
		if c.Number == "" {
			c.Number = original.Number.String()
		}
	}
	doc.Credits = []hub.Reference{c}
	return nil
}

// turn gives a credit note negative quantities and sums, whichever way Severa wrote
// it: with a warning where the whole was positive, silently where only the minus
// stood at the price.
func turn(x *reader, doc *hub.Document) {
	t := &doc.Totals
	positive := t.Net != nil && t.Net.Sign() > 0
	if positive {
		for _, a := range []**money.Amount{&t.Net, &t.VAT, &t.Gross} {
			if *a != nil {
				n := (*a).Neg()
				*a = &n
			}
		}
		x.faults = append(x.faults, hub.NewFault(hub.SignsTurned, "invoice.totalExcludingTax", x.inv.Net.Amount.String()).Warn())
	}
	for i := range doc.Lines {
		l := &doc.Lines[i]
		if l.Quantity == nil || l.UnitPrice == nil {
			continue
		}
		q, p := *l.Quantity, *l.UnitPrice
		if positive {
			q = q.Neg()
		}
		if p.Sign() < 0 {
			q, p = q.Neg(), p.Neg()
		}
		l.Quantity, l.UnitPrice = &q, &p
	}
}

// lines makes the rows. What has no VAT takes its category from the invoice's own
// settings, or from the customer's card.
func (d *Driver) lines(ctx context.Context, x *reader, doc *hub.Document, rows []row) error {
	projects, err := d.projectsOf(ctx, x, rows)
	if err != nil {
		return err
	}
	var free *taxFree
	for i := range rows {
		r, at := &rows[i], func(theirs string) string { return fmt.Sprintf("rows[%d].%s", i, theirs) }
		path := func(ours string) string { return fmt.Sprintf("lines[%d].%s", i, ours) }
		l := hub.Line{Unit: strings.TrimSpace(r.Unit), Quantity: x.amount(r.Quantity, path("quantity"), at("quantity")), UnitPrice: x.sum(r.Price, path("unit_price"), at("unitPrice"))}
		name, more, _ := strings.Cut(strings.TrimSpace(r.Text), "\n")
		l.Name, l.Description = strings.TrimSpace(name), strings.TrimSpace(more)
		x.place(path("name"), at("description"))
		l.Code = oneCode(r.Code)
		x.place(path("code"), at("code"))
		if v := x.amount(r.VATRate, path("vat_percent"), at("vatRate")); v != nil {
			l.VATPercent = *v
		} else if l.Quantity != nil && !l.Quantity.IsZero() {
			x.faults = append(x.faults, hub.NewFault(hub.FieldMissing, at("vatRate"), "", "field", "vatRate"))
		}
		if l.VATPercent.IsZero() {
			if free == nil {
				if free, err = d.why(ctx, x); err != nil {
					return err
				}
			}
			l.VATCategory, l.VATReason = free.Category, free.Reason
		}
		if r.Account != nil {
			l.Account = r.Account.Number.String()
			x.place(path("account"), at("salesAccount.number"))
		}
		if l.Supply, err = d.supply(ctx, r, l.Code); err != nil {
			return err
		}
		l.Dimensions = d.dimensions(r, projects[r.Guid])
		doc.Lines = append(doc.Lines, l)
	}
	return nil
}

// oneCode is the code of a row; none where it is a group of several.
func oneCode(codes []string) string {
	codes = slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return strings.TrimSpace(c) == "" })
	slices.Sort(codes)
	if codes = slices.Compact(codes); len(codes) == 1 {
		return strings.TrimSpace(codes[0])
	}
	return ""
}

// why is the reason that rows carry no VAT.
func (d *Driver) why(ctx context.Context, x *reader) (*taxFree, error) {
	set, err := d.settings(ctx, x)
	if err != nil {
		return nil, err
	}
	if set.Reverse {
		return &taxFree{Category: "AE", Reason: strings.TrimSpace(set.Reason)}, nil
	}
	t, err := d.taxFreeOf(ctx, x.inv.pays().Guid)
	if t.Category = strings.ToUpper(strings.TrimSpace(t.Category)); !slices.Contains([]string{"Z", "E", "AE", "K", "G", "O"}, t.Category) {
		t.Category = ""
	}
	return &t, err
}

// supply says what a row is: hours and travel are services, a product is what its
// type says.
func (d *Driver) supply(ctx context.Context, r *row, code string) (string, error) {
	if r.Type != "ProjectFees" || code == "" {
		if r.Type == "ProjectFees" {
			return "", nil // of what nobody has said
		}
		return "service", nil
	}
	switch t, err := d.productType(ctx, code); {
	case err != nil:
		return "", err
	case t == "Materials":
		return "goods", nil
	case t != "":
		return "service", nil
	}
	return "", nil
}

func (d *Driver) dimensions(r *row, guid string) (list []hub.Dimension) {
	if p := d.reg.projects[guid]; p != nil {
		u := d.unit(p)
		if u.Name != "" {
			list = append(list, hub.Dimension{Axis: hub.AxisUnit, Code: orElse(u.Code, u.Name), Name: u.Name})
		}
		list = append(list, hub.Dimension{Axis: hub.AxisProject, Code: orElse(p.Number.String(), p.Name), Name: p.Name})
	}
	if c := r.CostCentre; c != nil && (c.Number != "" || c.Name != "") {
		list = append(list, hub.Dimension{Axis: hub.AxisCostCentre, Code: orElse(c.Number.String(), c.Name), Name: c.Name})
	}
	return list
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// behind is where the hours, fees and journeys of a type of row are listed.
var behind = map[string]string{"Hours": "workhours", "ProjectFees": "projectfees", "TravelExpenses": "projecttravelexpenses"}

// projectsOf finds the project of each row, by guid. An invoice of one project has
// none to find; of several, what lies behind the rows says it: one request for each
// type of row. A row of several projects has none, and a warning, and so has one of
// which Severa does not say it.
func (d *Driver) projectsOf(ctx context.Context, x *reader, rows []row) (map[string]string, error) {
	of := map[string]string{}
	if len(x.inv.Projects) == 0 {
		return of, nil
	}
	if len(x.inv.Projects) == 1 {
		for _, r := range rows {
			of[r.Guid] = x.inv.Projects[0].Guid
		}
		return of, nil
	}
	several := map[string]bool{}
	put := func(row, project string) {
		if row == "" || project == "" {
			return
		}
		if was := of[row]; was != "" && was != project {
			several[row] = true
		}
		of[row] = project
	}
	asked := map[string]bool{}
	for _, r := range rows {
		if r.FlatRate != "" {
			if err := d.flatRate(ctx, x.inv, r, put); err != nil {
				return nil, err
			}
			continue
		}
		name := behind[r.Type]
		if name == "" || asked[name] {
			continue
		}
		asked[name] = true
		if x.inv.CreditNote {
			name = "reimbursed" + name
		}
		type entry struct {
			Row     string `json:"invoiceRowGuid"`
			Project ref    `json:"project"`
		}
		all, err := list[entry](ctx, d.client, "/v1/invoices/"+url.PathEscape(x.inv.Guid)+"/"+name, nil)
		if err != nil && !errors.Is(err, errGone) {
			return nil, err
		}
		for _, e := range all {
			put(e.Row, e.Project.Guid)
		}
	}
	for i, r := range rows {
		if several[r.Guid] || of[r.Guid] == "" {
			delete(of, r.Guid)
			x.faults = append(x.faults, hub.NewFault(hub.RowProjects, fmt.Sprintf("rows[%d]", i), r.Text, "row", fmt.Sprint(i+1)).Warn())
		}
	}
	return of, nil
}

func (d *Driver) flatRate(ctx context.Context, inv *invoice, r row, put func(row, project string)) error {
	for _, p := range inv.Projects {
		var all []struct {
			Guid string `json:"guid"`
		}
		if err := d.client.get(ctx, "/v1/projects/"+url.PathEscape(p.Guid)+"/flatrates", nil, &all); err != nil && !errors.Is(err, errGone) {
			return err
		}
		for _, f := range all {
			if f.Guid == r.FlatRate {
				put(r.Guid, p.Guid)
			}
		}
	}
	return nil
}
