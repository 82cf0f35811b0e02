package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// This file lets a person choose other dates for a document than its source's. What
// is written then differs from what was written before, so that a voucher that is
// there goes by the third law: it is replaced, or a person is asked.

// ErrDates says that dates make no sense: none, or due before the invoice.
var ErrDates = errors.New("a document needs a date, and is due on it or later")

// MayChangeDates reports whether a person may choose the dates of t now. At journal
// level the source's months decide.
func MayChangeDates(conn hub.Connection, t *hub.Transfer) bool {
	if t.Kind != hub.DocumentTransfer || t.Direction != hub.In || t.DocKind != hub.SalesInvoice && t.DocKind != hub.PurchaseInvoice ||
		inJournal(t) || conn.Settings.Leveled() == hub.JournalLevel && t.InvoiceID == 0 || t.Goal == hub.TakeBack || t.Goal == hub.CreditAnew {
		return false
	}
	if f, ok := find(t.Faults, hub.DocumentChanged); ok && f.Args["was"] != "" {
		return false
	}
	return slices.Contains([]hub.State{hub.Noticed, hub.Ready, hub.Waiting, hub.Held, hub.Refused, hub.Done, hub.DoneWithWarning}, t.State)
}

// ChangeDates lets a document go with other dates than its source's, for a reason;
// a zero date puts the source's back. It refuses with [ErrNotNow] while the document
// is worked on.
func (e *Engine) ChangeDates(ctx context.Context, actor, transfer string, date, due civil.Date, why string) error {
	if strings.TrimSpace(why) == "" || actor == "" || actor == engineActor {
		return fmt.Errorf("choose dates: %w", ErrNoReason)
	}
	if !date.IsZero() && !due.IsZero() && due.Before(date) || date.IsZero() && !due.IsZero() {
		return fmt.Errorf("choose dates: %w", ErrDates)
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTransfer(transfer)
		if err != nil {
			return err
		}
		conn, err := tx.Connection(t.Connection)
		if err != nil {
			return err
		}
		if t.Lease != "" && t.LeaseUntil.After(e.o.Now()) || !MayChangeDates(conn, &t) {
			return fmt.Errorf("dates of %s: %w", t.Number, ErrNotNow)
		}
		if err := notDetached(tx, t.Company); err != nil {
			return fmt.Errorf("dates of %s: %w", t.Number, err)
		}
		row, err := tx.DocumentByID(t.Subject)
		if err != nil {
			return err
		}
		if date.IsZero() && row.Dates == nil {
			return nil // the source's own already
		}
		var c *hub.ChosenDates
		if !date.IsZero() {
			c = &hub.ChosenDates{Version: row.Version, Date: date, DueDate: due, By: actor, Why: why}
		}
		if err := tx.SetDates(row.ID, c); err != nil {
			return err
		}
		doc, _, err := tx.Document(row.ID, row.Version)
		if err != nil {
			return err
		}
		lease := t.Lease
		describe(&t, doc.WithDates(c), row.Version)
		t.Lease, t.LeaseUntil, t.WakeAt, t.WaitsFor, t.Rounds = "", time.Time{}, time.Time{}, "", 0
		if t.Goal.Decided() {
			t.Goal = hub.Deliver // the person saw other dates
		}
		if err := t.Move(hub.Ready); err != nil {
			return fmt.Errorf("%w: %w", ErrNotNow, err)
		}
		if err := act(tx, actor, "transfer.dates", t.ID, struct {
			Date    civil.Date `json:"date"`
			DueDate civil.Date `json:"due_date,omitzero"`
			Source  bool       `json:"source,omitempty"`
			Why     string     `json:"why"`
			Version string     `json:"version"`
		}{doc.WithDates(c).Date, doc.WithDates(c).DueDate, c == nil, why, row.Version}); err != nil {
			return err
		}
		if err := tx.SaveTransfer(&t, lease); err != nil {
			return err
		}
		return e.wake(tx, t.Company, e.o.Now())
	})
}

// withDates is the document as it is written: with the dates that a person has
// chosen for this content of it.
func (l *loaded) withDates(conn hub.Connection) *hub.Document {
	if l.dates == nil || l.stale() || l.member != nil || l.living == 0 && conn.Settings.Leveled() == hub.JournalLevel {
		return l.doc
	}
	return l.doc.WithDates(l.dates)
}

// stale reports whether the source has shown another content since dates were chosen.
func (l *loaded) stale() bool { return l.dates != nil && l.dates.Version != l.version.Version }

// datesAsked is what a document is held with whose source has shown another content
// since a person chose its dates.
func datesAsked(c *hub.ChosenDates) hub.Fault {
	return hub.NewFault(hub.DatesAsked, "date", c.Date.String(), "date", c.Date.String(), "due", c.DueDate.String())
}
