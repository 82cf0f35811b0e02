package valueframe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// ours are the fields that can be mapped. "line.dimension." takes an axis after it.
var ours = []string{
	"id", "number", "date", "due_date", "delivery", "currency", "text", "order", "seller_reference", "reference", "net", "gross", "credited",
	"buyer.name", "buyer.business_id", "buyer.number", "buyer.street", "buyer.zip", "buyer.city", "buyer.country", "buyer.email", "buyer.contact",
	"buyer.einvoice", "buyer.operator",
	"line.name", "line.code", "line.quantity", "line.unit", "line.price", "line.vat", "line.discount", "line.net", "line.account", "line.comment",
}

const dimension = "line.dimension."

// needed are those without which nothing can be made of an invoice.
var needed = []string{"number", "date", "currency", "buyer.name", "line.name", "line.quantity", "line.price", "line.vat"}

// fields say for each of ours which of theirs it is: the first that is filled.
type fields map[string][]string

// parseFields reads lines such as "buyer.number = ALT_NUMBER | ACCOUNT_ID".
func parseFields(text string) (fields, error) {
	m := fields{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, theirs, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || !slices.Contains(ours, name) && (!strings.HasPrefix(name, dimension) || name == dimension) {
			return nil, fmt.Errorf("line %d: %q is none of %s, %sAXIS", i+1, name, strings.Join(ours, ", "), dimension)
		}
		if m[name] != nil {
			return nil, fmt.Errorf("line %d: %s stands there twice", i+1, name)
		}
		for part := range strings.SplitSeq(theirs, "|") {
			if part = strings.TrimSpace(part); part != "" {
				m[name] = append(m[name], part)
			}
		}
		if m[name] == nil {
			return nil, fmt.Errorf("line %d: %s names no field of theirs", i+1, name)
		}
	}
	return m, nil
}

// complete says which fields a map still needs.
func (m fields) complete() error {
	var missing []string
	for _, name := range needed {
		if m[name] == nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("there is no line for %s", strings.Join(missing, ", "))
	}
	return nil
}

// find is the value of one of our fields, and the name of theirs that gave it.
func (m fields) find(r record, name string) (value, theirs string) {
	for _, theirs := range m[name] {
		if text, ok := strings.CutPrefix(theirs, `"`); ok {
			return strings.TrimSuffix(text, `"`), theirs
		}
		if value := r.text(theirs); value != "" {
			return value, theirs
		}
	}
	return "", strings.Join(m[name], " | ")
}

func (m fields) get(r record, name string) string {
	value, _ := m.find(r, name)
	return value
}

func cmpText(list ...string) string {
	for _, x := range list {
		if x != "" {
			return x
		}
	}
	return ""
}

func nested(r record, name string) (list []record) {
	items, _ := r[name].([]any)
	for _, x := range items {
		if row, ok := asRecord(x); ok {
			list = append(list, row)
		}
	}
	return list
}

// reading makes one document of records.
type reading struct {
	d      *Driver
	tell   func(source.Understood)
	row    int // from 1; 0 in the head
	faults []hub.Fault
	places map[string]string
}

// text takes one of our fields.
func (x *reading) text(r record, name, path string) string {
	value, theirs := x.d.fields.find(r, name)
	x.told(name, theirs, value, value, "")
	if x.places == nil {
		x.places = map[string]string{}
	}
	if value != "" {
		x.places[path] = x.at(theirs)
	}
	return value
}

// at is the place of one of their fields in what they answered.
func (x *reading) at(theirs string) string {
	if x.row > 0 {
		return fmt.Sprintf("Invoice/row[%d]/%s", x.row, theirs)
	}
	return "Invoice/" + theirs
}

