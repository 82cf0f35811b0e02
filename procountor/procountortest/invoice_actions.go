package procountortest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The transitions of REFERENCE 3.1.

// refuse is the answer when the status forbids an action.
func (c *call) refuse(action string, inv *invoice) error {
	c.assume(assumeStatusRefusal)
	return newProblem(http.StatusForbidden, "", fmt.Sprintf("%s is not possible for %s in status %s", action, inv.Type, inv.Status))
}

// inOpenPeriod refuses an action whose invoice lies in a closed period.
func (c *call) inOpenPeriod(inv *invoice) error {
	if !c.open(inv.Date) {
		c.assume(assumeActionClosed)
		return newProblem(http.StatusForbidden, "date", codeClosedPeriod)
	}
	return nil
}

// move gives an invoice a new status, with its receipt and its history.
func (c *call) move(inv *invoice, status, action, details string) *invoice {
	return c.co.move(inv, status, action, details, stamp(c.now), userName(c.user))
}

func userName(u *user) string { return u.FirstName + " " + u.LastName }

func (co *company) move(inv *invoice, status, action, details, at, who string) *invoice {
	next := *inv
	next.Status, next.Version = status, at
	if action != "" {
		next.History = append(slices.Clone(inv.History), InvoiceTransaction{Action: action, Name: who, Date: at, Details: details})
	}
	if id := next.LedgerReceiptID; id != nil {
		if r := co.receipts.get(*id); r != nil {
			rn := *r
			rn.Status = status
			co.receipts.put(*id, &rn)
		}
	}
	co.putInvoice(&next, inv)
	return &next
}

// approveInvoice: purchase, travel, expense → APPROVED; sales → NOT_SENT, or
// APPROVED when the channel is NO_SENDING (REFERENCE 7.4). The comment of a
// sales invoice is ignored.
func approveInvoice(c *call, ev *CheckingEvent) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"UNFINISHED", "RECEIVED", "VERIFIED", "PAYMENT_DENIED"}, inv.Status) {
		return nil, c.refuse("approve", inv)
	}
	if !isSales(inv.Type) {
		if err := c.allow(func(p *UserPermissions) string { return p.InvoiceCirculation.Approval }, true); err != nil {
			return nil, err
		}
	}
	if err := c.inOpenPeriod(inv); err != nil {
		return nil, err
	}
	status := "APPROVED"
	details := ev.Comment
	if isSales(inv.Type) {
		details = ""
		if inv.InvoiceChannel != "NO_SENDING" {
			status = "NOT_SENT"
		}
	}
	c.move(inv, status, "APPROVAL", details)
	return info("Invoice approved"), nil
}

func verifyInvoice(c *call, ev *CheckingEvent) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	set := c.co.set().Circulation
	used := set.UseForPurchaseInvoices
	if isTravel(inv.Type) {
		used = set.UseForTravelAndExpenseInvoices
	}
	switch {
	case isSales(inv.Type), inv.Status != "UNFINISHED" && inv.Status != "RECEIVED", !deref(used):
		return nil, c.refuse("verify", inv)
	}
	if err := c.allow(func(p *UserPermissions) string { return p.InvoiceCirculation.Verification }, true); err != nil {
		return nil, err
	}
	c.move(inv, "VERIFIED", "VERIFICATION", ev.Comment)
	return info("Invoice verified"), nil
}

func unfinishedInvoice(c *call) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	from := []string{"VERIFIED", "APPROVED"}
	if isSales(inv.Type) {
		from = []string{"APPROVED", "NOT_SENT"}
	}
	if !slices.Contains(from, inv.Status) {
		return nil, c.refuse("unfinished", inv)
	}
	if err := c.inOpenPeriod(inv); err != nil {
		return nil, err
	}
	c.move(inv, "UNFINISHED", "UNFINISHED", "")
	return info("Invoice is unfinished"), nil
}

// sendInvoice: sales only, from NOT_SENT and again from SENT.
func sendInvoice(c *call) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	if !isSales(inv.Type) || inv.InvoiceChannel == "NO_SENDING" || inv.Status != "NOT_SENT" && inv.Status != "SENT" {
		return nil, c.refuse("send", inv)
	}
	c.move(inv, "SENT", "SEND", inv.InvoiceChannel)
	return info("Invoice sent"), nil
}

func invalidateInvoice(c *call) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"UNFINISHED", "RECEIVED", "VERIFIED", "NOT_SENT", "APPROVED"}, inv.Status) {
		c.assume(assumeInvalidate)
		return nil, c.refuse("invalidate", inv)
	}
	if err := c.inOpenPeriod(inv); err != nil {
		return nil, err
	}
	c.co.invalidate(inv, stamp(c.now), userName(c.user))
	return info("Invoice invalidated"), nil
}

