package table

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Documents makes a document of each invoice number in the table, in the order of their
// first rows. Rows of one number need not stand together; where they disagree about what
// holds for the whole invoice, it is held.
//
// Of a list of payroll it makes a document of each run.
func (t *Table) Documents(m hub.TableMap, o format.Options) (list []format.Decoded) {
	if m.Kind == hub.PayrollJournal {
		return t.journals(m)
	}
	column := t.columns(m)
	groups := map[string][]Row{}
	var order []string
	for _, r := range t.Rows {
		key := r.cell(column, "number")
		if key == "" { // each for itself: nobody knows whose it is
			key = "\x00" + strconv.Itoa(r.Line)
		}
		if groups[key] == nil {
			if len(order) == format.MaxDocuments {
				d := format.Unread(format.Part{Raw: []byte(t.at(r.Line, 0))})
				limit := strconv.Itoa(format.MaxDocuments)
				d.Faults = append(d.Faults, hub.NewFault(hub.TooDeep, t.at(r.Line, 0), limit, "limit", limit))
				return append(list, d)
			}
			order = append(order, key)
		}
		groups[key] = append(groups[key], r)
	}
	for _, key := range order {
		list = append(list, t.document(groups[key], column, o))
	}
	return list
}

// columns are the places of our fields.
func (t *Table) columns(m hub.TableMap) map[string]int {
	column := map[string]int{}
	for field, name := range m.Fields {
		if at := slices.Index(t.Header, name); at >= 0 {
			column[field] = at
		}
	}
	return column
}

func (r Row) cell(column map[string]int, field string) string {
	at, ok := column[field]
	if !ok || at >= len(r.Cells) {
		return ""
	}
	return r.Cells[at]
}

// A reading is one document on its way.
type reading struct {
	t      *Table
	column map[string]int
	rows   []Row
	faults []hub.Fault
	places map[string]string
	// private: no fault says what stands in a cell, for it may be a salary.
	private bool
}

func (t *Table) document(rows []Row, column map[string]int, o format.Options) format.Decoded {
	v := &reading{t: t, column: column, rows: rows, places: map[string]string{}}
	d := &hub.Document{Kind: o.Kind, Currency: money.Currency(strings.ToUpper(v.whole("currency", "currency")))}
	if d.Currency == "" {
		d.Currency = "EUR"
	}
	d.Number, d.Date, d.DueDate = v.whole("number", "number"), v.day("date", "date"), v.day("due_date", "due_date")
	other := hub.Party{Name: v.whole("name", "name"), BusinessID: v.whole("business_id", "business_id"), Number: v.whole("party_number", "number"),
		Email: v.whole("email", "email"), Address: hub.Address{Street: v.whole("street", "street"), Zip: v.whole("zip", "zip"),
			City: v.whole("city", "city"), Country: strings.ToUpper(v.whole("country", "country"))}}
	own := hub.Party{}
	if len(o.Own) > 0 {
		own.BusinessID = o.Own[0]
	}
	if d.Kind.Buys() {
		d.Seller, d.Buyer = other, own
	} else {
		d.Seller, d.Buyer = own, other
	}
	d.Payment.Reference = v.whole("reference", "payment.reference")
	d.References = hub.RefField{Order: v.whole("order", "references.order"), Buyer: v.whole("buyer_reference", "references.buyer"),
		Project: v.whole("project", "references.project")}
	d.Text, d.Notes, d.Account = v.whole("text", "text"), v.whole("notes", "notes"), v.whole("account", "account")
	if n := v.number(v.rows[0], "total", "totals.gross"); n != nil {
		v.whole("total", "totals.gross")
		d.Totals.Gross = n
	}
	d.GrossPrices = v.has("gross_price") && !v.has("price")
	for i := range rows {
		v.line(d, i)
	}
	v.credit(d)
	raw := v.raw()
	out := format.Decoded{Document: d, Raw: raw, Places: v.places}
	o.Identify(d, raw)
	d.Kind = o.Kind // a list says nothing else
	for field, path := range map[string]string{"number": "number", "date": "date"} {
		if v.whole(field, path) == "" {
			v.faults = append(v.faults, hub.NewFault(hub.FieldMissing, v.place(rows[0], field), "", "field", v.header(field)))
		}
	}
	for _, r := range rows {
		if len(r.Formulas) > 0 {
			f := hub.NewFault(hub.TableFormula, t.at(r.Line, slices.Min(keys(r.Formulas))), "")
			f.Warning = true
			v.once(f)
			break
		}
	}
	out.Faults = v.faults
	return out
}

