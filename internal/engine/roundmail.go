package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// roundLettersAtOnce bounds what one planning of letters tells of.
const roundLettersAtOnce = 2000

// roundLetters plans letters about purchase invoices that have begun to wait for somebody,
// or wait since long: one letter for each person, once for each time that an invoice is
// given to them, and once for each reminder. Whoever stands in is told as well. That it
// was told is kept in the same transaction.
func (e *Engine) roundLetters(tx *store.Tx, base string) error {
	list, err := tx.UntoldRounds(e.o.Now(), roundLettersAtOnce)
	if err != nil || len(list) == 0 {
		return err
	}
	crews, conns := map[string]crew{}, map[string]hub.Connection{}
	type news struct {
		person    people.User
		companies []string
		n         int
		again     bool // all of them are reminders
	}
	told := map[string]*news{}
	for i := range list {
		r := &list[i]
		c, ok := crews[r.Company]
		if !ok {
			if c, err = e.crewOf(tx, r.Company); err != nil {
				return err
			}
			crews[r.Company] = c
		}
		conn, ok := conns[r.Connection]
		if !ok {
			if conn, err = tx.Connection(r.Connection); err != nil {
				return err
			}
			conns[r.Connection] = conn
		}
		to := []string{r.Waits()}
		for _, s := range c.instead {
			if s.Person == r.Waits() {
				to = append(to, s.Instead)
			}
		}
		for _, id := range to {
			u := c.byID[id]
			if !strings.Contains(u.Login, "@") || u.Disabled || u.WantsNoMail(r.Company) || !c.can(id, people.Receive) {
				continue
			}
			n := told[id]
			if n == nil {
				n = &news{person: u, again: true}
				told[id] = n
			}
			n.n++
			n.again = n.again && r.Told
			if !slices.Contains(n.companies, r.Company) {
				n.companies = append(n.companies, r.Company)
			}
		}
		next := *r
		if r.Told { // a reminder: the next one after as many days again
			since := next.Since
			e.waitsAnew(&next, hub.Circulation{RemindDays: conn.Settings.Circulation.RemindDays})
			next.Since = since
		}
		next.Told = true
		if err := tx.ToldRound(&next); err != nil {
			return err
		}
	}
	for id, n := range told {
		l, _ := locale.Parse(n.person.Language)
		say := locale.New(l, helsinki)
		scope := alert.EveryScope
		if len(n.companies) == 1 {
			scope = alert.CompanyScope(n.companies[0])
		}
		subject := say.N("round.mail.new", n.n)
		if n.again {
			subject = say.N("round.mail.again", n.n)
		}
		body := alert.Waiting(say, base, say.N("round.mail.new", n.n))
		if err := tx.PlanLetter(store.Letter{Key: fmt.Sprintf("round/%s/%d", id, e.o.Now().UnixMilli()), Address: n.person.Login, Scope: scope, Subject: subject, Body: body}); err != nil {
			return err
		}
	}
	return nil
}
