package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// An Outcome is what became of one document that was handed over.
type Outcome struct {
	File  string // "" for a pushed one
	Key   string // of the text that says what it is there for
	Shows string // the same in English
	// Again: handed over before, with the same content.
	Again    bool
	Transfer hub.Transfer

	id      string // of the transfer
	repeats bool
	paper   *paper
	expects expected
}

// HandOver hands every document over: files as they are read from disk, the
// others to the API at address. It returns before they have arrived.
func (d *Demo) HandOver(ctx context.Context, address string) error {
	for _, f := range Files(d.today) {
		conn := d.connections[f.Connection]
		docs, err := d.decode(f, conn)
		if err != nil {
			return err
		}
		receipts, err := d.Engine.Receive(ctx, conn.ID, docs, nil)
		if err != nil {
			return err
		}
		if len(receipts) != len(f.expects) {
			return fmt.Errorf("%s: %d documents were read, want %d", f.Name, len(receipts), len(f.expects))
		}
		for i, r := range receipts {
			o := Outcome{File: f.Name, Key: strings.TrimSuffix(f.Name, ".xml"), Shows: f.Shows, Again: r.Result == engine.ResultUnchanged, id: r.Transfer, repeats: f.Repeats, expects: f.expects[i]}
			if i < len(f.papers) {
				o.paper = &f.papers[i]
			}
			d.outcomes = append(d.outcomes, o)
		}
	}
	client := &http.Client{Timeout: 30 * time.Second}
	for i, p := range pushes() {
		again, err := push(ctx, client, address, d.Token.Reveal(), p.paper, d.today)
		if err != nil {
			return err
		}
		id, err := d.transferOf(ctx, finnishAPI, p.paper.number)
		if err != nil {
			return fmt.Errorf("push %s: %w", p.paper.number, err)
		}
		d.outcomes = append(d.outcomes, Outcome{Key: fmt.Sprintf("push-%d", i+1), Shows: p.shows, Again: again, id: id, repeats: p.repeats, paper: &p.paper, expects: p.expects})
	}
	return nil
}

func (d *Demo) transferOf(ctx context.Context, key, number string) (string, error) {
	list, err := store.ReadOne(ctx, d.Store, func(tx *store.Tx) ([]hub.Transfer, error) {
		return tx.ListTransfers(store.TransferFilter{Connection: d.connections[key].ID, Search: number})
	})
	i := slices.IndexFunc(list, func(t hub.Transfer) bool { return t.Number == number })
	if err == nil && i < 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return list[i].ID, nil
}

// pollEvery is how often the demonstration looks whether all is settled.
const pollEvery = 50 * time.Millisecond

