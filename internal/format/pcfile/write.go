package pcfile

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"golang.org/x/text/encoding/charmap"
)

// An Encoding of a file that is written.
type Encoding string

// UTF8 carries every letter; the others are what the files seen are written in.
const (
	UTF8        Encoding = "utf-8"
	Latin1      Encoding = "iso-8859-1"
	Windows1252 Encoding = "windows-1252"
)

// WriteOptions say how a file is written; the receiver's own sample decides.
type WriteOptions struct {
	Settings
	Encoding Encoding // "" is UTF8
	Comma    bool     // decimals after a comma, else after a point
	Pad      bool     // row lines as wide as header lines
}

// A LossError says what of a document the format cannot carry.
type LossError struct {
	Number string
	Paths  []string // in the document
}

func (e *LossError) Error() string {
	return fmt.Sprintf("invoice %s: the file has no place for %s", e.Number, strings.Join(e.Paths, ", "))
}

// Encode writes invoices into one file. Each is read back before it is let go: what
// would not come back as it was is a [LossError], and nothing is written.
func Encode(docs []*hub.Document, o WriteOptions) ([]byte, error) {
	var file bytes.Buffer
	for _, d := range docs {
		part, err := o.one(d)
		if err != nil {
			return nil, err
		}
		file.Write(part)
	}
	return file.Bytes(), nil
}

