package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// SameRun reports whether a payroll run is there already with the very same journals, so
// that handing it in again would change nothing.
func (e *Engine) SameRun(ctx context.Context, connection string, in Incoming) (bool, error) {
	if in.Document == nil || in.Document.Kind != hub.PayrollJournal {
		return false, nil
	}
	parts, _, err := e.apart(ctx, connection, []Incoming{in})
	if err != nil {
		return false, fmt.Errorf("same run: %w", err)
	}
	ready, err := e.prepareAll(ctx, connection, parts)
	if err != nil {
		return false, fmt.Errorf("same run: %w", err)
	}
	same := true
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		for i := range ready {
			row, err := tx.DocumentBySource(connection, ready[i].Document.SourceID)
			if err != nil && !store.IsNotFound(err) {
				return err
			}
			same = same && err == nil && row.Version == ready[i].packed.Version && ready[i].gone == nil
		}
		return nil
	})
	return same && len(ready) > 0, err
}

// Lets reports whether sending its run would let the journal t go.
func Lets(t *hub.Transfer) bool {
	return t.State == hub.Held && slices.Contains(Allowed(t), SendNow)
}

// PostedRun is what was sent of a payroll run: its journals in Procountor, and those that
// have set them right since. It opens what is private: who asks must be asked first.
func (e *Engine) PostedRun(ctx context.Context, connection, run string) (p format.Posted, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return err
		}
		company, err := tx.Company(conn.Company)
		if err != nil {
			return err
		}
		r, err := tx.PayrollRun(connection, run)
		if err != nil {
			return err
		}
		p = format.Posted{Company: company.Name, BusinessID: company.BusinessID, Reference: r.Reference, Currency: money.Currency(company.Currency)}
		for i := range r.Journals {
			m, err := tx.JournalOf(r.Journals[i].Subject)
			if store.IsNotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			journals := []string{m.Journal}
			list, err := tx.AllCorrections(m.Journal, m.Document)
			if err != nil {
				return err
			}
			for _, c := range list {
				if !c.Ended() {
					journals = append(journals, c.Journal)
				}
			}
			for _, id := range journals {
				t, err := tx.TransferByDocument(company.ID, id)
				if err != nil {
					return err
				}
				if t.InvoiceID == 0 {
					continue // nothing was sent of it yet
				}
				doc, _, err := tx.Document(id, t.Version)
				if err != nil {
					return err
				}
				p.Journals = append(p.Journals, format.PostedJournalOf(doc, t.InvoiceNumber, r.Journals[i].Period, conn.Settings.Dimensions))
			}
		}
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("run as it was sent: %w", err)
	}
	return p, nil
}
