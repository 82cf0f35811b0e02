package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
)

// maxPage bounds one page of a list.
const maxPage = 500

// CountTransfers counts the transfers of a filter per state, every one of them.
func (tx *Tx) CountTransfers(f TransferFilter) (map[hub.State]int, error) {
	c := f.chooser(tx.Dialect())
	by, err := tx.find(&f)
	if err != nil {
		return nil, err
	}
	if by != nil {
		c.add("id in (select id from transfer where " + strings.Join(by(c), " union all select id from transfer where ") + ")")
	}
	return tx.perState(`select state, count(*) from transfer where `+c.where()+` group by state`, c.args)
}

func (tx *Tx) perState(query string, args []any) (map[hub.State]int, error) {
	m := map[hub.State]int{}
	err := tx.Each(func(scan func(...any) error) error {
		var s string
		var n int
		err := scan(&s, &n)
		m[hub.State(s)] = n
		return err
	}, query, args...)
	return m, err
}

// CountTasks counts what waits for a person, per reason, the most frequent first;
// of one company, or of all for "", and nothing beyond reach.
func (tx *Tx) CountTasks(company string, reach people.Reach) (list []hub.TaskCount, err error) {
	args := []any{company}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	still := strings.Join(append([]string{stands + " and ($1 = '' or company = $1)"}, within(reach, "company", "doc_kind", arg)...), " and ")
	tasks := strings.Join(append([]string{openTasks + " and ($1 = '' or o.company = $1)"}, within(reach, "o.company", "o.doc_kind", arg)...), " and ")
	err = tx.Each(func(scan func(...any) error) error {
		var t hub.TaskCount
		err := scan(&t.Code, &t.Count)
		list = append(list, t)
		return err
	}, `select code, sum(n) from (
		select code, count(*) as n from transfer where `+still+` group by code
		union all select k.code, count(*) from `+tasks+` group by k.code
	) waiting group by code order by 2 desc, 1`, args...)
	return list, err
}

// Reckoned is how much of a list is gone through to count it and add it up. A list
// of more is counted as far as that and has no sum: nobody waits for a million.
const Reckoned = 5000

const (
	// lookFor is how long a page is looked for among what does not fit, before the
	// reader is asked whether to go on; countFor how long more of it is counted.
	lookFor  = 30 * time.Millisecond
	countFor = 8 * time.Millisecond
	// fewGone bounds how many of the few (what stands still, what has not been moved) are
	// gone through to count them, by their index alone; fewRead where more is asked than
	// it knows.
	fewGone = 15_000
	fewRead = 300
)

// A Listing is one page of the list of documents, by day, the newest first, with
// what is to be said of the whole list.
type Listing struct {
	Rows []hub.Transfer
	// Next is where the page after begins; "" at the end.
	Next string
	// Looked is the day as far as which was looked for rows, where that took too long
	// to go on; "" otherwise.
	Looked string
	// Sums are those of all that the filter chooses; nil where it is too much to be
	// added up, see [Reckoned]. Found counts it, at least. Whole says that both are
	// those of everything. Of the first page only.
	Sums  []Sum
	Found int
	Whole bool
	// Counts are of the filter without its states; those of what has arrived are at
	// least that many where AtLeast says so, and the others where Many does.
	Counts        map[hub.State]int
	AtLeast, Many bool
	// Needs counts what waits for a person, at least if NeedsMore.
	Needs     int
	NeedsMore bool
}

// A Sum is what documents of one kind and currency come to. Credit notes are
// counted in it, with their sign, and apart.
type Sum struct {
	Kind     hub.Kind
	Currency money.Currency
	Sum      money.Amount
	Count    int
	Credited money.Amount
	Credits  int
}

// settle says in the filter what it means without saying it.
func (f *TransferFilter) settle() {
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	if (f.Code != "" || f.Codes != nil) && !f.Needs && len(f.States) == 0 {
		f.States = Unmoved // what goes on has no reason to stand
	}
}

// whole is the filter whatever state it is in.
func (f TransferFilter) whole() TransferFilter {
	f.States, f.Needs, f.After = nil, false, ""
	f.settle()
	return f
}

// waiting is the filter for what of it waits for a person.
func (f TransferFilter) waiting() TransferFilter {
	f = f.whole()
	f.Partners, f.Needs, f.States = true, true, nil
	return f
}

// List returns one page of the list of documents. After is where it begins, of a
// Listing before.
func (tx *Tx) List(f TransferFilter) (l Listing, err error) {
	f.settle()
	by, err := tx.find(&f)
	if err != nil {
		return l, err
	}
	if by != nil {
		return l, tx.listFew(f, by, &l)
	}
	all, mine := newReckoning(), newReckoning()
	together, err := tx.look(&f, time.Now().Add(lookFor), &l, all, mine)
	if err != nil {
		return l, err
	}
	if l.Found, l.Whole = mine.found, mine.whole; l.Whole {
		l.Sums = mine.sums.sorted()
	}
	whole := f.whole()
	if !together {
		all = newReckoning()
		if all.whole, err = tx.walk(&whole, counted, Reckoned/5, time.Now().Add(countFor), func(p *passed) bool {
			if p.fits {
				all.add(p)
			}
			return true
		}); err != nil {
			return l, err
		}
	}
	l.Counts, l.AtLeast = all.counts, !all.whole
	if l.AtLeast { // the few are counted by themselves
		for _, states := range [][]hub.State{Unmoved, {hub.Skipped, hub.DoneByHand, hub.TakenBack, hub.Withdrawn}} {
			if err := tx.countFew(whole, states, &l); err != nil {
				return l, err
			}
		}
	}
	l.Needs, l.NeedsMore, err = tx.countNeeds(f)
	return l, err
}

