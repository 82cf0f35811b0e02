package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// all of it is told.
var all = hub.Telling{Status: hub.TellWrite, Payments: hub.TellWrite}

// telling is a world whose source is told of its documents.
func telling(t *testing.T, world func(enginetest.Config) *enginetest.World, cfg enginetest.Config, how hub.Telling) (*enginetest.World, *enginetest.Teller) {
	t.Helper()
	s := enginetest.NewTeller()
	s.Into(&cfg)
	if cfg.Settings == nil {
		cfg.Settings = arriving(hub.ArriveApproved)
	}
	w := world(cfg)
	w.Teller(s, how)
	return w, s
}

// reported steps until nothing moves, and wants the reports to stand as these words
// say: number, state, first reason.
func reported(t *testing.T, w *enginetest.World, want ...string) {
	t.Helper()
	w.Settle()
	var got []string
	for _, tr := range w.Reports() {
		line := tr.Number + " " + string(tr.State)
		if len(tr.Faults) > 0 {
			line += " " + tr.Faults[0].Code
		}
		got = append(got, line)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func wantTold(t *testing.T, s *enginetest.Teller, want ...string) {
	t.Helper()
	if got := s.Told(); !slices.Equal(got, want) {
		t.Fatalf("told %q, want %q", got, want)
	}
}

// paysThere enters a payment of a voucher in Procountor, and lets it be read.
func paysThere(w *enginetest.World, number, amount, day string) {
	w.T.Helper()
	markByHand(w, w.Vouchers(number)[0].ID, day, amount)
	for range 2 {
		w.Clock.Add(time.Hour)
		_, err := w.TryStep()
		w.Must(err)
	}
}

// What has arrived gets the source's status after the transfer, once; what comes back
// with the next reading is nothing new, and what the source moved before is not taken.
func TestSourceIsTold(t *testing.T) {
	feature.Covers(t, "S-57")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, s := telling(t, world, enginetest.Config{Writing: true}, all)
		s.Put(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "50"), enginetest.Sale("900", "10"))
		s.Set("900", enginetest.TellerMoved, "") // by another integration, before our time
		if p := w.Pull(); p.New != 2 || p.Documents != 3 {
			t.Errorf("%+v", p)
		}
		reported(t, w, "1001 done", "1002 done")
		wantTold(t, s, "1001 Transferred to Procountor", "1002 Transferred to Procountor")
		doc := w.Transfer("1001")
		told, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (hub.Reported, error) { return tx.Reported(doc.Subject) })
		if err != nil || told.ToldAt.IsZero() || !told.Told.Arrived || len(told.Says) == 0 || told.Says[0].Value != enginetest.TellerMoved {
			t.Errorf("%+v, %v", told, err)
		}
		reads := s.Reads()
		if p := w.Pull(); p.New != 0 || p.Changed != 0 {
			t.Errorf("the changed status came back as news: %+v", p)
		}
		reported(t, w, "1001 done", "1002 done")
		s.Put(enginetest.Sale("1001", "120")) // changed there, replaced here: nothing new to be told
		w.Pull()
		reported(t, w, "1001 done", "1002 done")
		wantTold(t, s, "1001 Transferred to Procountor", "1002 Transferred to Procountor")
		if s.Reads() != reads || len(w.Vouchers("900")) != 0 {
			t.Errorf("%d questions about what was told already", s.Reads()-reads)
		}
	})
}

// What Procountor shows as paid goes to the source, with its day; a part changes no
// status there, and a payment that is taken away again is asked about.
func TestSourceIsToldOfPayments(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w, s := telling(t, world, enginetest.Config{Writing: true}, all)
		s.Put(enginetest.Sale("1001", "100"))
		w.Pull()
		reported(t, w, "1001 done")
		paysThere(w, "1001", "25.50", "2026-03-12")
		reported(t, w, "1001 done")
		wantTold(t, s, "1001 Transferred to Procountor")
		paysThere(w, "1001", "100.00", "2026-03-13")
		reported(t, w, "1001 done")
		wantTold(t, s, "1001 Transferred to Procountor", "1001 Paid 2026-03-13")
		doc := w.Transfer("1001")
		told, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (hub.Reported, error) { return tx.Reported(doc.Subject) })
		if err != nil || told.Told.PaidSum != "125.50" || told.Told.Currency != "EUR" {
			t.Errorf("%+v %v", told, err)
		}
	})
}

