package procountortest

import (
	"fmt"
	"net/http"
	"slices"
)

func getReceipt(c *call) (any, error) {
	return batch(c, func(id int64) (*LedgerReceipt, error) {
		r := c.co.receipts.get(id)
		if r == nil || !c.seesReceipt(r) {
			return nil, nil // 404 for a missing right too: the operation has no 403
		}
		return c.co.wireReceipt(r), nil
	})
}

// wireReceipt is the receipt as it is answered, with its owner's attachments.
func (co *company) wireReceipt(r *receipt) *LedgerReceipt {
	out := r.LedgerReceipt
	out.Attachments = append(co.attachmentsOf("INVOICE", r.Owner), co.attachmentsOf("LEDGERRECEIPT", r.ID)...)
	return &out
}

func (c *call) seesReceipt(r *receipt) bool {
	if r.Type == typeJournal {
		own := c.user.Rights.Accounting.PersonalJournalReceiptsOnly
		return c.may(rightJournals, false) && (!deref(own) || r.Creator == c.user.ID)
	}
	inv := c.co.invoices.get(r.Owner)
	return inv != nil && c.visible(inv)
}

// receipt finds the receipt of the path for writing.
func (c *call) receipt() (*receipt, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	r := c.co.receipts.get(id)
	if r == nil || !c.seesReceipt(r) {
		return nil, notFound()
	}
	if !c.may(rightInvoices(r.Type), true) || deref(c.user.Rights.Accounting.PreventEditingAccountingPage) {
		return nil, c.denied()
	}
	return r, nil
}

var receiptTypes = []string{
	typeJournal, typePurchase, typeSales, typeTaxReturn, typeTravel, typeClaim, "VAT_FORM", "SALARY", "EMPLOYER_CONTRIBUTION",
	typePurchaseOrder, typeSalesOrder, "BANK_STATEMENT_AS_RECEIPT", "RECEIPT_FOR_OPENING_ACCOUNTS", "REFERENCE_PAYMENT",
	"TRACKING_PERIOD_OPENING_RECEIPT", "VAT_SUMMARY",
}

func searchReceipts(c *call) (any, error) {
	q := c.query()
	types := q.words("types", receiptTypes...)
	statuses := q.words("status", receiptStatuses...)
	dates := q.days("startDate", "endDate")
	created := q.instants("createdStartDate", "createdEndDate")
	version := q.instants("versionStartDate", "versionEndDate")
	p := q.pager(true, "orderByDate", "orderByCreated", "orderByVersion")
	if err := q.err(); err != nil {
		return nil, err
	}
	var rows []*receipt
	for _, r := range c.co.receipts.all() {
		if len(types) > 0 && !slices.Contains(types, r.Type) || len(statuses) > 0 && !slices.Contains(statuses, r.Status) ||
			!dates.has(r.ReceiptDate) || !created.has(r.Created) || !version.has(r.Version) || !c.seesReceipt(r) {
			continue
		}
		rows = append(rows, r)
	}
	return pageOf(p, rows, func(r *receipt) int64 { return r.ID }, func(r *receipt, key string) string {
		switch key {
		case "orderByDate":
			return r.ReceiptDate
		case "orderByCreated":
			return r.Created
		}
		return r.Version
	}, func(r *receipt) LedgerReceiptBasicInfo {
		return LedgerReceiptBasicInfo{ID: r.ID, Type: r.Type, Status: r.Status, Name: r.Name, ReceiptDate: r.ReceiptDate,
			ReceiptNumber: r.ReceiptNumber, InvoiceNumber: r.InvoiceNumber, SerialNumber: r.SerialNumber, Created: r.Created, Version: r.Version}
	}), nil
}

