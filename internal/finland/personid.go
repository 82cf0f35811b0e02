package finland

import "strings"

// IsPersonalID reports whether s is a Finnish personal identity code (henkilötunnus):
// a real day, a sign for the century, three digits and the check character of the
// nine. Signs are those of the decree 690/2022, with the older ones.
func IsPersonalID(s string) bool {
	t := strings.ToUpper(squeeze(s))
	if len(t) != 11 || !digits(t[:6]) || !digits(t[7:10]) || !strings.ContainsRune("+-ABCDEFYXWVU", rune(t[6])) {
		return false
	}
	day, month := t[:2], t[2:4]
	if day < "01" || day > "31" || month < "01" || month > "12" {
		return false
	}
	n := 0
	for _, c := range t[:6] + t[7:10] {
		n = n*10 + int(c-'0')
	}
	return t[10] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31]
}
