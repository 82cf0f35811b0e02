package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A way is an index that has transfers in the order of the list, which of them are to be
// passed (a condition that the index answers by itself), and what is asked of these, "" for
// nothing but the rest of the filter.
type way struct{ index, cond, fits string }

// maxWays bounds how many ways are gone at once; of more companies than that the whole
// list is gone through, of which they are a good part.
const maxWays = 16

// ways are by which indexes a list is gone through, so that as little as possible is
// passed that does not fit. None means that nothing fits.
func (tx *Tx) ways(f *TransferFilter, c *chooser) (list []way, err error) {
	state := func(s hub.State) way {
		return way{"list_state", "state <> 'done' and state = " + c.arg(string(s)), ""}
	}
	switch {
	case f.Needs:
		held, refused := state(hub.Held), state(hub.Refused)
		still, asks := f.needs(c)
		held.fits, refused.fits = still, still
		return []way{held, refused, {"list_asks", "asks", strings.TrimPrefix(asks, "asks and ")}}, nil
	case len(f.States) > 0 && !slices.Contains(f.States, hub.Done):
		for _, s := range f.States {
			list = append(list, state(s))
		}
		return list, nil
	case f.Connection != "":
		return []way{{"list_connection", "connection = " + c.arg(f.Connection), ""}}, nil
	}
	companies, all := f.Reach.Companies()
	if f.Company != "" {
		companies, all = []string{f.Company}, false
	}
	if !all {
		ids, err := tx.connectionsOf(companies)
		if err != nil || len(ids) <= maxWays {
			for _, id := range ids {
				list = append(list, way{"list_connection", "connection = " + c.arg(id), ""})
			}
			return list, err
		}
	}
	kinds := f.Reach.Kinds()
	if f.Kind != "" {
		kinds = []hub.Kind{f.Kind}
	}
	for _, k := range kinds {
		list = append(list, way{"list_kind", "doc_kind = " + c.arg(string(k)), ""})
	}
	if list == nil {
		list = []way{{"list_all", "", ""}}
	}
	return list, nil
}

// connectionsOf names the connections of some companies.
func (tx *Tx) connectionsOf(companies []string) (ids []string, err error) {
	c := &chooser{dialect: tx.Dialect()}
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select id from connection where `+inList(c, "company", companies)+` order by id`, c.args...)
	return ids, err
}

// A passed transfer is one that a walk has come by.
type passed struct {
	fits    bool
	state   hub.State
	day, id string
	summand
}

// place is where it stands in the list; what comes after has a lower one.
func (p *passed) place() string { return p.day + "." + p.id }

const (
	// summed and counted are what of a transfer a walk reads, to be added up or not.
	// The latter stands in the indexes of the few.
	summed  = `state, day, id, ` + summandColumns
	counted = `state, day, id, kind, doc_kind, false, '', ''`
)

func (p *passed) scan(scan func(...any) error) error {
	return p.summand.scan(scan, &p.fits, &p.state, &p.day, &p.id)
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// walk goes through transfers by day, the newest first, from f.After on, and calls row
// for each: at most limit of them, until row wants no more, or until time is up (never,
// if until is zero); whether it fits row is told. whole says that it has come to the end.
func (tx *Tx) walk(f *TransferFilter, columns string, limit int, until time.Time, row func(*passed) bool) (whole bool, err error) {
	c := f.chooser(tx.Dialect())
	if f.Needs { // each way asks for itself
		c = f.what(tx.Dialect())
	}
	arms, err := tx.arms(f, c, columns)
	if err != nil || len(arms) == 0 {
		return true, err
	}
	query, order := strings.Join(arms, " union all "), ` order by day desc, id desc limit `
	switch {
	case len(arms) == 1:
	case tx.Dialect() == Postgres:
		query = each(arms, c.arg(limit+1)) // it merges no arms by itself
	default:
		order = ` order by 3 desc, 4 desc limit `
	}
	seen := 0
	whole = true
	err = tx.Each(func(scan func(...any) error) error {
		if seen++; seen > limit || seen%100 == 0 && !until.IsZero() && time.Now().After(until) {
			whole = false
			return errEnough
		}
		var p passed
		if err := p.scan(scan); err != nil {
			return err
		}
		if !row(&p) {
			whole = false
			return errEnough
		}
		return nil
	}, query+order+c.arg(limit+1), c.args...)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return whole, err
}

// long reports whether a walk passes more than is reckoned with. It asks the indexes alone.
func (tx *Tx) long(f *TransferFilter) (bool, error) {
	c := &chooser{dialect: tx.Dialect()}
	passes := *f
	passes.Code, passes.Codes = "", nil // are not asked of what is passed, and PostgreSQL takes no argument that nothing asks for
	arms, err := tx.arms(&passes, c, "")
	if err != nil || len(arms) == 0 {
		return false, err
	}
	n := 0
	err = tx.QueryRow(`select count(*) from (`+each(arms, c.arg(Reckoned+1))+`) passed`, c.args...).Scan(&n)
	return n > Reckoned, err
}

// each is a select of all arms, of each as far as a limit. The order tells PostgreSQL
// which index is meant.
func each(arms []string, limit string) string {
	var list []string
	for i, arm := range arms {
		list = append(list, fmt.Sprintf("select * from (%s order by day desc, id desc limit %s) p%d", arm, limit, i))
	}
	return strings.Join(list, " union all ")
}

// arms are the selects of a walk, one for each way, without an order: whether a transfer
// fits what c has, and columns of it; without columns nothing but that it is there.
func (tx *Tx) arms(f *TransferFilter, c *chooser, columns string) (arms []string, err error) {
	fits := c.where()
	ways, err := tx.ways(f, c)
	if err != nil {
		return nil, err
	}
	var span []string
	if f.From != "" {
		span = append(span, "day >= "+c.arg(f.From))
	}
	if f.To != "" {
		span = append(span, "day <= "+c.arg(f.To))
	}
	if f.After != "" {
		day, id, _ := strings.Cut(f.After, ".")
		span = append(span, "(day, id) < ("+c.arg(day)+", "+c.arg(id)+")")
	}
	for _, w := range ways {
		cond := span
		if w.cond != "" {
			cond = append([]string{w.cond}, span...)
		}
		arm := `select 1 as one`
		if columns != "" {
			arm = `select (` + fits
			if w.fits != "" {
				arm += ` and ` + w.fits
			}
			arm += `) as fits, ` + columns
		}
		arm += ` from transfer` + tx.Dialect().by(w.index)
		if len(cond) > 0 {
			arm += ` where ` + strings.Join(cond, " and ")
		}
		arms = append(arms, arm)
	}
	return arms, nil
}
