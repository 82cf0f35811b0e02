package procountortest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// eventTypes maps payment method types to types of payment events by name
// (REFERENCE 3.14, assumption 21).
var eventTypes = map[string]string{
	"": "ELSEWHERE", "ADJUSTMENT": "ADJUSTMENT", "BANK_STATEMENT": "BANKSTATEMENT", "CASH": "CASH", "CHARGE_CARD": "CHARGECARD",
	"CORRECTION": "CORRECTION", "CREDIT_LOSS": "CREDITLOSS", "CREDIT_NOTE": "COMPENSATIONINVOICE",
	"EXTERNAL_BANK_TRANSFER": "BANKTRANSFERELSEWHERE", "SET_OFF": "SETOFF",
}

// markPaid adds a manual payment event. It books nothing (REFERENCE 3.14).
func markPaid(c *call, in *MarkInvoiceAsPaid) (any, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	if isOrder(inv.Type) {
		return nil, c.refuse("markpaid", inv)
	}
	switch inv.Status {
	case "INVALIDATED", "PAYMENT_DENIED", "PAID", "MARKED_PAID":
		c.assume(assumeMarkPaid)
		return nil, c.refuse("markpaid", inv)
	case "UNFINISHED":
		if isSales(inv.Type) {
			return nil, c.refuse("markpaid", inv)
		}
	}
	f := &faults{call: c}
	if !c.open(in.PaymentDate) {
		f.add("paymentDate", codeClosedPeriod)
	}
	if in.Currency != inv.PaymentInfo.Currency {
		f.add("currency", invalid("currency", in.Currency), assumeFieldCodes)
	}
	amount, ok := roundRat(in.Amount.rat())
	if !ok || in.Amount.decimals() > 2 || amount.Sign() == 0 || amount.Sign() != inv.Rounded.Gross.Sign() {
		f.add("amount", invalid("amount", in.Amount.String()), assumeFieldCodes)
	}
	if !isSales(inv.Type) && in.PaymentMethodType != "" {
		f.add("paymentMethodType", invalid("paymentMethodType", in.PaymentMethodType), assumeFieldCodes)
	}
	if !isSales(inv.Type) && in.Description != "" {
		f.add("description", invalid("description", short(in.Description)), assumeFieldCodes)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	c.assume(assumePaymentTypes)
	if amount.abs().Cmp(c.co.openSum(inv).abs()) > 0 {
		c.assume(assumeOverpayment)
	}
	return c.co.pay(inv, amount, in.PaymentDate, eventTypes[in.PaymentMethodType], in.Description, "MARKED_PAID", stamp(c.now), userName(c.user)), nil
}

// pay stores a payment event and moves the invoice when nothing is open.
func (co *company) pay(inv *invoice, amount Number, on, kind, description, paid, at, who string) *PaymentEvent {
	home, _ := inDomestic(amount, inv.PaymentInfo.CurrencyRate)
	e := &paymentEvent{PaymentEvent: PaymentEvent{ID: co.nextID(), InvoiceID: &inv.ID, Type: kind, PaymentDate: on, Status: paid,
		Amount: &home, Currency: co.domestic(), Description: description, PaidAmount: &amount, PaidCurrency: inv.PaymentInfo.Currency}}
	co.keepCounters()
	co.events.put(e.ID, e)
	co.eventsOf[inv.ID] = append(slices.Clone(co.eventsOf[inv.ID]), e.ID)
	status := "PARTLY_PAID"
	if open := co.openSum(inv); open.Sign() != inv.Rounded.Gross.Sign() {
		status = paid
	}
	next := co.move(inv, status, "MARKED_PAID", description, at, who)
	last := *next
	if on > last.PaymentDate {
		last.PaymentDate = on
	}
	co.putInvoice(&last, next)
	return &e.PaymentEvent
}

// openSum is what is not yet paid, in the invoice's currency.
func (co *company) openSum(inv *invoice) Number {
	open := inv.Rounded.Gross
	for _, id := range co.eventsOf[inv.ID] {
		if e := co.events.get(id); e != nil && !e.Removed {
			open = open.sub(deref(e.PaidAmount))
		}
	}
	return open
}

func searchEvents(c *call) (any, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	q := c.query()
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	return pageOf(p, c.co.liveEvents(inv.ID), func(e *paymentEvent) int64 { return e.ID }, nil,
		func(e *paymentEvent) PaymentEvent { return e.PaymentEvent }), nil
}

func (co *company) liveEvents(invoiceID int64) []*paymentEvent {
	var rows []*paymentEvent
	for _, id := range co.eventsOf[invoiceID] {
		if e := co.events.get(id); e != nil && !e.Removed {
			rows = append(rows, e)
		}
	}
	return rows
}

func (c *call) event() (*invoice, *paymentEvent, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, nil, err
	}
	id, err := c.pathID(1)
	if err != nil {
		return nil, nil, err
	}
	e := c.co.events.get(id)
	if e == nil || e.Removed || deref(e.InvoiceID) != inv.ID {
		return nil, nil, notFound()
	}
	return inv, e, nil
}

