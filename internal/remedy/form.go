package remedy

import (
	"regexp"

	"github.com/vienti/vienti/internal/locale"
)

// A wording is English that a reader or a rule puts into a fault, where programs
// see it as it is, with the key of its translation. Named groups fill the places
// of the text.
type wording struct {
	text *regexp.Regexp
	key  string
}

func exactly(text, key string) wording {
	return wording{regexp.MustCompile(`^` + regexp.QuoteMeta(text) + `$`), key}
}

// forms say what a field should look like. What is no word, such as 1250.50 or
// YYYY-MM-DD, stands for itself.
var forms = []wording{
	{regexp.MustCompile(`^(?P<low>-?\d+) to (?P<high>\d+)$`), "range"},
	{regexp.MustCompile(`^(?P<low>-?\d+) to (?P<high>\d+) with four decimals$`), "range-four"},
	{regexp.MustCompile(`^1, for (?P<currency>[A-Z]*) is the company's own currency$`), "own-currency"},
	{regexp.MustCompile(`^at most (?P<n>\d+) rows$`), "rows"},
	{regexp.MustCompile(`^at most (?P<n>\d+) elements$`), "elements"},
	{regexp.MustCompile(`^number of at most (?P<n>\d+) decimals$`), "decimals"},
	{regexp.MustCompile(`^(?P<one>\S+) or (?P<other>\S+)$`), "either"},
	exactly("8 or 11 characters", "bic"),
	exactly("a cash discount in percent, with its last day", "cash-discount"),
	exactly("at most three, of 0 to 999 days and 99.99 %", "cash-discounts"),
	exactly("a document", "document"),
	exactly("a moment with its zone (2026-03-10T09:30:00+02:00)", "moment"),
	exactly("a file in base64", "base64"),
	exactly("above zero", "above-zero"),
	exactly("first day not after last", "period"),
	exactly("one due date; the first is used", "one-due-date"),
	exactly("percent with two decimals", "percent-two"),
	exactly("sums below zero", "below-zero"),
	exactly("the same as InvoiceTypeCode", "same-type"),
	exactly("text without control characters", "no-control"),
	exactly("a currency code such as EUR", "currency"),
	exactly("a country code such as FI", "country"),
	exactly("a language code such as fi", "language"),
}

// xmlReasons say why a file cannot be read to its end.
var xmlReasons = []wording{
	exactly("unexpected EOF", "cut-off"),
	exactly("more than one root element", "roots"),
	exactly("no element", "empty"),
	exactly("text before the first element", "text-before"),
	{regexp.MustCompile(`^element <(?P<open>[^>]*)> closed by </(?P<close>[^>]*)>$`), "closed"},
	{regexp.MustCompile(`^unexpected end element </(?P<close>[^>]*)>$`), "not-open"},
}

// worded says English of a fault in the language of the speaker; what it does not
// know stays.
func worded(s locale.Speaker, list []wording, prefix, text string) string {
	for _, w := range list {
		m := w.text.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		var args []any
		for i, name := range w.text.SubexpNames() {
			if name != "" {
				args = append(args, name, m[i])
			}
		}
		return s.T(prefix+w.key, args...)
	}
	return text
}
