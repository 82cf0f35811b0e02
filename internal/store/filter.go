package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
)

// A TransferFilter chooses transfers for a list. Empty fields choose all.
type TransferFilter struct {
	// Reach is whose list it is: nothing beyond it is listed, counted or found.
	Reach               people.Reach
	Company, Connection string
	States              []hub.State
	Kind                hub.Kind
	// Code is the reason why it stands still; with Needs also that of an open task.
	Code string
	// Codes are several of them, any of which will do; empty and not nil chooses nothing.
	Codes []string
	// Needs lets through only what waits for a person: held, refused, or arrived
	// with an open task.
	Needs bool
	// Search are words, all of which must be there: the beginning of the number, of
	// its last digits or of the reference, Procountor's number, the sum, or a part of
	// the other party's name.
	Search   string
	From, To string // days of the document, both included, YYYY-MM-DD
	// Partners lets partners, payments and offsets through as well that wait for a person;
	// otherwise there are documents only.
	Partners bool
	// Payments chooses payments and offsets instead of documents.
	Payments bool
	// Paid chooses documents by how far Procountor shows them as paid.
	Paid hub.PaidState
	// After is where the page before has ended; each list says how it writes that.
	After string
	Limit int
}

// What has not been moved yet, and what never will be; as the indexes list_open
// and list_ended have it, word for word.
const (
	openStates  = `state in ('noticed', 'ready', 'working', 'waiting', 'unclear', 'held', 'refused')`
	endedStates = `state in ('skipped', 'done_by_hand', 'taken_back', 'withdrawn')`
)

var (
	// Unmoved are the states of what has not been moved to Procountor and may still be.
	Unmoved = []hub.State{hub.Noticed, hub.Ready, hub.Working, hub.Waiting, hub.Unclear, hub.Held, hub.Refused}
	ended   = []hub.State{hub.Skipped, hub.DoneByHand, hub.TakenBack, hub.Withdrawn}
)

// A chooser is a filter as SQL: the conditions and what stands in them.
type chooser struct {
	dialect Dialect
	cond    []string
	args    []any
}

func (c *chooser) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *chooser) add(cond string) { c.cond = append(c.cond, cond) }

func (c *chooser) eq(column, v string) {
	if v != "" {
		c.add(column + " = " + c.arg(v))
	}
}

// inList is a condition on a column that any of a list satisfies. The list is one
// argument, so that one statement does for lists of every length.
func inList[T ~string](c *chooser, column string, list []T) string {
	b, err := json.Marshal(list)
	if err != nil || list == nil {
		b = []byte("[]")
	}
	return column + " in (" + c.dialect.elements(c.arg(string(b))) + ")"
}

func (c *chooser) where() string { return strings.Join(c.cond, " and ") }

// chooser writes the filter as SQL, all of it but the search and where a page begins.
func (f TransferFilter) chooser(d Dialect) *chooser {
	c := &chooser{dialect: d}
	switch {
	case f.Payments:
		c.add("kind in ('payment', 'offset')")
	case f.Partners:
		c.add("(kind = 'document' or state in ('held', 'refused') or kind in ('payment', 'offset') and state = 'done_with_warning')")
	default:
		c.add("kind = 'document'")
	}
	c.cond = append(c.cond, within(f.Reach, "company", "doc_kind", c.arg)...)
	c.eq("company", f.Company)
	c.eq("connection", f.Connection)
	c.eq("doc_kind", string(f.Kind))
	if f.Paid != "" {
		paid := c.arg(string(f.Paid))
		if f.Paid == hub.PaidFully {
			c.add("exists (select 1 from watch w where w.company = transfer.company and w.invoice_id = transfer.invoice_id and transfer.invoice_id > 0 and w.paid = " + paid + ")")
		} else { // the fewer: found from there
			c.add("id in (select t.id from watch w cross join transfer t where t.company = w.company and t.invoice_id = w.invoice_id and t.invoice_id > 0 and w.paid = " + paid + ")")
		}
	}
	if f.Needs {
		c.add(f.needs(c))
	} else {
		c.eq("code", f.Code)
		if f.Codes != nil {
			c.add(inList(c, "code", f.Codes))
		}
	}
	if len(f.States) > 0 {
		if allOf(f.States, Unmoved) {
			c.add(openStates)
		} else if allOf(f.States, ended) {
			c.add(endedStates)
		}
		c.add(inList(c, "state", f.States))
	}
	if f.From != "" {
		c.add("day >= " + c.arg(f.From))
	}
	if f.To != "" {
		c.add("day <= " + c.arg(f.To))
	}
	return c
}

func allOf(list, all []hub.State) bool {
	for _, s := range list {
		found := false
		for _, a := range all {
			found = found || a == s
		}
		if !found {
			return false
		}
	}
	return len(list) > 0
}

// openTasks are the tasks that wait for somebody: those of a document that has
// been written anew since, or taken back, do not.
const openTasks = `task k join transfer o on o.id = k.transfer and o.plan = k.plan and o.state = 'done_with_warning' where k.done_at = 0`

