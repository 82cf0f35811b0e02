package procountortest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// saveInvoice is POST /invoices. The answer is the saved invoice. Sending the
// same body twice makes two invoices (REFERENCE 2.6).
func saveInvoice(c *call, in *Invoice) (any, error) {
	if err := c.mayWrite(in.Type); err != nil {
		return nil, err
	}
	if c.r.URL.Query().Get("addCollectionPenalCosts") == "true" {
		c.assume(assumeQuery) // no open penal interest exists here
	}
	c.match(in)
	if err := c.check(in); err != nil {
		return nil, err
	}
	inv := &invoice{Invoice: *in, Created: stamp(c.now)}
	if err := c.finish(inv); err != nil {
		return nil, err
	}
	co := c.co
	inv.ID = co.nextID()
	inv.Status = "UNFINISHED"
	number := co.nextNumber(in.Type)
	inv.InvoiceNumber = &number
	c.assume(assumeNumbering)
	inv.CreatorID = &c.user.ID
	if ref := inv.PaymentInfo.BankReferenceCode; ref != nil && *ref == "" {
		c.makeReference(&inv.PaymentInfo, number)
	}
	c.store(inv, nil)
	return &inv.Invoice, nil
}

// updateInvoice is PUT /invoices/{id}: it replaces everything; the ledger
// receipt is made anew, with a new id and without what was posted by hand
// (REFERENCE 2.6, 3.1).
func updateInvoice(c *call, in *Invoice) (any, error) {
	old, err := c.invoiceToChange(0)
	if err != nil {
		return nil, err
	}
	switch {
	case old.Status == "UNFINISHED":
	case old.Status == "RECEIVED" && !isSales(old.Type):
	default:
		c.assume(assumeStatusRefusal)
		return nil, newProblem(http.StatusForbidden, "", "an invoice in status "+old.Status+" cannot be edited")
	}
	if err := c.sameVersion(in.Version, old.Version); err != nil {
		return nil, err
	}
	if !c.open(old.Date) {
		return nil, badRequest("date", codeClosedPeriod)
	}
	in.PartnerID = old.PartnerID // not editable in PUT
	f := &faults{call: c}
	if in.Type != old.Type {
		f.add("type", invalid("type", in.Type), assumeFieldCodes)
		return nil, f.err()
	}
	if err := c.check(in); err != nil {
		return nil, err
	}
	inv := &invoice{Invoice: *in, Created: old.Created, History: old.History}
	if err := c.finish(inv); err != nil {
		return nil, err
	}
	inv.ID, inv.Status, inv.InvoiceNumber, inv.CreatorID = old.ID, old.Status, old.InvoiceNumber, old.CreatorID
	inv.PaymentDate = old.PaymentDate
	if ref := inv.PaymentInfo.BankReferenceCode; ref != nil && *ref == "" {
		c.makeReference(&inv.PaymentInfo, *inv.InvoiceNumber)
	}
	c.store(inv, old)
	return &inv.Invoice, nil
}

// mayWrite: right to the type, and the limitation that forbids invoices.
func (c *call) mayWrite(typ string) error {
	if err := c.allow(rightInvoices(typ), true); err != nil {
		return err
	}
	if p := c.user.Rights.Accounting.PreventCreatingEditingInvoices; p != nil && *p {
		return c.denied()
	}
	return nil
}

// visible reports whether the user may see an invoice.
func (c *call) visible(inv *invoice) bool {
	if !c.may(rightInvoices(inv.Type), false) {
		return false
	}
	var own *bool
	switch {
	case isSales(inv.Type):
		own = c.user.Rights.Sales.PersonalSalesInvoicesOnly
	case isTravel(inv.Type):
		own = c.user.Rights.TravelAndExpenses.PersonalTravelAndExpenseInvoiceOnly
	default:
		own = c.user.Rights.Purchases.PersonalPurchaseInvoicesOnly
	}
	return own == nil || !*own || inv.CreatorID != nil && *inv.CreatorID == c.user.ID
}

// invoice finds the invoice of a path parameter for reading.
func (c *call) invoice(n int) (*invoice, error) {
	id, err := c.pathID(n)
	if err != nil {
		return nil, err
	}
	inv := c.co.invoices.get(id)
	if inv == nil {
		return nil, notFound()
	}
	if !c.visible(inv) {
		return nil, c.denied()
	}
	return inv, nil
}

func (c *call) invoiceToChange(n int) (*invoice, error) {
	inv, err := c.invoice(n)
	if err != nil {
		return nil, err
	}
	return inv, c.mayWrite(inv.Type)
}

