package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A RoundRefusal says why a decision was not taken; nothing has changed then.
type RoundRefusal struct {
	Why string // one of circulation.Whys
	// Round as it stands now.
	Round store.Round
	// Rest is what a split lacks, decimal text.
	Rest string
}

func (r *RoundRefusal) Error() string { return "the decision is not taken: " + r.Why }

// maxRoundText bounds a reason or a note: Procountor's notes hold it beside others.
const maxRoundText = 500

// DecideRound takes a decision of d.By about a round. What the rules do not let pass is a
// [RoundRefusal]; a round that the person may not see is not found. The approval goes to
// Procountor with the last decision that is required, in the same transaction.
func (e *Engine) DecideRound(ctx context.Context, id string, d circulation.Decision, shares []circulation.Share) (round store.Round, err error) {
	d.Text = strings.TrimSpace(d.Text)
	if utf8.RuneCountInString(d.Text) > maxRoundText || !utf8.ValidString(d.Text) {
		return round, fmt.Errorf("a text of more than %d characters: %w", maxRoundText, ErrNotNow)
	}
	d.At = e.o.Now()
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if round, err = tx.LockRound(id); err != nil {
			return err
		}
		// A right that ends meanwhile ends before this decision, or after it is kept.
		for _, p := range []string{d.By, round.Waits()} {
			if err := tx.HoldPerson(p); err != nil {
				return err
			}
		}
		c, err := e.crewOf(tx, round.Company)
		if err != nil {
			return err
		}
		e.crash("round/right")
		sees, err := e.seesRound(tx, c, &round, d.By)
		if err != nil {
			return err
		}
		if !sees {
			return store.ErrNotFound
		}
		conn, err := tx.Connection(round.Connection)
		if err != nil {
			return err
		}
		waits, was := round.Waits(), round.State
		next, why := round.Decide(d, c.who(conn.Settings.Circulation))
		if why != "" {
			return &RoundRefusal{Why: why, Round: round}
		}
		kept := store.RoundDecision{Round: round.ID, Decision: d}
		if waits != "" && d.By != waits && d.Act != circulation.Assign && d.Act != circulation.Comment && d.Act != circulation.Split {
			kept.Instead = waits
		}
		if d.Act == circulation.Split {
			if err := checkSplit(&round, shares); err != nil {
				return err
			}
			round.Split = shares
		}
		round.Round = next
		if d.Act == circulation.Reopen {
			round.Turn++
		}
		kept.Turn = round.Turn
		if now := round.Waits(); now != waits || d.Act == circulation.Reopen {
			round.Note, round.AnswerBy = "", civil.Date{}
			if d.Act == circulation.HandOn || d.Act == circulation.Assign || d.Act == circulation.PreApprove {
				round.Note, round.AnswerBy = d.Text, d.Due
			}
			e.waitsAnew(&round, conn.Settings.Circulation)
		}
		if err := tx.DecideRound(&round, kept); errors.Is(err, store.ErrRoundMoved) {
			return &RoundRefusal{Why: circulation.Moved, Round: round}
		} else if err != nil {
			return err
		}
		if err := roundActed(tx, d.By, "round."+string(d.Act), &round, d.Via); err != nil {
			return err
		}
		if round.State == circulation.Approved && was != circulation.Approved {
			return e.beginApproval(tx, &round)
		}
		return nil
	})
	return round, err
}

// checkSplit wants shares that come to the costs.
func checkSplit(round *store.Round, shares []circulation.Share) error {
	if len(shares) > maxShares {
		return &RoundRefusal{Why: circulation.SplitMixed, Round: *round}
	}
	total, err := money.Parse(round.Content.Total)
	if err != nil {
		return &RoundRefusal{Why: circulation.SplitMixed, Round: *round}
	}
	if _, rest, why := circulation.Sums(total, shares); why != "" {
		return &RoundRefusal{Why: why, Round: *round, Rest: rest.Fixed(2)}
	}
	return nil
}

// maxShares bounds how many items an invoice is split on.
const maxShares = 50

