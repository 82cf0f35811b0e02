package procountor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/vienti/vienti/procountor"
)

// An invoice is looked for before it is made, since the API would take it twice, and what the server
// saved is compared with what was meant.
func Example() {
	ctx := context.Background()
	srv := standIn()
	defer srv.Close()

	c, err := procountor.New(procountor.Options{
		BaseURL:      srv.URL + "/api", // or procountor.Testing, procountor.Production
		ClientID:     "exampleClient",
		ClientSecret: "secret",
		APIKey:       "key",
		Limiter:      procountor.NewLimiter(20),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	for found, err := range c.Invoices.List(ctx, procountor.InvoiceFilter{
		Types:                 []procountor.InvoiceType{procountor.SalesInvoice},
		OriginalInvoiceNumber: "1042",
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("already there:", found.ID)
		return
	}

	day := procountor.MustParseDate("2026-03-02")
	saved, err := c.Invoices.Create(ctx, &procountor.Invoice{
		Type:                  procountor.SalesInvoice,
		Date:                  day,
		OriginalInvoiceNumber: "1042",
		VATStatus:             new(1),
		Language:              procountor.Finnish,
		InvoiceChannel:        procountor.ChannelNoSending,
		ExtraInfo:             procountor.ExtraInfo{AccountingByRow: true},
		CounterParty: procountor.CounterParty{
			CounterPartyAddress: procountor.CounterPartyAddress{Name: "Havupuu Oy", Country: procountor.CountryFinland},
		},
		PaymentInfo: procountor.PaymentInfo{
			PaymentMethod:     procountor.PayBankTransfer,
			Currency:          procountor.EUR,
			CurrencyRate:      procountor.MustParseDecimal("1"),
			DueDate:           procountor.MustParseDate("2026-03-16"),
			BankReferenceCode: new(""), // Procountor makes one
		},
		InvoiceRows: []procountor.InvoiceRow{{
			Product:    "Lauta 20 x 95",
			Quantity:   procountor.MustParseDecimal("12.5"),
			Unit:       procountor.UnitMeter,
			UnitPrice:  procountor.MustParseDecimal("8.00"),
			VATPercent: procountor.MustParseDecimal("25.5"),
		}},
	})
	if e, ok := errors.AsType[*procountor.Error](err); ok {
		switch e.Class {
		case procountor.Unclear:
			fmt.Println("it may be there: look before sending again")
		case procountor.Refused:
			for _, f := range e.Fields {
				fmt.Println(f.Field, f.Message)
			}
		default:
			fmt.Println(err)
		}
		return
	}
	fmt.Println(saved.ID, saved.Status, *saved.PaymentInfo.BankReferenceCode, saved.InvoiceSumInfo[0].InvoiceSumTotal)
	// Output: 7 UNFINISHED 26013 125.50
}

// standIn answers the three requests of the example.
func standIn() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.Method + " " + r.URL.Path {
		case "POST /api/oauth/token":
			io.WriteString(w, `{"access_token":"abc","expires_in":3600}`)
		case "GET /api/invoices":
			io.WriteString(w, `{"results":[],"meta":{"pageNumber":0,"pageSize":200,"resultCount":0,"totalCount":0}}`)
		case "POST /api/invoices":
			io.WriteString(w, `{"id":7,"status":"UNFINISHED","paymentInfo":{"bankReferenceCode":"26013"},
				"invoiceSumInfo":[{"currency":"EUR","inAccountingCurrency":true,"excludingVatTotal":100.00,"vatSumTotal":25.50,"invoiceSumTotal":125.50}]}`)
		}
	}))
}
