package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// ErrSettingsChanged says that somebody else has changed the settings meanwhile.
var ErrSettingsChanged = errors.New("the settings have changed meanwhile")

// SetSettings stores new settings of a connection as its next version, if the
// present one is base; 0 is any. They are checked as a whole: what is wrong is a
// [hub.SettingFaults]. Settings that change nothing make no version. What is held
// for something that the change may have mended goes on by itself.
func (e *Engine) SetSettings(ctx context.Context, actor, connection string, base int, s hub.Settings) (version int, err error) {
	return e.setSettings(ctx, actor, connection, base, s, 0)
}

// BackTo makes the settings of an earlier version the next one, if the present
// one is base; 0 is any. What the company no longer has is a [hub.SettingFaults].
func (e *Engine) BackTo(ctx context.Context, actor, connection string, base, earlier int) (version int, err error) {
	was, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.SettingsVersion, error) { return tx.SettingsAt(connection, earlier) })
	if err != nil {
		return 0, err
	}
	return e.setSettings(ctx, actor, connection, base, was.Settings, earlier)
}

// setSettings is [Engine.SetSettings]; back is the earlier version that s is of, or 0.
func (e *Engine) setSettings(ctx context.Context, actor, connection string, base int, s hub.Settings, back int) (version int, err error) {
	conn, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connection) })
	if err != nil {
		return 0, err
	}
	registers, err := e.Registers(ctx, conn.Company)
	if err != nil {
		return 0, err
	}
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		was, err := tx.LockConnection(connection)
		if err != nil {
			return err
		}
		if base != 0 && base != was.SettingsVersion {
			return fmt.Errorf("connection %s: %w", was.Name, ErrSettingsChanged)
		}
		company, err := tx.Company(was.Company)
		if err != nil {
			return err
		}
		if err := checkSettings(was.Settings, s, company, registers); err != nil {
			return err
		}
		changes, err := hub.SettingChanges(was.Settings, s)
		if err != nil || len(changes) == 0 {
			version = was.SettingsVersion
			return err
		}
		if version, err = tx.SetSettings(connection, s, actor); err != nil {
			return err
		}
		if err := e.goOn(tx, was.Company, connection, codesOfSettings(changes), because{Settings: version}); err != nil {
			return err
		}
		if err := tx.WakeWaiting(connection, hub.WaitsForPerson); err != nil {
			return err
		}
		if was.Settings.Back != s.Back {
			if err := tx.BackAgain(connection); err != nil {
				return err
			}
		}
		if was.Settings.Telling != s.Telling {
			if err := tx.WakeReports(connection); err != nil {
				return err
			}
		}
		if aboutItems(changes) {
			if err := tx.WakeItems(was.Company, connection); err != nil {
				return err
			}
		}
		if w := was.Settings.Partner; w.CustomerChanges != s.Partner.CustomerChanges || w.SupplierChanges != s.Partner.SupplierChanges || w.Persons != s.Partner.Persons {
			if err := tx.WakeCards(connection); err != nil {
				return err
			}
		}
		if err := e.wake(tx, conn.Company, e.o.Now()); err != nil {
			return err
		}
		if err := act(tx, actor, "connection.settings", connection, struct {
			Version int                 `json:"version"`
			BackTo  int                 `json:"back_to,omitempty"`
			Changes []hub.SettingChange `json:"changes"`
		}{version, back, changes}); err != nil || was.Settings.Leveled() == s.Leveled() {
			return err
		}
		// What waits for its month is decided anew; nothing that is written moves.
		if err := tx.WakePeriods(connection); err != nil {
			return err
		}
		return e.wake(tx, was.Company, e.o.Now())
	})
	return version, err
}

// HeldAccounts are the accounts of the source for which documents of a
// connection wait.
func (e *Engine) HeldAccounts(ctx context.Context, connection string) ([]posting.SourceAccount, error) {
	var all []hub.Transfer
	f := store.TransferFilter{Connection: connection, Code: hub.AccountUnmapped}
	for {
		var page []hub.Transfer
		if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
			page, f.After, err = tx.Page(f)
			return err
		}); err != nil {
			return nil, err
		}
		if all = append(all, page...); f.After == "" {
			return posting.Held(all), nil
		}
	}
}

// checkSettings is [hub.Settings.Check] and what only the company's registers
// know. What was there before and no longer fits is left to the documents that it
// holds, so that the rest can be changed.
func checkSettings(was, s hub.Settings, company hub.Company, r *register.Copy) error {
	var faults hub.SettingFaults
	if err := s.Check(); err != nil && !errors.As(err, &faults) {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(s.VATStatuses)) {
		for _, category := range slices.Sorted(maps.Keys(s.VATStatuses[k])) {
			n := s.VATStatuses[k][category]
			if n > 0 && n != was.VATStatuses[k][category] && !r.HasStatus(k, n) {
				faults = append(faults, hub.SettingFault{Key: "vat_statuses." + string(k) + "." + category, Code: hub.SettingStatus, Value: strconv.Itoa(n)})
			}
		}
	}
	for i, rule := range s.Accounts {
		if rule.VATStatus <= 0 || slices.Contains(was.Accounts, rule) {
			continue
		}
		for _, k := range hub.Kinds {
			if rule.On(k) && !r.HasStatus(k, rule.VATStatus) {
				faults = append(faults, hub.SettingFault{Key: fmt.Sprintf("accounts[%d].vat_status", i), Code: hub.SettingStatus, Value: strconv.Itoa(rule.VATStatus)})
				break
			}
		}
	}
	if s.BankAccount != "" && s.BankAccount != was.BankAccount && r.BankAccounts != nil {
		if _, ok := r.Account(s.BankAccount); !ok {
			faults = append(faults, hub.SettingFault{Key: "bank_account", Code: hub.SettingAccount, Value: s.BankAccount})
		}
	}
	for _, card := range slices.Sorted(maps.Keys(s.Cards)) {
		if account := s.Cards[card]; account != was.Cards[card] && r.Accounts != nil && !r.HasAccount(account) {
			faults = append(faults, hub.SettingFault{Key: "cards." + card, Code: hub.SettingAccount, Value: account})
		}
	}
	for _, from := range slices.Sorted(maps.Keys(s.Units)) {
		if to := s.Units[from]; !slices.Contains(mapping.Units(), to) {
			faults = append(faults, hub.SettingFault{Key: "units." + from, Code: hub.SettingUnit, Value: to})
		}
	}
	if s.Back.Purchases && s.Back.Dimension != was.Back.Dimension && r.Dimensions != nil && !r.HasDimension(s.Back.Dimension) {
		faults = append(faults, hub.SettingFault{Key: "back.dimension", Code: hub.SettingDimension, Value: s.Back.Dimension})
	}
	if s.ChangedApproved && company.Country == "SE" {
		faults = append(faults, hub.SettingFault{Key: "changed_approved", Code: hub.SettingSwedish})
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}
