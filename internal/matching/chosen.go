package matching

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A Chosen is what a person has said once of a party: which partner it is, or
// that one is to be made.
type Chosen struct {
	// Partner is its id in the register; 0 while it is to be made.
	Partner int64
	// Refused are the partners that the person has looked at and did not mean.
	Refused []int64
	// Making is the key of the partner that is made for the party.
	Making string
}

// PartyKey names a party of a source for as long as it says the same of itself:
// its register, its ids and its number there; without an id its number and name,
// for numbers are given to others; without both its name and where it is. A
// customer number that comes with another business id is another party.
func PartyKey(typ register.PartnerType, p hub.Party) string {
	parts := []string{string(typ)}
	for _, id := range IDsOf(p) {
		parts = append(parts, "id:"+id.String())
	}
	unknown := len(parts) == 1
	n := numberForm(firstNonEmpty(p.Number, p.Alternative))
	if n != "" {
		parts = append(parts, "number:"+n)
	}
	switch {
	case unknown && n != "":
		parts = append(parts, "name:"+NameForm(p.Name))
	case unknown:
		parts = append(parts, "name:"+NameForm(p.Name), "at:"+strings.ToUpper(bare(p.Address.Street+" "+p.Address.Zip+" "+p.Address.Country)))
	}
	return strings.Join(parts, "/")
}

// MatchChosen is [Match] for a party of which a person has said who it is; c may
// be nil. The candidates must hold the chosen partner too, if it is there.
//
// A chosen partner that was removed is asked for anew; an inactive one is held.
// One that is to be made is made only while nobody but the refused ones is like
// it: whoever has been entered since is met, or is a new doubt.
func MatchChosen(p hub.Party, typ register.PartnerType, policy hub.PartnerPolicy, candidates []register.Partner, c *Chosen) Decision {
	if c == nil {
		return Match(p, typ, policy, candidates)
	}
	if c.Partner != 0 {
		i := slices.IndexFunc(candidates, func(x register.Partner) bool { return x.ID == c.Partner && x.Type == typ })
		switch {
		case i < 0:
			return Match(p, typ, policy, candidates)
		case !candidates[i].Active:
			return stop(hub.PartnerInactive, "name", p.Name, "name", candidates[i].Name)
		}
		found := candidates[i]
		return Decision{Partner: &found}
	}
	if typ == register.Person && (policy.Persons == "" || policy.Persons == hub.ChangesOff) {
		return Match(p, typ, policy, candidates) // by setting nobody is made
	}
	// A person wants one of its own, whatever contradicts it.
	policy.Collective, policy.OtherID, policy.OtherNumber = "", hub.ConflictAsk, hub.ConflictAsk
	left := slices.DeleteFunc(slices.Clone(candidates), func(x register.Partner) bool { return slices.Contains(c.Refused, x.ID) })
	d := Match(p, typ, policy, left)
	only := func(code string) bool { return code == hub.PartnerNoID || code == hub.PartnerMissing }
	if d.Create || d.Partner == nil && !slices.ContainsFunc(d.Faults, func(f hub.Fault) bool { return !f.Warning && !only(f.Code) }) {
		if typ != register.Person || numberForm(p.Number) != "" { // an employee is known by the number only
			return Decision{Create: true, Key: c.Making}
		}
	}
	return d
}
