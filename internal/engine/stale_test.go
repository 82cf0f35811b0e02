package engine_test

import (
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// A period is closed after the registers were read and before the document goes:
// Procountor refuses, the registers are read anew at once, and what is wrong is
// said in our own words; nothing is left half-way. Opened again, it goes.
func TestPeriodClosedMeanwhile(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		w.Clock.Add(5 * time.Minute)
		w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
		w.Sandbox.ForgetRequests()
		w.Receive(enginetest.Sale("3001", "10.00"))
		w.Settle()
		wantState(t, w, "3001", hub.Held, hub.PeriodClosed)
		if n := w.Sandbox.Requests()["saveInvoice"]; n != 1 || len(w.Vouchers("3001")) != 0 {
			t.Errorf("%d posts, %d vouchers", n, len(w.Vouchers("3001")))
		}
		w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
		w.Clock.Add(16 * time.Minute)
		w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("3001").ID, engine.Retry, ""))
		w.Settle()
		wantState(t, w, "3001", hub.Done, "")
	})
}

// What the copy cannot know is refused once, and not asked for again and again.
func TestRefusalIsNotTheCopys(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.VATStatuses[hub.SalesInvoice]["S"] = 12 // open to sales, but not with a percent
	}})
	w.Clock.Add(5 * time.Minute)
	w.Sandbox.ForgetRequests()
	d := enginetest.Sale("3002", "10.00")
	w.Receive(d)
	w.Settle()
	tr := w.Transfer("3002")
	if !tr.State.NeedsPerson() || w.Sandbox.Requests()["saveInvoice"] > 2 {
		t.Errorf("%s after %d posts", enginetest.Describe(tr), w.Sandbox.Requests()["saveInvoice"])
	}
}
