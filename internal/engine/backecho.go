package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// echoed is the verdict on a document that a source shows and that is what we have
// written there: it carries the mark of a record of ours, and is a purchase, or has
// the number of the invoice that the record is of. A sale that only repeats the text
// of a cost, for it is invoiced onwards, goes.
func (r *run) echoed(ctx context.Context, doc *hub.Document) (*verdict, error) {
	keys := marksIn(doc)
	if len(keys) == 0 {
		return nil, nil
	}
	of, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (hub.Transfer, error) { return writtenAs(tx, r.company.ID, doc, keys) })
	if store.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &verdict{state: hub.Skipped, faults: []hub.Fault{hub.NewFault(hub.WrittenByUs, "", "", "number", fmt.Sprint(of.InvoiceNumber)).Warn()}}, nil
}

// marksIn are the keys of all marks of ours in the texts of a document.
func marksIn(doc *hub.Document) (keys []string) {
	texts := []string{doc.Text, doc.Notes, doc.References.Order, doc.References.Buyer, doc.References.Seller}
	for i := range doc.Lines {
		l := &doc.Lines[i]
		texts = append(texts, l.Name, l.Code, l.Description, l.Comment)
	}
	for _, text := range texts {
		if key, ok := hub.MarkIn(text); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// writtenAs finds the document from Procountor that has become what a source shows.
func writtenAs(tx *store.Tx, company string, doc *hub.Document, keys []string) (hub.Transfer, error) {
	same, err := tx.ReturnedByNumber(company, doc.Number)
	if err != nil {
		return hub.Transfer{}, err
	}
	for i := range same { // an earlier attempt's mark, too
		steps, err := tx.Steps(same[i].ID, 0)
		if err != nil {
			return hub.Transfer{}, err
		}
		for _, s := range steps {
			if slices.ContainsFunc(attemptKeys(company, &same[i], s), func(k string) bool { return slices.Contains(keys, k) }) {
				return same[i], nil
			}
		}
	}
	if doc.Kind != hub.PurchaseInvoice {
		return hub.Transfer{}, store.ErrNotFound
	}
	for _, key := range keys {
		s, err := tx.StepByKey(key)
		if store.IsNotFound(err) {
			continue
		}
		if err != nil {
			return hub.Transfer{}, err
		}
		if s.Kind.ToSource() {
			return tx.Transfer(s.Transfer)
		}
	}
	return hub.Transfer{}, store.ErrNotFound
}
