package procountortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// Partner groups, default dimensions and PATCH of a partner.

// readPatch keeps the members that were sent, because absent ones stay.
func readPatch(c *call) (any, error) {
	var raw json.RawMessage
	if err := c.decodePart("BusinessPartner", &raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// patchPartner changes id, name, type, address, invoicing and payment info of a
// customer or supplier; the version is in the query or the body. The answer is
// the partner as a bare object.
func patchPartner(c *call) (any, error) {
	old, err := c.partner()
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(c.body.(json.RawMessage), &members); err != nil {
		return nil, badRequest("", "Request body is not readable")
	}
	version := c.r.URL.Query().Get("version")
	if version == "" {
		_ = json.Unmarshal(members["version"], &version) // "" is refused below
	}
	if err := c.sameVersion(version, old.Version); err != nil {
		return nil, err
	}
	// Changing a copy by way of JSON: a member that is sent replaces the old one
	// as far as it goes.
	b, err := json.Marshal(old)
	if err != nil {
		return nil, fmt.Errorf("patch partner %d: %w", old.ID, err)
	}
	next := new(BusinessPartner)
	if err := json.Unmarshal(b, next); err != nil {
		return nil, fmt.Errorf("patch partner %d: %w", old.ID, err)
	}
	for name, into := range map[string]any{
		"name": &next.Name, "address": &next.Address, "invoicingInfo": &next.InvoicingInfo, "paymentInfo": &next.PaymentInfo,
	} {
		if m, ok := members[name]; ok {
			if err := json.Unmarshal(m, into); err != nil {
				return nil, badRequest(name, invalid(name, short(string(m))))
			}
		}
	}
	f := &faults{call: c}
	c.checkPartner(f, next)
	if err := f.err(); err != nil {
		return nil, err
	}
	next.Version = stamp(c.now)
	c.co.partners.put(next.ID, next)
	return next, nil
}

func (c *call) partnerGroup() (*BusinessPartnerGroup, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	g := c.co.groups.get(id)
	if g == nil {
		return nil, notFound()
	}
	return g, nil
}

func getPartnerGroup(c *call) (any, error) {
	g, err := c.partnerGroup()
	if err != nil {
		return nil, err
	}
	return g, nil
}

func searchPartnerGroups(c *call) (any, error) {
	q := c.query()
	types := q.words("type", "CUSTOMER", "SUPPLIER", "PERSON")
	active, hasActive := q.bool("active")
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	var rows []*BusinessPartnerGroup
	for _, g := range c.co.groups.all() {
		if (len(types) == 0 || slices.Contains(types, g.Type)) && containsFold(g.Name, q.text("name")) &&
			(!hasActive || (g.Active == nil || *g.Active) == active) {
			rows = append(rows, g)
		}
	}
	return pageOf(p, rows, func(g *BusinessPartnerGroup) int64 { return g.ID }, nil, func(g *BusinessPartnerGroup) *BusinessPartnerGroup { return g }), nil
}

func postPartnerGroup(c *call, in *BusinessPartnerGroup) (any, error) {
	in.ID = c.co.nextID()
	if in.Active == nil {
		in.Active = ptr(true)
	}
	c.co.keepCounters()
	c.co.groups.put(in.ID, in)
	return in, nil
}

func putPartnerGroup(c *call, in *BusinessPartnerGroup) (any, error) {
	old, err := c.partnerGroup()
	if err != nil {
		return nil, err
	}
	if in.Type != old.Type {
		return nil, badRequest("type", invalid("type", in.Type))
	}
	in.ID = old.ID
	c.co.groups.put(in.ID, in)
	return in, nil
}

// exists reports whether a partner, person or product has the id of the path.
func (c *call) owner(has func(int64) bool) (int64, error) {
	id, err := c.pathID(0)
	if err != nil {
		return 0, err
	}
	if !has(id) {
		return 0, notFound()
	}
	return id, nil
}

func (co *company) hasPartner(id int64) bool { return co.partners.get(id) != nil }
func (co *company) hasPerson(id int64) bool  { return co.persons.get(id) != nil }
func (co *company) hasProduct(id int64) bool { return co.products.get(id) != nil }

// listDefaults answers the default dimensions of an owner; where the operation
// has no 404, an unknown owner has none.
func listDefaults(has func(*company, int64) bool, missing bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		id, err := c.owner(func(id int64) bool { return has(c.co, id) })
		if err != nil && missing {
			return nil, err
		}
		out := []DefaultDimensionBasicData{}
		if d := c.co.defaults.get(id); d != nil {
			for _, x := range d.Dims {
				b := DefaultDimensionBasicData{ID: x.ID, Name: x.Name}
				for _, it := range x.Items {
					b.Items = append(b.Items, DefaultDimensionItemBasicData{it.ID, it.CodeName, it.Percent})
				}
				out = append(out, b)
			}
		}
		return out, nil
	}
}

func getDefaults(has func(*company, int64) bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		id, err := c.owner(func(id int64) bool { return has(c.co, id) })
		if err != nil {
			return nil, err
		}
		dim, err := c.pathID(1)
		if err != nil {
			return nil, err
		}
		if d := c.co.defaults.get(id); d != nil {
			for _, x := range d.Dims {
				if x.ID == dim {
					return x, nil
				}
			}
		}
		return nil, notFound()
	}
}

// putDefaults sets the shares of one dimension; its items must exist.
func putDefaults(has func(*company, int64) bool) func(*call, *DefaultDimension) (any, error) {
	return func(c *call, in *DefaultDimension) (any, error) {
		id, err := c.owner(func(id int64) bool { return has(c.co, id) })
		if err != nil {
			return nil, err
		}
		dim, err := c.pathID(1)
		if err != nil {
			return nil, err
		}
		d := c.co.dims.get(dim)
		if d == nil {
			return nil, notFound()
		}
		out := DefaultDimension{ID: d.ID, Name: d.Name}
		for _, it := range in.Items {
			i := slices.IndexFunc(d.Items, func(x DimensionItem) bool { return x.ID == it.ID || it.ID == 0 && x.CodeName == it.CodeName })
			if i < 0 {
				return nil, newProblem(http.StatusNotFound, "items", codeDimension)
			}
			it.ID, it.CodeName, it.Description = d.Items[i].ID, d.Items[i].CodeName, d.Items[i].Description
			out.Items = append(out.Items, it)
		}
		next := defaultDims{}
		if old := c.co.defaults.get(id); old != nil {
			next.Dims = slices.DeleteFunc(slices.Clone(old.Dims), func(x DefaultDimension) bool { return x.ID == dim })
		}
		next.Dims = append(next.Dims, out)
		c.co.defaults.put(id, &next)
		return out, nil
	}
}

func noDefaultProducts(has func(*company, int64) bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		if _, err := c.owner(func(id int64) bool { return has(c.co, id) }); err != nil {
			return nil, err
		}
		return []DefaultProduct{}, nil
	}
}

// defaultAccounts are the same for every partner: those of the company.
func defaultAccounts(c *call) (any, error) {
	if _, err := c.owner(c.co.hasPartner); err != nil {
		return nil, err
	}
	return BusinessPartnerDefaultAccounts{VATDeduction: ptr(hundred), VATStatus: ptr(c.co.set().Domestic), CombineInvoiceRows: ptr(false)}, nil
}

func personalDetails(c *call) (any, error) {
	if c.user.PartnerID == nil {
		return nil, notFound()
	}
	return PersonalDetails{PartnerID: c.user.PartnerID, FirstName: c.user.FirstName, LastName: c.user.LastName}, nil
}
