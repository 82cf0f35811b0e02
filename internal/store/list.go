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

// ListTransfers returns one page of transfers, those that came last first. After
// is the id of the last one of the page before.
func (tx *Tx) ListTransfers(f TransferFilter) (list []hub.Transfer, err error) {
	c := f.chooser(tx.Dialect())
	if err := tx.search(c, f.Search); err != nil {
		return nil, err
	}
	if f.After != "" {
		c.add("id < " + c.arg(f.After))
	}
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where `+c.where()+` order by id desc limit `+c.arg(f.Limit), c.args...)
	return list, err
}

// CountTransfers counts the transfers of a filter per state, every one of them.
func (tx *Tx) CountTransfers(f TransferFilter) (map[hub.State]int, error) {
	c := f.chooser(tx.Dialect())
	if err := tx.search(c, f.Search); err != nil {
		return nil, err
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
	still := strings.Join(append([]string{"state in ('held', 'refused') and ($1 = '' or company = $1)"}, within(reach, "company", "doc_kind", arg)...), " and ")
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

// lookFor is how long a page is looked for among what does not fit, before the
// reader is asked whether to go on.
const lookFor = 40 * time.Millisecond

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
	// Needs counts what waits for a person.
	Needs int
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

// List returns one page of the list of documents. After is where it begins, of a
// Listing before.
func (tx *Tx) List(f TransferFilter) (l Listing, err error) {
	whole := f // whatever state it is in
	whole.States, whole.Needs, whole.After = nil, false, ""
	mine, err := tx.page(f, &l)
	if err != nil {
		return l, err
	}
	all := mine
	if f.Needs || len(f.States) > 0 || f.After != "" {
		if all, err = tx.reckon(whole, Reckoned/5); err != nil {
			return l, err
		}
	}
	l.Counts, l.AtLeast = all.counts, !all.whole
	if l.AtLeast { // the few are counted by themselves
		for _, states := range [][]hub.State{Unmoved, ended} {
			if err := tx.countFew(whole, states, &l); err != nil {
				return l, err
			}
		}
	}
	if l.Found, l.Whole = mine.found, mine.whole; l.Whole {
		l.Sums = mine.sums
	}
	l.Needs, err = tx.CountNeeds(whole)
	return l, err
}

// countFew counts what is in some states, by their own small index.
func (tx *Tx) countFew(f TransferFilter, states []hub.State, l *Listing) error {
	f.States = states
	c, by, err := tx.listed(&f)
	if err != nil {
		return err
	}
	m, err := tx.perState(`select state, count(*) from (select state from transfer`+tx.Dialect().by(by)+` where `+c.where()+` limit `+c.arg(Reckoned+1)+`) few group by state`, c.args)
	n := 0
	for _, s := range states {
		delete(l.Counts, s)
		if m[s] > 0 {
			l.Counts[s] = m[s]
		}
		n += m[s]
	}
	l.Many = l.Many || n > Reckoned
	return err
}

// by is the index by which a list is gone through, and the conditions that it
// answers by itself.
func (f TransferFilter) by(found bool) string {
	switch {
	case found, f.Needs, f.Paid == hub.PaidNothing, f.Paid == hub.PaidPartly:
		return "sqlite_autoindex_transfer_1" // by id
	case allOf(f.States, Unmoved):
		return "list_open"
	case allOf(f.States, ended):
		return "list_ended"
	case f.Connection != "":
		return "list_connection"
	case f.Company != "":
		return "list_company"
	case f.Kind != "":
		return "list_kind"
	}
	return "list_all"
}

// listed writes a list as SQL, and by which index it is gone through. What the filter
// means without saying it is said in it afterwards.
func (tx *Tx) listed(f *TransferFilter) (c *chooser, by string, err error) {
	if (f.Code != "" || f.Codes != nil) && !f.Needs && len(f.States) == 0 {
		f.States = Unmoved // what goes on has no reason to stand
	}
	if ids, all := f.Reach.Companies(); !all && len(ids) == 1 && f.Company == "" {
		f.Company = ids[0]
	}
	c = f.chooser(tx.Dialect())
	n := len(c.cond)
	if err := tx.search(c, f.Search); err != nil {
		return nil, "", err
	}
	found := slices.ContainsFunc(c.cond[n:], func(s string) bool { return strings.HasPrefix(s, "id in ") })
	return c, f.by(found), nil
}

// Page is [Tx.List] for whoever wants the rows alone.
func (tx *Tx) Page(f TransferFilter) (list []hub.Transfer, next string, err error) {
	var l Listing
	_, err = tx.page(f, &l)
	return l.Rows, l.Next, err
}

// page finds the rows of a page; the first page is reckoned with on the way.
func (tx *Tx) page(f TransferFilter, l *Listing) (r reckoning, err error) {
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	after, until := f.After, time.Now().Add(lookFor)
	var ids []string
	for first := f.After == ""; ; first = false {
		f.After = after
		var some reckoning
		if some, err = tx.reckon(f, Reckoned); err != nil {
			return r, err
		}
		if first {
			r = some
		}
		ids = append(ids, some.ids[:min(len(some.ids), f.Limit+1-len(ids))]...)
		if after = some.last; len(ids) > f.Limit || some.whole {
			break
		}
		if time.Now().After(until) {
			l.Next, l.Looked = after, strings.SplitN(after, ".", 2)[0]
			break
		}
	}
	if len(ids) > f.Limit {
		ids = ids[:f.Limit]
		l.Next = ids[f.Limit-1]
	}
	for i := range ids {
		_, ids[i], _ = strings.Cut(ids[i], ".")
	}
	c := &chooser{dialect: tx.Dialect()}
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		l.Rows = append(l.Rows, t)
		return err
	}, `select `+transferColumns+` from transfer where `+inList(c, "id", ids)+` order by day desc, id desc`, c.args...)
	return r, err
}

// A reckoning is what going through a part of a list has come to.
type reckoning struct {
	ids    []string // of what fits, as places in the list
	sums   []Sum
	counts map[hub.State]int
	found  int
	whole  bool   // it has come to the end
	last   string // as far as which it has come
}

// reckon goes through a list from f.After on, limit rows of it, whatever it finds
// on the way.
func (tx *Tx) reckon(f TransferFilter, limit int) (r reckoning, err error) {
	c, by, err := tx.listed(&f)
	if err != nil {
		return r, err
	}
	// The inner select takes only what its index answers; the rest is asked of what it brings.
	inner := &chooser{dialect: c.dialect, args: c.args}
	switch by {
	case "list_open":
		inner.add(openStates)
	case "list_ended":
		inner.add(endedStates)
	case "list_connection":
		inner.eq("connection", f.Connection)
	case "list_company":
		inner.eq("company", f.Company)
	case "list_kind":
		inner.eq("doc_kind", string(f.Kind))
	case "list_all":
	default:
		inner.cond = append(inner.cond, c.cond...)
	}
	if f.From != "" {
		inner.add("day >= " + inner.arg(f.From))
	}
	if f.To != "" {
		inner.add("day <= " + inner.arg(f.To))
	}
	if f.After != "" {
		day, id, _ := strings.Cut(f.After, ".")
		inner.add("(day, id) < (" + inner.arg(day) + ", " + inner.arg(id) + ")")
	}
	if len(inner.cond) == 0 {
		inner.add("1 = 1")
	}
	sums := sumUp{}
	r.counts, r.whole = map[hub.State]int{}, true
	seen := 0
	err = tx.Each(func(scan func(...any) error) error {
		var fits bool
		var state, day, id string
		var s summand
		if err := s.scan(scan, &fits, &state, &day, &id); err != nil {
			return err
		}
		if seen++; seen > limit {
			r.whole = false
			return nil
		}
		if r.last = day + "." + id; fits {
			r.ids = append(r.ids, r.last)
			r.counts[hub.State(state)]++
			r.found++
			sums.add(s)
		}
		return nil
	}, `select (`+c.where()+`), state, day, id, `+summandColumns+` from (select * from transfer`+tx.Dialect().by(by)+
		` where `+inner.where()+` order by day desc, id desc limit `+inner.arg(limit+1)+`) transfer order by day desc, id desc`, inner.args...)
	r.sums = sums.sorted()
	return r, err
}

// CountNeeds counts what waits for a person.
func (tx *Tx) CountNeeds(f TransferFilter) (n int, err error) {
	f.Partners, f.Needs, f.States = true, true, nil
	if f.Search+f.Connection+string(f.Kind)+f.From+f.To+string(f.Paid) == "" {
		// The common question is answered by the two small indexes alone.
		c := &chooser{dialect: tx.Dialect()}
		cond := strings.TrimSuffix(strings.TrimPrefix(f.needs(c), "id in ("), ")")
		err = tx.QueryRow(`select count(*) from (`+strings.Replace(cond, "select k.transfer", "select distinct k.transfer", 1)+`) waiting`, c.args...).Scan(&n)
		return n, err
	}
	r, err := tx.reckon(f, Reckoned)
	return r.found, err
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
