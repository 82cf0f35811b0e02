package severasim

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
)

var speedInvoices = flag.Int("speed-invoices", 120, "how many invoices are moved within the limits of both systems")

const (
	// severaPerSecond and procountorPerSecond are what the two systems admit.
	severaPerSecond, procountorPerSecond = 10, 60
	// overFloor is how much longer than the limits demand it may take, and overhead what
	// beginning and end take whatever the number of invoices is.
	overFloor, overhead = 1.05, 30 * time.Second
)

// Invoices with dimensions and a file each go as fast as the limits of the two systems
// let them: reading, posting and telling Severa go on at once, and nobody asks for a
// turn that he does not use.
func TestAsFastAsTheLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(enginetest.Start.Add(time.Minute))) // the clock in a bubble begins in 2000
		s := enginetest.NewSevera()
		s.Now = time.Now
		cfg := enginetest.Config{RealTime: true, InFlight: 20, PerSecond: procountorPerSecond, Settings: func(set *hub.Settings) {
			settings(set)
			k := set.Kinds[hub.SalesInvoice]
			k.Files.Goes = hub.FilesOnly
			set.Kinds[hub.SalesInvoice] = k
			k = set.Kinds[hub.TravelInvoice]
			k.On = false
			set.Kinds[hub.TravelInvoice] = k
		}}
		s.Into(&cfg)
		w := enginetest.OnSQLite(t)(cfg)
		w.Severa(s, nil)
		for i := range *speedInvoices {
			guid := s.NewInvoice(severafake.Invoice{Number: 1001 + i, Date: "2026-03-16", Due: "2026-03-30", Status: s.Waiting, Customer: s.Customer, Projects: []string{s.Project},
				Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "2", Price: "80.00", VAT: "25.5", Unit: "h", Code: []string{"SUUN"}, CostCentre: "200"}}})
			s.AddFile(guid, "erittely.pdf", "application/pdf", severafake.PDF("Erittely", fmt.Sprint(i)))
		}
		w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
		w.Sandbox.ForgetRequests()
		asked := 0
		for _, n := range s.Requests() {
			asked -= n
		}
		begin := time.Now()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{}, 2)
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				if _, err := w.Engine.Pull(ctx, w.Connection.ID); err != nil && ctx.Err() == nil {
					t.Errorf("pull: %v", err)
				}
				time.Sleep(time.Second)
			}
		}()
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				if _, err := w.Engine.Step(ctx, time.Now(), w.Company.ID); err != nil && ctx.Err() == nil {
					t.Errorf("step: %v", err)
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
		for written := s.Writes(); s.Writes() < written+*speedInvoices; time.Sleep(time.Second) {
			if time.Since(begin) > 3*time.Hour {
				t.Errorf("%d of %d were moved in three hours", s.Writes()-written, *speedInvoices)
				break
			}
		}
		took := time.Since(begin)
		stop()
		<-done
		<-done
		theirs, ours := asked, 0
		for _, n := range s.Requests() {
			theirs += n
		}
		for _, n := range w.Sandbox.Requests() {
			ours += n
		}
		floor := max(time.Duration(theirs)*time.Second/severaPerSecond, time.Duration(ours)*time.Second/procountorPerSecond)
		n := float64(*speedInvoices)
		for _, figure := range []struct {
			name, unit, aim string
			value           float64
		}{
			{"severa_invoices", "documents", "", n},
			{"severa_requests_per_invoice", "requests", "", float64(theirs) / n},
			{"severa_procountor_requests_per_invoice", "requests", "", float64(ours) / n},
			{"severa_over_floor", "ratio", "<=1.05", took.Seconds() / floor.Seconds()},
		} {
			b, err := json.Marshal(map[string]any{"name": figure.name, "value": figure.value, "unit": figure.unit, "aim": figure.aim})
			w.Must(err)
			t.Log(string(b))
		}
		if limit := time.Duration(float64(floor)*overFloor) + overhead; took > limit {
			t.Errorf("took %s where the limits ask for %s", took, floor)
		}
		for _, o := range s.All("invoices") {
			if text(o, "status", "guid") != s.Transferred {
				t.Errorf("%s stands in %s", text(o, "number"), text(o, "status", "name"))
			}
		}
		for number := 1001; number < 1001+*speedInvoices; number += max(1, *speedInvoices/50) {
			if v := w.Vouchers(fmt.Sprint(number)); len(v) != 1 || len(v[0].Attachments) != 1 {
				t.Errorf("%d: %d vouchers", number, len(v))
			}
		}
		states, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (map[hub.State]int, error) {
			return tx.CountTransfers(store.TransferFilter{Connection: w.Connection.ID})
		})
		w.Must(err)
		t.Log(states)
	})
}
