package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A Doubt is a party of which it is not certain who it is, with all the documents
// that wait for somebody to say so.
type Doubt struct {
	Company    string
	Connection string
	Party      string // see [matching.PartyKey]
	Name       string
	// First is the transfer of the oldest document; whoever settles it settles all.
	First string
	Kind  hub.Kind
	Since time.Time
	// Numbers are those of the documents, the oldest first, and Sums what they come
	// to, by currency.
	Numbers []string
	Sums    map[string]money.Amount

	// Said is what the oldest document says of it; Code why it is in doubt.
	Said hub.Party
	Code string
	// Mend: by setting nobody says here who it is; one of the two cards is mended.
	Mend bool
	// NoNew: nobody may say that a partner is to be made.
	NoNew      bool
	Candidates []matching.Candidate
}

// MaxDoubts is how many doubts are looked into at a time.
const MaxDoubts = 50

// Doubts returns the parties of a company, or of one connection of it, of which it
// is not certain who they are: those for whom most documents wait first. more is how
// many there are beside them; nothing beyond reach is among them.
func (e *Engine) Doubts(ctx context.Context, company, connection string, reach people.Reach) (list []Doubt, more int, err error) {
	held, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]store.PartyHeld, error) { return tx.PartiesHeld(company, partnerCodes, reach) })
	if err != nil {
		return nil, 0, fmt.Errorf("list doubts: %w", err)
	}
	at := map[[2]string]int{}
	for _, h := range held {
		if connection != "" && h.Connection != connection {
			continue
		}
		key := [2]string{h.Connection, h.Party}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key] = i
			list = append(list, Doubt{Company: company, Connection: h.Connection, Party: h.Party, Name: h.Name, First: h.Transfer, Kind: h.Kind, Since: h.Since,
				Sums: map[string]money.Amount{}})
		}
		d := &list[i]
		d.Numbers = append(d.Numbers, h.Number)
		if sum, err := money.Parse(h.Gross); err == nil {
			d.Sums[h.Currency] = d.Sums[h.Currency].Add(sum)
		}
	}
	slices.SortStableFunc(list, func(a, b Doubt) int {
		return cmp.Or(len(b.Numbers)-len(a.Numbers), a.Since.Compare(b.Since))
	})
	if len(list) > MaxDoubts {
		more = len(list) - MaxDoubts
		list = list[:MaxDoubts]
	}
	for i := range list {
		d := &list[i]
		var t hub.Transfer
		if err := e.store.Read(ctx, func(tx *store.Tx) error {
			if t, err = tx.Transfer(d.First); err != nil {
				return err
			}
			doc, _, err := tx.Document(t.Subject, t.Version)
			if err == nil {
				d.Said = *doc.Counterparty()
			}
			return err
		}); err != nil {
			return nil, 0, fmt.Errorf("list doubts: %w", err)
		}
		f, err := e.CheckStored(ctx, &t)
		if err != nil {
			return nil, 0, err
		}
		d.Mend, d.NoNew, d.Candidates = f.Mend, f.NoNew, f.Candidates
		if fault, ok := find(f.Faults, partnerCodes...); ok {
			d.Code = fault.Code
		} else if fault, ok := find(t.Faults, partnerCodes...); ok {
			d.Code = fault.Code
		}
	}
	return list, more, nil
}

// CountDoubts says how many parties of each company are in doubt.
func (e *Engine) CountDoubts(ctx context.Context, companies []string, reach people.Reach) (counts map[string]int, err error) {
	counts = map[string]int{}
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		for _, c := range companies {
			held, err := tx.PartiesHeld(c, partnerCodes, reach)
			if err != nil {
				return err
			}
			seen := map[[2]string]bool{}
			for _, h := range held {
				seen[[2]string{h.Connection, h.Party}] = true
			}
			counts[c] = len(seen)
		}
		return nil
	})
	return counts, err
}
