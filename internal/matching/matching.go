// Package matching decides which partner of a company's register a document
// means. It links only what is certain, and explains everything else.
//
// The rules (FEATURES V-11, V-12, V-18…V-27, S-15…S-19), the same for customers,
// suppliers and persons:
//
//   - of two numbers of a party the alternative one counts, by setting the own one.
//   - business id and customer number given: both must lead to the same partner.
//     An id or number that the register lacks does not stand in the way (V-23);
//     one that differs does. By policy that is refused until a card is mended,
//     asked, or makes a partner of its own (V-20, V-21, S-18, S-19); what differs as
//     a misspelling does, and what two entries contradict, is always asked.
//   - one of the two given: that one decides. A link by number alone needs the
//     partner's name too, unless the policy trusts numbers.
//   - none given: name and address propose partners and never link. A sale that
//     resembles nobody goes to the collective customer, where the policy names one.
//   - several partners fit: a person chooses. Of several, inactive ones step
//     back; an inactive one alone is held, never made a second time.
//   - persons have no id that we compare, and none is ever made.
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
	// Mend: by policy nobody says here who it is; one of the two cards is mended.
	Mend bool
	// NoNew: nobody may say that a partner is to be made. Employees are made by setting
	// only, and by their number.
	NoNew bool
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
	NearID      = "near-id" // perhaps misspelt
	OtherID     = "other-id"
	SameNumber  = "same-number"
	NearNumber  = "near-number" // but for separators and leading zeros
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
	near // perhaps the same, misspelt
	other
)

// A wanted is the party that is looked for, in the forms that compare.
type wanted struct {
	party        hub.Party
	typ          register.PartnerType
	policy       hub.PartnerPolicy
	ids          []ID
	number, name string
	looseNumber  string
}

type judged struct {
	p             register.Partner
	id, number    relation
	name, address bool
	weight        int
	reasons       []string
}

