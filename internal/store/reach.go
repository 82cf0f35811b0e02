package store

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/people"
)

// within are the conditions that keep a query inside a reach, none for everything.
// company and kind name the columns; arg takes a value and gives its place.
func within(r people.Reach, company, kind string, arg func(any) string) (cond []string) {
	if ids, all := r.Companies(); !all {
		cond = append(cond, among(company, ids, arg))
	}
	if kinds := r.Kinds(); kinds != nil {
		cond = append(cond, among(kind, kinds, arg))
	}
	return cond
}

func among[T ~string](column string, values []T, arg func(any) string) string {
	switch len(values) {
	case 0:
		return "1 = 0"
	case 1:
		return column + " = " + arg(string(values[0]))
	}
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = arg(string(v))
	}
	return column + " in (" + strings.Join(places, ", ") + ")"
}

// TransfersWithin are those of the transfers that are in reach.
func (tx *Tx) TransfersWithin(reach people.Reach, ids []string) (map[string]bool, error) {
	in := map[string]bool{}
	if len(ids) == 0 {
		return in, nil
	}
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	cond := append([]string{among("id", ids, arg)}, within(reach, "company", "doc_kind", arg)...)
	err := tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		in[id] = true
		return err
	}, "select id from transfer where "+strings.Join(cond, " and "), args...)
	return in, err
}