// sameVersion compares versions as times: a client may add a fraction or a zone.
func (c *call) sameVersion(given, stored string) error {
	if given == "" {
		return badRequest("version", codeEmpty)
	}
	t, err := parseTime(given, c.srv.zone)
	if err != nil || stamp(t) != stored {
		c.assume(assumeStaleVersion)
		return badRequest("version", invalid("version", short(given)))
	}
	return nil
}

// match links a partner when the option asks for it (assumption 17).
func (c *call) match(in *Invoice) {
	if in.PartnerID != nil && *in.PartnerID == 0 {
		in.PartnerID = nil
	}
	if in.PartnerID != nil || isTravel(in.Type) {
		return
	}
	c.assume(assumeMatching)
	if !c.srv.opt.MatchPartners {
		return
	}
	want := "SUPPLIER"
	if isSales(in.Type) {
		want = "CUSTOMER"
	}
	for _, key := range [2]func(*InvoicingInfo) bool{
		func(i *InvoicingInfo) bool {
			return i.Identifier != "" && i.Identifier == in.CounterParty.Identifier
		},
		func(i *InvoicingInfo) bool {
			return i.CustomerNumber != "" && i.CustomerNumber == in.CounterParty.CustomerNumber
		},
	} {
		var hits []int64
		for id, p := range c.co.partners.all() {
			if p.Type == want && p.isActive() && p.InvoicingInfo != nil && key(p.InvoicingInfo) {
				hits = append(hits, id)
			}
		}
		if len(hits) == 1 {
			in.PartnerID = &hits[0]
			return
		}
	}
}

// finish fills in what the server decides: ids of rows, copied addresses,
// totals. It also clears what only the server may set.
func (c *call) finish(inv *invoice) error {
	inv.PaymentDate, inv.PaymentInfo.NewDueDate = "", ""
	inv.Sum, inv.InvoiceOperatorInfo, inv.Attachments, inv.InvoiceSumInfo = nil, nil, nil, nil
	cp := inv.CounterParty.CounterPartyAddress
	if inv.BillingAddress == nil && isSales(inv.Type) {
		inv.BillingAddress = ptr(InvoiceBillingAddress(cp))
	}
	if inv.DeliveryAddress == nil && !isTravel(inv.Type) {
		inv.DeliveryAddress = ptr(InvoiceDeliveryAddress(cp))
	}
	if cd := inv.PaymentInfo.CashDiscount; cd != nil {
		opts := cd.OptionList
		if len(opts) > maxDiscountOpts { // extras are ignored
			opts = opts[:maxDiscountOpts]
		}
		opts = slices.Clone(opts)
		slices.SortStableFunc(opts, func(a, b CashDiscountOption) int {
			return cmp.Compare(deref(a.NumberOfDays), deref(b.NumberOfDays))
		})
		kind := cd.CashDiscountsTermType
		if kind == "" {
			kind = "FROM_INV_DATE"
		}
		inv.PaymentInfo.CashDiscount = &CashDiscount{opts, kind}
	}
	if a := inv.InvoiceApprovalInformation; a == nil && !isSales(inv.Type) {
		// The environment's default checkers.
		set := c.co.set().Circulation
		if len(set.Acceptors)+len(set.Verifiers) > 0 {
			a = &InvoiceApprovalInformation{}
			for _, v := range set.Acceptors {
				a.Acceptors = append(a.Acceptors, InvoiceCheckerInformation{UserID: deref(v.UserID)})
			}
			for _, v := range set.Verifiers {
				a.Verifiers = append(a.Verifiers, InvoiceCheckerInformation{UserID: deref(v.UserID)})
			}
			inv.InvoiceApprovalInformation = a
		}
	}
	total, rows, groups, ok := calculate(&inv.Invoice, c.srv.opt.Rounding)
	for _, p := range slices.Concat(rows, groups) {
		_, fits := inDomestic(p.net, inv.PaymentInfo.CurrencyRate)
		ok = ok && fits
	}
	if !ok {
		c.assume(assumeNumberLimits)
		return badRequest("invoiceRows", invalid("invoiceRows", "sum too large"))
	}
	c.assume(assumeRounding)
	inv.Rounded = total
	sums := []InvoiceSumInfo{{
		Currency: inv.PaymentInfo.Currency, InAccountingCurrency: ptr(inv.PaymentInfo.Currency == c.co.domestic()),
		ExcludingVatTotal: &total.Net, VATSumTotal: &total.VAT, InvoiceSumTotal: &total.Gross,
	}}
	if home := c.co.domestic(); home != inv.PaymentInfo.Currency {
		net, ok1 := inDomestic(total.Net, inv.PaymentInfo.CurrencyRate)
		gross, ok2 := inDomestic(total.Gross, inv.PaymentInfo.CurrencyRate)
		if !ok1 || !ok2 {
			c.assume(assumeNumberLimits)
			return badRequest("invoiceRows", invalid("invoiceRows", "sum too large"))
		}
		c.assume(assumeForeign)
		vat := gross.sub(net)
		sums = append(sums, InvoiceSumInfo{Currency: home, InAccountingCurrency: ptr(true), ExcludingVatTotal: &net, VATSumTotal: &vat, InvoiceSumTotal: &gross})
	}
	inv.InvoiceSumInfo = sums
	return nil
}

