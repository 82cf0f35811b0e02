package engine_test

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// While the company of the source is barred nothing of payroll is sent, whichever way it has
// come, with the reason; once the source can be read again it goes on by itself. What is no
// payroll is not concerned.
func TestBarredHoldsRuns(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		feature.Covers(t, "N-2", "N-3")
		s := &shop{}
		w := sourced(t, world, s, enginetest.Config{Writing: true, Settings: enginetest.Pays("", hub.ArriveApproved)})
		pullOnce(t, w)
		before, after := enginetest.Run("Helmikuu 2026", "2000.00", "2026-02", "2026-01"), enginetest.Run("Maaliskuu 2026", "4711.13", "2026-03")
		w.Receive(before)
		w.Settle()

		s.err = &source.BarredError{Why: source.NoData, Company: "Firman Ab (7)"}
		w.Must(w.Engine.PullNow(t.Context(), "anna", w.Connection.ID))
		p := pullOnce(t, w)
		if p.Fault == nil || p.Fault.Code != hub.SourceBarred || p.Fault.Args["blocked"] != "Firman Ab (7)" || !sourceOf(t, w).NextAt.IsZero() {
			t.Fatalf("%+v, next %s", p.Fault, sourceOf(t, w).NextAt)
		}
		w.Receive(after, enginetest.Sale("1001", "100.00"))
		w.Settle()
		if _, err := w.Engine.SendRun(t.Context(), "anna", w.Connection.ID, before.SourceID, ""); err != nil {
			t.Fatal(err)
		}
		w.Settle()
		wantRun(t, w, before, "held source-barred", "held source-barred")
		wantRun(t, w, after, "held source-barred")
		wantBooks(t, w)
		if v := w.Vouchers("1001"); len(v) != 1 {
			t.Errorf("the sale has %d vouchers", len(v))
		}

		s.err = nil
		w.Must(w.Engine.PullNow(t.Context(), "anna", w.Connection.ID))
		pullOnce(t, w)
		w.Settle()
		wantRun(t, w, before, "done", "done")
		wantRun(t, w, after, "held waits-for-person") // nobody has looked at it yet
		wantBooks(t, w, before)
	})
}