func keys(m map[int]bool) (list []int) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

func (v *reading) has(field string) bool { _, ok := v.column[field]; return ok }

func (v *reading) header(field string) string {
	if at, ok := v.column[field]; ok {
		return v.t.Header[at]
	}
	return field
}

func (v *reading) place(r Row, field string) string {
	return v.t.at(r.Line, v.column[field])
}

// whole reads what holds for the document: the first row that says it; another row that
// says otherwise is a fault, once for each field.
func (v *reading) whole(field, path string) string {
	if !v.has(field) {
		return ""
	}
	said, at := "", Row{}
	for _, r := range v.rows {
		text := r.cell(v.column, field)
		switch {
		case text == "":
			if r.Formulas[v.column[field]] {
				v.once(hub.NewFault(hub.TableFormula, v.place(r, field), ""))
			}
		case said == "":
			said, at = text, r
			v.places[path] = v.place(r, field)
		case text != said:
			v.once(hub.NewFault(hub.TableConflict, v.place(r, field), text, "field", v.header(field), "said", said, "at", v.place(at, field)))
			return said
		}
	}
	return said
}

// once adds a fault unless it is there.
func (v *reading) once(f hub.Fault) {
	if v.private {
		f.Value = ""
	}
	for _, have := range v.faults {
		if have.Code == f.Code && have.Path == f.Path {
			return
		}
	}
	v.faults = append(v.faults, f)
}

func (v *reading) invalid(r Row, field, form string) {
	v.once(hub.NewFault(hub.FieldInvalid, v.place(r, field), r.cell(v.column, field), "field", v.header(field), "form", form))
}

// The first day of a spreadsheet's count, so that 1.3.1900 is 61 as it is there.
var firstSerial = civil.Must("1899-12-30")

// day reads a day: 31.12.2026, 2026-12-31, or the number by which a workbook keeps one.
// One with slashes may be either of two and is refused.
func (v *reading) day(field, path string) civil.Date {
	text := v.whole(field, path)
	if text == "" {
		return civil.Date{}
	}
	if v.t.Numbers {
		whole, rest, _ := strings.Cut(text, ".")
		if n, err := strconv.Atoi(whole); err == nil && n > 20_000 && n < 80_000 && strings.Trim(rest, "0123456789") == "" {
			return firstSerial.AddDays(n)
		}
	}
	text, _, _ = strings.Cut(text, "T")
	text, _, _ = strings.Cut(text, " ")
	if d, err := civil.Parse(text); err == nil {
		return d
	}
	if at, err := time.Parse("2.1.2006", text); err == nil {
		return civil.DayOf(at, time.UTC)
	}
	for _, r := range v.rows {
		if r.cell(v.column, field) != "" {
			v.invalid(r, field, "31.12.2026")
			break
		}
	}
	return civil.Date{}
}

// number reads a decimal. Text has a comma, or a point that is not that of thousands.
func (v *reading) number(r Row, field, path string) *money.Amount {
	text := r.cell(v.column, field)
	if text == "" {
		if r.Formulas[v.column[field]] && v.has(field) {
			v.once(hub.NewFault(hub.TableFormula, v.place(r, field), ""))
		}
		return nil
	}
	v.places[path] = v.place(r, field)
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "€", "", "%", "", "\u2212", "-").Replace(text)
	comma, point := strings.LastIndexByte(text, ','), strings.LastIndexByte(text, '.')
	switch {
	case comma >= 0 && point >= 0 && comma > point:
		text = strings.Replace(strings.ReplaceAll(text, ".", ""), ",", ".", 1)
	case comma >= 0 && point >= 0:
		text = strings.ReplaceAll(text, ",", "")
	case comma >= 0:
		text = strings.Replace(text, ",", ".", 1)
	case point >= 0 && !v.t.Numbers && len(text)-point == 4:
		v.invalid(r, field, "1250,50") // 1.250 may be either
		return nil
	}
	exponent := 0
	if mantissa, e, ok := strings.Cut(strings.ToUpper(text), "E"); ok && v.t.Numbers {
		n, err := strconv.Atoi(e)
		if err != nil || n < -15 || n > 15 {
			v.invalid(r, field, "1250,50")
			return nil
		}
		text, exponent = mantissa, n
	}
	// A workbook writes 0.135 as 0.13500000000000001: what lies beyond a dozen digits is
	// not what anybody has typed.
	if at := strings.IndexByte(text, '.'); v.t.Numbers && at >= 0 && len(text)-at > 16 {
		text = text[:at+17]
	}
	a, err := money.Parse(text)
	if err != nil {
		v.invalid(r, field, "1250,50")
		return nil
	}
	for ; exponent > 0; exponent-- {
		a = a.Mul(money.FromInt(10))
	}
	for ; exponent < 0; exponent++ {
		a = a.Mul(money.Must("0.1"))
	}
	if v.t.Numbers {
		a = a.RoundHalfUp(10).Trim(0)
	}
	return &a
}

