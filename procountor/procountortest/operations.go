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
		{id: "issueToken", method: post, pattern: "/oauth/token", open: true, read: readTokenForm, do: issueToken,
			partial: "client credentials with an API key; no codes, no refresh tokens"},

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
		plain("getInvoiceTransactions", get, "/invoices/{invoiceId}/transactions", anyone, invoiceHistory),
		plain("getInvoiceTransactionsBulk", get, "/invoices/transactions", anyone, invoiceHistories),
		plain("getInvoicesForPersonalVerifications", get, "/invoices/personalverifications", anyone,
			personalList([]string{"UNFINISHED", "RECEIVED"}, func(a *InvoiceApprovalInformation) []InvoiceCheckerInformation { return a.Verifiers })),
		plain("getInvoicesForPersonalApprovals", get, "/invoices/personalapprovals", anyone,
			personalList([]string{"UNFINISHED", "RECEIVED", "VERIFIED"}, func(a *InvoiceApprovalInformation) []InvoiceCheckerInformation { return a.Acceptors })),

		plain("getLedgerReceipt", get, "/ledgerreceipts/{receiptId}", anyone, getReceipt),

		plain("getAttachments", get, "/attachments", anyone, searchAttachments),
		{id: "saveAttachment", method: post, pattern: "/attachments", read: readUpload, do: postAttachment},
		plain("getAttachment", get, "/attachments/{attachmentId}", anyone, getAttachment),
		plain("deleteAttachment", remove, "/attachments/{attachmentId}", anyone, deleteAttachment),
		withBody("renameAttachment", patch, "/attachments/{attachmentId}", anyone, "AttachmentRename", renameAttachment),

		plain("searchBusinessPartners", get, "/businesspartners", view(rightPartners), searchPartners),
		withBody("insertBusinessPartner", post, "/businesspartners", anyone, "BusinessPartner", postPartner),
		plain("getBusinessPartner", get, "/businesspartners/{id}", view(rightPartners), getPartner),
		withBody("putBusinessPartner", put, "/businesspartners/{id}", anyone, "BusinessPartner", putPartner),

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

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
