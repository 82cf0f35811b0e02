// Package remedy explains faults to the person who can mend them: what is wrong,
// why, what to do, and who must do it. The texts live in package locale, one
// group per code.
package remedy

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
)

// An Actor is who must act for a document to go on.
type Actor string

// Whoever handles the document in the source system, the administrator of
// Vienti, the accountant in Procountor, or nobody.
const (
	Source     Actor = "source"
	Admin      Actor = "admin"
	Accountant Actor = "accountant"
	Nobody     Actor = "nobody"
)

// An Explanation is a fault in words. The texts are plain, without markup.
type Explanation struct {
	Code   string
	Title  string
	Cause  string
	Remedy string
	Actor  Actor
	Who    string // Actor in words
	// Path is the place as the source or Procountor names it; Place is the same
	// in words where it is known ("row 4: VAT status"), else equal to Path.
	Path, Place string
	// Element is the place in what the source handed over, "" where it has none.
	Element string
	Value   string
	Warning bool
	// Known is false for a reason of Procountor's that has no text of its own;
	// then Cause quotes its words.
	Known bool
}

// CodesURL is where Procountor describes the codes of its refusals, in English.
const CodesURL = "https://dev.procountor.com/api-reference/validation-error-codes/"

// Theirs reports whether the code is one of Procountor's.
func (e Explanation) Theirs() bool {
	text, theirs := strings.CutPrefix(e.Code, hub.ProcountorCode)
	return theirs && !strings.Contains(text, " ") // a sentence is in no list of codes
}

// For explains f in the speaker's language.
func For(s locale.Speaker, f hub.Fault) Explanation {
	key, actor, places := find(f)
	place := Place(s, f.Path)
	at := f.Element
	if at == "" {
		at = place
	}
	args := []any{"path", at, "field", place, "value", spoken(s, "", f.Value)}
	for k, v := range f.Args {
		args = append([]any{k, spoken(s, k, v)}, args...)
	}
	for k, v := range places {
		if k == "field" {
			v = Place(s, v)
		}
		args = append([]any{k, v}, args...)
	}
	if why := f.Args["why"]; s.Has("why." + why) {
		args = append([]any{"why", s.T("why."+why, args...)}, args...)
	}
	return Explanation{
		Code:    f.Code,
		Title:   s.T(key+".title", args...),
		Cause:   s.T(key+".cause", args...),
		Remedy:  s.T(key+".remedy", args...),
		Actor:   actor,
		Who:     s.T("who." + string(actor)),
		Path:    f.Path,
		Place:   place,
		Element: f.Element,
		Value:   f.Value,
		Warning: f.Warning,
		Known:   key != unknown,
	}
}

// Title is the short name of a code, for lists and counts; the fault's places
// are not filled.
func Title(s locale.Speaker, code string) string {
	key, _, _ := find(hub.Fault{Code: code})
	if key == unknown {
		return strings.TrimPrefix(code, hub.ProcountorCode)
	}
	return s.T(key + ".title")
}

// ActorOf says who must act for a code.
func ActorOf(code string) Actor {
	_, actor, _ := find(hub.Fault{Code: code})
	return actor
}

// Codes lists the codes of our own that have texts.
func Codes() []string {
	codes := make([]string, 0, len(actors))
	for c := range actors {
		codes = append(codes, c)
	}
	return codes
}

// At is the place as a person can look it up: in words where there are, with the
// element of what the source handed over.
func (e Explanation) At() string {
	switch {
	case e.Place == e.Path && e.Element != "":
		return e.Element
	case e.Element != "" && e.Element != e.Place:
		return e.Place + " (" + e.Element + ")"
	}
	return e.Place
}

// maxNoteKey bounds what a note is kept under: Procountor's reasons are sentences,
// and a page of HTML is none.
const maxNoteKey = 200

// NoteKey is what a person's own note about a reason without a text is kept under.
// The numbers in a sentence are those of one document, and left out.
func NoteKey(code string) string {
	if strings.Contains(code, " ") {
		code = digits.ReplaceAllString(code, "#")
	}
	if r := []rune(code); len(r) > maxNoteKey {
		code = string(r[:maxNoteKey])
	}
	return code
}

