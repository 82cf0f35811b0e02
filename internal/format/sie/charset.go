package sie

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A charset is one of those in which such files are written. The standard knows
// code page 437 only (5.8), programs write the others all the same.
type charset int

const (
	undecided charset = iota // nothing but ASCII until now
	pc8                      // code page 437
	latin                    // Windows-1252, which holds ISO-8859-1
	utf
)

func (c charset) String() string {
	return [...]string{"ASCII", "code page 437", "Windows-1252", "UTF-8"}[c]
}

// statedBy is the character set that #FORMAT names.
func statedBy(format string) charset {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(format))
	switch {
	case s == "utf8":
		return utf
	case s == "ansi", s == "latin1", strings.HasSuffix(s, "1252"), strings.HasSuffix(s, "88591"):
		return latin
	}
	return pc8
}

// evidence is the character set that the bytes of a line cannot but be in; undecided when
// they may be in several, mixed when they are in none whole. What decides are the letters
// that Nordic languages have outside ASCII:
//
//   - in UTF-8 each is two bytes that are no text in the two others,
//   - in Windows-1252 they are bytes that code page 437 draws boxes and mathematics with,
//   - in code page 437 they are bytes that are punctuation in Windows-1252: they decide
//     where a letter of ASCII follows, as it follows no closing quote or dagger.
func evidence(line []byte) (c charset, mixed bool) {
	if utf8.Valid(line) {
		return utf, false
	}
	asLatin, asPC8 := false, false
	for i, b := range line {
		switch {
		case b < 0x80:
		case b >= 0xc0 && b != 0xe1 && b != 0xe6 && b != 0xf1 && b != 0xf8 && b != 0xfd && b != 0xff: // ß µ ± ° ² and a space there
			asLatin = true
		case b == 0x81 || b == 0x8f || b == 0x90: // ü Å É; nothing in Windows-1252
			asPC8 = true
		case b == 0x84 || b == 0x86 || b == 0x94 || b == 0x99: // ä å ö Ö
			asPC8 = asPC8 || i+1 < len(line) && letter(line[i+1])
		}
	}
	switch {
	case asLatin && asPC8:
		return undecided, true
	case asLatin:
		return latin, false
	case asPC8:
		return pc8, false
	}
	return undecided, false
}

func letter(b byte) bool { b |= 0x20; return b >= 'a' && b <= 'z' }

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// text decodes bytes in c; ok is false when one of them has no meaning there.
func (c charset) text(b []byte) (s string, ok bool) {
	switch c {
	case undecided, utf:
		return string(b), utf8.Valid(b)
	case pc8:
		return decodeBy(charmap.CodePage437, b)
	}
	return decodeBy(charmap.Windows1252, b)
}

func decodeBy(table *charmap.Charmap, b []byte) (string, bool) {
	var s strings.Builder
	ok := true
	for _, c := range b {
		r := table.DecodeByte(c)
		ok = ok && r != utf8.RuneError
		s.WriteRune(r)
	}
	return s.String(), ok
}
