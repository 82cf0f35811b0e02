package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// Every version of settings stays as it was, with who made it.
func TestSettingsVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		var first hub.Settings
		s.must(func(tx *store.Tx) error {
			c, err := tx.Connection("connection")
			if err != nil {
				return err
			}
			first = c.Settings
			for i, author := range []string{"aino", "matti"} {
				next := hub.DefaultSettings(civil.Must("2026-02-01"))
				next.TermDays = 20 + i
				next.Accounts = []hub.AccountRule{{Source: "300", Sales: true, Account: "3010"}}
				if _, err := tx.SetSettings("connection", next, author); err != nil {
					return err
				}
			}
			return nil
		})
		s.must(func(tx *store.Tx) error {
			list, err := tx.SettingsVersions("connection", 0, 10)
			if err != nil {
				return err
			}
			if len(list) != 3 || list[0].Version != 3 || list[0].Author != "matti" || list[1].Author != "aino" || list[0].Settings.TermDays != 21 ||
				list[1].Settings.TermDays != 20 || list[0].At.IsZero() || len(list[0].Settings.Accounts) != 1 {
				t.Errorf("%+v", list)
			}
			if d := cmp.Diff(first, list[2].Settings); d != "" {
				t.Error(d)
			}
			if list, err = tx.SettingsVersions("connection", 3, 1); err != nil || len(list) != 1 || list[0].Version != 2 {
				t.Errorf("%v %+v", err, list)
			}
			if list, err = tx.SettingsVersions("other", 0, 10); err != nil || len(list) != 0 {
				t.Errorf("%v %+v", err, list)
			}
			v, err := tx.SettingsAt("connection", 2)
			if err != nil || v.Version != 2 || v.Settings.TermDays != 20 || v.Author != "aino" {
				t.Errorf("%v %+v", err, v)
			}
			for _, wrong := range []struct {
				connection string
				version    int
			}{{"connection", 4}, {"connection", 0}, {"other", 1}} {
				if _, err := tx.SettingsAt(wrong.connection, wrong.version); !store.IsNotFound(err) {
					t.Errorf("%v: %v", wrong, err)
				}
			}
			return nil
		})
	})
}
