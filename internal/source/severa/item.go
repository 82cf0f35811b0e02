package severa

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// An entry of one of Severa's registers that rows name: a business unit, project, cost
// centre, product or work type.
type entry struct {
	Guid       string      `json:"guid"`
	Name       string      `json:"name"`
	Code       string      `json:"code"`       // of units, products and work types
	Number     json.Number `json:"number"`     // of projects
	Identifier string      `json:"identifier"` // of cost centres
	IsActive   *bool       `json:"isActive"`
	IsClosed   bool        `json:"isClosed"` // of projects

	CompanyGuid  string `json:"companyGuid"` // of units
	BusinessUnit struct {
		CompanyGuid string `json:"companyGuid"`
	} `json:"businessUnit"` // of projects

	Unit      string      `json:"measurementUnit"`
	VATRate   json.Number `json:"vatRate"`
	UnitPrice struct {
		Amount json.Number `json:"amount"`
	} `json:"unitPrice"`
}

// Items lists business units, projects and cost centres, products and work types, those
// of other companies of the organization left out.
func (d *Driver) Items(ctx context.Context, axes []string, since time.Time) iter.Seq2[hub.Item, error] {
	return func(yield func(hub.Item, error) bool) {
		for _, axis := range axes {
			items, err := d.items(ctx, axis, since)
			if err != nil {
				yield(hub.Item{}, err)
				return
			}
			for _, i := range items {
				if !yield(i, nil) {
					return
				}
			}
		}
	}
}

func (d *Driver) items(ctx context.Context, axis string, since time.Time) (items []hub.Item, err error) {
	q := url.Values{}
	if !since.IsZero() {
		q.Set("changedSince", since.UTC().Format(time.RFC3339Nano))
	}
	company, err := d.company(ctx)
	if err != nil {
		return nil, err
	}
	guid := func(x *entry) string { return x.Guid }
	var entries []entry
	switch axis {
	case hub.AxisUnit:
		entries, err = listRows(ctx, d.client, "/v1/businessunits", q, guid)
	case hub.AxisProject:
		entries, err = list[entry](ctx, d.client, "/v1/projects", q)
	case hub.AxisCostCentre:
		entries, err = listRows(ctx, d.client, "/v1/costcenters", q, guid)
	case hub.ProductAxis:
		if entries, err = list[entry](ctx, d.client, "/v1/products", q); err == nil {
			var work []entry
			work, err = listRows(ctx, d.client, "/v1/worktypes", q, guid)
			entries = slices.Concat(entries, work)
		}
	}
	for _, x := range entries {
		of := orElse(x.CompanyGuid, x.BusinessUnit.CompanyGuid)
		if company != nil && of != "" && of != company.Guid {
			continue
		}
		i := hub.Item{Axis: axis, ID: x.Guid, Code: orElse(orElse(x.Code, x.Identifier), x.Number.String()), Name: strings.TrimSpace(x.Name),
			Closed: x.IsClosed || x.IsActive != nil && !*x.IsActive}
		if axis == hub.ProductAxis {
			i.Unit, i.Price, i.VATPercent = x.Unit, amount(x.UnitPrice.Amount), amount(x.VATRate)
		} else {
			i.Code = orElse(i.Code, i.Name) // as rows name it
		}
		if i.Code != "" || i.Name != "" {
			items = append(items, i)
		}
	}
	return items, err
}

// amount is a number of Severa's, nil for none.
func amount(n json.Number) *money.Amount {
	a, ok := amountOf(n)
	if !ok {
		return nil
	}
	return &a
}