// EncodeArchive writes invoices into a file of that name in a ZIP, beside their
// attachments. Two attachments of one name must be the same file.
func EncodeArchive(name string, docs []*hub.Document, o WriteOptions) ([]byte, error) {
	list, err := Encode(docs, o)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	add := func(name string, content []byte) error {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(content)
		}
		return err
	}
	if err := add(name, list); err != nil {
		return nil, err
	}
	written := map[string]string{name: hub.HashOf(list)}
	for _, d := range docs {
		for _, a := range d.Attachments {
			switch written[a.Name] {
			case "":
				if err := add(a.Name, a.Content); err != nil {
					return nil, err
				}
				written[a.Name] = a.Hash
			case a.Hash:
			default:
				return nil, fmt.Errorf("invoice %s: two files are called %s", d.Number, a.Name)
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// one writes one invoice and reads it back.
func (o WriteOptions) one(d *hub.Document) ([]byte, error) {
	var text strings.Builder
	for i, fields := range o.lines(d) {
		if i > 0 && o.Pad {
			fields = append(fields, make([]string, max(0, headColumns-len(fields)))...)
		}
		text.WriteString(strings.Join(fields, ";"))
		text.WriteString("\r\n")
	}
	part, err := o.encode(text.String())
	if err != nil {
		return nil, fmt.Errorf("invoice %s: %w", d.Number, err)
	}
	want := carried(d)
	var got *hub.Document
	for p := range pieces(part) {
		r := Options{Settings: o.Settings}.read(p, holding(d.Attachments))
		if got != nil || r.Document.Kind == hub.Unreadable {
			return nil, &LossError{d.Number, []string{"a semicolon or a line break"}}
		}
		got = carried(r.Document)
	}
	if lost := differences(want, got); len(lost) > 0 {
		return nil, &LossError{d.Number, lost}
	}
	return part, nil
}

func (o WriteOptions) encode(text string) ([]byte, error) {
	switch o.Encoding {
	case "", UTF8:
		return []byte(text), nil
	case Latin1:
		return charmap.ISO8859_1.NewEncoder().Bytes([]byte(text))
	case Windows1252:
		return charmap.Windows1252.NewEncoder().Bytes([]byte(text))
	}
	return nil, fmt.Errorf("no encoding %q is written", o.Encoding)
}

// lines are the fields of an invoice, header first.
func (o WriteOptions) lines(d *hub.Document) [][]string {
	h := make([]string, headColumns)
	h[hType] = typeSale
	if d.Kind == hub.PurchaseInvoice {
		h[hType] = o.Purchase
	}
	p := d.Counterparty()
	h[hCurrency], h[hReference], h[hAccount], h[hBIC] = string(d.Currency), d.Payment.Reference, d.Payment.IBAN, d.Payment.BIC
	if h[hID] = p.BusinessID; h[hID] == "" {
		h[hID] = p.VATNumber
	}
	h[hMethod], h[hName] = usual, p.Name
	h[hDiscount] = o.decimal(&d.DiscountPercent)
	h[hGross] = letterOf(d.GrossPrices)
	switch {
	case o.Credit != "" && d.CreditNote:
		h[hCredit] = o.Credit
	case o.Credit != "":
		h[hCredit] = letterOf(o.Credit == "f")
	}
	h[hPenalty] = o.decimal(d.PenaltyPercent)
	h[hDate], h[hDelivered], h[hDue] = day(d.Date), day(d.Delivery.First), day(d.DueDate)
	if d.Delivery.First.IsZero() {
		h[hDelivered] = day(d.Delivery.Last)
	}
	if a := p.Address; a != (hub.Address{Street: a.Street}) || p.NameMore != "" {
		h[hAddress] = address(firstOf(p.NameMore, p.Name), a)
	} else {
		h[hAddress] = a.Street
	}
	if d.BillTo != nil {
		h[hBilling] = address(d.BillTo.Name, d.BillTo.Address)
	}
	if d.DeliverTo != nil {
		h[hShipping] = address(d.DeliverTo.Name, d.DeliverTo.Address)
	}
	h[hText], h[hNotes], h[hEmail], h[hContact] = d.Text, d.Notes, p.Email, p.Contact
	if h[hTotal] = o.decimal(d.Totals.Gross); h[hTotal] == "" {
		h[hTotal] = o.decimal(d.Totals.Net)
	}
	h[hEInvoice], h[hOperator] = p.EInvoice.Address, p.EInvoice.Operator
	h[hOrder], h[hCustomer], h[hNumber], h[hLanguage] = d.References.Order, p.Number, d.Number, d.Language
	if len(d.Attachments) > 0 {
		h[hFile] = d.Attachments[0].Name
	}
	if len(d.CashDiscounts) > 0 {
		h[hCashDays], h[hCashPercent] = fmt.Sprint(d.CashDiscounts[0].Days), o.decimal(&d.CashDiscounts[0].Percent)
	}
	list := [][]string{h}
	byRow := false
	for i := range d.Lines {
		l := &d.Lines[i]
		r := make([]string, rowColumns)
		r[rName], r[rCode], r[rUnit], r[rComment], r[rOrder], r[rAccount] = l.Name, l.Code, l.Unit, l.Comment, l.Order, l.Account
		r[rQuantity], r[rPrice] = o.decimal(l.Quantity), o.decimal(l.UnitPrice)
		if !l.IsText() {
			r[rVAT] = o.decimal(&l.VATPercent)
		}
		if !l.DiscountPercent.IsZero() {
			r[rDiscount] = o.decimal(&l.DiscountPercent)
		}
		byRow = byRow || l.Account != ""
		for _, column := range slices.Sorted(maps.Keys(o.Dimensions)) {
			for _, dim := range l.Dimensions {
				if dim.Axis == o.Dimensions[column] && column > rowColumns {
					r = append(r, make([]string, max(0, column-len(r)))...)
					r[column-1] = dim.Code
				}
			}
		}
		list = append(list, r)
	}
	h[hByRow] = letterOf(byRow)
	return list
}

func (o WriteOptions) decimal(a *money.Amount) string {
	if a == nil {
		return ""
	}
	if o.Comma {
		return strings.Replace(a.String(), ".", ",", 1)
	}
	return a.String()
}

func letterOf(yes bool) string {
	if yes {
		return "t"
	}
	return "f"
}

func day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%d.%04d", d.Day, int(d.Month), d.Year)
}

func address(name string, a hub.Address) string {
	return strings.Join([]string{name, a.Street, a.Zip, a.City, firstOf(a.Country, a.Region)}, `\`)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// holding is an archive with these attachments.
func holding(list []hub.Attachment) *archive {
	a := &archive{held: map[string][]byte{}}
	for _, f := range list {
		a.held[f.Name] = f.Content
	}
	return a
}

// carried is what of a document the format is about: the company itself stands in
// no file, and sums that follow from the rows are not written.
func carried(d *hub.Document) *hub.Document {
	c := *d
	*c.Own() = hub.Party{}
	c.SourceID, c.VAT, c.Demo = "", nil, false
	if c.Totals.Gross != nil {
		c.Totals.Net = nil
	}
	c.Totals = hub.Totals{Net: c.Totals.Net, Gross: c.Totals.Gross}
	p := c.Counterparty()
	if format.SameID(p.BusinessID, p.VATNumber) {
		p.VATNumber = ""
	}
	c.Lines = slices.Clone(c.Lines)
	for i := range c.Lines {
		c.Lines[i].Net, c.Lines[i].VAT, c.Lines[i].Gross = nil, nil, nil
	}
	c.Attachments = slices.Clone(c.Attachments)
	for i := range c.Attachments {
		a := &c.Attachments[i]
		*a = hub.Attachment{Name: a.Name, Size: a.Size, Hash: a.Hash}
	}
	return &c
}

// differences are the paths at which two documents are not the same.
func differences(a, b *hub.Document) (paths []string) {
	tree := func(d *hub.Document) (v any) {
		text, err := json.Marshal(d)
		if err == nil {
			dec := json.NewDecoder(bytes.NewReader(text))
			dec.UseNumber()
			err = dec.Decode(&v)
		}
		if err != nil {
			return err.Error()
		}
		return v
	}
	var walk func(path string, a, b any)
	walk = func(path string, a, b any) {
		switch x := a.(type) {
		case map[string]any:
			if y, ok := b.(map[string]any); ok {
				keys := maps.Clone(x)
				maps.Copy(keys, y)
				for _, k := range slices.Sorted(maps.Keys(keys)) {
					walk(strings.TrimPrefix(path+"."+k, "."), x[k], y[k])
				}
				return
			}
		case []any:
			if y, ok := b.([]any); ok && len(x) == len(y) {
				for i := range x {
					walk(fmt.Sprintf("%s[%d]", path, i), x[i], y[i])
				}
				return
			}
		}
		if !reflect.DeepEqual(a, b) {
			paths = append(paths, path)
		}
	}
	walk("", tree(a), tree(b))
	return paths
}
