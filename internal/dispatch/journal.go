package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

func receiptPath(id int64) string { return "/ledgerreceipts/" + strconv.FormatInt(id, 10) }

// sendJournal posts a journal. What the rounding of VAT leaves over Procountor
// puts into a row of its own, only when we have asked for it.
func sendJournal(ctx context.Context, c *procountor.Client, o Order) Outcome {
	req := procountor.Request{Method: http.MethodPost, Path: "/ledgerreceipts", Body: o.Body}
	if o.Step.Detail.Reconcile != "" {
		req.Query = url.Values{"createReconciliation": {"true"}}
	}
	res, err := c.Do(ctx, req)
	if err != nil {
		return failed(err)
	}
	r := new(procountor.LedgerReceipt)
	if err := json.Unmarshal(res.Body, r); err != nil || r.ID == 0 || r.InvoiceID == 0 {
		return unclear(res.Body)
	}
	// 200 is not proof: what came back must carry our mark.
	if key, ok := hub.MarkIn(r.InvoiceNotes); !ok || key != o.Step.Key {
		return unclear(res.Body)
	}
	return Outcome{Verdict: Proved, Receipt: r, Answer: res.Body}
}

// lookJournal searches the journals of the day, then reads the candidates whole,
// since the list does not show the notes that carry the mark.
func lookJournal(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant procountor.LedgerReceipt
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	var ids []int64
	for info, err := range c.LedgerReceipts.List(ctx, procountor.LedgerReceiptFilter{
		Types: []procountor.ReceiptType{procountor.ReceiptJournal},
		Start: meant.ReceiptDate, End: meant.ReceiptDate,
		CreatedStart: procountor.TimeOf(o.Step.IntendedAt.Add(-lookMargin)),
	}) {
		if err != nil {
			return lookFailed(err)
		}
		ids = append(ids, info.ID)
	}
	if len(ids) == 0 {
		return Outcome{Verdict: Untouched}
	}
	list, err := c.LedgerReceipts.GetMany(ctx, ids)
	if err != nil {
		return lookFailed(err)
	}
	var mine, removed, suspects []procountor.LedgerReceipt
	for _, r := range list {
		key, marked := hub.MarkIn(r.InvoiceNotes)
		gone := r.Status == procountor.StatusInvalidated || r.Status == procountor.StatusDeleted
		switch {
		case gone && marked && key == o.Step.Key:
			removed = append(removed, r)
		case gone:
		case marked && slices.Contains(o.Keys, key):
			mine = append(mine, r)
		case !marked:
			if at, _ := JournalDifference(&meant, &r, o.Step.Detail.Reconcile); at == "" {
				suspects = append(suspects, r)
			}
		}
	}
	if len(mine) == 0 {
		mine = removed // it was made, and a person has removed it since: not to be made again
	}
	switch {
	case len(mine) == 1:
		answer, _ := json.Marshal(mine[0])
		return Outcome{Verdict: Proved, Receipt: &mine[0], Answer: answer}
	case len(mine) > 1:
		return foreign(hub.NewFault(hub.AlreadyThere, "", "", "number", receiptNumbers(mine), "why", "marks"))
	case len(suspects) > 0:
		// Someone may have removed the mark: never sent again blind.
		return foreign(hub.NewFault(hub.MarkRemoved, "", "", "number", receiptNumbers(suspects)))
	}
	return Outcome{Verdict: Untouched}
}

func receiptNumbers(list []procountor.LedgerReceipt) string {
	var s []string
	for i := range list {
		s = append(s, ReceiptNumber(&list[i]))
	}
	return strings.Join(s, ", ")
}

// ReceiptNumber is the number by which people know a ledger receipt.
func ReceiptNumber(r *procountor.LedgerReceipt) string {
	if r.ReceiptNumber != 0 {
		return fmt.Sprint(r.ReceiptNumber)
	}
	return fmt.Sprint(r.InvoiceNumber)
}

// JournalDifference names the first thing in which a saved journal is not what
// was meant, and what stands there; "" when there is none. Beside the entries it
// may have the one row that evens out reconcile.
func JournalDifference(meant, saved *procountor.LedgerReceipt, reconcile string) (at, is string) {
	rest := *saved
	rest.Transactions = nil
	for _, t := range saved.Transactions {
		if t.TransactionType != procountor.ReconciliationEntry {
			rest.Transactions = append(rest.Transactions, t)
			continue
		}
		if want, err := procountor.ParseDecimal(reconcile); err != nil || want.Cmp(t.AccountingValue) != 0 {
			return "reconciliation", t.AccountingValue.String()
		}
		reconcile = ""
	}
	switch {
	case reconcile != "":
		return "reconciliation", "0"
	case saved.Type != meant.Type:
		return "type", string(saved.Type)
	case saved.ReceiptDate != meant.ReceiptDate:
		return "receiptDate", saved.ReceiptDate.String()
	}
	return difference(meant, &rest)
}

// receiptReached holds, per action on a journal, the statuses that show it done,
// and those that show it not done yet.
var receiptReached = map[hub.StepKind]struct{ done, before []procountor.Status }{
	hub.Approve:    {done: []procountor.Status{procountor.StatusApproved}, before: []procountor.Status{procountor.StatusUnfinished}},
	hub.Unfinish:   {done: []procountor.Status{procountor.StatusUnfinished}, before: []procountor.Status{procountor.StatusApproved}},
	hub.Invalidate: {done: []procountor.Status{procountor.StatusInvalidated, procountor.StatusDeleted}, before: []procountor.Status{procountor.StatusUnfinished}},
}

// ReceiptOutcome reads from a journal whether an action has happened.
func ReceiptOutcome(kind hub.StepKind, r *procountor.LedgerReceipt) Outcome {
	reached := receiptReached[kind]
	switch {
	case slices.Contains(reached.done, r.Status):
		return Outcome{Verdict: Proved, Receipt: r}
	case slices.Contains(reached.before, r.Status):
		return Outcome{Verdict: Untouched, Receipt: r}
	}
	return foreign(hub.NewFault(hub.EditedThere, "", string(r.Status), "number", ReceiptNumber(r)))
}