func getEvent(c *call) (any, error) {
	_, e, err := c.event()
	if err != nil {
		return nil, err
	}
	return e.PaymentEvent, nil
}

// removeEvent must be confirmed by a person; only MARKED_PAID events.
func removeEvent(c *call) (any, error) {
	_, e, err := c.event()
	if err != nil {
		return nil, err
	}
	if e.Status != "MARKED_PAID" {
		c.assume(assumeStatusRefusal)
		return nil, newProblem(http.StatusForbidden, "", "only events marked by hand can be removed")
	}
	return c.ask("removeEvent", []int64{e.ID}, nil), nil
}

// bulkEvents is GET /payments/paymentevents.
func bulkEvents(c *call) (any, error) {
	q := c.query()
	ids := q.ids("invoiceId")
	if len(ids) == 0 {
		q.fault("invoiceId", codeEmpty)
	}
	if len(ids) > maxBatch {
		q.fault("invoiceId", invalid("invoiceId", "more than 200"))
	}
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	var rows []*paymentEvent
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if inv := c.co.invoices.get(id); inv != nil && c.visible(inv) {
			rows = append(rows, c.co.liveEvents(id)...)
		}
	}
	slices.SortFunc(rows, func(a, b *paymentEvent) int { return int(a.ID - b.ID) })
	return pageOf(p, rows, func(e *paymentEvent) int64 { return e.ID }, nil, func(e *paymentEvent) BasicPaymentTransactionData {
		return BasicPaymentTransactionData{ID: e.ID, InvoiceID: e.InvoiceID, PaymentDate: e.PaymentDate, Amount: e.Amount, Status: e.Status,
			PaidAmount: e.PaidAmount, PaidCurrency: e.PaidCurrency}
	}), nil
}

// Outgoing payments.

func searchPayments(c *call) (any, error) {
	q := c.query()
	dates := q.days("startDate", "endDate")
	inv, hasInv := q.id("invoiceId")
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	var rows []*PaymentRowInfo
	for _, r := range c.co.payments.all() {
		if dates.has(r.PaymentDate) && (!hasInv || deref(r.InvoiceID) == inv) {
			rows = append(rows, r)
		}
	}
	return pageOf(p, rows, func(r *PaymentRowInfo) int64 { return r.ID }, nil, func(r *PaymentRowInfo) BasicPaymentTransactionData {
		return BasicPaymentTransactionData{ID: r.ID, InvoiceID: r.InvoiceID, PaymentDate: r.PaymentDate, Amount: r.Amount, ReceiverName: r.ReceiverName, Status: r.Status}
	}), nil
}

func (c *call) payment() (*PaymentRowInfo, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	p := c.co.payments.get(id)
	if p == nil {
		return nil, newProblem(http.StatusNotFound, "", textNotFoundOrRights)
	}
	return p, nil
}

