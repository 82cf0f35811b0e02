package pcfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// invoice is one invoice on its way to a document.
type invoice struct {
	format.Reader
	o     Options
	root  string
	head  row
	doc   *hub.Document
	notes []string
	files *archive
}

// at is the place of a cell.
func (v *invoice) at(r row, column int) string {
	return fmt.Sprintf("%s/row[%d]/%s", v.root, r.line, letters(column))
}

// cell returns a field and remembers where it stands.
func (v *invoice) cell(r row, column int, path string) string {
	text := r.fields[column]
	if text != "" && path != "" {
		if v.Places == nil {
			v.Places = map[string]string{}
		}
		v.Places[path] = v.at(r, column)
	}
	return text
}

func (v *invoice) wrong(r row, column int, code string, args ...string) {
	v.Faults = append(v.Faults, hub.NewFault(code, v.at(r, column), r.fields[column], args...))
}

func (v *invoice) invalid(r row, column int, form string) {
	v.wrong(r, column, hub.FieldInvalid, "field", letters(column), "form", form)
}

func (v *invoice) missing(r row, column int) {
	v.wrong(r, column, hub.FieldMissing, "field", letters(column))
}

// note keeps what has no place of its own, under the letter of its column.
func (v *invoice) note(r row, column int) {
	text := r.fields[column]
	if text == "" {
		return
	}
	name := letters(column)
	if r.line != v.head.line {
		name += "(" + strconv.Itoa(len(v.doc.Lines)+1) + ")"
	}
	v.notes = append(v.notes, name+": "+text)
}

// number reads a decimal with a point or a comma, and perhaps spaces between
// thousands; nil when there is none.
func (v *invoice) number(r row, column int, path string) *money.Amount {
	text := strings.NewReplacer(" ", "", "\u00a0", "").Replace(v.cell(r, column, path))
	if text == "" {
		return nil
	}
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	a, err := money.Parse(text)
	if err != nil {
		v.invalid(r, column, "1250,50")
		return nil
	}
	return &a
}

// percent is number for percentages, which are never negative.
func (v *invoice) percent(r row, column int, path string) *money.Amount {
	a := v.number(r, column, path)
	if a != nil && (a.Sign() < 0 || a.Cmp(money.Hundred) > 0) {
		v.invalid(r, column, "25,5")
		return nil
	}
	return a
}

// day reads d.m.yyyy.
func (v *invoice) day(column int, path string) civil.Date {
	text := v.cell(v.head, column, path)
	if text == "" {
		return civil.Date{}
	}
	d, err := parseDay(text)
	if err != nil {
		v.invalid(v.head, column, "31.12.2026")
	}
	return d
}

func parseDay(text string) (civil.Date, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[1]) > 2 || len(parts[2]) != 4 {
		return civil.Date{}, fmt.Errorf("no day: %s", text)
	}
	for i := range 2 {
		parts[i] = strings.Repeat("0", 2-len(parts[i])) + parts[i]
	}
	return civil.Parse(parts[2] + "-" + parts[1] + "-" + parts[0])
}

// flag reads t or f.
func (v *invoice) flag(column int) (yes, given bool) {
	switch strings.ToLower(v.head.fields[column]) {
	case "t":
		return true, true
	case "f":
		return false, true
	case "":
		return false, false
	}
	v.invalid(v.head, column, "t, f")
	return false, false
}

