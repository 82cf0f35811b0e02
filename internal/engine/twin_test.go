package engine_test

import (
	"testing"

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

// freshURL is a database of the kind that st is.
func freshURL(t *testing.T, st *store.Store) string {
	if st.Dialect() == store.Postgres {
		return storetest.Postgres(t)
	}
	return storetest.SQLite(t)
}
