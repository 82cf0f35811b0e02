package engine_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

var paidCompanies = flag.Int("paid-companies", 10, "companies of TestPaidWithinAMinute")

// With something open in every company, what is paid in Procountor is known within a
// minute, for few requests: as the service sweeps, every fifteen seconds.
func TestPaidWithinAMinute(t *testing.T) {
	feature.Covers(t, "T-22")
	worlds := []*enginetest.World{enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved)})}
	w := worlds[0]
	for i := range *paidCompanies - 1 {
		worlds = append(worlds, w.Another(fmt.Sprint(i), enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved)}))
	}
	wake := map[string]time.Time{}
	byID := map[string]*enginetest.World{}
	for _, x := range worlds {
		x.Receive(enginetest.Sale("1001", "100"))
		byID[x.Company.ID], wake[x.Company.ID] = x, w.Clock.Now()
	}
	sweep := func() {
		w.Clock.Add(15 * time.Second)
		now := w.Clock.Now()
		open, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]string, error) { return tx.CompaniesWithOpen(now.Add(-40 * time.Second)) })
		w.Must(err)
		for _, id := range open {
			wake[id] = now
		}
		for _, x := range worlds {
			if at := wake[x.Company.ID]; !at.After(now) {
				wake[x.Company.ID] = x.Step(t.Context())
			}
		}
	}
	count := func() (n int) {
		for _, k := range w.Sandbox.Requests() {
			n += k
		}
		return n
	}
	for begin := w.Clock.Now(); w.Clock.Now().Sub(begin) < 5*time.Minute; {
		sweep()
	}
	w.Sandbox.ForgetRequests()
	worst := time.Duration(0)
	begin := w.Clock.Now()
	for i, x := range worlds {
		if i%max(1, len(worlds)/10) == 0 { // ten of them are paid, a minute and more apart
			markByHand(x, x.Vouchers("1001")[0].ID, "2026-03-16", "125.50")
			paid := w.Clock.Now()
			for watchOf(x, "1001").Paid.State != hub.PaidFully {
				if sweep(); w.Clock.Now().Sub(paid) > 5*time.Minute {
					t.Fatalf("company %d: not known to be paid", i)
				}
			}
			worst = max(worst, w.Clock.Now().Sub(paid))
			for w.Clock.Now().Sub(paid) < 97*time.Second {
				sweep()
			}
		}
	}
	rate := float64(count()) / w.Clock.Now().Sub(begin).Seconds()
	if worst > time.Minute || rate > 12*float64(len(worlds))/200 {
		t.Errorf("known after %s, %.2f requests a second for %d companies: %v", worst, rate, len(worlds), w.Sandbox.Requests())
	}
	t.Logf(`{"name":"paid_known_after","value":%.0f,"unit":"s","aim":"<=60"} {"name":"paid_requests_per_second","value":%.2f,"aim":"<=12"} of %d companies`, worst.Seconds(), rate, len(worlds))
}
