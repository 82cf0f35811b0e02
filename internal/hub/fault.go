package hub

import (
	"maps"
	"unicode/utf8"
)

// A Fault is something in a document, a setting or an answer that keeps a
// document from going, or that a person should know of. Faults are values, not
// errors: all faults of a document are reported together.
//
// The texts for a person (title, cause, remedy, who must act) belong to the
// Code and live in package remedy.
type Fault struct {
	Code string `json:"code"`
	// Path is the place in the document: in our words ("lines[3].vat_percent"), or
	// in Procountor's for what it refuses; of a fault that reading has found, in
	// the source's ("Finvoice[2]/InvoiceRow[3]/RowVatRatePercent").
	Path string `json:"path,omitempty"`
	// Element is the same place in what the source handed over, in its own words;
	// "" where it has none, for what is missing cannot be pointed at.
	Element string `json:"element,omitempty"`
	// Read says that reading what the source handed over has found it: only
	// another document mends it.
	Read bool `json:"read,omitempty"`
	// Value is what stands there, clipped.
	Value string `json:"value,omitempty"`
	// Args fill further places of the text: "expected", "company", "number" …
	Args map[string]string `json:"args,omitempty"`
	// Warning means: the document may go all the same.
	Warning bool `json:"warning,omitempty"`
}

// maxFaultValue keeps a fault readable, and a hostile document from filling
// the log.
const maxFaultValue = 200

// NewFault clips the value.
func NewFault(code, path, value string, args ...string) Fault {
	f := Fault{Code: code, Path: path, Value: clip(value, maxFaultValue)}
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		f.Args[args[i]] = clip(args[i+1], maxFaultValue)
	}
	return f
}

// Equal reports whether f and g say the same.
func (f Fault) Equal(g Fault) bool {
	return f.Code == g.Code && f.Path == g.Path && f.Value == g.Value && f.Warning == g.Warning && maps.Equal(f.Args, g.Args)
}

// Warn returns f as a warning.
func (f Fault) Warn() Fault { f.Warning = true; return f }

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n]) + "…"
}

// Unread reports whether reading has found what keeps the document from going:
// then trying again helps nothing.
func Unread(faults []Fault) bool {
	for _, f := range faults {
		if f.Read && !f.Warning {
			return true
		}
	}
	return false
}

// Stops reports whether any fault of the list keeps the document from going.
func Stops(faults []Fault) bool {
	for _, f := range faults {
		if !f.Warning {
			return true
		}
	}
	return false
}

