package hub

import (
	"cmp"
	"strings"

	"github.com/vienti/vienti/internal/civil"
)

// Settings decide how the documents of one connection travel. They are data:
// versioned, exportable, and the zero value of a field is never what a new
// connection gets; see [DefaultSettings].
type Settings struct {
	Profile string                `json:"profile"`
	Kinds   map[Kind]KindSettings `json:"kinds"`

	// Level says whether documents become invoices or journals; empty means invoices.
	Level Level `json:"level,omitempty"`
	// Journal says how they become journals.
	Journal JournalSettings `json:"journal,omitzero"`
	// Payroll says how payroll runs become journals.
	Payroll PayrollSettings `json:"payroll,omitzero"`

	// Sender says who sends sales invoices to the customer.
	Sender Sender `json:"sender"`
	// Channel is the rule when Procountor sends, after what the document and the
	// customer's row say.
	Channel ChannelRule `json:"channel"`
	// Customers say how the invoices of single customers go.
	Customers []CustomerRow `json:"customers,omitempty"`
	// UnknownOperator says what becomes of an e-invoice whose operator is not on the
	// list; empty means warn, for no list is complete.
	UnknownOperator Asked `json:"unknown_operator,omitempty"`
	// Operators is the connection's own list of operators, instead of the one that
	// comes along.
	Operators *OperatorList `json:"operators,omitempty"`
	// OrderBySourceNumber posts sales invoices in the order of their numbers.
	OrderBySourceNumber bool `json:"order_by_source_number"`

	Difference Difference    `json:"difference"`
	Partner    PartnerPolicy `json:"partner"`

	// VATStatuses maps a VAT category (UNTDID 5305; "AE/service" beats "AE")
	// to the company's VAT status number, per side. Reverse charge towards
	// another member state has a key of its own, "AE/EU". They come from the
	// company's own register and a person's choice, never from us.
	VATStatuses map[Kind]map[string]int `json:"vat_statuses"`
	// VATReasons are the texts that say on a sales invoice why there is no VAT, by VAT
	// category, where the source gives none; "E/sv" beats "E" on a Swedish invoice. They
	// are the company's own words: which provision exempts a sale, only it knows.
	VATReasons map[string]string `json:"vat_reasons,omitempty"`
	// VATReason says what to do with an exempt or zero-rated sale without a reason;
	// empty means warn.
	VATReason Asked `json:"vat_reason,omitempty"`
	// Accounts is the account map, for the kinds that are posted by it.
	Accounts []AccountRule `json:"accounts,omitempty"`
	// Claimants are persons who claim travel invoices, by login: what their source does not
	// say of them.
	Claimants map[string]Claimant `json:"claimants,omitempty"`
	// Cards maps a card of the company, as claims call it, to the account on which what it
	// has paid is owed until the card is billed: its clearing account.
	Cards map[string]string `json:"cards,omitempty"`
	// Dimensions maps an axis of the source ("project") to the name of a dimension
	// in Procountor. An axis that it does not name is told in the notes only.
	Dimensions map[string]string `json:"dimensions,omitempty"`
	// Axes say what becomes of the items of those axes.
	Axes map[string]AxisSettings `json:"axes,omitempty"`
	// BankAccount (IBAN) is put on sales invoices when the source names none.
	BankAccount string `json:"bank_account,omitempty"`
	// LinkProducts names on a row the product of Procountor's register that has the
	// row's code, when there is exactly one. Procountor then posts the row as the
	// product says.
	LinkProducts bool `json:"link_products,omitempty"`
	// MakeProducts makes a product of a row whose code Procountor's register lacks.
	MakeProducts bool `json:"make_products,omitempty"`
	// DefaultCodes are the product codes of rows to which the source gives none.
	DefaultCodes DefaultCodes `json:"default_codes,omitzero"`
	// TravelCodes says what becomes of a row whose travel product does not hold on its day,
	// where exactly one of the same name does: it is held, or goes under that one's code
	// with a warning. Empty means hold.
	TravelCodes Asked `json:"travel_codes,omitempty"`
	// Units maps units as the source writes them to Procountor's units.
	Units map[string]string `json:"units,omitempty"`

	Language     string `json:"language"`      // ISO 639-1, when the source states none
	Country      string `json:"country"`       // ISO 3166-1 alpha-2, when an address states none
	TermDays     int    `json:"term_days"`     // when the source states no due date
	TextTooLong  Excess `json:"text_too_long"` // cut or refuse
	BadCharacter Excess `json:"bad_character"` // replace ("cut") or refuse

	// RatePercent is how far the currency rate of a document may be from Procountor's
	// before it is held; 0 means [UsualRatePercent].
	RatePercent int `json:"rate_percent,omitempty"`

	Prepaid  SumRule `json:"prepaid"`
	Rounding SumRule `json:"rounding"`

	// Payments says whose payments count: while it is Procountor, nothing is
	// marked paid. Empty means Procountor.
	Payments Master `json:"payments,omitempty"`
	// Payer says who pays purchase invoices; empty means Procountor.
	Payer Master `json:"payer,omitempty"`
	// SupplierReference says what to do with a domestic purchase invoice that is to be
	// paid and names no reference; empty means hold.
	SupplierReference Asked `json:"supplier_reference,omitempty"`
	// PaidAfterDays is how long after its due date a purchase invoice that the
	// source has sent for payment counts as paid, if no bank has refused it.
	PaidAfterDays int `json:"paid_after_days"`
	// Offset says who offsets credit notes; empty means a person.
	Offset Settling `json:"offset,omitempty"`

	// CreditedNumber says which number of the credited invoice a credit note prints;
	// empty means the source's.
	CreditedNumber Master `json:"credited_number,omitempty"`
	// BuyerReference says where the buyer's reference goes ("viitteenne"): empty, to
	// the field of that name; [AsOrder], to the order reference of an invoice that
	// names no order.
	BuyerReference ReferencePlace `json:"buyer_reference,omitempty"`

	// Headings and Explanations say where the words between the rows of a sale go; empty,
	// to the fields of that name.
	Headings     HeadingPlace     `json:"headings,omitempty"`
	Explanations ExplanationPlace `json:"explanations,omitempty"`

	// Tables say what the columns of lists mean that are handed over, by their headers.
	Tables []TableMap `json:"tables,omitempty"`

	// Back says which documents of Procountor go to the source.
	Back Back `json:"back,omitzero"`
	// Circulation says which of them go a round of persons here before they are approved.
	Circulation Circulation `json:"circulation,omitzero"`
	// Telling says what the source is told of its own documents.
	Telling Telling `json:"telling,omitzero"`

	// ChangedApproved says what happens when a document changes while its
	// voucher is approved but not sent: true takes it back to unfinished and
	// replaces it, false holds. Never true for Swedish companies.
	ChangedApproved bool `json:"changed_approved"`
	// AttachmentsToCustomer is what sendWithInvoice becomes for the breakdown and for
	// files that the source marks for the customer. Images of the source's own
	// invoice never go.
	AttachmentsToCustomer bool `json:"attachments_to_customer"`
	// Files says how files are checked and confirmed.
	Files FilePolicy `json:"files,omitzero"`
}

