package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// Whatever is listed, counted, found or told of is exactly what the reach has, by
// whatever question.
func TestReach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		var all []hub.Transfer
		s.must(func(tx *store.Tx) error {
			all = append(all, s.transfer)
			for i, company := range []string{"b", "c"} {
				if err := tx.InsertCompany(hub.Company{ID: company, Client: "client", ProcountorID: int64(i + 2), Environment: hub.Sandbox, BaseURL: "http://x"}, secret.New("k")); err != nil {
					return err
				}
				if err := tx.InsertConnection(hub.Connection{ID: "connection-" + company, Company: company, Name: "n", System: "Files"}, "test"); err != nil {
					return err
				}
			}
			for _, company := range []string{"company", "b", "c"} {
				for i, kind := range []hub.Kind{hub.SalesInvoice, hub.PurchaseInvoice, hub.Journal, hub.Unreadable, ""} {
					for _, state := range []hub.State{hub.Held, hub.DoneWithWarning} {
						tr := hub.Transfer{Company: company, Connection: strings.Replace("connection-"+company, "-company", "", 1), Kind: hub.DocumentTransfer, Direction: hub.In, Subject: fmt.Sprint(company, i, state),
							Goal: hub.Deliver, State: state, DocKind: kind, Number: "same", Plan: 1, Faults: []hub.Fault{hub.NewFault(hub.PeriodClosed, "", "")}}
						if kind == "" {
							tr.Kind = hub.PartnerTransfer
						}
						if err := tx.InsertTransfer(&tr); err != nil {
							return err
						}
						if state == hub.DoneWithWarning {
							if err := tx.OpenTasks(&tr, []string{hub.OffsetByHand}); err != nil {
								return err
							}
						}
						all = append(all, tr)
					}
				}
			}
			return nil
		})
		for name, reach := range map[string]people.Reach{
			"everything":        {},
			"nothing":           people.Nowhere,
			"one company":       people.Over([]string{"b"}),
			"two companies":     people.Over([]string{"c", "company"}),
			"one kind":          people.OfKinds(hub.SalesInvoice),
			"two kinds":         people.OfKinds(hub.PurchaseInvoice, hub.Journal),
			"a kind of one":     people.Over([]string{"b"}, hub.SalesInvoice),
			"kinds of two":      people.Over([]string{"b", "c"}, hub.Journal, hub.SalesInvoice),
			"what is not there": people.Over([]string{"z"}),
		} {
			counts := func(f store.TransferFilter) func(*store.Tx) (int, error) {
				return func(tx *store.Tx) (n int, err error) {
					m, err := tx.CountTransfers(f)
					for _, x := range m {
						n += x
					}
					return n, err
				}
			}
			lists := func(f store.TransferFilter) func(*store.Tx) (int, error) {
				return func(tx *store.Tx) (int, error) {
					list, err := tx.ListTransfers(f)
					for _, x := range list {
						if !reach.Has(x.Company, x.DocKind) {
							t.Errorf("%s: %s of %s is listed", name, x.DocKind, x.Company)
						}
					}
					return len(list), err
				}
			}
			has := func(fits func(hub.Transfer) bool) (n int) {
				for _, x := range all {
					if reach.Has(x.Company, x.DocKind) && fits(x) {
						n++
					}
				}
				return n
			}
			document := func(x hub.Transfer) bool { return x.Kind == hub.DocumentTransfer }
			needs := func(x hub.Transfer) bool { return x.State == hub.Held || x.State == hub.DoneWithWarning }
			shown := func(x hub.Transfer) bool { return document(x) || x.State == hub.Held }
			wide := store.TransferFilter{Reach: reach, Partners: true}
			narrow := store.TransferFilter{Reach: reach, Search: "same", Company: "b"}
			waiting := store.TransferFilter{Reach: reach, Partners: true, Needs: true}
			for what, c := range map[string]struct {
				ask  func(*store.Tx) (int, error)
				want int
			}{
				"list":        {lists(store.TransferFilter{Reach: reach}), has(document)},
				"with others": {lists(wide), has(shown)},
				"counted":     {counts(wide), has(shown)},
				"searched":    {lists(narrow), has(func(x hub.Transfer) bool { return document(x) && x.Company == "b" })},
				"waiting":     {lists(waiting), has(func(x hub.Transfer) bool { return needs(x) && shown(x) })},
				"waiting too": {counts(waiting), has(func(x hub.Transfer) bool { return needs(x) && shown(x) })},
				"tasks": {func(tx *store.Tx) (n int, err error) {
					list, err := tx.CountTasks("", reach)
					for _, x := range list {
						n += x.Count
					}
					return n, err
				}, has(needs)},
				"tasks of one": {func(tx *store.Tx) (n int, err error) {
					list, err := tx.CountTasks("b", reach)
					for _, x := range list {
						n += x.Count
					}
					return n, err
				}, has(func(x hub.Transfer) bool { return needs(x) && x.Company == "b" })},
				"by id": {func(tx *store.Tx) (int, error) {
					ids := []string{"none"}
					for _, x := range all {
						ids = append(ids, x.ID)
					}
					in, err := tx.TransfersWithin(reach, ids)
					return len(in), err
				}, has(func(hub.Transfer) bool { return true })},
			} {
				var got int
				s.must(func(tx *store.Tx) (err error) { got, err = c.ask(tx); return err })
				if got != c.want {
					t.Errorf("%s: %s: %d, want %d", name, what, got, c.want)
				}
			}
			for _, x := range all {
				var before, after int64
				var some bool
				s.must(func(tx *store.Tx) (err error) { before, _, err = tx.ActsWithin(reach, 0); return err })
				s.must(func(tx *store.Tx) error {
					return tx.AppendAct(audit.Act{Actor: "vienti", Kind: "transfer.held", Subject: x.ID})
				})
				s.must(func(tx *store.Tx) (err error) { after, some, err = tx.ActsWithin(reach, before); return err })
				if after != before+1 || some != reach.Has(x.Company, x.DocKind) {
					t.Errorf("%s: told of %s of %s: %v", name, x.DocKind, x.Company, some)
				}
			}
		}
	})
}

