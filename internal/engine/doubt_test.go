package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// One entry of the queue for each party, with all that waits for it; settled once,
// for all connections of the company where the person says so.
func TestDoubtsArePerParty(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(asking())
		second := hub.Connection{ID: "second", Company: w.Company.ID, Name: "Second", System: "Second", Settings: w.Connection.Settings, Writing: true}
		w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertConnection(second, "test") }))
		w.Must(w.Engine.SetWriting(t.Context(), "test", second.ID, true))
		doubts := func(connection string) []engine.Doubt {
			t.Helper()
			list, more, err := w.Engine.Doubts(t.Context(), w.Company.ID, connection, people.Reach{})
			w.Must(err)
			if more != 0 {
				t.Errorf("%d more", more)
			}
			return list
		}
		before := customers(w)
		alone := doubtful("1004")
		alone.Buyer.BusinessID, alone.Buyer.Name = "", "Somebody Else Oy"
		w.Receive(doubtful("1001"), doubtful("1002"), doubtful("1003"), alone, enginetest.Sale("1005", "10"))
		_, err := w.Engine.Receive(t.Context(), second.ID, []engine.Incoming{{Document: doubtful("2001"), Raw: []byte("raw")}}, nil)
		w.Must(err)
		w.Settle()
		list := doubts("")
		if len(list) != 3 || !slices.Equal(list[0].Numbers, []string{"1001", "1002", "1003"}) || list[0].Sums["EUR"].Fixed(2) != "376.50" ||
			list[0].Code != hub.PartnerConflict || list[0].Mend || len(list[0].Candidates) != 1 || list[0].Said.BusinessID != doubtful("1").Buyer.BusinessID {
			t.Fatalf("%+v", list)
		}
		if one := doubts(second.ID); len(one) != 1 || one[0].Connection != second.ID || !slices.Equal(one[0].Numbers, []string{"2001"}) {
			t.Errorf("%+v", one)
		}
		if n, err := w.Engine.CountDoubts(t.Context(), []string{w.Company.ID}, people.Reach{}); err != nil || n[w.Company.ID] != 3 {
			t.Errorf("%v, %v", n, err)
		}
		// Who it is, is said of one document, for all connections.
		w.Must(w.Engine.ChoosePartner(t.Context(), "aino", list[0].First, engine.Saying{Everywhere: true}))
		w.Settle()
		for _, n := range []string{"1001", "1002", "1003", "1005", "2001"} {
			wantState(t, w, n, hub.Done, "")
		}
		if n := customers(w); n != before+1 {
			t.Errorf("%d customers, %d before", n, before)
		}
		// By now two entries have its number, so it is asked still, and for another reason.
		if left := doubts(""); len(left) != 1 || left[0].Name != "Somebody Else Oy" || left[0].Code != hub.PartnerAmbiguous {
			t.Errorf("%+v", left)
		}
		// What was said for all can be undone for all only.
		if err := w.Engine.UndoPartnerChoice(t.Context(), "aino", w.Company.ID, second.ID, list[0].Party); !store.IsNotFound(err) {
			t.Errorf("undone for one connection: %v", err)
		}
		w.Must(w.Engine.UndoPartnerChoice(t.Context(), "aino", w.Company.ID, "", list[0].Party))
	})
}

// A conflict that the settings refuse is mended on one of the two cards, and what it
// held goes on; nobody says here who it is.
func TestConflictIsRefused(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(doubtful("1001"))
	w.Settle()
	list, _, err := w.Engine.Doubts(t.Context(), w.Company.ID, "", people.Reach{})
	w.Must(err)
	if len(list) != 1 || !list[0].Mend {
		t.Fatalf("%+v", list)
	}
	for _, partner := range []int64{0, list[0].Candidates[0].Partner.ID} {
		if err := w.Engine.ChoosePartner(t.Context(), "aino", list[0].First, engine.Saying{Partner: partner}); !errors.Is(err, engine.ErrMend) {
			t.Errorf("%v", err)
		}
	}
	s := w.Connection.Settings
	s.Partner.OtherID = hub.ConflictCreate
	before := customers(w)
	w.SetSettings(s)
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	if n := customers(w); n != before+1 {
		t.Errorf("%d customers, %d before", n, before)
	}
}

// By policy the same id with another number is a partner of its own, made once.
func TestConflictMakesAPartner(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Partner.OtherNumber = hub.ConflictCreate }})
	before := customers(w)
	var docs []*hub.Document
	for i := range 4 {
		d := enginetest.Sale(fmt.Sprint(1001+i), "10")
		d.Buyer.Number = "5005"
		docs = append(docs, d)
	}
	w.Receive(docs...)
	w.Settle()
	for _, d := range docs {
		wantState(t, w, d.Number, hub.Done, "")
	}
	if n := customers(w); n != before+1 {
		t.Errorf("%d customers, %d before", n, before)
	}
}

// Fifty documents of one new customer, at one moment, on two nodes: one partner.
func TestOnePartnerOnTwoNodes(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, InFlight: 8})
		engines := []*engine.Engine{w.Engine, w.NewEngine(w.Store, "other", 8)}
		const documents = 50
		received := make(chan error, documents)
		begin := make(chan struct{})
		for i := range documents {
			go func() {
				<-begin
				d := enginetest.NewParty(enginetest.Sale(fmt.Sprint(1001+i), "10"), 1)
				if i%3 == 1 {
					d.Buyer.BusinessID = "FI" + d.Buyer.BusinessID[:7] + d.Buyer.BusinessID[8:] // another spelling
				}
				if i%3 == 2 {
					d.Buyer.Number = "" // not every document names it
				}
				_, err := engines[i%2].Receive(t.Context(), w.Connection.ID, []engine.Incoming{{Document: d, Raw: []byte(d.Number)}}, nil)
				received <- err
			}()
		}
		close(begin)
		stepped := make(chan error, 2)
		for _, e := range engines {
			go func() {
				var err error
				for range 20 {
					if _, err = e.Step(t.Context(), w.Clock.Now(), w.Company.ID); err != nil {
						break
					}
				}
				stepped <- err
			}()
		}
		for range documents {
			w.Must(<-received)
		}
		for range engines {
			w.Must(<-stepped)
		}
		w.Settle()
		for i := range documents {
			wantState(t, w, fmt.Sprint(1001+i), hub.Done, "")
		}
		if n := partners(w, "Uusi Yritys 1 Oy"); n != 1 {
			t.Errorf("%d partners", n)
		}
	})
}
