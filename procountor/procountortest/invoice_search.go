package procountortest

import (
	"slices"
	"strconv"
	"strings"
)

var invoiceTypes = []string{typeSales, typeSalesOrder, typePurchase, typePurchaseOrder, typeTravel, typeClaim, typeTaxReturn}

var receiptStatuses = []string{
	"APPROVED", "DELETED", "EMPTY", "INVALIDATED", "INVOICED", "MARKED_PAID", "NOT_SENT", "OVERRIDDEN", "PAID", "PARTLY_PAID",
	"PAYMENT_DENIED", "PAYMENT_QUEUED", "PAYMENT_SENT_TO_BANK", "PAYMENT_TRANSACTION_REMOVED", "RECEIVED", "SENT", "STARTED",
	"UNFINISHED", "UNSAVED", "VERIFIED",
}

// searchInvoices is GET /invoices with all filters of REFERENCE 3.1.
func searchInvoices(c *call) (any, error) {
	q := c.query()
	statuses := q.words("status", receiptStatuses...)
	types := q.words("types", invoiceTypes...)
	channels := q.words("invoiceChannel", "EMAIL", "MAIL", "ELECTRONIC_INVOICE", "EDIFACT", "PAPER_INVOICE", "NO_SENDING")
	dates := q.days("startDate", "endDate")
	created := q.instants("createdStartDate", "createdEndDate")
	version := q.instants("versionStartDate", "versionEndDate")
	due := q.days("dueStartDate", "dueEndDate")
	partner, hasPartner := q.id("businessPartnerId")
	contract, hasContract := q.id("factoringContractId")
	number, hasNumber := q.id("invoiceNumber")
	products := q.ids("productId")
	if len(products) > maxBatch {
		q.fault("productId", invalid("productId", "more than 200"))
	}
	original := q.text("originalInvoiceNumber")
	term := strings.ToLower(q.text("searchTerm"))
	offer, hasOffer := q.bool("isOffer")
	p := q.pager(true, "orderByDate", "orderByCreated", "orderByVersion")
	if err := q.err(); err != nil {
		return nil, err
	}
	asked := types
	if len(asked) == 0 {
		asked = invoiceTypes
	}
	if !slices.ContainsFunc(asked, func(t string) bool { return c.may(rightInvoices(t), false) }) {
		c.assume(assumeRightsFilter)
		return nil, c.denied()
	}

	match := func(inv *invoice) bool {
		switch {
		case len(statuses) > 0 && !slices.Contains(statuses, inv.Status),
			len(types) > 0 && !slices.Contains(types, inv.Type),
			len(channels) > 0 && !slices.Contains(channels, inv.InvoiceChannel),
			!dates.has(inv.Date), !created.has(inv.Created), !version.has(inv.Version), !due.has(inv.PaymentInfo.DueDate),
			hasPartner && deref(inv.PartnerID) != partner,
			hasContract && deref(inv.FactoringContractID) != contract,
			hasNumber && deref(inv.InvoiceNumber) != number,
			original != "" && inv.OriginalInvoiceNumber != original,
			hasOffer && offer && !deref(inv.IsOffer),
			len(products) > 0 && !slices.ContainsFunc(inv.InvoiceRows, func(r InvoiceRow) bool {
				return r.ProductID != nil && slices.Contains(products, *r.ProductID)
			}),
			term != "" && !inv.mentions(term):
			return false
		}
		return c.visible(inv)
	}
	var hits []*invoice
	if original != "" {
		for _, id := range c.co.byOriginal[original] {
			if inv := c.co.invoices.get(id); match(inv) {
				hits = append(hits, inv)
			}
		}
	} else {
		for _, inv := range c.co.invoices.all() {
			if match(inv) {
				hits = append(hits, inv)
			}
		}
	}
	return pageOf(p, hits, func(inv *invoice) int64 { return inv.ID }, func(inv *invoice, name string) string {
		switch name {
		case "orderByDate":
			return inv.Date
		case "orderByCreated":
			return inv.Created
		}
		return inv.Version
	}, (*invoice).basic), nil
}

// mentions looks in the counterparty's name, the number and the additional
// information (REFERENCE 3.1).
func (inv *invoice) mentions(term string) bool {
	return strings.Contains(strings.ToLower(inv.CounterParty.CounterPartyAddress.Name), term) ||
		strconv.FormatInt(deref(inv.InvoiceNumber), 10) == term ||
		strings.Contains(strings.ToLower(inv.AdditionalInformation), term)
}

func (inv *invoice) basic() InvoiceBasicInfo {
	return InvoiceBasicInfo{
		ID: inv.ID, PartnerID: inv.PartnerID, Type: inv.Type, Status: inv.Status, InvoiceNumber: inv.InvoiceNumber,
		OriginalInvoiceNumber: inv.OriginalInvoiceNumber, InvoiceChannel: inv.InvoiceChannel, Date: inv.Date,
		DueDate: inv.PaymentInfo.DueDate, NewDueDate: inv.PaymentInfo.NewDueDate, Created: inv.Created, Version: inv.Version,
		InvoiceSumInfo: inv.InvoiceSumInfo, CreatorID: inv.CreatorID, CounterParty: inv.CounterParty, IsOffer: inv.IsOffer,
	}
}
