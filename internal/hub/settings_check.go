package hub

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

// maxSettingDays bounds a term of payment: what Procountor takes (REFERENCE 4).
const maxSettingDays = 999

// Check says everything that is wrong with settings that someone has written,
// each with the key at which it stands.
func (s Settings) Check() error {
	var errs []error
	bad := func(key, format string, args ...any) { errs = append(errs, fmt.Errorf(key+": "+format, args...)) }
	for k, v := range s.Kinds {
		key := "kinds." + string(k)
		if !slices.Contains(Kinds, k) {
			bad(key, "is none of %v", Kinds)
		}
		if !slices.Contains([]Arrival{ArriveUnfinished, ArriveApproved, ArriveSent}, v.Arrival) {
			bad(key+".arrival", "%q is none of unfinished, approved, sent", v.Arrival)
		}
		if v.On && v.FirstDay.IsZero() {
			bad(key+".first_day", "is missing: from which day on do documents travel?")
		}
	}
	oneOf(bad, "sender", s.Sender, SenderProcountor, SenderSource, SenderNobody)
	oneOf(bad, "difference.policy", s.Difference.Policy, AcceptDifference, RowForDifference, HoldDifference)
	oneOf(bad, "text_too_long", s.TextTooLong, Refuse, Cut)
	oneOf(bad, "bad_character", s.BadCharacter, Refuse, Cut)
	oneOf(bad, "prepaid", s.Prepaid, SumHold, SumRow, SumWarn)
	oneOf(bad, "rounding", s.Rounding, SumHold, SumRow, SumWarn)
	if s.Difference.Cents < 0 {
		bad("difference.cents", "%d is below zero", s.Difference.Cents)
	}
	if s.TermDays < -1 || s.TermDays > maxSettingDays {
		bad("term_days", "%d is not -1 (none) to %d", s.TermDays, maxSettingDays)
	}
	if !countryForm.MatchString(s.Country) {
		bad("country", "%q is not a code such as FI", s.Country)
	}
	if !slices.Contains([]string{"fi", "sv", "en", "et", "no", "da"}, s.Language) {
		bad("language", "%q is none of fi, sv, en, et, no, da", s.Language)
	}
	for k, m := range s.VATStatuses {
		if !slices.Contains(Kinds, k) {
			bad("vat_statuses."+string(k), "is none of %v", Kinds)
		}
		for category, n := range m {
			if n <= 0 {
				bad("vat_statuses."+string(k)+"."+category, "%d is no status", n)
			}
		}
	}
	return errors.Join(errs...)
}

func oneOf[T ~string](bad func(key, format string, args ...any), key string, v T, choices ...T) {
	if !slices.Contains(choices, v) {
		bad(key, "%q is none of %v", string(v), choices)
	}
}
