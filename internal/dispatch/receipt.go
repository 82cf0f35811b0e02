package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// sendReceipt puts accounts, VAT statuses and dimensions on a ledger receipt.
// Someone who has changed it since it was read is never overwritten.
func sendReceipt(ctx context.Context, c *procountor.Client, o Order) Outcome {
	path := "/ledgerreceipts/" + strconv.FormatInt(o.Step.Detail.Posting.Receipt, 10)
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPut, Path: path, Body: o.Body})
	if err != nil {
		out := failed(err)
		e, ok := errors.AsType[*procountor.Error](err)
		switch {
		case !ok || out.Verdict != Refused:
		case e.Class == procountor.NotFound && lookReceipt(ctx, c, o).Verdict == Untouched:
			// It is there as it was read: the description names 404 for a right that is
			// missing too ("not found or insufficient user rights").
			return withFault(out, Refused, false, hub.NewFault(hub.RightMissing, "", "", "operation", http.MethodPut+" "+path))
		case stale(e) || e.Class == procountor.NotFound:
			return withFault(out, Foreign, false, hub.NewFault(hub.EditedThere, "", "", "number", ""))
		}
		return out
	}
	meant, saved := new(procountor.LedgerReceipt), new(procountor.LedgerReceipt)
	if json.Unmarshal(o.Body, meant) != nil || json.Unmarshal(res.Body, saved) != nil || saved.ID == 0 {
		return unclear(res.Body)
	}
	if at, is := difference(meant, saved); at != "" {
		f := hub.NewFault(hub.SavedDiffers, at, is, "field", at, "meant", "", "saved", is)
		return Outcome{Verdict: Foreign, Fault: &f, Answer: res.Body}
	}
	return Outcome{Verdict: Proved, Answer: res.Body}
}

// lookReceipt finds out whether the receipt that the invoice has now shows what
// was to be put on it. Procountor makes a receipt anew, with another id, when
// its invoice is edited.
func lookReceipt(ctx context.Context, c *procountor.Client, o Order) Outcome {
	meant := new(procountor.LedgerReceipt)
	if err := json.Unmarshal(o.Body, meant); err != nil {
		return lookFailed(err)
	}
	inv, err := c.Invoices.Get(ctx, o.InvoiceID)
	if err != nil {
		return lookFailed(err)
	}
	r, err := c.LedgerReceipts.Get(ctx, inv.LedgerReceiptID)
	if err != nil {
		return lookFailed(err)
	}
	p := o.Step.Detail.Posting
	if at, _ := difference(meant, r); at == "" {
		answer, _ := json.Marshal(r)
		return Outcome{Verdict: Proved, Answer: answer}
	}
	if r.ID == p.Receipt && r.Version.String() == p.Version {
		return Outcome{Verdict: Untouched}
	}
	return foreign(hub.NewFault(hub.EditedThere, "", "", "number", invoiceText(inv)))
}

// difference names the first thing in which the entries of a receipt are not
// what was meant, and what stands there; "" when there is none.
func difference(meant, saved *procountor.LedgerReceipt) (at, is string) {
	if len(meant.Transactions) != len(saved.Transactions) {
		return "transactions", strconv.Itoa(len(saved.Transactions))
	}
	for i := range meant.Transactions {
		m, s := &meant.Transactions[i], &saved.Transactions[i]
		at := "transactions[" + strconv.Itoa(i) + "]."
		switch {
		case m.Account != s.Account:
			return at + "account", s.Account
		case m.AccountingValue.Cmp(s.AccountingValue) != 0:
			return at + "accountingValue", s.AccountingValue.String()
		case m.VATStatus != nil && (s.VATStatus == nil || *m.VATStatus != *s.VATStatus):
			return at + "vatStatus", ""
		case m.VATPercent.Cmp(s.VATPercent) != 0:
			return at + "vatPercent", s.VATPercent.String()
		case m.TransactionType == procountor.Entry && m.VATDeductionPercent.Cmp(s.VATDeductionPercent) != 0:
			return at + "vatDeductionPercent", s.VATDeductionPercent.String()
		case !slices.EqualFunc(m.DimensionItemValues, s.DimensionItemValues, func(a, b procountor.DimensionItemValue) bool {
			return a.DimensionID == b.DimensionID && a.ItemID == b.ItemID && a.Value.Cmp(b.Value) == 0
		}):
			return at + "dimensionItemValues", ""
		}
	}
	return "", ""
}
