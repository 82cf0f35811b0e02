package engine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// This file lets documents go on by themselves when what they were held for has
// been mended: a rule was written, an account opened, a partner entered.

// partnerCodes are the doubts about partners.
var partnerCodes = []string{hub.PartnerConflict, hub.PartnerAmbiguous, hub.PartnerProposed, hub.PartnerMissing, hub.PartnerNoID, hub.PartnerInactive}

// channelCodes are about how invoices reach their customers.
var channelCodes = []string{hub.ChannelMissing, hub.EInvoiceMissing, hub.EInvoiceAddress, hub.OperatorWrong, hub.OperatorUnknown, hub.EmailMissing, hub.AddressMissing}

// travelCodes are about the codes of travel products.
var travelCodes = []string{hub.TravelCodeMissing, hub.TravelCodeUnknown, hub.TravelCodeDay, hub.TravelCodeTwice}

// mendedBySetting says for the beginning of a setting's key which faults it may mend.
var mendedBySetting = map[string][]string{
	"accounts[":     {hub.AccountUnmapped, hub.AccountAmbiguous, hub.AccountClosed, hub.VATStatusUnmapped, hub.VATStatusDisabled, hub.VATStatusPercent},
	"vat_statuses.": {hub.VATStatusUnmapped, hub.VATStatusDisabled, hub.VATStatusPercent},
	"vat_reason":    {hub.VATReasonHeld},
	"rate_percent":  {hub.CurrencyRateFar},
	"dimensions.":   itemCodes,
	"axes.":         itemCodes,
	"make_products": itemCodes,
	"bank_account":  {hub.BankAccountMissing, hub.BankAccountForeign},
	"units.":        {hub.UnitUnknown},
	"channel":       channelCodes,
	"customers[":    channelCodes,
	"sender":        channelCodes,
	"operators":     {hub.OperatorUnknown},
	"unknown_":      {hub.OperatorUnknown},
	"partner.":      partnerCodes,
	"claimants.":    append([]string{hub.PersonNumber, hub.PersonAccount}, partnerCodes...),
	"cards":         {hub.CardAccountMissing, hub.AccountClosed},
	"default_codes": {hub.TravelCodeMissing},
	"travel_codes":  {hub.TravelCodeDay},
	"journal.":      {hub.JournalAccount, hub.AccountClosed},
	// Of payroll only, see [Engine.goOn].
	"payroll.closed_period": {hub.PeriodClosed},
	"payroll.clearing":      {hub.PayrollRows},
	"level":                 {hub.JournalAccount, hub.JournalCurrency, hub.AccountUnmapped, hub.AccountAmbiguous},
}

// mendedByRegister says for a register which faults a change in it may mend. An
// opened period is not among them: that it takes vouchers again does not say
// that those of last month are wanted there, so a person tries again.
var mendedByRegister = map[register.What][]string{
	register.OfAccount:       {hub.AccountClosed},
	register.OfVATStatus:     {hub.VATStatusDisabled},
	register.OfVATPercent:    {hub.VATRateNotEnabled},
	register.OfBankAccount:   {hub.BankAccountMissing, hub.BankAccountForeign},
	register.OfDimension:     itemCodes,
	register.OfDimensionItem: itemCodes,
	register.OfProduct:       itemCodes,
	register.OfPartner:       partnerCodes,
	register.OfTravel:        travelCodes,
}

// mendable are all codes of the two tables.
var mendable = func() (list []string) {
	for _, codes := range mendedBySetting {
		list = append(list, codes...)
	}
	for _, codes := range mendedByRegister {
		list = append(list, codes...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}()

func codesOfSettings(changes []hub.SettingChange) (codes []string) {
	for _, prefix := range slices.Sorted(maps.Keys(mendedBySetting)) {
		if slices.ContainsFunc(changes, func(c hub.SettingChange) bool { return strings.HasPrefix(c.Key, prefix) }) {
			codes = append(codes, mendedBySetting[prefix]...)
		}
	}
	if slices.ContainsFunc(changes, func(c hub.SettingChange) bool { return strings.HasSuffix(c.Key, ".leaves_out") }) {
		codes = append(codes, itemCodes...)
	}
	return codes
}

// aboutItems reports whether settings of dimensions or products have changed.
func aboutItems(changes []hub.SettingChange) bool {
	return slices.ContainsFunc(changes, func(c hub.SettingChange) bool {
		return strings.HasPrefix(c.Key, "dimensions.") || strings.HasPrefix(c.Key, "axes.") || c.Key == "make_products"
	})
}

func codesOfRegisters(changes []register.Change) (codes []string) {
	for _, what := range slices.Sorted(maps.Keys(mendedByRegister)) {
		if slices.ContainsFunc(changes, func(c register.Change) bool {
			return c.What == what && c.How != register.Removed && c.How != register.Closed
		}) {
			codes = append(codes, mendedByRegister[what]...)
		}
	}
	return codes
}

// goOn makes held documents ready that may have been mended, of a company or of
// one connection of it. Only those go whose every fault is of a kind that mending
// ends, and for which only a plan was wanted: what a person was asked about a
// voucher stays asked.
func (e *Engine) goOn(tx *store.Tx, company, connection string, codes []string, why because) error {
	list, err := tx.HeldBy(company, connection, codes)
	if err != nil {
		return err
	}
	woken := false
	for i := range list {
		t := &list[i]
		if _, closed := find(t.Faults, hub.PeriodClosed); closed && !t.Private() {
			continue // a closed period is for a person to decide on; the settings of payroll are just that
		}
		if t.Goal != hub.Deliver || hub.Unread(t.Faults) || !onlyMendable(t.Faults) || t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
			continue
		}
		if err := readyAgain(tx, t, why); err != nil {
			return err
		}
		woken = true
	}
	if !woken {
		return nil
	}
	return e.wake(tx, company, e.o.Now())
}

func readyAgain(tx *store.Tx, t *hub.Transfer, why because) error {
	lease := t.Lease
	t.Lease, t.LeaseUntil, t.WakeAt, t.WaitsFor, t.Rounds = "", time.Time{}, time.Time{}, "", 0
	if err := t.Move(hub.Ready); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.mended", t.ID, struct {
		State   hub.State `json:"state"`
		Because because   `json:"because"`
	}{t.State, why}); err != nil {
		return err
	}
	return tx.SaveTransfer(t, lease)
}

func onlyMendable(faults []hub.Fault) bool {
	return hub.Stops(faults) && !slices.ContainsFunc(faults, func(f hub.Fault) bool { return !f.Warning && !slices.Contains(mendable, f.Code) })
}

// A because says what has mended documents.
type because struct {
	Settings  int `json:"settings_version,omitempty"`
	Registers int `json:"registers_version,omitempty"`
	// Choice: a person has said who the other party is.
	Choice bool `json:"choice,omitempty"`
	// Partners: one was entered or changed there.
	Partners bool `json:"partners,omitempty"`
	// Source: it can be read, or has taken something, again.
	Source bool `json:"source,omitempty"`
	// Items: an item of a dimension, or a product, has come, or stands otherwise.
	Items bool `json:"items,omitempty"`
}
