package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// Payroll whose time of keeping is over is masked: its bodies cannot be read any more,
// while runs, states, hashes and acts stay, and the chain of acts still verifies. The same
// run handed over again is the same; nothing comes back.
func TestPayrollIsMasked(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			enginetest.Pays(hub.AtOnce, hub.ArriveApproved)(s)
			s.Payroll.KeepMonths = 12
		}})
		run := enginetest.Run("Maaliskuu 2026", "4711.13", "2026-03", "2026-02")
		w.Receive(run)
		w.Settle()
		wantRun(t, w, run, "done", "done")
		read := func(x hub.Transfer) error {
			return w.Store.Read(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.Document(x.Subject, x.Version)
				return err
			})
		}
		if n, err := w.Engine.MaskPayroll(t.Context(), w.Company.ID); n != 0 || err != nil {
			t.Fatalf("%d masked at once: %v", n, err)
		}
		w.Clock.Set(time.Date(2027, 3, 15, 9, 0, 0, 0, time.UTC)) // February is over, March is not
		if n, err := w.Engine.MaskPayroll(t.Context(), w.Company.ID); n != 2 || err != nil {
			t.Fatalf("%d masked: %v", n, err)
		}
		for _, x := range w.OfRun(run) {
			if err := read(x); errors.Is(err, store.ErrMasked) != (x.Date < "2026-03") || err != nil && !errors.Is(err, store.ErrMasked) {
				t.Errorf("%s: %v", x.Date, err)
			}
		}
		w.Clock.Set(time.Date(2027, 6, 1, 9, 0, 0, 0, time.UTC))
		if n, err := w.Engine.MaskPayroll(t.Context(), w.Company.ID); n != 2 || err != nil {
			t.Fatalf("%d masked: %v", n, err)
		}
		if err := w.Store.Read(t.Context(), func(tx *store.Tx) error {
			for _, x := range w.Transfers() {
				if _, _, err := tx.Document(x.Subject, x.Version); !errors.Is(err, store.ErrMasked) {
					t.Errorf("%s %s can be read: %v", x.DocKind, x.Date, err)
				}
				steps, err := tx.Steps(x.ID, 0)
				if err != nil {
					return err
				}
				for _, s := range steps {
					for _, ref := range []string{s.Request, s.Answer} {
						if _, err := tx.Blob(ref); ref != "" && !errors.Is(err, store.ErrMasked) {
							t.Errorf("%s of %s can be read: %v", s.Kind, x.Number, err)
						}
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.VerifyActs(t.Context()); err != nil {
			t.Errorf("the chain of acts: %v", err)
		}
		if rc := w.Receive(run); rc[0].Result != engine.ResultUnchanged {
			t.Errorf("the same run again: %s", rc[0].Result)
		}
		for _, x := range w.OfRun(run) {
			if err := read(x); !errors.Is(err, store.ErrMasked) {
				t.Errorf("it came back: %v", err)
			}
		}
		// One that was run again otherwise: nobody knows any more what was booked.
		w.Receive(enginetest.Run("Maaliskuu 2026", "4711.14", "2026-03", "2026-02"))
		w.Settle()
		for _, x := range w.OfRun(run) {
			if x.State != hub.Held || len(x.Faults) != 2 || x.Faults[1].Code != hub.PayrollMasked {
				t.Errorf("%s: %s %v", x.Date, x.State, x.Faults)
			}
		}
	})
}