// postReceipt makes a journal, always UNFINISHED. It has a hidden invoice id for
// attachments (REFERENCE 3.2).
func postReceipt(c *call, in *LedgerReceipt) (any, error) {
	if in.Type != typeJournal {
		return nil, badRequest("type", invalid("type", in.Type))
	}
	f := &faults{call: c}
	if !c.open(in.ReceiptDate) {
		f.add("receiptDate", codeClosedPeriod)
	}
	c.checkReceipt(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	co := c.co
	number := co.nextNumber(typeJournal)
	r := &receipt{LedgerReceipt: *in, Created: stamp(c.now), Creator: c.user.ID}
	r.ID, r.Owner = co.nextID(), co.nextID()
	r.Status, r.InvoiceID, r.ReceiptNumber, r.InvoiceNumber = "UNFINISHED", &r.Owner, &number, &number
	r.SerialNumber, r.Attachments, r.Version = nil, nil, r.Created
	r.Transactions = c.numbered(in.Transactions, nil)
	co.keepCounters()
	co.journalOf[r.Owner] = r.ID
	co.receipts.put(r.ID, r)
	return &r.LedgerReceipt, nil
}

// numbered gives transactions ids; one that was there before keeps its own.
func (c *call) numbered(ts, old []Transaction) []Transaction {
	out := slices.Clone(ts)
	seen := map[int64]bool{}
	for i := range out {
		known := slices.ContainsFunc(old, func(o Transaction) bool { return o.ID == out[i].ID })
		if out[i].ID == 0 || !known || seen[out[i].ID] {
			out[i].ID = c.co.nextID()
		}
		seen[out[i].ID] = true
		out[i].Allocations = nil
		if out[i].TransactionType == ordinaryEntry && out[i].VATDeductionPercent == nil {
			out[i].VATDeductionPercent = ptr(hundred)
		}
	}
	return out
}

// putReceipt replaces a receipt. Its id stays; its version must be the latest.
func putReceipt(c *call, in *LedgerReceipt) (any, error) {
	old, err := c.receipt()
	if err != nil {
		return nil, err
	}
	if err := c.sameVersion(in.Version, old.Version); err != nil {
		return nil, err
	}
	f := &faults{call: c}
	if in.Type != old.Type {
		f.add("type", invalid("type", in.Type), assumeFieldCodes)
		return nil, f.err()
	}
	if old.Type == typeJournal && old.Status != "UNFINISHED" || isOrder(old.Type) || old.Type == typeTaxReturn {
		c.assume(assumeStatusRefusal, assumeReceiptEdit)
		return nil, badRequest("", "a receipt in status "+old.Status+" cannot be edited")
	}
	if !c.open(old.ReceiptDate) || !c.open(in.ReceiptDate) {
		f.add("receiptDate", codeClosedPeriod)
	}
	if old.Type != typeJournal {
		c.checkOwned(f, in, old)
	}
	c.checkReceipt(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	next := &receipt{LedgerReceipt: *in, Created: old.Created, Owner: old.Owner, Creator: old.Creator}
	next.ID, next.Status, next.InvoiceID = old.ID, old.Status, old.InvoiceID
	next.ReceiptNumber, next.InvoiceNumber, next.SerialNumber, next.Attachments = old.ReceiptNumber, old.InvoiceNumber, old.SerialNumber, nil
	next.Version = stamp(c.now)
	next.Transactions = c.numbered(in.Transactions, old.Transactions)
	c.co.keepCounters()
	c.co.receipts.put(next.ID, next)
	if inv := c.co.invoices.get(old.Owner); inv != nil && inv.Notes != in.InvoiceNotes {
		c.assume(assumeNotesThrough)
		changed := *inv
		changed.Notes, changed.Version = in.InvoiceNotes, next.Version
		c.co.putInvoice(&changed, inv)
	}
	return c.co.wireReceipt(next), nil
}

// checkOwned: what the receipt of an invoice may not change (assumption 34).
func (c *call) checkOwned(f *faults, in *LedgerReceipt, old *receipt) {
	if in.ReceiptDate != old.ReceiptDate {
		f.add("receiptDate", invalid("receiptDate", in.ReceiptDate), assumeReceiptEdit)
	}
	if in.VATType != old.VATType {
		f.add("vatType", invalid("vatType", in.VATType), assumeReceiptEdit)
	}
	var was, is *Transaction
	for i := range old.Transactions {
		if old.Transactions[i].TransactionType == reversingEntry {
			was = &old.Transactions[i]
		}
	}
	for i := range in.Transactions {
		if in.Transactions[i].TransactionType == reversingEntry {
			is = &in.Transactions[i]
		}
	}
	if was != nil && (is == nil || is.AccountingValue.Cmp(was.AccountingValue) != 0) {
		f.add("transactions", invalid("transactions", reversingEntry), assumeReceiptEdit)
	}
}

// checkReceipt applies REFERENCE 3.2 and 4 to a receipt, rounds its values and
// adds the reconciliation row when asked.
func (c *call) checkReceipt(f *faults, in *LedgerReceipt) {
	co := c.co
	if most := c.srv.opt.MaxJournalRows; most > 0 && in.Type == "JOURNAL" && len(in.Transactions) > most {
		f.add("transactions", sizeBetween(1, most), assumeJournalRows)
	}
	if s, e := in.PeriodStartDate, in.PeriodEndDate; s != "" && e != "" && s >= e {
		f.add("periodEndDate", invalid("periodEndDate", e), assumeFieldCodes)
	}
	if in.VATProcessing != "" && in.VATProcessing != co.country() {
		f.add("vatProcessing", invalid("vatProcessing", in.VATProcessing), assumeFieldCodes)
	}
	if id := in.PartnerID; id != nil && co.partners.get(*id) == nil {
		f.add("partnerId", invalid("partnerId", fmt.Sprint(*id)), assumeFieldCodes)
	}
	if !co.vatUse(in.VATType).statuses[in.VATStatus] {
		f.add("vatStatus", codeVATStatus, assumeFieldCodes)
	}
	use := map[string]vatUse{"SALES": co.vatUse("SALES"), "PURCHASE": co.vatUse("PURCHASE")}
	count := map[string]int{}
	total := Number{0, 2}
	for i := range in.Transactions {
		t := &in.Transactions[i]
		at := func(name string) string { return fmt.Sprintf("transactions[%d].%s", i, name) }
		if v, ok := roundRat(t.AccountingValue.rat()); ok {
			t.AccountingValue = v
		} else {
			f.add(at("accountingValue"), invalid(at("accountingValue"), t.AccountingValue.String()), assumeNumberLimits)
			continue
		}
		if !co.accountCodes[t.Account] {
			f.add(at("account"), codeAccountVAT)
		}
		if count[t.TransactionType]++; t.TransactionType != ordinaryEntry {
			if count[t.TransactionType] > 1 {
				f.add(at("transactionType"), invalid(at("transactionType"), t.TransactionType), assumeFieldCodes)
			}
			if t.VATPercent.Sign() != 0 {
				f.add(at("vatPercent"), invalid(at("vatPercent"), t.VATPercent.String()), assumeFieldCodes)
			}
			if t.VATStatus != nil {
				f.add(at("vatStatus"), codeVATStatus, assumeFieldCodes)
			}
		}
		kind := in.VATType
		if t.VATType != "" {
			kind = t.VATType
		}
		if t.VATPercent.Sign() != 0 && !use[kind].hasPercent(t.VATPercent) {
			f.add(at("vatPercent"), invalid(at("vatPercent"), t.VATPercent.String()), assumeFieldCodes)
		}
		status := in.VATStatus
		if t.VATStatus != nil {
			status = *t.VATStatus
		}
		if t.TransactionType == ordinaryEntry && (!use[kind].statuses[status] || status != co.set().Domestic && t.VATPercent.Sign() != 0) {
			f.add(at("vatStatus"), codeVATStatus)
		}
		if p := t.VATDeductionPercent; p != nil && (p.Sign() < 0 || p.Cmp(hundred) > 0) {
			f.add(at("vatDeductionPercent"), invalid(at("vatDeductionPercent"), p.String()), assumeFieldCodes)
		}
		if t.PartnerID != nil && co.country() != "NORWAY" {
			f.add(at("partnerId"), invalid(at("partnerId"), fmt.Sprint(*t.PartnerID)), assumeFieldCodes)
		}
		if s, e := t.StartDate, t.EndDate; s != "" && e != "" && s > e {
			f.add(at("endDate"), invalid(at("endDate"), e), assumeFieldCodes)
		}
		c.checkDimensions(f, at("dimensionItemValues"), t.DimensionItemValues, t.AccountingValue)
		total = total.add(t.AccountingValue).add(percentOf(t.AccountingValue, t.VATPercent))
		if total.abs().coef > maxCents {
			f.add(at("accountingValue"), invalid(at("accountingValue"), "sum too large"), assumeNumberLimits)
			return
		}
	}
	if total.Sign() == 0 {
		return
	}
	if c.r.URL.Query().Get("createReconciliation") != "true" {
		f.add("transactions", invalid("transactions", "sum is "+total.String()), assumeFieldCodes)
		return
	}
	for i := range in.Transactions {
		if t := &in.Transactions[i]; t.TransactionType == reconcilingEntry {
			t.AccountingValue = t.AccountingValue.sub(total)
			return
		}
	}
	in.Transactions = append(in.Transactions, Transaction{TransactionType: reconcilingEntry, Account: co.set().DefaultLedger.Rounding, AccountingValue: total.Neg()})
}

// checkDimensions: ids exist and are in use, pairs are unique, the items of one
// dimension sum to the transaction's value, in absolute amounts.
func (c *call) checkDimensions(f *faults, path string, values []DimensionItemValue, value Number) {
	type pair struct{ dimension, item int64 }
	seen := map[pair]bool{}
	sums := map[int64]Number{}
	for i, v := range values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if d := c.co.dims.get(v.DimensionID); d == nil || !slices.ContainsFunc(d.Items, func(it DimensionItem) bool {
			return it.ID == v.ItemID && it.Status == ""
		}) {
			f.add(path, codeDimension)
			return
		}
		if p := (pair{v.DimensionID, v.ItemID}); seen[p] {
			f.add(at, invalid(at, fmt.Sprint(v.ItemID)), assumeFieldCodes)
		} else {
			seen[p] = true
		}
		if v.Value.Sign() < 0 || v.Value.decimals() > 2 {
			f.add(at+".value", invalid(at+".value", v.Value.String()), assumeFieldCodes)
			return
		}
		if r, ok := roundRat(v.Value.rat()); ok {
			sums[v.DimensionID] = sums[v.DimensionID].add(r)
		}
	}
	for _, d := range sortedKeys(sums) {
		if sums[d].Cmp(value.abs()) != 0 {
			f.add(path, invalid(path, "sum is "+sums[d].String()), assumeFieldCodes)
		}
	}
}

// putDimensions replaces the dimensions of one transaction.
func putDimensions(c *call, in *DimensionItemValueList) (any, error) {
	r, err := c.receipt()
	if err != nil {
		return nil, err
	}
	id, err := c.pathID(1)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.Transactions, func(t Transaction) bool { return t.ID == id })
	if i < 0 {
		return nil, notFound()
	}
	f := &faults{call: c}
	if !c.open(r.ReceiptDate) {
		f.add("receiptDate", codeClosedPeriod)
	}
	c.checkDimensions(f, "dimensionItemValues", in.DimensionItemValues, r.Transactions[i].AccountingValue)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.assume(assumeDimensionVersion)
	return c.co.wireReceipt(c.co.setDimensions(r, i, in.DimensionItemValues, stamp(c.now))), nil
}

