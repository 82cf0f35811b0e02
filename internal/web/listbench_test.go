package web

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

var crowd = flag.Int("documents", 200_000, "how many documents the list of the benchmark has")

// BenchmarkList asks for every filter and search that the page offers, together, and
// reports how long the slowest twentieth takes: the rows, the counts of the tabs, and
// what it comes to.
func BenchmarkList(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			st := storetest.Open(b, url(b), store.Options{})
			storetest.Crowded(b, st, *crowd)
			b.ResetTimer()
			for range b.N {
				var took []time.Duration
				for _, f := range listFilters() {
					start := time.Now()
					if err := st.Read(b.Context(), func(tx *store.Tx) error {
						_, err := tx.List(f)
						return err
					}); err != nil {
						b.Fatalf("%+v: %v", f, err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, fmt.Sprintf("list_p95_%s:ms", name))
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, fmt.Sprintf("list_p50_%s:ms", name))
			}
		})
	}
}

// listFilters are one in five of all combinations of what the page offers.
func listFilters() (list []store.TransferFilter) {
	n := 0
	add := func(f store.TransferFilter) {
		if f.Partners, f.Limit = true, pageSize; n%5 == 0 {
			list = append(list, f)
		}
		n++
	}
	for _, states := range [][]hub.State{nil, store.Unmoved, {hub.Held}, {hub.Done, hub.DoneWithWarning, hub.Linked}, {hub.Skipped, hub.TakenBack}} {
		for _, where := range []store.TransferFilter{{}, {Company: "company7"}, {Connection: "connection15"}, {Reach: people.Over([]string{"company3", "company9"})}} {
			for _, kind := range []hub.Kind{"", hub.SalesInvoice, hub.Journal} {
				for _, span := range [][2]string{{"", ""}, {"2026-11-01", "2026-11-30"}, {"2022-03-01", ""}, {"", "2022-03-01"}} {
					for _, search := range []string{"", "101000", "1010", "harjun huolto", "oy", "harjun huolto 1345", "zzz", "1234.56", "123 456 7"} {
						f := where
						f.States, f.Kind, f.From, f.To, f.Search = states, kind, span[0], span[1], search
						add(f)
					}
				}
			}
		}
	}
	for _, paid := range hub.PaidStates {
		for _, where := range []store.TransferFilter{{}, {Company: "company7"}, {Kind: hub.PurchaseInvoice}} {
			where.Paid = paid
			add(where)
		}
	}
	for _, needs := range []store.TransferFilter{{}, {Company: "company7"}, {Code: "period-closed"}, {Codes: []string{"account-unmapped"}}} {
		needs.Needs = true
		add(needs)
	}
	return list
}
