package procountor_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// The two sides were written from the same material and share no type: what one writes the other reads.
func TestSandboxRoundTrip(t *testing.T) {
	ctx := t.Context()
	srv, c := sandboxClient(t, procountortest.Options{})

	session, err := c.Session.Get(ctx)
	if err != nil || session.CompanyID != srv.Demo().CompanyID || session.Country != procountor.CountryFinland {
		t.Fatalf("%+v %v", session, err)
	}
	rights, err := c.Users.Rights(ctx)
	if err != nil || rights.Rights == nil || rights.Rights.Sales == nil || rights.Rights.Sales.SalesOrGroupInvoices != procountor.RightAllRights {
		t.Errorf("%+v %v", rights, err)
	}

	// What an invoice needs is read from the registers.
	vat, err := c.VAT.Default(ctx)
	if err != nil {
		t.Fatal(err)
	}
	domestic := vat.VATStatuses[slices.IndexFunc(vat.VATStatuses, func(s procountor.VATStatus) bool { return s.Sales && s.Description == "Domestic" })]
	account := ""
	for a, err := range c.BankAccounts.List(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if a.DefaultForInvoice {
			account = a.IBAN
		}
	}
	years, err := c.FiscalYears.List(ctx)
	if err != nil || !slices.ContainsFunc(years, func(y procountor.FiscalYear) bool { return y.IsOpen }) {
		t.Fatalf("%+v %v", years, err)
	}
	coa, err := c.Accounts.List(ctx)
	if err != nil || len(coa) == 0 {
		t.Fatal(len(coa), err)
	}
	dims, err := c.Dimensions.List(ctx, procountor.DimensionFilter{})
	if err != nil || len(dims) == 0 || len(dims[0].Items) == 0 {
		t.Fatal(dims, err)
	}

	partner, err := c.Partners.Create(ctx, &procountor.Partner{
		Name: "Kuusenlehvä Oy", Type: procountor.PartnerCustomer,
		Address:       &procountor.Address{Name: "Kuusenlehvä Oy", Street: "Käpytie 3", Zip: "00100", City: "Helsinki", Country: procountor.CountryFinland},
		InvoicingInfo: &procountor.InvoicingInfo{CustomerNumber: "K-17"},
		PaymentInfo:   procountor.PartnerPaymentInfo{PaymentMethod: procountor.PayBankTransfer},
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for p, err := range c.Partners.List(ctx, procountor.PartnerFilter{Name: "Kuusenlehvä"}) {
		if err != nil {
			t.Fatal(err)
		}
		if p.ID == partner.ID {
			found++
		}
	}
	if found != 1 {
		t.Errorf("the partner was found %d times by name", found)
	}

	day := procountor.DateOf(srv.Now())
	meant := procountor.Invoice{
		Type: procountor.SalesInvoice, PartnerID: partner.ID, Date: day, OriginalInvoiceNumber: "A-1042", Notes: "vienti:abc",
		VATStatus: new(domestic.VATStatus), Language: procountor.Finnish, InvoiceChannel: procountor.ChannelNoSending,
		ExtraInfo:    procountor.ExtraInfo{AccountingByRow: true},
		CounterParty: procountor.CounterParty{CounterPartyAddress: procountor.CounterPartyAddress{Name: "Kuusenlehvä Oy", Country: procountor.CountryFinland}},
		PaymentInfo: procountor.PaymentInfo{
			PaymentMethod: procountor.PayBankTransfer, Currency: procountor.EUR, CurrencyRate: procountor.MustParseDecimal("1"),
			DueDate: day, BankReferenceCode: new(""), BankAccount: &procountor.BankAccount{AccountNumber: account},
		},
		InvoiceRows: []procountor.InvoiceRow{{
			Product: "Hirsi", Quantity: procountor.MustParseDecimal("3"), Unit: procountor.UnitPiece,
			UnitPrice: procountor.MustParseDecimal("33.33"), VATPercent: procountor.MustParseDecimal("25.5"),
		}},
	}
	saved, err := c.Invoices.Create(ctx, &meant)
	if err != nil {
		t.Fatal(err)
	}
	if saved.Status != procountor.StatusUnfinished || saved.PaymentInfo.BankReferenceCode == nil || *saved.PaymentInfo.BankReferenceCode == "" || saved.LedgerReceiptID == 0 {
		t.Errorf("%+v", saved)
	}
	if len(saved.InvoiceRows) != 1 || saved.InvoiceRows[0].UnitPrice.Cmp(meant.InvoiceRows[0].UnitPrice) != 0 || saved.Notes != meant.Notes {
		t.Errorf("%+v", saved.InvoiceRows)
	}
	if len(saved.InvoiceSumInfo) == 0 || saved.InvoiceSumInfo[0].ExcludingVATTotal.Cmp(procountor.MustParseDecimal("99.99")) != 0 {
		t.Errorf("%+v", saved.InvoiceSumInfo)
	}

	// The look after an unclear write: by number, then in full.
	var ids []int64
	for i, err := range c.Invoices.List(ctx, procountor.InvoiceFilter{Types: []procountor.InvoiceType{procountor.SalesInvoice}, OriginalInvoiceNumber: "A-1042"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, i.ID)
	}
	if !slices.Equal(ids, []int64{saved.ID}) {
		t.Errorf("found %v, want %d", ids, saved.ID)
	}
	many, err := c.Invoices.GetMany(ctx, []int64{saved.ID, saved.ID + 1_000_000})
	if err != nil || len(many) != 1 || many[0].Notes != meant.Notes {
		t.Errorf("%+v %v", many, err)
	}
	if none, err := c.Invoices.GetMany(ctx, []int64{saved.ID + 1_000_000}); err != nil || len(none) != 0 {
		t.Errorf("%+v %v", none, err)
	}

	receipt, err := c.LedgerReceipts.Get(ctx, saved.LedgerReceiptID)
	if err != nil {
		t.Fatal(err)
	}
	for i, tr := range receipt.Transactions {
		if tr.TransactionType == procountor.Entry {
			value := tr.AccountingValue.String()
			if tr.AccountingValue.Sign() < 0 {
				value = value[1:]
			}
			receipt.Transactions[i].DimensionItemValues = []procountor.DimensionItemValue{{DimensionID: dims[0].ID, ItemID: dims[0].Items[0].ID, Value: procountor.MustParseDecimal(value)}}
		}
	}
	put, err := c.LedgerReceipts.Update(ctx, receipt)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(put.Transactions, func(tr procountor.Transaction) bool { return len(tr.DimensionItemValues) == 1 }) {
		t.Errorf("%+v", put.Transactions)
	}

	made, err := c.Attachments.Create(ctx, procountor.Attachment{Name: "erittely ä.pdf", ReferenceType: procountor.AtInvoice, ReferenceID: saved.ID}, []byte("%PDF-1.7 \x00\xff"))
	if err != nil {
		t.Fatal(err)
	}
	meta, content, err := c.Attachments.Get(ctx, made.ID)
	if err != nil || meta.Name != "erittely ä.pdf" || string(content) != "%PDF-1.7 \x00\xff" {
		t.Errorf("%+v %q %v", meta, content, err)
	}

	if err := c.Invoices.Approve(ctx, saved.ID, ""); err != nil {
		t.Error(err)
	}
	again, err := c.Invoices.Get(ctx, saved.ID)
	if err != nil || again.Status != procountor.StatusApproved || len(again.Attachments) != 1 {
		t.Errorf("%+v %v", again, err)
	}
	if err := c.Invoices.Send(ctx, saved.ID); !errors.Is(err, procountor.Forbidden) && !errors.Is(err, procountor.Refused) {
		t.Errorf("an invoice without a channel was sent: %v", err)
	}
}

// A caller who never repeats an unclear write without looking has each invoice exactly once, however
// badly the line behaves, because the client does not repeat it either.
func TestSandboxHostile(t *testing.T) {
	const invoices = 40
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			// The bubble's clock begins in 2000, the sandbox's fiscal years do not.
			later := time.Until(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
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