// store writes a new or edited invoice and its (new) ledger receipt.
func (c *call) store(inv, old *invoice) {
	co := c.co
	inv.Version = stamp(c.now)
	rows := slices.Clone(inv.InvoiceRows)
	for i := range rows {
		rows[i].ID = co.nextID()
	}
	inv.InvoiceRows = rows
	if old != nil && old.LedgerReceiptID != nil {
		co.receipts.del(*old.LedgerReceiptID)
	}
	r := co.makeReceipt(inv, c.srv.opt.Rounding)
	c.assume(assumeReceiptShape)
	r.ID, r.Created, r.Version = co.nextID(), inv.Version, inv.Version
	r.Creator = deref(inv.CreatorID)
	for i := range r.Transactions {
		r.Transactions[i].ID = co.nextID()
	}
	inv.LedgerReceiptID = &r.ID
	co.receipts.put(r.ID, r)
	co.putInvoice(inv, old)
}

// putInvoice writes an invoice and keeps the index of original numbers.
func (co *company) putInvoice(inv, old *invoice) {
	co.keepCounters()
	if old == nil || old.OriginalInvoiceNumber != inv.OriginalInvoiceNumber {
		if old != nil && old.OriginalInvoiceNumber != "" {
			ids := co.byOriginal[old.OriginalInvoiceNumber]
			co.byOriginal[old.OriginalInvoiceNumber] = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == inv.ID })
		}
		if n := inv.OriginalInvoiceNumber; n != "" {
			// In place, for a thousand invoices with one number: nobody holds on to
			// the slice beyond the lock.
			ids := co.byOriginal[n]
			at, _ := slices.BinarySearch(ids, inv.ID)
			co.byOriginal[n] = slices.Insert(ids, at, inv.ID)
		}
	}
	co.invoices.put(inv.ID, inv)
}

// ids reads the path parameter of a batch: one id, or up to 200 by commas.
func (c *call) ids() (ids []int64, many bool, err error) {
	parts := strings.Split(c.vars[0], ",")
	if n := len(parts); n > 1 && parts[n-1] == "" {
		c.assume(assumeTrailingComma)
		parts = parts[:n-1]
	}
	if len(parts) > maxBatch {
		c.assume(assumeFieldCodes)
		return nil, true, badRequest("", fmt.Sprintf("at most %d ids", maxBatch))
	}
	for _, p := range parts {
		id, err := strconv.ParseInt(p, 10, 64)
		if err != nil || id < 0 {
			c.assume(assumeTrailingComma)
			return nil, true, notFound()
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), len(parts) > 1, nil
}

// maxBatch is REFERENCE 2.4: over 200 ids answer 400.
const maxBatch = 200

// batch answers a batch GET: an object for a single id, else an array sorted by
// id without unknown ones; none found is 404 (REFERENCE 2.4).
func batch[T any](c *call, get func(id int64) (*T, error)) (any, error) {
	ids, many, err := c.ids()
	if err != nil {
		return nil, err
	}
	if !many {
		v, err := get(ids[0])
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, notFound()
		}
		return v, nil
	}
	list := make([]*T, 0, len(ids))
	for _, id := range ids {
		if v, err := get(id); err == nil && v != nil {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return nil, notFound()
	}
	return list, nil
}

func getInvoice(c *call) (any, error) {
	return batch(c, func(id int64) (*Invoice, error) {
		inv := c.co.invoices.get(id)
		if inv == nil {
			return nil, nil
		}
		if !c.visible(inv) {
			return nil, c.denied()
		}
		return c.co.wireInvoice(inv), nil
	})
}

// wireInvoice is the invoice as it is answered, with its attachments.
func (co *company) wireInvoice(inv *invoice) *Invoice {
	out := inv.Invoice
	out.Attachments = co.attachmentsOf("INVOICE", inv.ID)
	return &out
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