// seesRound reports whether a person may see a round: all of them, or those that are or
// were theirs, or of somebody for whom they stand in.
func (e *Engine) seesRound(tx *store.Tx, c crew, round *store.Round, person string) (bool, error) {
	switch {
	case round.State == circulation.Left:
		return false, nil
	case c.can(person, people.SeeRounds):
		return true, nil
	case !c.can(person, people.Receive):
		return false, nil
	case round.Waits() == person, c.id(round.Found.Login) == person: // theirs, or theirs at first
		return true, nil
	}
	for _, s := range c.instead {
		if s.Instead == person && round.Waits() == s.Person {
			return true, nil
		}
	}
	for _, s := range round.Stages {
		if s.Person == person || s.By == person {
			return true, nil
		}
	}
	return tx.HasPart(round.ID, person)
}

// SeesRound reports whether a person may see a round.
func (e *Engine) SeesRound(tx *store.Tx, round *store.Round, person string) (bool, error) {
	c, err := e.crewOf(tx, round.Company)
	if err != nil {
		return false, err
	}
	return e.seesRound(tx, c, round, person)
}

// RoundFile reads a file of an invoice on its round out of Procountor, by its id there.
func (e *Engine) RoundFile(ctx context.Context, round store.Round, id int64) (file hub.BackFile, content []byte, err error) {
	i := slices.IndexFunc(round.Content.Files, func(f hub.BackFile) bool { return f.ID == id })
	if i < 0 {
		return file, nil, store.ErrNotFound
	}
	company, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(round.Company) })
	if err != nil {
		return file, nil, err
	}
	client, err := e.client(ctx, company)
	if err != nil {
		return file, nil, err
	}
	_, content, err = client.Attachments.Get(ctx, id)
	if errors.Is(err, procountor.NotFound) {
		err = store.ErrNotFound
	}
	return round.Content.Files[i], content, err
}

// A RoundView is a round as one person sees it.
type RoundView struct {
	store.Round
	Decisions  []store.RoundDecision
	Images     []store.RoundImage // what is known of its image, by page
	Connection hub.Connection
	Approval   *hub.Transfer // what became of it in Procountor; nil before the last approval
	Names      map[string]string
	// Receivers are those who may be given it, Approvers those of them who may approve.
	Receivers, Approvers []people.User
	// Turn reports whether it is this person's turn, by themselves or for Instead.
	Turn    bool
	Instead string
	// May is what this person may do now.
	May []circulation.Act
}

// Round shows a round to a person, by id; not found when it is none of theirs.
func (e *Engine) Round(ctx context.Context, id, person string) (v RoundView, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		if v.Round, err = tx.RoundByID(id); err != nil {
			return err
		}
		c, err := e.crewOf(tx, v.Company)
		if err != nil {
			return err
		}
		if sees, err := e.seesRound(tx, c, &v.Round, person); err != nil {
			return err
		} else if !sees {
			return store.ErrNotFound
		}
		if v.Decisions, err = tx.Decisions(id); err != nil {
			return err
		}
		if v.Images, err = tx.Images(id); err != nil {
			return err
		}
		if v.Connection, err = tx.Connection(v.Round.Connection); err != nil {
			return err
		}
		t, err := tx.TransferOf(v.Company, hub.ApprovalTransfer, hub.In, id)
		if err == nil {
			v.Approval = &t
		} else if !store.IsNotFound(err) {
			return err
		}
		v.Names = map[string]string{}
		for id, u := range c.byID {
			v.Names[id] = nameOf(u)
			if c.can(id, people.Receive) {
				v.Receivers = append(v.Receivers, u)
			}
			if c.can(id, people.Approve) {
				v.Approvers = append(v.Approvers, u)
			}
		}
		byName(v.Receivers)
		byName(v.Approvers)
		v.know(c, person)
		return nil
	})
	return v, err
}

