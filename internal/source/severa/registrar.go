package severa

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// account is a sales account of Severa.
type account struct {
	Guid   string `json:"guid"`
	Name   string `json:"name"`
	Number string `json:"number"`
}

// coded is an entry of a register whose rows are sold: a product, a work type.
type coded struct {
	Guid         string `json:"guid"`
	Name         string `json:"name"`
	Code         string `json:"code"`
	SalesAccount struct {
		Guid string `json:"guid"`
		Name string `json:"name"`
	} `json:"salesAccount"`
}

var activeOnly = url.Values{"active": {"true"}}

// Registers shows the invoice statuses, and what is active of sales accounts, products,
// work types and bank accounts.
func (d *Driver) Registers(ctx context.Context) (r source.Registers, err error) {
	r.Chosen = map[source.StatusUse]string{source.StatusBefore: d.option["status"], source.StatusAfter: d.option["status_after"]}
	statuses, err := d.statuses(ctx)
	if err != nil {
		return r, err
	}
	slices.SortStableFunc(statuses, func(a, b invoiceStatus) int { return cmp.Compare(whole(a.SortOrder), whole(b.SortOrder)) })
	for _, x := range statuses {
		s := source.Status{ID: x.Guid, Name: x.Name, Off: !x.IsActive, Numbered: x.HasInvoiceNumber, Locked: x.IsReadOnly, Sent: x.IsSent, Paid: x.IsPaid}
		for use, name := range r.Chosen {
			if name != "" && (x.Guid == name || x.IsActive && strings.EqualFold(strings.TrimSpace(x.Name), name)) {
				s.Use = use
			}
		}
		r.Statuses = append(r.Statuses, s)
	}
	accounts, err := listRows(ctx, d.client, "/v1/salesaccounts", activeOnly, func(x *account) string { return x.Guid })
	if err != nil {
		return r, err
	}
	r.Accounts = []source.Account{}
	numbers := map[string]string{}
	for _, a := range accounts {
		numbers[a.Guid] = a.Number
		r.Accounts = append(r.Accounts, source.Account{Number: a.Number, Name: a.Name})
	}
	products, err := list[coded](ctx, d.client, "/v1/products", url.Values{"isActive": {"true"}})
	if err != nil {
		return r, err
	}
	work, err := listRows(ctx, d.client, "/v1/worktypes", activeOnly, func(x *coded) string { return x.Guid })
	if err != nil {
		return r, err
	}
	r.Codes = []source.Code{}
	for of, list := range map[source.CodeOf][]coded{source.ProductCode: products, source.WorkCode: work} {
		for _, x := range list {
			r.Codes = append(r.Codes, source.Code{Of: of, Code: strings.TrimSpace(x.Code), Name: x.Name,
				Account: cmp.Or(numbers[x.SalesAccount.Guid], x.SalesAccount.Name)})
		}
	}
	slices.SortStableFunc(r.Codes, func(a, b source.Code) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Name, b.Name))
	})
	type bank struct {
		Guid   string `json:"guid"`
		Number string `json:"accountNumber"`
	}
	banks, err := listRows(ctx, d.client, "/v1/bankaccounts", activeOnly, func(x *bank) string { return x.Guid })
	r.BankAccounts = []string{}
	for _, b := range banks {
		r.BankAccounts = append(r.BankAccounts, b.Number)
	}
	if err == nil && d.client.env.Kinds[hub.TravelInvoice].On {
		r.Claims, err = d.claimRegisters(ctx)
	}
	return r, err
}

// claimRegisters shows what travel invoices need. An add-on that is off, or a scope that
// is missing, is a line of the checklist and keeps nothing else from being read.
func (d *Driver) claimRegisters(ctx context.Context) (*source.ClaimRegisters, error) {
	c := d.claimClient()
	r := &source.ClaimRegisters{Chosen: map[source.StatusUse]string{source.StatusBefore: d.option["travel_status"], source.StatusAfter: d.option["travel_status_after"]}}
	statuses, err := listRows(ctx, c, "/v1/travelreimbursementstatuses", nil, func(x *invoiceStatus) string { return x.Guid })
	if errors.Is(err, source.ErrDenied) {
		r.Missing = err.Error()
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	for _, x := range statuses {
		s := source.Status{ID: x.Guid, Name: x.Name, Off: !x.IsActive}
		for use, name := range r.Chosen {
			if name != "" && (x.Guid == name || x.IsActive && strings.EqualFold(strings.TrimSpace(x.Name), name)) {
				s.Use = use
			}
		}
		r.Statuses = append(r.Statuses, s)
	}
	types, err := listRows(ctx, c, "/v1/travelexpensetypes", activeOnly, func(x *coded) string { return x.Guid })
	if err != nil {
		return nil, err
	}
	for _, x := range types {
		r.Codes = append(r.Codes, source.Code{Of: source.TravelCode, Code: strings.TrimSpace(x.Code), Name: x.Name})
	}
	users, err := list[traveller](ctx, c, "/v1/users", url.Values{"isActive": {"true"}})
	for _, u := range users {
		r.Persons = append(r.Persons, source.ClaimPerson{Name: strings.TrimSpace(u.First + " " + u.Last), Number: strings.TrimSpace(u.Code)})
	}
	return r, err
}

// whole is a whole number as Severa writes one, 0 for none.
func whole(n json.Number) int64 {
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}
