package severa

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/source"
)

// atOnce is how many things are asked for by number or guid in one request: the
// address stays below what every proxy takes.
const atOnce = 40

type ref struct {
	Guid   string      `json:"guid"`
	Name   string      `json:"name"`
	Number json.Number `json:"number"`
}

type invoiceStatus struct {
	Guid             string      `json:"guid"`
	Name             string      `json:"name"`
	IsActive         bool        `json:"isActive"`
	IsReadOnly       bool        `json:"isReadOnly"`
	HasInvoiceNumber bool        `json:"hasInvoiceNumber"`
	IsSent           bool        `json:"isSent"`
	IsPaid           bool        `json:"isPaid"`
	SortOrder        json.Number `json:"sortOrder"`
}

type businessUnit struct {
	Guid        string `json:"guid"`
	Name        string `json:"name"`
	Code        string `json:"code"`
	VATNumber   string `json:"vatNumber"`
	KvkNumber   string `json:"kvkNumber"`
	CompanyGuid string `json:"companyGuid"`
}

type company struct {
	Guid string `json:"guid"`
	Name string `json:"name"`
	Root string `json:"rootBusinessUnitGuid"`
	// id is the business id: of its root unit, or of the organization.
	id string
}

type organization struct {
	Name      string    `json:"name"`
	VATNumber string    `json:"vatNumber"`
	Address   string    `json:"address"`
	Zip       string    `json:"postalCode"`
	City      string    `json:"city"`
	Companies []company `json:"activeCompanies"`
}

type project struct {
	Guid         string       `json:"guid"`
	Name         string       `json:"name"`
	Number       json.Number  `json:"number"`
	BusinessUnit businessUnit `json:"businessUnit"`
}

type customer struct {
	Guid             string      `json:"guid"`
	Name             string      `json:"name"`
	Number           json.Number `json:"number"`
	Email            string      `json:"email"`
	VATNumber        string      `json:"vatNumber"`
	KvkNumber        string      `json:"kvkNumber"`
	EInvoiceAddress  string      `json:"eInvoiceAddress"`
	EInvoiceOperator string      `json:"eInvoiceOperator"`
	Address          struct {
		Street  string `json:"addressline"`
		Zip     string `json:"postalCode"`
		City    string `json:"city"`
		Country string `json:"country"`
	} `json:"headquarterAddress"`
}

type country struct {
	Name        string `json:"name"`
	EnglishName string `json:"englishName"`
	Code2       string `json:"code2"`
	Code3       string `json:"code3"`
}

// setup is what the options name, as Severa has it now.
type setup struct {
	status  string   // guid of the status from which invoices are fetched
	moved   string   // guid of the status after the transfer, "" for none
	after   []string // guids of those in which a transferred invoice may be
	company *company // nil where the organization has one only
	filter  string   // fingerprint of all of it
}

// registers are what a run has read of them.
type registers struct {
	setup     *setup
	org       *organization
	units     map[string]businessUnit
	projects  map[string]*project  // by guid; nil for one that is not there
	customers map[string]*customer // by guid; nil likewise
	countries []country
	products  map[string]string // type by code
	taxFree   map[string][]taxFree
}

// setup resolves the options, once a run.
func (d *Driver) setup(ctx context.Context) (*setup, error) {
	if d.reg.setup != nil {
		return d.reg.setup, nil
	}
	s := &setup{}
	statuses, err := d.statuses(ctx)
	if err != nil {
		return nil, err
	}
	if s.status, err = resolve(statuses, "status", d.option["status"]); err != nil {
		return nil, err
	}
	if name := d.option["status_after"]; name != "" {
		after, err := resolve(statuses, "status_after", name)
		if err != nil {
			return nil, err
		}
		if after != s.status {
			s.moved, s.after = after, append(s.after, after)
		}
	}
	for _, x := range statuses {
		if x.IsPaid && d.option["paid"] == yes && x.Guid != s.status && !slices.Contains(s.after, x.Guid) {
			s.after = append(s.after, x.Guid)
		}
	}
	if s.company, err = d.company(ctx); err != nil {
		return nil, err
	}
	text := []string{s.status, strings.Join(s.after, ","), d.firstDay().String()}
	if s.company != nil {
		text = append(text, s.company.Guid)
	}
	sum := sha256.Sum256([]byte(strings.Join(text, "\n")))
	s.filter = hex.EncodeToString(sum[:4])
	d.reg.setup = s
	return s, nil
}

func (d *Driver) statuses(ctx context.Context) ([]invoiceStatus, error) {
	return listRows(ctx, d.client, "/v1/invoicestatuses", nil, func(x *invoiceStatus) string { return x.Guid })
}

