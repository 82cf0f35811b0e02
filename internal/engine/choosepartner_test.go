package engine_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// doubtful is a sale to a customer with the number of another firm.
func doubtful(number string) *hub.Document {
	d := enginetest.Sale(number, "100.00")
	d.Buyer.BusinessID = enginetest.BusinessID(77)
	return d
}

// asking is a world whose connection lets people say who a party is.
func asking() enginetest.Config {
	return enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Partner.OtherID = hub.ConflictAsk }}
}

func customers(w *enginetest.World) (n int) {
	for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
		if p.Type == "CUSTOMER" {
			n++
		}
	}
	return n
}

func candidateOf(t *testing.T, w *enginetest.World, number string) matching.Candidate {
	t.Helper()
	tr := w.Transfer(number)
	f, err := w.Engine.CheckStored(t.Context(), &tr)
	w.Must(err)
	if len(f.Candidates) != 1 {
		t.Fatalf("%+v", f.Candidates)
	}
	return f.Candidates[0]
}

// Same customer number, other business id. A person says once that it is a new
// partner: one is made, everything held for that customer goes on, and later
// documents of it do not ask.
func TestNewPartnerIsChosenOnce(t *testing.T) {
	for _, lost := range []faulty.Kind{faulty.None, faulty.Before, faulty.After} {
		t.Run(string(lost), func(t *testing.T) {
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				w := world(asking())
				before := customers(w)
				w.Receive(doubtful("1001"), doubtful("1002"))
				w.Settle()
				wantState(t, w, "1001", hub.Held, hub.PartnerConflict)
				c := candidateOf(t, w, "1001")
				if !slices.Equal(c.Reasons, []string{matching.SameNumber, matching.SameName, matching.SameAddress, matching.OtherID}) {
					t.Errorf("%v", c.Reasons)
				}
				id := w.Transfer("1001").ID
				if err := w.Engine.ChoosePartner(t.Context(), "aino", id, engine.Saying{Partner: 4711}); !errors.Is(err, engine.ErrNoCandidate) {
					t.Errorf("a partner that was not offered: %v", err)
				}
				if err := w.Engine.ChoosePartner(t.Context(), "vienti", id, engine.Saying{}); !errors.Is(err, engine.ErrNoReason) {
					t.Errorf("the hub chooses: %v", err)
				}
				if lost != faulty.None {
					w.Sandbox.PlanFault(fault(hub.MakePartner, lost))
				}
				w.Must(w.Engine.ChoosePartner(t.Context(), "aino", id, engine.Saying{}))
				w.Settle()
				w.Receive(doubtful("1003"))
				w.Settle()
				for _, n := range []string{"1001", "1002", "1003"} {
					wantState(t, w, n, hub.Done, "")
				}
				if n := customers(w); n != before+1 {
					t.Errorf("%d customers, %d before", n, before)
				}
				if err := w.Engine.ChoosePartner(t.Context(), "aino", id, engine.Saying{}); !errors.Is(err, engine.ErrNotNow) {
					t.Errorf("chosen for what has arrived: %v", err)
				}
				// The same number with yet another id is somebody else.
				d := doubtful("1004")
				d.Buyer.BusinessID = enginetest.BusinessID(78)
				w.Receive(d)
				w.Settle()
				wantState(t, w, "1004", hub.Held, hub.PartnerConflict)
			})
		})
	}
}

// The person says instead that it is the one in the register; undone, the next
// document asks again, and what is in the books stays.
func TestChosenPartnerIsUndone(t *testing.T) {
	w := enginetest.OnSQLite(t)(asking())
	before := customers(w)
	w.Receive(doubtful("1001"))
	w.Settle()
	c := candidateOf(t, w, "1001")
	w.Must(w.Engine.ChoosePartner(t.Context(), "aino", w.Transfer("1001").ID, engine.Saying{Partner: c.Partner.ID}))
	w.Settle()
	w.Receive(doubtful("1002"))
	w.Settle()
	for _, n := range []string{"1001", "1002"} {
		if tr := w.Transfer(n); tr.State != hub.Done || tr.PartnerID != c.Partner.ID {
			t.Error(enginetest.Describe(tr))
		}
	}
	list, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]store.PartnerChoice, error) {
		return tx.PartnerChoices(w.Company.ID, w.Connection.ID)
	})
	w.Must(err)
	if len(list) != 1 || list[0].Author != "aino" || list[0].Partner != c.Partner.ID || list[0].At.IsZero() || list[0].Name != "Kuvitelma Kauppa Oy" {
		t.Fatalf("%+v", list)
	}
	if list[0].Party != matching.PartyKey(register.Customer, doubtful("1").Buyer) {
		t.Error(list[0].Party)
	}
	w.Must(w.Engine.UndoPartnerChoice(t.Context(), "aino", w.Company.ID, w.Connection.ID, list[0].Party))
	w.Receive(doubtful("1003"))
	w.Settle()
	wantState(t, w, "1003", hub.Held, hub.PartnerConflict)
	wantState(t, w, "1001", hub.Done, "")
	if n := customers(w); n != before {
		t.Errorf("%d customers, %d before", n, before)
	}
	if err := w.Engine.UndoPartnerChoice(t.Context(), "aino", w.Company.ID, w.Connection.ID, list[0].Party); !store.IsNotFound(err) {
		t.Errorf("undone twice: %v", err)
	}
}
