package hub

import "strings"

// PostedBy says who decides on which accounts a voucher stands.
type PostedBy string

const (
	// PostedInProcountor leaves the posting to Procountor's own rules and to the
	// accounting office there.
	PostedInProcountor PostedBy = "procountor"
	// PostedByMap puts the accounts, VAT statuses and dimensions of the
	// connection's account map on the voucher's ledger receipt.
	PostedByMap PostedBy = "map"
)

// An Area is where the other party of a document is, seen from the company.
type Area string

// Home is the company's own country; EU another member state; Abroad the rest.
const (
	Home   Area = "home"
	EU     Area = "eu"
	Abroad Area = "abroad"
)

// An AccountRule is one row of the account map: what it is for, and what a row
// that it is for gets. An empty condition fits everything.
type AccountRule struct {
	// Name tells people what the rule is for, such as the name of the source's account.
	Name string `json:"name,omitempty"`

	// Source is the account in the source ("3000"); "*" stands for any that no
	// other rule names.
	Source string `json:"source,omitempty"`
	// Product is a product code or work type as the source writes it.
	Product string `json:"product,omitempty"`
	// Partner is the other party's number, or its business id or VAT number.
	Partner string `json:"partner,omitempty"`

	Category string `json:"category,omitempty"` // of VAT, UNTDID 5305
	Percent  string `json:"percent,omitempty"`  // of VAT, decimal text
	Supply   string `json:"supply,omitempty"`   // "goods" or "service"
	Area     Area   `json:"area,omitempty"`

	// Sales, Purchases and Payroll say for what the rule holds.
	Sales     bool `json:"sales,omitempty"`
	Purchases bool `json:"purchases,omitempty"`
	Payroll   bool `json:"payroll,omitempty"`

	// Account is the account in Procountor; [SameAccount] takes the source's own.
	Account string `json:"account"`
	// VATStatus is the company's VAT status number; 0 leaves it to the VAT category.
	VATStatus int `json:"vat_status,omitempty"`
	// Deduction is how many percent of a purchase's VAT may be deducted, decimal
	// text; empty leaves Procountor's own (ACCOUNTING 5: representation 0, car 0 or 50).
	Deduction string `json:"deduction,omitempty"`
}

// Label is what people call the rule, in any language: its name, and the values
// that it is for.
func (r *AccountRule) Label() string {
	var values []string
	for _, v := range []string{r.Source, r.Product, r.Partner, r.Category, r.Percent, r.Supply, string(r.Area)} {
		if v != "" {
			values = append(values, v)
		}
	}
	text := strings.Join(values, ", ")
	switch {
	case r.Name != "" && text != "":
		return r.Name + " (" + text + ")"
	case r.Name != "":
		return r.Name
	case text != "":
		return text
	}
	return "→ " + r.Account
}

// SameAccount as the account of a rule takes the source's account as it is.
const SameAccount = "="

// On reports whether the rule holds for a kind of document.
func (r *AccountRule) On(kind Kind) bool {
	switch {
	case kind == PayrollJournal:
		return r.Payroll
	case kind.Buys():
		return r.Purchases
	}
	return r.Sales
}

// ByMap reports whether the account map posts documents of a kind: payroll has no other
// accounts.
func (s *Settings) ByMap(kind Kind) bool {
	return s.Kinds[kind].Posting == PostedByMap || kind == PayrollJournal && s.Kinds[kind].On
}

// A Posting says on which accounts the rows of one voucher stand: one line for
// each row of the invoice, in their order.
type Posting struct {
	Lines []PostingLine `json:"lines"`
	// Receipt is the ledger receipt that is changed, 0 while it is not known, and
	// Version the one that was read before.
	Receipt int64  `json:"receipt,omitempty"`
	Version string `json:"version,omitempty"`
	// Counter is the account on which the other side stands, "" for the one that Procountor
	// has chosen.
	Counter string `json:"counter,omitempty"`
	// Foreign: the invoice is in another currency than the books, so that the
	// sums of its rows are not those of the entries.
	Foreign bool `json:"foreign,omitempty"`
	// Parts: some row's sum without VAT is not of whole cents, so that its entry is
	// rounded by itself.
	Parts bool `json:"parts,omitempty"`
}

// A PostingLine is what one row's entry of the ledger receipt must show.
type PostingLine struct {
	Account   string `json:"account"`
	VATStatus int    `json:"vat_status,omitempty"`
	// Deduction is in percent, decimal text; empty leaves what is there.
	Deduction  string          `json:"deduction,omitempty"`
	Dimensions []DimensionPart `json:"dimensions,omitempty"`
	// Basis says what chose the account: "invoice", "source", "product",
	// "partner", "kind" or "connection". For people.
	Basis string `json:"basis,omitempty"`
	// Rule is the label of the rule that did, for people.
	Rule string `json:"rule,omitempty"`
	// Net is the row's sum without VAT as it was computed, decimal text, and Text
	// its name: by them a row finds its entry.
	Net  string `json:"net"`
	Text string `json:"text"`
	VAT  string `json:"vat"` // percent
}

// A DimensionPart puts the whole of an entry on one item of a dimension.
type DimensionPart struct {
	Dimension int64 `json:"dimension"`
	Item      int64 `json:"item"`
	// Name is "Project: 204 Harbour", for people.
	Name string `json:"name,omitempty"`
}
