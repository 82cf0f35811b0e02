// Package matching decides which partner of a company's register a document
// means. It links only what is certain, and explains everything else.
//
// The rules (FEATURES V-18…V-27, S-15…S-19):
//
//   - business id and customer number given: both must lead to the same partner.
//     An id or number that the register lacks does not stand in the way (V-23);
//     one that differs does, and is a conflict for a person.
//   - one of the two given: that one decides. A link by number alone needs the
//     partner's name too, unless the policy trusts numbers.
//   - none given: name and address propose partners and never link. A sale that
//     resembles nobody goes to the collective customer, where the policy names one.
//   - several partners fit: a person chooses. Of several, inactive ones step
//     back; an inactive one alone is held, never made a second time.
package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A Decision says which partner is meant, or that one may be made, or why
// neither is certain. Exactly one of Partner, Create and a stopping fault.
type Decision struct {
	Partner *register.Partner
	Create  bool
	// Key is unique per company for the partner that is to be made: equal for
	// every document that needs the same one.
	Key string
	// Faults stop, or warn beside a Partner.
	Faults []hub.Fault
	// Candidates are what a person may choose from, the likeliest first.
	Candidates []Candidate
}

// A Candidate is a partner that may be meant, and what speaks for or against it.
type Candidate struct {
	Partner register.Partner `json:"partner"`
	Reasons []string         `json:"reasons"`
}

// Reasons of a Candidate.
const (
	SameID      = "same-id"
	OtherID     = "other-id"
	SameNumber  = "same-number"
	OtherNumber = "other-number"
	SameName    = "same-name"
	SameAddress = "same-address"
	Inactive    = "inactive"
)

// maxCandidates is how many a person is shown.
const maxCandidates = 20

// relation is how one field of the document and one of the register compare.
type relation int

const (
	missing relation = iota // one of the two has none
	same
	other
)

type judged struct {
	p             register.Partner
	id, number    relation
	name, address bool
	weight        int
	reasons       []string
}