// resolve finds a status by guid or name; of two with one name the active one.
func resolve(statuses []invoiceStatus, option, name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("%w: say in option %s from which invoice status invoices are fetched", source.ErrOptions, option)
	}
	var hits []invoiceStatus
	var names []string
	for _, x := range statuses {
		if x.Guid == name {
			return x.Guid, nil
		}
		if strings.EqualFold(strings.TrimSpace(x.Name), name) {
			hits = append(hits, x)
		}
		if x.IsActive {
			names = append(names, x.Name)
		}
	}
	if active := slices.DeleteFunc(slices.Clone(hits), func(x invoiceStatus) bool { return !x.IsActive }); len(active) > 0 {
		hits = active
	}
	switch len(hits) {
	case 1:
		return hits[0].Guid, nil
	case 0:
		return "", fmt.Errorf("%w: Severa has no invoice status %q, which option %s names; it has %s", source.ErrOptions, name, option, strings.Join(names, ", "))
	}
	return "", fmt.Errorf("%w: Severa has %d invoice statuses %q, which option %s names; give its guid", source.ErrOptions, len(hits), name, option)
}

// organization reads the companies and business units, once a run.
func (d *Driver) organization(ctx context.Context) (*organization, error) {
	if d.reg.org != nil {
		return d.reg.org, nil
	}
	org := &organization{}
	if err := d.client.get(ctx, "/v1/organizationdetails", nil, org); err != nil {
		return nil, err
	}
	units, err := listRows(ctx, d.client, "/v1/businessunits", nil, func(x *businessUnit) string { return x.Guid })
	if err != nil {
		return nil, err
	}
	d.reg.units = map[string]businessUnit{}
	for _, u := range units {
		d.reg.units[u.Guid] = u
	}
	for i := range org.Companies {
		c := &org.Companies[i]
		if c.id = d.reg.units[c.Root].VATNumber; c.id == "" && len(org.Companies) == 1 {
			c.id = org.VATNumber
		}
	}
	if len(org.Companies) == 0 {
		org.Companies = []company{{Name: org.Name, id: org.VATNumber}}
	}
	d.reg.org = org
	return org, nil
}

// company is the one whose documents are read: that of the option, the only one, or
// the only one with our business id. Another company than ours is refused.
func (d *Driver) company(ctx context.Context) (*company, error) {
	org, err := d.organization(ctx)
	if err != nil {
		return nil, err
	}
	name, own := d.option["company"], d.client.env.Own
	var names []string
	var chosen, ours []*company
	for i := range org.Companies {
		c := &org.Companies[i]
		names = append(names, c.Name)
		if name != "" && (c.Guid == name || strings.EqualFold(strings.TrimSpace(c.Name), name)) {
			chosen = append(chosen, c)
		}
		if format.SameID(c.id, own) {
			ours = append(ours, c)
		}
	}
	all := strings.Join(names, ", ")
	switch {
	case name != "" && len(chosen) == 0:
		return nil, fmt.Errorf("%w: Severa has no company %q, which option company names; it has %s", source.ErrOptions, name, all)
	case len(chosen) > 1:
		return nil, fmt.Errorf("%w: Severa has %d companies %q, which option company names; give its guid", source.ErrOptions, len(chosen), name)
	case name == "" && len(org.Companies) == 1:
		chosen = []*company{&org.Companies[0]}
	case name == "" && len(ours) == 1:
		chosen = ours
	case name == "":
		return nil, fmt.Errorf("%w: this Severa has several companies: say in option company which of them this connection reads: %s", source.ErrOptions, all)
	}
	c := chosen[0]
	if own != "" && c.id != "" && !format.SameID(c.id, own) {
		return nil, fmt.Errorf("%w: %s of Severa has the business id %s, and this connection is of the company %s: choose another in option company, or connect that company by itself", source.ErrOptions, c.Name, c.id, own)
	}
	if len(org.Companies) == 1 {
		return nil, nil
	}
	return c, nil
}

// ours leaves out the invoices of other companies of the organization, by the
// business units of their projects.
func (d *Driver) ours(ctx context.Context, s *snapshot, found []item) ([]item, error) {
	company := d.reg.setup.company
	if company == nil || len(found) == 0 {
		return found, nil
	}
	if err := d.needProjects(ctx, found); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(x item) bool {
		of := d.companies(&x.invoice)
		if len(of) == 0 || slices.Contains(of, company.Guid) {
			return false // of nobody: rather shown than lost
		}
		s.dealt(x.invoice.Guid, x.invoice.print)
		return true
	}), nil
}

// companies are those of an invoice's projects; without any, that of its numbering.
func (d *Driver) companies(inv *invoice) (guids []string) {
	for _, p := range inv.Projects {
		if p := d.reg.projects[p.Guid]; p != nil {
			guids = append(guids, d.unit(p).CompanyGuid)
		}
	}
	if u, ok := d.reg.units[inv.NumberUnit]; ok && len(guids) == 0 {
		guids = append(guids, u.CompanyGuid)
	}
	return slices.DeleteFunc(guids, func(g string) bool { return g == "" })
}

