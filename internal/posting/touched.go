package posting

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A Touched is a rule of the account map, or a setting, that names a thing of
// the registers.
type Touched struct {
	Rule *hub.AccountRule
	Key  string // of a setting: "vat_statuses.sales_invoice.S"
}

// Touch lists what of the settings names the thing that has changed.
func Touch(s *hub.Settings, c register.Change) (list []Touched) {
	n, _ := strconv.Atoi(c.Key)
	for i := range s.Accounts {
		r := &s.Accounts[i]
		if c.What == register.OfAccount && bare(r.Account) == bare(c.Key) || c.What == register.OfVATStatus && r.VATStatus != 0 && r.VATStatus == n {
			list = append(list, Touched{Rule: r})
		}
	}
	switch c.What {
	case register.OfVATStatus:
		for _, kind := range slices.Sorted(maps.Keys(s.VATStatuses)) {
			for _, category := range slices.Sorted(maps.Keys(s.VATStatuses[kind])) {
				if s.VATStatuses[kind][category] == n {
					list = append(list, Touched{Key: "vat_statuses." + string(kind) + "." + category})
				}
			}
		}
	case register.OfDimension:
		for _, axis := range slices.Sorted(maps.Keys(s.Dimensions)) {
			if name := strings.TrimSpace(s.Dimensions[axis]); strings.EqualFold(name, c.Name) || strings.EqualFold(name, c.From) {
				list = append(list, Touched{Key: "dimensions." + axis})
			}
		}
	case register.OfBankAccount:
		if bare(s.BankAccount) == bare(c.Key) {
			list = append(list, Touched{Key: "bank_account"})
		}
	}
	return list
}
