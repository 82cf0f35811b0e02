package procountortest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// The methods here are for tests: they look into the books and do what a person
// does in Procountor itself, where no API rule stands in the way. They panic on
// ids that do not exist, which is a mistake in the test.

// Invoices returns all invoices of a company, invalidated ones too, by id.
func (s *Server) Invoices(company int64) []Invoice {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []Invoice{}
	for _, inv := range co.invoices.all() {
		out = append(out, *co.wireInvoice(inv))
	}
	return out
}

// Invoice returns one invoice; ok is false when there is none with this id.
func (s *Server) Invoice(company, id int64) (inv Invoice, ok bool) {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	if v := co.invoices.get(id); v != nil {
		return *co.wireInvoice(v), true
	}
	return Invoice{}, false
}

// Receipts returns all ledger receipts of a company by id.
func (s *Server) Receipts(company int64) []LedgerReceipt {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []LedgerReceipt{}
	for _, r := range co.receipts.all() {
		out = append(out, *co.wireReceipt(r))
	}
	return out
}

// PaymentEvents returns all payments of a company's invoices by id, without those that were removed.
func (s *Server) PaymentEvents(company int64) []PaymentEvent {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []PaymentEvent{}
	for _, e := range co.events.all() {
		if !e.Removed {
			out = append(out, e.PaymentEvent)
		}
	}
	return out
}

// Partners returns the business partners of a company by id.
func (s *Server) Partners(company int64) []BusinessPartner {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []BusinessPartner{}
	for _, p := range co.partners.all() {
		out = append(out, *p)
	}
	return out
}

// Persons returns the employees of a company by id.
func (s *Server) Persons(company int64) []Person {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []Person{}
	for _, p := range co.persons.all() {
		out = append(out, *p)
	}
	return out
}

// EditPerson is somebody changing an employee's entry: no rule is checked. What it
// points to is shared, so change replaces it.
func (s *Server) EditPerson(company, id int64, change func(*Person)) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	old := co.persons.get(id)
	if old == nil {
		panic(fmt.Sprintf("procountortest: company %d has no person %d", company, id))
	}
	next := *old
	change(&next)
	next.ID = id
	co.putPerson(&next, stamp(s.now()))
	s.mustKeep(co)
}

// Dimensions returns the dimensions of a company with their items.
func (s *Server) Dimensions(company int64) []Dimension {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []Dimension{}
	for _, d := range co.dims.all() {
		next := *d
		next.Items = slices.Clone(d.Items)
		out = append(out, next)
	}
	return out
}

// Products returns the products of a company.
func (s *Server) Products(company int64) []Product {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	out := []Product{}
	for _, p := range co.products.all() {
		out = append(out, *p)
	}
	return out
}

// Attachment returns the bytes of an attachment.
func (s *Server) Attachment(company, id int64) (content []byte, ok bool) {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	f := co.files.get(id)
	if f == nil {
		return nil, false
	}
	return slices.Clone(f.Content), true
}

// Imbalance returns the ids of receipts that do not sum to zero: none, unless
// the sandbox has a defect.
func (s *Server) Imbalance(company int64) []int64 {
	co := s.mustCompany(company)
	co.mu.RLock()
	defer co.mu.RUnlock()
	var out []int64
	for id, r := range co.receipts.all() {
		if imbalance(r.Transactions).Sign() != 0 {
			out = append(out, id)
		}
	}
	return out
}

// CloseTrackingPeriod closes a month, "2026-01".
func (s *Server) CloseTrackingPeriod(company int64, month string) {
	s.setMonth(company, month, "CLOSED")
}

// ReopenTrackingPeriod opens a month again.
func (s *Server) ReopenTrackingPeriod(company int64, month string) {
	s.setMonth(company, month, "OPEN")
}

func (s *Server) setMonth(company int64, month, status string) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	y, p := co.period(month + "-01")
	if p == nil {
		panic(fmt.Sprintf("procountortest: company %d has no month %s", company, month))
	}
	i := slices.IndexFunc(y.TrackingPeriods, func(q TrackingPeriod) bool { return q.ID == p.ID })
	co.setPeriod(y.ID, i, status, stamp(s.now()))
	s.mustKeep(co)
}

// SetAccount closes an account of the chart, or opens it again.
func (s *Server) SetAccount(company int64, code string, active bool) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	found := false
	co.change(func(set *settings) {
		set.Accounts = slices.Clone(set.Accounts)
		for i := range set.Accounts {
			if set.Accounts[i].LedgerAccountCode == code {
				set.Accounts[i].Active, found = ptr(active), true
			}
		}
	})
	if !found {
		panic(fmt.Sprintf("procountortest: company %d has no account %s", company, code))
	}
	co.indexAccounts()
	s.mustKeep(co)
}