// ListTransfers returns the first transfers of a filter, in the order of the list.
func (tx *Tx) ListTransfers(f TransferFilter) ([]hub.Transfer, error) {
	list, _, err := tx.Page(f)
	return list, err
}

// Page returns one page of transfers in the order of the list, and where the next one
// begins, "" at the end. It looks for them as long as it takes.
func (tx *Tx) Page(f TransferFilter) (list []hub.Transfer, next string, err error) {
	f.settle()
	by, err := tx.find(&f)
	if err != nil {
		return nil, "", err
	}
	var l Listing
	if by != nil {
		var found []string
		if err := tx.gather(by, f, []TransferFilter{f}, func(p *passed, fits []bool) {
			if fits[0] {
				found = append(found, p.place())
			}
		}); err != nil {
			return nil, "", err
		}
		err = tx.pageOf(&f, found, &l)
	} else {
		_, err = tx.look(&f, time.Time{}, &l, nil, nil)
	}
	return l.Rows, l.Next, err
}

// look finds the rows of a page by going through the list, until time is up (never, if
// until is zero). With mine, a first page is reckoned with on the way, and with all, if
// together, also what is in other states.
func (tx *Tx) look(f *TransferFilter, until time.Time, l *Listing, all, mine *reckoning) (together bool, err error) {
	first := f.After == "" && mine != nil
	if f.Codes != nil && len(f.Codes) == 0 { // chooses nothing
		if mine != nil {
			mine.whole = true
		}
		return false, nil
	}
	base := *f
	if slices.Contains(f.States, hub.Done) {
		base.States = nil // found on the same way
	}
	together = first && !f.Needs && len(base.States) == 0
	chunk := 4 * (f.Limit + 1)
	if first {
		long, err := tx.long(&base)
		if err != nil {
			return together, err
		}
		if chunk = Reckoned; long {
			chunk = Reckoned / 5 // there will be no sum
		}
	}
	var places []string
	for part := 0; ; part++ {
		last, seen := "", 0
		end, err := tx.walk(&base, summed, chunk, until, func(p *passed) bool {
			last = p.place()
			seen++
			if !p.fits {
				return true
			}
			mine, reckoned := mine, first && part == 0
			if reckoned && together {
				all.add(p)
			}
			if len(f.States) > 0 && !slices.Contains(f.States, p.state) {
				return true
			}
			if reckoned {
				mine.add(p)
			}
			if len(places) <= f.Limit {
				places = append(places, last)
			}
			return reckoned || len(places) <= f.Limit
		})
		if err != nil {
			return together, err
		}
		if first && part == 0 {
			mine.whole = end
			if all != nil {
				all.whole = end
			}
		}
		if end || len(places) > f.Limit {
			break
		}
		if !until.IsZero() && time.Now().After(until) {
			l.Next, l.Looked = last, strings.SplitN(last, ".", 2)[0]
			break
		}
		base.After, chunk = last, Reckoned/5
	}
	return together, tx.pageOf(f, places, l)
}

// pageOf reads the rows of a page, whose places in the list are among those found.
func (tx *Tx) pageOf(f *TransferFilter, found []string, l *Listing) error {
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(b, a) })
	if f.After != "" {
		found = slices.DeleteFunc(found, func(p string) bool { return p >= f.After })
	}
	if len(found) > f.Limit {
		found = found[:f.Limit]
		l.Next, l.Looked = found[f.Limit-1], ""
	}
	ids := make([]string, len(found))
	for i, p := range found {
		_, ids[i], _ = strings.Cut(p, ".")
	}
	c := &chooser{dialect: tx.Dialect()}
	return tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		l.Rows = append(l.Rows, t)
		return err
	}, `select `+transferColumns+` from transfer where `+inList(c, "id", ids)+` order by day desc, id desc`, c.args...)
}

// gather goes through the few transfers that are found and fit what f asks of documents,
// each once, in no order, and says of each in which of the filters it stands right.
func (tx *Tx) gather(by finding, f TransferFilter, filters []TransferFilter, row func(*passed, []bool)) error {
	c := f.what(tx.Dialect())
	columns, fits := "("+c.where()+"), ", make([]bool, len(filters))
	var into []any
	for i := range filters {
		f := chooser{dialect: c.dialect, args: c.args, cond: []string{"1 = 1"}}
		filters[i].chooseWhere(&f)
		c.args, into, columns = f.args, append(into, &fits[i]), columns+"("+f.where()+"), "
	}
	var parts []string
	for _, cond := range by(c) {
		parts = append(parts, `select `+columns+summed+` from transfer where `+cond)
	}
	seen := map[string]bool{}
	return tx.Each(func(scan func(...any) error) error {
		var p passed
		if err := p.summand.scan(scan, append(append([]any{&p.fits}, into...), &p.state, &p.day, &p.id)...); err != nil {
			return err
		}
		if p.fits && !seen[p.id] {
			row(&p, fits)
		}
		seen[p.id] = true
		return nil
	}, strings.Join(parts, " union all "), c.args...)
}