func (v *invoice) read(kind hub.Kind, rows []row, raw []byte) {
	h := v.head
	v.doc = &hub.Document{Kind: kind, Lines: []hub.Line{}}
	d := v.doc
	if text := h.fields[hNotes]; text != "" {
		v.notes = append(v.notes, v.cell(h, hNotes, "notes"))
	}
	d.Number = v.cell(h, hNumber, "number")
	if d.Number == "" {
		v.wrong(h, hNumber, hub.NumberMissing)
	}
	if d.Date = v.day(hDate, "date"); d.Date.IsZero() && h.fields[hDate] == "" {
		v.wrong(h, hDate, hub.DateMissing)
	}
	d.DueDate = v.day(hDue, "due_date")
	if day := v.day(hDelivered, "delivery"); !day.IsZero() {
		d.Delivery = civil.Period{First: day, Last: day}
	}
	switch c, err := money.ParseCurrency(v.cell(h, hCurrency, "currency")); {
	case h.fields[hCurrency] == "":
		v.missing(h, hCurrency)
	case err != nil:
		v.wrong(h, hCurrency, hub.CurrencyUnknown)
	default:
		d.Currency = c
	}
	v.parties()
	d.Payment = hub.Payment{IBAN: v.cell(h, hAccount, "payment.iban"), BIC: v.cell(h, hBIC, "payment.bic"), Reference: v.cell(h, hReference, "payment.reference")}
	d.References.Order = v.cell(h, hOrder, "references.order")
	d.Text = v.cell(h, hText, "text")
	d.PenaltyPercent = v.percent(h, hPenalty, "penalty_percent")
	if p := v.percent(h, hDiscount, "discount_percent"); p != nil {
		d.DiscountPercent = *p
	}
	v.cashDiscount()
	v.language()
	if h.fields[hMethod] != usual {
		v.note(h, hMethod)
	}
	for _, column := range []int{hDelivery, hPaid, hRate, hChannel, hOld1, hOld2, hAuto, hOVT, hFactoring, hCountry} {
		v.note(h, column)
	}
	gross, given := v.flag(hGross)
	if !given && h.fields[hGross] == "" {
		v.missing(h, hGross)
	}
	d.GrossPrices = gross
	v.flag(hByRow)
	for _, r := range rows {
		v.row(r)
	}
	v.vat()
	if !slices.ContainsFunc(d.Lines, func(l hub.Line) bool { return !l.IsText() }) {
		v.Faults = append(v.Faults, hub.NewFault(hub.RowsMissing, v.root, ""))
	}
	v.total()
	v.credit()
	v.attachment()
	d.Notes = strings.Join(v.notes, separator)
	o := format.Options{Kind: kind}
	if len(v.o.Own) > 0 {
		// The file does not say whose it is: it is handed over for one company.
		d.Own().BusinessID = v.o.Own[0]
	}
	o.Identify(d, raw)
}

