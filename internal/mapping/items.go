package mapping

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// dimensions finds the items of a row. Only axes that the settings map are
// looked for; the others are told in the notes.
//
// What the connection knows of a code comes before its text: an item that was made for it,
// or linked to it, is meant whatever it is called by now.
func (b *builder) dimensions(path string, codes []hub.Dimension) (parts []hub.DimensionPart) {
	for i, d := range codes {
		name := b.s.DimensionOf(b.d.Kind, d.Axis)
		if name == "" {
			continue
		}
		at := path + "." + index("dimensions", i)
		text := hub.Item{Code: d.Code, Name: d.Name}.Text()
		found, code := b.item(name, d)
		dim, item := found.Dimension, found.Item
		if code == "" && slices.ContainsFunc(parts, func(p hub.DimensionPart) bool { return p.Dimension == dim.ID }) {
			code = hub.DimensionUnknown
		}
		if code != "" {
			b.fault(code, at, d.Code, "dimension", name, "item", text)
			if !b.unchecked {
				continue
			}
		}
		if found.Was != "" {
			b.warn(hub.DimensionRenamed, at, d.Code, "was", found.Was, "dimension", dim.Name, "item", item.Code)
		}
		parts = append(parts, hub.DimensionPart{Dimension: dim.ID, Item: item.ID, Name: dim.Name + ": " + item.Code})
	}
	return parts
}

// item finds the item that a row means, or says by a code why it has none. One that its
// source has closed is closed.
func (b *builder) item(dimension string, d hub.Dimension) (f register.FoundItem, code string) {
	link, known := b.in.Items[hub.RefOf(d.Axis, d.Code)]
	if known && link.Item.Closed {
		return f, hub.DimensionClosed
	}
	if known && link.There != 0 {
		if f, ok := b.r.Item(link.There); ok && sameDimension(b.r, dimension, f.Dimension) {
			if !f.Item.Active {
				return f, hub.DimensionClosed
			}
			return f, ""
		}
	}
	f, finding := b.r.LookForItem(dimension, d.Code)
	switch finding {
	case register.Found:
		return f, ""
	case register.Several:
		return f, hub.DimensionAmbiguous
	case register.Shut:
		return f, hub.DimensionClosed
	}
	if _, there := b.r.Dimension(dimension); there && b.s.Making(d.Axis) != hub.MakeOff && wanted(link, d).Named() {
		return f, hub.ItemMissing
	}
	return f, hub.DimensionUnknown
}

func sameDimension(r *register.Copy, name string, d register.Dimension) bool {
	meant, ok := r.Dimension(name)
	return ok && meant.ID == d.ID
}

// wanted is the item that a row names: as its source lists it, else as the row says.
func wanted(link hub.ItemLink, d hub.Dimension) hub.Item {
	if link.Listed {
		return link.Item
	}
	return hub.Item{Axis: d.Axis, Code: d.Code, Name: d.Name}
}

// product looks whether Procountor's register has the code of a row, where the settings
// want one made that it lacks.
func (b *builder) product(path string, l *hub.Line) {
	if !b.s.MakeProducts || b.d.Kind != hub.SalesInvoice || b.journal || b.r.Products == nil {
		return
	}
	code := strings.TrimSpace(l.Code)
	if b.in.Items[hub.RefOf(hub.ProductAxis, code)].There != 0 {
		return
	}
	list := b.r.ProductsOf(b.d.Kind, code)
	active := slices.DeleteFunc(slices.Clone(list), func(p register.Product) bool { return !p.Active })
	switch {
	case len(active) == 1:
	case len(active) > 1:
		b.fault(hub.ProductAmbiguous, path+".code", code, "code", code)
	case len(list) > 0:
		b.fault(hub.ProductInactive, path+".code", code, "code", code)
	default:
		b.fault(hub.ProductMissing, path+".code", code, "code", code, "name", l.Name)
	}
}

// A Want is an item or a product that a document needs and that Procountor lacks.
type Want struct {
	Axis      string // [hub.ProductAxis] of a product
	Dimension int64  // Procountor's, 0 of a product
	Item      hub.Item
	// Named is Procountor's name of the dimension, "" of a product.
	Named string
}