// Roles in single companies and kinds are kept, and replaced as a whole; a change
// of them ends the sessions, and the last administrator of all companies stays.
func TestRightsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		u := people.User{Login: "aino", Role: people.ByCompany, Companies: map[string]people.Role{"company": people.Finance}, Kinds: []hub.Kind{hub.SalesInvoice, hub.Journal}}
		var boss people.User
		s.must(func(tx *store.Tx) (err error) {
			if boss, err = tx.AddPerson(people.User{Login: "boss", Role: people.Admin}, secret.New("seitsemän kirjavaa kissaa")); err != nil {
				return err
			}
			u, err = tx.AddPerson(u, secret.Secret{})
			return err
		})
		kept := func(want people.User) {
			t.Helper()
			s.must(func(tx *store.Tx) error {
				one, err := tx.Person(u.ID)
				if err != nil {
					return err
				}
				byLogin, _, err := tx.PersonByLogin("aino")
				if err != nil {
					return err
				}
				everyone, err := tx.People()
				if err != nil {
					return err
				}
				i := slices.IndexFunc(everyone, func(x people.User) bool { return x.ID == u.ID })
				if !one.Equal(want) || !byLogin.Equal(want) || i < 0 || !everyone[i].Equal(want) {
					t.Errorf("%+v, %+v, %+v, want %+v", one, byLogin, everyone, want)
				}
				return nil
			})
		}
		kept(u)
		for _, change := range []func(*people.User){
			func(u *people.User) { u.Companies = map[string]people.Role{"company": people.Admin}; u.Kinds = nil },
			func(u *people.User) { u.Role, u.Companies = people.Viewer, nil },
			func(u *people.User) { u.Kinds = []hub.Kind{hub.PurchaseInvoice} },
		} {
			change(&u)
			s.must(func(tx *store.Tx) error {
				if _, err := tx.Exec("update person set sessions_since = 1"); err != nil {
					return err
				}
				return tx.SetPerson(u)
			})
			kept(u)
			s.must(func(tx *store.Tx) (err error) { u, err = tx.Person(u.ID); return err })
			if u.SessionsSince.UnixMilli() == 1 {
				t.Error("a change of rights left the sessions")
			}
		}
		boss.Role, boss.Companies = people.ByCompany, map[string]people.Role{"company": people.Admin}
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.SetPerson(boss) }); err == nil {
			t.Error("nobody is left who looks after all companies")
		}
		u.Role, u.Kinds, u.Companies = people.ByCompany, nil, map[string]people.Role{"nowhere": people.Viewer}
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.SetPerson(u) }); err == nil {
			t.Error("a role in a company that does not exist")
		}
	})
}
