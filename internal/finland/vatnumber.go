package finland

import "strings"

// A VATNumber is a VAT number of the European Union with its prefix and without
// separators, as FI12345671. It is well formed; only the VIES service knows
// whether it is valid.
type VATNumber string

// ParseVATNumber reads a VAT number of any member state, and of Northern Ireland
// (XI). Spaces, dots and dashes are dropped. The number after FI must also be a
// business id; of the others only length and characters are looked at.
func ParseVATNumber(s string) (VATNumber, error) {
	const what = "VAT number"
	t := strings.NewReplacer(".", "", "-", "").Replace(strings.ToUpper(squeeze(s)))
	if len(t) < 4 || len(t) > 14 || !letters(t[:2]) {
		return "", wrong(what, s, ErrForm, "a country prefix and the number are expected, as in FI23456780")
	}
	forms, ok := vatForms[t[:2]]
	if !ok {
		return "", wrong(what, s, ErrForm, t[:2]+" is not a prefix of the European VAT system")
	}
	for _, f := range forms {
		if !fits(t[2:], f) {
			continue
		}
		if t[:2] == "FI" {
			if _, err := ParseBusinessID(t[2:]); err != nil {
				return "", wrong(what, s, ErrCheck, "a digit is wrong or two are swapped")
			}
		}
		return VATNumber(t), nil
	}
	return "", wrong(what, s, ErrForm, "length or characters do not fit "+t[:2])
}

// Country returns the ISO 3166 code of the state that gave the number: GR for
// the prefix EL, GB for XI, the prefix itself otherwise.
func (v VATNumber) Country() string {
	if len(v) < 2 {
		return ""
	}
	switch p := string(v[:2]); p {
	case "EL":
		return "GR"
	case "XI":
		return "GB"
	default:
		return p
	}
}

// vatForms: 9 a digit, L a letter, X a letter or digit, S a letter, digit, + or *;
// anything else is itself. From the Commission's "VAT identification number
// structure" (VIES, frequently asked questions, question 11).
var vatForms = map[string][]string{
	"AT": {"U99999999"},
	"BE": {"0999999999", "1999999999"},
	"BG": {"999999999", "9999999999"},
	"CY": {"99999999L"},
	"CZ": {"99999999", "999999999", "9999999999"},
	"DE": {"999999999"},
	"DK": {"99999999"},
	"EE": {"999999999"},
	"EL": {"999999999"},
	"ES": {"X9999999X"},
	"FI": {"99999999"},
	"FR": {"XX999999999"},
	"HR": {"99999999999"},
	"HU": {"99999999"},
	"IE": {"9S99999L", "9999999LL"},
	"IT": {"99999999999"},
	"LT": {"999999999", "999999999999"},
	"LU": {"99999999"},
	"LV": {"99999999999"},
	"MT": {"99999999"},
	"NL": {"SSSSSSSSSSSS"},
	"PL": {"9999999999"},
	"PT": {"999999999"},
	"RO": {"99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"},
	"SE": {"999999999999"},
	"SI": {"99999999"},
	"SK": {"9999999999"},
	"XI": {"999999999", "999999999999", "GD999", "HA999"},
}

func fits(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
		ok := c == form[i]
		switch form[i] {
		case '9':
			ok = digit
		case 'L':
			ok = letter
		case 'X':
			ok = digit || letter
		case 'S':
			ok = digit || letter || c == '+' || c == '*'
		}
		if !ok {
			return false
		}
	}
	return true
}