// While the source is down only the report waits; once it can be read again, one is
// tried, and the others follow.
func TestOnlyTheReportWaits(t *testing.T) {
	w, s := telling(t, enginetest.OnSQLite(t), enginetest.Config{Writing: true}, all)
	s.Put(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "50"), enginetest.Sale("1003", "50"))
	w.Pull()
	s.Deny(true)
	reported(t, w, "1001 held back-denied", "1002 held back-denied", "1003 held back-denied")
	for _, n := range []string{"1001", "1002", "1003"} {
		wantState(t, w, n, hub.Done, "")
	}
	if s.Reads() != 1 {
		t.Errorf("%d questions to a source that denies", s.Reads())
	}
	s.Deny(false)
	w.Pull()
	reported(t, w, "1001 done", "1002 done", "1003 done")
	// The status was deleted there, and made anew.
	s.Put(enginetest.Sale("1004", "100"), enginetest.Sale("1005", "50"))
	s.Forget(true)
	w.Pull()
	reported(t, w, "1001 done", "1002 done", "1003 done", "1004 held report-settings", "1005 held report-settings")
	w.Pull()
	reported(t, w, "1001 done", "1002 done", "1003 done", "1004 held report-settings", "1005 held report-settings")
	s.Forget(false)
	w.Pull()
	reported(t, w, "1001 done", "1002 done", "1003 done", "1004 done", "1005 done")
	// No source at all.
	w.Must(w.Engine.RemoveSource(t.Context(), "anna", w.Connection.ID))
	w.Receive(enginetest.Sale("1006", "70"))
	reported(t, w, "1001 done", "1002 done", "1003 done", "1004 done", "1005 done", "1006 held report-no-teller")
}

// What somebody there has set otherwise is left alone.
func TestWordOfAPersonStays(t *testing.T) {
	w, s := telling(t, enginetest.OnSQLite(t), enginetest.Config{Writing: true}, all)
	s.Put(enginetest.Sale("1001", "100"))
	w.Pull()
	s.Set("1001", "Disputed", "")
	reported(t, w, "1001 done_with_warning report-left")
	w.Clock.Add(time.Hour)
	reported(t, w, "1001 done_with_warning report-left")
	if wantTold(t, s); s.Reads() != 1 || s.Says("1001") != "Disputed" {
		t.Errorf("%d questions, %s", s.Reads(), s.Says("1001"))
	}
}

// Off, nothing is told; shown, it says what would be; and writing goes on from there.
func TestToldBySetting(t *testing.T) {
	w, s := telling(t, enginetest.OnSQLite(t), enginetest.Config{Writing: true}, hub.Telling{})
	s.Put(enginetest.Sale("1001", "100"))
	w.Pull()
	reported(t, w)
	w.Teller(s, hub.Telling{Status: hub.TellShow})
	s.Put(enginetest.Sale("1002", "100"))
	w.Pull()
	reported(t, w, "1002 noticed report-shown")
	if f := w.Reports()[0].Faults[0]; f.Args["now"] != enginetest.TellerReady || f.Args["would"] != enginetest.TellerMoved {
		t.Errorf("%+v", f)
	}
	wantTold(t, s)
	w.Teller(s, hub.Telling{Status: hub.TellWrite})
	reported(t, w, "1002 done")
	wantTold(t, s, "1002 Transferred to Procountor")
	paysThere(w, "1002", "125.50", "2026-03-13")
	reported(t, w, "1002 done")
	w.Teller(s, all)
	reported(t, w, "1002 done")
	wantTold(t, s, "1002 Transferred to Procountor", "1002 Paid 2026-03-13")
	w.Must(w.Engine.SetWriting(t.Context(), "anna", w.Connection.ID, false))
	s.Put(enginetest.Sale("1003", "100"))
	w.Pull()
	reported(t, w, "1002 done") // what has not arrived is not told of
}