// know says what a person may do.
func (v *RoundView) know(c crew, person string) {
	waits := v.Waits()
	who := c.who(v.Connection.Settings.Circulation)
	v.Turn = waits != "" && (waits == person || who.StandsIn(person, waits)) && c.can(person, people.Receive)
	if v.Turn && waits != person {
		v.Instead = waits
	}
	leads := c.can(person, people.LeadRound)
	add := func(ok bool, a circulation.Act) {
		if ok {
			v.May = append(v.May, a)
		}
	}
	approves := c.can(person, people.Approve)
	add(v.Turn && approves, circulation.Approve)
	add(v.Turn, circulation.PreApprove)
	add(v.Turn && approves, circulation.Reject)
	add(v.Turn, circulation.HandOn)
	add(v.State == circulation.Open && leads && !v.Turn, circulation.Assign)
	add(v.State == circulation.Open && (leads || v.Turn), circulation.Split)
	add(v.State == circulation.Rejected && leads, circulation.Reopen)
	add(leads || v.Turn, circulation.Comment)
}

func byName(list []people.User) {
	slices.SortFunc(list, func(a, b people.User) int {
		return cmp.Or(strings.Compare(nameOf(a), nameOf(b)), strings.Compare(a.ID, b.ID))
	})
}

func nameOf(u people.User) string {
	if u.Name != "" {
		return u.Name
	}
	return u.Login
}

// RoundsOf are the rounds that a person may see, and that a filter chooses; mine says only
// those that wait for them, or for somebody for whom they stand in today.
func (e *Engine) RoundsOf(ctx context.Context, person people.User, mine bool, f store.RoundFilter) (list []store.Round, waiting int, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		f, own, err := e.roundFilter(tx, person, mine, f)
		if err != nil {
			return err
		}
		if list, err = tx.Rounds(f); err != nil {
			return err
		}
		waiting, err = tx.CountRounds(own)
		return err
	})
	return list, waiting, err
}

// WaitingFor counts the rounds that wait for a person, as far as is quick.
func (e *Engine) WaitingFor(tx *store.Tx, person people.User) (int, error) {
	_, own, err := e.roundFilter(tx, person, true, store.RoundFilter{})
	if err != nil {
		return 0, err
	}
	return tx.CountRounds(own)
}

// maxWaiting is how far waiting rounds are counted.
const maxWaiting = 200

func (e *Engine) roundFilter(tx *store.Tx, person people.User, mine bool, f store.RoundFilter) (list, own store.RoundFilter, err error) {
	instead, err := tx.Substitutes(e.today())
	if err != nil {
		return f, own, err
	}
	waits := []string{person.ID}
	for _, s := range instead {
		if s.Instead == person.ID {
			waits = append(waits, s.Person)
		}
	}
	own = store.RoundFilter{Waits: waits, Reach: person.Reach(people.Receive), Limit: maxWaiting}
	switch {
	case mine:
		f.Waits, f.Reach = waits, own.Reach
	case person.CanSomewhere(people.SeeRounds):
		f.Reach = person.Reach(people.SeeRounds)
	default:
		f.Reach, f.Part = own.Reach, person.ID
	}
	return f, own, nil
}

// SetSubstitute says who decides instead of a person, from a day to a day; nobody with
// an empty s.Instead. Everybody does so for themselves, and whoever looks after people for
// those.
func (e *Engine) SetSubstitute(ctx context.Context, actor string, s store.Substitute) error {
	if s.Instead != "" && (s.Instead == s.Person || s.Last.Before(s.First)) {
		return fmt.Errorf("a substitute from %s to %s: %w", s.First, s.Last, ErrNotNow)
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if actor != s.Person {
			if err := mayLetIn(tx, actor, s.Person); err != nil {
				return err
			}
		}
		if s.Instead != "" {
			u, err := tx.Person(s.Instead)
			if err != nil {
				return err
			}
			if !u.CanSomewhere(people.Receive) {
				return fmt.Errorf("the substitute receives no purchase invoices: %w", ErrNotNow)
			}
		}
		if err := tx.PutSubstitute(s); err != nil {
			return err
		}
		return act(tx, actor, "person.substitute", s.Person, s)
	})
}