// setDimensions changes one transaction; an empty at leaves the version.
func (co *company) setDimensions(r *receipt, i int, values []DimensionItemValue, at string) *receipt {
	next := *r
	next.Transactions = slices.Clone(r.Transactions)
	next.Transactions[i].DimensionItemValues = values
	if at != "" {
		next.Version = at
	}
	co.receipts.put(next.ID, &next)
	return &next
}

// journalAction moves a journal from one of the statuses to another.
func journalAction(to string, from ...string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		r, err := c.receipt()
		if err != nil {
			return nil, err
		}
		c.assume(assumeJournalActions)
		if r.Type != typeJournal || !slices.Contains(from, r.Status) || to != "APPROVED" && r.SerialNumber != nil {
			// Swedish and Danish journals with a serial number stay (REFERENCE 3.2).
			return nil, newProblem(http.StatusForbidden, "", fmt.Sprintf("a %s in status %s cannot become %s", r.Type, r.Status, to))
		}
		if !c.open(r.ReceiptDate) {
			c.assume(assumeActionClosed)
			return nil, newProblem(http.StatusForbidden, "receiptDate", codeClosedPeriod)
		}
		next := *r
		next.Status, next.Version = to, stamp(c.now)
		if country := c.co.country(); to == "APPROVED" && (country == "SWEDEN" || country == "DENMARK") && r.SerialNumber == nil {
			next.SerialNumber = &SerialNumber{Series: "A", Number: ptr(c.co.nextNumber("SERIAL A"))}
			c.co.keepCounters()
		}
		c.co.receipts.put(next.ID, &next)
		return info("Receipt is %s", to), nil
	}
}

// searchJournals: the description has one journal where a list is meant; the
// newest is answered (assumption 46).
func searchJournals(c *call) (any, error) {
	q := c.query()
	statuses := q.words("statuses", "UNFINISHED", "APPROVED", "INVALIDATED")
	dates := q.days("startDate", "endDate")
	created := q.instants("createdStartDate", "createdEndDate")
	version := q.instants("versionStartDate", "versionEndDate")
	if err := q.err(); err != nil {
		return nil, err
	}
	c.assume(assumeJournals)
	out := Journal{Type: typeJournal}
	for _, r := range c.co.receipts.all() {
		if r.Type == typeJournal && (len(statuses) == 0 || slices.Contains(statuses, r.Status)) &&
			dates.has(r.ReceiptDate) && created.has(r.Created) && version.has(r.Version) && c.seesReceipt(r) {
			out = Journal{ID: r.Owner, LedgerReceiptID: &r.ID, PartnerID: r.PartnerID, Type: typeJournal, Status: r.Status,
				InvoiceNumber: r.InvoiceNumber, Date: r.ReceiptDate, Created: r.Created, Version: r.Version}
		}
	}
	return out, nil
}
