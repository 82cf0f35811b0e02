package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// cardCodes are what a person is asked about a card.
var cardCodes = []string{hub.PartnerChanged, hub.PartnerDiffers, hub.PartnerEdited}

// AboutCard reports whether a code is what a person is asked about a card.
func AboutCard(code string) bool { return slices.Contains(cardCodes, code) }

// AsksCard reports whether a card is held for a person to say what stands in it.
func AsksCard(t *hub.Transfer) bool {
	return t.Kind == hub.CardTransfer && t.State == hub.Held &&
		slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return AboutCard(f.Code) })
}

// A CardAnswer is what a person says of a card that is held.
type CardAnswer string

// What the source says is carried to the card; or the card stays, and is not asked
// about again until one of the two changes.
const (
	CarryCard CardAnswer = "carry"
	LeaveCard CardAnswer = "leave"
)

// AnswerCard takes what a person says of all that is asked about a card. seen is the
// version of the transfer that they looked at; what has changed since is asked anew,
// with [ErrNotNow].
func (e *Engine) AnswerCard(ctx context.Context, actor, transfer, seen string, answer CardAnswer) error {
	if actor == "" || actor == engineActor {
		return ErrNoReason
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTransfer(transfer)
		if err != nil {
			return err
		}
		if !AsksCard(&t) || t.Version != seen || t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
			return fmt.Errorf("%s the card of %s: %w", answer, t.PartnerName, ErrNotNow)
		}
		if err := notDetached(tx, t.Company); err != nil {
			return err
		}
		words, err := tx.Sayings(t.Company, t.PartnerID)
		if err != nil {
			return err
		}
		var changes []hub.CardChange
		for i := range words {
			w := &words[i]
			for _, c := range w.Asked {
				changes = append(changes, c)
				if answer == CarryCard {
					w.Wanted = w.Wanted.With(c.Field, c.CardPair)
				} else {
					c.Left = true
					w.Settled = w.Settled.With(c.Field, c.CardPair)
				}
			}
			w.Asked = nil
		}
		if err := putSayings(tx, words); err != nil {
			return err
		}
		kind := map[CardAnswer]string{CarryCard: "card.carried", LeaveCard: "card.left"}[answer]
		if kind == "" {
			return fmt.Errorf("answer %q: %w", answer, ErrNotNow)
		}
		if err := act(tx, actor, kind, t.ID, struct {
			Partner int64            `json:"partner"`
			Changes []hub.CardChange `json:"changes"`
		}{t.PartnerID, changes}); err != nil {
			return err
		}
		return e.wakeCard(tx, &t)
	})
}

// A CardNews is what a source and a partner's card have come to differ in.
type CardNews struct {
	Transfer hub.Transfer
	// Changes are those that wait, are under way or were carried last.
	Changes []hub.CardChange
	// Documents are those that have said so.
	Documents []string
	// Carried is when they were, the zero time while they are not.
	Carried time.Time
}

// Open reports whether a person is asked.
func (n CardNews) Open() bool { return AsksCard(&n.Transfer) }

// MaxCards is how many cards are listed at a time.
const MaxCards = 200

// Cards returns the cards of a company in which a source has had something to change,
// of one connection if it is named: those first that a person is asked about, then
// the last changed. more says that older ones are left out; nothing beyond reach is
// among them.
func (e *Engine) Cards(ctx context.Context, company, connection string, reach people.Reach) (list []CardNews, more bool, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.Cards(company, connection, MaxCards+1)
		if err != nil {
			return err
		}
		if more = len(found) > MaxCards; more {
			found = found[:MaxCards]
		}
		for i := range found {
			if !reach.Has(company, found[i].DocKind) {
				continue
			}
			n, err := cardNews(tx, &found[i])
			if err != nil {
				return err
			}
			if len(n.Changes) > 0 || found[i].State.NeedsPerson() {
				list = append(list, n)
			}
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b CardNews) int {
		switch {
		case a.Open() == b.Open():
			return 0
		case a.Open():
			return -1
		}
		return 1
	})
	return list, more, err
}

// CardOf is the card's transfer t with what it is about.
func (e *Engine) CardOf(ctx context.Context, t *hub.Transfer) (CardNews, error) {
	return store.ReadOne(ctx, e.store, func(tx *store.Tx) (CardNews, error) { return cardNews(tx, t) })
}

// CardSaidBy is the card in which a document had something to change; its error is
// [store.ErrNotFound] when it had nothing.
func (e *Engine) CardSaidBy(ctx context.Context, t *hub.Transfer) (CardNews, error) {
	if t.PartnerID == 0 {
		return CardNews{}, store.ErrNotFound
	}
	return store.ReadOne(ctx, e.store, func(tx *store.Tx) (CardNews, error) {
		c, err := tx.TransferOf(t.Company, hub.CardTransfer, hub.In, fmt.Sprint(t.PartnerID))
		if err != nil {
			return CardNews{}, err
		}
		n, err := cardNews(tx, &c)
		if err == nil && (len(n.Changes) == 0 || !slices.Contains(n.Documents, t.Subject)) {
			err = store.ErrNotFound
		}
		return n, err
	})
}

func cardNews(tx *store.Tx, t *hub.Transfer) (n CardNews, err error) {
	n.Transfer = *t
	words, err := tx.Sayings(t.Company, t.PartnerID)
	if err != nil {
		return n, err
	}
	for _, w := range words {
		if len(w.Asked) > 0 {
			n.Changes, n.Documents = append(n.Changes, w.Asked...), append(n.Documents, w.Document)
		}
	}
	if n.Changes != nil || t.Plan == 0 {
		return n, nil
	}
	steps, err := tx.Steps(t.ID, t.Plan)
	if err != nil || len(steps) == 0 || steps[0].Detail.Card == nil {
		return n, err
	}
	n.Changes, n.Documents = steps[0].Detail.Card.Changes, []string{steps[0].Detail.Card.Document}
	if steps[0].State == hub.StepProved {
		n.Carried = steps[0].EndedAt
	}
	return n, nil
}
