package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// An IncomingPayment is one payment as a source hands it over.
type IncomingPayment struct {
	Payment hub.PaymentMade
	Faults  []hub.Fault
	// Raw holds the bytes as received.
	Raw []byte
}

// A PaymentReceipt is the answer to one received payment.
type PaymentReceipt struct {
	Transfer string
	Payment  string
	Document string // row id of the document that it pays, "" while none is known
	Result   Result
	State    hub.State
	Faults   []hub.Fault
}

// ReceivePayments stores the payments that a source has shown, in one transaction
// with the work that follows from them and the wake-up.
func (e *Engine) ReceivePayments(ctx context.Context, connection string, payments []IncomingPayment) (receipts []PaymentReceipt, err error) {
	receive := func() error { receipts, err = e.receivePayments(ctx, connection, payments); return err }
	if store.IsDuplicate(receive()) {
		_ = receive() // the same payment came twice at the same moment: it is there now
	}
	if err != nil {
		return nil, fmt.Errorf("receive payments: %w", err)
	}
	return receipts, nil
}

func (e *Engine) receivePayments(ctx context.Context, connection string, payments []IncomingPayment) (receipts []PaymentReceipt, err error) {
	// Always in the same order, so that two who hand over the same ones do not
	// wait for each other.
	order := make([]int, len(payments))
	packed := make([]store.PackedBlob, len(payments))
	for i := range order {
		order[i] = i
		if packed[i], err = store.PackBlob(payments[i].Raw); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(payments[a].Payment.SourceID, payments[b].Payment.SourceID) })
	err = e.store.Group(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return fmt.Errorf("connection %s: %w", connection, err)
		}
		if err := whileAttached(tx, conn.Company); err != nil {
			return err
		}
		receipts = make([]PaymentReceipt, len(payments))
		for _, i := range order {
			if err := tx.PutPacked(packed[i]); err != nil {
				return err
			}
			if receipts[i], err = e.receivePayment(tx, conn, payments[i], packed[i].Ref); err != nil {
				return err
			}
		}
		return e.wake(tx, conn.Company, e.o.Now())
	})
	return receipts, err
}

func (e *Engine) receivePayment(tx *store.Tx, conn hub.Connection, in IncomingPayment, raw string) (rc PaymentReceipt, err error) {
	row, err := tx.LockPayment(conn.ID, in.Payment.SourceID)
	known := err == nil
	if err != nil && !store.IsNotFound(err) {
		return rc, err
	}
	version := in.Payment.Version()
	same := known && row.Version == version && slices.EqualFunc(row.Faults, in.Faults, hub.Fault.Equal)
	if !same {
		row.Connection, row.SourceID, row.Version, row.Content, row.Raw, row.Faults = conn.ID, in.Payment.SourceID, version, in.Payment, raw, in.Faults
		if row.Document, _, err = documentOf(tx, conn.ID, &in.Payment); err != nil {
			return rc, err
		}
		if err := tx.PutPayment(&row); err != nil {
			return rc, err
		}
	}
	answer := func(t *hub.Transfer, result Result) PaymentReceipt {
		return PaymentReceipt{t.ID, row.ID, row.Document, result, t.State, t.Faults}
	}
	p := paying{row: row}
	if row.Document != "" {
		doc, err := tx.TransferByDocument(conn.Company, row.Document)
		if err != nil {
			return rc, err
		}
		p.doc = &doc
	}
	if !known {
		t := hub.Transfer{Company: conn.Company, Connection: conn.ID, Kind: hub.PaymentTransfer, Direction: hub.In, Subject: row.ID,
			Goal: hub.Deliver, State: hub.Ready}
		if hub.Stops(in.Faults) {
			t.State, t.Faults = hub.Held, in.Faults
		}
		describePayment(&t, p)
		if err := tx.InsertTransfer(&t); err != nil {
			return rc, err
		}
		return answer(&t, ResultNew), act(tx, engineActor, "transfer.received", t.ID, transferAct(&t))
	}
	t, err := tx.TransferOf(conn.Company, hub.PaymentTransfer, hub.In, row.ID)
	if err != nil || same {
		return answer(&t, ResultUnchanged), err
	}
	if t.State == hub.Working || t.State == hub.Unclear {
		return answer(&t, ResultChanged), nil // the engine finds it when the write is done
	}
	lease := t.Lease
	t.WakeAt, t.WaitsFor = time.Time{}, ""
	to, faults := hub.Ready, []hub.Fault(nil)
	switch {
	case hub.Stops(in.Faults):
		to, faults = hub.Held, in.Faults
	case t.State == hub.DoneByHand:
		// A person has seen to it; nobody knows what stands in Procountor.
		to, faults = hub.Held, []hub.Fault{hub.NewFault(hub.PaymentChangedLater, "", "", "date", t.Date, "amount", t.Gross, "why", "payment-by-hand",
			"day", in.Payment.Date.String(), "sum", in.Payment.Amount.String())}
	}
	if !hub.MayMove(t.State, to) {
		if err := t.Move(hub.Ready); err != nil {
			return rc, err
		}
	}
	if err := t.Move(to, faults...); err != nil {
		return rc, err
	}
	if to == hub.Held {
		describePayment(&t, p)
	}
	if err := act(tx, engineActor, "transfer.changed", t.ID, transferAct(&t)); err != nil {
		return rc, err
	}
	return answer(&t, ResultChanged), tx.SaveTransfer(&t, lease)
}
