package hub

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/money"
)

var (
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	// categoryForm is a VAT category of UNTDID 5305, perhaps towards another
	// member state, perhaps of one kind of supply.
	categoryForm = regexp.MustCompile(`^[A-Z]{1,2}(/EU)?(/(goods|service))?$`)
)

// maxSettingDays bounds a term of payment: what Procountor takes (REFERENCE 4).
const maxSettingDays = 999

// claimantKey begins the keys of what is known of persons who claim, and maxClaimantText
// bounds their numbers and codes.
const (
	claimantKey     = "claimants."
	maxClaimantText = 40
)

// maxPaidAfter bounds the wait for a bank's refusal; none takes months.
const maxPaidAfter = 60

// A SettingFault is what is wrong with one setting. As an error it speaks
// English; pages have words for its code.
type SettingFault struct {
	Key   string // where it stands, such as kinds.sales_invoice.first_day
	Code  SettingCode
	Value string // what stands there
	Form  string // what may stand there
}

// A SettingCode says what kind of mistake it is.
type SettingCode string

// What may be wrong with a setting.
const (
	SettingChoice   SettingCode = "choice"    // none of those in Form
	SettingFirstDay SettingCode = "first-day" // missing
	SettingDay      SettingCode = "day"       // not a day
	SettingNumber   SettingCode = "number"    // not a whole number of Form
	SettingCountry  SettingCode = "country"
	SettingCategory SettingCode = "category" // not a VAT category
	SettingStatus   SettingCode = "status"   // not a VAT status that the company has switched on
	SettingAccount  SettingCode = "account"  // not an account of the company
	SettingUnit     SettingCode = "unit"     // not a unit of Procountor
	SettingSwedish  SettingCode = "swedish"  // never on for a Swedish company
	SettingMissing  SettingCode = "missing"
	SettingLength   SettingCode = "length"  // not a text of 1 to Form characters
	SettingSource   SettingCode = "source"  // takes the source's account and names none
	SettingSide     SettingCode = "side"    // holds for neither sales nor purchases nor payroll
	SettingPercent  SettingCode = "percent" // not 0 to 100
	SettingPayer    SettingCode = "payer"   // the source pays, and nothing would be marked paid
	SettingTwice    SettingCode = "twice"   // stands there a second time
	SettingAddress  SettingCode = "address" // no e-invoice address: an OVT code, an IBAN or an id, as Form says
	SettingOperator SettingCode = "operator"
	SettingEmail    SettingCode = "email"
	SettingIBAN     SettingCode = "iban" // not an account number of right check digits
	// SettingDimension is no dimension of the company.
	SettingDimension SettingCode = "dimension"
)

func (f SettingFault) Error() string {
	text := map[SettingCode]string{
		SettingChoice:    fmt.Sprintf("%q is none of %s", f.Value, f.Form),
		SettingFirstDay:  "is missing: from which day on do documents travel?",
		SettingDay:       fmt.Sprintf("%q is not a day such as 2026-01-31", f.Value),
		SettingNumber:    fmt.Sprintf("%s is not %s", f.Value, f.Form),
		SettingCountry:   fmt.Sprintf("%q is not a code such as FI", f.Value),
		SettingCategory:  fmt.Sprintf("%q is not a VAT category such as S, AE/EU or K/goods", f.Value),
		SettingStatus:    fmt.Sprintf("%s is no VAT status that the company has switched on", f.Value),
		SettingAccount:   fmt.Sprintf("%q is no account of the company", f.Value),
		SettingUnit:      fmt.Sprintf("%q is no unit of Procountor", f.Value),
		SettingSwedish:   "is never on for a Swedish company",
		SettingMissing:   "is missing",
		SettingLength:    fmt.Sprintf("has %s characters, not 1 to %s", f.Value, f.Form),
		SettingSource:    fmt.Sprintf("%q takes the source's account, so source must name one, or be \"*\"", f.Value),
		SettingSide:      "the rule holds for neither sales nor purchases nor payroll",
		SettingPayer:     "must be \"source\" when the source pays purchase invoices; else they stay open in Procountor and are paid twice",
		SettingTwice:     fmt.Sprintf("%q stands there twice", f.Value),
		SettingAddress:   fmt.Sprintf("%q is no e-invoice address (%s)", f.Value, f.Form),
		SettingOperator:  fmt.Sprintf("%q is no code of an operator: 4 to 20 capital letters and digits", f.Value),
		SettingEmail:     fmt.Sprintf("%q is no e-mail address", f.Value),
		SettingIBAN:      fmt.Sprintf("%q is no IBAN, or its check digits are wrong", f.Value),
		SettingDimension: fmt.Sprintf("%q is no dimension of the company", f.Value),
		SettingPercent:   fmt.Sprintf("%q is not a percent from 0 to 100", f.Value),
	}[f.Code]
	return f.Key + ": " + text
}