// Match decides about p among the candidates, which must hold every partner of
// the register, inactive ones too, that shares one of [Keys] with p. typ is the
// register the document needs. Faults carry paths relative to the party.
func Match(p hub.Party, typ register.PartnerType, policy hub.PartnerPolicy, candidates []register.Partner) Decision {
	ids := IDsOf(p)
	number := numberForm(p.Number)
	var list []judged
	for _, c := range candidates {
		if c.Type == typ {
			if j := judge(p, ids, number, c); j.weight > 0 {
				list = append(list, j)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b judged) int {
		return cmp.Or(b.weight-a.weight, cmp.Compare(a.p.ID, b.p.ID))
	})
	list = slices.CompactFunc(list, func(a, b judged) bool { return a.p.ID == b.p.ID })
	d := decide(p, ids, number, typ, policy, list)
	if c, ok := collective(p, typ, policy, candidates); ok && len(list) == 0 {
		d = Decision{Partner: &c}
	}
	if d.Partner == nil {
		for _, j := range list[:min(len(list), maxCandidates)] {
			d.Candidates = append(d.Candidates, Candidate{j.p, j.reasons})
		}
	}
	return d
}

// Wanted are the keys under which every candidate of p is kept, the collective
// customer too where p may go to it.
func Wanted(p hub.Party, policy hub.PartnerPolicy) []Key {
	list := Keys(p)
	if nameless(p) && policy.Collective != "" {
		list = append(list, Key{ByNumber, numberForm(policy.Collective)})
	}
	return list
}

// nameless: neither an id nor a number says which partner is meant.
func nameless(p hub.Party) bool { return len(IDsOf(p)) == 0 && numberForm(p.Number) == "" }

// collective is the one active customer that the policy names for such parties.
func collective(p hub.Party, typ register.PartnerType, policy hub.PartnerPolicy, candidates []register.Partner) (found register.Partner, ok bool) {
	if policy.Collective == "" || !nameless(p) || typ != register.TypeFor(hub.SalesInvoice) {
		return found, false
	}
	n := 0
	for _, c := range candidates {
		if c.Type == typ && c.Active && numberForm(c.CustomerNumber) == numberForm(policy.Collective) {
			found = c
			n++
		}
	}
	return found, n == 1
}

func judge(p hub.Party, ids []ID, number string, c register.Partner) judged {
	j := judged{p: c, name: NameForm(p.Name) != "" && NameForm(p.Name) == NameForm(c.Name), address: sameAddress(p.Address, c.Address)}
	if own := PartnerIDs(c); len(ids) > 0 && len(own) > 0 {
		j.id = other
		if Overlap(ids, own) {
			j.id = same
		}
	}
	if n := numberForm(c.CustomerNumber); number != "" && n != "" {
		j.number = other
		if n == number {
			j.number = same
		}
	}
	add := func(ok bool, weight int, reason string) {
		if ok {
			j.weight += weight
			j.reasons = append(j.reasons, reason)
		}
	}
	add(j.id == same, 8, SameID)
	add(j.number == same, 4, SameNumber)
	add(j.name, 2, SameName)
	add(j.address && (j.name || shareWord(p.Name, c.Name)), 1, SameAddress)
	if j.weight > 0 {
		add(j.id == other, 0, OtherID)
		add(j.number == other, 0, OtherNumber)
		add(!c.Active, 0, Inactive)
	}
	return j
}

func decide(p hub.Party, ids []ID, number string, typ register.PartnerType, policy hub.PartnerPolicy, list []judged) Decision {
	pick := func(f func(judged) bool) (out []judged) {
		for _, j := range list {
			if f(j) {
				out = append(out, j)
			}
		}
		return out
	}
	byID := pick(func(j judged) bool { return j.id == same })
	byNumber := pick(func(j judged) bool { return j.number == same })

	switch {
	case len(ids) > 0 && number != "":
		if both := pick(func(j judged) bool { return j.id == same && j.number == same }); len(both) > 0 {
			return choose(p, both)
		}
		for _, j := range byNumber {
			if j.id == other {
				return stop(hub.PartnerConflict, "number", p.Number, "name", j.p.Name, "theirs", j.p.BusinessID, "ours", firstNonEmpty(p.BusinessID, p.VATNumber))
			}
		}
		for _, j := range byID {
			if j.number == other {
				return stop(hub.PartnerConflict, "business_id", firstNonEmpty(p.BusinessID, p.VATNumber), "name", j.p.Name, "theirs", j.p.CustomerNumber, "ours", p.Number)
			}
		}
		// What is left lacks the id or the number. The id decides, unless an entry
		// without one has our number and our name.
		namesake := func(j judged) bool { return j.id == missing && j.name }
		switch {
		case len(byID) > 0 && slices.ContainsFunc(byNumber, namesake):
			return ambiguous(p, append(byID, byNumber...))
		case len(byID) > 0:
			return choose(p, byID)
		case len(byNumber) > 0:
			return trusted(p, policy, choose(p, byNumber))
		}
	case len(ids) > 0:
		if len(byID) > 0 {
			return choose(p, byID)
		}
	case number != "":
		if p.Consumer && !policy.WithoutID {
			return stop(hub.PartnerNoID, "business_id", "", "name", p.Name)
		}
		if len(byNumber) > 0 {
			return trusted(p, policy, choose(p, byNumber))
		}
	default:
		if near := pick(func(j judged) bool { return j.name || j.address }); len(near) > 0 {
			return stop(hub.PartnerProposed, "name", p.Name, "name", near[0].p.Name)
		}
		return stop(hub.PartnerNoID, "business_id", "", "name", p.Name)
	}

	// Nobody has these keys. A namesake without an id may be the same firm,
	// entered before its id was known; making another would double it.
	for _, j := range list {
		if j.name && j.id == missing && j.number == missing {
			return stop(hub.PartnerProposed, "name", p.Name, "name", j.p.Name)
		}
	}
	if len(ids) == 0 && !policy.WithoutID {
		return stop(hub.PartnerNoID, "business_id", "", "name", p.Name)
	}
	if !policy.Create {
		return stop(hub.PartnerMissing, "name", p.Name, "name", p.Name)
	}
	return Decision{Create: true, Key: partnerKey(typ, ids, number)}
}

// trusted looks twice at a link by number alone: every system counts its
// customers from 1001, so the name must agree. Where the policy trusts numbers,
// a differing name is a warning, unless the partner has an id of its own: then
// it is a firm that the document would have named.
func trusted(p hub.Party, policy hub.PartnerPolicy, d Decision) Decision {
	if d.Partner == nil || NameForm(p.Name) == NameForm(d.Partner.Name) {
		return d
	}
	f := hub.NewFault(hub.PartnerProposed, "number", p.Number, "name", d.Partner.Name)
	if !policy.WithoutID || len(PartnerIDs(*d.Partner)) > 0 {
		return Decision{Faults: []hub.Fault{f}}
	}
	d.Faults = append(d.Faults, f.Warn())
	return d
}

// choose links when exactly one of the entries, which all have the same keys in
// common with p, is active.
func choose(p hub.Party, hits []judged) Decision {
	var active []judged
	for _, j := range hits {
		if j.p.Active {
			active = append(active, j)
		}
	}
	switch {
	case len(active) == 1:
		found := active[0].p
		return Decision{Partner: &found}
	case len(active) > 1:
		return ambiguous(p, active)
	}
	return stop(hub.PartnerInactive, "name", p.Name, "name", hits[0].p.Name)
}

func ambiguous(p hub.Party, hits []judged) Decision {
	names := make([]string, 0, len(hits))
	for _, j := range hits {
		names = append(names, j.p.Name)
	}
	return stop(hub.PartnerAmbiguous, "name", p.Name, "name", p.Name, "candidates", strings.Join(names, ", "))
}

func stop(code, path, value string, args ...string) Decision {
	return Decision{Faults: []hub.Fault{hub.NewFault(code, path, value, args...)}}
}

// partnerKey prefers the id: two documents of one firm, one of which lacks the
// number, must not make two partners.
func partnerKey(typ register.PartnerType, ids []ID, number string) string {
	if len(ids) > 0 {
		return string(typ) + "/id/" + ids[0].String()
	}
	return string(typ) + "/number/" + number
}

func firstNonEmpty(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
