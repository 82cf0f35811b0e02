package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// An Entry is one entry of what a voucher would be in the books.
type Entry struct {
	Side Side
	// Account is the number in Procountor's chart, "" for accounts that Procountor
	// chooses by itself; Text is the row's, or the VAT percent.
	Account, Text string
	VATStatus     int
	Debit, Credit money.Amount
}

// A Side says what an entry is about.
type Side string

// A row of the invoice, its VAT, or what the other party owes or is owed.
const (
	SideRow   Side = "row"
	SideVAT   Side = "vat"
	SideParty Side = "party"
)

// Entries are what a document would be in the books.
type Entries struct {
	Lines  []Entry
	Debit  money.Amount
	Credit money.Amount
	// Faults are what would still hold the document.
	Faults []hub.Fault
}

// Entries says what a held or waiting document would be in the books by other
// settings than the connection's. It writes and stores nothing. There are no
// lines when a row has no account, or its sum is not known.
func (e *Engine) Entries(ctx context.Context, transfer string, settings hub.Settings) (j Entries, err error) {
	var t hub.Transfer
	var doc *hub.Document
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if t, err = tx.Transfer(transfer); err != nil {
			return err
		}
		doc, _, err = tx.Document(t.Subject, t.Version)
		return err
	}); err != nil {
		return j, fmt.Errorf("entries: %w", err)
	}
	f, err := e.check(ctx, t.Connection, Incoming{Document: doc}, &settings)
	if err != nil {
		return j, err
	}
	j.Faults = f.Faults
	i := slices.IndexFunc(f.Steps, func(s hub.Step) bool { return s.Kind == hub.PutReceipt && s.Detail.Posting != nil })
	if i < 0 || f.Gross == "" {
		return j, nil
	}
	err = j.enter(doc.Kind, f.Steps[i].Detail.Posting, f.VAT, f.Gross)
	return j, err
}

// enter makes the entries. Sales stand on the credit side, purchases on the
// debit side, and what is negative on the other one.
func (j *Entries) enter(kind hub.Kind, p *hub.Posting, vat, gross string) error {
	add := func(l Entry, text string, credit bool) error {
		a, err := money.Parse(text)
		if err != nil || a.IsZero() {
			return err
		}
		if a.Sign() < 0 {
			a, credit = a.Neg(), !credit
		}
		if credit {
			l.Credit, j.Credit = a, j.Credit.Add(a)
		} else {
			l.Debit, j.Debit = a, j.Debit.Add(a)
		}
		j.Lines = append(j.Lines, l)
		return nil
	}
	sale := !kind.Buys()
	if err := add(Entry{Side: SideParty}, gross, !sale); err != nil {
		return err
	}
	for _, l := range p.Lines {
		if err := add(Entry{Side: SideRow, Account: l.Account, Text: l.Text, VATStatus: l.VATStatus}, l.Net, sale); err != nil {
			return err
		}
	}
	return add(Entry{Side: SideVAT}, cmp.Or(vat, "0"), sale)
}
