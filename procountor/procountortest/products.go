package procountortest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Products, product groups and dimensions.

func (c *call) checkProduct(f *faults, p *Product) {
	if strings.TrimSpace(p.Name) == "" {
		f.add("name", codeEmpty)
	}
	if p.Type == "TRAVEL" { // REFERENCE 3.6: system products
		f.add("type", invalid("type", p.Type), assumeFieldCodes)
	}
	if p.VATStatus != nil && !slices.ContainsFunc(c.co.set().VAT.VATStatuses, func(s VatStatusInfo) bool { return deref(s.VATStatus) == *p.VATStatus }) {
		f.add("vatStatus", invalid("vatStatus", fmt.Sprint(*p.VATStatus)), assumeFieldCodes)
	}
	side := "SALES"
	if p.Type == "PURCHASE" {
		side = "PURCHASE"
	}
	if p.VAT != nil && !c.co.vatUse(side).hasPercent(*p.VAT) {
		f.add("vat", invalid("vat", p.VAT.String()), assumeFieldCodes)
	}
	if p.DefaultAccount != "" && !c.co.accountCodes[p.DefaultAccount] {
		f.add("defaultAccount", invalid("defaultAccount", short(p.DefaultAccount)), assumeFieldCodes)
	}
	if id := p.ProductGroupID; id != nil && c.co.pgroups.get(*id) == nil {
		f.add("productGroupId", invalid("productGroupId", fmt.Sprint(*id)), assumeFieldCodes)
	}
}