// SettingFaults are all that is wrong with settings.
type SettingFaults []SettingFault

func (fs SettingFaults) Error() string {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errors.Join(errs...).Error()
}

// Check says everything that is wrong with settings that someone has written,
// each with the key at which it stands: a [SettingFaults], or nil.
func (s Settings) Check() error {
	var faults SettingFaults
	bad := func(key string, code SettingCode, value, form string) {
		faults = append(faults, SettingFault{key, code, value, form})
	}
	for _, k := range slices.Sorted(maps.Keys(s.Kinds)) {
		v, key := s.Kinds[k], "kinds."+string(k)
		if !slices.Contains(Kinds, k) {
			bad(key, SettingChoice, string(k), fmt.Sprint(Kinds))
		}
		arrivals := []Arrival{ArriveUnfinished, ArriveApproved}
		if k == SalesInvoice {
			arrivals = append(arrivals, ArriveSent)
		}
		oneOf(bad, key+".arrival", v.Arrival, arrivals...)
		oneOf(bad, key+".posting", v.Posting, PostedInProcountor, PostedByMap, "")
		oneOf(bad, key+".when", v.When, append(WhensOf(k), "")...)
		early, rejected := []Early{""}, []AfterRejection{""}
		if k == PurchaseInvoice {
			early, rejected = []Early{EarlyUnfinished, EarlyReceived, EarlyVerified, ""}, []AfterRejection{RejectionHeld, RejectionTakenBack, ""}
		}
		oneOf(bad, key+".early", v.Early, early...)
		oneOf(bad, key+".rejected", v.Rejected, rejected...)
		oneOf(bad, key+".files.goes", v.Files.Goes, append(FilesGos, "")...)
		oneOf(bad, key+".files.breakdown", v.Files.Breakdown, BreakdownWanted, BreakdownAlways, BreakdownNever, "")
		oneOf(bad, key+".files.joined", v.Files.Joined, JoinedOne, JoinedApart, "")
		oneOf(bad, key+".files.credit_notes", v.Files.CreditNotes, CreditsAlike, CreditsBare, "")
		for _, axis := range v.LeavesOut {
			if strings.TrimSpace(axis) == "" {
				bad(key+".leaves_out", SettingMissing, "", "")
			}
		}
		if v.On && v.FirstDay.IsZero() {
			bad(key+".first_day", SettingFirstDay, "", "")
		}
	}
	oneOf(bad, "level", s.Level, DocumentLevel, JournalLevel, "")
	oneOf(bad, "journal.per", s.Journal.Per, PerDocument, PerMonth, "")
	oneOf(bad, "payroll.runs", s.Payroll.Runs, RunIsFile, RunIsVoucher, "")
	oneOf(bad, "payroll.closed_period", s.Payroll.ClosedPeriod, ClosedHold, ClosedFirstDay, "")
	if n := s.Payroll.MaxRows; n < 0 || n == 1 || n > maxJournalRows {
		bad("payroll.max_rows", SettingNumber, strconv.Itoa(n), fmt.Sprintf("2 to %d", maxJournalRows))
	}
	if n := s.Payroll.KeepMonths; n != 0 && (n < minKeepMonths || n > maxKeepMonths) {
		bad("payroll.keep_months", SettingNumber, strconv.Itoa(n), fmt.Sprintf("%d to %d, or 0", minKeepMonths, maxKeepMonths))
	}
	oneOf(bad, "sender", s.Sender, SenderProcountor, SenderSource, SenderNobody)
	s.checkChannels(bad)
	oneOf(bad, "files.check", s.Files.Check, AskedHold, AskedWarn, "")
	oneOf(bad, "files.kinds", s.Files.Kinds, AnyKind, ShownKinds, "")
	oneOf(bad, "files.images", s.Files.Images, ImagesStay, ImagesToPDF, "")
	oneOf(bad, "files.confirm", s.Files.Confirm, append(FileLevels, "")...)
	if n := s.Files.SamplePercent; n < 0 || n > 100 {
		bad("files.sample_percent", SettingNumber, strconv.Itoa(n), "0 to 100")
	}
	oneOf(bad, "credited_number", s.CreditedNumber, MasterSource, MasterProcountor, "")
	oneOf(bad, "headings", s.Headings, HeadingAbove, HeadingRow, "")
	oneOf(bad, "explanations", s.Explanations, InExplanation, InComment, FirstLine, "")
	oneOf(bad, "buyer_reference", s.BuyerReference, AsReference, AsOrder, "")
	oneOf(bad, "payments", s.Payments, MasterProcountor, MasterSource, "")
	oneOf(bad, "offset", s.Offset, OffsetByPerson, OffsetByVienti, "")
	oneOf(bad, "supplier_reference", s.SupplierReference, AskedHold, AskedWarn, "")
	oneOf(bad, "payer", s.Payer, MasterProcountor, MasterSource, "")
	if s.Payer == MasterSource && s.Payments != MasterSource {
		// Paid there and open here: the invoice would be paid twice.
		bad("payments", SettingPayer, string(s.Payments), "")
	}
	if s.PaidAfterDays < 0 || s.PaidAfterDays > maxPaidAfter {
		bad("paid_after_days", SettingNumber, strconv.Itoa(s.PaidAfterDays), fmt.Sprintf("0 to %d", maxPaidAfter))
	}
	if s.RatePercent < 0 || s.RatePercent > maxRatePercent {
		bad("rate_percent", SettingNumber, strconv.Itoa(s.RatePercent), fmt.Sprintf("1 to %d", maxRatePercent))
	}
	oneOf(bad, "partner.number", s.Partner.Number, AlternativeNumber, OwnNumber, "")
	oneOf(bad, "partner.other_id", s.Partner.OtherID, ConflictRefuse, ConflictAsk, ConflictCreate, "")
	oneOf(bad, "partner.other_number", s.Partner.OtherNumber, ConflictRefuse, ConflictAsk, ConflictCreate, "")
	oneOf(bad, "partner.customer_changes", s.Partner.CustomerChanges, ChangesOff, ChangesShow, ChangesWrite, "")
	oneOf(bad, "partner.supplier_changes", s.Partner.SupplierChanges, ChangesOff, ChangesShow, ChangesWrite, "")
	for _, card := range slices.Sorted(maps.Keys(s.Cards)) {
		if s.Cards[card] == "" || len(card) > maxCardName {
			bad("cards."+card, SettingAccount, s.Cards[card], "")
		}
	}
	numbers := map[string]bool{}
	for _, login := range slices.Sorted(maps.Keys(s.Claimants)) {
		c, key := s.Claimants[login], claimantKey+login
		if c.Number != "" && numbers[c.Number] {
			bad(key+".number", SettingTwice, c.Number, "")
		}
		numbers[c.Number] = true
		if _, err := finland.ParseIBAN(c.IBAN); c.IBAN != "" && err != nil {
			bad(key+".iban", SettingIBAN, c.IBAN, "")
		}
		for _, x := range []struct{ name, value string }{{".number", c.Number}, {".cost_centre", c.CostCentre}} {
			if len(x.value) > maxClaimantText {
				bad(key+x.name, SettingLength, strconv.Itoa(len(x.value)), strconv.Itoa(maxClaimantText))
			}
		}
	}
	oneOf(bad, "partner.persons", s.Partner.Persons, ChangesOff, ChangesShow, ChangesWrite, "")
	oneOf(bad, "travel_codes", s.TravelCodes, AskedHold, AskedWarn, "")
	oneOf(bad, "difference.policy", s.Difference.Policy, AcceptDifference, RowForDifference, HoldDifference)
	oneOf(bad, "text_too_long", s.TextTooLong, Refuse, Cut)
	oneOf(bad, "bad_character", s.BadCharacter, Refuse, Cut)
	oneOf(bad, "prepaid", s.Prepaid, SumHold, SumRow, SumWarn)
	oneOf(bad, "rounding", s.Rounding, SumHold, SumRow, SumWarn)
	oneOf(bad, "language", s.Language, InvoiceLanguages...)
	if s.Difference.Cents < 0 {
		bad("difference.cents", SettingNumber, strconv.Itoa(s.Difference.Cents), "0 or more")
	}
	if s.TermDays < -1 || s.TermDays > maxSettingDays {
		bad("term_days", SettingNumber, strconv.Itoa(s.TermDays), fmt.Sprintf("-1 (none) to %d", maxSettingDays))
	}
	if !countryForm.MatchString(s.Country) {
		bad("country", SettingCountry, s.Country, "")
	}
	for _, k := range slices.Sorted(maps.Keys(s.VATStatuses)) {
		key := "vat_statuses." + string(k)
		if !slices.Contains(VATKinds, k) {
			bad(key, SettingChoice, string(k), fmt.Sprint(VATKinds))
		}
		for _, category := range slices.Sorted(maps.Keys(s.VATStatuses[k])) {
			if !categoryForm.MatchString(category) {
				bad(key+"."+category, SettingCategory, category, "")
			}
			if n := s.VATStatuses[k][category]; n <= 0 {
				bad(key+"."+category, SettingStatus, strconv.Itoa(n), "")
			}
		}
	}
	oneOf(bad, "vat_reason", s.VATReason, AskedHold, AskedWarn, "")
	for _, category := range slices.Sorted(maps.Keys(s.VATReasons)) {
		of, language, _ := strings.Cut(category, "/")
		if !slices.Contains(WithoutVAT, of) || language != "" && !slices.Contains(InvoiceLanguages, language) {
			bad("vat_reasons."+category, SettingCategory, category, "")
		}
		if n := utf8.RuneCountInString(strings.TrimSpace(s.VATReasons[category])); n == 0 || n > maxVATReason {
			bad("vat_reasons."+category, SettingLength, strconv.Itoa(n), strconv.Itoa(maxVATReason))
		}
	}
	for i := range s.Accounts {
		for _, f := range s.Accounts[i].Faults() {
			f.Key = fmt.Sprintf("accounts[%d].%s", i, f.Key)
			faults = append(faults, f)
		}
	}
	for _, axis := range slices.Sorted(maps.Keys(s.Dimensions)) {
		if strings.TrimSpace(axis) == "" || strings.TrimSpace(s.Dimensions[axis]) == "" {
			bad("dimensions."+axis, SettingMissing, "", "")
		}
	}
	oneOf(bad, "telling.status", s.Telling.Status, append(Tells, "")...)
	oneOf(bad, "telling.payments", s.Telling.Payments, append(Tells, "")...)
	for _, axis := range slices.Sorted(maps.Keys(s.Axes)) {
		oneOf(bad, "axes."+axis+".make", s.Axes[axis].Make, append(slices.Clone(ItemMakings), "")...)
	}
	if s.Back.Purchases && s.Back.FirstDay.IsZero() {
		bad("back.first_day", SettingFirstDay, "", "")
	}
	if s.Back.Purchases && strings.TrimSpace(s.Back.Dimension) == "" {
		bad("back.dimension", SettingMissing, "", "")
	}
	if faults == nil {
		return nil
	}
	return faults
}

