package matching

import (
	"slices"
	"strings"
	"unicode"

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

// Near reports whether two ids that are not the same may be one all the same,
// misspelt or under the wrong country: of the two at least one fails its check
// digits, or has none, and a slip or two of the fingers lead from one to the
// other. Two ids that are both right are those of two firms, however alike.
func (id ID) Near(o ID) bool {
	switch {
	case id.Bare == o.Bare:
		return !id.Same(o)
	case id.checked() && o.checked():
		return false
	}
	slips := 2
	if !id.checks() && !o.checks() {
		slips = 1 // nothing says which of the two is wrong
	}
	return within(id.Bare, o.Bare, slips)
}

// checks reports whether ids of the country have check digits that we know, and
// checked whether those of this one are right.
func (id ID) checks() bool { return id.Country == "FI" || id.Country == "SE" }

func (id ID) checked() bool {
	switch id.Country {
	case "FI":
		_, err := finland.ParseBusinessID(id.Bare)
		return err == nil
	case "SE":
		_, err := sweden.ParseOrganisationNumber(id.Bare)
		return err == nil
	}
	return false
}

// Overlap reports whether two lists have an id in common.
func Overlap(a, b []ID) bool {
	return slices.ContainsFunc(a, func(x ID) bool { return slices.ContainsFunc(b, x.Same) })
}

// IDsOf are the ids of a party: its business id and the one in its VAT number.
// Consumers have none, and a personal id is none of ours to compare or to keep.
func IDsOf(p hub.Party) []ID {
	if p.Consumer {
		return nil
	}
	var out []ID
	if !finland.IsPersonalID(p.BusinessID) {
		out = idList(ParseID(p.BusinessID, "", p.Address.Country))
	}
	return idList(append(out, ParseID(p.VATNumber, "", ""))...)
}

// PartnerIDs are the ids of a partner in the register. Its type counts as the
// country (V-26).
func PartnerIDs(p register.Partner) []ID {
	if p.IDType == "HETU" || p.IDType == "PN" || p.Type == register.Person || finland.IsPersonalID(p.BusinessID) {
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
	// The dash tells a Finnish id, wherever the firm's address is.
	if t := strings.TrimSpace(s); len(t) == 9 && t[7] == '-' && (typ == "" || typ == "YHD") {
		if b, err := finland.ParseBusinessID(t); err == nil {
			return ID{"FI", b.Digits()}
		}
	}
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
	if country == "NO" {
		s = strings.TrimSuffix(s, "MVA") // registered for VAT
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

// looseNumber is numberForm without separators and leading zeros: two numbers
// alike in this are one where everything else agrees, and a doubt where not.
func looseNumber(s string) string {
	return strings.TrimLeft(strings.ToUpper(bare(s)), "0")
}

// sameAddress reports whether two addresses name one place: same street, same zip.
func sameAddress(a, b hub.Address) bool {
	form := func(s string) string { return strings.ToLower(bare(s)) }
	return form(a.Street) != "" && form(a.Street) == form(b.Street) && form(a.Zip) != "" && form(a.Zip) == form(b.Zip)
}

// within reports whether at most n slips lead from a to b: a letter missing, too
// many, wrong, or two swapped (optimal string alignment).
func within(a, b string, n int) bool {
	if len(a) > maxSlipped || len(b) > maxSlipped || abs(len(a)-len(b)) > n {
		return false
	}
	var rows [3][maxSlipped + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, up, upper := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(up[j]+1, row[j-1]+1, up[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], upper[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)] <= n
}

// maxSlipped is the longest id that misspellings are looked for in.
const maxSlipped = 24

func abs(n int) int { return max(n, -n) }
