package engine_test

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// A new customer in the middle of a batch holds up those after it only until its
// partner is made: nobody waits for the clock.
func TestTurnIsTakenAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		clock := enginetest.NewClock()
		w := enginetest.New(t, st, clock, enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.OrderBySourceNumber = true }})
		stranger := enginetest.Sale("1002", "5.00")
		stranger.Buyer.BusinessID, stranger.Buyer.Number, stranger.Buyer.Name = "2617416-4", "777", "Uusi Oy"
		w.Receive(enginetest.Sale("1001", "100.00"), stranger, enginetest.Sale("1003", "100.00"), enginetest.Sale("1004", "100.00"))
		w.Settle()
		for i, number := range []string{"1001", "1002", "1003", "1004"} {
			if tr := w.Transfer(number); tr.State != hub.Done || i > 0 && tr.InvoiceNumber != w.Transfer("1001").InvoiceNumber+int64(i) {
				t.Errorf("%s as number %d", enginetest.Describe(tr), tr.InvoiceNumber)
			}
		}
		if waited := clock.Now().Sub(enginetest.Start); waited != 0 {
			t.Errorf("they waited for %v", waited)
		}
	})
}
