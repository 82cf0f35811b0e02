package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// AboutItem reports whether a code is what a person is asked about an item.
func AboutItem(code string) bool { return code == hub.ItemChanged || code == hub.ItemRemoved }

// AsksItem reports whether an item is held for a person to say what it is called.
func AsksItem(t *hub.Transfer) bool {
	return t.Kind == hub.ItemTransfer && t.State == hub.Held && slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return AboutItem(f.Code) })
}

// AnswerItem takes what a person says of an item that is held: what the source says is
// carried, or the item stays as it is in Procountor and is not asked about again until the
// source changes. seen is the version of the transfer that they looked at; what has changed
// since is asked anew, with [ErrNotNow].
func (e *Engine) AnswerItem(ctx context.Context, actor, transfer, seen string, answer CardAnswer) error {
	if actor == "" || actor == engineActor {
		return ErrNoReason
	}
	kind := map[CardAnswer]string{CarryCard: "item.carried", LeaveCard: "item.left"}[answer]
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTransfer(transfer)
		if err != nil {
			return err
		}
		if kind == "" || !AsksItem(&t) || t.Version != seen || t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
			return fmt.Errorf("%s %s: %w", answer, t.PartnerName, ErrNotNow)
		}
		if err := notDetached(tx, t.Company); err != nil {
			return err
		}
		words, err := tx.ItemWords(t.Company, t.Subject)
		if err != nil {
			return err
		}
		var changes []hub.ItemChange
		for i := range words {
			w := &words[i]
			c := w.Asked
			if c == nil {
				continue
			}
			changes, w.Asked = append(changes, *c), nil
			switch {
			case answer == CarryCard:
				w.Wanted = c
			case c.Why == hub.ItemGone:
				// Made anew only when a row needs it.
				w.There, w.Subject, w.Needed = 0, "", false
			default:
				w.Said, w.Stands = c.To, c.From
			}
		}
		if err := putItems(tx, words); err != nil {
			return err
		}
		if err := act(tx, actor, kind, t.ID, struct {
			Item    string           `json:"item"`
			Changes []hub.ItemChange `json:"changes"`
		}{t.PartnerName, changes}); err != nil {
			return err
		}
		return e.wakeCard(tx, &t)
	})
}

// An ItemNews is an item as sources list it and as it stands in Procountor.
type ItemNews struct {
	hub.ItemWord
	// Transfer keeps it; nil while there was nothing to be done.
	Transfer *hub.Transfer
}

// Open reports whether a person is asked.
func (n ItemNews) Open() bool { return n.Transfer != nil && AsksItem(n.Transfer) }

// Items lists what the sources of a company list, by axis and code.
func (e *Engine) Items(ctx context.Context, f store.ItemFilter) (list []ItemNews, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		words, err := tx.Items(f)
		if err != nil {
			return err
		}
		for i := range words {
			n, err := itemNews(tx, &words[i])
			if err != nil {
				return err
			}
			list = append(list, n)
		}
		return nil
	})
	return list, err
}

func itemNews(tx *store.Tx, w *hub.ItemWord) (n ItemNews, err error) {
	n.ItemWord = *w
	if w.Subject == "" {
		return n, nil
	}
	kind := hub.ItemTransfer
	if w.Item.Axis == hub.ProductAxis {
		kind = hub.ProductTransfer
	}
	t, err := tx.TransferOf(w.Company, kind, hub.In, w.Subject)
	if store.IsNotFound(err) {
		return n, nil
	}
	n.Transfer = &t
	return n, err
}

// ItemOf is what is said of the item of a transfer.
func (e *Engine) ItemOf(ctx context.Context, t *hub.Transfer) ([]hub.ItemWord, error) {
	return store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]hub.ItemWord, error) { return tx.ItemWords(t.Company, t.Subject) })
}