// SetCirculation switches the checking of purchases, travel and expenses on or
// off. The company's first user approves then.
func (s *Server) SetCirculation(company int64, on bool) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	co.change(func(set *settings) {
		set.Circulation.UseForPurchaseInvoices, set.Circulation.UseForTravelAndExpenseInvoices = ptr(on), ptr(on)
		set.Circulation.Acceptors = nil
		for id := range co.users.all() {
			if on {
				set.Circulation.Acceptors = []Verifier{{UserID: ptr(id), OrderNo: ptr(int64(1))}}
			}
			break
		}
	})
	s.mustKeep(co)
}

// CloseFiscalYear closes a year for good.
func (s *Server) CloseFiscalYear(company int64, year int) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	y, _ := co.period(fmt.Sprintf("%d-01-01", year))
	if y == nil {
		panic(fmt.Sprintf("procountortest: company %d has no year %d", company, year))
	}
	next := *y
	next.IsOpen, next.Modified = ptr(false), stamp(s.now())
	co.years.put(y.ID, &next)
	s.mustKeep(co)
}

// EnableVAT switches a percentage on, for sales, purchases or both.
func (s *Server) EnableVAT(company int64, percent string, sales, purchase bool) {
	s.setVAT(company, percent, sales, purchase)
}

// DisableVAT switches a percentage off on both sides.
func (s *Server) DisableVAT(company int64, percent string) { s.setVAT(company, percent, false, false) }

func (s *Server) setVAT(company int64, percent string, sales, purchase bool) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	p := Num(percent)
	co.change(func(set *settings) {
		set.VAT.VATInformation = slices.Clone(set.VAT.VATInformation)
		for i, c := range set.VAT.VATInformation {
			if c.Country != set.Company.Country {
				continue
			}
			list := slices.DeleteFunc(slices.Clone(c.Percentages), func(v VatInfo) bool { return deref(v.VATPercent).Cmp(p) == 0 })
			set.VAT.VATInformation[i].Percentages = append(list, VatInfo{&p, ptr(sales), ptr(purchase)})
		}
	})
	s.mustKeep(co)
}

// SetVATStatus adds a VAT status or changes on which sides it is in use.
func (s *Server) SetVATStatus(company int64, st VATStatusSeed) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	co.change(func(set *settings) {
		list := slices.DeleteFunc(slices.Clone(set.VAT.VATStatuses), func(v VatStatusInfo) bool { return deref(v.VATStatus) == st.Number })
		set.VAT.VATStatuses = append(list, VatStatusInfo{&st.Number, st.Description, &st.Sales, &st.Purchase})
		if st.Domestic {
			set.Domestic = st.Number
		}
	})
	s.mustKeep(co)
}

// editor is who the history names for what a person does in Procountor.
const editor = "Person In Procountor"

// ui runs f on an invoice as it stands, with the company locked.
func (s *Server) ui(company, id int64, f func(co *books, inv *invoice, at string)) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	inv := co.invoices.get(id)
	if inv == nil {
		panic(fmt.Sprintf("procountortest: company %d has no invoice %d", company, id))
	}
	f(co, inv, stamp(s.now()))
	co.keepCounters()
	s.mustKeep(co)
}

// books is the type company where a parameter has its name.
type books = company

// EditInvoice is a person changing an invoice: no rule is checked, sums and the
// ledger receipt are made anew, with a new receipt id.
func (s *Server) EditInvoice(company, id int64, change func(*Invoice)) {
	s.ui(company, id, func(co *books, inv *invoice, _ string) {
		next := *inv
		next.InvoiceRows = slices.Clone(inv.InvoiceRows)
		change(&next.Invoice)
		c := &call{srv: s, co: co, now: s.now()}
		if err := c.finish(&next); err != nil {
			panic("procountortest: " + err.Error())
		}
		c.store(&next, inv)
	})
}

// SetInvoiceStatus gives an invoice any status, such as PAID by a bank event.
func (s *Server) SetInvoiceStatus(company, id int64, status string) {
	s.ui(company, id, func(co *books, inv *invoice, at string) {
		if status == "INVALIDATED" {
			co.invalidate(inv, at, editor)
			return
		}
		co.move(inv, status, "", "", at, editor)
	})
}

// EditItem is a person renaming, closing or opening an item of a dimension: no rule is
// checked. With an id that is not there the item is added.
func (s *Server) EditItem(company, dimension int64, item DimensionItem) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	old := co.dims.get(dimension)
	if old == nil {
		panic(fmt.Sprintf("procountortest: company %d has no dimension %d", company, dimension))
	}
	next := *old
	next.Items = slices.Clone(old.Items)
	if i := slices.IndexFunc(next.Items, func(it DimensionItem) bool { return it.ID == item.ID }); i >= 0 {
		next.Items[i] = item
	} else {
		item.ID = co.nextID()
		co.keepCounters()
		next.Items = append(next.Items, item)
	}
	co.dims.put(dimension, &next)
	s.mustKeep(co)
}

