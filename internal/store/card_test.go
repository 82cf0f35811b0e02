package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// A card is written over by its one transfer, one write at a time, and what a person
// is asked only because a person wants it.
func TestLawOneWriteOfACard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		of := func(direction hub.Direction) hub.Transfer {
			return hub.Transfer{Company: "company", Connection: "connection", Kind: hub.CardTransfer, Direction: direction, Subject: "10055", Goal: hub.Deliver,
				State: hub.Ready, DocKind: hub.SalesInvoice, PartnerID: 10055, Plan: 1}
		}
		card := of(hub.In)
		s.must(func(tx *store.Tx) error { return tx.InsertTransfer(&card) })
		insert := func(t hub.Transfer) error {
			return s.st.Tx(s.t.Context(), func(tx *store.Tx) error { return tx.InsertTransfer(&t) })
		}
		if insert(of(hub.In)) == nil || insert(of(hub.Out)) == nil {
			t.Error("a card has two transfers")
		}
		write := `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ($1, $2, $3, 1, 'update_partner', $4, 1, $1, '', '', $5, 5, 0, 0, 0, '')`
		plain, asked := `{"card":{"changes":[{"field":"email"}]}}`, `{"card":{"changes":[{"field":"email","why":"edited"}]}}`
		s.refuses("by its own transfer", write, "k1", s.transfer.ID, 1, "intended", plain)
		s.refuses("by a person", write, "k2", card.ID, 1, "intended", asked)
		document := s.transfer
		s.transfer = card
		s.decides("vienti", "card.carried")
		s.refuses("by a person", write, "k3", card.ID, 1, "intended", asked)
		s.must(func(tx *store.Tx) error { _, err := tx.Exec(write, "p1", card.ID, 9, "planned", asked); return err })
		s.refuses("by a person", `update step set state = 'intended' where id = 'p1'`)
		s.must(func(tx *store.Tx) error { _, err := tx.Exec(write, "p2", document.ID, 9, "planned", plain); return err })
		s.refuses("by its own transfer", `update step set state = 'intended' where id = 'p2'`)
		s.decides("aino", "card.carried")
		s.must(func(tx *store.Tx) error { _, err := tx.Exec(write, "k4", card.ID, 1, "intended", asked); return err })
		s.refuses("unique", write, "k5", card.ID, 2, "intended", plain)
	})
}

// The newest word of a party about a card is kept, and found by what it is about.
func TestSayings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		word := store.Saying{Company: "company", Partner: 7, Connection: "connection", Party: "p", Day: "2026-03-10", At: time.UnixMilli(5).UTC(), Document: s.row.ID,
			Said: hub.Card{Name: "A Oy", Address: hub.Address{Street: "K 1"}}}
		s.must(func(tx *store.Tx) error { return tx.PutSaying(&word) })
		next := word
		next.Day, next.Said.Email, next.Version = "2026-03-11", "a@x.fi", "v1"
		next.Settled = hub.CardPairs{hub.CardName: {Said: "A Oy", Card: "A Oy", Left: true}}
		next.Asked = []hub.CardChange{{Field: hub.CardEmail, CardPair: hub.CardPair{Said: "a@x.fi"}, Why: hub.CardShown}}
		s.must(func(tx *store.Tx) error { return tx.PutSaying(&next) })
		s.must(func(tx *store.Tx) error {
			got, err := tx.SayingOf("company", 7, "connection", "p")
			if fmt.Sprint(got) != fmt.Sprint(next) {
				t.Errorf("%+v", got)
			}
			if list, err := tx.Sayings("company", 7); err != nil || len(list) != 1 {
				t.Errorf("%+v %v", list, err)
			}
			if m, err := tx.CardVersions("company", []int64{6, 7}); err != nil || len(m) != 1 || m[7] != "v1" {
				t.Errorf("%v %v", m, err)
			}
			if err := tx.ForgetSayings("company", "connection", "p", 7); err != nil {
				return err
			}
			if _, err := tx.SayingOf("company", 7, "connection", "p"); err != nil {
				t.Errorf("its own word is forgotten: %v", err)
			}
			if err := tx.ForgetSayings("company", "", "p", 8); err != nil {
				return err
			}
			if list, _ := tx.Sayings("company", 7); len(list) != 0 {
				t.Errorf("%+v", list)
			}
			return err
		})
		if later := next; !next.NewerThan(&word) || word.NewerThan(&next) || later.NewerThan(&next) {
			t.Error("which word is newer")
		}
	})
}
