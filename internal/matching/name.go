package matching

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// companyForms are the legal forms that one source writes and another leaves out.
var companyForms = map[string]bool{
	"oy": true, "oyj": true, "ab": true, "abp": true, "ky": true, "kb": true, "ay": true, "hb": true, "tmi": true, "fa": true,
	"ry": true, "rf": true, "osk": true, "as": true, "asa": true, "aps": true, "ltd": true, "llc": true, "plc": true, "inc": true,
	"corp": true, "gmbh": true, "ag": true, "kg": true, "bv": true, "nv": true, "sarl": true, "srl": true, "spa": true, "ou": true,
	"sia": true, "uab": true, "publ": true, "osakeyhtio": true, "kommandiittiyhtio": true, "toiminimi": true, "aktiebolag": true,
	"limited": true,
}

// littleWords are written or left out as one likes.
var littleWords = map[string]bool{"ja": true, "och": true, "and": true, "und": true, "the": true}

// folded are plain letters of letters that names here have; others are taken
// apart as Unicode says.
var folded = map[rune]string{'å': "a", 'ä': "a", 'ö': "o", 'é': "e", 'ü': "u", 'õ': "o", 'š': "s", 'ž': "z",
	'ø': "o", 'æ': "ae", 'œ': "oe", 'ß': "ss", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th"}

// NameForm is a name without case, punctuation, marks on letters, legal form and
// order of words: for proposing, and beside a number. Two firms may well share it.
func NameForm(s string) string {
	words := nameWords(s)
	kept := make([]string, 0, len(words))
	for _, w := range words {
		if !companyForms[w] && !littleWords[w] {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		kept = words
	}
	slices.Sort(kept)
	return strings.Join(kept, " ")
}

// nameWords are the words of a name in plain letters. Single letters are joined:
// O.Y., A/S. A housing company (As. Oy) is told from a firm of the same name.
func nameWords(s string) []string {
	plain := make([]byte, 0, len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			switch {
			case r >= 'A' && r <= 'Z':
				plain = append(plain, byte(r)+'a'-'A')
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				plain = append(plain, byte(r))
			case r == '\'' || r == '`': // within a word
			default:
				plain = append(plain, ' ')
			}
			continue
		}
		r = unicode.ToLower(r)
		if f, ok := folded[r]; ok {
			plain = append(plain, f...)
			continue
		}
		for _, part := range norm.NFKD.String(string(r)) {
			switch {
			case unicode.Is(unicode.Mn, part), part == '’', part == '´':
			case unicode.IsLetter(part), unicode.IsDigit(part):
				plain = utf8.AppendRune(plain, part)
			default:
				plain = append(plain, ' ')
			}
		}
	}
	var words []string
	single := false
	for _, w := range strings.Fields(string(plain)) {
		if one := len(w) == 1 && w[0] >= 'a' && w[0] <= 'z'; one && single {
			words[len(words)-1] += w
			continue
		} else {
			single = one
		}
		words = append(words, w)
	}
	if i := slices.Index(words, "as"); i >= 0 && (slices.Contains(words, "oy") || slices.Contains(words, "asunto")) {
		words[i] = "asunto"
	}
	return words
}

func shareWord(a, b string) bool {
	words := strings.Fields(a)
	return slices.ContainsFunc(strings.Fields(b), func(w string) bool { return len(w) >= 3 && slices.Contains(words, w) })
}