// invalidate also deletes the ledger receipt for good.
func (co *company) invalidate(inv *invoice, at, who string) {
	next := co.move(inv, "INVALIDATED", "", "", at, who)
	if next.LedgerReceiptID == nil {
		return
	}
	co.receipts.del(*next.LedgerReceiptID)
	bare := *next
	bare.LedgerReceiptID = nil
	co.putInvoice(&bare, next)
}

func rejectInvoice(c *call, ev *CheckingEvent) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	if isOrder(inv.Type) || !slices.Contains([]string{"UNFINISHED", "RECEIVED", "VERIFIED", "APPROVED", "NOT_SENT"}, inv.Status) {
		return nil, c.refuse("reject", inv)
	}
	if err := c.inOpenPeriod(inv); err != nil {
		return nil, err
	}
	c.move(inv, "PAYMENT_DENIED", "DENY_PAYMENT", ev.Comment)
	return info("Invoice rejected"), nil
}

// circulateInvoice: needs circulation switched on and an approver.
func circulateInvoice(c *call) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	set := c.co.set().Circulation
	used := set.UseForPurchaseInvoices
	if isTravel(inv.Type) {
		used = set.UseForTravelAndExpenseInvoices
	}
	a := inv.InvoiceApprovalInformation
	if isSales(inv.Type) || isOrder(inv.Type) || inv.Status != "UNFINISHED" || !deref(used) || a == nil || len(a.Acceptors) == 0 {
		return nil, c.refuse("sendToCirculation", inv)
	}
	if inv.Type == typePurchase {
		c.assume(assumeSendCirculate)
	}
	c.move(inv, "RECEIVED", "SEND_TO_CIRCULATION", "")
	return info("Invoice sent to circulation"), nil
}

// putNotes replaces the internal notes; the receipt shows the same text.
func putNotes(c *call, n *InvoiceNotes) (any, error) {
	inv, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	c.co.setNotes(inv, n.Notes, stamp(c.now))
	return info("Notes saved"), nil
}

func (co *company) setNotes(inv *invoice, notes, at string) {
	next := *inv
	next.Notes, next.Version = notes, at
	if id := inv.LedgerReceiptID; id != nil {
		if r := co.receipts.get(*id); r != nil {
			rn := *r
			rn.InvoiceNotes = notes
			co.receipts.put(*id, &rn)
		}
	}
	co.putInvoice(&next, inv)
}

// history is what an invoice shows of itself.
func (c *call) history(inv *invoice) []InvoiceTransaction {
	if slices.ContainsFunc(inv.History, func(t InvoiceTransaction) bool { return strings.HasPrefix(t.Action, "SENDING_ERROR") }) {
		c.assume(assumeSendingError)
	}
	return orEmpty(inv.History)
}

func invoiceHistory(c *call) (any, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"transactions": c.history(inv)}, nil
}

func invoiceHistories(c *call) (any, error) {
	q := c.query()
	ids := q.ids("invoiceIds")
	if len(ids) == 0 {
		q.fault("invoiceIds", codeEmpty)
	}
	if len(ids) > maxBatch {
		q.fault("invoiceIds", invalid("invoiceIds", "more than 200"))
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	results := []InvoiceTransactionsByInvoice{}
	for _, id := range ids {
		if inv := c.co.invoices.get(id); inv != nil && c.visible(inv) {
			results = append(results, InvoiceTransactionsByInvoice{InvoiceID: &id, Transactions: c.history(inv)})
		}
	}
	if len(results) == 0 {
		return nil, notFound()
	}
	return map[string]any{"results": results}, nil
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// personalList answers the invoices that wait for this user's check.
func personalList(statuses []string, list func(*InvoiceApprovalInformation) []InvoiceCheckerInformation) func(*call) (any, error) {
	return func(c *call) (any, error) {
		q := c.query()
		types := q.words("types", typePurchase, typePurchaseOrder, typeTravel, typeClaim, typeSales, typeSalesOrder, typeTaxReturn)
		if len(types) == 0 {
			q.fault("types", codeEmpty)
		}
		if err := q.err(); err != nil {
			return nil, err
		}
		ids := []int64{}
		for id, inv := range c.co.invoices.all() {
			if !slices.Contains(types, inv.Type) || !slices.Contains(statuses, inv.Status) || inv.InvoiceApprovalInformation == nil {
				continue
			}
			for _, u := range list(inv.InvoiceApprovalInformation) {
				if u.UserID == c.user.ID {
					ids = append(ids, id)
					break
				}
			}
		}
		return map[string]any{"invoiceIds": ids}, nil
	}
}
