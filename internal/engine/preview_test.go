package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor/procountortest"
)

// booked are the sums of the ledger receipts in the sandbox. The accounts of the
// ledgers and of what is evened out are Procountor's to choose, and so are those
// of rows where choose says nothing of them.
func booked(w *enginetest.World, known func(procountortest.Transaction) bool) (sums mapping.Sums) {
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		kind := hub.SalesInvoice
		if r.VATType == "PURCHASE" {
			kind = hub.PurchaseInvoice
		}
		var list []mapping.Booking
		for _, t := range r.Transactions {
			e := mapping.Booking{Part: map[string]mapping.EntryPart{"REVERSING_ENTRY": mapping.CounterEntry, "ENTRY": mapping.RowEntry,
				"RECONCILIATION_ENTRY": mapping.EvenedEntry}[t.TransactionType], Amount: money.Must(t.AccountingValue.String())}
			if e.Part == mapping.RowEntry {
				e.VATStatus, e.Percent = int(*t.VATStatus), money.Must(t.VATPercent.String())
				e.VAT = e.Amount.Percent(e.Percent).RoundHalfUp(2)
				if known(t) {
					e.Account = t.Account
				}
			}
			list = append(list, e)
		}
		sums.Add(kind, list)
	}
	sums.Sort()
	return sums
}

func lines(sums mapping.Sums) (out string) {
	for _, s := range sums {
		out += fmt.Sprintf("%s %q sales %t status %d %s %%: debit %s credit %s VAT %s of %d\n", s.Part, s.Account, s.Sales, s.VATStatus, s.Percent.Trim(0),
			s.Debit.Fixed(2), s.Credit.Fixed(2), s.VAT.Fixed(2), s.Count)
	}
	debit, credit := sums.Total()
	return out + debit.Fixed(2) + " " + credit.Fixed(2)
}

// What a preview says would be booked is in the books after the same selection
// has been sent, to the cent: sales and purchases, posted by the map and by
// Procountor, a credit note, another currency, gross prices, parts of a cent, a
// new customer for two documents, and one that is held.
func TestPreviewIsWhatIsBooked(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.Posting, k.Arrival = hub.PostedByMap, hub.ArriveApproved
		s.Kinds[hub.SalesInvoice] = k
		s.Accounts = []hub.AccountRule{{Source: "a", Sales: true, Account: "3010"}, {Sales: true, Account: "3600"}}
		s.Difference = hub.Difference{Policy: hub.AcceptDifference, Cents: 5}
	}})
	plain, credit := enginetest.Sale("5001", "100.00"), enginetest.Credit("5002", "40.00", "5001")
	many := enginetest.Rows(enginetest.Sale("5003", "1.99"), "1.99", "1.99", "1.99", "7.77")
	many.Lines[1].Account = "a"
	foreign := enginetest.Rows(enginetest.Sale("5004", "33.33"), "33.33", "66.67")
	rate := money.Must("11.2345")
	foreign.Currency, foreign.Rate = "SEK", &rate
	gross := enginetest.Sale("5005", "10.00")
	gross.GrossPrices = true
	g, price, vat := money.Must("9.99"), money.Must("7.96"), money.Must("2.03")
	gross.Lines[0].UnitPrice, gross.Lines[0].Gross, gross.Lines[0].Net, gross.Lines[0].VAT = &g, &g, nil, nil
	gross.Totals = hub.Totals{Net: &price, VAT: &vat, Gross: &g}
	new1, new2 := enginetest.NewParty(enginetest.Sale("5006", "12.34"), 1), enginetest.NewParty(enginetest.Sale("5007", "12.35"), 1)
	held := enginetest.Sale("5008", "500.00")
	held.Payment.Reference = "1233"
	bought := enginetest.Rows(enginetest.Purchase("5009", "19.90"), "19.90", "0.10")
	w.Receive(plain, credit, many, foreign, gross, new1, new2, held, bought)
	w.Settle()
	w.Sandbox.ForgetRequests()

	p, err := w.Engine.Preview(t.Context(), engine.Selection{})
	w.Must(err)
	if asked := w.Sandbox.Requests(); len(asked) != 0 {
		t.Errorf("previewing has asked Procountor %v", asked)
	}
	if len(p.Documents) != 9 || p.States[hub.Noticed] != 8 || p.States[hub.Held] != 1 || len(p.Books) != 1 || p.Books[0].Unknown != 0 || p.Cut {
		t.Fatalf("%d documents, %v, %d books", len(p.Documents), p.States, len(p.Books))
	}
	if debit, credit := p.Books[0].Sums.Total(); !debit.Equal(credit) {
		t.Errorf("debit %s, credit %s", debit, credit)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
	w.Settle()
	writes := 0
	for request, n := range w.Sandbox.Requests() {
		if !strings.HasPrefix(request, "get") && !strings.HasPrefix(request, "search") {
			writes += n
		}
	}
	if writes != p.Requests {
		t.Errorf("%d requests are foretold, %d were made: %#v", p.Requests, writes, w.Sandbox.Requests())
	}
	sales := func(t procountortest.Transaction) bool { return t.VATType == "SALES" }
	if got, want := lines(booked(w, sales)), lines(p.Books[0].Sums); got != want {
		t.Errorf("in the books:\n%s\nforetold:\n%s", got, want)
	}
	again, err := w.Engine.Preview(t.Context(), engine.Selection{})
	w.Must(err)
	if again.Written != 8 || again.Requests != 0 || len(again.Books) != 0 {
		t.Errorf("afterwards %d written, %d requests", again.Written, again.Requests)
	}
}

// A selection is what is named, or what the filter chooses.
func TestPreviewOfASelection(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	w.Receive(enginetest.Sale("5101", "1.00"), enginetest.Sale("5102", "2.00"), enginetest.Purchase("5103", "4.00"))
	w.Settle()
	some, err := w.Engine.Preview(t.Context(), engine.Selection{Transfers: []string{w.Transfer("5102").ID, "no such"}})
	w.Must(err)
	if len(some.Documents) != 1 || some.Documents[0].Transfer.Number != "5102" || some.Requests != 1 {
		t.Errorf("named: %+v", some)
	}
	f := engine.Selection{}
	f.Filter.Kind = hub.PurchaseInvoice
	bought, err := w.Engine.Preview(t.Context(), f)
	w.Must(err)
	if len(bought.Documents) != 1 || bought.Documents[0].Transfer.Number != "5103" || bought.Books[0].Sums[0].Credit.Fixed(2) != "5.02" {
		t.Errorf("filtered: %+v", bought)
	}
}
