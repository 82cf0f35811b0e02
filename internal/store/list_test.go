package store_test

import (
	"fmt"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// Whatever the list is asked for, alone and together, both databases answer, and the
// page, the counts and the plain list agree.
func TestListAgrees(t *testing.T) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			st, c := storetest.Crowded(t, d, 2000)
			if err := st.Read(t.Context(), func(tx *store.Tx) error {
				for _, where := range []store.TransferFilter{{}, {Company: c.Companies[7]}, {Connection: c.Connections[15]}, {Reach: people.Over(c.Companies[:3])},
					{Reach: people.Over(c.Companies, hub.Journal)}, {Reach: people.OfKinds(hub.PurchaseInvoice)}, {Kind: hub.Journal}, {Paid: hub.PaidNothing},
					{Paid: hub.PaidFully}, {From: "2023-01-01", To: "2024-06-30"}} {
					for _, stands := range []store.TransferFilter{{}, {Needs: true}, {States: store.Unmoved}, {States: []hub.State{hub.Done, hub.Linked}}, {States: []hub.State{hub.Skipped}},
						{Code: hub.PeriodClosed}, {Needs: true, Code: hub.OffsetByHand}, {Needs: true, Codes: []string{hub.PeriodClosed, hub.AccountUnmapped}}, {Codes: []string{}}} {
						for _, search := range []string{"", "100010", "1", "oy", "harjun 1000", "zzz", "10.07"} {
							f := where
							f.States, f.Needs, f.Code, f.Codes, f.Search, f.Partners = stands.States, stands.Needs, stands.Code, stands.Codes, search, true
							what := fmt.Sprintf("%+v", f)
							l, err := tx.List(f)
							if err != nil {
								return fmt.Errorf("%s: %w", what, err)
							}
							counts, err := tx.CountTransfers(f)
							if err != nil {
								return fmt.Errorf("%s: %w", what, err)
							}
							n, listed := 0, 0
							for _, of := range counts {
								n += of
							}
							for p := f; ; {
								rows, next, err := tx.Page(p)
								if err != nil {
									return fmt.Errorf("%s: %w", what, err)
								}
								if listed += len(rows); next == "" {
									break
								}
								p.After = next
							}
							if listed != n || l.Whole && l.Found != n || f.Needs && f.Code == "" && f.Codes == nil && l.Needs != n {
								t.Errorf("%s: %d counted, %d listed, %d found, %d need somebody", what, n, listed, l.Found, l.Needs)
							}
						}
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