// Wants are what is to be made before a document can go; it has faults of
// [hub.ItemMissing] and [hub.ProductMissing].
func Wants(in Input) (list []Want) {
	b := glance(in)
	add := func(w Want) {
		if !slices.ContainsFunc(list, func(x Want) bool {
			return x.Axis == w.Axis && x.Dimension == w.Dimension && hub.ItemKey(x.Item.Code) == hub.ItemKey(w.Item.Code)
		}) {
			list = append(list, w)
		}
	}
	asked := map[hub.Dimension]bool{}
	items := func(codes []hub.Dimension) {
		for _, d := range codes {
			name := b.s.DimensionOf(b.d.Kind, d.Axis)
			if name == "" || asked[d] {
				continue
			}
			asked[d] = true
			if _, code := b.item(name, d); code == hub.ItemMissing {
				dim, _ := b.r.Dimension(name)
				add(Want{Axis: d.Axis, Dimension: dim.ID, Item: wanted(b.in.Items[hub.RefOf(d.Axis, d.Code)], d), Named: dim.Name})
			}
		}
	}
	for i := range b.d.Rows {
		items(b.d.Rows[i].Dimensions)
	}
	for i := range b.d.Lines {
		l := &b.d.Lines[i]
		items(l.Dimensions)
		if l.IsText() {
			continue
		}
		before := len(b.faults)
		if strings.TrimSpace(l.Code) != "" {
			b.product("", l)
		}
		if len(b.faults) > before && b.faults[before].Code == hub.ProductMissing {
			add(Want{Axis: hub.ProductAxis, Item: b.productOf(l)})
		}
	}
	return list
}

// productOf is the product that a row needs: as its source lists it, else as the row says.
// A product's price is one without VAT.
func (b *builder) productOf(l *hub.Line) hub.Item {
	percent := l.VATPercent
	it := hub.Item{Axis: hub.ProductAxis, Code: strings.TrimSpace(l.Code), Name: l.Name, Unit: l.Unit, VATPercent: &percent}
	if l.UnitPrice != nil && !b.d.GrossPrices && b.d.Currency == b.currency() {
		price := *l.UnitPrice
		it.Price = &price
	}
	link := b.in.Items[hub.RefOf(hub.ProductAxis, it.Code)]
	if !link.Listed {
		return it
	}
	it.ID = link.Item.ID
	if link.Item.Named() {
		it.Name = link.Item.Name
	}
	if link.Item.Unit != "" {
		it.Unit = link.Item.Unit
	}
	if link.Item.Price != nil {
		it.Price = link.Item.Price
	}
	return it
}

// ItemText is what an item is called in Procountor, with what is wrong with it: it is never
// cut, and has no other characters than Procountor takes.
func ItemText(s *hub.Settings, it hub.Item) (string, []hub.Fault) {
	b := &builder{s: s}
	return b.characters("item", it.Text()), b.faults
}

// maxCode is the length of a product's code (REFERENCE 3.6).
const maxCode = 40

// Product is the body of a product that a sale needs, or what is wrong with it. It is in
// the company's own currency; VAT status and account are the accountant's to choose.
func Product(conn hub.Connection, company hub.Company, r *register.Copy, it hub.Item) (*procountor.Product, []hub.Fault) {
	doc := &hub.Document{Kind: hub.SalesInvoice}
	b := newBuilder(Input{Company: company, Connection: conn, Document: doc, Registers: r})
	p := &procountor.Product{Type: procountor.ProductSales, Active: true, Currency: procountor.Currency(b.currency()), Unit: procountor.UnitNoUnit,
		Name: b.text("name", it.Name, maxProduct), Code: b.exactText("code", it.Code, maxCode)}
	if strings.TrimSpace(it.Name) == "" {
		b.fault(hub.RowNameMissing, "name", "")
	}
	if it.Unit != "" {
		p.Unit = b.unit("product", it.Unit)
	}
	price := money.Zero
	if it.Price != nil {
		price = *it.Price
	}
	p.Price, p.Discount = b.decimal("price", price), mustDecimal(money.Zero)
	if it.VATPercent != nil {
		if p.VAT = b.decimal("vat_percent", *it.VATPercent); !b.r.HasPercent(hub.SalesInvoice, *it.VATPercent) {
			b.fault(hub.VATRateNotEnabled, "vat_percent", it.VATPercent.String(), "percent", it.VATPercent.Trim(0).String(), "enabled", b.r.Percents(hub.SalesInvoice))
		}
	}
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	return p, b.faults
}