// listFew is [Tx.List] of what is found by indexes: all of it is read once, and nothing
// is estimated.
func (tx *Tx) listFew(f TransferFilter, by finding, l *Listing) error {
	whole := f.whole()
	mine, all := newReckoning(), newReckoning()
	var places []string
	if err := tx.gather(by, f, []TransferFilter{f, whole, f.waiting()}, func(p *passed, fits []bool) {
		if fits[0] {
			places = append(places, p.place())
			mine.add(p)
		}
		if fits[1] {
			all.add(p)
		}
		if fits[2] {
			l.Needs++
		}
	}); err != nil {
		return err
	}
	l.Counts, l.Found, l.Whole, l.Sums = all.counts, mine.found, true, mine.sums.sorted()
	return tx.pageOf(&f, places, l)
}

// A reckoning counts and adds up what a filter lets through.
type reckoning struct {
	sums   sumUp
	counts map[hub.State]int
	found  int
	whole  bool // it has come to the end
}

func newReckoning() *reckoning { return &reckoning{counts: map[hub.State]int{}} }

func (r *reckoning) add(p *passed) {
	r.counts[p.state]++
	r.found++
	r.sums.add(p.summand)
}

// gone is how many of the few are gone through to be counted.
func (f *TransferFilter) gone() int {
	if f.Search != "" || f.Paid != "" {
		return fewRead
	}
	return fewGone
}

// countFew counts what is in some of the states that the index of states has.
func (tx *Tx) countFew(f TransferFilter, states []hub.State, l *Listing) error {
	c := f.chooser(tx.Dialect())
	f.States = states
	arms, err := tx.arms(&f, c, "state")
	if err != nil {
		return err
	}
	return tx.Each(func(scan func(...any) error) error {
		var s hub.State
		var n, of int
		if err := scan(&s, &n, &of); err != nil {
			return err
		}
		delete(l.Counts, s)
		if n > 0 {
			l.Counts[s] = n
		}
		l.Many = l.Many || of > f.gone()
		return nil
	}, `select state, sum(case when fits then 1 else 0 end), count(*) from (`+each(arms, c.arg(f.gone()+1))+`) few group by state`, c.args...)
}

// CountNeeds counts what of a filter waits for a person; of very much, at least.
func (tx *Tx) CountNeeds(f TransferFilter) (int, error) {
	n, _, err := tx.countNeeds(f)
	return n, err
}

func (tx *Tx) countNeeds(f TransferFilter) (n int, more bool, err error) {
	f = f.waiting()
	c := f.what(tx.Dialect())
	arms, err := tx.arms(&f, c, "id")
	if err != nil {
		return 0, false, err
	}
	gone := 0
	err = tx.QueryRow(`select coalesce(sum(case when fits then 1 else 0 end), 0), count(*) from (`+each(arms, c.arg(f.gone()+1))+`) waiting`, c.args...).Scan(&n, &gone)
	return n, gone > f.gone(), err
}

// A summand is what of a transfer is added up.
type summand struct {
	kind, docKind, currency, gross string
	credit                         bool
}

const summandColumns = `kind, doc_kind, credit_note, currency, gross`

// scan reads a row that ends with the summandColumns.
func (s *summand) scan(scan func(...any) error, before ...any) error {
	return scan(append(before, &s.kind, &s.docKind, &s.credit, &s.currency, &s.gross)...)
}

// sumUp adds documents up as they come.
type sumUp []Sum

// add counts one; marks of payments are of invoices that are counted themselves,
// and a sum that nobody can read is shown in its row.
func (u *sumUp) add(s summand) {
	a, err := money.Parse(s.gross)
	if err != nil || hub.TransferKind(s.kind).Marks() {
		return
	}
	i := slices.IndexFunc(*u, func(x Sum) bool { return string(x.Kind) == s.docKind && string(x.Currency) == s.currency })
	if i < 0 {
		i = len(*u)
		*u = append(*u, Sum{Kind: hub.Kind(s.docKind), Currency: money.Currency(s.currency)})
	}
	x := &(*u)[i]
	x.Sum, x.Count = x.Sum.Add(a), x.Count+1
	if s.credit {
		x.Credited, x.Credits = x.Credited.Add(a), x.Credits+1
	}
}

func (u sumUp) sorted() []Sum {
	slices.SortFunc(u, func(a, b Sum) int {
		return strings.Compare(fmt.Sprint(b.Kind, a.Currency), fmt.Sprint(a.Kind, b.Currency))
	})
	return u
}
