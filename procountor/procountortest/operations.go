package procountortest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
)

const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// operations are all that the sandbox has, by the ids and paths of the
// description. COVERAGE.md is written from this list.
func operations() []operation {
	return []operation{
		{id: "issueToken", method: post, pattern: "/oauth/token", open: true, read: readTokenForm, do: issueToken},

		plain("searchInvoice", get, "/invoices", anyone, searchInvoices),
		withBody("saveInvoice", post, "/invoices", anyone, "Invoice", saveInvoice),
		plain("getInvoice", get, "/invoices/{invoiceId}", anyone, getInvoice),
		withBody("updateInvoice", put, "/invoices/{invoiceId}", anyone, "Invoice", updateInvoice),
		withBody("approveInvoice1", put, "/invoices/{invoiceId}/approve", anyone, "CheckingEvent", approveInvoice),
		withBody("verifyInvoice", put, "/invoices/{invoiceId}/verify", anyone, "CheckingEvent", verifyInvoice),
		withBody("rejectInvoice", put, "/invoices/{invoiceId}/reject", anyone, "CheckingEvent", rejectInvoice).hidden(),
		plain("markInvoiceAsUnfinished", put, "/invoices/{invoiceId}/unfinished", anyone, unfinishedInvoice),
		plain("send", put, "/invoices/{invoiceId}/send", anyone, sendInvoice),
		plain("sendToCirculation", put, "/invoices/{invoiceId}/sendToCirculation", anyone, circulateInvoice).hidden(),
		plain("markInvoiceAsInvalidated", put, "/invoices/{invoiceId}/invalidate", anyone, invalidateInvoice),
		withBody("addNotesToInvoice", put, "/invoices/{invoiceId}/notes", anyone, "InvoiceNotes", putNotes).hidden(),
		plain("getInvoiceImage", get, "/invoices/{invoiceId}/image", anyone, getInvoiceImage).partly("pages are the pictures that are attached"),
		plain("getInvoiceTransactions", get, "/invoices/{invoiceId}/transactions", anyone, invoiceHistory),
		plain("getInvoiceTransactionsBulk", get, "/invoices/transactions", anyone, invoiceHistories),
		plain("getInvoicesForPersonalVerifications", get, "/invoices/personalverifications", anyone,
			personalList([]string{"UNFINISHED", "RECEIVED"}, func(a *InvoiceApprovalInformation) []InvoiceCheckerInformation { return a.Verifiers })),
		plain("getInvoicesForPersonalApprovals", get, "/invoices/personalapprovals", anyone,
			personalList([]string{"UNFINISHED", "RECEIVED", "VERIFIED"}, func(a *InvoiceApprovalInformation) []InvoiceCheckerInformation { return a.Acceptors })),

		plain("getInvoiceComments", get, "/invoices/{invoiceId}/comments", anyone, listComments),
		withBody("saveInvoiceComment", post, "/invoices/{invoiceId}/comments", anyone, "Comment", postComment).partly("nobody is tagged"),
		plain("getCommentById", get, "/invoices/{invoiceId}/comments/{commentId}", anyone, getComment).partly("nobody is tagged"),
		plain("setCommentReadByUser", put, "/invoices/{invoiceId}/comments/{commentId}/read", anyone, readComment).partly("nothing is remembered"),
		plain("getTaggeableUsers", get, "/invoices/{invoiceId}/comments/taggableusers", anyone, taggableUsers),
		withBody("markInvoiceAsPaid", put, "/invoices/{invoiceId}/paymentevents/markpaid", edit(rightMarkPaid), "MarkInvoiceAsPaid", markPaid).
			partly("no penal interest"),
		plain("searchPaymentEvents", get, "/invoices/{invoiceId}/paymentevents", anyone, searchEvents),
		plain("getPaymentEventByIdAndInvoiceId", get, "/invoices/{invoiceId}/paymentevents/{paymentEventId}", anyone, getEvent),
		plain("removePaymentEvent", remove, "/invoices/{invoiceId}/paymentevents/{paymentEventId}", edit(rightMarkPaid), removeEvent),

		plain("searchLedgerReceipt", get, "/ledgerreceipts", anyone, searchReceipts),
		withBody("saveLedgerReceipt", post, "/ledgerreceipts", edit(rightJournals), "LedgerReceipt", postReceipt),
		plain("getLedgerReceipt", get, "/ledgerreceipts/{receiptId}", anyone, getReceipt),
		withBody("updateLedgerReceipt", put, "/ledgerreceipts/{receiptId}", anyone, "LedgerReceipt", putReceipt),
		plain("approveInvoice", put, "/ledgerreceipts/{receiptId}/approve", anyone, journalAction("APPROVED", "UNFINISHED")),
		plain("markLedgerReceiptAsUnfinished", put, "/ledgerreceipts/{receiptId}/unfinished", anyone, journalAction("UNFINISHED", "APPROVED")),
		plain("markLedgerReceiptAsInvalidated", put, "/ledgerreceipts/{receiptId}/invalidate", anyone, journalAction("INVALIDATED", "UNFINISHED")),
		withBody("updateLedgerReceiptTransactionDimensions", put, "/ledgerreceipts/{receiptId}/transactions/{transactionId}/dimensions", anyone,
			"DimensionItemValueList", putDimensions),
		plain("searchJournalsByStatuses", get, "/journals", view(rightJournals), searchJournals).partly("one journal, as the description has one object"),

		plain("getPaymentRows", get, "/payments", view(rightPayments), searchPayments),
		withBody("payInvoices", post, "/payments", edit(rightPayments), "InvoicePaymentList", postPayments).partly("confirmed through the management interface"),
		plain("getPaymentRowById", get, "/payments/{paymentId}", view(rightPayments), getPayment).hidden(),
		plain("removePayment", remove, "/payments/{paymentId}", edit(rightPayments), removePayment).partly("confirmed through the management interface"),
		plain("getPaymentEvents", get, "/payments/paymentevents", anyone, bulkEvents),
		plain("getErrorMessages", get, "/payments/errormessages", view(rightPayments), emptySearch).partly("always empty"),
		plain("searchSalaryPaymentGroups", get, "/payments/directsalarypayments", view(rightPayments), emptySearch).partly("always empty"),
		plain("getMfaTransactionResult", get, "/mfatransactionresult/{transactionIdentifier}", anyone, mfaResult).partly("no 409"),

		plain("getBankStatements", get, "/bankstatements", view(rightBank), searchStatements),
		{id: "allocateInvoiceToEvent", method: put, pattern: "/bankstatements/{statementId}/events/{eventId}/invoices", need: edit(rightAllocate),
			read: readID, do: allocateInvoice, partial: "no penal interest"},
		plain("deleteInvoiceAllocationFromEvent", remove, "/bankstatements/{statementId}/events/{eventId}/invoices", edit(rightAllocate), unallocateInvoice),
		{id: "allocateProductToEvent", method: put, pattern: "/bankstatements/{statementId}/events/{eventId}/products", need: edit(rightAllocate),
			read: readID, do: allocateProduct, partial: "nothing is posted"},
		plain("deleteProductAllocationFromEvent", remove, "/bankstatements/{statementId}/events/{eventId}/products", edit(rightAllocate), unallocateProduct),
		plain("getReferencePayments", get, "/referencepayments", view(rightBank), searchReferencePayments),
		plain("getFactoringContracts", get, "/factoringcontracts", anyone, emptySearch).partly("always empty"),

		plain("getAttachments", get, "/attachments", anyone, searchAttachments),
		{id: "saveAttachment", method: post, pattern: "/attachments", read: readUpload, do: postAttachment},
		plain("getAttachment", get, "/attachments/{attachmentId}", anyone, getAttachment),
		plain("deleteAttachment", remove, "/attachments/{attachmentId}", anyone, deleteAttachment),
		withBody("renameAttachment", patch, "/attachments/{attachmentId}", anyone, "AttachmentRename", renameAttachment),

		plain("searchBusinessPartners", get, "/businesspartners", view(rightPartners), searchPartners),
		withBody("insertBusinessPartner", post, "/businesspartners", anyone, "BusinessPartner", postPartner),
		plain("getBusinessPartner", get, "/businesspartners/{id}", view(rightPartners), getPartner),
		withBody("putBusinessPartner", put, "/businesspartners/{id}", anyone, "BusinessPartner", putPartner),

		{id: "updateBusinessPartner", method: patch, pattern: "/businesspartners/{id}", read: readPatch, do: patchPartner},
		plain("getPartnerGroups", get, "/businesspartners/groups", view(rightPartners), searchPartnerGroups),
		withBody("createBusinessPartnerGroup", post, "/businesspartners/groups", edit(rightPartners), "BusinessPartnerGroup", postPartnerGroup),
		plain("getPartnerGroup", get, "/businesspartners/groups/{id}", view(rightPartners), getPartnerGroup),
		withBody("updateBusinessPartnerGroup", put, "/businesspartners/groups/{id}", edit(rightPartners), "BusinessPartnerGroup", putPartnerGroup),
		plain("getDefaultDimensions1", get, "/businesspartners/{id}/defaults/dimensions", view(rightPartners), listDefaults((*company).hasPartner, false)),
		plain("getDefaultDimension1", get, "/businesspartners/{id}/defaults/dimensions/{dimensionId}", view(rightPartners), getDefaults((*company).hasPartner)),
		withBody("updateDefaultDimension2", put, "/businesspartners/{id}/defaults/dimensions/{dimensionId}", edit(rightPartners), "DefaultDimension",
			putDefaults((*company).hasPartner)).partly("kept, not used on new invoices"),
		plain("getDefaultProducts", get, "/businesspartners/{id}/defaults/products", view(rightPartners), noDefaultProducts((*company).hasPartner)).partly("always empty"),
		plain("getDefaultAccounts", get, "/businesspartners/{id}/defaults/accounts", view(rightPartners), defaultAccounts).partly("those of the company"),
		plain("getPersonalDetails", get, "/businesspartners/personaldetails", anyone, personalDetails).partly("name only"),

		plain("getPersons", get, "/persons", view(rightPersons), searchPersons),
		withBody("insertPerson", post, "/persons", edit(rightPersons), "Person", postPerson),
		plain("getPersonById", get, "/persons/{id}", view(rightPersons), getPerson),
		withBody("updatePerson", put, "/persons/{id}", edit(rightPersons), "Person", putPerson),
		plain("getPersonDefaultDimensionsByPersonId", get, "/persons/{id}/defaults/dimensions", view(rightPersons), listDefaults((*company).hasPerson, true)),
		plain("getPersonDefaultDimensionById", get, "/persons/{id}/defaults/dimensions/{dimensionId}", view(rightPersons), getDefaults((*company).hasPerson)),
		withBody("updateDefaultDimension1", put, "/persons/{id}/defaults/dimensions/{dimensionId}", edit(rightPersons), "DefaultDimension",
			putDefaults((*company).hasPerson)).partly("kept, not used on new invoices"),
		plain("getPersonDefaultProducts", get, "/persons/{id}/defaults/products", view(rightPersons), noDefaultProducts((*company).hasPerson)).partly("always empty"),

		plain("getProducts", get, "/products", view(rightProducts), searchProducts),
		withBody("addProduct", post, "/products", edit(rightProducts), "Product", postProduct),
		plain("getProduct", get, "/products/{productId}", view(rightProducts), getProduct).hidden(),
		withBody("updateProduct", put, "/products/{productId}", edit(rightProducts), "Product", putProduct),
		plain("removeProductById", remove, "/products/{productId}", edit(rightProducts), deleteProduct),
		plain("getDefaultDimensions", get, "/products/{productId}/defaults/dimensions", view(rightProducts), listDefaults((*company).hasProduct, false)),
		plain("getDefaultDimension", get, "/products/{productId}/defaults/dimensions/{dimensionId}", view(rightProducts), getDefaults((*company).hasProduct)),
		withBody("updateDefaultDimension", put, "/products/{productId}/defaults/dimensions/{dimensionId}", edit(rightProducts), "DefaultDimension",
			putDefaults((*company).hasProduct)).partly("kept, not used on new invoices"),
		plain("getProductGroups", get, "/products/groups", view(rightProducts), listProductGroups),
		withBody("addProductGroupName", post, "/products/groups", edit(rightProducts), "ProductGroup", postProductGroup),
		plain("getProductGroupByGroupId", get, "/products/groups/{groupId}", view(rightProducts), getProductGroup),
		withBody("updateProductGroupName", put, "/products/groups/{groupId}", edit(rightProducts), "ProductGroup", putProductGroup),
		plain("removeProductGroupById", remove, "/products/groups/{groupId}", edit(rightProducts), deleteProductGroup),

		plain("getDimensions", get, "/dimensions", view(rightBasics), listDimensions),
		plain("getDimension", get, "/dimensions/{dimensionId}", view(rightBasics), getDimension),
		withBody("updateDimension", put, "/dimensions/{dimensionId}", edit(rightBasics), "DimensionName", putDimension),
		withBody("addDimensionItem", post, "/dimensions/{dimensionId}/items", edit(rightBasics), "DimensionItem", postItem),
		withBody("updateDimensionItem", put, "/dimensions/{dimensionId}/items", edit(rightBasics), "DimensionItem", putItem),

		withBody("addWebhook", post, "/webhooks", edit(rightCompany), "Webhook", postWebhook).partly("kept, never called"),
		plain("getWebhooks", get, "/webhooks", view(rightCompany), searchWebhooks),
		withBody("updateWebhook", put, "/webhooks/{uuid}", edit(rightCompany), "Webhook", putWebhook).partly("kept, never called"),
		plain("deleteWebhook", remove, "/webhooks/{uuid}", edit(rightCompany), deleteWebhook),

		plain("getSessionInfo", get, "/sessioninfo", anyone, sessionInfo),
		plain("getStatus", get, "/status", anyone, getStatus),
		plain("getCurrentUser", get, "/users", anyone, currentUser),
		plain("getCurrentUserRights", get, "/users/rights", anyone, currentRights),
		plain("getUserProfile", get, "/users/profiles/{userId}", anyone, userProfile),
		plain("getCompanyInfo", get, "/company", view(rightCompany), getCompany),
		withBody("updateCompanyInfo", put, "/company", edit(rightCompany), "Company", putCompany),
		plain("getUsageSettings", get, "/company/usagesettings", view(rightCompany), usageSettings),
		plain("getCompanyInvoiceTemplates", get, "/company/invoicetemplates", view(rightCompany), invoiceTemplates).
			partly("one template, as the description has one object"),
		plain("getVerifierList", get, "/company/invoicecirculation/verifierlists", view(rightCompany), verifierLists).partly("always empty"),
		plain("getVerifierList1", get, "/company/invoicecirculation/verifierlists/{id}", view(rightCompany), noVerifierList).partly("none exists"),
		plain("getCompanyInvoiceCirculationSettings", get, "/company/invoicecirculation/settings", view(rightCompany), circulationSettings),
		plain("getCompanyCollectionPenalExpensesSettings", get, "/company/expenses/collectionpenal/settings", anyone, collectionSettings).partly("switched off"),
		plain("getEInvoiceAddresses", get, "/company/einvoiceaddresses", anyone, einvoiceAddresses).partly("empty"),
		plain("getCompanyDeliveryTerms", get, "/company/deliveryterms", view(rightCompany), deliveryTerms),

		plain("getBankAccounts", get, "/bankaccounts", view(rightCompany), searchBankAccounts),
		withBody("createBankAccount", post, "/bankaccounts", edit(rightCompany), "CompanyBankAccount", postBankAccount),
		plain("getBankAccount", get, "/bankaccounts/{id}", view(rightCompany), getBankAccount),
		withBody("updateBankAccount", put, "/bankaccounts/{id}", edit(rightCompany), "CompanyBankAccount", putBankAccount),

		plain("getChartOfAccount", get, "/coa", anyone, chartOfAccounts),
		plain("getVatSettings", get, "/vats/settings", anyone, vatSettings),
		plain("getVatStatusesForCompany", get, "/vats/default", anyone, vatDefault),
		plain("getVatStatusesForCountry", get, "/vats/country", anyone, vatCountry).partly("Finland and Sweden, the company's own percentages"),
		plain("getFiscalYears", get, "/fiscalyears", anyone, fiscalYears),
		withBody("updateFiscalYear", put, "/fiscalyears/{fiscalYearId}/trackingPeriods/{trackingPeriodId}", edit(rightClosing), "TrackingPeriod", putTrackingPeriod),
		plain("getCurrencies", get, "/currencies", anyone, getCurrencies),
		plain("getCompanyLatestRates", get, "/currencies/latest", anyone, latestRates).partly("the same rates every day"),
		plain("getCurrencyExchangeRate", get, "/currencies/exchangerate", anyone, exchangeRate).partly("the same rates every day"),
		plain("getCurrenciesForCompany", get, "/currencies/company", anyone, companyCurrency),
	}
}

// absent lists the operations of the description that the sandbox does not
// have: they answer 501.
func absent(have []operation) []operation {
	known := map[string]bool{}
	for _, op := range have {
		known[op.id] = true
	}
	var out []operation
	d := described()
	for _, id := range sortedKeys(d.operations) {
		if o := d.operations[id]; !known[id] {
			out = append(out, operation{id: id, method: o.method, pattern: o.path})
		}
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
