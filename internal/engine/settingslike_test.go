package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// What is the company's own stays, statuses are found by name, and what the company
// does not have stays out and is told.
func TestAlikeSettings(t *testing.T) {
	first, other := civil.Date{Year: 2026, Month: 3, Day: 1}, civil.Date{Year: 2025, Month: 1, Day: 1}
	mine, theirs := hub.DefaultSettings(first), hub.DefaultSettings(other)
	mine.Kinds[hub.PurchaseInvoice] = hub.KindSettings{On: false, FirstDay: first}
	mine.BankAccount, mine.VATStatuses = "FI2112345600000785", map[hub.Kind]map[string]int{hub.SalesInvoice: {"S": 1}}
	mine.Dimensions, mine.DefaultCodes.Work = map[string]string{"unit": "Unit"}, "W"
	theirs.Kinds[hub.SalesInvoice] = hub.KindSettings{On: false, FirstDay: other, Arrival: hub.ArriveApproved, Posting: hub.PostedByMap}
	theirs.BankAccount, theirs.VATStatuses = "FI4950009420028730", map[hub.Kind]map[string]int{hub.SalesInvoice: {"S": 7}}
	theirs.Sender, theirs.TermDays = hub.SenderProcountor, 21
	theirs.Dimensions = map[string]string{"project": "Project", "unit": "Office"}
	theirs.DefaultCodes = hub.DefaultCodes{Product: "P", Work: "X"}
	theirs.Back = hub.Back{Purchases: true, FirstDay: other, Dimension: "Office"}
	theirs.Accounts = []hub.AccountRule{
		{Source: "1", Sales: true, Account: "3000", VATStatus: 7},
		{Source: "2", Sales: true, Account: "3000", VATStatus: 8},
		{Source: "3", Sales: true, Account: "3999"},
		{Source: "*", Sales: true, Account: hub.SameAccount},
	}
	here := &register.Copy{
		Accounts:    []register.Account{{Code: "3000", Active: true}},
		VATStatuses: []register.VATStatus{{Number: 1, Description: "Domestic", Sales: true}, {Number: 7, Description: "EU sales", Sales: true}, {Number: 3, Description: "Abroad", Purchase: true}},
		Dimensions:  []register.Dimension{{ID: 1, Name: "Project"}, {ID: 2, Name: "Unit"}},
		Products:    []register.Product{{Code: "P", Sales: true, Active: true}, {Code: "W", Sales: true, Active: true}},
	}
	there := &register.Copy{VATStatuses: []register.VATStatus{{Number: 7, Description: "Domestic", Sales: true}, {Number: 8, Description: "Abroad", Sales: true}}}
	got, left := alikeSettings(mine, theirs, here, there)

	want := theirs
	want.Kinds = map[hub.Kind]hub.KindSettings{
		hub.SalesInvoice:    {On: true, FirstDay: first, Arrival: hub.ArriveApproved, Posting: hub.PostedByMap},
		hub.PurchaseInvoice: {On: false, FirstDay: first, Arrival: hub.ArriveUnfinished},
	}
	for k, v := range mine.Kinds { // kinds that nobody has changed
		if _, ok := want.Kinds[k]; !ok {
			want.Kinds[k] = v
		}
	}
	want.BankAccount, want.VATStatuses, want.Back = mine.BankAccount, mine.VATStatuses, mine.Back
	want.Dimensions = map[string]string{"project": "Project", "unit": "Unit"}
	want.DefaultCodes = hub.DefaultCodes{Product: "P", Work: "W"}
	want.Accounts = []hub.AccountRule{{Source: "1", Sales: true, Account: "3000", VATStatus: 1}, {Source: "*", Sales: true, Account: hub.SameAccount}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(hub.SettingFaults{
		{Key: "accounts[1].vat_status", Code: hub.SettingStatus, Value: "8"},
		{Key: "accounts[2].account", Code: hub.SettingAccount, Value: "3999"},
		{Key: "dimensions.unit", Code: hub.SettingDimension, Value: "Office"},
		{Key: "back.dimension", Code: hub.SettingDimension, Value: "Office"},
		{Key: "default_codes.work", Code: hub.SettingMissing, Value: "X"},
	}, left); diff != "" {
		t.Error(diff)
	}
	// The other connection's own settings are not touched.
	if theirs.Kinds[hub.SalesInvoice].On || theirs.Accounts[0].VATStatus != 7 || theirs.Dimensions["unit"] != "Office" {
		t.Error("the other's settings changed")
	}
}
