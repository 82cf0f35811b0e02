package procountortest

import (
	"math/big"
	"strconv"
	"strings"
)

// The check digits of REFERENCE 4, for what the sandbox makes and tests itself.

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// finnishReference appends the check digit: weights 7, 3, 1 from the right,
// (10 − sum mod 10) mod 10. The base has 3 to 19 digits.
func finnishReference(base string) string {
	weights := [3]int{7, 3, 1}
	sum := 0
	for i := range len(base) {
		sum += int(base[len(base)-1-i]-'0') * weights[i%3]
	}
	return base + strconv.Itoa((10-sum%10)%10)
}

func validFinnishReference(s string) bool {
	s = strings.TrimLeft(s, "0")
	return len(s) >= 4 && len(s) <= 20 && allDigits(s) && finnishReference(s[:len(s)-1]) == s
}

// mod97 is the remainder of ISO 7064 after letters became numbers, A=10 … Z=35.
// ok is false for other characters.
func mod97(s string) (rem int, ok bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			rem = (rem*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rem = (rem*100 + int(c-'A') + 10) % 97
		default:
			return 0, false
		}
	}
	return rem, true
}

// rfReference makes the creditor reference of ISO 11649.
func rfReference(base string) string {
	rem, _ := mod97(base + "RF00")
	check := strconv.Itoa(98 - rem)
	if len(check) == 1 {
		check = "0" + check
	}
	return "RF" + check + base
}

func validRF(s string) bool {
	if len(s) < 5 || len(s) > 25 || !strings.HasPrefix(s, "RF") {
		return false
	}
	rem, ok := mod97(s[4:] + s[:4])
	return ok && rem == 1
}

// luhn is the check digit of base.
func luhn(base string) string {
	sum := 0
	for i := range len(base) {
		d := int(base[len(base)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return strconv.Itoa((10 - sum%10) % 10)
}

// ocrReference makes a Swedish OCR reference with a length digit: the digit
// before the check digit is the whole length modulo 10.
func ocrReference(base string) string {
	s := base + strconv.Itoa((len(base)+2)%10)
	return s + luhn(s)
}

func validOCR(s string) bool {
	return len(s) >= 2 && len(s) <= 25 && allDigits(s) && luhn(s[:len(s)-1]) == s[len(s)-1:]
}

// validBusinessID checks a Y-tunnus: seven digits, dash, check digit, weights
// 7,9,10,5,8,4,2 modulo 11.
func validBusinessID(s string) bool {
	if len(s) != 9 || s[7] != '-' || !allDigits(s[:7]) || !allDigits(s[8:]) {
		return false
	}
	sum := 0
	for i, w := range [7]int{7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * w
	}
	switch rem := sum % 11; rem {
	case 0:
		return s[8] == '0'
	case 1:
		return false
	default:
		return int(s[8]-'0') == 11-rem
	}
}

// looksLikeBusinessID reports whether s means to be a Y-tunnus.
func looksLikeBusinessID(s string) bool {
	return len(s) == 9 && s[7] == '-' && allDigits(s[:7])
}

// validVATNumber checks the Finnish form FI + 8 digits; of other countries only
// that two letters and something follow.
func validVATNumber(s string) bool {
	if len(s) < 4 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "FI"); ok {
		return len(rest) == 8 && validBusinessID(rest[:7]+"-"+rest[7:])
	}
	return true
}

// validIBAN checks length and check digits.
func validIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 || strings.HasPrefix(s, "FI") && len(s) != 18 || strings.HasPrefix(s, "SE") && len(s) != 24 {
		return false
	}
	rem, ok := mod97(s[4:] + s[:4])
	return ok && rem == 1
}

// makeIBAN fills in the check digits.
func makeIBAN(country, bban string) string {
	n := new(strings.Builder)
	for _, r := range bban + country + "00" {
		if r >= 'A' && r <= 'Z' {
			n.WriteString(strconv.Itoa(int(r-'A') + 10))
		} else {
			n.WriteRune(r)
		}
	}
	x, _ := new(big.Int).SetString(n.String(), 10)
	check := strconv.FormatInt(98-x.Mod(x, big.NewInt(97)).Int64(), 10)
	if len(check) == 1 {
		check = "0" + check
	}
	return country + check + bban
}