// unit is the business unit of a project, with all that the register says of it.
func (d *Driver) unit(p *project) businessUnit {
	if u, ok := d.reg.units[p.BusinessUnit.Guid]; ok {
		return u
	}
	return p.BusinessUnit
}

// need reads things by guid in few requests: a name of the query takes several. Those
// that are not there become nil.
func need[T any](ctx context.Context, c *client, path, name string, keys []string, take func(*T)) error {
	for part := range slices.Chunk(keys, atOnce) {
		things, err := list[T](ctx, c, path, url.Values{name: part})
		if err != nil {
			return err
		}
		for i := range things {
			take(&things[i])
		}
	}
	return nil
}

func (d *Driver) needProjects(ctx context.Context, found []item) error {
	var guids []string
	for _, x := range found {
		for _, p := range x.invoice.Projects {
			if _, known := d.reg.projects[p.Guid]; !known && p.Guid != "" {
				d.reg.projects[p.Guid] = nil
				guids = append(guids, p.Guid)
			}
		}
	}
	err := need(ctx, d.client, "/v1/projects", "projectGuids", guids, func(p *project) { d.reg.projects[p.Guid] = p })
	if err != nil {
		for _, g := range guids {
			delete(d.reg.projects, g) // asked for again
		}
	}
	return err
}

// needCustomers reads them by their numbers, for there is no list by guid.
func (d *Driver) needCustomers(ctx context.Context, found []item) error {
	var guids, numbers, alone []string
	for _, x := range found {
		c := x.invoice.pays()
		if _, known := d.reg.customers[c.Guid]; known || c.Guid == "" {
			continue
		}
		d.reg.customers[c.Guid] = nil
		guids = append(guids, c.Guid)
		if c.Number != "" {
			numbers = append(numbers, c.Number.String())
		}
	}
	err := need(ctx, d.client, "/v1/customers", "numbers", numbers, func(c *customer) { d.reg.customers[c.Guid] = c })
	for _, g := range guids {
		if d.reg.customers[g] == nil {
			alone = append(alone, g)
		}
	}
	for _, g := range alone {
		if err != nil {
			break
		}
		one := &customer{}
		if err = d.client.get(ctx, "/v1/customers/"+url.PathEscape(g), nil, one); err == nil {
			d.reg.customers[g] = one
		} else if errors.Is(err, errGone) {
			err = nil
		}
	}
	if err != nil {
		for _, g := range guids {
			delete(d.reg.customers, g)
		}
	}
	return err
}

// countryCode is the code of two letters of what an address says; "" when nobody
// knows it. Whether Severa writes a name or a code there is not published.
func (d *Driver) countryCode(ctx context.Context, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	if d.reg.countries == nil {
		var all []country
		if err := d.client.get(ctx, "/v1/localization/countries", nil, &all); err != nil {
			return "", err
		}
		d.reg.countries = append([]country{}, all...)
	}
	for _, c := range d.reg.countries {
		for _, name := range []string{c.Code2, c.Code3, c.Name, c.EnglishName} {
			if strings.EqualFold(strings.TrimSpace(name), text) {
				return strings.ToUpper(c.Code2), nil
			}
		}
	}
	return "", nil
}

// productType is what a product is, by its code: Materials, Subcontracting or
// FixedFees; "" when there is none.
func (d *Driver) productType(ctx context.Context, code string) (string, error) {
	if d.reg.products == nil {
		type product struct {
			Code string `json:"code"`
			Type string `json:"type"`
		}
		all, err := list[product](ctx, d.client, "/v1/products", nil)
		if err != nil {
			return "", err
		}
		d.reg.products = map[string]string{}
		for _, p := range all {
			d.reg.products[p.Code] = p.Type
		}
	}
	return d.reg.products[code], nil
}

// taxFree is what a customer's card says of sales without VAT to it, by country.
type taxFree struct {
	Country struct {
		Guid string `json:"guid"`
	} `json:"country"`
	IsTaxFree bool   `json:"isTaxFree"`
	Reason    string `json:"taxFreeDescription"`
	Category  string `json:"zeroVatCategoryCodeEn16931"`
}

// taxFreeOf is what makes sales to a customer free of VAT: the one answer of its
// card, or nothing where the card gives none or several.
func (d *Driver) taxFreeOf(ctx context.Context, guid string) (t taxFree, err error) {
	if guid == "" {
		return t, nil
	}
	all, known := d.reg.taxFree[guid]
	if !known {
		err := d.client.get(ctx, "/v1/customers/"+url.PathEscape(guid)+"/customercountrysettings", nil, &all)
		if err != nil && !errors.Is(err, errGone) {
			return t, err
		}
		d.reg.taxFree[guid] = all
	}
	for _, x := range all {
		if !x.IsTaxFree && x.Category == "" {
			continue
		}
		if t.Category != "" && t.Category != x.Category {
			return taxFree{}, nil
		}
		t = x
	}
	return t, nil
}
