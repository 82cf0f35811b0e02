package matching

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/sweden"
)

// A Key is a normal form by which a partner can be looked up. Partners that may
// be meant share at least one key with the party.
type Key struct {
	Kind  string `json:"kind"` // one of the constants below
	Value string `json:"value"`
}

// Kinds of keys.
const (
	ByID     = "id"
	ByNumber = "number"
	ByName   = "name"
)

// Keys are the keys of a document's party. Ids are keyed by their bare digits,
// without the country, so that every spelling of the register is met (V-25…V-27).
func Keys(p hub.Party) []Key { return keys(IDsOf(p), p.Number, p.Name) }

// PartnerKeys are the keys under which a partner of the register is kept.
func PartnerKeys(p register.Partner) []Key { return keys(PartnerIDs(p), p.CustomerNumber, p.Name) }

func keys(ids []ID, number, name string) []Key {
	var out []Key
	add := func(kind, value string) {
		if k := (Key{kind, value}); value != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	for _, id := range ids {
		add(ByID, id.Bare)
	}
	add(ByNumber, numberForm(number))
	add(ByName, NameForm(name))
	return out
}

// Spellings are the ways in which a register may have written an id, for a
// search there: bare, with its dash, with its country.
func (id ID) Spellings() []string {
	out := []string{id.Bare}
	add := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if b, err := finland.ParseBusinessID(id.Bare); err == nil && (id.Country == "FI" || id.Country == "") {
		add(string(b))
		add("FI" + b.Digits())
		add("FI-" + string(b))
		add(strings.TrimLeft(b.Digits(), "0"))
	}
	if o, err := sweden.ParseOrganisationNumber(id.Bare); err == nil && (id.Country == "SE" || id.Country == "") {
		add(string(o))
		add("SE" + o.Digits() + "01")
		add("16" + o.Digits())
	}
	if id.Country != "" {
		add(id.Country + id.Bare)
		add(id.Country + "-" + id.Bare)
	}
	return out
}

// An ID is a firm's number in a form that compares: letters and digits without
// separators, and the country where it is known.
type ID struct {
	Country string // ISO 3166-1 alpha-2, or ""
	Bare    string
}

// String returns the id with its country.
func (id ID) String() string { return id.Country + id.Bare }

// Same reports whether two ids name one firm: the same digits, and countries
// that do not contradict each other.
func (id ID) Same(o ID) bool {
	return id.Bare == o.Bare && id.Bare != "" && (id.Country == o.Country || id.Country == "" || o.Country == "")
}

// Overlap reports whether two lists have an id in common.
func Overlap(a, b []ID) bool {
	return slices.ContainsFunc(a, func(x ID) bool { return slices.ContainsFunc(b, x.Same) })
}

// IDsOf are the ids of a party: its business id and the one in its VAT number.
// Consumers have none.
func IDsOf(p hub.Party) []ID {
	if p.Consumer {
		return nil
	}
	return idList(ParseID(p.BusinessID, "", p.Address.Country), ParseID(p.VATNumber, "", ""))
}

// PartnerIDs are the ids of a partner in the register. Its type counts as the
// country (V-26); a person's id is none of ours to compare.
func PartnerIDs(p register.Partner) []ID {
	if p.IDType == "HETU" || p.IDType == "PN" || p.Type == register.Person {
		return nil
	}
	return idList(ParseID(p.BusinessID, p.IDType, p.Address.Country), ParseID(p.VATNumber, "", ""))
}

func idList(ids ...ID) []ID {
	var out []ID
	for _, id := range ids {
		if id.Bare != "" && !slices.ContainsFunc(out, id.Same) {
			out = append(out, id)
		}
	}
	return out
}

// ParseID brings a number to its comparing form. typ is the register's type of
// identifier, country where the firm is, both if known. A number with wrong
// check digits keeps its digits: that it is wrong is said elsewhere.
func ParseID(s, typ, country string) ID {
	s = strings.ToUpper(bare(s))
	typ, country = strings.ToUpper(typ), strings.ToUpper(country)
	switch {
	case typ == "YHD":
		country = "FI"
	case typ == "EL":
		country = "GR"
	case len(typ) == 2 && typ != "PN":
		country = typ
	}
	// A VAT number brings its country along, whatever the address says.
	if len(s) > 2 && isLetter(s[0]) && isLetter(s[1]) {
		prefix := s[:2]
		if prefix == "EL" {
			prefix = "GR"
		}
		if _, known := register.CountryName(prefix); known && strings.ContainsAny(s[2:], "0123456789") {
			country, s = prefix, s[2:]
			if prefix == "SE" && len(s) == 12 { // ten digits and the count of registrations
				s = s[:10]
			}
		}
	}
	if strings.Trim(s, "0") == "" {
		return ID{} // nothing, or zeros in the place of nothing
	}
	if country == "FI" || country == "" {
		if b, err := finland.ParseBusinessID(padded(s)); err == nil {
			return ID{"FI", b.Digits()}
		}
	}
	if country == "SE" || country == "" {
		if o, err := sweden.ParseOrganisationNumber(s); err == nil {
			return ID{"SE", o.Digits()}
		}
		if country == "SE" && len(s) == 12 && (s[:2] == "16" || s[:2] == "19" || s[:2] == "20") {
			return ID{"SE", s[2:]}
		}
	}
	if country == "FI" {
		s = padded(s)
	}
	return ID{country, s}
}

// padded gives a Finnish id kept as a number its leading zero back (V-27).
func padded(s string) string {
	if len(s) == 7 && strings.Trim(s, "0123456789") == "" {
		return "0" + s
	}
	return s
}

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }

// numberForm is a customer number without spaces, in one case. Leading zeros
// count: 007 and 7 are two customers in systems that number with letters too.
func numberForm(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// companyForms are the legal forms that one source writes and another leaves out.
var companyForms = map[string]bool{
	"oy": true, "oyj": true, "ab": true, "abp": true, "ky": true, "kb": true, "ay": true, "hb": true, "tmi": true, "fa": true,
	"ry": true, "rf": true, "osk": true, "as": true, "ltd": true, "llc": true, "inc": true, "gmbh": true, "publ": true,
	"osakeyhtiö": true, "toiminimi": true, "aktiebolag": true, "limited": true,
}

// NameForm is a name without case, punctuation, accents' spelling and legal
// form, for proposing; two firms may well share it.
func NameForm(s string) string {
	words := strings.FieldsFunc(norm.NFC.String(strings.ToLower(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return companyForms[w] })
	if len(kept) == 0 {
		kept = words
	}
	return strings.Join(kept, " ")
}

func shareWord(a, b string) bool {
	words := strings.Fields(NameForm(a))
	return slices.ContainsFunc(strings.Fields(NameForm(b)), func(w string) bool { return len(w) >= 3 && slices.Contains(words, w) })
}

func sameAddress(a, b hub.Address) bool {
	form := func(s string) string { return strings.ToLower(bare(s)) }
	return form(a.Street) != "" && form(a.Street) == form(b.Street) && form(a.Zip) != "" && form(a.Zip) == form(b.Zip)
}
