package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// This file takes claims apart when they arrive, by who has paid (decision 035): each part
// is a document with a voucher of its own, and what a card of the company has paid is
// marked paid by a payment of its own.

// apart are the documents as they are stored: claims and payroll runs in their parts, and
// parts that a claim does not have any more. of says for each which of docs it comes from; the first
// one answers for it.
func (e *Engine) apart(ctx context.Context, connection string, docs []Incoming) (parts []Incoming, of []int, err error) {
	for i, in := range docs {
		if in.Document != nil && in.Document.Whole() {
			journals, err := e.apartRun(ctx, connection, in)
			if err != nil {
				return nil, nil, err
			}
			for _, j := range journals {
				parts, of = append(parts, j), append(of, i)
			}
			continue
		}
		if in.Document == nil || in.Document.Kind != hub.TravelInvoice || in.Document.Part != nil {
			parts, of = append(parts, in), append(of, i)
			continue
		}
		split := in.Document.Claims()
		gone, err := e.goneFrom(ctx, connection, in, split)
		if err != nil {
			return nil, nil, err
		}
		for n := range split {
			p := partOf(in, &split[n])
			p.gone, gone = gone, nil // with the first, in its transaction
			parts, of = append(parts, p), append(of, i)
		}
	}
	return parts, of, nil
}

// partOf is a part as it comes in: with what reading has found in it.
func partOf(in Incoming, s *hub.Split) Incoming {
	if s.Lines == nil && s.At == nil {
		return in
	}
	p := in
	p.Document, p.lines, p.at, p.Faults, p.Places, p.Base = s.Document, s.Lines, s.At, nil, nil, nil
	for _, f := range in.Faults {
		if path, ok := s.Path(f.Path); ok {
			f.Path = path
			p.Faults = append(p.Faults, f)
		}
	}
	if in.Places != nil {
		p.Places = map[string]string{}
		for path, at := range in.Places {
			if path, ok := s.Path(path); ok {
				p.Places[path] = at
			}
		}
	}
	return p
}

// goneFrom are the parts that were shown of a claim and that it does not have any more.
func (e *Engine) goneFrom(ctx context.Context, connection string, in Incoming, now []hub.Split) (gone []arrival, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.DocumentsOfClaim(connection, in.Document.SourceID)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if slices.ContainsFunc(now, func(s hub.Split) bool { return s.Document.SourceID == row.SourceID }) {
				continue
			}
			doc, _, err := tx.Document(row.ID, row.Version)
			if err != nil {
				return err
			}
			a := Incoming{Document: doc, Raw: in.Raw, Faults: []hub.Fault{hub.NewFault(hub.ClaimPartGone, "", in.Document.Number, "claim", in.Document.Number)}}
			packed, err := store.PackDocument(doc, in.Raw, a.Faults)
			if err != nil {
				return err
			}
			gone = append(gone, arrival{Incoming: a, packed: packed, held: a.Faults})
		}
		return nil
	})
	return gone, err
}

// place is where a part stands in the claim that was handed over.
func partPlace(lines []int) string {
	words := make([]string, len(lines))
	for i, n := range lines {
		words[i] = strconv.Itoa(n)
	}
	return partPrefix + strings.Join(words, ",")
}

const partPrefix = "lines:"

// linesOf are the lines that a place of [partPlace] names, nil for another place.
func linesOf(place string) (lines []int) {
	list, ok := strings.CutPrefix(place, partPrefix)
	if !ok {
		return nil
	}
	for word := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(word); err == nil {
			lines = append(lines, n)
		}
	}
	return lines
}

// receivePart stores what follows from a part of a claim: what a card has paid is paid.
func (e *Engine) receivePart(tx *store.Tx, conn hub.Connection, in arrival, gone bool) error {
	if !in.Document.ByCard() {
		return nil
	}
	p := IncomingPayment{Payment: in.Document.PaidByCard(), Raw: in.Raw}
	switch {
	case gone:
		p.Payment.State = hub.PaymentRemoved
		if _, err := tx.LockPayment(conn.ID, p.Payment.SourceID); store.IsNotFound(err) {
			return nil
		} else if err != nil {
			return err
		}
	case in.Document.Date.IsZero() || hub.Stops(in.Faults):
		return nil // the part is held first, and comes again
	}
	raw, err := store.PackBlob(in.Raw)
	if err != nil {
		return err
	}
	if err := tx.PutPacked(raw); err != nil {
		return err
	}
	_, err = e.receivePayment(tx, conn, p, raw.Ref)
	return err
}

// partGone ends a part that its claim does not have any more, before anything was written
// of it. What stands in Procountor is held, for a person to take back.
func (e *Engine) partGone(tx *store.Tx, conn hub.Connection, in arrival) (active bool, err error) {
	rc, active, err := e.receive(tx, conn, in)
	if err != nil {
		return active, err
	}
	if err := e.receivePart(tx, conn, in, true); err != nil {
		return active, err
	}
	t, err := tx.LockTransfer(rc.Transfer)
	if err != nil {
		return active, err
	}
	if t.State != hub.Held || t.InvoiceID != 0 || t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
		return active, nil
	}
	living, err := tx.LivingVoucher(t.Subject)
	if err != nil || living != 0 {
		return active, err
	}
	lease := t.Lease
	if err := t.Move(hub.Withdrawn, in.Faults[0].Warn()); err != nil {
		return active, err
	}
	t.WakeAt, t.WaitsFor, t.Lease, t.LeaseUntil = time.Time{}, "", "", time.Time{}
	if err := act(tx, engineActor, "transfer.withdrawn", t.ID, transferAct(&t)); err != nil {
		return active, fmt.Errorf("part of %s: %w", t.Number, err)
	}
	return true, tx.SaveTransfer(&t, lease)
}

// checkParts forecasts a claim that is taken apart: what becomes of its first part, with
// what is wrong in any, at its place in the claim.
func (e *Engine) checkParts(ctx context.Context, connection string, given Incoming, parts []hub.Split, settings *hub.Settings) (first Forecast, err error) {
	for n := range parts {
		f, err := e.check(ctx, connection, partOf(given, &parts[n]), settings)
		if err != nil {
			return first, err
		}
		for i := range f.Faults {
			f.Faults[i].Path = parts[n].Whole(f.Faults[i].Path)
		}
		if n == 0 {
			first = f
			continue
		}
		if first.State != hub.Held && f.State == hub.Held {
			first.State = hub.Held
		}
		for _, x := range f.Faults {
			if !slices.ContainsFunc(first.Faults, x.Equal) {
				first.Faults = append(first.Faults, x)
			}
		}
	}
	return first, nil
}
