package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func dates(t *testing.T, w *enginetest.World, number, date, due string) {
	t.Helper()
	var day, dueDay civil.Date
	if date != "" {
		day, dueDay = civil.Must(date), civil.Must(due)
	}
	w.Must(w.Engine.ChangeDates(t.Context(), "aino", w.Transfer(number).ID, day, dueDay, "the customer wants it on February"))
}

// personal lets nothing go before a person says so.
func personal(s *hub.Settings) {
	k := s.Kinds[hub.SalesInvoice]
	k.When = hub.ByHand
	s.Kinds[hub.SalesInvoice] = k
}

// Other dates than the source's are written; a new content asks anew; and once it
// is there, they are a change like any other.
func TestChosenDates(t *testing.T) {
	feature.Covers(t, "V-62", "V-63")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: personal})
		doc := enginetest.Sale("1001", "100.00")
		w.Receive(doc)
		w.Settle()
		dates(t, w, "1001", "2026-02-27", "2026-03-20")
		w.Settle()
		tr := w.Transfer("1001")
		if tr.Date != "2026-02-27" || tr.DueDate != "2026-03-20" || tr.State != hub.Held {
			t.Fatalf("chosen: %s %s %s", tr.Date, tr.DueDate, enginetest.Describe(tr))
		}

		changed := *doc
		changed.Text = "Kiitos!"
		w.Receive(&changed)
		w.Settle()
		if tr = w.Transfer("1001"); tr.State != hub.Held || tr.Faults[0].Code != hub.DatesAsked || len(w.Vouchers("1001")) != 0 {
			t.Fatalf("another content goes with dates chosen for the first: %s", enginetest.Describe(tr))
		}
		dates(t, w, "1001", "2026-02-26", "2026-03-20")
		w.Settle()
		w.Must(w.Engine.Act(t.Context(), "aino", tr.ID, engine.SendNow, ""))
		w.Settle()
		v := w.Vouchers("1001")
		if len(v) != 1 || v[0].Date != "2026-02-26" || v[0].PaymentInfo.DueDate != "2026-03-20" {
			t.Fatalf("written: %+v", v)
		}
		if doc, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (*hub.Document, error) {
			d, _, err := tx.Document(tr.Subject, w.Transfer("1001").Version)
			return d, err
		}); err != nil || doc.Date != changed.Date {
			t.Errorf("what the source has shown is %v, %v", doc, err)
		}

		// Sent to the customer it is not written anew for another date.
		w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, v[0].ID, "SENT")
		dates(t, w, "1001", "2026-02-25", "2026-03-20")
		w.Settle()
		if tr = w.Transfer("1001"); tr.State != hub.Held || tr.Faults[0].Code != hub.DocumentChanged {
			t.Errorf("after sending: %s", enginetest.Describe(tr))
		}
		if v = w.Vouchers("1001"); len(v) != 1 || v[0].Date != "2026-02-26" {
			t.Errorf("after sending: %+v", v)
		}
		w.Must(w.Engine.Act(t.Context(), "aino", tr.ID, engine.SendBeside, "agreed on"))
		w.Settle()
		if v = w.Vouchers("1001"); len(v) != 2 || v[1].Date != "2026-02-25" {
			t.Errorf("beside it: %+v", v)
		}
	})
}

func TestDatesRefused(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Settings: personal})
	w.Receive(enginetest.Sale("1001", "100.00"))
	w.Settle()
	id := w.Transfer("1001").ID
	day, before := civil.Must("2026-03-10"), civil.Must("2026-03-09")
	for name, c := range map[string]struct {
		actor, why string
		date, due  civil.Date
		want       error
	}{
		"no reason":      {"aino", " ", day, day, engine.ErrNoReason},
		"nobody":         {"", "so", day, day, engine.ErrNoReason},
		"ourselves":      {"vienti", "so", day, day, engine.ErrNoReason},
		"due before":     {"aino", "so", day, before, engine.ErrDates},
		"due and no day": {"aino", "so", civil.Date{}, day, engine.ErrDates},
	} {
		if err := w.Engine.ChangeDates(t.Context(), c.actor, id, c.date, c.due, c.why); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dates(t, w, "1001", "2026-03-01", "2026-03-20")
	dates(t, w, "1001", "", "")
	if tr := w.Transfer("1001"); tr.Date != enginetest.Sale("1001", "1").Date.String() {
		t.Errorf("put back: %s", tr.Date)
	}
}

// The database itself refuses dates that no person has chosen, and a choice while
// a write is in the air.
func TestDatesGuarded(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		var w *enginetest.World
		set := func(number string, c *hub.ChosenDates) error {
			return w.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.SetDates(w.Transfer(number).Subject, c) })
		}
		var inAir error
		w = world(enginetest.Config{Writing: true, Settings: personal, Crash: func(p string) {
			if p == "post_invoice/sent" {
				inAir = set("1002", &hub.ChosenDates{Version: "v", Date: civil.Must("2026-02-27")})
			}
		}})
		w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "100.00"))
		w.Settle()
		w.Must(set("1001", &hub.ChosenDates{Version: w.Transfer("1001").Version, Date: civil.Must("2026-02-27")}))
		w.Must(w.Engine.Act(t.Context(), "aino", w.Transfer("1001").ID, engine.SendNow, ""))
		if _, err := w.TryStep(); err == nil || !strings.Contains(err.Error(), "only a person chooses dates") {
			t.Errorf("dates of nobody: %v", err)
		}
		w.Must(w.Engine.Act(t.Context(), "aino", w.Transfer("1001").ID, engine.Withdraw, "never mind"))
		w.Must(w.Engine.Act(t.Context(), "aino", w.Transfer("1002").ID, engine.SendNow, ""))
		w.Clock.Add(time.Hour)
		w.Settle()
		if inAir == nil || !strings.Contains(inAir.Error(), "while a write is in the air") {
			t.Errorf("while a write is in the air: %v", inAir)
		}
	})
}
