package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// receipt reads the ledger receipt that Procountor has made for t's voucher and
// returns what to put over it. Without a body the step needs no sending: t has
// been moved on, or held.
func (r *run) receipt(ctx context.Context, t *hub.Transfer, s *hub.Step) ([]byte, error) {
	read, err := r.readReceipt(ctx, t, s)
	if errors.Is(err, procountor.NotFound) {
		return nil, r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
			return r.settle(tx, t, hub.Held, hub.NewFault(hub.EditedThere, "", "404", "number", fmt.Sprint(t.InvoiceNumber)))
		})
	}
	if err != nil {
		return nil, r.trouble(err)
	}
	if dead := mapping.Dead(s.Detail.Posting, t.DocKind, r.registers); len(dead) > 0 {
		return nil, r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return r.settle(tx, t, hub.Held, dead...) })
	}
	body, faults := mapping.Receipt(read, *s.Detail.Posting)
	if hub.Stops(faults) {
		return nil, r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error { return r.settle(tx, t, hub.Held, faults...) })
	}
	for _, f := range faults {
		if _, told := find(t.Faults, f.Code); !told {
			t.Faults = append(slices.Clone(t.Faults), f)
		}
	}
	p := *s.Detail.Posting
	p.Receipt, p.Version = read.ID, read.Version.String()
	if body != nil {
		s.Detail.Posting = &p
		return body, nil
	}
	return nil, r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		done := *s
		done.Detail.Posting = &p
		if s.State == hub.StepRefused {
			done.State = hub.StepPlanned
			if err := tx.SaveStep(&done, hub.StepRefused); err != nil {
				return err
			}
		}
		done.State, done.EndedAt, done.Fault = hub.StepProved, r.now(), nil
		t.StepAt = s.Seq
		return tx.SaveStep(&done, hub.StepPlanned)
	})
}

// readReceipt reads the receipt by the id that the saved invoice named. It is
// made anew with another id when the invoice is edited, so one that is gone is
// asked of the invoice.
func (r *run) readReceipt(ctx context.Context, t *hub.Transfer, s *hub.Step) (*procountor.LedgerReceipt, error) {
	if id := s.Detail.Posting.Receipt; id != 0 {
		if read, err := r.receipts.read(ctx, id); !errors.Is(err, procountor.NotFound) {
			return read, err
		}
	}
	id, err := r.voucherOf(ctx, t, s)
	if err != nil {
		return nil, err
	}
	inv, err := r.status.read(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.receipts.read(ctx, inv.LedgerReceiptID)
}

// posting says what is left to do with the receipt of a voucher that was made
// before. It is posted when its receipt has been put since the voucher was last
// written: what a person has changed on it since then stays. line is the one of
// the row that evened out a difference, which the document does not have.
func (r *run) posting(ctx context.Context, t *hub.Transfer, written *hub.Step, rows int) (posted bool, line *hub.PostingLine, err error) {
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	for i := range steps {
		s := &steps[i]
		if s.Kind != hub.PutReceipt || s.Detail.Credits != 0 || s.Plan < written.Plan || s.Plan == written.Plan && s.Seq < written.Seq {
			continue
		}
		posted = posted || s.State == hub.StepProved
		if lines := s.Detail.Posting.Lines; len(lines) > rows {
			line = &lines[len(lines)-1]
		}
	}
	return posted, line, err
}
