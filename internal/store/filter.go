package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
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

// Unmoved are the states of what has not been moved to Procountor and may still be.
var Unmoved = []hub.State{hub.Noticed, hub.Ready, hub.Working, hub.Waiting, hub.Unclear, hub.Held, hub.Refused}

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

// chooser writes the filter as SQL.
func (f TransferFilter) chooser(d Dialect) *chooser {
	c := &chooser{dialect: d}
	f.choose(c)
	return c
}

// choose adds the conditions of the filter.
func (f TransferFilter) choose(c *chooser) {
	f.chooseWhat(c)
	f.chooseWhere(c)
}

// chooseWhat adds what is asked of the document itself.
func (f TransferFilter) chooseWhat(c *chooser) {
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
		// Not "exists", which PostgreSQL may answer by reading all that is so paid.
		c.add("transfer.invoice_id > 0 and coalesce((select w.paid from watch w where w.company = transfer.company and w.invoice_id = transfer.invoice_id), '') = " + c.arg(string(f.Paid)))
	}
	if f.From != "" {
		c.add("day >= " + c.arg(f.From))
	}
	if f.To != "" {
		c.add("day <= " + c.arg(f.To))
	}
	for _, w := range wordsOf(f.Search) {
		c.add(c.word(w))
	}
}

// chooseWhere adds what is asked of where it stands.
func (f TransferFilter) chooseWhere(c *chooser) {
	if f.Needs {
		still, asks := f.needs(c)
		c.add("(" + still + " or " + asks + ")")
	} else {
		c.eq("code", f.Code)
		if f.Codes != nil {
			c.add(inList(c, "code", f.Codes))
		}
	}
	if len(f.States) > 0 {
		c.add(inList(c, "state", f.States))
	}
}

// openTasks are the tasks that wait for somebody: those of a document that has
// been written anew since, or taken back, do not.
const openTasks = `task k join transfer o on o.id = k.transfer and o.plan = k.plan and o.state = 'done_with_warning' where k.done_at = 0`

// stands is what stands still, as the index of states finds it.
const stands = `state <> 'done' and state in ('held', 'refused')`

// needs are the conditions that a transfer stands still, and that it has an open task:
// either way it waits for a person.
func (f *TransferFilter) needs(c *chooser) (still, asks string) {
	still, task := stands, ""
	if f.Code != "" {
		n := c.arg(f.Code)
		still, task = still+" and code = "+n, " and k.code = "+n
	}
	if f.Codes != nil {
		still, task = still+" and "+inList(c, "code", f.Codes), task+" and "+inList(c, "k.code", f.Codes)
	}
	return still, "asks and state = 'done_with_warning' and (select count(*) from task k where k.transfer = transfer.id and k.plan = transfer.plan and k.done_at = 0" + task + ") > 0"
}

// what is a chooser of what the filter asks of the document itself.
func (f TransferFilter) what(d Dialect) *chooser {
	c := &chooser{dialect: d}
	f.chooseWhat(c)
	return c
}
