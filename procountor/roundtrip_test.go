package procountor_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// sandboxClient returns a client of a fresh sandbox's demo company.
func sandboxClient(t *testing.T, o procountortest.Options) (*procountortest.Server, *procountor.Client) {
	t.Helper()
	srv := procountortest.New(o)
	t.Cleanup(func() { srv.Close() })
	demo := srv.Demo()
	c, err := procountor.New(procountor.Options{
		BaseURL: procountortest.BaseURL, HTTP: srv.Client(),
		ClientID: demo.ClientID, ClientSecret: demo.ClientSecret, APIKey: demo.APIKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	return srv, c
}

// A caller who never repeats an unclear write without looking has each invoice exactly once, however
// badly the line behaves, because the client does not repeat it either.
func TestSandboxHostile(t *testing.T) {
	const invoices = 40
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			// The bubble's clock begins in 2000, the sandbox's fiscal years do not.
			later := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Sub(time.Now())
			now := func() time.Time { return time.Now().Add(later) }
			srv := procountortest.New(procountortest.Options{Seed: seed, Now: now, Hostile: procountortest.Hostile{
				Slow: 50, SlowFor: 90 * time.Second, // longer than the client's timeout
				TooMany: 50, HTMLBefore: 50, HTMLAfter: 50, CutBefore: 50, CutAfter: 50, CutBody: 50, ExpireToken: 30,
				SmallPages: 3, UnknownFields: true, UnknownValues: true, Shuffle: true,
			}})
			defer srv.Close()
			demo := srv.Demo()
			c, err := procountor.New(procountor.Options{
				BaseURL: procountortest.BaseURL, HTTP: srv.Client(), MaxReadRetries: 12,
				ClientID: demo.ClientID, ClientSecret: demo.ClientSecret, APIKey: demo.APIKey, Limiter: procountor.NewLimiter(20),
			})
			if err != nil {
				t.Fatal(err)
			}
			unclear := 0
			for n := range invoices {
				number := fmt.Sprintf("S-%d", n)
				for !postOnce(t, c, srv, number, &unclear) {
					t.Logf("seed %d: %s once more", seed, number)
				}
			}
			count := map[string]int{}
			for i, err := range c.Invoices.List(t.Context(), procountor.InvoiceFilter{SearchTerm: "Suopursu"}) {
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				count[i.OriginalInvoiceNumber]++
			}
			for n := range invoices {
				if number := fmt.Sprintf("S-%d", n); count[number] != 1 {
					t.Errorf("seed %d: %s stands %d times in the books", seed, number, count[number])
				}
			}
			if len(count) != invoices || unclear == 0 {
				t.Errorf("seed %d: %d invoices, %d unclear writes", seed, len(count), unclear)
			}
		})
	}
}

// postOnce makes the invoice unless it is there, and reports whether it is.
func postOnce(t *testing.T, c *procountor.Client, srv *procountortest.Server, number string, unclear *int) bool {
	t.Helper()
	day := procountor.DateOf(srv.Now())
	_, err := c.Invoices.Create(t.Context(), &procountor.Invoice{
		Type: procountor.PurchaseInvoice, Date: day, OriginalInvoiceNumber: number, VATStatus: new(12), InvoiceChannel: procountor.ChannelNoSending,
		CounterParty: procountor.CounterParty{CounterPartyAddress: procountor.CounterPartyAddress{Name: "Suopursu Oy", Country: procountor.CountryFinland}},
		PaymentInfo: procountor.PaymentInfo{PaymentMethod: procountor.PayBankTransfer, Currency: procountor.EUR, CurrencyRate: procountor.MustParseDecimal("1"), DueDate: day,
			BankAccount: &procountor.BankAccount{AccountNumber: "FI2112345600000785"}},
		InvoiceRows: []procountor.InvoiceRow{{Product: "Turve", Quantity: procountor.MustParseDecimal("1"), Unit: procountor.UnitPiece, UnitPrice: procountor.MustParseDecimal("10")}},
	})
	if err == nil {
		return true
	}
	e, ok := errors.AsType[*procountor.Error](err)
	if !ok {
		t.Fatal(err)
	}
	switch e.Class {
	case procountor.Busy, procountor.NotSent, procountor.Unauthorized: // nothing was done
		time.Sleep(time.Second)
		return false
	case procountor.Unclear:
		*unclear++
		time.Sleep(2 * c.Timeout()) // what is under way has ended by then
		for i, err := range c.Invoices.List(t.Context(), procountor.InvoiceFilter{OriginalInvoiceNumber: number}) {
			if err != nil {
				t.Fatal(err)
			}
			return i.OriginalInvoiceNumber == number
		}
		return false
	}
	t.Fatal(err)
	return false
}

// A refusal of the sandbox names the field.
func TestSandboxRefusal(t *testing.T) {
	_, c := sandboxClient(t, procountortest.Options{})
	_, err := c.Invoices.Create(t.Context(), &procountor.Invoice{Type: procountor.SalesInvoice})
	e, ok := errors.AsType[*procountor.Error](err)
	if !ok || e.Class != procountor.Refused || e.Status != http.StatusBadRequest || len(e.Fields) == 0 {
		t.Fatalf("%+v", err)
	}
	for _, f := range e.Fields {
		if f.Message == "" {
			t.Errorf("%+v", f)
		}
	}
	if _, err := c.Invoices.Get(t.Context(), 1); !errors.Is(err, procountor.NotFound) {
		t.Error(err)
	}
}