// DefaultCodes are codes of Procountor's product register for rows without a code.
type DefaultCodes struct {
	Product string `json:"product,omitempty"`
	Work    string `json:"work,omitempty"` // of services; empty means Product
	// Travel is a code of the register of travel products, of rows of travel invoices.
	Travel string `json:"travel,omitempty"`
}

// For is the code of a row that is of goods, of a service, or of either ("").
func (d DefaultCodes) For(supply string) string {
	if supply == "service" {
		return cmp.Or(d.Work, d.Product)
	}
	return d.Product
}

// Asked says what becomes of a document that lacks what somebody should add.
type Asked string

// It is held until it is there; or it goes with a warning.
const (
	AskedHold Asked = "hold"
	AskedWarn Asked = "warn"
)

// A Master is who leads where both sides could.
type Master string

// Procountor, or the source.
const (
	MasterProcountor Master = "procountor"
	MasterSource     Master = "source"
)

// A ReferencePlace is where the buyer's reference goes.
type ReferencePlace string

// The field of its own, or the order reference.
const (
	AsReference ReferencePlace = "reference"
	AsOrder     ReferencePlace = "order"
)

// A HeadingPlace is where a heading goes: above the next row, or as a row of its own,
// whose sum is nothing.
type HeadingPlace string

// See [HeadingPlace].
const (
	HeadingAbove HeadingPlace = "above"
	HeadingRow   HeadingPlace = "row"
)

