package mapping

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/vienti/vienti/internal/hub"
)

// Limits in characters, from the API's description (REFERENCE 3.1, 3.4).
const (
	maxOriginalNumber = 40
	maxName           = 80
	maxStreet         = 80
	maxZip            = 20
	maxCity           = 40
	maxSubdivision    = 35
	maxContact        = 70
	maxOrderReference = 70
	maxReferenceID    = 70
	maxRowText        = 512
	maxInformation    = 10_000
	maxNotes          = 10_000
	maxPhone          = 40
	// maxProduct is the length of product names in the register. The row's field
	// has no limit in the description, but a user guide shows 0 to 100 being
	// refused (FEATURES S-125); a longer name goes on in the row's comment.
	maxProduct = 100
	// markRoom is what is kept free in the notes for the mark.
	markRoom = 200
)

// text makes s fit a field: characters that Procountor takes, at most limit of
// them. By setting it mends and warns, or it reports a fault. path names the
// place in the document.
func (b *builder) text(path, s string, limit int) string {
	s = b.characters(path, s)
	n := length(s)
	if limit <= 0 || n <= limit {
		return s
	}
	args := []string{"length", itoa(n), "limit", itoa(limit)}
	if b.s.TextTooLong != hub.Cut {
		b.fault(hub.TextTooLong, path, s, args...)
		return b.refused(s)
	}
	b.warn(hub.TextCut, path, s, args...)
	return cut(s, limit)
}

// exactText is for what must never be cut, such as numbers.
func (b *builder) exactText(path, s string, limit int) string {
	s = b.characters(path, s)
	if n := length(s); n > limit {
		b.fault(hub.TextTooLong, path, s, "length", itoa(n), "limit", itoa(limit))
		return b.refused(s)
	}
	return s
}

// characters brings s to the characters of Windows-1252 (REFERENCE 2.1). Letters
// written as letter and accent are joined, and invisible marks and special
// spaces made plain, without a word: the text stays the same to a reader.
func (b *builder) characters(path, s string) string {
	s = tidy(s)
	r, bad := forbidden(s)
	if !bad {
		return s
	}
	args := []string{"character", string(r), "code", fmt.Sprintf("U+%04X", r)}
	if b.s.BadCharacter != hub.Cut {
		b.fault(hub.CharacterForbidden, path, s, args...)
		return b.refused(s)
	}
	b.warn(hub.CharacterForbidden, path, s, args...)
	return replaceForbidden(s)
}

func tidy(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = norm.NFC.String(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
			return ' '
		case r >= 0x200B && r <= 0x200F, r == 0x2060, r == 0xFEFF:
			return -1
		case r == 0x2010, r == 0x2011, r == 0x2212: // hyphens, minus
			return '-'
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// forbidden finds the first character that Windows-1252 does not have. Control
// characters but tab and line break count as such, and so do broken bytes.
func forbidden(s string) (rune, bool) {
	for _, r := range s {
		if !allowed(r) {
			return r, true
		}
	}
	return 0, false
}

func allowed(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return true
	case r < 0x20 || r >= 0x7F && r <= 0x9F || r == utf8.RuneError:
		return false
	}
	_, ok := charmap.Windows1252.EncodeRune(r)
	return ok
}

// replaceForbidden writes letters without the accent that does not fit, and a
// question mark for everything else.
func replaceForbidden(s string) string {
	var out strings.Builder
	for _, r := range s {
		if allowed(r) {
			out.WriteRune(r)
			continue
		}
		if t, ok := alike[r]; ok {
			out.WriteString(t)
			continue
		}
		kept := strings.Map(func(r rune) rune {
			if r > 0x7F || !allowed(r) {
				return -1
			}
			return r
		}, norm.NFKD.String(string(r)))
		if kept == "" {
			kept = "?"
		}
		out.WriteString(kept)
	}
	return out.String()
}

// alike are letters that do not fall apart into a base and an accent.
var alike = map[rune]string{
	'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ħ': "h", 'Ħ': "H", 'ı': "i", 'ŧ': "t", 'Ŧ': "T", 'ŋ': "n", 'Ŋ': "N",
	'→': "->", '←': "<-", '≤': "<=", '≥': ">=", '≠': "!=", '″': "\"", '′': "'",
}

func length(s string) int { return utf8.RuneCountInString(s) }

// cut shortens to limit characters, the last of which shows that there was more.
func cut(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return strings.TrimSpace(string(r[:limit-1])) + "…"
}

// splitAt parts s at the last space before limit.
func splitAt(s string, limit int) (head, tail string) {
	r := []rune(s)
	if len(r) <= limit {
		return s, ""
	}
	at := limit
	for i := limit; i > limit/2; i-- {
		if r[i] == ' ' || r[i] == '\n' {
			at = i
			break
		}
	}
	return strings.TrimSpace(string(r[:at])), strings.TrimSpace(string(r[at:]))
}

func lines(list ...string) string {
	var kept []string
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "\n")
}
