package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// A Likeness is what the settings of a connection would be, were they those of a like
// one.
type Likeness struct {
	// From is the version of the connection's settings that they would follow.
	From     int
	Settings hub.Settings
	Changes  []hub.SettingChange
	// Left is what of the other's settings names something that this company does not
	// have; it stays out.
	Left hub.SettingFaults
}

// SettingsLike says what the settings of a connection would be, were they those of
// another one: what is the company's own stays as it is, and what names something
// that the company's registers do not have stays out. Nothing is stored.
func (e *Engine) SettingsLike(ctx context.Context, connection, other string) (l Likeness, err error) {
	var mine, theirs hub.Connection
	err = e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if mine, err = tx.Connection(connection); err == nil {
			theirs, err = tx.Connection(other)
		}
		return err
	})
	if err != nil {
		return l, err
	}
	here, err := e.Registers(ctx, mine.Company)
	if err != nil {
		return l, err
	}
	there, err := e.Registers(ctx, theirs.Company)
	if err != nil {
		return l, err
	}
	l.From = mine.SettingsVersion
	l.Settings, l.Left = alikeSettings(mine.Settings, theirs.Settings, here, there)
	l.Changes, err = hub.SettingChanges(mine.Settings, l.Settings)
	return l, err
}

// SetSettingsLike stores them as the next version, if the present one is base.
func (e *Engine) SetSettingsLike(ctx context.Context, actor, connection, other string, base int) (version int, err error) {
	l, err := e.SettingsLike(ctx, connection, other)
	if err != nil {
		return 0, err
	}
	return e.SetSettings(ctx, actor, connection, base, l.Settings)
}

// alikeSettings makes settings as those of another connection. A VAT status is known by what
// the company calls it, for its number is the company's own.
func alikeSettings(mine, theirs hub.Settings, here, there *register.Copy) (s hub.Settings, left hub.SettingFaults) {
	s = theirs
	s.Kinds = maps.Clone(theirs.Kinds)
	for k, was := range mine.Kinds {
		now, ok := s.Kinds[k]
		if !ok {
			now = was
		}
		now.On, now.FirstDay = was.On, was.FirstDay
		s.Kinds[k] = now
	}
	s.VATStatuses, s.BankAccount, s.Customers = mine.VATStatuses, mine.BankAccount, mine.Customers
	s.Language, s.Country, s.ChangedApproved = mine.Language, mine.Country, mine.ChangedApproved
	s.Partner.Collective = mine.Partner.Collective
	s.Back.FirstDay = mine.Back.FirstDay
	s.Circulation, s.Claimants = mine.Circulation, mine.Claimants // they name persons, and these work elsewhere
	leave := func(code hub.SettingCode, key, value string) {
		left = append(left, hub.SettingFault{Key: key, Code: code, Value: value})
	}
	s.Accounts = nil
	for i, r := range theirs.Accounts {
		key := fmt.Sprintf("accounts[%d]", i)
		if r.Account != hub.SameAccount && !here.HasAccount(r.Account) {
			leave(hub.SettingAccount, key+".account", r.Account)
			continue
		}
		if r.VATStatus != 0 {
			n, ok := sameStatus(here, there, r)
			if !ok {
				leave(hub.SettingStatus, key+".vat_status", strconv.Itoa(r.VATStatus))
				continue
			}
			r.VATStatus = n
		}
		s.Accounts = append(s.Accounts, r)
	}
	s.Dimensions = nil
	for _, axis := range slices.Sorted(maps.Keys(theirs.Dimensions)) {
		name := theirs.Dimensions[axis]
		if !here.HasDimension(name) {
			leave(hub.SettingDimension, "dimensions."+axis, name)
			name = mine.Dimensions[axis]
		}
		if name != "" {
			if s.Dimensions == nil {
				s.Dimensions = map[string]string{}
			}
			s.Dimensions[axis] = name
		}
	}
	if d := theirs.Back.Dimension; d != "" && !here.HasDimension(d) {
		leave(hub.SettingDimension, "back.dimension", d)
		s.Back = mine.Back
	}
	for _, c := range []struct {
		key  string
		code *string
		own  string
	}{{"default_codes.product", &s.DefaultCodes.Product, mine.DefaultCodes.Product}, {"default_codes.work", &s.DefaultCodes.Work, mine.DefaultCodes.Work}} {
		if _, ok := here.FindProduct(hub.SalesInvoice, *c.code); *c.code != "" && !ok && here.Products != nil {
			leave(hub.SettingMissing, c.key, *c.code)
			*c.code = c.own
		}
	}
	return s, left
}

// sameStatus is the number here of what a rule's VAT status is called there.
func sameStatus(here, there *register.Copy, r hub.AccountRule) (int, bool) {
	called := there.StatusName(r.VATStatus)
	for _, v := range here.VATStatuses {
		fits := !slices.ContainsFunc(hub.Kinds, func(k hub.Kind) bool { return r.On(k) && !v.On(k) })
		if fits && called != "" && v.Description == called {
			return v.Number, true
		}
	}
	return 0, false
}