var digits = regexp.MustCompile(`[0-9]+`)

const unknown = "procountor.unknown"

// find returns the key of the texts, who must act, and what the code itself
// says besides the fault's arguments.
func find(f hub.Fault) (key string, actor Actor, places map[string]string) {
	text, theirs := strings.CutPrefix(f.Code, hub.ProcountorCode)
	if !theirs {
		if actor, ok := actors[f.Code]; ok {
			return "fault." + f.Code, actor, nil
		}
		return unknown, Source, map[string]string{"text": f.Code}
	}
	if text == "MAY_NOT_BE_EMPTY" && f.Path == "invoiceRows" {
		return "procountor.rows-empty", Source, nil
	}
	for _, r := range reasons {
		m := r.text.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		places := map[string]string{"text": text}
		for i, name := range r.text.SubexpNames() {
			if name != "" && m[i] != "" {
				places[name] = m[i]
			}
		}
		return "procountor." + r.key, r.actor, places
	}
	return unknown, Source, map[string]string{"text": text}
}

// spoken writes what looks like a day or a sum as the language does. Sums are
// known by the argument's name, so that an invoice number stays a number.
func spoken(s locale.Speaker, arg, v string) string {
	if d, err := civil.Parse(v); err == nil {
		return s.Date(d)
	}
	switch arg {
	case "form":
		return worded(s, forms, "form.", v)
	case "should":
		if key := "einvoice-form." + v; s.Has(key) {
			return s.T(key)
		}
	case "reason":
		return worded(s, xmlReasons, "xml-reason.", v)
	case "amount", "stated", "computed", "source", "procountor", "difference", "sum":
		if a, err := money.Parse(v); err == nil {
			return s.Sum(a)
		}
	case "period":
		return s.Month(v)
	case "percent":
		if a, err := money.Parse(v); err == nil {
			return s.Number(a)
		}
	case "rates", "enabled":
		// Rates stand apart by semicolons: in Finnish the comma belongs to the number.
		parts := strings.Split(v, ", ")
		for i, p := range parts {
			if a, err := money.Parse(p); err == nil {
				parts[i] = s.Number(a)
			}
		}
		return strings.Join(parts, "; ")
	case "item":
		if key := "card-field." + v; s.Has(key) {
			return s.T(key)
		}
	case "as":
		if key := "setting.early." + v; s.Has(key) {
			return s.T(key)
		}
	case "size", "limit", "length":
		if n, err := strconv.Atoi(v); err == nil {
			return s.Int(n)
		}
	}
	return v
}

// listElement is a row in Procountor's words, or in those of our own document
// ("lines[3].vat_percent"); both count from 0, people from 1.
var listElement = regexp.MustCompile(`^(invoiceRows|transactions|lines)\[(\d{1,6})\](?:\.(.+))?$`)

// Place says a path of Procountor's or of our own document in words:
// "invoiceRows[3].vatStatus" is "row 4: VAT status". Other paths come back as
// they are: they name a place in the source's document by the source's own words.
func Place(s locale.Speaker, path string) string {
	if m := listElement.FindStringSubmatch(path); m != nil {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			return path
		}
		if m[3] == "" {
			return s.T("field.row-only", "n", n+1)
		}
		return s.T("field.row", "n", n+1, "field", field(s, m[3]))
	}
	return field(s, path)
}

// field says a dotted path by its last name and those before it that have words,
// for "customer or supplier: e-mail address".
func field(s locale.Speaker, path string) string {
	parts := strings.Split(path, ".")
	if len(parts) > 3 || strings.ContainsAny(path, "[]/") {
		return path
	}
	var words []string
	for _, p := range parts {
		if p = camel(p); p != "row" && s.Has("field."+p) {
			words = append(words, s.T("field."+p))
		}
	}
	if len(words) == 0 || !s.Has("field."+camel(parts[len(parts)-1])) {
		return path
	}
	return strings.Join(words, ": ")
}

// camel writes a name of ours as Procountor would: vat_percent is vatPercent.
func camel(name string) string {
	parts := strings.Split(name, "_")
	for i, p := range parts {
		if i > 0 && p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}