// WithoutVAT are the VAT categories under which an invoice says why it has no VAT.
var WithoutVAT = []string{"E", "Z", "AE", "K", "G"}

// maxRatePercent lets every rate go, for whoever knows better than Procountor's register.
const maxRatePercent = 1000

// maxJournalRows is how many rows a setting may let one journal have: more than any
// payroll run of the size that this is measured for.
const maxJournalRows = 100_000

// maxCardName is the longest name of a card: shorter than any number of one.
const maxCardName = 12

// maxVATReason bounds a text that is printed on every such invoice.
const maxVATReason = 500

// InvoiceLanguages are those in which Procountor prints invoices.
var InvoiceLanguages = []string{"fi", "sv", "en", "et", "no", "da"}

func oneOf[T ~string](bad func(key string, code SettingCode, value, form string), key string, v T, choices ...T) {
	if slices.Contains(choices, v) {
		return
	}
	words := make([]string, len(choices))
	for i, c := range choices {
		words[i] = string(c)
	}
	bad(key, SettingChoice, string(v), strings.Join(words, ", "))
}

// VATCategories are those of UNTDID 5305 that invoices here can carry.
var VATCategories = []string{"S", "Z", "E", "AE", "K", "G", "O"}

// Faults says what is wrong with a rule by itself, each with the rule's field as
// its key.
func (r *AccountRule) Faults() (faults SettingFaults) {
	bad := func(field string, code SettingCode, value, form string) {
		faults = append(faults, SettingFault{field, code, value, form})
	}
	if strings.TrimSpace(r.Account) == "" {
		bad("account", SettingMissing, "", "")
	}
	if r.Account == SameAccount && r.Source == "" {
		bad("account", SettingSource, r.Account, "")
	}
	if !r.Sales && !r.Purchases && !r.Payroll {
		bad("sales", SettingSide, "", "")
	}
	oneOf(bad, "category", strings.ToUpper(r.Category), append(slices.Clone(VATCategories), "")...)
	oneOf(bad, "supply", r.Supply, "goods", "service", "")
	oneOf(bad, "area", r.Area, Home, EU, Abroad, "")
	if r.VATStatus < 0 {
		bad("vat_status", SettingStatus, strconv.Itoa(r.VATStatus), "")
	}
	for _, p := range []struct{ field, text string }{{"percent", r.Percent}, {"deduction", r.Deduction}} {
		if p.text == "" {
			continue
		}
		if a, err := money.Parse(p.text); err != nil || a.Sign() < 0 || a.Cmp(money.Hundred) > 0 {
			bad(p.field, SettingPercent, p.text, "")
		}
	}
	return faults
}
