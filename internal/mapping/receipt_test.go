package mapping

import (
	"encoding/json"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// A row is met by what is certain about its entry, and by nothing less.
func TestReceiptMeetsItsRows(t *testing.T) {
	entry := func(text, value, percent string) procountor.Transaction {
		return procountor.Transaction{TransactionType: procountor.Entry, Account: "3000", AccountingValue: procountor.MustParseDecimal(value),
			VATPercent: procountor.MustParseDecimal(percent), Description: text}
	}
	line := func(text, net, percent, account string) hub.PostingLine {
		return hub.PostingLine{Text: text, Net: net, VAT: percent, Account: account}
	}
	a, b, c := entry("Work", "-100", "25.5"), entry("Book", "-10", "13.5"), entry("Goods", "-100", "25.5")
	lines := []hub.PostingLine{line("Work", "100.00", "25.5", "1"), line("Book", "10.00", "13.5", "2"), line("Goods", "100.00", "25.5", "3")}
	for _, tc := range []struct {
		name    string
		entries []procountor.Transaction
		lines   []hub.PostingLine
		want    []string // accounts by entry; nil: refused
	}{
		{"in the order of the rows", []procountor.Transaction{a, b, c}, lines, []string{"1", "2", "3"}},
		{"in another order, by sum and text", []procountor.Transaction{b, c, a}, lines, []string{"2", "3", "1"}},
		{"a cent apart", []procountor.Transaction{entry("Work", "-100.01", "25.5"), b, c}, lines, []string{"1", "2", "3"}},
		{"two cents apart", []procountor.Transaction{entry("Work", "-100.02", "25.5"), b, c}, lines, nil},
		{"another rate", []procountor.Transaction{entry("Work", "-100", "24"), b, c}, lines, nil},
		{"one too few", []procountor.Transaction{a, b}, lines, nil},
		{"one too many", []procountor.Transaction{a, b, c, entry("More", "-1", "0")}, lines, nil},
		{"two that look alike, out of order", []procountor.Transaction{b, a, a}, []hub.PostingLine{lines[0], line("Work", "100.00", "25.5", "9"), lines[1]}, nil},
		{"two that look alike on one account", []procountor.Transaction{b, a, a}, []hub.PostingLine{lines[0], lines[0], lines[1]}, []string{"2", "1", "1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &procountor.LedgerReceipt{ID: 7, Transactions: append([]procountor.Transaction{{TransactionType: procountor.ReversingEntry, Account: "1700"}}, tc.entries...)}
			body, faults := Receipt(r, hub.Posting{Lines: tc.lines})
			if tc.want == nil {
				if body != nil || len(faults) != 1 || faults[0].Code != hub.ReceiptRows {
					t.Fatalf("%s %v", body, faults)
				}
				return
			}
			var got procountor.LedgerReceipt
			if err := json.Unmarshal(body, &got); err != nil || len(faults) > 0 {
				t.Fatal(err, faults)
			}
			for i, want := range tc.want {
				if is := got.Transactions[i+1].Account; is != want {
					t.Errorf("entry %d stands on %s, want %s", i, is, want)
				}
			}
			if got.Transactions[0].Account != "1700" || r.Transactions[1].Account != "3000" {
				t.Error("something else has changed")
			}
		})
	}
	// In another currency the sums say nothing, the order and the text do.
	r := &procountor.LedgerReceipt{Transactions: []procountor.Transaction{entry("Work", "-8.89", "25.5"), entry("Book", "-0.89", "13.5")}}
	if body, faults := Receipt(r, hub.Posting{Lines: lines[:2], Foreign: true}); body == nil {
		t.Error(faults)
	}
	if body, _ := Receipt(r, hub.Posting{Lines: lines[:2]}); body != nil {
		t.Errorf("sums that differ were taken: %s", body)
	}
}

// A reconciliation row says how far Procountor's VAT by entries is from the
// invoice's: silent up to a cent for each rate, told up to half a cent for each
// entry, and beyond that no account is put on the receipt.
func TestReceiptEvenedOut(t *testing.T) {
	for _, tc := range []struct {
		rows   int
		evened string
		parts  bool
		code   string
		body   bool
	}{
		{1, "0.01", false, "", true},
		{1, "-0.02", false, hub.ReceiptOff, false},
		{1, "-0.02", true, hub.ReceiptEvened, true},
		{1, "-0.04", true, hub.ReceiptOff, false},
		{3, "0.02", false, hub.ReceiptEvened, true},
		{3, "-0.02", false, hub.ReceiptEvened, true},
		{3, "0.03", false, hub.ReceiptOff, false},
		{9, "0.05", false, hub.ReceiptEvened, true},
	} {
		r := &procountor.LedgerReceipt{ID: 7, InvoiceNumber: 12, Transactions: []procountor.Transaction{
			{TransactionType: procountor.ReversingEntry, Account: "1700"},
			{TransactionType: procountor.ReconciliationEntry, Account: "8450", AccountingValue: procountor.MustParseDecimal(tc.evened)},
		}}
		p := hub.Posting{Parts: tc.parts}
		for range tc.rows {
			r.Transactions = append(r.Transactions, procountor.Transaction{TransactionType: procountor.Entry, Account: "3000",
				AccountingValue: procountor.MustParseDecimal("-1.99"), VATPercent: procountor.MustParseDecimal("25.5")})
			p.Lines = append(p.Lines, hub.PostingLine{Net: "1.99", VAT: "25.5", Account: "3010"})
		}
		body, faults := Receipt(r, p)
		code := ""
		if len(faults) > 0 {
			code = faults[0].Code
		}
		if (body != nil) != tc.body || code != tc.code || hub.Stops(faults) == tc.body {
			t.Errorf("%s over %d rows: %+v, put: %v", tc.evened, tc.rows, faults, body != nil)
		}
	}
}
