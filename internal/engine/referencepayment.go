package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file reads payments by reference from Procountor: hourly those of the last two
// weeks, and once a day as far back as one stands that was allocated to nothing. The
// API tells neither of new ones nor of an allocation, and allocates none itself.

const (
	// referencesRecent is how many days back they are read each time.
	referencesRecent = 14
	// referencesFor is how many days one is looked at that nobody allocates.
	referencesFor = 400
	// referencesSlack is how many days before the day in question is asked for: which
	// day of a payment the criterion is of is not described, and money that came before
	// the connection may pay its first invoices.
	referencesSlack = 7
)

// sweepReferences reads a company's payments by reference when it is time.
func (e *Engine) sweepReferences(ctx context.Context, c hub.Company, client *procountor.Client, registers *register.Copy) error {
	now := e.o.Now()
	today := civil.DayOf(now, time.UTC)
	var was store.ReferenceReading
	var from, began civil.Date
	var open []int64
	var whole bool
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if was, err = tx.ReferenceReading(c.ID); err != nil || was.DueAt.After(now) {
			return err
		}
		conns, err := tx.Connections(c.ID)
		if err != nil {
			return err
		}
		for _, conn := range conns {
			if d := civil.DayOf(conn.Created, time.UTC); began.IsZero() || d.Before(began) {
				began = d
			}
		}
		if today.Before(began) {
			began = today // the clocks of nodes differ
		}
		from, whole = today.AddDays(-referencesRecent), was.WholeAt.IsZero() || now.Sub(was.WholeAt) >= watchOpen
		if whole {
			_, first, err := tx.OpenReferencesSince(c.ID, today.AddDays(-referencesFor).String())
			if err != nil {
				return err
			}
			if d, err := civil.Parse(first); err == nil && d.Before(from) {
				from = d
			}
			if was.WholeAt.IsZero() && began.Before(from) {
				from = laterDay(began, today.AddDays(-referencesFor))
			}
		}
		from = laterDay(from, began)
		open, _, err = tx.OpenReferencesSince(c.ID, from.String())
		return err
	}); err != nil || was.DueAt.After(now) || began.IsZero() {
		return err
	}
	next := store.ReferenceReading{DueAt: slotAfter(c.ID, now, watchFirst), WholeAt: was.WholeAt}
	if whole {
		next.WholeAt = now
	}
	seen := map[int64]bool{}
	var rows []hub.ReferencePayment
	flush := func() error {
		list := rows
		rows = nil
		if len(list) == 0 {
			return nil
		}
		return e.store.Tx(ctx, func(tx *store.Tx) error { return tx.PutReferencePayments(list, now) })
	}
	filter := procountor.ReferencePaymentFilter{Start: register.Date(from.AddDays(-referencesSlack))}
	for p, err := range client.ReferencePayments.List(ctx, filter) {
		if x, ok := errors.AsType[*procountor.Error](err); ok && x.Class == procountor.Forbidden {
			next.Barred, next.WholeAt = true, was.WholeAt
			return e.store.Tx(ctx, func(tx *store.Tx) error { return tx.SetReferenceReading(c.ID, next) })
		}
		if err != nil {
			return err
		}
		seen[p.ID] = true
		if rows = append(rows, referencePayment(c.ID, &p, registers)); len(rows) == pageRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		for _, id := range open {
			if seen[id] {
				continue
			}
			if err := tx.ForgetReferencePayment(c.ID, id); err != nil {
				return err
			}
		}
		return tx.SetReferenceReading(c.ID, next)
	})
}

func laterDay(a, b civil.Date) civil.Date {
	if b.After(a) {
		return b
	}
	return a
}

// referencePayment is what is kept of one: no account, and the payer only while a
// person may have to know the payment by it.
func referencePayment(company string, p *procountor.ReferencePayment, registers *register.Copy) hub.ReferencePayment {
	out := hub.ReferencePayment{Company: company, ID: p.ID, ValueDate: p.ValueDate.String(), PaymentDate: p.PaymentDate.String(),
		Sum: amountOf(p.Sum).Fixed(2), Reference: bareReference(p.BankReference), Allocated: p.Allocated || p.InvoiceID > 0, InvoiceID: p.InvoiceID,
		Currency: string(accountCurrency(p.AccountNumber, registers))}
	if out.PaymentDate == "" {
		out.PaymentDate = out.ValueDate
	}
	if !out.Allocated {
		out.Payer = p.Name
	}
	return out
}

// bareReference is a reference as it stands on invoices: banks pad it with zeros.
func bareReference(s string) string {
	if r, err := finland.ParseReference(s); err == nil {
		return string(r)
	}
	if r, err := finland.ParseRF(s); err == nil {
		return string(r)
	}
	return s
}

// accountCurrency is the currency of the company's account of that number, "" when
// the register does not have it.
func accountCurrency(number string, registers *register.Copy) money.Currency {
	for _, a := range registers.BankAccounts {
		if number != "" && (a.IBAN == number || slices.Contains(a.Aliases, number)) {
			return a.Currency
		}
	}
	return ""
}