func postProduct(c *call, in *Product) (any, error) {
	f := &faults{call: c}
	c.checkProduct(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.assume(assumeRegisters)
	in.ID, in.Version = c.co.nextID(), stamp(c.now)
	c.co.keepCounters()
	c.co.products.put(in.ID, in)
	return in, nil
}

func (c *call) product() (*Product, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	p := c.co.products.get(id)
	if p == nil {
		return nil, notFound()
	}
	return p, nil
}

func putProduct(c *call, in *Product) (any, error) {
	old, err := c.product()
	if err != nil {
		return nil, err
	}
	if in.Version != "" {
		if err := c.sameVersion(in.Version, old.Version); err != nil {
			return nil, err
		}
	}
	f := &faults{call: c}
	c.checkProduct(f, in)
	if in.Type != old.Type {
		f.add("type", invalid("type", in.Type), assumeFieldCodes)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	in.ID, in.Version = old.ID, stamp(c.now)
	c.co.products.put(in.ID, in)
	return in, nil
}

func deleteProduct(c *call) (any, error) {
	p, err := c.product()
	if err != nil {
		return nil, err
	}
	if p.Type == "TRAVEL" {
		return nil, newProblem(http.StatusForbidden, "", "travel products cannot be deleted")
	}
	c.co.products.del(p.ID)
	return noContent{}, nil
}

func getProduct(c *call) (any, error) {
	return batch(c, func(id int64) (*Product, error) { return c.co.products.get(id), nil })
}

func searchProducts(c *call) (any, error) {
	q := c.query()
	types := q.words("type", "SALES", "PURCHASE", "TRAVEL")
	groups := q.ids("group")
	active, hasActive := q.bool("active")
	version := q.instants("versionStartDate", "versionEndDate")
	valid := q.days("startDate", "endDate")
	p := q.pager(true, "orderByVersion")
	if err := q.err(); err != nil {
		return nil, err
	}
	name, code := q.text("name"), q.text("code")
	var rows []*Product
	for _, r := range c.co.products.all() {
		if len(types) > 0 && !slices.Contains(types, r.Type) || hasActive && r.Active != active || !version.has(r.Version) ||
			name != "" && !containsFold(r.Name, name) || code != "" && !containsFold(r.Code, code) ||
			len(groups) > 0 && !slices.Contains(groups, deref(r.ProductGroupID)) ||
			valid.to != "" && r.StartDate > valid.to || valid.from != "" && r.EndDate != "" && r.EndDate < valid.from {
			continue
		}
		rows = append(rows, r)
	}
	return pageOf(p, rows, func(r *Product) int64 { return r.ID }, func(r *Product, _ string) string { return r.Version },
		func(r *Product) *Product { return r }), nil
}

func (c *call) productGroup() (*ProductGroup, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	g := c.co.pgroups.get(id)
	if g == nil {
		return nil, notFound()
	}
	return g, nil
}

func getProductGroup(c *call) (any, error) {
	g, err := c.productGroup()
	if err != nil {
		return nil, err
	}
	return g, nil
}

func listProductGroups(c *call) (any, error) {
	q := c.query()
	types := q.words("type", "SALES", "PURCHASE", "TRAVEL")
	if err := q.err(); err != nil {
		return nil, err
	}
	list := []*ProductGroup{}
	for _, g := range c.co.pgroups.all() {
		if len(types) == 0 || slices.Contains(types, g.Type) {
			list = append(list, g)
		}
	}
	return map[string]any{"productGroups": list}, nil
}

func postProductGroup(c *call, in *ProductGroup) (any, error) {
	in.ID = c.co.nextID()
	c.co.keepCounters()
	c.co.pgroups.put(in.ID, in)
	return in, nil
}

func putProductGroup(c *call, in *ProductGroup) (any, error) {
	old, err := c.productGroup()
	if err != nil {
		return nil, err
	}
	in.ID, in.Type = old.ID, old.Type
	c.co.pgroups.put(in.ID, in)
	return in, nil
}

func deleteProductGroup(c *call) (any, error) {
	g, err := c.productGroup()
	if err != nil {
		return nil, err
	}
	for _, p := range c.co.products.all() {
		if deref(p.ProductGroupID) == g.ID {
			return nil, newProblem(http.StatusConflict, "", "the group has products")
		}
	}
	c.co.pgroups.del(g.ID)
	return noContent{}, nil
}

// Dimensions are made in the UI; names and items are changed here (REFERENCE 3.7).

func (c *call) dimension() (*Dimension, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	d := c.co.dims.get(id)
	if d == nil {
		return nil, notFound()
	}
	return d, nil
}

func getDimension(c *call) (any, error) {
	d, err := c.dimension()
	if err != nil {
		return nil, err
	}
	return d, nil
}

func listDimensions(c *call) (any, error) {
	q := c.query()
	list := []*Dimension{}
	for _, d := range c.co.dims.all() {
		if !containsFold(d.Name, q.text("name")) {
			continue
		}
		if code := q.text("codeName"); code != "" {
			c.assume(assumeItemSearch)
			cut := *d
			cut.Items = nil
			for _, it := range d.Items {
				if containsFold(it.CodeName, code) {
					cut.Items = append(cut.Items, it)
				}
			}
			if cut.Items == nil {
				continue
			}
			d = &cut
		}
		list = append(list, d)
	}
	return shuffled(c, list), nil
}

func putDimension(c *call, in *DimensionName) (any, error) {
	d, err := c.dimension()
	if err != nil {
		return nil, err
	}
	next := *d
	next.Name = in.Name
	c.co.dims.put(d.ID, &next)
	return in, nil
}

func postItem(c *call, in *DimensionItem) (any, error) {
	d, err := c.dimension()
	if err != nil {
		return nil, err
	}
	f := &faults{call: c}
	checkItem(f, d, in, 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	in.ID = c.co.nextID()
	c.co.keepCounters()
	next := *d
	next.Items = append(slices.Clone(d.Items), *in)
	c.co.dims.put(d.ID, &next)
	return in, nil
}

// putItem carries the id in the body.
func putItem(c *call, in *DimensionItem) (any, error) {
	d, err := c.dimension()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(d.Items, func(it DimensionItem) bool { return it.ID == in.ID })
	if i < 0 {
		return nil, notFound()
	}
	f := &faults{call: c}
	checkItem(f, d, in, in.ID)
	if err := f.err(); err != nil {
		return nil, err
	}
	next := *d
	next.Items = slices.Clone(d.Items)
	next.Items[i] = *in
	c.co.dims.put(d.ID, &next)
	return in, nil
}

// checkItem checks an item that is to stand in a dimension, in the place of the one
// with an id.
func checkItem(f *faults, d *Dimension, it *DimensionItem, id int64) {
	f.call.assume(assumeItemNames)
	if strings.TrimSpace(it.CodeName) == "" {
		f.add("codeName", codeEmpty)
	}
	if f.call.srv.opt.UniqueItems && slices.ContainsFunc(d.Items, func(x DimensionItem) bool { return x.ID != id && x.CodeName == it.CodeName }) {
		f.add("codeName", invalid("codeName", short(it.CodeName)), assumeItemNames)
	}
	if it.Status != "" && it.Status != "P" { // absent is active, P is inactive
		f.add("status", invalid("status", short(it.Status)), assumeFieldCodes)
	}
}
