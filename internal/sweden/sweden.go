// Package sweden checks and makes the identifiers of Swedish business:
// organisation numbers, VAT numbers, OCR references, bankgiro and plusgiro.
//
// All of them carry a check digit by Luhn's algorithm (modulus 10, weights 2 and
// 1 from the right). Every Parse function accepts the forms that people write and
// returns one canonical form; its error wraps [ErrForm] when the text cannot be
// such an identifier at all, and [ErrCheck] when only a check digit is wrong.
package sweden

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrForm says that a text does not have the form of the identifier.
	ErrForm = errors.New("wrong form")
	// ErrCheck says that the form is right and the check digit is not.
	ErrCheck = errors.New("wrong check digit")
)

// maxShown bounds how much of a wrong value an error repeats.
const maxShown = 40

func wrong(what, s string, class error, hint string) error {
	if len(s) > maxShown {
		s = s[:maxShown] + "…"
	}
	return fmt.Errorf("%s %q: %w: %s", what, s, class, hint)
}

const typo = "a digit is wrong or two are swapped"

// An OrganisationNumber is a Swedish organisation number, as 556677-8899. A sole
// trader's is the trader's personal number and therefore personal data.
type OrganisationNumber string

// ParseOrganisationNumber reads 556677-8899 and 5566778899, and the twelve-digit
// form in which authorities put 16 before the number of a legal entity, and the
// century before that of a person.
func ParseOrganisationNumber(s string) (OrganisationNumber, error) {
	const what, hint = "organisation number", "ten digits are expected, as in 556677-8899"
	t := squeeze(s)
	if i := strings.IndexByte(t, '-'); i >= 0 {
		if i != len(t)-5 {
			return "", wrong(what, s, ErrForm, hint)
		}
		t = t[:i] + t[i+1:]
	}
	if len(t) == 12 {
		legal := t[4] >= '2'
		switch century := t[:2]; {
		case legal && century == "16", !legal && (century == "19" || century == "20"):
			t = t[2:]
		default:
			return "", wrong(what, s, ErrForm, hint)
		}
	}
	if len(t) != 10 || !digits(t) || t == "0000000000" {
		return "", wrong(what, s, ErrForm, hint)
	}
	if !luhn(t) {
		return "", wrong(what, s, ErrCheck, typo)
	}
	return OrganisationNumber(t[:6] + "-" + t[6:]), nil
}

// Digits returns the ten digits without the dash.
func (o OrganisationNumber) Digits() string { return strings.Replace(string(o), "-", "", 1) }

// LegalEntity reports whether o belongs to a legal entity: its third digit is 2
// or more, so that it is never a date and never a personal number.
func (o OrganisationNumber) LegalEntity() bool { return len(o) == 11 && o[2] >= '2' }

// VATNumber returns the VAT number that o usually has.
func (o OrganisationNumber) VATNumber() VATNumber { return VATNumber("SE" + o.Digits() + "01") }

// A VATNumber is SE, the ten digits of the organisation number and two more,
// which are 01 for nearly everyone.
type VATNumber string

// ParseVATNumber reads SE556677889901, with separators too. The last two digits
// count the registrations of one number and go from 01 to 94.
func ParseVATNumber(s string) (VATNumber, error) {
	const what = "Swedish VAT number"
	t := strings.NewReplacer("-", "", ".", "").Replace(strings.ToUpper(squeeze(s)))
	if len(t) != 14 || t[:2] != "SE" || !digits(t[2:]) || t[12:] < "01" || t[12:] > "94" {
		return "", wrong(what, s, ErrForm, "SE, the ten digits of the organisation number and 01 are expected")
	}
	if _, err := ParseOrganisationNumber(t[2:12]); err != nil {
		return "", wrong(what, s, ErrCheck, typo)
	}
	return VATNumber(t), nil
}

// OrganisationNumber returns the organisation number inside.
func (v VATNumber) OrganisationNumber() OrganisationNumber {
	if len(v) != 14 {
		return ""
	}
	return OrganisationNumber(v[2:8] + "-" + v[8:12])
}

// An OCR is a Swedish payment reference: 2 to 25 digits, the last one a check
// digit. By the agreement of payee and bank the last but one may be the length
// digit: the last digit of how many digits there are. Leading zeros count.
type OCR string

const (
	minOCR = 2
	maxOCR = 25
)