// needs names the transfers by id, so that the two small indexes are asked and
// not every transfer.
func (f TransferFilter) needs(c *chooser) string {
	still, tasks := "state in ('held', 'refused')", openTasks
	for _, cond := range within(f.Reach, "company", "doc_kind", c.arg) {
		still += " and " + cond
	}
	for _, cond := range within(f.Reach, "o.company", "o.doc_kind", c.arg) {
		tasks += " and " + cond
	}
	if f.Company != "" {
		n := c.arg(f.Company)
		still, tasks = still+" and company = "+n, tasks+" and o.company = "+n
	}
	if f.Code != "" {
		n := c.arg(f.Code)
		still, tasks = still+" and code = "+n, tasks+" and k.code = "+n
	}
	if f.Codes != nil {
		still, tasks = still+" and "+inList(c, "code", f.Codes), tasks+" and "+inList(c, "k.code", f.Codes)
	}
	return "id in (select id from transfer where " + still + " union all select k.transfer from " + tasks + ")"
}

const (
	// fewFound bounds what a word may find to be found by the indexes; of words that
	// find more, so many are in every part of a list that it is gone through.
	fewFound = 3000
	// fewParties bounds the names that a word may be part of for the same.
	fewParties = 200
	// noMore is above every text that begins alike.
	noMore = "\U0010FFFF"
)

// search adds the words of the filter, which only a running transaction can: it
// looks how much each word finds.
func (tx *Tx) search(c *chooser, search string) error {
	words := strings.Fields(strings.ToLower(search))
	if len(words) > 1 && strings.Trim(strings.Join(words, ""), "0123456789") == "" {
		words = []string{strings.Join(words, "")} // a reference, as banks print it
	}
	fewest := -1
	var found []string
	for _, w := range words {
		few, ok, err := tx.having(w)
		if err != nil {
			return err
		}
		if ok && (fewest < 0 || len(few) < fewest) {
			fewest, found = len(few), few
		}
	}
	if fewest >= 0 {
		c.add(inList(c, "id", found))
	}
	for _, w := range words {
		c.add(c.word(w))
	}
	return nil
}

// word is the condition that a transfer has a word.
func (c *chooser) word(w string) string {
	from, to := c.arg(w), c.arg(w+noMore)
	any := []string{"number_key >= " + from + " and number_key < " + to, "number_tail >= " + from + " and number_tail < " + to,
		"reference >= " + c.arg(strings.ToUpper(w)) + " and reference < " + c.arg(strings.ToUpper(w)+noMore),
		"party_key like " + c.arg("%"+likeText(w)+"%") + ` escape '\'`}
	if n, ok := digitsOf(w); ok {
		any = append(any, "invoice_number = "+c.arg(n))
	}
	if sum, ok := sumOf(w); ok {
		any = append(any, "gross = "+c.arg(sum))
	}
	return "(" + strings.Join(any, " or ") + ")"
}

// having returns the transfers that have a word, if they are few.
func (tx *Tx) having(w string) (ids []string, few bool, err error) {
	var parties []string
	if err := tx.Each(func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		parties = append(parties, name)
		return err
	}, `select name from party_name where name like $1 escape '\' limit $2`, "%"+likeText(w)+"%", fewParties+1); err != nil || len(parties) > fewParties {
		return nil, false, err
	}
	c := &chooser{dialect: tx.Dialect()}
	limit := c.arg(fewFound + 1)
	var parts []string
	part := func(cond string) {
		parts = append(parts, "select id from (select id from transfer where "+cond+" limit "+limit+") p"+fmt.Sprint(len(parts)))
	}
	from, to := c.arg(w), c.arg(w+noMore)
	part("number_key >= " + from + " and number_key < " + to)
	part("number_tail <> '' and number_tail >= " + from + " and number_tail < " + to)
	part("reference <> '' and reference >= " + c.arg(strings.ToUpper(w)) + " and reference < " + c.arg(strings.ToUpper(w)+noMore))
	if len(parties) > 0 {
		part(inList(c, "party_key", parties))
	}
	if n, ok := digitsOf(w); ok {
		part("invoice_number > 0 and invoice_number = " + c.arg(n))
	}
	if sum, ok := sumOf(w); ok {
		part("gross = " + c.arg(sum))
	}
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, strings.Join(parts, " union all ")+" limit "+limit, c.args...)
	return ids, len(ids) <= fewFound, err
}

// digitsOf reads a word as a number of Procountor's.
func digitsOf(w string) (n int64, ok bool) {
	if len(w) == 0 || len(w) > 18 || strings.Trim(w, "0123456789") != "" {
		return 0, false
	}
	_, err := fmt.Sscan(strings.TrimLeft(w, "0"), &n)
	return n, err == nil && n > 0
}

// sumOf reads a word as a sum, as it is stored.
func sumOf(w string) (string, bool) {
	a, err := money.Parse(w)
	if err != nil || !a.Equal(a.RoundHalfUp(2)) {
		return "", false
	}
	return a.Fixed(2), true
}

// likeText takes the meaning from the signs of "like".
func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