// The codes of our own faults. Each has its texts in package remedy; a test
// there holds the two lists together. Codes of Procountor carry the prefix
// [ProcountorCode].
const (
	// Reading what a source handed us.
	FormatUnknown      = "format-unknown"       // neither Finvoice nor Peppol nor anything we read
	VersionUnknown     = "version-unknown"      // args: version
	XMLBroken          = "xml-broken"           // args: line, reason
	EncodingWrong      = "encoding-wrong"       // bytes do not fit the declared encoding
	EntityForbidden    = "entity-forbidden"     // DTD or entities in XML
	TableUnmapped      = "table-unmapped"       // nobody has said what the columns of this list mean; args: columns
	TableMerged        = "table-merged"         // cells are merged among the rows
	TableMacros        = "table-macros"         // a workbook with programs in it, or a binary one
	TableConflict      = "table-conflict"       // two rows of one invoice say otherwise; args: field, said, at
	TableFormula       = "table-formula"        // a cell is computed: warning where the file holds its value, else a fault
	FileTooLarge       = "file-too-large"       // args: limit
	TooDeep            = "too-deep"             // nesting or element count over the limit
	FieldMissing       = "field-missing"        // args: field
	FieldInvalid       = "field-invalid"        // args: field, form
	FieldUnknown       = "field-unknown"        // a push has a field that the API does not know; args: near
	SignsTurned        = "signs-turned"         // warning: a credit note with positive sums
	SumsDisagree       = "sums-disagree"        // args: stated, computed
	PayableDisagrees   = "payable-disagrees"    // the sum to be paid is not the total; args: stated, computed
	AttachmentTooLarge = "attachment-too-large" // args: name, size, limit
	AttachmentMissing  = "attachment-missing"   // named by the document, not handed over
	AttachmentEmpty    = "attachment-empty"     // args: name
	AttachmentType     = "attachment-type"      // not what its name says; args: name, is
	AttachmentBroken   = "attachment-broken"    // cut off or unreadable; args: name, is
	AttachmentSuspect  = "attachment-suspect"   // args: name, why (bomb, polyglot, program), is
	AttachmentKind     = "attachment-kind"      // by setting such files do not go; args: name, is
	AttachmentImage    = "attachment-image"     // a picture that cannot be made a PDF; args: name, is
	AttachmentMany     = "attachment-many"      // args: count, limit
	AttachmentApart    = "attachment-apart"     // warning: it cannot be joined with the others, and goes beside; args: name
	JoinedTooLarge     = "joined-too-large"     // warning: as one PDF the files would be too large, and go one by one; args: size, limit
	BreakdownSums      = "breakdown-sums"       // the entries do not agree with themselves; args: stated, computed
	PartMissing        = "part-missing"         // the file speaks of something it does not hold

	// Reading Procountor's own invoice file.
	LineWithoutInvoice = "line-without-invoice" // a row line before any header; args: line
	ColumnsWrong       = "columns-wrong"        // args: line, columns, expected
	ColumnUnknown      = "column-unknown"       // a value in a column that nobody has explained; args: column
	TypeUnknown        = "type-unknown"         // the type letter; args: known
	TypeNotMoved       = "type-not-moved"       // a type that is known and not moved; args: known
	CreditUnclear      = "credit-unclear"       // credit code and sum disagree; args: total
	ArchiveBroken      = "archive-broken"       // args: reason
	ArchiveTooMuch     = "archive-too-much"     // more than may be unpacked; args: limit
	ArchiveFolders     = "archive-folders"      // a file in a folder of the archive is not taken; args: name
	AttachmentUnused   = "attachment-unused"    // warning: no invoice of the archive names it; args: name

	// Whose document it is, and whether it may go at all.
	NumberMissing   = "number-missing"
	DateMissing     = "date-missing"
	BuyerMissing    = "buyer-missing"
	SellerMissing   = "seller-missing"
	RowsMissing     = "rows-missing"
	RowNameMissing  = "row-name-missing" // a row with an amount but no name
	RowAmount       = "row-amount"       // a row whose amount cannot be known
	CompanyOther    = "company-other"    // args: owner, name: the document is another company's
	KindOff         = "kind-off"         // the connection does not move this kind
	BeforeFirstDay  = "before-first-day" // args: first
	DemoDocument    = "demo-document"    // a demonstration document in production
	DateUnlikely    = "date-unlikely"    // far in the past or the future
	CurrencyUnknown = "currency-unknown"

	// Values that Procountor would refuse, or that are wrong in themselves.
	BusinessIDWrong    = "business-id-wrong" // check digit of a Finnish or Swedish id
	VATNumberWrong     = "vat-number-wrong"
	VATNumberMissing   = "vat-number-missing" // EU sale, reverse charge
	ReferenceMissing   = "reference-missing"  // already sent by the source, and no reference
	ReferenceWrong     = "reference-wrong"    // check digit
	SupplierReference  = "supplier-reference" // a purchase invoice to be paid, without the supplier's reference
	IBANWrong          = "iban-wrong"
	BankAccountMissing = "bank-account-missing"
	BankAccountForeign = "bank-account-foreign" // not an account of the company
	CharacterForbidden = "character-forbidden"  // outside Windows-1252; args: character, code
	TextTooLong        = "text-too-long"        // args: length, limit
	TextCut            = "text-cut"             // warning: cut by setting
	DueDateBeforeDate  = "due-date-before-date"
	DueDateTooLate     = "due-date-too-late" // over 999 days
	DueDateMissing     = "due-date-missing"
	PeriodClosed       = "period-closed"        // args: date, until
	FiscalYearMissing  = "fiscal-year-missing"  // no fiscal year holds the date
	VATRateNotEnabled  = "vat-rate-not-enabled" // args: percent, enabled
	VATRatePrepaid     = "vat-rate-prepaid"     // warning: an invoice in advance, across a change; args: percent, day, rates, delivery, later
	VATReasonHeld      = "vat-reason-held"      // without VAT, and no reason to print: held by a setting
	VATReasonMissing   = "vat-reason-missing"   // warning: without VAT, and no reason to print
	VATRateUnlikely    = "vat-rate-unlikely"    // warning: did not exist on that day; args: percent, day, rates
	VATStatusUnmapped  = "vat-status-unmapped"  // args: category
	VATStatusDisabled  = "vat-status-disabled"  // args: status
	VATStatusPercent   = "vat-status-percent"   // a status other than domestic must carry 0 %
	AccountUnmapped    = "account-unmapped"     // the account map has no rule; args: account, product
	AccountAmbiguous   = "account-ambiguous"    // two rules fit alike; args: accounts
	AccountClosed      = "account-closed"       // not in Procountor's chart of accounts, or closed there; args: account
	DimensionUnknown   = "dimension-unknown"    // args: dimension, item
	DimensionAmbiguous = "dimension-ambiguous"  // two items fit; args: dimension, item
	DimensionClosed    = "dimension-closed"     // the item is closed; args: dimension, item
	ItemMissing        = "item-missing"         // not there yet, and made before the document goes; args: dimension, item
	ItemChanged        = "item-changed"         // the source calls it otherwise, and somebody has renamed it in Procountor; args: dimension, item, there, said
	ItemRemoved        = "item-removed"         // linked, and not in Procountor any more; args: dimension, item
	ProductMissing     = "product-missing"      // its code is not in the register, and it is made before the document goes; args: code, name
	ProductAmbiguous   = "product-ambiguous"    // two products have the code; args: code
	ProductInactive    = "product-inactive"     // the only product of the code is not in use; args: code
	DimensionRenamed   = "dimension-renamed"    // warning: found by what it was called before; args: was, dimension, item
	RowProjects        = "row-projects"         // warning: a row sums up several projects, and stands in none; args: row
	UnitUnknown        = "unit-unknown"
	TravelCodeMissing  = "travel-code-missing" // a row of a travel invoice without a code, and no default; args: day, valid
	TravelCodeUnknown  = "travel-code-unknown" // no travel product has it; args: code, day, valid
	TravelCodeDay      = "travel-code-day"     // it does not hold on the day; args: code, day, valid, why, proposed and name (of the one with the same name)
	TravelCodeTwice    = "travel-code-twice"   // several that hold have it; args: code, day
	PersonNumber       = "person-number"       // the source gives no number of the employee; args: name
	PersonAccount      = "person-account"      // nor, or no right, bank account; args: name
	CardDay            = "card-day"            // a row paid by card without the day of the purchase; args: card
	CardAccountMissing = "card-account"        // no clearing account is set for the card; args: card
	ClaimPartGone      = "claim-part-gone"     // the claim has no such row any more; args: claim
	TravelTime         = "travel-time"         // a time that cannot be read, or an end before its beginning; args: start, end
	CountryUnknown     = "country-unknown"
	LanguageUnknown    = "language-unknown"
	CurrencyRateNeeded = "currency-rate-needed"
	CurrencyRateFar    = "currency-rate-far" // far from Procountor's; args: rate, currency, own, procountor, percent, inverse
	AddressMissing     = "address-missing"   // for paper or e-invoice
	EInvoiceMissing    = "einvoice-missing"
	EInvoiceAddress    = "einvoice-address" // not of the form of an e-invoice address; args: should (ovt, iban, edi)
	OperatorWrong      = "operator-wrong"   // no code of an e-invoice operator
	OperatorUnknown    = "operator-unknown" // not on the list of operators; warning by setting; args: operator, date
	ChannelMissing     = "channel-missing"  // Procountor sends, and no way of sending is allowed
	EmailMissing       = "email-missing"
	AttachmentName     = "attachment-name"

	// Sums that need a decision.
	PrepaidHeld     = "prepaid"         // args: amount
	RoundingHeld    = "rounding-amount" // args: amount
	TotalsDiffer    = "totals-differ"   // args: source, procountor, difference
	DiscountInexact = "discount-inexact"

	// Partners.
	PartnerConflict  = "partner-conflict"  // one id agrees, the other does not
	PartnerAmbiguous = "partner-ambiguous" // several candidates
	PartnerProposed  = "partner-proposed"  // name and address only
	PartnerMissing   = "partner-missing"   // not there, and making is not allowed
	PartnerNoID      = "partner-no-id"     // consumer or firm without id, not allowed by setting
	PartnerInactive  = "partner-inactive"
	PartnerChanged   = "partner-changed" // the source says otherwise than the card; by setting a person carries it; args: name, item, card, said
	PartnerDiffers   = "partner-differs" // the same, and the two were never compared before
	PartnerEdited    = "partner-edited"  // the same, and somebody has written something else into the card since
	PartnerGone      = "partner-gone"    // warning: the card is not there any more; args: name

	// What is in Procountor already.
	AlreadyThere    = "already-there"    // nearly the same voucher; args: number, why (same, partner, sum, date, marks)
	DocumentChanged = "changed-later"    // changed after its voucher was approved, sent or paid
	LocksReleased   = "locks-released"   // a person has released what kept the document from going again; args: number, status
	ChangeLeft      = "change-left"      // warning: a person has left the voucher as it was; args: number
	SendingReturned = "sending-returned" // warning: the operator gave the invoice back; args: number, reason, date, time
	PaymentsLeft    = "payments-left"    // warning: payments stand on an earlier voucher of ours; args: number, payments, amount
	SentBeside      = "sent-beside"      // warning: an earlier voucher of ours stands beside this one; args: number
	LinkedThere     = "linked-there"     // warning: the voucher was there before us; args: number
	DocumentTwin    = "document-twin"    // the same invoice came as another document; args: number, invoice
	EditedThere     = "edited-there"     // someone changed our voucher in Procountor
	MarkRemoved     = "mark-removed"     // our mark is gone
	ReceiptRows     = "receipt-rows"     // the ledger receipt's entries are not the rows of the invoice; args: number
	ReceiptEvened   = "receipt-evened"   // warning: the receipt's reconciliation row is more than a cent for each rate; args: amount, number
	ReceiptOff      = "receipt-off"      // the reconciliation row is more than rounding explains; args: amount, number
	AttachmentLost  = "attachment-lost"  // warning: accepted, and not at the voucher since; args: name, number
	AttachmentThere = "attachment-there" // what stands at the voucher is not the file that was sent; args: name, number, meant, saved (bytes)
	SavedDiffers    = "saved-differs"    // what Procountor saved is not what was meant; args: field, meant, saved
	CreditedUnknown = "credited-unknown" // warning: the credit note names no invoice
	OffsetByHand    = "offset-by-hand"   // warning: offset the credit note against its invoice; args: number, credited, why

	// Payments: money that has moved, to be marked on an invoice that is there.
	PaymentsOff         = "payments-off"          // by setting nothing is marked paid
	PaymentPayer        = "payment-payer"         // by setting Procountor pays purchase invoices
	PaymentNoDocument   = "payment-no-document"   // the document it pays has not come yet; args: number
	PaymentAmbiguous    = "payment-ambiguous"     // several documents have that number; args: number
	PaymentWaits        = "payment-waits"         // warning: its document has not arrived yet; args: number
	PaymentUnapproved   = "payment-unapproved"    // warning: the invoice is unfinished there; args: number
	PaymentTurn         = "payment-turn"          // warning: another payment of the same invoice is on its way
	PaymentDue          = "payment-due"           // warning: sent for payment, not yet counted as paid; args: day
	PaymentNoVoucher    = "payment-no-voucher"    // its document has no invoice of ours; args: number
	PaymentFailed       = "payment-failed"        // the bank has refused it
	PaymentCurrency     = "payment-currency"      // not the invoice's currency; args: meant
	PaymentSign         = "payment-sign"          // pays an invoice as if it were a credit note, or the other way
	PaymentTooMuch      = "payment-too-much"      // more than is open; args: amount, sum (what is open)
	PaymentThere        = "payment-there"         // the same day and sum is marked already, not by us; args: date, amount
	PaymentBank         = "payment-bank"          // Procountor's bank connection has allocated another one; args: date, amount
	PaymentByBank       = "payment-by-bank"       // warning: Procountor's bank connection has it already; args: date, amount
	PaymentPaidThere    = "payment-paid-there"    // Procountor has sent the invoice to the bank, or calls it paid; args: status
	PaymentPeriod       = "payment-period"        // the day is in a closed period; args: date
	PaymentFuture       = "payment-future"        // the day has not come yet; args: date
	PaymentDayMissing   = "payment-day-missing"   // neither its own day nor a due date
	PaymentChangedLater = "payment-changed-later" // warning: changed or removed after it was marked; args: date, amount, why

	// Offsets: a credit note and its invoice, marked paid against each other.
	OffsetWaits    = "offset-waits"     // warning: the invoice has not arrived yet; args: number
	OffsetApproval = "offset-approval"  // warning: one of the two is unfinished there; args: number
	OffsetDay      = "offset-day"       // warning: the day of the offset has not come; args: day
	OffsetHalf     = "offset-half"      // the invoice is marked, the credit note is not; args: number, credited, amount, date
	OffsetThere    = "offset-there"     // warning: somebody has offset it already; args: number
	OffsetUnderWay = "offset-under-way" // warning: Vienti offsets it; args: number, credited
	CreditRefund   = "credit-refund"    // warning: the invoice was paid before it was credited; args: number, credited, amount

	// Journals: documents that wait for their period, and what they become.
	WaitsForPeriod  = "waits-for-period"  // warning: the source has not closed the month yet; args: period, alone
	WaitsForJournal = "waits-for-journal" // warning: the document stands in a journal that is on its way; args: journal
	JournalAccount  = "journal-account"   // the settings name no account for receivables or payables; args: setting
	JournalCurrency = "journal-currency"  // a journal is in the company's own currency; args: meant
	JournalBalance  = "journal-balance"   // the rows do not balance by more than rounding; args: difference, limit
	JournalDocument = "journal-document"  // a document of the journal cannot go as it is now; args: number, code
	JournalEmpty    = "journal-empty"     // warning: none of its documents can go any more
	JournalRounding = "journal-rounding"  // warning: Procountor evens out what the rounding of VAT leaves over; args: difference
	JournalMissing  = "journal-missing"   // the journal is not in the books as it was made: nothing is set right in it; args: journal
	JournalBuyer    = "journal-buyer"     // a sale to another member state is to another buyer now: only turned and booked anew
	JournalGone     = "journal-gone"      // somebody has removed the journal in Procountor; on its documents a warning; args: journal, number
	JournalEdited   = "journal-edited"    // warning: somebody has edited it there; args: journal, number, field, saved
	PaymentJournal  = "payment-journal"   // its document stands in a journal: there is no invoice to mark

	// Payroll: what is wrong with a run or a journal of it. Never with an amount in it: one
	// may be a salary, and faults are read by people who may not see any.
	PayrollBalance = "payroll-balance" // debit and credit of a journal do not agree; args: period
	PayrollAmount  = "payroll-amount"  // an amount that is not of whole cents; args: period
	PayrollRows    = "payroll-rows"    // more rows than one journal takes, and no account to split over; args: rows, limit
	PayrollMoved   = "payroll-moved"   // warning: its day is closed, it goes on the first open day after it; args: date, day
	PayrollWaits   = "payroll-waits"   // warning: it goes with the other journals of its run; args: run
	PayrollGone    = "payroll-gone"    // the run has no such journal any more; args: run, period
	PayrollMasked  = "payroll-masked"  // it has changed, and what was booked is not kept any more; args: run, period

	// Files of payroll runs and ledgers.
	FileOtherCompany = "file-other-company" // nothing of the file is kept; args: owner, name, own
	SIELine          = "sie-line"           // a line that cannot be read, or stands where it cannot; args: line
	SIETruncated     = "sie-truncated"      // the file ends in the middle; args: line
	SIEVoucherEmpty  = "sie-voucher-empty"  // a voucher without rows; args: number, line
	SIERowMonths     = "sie-row-months"     // rows of several months that do not balance month by month; args: number, line
	SIEYear          = "sie-year"           // a day in none of the fiscal years of the file; args: number, date, line
	SIEImported      = "sie-imported"       // the file says that it was read in already
	SIEType          = "sie-type"           // a type that has balances only; args: version
	SIEChecksum      = "sie-checksum"       // its checksum is that of another content
	SIECharset       = "sie-charset"        // warning: not the character set that it names; args: form, encoding

	// What keeps a whole company from working.
	WebhookParked    = "webhook-parked"    // a receiver of changes has taken nothing for days
	KeyDead          = "key-dead"          // 401 after a fresh login
	LoginEnded       = "login-ended"       // the same where a person has logged in instead of making a key
	RightMissing     = "right-missing"     // 403; args: operation
	ProcountorBusy   = "procountor-busy"   // 429, 503
	ProcountorBroken = "procountor-broken" // 5xx, HTML, no answer to reads
	AnswerUnclear    = "answer-unclear"    // a write without a clear answer
	WritingOff       = "writing-off"       // the connection only reads
	WaitsForItem     = "waits-for-item"    // warning: an item or a product is being made; args: item
	WaitsForPartner  = "waits-for-partner" // args: name
	WaitsForOrder    = "waits-for-order"   // args: number: an earlier number goes first
	DetachedHalfWay  = "detached-half-way" // args: number: its voucher in Procountor
	OwnFault         = "own-fault"         // something here went wrong; args: reason

	// What keeps a source from being read.
	SourceDenied   = "source-denied"   // it refuses our credentials; args: reason
	SourceBusy     = "source-busy"     // it asks us to come back later; args: reason
	SourceBroken   = "source-broken"   // no answer, or one that cannot be read; args: reason
	SourcePart     = "source-part"     // warning: one kind of document cannot be read, the rest is; args: reason
	SourceSettings = "source-settings" // its options do not fit together; args: reason
	SourceBarred   = "source-barred"   // what comes from it must not go to the books; args: its company as excluded, test, unsure, blocked or missing; else reason

	// Purchase invoices of Procountor that go to a source.
	BackOff        = "back-off"        // warning: by setting nothing goes back
	BackOurs       = "back-ours"       // warning: a source has shown it, or we have made it; args: number
	BackNoProject  = "back-no-project" // warning: no row of it names a project; args: dimension
	BackProject    = "back-project"    // an item of the dimension names none of the source's projects; args: item
	BackNoWriter   = "back-no-writer"  // the connection has no source that takes purchase invoices
	BackSettings   = "back-settings"   // the options of the source lack what writing needs; args: reason
	BackDenied     = "back-denied"     // the source does not let us write; args: reason
	BackRefused    = "back-refused"    // the source does not take what was to be written; args: reason
	BackBusy       = "back-busy"       // warning: the source asks us to come back later; args: reason
	BackChanged    = "back-changed"    // warning: changed in Procountor after it was written; args: number, record
	BackGone       = "back-gone"       // warning: removed in Procountor after it was written; args: number, record
	BackClosed     = "back-closed"     // the project of an item is closed at the source, or not there; args: item
	RecordInvoiced = "record-invoiced" // warning: changed in Procountor, and on an invoice at the source; args: number, record
	RecordEdited   = "record-edited"   // warning: changed in Procountor, and by somebody at the source; args: number, record, field
	RecordDiffers  = "record-differs"  // warning: the source has saved something else; args: record, field, meant, saved
	RecordTwice    = "record-twice"    // two records carry marks of one part; args: record, other
	WrittenByUs    = "written-by-us"   // warning: a source shows what we have written there; args: number

	// Purchase invoices of Procountor that have gone their round here.
	RoundThere = "round-there" // warning: approved in Procountor before the approval from here came; args: number
	RoundSplit = "round-split" // its costs in Procountor are not those that were split; args: number, sum, rest

	// What a source is told of its own documents.
	ReportNothing  = "report-nothing"   // warning: by setting, or because it is not in Procountor, there is nothing to tell
	ReportShown    = "report-shown"     // warning: by setting it is only shown; args: now, would
	ReportLeft     = "report-left"      // warning: somebody there has set it otherwise; args: now, would
	ReportUnpaid   = "report-unpaid"    // the source says paid, Procountor does not any more; args: now
	ReportRefused  = "report-refused"   // the source does not take it; args: reason
	ReportSettings = "report-settings"  // the options of the source do not suffice, such as a status that is gone; args: reason
	ReportNoTeller = "report-no-teller" // the connection has no source that can be told

	// Where the document stands at its source.
	WaitsForApproval     = "waits-for-approval"      // warning: nobody has approved it at the source yet
	WaitsForLastApproval = "waits-for-last-approval" // warning: the source's round is not complete; args: number of its voucher, if it has one
	WaitsForSending      = "waits-for-sending"       // warning: the source has not sent it to the customer yet
	WaitsForPerson       = "waits-for-person"        // by setting a person says when it goes
	DatesAsked           = "dates-asked"             // its dates were chosen for an earlier content; args: date, due
	RejectedThere        = "rejected-at-source"      // args: by, at, number and status of its voucher, if it has one
	ApprovedEarly        = "approved-early"          // warning: approved in Procountor before the source's last approval; args: number
	CirculationRefused   = "circulation-refused"     // Procountor did not take it as received or verified; args: as
)

// ProcountorCode prefixes a code or text that Procountor gave as reason.
const ProcountorCode = "procountor:"
