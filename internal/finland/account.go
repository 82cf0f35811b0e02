package finland

import (
	"fmt"
	"strings"
)

// An IBAN is an international bank account number without spaces.
type IBAN string

// ParseIBAN reads an IBAN; spaces are dropped and letters capitalised. The length
// is tested for the countries of the registry; of another country only the check
// digits are, so that a newcomer's accounts are not refused.
func ParseIBAN(s string) (IBAN, error) {
	const what = "IBAN"
	t := strings.ToUpper(squeeze(s))
	if len(t) < 15 || len(t) > 34 || !letters(t[:2]) || !digits(t[2:4]) || !alnum(t) {
		return "", wrong(what, s, ErrForm, "a country code, two digits and the account are expected")
	}
	if n, ok := ibanLengths[t[:2]]; ok && len(t) != n {
		return "", wrong(what, s, ErrForm, fmt.Sprintf("%s accounts have %d characters, this one has %d", t[:2], n, len(t)))
	}
	if !checked(t) {
		return "", wrong(what, s, ErrCheck, "a character is wrong or two are swapped")
	}
	return IBAN(t), nil
}

// Country returns the ISO 3166 code of the account's country.
func (a IBAN) Country() string { return string(a[:min(2, len(a))]) }

// Grouped prints the account in fours, as it stands on invoices.
func (a IBAN) Grouped() string {
	var b strings.Builder
	for i := range len(a) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(a[i])
	}
	return b.String()
}

// A BIC is a bank identifier code of 8 or 11 characters.
type BIC string

// ParseBIC tests the form of ISO 9362: four characters for the institution, a
// country, two for the place and perhaps three for the branch.
func ParseBIC(s string) (BIC, error) {
	t := strings.ToUpper(squeeze(s))
	if len(t) != 8 && len(t) != 11 || !alnum(t) || !letters(t[4:6]) {
		return "", wrong("BIC", s, ErrForm, "8 or 11 characters are expected, as in NDEAFIHH")
	}
	return BIC(t), nil
}

// ibanLengths is the length of every country's account in the IBAN registry of
// ISO 13616 (release 100, October 2025). Territories that use the accounts of
// another country (AX, GF, JE …) have no accounts of their own prefix.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
	"BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28,
	"EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
	"GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
	"IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
	"LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
	"NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
	"RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25,
	"SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// An OVT is a Finnish e-invoice address made from a business id (OVT-tunnus):
// 0037, the eight digits of the id, and up to five characters for a unit.
type OVT string

// maxOVT is 0037, eight digits and a unit of five.
const maxOVT = 17

// ParseOVT reads an OVT code. An e-invoice address need not be one: Swedish and
// Peppol addresses look different, and an IBAN can be an address as well.
func ParseOVT(s string) (OVT, error) {
	const what = "OVT code"
	t := strings.ToUpper(squeeze(s))
	if len(t) < 12 || len(t) > maxOVT || t[:4] != "0037" || !digits(t[:12]) || !alnum(t) {
		return "", wrong(what, s, ErrForm, "0037, the digits of the business id and up to five characters are expected")
	}
	if _, err := ParseBusinessID(t[4:12]); err != nil {
		return "", wrong(what, s, ErrCheck, "the business id in it has a wrong digit")
	}
	return OVT(t), nil
}

// BusinessID returns the business id in the code.
func (o OVT) BusinessID() BusinessID {
	if len(o) < 12 {
		return ""
	}
	return BusinessID(o[4:11] + "-" + o[11:12])
}