// Match decides about p among the candidates, which must hold every partner of
// the register, inactive ones too, that shares one of [Wanted] with p. typ is the
// register the document needs. Faults carry paths relative to the party.
func Match(p hub.Party, typ register.PartnerType, policy hub.PartnerPolicy, candidates []register.Partner) Decision {
	p = policy.Known(p)
	w := wanted{party: p, typ: typ, policy: policy, number: numberForm(p.Number), name: NameForm(p.Name)}
	if typ != register.Person {
		w.ids = IDsOf(p)
	}
	w.looseNumber = looseNumber(w.number)
	var list []judged
	for _, c := range candidates {
		if c.Type == typ {
			if j := w.judge(c); j.weight > 0 {
				list = append(list, j)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b judged) int {
		return cmp.Or(b.weight-a.weight, cmp.Compare(a.p.ID, b.p.ID))
	})
	list = slices.CompactFunc(list, func(a, b judged) bool { return a.p.ID == b.p.ID })
	d := w.decide(list)
	if c, ok := w.collective(candidates); ok && len(list) == 0 {
		d = Decision{Partner: &c}
	}
	d.NoNew = typ == register.Person && (policy.Persons != hub.ChangesShow && policy.Persons != hub.ChangesWrite || w.number == "")
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
	p = policy.Known(p)
	list := Keys(p)
	if policy.Collective != "" && len(IDsOf(p)) == 0 && numberForm(p.Number) == "" {
		list = append(list, Key{ByNumber, numberForm(policy.Collective)})
	}
	return list
}

// collective is the one active customer that the policy names for parties of
// whom neither an id nor a number says who they are.
func (w *wanted) collective(candidates []register.Partner) (found register.Partner, ok bool) {
	if w.policy.Collective == "" || len(w.ids) > 0 || w.number != "" || w.typ != register.Customer {
		return found, false
	}
	n := 0
	for _, c := range candidates {
		if c.Type == w.typ && c.Active && numberForm(c.CustomerNumber) == numberForm(w.policy.Collective) {
			found = c
			n++
		}
	}
	return found, n == 1
}

func (w *wanted) judge(c register.Partner) judged {
	name := NameForm(c.Name)
	j := judged{p: c, name: w.name != "" && w.name == name, address: sameAddress(w.party.Address, c.Address)}
	if own := PartnerIDs(c); len(w.ids) > 0 && len(own) > 0 {
		j.id = other
		switch {
		case Overlap(w.ids, own):
			j.id = same
		case slices.ContainsFunc(w.ids, func(x ID) bool { return slices.ContainsFunc(own, x.Near) }):
			j.id = near
		}
	}
	if n := numberForm(c.CustomerNumber); w.number != "" && n != "" {
		j.number = other
		switch {
		case n == w.number:
			j.number = same
		case w.looseNumber != "" && looseNumber(n) == w.looseNumber:
			j.number = near
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
	add(j.address && (j.name || shareWord(w.name, name)), 1, SameAddress)
	if j.weight > 0 {
		add(j.id == near, 0, NearID)
		add(j.id == other, 0, OtherID)
		add(j.number == near, 0, NearNumber)
		add(j.number == other, 0, OtherNumber)
		add(!c.Active, 0, Inactive)
	}
	return j
}

func pick(list []judged, f func(judged) bool) (out []judged) {
	for _, j := range list {
		if f(j) {
			out = append(out, j)
		}
	}
	return out
}

func (w *wanted) decide(list []judged) Decision {
	p := w.party
	byID := pick(list, func(j judged) bool { return j.id == same })
	byNumber := pick(list, func(j judged) bool { return j.number == same })
	key := w.key()

	switch {
	case len(w.ids) > 0 && w.number != "":
		for _, n := range []relation{same, near} { // a spelling of the number does not stand in the way of the id
			if both := pick(byID, func(j judged) bool { return j.number == n }); len(both) > 0 {
				return choose(p, both)
			}
		}
		d, settled := w.contradicted(byID, byNumber)
		if settled {
			return d
		}
		if d.Create {
			key = d.Key
			break
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
			return w.trusted(choose(p, byNumber))
		}
	case len(w.ids) > 0:
		if len(byID) > 0 {
			return choose(p, byID)
		}
	case w.number != "":
		if p.Consumer && !w.policy.WithoutID {
			return stop(hub.PartnerNoID, "business_id", "", "name", p.Name)
		}
		if len(byNumber) > 0 {
			return w.trusted(choose(p, byNumber))
		}
	default:
		if alike := pick(list, func(j judged) bool { return j.name || j.address }); len(alike) > 0 {
			return stop(hub.PartnerProposed, "name", p.Name, "name", alike[0].p.Name)
		}
		return stop(hub.PartnerNoID, "business_id", "", "name", p.Name)
	}

	// Nobody has these keys. A namesake may be the same firm, entered before its id
	// was known, or with a slip in its id or number; making another would double it.
	for _, j := range list {
		if j.name && (j.id == missing && j.number == missing || j.id == near || j.id == missing && j.number == near) {
			return stop(hub.PartnerProposed, "name", p.Name, "name", j.p.Name)
		}
	}
	switch {
	case len(w.ids) == 0 && !w.policy.WithoutID && w.typ != register.Person:
		return stop(hub.PartnerNoID, "business_id", "", "name", p.Name)
	case w.typ == register.Person && w.number == "":
		return stop(hub.PartnerNoID, "number", "", "name", p.Name)
	case w.typ == register.Person && w.policy.Persons != hub.ChangesWrite, w.typ != register.Person && !w.policy.Create:
		return stop(hub.PartnerMissing, "name", p.Name, "name", p.Name)
	}
	return Decision{Create: true, Key: key}
}

// contradicted decides about a party whose number belongs to an entry with
// another id, or whose id belongs to one with another number; settled is false
// when nothing contradicts, or when the policy makes another partner, in d.
func (w *wanted) contradicted(byID, byNumber []judged) (d Decision, settled bool) {
	p := w.party
	otherID := pick(byNumber, func(j judged) bool { return j.id == other || j.id == near })
	otherNumber := pick(byID, func(j judged) bool { return j.number == other })
	if len(otherID) == 0 && len(otherNumber) == 0 {
		return d, false
	}
	var policy hub.Conflict
	id := firstNonEmpty(p.BusinessID, p.VATNumber)
	if len(otherID) > 0 {
		j := otherID[0]
		d, policy = stop(hub.PartnerConflict, "number", p.Number, "name", j.p.Name, "theirs", j.p.BusinessID, "ours", id), w.policy.OtherID
	} else {
		j := otherNumber[0]
		d, policy = stop(hub.PartnerConflict, "business_id", id, "name", j.p.Name, "theirs", j.p.CustomerNumber, "ours", p.Number), w.policy.OtherNumber
	}
	misspelt := slices.ContainsFunc(otherID, func(j judged) bool { return j.id == near })
	// An entry has our id and another one our number: nobody is missing. Nor may be
	// made what stands there already, without a number or without an id.
	there := len(byID) > len(otherNumber) || len(byNumber) > len(otherID) || len(otherID) > 0 && len(otherNumber) > 0
	switch {
	case policy == hub.ConflictCreate && !misspelt && !there && w.typ != register.Person:
		if !w.policy.Create {
			return d, true
		}
		key := w.key()
		if len(otherNumber) > 0 {
			key += "/number/" + w.number // beside the one that has the id
		}
		return Decision{Create: true, Key: key}, false
	case policy == hub.ConflictRefuse || policy == "":
		d.Mend = !misspelt
	}
	return d, true
}

// trusted looks twice at a link by number alone: every system counts its
// customers from 1001, so the name must agree. Where the policy trusts numbers, a
// consumer who shares a name with the entry is linked with a warning, for people
// marry; never to an entry with an id: that is a firm.
func (w *wanted) trusted(d Decision) Decision {
	if d.Partner == nil {
		return d
	}
	theirs := NameForm(d.Partner.Name)
	if w.name == theirs {
		return d
	}
	f := hub.NewFault(hub.PartnerProposed, "number", w.party.Number, "name", d.Partner.Name)
	if !w.policy.WithoutID || !w.party.Consumer || !shareWord(w.name, theirs) || len(PartnerIDs(*d.Partner)) > 0 {
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

// key prefers the id: two documents of one firm, one of which lacks the number,
// must not make two partners.
func (w *wanted) key() string {
	if len(w.ids) > 0 {
		return string(w.typ) + "/id/" + w.ids[0].String()
	}
	return string(w.typ) + "/number/" + w.number
}

func firstNonEmpty(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
