package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// This file hands over what somebody who leaves has still to decide.

// A HandOver gives all open rounds of a person to another.
type HandOver struct {
	From, To string // person ids
	// Connection whose rounds are meant, "" for all that whoever asks leads.
	Connection string
	Text       string     // a note, with each of them
	Due        civil.Date // the day by which an answer is wanted, the zero day for none
	Via        string     // as of [circulation.Decision]
}

// A HandedOver is what became of it.
type HandedOver struct {
	Handed int
	// Left are those that could not be given to that person, who has approved them already
	// or has no right to receive in their company.
	Left []store.Round
}

const (
	// handedAtOnce is how many are handed over in one transaction, and handOverPasses how
	// often the rounds are gone through: what comes to the person meanwhile goes along.
	handedAtOnce   = 100
	handOverPasses = 5
)

// HandOverRounds gives all open rounds of a person to another, those in which their turn
// comes later as well. Each is handed over or decided, whichever comes first; none is lost
// between the two.
func (e *Engine) HandOverRounds(ctx context.Context, actor string, h HandOver) (done HandedOver, err error) {
	h.Text = strings.TrimSpace(h.Text)
	if utf8.RuneCountInString(h.Text) > maxRoundText || !utf8.ValidString(h.Text) || h.From == h.To || h.To == "" {
		return done, fmt.Errorf("from one person to another, with a note of at most %d characters: %w", maxRoundText, ErrNotNow)
	}
	if err := e.store.Read(ctx, func(tx *store.Tx) error {
		_, err1 := tx.Person(h.From)
		_, err2 := tx.Person(h.To)
		return errors.Join(err1, err2)
	}); err != nil {
		return done, err
	}
	for range handOverPasses {
		pass, err := e.handOverPass(ctx, actor, h)
		done.Handed, done.Left = done.Handed+pass.Handed, pass.Left
		if err != nil || pass.Handed == 0 {
			return done, err
		}
	}
	return done, nil
}

// handOverPass goes through the rounds once.
func (e *Engine) handOverPass(ctx context.Context, actor string, h HandOver) (done HandedOver, err error) {
	for after := ""; ; {
		var part HandedOver
		var list []store.Round
		err := e.store.Tx(ctx, func(tx *store.Tx) error {
			part = HandedOver{}
			var err error
			if list, err = tx.RoundsLeftTo(h.From, after, handedAtOnce); err != nil {
				return err
			}
			crews := map[string]crew{}
			for i := range list {
				c, ok := crews[list[i].Company]
				if !ok {
					if c, err = e.crewOf(tx, list[i].Company); err != nil {
						return err
					}
					crews[list[i].Company] = c
				}
				if err := e.handOverRound(tx, actor, c, list[i].ID, h, &part); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return done, fmt.Errorf("hand over rounds: %w", err)
		}
		done.Handed, done.Left = done.Handed+part.Handed, append(done.Left, part.Left...)
		if len(list) < handedAtOnce {
			return done, nil
		}
		after = list[len(list)-1].ID
	}
}

// handOverRound gives one of them, as it stands now, unless whoever asks does not lead it.
func (e *Engine) handOverRound(tx *store.Tx, actor string, c crew, id string, h HandOver, done *HandedOver) error {
	round, err := tx.LockRound(id)
	if err != nil || h.Connection != "" && round.Connection != h.Connection {
		return err
	}
	conn, err := tx.Connection(round.Connection)
	if err != nil {
		return err
	}
	who := c.who(conn.Settings.Circulation)
	who.Leads = func(p string) bool { return strings.HasPrefix(p, atMachine) || c.can(p, people.LeadRound) }
	waits := round.Waits()
	d := circulation.Decision{Act: circulation.Assign, By: actor, To: h.To, Text: h.Text, Due: h.Due, At: e.o.Now(), Via: h.Via}
	next, why := round.HandOver(h.From, d, who)
	switch why {
	case "":
	case circulation.NoReceiver:
		done.Left = append(done.Left, round)
		return nil
	default:
		return nil // decided meanwhile, or another's to hand out
	}
	round.Round = next
	if now := round.Waits(); now != waits {
		round.Note, round.AnswerBy = h.Text, h.Due
		e.waitsAnew(&round, conn.Settings.Circulation)
	}
	if err := tx.DecideRound(&round, store.RoundDecision{Turn: round.Turn, Instead: h.From, Decision: d}); err != nil {
		return err
	}
	done.Handed++
	return roundActed(tx, actor, "round."+string(d.Act), &round, d.Via)
}

// A Leaving is what somebody would leave behind.
type Leaving struct {
	Rounds int // open ones in which they decide now or later, as far as is quick
	// Named are the connections whose settings name the person.
	Named []NamedIn
}

// A NamedIn is a connection whose settings of rounds name a person: as what, by words
// under "round.named.".
type NamedIn struct {
	Connection, Name string
	As               []string
}

// LeftBy is what a person would leave behind, among what asker leads.
func (e *Engine) LeftBy(ctx context.Context, asker, person people.User) (l Leaving, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		list, err := tx.RoundsLeftTo(person.ID, "", maxWaiting)
		if err != nil {
			return err
		}
		for i := range list {
			if asker.Can(people.LeadRound, list[i].Company, hub.PurchaseInvoice) && slices.ContainsFunc(list[i].Stages, func(s circulation.Stage) bool { return s.Person == person.ID && s.By == "" }) {
				l.Rounds++
			}
		}
		companies, err := tx.Companies()
		if err != nil {
			return err
		}
		for _, c := range companies {
			if !asker.Can(people.SetUp, c.ID, "") {
				continue
			}
			conns, err := tx.Connections(c.ID)
			if err != nil {
				return err
			}
			for _, conn := range conns {
				if as := conn.Settings.Circulation.Names(person.Login); len(as) > 0 {
					l.Named = append(l.Named, NamedIn{Connection: conn.ID, Name: conn.Name, As: as})
				}
			}
		}
		return nil
	})
	return l, err
}
