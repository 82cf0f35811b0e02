package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
)

// A Channel is a way by which a sales invoice reaches its customer.
type Channel string

// The channels that a document, a customer's row or a rule may name.
const (
	ByEInvoice Channel = "einvoice"
	ByEmail    Channel = "email"
	// ByMail is a letter that Procountor prints and sends.
	ByMail Channel = "mail"
	// OnPaper is a letter that the company prints itself: the invoice is left
	// approved and unsent in Procountor, which calls that NOT_SENT.
	OnPaper Channel = "paper"
	// SentAlready: the source, or somebody else, has sent it, with its own number
	// and reference. Procountor never sends it (NO_SENDING).
	SentAlready Channel = "sent"
)

// NobodySends is what becomes of an invoice when by setting nobody sends; it
// cannot be chosen.
const NobodySends Channel = "nobody"

// Channels are those that can be chosen, RuleChannels those of a [ChannelRule]:
// that an invoice has gone already is known of each alone.
var (
	Channels     = []Channel{ByEInvoice, ByEmail, ByMail, OnPaper, SentAlready}
	RuleChannels = []Channel{ByEInvoice, ByEmail, ByMail, OnPaper}
)

// Sends reports whether Procountor hands the invoice over by itself.
func (c Channel) Sends() bool { return c == ByEInvoice || c == ByEmail || c == ByMail }

// A ChannelRule is for invoices of which neither the document nor the customer's
// row says how they go: the first of the list that the document makes possible.
type ChannelRule []Channel

// UnmarshalJSON also reads the rule as it was kept first: which of three ways are
// allowed, in a fixed order.
func (r *ChannelRule) UnmarshalJSON(b []byte) error {
	var list []Channel
	if err := json.Unmarshal(b, &list); err == nil {
		*r = list
		return nil
	}
	var was struct{ EInvoice, Email, Mail bool }
	if err := json.Unmarshal(b, &was); err != nil {
		return errors.New("channel: a list such as [einvoice, email] is expected")
	}
	*r = ChannelRule{}
	for _, w := range []struct {
		on bool
		c  Channel
	}{{was.EInvoice, ByEInvoice}, {was.Email, ByEmail}, {was.Mail, ByMail}} {
		if w.on {
			*r = append(*r, w.c)
		}
	}
	return nil
}

// A CustomerRow says how the invoices of one customer go. What is empty is left
// to the document, or to the rule.
type CustomerRow struct {
	// Customer is the customer's number, business id or VAT number as documents
	// state it.
	Customer string `json:"customer"`
	// Name tells people whose row it is.
	Name    string  `json:"name,omitempty"`
	Channel Channel `json:"channel,omitempty"`
	Email   string  `json:"email,omitempty"`
	// EInvoice is the e-invoice address, Operator the code of the operator that
	// serves it. They belong together: with an address the row's operator stands
	// above the document's.
	EInvoice string `json:"einvoice,omitempty"`
	Operator string `json:"operator,omitempty"`
	Language string `json:"language,omitempty"` // ISO 639-1, of invoices that state none
}

// An OperatorList is what e-invoice operators there are, as of a day and by a
// source. It is never complete.
type OperatorList struct {
	Date   civil.Date `json:"date,omitzero"`
	Source string     `json:"source,omitempty"`
	List   []Operator `json:"list"`
}

// An Operator of e-invoices, or a bank that is one.
type Operator struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Find looks an operator up by its code, or by its name as people may write it
// instead.
func (l *OperatorList) Find(code string) (Operator, bool) {
	for _, o := range l.List {
		if strings.EqualFold(o.Code, code) {
			return o, true
		}
	}
	return Operator{}, false
}

// A ChannelChoice is how an invoice goes, and what said so.
type ChannelChoice struct {
	Channel Channel   `json:"channel"`
	By      ChannelBy `json:"by"`
	// To is where it goes: an e-mail address, or an e-invoice address and its operator.
	To string `json:"to,omitempty"`
	// Row is the customer's row that decided, or of which the address is.
	Row string `json:"row,omitempty"`
}

