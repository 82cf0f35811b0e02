package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/remedy"
)

// A reason is a fault in words.
type reason struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
	Who    string `json:"who"`
	Place  string `json:"place,omitempty"`
	Path   string `json:"path,omitempty"`
	// Element is the place in what the source handed over.
	Element string `json:"element,omitempty"`
	Value   string `json:"value,omitempty"`
	Warning bool   `json:"warning,omitempty"`
	// Note is what somebody here has written about a reason that has no text of ours.
	Note string `json:"note,omitempty"`
	at   string
}

func (a *app) reasons(faults []hub.Fault) []reason {
	list := []reason{}
	for _, f := range faults {
		e := remedy.For(a.say, f)
		list = append(list, reason{Code: e.Code, Title: e.Title, Cause: e.Cause, Remedy: e.Remedy, Who: e.Who, Place: e.Place, Path: e.Path, Element: e.Element,
			Value: e.Value, Warning: e.Warning, at: e.At()})
	}
	return list
}

// A row is one document in a table and for programs.
type row struct {
	File     string `json:"file,omitempty"`
	Transfer string `json:"transfer,omitempty"`
	Number   string `json:"number"`
	Kind     string `json:"kind"`
	Partner  string `json:"partner"`
	Date     string `json:"date,omitempty"`
	Sum      string `json:"sum,omitempty"`
	Currency string `json:"currency,omitempty"`
	State    string `json:"state"`
	// Again: the same content had been handed over before.
	Again bool `json:"again,omitempty"`
	// Procountor is the invoice's number there, 0 while there is none.
	Procountor int64    `json:"procountor_number,omitempty"`
	Reference  string   `json:"reference,omitempty"`
	Step       int      `json:"step,omitempty"`
	Steps      int      `json:"steps,omitempty"`
	Reasons    []reason `json:"reasons"`
}

func (a *app) row(t *hub.Transfer) row {
	return row{Transfer: t.ID, Number: t.Number, Kind: string(t.DocKind), Partner: t.PartnerName, Date: t.Date, Sum: t.Gross, Currency: t.Currency,
		State: string(t.State), Procountor: t.InvoiceNumber, Reference: t.Reference, Step: t.StepAt, Steps: t.Steps, Reasons: a.reasons(t.Faults)}
}

// state is where a document stands, in words.
func (a *app) state(r row) string {
	s := a.say.T("state." + r.State)
	if r.Again {
		s += ", " + a.t("again")
	}
	return s
}

func (a *app) sum(r row) string {
	amount, err := money.Parse(r.Sum)
	if err != nil {
		return r.Sum
	}
	return a.say.Amount(amount, money.Currency(r.Currency))
}

// table prints documents.
func (a *app) table(rows []row) {
	t := table{right: []int{2}}
	t.add(a.t("column.number"), a.t("column.partner"), a.t("column.sum"), a.t("column.state"), a.t("column.procountor"))
	for _, r := range rows {
		there := ""
		if r.Procountor != 0 {
			there = fmt.Sprint(r.Procountor)
		}
		t.add(clip(a.name(r), 26), clip(r.Partner, 32), a.sum(r), a.state(r), there)
	}
	a.printf("%s", t.String())
}

// why prints what stands in the way of each document that needs someone, and
// what to know of the others.
func (a *app) why(rows []row) {
	for _, r := range rows {
		if len(r.Reasons) == 0 {
			continue
		}
		name := a.name(r)
		if r.File != "" && !strings.HasPrefix(name, r.File) {
			name = strings.TrimSpace(name + " (" + r.File + ")")
		}
		a.printf("\n%s  %s\n", name, a.state(r))
		for _, why := range r.Reasons {
			a.explain(why, "  ", hub.State(r.State))
		}
	}
}

// explain prints one reason: what is wrong, why, what to do, whose turn it is.
func (a *app) explain(r reason, indent string, state hub.State) {
	sign := "✗"
	switch {
	case state == hub.Skipped:
		sign = "–" // on purpose, by a rule
	case r.Warning:
		sign = "!"
	}
	a.printf("%s%s %s  [%s]\n", indent, sign, r.Title, r.Code)
	in := indent + "  "
	a.printf("%s", wrap(r.Cause, in, in))
	if r.Remedy != "" && !r.Warning {
		a.printf("%s", wrap("→ "+r.Remedy, in, in+"  "))
	}
	if !r.Warning {
		a.printf("%s", wrap(r.Who, in+"  ", in+"  "))
	}
	at := r.at
	if r.Value != "" && !strings.Contains(r.Cause, r.Value) {
		at = strings.TrimPrefix(at+": "+short(r.Value), ": ")
	}
	if at != "" {
		a.printf("%s  %s\n", in, a.t("at", "path", plain(at)))
	}
	if r.Note != "" {
		a.printf("%s", wrap("“"+r.Note+"”", in, in+"  "))
	}
}

// short cuts a value that is too long for a line.
func short(value string) string {
	const most = 60
	if r := []rune(value); len(r) > most {
		return string(r[:most]) + "…"
	}
	return value
}

// A table has columns as wide as what stands in them.
type table struct {
	rows  [][]string
	right []int // columns of numbers
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var widths []int
	for _, r := range t.rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, r := range t.rows {
		var line strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			right := false
			for _, n := range t.right {
				right = right || n == i
			}
			if right {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
			line.WriteString("  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// clip keeps a text of others from breaking the table, and from speaking to the
// terminal.
func clip(s string, n int) string {
	s = plain(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// plain takes control characters from a text that came from outside.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// width is where lines of prose end.
const width = 96

// wrap sets a text into lines.
func wrap(s, first, rest string) string {
	var b strings.Builder
	line := first
	empty := true
	for _, word := range strings.Fields(plain(s)) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	if !empty {
		b.WriteString(line + "\n")
	}
	return b.String()
}