// ParseOCR reads a reference and tests its check digit, which is all that can be
// known without the payee's agreement. Spaces are dropped.
func ParseOCR(s string) (OCR, error) {
	const what = "OCR reference"
	t := squeeze(s)
	if len(t) < minOCR || len(t) > maxOCR || !digits(t) {
		return "", wrong(what, s, ErrForm, "2 to 25 digits are expected")
	}
	if !luhn(t) {
		return "", wrong(what, s, ErrCheck, typo)
	}
	return OCR(t), nil
}

// ParseOCRWithLength is ParseOCR for an agreement with a length digit, and tests
// that digit too.
func ParseOCRWithLength(s string) (OCR, error) {
	o, err := ParseOCR(s)
	if err != nil {
		return "", err
	}
	if !o.HasLengthDigit() {
		return "", wrong("OCR reference", s, ErrCheck, "the last digit but one must be the last digit of the length")
	}
	return o, nil
}

// HasLengthDigit reports whether the last digit but one is what a length digit
// would be. One reference in ten has it by chance.
func (o OCR) HasLengthDigit() bool {
	return len(o) > minOCR && int(o[len(o)-2]-'0') == len(o)%10
}

// MakeOCR adds the check digit to a base of 1 to 24 digits.
func MakeOCR(base string) (OCR, error) {
	t := squeeze(base)
	if len(t) < minOCR-1 || len(t) > maxOCR-1 || !digits(t) {
		return "", wrong("base of an OCR reference", base, ErrForm, "1 to 24 digits are expected")
	}
	return OCR(t + string(luhnDigit(t))), nil
}

// MakeOCRWithLength adds length digit and check digit to a base of 1 to 23 digits.
func MakeOCRWithLength(base string) (OCR, error) {
	t := squeeze(base)
	if len(t) < 1 || len(t) > maxOCR-2 || !digits(t) {
		return "", wrong("base of an OCR reference", base, ErrForm, "1 to 23 digits are expected")
	}
	return MakeOCR(t + string(rune('0'+(len(t)+2)%10)))
}

// A Bankgiro is a bankgiro number, as 123-4567 or 1234-5678.
type Bankgiro string

// ParseBankgiro reads seven or eight digits, with or without the dash before the
// last four.
func ParseBankgiro(s string) (Bankgiro, error) {
	const what, hint = "bankgiro", "seven or eight digits are expected, as in 5050-1055"
	t := squeeze(s)
	if i := strings.IndexByte(t, '-'); i >= 0 {
		if i != len(t)-5 {
			return "", wrong(what, s, ErrForm, hint)
		}
		t = t[:i] + t[i+1:]
	}
	if len(t) < 7 || len(t) > 8 || !digits(t) {
		return "", wrong(what, s, ErrForm, hint)
	}
	if !luhn(t) {
		return "", wrong(what, s, ErrCheck, typo)
	}
	return Bankgiro(t[:len(t)-4] + "-" + t[len(t)-4:]), nil
}

// A Plusgiro is a plusgiro number, as 90 19 50-6.
type Plusgiro string

// ParsePlusgiro reads two to eight digits; a dash may stand before the last one
// and spaces anywhere.
func ParsePlusgiro(s string) (Plusgiro, error) {
	const what, hint = "plusgiro", "two to eight digits are expected, as in 90 19 50-6"
	t := squeeze(s)
	if i := strings.IndexByte(t, '-'); i >= 0 {
		if i != len(t)-2 {
			return "", wrong(what, s, ErrForm, hint)
		}
		t = t[:i] + t[i+1:]
	}
	if len(t) < 2 || len(t) > 8 || !digits(t) || strings.Trim(t, "0") == "" {
		return "", wrong(what, s, ErrForm, hint)
	}
	if !luhn(t) {
		return "", wrong(what, s, ErrCheck, typo)
	}
	body, pairs := t[:len(t)-1], ""
	for ; len(body) > 2; body = body[:len(body)-2] {
		pairs = " " + body[len(body)-2:] + pairs
	}
	return Plusgiro(body + pairs + "-" + t[len(t)-1:]), nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// squeeze removes the spaces that people group digits with.
func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(strings.TrimSpace(s))
}

// luhn tests the last digit of s.
func luhn(s string) bool { return s[len(s)-1] == luhnDigit(s[:len(s)-1]) }

// luhnDigit returns the digit to put after s.
func luhnDigit(s string) byte {
	sum := 0
	for i := range len(s) {
		n := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return byte('0' + (10-sum%10)%10)
}
