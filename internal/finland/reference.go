package finland

import (
	"slices"
	"strings"
)

// A Reference is a Finnish national payment reference (viitenumero): 4 to 20
// digits without leading zeros, the last one a check digit.
type Reference string

const (
	minReference = 4
	maxReference = 20
)

// ParseReference reads a national reference. Spaces and leading zeros, with
// which forms and banks pad it, are dropped.
func ParseReference(s string) (Reference, error) {
	const what = "reference number"
	t := strings.TrimLeft(squeeze(s), "0")
	if len(t) < minReference || len(t) > maxReference || !digits(t) {
		return "", wrong(what, s, ErrForm, "4 to 20 digits are expected")
	}
	if t[len(t)-1] != referenceCheck(t[:len(t)-1]) {
		return "", wrong(what, s, ErrCheck, "a digit is wrong or two are swapped")
	}
	return Reference(t), nil
}

// MakeReference adds the check digit to a base of 3 to 19 digits.
func MakeReference(base string) (Reference, error) {
	t := strings.TrimLeft(squeeze(base), "0")
	if len(t) < minReference-1 || len(t) > maxReference-1 || !digits(t) {
		return "", wrong("base of a reference number", base, ErrForm, "3 to 19 digits, the first one not zero, are expected")
	}
	return Reference(t + string(referenceCheck(t))), nil
}

// referenceCheck weighs the digits from the right by 7, 3, 1, and fills the sum
// up to the next ten.
func referenceCheck(base string) byte {
	weights := [3]int{7, 3, 1}
	sum := 0
	for i := range len(base) {
		sum += int(base[len(base)-1-i]-'0') * weights[i%3]
	}
	return byte('0' + (10-sum%10)%10)
}

// Grouped prints the reference as it stands on invoices: fives from the right.
func (r Reference) Grouped() string {
	var groups []string
	s := string(r)
	for ; len(s) > 5; s = s[:len(s)-5] {
		groups = append(groups, s[len(s)-5:])
	}
	groups = append(groups, s)
	slices.Reverse(groups)
	return strings.Join(groups, " ")
}

// RF returns the international form of the same reference.
func (r Reference) RF() CreditorReference {
	c, err := MakeRF(string(r))
	if err != nil {
		panic("finland: a Reference that was not parsed: " + string(r))
	}
	return c
}

// A CreditorReference is an international payment reference by ISO 11649: RF, two
// check digits and 1 to 21 letters or digits, without spaces.
type CreditorReference string

// maxRF is the length of RF, check digits and 21 characters.
const maxRF = 25

// ParseRF reads a creditor reference; spaces are dropped, letters capitalised.
func ParseRF(s string) (CreditorReference, error) {
	const what = "creditor reference"
	t := strings.ToUpper(squeeze(s))
	if len(t) < 5 || len(t) > maxRF || t[:2] != "RF" || !digits(t[2:4]) || !alnum(t[4:]) {
		return "", wrong(what, s, ErrForm, "RF, two digits and up to 21 letters or digits are expected")
	}
	if !checked(t) {
		return "", wrong(what, s, ErrCheck, "a character is wrong or two are swapped")
	}
	return CreditorReference(t), nil
}

// MakeRF adds RF and check digits to 1 to 21 letters or digits.
func MakeRF(base string) (CreditorReference, error) {
	t := strings.ToUpper(squeeze(base))
	if len(t) < 1 || len(t) > maxRF-4 || !alnum(t) {
		return "", wrong("base of a creditor reference", base, ErrForm, "up to 21 letters or digits are expected")
	}
	n := 98 - mod97(t+"RF00")
	return CreditorReference("RF" + string([]byte{byte('0' + n/10), byte('0' + n%10)}) + t), nil
}

// National returns the Finnish reference inside, if there is one.
func (c CreditorReference) National() (Reference, bool) {
	if len(c) < 5 {
		return "", false
	}
	r, err := ParseReference(string(c[4:]))
	return r, err == nil
}

// checked tests the two check digits in places 3 and 4 (ISO 7064, MOD 97-10).
// The digits 00, 01 and 99 are equal to others modulo 97 but never made.
func checked(s string) bool {
	return s[2:4] >= "02" && s[2:4] <= "98" && mod97(s[4:]+s[:4]) == 1
}

// mod97 reads letters as 10 to 35; s has digits and capital letters only.
func mod97(s string) int {
	r := 0
	for i := range len(s) {
		if c := s[i]; c <= '9' {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}
