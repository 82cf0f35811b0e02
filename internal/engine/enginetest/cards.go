package enginetest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A CardEdit is what a person has written into a partner's card in Procountor.
type CardEdit struct {
	Partner int64
	Field   hub.CardField
	Text    string
}

// Cards are the cards of all partners in Procountor, by id.
func (w *World) Cards() map[int64]hub.Card {
	w.T.Helper()
	m := map[int64]hub.Card{}
	for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
		var entry procountor.Partner
		b, err := json.Marshal(p)
		w.Must(err)
		w.Must(json.Unmarshal(b, &entry))
		m[p.ID] = register.CardOf(entry)
	}
	return m
}

// AuditCards checks the cards of partners: each field holds what stood there at the
// beginning, what a source has said, or what a person has written; and what a person
// has written last stands there still, unless a person has let it be written over.
func (w *World) AuditCards(begin map[int64]hub.Card, shown []*Shown, edits []CardEdit) (errs []error) {
	said := map[hub.CardField][]string{}
	for _, s := range shown {
		for _, d := range s.Versions {
			p := d.Counterparty()
			card := hub.Card{Name: p.Name, Number: p.Number, Address: p.Address, Email: p.Email, EInvoice: p.EInvoice}
			for _, f := range hub.CardFields {
				said[f] = append(said[f], card.Text(f))
			}
		}
	}
	let := w.cardsLet()
	cards := w.Cards()
	for id, card := range cards {
		for _, f := range hub.CardFields {
			is := func(text string) bool { return hub.SameText(f, text, card.Text(f)) }
			if card.Text(f) == "" || is(begin[id].Text(f)) || slices.ContainsFunc(said[f], is) ||
				slices.ContainsFunc(edits, func(e CardEdit) bool { return e.Partner == id && e.Field == f && is(e.Text) }) {
				continue
			}
			errs = append(errs, fmt.Errorf("the %s of partner %d is %q, which nobody has said or written", f, id, card.Text(f)))
		}
	}
	for i, e := range edits {
		later := slices.ContainsFunc(edits[i+1:], func(o CardEdit) bool { return o.Partner == e.Partner && o.Field == e.Field })
		if later || hub.SameText(e.Field, cards[e.Partner].Text(e.Field), e.Text) || slices.ContainsFunc(let, func(l CardEdit) bool {
			return l.Partner == e.Partner && l.Field == e.Field && hub.SameText(e.Field, l.Text, e.Text)
		}) {
			continue
		}
		errs = append(errs, fmt.Errorf("what a person wrote as %s of partner %d is lost: %q, not %q", e.Field, e.Partner, cards[e.Partner].Text(e.Field), e.Text))
	}
	return errs
}

// cardsLet are the texts in cards that persons have let be written over.
func (w *World) cardsLet() (list []CardEdit) {
	w.T.Helper()
	w.Must(w.Store.Read(w.T.Context(), func(tx *store.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var detail string
			if err := scan(&detail); err != nil {
				return err
			}
			var d struct {
				Partner int64
				Changes []hub.CardChange
			}
			err := json.Unmarshal([]byte(detail), &d)
			for _, c := range d.Changes {
				list = append(list, CardEdit{d.Partner, c.Field, c.Card})
			}
			return err
		}, `select a.detail from act a join transfer t on t.id = a.subject where a.kind = 'card.carried' and a.actor <> 'vienti' and t.company = $1`, w.Company.ID)
	}))
	return list
}