func getPayment(c *call) (any, error) {
	p, err := c.payment()
	if err != nil {
		return nil, err
	}
	return p, nil
}

type paymentList struct {
	Payments []InvoicePayment `json:"payments"`
}

// postPayments asks for the payment of purchase invoices, all or none; a person
// must confirm (REFERENCE 1.7, 3.13).
func postPayments(c *call, in *paymentList) (any, error) {
	f := &faults{call: c}
	var rows []PaymentRowInfo
	for i, p := range in.Payments {
		at := func(name string) string { return fmt.Sprintf("payments[%d].%s", i, name) }
		inv := c.co.invoices.get(p.InvoiceID)
		if inv == nil || isSales(inv.Type) || isOrder(inv.Type) {
			f.add(at("invoiceId"), invalid(at("invoiceId"), fmt.Sprint(p.InvoiceID)), assumeFieldCodes)
			continue
		}
		if t, err := parseTime(p.InvoiceVersion, c.srv.zone); err != nil || stamp(t) != inv.Version {
			f.add(at("invoiceVersion"), invalid(at("invoiceVersion"), short(p.InvoiceVersion)), assumeStaleVersion)
		}
		if p.PaymentDate <= day(c.now) {
			f.add(at("paymentDate"), invalid(at("paymentDate"), p.PaymentDate), assumeFieldCodes)
		} else if !c.open(p.PaymentDate) {
			f.add(at("paymentDate"), codeClosedPeriod)
		}
		if p.PayerBankAccount != "" && !c.co.ownsAccount(p.PayerBankAccount) {
			f.add(at("payerBankAccount"), codeForeignAccount, assumeFieldCodes)
		}
		if !slices.Contains([]string{"UNFINISHED", "RECEIVED", "VERIFIED", "APPROVED", "PARTLY_PAID"}, inv.Status) ||
			deref(c.co.set().Circulation.AllowPaymentOnlyWhenApproved) && inv.Status != "APPROVED" && inv.Status != "PARTLY_PAID" {
			f.add(at("invoiceId"), invalid(at("invoiceId"), inv.Status), assumeStatusRefusal)
		}
		amount, ok := roundRat(p.Amount.rat())
		if !ok || p.Amount.decimals() > 2 {
			f.add(at("amount"), invalid(at("amount"), p.Amount.String()), assumeFieldCodes)
		}
		rows = append(rows, PaymentRowInfo{InvoiceID: &inv.ID, PaymentDate: p.PaymentDate, Amount: &amount, ReceiverName: firstRunes(inv.CounterParty.CounterPartyAddress.Name, 80),
			Currency: inv.PaymentInfo.Currency, PayerAccount: p.PayerBankAccount, Message: p.Message, ReceiverAccount: p.RecipientBankAccount,
			ReceiverBic: p.RecipientBicCode, CreatedBy: c.user.Username, Status: "PAYMENT_QUEUED"})
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	return c.ask("payInvoices", nil, rows), nil
}

func removePayment(c *call) (any, error) {
	p, err := c.payment()
	if err != nil {
		return nil, err
	}
	if p.Status != "PAYMENT_QUEUED" {
		c.assume(assumeStatusRefusal)
		return nil, newProblem(http.StatusForbidden, "", "the payment is in status "+p.Status)
	}
	return c.ask("removePayment", []int64{p.ID}, nil), nil
}

// ask stores an action that waits for a person and answers 202.
func (c *call) ask(kind string, target []int64, payments []PaymentRowInfo) any {
	c.assume(assumeConfirmation)
	id := c.co.nextID()
	c.co.keepCounters()
	a := &pendingAction{Identifier: c.srv.opaque(uint64(c.co.id), uint64(id)), UserID: c.user.ID, Kind: kind, Target: target, Payments: payments, Expires: stamp(c.now.Add(confirmWithin))}
	c.co.pending.put(id, a)
	return accepted{TransactionIdentifier{a.Identifier, "PROCOUNTOR_KEY"}}
}

// confirmWithin is REFERENCE 1.7.
const confirmWithin = 5 * time.Minute

// mfaResult is GET /mfatransactionresult/{identifier}.
func mfaResult(c *call) (any, error) {
	var a *pendingAction
	for _, p := range c.co.pending.all() {
		if p.Identifier == c.vars[0] {
			a = p
		}
	}
	if a == nil {
		return nil, notFound()
	}
	if a.UserID != c.user.ID {
		return nil, newProblem(http.StatusForbidden, "", textInsufficient)
	}
	switch a.State {
	case "rejected":
		return nil, newProblem(http.StatusNotAcceptable, "", "rejected")
	case "":
		if stamp(c.now) >= a.Expires {
			return nil, newProblem(http.StatusRequestTimeout, "", "expired")
		}
		return accepted{info("waiting for confirmation")}, nil
	}
	out := map[string]any{"info": info("%s done", a.Kind)}
	if a.Kind == "payInvoices" {
		list := []map[string]int64{}
		for i, p := range a.Payments {
			list = append(list, map[string]int64{"paymentId": a.Target[i], "invoiceId": deref(p.InvoiceID)})
		}
		out["invoicePayments"] = map[string]any{"transactions": list}
	}
	return out, nil
}

// Confirm is a person confirming an action in Procountor's app, or rejecting
// it. It reports whether the action was waiting.
func (s *Server) Confirm(company int64, identifier string, yes bool) bool {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	now := s.now()
	for id, a := range co.pending.all() {
		if a.Identifier != identifier || a.State != "" || stamp(now) >= a.Expires {
			continue
		}
		next := *a
		next.State = "rejected"
		if yes {
			next.State = "confirmed"
			co.carryOut(&next, stamp(now))
		}
		co.pending.put(id, &next)
		co.keepCounters()
		s.mustKeep(co)
		return true
	}
	return false
}

// unpaidStatus is where an approved invoice stands when nothing is paid.
func (inv *invoice) unpaidStatus() string {
	switch {
	case !isSales(inv.Type) || inv.InvoiceChannel == "NO_SENDING":
		return "APPROVED"
	case slices.ContainsFunc(inv.History, func(t InvoiceTransaction) bool { return t.Action == "SEND" }):
		return "SENT"
	}
	return "NOT_SENT"
}

func (co *company) carryOut(a *pendingAction, at string) {
	switch a.Kind {
	case "payInvoices":
		for i := range a.Payments {
			row := a.Payments[i]
			row.ID = co.nextID()
			a.Target = append(a.Target, row.ID)
			co.payments.put(row.ID, &row)
			if inv := co.invoices.get(deref(row.InvoiceID)); inv != nil {
				co.move(inv, "PAYMENT_QUEUED", "SENT_FOR_PAYMENT", "", at, editor)
			}
		}
	case "removePayment":
		for _, id := range a.Target {
			row := *co.payments.get(id)
			row.Status = "PAYMENT_TRANSACTION_REMOVED"
			co.payments.put(id, &row)
			if inv := co.invoices.get(deref(row.InvoiceID)); inv != nil {
				co.move(inv, "APPROVED", "DELETED_PAYMENT_TRANSACTION", "", at, editor)
			}
		}
	case "removeEvent":
		for _, id := range a.Target {
			e := *co.events.get(id)
			e.Removed = true
			co.events.put(id, &e)
			inv := co.invoices.get(deref(e.InvoiceID))
			if inv == nil {
				continue
			}
			status := "PARTLY_PAID"
			if len(co.liveEvents(inv.ID)) == 0 {
				status = inv.unpaidStatus()
			}
			co.move(inv, status, "DELETED_PAID_ELSEWHERE_PAYMENT_TRANSACTION", "", at, editor)
		}
	}
}

// emptySearch answers searches over things that the sandbox does not have.
func emptySearch(c *call) (any, error) {
	q := c.query()
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	return pageOf(p, []*struct{}{}, func(*struct{}) int64 { return 0 }, nil, func(*struct{}) struct{} { return struct{}{} }), nil
}
