package severa

import (
	"context"
	"iter"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// Customers yields Severa's customers.
func (d *Driver) Customers(ctx context.Context) iter.Seq2[source.Party, error] {
	return func(yield func(source.Party, error) bool) {
		all, err := list[customer](ctx, d.client, "/v1/customers", nil)
		if err != nil {
			yield(source.Party{}, err)
			return
		}
		for _, c := range all {
			p := source.Party{ID: c.Guid, Party: hub.Party{Name: c.Name, Number: c.Number.String(), Email: c.Email,
				EInvoice: hub.EInvoice{Address: c.EInvoiceAddress, Operator: c.EInvoiceOperator},
				Address:  hub.Address{Street: c.Address.Street, Zip: c.Address.Zip, City: c.Address.City}}}
			if setID(&p.Party, c.VATNumber); c.VATNumber == "" {
				p.BusinessID = c.KvkNumber
			}
			if p.Address.Country, err = d.countryCode(ctx, c.Address.Country); err != nil {
				yield(source.Party{}, err)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Companies yields the companies of the unit hierarchy, with the business ids of
// their root units.
func (d *Driver) Companies(ctx context.Context) iter.Seq2[source.Party, error] {
	return func(yield func(source.Party, error) bool) {
		org, err := d.organization(ctx)
		if err != nil {
			yield(source.Party{}, err)
			return
		}
		for _, c := range org.Companies {
			p := source.Party{ID: orElse(c.Guid, c.Name), Party: hub.Party{Name: c.Name}}
			setID(&p.Party, c.id)
			if len(org.Companies) == 1 {
				p.Address = hub.Address{Street: org.Address, Zip: org.Zip, City: org.City}
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// choices are what the live options may be.
func (d *Driver) choices(ctx context.Context) (map[string][]source.Choice, error) {
	org, err := d.organization(ctx)
	if err != nil {
		return nil, err
	}
	statuses, err := d.statuses(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string][]source.Choice{}
	for _, c := range org.Companies {
		if c.Guid == "" {
			continue
		}
		label := c.Name
		if c.id != "" {
			label += " (" + c.id + ")"
		}
		all["company"] = append(all["company"], source.Choice{Value: c.Guid, Label: label})
	}
	for _, s := range statuses {
		if s.IsActive {
			x := source.Choice{Value: s.Guid, Label: s.Name}
			all["status"] = append(all["status"], x)
			all["status_after"] = append(all["status_after"], x)
			if s.IsPaid {
				all["status_paid"] = append(all["status_paid"], x)
			}
		}
	}
	if !d.client.env.Kinds[hub.TravelInvoice].On {
		return all, nil
	}
	// Of travel invoices as far as they can be asked for: the add-on may be off.
	travel, err := listRows(ctx, d.claimClient(), "/v1/travelreimbursementstatuses", nil, func(x *invoiceStatus) string { return x.Guid })
	for _, s := range travel {
		if err == nil && s.IsActive {
			x := source.Choice{Value: s.Guid, Label: s.Name}
			all["travel_status"], all["travel_status_after"] = append(all["travel_status"], x), append(all["travel_status_after"], x)
		}
	}
	return all, nil
}