// An ExplanationPlace is where the explanations below a row go: its explanation, its
// comment, or only the first line of them, its comment.
type ExplanationPlace string

// See [ExplanationPlace].
const (
	InExplanation ExplanationPlace = "explanation"
	InComment     ExplanationPlace = "comment"
	FirstLine     ExplanationPlace = "first"
)

// KindSettings are what a connection does with one kind of document.
type KindSettings struct {
	On bool `json:"on"`
	// FirstDay: documents dated earlier are skipped.
	FirstDay civil.Date `json:"first_day"`
	Arrival  Arrival    `json:"arrival"`
	// Posting says who posts; empty means Procountor.
	Posting PostedBy `json:"posting,omitempty"`
	// When says when documents go; empty means [UsualWhen].
	When When `json:"when,omitempty"`
	// Early is the status until the source's last approval, of purchase invoices.
	Early Early `json:"early,omitempty"`
	// Rejected says what becomes of an unfinished purchase invoice that the source
	// has rejected.
	Rejected AfterRejection `json:"rejected,omitempty"`
	// Files says what goes with the documents.
	Files FileSettings `json:"files,omitzero"`
	// LeavesOut are axes of the source that are not put on rows of this kind, though
	// [Settings.Dimensions] names a dimension for them.
	LeavesOut []string `json:"leaves_out,omitempty"`
}

// An Arrival is the status in which a voucher is left in Procountor.
type Arrival string

// Unfinished is saved only; Approved is approved; Sent is approved and handed
// to Procountor's sending (sales invoices only).
const (
	ArriveUnfinished Arrival = "unfinished"
	ArriveApproved   Arrival = "approved"
	ArriveSent       Arrival = "sent"
)

// A Sender says who sends a sales invoice to the customer.
type Sender string

// Procountor sends by the channel rule and makes the reference; the source has
// sent already, with its own reference; or nobody sends.
const (
	SenderProcountor Sender = "procountor"
	SenderSource     Sender = "source"
	SenderNobody     Sender = "nobody"
)

// An Excess says what to do with what does not fit.
type Excess string

// Refuse holds the document; Cut makes it fit and warns.
const (
	Refuse Excess = "refuse"
	Cut    Excess = "cut"
)

// A SumRule says what to do with a prepaid sum or a rounding amount.
type SumRule string

// SumHold stops the document; SumRow adds a row; SumWarn posts the invoice in
// full and ends with a warning that names the sum.
const (
	SumHold SumRule = "hold"
	SumRow  SumRule = "row"
	SumWarn SumRule = "warn"
)

// A Difference says what happens when Procountor's total is not the source's.
type Difference struct {
	Policy DifferencePolicy `json:"policy"`
	// Cents is how many hundredths AcceptDifference lets pass.
	Cents int `json:"cents"`
}

// A DifferencePolicy; see [Difference].
type DifferencePolicy string

// Accept up to Cents with a warning; add a rounding row; or hold.
const (
	AcceptDifference DifferencePolicy = "accept"
	RowForDifference DifferencePolicy = "row"
	HoldDifference   DifferencePolicy = "hold"
)

// A PartnerPolicy says how the other party of a document finds its partner in
// Procountor's register: one policy for customers, suppliers and persons.
type PartnerPolicy struct {
	// Create lets Vienti make a partner that is certainly not there.
	Create bool `json:"create"`
	// WithoutID lets consumers and firms without an id be made or met by
	// customer number alone.
	WithoutID bool `json:"without_id"`
	// Collective is the customer number, in Procountor's register, of the customer
	// of all sales that name neither an id nor a number; empty: such are held. The
	// invoice keeps the name and address of its own customer.
	Collective string `json:"collective,omitempty"`
	// Number says which of a party's two numbers Procountor's register knows, where
	// the source gives both; empty means the alternative one.
	Number NumberFirst `json:"number,omitempty"`
	// OtherID says what a party becomes whose number belongs to an entry with
	// another business id, OtherNumber one whose id belongs to an entry with another
	// number; empty means refuse.
	OtherID     Conflict `json:"other_id,omitempty"`
	OtherNumber Conflict `json:"other_number,omitempty"`
	// CustomerChanges and SupplierChanges say what becomes of what the source says
	// otherwise of a partner than its card; empty means off.
	CustomerChanges PartnerChanges `json:"customer_changes,omitempty"`
	SupplierChanges PartnerChanges `json:"supplier_changes,omitempty"`
	// Persons says the same of the employees of claims, and whether one whom Procountor's
	// register of persons lacks is made there: never, when a person says so, or by itself
	// (FEATURES S-77). Create says nothing about them. Empty means off.
	Persons PartnerChanges `json:"persons,omitempty"`
}

