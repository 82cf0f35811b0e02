// Package locale holds every text that a person sees, in each language, and
// says numbers, sums, days and times the way that language does.
//
// English is the source text. The catalogues are the TOML files under text/,
// one folder per language, all with the same keys; a text that is empty in a
// language is shown in English.
//
// A text may have {places}, filled by name, and [parts in square brackets] that
// are left out when a place in them is empty. A table with the keys one and
// other is a plural, chosen by [Speaker.N].
package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A Language is an ISO 639-1 code.
type Language string

// The languages that Vienti speaks.
const (
	English Language = "en"
	Finnish Language = "fi"
	Swedish Language = "sv"
	Dutch   Language = "nl"
)

// Languages lists them; the first is the source text and the last resort.
var Languages = []Language{English, Finnish, Swedish, Dutch}

// Name is the language's own name for itself, for the choice of languages.
func (l Language) Name() string {
	switch l {
	case Finnish:
		return "Suomi"
	case Swedish:
		return "Svenska"
	case Dutch:
		return "Nederlands"
	}
	return "English"
}

// Parse returns the language of that code, or false.
func Parse(code string) (Language, bool) {
	for _, l := range Languages {
		if string(l) == code {
			return l, true
		}
	}
	return English, false
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Finnish, language.Swedish, language.Dutch})

// maxAcceptLanguage bounds what Match reads; browsers send far less.
const maxAcceptLanguage = 500

// Match chooses the language for an Accept-Language header; English when
// nothing fits.
func Match(acceptLanguage string) Language {
	if len(acceptLanguage) > maxAcceptLanguage {
		return English
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence < language.High {
		return English
	}
	return Languages[i]
}

// A Speaker says things in one language and one time zone. The zero Speaker
// speaks English and tells the time in UTC.
type Speaker struct {
	lang Language
	zone *time.Location
}

// New returns a Speaker. A nil zone is UTC.
func New(lang Language, zone *time.Location) Speaker { return Speaker{lang, zone} }

// Language is the language that s speaks.
func (s Speaker) Language() Language {
	if s.lang == "" {
		return English
	}
	return s.lang
}

// Zone is where s tells the time.
func (s Speaker) Zone() *time.Location {
	if s.zone == nil {
		return time.UTC
	}
	return s.zone
}

// T returns the text of key, with the places filled from args: name, value,
// name, value … Values that are numbers, sums, days or instants are written as
// the language writes them. A key that does not exist comes back as itself.
func (s Speaker) T(key string, args ...any) string {
	text, ok := s.find(key)
	if !ok {
		return key
	}
	return fill(text, func(place string) string { return s.argument(args, place) })
}

// N is T for a text that counts: it picks the form for n, and fills {n}.
func (s Speaker) N(key string, n int, args ...any) string {
	form := ".other"
	// In all four languages (CLDR) whole numbers have two forms.
	if n == 1 {
		form = ".one"
	}
	return s.T(key+form, append([]any{"n", n}, args...)...)
}

// Has reports whether the key has a text.
func (s Speaker) Has(key string) bool {
	_, ok := s.find(key)
	return ok
}

// Enum says a value of another system's list in words, by the text at prefix and
// value; a value without a text is written in small letters.
func (s Speaker) Enum(prefix, value string) string {
	if key := prefix + "." + value; s.Has(key) {
		return s.T(key)
	}
	return strings.ToLower(strings.ReplaceAll(value, "_", " "))
}

func (s Speaker) find(key string) (string, bool) {
	if text := catalogue(s.Language())[key]; text != "" {
		return text, true
	}
	text := catalogue(English)[key]
	return text, text != ""
}

func (s Speaker) argument(args []any, place string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != place {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return s.Int(v)
		case money.Amount:
			return s.Number(v)
		case civil.Date:
			return s.Date(v)
		case time.Time:
			return s.Time(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return ""
}

// fill replaces {places} and drops [parts] with an empty place. What comes out
// of a place is not looked at again.
func fill(text string, value func(place string) string) string {
	if !strings.ContainsAny(text, "{[") {
		return text
	}
	var b strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "{[")
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		end := strings.IndexByte(text[i:], text[i]+2) // } and ] stand two places after { and [ in ASCII
		if end < 0 {
			text = text[i:]
			break
		}
		inner := text[i+1 : i+end]
		if text[i] == '{' {
			b.WriteString(value(inner))
		} else {
			whole := true
			part := fill(inner, func(place string) string {
				v := value(place)
				whole = whole && v != ""
				return v
			})
			if whole {
				b.WriteString(part)
			}
		}
		text = text[i+end+1:]
	}
	b.WriteString(text)
	return b.String()
}

// marks are how a language writes numbers (Unicode CLDR 48).
type marks struct{ group, decimal, minus string }

func (s Speaker) marks() marks {
	switch s.lang {
	case Finnish, Swedish:
		return marks{"\u00a0", ",", "\u2212"} // no-break space, minus sign
	case Dutch:
		return marks{".", ",", "-"}
	}
	return marks{",", ".", "-"}
}

// Int writes a whole number with groups of three.
func (s Speaker) Int(n int) string { return s.decimal(strconv.Itoa(n)) }

// Number writes a with the decimals that it has.
func (s Speaker) Number(a money.Amount) string { return s.decimal(a.String()) }

// Sum writes a with at least two decimals and without a currency, for columns.
func (s Speaker) Sum(a money.Amount) string { return s.decimal(a.Fixed(2)) }

// Percent writes a percentage without needless zeros: 25.5 %.
func (s Speaker) Percent(a money.Amount) string {
	n := s.Number(a.Trim(0))
	if s.lang == English || s.lang == "" || s.lang == Dutch {
		return n + "%"
	}
	return n + "\u00a0%"
}

// Amount writes a sum of money with its currency: after the number in Finnish
// and Swedish, before it in English and Dutch.
func (s Speaker) Amount(a money.Amount, currency money.Currency) string {
	n, sign := s.Sum(a), string(currency)
	if currency == "EUR" {
		sign = "€"
	}
	switch {
	case currency == "":
		return n
	case s.lang == Finnish || s.lang == Swedish:
		return n + "\u00a0" + sign
	case sign == "€" && s.lang != Dutch:
		if rest, negative := strings.CutPrefix(n, "-"); negative {
			return "-€" + rest
		}
		return sign + n
	}
	return sign + "\u00a0" + n
}

func (s Speaker) decimal(plain string) string {
	m := s.marks()
	rest, negative := strings.CutPrefix(plain, "-")
	whole, frac, dot := strings.Cut(rest, ".")
	if strings.Trim(whole+frac, "0123456789") != "" {
		return plain
	}
	var b strings.Builder
	if negative {
		b.WriteString(m.minus)
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(m.group)
		}
		b.WriteRune(c)
	}
	if dot {
		b.WriteString(m.decimal + frac)
	}
	return b.String()
}

