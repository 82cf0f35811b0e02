package procountortest

import (
	"fmt"
	"strings"
)

// An assumption is the number of a choice made where Procountor's behaviour is
// not known. Answers that rest on one carry its number in the header
// X-Sandbox-Assumption.
type assumption int

// The numbers never change their meaning; a settled one is removed, not reused.
const (
	assumeRequiredCode       assumption = 1
	assumeInvalidText        assumption = 2
	assumeBodyTexts          assumption = 3
	assumeNull               assumption = 4
	assumeUnknownFields      assumption = 5
	assumeCharacters         assumption = 6
	assumeNumberLimits       assumption = 7
	assumeRounding           assumption = 8
	assumeReceiptShape       assumption = 9
	assumePending            assumption = 10
	assumeStatusRefusal      assumption = 11
	assumeStaleVersion       assumption = 12
	assumeNumbering          assumption = 13
	assumeReferenceForm      assumption = 14
	assumeReferenceCode      assumption = 15
	assumeEmailRequired      assumption = 16
	assumeMatching           assumption = 17
	assumeInvalidate         assumption = 18
	assumeSendCirculate      assumption = 19
	assumeRateLimit          assumption = 20
	assumePaymentTypes       assumption = 21
	assumeAttachStatus       assumption = 22
	assumeDomesticBuying     assumption = 23
	assumeInventedVAT        assumption = 24
	assumeSearchOrder        assumption = 25
	assumeRightsFilter       assumption = 26
	assumeTrailingComma      assumption = 27
	assumeZone               assumption = 28
	assumeQuery              assumption = 29
	assumePartnerLink        assumption = 30
	assumeFieldCodes         assumption = 31
	assumeAddressCopy        assumption = 32
	assumeActionClosed       assumption = 33
	assumeReceiptEdit        assumption = 34
	assumeJournalActions     assumption = 35
	assumeMarkPaid           assumption = 36
	assumeTokens             assumption = 37
	assumeRegisters          assumption = 38
	assumeWebhookSecret      assumption = 39
	assumeForeign            assumption = 40
	assumeConfirmation       assumption = 41
	assumeOverpayment        assumption = 42
	assumeOperators          assumption = 43
	assumeNotesThrough       assumption = 44
	assumeDimensionVersion   assumption = 45
	assumeJournals           assumption = 46
	assumeRights             assumption = 47
	assumeSendingError       assumption = 48
	assumeDocumentManagement assumption = 49
	assumeItemNames          assumption = 50
	assumeItemSearch         assumption = 51
	assumeTravelProduct      assumption = 60
	assumeTravelItems        assumption = 61
	assumeLoginCodes         assumption = 70
	assumeRefresh            assumption = 71
	assumePKCE               assumption = 72
	assumeRedirect           assumption = 73
	assumeKeyExchange        assumption = 74
	assumeImage              assumption = 75
	assumeImageForm          assumption = 76
	assumeCash               assumption = 77
	assumeJournalRows        assumption = 80
)

