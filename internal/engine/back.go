package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file reads purchase invoices out of Procountor, for connections whose source
// takes them back, and for their round of persons here (round.go). Which there are says the copy of what Procountor holds, at no
// request; what is new or due is read in batches with its ledger receipt. What a
// source has shown, and what we have made or may be making, never becomes a document.

const (
	// backBatch is how many invoices are read at a time: Procountor's batches.
	backBatch = procountor.BatchSize
	// backApart is how far the batches of one company are from each other, and
	// backAgain how long after one that failed.
	backApart, backAgain = watchApart, 15 * time.Minute
	// backFirst, backNext and backThen are the rhythm of reading again, in the first
	// day, for two weeks, and while the month is open: dimensions are put on without
	// moving any version, and the costs are wanted some ten minutes later (S-90). All of
	// a company are read at the same moments: two requests for 200.
	backFirst, backNext, backThen = 10 * time.Minute, time.Hour, 24 * time.Hour
	// backNextFor is how long they are read each hour.
	backNextFor = 14 * 24 * time.Hour
	// backBusy is when an invoice is read again whose transfer was worked on.
	backBusy = time.Minute
)

// backStatuses are those in which a purchase invoice is approved: it will be paid,
// and its posting is what the accountant meant.
var backStatuses = []string{string(procountor.StatusApproved), string(procountor.StatusPaymentQueued), string(procountor.StatusPaymentSentToBank),
	string(procountor.StatusPartlyPaid), string(procountor.StatusPaid), string(procountor.StatusMarkedPaid)}

// A backReading is what Procountor shows of one invoice.
type backReading struct {
	inv     *procountor.Invoice // nil: it is there no longer
	receipt *procountor.LedgerReceipt
}