// Changes is what becomes of changes of the other parties of a kind of document.
func (p PartnerPolicy) Changes(kind Kind) PartnerChanges {
	switch kind {
	case PurchaseInvoice:
		return cmp.Or(p.SupplierChanges, ChangesOff)
	case TravelInvoice:
		return cmp.Or(p.Persons, ChangesOff)
	}
	return cmp.Or(p.CustomerChanges, ChangesOff)
}

// A NumberFirst names one of a party's two numbers.
type NumberFirst string

// The alternative number first and the source's own where there is none; or the
// source's own only.
const (
	AlternativeNumber NumberFirst = "alternative"
	OwnNumber         NumberFirst = "own"
)

// A Conflict says what becomes of a party of which the register says one thing
// otherwise.
type Conflict string

// ConflictRefuse holds its documents until one of the two cards is mended;
// ConflictAsk until somebody says who it is; ConflictCreate makes a partner of its own,
// unless the two differ only as a misspelling does.
const (
	ConflictRefuse Conflict = "refuse"
	ConflictAsk    Conflict = "ask"
	ConflictCreate Conflict = "create"
)

// Known returns the party with the one number by which the register may know it.
func (p PartnerPolicy) Known(party Party) Party {
	if p.Number != OwnNumber && strings.TrimSpace(party.Alternative) != "" {
		party.Number = party.Alternative
	}
	party.Alternative = ""
	return party
}

// DefaultSettings are what a new connection starts with: harmless, and asking
// rather than guessing.
func DefaultSettings(firstDay civil.Date) Settings {
	return Settings{
		Profile: "generic",
		Kinds: map[Kind]KindSettings{
			SalesInvoice:    {On: true, FirstDay: firstDay, Arrival: ArriveUnfinished},
			PurchaseInvoice: {On: true, FirstDay: firstDay, Arrival: ArriveUnfinished},
		},
		Level:               DocumentLevel,
		Journal:             JournalSettings{Per: PerDocument},
		Sender:              SenderSource,
		Channel:             ChannelRule{ByEInvoice, ByEmail},
		OrderBySourceNumber: true,
		Difference:          Difference{Policy: HoldDifference},
		Partner: PartnerPolicy{Create: true, Number: AlternativeNumber, OtherID: ConflictRefuse, OtherNumber: ConflictRefuse,
			CustomerChanges: ChangesOff, SupplierChanges: ChangesOff, Persons: ChangesOff},
		VATStatuses:   map[Kind]map[string]int{},
		Units:         map[string]string{},
		Language:      "fi",
		Country:       "FI",
		TermDays:      14,
		TextTooLong:   Refuse,
		BadCharacter:  Refuse,
		Prepaid:       SumHold,
		Rounding:      SumHold,
		Payments:      MasterProcountor,
		Payer:         MasterProcountor,
		PaidAfterDays: 3,
		Offset:        OffsetByPerson,

		AttachmentsToCustomer: true,
	}
}

// ReasonWithoutVAT is the company's own text for a VAT category in a language, ""
// when it has none.
func (s *Settings) ReasonWithoutVAT(category, language string) string {
	return cmp.Or(s.VATReasons[category+"/"+language], s.VATReasons[category])
}

// VATStatus finds the company's status number for a category of VAT on one
// kind of document, and whether one is set.
func (s *Settings) VATStatus(kind Kind, category, supply string) (int, bool) {
	m := s.VATStatuses[kind]
	if supply != "" {
		if n, ok := m[category+"/"+supply]; ok {
			return n, true
		}
	}
	n, ok := m[category]
	return n, ok
}

// UsualRatePercent is more than a rate moves between the day of an invoice and today,
// and less than any mistake of direction or of place.
const UsualRatePercent = 10

// RateLimit is how far a currency rate may be from Procountor's, in percent.
func (s *Settings) RateLimit() int { return cmp.Or(s.RatePercent, UsualRatePercent) }
