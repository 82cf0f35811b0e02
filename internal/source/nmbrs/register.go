package nmbrs

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// itemsCall lists the items of an axis.
var itemsCall = map[string]string{hub.CostCentreAxis: centresCall, hub.CostUnitAxis: unitsCall}

// Items lists cost centres and cost units. Nmbrs says neither when one has changed nor that
// one is closed, so all of them come each time.
func (d *Driver) Items(ctx context.Context, axes []string, _ time.Time) iter.Seq2[hub.Item, error] {
	return func(yield func(hub.Item, error) bool) {
		for _, axis := range axes {
			items, err := d.items(ctx, axis)
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

func (d *Driver) items(ctx context.Context, axis string) (items []hub.Item, err error) {
	call, ok := itemsCall[axis]
	if !ok {
		return nil, nil
	}
	c, err := d.company(ctx)
	if err != nil {
		return nil, err
	}
	type entry struct {
		ID          string `xml:"Id"`
		Code        string `xml:"Code"`
		Description string `xml:"Description"`
	}
	var found struct {
		Centres []entry `xml:"CostCenter"`
		Units   []entry `xml:"CostUnit"`
	}
	if err := d.client.call(ctx, companyService, call, []param{{"CompanyId", strconv.Itoa(c.ID)}}, &found); err != nil {
		return nil, d.ours(c, err)
	}
	for _, x := range slices.Concat(found.Centres, found.Units) {
		i := hub.Item{Axis: axis, ID: strings.TrimSpace(x.ID), Code: strings.TrimSpace(x.Code), Name: strings.TrimSpace(x.Description)}
		if i.Code != "" || i.Name != "" {
			items = append(items, i)
		}
	}
	return items, nil
}

// axes are what the rows of a journal are told apart by.
var axes = map[string][]string{byCostCentre: {hub.CostCentreAxis}, byCostUnit: {hub.CostCentreAxis, hub.CostUnitAxis}}

// Registers shows what a person must know before payroll is written: which company it is,
// whether somebody has said that it is real, which runs are still to be locked, and the
// cost centres and cost units.
func (d *Driver) Registers(ctx context.Context) (r source.Registers, err error) {
	c, err := d.company(ctx)
	if err != nil {
		return r, err
	}
	p := &source.PayrollRegisters{Company: c.String(), Real: d.option["test_company"] == no}
	runs, err := d.runs(ctx, c)
	if err != nil {
		return r, err
	}
	for _, x := range runs {
		if !x.IsLocked {
			p.Unlocked = append(p.Unlocked, fmt.Sprintf("%s (%d/%d)", x.reference(), x.Number, x.Year))
		}
	}
	for _, axis := range axes[d.option["detail"]] {
		items, err := d.items(ctx, axis)
		if err != nil {
			return r, err
		}
		p.Items = append(p.Items, items...)
	}
	r.Payroll = p
	return r, nil
}