// A document that a person leaves as it is in Procountor has arrived, and its source
// hears of it.
func TestToldOfWhatIsLeft(t *testing.T) {
	w, s := telling(t, enginetest.OnSQLite(t), enginetest.Config{Writing: true}, hub.Telling{})
	s.Put(enginetest.Sale("1001", "100"))
	w.Pull()
	w.Settle()
	markByHand(w, w.Vouchers("1001")[0].ID, "2026-03-12", "125.50") // what is paid is not replaced
	w.Teller(s, all)
	s.Put(enginetest.Sale("1001", "120"))
	w.Pull()
	reported(t, w)
	wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	wantTold(t, s)
	w.Must(w.Engine.Act(t.Context(), "anna", w.Transfer("1001").ID, engine.Leave, "agreed by phone"))
	reported(t, w, "1001 done")
	wantTold(t, s, "1001 Paid 2026-03-12")
}

// What is told once is looked for when the answer is lost, whatever becomes of it.
func TestToldOnce(t *testing.T) {
	for _, answer := range []string{"", "lost", "before", "busy", "silent", "ignored"} {
		t.Run(answer, func(t *testing.T) {
			w, s := telling(t, enginetest.OnSQLite(t), enginetest.Config{Writing: true}, all)
			s.Put(enginetest.Sale("1001", "100"))
			s.Answer(answer)
			w.Pull()
			reported(t, w, "1001 done")
			wantTold(t, s, "1001 Transferred to Procountor")
			doc := w.Transfer("1001")
			told, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (hub.Reported, error) { return tx.Reported(doc.Subject) })
			if err != nil || told.ToldAt.IsZero() || s.Says("1001") != enginetest.TellerMoved {
				t.Errorf("%+v, %v; it says %s", told, err, s.Says("1001"))
			}
		})
	}
	w, s := telling(t, enginetest.OnSQLite(t), enginetest.Config{Writing: true}, all)
	s.Put(enginetest.Sale("1001", "100"))
	s.Answer("refused")
	w.Pull()
	reported(t, w, "1001 refused report-refused")
	w.Must(w.Engine.Act(t.Context(), "anna", w.Reports()[0].ID, engine.Retry, ""))
	reported(t, w, "1001 done")
	wantTold(t, s, "1001 Transferred to Procountor")
}

// At every named point the engine dies and another takes over, twice; alone, and
// together with an answer that was lost.
func TestReportCrashes(t *testing.T) {
	for _, point := range []string{"intended", "sent", "recorded", "looked"} {
		for _, answer := range []string{"", "lost", "before"} {
			if point == "looked" && answer == "" {
				continue
			}
			t.Run(point+"-"+answer, func(t *testing.T) {
				t.Parallel()
				enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
					crashed := 0
					w, s := telling(t, world, enginetest.Config{Writing: true, Crash: func(p string) {
						if p == string(hub.TellSource)+"/"+point && crashed < 2 {
							crashed++
							panic(enginetest.Crash(p))
						}
					}}, all)
					s.Put(enginetest.Sale("1001", "100"))
					s.Answer(answer)
					w.Pull()
					reported(t, w, "1001 done")
					wantTold(t, s, "1001 Transferred to Procountor")
					paysThere(w, "1001", "125.50", "2026-03-13")
					reported(t, w, "1001 done")
					if s.Says("1001") != "Paid 2026-03-13" || crashed == 0 {
						t.Errorf("%s, %d crashes", s.Says("1001"), crashed)
					}
				})
			})
		}
	}
}
