package store

import (
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
	// Needs lets through only what waits for a person: held, refused, or arrived
	// with an open task.
	Needs    bool
	Search   string // words of number, partner, sum, reference; all must be there
	From, To string // days of the document, both included, YYYY-MM-DD
	// Partners lets partners, payments and offsets through as well that wait for a person;
	// otherwise there are documents only.
	Partners bool
	// Payments chooses payments and offsets instead of documents.
	Payments bool
	// Paid chooses documents by how far Procountor shows them as paid.
	Paid hub.PaidState
	// After is the id of the last transfer of the page before; the list goes from
	// the newest to the oldest.
	After string
	Limit int
}

func (f TransferFilter) where() (string, []any) {
	cond := []string{"kind = 'document'"}
	if f.Partners {
		cond[0] = "(kind = 'document' or state in ('held', 'refused') or kind in ('payment', 'offset') and state = 'done_with_warning')"
	}
	if f.Payments {
		cond[0] = "kind in ('payment', 'offset')"
	}
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	eq := func(column, v string) {
		if v != "" {
			cond = append(cond, column+" = "+arg(v))
		}
	}
	cond = append(cond, within(f.Reach, "company", "doc_kind", arg)...)
	eq("company", f.Company)
	eq("connection", f.Connection)
	eq("doc_kind", string(f.Kind))
	if f.Paid != "" {
		cond = append(cond, "exists (select 1 from watch w where w.company = transfer.company and w.invoice_id = transfer.invoice_id and transfer.invoice_id > 0 and w.paid = "+arg(string(f.Paid))+")")
	}
	if f.Needs {
		cond = append(cond, f.needs(arg))
	} else {
		eq("code", f.Code)
	}
	if len(f.States) > 0 {
		var in []string
		for _, s := range f.States {
			in = append(in, arg(string(s)))
		}
		cond = append(cond, "state in ("+strings.Join(in, ", ")+")")
	}
	for _, word := range strings.Fields(strings.ToLower(f.Search)) {
		cond = append(cond, "search like "+arg("%"+likeText(word)+"%")+` escape '\'`)
	}
	if f.From != "" {
		cond = append(cond, "date >= "+arg(f.From))
	}
	if f.To != "" {
		cond = append(cond, "date <= "+arg(f.To))
	}
	return strings.Join(cond, " and "), args
}

// openTasks are the tasks that wait for somebody: those of a document that has
// been written anew since, or taken back, do not.
const openTasks = `task k join transfer o on o.id = k.transfer and o.plan = k.plan and o.state = 'done_with_warning' where k.done_at = 0`

// needs names the transfers by id, so that the two small indexes are asked and
// not every transfer.
func (f TransferFilter) needs(arg func(any) string) string {
	still, tasks := "state in ('held', 'refused')", openTasks
	if f.Company != "" {
		n := arg(f.Company)
		still, tasks = still+" and company = "+n, tasks+" and o.company = "+n
	}
	if f.Code != "" {
		n := arg(f.Code)
		still, tasks = still+" and code = "+n, tasks+" and k.code = "+n
	}
	return "id in (select id from transfer where " + still + " union all select k.transfer from " + tasks + ")"
}

// likeText takes the meaning from the signs of "like".
func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// maxPage bounds one page of a list.
const maxPage = 500

// ListTransfers returns one page of documents, newest first.
func (tx *Tx) ListTransfers(f TransferFilter) (list []hub.Transfer, err error) {
	where, args := f.where()
	if f.After != "" {
		args = append(args, f.After)
		where += fmt.Sprintf(" and id < $%d", len(args))
	}
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	args = append(args, f.Limit)
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where `+where+fmt.Sprintf(` order by id desc limit $%d`, len(args)), args...)
	return list, err
}

// CountTransfers counts the documents of a filter per state.
func (tx *Tx) CountTransfers(f TransferFilter) (map[hub.State]int, error) {
	where, args := f.where()
	m := map[hub.State]int{}
	err := tx.Each(func(scan func(...any) error) error {
		var s string
		var n int
		err := scan(&s, &n)
		m[hub.State(s)] = n
		return err
	}, `select state, count(*) from transfer where `+where+` group by state`, args...)
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
