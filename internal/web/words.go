package web

import (
	"errors"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/remedy"
)

func isNotNow(err error) bool { return errors.Is(err, engine.ErrNotNow) }

// A tone is how a state looks; its word says the same.
type tone string

const (
	toneGood    tone = "good"
	toneWarn    tone = "warn"
	toneBad     tone = "bad"
	toneBusy    tone = "busy"
	toneNeutral tone = "neutral"
)

func toneOf(s hub.State) tone {
	switch s {
	case hub.Done, hub.Linked:
		return toneGood
	case hub.DoneWithWarning, hub.Held, hub.Unclear:
		return toneWarn
	case hub.Refused:
		return toneBad
	case hub.Ready, hub.Working, hub.Waiting:
		return toneBusy
	}
	return toneNeutral
}

func stepTone(s hub.StepState) tone {
	switch s {
	case hub.StepProved:
		return toneGood
	case hub.StepRefused:
		return toneBad
	case hub.StepUnclear:
		return toneWarn
	case hub.StepIntended:
		return toneBusy
	}
	return toneNeutral
}

// reason says in a few words why a transfer stands where it stands.
func reason(say locale.Speaker, t hub.Transfer) string {
	for _, f := range t.Faults {
		if !f.Warning {
			return remedy.For(say, f).Title
		}
	}
	for _, f := range t.Faults {
		// Of several warnings the one that asks something.
		if e := remedy.For(say, f); e.Actor != remedy.Nobody {
			return e.Title
		}
	}
	if len(t.Faults) > 0 {
		return remedy.For(say, t.Faults[0]).Title
	}
	if (t.State == hub.Working || t.State == hub.Ready) && t.Steps > 1 && t.StepAt > 0 {
		return say.T("list.step-of", "n", t.StepAt, "m", t.Steps)
	}
	return ""
}

// kindWord says what a document is.
func kindWord(say locale.Speaker, k hub.Kind, creditNote bool) string {
	if creditNote {
		return say.T("kind." + string(k) + ".credit")
	}
	if k == "" {
		k = "none"
	}
	return say.T("kind." + string(k) + ".word")
}

// sumOf writes the gross sum of a transfer; what cannot be read stays as it is.
func sumOf(say locale.Speaker, t hub.Transfer) string {
	a, err := money.Parse(t.Gross)
	if err != nil {
		return t.Gross
	}
	return say.Amount(a, money.Currency(t.Currency))
}

// name is what a transfer is called: its number, else its partner, else that it
// has none.
func name(say locale.Speaker, t hub.Transfer) string {
	switch {
	case t.Number != "":
		return t.Number
	case t.PartnerName != "":
		return t.PartnerName
	}
	return say.T("list.no-number")
}

// actWord says what an act was: the words of its kind, or the kind itself.
func actWord(say locale.Speaker, kind string) string {
	key := "act." + strings.ReplaceAll(kind, ".", "-")
	if !say.Has(key) {
		return kind
	}
	return say.T(key)
}

// atLeast writes a count; a plus says that there may be more.
func atLeast(p page, n int, more bool) string {
	if more {
		return p.say.Int(n) + "+"
	}
	return p.say.Int(n)
}

// groups puts a reference into groups of four or five, as banks print it; only
// for reading, what is copied from the title stays whole.
func groups(reference string) string {
	if strings.HasPrefix(reference, "RF") {
		var parts []string
		for len(reference) > 4 {
			parts, reference = append(parts, reference[:4]), reference[4:]
		}
		return strings.Join(append(parts, reference), " ")
	}
	var parts []string
	for len(reference) > 5 {
		parts, reference = append([]string{reference[len(reference)-5:]}, parts...), reference[:len(reference)-5]
	}
	return strings.Join(append([]string{reference}, parts...), " ")
}

func remedyTitle(p page, code string) string { return remedy.Title(p.say, code) }

// dayOf is the day of an instant where the reader is, as text.
func dayOf(p page, t time.Time) string { return civil.DayOf(t, p.say.Zone()).String() }

// size writes a number of bytes for people.
func size(p page, n int64) string {
	switch {
	case n < 1000:
		return p.say.Int(int(n)) + " B"
	case n < 1000_000:
		return p.say.Int(int((n+500)/1000)) + " kB"
	}
	return p.say.Number(money.FromInt((n+50_000)/100_000).QuoHalfUp(money.FromInt(10), 1)) + " MB"
}