// Wait waits until nothing is under way any more and returns what became of
// each document. progress is told how many are settled.
func (d *Demo) Wait(ctx context.Context, progress func(settled, all int)) ([]Outcome, error) {
	for {
		settled := 0
		err := d.Store.Read(ctx, func(tx *store.Tx) error {
			settled = 0
			for i := range d.outcomes {
				t, err := tx.Transfer(d.outcomes[i].id)
				if err != nil {
					return err
				}
				d.outcomes[i].Transfer = t
				if !t.State.Active() {
					settled++
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		progress(settled, len(d.outcomes))
		if settled == len(d.outcomes) {
			return d.outcomes, nil
		}
		select {
		case <-ctx.Done():
			return d.outcomes, fmt.Errorf("%d of %d documents are not settled: %w", len(d.outcomes)-settled, len(d.outcomes), ctx.Err())
		case <-time.After(pollEvery):
		}
	}
}

// Surprise says how an outcome is not what the demonstration expects, "" when it is.
func (o Outcome) Surprise() string {
	t := o.Transfer
	state := t.State
	if state == hub.DoneWithWarning {
		state = hub.Done
	}
	code := ""
	for _, f := range t.Faults {
		if code == "" || !f.Warning {
			code = f.Code
		}
		if !f.Warning {
			break
		}
	}
	switch {
	case state != o.expects.state:
		return fmt.Sprintf("%s %s is %s (%s), expected %s", o.File, t.Number, t.State, code, o.expects.state)
	case o.expects.code != "" && code != o.expects.code:
		return fmt.Sprintf("%s %s is %s for %s, expected %s", o.File, t.Number, t.State, code, o.expects.code)
	case o.repeats != o.Again:
		return fmt.Sprintf("%s %s: handed over again is %t, expected %t", o.File, t.Number, o.Again, o.repeats)
	}
	return ""
}

// A Book compares what the sources say with what Procountor holds, of one
// company, kind and currency.
type Book struct {
	Company  string
	Kind     hub.Kind
	Currency money.Currency
	// Documents that arrived or were there, and invoices in Procountor.
	Documents, Invoices int
	Source, Procountor  money.Amount
	// Doubles are invoices with the number and partner of another.
	Doubles int
}

// Agrees reports whether both sides are the same.
func (b Book) Agrees() bool {
	return b.Documents == b.Invoices && b.Source.Equal(b.Procountor) && b.Doubles == 0
}

// Books reads everything that Procountor holds and compares. It looks at both
// ends only, never at what the hub believes was posted.
func (d *Demo) Books(ctx context.Context) ([]Book, error) {
	var books []Book
	book := func(company string, k hub.Kind, c money.Currency) *Book {
		for i := range books {
			if b := &books[i]; b.Company == company && b.Kind == k && b.Currency == c {
				return b
			}
		}
		books = append(books, Book{Company: company, Kind: k, Currency: c, Source: money.Zero, Procountor: money.Zero})
		return &books[len(books)-1]
	}
	for _, co := range d.companies {
		for _, o := range d.outcomes {
			s := o.expects.state
			if o.Transfer.Company != co.ID || o.paper == nil || o.repeats || s != hub.Done && s != hub.Linked {
				continue
			}
			gross, currency := o.paper.gross(d.today)
			if o.paper.credits != "" && gross.Sign() > 0 {
				gross = gross.Neg() // Peppol states positive sums on a credit note
			}
			kind := hub.SalesInvoice
			if o.paper.buyer.ID == co.BusinessID {
				kind = hub.PurchaseInvoice
			}
			b := book(co.Name, kind, money.Currency(currency))
			b.Documents++
			b.Source = b.Source.Add(gross)
		}
		seen := map[string]bool{}
		for inv, err := range co.client.Invoices.List(ctx, procountor.InvoiceFilter{Types: []procountor.InvoiceType{procountor.SalesInvoice, procountor.PurchaseInvoice}}) {
			if err != nil {
				return nil, fmt.Errorf("read the books of %s: %w", co.Name, err)
			}
			if inv.Status == procountor.StatusInvalidated || inv.Status == procountor.StatusDeleted {
				continue
			}
			kind := hub.SalesInvoice
			if inv.Type == procountor.PurchaseInvoice {
				kind = hub.PurchaseInvoice
			}
			sum, currency, err := total(inv)
			if err != nil {
				return nil, err
			}
			b := book(co.Name, kind, currency)
			b.Invoices++
			b.Procountor = b.Procountor.Add(sum)
			key := fmt.Sprint(inv.Type, inv.OriginalInvoiceNumber, inv.PartnerID)
			if seen[key] {
				b.Doubles++
			}
			seen[key] = true
		}
	}
	return books, nil
}

// total is the sum in the invoice's own currency.
func total(inv procountor.InvoiceInfo) (money.Amount, money.Currency, error) {
	for _, s := range inv.InvoiceSumInfo {
		if !s.InAccountingCurrency || len(inv.InvoiceSumInfo) == 1 {
			a, err := money.Parse(s.InvoiceSumTotal.String())
			return a, money.Currency(s.Currency), err
		}
	}
	if len(inv.InvoiceSumInfo) > 0 {
		s := inv.InvoiceSumInfo[0]
		a, err := money.Parse(s.InvoiceSumTotal.String())
		return a, money.Currency(s.Currency), err
	}
	return money.Zero, "", fmt.Errorf("invoice %d has no sum", inv.ID)
}

// Texts are what each document is there for, in English, by key.
func Texts(today civil.Date) map[string]string {
	m := map[string]string{}
	for _, f := range Files(today) {
		m[strings.TrimSuffix(f.Name, ".xml")] = f.Shows
	}
	for i, p := range pushes() {
		m[fmt.Sprintf("push-%d", i+1)] = p.shows
	}
	return m
}