// percent reads 25,5 or 25,5 %; a cell that a workbook shows as a percentage holds 0.255.
func (v *reading) percent(r Row, field, path string) money.Amount {
	a := v.number(r, field, path)
	if a == nil {
		return money.Amount{}
	}
	if v.t.Numbers && a.Sign() > 0 && a.Cmp(money.FromInt(1)) < 0 && !strings.Contains(r.cell(v.column, field), "%") {
		*a = a.Mul(money.Hundred).Trim(0)
	}
	if a.Sign() < 0 || a.Cmp(money.Hundred) > 0 {
		v.invalid(r, field, "25,5")
		return money.Amount{}
	}
	return *a
}

func (v *reading) line(d *hub.Document, i int) {
	r := v.rows[i]
	path := "lines[" + strconv.Itoa(len(d.Lines)) + "]."
	text := func(field, to string) string {
		s := r.cell(v.column, field)
		if s != "" {
			v.places[path+to] = v.place(r, field)
		}
		return s
	}
	price := "price"
	if d.GrossPrices {
		price = "gross_price"
	}
	l := hub.Line{Name: text("row_name", "name"), Code: text("row_code", "code"), Description: text("row_description", "description"), Unit: text("unit", "unit"),
		Quantity: v.number(r, "quantity", path+"quantity"), UnitPrice: v.number(r, price, path+"unit_price"), Net: v.number(r, "net", path+"net"),
		DiscountPercent: v.percent(r, "discount", path+"discount_percent"), VATPercent: v.percent(r, "vat_percent", path+"vat_percent"),
		VATCategory: strings.ToUpper(text("vat_category", "vat_category")), Account: text("row_account", "account")}
	if l.UnitPrice != nil && l.Quantity == nil {
		l.Quantity = new(money.FromInt(1))
	}
	for _, axis := range []string{"cost_centre", "project"} {
		code := text("row_"+axis, "dimensions")
		if code == "" && axis == "cost_centre" {
			code = v.whole(axis, path+"dimensions")
		}
		if code != "" {
			l.Dimensions = append(l.Dimensions, hub.Dimension{Axis: axis, Code: code})
		}
	}
	if !l.IsText() && r.cell(v.column, "vat_percent") == "" {
		v.once(hub.NewFault(hub.FieldMissing, v.place(r, "vat_percent"), "", "field", v.header("vat_percent")))
	}
	if l.IsText() && format.Join(l.Name, l.Description) == "" {
		return
	}
	d.Lines = append(d.Lines, l)
}

// credit knows a credit note by its rows: they take back more than they charge.
func (v *reading) credit(d *hub.Document) {
	var sum money.Amount
	for i := range d.Lines {
		l := &d.Lines[i]
		switch {
		case l.Net != nil:
			sum = sum.Add(*l.Net)
		case l.Quantity != nil && l.UnitPrice != nil:
			sum = sum.Add(l.Quantity.Mul(*l.UnitPrice))
		}
	}
	d.CreditNote = sum.Sign() < 0
}

// raw are the rows of the document with the header, as separated text.
func (v *reading) raw() []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.Write(v.t.Header) // a strings.Builder never fails
	for _, r := range v.rows {
		_ = w.Write(r.Cells)
	}
	w.Flush()
	return []byte(b.String())
}
