package procountortest

import (
	"fmt"
	"net/http"
	"slices"
)

// Bank statements and reference payments come from a bank, here from a test
// (AddBankStatement, AddReferencePayment); the API reads and allocates them.

// AddBankStatement stores a statement; ids are given to it and its events, which
// the returned copy shows.
func (s *Server) AddBankStatement(company int64, st BankStatement) BankStatement {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	st.ID = co.nextID()
	st.Events = slices.Clone(st.Events)
	for i := range st.Events {
		st.Events[i].ID = co.nextID()
	}
	co.keepCounters()
	co.stmts.put(st.ID, &st)
	s.mustKeep(co)
	return st
}

// AddReferencePayment stores a payment by reference. When the reference is that
// of one open sales invoice it is allocated to it: the invoice is PAID or
// PARTLY_PAID.
func (s *Server) AddReferencePayment(company int64, p ReferencePayment) ReferencePayment {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	p.ID = co.nextID()
	for _, inv := range co.invoices.all() {
		ref := deref(inv.PaymentInfo.BankReferenceCode)
		if p.BankReference == "" || ref != p.BankReference || !isSales(inv.Type) || !payable(inv.Status) {
			continue
		}
		p.Allocated, p.InvoiceID = ptr(true), &inv.ID
		co.pay(inv, deref(p.Sum), p.PaymentDate, "REFERENCEPAYMENT", "", "PAID", stamp(s.now()), "Bank")
		break
	}
	co.keepCounters()
	co.refpays.put(p.ID, &p)
	s.mustKeep(co)
	return p
}

// AllocateReferencePayment is what a person does in Procountor with a payment that was
// allocated to nothing: the API has no call for it.
func (s *Server) AllocateReferencePayment(company, id, invoiceID int64) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	p, inv := co.refpays.get(id), co.invoices.get(invoiceID)
	if p == nil || inv == nil || deref(p.Allocated) || !payable(inv.Status) {
		panic("procountortest: no such payment, or it cannot be allocated")
	}
	next := *p
	next.Allocated, next.InvoiceID = ptr(true), &invoiceID
	co.pay(inv, deref(p.Sum), p.PaymentDate, "REFERENCEPAYMENT_TO_INVOICE", "", "PAID", stamp(s.now()), "Bank")
	co.refpays.put(id, &next)
	s.mustKeep(co)
}

// payable: a payment cannot be allocated to an unfinished invoice.
func payable(status string) bool {
	return slices.Contains([]string{"APPROVED", "NOT_SENT", "SENT", "PARTLY_PAID"}, status)
}

func searchStatements(c *call) (any, error) {
	q := c.query()
	dates := q.days("startDate", "endDate")
	p := q.pager(true, "orderByStartDate")
	if err := q.err(); err != nil {
		return nil, err
	}
	account := c.r.Header.Get("accountNumber")
	var rows []*BankStatement
	for _, s := range c.co.stmts.all() {
		if dates.has(s.EndDate) && (account == "" || s.AccountNumber == account) {
			rows = append(rows, s)
		}
	}
	return pageOf(p, rows, func(s *BankStatement) int64 { return s.ID }, func(s *BankStatement, _ string) string { return s.StartDate },
		func(s *BankStatement) *BankStatement { return s }), nil
}

func searchReferencePayments(c *call) (any, error) {
	q := c.query()
	dates := q.days("startDate", "endDate")
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	account := c.r.Header.Get("accountNumber")
	if account == "" {
		account = q.text("accountNumber")
	}
	var rows []*ReferencePayment
	for _, r := range c.co.refpays.all() {
		if dates.has(r.PaymentDate) && (account == "" || r.AccountNumber == account) {
			rows = append(rows, r)
		}
	}
	return pageOf(p, rows, func(r *ReferencePayment) int64 { return r.ID }, nil, func(r *ReferencePayment) *ReferencePayment { return r }), nil
}

// bankEvent finds a statement's event by the ids of the path.
func (c *call) bankEvent() (*BankStatement, int, error) {
	sid, err := c.pathID(0)
	if err != nil {
		return nil, 0, err
	}
	eid, err := c.pathID(1)
	if err != nil {
		return nil, 0, err
	}
	s := c.co.stmts.get(sid)
	if s == nil {
		return nil, 0, notFound()
	}
	i := slices.IndexFunc(s.Events, func(e BankStatementEvent) bool { return e.ID == eid })
	if i < 0 {
		return nil, 0, notFound()
	}
	return s, i, nil
}

func (c *call) changeEvent(s *BankStatement, i int, change func(*BankStatementEvent)) {
	next := *s
	next.Events = slices.Clone(s.Events)
	change(&next.Events[i])
	c.co.stmts.put(s.ID, &next)
}

// readID reads a body that is a bare JSON integer (REFERENCE 3.15).
func readID(c *call) (any, error) {
	var id int64
	if err := c.decodeInline(&id); err != nil {
		return nil, err
	}
	return id, nil
}

func allocateInvoice(c *call) (any, error) {
	s, i, err := c.bankEvent()
	if err != nil {
		return nil, err
	}
	inv := c.co.invoices.get(c.body.(int64))
	e := s.Events[i]
	switch {
	case inv == nil || !c.visible(inv):
		return nil, notFound()
	case deref(e.Allocated):
		return nil, badRequest("", "the event is allocated")
	case !payable(inv.Status):
		return nil, c.refuse("allocation", inv)
	case e.Sum == nil || e.Sum.Sign() == 0 || (e.Sum.Sign() > 0) != (isSales(inv.Type) == (inv.Rounded.Gross.Sign() > 0)):
		return nil, badRequest("", invalid("sum", fmt.Sprint(e.Sum)))
	}
	amount := e.Sum.abs()
	if inv.Rounded.Gross.Sign() < 0 {
		amount = amount.Neg()
	}
	c.co.pay(inv, amount, e.PayDate, "BANKSTATEMENT_TO_INVOICE", "", "PAID", stamp(c.now), userName(c.user))
	c.changeEvent(s, i, func(e *BankStatementEvent) { e.Allocated, e.InvoiceID = ptr(true), &inv.ID })
	return info("Invoice allocated"), nil
}

// unallocateInvoice leaves the payment event on the invoice (REFERENCE 3.15).
func unallocateInvoice(c *call) (any, error) {
	s, i, err := c.bankEvent()
	if err != nil {
		return nil, err
	}
	if s.Events[i].InvoiceID == nil {
		return nil, newProblem(http.StatusBadRequest, "", "the event is not allocated")
	}
	c.changeEvent(s, i, func(e *BankStatementEvent) { e.Allocated, e.InvoiceID = ptr(false), nil })
	return noContent{}, nil
}

func allocateProduct(c *call) (any, error) {
	s, i, err := c.bankEvent()
	if err != nil {
		return nil, err
	}
	id := c.body.(int64)
	if c.co.products.get(id) == nil {
		return nil, notFound()
	}
	c.changeEvent(s, i, func(e *BankStatementEvent) { e.ProductID = &id })
	return info("Product allocated"), nil
}

func unallocateProduct(c *call) (any, error) {
	s, i, err := c.bankEvent()
	if err != nil {
		return nil, err
	}
	c.changeEvent(s, i, func(e *BankStatementEvent) { e.ProductID = nil })
	return noContent{}, nil
}
