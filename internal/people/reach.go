package people

import (
	"maps"
	"slices"

	"github.com/vienti/vienti/internal/hub"
)

// A Reach says over which companies and kinds of documents something holds. The
// zero Reach is everything.
type Reach struct {
	some      bool // in the companies named only
	companies []string
	kinds     []hub.Kind // nil is all
}

// Nowhere is the Reach over nothing.
var Nowhere = Reach{some: true}

// Over is the Reach over some companies and, if any are named, over some kinds.
func Over(companies []string, kinds ...hub.Kind) Reach {
	r := Reach{some: true, companies: slices.Clone(companies), kinds: slices.Clone(kinds)}
	slices.Sort(r.companies)
	return r
}

// OfKinds is the Reach over some kinds of all companies; without kinds, everything.
func OfKinds(kinds ...hub.Kind) Reach { return Reach{kinds: slices.Clone(kinds)} }

// Everything reports whether nothing is left out.
func (r Reach) Everything() bool { return !r.some && r.kinds == nil }

// Companies are the ids of those reached, sorted; all says that every company is.
func (r Reach) Companies() (ids []string, all bool) { return r.companies, !r.some }

// Kinds are those reached; nil is all.
func (r Reach) Kinds() []hub.Kind { return r.kinds }

// Has reports whether r holds over documents of a kind of a company. Company "" is
// all companies at once; kind "" is what belongs to no single kind, or to a company
// as a whole, and needs all of them: so does [hub.Unreadable], which may be anything.
func (r Reach) Has(company string, kind hub.Kind) bool {
	return (!r.some || slices.Contains(r.companies, company)) && (r.kinds == nil || slices.Contains(r.kinds, kind))
}

// HasSome reports whether r holds over anything of a company.
func (r Reach) HasSome(company string) bool { return !r.some || slices.Contains(r.companies, company) }

// Kinds are those to which rights can be limited. A payment is of the kind of the
// document that it pays.
func Kinds() []hub.Kind {
	list := slices.Clone(hub.Kinds)
	if !slices.Contains(list, hub.Journal) {
		list = append(list, hub.Journal)
	}
	return list
}

// Reach says where the user has a right; a disabled user has it nowhere.
func (u User) Reach(right Right) Reach {
	if right == SeePayroll {
		if !u.Payroll {
			return Nowhere
		}
		right = See
	}
	switch {
	case u.Disabled || u.Kinds != nil && right.whole():
		return Nowhere
	case u.Role == ByCompany:
		var ids []string
		for id, role := range u.Companies {
			if role.Can(right) {
				ids = append(ids, id)
			}
		}
		return Over(ids, u.Kinds...)
	case u.Role.Can(right):
		return OfKinds(u.Kinds...)
	}
	return Nowhere
}

// Can reports whether the user has a right over a company and kind, as
// [Reach.Has] understands them. It is the one place where that is decided.
func (u User) Can(right Right, company string, kind hub.Kind) bool {
	return u.Reach(right).Has(company, kind)
}

// CanSomewhere reports whether the user has a right over anything at all.
func (u User) CanSomewhere(right Right) bool {
	ids, all := u.Reach(right).Companies()
	return all || len(ids) > 0
}

// SeesPayroll reports whether the user sees the amounts of payroll of a company: they
// have the right, and see documents of payroll there.
func (u User) SeesPayroll(company string) bool { return u.Can(SeePayroll, company, hub.PayrollJournal) }

// SeesInside reports whether the user sees what is in the document of a transfer, and not
// only that it is there. It is the one place where that is decided: what is private asks
// for [SeePayroll], everything else for nothing more than [See].
func (u User) SeesInside(t *hub.Transfer) bool { return !t.Private() || u.SeesPayroll(t.Company) }

// whole reports whether a right is over companies as a whole, so that nobody has
// it who sees some kinds only.
func (r Right) whole() bool {
	return r == Post || r == SetUp || r == SetPeople || r == Join || r == SeeActs
}

// WithCompany is the user as they are once they have connected a company: its
// administrator, and whatever they were elsewhere.
func (u User) WithCompany(id string) User {
	companies := maps.Clone(u.Companies)
	if companies == nil {
		companies = map[string]Role{}
	}
	companies[id] = Admin
	u.Role, u.Companies = ByCompany, companies
	return u
}

// RoleIn is the user's role in a company, "" for none.
func (u User) RoleIn(company string) Role {
	if u.Role == ByCompany {
		return u.Companies[company]
	}
	return u.Role
}

// Equal reports whether two users are the same in everything.
func (u User) Equal(o User) bool {
	return u.ID == o.ID && u.Login == o.Login && u.Name == o.Name && u.Language == o.Language && u.Disabled == o.Disabled && slices.Equal(u.NoMail, o.NoMail) && u.SameReach(o)
}

// SameReach reports whether two users have the same rights over the same things.
func (u User) SameReach(o User) bool {
	return u.Role == o.Role && u.Payroll == o.Payroll && maps.Equal(u.Companies, o.Companies) && slices.Equal(u.Kinds, o.Kinds)
}

// SeesPerson reports whether u looks after people and o is among them: who works
// in other companies only is none of u's business.
func (u User) SeesPerson(o User) bool {
	r := u.Reach(SetPeople)
	if r.Everything() {
		return true
	}
	if o.Role != ByCompany {
		return u.CanSomewhere(SetPeople)
	}
	for id := range o.Companies {
		if r.Has(id, "") {
			return true
		}
	}
	return false
}

// governs reports whether u looks after people wherever o has a role, and has
// every right there that o has: only then may u decide about o as a whole. A link
// for a new password would otherwise be a way to rights that u does not have.
func (u User) governs(o User) bool {
	if o.Role != ByCompany {
		return u.mayGive("", o.Role)
	}
	for id, role := range o.Companies {
		if !u.mayGive(id, role) {
			return false
		}
	}
	return true
}

// mayGive reports whether u may give, or take, a role in a company; "" is all.
func (u User) mayGive(company string, role Role) bool {
	if !u.Can(SetPeople, company, "") {
		return false
	}
	for _, right := range role.Rights() {
		if !u.Can(right, company, "") {
			return false
		}
	}
	return true
}

// MayLetIn reports whether u may decide how o signs in: by a link for a password,
// or not at all.
func (u User) MayLetIn(o User) bool { return u.governs(o) && u.SeesPerson(o) }

// MayChange reports whether u may make of was what will says; the zero was is
// somebody new. Nobody gives, or takes, rights beyond their own. Of somebody who
// works beyond u's companies too, u changes the roles in its own companies only.
// Everybody changes their own language and mail.
func (u User) MayChange(was, will User) bool {
	own := was
	own.Language, own.NoMail = will.Language, will.NoMail
	switch {
	case u.ID != "" && u.ID == was.ID && own.Equal(will):
		return true
	case (was.ID == "" || u.governs(was)) && u.governs(will):
		return true
	}
	roles := will
	roles.Companies = was.Companies
	if was.Role != ByCompany || !roles.Equal(was) {
		return false
	}
	for _, id := range slices.Concat(slices.Collect(maps.Keys(was.Companies)), slices.Collect(maps.Keys(will.Companies))) {
		from, to := was.Companies[id], will.Companies[id]
		if from != to && !(u.mayGive(id, from) && u.mayGive(id, to)) {
			return false
		}
	}
	return true
}