// Assumptions are all of them, in the order of their numbers. ASSUMPTIONS.md is
// written from this table.
var assumptions = []struct {
	id     assumption
	title  string
	text   string
	option string // the field of Options that changes it, if any
}{
	{assumeRequiredCode, "Code of a missing field", "A missing or empty required field answers 400 MAY_NOT_BE_EMPTY with its path. The code is known from user guides; on which fields it comes is not.", ""},
	{assumeInvalidText, "Text of an unreadable value", "A value of the wrong type or out of range answers \"Value of the 'x' field is invalid: …\", the text known from unreadable enumeration values.", ""},
	{assumeBodyTexts, "Texts about the body as a whole", "A missing, unreadable, too large or non-UTF-8 body answers 400 with a text of the sandbox.", ""},
	{assumeNull, "null equals absent", "A member whose value is null is taken as left out.", ""},
	{assumeUnknownFields, "Unknown members of a request", "They are ignored; with RejectUnknownFields they answer 400.", "RejectUnknownFields"},
	{assumeCharacters, "Characters outside Windows-1252", "That they are not allowed is published; that the answer is 400 with the path of the field is assumed (not: replaced by a question mark).", ""},
	{assumeNumberLimits, "Limits of numbers", "Numbers of more than 18 digits, or 12 after the point, answer 400; scale is kept as sent.", ""},
	{assumeRounding, "Rounding of totals", "Half-up, away from zero. VAT is rounded per rate and status unless Rounding says per row or once per invoice.", "Rounding"},
	{assumeReceiptShape, "Shape of an invoice's ledger receipt", "One REVERSING_ENTRY, one ENTRY per row (accountingByRow) or per rate and VAT status, and a RECONCILIATION_ENTRY when the VAT computed from the entries differs from the invoice's. Orders have a receipt as well.", ""},
	{assumePending, "Tracking period PENDING", "Refuses new entries as CLOSED does.", ""},
	{assumeStatusRefusal, "Refusal of an action by status", "403 with a text that names status and action; where the description offers no 403, 400.", ""},
	{assumeStaleVersion, "Stale version", "400 on the field version for invoices (published) and for everything else (assumed). Timestamps have seconds: two changes within one second share a version.", ""},
	{assumeNumbering, "Running numbers", "One series per type of invoice or receipt, from 1 unless seeded; an invalidated invoice keeps its number.", ""},
	{assumeReferenceForm, "Form of a generated reference", "The invoice number, filled to three digits, with the check digit of its kind (FI, RF, OCR with length digit). Without a type: FI in Finland, OCR in Sweden. FI and RF are allowed in Finland, OCR and RF in Sweden; anything else answers 400.", ""},
	{assumeReferenceCode, "Code of a wrong reference", "\"Value of the 'paymentInfo.bankReferenceCode' field is invalid: …\". References on purchase invoices are checked like others.", ""},
	{assumeEmailRequired, "Channel EMAIL without an address", "Answers 400 MAY_NOT_BE_EMPTY on counterParty.email; a malformed address is invalid on any channel.", ""},
	{assumeMatching, "Partner matching without partnerId", "Nothing is matched and no partner is made: partnerId stays empty.", "MatchPartners"},
	{assumeInvalidate, "Invalidate", "Possible from UNFINISHED, RECEIVED, VERIFIED, NOT_SENT and APPROVED; not from SENT or a paid status, which answer 403.", ""},
	{assumeSendCirculate, "sendToCirculation of a purchase invoice", "Gives RECEIVED.", ""},
	{assumeRateLimit, "Too many requests", "429 with Retry-After in seconds and an errors body; counted per client id.", "RequestsPerSecond"},
	{assumePaymentTypes, "Payment method types and event types", "Mapped by name; without a type the event is ELSEWHERE.", ""},
	{assumeAttachStatus, "Attachments by status", "Added and removed in every status but INVALIDATED, in open and closed periods.", ""},
	{assumeDomesticBuying, "Domestic VAT status on purchases", "Number 1 is Domestic on both sides in the seeded companies.", ""},
	{assumeInventedVAT, "Numbers of other VAT statuses", "Statuses without a known number have numbers from 900, so that nobody takes them for real ones.", ""},
	{assumeSearchOrder, "Order of searches", "By id, descending, unless an orderBy parameter is given; ties by id. previousId continues after that id in the chosen order.", ""},
	{assumeRightsFilter, "Search without rights to every type", "Finds only what the user may see; with no right to any of the types asked for it answers 403.", ""},
	{assumeTrailingComma, "Odd lists of ids", "\"5,\" is read as the single id 5; an id that is not a number answers 404.", ""},
	{assumeZone, "Zone of timestamps", "Europe/Helsinki, without a zone on the wire.", "Location"},
	{assumeQuery, "Unreadable query parameters", "Answer 400 with the parameter as field; unknown parameters are ignored.", ""},
	{assumePartnerLink, "Kind of the linked partner", "partnerId must be a CUSTOMER on sales, a SUPPLIER on purchases, a PERSON on travel invoices and expense claims, and active.", ""},
	{assumeFieldCodes, "Codes of other field rules", "Where a rule is known but its code is not, the answer is 400 with the path and one of the known texts.", ""},
	{assumeAddressCopy, "Copied addresses", "billingAddress on sales and deliveryAddress on sales and purchases are copied from the counterparty when left out; {} is kept as none. A given delivery address without country is refused.", ""},
	{assumeActionClosed, "Actions in a closed period", "approve, unfinished, invalidate and reject answer 403 CLOSED_FISCAL_PERIOD; send does not look at the period.", ""},
	{assumeReceiptEdit, "Editing the receipt of an invoice", "Possible until the invoice is INVALIDATED, while its date is open; type, receiptDate, number and the gross of the REVERSING_ENTRY stay as they are.", ""},
	{assumeJournalActions, "Transitions of journals", "UNFINISHED to APPROVED and back, UNFINISHED to INVALIDATED (its receipt stays); others answer 403.", ""},
	{assumeMarkPaid, "Marking paid", "Refused in UNFINISHED (sales) and in INVALIDATED, PAYMENT_DENIED and paid statuses with 403. The event has status MARKED_PAID.", ""},
	{assumeTokens, "Tokens", "Several tokens of one key are valid side by side; a revoked key ends its tokens at once.", "TokenLifetime"},
	{assumeRegisters, "Small rules of registers", "Codes and numbers in registers need not be unique, except that a product group with products and a bank account's IBAN answer 409.", ""},
	{assumeWebhookSecret, "Webhooks", "Are kept and listed but never called.", ""},
	{assumeForeign, "Foreign currency", "The receipt is in the company's currency: sums divided by currencyRate, rounded per entry.", ""},
	{assumeConfirmation, "Actions that a person confirms", "202 with an identifier; the management interface confirms or rejects; after 5 minutes it has expired.", ""},
	{assumeOverpayment, "Paying more than is open", "Is accepted; the invoice is then MARKED_PAID.", ""},
	{assumeOperators, "Known e-invoice operators", "Every code with the form of one (4 to 20 capital letters and digits) is known; others answer ERROR_OPERATOR.", ""},
	{assumeNotesThrough, "invoiceNotes in PUT of a receipt", "Are written through to the invoice's notes, also when left out, which empties them; the invoice then has a new version.", ""},
	{assumeDimensionVersion, "Dimensions of one transaction", "PUT …/transactions/{id}/dimensions moves the receipt's version; a person dimensioning in the Dimensions view does not (published).", ""},
	{assumeJournals, "GET /journals", "Answers one journal, the newest that fits, because the description has a single object.", ""},
	{assumeRights, "Which right guards which operation", "By name: rights.go has the list. A missing right answers 403, or 404 or 400 where the description has no 403.", ""},
	{assumeSendingError, "An invoice that the operator gives back", "Stays SENT, with SENDING_ERROR_RECEIVED and the operator's text in its history; a person marks the error as handled, or returns the invoice to NOT_SENT.", ""},
	{assumeDocumentManagement, "Search of attachments without document management", "That it needs document management is published; that it answers 403 without is assumed. The demo companies have it.", "NoDocumentManagement"},
	{assumeItemNames, "Names of dimension items", "Two items of one dimension may have the same codeName; with UniqueItems the second one, closed or not, answers 400. No length is known, so none is refused. Items have no version: the last PUT wins, and one without status opens a closed item.", "UniqueItems"},
	{assumeItemSearch, "Search of dimensions by codeName", "Finds a part of it, and shows of each dimension only the items that fit.", ""},
	{assumeTravelProduct, "Travel products on rows", "Only TRAVEL_INVOICE takes them, and only those that hold on the row's startDate, else on the invoice's date. A productCode on its row without productId must be that of one that holds. The code of the refusal is not known.", ""},
	{assumeTravelItems, "Travel items of other invoices", "travelInformationItems on anything but TRAVEL_INVOICE answers 400.", ""},
	{assumeLoginCodes, "Codes of a login", "A code is good once, for ten minutes, for its client and redirect_uri; anything else answers 400 invalid_grant. Every user's password is the sandbox's; there is no second factor.", ""},
	{assumeRefresh, "Refresh tokens", "A refresh brings no new refresh token and the old one has no end. With RotateRefresh each refresh brings a new one and ends the one before, and with RefreshLifetime they expire. One that is not good answers 400 invalid_grant.", "RotateRefresh"},
	{assumePKCE, "PKCE", "A code_challenge (S256) that is given to the login page must be met by the code_verifier; none is needed. Options ignore it or require it.", "PKCE"},
	{assumeRedirect, "Redirect address of a client", "A client for which none is registered takes any http or https address without query; otherwise it must be the registered one to the letter. A wrong one is answered on the page, not by a redirect. A person who cancels is sent back with error=access_denied.", ""},
	{assumeKeyExchange, "Exchange after keylogin", "There is no /keylogin unless KeyExchange is set; then the grant authorization_code answers an api_key beside the access token for its codes. The real exchange is not known.", "KeyExchange"},
	{assumeImage, "Image of an invoice", "Each PNG, JPEG or GIF file that is attached to the invoice is one page of its image, in the order of their ids, in the format that is asked for. A page that is not there, the first one too, answers 404. How many pages there are is told nowhere.", ""},
	{assumeImageForm, "Answer of the image", "multipart/mixed, as that of GET /attachments/{attachmentId}, although the description says application/json, in which the picture would have no place.", ""},
	{assumeCash, "Payment method CASH", "Needs no account to pay to, on any type of invoice (its account is optional in the description), and says nothing of whether it is paid: the invoice is open until it is marked paid.", ""},
	{assumeJournalRows, "Rows of a journal", "No limit is published and none is set; with MaxJournalRows a longer journal answers 400 on transactions.", "MaxJournalRows"},
}

// assume notes that the answer rests on these assumptions.
func (c *call) assume(as ...assumption) {
	for _, a := range as {
		seen := false
		for _, b := range c.assumed {
			seen = seen || a == b
		}
		if !seen {
			c.assumed = append(c.assumed, a)
		}
	}
}

// AssumptionsMarkdown is the text of ASSUMPTIONS.md.
func assumptionsMarkdown() string {
	var b strings.Builder
	b.WriteString(`# What the sandbox assumes

Procountor's behaviour is not known in these points. The sandbox chooses; nothing
here is Procountor's behaviour. An answer that rests on a choice carries its number
in the header ` + "`X-Sandbox-Assumption`" + `. Numbers are never reused.

| no. | about | the sandbox's choice | option |
|---|---|---|---|
`)
	for _, a := range assumptions {
		opt := ""
		if a.option != "" {
			opt = "`" + a.option + "`"
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", a.id, a.title, a.text, opt)
	}
	return b.String()
}
