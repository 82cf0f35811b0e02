package remedy

import (
	"regexp"
	"slices"

	"github.com/vienti/vienti/internal/hub"
)

// actors says for each of our own codes who must act.
var actors = map[string]Actor{
	hub.FormatUnknown:      Source,
	hub.VersionUnknown:     Source,
	hub.XMLBroken:          Source,
	hub.EncodingWrong:      Source,
	hub.EntityForbidden:    Source,
	hub.FileTooLarge:       Source,
	hub.TooDeep:            Source,
	hub.FieldMissing:       Source,
	hub.FieldInvalid:       Source,
	hub.FieldUnknown:       Source,
	hub.SignsTurned:        Source,
	hub.SumsDisagree:       Source,
	hub.PayableDisagrees:   Source,
	hub.AttachmentTooLarge: Source,
	hub.AttachmentMissing:  Source,
	hub.AttachmentEmpty:    Source,
	hub.AttachmentType:     Source,
	hub.AttachmentBroken:   Source,
	hub.AttachmentSuspect:  Source,
	hub.AttachmentKind:     Source,
	hub.AttachmentImage:    Source,
	hub.AttachmentMany:     Source,
	hub.AttachmentLost:     Accountant,
	hub.AttachmentThere:    Accountant,
	hub.BreakdownSums:      Source,
	hub.PartMissing:        Source,

	hub.LineWithoutInvoice: Source,
	hub.ColumnsWrong:       Source,
	hub.ColumnUnknown:      Admin,
	hub.TypeUnknown:        Source,
	hub.TypeNotMoved:       Source,
	hub.CreditUnclear:      Admin,
	hub.ArchiveBroken:      Source,
	hub.ArchiveTooMuch:     Source,
	hub.ArchiveFolders:     Source,
	hub.AttachmentUnused:   Source,

	hub.NumberMissing:   Source,
	hub.DateMissing:     Source,
	hub.BuyerMissing:    Source,
	hub.SellerMissing:   Source,
	hub.RowsMissing:     Source,
	hub.RowNameMissing:  Source,
	hub.RowAmount:       Source,
	hub.CompanyOther:    Source,
	hub.KindOff:         Admin,
	hub.BeforeFirstDay:  Nobody,
	hub.DemoDocument:    Source,
	hub.DateUnlikely:    Source,
	hub.CurrencyUnknown: Source,

	hub.BusinessIDWrong:    Source,
	hub.VATNumberWrong:     Source,
	hub.VATNumberMissing:   Source,
	hub.ReferenceMissing:   Source,
	hub.ReferenceWrong:     Source,
	hub.SupplierReference:  Source,
	hub.IBANWrong:          Source,
	hub.BankAccountMissing: Admin,
	hub.BankAccountForeign: Accountant,
	hub.CharacterForbidden: Source,
	hub.TextTooLong:        Source,
	hub.TextCut:            Nobody, // a setting of the connection says so
	hub.DueDateBeforeDate:  Source,
	hub.DueDateTooLate:     Source,
	hub.DueDateMissing:     Source,
	hub.PeriodClosed:       Accountant,
	hub.FiscalYearMissing:  Accountant,
	hub.VATRateNotEnabled:  Accountant,
	hub.VATRateUnlikely:    Source,
	hub.VATRatePrepaid:     Source,
	hub.VATReasonHeld:      Admin,
	hub.VATReasonMissing:   Source,
	hub.VATStatusUnmapped:  Admin,
	hub.AccountUnmapped:    Accountant,
	hub.AccountAmbiguous:   Accountant,
	hub.AccountClosed:      Accountant,
	hub.DimensionUnknown:   Accountant,
	hub.DimensionRenamed:   Nobody,
	hub.RowProjects:        Accountant,
	hub.ReceiptRows:        Accountant,
	hub.ReceiptEvened:      Nobody,
	hub.ReceiptOff:         Accountant,
	hub.VATStatusDisabled:  Accountant,
	hub.VATStatusPercent:   Source,
	hub.UnitUnknown:        Admin,
	hub.CountryUnknown:     Source,
	hub.LanguageUnknown:    Source,
	hub.CurrencyRateNeeded: Source,
	hub.AddressMissing:     Source,
	hub.EInvoiceMissing:    Source,
	hub.EInvoiceAddress:    Source,
	hub.OperatorWrong:      Source,
	hub.OperatorUnknown:    Source,
	hub.ChannelMissing:     Admin,
	hub.EmailMissing:       Source,
	hub.AttachmentName:     Nobody,

	hub.PrepaidHeld:     Accountant,
	hub.RoundingHeld:    Accountant,
	hub.TotalsDiffer:    Admin,
	hub.DiscountInexact: Source,

	hub.PartnerConflict:  Source,
	hub.PartnerAmbiguous: Accountant,
	hub.PartnerProposed:  Accountant,
	hub.PartnerMissing:   Accountant,
	hub.PartnerNoID:      Source,
	hub.PartnerInactive:  Accountant,
	hub.PartnerChanged:   Accountant,
	hub.PartnerDiffers:   Accountant,
	hub.PartnerEdited:    Accountant,
	hub.PartnerGone:      Nobody,

	hub.AlreadyThere:    Accountant,
	hub.DocumentTwin:    Source,
	hub.LinkedThere:     Nobody,
	hub.LocksReleased:   Accountant,
	hub.ChangeLeft:      Nobody,
	hub.SentBeside:      Accountant,
	hub.PaymentsLeft:    Accountant,
	hub.SendingReturned: Accountant,
	hub.DocumentChanged: Accountant,
	hub.EditedThere:     Accountant,
	hub.MarkRemoved:     Accountant,
	hub.SavedDiffers:    Accountant,
	hub.CreditedUnknown: Source,
	hub.OffsetByHand:    Accountant,

	hub.OffsetWaits:    Nobody,
	hub.OffsetApproval: Accountant,
	hub.OffsetDay:      Nobody,
	hub.OffsetHalf:     Accountant,
	hub.OffsetThere:    Nobody,
	hub.OffsetUnderWay: Nobody,
	hub.CreditRefund:   Accountant,

	hub.WaitsForPeriod:  Nobody,
	hub.WaitsForJournal: Nobody,
	hub.JournalAccount:  Admin,
	hub.JournalCurrency: Accountant,
	hub.JournalBalance:  Source,
	hub.JournalDocument: Accountant,
	hub.JournalEmpty:    Nobody,
	hub.JournalRounding: Nobody,
	hub.JournalMissing:  Accountant,
	hub.JournalBuyer:    Accountant,
	hub.JournalGone:     Accountant,
	hub.JournalEdited:   Accountant,
	hub.PaymentJournal:  Nobody,

	hub.KeyDead:          Admin,
	hub.RightMissing:     Accountant,
	hub.ProcountorBusy:   Nobody,
	hub.ProcountorBroken: Nobody,
	hub.AnswerUnclear:    Nobody,
	hub.WritingOff:       Admin,
	hub.WaitsForPartner:  Nobody,
	hub.WaitsForOrder:    Nobody,
	hub.OwnFault:         Admin,

	hub.BackOff:        Nobody,
	hub.BackOurs:       Nobody,
	hub.BackNoProject:  Nobody,
	hub.BackProject:    Accountant,
	hub.BackNoWriter:   Admin,
	hub.BackSettings:   Admin,
	hub.BackDenied:     Admin,
	hub.BackRefused:    Source,
	hub.BackBusy:       Nobody,
	hub.BackChanged:    Source,
	hub.BackGone:       Source,
	hub.BackClosed:     Source,
	hub.RecordInvoiced: Source,
	hub.RecordEdited:   Source,
	hub.RecordDiffers:  Source,
	hub.RecordTwice:    Source,
	hub.WrittenByUs:    Nobody,

	hub.ReportNothing:  Nobody,
	hub.ReportShown:    Nobody,
	hub.ReportLeft:     Nobody,
	hub.ReportUnpaid:   Source,
	hub.ReportRefused:  Source,
	hub.ReportSettings: Admin,
	hub.ReportNoTeller: Admin,

	hub.WaitsForApproval:     Source,
	hub.WaitsForLastApproval: Source,
	hub.WaitsForSending:      Source,
	hub.WaitsForPerson:       Accountant,
	hub.DatesAsked:           Accountant,
	hub.RejectedThere:        Accountant,
	hub.ApprovedEarly:        Accountant,
	hub.CirculationRefused:   Accountant,

	hub.PaymentsOff:         Nobody,
	hub.PaymentPayer:        Nobody,
	hub.PaymentNoDocument:   Source,
	hub.PaymentAmbiguous:    Source,
	hub.PaymentWaits:        Nobody,
	hub.PaymentUnapproved:   Accountant,
	hub.PaymentDue:          Nobody,
	hub.PaymentTurn:         Nobody,
	hub.PaymentNoVoucher:    Accountant,
	hub.PaymentFailed:       Source,
	hub.PaymentCurrency:     Source,
	hub.PaymentSign:         Source,
	hub.PaymentTooMuch:      Accountant,
	hub.PaymentThere:        Accountant,
	hub.PaymentBank:         Accountant,
	hub.PaymentByBank:       Nobody,
	hub.PaymentPaidThere:    Accountant,
	hub.PaymentPeriod:       Accountant,
	hub.PaymentFuture:       Source,
	hub.PaymentDayMissing:   Source,
	hub.PaymentChangedLater: Accountant,

	hub.DetachedHalfWay: Accountant,

	hub.SourceDenied:   Admin,
	hub.SourceBusy:     Nobody,
	hub.SourceBroken:   Admin,
	hub.SourceSettings: Admin,
}

