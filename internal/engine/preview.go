package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
)

// MaxPreview bounds how many documents one preview looks at.
const MaxPreview = 1000

// A Selection says which stored documents are previewed: those named, or, if none
// is, those that the filter chooses; nothing beyond the filter's reach.
type Selection struct {
	Transfers []string
	Filter    store.TransferFilter
	// Sees says what of private documents may be shown; nil for none. The others are left out.
	Sees func(*hub.Transfer) bool
}

// sees reports whether a document may be looked into.
func (s *Selection) sees(t *hub.Transfer) bool {
	return !t.Private() || s.Sees != nil && s.Sees(t)
}

// A Previewed document is one of a [Preview].
type Previewed struct {
	Transfer hub.Transfer
	// Written says that something has been written of it, or may have been: then
	// nothing is forecast.
	Written bool
	Forecast
	// Requests are the writes that it would take at most: a ledger receipt that
	// shows the posting already is not written. A partner that another document
	// before it needs as well is not counted again.
	Requests int
}

// Goes reports whether the document would be written as things are; while the
// connection does not write, once that is switched on; at journal level, with the
// journal of its month.
func (p *Previewed) Goes() bool {
	return !p.Written && (p.State == hub.Ready || p.State == hub.Noticed || p.State == hub.Waiting && p.Entries != nil)
}

// A Preview says what sending a selection would do, without doing it.
type Preview struct {
	Documents []Previewed
	// Books are what would be booked by the documents that go, per company.
	Books []Book
	// Requests are the writes to Procountor, at most.
	Requests int
	// States count the documents by where they would come to stand; Written those
	// of which something has been written already.
	States  map[hub.State]int
	Written int
	// Cut says that the selection is longer than [MaxPreview] and its rest was
	// left out.
	Cut bool
}

// A Book is what a preview would put into the books of one company.
type Book struct {
	Company hub.Company
	Sums    mapping.Sums
	// Unknown counts the documents that go and whose sums cannot be known to the
	// cent: they state none, and the ways of rounding VAT disagree.
	Unknown int
}

// Preview forecasts a selection of stored documents from the copies of registers
// and invoices: it asks Procountor nothing and stores nothing.
func (e *Engine) Preview(ctx context.Context, sel Selection) (p Preview, err error) {
	list, err := e.selected(ctx, sel)
	if err != nil {
		return p, fmt.Errorf("preview: %w", err)
	}
	if p.Cut = len(list) > MaxPreview; p.Cut {
		list = list[:MaxPreview]
	}
	p.States = map[hub.State]int{}
	partners := map[string]bool{}
	for i := range list {
		t := &list[i]
		steps, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
		if err != nil {
			return p, fmt.Errorf("preview: %w", err)
		}
		d := Previewed{Transfer: *t}
		if !Unwritten(t, steps) {
			d.Written = true
			p.Written++
			p.Documents = append(p.Documents, d)
			continue
		}
		if d.Forecast, err = e.CheckStored(ctx, t); err != nil {
			return p, fmt.Errorf("preview %s: %w", t.Number, err)
		}
		if p.States[d.State]++; d.Goes() {
			if err := p.book(ctx, e, &d, partners); err != nil {
				return p, fmt.Errorf("preview %s: %w", t.Number, err)
			}
		}
		p.Documents = append(p.Documents, d)
	}
	for i := range p.Books {
		p.Books[i].Sums.Sort()
	}
	return p, nil
}

// selected are the documents of a selection, at most one more than is looked at.
func (e *Engine) selected(ctx context.Context, sel Selection) (list []hub.Transfer, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		for _, id := range sel.Transfers {
			t, err := tx.Transfer(id)
			if store.IsNotFound(err) {
				continue // gone meanwhile
			}
			if err != nil {
				return err
			}
			if t.Kind == hub.DocumentTransfer && t.Direction == hub.In && t.DocKind != hub.Unreadable && sel.Filter.Reach.Has(t.Company, t.DocKind) && sel.sees(&t) {
				list = append(list, t)
			}
		}
		if len(sel.Transfers) > 0 {
			return nil
		}
		f := sel.Filter
		f.Partners, f.Payments, f.Limit = false, false, 0
		for {
			page, next, err := tx.Page(f)
			if err != nil {
				return err
			}
			for _, t := range page {
				if t.DocKind != hub.Unreadable && t.Direction == hub.In && sel.sees(&t) {
					list = append(list, t)
				}
			}
			if f.After = next; next == "" || len(list) > MaxPreview {
				return nil
			}
		}
	})
	return list, err
}

// book counts the requests of a document that goes and takes its entries.
func (p *Preview) book(ctx context.Context, e *Engine, d *Previewed, partners map[string]bool) error {
	for _, s := range d.Steps {
		if s.Kind == hub.MakePartner {
			key := d.Transfer.Company + " " + d.partnerKey
			if partners[key] {
				continue
			}
			partners[key] = true
		}
		if s.Kind == hub.MakeItem || s.Kind == hub.MakeProduct {
			key := fmt.Sprint(d.Transfer.Company, " ", s.Kind, " ", s.Detail.Item.Dimension, " ", hub.ItemKey(s.Detail.Item.Code))
			if partners[key] {
				continue
			}
			partners[key] = true
		}
		d.Requests++
	}
	p.Requests += d.Requests
	at := slices.IndexFunc(p.Books, func(b Book) bool { return b.Company.ID == d.Transfer.Company })
	if at < 0 {
		company, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(d.Transfer.Company) })
		if err != nil {
			return err
		}
		at = len(p.Books)
		p.Books = append(p.Books, Book{Company: company})
	}
	b := &p.Books[at]
	if d.Bookings == nil {
		b.Unknown++
		return nil
	}
	b.Sums.Add(d.Transfer.DocKind, d.Bookings)
	return nil
}
