package register

import (
	"cmp"
	"slices"
)

// Net is what became of each thing over several readings, the oldest first: what
// was undone in between is left out, and what was renamed twice has its first and
// its last name. A thing can be renamed and closed; these are two changes then. They
// come register by register as [Changes] lists them, what is new first.
//
// A thing that was removed and is back counts as one that was there all the time;
// whether it is open by now is not known from the changes, and not said.
func Net(readings [][]Change) []Change {
	courses := map[Thing]*course{}
	for _, changes := range readings {
		for _, c := range changes {
			k := courses[c.Thing]
			if k == nil {
				k = begin(c)
				courses[c.Thing] = k
			}
			k.add(c)
		}
	}
	var out []Change
	for thing, k := range courses {
		out = append(out, k.net(thing)...)
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(slices.Index(whats, a.What)-slices.Index(whats, b.What), slices.Index(hows, a.How)-slices.Index(hows, b.How),
			cmp.Compare(a.Key, b.Key))
	})
	return out
}

var (
	whats = []What{OfCompany, OfVATPercent, OfVATStatus, OfFiscalYear, OfPeriod, OfBankAccount, OfAccount, OfDimension, OfDimensionItem, OfProduct, OfTravel, OfPartner}
	hows  = []How{Added, Opened, Renamed, Changed, Closed, Removed}
)

// A course is what has become of one thing so far.
type course struct {
	was, is       bool   // there
	wasName, name string // first and last
	// open is the first and the last that was said of its being open, Closed or
	// Opened, "" for nothing; from and to what else was said of it, if said.
	open     [2]How
	from, to string
	said     bool
}

func begin(c Change) *course {
	k := &course{was: c.How != Added, wasName: c.Name}
	if c.How == Renamed {
		k.wasName = c.From
	}
	return k
}

func (k *course) add(c Change) {
	k.is, k.name = c.How != Removed, c.Name
	switch c.How {
	case Closed, Opened:
		if k.open[0] == "" {
			k.open[0] = c.How
		}
		k.open[1] = c.How
		k.say(c)
	case Changed:
		k.say(c)
	case Added: // anew: what was said of it before does not hold any more
		k.open, k.said = [2]How{}, false
	}
}

func (k *course) say(c Change) {
	if !k.said {
		k.said, k.from = true, c.From
	}
	k.to = c.To
}

func (k *course) net(thing Thing) (out []Change) {
	add := func(how How, from, to string) {
		out = append(out, Change{Thing: thing, Name: k.name, How: how, From: from, To: to})
	}
	closed := k.open[1] == Closed && (k.open[0] == Closed || !k.was)
	switch {
	case !k.was && !k.is:
		return nil
	case !k.was:
		add(Added, "", "")
		if closed {
			add(Closed, k.from, k.to)
		}
		return out
	case !k.is:
		add(Removed, "", "")
		return out
	}
	if k.wasName != k.name {
		add(Renamed, k.wasName, k.name)
	}
	switch {
	case closed:
		add(Closed, k.from, k.to)
	case k.open == [2]How{Opened, Opened}:
		add(Opened, k.from, k.to)
	case k.said && k.from != k.to:
		add(Changed, k.from, k.to)
	}
	return out
}