// ChannelBy says what decided about a channel.
type ChannelBy string

// The document itself; the customer's row; the rule of the connection; or who sends,
// by setting, where that is not Procountor.
const (
	ByDocument ChannelBy = "document"
	ByCustomer ChannelBy = "customer"
	ByRule     ChannelBy = "rule"
	BySender   ChannelBy = "sender"
)

// ChannelBys lists them.
var ChannelBys = []ChannelBy{ByDocument, ByCustomer, ByRule, BySender}

// MaxCustomerRows bounds the table of a connection.
const MaxCustomerRows = 10_000

var (
	// ediForm: ids of parties and their network addresses are letters and digits;
	// those of Peppol have the scheme in front, 0216:003712345678.
	ediForm      = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z:._-]{2,34}$`)
	operatorForm = regexp.MustCompile(`^[A-Z0-9]{4,20}$`)
	emailForm    = regexp.MustCompile(`^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$`)
)

// EInvoiceForm tests the form of an e-invoice address, which may be an OVT code
// (0037 and the business id), an IBAN, or an id of a network; why is the name of
// what it should have been, "" when it is right. Blanks do not count.
func EInvoiceForm(s string) (address, why string) {
	address = strings.Join(strings.Fields(s), "")
	switch {
	case strings.HasPrefix(address, "0037"):
		if _, err := finland.ParseOVT(address); err != nil {
			return address, "ovt"
		}
	case len(address) == 18 && strings.HasPrefix(strings.ToUpper(address), "FI"):
		if _, err := finland.ParseIBAN(address); err != nil {
			return address, "iban"
		}
	case !ediForm.MatchString(address):
		return address, "edi"
	}
	return address, ""
}

// OperatorForm reports whether s may be the code of an operator: those in use are
// BICs, numbers and short names, all of capital letters and digits.
func OperatorForm(s string) bool { return operatorForm.MatchString(s) }

// customerKey leaves out what people write differently: case, blanks, dashes and
// the country of a Finnish id.
func customerKey(s string) string {
	if id, err := finland.ParseBusinessID(s); err == nil {
		s = string(id)
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(s))
}

// RowOf finds the row of a customer: by number, else by business id, else by VAT
// number; nil when there is none.
func (s *Settings) RowOf(p *Party) *CustomerRow {
	for _, id := range []string{p.Number, p.BusinessID, p.VATNumber} {
		if strings.TrimSpace(id) == "" {
			continue
		}
		key := customerKey(id)
		for i := range s.Customers {
			if customerKey(s.Customers[i].Customer) == key {
				return &s.Customers[i]
			}
		}
	}
	return nil
}

// Faults says what is wrong with a row by itself, each with the row's field as its key.
func (r *CustomerRow) Faults() (faults []SettingFault) {
	bad := func(field string, code SettingCode, value, form string) {
		faults = append(faults, SettingFault{field, code, value, form})
	}
	if customerKey(r.Customer) == "" {
		bad("customer", SettingMissing, "", "")
	}
	oneOf(bad, "channel", r.Channel, append(slices.Clone(Channels), "")...)
	if r.Email != "" && !emailForm.MatchString(r.Email) {
		bad("email", SettingEmail, r.Email, "")
	}
	if r.EInvoice != "" {
		if _, why := EInvoiceForm(r.EInvoice); why != "" {
			bad("einvoice", SettingAddress, r.EInvoice, why)
		}
	}
	if r.Operator != "" && !OperatorForm(strings.ToUpper(r.Operator)) {
		bad("operator", SettingOperator, r.Operator, "")
	}
	if r.Language != "" {
		oneOf(bad, "language", r.Language, InvoiceLanguages...)
	}
	return faults
}

// checkChannels says what is wrong with rule, customers and operators.
func (s *Settings) checkChannels(bad func(key string, code SettingCode, value, form string)) {
	for i, c := range s.Channel {
		key := fmt.Sprintf("channel[%d]", i)
		oneOf(bad, key, c, RuleChannels...)
		if slices.Contains(s.Channel[:i], c) {
			bad(key, SettingTwice, string(c), "")
		}
	}
	oneOf(bad, "unknown_operator", s.UnknownOperator, AskedWarn, AskedHold, "")
	if len(s.Customers) > MaxCustomerRows {
		bad("customers", SettingNumber, strconv.Itoa(len(s.Customers)), fmt.Sprintf("0 to %d", MaxCustomerRows))
	}
	seen := map[string]bool{}
	for i := range s.Customers {
		r, at := &s.Customers[i], fmt.Sprintf("customers[%d].", i)
		for _, f := range r.Faults() {
			bad(at+f.Key, f.Code, f.Value, f.Form)
		}
		key := customerKey(r.Customer)
		if key != "" && seen[key] {
			bad(at+"customer", SettingTwice, r.Customer, "")
		}
		seen[key] = true
	}
	if s.Operators == nil {
		return
	}
	codes := map[string]bool{}
	for i, o := range s.Operators.List {
		at := fmt.Sprintf("operators.list[%d].", i)
		switch {
		case !OperatorForm(o.Code):
			bad(at+"code", SettingOperator, o.Code, "")
		case codes[o.Code]:
			bad(at+"code", SettingTwice, o.Code, "")
		}
		if strings.TrimSpace(o.Name) == "" {
			bad(at+"name", SettingMissing, "", "")
		}
		codes[o.Code] = true
	}
	if len(s.Operators.List) == 0 {
		bad("operators", SettingMissing, "", "")
	}
}

// Gets says what a customer gets by a row, for programs and the log.
func (r *CustomerRow) Gets() string {
	var parts []string
	for _, v := range []string{string(r.Channel), r.Email, strings.TrimSpace(r.EInvoice + " " + r.Operator), r.Language} {
		if v != "" {
			parts = append(parts, v)
		}
	}
	if len(parts) == 0 {
		return "rule"
	}
	return strings.Join(parts, ", ")
}

// customerChanges pairs the rows of two tables by their customer.
func customerChanges(from, to []CustomerRow) (changes []SettingChange) {
	was := map[string]CustomerRow{}
	for _, r := range from {
		was[customerKey(r.Customer)] = r
	}
	told := func(r CustomerRow, from, to string) {
		changes = append(changes, SettingChange{Key: "customers[" + strings.TrimSpace(r.Customer+" "+r.Name) + "]", From: from, To: to})
	}
	for _, r := range to {
		before, ok := was[customerKey(r.Customer)]
		delete(was, customerKey(r.Customer))
		switch {
		case !ok:
			told(r, "", r.Gets())
		case before != r && before.Gets() == r.Gets():
			told(r, before.Gets()+" ("+before.Name+")", r.Gets()+" ("+r.Name+")")
		case before != r:
			told(r, before.Gets(), r.Gets())
		}
	}
	for _, r := range from {
		if _, left := was[customerKey(r.Customer)]; left {
			told(r, r.Gets(), "")
		}
	}
	slices.SortStableFunc(changes, func(a, b SettingChange) int { return strings.Compare(a.Key, b.Key) })
	return changes
}

// Label says which list it is, in any language.
func (l *OperatorList) Label() string {
	if l == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s (%d)", l.Date, l.Source, len(l.List)))
}

// operatorChanges tells one list from another without listing either.
func operatorChanges(from, to *OperatorList) []SettingChange {
	a, _ := json.Marshal(from) // plain values cannot fail
	b, _ := json.Marshal(to)
	if string(a) == string(b) {
		return nil
	}
	return []SettingChange{{Key: "operators", From: from.Label(), To: to.Label()}}
}
