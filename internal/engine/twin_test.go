package engine_test

import (
	"maps"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// The same invoice handed over under two identities, by an id that changes with
// every export or by file and API at once, is booked once; the other is held and
// says so. Another customer's invoice with that number, and the credit note of
// that number, go their way.
func TestTheSameInvoiceUnderTwoIdentities(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		for _, together := range []bool{true, false} {
			number := map[bool]string{true: "2001", false: "2002"}[together]
			w := enginetest.New(t, storetest.Open(t, freshURL(t, st), store.Options{}), enginetest.NewClock(), enginetest.Config{Writing: true})
			first, twin, other := enginetest.Sale(number, "100.00"), enginetest.Sale(number, "100.00"), enginetest.Sale(number, "100.00")
			twin.SourceID += "/again"
			other.SourceID += "/other"
			other.Buyer.Name, other.Buyer.BusinessID, other.Buyer.Number = "Tarina & Co Oy", "3456780-6", "1002"
			if together {
				w.Receive(first, twin, other)
			} else {
				w.Receive(first)
				w.Settle()
				w.Receive(twin, other)
			}
			w.Settle()
			states := map[hub.State]int{}
			for _, tr := range w.Transfers() {
				states[tr.State]++
				if tr.State == hub.Held && (len(tr.Faults) != 1 || tr.Faults[0].Code != hub.DocumentTwin) {
					t.Errorf("held for %v", tr.Faults)
				}
			}
			if got := len(w.Vouchers(number)); got != 2 || states[hub.Done] != 2 || states[hub.Held] != 1 {
				t.Errorf("together %v: %d vouchers, %v", together, got, states)
			}
		}
	})
}

// A series that begins anew in January: the number of another year with another
// sum is another invoice, of ours or of somebody who has written before us; with
// the same sum it may be the same one with a date mended, and a person decides.
func TestSeriesBeginsAnewInJanuary(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := enginetest.New(t, storetest.Open(t, freshURL(t, st), store.Options{}), enginetest.NewClock(), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			sales := s.Kinds[hub.SalesInvoice]
			sales.FirstDay = civil.Must("2024-01-01")
			s.Kinds[hub.SalesInvoice] = sales
		}})
		of := func(number, year, price string) *hub.Document {
			d := enginetest.Sale(number, price)
			d.SourceID += "/" + year
			d.Date, d.DueDate = civil.Must(year+"-01-10"), civil.Must(year+"-01-24")
			return d
		}
		autumn := func(d *hub.Document) *hub.Document { // January 2024 is closed there
			d.Date, d.DueDate = civil.Must("2024-10-10"), civil.Must("2024-10-24")
			return d
		}
		w.Receive(of("1", "2026", "100.00"))
		w.Settle()
		w.Receive(of("1", "2025", "250.00"), autumn(of("1", "2024", "100.00")))
		w.Settle()
		states := map[string]hub.State{}
		for _, tr := range w.Transfers() {
			if tr.Kind == hub.DocumentTransfer {
				states[tr.Date[:4]] = tr.State
				if tr.State == hub.Held && (len(tr.Faults) != 1 || tr.Faults[0].Code != hub.DocumentTwin && tr.Faults[0].Code != hub.AlreadyThere) {
					t.Errorf("%s is held for %v", tr.Date, tr.Faults)
				}
			}
		}
		if want := (map[string]hub.State{"2026": hub.Done, "2025": hub.Done, "2024": hub.Held}); !maps.Equal(states, want) {
			t.Errorf("got %v, want %v", states, want)
		}
		if n := len(w.Vouchers("1")); n != 2 {
			t.Errorf("%d vouchers", n)
		}
	})
}

// freshURL is a database of the kind that st is.
func freshURL(t *testing.T, st *store.Store) string {
	if st.Dialect() == store.Postgres {
		return storetest.Postgres(t)
	}
	return storetest.SQLite(t)
}