// sweepBack reads one batch of purchase invoices that are new, or due to be read
// again, and reports whether more are.
func (r *run) sweepBack(ctx context.Context) (more bool, err error) {
	e, company, now := r.e, r.company.ID, r.now()
	if !slices.ContainsFunc(r.connections(), func(c hub.Connection) bool { return c.Settings.Back.Purchases || c.Settings.Circulation.On }) {
		return false, nil
	}
	if next, ok := e.nextBack.Load(company); ok && now.Before(next.(time.Time)) {
		return next.(time.Time).Sub(now) <= backApart, nil
	}
	e.nextBack.Store(company, now.Add(backAgain)) // unless all goes well
	var due []store.Back
	var rounds []store.Round
	fresh, begun := map[string][]store.HistoryRow{}, map[string][]store.HistoryRow{}
	ids := map[int64]bool{}
	err = e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		if due, err = tx.BackDue(company, now, backBatch); err != nil {
			return err
		}
		for _, b := range due {
			ids[b.InvoiceID] = true
		}
		if rounds, err = tx.RoundsDue(company, now, backBatch-len(ids)); err != nil {
			return err
		}
		for _, x := range rounds {
			ids[x.InvoiceID] = true
		}
		who, err := e.crewOf(tx, company)
		if err != nil {
			return err
		}
		if err := e.handOn(tx, r.connections(), who); err != nil {
			return err
		}
		for _, conn := range r.connections() {
			c := conn.Settings.Circulation
			if room := backBatch - len(ids); c.On && room > 0 && who.id(c.Default) != "" {
				if begun[conn.ID], err = tx.UnreadRounds(conn, roundStatuses, room); err != nil {
					return err
				}
				for _, h := range begun[conn.ID] {
					ids[h.InvoiceID] = true
				}
			}
		}
		for _, conn := range r.connections() {
			if room := backBatch - len(ids); conn.Settings.Back.Purchases && room > 0 {
				if fresh[conn.ID], err = foreignPurchases(tx, conn, room); err != nil {
					return err
				}
				for _, h := range fresh[conn.ID] {
					ids[h.InvoiceID] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	if len(ids) == 0 {
		e.nextBack.Store(company, now.Add(backApart))
		return false, nil
	}
	readings, err := readPurchases(ctx, r.client, ids)
	if err != nil {
		return false, err
	}
	e.crash("back/read")
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		for i := range due {
			if err := r.againBack(tx, &due[i], readings[due[i].InvoiceID]); err != nil {
				return fmt.Errorf("invoice %d: %w", due[i].InvoiceID, err)
			}
		}
		for i := range rounds {
			if err := r.againRound(tx, rounds[i].ID, readings[rounds[i].InvoiceID]); err != nil && !errors.Is(err, store.ErrRoundMoved) {
				return fmt.Errorf("round of invoice %d: %w", rounds[i].InvoiceID, err)
			}
		}
		for _, conn := range r.connections() {
			for _, h := range begun[conn.ID] {
				if err := r.firstRound(tx, conn, h, readings[h.InvoiceID]); err != nil {
					return fmt.Errorf("round of invoice %d: %w", h.InvoiceID, err)
				}
			}
			for _, h := range fresh[conn.ID] {
				if err := r.firstBack(tx, conn, h, readings[h.InvoiceID]); err != nil {
					return fmt.Errorf("invoice %d: %w", h.InvoiceID, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, x := range readings {
		if x.inv != nil && !gone(x.inv.Status) && x.receipt == nil {
			return false, nil // what cannot be read now is not asked for every ten seconds
		}
	}
	e.nextBack.Store(company, now.Add(backApart))
	return len(ids) >= backBatch, nil
}

// connections are those of the company, always in the same order.
func (r *run) connections() (list []hub.Connection) {
	for _, c := range r.conns {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b hub.Connection) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// foreignPurchases are invoices that a connection has not looked at and that no
// source has shown; those that one has are kept as such, and never read.
func foreignPurchases(tx *store.Tx, conn hub.Connection, limit int) (list []store.HistoryRow, err error) {
	all, err := tx.ForeignPurchases(conn, backStatuses, limit)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		came, err := tx.CameFromSource(conn.Company, h.OriginalNumber, h.PartnerName, h.Date, h.Gross)
		if err != nil {
			return nil, err
		}
		if !came {
			list = append(list, h)
			continue
		}
		if err := tx.PutBack(&store.Back{Connection: conn.ID, InvoiceID: h.InvoiceID, Company: conn.Company, Number: h.OriginalNumber, Status: h.Status}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// readPurchases reads invoices and their ledger receipts: two requests for 200.
func readPurchases(ctx context.Context, client *procountor.Client, ids map[int64]bool) (map[int64]backReading, error) {
	var list []int64
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	invoices, err := client.Invoices.GetMany(ctx, list)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return nil, err
	}
	var receipts []int64
	for _, inv := range invoices {
		if !gone(inv.Status) && inv.LedgerReceiptID != 0 {
			receipts = append(receipts, inv.LedgerReceiptID)
		}
	}
	readings := map[int64]backReading{}
	for i := range invoices {
		readings[invoices[i].ID] = backReading{inv: &invoices[i]}
	}
	if len(receipts) == 0 {
		return readings, nil
	}
	entries, err := client.LedgerReceipts.GetMany(ctx, receipts)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return nil, err
	}
	for i := range entries {
		for id, x := range readings {
			if x.inv.LedgerReceiptID == entries[i].ID {
				x.receipt = &entries[i]
				readings[id] = x
			}
		}
	}
	return readings, nil
}

// firstBack makes a document of an invoice that is seen for the first time, unless
// it is ours: then it is kept as such.
func (r *run) firstBack(tx *store.Tx, conn hub.Connection, h store.HistoryRow, x backReading) error {
	if x.inv == nil {
		return tx.ForgetHistory(conn.Company, h.InvoiceID) // what was deleted there is in no list of changes
	}
	if !slices.Contains(backStatuses, string(x.inv.Status)) || x.receipt == nil {
		return nil // opened again since the list was read
	}
	b := store.Back{Connection: conn.ID, InvoiceID: h.InvoiceID, Company: conn.Company, Number: x.inv.OriginalInvoiceNumber, Status: string(x.inv.Status),
		ReceiptID: x.inv.LedgerReceiptID, ReadAt: r.now(), Files: backFiles(x.inv)}
	foreign, err := tx.IsForeign(conn.Company, b.InvoiceID, b.Number)
	if err != nil || !foreign {
		return err // asked again, when it is known what it is
	}
	if _, marked := hub.MarkIn(x.inv.Notes); marked {
		return tx.PutBack(&b) // ours, whatever became of its post
	}
	doc := mapping.Back(x.inv, x.receipt, conn.Settings.Back, r.company, r.registers)
	packed, err := store.PackDocument(doc, nil, nil)
	if err != nil {
		return err
	}
	row := store.DocumentRow{Connection: conn.ID, SourceID: doc.SourceID}
	if err := tx.PutDocument(&row, packed); err != nil {
		return err
	}
	b.Document, b.DueAt = row.ID, slotAfter(conn.Company, r.now(), backFirst)
	if err := tx.PutBack(&b); err != nil {
		return err
	}
	t := hub.Transfer{Company: conn.Company, Connection: conn.ID, Kind: hub.DocumentTransfer, Direction: hub.Out, Subject: row.ID, Goal: hub.Deliver, State: hub.Ready}
	describeBack(&t, doc, packed.Version)
	if err := tx.InsertTransfer(&t); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.received", t.ID, transferAct(&t)); err != nil {
		return err
	}
	return r.e.wake(tx, conn.Company, r.now())
}

// againBack stores what became of an invoice since it was read, and lets its
// transfer be planned anew where that matters.
func (r *run) againBack(tx *store.Tx, b *store.Back, x backReading) error {
	conn, ok := r.conns[b.Connection]
	if !ok {
		return nil
	}
	now := r.now()
	t, err := tx.TransferOf(b.Company, hub.DocumentTransfer, hub.Out, b.Document)
	if err != nil {
		return err
	}
	if t.State == hub.Working || t.State == hub.Unclear || t.Lease != "" && t.LeaseUntil.After(now) {
		b.DueAt = now.Add(backBusy) // a write may be under way: what has changed is seen after it
		return tx.SaveBack(b)
	}
	was, first := b.Status, b.ReadAt
	b.ReadAt = now
	changed := false
	switch {
	case x.inv == nil || gone(x.inv.Status):
		b.Status, b.DueAt = string(procountor.StatusDeleted), time.Time{}
		changed = was != b.Status
	case !slices.Contains(backStatuses, string(x.inv.Status)) || x.receipt == nil:
		b.DueAt = slotAfter(b.Company, now, backFirst) // opened again: what it will be is not known yet
	default:
		b.Status, b.ReceiptID, b.Files = string(x.inv.Status), x.inv.LedgerReceiptID, backFiles(x.inv)
		doc := mapping.Back(x.inv, x.receipt, conn.Settings.Back, r.company, r.registers)
		row, err := tx.LockDocumentByID(b.Connection, b.Document)
		if err != nil {
			return err
		}
		packed, err := store.PackDocument(doc, nil, nil)
		if err != nil {
			return err
		}
		if changed = packed.Version != row.Version; changed {
			if err := tx.PutDocument(&row, packed); err != nil {
				return err
			}
		}
		if _, off := find(t.Faults, hub.BackOff); off && t.State == hub.Skipped {
			changed = conn.Settings.Back.Purchases
		}
		b.DueAt = time.Time{}
		switch open, _ := r.registers.Open(doc.Date); {
		case now.Sub(t.Created) < 24*time.Hour:
			b.DueAt = slotAfter(b.Company, now, backFirst)
		case now.Sub(t.Created) < backNextFor:
			b.DueAt = slotAfter(b.Company, now, backNext)
		case open, now.Sub(first) < backThen:
			b.DueAt = slotAfter(b.Company, now, backThen)
		}
	}
	if err := tx.SaveBack(b); err != nil || !changed {
		return err
	}
	return r.readyBack(tx, &t)
}

// readyBack lets a document from Procountor be planned anew. What a person has done
// by hand is not written beside it: the person is asked.
func (r *run) readyBack(tx *store.Tx, t *hub.Transfer) error {
	lease := t.Lease
	to, faults := hub.Ready, []hub.Fault(nil)
	if t.State == hub.DoneByHand {
		to, faults = hub.Held, []hub.Fault{hub.NewFault(hub.BackChanged, "", "", "number", fmt.Sprint(t.InvoiceNumber))}
	}
	t.Lease, t.LeaseUntil, t.WakeAt, t.WaitsFor = "", time.Time{}, time.Time{}, ""
	if err := t.Move(to, faults...); err != nil {
		return err
	}
	if err := act(tx, engineActor, "transfer.changed", t.ID, transferAct(t)); err != nil {
		return err
	}
	if err := tx.SaveTransfer(t, lease); err != nil {
		return err
	}
	return r.e.wake(tx, t.Company, r.now())
}

// describeBack copies what people look for. The invoice is no voucher of ours, so its
// id stays out of the transfer; its number is what people know it by.
func describeBack(t *hub.Transfer, doc *hub.Document, version string) {
	describe(t, doc, version)
	_, _ = fmt.Sscan(doc.VoucherNumber, &t.InvoiceNumber)
}