// RemoveItem takes an item out of its dimension, as a person does in Procountor.
func (s *Server) RemoveItem(company, dimension, item int64) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	next := *co.dims.get(dimension)
	next.Items = slices.DeleteFunc(slices.Clone(next.Items), func(it DimensionItem) bool { return it.ID == item })
	co.dims.put(dimension, &next)
	s.mustKeep(co)
}

// EditPartner is a person changing a partner's card: no rule is checked.
func (s *Server) EditPartner(company, id int64, change func(*BusinessPartner)) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	old := co.partners.get(id)
	if old == nil {
		panic(fmt.Sprintf("procountortest: company %d has no partner %d", company, id))
	}
	next := new(BusinessPartner) // by way of JSON: nothing is shared with what is stored
	b, err := json.Marshal(old)
	if err == nil {
		err = json.Unmarshal(b, next)
	}
	if err != nil {
		panic("procountortest: " + err.Error())
	}
	change(next)
	next.ID, next.Version = id, stamp(s.now())
	co.partners.put(id, next)
	s.mustKeep(co)
}

// RemovePartner takes a partner out of the register, as a person does in
// Procountor.
func (s *Server) RemovePartner(company, id int64) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	co.partners.del(id)
	s.mustKeep(co)
}

// ReturnSending is the operator giving a sent invoice back, with its reason: the
// invoice stays as it is and its history tells (assumption 48).
func (s *Server) ReturnSending(company, id int64, reason string) {
	s.ui(company, id, func(co *books, inv *invoice, at string) {
		co.move(inv, inv.Status, "SENDING_ERROR_RECEIVED", reason, at, "Operator")
	})
}

// HandleSending is a person seeing to what the operator gave back: marked as handled,
// or, with again, not sent any more.
func (s *Server) HandleSending(company, id int64, again bool) {
	s.ui(company, id, func(co *books, inv *invoice, at string) {
		status, action := inv.Status, "SENDING_ERROR_MARK_AS_HANDLED"
		if again {
			status, action = "NOT_SENT", "SENDING_ERROR_REVERTED_TO_NOT_SENT"
		}
		co.move(inv, status, action, "", at, editor)
	})
}

// RemovePayment is a person removing a payment that was entered by hand.
func (s *Server) RemovePayment(company, id, event int64) {
	s.ui(company, id, func(co *books, _ *invoice, at string) {
		co.carryOut(&pendingAction{Kind: "removeEvent", Target: []int64{event}}, at)
	})
}

// AddPartner is a person entering a partner, and returns its id. Nothing about it
// is checked.
func (s *Server) AddPartner(company int64, p BusinessPartner) int64 {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	p.ID, p.Version = co.nextID(), stamp(s.now())
	co.finishPartner(&p)
	co.keepCounters()
	co.partners.put(p.ID, &p)
	s.mustKeep(co)
	return p.ID
}

// SetNotes is a person rewriting the internal notes.
func (s *Server) SetNotes(company, id int64, notes string) {
	s.ui(company, id, func(co *books, inv *invoice, at string) { co.setNotes(inv, notes, at) })
}

// DeleteInvoice removes an invoice and its receipt without a trace.
func (s *Server) DeleteInvoice(company, id int64) {
	s.ui(company, id, func(co *books, inv *invoice, _ string) {
		if inv.LedgerReceiptID != nil {
			co.receipts.del(*inv.LedgerReceiptID)
		}
		if n := inv.OriginalInvoiceNumber; n != "" {
			co.byOriginal[n] = slices.DeleteFunc(slices.Clone(co.byOriginal[n]), func(x int64) bool { return x == id })
		}
		co.invoices.del(id)
	})
}

// SetDimensions is a person dimensioning one transaction in the Dimensions view:
// the receipt's version does not move (REFERENCE 3.2).
func (s *Server) SetDimensions(company, receiptID, transactionID int64, values []DimensionItemValue) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	r := co.receipts.get(receiptID)
	if r == nil {
		panic(fmt.Sprintf("procountortest: company %d has no receipt %d", company, receiptID))
	}
	i := slices.IndexFunc(r.Transactions, func(t Transaction) bool { return t.ID == transactionID })
	if i < 0 {
		panic(fmt.Sprintf("procountortest: receipt %d has no transaction %d", receiptID, transactionID))
	}
	co.setDimensions(r, i, values, "")
	s.mustKeep(co)
}