// ofDocument are the codes that no setting, register or person here can mend: only
// other content of the document does.
var ofDocument = map[string]bool{
	hub.NumberMissing: true, hub.DateMissing: true, hub.BuyerMissing: true, hub.SellerMissing: true, hub.RowsMissing: true, hub.RowNameMissing: true,
	hub.RowAmount: true, hub.SumsDisagree: true, hub.BusinessIDWrong: true, hub.VATNumberWrong: true, hub.IBANWrong: true,
	hub.DueDateBeforeDate: true, hub.DiscountInexact: true, hub.PaymentSign: true,
}

// NeedsDocument reports whether what stops a document is mended by other content
// of it only: then trying again helps nothing.
func NeedsDocument(faults []hub.Fault) bool {
	return hub.Unread(faults) || slices.ContainsFunc(faults, func(f hub.Fault) bool { return !f.Warning && ofDocument[f.Code] })
}

// A reason is something that Procountor says, by pattern; named groups fill the
// places of the text.
type reason struct {
	text  *regexp.Regexp
	key   string
	actor Actor
}

// reasons are tried in order. The codes and texts are those of the Procountor
// API's known validation codes; there is no official list to be had, so more
// will come (feature rows E-85 to E-90, T-56, S-123 to S-126).
var reasons = []reason{
	code("CLOSED_FISCAL_PERIOD", Accountant),
	code("DUE_DATE_BEFORE_BILL_DATE", Source),
	code("ERROR_BRN_CODE", Source),
	code("ERROR_VATSTATUS_VATPERC", Source),
	code("ERROR_LEDGERACCOUNT_VATPERCENTAGE_COMBINATION", Accountant),
	code("DIMENSION_OR_DIMENSION_ITEM_IDENTIFIERS_DOES_NOT_MATCH_THOSE_STORED_IN_DATABASE", Accountant),
	code("ERROR_OPERATOR", Source),
	code("MAY_NOT_BE_EMPTY", Source),
	code("BANK_ACCOUNT_DOES_NOT_BELONG_TO_THIS_COMPANY", Accountant),
	{regexp.MustCompile(`^SIZE_MUST_BE_BETWEEN_(?P<min>\d+)_AND_(?P<max>\d+)\b`), "size", Source},
	{regexp.MustCompile(`^Value of the '(?P<field>[^']+)' cannot be blank`), "blank", Source},
	{regexp.MustCompile(`^Value of the '(?P<field>[^']+)' field is invalid:? ?(?P<invalid>.*)$`), "invalid", Source},
	{regexp.MustCompile(`(?i)^(undefined )?(unauthorized|invalid token)`), "token", Admin},
	{regexp.MustCompile(`(?i)^(undefined )?(?P<text>insufficient access rights.*)$`), "rights", Accountant},
	{regexp.MustCompile(`(?i)another partner .*same number and different VAT number`), "partner-number-taken", Source},
	{regexp.MustCompile(`(?i)^(payee not found in the supplier register|saajaa ei löydy toimittajarekisteristä)`), "payee-unknown", Nobody},
	{regexp.MustCompile(`(?i)^dimension mismatch`), "dimension-name", Admin},
	{regexp.MustCompile(`(?i)^(invalid e-?invoice operator)`), "ERROR_OPERATOR", Source},
	{regexp.MustCompile(`(?i)^(api timeout|http 500|internal server error)`), "timeout", Nobody},
}

// code matches a code that may be followed by its English text.
func code(c string, a Actor) reason {
	return reason{regexp.MustCompile(`^` + c + `\b`), c, a}
}
