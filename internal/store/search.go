package store

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

const (
	// fewFound bounds what may be found by the indexes of words, and is then gone through
	// whole; of what finds more, so much is in every part of a list that the list is gone
	// through.
	fewFound = 3000
	// fewParties bounds the names that a word may be part of for the same.
	fewParties = 200
	// noMore is above every text that begins alike.
	noMore = "\U0010FFFF"
)

// A finding is the part of a filter that finds the fewest transfers, as conditions, each
// of which an index answers; nil when all of them find many.
type finding func(c *chooser) []string

// wordsOf are the words of a search, in lower case.
func wordsOf(search string) []string {
	words := strings.Fields(strings.ToLower(search))
	if len(words) > 1 && strings.Trim(strings.Join(words, ""), "0123456789") == "" {
		words = []string{strings.Join(words, "")} // a reference, as banks print it
	}
	return words
}

// find looks which part of a filter finds the fewest transfers.
func (tx *Tx) find(f *TransferFilter) (fewest finding, err error) {
	least := fewFound + 1
	try := func(by finding, n int, err error) error {
		if err == nil && n < least {
			fewest, least = by, n
		}
		return err
	}
	for _, w := range wordsOf(f.Search) {
		parties, many, err := tx.partiesWith(w)
		if err != nil {
			return nil, err
		}
		if many {
			continue
		}
		by := func(c *chooser) []string { return c.having(w, parties) }
		n, err := tx.countFound("transfer", by)
		if err := try(by, n, err); err != nil {
			return nil, err
		}
	}
	if f.Paid == hub.PaidNothing || f.Paid == hub.PaidPartly {
		n, err := tx.countFound("watch", func(c *chooser) []string {
			cond := "paid in ('open', 'partly') and paid = " + c.arg(string(f.Paid))
			if f.Company != "" {
				cond += " and company = " + c.arg(f.Company)
			}
			return []string{cond}
		})
		if err := try(func(c *chooser) []string {
			cond := "w.paid in ('open', 'partly') and w.paid = " + c.arg(string(f.Paid))
			if f.Company != "" {
				cond += " and w.company = " + c.arg(f.Company)
			}
			return []string{"id in (select t.id from watch w cross join transfer t where t.company = w.company and t.invoice_id = w.invoice_id and t.invoice_id > 0 and " + cond + ")"}
		}, n, err); err != nil {
			return nil, err
		}
	}
	return fewest, nil
}

// countFound counts what conditions find in a table, as far as is few.
func (tx *Tx) countFound(table string, by finding) (n int, err error) {
	c := &chooser{dialect: tx.Dialect()}
	var parts []string
	for i, cond := range by(c) {
		parts = append(parts, fmt.Sprintf("select 1 as one from (select 1 as one from %s where %s limit %s) p%d", table, cond, c.arg(fewFound+1), i))
	}
	err = tx.QueryRow(`select count(*) from (select one from (`+strings.Join(parts, " union all ")+`) parts limit `+c.arg(fewFound+1)+`) found`, c.args...).Scan(&n)
	return n, err
}

// partiesWith are the names of parties that a word is part of, if they are few.
func (tx *Tx) partiesWith(w string) (names []string, many bool, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, `select name from party_name where name like $1 escape '\' limit $2`, "%"+likeText(w)+"%", fewParties+1)
	return names, len(names) > fewParties, err
}

// having are the conditions, each of which an index answers, that a transfer has a word:
// any of them will do.
func (c *chooser) having(w string, parties []string) []string {
	any := []string{between("number_key", w, c), "number_tail <> '' and " + between("number_tail", w, c), "reference <> '' and " + between("reference", strings.ToUpper(w), c)}
	if len(parties) > 0 {
		any = append(any, inList(c, "party_key", parties))
	}
	if n, ok := digitsOf(w); ok {
		any = append(any, "invoice_number > 0 and invoice_number = "+c.arg(n))
	}
	if sum, ok := sumOf(w); ok {
		any = append(any, "gross = "+c.arg(sum))
	}
	return any
}

// word is the condition that a transfer has a word, asked of one that is at hand.
func (c *chooser) word(w string) string {
	any := c.having(w, nil)
	return "(" + strings.Join(append(any, "party_key like "+c.arg("%"+likeText(w)+"%")+` escape '\'`), " or ") + ")"
}

func between(column, w string, c *chooser) string {
	return column + " >= " + c.arg(w) + " and " + column + " < " + c.arg(w+noMore)
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