// parties reads the partner, and where the invoice and the goods go.
func (v *invoice) parties() {
	h, p, path := v.head, v.doc.Counterparty(), "buyer"
	missing := hub.BuyerMissing
	if v.doc.Kind == hub.PurchaseInvoice {
		path, missing = "seller", hub.SellerMissing
	}
	if p.Name = v.cell(h, hName, path+".name"); p.Name == "" {
		v.wrong(h, hName, missing)
	}
	id := h.fields[hID]
	if _, err := finland.ParseBusinessID(id); err != nil && len(id) > 2 && isLetters([]byte(id[:2])) {
		p.VATNumber = v.cell(h, hID, path+".vat_number")
	} else {
		p.BusinessID = v.cell(h, hID, path+".business_id")
	}
	p.Number = v.cell(h, hCustomer, path+".number")
	p.Email = v.cell(h, hEmail, path+".email")
	p.Contact = v.cell(h, hContact, path+".contact")
	p.EInvoice = hub.EInvoice{Address: v.cell(h, hEInvoice, path+".einvoice.address"), Operator: v.cell(h, hOperator, path+".einvoice.operator")}
	if text := v.cell(h, hAddress, path+".address"); strings.Contains(text, `\`) {
		var name string
		if name, p.Address = v.address(hAddress); name != p.Name {
			p.NameMore = name
		}
	} else {
		p.Address.Street = text
	}
	party := func(column int, path string) *hub.Party {
		if v.cell(h, column, path) == "" {
			return nil
		}
		name, address := v.address(column)
		return &hub.Party{Name: name, Address: address}
	}
	v.doc.BillTo = party(hBilling, "bill_to")
	v.doc.DeliverTo = party(hShipping, "deliver_to")
	// The samples give the billing address alone: it is the partner's then.
	if b := v.doc.BillTo; b != nil && p.Address == (hub.Address{}) && b.Name == p.Name {
		p.Address, v.doc.BillTo = b.Address, nil
		v.Places[path+".address"] = v.at(h, hBilling)
	}
}

// address reads name\street\post code\town\country.
func (v *invoice) address(column int) (name string, a hub.Address) {
	parts := strings.Split(v.head.fields[column], `\`)
	if len(parts) != 5 {
		v.invalid(v.head, column, `name\street\post code\town\country`)
		return v.head.fields[column], a
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	a = hub.Address{Street: parts[1], Zip: parts[2], City: parts[3]}
	if country := strings.ToUpper(parts[4]); len(country) == 2 && isLetters([]byte(country)) {
		a.Country = country
	} else if country != "" {
		v.wrong(v.head, column, hub.CountryUnknown)
		v.Faults[len(v.Faults)-1].Warning = true
		a.Region = parts[4]
	}
	return parts[0], a
}

func (v *invoice) cashDiscount() {
	days, p := v.number(v.head, hCashDays, ""), v.percent(v.head, hCashPercent, "")
	if days == nil || p == nil || p.IsZero() {
		if p != nil && !p.IsZero() {
			v.missing(v.head, hCashDays)
		}
		return
	}
	n, err := strconv.Atoi(days.String())
	if err != nil || n < 0 || n > 999 {
		v.invalid(v.head, hCashDays, "0–999")
		return
	}
	v.doc.CashDiscounts = []hub.CashDiscount{{Days: n, Percent: *p}}
}

func (v *invoice) language() {
	text := v.cell(v.head, hLanguage, "language")
	if len(text) == 2 && isLetters([]byte(text)) {
		v.doc.Language = strings.ToLower(text)
		return
	}
	if text != "" {
		v.wrong(v.head, hLanguage, hub.LanguageUnknown)
		v.Faults[len(v.Faults)-1].Warning = true
		v.note(v.head, hLanguage)
	}
}

func (v *invoice) row(r row) {
	path := fmt.Sprintf("lines[%d]", len(v.doc.Lines))
	if v.Places == nil {
		v.Places = map[string]string{}
	}
	v.Places[path] = fmt.Sprintf("%s/row[%d]", v.root, r.line)
	path += "."
	l := hub.Line{
		Name: v.cell(r, rName, path+"name"), Code: v.cell(r, rCode, path+"code"), Unit: v.cell(r, rUnit, path+"unit"),
		Comment: v.cell(r, rComment, path+"comment"), Order: v.cell(r, rOrder, path+"order"), Account: v.cell(r, rAccount, path+"account"),
		Quantity: v.number(r, rQuantity, path+"quantity"), UnitPrice: v.number(r, rPrice, path+"unit_price"),
	}
	if p := v.percent(r, rDiscount, path+"discount_percent"); p != nil {
		l.DiscountPercent = *p
	}
	if p := v.percent(r, rVAT, path+"vat_percent"); p != nil {
		l.VATPercent = *p
	} else if r.fields[rVAT] == "" && (r.fields[rQuantity] != "" || r.fields[rPrice] != "") {
		v.missing(r, rVAT)
	}
	switch {
	case r.fields[rQuantity] == "" && r.fields[rPrice] != "":
		v.missing(r, rQuantity)
	case r.fields[rQuantity] != "" && r.fields[rPrice] == "":
		v.missing(r, rPrice)
	}
	for _, column := range []int{rPurchaseOrder, rConfirmation, rDeliveryList} {
		v.note(r, column)
	}
	for column := rowColumns; column < len(r.fields); column++ {
		code := r.fields[column]
		axis := v.o.Dimensions[column+1]
		switch {
		case code == "":
		case axis != "":
			l.Dimensions = append(l.Dimensions, hub.Dimension{Axis: axis, Code: code})
		default:
			v.wrong(r, column, hub.ColumnUnknown, "column", letters(column))
		}
	}
	v.doc.Lines = append(v.doc.Lines, l)
}

// vat notes the header's VAT percent when the rows say another.
func (v *invoice) vat() {
	p := v.percent(v.head, hVAT, "")
	if p == nil || len(v.doc.Lines) == 0 {
		return
	}
	for _, l := range v.doc.Lines {
		if !l.IsText() && !l.VATPercent.Equal(*p) {
			v.note(v.head, hVAT)
			return
		}
	}
}

// total compares the stated sum with the rows, with VAT or without: the page does
// not say which it is.
func (v *invoice) total() {
	stated := v.number(v.head, hTotal, "totals.gross")
	if stated == nil || v.stopped() {
		return
	}
	net, gross, rows := sums(v.doc)
	cents := money.Cents(max(rows, 1))
	near := func(a money.Amount) bool { return stated.Sub(a).Abs().Cmp(cents) <= 0 }
	t := &v.doc.Totals
	switch {
	case stated.Equal(gross):
		t.Gross = stated
	case stated.Equal(net):
		t.Net = stated
	case near(gross), near(net):
		computed := gross
		if t.Gross = stated; !near(gross) {
			t.Gross, t.Net, computed = nil, stated, net
		}
		v.disagree(stated, computed, true)
	default:
		v.disagree(stated, gross, false)
	}
	if t.Net != nil {
		v.Places["totals.net"] = v.Places["totals.gross"]
		delete(v.Places, "totals.gross")
	}
}

func (v *invoice) disagree(stated *money.Amount, computed money.Amount, warning bool) {
	v.wrong(v.head, hTotal, hub.SumsDisagree, "stated", stated.String(), "computed", computed.String())
	v.Faults[len(v.Faults)-1].Warning = warning
}

func (v *invoice) stopped() bool { return hub.Stops(v.Faults) }

// sums adds up the rows, each rounded to cents.
func sums(d *hub.Document) (net, gross money.Amount, rows int64) {
	for i := range d.Lines {
		l := &d.Lines[i]
		sum, ok := format.LineSum(d, l)
		if !ok {
			continue
		}
		rows++
		if !d.DiscountPercent.IsZero() {
			sum = sum.Mul(money.Hundred.Sub(d.DiscountPercent)).QuoHalfUp(money.Hundred, 2)
		}
		if d.GrossPrices {
			gross = gross.Add(sum)
			net = net.Add(sum.Mul(money.Hundred).QuoHalfUp(money.Hundred.Add(l.VATPercent), 2))
		} else {
			net = net.Add(sum)
			gross = gross.Add(sum).Add(sum.Percent(l.VATPercent).RoundHalfUp(2))
		}
	}
	return net, gross, rows
}

// credit tells credit notes by their sums, and by the code of column K as far as
// somebody has said what it means: the samples disagree.
func (v *invoice) credit() {
	code := strings.ToLower(v.head.fields[hCredit])
	if _, given := v.flag(hCredit); !given && code != "" {
		return
	}
	net, _, _ := sums(v.doc)
	negative := net.Sign() < 0
	says := code != "" && code == v.o.Credit
	switch {
	case says && !negative && !net.IsZero():
		v.doc.CreditNote = true
		format.Turn(v.doc)
		v.wrong(v.head, hCredit, hub.SignsTurned)
		v.Faults[len(v.Faults)-1].Warning = true
	case v.o.Credit != "" && negative && !says, v.o.Credit == "" && !negative && code == "f":
		v.doc.CreditNote = negative
		v.wrong(v.head, hCredit, hub.CreditUnclear, "total", net.String())
	default:
		v.doc.CreditNote = negative || says
	}
}

func (v *invoice) attachment() {
	name := v.head.fields[hFile]
	if name == "" {
		return
	}
	content, fault := v.files.open(name)
	if fault != nil {
		fault.Path, fault.Value = v.at(v.head, hFile), name
		v.Faults = append(v.Faults, *fault)
		return
	}
	v.doc.Attachments = []hub.Attachment{{Name: name, MIME: mimeOf(name), Size: int64(len(content)), Hash: hub.HashOf(content),
		ForCustomer: v.doc.Kind == hub.SalesInvoice, Content: content}}
}