var monthsEnglish = [...]string{"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// Date writes a day: 3.3.2026, 2026-03-03, 3-3-2026 or 3 Mar 2026; English has
// the month by name, for its readers disagree about 3/4. "No day" is "".
func (s Speaker) Date(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	switch s.lang {
	case Finnish:
		return fmt.Sprintf("%d.%d.%d", d.Day, d.Month, d.Year)
	case Swedish:
		return d.String()
	case Dutch:
		return fmt.Sprintf("%d-%d-%d", d.Day, d.Month, d.Year)
	}
	return fmt.Sprintf("%d\u00a0%s\u00a0%d", d.Day, monthsEnglish[d.Month], d.Year)
}

// Day is Date for a day that is stored as text; what is no day stays as it is.
func (s Speaker) Day(text string) string {
	d, err := civil.Parse(text)
	if err != nil {
		return text
	}
	return s.Date(d)
}

// Month writes a month that is stored as text (2026-03) by its name; what is no
// month stays as it is.
func (s Speaker) Month(text string) string {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return text
	}
	return s.T("month."+t.Format("01")) + " " + t.Format("2006")
}

// Time writes day and time of an instant in the speaker's zone, to the minute.
// The zero time is "".
func (s Speaker) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return s.Date(civil.DayOf(t, s.Zone())) + " " + s.Clock(t)
}

// Clock writes the time of day in the speaker's zone: 14.05 in Finnish, else 14:05.
func (s Speaker) Clock(t time.Time) string {
	layout := "15:04"
	if s.lang == Finnish {
		layout = "15.04"
	}
	return t.In(s.Zone()).Format(layout)
}

// Seconds writes the time of day to the second, for logs.
func (s Speaker) Seconds(t time.Time) string {
	layout := "15:04:05"
	if s.lang == Finnish {
		layout = "15.04.05"
	}
	return t.In(s.Zone()).Format(layout)
}