func (x *reading) told(name, theirs, value, read, fault string) {
	if x.tell == nil || theirs == "" {
		return
	}
	x.tell(source.Understood{Row: x.row, Field: name, Theirs: theirs, Value: clip(value), Read: clip(read), Fault: fault})
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

func (x *reading) wrong(theirs, value, form string) {
	x.faults = append(x.faults, hub.NewFault(hub.FieldInvalid, x.at(theirs), value, "field", theirs, "form", form))
}

// amount takes a decimal with a point or a comma.
func (x *reading) amount(r record, name, path string) *money.Amount {
	value, theirs := x.d.fields.find(r, name)
	if value == "" {
		x.told(name, theirs, "", "", "")
		return nil
	}
	text := strings.NewReplacer(" ", "", "\u00a0", "").Replace(value)
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	a, err := money.Parse(text)
	if err != nil {
		x.wrong(theirs, value, "1250.50")
		x.told(name, theirs, value, "", "1250.50?")
		return nil
	}
	if x.places == nil {
		x.places = map[string]string{}
	}
	x.places[path] = x.at(theirs)
	x.told(name, theirs, value, a.String(), "")
	return &a
}

// day takes 2026-03-01, also with a time behind it, and 1.3.2026.
func (x *reading) day(r record, name, path string) (d civil.Date) {
	value, theirs := x.d.fields.find(r, name)
	if value == "" {
		x.told(name, theirs, "", "", "")
		return d
	}
	text := value
	if len(text) > 10 && (text[10] == 'T' || text[10] == ' ') {
		text = text[:10] // the day as it is written, whatever the zone
	}
	if parts := strings.Split(text, "."); len(parts) == 3 && len(parts[2]) == 4 {
		text = fmt.Sprintf("%s-%02s-%02s", parts[2], parts[1], parts[0])
	}
	d, err := civil.Parse(text)
	if err != nil {
		x.wrong(theirs, value, "2026-12-31")
		x.told(name, theirs, value, "", "2026-12-31?")
		return d
	}
	if x.places == nil {
		x.places = map[string]string{}
	}
	x.places[path] = x.at(theirs)
	x.told(name, theirs, value, d.String(), "")
	return d
}

// setID puts an id where it belongs: a VAT number begins with a country.
func setID(p *hub.Party, id string) {
	if _, err := finland.ParseBusinessID(id); err != nil && len(id) > 2 && id[0] >= 'A' && id[0] <= 'Z' && id[1] >= 'A' && id[1] <= 'Z' {
		p.VATNumber = id
		return
	}
	p.BusinessID = id
}

func (x *reading) document(head record, rows []record) *hub.Document {
	d := &hub.Document{Kind: hub.SalesInvoice, Lines: []hub.Line{}, Number: x.text(head, "number", "number"), Date: x.day(head, "date", "date"),
		DueDate: x.day(head, "due_date", "due_date"), Text: x.text(head, "text", "text")}
	if day := x.day(head, "delivery", "delivery"); !day.IsZero() {
		d.Delivery = civil.Period{First: day, Last: day}
	}
	text := x.text(head, "currency", "currency")
	if c, err := money.ParseCurrency(text); err == nil {
		d.Currency = c
	} else {
		x.faults = append(x.faults, hub.NewFault(hub.CurrencyUnknown, "Invoice", text))
	}
	d.References.Order, d.References.Seller = x.text(head, "order", "references.order"), x.text(head, "seller_reference", "references.seller")
	d.Payment.Reference = x.text(head, "reference", "payment.reference")
	d.Totals.Net, d.Totals.Gross = x.amount(head, "net", "totals.net"), x.amount(head, "gross", "totals.gross")
	b := &d.Buyer
	b.Name, b.Number = x.text(head, "buyer.name", "buyer.name"), x.text(head, "buyer.number", "buyer.number")
	setID(b, x.text(head, "buyer.business_id", "buyer.business_id"))
	b.Address = hub.Address{Street: x.text(head, "buyer.street", "buyer.address.street"), Zip: x.text(head, "buyer.zip", "buyer.address.zip"),
		City: x.text(head, "buyer.city", "buyer.address.city"), Country: strings.ToUpper(x.text(head, "buyer.country", "buyer.address.country"))}
	if c := b.Address.Country; c != "" && len(c) != 2 {
		x.faults = append(x.faults, hub.NewFault(hub.CountryUnknown, "Invoice", c).Warn())
		b.Address.Country, b.Address.Region = "", c
	}
	b.Email, b.Contact = x.text(head, "buyer.email", "buyer.email"), x.text(head, "buyer.contact", "buyer.contact")
	b.EInvoice = hub.EInvoice{Address: x.text(head, "buyer.einvoice", "buyer.einvoice.address"), Operator: x.text(head, "buyer.operator", "buyer.einvoice.operator")}
	id := x.text(head, "id", "source_id")
	credited := x.text(head, "credited", "credits")
	for i, r := range rows {
		x.row = i + 1
		x.line(d, r)
	}
	x.row = 0
	x.unused(head)
	d.Seller.BusinessID = x.d.client.env.Own // ValueFrame's key opens one company
	if sum, ok := total(d); ok && sum.Sign() < 0 {
		d.CreditNote = true
	}
	if credited != "" {
		d.Credits = []hub.Reference{{Number: credited}}
	}
	format.Options{Kind: hub.SalesInvoice}.Identify(d, []byte(fmt.Sprint(head)))
	if id != "" {
		d.SourceID = "valueframe/" + id
	}
	x.check(d)
	return d
}

func (x *reading) line(d *hub.Document, r record) {
	path := fmt.Sprintf("lines[%d].", len(d.Lines))
	l := hub.Line{Name: x.text(r, "line.name", path+"name"), Code: x.text(r, "line.code", path+"code"), Quantity: x.amount(r, "line.quantity", path+"quantity"),
		Unit: x.text(r, "line.unit", path+"unit"), UnitPrice: x.amount(r, "line.price", path+"unit_price"), Net: x.amount(r, "line.net", path+"net"),
		Account: x.text(r, "line.account", path+"account"), Comment: x.text(r, "line.comment", path+"comment")}
	if p := x.amount(r, "line.vat", path+"vat_percent"); p != nil {
		l.VATPercent = *p
	} else if !l.IsText() {
		theirs := strings.Join(x.d.fields["line.vat"], " | ")
		x.faults = append(x.faults, hub.NewFault(hub.FieldMissing, x.at(theirs), "", "field", theirs))
	}
	if p := x.amount(r, "line.discount", path+"discount_percent"); p != nil {
		l.DiscountPercent = *p
	}
	for name := range x.d.fields {
		if axis, ok := strings.CutPrefix(name, dimension); ok {
			if code := x.text(r, name, path+"dimensions"); code != "" {
				l.Dimensions = append(l.Dimensions, hub.Dimension{Axis: axis, Code: code})
			}
		}
	}
	slices.SortFunc(l.Dimensions, func(a, b hub.Dimension) int { return strings.Compare(a.Axis, b.Axis) })
	d.Lines = append(d.Lines, l)
}

// unused tells of their fields that nothing is made of.
func (x *reading) unused(head record) {
	if x.tell == nil {
		return
	}
	used := map[string]bool{x.d.rows: true}
	for _, theirs := range x.d.fields {
		for _, t := range theirs {
			first, _, _ := strings.Cut(t, ".")
			used[first] = true
		}
	}
	var names []string
	for name := range head {
		if !used[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		x.tell(source.Understood{Theirs: name, Value: clip(head.text(name))})
	}
}

func total(d *hub.Document) (sum money.Amount, ok bool) {
	for i := range d.Lines {
		if n, has := format.LineSum(d, &d.Lines[i]); has {
			sum, ok = sum.Add(n), true
		}
	}
	return sum, ok
}

// check adds up what the answer states.
func (x *reading) check(d *hub.Document) {
	for _, f := range []struct {
		missing bool
		code    string
	}{{d.Number == "", hub.NumberMissing}, {d.Date.IsZero(), hub.DateMissing}, {d.Buyer.Name == "", hub.BuyerMissing}, {len(d.Lines) == 0, hub.RowsMissing}} {
		if f.missing {
			x.faults = append(x.faults, hub.NewFault(f.code, "Invoice", ""))
		}
	}
	r := format.Reader{Faults: x.faults, Places: x.places}
	r.CheckSums(d)
	x.faults = r.Distinct()
	if d.Totals.Gross == nil || hub.Stops(x.faults) {
		return
	}
	var vat money.Amount
	for i := range d.Lines {
		if n, ok := format.LineSum(d, &d.Lines[i]); ok {
			vat = vat.Add(n).Add(n.Percent(d.Lines[i].VATPercent).RoundHalfUp(2))
		}
	}
	// A flat answer may have lost a row: then the sum tells.
	if slack := money.Cents(int64(max(1, len(d.Lines)))); d.Totals.Gross.Sub(vat).Abs().Cmp(slack) > 0 {
		x.faults = append(x.faults, hub.NewFault(hub.SumsDisagree, x.places["totals.gross"], d.Totals.Gross.String(), "stated", d.Totals.Gross.String(), "computed", vat.String()))
	}
}
